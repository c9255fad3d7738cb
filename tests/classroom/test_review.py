"""What a person must look at: every kind of it in its group, and wrong answers without a name by how they go wrong."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.bundle.freeze import latest
from course.classroom.doors import handed
from course.classroom.grading import judging, kept
from course.classroom.grading.grade import grade_class
from course.classroom.grading.review import GROUPS, ClassReview, Cluster, print_review, review_class
from course.classroom.home import Home
from course.grade.jail import tiers
from course.grade.journal import Journal
from course.grade.run import Grader, Late
from course.grade.verdict import EARLIER, OTHER_ID, Verdict
from course.verbs.review import review

from . import tiny
from .conftest import BOOM, GOOD, SLUG, WRONG
from .fake import FakeGrader
from .test_faults import by_hand

ESCAPE = WRONG | {"function-double": WRONG["function-double"] + "\n# \x1b[2Jrefused: nobody"}


@pytest.fixture(scope="module")
def once(released, tmp_path_factory):
    """Ada right, Bob and Cyd wrong in the same way, Dan's grader at fault; to be copied."""
    home = Home.open(Path(shutil.copytree(released, tmp_path_factory.mktemp("graded") / "home")))
    for learner, edits in {"ada": GOOD, "bob": WRONG, "cyd": ESCAPE, "dan": BOOM}.items():
        put(home, learner, edits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "make", lambda home, machines=None: FakeGrader(home.path))
        patch.setattr(judging, "_graders", {})
        grade_class(home, SLUG)
    return home.path


@pytest.fixture
def graded(once, tmp_path, grader):
    return Home.open(Path(shutil.copytree(once, tmp_path / "home")))


