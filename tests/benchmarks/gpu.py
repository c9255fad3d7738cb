"""The engine on a GPU: training steps of W1 and W5 against the batch size, beside PyTorch on the same card and NumPy.

    python -m tests.benchmarks.gpu --json gpu.json --figure gpu.png

How many samples a second, how long the host is kept by a step, and how much memory the run takes from the card. On a
card a step is timed by CUDA events, on the host by the clock; all engines in one process, in a new order each round.
First three steps must lead where NumPy's lead. float32; TF32, which rounds to ten bits, is off in both. Without a card
one sentence, and exit code 2.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tracemalloc
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import autograd_mini as am
from course.learn import figures

from .machine import facts, tell, version
from .measure import interleaved, spread, steady
from .ours import Fused
from .peers import Torch, TorchFused
from .problems import STEPS_UNTIL_AGREED, TITLES, Problem, Run, disagreement, problem
from .report import table

NO_CARD = 2
BATCHES = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
WORKLOADS = ("W1", "W5")
Found = dict[str, Any]


def problem_of(workload: str, batch: int, dtype: str) -> Problem:
    """A problem of any batch size: there are 1,797 and 1,024 samples, which come again and again in larger ones."""
    base = problem(workload, min(batch, 1024), dtype)
    rows = np.arange(batch) % base.batch
    return replace(base, X=base.X[rows], target=base.target[rows])


def on_device(p: Problem, xp: Any) -> Problem:
    """The same problem with all of its arrays on the device."""
    return replace(
        p, X=xp.asarray(p.X), target=xp.asarray(p.target), start={k: xp.asarray(a) for k, a in p.start.items()}
    )


def _between(first: Any, last: Any, run: Run, steps: int) -> float:
    """So many steps between two events of the card; the seconds until the host had asked for them."""
    first.record()
    start = time.perf_counter()
    for _ in range(steps):
        run.step()
    asked = time.perf_counter() - start
    last.record()
    last.synchronize()
    return asked


class OnHost(Fused):
    """The engine on NumPy."""

    name = "autograd_mini, NumPy"

    def timed(self, steps: int) -> tuple[float, float]:
        """Seconds until so many steps are done, and until the host has asked for them."""
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        took = time.perf_counter() - start
        return took, took

    @classmethod
    def memory(cls, p: Problem) -> int:
        """Bytes that a run takes at its largest, its data included."""
        tracemalloc.start()
        try:
            _three_steps(cls, p)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


class OnCard(Fused):
    """The engine on CuPy. `module` is CuPy, or what stands in for it in a test."""

    name = "autograd_mini, CuPy"
    module: Any = None

    def __init__(self, p: Problem) -> None:
        super().__init__(on_device(p, self.module))

    def params(self) -> np.ndarray:
        return am.to_host(self.whole.data)

    def timed(self, steps: int) -> tuple[float, float]:
        cuda = self.module.cuda
        first, last = cuda.Event(), cuda.Event()
        asked = _between(first, last, self, steps)
        return cuda.get_elapsed_time(first, last) / 1e3, asked

    @classmethod
    def memory(cls, p: Problem) -> int:
        """What CuPy's pool has taken from the card, of which it gives nothing back by itself."""
        pool = cls.module.get_default_memory_pool()
        pool.free_all_blocks()
        before = pool.total_bytes()
        _three_steps(cls, p)
        return pool.total_bytes() - before


def on(module: Any) -> type[OnCard]:
    """The engine on this module's device."""
    return type("OnCard", (OnCard,), {"module": module})


class TorchOnCard(Torch):
    """PyTorch, eager, on the same card."""

    name = "torch"

    def __init__(self, p: Problem) -> None:
        super().__init__(p)
        self.X, self.target = self.X.cuda(), self.target.cuda()
        self.model.cuda()  # the same parameters in another place, so that the optimizer has them

    def timed(self, steps: int) -> tuple[float, float]:
        import torch

        first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        asked = _between(first, last, self, steps)
        return first.elapsed_time(last) / 1e3, asked

    def params(self) -> np.ndarray:
        return np.concatenate([p.detach().cpu().numpy().T.reshape(-1) for p in self.model.parameters()])

    @classmethod
    def memory(cls, p: Problem) -> int:
        import torch

        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_reserved()
        _three_steps(cls, p)
        return torch.cuda.max_memory_reserved() - before


