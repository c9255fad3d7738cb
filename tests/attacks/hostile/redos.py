"""Lets a regular expression look for what it cannot find.

Row 74. Verdict: timeout.
"""

import re


def gd(*given, **named):
    return re.match("(a+)+$", "a" * 40 + "b")
