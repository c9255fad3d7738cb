"""seccomp: the list of system calls that NumPy, matplotlib and IPython need, and a filter that refuses all others."""

from __future__ import annotations

import ctypes
import errno
import os
import tempfile

from . import libc

ALLOWED = tuple(
    """
    read write readv writev pread64 pwrite64 lseek close close_range dup dup2 dup3
    stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd chdir fchdir
    getdents getdents64 mmap munmap mremap mprotect madvise brk
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall
    select pselect6 poll ppoll futex set_robust_list get_robust_list rseq membarrier set_tid_address
    sched_yield sched_getaffinity getcpu getpriority
    clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage getrlimit
    getpid gettid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups
    uname sysinfo getrandom umask exit exit_group
    """.split()
)
"""Allowed whatever their arguments. ``open``, ``openat``, ``fcntl``, ``ioctl`` and ``prlimit64`` are filtered below."""

ABSENT = ("clone3", "openat2", "epoll_pwait2")
"""Answered with ENOSYS: the C library then falls back on an older call, which is in the list or refused."""

_FCNTL = "F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL".split()
_IOCTL = "TCGETS TIOCGWINSZ FIOCLEX FIONCLEX FIONREAD".split()


class SeccompMissing(RuntimeError):
    """libseccomp is not there, or does not know this machine."""


def compile_filter(*, truncate_by_open: bool = True) -> bytes:
    """The filter as BPF, to be loaded by `load` in each worker; `SeccompMissing` with the reason.

    Everything that is not allowed fails with EPERM: no sockets, processes, threads, executables, memory of others,
    shared memory, signals to others, keys, file locks or leases, namespaces, io_uring, no change of a file's owner,
    mode, times or attributes. Without ``truncate_by_open`` opening with O_TRUNC is refused too: Landlock before ABI 3
    lets a file be emptied by a mere reader.
    """
    import fcntl
    import termios

    try:
        import pyseccomp  # here, because it raises where there is no libseccomp
    except (ImportError, RuntimeError, OSError) as error:
        raise SeccompMissing(str(error) or "pyseccomp cannot be imported") from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    arg = pyseccomp.Arg
    for name in ALLOWED:
        _add(rules, pyseccomp.ALLOW, name)
    for name in ABSENT:
        _add(rules, pyseccomp.ERRNO(errno.ENOSYS), name)
    for name, position in (("open", 1), ("openat", 2)):
        only = () if truncate_by_open else (arg(position, pyseccomp.MASKED_EQ, os.O_TRUNC, 0),)
        _add(rules, pyseccomp.ALLOW, name, *only)
    for command in _FCNTL:
        _add(rules, pyseccomp.ALLOW, "fcntl", arg(1, pyseccomp.EQ, getattr(fcntl, command)))
    for request in _IOCTL:
        _add(rules, pyseccomp.ALLOW, "ioctl", arg(1, pyseccomp.EQ, getattr(termios, request)))
    # Asking for a limit is harmless; setting one (a third argument) is not.
    _add(rules, pyseccomp.ALLOW, "prlimit64", arg(2, pyseccomp.EQ, 0))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _add(rules: object, action: int, name: str, *arguments: object) -> None:
    try:
        rules.add_rule(action, name, *arguments)  # type: ignore[attr-defined]
    except (OSError, ValueError):  # a call that this architecture or this libseccomp does not know is denied anyway
        pass


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def load(bpf: bytes) -> None:
    """Put this process under the filter for good; it must have ``no_new_privs``."""
    buffer = ctypes.create_string_buffer(bpf, len(bpf))
    program = _Program(len(bpf) // 8, ctypes.addressof(buffer))
    libc.prctl(libc.PR_SET_SECCOMP, libc.SECCOMP_MODE_FILTER, ctypes.addressof(program))
