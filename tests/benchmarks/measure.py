"""Timing side by side: every engine in one process, in a new order each round, against the floor of the same round."""

from __future__ import annotations

import gc
import random
import resource
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .chains import Chain, derivative
from .problems import STEPS_UNTIL_AGREED, Problem, Run, disagreement

BASES = ("floor", "tuned floor", "torch eager")
"""What ratios are formed to."""

WARM_UP = 5  # steps; tinygrad compiles in the first two
TRIES = 3  # of each engine in each round,
LONG = 0.02  # seconds; but of steps as long as this, one: the rounds even things out

Spread = list[float]
"""The lower quartile, the median and the upper quartile over the rounds."""


HEAP = 3_900_000  # float64, 31 MB


@contextmanager
def steady() -> Iterator[None]:
    """No garbage collection inside, as in timeit: what is there already is set aside, so that collecting is quick.

    And a heap like that of a program that has held a larger array: glibc gives arrays above 128 kB back to the system
    and has them faulted in anew at each step, which can double a step's time or not, as it happens to lie in memory;
    once a block of nearly 32 MB has been freed it keeps them. This is for all engines alike.
    """
    np.ones(HEAP)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def spread(values: Any) -> Spread:
    return [float(f"{q:.5g}") for q in np.quantile(values, (0.25, 0.5, 0.75))]


def seconds(run: Run, repeats: int) -> float:
    """The time of so many steps."""
    step = run.step
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    run.wait()
    return time.perf_counter() - start


def repeats_for(run: Run, target: float) -> int:
    """How many steps take `target` seconds, once compilers and caches have done their work."""
    seconds(run, WARM_UP)
    repeats = 1
    while (took := min(seconds(run, repeats) for _ in range(TRIES))) < target / 4:
        repeats *= 4
    return max(1, round(target * repeats / took))


def quickest(run: Run, repeats: int) -> float:
    """The time of one step: the best of a few tries, as others on the machine can only make a try slower."""
    best = seconds(run, repeats)
    if best < LONG:
        best = min(best, *(seconds(run, repeats) for _ in range(TRIES - 1)))
    return best / repeats


def interleaved(timings: Mapping[str, Callable[[], Any]], rounds: int, seed: int) -> dict[str, np.ndarray]:
    """What each timing returned in each round. The order is another one each round: neighbours disturb one another."""
    order, rng = list(timings), random.Random(seed)
    found: dict[str, list[Any]] = {name: [] for name in timings}
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            found[name].append(timings[name]())
            gc.collect()
    return {name: np.array(values) for name, values in found.items()}


def step_cell(problem: Problem, engines: Mapping[str, type[Run]], rounds: int, target: float) -> dict[str, Any]:
    """One problem with all engines: for each its time in µs and its ratios, or the reason for having none.

    `core` is how much of a core this process had meanwhile; much less than 1 says that others were at work.
    """
    runs, cell = agreed(problem, engines)
    with steady():
        repeats = {name: repeats_for(run, target) for name, run in runs.items()}
        timings = {name: lambda run=run, n=repeats[name]: quickest(run, n) for name, run in runs.items()}
        start, busy = time.perf_counter(), time.process_time()
        times = interleaved(timings, rounds, seed=problem.batch)
        had = (time.process_time() - busy) / (time.perf_counter() - start)
    bases = [name for name in BASES if name in times]
    for name, took in times.items():
        ratios = {base: spread(took / times[base]) for base in bases}
        cell[name] = {"us": spread(took * 1e6), "to": ratios, "repeats": repeats[name]}
    head = {"workload": problem.workload, "dtype": problem.dtype, "batch": problem.batch}
    return {**head, "core": round(had, 3), "engines": cell}


def agreed(problem: Problem, engines: Mapping[str, type[Run]]) -> tuple[dict[str, Run], dict[str, Any]]:
    """Engines ready to be timed, if they arrive where the floor does after the first steps; what is wrong with the
    others. The floor comes first in `engines`."""
    arrived: dict[str, Run] = {}
    wrong: dict[str, Any] = {}
    for name, engine in engines.items():
        try:
            run = engine(problem)
            for _ in range(STEPS_UNTIL_AGREED):
                run.step()
            run.wait()
            differs = disagreement(run, arrived.get("floor", run), problem)
        except Exception as error:  # a peer that fails is a result, and no reason to lose the others
            if engine.own:
                raise
            wrong[name] = {"problem": f"failed: {type(error).__name__}: {str(error)[:200]}"}
            continue
        if differs:
            wrong[name] = {"problem": f"disagrees: {differs}"}
        else:
            arrived[name] = run
    still = problem.standing_still()
    return {name: engines[name](still) for name in arrived}, wrong


