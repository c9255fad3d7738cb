"""Raises an exception whose words never end, and shows an object whose text does not.

Row 89. Verdict: error.
"""


class Endless(Exception):
    def __str__(self):
        while True:
            pass

    __repr__ = __str__


def gd(*given, **named):
    raise Endless(Endless())
