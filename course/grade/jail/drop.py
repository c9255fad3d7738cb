"""What a forked worker gives up before it runs a learner's code: descriptors, resources, privileges."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterable, Sequence

from . import libc

UIDS = 1_900_000_000
"""Workers of a grader that is root run under uids from here on: the range that systemd's table of uids calls unused.
Each worker of a server has its own, so that none may so much as look at another."""

NOBODY = 65534
_CAP_DAC_READ_SEARCH = 2


def die_with(parent: int) -> None:
    """Be killed when ``parent`` dies, and now if it is dead already."""
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def close_all_but(kept: Iterable[int]) -> None:
    """Close every descriptor that is not in ``kept``."""
    low = 0
    for fd in sorted(kept):
        if low < fd:  # closerange(0, 0) closes them all
            os.closerange(low, fd)
        low = fd + 1
    os.closerange(low, 2**31 - 1 if sys.platform == "linux" else 4096)


def limit(*, address_space: int, descriptors: int, seconds: int) -> None:
    """Set the rlimits; ``address_space`` in bytes is everything mapped, what was there at the fork included."""
    wanted = {
        "AS": address_space,
        "NOFILE": descriptors,
        "CPU": seconds,  # a backstop: the grader's own deadline is per call, and comes first
        "NPROC": 0,
        "CORE": 0,
        "FSIZE": 0,
        "STACK": 8 << 20,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "SIGPENDING": 16,
    }
    for name, value in wanted.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None:
            continue
        hard = resource.getrlimit(number)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (bound, bound))


def reachable(paths: Sequence[str]) -> bool:
    """Whether anybody may read under every one of ``paths``: no folder on the way is closed to others."""
    return not closed(paths)


def closed(paths: Sequence[str]) -> str:
    """The outermost file or folder on the way to ``paths`` that is closed to others; "" where all are open."""
    for path in map(os.path.realpath, paths):
        found = ""
        while True:
            mode = os.stat(path).st_mode if os.path.exists(path) else 0o005
            if not mode & (0o001 if os.path.isdir(path) else 0o004):
                found = path
            if path == (path := os.path.dirname(path)):
                break
        if found:
            return found
    return ""


def privileges(number: int, *, search: bool) -> None:
    """Become nobody: as root, another uid and gid (the ``number``-th of ours), no groups, no capabilities.

    ``search`` keeps one capability, to read and search folders whatever their mode. Only for an interpreter that
    lies in a folder closed to others (``/root``), outside a mount namespace: without it no module could be imported
    any more, and right submissions would fail. Landlock bounds what can be read with it, and open_by_handle_at, its
    other use, is not among the allowed system calls.

    It cannot be had without: descriptors of the folders, opened before, do not help, since Python, its extension
    modules and the linker open what they import later by whole paths, through the closed folder; importing everything
    before costs each worker the memory of all that is installed; and to open the folder is for its owner to decide.
    Who does (``chmod o+x``), or has T1, has workers without any capability.
    """
    if os.getuid() == 0 or os.geteuid() == 0:
        _become(number, search)
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    libc.prctl(libc.PR_SET_DUMPABLE, 0)


def _become(number: int, search: bool) -> None:
    libc.prctl(libc.PR_CAP_AMBIENT, libc.PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            libc.prctl(libc.PR_CAPBSET_DROP, capability)
        except OSError:  # beyond the last that the kernel knows
            break
    libc.prctl(libc.PR_SET_KEEPCAPS, int(search))
    os.setgroups([])
    for uid in (UIDS + number % 65536, NOBODY):
        try:
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            break
        except OSError as error:  # a container's user namespace has few uids
            if uid == NOBODY:
                raise PermissionError(f"cannot give up root for an unprivileged uid: {error}") from error
    try:
        libc.capset(1 << _CAP_DAC_READ_SEARCH if search else 0)
    except PermissionError as error:  # root in a container has not all capabilities
        where = closed([sys.base_prefix, sys.prefix, os.path.dirname(__file__)])
        raise PermissionError(
            f"Python or this package lies below {where}, which is closed to workers: run `chmod o+x {where}`, or use a "
            "Python that everybody may read"
        ) from error


def standard_streams_to_null() -> None:
    """Nothing that a learner's code writes there is read by anybody, so that a flood costs nothing."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)
    sys.stdin = open(0, closefd=False)
