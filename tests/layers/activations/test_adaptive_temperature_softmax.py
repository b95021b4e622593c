import numpy as np
import pytest
from keras import ops

from dl_techniques.layers import AdaptiveTemperatureSoftmax

RNG = np.random.default_rng(0)
PAPER = [-0.037, 0.481, -2.3, 4.917, -1.791]


def array(tensor):
    return ops.convert_to_numpy(tensor)


def entropy(p, axis=-1):
    return -np.sum(p * np.log(np.where(p > 0, p, 1)), axis, keepdims=True)


def plain(z, allowed=True, axis=-1):
    z = np.where(allowed, np.asarray(z, "float64"), -np.inf)
    powers = np.exp(z - z.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def reference(z, allowed=True, axis=-1, poly=PAPER, threshold=0.5, highest=np.inf):
    h = entropy(plain(z, allowed, axis), axis)
    beta = np.where(h > threshold, np.maximum(np.polyval(poly, h), 1), 1)
    return plain(np.minimum(beta, highest) * np.asarray(z, "float64"), allowed, axis)


@pytest.mark.parametrize("size", [1, 2, 5, 40, 900])
@pytest.mark.parametrize("spread", [0.0, 0.3, 3.0])
def test_equals_the_formula(size, spread):
    z = RNG.normal(0, spread, (4, size)).astype("float32")
    got = array(AdaptiveTemperatureSoftmax()(z))
    np.testing.assert_allclose(got, reference(z), atol=1e-5)
    np.testing.assert_allclose(got.sum(-1), 1, atol=1e-5)
    assert (entropy(got) <= entropy(plain(z)) + 1e-4).all()
    if spread:
        np.testing.assert_array_equal(got.argmax(-1), z.argmax(-1))


@pytest.mark.parametrize(
    ("options", "how"),
    [
        ({"axis": 1}, {"axis": 1}),
        ({"coefficients": [1.0, 1.0]}, {"poly": [1, 1]}),
        (
            {"coefficients": 3.0, "entropy_threshold": 1.0},
            {"poly": [3], "threshold": 1},
        ),
        (
            {"coefficients": [2.0, 0.0], "max_beta": 1.5},
            {"poly": [2, 0], "highest": 1.5},
        ),
    ],
)
def test_arguments_enter_the_formula(options, how):
    z = RNG.normal(size=(3, 6, 5)).astype("float32")
    got = array(AdaptiveTemperatureSoftmax(**options)(z))
    np.testing.assert_allclose(got, reference(z, **how), atol=1e-5)


def test_the_default_sharpens_in_the_middle_alone():
    told = AdaptiveTemperatureSoftmax().explain
    sizes = {2: 1.0, 3: 1.0 + 1e-3, 82: 2.42, 1000: 1.0}
    for size, least in sizes.items():
        beta = told(np.zeros((1, size), "float32"))["beta"][0]
        assert beta >= least
        assert beta < 2.4215
        assert (beta == 1.0) == (size in (2, 1000))


def test_rows_of_little_entropy_stay():
    z = np.array([[9.0, 0, 0], [0, 12, 1]], "float32")
    np.testing.assert_allclose(
        array(AdaptiveTemperatureSoftmax()(z)), plain(z), atol=1e-6
    )
    z = RNG.normal(size=(3, 50)).astype("float32")
    layer = AdaptiveTemperatureSoftmax(entropy_threshold=100.0)
    np.testing.assert_allclose(array(layer(z)), plain(z), atol=1e-6)


def test_masked_entries_do_not_count():
    z = RNG.normal(size=(3, 4, 9)).astype("float32")
    allowed = np.arange(9) < 6
    got = array(AdaptiveTemperatureSoftmax()(z, mask=np.broadcast_to(allowed, z.shape)))
    np.testing.assert_allclose(got, reference(z, allowed), atol=1e-5)
    short = array(AdaptiveTemperatureSoftmax()(z[..., :6]))
    np.testing.assert_allclose(got[..., :6], short, atol=1e-6)


def test_padding_hides_positions_where_time_is_normalised():
    z = RNG.normal(size=(2, 4, 3)).astype("float32")
    kept = np.array([[1, 1, 1, 0], [1, 1, 0, 0]], bool)
    got = array(AdaptiveTemperatureSoftmax(axis=1)(z, mask=kept))
    np.testing.assert_allclose(got, reference(z, kept[..., None], 1), atol=1e-5)
    over_features = array(AdaptiveTemperatureSoftmax()(z, mask=kept))
    np.testing.assert_allclose(over_features, reference(z), atol=1e-5)


def test_training_may_see_the_plain_softmax():
    z = RNG.normal(size=(3, 20)).astype("float32")
    layer = AdaptiveTemperatureSoftmax(inference_only=True)
    np.testing.assert_allclose(array(layer(z, training=True)), plain(z), atol=1e-6)
    np.testing.assert_allclose(array(layer(z, training=False)), reference(z), atol=1e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"axis": 0},
        {"axis": 1.5},
        {"coefficients": []},
        {"coefficients": ["a"]},
        {"entropy_threshold": -1},
        {"max_beta": 0.5},
    ],
)
def test_illegal_arguments_are_named(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        AdaptiveTemperatureSoftmax(**arguments)


def test_a_missing_axis_is_named():
    with pytest.raises(ValueError, match="`axis` must be"):
        AdaptiveTemperatureSoftmax(axis=2)(np.zeros((2, 3), "float32"))
