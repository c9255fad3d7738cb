"""``python -m tests.load``: the reference and all alternatives, graded again and again while every core is busy.

Exit code 1 where a verdict is not full marks, differs from an earlier one, or is missing; 2 where there is no jail.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.author.places import slugs
from course.grade.jail import tiers
from tests.benchmarks.grading_class import ROOT
from tests.benchmarks.machine import facts

from .busy import PER_CORE, Busy, busy
from .report import markdown, problems
from .rounds import repeat
from .sheets import room_of

NO_JAIL = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run it, print and write what was found, and say by the exit code whether all was well."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    elif tiers.probe().best is None:
        print("Nothing was tried: this machine has no jail for grades of record.", file=sys.stderr)
        return NO_JAIL
    else:
        found = measured(given)
    text = markdown(found)
    print(text)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(text + "\n", encoding="utf-8")
    return int(any(problems(found)))


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""

    def known(text: str) -> list[str]:
        numbers = [slug[:2] for slug in slugs(ROOT)]
        if unknown := sorted(set(text.split(",")) - set(numbers)):
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(numbers)}")
        return text.split(",")

    def positive(text: str) -> int:
        if int(text) < 1:
            raise argparse.ArgumentTypeError("at least 1")
        return int(text)

    parser = argparse.ArgumentParser(prog="python -m tests.load", description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--repeats", type=positive, default=20, help="how often each notebook is graded (default 20)")
    add("--assignments", type=known, help="their numbers, a comma between (default all)")
    add("--jobs", type=positive, default=2, help="judging processes side by side (default 2)")
    add("--per-core", type=positive, default=PER_CORE, help=f"busy processes for each core (default {PER_CORE})")
    add("--tier", choices=["auto", *tiers.RECORD], default="auto", help="the jail (default the best one)")
    add("--from", dest="from_file", type=Path, metavar="FILE", help="the table of an earlier --json FILE")
    for kind in ("json", "markdown"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    return parser.parse_args(words)


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All rounds, in one run."""
    start, machine = time.monotonic(), facts()
    chosen = given.assignments or [slug[:2] for slug in slugs(ROOT)]
    with busy(given.per_core) as load:
        rounds = [one_assignment(number, given, load) for number in chosen]
        around = {"spinning": load.count, "cores": os.cpu_count(), "idle": load.idle}
    rest = {"repeats": given.repeats, "jobs": given.jobs, "seconds": round(time.monotonic() - start)}
    return {"machine": machine, "busy": around, **rest, "assignments": rounds}


def one_assignment(number: str, given: argparse.Namespace, load: Busy) -> dict[str, Any]:
    """Release it in a temporary home, make its notebooks, grade them."""
    with tempfile.TemporaryDirectory(prefix="load-") as folder:
        room, found = room_of(Path(folder), number)
        say(f"{room.slug}: {len(found)} notebooks, {given.repeats} times")
        came = repeat(room.home.path, room.slug, found, repeats=given.repeats, jobs=given.jobs, tier=given.tier)
    if dead := [process.pid for process in load.processes if process.poll() is not None]:
        came["problems"].append(f"{len(dead)} of the busy processes had ended")
    say(f"{room.slug}: {came['verdicts']} verdicts, {came['wrong']} wrong, {came['changed']} changed")
    return came


def say(text: str) -> None:
    """Progress, for those who wait."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
