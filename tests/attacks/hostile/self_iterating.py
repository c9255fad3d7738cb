"""Returns an object that yields itself.

Row 59. Verdict: failed, error or crashed.
"""


class Self:
    def __iter__(self):
        yield self


def gd(*given, **named):
    return Self()
