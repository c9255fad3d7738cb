"""Fifty kills in each run of the tests; that the comparison bites; and what single deaths may and may not do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from copy import deepcopy
from pathlib import Path

import pytest

from course.classroom import gradebook
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
from course.grade import faults, workers
from course.grade.jail import tiers
from course.grade.journal import Journal
from course.grade.process import JudgeError, JudgeProcess
from course.grade.verdict import Verdict
from course.grade.workers import ForkServer
from tests.classroom import tiny
from tests.grade.test_workers import SMALL, cell

from .processes import below, descriptors
from .report import markdown
from .state import End, differences

ROOT = Path(__file__).resolve().parents[2]


def test_fifty_kills(tmp_path):
    """A small class (the thousand on classes of 300 are made by hand): every part of a grading run is hit."""
    if tiers.probe().best is None:
        pytest.skip("no jail for grades of record")
    words = ["--kills", "50", "--learners", "24", "--seed", "11", "--once", "--json", str(tmp_path / "found.json")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", *words], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["kills"] >= 50 and found["problems"] == [] and found["classes"] >= 1
    assert found["third strikes"] <= 5, "what dies once or twice is judged once more, in the same run"
    hit = {row["victim"] for row in found["by"]}
    assert {"supervisor", "grader", "submission", "fork server", "worker"} <= hit, hit
    assert "| supervisor |" in markdown(found) and "**0 verdicts" in markdown(found)


# -- the comparison bites ------------------------------------------------------------------------------------------


def an_end() -> End:
    """Two learners who are graded."""
    found = End(files={"journal.db", "kept/90_five/ada.json"}, review=["review: bob: look"], status=1)
    for learner in ("ada", "bob"):
        found.verdicts[learner] = {"tasks": [{"checks": [{"id": "a", "status": "passed"}]}], "notes": []}
        found.attempts[learner] = [(f"key of {learner}", 1, False)]
        found.rows.append((learner, "check-shift", 5.0, None, None, 0, 5.0, 0.0))
        found.notebooks[learner] = "hash"
    return found


CHANGES = {
    "verdict is lost": lambda end: (end.verdicts.pop("ada"), end.attempts.pop("ada")),
    "tasks of the verdict": lambda end: end.verdicts["ada"]["tasks"][0]["checks"][0].update(status="crashed"),
    "notes of the verdict": lambda end: end.verdicts["bob"]["notes"].append("another"),
    "another key": lambda end: end.attempts.update(ada=[("other", 1, False)]),
    "judged more than once": lambda end: end.attempts["ada"].append(("key of ada", 2, False)),
    "judged more than once, attempts [('key of bob', 1, False), ('key of bob', 1": lambda end: end.attempts[
        "bob"
    ].append(("key of bob", 1, False)),
    "is a fault of the grader": lambda end: end.attempts.update(ada=[("key of ada", 1, True)]),
    "notebook is another one": lambda end: end.notebooks.pop("bob"),
    "is only there": lambda end: end.rows.append(("cyd", "check-shift", 5.0, None, None, 0, 5.0, 0.0)),
    "rows, not 2": lambda end: end.rows.append(end.rows[0]),
    "is only in the truth": lambda end: end.rows.pop(),
    "left behind": lambda end: end.files.add(".ada.json.0123456789abcdef"),
    "missing": lambda end: end.files.discard("journal.db"),
    "review list": lambda end: end.review.append("review: ada: The grader had a fault"),
    "ended with 0": lambda end: setattr(end, "status", 0),
}


@pytest.mark.parametrize("says", CHANGES)
def test_a_difference_is_seen(says):
    truth, now = an_end(), an_end()
    assert list(differences(truth, deepcopy(now))) == []
    CHANGES[says](now)
    assert any(says in text for text in differences(truth, now)), list(differences(truth, now))


def test_a_fault_that_the_next_run_mended_is_no_difference():
    now = an_end()
    now.attempts["ada"] = [("key of ada", 1, True), ("key of ada", 2, False)]
    assert list(differences(an_end(), now)) == []


# -- single deaths -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Ada and Bob have handed in; both are right. And Ada's verdict, when nothing happens."""
    if tiers.probe().best is None:
        pytest.skip("no jail for grades of record")
    made = tiny.make_home(tmp_path_factory.mktemp("class"), ["ada", "bob"])
    for learner in made.roster:
        tiny.hand_in(made, learner, tiny.notebook(made, learner))
    untouched = Path(shutil.copytree(made.path, made.path.with_name("untouched")))
    verdict = grade_class(made, tiny.SLUG).verdicts["ada"]
    judging.close()
    return untouched, verdict


@pytest.fixture
def home(handed_in, tmp_path):
    """A copy of that home, in which nothing is graded."""
    yield Home.open(Path(shutil.copytree(handed_in[0], tmp_path / "home")))
    judging.close()


