"""What a model needs beyond arithmetic: fused layers and losses, first weights, `loss_and_grad`.

A fused operation is one node of the graph, with its derivative worked out on paper: faster than its parts,
and safe where they would overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from .backend import Array, filled, xp_of
from .errors import DtypeError, ShapeError
from .ops import op
from .tensor import Tensor, wrap


# fmt: off
@op
def linear(x, W, b=None, /):
    """x @ W + b: a layer. x (..., in), W (in, out), b (out,) or None; the value is (..., out).

    W is PyTorch's weight transposed. dL/dx = g @ W.T, dL/dW = x.T @ g, dL/db = the sum of g's rows.

    >>> linear(np.array([[1.0, 2.0]]), Tensor([[1.0], [10.0]]), Tensor([0.5]))
    Tensor([[21.5]])
    """
    if W.ndim != 2 or (b is not None and b.shape != W.shape[1:]):
        bias = None if b is None else b.shape
        raise ShapeError(f"linear: W is {W.shape}, b {bias}. Fix: W must be (in, out) and b (out,).")
    value, n_out = x.dot(W), W.shape[1]
    if b is not None:
        value += b

    def to_b(g):
        ones = filled(xp_of(g), 1.0, (g.size // n_out,), g.dtype)
        return ones.dot(g.reshape(-1, n_out))  # a fast g.sum(0)

    return value, lambda g: g.dot(W.T), lambda g: x.reshape(-1, W.shape[0]).T.dot(g.reshape(-1, n_out)), to_b

def _reduce(losses: Array, reduction: str) -> tuple[Array, float]:
    """The loss from the losses of the elements, and the factor in front of each of these."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction={reduction!r} is unknown. Fix: "mean", "sum" or "none".')
    if reduction == "none":
        return losses, 1.0
    scale = 1 / (losses.size or 1) if reduction == "mean" else 1.0
    ones = filled(xp_of(losses), 1.0, (losses.size,), losses.dtype)  # ones.dot is a fast sum
    return ones.dot(losses.reshape(-1)) * scale, scale

def _target(name: str, prediction: Array, target: Array) -> Array:
    """The target as floats. (N,) against (N, 1) would broadcast to (N, N) and be wrong in silence."""
    got = getattr(target, "shape", type(target).__name__)
    if got != prediction.shape:
        raise ShapeError(
            f"{name}: the prediction has shape {prediction.shape}, the target {got}. "
            "Fix: make them equal, by prediction.reshape(-1) or target[:, None]."
        )
    return target if target.dtype.kind == "f" else target.astype(prediction.dtype)

@op
def mse(prediction, target, /, reduction="mean"):
    """(prediction - target) ** 2, its mean over all elements, or "sum" or "none". There is no half in front."""
    error = prediction - _target("mse", prediction, target)
    value, scale = _reduce(error * error, reduction)
    return value, lambda g: error * (g * (2 * scale)), lambda g: error * (g * (-2 * scale))

@op
def binary_cross_entropy_with_logits(logits, target, /, reduction="mean"):
    """-t log p - (1 - t) log(1 - p), p = sigmoid(logits), as max(z, 0) - z t + log(1 + exp(-|z|)): overflow-free."""
    target = _target("binary_cross_entropy_with_logits", logits, target)
    losses = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    value, scale = _reduce(losses, reduction)
    return value, lambda g: (0.5 * np.tanh(0.5 * logits) + 0.5 - target) * (g * scale), None

@op
def softmax_cross_entropy(logits, labels, /, reduction="mean"):
    """-log softmax(logits)[label], its mean over the samples, or "sum" or "none".

    logits (N, C), labels (N,): integers from 0 to C - 1 (not checked on a GPU, as that would wait). The derivative is
    softmax - one-hot (Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.109). Logits may be of any size.

    >>> round(softmax_cross_entropy(Tensor([[0.0, 0.0]]), np.array([1])).item(), 4)
    0.6931
    """
    _check_labels(logits, labels)
    rows = xp_of(logits).arange(labels.size)
    z = logits.T.copy()  # (C, N): the maximum and sum over classes run along whole rows, 3 to 7 times faster
    z -= z.max(0)
    e = np.exp(z)
    total = e.sum(0)
    value, scale = _reduce(np.log(total) - z[labels, rows], reduction)

    def by_logits(g):
        p = e / total
        p[labels, rows] -= 1
        p *= g * scale
        return p.T

    return value, by_logits, None

# fmt: on


def _check_labels(logits: Array, labels: Array) -> None:
    kind, shape = getattr(labels, "dtype", np.dtype(object)), getattr(labels, "shape", None)
    if kind.kind not in "iu":
        raise DtypeError(f"softmax_cross_entropy: labels are {kind}. Fix: pass an array of integers.")
    if logits.ndim != 2 or shape != logits.shape[:1]:
        raise ShapeError(
            f"softmax_cross_entropy: logits are {logits.shape}, labels {shape}. "
            "Fix: logits must be (N, C) and labels (N,), one integer for each row, not one-hot."
        )
    if type(labels) is np.ndarray and labels.size:  # a negative label would count from the end, in silence
        low, high, n = np.minimum.reduce(labels), np.maximum.reduce(labels), logits.shape[1]
        if low < 0 or high >= n:
            raise ValueError(f"softmax_cross_entropy: labels {low} to {high}. Fix: number them 0 to {n - 1}.")


def kaiming_normal(rng: np.random.Generator, shape: tuple[int, int], dtype: Any = "float32", xp: Any = np):
    """Weights (in, out) of variance 2 / in (He et al. 2015, arXiv:1502.01852, eq. 10), drawn on the host."""
    return xp.asarray((rng.standard_normal(shape) * sqrt(2 / shape[0])).astype(dtype))


def loss_and_grad(
    loss_fn: Callable[..., Tensor], params: Mapping[str, Array], *args: Any, **kwargs: Any
) -> tuple[Any, dict[str, Array]]:
    """`loss_fn(params, *args)` and its gradient: plain arrays in, plain arrays out.

    `loss_fn` gets the parameters as tensors under the same names and `args` as they are; it returns a single number.
    Result: the loss (a NumPy scalar; on a GPU a 0-d array, so nothing waits) and a new dict of gradients, with zeros
    for a parameter that the loss does not use. `params` is not changed.

    >>> def loss_fn(p, X, y):
    ...     return mse(linear(X, p["w"]), y)
    >>> loss, grads = loss_and_grad(loss_fn, {"w": np.full((1, 1), 2.0)}, np.ones((4, 1)), np.ones((4, 1)))
    >>> float(loss), grads["w"]
    (1.0, array([[2.]]))
    """
    leaves = {name: wrap(array, requires_grad=True) for name, array in params.items()}
    loss = loss_fn(leaves, *args, **kwargs)
    if not isinstance(loss, Tensor):
        raise DtypeError(f"loss_and_grad: the loss is a {type(loss).__name__}. Fix: return the tensor.")
    loss.backward()
    grads = {name: leaf.grad for name, leaf in leaves.items()}
    return loss.data, {name: np.zeros_like(params[name]) if g is None else g for name, g in grads.items()}
