"""The numbers of the benchmark of grading as tables and as a figure. Knows nothing of how they came about."""

from __future__ import annotations

from collections import Counter
from typing import Any

from course.learn import figures

from .grading_class import ENDLESS
from .report import table

Found = dict[str, Any]

HOW = """The course's way is `course grade --jobs {jobs}` and `course feedback`: jailed workers, display with figures,
gradebook, feedback pages. Stock is `nbgrader autograde` and `nbgrader generate_feedback` without our plug-in and pages,
on the same notebooks, one after the other as it works. Its test cells run the same visible and hidden checks, once, by
the course's own code in the learner's kernel, and end with the score; warnings are off there, since stock nbgrader
gives 0 for a word on stderr. So both run the same checks and draw the same figures; stock jails nothing, names no
mistake and has no limits but 30 s a cell. Honest notebooks only: an endless loop alone would cost stock minutes."""


def markdown(found: Found) -> str:
    """All tables."""
    m, out = found["machine"], ["# Benchmark of grading", ""]
    if found["quick"]:
        out += ["**A quick run: it shows that everything runs; its times mean nothing.**", ""]
    out += [f"Assignment {found['assignment']}. " + HOW.format(jobs=found["jobs"]), ""]
    out += [f"{m['cpu']}, {m['cores']} cores; {m['system']}; Python {m['python']}, nbgrader {m['nbgrader']}."]
    load = " ".join(f"{one:.2f}" for one in m["load before"] or ())
    out += [f"{m['date']}, commit {m['commit']}; load before: {load or 'unknown'}."]
    for title, part, lines in (
        ("Verdicts alone", "verdicts", verdicts_table),
        ("A worker, and a call", "worker", worker_table),
        ("The whole way", "whole", whole_table),
        ("Memory and time against the number of learners", "whole", growth_table),
        ("Where the time goes", "whole", steps_table),
    ):
        if found.get(part):
            out += ["", f"## {title}", "", *lines(found)]
    if "rows" in found:
        out += ["", "## Gradebooks", "", *rows_lines(found["rows"])]
    if said := problems(found):
        out += ["", "## Wrong", "", *(f"- {text}" for text in said)]
    return "\n".join(out)


def verdicts_table(found: Found) -> list[str]:
    """How many a minute."""
    header = ["submissions judged, no display", "hostile", "judged", "seconds", "a minute"]
    rows = []
    for one in found["verdicts"]:
        kinds = Counter(one["hostile"])
        ends = sum(kinds[kind] for kind in ENDLESS) / max(1, kinds.total())
        hostile = f"{one['share']:.0%}: {', '.join(kinds)}; {ends:.0%} of them endless" if kinds else "none"
        cells = [f"{one['count']:,}", f"{one['seconds']:.1f}", f"{one['per minute']:,.0f}"]
        rows.append([f"{one['what']}, tier {one['tier']}, {one['cpu limit']:g} s a call", hostile, *cells])
    return table(header, rows)


def worker_table(found: Found) -> list[str]:
    """Quartiles of what a worker and a call cost."""
    worker = found["worker"]
    words = {
        "worker": "a worker's start, until it says that it is jailed", "life": "its life: start, one cell loaded, end",
        "call": "a call with an array of eight numbers", "callback": "a call with a function, called back once",
    }  # fmt: skip
    rows = [[text, *(f"{one:.3f}" for one in worker[f"{name}, ms"])] for name, text in words.items()]
    return table([f"ms, tier {worker['tier']}", "quartile", "median", "quartile"], rows)


def whole_table(found: Found) -> list[str]:
    """The course beside stock nbgrader."""
    stock = {one["learners"]: one for one in found.get("stock", [])}
    header = ["learners", "course, s", "s each", "a minute", "stock, s", "s each", "stock / course"]
    rows = []
    for one in found["whole"]:
        theirs = stock.get(one["learners"])
        cells = [f"{one['seconds']:.1f}", _each(one), f"{60 * one['learners'] / one['seconds']:.0f}"]
        cells += [f"{theirs['seconds']:.1f}", _each(theirs)] if theirs else ["-", "-"]
        cells += [f"{theirs['seconds'] / one['seconds']:.2f}" if theirs else "-"]
        rows.append([f"{one['learners']:,}", *cells])
    return table(header, rows)


