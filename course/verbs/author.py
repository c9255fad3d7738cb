"""The author's verbs: build, audit."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .shared import PATH, PERSON


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if an exercise is stale.")
def build(assignments: tuple[str, ...], only_check: bool) -> None:
    """Build exercises/NN_slug.ipynb from solutions/NN_slug.py, for all assignments or those named."""
    from ..author.build import build as build_one
    from ..author.build import is_current, write_exercise
    from ..author.places import repository, slug_of, slugs

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


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--json", "json_file", type=PATH, help="Write counts, problems, kill matrix and unclear pairs here.")
@click.option("--matrix", is_flag=True, help="Show which check catches which mistakes.")
@click.option("--jobs", type=click.IntRange(1), help="Judging processes side by side; default: one a core.")
@click.option("--blind", is_flag=True, help="Instead: judge the answers that were written blind, and count true names.")
def audit(assignments: tuple[str, ...], json_file: Path | None, matrix: bool, jobs: int | None, blind: bool) -> None:
    """Let all assignments, or those named, prove themselves: right answers pass, known mistakes fail and are named."""
    from ..author.places import repository, slug_of, slugs
    from ..learn.exercises import UnknownAssignment

    root = repository()
    try:
        chosen = [slug_of(name) for name in assignments] or slugs()
    except UnknownAssignment as error:
        raise click.BadParameter(str(error)) from None
    if json_file is not None and not json_file.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {json_file.parent} to write into", param_hint="--json")
    if blind:
        from ..audit.blind import measure

        sys.exit(measure(chosen if assignments else None, root, jobs))
    from ..audit.report import audit as audit_all

    sys.exit(audit_all(chosen, root, json_file, matrix, jobs))
