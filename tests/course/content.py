"""What the tests of notebooks' contents share."""

import re


def example(cells, names, name, kind="example", **more):
    """The namespace after a worked example has run, with the figure that it ends in as ``fig``."""
    source = next(cell.source for cell in cells if cell.kind == kind and cell.name == name)
    space = {**names, **more}
    exec(compile(re.sub(r"(?m)^figures\.", "fig = figures.", source), f"<{name}>", "exec"), space)
    return space
