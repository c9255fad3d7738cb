"""The terminal, for all rooms that print tables."""

from __future__ import annotations

from rich.console import Console


def wide_console() -> Console:
    """A console of the terminal's width; where there is no terminal, wide enough for a class's table."""
    console = Console()
    return console if console.is_terminal else Console(width=140)
