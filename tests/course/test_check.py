"""The soft assertions, and how a notebook shows them."""

import numpy as np
import pytest

from course.learn.compare import canonical, difference
from course.learn.recorder import Recorder
from course.learn.visible import Check


def fact(got, want, rtol=1e-10, atol=1e-12):
    found = difference(got, want, rtol, atol)
    return found.text if found else None


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.0, np.float64(1.0)), (np.array(2.0), 2.0), (2, 2.0), ((1.0, 2.0), [1.0, 2.0]), (iter([1, 2]), [1, 2]),
        ([1.0, 2.0], np.array([1.0, 2.0])), ({"b": 1.0, "a": 2.0}, {"a": 2.0, "b": 1.0}), (np.nan, np.nan),
        (np.array([np.inf, 1]), np.array([np.inf, 1])), (np.float32(1.0), 1.0), ([], []), (None, None), ("x", "x"),
        (np.array([1.0, 2.0]), [1.0, 2.0]), (True, True), (np.array([1, 2], np.int32), np.array([1, 2])),
    ],
)  # fmt: skip
def test_same(got, want):
    assert fact(got, want) is None


@pytest.mark.parametrize(
    ("got", "want", "says"),
    [
        (np.array([]), np.ones(3), "has shape (0,), where (3,)"),
        (1.0, np.ones(1), "has shape (), where (1,)"),
        (np.ones((3, 1)), np.ones(3), "has shape (3, 1), where (3,)"),
        (np.full(3, np.nan), np.ones(3), "contains NaN"),
        (np.array([1, np.inf, 1]), np.ones(3), "contains infinite values"),
        (np.ones(3, int), np.ones(3), "is made of integers, where real numbers"),
        (np.array(["a"]), np.ones(1), "is made of str"),
        (None, np.ones(3), "is None (is `return` missing?), where an array of shape (3,)"),
        (7 * np.array([1.0, 2.0]), np.array([1.0, 2.0]), "is 7 times the right value everywhere"),
        (-np.array([1.0, 2.0]), np.array([1.0, 2.0]), "has the opposite sign everywhere"),
        (np.zeros(2), np.array([1.0, 2.0]), "is zero everywhere"),
        (np.array([1.0, 2.1]), np.array([1.0, 2.0]), "differs in 1 of 2 values"),
        (2.0, 3.0, "is another number"),
        (-2.0, 2.0, "has the opposite sign"),
        (0.5, 1.5, "is 0.333 times the right value"),
        (3, 4, "is 3, where 4 is asked for"),
        ((4, 5002), (4, 5001), "is (4, 5002), where (4, 5001) is asked for"),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, "has the keys ['a'], where ['a', 'b']"),
        ({"a": 2.0}, {"a": 1.0}, "['a'] is 2 times the right value"),
        ([1.0], [1.0, 2.0], "has shape (1,)"),
        ([1.0, "x"], [1.0, 2.0], "is (1.0, x), where (1.0, 2.0)"),
        (True, 1.0, "is made of truth values"),
        (1 + 1j, 1.0, "is made of complex numbers"),
        (np.inf, -np.inf, "is another number"),
        (np.array([np.nan, 1.0]), np.array([np.nan, 2.0]), "differs in 1 of 2"),
        (5.0, np.nan, "is another number"),
    ],
)
def test_different(got, want, says):
    text = fact(got, np.asarray(want) if says.startswith("has shape (1,)") else want)
    assert text is not None and says in text


def test_hidden_facts_hold_nothing_that_the_learner_chose():
    for got in ({"stolen": 1.0}, np.ones((12, 34)), "stolen", [1, 2, 3]):
        found = difference(got, {"a": np.ones(3)}, 0, 0)
        assert found is not None
        assert "stolen" not in found.hidden and "12" not in found.hidden and "3" not in found.hidden


