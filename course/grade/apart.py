"""Which of many wrong answers to one task the hidden checks catch, and which of them no check tells apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..bundle.cells import Cell, task_cell, with_source
from ..learn.compare import ATOL, RTOL
from . import pack
from .assess import Assessment, Runnable
from .desks import OpenDesk
from .naming import Trace, same
from .sitting import Step
from .wire import WireError


def apart(
    assessment: Assessment,
    cells: Sequence[Cell],
    names: Mapping[str, Any],
    checks: Mapping[str, Sequence[Runnable]],
    job: Mapping[str, Any],
) -> list[dict]:
    """For each of ``job["candidates"]`` the first hidden check that catches it, and the others that behave like it.

    The author's code, in this process. Check by check the candidates fall into groups of equal traces; whoever is
    caught and alone in a group is done, which most are after the first check. Hidden checks come before visible ones,
    and those first that catch the most single mistakes (``job["kills"]``) for their time.
    """
    ((task, of_task),) = checks.items()
    bench = _Rounds(assessment, cells, names, task, job["candidates"])
    worth = {check.id: job["kills"].get(check.id, 0) / bench.seconds(check) for check in of_task}
    order = sorted(of_task, key=lambda check: (check.visible, -worth[check.id]))
    groups = [[n for n, one in enumerate(bench.candidates) if not one.get("alone")]]
    groups += [[n] for n, one in enumerate(bench.candidates) if one.get("alone")]
    for check in order:
        groups = [part for group in groups for part in bench.split(check, group)]
    alike = {n: [other for other in group if other != n] for group in groups for n in group}
    return [{"caught": caught, "like": alike.get(n, [])} for n, caught in enumerate(bench.caught)]


class _Rounds:
    """The candidates, and which of them were caught by now."""

    def __init__(
        self, assessment: Assessment, cells: Sequence[Cell], names: Mapping, task: str, candidates: Sequence[Mapping]
    ):
        self.assessment, self.cells, self.names, self.task = assessment, cells, names, task
        self.candidates, self.caught = candidates, [""] * len(candidates)
        served = assessment.bundle.contract.uses.get(task, ())
        self.served = {name: _remembering(getattr(assessment.sitting.reference, name)) for name in served}

    def seconds(self, check: Runnable) -> float:
        """How long ``check`` takes of the reference, and what surrounds it."""
        start = time.perf_counter()
        with self.assessment.sitting.at(OpenDesk(self.cells, self.names, self.task, {})):
            check.run()
        return time.perf_counter() - start

    def split(self, check: Runnable, group: list[int]) -> Iterator[list[int]]:
        """``group`` by what ``check`` sees of its members; nothing where there is nothing left to find out."""
        if len(group) == 1 and self.caught[group[0]]:
            return
        parts: list[tuple[Trace, tuple[float, float], list[int]]] = []
        for number in group:
            trace = self._trace(check, number)
            weight = _weight([step.value for step in trace[0]])
            near = (part for seen, other, part in parts if _near(weight, other) and same(trace, seen))
            part = next(near, None)
            if part is None:
                parts.append((trace, weight, [number]))
            else:
                part.append(number)
        yield from (part for _, _, part in parts)

    def _trace(self, check: Runnable, number: int) -> Trace:
        candidate, assessment = self.candidates[number], self.assessment
        cells = with_source(self.cells, self.task, candidate["source"])
        typed = {**assessment.sitting.submission.answers, **candidate["answers"]}
        assessment.sitting.submission.answers = typed
        with assessment.sitting.at(OpenDesk(cells, self.names, self.task, self.served)):
            verdict = assessment.run(check, self.task, told=False)
        if verdict.status != "passed" and not check.visible:
            self.caught[number] = self.caught[number] or check.id
        calls, facts = assessment.traces[check.id]
        if task_cell(self.cells, self.task).kind == "question":
            calls = (*calls, Step(self.task, "typed", typed))
        return calls, facts


def _remembering(function: Callable) -> Callable:
    """``function`` of the reference, computed once for equal arguments: all candidates ask for much the same."""
    known: dict[bytes, Any] = {}

    def remembered(*args: Any, **kwargs: Any) -> Any:
        try:
            key = pack.dumps((args, kwargs))
        except WireError:  # a callable
            return function(*args, **kwargs)
        if key not in known:
            if len(known) >= 1000:
                known.clear()
            known[key] = function(*args, **kwargs)
        return known[key]

    return remembered


def _weight(value: Any) -> tuple[float, float]:
    """The sum of all numbers in ``value``, and of their sizes."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        parts = [_weight(item) for item in value]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    if isinstance(value, bool | int | float | complex | np.generic | np.ndarray):
        array = np.asarray(value)
        return (float(array.real.sum()), float(abs(array).sum())) if array.dtype.kind in "biufc" else (0.0, 0.0)
    return 0.0, 0.0


def _near(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two values of these weights may be the same: much cheaper than to compare them."""
    return not abs(one[0] - other[0]) > 4 * (RTOL * (one[1] + other[1]) + ATOL) + 1e-6  # so that NaN is near everything
