"""The operations: what each computes and, beside it, how a gradient comes back through it.

To add one: a function of arrays under `@op` that returns the value and one pullback an array, and a row in
tests/engine/cases.py. No operation undoes broadcasting or knows about the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from inspect import CO_VARARGS
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from .backend import Array, filled, xp_of
from .errors import BackwardError, ShapeError, refusal  # noqa: F401  (both lines: used by the text in _written_out)
from .tensor import Tensor, node, settle, shown, wrap  # noqa: F401

Axis = int | tuple[int, ...] | None
OPS: dict[str, Callable[..., Tensor]] = {}  # every operation by name: the tests ask for a case of each
_recording = True  # False inside no_grad()


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside `with no_grad():`, or in a function under `@no_grad()`, operations record no graph, in all threads."""
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


def op(forward: Callable[..., Any]) -> Callable[..., Tensor]:
    """Make an operation on tensors from a function on arrays.

    `forward(*arrays, /, **options)` works on arrays, not tensors. It returns the value and one pullback for each
    array, None where there is no derivative. A pullback takes dL/d(value) to dL/d(array). It need not undo
    broadcasting; it must neither return an array that it captured nor write into the one that it is given, which
    others may get too. One with an option `*, out=None` may be given an array to write its result into. The arrays
    are the positional-only parameters, those before the /; each may be given as a tensor, an array or a number.
    Dtypes follow NumPy: a Python number keeps float32.

    >>> @op
    ... def cube(x, /):
    ...     return x * x * x, lambda g: g * (3 * x * x)
    >>> t = Tensor(2.0, requires_grad=True)
    >>> cube(t).backward()
    >>> t.grad
    array(12.)
    >>> del OPS["cube"]
    """
    code, name = forward.__code__, forward.__name__.strip("_")
    if code.co_flags & CO_VARARGS:  # any number of arrays
        of = cache(lambda n: _written_out(forward, n))
        OPS[name] = wraps(forward)(lambda *arrays, **options: of(len(arrays))(*arrays, **options))
    elif code.co_posonlyargcount:
        OPS[name] = wraps(forward)(_written_out(forward, code.co_posonlyargcount))
    else:
        raise TypeError(f"op: {name} takes no arrays. Fix: end them by a slash, def {name}(x, /).")
    return OPS[name]


def _written_out(forward: Callable[..., Any], n: int) -> Callable[..., Tensor]:
    """An operation as it is called: the values of n inputs go through `forward`, the result becomes a node.

    This runs at every node of every graph, so it is written out for n, where loops over inputs would double its cost:
    a line with # stands there once for each input. `print(am.matmul.source)` shows what that gives for two.
    """

    def each(text: str) -> str:
        return "".join([text.replace("#", str(i)) for i in range(n)])

    code = forward.__code__
    defaults = forward.__defaults__ or ()
    given = code.co_argcount - len(defaults) if defaults else n  # the inputs after these may be left out
    inputs = [f"x{i}" + f"=defaults[{i - given}]" * (i >= given) for i in range(n)]
    options = "*args, **options" if code.co_argcount + code.co_kwonlyargcount > code.co_posonlyargcount else ""
    unpack = """
        a# = x#
        if is# := x#.__class__ is Tensor:
            a#, record = x#._data, record or x#.requires_grad
        elif isinstance(x#, list | tuple):
            a# = np.array(x#)"""
    copy = """
            if not is# and hasattr(x#, "dtype"):
                a# = x#.copy()"""
    connect = """
        if is#:
            edges += x#, p# if x#.requires_grad else None
            if x#._edges is None:
                x#._held += 1"""
    source = f"""
def make(forward, defaults):
    def apply({", ".join(inputs)}, /, {options}):
        if shown:
            settle()
        record = False{each(unpack)}
        record = record and _recording
        if record:  # constants are copied, since somebody else may write into them
            pass{each(copy)}
        try:
            result = forward({each("a#, ")}{options})
            value, {each("p#, ")} = result if result.__class__ is tuple else (result,)
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            raise refusal(forward, ({each("a#, ")}), error) from None
        if not record:
            return wrap(value if getattr(value, "base", None) is None else value.copy())
        edges = ()
        {each(connect)}
        return node(value, edges)
    return apply
"""
    made: dict[str, Any] = {}
    exec(compile(source, f"<op {forward.__name__}>", "exec"), globals(), made)
    apply = made["make"](forward, defaults)
    apply.source = source
    return apply


# fmt: off
@op
def add(a, b, /):
    """a + b"""
    return a + b, lambda g: g, lambda g: g

@op
def sub(a, b, /):
    """a - b"""
    return a - b, lambda g: g, lambda g: -g

@op
def mul(a, b, /):
    """a * b, element by element"""
    return a * b, lambda g: g * b, lambda g: g * a

@op
def div(a, b, /):
    """a / b"""
    value = a / b
    return value, lambda g: g / b, lambda g: -g * value / b

@op
def neg(a, /):
    """-a"""
    return -a, lambda g: -g

