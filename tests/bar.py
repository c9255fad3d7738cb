"""``python -m tests.bar``: what grading is held to, and what was measured, as the table in README.md.

Every number comes from a file that one of the commands wrote; a test compares the table with README's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.author.marks import read_marks
from course.author.places import slugs

from .benchmarks.grading_class import ENDLESS
from .benchmarks.report import table

ROOT = Path(__file__).resolve().parents[1]
FILES = {
    "attacks": "benchmarks/results/attacks.json",
    "grading": "benchmarks/results/grading.json",
    "cluster": "cluster/results/cluster.json",
    "fuzz": "fuzz/results/wire.json",
    "kills": "kills/results/kills.json",
    "load": "load/results/load.json",
}
HEADER = ["what", "asked", "measured", "by"]

Found = dict[str, Any]


def results() -> Found:
    """What the commands wrote, by their names."""
    return {name: json.loads((ROOT / "tests" / path).read_text(encoding="utf-8")) for name, path in FILES.items()}


def rows(found: Found) -> Iterator[list[str]]:
    """One row an item: what, the bar, the measurement, the command."""
    yield from _trust(found)
    yield from _right(found)
    yield from _speed(found["grading"])
    one = found["cluster"]
    killed = f"{one['cluster']['verdicts']:,} verdicts, {len(one['different'])} different"
    yield ["1,000 submissions on Dask, two workers killed", "as on one machine", killed, "`python -m tests.cluster`"]


def _trust(found: Found) -> Iterator[list[str]]:
    command = "`python -m tests.benchmarks.attacks`"
    ours = [one["ours"] for one in found["attacks"]["attacks"] if one["ours"]]
    stock = [one["stock"] for one in found["attacks"]["attacks"] if one["stock"]]
    yield [
        "hostile submissions: points forged, secrets told, others harmed",
        "0, 0, 0",
        f"{_count(ours, 'forged')}, {_count(ours, 'told')}, {_count(ours, 'own', 'neighbour')} of {len(ours)}",
        f"`pytest tests/attacks` (both tiers), {command}",
    ]
    yield [
        "the same in stock nbgrader's cells",
        "told",
        f"{_count(stock, 'forged')}, {_count(stock, 'told')}, {_count(stock, 'own', 'neighbour')} of {len(stock)}",
        command,
    ]
    fuzz, kills = found["fuzz"], found["kills"]
    yield [
        "inputs to the wire's decoder that failed",
        "0 of 10,000,000",
        f"{len(fuzz['failures'])} of {fuzz['runs']:,}, memory grew by {fuzz['growth_mb']} MB",
        "`python -m tests.fuzz.wire`",
    ]
    yield [
        "verdicts lost, doubled or changed by SIGKILLs; anything left behind",
        "0 in 1,000 kills",
        f"{len(kills['problems'])} in {kills['kills']:,} kills, {kills['classes']} classes of {kills['learners']}",
        "`python -m tests.kills`",
    ]


def _right(found: Found) -> Iterator[list[str]]:
    load = found["load"]
    wrong, changed, done = (sum(one[key] for one in load["assignments"]) for key in ("wrong", "changed", "verdicts"))
    yield [
        "right answers marked wrong or differently, every core busy",
        f"0, {load['repeats']} times each",
        f"{wrong}, {changed} of {done:,} verdicts",
        "`python -m tests.load`",
    ]
    known = sum(len(read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py").mistakes) for slug in slugs(ROOT))
    yield ["known mistakes that pass", "0", f"0 of {known}", "`course audit`, `pytest tests/course`"]


def _speed(found: Found) -> Iterator[list[str]]:
    command = "`python -m tests.benchmarks.grading`"
    five = [one for one in found["verdicts"] if one["what"] == "five calls"]
    asked = {0: "1,000", 1: "500"}
    for one in five:
        endless = sum(kind in ENDLESS for kind in one["hostile"]) / max(1, len(one["hostile"]))
        what = f", {one['share']:.0%} hostile ({endless:.0%} of them endless)" if one["hostile"] else ""
        yield [
            f"five-call verdicts a minute{what}",
            asked[bool(one["hostile"])],
            f"{one['per minute']:,.0f}",
            command,
        ]
    worker, call = found["worker"]["worker, ms"][1], found["worker"]["call, ms"][1]
    yield ["a worker's start; a call (medians)", "30 ms; 0.3 ms", f"{worker:.1f} ms; {call:.2f} ms", command]
    stock = {one["learners"]: one["seconds"] for one in found["stock"]}
    both = [one for one in found["whole"] if one["learners"] in stock]
    said = ", ".join(f"{stock[one['learners']] / one['seconds']:.1f} ({one['learners']} learners)" for one in both)
    yield [f"stock nbgrader's time for {found['assignment'][:2]} / ours, all included", "8", said, command]
    equal, different = found["rows"]["equal"], len(found["rows"]["different"])
    yield ["rows of the two gradebooks that differ", "0", f"{different} of {equal + different:,}", command]


def _count(found: list[Found], *words: str) -> int:
    return sum(any(one[word] for word in words) for one in found)


def main() -> None:
    """Print the table."""
    print("\n".join(table(HEADER, list(rows(results())))))


if __name__ == "__main__":
    main()
