"""Hands huge and odd arguments to the function that was passed in.

Row 65, 63. Verdict: failed, error or timeout. Long.
"""

import numpy as np


def gd(loss_and_grad, params, X, y, lr, steps):
    for odd in (np.ones((2_000, 2_000)), {"w": 1e308}, [[]] * 5_000, b"x" * 1_000_000, -1, "w" * 10_000, {1: 2}):
        try:
            loss_and_grad(params, odd, odd, __class__=odd)
        except Exception:
            pass
        try:
            loss_and_grad({"w": odd, "c": odd}, odd, odd)
        except Exception:
            pass
