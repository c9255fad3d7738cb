"""Judging again: the difference first, both verdicts kept, nothing counts before it is confirmed, killed midway."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner
from nbgrader.apps.api import NbGraderAPI

from course.author import places
from course.bundle.freeze import latest
from course.classroom import gradebook
from course.classroom.grading import grade as grading
from course.classroom.grading import judging, kept
from course.classroom.grading.grade import grade_class
from course.classroom.grading.regrade import look, settle, target
from course.classroom.grading.review import review_class
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, quiet
from course.grade.jail import tiers
from course.grade.journal import Journal
from course.verbs.review import regrade

from . import tiny

SLUG = tiny.SLUG
WRONG = "# function double: your code below\ndef double(x):\n    return 2 + x\n"
WIDE = "# function double: your code below\ndef double(x):\n    return 2.0 * np.asarray(x, np.float64)\n"
DTYPE = "np.ones(3, np.float32)), np.float32)"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A class on the tiny assignment, graded for good: ada right, bob wrong, cyd of another dtype, dan missing."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    folder = tmp_path_factory.mktemp("once")
    home = tiny.make_home(folder, ["ada", "bob", "cyd", "dan"])
    for learner, double in {"ada": tiny.RIGHT["function-double"], "bob": WRONG, "cyd": WIDE}.items():
        tiny.hand_in(home, learner, tiny.notebook(home, learner, **{"function-double": double}))
    grade_class(home, SLUG, jobs=2)
    judging.close()
    return folder


@pytest.fixture
def home(once, tmp_path, monkeypatch):
    shutil.copytree(once, tmp_path / "all")
    monkeypatch.setattr(places, "REPOSITORY", tmp_path / "all" / "root")
    yield Home.open(tmp_path / "all" / "home")
    judging.close()


@pytest.fixture
def laxer(home):
    """The hidden check of the dtype asks for what Cyd returns, and a line of the reference is written otherwise."""
    root = home.path.parent / "root"
    checks, script = root / "tests" / "hidden" / f"test_{SLUG}.py", root / "solutions" / f"{SLUG}.py"
    checks.write_text(checks.read_text().replace(DTYPE, "np.ones(3)), np.float64)"))
    script.write_text(script.read_text().replace("return f(f(x))", "return f(f(x))  # in turn"))
    return home


def run(home, *arguments, **options):
    return CliRunner().invoke(regrade, [SLUG, *arguments, "--home", str(home.path)], **options)


def points(home):
    """Of the four tasks, as the gradebook holds them."""
    scores = gradebook.class_scores(home, SLUG)
    return {learner: [row.score for row in held.rows.values()] for learner, held in scores.items()}


def state(home):
    """Everything that counts: gradebook, and the verdicts in the notebooks."""
    return points(home), {learner: verdict.to_json() for learner, verdict in kept.counted(home, SLUG).items()}


BEFORE = {"ada": [2.0, 2.0, 1.0, 1.0], "bob": [0.5, 2.0, 1.0, 1.0], "cyd": [1.5, 2.0, 1.0, 1.0]}
AFTER = {**BEFORE, "cyd": [2.0, 2.0, 1.0, 1.0]}


def test_nothing_counts_before_it_is_confirmed(laxer):
    before, verdicts = state(laxer), Journal(laxer.path / "journal.db").count(SLUG)
    assert before[0] == BEFORE
    for arguments, options in ((["--dry-run"], {}), (["--reason", "why"], {"input": "n\n"})):
        result = run(laxer, "--bundle", "current", *arguments, **options)
        assert result.exit_code == 0, result.output
        for text in ("test_double_dtype", "looks at something else", "our solution twice", "3 learners"):
            assert text in result.output
        row = next(line.split() for line in result.output.splitlines() if "│ cyd" in line)
        assert " ".join(row).replace("│ ", "") == "cyd double failed 1.5 passed 2 │"
        assert "1 learner of 3 with another result; 2 stay as they were." in result.output
        assert "3 submissions would be graded by another bundle" in result.output
        assert "Nothing was changed" in result.output
        assert state(laxer) == before and grade_class(laxer, SLUG).written == ()
    assert Journal(laxer.path / "journal.db").count(SLUG) == 2 * verdicts, "judged once by each bundle"
    assert run(laxer).exit_code == 2 and "needs a reason" in run(laxer).output


def test_a_changed_check_counts_for_all_from_then_on(laxer):
    old, first = latest(laxer.bundles, SLUG), state(laxer)
    result = run(laxer, "--bundle", "current", "--reason", "The dtype was\nasked \x1b[2Jtoo much.", "--yes")
    assert result.exit_code == 0, result.output
    assert "1 learner with another result; 3 notebooks written" in result.output and points(laxer) == AFTER
    counts = kept.counted(laxer, SLUG)
    assert latest(laxer.bundles, SLUG) == old, "what learners fetch is as it was"
    assert {verdict.bundle for verdict in counts.values()} == {counts["cyd"].bundle} != {old.hash}
    assert counts["cyd"].again.startswith("Graded again on ") and counts["ada"].again == ""
    assert counts["cyd"].again.endswith(": The dtype was asked too much.") and not counts["cyd"].review
    record = Journal(laxer.path / "journal.db").regrades(SLUG, "cyd")[0]
    assert record.changes == ("double: failed 1.5 -> passed 2",) and record.made and record.who
    after = state(laxer)
    assert grade_class(laxer, SLUG).written == (), "grading again changes nothing"
    with quiet():
        assert NbGraderAPI(config=config(laxer)).autograde(SLUG, "cyd")["success"]
    assert state(laxer) == after, "nor does formgrader's button"
    made = tiny.notebook(laxer, "dan", **{"function-double": WIDE})
    tiny.hand_in(laxer, "dan", made)
    tiny.hand_in(laxer, "cyd", tiny.notebook(laxer, "cyd", **{"function-double": WIDE + "    # new\n"}))
    grades = grade_class(laxer, SLUG)
    assert made["metadata"]["course"]["bundle"] == old.hash and points(laxer)["dan"] == AFTER["cyd"]
    assert grades.written == ("cyd", "dan") and grades.review == () and grades.verdicts["cyd"].again == ""
    assert run(laxer, "--bundle", old.hash[:8], "--learner", "ada", "--reason", "r", "--yes").exit_code == 0
    counts = kept.counted(laxer, SLUG)
    assert counts["ada"].bundle == old.hash != counts["bob"].bundle, "back, and only Ada"
    assert grade_class(laxer, SLUG).written == () and points(laxer)["ada"] == first[0]["ada"]


def test_killed_midway_a_rerun_finishes_and_what_a_person_gave_stays(laxer, monkeypatch):
    with quiet(), gradebook.gradebook(laxer) as opened:
        grade = opened.find_grade("check-double", SLUG, SLUG, "cyd")
        grade.manual_score, grade.needs_manual_grade = 0.25, False
        opened.db.commit()
    write, calls = grading._write, []

    def killed(home, slug, learner, *rest):
        calls.append(learner)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return write(home, slug, learner, *rest)

    monkeypatch.setattr(grading, "_write", killed)
    bundle = target(laxer, SLUG, "current", laxer.path.parent / "root")
    with pytest.raises(KeyboardInterrupt):
        settle(laxer, look(laxer, SLUG, bundle=bundle), "why")
    monkeypatch.setattr(grading, "_write", write)
    assert len({verdict.bundle for verdict in kept.counted(laxer, SLUG).values()}) == 2, "one was written, two not"
    seen = look(laxer, SLUG, bundle=bundle)
    assert seen.moved == ("bob", "cyd") and seen.changed == ("cyd",) and not seen.idle
    result = run(laxer, "--bundle", bundle.hash, "--reason", "why", "--yes")
    assert result.exit_code == 1 and "0.25 stays" in result.output
    assert "double needs manual grade again" in result.output
    assert {verdict.bundle for verdict in kept.counted(laxer, SLUG).values()} == {bundle.hash}
    assert points(laxer) == {**BEFORE, "cyd": [0.25, 2.0, 1.0, 1.0]}
    assert look(laxer, SLUG, bundle=bundle).idle, "nothing is left to do"
    result = run(laxer, "--bundle", bundle.hash, "--reason", "why", "--yes")
    assert "The same results again: all 3 verdicts stay." in result.output and "Nothing was changed" in result.output


def test_two_judgements_that_differ_are_said_loudly_and_both_are_kept(home):
    """As if Cyd's answer had passed by luck when it was graded."""
    journal = Journal(home.path / "journal.db")
    with journal._connect() as database:
        change = "UPDATE verdict SET verdict = replace(verdict, ?, ?) WHERE learner = 'cyd'"
        check = kept.counted(home, SLUG)["cyd"].task("double").checks[2]
        old = f'"points": {check.points}, "sentence": {json.dumps(check.sentence)}, "status": '
        assert database.execute(change, (f'{old}"failed"', f'{old}"passed"')).rowcount == 1
    assert grade_class(home, SLUG).written == ("cyd",) and points(home) == AFTER
    result = run(home, "--dry-run")
    assert result.exit_code == 1 and "TWO VERDICTS DIFFER" in result.output and points(home) == AFTER
    assert grade_class(home, SLUG).written == () and not review_class(home, SLUG).groups["differ"]
    assert run(home, "--learner", "cyd", "--reason", "It was luck.", "--yes").exit_code == 0
    assert points(home) == BEFORE and journal.count(SLUG) == 4
    (item,) = review_class(home, SLUG).groups["differ"]
    assert item.learner == "cyd" and "double (passed 2, then failed 1.5)" in item.sentence
    assert "It was luck." in kept.counted(home, SLUG)["cyd"].again
    (cluster,) = review_class(home, SLUG).clusters
    assert cluster.learners == ("cyd",), "Bob's mistake has a name"


