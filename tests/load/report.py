"""What was found as a table, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.benchmarks.report import table

Found = dict[str, Any]

HOW = """Every notebook is graded {repeats} times by the real grader in its jail, `jobs = {jobs}`, with its own limits,
without display, while {spinning} processes that do nothing else keep {cores} cores busy. The first notebook of an
assignment is the reference, the k-th after it takes the k-th declared alternative of every task at once (a task with
fewer begins again), so that every alternative is graded, in as many notebooks as the task with the most has. Each
notebook is another learner's: other data, other hidden inputs. *Wrong* are verdicts with any check that did not pass,
*changed* those that differ in any check's status or words from the first on the same file, *late* those that the clock
ended and that were judged again alone."""


def markdown(found: Found) -> str:
    """The tables."""
    m, busy = found["machine"], found["busy"]
    out = ["# Grading under load", "", HOW.format(repeats=found["repeats"], jobs=found["jobs"], **busy), ""]
    out += [f"{m['cpu']}, {m['cores']} cores; {m['system']}; Python {m['python']}, NumPy {m['versions']['numpy']}."]
    out += [f"{m['date']}, commit {m['commit']}; {found['seconds']:,} s in all."]
    if busy["idle"] is not None:
        out += [f"The machine was idle for {busy['idle']:.1%} of that time."]
    out += ["", "## Verdicts", "", *_verdicts(found["assignments"])]
    out += ["", "## Head-room", "", *_head_room(found)]
    said = list(problems(found))
    out += ["", "## Wrong", "", *(f"- {text}" for text in said)] if said else ["", "Nothing was wrong."]
    return "\n".join(out)


def _verdicts(rounds: list[Found]) -> list[str]:
    names = ["notebooks", "verdicts", "wrong", "faults", "changed", "late"]
    rows = [[one["assignment"], one["tier"], *(f"{one[name]:,}" for name in names)] for one in rounds]
    tiers = "/".join(sorted({one["tier"] for one in rounds}))
    rows.append(["together", tiers, *(f"{sum(one[name] for one in rounds):,}" for name in names)])
    return table(["assignment", "tier", *names], rows)


def _head_room(found: Found) -> list[str]:
    rows = []
    for one in found["assignments"]:
        cpu, clock, mine = one["nearest by CPU"], one["nearest by clock"], one["reference"]
        rows.append(
            [
                one["assignment"],
                f"{one['calls']:,}",
                f"{_called(cpu)}: {cpu['cpu']:.2f} of {cpu['budget']:g} s, {cpu['of cpu']:.0%}",
                f"{_called(clock)}: {clock['clock']:.2f} of {clock['wall']:g} s, {clock['of clock']:.0%}",
                f"{_called(mine)}: {mine['cpu']:.3f} s, so {mine['budget'] / mine['cpu']:.0f} times",
            ]
        )
    header = ["assignment", "calls", "nearest to its CPU limit", "nearest by the clock", "the reference's longest call"]
    text = "A limit is to be ten times what the reference takes, or more; the last column says how many times it is."
    return [text, "", *table(header, rows)]


def _called(call: Found) -> str:
    return f"`{call['name']}`" if call["op"] == "call" else f"loading {call['name']}"


def problems(found: Found) -> Iterator[str]:
    """What must not be: each is a sentence, and one is enough for exit code 1."""
    for one in found["assignments"]:
        yield from (f"{one['assignment']}: {text}" for text in one["problems"])
        mine = one["reference"]
        if mine["cpu"] * 10 > mine["budget"]:
            yield (
                f"{one['assignment']}: {_called(mine)} takes the reference {mine['cpu']:.2f} s of CPU time; "
                f"ten times that is more than its limit of {mine['budget']:g} s"
            )
