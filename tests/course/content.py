"""What the tests of notebooks' contents share."""

import ast
import re


def example(cells, names, name, kind="example", **more):
    """The namespace after a worked example has run, with the figure that it ends in as ``fig``."""
    source = next(cell.source for cell in cells if cell.kind == kind and cell.name == name)
    space = {**names, **more}
    exec(compile(re.sub(r"(?m)^figures\.", "fig = figures.", source), f"<{name}>", "exec"), space)
    return space


def marks(hidden):
    """(points, cell, topic) of every hidden check, read from the text of the file ``hidden``."""
    for node in ast.walk(ast.parse(hidden.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "points":
            yield node.args[0].value, *(keyword.value.value for keyword in node.keywords)
