"""The small image classifiers of the registry, and their data."""

import numpy as np
import pytest

from dl_techniques import models
from dl_techniques.models import registry
from dl_techniques.models.image_classifier import ImageClassifier

CARDS = [
    card
    for card in map(registry.model_card, registry.list_models("image classification"))
    if issubclass(getattr(models, card["family"]), ImageClassifier)
]
SMALL = [c["name"] for c in CARDS if c["variant"].startswith("lab")]
FIRST = [n for n in SMALL if n.endswith("lab8")] + ["mobilenet_v4_lab28"]
every_small = pytest.mark.parametrize(
    "name",
    [n if n in FIRST else pytest.param(n, marks=pytest.mark.slow) for n in SMALL],
)
every_card = pytest.mark.parametrize(
    "card",
    [
        pytest.param(
            card,
            id=card["name"],
            marks=pytest.mark.slow if card["params"] > 1e8 else (),
        )
        for card in CARDS
    ],
)


def images(model, n=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, *model.input_shape[1:])).astype("float32")


def stir(model, seed=0, deviation=0.1):
    """Gives every weight a value of its own, so that no branch is closed."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [
            w + deviation * rng.uniform(0, 1, w.shape).astype(w.dtype)
            for w in model.get_weights()
        ]
    )
    return model
