"""The learner's verbs: check, hint, status, reset."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .shared import PATH, PERSON, coloured


@click.command()
@click.argument("assignment")
@click.option("--notebook", type=PATH, help="Your notebook; default: the one here, else the untouched exercise.")
def check(assignment: str, notebook: Path | None) -> None:
    """Run the visible checks of ASSIGNMENT (02, or 02_full_batch_gd) on your notebook."""
    from ..learn.exercises import exercises, resolve
    from ..learn.folder import find
    from ..learn.offline import check_notebook
    from ..learn.visible import Report

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


@click.command()
@click.argument("assignment")
@click.argument("task", required=False)
def hint(assignment: str, task: str | None) -> None:
    """Open the next hint for what `course check` found last in ASSIGNMENT, at TASK or at the first that is not done."""
    from ..learn.exercises import resolve
    from ..learn.folder import FolderError
    from ..learn.hints import next_hint
    from ..learn.progress import standing

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


@click.command()
def status() -> None:
    """Say of every assignment how far it is on this machine, and what is left to do."""
    from ..learn.folder import status as lines

    click.echo("\n".join(lines()) or "No assignment is installed.")


@click.command()
@click.argument("assignment")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(assignment: str, yes: bool) -> None:
    """Put the untouched exercise of ASSIGNMENT in the place of your notebook, which is kept under another name."""
    from ..learn.exercises import resolve
    from ..learn.folder import FolderError, find
    from ..learn.folder import reset as begin_again

    slug = resolve(assignment)
    notebook = find(slug)
    if notebook is None:
        raise FolderError(f"there is no {slug}.ipynb in this folder; go to the folder of your notebook")
    if not yes:
        click.confirm(f"Begin {notebook} again? Your work is kept beside it.", abort=True)
    backup = begin_again(slug, notebook)
    click.echo(f"{notebook} is the untouched exercise again (your learner cell was kept); your work lies in {backup}")
    click.echo("If Jupyter has the notebook open: close it there without saving, and open it anew.")
