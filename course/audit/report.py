"""The audit of some or all assignments on screen and as JSON: counts, the kill matrix, and what is to be mended."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..author.build import BuildError, build
from ..author.marks import MarkError, read_marks
from ..bundle.cells import CellError
from ..bundle.contract import ContractError
from ..grade.bench import Bench
from ..grade.process import JudgeError
from ..terminal import wide_console
from . import texts
from .gate import THREADS, Findings, run, size

UNBUILT = (BuildError, MarkError, CellError, ContractError, SyntaxError)


def audit(
    slugs: Sequence[str], root: Path, json_file: Path | None = None, matrix: bool = False, jobs: int | None = None
) -> int:
    """Audit ``slugs``; print a table, the kill matrices if asked for, and every problem. 0 if there is none, else 1."""
    console = wide_console()
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        findings = [one(slug, root, progress, jobs or cores()) for slug in slugs]
    console.print(_table(findings))
    for line in _remarks(findings):
        console.print(line, markup=False, soft_wrap=True)
    for found in findings:
        if matrix:
            console.print(_matrix(found))
        for problem in found.problems:
            console.print(f"{found.slug}: {problem}", style="red", markup=False, soft_wrap=True)
    if json_file is not None:
        json_file.write_text(json.dumps([asdict(found) for found in findings], indent=1) + "\n")
    return 1 if any(found.problems for found in findings) else 0


def cores() -> int:
    """How many processes this one may run side by side."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def one(slug: str, root: Path, progress: Progress, jobs: int = 1) -> Findings:
    """The whole audit of one assignment; what keeps it from being built or judged is a problem like any other."""
    bar = progress.add_task(slug, total=None)

    def step(name: str, steps: int) -> None:
        progress.update(bar, advance=steps, description=f"{slug[:2]} {name}"[:44])

    try:
        built = build(slug, root)
        marks = read_marks(root / "tests" / "hidden" / f"test_{slug}.py")
    except UNBUILT as error:
        return Findings(slug, [str(error)])
    try:
        with Bench(built, jobs=jobs, threads=THREADS, jail=True) as bench:
            progress.update(bar, total=size(bench, marks))
            found = run(bench, marks, step)
    except JudgeError as error:
        found = Findings(slug, [f"the checks could not be run to their end: {error}"])
    progress.update(bar, description=slug)
    found.problems += texts.read(built, marks, root)
    return found


def _table(findings: Sequence[Findings]) -> Table:
    table = Table(title="Audit")
    table.add_column("assignment")
    for name in (
        "alternatives",
        "mistakes",
        "guessed",
        "pairs",
        "masked",
        "unclear",
        "equivalent",
        "checks",
        "problems",
    ):
        table.add_column(name, justify="right")
    for one in findings:
        numbers = (one.alternatives, one.mistakes, one.guesses, one.pairs, len(one.masked), len(one.unclear))
        last = (one.equivalent, len(one.kills), len(one.problems))
        table.add_row(one.slug, *map(str, (*numbers, *last)), style="red" if one.problems else "")
    return table


def _remarks(findings: Sequence[Findings]) -> list[str]:
    """How it was run, and what was not."""
    threads = " and ".join(map(str, THREADS))
    lines = [f"BLAS threads: {threads}. CuPy: not run here; tests/course/test_cupy_cells.py has a stand-in for it."]
    lines += [f"Jail: {tier}, notebook to message." for tier in sorted({one.jail for one in findings if one.jail})]
    lines += sorted({f"Jail: none, mistakes ran at open desks. {one.no_jail}" for one in findings if one.no_jail})
    if any(one.masked or one.unclear for one in findings):
        lines.append(
            "A masked pair behaves like one of its mistakes alone, an unclear one like something else (--json)."
        )
    return lines


def _matrix(found: Findings) -> Table:
    table = Table(title=f"{found.slug}: which check catches which mistakes", show_lines=True)
    table.add_column("check")
    table.add_column("mistakes")
    for check, mistakes in found.kills.items():
        table.add_row(check, ", ".join(name.split("/")[1] for name in mistakes))
    return table
