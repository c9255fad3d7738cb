"""What backward() promises: accumulation, freeing, refusals."""

import numpy as np
import pytest

import autograd_mini as am


def leaf(*values, dtype=None):
    return am.parameter(list(values) if len(values) != 1 else values[0], dtype=dtype)


# ---- Accumulation ----


def test_two_backwards_add_up():
    x = leaf(3.0)
    (x * x).backward()
    (2 * x).backward()
    assert x.grad == 8


def test_one_leaf_used_five_times():
    x = leaf(2.0)
    (x * x * x * x * x).backward()
    assert x.grad == 80


def test_gradients_add_into_the_same_array():
    """As in PyTorch: whoever holds `grad` sees the sum, and a preallocated buffer can be given."""
    x = leaf(1.0, 2.0)
    x.grad = buffer = np.zeros(2)
    for _ in range(3):
        (x * x).sum().backward()
    assert x.grad is buffer and buffer.tolist() == [6, 12]


def test_adding_the_second_part_does_not_change_what_the_first_call_left_elsewhere():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    seed = np.ones(2)
    (x + y).backward(seed)
    x.grad *= 10
    assert y.grad.tolist() == [1, 1] and seed.tolist() == [1, 1]


def test_gradient_passed_in():
    x = leaf(1.0, 2.0)
    (x * x).backward(np.array([10.0, 100.0]))
    assert x.grad.tolist() == [20, 400]
    x.grad = None
    (x * x).backward(am.tensor([1.0, 0.0]))
    assert x.grad.tolist() == [2, 0]
    x.grad = None
    x.backward([5.0, 6.0])
    assert x.grad.tolist() == [5, 6]


def test_only_leaves_that_require_it_have_gradients():
    x, c = leaf(2.0), am.tensor(3.0)
    y = x * c
    (y * y).backward()
    assert x.grad == 36 and y.grad is None and c.grad is None and not c.requires_grad and y.requires_grad


def test_mixed_dtypes_come_back_in_the_dtype_of_the_leaf():
    x, y = leaf(1.0, 2.0, dtype="float32"), leaf(3.0, 4.0)
    for _ in range(2):
        (x * y).sum().backward()
    assert x.grad.dtype == np.float32 and y.grad.dtype == np.float64 and x.grad.tolist() == [6, 8]


def test_no_grad_nests_decorates_and_recovers():
    x = leaf(2.0)
    with am.no_grad():
        with am.no_grad():
            pass
        assert not (x * x).requires_grad
    with pytest.raises(ZeroDivisionError), am.no_grad():
        raise ZeroDivisionError
    assert am.no_grad()(lambda: x * x)().requires_grad is False
    assert (x * x).requires_grad


def test_detach_cuts_the_graph():
    x = leaf(3.0)
    (x * (x * x).detach()).backward()
    assert x.grad == 9


# ---- Refusals ----


def test_second_backward_through_a_freed_graph():
    x = leaf(3.0)
    y = x * x
    y.backward()
    for again in (y, y * 2):
        with pytest.raises(am.GraphFreedError, match="retain_graph=True"):
            again.backward()
    assert x.grad == 6


def test_a_shared_part_that_was_freed_changes_no_gradient():
    x, z = leaf(3.0), leaf(1.0)
    shared = x * x
    other = shared * z + z * z
    (2 * shared).backward()
    x.grad = None
    with pytest.raises(am.GraphFreedError):
        other.backward()
    assert x.grad is None and z.grad is None


def test_retained_graph():
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 18
    with pytest.raises(am.GraphFreedError):
        y.backward()


def test_backward_of_something_that_is_no_number():
    with pytest.raises(am.BackwardError, match=r"\(2,\) is not a single number.*mean"):
        (leaf(1.0, 2.0) * 2).backward()
    x = leaf(2.0)
    (x.reshape(1, 1) * 3).backward()
    assert x.grad == 3


def test_backward_without_a_graph():
    for t in (am.tensor(1.0), am.tensor(1.0) * 2):
        with pytest.raises(am.BackwardError, match="requires_grad=True"):
            t.backward()


def test_gradient_of_another_shape():
    with pytest.raises(am.ShapeError, match=r"grad is \(3,\), the tensor \(2,\)"):
        (leaf(1.0, 2.0) * 2).backward(np.ones(3))