@op
def pow(a, b, /):
    """a ** b. At b = 0 the derivative to a is 0, at a = 0 that to b, also where the formula says nan."""
    value = a**b
    to_b = lambda g: g * (value * np.log(a + (a == 0)).astype(value.dtype))  # noqa: E731
    return value, lambda g: g * (b * a ** (b - 1 + (b == 0))), to_b

@op
def matmul(a, b, /):
    """a @ b: matrices, stacks of matrices, vectors. dL/da = g @ b.T and dL/db = a.T @ g, of vectors made matrices."""
    if a.ndim == 2 == b.ndim:  # dot is two to five times faster than @ on small matrices
        return a.dot(b), lambda g: g.dot(b.T), lambda g, *, out=None: a.T.dot(g, out)
    value, row, column = a @ b, a.ndim == 1, b.ndim == 1
    A, B = a[None] if row else a, b[:, None] if column else b

    def matrix(g):
        g = g[..., None] if column else g
        return g[..., None, :] if row else g

    def by_a(g):
        grad = matrix(g) @ B.swapaxes(-1, -2)
        return grad[..., 0, :] if row else grad

    def by_b(g):
        grad = A.swapaxes(-1, -2) @ matrix(g)
        return grad[..., 0] if column else grad

    return value, by_a, by_b

@op
def maximum(a, b, /):
    """The larger of a and b; equal ones share the gradient, as in PyTorch."""
    def share(g, wins):
        return np.where(wins, g, np.where(a == b, g * 0.5, 0))

    return np.maximum(a, b), lambda g: share(g, a > b), lambda g: share(g, b > a)

@op
def where(condition, a, b, /):
    """a where the condition is true, b elsewhere."""
    value = np.where(condition, a, b)
    return value, None, lambda g: np.where(condition, g, 0), lambda g: np.where(condition, 0, g)

@op
def clip(x, /, min=None, max=None):
    """x, but at least `min` and at most `max`; the derivative is 1 from `min` to `max` and 0 outside."""
    value = x + 0 if min is None else np.maximum(x, min)
    value = value if max is None else np.minimum(value, max)
    return value, lambda g: g * (value == x).astype(g.dtype)

@op
def exp(x, /):
    """e ** x"""
    value = np.exp(x)
    return value, lambda g: g * value

@op
def log(x, /):
    """The natural logarithm."""
    return np.log(x), lambda g: g / x

@op
def sqrt(x, /):
    """The square root; its derivative at 0 is inf."""
    value = np.sqrt(x)
    return value, lambda g: g * 0.5 / value

@op
def abs(x, /):
    """|x|, with derivative 0 at 0."""
    return np.abs(x), lambda g: g * np.sign(x)

@op
def tanh(x, /):
    """The hyperbolic tangent."""
    value = np.tanh(x)
    return value, lambda g: g * (1 - value * value)

@op
def sigmoid(x, /):
    """1 / (1 + exp(-x)), by way of tanh, so that no x overflows."""
    value = 0.5 * np.tanh(0.5 * x) + 0.5
    return value, lambda g: g * (value * (1 - value))

@op
def relu(x, /):
    """max(x, 0), with derivative 0 at 0."""
    zero = filled(type(x), 0.0, (), x.dtype)  # faster than the number 0; for many, a row of them is faster still
    value = np.maximum(x, zero if x.size < 4096 else filled(type(x), 0.0, x.shape[-1], x.dtype))

    def by_x(g):
        if value.size < 1024:
            return g * np.sign(value)
        mask = (value > zero).astype(g.dtype)
        mask *= g
        return mask

    return value, by_x

def _axis(x: Array, axis: Axis) -> Axis:
    """`axis`; a single number has none to CuPy, to NumPy it has 0 and -1."""
    return axis if x.ndim or axis not in (0, -1) else None

def _reduced(shape: tuple[int, ...], axis: Axis, keepdims: bool = True) -> tuple[int, ...]:
    """The shape of a reduction over `axis`."""
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    gone = {a % (len(shape) or 1) for a in axes}
    return tuple([1 if i in gone else n for i, n in enumerate(shape) if keepdims or i not in gone])

def _spread(g: Array, shape: tuple[int, ...], axis: Axis) -> Array:
    """What was added up gets the gradient of its sum."""
    out = np.empty_like(g, shape=shape)
    out[...] = g.reshape(_reduced(shape, axis))
    return out

@op
def sum(x, /, axis=None, keepdims=False):
    """The sum over `axis`: all of them, one, or a tuple."""
    axis = _axis(x, axis)
    shape = x.shape
    return x.sum(axis, keepdims=keepdims), lambda g: _spread(g, shape, axis)

@op
def mean(x, /, axis=None, keepdims=False):
    """The mean over `axis`."""
    axis = _axis(x, axis)
    shape, total = x.shape, x.sum(axis, keepdims=keepdims)
    n = x.size / (total.size or 1)
    return total / n, lambda g: _spread(g / n, shape, axis)

