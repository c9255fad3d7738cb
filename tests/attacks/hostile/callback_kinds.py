"""Hands over generators, words, sets, tensors, huge integers and itself.

Row own: callbacks, whose arguments reach the reference. Verdict: failed or error.
"""

import numpy as np

from autograd_mini import Tensor


def gd(loss_and_grad, params, X, y, lr, steps):
    odd = (
        np.random.default_rng(1),
        "zqxj",
        {1.0, None},
        Tensor(X),
        2**4095,
        np.full(3, np.nan, "f2"),
        loss_and_grad,
        gd,
    )
    for one in odd:
        for call in (
            lambda one: loss_and_grad({"w": one, "c": one}, X, y),
            lambda one: loss_and_grad(params, one, one),
            lambda one: loss_and_grad(one),
            lambda one: loss_and_grad(*[one] * 20, **{"self": one, "function": one, "params": one}),
        ):
            try:
                call(one)
            except Exception:
                pass
