"""Returns a list that holds itself, and one of 200,000 lists.

Row 59. Verdict: failed or error.
"""


def gd(*given, **named):
    ring, deep = [], []
    ring.append(ring)
    for _ in range(200_000):
        deep = [deep]
    return ring, deep