@op
def max(x, /, axis=None, keepdims=False):
    """The maximum over `axis`; equal ones share the gradient (PyTorch's `amax`)."""
    axis = _axis(x, axis)
    top = x.max(axis, keepdims=True)
    is_top = (x == top).astype(x.dtype)
    share = is_top / is_top.sum(axis, keepdims=True)
    return top.reshape(_reduced(x.shape, axis, keepdims)), lambda g: g.reshape(top.shape) * share

@op
def logsumexp(x, /, axis=None, keepdims=False):
    """log(sum(exp(x))) over `axis`; the maximum is taken out first, so that nothing overflows."""
    axis = _axis(x, axis)
    top = x.max(axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    e = np.exp(x - top)
    total = e.sum(axis, keepdims=True)
    value = (np.log(total) + top).reshape(_reduced(x.shape, axis, keepdims))
    return value, lambda g: g.reshape(total.shape) * (e / total)

@op
def softmax(x, /, axis=-1):
    """exp(x) / sum(exp(x)) along `axis`. For a loss use softmax_cross_entropy, which never takes a log of 0."""
    axis = _axis(x, axis)
    e = np.exp(x - x.max(axis, keepdims=True))
    p = e / e.sum(axis, keepdims=True)
    return p, lambda g: p * (g - (g * p).sum(axis, keepdims=True))

@op
def reshape(x, /, shape):
    """The same elements in another shape; one dimension may be -1."""
    before = x.shape
    return x.reshape(shape), lambda g: g.reshape(before)

@op
def transpose(x, /, axes=None):
    """The dimensions in the order `axes`; reversed without it."""
    value = x.transpose(axes)
    back = None if axes is None else sorted(range(x.ndim), key=[a % x.ndim for a in axes].__getitem__)
    return value, lambda g: g.transpose(back)

@op
def squeeze(x, /, axis=None):
    """Without the dimensions of size 1: all of them, or those of `axis`."""
    return x.squeeze(axis), lambda g: g.reshape(x.shape)

@op
def expand_dims(x, /, axis):
    """With a new dimension of size 1 at `axis`."""
    return np.expand_dims(x, axis), lambda g: g.reshape(x.shape)

@op
def broadcast_to(x, /, shape):
    """x repeated along dimensions that it lacks or that have size 1."""
    return np.broadcast_to(x, shape), lambda g: g

@op
def _concatenate(*arrays, axis):
    value, before = np.concatenate(arrays, axis), (slice(None),) * (axis % arrays[0].ndim)
    ends = [0, *accumulate([a.shape[axis] for a in arrays])]
    places = [(*before, slice(start, end)) for start, end in pairwise(ends)]
    return value, *[lambda g, place=place: g[place] for place in places]

def concatenate(tensors, axis=0):
    """A list of tensors, one after the other along `axis`."""
    if not len(tensors):
        raise ShapeError("concatenate: got no tensors. Fix: pass a list of at least one.")
    return _concatenate(*tensors, axis=axis)

def stack(tensors, axis=0):
    """A list of tensors of one shape, along a new dimension `axis`."""
    return concatenate([expand_dims(t, axis) for t in tensors], axis)

@op
def getitem(x, /, index):
    """x[index]: numbers, slices, integer arrays, masks. What was taken twice gets both gradients."""
    parts = index if isinstance(index, tuple) else (index,)
    parts = tuple([part._data if isinstance(part, Tensor) else part for part in parts])
    parts = tuple([part.copy() if hasattr(part, "copy") else part for part in parts])
    fancy = any([hasattr(part, "copy") for part in parts])  # arrays and lists
    shape = x.shape

    def pull(g):
        out = np.zeros_like(g, shape=shape)
        if fancy:
            xp_of(out).add.at(out, parts, g)
        else:
            out[parts] = g
        return out

    return x[parts], pull
# fmt: on
def _listed(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let `t.reshape(2, 3)` mean `t.reshape((2, 3))`."""
    return lambda self, *n: function(self, n[0] if len(n) == 1 and not isinstance(n[0], int) else n or None)


def _in_place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`loss += part` makes a new tensor; on a parameter that would lose it in silence."""

    def apply(self, other):
        if self._edges is None and self.requires_grad:
            raise BackwardError("in place, as by w -= step, would replace this parameter. Fix: w.data -= step.")
        return function(self, other)

    return apply


for _name, _f in {"add": add, "sub": sub, "mul": mul, "truediv": div, "pow": pow, "matmul": matmul}.items():
    setattr(Tensor, f"__{_name}__", _f)
    setattr(Tensor, f"__r{_name}__", lambda self, other, f=_f: f(other, self))
    setattr(Tensor, f"__i{_name}__", _in_place(_f))
_METHODS: dict[str, Any] = {"__neg__": neg, "__abs__": abs, "__getitem__": getitem, "T": property(transpose)}
_METHODS |= {"reshape": _listed(reshape), "transpose": _listed(transpose)}
_METHODS |= {f.__name__: f for f in (exp, log, sqrt, abs, tanh, sigmoid, relu, clip, sum, mean, max, logsumexp)}
_METHODS |= {"softmax": softmax, "squeeze": squeeze}
for _name, _f in _METHODS.items():
    setattr(Tensor, _name, _f)
