"""The report on a class: one self-contained page for the instructor alone, with no script and nothing loaded."""

from __future__ import annotations

import base64
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from pathlib import Path

from ..home import Home, HomeError, write_private
from ..roster import Learner
from ..show import WORDS, plain
from . import charts, facts, similar
from .charts import Chart, brief
from .facts import Facts, Work
from .page import template
from .similar import OWN_CELLS, REFERENCE, Pair

PAIRS = 20
"""How many near-identical pairs of an assignment are shown side by side."""

CELLS, LINES, COLUMNS = 3, 120, 160
"""How many cells of a pair are shown, how many lines of a cell, and how many characters of a line."""

LEVELS = 5
"""The heat maps' colour of full points; that of none is 0, and the others stand for a quarter each."""

_ENDINGS = {
    "failed": "It fails checks in a way that no known mistake does.",
    "error": "It raises an error, or is not written yet.",
    "timeout": "It does not finish.",
    "memory": "It takes too much memory.",
    "crashed": "It ends the process that runs it.",
    "missing": "It is missing, or has another signature.",
}


@dataclass(frozen=True)
class Cell:
    """One field of a heat map: what stands in it, and its colour's class."""

    text: str
    style: str


@dataclass(frozen=True)
class Row:
    """One learner's line in a heat map; ``score`` is what it is sorted by."""

    learner: Learner
    cells: tuple[Cell, ...]
    score: float


@dataclass(frozen=True)
class Line:
    """One line of two cells side by side: ``same`` but for names and layout, ``given`` by the exercise, or neither."""

    left: str
    right: str
    kind: str


@dataclass(frozen=True)
class Shown:
    """Two learners' cells side by side, by task, with the share that is the same; ``others`` are not shown."""

    first: str
    second: str
    cells: tuple[tuple[str, float, tuple[Line, ...]], ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """All that the page says of one assignment."""

    facts: Facts
    scores: Chart
    times: Chart | None
    rows: tuple[Row, ...]
    pairs: tuple[Shown, ...]
    left_out: int
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Report:
    """A report that was written: where, on which assignments, of how many pairs, and what is still to be graded."""

    path: Path
    assignments: tuple[str, ...]
    pairs: int
    waiting: Mapping[str, int]


def write_report(home: Home, slugs: Sequence[str] | None = None, out: Path | None = None) -> Report:
    """Write the report on ``slugs`` (default: all that were released) to ``out`` (default: ``HOME/report.html``).

    Nobody but its owner can read the file. `HomeError` before anything is done where nothing was released or ``out``
    cannot be written.
    """
    chosen = sorted(set(slugs or home.assignments))
    path = home.place(out or home.path / "report.html", "--out")
    if not chosen:
        raise HomeError("no assignment was released from this home yet, so there is nothing to report on; release one")
    sections = [section(facts.gather(home, slug)) for slug in chosen]
    write_private(path, render(home, sections, datetime.now(UTC)).encode())
    waiting = {one.facts.slug: len(one.facts.waiting) for one in sections if one.facts.waiting}
    return Report(path, tuple(chosen), sum(len(one.pairs) + one.left_out for one in sections), waiting)


def section(known: Facts) -> Section:
    """The figures, tables and pairs of one assignment."""
    codes = {work.learner.id: work.codes for work in known.works if work.codes}
    kept, groups = similar.threads(similar.pairs(codes, known.given, known.reference))
    names = {work.learner.id: _called(work.learner) for work in known.works}
    return Section(
        facts=known,
        scores=charts.scores_chart([work.score for work in known.works if work.scores is not None], known.maximum),
        times=charts.times_chart([(work.submitted, work.due) for work in known.works if work.submitted is not None]),
        rows=tuple(_rows(known)),
        pairs=tuple(_side_by_side(pair, codes, known, names) for pair in kept[:PAIRS]),
        left_out=max(0, len(kept) - PAIRS),
        groups=tuple(tuple(names[learner] for learner in group) for group in groups),
    )


def render(home: Home, sections: Sequence[Section], made: datetime) -> str:
    """The page, as HTML; every text of somebody else's is escaped."""
    zone = home.settings.zone

    def local(time: datetime | None) -> str:
        if time is None:
            return "no due date"
        return f"{time.replace(tzinfo=UTC).astimezone(zone):%-d %B %Y, %H:%M %Z}"

    return template("report.html").render(
        course_id=home.settings.course_id,
        made=local(made.replace(tzinfo=None)),
        learners=len(home.roster),
        sections=sections,
        totals=_totals(sections) if len(sections) > 1 else (),
        maximum=sum(one.facts.maximum for one in sections),
        endings=_ENDINGS,
        called=_called,
        uri=_uri,
        brief=brief,
        local=local,
        percent=percent,
        checks=facts.checks,
        topics=facts.topics,
        mistakes=facts.mistakes,
        unnamed=facts.unnamed,
        words=WORDS,
    )


def percent(share: float) -> str:
    """A share in whole percent; all and nothing are said only where it is all or nothing.

    >>> percent(0.996), percent(0.004), percent(1.0), percent(0.5)
    ('99 %', '1 %', '100 %', '50 %')
    """
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{min(99, max(1, round(100 * share)))} %"


def _called(learner: Learner) -> str:
    return learner.id if learner.name == learner.id else f"{learner.name} ({learner.id})"


def _uri(chart: Chart) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(chart.data).decode()}"


