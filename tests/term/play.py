"""The scripted term: released, handed in by three doors, collected twice, graded, killed midway, regraded, exported.

Everything goes through the `course` command, as an instructor would type it; what comes of it is compared with
`expected`, which knows nothing of the classroom.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from nbgrader.apps.api import NbGraderAPI

from course.author.build import Built, build
from course.author.places import slugs
from course.classroom import gradebook
from course.classroom.doors.handed import record_of
from course.classroom.grading.plugin import verdict_of
from course.classroom.home import Home
from course.classroom.nbconfig import config, quiet
from course.classroom.show import number as points
from course.grade.journal import Journal
from tests.classroom.zips import canvas

from . import expected
from .people import COURSE, ROOT, Person, mangled, notebook, people


class Term:
    """A class of ``count`` in ``folder``, and the steps of its term; ``wrong`` says all that is not right."""

    def __init__(self, folder: Path, count: int, names: tuple[str, ...], say: Callable[[str], None] = print):
        self.folder, self.names, self.say = folder, names, say
        self.wrong: list[str] = []
        self.facts: dict[str, object] = {}
        self.built: list[Built] = [build(slug, ROOT) for slug in names]
        self.people = people(count, self.built)
        folder.mkdir(parents=True, exist_ok=True)
        roster = folder / "roster.csv"
        with roster.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "first_name", "last_name", "email"])
            rows.writerows([p.learner.id, p.learner.first_name, p.learner.last_name, ""] for p in self.people)
        path = folder / "home"
        self.course("init", COURSE, "--roster", str(roster), "--identity", "hub", "--assignments", ",".join(names))
        (folder / "hub").mkdir(exist_ok=True)
        layout = json.dumps(str(folder / "hub" / "{learner}" / "{assignment}" / "{assignment}.ipynb"))
        toml = path / "course.toml"
        text = toml.read_text().replace('hub = ""', f"hub = {layout}").replace("per_day = 0.0", "per_day = 0.1")
        toml.write_text(text)

    # -- running -----------------------------------------------------------------------------------------------------

    @property
    def home(self) -> Home:
        """The course home, read anew."""
        return Home.open(self.folder / "home")

    def command(self, *words: str) -> list[str]:
        """A course command line."""
        return [str(Path(sys.executable).with_name("course")), *words, "--home", str(self.folder / "home")]

    def course(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run a verb; what it said. Notes an exit code that should not be."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, cwd=self.folder)
        self.must(done.returncode in codes, f"course {' '.join(words)} exited with {done.returncode}: {done.stderr}")
        return done.stdout + done.stderr

    def must(self, holds: bool, sentence: str) -> None:
        """Note ``sentence`` where it does not hold."""
        if not holds:
            self.wrong.append(sentence)
            self.say(f"WRONG: {sentence[:400]}")

    def timed(self, name: str, step: Callable[[], object]) -> None:
        """Run a step and keep how long it took."""
        self.say(f"{datetime.now():%H:%M:%S}  {name}")
        start = time.monotonic()
        step()
        self.facts[f"seconds: {name}"] = round(time.monotonic() - start, 1)

    # -- the term ----------------------------------------------------------------------------------------------------

    def play(self) -> None:
        """All of it, one assignment after the other, then what concerns the whole term."""
        for slug in self.names:
            number = slug[:2]
            self.timed(f"release {number}", partial(self.course, "release", number))
            self.timed(f"hand in {number}", partial(self.hand_in, slug))
            self.timed(f"collect {number}, twice", partial(self.collect, slug))
        for slug in self.names:
            number = slug[:2]
            self.timed(f"grade {number}, killed midway", partial(self.grade_killed, slug))
            self.timed(f"grade {number}, to the end", partial(self.grade, slug))
            self.timed(f"what {number} must come to", partial(self.compare, slug, "first"))
        first = self.names[0]
        self.timed("other doors", partial(self.other_doors, first))
        self.timed("regrade after a changed check", partial(self.regrade, first))
        self.timed("what it must come to now", partial(self.compare, first, "second"))
        self.timed("feedback", self.feedback)
        self.timed("review, report, export", self.afterwards)

    def hand_in(self, slug: str) -> None:
        """Those in time; the due date; those who are late or have more time."""
        release = json.loads(self.home.notebook("release", slug).read_text())
        late = [person for person in self.people if person.work[slug].plays in {"late", "extended"}]
        for person in self.people:
            if person not in late and person.door != "lms":
                self._hand_in(slug, person, release)
        due = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(seconds=1)
        toml = self.folder / "home" / "course.toml"
        before = f'[assignments.{slug}]\ndue = ""'
        toml.write_text(toml.read_text().replace(before, before.replace('""', f'"{due:%Y-%m-%d %H:%M:%S}"')))
        for person in late:
            if person.work[slug].plays == "extended":
                self.course("extend", person.learner.id, slug[:2], "+7")
        while datetime.now(UTC).replace(tzinfo=None) <= due + timedelta(seconds=0.1):
            time.sleep(0.05)
        for person in late:
            if person.door != "lms":
                self._hand_in(slug, person, release)
        self._strangers(slug)
        files = [
            (person.learner, mangled(notebook(release, person, slug), person, slug), person.work[slug].plays == "late")
            for person in self.people
            if person.door == "lms" and person.work[slug].plays not in expected.NOTHING
        ]
        canvas(self.folder / f"{slug}.zip", files, name=f"{slug}.ipynb")

    def _hand_in(self, slug: str, person: Person, release: dict) -> None:
        work, me = person.work[slug], person.learner.id
        if work.plays == "missing":
            return
        versions = [notebook(release, person, slug)]
        if work.plays == "twice" and person.door == "exchange":
            versions.insert(0, notebook(release, person, slug, wrong=True))
        for made in versions:
            data = mangled(made, person, slug)
            if person.door == "hub":
                place = self.folder / "hub" / me / slug
            else:
                at = datetime.now(UTC) + timedelta(days=work.days)
                name = f"{me}+{slug}+{at:%Y-%m-%d %H:%M:%S.%f} UTC+{secrets.token_hex(4)}"
                place = self.home.exchange / COURSE / "inbound" / name
            place.mkdir(parents=True)
            if work.plays == "link":
                (place / f"{slug}.ipynb").symlink_to(self.home.notebook("release", slug))
            else:
                (place / f"{slug}.ipynb").write_bytes(data)
            if person.door == "exchange":
                (place / "submission_secret.txt").write_text(secrets.token_hex(64))

    def _strangers(self, slug: str) -> None:
        """What must be refused one by one: nobody's, nameless, back-dated, a pipe; and a zip entry that climbs out."""
        inbound = self.home.exchange / COURSE / "inbound"
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
        for name in (f"nobody+{slug}+{now}+x", f"..+{slug}+{now}+x", f"s001+{slug}+yesterday+x", "junk"):
            (inbound / name).mkdir(exist_ok=True)
            (inbound / name / f"{slug}.ipynb").write_text('{"cells": []}')
        pipe = inbound / f"s004+{slug}+{datetime.now(UTC) + timedelta(seconds=5):%Y-%m-%d %H:%M:%S.%f} UTC+pipe"
        pipe.mkdir()
        os.mkfifo(pipe / f"{slug}.ipynb")
        self.refused = 5

    def collect(self, slug: str) -> None:
        """By every door, twice; the second time nothing is new."""
        number, archive = slug[:2], str(self.folder / f"{slug}.zip")
        for turn in (1, 2):
            said = self.course("collect", number, codes=(1,)) + self.course("collect", number, "--from", archive)
            new = sum(int(found) for found in re.findall(r"(?m)^(\d+) submissions? of", said))
            links = sum(person.work[slug].plays == "link" and person.door != "lms" for person in self.people)
            refused = len(re.findall(r"(?m)^refused:", said))
            self.must(refused == self.refused + links, f"{refused} refusals, not {self.refused + links}:\n{said}")
            there = [p for p in self.people if p.work[slug].plays not in expected.NOTHING]
            self.must(new == (len(there) if turn == 1 else 0), f"{new} of {len(there)} collected in turn {turn}")
        for person in self.people:
            record = record_of(self.home, slug, person.learner.id)
            nothing = person.work[slug].plays in expected.NOTHING
            door = None if record is None else record.door
            self.must(
                door == (None if nothing else person.door), f"{person.learner.id} came by {door}, not {person.door}"
            )

    def grade_killed(self, slug: str) -> None:
        """Grade, and kill everything that grades when a third is in the gradebook."""
        third = max(1, len(self.people) // 3)
        process = subprocess.Popen(
            self.command("grade", slug[:2]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        autograded = self.folder / "home" / "autograded"
        while process.poll() is None and len(list(autograded.glob(f"*/{slug}/{slug}.ipynb"))) < third:
            time.sleep(0.1)
        self.must(process.poll() is None, f"grading {slug} was over before it could be killed")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.facts[f"autograded when {slug[:2]} was killed"] = len(list(autograded.glob(f"*/{slug}/{slug}.ipynb")))

    def grade(self, slug: str) -> None:
        """To the end, and once more, when nothing is new."""
        broken = any(person.work[slug].plays == "broken" for person in self.people)
        self.course("grade", slug[:2], codes=(1 if broken else 0,))
        said = self.course("grade", slug[:2], codes=(1 if broken else 0,))
        self.must(" 0 of them new" in said, f"grading {slug} a third time changed something: {said[-300:]}")

    def compare(self, slug: str, turn: str) -> None:
        """Gradebook, verdicts and ledger against the computation that knows nothing of them."""
        want = expected.scores(self.home, slug, self.people, self.folder / f"apart-{slug[:2]}-{turn}", lambda: None)
        have = {learner: one.score for learner, one in gradebook.class_scores(self.home, slug).items()}
        self._equal(f"gradebook of {slug}, {turn}", have, want)
        for learner in want:
            path = self.home.notebook("autograded", slug, learner)
            self.must(path.is_file(), f"{learner} has no autograded notebook of {slug}")
        self.want = {**getattr(self, "want", {}), slug: want}
        shape = Counter(person.work[slug].plays or "plain" for person in self.people)
        self.facts[f"{slug}, {turn}"] = {
            "handed in": len(want),
            "not decided": sum(score is None for score in want.values()),
            "mean": round(sum(filter(None, want.values())) / max(1, len(want)), 3),
            "plays": dict(shape),
        }

    def _equal(self, what: str, have: dict[str, float | None], want: dict[str, float | None]) -> None:
        different = {
            learner: (have.get(learner, "nothing"), want.get(learner, "nothing"))
            for learner in sorted(have.keys() | want.keys())
            if not _same(have.get(learner, "nothing"), want.get(learner, "nothing"))
        }
        by = {person.learner.id: person for person in self.people}
        told = {one: (pair, by[one].door, by[one].work) for one, pair in list(different.items())[:3]}
        self.must(not different, f"{what}: {len(different)} differ (have, want): {str(told)[:1500]}")

    def other_doors(self, slug: str) -> None:
        """nbgrader's command and formgrader's button, judging anew, for a few of each door; formgrader's own table."""
        home = self.home
        before = gradebook.class_scores(home, slug)
        some = [
            next((p for p in self.people if p.door == door and p.work[slug].plays in {"", "copied"}), None)
            for door in ("exchange", "hub", "lms")
        ]
        chosen = [person.learner.id for person in some if person is not None]
        (home.path / "journal.db").rename(home.path / "journal.aside")
        with quiet() as (_, _log):
            api = NbGraderAPI(config=config(home, assignment_id=slug))
            for learner in chosen:
                self.must(api.autograde(slug, learner, force=True)["success"], f"formgrader could not grade {learner}")
            listed = {row["student"]: row for row in api.get_submissions(slug)}
        for end in ("", "-wal", "-shm"):
            (home.path / f"journal.db{end}").unlink(missing_ok=True)
        (home.path / "journal.aside").rename(home.path / "journal.db")
        self.must(gradebook.class_scores(home, slug) == before, "formgrader's button changed the gradebook")
        for learner, one in before.items():
            if one.score is not None:
                shown = listed[learner]["score"] - one.penalty  # it shows the penalty in a place of its own
                self.must(abs(shown - one.score) < 1e-6, f"formgrader shows {shown} for {learner}, not {one.score}")

    def regrade(self, slug: str) -> None:
        """The check that failed most no longer looks at what comes back; the difference is shown before it counts."""
        home = self.home
        check = _weaken(home, slug)
        self.facts["weakened check"] = check
        before = Journal(home.path / "journal.db").count(slug)
        words = ("regrade", slug[:2], "--bundle", "current", "--reason", f"{check} asked for too much")
        looked = self.course(*words, "--dry-run")
        self.must(check in looked, f"the difference does not name {check}: {looked[-600:]}")
        self._equal("after a dry run", self._scores(slug), self.want[slug])
        broken = any(person.work[slug].plays == "broken" for person in self.people)
        self.course(*words, "--yes", codes=(1 if broken else 0,))
        after = Journal(home.path / "journal.db").count(slug)
        self.must(after > before, "regrading left no second verdicts in the journal")
        now = self._scores(slug)
        raised = [one for one, score in now.items() if score is not None and score > (self.want[slug][one] or 0)]
        self.must(bool(raised), "weakening a check raised nobody's score")
        self.facts["raised by it"] = len(raised)

    def _scores(self, slug: str) -> dict[str, float | None]:
        return {learner: one.score for learner, one in gradebook.class_scores(self.home, slug).items()}

    def feedback(self) -> None:
        """A page for everybody who has a verdict, with their score on it."""
        for slug in self.names:
            self.course("feedback", slug[:2], codes=(0, 1))
            for learner, score in self.want[slug].items():
                page = self.home.notebook("feedback", slug, learner, ".html")
                self.must(page.is_file(), f"{learner} has no page for {slug}")
                shown = (
                    re.search(r'<div class="score"><strong[^>]*>([^<]*)<', page.read_text()) if page.is_file() else None
                )
                have = shown[1] if shown else ""
                want = "not decided" if score is None else points(score)
                self.must(have == want, f"the page of {learner} for {slug} says {have!r}, not {want!r}")

    def afterwards(self) -> None:
        """Review, report, export: everybody is in them, with the same numbers."""
        self.course("review", codes=(1,))
        self.course("report")
        out = self.folder / "home" / "exported" / "grades_csv.csv"
        self.course("export", codes=(1,))
        with out.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.must(len(rows) == len(self.people) * len(self.names), f"the export has {len(rows)} rows")
        for slug in self.names:
            have = {
                row["id"]: float(row["score"]) if row["score"] else None
                for row in rows
                if row["assignment"] == slug and (row["score"] or row["id"] in self.want[slug])
            }
            self._equal(f"export of {slug}", have, self.want[slug])


def _same(have: object, want: object) -> bool:
    if isinstance(have, float | int) and isinstance(want, float | int):
        return abs(have - want) <= 0.0051
    return have == want


def _weaken(home: Home, slug: str) -> str:
    """Write the assignment into the home's own, its most failed hidden check changed; the check's name."""
    failed: Counter[str] = Counter()
    for path in home.path.glob(f"autograded/*/{slug}/{slug}.ipynb"):
        for task in verdict_of(json.loads(path.read_text())).tasks:
            failed.update(check.id for check in task.checks if check.status == "failed" and not check.visible)
    text = (ROOT / "tests" / "hidden" / f"test_{slug}.py").read_text()
    checks = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    for name, _ in failed.most_common():
        node = checks.get(name)
        body = ast.get_source_segment(text, node) if node is not None else None
        if body is not None and "check.close(" in body and "submission.answers" not in body:
            weak = body.replace("check.close(", "(lambda *args, **kwargs: None)(")
            own = home.path / "assignments"
            (own / f"{slug}.py").write_text((ROOT / "solutions" / f"{slug}.py").read_text())
            (own / f"test_{slug}.py").write_text(text.replace(body, weak))
            return name
    raise AssertionError("no hidden check with check.close failed for anybody")


def chosen(text: str) -> tuple[str, ...]:
    """Slugs from numbers like ``02,04``."""
    return tuple(slug for number in text.split(",") for slug in slugs(ROOT) if slug.startswith(number))


def steps(found: Term) -> Iterator[str]:
    """The facts as lines of text."""
    for name, value in found.facts.items():
        yield f"{name}: {value}"
