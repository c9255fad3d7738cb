"""Turns values into frames of the wire: on the grader's side its arguments, in the jail what the learner hands back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .limits import Limits
from .wire import ALIGN, DTYPES, HEAD, HEADER_BYTES, LIMITS, NODES, Once, WireError, bounded, key, unicode

SMALL = 1 << 16
_CODES = {(dtype.kind, dtype.itemsize): code for code, dtype in DTYPES.items()}


def encode(
    value: Any,
    *,
    limits: Limits = LIMITS,
    convert: Callable[[Any], Any] | None = None,
    callback: Callable[[Any], int] | None = None,
    request: int = 0,
) -> list[Any]:
    """A frame that holds ``value``, in pieces to be sent one after the other (large arrays are not copied).

    None, bool, int, float, complex, str, bytes, list, tuple, dict, set, NumPy arrays and scalars of kinds ``biufc``
    and a `numpy.random.Generator` on PCG64 cross as they are, a `Once` as an iterator. ``callback`` gives the number
    under which a callable is known to the other side. Everything else is first given to ``convert``, which returns
    one of the above, or an iterator, which is drained item by item. `WireError` names what cannot cross.

    >>> from course.grade.wire import loads
    >>> loads(dumps({"w": np.ones(2, "f4"), "steps": (1, 2)}))
    {'w': array([1., 1.], dtype=float32), 'steps': (1, 2)}
    """
    encoder = _Encoder(limits, convert, callback)
    header = json.dumps(encoder.tree(value, 0), separators=(",", ":")).encode("ascii")
    header += b" " * (-len(header) % ALIGN)
    length = HEAD.size - 4 + len(header) + encoder.size
    if len(header) > HEADER_BYTES or length > limits.frame_mb << 20:
        raise WireError("large")
    return list(_joined([HEAD.pack(length, request, len(header)) + header, *encoder.buffers]))


def _joined(pieces: list[Any]) -> Iterator[Any]:
    """``pieces`` with the small ones in one: to send each by itself takes longer than to copy them."""
    small: list[Any] = []
    for piece in pieces:
        if memoryview(piece).nbytes < SMALL:
            small.append(piece)
            continue
        yield from [b"".join(small)] if small else []
        yield piece
        small = []
    yield from [b"".join(small)] if small else []


def dumps(value: Any, **options: Any) -> bytes:
    """`encode` in one piece."""
    return b"".join(encode(value, **options))


class _Encoder:
    def __init__(self, limits: Limits, convert: Callable | None, callback: Callable | None):
        self.limits, self.convert, self.callback = limits, convert, callback
        self.buffers: list[Any] = []
        self.size = self.nodes = 0
        self.copying = False

    def tree(self, value: Any, depth: int) -> Any:
        """``value`` as JSON: lists and scalars are themselves, everything else is an object of one tagged entry."""
        self.nodes += 1
        if depth > self.limits.depth or self.nodes > NODES:
            raise WireError("deep" if depth > self.limits.depth else "many")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return bounded(value)
        if kind is str:
            return unicode(value)
        if kind is list:
            return self._list(value, depth)
        if kind is np.ndarray or (isinstance(value, np.generic) and (value.dtype.kind, value.itemsize) in _CODES):
            return self._array(value)
        return self._tagged(value, kind, depth)

    def _tagged(self, value: Any, kind: type, depth: int) -> Any:
        if kind is tuple:
            return {"t": [self.tree(item, depth + 1) for item in value]}
        if kind is dict:
            return {"d": [[self.tree(key(k), depth + 1), self.tree(v, depth + 1)] for k, v in value.items()]}
        if kind is set or kind is frozenset:
            return {"s": [self.tree(key(item), depth + 1) for item in value]}
        if kind is complex:
            return {"c": [value.real, value.imag]}
        if kind is bytes:
            return {"b": self._buffer(value)}
        if kind is Once:
            return {"i": [self.tree(item, depth + 1) for item in value.items]}
        if kind is np.random.Generator:
            return {"g": _generator_state(value)}
        if self.callback is not None and callable(value):
            return {"f": self.callback(value)}
        if self.convert is None:
            raise WireError("object", kind.__name__)
        simple = self.convert(value)
        return self._drain(simple, depth) if isinstance(simple, Iterator) else self.tree(simple, depth + 1)

    def _list(self, value: list, depth: int) -> Any:
        # A list of a thousand losses is one buffer, not a thousand nodes.
        kinds = set(map(type, value)) if len(value) > 8 else set()
        if kinds == {float} or (len(kinds) == 1 and kinds <= {np.float64, np.float32, np.int64}):
            array = np.array(value)
            return {"l": ["py" if kinds == {float} else _code(array.dtype), len(value), self._buffer(array.data)]}
        return [self.tree(item, depth + 1) for item in value]

    def _drain(self, items: Iterator, depth: int) -> list:
        # Each item is copied as it is drawn: a generator may yield one buffer again and again.
        copying, self.copying = self.copying, True
        drained: list[Any] = []
        for item in items:
            if len(drained) >= self.limits.items:
                raise WireError("many")
            drained.append(self.tree(item, depth + 1))
        self.copying = copying
        return drained

    def _array(self, value: Any) -> dict:
        code = _code(value.dtype)
        array = np.ascontiguousarray(value, dtype=DTYPES[code])
        self._buffer(array.reshape(-1).view(np.uint8).data)
        return {"a": [code, *value.shape]} if type(value) is np.ndarray else {"n": code}

    def _buffer(self, data: Any) -> int:
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        self.size += size
        if self.size > self.limits.frame_mb << 20:
            raise WireError("large")
        self.buffers.append(bytes(data) if self.copying else data)
        if pad := -size % ALIGN:
            self.buffers.append(bytes(pad))
            self.size += pad
        return size


def _code(dtype: np.dtype) -> str:
    code = _CODES.get((dtype.kind, dtype.itemsize))
    if code is None:
        raise WireError("objects" if dtype.kind == "O" else "dtype")
    return code


def _generator_state(rng: np.random.Generator) -> list[int]:
    state: Any = rng.bit_generator.state
    if type(rng.bit_generator) is not np.random.PCG64:
        raise WireError("generator")
    return [state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]