def cell(points: float | None, maximum: float, absent: bool = False) -> Cell:
    """A field of a heat map.

    >>> cell(2.0, 4.0), cell(None, 4.0).text, cell(None, 4.0, absent=True).text
    (Cell(text='2', style='h3'), '?', '·')
    """
    if points is None:
        return Cell("·", "none") if absent else Cell("?", "open")
    share = points / maximum if maximum > 0 else 0.0
    return Cell(brief(points), f"h{0 if share <= 0 else LEVELS if share >= 1 else 1 + int(share * (LEVELS - 1))}")


def _rows(known: Facts) -> list[Row]:
    """Learner by task, the highest score first, who is not decided after them, and who is missing last."""
    return sorted((_row(known, work) for work in known.works), key=lambda row: -row.score)


def _absent(work: Work) -> bool:
    return work.scores is None or (not work.handed_in and work.score is None)


def _row(known: Facts, work: Work) -> Row:
    absent = _absent(work)
    tasks = [cell(work.points(task), maximum, absent) for task, maximum in known.points.items()]
    total = cell(work.score, known.maximum, absent)
    reached = [points for task in known.points if (points := work.points(task)) is not None]
    rank = work.score if work.score is not None else sum(reached) - 1e6 if not absent else -1e9
    return Row(work.learner, (*tasks, total), rank)


def _totals(sections: Sequence[Section]) -> list[Row]:
    """Learner by assignment; what is missing or not decided counts nothing."""
    learners = {work.learner.id: work.learner for one in sections for work in one.facts.works}
    found = [{work.learner.id: work for work in one.facts.works} for one in sections]
    maximum = sum(one.facts.maximum for one in sections)
    rows = []
    for name, learner in learners.items():
        works = [by_learner.get(name, Work(learner)) for by_learner in found]
        pairs = zip(works, sections, strict=True)
        cells = [cell(work.score, one.facts.maximum, _absent(work)) for work, one in pairs]
        total = sum(work.score for work in works if work.score is not None)
        rows.append(Row(learner, (*cells, cell(total, maximum)), total))
    return sorted(rows, key=lambda row: -row.score)


def _side_by_side(pair: Pair, codes: Mapping[str, Mapping[str, str]], known: Facts, names: Mapping[str, str]) -> Shown:
    alike = sorted(pair.cells, key=lambda one: (-one.share, -len(codes[pair.first][one.task])))
    given = frozenset(line.strip() for text in known.given for line in text.split("\n"))
    second = known.reference if pair.second == REFERENCE else codes[pair.second]
    cells = [
        (one.task, one.share, tuple(_lines(_all_of(codes[pair.first], one.task), _all_of(second, one.task), given)))
        for one in alike[:CELLS]
    ]
    second_name = "the reference solution" if pair.second == REFERENCE else names[pair.second]
    return Shown(names[pair.first], second_name, tuple(cells), tuple(one.task for one in alike[CELLS:]))


def _all_of(codes: Mapping[str, str], task: str) -> str:
    """A task's cell, and the learner's own cells, into which what is alike may have been moved."""
    own = codes.get(OWN_CELLS, "") if task != OWN_CELLS else ""
    return codes[task] + (f"\n\n# the learner's own cells\n{own}" if own else "")


def _lines(left: str, right: str, given: Container[str] = ()) -> list[Line]:
    """Two cells line by line, those that are the same but for names and layout beside each other."""
    sides = [[line[:COLUMNS] for line in plain(text).split("\n")[:LINES]] for text in (left, right)]
    keys = [[" ".join(similar.tokens(line)) for line in side] for side in sides]
    found: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        for i, j in zip_longest(range(a, b), range(c, d)):
            texts = ("" if i is None else sides[0][i], "" if j is None else sides[1][j])
            free = all(text.strip() in given for text in texts)
            same = kind == "equal" and i is not None and bool(keys[0][i])
            found.append(Line(*texts, "given" if free else "same" if same else ""))
    return list(_shortened(found))


def _shortened(lines: Sequence[Line]) -> Iterator[Line]:
    """``lines`` with one line in the place of several that the exercise gives."""
    for kind, run in groupby(lines, key=lambda line: line.kind):
        several = list(run)
        if kind == "given" and len(several) > 3:
            text = f"… {len(several)} lines of the exercise"
            several = [Line(text, text, kind)]
        yield from several
