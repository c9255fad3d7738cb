"""The trusted grading process: pytest with an assignment's checks collected once, and one fork of it a submission.

Started by `course.grade.run`; speaks JSON lines on its standard input and output. It never runs a learner's code.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from ..bundle import engine
from ..bundle.cells import CHECKED, Cell
from ..bundle.freeze import Bundle
from ..bundle.reading import literals
from . import apart
from .assess import Assessment, Hidden, Visible
from .desks import JailedDesk, OpenDesk
from .faults import GraderFault, Outcome
from .jail import drop, tiers
from .limits import Limits
from .naming import Namer
from .reference import Namespace, load_given, load_reference
from .sitting import GradingCheck, Sitting, learner_key
from .workers import ForkServer

MEMORY = 3 << 30
"""Bytes of address space of a judging process."""


class Loaded(NamedTuple):
    """A reference that was loaded, and the names that its visible checks see."""

    reference: Namespace
    given: dict[str, Any]


class Judge:
    """A pytest plug-in whose run loop is: read a submission, fork, judge it in the fork, write its verdicts."""

    def __init__(self, config: dict, jobs: IO[str], verdicts: IO[str]):
        self.config, self.jobs, self.verdicts = config, jobs, verdicts
        self.limits = Limits(**config["limits"])
        self.bundle = Bundle.open(Path(config["bundle"]))
        engine.install(self.bundle.engine)
        importlib.import_module(engine.NAME)  # here, and not again in each fork
        self.secret = bytes.fromhex(config["secret"])
        self.open_desks = bool(config.get("open_desks"))
        self.sitting: Sitting | None = None
        self.failure: str = ""
        self._kept: dict[str, Loaded] = {}

    # -- what hidden checks ask for ------------------------------------------------------------------------------

    @pytest.fixture
    def submission(self) -> Any:
        """The learner's functions and answers."""
        return self._sitting.submission

    @pytest.fixture
    def reference(self) -> Any:
        """The reference's functions, and everything that the setup cell gives."""
        return self._sitting.reference

    @pytest.fixture
    def check(self) -> GradingCheck:
        """The soft assertions."""
        return self._sitting.check

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Any:
        """A generator under a secret seed, one for each learner and check."""
        return self._sitting.rng(request.node.name)

    @property
    def _sitting(self) -> Sitting:
        assert self.sitting is not None
        return self.sitting

    # -- pytest's hooks --------------------------------------------------------------------------------------------

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark of hidden checks known; nobody reads pytest's own report, which takes longer than a check."""
        config.option.tbstyle = "no"
        config.addinivalue_line("markers", "points(n, cell, topic): what a hidden check is worth")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A hidden test file that does not import is a fault of the grader."""
        if report.failed:
            self.failure = f"the hidden checks cannot be loaded: {report.longrepr}"

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Any:
        """After a check has run to its end, what it recorded decides."""
        self._sitting.check.failures = []
        result = yield
        self._sitting.check.settle()
        return result

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running each check once: serve submissions until there are no more."""
        with ExitStack() as stack:
            try:
                jailed = not self.open_desks or self.config.get("jail")
                server = stack.enter_context(self._fork_server()) if jailed else None
            except (tiers.TierUnavailable, GraderFault) as error:
                self._write({"ready": False, "failure": str(error)})
                return True
            tier = server.tier if server else "open"
            self._write({"ready": not self.failure, "tier": tier, "failure": self.failure})
            gc.collect()
            gc.freeze()  # what is here now, no fork has to look through, and so to copy
            for line in self.jobs:
                job = json.loads(line)
                judged = self._here if self.open_desks and job.get("here") else self._in_fork
                self._write({"id": job["id"], **judged(session, server, job)})
        return True

    def _fork_server(self) -> ForkServer:
        return ForkServer(self.limits, self.config["tier"], sources=self.bundle.engine)

    # -- one submission --------------------------------------------------------------------------------------------

    def _in_fork(self, session: pytest.Session, server: ForkServer | None, job: dict) -> dict:
        """Judge ``job`` in a forked copy of this process, so that nothing of one submission can touch the next."""
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _judge_and_exit(self, session, server, job, write)
        os.close(write)
        try:
            with os.fdopen(read, "rb") as pipe:
                answer = pipe.read()
        finally:
            _, status = os.waitpid(pid, 0)
        if status != 0 or not answer:
            return {"fault": f"the judging process ended with status {status} and {len(answer)} bytes"}
        return json.loads(answer)

    def _here(self, session: pytest.Session, server: ForkServer | None, job: dict) -> dict:
        """Judge the reference itself in this very process: what it loads and computes, all later forks share."""
        try:
            names = self._names(job["learner"])
            reference, given = load_reference(self.bundle.reference, names), load_given(self.bundle.reference, names)
            self._kept[job["learner"]] = Loaded(Namespace(reference), given)
            return self.judge(session, server, job)
        except Exception as error:
            return {"fault": f"the reference does not run: {type(error).__name__}: {error}"}

    def judge(self, session: pytest.Session, server: ForkServer | None, job: dict) -> dict:
        """The verdicts of one submission, as plain data."""
        server = None if self.open_desks and not job.get("jailed") else server
        cells, names = [Cell.from_dict(cell) for cell in job["cells"]], self._names(job["learner"])
        sitting = self.sitting = self._sit(server, job, cells, names)
        known = [one for item in session.items[:1] for one in getattr(item.module, "MISTAKES", ())]  # type: ignore[attr-defined]
        known = [one for one in known if job.get("among") is None or one.name in job["among"]]
        namer = Namer(sitting, self.bundle.reference, names, known) if known and job.get("name", True) else None
        assessment = Assessment(sitting, self.bundle, frozenset(job["found"]), namer)
        checks = self._checks(session, job.get("tasks") or list(self.bundle.contract.points))
        if self.open_desks and "candidates" in job:
            return {"apart": apart.apart(assessment, cells, names, checks, job), "review": assessment.faults}
        tasks = [asdict(assessment.task(task, of_task)) for task, of_task in checks.items()]
        result: dict[str, Any] = {"tasks": tasks, "outputs": {}, "review": assessment.faults, "late": assessment.late}
        if server is not None and job["display"]:
            result["outputs"] = _display(server, cells, names, assessment.slow, self.limits)
        return result

    def _sit(self, server: ForkServer | None, job: dict, cells: list[Cell], names: dict[str, Any]) -> Sitting:
        kept, until = self._kept.get(job["learner"]), time.monotonic() + self.limits.submission
        sitting = Sitting(
            make_desk=lambda task, served: (
                OpenDesk(cells, names, task, served)
                if server is None
                else JailedDesk(server, cells, names, task, served, self.limits, until)
            ),
            reference=kept.reference.everything() if kept else load_reference(self.bundle.reference, names),
            given=kept.given if kept else load_given(self.bundle.reference, names),
            answers={**self._unanswered(), **job["answers"]},
            key=learner_key(self.secret, self.bundle.slug, job["learner"]),
            opaque=self.bundle.contract.opaque,
        )
        if kept:
            sitting.reference = kept.reference
        return sitting

    def _names(self, learner: str) -> dict[str, Any]:
        return {"course_id": self.config["course_id"], "learner_id": learner, "backend": "numpy"}

    def _unanswered(self) -> dict[str, Any]:
        questions = [cell for cell in self.bundle.skeleton if cell.kind == "question"]
        return {name: None for cell in questions for name in literals(cell.source)}

    def _checks(self, session: pytest.Session, wanted: Collection[str]) -> dict[str, list[Visible | Hidden]]:
        """The checks of the ``wanted`` tasks, in their order, the visible ones first; a written one has none."""
        names = [cell.name for cell in self.bundle.skeleton if cell.kind in CHECKED - {"question"}]
        checked = [cell.name for cell in self.bundle.skeleton if cell.kind in CHECKED and cell.name in wanted]
        found: dict[str, list[Visible | Hidden]] = {task: [] for task in checked}
        for cell in self.bundle.skeleton:
            if cell.kind == "check" and cell.name in found:
                functions = self._sitting.visible(cell, names)
                found[cell.name] += [Visible(f, cell.points / len(functions), self._sitting) for f in functions]
        for item in session.items:
            if _task_of(item) in found:
                found[_task_of(item)].append(Hidden(item, self.bundle.contract.factor))
        return found

    def _write(self, data: dict) -> None:
        self.verdicts.write(json.dumps(data) + "\n")
        self.verdicts.flush()


