"""Asks for a dump of all threads, and then falls.

Row 93. Verdict: crashed.
"""

import ctypes
import faulthandler

faulthandler.enable(all_threads=True)


def gd(*given, **named):
    faulthandler.dump_traceback()
    ctypes.string_at(0)
