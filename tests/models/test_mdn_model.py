"""MDNModel: sizes, metrics, statistics, late building, learning two branches."""

import json

import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats
from scipy.special import softmax

from dl_techniques.models import MDNModel, create_model, list_models, model_card

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 3)).astype("float32")
Y = RNG.normal(size=(6, 2)).astype("float32")


def stirred(**more):
    options = {"hidden_layers": (5, 4), "output_dimension": 2, "num_mixtures": 3}
    model = MDNModel(**{**options, "input_shape": (3,), **more})
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(0, 0.5, w.shape) for w in model.get_weights()])
    return model


def parts(model, x=X):
    """Computes the mixtures in float64 from the weights."""
    w = {
        v.path.split("/", 1)[1]: ops.convert_to_numpy(v).astype("float64")
        for v in model.weights
    }
    h = x.astype("float64")
    for i in range(len(model.get_config()["hidden_layers"])):
        h = np.maximum(h @ w[f"hidden_{i}/kernel"] + w[f"hidden_{i}/bias"], 0)
    mu, raw, logits = (
        h @ w[f"mdn/mdn_{n}/kernel"] + w[f"mdn/mdn_{n}/bias"]
        for n in ("mus", "sigmas", "pi")
    )
    sigma = np.where(raw > 0, raw + 1, np.exp(raw)) + 1e-4
    return mu.reshape(-1, 3, 2), sigma.reshape(-1, 3, 2), softmax(logits, -1)


def test_parameters_and_width():
    model = create_model("mdn_lab")
    assert model.count_params() == model_card("mdn_lab")["params"]
    assert "mdn_lab" in list_models("density estimation")
    assert stirred().output_shape == (None, 15)
    assert MDNModel(output_dimension=2, num_mixtures=3).compute_output_shape(
        (None, 4)
    ) == (None, 15)


