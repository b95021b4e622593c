"""The curves of deep supervision: progress t and n outputs -> raw weights."""

import math

import numpy as np
from numpy.typing import NDArray

from dl_techniques.utils.validation import check_choice, check_int, check_number

Float = NDArray[np.float64]
ROUNDING = 1e-9  # 0.7 * 10 is 7.000000000000001, 0.29 * 100 is 28.999999999999996


def constant_equal(t: float, n: int) -> Float:
    """All alike."""
    return np.ones(n)


def constant_low_to_high(t: float, n: int) -> Float:
    """1..n."""
    return np.arange(1.0, n + 1)


def constant_high_to_low(t: float, n: int) -> Float:
    """n..1."""
    return np.arange(float(n), 0, -1)


def linear_low_to_high(t: float, n: int) -> Float:
    """From n..1 to 1..n along a line."""
    return (1 - t) * constant_high_to_low(t, n) + t * constant_low_to_high(t, n)


def non_linear_low_to_high(t: float, n: int) -> Float:
    """The line, slow at first."""
    return linear_low_to_high(t * t, n)


def custom_sigmoid_low_to_high(
    t: float,
    n: int,
    k: float = 10.0,
    x0: float = 0.5,
    transition_point: float = 0.25,
) -> Float:
    """The line at g = sigmoid(k (a - x0)), a = max(0, (t - tp) / (1 - tp))."""
    check_number("k", k, 0, low_open=True)
    check_number("x0", x0, None)
    check_number("transition_point", transition_point, 0, high=1, high_open=True)
    a = max(0.0, (t - transition_point) / (1 - transition_point))
    return linear_low_to_high(0.5 * (1 + math.tanh(0.5 * k * (a - x0))), n)


def scale_by_scale_low_to_high(t: float, n: int) -> Float:
    """One output after the other."""
    return np.eye(n)[min(math.floor(t * n + ROUNDING), n - 1)]


def cosine_annealing(
    t: float, n: int, frequency: float = 3.0, final_ratio: float = 0.8
) -> Float:
    """w_i = 1 + (n - 1 - i) a, a swinging between 1 and `final_ratio`."""
    check_number("frequency", frequency, 0)
    check_number("final_ratio", final_ratio, 0, high=1)
    swing = (1 + math.cos(2 * math.pi * frequency * t)) / 2
    a = (1 - final_ratio) * swing + final_ratio
    return np.asarray(1 + np.arange(n - 1.0, -1, -1) * a)


def curriculum(
    t: float,
    n: int,
    max_active_outputs: int | None = None,
    activation_strategy: str = "linear",
) -> Float:
    """The deepest c outputs alike, c growing to `max_active_outputs`."""
    most = n if max_active_outputs is None else max_active_outputs
    check_int("max_active_outputs", most, 1, high=n)
    check_choice("activation_strategy", activation_strategy, ("linear", "exp"))
    grown = t * t if activation_strategy == "exp" else t
    count = min(max(math.floor(most * grown + ROUNDING), 1), most)
    return (np.arange(n) < count).astype(np.float64)


def step_wise(t: float, n: int, threshold: float = 0.5) -> Float:
    """The line up to the threshold, then only the final output."""
    check_number("threshold", threshold, 0, high=1)
    return linear_low_to_high(t / threshold, n) if t < threshold else np.eye(n)[n - 1]
