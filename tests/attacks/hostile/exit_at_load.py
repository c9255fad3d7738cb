"""Leaves by sys.exit(0), quit() and an interrupt while the cell is loaded.

Row 40. Verdict: failed.
"""

import sys

sys.exit(0)
quit()
raise KeyboardInterrupt


def gd(*given, **named):
    return None
