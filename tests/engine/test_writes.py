"""Arrays that are written between a forward pass and its backward() are noticed, and nothing else is."""

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini.tensor import shown

from .test_backward import leaf


def written_by_setter(t):
    t.data -= 1


def written_at_an_index(t):
    t.data[0] = 100.0


def written_by_out(t):
    np.add(t.data, 1, out=t.data)


def written_through_a_view(t):
    t.data[...].T[1:] += 1


WRITES = [written_by_setter, written_at_an_index, written_by_out, written_through_a_view]
USES = {
    "input": lambda x: x * x,
    "constant": lambda x: x * am.parameter([1.0, 2.0, 3.0]),
    "view": lambda x: x.reshape(3, 1).T * 2.0 * x,
    "behind": lambda x: (x * x).exp(),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_between_forward_and_backward_raises(write, use):
    x = leaf(1.0, 2.0, 3.0)
    loss = USES[use](x).sum()
    write(x)
    with pytest.raises(am.SavedArrayError, match=r"written.*Fix: call backward"):
        loss.backward()
    assert x.grad is None
    with pytest.raises(am.SavedArrayError):  # and again
        loss.backward()
    (x * x).sum().backward()  # a new graph is fine
    assert np.array_equal(x.grad, 2 * x.data)


@pytest.mark.parametrize("write", WRITES)
def test_a_written_result_or_constant_raises(write):
    x, c = leaf(1.0, 2.0, 3.0), am.tensor([1.0, 2.0, 3.0])
    y = x.exp()
    loss = (y * c).sum()
    write(y)
    with pytest.raises(am.SavedArrayError):
        loss.backward()
    loss = (x * c).sum()
    write(c)
    with pytest.raises(am.SavedArrayError):
        loss.backward()


@pytest.mark.parametrize("write", WRITES)
def test_update_after_one_loss_and_before_the_backward_of_another(write):
    x = leaf(1.0, 2.0, 3.0)
    first, second = (x * x).sum(), (x * x).sum()
    first.backward()
    write(x)
    with pytest.raises(am.SavedArrayError):
        second.backward()


@pytest.mark.parametrize("write", WRITES)
def test_harmless_writes_are_allowed(write):
    """After backward; while another loss is still around; and between a read and the next loss."""
    x = leaf(1.0, 2.0, 3.0)
    validation = (x * x).sum()
    for _ in range(3):
        x.grad = None
        (x * x).sum().backward()
        write(x)
    before = x.data.copy()
    (x * x).sum().backward()
    assert np.array_equal(x.data, before)
    with pytest.raises(am.SavedArrayError):
        validation.backward()


def test_a_training_step_pays_for_no_copy():
    """Watching writes costs a copy only while a graph holds the tensor."""
    x = leaf(1.0, 2.0, 3.0)
    loss = (x * x + x).sum()
    assert x.data is not None and x in shown  # held by the graph
    loss.backward()
    assert x.data is not None and loss.data is not None and not shown


def test_a_loss_that_was_never_walked_costs_one_copy():
    """Such as a validation loss outside no_grad(): the training steps after the first write pay nothing."""
    x = leaf(1.0, 2.0, 3.0)
    validation = (x * x).sum()
    for step in range(3):
        (x * x).sum().backward()
        assert x.data is not None and (x in shown) == (step == 0)
        x.data -= 0.1 * x.grad
        assert not shown
    with pytest.raises(am.SavedArrayError):
        validation.backward()


def test_replacing_a_nan_is_a_write():
    x, c = leaf(np.nan, 1.0), am.tensor([np.nan, 2.0])
    loss = (x * c).sum()
    c.data[np.isnan(c.data)] = 5.0
    with pytest.raises(am.SavedArrayError):
        loss.backward()


def test_a_written_root():
    y = leaf(1.0, 2.0).exp()
    y.data[...] = 0.0
    with pytest.raises(am.SavedArrayError):
        y.backward(np.ones(2))


def test_reading_is_no_writing():
    x = leaf(1.0, np.nan, 3.0)
    y = x * x
    loss = y.sum()
    for _ in range(3):
        x.data.sum(), y.data.sum(), loss.item(), x.numpy(), x.data[0]
    loss.backward()
    assert x.grad[2] == 6


def test_a_new_array_is_no_write():
    x = leaf(1.0, 2.0)
    loss = (x * x).sum()
    x.data = x.data - 1.0
    loss.backward()
    assert x.grad.tolist() == [2, 4] and x.data.tolist() == [0, 1]


def test_owners_of_plain_arrays_are_free_to_write():
    """A batch buffer that is filled again before backward: the graph has its own copy, the gradient is right."""
    w, X, y, index = leaf(1.0, 2.0), np.array([[3.0, 4.0]]), np.array([1.0]), np.array([0, 0])
    losses = []
    for _ in range(2):
        losses.append(am.mse(am.linear(X, w.reshape(2, 1)).reshape(-1), y) + w[index].sum())
        X += 1
        y += 1
        index[:] = 1
    a, b = w.data.copy(), np.array([3.0, 4.0])
    (losses[0] + losses[1]).backward()
    expected = 2 * (a @ b - 1) * b + 2 * (a @ (b + 1) - 2) * (b + 1) + [2, 0] + [0, 2]
    np.testing.assert_allclose(w.grad, expected)
    assert X.flags.writeable and X.tolist() == [[5, 6]]


def test_a_tensor_does_not_share_the_array_it_was_made_from():
    a = np.array([1.0, 2.0])
    for t in (am.Tensor(a), am.parameter(a), am.Tensor(am.Tensor(a)), am.Tensor(a).detach()):
        assert not np.shares_memory(t.data, a)
    t = am.Tensor(a)
    t.numpy()[0] = 7
    assert t.numpy().tolist() == [1, 2]
