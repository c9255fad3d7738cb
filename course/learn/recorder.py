"""The soft assertions that visible and hidden checks share: each records what it saw, and the check goes on."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare import Fact, canonical, difference, same_bits

_NUMBERS = re.compile(r"[-+]?\d[\d.,e+-]*|[-+]?\b(?:nan|inf)\b|\[[^]]*\]|\([^)]*\)")


@dataclass(frozen=True)
class Failure:
    """One thing that was not as it should be. ``got``, ``want`` and ``call`` are shown for visible checks only."""

    what: str
    fact: Fact
    got: Any = None
    want: Any = None
    call: str = ""

    @property
    def mark(self) -> str:
        """What tells this failure from others in a trace: never a number, which learners' own data may decide."""
        words = _NUMBERS.sub("#", self.fact.text) if self.fact.kind == "property" else ""
        return f"{self.what}:{self.fact.kind}:{words}"

    @property
    def sentence(self) -> str:
        """What a visible check says: the fact with its subject."""
        return f"{self.what or 'The result'} {self.fact.text}."

    @property
    def hidden_sentence(self) -> str:
        """What a hidden check says: nothing that the learner's code chose."""
        return f"{self.what or 'The result'} {self.fact.hidden}."


class Counted:
    """A callable that counts how often it was called."""

    def __init__(self, function: Callable):
        self.function, self.calls = function, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.function(*args, **kwargs)


def sentence_of(function: Any) -> str:
    """A check's docstring on one line: the sentence that learners read."""
    return " ".join((getattr(function, "__doc__", "") or getattr(function, "__name__", "")).split())


class Recorder:
    """`close`, `equal`, `dtype`, `that`, `raises`, `unchanged`, `sees`, `count`, `calls`; ``failures`` is what they
    found."""

    def __init__(self) -> None:
        self.failures: list[Failure] = []

    def record(self, failure: Failure) -> None:
        """Keep ``failure``, and go on."""
        self.failures.append(failure)

    def close(self, got: Any, want: Any, rtol: float = 1e-10, atol: float = 1e-12, what: str = "") -> None:
        """``got`` must have the structure, shape and kind of ``want``, be finite where it is, and equal it within
        ``atol + rtol |want|``."""
        fact = difference(got, want, rtol, atol)
        if fact:
            self.record(Failure(what, fact, got, want))

    def equal(self, got: Any, want: Any, what: str = "") -> None:
        """``got`` must be exactly ``want``: whole numbers, shapes, words, truth values."""
        fact = difference(got, want, 0.0, 0.0)
        if fact:
            self.record(Failure(what, fact, got, want))

    def dtype(self, got: Any, want: Any, what: str = "") -> None:
        """``got`` must be an array of dtype ``want``."""
        got = canonical(got)
        name = got.dtype.name if isinstance(got, np.ndarray) else type(got).__name__
        if name != np.dtype(want).name:
            fact = Fact("dtype", f"is of dtype {name}, where {np.dtype(want).name} is asked for")
            self.record(Failure(what, fact))

    def that(self, says: str, condition: Any) -> None:
        """The named property ``says`` must hold; ``condition`` is a truth value made by the check itself."""
        if not bool(condition):
            self.record(Failure("This does not hold:", Fact("property", says)))

    def raises(self, kind: type[Exception], function: Callable, *args: Any, **kwargs: Any) -> None:
        """``function(*args, **kwargs)`` must raise ``kind`` or a subclass of it."""
        try:
            function(*args, **kwargs)
        except Exception as error:
            raised = [base.__name__ for base in type(error).__mro__]
        except BaseException as error:  # what a jailed worker reports; a dead worker has no bases and satisfies nothing
            if not getattr(error, "bases", ()):
                raise
            raised = [error.type, *error.bases]  # type: ignore[attr-defined]
        else:
            raised = []
        if kind.__name__ not in raised:
            seen = raised[0] if raised else "nothing"
            fact = Fact("raises", f"raised {seen}, where {kind.__name__} is asked for")
            self.record(Failure("The call", fact))

    def unchanged(self, function: Callable, *args: Any, **kwargs: Any) -> Any:
        """Call ``function``; its arguments must be afterwards what they were. Returns the function's value."""
        before = [_copy(value) for value in (*args, *kwargs.values())]
        value = function(*args, **kwargs)
        after = (*args, *kwargs.values())
        changed = any(not callable(a) and not same_bits(a, b) for b, a in zip(before, after, strict=True))
        if changed or getattr(function, "changed", None):  # a jailed function works on copies and reports its changes
            fact = Fact("changed", "changed one of its arguments, which belong to the caller")
            self.record(Failure("The call", fact))
        return value

    def sees(self, value: Any) -> None:
        """What the last call returned comes to ``value``, by which mistakes are told apart: where many answers are
        right, or wrong in the same way, what they have in common. Decides nothing."""

    def once(self, items: Iterable[Any]) -> Any:
        """``items`` as an iterator, to be handed over: it can be gone through once, and has no length."""
        return iter(list(items))

    def count(self, function: Callable) -> Counted:
        """``function`` as a callable whose calls are counted, to be handed over as an argument."""
        return Counted(function)

    def calls(self, counted: Counted, want: int, what: str = "") -> None:
        """``counted`` must have been called ``want`` times."""
        if counted.calls != want:
            fact = Fact("calls", f"was called {counted.calls} times, where {want} calls are asked for")
            self.record(Failure(what or "The function you were given", fact))


def _copy(value: Any) -> Any:
    return value if callable(value) else copy.deepcopy(value)
