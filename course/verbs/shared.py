"""What the verbs share: exit codes, the option that names the course home, and warnings."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

PATH: Any = click.Path(path_type=Path)
DONE, PERSON, WRONG_USE = 0, 1, 2
"""Exit codes: done; something needs a person; wrong use."""

folder_option = click.option(
    "--home", "folder", type=PATH, help="The course home; default $COURSE_HOME, else this folder or its .course."
)


def warn(*texts: str) -> None:
    """Sentences on stderr that stop nothing; empty ones are left out."""
    for text in filter(None, texts):
        click.echo(f"course: {text}", err=True)


def home_option(function: Callable) -> Callable:
    """``--home FOLDER``, handed on as a course home that was looked at, and mended where that is safe."""

    @folder_option
    @wraps(function)
    def run(folder: Path | None, **options: Any) -> Any:
        from ..classroom.opening import opened

        home, mended = opened(folder)
        warn(mended)
        return function(home=home, **options)

    return run


def coloured(line: str, tone: str) -> str:
    """``line`` in the colour of its tone, but for people who asked for none (NO_COLOR)."""
    colours = {"ok": "green", "no": "red"}
    return click.style(line, fg=colours[tone]) if tone and not os.environ.get("NO_COLOR") else line
