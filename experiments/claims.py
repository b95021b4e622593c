"""What the components claim, tried on real training; writes docs/claims.md.

    python -m experiments.claims             all claims, five seeds
    python -m experiments.claims f1_much --seeds 2 --print

A claim holds when the whole 95 % interval of the paired differences is on its side.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from dl_techniques.recipes import (
    Component,
    DatasetSpec,
    LayerSpec,
    ModelSpec,
    OptimizerSpec,
    Recipe,
    TrainingSpec,
)
from experiments.claim_report import as_markdown
from experiments.claim_runs import Check, Claim, Trained, Values, measure

PAGE = Path(__file__).parents[1] / "docs" / "claims.md"


def dense(units: int, activation: str | None = "relu", **args: Any) -> LayerSpec:
    """Writes a Dense layer."""
    return LayerSpec(
        layer="Dense", args={"units": units, "activation": activation} | args
    )


def part(name: str, **args: Any) -> dict[str, Any]:
    """Writes a component that stands in an argument."""
    return {"name": name, "args": args}


def recipe(
    dataset: DatasetSpec,
    *stack: LayerSpec,
    epochs: int,
    batch: int = 64,
    rate: float = 1e-3,
    loss: Component | None = None,
    **optimizer: Any,
) -> Recipe:
    """Writes a recipe of one stack."""
    return Recipe(
        dataset=dataset,
        model=ModelSpec(stack=stack),
        loss=loss,
        optimizer=OptimizerSpec(learning_rate=rate, **optimizer),
        training=TrainingSpec(epochs=epochs, batch_size=batch),
    )


def component(name: str, **args: Any) -> Component:
    """Writes a component."""
    return Component(name=name, args=args)


# --- F1Loss ----------------------------------------------------------------------
def moons(noise: float) -> DatasetSpec:
    """Overlapping moons."""
    return DatasetSpec(
        name="moons", options={"n": 8000, "noise": noise}, train_size=0.5
    )


def f1(run: Trained) -> float:
    """F1 of class 1 at the arg max."""
    return f1_score(run.y_test, run.probabilities(run.x_test).argmax(1))


def tuned_f1(run: Trained) -> float:
    """F1 at the threshold that is best on the training data."""
    p, q = (run.probabilities(x)[:, 1] for x in (run.x_train, run.x_test))
    cuts = np.unique(np.quantile(p, np.linspace(0, 1, 200)))
    best = max(cuts, key=lambda c: f1_score(run.y_train, p >= c))
    return f1_score(run.y_test, q >= best)


def rare_moons(noise: float, loss: Component | None) -> Recipe:
    """Trains on moons of which the second is thinned out by the runner."""
    layers = dense(32), dense(32)
    return recipe(moons(noise), *layers, epochs=30, batch=256, rate=3e-3, loss=loss)


def f1_claim(noise: float, words: str) -> Claim:
    """Holds F1Loss against cross-entropy at one overlap of the classes."""
    return Claim(
        f"F1Loss gives a better F1 than cross-entropy: rare class, {words} overlap.",
        f"Moons of noise {noise}, the second thinned to 5 % in training and test; two "
        "layers of 32; Adam 0.003, 30 epochs of batches of 256.",
        {
            "cross-entropy": rare_moons(noise, None),
            "F1Loss": rare_moons(noise, component("F1Loss")),
            "F1Loss, L = 10": rare_moons(
                noise, component("F1Loss", amplifying_scale=10.0)
            ),
            "half F1Loss, half cross-entropy": rare_moons(
                noise,
                component("WeightedCrossEntropyWithAnyLoss", anyloss="F1Loss"),
            ),
        },
        {"F1 of the rare class": f1, "F1 at a tuned threshold": tuned_f1},
        (Check("F1 of the rare class"),),
        rare=0.05,
        reading="What F1Loss wins is mostly the place of the threshold: the second "
        "column moves the threshold of every model to where F1 is best on the "
        "training data.",
    )


F1_LITTLE = f1_claim(0.3, "little")
F1_MUCH = f1_claim(0.7, "much")

# --- Orthogonality ----------------------------------------------------------------
DIGITS = DatasetSpec(name="digits")
FLAT = LayerSpec(layer="Flatten")


def condition(run: Trained) -> float:
    """Mean log10 condition number of the kernels."""
    return np.mean([np.log10(np.linalg.cond(k)) for k in run.kernels()])


def orthogonal(regularizer: dict[str, Any] | None) -> Recipe:
    """Trains three square layers with a penalty on their kernels."""
    layers = [dense(48, kernel_regularizer=regularizer) for _ in range(3)]
    return recipe(DIGITS, FLAT, *layers, epochs=40)


CONDITION = Claim(
    "SRIP and SoftOrthogonal lower the condition number of kernels.",
    "Digits; three layers of 48, the penalty on each kernel; Adam 0.001, 40 epochs.",
    {
        "none": orthogonal(None),
        "SRIP 0.1": orthogonal(part("SRIPRegularizer", strength=0.1)),
        "SRIP 1": orthogonal(part("SRIPRegularizer", strength=1.0)),
        "SoftOrthogonal 0.01": orthogonal(
            part("SoftOrthogonalConstraintRegularizer", lambda_coefficient=0.01)
        ),
    },
    {"log10 condition number": condition, "accuracy": Trained.accuracy},
    (Check("log10 condition number", -1), Check("accuracy", 1, 0.02)),
)

# --- Weights at states -------------------------------------------------------------
LOSS_OF_ACCURACY = 0.02  # also allowed to the orthogonal penalties


def near(states: tuple[float, ...]) -> Any:
    """Share of weights within a tenth of the distance of two states."""

    def share(run: Trained) -> float:
        weights = np.concatenate([k.ravel() for k in run.kernels()])
        distance = np.abs(weights[:, None] - np.array(states)).min(1)
        return np.mean(distance < 0.1 * abs(states[1] - states[0]))

    return share


def snapped(states: tuple[float, ...]) -> Any:
    """Accuracy once every weight is moved to its nearest state."""

    def accuracy(run: Trained) -> float:
        before = run.model.get_weights()
        levels = np.array(states)
        for layer in run.model.layers:
            if layer.name.startswith("dense"):
                kernel, *rest = layer.get_weights()
                i = np.abs(kernel[..., None] - levels).argmin(-1)
                layer.set_weights([levels[i], *rest])
        value = run.accuracy()
        run.model.set_weights(before)
        return value

    return accuracy


def stateful(regularizer: dict[str, Any] | None, low: float) -> Recipe:
    """Trains two layers whose weights stay in the range of the states."""
    norm = LayerSpec(layer="BatchNormalization")
    relu = LayerSpec(layer="Activation", args={"activation": "relu"})
    args = {
        "kernel_initializer": part("RandomUniform", minval=low, maxval=0.25),
        "kernel_constraint": part(
            "ValueRangeConstraint", min_value=low, max_value=0.25
        ),
        "kernel_regularizer": regularizer,
    }
    layers = [x for _ in range(2) for x in (dense(64, None, **args), norm, relu)]
    return recipe(DIGITS, FLAT, *layers, epochs=60, rate=2e-3)


def states_claim(name: str, regularizer: str, states: tuple[float, ...]) -> Claim:
    """Holds a preference against none."""

    def pulled(multiplier: float) -> Recipe:
        args = {"multiplier": multiplier, "scale": 4.0, "reduction": "sum"}
        return stateful(part(regularizer, **args), states[0])

    return Claim(
        f"{name} drives weights to {len(states)} values at less than "
        f"{100 * LOSS_OF_ACCURACY:g} points of accuracy.",
        f"Digits; two layers of 64 with batch normalisation, weights started and kept "
        f"in [{states[0]}, {states[-1]}]; Adam 0.002, 60 epochs.",
        {
            "none": stateful(None, states[0]),
            f"{name} 0.0005": pulled(0.0005),
            f"{name} 0.002": pulled(0.002),
        },
        {
            "share of weights at a state": near(states),
            "accuracy": Trained.accuracy,
            "accuracy with weights rounded": snapped(states),
        },
        (
            Check("share of weights at a state"),
            Check("accuracy", 1, LOSS_OF_ACCURACY),
        ),
    )


BINARY = states_claim("BinaryPreference", "BinaryPreferenceRegularizer", (0.0, 0.25))
TRI = states_claim(
    "TriStatePreference", "TriStatePreferenceRegularizer", (-0.25, 0.0, 0.25)
)

# --- Calibration on noisy labels ---------------------------------------------------
NOISY = DatasetSpec(name="digits", label_noise=0.3, train_size=0.5)


def noisy(loss: Component | None) -> Recipe:
    """Trains a large network on half of the digits with wrong labels."""
    return recipe(NOISY, FLAT, dense(128), dense(128), epochs=50, loss=loss)


ECE = Claim(
    "LogitNormLoss, ConfidencePenaltyLoss and GoodhartAwareLoss lower the calibration "
    "error on noisy labels.",
    "Half of the digits, 30 % of the training labels wrong; two layers of 128; Adam "
    "0.001, 50 epochs; ECE of 15 bins on held-out digits.",
    {
        "cross-entropy": noisy(None),
        "LogitNormLoss 0.04": noisy(component("LogitNormLoss")),
        "ConfidencePenaltyLoss 0.1": noisy(component("ConfidencePenaltyLoss")),
        "ConfidencePenaltyLoss 0.5": noisy(
            component("ConfidencePenaltyLoss", beta=0.5)
        ),
        "GoodhartAwareLoss 0.1": noisy(component("GoodhartAwareLoss")),
        "GoodhartAwareLoss 0.5": noisy(
            component("GoodhartAwareLoss", entropy_weight=0.5)
        ),
    },
    {
        "ECE, clean labels": Trained.ece,
        "ECE, equally noisy labels": lambda run: run.ece(noisy=True),
        "accuracy": Trained.accuracy,
    },
    (Check("ECE, equally noisy labels", -1),),
    reading="Calibration is a statement about labels like those trained on, so the "
    "verdict is on equally noisy ones. Against clean labels the same models are too "
    "doubtful, and a penalty adds to it.",
)


# --- Warm-up -----------------------------------------------------------------------
def steep(warmup: float, rate: float, gain: float) -> Recipe:
    """Trains a deep network with plain SGD from weights of variance gain / inputs."""
    start = part("RandomNormal", mean=0.0, stddev=(gain / 64) ** 0.5)
    layers = [dense(64, kernel_initializer=start) for _ in range(6)]
    return recipe(
        DIGITS, FLAT, *layers, epochs=15, rate=rate, name="SGD", warmup_fraction=warmup
    )


def diverged(run: Trained) -> float:
    """Whether training ended no better than guessing."""
    return float(not run.loss < np.log(10) * 0.95)


def warmup_claim(start: str, rate: float, gain: float) -> Claim:
    """Holds warm-up against none at one rate and one start."""
    return Claim(
        f"Warm-up avoids divergence at a rate that diverges without it: {start}.",
        f"Digits; six layers of 64, weights of variance {gain:g} / inputs; SGD {rate}, "
        "15 epochs; a quarter of the steps is warm-up.",
        {
            "no warm-up": steep(0.0, rate, gain),
            "warm-up": steep(0.25, rate, gain),
        },
        {"share of runs that diverged": diverged, "accuracy": Trained.accuracy},
        (Check("share of runs that diverged", -1),),
        reading="Warm-up helps where the start is steep and training flattens it; a "
        "rate that is too large for the flat region too is not saved.",
    )


CLAIMS = {
    "f1_little": F1_LITTLE,
    "f1_much": F1_MUCH,
    "condition": CONDITION,
    "binary": BINARY,
    "tri": TRI,
    "ece": ECE,
    "warmup_edge": warmup_claim("a start twice too steep, rate 0.25", 0.25, 4.0),
    "warmup_steep": warmup_claim("a start twice too steep, rate 0.3", 0.3, 4.0),
    "warmup_he": warmup_claim("He's start", 0.6, 2.0),
}


def found(
    name: str, seeds: int, cache: Path | None, *, train: bool = True
) -> dict[str, Values]:
    """Returns the values of each variant, from the cache where they are there."""
    values = {}
    for i, variant in enumerate(CLAIMS[name].variants):
        file = cache / f"{name}-{i}-{seeds}.json" if cache else None
        if file and file.exists():
            values[variant] = json.loads(file.read_text())
            continue
        if not train:
            continue
        values[variant] = measure(CLAIMS[name], variant, seeds)
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values[variant]))
    return values


def main() -> None:
    """Tries the claims and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *CLAIMS], help="claims to try")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--print", action="store_true", help="leave docs/ alone")
    parser.add_argument("--cache", type=Path, help="folder of values already measured")
    parser.add_argument("--no-train", action="store_true", help="use the cache alone")
    args = parser.parse_args()
    names = args.names or list(CLAIMS)
    train = not args.no_train
    values = [(CLAIMS[n], found(n, args.seeds, args.cache, train=train)) for n in names]
    page = as_markdown(values, args.seeds)
    if args.print or args.names:
        print(page)
    else:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
