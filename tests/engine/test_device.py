"""The stand-in for a GPU refuses what CuPy 14 refuses, hears what waits or copies, and else computes as NumPy does."""

import sys

import numpy as np
import pytest

from . import strict_array as xp
from .strict_array import StrictArray, heard, waiting


@pytest.fixture
def a():
    return xp.array([1.0, 2.0, 3.0])


@pytest.fixture
def m():
    return xp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


REFUSED = {
    "NumPy takes it for an array": lambda a, m: np.asarray(a),
    "a NumPy array as operand": lambda a, m: a + np.ones(3),
    "a NumPy array before it": lambda a, m: np.ones(3) * a,
    "a NumPy array in a function": lambda a, m: np.where(np.ones(3) > 0, a, 0),
    "a list as operand": lambda a, m: np.add(a, [1.0, 2.0, 3.0]),
    "a list in a function": lambda a, m: np.where(a > 0, a, [1.0, 2.0, 3.0]),
    "a NumPy array as output": lambda a, m: np.exp(a, out=np.empty(3)),
    "an index for Python": lambda a, m: range(3)[xp.array(1)],
    "a slice by a device number": lambda a, m: a[: xp.array(2)],
    "a hash": lambda a, m: {a},
    "a dot with a number": lambda a, m: a.dot(2.0),
    "a dot with a NumPy array": lambda a, m: a.dot(np.ones(3)),
    "arrays and numbers in one list": lambda a, m: xp.array([a[0], 1.0]),
    "arrays and numbers stacked": lambda a, m: np.concatenate([a, [1.0]]),
    "a function that CuPy has not": lambda a, m: np.nanargmax(a),
    "an argument that CuPy has not": lambda a, m: np.sum(a, where=True),
    "NumPy's names for it": lambda a, m: np.clip(a, min=0),
    "a method's argument that CuPy has not": lambda a, m: m.mean(where=True),
    "a ufunc that chooses": lambda a, m: np.add(a, 1, where=True),
    "a ufunc that CuPy has not": lambda a, m: np.spacing(a),
    "np.add.at in pairs": lambda a, m: np.add.at(m, ([0], [1]), 1.0),
    "a loop over rows": lambda a, m: list(a),
    "a place set twice": lambda a, m: a.__setitem__(xp.array([0, 0]), xp.array([1.0, 2.0])),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(what, a, m):
    with pytest.raises(TypeError):
        REFUSED[what](a, m)


def test_it_has_only_what_cupy_has(a):
    for name in ("setflags", "byteswap_", "searchsorted_", "__array_wrap__", "nosuch"):
        assert not hasattr(a, name)
        assert not hasattr(xp, name)
    assert hasattr(a, "copy") and hasattr(a, "reshape") and hasattr(xp, "zeros_like")


@pytest.mark.parametrize("call", [
    lambda a: np.maximum.reduce(a), lambda a: np.minimum.accumulate(a), lambda a: np.multiply.at(a, 0, 2.0),
    lambda a: np.maximum.reduceat(a, a),
])  # fmt: skip
def test_ufuncs_have_few_methods(call, a):
    """In CuPy: reduce and accumulate of add and multiply, at of seven, reduceat of add."""
    with pytest.raises(NotImplementedError):
        call(a)


def test_the_methods_that_ufuncs_have(a, m):
    assert np.add.reduce(m).get().tolist() == [5, 7, 9] and np.multiply.reduce(a).get() == 6
    assert np.add.reduce(m, axis=1, keepdims=True).shape == (2, 1)
    np.add.at(a, xp.array([0, 0]), 1.0)
    xp.maximum.at(a, xp.array([1]), 9.0)
    xp.add.at(m, (xp.array([0, 0]), xp.array([1, 1])), xp.array([1.0, 2.0]))
    assert a.get().tolist() == [3, 9, 3] and m.get()[0].tolist() == [1, 5, 3]
    assert np.add.outer(a, a).shape == (3, 3)


def test_a_positional_output_is_deprecated_by_numpy_itself(a):
    with pytest.warns(DeprecationWarning, match="out"):
        np.maximum(a, 2.0, a)


def test_dot_into_an_array(m):
    """The same dtype, C order and the right size; a part of a vector will do."""
    whole = xp.zeros(20)
    out = whole[4:13].reshape(3, 3)
    assert m.T.dot(m, out=out) is out
    assert np.array_equal(whole.get()[4:13].reshape(3, 3), m.get().T @ m.get())
    for wrong in (xp.zeros((3, 3), "float32"), xp.zeros((3, 3)).T, xp.zeros((3, 6))[:, ::2], xp.zeros((2, 2))):
        with pytest.raises(ValueError):
            m.T.dot(m, out=wrong)
    with pytest.raises(TypeError):
        m.T.dot(m, out=np.zeros((3, 3)))


def test_out_and_in_place(a):
    """The array itself comes back; what does not fit in its dtype or shape is refused."""
    assert np.exp(a, out=a) is a
    b, before = a, a.get()
    b *= 2
    assert b is a and np.array_equal(a.get(), 2 * before)
    counts = xp.arange(3)
    with pytest.raises(TypeError, match="same_kind"):
        counts += 0.5
    with pytest.raises(ValueError):
        np.add(a, 1, out=xp.zeros(2))
    assert a.sum(out=xp.zeros(())).get() == a.get().sum()


def test_what_waits_is_refused_heard_and_allowed(a):
    """CuPy does these, and waits or copies: here only inside of `waiting`."""
    first = xp.array([0])
    calls = (lambda: float(a[0]), lambda: int(a[0]), lambda: bool(a[0] > 0), lambda: a[0].item(), lambda: a.tolist(),
             lambda: f"{a[0]:.1f}", lambda: a[a > 1], lambda: a.__setitem__(a > 1, 0.0), lambda: a[[0, 1]],
             lambda: a[np.array([0])], lambda: np.nonzero(a), lambda: a.nonzero(), lambda: np.unique(a),
             lambda: a.__setitem__(first, [5.0]))  # fmt: skip
    for call in calls:
        heard.clear()
        with pytest.raises(TypeError, match="without being asked"):
            call()
        assert len(heard) == 1
        with waiting():
            call()
        assert len(heard) >= 2
    with pytest.raises(TypeError):  # and not after it
        float(a[0])


def test_what_is_asked_for_is_heard():
    heard.clear()
    x = xp.asarray(np.ones(3))
    x.get(), xp.asnumpy(x), xp.array([1.0, 2.0])
    assert heard == ["asarray", "get", "get", "asarray"]
    heard.clear()
    xp.asarray(x), xp.array(x), xp.array(2.0), xp.full((2,), 3.0), xp.arange(3), x.sum(), len(x), x.shape, x[0], -x
    x[0] = 1.0
    assert heard == []


def test_a_host_array_is_no_value(a):
    for value in (np.ones(3), [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match="move it first"):
            a[:] = value


def test_one_mask_in_an_index(m):
    with waiting(), pytest.raises(ValueError, match="one mask"):
        m[xp.array([True, False]), xp.array([True, False, True])]


@pytest.mark.parametrize("index", [
    lambda to: to([3, -1, 7]), lambda to: (slice(None), to([5, 1])), lambda to: (to([2]), to([4])),
    lambda to: (..., to([3])), lambda to: (None, to([3])), lambda to: (to([[0, 3]]), slice(1, None)),
])  # fmt: skip
def test_indices_wrap_around(index, m):
    """CuPy takes them modulo the length of their axis; NumPy would raise."""
    lengths = {"rows": 2, "columns": 3}
    host = np.arange(6.0).reshape(2, 3)
    device = xp.array(host)
    parts = index(np.array)
    parts = parts if isinstance(parts, tuple) else (parts,)
    columns = [isinstance(part, np.ndarray) and i > 0 and parts[0] is not None for i, part in enumerate(parts)]
    legal = tuple(
        part % lengths["columns" if column else "rows"] if isinstance(part, np.ndarray) else part
        for part, column in zip(parts, columns, strict=True)
    )
    assert np.array_equal(device[index(xp.array)].get(), host[legal])


def test_numbers_stay_there(a):
    """Reductions and elements are 0-d arrays; NumPy's scalars may meet them, with NumPy's dtypes."""
    for x in (a.sum(), a.max(), a[0], a[0] * 2, np.exp(a[0]), a.dot(a), np.float64(2) * a[0]):
        assert type(x) is StrictArray and x.shape == ()
    single = a.astype("float32")
    assert (2.0 * single).dtype == np.float32 and (np.float64(2) * single).dtype == np.float64


def test_views_share_and_say_so(m):
    """`base` is the array that owns the memory, as in NumPy."""
    row = m[0]
    assert row.base is m and row[1:].base is m and m.T.base is m and m.reshape(-1).base is m
    assert m.copy().base is None and (m + 1).base is None and m[xp.array([0])].base is None
    row *= 0
    assert m.get()[0].tolist() == [0, 0, 0]
    assert m.flags.c_contiguous and not m.T.flags.c_contiguous and m.T.flags.f_contiguous


def test_its_module_is_found_by_its_name():
    assert sys.modules[StrictArray.__module__.partition(".")[0]] is xp
