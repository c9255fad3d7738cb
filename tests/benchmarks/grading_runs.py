"""What the benchmark of grading times: verdicts alone, a worker, a call, the course's whole way, and stock nbgrader."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]

from course.bundle.freeze import latest
from course.classroom import gradebook
from course.classroom.home import Home
from course.grade.limits import LIMITS, Limits
from course.grade.run import Grader, Paper
from course.grade.workers import ForkServer

from . import grading_cells
from .grading_class import COURSE, ENDLESS, HOSTILE, ROOT, SHARE, Room, Sheet, hand_in, hostile, sheets

Found = dict[str, Any]
BATCH = 100
"""The most papers that are given to the grader at once; at the end of each batch a core idles for a moment."""


class NoDisplay(Grader):
    """Judges and does not run the notebook for show: a verdict never waits for a figure, and here none is drawn."""

    def _ask(self, bundle: Any, job: dict) -> dict:
        return super()._ask(bundle, {**job, "display": False})


# -- verdicts ----------------------------------------------------------------------------------------------------------


def verdicts(room: Room, seconds: float, jobs: int, kinds: Sequence[str], limits: Limits = LIMITS) -> Found:
    """Verdicts a minute for ``seconds``: honest ones, and if ``kinds`` are given, so many hostile ones among them."""
    shapes = _shapes(room, kinds)
    low: list[str] = []
    done = 0
    with NoDisplay(room.home.path, course_id=COURSE, limits=limits) as grader:
        grader.jobs = jobs
        _grade(grader, room, shapes, 0, 2 * jobs, low)  # the judging processes start, and load what they need
        start = time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds:
            speed = done / spent if done else 0.0
            size = min(BATCH, max(2 * jobs, int(speed * seconds / 5)))  # a slow assignment must not overrun its time
            done += _grade(grader, room, shapes, done, size, low)
        tier = grader.tier
    found = {"count": done, "seconds": round(spent, 2), "per minute": round(60 * done / spent, 1), "tier": tier}
    return {**found, "hostile": list(kinds), "share": SHARE if kinds else 0, "cpu limit": limits.cpu, "wrong": low[:5]}


def _shapes(room: Room, kinds: Sequence[str]) -> list[Sheet]:
    """A hundred notebooks of one learner, the hostile ones spread among the right ones."""
    honest = next(sheet for sheet in sheets(room, 1) if sheet.plays == "right")
    found: list[Sheet] = []
    wanted = 0.0
    for _ in range(BATCH):
        wanted += SHARE if kinds else 0
        bad = int(wanted + 1e-9)
        wanted -= bad
        place = sum(sheet.plays != "right" for sheet in found)
        found.append(hostile(room, honest.learner, kinds[place % len(kinds)]) if bad else honest)
    return found


def _grade(grader: Grader, room: Room, shapes: Sequence[Sheet], start: int, count: int, low: list[str]) -> int:
    """Judge ``count`` papers anew, whatever the journal holds; ``low`` gets a sentence for each wrong verdict."""
    chosen = [shapes[number % BATCH] for number in range(start, start + count)]
    papers = {id(made): (made, sheet) for sheet in chosen for made in [Paper(sheet.learner, room.slug, sheet.data)]}
    for paper, outcome in grader.grade_all([made for made, _ in papers.values()], force=True):
        plays = papers[id(paper)][1].plays
        if isinstance(outcome, Exception):
            low.append(f"{plays}: {outcome}")
            continue
        full = all(task.score == task.maximum for task in outcome.tasks)
        if full != (plays == "right"):
            low.append(f"{plays}: {[(task.name, task.score) for task in outcome.tasks]}")
    return len(papers)


def worker_and_call(count: int) -> Found:
    """Milliseconds of a worker's start (asked for, jailed, says hello), of its whole life, of a call, of a callback."""
    from course.bundle.cells import Cell

    cell = Cell.from_source("# function f: your code below\ndef f(x):\n    return x(1.0) if callable(x) else x\n")
    named: dict[str, list[float]] = {"worker": [], "life": [], "call": [], "callback": []}
    with ForkServer() as server:
        for _ in range(count):
            start = time.perf_counter()
            with server.worker() as worker:
                named["worker"].append(time.perf_counter() - start)
                worker.load([cell], names={}, target="f")
            named["life"].append(time.perf_counter() - start)
        x = np.arange(8.0)
        with server.worker() as worker:
            worker.load([cell], names={}, target="f")
            for value, times in ((x, named["call"]), (lambda one: one, named["callback"])):
                for _ in range(5 * count):
                    start = time.perf_counter()
                    worker.call("f", [value])
                    times.append(time.perf_counter() - start)
        tier = server.tier
    return {"tier": tier, **{f"{name}, ms": _quartiles(times) for name, times in named.items()}}


def _quartiles(times: Sequence[float]) -> list[float]:
    return [round(1e3 * one, 4) for one in statistics.quantiles(times, n=4)]


# -- a command, with its time and its memory ---------------------------------------------------------------------------


def command(words: Sequence[str], folder: Path, more: Mapping[str, str]) -> Found:
    """Run a command in ``folder``; how long it took, and the peaks of memory of itself and of all that it started."""
    log = folder / "log.txt"
    with log.open("wb") as file:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(words), cwd=folder, env={**os.environ, **more}, stdout=file, stderr=subprocess.STDOUT
        )
        peaks = {"own": 0.0, "all": 0.0}
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - start
        watcher.join()
    said = log.read_text(encoding="utf-8", errors="replace")
    found = {"seconds": round(seconds, 2), "own MB": round(peaks["own"], 1), "all MB": round(peaks["all"], 1)}
    return {**found, "code": code, "said": said[-600:] if code else ""}


