"""Whether an assignment is fit to be released: its reference gets every point, and its untouched stub none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..bundle.cells import task_cell
from ..bundle.freeze import Assignment
from .bench import Bench
from .process import JudgeError
from .verdict import TaskVerdict


def prove(built: Assignment) -> list[str]:
    """A sentence for each reason not to release ``built``; none if it is sound. Takes about two seconds.

    The author's code runs in a judging process of its own, with no jail: never use it for a learner's.
    """
    try:
        with Bench(built) as bench:
            return list(reference_problems(built, bench.reference())) or list(stub_problems(bench))
    except JudgeError as error:
        return [str(error)]
    except Exception as error:  # the reference itself
        return [f"the reference does not run: {type(error).__name__}: {error}"]


def reference_problems(built: Assignment, verdicts: Sequence[TaskVerdict]) -> Iterator[str]:
    """What keeps the reference from full marks, and points that do not add up."""
    for verdict in verdicts:
        for check in verdict.checks:
            if check.status != "passed":
                said = (check.detail or check.sentence).rstrip(".")
                yield f"the reference of {verdict.name} does not pass {check.id!r}: {said}; mend solution or check"
        worth, points = round(sum(check.points for check in verdict.checks), 6), built.contract.points[verdict.name]
        if worth != points:
            yield f"the checks of {verdict.name} are worth {worth:g} points together, its contract says {points:g}"


def stub_problems(bench: Bench) -> Iterator[str]:
    """Points that the untouched exercise gets, and tasks of it that do not say what is to be done."""
    for verdict in bench.whole(bench.built.skeleton, {}):
        if verdict.score:
            yield f"the untouched stub of {verdict.name} gets {verdict.score:g} points; add a check that it fails"
        elif task_cell(bench.built.reference, verdict.name).kind == "question":
            continue  # it has no error to show; its check says what is asked for
        elif verdict.sentence != f"`{verdict.name}` is not written yet.":
            yield f"the untouched stub of {verdict.name} does not say what is to be written; let every check call it"
