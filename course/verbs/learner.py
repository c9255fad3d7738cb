"""The learner's verbs: check, hint, status, submit, reset."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .shared import PATH, PERSON, coloured, warn

if TYPE_CHECKING:
    from ..learn.handin import Look, Receipt, Saved


@click.command()
@click.argument("assignment")
@click.option("--notebook", type=PATH, help="Your notebook; default: the one here, else the untouched exercise.")
@click.option("--gpu", is_flag=True, help="Run them with the arrays on a GPU, through CuPy.")
def check(assignment: str, notebook: Path | None, gpu: bool) -> None:
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
    click.echo(f"Checking {here}{' on the GPU' * gpu}\n")
    open_tasks: list[str] = []
    optional: list[str] = []
    for report in check_notebook(here, exercise, gpu=gpu):
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
        stuck = "Points are for the CPU: course check" if gpu else "Stuck? course hint"
        click.echo(f"Still to do{' on the GPU' * gpu}: {', '.join(open_tasks)}. {stuck} {assignment}")
        sys.exit(PERSON)
    there = " on the GPU; grades are made on the CPU." if gpu else "; hidden checks at grading look further."
    click.echo(f"All visible checks pass{there}")


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
    from ..learn.handin import standing

    told = list(lines())
    for line in told:
        click.echo(line)
        for handed in [] if line.startswith(" ") else standing(line.partition(":")[0]):
            click.echo(f"    {handed}")
    if not told:
        click.echo("No assignment is installed.")


@click.command()
@click.argument("assignment")
@click.option("--notebook", type=PATH, help="Your notebook; default: the one here.")
@click.option("--zip", "archive", is_flag=False, flag_value="", help="Make a zip file to upload; default: beside it.")
@click.option("--anyway", is_flag=True, help="Hand in even what grading will not be able to read.")
def submit(assignment: str, notebook: Path | None, archive: str | None, anyway: bool) -> None:
    """Hand in the saved notebook of ASSIGNMENT: by nbgrader's exchange where there is one, else as a zip file."""
    from datetime import UTC, datetime

    from ..learn.exercises import exercises, resolve
    from ..learn.handin import HandinError, another, look, saved

    slug = resolve(assignment)
    item = saved(slug, notebook)
    found = look(item.data, exercises()[slug])
    other = "" if notebook else another(slug, item)
    click.echo("\n".join([*item.said(datetime.now(UTC)), *filter(None, [other]), *found.said(), ""]))
    if found.problems and not anyway:
        raise HandinError(" ".join([*found.problems, "Nothing was handed in; with --anyway it goes in as it is."]))
    warn(*found.problems)
    if archive is not None or not _by_exchange(slug, item, found):
        _as_zip(slug, item, found, archive)


def _by_exchange(slug: str, item: Saved, found: Look) -> bool:
    """Hand in by nbgrader's exchange; False where there is none for this course."""
    from datetime import UTC, datetime

    from ..learn.handin import Receipt, last

    try:
        from ..classroom.doors import handin
    except ImportError as error:  # learners need no nbgrader; one that is broken is worth a word
        missing = isinstance(error, ModuleNotFoundError)
        warn("" if missing else f"nbgrader is installed, but cannot be used ({error}).")
        return False
    place, why = handin.exchange(found.course_id)
    warn(why)
    if place is None:
        return False
    who, note = handin.submitter(place, found.learner_id)
    warn(note)
    before = last(slug, "exchange")
    if before is not None and (before.learner, Path(before.where).parent) == (who, place.inbound):
        if handin.there(before.where, slug, item.data):
            click.echo(f"It is in nbgrader's exchange already, as it is now. Nothing is to be done.\n\n{before.text()}")
            return True
    folder, note = handin.submit(place, slug, item.data, who)
    warn(note)
    receipt = Receipt.of(slug, item, replace(found, course_id=place.course), datetime.now(UTC), "exchange", who)
    click.echo(f"Handed in by nbgrader's exchange {place.root}.\n")
    _keep(replace(receipt, where=str(folder)))
    return True


def _as_zip(slug: str, item: Saved, found: Look, archive: str | None) -> None:
    """Write the zip file that is to be uploaded, and say so."""
    from datetime import UTC, datetime

    from ..learn.handin import Receipt, archive_name, last, pack

    name = archive_name(slug, found.learner_id)
    wanted = Path(archive) if archive else item.path.with_name(name)
    receipt = Receipt.of(slug, item, found, datetime.now(UTC), "zip")
    path, new = pack(slug, item, receipt, (wanted / name if wanted.is_dir() else wanted).absolute())
    click.echo(f"{'Packed' if new else 'It is packed already, as it is now'}: {path}")
    click.echo("It is not handed in yet: upload this file to the assignment on your course's page.")
    click.echo(f"Where that page takes no zip files, upload the notebook instead, which counts as well: {item.path}\n")
    before = last(slug, "zip")
    same = not new and before is not None and (before.where, before.digest) == (str(path), item.digest)
    _keep(before if same and before is not None else replace(receipt, where=str(path)))


def _keep(receipt: Receipt) -> None:
    """Show the receipt and keep it."""
    from ..learn.handin import remember

    click.echo(receipt.text(), nl=False)
    if not remember(receipt):
        warn("the receipt could not be kept on this machine; copy it from here")


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
