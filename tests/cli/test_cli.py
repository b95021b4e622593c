"""The command line: what it prints, what it stores, how it fails."""

import json
import subprocess
import sys

import pytest

from dl_techniques.cli import main

RECIPE = """
version: 1
name: tiny
dataset: {name: iris}
model:
  stack:
  - {layer: Dense, args: {units: 4, activation: relu}}
training: {epochs: 2, batch_size: 32}
"""


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def answer(capsys, *argv):
    code = main([str(a) for a in argv])
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def run(recipe, tmp_path, capsys):
    code, told = answer(capsys, "train", recipe, "--home", tmp_path / "h", "--json")
    assert code == 0
    return told


def test_train_show_runs_and_compare_tell_the_same(run, recipe, tmp_path, capsys):
    home = ("--home", tmp_path / "h", "--json")
    assert run["status"] == "finished"
    assert run["epochs"] == 2
    _, other = answer(capsys, "train", recipe, "--seed", 1, *home)
    _, runs = answer(capsys, "runs", *home)
    assert {r["id"] for r in runs} == {run["run"], other["run"]}
    _, shown = answer(capsys, "show", run["run"], *home)
    assert shown["last"]["loss"] == run["last"]["loss"]
    assert shown["recipe"]["dataset"]["name"] == "iris"
    _, compared = answer(capsys, "compare", run["run"], other["run"], *home)
    assert list(compared["differs"]) == ["training.seed"]
    assert compared["last"]["loss"][0] == run["last"]["loss"]


def test_same_recipe_and_seed_give_the_same_numbers(run, recipe, tmp_path, capsys):
    _, again = answer(capsys, "train", recipe, "--home", tmp_path / "h", "--json")
    timeless = {k: v for k, v in run["last"].items() if "seconds" not in k}
    assert timeless == {k: v for k, v in again["last"].items() if "seconds" not in k}


@pytest.mark.parametrize("form", ["script", "notebook", "yaml", "json", "link"])
def test_export(run, form, tmp_path, capsys):
    home = ("--home", tmp_path / "h")
    target = tmp_path / "out"
    assert (
        main(
            ["export", run["run"], "--format", form, "-o", str(target), *map(str, home)]
        )
        == 0
    )
    assert target.stat().st_size > 50


def test_tables_are_for_people(run, tmp_path, capsys):
    home = str(tmp_path / "h")
    for argv in (["runs"], ["show", run["run"]], ["compare", run["run"], run["run"]]):
        assert main([*argv, "--home", home]) == 0
        assert "tiny" in capsys.readouterr().out or argv[0] == "compare"


def test_catalog_lists_and_explains(capsys):
    assert main(["catalog", "--kind", "layer", "--family", "norms"]) == 0
    assert "RMSNorm" in capsys.readouterr().out
    assert main(["catalog", "RMSNorm"]) == 0
    text = capsys.readouterr().out
    assert "arXiv:1910.07467" in text
    assert "epsilon" in text


BAD = {
    "unknown layer": RECIPE.replace("Dense", "Dens"),
    "wrong argument": RECIPE.replace("units: 4", "untis: 4"),
    "wrong value": RECIPE.replace("units: 4", "units: -4"),
    "wrong rank": RECIPE.replace(
        "{layer: Dense, args: {units: 4, activation: relu}}",
        "{layer: Conv2D, args: {filters: 4, kernel_size: 3}}",
    ),
    "NaN rate": RECIPE + "optimizer: {learning_rate: .nan}\n",
    "unknown dataset": RECIPE.replace("iris", "irises"),
    "truncated YAML": RECIPE[: RECIPE.index("units") + 3],
    "no mapping": "just text",
    "empty": "",
    "negative epochs": RECIPE.replace("epochs: 2", "epochs: -2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_recipe_gives_one_clear_line(name, recipe, tmp_path, capsys):
    recipe.write_text(BAD[name])
    assert main(["train", str(recipe), "--home", str(tmp_path / "h")]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert "Traceback" not in lines[0]


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "no-such-file.yaml"],
        ["show", "no-such-run"],
        ["export", "no-such-run"],
        ["catalog", "RMSNrm"],
    ],
)
def test_what_does_not_exist_is_named(argv, tmp_path, capsys):
    assert main([*argv, "--home", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert len(message.strip().splitlines()) == 1
    assert argv[-1].partition(".")[0] in message


def test_unknown_field_warns_and_trains(recipe, tmp_path, capsys):
    recipe.write_text(RECIPE + "flavour: mint\n")
    assert main(["train", str(recipe), "--home", str(tmp_path), "--json"]) == 0
    assert "flavour" in capsys.readouterr().err


def test_listing_loads_no_backend():
    code = (
        "import sys; from dl_techniques.cli import main; main(['catalog', '--json']);"
        "heavy = {'keras', 'tensorflow', 'streamlit', 'mlflow'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert told.stderr.strip() == "[]"
