"""A class's grades on screen: a progress bar while they are made, a table when they are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ...grade.verdict import MANUAL, STATUSES, TaskVerdict, Verdict
from ...terminal import wide_console
from ...wording import count
from ..gradebook import Row
from ..home import Home
from ..show import WORDS, number
from .grade import ClassGrades, grade_class

if TYPE_CHECKING:
    from ...grade.machines.cluster import Machines

_STYLES = {"passed": "green", "failed": "yellow", MANUAL: "cyan", "fault": "bold red"}


def grade_with_progress(
    home: Home,
    slug: str,
    *,
    learners: Iterable[str] | None = None,
    jobs: int = 1,
    force: bool = False,
    machines: Machines | None = None,
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

        return grade_class(home, slug, learners=learners, jobs=jobs, force=force, machines=machines, progress=show)


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
    word = "to be read" if task.status == MANUAL else task.status
    return Text(f"{word}\n{number(score)}", style=_STYLES.get(task.status, "red"))


def tasks_table(slug: str, grades: ClassGrades) -> Table:
    """A large class in a few lines: for each task how many have which status, and what they have on average."""
    verdicts = list(grades.verdicts.values())
    table = Table(title=f"{slug}: {count(len(verdicts), 'learner')}")
    table.add_column("task")
    found = Counter(task.status for verdict in verdicts for task in verdict.tasks)
    shown = [status for status in STATUSES if found[status]]
    for status in shown:
        table.add_column(WORDS[status], justify="right")
    table.add_column("mean", justify="right")
    for number_, task in enumerate(verdicts[0].tasks):
        column = [verdict.tasks[number_] for verdict in verdicts if len(verdict.tasks) > number_]
        counts = Counter(one.status for one in column)
        rows = [grades.row(verdict.learner, task.name) for verdict in verdicts]
        known = [row.score for row in rows if row is not None and row.score is not None]
        mean = f"{number(sum(known) / len(known)) if known else '-'} / {number(task.maximum)}"
        cells = [Text(str(counts[status] or ""), style=_STYLES.get(status, "red")) for status in shown]
        table.add_row(task.name, *cells, mean)
    return table


def say(console: Console, grades: ClassGrades, *, sentences: bool = True) -> None:
    """The sentence that a learner reads on each task that is not passed, then what a person must look at."""
    for learner, verdict in sorted(grades.verdicts.items()) if sentences else ():
        for text in _said(verdict, grades):
            console.print(f"{learner:<8} {text}", markup=False, soft_wrap=True)
    for note in grades.notes:
        console.print(note, markup=False, soft_wrap=True)
    for review in grades.review:
        console.print(f"review: {review.learner}: {review.sentence}", markup=False, soft_wrap=True)


def _said(verdict: Verdict, grades: ClassGrades) -> Iterator[str]:
    """What is said of each task that is not passed; those that are not begun in one line."""
    rows = {task.name: grades.row(verdict.learner, task.name) for task in verdict.tasks}
    open_ = [task for task in verdict.tasks if task.status not in {"passed", MANUAL}]
    told = [task for task in open_ if (row := rows[task.name]) is None or row.manual is None]
    begun = [task for task in told if task.sentence != f"`{task.name}` is not written yet."]
    if names := [task.name for task in told if task not in begun]:
        yield f"not written yet: {', '.join(names)}"
    for task in begun:
        yield f"{task.name}: {task.sentence}"


LARGE = 30
"""With more learners than this, the screen shows counts a task; the report shows everybody."""


def print_grades(slug: str, grades: ClassGrades) -> None:
    """The table, the sentences that learners get, what a person must look at, and a final sentence."""
    console = wide_console()
    large = len(grades.verdicts) > LARGE
    if grades.verdicts:
        console.print((tasks_table if large else grades_table)(slug, grades))
    say(console, grades, sentences=not large)
    if found := sorted({verdict.tier for verdict in grades.verdicts.values() if verdict.tier}):
        console.print(f"Judged in a jail of tier {' and '.join(found)}.", markup=False, highlight=False)
    console.print(summary(slug, grades), markup=False, soft_wrap=True, highlight=False)


def summary(slug: str, grades: ClassGrades) -> str:
    """How many were graded, and what is still open, in one line."""
    if not grades.verdicts and not grades.review:
        return f"Nothing to grade: no submission of {slug} was collected."
    done = f"{len(grades.verdicts)} graded, {len(grades.written)} of them new, {len(grades.review)} to review."
    if undecided := grades.undecided:
        done += (
            f" {count(len(undecided), 'submission')} not decided ({', '.join(undecided)}): an export leaves "
            "them empty until they are graded."
        )
    return " ".join([done, *to_read(grades)])


def to_read(grades: ClassGrades) -> list[str]:
    """A sentence for each task whose texts nobody has read yet."""
    return [
        f"{task} of {count(len(learners), 'learner')} waits for a person (formgrader)."
        for task, learners in grades.waiting.items()
    ]
