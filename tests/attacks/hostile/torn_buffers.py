"""Changes an array, and its size, after the encoder has begun with it.

Row own: the encoder, which keeps buffers until the frame is written. Verdict: failed, error, crashed or memory.
"""

import numpy as np


def gd(loss_and_grad, params, X, y, lr, steps):
    torn, store = np.zeros(100_000), bytearray(1 << 20)

    def rest():
        for number in range(steps + 1):
            torn[:] = number
            for change in (lambda: torn.resize(10, refcheck=False), store.clear):
                try:
                    change()
                except (BufferError, ValueError):
                    pass
            yield float(number)

    return {"w": torn, "c": np.frombuffer(store)}, rest()