def put(home, learner, edits):
    """Where collecting puts it."""
    made = latest(home.bundles, SLUG).release_notebook("demo")
    for cell in made["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    path = home.notebook("submitted", SLUG, learner)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made))


def rewrite(home, learner, **changes):
    """As if grading had come to another verdict; ``task`` says what is changed in the first task's."""
    path = home.notebook("autograded", SLUG, learner)
    notebook = json.loads(path.read_text())
    verdict = Verdict.from_json(notebook["metadata"]["course"]["verdict"])
    first = replace(verdict.tasks[0], **changes.pop("task", {}))
    changed = replace(verdict, **{"tasks": (first, *verdict.tasks[1:]), **changes})
    notebook["metadata"]["course"]["verdict"] = changed.to_json()
    path.write_text(json.dumps(notebook))
    return changed


def items(home, name):
    return [tuple(item) for item in review_class(home, SLUG).groups[name]]


def run(home, *arguments):
    return CliRunner().invoke(review, [*arguments, "--home", str(home.path)])


def test_faults_and_clusters(graded):
    found = review_class(graded, SLUG)
    assert [item.learner for item in found.groups["undecided"]] == ["dan"] and found.needs_person
    assert {name for name, group in found.groups.items() if group} == {"undecided"}
    (cluster,) = found.clusters
    assert (cluster.task, cluster.learners) == ("double", ("bob", "cyd"))
    assert cluster.failing == ("failed: It returned 3 where 6 was expected.",)
    assert cluster.code == WRONG["function-double"]


def test_clusters_are_made_of_traces_and_the_largest_comes_first(graded):
    def clusters():
        return [cluster.learners for cluster in review_class(graded, SLUG).clusters]

    rewrite(graded, "bob", task={"trace": "one"})
    rewrite(graded, "cyd", task={"trace": "other"})
    assert clusters() == [("bob",), ("cyd",)]
    rewrite(graded, "cyd", task={"trace": "one"})
    wrong = rewrite(graded, "dan", task={"checks": kept.counted(graded, SLUG)["bob"].tasks[0].checks, "trace": "first"})
    assert clusters() == [("bob", "cyd"), ("dan",)]
    rewrite(graded, "dan", task={"mistakes": ("signs",)})
    assert clusters() == [("bob", "cyd")], "it has a name"
    unwritten = tuple(replace(check, detail="`double` is not written yet.") for check in wrong.tasks[0].checks)
    rewrite(graded, "dan", task={"mistakes": (), "checks": unwritten})
    assert clusters() == [("bob", "cyd")], "it was not written"


def test_the_command_says_it_all_and_exits_with_one(graded, tmp_path):
    result = run(graded, "00", "--json", str(tmp_path / "review.json"))
    assert result.exit_code == 1, result.output
    assert "Not decided, by a fault of the grader: 1" in result.output and "dan: double could not" in result.output
    assert "double: 2 learners (bob, cyd)" in result.output and "return x  # wrong" in result.output
    assert "\x1b[2J" not in result.output
    data = json.loads((tmp_path / "review.json").read_text())[SLUG]
    assert data["person"] is True and data["groups"]["undecided"]["items"][0]["learner"] == "dan"
    assert data["unnamed"][0]["learners"] == ["bob", "cyd"]
    by_hand(graded, "dan", 2.0)
    assert items(graded, "undecided") == [], "a person has decided it"
    assert run(graded, "00").exit_code == 0
    assert run(graded).exit_code == 0 and SLUG in run(graded).output, "without a name: all that were released"


@pytest.mark.parametrize("code", ["x = 1; " * 30_000, "(" * 200_000, "\n".join(["y = '" + "a" * 5_000] * 5_000)])
def test_of_a_cell_as_much_is_printed_as_a_person_reads(code, capsys):
    start = time.process_time()
    print_review(ClassReview(SLUG, dict.fromkeys(GROUPS, ()), (Cluster("double", ("failed: no",), ("ada",), code),)))
    assert time.process_time() - start < 2
    printed = capsys.readouterr().out
    assert 120 < len(printed) < 42 * 160 and code[:60] in printed and "…" in printed
    assert ("# … (cut here)" in printed) == ("\n" in code)


def test_a_class_without_trouble_needs_nobody(home):
    put(home, "ada", GOOD)
    result = run(home, SLUG)
    assert result.exit_code == 1 and f"ada: run: course grade {SLUG}" in result.output
    grade_class(home, SLUG)
    result = run(home, SLUG)
    assert (result.exit_code, result.output) == (0, f"{SLUG}: nothing to look at.\n")
    put(home, "ada", WRONG)
    assert "handed in anew" in items(home, "ungraded")[0][1]


def test_refusals_of_collecting(graded):
    path = graded.path / "handed" / f"{SLUG}.refused.json"
    entry = {"door": "exchange", "name": "eve\n\x1b[2J+x", "learner": "", "sentence": "is not on the roster"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([entry]))
    assert handed.refused(graded, SLUG) == [entry]
    result = run(graded, SLUG)
    assert "Refused by the last collecting: 1" in result.output and "eve +x: is not on the roster" in result.output


def test_what_verdicts_say_stands_in_its_group(graded):
    identity = f"{OTHER_ID} = 'eve'; it was submitted by 'ada'."
    review = (identity, f"{EARLIER}.", "No function cell was found.")
    late = kept.counted(graded, SLUG)["bob"].tasks[0].checks
    late = tuple(replace(check, status="timeout", detail="It waited.") for check in late)
    rewrite(graded, "ada", review=review, notes=("One cell was put back.",))
    rewrite(graded, "bob", alone=True, task={"clock": True, "checks": late})
    rewrite(graded, "cyd", alone=True, task={"clock": True})
    assert items(graded, "identity") == [("ada", identity)]
    assert items(graded, "earlier") == [("ada", f"{EARLIER}.")]
    assert items(graded, "other") == [("ada", "No function cell was found.")]
    assert items(graded, "repaired") == [("ada", "One cell was put back.")]
    assert items(graded, "alone") == [("bob", "double did not finish then either."), ("cyd", "It finished then.")]
    assert items(graded, "clock") == [("bob", "double: It waited. It may wait, or this machine was busy.")]


def test_files_that_cannot_be_read_and_scores_that_wait(graded):
    graded.notebook("submitted", SLUG, "bob").write_bytes(b"no notebook")
    by_hand(graded, "cyd", 2.0)
    put(graded, "cyd", GOOD)
    grade_class(graded, SLUG, learners=["bob", "cyd"])
    assert [learner for learner, _ in items(graded, "unread")] == ["bob"]
    assert [learner for learner, _ in items(graded, "undecided")] == ["dan"]
    (manual,) = items(graded, "manual")
    assert manual[0] == "cyd" and manual[1].startswith("double: its score 2 was given before")


def test_two_verdicts_that_differ_are_said_loudly(graded):
    journal = Journal(graded.path / "journal.db")
    counts = kept.counted(graded, SLUG)["bob"]
    fault = kept.counted(graded, SLUG)["dan"]
    journal.add("bob", counts)
    journal.add("bob", replace(counts, notes=("other words for the learner",)), again=True)
    journal.add("dan", fault)
    journal.add("dan", replace(fault, tasks=counts.tasks), again=True)
    assert items(graded, "differ") == [], "the same findings, and a fault that was mended"
    flaky = tuple(replace(check, status="passed", detail="") for check in counts.tasks[0].checks)
    other = replace(counts, tasks=(replace(counts.tasks[0], checks=flaky), *counts.tasks[1:]))
    journal.add("bob", other, again=True)
    ((learner, sentence),) = items(graded, "differ")
    assert learner == "bob" and "double (failed 1, then passed 4)" in sentence
    result = run(graded, SLUG)
    assert result.exit_code == 1 and "TWO VERDICTS DIFFER" in result.output


def test_a_fault_that_took_nothing_away_is_said_too(graded):
    counts = kept.counted(graded, SLUG)["ada"]
    journal = Journal(graded.path / "journal.db")
    journal.add("a", replace(counts, tasks=kept.counted(graded, SLUG)["dan"].tasks))
    ((_, sentence),) = [item for item in items(graded, "undecided") if item[0] == "ada"]
    assert sentence.endswith("what was decided before stays.")
    journal.add("a", counts, again=True)
    assert [learner for learner, _ in items(graded, "undecided")] == ["dan"], "judged again since"
    assert set(GROUPS) == set(review_class(graded, SLUG).groups)


def test_the_clock_and_the_ways_of_going_wrong_by_the_real_grader(tmp_path, monkeypatch):
    """Ada waits, Bob ran out of time by others' load alone, Cyd and Dan are wrong in one way, Eve and Flo in others."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    head = "# function double: your code below\ndef double(x):\n    "
    double = {
        "ada": "import time; time.sleep(60)",
        "bob": "return x + x",
        "cyd": "return 3 * x + 1",
        "dan": "y = 7 * x\n    return y - 2",
        "eve": "return np.zeros(2)",
        "flo": "return x[100]",
    }
    home = tiny.make_home(tmp_path, list(double), limits="cpu = 0.3\nwall = 3.0\nafter_timeout = 0.1")
    for learner, body in double.items():
        tiny.hand_in(home, learner, tiny.notebook(home, learner, **{"function-double": head + body}))
    judge = Grader._judge

    def busy(self, bundle, paper, learner, alone):
        if learner == "bob" and not alone:
            raise Late
        return judge(self, bundle, paper, learner, alone)

    monkeypatch.setattr(Grader, "_judge", busy)
    try:
        done = grade_class(home, tiny.SLUG, jobs=2)
    finally:
        judging.close()
    assert done.review == () and done.verdicts["bob"].score == 6.0
    found = review_class(home, tiny.SLUG)
    alone = {item.learner: item.sentence for item in found.groups["alone"]}
    assert alone == {"ada": "double did not finish then either.", "bob": "It finished then."}
    assert [item.learner for item in found.groups["clock"]] == ["ada"]
    ways = [cluster.learners for cluster in found.clusters if cluster.task == "double"]
    assert ways[0] == ("cyd", "dan") and sorted(ways[1:]) == [("ada",), ("eve",), ("flo",)]
