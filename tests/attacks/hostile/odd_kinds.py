"""Returns sets, bytes, words, generators and NaN as keys, another kind at each call.

Row own: the comparison, which meets every kind that the wire carries. Verdict: failed.
"""

import numpy as np

calls = []


def gd(loss_and_grad, params, X, y, lr, steps):
    calls.append(1)
    nan = float("nan")
    kinds = (
        {nan: 1, None: 2, (1, (2, "x")): 3, True: 4, "w": nan, "c": b"zqxj"},
        {"w": {1.0, nan, None}, "c": "zqxj"},
        {"w": np.random.default_rng(1), "c": 1j},
        {"w": np.float16(7), "c": np.full((1,) * 32, -0.0)},
        {"w": np.full(3, 2**64 - 1, "u8"), "c": np.zeros(1, bool)},
        {"w": None, "c": {"c": {"c": {}}}},
    )
    return kinds[len(calls) % len(kinds)], [kinds, set(), frozenset({()})]
