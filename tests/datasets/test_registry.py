import pickle
import subprocess
import sys

import numpy as np
import pytest

from dl_techniques.datasets import (
    KNOBS,
    DatasetError,
    dataset_info,
    dataset_infos,
    load_dataset,
)

OFFLINE = [info.name for info in dataset_infos() if not info.needs_download]


def test_descriptions_need_no_heavy_import():
    code = (
        "import sys, dl_techniques.datasets as d; d.dataset_infos();"
        "d.dataset_info('digits', form='vector');"
        "heavy = {'keras', 'sklearn', 'tensorflow', 'pandas', 'PIL', 'scipy'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", OFFLINE)
def test_the_description_matches_the_data(name):
    info = dataset_info(name)
    data = load_dataset(name)
    assert data.info == info
    assert data.x_train.shape[1:] == data.x_test.shape[1:] == info.input_shape
    assert len(data.x_train) + len(data.x_test) == info.n_samples
    assert info.source
    assert info.licence
    assert info.summary
    assert data.x_train.dtype == ("int32" if info.kind == "tokens" else "float32")
    if info.feature_names:
        assert len(info.feature_names) == info.input_shape[0]
    if info.task == "regression":
        assert info.num_classes is None
        targets = info.target_shape or (info.n_outputs,)
        assert data.y_train.shape[1:] == targets
        assert data.y_train.dtype == "float32"
    elif info.task == "matching":
        assert info.num_classes is None
        assert data.y_train.shape[1:] == data.y_test.shape[1:] == (info.n_outputs,)
        assert data.y_train.dtype == "int32"
        assert data.y_train.max() < info.vocabulary == len(info.words)
    else:
        assert info.num_classes == info.n_outputs == len(info.class_names)
        assert set(data.y_train) == set(data.y_test) == set(range(info.num_classes))
        assert data.y_train.dtype == "int32"


@pytest.mark.parametrize("name", OFFLINE)
def test_a_seed_fixes_everything(name):
    classes = dataset_info(name).task == "classification"
    knobs = {"label_noise": 0.1, "imbalance": 0.5} if classes else {}
    first = load_dataset(name, seed=5, **knobs)
    again = load_dataset(name, seed=5, **knobs)
    other = load_dataset(name, seed=6, **knobs)
    for part in ("x_train", "y_train", "x_test", "y_test", "clean_y_train"):
        np.testing.assert_array_equal(getattr(first, part), getattr(again, part))
        assert not getattr(first, part).flags.writeable
    assert not np.array_equal(first.x_train, other.x_train)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
def test_names_are_those_of_the_source(name):
    import sklearn.datasets

    data = getattr(sklearn.datasets, f"load_{name}")()
    info = dataset_info(name, **({"form": "vector"} if name == "digits" else {}))
    assert [str(n) for n in data.target_names] == list(info.class_names)
    assert list(data.feature_names) == list(info.feature_names)


def test_options_change_the_description():
    assert dataset_info("digits").kind == "image"
    assert dataset_info("digits", form="vector").input_shape == (64,)
    assert dataset_info("spirals", classes=3).class_names == ("0", "1", "2")
    assert load_dataset("digits", options={"form": "vector"}).input_shape == (64,)


def test_the_cap_holds_and_is_stratified():
    data = load_dataset("digits", max_samples=100, train_size=0.5)
    assert len(data.x_train) == len(data.x_test) == 50
    assert data.info.n_samples == 1797
    assert np.bincount(data.y_train).min() >= 4


@pytest.mark.parametrize(
    ("name", "knobs", "words"),
    [
        ("digts", {}, "no data set called 'digts'. Did you mean digits"),
        (3, {}, "no data set called 3"),
        ("digits", {"options": {"from": 1}}, "`from` is not an option .* mean form"),
        ("digits", {"options": {"form": "x"}}, "`form` must be one of 'image'"),
        ("digits", {"options": [1]}, "`options` must be a mapping"),
        ("moons", {"options": {"noise": -1}}, "`noise` must be .* at least 0"),
        ("moons", {"options": {"n": True}}, "`n` must be an integer"),
        ("iris", {"train_size": 1.0}, "`train_size` must be .* below 1"),
        ("iris", {"train_size": float("nan")}, "`train_size` must be"),
        ("iris", {"max_samples": 3}, "`max_samples` must be .* at least 10"),
        ("iris", {"label_noise": 1}, "`label_noise` must be .* below 1"),
        ("iris", {"imbalance": 0}, "`imbalance` must be .* above 0"),
        ("iris", {"standardise": 1}, "`standardise` must be true or false"),
        ("iris", {"seed": -1}, "`seed` must be an integer at least 0"),
        ("diabetes", {"label_noise": 0.1}, "`label_noise` must be 0 for diabetes"),
        ("diabetes", {"imbalance": 0.1}, "`imbalance` must be 1 for diabetes"),
    ],
)
def test_a_bad_request_is_one_clear_line(name, knobs, words):
    with pytest.raises(DatasetError, match=words) as caught:
        load_dataset(name, **knobs)
    assert "\n" not in str(caught.value)


def test_an_option_cannot_pass_for_a_folder():
    with pytest.raises(DatasetError, match="`home` is not an option of iris"):
        dataset_info("iris", home="/somewhere")


def test_knobs_have_the_defaults_of_the_signature():
    defaults = load_dataset.__kwdefaults__
    assert {k.name: k.default for k in KNOBS}.items() <= defaults.items()


def test_a_data_set_survives_pickling_read_only():
    data = pickle.loads(pickle.dumps(load_dataset("iris")))
    assert not data.x_train.flags.writeable
    assert data.class_names == ("setosa", "versicolor", "virginica")


def test_extent_encloses_points_in_the_plane_only():
    data = load_dataset("moons")
    x0, x1, y0, y1 = data.extent
    assert x0 < data.x_train[:, 0].min() < data.x_train[:, 0].max() < x1
    assert y0 < data.x_test[:, 1].min() < data.x_test[:, 1].max() < y1
    assert load_dataset("iris").extent is None
