"""What a learner may hand back: how tensors, subclasses and iterables become plain data; words for all the rest."""

from __future__ import annotations

import inspect
import io
import numbers
import types
from typing import Any

import numpy as np

from .wire import Once, WireError

KINDS = {
    "function": "a function",
    "class": "a class",
    "module": "a module",
    "file": "an open file",
    "objects": "an array of objects",
    "dtype": "an array whose items are not plain numbers",
    "masked": "a masked array",
    "deep": "something nested too deeply",
    "large": "too much data",
    "many": "too many items (does the generator end?)",
    "int": "an integer of more than 4096 bits",
    "string": "a string that is not valid Unicode",
    "key": "a collection with a key that is not a number or a string",
    "generator": "a random generator that is not NumPy's default one",
    "object": "an object",
}
"""What `faults.NotData` says. The worker sends the key only: a class's own name would be the learner's text."""


def simplify(value: Any) -> Any:
    """``value`` as something that the wire takes, for the encoder's ``convert``.

    Subclasses become their base, a tensor of the engine its array, an iterable an iterator (which the encoder drains).
    `WireError` with a word of `KINDS` for everything else. An object's ``__array__`` is not asked: what it returns is
    not what the learner's function returned.
    """
    for base, plain in _BASES:
        if isinstance(value, base):
            return plain(value)
    if isinstance(value, np.ma.MaskedArray):
        raise WireError("masked")
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if isinstance(getattr(value, "data", None), np.ndarray) and hasattr(value, "grad"):
        return np.asarray(value.data)
    if isinstance(value, numbers.Real):  # a Fraction is a number too
        return float.__float__(float(value))
    for kind, test in _REFUSED:
        if test(value):
            raise WireError(kind)
    if hasattr(type(value), "__iter__") or hasattr(type(value), "__getitem__"):  # what a `for` loop goes through
        return _Drained(iter(value))
    raise WireError("object")


def hand_over(value: Any) -> Any:
    """As `simplify`, for what a check hands to a learner's function: a generator of ours arrives as an iterator."""
    return Once(value) if isinstance(value, types.GeneratorType) else simplify(value)


class _Drained:
    """An iterator that the encoder recognises whatever the learner's own looks like."""

    def __init__(self, items: Any):
        self.items = items

    def __iter__(self) -> _Drained:
        return self

    def __next__(self) -> Any:
        return next(self.items)


_BASES: tuple[tuple[type, Any], ...] = (
    (np.bool_, bool),
    (np.str_, str.__str__),
    (np.bytes_, lambda value: bytes(memoryview(value))),
    (int, int.__int__),
    (float, float.__float__),
    (complex, lambda value: complex(complex.__pos__(value))),
    (str, str.__str__),
    (bytes, lambda value: bytes(memoryview(value))),
    (bytearray, bytes),
    (list, lambda value: list(list.__iter__(value))),
    (tuple, lambda value: tuple(tuple.__iter__(value))),
    (dict, lambda value: dict(dict.items(value))),
    (set, lambda value: set(set.__iter__(value))),
    (frozenset, lambda value: set(frozenset.__iter__(value))),
)

_REFUSED: tuple[tuple[str, Any], ...] = (
    ("class", inspect.isclass),
    ("module", inspect.ismodule),
    ("file", lambda value: isinstance(value, io.IOBase)),
    ("function", lambda value: isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType)),
    ("generator", lambda value: isinstance(value, np.random.Generator | np.random.BitGenerator)),
    ("dtype", lambda value: isinstance(value, np.generic)),
)
