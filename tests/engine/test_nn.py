"""Layers, losses, first weights and loss_and_grad."""

import numpy as np
import pytest

import autograd_mini as am


def test_losses_of_huge_logits_are_finite():
    z = am.parameter(np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]]), dtype="float32")
    with np.errstate(all="raise", under="ignore"):
        loss = am.softmax_cross_entropy(z, np.array([0, 0]))
        loss.backward()
    assert loss.item() == 1e4
    np.testing.assert_allclose(z.grad, [[0, 0, 0], [-0.5, 0.5, 0]])


def test_softmax_cross_entropy_is_shift_invariant():
    z, labels = np.random.default_rng(0).normal(size=(6, 4)), np.array([0, 1, 2, 3, 3, 3])
    shifted = am.softmax_cross_entropy(am.tensor(z + 100), labels).item()
    assert am.softmax_cross_entropy(am.tensor(z), labels).item() == pytest.approx(shifted, rel=1e-12)


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        (np.array([0.0, 1.0]), am.DtypeError, "float64.*integers"),
        ([0.0, 1.0], am.DtypeError, "Fix:"),
        (["a", "b"], am.DtypeError, "Fix:"),
        (np.array([0, 3]), ValueError, "labels 0 to 3.*0 to 2"),
        (np.array([-1, 2]), ValueError, "labels -1 to 2"),
        (np.array([[1, 0, 0], [0, 1, 0]]), am.ShapeError, "not one-hot"),
        (np.array([1, 1, 1]), am.ShapeError, r"\(2, 3\).*\(3,\)"),
    ],
)
def test_wrong_labels_are_refused(labels, error, words):
    with pytest.raises(error, match=words):
        am.softmax_cross_entropy(am.parameter(np.ones((2, 3))), labels)


def test_labels_in_a_file_are_checked_too(tmp_path):
    labels = np.memmap(tmp_path / "labels", dtype="int64", mode="w+", shape=(2,))
    labels[:] = [-1, 0]
    with pytest.raises(ValueError, match="labels -1 to 0"):
        am.softmax_cross_entropy(am.parameter(np.ones((2, 3))), labels)
    labels[:] = [2, 0]
    assert am.softmax_cross_entropy(am.parameter(np.ones((2, 3))), labels).item() == pytest.approx(np.log(3))


def test_a_class_that_is_missing_from_the_batch():
    z = am.parameter(np.zeros((2, 3)))
    am.softmax_cross_entropy(z, np.array([1, 1]), reduction="sum").backward()
    np.testing.assert_allclose(z.grad, [[1 / 3, -2 / 3, 1 / 3]] * 2)


@pytest.mark.parametrize("loss", [am.mse, am.binary_cross_entropy_with_logits])
def test_a_column_against_a_row_is_refused(loss):
    """(N, 1) - (N,) is (N, N): the commonest wrong loss."""
    with pytest.raises(am.ShapeError, match=r"\(4, 1\).*\(4,\).*reshape"):
        loss(am.parameter(np.ones((4, 1))), np.ones(4))


def test_integer_targets_keep_float32():
    p = am.parameter(np.ones(3), dtype="float32")
    assert am.mse(p, np.array([1, 2, 3])).dtype == np.float32
    assert am.binary_cross_entropy_with_logits(p, np.array([1, 0, 1])).dtype == np.float32


def test_unknown_reduction():
    with pytest.raises(ValueError, match=r'average.*"mean", "sum" or "none"'):
        am.mse(am.tensor([1.0]), np.array([1.0]), reduction="average")


def test_linear_refuses_what_does_not_fit():
    with pytest.raises(am.ShapeError, match=r"linear: shapes \(8, 3\) and \(4, 2\).* 3, .*-2 .* 4"):
        am.linear(np.ones((8, 3)), am.parameter(np.ones((4, 2))))
    with pytest.raises(am.ShapeError, match=r"linear: W is \(3, 2\), b \(3,\).*Fix:"):
        am.linear(np.ones((8, 3)), am.parameter(np.ones((3, 2))), np.ones(3))
    with pytest.raises(am.ShapeError, match=r"use \(in, out\)"):
        am.linear(np.ones((8, 3)), am.parameter(np.ones(3)))


def test_first_weights_are_the_same_numbers_everywhere():
    w = am.kaiming_normal(np.random.default_rng(1), (400, 300))
    assert w.shape == (400, 300) and w.dtype == np.float32
    assert np.array_equal(w, am.kaiming_normal(np.random.default_rng(1), (400, 300), xp=np))
    assert w.std() == pytest.approx((2 / 400) ** 0.5, rel=0.02)


def mlp(p, X, y):
    h = am.linear(X, p["W1"], p["b1"]).relu()
    return am.softmax_cross_entropy(am.linear(h, p["W2"], p["b2"]), y)


def mlp_data(dtype="float64"):
    rng = np.random.default_rng(3)
    sizes = {"W1": (5, 7), "b1": (7,), "W2": (7, 4), "b2": (4,)}
    params = {name: rng.normal(size=size).astype(dtype) for name, size in sizes.items()}
    return params, rng.normal(size=(11, 5)).astype(dtype), rng.integers(0, 4, 11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_loss_and_grad_takes_and_returns_plain_arrays(dtype):
    params, X, y = mlp_data(dtype)
    before = {name: a.copy() for name, a in params.items()}
    loss, grads = am.loss_and_grad(mlp, params, X, y)
    assert isinstance(loss, np.floating) and loss.dtype == dtype
    assert list(grads) == list(params)
    for name, g in grads.items():
        assert type(g) is np.ndarray and g.dtype == dtype and g.shape == params[name].shape
        assert np.array_equal(params[name], before[name])
        params[name] -= dtype == "float64" and 0.1 * g  # still writable
    if dtype == "float64":
        assert am.loss_and_grad(mlp, params, X, y)[0] < loss


def test_loss_and_grad_is_right():
    params, X, y = mlp_data()
    names = list(params)
    am.gradcheck(lambda *t: mlp(dict(zip(names, t, strict=True)), X, y), *params.values())
    _, grads = am.loss_and_grad(mlp, params, X, y)
    eps, name = 1e-6, "W1"
    up, down = ({**params, name: params[name] + s * eps * np.eye(5, 7)} for s in (1, -1))
    numeric = (am.loss_and_grad(mlp, up, X, y)[0] - am.loss_and_grad(mlp, down, X, y)[0]) / (2 * eps)
    assert np.trace(grads[name]) == pytest.approx(numeric, rel=1e-6)


def test_an_unused_parameter_has_gradient_zero():
    _, grads = am.loss_and_grad(lambda p: (p["a"] ** 2).sum(), {"a": np.array(3.0), "b": np.ones((2, 2))})
    assert grads["a"] == 6 and grads["a"].shape == () and np.array_equal(grads["b"], np.zeros((2, 2)))


def test_loss_and_grad_says_what_is_wrong():
    with pytest.raises(am.DtypeError, match=r"int64.*1\.0"):
        am.loss_and_grad(lambda p: p["w"].sum(), {"w": np.array([1, 2])})
    with pytest.raises(am.DtypeError, match=r"float.*return the tensor"):
        am.loss_and_grad(lambda p: p["w"].sum().item(), {"w": np.array([1.0])})
    with pytest.raises(am.BackwardError, match=r"\(1, 2\)|\(2,\)"):
        am.loss_and_grad(lambda p: p["w"] * 2, {"w": np.array([1.0, 2.0])})
