"""``python -m tests.kills``: processes of a grading run killed at random; nothing may be lost, doubled or changed."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course.grade.jail import tiers
from tests.benchmarks.machine import facts, tell, version

from . import state
from .killer import WEIGHTS, Killer, Tally
from .report import markdown, record

NO_JAIL = 2


def main(words: Sequence[str] | None = None) -> int:
    """0; 1 when anything was lost, doubled, changed or left behind; 2 where there is no jail."""
    given = arguments(words)
    if tiers.probe().best is None:
        print("Nothing was tried: this machine has no jail for grades of record.", file=sys.stderr)
        return NO_JAIL
    machine = {**facts(), "nbgrader": version("nbgrader")}
    with tempfile.TemporaryDirectory(prefix="kills-", dir=given.folder) as name:
        found = tried(Path(name), given, machine)
    tell(given, found, markdown, lambda _: None)
    return 1 if found["problems"] else 0


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""

    def known(text: str) -> list[str]:
        if unknown := sorted(set(text.split(",")) - WEIGHTS.keys()):
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(WEIGHTS)}")
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--kills", type=int, default=50, help="how many processes to kill (default 50)")
    add("--learners", type=int, default=40, help="how many submissions a class has (default 40)")
    add("--seed", type=int, default=1, help="of the class, the victims and the moments (default 1)")
    add("--victims", type=known, default=list(WEIGHTS), help=f"a comma between: {', '.join(WEIGHTS)}")
    add("--folder", type=Path, help="where to make the course homes (default: where temporary files go)")
    add("--once", action="store_true", help="grade undisturbed only once, not twice, which shows that it is steady")
    for kind in ("json", "markdown"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    parser.set_defaults(figure=None)
    return parser.parse_args(words)


def tried(folder: Path, given: argparse.Namespace, machine: dict[str, Any]) -> dict[str, Any]:
    """A class made, graded twice undisturbed, then as often as it takes under the killer.

    After each class what was found so far is written, so that a run of an hour that is broken off is not for nothing.
    """
    say(f"making a class of {given.learners}")
    home = state.make(folder, given.learners, given.seed)
    numbers = (1,) if given.once else (1, 2)
    truth, *more = (state.uninterrupted(state.copy(home, folder / f"truth-{n}"), folder / f"run-{n}") for n in numbers)
    if different := [text for again in more for text in state.differences(truth, again)]:
        return {
            "machine": machine,
            **record(given, None, truth),
            "problems": [f"undisturbed, twice: {text}" for text in different],
        }
    say("graded undisturbed; now under the killer")
    killer = Killer(home, folder, truth, given.kills, given.seed)
    killer.say, killer.victims = say, given.victims

    def note(tally: Tally) -> None:
        tell(given, {"machine": machine, **record(given, tally, truth)}, markdown, lambda _: None)

    killer.note = note
    return {"machine": machine, **record(given, killer.run(), truth)}


def say(text: str) -> None:
    """Progress, for those who wait."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
