"""The form in which data crosses between grader and worker, and its strict decoder: JSON, raw buffers, no pickle."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable
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
GENERATORS = 100  # one is a kilobyte, and 15 bytes of the header
COLLIDING = 100
PACKED = ("py", "f4", "f8", "i8")  # what `pack` makes one buffer of, from a long list of numbers of one kind
LIMITS = Limits()


class WireError(ValueError):
    """Bytes that are not a frame, or a value that has no place in one. ``kind`` is a word of `values.KINDS`."""

    def __init__(self, kind: str, detail: str = ""):
        super().__init__(kind, detail)
        self.kind = kind


class Once:
    """Items that arrive at a learner's function as an iterator: to be gone through once, and without a length."""

    def __init__(self, items: Iterable[Any]):
        self.items = list(items)


def loads(frame: bytearray | bytes, *, limits: Limits = LIMITS, callback: Callable[[int], Any] | None = None) -> Any:
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


class _Decoder:
    """The trusted surface: builds exact types only, and nothing larger than the frame that it stands in."""

    def __init__(self, payload: memoryview, limits: Limits, callback: Callable | None):
        self.payload, self.limits, self.callback = payload, limits, callback
        self.used = self.nodes = self.generators = 0

    def value(self, tree: Any, depth: int) -> Any:
        """What ``tree`` stands for."""
        self.nodes += 1
        if depth > self.limits.depth + 8 or self.nodes > 3 * NODES:
            raise WireError("garbage", "too deep or too many")
        kind = type(tree)
        if kind is list:
            return [self.value(item, depth + 1) for item in tree]
        if kind is int:
            return bounded(tree)
        if kind is str:
            return unicode(tree)
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
        made = [(key(self.value(k, depth)), self.value(v, depth)) for k, v in pairs]
        spread([k for k, _ in made])
        return dict(made)

    def array(self, body: Any, depth: int) -> np.ndarray:
        code, *shape = _exactly(list, body) or [None]
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
        if code not in PACKED:  # a list of small numbers would take far more memory than its frame
            raise WireError("garbage", "no packed list is of this kind")
        return self.flat("f8", count).tolist() if code == "py" else list(self.flat(code, count))

    def take(self, size: Any) -> memoryview:
        if type(size) is not int or not 0 <= size <= len(self.payload) - self.used:
            raise WireError("garbage", "a buffer longer than the frame")
        start, self.used = self.used, min(self.used + size + -size % ALIGN, len(self.payload))
        return self.payload[start : start + size]

    def generator(self, numbers: list) -> np.random.Generator:
        self.generators += 1
        if self.generators > GENERATORS:
            raise WireError("garbage", "too many generators")
        return _generator(numbers)

    def once(self, body: Any, depth: int) -> Any:
        if self.callback is None:  # on the grader's side nothing may arrive that is used up by looking at it
            raise WireError("garbage", "an iterator where data belongs")
        return iter(self.items(body, depth))

    def function(self, body: Any, depth: int) -> Any:
        if self.callback is None:
            raise WireError("garbage", "a callable where data belongs")
        return self.callback(_exactly(int, body))


_READ: dict[str, Callable[[_Decoder, Any, int], Any]] = {
    "t": lambda self, body, depth: tuple(self.items(body, depth)),
    "d": _Decoder.pairs,
    "s": lambda self, body, depth: set(spread([key(item) for item in self.items(body, depth)])),
    "c": lambda self, body, depth: complex(*(_exactly(float, part) for part in _exactly(list, body, 2))),
    "b": lambda self, body, depth: bytes(self.take(body)),
    "a": _Decoder.array,
    "n": lambda self, body, depth: self.flat(body, 1)[0],
    "l": _Decoder.packed,
    "g": lambda self, body, depth: self.generator(_exactly(list, body, 4)),
    "i": _Decoder.once,
    "f": _Decoder.function,
}


def _exactly(kind: Any, value: Any, length: int | None = None) -> Any:
    if type(value) is not kind or (length is not None and len(value) != length):
        raise WireError("garbage", f"not a {kind.__name__}")
    return value


def bounded(value: int) -> int:
    """``value``, which has at most `INT_BITS` bits."""
    if value.bit_length() > INT_BITS:
        raise WireError("int")
    return value


def unicode(value: str) -> str:
    """``value``, which is valid Unicode: no half of a surrogate pair."""
    try:
        value.isascii() or value.encode()
    except UnicodeEncodeError as error:
        raise WireError("string") from error
    return value


def key(value: Any) -> Any:
    """A dictionary's key or a set's element: a number, string, None, or a tuple of such."""
    if type(value) is tuple:
        return tuple(key(item) for item in value)
    if isinstance(value, np.generic):
        return key(value.item())
    if value is not None and type(value) not in {bool, int, float, str, bytes, complex}:
        raise WireError("key")
    return value


def spread(keys: list) -> list:
    """``keys``, unless many have one hash: a table of such takes time that grows with the square of their number."""
    if len(keys) - len({hash(one) for one in keys}) > COLLIDING:
        raise WireError("garbage", "keys that collide")
    return keys


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
