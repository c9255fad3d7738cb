"""A typed answer is held against what each known mistake would have typed; the experiment behind them runs once."""

from types import SimpleNamespace

import pytest

from course.bundle.cells import Cell
from course.grade.naming import Namer
from course.grade.reference import Namespace

QUESTION = Cell("question", "steps", "typed = experiment(3)['steps'] * 2", "question-steps")
MISTAKES = {"halved": "typed = experiment(3)['steps']", "squared": "typed = experiment(3)['steps'] ** 2"}


def namer(typed):
    runs = []

    def experiment(seed):
        runs.append(seed)
        return {"steps": 10 * seed}

    known = [
        SimpleNamespace(task="steps", name=name, named=True, patch=lambda _, text=text: text)
        for name, text in MISTAKES.items()
    ]
    reference = Namespace({"experiment": experiment})
    sitting = SimpleNamespace(reference=reference, submission=SimpleNamespace(answers={"typed": typed}))
    return Namer(sitting, [QUESTION], {}, known), runs


@pytest.mark.parametrize(("typed", "name"), [(30, "halved"), (900, "squared"), (31, None)])
def test_the_mistake_that_was_typed_is_named(typed, name):
    made, runs = namer(typed)
    assert [one.name for one in made.name("steps", [], [])] == ([name] if name else [])
    assert runs == [3]


def test_nothing_typed_is_no_mistake_and_costs_nothing():
    made, runs = namer(None)
    assert made.name("steps", [], []) == () and runs == []
