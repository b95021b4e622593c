"""Which layers of a Keras model are read."""

from collections.abc import Iterable
from typing import Any

import keras

from dl_techniques.analysis.matrices import model_layers
from dl_techniques.utils.validation import check

_QUIET = tuple(
    getattr(keras.layers, name)
    for name in (
        *("InputLayer", "Dropout", "SpatialDropout1D", "SpatialDropout2D"),
        *("SpatialDropout3D", "GaussianDropout", "GaussianNoise", "AlphaDropout"),
        *("ActivityRegularization", "Identity", "Masking", "Flatten", "Reshape"),
        *("Permute", "RepeatVector", "Cropping1D", "Cropping2D", "Cropping3D"),
        *("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "UpSampling1D"),
        *("UpSampling2D", "UpSampling3D"),
    )
)


def known_layers(model: Any) -> dict[str, Any]:
    """Returns every layer below `model` by path, but nothing inside recurrent ones."""
    found: dict[str, Any] = {}
    inside: tuple[str, ...] = ()
    for path, layer in model_layers(model):
        if not path or (inside and path.startswith(inside)):
            continue
        if isinstance(layer, keras.layers.RNN | keras.layers.TimeDistributed):
            inside = (*inside, f"{path}/")
        found[path] = layer
    return found


def default_layers(model: Any) -> dict[str, Any]:
    """Returns the layers worth reading: not inputs, dropout, reshaping or models."""
    found = known_layers(model)
    skip = (*_QUIET, keras.Model)
    return {path: la for path, la in found.items() if not isinstance(la, skip)}


def chosen_layers(model: Any, layers: Iterable[Any] | None) -> dict[str, Any]:
    """Returns layers given as paths, names or layers; None takes the default ones."""
    if layers is None:
        return default_layers(model)
    known = known_layers(model)
    wanted = [layers] if isinstance(layers, str) else list(layers)
    found: dict[str, Any] = {}
    for want in wanted:
        hits = {p: la for p, la in known.items() if want in (p, la.name) or want is la}
        exact = {want: known[want]} if isinstance(want, str) and want in known else hits
        name = want if isinstance(want, str) else getattr(want, "name", want)
        check(bool(exact), "layers", f"among {', '.join(known)}", name)
        found |= exact
    return found
