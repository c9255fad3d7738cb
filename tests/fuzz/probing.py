"""What must hold of the wire's decoder whatever the bytes: asked of one input, as fuzzers do; and inputs, mutated."""

from __future__ import annotations

import json
import math
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course.grade import pack, wire

CORPUS = Path(__file__).parent / "corpus"
SPLIT = b"\n"
"""An input of the corpus is a header's JSON, this, and the buffers: readable, and no fuzzer has to learn lengths."""

PLAIN = (type(None), bool, int, float, complex, str, bytes)
TAGS = "tdscbanlgif"
TOKENS = [
    b"[", b"]", b"{", b"}", b",", b":", b'"', b"0", b"-1", b"1e999", b"NaN", b"Infinity", b"null", b"true", b"1.0",
    b"2147483647", b"2147483648", b"4294967296", b"18446744073709551616", b"9" * 1300, b'"\\ud800"', b'"\\u0000"',
    b'"py"', b'"O"', b'"V8"', b'"M8[s]"', b"[[[[[[[[[[", b"]]]]]]]]]]", *(b'{"%c":' % ord(tag) for tag in TAGS),
    *(b'"%s"' % code.encode() for code in wire.DTYPES),
]  # fmt: skip


class Broken(AssertionError):
    """The decoder did what it must never do."""


def frame(header: str | bytes, payload: bytes = b"") -> bytearray:
    """A frame whose lengths are right, around any header."""
    text = header.encode() if isinstance(header, str) else header
    return bytearray(wire.HEAD.pack(wire.HEAD.size - 4 + len(text) + len(payload), 0, len(text)) + text + payload)


def framed(data: bytes) -> bytearray:
    """``data`` of the corpus as a frame."""
    header, _, payload = data.partition(SPLIT)
    return frame(header, payload)


def probe(data: bytes) -> str:
    """Give ``data`` to the decoder, as a frame and within one; what came of the latter in a word. `Broken` if wrong."""
    decode(bytes(data))
    outcome, value = decode(framed(data))
    decode(framed(data), callback=int)  # as the worker does, which takes callables
    if outcome == "value":
        check(value)
        back_and_forth(value)
        return "value " + "".join(sorted(set(kinds(value))))
    return outcome


def decode(data: bytes | bytearray, callback: Any = None) -> tuple[str, Any]:
    """ "value" and the value, or the refusal and None; `Broken` for any other exception."""
    try:
        return "value", wire.loads(data, callback=callback)
    except wire.WireError as error:
        if error.kind not in {"garbage", "int", "string", "key"}:
            raise Broken(f"refused as {error.kind!r}") from error
        return ": ".join(map(str, error.args)), None
    except BaseException as error:
        raise Broken(f"{type(error).__name__}: {error}") from error


def check(value: Any) -> None:
    """Exact types only, and arrays that may be used without a thought; `Broken` otherwise."""
    kind = type(value)
    if kind in {list, tuple, set}:
        for item in value:
            check(item)
    elif kind is dict:
        for name, item in value.items():
            check(name)
            check(item)
    elif kind is np.ndarray:
        flags = value.flags
        if not (flags.writeable and flags.aligned and flags.c_contiguous and value.dtype.isnative):
            raise Broken(f"an array with flags {flags}")
        if value.dtype.kind not in "biufc" or value.dtype.hasobject:
            raise Broken(f"an array of {value.dtype}")
        if value.dtype.kind == "b" and not np.isin(value.view("u1"), (0, 1)).all():
            raise Broken("a truth value that is neither 0 nor 1")
    elif not (kind in PLAIN or isinstance(value, np.number | np.bool_) or kind is np.random.Generator):
        raise Broken(f"a {kind.__name__}")


def back_and_forth(value: Any) -> None:
    """What was decoded can be sent again and arrives as it was, unless it is larger than what may be sent."""
    try:
        again = pack.dumps(value)
    except wire.WireError as error:
        if error.kind not in {"deep", "many", "large"}:
            raise Broken(f"what was decoded cannot be encoded: {error}") from error
        return
    if not same(wire.loads(bytearray(again)), value):
        raise Broken("another value after encoding and decoding again")


def same(one: Any, other: Any) -> bool:
    """Equal in exact type, in order, and in every bit that the wire keeps (of a lone NaN only that it is one)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, set):
        return len(one) == len(other) and same(sorted(map(_shown, one)), sorted(map(_shown, other)))
    if isinstance(one, np.random.Generator):
        return one.bit_generator.state == other.bit_generator.state
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or one.hex() == other.hex()
    return one == other


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


def kinds(value: Any) -> Iterator[str]:
    """A letter for each kind of thing in ``value``: what the plain loop has instead of coverage."""
    yield type(value).__name__[:2]
    if type(value) in {list, tuple, set}:
        for item in value:
            yield from kinds(item)
    elif type(value) is dict:
        for name, item in value.items():
            yield from kinds(name)
            yield from kinds(item)


def peak(data: bytes | bytearray) -> int:
    """Bytes that decoding ``data`` took at most, beyond ``data`` itself."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        _ = decode(data)  # kept until the peak has been read
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def mutated(data: bytes, other: bytes, rng: random.Random, limit: int = 4096) -> bytes:
    """``data`` with a few changes: in its bytes, in its words, in its tree, or crossed with ``other``."""
    for _ in range(rng.randrange(1, 5)):
        data = rng.choice(_CHANGES)(data, other, rng)
    return data[:limit]


def _bits(data: bytes, other: bytes, rng: random.Random) -> bytes:
    if not data:
        return rng.randbytes(8)
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _token(data: bytes, other: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) + data[at + rng.randrange(4) :]


def _cut(data: bytes, other: bytes, rng: random.Random) -> bytes:
    low, high = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:low] + data[high:]


def _cross(data: bytes, other: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _more(data: bytes, other: bytes, rng: random.Random) -> bytes:
    header, _, payload = data.partition(SPLIT)
    return header + SPLIT + payload + rng.choice((bytes(16), b"\x01" * 16, rng.randbytes(16), rng.randbytes(1)))


def _tree(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """A header that stays JSON: one place in it is replaced, wrapped or doubled."""
    header, _, payload = data.partition(SPLIT)
    try:
        tree = _at_random(json.loads(header), rng)
        return json.dumps(tree, separators=(",", ":")).encode() + SPLIT + payload
    except (ValueError, RecursionError):
        return header + rng.choice(TOKENS) + SPLIT + payload


def _at_random(tree: Any, rng: random.Random) -> Any:
    if tree and type(tree) is list and rng.random() < 0.8:
        at = rng.randrange(len(tree))
        return [*tree[:at], _at_random(tree[at], rng), *tree[at + rng.randrange(2) :]]
    if tree and type(tree) is dict and rng.random() < 0.8:
        return {name: _at_random(part, rng) for name, part in tree.items()}
    size = rng.choice((0, 1, 2, 8, 16, -1, 1 << 31, (1 << 31) - 1, 1 << 64, True, 1.0, None))
    code = rng.choice([*wire.DTYPES, "py", "O", "V8", ""])
    return rng.choice(
        ({rng.choice(TAGS): tree}, {rng.choice(TAGS): [tree]}, [tree, tree], size, code, [code, size], [code, size, 0],
         {"a": [code, size, size]}, {"b": size}, {"n": code}, {"l": [code, size, 0]}, {"d": [[tree, tree]]},
         {"g": [size, size, size, size]}, {"c": [0.5, float("nan")]})
    )  # fmt: skip


_CHANGES = (_bits, _token, _cut, _cross, _more, _tree, _tree)
