"""A fault names the operation, what it got, what it needs and the likely fix; errors of shapes are in test_backward."""

import numpy as np
import pytest

import autograd_mini as am

from . import strict_array


def p(*shape):
    return am.parameter(np.ones(shape))


FAULTS = [
    (lambda: p(2, 2) @ 2.0, am.ShapeError, r"matmul: a single number is no matrix\. Fix: multiply by it with \*"),
    (lambda: p(2) + None, am.DtypeError, "add: got float64 and NoneType. Fix: pass tensors or arrays of numbers"),
    (lambda: p(2) * "a", am.DtypeError, "mul: got float64 and str.*Fix:"),
    (lambda: am.tensor([2]) ** -1, am.DtypeError, r"pow: Integers.*Fix: write 1\.0"),
    (lambda: am.tensor([1, 2]).sum().backward(), am.BackwardError, "backward: nothing has a gradient.*Fix:"),
    (lambda: (p(2) * 1j).sum().backward(), am.DtypeError, "backward: the tensor is complex128.*Fix:"),
    (lambda: p(3)[5], IndexError, r"getitem: shapes \(3,\): index 5 is out of bounds.*Fix:"),
    (lambda: p(2, 3).sum(2), am.ShapeError, r"sum: shapes \(2, 3\) do not fit: axis 2 .*Fix:"),
    (lambda: am.squeeze(p(3), 0), am.ShapeError, r"squeeze: shapes \(3,\).*Fix:"),
    (lambda: am.concatenate([]), am.ShapeError, "concatenate: got no tensors.*Fix:"),
    (lambda: am.concatenate([p(2, 3), p(2, 4)]), am.ShapeError, r"concatenate: shapes \(2, 3\) and \(2, 4\).*Fix:"),
    (lambda: am.stack([p(2), p(3)]), am.ShapeError, r"concatenate: shapes \(1, 2\) and \(1, 3\).*Fix:"),
    (lambda: p(2) + strict_array.array([1.0, 2.0]), am.DeviceError, "add: .*numpy and strict_array.*xp.asarray"),
    (lambda: am.exp(p(2), 3), TypeError, "exp"),
]


@pytest.mark.parametrize(("f", "error", "words"), FAULTS)
def test_faults(f, error, words):
    with pytest.raises(error, match=words):
        f()


def test_an_option_that_is_a_tensor():
    with pytest.raises(TypeError) as caught:
        am.clip(p(3), p(3))
    assert caught.value.__notes__ == ["This was in clip, whose options are numbers, not tensors."]


# ---- operations of one's own ----


def no_pullback(x, /):
    return x * 2


def one_too_few(x, y, /):
    return x * y, lambda g: g * y


def not_an_array(x, /):
    return x * 2, lambda g: 2


def nothing(x, /):
    return x * 2, lambda g: None


def a_tensor(x, /):
    return x * 2, lambda g: am.tensor(g)


def a_bug_of_its_own(x, /):
    return x.foo, lambda g: g


OWN = [
    (no_pullback, (2,), TypeError, "no_pullback: not enough.*Fix: under @op return the value and one pullback"),
    (one_too_few, (2,), TypeError, "one_too_few: not enough.*Fix: under @op"),
    (not_an_array, (2,), am.ShapeError, r"not_an_array: a pullback returned int for an input of shape \(2,\).*Fix:"),
    (nothing, (2,), am.ShapeError, "nothing: a pullback returned NoneType.*Fix:"),
    (a_tensor, (2,), TypeError, "NumPy cannot compute with a Tensor.*Fix:"),
    (a_bug_of_its_own, (2,), AttributeError, "no attribute 'foo'"),
]


@pytest.mark.parametrize(("forward", "shape", "error", "words"), OWN)
def test_operations_of_ones_own(monkeypatch, forward, shape, error, words):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    f, x = am.op(forward), p(*shape)
    with pytest.raises(error, match=words) as caught:
        (f(x, x) if forward is one_too_few else f(x)).sum().backward()
    assert x.grad is None
    if forward is a_bug_of_its_own:  # where it went wrong is still to be seen
        assert caught.value.__notes__ == ["This was in a_bug_of_its_own."]
        assert caught.traceback[-1].name == "a_bug_of_its_own"


# ---- writes through views ----


@pytest.mark.parametrize("view", [lambda x: x.reshape(-1), lambda x: x.T, lambda x: x[0:1].T.squeeze()])
def test_a_write_into_a_view_is_a_write_into_what_it_views(view):
    for x in (p(1, 2), p(1, 2) * 1.0):
        z = (x * x).sum()
        view(x).data[...] = 7.0
        with pytest.raises(am.SavedArrayError):
            z.backward()
