"""Every notebook in a real kernel, as Jupyter runs it: solved to its end, and as it is released."""

import re
from dataclasses import replace

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course.author.build import build
from course.author.places import REPOSITORY, slugs
from course.bundle.notebook import to_notebook, to_text
from course.grade.bench import Bench, with_typed
from course.grade.rehearsal import NAMES


def opened(cells, points):
    return nbformat.reads(to_text(to_notebook(cells, dict(points), {})), as_version=4)


def execute(notebook, folder):
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    client.execute()


def outputs(notebook):
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """A kernel that keeps its progress in a folder of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    return tmp_path


@pytest.mark.parametrize("slug", slugs())
def test_solved_it_runs_to_its_end(slug, at_home):
    """No error, every check passes, and each cell that ends in a figure shows it, with its text for who cannot see."""
    built = build(slug, REPOSITORY)
    with Bench(built) as bench:
        cells = with_typed(built.reference, bench.answers(built.reference))
    author = f'learner_id = "{NAMES["learner_id"]}"'  # whose data the answers are about
    cells = tuple(replace(cell, source=cell.source.replace('learner_id = ""', author)) for cell in cells)
    notebook = opened(cells, built.contract.points)
    execute(notebook, at_home)
    reports = [output for output in outputs(notebook) if "text/plain" in output.get("data", {})]
    shown = "\n".join(output["data"]["text/plain"] for output in reports)
    assert re.findall(r"(?m)^(?:failed|error|timeout)\b.*", shown) == []
    assert len(re.findall(r"(?m)^in all", shown)) == len(built.contract.points)
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(r"(?m)^figures\.(?!host)", cell.source):
            (picture,) = [one for one in cell.outputs if "image/png" in one.get("data", {})]
            assert len(picture.metadata["image/png"]["alt"]) > 40, cell.source


@pytest.mark.parametrize("slug", slugs())
def test_untouched_it_stops_where_the_work_begins(slug, at_home):
    """The first error is the one that the first task's stub raises."""
    built = build(slug, REPOSITORY)
    notebook = opened(built.skeleton, built.contract.points)
    with pytest.raises(CellExecutionError):
        execute(notebook, at_home)
    (error,) = [output for output in outputs(notebook) if output.output_type == "error"]
    first = next(task for task in built.contract.points)
    assert (error.ename, error.evalue) == ("NotImplementedError", f"{first} is yours to write")
