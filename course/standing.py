"""What `course` alone says: where you stand, and the next sensible command."""

from __future__ import annotations

from pathlib import Path

from .learn.exercises import exercises


def standing(folder: Path | None = None) -> str:
    """A few lines for the folder that one stands in: learner's notebooks, an instructor's course home, or neither."""
    folder = folder or Path.cwd()
    known = exercises()
    here = [slug for slug in known if (folder / f"{slug}.ipynb").is_file() or (folder / slug).is_dir()]
    lines = [f"Installed: {', '.join(known) or 'no assignment'}."]
    if here:
        lines.append(f"In this folder: {', '.join(here)}. Next: course check {here[0][:2]}")
    elif (folder / ".course" / "course.toml").is_file():
        lines.append("There is a course home here. Next: course release, collect, grade or feedback.")
    elif known:
        first = next(iter(known))
        lines.append(f"Begin: copy {known[first]} here, open it in Jupyter, and run: course check {first[:2]}")
    lines.append("All verbs: course --help")
    return "\n".join(lines)
