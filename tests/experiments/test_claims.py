"""The claims page: its recipes are legal and its verdicts follow from the numbers."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from dl_techniques.recipes import check
from experiments.claim_report import as_markdown
from experiments.claim_runs import Check, Claim, effect, holds, runs
from experiments.claims import CLAIMS, recipe

A, B = [0.5, 0.7, 0.6, 0.8], [0.4, 0.5, 0.5, 0.6]


@pytest.mark.parametrize("name", CLAIMS)
def test_every_variant_is_a_legal_recipe(name):
    claim = CLAIMS[name]
    for variant in claim.variants.values():
        assert check(variant) == ()
    assert {c.measure for c in claim.checks} <= set(claim.measures)


def test_interval_is_that_of_the_paired_t_test():
    found = effect(A, B)
    expected = ttest_rel(A, B).confidence_interval(0.95)
    assert found.low == pytest.approx(expected.low)
    assert found.high == pytest.approx(expected.high)
    assert found.mean == pytest.approx(np.mean(A) - np.mean(B))


def test_a_claim_holds_when_the_interval_is_on_its_side():
    up, down = effect(A, B), effect(B, A)
    assert holds(Check("m"), up)
    assert not holds(Check("m"), down)
    assert holds(Check("m", -1), down)
    assert holds(Check("m", 1, margin=0.3), down)
    assert not holds(Check("m", 1, margin=0.1), down)


def test_page_names_what_was_not_shown():
    base = next(iter(CLAIMS.values())).variants
    claim = Claim("One is more.", "Toy.", dict(list(base.items())[:2]), {"m": len}, ())
    names = list(claim.variants)
    checked = Claim(
        claim.title, claim.setting, claim.variants, claim.measures, (Check("m"),)
    )
    values = {names[0]: {"m": A}, names[1]: {"m": B}}
    page = as_markdown([(checked, values)], 4)
    assert f"| One is more. | {names[1]} | m -0.150" in page
    assert "| the reverse |" in page
    values[names[1]]["m"] = [0.4, 0.9, 0.5, 0.9]
    assert "| not shown |" in as_markdown([(checked, values)], 4)
    assert "## Not measured yet" in as_markdown([(checked, {})], 4)


@pytest.mark.slow
def test_runs_follow_their_seed():
    from dl_techniques.recipes import DatasetSpec, LayerSpec

    data = DatasetSpec(name="moons", options={"n": 80, "noise": 0.2})
    layer = LayerSpec(layer="Dense", args={"units": 4, "activation": "relu"})
    spec = recipe(data, layer, epochs=2, batch=16)
    first = [run.loss for run in runs(spec, range(2))]
    again = [run.loss for run in runs(spec, range(1, 2))]
    assert first[0] != first[1]
    assert again[0] == pytest.approx(first[1], rel=1e-5)
