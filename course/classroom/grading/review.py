"""What a person must look at after grading, in groups; wrong answers that no known mistake names, clustered."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.syntax import Syntax

from ...bundle.cells import TASKS, grade_id, task_of
from ...grade.journal import Journal
from ...grade.verdict import EARLIER, MANUAL, OTHER_ID, TaskVerdict, Verdict
from ...terminal import wide_console
from ...wording import count
from .. import gradebook
from ..doors import handed
from ..gradebook import Scores
from ..home import Home, write_text
from ..show import number, one_line, plain
from . import kept

LINES, COLUMNS = 40, 120
"""How many lines of a learner's cell that stands for a cluster are shown, and how many characters of a line."""
_NUMBERS = re.compile(r"[-+]?\d[\d.,e+-]*")
GROUPS = {
    "undecided": ("Not decided, by a fault of the grader", True),
    "differ": ("TWO VERDICTS DIFFER on the same file, judged by the same checks", True),
    "unread": ("Files that could not be read", True),
    "refused": ("Refused by the last collecting", True),
    "identity": ("The notebook names another learner", True),
    "manual": ("Scores given by hand that wait for a person", True),
    "read": ("Texts that wait for a person, who reads and grades them in formgrader", True),
    "other": ("Other things to look at", True),
    "clock": ("Ended by the clock, not by the CPU time that was used", True),
    "ungraded": ("Collected, but not graded", True),
    "alone": ("Ran out of time beside others, and was judged once more alone", False),
    "earlier": ("Made from an earlier release", False),
    "repaired": ("Repaired, and told so", False),
}
"""What each group is called, and whether a person must do something about it; in the order in which they are shown."""


class Item(NamedTuple):
    """One thing in a group: whose, and a sentence."""

    learner: str
    sentence: str


@dataclass(frozen=True)
class Cluster:
    """Learners whose answers to a task fail in the same way, which no known mistake names; ``code`` is one's cell."""

    task: str
    failing: tuple[str, ...]
    learners: tuple[str, ...]
    code: str


@dataclass(frozen=True)
class ClassReview:
    """What a person must look at in one assignment: items by group (of `GROUPS`), and clusters, the largest first."""

    slug: str
    groups: dict[str, tuple[Item, ...]]
    clusters: tuple[Cluster, ...]

    @property
    def needs_person(self) -> bool:
        """Whether anything waits for somebody; what was repaired, or is only wrong, does not."""
        return any(items and GROUPS[name][1] for name, items in self.groups.items())


def review_class(home: Home, slug: str) -> ClassReview:
    """Everything of ``slug`` that a person should look at, from what counts now."""
    verdicts, held = kept.counted(home, slug), gradebook.class_scores(home, slug)
    found: dict[str, list[Item]] = {name: [] for name in GROUPS}
    for refusal in handed.refused(home, slug):
        found["refused"].append(Item(str(refusal.get("learner", "")), f"{refusal['name']}: {refusal['sentence']}"))
    for name, item in (*_ungraded(home, slug), *_journal(home, slug, verdicts)):
        found[name].append(item)
    for learner, verdict in verdicts.items():
        for name, text in (*_of_verdict(verdict, held.get(learner)), *_by_hand(held.get(learner))):
            found[name].append(Item(learner, text))
    groups = {name: tuple(sorted(set(items))) for name, items in found.items()}
    return ClassReview(slug, groups, tuple(_clusters(home, slug, verdicts)))


def _of_verdict(verdict: Verdict, held: Scores | None) -> Iterator[tuple[str, str]]:
    """The group and the sentence of everything that a verdict says to a person."""
    settled = not verdict.decided and held is not None and held.score is not None
    unread = any(check.id == "unread" for task in verdict.tasks for check in task.checks)
    for text in () if settled else kept.sentences(verdict):
        if unread:
            yield "unread", text
        elif text.startswith(OTHER_ID):
            yield "identity", text
        elif text.startswith(EARLIER):
            yield "earlier", text
        else:
            yield "other" if verdict.decided else "undecided", text
    for text in verdict.notes:
        yield "repaired", text
    if verdict.alone:
        slow = [task.name for task in verdict.tasks if task.status == "timeout"]
        yield "alone", f"{', '.join(slow)} did not finish then either." if slow else "It finished then."
    for task in verdict.tasks:
        row = held.row(task.name) if held is not None else None
        if task.status == MANUAL and (row is None or row.score is None):
            yield "read", f"{task.name}: {task.sentence}"
        if task.clock and task.status == "timeout":
            yield "clock", f"{task.name}: {task.sentence} It may wait, or this machine was busy."


def _by_hand(held: Scores | None) -> Iterator[tuple[str, str]]:
    for row in held.rows.values() if held is not None else ():
        if row.needs_manual and row.manual is not None:
            task = task_of(row.cell)
            yield "manual", f"{task}: its score {row.manual:g} was given before this verdict; look at it in formgrader."


def _ungraded(home: Home, slug: str) -> Iterator[tuple[str, Item]]:
    for learner in home.roster:
        path = home.notebook("submitted", slug, learner)
        have = kept.graded(home, slug, learner)
        if not path.is_file():
            continue
        if have is None:
            yield "ungraded", Item(learner, f"run: course grade {slug}")
        elif have[1].get("submission") not in ("", hashlib.sha256(path.read_bytes()).hexdigest()):
            yield "ungraded", Item(learner, f"handed in anew since it was graded; run: course grade {slug}")


