"""The audit turns red, with a sentence that names the repair, for everything that can be wrong with an assignment."""

import pytest

from course.audit import texts
from course.audit.gate import Bench, run, size
from course.author.build import build_text, write_exercise
from course.author.marks import read_marks

from .conftest import CHECKS, SCRIPT

SOUND = (
    CHECKS
    + """

@alternative("twice")
def by_a_loop(f, x):
    for _ in range(2):
        x = f(x)
    return x


mistake("experiment", "not_doubled", was="double(np.array([float(seed)]))", now="np.array([float(seed)])",
        says="The seed is not doubled.", hints=["Which function doubles?"], seen="guess")
mistake("answer", "seed_itself", was="2 * seed", now="seed + 0", says="The seed is typed.", hints=["Twice."])
mistake("double", "always_double", was="return 2 * x", now="return 2.0 * np.asarray(x, np.float64)",
        says="The result is float64, whatever x is.", hints=["Look at dtypes."])
"""
)


def findings(tmp_path, script=SCRIPT, checks=SOUND):
    built = build_text(script, checks, "90_tiny")
    path = tmp_path / "test_90_tiny.py"
    path.write_text(checks)
    marks = read_marks(path)
    steps = []
    with Bench(built) as bench:
        found = run(bench, marks, steps.append)
    assert len(steps) == size(built, marks) or found.problems
    return found


def test_a_sound_assignment_is_green(tmp_path):
    found = findings(tmp_path)
    assert found.problems == [] and (found.mistakes, found.alternatives, found.pairs) == (6, 2, 0)
    assert found.kills["test_double"] == ["double/adds_two", "double/in_place"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('now="2 + x"', 'now="x * 2"', "the mistake adds_two of double survives the hidden checks"),
        ('now="f(x)"', 'now="f(f(f(x)))[0]"', "nothing"),
        ("    return x + x", "    return x + x + 1", "the alternative addition of double fails"),
        ('@alternative("twice")', '@alternative("double")', "the function twice has no alternative"),
        ('mistake("answer"', 'dict(task="answer", name="x") if True else (', "catches no mistake"),
    ],
)
def test_what_the_checks_do_not_hold_is_said(tmp_path, old, new, says):
    assert old in SOUND
    if says == "catches no mistake":
        start = SOUND.index('mistake("answer"')
        checks = SOUND[:start] + SOUND[SOUND.index('mistake("double", "always_double"') :]
    else:
        checks = SOUND.replace(old, new, 1)
    if says == "nothing":  # two mistakes that nothing tells apart
        checks = (
            SOUND + 'mistake("twice", "not_twice", was="f(f(x))", now="f(x) + 0", says="Once.", hints=["Count."])\n'
        )
    problems = findings(tmp_path, checks=checks).problems
    assert any(says in problem for problem in problems), problems


def test_a_broken_solution_is_said(tmp_path):
    problems = findings(tmp_path, script=SCRIPT.replace("return f(f(x))", "return f(f(f(x)))")).problems
    assert "the reference of twice fails" in problems[0]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('says="The seed is typed."', 'says="' + "word " * 26 + '"', "says 26 words, more than 25"),
        ('hints=["Twice."]', 'hints=["' + "word " * 161 + '"]', "hints of 161 words"),
        (', hints=["Twice."]', "", "has no hint"),
        ('says="The seed is typed."', 'says="Write typed = 2 * seed there."', "gives code away"),
    ],
)
def test_messages_are_read(tmp_path, old, new, says):
    assert old in SOUND
    found = reading(tmp_path, checks=SOUND.replace(old, new, 1))
    assert any(says in problem for problem in found), found


def reading(tmp_path, script=SCRIPT, checks=SOUND, stale=False):
    built = build_text(script, checks, "90_tiny")
    write_exercise(built, tmp_path)
    if stale:
        built = build_text(script.replace("# Tiny", "# Tinier"), checks, "90_tiny")
    path = tmp_path / "test_90_tiny.py"
    path.write_text(checks)
    return list(texts.read(built, read_marks(path), tmp_path))


def test_headers_and_stale_exercises_are_said(tmp_path):
    found = reading(tmp_path, stale=True)
    for says in ("names no prerequisites", "settles no claim", "is stale; run: course build 90_tiny"):
        assert any(says in problem for problem in found), found


def test_a_secret_line_in_the_exercise_is_said(tmp_path):
    line = "return 2 * x + 0 * 1234567890123456789"
    script = SCRIPT.replace("    return 2 * x\n", f"    {line}\n").replace("# # Tiny", f"# # Tiny\n#\n# {line}")
    found = reading(
        tmp_path, script=script, checks=SOUND.replace("return 2 * x", line).replace('was="2 * x"', 'was="2 * x +"')
    )
    assert any("holds a secret line" in problem for problem in found), found
