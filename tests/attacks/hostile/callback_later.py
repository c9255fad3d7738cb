"""Keeps the function that it was given, and calls it in the next call, beside the new one.

Row own: callbacks of an earlier call, by their numbers. Verdict: failed or error.
"""

kept = []


def gd(loss_and_grad, params, X, y, lr, steps):
    for old, given in kept:
        try:
            old(*given)
        except Exception:
            pass
    kept.append((loss_and_grad, (params, X, y)))
    return params, (loss_and_grad(params, X, y)[0] for _ in range(2 * steps + 3))
