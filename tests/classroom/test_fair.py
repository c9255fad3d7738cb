"""What a busy machine does to a submission is not the learner's: lateness by the clock is judged again, alone."""

from course.grade.run import Grader, Paper

from .tiny import RIGHT, SLUG, hand_in, make_home, notebook

SLEEPS = {"function-double": "# function double: your code below\nimport time\ndef double(x):\n    time.sleep(2)\n"}
LOOPS = {"function-double": "# function double: your code below\ndef double(x):\n    while True: pass\n"}


def test_lateness_by_the_clock_is_judged_twice_and_a_loop_once(tmp_path):
    home = make_home(tmp_path, ["ada", "ben", "cleo"], limits="cpu = 0.4\nwall = 4.0\nafter_timeout = 0.1")
    papers = []
    for learner, changes in {"ada": RIGHT, "ben": SLEEPS, "cleo": LOOPS}.items():
        papers.append(Paper(learner, SLUG, hand_in(home, learner, notebook(home, learner, **changes))))
    jobs: list[str] = []
    with Grader(home.path, course_id="demo", jobs=2, limits=home.settings.limits) as grader:
        ask = grader._ask

        def counted(bundle, job):
            jobs.append(job["learner"])
            return ask(bundle, job)

        grader._ask = counted
        verdicts = {paper.learner: verdict for paper, verdict in grader.grade_all(papers)}
    assert sorted(jobs) == ["ada", "ben", "ben", "cleo"] and jobs[-1] == "ben"
    assert {name: verdict.task("double").status for name, verdict in verdicts.items()} == {
        "ada": "passed", "ben": "timeout", "cleo": "timeout",
    }  # fmt: skip
    assert all(verdict.task("twice").status == "passed" for verdict in verdicts.values())
