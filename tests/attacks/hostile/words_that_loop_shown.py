"""Shows an object whose text never ends, and one that never comes.

Row 89. Verdict: failed. Shown.
"""


class Endless:
    def __repr__(self):
        return "zqxj" * 10**7

    def _repr_png_(self):
        while True:
            pass


if "get_ipython" in globals():
    Endless()
    display(Endless())  # noqa: F821


def gd(*given, **named):
    return None
