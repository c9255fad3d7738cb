"""What the known mistakes look like to the visible checks: generated beside the exercise, so that a learner's own
notebook can name them. Never what the reference looks like, and nothing of a mistake's code."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..bundle.cells import Cell, task_cell, with_source
from ..bundle.contract import Contract
from ..bundle.loader import load
from ..learn.known import Seen
from ..learn.report import Report
from ..learn.visible import Check
from .lint import called

LEARNERS = ("one", "other")
"""Two learners: what differs between them depends on their own data, and cannot be compared with what ships."""


class Collecting(Check):
    """A check that keeps what it saw."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Seen] = {}

    def report(self, task: str, hidden: str = "") -> Report:
        """Show nothing."""
        self.kept = self.seen.pop(task, {})
        return Report(task, tuple(self.results.pop(task, ())), hidden)


def build_id(contract: Contract, cells: Sequence[Cell], checks: str) -> str:
    """A short hash of all that decides what a mistake looks like and what is said of it."""
    kinds = {"setup", "given", "function", "experiment", "check"}
    parts = [cell.source for cell in cells if cell.kind in kinds]
    declared = [node for node in ast.walk(ast.parse(checks)) if _declares(node)]
    parts += [*sorted(map(ast.unparse, declared)), json.dumps({task: list(h) for task, h in contract.hints.items()})]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def _declares(node: ast.AST) -> bool:
    calls = [node, *getattr(node, "decorator_list", ())]
    return any(isinstance(call, ast.Call) and called(call) == "mistake" for call in calls)


def traces(slug: str, build: str, cells: Sequence[Cell], mistakes: Sequence, hints: Mapping) -> dict:
    """What ships for an assignment: for each task its own hints, and its known mistakes with what they look like.

    Left out are mistakes that the visible checks do not see, that do not end, or of which no two runs are alike; and
    tasks whose right answer looks different for two learners.
    """
    tasks: dict[str, dict] = {task: {"hints": list(texts), "mistakes": []} for task, texts in hints.items()}
    for cell in cells:
        if cell.kind != "check" or task_cell(cells, cell.name).kind == "question":
            continue
        right, other = (seen_by(cells, cell, name) for name in LEARNERS)
        mine = [one for one in mistakes if one.task == cell.name and one.named]
        if mine and _alike(right, other):
            found = [(one, seen_by(with_mistake(cells, one), cell, LEARNERS[0])) for one in mine]
            entries = [_entry(one, seen) for one, seen in found if _tells(seen)]
            tasks.setdefault(cell.name, {"hints": []})["mistakes"] = entries
    return {"slug": slug, "build": build, "tasks": tasks}


def to_text(data: dict) -> str:
    """The file's text: one line a mistake."""
    lines = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return lines.replace('{"name":', '\n{"name":') + "\n"


def with_mistake(cells: Sequence[Cell], mistake: Any) -> tuple[Cell, ...]:
    """``cells`` with ``mistake`` in them."""
    return with_source(cells, mistake.task, mistake.patch(task_cell(cells, mistake.task).source))


def seen_by(cells: Sequence[Cell], check_cell: Cell, learner: str) -> dict[str, Seen]:
    """What the checks of one cell see of ``cells``."""
    check = Collecting()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a mistake's arithmetic
        names = load(cells, {"course_id": "demo", "learner_id": learner, "backend": "numpy"}).namespace
        exec(compile(check_cell.source, f"<{check_cell.id}>", "exec"), {**names, "check": check})
    return check.kept


def _alike(one: Mapping[str, Seen], other: Mapping[str, Seen]) -> bool:
    return set(one) == set(other) and all(one[name].same(other[name]) for name in one)


def _tells(seen: Mapping[str, Seen]) -> bool:
    ended = {one.status for one in seen.values()}
    return "timeout" not in ended and "failed" in ended


def _entry(mistake: Any, seen: Mapping[str, Seen]) -> dict:
    kept = {name: [one.status, list(one.marks), list(one.steps)] for name, one in seen.items()}
    return {"name": mistake.name, "says": mistake.says, "hints": list(mistake.hints), "seen": kept}
