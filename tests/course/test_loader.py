"""The one loader: what runs, what is skipped, and what a fault costs."""

import pytest

from course.bundle.cells import Cell
from course.bundle.loader import load, without_magics


def function(name, body):
    return Cell("function", name, f"# function {name}: your code below\n{body}", f"function-{name}")


def scratch(body):
    return Cell("scratch", "", body, "own-01")


def test_a_fault_in_one_cell_costs_only_that_cell():
    cells = [function("a", "def a(:"), function("b", "def b():\n    return 1"), scratch("1 / 0\nc = 3")]
    loaded = load(cells)
    assert [(error.cell, error.type) for error in loaded.errors] == [
        ("function-a", "SyntaxError"),
        ("own-01", "ZeroDivisionError"),
    ]
    assert loaded.namespace["b"]() == 1 and loaded.namespace["c"] == 3


def test_other_cells_run_definitions_only():
    loaded = load(
        [
            function("a", "x = 1\nfor i in range(3): x += 1\ndef a(): return x"),
            function("b", "y = 1\nfor i in [1]: y += 1"),
        ],
        target="a",
    )
    assert loaded.namespace["x"] == 4 and loaded.namespace["y"] == 1
    assert loaded.skipped == ["function-b: line 3 is not a definition"]


def test_of_examples_only_what_they_define_is_there():
    """A learner may call a function that an example defines, at grading too; what an example computes is not there."""
    example = "total = boom()\ndef twice(x=1):\n    return 2 * x\ndef late(x=total):\n    return x\nprint(twice())"
    mine = "def double(x):\n    return twice(x)"
    loaded = load([Cell("example", "a", example, "example-a"), Cell("function", "double", mine, "function-double")])
    assert loaded.errors == [] and loaded.namespace["double"](3) == 6
    assert not {"total", "late"} & set(loaded.namespace)


def test_checks_and_examples_never_run():
    cells = [Cell(kind, "a", "boom", kind) for kind in ("check", "example", "draw", "question", "learner", "prose")]
    assert load(cells).errors == []


def test_stubs_win_over_every_later_definition():
    cells = [function("a", "def a(): return 1"), scratch("def a(): return 2"), function("b", "def b(): return a()")]
    assert load(cells, stubs={"a": lambda: 7}).namespace["b"]() == 7


def test_strict_raises():
    with pytest.raises(ZeroDivisionError):
        load([function("a", "1 / 0")], strict=True)


def test_exit_at_loading_is_an_error_not_an_exit():
    assert load([function("a", "raise SystemExit(0)")]).errors[0].type == "SystemExit"


def test_magics_are_dropped_and_lines_kept():
    assert without_magics("!ls\n%time x = 1\ny = 2\ny?") == ("pass\npass\ny = 2\npass", 3)
    assert without_magics("%%bash\nrm -rf /")[0] == "pass"
    assert without_magics("x = 7 \\\n  % 3") == ("x = 7 \\\n  % 3", 0)
