"""What a model needs beyond arithmetic: fused layers and losses, first weights, `loss_and_grad`.

A fused operation is one node of the graph, with its derivative worked out on paper: faster than its parts,
and safe where they would overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from .backend import Array, array_of, counted, filled, xp_of
from .errors import DtypeError, ShapeError
from .ops import op
from .tensor import Tensor, note_write, wrap


# fmt: off
@op
def linear(x, W, b=None, /):
    """x @ W + b: a layer. x (..., in), W (in, out), b (out,) or None; the value is (..., out).

    W is PyTorch's weight transposed. dL/dx = g @ W.T, dL/dW = x.T @ g, dL/db = the sum of g's rows.

    >>> linear(np.array([[1.0, 2.0]]), Tensor([[1.0], [10.0]]), Tensor([0.5]))
    Tensor([[21.5]])
    """
    if W.ndim != 2 or (b is not None and (b.ndim != 1 or b.size != W.shape[1])):
        raise ShapeError(f"linear: W is {W.shape}, b {b if b is None else b.shape}. Fix: use (in, out) and (out,).")
    value = x.dot(W)
    if b is not None:
        if b.dtype is value.dtype:
            value += b
        else:
            value = value + b

    def to_W(g, *, out=None):
        if g.ndim == 2:
            return x.T.dot(g, out)
        return x.reshape(-1, W.shape[0]).T.dot(g.reshape(-1, W.shape[1]), out)

    def to_b(g, *, out=None):
        rows = g if g.ndim == 2 else g.reshape(-1, W.shape[1])
        return filled(type(g), 1.0, len(rows), g.dtype).dot(rows, out)  # a fast g.sum(0)

    return value, lambda g: g.dot(W.T), to_W, to_b

def _factor(losses: Array, reduction: str) -> float | None:
    """What the sum of the losses of the elements is multiplied by; None where they are not added up."""
    if reduction == "mean":
        return 1 / (losses.size or 1)
    if reduction not in ("sum", "none"):
        raise ValueError(f'reduction={reduction!r} is unknown. Fix: "mean", "sum" or "none".')
    return 1.0 if reduction == "sum" else None

def _total(losses: Array) -> Array:
    """Their sum: a dot product is two to ten times faster."""
    return filled(type(losses), 1.0, losses.size, losses.dtype).dot(losses.ravel())

def _target(name: str, prediction: Array, target: Array) -> Array:
    """The target as floats. (N,) against (N, 1) would broadcast to (N, N) and be wrong in silence."""
    if getattr(target, "shape", None) != prediction.shape:
        raise ShapeError(
            f"{name}: the prediction has shape {prediction.shape}, the target {getattr(target, 'shape', target)}. "
            "Fix: make them equal, by prediction.reshape(-1) or target[:, None]."
        )
    return target if target.dtype.kind == "f" else target.astype(prediction.dtype)

@op
def mse(prediction, target, /, reduction="mean"):
    """(prediction - target) ** 2, its mean over all elements, or "sum" or "none". There is no half in front.

    Both have one shape. By hand, (N, 1) - (N,) would be (N, N) and the loss wrong in silence.
    """
    if getattr(target, "shape", None) != prediction.shape or target.dtype.kind != "f":
        target = _target("mse", prediction, target)
    error = prediction - target
    scale = _factor(error, reduction)
    if scale is None:
        return error * error, lambda g: error * (g * 2), lambda g: error * (g * -2)
    flat = error.ravel()
    return flat.dot(flat) * scale, lambda g: error * (g * (2 * scale)), lambda g: error * (g * (-2 * scale))

@op
def binary_cross_entropy_with_logits(logits, target, /, reduction="mean"):
    """-t log p - (1 - t) log(1 - p), p = sigmoid(logits), as max(z, 0) - z t + log(1 + exp(-|z|)): overflow-free.

    The targets t go from 0 to 1; this is not checked.
    """
    target = _target("binary_cross_entropy_with_logits", logits, target)
    losses = np.maximum(logits, 0) - logits * target + np.log1p(np.exp(-np.abs(logits)))
    scale = _factor(losses, reduction)
    value = losses if scale is None else _total(losses) * scale
    error, factor = 0.5 * np.tanh(0.5 * logits) + 0.5 - target, scale or 1.0
    return value, lambda g: error * (g * factor), lambda g: logits * (g * -factor)

@op
def softmax_cross_entropy(logits, labels, /, reduction="mean"):
    """-log softmax(logits)[label], its mean over the samples, or "sum" or "none".

    logits (N, C), labels (N,): integers from 0 to C - 1 (not checked on a GPU, as that would wait). The derivative is
    softmax - one-hot (Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.109). Logits may be of any size.

    >>> round(softmax_cross_entropy(Tensor([[0.0, 0.0]]), np.array([1])).item(), 4)
    0.6931
    """
    right = _places(logits, labels)
    z = logits.T.copy()  # (C, N): the maximum and sum over classes run along whole rows, 3 to 7 times faster
    z -= z.max(0)
    e = np.exp(z)
    total = filled(type(e), 1.0, len(e), e.dtype).dot(e)  # a fast e.sum(0)
    log_p = z.ravel()[right]
    log_p -= np.log(total)
    scale = _factor(log_p, reduction)
    value = -log_p if scale is None else _total(log_p) * -scale

    def by_logits(g):
        if scale is not None:
            g = g * scale
        p = e * (g / total)
        p.reshape(-1)[right] = np.expm1(log_p) * g  # p - 1
        return p.T

    return value, by_logits, None

# fmt: on


def _places(logits: Array, labels: Array) -> Array:
    """Where in logits.T.reshape(-1) the logits of the labels are."""
    if logits.ndim != 2 or getattr(labels, "shape", None) != logits.shape[:1]:
        raise ShapeError(
            f"softmax_cross_entropy: logits are {logits.shape}, labels {getattr(labels, 'shape', labels)}. "
            "Fix: logits must be (N, C) and labels (N,), one integer for each row, not one-hot."
        )
    if labels.dtype.kind not in "iu":
        raise DtypeError(f"softmax_cross_entropy: labels are {labels.dtype}. Fix: pass integers.")
    n, classes = logits.shape
    columns = counted(type(logits), n)
    if labels.dtype is not columns.dtype:
        labels = labels.astype(columns.dtype)
    if not isinstance(labels, np.ndarray):
        return labels * n + columns
    try:
        return np.ravel_multi_index((labels, columns), (classes, n))
    except ValueError:
        got, last = f"{labels.min()} to {labels.max()}", classes - 1
        raise ValueError(f"softmax_cross_entropy: labels {got}. Fix: number them 0 to {last}.") from None


def xavier_normal(rng: np.random.Generator, shape: tuple[int, int], dtype: Any = "float32", xp: Any = np):
    """Weights (in, out) of variance 2 / (in + out) (Glorot and Bengio 2010, eq. 12), drawn on the host."""
    return xp.asarray((rng.standard_normal(shape) * sqrt(2 / (shape[0] + shape[1]))).astype(dtype))


def kaiming_normal(rng: np.random.Generator, shape: tuple[int, int], dtype: Any = "float32", xp: Any = np):
    """Weights (in, out) of variance 2 / in (He et al. 2015, arXiv:1502.01852, eq. 10), drawn on the host."""
    return xp.asarray((rng.standard_normal(shape) * sqrt(2 / shape[0])).astype(dtype))


class Flat:
    """All parameters as one vector, `data`, and their gradients as one, `grad`; made by `flat_parameters`."""

    def __init__(self, data: Array, gradient: Array, parts: list[Tensor]) -> None:
        self._data, self._gradient, self._parts = data, gradient, parts

    @property
    def data(self) -> Array:
        for part in self._parts:
            if part._held:
                part.data  # noqa: B018  (a copy is kept to notice a write)
        return self._data

    @data.setter
    def data(self, new: Array) -> None:
        for part in self._parts:
            if part._held:
                note_write(part)
        if new is not self._data:
            self._data[...] = self._like(new)

    @property
    def grad(self) -> Any:
        for part in self._parts:
            if part.grad is not part._into:
                break
        else:
            return self._gradient
        if all([part.grad is None for part in self._parts]):
            return None
        for part in self._parts:
            if part.grad is not part._into:  # the loss did not use it, or somebody gave it a gradient
                part._into[...] = 0 if part.grad is None else part.grad
                part.grad = part._into
        return self._gradient

    @grad.setter
    def grad(self, new: Any) -> None:
        for part in self._parts:
            part.grad = None
        if new is not None:
            self._gradient[...] = self._like(new)
            for part in self._parts:
                part.grad = part._into

    def _like(self, new: Array) -> Array:
        if getattr(new, "shape", None) != self._data.shape:
            got = getattr(new, "shape", type(new).__name__)
            raise ShapeError(f"flat parameters: got {got} for a vector of shape {self._data.shape}. Fix: keep it.")
        return new


def flat_parameters(params: Mapping[str, Array]) -> tuple[Flat, dict[str, Tensor]]:
    """Parameters as views of one vector: an update is a few operations on one array, not on many.

    The gradients are written into one vector too, each time the same: copy it to keep it. Set `whole.grad = None`
    before the next step.

    >>> whole, p = flat_parameters({"w": np.ones((1, 2)), "b": np.zeros(2)})
    >>> (p["w"] * 3.0).sum().backward()
    >>> whole.data -= 0.5 * whole.grad
    >>> whole.data, p["w"]
    (array([-0.5, -0.5,  0. ,  0. ]), Tensor([[-0.5, -0.5]], requires_grad=True))
    """
    arrays = [array_of(a._data if isinstance(a, Tensor) else a) for a in params.values()]
    dtypes = sorted({str(a.dtype) for a in arrays})
    if len(dtypes) != 1:
        raise DtypeError(f"flat_parameters: got dtypes {dtypes}. Fix: pass at least one array, all of one dtype.")
    xp = xp_of(arrays[0])
    data = xp.concatenate([a.reshape(-1) for a in arrays])
    gradient, parts, end = xp.zeros_like(data), [], 0
    for a in arrays:
        start, end = end, end + a.size
        parts.append(wrap(data[start:end].reshape(a.shape), requires_grad=True))
        parts[-1]._into = gradient[start:end].reshape(a.shape)
    return Flat(data, gradient, parts), dict(zip(params, parts, strict=True))


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
