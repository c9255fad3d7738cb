"""When two values are the same answer, and the facts that may be told when they are not."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

HIDDEN = {
    "type": "is not of the kind asked for",
    "length": "has another number of entries than asked for",
    "keys": "has other keys than asked for",
    "shape": "has another shape than asked for",
    "dtype": "has another dtype than asked for",
    "nan": "contains NaN",
    "inf": "contains infinite values",
    "sign": "has the opposite sign everywhere",
    "zero": "is zero everywhere",
    "value": "is not the right value",
    "calls": "was called another number of times than asked for",
}
"""What a hidden check may tell, by the kind of a fact: never a word or a number that the learner's code chose."""

RTOL, ATOL = 1e-6, 1e-9
"""Within which two wrong values are the same behaviour; wrong answers are further apart than rounding."""

_KINDS = {"b": "truth values", "i": "integers", "u": "integers", "f": "real numbers", "c": "complex numbers"}
_LONGEST = 10_000


@dataclass(frozen=True)
class Fact:
    """How a value differs: ``text`` in full for a visible check; ``hidden`` for a hidden one."""

    kind: str
    text: str

    @property
    def hidden(self) -> str:
        """The fact without anything that the learner's code chose, but for a ratio to two digits."""
        return HIDDEN.get(self.kind, self.text)


def canonical(value: Any) -> Any:
    """``value`` as plain data: device arrays on the host, tensors as arrays, tuples and iterables as lists.

    A number is a number however it is stored: Python's, NumPy's and 0-d arrays become 0-d arrays.

    >>> canonical((1.0, np.float64(2.0)))
    [array(1.), array(2.)]
    """
    if hasattr(value, "data") and hasattr(value, "requires_grad"):  # a tensor of the engine
        value = value.data
    if hasattr(value, "get") and hasattr(value, "__cuda_array_interface__"):  # an array on a GPU
        value = value.get()
    if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        return np.asarray(value)
    if isinstance(value, numbers.Real):  # a Fraction is a number too
        return np.asarray(float(value))
    if isinstance(value, Mapping):
        return {key: canonical(item) for key, item in value.items()}
    if value is None or isinstance(value, (str, bytes)):
        return value
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, Iterable):
        return [canonical(item) for _, item in zip(range(_LONGEST), value, strict=False)]
    return value


def difference(got: Any, want: Any, rtol: float, atol: float) -> Fact | None:
    """None if ``got`` is ``want`` within ``|got - want| <= atol + rtol |want|``; else how they differ.

    >>> difference(2 * np.ones(3), np.ones(3), 1e-10, 1e-12).text
    'is 2 times the right value everywhere'
    """
    return _difference(canonical(got), canonical(want), rtol, atol)


def _difference(got: Any, want: Any, rtol: float, atol: float) -> Fact | None:
    if isinstance(want, np.ndarray):
        if isinstance(got, list):
            got = _as_array(got)
        if not isinstance(got, np.ndarray):
            missing = " (is `return` missing?)" if got is None else ""
            return Fact("type", f"is {_describe(got)}{missing}, where {_describe(want)} is asked for")
        return _array_difference(got, want, rtol, atol)
    if isinstance(want, list):
        return _list_difference(got, want, rtol, atol)
    if isinstance(want, dict):
        return _dict_difference(got, want, rtol, atol)
    if type(got) is not type(want) or got != want:
        return Fact("value", f"is {_describe(got)}, not the one asked for")
    return None


def _list_difference(got: Any, want: list, rtol: float, atol: float) -> Fact | None:
    if isinstance(got, np.ndarray) and got.ndim:
        got = list(got)
    if not isinstance(got, list):
        return Fact("type", f"is {_describe(got)}, where {_describe(want)} is asked for")
    if _short(got) and _short(want):  # a shape, a list of keys: easier to read whole
        same = len(got) == len(want) and all(not _difference(*pair, rtol, atol) for pair in zip(got, want, strict=True))
        return None if same else Fact("value", f"is {_plain(got)}, where {_plain(want)} is asked for")
    if len(got) != len(want):
        return Fact("length", f"has {len(got)} entries, where {len(want)} are asked for")
    for place, (mine, right) in enumerate(zip(got, want, strict=True)):
        fact = _difference(canonical(mine), right, rtol, atol)
        if fact:
            return Fact(fact.kind, f"[{place}] {fact.text}")
    return None


def _dict_difference(got: Any, want: dict, rtol: float, atol: float) -> Fact | None:
    if not isinstance(got, dict):
        return Fact("type", f"is {_describe(got)}, where {_describe(want)} is asked for")
    if set(got) != set(want):
        text = f"has the keys {sorted(map(str, got))}, where {sorted(map(str, want))} are asked for"
        return Fact("keys", text)
    for key, right in want.items():
        fact = _difference(got[key], right, rtol, atol)
        if fact:
            return Fact(fact.kind, f"[{key!r}] {fact.text}")
    return None


