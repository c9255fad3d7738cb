"""Every lesson runs with ``backend = "cupy"``: on a stand-in as strict as CuPy, since the suite needs no GPU."""

import matplotlib
import pytest

from course.author.build import build
from course.author.places import REPOSITORY, slugs
from course.learn.offline import QuietCheck

from .device import plug_in


@pytest.fixture
def device(monkeypatch):
    return plug_in(monkeypatch)


@pytest.mark.parametrize("slug", slugs())
def test_a_solved_notebook_runs_on_a_device(slug, device, monkeypatch):
    """From the first cell to the last, and all visible checks pass."""
    matplotlib.use("Agg")
    check = QuietCheck()
    monkeypatch.setattr("course.learn.check", check)
    names = {"__name__": "__main__"}
    for cell in build(slug, REPOSITORY).reference:
        if cell.kind != "prose":
            source = cell.source.replace('backend = "numpy"', 'backend = "cupy"')
            exec(compile(source, f"<{cell.id}>", "exec"), names)
    assert names["xp"] is device
    assert check.reports and [(one.task, one.first.reason) for one in check.reports if one.first is not None] == []