def _watch(process: subprocess.Popen, peaks: dict[str, float]) -> None:
    """Twice a second, the memory of the process and, without counting shared pages twice, of all below it."""
    with contextlib.suppress(psutil.Error):
        top = psutil.Process(process.pid)
        while process.poll() is None:
            peaks["own"] = max(peaks["own"], top.memory_info().rss / 1e6)
            whole = 0.0
            for one in (top, *top.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    whole += one.memory_full_info().pss / 1e6
            peaks["all"] = max(peaks["all"], whole)
            time.sleep(0.5)


# -- the whole way -----------------------------------------------------------------------------------------------------


def whole(room: Room, found: Sequence[Sheet], jobs: int) -> Found:
    """`course grade` and `course feedback`, as an instructor types them."""
    hand_in(room.home.path, room.slug, found)
    course = [str(Path(sys.executable).with_name("course"))]
    end, folder = [room.slug[:2], "--home", str(room.home.path)], room.home.path.parent
    steps = {
        "grade": command([*course, "grade", *end, "--jobs", str(jobs)], folder, {}),
        "feedback": command([*course, "feedback", *end], folder, {}),
    }
    pages = len(list(room.home.path.glob(f"feedback/*/{room.slug}/{room.slug}.html")))
    return _summed(steps, len(found), pages)


def _summed(steps: Mapping[str, Found], learners: int, pages: int) -> Found:
    seconds = round(sum(step["seconds"] for step in steps.values()), 2)
    peaks = {f"{one} MB": max(step[f"{one} MB"] for step in steps.values()) for one in ("own", "all")}
    return {"learners": learners, "seconds": seconds, **peaks, "pages": pages, "steps": dict(steps)}


def stock(room: Room, found: Sequence[Sheet], folder: Path) -> Found:
    """Stock `nbgrader autograde` and `generate_feedback` on the same notebooks, with test cells of their own."""
    more = _stock_home(room, folder)
    nbgrader = [sys.executable, "-m", "nbgrader"]
    command([*nbgrader, "generate_assignment", room.slug], folder, more)
    hand_in(folder, room.slug, found)
    steps = {
        "autograde": command([*nbgrader, "autograde", room.slug], folder, more),
        "generate_feedback": command([*nbgrader, "generate_feedback", room.slug], folder, more),
    }
    return _summed(steps, len(found), len(list(folder.glob(f"feedback/*/{room.slug}/{room.slug}.html"))))


def _stock_home(room: Room, folder: Path) -> dict[str, str]:
    """A course of stock nbgrader in ``folder``; the environment that its commands and kernels run in."""
    bundle = latest(room.home.bundles, room.slug)
    assert bundle is not None
    made = bundle.release_notebook(COURSE)
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            first = "".join(cell["source"]).partition("\n")[0]
            cell["source"] = f"{first}\n{_tests(cell['id'].removeprefix('check-'))}"
    source = folder / "source" / room.slug / f"{room.slug}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(made), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(f'c = get_config()\nc.CourseDirectory.course_id = "{COURSE}"\n')
    own = {
        name: str(folder / name.lower()) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    for path in own.values():
        Path(path).mkdir()
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"  # nbgrader calls alembic
    return {**own, "PATH": beside, "PYTHONPATH": str(ROOT), grading_cells.BUNDLE: str(bundle.path)}


def _tests(task: str) -> str:
    """The hidden part of a test cell; stock nbgrader would give 0 for a warning, so that warnings are off."""
    return (
        "### BEGIN HIDDEN TESTS\nimport warnings\nwarnings.simplefilter('ignore')\n"
        f"from {grading_cells.__name__} import score\nscore({task!r}, globals())\n### END HIDDEN TESTS\n"
    )


# -- the gradebooks ----------------------------------------------------------------------------------------------------


def rows(room: Room, found: Sequence[Sheet], folder: Path) -> Found:
    """The gradebooks' rows, one a task and learner, of the course's and the stock's: equal, or which are not."""
    ours, url = gradebook.class_scores(Home.open(room.home.path), room.slug), f"sqlite:///{folder / 'gradebook.db'}"
    with gradebook.open_url(url, COURSE) as opened:
        return compared(_pairs(opened, room, found, ours))


def compared(pairs: Iterable[tuple[Sheet, tuple[str, float | None, float | None]]]) -> Found:
    """Count the pairs of scores that are equal; name the others."""
    equal, different = 0, []
    for sheet, (cell, mine, theirs) in pairs:
        if mine is not None and theirs is not None and abs(mine - theirs) < 1e-6:
            equal += 1
        else:
            different.append([sheet.learner, sheet.plays, cell, mine, theirs])
    return {"equal": equal, "different": different}


def _pairs(opened: Any, room: Room, found: Sequence[Sheet], ours: Mapping[str, Any]) -> Iterator[tuple[Sheet, tuple]]:
    for sheet in found:
        theirs = gradebook._scores(opened, room.slug, sheet.learner)
        mine = ours.get(sheet.learner)
        for cell in sorted((mine.rows if mine else {}) | (theirs.rows if theirs else {})):
            first, second = (book.rows[cell].auto if book and cell in book.rows else None for book in (mine, theirs))
            yield sheet, (cell, first, second)


def kinds_of(endless: float) -> list[str]:
    """What hostile submissions do, in turn; the share ``endless`` of them uses up its time.

    >>> kinds_of(0.1).count("loops"), len(kinds_of(0.1))
    (1, 20)
    """
    ended = [kind for kind in HOSTILE if kind not in ENDLESS]
    if not endless:
        return ended
    return list(islice(cycle(ended), round(len(ENDLESS) * (1 / endless - 1)))) + list(ENDLESS)
