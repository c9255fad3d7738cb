"""The one form in which data crosses between grader and worker: a JSON header and raw buffers, exact types, no pickle."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .limits import Limits

HEAD = struct.Struct("<IQI")
"""What every frame begins with: bytes that follow, request id, bytes of the JSON header. The rest is raw buffers."""

HEADER_BYTES = 4 << 20
ALIGN = 16
VIEW_BYTES = 1 << 16
NODES = 200_000
INT_BITS = 4096
DTYPES = {d: np.dtype("<" + d) for d in "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()}
_CODES = {(d.kind, d.itemsize): code for code, d in DTYPES.items()}
_LIMITS = Limits()


class WireError(ValueError):
    """Bytes that are not a frame, or a value that has no place in one. ``kind`` is a word of `values.KINDS`."""

    def __init__(self, kind: str, detail: str = ""):
        super().__init__(kind, detail)
        self.kind = kind


def encode(
    value: Any,
    *,
    limits: Limits = _LIMITS,
    convert: Callable[[Any], Any] | None = None,
    callback: Callable[[Any], int] | None = None,
    request: int = 0,
) -> list[Any]:
    """A frame that holds ``value``, in pieces to be sent one after the other (large arrays are not copied).

    None, bool, int, float, complex, str, bytes, list, tuple, dict, set, NumPy arrays and scalars of kinds ``biufc``
    and a `numpy.random.Generator` on PCG64 cross as they are. ``callback`` gives the number under which a callable is
    known to the other side. Everything else is first given to ``convert``, which returns one of the above, or an
    iterator, which is drained item by item. `WireError` names what cannot cross.

    >>> loads(dumps({"w": np.ones(2, "f4"), "steps": (1, 2)}))
    {'w': array([1., 1.], dtype=float32), 'steps': (1, 2)}
    """
    encoder = _Encoder(limits, convert, callback)
    header = json.dumps(encoder.tree(value, 0), separators=(",", ":")).encode("ascii")
    header += b" " * (-len(header) % ALIGN)
    length = HEAD.size - 4 + len(header) + encoder.size
    if len(header) > HEADER_BYTES or length > limits.frame_mb << 20:
        raise WireError("large")
    return [HEAD.pack(length, request, len(header)) + header, *encoder.buffers]


def dumps(value: Any, **options: Any) -> bytes:
    """`encode` in one piece."""
    return b"".join(encode(value, **options))


def loads(
    frame: bytearray | bytes, *, limits: Limits = _LIMITS, callback: Callable[[int], Any] | None = None
) -> Any:
    """The value in ``frame``; `WireError` if it is not wholly well formed.

    Arrays and NumPy scalars come back with their dtype, writable, in native byte order and C order; subclasses never
    come back. Large arrays are views of ``frame`` if that is a bytearray, which then belongs to them. Without
    ``callback`` a callable is refused.
    """
    if len(frame) < HEAD.size:
        raise WireError("garbage", "shorter than its head")
    length, _, size = HEAD.unpack_from(frame)
    if length != len(frame) - 4 or not 0 < size <= min(HEADER_BYTES, len(frame) - HEAD.size):
        raise WireError("garbage", "lengths do not agree")
    try:
        tree = json.loads(frame[HEAD.size : HEAD.size + size].decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise WireError("garbage", "header is not JSON") from error
    decoder = _Decoder(memoryview(frame)[HEAD.size + size :], limits, callback)
    value = decoder.value(tree, 0)
    if decoder.used != len(decoder.payload):
        raise WireError("garbage", "bytes are left over")
    return value


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
            return _bounded(value)
        if kind is str:
            return _unicode(value)
        if kind is list:
            return self._list(value, depth)
        if kind is np.ndarray or (isinstance(value, np.generic) and (value.dtype.kind, value.itemsize) in _CODES):
            return self._array(value)
        return self._tagged(value, kind, depth)

    def _tagged(self, value: Any, kind: type, depth: int) -> Any:
        if kind is tuple:
            return {"t": [self.tree(item, depth + 1) for item in value]}
        if kind is dict:
            return {"d": [[self.tree(_key(k), depth + 1), self.tree(v, depth + 1)] for k, v in value.items()]}
        if kind is set or kind is frozenset:
            return {"s": [self.tree(_key(item), depth + 1) for item in value]}
        if kind is complex:
            return {"c": [value.real, value.imag]}
        if kind is bytes:
            return {"b": self._buffer(value)}
        if kind is np.random.Generator:
            return {"g": _generator_state(value)}
        if self.callback is not None and callable(value):
            return {"f": self.callback(value)}
        if isinstance(value, Iterator) and self.convert is not None:
            return self._drain(value, depth)
        if self.convert is None:
            raise WireError("object", kind.__name__)
        return self.tree(self.convert(value), depth + 1)

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
        drained = []
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


class _Decoder:
    """The trusted surface: builds exact types only, and nothing larger than the frame that it stands in."""

    def __init__(self, payload: memoryview, limits: Limits, callback: Callable | None):
        self.payload, self.limits, self.callback = payload, limits, callback
        self.used = self.nodes = 0

    def value(self, tree: Any, depth: int) -> Any:
        self.nodes += 1
        if depth > self.limits.depth + 8 or self.nodes > 3 * NODES:
            raise WireError("garbage", "too deep or too many")
        kind = type(tree)
        if kind is list:
            return [self.value(item, depth + 1) for item in tree]
        if kind is int:
            return _bounded(tree)
        if kind is str:
            return _unicode(tree)
        if kind is not dict:
            return tree
        if len(tree) != 1:
            raise WireError("garbage", "an object of more than one entry")
        ((tag, body),) = tree.items()
        read = _READ.get(tag)
        if read is None:
            raise WireError("garbage", "unknown tag")
        return read(self, body, depth + 1)

    def items(self, body: Any, depth: int) -> list:
        return [self.value(item, depth) for item in _exactly(list, body)]

    def pairs(self, body: Any, depth: int) -> dict:
        pairs = [_exactly(list, pair, 2) for pair in _exactly(list, body)]
        return {_key(self.value(k, depth)): self.value(v, depth) for k, v in pairs}

    def array(self, body: Any, depth: int) -> np.ndarray:
        code, *shape = _exactly(list, body)
        if len(shape) > 32 or not all(type(n) is int and 0 <= n < 1 << 31 for n in shape):
            raise WireError("garbage", "shape")
        flat = self.flat(code, math.prod(shape))
        try:
            return flat.reshape(shape)
        except ValueError as error:  # the empty array of a shape whose other sides overflow
            raise WireError("garbage", "shape") from error

    def flat(self, code: Any, count: int) -> np.ndarray:
        dtype = DTYPES.get(code) if type(code) is str else None
        if dtype is None:
            raise WireError("garbage", "dtype")
        array = np.frombuffer(self.take(count * dtype.itemsize), dtype).astype(dtype.newbyteorder("="), copy=False)
        if array.nbytes < VIEW_BYTES or not (array.flags.writeable and array.flags.aligned):
            array = array.copy()  # a small array must not keep a large frame alive
        if dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
            raise WireError("garbage", "a truth value that is neither 0 nor 1")  # such an array lies when it is counted
        return array

    def packed(self, body: Any, depth: int) -> list:
        code, count, _ = _exactly(list, body, 3)
        if type(count) is not int or not 0 <= count <= HEADER_BYTES:
            raise WireError("garbage", "count")
        return self.flat("f8", count).tolist() if code == "py" else list(self.flat(code, count))

    def take(self, size: Any) -> memoryview:
        if type(size) is not int or not 0 <= size <= len(self.payload) - self.used:
            raise WireError("garbage", "a buffer longer than the frame")
        start, self.used = self.used, min(self.used + size + -size % ALIGN, len(self.payload))
        return self.payload[start : start + size]

    def function(self, body: Any, depth: int) -> Any:
        if self.callback is None:
            raise WireError("garbage", "a callable where data belongs")
        return self.callback(_exactly(int, body))


_READ: dict[str, Callable[[_Decoder, Any, int], Any]] = {
    "t": lambda self, body, depth: tuple(self.items(body, depth)),
    "d": _Decoder.pairs,
    "s": lambda self, body, depth: {_key(item) for item in self.items(body, depth)},
    "c": lambda self, body, depth: complex(*(_exactly(float, part) for part in _exactly(list, body, 2))),
    "b": lambda self, body, depth: bytes(self.take(body)),
    "a": _Decoder.array,
    "n": lambda self, body, depth: self.flat(body, 1)[0],
    "l": _Decoder.packed,
    "g": lambda self, body, depth: _generator(_exactly(list, body, 4)),
    "f": _Decoder.function,
}


def _exactly(kind: type, value: Any, length: int | None = None) -> Any:
    if type(value) is not kind or (length is not None and len(value) != length):
        raise WireError("garbage", f"not a {kind.__name__}")
    return value


def _bounded(value: int) -> int:
    if value.bit_length() > INT_BITS:
        raise WireError("int")
    return value


def _unicode(value: str) -> str:
    try:
        value.isascii() or value.encode()
    except UnicodeEncodeError as error:
        raise WireError("string") from error
    return value


def _key(value: Any) -> Any:
    """A dictionary's key or a set's element: a number, string, None, or a tuple of such."""
    if type(value) is tuple:
        return tuple(_key(item) for item in value)
    if isinstance(value, np.generic):
        return _key(value.item())
    if value is not None and type(value) not in {bool, int, float, str, bytes, complex}:
        raise WireError("key")
    return value


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


def _generator(numbers: list) -> np.random.Generator:
    # Only PCG64: the state of others holds positions that are trusted without a check, a way to read out of bounds.
    bounds = (1 << 128, 1 << 128, 2, 1 << 32)
    if not all(type(n) is int and 0 <= n < bound for n, bound in zip(numbers, bounds, strict=True)):
        raise WireError("garbage", "a generator's state")
    bits = np.random.PCG64(numbers[0])
    bits.state = {
        "bit_generator": "PCG64",
        "state": {"state": numbers[0], "inc": numbers[1]},
        "has_uint32": numbers[2],
        "uinteger": numbers[3],
    }
    return np.random.Generator(bits)
