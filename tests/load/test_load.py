"""A small version of `python -m tests.load`; a worker that was kept waiting; bad neighbours.

That these can fail is shown too: answers that are wrong, or differ from time to time, are found and named.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from course.grade.jail import tiers
from course.grade.limits import Limits
from course.grade.run import Grader, Paper
from tests.benchmarks.grading_class import Sheet
from tests.benchmarks.grading_runs import NoDisplay
from tests.classroom.tiny import RIGHT, SLUG, make_home, notebook

from .__main__ import main
from .busy import busy
from .report import markdown, problems
from .rounds import repeat

if sys.platform != "linux":
    pytest.skip("jails are made of Linux's own parts", allow_module_level=True)

RESULTS = Path(__file__).parent / "results"
LIMITS = Limits(cpu=2.0, wall=15.0, after_timeout=0.2, memory_mb=512)
WAITING = Limits(cpu=1.0, wall=8.0, after_timeout=0.2, memory_mb=512)
"""So long is a stopped worker waited for; a call that is at work has it too, on a machine that others keep busy."""


@pytest.fixture(scope="module", autouse=True)
def jail():
    if tiers.probe().best is None:
        pytest.skip("no tier for grades of record here")


def double(body: str, before: str = "") -> dict[str, str]:
    """The cell of `double`, with these lines in it."""
    return {"function-double": f"# function double: your code below\n{before}\ndef double(x):\n    {body}\n"}


def sheet(home, learner: str, plays: str, **changes: str) -> Sheet:
    return Sheet(learner, plays, json.dumps(notebook(home, learner, **{**RIGHT, **changes})).encode())


# -- the command -------------------------------------------------------------------------------------------------------


def test_one_assignment_three_times_with_every_core_busy(tmp_path, capsys):
    paths = {kind: tmp_path / f"load.{kind}" for kind in ("json", "markdown")}
    words = ["--assignments", "00", "--repeats", "3"]
    assert main([*words, *(word for kind, path in paths.items() for word in (f"--{kind}", str(path)))]) == 0
    found = json.loads(paths["json"].read_text())
    (came,) = found["assignments"]
    assert came["notebooks"] >= 9 and came["verdicts"] == 3 * came["notebooks"] and came["problems"] == []
    assert came["wrong"] == came["faults"] == came["changed"] == 0 and came["tier"] in tiers.RECORD
    assert found["busy"]["idle"] < 0.2, "the machine was to be busy"
    assert came["calls"] >= 3 * came["verdicts"] and 0 < came["nearest by CPU"]["of cpu"] < 0.2
    assert paths["markdown"].read_text() == markdown(found) + "\n" == capsys.readouterr().out
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    assert not [child for child in living if "getppid" in " ".join(child.cmdline())]


def test_what_is_wrong_or_differs_is_found_and_named(tmp_path):
    home = make_home(tmp_path, ["ada", "ben", "cleo", "dora"])
    sheets = [
        sheet(home, "ada", "the reference"),
        sheet(home, "ben", "wrong", **double("return 3 * x")),
        sheet(home, "cleo", "by chance", **double("return x + x + np.random.default_rng().integers(2)")),
        sheet(home, "dora", "slow", **double("while time.process_time() < 0.5: pass\n    return x + x", "import time")),
    ]
    came = repeat(home.path, SLUG, sheets, repeats=6, limits=LIMITS, course_id="demo")
    assert came["verdicts"] == 24 and came["faults"] == came["late"] == 0
    assert 6 < came["wrong"] <= 12 and 1 <= came["changed"] <= 5
    told = "\n".join(came["problems"])
    assert f"by chance: the verdict differs from the first one on the same file ({came['changed']} times)" in told
    assert "wrong: double, " in told and "(6 times)" in told and "reference" not in told and "slow" not in told
    near = came["nearest by CPU"]
    assert (near["plays"], near["op"]) == ("slow", "call") and 0.1 < near["of cpu"] < 0.5
    assert near["name"] in {"double", "experiment"}, "one calls the other"
    found = {"assignments": [came]}
    assert len(list(problems(found))) == len(came["problems"]) > 0
    slow = {**came, "problems": [], "reference": near}
    (text,) = problems({"assignments": [slow]})
    assert f"`{near['name']}` takes the reference 0." in text and "ten times that is more than its limit of 2 s" in text


def test_the_committed_table_is_of_the_committed_numbers_and_nothing_is_wrong():
    found = json.loads((RESULTS / "load.json").read_text(encoding="utf-8"))
    assert (RESULTS / "load.md").read_text(encoding="utf-8") == markdown(found) + "\n"
    assert list(problems(found)) == [] and found["repeats"] == 20
    counts = {name: sum(one[name] for one in found["assignments"]) for name in ("wrong", "faults", "changed")}
    assert counts == {"wrong": 0, "faults": 0, "changed": 0} and len(found["assignments"]) >= 8


# -- a worker that is kept waiting -------------------------------------------------------------------------------------

WORKING = "end = time.process_time() + 0.3\n    while time.process_time() < end: pass\n    return x + x"


def worker_at_work(grader: Grader) -> psutil.Process | None:
    """The worker that has used CPU time of its own: the only one whose submission takes any."""
    for judge in [made._process for made in grader._all if made._process]:
        for one in psutil.Process(judge.pid).children(recursive=True):
            try:
                mine, above = one.name(), one.parent()
                is_worker = above and mine == above.name() != "bwrap" and "forkserver" in " ".join(above.cmdline())
                if is_worker and one.cpu_times().user > 0.1:
                    return one
            except psutil.NoSuchProcess:
                continue
    return None


def stop_one(grader: Grader, stopped: list[int], over: threading.Event) -> None:
    """Stop one worker in the middle of its call, for good: time passes, and it uses none."""
    while not over.is_set():
        if (worker := worker_at_work(grader)) is not None:
            worker.send_signal(signal.SIGSTOP)
            stopped.append(worker.pid)
            return
        time.sleep(0.01)


def graded_with_a_stop(home, jobs: int) -> tuple[dict, list[str], list[int]]:
    """Verdicts on ada, whose worker is stopped once, and ben beside her; who was judged, in order; who was stopped."""
    papers = [
        Paper("ada", SLUG, sheet(home, "ada", "", **double(WORKING, "import time")).data),
        Paper("ben", SLUG, sheet(home, "ben", "").data),
    ]
    judged: list[str] = []
    stopped: list[int] = []
    over = threading.Event()
    with NoDisplay(home.path, course_id="demo", jobs=jobs, limits=WAITING) as grader:
        ask = grader._ask

        def noted(bundle, job, *rest):
            judged.append(job["learner"])
            return ask(bundle, job, *rest)

        grader._ask = noted  # type: ignore[method-assign]
        stopper = threading.Thread(target=stop_one, args=(grader, stopped, over))
        stopper.start()
        try:
            verdicts = {paper.learner: verdict for paper, verdict in grader.grade_all(papers)}
        finally:
            over.set()
            stopper.join()
    return verdicts, judged, stopped


@pytest.mark.parametrize("jobs", [2, 1])
def test_a_call_that_was_kept_waiting_is_judged_again_alone_and_passes(tmp_path, jobs):
    home = make_home(tmp_path, ["ada", "ben"])
    verdicts, judged, stopped = graded_with_a_stop(home, jobs)
    assert len(stopped) == 1 and not os.path.exists(f"/proc/{stopped[0]}"), "the stopped worker is gone"
    for verdict in verdicts.values():
        assert verdict.score == verdict.maximum, [(task.name, task.sentence) for task in verdict.tasks]
    assert sorted(judged) == ["ada", "ada", "ben"] and judged[-1] == "ada"
    assert verdicts["ada"].alone and not verdicts["ben"].alone


# -- neighbours --------------------------------------------------------------------------------------------------------

CHANNEL = """import os
def socket(fd):
    try:
        return os.fstat(fd).st_mode & 0o170000 == 0o140000
    except OSError:
        return False
