"""A strength changed between epochs is felt by the compiled step."""

import keras
import numpy as np
import pytest
from keras import ops

from dl_techniques.callbacks import (
    RegularizerScheduleCallback,
    cosine_relaxation,
    srip_schedule,
)
from dl_techniques.regularizers import SRIP, SoftOrthonormal, SumRegularizer

X, Y = np.zeros((4, 3), "float32"), np.zeros((4, 2), "float32")


def model(regularizer):
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense(2, kernel_regularizer=regularizer)
    built = keras.Sequential([keras.Input((3,)), dense])
    built.compile(keras.optimizers.SGD(0.0), "mse")
    return built


def fit(built, callback, epochs=3):
    done = built.fit(X, Y, epochs=epochs, verbose=0, callbacks=[callback])
    return np.array(done.history["loss"])  # the data cost nothing: the penalty alone


@pytest.mark.parametrize("make", [SRIP, SoftOrthonormal])
def test_the_loss_follows_the_schedule(make):
    regularizer = make(1.0, schedulable=True)
    callback = RegularizerScheduleCallback(regularizer, cosine_relaxation(2.0, 2))
    losses = fit(model(regularizer), callback)
    unit = float(ops.convert_to_numpy(make(1.0)(kernel_of(regularizer))))
    np.testing.assert_allclose(losses, unit * np.array([2.0, 1.0, 0.0]), atol=1e-5)


def kernel_of(regularizer):
    return model(regularizer).layers[0].kernel


def test_srip_schedule_finds_the_regularizers_of_the_model():
    regularizer = SumRegularizer([SRIP(0.5), "l2"])
    built = model(regularizer)
    fit(built, srip_schedule(steps={1: 0.1, 2: 0.0}), 1)
    srip = regularizer.parts()[0]
    assert float(ops.convert_to_numpy(srip.strength)) == 0.5
    callback = srip_schedule(srip, {1: 0.1, 2: 0.0})
    seen = []
    for epoch in range(3):
        callback.set_model(built)
        callback.on_epoch_begin(epoch)
        seen.append(float(ops.convert_to_numpy(srip.strength)))
    np.testing.assert_allclose(seen, [0.5, 0.05, 0.0])


def test_default_steps_are_factors():
    callback = srip_schedule()
    got = [callback.schedule(e) for e in (0, 19, 20, 49, 50, 69, 70, 119, 120, 999)]
    assert got == [1, 1, 1e-3, 1e-3, 1e-4, 1e-4, 1e-6, 1e-6, 0, 0]
    regularizer = SRIP(0.3)
    taken = RegularizerScheduleCallback(regularizer, callback)
    assert taken.relative
    taken.set_model(None)
    taken.on_epoch_begin(30)
    assert float(ops.convert_to_numpy(regularizer.strength)) == pytest.approx(3e-4)


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="`target`"):
        RegularizerScheduleCallback(SoftOrthonormal(), cosine_relaxation(1, 2))
    with pytest.raises(ValueError, match="`target`"):
        fit(model("l2"), srip_schedule())
    with pytest.raises(ValueError, match="`schedule`"):
        RegularizerScheduleCallback(SRIP(), 0.1)
    with pytest.raises(ValueError, match="`schedule`"):
        fit(model(SRIP()), RegularizerScheduleCallback(None, lambda e: -1.0))
    with pytest.raises(ValueError, match="`steps`"):
        srip_schedule(steps={3: -1.0})
