"""A fault names the operation, what it got, what it needs and the likely fix; errors of shapes are in test_backward."""

import copy
import pickle

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
    with pytest.raises(TypeError, match=r"NumPy cannot compute with a Tensor. Fix:"):
        am.clip(p(3), p(3))


# ---- what learners do with a tensor ----


def test_a_loss_is_used_as_a_number():
    loss = (p(2) * 3).mean()
    assert f"{loss:.2f}" == "3.00" and float(loss) == 3 and loss < 4 and 4 > loss >= 3 and bool(loss)
    assert f"{loss}" == repr(loss) == "Tensor(3.0, requires_grad=True)"
    assert min([p() * 5, p() * 2], key=float).item() == 2


def test_numbers_are_compared_as_arrays():
    x = am.parameter([1.0, 2.0])
    assert (x > 1.5).tolist() == [False, True] and (x <= am.tensor([1.0, 1.0])).tolist() == [True, False]
    assert (np.array([0.0, 3.0]) < x).tolist() == [True, False]
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)


def test_rows_and_keys():
    x = am.parameter([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2 and [row.sum().item() for row in x] == [3, 7]
    assert x in [x] and {x: 1}[x] == 1
    for other in (x + 0, np.ones((2, 2)), 1.0):
        with pytest.raises(TypeError, match=r"Fix: t\.numpy\(\) =="):
            x == other  # noqa: B015


@pytest.mark.parametrize("update", [lambda w, g: w.__isub__(g), lambda w, g: w.__iadd__(g), lambda w, g: w.__imul__(g)])
def test_a_parameter_is_not_replaced_in_silence(update):
    w = p(2)
    with pytest.raises(am.BackwardError, match=r"Fix: w\.data -= step"):
        update(w, np.ones(2))
    total = 0.0
    for _ in range(3):
        total += (w * w).sum()  # losses add up as ever
    total.backward()
    assert w.grad.tolist() == [6, 6]
    c = am.tensor([1.0])
    c += 1.0
    assert c.item() == 2


NUMPY = [np.exp, np.sqrt, np.isnan, lambda x: np.maximum(x, 0), lambda x: np.dot(np.ones(2), x), np.asarray]


@pytest.mark.parametrize("function", NUMPY)
def test_numpy_functions_say_what_to_do(function):
    with pytest.raises(TypeError, match=r"NumPy cannot compute with a Tensor. Fix:"):
        function(p(2))


def test_tensors_where_arrays_are_needed(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    with pytest.raises(am.DtypeError, match=r"got a tensor.*Fix: pass t\.data"):
        am.loss_and_grad(lambda q: q["w"].sum(), {"w": p(2)})
    with pytest.raises(am.DtypeError, match=r"got 1\.0\. Fix:"):
        am.loss_and_grad(lambda q: q["w"].sum(), {"w": 1.0})
    x = am.tensor([1, 2])
    x.requires_grad = True
    with pytest.raises(am.DtypeError, match=r"a leaf that requires a gradient is int64.*Fix:"):
        (x * 0.3).sum().backward()
    with pytest.raises(TypeError, match=r"op: f takes no arrays\. Fix: .*def f\(x, /\)"):

        @am.op
        def f(x):
            return x, lambda g: g


def test_a_bug_in_ones_own_operation_is_not_explained_away(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def rows(x, /):
        n, m = x.shape
        return x * n * m, lambda g: g

    with pytest.raises(ValueError, match=r"^not enough values to unpack") as caught:
        rows(p(2))
    assert caught.traceback[-1].name == "rows"

    @am.op
    def scaled(x, /, w=2.0):
        return x * w, lambda g: g * w

    with pytest.raises(am.DtypeError, match=r"an @op computed by tensors.*Fix:"):
        scaled(p(), w=p()).backward()

    @am.op
    def by_default(x, k=2.0, /):
        return x * k, lambda g: g * k, None

    assert by_default(p(2)).numpy().tolist() == [2, 2] and by_default(p(2), 3.0).numpy().tolist() == [3, 3]


def test_tensors_are_copied_and_pickled():
    x = am.parameter([1.0, 2.0])
    for other in (copy.deepcopy(x), copy.copy(x), pickle.loads(pickle.dumps(x))):
        assert other.requires_grad and other.numpy().tolist() == [1, 2] and not np.shares_memory(other._data, x._data)


def test_a_bias_of_another_dtype():
    x, W = np.ones((1, 2), "float32"), am.parameter(np.ones((2, 1)), dtype="float32")
    out = am.linear(x, W, am.parameter([1 / 3]))
    assert out.dtype == np.float64 and out.item() == 2 + 1 / 3
    assert am.linear(np.ones((1, 2), int), am.tensor([[1], [2]]), am.tensor([0.5])).item() == 3.5


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


def a_value_error(x, /):
    np.ones(3)[:] = np.ones(2)
    return x, lambda g: g


OWN = [
    (no_pullback, (2,), TypeError, "no_pullback: not enough.*Fix: under @op return the value and one pullback"),
    (one_too_few, (2,), TypeError, "one_too_few: not enough.*Fix: under @op"),
    (not_an_array, (2,), am.ShapeError, r"not_an_array: a pullback returned int for an input of shape \(2,\).*Fix:"),
    (nothing, (2,), am.ShapeError, "nothing: a pullback returned NoneType.*Fix:"),
    (a_tensor, (2,), TypeError, "NumPy cannot compute with a Tensor.*Fix:"),
    (a_bug_of_its_own, (2,), AttributeError, "no attribute 'foo'"),
    (a_value_error, (2,), ValueError, "^could not broadcast input array"),
]


@pytest.mark.parametrize(("forward", "shape", "error", "words"), OWN)
def test_operations_of_ones_own(monkeypatch, forward, shape, error, words):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    f, x = am.op(forward), p(*shape)
    with pytest.raises(error, match=words) as caught:
        (f(x, x) if forward is one_too_few else f(x)).sum().backward()
    assert x.grad is None
    if forward in (a_bug_of_its_own, a_value_error):  # where it went wrong is still to be seen
        assert caught.value.__notes__ == [f"This was in {forward.__name__}."]
        assert caught.traceback[-1].name == forward.__name__


# ---- writes through views ----


@pytest.mark.parametrize("view", [lambda x: x.reshape(-1), lambda x: x.T, lambda x: x[0:1].T.squeeze()])
def test_a_write_into_a_view_without_a_graph_is_none_into_what_it_views(view):
    x, c = p(1, 2), am.tensor([[2.0, 3.0]])
    z = (x * c).sum()
    with am.no_grad():
        v = view(x)
    v.data[...] = 7.0
    view(c).data[...] = 7.0
    z.backward()
    assert x.grad.tolist() == [[2, 3]] and x.numpy().tolist() == [[1, 1]]


@pytest.mark.parametrize("view", [lambda x: x.reshape(-1), lambda x: x.T, lambda x: x[0:1].T.squeeze()])
def test_a_write_into_a_view_is_a_write_into_what_it_views(view):
    for x in (p(1, 2), p(1, 2) * 1.0):
        z = (x * x).sum()
        view(x).data[...] = 7.0
        with pytest.raises(am.SavedArrayError):
            z.backward()