def test_distribution_and_statistics():
    model = stirred()
    mu, sigma, pi = parts(model)
    for got, expected in zip(
        model.predict_distribution(X), (mu, sigma, pi), strict=True
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    mean = (pi[..., None] * mu).sum(1)
    np.testing.assert_allclose(model.predict_mean(X), mean, rtol=1e-4, atol=1e-5)
    heaviest = mu[np.arange(6), pi.argmax(-1)]
    np.testing.assert_allclose(model.predict_mode(X), heaviest, rtol=1e-4, atol=1e-5)
    told = model.predict_with_uncertainty(X, 0.8)
    within = (pi[..., None] * sigma**2).sum(1)
    between = (pi[..., None] * (mu - mean[:, None]) ** 2).sum(1)
    np.testing.assert_allclose(told.total_variance, within + between, rtol=1e-3)
    np.testing.assert_allclose(told.aleatoric_variance, within, rtol=1e-3)
    for q, value in ((0.1, told.lower), (0.9, told.upper)):
        below = (pi[..., None] * stats.norm.cdf(value[:, None], mu, sigma)).sum(1)
        np.testing.assert_allclose(below, q, atol=1e-4)
        np.testing.assert_allclose(model.predict_quantile(X, q), value)


def test_samples_have_the_moments_of_the_mixture():
    model = stirred()
    draws = model.sample(X, 20_000, seed=3)
    assert draws.shape == (20_000, 6, 2)
    told = model.predict_with_uncertainty(X)
    spread = np.sqrt(told.total_variance)
    assert (abs(draws.mean(0) - told.mean) < 0.05 * spread).all()
    np.testing.assert_allclose(draws.var(0), told.total_variance, rtol=0.1)
    np.testing.assert_array_equal(draws, model.sample(X, 20_000, seed=3))


@pytest.mark.parametrize("width", [1, 2])
def test_metrics(width):
    model = stirred(output_dimension=width, num_mixtures=3 * 2 // width)
    y = Y[:, :width] if width > 1 else Y[:, 0]
    model.compile("sgd", metrics=["mean_absolute_error"])
    told = model.evaluate(X, y, verbose=0, return_dict=True)
    params = model.parameters_of(X)
    mean, target = model.predict_mean(X), y.reshape(6, width)
    nll = model.mdn.mixture(params)
    density = stats.norm.pdf(target[:, None], nll.mu, nll.sigma).prod(-1)
    expected = -np.log((nll.pi[..., 0] * density).sum(-1)).mean()
    assert told["loss"] == pytest.approx(expected, rel=1e-4)
    assert told["mdn_nll"] == pytest.approx(expected, rel=1e-4)
    error = np.sqrt(((mean - target) ** 2).mean())
    assert told["rmse_of_mean"] == pytest.approx(error, rel=1e-4)
    assert told["mean_absolute_error"] == pytest.approx(
        abs(mean - target).mean(), rel=1e-4
    )
    below = nll.cdf(target)
    inside = ((below >= 0.05) & (below <= 0.95)).mean()
    assert told["coverage_90"] == pytest.approx(inside, rel=1e-5)


def test_it_may_be_compiled_and_saved_without_an_input_shape(tmp_path):
    model = MDNModel(
        (4,), use_batch_norm=True, dropout_rate=0.2, mdn_args={"min_sigma": 0.1}
    )
    model.compile("adam")
    model.fit(X, Y[:, 0], verbose=0)
    names = [layer.name for layer in model.layers]
    assert names == ["hidden_0", "norm_0", "act_0", "drop_0", "mdn"]
    model.build((None, 3))
    assert [layer.name for layer in model.layers] == names
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    assert type(loaded) is MDNModel
    assert loaded.mdn.min_sigma == 0.1
    np.testing.assert_array_equal(loaded.parameters_of(X), model.parameters_of(X))
    config = json.loads(json.dumps(model.get_config()))
    assert MDNModel.from_config(config).get_config() == model.get_config()
    assert "mdn_nll" in loaded.evaluate(X, Y[:, 0], verbose=0, return_dict=True)


@pytest.mark.slow
def test_one_component_of_fixed_width_is_least_squares():
    keras.utils.set_random_seed(0)
    model = MDNModel((), num_mixtures=1, input_shape=(3,))
    head = model.mdn
    for part in (head.mdn_sigmas, head.mdn_pi):
        part.trainable = False
        part.set_weights([w * 0 for w in part.get_weights()])
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    y = x @ np.array([1.0, -2.0, 0.5]) + 0.3
    model.compile(keras.optimizers.SGD(0.3))
    model.fit(x, y, batch_size=64, epochs=60, verbose=0)
    kernel, bias = head.mdn_mus.get_weights()
    np.testing.assert_allclose(kernel[:, 0], [1, -2, 0.5], atol=0.01)
    np.testing.assert_allclose(bias, 0.3, atol=0.01)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_keeps_exact_outputs(policy):
    model = MDNModel((8,), input_shape=(3,), dtype=policy)
    model.compile("sgd", jit_compile=False)
    assert np.isfinite(model.fit(X, Y[:, 0], verbose=0).history["loss"]).all()
    assert keras.backend.standardize_dtype(model(X).dtype) == "float32"


@pytest.mark.slow
def test_a_curve_that_folds_back_needs_several_components():
    t = np.random.default_rng(0).uniform(0, 1, 400)
    x = t + 0.3 * np.sin(2 * np.pi * t)
    x += np.random.default_rng(1).uniform(-0.05, 0.05, 400)
    nll = []
    for k in (1, 5):
        keras.utils.set_random_seed(0)
        model = MDNModel(
            (32, 32), num_mixtures=k, input_shape=(1,), hidden_activation="tanh"
        )
        model.compile(keras.optimizers.Adam(0.005))
        model.fit(x[:, None], t, batch_size=50, epochs=300, verbose=0)
        nll.append(
            model.evaluate(x[:, None], t, verbose=0, return_dict=True)["mdn_nll"]
        )
    assert nll[0] - nll[1] > 0.3


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("hidden_layers", 8),
        ("hidden_layers", (0,)),
        ("output_dimension", 0),
        ("num_mixtures", 0),
        ("dropout_rate", 1.0),
    ],
)
def test_illegal_arguments(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received"):
        MDNModel(**{argument: value})
