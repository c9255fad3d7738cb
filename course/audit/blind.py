"""How well known mistakes are named in answers that were written blind: by people who saw only the exercise.

A set is ``tests/course/blind/SLUG/*.py``, each with a list ``ANSWERS`` of dicts: ``task``, ``name``, ``right``,
``cause`` (as its author understands it), ``source``, and ``held`` where it is kept out of all tuning. ``labels.json``
beside them says of each wrong answer which known mistakes are truly in it, as somebody judged who had not seen what was
named.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress
from rich.table import Table

from ..author.build import build
from ..grade.bench import Bench
from ..terminal import wide_console
from .report import cores


@dataclass(frozen=True)
class Answer:
    """One answer of a blind set."""

    task: str
    name: str
    right: bool
    cause: str
    source: str
    held: bool = False

    @property
    def id(self) -> str:
        """How labels call it."""
        return f"{self.task}/{self.name}"


@dataclass(frozen=True)
class Came:
    """What came of one answer: the checks of its task that it failed, the mistakes that were named, and which tasks
    of others lost points for it."""

    answer: Answer
    failed: tuple[str, ...]
    named: tuple[str, ...]
    blamed: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """Counts over a set, or a half of one. ``named`` are wrong answers with a name, ``true`` those whose names are all
    among its labels; ``alarms`` are right answers that lose points, ``blame`` answers for which another task does."""

    right: int
    wrong: int
    caught: int
    named: int
    true: int
    alarms: int
    blame: int

    @property
    def precision(self) -> float:
        """Of the names given, how many are true; 1 where none was given."""
        return self.true / self.named if self.named else 1.0

    @property
    def coverage(self) -> float:
        """Of the wrong answers, how many get a true name."""
        return self.true / self.wrong if self.wrong else 0.0


def answers(slug: str, root: Path) -> list[Answer]:
    """The blind answers to ``slug``."""
    folder = root / "tests" / "course" / "blind" / slug
    return [Answer(**data) for path in sorted(folder.glob("*.py")) for data in runpy.run_path(str(path))["ANSWERS"]]


def labels(slug: str, root: Path) -> dict[str, list[str]]:
    """For each wrong answer the known mistakes that are truly in it; answers without a label are missing."""
    path = root / "tests" / "course" / "blind" / slug / "labels.json"
    return json.loads(path.read_text()) if path.is_file() else {}


def slugs(root: Path) -> list[str]:
    """The assignments that have a blind set."""
    return sorted(path.name for path in (root / "tests" / "course" / "blind").glob("[0-9]*") if path.is_dir())


def judge(
    slug: str, root: Path, chosen: Sequence[Answer], step: Callable[[], None] = lambda: None, jobs: int | None = None
) -> list[Came]:
    """Judge ``chosen`` as a submission is, jailed: each in the place of the reference's cell, all other cells right."""
    with Bench(build(slug, root), jobs=jobs or cores(), jail=True) as bench:

        def one(answer: Answer) -> Came:
            came = _came(bench, answer)
            step()
            return came

        return list(bench.map(one, chosen))


def _came(bench: Bench, answer: Answer) -> Came:
    contract = bench.built.contract
    users = [task for task in contract.points if answer.task in contract.uses.get(task, ())]
    verdicts = {one.name: one for one in bench.submitted(answer.task, answer.source, [answer.task, *users])}
    mine = verdicts.pop(answer.task)
    failed = tuple(check.id for check in mine.checks if check.status != "passed")
    return Came(answer, failed, mine.mistakes, tuple(t.name for t in verdicts.values() if (t.score or 0) < t.maximum))


def score(came: Sequence[Came], known: Mapping[str, Sequence[str]]) -> Score:
    """The counts over what came of a set."""
    wrong = [one for one in came if not one.answer.right]
    right = [one for one in came if one.answer.right]
    named = [one for one in wrong if one.named]
    true = [one for one in named if set(one.named) <= set(known.get(one.answer.id, ()))]
    return Score(
        right=len(right),
        wrong=len(wrong),
        caught=sum(bool(one.failed) for one in wrong),
        named=len(named) + sum(bool(one.named) for one in right),
        true=len(true),
        alarms=sum(bool(one.failed) for one in right),
        blame=sum(bool(one.blamed) for one in came),
    )


def measure(chosen: Sequence[str] | None, root: Path, jobs: int | None = None) -> int:
    """Judge the blind sets, or those of ``chosen``, and print what came of them; 1 if a right answer lost points."""
    console = wide_console()
    table = Table(title="Blind answers: are known mistakes named, and truly?")
    for column in (
        "set",
        "right",
        "false alarms",
        "wrong",
        "caught",
        "named",
        "truly",
        "precision",
        "coverage",
        "blame",
    ):
        table.add_column(column, justify="left" if column == "set" else "right")
    remarks: list[str] = []
    for slug in slugs(root) if chosen is None else chosen:
        every, known = answers(slug, root), labels(slug, root)
        with Progress(console=console) as progress:
            bar = progress.add_task(slug, total=len(every))
            came = judge(slug, root, every, lambda bar=bar: progress.advance(bar), jobs)  # type: ignore[misc]
        halves = {
            "tuned on": [c for c in came if not c.answer.held],
            "never tuned on": [c for c in came if c.answer.held],
        }
        for name, part in halves.items():
            table.add_row(f"{slug[:2]}, {name}", *_row(score(part, known)))
        remarks += [f"{slug}: {text}" for text in _remarks(came, known)]
    console.print(table)
    for text in remarks:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    return int(any("false alarm" in text for text in remarks))


def _row(one: Score) -> tuple[str, ...]:
    counts = (one.right, one.alarms, one.wrong, one.caught, one.named, one.true)
    return (*map(str, counts), f"{one.precision:.2f}", f"{one.coverage:.2f}", str(one.blame))


def _remarks(came: Sequence[Came], known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for one in came:
        answer = one.answer
        if answer.right and one.failed:
            yield f"false alarm: the right answer {answer.id} fails {', '.join(one.failed)}"
        if not answer.right and not one.failed:
            yield f"not caught: {answer.id} ({answer.cause})"
        if one.named and not set(one.named) <= set(known.get(answer.id, ())):
            yield f"wrong name: {answer.id} ({answer.cause}) is named {', '.join(one.named)}"
        if one.blamed:
            yield f"false blame: for {answer.id}, points are lost in {', '.join(one.blamed)}"
