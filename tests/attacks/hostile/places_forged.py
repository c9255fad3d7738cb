"""Raises from code that says that it stands in cells of the course, at lines that are none.

Row own: the place of an error, which the worker tells. Verdict: error.
"""


def gd(*given, **named):
    source = "\n" * 50_000 + "raise KeyError('zqxj')"
    exec(compile(source, "<check-gd>", "exec"))
