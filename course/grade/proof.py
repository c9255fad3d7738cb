"""Whether an assignment is fit to be released: its reference gets every point, and its untouched stub none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..bundle.cells import Cell
from ..bundle.freeze import Assignment, freeze
from .limits import LIMITS
from .process import JudgeError, JudgeProcess
from .reference import load_reference, right_answers
from .rehearsal import NAMES
from .verdict import TaskVerdict


def prove(built: Assignment) -> list[str]:
    """A sentence for each reason not to release ``built``; none if it is sound. Takes about two seconds.

    The author's code runs in a judging process of its own, with no jail: never use it for a learner's.
    """
    with tempfile.TemporaryDirectory() as folder:
        config = {"bundle": str(freeze(Path(folder), built).path), "limits": LIMITS.to_dict(), "secret": "00" * 32}
        process = JudgeProcess(
            {**config, "course_id": "demo", "tier": "auto", "open_desks": True}, Path(folder) / "log"
        )
        try:
            answers = right_answers(built.reference, load_reference(built.reference, NAMES))
            found = list(_reference(built, _judge(process, built, built.reference, answers)))
            return found or list(_stub(_judge(process, built, built.skeleton, {})))
        except JudgeError as error:
            return [str(error)]
        except Exception as error:  # the reference itself
            return [f"the reference does not run: {type(error).__name__}: {error}"]
        finally:
            process.close()


def _judge(process: JudgeProcess, built: Assignment, cells: Sequence[Cell], answers: dict) -> list[TaskVerdict]:
    job = {"id": 1, "cells": [cell.to_dict() for cell in cells], "learner": NAMES["learner_id"], "answers": answers}
    answer = process.judge({**job, "found": list(built.contract.points), "display": False}, 300)
    if answer["review"]:
        raise JudgeError(answer["review"][0])
    return [TaskVerdict.from_dict(task) for task in answer["tasks"]]


def _reference(built: Assignment, verdicts: Sequence[TaskVerdict]) -> Iterator[str]:
    for verdict in verdicts:
        for check in verdict.checks:
            if check.status != "passed":
                yield f"the reference of {verdict.name} does not pass {check.id!r}: {check.detail or check.sentence}"
        worth, points = round(sum(check.points for check in verdict.checks), 6), built.contract.points[verdict.name]
        if worth != points:
            yield f"the checks of {verdict.name} are worth {worth:g} points together, its contract says {points:g}"


def _stub(verdicts: Sequence[TaskVerdict]) -> Iterator[str]:
    for verdict in verdicts:
        if verdict.score:
            yield f"the untouched stub of {verdict.name} gets {verdict.score:g} points"
