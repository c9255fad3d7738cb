"""A whole class at work in a scratch course home: six learners, from release to feedback, through every door."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ..author.build import Built, build
from ..author.places import repository
from ..grade.verdict import Verdict
from ..terminal import wide_console
from .demo_class import CLASS, Filled, fill_in
from .exchange import collect, release_feedback
from .feedback import feedback_class
from .grade import ClassGrades
from .home import Home, HomeError
from .learner import fetch, fetch_feedback, submit
from .release import release
from .roster import Learner
from .tables import grade_with_progress, grades_table, say

SLUG = "02_full_batch_gd"
_NOTE = """\
# This is the home of `course demo`. One user of this machine plays all six learners, so identity comes from the
# folder's name, as it does with a hub, and not from the owner of the files.
"""


def run_demo(json_file: Path | None = None, folder: Path | None = None) -> int:
    """Play the demo in ``folder`` (default: a new temporary one, which stays); 0 when every learner has a verdict.

    `HomeError` before anything is done where ``folder`` is a file, or ``json_file`` cannot be written.
    """
    _look_first(json_file, folder)
    console = wide_console()
    folder = (folder or Path(tempfile.mkdtemp(prefix="course-demo-"))).resolve()
    home = _make_home(folder)
    desks = {learner.id: folder / "learners" / learner.id for learner in CLASS}
    built = build(SLUG, repository())
    steps: list[tuple[str, Callable[[], object]]] = [
        (f"release {SLUG}", partial(release, home, SLUG, root=repository())),
        *((f"{one.id} fetches, works, submits", partial(_work, home, built, one, desks[one.id])) for one in CLASS),
        ("collect", partial(collect, home, SLUG)),
    ]
    _play(console, steps)
    grades = grade_with_progress(home, SLUG, jobs=2)
    steps = [
        ("feedback", partial(feedback_class, home, SLUG)),
        ("return feedback", partial(release_feedback, home, SLUG)),
        *((f"{one.id} fetches feedback", partial(fetch_feedback, home, SLUG, one.id, desks[one.id])) for one in CLASS),
    ]
    _play(console, steps)
    _explain(console, home, grades)
    if json_file is not None:
        json_file.write_text(json.dumps(records(grades), indent=1) + "\n")
    missing = [one.id for one in CLASS if one.id not in grades.verdicts]
    return 1 if missing or any(verdict.score is None for verdict in grades.verdicts.values()) else 0


def _look_first(json_file: Path | None, folder: Path | None) -> None:
    if folder is not None and folder.exists() and not folder.is_dir():
        raise HomeError(f"{folder} is a file; name a folder for the demo with --keep")
    if json_file is not None and (json_file.is_dir() or not json_file.parent.is_dir()):
        why = "it is a folder" if json_file.is_dir() else f"there is no folder {json_file.parent}"
        raise HomeError(f"{json_file} cannot be written, because {why}; name another file with --json")


def _make_home(folder: Path) -> Home:
    roster = [Learner(one.id, one.first_name, one.last_name) for one in CLASS]
    home = Home.create(folder / "home", course_id="demo", roster=roster, identity="hub")
    settings = home.path / "course.toml"
    if _NOTE not in settings.read_text():
        settings.write_text(_NOTE + settings.read_text())
    return home


def _work(home: Home, built: Built, one: Filled, desk: Path) -> None:
    """What one learner does: fetch through the exchange, write in the notebook's cells, save, submit."""
    path = fetch(home, SLUG, one.id, desk)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    fill_in(notebook, one, built, repository())
    path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    submit(home, SLUG, one.id, desk)


def _play(console: Console, steps: list[tuple[str, Callable[[], object]]]) -> None:
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(steps))
        for name, step in steps:
            progress.update(bar, description=name)
            step()
            progress.advance(bar)
        progress.update(bar, description="done")


def _explain(console: Console, home: Home, grades: ClassGrades) -> None:
    console.print(grades_table(SLUG, grades, {one.id: one.plays for one in CLASS}))
    say(console, grades)
    console.print("\nFeedback pages:")
    for one in CLASS:
        page = home.notebook("feedback", SLUG, one.id, ".html")
        console.print(f"  {one.id:<5} {page}", markup=False, soft_wrap=True, highlight=False)
    console.print(
        f"\nThe course home is {home.path}. What to do next:\n"
        f"  open a feedback page in a browser\n"
        f"  see the same scores in nbgrader:  cd {home.path} && {_command('nbgrader')} autograde {SLUG} --force\n"
        f"  make a course home of your own:   {_command('course')} init my-course --roster roster.csv\n"
        f"  delete the demo again:            rm -r {home.path.parent}",
        markup=False,
        soft_wrap=True,
    )


def _command(name: str) -> str:
    """``name`` as it can be typed here: with its folder where that is not on the path."""
    beside = Path(sys.executable).with_name(name)
    return name if shutil.which(name) or not beside.is_file() else str(beside)


def records(grades: ClassGrades) -> list[dict]:
    """Learner, assignment, score, maximum, and the status of each task: plain data for ``--json``."""
    return [_record(verdict) for _, verdict in sorted(grades.verdicts.items())]


def _record(verdict: Verdict) -> dict:
    return {
        "learner": verdict.learner,
        "assignment": verdict.assignment,
        "score": verdict.score,
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
