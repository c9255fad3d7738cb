"""The `course` command: one short function a verb; each ends in a sentence that says what it did."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from . import __version__
from .wording import count

PATH: Any = click.Path(path_type=Path)
DONE, PERSON, WRONG_USE = 0, 1, 2
"""Exit codes: done; something needs a person; wrong use."""


class Course(click.Group):
    """Lists the verbs in the order in which they are needed, the learner's first.

    Turns the course's own errors, and those of disk and database, into one sentence and exit code 1; anything else is
    a bug and shows itself.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.exceptions.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            text = _sentence(error)
            if not text:
                raise
            click.echo(f"course: {text}", err=True)
            context.exit(PERSON)


def _sentence(error: Exception) -> str:
    """What to tell people of an error; empty where it is a bug, or nobody listens any more."""
    from .wording import trouble

    if isinstance(error, BrokenPipeError):
        return ""
    if isinstance(error, ModuleNotFoundError) and error.name in {"nbgrader", "jupytext", "pytest", "pyseccomp"}:
        return f'{error.name} is not installed; run: pip install -e ".[staff]"'
    ours = type(error).__module__.startswith("course.")  # raised on purpose, with a sentence for people
    return str(error) if ours else trouble(error)


@click.group(cls=Course, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """An autograded course on batch size and the convergence of gradient descent.

    Learners: check, hint, status, reset. Instructors: demo, init, release, collect, grade, feedback, doctor.
    Authors: build, audit.
    """
    if context.invoked_subcommand is None:
        from .standing import standing

        click.echo(standing())


folder_option = click.option(
    "--home", "folder", type=PATH, help="The course home; default $COURSE_HOME, else this folder or its .course."
)


def warn(*texts: str) -> None:
    """Sentences on stderr that stop nothing; empty ones are left out."""
    for text in filter(None, texts):
        click.echo(f"course: {text}", err=True)


def home_option(function: Callable) -> Callable:
    """``--home FOLDER``, handed on as a course home that was looked at, and mended where that is safe."""

    @folder_option
    @wraps(function)
    def run(folder: Path | None, **options: Any) -> Any:
        from .classroom.opening import opened

        home, mended = opened(folder)
        warn(mended)
        return function(home=home, **options)

    return run


# -- learners ----------------------------------------------------------------------------------------------------


@main.command()
@click.argument("assignment")
@click.option("--notebook", type=PATH, help="Your notebook; default: the one here, else the untouched exercise.")
def check(assignment: str, notebook: Path | None) -> None:
    """Run the visible checks of ASSIGNMENT (02, or 02_full_batch_gd) on your notebook."""
    from .learn.exercises import exercises, resolve
    from .learn.folder import find
    from .learn.offline import check_notebook
    from .learn.visible import Report

    slug = resolve(assignment)
    exercise = exercises()[slug]
    here = notebook or find(slug) or exercise
    if here == exercise:
        click.echo(f"There is no {slug}.ipynb in this folder, so this is the untouched exercise: {exercise}")
    click.echo(f"Checking {here}\n")
    open_tasks: list[str] = []
    optional: list[str] = []
    for report in check_notebook(here, exercise):
        if isinstance(report, Report):
            for line, tone in report.toned():
                click.echo(coloured(line, tone))
            if report.first is not None:
                (optional if report.optional else open_tasks).append(report.task)
            click.echo()
        else:
            click.echo(f"{report}\n")
    if optional:
        click.echo(f"For those who want more, without points: {', '.join(optional)}.")
    if open_tasks:
        click.echo(f"Still to do: {', '.join(open_tasks)}. Stuck? course hint {assignment}")
        sys.exit(PERSON)
    click.echo("All visible checks pass; hidden checks at grading look further.")


def coloured(line: str, tone: str) -> str:
    """``line`` in the colour of its tone, but for people who asked for none (NO_COLOR)."""
    colours = {"ok": "green", "no": "red"}
    return click.style(line, fg=colours[tone]) if tone and not os.environ.get("NO_COLOR") else line


@main.command()
@click.argument("assignment")
@click.argument("task", required=False)
def hint(assignment: str, task: str | None) -> None:
    """Open the next hint for what `course check` found last in ASSIGNMENT, at TASK or at the first that is not done."""
    from .learn.exercises import resolve
    from .learn.folder import FolderError
    from .learn.hints import next_hint
    from .learn.progress import standing

    slug = resolve(assignment)
    tasks = standing(slug)
    if not tasks:
        raise FolderError(f"nothing of {slug} was checked here yet; run: course check {assignment}")
    if task is not None and task not in tasks:
        raise FolderError(f"{slug} has no task {task!r} that was checked here; there are: {', '.join(tasks)}")
    chosen = task or next((name for name, one in tasks.items() if not one.done), None)
    if chosen is None:
        click.echo(f"All visible checks of {slug} pass; there is nothing to hint at.")
        return
    click.echo(f"{chosen}\n{next_hint(slug, chosen)}")


@main.command()
def status() -> None:
    """Say of every assignment how far it is on this machine, and what is left to do."""
    from .learn.folder import status as lines

    click.echo("\n".join(lines()) or "No assignment is installed.")


@main.command()
@click.argument("assignment")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(assignment: str, yes: bool) -> None:
    """Put the untouched exercise of ASSIGNMENT in the place of your notebook, which is kept under another name."""
    from .learn.exercises import resolve
    from .learn.folder import FolderError, find
    from .learn.folder import reset as begin_again

    slug = resolve(assignment)
    notebook = find(slug)
    if notebook is None:
        raise FolderError(f"there is no {slug}.ipynb in this folder; go to the folder of your notebook")
    if not yes:
        click.confirm(f"Begin {notebook} again? Your work is kept beside it.", abort=True)
    backup = begin_again(slug, notebook)
    click.echo(f"{notebook} is the untouched exercise again (your learner cell was kept); your work lies in {backup}")
    click.echo("If Jupyter has the notebook open: close it there without saving, and open it anew.")


# -- instructors -------------------------------------------------------------------------------------------------


@main.command()
@click.option("--json", "json_file", type=PATH, help="Write learner, assignment, score, maximum and statuses here.")
@click.option("--keep", type=PATH, help="Make the scratch course home in this folder.")
def demo(json_file: Path | None, keep: Path | None) -> None:
    """Show a whole class at work in a scratch course home: release, fetch, submit, collect, grade, feedback."""
    from .classroom.demo import run_demo

    sys.exit(run_demo(json_file, keep))


@main.command()
@click.argument("course_id")
@folder_option
@click.option("--roster", type=PATH, help="A CSV file with the columns id, first_name, last_name, email.")
@click.option(
    "--identity",
    type=click.Choice(["uid", "hub"]),
    help="How it is known whose a submission is: by the files' owner (uid, the default), or by the folder's name, "
    "which only a hub or a collector of yours may make (hub).",
)
@click.option("--exchange", type=PATH, help="Where learners fetch and hand in; default: exchange, inside the home.")
def init(course_id: str, folder: Path | None, roster: Path | None, identity: str | None, exchange: Path | None) -> None:
    """Make a course home for COURSE_ID, or complete the one that is there."""
    from .classroom.home import Home
    from .classroom.opening import mended, unreachable

    warn(mended(folder))
    where = str(exchange.absolute()) if exchange else None
    home = Home.create(folder, course_id=course_id, roster=roster, identity=identity, exchange=where)
    click.echo(f"The course home of {course_id} is {home.path}, with {count(len(home.roster), 'learner')}.")
    warn(unreachable(home))
    click.echo("Next: look through its course.toml, then release an assignment: course release 02")


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if an exercise is stale.")
def build(assignments: tuple[str, ...], only_check: bool) -> None:
    """Build exercises/NN_slug.ipynb from solutions/NN_slug.py, for all assignments or those named."""
    from .author.build import build as build_one
    from .author.build import is_current, write_exercise
    from .author.places import repository, slug_of, slugs

    root, stale = repository(), []
    for slug in [slug_of(name) for name in assignments] or slugs():
        built = build_one(slug, root)
        if only_check:
            stale += [] if is_current(built, root) else [slug]
            continue
        path, changed = write_exercise(built, root)
        click.echo(f"{path.relative_to(root)}: {'written' if changed else 'unchanged'}")
    if stale:
        click.echo(f"stale: {', '.join(stale)}; run: course build", err=True)
        sys.exit(PERSON)


@main.command()
@click.argument("assignments", nargs=-1)
@click.option("--json", "json_file", type=PATH, help="Write counts, problems, kill matrix and unclear pairs here.")
@click.option("--matrix", is_flag=True, help="Show which check catches which mistakes.")
@click.option("--jobs", type=click.IntRange(1), help="Judging processes side by side; default: one a core.")
@click.option("--blind", is_flag=True, help="Instead: judge the answers that were written blind, and count true names.")
def audit(assignments: tuple[str, ...], json_file: Path | None, matrix: bool, jobs: int | None, blind: bool) -> None:
    """Let all assignments, or those named, prove themselves: right answers pass, known mistakes fail and are named."""
    from .author.places import repository, slug_of, slugs
    from .learn.exercises import UnknownAssignment

    root = repository()
    try:
        chosen = [slug_of(name) for name in assignments] or slugs()
    except UnknownAssignment as error:
        raise click.BadParameter(str(error)) from None
    if json_file is not None and not json_file.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {json_file.parent} to write into", param_hint="--json")
    if blind:
        from .audit.blind import measure

        sys.exit(measure(chosen if assignments else None, root, jobs))
    from .audit.report import audit as audit_all

    sys.exit(audit_all(chosen, root, json_file, matrix, jobs))


@main.command()
@click.argument("assignment")
@home_option
def release(home: Any, assignment: str) -> None:
    """Freeze ASSIGNMENT and put it into the exchange."""
    from .author.places import repository, slug_of
    from .classroom.opening import ready_exchange, unreachable
    from .classroom.release import release as release_one

    warn(unreachable(home))
    ready_exchange(home)
    done = release_one(home, slug_of(assignment), root=repository())
    ready_exchange(home)  # nbgrader opens an exchange that was not open to all, but without the sticky bit
    word = "released" if done.changed else "was released already, unchanged"
    click.echo(f"{done.slug} ({done.points:g} points) {word}: {done.notebook}")
    click.echo(f"Next, when learners have submitted: course collect {assignment}")


@main.command()
@click.argument("assignment")
@home_option
def collect(home: Any, assignment: str) -> None:
    """Bring the submissions of ASSIGNMENT from the exchange into the course home."""
    from .classroom.exchange import collect as collect_all

    slug = home.slug(assignment)
    got = collect_all(home, slug)
    click.echo(f"{count(len(got.collected), 'submission')} of {slug} collected, {len(got.unchanged)} already here.")
    missing = sorted(set(home.roster) - set(got.collected) - set(got.unchanged))
    if missing:
        click.echo(f"Nothing from: {', '.join(missing)}")
    for note in got.notes:
        click.echo(f"note: {note}")
    for refusal in got.refused:
        click.echo(f"refused: {refusal}", err=True)
    if got.refused:
        inbound = home.exchange / home.settings.course_id / "inbound"
        click.echo(
            f"A refusal is said each time until you mend what it names or delete its folder in {inbound}", err=True
        )
    if got.collected or got.unchanged:
        click.echo(f"Next: course grade {assignment}")
    sys.exit(PERSON if got.refused else DONE)


@main.command()
@click.argument("assignment")
@click.option("--learner", multiple=True, help="Only this learner; may be repeated.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Judging processes side by side.")
@click.option("--again", is_flag=True, help="Judge anew what is graded already; the old verdict stays in the journal.")
@home_option
def grade(home: Any, assignment: str, learner: tuple[str, ...], jobs: int, again: bool) -> None:
    """Grade the collected submissions of ASSIGNMENT into nbgrader's gradebook."""
    from .classroom.tables import grade_with_progress, print_grades

    slug = home.slug(assignment)
    grades = grade_with_progress(home, slug, learners=learner or None, jobs=jobs, force=again)
    print_grades(slug, grades)
    if grades.verdicts or not grades.review:
        click.echo(f"Next: course {'feedback' if grades.verdicts else 'collect'} {assignment}")
    sys.exit(PERSON if grades.review else DONE)


@main.command()
@click.argument("assignment")
@home_option
def feedback(home: Any, assignment: str) -> None:
    """Write one feedback page a submission of ASSIGNMENT, and put it into the exchange."""
    from .classroom.exchange import release_feedback
    from .classroom.feedback import feedback_class

    slug = home.slug(assignment)
    pages = feedback_class(home, slug)
    returned = release_feedback(home, slug)
    if not pages and not pages.refused:
        click.echo(f"Nothing to return: no submission of {slug} is graded.\nNext: course grade {assignment}")
        return
    written = f"{count(len(pages), 'page')} written under {home.path / 'feedback'}"
    click.echo(f"{written}, {len(returned.learners)} in the exchange.")
    for refusal in (*pages.refused, *returned.refused):
        click.echo(f"no feedback: {refusal}", err=True)
    sys.exit(PERSON if pages.refused or returned.refused else DONE)


@main.command()
@folder_option
def doctor(folder: Path | None) -> None:
    """Say which jail this machine offers, what is missing, and how to mend it; exits with 1 if a line says FIX."""
    from .classroom.doctor import examine

    findings = examine(folder)
    for finding in findings:
        click.echo(finding.line())
    sys.exit(PERSON if any(finding.stops for finding in findings) else DONE)
