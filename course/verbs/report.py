"""The instructor's verb that looks at the whole class: report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..wording import count
from .shared import PATH, home_option


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--out", type=PATH, help="Where to write the page; default: report.html in the course home.")
@home_option
def report(home: Any, assignments: tuple[str, ...], out: Path | None) -> None:
    """Write one page about the class: scores, what was hard, what went wrong, who is missing, who is alike.

    It is about ASSIGNMENTS, or about all that were released, and for the instructor alone.
    """
    from ..classroom.pages.report import write_report

    done = write_report(home, [home.slug(name) for name in assignments], out)
    about = f"{count(len(done.assignments), 'assignment')} and {count(len(home.roster), 'learner')}"
    click.echo(f"The report on {about} is {done.path}; only you can read it, because it holds names and scores.")
    if done.pairs:
        click.echo(f"{count(done.pairs, 'near-identical pair')} shown: a reason to look, never a proof.")
    for slug, number in done.waiting.items():
        click.echo(f"{count(number, 'submission')} of {slug} not graded yet; next: course grade {slug[:2]}")
