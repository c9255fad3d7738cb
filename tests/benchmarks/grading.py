"""``python -m tests.benchmarks.grading``: how long grading takes: verdicts alone, the whole way, and stock nbgrader."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.grade.jail import tiers

from . import grading_report as report
from . import grading_runs as runs
from .grading_class import FIVE, Room, make_room, sheets
from .machine import facts, tell, version

PARTS = ("verdicts", "worker", "whole", "stock")
FULL: dict[str, Any] = {"learners": [10, 100], "seconds": 60.0, "workers": 200}
QUICK: dict[str, Any] = {"learners": [2], "seconds": 0.3, "workers": 3}
NO_JAIL = 2


def main(words: Sequence[str] | None = None) -> int:
    """0; 1 when a verdict was wrong, a command failed or gradebooks differ; 2 where there is no jail."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    elif tiers.probe().best is None:
        print("Nothing was measured: this machine has no jail for grades of record.", file=sys.stderr)
        return NO_JAIL
    else:
        found = measured(given)
    tell(given, found, report.markdown, report.figure)
    return 1 if report.problems(found) or found.get("rows", {}).get("different") else 0


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""

    def sizes(text: str) -> list[int]:
        found = sorted({int(word) for word in text.split(",")})
        if not found or found[0] < 1:
            raise argparse.ArgumentTypeError("a class has at least one learner")
        return found

    def known(text: str) -> list[str]:
        if unknown := sorted(set(text.split(",")) - set(PARTS)):
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(PARTS)}")
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--learners", type=sizes, help="class sizes, a comma between (default 10,100)")
    add("--assignment", help=f"its number (default 02, and with --quick {FIVE}, one made for this)")
    add("--stock", type=int, default=100, help="the largest class that stock nbgrader gets too (default 100)")
    add("--seconds", type=float, help=f"for how long verdicts are counted, each time (default {FULL['seconds']:g})")
    add("--jobs", type=int, default=2, help="judging processes side by side (default 2)")
    add("--only", type=known, default=list(PARTS), help=f"a comma between: {', '.join(PARTS)}")
    add("--quick", action="store_true", help="a few seconds: does it run, are the rows equal? Its times mean nothing")
    add("--from", dest="from_file", type=Path, metavar="FILE", help="tables and figure of an earlier --json FILE")
    for kind in ("json", "markdown", "figure"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    return parser.parse_args(words)


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All that was asked for, in one run."""
    start, size = time.perf_counter(), QUICK if given.quick else FULL
    learners = given.learners or size["learners"]
    seconds = given.seconds or size["seconds"]
    found: dict[str, Any] = {"machine": {**facts(), "nbgrader": version("nbgrader")}, "quick": given.quick}
    found["jobs"] = given.jobs
    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        folder = Path(name)
        if "worker" in given.only:
            say("a worker, and a call")
            found["worker"] = runs.worker_and_call(size["workers"])
        assignment = given.assignment or ("90" if given.quick else "02")
        say(f"releasing {assignment}")
        room = make_room(folder / "first", assignment, max(learners))
        found["assignment"] = room.slug
        if "verdicts" in given.only:
            found["verdicts"] = verdicts(room, folder, seconds, given)
        if {"whole", "stock"} & set(given.only):
            classes(found, folder, learners, room if given.quick else None, given)
    return {**found, "seconds": round(time.perf_counter() - start)}


def verdicts(room: Room, folder: Path, seconds: float, given: argparse.Namespace) -> list[dict[str, Any]]:
    """Verdicts on five calls: honest, with hostile ones, a tenth or a quarter of them endless; on the assignment."""
    five = room if room.slug == FIVE else make_room(folder / "five", "90", 1)
    wanted: list[tuple[str, Room, list[str]]] = [("five calls", five, [])]
    if not given.quick:
        wanted += [("five calls", five, runs.kinds_of(share)) for share in (0, 0.1, 0.25)]
        wanted += [(room.slug, room, [])] if room is not five else []
    found = []
    for what, where, kinds in wanted:
        say(f"verdicts: {what}{', with hostile ones' if kinds else ''}")
        found.append({"what": what, **runs.verdicts(where, seconds, given.jobs, kinds)})
    return found


def classes(
    found: dict[str, Any], folder: Path, learners: Sequence[int], used: Room | None, given: argparse.Namespace
) -> None:
    """Classes of these sizes, each in a home of its own (if none is ``used``); and in stock nbgrader, up to a size."""
    found["whole"], found["stock"], found["rows"] = [], [], {"equal": 0, "different": []}
    for count in learners:
        room = used or make_room(folder / str(count), found["assignment"][:2], count)
        people = sheets(room, count)
        say(f"{count} learners: the course")
        found["whole"].append(runs.whole(room, people, given.jobs))
        if "stock" in given.only and count <= given.stock:
            say(f"{count} learners: stock nbgrader")
            place = folder / f"stock-{count}"
            place.mkdir()
            found["stock"].append(runs.stock(room, people, place))
            rows = runs.rows(room, people, place)
            found["rows"]["equal"] += rows["equal"]
            found["rows"]["different"] += rows["different"]
    if not found["stock"]:
        del found["stock"], found["rows"]


def say(text: str) -> None:
    """Progress, for those who wait."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
