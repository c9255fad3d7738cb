"""A whole class at work in a scratch course home: ten learners, two assignments, from release to report."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ...author.build import Built, build
from ...author.places import repository
from ...grade.verdict import Verdict
from ...terminal import wide_console
from ..doors.collecting import collect
from ..doors.exchange import release_feedback
from ..doors.learner import fetch, fetch_feedback, submit
from ..grading.grade import ClassGrades
from ..grading.tables import grade_with_progress, grades_table, say
from ..home import Home, HomeError, write_text
from ..pages.feedback import feedback_class
from ..roster import Learner
from .demo_class import CLASS, SLUGS, Filled, fill_in
from .extend import extend
from .release import release

_NOTE = """\
# This is the home of `course demo`. One user of this machine plays all ten learners, so identity comes from the
# folder's name, as it does with a hub, and not from the owner of the files.
"""
_LATE = "[late]\nper_day = 0.0"


def run_demo(json_file: Path | None = None, folder: Path | None = None) -> int:
    """Play the demo in ``folder`` (default: a new temporary one, which stays); 0 when every learner has a verdict.

    `HomeError` before anything is done where ``folder`` is a file, or ``json_file`` cannot be written.
    """
    _look_first(json_file, folder)
    console = wide_console()
    folder = (folder or Path(tempfile.mkdtemp(prefix="course-demo-"))).resolve()
    home = _make_home(folder)
    for slug in SLUGS:
        _play(console, _until_collected(home, slug, folder))
    home = Home.open(home.path)  # by now the deadlines stand in its course.toml
    grades = {slug: grade_with_progress(home, slug, jobs=2) for slug in SLUGS}
    _play(console, _afterwards(home, folder))
    for slug in SLUGS:
        console.print(grades_table(slug, grades[slug], {one.id: one.plays for one in CLASS}))
        say(console, grades[slug])
    _explain(console, home)
    if json_file is not None:
        json_file.write_text(json.dumps(records(grades.values()), indent=1) + "\n")
    verdicts = [one.verdicts.get(learner.id) for one in grades.values() for learner in CLASS]
    return 0 if all(verdict is not None and verdict.score is not None for verdict in verdicts) else 1


Steps = list[tuple[str, Callable[[], object]]]


def _until_collected(home: Home, slug: str, folder: Path) -> Steps:
    """Release, work, the deadline, those who are late, and collecting by every door."""
    built = build(slug, repository())

    def work(some: Iterable[Filled]) -> Steps:
        return [
            (f"{one.id} works on {slug[:2]}", partial(_work, home, built, one, folder / "learners" / one.id, folder))
            for one in some
        ]

    return [
        (f"release {slug}", partial(release, home, slug, root=repository())),
        *work(one for one in CLASS if not one.late),
        (f"the deadline of {slug[:2]} passes", partial(_deadline, home.path, slug)),
        *work(one for one in CLASS if one.late),
        ("collect from exchange and hub", lambda: collect(Home.open(home.path), slug)),
        ("collect from the LMS", lambda: collect(Home.open(home.path), slug, str(folder / f"lms-{slug}.zip"))),
    ]


def _afterwards(home: Home, folder: Path) -> Steps:
    from ..pages.report import write_report
    from .export import export, gather

    steps: Steps = []
    for slug in SLUGS:
        desks = [(one.id, folder / "learners" / one.id) for one in CLASS if one.door == "exchange"]
        steps += [
            (f"feedback on {slug[:2]}", partial(feedback_class, home, slug)),
            (f"return feedback on {slug[:2]}", partial(release_feedback, home, slug)),
            *((f"{name} fetches feedback", partial(fetch_feedback, home, slug, name, desk)) for name, desk in desks),
        ]
    steps += [
        ("report", partial(write_report, home)),
        ("export", lambda: export(home, "csv", gather(home, SLUGS))),
    ]
    return steps


def _look_first(json_file: Path | None, folder: Path | None) -> None:
    if folder is not None and folder.exists() and not folder.is_dir():
        raise HomeError(f"{folder} is a file; name a folder for the demo with --keep")
    if json_file is not None and (json_file.is_dir() or not json_file.parent.is_dir()):
        why = "it is a folder" if json_file.is_dir() else f"there is no folder {json_file.parent}"
        raise HomeError(f"{json_file} cannot be written, because {why}; name another file with --json")


def _make_home(folder: Path) -> Home:
    roster = [Learner(one.id, one.first_name, one.last_name) for one in CLASS]
    home = Home.create(folder / "home", course_id="demo", roster=roster, identity="hub", assignments=SLUGS)
    settings = home.path / "course.toml"
    text = settings.read_text(encoding="utf-8")
    if _NOTE not in text:
        (folder / "hub").mkdir(exist_ok=True)
        layout = json.dumps(str(folder / "hub" / "{learner}" / "{assignment}" / "{assignment}.ipynb"))
        text = text.replace('hub = ""', f"hub = {layout}").replace(_LATE, "[late]\nper_day = 0.1")
        write_text(settings, _NOTE + text)
    return Home.open(home.path)


def _deadline(path: Path, slug: str) -> None:
    """The assignment is due now, and hana gets two days more; a demo that is played again leaves both as they are."""
    home, settings = Home.open(path), path / "course.toml"
    if home.due(slug) is None:
        before = f'[assignments.{slug}]\ndue = ""'
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        after = before.replace('""', f'"{due:%Y-%m-%d %H:%M:%S}"')
        write_text(settings, settings.read_text(encoding="utf-8").replace(before, after))
        extend(Home.open(path), "hana", slug, "+2")
        time.sleep(1.05)  # so that what comes now is late


def _work(home: Home, built: Built, one: Filled, desk: Path, folder: Path) -> None:
    """What one learner does: get the notebook, write in its cells, save, hand in by their door."""
    slug = built.contract.slug
    path = fetch(home, slug, one.id, desk)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    fill_in(notebook, one, built, repository())
    text = json.dumps(notebook, indent=1)
    path.write_text(text, encoding="utf-8")
    if one.door == "exchange":
        submit(home, slug, one.id, desk)
    elif one.door == "hub":
        write_text(folder / "hub" / one.id / slug / path.name, text)
    else:
        with zipfile.ZipFile(folder / f"lms-{slug}.zip", "w") as archive:
            archive.writestr(f"delacruzjrivo_4711_815_{path.name}", text)  # as Canvas names it


def _play(console: Console, steps: Steps) -> None:
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(steps))
        for name, step in steps:
            progress.update(bar, description=name)
            step()
            progress.advance(bar)
        progress.update(bar, description="done")


def _explain(console: Console, home: Home) -> None:
    course, nbgrader, slug = _command("course"), _command("nbgrader"), SLUGS[0]
    console.print(
        f"\nThe course home is {home.path}. What to look at:\n"
        f"  the class in one page:            {home.path / 'report.html'}\n"
        f"  a learner's feedback:             {home.notebook('feedback', slug, 'cleo', '.html')}\n"
        f"  all grades as a table:            {home.path / 'exported' / 'grades_csv.csv'}\n"
        f"What to do next:\n"
        f"  what a person must look at:       {course} review --home {home.path}\n"
        f"  see the same scores in nbgrader:  cd {home.path} && {nbgrader} autograde {slug} --force\n"
        f"  make a course home of your own:   {course} init my-course --roster roster.csv\n"
        f"  delete the demo again:            rm -r {home.path.parent}",
        markup=False,
        soft_wrap=True,
        highlight=False,
    )


def _command(name: str) -> str:
    """``name`` as it can be typed here: with its folder where that is not on the path."""
    beside = Path(sys.executable).with_name(name)
    return name if shutil.which(name) or not beside.is_file() else str(beside)


def records(grades: Iterable[ClassGrades]) -> list[dict]:
    """Learner, assignment, score after penalties, maximum, and the status of each task: data for ``--json``."""
    return [_record(one, verdict) for one in grades for _, verdict in sorted(one.verdicts.items())]


def _record(grades: ClassGrades, verdict: Verdict) -> dict:
    held = grades.held.get(verdict.learner)
    return {
        "learner": verdict.learner,
        "assignment": verdict.assignment,
        "score": verdict.score if held is None else held.score,
        "penalty": 0.0 if held is None else held.penalty,
        "maximum": verdict.maximum,
        "tasks": {
            task.name: {
                "status": task.status,
                "score": task.score,
                "maximum": task.maximum,
                "sentence": task.sentence,
            }
            for task in verdict.tasks
        },
    }
