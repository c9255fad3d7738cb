"""A regrade on screen: what differs between the bundles, then who gets another result, before anything counts."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ...bundle.freeze import Bundle, latest
from ...terminal import wide_console
from ...wording import count
from ..home import Home
from ..show import number, one_line
from . import kept
from .grade import ClassGrades
from .regrade import Change, Look, look
from .tables import to_read
from .versions import differences


def look_with_progress(home: Home, slug: str, learners: Iterable[str] | None, bundle: Bundle | None, jobs: int) -> Look:
    """`regrade.look` with a progress bar, after a table of what differs between the bundles."""
    console = wide_console()
    if bundle is not None:
        _print_bundles(console, home, slug, bundle)
    columns = (TextColumn("judge {task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=None, visible=False)

        def show(learner: str, done: int, total: int) -> None:
            progress.update(bar, description=one_line(learner), completed=done, total=total, visible=True)

        return look(home, slug, learners=learners, bundle=bundle, jobs=jobs, progress=show)


def _print_bundles(console: Console, home: Home, slug: str, bundle: Bundle) -> None:
    """For each bundle that counts for somebody now: what is different in ``bundle``."""
    used = [verdict.bundle for verdict in kept.counted(home, slug).values()]
    released = latest(home.bundles, slug)
    names = sorted(set(used), key=lambda name: -used.count(name)) or ([released.hash] if released else [])
    for name in names:
        found = differences(Bundle.open(home.bundles / slug / name), bundle)
        who = count(used.count(name), "learner")
        if not found:
            console.print(f"{who} graded by this bundle already ({name[:12]}).", highlight=False)
            continue
        table = Table(title=f"{slug}: what differs from bundle {name[:12]} ({who}) to {bundle.hash[:12]}")
        for column in ("task", "what", "before", "now"):
            table.add_column(column)
        for row in found:
            table.add_row(*(Text(one_line(text)) for text in row))
        console.print(table)


def print_look(home: Home, seen: Look) -> None:
    """Who gets another result; then how many stay, and what a person must look at."""
    console = wide_console()
    names = home.roster
    if seen.changes:
        table = Table(title=f"{seen.slug}: other results")
        for column in ("learner", "task", "before", "now", "by hand"):
            table.add_column(column)
        for change in seen.changes:
            table.add_row(*_row(change, names[change.learner].name))
        console.print(table)
    for text in sentences(seen):
        console.print(text, markup=False, soft_wrap=True, highlight=False)


def _row(change: Change, name: str) -> tuple[Text, ...]:
    who = change.learner if name == change.learner else f"{change.learner} ({name})"
    by_hand = "" if change.manual is None else f"{number(change.manual)} stays"
    cells = (who, change.task, change.before, change.now, by_hand)
    return tuple(Text(one_line(cell)) for cell in cells)


def sentences(seen: Look) -> list[str]:
    """What is to be said besides the table."""
    found = [f"review: {one_line(item.learner)}: {one_line(item.sentence)}" for item in seen.review]
    if seen.unstable:
        found.append(
            f"TWO VERDICTS DIFFER on the same file, judged by the same checks: {', '.join(seen.unstable)}. Something "
            "in them is not the same each time: look at their cells, and at the checks, before you let this count."
        )
    total, changed = len(seen.now), len(seen.changed)
    if not total:
        return [*found, f"Nothing to judge again: no submission of {seen.slug} is graded."]
    if not changed:
        text = f"The same results again: all {count(total, 'verdict')} stay."
    else:
        text = f"{count(changed, 'learner')} of {total} with another result; {total - changed} stay as they were."
    if seen.reworded:
        text += f" {len(seen.reworded)} of those that stay are told so in other words."
    if seen.moved:
        text += f" {count(len(seen.moved), 'submission')} would be graded by another bundle than before."
    return [*found, text]


def print_settled(seen: Look, grades: ClassGrades) -> None:
    """What was written, and what a person must look at."""
    console = wide_console()
    for item in grades.review:
        console.print(
            f"review: {one_line(item.learner)}: {one_line(item.sentence)}",
            markup=False,
            soft_wrap=True,
            highlight=False,
        )
    for text in to_read(grades):
        console.print(text, markup=False, soft_wrap=True, highlight=False)
    text = (
        f"{count(len(seen.changed), 'learner')} with another result; {count(len(grades.written), 'notebook')} written."
    )
    console.print(
        f"{text} The verdicts from before stay in the journal.", markup=False, soft_wrap=True, highlight=False
    )
