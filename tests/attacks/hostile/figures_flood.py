"""Draws figures without end, of tens of thousands of pixels, and some that raise when they are drawn.

Row own: the display, which keeps figures. Verdict: failed. Shown.
"""

import matplotlib.pyplot as plt


class Trap:
    def __iter__(self):
        raise SystemExit(0)


if "get_ipython" in globals():
    for _ in range(60):
        plt.figure(figsize=(0.2, 0.2))
    plt.figure(figsize=(300, 300), dpi=300)
    plt.figure().axes.append(Trap())


def gd(*given, **named):
    return None
