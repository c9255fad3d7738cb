"""Every operation against NumPy's value and against differences, by the table in cases.py."""

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini.ops import OPS

from . import cases

each_case = pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.id)


def test_every_operation_has_a_row():
    ours = {name for name, f in OPS.items() if f.__module__.startswith("autograd_mini.")}  # not a learner's
    assert ours == {case.op for case in cases.CASES}


@each_case
def test_gradient_agrees_with_differences(case):
    am.gradcheck(case.f, *case.arrays, rtol=1e-7)


@each_case
def test_value_in_float64(case):
    got = case.f(*map(am.Tensor, case.arrays))
    expected = case.value(*case.arrays)
    assert got.shape == np.shape(expected) and got.dtype == np.float64
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12)


@each_case
def test_float32_stays_float32(case):
    leaves = [am.parameter(a, dtype="float32") for a in case.arrays]
    out = case.f(*leaves)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out.numpy(), case.value(*case.arrays), rtol=2e-5, atol=1e-6)
    seen = []
    for pull in out._edges[1::2]:
        if pull is not None:
            seen.append(pull(np.ones(out.shape, np.float32)).dtype)
    assert set(seen) == {np.dtype("float32")}  # within the walk, not only on the leaf
    out.backward(np.ones(out.shape))
    assert [leaf.grad.dtype for leaf in leaves] == ["float32"] * len(leaves)


@each_case
def test_gradients_own_their_memory(case):
    """Writing into a gradient changes no other gradient, no data and not the gradient that was passed in."""
    leaves = [am.parameter(a) for a in case.arrays]
    out = case.f(*leaves)
    seed = np.ones(out.shape)
    out.backward(seed)
    others = [seed, *[leaf._data for leaf in leaves], *case.arrays]
    for i, leaf in enumerate(leaves):
        assert type(leaf.grad) is np.ndarray and leaf.grad.flags.writeable and leaf.grad.shape == leaf.shape
        rest = [other.grad for other in leaves[i + 1 :]]
        assert not any(np.shares_memory(leaf.grad, array) for array in others + rest)


@each_case
def test_inputs_are_unchanged(case):
    before = [a.copy() for a in case.arrays]
    leaves = [am.parameter(a) for a in case.arrays]
    case.f(*leaves).sum().backward()
    for a, leaf, b in zip(case.arrays, leaves, before, strict=True):
        assert np.array_equal(a, b) and np.array_equal(leaf.data, b)


@each_case
def test_twice_through_a_kept_graph_gives_the_same(case):
    leaves = [am.parameter(a) for a in case.arrays]
    out = case.f(*leaves)
    out.backward(np.ones(out.shape), retain_graph=True)
    once = [leaf.grad.copy() for leaf in leaves]
    out.backward(np.ones(out.shape))
    for leaf, g in zip(leaves, once, strict=True):
        np.testing.assert_array_equal(leaf.grad, 2 * g)


def grad_at(f, *values):
    leaves = [am.parameter(np.array(v, dtype=float)) for v in values]
    f(*leaves).sum().backward()
    return [leaf.grad.tolist() for leaf in leaves]


def test_kinks_and_ties_follow_pytorch():
    assert grad_at(lambda x: x.relu(), [-1, 0, 2]) == [[0, 0, 1]]
    assert grad_at(abs, [-2, 0, 2]) == [[-1, 0, 1]]
    assert grad_at(am.maximum, [1, 2], [1, 1]) == [[0.5, 1], [0.5, 0]]
    assert grad_at(lambda x: x.max(), [3, 1, 3, 3]) == [[1 / 3, 0, 1 / 3, 1 / 3]]


def test_powers_at_zero():
    assert grad_at(lambda x: x**2, [0, 3]) == [[0, 6]]
    assert grad_at(lambda x: x**0, [0, 3]) == [[0, 0]]
    assert grad_at(lambda x: x**1, [0, 3]) == [[1, 1]]
    assert grad_at(lambda x, y: x**y, [0, 2], [2, 0]) == [[0, 0], [0, float(np.log(2))]]


def test_extreme_inputs_do_not_overflow():
    with np.errstate(all="raise", under="ignore"):
        x = am.parameter(np.array([-1e4, 0.0, 1e4], dtype="float32"))
        s = x.sigmoid()
        assert s.numpy().tolist() == [0, 0.5, 1]
        np.testing.assert_allclose(x.logsumexp().numpy(), 1e4)
        losses = am.binary_cross_entropy_with_logits(x, np.array([1, 1, 1]), reduction="none")
        np.testing.assert_allclose(losses.numpy(), [1e4, np.log(2), 0], rtol=1e-6)


def test_logsumexp_of_minus_infinity():
    with np.errstate(divide="ignore"):
        assert am.logsumexp(am.tensor([-np.inf, -np.inf])).item() == -np.inf
    assert am.logsumexp(am.tensor([-np.inf, 0.0])).item() == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "f", [lambda x: x * 2.5, lambda x: 2 + x, lambda x: 1 - x, lambda x: 3 / x, lambda x: x**2, lambda x: 2**x]
)
def test_python_numbers_keep_the_dtype(f, dtype):
    x = am.parameter(np.array([0.5, 2.0]), dtype=dtype)
    out = f(x)
    out.sum().backward()
    assert out.dtype == x.grad.dtype == dtype


def test_array_times_tensor_is_a_tensor():
    x = am.parameter([1.0, 2.0])
    for out in (np.array([3.0, 4.0]) * x, x * np.array([3.0, 4.0]), np.float64(3) * x, np.array([[1.0, 2.0]]) @ x):
        assert isinstance(out, am.Tensor) and out.requires_grad
    assert (np.array([3.0, 4.0]) - x).numpy().tolist() == [2, 2]


def test_reduced_gradient_of_a_wide_broadcast():
    b = am.parameter(np.zeros((1, 3)))
    (b + np.ones((2, 4, 3))).sum().backward()
    assert b.grad.tolist() == [[8, 8, 8]]


def test_an_operation_of_ones_own(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def cube(x, /, scale=1.0):
        return scale * x**3, lambda g: g * (3 * scale * x**2)

    am.gradcheck(lambda x: cube(x, scale=2.0), np.array([0.3, -1.2]))
    am.gradcheck(lambda x: cube(x, 2.0), np.array([0.3, -1.2]))
    assert cube.__name__ == "cube"


def test_a_pullback_of_the_wrong_shape_is_refused(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def twisted(x, /):
        return x * 2, lambda g: (2 * g).T

    with pytest.raises(am.ShapeError, match=r"twisted.*\(3, 2\).*\(2, 3\).*Fix:"):
        twisted(am.parameter(np.ones((2, 3)))).sum().backward()
