"""What `course` alone says: where you stand, and the next sensible command."""

from __future__ import annotations

from pathlib import Path

from .learn.exercises import exercises
from .learn.folder import find
from .learn.progress import standing as progress


def standing(folder: Path | None = None) -> str:
    """A few lines for the folder that one stands in: learner's notebooks, an instructor's course home, or neither."""
    folder = folder or Path.cwd()
    known = exercises()
    lines = [f"Installed: {', '.join(known) or 'no assignment'}."]
    here = [slug for slug in known if find(slug, folder)]
    if here:
        lines.append(f"In this folder: {', '.join(here)}. Next: course {_next(here)}")
    elif (folder / "course.toml").is_file():
        lines.append(
            "This is a course home. Next: course release, collect, grade or feedback; course doctor looks it over."
        )
    elif (folder / ".course" / "course.toml").is_file():
        lines.append("There is a course home here, .course. Next: course release, collect, grade or feedback.")
    elif known:
        first = next(iter(known))
        lines.append(f"Begin: copy {known[first]} here, open it in Jupyter, and run: course check {first[:2]}")
    lines.append("All verbs: course --help")
    return "\n".join(lines)


def _next(here: list[str]) -> str:
    """The first of ``here`` that is not done; after the last one, how far all of them are."""
    for slug in here:
        tasks = progress(slug)
        if not tasks or not all(one.done for one in tasks.values()):
            return f"check {slug[:2]}"
    return "status"
