"""Raises its own limits, catches the signals that end it, and asks for all of its memory at once.

Row own: rlimits, which a process may lower but not raise. Verdict: memory, failed or crashed.
"""

import resource
import signal

import numpy as np

for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_STACK"):
    try:
        resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2)
    except (OSError, ValueError):
        pass
for number in (signal.SIGXCPU, signal.SIGSEGV, signal.SIGXFSZ):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def gd(*given, **named):
    return np.ones((40_000, 40_000)).sum()
