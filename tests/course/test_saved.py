"""Whether a learner is told that what they ran is not what they saved, and nbgrader's Validate that a check failed."""

import json

import pytest

from course.learn.saved import unsaved
from course.learn.visible import Check, ChecksFail

RAN = "# function double: your code below\ndef double(x):\n    return 2 * x\n"


def save(folder, *sources):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    (folder / "00_double.ipynb").write_text(json.dumps({"cells": cells}))


def test_what_ran_and_is_not_saved_is_named(tmp_path):
    save(tmp_path, RAN.replace("2", "3"))
    said = unsaved("00_double", "double", ["x = 1", RAN], tmp_path)
    assert said.startswith("Not saved yet: 00_double.ipynb, saved at ") and "press Ctrl+S before you submit." in said


@pytest.mark.parametrize("runs", [[], ["x = 1"], [RAN], [RAN.replace("2", "3"), RAN.rstrip()]])
def test_nothing_is_said_of_what_is_saved_or_did_not_run(tmp_path, runs):
    save(tmp_path, "x = 2", RAN)
    assert unsaved("00_double", "double", runs, tmp_path) == ""


def test_nothing_is_said_where_there_is_nothing_to_compare(tmp_path):
    assert unsaved("00_double", "double", [RAN], tmp_path) == ""
    (tmp_path / "00_double.ipynb").write_text("{")
    assert unsaved("00_double", "double", [RAN], tmp_path) == ""


def test_validate_hears_that_a_check_failed_in_our_words(monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    check = Check()

    @check("double")
    def first():
        """A first number is right."""
        check.close(1, 2)

    with pytest.raises(ChecksFail) as caught:
        check.report("double")
    shown = caught.value._render_traceback_()
    assert shown[0] == "failed    A first number is right." and not any("File " in line for line in shown)


def test_validate_hears_nothing_where_all_passes(monkeypatch):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    check = Check()

    @check("double")
    def first():
        """A first number is right."""
        check.close(2, 2)

    assert check.report("double").first is None


@pytest.mark.parametrize(
    ("slug", "task", "fails"), [("07_accumulation", "rank_grad", False), ("07_accumulation", "accumulate", True)]
)
def test_validate_does_not_ask_for_what_is_for_those_who_want_more(monkeypatch, slug, task, fails):
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    check = Check()
    check.begin(slug)

    @check(task)
    def first():
        """A first number is right."""
        check.close(1, 2)

    if fails:
        with pytest.raises(ChecksFail):
            check.report(task)
    else:
        assert check.report(task).first is not None
