"""The fork server: imports everything once, then forks a jailed worker a request; it holds no secret of the course."""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..bundle import engine
from . import worker
from .jail import drop, landlock, seccomp
from .limits import Limits

COMMON = (
    "abc base64 bisect cmath collections contextlib copy csv dataclasses datetime decimal enum fractions functools gc "
    "hashlib heapq inspect io itertools json linecache logging math numbers operator os pathlib pprint random re "
    "statistics string sys textwrap threading time timeit traceback types typing warnings weakref"
).split()
"""Modules of the standard library that learners import: already there when the jail closes."""

ARRAYS = ("numpy", "numpy.random", "numpy.linalg", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.testing")
OURS = ("autograd_mini", "autograd_mini.nn", "autograd_mini.testing", "course.bundle.loader", "course.learn",
        "course.learn.check", "course.learn.data", "course.learn.figures")  # fmt: skip


class _Child(NamedTuple):
    number: int
    pid: int
    pidfd: int
    lease: int


class _Server:
    """``control`` is the one descriptor of the server; ``config`` what `workers.ForkServer` sent first."""

    def __init__(self, control: socket.socket, config: dict[str, Any]):
        self.control, self.config = control, config
        self.limits = Limits(**config["limits"])
        self.bpf = base64.b64decode(config["bpf"])
        self.children: dict[int, _Child] = {}  # by pidfd
        self.leases: dict[int, _Child] = {}
        self.poller = select.poll()
        self.rules = landlock.ruleset(config["readable"]) if config["landlock"] else -1
        self.search = os.geteuid() == 0 and not drop.reachable(config["readable"])
        self.address_space = 0

    def serve(self) -> None:
        """Answer requests until the grader is gone."""
        self.poller.register(self.control, select.POLLIN)
        while True:
            fd, _ = self.poller.poll()[0]  # one at a time: dealing with one event may close what another is about
            if fd in self.leases:  # whoever asked for this worker has closed it, or died
                self.poller.unregister(fd)
                signal.pidfd_send_signal(self.leases.pop(fd).pidfd, signal.SIGKILL)
            elif fd in self.children:
                self._bury(self.children.pop(fd))
            else:
                self._fork()

    def _fork(self) -> None:
        message, fds, _, _ = socket.recv_fds(self.control, 4096, 2)
        if not message:
            os._exit(0)
        request, (channel, lease) = json.loads(message), fds
        self.address_space = request["address_space"]
        pid = os.fork()
        if pid == 0:
            self._be_worker(channel, request["worker"])
        os.close(channel)
        child = _Child(request["worker"], pid, os.pidfd_open(pid), lease)
        self.children[child.pidfd] = self.leases[lease] = child
        self.poller.register(lease, 0)  # nothing is ever written there: only its end is an event
        self.poller.register(child.pidfd, select.POLLIN)
        send(self.control, {"event": "forked", "worker": child.number}, [child.pidfd])

    def _bury(self, child: _Child) -> None:
        if self.leases.pop(child.lease, None):
            self.poller.unregister(child.lease)
        self.poller.unregister(child.pidfd)
        os.close(child.lease)
        os.close(child.pidfd)
        status = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        send(self.control, {"event": "exit", "worker": child.number, "status": status})

    def _be_worker(self, fd: int, number: int) -> None:
        try:
            self._enter_jail(fd, number)
        except BaseException as error:
            worker.refuse(fd, f"{type(error).__name__}: {error}", self.limits)
            os._exit(70)
        try:
            worker.serve(fd, self.limits)
        finally:
            os._exit(0)  # no atexit handlers, no flushing: nothing of the server's is repeated in the fork

    def _enter_jail(self, fd: int, number: int) -> None:
        parent = self.config["server_pid"]
        drop.close_all_but([0, 1, 2, fd, *([self.rules] if self.rules >= 0 else [])])
        os.setsid()
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        drop.limit(
            address_space=self.address_space + (self.limits.memory_mb << 20),
            descriptors=self.limits.descriptors,
            seconds=int(max(600, 4 * self.limits.submission)),
        )
        if self.config["tier"] != "T0":
            drop.privileges(number, search=self.search)
        drop.die_with(parent)  # after the change of uid, which takes this back
        if self.config["tier"] != "T0":
            landlock.restrict(self.rules)
            seccomp.load(self.bpf)


def preload(full: bool) -> None:
    """Import what learners use; what is not installed is left out."""
    for name in COMMON:
        importlib.import_module(name)
    if not full:
        return
    for name in (*ARRAYS, *OURS):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from . import display

    display.prepare()


def _forget_closed_folders(readable: list[str]) -> None:
    """Take folders that workers may not read off the module path: their names were listed while we imported."""
    roots = tuple(os.path.join(root, "") for root in readable)
    sys.path[:] = [path for path in sys.path if os.path.join(path, "").startswith(roots)]
    sys.path_importer_cache.clear()


def send(control: socket.socket, event: dict, fds: list[int] | tuple = ()) -> None:
    """One message on the control socket; the server ends quietly when the grader is gone."""
    try:
        socket.send_fds(control, [json.dumps(event).encode()], fds)
    except OSError:
        os._exit(0)


def main(fd: int) -> None:
    """Run a fork server on the control socket ``fd``; does not return."""
    control = socket.socket(fileno=fd)
    config = json.loads(control.recv(1 << 17) or os._exit(0))
    config["server_pid"] = os.getpid()
    sys.argv, sys.dont_write_bytecode = [""], True
    os.environ.pop("LD_LIBRARY_PATH", None)
    with _reporting(control):
        if config["parent"]:  # in T1 bubblewrap stands between, and dies with the grader itself
            drop.die_with(config["parent"])
        drop.close_all_but([0, 1, 2, fd])
        os.chdir("/")
        if config["engine"]:  # the bundle's own, in memory: no folder of the course home is opened to workers
            engine.install(engine.unpack(config["engine"]))
        preload(config["preload"])
        _forget_closed_folders(config["readable"])
        server = _Server(control, config)
        gc.collect()
        gc.freeze()
    drop.standard_streams_to_null()
    send(control, {"event": "ready", "landlock": landlock.abi()}, [os.pidfd_open(os.getpid())])
    server.serve()


@contextlib.contextmanager
def _reporting(control: socket.socket) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        send(control, {"event": "failed", "why": f"{type(error).__name__}: {error}"})
        os._exit(1)
