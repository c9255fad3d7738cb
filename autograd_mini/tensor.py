"""The tensor: an array that remembers how it was made, and the walk back through that memory.

Every operation computes its value and, for each input, a *pullback*: the function that takes dL/d(output) to
dL/d(input). The output keeps its inputs and these, so tensors form a graph. `backward()` walks it from the loss to the
leaves, visits each tensor once all its users have been visited, and adds up what arrives: reverse mode (Griewank and
Walther, Evaluating Derivatives, 2nd ed. 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import Array, array_of, filled, to_host, xp_of
from .errors import BackwardError, DtypeError, GraphFreedError, SavedArrayError, ShapeError

Pullback = Callable[[Array], Array]

FREED: tuple[Pullback, ...] = ()  # the pullbacks of a tensor whose graph backward() has used up

_clock = 0  # the number of writes into tensors that were noticed, see "Watching writes"
shown: dict[Tensor, Array] = {}  # tensors whose array was handed out while a graph holds them, and a copy


class Tensor:
    """An array with a gradient.

    `data` (array, number or nested lists) is copied, so that nobody else can write into it. `grad` is None, or an array
    like `data` that `backward()` fills, on leaves only: tensors that no operation made. DtypeError for integers with
    a gradient.

    >>> w = Tensor([1.0, 2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> w.grad
    array([2., 4.])
    >>> w.data -= 0.25 * w.grad
    >>> w
    Tensor([0.5, 1. ], requires_grad=True)
    """

    __slots__ = ("__weakref__", "_born", "_data", "_held", "_inputs", "_pulls", "_written", "grad", "requires_grad")
    __array_ufunc__ = None  # tells NumPy to leave `array * tensor` to the tensor

    grad: Array
    requires_grad: bool
    _data: Array
    _inputs: tuple[Tensor, ...]  # what this was computed from
    _pulls: tuple[Pullback | None, ...] | None  # a pullback for each input; None on a leaf
    _born: int  # when it was made, and
    _written: int  # when it was last written, by _clock
    _held: int  # on a leaf: how many recorded operations use it

    def __new__(cls, data: Any, requires_grad: bool = False, dtype: Any = None) -> Tensor:
        return wrap(array_of(data._data if isinstance(data, Tensor) else data, dtype), requires_grad)

    shape = property(lambda self: self._data.shape)
    dtype = property(lambda self: self._data.dtype)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)

    @property
    def data(self) -> Array:
        """The array itself. Update it by `t.data -= step` or `t.data = new` (same shape; keeps the dtype).

        Write after `backward()`: a write into the graph before it makes `backward()` raise SavedArrayError.
        A single number that NumPy computed is a NumPy scalar.
        """
        if (self._held or self._pulls) and self not in shown:
            shown[self] = self._data.copy()
        return self._data

    @data.setter
    def data(self, new: Array) -> None:
        old = self._data
        if new is old:  # `t.data -= step` has written in place and now assigns the same array
            shown.pop(self, None)
            _stamp(self)
            return
        got = getattr(new, "shape", type(new).__name__)
        if got != old.shape:
            raise ShapeError(f"data: got {got} for a tensor of shape {old.shape}. Fix: keep the shape.")
        settle()
        same_kind = new.dtype == old.dtype and type(new) is type(old)
        self._data = new if same_kind else xp_of(old).array(new, old.dtype)

    def item(self) -> float:
        """The only element, as a Python number (waits for a GPU)."""
        return self._data.item()

    def numpy(self) -> Any:
        """A NumPy copy of the data, yours to write into (waits for a GPU)."""
        return to_host(self._data)

    def detach(self) -> Tensor:
        """A copy that no gradient flows through."""
        return Tensor(self._data)

    def backward(self, grad: Any = None, retain_graph: bool = False) -> None:
        """Add dL/d(leaf) to the `grad` of every leaf that this tensor was computed from.

        `grad` is dL/d(self), of self's shape; a single number needs none, it is L. The graph is freed on the way unless
        `retain_graph`. The gradients of several calls add up. Raises BackwardError without a graph or a needed `grad`,
        GraphFreedError for a graph already used, SavedArrayError if one of its arrays was written meanwhile; all of
        these before any gradient has changed.
        """
        seed = _seed(self, grad)
        if self._pulls is None:
            _accumulate(self, seed, given=seed)
        else:
            settle()
            _walk(self, seed, _count_uses(self), retain_graph)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("NumPy cannot compute with a Tensor. Fix: use the engine's operation, or t.numpy().")

    def __repr__(self) -> str:
        text = repr(self._data).removeprefix("array(").removesuffix(")")
        return f"Tensor({text}{', requires_grad=True' if self.requires_grad else ''})"

    if TYPE_CHECKING:  # what ops.py attaches
        T: Tensor

        def _operation(self, *args: Any, **options: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operation
        __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __abs__ = __getitem__ = _operation
        exp = log = sqrt = abs = tanh = sigmoid = relu = reshape = transpose = _operation
        sum = mean = max = logsumexp = _operation


def wrap(data: Array, requires_grad: bool = False, inputs: tuple = (), pulls: Any = None) -> Tensor:
    """A tensor that holds `data` itself, not a copy: on a leaf, foreign writes into it are not noticed."""
    if requires_grad and pulls is None and getattr(data, "dtype", np.dtype(object)).kind != "f":
        got = getattr(data, "dtype", type(data).__name__)
        raise DtypeError(f"a gradient needs an array of floats, got {got}. Fix: write 1.0, not 1.")
    t = object.__new__(Tensor)
    t._data, t.grad, t.requires_grad, t._inputs, t._pulls = data, None, requires_grad, inputs, pulls
    t._born, t._written, t._held = _clock, 0, 0
    return t


def parameter(data: Any, dtype: Any = None) -> Tensor:
    """A tensor to be learned: a copy of `data` that requires a gradient."""
    return Tensor(data, True, dtype)


def _seed(root: Tensor, grad: Any) -> Array:
    """dL/d(root), where the walk starts."""
    data = root._data
    if not root.requires_grad:
        raise BackwardError("backward: nothing has a gradient. Fix: Tensor(x, requires_grad=True), outside no_grad().")
    if grad is None and data.size != 1:
        raise BackwardError(f"backward: shape {data.shape} is not a single number. Fix: loss.mean(), or pass grad.")
    if grad is None:
        return filled(xp_of(data), 1.0, data.shape, data.dtype)
    seed = xp_of(data).array(grad._data if isinstance(grad, Tensor) else grad, data.dtype)
    if seed.shape != data.shape:
        raise ShapeError(f"backward: grad is {seed.shape}, the tensor {data.shape}. Fix: make them equal.")
    return seed


def _count_uses(root: Tensor) -> dict[Tensor, int]:
    """How many users each tensor between root and leaves has. Refuses a graph that cannot be walked."""
    uses: dict[Tensor, int] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        pulls = node._pulls
        if not pulls:
            raise GraphFreedError(
                "backward: an earlier backward() has used and freed this graph. "
                "Fix: compute the loss again, or call the first backward(retain_graph=True)."
            )
        if node._born != _clock and any([t._written > node._born for t in (node, *node._inputs)]):
            name = next(pull for pull in pulls if pull).__qualname__.split(".")[-3]
            raise SavedArrayError(f"backward: an array of {name} was written. Fix: call backward() before the update.")
        for x, pull in zip(node._inputs, pulls, strict=True):
            if pull is not None and x._pulls is not None:
                if x not in uses:
                    stack.append(x)
                uses[x] = uses.get(x, 0) + 1
    return uses


def _walk(root: Tensor, seed: Array, uses: dict[Tensor, int], retain_graph: bool) -> None:
    """Send gradients down to the leaves; each tensor passes on the sum of what its users have sent."""
    sums = {root: seed}
    ready = [root]
    while ready:
        node = ready.pop()
        g, inputs, pulls = sums.pop(node), node._inputs, node._pulls or FREED
        if not retain_graph:
            node._inputs, node._pulls = (), FREED
        for x, pull in zip(inputs, pulls, strict=True):
            leaf = x._pulls is None
            if leaf and not retain_graph:
                x._held -= 1
            if pull is None:
                continue
            part = pull(g)
            if part.shape != x._data.shape:
                part = _unbroadcast(part, x._data.shape, pull)
            if leaf:
                _accumulate(x, part, given=g)
                continue
            sums[x] = sums[x] + part if x in sums else part
            uses[x] -= 1
            if not uses[x]:
                del uses[x]
                ready.append(x)


def _accumulate(leaf: Tensor, part: Array, given: Array) -> None:
    """leaf.grad += part, with the leaf's dtype and memory of its own, whatever the pullback returned."""
    data = leaf._data
    if leaf.grad is not None:
        leaf.grad += part
    elif part is given or part.base is not None or part.dtype != data.dtype or type(part) is not type(data):
        leaf.grad = xp_of(data).array(part, data.dtype)
    else:
        leaf.grad = part


def _unbroadcast(g: Array, shape: tuple[int, ...], pull: Pullback) -> Array:
    """Sum `g` over the dimensions along which an array of `shape` was broadcast."""
    total = g.sum(tuple(range(g.ndim - len(shape)))) if g.ndim > len(shape) else g
    if total.ndim == len(shape):
        stretched = tuple([i for i, n in enumerate(shape) if n == 1 != total.shape[i]])
        total = total.sum(stretched, keepdims=True) if stretched else total
    if total.shape != shape:
        raise ShapeError(
            f"{pull.__qualname__}: this pullback returned shape {g.shape} for an input of shape {shape}. "
            "Fix: dL/d(input) has the input's shape, or one that it broadcasts to."
        )
    return total


# ---- Watching writes -------------------------------------------------------------------------------------
# A gradient computed from an array that was written since the forward pass is wrong in silence. Read-only flags would
# forbid harmless writes (an update while a validation loss is still around), and CuPy has none. So the setter notes
# the time of `t.data -= step`; and as whoever asks for `t.data` while a graph holds t might write `t.data[0] = 1`, a
# copy is kept, and compared when the engine is used next. A training step pays for neither: backward() lets go of the
# parameters. Not noticed: a write through an array taken out before (a = t.data; y = t * t; a[0] = 1).


def _stamp(t: Tensor) -> None:
    global _clock
    _clock += 1
    t._written = _clock


def settle() -> None:
    """Note writes into arrays that were handed out."""
    for t, before in shown.items():
        if not bool(((t._data == before) | (before != before)).all()):  # nan is equal to nan here
            _stamp(t)
    shown.clear()
