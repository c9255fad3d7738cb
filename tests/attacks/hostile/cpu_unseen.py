"""Sleeps and computes in turns, below each deadline, in every call.

Row own: deadlines by CPU time and by the clock, one beside the other. Verdict: failed or timeout. Long.
"""

import time


def gd(*given, **named):
    until = time.process_time() + 0.3
    time.sleep(1.0)
    while time.process_time() < until:
        pass
