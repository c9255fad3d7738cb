"""The engine on an array that is not NumPy's: same numbers, same kind of array, no hidden transfer, no waiting."""

import numpy as np
import pytest

import autograd_mini as am

from . import cases, strict_array
from .test_nn import mlp, mlp_data

on_device = strict_array.array


def test_the_stand_in_is_strict():
    a = on_device([1.0, 2.0])
    for wrong in (lambda: np.asarray(a), lambda: float(a[0]), lambda: bool(a[0]), lambda: a + np.ones(2),
                  lambda: np.add.reduce(a), lambda: np.sum(a), lambda: a[np.array([0])], lambda: list(a)):  # fmt: skip
        with pytest.raises(TypeError):
            wrong()


FROM_HOST = {"where", "getitem", "softmax_cross_entropy", "binary_cross_entropy_with_logits"}  # see below


@pytest.mark.parametrize("case", [c for c in cases.CASES if c.op not in FROM_HOST], ids=lambda case: case.id)
def test_every_operation(case):
    """Values and gradients are those of NumPy; everything stays on the device."""
    here = [am.parameter(a) for a in case.arrays]
    there = [am.parameter(on_device(a)) for a in case.arrays]
    a, b = case.f(*here), case.f(*there)
    a.backward(np.ones(a.shape))
    b.backward(on_device(np.ones(b.shape)))
    assert type(b.data) is strict_array.StrictArray
    np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-14)
    for x, y in zip(here, there, strict=True):
        assert type(y.grad) is strict_array.StrictArray
        np.testing.assert_allclose(y.grad.get(), x.grad, rtol=1e-14)


INDEX = np.array([2, 0, 2])
TAKES_ARRAYS = {
    "where": lambda x, to: am.where(to(np.eye(3) > 0), x, 0.0),
    "getitem": lambda x, to: x[to(INDEX)],
    "getitem-pairs": lambda x, to: x[to(INDEX), to(INDEX)],
    "getitem-slice": lambda x, to: x[1:, 0],
    "softmax": lambda x, to: am.softmax_cross_entropy(x, to(INDEX)),
    "binary": lambda x, to: am.binary_cross_entropy_with_logits(x, to(np.eye(3))),
}


@pytest.mark.parametrize("name", TAKES_ARRAYS)
def test_operations_that_take_plain_arrays(name):
    data, f = np.random.default_rng(2).normal(size=(3, 3)), TAKES_ARRAYS[name]
    here, there = am.parameter(data), am.parameter(on_device(data))
    f(here, np.array).sum().backward()
    f(there, on_device).sum().backward()
    np.testing.assert_allclose(there.grad.get(), here.grad, rtol=1e-14)


def train(to, steps=3):
    params, X, y = mlp_data("float32")
    params = {name: am.parameter(to(a)) for name, a in params.items()}
    X, y = to(X), to(y)
    for _ in range(steps):
        loss = mlp(params, X, y)
        loss.backward()
        for p in params.values():
            p.data -= 0.1 * p.grad
            p.grad = None
    return loss, params


def test_steps_of_an_mlp():
    loss, params = train(on_device)
    expected_loss, expected = train(np.array)
    assert loss.dtype == np.float32 and loss.numpy() == expected_loss.numpy()
    for name, p in params.items():
        assert np.array_equal(p.numpy(), expected[name].numpy())


def test_steps_of_a_linear_model_with_a_validation_loss_around():
    rng = np.random.default_rng(0)
    X, y, w = on_device(rng.normal(size=(8, 3))), on_device(rng.normal(size=8)), am.parameter(on_device(np.zeros(3)))
    validation = am.mse(X @ w, y)
    losses = []
    for _ in range(20):
        loss = am.mse(X @ w, y)
        loss.backward()
        w.data -= 0.1 * w.grad
        w.grad = None
        losses.append(float(loss.numpy()))
    assert losses[-1] < losses[0] and validation.requires_grad


def test_loss_and_grad_stays_on_the_device():
    params, X, y = mlp_data()
    expected_loss, expected = am.loss_and_grad(mlp, params, X, y)
    loss, grads = am.loss_and_grad(mlp, {k: on_device(a) for k, a in params.items()}, on_device(X), on_device(y))
    assert type(loss) is strict_array.StrictArray and loss.get() == expected_loss
    for name, g in grads.items():
        np.testing.assert_allclose(g.get(), expected[name], rtol=1e-12)


def test_first_weights_are_moved():
    here = am.kaiming_normal(np.random.default_rng(1), (4, 3))
    there = am.kaiming_normal(np.random.default_rng(1), (4, 3), xp=strict_array)
    assert type(there) is strict_array.StrictArray and np.array_equal(there.get(), here)


def test_gradcheck_on_the_device():
    assert am.gradcheck(lambda x: (x * x).exp(), on_device([0.3, -0.4])) < 1e-6
