"""The trusted side of the fork server: starts it in the best jail that there is, and hands out workers."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from typing import Any

from ..bundle import engine
from . import faults
from .jail import bubble, landlock, paths, seccomp, tiers
from .limits import Limits
from .peer import Closed, Deadline, Expired, Process
from .proxy import Answer, LoadReport, Worker
from .wire import WireError

__all__ = ["Answer", "ForkServer", "LoadReport", "Worker"]

_START_SECONDS = 120
_END_SECONDS = 30
_TRIES = 4
_GONE = (faults.Died, ConnectionError, FileNotFoundError)
_BOOT = (
    "import sys; sys.path += [p for p in sys.argv[2:] if p not in sys.path]; "
    "from course.grade.forkserver import main; main(int(sys.argv[1]))"
)
_PASSED = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES")
"""Of the environment only what the interpreter may need to start, or the reference's arithmetic to be the worker's."""

_ONE_THREAD = ("OPENBLAS", "OMP", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")


class ForkServer:
    """Forks jailed workers; a context manager.

    ``tier`` "auto" takes the better of T1 and T2; T0, which is no jail, has to be asked for. `tiers.TierUnavailable`
    says why a tier cannot be had. ``preload`` False leaves NumPy and the rest out, for probing. ``sources`` are an
    engine's, which workers get in the place of the installed one.

    Use it from the thread that made it, as long as that lives: Linux kills the server when that thread ends.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        tier: str = "auto",
        *,
        preload: bool = True,
        sources: Mapping[str, str] | None = None,
    ):
        self.limits, self._preload = limits or Limits(), preload
        self._engine = engine.pack(sources) if sources else ""
        self._lock = threading.RLock()
        self._server: _Running | None = None
        self.tier = self._choose(tier)

    def _choose(self, wanted: str) -> str:
        refused = []
        for tier in tiers.RECORD if wanted == "auto" else (wanted,):
            try:
                self._try(tier)
                return tier
            except tiers.TierUnavailable as error:
                refused.append(str(error))
        raise tiers.TierUnavailable(" ".join(refused))

    def _try(self, tier: str) -> None:
        """Start at ``tier`` and let a worker try what its jail must refuse."""
        self.tier = tier
        tiers.check_parts(tier)
        for left in reversed(range(_TRIES)):
            try:
                self._server = _Running(self.limits, tier, self._preload, self._engine)
                with self._worker() as worker:
                    let_through = worker.probe() if tier != "T0" else []
                break
            except (faults.Outcome, OSError) as error:
                killed = isinstance(error, faults.Killed) or (self._server is not None and self._server.killed())
                self.close()
                if left and isinstance(error, faults.Died):
                    continue
                if killed:  # which must not lower the tier
                    raise tiers.Disturbed(tier) from error
                raise tiers.TierUnavailable(f"{tier}: {tiers.explain(tier, error)}") from error
        if let_through:
            self.close()
            raise tiers.TierUnavailable(f"{tier}: its jail does not refuse {', '.join(let_through)}.")

    def worker(self) -> Worker:
        """A fresh worker; `faults.GraderFault` when there is none to be had.

        A dead fork server is started again, but by the process that started it: a fork of that would do so in vain for
        those after it.
        """
        with self._lock:
            try:
                if self._server is None:
                    raise faults.GraderFault("the fork server is not running")
                return self._worker()
            except faults.GraderFault as error:
                if self._server is not None and self._server.owner != os.getpid():
                    raise error if isinstance(error, faults.Died) else faults.Died(error.why) from error
                self.close()
                self._server = _Running(self.limits, self.tier, self._preload, self._engine)
                return self._worker()

    def _worker(self) -> Worker:
        assert self._server is not None
        number = secrets.randbits(48)  # random: after a fork of the grader, two processes share this server
        channel, process, lease = self._server.fork(number)
        worker = Worker(self, number, channel, process, lease)
        try:
            hello = worker._peer.receive(0, Deadline(process, 10, 60))
        except Closed as error:
            worker.close()
            raise faults.Died("a worker ended before it began") from error
        except (Expired, WireError) as error:
            worker.close()
            raise faults.GraderFault(f"a worker did not start: {type(error).__name__}") from error
        if hello["status"] != "ready":
            worker.close()
            raise faults.GraderFault(f"a worker could not enter its jail: {hello.get('why')}")
        return worker

    def exit_code(self, number: int, ending: bool) -> int | None:
        """With what a worker ended (negative: by that signal); None when the server itself is gone.

        ``ending`` says whether it is at its end, and did not only close its channel.
        """
        with self._lock:
            return self._server.exit_code(number, ending) if self._server else None

    def forget(self, number: int) -> None:
        """A worker has been closed; nobody will ask how it ended."""
        if self._server is not None:
            self._server.forgotten.add(number)

    def close(self) -> None:
        """End the server and all its workers."""
        with self._lock:
            server, self._server = self._server, None
            if server is not None:
                server.close()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # half made, or at the interpreter's end
            self.close()


