"""Recurses without a bound, in Python and in C.

Row 75. Verdict: crashed, error, memory or timeout.
"""

import sys

sys.setrecursionlimit(10**9)


class Shown:
    def __repr__(self):
        return repr([self])


def gd(*given, **named):
    repr(Shown())
    return gd(*given, **named)
