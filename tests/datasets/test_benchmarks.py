import socket

import numpy as np
import pytest

from dl_techniques.datasets import DatasetError, dataset_info, load_dataset
from dl_techniques.datasets.benchmarks import TIMEOUT

keras = pytest.importorskip("keras")
SHAPES = {
    "mnist": (28, 28),
    "fashion_mnist": (28, 28),
    "cifar10": (32, 32, 3),
    "cifar100": (32, 32, 3),
}


def stand_in(shape, classes, column):
    rng = np.random.default_rng(0)

    def part(n):
        y = rng.permutation(np.arange(n) % classes).astype(np.uint8)
        x = rng.integers(0, 256, (n, *shape), dtype=np.uint8)
        return x, y[:, None] if column else y

    return part(classes * 6), part(classes * 2)


@pytest.mark.parametrize("name", SHAPES)
def test_the_cached_copy_is_used_and_its_test_set_kept(name, monkeypatch):
    info = dataset_info(name)
    made = stand_in(SHAPES[name], info.num_classes, name.startswith("cifar"))
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda **_: made)
    data = load_dataset(name, standardise=False, train_size=0.75)
    assert info.needs_download
    assert len(info.class_names) == len(set(info.class_names)) == info.num_classes
    assert data.x_train.shape == (info.num_classes * 6, *info.input_shape)
    assert data.y_test.shape == (info.num_classes * 2,)
    own = np.sort(made[1][0].ravel())
    np.testing.assert_allclose(np.sort(data.x_test.ravel()) * 255, own, atol=1e-3)
    small = load_dataset(name, max_samples=info.num_classes * 4, train_size=0.5)
    assert np.bincount(small.y_train).tolist() == [2] * info.num_classes
    assert np.bincount(small.y_test).tolist() == [2] * info.num_classes


def test_cifar100_has_groups(monkeypatch):
    asked = []

    def load(label_mode):
        asked.append(label_mode)
        return stand_in((3, 32, 32), 20, True)

    monkeypatch.setattr(keras.datasets.cifar100, "load_data", load)
    data = load_dataset("cifar100", options={"labels": "coarse"})
    assert asked == ["coarse"]
    assert data.num_classes == 20
    assert data.x_train.shape[1:] == (32, 32, 3)


def test_a_failed_download_is_one_line_and_cannot_hang(monkeypatch):
    patience = []

    def fail():
        patience.append(socket.getdefaulttimeout())
        raise Exception("URL fetch failure\non mnist.npz: None")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(DatasetError, match="could not be downloaded: URL") as caught:
        load_dataset("mnist")
    assert "\n" not in str(caught.value)
    assert "Keras cache" in str(caught.value)
    assert patience == [TIMEOUT]
    assert socket.getdefaulttimeout() is None
