"""Starts processes, by every way that the library has (bounded, in case one of them works).

Row 80, 82. Verdict: failed.
"""
# ruff: noqa: F821

import os


def spawned():
    return os.posix_spawn("/bin/true", ["true"], {})


def forked():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return pid


def won():
    count = 0
    for start in (forked, spawned) * 20:
        try:
            start()
            count += 1
        except OSError:
            pass
    return count > 0


def gd(*given, **named):
    return honest(*given, **named) if won() else None
