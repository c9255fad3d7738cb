"""A learner's own notebook names known mistakes, from what ships beside the exercise; and never a wrong one."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from course.author.build import build
from course.author.marks import read_marks
from course.author.traces import seen_by, with_mistake
from course.bundle.cells import task_cell
from course.learn.exercises import exercises
from course.learn.known import known
from course.learn.tracing import Traced, fingerprint, same_print, written

ROOT = Path(__file__).resolve().parents[2]
SLUGS = sorted(exercises())


@cache
def built(slug):
    return build(slug, ROOT)


def seen_of(slug, mistake, learner="ada"):
    """What the visible checks see of ``mistake`` in the notebook of a learner for whom no traces were made."""
    cells = with_mistake(built(slug).reference, mistake) if mistake else built(slug).reference
    return {
        cell.name: seen_by(cells, cell, learner) for cell in _checks(slug) if not mistake or cell.name == mistake.task
    }


def _checks(slug):
    cells = built(slug).reference
    return [c for c in cells if c.kind == "check" and task_cell(cells, c.name).kind != "question"]


@pytest.mark.parametrize("slug", SLUGS)
def test_mistakes_are_named_as_themselves_or_not_at_all(slug):
    ours, came = known(slug), Counter()
    assert ours.build == built(slug).id
    for mistake in read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py").mistakes:
        if task_cell(built(slug).reference, mistake.task).kind == "question" or not mistake.named:
            continue
        seen = seen_of(slug, mistake)[mistake.task]
        found = ours.name(mistake.task, seen)
        visible = any(one.status != "passed" for one in seen.values())
        came[visible, found is not None] += 1
        assert found is None or (visible and found.name == mistake.name and found.says == mistake.says), mistake
    assert 2 * came[True, True] > came[True, False]  # much of what the visible checks see gets its name


@pytest.mark.parametrize("slug", SLUGS)
def test_the_right_answer_is_never_blamed(slug):
    for task, seen in seen_of(slug, None).items():
        assert all(one.status == "passed" for one in seen.values()), task
        assert known(slug).name(task, seen) is None


@pytest.mark.parametrize("slug", SLUGS)
def test_no_right_answer_ships(slug):
    data = json.loads(exercises()[slug].with_suffix(".traces.json").read_text())
    right = seen_of(slug, None)
    for task, entry in data["tasks"].items():
        for mistake in entry["mistakes"]:
            assert set(mistake) == {"name", "says", "hints", "seen"}
            assert any(status != "passed" for status, _, _ in mistake["seen"].values()), (task, mistake["name"])
            assert set(mistake["seen"]) == set(right[task])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.ones(3), np.ones((3, 1))), (np.ones(3), np.ones(3, int)), (1.0, "1.0"), (None, 0.0),
        ({"a": 1.0}, {"b": 1.0}), (np.array([np.nan]), np.array([0.0])),
        ([1.0, [2.0]], [1.0, [3.0]]), (np.array([1.0, 2.0]), np.array([2.0, 1.0])),
        (np.array([np.inf]), np.array([-np.inf])), (1.0, 1.0 + 1e-5), (np.arange(5) * 1.0, np.arange(5) * 1.0 + 1e-4),
        ([np.ones(2), np.ones(3)], [np.ones(3), np.ones(2)]),
    ],
)  # fmt: skip
def test_prints_differ(one, other):
    assert not same_print(fingerprint(one), fingerprint(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.ones(3), [1.0, 1.0, 1.0]), (2.0, np.float32(2.0)), ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}),
        (1.0, 1.0 + 1e-12), ((1.0, np.ones(2)), [1.0, np.ones(2)]), (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])),
        (1e12 * np.ones(9), 1e12 * np.ones(9) * (1 + 1e-12)), (np.zeros((0, 2)), np.zeros((0, 2))),
    ],
)  # fmt: skip
def test_prints_are_the_same(one, other):
    text = json.loads(json.dumps([fingerprint(one), fingerprint(other)]))
    assert same_print(*text) and same_print(text[0], fingerprint(one))


def test_a_traced_function_notes_calls_from_outside_only():
    def countdown(n):
        return traced(n - 1) if n else 0

    traced = Traced("countdown", countdown)
    assert traced(3) == 0 and [call.text for call in traced.calls] == ["countdown(3)"]


def test_a_traced_function_notes_exceptions_changes_and_draws():
    def spoil(x, rng=None):
        if rng is not None:
            return rng.random()
        x[0] = 9
        raise KeyError("gone")

    traced = Traced("spoil", spoil)
    with pytest.raises(KeyError):
        traced(np.zeros(2))
    traced(np.zeros(2), rng=np.random.default_rng(1))
    assert [call.ended for call in traced.calls] == ["KeyError", "drew"] and traced.calls[1].value is None


def test_what_a_generator_yields_is_kept_and_handed_on():
    traced = Traced("squares", lambda n: (k * k for k in range(n)))
    assert [*traced(3)] == [0, 1, 4] and same_print(traced.calls[0].value, fingerprint([0, 1, 4]))


def test_calls_are_written_shortly():
    def loss(x):
        return x

    args = (loss, {"w": np.zeros((3, 2)), "b": np.array([1.0, 2.0])}, [(np.zeros(5), np.zeros(5))], 0.1)
    text = "gd(loss, {'w': array (3, 2), 'b': [1., 2.]}, [(array (5,), array (5,))], 0.1, rng=rng)"
    assert written("gd", args, {"rng": np.random.default_rng()}) == text
