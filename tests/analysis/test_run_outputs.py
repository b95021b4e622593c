"""Stored runs side by side, from arrays alone."""

import numpy as np
import pytest

from dl_techniques.analysis import (
    RunComparison,
    RunOutputs,
    common_rows,
    compare_runs,
    layer_similarity,
    linear_cka,
    mcnemar,
    sample_keys,
)


def outputs(x, y, p=None, values=None, features=None):
    return RunOutputs(
        y_true=y,
        outputs=p if values is None else values,
        y_prob=p,
        keys=sample_keys(x),
        features=features or {},
        feature_keys=sample_keys(x) if features else np.empty(0, np.uint64),
        feature_labels=y,
    )


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype("float32")
    y = rng.integers(0, 3, 60)
    p = rng.dirichlet(np.ones(3), size=(2, 60))
    return x, y, p


def test_equal_samples_have_equal_keys():
    x = np.arange(12, dtype="float32").reshape(4, 3)
    keys = sample_keys(x[[0, 1, 0, 3]])
    assert keys[0] == keys[2]
    assert len(set(keys.tolist())) == 3
    assert sample_keys(x[:0]).shape == (0,)
    np.testing.assert_array_equal(sample_keys(x[[2, 1]]), sample_keys(x)[[2, 1]])


def test_rows_of_equal_samples_are_paired_in_turn():
    found = common_rows({"a": [5, 7, 5, 9], "b": [9, 5, 5, 5]})
    assert found["a"].tolist() == [0, 2, 3]
    assert found["b"].tolist() == [1, 2, 0]
    assert common_rows({}) == {}


def test_shuffled_and_partly_other_samples_are_aligned(sample):
    x, y, (p, q) = sample
    order = np.random.default_rng(1).permutation(60)[:50]
    runs = {"a": outputs(x, y, p), "b": outputs(x[order], y[order], q[order])}
    found = compare_runs(runs, n_boot=20)
    kept = np.sort(order)
    assert found.n == 50
    right = [(s.argmax(1) == y)[kept] for s in (p, q)]
    assert found.differences[0].value_a == pytest.approx(right[0].mean())
    assert found.differences[0].value_b == pytest.approx(right[1].mean())
    assert found.differences[0].p_value == mcnemar(*right).p_value
    same = (p.argmax(1) == q.argmax(1))[kept].mean()
    assert found.agreement.matrix[0, 1] == pytest.approx(same)
    assert RunComparison.from_json(found.to_json()).names == ("a", "b")


def test_numbers_are_compared_by_their_errors(sample):
    x, _, _ = sample
    y = x[:, :1]
    runs = {"a": outputs(x, y, values=y + 0.1), "b": outputs(x, y, values=y - 0.3)}
    found = compare_runs(runs, n_boot=20)
    assert found.agreement is None
    mae, rmse = found.differences
    assert (mae.metric, rmse.metric) == ("mae", "rmse")
    assert mae.difference == pytest.approx(0.2, abs=1e-6)
    assert rmse.value_b == pytest.approx(0.3, abs=1e-6)


def test_what_cannot_be_compared_is_told(sample):
    x, y, (p, q) = sample
    other = compare_runs({"a": outputs(x, y, p), "b": outputs(x + 1, y, q)})
    assert other.notes == ("the runs held out only 0 samples in common",)
    labels = compare_runs({"a": outputs(x, y, p), "b": outputs(x, 1 - y, q)})
    assert "different labels" in labels.notes[0]
    wide = np.concatenate([q, 0 * q], axis=1)
    classes = compare_runs({"a": outputs(x, y, p), "b": outputs(x, y, wide)})
    assert "numbers of classes" in classes.notes[0]
    with pytest.raises(ValueError, match="`runs` must be"):
        compare_runs({})


def test_layers_are_alike_across_runs(sample):
    x, y, (p, q) = sample
    rng = np.random.default_rng(2)
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    a = {"first": x, "last": rng.normal(size=(60, 7))}
    b = {"only": x @ turn}
    runs = {"a": outputs(x, y, p, features=a), "b": outputs(x, y, q, features=b)}
    layers = layer_similarity(*runs.values())
    assert layers.names_a == ("first", "last")
    assert layers.matrix[0, 0] == pytest.approx(1, abs=1e-6)
    cka = compare_runs(runs, n_boot=5).cka
    expected = linear_cka(a["last"], b["only"], unbiased=True)
    assert cka.matrix[0, 1] == pytest.approx(expected)
