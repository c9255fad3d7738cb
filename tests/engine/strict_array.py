"""An array that is as strict as a device array: nothing reaches the host, or waits, without being asked for.

It stands in for CuPy where there is no GPU. It refuses implicit conversion to NumPy, float() and bool(), NumPy arrays
as operands or indices, `ufunc.reduce`, and any NumPy function that is not listed here. Reductions stay 0-d arrays.
The module is the array's namespace, as the module cupy is.
"""

import sys
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

NAME = "strict_array"
sys.modules[NAME] = sys.modules[__name__]
FUNCTIONS = {np.where, np.empty_like, np.zeros_like}


def host(x: Any) -> Any:
    """The NumPy array inside; refuses arrays that were never moved here."""
    if isinstance(x, StrictArray):
        return x.inner
    if isinstance(x, np.ndarray):
        raise TypeError("a NumPy array met a device array: move it first")
    if isinstance(x, tuple | list):
        return type(x)(host(part) for part in x)
    return x


class StrictArray(NDArrayOperatorsMixin):
    __module__ = f"{NAME}.core"

    def __init__(self, inner: Any, base: Any = None) -> None:
        self.inner, self.base = np.asarray(inner), base

    def view(self, inner: Any) -> "StrictArray":
        return type(self)(inner, self if np.shares_memory(inner, self.inner) else None)

    shape = property(lambda self: self.inner.shape)
    dtype = property(lambda self: self.inner.dtype)
    ndim = property(lambda self: self.inner.ndim)
    size = property(lambda self: self.inner.size)
    T = property(lambda self: self.view(self.inner.T))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"{ufunc.__name__}.{method} is not for device arrays")
        result = ufunc(*map(host, inputs), **kwargs)
        if out is None:
            return type(self)(result)
        if out[0] is not inputs[0]:
            raise TypeError("out= is only for in-place operators here")
        out[0].inner[...] = result
        return out[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function not in FUNCTIONS:
            raise TypeError(f"numpy.{function.__name__} is not for device arrays")
        return type(self)(function(*map(host, args), **kwargs))

    def __getitem__(self, index: Any) -> "StrictArray":
        return self.view(self.inner[host(index)])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.inner[host(index)] = host(value)

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this would wait for the device, or copy from it, without being asked to")

    __array__ = __float__ = __int__ = __bool__ = __len__ = __iter__ = __index__ = item = tolist = _refuse

    def get(self) -> np.ndarray:
        return self.inner.copy()

    def copy(self) -> "StrictArray":
        return type(self)(self.inner.copy())

    def astype(self, dtype: Any) -> "StrictArray":
        return type(self)(self.inner.astype(dtype))

    def dot(self, other: Any) -> "StrictArray":
        return type(self)(self.inner.dot(host(other)))

    def reshape(self, *shape: Any) -> "StrictArray":
        return self.view(self.inner.reshape(*shape))

    def transpose(self, *axes: Any) -> "StrictArray":
        return self.view(self.inner.transpose(*axes))

    def swapaxes(self, i: int, j: int) -> "StrictArray":
        return self.view(self.inner.swapaxes(i, j))

    def sum(self, axis: Any = None, keepdims: bool = False) -> "StrictArray":
        return type(self)(self.inner.sum(axis=axis, keepdims=keepdims))

    def max(self, axis: Any = None, keepdims: bool = False) -> "StrictArray":
        return type(self)(self.inner.max(axis=axis, keepdims=keepdims))


def array(data: Any, dtype: Any = None) -> StrictArray:
    return StrictArray(np.array(data.inner if isinstance(data, StrictArray) else data, dtype))


def asarray(data: Any, dtype: Any = None) -> StrictArray:
    return data if isinstance(data, StrictArray) and dtype in (None, data.dtype) else array(data, dtype)


def arange(n: int) -> StrictArray:
    return StrictArray(np.arange(n))


def full(shape: Any, value: Any, dtype: Any = None) -> StrictArray:
    return StrictArray(np.full(shape, value, dtype))


class add:
    @staticmethod
    def at(target: StrictArray, index: Any, values: StrictArray) -> None:
        np.add.at(target.inner, host(index), host(values))
