"""Returns arrays of records, words, times, objects and masks.

Row own: the encoder, which knows numbers only. Verdict: failed.
"""

import numpy as np

calls = []


def gd(loss_and_grad, params, X, y, lr, steps):
    calls.append(1)
    arrays = (
        np.zeros(3, [("w", "f8"), ("c", "O")]),
        np.array(["zqxj"]),
        np.array(["2026-01-01"], "M8[D]"),
        np.array([print, gd], object),
        np.ma.masked_all(3),
        np.rec.array([(1, 2.0)]),
        np.longdouble(1) * np.ones(3),
        memoryview(b"zqxj"),
    )
    return arrays[len(calls) % len(arrays)], arrays