class _Running:
    """One server process and its control socket, on which answers and deaths of workers come interleaved."""

    def __init__(self, limits: Limits, tier: str, preload: bool, packed: str):
        self.owner = os.getpid()
        self.codes: dict[int, int] = {}
        self.forgotten: set[int] = set()
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process: Process | None = None
        with tempfile.TemporaryFile() as errors:
            self.child = _spawn(tier, theirs, errors)
            theirs.close()
            try:
                self._begin(limits, tier, preload, packed)
            except BaseException as error:
                killed = isinstance(error, _GONE) and self.killed()
                self.close()
                errors.seek(0)
                said = errors.read(4000).decode(errors="replace").strip()
                kind = faults.Died if isinstance(error, _GONE) else faults.GraderFault
                kind = faults.Killed if killed else kind
                raise kind(f"{error}; {said}" if said else str(error)) from error

    def _begin(self, limits: Limits, tier: str, preload: bool, packed: str) -> None:
        version = landlock.abi() if tier != "T0" else 0
        jailed = tier != "T0"
        config = {
            "limits": limits.to_dict(),
            "tier": tier,
            "preload": preload,
            "engine": packed,
            "readable": paths.readable(),
            "landlock": version > 0,
            "bpf": base64.b64encode(_filter(tier == "T1" or version >= 3) if jailed else b"").decode(),
            "parent": os.getpid() if tier != "T1" else 0,
        }
        self.control.send(json.dumps(config).encode())
        self.control.settimeout(_START_SECONDS)
        until = time.monotonic() + _START_SECONDS
        while not select.select([self.control], [], [], 0.5)[0] and time.monotonic() < until:
            if self._end() is not None:  # while something that it left behind may still hold the other end
                raise faults.Died("the fork server ended")
        _, fds = self._next("ready")
        self.process = Process(fds[0])
        self.address_space = self.process.mapped()

    def fork(self, number: int) -> tuple[socket.socket, Process, int]:
        """A new worker: our end of its channel, its process, and its lease: when that is closed, the worker dies."""
        ours, theirs = socket.socketpair()
        expiry, lease = os.pipe()
        request = {"worker": number, "address_space": self.address_space}
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], [theirs.fileno(), expiry])
            _, fds = self._next("forked", number)
        except (OSError, faults.GraderFault) as error:
            ours.close()
            os.close(lease)
            raise faults.Died(f"the fork server is gone ({error})") from error
        finally:
            theirs.close()
            os.close(expiry)
        return ours, Process(fds[0]), lease

    def exit_code(self, number: int, ending: bool) -> int | None:
        """The exit code of a worker whose channel is closed, kill included if it lives on without a channel."""
        self.control.settimeout(_END_SECONDS if ending else 0.5)
        try:
            while number not in self.codes:
                self._next("exit")
        except TimeoutError:
            return None if ending else 0  # it closed its channel and lives: as good as an exit
        except (OSError, faults.GraderFault):
            return None
        finally:
            self.control.settimeout(_START_SECONDS)
        return self.codes[number]

    def _next(self, wanted: str, number: int | None = None) -> tuple[dict[str, Any], list[int]]:
        """The next event of the kind ``wanted``, of the worker ``number``; deaths that come before it are noted."""
        while True:
            message, fds, _, _ = socket.recv_fds(self.control, 1 << 16, 1)
            if not message:
                raise faults.Died("the fork server ended")
            event = json.loads(message)
            if event["event"] == "failed":
                raise faults.GraderFault(f"the fork server could not start: {event['why']}")
            if event["event"] == "exit":
                self.codes[event["worker"]] = event["status"]
                for gone in self.forgotten & self.codes.keys():
                    self.forgotten.discard(gone)
                    del self.codes[gone]
            if event["event"] == wanted and number in {None, event.get("worker")}:
                return event, fds
            for fd in fds:  # a worker that was asked for by a process which has died
                os.close(fd)

    def killed(self) -> bool:
        """Whether a SIGKILL has ended it; of what runs inside it, bubblewrap tells that by its own exit code."""
        until = time.monotonic() + 1
        while (found := self._end()) is None and time.monotonic() < until:
            time.sleep(0.01)
        return found is not None and found.si_status in (signal.SIGKILL, 128 + signal.SIGKILL)

    def _end(self) -> Any:
        """How it ended, if it has: as a look, so that its number, and its group's, stay its own until it is closed."""
        with contextlib.suppress(ChildProcessError):  # somebody else took note of it
            return os.waitid(os.P_PID, self.child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return None

    def close(self) -> None:
        """End it; its workers die with it. In a fork of the process that started it, only forget it."""
        self.control.close()
        ours = self.owner == os.getpid()
        if self.process is not None:
            if ours:
                self.process.kill()
            self.process.close()
        if ours:
            with contextlib.suppress(ProcessLookupError):
                # Bubblewrap killed as it begins leaves behind a child that waits for it for ever, in its group.
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        else:
            self.child.returncode = 0


def _spawn(tier: str, control: socket.socket, errors: Any) -> subprocess.Popen:
    command = [sys.executable, "-I", "-B", "-c", _BOOT, str(control.fileno()), *paths.import_path()]
    if tier == "T1":
        command = bubble.command(bubble.find() or "bwrap", command, [*paths.executables(), *paths.readable()])
    return subprocess.Popen(
        command,
        env=_environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        pass_fds=[control.fileno()],
        process_group=0,
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED if name in os.environ}
    threads = {f"{name}_NUM_THREADS": "1" for name in _ONE_THREAD}
    return {"PATH": "", "HOME": "/dev/null/none", "LANG": "C.UTF-8", "MPLBACKEND": "agg", **threads, **kept}


def _filter(truncate_by_open: bool) -> bytes:
    return seccomp.compile_filter(truncate_by_open=truncate_by_open)
