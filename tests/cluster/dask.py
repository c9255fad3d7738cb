"""A Dask scheduler and workers as programs of their own, on loopback alone, and ways to kill them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]

QUIET = ("--host", "127.0.0.1", "--no-dashboard")


class Dask:
    """A scheduler, and ``machines``: each a `dask worker` with one thread, its nanny beside it. A context manager."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None, protocol: str = "tcp"):
        self.folder, self.protocol = folder, protocol
        self.environment = {**os.environ, **(environment or {})}
        self.machines: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--protocol", protocol, "--scheduler-file", "where")
        self.address = json.loads(self._text(folder / "where"))["address"]

    def __enter__(self) -> Dask:
        return self

    def __exit__(self, *_: object) -> None:
        for some in (self.machines, [self.scheduler]):  # workers that look for their scheduler take longer to end
            for one in some:
                one.terminate()
            for one in some:
                try:
                    one.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(one.pid, signal.SIGKILL)
                    one.wait()

    def add(self, *options: str) -> subprocess.Popen:
        """Start another machine's worker."""
        known = ("worker", self.address, "--protocol", self.protocol, "--nthreads", "1", "--nworkers", "1")
        self.machines.append(self._start(*known, "--local-directory", str(self.folder), *options))
        return self.machines[-1]

    def kill(self, machine: subprocess.Popen, *, all_of_it: bool) -> list[int]:
        """SIGKILL a machine's worker, or its nanny too; the ids of the processes that were below it."""
        nanny = psutil.Process(machine.pid)
        workers = [one for one in nanny.children() if "spawn_main" in " ".join(one.cmdline())]
        below = [one.pid for worker in workers for one in [worker, *worker.children(recursive=True)]]
        if all_of_it:
            os.killpg(machine.pid, signal.SIGKILL)
            machine.wait()
        for worker in workers if not all_of_it else ():
            worker.kill()
        return below

    def log(self) -> str:
        """What scheduler and workers said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def _start(self, *words: str) -> subprocess.Popen:
        with open(self.folder / f"{words[0]}.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words, *QUIET],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _text(self, path: Path) -> str:
        until = time.monotonic() + 30
        while not path.exists() or not path.read_text():
            if time.monotonic() > until or self.scheduler.poll() is not None:
                raise RuntimeError(f"the scheduler did not start:\n{self.log()}")
            time.sleep(0.05)
        return path.read_text()


def gone(processes: Sequence[int], seconds: float = 10.0) -> list[int]:
    """Those of the processes that still run after so many seconds at most; a zombie is gone."""
    until = time.monotonic() + seconds
    while left := [pid for pid in processes if _runs(pid)]:
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    return left


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
