"""Returns more than a frame holds.

Row 60, 79. Verdict: failed or error.
"""

import numpy as np


def gd(*given, **named):
    return np.zeros(12_000_000), [b"x" * (1 << 20)] * 100
