"""Tests of the base of all results."""

import json
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_techniques.analysis import _arrays, flags
from dl_techniques.analysis._arrays import FloatArray, IntArray
from dl_techniques.analysis.results import AnalysisResult


@dataclass(frozen=True, slots=True)
class Inner(AnalysisResult):
    a: FloatArray
    n: IntArray
    s: float
    o: float | None = None


@dataclass(frozen=True, slots=True)
class Outer(AnalysisResult):
    inner: Inner
    many: tuple[Inner, ...]
    by_name: dict[str, Inner | None]
    pair: tuple[str, float]
    errors: dict[tuple[str, str], str]
    either: Inner | float | None = None
    anything: dict[str, AnalysisResult] | None = None


def inner(**changes):
    values = {"a": np.array([1.5, np.nan]), "n": np.arange(2), "s": 2.0}
    return Inner(**{**values, **changes})


def outer():
    i, j = inner(), inner(a=np.zeros((2, 3)), n=np.zeros(0, int), flags=(flags.EMPTY,))
    pair, errors = ("x", float("nan")), {("calibration", "m/1"): "boom"}
    return Outer(i, (i, j), {"p": j, "q": None}, pair, errors, i, {"z": j})


def refuse(text):
    raise AssertionError(text)


def test_json_is_strict_and_round_trips():
    text = outer().to_json()
    json.loads(text, parse_constant=refuse)
    assert Outer.from_json(text) == outer()


def test_the_base_finds_the_class_by_name():
    assert AnalysisResult.from_dict(outer().to_dict()) == outer()


def test_npz_round_trips_bitwise(tmp_path):
    a = np.array([np.inf, -0.0, 0.1, np.nan])
    one = inner(a=a, s=float("inf"))
    one.save_npz(tmp_path / "one.npz")
    again = Inner.load_npz(tmp_path / "one.npz")
    assert again.a.tobytes() == a.tobytes()
    assert again.s == float("inf")
    outer().save_npz(tmp_path / "two.npz")
    assert AnalysisResult.load_npz(tmp_path / "two.npz") == outer()


@given(st.lists(st.floats(width=64), max_size=5), st.floats())
def test_json_keeps_finite_numbers_and_makes_the_rest_nan(values, scalar):
    again = Inner.from_json(inner(a=np.array(values), s=scalar).to_json())
    want = np.array(values, float)
    want[~np.isfinite(want)] = np.nan
    np.testing.assert_array_equal(again.a, want)
    assert again.a.dtype == np.float64
    assert again.s == scalar if np.isfinite(scalar) else np.isnan(again.s)


def test_arrays_are_copies_and_read_only():
    mine = np.ones(3)
    result = inner(a=mine)
    mine[0] = 7
    assert result.a[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        result.a[0] = 2
    with pytest.raises(FrozenInstanceError):
        result.s = 3.0


def test_numpy_scalars_become_python():
    result = inner(s=np.float32(0.5), o=np.int64(3))
    assert type(result.s) is float
    assert type(result.o) is int


def test_equality_compares_arrays_and_nan():
    assert inner() == inner()
    assert inner() != inner(a=np.array([1.5, 2.0]))
    assert inner() != inner(a=np.array([1.5]))
    assert inner() != "inner"


def test_it_pickles():
    assert pickle.loads(pickle.dumps(outer())) == outer()


def test_frame_has_a_row_an_element():
    frame = inner(flags=("A",)).to_frame()
    assert list(frame.columns) == ["a", "n"]
    assert len(frame) == 2


def test_a_wrong_dictionary_says_what_is_missing():
    with pytest.raises(ValueError, match="fields of Inner"):
        Inner.from_dict({"a": [1.0]})
    with pytest.raises(ValueError, match="must name a Inner"):
        Inner.from_dict({"type": "Outer"})


def test_unknown_keys_of_a_later_version_are_ignored():
    assert Inner.from_dict({**inner().to_dict(), "later": 1}) == inner()


def test_flags_are_their_names():
    assert all(getattr(flags, name) == name for name in flags.ALL)


@pytest.mark.parametrize("dtype", [np.float16, np.int8, bool, np.float32])
def test_number_arrays_become_float64(dtype):
    assert _arrays.float64(np.ones(2, dtype), "x").dtype == np.float64


def test_bfloat16_is_read_as_float32():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    array = np.array([1.5, 2.0]).astype(ml_dtypes.bfloat16)
    assert _arrays.numeric(array, "x").dtype == np.float32


def test_texts_and_wrong_axes_raise():
    with pytest.raises(ValueError, match="`x` must be an array of real numbers"):
        _arrays.numeric(["a"], "x")
    with pytest.raises(ValueError, match=r"`x` must have 2 axes.*\(3,\)"):
        _arrays.float64(np.ones(3), "x", 2)
    with pytest.raises(ValueError, match=r"a \(2,\), b \(3,\)"):
        _arrays.same_length(a=np.ones(2), b=np.ones(3))


def test_the_package_loads_nothing_heavy():
    code = (
        "import sys, dl_techniques.analysis.results; heavy = {'keras', 'tensorflow',"
        "'torch', 'jax', 'pandas', 'sklearn', 'scipy'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
