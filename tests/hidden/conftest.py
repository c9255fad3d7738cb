"""Collected by plain pytest, each hidden check runs on the reference and on every alternative, and must pass."""

from functools import cache
from pathlib import Path

import pytest

from course.author.build import build
from course.bundle.cells import task_cell
from course.grade.rehearsal import rehearse

ROOT = Path(__file__).resolve().parents[2]


@cache
def built(slug):
    return build(slug, ROOT)


def pytest_generate_tests(metafunc):
    mark = metafunc.definition.get_closest_marker("points")
    if mark and "solution" in metafunc.fixturenames:
        others = [one for one in getattr(metafunc.module, "ALTERNATIVES", ()) if one.task == mark.kwargs["cell"]]
        ids = ["reference", *(one.name for one in others)]
        metafunc.parametrize("solution", [None, *others], ids=ids, indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    result = yield
    if "sitting" in pyfuncitem.funcargs:
        pyfuncitem.funcargs["sitting"].check.settle()
    return result


@pytest.fixture
def solution(request):
    """The alternative that takes the place of the reference's cell, or None."""
    return request.param


@pytest.fixture
def sitting(request, solution):
    """The author's code in front of the check."""
    cells = built(Path(request.module.__file__).stem.removeprefix("test_")).reference
    made = rehearse(cells, {task_cell(cells, solution.task).id: solution.source} if solution else None)
    task = request.node.get_closest_marker("points").kwargs["cell"]
    with made.task(task):
        yield made


@pytest.fixture
def submission(sitting):
    return sitting.submission


@pytest.fixture
def reference(sitting):
    return sitting.reference


@pytest.fixture
def check(sitting):
    return sitting.check


@pytest.fixture
def rng(sitting, request):
    return sitting.rng(request.node.name)
