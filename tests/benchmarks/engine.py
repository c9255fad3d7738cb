"""``python -m tests.benchmarks.engine``: how long a training step takes in this engine, by hand, and in other engines.

Engines that are not installed are skipped: ``pip install 'gradient-course[bench]'`` brings them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    from .machine import quiet

    quiet()  # before NumPy is imported

from . import chains, floors, machine, measure, ours, peers, report
from .problems import Run, problem

ENGINES: dict[str, type[Run]] = {
    each.name: each
    for each in (
        *(floors.Floor, floors.TunedFloor, ours.Fused, ours.Generic),
        *(peers.Torch, peers.TorchFused, peers.Jax, peers.MyGrad, peers.Autograd, peers.Tinygrad),
    )
}
PARTS = ("W1", "W2", "W3", "W4", "W5", "memory")
FULL = {
    "rounds": 25, "target": 0.0015, "batches": (1, 8, 32, 128, 1024, 1797),
    "chain": 1_000, "long": 100_000, "longest": 1_000_000, "memory": 1024,
}  # fmt: skip
QUICK = {
    "rounds": 3, "target": 0.0001, "batches": (1, 32),
    "chain": 100, "long": 1_000, "longest": 2_000, "memory": 32,
}  # fmt: skip
CHAIN_REPEATS = 4  # in a round


def main(words: Sequence[str] | None = None) -> int:
    """0, or 1 when an engine disagrees with the floor about where three steps lead."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    else:
        found = measured(given)
    machine.tell(given, found, report.markdown, report.figure)
    wrong = list(disagreeing(found))
    for name in wrong:
        print(f"{name} disagrees with the floor.", file=sys.stderr)
    return 1 if wrong else 0


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    def known(names: Sequence[str]) -> Callable[[str], list[str]]:
        def parse(text: str) -> list[str]:
            chosen = [word.strip() for word in text.split(",")]
            if unknown := [name for name in chosen if name not in names]:
                raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of: {', '.join(names)}")
            return chosen

        return parse

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = list(dict.fromkeys([*ENGINES, *chains.CHAINS]))
    add = parser.add_argument
    add("--only", type=known(PARTS), default=list(PARTS), help=f"a comma between: {', '.join(PARTS)}")
    add("--engines", type=known(names), default=names, help=f"a comma between: {', '.join(names)}; floor always runs")
    add("--rounds", type=int, help=f"how often everything is timed (default {FULL['rounds']})")
    add("--quick", action="store_true", help="a few seconds: does it run, do the engines agree? Its times mean nothing")
    add("--from", dest="from_file", type=Path, metavar="FILE", help="tables and figure of an earlier --json FILE")
    for kind in ("json", "markdown", "figure"):
        add(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} here")
    return parser.parse_args(words)


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All that was asked for."""
    size: dict[str, Any] = {**(QUICK if given.quick else FULL)}
    size |= {"rounds": given.rounds or size["rounds"], "tries": measure.TRIES}
    found: dict[str, Any] = {"machine": machine.facts(), "size": size, "quick": given.quick, "notes": {}}
    start = time.perf_counter()
    wanted = ["floor", *given.engines]
    engines = {name: kind for name, kind in ENGINES.items() if name in wanted and usable(kind, found["notes"])}
    linked = {name: kind for name, kind in chains.CHAINS.items() if name in wanted and usable(kind, found["notes"])}
    for name in ("jax jit", "tinygrad jit"):
        if name in engines:
            found["notes"][f"{name}, W3 and W4"] = chains.NO_CHAIN
    if "micrograd" in linked:
        found["notes"]["micrograd, W3"] = "with Python's recursion limit raised to 10,000; W4 keeps the limit of 1,000"
    found["notes"]["memory"] = (
        "by tracemalloc; engines that allocate by themselves (torch, jax, tinygrad) are left out, but for torch in W4: "
        "there it is by how much the process grew"
    )
    if "W4" in given.only:  # first: a machine's memory is in the best order before all the rest
        say("W4")
        found["long"] = long_chains(linked, size)
    if "W3" in given.only:
        say("W3")
        with deep_recursion():
            found["chain"] = measure.chain_cell(linked, size["chain"], size["rounds"], CHAIN_REPEATS)
    found["steps"] = [
        measure.step_cell(each, engines, size["rounds"], size["target"]) for each in problems(given.only, size)
    ]
    if "memory" in given.only:
        say("memory")
        each = problem("W5", size["memory"], "float32")
        found["memory"] = {name: measure.step_memory(each, kind) for name, kind in engines.items() if kind.numpy}
    found["seconds"] = round(time.perf_counter() - start)
    return found


def usable(kind: Any, notes: dict[str, str]) -> bool:
    """Whether an engine can run here; notes why not."""
    if reason := kind.missing():
        notes[kind.name] = f"skipped: {reason}"
    return not reason


def problems(only: Sequence[str], size: dict[str, Any]) -> Iterator[Any]:
    for workload in ("W1", "W2", "W5"):
        for dtype in ("float32", "float64"):
            for batch in size["batches"]:
                if workload in only and not (workload == "W5" and batch > 1024):
                    say(f"{workload} {dtype} B={batch}")
                    yield problem(workload, batch, dtype)


def long_chains(linked: dict[str, type[chains.Chain]], size: dict[str, Any]) -> dict[str, Any]:
    rows = {name: measure.long_chain(kind, size["long"]) for name, kind in linked.items()}
    if "autograd_mini" in linked:
        rows["autograd_mini, longest"] = measure.long_chain(linked["autograd_mini"], size["longest"])
    return rows


@contextmanager
def deep_recursion() -> Iterator[None]:
    """For W3: micrograd recurs once for each operation and stops at Python's limit of 1,000. W4 keeps that limit."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def disagreeing(found: dict[str, Any]) -> Iterator[str]:
    """Where an engine came out elsewhere than the floor."""
    cells = [(f"{c['workload']} {c['dtype']} B={c['batch']}", c["engines"]) for c in found.get("steps", [])]
    for where, rows in [*cells, ("W3", found.get("chain", {})), ("W4", found.get("long", {}))]:
        for name, row in rows.items():
            if row.get("problem", "").startswith("disagrees"):
                yield f"{where}: {name}"


def say(text: str) -> None:
    """Progress, for those who wait."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
