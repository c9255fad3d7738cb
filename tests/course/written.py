"""A small assignment with a task that a person grades."""

from .conftest import CHECKS, SCRIPT

SLUG = "90_tiny"
FIRST = "**written reflection (3 points): your text below; a person reads it**"
CELL = f"""\
# %% [markdown]
# {FIRST}
#
# Why is the sum of two the same as twice one?
#
# ### BEGIN SOLUTION
# Because addition says so. SECRET
# ### END SOLUTION

"""
WRITTEN = SCRIPT.replace("# answer = 1\n", "# answer = 1\n# reflection = 3\n") + "\n" + CELL
STUB = (
    f"{FIRST}\n\nWhy is the sum of two the same as twice one?\n\n"
    "*(Double-click this cell, and write in the place of this line.)*"
)
HIDDEN = CHECKS
