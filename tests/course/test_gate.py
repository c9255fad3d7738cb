"""The audit turns red, with a sentence that names the repair, for everything that can be wrong with an assignment."""

import json

import pytest
from click.testing import CliRunner

from course.audit import texts
from course.audit.gate import run, size
from course.author import places
from course.author.build import BuildError, build_text, write_exercise
from course.author.marks import MarkError, read_marks
from course.cli import main
from course.grade.bench import Bench

from .conftest import CHECKS, SCRIPT

WHOLE = SCRIPT.replace("# [points]\n", '# prerequisites = ["Python"]\n# [points]\n').replace(
    "# [uses]\n", '# [claims]\n# 1 = "function double"\n# [uses]\n'
)
"""The tiny assignment with a header in which nothing is missing."""

SOUND = (
    CHECKS.replace('multiplied by.")', 'multiplied by.", hints=["Try 3."])')
    .replace('is changed.")', 'is changed.", hints=["Print it."])')
    .replace('called once.")', 'called once.", hints=["Count."])')
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


@mistake("twice", "three_times", says="The function is called three times.", hints=["Count."], seen="a forum")
def one_too_many(f, x):
    for _ in range(3):
        x = f(x)
    return x
"""
)

TWO_LINES = WHOLE.replace("    return 2 * x\n", "    factor = 2\n    return factor * x\n")
PAIR = SOUND.replace('"2 * x", now="2 + x"', '"factor = 2", now="factor = 1"').replace(
    'was="return 2 * x", now="x *= 2; return x"', 'was="factor * x", now="(factor + 1) * x"'
)
PAIR = PAIR.replace('was="return 2 * x"', 'was="return factor * x"')
EQUIVALENT = '\nfrom course.author import equivalent\nequivalent("double", "adds_two", "in_place", why="1 + 1 = 2")\n'


def findings(tmp_path, script=WHOLE, checks=SOUND, jail=False):
    built = build_text(script, checks, "90_tiny")
    path = tmp_path / "test_90_tiny.py"
    path.write_text(checks)
    marks = read_marks(path)
    steps = []
    with Bench(built, threads=(1, 2) if jail else (1,), jail=jail) as bench:
        found = run(bench, marks, lambda name, count: steps.append(count))
        assert sum(steps) == size(bench, marks) or found.problems
    return found


def test_a_sound_assignment_is_green(tmp_path):
    found = findings(tmp_path, jail=True)
    assert found.problems == [] and (found.mistakes, found.alternatives, found.pairs) == (7, 2, 0)
    assert found.kills["test_double"] == ["double/adds_two", "double/in_place"]
    assert found.seen == {"guess": 6, "a forum": 1} and found.guesses == 6
    assert found.jail or found.no_jail


ONCE_MORE = 'mistake("twice", "not_twice", was="f(f(x))", now="f(x) + 0", says="Once.", hints=["Count."])\n'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('now="2 + x"', 'now="x * 2"', "the mistake adds_two of double survives the hidden checks; add a probe"),
        (
            'mistake("answer"',
            ONCE_MORE + 'mistake("answer"',
            "the mistakes not_twice and once of twice behave alike; add a",
        ),
        ("    return x + x", "    return x + x + 1", "the alternative addition of double fails 'test_double'"),
        ('@alternative("twice")', '@alternative("double")', "the function twice has no alternative; write one"),
        ('now="2 + x"', 'now="x + np.random.normal()"', "adds_two of double is named nothing by its own trace"),
        ('now="2 + x"', 'named=False, now="2 + x"', "the mistake adds_two of double is named two; add a probe"),
    ],
)
def test_what_the_checks_do_not_hold_is_said(tmp_path, old, new, says):
    assert SOUND.count(old) == 1
    checks = SOUND.replace(old, new)
    if "named=False" in new:  # another mistake that is just like it
        checks += 'mistake("double", "two", was="2 * x", now="x + 2", says="Two.", hints=["Look."])\n'
    problems = findings(tmp_path, checks=checks).problems
    assert any(says in problem for problem in problems), problems


def test_a_check_that_catches_nothing_is_said(tmp_path):
    start, end = SOUND.index('mistake("answer"'), SOUND.index('mistake("double", "always_double"')
    problems = findings(tmp_path, checks=SOUND[:start] + SOUND[end:]).problems
    assert problems == ["the hidden check 'test_answer' of answer catches no mistake; declare one that it catches"]


def test_a_pair_that_passes_is_said_unless_it_is_declared(tmp_path):
    problems = findings(tmp_path, TWO_LINES, PAIR).problems
    assert [one for one in problems if "together pass" in one] == [
        "the mistakes adds_two and in_place of double together pass; add a probe, "
        'or say equivalent("double", "adds_two", "in_place", why="…")'
    ]
    found = findings(tmp_path, TWO_LINES, PAIR + EQUIVALENT)
    assert found.problems == [] and (found.pairs, found.equivalent) == (2, 1)


def test_a_pair_that_fails_must_not_be_declared(tmp_path):
    problems = findings(tmp_path, TWO_LINES, PAIR + EQUIVALENT.replace("in_place", "always_double")).problems
    assert any("they are not equivalent, drop that line" in problem for problem in problems), problems


def test_pairs_that_look_like_something_else_are_counted(tmp_path):
    checks = PAIR.replace("return 2.0 * np.asarray(x, np.float64)", "return np.zeros(len(x))") + EQUIVALENT
    found = findings(tmp_path, TWO_LINES, checks)
    assert found.problems == [] and found.unclear == []
    assert found.masked == ["double: adds_two + always_double = always_double"]


def test_a_broken_solution_is_said_and_nothing_else(tmp_path):
    problems = findings(tmp_path, WHOLE.replace("return f(f(x))", "return f(f(f(x)))")).problems
    assert problems and all(problem.startswith("the reference of twice does not pass") for problem in problems)


def test_a_stub_that_gets_points_is_said(tmp_path):
    script = WHOLE.replace('    """f, applied two times in turn."""\n', "    if x == 2.0:\n        return f(f(x))\n")
    problems = findings(tmp_path, script, SOUND.replace('now="f(x)"', 'now="f(x)" + "  #"')).problems
    assert any("the untouched stub of twice gets 1.5 points" in problem for problem in problems), problems


# ---- what is read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('says="The seed is typed."', 'says="' + "word " * 26 + '"', "says 26 words, more than 25"),
        ('hints=["Twice."]', 'hints=["' + "word " * 161 + '"]', "hints of 161 words"),
        (', hints=["Twice."]', "", "has no hint"),
        ('says="The seed is typed."', 'says="Write typed = 2 * seed there."', "gives code away"),
        ('hints=["Count."], seen="a forum"', 'hints=["for _ in range(3):"]', "three_times of twice gives code away"),
    ],
)
def test_messages_are_read(tmp_path, old, new, says):
    assert old in SOUND
    found = reading(tmp_path, checks=SOUND.replace(old, new, 1))
    assert any(says in problem for problem in found), found


def reading(tmp_path, script=WHOLE, checks=SOUND, stale=False):
    path = tmp_path / "test_90_tiny.py"
    path.write_text(checks)
    built = build_text(script, checks, "90_tiny")
    write_exercise(built, tmp_path)
    if stale:
        built = build_text(script.replace("# Tiny", "# Tinier"), checks, "90_tiny")
    return list(texts.read(built, read_marks(path), tmp_path))


def test_headers_and_stale_exercises_are_said(tmp_path):
    assert reading(tmp_path) == []
    found = reading(tmp_path, script=SCRIPT.replace("hours = 0.1", "hours = 0"), stale=True)
    for says in ("names no prerequisites", "settles no claim", "0 hours; measure", "stale; run: course build 90_tiny"):
        assert any(says in problem for problem in found), found


SECRET = "return 2 * x + 0 * 12345678901234567890123456789"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exercises/90_tiny.ipynb", "# # Tiny\n#\n# {line}"),
        ("course/learn/x.py", "{line}"),
        ("autograd_mini/x.py", "    {line}  # copied"),
        ("README.md", "> {line}"),
    ],
)
@pytest.mark.parametrize("kind", ["solution", "alternative", "mistake", "check"])
def test_a_secret_line_in_what_ships_is_said(tmp_path, name, text, kind):
    script, checks = WHOLE, SOUND
    if kind == "solution":
        script = script.replace("    return 2 * x\n", f"    {SECRET}\n")
        checks = checks.replace('was="return 2 * x"', f'was="{SECRET}"').replace('"2 * x"', '"2 * x +"')
    elif kind == "alternative":
        checks = checks.replace("    return x + x\n", f"    {SECRET}\n")
    elif kind == "mistake":
        checks = checks.replace('now="2 + x"', f'now="{SECRET}"')
    else:
        checks = checks.replace("    x = rng.normal(size=4)\n", f"    def f(x):\n        {SECRET}\n    x = f(1.0)\n")
    if name.endswith(".ipynb"):  # where it stands in prose
        shown = script.replace("# # Tiny", text.format(line=SECRET))
        assert shown != script
        folder = tmp_path / "exercises"
        folder.mkdir()
        (folder / "90_tiny.ipynb").write_text(json.dumps(build_text(shown, checks, "90_tiny").notebook))
    else:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.format(line=SECRET))
    path = tmp_path / "test_90_tiny.py"
    path.write_text(checks)
    found = list(texts.read(build_text(script, checks, "90_tiny"), read_marks(path), tmp_path))
    assert any(problem.startswith(f"{name} ships to learners and holds a secret") for problem in found), found


# ---- what an author declares -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('mistake("double", "in_place", was="2", now="3", says="X.")', "two mistakes of double are called 'in_place'"),
        ('mistake("double", "x", was="2 * x", now="2 * x", says="X.")', "'x' of double changes nothing; now= must"),
        ('mistake("double", "x", was="2 * x", says="X.")', "'x' of double needs was= and now=, both or neither"),
        ('mistake("double", "x", was="2 * x", now="0", says=" ")', "'x' of double says nothing; give the cause"),
        ('alternative("double")(addition)', "two alternatives of double are called 'addition'; rename one"),
        ('equivalent("double", "in_place", "in_place", why="x")', "needs two mistakes and a why="),
        ('equivalent("double", "in_place", "adds_two", why="")', "needs two mistakes and a why="),
    ],
)
def test_declarations_that_cannot_be_are_refused(tmp_path, line, says):
    path = tmp_path / "test_90_tiny.py"
    path.write_text(f"{SOUND}\nfrom course.author import equivalent\n{line}\n")
    with pytest.raises(MarkError) as caught:
        read_marks(path)
    assert str(caught.value).startswith("test_90_tiny.py: ") and says in str(caught.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('mistake("dooble", "x", was="2", now="3", says="X.")', "the mistake 'x' of dooble belongs to no task; use"),
        ('mistake("double", "x", was="3 * x", now="0", says="X.")', "fits no place: was='3 * x'; copy it from"),
        ('mistake("double", "x", was="x", now="y", says="X.")', "places: was='x'; take a longer text"),
        ('alternative("answer_2")(addition)', "alternative 'addition' is of 'answer_2', which is no task; use double"),
        ('mistake("answer", "x", says="X.")(addition)', "'x' of answer has no was= and now=, which only"),
        ('equivalent("double", "in_place", "gone", why="x")', "equivalent names 'gone', which is no mistake of double"),
    ],
)
def test_marks_that_do_not_fit_are_said_and_left_out(tmp_path, line, says):
    path = tmp_path / "test_90_tiny.py"
    path.write_text(f"{SOUND}\nfrom course.author import equivalent\n{line}\n")
    cells = build_text(WHOLE, SOUND, "90_tiny").reference
    (problem,) = read_marks(path).problems(cells)
    assert problem.startswith("test_90_tiny.py: ") and says in problem
    assert list(read_marks(path).fitting(cells).mistakes)[-1].name == "three_times"


@pytest.mark.parametrize(
    ("script", "checks", "says"),
    [
        (WHOLE, CHECKS.replace('cell="twice"', 'cell="thrice"'), "test_90_tiny.py: the hidden check 'test_twice' is"),
        (WHOLE, CHECKS.replace('topic="calls"', 'topic=""'), "test_90_tiny.py: the hidden check 'test_twice' has"),
        (WHOLE, CHECKS.replace('    """The dtype stays."""\n', ""), "test_90_tiny.py: the hidden check 'test_double_d"),
        (WHOLE.replace('    """There is a value."""\n', ""), CHECKS, "90_tiny.py: the visible check 'has_a_value' of"),
    ],
)
def test_what_is_wrong_with_a_check_names_its_file(script, checks, says):
    with pytest.raises(BuildError) as caught:
        build_text(script, checks, "90_tiny")
    assert str(caught.value).startswith(says)


# ---- the verb --------------------------------------------------------------------------------------------------------


def audit(tmp_path, monkeypatch, *options, checks=SOUND):
    monkeypatch.setattr(places, "REPOSITORY", tmp_path)
    for folder in ("solutions", "tests/hidden"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "solutions" / "90_tiny.py").write_text(WHOLE)
    hidden = tmp_path / "tests" / "hidden" / "test_90_tiny.py"
    hidden.write_text(SOUND)
    write_exercise(build_text(WHOLE, SOUND, "90_tiny"), tmp_path)
    hidden.write_text(checks)
    return CliRunner().invoke(main, ["audit", *options])


def test_the_verb_is_content_with_a_sound_assignment(tmp_path, monkeypatch):
    done = audit(tmp_path, monkeypatch, "90", "--matrix", "--json", str(tmp_path / "found.json"))
    assert done.exit_code == 0, done.output
    assert "always_double" in done.output and "CuPy: not run" in done.output
    (found,) = json.loads((tmp_path / "found.json").read_text())
    assert found["problems"] == [] and found["kills"]["test_answer"] == ["answer/seed_itself"]
    assert (found["mistakes"], found["seen"]["a forum"]) == (7, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('now="2 + x"', 'now="x * 2"', "90_tiny: the mistake adds_two of double survives"),
        ('says="The seed is typed."', 'says=""', "90_tiny: test_90_tiny.py: the mistake 'seed_itself' of answer says"),
        ('topic="calls"', 'topic="other calls"', "90_tiny: exercises/90_tiny.ipynb is stale; run: course"),
        ("check.calls(counted, 2)", "check.calls(counted, 2", "90_tiny: "),
    ],
)
def test_the_verb_ends_in_1_and_names_the_repair(tmp_path, monkeypatch, old, new, says):
    assert old in SOUND
    done = audit(tmp_path, monkeypatch, "--jobs", "1", checks=SOUND.replace(old, new))
    assert done.exit_code == 1 and says in done.output, done.output


@pytest.mark.parametrize("options", [["77"], ["90", "--jobs", "0"], ["90", "--json", "/nosuch/x.json"], ["--nosuch"]])
def test_the_verb_ends_in_2_where_it_is_used_wrongly(tmp_path, monkeypatch, options):
    done = audit(tmp_path, monkeypatch, *options)
    assert done.exit_code == 2, done.output