def _journal(home: Home, slug: str, verdicts: dict[str, Verdict]) -> Iterator[tuple[str, Item]]:
    """What only the journal knows: verdicts that differ, and faults that took nothing away."""
    if not (home.path / "journal.db").exists():
        return
    journal = Journal(home.path / "journal.db")
    for attempts in journal.repeated(slug):
        decided = [verdict for verdict in attempts if verdict.decided]
        learner = attempts[-1].learner
        if learner in verdicts and any(verdict.findings == verdicts[learner].findings for verdict in decided):
            if differing := _differing(decided):
                yield "differ", Item(learner, f"{', '.join(differing)}: look at the cell, and at the checks.")
    for learner, newest in journal.newest(slug).items():
        counts = verdicts.get(learner)
        if counts and counts.bundle == newest.bundle and not newest.decided and counts.decided:
            said = kept.sentences(newest)[0].rstrip(".")
            yield "undecided", Item(learner, f"{said}; what was decided before stays.")


def _differing(verdicts: list[Verdict]) -> list[str]:
    """Tasks on which not all ``verdicts`` say the same, with what they came to."""
    found = []
    for tasks in zip(*(verdict.tasks for verdict in verdicts), strict=False):
        if len({task.checks for task in tasks}) > 1:
            results = dict.fromkeys(f"{task.status} {number(task.score)}" for task in tasks)
            found.append(f"{tasks[0].name} ({', then '.join(results)})")
    return found


def _clusters(home: Home, slug: str, verdicts: dict[str, Verdict]) -> list[Cluster]:
    """Wrong answers without a name, by task and by what their checks saw; the largest cluster first."""
    alike: dict[tuple, list[tuple[str, TaskVerdict]]] = {}
    for learner, verdict in verdicts.items():
        for task in verdict.tasks:
            if _unnamed(task):
                alike.setdefault((task.name, task.trace or _facts(task)), []).append((learner, task))
    found = []
    for (name, _), members in alike.items():
        learner, task = members[0]
        failing = tuple(f"{c.status}: {c.detail or c.sentence}" for c in task.checks if c.status != "passed")
        found.append(Cluster(name, failing, tuple(one for one, _ in members), _cell(home, slug, learner, name)))
    return sorted(found, key=lambda cluster: -len(cluster.learners))


def _unnamed(task: TaskVerdict) -> bool:
    unwritten = any(check.detail.endswith("is not written yet.") for check in task.checks)
    return task.score is not None and task.status not in {"passed", "missing"} and not task.mistakes and not unwritten


def _facts(task: TaskVerdict) -> tuple:
    """What a verdict that says nothing of its traces has of them; numbers are each learner's own."""
    return tuple((check.id, check.status, _NUMBERS.sub("#", check.detail)) for check in task.checks)


def _cell(home: Home, slug: str, learner: str, task: str) -> str:
    have, ids = kept.graded(home, slug, learner), {grade_id(kind, task) for kind in TASKS}
    cells = have[0]["cells"] if have is not None else ()
    return next((plain("".join(cell["source"])) for cell in cells if cell["id"] in ids), "")


def print_review(found: ClassReview) -> None:
    """The groups that hold anything, the same sentence once with all whom it concerns; then the clusters."""
    console = wide_console()
    if not any(found.groups.values()) and not found.clusters:
        _say(console, f"{found.slug}: nothing to look at.")
        return
    _say(console, found.slug, "bold")
    for name, items in found.groups.items():
        if items:
            _say(console, f"{GROUPS[name][0]}: {len(items)}", "bold red" if GROUPS[name][1] else "bold")
        for sentence, learners in _together(items).items():
            _say(console, f"  {', '.join(filter(None, learners)) or '(nobody on the roster)'}: {sentence}")
    total = sum(len(cluster.learners) for cluster in found.clusters)
    if total:
        alike = count(len(found.clusters), "way")
        _say(console, f"Wrong answers that no known mistake names: {total}, in {alike} of going wrong", "bold")
    for cluster in found.clusters:
        who = f"{count(len(cluster.learners), 'learner')} ({', '.join(cluster.learners)})"
        _say(console, f"  {cluster.task}: {who}")
        for text in cluster.failing:
            _say(console, f"    {text}")
        code = _cut(cluster.code)
        console.print(Syntax(code, "python", word_wrap=True, background_color="default", theme="ansi_light"))


def _cut(code: str) -> str:
    """As much of a cell as is shown, with a mark wherever something is left out.

    >>> _cut("x" * 121).endswith("xx …"), _cut("x\\n" * 41).splitlines()[39:]
    (True, ['x', '# … (cut here)'])
    """
    lines = code.splitlines()
    shown = [line if len(line) <= COLUMNS else f"{line[:COLUMNS]} …" for line in lines[:LINES]]
    return "\n".join([*shown, *(["# … (cut here)"] if len(lines) > LINES else [])])


def _together(items: Iterable[Item]) -> dict[str, list[str]]:
    together: dict[str, list[str]] = {}
    for item in items:
        together.setdefault(item.sentence, []).append(item.learner)
    return together


def _say(console: Console, text: str, style: str = "") -> None:
    indent = len(text) - len(text.lstrip())
    console.print(" " * indent + one_line(text.strip()), style=style, markup=False, soft_wrap=True, highlight=False)


def write_review(path: Path, reviews: Iterable[ClassReview]) -> None:
    """The same as JSON: by assignment the groups, with their titles, and the clusters."""
    write_text(path, json.dumps({one.slug: _data(one) for one in reviews}, indent=1, ensure_ascii=False) + "\n")


def _data(found: ClassReview) -> dict[str, Any]:
    groups = {
        name: {"title": title, "person": person, "items": [item._asdict() for item in found.groups[name]]}
        for name, (title, person) in GROUPS.items()
    }
    clusters = [asdict(cluster) for cluster in found.clusters]
    return {"person": found.needs_person, "groups": groups, "unnamed": clusters}