channel = next(fd for fd in range(3, 64) if socket(fd))
"""

NEIGHBOURS = {
    "loops": ("timeout", double("while True: pass")),
    "sleeps": ("timeout", double("time.sleep(99)", "import time")),
    "hoards": ("memory", double("hoard = []\n    while True: hoard.append(bytearray(20_000_000))")),
    "floods": ("timeout", double("while True: print('x' * 1_000_000)")),
    "floods the channel": ("crashed", double("while True: os.write(channel, b'x' * 65536)", CHANNEL)),
    "returns too much": ("failed", double("return np.zeros(90_000_000, 'u1')")),
    "leaves": ("crashed", double("os._exit(0)", "import os")),
}


BY_CPU_TIME = double("while time.process_time() < 0.3: pass\n    return x + x", "import time")
"""Right, and on a busy machine later by the clock than the CPU time that it may use."""


def test_no_verdict_depends_on_a_neighbour(tmp_path):
    """Right ones, graded side by side with those that do harm, on a busy machine, against the same graded alone."""
    good, bad = [f"good{number}" for number in range(3)], [f"bad{number}" for number in range(len(NEIGHBOURS))]
    home = make_home(tmp_path, [*good, *bad])
    mixed = [
        Paper(learner, SLUG, sheet(home, learner, name, **cells).data)
        for learner, (name, (_, cells)) in zip(bad, NEIGHBOURS.items(), strict=True)
    ]
    for place, learner in enumerate(good):
        mixed.insert(3 * place + 1, Paper(learner, SLUG, sheet(home, learner, "", **BY_CPU_TIME).data))
    limits = Limits(cpu=0.6, wall=6.0, after_timeout=0.1, memory_mb=512)
    with NoDisplay(home.path, course_id="demo", jobs=2, limits=limits) as grader:
        alone = {paper.learner: grader.grade(paper.notebook, learner=paper.learner, assignment=SLUG) for paper in mixed}
        with busy():
            beside = {paper.learner: verdict for paper, verdict in grader.grade_all(mixed, force=True)}
    status = {name: beside[learner].task("double").status for learner, name in zip(bad, NEIGHBOURS, strict=True)}
    assert status == {name: expected for name, (expected, _) in NEIGHBOURS.items()}
    for learner in (*good, *bad):
        assert beside[learner].findings == alone[learner].findings, learner
        assert beside[learner].review == alone[learner].review == (), learner
    assert {name: beside[name].score for name in good} == {name: beside[name].maximum for name in good}
