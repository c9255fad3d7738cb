"""One row (or more) for every operation: how it is called, on which arrays, and what NumPy says its value is.

A row is `Case(op, f, arrays, value)`: `f` takes tensors, `value` takes the same arrays. Arrays are drawn
once, away from kinks and ties, with no zeros, ones or symmetries that would hide a mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_mini as am
from autograd_mini import ops
from autograd_mini.nn import linear

_rng = np.random.default_rng(20)


@dataclass
class Case:
    op: str
    f: Callable[..., Any]
    arrays: tuple[np.ndarray, ...]
    value: Callable[..., Any]
    note: str = ""

    @property
    def id(self) -> str:
        shapes = "-".join("x".join(map(str, a.shape)) or "0d" for a in self.arrays)
        return f"{self.op}-{shapes}{'-' + self.note if self.note else ''}"


def draw(*shape: int) -> np.ndarray:
    """Numbers of either sign with absolute values from 0.2 to 2."""
    return np.asarray(_rng.uniform(0.2, 2.0, shape) * _rng.choice([-1.0, 1.0], shape))


def positive(*shape: int) -> np.ndarray:
    return np.asarray(_rng.uniform(0.2, 2.0, shape))


def distinct(*shape: int) -> np.ndarray:
    """Numbers that are at least 0.1 apart."""
    return (_rng.permutation(np.arange(int(np.prod(shape)))) * 0.1 - 0.7).reshape(shape)


CASES: list[Case] = []


def row(op: str, f: Callable, value: Callable, *arrays: np.ndarray, note: str = "") -> None:
    CASES.append(Case(op, f, arrays, value, note))


# ---- two arrays, broadcast both ways ----
PAIRS = [((3, 4), (3, 4)), ((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 3), ()), ((), ())]
PAIRS += [((2, 1, 4), (3, 1)), ((1,), (5,))]
for a, b in PAIRS:
    row("add", lambda x, y: x + y, np.add, draw(*a), draw(*b))
    row("sub", lambda x, y: x - y, np.subtract, draw(*a), draw(*b))
    row("mul", lambda x, y: x * y, np.multiply, draw(*a), draw(*b))
    row("div", lambda x, y: x / y, np.divide, draw(*a), draw(*b))
    row("pow", lambda x, y: x**y, np.power, positive(*a), draw(*b))
    row("maximum", am.maximum, np.maximum, draw(*a), draw(*b) + 0.01)
row("sub", lambda x: 3.0 - x, lambda x: 3.0 - x, draw(3), note="reflected")
row("div", lambda x: 3.0 / x, lambda x: 3.0 / x, draw(3), note="reflected")
row("pow", lambda x: 2.0**x, lambda x: 2.0**x, draw(3), note="reflected")
for exponent in (0, 1, 2, 3, -1, -2):
    row("pow", lambda x, n=exponent: x**n, lambda x, n=exponent: x ** float(n), draw(2, 3), note=f"to-{exponent}")
row("pow", lambda x: x**0.5, np.sqrt, positive(2, 3), note="to-half")
_mask = np.array([[True, False, True], [False, False, True]])
row("where", lambda x, y: am.where(_mask, x, y), lambda x, y: np.where(_mask, x, y), draw(2, 3), draw(3))
row("where", lambda x: am.where(_mask, x, 0.0), lambda x: np.where(_mask, x, 0.0), draw(2, 1))
row("where", lambda x: am.where(_mask * 3, 1.0, x), lambda x: np.where(_mask, 1.0, x), draw(2, 3), note="counts")

# ---- one array ----
for shape in ((2, 3), (4,), ()):
    row("neg", lambda x: -x, np.negative, draw(*shape))
    row("exp", lambda x: x.exp(), np.exp, draw(*shape))
    row("log", lambda x: x.log(), np.log, positive(*shape))
    row("sqrt", lambda x: x.sqrt(), np.sqrt, positive(*shape))
    row("abs", abs, np.abs, draw(*shape))
    row("tanh", lambda x: x.tanh(), np.tanh, draw(*shape))
    row("sigmoid", lambda x: x.sigmoid(), lambda x: 1 / (1 + np.exp(-x)), draw(*shape))
    row("relu", lambda x: x.relu(), lambda x: np.maximum(x, 0), draw(*shape))

row("clip", lambda x: am.clip(x, -0.7, 0.9), lambda x: np.clip(x, -0.7, 0.9), draw(4, 5))
row("clip", lambda x: x.clip(min=-0.7), lambda x: np.maximum(x, -0.7), draw(4, 5), note="min")
row("clip", lambda x: x.clip(max=0.9), lambda x: np.minimum(x, 0.9), draw(4, 5), note="max")
row("relu", lambda x: x.relu(), lambda x: np.maximum(x, 0), draw(70, 70), note="large")

# ---- reductions ----


def _logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


REDUCED = [((), None), ((), -1), ((5,), None), ((5,), 0), ((5,), -1), ((2, 3), None), ((2, 3), 0), ((2, 3), 1)]
REDUCED += [((2, 3), (0, 1)), ((2, 3, 4), (0, -1)), ((2, 3, 4), -2), ((2, 3), ()), ((1, 3), 0)]
for shape, axis in REDUCED:
    for kept in (False, True):
        o, note = {"axis": axis, "keepdims": kept}, f"{axis}{'-keepdims' * kept}"
        row("sum", lambda x, o=o: x.sum(**o), lambda x, o=o: np.sum(x, **o), draw(*shape), note=note)
        row(
            "mean",
            lambda x, o=o: x.mean(**o),
            lambda x, o=o: np.sum(x, **o) * np.size(np.sum(x, **o)) / x.size,
            draw(*shape),
            note=note,
        )
        row("max", lambda x, o=o: x.max(**o), lambda x, o=o: np.max(x, **o), distinct(*shape), note=note)
        row("logsumexp", lambda x, o=o: x.logsumexp(**o), lambda x, o=o: _logsumexp(x, **o), draw(*shape), note=note)
row("sum", lambda x: x.sum(0), lambda x: x.sum(0), draw(2, 3), note="positional")


def _softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


for shape, axis in (((5,), -1), ((3, 4), -1), ((3, 4), 0), ((2, 3, 4), 1), ((2, 3), (0, 1))):
    row("softmax", lambda x, a=axis: am.softmax(x, a), lambda x, a=axis: _softmax(x, a), draw(*shape), note=str(axis))

# ---- shapes ----
row("reshape", lambda x: x.reshape(3, 2), lambda x: x.reshape(3, 2), draw(2, 3))
row("reshape", lambda x: x.reshape((-1,)), lambda x: x.reshape(-1), draw(2, 3), note="flat")
row("reshape", lambda x: x.reshape(-1), lambda x: x.reshape(-1), draw(2, 3), note="one-int")
row("reshape", lambda x: x.reshape(1, 1), lambda x: x.reshape(1, 1), draw())
row("transpose", lambda x: x.T, np.transpose, draw(2, 3), note="T")
row("transpose", lambda x: x.T, np.transpose, draw(2, 3, 4), note="T")
row("transpose", lambda x: x.T, np.transpose, draw(3), note="T")
row("transpose", lambda x: x.transpose(), np.transpose, draw(2, 3))
row("transpose", lambda x: x.transpose(1, 2, 0), lambda x: x.transpose(1, 2, 0), draw(2, 3, 4))
row("transpose", lambda x: x.transpose((-1, 0, -2)), lambda x: x.transpose(-1, 0, -2), draw(2, 3, 4), note="negative")
_i, _j = np.array([2, 0, 2, 2]), np.array([1, 1, 0, 1])
INDICES = {
    "number": 1, "negative": -1, "slice": slice(1, None, 2), "two": (1, 2), "ellipsis": (..., 0),
    "newaxis": (slice(None), None, 1), "repeated": _i, "list": [0, 0, 2], "pairs": (_i, _j),
    "mixed": (slice(None), _j), "mask": np.arange(15).reshape(3, 5) % 4 == 1, "matrix": np.array([[0, 0], [2, 0]]),
    "backwards": (slice(None, None, -1), slice(0, 2)), "row-mask": np.array([True, False, True]),
}  # fmt: skip
for note, index in INDICES.items():
    row("getitem", lambda x, i=index: x[i], lambda x, i=index: x[i], draw(3, 5), note=note)
row("getitem", lambda x: x[am.tensor(_i)], lambda x: x[_i], draw(3), note="tensor")

for shape in ((2, 1, 3), (1, 1), (3,), ()):
    row("squeeze", lambda x: x.squeeze(), np.squeeze, draw(*shape))
row("squeeze", lambda x: am.squeeze(x, 1), lambda x: np.squeeze(x, 1), draw(2, 1, 3, 1), note="axis")
row("squeeze", lambda x: x.squeeze((0, -1)), lambda x: np.squeeze(x, (0, -1)), draw(1, 3, 1), note="axes")
for axis in (0, 1, -1):
    row("expand_dims", lambda x, a=axis: am.expand_dims(x, a), lambda x, a=axis: np.expand_dims(x, a), draw(2, 3),
        note=str(axis))  # fmt: skip
for shape, wide in (((3,), (2, 3)), ((2, 1), (2, 4)), ((), (2, 2)), ((2, 3), (2, 3)), ((1, 3), (4, 2, 3))):
    row("broadcast_to", lambda x, w=wide: am.broadcast_to(x, w), lambda x, w=wide: np.broadcast_to(x, w), draw(*shape),
        note="x".join(map(str, wide)))  # fmt: skip
for axis in (0, -2):
    row("concatenate", lambda *t, a=axis: am.concatenate(t, axis=a), lambda *t, a=axis: np.concatenate(t, a),
        draw(2, 3), draw(1, 3), draw(4, 3), note=str(axis))  # fmt: skip
row("concatenate", lambda *t: am.concatenate(list(t), 1), lambda *t: np.concatenate(t, 1), draw(2, 3), draw(2, 1))
_ones = np.ones(2, "float32")
row("concatenate", lambda t: am.concatenate([t, _ones, t]), lambda t: np.concatenate([t, _ones, t]), draw(3))
for axis in (0, 1, -1):
    row("concatenate", lambda *t, a=axis: am.stack(t, axis=a), lambda *t, a=axis: np.stack(t, a),
        draw(2, 3), draw(2, 3), note=f"stack-{axis}")  # fmt: skip

# ---- matrix products: 1-D all ways, matrices, stacks ----
PRODUCTS = [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((1, 3), (3, 1)), ((5, 2, 3), (5, 3, 4))]
PRODUCTS += [((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((1, 2, 3), (5, 3, 2))]
PRODUCTS += [((6, 1, 2, 3), (5, 3, 2))]
for a, b in PRODUCTS:
    row("matmul", lambda x, y: x @ y, np.matmul, draw(*a), draw(*b))

# ---- fused ----
for shape in ((5, 3), (1, 3), (3,), (2, 4, 3)):
    row("linear", linear, lambda x, W, b: x @ W + b, draw(*shape), draw(3, 2), draw(2))
    row("linear", lambda x, W: linear(x, W), lambda x, W: x @ W, draw(*shape), draw(3, 2), note="no-bias")


def _reduce(losses, how):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[how](losses)


def _cross_entropy(z, labels):
    return np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), labels]


def _binary(z, t):
    p = 1 / (1 + np.exp(-z))
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


_labels, _bits = np.array([3, 0, 3, 1, 3]), np.array([1, 0, 0, 1, 1])
for how in ("mean", "sum", "none"):
    for shape in ((5,), (5, 2)):
        row("mse", lambda x, y, h=how: am.mse(x, y, reduction=h), lambda x, y, h=how: _reduce((x - y) ** 2, h),
            draw(*shape), draw(*shape), note=how)  # fmt: skip
    row("softmax_cross_entropy", lambda z, h=how: am.softmax_cross_entropy(z, _labels, reduction=h),
        lambda z, h=how: _reduce(_cross_entropy(z, _labels), h), draw(5, 4), note=how)  # fmt: skip
    row("binary_cross_entropy_with_logits",
        lambda z, h=how: am.binary_cross_entropy_with_logits(z, _bits, reduction=h),
        lambda z, h=how: _reduce(_binary(z, _bits), h), draw(5), note=how)  # fmt: skip
    row("binary_cross_entropy_with_logits", lambda z, t, h=how: am.binary_cross_entropy_with_logits(z, t, reduction=h),
        lambda z, t, h=how: _reduce(_binary(z, t), h), draw(5), positive(5) / 3, note=f"{how}-target")  # fmt: skip
assert ops.OPS
