"""Where the repository is, for those who have one: instructors and authors."""

from __future__ import annotations

from pathlib import Path

from ..learn.exercises import resolve

REPOSITORY = Path(__file__).resolve().parents[2]


class NoRepository(RuntimeError):
    """This is a learner's install: there are no solutions here."""


def repository() -> Path:
    """The root of the clone that this package was installed from; `NoRepository` for a wheel."""
    if not (REPOSITORY / "solutions").is_dir():
        raise NoRepository(
            "this needs the repository with its solutions, which a learner's wheel does not hold; "
            'clone it and install it with pip install -e ".[staff]"'
        )
    return REPOSITORY


def slugs(root: Path | None = None) -> list[str]:
    """The assignments that have a solution script, in order."""
    folder = (root or repository()) / "solutions"
    return sorted(path.stem for path in folder.glob("[0-9][0-9]_*.py"))


def slug_of(name: str) -> str:
    """The slug that an author means by ``02``, ``2`` or the slug; `UnknownAssignment` lists what there is."""
    return resolve(name, {slug: Path(slug) for slug in slugs()})
