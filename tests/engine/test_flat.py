"""Parameters as one vector: the same numbers as separate parameters, and nothing stale, shared or unnoticed."""

import numpy as np
import pytest

import autograd_mini as am

from .test_nn import mlp, mlp_data


def steps(dtype, flat, n=4):
    params, X, y = mlp_data(dtype)
    if flat:
        whole, leaves = am.flat_parameters(params)
        movable = [whole]
    else:
        leaves = {name: am.parameter(a) for name, a in params.items()}
        movable = list(leaves.values())
    velocity = [np.zeros_like(t.data) for t in movable]
    losses = []
    for _ in range(n):
        loss = mlp(leaves, X, y)
        loss.backward()
        losses.append(loss.item())
        for t, v in zip(movable, velocity, strict=True):
            v *= 0.9
            v += t.grad
            t.data -= np.dtype(dtype).type(0.1) * v
            t.grad = None
    return losses, leaves


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_gives_the_same_numbers(dtype):
    (losses, flat), (expected, apart) = steps(dtype, True), steps(dtype, False)
    assert losses == expected
    for name, t in flat.items():
        assert t.dtype == dtype and np.array_equal(t.numpy(), apart[name].numpy())


def two():
    return am.flat_parameters({"a": np.array([1.0, 2.0]), "b": np.array([[3.0]])})


def test_parts_are_views_in_order():
    whole, p = two()
    assert list(p) == ["a", "b"] and p["b"].shape == (1, 1) and whole.data.tolist() == [1, 2, 3]
    whole.data[2] = 7.0
    assert p["b"].item() == 7
    p["a"].data -= 1.0
    p["b"].data = np.array([[5.0]])  # does not leave the vector
    assert whole.data.tolist() == [0, 1, 5]
    whole.data = whole.data * 2
    assert p["a"].numpy().tolist() == [0, 2]


def test_gradients_are_one_vector_with_zeros_for_what_was_not_used():
    whole, p = two()
    assert whole.grad is None
    (p["a"] * p["a"]).sum().backward()
    assert whole.grad.tolist() == [2, 4, 0] and p["b"].grad.tolist() == [[0]]
    (p["b"] * 2).sum().backward()
    assert whole.grad.tolist() == [2, 4, 2]  # of several calls they add up
    whole.grad = None
    assert p["a"].grad is None and whole.grad is None
    (p["b"] * 2).sum().backward()
    assert whole.grad.tolist() == [0, 0, 2]  # nothing of before


def test_gradients_set_by_hand_count():
    whole, p = two()
    p["a"].grad = np.array([5.0, 6.0])
    assert whole.grad.tolist() == [5, 6, 0]
    whole.grad = np.array([1.0, 2.0, 3.0])
    assert p["b"].grad.tolist() == [[3]]
    (p["b"] * 10).sum().backward()
    assert whole.grad.tolist() == [1, 2, 13]


def test_a_part_used_twice():
    whole, p = two()
    x = np.array([[1.0, 2.0]])
    (am.linear(x, p["a"].reshape(2, 1)) + am.linear(x, p["a"].reshape(2, 1)) + p["a"].sum()).sum().backward()
    assert whole.grad.tolist() == [3, 5, 0]
    whole.grad = None
    w = am.linear(np.array([[2.0]]), p["b"]) + am.linear(np.array([[5.0]]), p["b"])
    w.backward()
    assert whole.grad.tolist() == [0, 0, 7]


@pytest.mark.parametrize("write", ["in place", "new", "at an index"])
def test_a_write_between_forward_and_backward_raises(write):
    whole, p = two()
    loss = (p["a"] * p["a"]).sum()
    if write == "in place":
        whole.data -= 1.0
    elif write == "new":
        whole.data = whole.data - 1.0
    else:
        whole.data[0] = 9.0
    with pytest.raises(am.SavedArrayError, match="Fix: call backward"):
        loss.backward()
    assert whole.grad is None


def test_a_broken_backward_leaves_no_gradient():
    whole, p = two()
    used = p["b"] * p["b"]
    loss = am.linear(p["a"].reshape(1, 2), np.ones((2, 1))) + used
    used.backward()
    whole.grad = None
    with pytest.raises(am.GraphFreedError):
        loss.backward()
    assert whole.grad is None
    (p["a"] * 3).sum().backward()
    assert whole.grad.tolist() == [3, 3, 0]


def test_float64_data_on_float32_parameters():
    whole, p = am.flat_parameters({"W": np.ones((3, 2), "float32")})
    am.linear(np.ones((4, 3)), p["W"]).sum().backward()
    assert whole.grad.dtype == np.float32 and whole.grad.tolist() == [4] * 6


def test_a_gradient_of_another_dtype_than_the_value(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def cast(x, /):
        return x.astype("float32"), lambda g: g

    whole, p = am.flat_parameters({"W": np.ones((3, 2), "float32")})
    cast(am.linear(np.ones((4, 3)), p["W"])).sum().backward()
    assert whole.grad.tolist() == [4] * 6


def test_a_default_argument_is_no_place_to_write_to(monkeypatch):
    """`lambda g, k=k: ...` is how Python binds a loop variable; the engine must not take k for its `out`."""
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def scale(x, /):
        k = None
        return 3 * x, lambda g, k=k: g * (3 if k is None else np.nan)

    whole, p = two()
    scale(p["a"]).sum().backward()
    assert whole.grad.tolist() == [3, 3, 0]


def test_a_pullback_that_calls_backward_is_refused(monkeypatch):
    """As when a part of the graph is computed again to save memory: what it wrote would be added to itself."""
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    _, p = two()

    @am.op
    def again(x, /):
        def pull(g):
            (p["a"] * 5.0).sum().backward()
            return g

        return x + 0, pull

    with pytest.raises(am.BackwardError, match=r"a pullback called backward\(\)\. Fix:"):
        (p["a"] * again(p["b"].sum())).sum().backward()


def test_vectors_keep_their_shape():
    whole, _ = two()
    for wrong in (np.ones(1), np.ones((3, 1)), 1.0):
        with pytest.raises(am.ShapeError, match=r"\(3,\)\. Fix:"):
            whole.data = wrong
        with pytest.raises(am.ShapeError, match=r"\(3,\)\. Fix:"):
            whole.grad = wrong


def test_an_out_of_ones_own_is_used(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    seen = []

    @am.op
    def thrice(x, /):
        def pull(g, *, out=None):
            seen.append(out)
            return np.multiply(g, 3, out=out)

        return 3 * x, pull

    whole, p = two()
    (thrice(p["a"]) + thrice(p["a"])).sum().backward()
    assert whole.grad.tolist() == [6, 6, 0]
    assert np.shares_memory(seen[0], whole.grad) and seen[1] is None


def test_what_cannot_be_one_vector():
    with pytest.raises(am.DtypeError, match=r"float32.*float64.*Fix:"):
        am.flat_parameters({"a": np.ones(2), "b": np.ones(2, "float32")})
    with pytest.raises(am.DtypeError, match="at least one"):
        am.flat_parameters({})
    with pytest.raises(am.DtypeError, match="int64"):
        am.flat_parameters({"a": np.arange(3)})
    whole, _ = am.flat_parameters({"a": [1.0, 2.0], "b": am.parameter(3.0)})
    assert whole.data.tolist() == [1, 2, 3]
