"""Hands over arrays that hold nothing, with half a million rows on their other side.

Row own: the bound on what is handed to a callback, which counts numbers. Verdict: failed, error or timeout.
"""

import numpy as np


def gd(loss_and_grad, params, X, y, lr, steps):
    rows = np.zeros((0, 500_000)).T
    for one in ({"w": np.zeros(0), "c": np.zeros(1)}, {"w": np.zeros(0), "c": 1j}):
        try:
            loss_and_grad(one, rows, np.zeros(1))
        except Exception:
            pass
