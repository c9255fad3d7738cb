"""Releasing an assignment: build, freeze, nbgrader's gradebook, exchange; each step checked by its effect."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseAssignment

from ...author.build import Built, weighted
from ...author.places import REPOSITORY
from ...bundle.cells import scored
from ...bundle.freeze import Bundle, freeze, latest
from ...bundle.notebook import to_text
from ...grade.proof import prove
from .. import gradebook, sources
from ..home import Home, HomeError, write_text
from ..nbconfig import NbgraderFailed, run, write_config
from ..schedule import now

_DEFINED = re.compile(r"(?m)^def[ \t]+(\w+)")


@dataclass(frozen=True)
class Released:
    """An assignment that learners can fetch: its bundle, the notebook in the exchange, and whether that is new."""

    slug: str
    bundle: str
    notebook: Path
    points: float
    changed: bool


def release(home: Home, slug: str, *, root: Path = REPOSITORY) -> Released:
    """Build ``slug`` from the sources under ``root``, freeze it and let learners have it; safe to run again.

    No solution enters nbgrader's folders or its database: what lies in ``source/`` is the exercise. `HomeError`
    says what went wrong, `BuildError` what is wrong with the assignment.
    """
    write_config(home)  # course.toml may have been edited
    made, factor = sources.built(home, slug, root), sources.factor(home, slug)
    built = weighted(made, factor)
    _refuse_other_cells(home, slug, built.notebook)
    _refuse_open_answers(home, built)
    if problems := prove(made):
        raise HomeError(f"{slug} is not fit for release, so nothing was changed: {'; '.join(problems[:3])}")
    bundle = freeze(home.bundles, built)
    text = to_text(bundle.release_notebook(home.settings.course_id))
    _write_source(home, slug, text)
    gradebook.enrol(home)
    _generate(home, slug, bundle)
    gradebook.apply_dates(home, slug)
    there, changed = _to_exchange(home, slug)
    return Released(slug, bundle.hash, there, bundle.contract.total, changed)


def _refuse_other_cells(home: Home, slug: str, notebook: dict) -> None:
    """nbgrader would refuse other cells too, but only after the bundle that grades are made from had been replaced."""
    have, submissions = gradebook.all_cells(home, slug)
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"]]
    want = {mark["grade_id"]: mark.get("points", 0.0) for mark in marks}
    if submissions and have != want:
        changed = sorted({name for name, _ in have.items() ^ want.items()})
        raise HomeError(
            f"{slug} has {submissions} graded submissions, and its cells or their points have changed ({changed}); "
            "give the new version another number, or leave them as they were"
        )


def _refuse_open_answers(home: Home, built: Built) -> None:
    """Given cells hold earlier functions' solutions, which nobody may see who can still hand those in."""
    given = "\n".join(cell.source for cell in built.skeleton if cell.kind == "given")
    defined = set(_DEFINED.findall(given))
    for slug in home.assignments if defined else ():
        bundle, closed = latest(home.bundles, slug), home.closed(slug)
        shown = sorted(defined & set(bundle.contract.points)) if bundle and slug != built.contract.slug else []
        if shown and (closed is None or closed > now()):
            until = "has no due date" if closed is None else f"is open until {closed:%Y-%m-%d %H:%M} UTC"
            raise HomeError(
                f"{built.contract.slug} shows {', '.join(shown)} of {slug}, which {until}; release it after that"
            )


def _write_source(home: Home, slug: str, text: str) -> None:
    path = home.notebook("source", slug)
    others = [item.name for item in path.parent.glob("*") if item.name not in (path.name, ".ipynb_checkpoints")]
    if others:
        raise HomeError(f"{path.parent} holds {others} too, which nbgrader would give to learners; move them away")
    write_text(path, text)


def _generate(home: Home, slug: str, bundle: Bundle) -> None:
    try:
        run(home, GenerateAssignment, (NbGraderException,), slug, force=True)
    except NbgraderFailed as error:
        raise HomeError(f"nbgrader could not take up {slug}: {error}") from None
    want = {name: bundle.contract.points[task] for name, task in scored(bundle.skeleton).items()}
    have = gradebook.cells(home, slug)
    if have != want:
        raise HomeError(f"after releasing {slug} the gradebook holds {have} instead of {want}; release it again")
    if _sources(home.notebook("release", slug)) != _sources(home.notebook("source", slug)):
        raise HomeError(f"{home.notebook('release', slug)} is not what was built for {slug}; release it again")


def _sources(path: Path) -> list[Any]:
    """The cells' texts of a notebook of ours; nothing when it is not there."""
    if not path.is_file():
        return []
    return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]


def _to_exchange(home: Home, slug: str) -> tuple[Path, bool]:
    made = home.notebook("release", slug)
    there = home.exchange / home.settings.course_id / "outbound" / slug / made.name
    if there.is_file() and there.read_bytes() == made.read_bytes():
        return there, False  # a learner may be fetching it at this moment
    try:
        run(home, ExchangeReleaseAssignment, (ExchangeError, OSError), slug, force=True)
    except NbgraderFailed as error:
        raise HomeError(f"{slug} could not be put into the exchange: {error}") from None
    if not there.is_file() or there.read_bytes() != made.read_bytes():
        raise HomeError(f"{slug} did not arrive at {there}; look at the permissions of {home.exchange}")
    return there, True
