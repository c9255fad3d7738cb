"""Sleeps in each call for almost as long as it may.

Row 76. Verdict: failed or timeout. Long.
"""

import time


def gd(*given, **named):
    time.sleep(0.5)
