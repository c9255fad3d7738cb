"""A class's grades on screen: a progress bar while they are made, a table when they are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ..grade.verdict import TaskVerdict
from ..terminal import wide_console
from ..wording import count
from .grade import ClassGrades, grade_class
from .gradebook import Row
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
        bar = progress.add_task("", total=None, visible=False)

        def show(learner: str, done: int, total: int) -> None:
            progress.update(bar, description=learner, completed=done, total=total, visible=True)

        return grade_class(home, slug, learners=learners, jobs=jobs, force=force, progress=show)


def grades_table(slug: str, grades: ClassGrades, notes: Mapping[str, str] | None = None) -> Table:
    """Learner by task: status and points as the gradebook holds them, so that a person's score wins."""
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
        score = grades.held[verdict.learner].score if verdict.learner in grades.held else verdict.score
        tasks = [_task(task, grades.row(verdict.learner, task.name)) for task in verdict.tasks]
        table.add_row(name, *tasks, f"{number(score)} / {number(verdict.maximum)}")
    return table


def _task(task: TaskVerdict, row: Row | None) -> Text:
    if row is not None and row.manual is not None:
        return Text(f"manual\n{number(row.score)}", style="cyan")
    score = task.score if row is None else row.score
    return Text(f"{task.status}\n{number(score)}", style=_STYLES.get(task.status, "red"))


def say(console: Console, grades: ClassGrades) -> None:
    """The sentence that a learner reads on each task that is not passed, then what a person must look at."""
    for learner, verdict in sorted(grades.verdicts.items()):
        for task in verdict.tasks:
            row = grades.row(learner, task.name)
            if task.status != "passed" and (row is None or row.manual is None):
                console.print(f"{learner:<8} {task.name}: {task.sentence}", markup=False, soft_wrap=True)
    for note in grades.notes:
        console.print(note, markup=False, soft_wrap=True)
    for review in grades.review:
        console.print(f"review: {review.learner}: {review.sentence}", markup=False, soft_wrap=True)


def print_grades(slug: str, grades: ClassGrades) -> None:
    """The table, the sentences that learners get, what a person must look at, and a final sentence."""
    console = wide_console()
    if grades.verdicts:
        console.print(grades_table(slug, grades))
    say(console, grades)
    console.print(summary(slug, grades), markup=False, soft_wrap=True, highlight=False)


def summary(slug: str, grades: ClassGrades) -> str:
    """How many were graded, and what is still open, in one line."""
    if not grades.verdicts and not grades.review:
        return f"Nothing to grade: no submission of {slug} was collected."
    done = f"{len(grades.verdicts)} graded, {len(grades.written)} of them new, {len(grades.review)} to review."
    if undecided := grades.undecided:
        done += (
            f" {count(len(undecided), 'submission')} not decided ({', '.join(undecided)}): nbgrader's export shows "
            "what is not decided as 0 until it is graded."
        )
    return done
