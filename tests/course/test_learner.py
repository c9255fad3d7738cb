"""What a learner sees from one run of a check to the next: the name, the ladder of hints, the question, the verbs."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from course.author.marks import Mistake
from course.author.traces import traces
from course.bundle.cells import Cell
from course.bundle.loader import load
from course.cli import main
from course.learn import folder, known, progress, visible
from course.learn.exercises import exercises
from course.learn.known import Known

SLUG = "90_tiny"
SUMMED = Mistake(
    "double",
    "adds_two",
    "2 * x",
    "2 + x",
    "Two is added, not multiplied.",
    ("Try 3.", "2 times 3 is 6.", "So is 3 + 3."),
)


@pytest.fixture(autouse=True)
def own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    progress._memory.clear()


@pytest.fixture
def double(tiny, monkeypatch):
    """Runs the visible check of `double` on a function, in a notebook of the build for which mistakes are known."""
    data = traces(SLUG, "b1", tiny.reference, [SUMMED], {"double": ("Twice means times two.",)})
    monkeypatch.setattr(visible, "known", {SLUG: Known("b1", json.loads(json.dumps(data))["tasks"])}.get)
    cell = next(cell for cell in tiny.reference if cell.kind == "check" and cell.name == "double")

    def run(function, build="b1"):
        check = visible.Check()
        check.begin(SLUG, build)
        names = {"np": np, "check": check, "double": function}
        exec(compile(cell.source.replace("check.report", "report = check.report"), "<check-double>", "exec"), names)
        return names["report"], check

    return run


def wrong(x):
    return 2 + x


def stub(x):
    raise NotImplementedError("double is yours to write")


def test_a_known_mistake_is_named_with_what_was_called_and_expected(double):
    text = repr(double(wrong)[0])
    assert "cause     Two is added, not multiplied." in text and "called    double([1., 2., 3.])" in text
    assert "yours     array([3., 4., 5.])" in text and "expected  array([2., 4., 6.])" in text
    assert 'check.hint("double") shows a hint' in text and "hint 1" not in text


def test_the_third_identical_failure_opens_a_hint_and_each_one_more(double):
    opened = [len(re.findall(r"(?m)^hint \d", repr(double(wrong)[0]))) for _ in range(6)]
    assert opened == [0, 0, 1, 2, 3, 3]


def test_another_failure_begins_at_the_first_hint_again(double):
    for _ in range(4):
        double(wrong)
    assert double(lambda x: 3 * x)[0].standing.times == 1
    assert double(wrong)[0].standing.opened == 0


def test_a_hint_that_is_asked_for_stays_open(double):
    check = double(wrong)[1]
    assert check.hint("double") == "hint 1: Try 3."
    assert check.hint("double") == "hint 1: Try 3.\nhint 2: 2 times 3 is 6."
    check.hint("double")
    assert check.hint("double").endswith("hint 3: So is 3 + 3.\nThat was the last one.")
    assert repr(double(wrong)[0]).count("\nhint ") == 3


def test_an_unwritten_task_has_hints_of_its_own_and_they_wait_to_be_asked_for(double):
    reports = [repr(double(stub)[0]) for _ in range(5)]
    assert all("hint 1" not in text for text in reports)
    assert double(stub)[1].hint("double") == "hint 1: Twice means times two."


def test_an_unknown_mistake_gets_facts_and_no_name_and_hints_only_for_those_who_ask(double):
    for _ in range(4):
        report, check = double(lambda x: 3 * x)
    assert check.hint("double") == "hint 1: Twice means times two." and "hint 1" not in repr(double(lambda x: 3 * x)[0])
    assert report.named is None and "The result is 1.5 times the right value everywhere." in repr(report)
    assert "cause" not in repr(report)


def test_an_exception_is_told_and_not_named(double):
    def raises(x):
        raise KeyError("two")

    text = repr(double(raises)[0])
    assert "KeyError: 'two'" in text and "in raises, line" in text and "cause" not in text


def test_a_forgotten_return_is_said(double):
    assert "is None (is `return` missing?), where an array" in repr(double(lambda x: None)[0])


def test_a_function_that_is_not_there_is_said(double):
    check = visible.Check()

    @check("double")
    def calls_it():
        """It doubles."""
        check.close(double_trouble(1), 2)  # noqa: F821

    assert "There is no `double_trouble`: run its cell first" in repr(check.report("double"))


def test_a_cell_that_is_no_python_is_said_whatever_ran_before(double):
    check = visible.Check()
    runs = ["", "# function double: mine\ndef double(x):\n    return 2 * x", "# function double: mine\ndef double(x)\n"]
    names = {"check": check, "double": lambda x: 2 * x, "np": np, "In": runs}
    exec('@check("double")\ndef doubles():\n    """It doubles."""\n    check.close(double(1), 2)\n', names)
    text = repr(check.report("double"))
    assert "SyntaxError in line 2 of your cell: expected ':'. Python took nothing from that cell" in text
    runs.append(runs[1])
    exec('@check("double")\ndef doubles():\n    """It doubles."""\n    check.close(double(1), 2)\n', names)
    assert "passed" in repr(check.report("double"))


def test_after_an_endless_loop_the_other_checks_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(visible, "TIME_LIMIT", 0.2)
    check, ran = visible.Check(), []
    names = {"check": check}
    exec("def gd(n):\n    while n:\n        pass\n", names)
    source = '@check("gd")\ndef {0}():\n    """It ends."""\n    ran.append(1)\n    gd(1)\n'
    for one in ("first", "second", "third"):
        exec(source.format(one), {**names, "ran": ran})
    text = repr(check.report("gd"))
    assert len(ran) == 1 and "`gd` did not finish within 0.2 s; does its loop end, or is it only slow?" in text
    exec(source.format("fourth"), {**names, "ran": ran, "gd": lambda n: n})
    assert len(ran) == 2 and "passed" in repr(check.report("gd"))


def test_a_loop_in_a_helper_is_called_by_its_name(monkeypatch):
    monkeypatch.setattr(visible, "TIME_LIMIT", 0.2)
    check = visible.Check()
    names = {"check": check}
    exec("def helper():\n    while True:\n        pass\ndef gd():\n    helper()\n", names)
    exec('@check("gd")\ndef ends():\n    """It ends."""\n    gd()\n', names)
    assert "`helper` did not finish" in repr(check.report("gd"))


def test_a_loop_that_calls_what_is_given_is_the_learners_own(monkeypatch):
    """Where the time runs out inside a function of the setup cell, it is the loop around it that does not end."""
    monkeypatch.setattr(visible, "TIME_LIMIT", 0.2)
    check = visible.Check()
    given = "# setup: run this first\ndef loss(x):\n    return sum(range(20_000))\n"
    mine = "# function gd: your code below\ndef gd(x):\n    k = 0\n    while k < 3:\n        loss(x)\n"
    cells = [Cell.from_source(source) for source in (given, mine)]
    names = {**load(cells).namespace, "check": check}
    exec('@check("gd")\ndef ends():\n    """It ends."""\n    gd(1)\n', names)
    text = repr(check.report("gd"))
    assert "`gd` did not finish within 0.2 s" in text and "in gd, line 5: loss(x)" in text


def test_what_yields_for_ever_is_said(double):
    def numbers(x):
        while True:
            yield 1

    assert "what comes back has more than 100,000 entries; does it end?" in repr(double(numbers)[0])


def test_of_another_build_nothing_is_named_and_that_is_said(double):
    text = repr(double(wrong, build="b2")[0])
    assert "cause" not in text and "are of different builds" in text
    assert "different builds" not in repr(double(lambda x: 2 * x, build="b2")[0])


def test_a_right_answer_has_no_cause_no_hint_and_no_note(double):
    report, check = double(lambda x: x + x)
    assert repr(report) == (
        "passed  Twice 1, 2, 3 is 2, 4, 6.\n\n"
        "in all  double: 1 of 1 visible checks pass; hidden checks at grading look at: other numbers, dtype."
    )
    assert "nothing to hint at" in check.hint("double")


def test_where_nothing_can_be_written_hints_still_open(double, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert [double(wrong)[0].standing.opened for _ in range(3)] == [0, 0, 1]


def test_a_damaged_memory_is_begun_anew(double):
    double(wrong)
    for text in (
        "not json",
        "[]",
        '{"90_tiny": 3}',
        '{"90_tiny": {"double": {"nosuch": 1}}}',
        '{"90_tiny": {"double": 1}}',
    ):
        progress.place().write_text(text)
        progress._memory.clear()
        assert double(wrong)[0].standing.times == 1


def asked(answer):
    check = visible.Check()

    @check("gd")
    def passes():
        """It passes."""

    @check.asks("gd")
    def own_code():
        """How many calls?"""
        return answer() if callable(answer) else answer

    return check, check.report("gd")


def test_the_question_comes_when_all_pass():
    check, report = asked(8)
    assert "How many calls?" in repr(report) and 'check.answer("gd", YOUR GUESS)' in repr(report)
    assert repr(check.answer("gd", 8)) == "Yes: 8."
    assert check.answer("gd", 7).startswith("Not quite: your code says 8, you said 7.")


@pytest.mark.parametrize(
    ("answer", "guess", "says"),
    [(True, True, "Yes: True."), (True, False, "Not quite"), ("view", " View", "Yes"), ("view", "copy", "Not quite"),
     (0.3333333, 0.333, "Yes"), (0.3333333, 0.3, "Not quite"), ((3, 3), [3, 3], "Yes"), ((3, 3), [3, 4], "Not quite"),
     ((3, 3), [3], "Not quite")],
)  # fmt: skip
def test_answers_are_held_against_what_the_code_says(answer, guess, says):
    assert asked(answer)[0].answer("gd", guess).startswith(says)


@pytest.mark.parametrize(
    ("answer", "guess", "kind"),
    [(True, 1, "True or False"), (1, True, "a number"), (3, "three", "a number"), (3, None, "a number"),
     ("view", 3, "a word"), ((3, 3), 3, "a list of numbers")],
)  # fmt: skip
def test_a_guess_of_another_kind_reveals_nothing(answer, guess, kind):
    assert asked(answer)[0].answer("gd", guess) == f"The answer is {kind}; guess one."


def test_a_question_that_fails_on_the_learners_code_says_so():
    def fails():
        raise KeyError("w")

    assert asked(fails)[0].answer("gd", 1) == "Your code does not answer: KeyError: 'w'"
    assert "There is no question on `nosuch`" in visible.Check().answer("nosuch", 1)


def test_the_question_is_not_asked_while_something_fails():
    check = visible.Check()

    @check.asks("gd")
    def own_code():
        """How many calls?"""

    @check("gd")
    def fails():
        """It fails."""
        check.that("two is three", False)

    assert "How many calls?" not in repr(check.report("gd"))


def test_colours_only_for_those_who_want_them(monkeypatch):
    _, report = asked(1)
    assert "color:" in report._repr_html_()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "color:" not in report._repr_html_() and "passed" in report._repr_html_()


# -- the verbs -----------------------------------------------------------------------------------------------------

REAL = "02_full_batch_gd"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with the notebook of assignment 02 in it, in which max_stable_lr holds a known mistake."""
    notebook = json.loads(exercises()[REAL].read_text())
    for cell in notebook["cells"]:
        if cell["id"] == "learner":
            cell["source"] = "".join(cell["source"]).replace('learner_id = ""', 'learner_id = "ada"')
        if cell["id"] == "function-max_stable_lr":
            cell["source"] = "# function max_stable_lr: your code below\ndef max_stable_lr(H):\n"
            cell["source"] += "    return 1 / np.linalg.eigvalsh(H)[-1]\n"
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / f"{REAL}.ipynb").write_text(json.dumps(notebook))
    monkeypatch.chdir(tmp_path / "work")

    def run(*words, code=0):
        done = CliRunner().invoke(main, list(words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_check_hint_and_status_belong_together(desk):
    assert f"course: nothing of {REAL} was checked here yet; run: course check 02" in desk("hint", "02", code=1)
    text = desk("check", "02", code=1)
    assert "cause" in text and "Stuck? course hint 02" in text
    assert desk("hint", "02", "max_stable_lr").startswith("max_stable_lr\nhint 1: ")
    assert "has no task 'nosuch' that was checked here" in desk("hint", "02", "nosuch", code=1)
    status = desk("status")
    assert f"{REAL}: 0 of 7 tasks pass" in status and "max_stable_lr 0 of 1" in status
    assert "00_first_step: not begun in this folder" in status


def test_a_notebook_of_another_build_is_checked_and_told(desk, tmp_path):
    path = tmp_path / "work" / f"{REAL}.ipynb"
    path.write_text(path.read_text().replace(known.known(REAL).build, "0123456789ab"))
    assert "This notebook is of build 0123456789ab, the installed exercise of build" in desk("check", "02", code=1)


def test_reset_keeps_the_work_and_the_learner_cell(desk, tmp_path):
    path = tmp_path / "work" / f"{REAL}.ipynb"
    before = path.read_bytes()
    desk("check", "02", code=1)
    said = desk("reset", "02", "--yes")
    backup = next(path.parent.glob("*before-reset*"))
    assert backup.read_bytes() == before and backup.name in said
    sources = {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]}
    assert 'learner_id = "ada"' in sources["learner"] and "NotImplementedError" in sources["function-max_stable_lr"]
    assert "here, not checked yet" in desk("status")


def test_reset_asks_and_no_means_no(desk, tmp_path):
    path = tmp_path / "work" / f"{REAL}.ipynb"
    before = path.read_bytes()
    done = CliRunner().invoke(main, ["reset", "02"], input="n\n")
    assert done.exit_code == 1 and path.read_bytes() == before and len(list(path.parent.iterdir())) == 1


def test_reset_of_a_broken_notebook_begins_again(desk, tmp_path):
    path = tmp_path / "work" / f"{REAL}.ipynb"
    path.write_text("{ not json")
    desk("reset", "02", "--yes")
    desk("reset", "02", "--yes")
    assert len(list(path.parent.glob("*before-reset*"))) == 2
    assert folder.build_of(json.loads(path.read_text())) == known.known(REAL).build


def test_reset_where_there_is_nothing_says_so(desk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no 04_minibatch_loader.ipynb in this folder" in desk("reset", "04", "--yes", code=1)


def test_every_exercise_says_its_build(tiny):
    for slug, path in exercises().items():
        assert folder.build_of(json.loads(path.read_text())) == known.known(slug).build
    setup = next(cell for cell in tiny.skeleton if cell.kind == "setup")
    assert setup.source.endswith(f'check.begin("90_tiny", build="{tiny.id}")')


def test_course_alone_says_what_is_next(desk, tmp_path, monkeypatch):
    assert f"In this folder: {REAL}. Next: course check 02" in desk()
    for task in ("gd", "steps"):
        progress.checked(REAL, task, 2, 2, "", ())
    assert "Next: course status" in desk()
    monkeypatch.chdir(tmp_path)
    assert "Begin: copy " in desk()
    (tmp_path / "course.toml").write_text("")
    assert "This is a course home." in desk()
