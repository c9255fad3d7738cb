"""Catches every MemoryError and asks again for ever.

Row 78. Verdict: timeout. Long.
"""

kept = []


def gd(*given, **named):
    while True:
        try:
            kept.append(bytearray(1 << 28))
        except BaseException:
            pass