def dying(monkeypatch, times: int, die) -> list[int]:
    """Ada's judging dies so many ``times``, by ``die(process, job)``; the list of its tries."""
    judge, tries = JudgeProcess.judge, []

    def once(self, job, seconds):
        if job["learner"] == "ada":
            tries.append(job["id"])
            if len(tries) <= times:
                return die(self, job, lambda: judge(self, job, seconds))
        return judge(self, job, seconds)

    monkeypatch.setattr(JudgeProcess, "judge", once)
    return tries


def killed(process, job, judge):
    """The judging process is there, has been asked, and is killed before it answers."""
    if process._process is None:
        process._start_at_last()
    receive = process._receive

    def kill(seconds):
        os.kill(process._process.pid, signal.SIGKILL)
        process._process.wait()
        del process._receive
        return receive(seconds)

    process._receive = kill
    return judge()


def attempts(home) -> dict[str, list[int]]:
    """By learner, the attempts in the journal."""
    with Journal(home.path / "journal.db")._connect() as database:
        found: dict[str, list[int]] = {}
        for learner, attempt in database.execute("SELECT learner, attempt FROM verdict ORDER BY learner, attempt"):
            found.setdefault(learner, []).append(attempt)
    return found


def test_two_deaths_of_the_judge_change_nothing(home, monkeypatch):
    tries, before = dying(monkeypatch, 2, killed), descriptors(os.getpid())
    done = grade_class(home, tiny.SLUG)
    assert len(tries) == 3 and done.review == () and attempts(home) == {"ada": [1], "bob": [1]}
    assert {scores.score for scores in done.held.values()} == {6.0}
    judging.close()
    assert descriptors(os.getpid()) == before and not ours()


def test_the_third_strike_is_for_a_person_and_blocks_nobody(home, monkeypatch):
    with monkeypatch.context() as patch:
        tries = dying(patch, 9, killed)
        done = grade_class(home, tiny.SLUG)
    assert len(tries) == 3 and [item.learner for item in done.review] == ["ada"]
    assert done.review[0].sentence.startswith("The grader had a fault: the judging process ended")
    assert gradebook.scores(home, tiny.SLUG, "ada").score is None, "never a zero"
    assert gradebook.scores(home, tiny.SLUG, "bob").score == 6.0
    done = grade_class(home, tiny.SLUG)
    assert done.review == () and gradebook.scores(home, tiny.SLUG, "ada").score == 6.0
    assert attempts(home) == {"ada": [1, 2], "bob": [1]}


def test_a_judge_that_dies_before_it_is_asked_is_no_strike(home, monkeypatch):
    start, starts = JudgeProcess._start, []

    def dies(self):
        starts.append(1)
        popen = subprocess.Popen
        if len(starts) <= 4:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(subprocess, "Popen", lambda _, **options: popen(["true"], **options))
                return start(self)
        return start(self)

    monkeypatch.setattr(JudgeProcess, "_start", dies)
    done = grade_class(home, tiny.SLUG)
    assert len(starts) == 5 and done.review == () and attempts(home) == {"ada": [1], "bob": [1]}


def test_one_that_never_starts_is_said_and_does_not_go_on_for_ever(home, monkeypatch):
    popen, starts = subprocess.Popen, []

    def broken(words, **options):
        if "course.grade.judge" in words:
            starts.append(1)
            words = ["false"]
        return popen(words, **options)

    monkeypatch.setattr(subprocess, "Popen", broken)
    done = grade_class(home, tiny.SLUG)
    assert len(starts) == 20 and {item.learner for item in done.review} == {"ada", "bob"}
    assert "could not be started" in done.review[0].sentence
    assert gradebook.scores(home, tiny.SLUG, "ada").score is None


_before: set[int] = set()


@pytest.fixture(autouse=True)
def others():
    """What other tests of this process have running is none of ours."""
    _before.clear()
    _before.update(one.pid for one in below(os.getpid()))


def ours() -> list:
    """Everything below this process that was not there when the test began."""
    return [one for one in below(os.getpid()) if one.pid not in _before]


def struck(what: str, after: int):
    """A death below the judge: ``what`` ends when the ``after``-th worker of a submission is asked for."""

    def die(process, job, judge):
        if process._process is None:
            process._start_at_last()
        done = threading.Event()
        killer = threading.Thread(target=_strike, args=(what, after, done))
        killer.start()
        try:
            return judge()
        finally:
            done.set()
            killer.join()

    return die


def _strike(what: str, after: int, done: threading.Event) -> None:
    seen: set[int] = set()
    while not done.is_set():
        for one in ours():
            if one.part == "worker":
                seen.add(one.pid)
            if one.part == what and len(seen) >= after and one.kill():
                return


