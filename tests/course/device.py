"""A stand-in for the module cupy where there is no GPU, to run notebooks on: as strict as CuPy, and no stricter.

An array here is a `tests.engine.strict_array` that lets itself be waited for (``float(x)``, ``for row in x``,
``x[mask]``) and takes NumPy arrays as indices, as CuPy's do. Functions, methods and their arguments are those of
CuPy, by name; speed, memory and rounding of a real device cannot be seen here.
"""

import sys
import types
from typing import Any

import numpy as np

from tests.engine import cupy_names, strict_array
from tests.engine.strict_array import StrictArray, asnumpy, host, made


class DeviceArray(StrictArray):
    """An array of this module: `StrictArray`, but for what waits and is asked for."""

    __module__ = "cupy.core"
    may_wait = True


class Module(types.ModuleType):
    """A new stand-in for the module, for `sys.modules`."""

    ndarray = DeviceArray
    _find = staticmethod(strict_array.namespace(DeviceArray))

    def __init__(self) -> None:
        super().__init__("cupy")
        self.__version__ = "14.2.0"
        self.cuda = types.SimpleNamespace(is_available=lambda: True)
        self.linalg = types.SimpleNamespace(**{name: _linalg(name) for name in cupy_names.LINALG})
        for name in ("float16", "float32", "float64", "int32", "int64", "bool_", "pi", "inf", "nan", "newaxis"):
            setattr(self, name, getattr(np, name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._find(name)

    asnumpy = staticmethod(asnumpy)

    @staticmethod
    def array(data: Any, dtype: Any = None) -> DeviceArray:
        return made(DeviceArray, data, dtype)

    @staticmethod
    def asarray(data: Any, dtype: Any = None) -> DeviceArray:
        return data if isinstance(data, DeviceArray) and dtype in (None, data.dtype) else made(DeviceArray, data, dtype)

    @staticmethod
    def shares_memory(one: Any, other: Any) -> bool:
        return np.shares_memory(host(one), host(other))


def _linalg(name: str) -> Any:
    return lambda *args, **kwargs: strict_array.call(name, cupy_names.LINALG, DeviceArray, args, kwargs)


def plug_in(monkeypatch: Any) -> Module:
    """Let ``import cupy`` find a stand-in, for as long as the test runs."""
    module = Module()
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setitem(sys.modules, "cupy.core", module)
    return module
