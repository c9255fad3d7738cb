"""Returns objects that say that they are floats, arrays, tensors and generators.

Row own: what becomes of values on their way out of the worker. Verdict: failed, error or crashed.
"""

import numpy as np

calls = []


def liar(kind):
    class Liar:
        __class__ = property(lambda self: kind)
        data = property(lambda self: np.ones(4))
        grad = requires_grad = True
        __iter__ = __len__ = __index__ = __float__ = __array__ = lambda self, *given, **named: 4

    return Liar()


def gd(*given, **named):
    calls.append(1)
    kinds = (float, int, str, dict, list, np.ndarray, np.random.Generator, np.ma.MaskedArray, bool, type)
    return liar(kinds[len(calls) % len(kinds)]), liar(dict)