class AlwaysEqual:
    """Claims to be equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


def test_lying_objects_are_not_believed():
    assert fact(AlwaysEqual(), 1.0) and fact(AlwaysEqual(), "x") and fact([AlwaysEqual()], [1.0])


def test_recorder_goes_on_and_records():
    check = Recorder()
    check.close(1.0, 2.0)
    check.equal([1, 2], [1, 3])
    check.that("it holds", False)
    check.raises(ValueError, int, "x")
    check.raises(ValueError, int, "3")
    check.raises(KeyError, int, "x")
    check.dtype(np.ones(2, np.float32), np.float64)
    assert len(check.failures) == 6


def test_unchanged_sees_changes_of_arrays_and_dicts():
    def spoil(params, x):
        params["w"] += 1
        return params["w"].copy()

    check, params = Recorder(), {"w": np.zeros(2)}
    assert check.unchanged(spoil, params, np.ones(2)).tolist() == [1, 1]
    assert "changed one of its arguments" in check.failures[0].sentence
    check.failures.clear()
    check.unchanged(lambda params, x: x + 1, params, np.ones(2))
    assert not check.failures


def test_counted_calls():
    check = Recorder()
    counted = check.count(lambda x: x)
    counted(1)
    check.calls(counted, 1)
    check.calls(counted, 2)
    assert [f.sentence for f in check.failures] == [
        "The function you were given was called 1 times, where 2 calls are asked for."
    ]


def run_three(check):
    @check("gd")
    def good():
        """This one passes."""

    @check("gd")
    def bad():
        """This one fails."""
        check.close(np.ones(2), np.zeros(2), what="The gradient")

    @check("gd")
    def unwritten():
        """This one is not written."""
        raise NotImplementedError("gd is yours to write")

    return check.report("gd", hidden="dtype, purity")


def test_report_in_plain_words(capsys):
    report = run_three(Check())
    text = capsys.readouterr().out
    assert report.passed == 1 and repr(report) in text
    assert "passed    This one passes." in text and "failed    This one fails." in text
    assert "The gradient differs in 2 of 2 values." in text and "expected  array([0., 0.])" in text
    assert "gd: 1 of 3 visible checks pass; hidden checks at grading look at: dtype, purity." in text


def test_report_as_html_is_escaped():
    check = Check()

    @check("gd")
    def bad():
        """Less < more."""
        check.equal("<script>", "x", what="<b>")

    html = check.report("gd")._repr_html_()
    assert "<script>" not in html and "&lt;b&gt;" in html and "Less &lt; more." in html


def test_an_endless_loop_ends_with_a_sentence(monkeypatch):
    monkeypatch.setattr("course.learn.visible.TIME_LIMIT", 0.2)
    check = Check()

    @check("gd")
    def loops():
        """Ends."""
        while True:
            try:
                pass
            except Exception:
                pass

    report = check.report("gd")
    assert report.results[0].status == "timeout"
    assert report.results[0].reason.startswith(
        "`gd` did not finish within 0.2 s; does its loop end, or is it only slow?"
    )


def test_error_shows_the_learners_own_line():
    check = Check()
    namespace = {"check": check}
    exec(compile("def gd():\n    return 1 / 0\n", "<function-gd>", "exec"), namespace)

    @check("gd")
    def calls():
        """It returns."""
        namespace["gd"]()

    assert "in gd, line 2" in check.report("gd").results[0].reason


def test_tensors_and_iterables_are_plain_data():
    from autograd_mini import Tensor

    assert canonical(Tensor(np.ones(2))).tolist() == [1, 1]
    assert canonical(x for x in (1, 2)) == [1, 2]


def test_a_check_that_stumbles_over_a_value_says_so():
    check = Check()

    @check("gd")
    def unpacks():
        """Two things come back."""
        first, second = None
        check.equal(first, second)

    reason = check.report("gd").results[0].reason
    assert reason.startswith("What your function returned is not of the form") and "line" not in reason


def test_endless_recursion_is_told_in_a_few_lines():
    check, names = Check(), {}
    exec(compile("def gd():\n    return gd()\n", "<function-gd>", "exec"), names)

    @check("gd")
    def calls():
        """It returns."""
        names["gd"]()

    assert len(check.report("gd").results[0].reason.splitlines()) < 8


def test_numbers_look_the_same_however_they_are_stored():
    check = Check()

    @check("gd")
    def close():
        """Close."""
        check.close(np.float64(0.25), 0.5)

    assert "yours     0.25\nexpected  0.5" in repr(check.report("gd"))


def test_an_array_that_became_a_tensor_was_changed():
    from autograd_mini import Tensor

    def spoil(params):
        params["w"] = Tensor(params["w"], requires_grad=True)

    check = Recorder()
    check.unchanged(spoil, {"w": np.zeros(2)})
    assert "changed one of its arguments" in check.failures[0].sentence
