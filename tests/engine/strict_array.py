"""An array that is as strict as a device array: nothing reaches the host, or waits, without being asked for.

It stands in for CuPy where there is no GPU, and was written beside the source of CuPy 14.2. Like a CuPy array it
refuses NumPy arrays as operands or values, implicit conversion to NumPy, `operator.index`, functions, methods and
arguments that CuPy has not (`cupy_names`), `dot` with a number or into an array of another dtype or memory order;
reductions stay 0-d arrays; integer arrays as indices wrap around in silence.

Stricter than CuPy it refuses what CuPy does by waiting or by a transfer: `float(x)`, `bool(x)`, `x[mask]`, `x[[0, 1]]`,
`for row in x`; but not inside of `with waiting():`. `heard` has all of these, and what is asked for: `x.get()`,
`asarray(host)`. It also refuses `x[places] = array` with a place that comes twice, which CuPy leaves undefined.
Not seen here: speed, memory, rounding, the memory order of results.

The module is the array's namespace, as the module cupy is.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import cupy_names

NAME = "strict_array"
sys.modules[NAME] = sys.modules[__name__]
SCALARS = (bool, int, float, complex, np.generic)
REDUCTIONS = frozenset("all any argmax argmin max mean min prod std sum var".split())
PLAIN = (int, slice, type(None), type(...))

heard: list[str] = []
"""What waited, or went from the host to the device or back, in turn."""
_waiting = False


@contextmanager
def waiting() -> Iterator[None]:
    """Here the host may wait for the device and copy to it by the way, as CuPy lets it."""
    global _waiting
    before, _waiting = _waiting, True
    try:
        yield
    finally:
        _waiting = before


def host(x: Any) -> Any:
    """The NumPy array inside; refuses arrays that were never moved here."""
    if isinstance(x, StrictArray):
        return x.inner
    if isinstance(x, np.ndarray):
        raise TypeError("a NumPy array met a device array: move it first")
    if isinstance(x, (tuple, list)):
        if len({isinstance(part, StrictArray) for part in x}) > 1:
            raise TypeError("device arrays and other things in one sequence")
        return type(x)(host(part) for part in x)
    return x


class StrictArray(NDArrayOperatorsMixin):
    __module__ = f"{NAME}.core"
    may_wait = False

    def __init__(self, inner: Any, base: Any = None) -> None:
        self.inner, self.base = np.asarray(inner), base

    shape = property(lambda self: self.inner.shape)
    dtype = property(lambda self: self.inner.dtype)
    ndim = property(lambda self: self.inner.ndim)
    size = property(lambda self: self.inner.size)
    nbytes = property(lambda self: self.inner.nbytes)
    itemsize = property(lambda self: self.inner.itemsize)
    strides = property(lambda self: self.inner.strides)
    T = property(lambda self: self.of(self.inner.T) if self.ndim > 1 else self)
    __cuda_array_interface__ = property(lambda self: {"shape": self.shape})

    @property
    def flags(self) -> SimpleNamespace:
        flags = self.inner.flags
        return SimpleNamespace(
            c_contiguous=flags.c_contiguous, f_contiguous=flags.f_contiguous, owndata=self.base is None
        )

    def of(self, value: Any) -> Any:
        """What NumPy gave, on the device: single numbers too, which CuPy leaves there as 0-d arrays."""
        if isinstance(value, (np.ndarray, np.generic)):
            shared = isinstance(value, np.ndarray) and np.may_share_memory(value, self.inner)
            return type(self)(value, (self if self.base is None else self.base) if shared else None)
        if isinstance(value, tuple | list):
            return type(value)(map(self.of, value)) if type(value) in {tuple, list} else tuple(map(self.of, value))
        return value

    def wait(self, what: str) -> None:
        """The host waits for the device, or copies from it or to it, and nobody said so."""
        heard.append(what)
        if not (_waiting or self.may_wait):
            raise TypeError(f"{what} would wait for the device, or copy to or from it, without being asked to")

    # ---- NumPy's functions ----

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if name not in cupy_names.UFUNCS:
            raise TypeError(f"CuPy has no {name}, or nobody needed it so far")
        if method != "__call__" and name not in cupy_names.UFUNC_METHODS[method]:
            raise NotImplementedError(f"CuPy has no {name}.{method}")
        if method == "__call__" and set(kwargs) - {"dtype", "casting"}:
            raise TypeError(f"{name} takes no {sorted(set(kwargs) - {'dtype', 'casting'})} on a device")
        for x in (*inputs, *(out or ())):
            if not isinstance(x, OPERANDS):
                raise TypeError(f"{name} of a {type(x).__name__} and a device array: move it first")
        if method == "at":
            _scatter(name)(*inputs)
            return None
        if out is not None:
            if len(out) != 1 or not isinstance(out[0], StrictArray):
                raise TypeError(f"{name}: the output must be one device array")
            kwargs["out"] = out[0].inner
        result = getattr(ufunc, method)(*map(host, inputs), **kwargs)
        if out is not None:
            return out[0]
        return self.of(result) if isinstance(result, tuple) else type(self)(result)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        linalg = function.__module__ == "numpy.linalg"
        return call(function.__name__, cupy_names.LINALG if linalg else cupy_names.FUNCTIONS, type(self), args, kwargs)

    # ---- Methods ----

    def __getattr__(self, name: str) -> Callable:
        if name not in cupy_names.METHODS:
            raise AttributeError(f"a device array has no {name!r}, or nobody needed it so far")

        def method(*args: Any, out: Any = None, **kwargs: Any) -> Any:
            cupy_names.check_arguments(name, cupy_names.METHODS, args, kwargs)
            if not self.ndim and name in REDUCTIONS and (args[:1] or (kwargs.get("axis"),))[0] not in (None, ()):
                raise np.exceptions.AxisError(f"{name}: CuPy knows no axis of a 0-d array, not even -1")
            if name in cupy_names.WAITING:
                self.wait(name)
            given = {} if out is None else {"out": host(out)}
            result = getattr(self.inner, name)(*map(host, args), **{k: host(v) for k, v in kwargs.items()}, **given)
            if name == "squeeze" and result.ndim == self.ndim:
                return self  # CuPy gives the array itself where nothing is to be done, where NumPy gives a view
            return (result if name in {"item", "tolist"} else self.of(result)) if out is None else out

        return method

    def get(self) -> np.ndarray:
        heard.append("get")
        return self.inner.copy()

    def copy(self, order: str = "C") -> Any:
        return type(self)(self.inner.copy(order))

    def astype(self, dtype: Any, order: str = "K", casting: Any = None, subok: Any = None, copy: bool = True) -> Any:
        if not copy and np.dtype(dtype) == self.dtype:
            return self
        return type(self)(self.inner.astype(dtype, order=order, casting=casting or "unsafe"))

    def dot(self, b: Any, out: Any = None) -> Any:
        for x in (b,) if out is None else (b, out):
            if not isinstance(x, StrictArray):
                raise TypeError(f"dot takes device arrays, not a {type(x).__name__}")
        if out is None:
            return type(self)(self.inner.dot(b.inner))
        if np.result_type(self.dtype, b.dtype) != out.dtype:
            raise ValueError("dot: the dtype of out is not that of the product")
        if not out.inner.flags.c_contiguous:
            raise ValueError("dot: out must be C-contiguous")
        self.inner.dot(b.inner, out=out.inner)
        return out

    # ---- What Python asks of an array ----

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("a device array does not become a NumPy array by itself: x.get()")

    def __index__(self) -> int:
        raise TypeError("a device array is no index for Python: int(x)")

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Iterator[Any]:
        if not (_waiting or self.may_wait):
            raise TypeError("a loop over a device array is a launch for each row")
        return (self[place] for place in range(len(self.inner)))

    def __bool__(self) -> bool:
        self.wait("bool")
        return bool(self.inner)

    def __int__(self) -> int:
        self.wait("int")
        return int(self.inner)

    def __float__(self) -> float:
        self.wait("float")
        return float(self.inner)

    def __format__(self, spec: str) -> str:
        self.wait("format")
        return format(self.inner[()], spec)

    def __repr__(self) -> str:
        return repr(self.inner)  # waits on a device; not here, as it shows arrays in the traces of failed tests

    def __deepcopy__(self, memo: dict) -> Any:
        return self.copy()

    def __getitem__(self, index: Any) -> Any:
        return self.of(self.inner[self.places(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        places = self.places(index)
        fancy = any([isinstance(part, np.ndarray) for part in places])
        if isinstance(value, StrictArray):
            if fancy and value.size > 1:
                target = np.arange(self.size).reshape(self.shape)[places]
                if np.unique(target).size < target.size:
                    raise TypeError("x[places] = array, and a place comes twice: what is stored there is undefined")
            value = value.inner
        elif not isinstance(value, SCALARS):
            if not fancy:
                raise ValueError(f"x[...] = {type(value).__name__}: move it first")
            self.wait("setting from the host")
        self.inner[places] = value

    def places(self, index: Any) -> tuple:
        """The index for NumPy: moved, with integer arrays wrapped around, as CuPy does."""
        parts = list(index) if isinstance(index, tuple) else [index]
        if all([isinstance(part, PLAIN) for part in parts]):
            return tuple(parts)
        for i, part in enumerate(parts):
            if isinstance(part, StrictArray):
                parts[i] = part.inner
            elif isinstance(part, list | tuple | np.ndarray):
                self.wait("an index from the host")
                parts[i] = np.asarray(part, None if len(part) else int)
        masks = sum(map(_is_mask, parts))
        if masks > 1:
            raise ValueError("CuPy takes one mask in an index")
        if masks:
            self.wait("a mask")
        return tuple(_wrapped(parts, self.shape))


OPERANDS = (StrictArray, *SCALARS)


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype == bool


def _wrapped(parts: list, shape: tuple[int, ...]) -> Iterator[Any]:
    """The parts of an index, with integer arrays taken modulo the length of their axis, as CuPy takes them."""
    axes = [0 if part is None or part is ... else part.ndim if _is_mask(part) else 1 for part in parts]
    axis = 0
    for i, part in enumerate(parts):
        if part is ...:
            axis = len(shape) - sum(axes[i:])
        wraps = isinstance(part, np.ndarray) and part.dtype.kind in "iu" and axis < len(shape)
        yield part % (shape[axis] or 1) if wraps else part
        axis += axes[i]


# ---- The module ----


def call(name: str, table: dict[str, str], kind: type[StrictArray], args: Any, kwargs: Any) -> Any:
    """NumPy's function of this name, on device arrays, if CuPy has it with these arguments."""
    if name not in table:
        raise TypeError(f"CuPy has no {name}, or nobody needed it so far")
    cupy_names.check_arguments(name, table, args, kwargs)
    kwargs = dict(kwargs)
    out = kwargs.get("out")
    if name in cupy_names.WAITING:
        kind(0).wait(name)
    if name == "where" and any(isinstance(x, list | tuple) for x in args):
        raise TypeError("where takes arrays and numbers, no lists")
    if kwargs.get("subok", 0) is None:
        del kwargs["subok"]
    module = np.linalg if table is cupy_names.LINALG else np
    result = getattr(module, name)(*map(host, args), **{key: host(value) for key, value in kwargs.items()})
    owner = next((x for x in args if isinstance(x, StrictArray)), kind(0))
    return owner.of(result) if out is None else out


