"""Functions of PyTorch's signature, made of the engine's operations."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import autograd_mini as am

Function = Callable[..., Any]


class Lacking(Exception):
    """A sample needs what the engine does not have; the arguments are the names in `WITHOUT`."""


def need(name: str, there: bool) -> None:
    if not there:
        raise Lacking(name)


def axes(x: am.Tensor, dim: Any) -> Any:
    """PyTorch reduces over everything when `dim` is (), NumPy over nothing, and a single number has no axis (0,)."""
    return None if dim == () or (isinstance(dim, tuple) and not x.ndim) else dim


def reduction(name: str) -> Function:
    def f(x, dim=None, keepdim=False):
        return getattr(am, name)(x, axis=axes(x, dim), keepdims=keepdim)

    return f


def min(x, dim=None, keepdim=False):
    return -am.max(-x, axis=axes(x, dim), keepdims=keepdim)


def product(a, b):
    return a @ b


def addmm(x, a, b, alpha=1, beta=1):
    return beta * x + alpha * (a @ b)


def multi_dot(first, *others):
    product, *others = [*first, *others] if isinstance(first, list) else [first, *others]
    for x in others:
        product = product @ x
    return product


def outer(a, b):
    return am.expand_dims(a, 1) @ am.expand_dims(b, 0)


def at(x, dim, index):
    """x[index] along one dimension."""
    return x[(slice(None),) * (dim % x.ndim) + (index,)] if x.ndim else x.reshape(1)[index].reshape(())


def flip(x, dims):
    wanted = {d % x.ndim for d in dims}
    return x[tuple(slice(None, None, -1 if i in wanted else None) for i in range(x.ndim))]


def split(x, size, dim=0):
    ends = [0]
    for part in [size] * -(-x.shape[dim] // size) if isinstance(size, int) else size:
        ends.append(ends[-1] + part)
    return [at(x, dim, slice(a, b)) for a, b in pairwise(ends)]


def masked(x, mask):
    shape = (x + mask).shape
    return am.broadcast_to(x, shape)[am.broadcast_to(mask, shape)]


def flatten(x, start_dim=0, end_dim=-1):
    assert end_dim == -1  # no sample has another
    return x.reshape(*x.shape[:start_dim], -1)


def unflatten(x, dim, sizes):
    dim %= x.ndim
    return x.reshape(x.shape[:dim] + tuple(sizes) + x.shape[dim + 1 :])


def exchange(x, i, j):
    axes = list(range(x.ndim))
    if axes:
        axes[i], axes[j] = axes[j], axes[i]
    return am.transpose(x, tuple(axes))


def movedim(x, source, destination):
    axes = [0] * x.ndim
    for a, b in zip(source, destination, strict=True):
        axes[b] = a
    return x.transpose(tuple(axes))


def squeeze(x, dim=None):
    """PyTorch leaves a dimension that is not 1 as it is, NumPy refuses it."""
    dims = dim if isinstance(dim, tuple) else (dim,)
    return am.squeeze(x) if dim is None else am.squeeze(x, tuple(d for d in dims if x.ndim and x.shape[d] == 1))


def expand(x, shape):
    known = (1,) * (len(shape) - x.ndim) + x.shape
    return am.broadcast_to(x, tuple(have if want == -1 else want for want, have in zip(shape, known, strict=True)))


def cat(parts, dim=0):
    need("an empty vector beside matrices", len({x.ndim for x in parts}) == 1)
    return am.concatenate(parts, axis=dim)


def clamp(x, low=None, high=None):
    x = x if low is None else am.maximum(x, low)
    return x if high is None else -am.maximum(-x, -high)


def softmax(x, dim):
    need("a maximum over nothing", x.size > 0)
    return am.softmax(x, axis=dim) if x.ndim else am.softmax(x.reshape(1)).reshape(())


def log_softmax(x, dim):
    need("a maximum over nothing", x.size > 0)
    return x - am.logsumexp(x, axis=dim if x.ndim else None, keepdims=True)


def cross_entropy(logits, labels, reduction="mean"):
    need("probabilities as target", not isinstance(labels, am.Tensor))
    need("an image of classes", logits.ndim == 2)
    return am.softmax_cross_entropy(logits, labels, reduction=reduction)


def binary(logits, target, reduction="mean"):
    return am.binary_cross_entropy_with_logits(logits, target, reduction=reduction)
