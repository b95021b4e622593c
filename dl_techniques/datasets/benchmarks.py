"""MNIST, Fashion-MNIST and CIFAR through `keras.datasets`: cached, or fetched once."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.info import DatasetInfo
from dl_techniques.datasets.source import Options, Raw, Request, Source
from dl_techniques.utils.arguments import Argument

TIMEOUT = 10.0  # seconds without a byte before a download counts as failed

_FASHION = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
_CIFAR10 = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"
_FINE = (
    "apple,aquarium_fish,baby,bear,beaver,bed,bee,beetle,bicycle,bottle,bowl,boy,"
    "bridge,bus,butterfly,camel,can,castle,caterpillar,cattle,chair,chimpanzee,clock,"
    "cloud,cockroach,couch,crab,crocodile,cup,dinosaur,dolphin,elephant,flatfish,"
    "forest,fox,girl,hamster,house,kangaroo,keyboard,lamp,lawn_mower,leopard,lion,"
    "lizard,lobster,man,maple_tree,motorcycle,mountain,mouse,mushroom,oak_tree,orange,"
    "orchid,otter,palm_tree,pear,pickup_truck,pine_tree,plain,plate,poppy,porcupine,"
    "possum,rabbit,raccoon,ray,road,rocket,rose,sea,seal,shark,shrew,skunk,skyscraper,"
    "snail,snake,spider,squirrel,streetcar,sunflower,sweet_pepper,table,tank,telephone,"
    "television,tiger,tractor,train,trout,tulip,turtle,wardrobe,whale,willow_tree,wolf,"
    "woman,worm"
)
_COARSE = (
    "aquatic_mammals,fish,flowers,food_containers,fruit_and_vegetables,"
    "household_electrical_devices,household_furniture,insects,large_carnivores,"
    "large_man-made_outdoor_things,large_natural_outdoor_scenes,"
    "large_omnivores_and_herbivores,medium_mammals,non-insect_invertebrates,people,"
    "reptiles,small_mammals,trees,vehicles_1,vehicles_2"
)


@contextmanager
def _impatient() -> Iterator[None]:
    """Makes a stalled download fail instead of waiting for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _loader(name: str) -> Callable[[Request], Raw]:
    def load(request: Request) -> Raw:
        import keras

        labels = request.options.get("labels")
        options = {"label_mode": labels} if labels else {}
        try:
            with _impatient():
                read = getattr(keras.datasets, name).load_data
                (x, y), (x_test, y_test) = read(**options)
        except Exception as error:  # Keras raises bare Exception here
            raise DatasetError(
                f"{name} is not in the Keras cache ({_cache()}) or damaged there, and "
                f"could not be downloaded: {error or type(error).__name__}. Connect "
                "once, or copy the files there from another computer."
            ) from error
        return Raw(_images(x), np.ravel(y), _images(x_test), np.ravel(y_test))

    return load


def _cache() -> str:
    return os.path.join(os.environ.get("KERAS_HOME", "~/.keras"), "datasets")


def _images(x: np.ndarray) -> np.ndarray:
    if x.ndim == 3:
        return x[..., None]
    return x.transpose(0, 2, 3, 1) if x.shape[1] == 3 else x  # Keras set channels first


def _info(
    name: str,
    title: str,
    shape: tuple[int, int, int],
    classes: str,
    n_samples: int,
    source: str,
    licence: str,
    summary: str,
) -> DatasetInfo:
    names = tuple(classes.split(","))
    return DatasetInfo(
        name=name,
        title=title,
        kind="image",
        task="classification",
        input_shape=shape,
        num_classes=len(names),
        n_outputs=len(names),
        class_names=names,
        n_samples=n_samples,
        source=source,
        licence=licence,
        summary=summary,
        needs_download=True,
    )


def _adapt_cifar100(info: DatasetInfo, options: Options) -> DatasetInfo:
    if options["labels"] == "fine":
        return info
    names = tuple(_COARSE.split(","))
    return replace(info, num_classes=20, n_outputs=20, class_names=names)


_MNIST_INFO = _info(
    "mnist",
    "MNIST",
    (28, 28, 1),
    "0,1,2,3,4,5,6,7,8,9",
    70_000,
    "LeCun, Cortes and Burges (1998), via keras.datasets",
    "CC BY-SA 3.0",
    "Handwritten digits of 28 x 28 pixels.",
)
_FASHION_INFO = _info(
    "fashion_mnist",
    "Fashion-MNIST",
    (28, 28, 1),
    _FASHION,
    70_000,
    "Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747, via keras.datasets",
    "MIT",
    "Clothes of 28 x 28 pixels; harder than digits.",
)
_CIFAR = "Krizhevsky (2009), Learning Multiple Layers of Features, via keras.datasets"
_CIFAR_LICENCE = "no licence stated; cite the source"
_CIFAR10_INFO = _info(
    "cifar10",
    "CIFAR-10",
    (32, 32, 3),
    _CIFAR10,
    60_000,
    _CIFAR,
    _CIFAR_LICENCE,
    "Small photographs of ten things.",
)
_CIFAR100_INFO = replace(
    _info(
        "cifar100",
        "CIFAR-100",
        (32, 32, 3),
        _FINE,
        60_000,
        _CIFAR,
        _CIFAR_LICENCE,
        "Small photographs of a hundred things, in twenty groups.",
    ),
    options=(
        Argument(
            "labels",
            "choice",
            "fine",
            choices=("fine", "coarse"),
            help="A hundred things, or their twenty groups.",
        ),
    ),
)
SOURCES = (
    Source(_MNIST_INFO, _loader("mnist")),
    Source(_FASHION_INFO, _loader("fashion_mnist")),
    Source(_CIFAR10_INFO, _loader("cifar10")),
    Source(_CIFAR100_INFO, _loader("cifar100"), _adapt_cifar100),
)
