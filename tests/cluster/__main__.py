"""``python -m tests.cluster``: a large class, judged here and on a cluster some of whose workers are killed midway.

Exit code 1 where a verdict is missing, doubled, or another one than here, or something is left behind; 2 where there is
no jail.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from course.grade.jail import tiers
from course.grade.machines.cluster import Cluster, Machines
from course.grade.run import Grader, Paper
from course.grade.verdict import Verdict
from tests.benchmarks.grading_class import COURSE, ENDLESS, HOSTILE, SHARE, Room, Sheet, hostile, make_room, sheets
from tests.benchmarks.machine import facts, version

from .dask import Dask, gone
from .report import markdown, problems

NO_JAIL = 2
SHOWN = 10


def main(words: Sequence[str] | None = None) -> int:
    """Run it, print and write what was found, and say by the exit code whether all was well."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    elif tiers.probe().best is None:
        print("Nothing was tried: this machine has no jail for grades of record.", file=sys.stderr)
        return NO_JAIL
    else:
        with tempfile.TemporaryDirectory(prefix="cluster-") as name:
            found = measured(Path(name), given)
    text = markdown(found)
    print(text)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(text + "\n", encoding="utf-8")
    return int(any(problems(found)))


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--learners", type=int, default=1000, help="the size of the class (default 1000)")
    add("--machines", type=int, default=4, help="Dask workers of one thread, each with a nanny (default 4)")
    add("--kill", type=int, default=2, help="of them are killed, each second one with its nanny (default 2)")
    add("--jobs", type=int, default=2, help="judging processes of the run without a cluster (default 2)")
    add("--from", dest="from_file", type=Path, metavar="FILE", help="tables of an earlier --json FILE")
    for kind in ("json", "markdown"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    given = parser.parse_args(words)
    if not 0 <= given.kill < given.machines:
        parser.error("some worker must be left alive")
    return given


def measured(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """The class here, then on the cluster, and how they differ."""
    found: dict[str, Any] = {"machine": {**facts(), "distributed": version("distributed")}}
    say(f"releasing, and {given.learners} notebooks")
    room = make_room(folder / "class", "90", given.learners)
    people = everybody(room, given.learners)
    found |= {"learners": len(people), "hostile": sum(one.plays.startswith("hostile") for one in people)}
    papers = [Paper(one.learner, room.slug, one.data) for one in people]
    home = folder / "elsewhere"
    shutil.copytree(room.home.path, home)
    say("here")
    with Grader(room.home.path, course_id=COURSE, jobs=given.jobs) as grader:
        here = judged(grader.grade_all(papers))
    say("on the cluster")
    (folder / "dask").mkdir()
    with Dask(folder / "dask") as dask, Cluster(home, Machines(dask.address), course_id=COURSE) as cluster:
        for _ in range(given.machines):
            dask.add()
        cluster._client.wait_for_workers(given.machines, timeout=120)
        there = judged(killing(cluster.grade_all(papers), dask, given.kill, len(papers), found))
        found["tier"], found["jobs left"] = cluster.tier, len(list(cluster.store.jobs.iterdir()))
        found["left of the killed"] = len(gone(found.pop("below")))
    for name, run in (("here", here), ("cluster", there)):
        found[name] = {key: run[key] for key in ("verdicts", "seconds", "per minute", "faults")}
    found["here"]["jobs"], found["cluster"]["machines"] = given.jobs, given.machines
    found["rows"] = rows(home)
    found["different"] = different(people, here["outcomes"], there["outcomes"])
    return found


def everybody(room: Room, count: int) -> list[Sheet]:
    """Honest learners, and among them, evenly, those whose functions do harm (but for endless ones)."""
    found, kinds, wanted = sheets(room, count), [kind for kind in HOSTILE if kind not in ENDLESS], 0.0
    for place, sheet in enumerate(found):
        wanted += SHARE
        if wanted >= 1:
            wanted -= 1
            found[place] = hostile(room, sheet.learner, kinds[place % len(kinds)])
    return found


def judged(outcomes: Iterable[tuple[Paper, Verdict | Exception]]) -> dict[str, Any]:
    """All outcomes by learner, and how long they took."""
    start, found, count = time.perf_counter(), {}, 0
    for paper, outcome in outcomes:
        found[paper.learner], count = outcome, count + 1
        if count % 100 == 0:
            say(f"{count} verdicts")
    spent = time.perf_counter() - start
    bad = [f"{name}: {one}" for name, one in found.items() if isinstance(one, Exception) or not one.decided]
    speed = {"seconds": round(spent, 1), "per minute": round(60 * count / spent)}
    return {"outcomes": found, "verdicts": count, "faults": bad[:SHOWN], **speed}


def killing(outcomes: Iterator, dask: Dask, kills: int, count: int, found: dict[str, Any]) -> Iterator:
    """The outcomes; meanwhile, evenly spread, workers are killed, the first one with its nanny."""
    found["killed"], found["below"] = [], []
    for done, outcome in enumerate(outcomes, start=1):
        if (number := len(found["killed"])) < kills and done >= (number + 1) * count / (kills + 1):
            below = dask.kill(dask.machines[number], all_of_it=number % 2 == 0)
            what = "worker and nanny" if number % 2 == 0 else "worker"
            found["killed"].append({"after": done, "what": what, "processes": len(below)})
            found["below"] += below
            say(f"killed a {what}")
        yield outcome


def rows(home: Path) -> dict[str, int]:
    """What the journal holds."""
    with closing(sqlite3.connect(home / "journal.db")) as database:
        names = ("rows", "learners", "highest attempt")
        query = "SELECT COUNT(*), COUNT(DISTINCT learner), MAX(attempt) FROM verdict"
        return dict(zip(names, database.execute(query).fetchone(), strict=True))


def different(people: Sequence[Sheet], here: dict[str, Any], there: dict[str, Any]) -> list[str]:
    """A sentence for each whose verdict on the cluster is not the one here."""

    def seen(outcome: Any) -> Any:
        if not isinstance(outcome, Verdict):
            return repr(outcome)
        return outcome.findings, outcome.score, outcome.tier, outcome.review, outcome.notes

    pairs = ((one, seen(here.get(one.learner)), seen(there.get(one.learner))) for one in people)
    return [f"{one.learner} ({one.plays}): {old} here, {new} there" for one, old, new in pairs if old != new]


def say(text: str) -> None:
    """Progress, for those who wait."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
