"""A stand-in for the module cupy where there is no GPU, to run notebooks on: as strict as CuPy, and no stricter.

An array here refuses implicit conversion to NumPy, NumPy arrays as operands or arguments, lists that mix arrays and
numbers, and ``operator.index``, as CuPy's do; other than `tests.engine.strict_array`, which it is made of, it lets
itself be waited for (``float(x)``, ``for row in x``), and takes NumPy arrays as indices. Functions and methods are
those that CuPy has, by name; options, speed, memory and rounding of a real device cannot be seen here.
"""

import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.engine.strict_array import StrictArray, host

FUNCTIONS = frozenset(
    """abs add all any arange argmax argmin argsort array_equal broadcast_to clip concatenate copy cos cumsum diag diff
    dot einsum empty empty_like exp expand_dims eye flip full full_like isfinite linspace log logspace max
    maximum mean median min minimum multiply nan_to_num ndim nonzero ones ones_like outer prod quantile ravel
    repeat reshape searchsorted sign sin sort shape size split sqrt squeeze stack std subtract sum take tanh
    tile trace transpose unique var vstack where zeros zeros_like""".split()
)
"""Of numpy's functions those that CuPy 13 and 14 have too, and that a lesson may need."""

LINALG = frozenset("cholesky det eigh eigvalsh inv lstsq norm pinv qr slogdet solve svd".split())

METHODS = frozenset(
    """all any argmax argmin argsort clip cumsum diagonal fill flatten mean min nonzero prod ravel repeat round
    sort squeeze std take trace var""".split()
)


class DeviceArray(StrictArray):
    """An array of this module: `StrictArray`, but for what waits and is asked for."""

    __module__ = "cupy.core"
    __cuda_array_interface__ = property(lambda self: {"shape": self.shape})
    nbytes, itemsize = property(lambda self: self.inner.nbytes), property(lambda self: self.inner.itemsize)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"{ufunc.__name__}.{method} is not for device arrays")
        result = ufunc(*map(host, inputs), **kwargs)
        if out is None:
            return wrapped(result)
        out[0].inner[...] = result
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        name = function.__name__
        allowed = LINALG if function.__module__ == "numpy.linalg" else FUNCTIONS
        if name not in allowed:
            raise TypeError(f"CuPy has no {name}, or no lesson needed it so far")
        return wrapped(function(*map(host, args), **{key: host(value) for key, value in kwargs.items()}))

    def __getattr__(self, name: str) -> Callable:
        if name not in METHODS:
            raise AttributeError(f"a device array has no {name!r}, or no lesson needed it so far")
        method = getattr(self.inner, name)
        return lambda *args, **kwargs: wrapped(method(*map(host, args), **kwargs))

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Iterator["DeviceArray"]:
        return (self[place] for place in range(len(self.inner)))

    def __float__(self) -> float:
        return float(self.inner)

    def __int__(self) -> int:
        return int(self.inner)

    def __getitem__(self, index: Any) -> "DeviceArray":
        return self.view(self.inner[_moved(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.inner[_moved(index)] = host(value)

    def __bool__(self) -> bool:
        return bool(self.inner)

    def __format__(self, spec: str) -> str:
        return format(self.inner[()], spec)

    def __repr__(self) -> str:
        return repr(self.inner)

    def __deepcopy__(self, memo: dict) -> "DeviceArray":
        return self.copy()

    def item(self, *place: int) -> Any:
        return self.inner.item(*place)

    def tolist(self) -> Any:
        return self.inner.tolist()

    def astype(self, dtype: Any, copy: bool = True) -> "DeviceArray":
        return DeviceArray(self.inner.astype(dtype, copy=copy))

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> "DeviceArray":
        return DeviceArray(self.inner.sum(axis=axis, dtype=dtype, keepdims=keepdims))


def wrapped(value: Any) -> Any:
    """What a function gave, on the device: also single numbers, which CuPy leaves there as 0-d arrays."""
    if isinstance(value, np.ndarray | np.generic):
        return DeviceArray(value)
    if isinstance(value, tuple | list):
        return type(value)(map(wrapped, value)) if type(value) in {tuple, list} else tuple(map(wrapped, value))
    return value


def cupy() -> types.ModuleType:
    """A new stand-in for the module, for `sys.modules`."""
    module = types.ModuleType("cupy")
    module.ndarray = DeviceArray
    for name in FUNCTIONS:
        setattr(module, name, _function(getattr(np, name)))
    module.linalg = types.SimpleNamespace(**{name: _function(getattr(np.linalg, name)) for name in LINALG})
    module.array = lambda data, dtype=None: _asarray(data, dtype).copy()
    module.asarray = lambda data, dtype=None: _asarray(data, dtype)
    module.asnumpy = lambda data: data.get() if isinstance(data, DeviceArray) else np.asarray(data)
    module.shares_memory = lambda one, other: np.shares_memory(host(one), host(other))
    module.cuda = types.SimpleNamespace(is_available=lambda: True)
    for name in ("float16", "float32", "float64", "int32", "int64", "bool_", "pi", "inf", "nan", "newaxis"):
        setattr(module, name, getattr(np, name))
    module.add.at = lambda target, index, values: np.add.at(target.inner, host(index), host(values))
    return module


def _function(function: Callable) -> Callable:
    def on_device(*args: Any, **kwargs: Any) -> Any:
        return wrapped(function(*map(host, args), **{key: host(value) for key, value in kwargs.items()}))

    return on_device


def _asarray(data: Any, dtype: Any) -> DeviceArray:
    """The one way in: NumPy arrays, numbers, and lists of either, or of device arrays."""
    if isinstance(data, DeviceArray) and dtype in (None, data.dtype):
        return data
    if isinstance(data, list | tuple) and len({isinstance(leaf, StrictArray) for leaf in _leaves(data)}) > 1:
        raise TypeError("CuPy does not make an array of device arrays and numbers together")
    return DeviceArray(np.array(_moved(data), dtype))


def _leaves(data: Any) -> Iterator[Any]:
    if isinstance(data, list | tuple):
        for part in data:
            yield from _leaves(part)
    else:
        yield data


def _moved(data: Any) -> Any:
    if isinstance(data, StrictArray):
        return data.inner
    return type(data)(map(_moved, data)) if isinstance(data, list | tuple) else data
