"""Calls the function that was passed in a million times.

Row 63. Verdict: failed, error or timeout. Long.
"""


def gd(loss_and_grad, params, X, y, lr, steps):
    for _ in range(1_000_000):
        try:
            loss_and_grad(params, X, y)
        except Exception:
            pass
