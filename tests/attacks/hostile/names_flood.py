"""Defines a hundred thousand names before the function, and deletes those that the worker uses.

Row own: the report on loading, and the namespace. Verdict: missing or failed.
"""

for number in range(100_000):
    globals()["n" * 60 + str(number)] = number
for name in ("np", "check", "__builtins__", "__name__"):
    globals().pop(name, None)


def gd(*given, **named):
    return None
