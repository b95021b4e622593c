"""Building and compiling."""

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dl_techniques import catalog
from dl_techniques.recipes import (
    Component,
    OptimizerSpec,
    StackError,
    TrainingSpec,
    apply_repair,
    build_model,
    inspect_stack,
)
from dl_techniques.recipes.build import compile_model
from dl_techniques.recipes.flops import parameters
from tests.recipes.info import (
    CURVE,
    IMAGE,
    SEQUENCE,
    TOKENS,
    VECTOR,
    Info,
    layer,
    recipe,
)

CONV = layer("Conv2D", filters=4, kernel_size=3, padding="same")


def names(model):
    return [part.name for part in model.layers]


def fails(recipe_, info=IMAGE):
    with pytest.raises(StackError) as error:
        build_model(recipe_, info)
    assert "Traceback" not in str(error.value)
    return error.value.problems[0]


def test_names_come_from_the_path_or_the_person():
    built = recipe(
        {"layer": "Conv2D", "args": CONV.args, "name": "stem"},
        {"layer": "Dropout", "args": {"rate": 0.5}, "muted": True},
        {"residual": [CONV, layer("BatchNormalization")]},
        {"repeat": [CONV, {"residual": [CONV]}], "times": 2},
    )
    assert names(build_model(built, IMAGE)) == [
        "input",
        "stem",
        "conv2d_2_0",
        "batch_normalization_2_1",
        "residual_2",
        "conv2d_3_0_r0",
        "conv2d_3_1_0_r0",
        "residual_3_1_r0",
        "conv2d_3_0_r1",
        "conv2d_3_1_0_r1",
        "residual_3_1_r1",
        "head_pool",
        "head",
    ]


def test_rounds_of_a_repeat_have_their_own_weights():
    built = build_model(recipe({"repeat": [CONV], "times": 2}), IMAGE)
    first, second = (built.get_layer(f"conv2d_0_0_r{i}") for i in range(2))
    assert first.kernel.shape == (3, 3, 1, 4)
    assert second.kernel.shape == (3, 3, 4, 4)


@pytest.mark.parametrize(
    ("branch", "info", "kind", "strides"),
    [
        (layer("Dense", units=5), VECTOR, "Dense", None),
        (layer("Dense", units=5), IMAGE, "Dense", None),
        (layer("MaxPooling2D", pool_size=3, padding="same"), IMAGE, "Conv2D", (3, 3)),
        (
            layer("Conv1D", filters=2, kernel_size=3, padding="same", strides=2),
            SEQUENCE,
            "Conv1D",
            (2,),
        ),
        (layer("Dropout", rate=0.5), VECTOR, None, None),
    ],
)
def test_the_input_of_a_branch_is_projected_when_shapes_differ(
    branch, info, kind, strides
):
    built = build_model(recipe({"residual": [branch]}), info)
    found = [part for part in built.layers if part.name == "residual_0_projection"]
    assert [type(p).__name__ for p in found] == ([kind] if kind else [])
    if strides:
        assert found[0].strides == strides


@pytest.mark.parametrize(
    ("stack", "info", "pool"),
    [
        ((), IMAGE, "Flatten"),
        ((CONV,), IMAGE, "GlobalAveragePooling2D"),
        ((layer("Dense", units=2),), SEQUENCE, "GlobalAveragePooling1D"),
        ((layer("Flatten"),), IMAGE, None),
        ((), VECTOR, None),
        ((), TOKENS, "GlobalAveragePooling1D"),
    ],
)
def test_the_head_fits_the_data(stack, info, pool):
    built = build_model(recipe(*stack), info)
    found = [p for p in built.layers if p.name == "head_pool"]
    assert [type(p).__name__ for p in found] == ([pool] if pool else [])
    assert built.output_shape == (None, info.n_outputs)
    assert built.layers[-1].activation is keras.activations.linear


def test_without_a_head_the_stack_is_the_model():
    built = build_model(
        recipe(
            layer("Flatten"),
            layer("Dense", units=10, activation="softmax"),
            head="none",
        ),
        IMAGE,
        steps=10,
    )
    assert names(built)[-1] == "dense_1"
    assert built.loss.from_logits is False


def test_the_seed_decides_the_weights():
    spec = recipe(CONV)
    a, b = build_model(spec, IMAGE), build_model(spec, IMAGE)
    for one, two in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    other = spec.model_copy(update={"training": TrainingSpec(seed=1)})
    assert not np.array_equal(
        build_model(other, IMAGE).get_weights()[0], a.get_weights()[0]
    )


