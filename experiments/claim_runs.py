"""Trains the variants of a claim over several seeds and compares them in pairs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from scipy.stats import t as student

from dl_techniques.analysis.calibration import expected_calibration_error
from dl_techniques.datasets import dataset_info, load_dataset
from dl_techniques.recipes import Recipe
from dl_techniques.recipes.build import build_model, compile_model


@dataclass(frozen=True)
class Trained:
    """One trained model with its data; a run that diverged has infinite `loss`."""

    model: keras.Model
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    noisy_y_test: np.ndarray
    loss: float

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        """Returns softmax of the model's logits."""
        return ops.convert_to_numpy(ops.softmax(self.model(x, training=False)))

    def accuracy(self) -> float:
        """Returns the share of held-out samples named right."""
        return float((self.probabilities(self.x_test).argmax(1) == self.y_test).mean())

    def ece(self, *, noisy: bool = False) -> float:
        """Calibration error in 15 bins, against clean or equally noisy labels."""
        labels = self.noisy_y_test if noisy else self.y_test
        probabilities = self.probabilities(self.x_test)
        return float(expected_calibration_error(labels, probabilities, n_bins=15))

    def kernels(self) -> list[np.ndarray]:
        """Returns the kernels between input and head."""
        layers = [x for x in self.model.layers if isinstance(x, keras.layers.Dense)]
        return [ops.convert_to_numpy(x.kernel) for x in layers if x.name != "head"]


Measure = Callable[[Trained], float]
Values = dict[str, list[float]]


@dataclass(frozen=True)
class Check:
    """Variant minus baseline of one measure, times `sign`, must exceed `-margin`."""

    measure: str
    sign: int = 1
    margin: float = 0.0


@dataclass(frozen=True)
class Claim:
    """What is said to happen, and how it is looked at.

    Attributes:
        title: The claim as a sentence.
        setting: Data, network and training in a sentence.
        variants: Recipes by name; the first is what the others are held against.
        measures: What is measured on each trained model.
        checks: What must be true of a variant for the claim to hold.
        rare: Share of class 1 kept, in training and in test data alike.
        reading: What the numbers teach.
    """

    title: str
    setting: str
    variants: Mapping[str, Recipe]
    measures: Mapping[str, Measure]
    checks: tuple[Check, ...]
    rare: float = 1.0
    reading: str = ""


@dataclass(frozen=True)
class Effect:
    """Mean of paired differences with its 95 % interval of Student's t."""

    mean: float
    low: float
    high: float


def effect(variant: list[float], baseline: list[float]) -> Effect:
    """Compares seed by seed."""
    d = np.asarray(variant) - np.asarray(baseline)
    if len(d) < 2 or not d.std():
        return Effect(d.mean(), d.mean(), d.mean())
    half = student.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return Effect(d.mean(), d.mean() - half, d.mean() + half)


def holds(check: Check, found: Effect) -> bool:
    """Tells whether the whole interval is on the claimed side."""
    worst = found.low if check.sign > 0 else -found.high
    return bool(worst > -check.margin)


def measure(claim: Claim, variant: str, seeds: int) -> Values:
    """Trains one variant: measure -> one value a seed."""
    values: Values = {m: [] for m in claim.measures}
    for trained in runs(claim.variants[variant], range(seeds), claim.rare):
        for m, function in claim.measures.items():
            values[m].append(float(function(trained)))
    return values


def runs(recipe: Recipe, seeds: range, rare: float = 1.0) -> Iterator[Trained]:
    """Trains one recipe once a seed; weights, split and order follow the seed."""
    spec, training = recipe.dataset, recipe.training
    info = dataset_info(spec.name, **spec.options)
    model, start = None, []
    for seed in seeds:
        data = data_of(recipe, seed, rare)
        steps = len(data["x_train"]) // training.batch_size
        seeded = training.model_copy(update={"seed": seed})
        fresh = build_model(recipe.model_copy(update={"training": seeded}), info)
        if model is None:  # compiled and traced once for all seeds
            model = fresh
            once = training.model_copy(update={"steps_per_execution": steps})
            total = steps * training.epochs
            compile_model(
                model, recipe.model_copy(update={"training": once}), info, total
            )
            model.optimizer.build(model.trainable_variables)
            start = [ops.convert_to_numpy(v) for v in model.optimizer.variables]
        else:
            model.set_weights(fresh.get_weights())
            for variable, value in zip(model.optimizer.variables, start, strict=True):
                variable.assign(value)
        keras.utils.set_random_seed(seed)
        history = model.fit(
            data["x_train"],
            data["y_train"],
            batch_size=training.batch_size,
            epochs=training.epochs,
            verbose=0,
        )
        loss = history.history["loss"][-1]
        yield Trained(model, **data, loss=loss if np.isfinite(loss) else np.inf)


def data_of(recipe: Recipe, seed: int, rare: float) -> dict[str, np.ndarray]:
    """Loads the data; whole batches only, class 1 thinned out in both parts."""
    spec = recipe.dataset
    data = load_dataset(
        spec.name,
        options=spec.options,
        train_size=spec.train_size,
        label_noise=spec.label_noise,
        seed=seed,
    )
    rng = np.random.default_rng(seed)
    found = {"x_train": data.x_train, "y_train": data.y_train}
    found |= {"x_test": data.x_test, "y_test": data.y_test}
    if rare < 1:
        for part in ("train", "test"):
            y = found[f"y_{part}"]
            keep = (y != 1) | (rng.uniform(size=len(y)) < rare)
            found |= {f"{k}_{part}": found[f"{k}_{part}"][keep] for k in "xy"}
    size = recipe.training.batch_size
    whole = len(found["y_train"]) // size * size
    found |= {k: found[k][:whole] for k in ("x_train", "y_train")}
    wrong = rng.uniform(size=len(found["y_test"])) < spec.label_noise
    classes = int(found["y_train"].max()) + 1
    shift = rng.integers(1, classes, len(wrong))
    noisy = np.where(wrong, (found["y_test"] + shift) % classes, found["y_test"])
    return {**found, "noisy_y_test": noisy}
