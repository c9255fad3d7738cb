"""`course check`: what a learner is told about their notebook in a terminal."""

import json

import pytest
from click.testing import CliRunner

from course.bundle.notebook import to_text
from course.cli import main
from course.learn.offline import NotebookError, check_notebook
from course.learn.visible import Report


@pytest.fixture
def desk(tiny, tmp_path):
    """The exercise, and a way to check a notebook with some cells changed."""
    exercise = tmp_path / "exercise.ipynb"
    exercise.write_text(to_text(tiny.notebook))

    def run(change=lambda cells: None, **sources):
        notebook = json.loads(exercise.read_text())
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        for cell_id, source in sources.items():
            cells[cell_id.replace("_", "-")]["source"] = source
        change(notebook["cells"])
        path = tmp_path / "mine.ipynb"
        path.write_text(json.dumps(notebook))
        found = list(check_notebook(path, exercise))
        reports = {report.task: report for report in found if isinstance(report, Report)}
        return reports, [line for line in found if isinstance(line, str)]

    return run


DOUBLE = "# function double: your code below\ndef double(x):\n    return x + x"


def test_right_cells_pass_and_others_are_named(desk):
    reports, notes = desk(function_double=DOUBLE)
    assert reports["double"].passed == len(reports["double"].results) and not notes
    assert "twice is yours to write" in repr(reports["twice"])


def test_a_syntax_error_is_the_first_to_look_at(desk):
    reports, _ = desk(function_double="# function double: your code below\ndef double(x):\n    return {x\n")
    first = reports["double"].results[0]
    assert first.status == "error" and "SyntaxError in line 3: '{' was never closed" in first.reason
    assert reports["twice"].results[0].sentence == "Adding one twice adds two."


def test_a_cell_that_stops_before_its_end_is_not_all_green(desk):
    reports, _ = desk(function_double="# function double: your code below\nimport nosuch\n" + DOUBLE)
    assert "ModuleNotFoundError in line 2" in reports["double"].results[0].reason


def test_a_task_without_points_is_for_those_who_want_more(monkeypatch, tmp_path):
    """It is not counted among what is to do; where no task has points, as in 00, all are."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    ended = CliRunner().invoke(main, ["check", "07"])
    last = ended.output.splitlines()[-2:]
    assert last[0] == "For those who want more, without points: rank_grad."
    assert last[1].startswith("Still to do: accumulate, ") and "rank_grad" not in last[1] and ended.exit_code == 1
    assert "Still to do: step" in CliRunner().invoke(main, ["check", "00"]).output


def test_without_its_first_line_the_cell_is_still_known(desk):
    reports, notes = desk(function_double="def double(x):\n    return x + x", change=lambda cells: forget(cells))
    assert reports["double"].passed == 1 and any("lost its first line" in note for note in notes)


def forget(cells):
    for cell in cells:
        cell["metadata"] = {}


@pytest.mark.parametrize(
    "typed", ["typed = double(np.ones(1))", "typed = 3 191", "typed = nosuch", "typed = 1\nraise ValueError('x')"]
)
def test_a_question_cell_that_breaks_costs_only_its_task(desk, typed):
    reports, _ = desk(function_double=DOUBLE, question_answer=f"# question answer: type a number\n{typed}")
    assert reports["double"].passed == 1 and set(reports) == {"double", "twice", "experiment", "answer"}


def test_first_cells_that_do_not_run_are_named(desk):
    with pytest.raises(NotebookError, match="the learner cell does not run: NameError in line 2: name 's12' is not"):
        desk(learner="# learner: me\nlearner_id = s12")


def test_no_notebook_here_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["check", "02"])
    assert done.exit_code == 1 and "There is no 02_full_batch_gd.ipynb in this folder" in done.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["check", "99"], "there is no assignment '99' here"),
        (["check", "02", "--notebook", "nofile.ipynb"], "There is no file nofile.ipynb"),
        (["grade", "02"], "there is no course home at"),
    ],
)
def test_wrong_words_get_one_sentence(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COURSE_HOME", raising=False)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1 and says in done.output and "Traceback" not in done.output
