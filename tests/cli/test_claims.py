"""`claims`: the page as a table, and the claims tried again."""

import json
import subprocess

import pytest

from dl_techniques.cli import claims, main
from experiments.claim_report import as_markdown
from experiments.claim_runs import Check, Claim
from experiments.claims import CLAIMS

BASE = next(iter(CLAIMS.values()))
NAMES = list(BASE.variants)


def page(*, complete=True):
    claim = Claim("One is more.", "Toy.", BASE.variants, {"m": len}, (Check("m"),))
    values = {n: {"m": [i + 0.1 * k for k in range(3)]} for i, n in enumerate(NAMES)}
    if not complete:
        values.pop(NAMES[-1])
    return as_markdown([(claim, values)], 3)


def test_every_line_of_the_page_is_read():
    rows = list(claims.rows_of(page()))
    assert [row[1] for row in rows] == NAMES[1:]
    assert {(row[0], row[3]) for row in rows} == {("One is more.", "holds")}


def test_the_stored_page_is_printed_in_words_and_as_json(capsys):
    assert main(["claims"]) == 0
    told = capsys.readouterr().out
    for claim in CLAIMS.values():
        assert claim.title in told
    assert main(["claims", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    variants = sum(len(c.variants) - 1 for c in CLAIMS.values())
    assert len(found["claims"]) + len(found["not_measured"]) == variants
    assert {c["verdict"] for c in found["claims"]} <= set(claims._VERDICTS)


def test_claims_are_tried_again(monkeypatch, capsys):
    asked = []

    def ran(command, **options):
        asked.append((command, options["cwd"]))
        return subprocess.CompletedProcess(command, 0, page(complete=False))

    monkeypatch.setattr(claims.subprocess, "run", ran)
    assert main(["claims", "--run", "ece", "--seeds", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["claims"]) == len(NAMES) - 2
    assert found["not_measured"] == [f"One is more. ({NAMES[-1]})"]
    ((command, folder),) = asked
    assert command[2:] == ["experiments.claims", "ece", "--seeds", "2", "--print"]
    assert (folder / "experiments" / "claims.py").exists()


@pytest.mark.parametrize("argv", [["claims"], ["claims", "--run"]])
def test_outside_of_a_checkout_it_says_so(argv, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(claims.importlib.util, "find_spec", lambda name: None)
    assert main(argv) == 2
    assert "a checkout of the project" in capsys.readouterr().err


def test_an_unknown_claim_is_bad_input(capfd):
    assert main(["claims", "--run", "nonsense"]) == 2
    assert "nonsense" in capfd.readouterr().err
