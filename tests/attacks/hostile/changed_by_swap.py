"""Changes arrays in ways that leave their bytes: other shapes, dtypes, keys and orders.

Row own: the worker's image of the arguments. Verdict: failed or error. Changes.
"""


def gd(loss_and_grad, params, X, y, lr, steps):
    params["c"], params["w"] = params.pop("c"), params.pop("w")
    X.shape = X.shape[::-1]
    y.dtype = "i8"
    return params, [1.0] * (steps + 1)
