"""Solved exercises, and how they are graded: for the tests of repair."""

import copy
import json
import re
from functools import cache
from pathlib import Path

from course.author.build import read_cells
from course.bundle.cells import TASKS
from course.bundle.notebook import from_notebook, to_notebook
from course.bundle.reading import literals
from course.bundle.transplant import transplant

ROOT = Path(__file__).parents[2]
SLUGS = sorted(path.stem for path in (ROOT / "exercises").glob("*.ipynb"))
SOLUTION = re.compile(r"(?m)^ *### (?:BEGIN|END) SOLUTION\n?")


@cache
def skeleton(slug):
    return from_notebook(json.loads((ROOT / "exercises" / f"{slug}.ipynb").read_text(encoding="utf-8")))


@cache
def _solved(slug):
    notebook = json.loads((ROOT / "exercises" / f"{slug}.ipynb").read_text(encoding="utf-8"))
    script = (ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8")
    answers = {c.id: SOLUTION.sub("", c.source).rstrip() for c in read_cells(script) if c.kind in TASKS}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["id"].startswith("question"):
            source = "\n".join([source.split("\n")[0], *(f"{name} = 1.5" for name in literals(source))])
        elif cell["id"] in answers:
            source = answers[cell["id"]]
        elif cell["id"] == "learner":
            source = source.replace('learner_id = ""', 'learner_id = "ada"')
        cell["source"] = source
    return notebook


def solved(slug):
    """The exercise with its solution filled in, as nbformat JSON; each source is one string."""
    return copy.deepcopy(_solved(slug))


def planted(notebook, slug):
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return transplant(data, skeleton(slug))


@cache
def whole(slug):
    done = planted(solved(slug), slug)
    assert done.notes == () and done.review == () and done.learner_id == "ada"
    assert done.found == {cell.name for cell in skeleton(slug) if cell.kind in TASKS}
    return done


def cell(notebook, cell_id):
    return next(one for one in notebook["cells"] if one.get("id") == cell_id)


def code(source, **more):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], **more}


def text_of(done, cell_id):
    return next(one.source for one in done.cells if one.id == cell_id)


def own(done):
    return [one.source for one in done.cells if one.kind == "scratch"]


def bare(nb):
    nb["metadata"] = {}
    for one in nb["cells"]:
        one["metadata"] = {}
        one.pop("id", None)
    return nb


def names_of(slug):
    return [one.name for one in skeleton(slug) if one.kind == "check"]


def again(done, slug):
    """The notebook that is shown, graded once more."""
    made = to_notebook(done.cells, dict.fromkeys(names_of(slug), 1.0), {})
    for one, data in zip(done.cells, made["cells"], strict=True):
        if one.kind == "scratch":
            data["metadata"] = {}
    return planted(made, slug)


def place(done, cell_id):
    """Where the cell stands in what is graded."""
    return [one.id for one in done.cells].index(cell_id)
