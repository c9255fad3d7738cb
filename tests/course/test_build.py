"""From a solution script to an exercise: what goes in, what never does, and what an author is told."""

import json

import pytest

from course.author.build import BuildError, build_text, topics
from course.bundle.cells import Cell, CellError
from course.bundle.contract import Contract, ContractError
from course.bundle.notebook import from_notebook, to_text
from course.grade.proof import prove

from .conftest import CHECKS, SCRIPT


def test_skeleton_holds_no_solution(tiny):
    text = to_text(tiny.notebook)
    for secret in ("2 * x", "f(f(x))", "SOLUTION", "2 * seed", "rng.normal", "2 + x"):
        assert secret not in text
    for promise in ("double is yours to write", "experiment is yours to write", "typed = None"):
        assert promise in text


def test_reference_keeps_the_solution(tiny):
    sources = {cell.id: cell.source for cell in tiny.reference}
    assert "return 2 * x" in sources["function-double"]


def test_build_is_deterministic(tiny):
    assert to_text(build_text(SCRIPT, CHECKS, "90_tiny").notebook) == to_text(tiny.notebook)


def test_check_cells_carry_the_points_and_others_are_locked(tiny):
    marks = {cell["id"]: cell["metadata"]["nbgrader"] for cell in tiny.notebook["cells"]}
    assert [(i, m["points"]) for i, m in marks.items() if m["grade"]] == [
        ("check-double", 2), ("check-twice", 2), ("check-experiment", 1), ("check-answer", 1),
    ]  # fmt: skip
    assert {i for i, m in marks.items() if not m["locked"]} == {
        "learner", "function-double", "function-twice", "experiment", "question-answer",
    }  # fmt: skip


def test_notebook_is_valid_and_round_trips(tiny):
    import nbformat

    nbformat.validate(json.loads(to_text(tiny.notebook)))
    assert from_notebook(json.loads(to_text(tiny.notebook))) == tiny.skeleton


def test_report_says_what_hidden_checks_look_at(tiny):
    assert 'check.report("double", hidden="other numbers, dtype")' in to_text(tiny.notebook).replace('\\"', '"')
    assert topics(CHECKS)["twice"] == ("calls",)


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("# /// contract", "# contract", ContractError, "no '# /// contract' block"),
        ('slug = "90_tiny"', 'slug = "91_tiny"', BuildError, "make them the same"),
        ("# double = 2\n", "", ContractError, "has no entry under"),
        ("# twice = 2\n", "", BuildError, "in the same order"),
        ("# hours = 0.1\n", "", ContractError, "lacks ['hours']"),
        ("# function twice: your code below", "# your code", CellError, "should begin like"),
        ("# check twice (0.5 points)", "# check thrice (0.5 points)", CellError, "needs one check cell"),
        ("# function twice:", "# function double:", CellError, "two cells are called"),
        ("### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n", "return 0\n", BuildError, "has no ###"),
        ('check.report("twice")', "", BuildError, "does not end in"),
        ('    """Adding one twice adds two."""\n', "", BuildError, "'adds_two' of twice has no docstring"),
        ('@check("twice")\n', "", BuildError, "has no check; write a function"),
    ],
)
def test_author_is_told_what_is_wrong(old, new, error, says):
    assert old in SCRIPT
    with pytest.raises(error, match=r"(?s).*") as caught:
        build_text(SCRIPT.replace(old, new, 1), CHECKS, "90_tiny")
    assert says in str(caught.value)


def test_uses_must_be_upstream():
    with pytest.raises(ContractError, match="do not come before it"):
        Contract.from_dict({"slug": "90_x", "title": "", "hours": 1, "points": {"a": 1, "b": 1}, "uses": {"a": ["b"]}})


def test_headers():
    cell = Cell.from_source("# check gd (0.5 points): run, do not edit\ncheck.report('gd')")
    assert (cell.kind, cell.name, cell.points, cell.id) == ("check", "gd", 0.5, "check-gd")
    with pytest.raises(CellError):
        Cell.from_source("import os")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('    """The dtype stays."""\n', "", "'test_double_dtype' has no docstring"),
        ('@points(0.5, cell="double", topic="dtype")\n', "", "'test_double_dtype' has no @points"),
        ('cell="double", topic="dtype"', 'cell="treble", topic="dtype"', "is of 'treble', which has no entry"),
        ('topic="dtype"', 'topic=""', "has no topic"),
        ("def test_double_dtype", "def test_double", "two hidden checks are called 'test_double'"),
        ('@points(1.5, cell="twice"', '@points(1.5, cell="double"', "'twice' has no hidden check"),
        ("    check.calls(counted, 2)", "    assert counted.calls == 2", "use check.* in place of assert"),
        ("    check.calls(counted, 2)", "    check.that('', np.allclose(1, 1))", "in place of allclose"),
    ],
)
def test_author_is_told_what_is_wrong_with_hidden_checks(old, new, says):
    assert old in CHECKS
    with pytest.raises(BuildError) as caught:
        build_text(SCRIPT, CHECKS.replace(old, new, 1), "90_tiny")
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return 2 * x", "return 3 * x", "the reference of double does not pass 'of_three': "),
        ("# double = 2", "# double = 3", "the checks of double are worth 2 points together, its contract says 3"),
        ("typed = 2 * seed", "typed = 3 * seed", "the reference of answer does not pass 'test_answer'"),
        ("    return f(f(x))", "    return nosuch(x)", "the reference of twice does not pass 'adds_two'"),
        ("import numpy as np", "import nosuch", "the reference does not run: ModuleNotFoundError"),
    ],
)
def test_what_is_not_fit_for_release_is_said(old, new, says):
    assert prove(build_text(SCRIPT, CHECKS, "90_tiny")) == []
    found = prove(build_text(SCRIPT.replace(old, new, 1), CHECKS, "90_tiny"))
    assert found and says in found[0]