def _judge_and_exit(judge: Judge, session: pytest.Session, server: Any, job: dict, write: int) -> None:
    status, parent = 1, os.getppid()
    try:
        drop.die_with(parent)
        answer = json.dumps(judge.judge(session, server, job)).encode()
        with os.fdopen(write, "wb") as pipe:
            pipe.write(answer)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _display(server: ForkServer, cells: list[Cell], names: dict, slow: set[str], limits: Limits) -> dict:
    """What the notebook shows when it runs from top to bottom; nothing of it can change a verdict.

    Functions that did not finish before raise `TimeoutError` here, so that the rest of the notebook shows.
    """
    cells = [_stopped(cell) if cell.name in slow and cell.kind == "function" else cell for cell in cells]
    try:
        with server.worker() as worker:
            return worker.display(cells, names=names, cpu=limits.cpu if slow else limits.display)
    except (Outcome, Exception) as outcome:  # verdicts are made: whatever happens here must not lose them
        text = f"The notebook could not be run for display ({type(outcome).__name__}).\n"
        first = next(cell.id for cell in cells if cell.kind == "setup")
        return {first: [{"output_type": "stream", "name": "stdout", "text": text}]}


def _stopped(cell: Cell) -> Cell:
    lines = f"\n\ndef {cell.name}(*args, **kwargs):\n    raise TimeoutError('{cell.name} did not finish')\n"
    return replace(cell, source=cell.source + lines)


def _task_of(item: pytest.Item) -> str:
    mark = item.get_closest_marker("points")
    return mark.kwargs["cell"] if mark else ""


def _end_with_the_supervisor() -> None:
    """Look once a second whether the process that started this one lives; its own threads may come and go."""
    supervisor = os.getppid()

    def look(*_: Any) -> None:
        if os.getppid() != supervisor:
            os.killpg(os.getpgrp(), signal.SIGKILL)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 1, 1)


def main() -> int:
    """Read the configuration from the first line of standard input, then serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides when to stop
    _end_with_the_supervisor()
    verdicts = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a check prints goes to the log, never between the verdicts
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))  # a callback's arguments are the learner's
    config = json.loads(sys.stdin.readline())
    judge = Judge(config, sys.stdin, verdicts)
    options = ["--capture=no", "--import-mode=importlib", "--noconftest", "-c", os.devnull, "-W", "ignore"]
    options += [word for name in ("terminal", "cacheprovider", "doctest") for word in ("-p", f"no:{name}")]
    return int(pytest.main([*options, "--rootdir", str(judge.bundle.path), str(judge.bundle.checks)], plugins=[judge]))


if __name__ == "__main__":
    sys.exit(main())
