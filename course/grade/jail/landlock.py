"""Landlock: after it, a process reads what lies under the paths that it was given, and writes nothing."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable

from . import libc

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE, _READ, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights on files each ABI knows; they are numbered from 0. ABI 3 brought truncate, 5 ioctl on devices."""

WRITABLE = ("/dev/null",)


class _Attributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32))


def abi() -> int:
    """The Landlock ABI of this kernel; 0 where there is none.

    1 (Linux 5.13) holds the files. 3 adds truncation, 4 TCP, 6 signals and abstract sockets: what an older one lacks
    is denied by seccomp.
    """
    try:
        return libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    except OSError:
        return 0


def ruleset(readable: Iterable[str]) -> int:
    """A descriptor of the rules that allow reading under ``readable`` and nothing else; -1 without Landlock.

    Made once, before the forks; paths that do not exist are left out.
    """
    version = abi()
    if version < 1:
        return -1
    handled = (1 << _RIGHTS.get(version, 16)) - 1
    attributes = _Attributes(handled, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(_CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path in readable:
        _allow(rules, path, _READ | _READ_DIR)
    for path in WRITABLE:
        _allow(rules, path, (_READ | _WRITE | _TRUNCATE) & handled)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(fd).st_mode):
        rights &= ~_READ_DIR
    rule = _PathBeneath(rights, fd)
    libc.syscall(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0))
    os.close(fd)


def restrict(rules: int) -> None:
    """Put this process under ``rules`` for good; it must have ``no_new_privs``."""
    if rules >= 0:
        libc.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
        os.close(rules)
