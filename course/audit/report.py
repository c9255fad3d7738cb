"""The audit of some or all assignments on screen and as JSON: counts, the kill matrix, and what is to be mended."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..author.build import build
from ..author.marks import read_marks
from . import texts
from .gate import Bench, Findings, run, size


def audit(slugs: list[str], root: Path, json_file: Path | None = None, matrix: bool = False) -> int:
    """Audit ``slugs``; print a table, the kill matrices if asked for, and every problem. 0 if there is none, else 1."""
    console = Console()
    console = console if console.is_terminal else Console(width=140)
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        findings = [_one(slug, root, progress) for slug in slugs]
    console.print(_table(findings))
    for found in findings:
        if matrix:
            console.print(_matrix(found))
        for problem in found.problems:
            console.print(f"{found.slug}: {problem}", style="red", markup=False, soft_wrap=True)
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(found) for found in findings], indent=1) + "\n")
    return 1 if any(found.problems for found in findings) else 0


def _one(slug: str, root: Path, progress: Progress) -> Findings:
    built = build(slug, root)
    marks = read_marks(root / "tests" / "hidden" / f"test_{slug}.py")
    bar = progress.add_task(slug, total=size(built, marks))

    def step(name: str) -> None:
        progress.update(bar, advance=1, description=f"{slug[:2]} {name}"[:44])

    with Bench(built) as bench:
        found = run(bench, marks, step)
    progress.update(bar, description=slug)
    found.problems += texts.read(built, marks, root)
    return found


def _table(findings: list[Findings]) -> Table:
    table = Table(title="Audit")
    for name in ("assignment", "alternatives", "mistakes", "guessed", "pairs", "hidden checks that bite", "problems"):
        table.add_column(name, justify="left" if name == "assignment" else "right")
    for one in findings:
        numbers = (one.alternatives, one.mistakes, one.guesses, one.pairs, len(one.kills), len(one.problems))
        table.add_row(one.slug, *map(str, numbers), style="red" if one.problems else "")
    return table


def _matrix(found: Findings) -> Table:
    table = Table(title=f"{found.slug}: which check catches which mistakes", show_lines=True)
    table.add_column("check")
    table.add_column("mistakes")
    for check, mistakes in found.kills.items():
        table.add_row(check, ", ".join(name.split("/")[1] for name in mistakes))
    return table