def test_integers_have_no_gradient():
    for data in (3, [1, 2], np.arange(3), True):
        with pytest.raises(am.DtypeError, match=r"(int64|bool).*1\.0"):
            am.Tensor(data, requires_grad=True)
    assert am.parameter([1, 2], dtype="float32").dtype == np.float32
    for data in ("text", [1j], [object()]):
        with pytest.raises(am.DtypeError, match="Fix:"):
            am.tensor(data)


def test_numpy_functions_do_not_take_tensors_apart():
    x = leaf(1.0, 2.0)
    for wrong in (lambda: np.exp(x), lambda: np.asarray(x), lambda: np.mean(x), lambda: np.array([x, x])):
        with pytest.raises(TypeError):
            wrong()


SHAPE_ERRORS = [
    (lambda a, b: a + b, (3, 4), (3,), r"add: shapes \(3, 4\) and \(3,\).*-1.* 4, .* 3\. .*v\[:, None\]"),
    (lambda a, b: a * b, (5, 3, 4), (2, 4), r"mul: .*dimension -2 of the first is 3, of the second 2"),
    (lambda a, b: a @ b, (8, 3), (4, 3), r"matmul: .*\(8, 3\) and \(4, 3\).*-1 .* 3, .*-2 .* 4\. Fix: .*second, \.T"),
    (lambda a, b: a @ b, (3, 8), (3, 4), r"matmul: .* 8, .* 3\. Fix: transpose the first"),
    (lambda a, b: a @ b, (3, 8), (5,), r"matmul: .* 8, dimension -1 of the second is 5\. Fix:"),
    (lambda a, b: a @ b, (3, 8), (), r"matmul: .*Fix: multiply by it with \*"),
    (lambda a, b: a @ b, (2, 3, 4), (5, 4, 3), r"matmul: .*dimension -3 of the first is 2, of the second 5"),
    (lambda a, b: am.linear(a, b), (8, 3), (2, 3), r"linear: .*transpose the second"),
    (lambda a, b: a.reshape(4) + b, (3,), (3,), r"reshape: shapes \(3,\).*size 3"),
    (lambda a, b: a.sum(1) + b, (3,), (3,), r"sum: .*axis 1 is out of bounds"),
    (lambda a, b: am.where(a.numpy() > 0, a, b), (3,), (4,), r"where: .*\(3,\) and \(3,\) and \(4,\)"),
]


@pytest.mark.parametrize(("f", "a", "b", "words"), SHAPE_ERRORS)
def test_shape_errors_name_operation_shapes_dimension_and_fix(f, a, b, words):
    with pytest.raises(am.ShapeError, match=words):
        f(am.parameter(np.ones(a)), am.parameter(np.ones(b)))


def test_gradients_of_two_leaves_share_nothing():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x.reshape(2, 1) + y.reshape(2, 1)).backward(np.ones((2, 1)))
    assert not np.shares_memory(x.grad, y.grad)
    x = leaf(1.0)
    x.backward()
    x.grad *= 5
    y = leaf(1.0)
    y.backward()
    assert y.grad == 1


def test_a_pullback_that_writes_into_its_gradient_spoils_nobody_elses(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def twice(x, /):
        def pull(g):
            g *= 2  # forbidden, but not to be paid for by the next graph
            return g

        return x * 2, pull

    for _ in range(3):
        x = am.parameter([[1.0]])
        twice(x).backward()
        assert x.grad.tolist() == [[2]]


def test_assigned_data_keeps_shape_and_dtype():
    x = leaf(1.0, 2.0, dtype="float32")
    x.data = x.data - np.float64(0.5) * np.ones(2)
    assert x.dtype == np.float32 and x.data.tolist() == [0.5, 1.5]
    for wrong in (np.ones((1, 2)), np.ones(()), 3.0):
        with pytest.raises(am.ShapeError, match=r"\(2,\)"):
            x.data = wrong
    s = leaf(1.0)
    s.data = s.data - 0.5
    assert type(s.data) is np.ndarray
    s.data -= 0.25
    assert s.data == 0.25
    s.data = s.data * 2
    assert s.dtype == np.float64 and s.shape == ()


def test_after_an_interrupt_the_rest_of_the_graph_still_works(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    stop = [True]

    @am.op
    def fragile(x, /):
        def pull(g):
            if stop:
                raise KeyboardInterrupt
            return g

        return x + 0, pull

    x = leaf(2.0)
    y = x * x
    inner = y * y + y
    with pytest.raises(KeyboardInterrupt):
        fragile(inner).backward()
    stop.clear()
    inner.backward()
    assert x.grad == 4 * 8 + 4
