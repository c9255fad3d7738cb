"""The trusted end of a worker's channel: whole frames under one deadline, and the process behind it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

from . import wire
from .limits import Limits

_EXITING = 4  # PF_EXITING among the flags of /proc/PID/stat


class Expired(Exception):
    """The deadline has passed: that of CPU time, or (``wall``) that of the clock."""

    def __init__(self, wall: bool):
        super().__init__(wall)
        self.wall = wall


class Closed(Exception):
    """The worker's end of the channel is closed: it died, or closed it."""


class Process:
    """A process known by a descriptor, so that neither another namespace nor a reused pid can confuse it."""

    def __init__(self, pidfd: int):
        self.pidfd = pidfd
        self.pid = _pid_of(pidfd)

    def cpu(self) -> float:
        """CPU seconds that the process has used; 0 when it is gone."""
        # The CPU clock of another process, by pid: nanoseconds, and it needs no /proc (CPUCLOCK_SCHED is 2).
        try:
            return time.clock_gettime(~self.pid << 3 | 2)
        except OSError:
            return 0.0

    def mapped(self) -> int:
        """Bytes of address space in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def kill(self) -> None:
        """End it now, if it has not ended."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def ended(self, within: float) -> bool:
        """Whether it has ended, waiting up to ``within`` seconds for that."""
        return bool(select.select([self.pidfd], [], [], within)[0])

    def ending(self) -> bool:
        """Whether it has ended, or is about to: the kernel says so before it closes what a process has open."""
        try:
            flags = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[6]
        except OSError:
            return True
        return bool(int(flags) & _EXITING) or self.ended(0)

    def close(self) -> None:
        """Forget it."""
        os.close(self.pidfd)


def _pid_of(pidfd: int) -> int:
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise OSError(f"descriptor {pidfd} is not that of a process")


class Deadline:
    """CPU time of one process and time of the clock, both counted from now, one deadline for a whole call."""

    def __init__(self, process: Process, cpu: float, wall: float):
        self.process, self.cpu = process, cpu
        self.began, self.end = process.cpu(), time.monotonic() + wall

    def used(self) -> float:
        """CPU seconds since it began."""
        return max(0.0, self.process.cpu() - self.began)

    def left(self) -> float:
        """How long to wait before asking again; `Expired` when there is nothing left."""
        wall = self.end - time.monotonic()
        if wall <= 0:
            raise Expired(wall=True)
        cpu = self.cpu - self.used()
        if cpu <= 0:
            raise Expired(wall=False)
        # One thread cannot use CPU time faster than the clock runs: no need to look before.
        return min(wall, max(cpu, 0.001))


class Peer:
    """Frames to and from one worker. Everything that it reads is taken for hostile."""

    def __init__(self, channel: socket.socket, limits: Limits):
        self.channel, self.limits = channel, limits
        channel.setblocking(False)

    def idle(self) -> bool:
        """Whether nothing has been said out of turn; `Closed` if the other end is."""
        try:
            if not self.channel.recv(1, socket.MSG_PEEK):
                raise Closed
        except BlockingIOError:
            return True
        except ConnectionError as error:
            raise Closed from error
        return False

    def send(self, pieces: list, deadline: Deadline) -> None:
        """Send a frame; a worker that does not read does not stop us for longer than the deadline."""
        for piece in pieces:
            view = memoryview(piece)
            while view.nbytes:
                try:
                    view = view[self.channel.send(view) :]
                except BlockingIOError:
                    self._wait(select.POLLOUT, deadline)
                except OSError as error:
                    raise Closed from error

    def receive(self, request: int, deadline: Deadline) -> dict[str, Any]:
        """The next frame, an answer to ``request``; `wire.WireError` for anything else."""
        head = self._read(bytearray(wire.HEAD.size), 0, deadline)
        length, answered, _ = wire.HEAD.unpack(head)
        if answered != request or not wire.HEAD.size < length <= self.limits.frame_mb << 20:
            raise wire.WireError("garbage", "not an answer to what was asked")
        frame = bytearray(length + 4)
        frame[: wire.HEAD.size] = head
        answer = wire.loads(self._read(frame, wire.HEAD.size, deadline), limits=self.limits)
        if type(answer) is not dict or type(answer.get("status")) is not str:
            raise wire.WireError("garbage", "not a message")
        return answer

    def _read(self, buffer: bytearray, start: int, deadline: Deadline) -> bytearray:
        view = memoryview(buffer)[start:]
        while view.nbytes:
            deadline.left()  # a slow drip is as late as silence
            try:
                count = self.channel.recv_into(view)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise Closed from error
            if count == 0:
                raise Closed
            view = view[count:]
        return buffer

    def _wait(self, event: int, deadline: Deadline) -> None:
        poller = select.poll()
        poller.register(self.channel, event)
        poller.poll(deadline.left() * 1000 + 1)
