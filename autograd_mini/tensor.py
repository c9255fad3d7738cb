"""The tensor: an array that remembers how it was made, and the walk back through that memory.

Every operation computes its value and, for each input, a *pullback*: the function that takes dL/d(output) to
dL/d(input). The output keeps its inputs and these, so tensors form a graph. `backward()` walks it from the loss to the
leaves, visits each tensor once all its users have been visited, and adds up what arrives: reverse mode (Griewank and
Walther, Evaluating Derivatives, 2nd ed. 2008, chapter 3). Users are younger than what they use, so the walk visits the
youngest tensor first.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from .backend import Array, array_of, to_host, xp_of
from .errors import AnomalyError, BackwardError, DtypeError, GraphFreedError, SavedArrayError, ShapeError

Pullback = Callable[..., Array]

FREED = ()  # the edges of a tensor whose graph backward() has used up

_anxious = False  # True inside detect_anomaly()
_clock = 0  # counts the tensors that operations made, and writes into tensors, see "Watching writes"
_last_write = 0
written: WeakKeyDictionary[Tensor, int] = WeakKeyDictionary()  # tensors written while a graph held them, and when
shown: dict[Tensor, Array] = {}  # tensors whose array was handed out while a graph holds them, and a copy


_new = object.__new__


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

    __slots__ = ("__weakref__", "_born", "_data", "_edges", "_held", "_into", "grad", "requires_grad")
    __array_priority__ = 1000  # tells NumPy and CuPy to leave `array * tensor` to the tensor

    grad: Array
    requires_grad: bool
    _data: Array
    _edges: tuple | None  # what this was computed from: input, pullback, input, pullback, ...; None on a leaf
    _born: int  # on what an operation made: when, by _clock
    _held: int  # on a leaf: how many recorded operations use it
    _into: Any  # on a leaf: the array that its gradient is written into, see nn.flat_parameters

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
        if _in_use(self) and self not in shown:
            shown[self] = self._data.copy()
        return self._data

    @data.setter
    def data(self, new: Array) -> None:
        old = self._data
        if new is old:  # `t.data -= step` has written in place and now assigns the same array
            shown.pop(self, None)
            note_write(self)
            return
        got = getattr(new, "shape", type(new).__name__)
        if got != old.shape:
            raise ShapeError(f"data: got {got} for a tensor of shape {old.shape}. Fix: keep the shape.")
        settle()
        same_kind = new.dtype == old.dtype and type(new) is type(old)
        if self._edges is None and self._into is not None:  # part of a flat vector, and remains it
            old[...] = new
            note_write(self)
        else:
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
        if shown:
            settle()
        if _last_write:
            _refuse_written(self)
        for leaf, total in _walk(self, seed, retain_graph).items():
            if leaf.grad is None:
                leaf.grad = total
            elif leaf.grad is total:
                raise BackwardError("backward: a pullback called backward(). Fix: use parameters that are not flat.")
            else:
                leaf.grad += total

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        raise TypeError("== between a tensor and something else is not defined. Fix: t.numpy() == other.")

    def __reduce__(self) -> tuple:
        return Tensor, (self._data, self.requires_grad)

    __hash__ = object.__hash__
    __len__ = lambda self: len(self._data)  # noqa: E731
    __bool__ = lambda self: bool(self._data)  # noqa: E731
    __float__ = lambda self: float(self.item())  # noqa: E731

    def __format__(self, spec: str) -> str:
        return format(self.item() if spec else repr(self), spec)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("NumPy cannot compute with a Tensor. Fix: use the engine's operation, or t.numpy().")

    def __repr__(self) -> str:
        text = repr(self._data).partition("(")[2].removesuffix(")")
        return f"Tensor({text}{', requires_grad=True' if self.requires_grad else ''})"

    if TYPE_CHECKING:  # what ops.py attaches
        T: Tensor

        def _operation(self, *args: Any, **options: Any) -> Tensor: ...

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operation
        __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __abs__ = __getitem__ = _operation
        exp = log = sqrt = abs = tanh = sigmoid = relu = clip = reshape = transpose = squeeze = _operation
        sum = mean = max = logsumexp = softmax = _operation


def wrap(data: Array, requires_grad: bool = False) -> Tensor:
    """A leaf that holds `data` itself, not a copy: foreign writes into it are not noticed."""
    if isinstance(data, Tensor):
        raise DtypeError("got a tensor where an array is needed. Fix: pass t.data; within an @op compute by NumPy.")
    if requires_grad and getattr(data, "dtype", np.dtype(object)).kind != "f":
        raise DtypeError(f"a gradient needs an array of floats, got {getattr(data, 'dtype', data)}. Fix: write [1.0].")
    t = _new(Tensor)
    t._data, t.grad, t.requires_grad, t._edges, t._held, t._into = data, None, requires_grad, None, 0, None
    return t


def node(data: Array, edges: tuple) -> Tensor:
    """What an operation made of its inputs; `edges` are these, each followed by its pullback or None."""
    global _clock
    if _anxious and bool((data != data).any()):
        got = " and ".join([f"{x._data.min():.3g} to {x._data.max():.3g}" for x in edges[::2] if x.size])
        raise AnomalyError(f"{op_name(edges[1::2])}: the value has a NaN, from inputs {got}. Fix: look at these.")
    _clock += 1
    t = _new(Tensor)
    t._data, t.grad = data, None  # two by two: a tuple of five takes longer
    t.requires_grad, t._edges = True, edges
    t._born = _clock
    return t


def parameter(data: Any, dtype: Any = None) -> Tensor:
    """A tensor to be learned: a copy of `data` that requires a gradient."""
    return Tensor(data, True, dtype)


def _seed(root: Tensor, grad: Any) -> Array:
    """dL/d(root), where the walk starts."""
    data = root._data
    if not root.requires_grad:
        raise BackwardError("backward: nothing has a gradient. Fix: Tensor(x, requires_grad=True), outside no_grad().")
    if grad is None and isinstance(data, np.floating):
        return type(data)(1)
    if isinstance(data, Tensor):
        raise DtypeError("backward: an @op computed by tensors, its options perhaps. Fix: give it arrays, t.data.")
    if data.dtype.kind != "f":
        raise DtypeError(f"backward: the tensor is {data.dtype}. Fix: a loss must be of floats.")
    if grad is None and data.size != 1:
        raise BackwardError(f"backward: shape {data.shape} is not a single number. Fix: loss.mean(), or pass grad.")
    if grad is None:
        return xp_of(data).ones_like(data)
    seed = xp_of(data).array(grad._data if isinstance(grad, Tensor) else grad, data.dtype)
    if seed.shape != data.shape:
        raise ShapeError(f"backward: grad is {seed.shape}, the tensor {data.shape}. Fix: make them equal.")
    return seed


def _walk(root: Tensor, seed: Array, retain_graph: bool) -> dict[Tensor, Array]:
    """Send gradients down, each tensor passing on the sum of what its users have sent. Returns the leaves' sums."""
    if root._edges is None:
        return {root: xp_of(seed).array(seed)}
    leaves: dict[Tensor, Array] = {}
    waiting = {root._born: (root, seed)}  # tensors that were reached, with what has arrived, by when they were made
    order = [-root._born]  # and a heap of these times: the youngest is next
    while order:
        tensor, g = waiting.pop(-heappop(order))
        if not tensor._edges:
            raise GraphFreedError(
                "backward: an earlier backward() has used and freed this graph. "
                "Fix: compute the loss again, or call the first backward(retain_graph=True)."
            )
        edges = iter(tensor._edges)
        if not retain_graph:
            tensor._edges = FREED
        for x in edges:
            pull = next(edges)
            if x._edges is None:
                if not retain_graph:
                    x._held -= 1
                if pull is not None:
                    leaves[x] = _add(leaves.get(x), x, pull, g)
            elif pull is not None:
                part = pull(g)
                if _anxious or getattr(part, "shape", None) != x._data.shape:
                    part = _unbroadcast(part, x._data.shape, pull)
                born = x._born
                if born in waiting:
                    waiting[born] = x, waiting[born][1] + part
                else:
                    waiting[born] = x, part
                    heappush(order, -born)
    return leaves