def _array_difference(got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> Fact | None:
    if got.dtype.kind not in _KINDS:
        return Fact("dtype", f"is made of {got.dtype.name} values, which are not numbers")
    if got.shape != want.shape:
        return Fact("shape", f"has shape {got.shape}, where {want.shape} is asked for")
    if want.dtype.kind not in _KINDS:  # numbers that overflowed on our side
        return Fact("value", "is not what is asked for")
    if not _same_kind(got, want):
        return Fact("dtype", f"is made of {_KINDS[got.dtype.kind]}, where {_KINDS[want.dtype.kind]} are asked for")
    if want.dtype.kind not in "fc":
        if want.ndim == 0:
            return Fact("value", f"is {got}, where {want} is asked for") if got != want else None
        wrong = int(np.sum(got != want))
        return Fact("value", f"differs in {wrong} of {want.size} values") if wrong else None
    odd = np.isfinite(want) & ~np.isfinite(got)
    if odd.any():
        nan = bool(np.isnan(got[odd]).any())
        return Fact("nan", HIDDEN["nan"]) if nan else Fact("inf", HIDDEN["inf"])
    with np.errstate(all="ignore"):
        same = (got == want) | (np.isnan(got) & np.isnan(want)) | (np.abs(got - want) <= atol + rtol * np.abs(want))
    same &= np.isfinite(want) | (got == want) | (np.isnan(got) & np.isnan(want))
    return None if same.all() else _value_fact(got, want, same, rtol)


def _same_kind(got: np.ndarray, want: np.ndarray) -> bool:
    """Whole numbers pass for real ones only where a single number is asked for: ``2`` is as good as ``2.0``."""
    if got.dtype.kind == want.dtype.kind or {got.dtype.kind, want.dtype.kind} <= set("iu"):
        return True
    return want.ndim == 0 and want.dtype.kind == "f" and got.dtype.kind in "iu"


def _value_fact(got: np.ndarray, want: np.ndarray, same: np.ndarray, rtol: float) -> Fact:
    ratio = _constant_ratio(got, want, rtol)
    if ratio is not None:
        if np.isclose(ratio, -1):
            return Fact("sign", HIDDEN["sign"])
        if ratio == 0:
            return Fact("zero", HIDDEN["zero"])
        if 1e-3 < abs(ratio) < 1e4:
            return Fact("ratio", f"is {ratio:.2g} times the right value everywhere")
    if not want.ndim:
        return _number_fact(got, want)
    return Fact("value", f"differs in {int(np.sum(~same))} of {same.size} values")


def _number_fact(got: np.ndarray, want: np.ndarray) -> Fact:
    """Any two numbers have a ratio; only one that is whole, or one over a whole number, says something."""
    with np.errstate(all="ignore"):
        ratio = float(np.real(got / want))
    whole = max(abs(ratio), 1 / abs(ratio)) if np.isfinite(ratio) and ratio else 0.5
    if np.isclose(whole, round(whole), rtol=1e-9, atol=0) and 1 < whole < 1000 and ratio > 0:
        return Fact("ratio", f"is {ratio:.3g} times the right value")
    if np.isclose(ratio, -1, rtol=1e-9, atol=0):
        return Fact("sign", "has the opposite sign")
    return Fact("value", "is another number")


def _short(items: list) -> bool:
    """Whether a list holds a few single numbers or words, which can be shown whole."""
    single = (isinstance(item, str) or (isinstance(item, np.ndarray) and not item.ndim) for item in items)
    return len(items) <= 8 and all(single)


def _plain(items: list) -> str:
    return "(" + ", ".join(str(item) for item in items) + ")"


def _constant_ratio(got: np.ndarray, want: np.ndarray, rtol: float) -> float | None:
    """The factor between the two if it is one and the same in at least two places, else None."""
    used = np.isfinite(want) & np.isfinite(got) & (want != 0)
    if not want.ndim or used.sum() < 2 or used.sum() < np.sum(want != 0) or got[~used].any():
        return None
    with np.errstate(all="ignore"):
        ratios = (got[used] / want[used]).real
    return float(ratios[0]) if np.allclose(ratios, ratios[0], rtol=max(rtol, 1e-7), atol=0) else None


def _as_array(items: list) -> Any:
    """A list of numbers, or of arrays or lists of one shape, as an array; anything else as it is."""
    plain = [_as_array(item) if isinstance(item, list) else item for item in items]
    if not all(isinstance(item, np.ndarray) and item.dtype.kind in _KINDS for item in plain):
        return items
    return np.array(plain) if len({item.shape for item in plain}) <= 1 else items


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        single = "True or False" if value.dtype.kind == "b" else "a number"
        return f"an array of shape {value.shape}" if value.ndim else single
    names = {"NoneType": "None", "list": "a list", "dict": "a dict", "str": "a text"}
    name = type(value).__name__
    return names.get(name, f"a {name}")


def same_bits(got: Any, want: Any) -> bool:
    """Whether two plain values are exactly equal, NaN included: for arguments that must stay as they were.

    An array that became a tensor is another thing, whatever it holds; generators are equal when their states are.
    """
    if isinstance(want, np.random.Generator):
        return isinstance(got, np.random.Generator) and got.bit_generator.state == want.bit_generator.state
    if isinstance(want, dict):
        return isinstance(got, dict) and list(got) == list(want) and all(same_bits(got[k], want[k]) for k in want)
    if isinstance(want, list | tuple):
        return type(got) is type(want) and len(got) == len(want) and all(map(same_bits, got, want))
    if hasattr(got, "requires_grad") != hasattr(want, "requires_grad"):
        return False
    got, want = canonical(got), canonical(want)
    if isinstance(want, np.ndarray):
        return (
            isinstance(got, np.ndarray)
            and got.dtype == want.dtype
            and np.array_equal(got, want, equal_nan=want.dtype.kind in "fc")
        )
    return bool(got is want or got == want)
