"""Hostile submissions against the whole grader: what each must get, and that a good one beside it is not harmed."""

import json
import re
import time

import pytest

from course.bundle.reading import Unreadable
from course.grade.run import Grader
from tests.classroom.tiny import RIGHT, SLUG, make_home, notebook

LIMITS = "cpu = 1.0\nwall = 2.0\nafter_timeout = 0.2\nsubmission = 6.0\ndisplay = 3.0"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("class"), ["ada", "eve"], limits=LIMITS)


@pytest.fixture(scope="module")
def grader(home):
    with Grader(home.path, course_id="demo", limits=home.settings.limits) as grader:
        yield grader


@pytest.fixture
def grade(home, grader):
    """Grades a notebook of eve's with some cells changed; afterwards ada's right one must get full marks."""

    def run(**changes):
        cells = {name.replace("_", "-"): text for name, text in changes.items()}
        return grader.grade(as_bytes(home, "eve", **cells), learner="eve", assignment=SLUG)

    yield run
    good = grader.grade(as_bytes(home, "ada"), learner="ada", assignment=SLUG, force=True)
    assert good.score == good.maximum and not good.review


def as_bytes(home, learner, **cells):
    return json.dumps(notebook(home, learner, **cells)).encode()


def double(body):
    return f"# function double: your code below\nimport os, sys\nimport numpy as np\ndef double(x):\n    {body}\n"


def statuses(verdict):
    return {task.name: task.status for task in verdict.tasks}


@pytest.mark.parametrize(
    "body",
    [
        "return {'stolen': x}",
        "return [['a' * 100_000], *[['']] * 2000]",
        "return np.full((1, 1, 1, int(1e5 * abs(x[0])) % 99991 + 1), 2.0)",
        "return np.broadcast_to(2.0, (4,) + x.shape)",
        "return (2 * x).astype(object)",
        "return [object()]",
        "return type('E', (), {'__eq__': lambda *a: True, '__array__': lambda *a, **k: 2 * x})()",
        "return True",
        "return 2 * x + 1e-6",
        "return np.array([])",
        "return np.nan * x",
        "return iter(lambda: 1.0, 2.0)",
        "sys.exit(0)",
        "os._exit(0)",
        "raise KeyboardInterrupt",
        "import pytest; pytest.skip('all is well')",
        "raise type('AssertionError', (Exception,), {})(str(x))",
        "sys.setrecursionlimit(10**9); return double(x)",
    ],
)
def test_no_value_forges_a_point_and_no_word_of_it_is_told(grade, body):
    verdict = grade(function_double=double(body))
    passed = {check.id for check in verdict.task("double").checks if check.status == "passed"}
    assert passed <= {"test_double_dtype"} and not verdict.review, verdict.task("double")  # a right dtype is one
    assert {name for name, status in statuses(verdict).items() if status != "passed"} <= {"double", "experiment"}
    assert verdict.task("experiment").status == "passed", "it is judged again with our double"
    for check in verdict.task("double").checks:
        assert "stolen" not in check.detail and "all is well" not in check.detail
        assert check.visible or not re.search(r"\d", re.sub(r"within [\d.]+ s;", "", check.detail))


def test_names_in_a_question_cell_do_not_reach_the_checks(grade):
    shadow = "# question answer: type a number\nsorted = 5\nnp = 5\ncheck = 5\nseed = 0\n__builtins__ = {}\ntyped = 'x'"
    verdict = grade(question_answer=shadow)
    assert {name for name, status in statuses(verdict).items() if status != "passed"} == {
        "answer"
    } and not verdict.review


@pytest.mark.parametrize(
    "typed", ["{1, 2}", "b'x'", "2j", "...", "{(1, 2): 3}", "'x' * 10**9", "9**9**9", "float('nan')"]
)
def test_odd_answers_cost_the_question_alone(grade, typed):
    verdict = grade(question_answer=f"# question answer: type a number\ntyped = {typed}")
    assert {name for name, status in statuses(verdict).items() if status != "passed"} == {
        "answer"
    } and not verdict.review


def test_a_submission_that_sleeps_has_one_deadline(grade):
    began = time.monotonic()
    sleepy = {name: f"{text}\nimport time\n" for name, text in RIGHT.items()}
    sleepy["function-double"] = double("import time; time.sleep(1.5); return 2 * x")
    verdict = grade(**{name.replace("-", "_"): text for name, text in sleepy.items()})
    assert time.monotonic() - began < 30 and not verdict.review
    assert verdict.score is not None, "it is decided, and not judged anew at every run"


def test_what_is_served_takes_no_huge_arguments(grade):
    body = "def experiment(seed):\n    return {'value': double(np.ones(3_000_000))[:1] * seed}"
    loop = double("while True: pass")
    verdict = grade(function_double=loop, experiment=f"# experiment: your code below\n{body}")
    assert verdict.task("experiment").score < verdict.task("experiment").maximum and not verdict.review


def test_a_large_result_of_a_callback_is_no_fault_of_ours(grade):
    verdict = grade(
        function_twice="# function twice: your code below\ndef twice(f, x):\n    return f(np.ones(9_000_000))"
    )
    assert verdict.task("twice").score == 0 and not verdict.review


@pytest.mark.parametrize("source", ["a;" * 600_000, "0," * 600_000, "\N{SLIGHTLY SMILING FACE}" * 300_000])
def test_source_bombs_are_refused_at_once(home, grader, source):
    began = time.monotonic()
    with pytest.raises(Unreadable, match="MB of code"):
        grader.grade(as_bytes(home, "eve", **{"function-double": source}), learner="eve", assignment=SLUG)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "source", ["(" * 5000, "-" * 900_000 + "1", "x = " + "[" * 180 + "]" * 180, "'" * 900_000, "\x00" * 9]
)
def test_parser_bombs_cost_their_function_alone(grade, source):
    verdict = grade(function_double=f"# function double: your code below\n{source}")
    assert verdict.task("double").score == 0 and verdict.task("twice").status == "passed" and not verdict.review
