"""What a visible check saw: the calls that it made on a learner's function, in a form that can be kept and compared."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from .compare import ATOL, RTOL, canonical, same_bits

_WAVES, _LONGEST = 4, 100_000
_PLAIN = (np.ndarray, np.generic, Mapping, list, tuple, str, bytes, int, float, complex)


@dataclass(frozen=True)
class Call:
    """One call: how it ended (``value``, ``drew`` where a generator was handed over, or the exception's name), the
    print of its value, and which of its arguments it changed; ``text`` is how a learner would write it."""

    text: str
    ended: str
    value: Any = None
    changed: tuple[str, ...] = ()

    @property
    def step(self) -> list:
        """The call as plain data that JSON can hold."""
        return [self.ended, self.value, list(self.changed)]


class Traced:
    """A function that notes how it is called from outside; what it calls itself is its own business."""

    def __init__(self, name: str, function: Callable):
        self.name, self.function = name, function
        self.calls: list[Call] = []
        self._inside = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._inside:
            return self.function(*args, **kwargs)
        given = {**{str(place): value for place, value in enumerate(args)}, **kwargs}
        before = {name: copied(value) for name, value in given.items()}
        text, self._inside = written(self.name, args, kwargs), True
        try:
            value = drained(self.function(*args, **kwargs))
        except Exception as error:
            self.calls.append(Call(text, type(error).__name__))
            raise
        finally:
            self._inside = False
        drew = any(isinstance(one, np.random.Generator) for one in given.values())
        changed = tuple(name for name, old in before.items() if not callable(old) and not same_bits(given[name], old))
        self.calls.append(Call(text, "drew" if drew else "value", None if drew else fingerprint(value), changed))
        return value


def copied(value: Any) -> Any:
    """A copy to compare with afterwards; callables as they are."""
    try:
        return value if callable(value) else copy.deepcopy(value)
    except Exception:  # what cannot be copied cannot be compared
        return None


def drained(value: Any) -> Any:
    """An iterable that might only be gone through once, as a list; anything else as it is."""
    whole = hasattr(value, "requires_grad") or hasattr(value, "__cuda_array_interface__")  # a tensor, or on a GPU
    if whole or isinstance(value, _PLAIN) or not isinstance(value, Iterable):
        return value
    items = list(islice(value, _LONGEST + 1))
    if len(items) > _LONGEST:
        raise RuntimeError(f"what comes back has more than {_LONGEST:,} entries; does it end?")
    return items


def fingerprint(value: Any) -> Any:
    """Plain data from which one can tell whether two values are the same but for rounding, and not what they are.

    An array becomes its shape, its kind, its length and its products with four fixed waves.

    >>> same_print(fingerprint([1.0, 2.0]), fingerprint(np.array([1.0, 2.0])))
    True
    >>> same_print(fingerprint(np.ones(2)), fingerprint(np.ones(3)))
    False
    """
    value = canonical(value)
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, dict):
        return {"d": {str(key): fingerprint(item) for key, item in sorted(value.items(), key=lambda one: str(one[0]))}}
    if isinstance(value, list):
        whole = _together(value)
        return fingerprint(whole) if whole is not None else [fingerprint(item) for item in value]
    return {"o": repr(value) if value is None or isinstance(value, str | bytes) else type(value).__name__}


def _together(items: list) -> np.ndarray | None:
    """A list of equal arrays as one array: a list is as good as an array."""
    if items and all(isinstance(item, np.ndarray) and item.shape == items[0].shape for item in items):
        return np.array(items)
    return None


def _array(value: np.ndarray) -> dict:
    kind = "i" if value.dtype.kind in "iub" else value.dtype.kind
    if kind not in "ifc":
        return {"o": value.dtype.name}
    flat = np.ravel(value).astype(complex)
    flat = np.concatenate([flat.real, flat.imag]) if kind == "c" else flat.real
    odd = [int(np.isnan(flat).sum()), int((flat == np.inf).sum()), int((flat == -np.inf).sum())]
    flat = np.where(np.isfinite(flat), flat, 0.0)
    place = np.arange(1, flat.size + 1)
    with np.errstate(all="ignore"):
        waves = [float(np.cos(place * (0.7 + 0.31 * k) + k) @ flat) for k in range(_WAVES)]
        length = float(np.sqrt(flat @ flat))
    return {"s": list(value.shape), "k": kind, "n": _short(length), "w": [_short(one) for one in waves], "x": odd}


def _short(number: float) -> float:
    return float(f"{number:.9g}") if np.isfinite(number) else 0.0


def same_print(one: Any, other: Any) -> bool:
    """Whether two fingerprints are those of values that are the same but for rounding."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_print, one, other))
    if not isinstance(one, dict) or "w" not in one or "w" not in other:
        if isinstance(one, dict) and "d" in one and "d" in other:
            return set(one["d"]) == set(other["d"]) and all(same_print(one["d"][k], other["d"][k]) for k in one["d"])
        return bool(one == other)
    if (one["s"], one["k"], one["x"]) != (other["s"], other["k"], other["x"]):
        return False
    within = ATOL + RTOL * max(one["n"], other["n"])
    return all(abs(a - b) <= within for a, b in zip([one["n"], *one["w"]], [other["n"], *other["w"]], strict=True))


def written(name: str, args: tuple, kwargs: Mapping[str, Any]) -> str:
    """A call as text, arrays by their shapes where they are long.

    >>> written("gd", (np.zeros((3, 4)), 2.0), {"steps": 3})
    'gd(array (3, 4), 2.0, steps=3)'
    """
    parts = [brief(value) for value in args] + [f"{key}={brief(value)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(parts)})"


def _array_text(value: np.ndarray) -> str:
    return " ".join(np.array2string(value, precision=4, separator=", ").split()).replace("[ ", "[")


def brief(value: Any) -> str:
    """A value as short text."""
    if isinstance(value, np.random.Generator):
        return "rng"
    if callable(value):
        inner = getattr(value, "function", value)
        return str(getattr(inner, "__name__", type(inner).__name__))
    if hasattr(value, "shape") and hasattr(value, "dtype") and value.shape:
        small = isinstance(value, np.ndarray) and value.size <= 4
        return _array_text(value) if small else f"array {tuple(value.shape)}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {brief(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple) and len(value) > 4:
        return f"{type(value).__name__} of {len(value)}"
    if isinstance(value, list | tuple):
        inside = ", ".join(map(brief, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 40 else text[:37] + "..."