def test_other_points_and_other_names_are_refused(home):
    root = home.path.parent / "root"
    checks, script = root / "tests" / "hidden" / f"test_{SLUG}.py", root / "solutions" / f"{SLUG}.py"
    checks.write_text(checks.read_text().replace('points(0.5, cell="double"', 'points(1.5, cell="double"'))
    script.write_text(script.read_text().replace("# double = 2", "# double = 3"))
    before = sorted(home.bundles.rglob("*"))
    with pytest.raises(HomeError, match=r"points, are others in this bundle \(check-double\)"):
        target(home, SLUG, "current", root)
    for name in ("0" * 8, "../..", "ab", "Current"):
        with pytest.raises(HomeError, match="names none of the bundles"):
            target(home, SLUG, name, root)
    assert target(home, SLUG, "released", root) == latest(home.bundles, SLUG) and target(home, SLUG, "", root) is None
    assert len(before) + 6 == len(sorted(home.bundles.rglob("*"))), "the one that was refused, to look at"


def test_who_is_not_graded_or_not_there_is_said(home):
    tiny.hand_in(home, "dan", tiny.notebook(home, "dan"))
    result = run(home, "--learner", "dan", "--learner", "eve", "--dry-run")
    assert result.exit_code == 1 and "review: dan: is not graded yet" in result.output
    assert "'eve' is not on the roster" in result.output and "Nothing to judge again" in result.output
