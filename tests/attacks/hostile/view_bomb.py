"""Returns views that are eight bytes large and say that they are eight gigabytes.

Row own: the encoder, which copies what is not contiguous. Verdict: memory.
"""

import numpy as np


def gd(*given, **named):
    return np.broadcast_to(1.0, (1 << 30,)), np.lib.stride_tricks.as_strided(np.ones(1), (1 << 30,), (0,))
