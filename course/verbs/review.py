"""The instructor's verbs after grading: what a person must look at, and judging again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .shared import DONE, PATH, PERSON, home_option


@click.command()
@click.argument("assignment", required=False)
@click.option("--json", "json_file", type=PATH, help="Write everything that is listed here, too.")
@home_option
def review(home: Any, assignment: str | None, json_file: Path | None) -> None:
    """List what a person must look at in ASSIGNMENT, or in all that were released; exits with 1 if there is any."""
    from ..classroom.grading.review import print_review, review_class, write_review

    slugs = [home.slug(assignment)] if assignment else home.assignments
    reviews = [review_class(home, slug) for slug in slugs]
    for one in reviews:
        print_review(one)
    if not reviews:
        click.echo("Nothing was released from this home yet.")
    if json_file is not None:
        write_review(json_file, reviews)
    sys.exit(PERSON if any(one.needs_person for one in reviews) else DONE)


@click.command()
@click.argument("assignment")
@click.option("--reason", default="", help="Why; learners whose result changes read it on their page.")
@click.option("--learner", multiple=True, help="Only this learner; may be repeated.")
@click.option(
    "--bundle",
    "wanted",
    default="",
    help="Judge by this version: current (built from the repository now), released, or a bundle's name. Default: by "
    "the one that counts for each submission.",
)
@click.option("--dry-run", is_flag=True, help="Show the difference, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before the new verdicts count.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Judging processes side by side.")
@home_option
def regrade(
    home: Any, assignment: str, reason: str, learner: tuple[str, ...], wanted: str, dry_run: bool, yes: bool, jobs: int
) -> None:
    """Judge the submissions of ASSIGNMENT again; show what differs first, and let it count when you say so."""
    from ..author.places import REPOSITORY
    from ..classroom.grading import difference
    from ..classroom.grading import regrade as regrading

    slug = home.slug(assignment)
    if not dry_run and not reason.strip():
        raise click.UsageError("regrading needs a reason, which learners read: --reason TEXT (or look with --dry-run)")
    bundle = regrading.target(home, slug, wanted, REPOSITORY)
    seen = difference.look_with_progress(home, slug, learner or None, bundle, jobs)
    difference.print_look(home, seen)
    stop = PERSON if seen.review or seen.unstable else DONE
    if dry_run or seen.idle:
        click.echo("Nothing was changed.")
        sys.exit(stop)
    if not yes and not click.confirm("Let the new verdicts count?"):
        click.echo("Nothing was changed; the verdicts from before count.")
        sys.exit(stop)
    grades = regrading.settle(home, seen, reason, jobs=jobs)
    difference.print_settled(seen, grades)
    click.echo(f"Next: course feedback {assignment}")
    sys.exit(PERSON if seen.review or grades.needs_person else DONE)
