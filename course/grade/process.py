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

from .faults import Died, Killed

_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "TZ")
_START = 120.0


STRIKES, STARTS = 3, 10
"""So often is a submission judged whose judging dies, before a person looks at it; and so often is a judging process
started that dies before it was asked anything, which is no submission's doing."""

_DISPLAY = [[f"The notebook could not be run for display ({kind.__name__}).\n"] for kind in (Died, Killed)]
"""What `judge` shows instead, alone, where the display's worker was ended."""


class JudgeError(RuntimeError):
    """The judging process died, hung or could not start: a fault of ours, never a learner's loss.

    ``answer`` is what it said all the same, where a process below it died.
    """

    def __init__(self, why: str, answer: dict | None = None):
        super().__init__(why)
        self.answer = answer


class Unstarted(JudgeError):
    """It could not be started, try after try: that would be the same for any submission."""


class _Ended(JudgeError):
    """It closed its end: killed, or broken."""


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
            self._start_at_last()
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
        if why := _died(answer):
            if Killed.WORKER not in why:
                self.close()  # its fork server is dead, and each of its forks would find that out anew
            raise JudgeError(why, {**answer, "review": list(dict.fromkeys([*answer["review"], why]))})
        return answer

    def _start_at_last(self) -> None:
        for left in reversed(range(STARTS)):
            try:
                return self._start()
            except (_Ended, OSError) as error:
                self.close()
                if not left:
                    raise Unstarted(f"the judging process could not be started ({error})") from None

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
            raise (_Ended if Died.SAID in ready["failure"] else JudgeError)(ready["failure"])
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
                        raise _Ended(f"the judging process ended; the reason stands in {self._log}")
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


def _died(answer: dict) -> str:
    """Why part of an answer is missing, where a process was killed; else nothing."""
    found = [text for text in answer.get("review", ()) if text.startswith(Died.SAID)]
    shown = [one.get("text") for cell in answer.get("outputs", {}).values() for one in cell]
    return found[0] if found else f"{Died.SAID} while the notebook was shown" if shown in _DISPLAY else ""