def test_components_reach_the_layer():
    args = {
        "units": 3,
        "kernel_regularizer": {"name": "L1L2", "args": {"l1": 0.5}},
        "bias_initializer": {"name": "Constant", "args": {"value": 2.0}},
        "kernel_constraint": "NonNeg",
        "kernel_initializer": "he_normal",
        "activation": "gelu",
    }
    dense = build_model(recipe(layer("Dense", **args)), VECTOR).get_layer("dense_0")
    assert dense.kernel_regularizer.l1 == 0.5
    assert dense.bias.numpy().tolist() == [2.0, 2.0, 2.0]
    assert isinstance(dense.kernel_constraint, keras.constraints.NonNeg)
    assert isinstance(dense.kernel_initializer, keras.initializers.HeNormal)
    assert dense.activation is keras.activations.gelu


@pytest.mark.parametrize(
    ("stack", "path", "words"),
    [
        ((layer("Flatten"), CONV), "1", "takes an image"),
        ((layer("Conv2D", filters=2, kernel_size=9),), "0", "output size"),
        ((layer("MaxPooling2D", pool_size=9),), "0", "size would be"),
        ((layer("Conv2D", filters=4, kernel_size=1, groups=3),), "0", "groups"),
        ((layer("Reshape", target_shape=[7]),), "0", "size"),
        ((layer("GroupNormalization"),), "0", "groups"),
        (({"residual": [CONV, layer("Flatten")]},), "0", "cannot be added"),
        (
            ({"repeat": [{"residual": [layer("Dence")]}]},),
            "0.repeat.0.residual.0",
            "Dense",
        ),
        ((layer("Dense", units=65_536), layer("Dense", units=65_536)), "1", "weights"),
    ],
)
def test_a_layer_that_does_not_fit_is_named_in_words(stack, path, words):
    problem = fails(recipe(*stack))
    assert problem.path == path
    assert words in problem.message


@pytest.mark.parametrize(
    "stack",
    [
        (layer("Flatten"), CONV),
        (layer("Conv2D", filters=2, kernel_size=9),),
        (layer("LSTM", units=3),),
        (layer("Conv2D", filters=4, kernel_size=1, groups=3),),
        (layer("GroupNormalization"),),
        ({"residual": [layer("Conv2D", filters=2, kernel_size=3)]},),
        (layer("Dens", units=3),),
        (layer("Dense"),),
    ],
)
def test_the_offered_repair_makes_it_fit(stack):
    broken = recipe(*stack)
    build_model(apply_repair(broken, fails(broken).repair), IMAGE)


@pytest.mark.parametrize("entry", catalog.entries("loss"), ids=lambda e: e.name)
def test_every_keras_loss_trains_on_its_task(entry):
    if not entry.target.startswith("keras."):
        pytest.skip("tested where it is written")
    info = VECTOR if "multiclass" in entry.tasks else CURVE
    spec = recipe(layer("Dense", units=4), loss=Component(name=entry.name))
    built = build_model(spec, info, steps=4)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, *info.input_shape)).astype("float32")
    y = rng.integers(0, 3, 8) if info is VECTOR else x
    values = built.train_on_batch(x, y, return_dict=True)
    assert all(np.isfinite(v) for v in values.values())
    assert set(values) >= {
        "loss",
        "accuracy" if info is VECTOR else "mean_absolute_error",
    }


def test_one_hot_losses_take_class_numbers_and_survive_saving(tmp_path):
    loss = Component(name="CategoricalCrossentropy", args={"label_smoothing": 0.2})
    built = build_model(recipe(loss=loss), VECTOR, steps=4)
    x, y = np.eye(6, dtype="float32"), np.array([0, 1, 2, 0, 1, 2])
    built.train_on_batch(x, y)
    value = built.evaluate(x, y, verbose=0, return_dict=True)["loss"]
    smooth = keras.losses.CategoricalCrossentropy(True, label_smoothing=0.2)
    expected = keras.ops.convert_to_numpy(smooth(np.eye(3)[y], built(x)))
    assert value == pytest.approx(float(expected), rel=1e-5)
    built.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    assert again.evaluate(x, y, verbose=0, return_dict=True)["loss"] == value


