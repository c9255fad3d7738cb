"""Fuzz the wire's decoder: ``python -m tests.fuzz.wire --runs 10000000 --json results.json``.

With atheris (``pip install atheris``) the inputs are led by the coverage of `course.grade.wire`. Without it, a plain
loop mutates the corpus: it knows nothing of coverage, and keeps an input when the decoder's refusal, or the kinds of
thing in the value, are new. Which of the two it was stands in the results.

Exit code 1, and the input in a file, when the decoder raises anything but its own error, returns what is no plain data,
returns what does not survive being sent again, takes longer than `SLOW` or more memory than `ROOM` and `MULTIPLE` times
the frame, or when the process grows.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

SLOW = 2.0
"""Seconds that an input may take, some 200,000 times of what it does: the machine may be busy."""

ROOM, MULTIPLE = 1 << 18, 128
"""A peak of `ROOM` bytes and `MULTIPLE` times the frame is too much; looked at once in `SAMPLED` inputs."""

SAMPLED, GROWTH_MB, KEPT = 2000, 64, 2000


def main(arguments: list[str] | None = None) -> int:
    """Run it, print what came of it, and say by the exit code whether all was well."""
    options = parser().parse_args(arguments)
    if options.engine == "auto":
        options.engine = "atheris" if has_atheris() else "plain"
    if options.inside:
        return led_by_coverage(options)
    options.failures = options.failures or Path(tempfile.mkdtemp(prefix="wire-failures-"))
    options.failures.mkdir(parents=True, exist_ok=True)
    results = by_atheris(options) if options.engine == "atheris" else by_plain_loop(options)
    results["ok"] = not results["failures"] and results["runs"] >= options.runs
    text = json.dumps({**about(options), **results}, indent=1, sort_keys=True)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")
    return 0 if results["ok"] else 1


def parser() -> argparse.ArgumentParser:
    """Its options."""
    made = argparse.ArgumentParser(prog="python -m tests.fuzz.wire", description=(__doc__ or "").split("\n")[0])
    made.add_argument("--runs", type=int, default=100_000, help="how many inputs")
    made.add_argument("--engine", choices=("auto", "atheris", "plain"), default="auto")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--json", type=Path, help="a file for the results")
    made.add_argument("--failures", type=Path, help="a folder for inputs that failed (else a temporary one)")
    made.add_argument("--grown", type=Path, help="a folder for inputs that atheris found to reach something new")
    made.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return made


def about(options: argparse.Namespace) -> dict:
    """What a result has to say of how it was made."""
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    if options.engine == "atheris":
        from importlib.metadata import version

        versions["atheris"] = version("atheris")
    return {"engine": options.engine, "coverage": options.engine == "atheris", "seed": options.seed, **versions}


def has_atheris() -> bool:
    """Whether atheris is installed."""
    from importlib.util import find_spec

    return find_spec("atheris") is not None


def by_plain_loop(options: argparse.Namespace) -> dict:
    """Mutate the corpus, and what of it led to something new, for ``options.runs`` inputs."""
    from .probing import CORPUS, Broken, mutated

    rng = random.Random(options.seed)
    pool = [path.read_bytes() for path in sorted(CORPUS.iterdir())]
    seen: set[str] = set()
    outcomes: Counter[str] = Counter()
    failures: list[str] = []
    began, before, slowest = time.monotonic(), resident_mb(), 0.0
    done = 0
    while done < options.runs and len(failures) < 10:
        data = pool[done] if done < len(pool) else mutated(rng.choice(pool), rng.choice(pool), rng)
        done += 1
        try:
            outcome, took = judged(data, sampled=done % SAMPLED == 0)
        except Broken as error:
            failures.append(saved(data, error, options.failures))
            continue
        outcomes[outcome.split(" ")[0].rstrip(":")] += 1
        slowest = max(slowest, took)
        if outcome not in seen and len(seen) < KEPT:
            seen.add(outcome)
            pool.append(data)
        if done == options.runs // 10:
            before = resident_mb()  # warm: from here on it must not grow
    growth = resident_mb() - before
    if growth > GROWTH_MB:
        failures.append(f"the process grew by {growth:.0f} MB")
    seconds = time.monotonic() - began
    return {
        "runs": done, "seconds": round(seconds, 1), "runs_a_second": round(done / seconds), "failures": failures,
        "outcomes": dict(outcomes), "distinct_outcomes": len(seen), "slowest_seconds": round(slowest, 4),
        "growth_mb": round(growth, 1), "peak_rss_mb": round(resident_mb(), 1),
    }  # fmt: skip


def judged(data: bytes, *, sampled: bool) -> tuple[str, float]:
    """What came of ``data`` and how long it took; `probing.Broken` if anything is wrong with it."""
    from .probing import Broken, framed, peak, probe

    start = time.process_time()
    outcome = probe(data)
    took = time.process_time() - start
    if took > SLOW:
        raise Broken(f"{took:.1f} s of CPU time for {len(data)} bytes")
    if sampled and (used := peak(framed(data))) > ROOM + MULTIPLE * len(data):
        raise Broken(f"{used} bytes of memory for {len(data)} bytes")
    return outcome, took


def saved(data: bytes, error: Exception, folder: Path) -> str:
    """Where ``data`` lies now, and what was wrong."""
    path = folder / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return f"{path}: {error}"


def resident_mb() -> float:
    """The most memory that this process ever had resident."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def by_atheris(options: argparse.Namespace) -> dict:
    """Run atheris in a process of its own, which it ends itself, and read what it says at its end."""
    command = [sys.executable, "-m", "tests.fuzz.wire", "--inside", "--engine", "atheris"]
    command += ["--runs", str(options.runs), "--seed", str(options.seed), "--failures", str(options.failures)]
    command += ["--grown", str(options.grown)] if options.grown else []
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    seconds = time.monotonic() - began
    said = done.stdout + done.stderr
    stats = dict(re.findall(r"^stat::(\w+):\s+(\d+)", said, flags=re.MULTILINE))
    failures = [str(path) for path in sorted(options.failures.iterdir())]
    if done.returncode and not failures:
        failures.append(f"atheris ended with {done.returncode}: {said[-500:]}")
    growth = _growth(said)
    if growth > GROWTH_MB:
        failures.append(f"the process grew by {growth} MB")
    marks = re.findall(r"^#(\d+)\s", said, flags=re.MULTILINE)
    runs = int(stats.get("number_of_executed_units", [0, *marks][-1]))
    return {
        "runs": runs, "seconds": round(seconds, 1), "runs_a_second": round(runs / seconds), "failures": failures,
        "new_units": int(stats.get("new_units_added", 0)), "peak_rss_mb": int(stats.get("peak_rss_mb", 0)),
        "slowest_seconds": int(stats.get("slowest_unit_time_sec", 0)), "growth_mb": growth,
    }  # fmt: skip


