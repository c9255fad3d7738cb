"""How a class did in an assignment, as far as every learner may know: nothing from which one other could be told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import floor, log10
from statistics import median

from .. import gradebook
from ..gradebook import Scores
from ..home import Home
from ..show import number

LEAST = 10
"""From so many decided submissions on a class's numbers are shown; among fewer they would speak of single people."""

COARSE, FINE, MANY = 5, 10, 30
"""How many bars a distribution has at most, and from how many submissions on it is the finer one."""


@dataclass(frozen=True)
class Task:
    """One task: the share of the class with full points, and the median score."""

    full: float
    median: float
    maximum: float


@dataclass(frozen=True)
class Bar:
    """How many scores lie from ``low`` on and below ``high``; those at the maximum are in the last bar."""

    low: float
    high: float
    count: int
    last: bool = False

    def holds(self, score: float | None) -> bool:
        """Whether a score is one of these."""
        return score is not None and (self.low <= score or not self.low) and (score < self.high or self.last)


@dataclass(frozen=True)
class Standing:
    """A class in one assignment: how many are decided and, from `LEAST` on, the median, the tasks, the distribution.

    ``tasks`` are by the gradebook's cell. ``due`` and ``extended`` are the deadlines, read at the same time.
    """

    graded: int
    maximum: float = 0.0
    median: float = 0.0
    tasks: Mapping[str, Task] = field(default_factory=dict)
    bars: tuple[Bar, ...] = ()
    due: datetime | None = None
    extended: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether there are enough to show more than how many."""
        return self.graded >= LEAST

    @property
    def highest(self) -> int:
        """The longest bar."""
        return max((bar.count for bar in self.bars), default=0)

    def text(self, score: float | None) -> str:
        """The figure in words, for those who cannot see it, with the place of ``score``."""
        parts = [f"{number(bar.low)} to {number(bar.high)}: {bar.count}" for bar in self.bars]
        own = next((f" Yours is from {number(b.low)} to {number(b.high)}." for b in self.bars if b.holds(score)), "")
        return f"How many submissions have how many points of {number(self.maximum)}. {'; '.join(parts)}.{own}"


_known: dict[tuple[str, str], tuple[object, Standing]] = {}


def standing(home: Home, slug: str) -> Standing:
    """The class's standing in ``slug`` now. It is worked out anew only when gradebook, roster or settings changed.

    A page is made at a time, by whichever program makes it, and three hundred pages need it.
    """
    state = (_state(home.path / "gradebook.db"), _state(home.roster_file), home.settings)
    key = (str(home.path), slug)
    if key not in _known or _known[key][0] != state:
        _known[key] = state, _now(home, slug)
    return _known[key][1]


def _state(path: os.PathLike[str]) -> tuple[int, int, bytes]:
    """What changes when a file does: its time may be too coarse, so SQLite's own count of changes goes with it."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            return status.st_mtime_ns, status.st_size, file.read(28)
    except OSError:
        return 0, 0, b""


def _now(home: Home, slug: str) -> Standing:
    roster = home.roster
    held = {learner: one for learner, one in gradebook.class_scores(home, slug).items() if learner in roster}
    due, extended = gradebook.due_dates(home, slug)
    return summed(held, due, extended)


def summed(
    held: Mapping[str, Scores], due: datetime | None = None, extended: Mapping[str, datetime] | None = None
) -> Standing:
    """The standing of a class of these scores. Whoever has an undecided task does not count."""
    decided = [one for one in held.values() if one.rows and one.score is not None]
    few = Standing(len(decided), due=due, extended=extended or {})
    if not few.shown:
        return few
    maximum = max(one.maximum for one in decided)
    totals = [min(max(one.score or 0.0, 0.0), maximum) for one in decided]
    names = dict.fromkeys(name for one in decided for name in one.rows)
    return replace(
        few,
        maximum=maximum,
        median=median(totals),
        tasks={name: _task([one.rows[name] for one in decided if name in one.rows]) for name in names},
        bars=_bars(totals, maximum),
    )


def _task(rows: list[gradebook.Row]) -> Task:
    scores = [row.score or 0.0 for row in rows]
    full = sum(score >= row.maximum - 1e-9 for score, row in zip(scores, rows, strict=True))
    return Task(full / len(rows), median(scores), rows[0].maximum)


def _bars(totals: list[float], maximum: float) -> tuple[Bar, ...]:
    edges = _edges(maximum, FINE if len(totals) >= MANY else COARSE)
    empty = [Bar(low, high, 0, high == edges[-1]) for low, high in pairwise(edges)]
    return tuple(Bar(b.low, b.high, sum(map(b.holds, totals)), b.last) for b in empty)


def _edges(maximum: float, most: int) -> list[float]:
    """Round numbers from 0 to ``maximum``, which need not be one, with at most ``most`` steps between them.

    >>> _edges(25.0, 5), _edges(27.0, 5)
    ([0.0, 5.0, 10.0, 15.0, 20.0, 25.0], [0.0, 10.0, 20.0, 27.0])
    """
    if maximum <= 0:
        return []
    power = 10.0 ** floor(log10(maximum / most))
    step = next(power * size for size in (1, 2, 2.5, 5, 10) if maximum / (power * size) <= most + 1e-9)
    whole = floor(maximum / step + 1e-9)
    inner = [round(step * place, 9) for place in range(whole + 1)]
    return inner if abs(inner[-1] - maximum) < 1e-9 else [*inner, maximum]
