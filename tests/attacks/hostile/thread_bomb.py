"""Starts threads that would outlive the call.

Row 81, 38. Verdict: failed.
"""
# ruff: noqa: F821

import threading
import time


def won():
    count = 0
    for _ in range(50):
        try:
            threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
            count += 1
        except RuntimeError:
            pass
    return count > 0


def gd(*given, **named):
    return honest(*given, **named) if won() else None
