"""Prints without end, to both streams.

Row 87. Verdict: timeout. Long.
"""

import os


def gd(*given, **named):
    while True:
        print("x" * 65_536)
        os.write(2, b"y" * 65_536)