def made(kind: type[StrictArray], data: Any, dtype: Any = None) -> Any:
    """A new array: the one way from the host to the device, for NumPy arrays, numbers and lists of either."""
    if isinstance(data, StrictArray):
        return kind(np.array(data.inner, dtype))
    parts = list(_leaves(data)) if isinstance(data, list | tuple) else []
    if any(isinstance(part, StrictArray) for part in parts):
        if not all(isinstance(part, StrictArray) for part in parts):
            raise TypeError("CuPy does not make an array of device arrays and numbers together")
    elif np.ndim(data):
        heard.append("asarray")  # a single number goes along with the launch
    return kind(np.array(_inside(data), dtype))


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, list | tuple):
        for part in data:
            yield from _leaves(part)
    else:
        yield data


def _inside(data: Any) -> Any:
    if isinstance(data, StrictArray):
        return data.inner
    return type(data)(map(_inside, data)) if isinstance(data, list | tuple) else data


def _scatter(name: str) -> Callable[..., None]:
    """ufunc.at: unlike np.add.at, cupy.add.at takes a tuple of indices."""

    def at(a: StrictArray, indices: Any, b: Any) -> None:
        if not isinstance(b, OPERANDS):
            a.wait("adding from the host")
        getattr(np, name).at(a.inner, a.places(indices), _inside(b))

    return at