def _growth(said: str) -> int:
    """Megabytes from a tenth of the way to the end, by the lines that libFuzzer prints on its way."""
    marks = [(int(runs), int(rss)) for runs, rss in re.findall(r"^#(\d+)\s.*?rss: (\d+)Mb", said, flags=re.MULTILINE)]
    late = [rss for runs, rss in marks if runs >= marks[-1][0] // 10]
    return late[-1] - late[0] if late else 0


def led_by_coverage(options: argparse.Namespace) -> int:
    """The process that is atheris: does not return."""
    import atheris

    with atheris.instrument_imports(include=["course.grade.wire", "course.grade.pack"]):
        from . import probing

    rng, count = random.Random(options.seed), 0
    corpus = [path.read_bytes() for path in sorted(probing.CORPUS.iterdir())]

    def one_input(data: bytes) -> None:
        nonlocal count
        count += 1
        judged(data, sampled=count % SAMPLED == 0)

    def mutator(data: bytes, limit: int, seed: int) -> bytes:
        rng.seed(seed)
        if rng.random() < 0.5:
            return atheris.Mutate(data, limit)
        return probing.mutated(data, rng.choice(corpus), rng, limit)

    with tempfile.TemporaryDirectory() as scratch:
        grown = options.grown or Path(scratch)
        grown.mkdir(parents=True, exist_ok=True)
        words = [
            f"-runs={options.runs}",
            f"-seed={options.seed}",
            "-max_len=4096",
            "-print_final_stats=1",
            "-timeout=20",
        ]
        words += [f"-artifact_prefix={options.failures}/", str(grown), str(probing.CORPUS)]
        atheris.Setup(["wire", *words], one_input, custom_mutator=mutator)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
