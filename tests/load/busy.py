"""Processes that do nothing but keep every core busy, for as long as a block lasts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SPIN = """
import os, sys
parent = int(sys.argv[1])
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""
"""Ends by itself soon after the process that started it, however that ended."""

PER_CORE = 2


class Busy:
    """The spinning processes, and how idle the machine was meanwhile."""

    def __init__(self, per_core: int):
        self.count = per_core * (os.cpu_count() or 1)
        command = [sys.executable, "-I", "-S", "-c", SPIN, str(os.getpid())]
        self.processes = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(self.count)]
        self._before = _ticks()

    @property
    def idle(self) -> float | None:
        """The share of all cores' time that nobody used since the start; None where the system does not say."""
        now = _ticks()
        spent = [after - before for before, after in zip(self._before, now, strict=True)]
        return round((spent[3] + spent[4]) / sum(spent), 4) if now and sum(spent) else None

    def end(self) -> None:
        """Kill them, every one and nobody else."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()


@contextmanager
def busy(per_core: int = PER_CORE) -> Iterator[Busy]:
    """Keep all cores busy with so many spinning processes each; they begin before the block does."""
    made = Busy(per_core)
    try:
        time.sleep(0.2)  # they start Python first
        yield made
    finally:
        made.end()


def _ticks() -> list[int]:
    """What /proc/stat says of all cores together: user, nice, system, idle, waiting, …"""
    try:
        return [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    except OSError:
        return []