def _add(total: Array, leaf: Tensor, pull: Pullback, g: Array) -> Array:
    """`total` and what `pull` sends to a leaf, in the leaf's dtype and in memory that nobody else writes into."""
    data = leaf._data
    into = leaf._into if total is None and leaf.grad is None else None
    if into is not None and not _anxious and "out" in (getattr(pull, "__kwdefaults__", None) or ()):
        try:
            return pull(g, out=into)
        except ValueError:  # what it computes has another dtype
            pass
    part = pull(g)
    if _anxious or getattr(part, "shape", None) != data.shape:
        part = _unbroadcast(part, data.shape, pull)
    if total is not None:
        total += part
        return total
    if into is not None:
        into[...] = part
        return into
    if data.dtype.kind != "f":
        raise DtypeError(f"backward: a leaf that requires a gradient is {data.dtype}. Fix: make it of floats.")
    if type(part) is not type(data) or part is g or part.base is not None or part.dtype != data.dtype:
        return xp_of(data).array(part, data.dtype)
    return part


def _unbroadcast(g: Array, shape: tuple[int, ...], pull: Pullback) -> Array:
    """`g`, summed over the dimensions along which an array of `shape` was broadcast."""
    got = getattr(g, "shape", None)
    total = g.sum(tuple(range(len(got) - len(shape)))) if got is not None and len(got) > len(shape) else g
    if got is not None and total.ndim == len(shape):
        stretched = tuple([i for i, n in enumerate(shape) if n == 1 != total.shape[i]])
        total = total.sum(stretched, keepdims=True) if stretched else total
    if got is None or total.shape != shape:
        raise ShapeError(
            f"{op_name([pull])}: a pullback returned {got or type(g).__name__} for an input of shape {shape}. "
            "Fix: dL/d(input) is an array of the input's shape, or of one that it broadcasts to."
        )
    if _anxious and bool((total != total).any()):
        raise AnomalyError(f"{op_name([pull])}: a gradient has a NaN. Fix: keep its inputs where it has a derivative.")
    return total


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Inside `with detect_anomaly():` the operation that makes a NaN, forward or backward, raises AnomalyError."""
    global _anxious
    before, _anxious = _anxious, True
    try:
        yield
    finally:
        _anxious = before


# ---- Watching writes -------------------------------------------------------------------------------------
# A gradient computed from an array that was written since the forward pass is wrong in silence. Read-only flags would
# forbid harmless writes (an update while a validation loss is still around), and CuPy has none. So the setter notes
# the time of `t.data -= step`; and as whoever asks for `t.data` while a graph holds t might write `t.data[0] = 1`, a
# copy is kept, and compared when the engine is used next. A training step pays for neither: backward() lets go of the
# parameters. Not noticed: a write through an array taken out before (a = t.data; y = t * t; a[0] = 1), or assigned
# before (t.data = a).


def _in_use(t: Tensor) -> bool:
    """Whether a graph may hold t."""
    return bool(t._held if t._edges is None else t._edges)


def note_write(t: Tensor) -> None:
    """t has been written, and with it what it is a view of: of no use to graphs that hold these."""
    global _clock, _last_write
    stack = [t]
    while stack:
        t = stack.pop()
        if _in_use(t):
            _clock += 1
            written[t] = _last_write = _clock
            t._held = 0  # whatever held it is of no use now
        owner = t._data if t._data.base is None else t._data.base
        stack += [x for x in (t._edges or ())[::2] if owner is x._data or owner is x._data.base]


def settle() -> None:
    """Note writes into arrays that were handed out."""
    for t, before in shown.items():
        now = t._data
        if not bool(((now == before) | (now != now) & (before != before)).all()):  # nan is equal to nan here
            note_write(t)
    shown.clear()


def _refuse_written(root: Tensor) -> None:
    """Raise if a tensor below `root` was written after it had been used."""
    seen, stack = {root}, [root]
    while stack:
        tensor = stack.pop()
        edges = tensor._edges or ()
        if any([written.get(t, 0) > tensor._born for t in (tensor, *edges[::2]) if edges]):
            raise SavedArrayError(
                f"backward: an array of {op_name(edges[1::2])} was written. Fix: call backward() before the update."
            )
        new = {t for t in edges[::2] if t._edges is not None} - seen
        seen |= new
        stack += new


def op_name(pulls: Iterable[Pullback | None]) -> str:
    """The operation that these pullbacks belong to."""
    name = getattr(next((pull for pull in pulls if pull), None), "__qualname__", "an operation")
    return name.split(".<locals>.")[-2:][0].strip("_")


for _name in ("lt", "le", "gt", "ge"):  # of the numbers, as arrays: nothing flows back through them
    _compare = getattr(operator, _name)
    setattr(Tensor, f"__{_name}__", lambda self, other, f=_compare: f(self._data, getattr(other, "_data", other)))
