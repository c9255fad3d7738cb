"""Returns arrays whose subclasses loop, raise and leave when they are looked at or copied.

Row own: the encoder, which makes plain arrays of them. Verdict: failed, error, timeout or crashed.
"""

import numpy as np


class Trap(np.ndarray):
    def __array_finalize__(self, other):
        if other is not None and len(seen) > 3:
            raise SystemExit(0)
        seen.append(1)

    dtype = property(lambda self: np.dtype("f8"))
    shape = property(lambda self: (2**40,))
    nbytes = itemsize = property(lambda self: 2**40)


seen = []


def gd(loss_and_grad, params, X, y, lr, steps):
    return {name: np.ones(3).view(Trap) for name in params}, np.ones((steps + 1) * 8).view(Trap)
