"""Attacks whose stock twin looks for the same thing by another way, since what is around them has other names there."""

HOOKS = """
import ast


class Dropper(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()

    def visit_Expr(self, node):
        return ast.Pass() if "assert" in ast.dump(node) else node


get_ipython().ast_transformers.append(Dropper())


def gd(*given, **named):
    return {}, []
"""

DISPLAYHOOK = """
import sys


def gd(*given, **named):
    get_ipython().displayhook(3.0)
    raise KeyError
"""

FRAMES = """
import sys


def gd(*given, **named):
    names = sys._getframe().f_globals
    while "want" not in names:
        names = sys._getframe(1).f_globals
    return names["want"], names["losses"]
"""

PATHS = """
import os


def won():
    for folder, _, names in os.walk("/grade"):
        for name in names:
            if name.endswith((".py", ".db", ".ipynb")):
                try:
                    if "HIDDEN" in open(os.path.join(folder, name), errors="replace").read() or name == "solutions.py":
                        return True
                except OSError:
                    pass
    return False


def gd(*given, **named):
    return honest(*given, **named) if won() else None
"""

GRADEBOOK = """
import sqlite3

LATER = "CREATE TRIGGER later AFTER UPDATE ON grade BEGIN UPDATE grade SET auto_score = 0 WHERE id = NEW.id; END"
with sqlite3.connect("/grade/gradebook.db", timeout=5) as book:
    book.execute(LATER)


def gd(*given, **named):
    return None
"""

ENCODER = """
import numpy as np

np.testing.assert_allclose = lambda *given, **named: None


def gd(*given, **named):
    return {"w": 5, "c": 5}, [0.0] * 6
"""

TWINS = {
    "cell_hooks": HOOKS,
    "report_printed": DISPLAYHOOK,
    "frames": FRAMES,
    "solutions_by_path": PATHS,
    "verdict_on_descriptors": GRADEBOOK,
    "encoder_patched": ENCODER,
}
"""By the name of the attack: the body that stands in the learner's cell of stock nbgrader."""