@pytest.mark.parametrize(
    ("what", "after"), [("worker", 1), ("worker", 4), ("fork server", 3), ("bubblewrap", 2), ("submission", 4)]
)
def test_a_death_below_the_judge_changes_nothing(handed_in, monkeypatch, tmp_path, what, after):
    """``after`` 1 is at the first task, 4 at a later one, or at the display."""
    if what == "bubblewrap" and handed_in[1].tier != "T1":
        pytest.skip("no bubblewrap here")
    for attempt in range(12):  # workers live for milliseconds: on a busy machine some are not seen
        home = Home.open(Path(shutil.copytree(handed_in[0], tmp_path / f"home-{attempt}")))
        with monkeypatch.context() as patch:
            tries = dying(patch, 1, struck(what, after))
            done = grade_class(home, tiny.SLUG, jobs=1)
        judging.close()
        if len(tries) == 2:
            break
    assert len(tries) == 2, "it was hit, and judged once more"
    assert done.review == () and attempts(home) == {"ada": [1], "bob": [1]}
    assert done.verdicts["ada"] == handed_in[1], "pictures included"


def test_a_worker_that_is_killed_while_the_fork_server_is_held_up_is_no_crash():
    """On a busy machine the news of its end may be late; it must not count as an exit of the learner's."""
    with ForkServer(SMALL, "auto", preload=False) as server, server.worker() as worker:
        worker.load([cell("def f(): return 1")], names={})
        pid = server._server.process.pid
        os.kill(pid, signal.SIGSTOP)
        resume = threading.Timer(1.5, os.kill, (pid, signal.SIGCONT))
        resume.start()
        os.kill(worker._process.pid, signal.SIGKILL)
        with pytest.raises(faults.Died, match="from outside"):
            worker.call("f")
        resume.join()


def test_a_worker_that_closes_its_channel_and_lives_is_not_waited_for():
    with ForkServer(SMALL, "auto", preload=False) as server, server.worker() as worker:
        worker.load([cell("import os, time\ndef f():\n    os.closerange(3, 32)\n    time.sleep(60)")], names={})
        began = time.monotonic()
        with pytest.raises(faults.Crashed):
            worker.call("f")
        assert time.monotonic() - began < 10


def test_a_probe_that_is_killed_does_not_lower_the_tier(monkeypatch):
    best, start, died = tiers.probe().best, workers._Running._begin, []

    def begin(self, *arguments):
        if len(died) < 2:
            died.append(self.child.pid)
            self.child.kill()
        return start(self, *arguments)

    monkeypatch.setattr(workers._Running, "_begin", begin)
    assert tiers.probe().best == best and len(died) == 2


def test_a_probe_that_is_killed_each_time_is_said_and_no_tier_is_lowered(monkeypatch):
    start = workers._Running._begin

    def begin(self, *arguments):
        self.child.kill()
        return start(self, *arguments)

    monkeypatch.setattr(workers._Running, "_begin", begin)
    with pytest.raises(tiers.Disturbed, match=r"T[12]: the jail was killed again and again .* run this again"):
        tiers.probe()


def test_a_verdict_is_written_once_whoever_writes_it(tmp_path):
    """Two runs at once, one of them left over from a kill: the first verdict stays."""
    first = Verdict("ada", "90", "b", "T1", (), notes=("first",))
    journal = Journal(tmp_path / "journal.db")
    assert journal.add("key", first) == first
    assert Journal(tmp_path / "journal.db").add("key", Verdict("ada", "90", "b", "T1", (), notes=("second",))) == first
    assert journal.count("90") == 1


def test_pictures_that_were_lost_at_the_third_strike_come_with_the_next_run(home, monkeypatch):
    """The points count all the same; a person is told."""
    said = f"{faults.Died.SAID} while the notebook was shown"

    def die(process, job, judge):
        raise JudgeError(said, {**judge(), "outputs": {}, "review": [said]})

    with monkeypatch.context() as patch:
        dying(patch, 3, die)
        done = grade_class(home, tiny.SLUG)
    assert [(item.learner, item.sentence) for item in done.review] == [("ada", said)]
    assert done.verdicts["ada"].score == 6.0 and done.verdicts["ada"].outputs == {}
    done = grade_class(home, tiny.SLUG)
    assert done.review == () and done.verdicts["ada"].outputs and attempts(home) == {"ada": [1, 2], "bob": [1]}


def test_an_answer_without_the_dead_part_is_kept_at_the_third_strike(home, monkeypatch):
    """A submission that brings its worker down each time keeps what its other functions earned."""
    said = f"{faults.Died.SAID}: a worker was killed from outside"

    def die(process, job, judge):
        answer = judge()
        task = next(one for one in answer["tasks"] if one["name"] == "twice")
        for check in task["checks"]:
            check.update(status="fault")
        raise JudgeError(said, {**answer, "review": [said]})

    dying(monkeypatch, 3, die)
    done = grade_class(home, tiny.SLUG)
    assert [(item.learner, item.sentence) for item in done.review] == [("ada", said)]
    undecided = [task.name for task in done.verdicts["ada"].tasks if task.undecided]
    assert undecided == ["twice"] and done.verdicts["bob"].score == 6.0
