"""Opens its descriptors, and those of others, by their names under /proc and /dev.

Row 10, 8. Verdict: failed.
"""
# ruff: noqa: F821

import os


def won():
    for folder in (f"/proc/{who}/fd" for who in ("self", os.getppid(), 1)):
        for number in range(3, 40):
            try:
                os.close(os.open(f"{folder}/{number}", os.O_RDWR))
                return True
            except OSError:
                pass
    return False


def gd(*given, **named):
    return honest(*given, **named) if won() else None
