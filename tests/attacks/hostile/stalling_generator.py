"""Returns losses of which the second never comes.

Row 76. Verdict: timeout.
"""


def stalls():
    yield 1.0
    while True:
        pass


def gd(loss_and_grad, params, *given, **named):
    return params, stalls()
