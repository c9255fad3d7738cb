"""Computes in C, with the interpreter's lock held, where no timer of Python's is heard.

Row 73. Verdict: timeout.
"""


def gd(*given, **named):
    return len(str(7**10**8))