def step_memory(problem: Problem, engine: type[Run]) -> dict[str, int]:
    """Bytes at the peak of one step: all that an engine holds, and what of it comes and goes within the step. Its own
    copy of the batch counts, the batch that all are given does not."""
    engine(problem).step()  # what is made once for the process is not this step's
    gc.collect()
    tracemalloc.start()
    try:
        run = engine(problem)
        for _ in range(2):
            run.step()
        gc.collect()
        tracemalloc.reset_peak()
        between, _ = tracemalloc.get_traced_memory()
        run.step()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return {"step": peak - between, "all": peak}


def chain_cell(chains: Mapping[str, type[Chain]], n: int, rounds: int, repeats: int) -> dict[str, Any]:
    """W3: nanoseconds an operation, forward and backward, and the ratios of these to the floor's."""
    cell: dict[str, Any] = {}
    made: dict[str, Chain] = {}
    for name, kind in chains.items():
        engine = kind()
        if problem := chain_problem(engine, n):
            cell[name] = {"problem": problem}
        else:
            made[name] = engine
    with steady():
        timings = {name: lambda e=e: chain_times(e, n, repeats) for name, e in made.items()}
        times = interleaved(timings, rounds, seed=n)
    for name, took in times.items():
        cell[name] = {}
        for column, part in enumerate(("forward", "backward")):
            cell[name][part] = {"ns": spread(took[:, column]), "to": {}}
            if "floor" in times:
                cell[name][part]["to"]["floor"] = spread(took[:, column] / times["floor"][:, column])
    return cell


def chain_problem(engine: Chain, n: int) -> str:
    """Why there is nothing to measure: an exception, or a wrong derivative."""
    try:
        got = float(engine.backward(engine.forward(n)))
    except Exception as error:
        if engine.own:
            raise
        return type(error).__name__
    return "" if abs(got / derivative(n) - 1) < 1e-9 else f"disagrees: dy/dx is {got}, not {derivative(n)}"


def chain_times(engine: Chain, n: int, repeats: int) -> tuple[float, float]:
    """Nanoseconds an operation. What it takes to drop the graph counts as backward, where some engines do it anyway."""
    forward = backward = 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        y = engine.forward(n)
        half = time.perf_counter()
        engine.backward(y)
        del y
        backward += time.perf_counter() - half
        forward += half - start
    return forward * 1e9 / n / repeats, backward * 1e9 / n / repeats


def long_chain(kind: type[Chain], n: int) -> dict[str, Any]:
    """W4: nanoseconds and bytes a node, or the error that so long a graph raises."""
    engine = kind()
    problem, size = chain_problem(engine, 10), None
    if not problem:
        size = chain_bytes(engine, n)  # before other memory has been taken and given back
        problem = chain_problem(engine, n)
    if problem:
        return {"nodes": n, "problem": problem}
    with steady():
        ns = min(sum(chain_times(engine, n, repeats=1)) for _ in range(TRIES))
    ns = float(f"{ns:.5g}")
    return {"nodes": n, "ns": ns, "bytes": None if size is None else round(size / n)}


def chain_bytes(engine: Chain, n: int) -> int | None:
    """What the graph takes once it is built: of Python's memory, or for an engine with its own, of the process's."""
    gc.collect()
    if not engine.numpy:
        before = resident()
        y = engine.forward(n)
        after = resident()
        return after - before if before is not None and after is not None and y is not None else None
    tracemalloc.start()
    try:
        start, _ = tracemalloc.get_traced_memory()
        y = engine.forward(n)
        end, _ = tracemalloc.get_traced_memory()
        return end - start
    finally:
        tracemalloc.stop()


def resident() -> int | None:
    """The memory of this process, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * resource.getpagesize()