def namespace(kind: type[StrictArray]) -> Callable[[str], Any]:
    """What a module has whose arrays are of this kind, by name."""

    def find(name: str) -> Any:
        if name in cupy_names.UFUNCS:
            return _ufunc(name, kind)
        if name not in cupy_names.FUNCTIONS:
            raise AttributeError(f"CuPy has no {name}, or nobody needed it so far")
        return lambda *args, **kwargs: call(name, cupy_names.FUNCTIONS, kind, args, kwargs)

    return find


def _ufunc(name: str, kind: type[StrictArray]) -> Callable:
    ufunc = getattr(np, name)

    def on_device(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, StrictArray) for x in args):
            return ufunc(*args, **kwargs)
        return kind(ufunc(*map(host, args), **kwargs))

    on_device.at = _scatter(name)  # type: ignore[attr-defined]
    return on_device


def array(data: Any, dtype: Any = None) -> StrictArray:
    return made(StrictArray, data, dtype)


def asarray(data: Any, dtype: Any = None) -> StrictArray:
    return data if isinstance(data, StrictArray) and dtype in (None, data.dtype) else array(data, dtype)


def asnumpy(data: Any) -> np.ndarray:
    return data.get() if isinstance(data, StrictArray) else np.asarray(data)


ndarray, __getattr__ = StrictArray, namespace(StrictArray)
