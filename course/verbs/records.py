"""The instructor's verbs for what leaves the course home: export, forget, reveal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..wording import count
from .shared import DONE, PATH, PERSON, home_option, warn


@click.command()
@click.argument("assignments", nargs=-1)
@click.option(
    "--to",
    "form",
    type=click.Choice(["csv", "canvas", "moodle"]),
    default="csv",
    show_default=True,
    help="A plain table (csv), or a file that the gradebook of Canvas or Moodle imports.",
)
@click.option("--out", type=PATH, help="Where to write it; default: the folder exported of the course home.")
@click.option(
    "--missing",
    type=click.Choice(["empty", "zero"]),
    default="empty",
    show_default=True,
    help="What those have who handed in nothing before their deadline.",
)
@home_option
def export(home: Any, assignments: tuple[str, ...], form: str, out: Path | None, missing: str) -> None:
    """Write the grades of ASSIGNMENTS (all that were released, if none is named) to a CSV file.

    Exits with 1 where a grade is not decided: its cell stays empty, and nobody gets a 0 for it.
    """
    from ..classroom.desk.export import export as write
    from ..classroom.desk.export import gather, remarks

    slugs = list(dict.fromkeys(home.slug(name) for name in assignments)) or home.assignments
    if not slugs:
        click.echo("Nothing to export: no assignment was released.\nNext: course release 02")
        return
    grades = gather(home, slugs, zero=missing == "zero")
    path = write(home, form, grades, out)
    what = f"{count(len(home.roster), 'learner')}, {count(len(slugs), 'assignment')}"
    click.echo(f"The grades ({what}) are in {path}; only you can read it.")
    waiting, known = remarks(home, form, grades)
    warn(*known, *waiting)
    sys.exit(PERSON if waiting else DONE)


@click.command()
@click.argument("learner")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def forget(home: Any, learner: str, yes: bool) -> None:
    """Remove all that the course home and its exchange hold of LEARNER; it cannot be undone."""
    from ..classroom.desk.forget import forget as remove
    from ..classroom.desk.forget import plan

    steps = plan(home, learner)
    click.echo(f"Of {learner}, this will be removed for good:")
    for step in steps:
        click.echo(f"  {step.count:>6}  {step.what}")
    if not yes:
        click.confirm("Remove it?", abort=True)
    left = remove(home, learner)
    click.echo(f"{learner} is forgotten here.")
    click.echo("What no command can reach: " + "; ".join(left.elsewhere))
    warn(*left.here)
    sys.exit(PERSON if left.here else DONE)


@click.command()
@click.argument("assignment")
@click.option("--although-open", is_flag=True, help="Reveal an assignment that has no due date.")
@home_option
def reveal(home: Any, assignment: str, although_open: bool) -> None:
    """Publish the solution of ASSIGNMENT, after everybody's deadline."""
    from ..classroom.desk.reveal import reveal as publish

    done = publish(home, home.slug(assignment), although_open=although_open)
    word = "is" if done.changed else "was already"
    click.echo(f"The solution {word} in {done.notebook}")
    click.echo(f"Learners get it from the exchange: nbgrader fetch_assignment {done.name}" if done.there else done.why)
    warn(done.note)
