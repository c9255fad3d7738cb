"""A class's grades on screen: a progress bar while they are made, a table when they are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ..grade.verdict import TaskVerdict
from .grade import ClassGrades, grade_class
from .home import Home
from .show import number

_STYLES = {"passed": "green", "failed": "yellow", "fault": "bold red"}


def grade_with_progress(
    home: Home, slug: str, *, learners: Iterable[str] | None = None, jobs: int = 1, force: bool = False
) -> ClassGrades:
    """`grade_class` with a progress bar."""
    columns = (
        TextColumn("grade {task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=wide_console()) as progress:
        bar = progress.add_task("", total=None)

        def show(learner: str, done: int, total: int) -> None:
            progress.update(bar, description=learner, completed=done, total=total)

        return grade_class(home, slug, learners=learners, jobs=jobs, force=force, progress=show)


def grades_table(slug: str, grades: ClassGrades, notes: Mapping[str, str] | None = None) -> Table:
    """Learner by task: status and points; below each learner the sentences that they read."""
    verdicts = [verdict for _, verdict in sorted(grades.verdicts.items())]
    table = Table(title=slug, show_lines=True)
    table.add_column("learner")
    for task in verdicts[0].tasks if verdicts else ():
        table.add_column(f"{task.name}\n{number(task.maximum)}")
    table.add_column("score", justify="right")
    for verdict in verdicts:
        name = Text(verdict.learner, style="bold")
        if notes and verdict.learner in notes:
            name.append(f"\n{notes[verdict.learner]}", style="not bold dim")
        table.add_row(name, *map(_task, verdict.tasks), f"{number(verdict.score)} / {number(verdict.maximum)}")
    return table


def _task(task: TaskVerdict) -> Text:
    return Text(f"{task.status}\n{number(task.score)}", style=_STYLES.get(task.status, "red"))


def say(console: Console, grades: ClassGrades) -> None:
    """The sentence that a learner reads on each task that is not passed, then what a person must look at."""
    for learner, verdict in sorted(grades.verdicts.items()):
        for task in verdict.tasks:
            if task.status != "passed":
                console.print(f"{learner:<8} {task.name}: {task.sentence}", markup=False, soft_wrap=True)
    for review in grades.review:
        console.print(f"review: {review.learner}: {review.sentence}", markup=False, soft_wrap=True)


def wide_console() -> Console:
    """A console of the terminal's width; where there is no terminal, wide enough for a class's table."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def print_grades(slug: str, grades: ClassGrades) -> None:
    """The table, the sentences that learners get, and what a person must look at."""
    console = wide_console()
    console.print(grades_table(slug, grades))
    say(console, grades)
    console.print(f"{len(grades.verdicts)} graded, {len(grades.written)} of them new, {len(grades.review)} to review.")
