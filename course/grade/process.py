"""The supervisor's handle on one judging process: start, one submission at a time under a deadline, kill, restart."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "TZ")
_START = 120.0


class JudgeError(RuntimeError):
    """The judging process died, hung or could not start: a fault of ours, never a learner's loss."""


class JudgeProcess:
    """A running `course.grade.judge`; ``config`` is what its first line of input says, ``threads`` are BLAS's."""

    def __init__(self, config: dict, log: Path, threads: int = 1):
        self._config, self._log, self._threads = config, log, threads
        self._process: subprocess.Popen | None = None
        self._buffer = b""
        self.tier = ""

    def judge(self, job: dict, seconds: float) -> dict:
        """Send ``job``, wait at most ``seconds`` for its verdicts; `JudgeError` when there are none."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        try:
            self._send(job)
            answer = self._receive(seconds)
        except (JudgeError, OSError) as error:
            self.close()
            raise JudgeError(str(error)) from None
        if answer.get("id") != job["id"]:
            self.close()
            raise JudgeError("the judging process answered another question than it was asked")
        if "fault" in answer:
            raise JudgeError(answer["fault"])
        return answer

    def _start(self) -> None:
        self.close()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment.update(
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            OPENBLAS_NUM_THREADS=str(self._threads),
            OMP_NUM_THREADS=str(self._threads),
            PYTHONDONTWRITEBYTECODE="1",
            MPLBACKEND="Agg",
        )
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "course.grade.judge"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        os.set_blocking(self._process.stdout.fileno(), False)  # type: ignore[union-attr]
        self._buffer = b""
        self._send(self._config)
        ready = self._receive(_START)
        if ready.get("failure"):
            self.close()
            raise JudgeError(ready["failure"])
        self.tier = ready["tier"]

    def _send(self, data: Any) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(data).encode() + b"\n")
        self._process.stdin.flush()

    def _receive(self, seconds: float) -> dict:
        assert self._process is not None and self._process.stdout is not None
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                left = until - time.monotonic()
                if left <= 0:
                    raise JudgeError(f"the judging process did not answer within {seconds:.0f} s")
                if selector.select(left):
                    data = self._process.stdout.read()
                    if not data:
                        raise JudgeError(f"the judging process ended; the reason stands in {self._log}")
                    self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)

    def close(self) -> None:
        """End the process and everything it started."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent input of a process that is gone
                    pass