@pytest.mark.parametrize("entry", catalog.entries("optimizer"), ids=lambda e: e.name)
@pytest.mark.slow
def test_every_optimizer_learns(entry):
    spec = recipe(
        layer("Dense", units=4, activation="relu"),
        optimizer=OptimizerSpec(name=entry.name, learning_rate=0.02),
    )
    built = build_model(spec, VECTOR, steps=30)
    x = np.random.default_rng(0).normal(size=(30, 6)).astype("float32")
    y = (x[:, 0] > 0).astype("int32")
    losses = [built.train_on_batch(x, y)[0] for _ in range(30)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("name", "args", "rates"),
    [
        ("CosineDecay", {}, {0: 0.1, 50: 0.05, 100: 0.0}),
        ("CosineDecay", {"decay_fraction": 0.5, "alpha": 0.1}, {50: 0.01, 100: 0.01}),
        ("CosineDecay", {"decay_steps": 20}, {20: 0.0}),
        ("CosineDecayRestarts", {}, {24: 0.0004, 25: 0.1}),
        ("ExponentialDecay", {"decay_rate": 0.5}, {10: 0.05, 20: 0.025}),
        ("PolynomialDecay", {"end_learning_rate": 0.0}, {50: 0.05, 100: 0.0}),
        ("InverseTimeDecay", {"decay_rate": 1.0}, {10: 0.05}),
        (
            "PiecewiseConstantDecay",
            {"boundary_fractions": [0.5], "factors": [1.0, 0.1]},
            {50: 0.1, 51: 0.01},
        ),
    ],
)
def test_schedules_are_shares_of_the_run(name, args, rates):
    spec = OptimizerSpec(learning_rate=0.1, schedule=Component(name=name, args=args))
    built = build_model(recipe(optimizer=spec), VECTOR)
    compile_model(built, recipe(optimizer=spec), VECTOR, 100)
    schedule = built.optimizer._learning_rate
    for step, rate in rates.items():
        assert float(schedule(step)) == pytest.approx(rate, rel=0.02, abs=1e-6)


def test_precision_is_the_models_alone():
    spec = recipe(
        layer("Dense", units=4),
        training=TrainingSpec(precision="mixed_bfloat16", jit="off"),
    )
    built = build_model(spec, VECTOR, steps=3)
    assert built.get_layer("dense_0").compute_dtype == "bfloat16"
    assert built.layers[-1].compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
    assert built.jit_compile is False


def test_the_settings_reach_the_model():
    training = TrainingSpec(steps_per_execution=7, jit="on")
    built = build_model(recipe(training=training), VECTOR, steps=3)
    assert built.steps_per_execution == 7
    assert built.jit_compile is True


LAYERS = [e for e in catalog.entries("layer") if e.target.startswith("keras.")]
INFOS = [IMAGE, VECTOR, SEQUENCE, TOKENS, CURVE, Info("image", (1, 1, 3), 2)]


@st.composite
def values(draw, argument):
    if draw(st.integers(0, 5)) == 0:
        return draw(
            st.sampled_from([None, -1, 0, 1, 2, 10**9, 1.5, "same", [1, 2], {}, True])
        )
    if argument.kind == "choice":
        return draw(st.sampled_from(argument.choices))
    if argument.kind == "bool":
        return draw(st.booleans())
    if argument.kind == "component":
        return draw(st.sampled_from(["relu", "L2", "zeros", {"name": "L1"}, "NonNeg"]))
    if argument.kind == "float":
        return draw(st.sampled_from([0.0, 0.5, 1.0, 1e6]))
    if argument.kind == "ints":
        return draw(st.sampled_from([1, 2, 3, 99, [2], [1, 2], [2, -1], [3, 3, 3]]))
    return draw(st.sampled_from([1, 2, 3, 8, 4096, 65_536]))


@st.composite
def nodes(draw, depth=0):
    kind = draw(st.integers(0, 6 if depth < 3 else 4))
    muted = draw(st.integers(0, 9)) == 0
    if kind > 4:
        inside = draw(st.lists(nodes(depth=depth + 1), min_size=1, max_size=3))
        group = {"residual": inside} if kind == 5 else {"repeat": inside, "times": 2}
        return {**group, "muted": muted}
    entry = draw(st.sampled_from(LAYERS))
    args = dict(entry.example)
    for argument in entry.arguments:
        if draw(st.integers(0, 7)) == 0:
            args[argument.name] = draw(values(argument))
    return {"layer": entry.name, "args": args, "muted": muted}


@seed(0)
@settings(
    max_examples=200,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(nodes(), max_size=4), st.sampled_from(INFOS))
def test_any_stack_builds_or_says_which_layer_does_not_fit(stack, info):
    spec = recipe(*stack)
    report = inspect_stack(spec, info)
    try:
        built = build_model(spec, info)
    except StackError as error:
        for problem in error.problems:
            assert problem.path is not None, problem
            assert "\n" not in problem.message
            if problem.repair:
                apply_repair(spec, problem.repair)
        assert not report.ok
    else:
        assert report.ok, report.problems
        assert report.total_parameters == parameters(built)
        assert built.output_shape == (None, info.n_outputs)
