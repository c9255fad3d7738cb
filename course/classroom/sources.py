"""Where an assignment is written: an instructor's own, in the course home, before the repository's."""

from __future__ import annotations

from pathlib import Path

from ..author.build import BuildError, Built, build, build_text
from ..author.places import slugs
from ..learn.exercises import resolve
from .home import Home, HomeError

FOLDER = "assignments"
"""The folder of the course home that holds an instructor's own assignments: ``NN_slug.py`` and ``test_NN_slug.py``."""


def own(home: Home) -> dict[str, Path]:
    """The instructor's own assignments, slug to solution script, in order."""
    return {path.stem: path for path in sorted((home.path / FOLDER).glob("[0-9][0-9]_*.py"))}


def known(home: Home, root: Path) -> list[str]:
    """All assignments that this home could release, in order; own ones take the place of others of their number."""
    mine = own(home)
    numbers = {slug[:2] for slug in mine}
    return sorted([*mine, *(slug for slug in slugs(root) if slug[:2] not in numbers)])


def slug_of(home: Home, name: str, root: Path) -> str:
    """The assignment that ``02``, ``2`` or a slug means; `UnknownAssignment` lists what there is."""
    return resolve(name, {slug: Path(slug) for slug in known(home, root)})


def built(home: Home, slug: str, root: Path) -> Built:
    """Build ``slug`` from the instructor's own sources where there are any, else from those under ``root``."""
    script = own(home).get(slug)
    if script is None:
        return build(slug, root)
    hidden = script.with_name(f"test_{slug}.py")
    if not hidden.is_file():
        raise BuildError(f"there is no {hidden}; an assignment needs both of its sources")
    return build_text(script.read_text(encoding="utf-8"), hidden.read_text(encoding="utf-8"), slug)


def factor(home: Home, slug: str) -> float:
    """The factor on its points; `HomeError` where `course.toml` chose other assignments."""
    entry = home.settings.entry(slug)
    if entry is None:
        chosen = ", ".join(home.settings.assignments)
        raise HomeError(
            f"{slug} is not among the assignments that course.toml chose ({chosen}); add a line [assignments.{slug}]"
        )
    return entry.points
