"""What the kills came to, as a record and as a page."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from .killer import Tally
from .processes import VICTIMS
from .state import End


def record(given: argparse.Namespace, tally: Tally | None, truth: End) -> dict[str, Any]:
    """Plain data, for a file."""
    tally = tally or Tally()
    statuses = Counter(
        check["status"] for one in truth.verdicts.values() for t in one["tasks"] for check in t["checks"]
    )
    return {
        "learners": given.learners,
        "seed": given.seed,
        "kills": tally.total,
        "by": [{"victim": who, "moment": when, "kills": number} for (who, when), number in sorted(tally.kills.items())],
        "classes": tally.classes,
        "runs": tally.runs,
        "verdicts": tally.verdicts,
        "checks": dict(statuses),
        "third strikes": tally.strikes,
        "told to run it again": tally.disturbed,
        "longest end after the command was killed": round(max(tally.late_ends, default=0.0), 2),
        "descriptors": tally.descriptors,
        "seconds": round(tally.seconds),
        "problems": tally.problems,
    }


def markdown(found: dict[str, Any]) -> str:
    """A page that says what was done and what was found."""
    machine, rows = found["machine"], found["by"]
    moments = sorted({row["moment"] for row in rows})
    count = {(row["victim"], row["moment"]): row["kills"] for row in rows}
    versions = {"python": machine["python"], "nbgrader": machine["nbgrader"], "numpy": machine["versions"].get("numpy")}
    lines = [
        "# Kills",
        "",
        f"{found['kills']} SIGKILLs while classes of {found['learners']} were graded (15 % hostile, two judging "
        f"processes, seed {found['seed']}): {found['classes']} classes to their end in {found['runs']} runs of the "
        f"command, "
        f"{found['verdicts']} verdicts, {found['seconds']} s.",
        "",
        f"**{len(found['problems'])} verdicts, rows, notebooks, files or processes lost, doubled, changed or left "
        "behind** against a run that nothing disturbed.",
        "",
        *(f"- {problem}" for problem in found["problems"]),
        "",
        f"{machine['date']}, commit {machine['commit']}, {machine['cpu']}, {machine['cores']} cores, "
        + ", ".join(f"{name} {value}" for name, value in versions.items()),
        "",
        "| victim | " + " | ".join(moments) + " | all |",
        "|---|" + "---:|" * (len(moments) + 1),
    ]
    for victim in VICTIMS:
        mine = [count.get((victim, moment), 0) for moment in moments]
        lines.append(f"| {victim} | " + " | ".join(str(n or "") for n in mine) + f" | {sum(mine)} |")
    return "\n".join(
        [
            *lines,
            "",
            f"Submissions that went to the review list for one run because their grading was killed three times: "
            f"{found['third strikes']}; the next run graded them. Runs that gave up with a sentence, since the jail "
            f"was killed each time that it was tried: {found['told to run it again']}.",
            "Everything that a killed command had started was gone after at most "
            f"{found['longest end after the command was killed']:g} s; descriptors of a judging process grew by "
            f"{found['descriptors']} at most.",
            "Checks of the class, by status: "
            + ", ".join(f"{name} {number}" for name, number in sorted(found["checks"].items()))
            + ".",
        ]
    )
