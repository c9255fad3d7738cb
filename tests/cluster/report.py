"""What came of a class on a cluster, for people, and what of it is not as it must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Found = dict[str, Any]


def problems(found: Found) -> Iterator[str]:
    """Each a sentence; none where all is well."""
    count, rows = found["learners"], found["rows"]
    for name in ("here", "cluster"):
        if found[name]["verdicts"] != count:
            yield f"{found[name]['verdicts']} verdicts ({name}) on {count} submissions"
        yield from (f"not decided ({name}): {text}" for text in found[name]["faults"])
    if (rows["rows"], rows["learners"], rows["highest attempt"]) != (count, count, 1):
        yield f"the journal holds {rows}"
    yield from (f"different: {text}" for text in found["different"][:10])
    if found["jobs left"]:
        yield f"{found['jobs left']} job files were left"
    if found["left of the killed"]:
        yield f"{found['left of the killed']} processes of killed workers were left"


def markdown(found: Found) -> str:
    """The table, what was killed, and the machine."""
    machine, here, there = found["machine"], found["here"], found["cluster"]
    killed = ", ".join(f"a {one['what']} after {one['after']} verdicts" for one in found["killed"]) or "nobody"
    versions = f"Python {machine['python']}, NumPy {machine['versions']['numpy']}, distributed {machine['distributed']}"
    rows, equal = found["rows"], found["learners"] - len(found["different"])
    once = "none twice" if rows["highest attempt"] == 1 else "SOME TWICE"
    lines = [
        "| | verdicts | seconds | verdicts a minute |",
        "|---|---|---|---|",
        f"| one machine, {here['jobs']} judging processes | {_numbers(here)} |",
        f"| Dask on loopback, {there['machines']} workers, {len(found['killed'])} killed | {_numbers(there)} |",
        "",
        f"{found['learners']} submissions of five calls, {found['hostile']} of them hostile, tier {found['tier']}; "
        "figures drawn. A verdict is equal when every check's status and words, the score, the tier and all notes are: "
        f"{equal} equal, {len(found['different'])} different.",
        f"Killed by SIGKILL: {killed}; {sum(one['processes'] for one in found['killed'])} processes in all, of which "
        f"{found['left of the killed']} lived on. Rows in the journal: {rows['rows']}, of {rows['learners']} learners, "
        f"{once}.",
        "",
        f"{machine['cpu']}, {machine['cores']} cores, load before {machine['load before']}; {machine['system']}; "
        f"{versions}; commit {machine['commit']}, {machine['date']}.",
    ]
    return "\n".join([*lines, *(f"- **{text}**" for text in problems(found))])


def _numbers(run: Found) -> str:
    return f"{run['verdicts']} | {run['seconds']:g} | {run['per minute']}"
