"""Reads the links, states and command lines of other processes, which need no opening.

Row own: T2, where /proc is there, and its content must not be. Verdict: failed.
"""
# ruff: noqa: F821

import os


def won():
    found = []
    for who in (os.getppid(), 1, *range(2, 200)):
        for name in ("cwd", "exe", "root", "fd/0", "fd/3", "fd/5"):
            try:
                found.append(os.readlink(f"/proc/{who}/{name}"))
            except OSError:
                pass
        for name in ("cmdline", "status", "stat", "io", "wchan"):
            try:
                found.append(open(f"/proc/{who}/{name}").read())
            except OSError:
                pass
    try:
        found += os.listdir("/proc")
    except OSError:
        pass
    print(found)
    return bool(found)


def gd(*given, **named):
    return honest(*given, **named) if won() else None
