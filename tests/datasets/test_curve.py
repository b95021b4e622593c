import numpy as np

from dl_techniques.datasets import load_dataset


def test_targets_solve_the_inverse_problem():
    options = {"noise": 0.0, "n": 3000}
    data = load_dataset("inverse_sine", options=options, standardise=False)
    t = data.y_train.astype(np.float64)
    expected = t + 0.3 * np.sin(2 * np.pi * t)
    np.testing.assert_allclose(data.x_train, expected, atol=1e-6)
    near = data.y_train[abs(data.x_train[:, 0] - 0.5) < 0.02, 0]
    modes = [(near < 0.35).mean(), (abs(near - 0.5) < 0.1).mean(), (near > 0.65).mean()]
    assert min(modes) > 0.15
    assert sum(modes) == 1