def _each(one: Found) -> str:
    return f"{one['seconds'] / one['learners']:.3f}"


def growth_table(found: Found) -> list[str]:
    """Each size's memory; time a learner beyond the first size."""
    header = ["learners", "course, MB of its own", "with all that it started", "s a further learner"]
    rows: list[list[str]] = []
    before: Found | None = None
    for one in found["whole"]:
        more = (one["seconds"] - before["seconds"]) / (one["learners"] - before["learners"]) if before else None
        cells = [f"{one['own MB']:.0f}", f"{one['all MB']:.0f}", "-" if more is None else f"{more:.3f}"]
        rows.append([f"{one['learners']:,}", *cells])
        before = one
    return table(header, rows)


def steps_table(found: Found) -> list[str]:
    """Each command's seconds."""
    rows = []
    for who in ("whole", "stock"):
        for one in found.get(who, []):
            for name, step in one["steps"].items():
                word = f"course {name}" if who == "whole" else f"nbgrader {name}"
                each = step["seconds"] / one["learners"]
                rows.append([word, f"{one['learners']:,}", f"{step['seconds']:.1f}", f"{each:.3f}"])
    return table(["command", "learners", "seconds", "s each"], rows)


def rows_lines(rows: Found) -> list[str]:
    """How many rows agree, and which do not."""
    different = rows["different"]
    lines = [f"{rows['equal']:,} rows (a task of a learner) are equal, {len(different)} differ."]
    for learner, plays, cell, mine, theirs in different[:20]:
        lines.append(f"- {learner} ({plays}), {cell}: course {mine}, stock {theirs}")
    return lines


def problems(found: Found) -> list[str]:
    """What should not be: wrong verdicts, commands that failed, pages that are missing."""
    said = [f"{one['what']}: {text}" for one in found.get("verdicts", []) for text in one["wrong"]]
    for who in ("whole", "stock"):
        for one in found.get(who, []):
            for name, step in one["steps"].items():
                if step["code"]:
                    said.append(f"{name}, {one['learners']} learners: exit {step['code']}: {step['said']}")
            if one["pages"] != one["learners"]:
                said.append(f"{who}: {one['pages']} pages for {one['learners']} learners")
    return said


def figure(found: Found) -> Any:
    """Seconds against learners, ours and stock's, and the memory, on logarithmic axes."""
    if not found.get("whole"):
        raise SystemExit("No figure: it shows the whole way, which was not measured.")
    notebook = f"{found['assignment']}.ipynb"
    fig, (left, right) = figures.new(description(found, notebook), columns=2)
    for place, (who, name) in enumerate((("whole", "course grade + feedback"), ("stock", "stock nbgrader"))):
        if not found.get(who):
            continue
        style: Found = {"color": figures.COLOURS[place], "linestyle": figures.DASHES[place], "marker": "oD"[place]}
        learners = [one["learners"] for one in found[who]]
        left.plot(learners, [one["seconds"] for one in found[who]], label=name, **style)
        right.plot(learners, [one["own MB"] for one in found[who]], label=f"{name}: the command itself", **style)
        style |= {"alpha": 0.5}
        right.plot(learners, [one["all MB"] for one in found[who]], label=f"{name}: and all it started", **style)
    left.set(xscale="log", yscale="log", xlabel="learners", ylabel="seconds")
    right.set(xscale="log", xlabel="learners", ylabel="memory at the peak, MB")
    right.set_ylim(bottom=0)
    for panel in (left, right):
        panel.legend(frameon=False, fontsize="small")
    fig.suptitle(f"Grading {notebook} with display, figures, gradebook and feedback")
    return fig


def description(found: Found, notebook: str) -> str:
    """The figure in words, with its numbers."""
    parts = []
    for who, name in (("whole", "the course"), ("stock", "stock nbgrader")):
        ends = [f"{one['seconds']:.1f} s for {one['learners']} learners" for one in found.get(who, [])]
        if ends:
            parts.append(f"{name}: {', '.join(ends)}")
    return f"Grading {notebook}: seconds and memory against the number of learners. {'; '.join(parts)}."
