"""The processes of a grading run, told apart by whose child each is, and ended one at a time."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VICTIMS = ("supervisor", "grader", "submission", "bubblewrap", "fork server", "worker", "probe")
"""The command; its judging process; the fork of that for one submission; the outer jail; what is in it; one worker;
and the jail that the command makes only to see that it can."""

_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """A process: its numbers, when it began (which tells it from a later one of the same number), its part, and the
    number of the judging process that it is, or belongs to."""

    pid: int
    parent: int
    began: int
    state: str = ""
    part: str = ""
    grader: int = 0

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) - self.began / _TICKS

    def kill(self) -> bool:
        """SIGKILL for exactly this process; whether it was there."""
        try:
            handle = os.pidfd_open(self.pid)
        except OSError:
            return False
        try:
            now = look(self.pid)
            if now is None or (now.began, now.parent) != (self.began, self.parent) or now.state == "Z":
                return False
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return True
        except OSError:
            return False
        finally:
            os.close(handle)


def look(pid: int) -> Process | None:
    """The process of this number, if there is one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    rest = text[text.rindex(")") + 2 :].split()
    return Process(pid, int(rest[1]), int(rest[19]), rest[0])


def below(root: int) -> list[Process]:
    """Everything that descends from process ``root``, with the part that each plays; without what has ended."""
    children: dict[int, list[Process]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (one := look(int(name))) is not None:
            children.setdefault(one.parent, []).append(one)
    return list(_descend(root, "", 0, children))


def _descend(root: int, part: str, grader: int, children: dict[int, list[Process]]) -> Iterator[Process]:
    for one in children.get(root, ()):
        mine = _part(one.pid, part)
        above = one.pid if mine == "grader" else grader
        if one.state not in "ZX":
            yield Process(one.pid, one.parent, one.began, one.state, mine, above)
        yield from _descend(one.pid, mine, above, children)


def _part(pid: int, parent: str) -> str:
    """What a child of one that plays ``parent`` is, by its command line; a fork has its parent's."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    if parent == "probe" or (parent == "supervisor" and b"course.grade.judge" not in words):
        return "probe"
    if b"course.grade.judge" in words:
        return "submission" if parent in ("grader", "submission") else "grader"
    if any(b"course.cli" in word for word in words):
        return "supervisor"
    if os.path.basename(words[0]) == b"bwrap":
        return "bubblewrap"
    if any(b"course.grade.forkserver" in word for word in words):
        return "worker" if parent in ("fork server", "worker") else "fork server"
    return ""


def adopt() -> None:
    """Become the parent of what is left of those that are killed, so that nothing escapes a look."""
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def bury(*ours: int) -> None:
    """Take note of the ends of those that were adopted; ``ours`` are left to who started them."""
    for name in below_now(os.getpid()):
        if name not in ours:
            try:
                os.waitpid(name, os.WNOHANG)
            except ChildProcessError:
                pass


def below_now(root: int) -> list[int]:
    """The numbers of the children of ``root``, ended ones included."""
    found = (look(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return [one.pid for one in found if one is not None and one.parent == root]


def descriptors(pid: int) -> int:
    """How many descriptors a process has open; 0 when it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0
