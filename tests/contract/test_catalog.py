"""The catalog says of every component what is true of the real one."""

import inspect
from collections import Counter

import keras
import pytest

from dl_techniques import catalog
from dl_techniques.recipes.calls import call_of, resolve
from dl_techniques.recipes.components import argument_problems
from dl_techniques.recipes.inspect import inspect_stack
from dl_techniques.utils.arguments import Argument
from tests.recipes.info import Info, layer, recipe

ENTRIES = catalog.entries()
every_entry = pytest.mark.parametrize(
    "entry", ENTRIES, ids=lambda e: f"{e.kind}-{e.name}"
)
INPUTS = {
    "vector": Info("vector", (16,), 3),
    "sequence": Info("sequence", (12, 16), 3),
    "image": Info("image", (16, 16, 16), 3),
    "tokens": Info("tokens", (8,), 3, vocabulary=16),
}
KIND_OF_RANK = {1: "vector", 2: "sequence", 3: "image"}
# A schedule's shares of the run stand for the steps that Keras wants.
STANDS_FOR = {
    "decay_fraction": "decay_steps",
    "first_decay_fraction": "first_decay_steps",
    "boundary_fractions": "boundaries",
    "factors": "values",
}


def target(entry):
    return resolve(entry.target)


def parameters(entry):
    """Signature of the component, and of its bases where it passes arguments on."""
    found = {}
    real = target(entry)
    if inspect.ismethod(real):  # a class's own maker
        found = dict(inspect.signature(real).parameters)
        real = real.__self__
    for cls in inspect.getmro(real) if inspect.isclass(real) else [real]:
        init = cls.__dict__.get("__init__") if inspect.isclass(cls) else cls
        if init is None:
            continue
        own = inspect.signature(init).parameters
        found = {**own, **found}
        if not any(p.kind is p.VAR_KEYWORD for p in own.values()):
            break
    return found


def plain(value):
    return list(value) if isinstance(value, tuple) else value


def illegal(argument: Argument):
    """Makes values outside the declared range."""
    if argument.kind in ("choice", "choices"):
        return ["no such choice"]
    if argument.kind not in ("int", "float"):
        return []
    whole = argument.kind == "int"
    number = int if whole else float
    values = [1.5] if whole else []
    if argument.low is not None:
        values.append(number(argument.low) - (0 if argument.low_open else 1))
    if argument.high is not None and argument.high < 1e5:
        values.append(number(argument.high) + (0 if argument.high_open else 1))
    return [v for v in values if argument.problem(v)]


def test_aliases_and_names_do_not_collide():
    names = Counter((e.kind, name) for e in ENTRIES for name in (e.name, *e.aliases))
    assert [key for key, n in names.items() if n > 1] == []


@every_entry
def test_entry_is_complete(entry):
    assert entry.summary.strip()
    assert entry.source.strip()
    assert entry.family
    assert "\n" not in entry.summary
    if entry.kind == "layer":
        assert entry.accepts
    if entry.kind in ("loss", "metric"):
        assert entry.tasks
    for argument in entry.arguments:
        assert argument.help, argument.name
        if argument.kind == "component":
            assert argument.choices, argument.name
        for end in (argument.ui_low, argument.ui_high):
            if end is not None and argument.kind in ("int", "float"):
                number = int(end) if argument.kind == "int" else float(end)
                assert argument.problem(number) is None, (argument.name, end)


@every_entry
def test_arguments_are_those_of_the_signature(entry):
    real = parameters(entry)
    for argument in entry.arguments:
        name = argument.name
        if entry.kind == "schedule" and name in STANDS_FOR:
            assert STANDS_FOR[name] in real, name
            continue
        assert name in real, name
        default = real[name].default
        if entry.kind == "schedule" and name.endswith("_steps"):
            assert argument.default is None
        elif argument.required:
            assert default in (inspect.Parameter.empty, None), name
        else:
            assert plain(argument.default) == plain(default), name
            assert argument.problem(plain(default)) is None, name


@every_entry
def test_the_example_is_legal_and_works(entry):
    assert argument_problems(entry, entry.example, "") == []
    if entry.kind in ("model", "schedule"):
        return  # needs a data set's shape; built by the recipes' own tests
    made = call_of(entry.kind, entry.name, entry.example).make()
    if entry.kind in ("layer", "loss", "metric", "optimizer"):
        assert isinstance(
            made,
            getattr(
                keras,
                {
                    "layer": "layers",
                    "loss": "losses",
                    "metric": "metrics",
                    "optimizer": "optimizers",
                }[entry.kind],
            ).__dict__[entry.kind.capitalize()],
        )
    if entry.from_logits:
        assert "from_logits" in parameters(entry)


@every_entry
def test_illegal_values_of_own_components_are_refused(entry):
    if not entry.target.startswith("dl_techniques."):
        pytest.skip("Keras checks its own")
    if entry.kind == "model":
        pytest.skip("a model's own tests feed it illegal values")
    call = call_of(entry.kind, entry.name, entry.example)
    if entry.kind == "schedule":
        call = call.with_args(learning_rate=0.1, decay_steps=10)
    for argument in entry.arguments:
        if entry.kind == "schedule" and argument.name in STANDS_FOR:
            continue
        for value in illegal(argument):
            changed = call.with_args(**{argument.name: value})
            with pytest.raises(ValueError, match=argument.name):
                changed.make()


LAYERS = [
    (entry, kind)
    for entry in catalog.entries("layer")
    for kind in (INPUTS if "any" in entry.accepts else entry.accepts)
    if kind != "tokens" or "tokens" in entry.accepts
]


@pytest.mark.parametrize(
    ("entry", "kind"), LAYERS, ids=[f"{e.name}-{k}" for e, k in LAYERS]
)
def test_a_layer_takes_and_gives_the_kinds_it_names(entry, kind):
    spec = recipe(layer(entry.name, **entry.example))
    report = inspect_stack(spec, INPUTS[kind])
    assert report.ok, report.problems
    given = KIND_OF_RANK.get(len(report.rows[0].output_shape))
    if entry.returns != "any":
        assert given == (kind if entry.returns == "same" else entry.returns)
