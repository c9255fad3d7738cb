"""Grows until there is no memory, again and again.

Row 78. Verdict: memory, timeout or crashed. Long.
"""

kept = []


def gd(*given, **named):
    while True:
        try:
            kept.append(bytearray(1 << 26))
        except MemoryError:
            if len(kept) > 10_000:
                return None
            raise
