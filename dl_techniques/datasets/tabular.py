"""Small measured data sets that scikit-learn carries; read without a network."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument

_UCI = "CC BY 4.0 (UCI Machine Learning Repository)"
_CELL = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


def _digits(request: Request) -> Raw:
    from sklearn.datasets import load_digits

    data = load_digits()
    x = (data.data / 16).astype(np.float32)
    if request.options["form"] == "image":
        x = x.reshape(-1, 8, 8, 1)
    return Raw(x, data.target)


def _adapt_digits(info: DatasetInfo, options: Options) -> DatasetInfo:
    if options["form"] == "image":
        return info
    names = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
    return replace(info, kind="vector", input_shape=(64,), feature_names=names)


def _table(function: str) -> Callable[[Request], Raw]:
    def load(request: Request) -> Raw:
        import sklearn.datasets

        options = {"scaled": False} if function == "load_diabetes" else {}
        data = getattr(sklearn.datasets, function)(**options)
        return Raw(data.data.astype(np.float32), data.target)

    return load


def _classes(
    name: str, title: str, n: int, names: tuple[str, ...], features: tuple[str, ...]
) -> DatasetInfo:
    return DatasetInfo(
        name=name,
        title=title,
        kind="vector",
        task="classification",
        input_shape=(len(features),),
        num_classes=len(names),
        n_outputs=len(names),
        class_names=names,
        n_samples=n,
        source="",
        licence=_UCI,
        feature_names=features,
    )


_DIGITS = replace(
    _classes("digits", "Digits", 1797, tuple("0123456789"), ()),
    kind="image",
    input_shape=(8, 8, 1),
    source="Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI",
    summary="Handwritten digits of 8 x 8 pixels; trains in seconds.",
    options=(
        Argument(
            "form",
            "choice",
            "image",
            choices=("image", "vector"),
            help="Images of 8 x 8 pixels, or vectors of 64 numbers.",
        ),
    ),
)
_IRIS = replace(
    _classes(
        "iris",
        "Iris",
        150,
        ("setosa", "versicolor", "virginica"),
        (
            "sepal length (cm)",
            "sepal width (cm)",
            "petal length (cm)",
            "petal width (cm)",
        ),
    ),
    source="Fisher (1936), Annals of Eugenics 7; UCI",
    summary="Four lengths of 150 flowers of three species.",
)
_WINE = replace(
    _classes(
        "wine",
        "Wine",
        178,
        ("class_0", "class_1", "class_2"),
        (
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280/od315_of_diluted_wines",
            "proline",
        ),
    ),
    source="Aeberhard and Forina (1991), Wine, UCI",
    summary="Chemistry of 178 Italian wines from three growers.",
)
_CANCER = replace(
    _classes(
        "breast_cancer",
        "Breast cancer",
        569,
        ("malignant", "benign"),
        (
            *(f"mean {part}" for part in _CELL),
            *(f"{part} error" for part in _CELL),
            *(f"worst {part}" for part in _CELL),
        ),
    ),
    source="Wolberg, Street and Mangasarian (1995), Breast Cancer Wisconsin, UCI",
    summary="Shapes of cell nuclei in 569 biopsies.",
)
_DIABETES = replace(
    _classes(
        "diabetes",
        "Diabetes",
        442,
        (),
        ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
    ),
    task="regression",
    num_classes=None,
    n_outputs=1,
    source="Efron, Hastie, Johnstone and Tibshirani (2004), Annals of Statistics 32",
    licence="no licence stated; distributed with scikit-learn (BSD-3-Clause)",
    summary="Progression of diabetes after a year, from ten measurements.",
)
SOURCES = (
    Source(_DIGITS, _digits, _adapt_digits),
    Source(_IRIS, _table("load_iris")),
    Source(_WINE, _table("load_wine")),
    Source(_CANCER, _table("load_breast_cancer")),
    Source(_DIABETES, _table("load_diabetes")),
)
