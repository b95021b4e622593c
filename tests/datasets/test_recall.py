import numpy as np
import pytest

from dl_techniques.datasets import DatasetError, dataset_info, load_dataset


def test_the_answer_is_the_value_after_the_asked_key():
    options = {"pairs": 5, "keys": 9, "values": 6, "n": 3000}
    data = load_dataset("recall", options=options)
    x, y = data.x_train, data.y_train
    keys, values, asked = x[:, 0:-1:2], x[:, 1:-1:2], x[:, -1]
    assert data.x_mean.shape
    assert (x.min(), x.max()) == (1, data.info.vocabulary - 1)
    assert all(len(set(row)) == 5 for row in keys)
    where = keys == asked[:, None]
    assert (where.sum(1) == 1).all()
    np.testing.assert_array_equal(values[where] - 1 - 9, y)


def test_nothing_but_the_pair_gives_the_answer():
    data = load_dataset("recall", options={"n": 20_000, "values": 4})
    x, y = data.x_train, data.y_train
    for column in (*range(x.shape[1]),):
        table = np.stack(
            [
                np.bincount(y[x[:, column] == t], minlength=4)
                for t in np.unique(x[:, column])
            ]
        )
        guess = table.max(1).sum() / len(y)
        assert guess < 0.46  # a value's place is the asked one once in four
    shares = np.bincount(x[:, -1])[1:] / len(x)
    np.testing.assert_allclose(shares, 1 / 8, atol=0.01)


def test_options_shape_the_task_and_must_fit():
    info = dataset_info("recall", pairs=3, keys=3, values=2)
    assert (info.input_shape, info.vocabulary, info.num_classes) == ((7,), 6, 2)
    with pytest.raises(DatasetError, match="`pairs` must be at most keys=8"):
        load_dataset("recall", options={"pairs": 9})
