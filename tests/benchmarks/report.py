"""The benchmark's numbers as tables and as a figure. Knows nothing of how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from course.learn import figures

from .problems import TITLES

Found = dict[str, Any]

HOW = """Every engine in one process, in a new order each round; the quickest of {tries} tries counts; each cell is the
median over {rounds} rounds of the ratio to the plain floor of the same round. Garbage collector off while timing, as in
timeit; a heap that keeps what was freed; {threads}. Ratios carry over to other machines better than times do."""


QUIET = 0.9
"""With less of a core than this, even ratios are noise."""


def markdown(found: Found) -> str:
    """All tables."""
    m = found["machine"]
    threads = "one thread on one core" if m["threads"] == "1" and m["cores used"] == 1 else "threads were not limited"
    out = ["# Benchmark of the engine", ""]
    if found["quick"]:
        out += ["**A quick run: it shows that everything runs; its times mean nothing.**", ""]
    out += [HOW.format(rounds=found["size"]["rounds"], tries=found["size"]["tries"], threads=threads), ""]
    out += [f"{m['cpu']}, {m['cores']} cores; {m['system']}; Python {m['python']}, {m['blas']}."]
    out += [", ".join(f"{name} {version}" for name, version in m["versions"].items()) + "."]
    out += [f"{m['date']}, commit {m['commit']}."]
    if found["steps"] and (least := min(cell["core"] for cell in found["steps"])) < QUIET:
        out += ["", f"**Others were at work: at times this process had {least:.0%} of a core. Measure again.**"]
    for workload in TITLES:
        for dtype in ("float32", "float64"):
            cells = [c for c in found["steps"] if (c["workload"], c["dtype"]) == (workload, dtype)]
            if cells:
                out += ["", f"## {workload}, {dtype}: {TITLES[workload]}", "", *steps_table(cells)]
    if "chain" in found:
        out += ["", f"## W3: a chain of {found['size']['chain']:,} scalar operations", "", *chain_table(found["chain"])]
    if "long" in found:
        out += ["", f"## W4: a chain of {found['size']['long']:,} nodes", "", *long_table(found["long"])]
    if "memory" in found:
        title = f"## Memory at the peak of a W5 step, float32, B={found['size']['memory']}"
        out += ["", title, "", *memory_table(found["memory"])]
    if notes := [*found["notes"].items(), *problems(found["steps"])]:
        out += ["", "## Notes", "", *(f"- {name}: {text}" for name, text in notes)]
    return "\n".join(out)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Markdown whose columns stand straight in a terminal too."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    padded = [
        [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in lines
    ]
    rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:])]
    return ["| " + " | ".join(line) + " |" for line in (padded[0], rule, *padded[1:])]


def steps_table(cells: list[Found]) -> list[str]:
    """One workload and dtype: ratios to the floor, and below, how ours stands to the tuned floor and to PyTorch."""
    names = list(dict.fromkeys(name for cell in cells for name in cell["engines"]))
    header = ["ratio to the floor", *(f"B={cell['batch']}" for cell in cells)]
    rows = [["floor, µs", *(microseconds(cell["engines"]["floor"]) for cell in cells)]]
    rows += [[name, *(ratio(cell, name, "floor") for cell in cells)] for name in names if name != "floor"]
    ours = [name for name in names if name.startswith("autograd_mini")]
    if "tuned floor" in names:
        rows += [[f"{name} / tuned floor", *(ratio(cell, name, "tuned floor") for cell in cells)] for name in ours]
    if "torch eager" in names:
        rows += [
            [f"torch eager / {name}", *(ratio(cell, name, "torch eager", True) for cell in cells)] for name in ours
        ]
    return table(header, rows)


def microseconds(row: Found) -> str:
    """Three figures at most.

    >>> microseconds({"us": [1, 2.375, 3]}), microseconds({"us": [1, 56.7, 99]})
    ('2.38', '57')
    """
    us = row["us"][1]
    return f"{us:.2f}" if us < 10 else f"{us:.0f}"


def ratio(cell: Found, name: str, base: str, inverse: bool = False) -> str:
    """The median ratio, or one word for why there is none."""
    row = cell["engines"].get(name, {})
    if "problem" in row:
        return row["problem"].partition(":")[0]
    if base not in row.get("to", {}):
        return "-"
    value = row["to"][base][1]
    value = 1 / value if inverse else value
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def problems(cells: list[Found]) -> list[tuple[str, str]]:
    """What the words in the tables stand for."""
    return [
        (f"{name}, {cell['workload']} {cell['dtype']} B={cell['batch']}", row["problem"])
        for cell in cells
        for name, row in cell["engines"].items()
        if "problem" in row
    ]


def chain_table(rows: Found) -> list[str]:
    def line(name: str, row: Found) -> list[str]:
        if "problem" in row:
            return [name, row["problem"], "", "", ""]
        cells = [f"{row[part]['ns'][1]:.0f}" for part in ("forward", "backward")]
        return [name, *cells, *(f"{row[part]['to']['floor'][1]:.1f}" for part in ("forward", "backward"))]

    header = ["ns an operation", "forward", "backward", "forward / floor", "backward / floor"]
    return table(header, (line(name, row) for name, row in rows.items()))


def long_table(rows: Found) -> list[str]:
    def line(name: str, row: Found) -> list[str]:
        if "problem" in row:
            return [name, f"{row['nodes']:,}", row["problem"], ""]
        size = "-" if row["bytes"] is None else f"{row['bytes']:.0f}"
        return [name, f"{row['nodes']:,}", f"{row['ns']:.0f}", size]

    header = ["forward and backward", "nodes", "ns a node", "bytes a node"]
    return table(header, (line(name, row) for name, row in rows.items()))


def memory_table(rows: Found) -> list[str]:
    header = ["MB, arrays that Python sees", "all that it holds", "of it come and gone within the step"]
    return table(header, ([name, f"{row['all'] / 1e6:.1f}", f"{row['step'] / 1e6:.1f}"] for name, row in rows.items()))


def figure(found: Found) -> Any:
    """W1: ratio to the floor against the batch size, one line an engine, a panel a dtype."""
    cells = [cell for cell in found["steps"] if cell["workload"] == "W1"]
    if not cells:
        raise SystemExit("No figure: it shows W1, which was not measured.")
    dtypes = list(dict.fromkeys(cell["dtype"] for cell in cells))
    names = [name for name in dict.fromkeys(n for c in cells for n in c["engines"]) if name != "floor"]
    fig, axes = figures.new(description(cells), columns=len(dtypes), height=1.3 * figures.HEIGHT, sharey=True)
    panels = list(axes) if len(dtypes) > 1 else [axes]
    for panel, dtype in zip(panels, dtypes, strict=True):
        part = [cell for cell in cells if cell["dtype"] == dtype]
        panel.axhline(1, color=figures.GREY, linewidth=1.5, label="plain NumPy by hand", zorder=2)
        for place, name in enumerate(names):
            draw(panel, part, name, place)
        panel.set(xscale="log", yscale="log", xlabel="batch size", title=dtype)
        marked(panel, part)
    panels[0].set_ylabel("time of a training step,\nratio to plain NumPy by hand")
    fig.suptitle("MLP 64-64-32-10 on digits, SGD with momentum: below the grey line is faster")
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, frameon=False, loc="outside lower center", ncols=4, handlelength=3.4)
    return fig


def draw(panel: Any, cells: list[Found], name: str, place: int) -> None:
    """An engine's line, with its quartiles as a band. Ours are thicker."""
    rows = [
        (cell["batch"], cell["engines"][name]["to"]["floor"]) for cell in cells if "to" in cell["engines"].get(name, {})
    ]
    batches, spreads = [batch for batch, _ in rows], [quartiles for _, quartiles in rows]
    second = place // len(figures.COLOURS)  # more lines than colours: the same colour again in another dash
    colour = figures.COLOURS[place % len(figures.COLOURS)]
    dash = figures.DASHES[(place + 2 * second) % len(figures.DASHES)]
    style = {"color": colour, "linestyle": dash, "marker": "oD^vPXs<>*"[place % 10], "markersize": 5}
    panel.plot(batches, [q[1] for q in spreads], **style, linewidth=1.5 + name.startswith("autograd_mini"), label=name)
    panel.fill_between(batches, [q[0] for q in spreads], [q[2] for q in spreads], color=colour, alpha=0.15, linewidth=0)


def marked(panel: Any, cells: list[Found]) -> None:
    """Ticks where something was measured, in plain numbers."""
    batches = [cell["batch"] for cell in cells if cell["batch"] != 1024]  # too close to 1797 to be written
    panel.set_xticks(batches, [str(batch) for batch in batches])
    panel.minorticks_off()
    low, high = panel.get_ylim()
    ticks = [tick for tick in (0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50) if low <= tick <= high]
    panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def description(cells: list[Found]) -> str:
    """What the figure shows, in words."""
    first = cells[0]
    found = [f"{name} {ratio(first, name, 'floor')}" for name in first["engines"] if name != "floor"]
    return (
        "Time of a training step against batch size, as a ratio to plain NumPy written by hand, "
        f"one line an engine. At B={first['batch']}, {first['dtype']}: {', '.join(found)}."
    )
