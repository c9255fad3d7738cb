"""What the test cells of the stock class call: the course's own checks, run in the learner's kernel as nbgrader does.

Only a throw-away kernel may import this: there is no jail, which is what stock nbgrader offers.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course.bundle.freeze import Bundle
from course.bundle.reading import literals
from course.grade.desks import Reply
from course.grade.faults import Missing
from course.grade.reference import copy_data, load_given, load_reference, silent
from course.grade.sitting import Sitting, learner_key
from course.grade.wire import Once
from course.learn.compare import same_bits

BUNDLE = "GRADING_BENCHMARK_BUNDLE"
"""The variable that says where the bundle lies."""

Check = tuple[float, Callable[[], None]]


def score(task: str, names: dict[str, Any]) -> float:
    """The points of ``task`` for what ``names``, the kernel's globals, hold: each check is credited on its own.

    Where checks failed and the task builds on other functions, they run again with the reference's, as in the course.
    """
    bundle, sitting = _sitting(names)
    sitting.submission.answers = {name: names.get(name) for name in _questions(bundle)}
    checks = [*_visible(bundle, sitting, task), *_hidden(bundle, sitting, task)]
    uses = tuple(bundle.contract.uses.get(task, ()))
    left = _failing(sitting, task, checks, ())
    if left and uses:
        left = _failing(sitting, task, left, uses)
    return float(round(sum(points for points, _ in checks) - sum(points for points, _ in left), 6))


def _failing(sitting: Sitting, task: str, checks: list[Check], served: tuple[str, ...]) -> list[Check]:
    with sitting.task(task, served):
        return [one for one in checks if not _passes(sitting, one[1])]


def _passes(sitting: Sitting, check: Callable[[], None]) -> bool:
    sitting.check.failures = []
    try:
        check()
        sitting.check.settle()
    except BaseException:  # an outcome of the course's is no Exception
        return False
    return True


class KernelDesk:
    """Calls the learner's functions where they are, on copies, as a jail does."""

    timed_out = late = False

    def __init__(self, names: dict[str, Any], served: Mapping[str, Callable]):
        self._names, self._before = names, {name: names[name] for name in served if name in names}
        names.update(served)

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply:
        """The value of the function of that name."""
        if not callable(self._names.get(name)):
            raise Missing(name)
        mine, named = [_passed(value) for value in args], {key: _passed(value) for key, value in kwargs.items()}
        value = self._names[name](*mine, **named)
        pairs = [*zip(range(len(args)), args, mine, strict=True), *((key, kwargs[key], named[key]) for key in kwargs)]
        return Reply(value, {place: now for place, was, now in pairs if not callable(was) and not same_bits(was, now)})

    def clear(self) -> None:
        """Put the learner's own functions back."""
        self._names.update(self._before)


def _passed(value: Any) -> Any:
    """A copy, but of a generator, whose draws count on both sides; an iterator anew."""
    if isinstance(value, Once):
        return iter(value.items)
    return value if isinstance(value, np.random.Generator) else copy_data(value)


_sittings: dict[int, tuple[Bundle, Sitting]] = {}


def _sitting(names: dict[str, Any]) -> tuple[Bundle, Sitting]:
    if id(names) not in _sittings:
        bundle, learner = Bundle.open(Path(os.environ[BUNDLE])), str(names.get("learner_id", ""))
        known = {"course_id": names.get("course_id", ""), "learner_id": learner, "backend": "numpy", "print": silent}
        sitting = Sitting(
            make_desk=lambda task, served: KernelDesk(names, served),
            reference=load_reference(bundle.reference, known),
            given=load_given(bundle.reference, known),
            answers={},
            key=learner_key(b"\xa0" * 32, bundle.slug, learner),
            opaque=bundle.contract.opaque,
        )
        _sittings[id(names)] = bundle, sitting
    return _sittings[id(names)]


def _questions(bundle: Bundle) -> Iterator[str]:
    for cell in bundle.skeleton:
        if cell.kind == "question":
            yield from literals(cell.source)


def _visible(bundle: Bundle, sitting: Sitting, task: str) -> Iterator[Check]:
    tasks = [cell.name for cell in bundle.skeleton if cell.kind in {"function", "experiment"}]
    cell = bundle.cell(f"check-{task}")
    functions = sitting.visible(cell, tasks)
    for function in functions:
        yield cell.points / len(functions), function


def _hidden(bundle: Bundle, sitting: Sitting, task: str) -> Iterator[Check]:
    for name, function in vars(_module(bundle.checks)).items():
        mark = next((one for one in getattr(function, "pytestmark", ()) if one.name == "points"), None)
        if name.startswith("test_") and mark is not None and mark.kwargs["cell"] == task:
            yield round(mark.args[0] * bundle.contract.factor, 6), _bound(function, sitting, name)


def _bound(function: Callable, sitting: Sitting, name: str) -> Callable[[], None]:
    def run() -> None:
        have = {
            "submission": sitting.submission, "reference": sitting.reference,
            "check": sitting.check, "rng": sitting.rng(name),
        }  # fmt: skip
        function(**{one: have[one] for one in inspect.signature(function).parameters})

    return run


@cache
def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("hidden_checks", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
