"""``python -m tests.benchmarks.attacks``: the hostile submissions against our grader, and against stock nbgrader.

What wins there and not here shows that the suite bites. Every attack in stock nbgrader is run in a jail of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from course.grade.jail import bubble, tiers
from course.grade.run import Grader
from tests.attacks.house import ATTACKS, BESIDE, FREE, SLUG, TASK, Attack, House, forms, grader

from .attacks_stock import SKIPPED, Stock
from .attacks_twins import TWINS
from .machine import facts, tell, version
from .report import table

Found = dict[str, Any]
NO_JAIL = 2

HOW = """Each attack is an answer to one function, `gd`, beside an honest answer to another one, and is graded before
an honest neighbour. Stock is `nbgrader autograde` on a notebook as a teacher writes it: hidden tests in its cells,
which import the reference; all of it inside a jail that is made for this benchmark, since stock nbgrader brings none.
*Forged*: the answer got points. *Seen*: the attack found what it looked for (the reference, the hidden tests, the
environment, another process, a file, a socket, …); it then answers rightly, so that points tell of it too. *Told*:
words of the hidden tests or of the reference stand in what the learner gets back. *Own*: the honest answer beside it
lost its points. *Neighbour*: another learner's did."""

WORDS = ("forged", "seen", "told", "own", "neighbour")


def main(words: Sequence[str] | None = None) -> int:
    """0; 1 when an attack won against our grader; 2 where one of the jails cannot be made."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    elif tiers.probe().best is None or bubble.find() is None:
        print("Nothing was run: this needs a jail for grades of record, and bubblewrap.", file=sys.stderr)
        return NO_JAIL
    else:
        found = measured(given)
    tell(given, found, markdown, lambda found: None)
    return 1 if any(reached(one["ours"]) for one in found["attacks"] if one["ours"]) else 0


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""

    def known(text: str) -> list[str]:
        if unknown := sorted(set(text.split(",")) - ATTACKS.keys()):
            raise argparse.ArgumentTypeError(f"there is no attack {unknown[0]!r}")
        return text.split(",")

    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--only", type=known, default=list(ATTACKS), help="names of attacks, a comma between")
    add("--tier", default="auto", help="our grader's tier (default: the best)")
    add(
        "--seconds",
        type=float,
        default=float("inf"),
        help="begin no attack after so long; the rest is told as left out",
    )
    add("--from", dest="from_file", type=Path, metavar="FILE", help="the tables of an earlier --json FILE")
    for kind in ("json", "markdown"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    parser.set_defaults(figure=None)
    return parser.parse_args(words)


def measured(given: argparse.Namespace) -> Found:
    """Every attack, in stock nbgrader and here."""
    start = time.perf_counter()
    found: Found = {"machine": {**facts(), "nbgrader": version("nbgrader")}, "attacks": []}
    with tempfile.TemporaryDirectory(prefix="attacks-") as name, pytest.MonkeyPatch.context() as environment:
        house = House(Path(name), environment)
        stock = Stock(Path(name) / "stock", house.honest, house.canaries)
        with grader(house, given.tier) as judge:
            for attack in (ATTACKS[one] for one in given.only):
                late = time.perf_counter() - start > given.seconds
                print(f"{time.strftime('%H:%M:%S')}  {attack.name}", file=sys.stderr, flush=True)
                row: Found = {"name": attack.name, "rows": list(attack.rows), "aim": attack.aim}
                row["skipped"] = "no time was left" if late else why_skipped(attack)
                row["stock"] = None if row["skipped"] else stock.attack(TWINS.get(attack.name, attack.text))
                row["ours"] = None if late else ours(house, judge, attack)
                found["attacks"].append(row)
            found["tier"] = judge.tier
    return {**found, "seconds": round(time.perf_counter() - start)}


def why_skipped(attack: Attack) -> str:
    """Why an attack is not run in stock nbgrader; empty if it is."""
    return "is a file of ours, not an answer" if attack.paper else SKIPPED.get(attack.name, "")


def ours(house: House, judge: Grader, attack: Attack) -> Found:
    """What an attack reached here."""
    judge.shows = attack.shown  # type: ignore[attr-defined]
    verdict = judge.grade(house.hostile(attack), learner="eve", assignment=SLUG, force=True)
    judge.shows = False  # type: ignore[attr-defined]
    said = verdict.to_json()
    task = verdict.task(TASK)
    free = set() if attack.changes else FREE
    neighbour = judge.grade(house.right, learner="ada", assignment=SLUG, force=True)
    return {
        "forged": sum(one.points for one in task.checks if one.status == "passed" and one.id not in free),
        "seen": task.status == "passed",
        "told": [where for where, secret in house.canaries.items() if any(form in said for form in forms(secret))],
        "own": verdict.task(BESIDE).score != verdict.task(BESIDE).maximum,
        "neighbour": neighbour.score != neighbour.maximum or bool(neighbour.review),
        "ended": task.status,
    }


def reached(one: Found) -> list[str]:
    """What of `WORDS` an attack reached."""
    return [word for word in WORDS if one[word]]


def markdown(found: Found) -> str:
    """How many attacks reached what, and each of them."""
    m, rows = found["machine"], found["attacks"]
    out = ["# Hostile submissions, here and in stock nbgrader", "", HOW, ""]
    out += [f"{m['cpu']}; {m['system']}; Python {m['python']}, nbgrader {m['nbgrader']}; tier {found['tier']}."]
    out += [f"{m['date']}, commit {m['commit']}; {found['seconds']} s.", ""]
    header = ["", "attacks", *WORDS, "none of these"]
    out += table(header, [_counted(name, [one[key] for one in rows if one[key]]) for name, key in (
        ("stock nbgrader", "stock"), ("here", "ours"))])  # fmt: skip
    out += ["", "## Each", ""]
    each = [[f"`{one['name']}`", _rows(one), _said(one, "stock"), _said(one, "ours")] for one in rows]
    return "\n".join([*out, *table(["attack", "row", "stock nbgrader", "here"], each)])


def _counted(name: str, found: list[Found]) -> list[str]:
    counts = [str(sum(bool(one[word]) for one in found)) for word in WORDS]
    return [name, str(len(found)), *counts, str(sum(not reached(one) for one in found))]


def _rows(one: Found) -> str:
    return ", ".join(map(str, one["rows"])) or "own"


def _said(one: Found, key: str) -> str:
    if one[key] is None:
        return f"not run: {one['skipped']}"
    return ", ".join(reached(one[key])) or "-"


if __name__ == "__main__":
    sys.exit(main())
