"""Where arrays live, on the host (NumPy) or on a GPU (CuPy): the array itself tells."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .errors import DtypeError

Array = Any  # numpy.ndarray or cupy.ndarray; NumPy's single numbers are its scalars


def xp_of(array: Array) -> Any:
    """The module of an array, numpy or cupy, for creating more of its kind. It imports nothing."""
    return _module(type(array))


def _module(kind: type) -> Any:
    return np if kind is np.ndarray else sys.modules[kind.__module__.partition(".")[0]]


def get_xp(name: str = "auto") -> Any:
    """The module "numpy" or "cupy"; "auto" is cupy where it finds a GPU. RuntimeError for "cupy" without."""
    if name not in ("auto", "numpy", "cupy"):
        raise ValueError(f'get_xp: no backend is called {name!r}. Fix: "numpy", "cupy" or "auto".')
    if name == "numpy":
        return np
    try:
        cupy = importlib.import_module("cupy")
        usable = cupy.cuda.is_available()  # without a driver the import succeeds and the first array fails
    except ImportError:
        usable = False
    if not usable and name == "cupy":
        raise RuntimeError('get_xp: no CuPy, or no GPU for it. Fix: see nvidia-smi, or use "numpy".')
    return cupy if usable else np


def to_host(array: Array) -> np.ndarray:
    """A NumPy copy of an array of any backend; waits for a GPU."""
    return array.get() if hasattr(array, "get") else np.array(array)


def array_of(data: Any, dtype: Any = None) -> Array:
    """A new array with the values of `data` (array, number or nested lists), on the same device."""
    array = (xp_of(data) if hasattr(data, "dtype") else np).array(data, dtype)
    if array.dtype.kind not in "fiub":
        raise DtypeError(f"a tensor holds real numbers, got dtype {array.dtype}. Fix: pass floats.")
    return array


def _filled(kind: Any, value: float, shape: int | tuple[int, ...], dtype: Any) -> Array:
    """A constant array of the type `kind`, made once and shared: never write into it."""
    return _module(kind).full(shape, value, dtype)


filled: Callable[..., Array] = lru_cache(maxsize=64)(_filled)
counted: Callable[..., Array] = lru_cache(maxsize=64)(lambda kind, n: _module(kind).arange(n))  # shared too