class TorchFusedOnCard(TorchOnCard):
    """PyTorch with the update of all parameters in one launch."""

    name = "torch, fused SGD"
    fused = TorchFused.fused


def _three_steps(engine: type[Run], p: Problem) -> Run:
    run = engine(p)
    for _ in range(STEPS_UNTIL_AGREED):
        run.step()
    return run


def engines() -> tuple[list[Any], str]:
    """What can run here; without a card, why not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CuPy's own, on importing
        try:
            import cupy
        except ImportError:
            return [], "CuPy is not installed"
        if not cupy.cuda.is_available():
            return [], f"CuPy {cupy.__version__} finds no GPU"
    found: list[Any] = [OnHost, on(cupy)]
    try:
        import torch
    except ImportError:
        return found, ""
    return [*found, TorchOnCard, TorchFusedOnCard] if torch.cuda.is_available() else found, ""


def card_facts(cupy: Any) -> Found:
    """The card and what drives it."""
    runtime, device = cupy.cuda.runtime, cupy.cuda.Device()
    properties = runtime.getDeviceProperties(device.id)
    name = properties["name"]
    return {
        "card": name.decode() if isinstance(name, bytes) else name,
        "memory": int(properties["totalGlobalMem"]),
        "compute capability": device.compute_capability,
        "driver": runtime.driverGetVersion(),
        "runtime": runtime.runtimeGetVersion(),
        "cupy": cupy.__version__,
        "torch": version("torch"),
        "CUPY_TF32": os.environ.get("CUPY_TF32", ""),
    }


def cell(workload: str, batch: int, kinds: Sequence[Any], rounds: int, target: float) -> Found:
    """One workload at one batch size: what each engine took, or in what it differs from NumPy."""
    p = problem_of(workload, batch, "float32")
    rows: Found = {}
    runs: dict[str, Any] = {}
    host = _three_steps(OnHost, p)
    for kind in kinds:
        wrong = disagreement(_three_steps(kind, p), host, p)
        rows[kind.name] = {"problem": f"disagrees: {wrong}"} if wrong else {"bytes": kind.memory(p)}
        if not wrong:
            runs[kind.name] = kind(p.standing_still())
    with steady():
        repeats = {name: steps_for(run, target) for name, run in runs.items()}
        timings = {name: lambda run=run, n=repeats[name]: run.timed(n) for name, run in runs.items()}
        for name, took in interleaved(timings, rounds, seed=batch).items():
            done, asked = (took / repeats[name]).T
            rows[name] |= {"us": spread(done * 1e6), "host us": spread(asked * 1e6), "per second": spread(batch / done)}
            rows[name]["repeats"] = repeats[name]
    return {"workload": workload, "batch": batch, "engines": rows}


def steps_for(run: Any, target: float) -> int:
    """How many steps take `target` seconds, after what is compiled on the first of them."""
    run.timed(2)
    steps = 1
    while (took := run.timed(steps)[0]) < target / 4:
        steps *= 4
    return max(1, round(target * steps / took))


def markdown(found: Found) -> str:
    """A table a workload: samples a second, and what else was measured."""
    m, card = found["machine"], found["card"]
    out = [f"{card.get('card', 'no card')}; " + ", ".join(f"{k} {v}" for k, v in card.items() if v and k != "card")]
    out += [f"{m['cpu']}, {m['cores']} cores; {m['system']}; Python {m['python']}; {m['date']}, commit {m['commit']}."]
    out += [f"float32; medians of {found['rounds']} rounds."]
    for workload in dict.fromkeys(c["workload"] for c in found["cells"]):
        cells = [c for c in found["cells"] if c["workload"] == workload]
        names = list(dict.fromkeys(name for c in cells for name in c["engines"]))
        for title, show in SHOWN.items():
            rows = [[str(c["batch"]), *(_shown(c["engines"].get(name, {}), show) for name in names)] for c in cells]
            out += ["", f"**{workload}, {TITLES[workload]}: {title}**", "", *table(["B", *names], rows)]
    return "\n".join(out)


SHOWN: dict[str, Any] = {
    "thousand samples a second": lambda row: f"{row['per second'][1] / 1e3:,.1f}",
    "µs a step, and of these µs until the host is free again": lambda row: (
        f"{row['us'][1]:,.0f} ({row['host us'][1]:,.0f})"
    ),
    "MB of memory, data included": lambda row: f"{row['bytes'] / 1e6:,.1f}",
}


def _shown(row: Found, show: Any) -> str:
    return "disagrees" if "problem" in row else show(row) if row else "-"


def figure(found: Found) -> Any:
    """Samples a second, above, and memory, below, against the batch size; a column a workload."""
    workloads = list(dict.fromkeys(c["workload"] for c in found["cells"]))
    names = list(dict.fromkeys(name for c in found["cells"] for name in c["engines"]))
    alt = (
        "Samples a second and memory against batch size, for "
        + ", ".join(names)
        + "; workloads "
        + ", ".join(workloads)
    )
    fig, axes = figures.new(alt, 2, len(workloads), 2 * figures.HEIGHT, sharex=True, squeeze=False)
    for column, workload in enumerate(workloads):
        cells = [c for c in found["cells"] if c["workload"] == workload]
        for place, name in enumerate(names):
            rows = [(c["batch"], c["engines"][name]) for c in cells if "us" in c["engines"].get(name, {})]
            style = {"color": figures.COLOURS[place], "linestyle": figures.DASHES[place], "marker": "oD^v"[place % 4]}
            batches = [batch for batch, _ in rows]
            axes[0, column].plot(batches, [row["per second"][1] for _, row in rows], **style, label=name)
            axes[1, column].plot(batches, [row["bytes"] / 1e6 for _, row in rows], **style)
        axes[0, column].set(xscale="log", yscale="log", title=workload)
        axes[1, column].set(xscale="log", yscale="log", xlabel="batch size")
    axes[0, 0].set_ylabel("samples a second")
    axes[1, 0].set_ylabel("memory of the run, MB")
    fig.suptitle(f"Training steps on {found['card'].get('card', 'no card')}, float32")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, labels, frameon=False, loc="outside lower center", ncols=len(names), handlelength=3.4)
    return fig


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.gpu", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--only", choices=WORKLOADS, nargs="*", default=list(WORKLOADS))
    parser.add_argument("--batches", type=int, nargs="*", default=list(BATCHES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--target", type=float, default=0.02, help="seconds of one timing")
    parser.add_argument("--from", dest="from_file", type=Path, help="draw and print again what --json has kept")
    for name in ("--json", "--figure", "--markdown"):
        parser.add_argument(name, type=Path)
    return parser.parse_args(words)


def measured(given: argparse.Namespace, kinds: Sequence[Any]) -> Found:
    """All that is asked for, on what there is."""
    cells = []
    for workload in given.only:
        for batch in given.batches:
            print(f"{workload}, B={batch}", file=sys.stderr)
            cells.append(cell(workload, batch, kinds, given.rounds, given.target))
    return {"machine": facts(), "card": card_facts(kinds[1].module), "rounds": given.rounds, "cells": cells}


def main(words: Sequence[str] | None = None) -> int:
    """0; 1 when an engine does not arrive where NumPy does; 2 without a card."""
    given = arguments(words)
    if given.from_file:
        found = json.loads(given.from_file.read_text(encoding="utf-8"))
    else:
        kinds, why = engines()
        if not kinds:
            print(f"Nothing was measured: {why}.", file=sys.stderr)
            return NO_CARD
        found = measured(given, kinds)
    tell(given, found, markdown, figure)
    return 1 if any("problem" in row for c in found["cells"] for row in c["engines"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
