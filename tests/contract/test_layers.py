"""What every layer in the library must do, whatever it computes.

A layer joins by a line in `cases/<family>.py`; nothing else is written here for it.
What it computes is tested in the file that mirrors its module. A check that cannot
hold is excused on the layer's line, by name, with the reason; an excuse that is no
longer needed fails. Checks of files on disk, of masks and of the catalog follow in
`test_layer_files.py`, `test_layer_masks.py` and `test_layer_catalog.py`.
"""

import json

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques import layers
from tests.contract.case import CASES, ONLY, assert_close, every_layer

every_sequence = pytest.mark.parametrize(
    "case", [c for c in CASES if c.is_sequence], ids=lambda c: c.name
)
every_explained = pytest.mark.parametrize(
    "case", [c for c in CASES if hasattr(c.cls, "explain")], ids=lambda c: c.name
)


def floats(tensors):
    """Keeps the real-valued tensors."""
    return [t for t in tensors if "float" in keras.backend.standardize_dtype(t.dtype)]


@pytest.mark.skipif(bool(ONLY), reason="some families only")
def test_every_public_layer_has_a_case():
    listed = {c.cls for c in CASES}
    public = {
        name: getattr(layers, name)
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
        and issubclass(getattr(layers, name), keras.layers.Layer)
    }
    assert [n for n, cls in public.items() if cls not in listed] == []


@every_layer
def test_config_survives_json_and_building(case):
    layer = case.layer()
    text = json.dumps(layer.get_config())
    case.build(layer)
    assert json.dumps(layer.get_config()) == text
    revived = case.cls.from_config(json.loads(text))
    assert json.dumps(revived.get_config()) == text


@every_layer
def test_building_by_shape_equals_building_by_call(case):
    by_shape, by_call = case.layer(name="one"), case.layer(name="one")
    case.build(by_shape)
    case.tensors(by_call, case.batch())
    assert by_shape.built
    assert [(w.path, w.shape) for w in by_shape.weights] == [
        (w.path, w.shape) for w in by_call.weights
    ]
    assert len({w.path for w in by_call.weights}) == len(by_call.weights)


@every_layer
def test_promised_shape_is_the_real_shape(case):
    layer = case.layer()
    unknown = case.pack([(None, *s[1:]) for s in case.shapes])
    if case.call:
        promised = [tuple(y.shape) for y in case.model().outputs]
    else:
        promised = shapes_in(layer.compute_output_shape(*unknown))
    for size in (1, 3):
        real = [tuple(y.shape) for y in case.tensors(layer, case.batch(size))]
        assert [tuple(size if n is None else n for n in p) for p in promised] == real
    assert all(p[:1] in ((None,), ()) for p in promised)


def shapes_in(tree):
    """Flattens a tree whose leaves are shapes."""
    if isinstance(tree, dict):
        return [s for part in tree.values() for s in shapes_in(part)]
    if all(n is None or isinstance(n, int) for n in tree):
        return [tuple(tree)]
    return [s for part in tree for s in shapes_in(part)]


@every_sequence
def test_unknown_length(case):
    model = case.model(unknown_length=True)
    time = case.shapes[0][1]
    for length in (time, time + 2):
        real = case.tensors(model, case.batch(2, length))
        assert all(np.isfinite(y).all() for y in map(ops.convert_to_numpy, real))
        for y, promised in zip(real, model.outputs, strict=True):
            fits = zip(y.shape, promised.shape, strict=True)
            assert all(p in (None, n) for n, p in fits)


@every_layer
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_float32_weights_and_stays_close(case, policy):
    half, full = case.layer(dtype=policy), case.layer()
    expected = case.answer(full, case.batch())
    case.build(half)
    half.set_weights(full.get_weights())
    y = case.tensors(half, case.batch())
    dtypes = {keras.backend.standardize_dtype(t.dtype) for t in floats(y)}
    assert dtypes == {policy.removeprefix("mixed_")}
    assert not [w.path for w in half.weights if w.dtype in ("float16", "bfloat16")]
    tolerance = 2e-2 if policy == "mixed_float16" else 8e-2
    got = [ops.convert_to_numpy(t) for t in y]
    assert_close(got, expected, atol=tolerance, rtol=tolerance)


@every_layer
def test_half_precision_survives_large_inputs(case):
    batch = [x * 1000 if x.dtype.kind == "f" else x for x in case.batch()]
    y = case.answer(case.layer(dtype="mixed_float16"), batch)
    assert all(np.isfinite(t.astype("float32")).all() for t in y)


@every_layer
def test_one_step_moves_every_trainable_weight(case):
    model = case.model()
    model = keras.Model(model.input, floats(model.outputs))
    before = [ops.convert_to_numpy(w).copy() for w in model.trainable_weights]
    model.compile(keras.optimizers.SGD(0.1), ["mse"] * len(model.outputs))
    x = case.whole(case.batch(8))
    rng = np.random.default_rng(1)
    y = [rng.normal(size=t.shape) for t in keras.tree.flatten(model(x))]
    assert np.isfinite(model.train_on_batch(x, y)).all()
    for old, weight in zip(before, model.trainable_weights, strict=True):
        new = ops.convert_to_numpy(weight)
        assert np.isfinite(new).all(), weight.path
        excused = any(f"/{weight.path}".endswith(f"/{end}") for end in case.still)
        assert excused or not np.array_equal(old, new), weight.path


@every_layer
def test_compiled_equals_eager(case):
    model, x = case.model(), case.batch(4)
    eager = case.answer(model, x)
    model.compile(jit_compile=keras.backend.backend() != "torch")
    compiled = keras.tree.flatten(model.predict_on_batch(case.whole(x)))
    assert_close(compiled, eager, atol=1e-5, rtol=1e-4)


@every_layer
def test_samples_do_not_see_each_other(case):
    layer, x = case.layer(), case.batch(4)
    whole = case.answer(layer, x, training=False)
    alone = case.answer(layer, [part[2:3] for part in x], training=False)
    assert_close([y[2:3] for y in whole], alone, atol=1e-5, rtol=1e-5)


@every_layer
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.function")
def test_batch_sizes_share_one_trace(case):
    import tensorflow as tf

    layer = case.layer()
    case.tensors(layer, case.batch())
    signature = [
        tf.TensorSpec((None, *s[1:]), x.dtype)
        for s, x in zip(case.shapes, case.batch(), strict=True)
    ]
    graph = tf.function(lambda *x: case.tensors(layer, x), input_signature=signature)
    for size in (1, 2, 5):
        graph(*case.batch(size))
    assert graph.experimental_get_tracing_count() == 1


@every_explained
def test_explanation_names_arrays_and_changes_nothing(case):
    layer, x = case.layer(), case.batch()
    output = case.answer(layer, x, training=False)
    state = [ops.convert_to_numpy(v).copy() for v in layer.variables]
    told = layer.explain(*case.pack(x))
    assert all(isinstance(v, np.ndarray) for v in told.values())
    np.testing.assert_allclose(told["output"], output[0], atol=1e-6)
    for old, new in zip(state, layer.variables, strict=True):
        np.testing.assert_array_equal(old, ops.convert_to_numpy(new))
