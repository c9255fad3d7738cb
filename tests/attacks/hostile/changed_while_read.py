"""Returns an iterator that changes the arguments while it is read.

Row own: the worker, which looks at the arguments when the value has been read. Verdict: failed or error. Changes.
"""


def gd(loss_and_grad, params, X, y, lr, steps):
    def losses():
        for _ in range(steps + 1):
            X[:] = 0
            params["w"] *= 0
            params["new"] = y
            yield 1.0

    return {name: value.copy() for name, value in params.items()}, losses()
