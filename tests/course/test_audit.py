"""Every assignment proves itself: points add up, right answers pass, stubs and known mistakes fail and are named."""

from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from course.author.build import build
from course.author.marks import read_marks
from course.author.places import slugs
from course.bundle.cells import task_cell
from course.bundle.freeze import freeze
from course.bundle.notebook import from_notebook
from course.grade.limits import Limits
from course.grade.process import JudgeProcess
from course.grade.reference import load_reference, right_answers
from course.grade.verdict import TaskVerdict

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"course_id": "demo", "learner_id": "author", "backend": "numpy"}
SLUGS = slugs(ROOT)


@cache
def built(slug):
    return build(slug, ROOT)


@cache
def marks(slug):
    return read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py")


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """Judges cells of an assignment in a real judging process, author's code in process."""
    folder, processes, killed = tmp_path_factory.mktemp("audit"), {}, {}

    def run(slug, cells=None, tasks=None, answers=None):
        key = (slug, tuple(cells or ()), tuple(tasks or ()), repr(answers))
        if key in killed:
            return killed[key]
        if slug not in processes:
            bundle = freeze(folder, built(slug))
            config = {"bundle": str(bundle.path), "limits": Limits().to_dict(), "secret": "5e" * 32}
            config.update(course_id="demo", tier="auto", open_desks=True)
            processes[slug] = JudgeProcess(config, folder / "log")
        reference = built(slug).reference
        if answers is None:
            answers = right_answers(cells or reference, load_reference(reference, NAMES))
        job = {"cells": [c.to_dict() for c in cells or reference], "learner": "author", "answers": answers}
        job.update(found=list(built(slug).contract.points), display=False, tasks=tasks, id=len(killed))
        answer = processes[slug].judge(job, 120)
        assert not answer["review"], answer["review"]
        killed[key] = {task["name"]: TaskVerdict.from_dict(task) for task in answer["tasks"]}
        return killed[key]

    yield run
    for process in processes.values():
        process.close()


def patched(slug, task, source):
    cells = built(slug).reference
    own = task_cell(cells, task)
    return tuple(replace(cell, source=source) if cell is own else cell for cell in cells)


def wrong(slug, mistake):
    return patched(slug, mistake.task, mistake.patch(task_cell(built(slug).reference, mistake.task).source))


def each(kind):
    return [pytest.param(s, m, id=f"{s[:2]}-{m.task}-{m.name}") for s in SLUGS for m in getattr(marks(s), kind)]


@pytest.mark.parametrize("slug", SLUGS)
def test_reference_gets_full_marks_and_points_add_up(slug, judge):
    verdicts = judge(slug)
    for task, points in built(slug).contract.points.items():
        assert {check.id: check.status for check in verdicts[task].checks if check.status != "passed"} == {}
        assert verdicts[task].score == pytest.approx(points), f"the checks of {task} do not add up to {points} points"
        visible = sum(check.points for check in verdicts[task].checks if check.visible)
        assert 0.1 <= visible / points <= 0.34, f"visible checks are worth {visible} of {points} points of {task}"


@pytest.mark.parametrize("slug", SLUGS)
def test_untouched_stub_gets_nothing_and_says_what_is_to_do(slug, judge):
    skeleton = from_notebook(built(slug).notebook)
    verdicts = judge(slug, skeleton, answers={})
    assert {task: verdict.score for task, verdict in verdicts.items()} == dict.fromkeys(verdicts, 0)
    for cell in skeleton:
        if cell.kind in {"function", "experiment"}:
            assert verdicts[cell.name].sentence == f"`{cell.name}` is not written yet."


@pytest.mark.parametrize(("slug", "alternative"), each("alternatives"))
def test_alternative_gets_full_marks(slug, alternative, judge):
    verdict = judge(slug, patched(slug, alternative.task, alternative.source), [alternative.task])[alternative.task]
    assert {check.id: check.detail for check in verdict.checks if check.status != "passed"} == {}


@pytest.mark.parametrize(("slug", "mistake"), each("mistakes"))
def test_mistake_is_caught(slug, mistake, judge):
    verdict = judge(slug, wrong(slug, mistake), [mistake.task])[mistake.task]
    assert verdict.score < verdict.maximum, f"no check catches {mistake.name}"
    named = (mistake.name,) if mistake.named else ()
    assert verdict.mistakes == named, f"{mistake.name} is named {verdict.mistakes}"
    assert not mistake.named or (verdict.cause == mistake.says and verdict.hints == mistake.hints)
    assert any(check.status != "passed" for check in verdict.checks if not check.visible), "hidden checks let it pass"


@pytest.mark.parametrize("slug", SLUGS)
def test_every_hidden_check_catches_a_mistake(slug, judge):
    caught = defaultdict(set)
    for mistake in marks(slug).mistakes:
        for check in judge(slug, wrong(slug, mistake), [mistake.task])[mistake.task].checks:
            if check.status != "passed":
                caught[check.id].add(mistake.name)
    hidden = [check.id for verdict in judge(slug).values() for check in verdict.checks if not check.visible]
    assert [check for check in hidden if not caught[check]] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_enough_mistakes_and_alternatives(slug):
    functions = {cell.name for cell in built(slug).reference if cell.kind == "function"}
    assert len(marks(slug).mistakes) >= 12 and len(marks(slug).alternatives) >= 8
    assert functions <= {one.task for one in marks(slug).alternatives}


@pytest.mark.parametrize("slug", SLUGS)
def test_wrong_answers_to_questions_fail(slug, judge):
    right = right_answers(built(slug).reference, load_reference(built(slug).reference, NAMES))
    for name in right:
        for typed in (None, 0, right[name] * 1.1, str(right[name]), [right[name]], float("nan")):
            questions = [cell.name for cell in built(slug).reference if cell.kind == "question"]
            verdicts = judge(slug, built(slug).reference, questions, {**right, name: typed})
            assert any(verdict.score < verdict.maximum for verdict in verdicts.values()), (name, typed)
