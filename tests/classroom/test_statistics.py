"""How the class did: what is counted, from when on it is shown, and that it is worked out once."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.classroom import gradebook
from course.classroom.gradebook import Row, Scores
from course.classroom.pages import statistics
from course.classroom.pages.statistics import LEAST, Standing, _edges, summed


def scored(*scores: float | None, penalty: float = 0.0, maximum: float = 10.0, extra: float | None = None) -> Scores:
    rows = {f"check-t{i}": Row(f"check-t{i}", maximum, score, None, extra, False) for i, score in enumerate(scores)}
    return Scores(rows, penalty, {})


def class_of(*learners: Scores) -> dict[str, Scores]:
    return {f"l{i}": one for i, one in enumerate(learners)}


def test_fewer_than_ten_decided_submissions_say_how_many_and_no_more():
    undecided, empty = scored(10.0, None), Scores({}, 0.0, {})
    few = summed(class_of(*[scored(1.0, 2.0)] * 9, *[undecided] * 50, *[empty] * 50))
    assert few == Standing(9) and not few.shown
    enough = summed(class_of(*[scored(1.0, 2.0)] * 10, *[undecided] * 50))
    assert enough.graded == LEAST == 10 and enough.shown and enough.median == 3.0
    assert sum(bar.count for bar in enough.bars) == 10


def test_shares_medians_and_places():
    learners = [scored(float(i), 10.0 if i < 4 else 1.0) for i in range(11)]
    learners[0] = scored(10.0, 10.0, extra=3.0)  # 26 of 20, and counted as all of them
    learners[1] = scored(1.0, 10.0, penalty=30.0)  # taken off below nothing
    found = summed(class_of(*learners))
    assert found.maximum == 20.0 and found.graded == 11
    first, second = found.tasks["check-t0"], found.tasks["check-t1"]
    assert (first.full, first.median) == (2 / 11, 6.0) and (second.full, second.median) == (4 / 11, 1.0)
    totals = [20, 0, 12, 13, 5, 6, 7, 8, 9, 10, 11]
    assert found.median == 9.0
    assert [(bar.low, bar.high, bar.count) for bar in found.bars] == [
        (low, low + 5, sum(low <= total < low + 5 or total == low + 5 == 20 for total in totals))
        for low in (0, 5, 10, 15)
    ]
    assert [bar.low for bar in found.bars if bar.holds(20.0)] == [15.0] and found.highest == 5
    assert [bar.low for bar in found.bars if bar.holds(26.0)] == [15.0]
    assert [bar.low for bar in found.bars if bar.holds(-3.0)] == [0.0]
    assert not any(bar.holds(None) for bar in found.bars)
    over, under = [scored(9.0, extra=5.0)] * 10, [scored(1.0, penalty=5.0)] * 10
    assert (summed(class_of(*over)).median, summed(class_of(*under)).median) == (10.0, 0.0)
    assert len(summed(class_of(*learners * 3)).bars) == 10, "a larger class has finer bars"


@given(st.lists(st.floats(0, 12.5), min_size=10, max_size=60), st.sampled_from([0.25, 1.0, 4.5, 12.5, 25.0, 33.0]))
def test_every_score_has_exactly_one_place(scores, maximum):
    found = summed(class_of(*(scored(min(score, maximum), maximum=maximum) for score in scores)))
    assert sum(bar.count for bar in found.bars) == len(scores)
    assert all(sum(bar.holds(min(score, maximum)) for bar in found.bars) == 1 for score in scores)
    assert len(found.bars) <= (10 if len(scores) >= 30 else 5) + 1


def test_an_assignment_that_is_worth_nothing_has_no_figure():
    found = summed(class_of(*[scored(0.0, maximum=0.0)] * 12))
    assert found.shown and found.bars == () and found.highest == 0 and _edges(0.0, 5) == []


@pytest.fixture
def counted(home, monkeypatch):
    """How often the gradebook was read for the class, which has twelve of the roster and one who left."""
    calls, scores = [], class_of(*[scored(2.0, 2.0)] * 12) | {"gone": scored(9.0)}
    text = "id\n" + "".join(f"l{i}\n" for i in range(12))
    home.roster_file.write_text(text)
    monkeypatch.setattr(gradebook, "class_scores", lambda *of: calls.append(of) or scores)
    monkeypatch.setattr(statistics, "_known", {})
    return calls


def test_it_is_worked_out_once_until_something_changes(home, counted):
    first = statistics.standing(home, "00_double")
    assert first.graded == 12 and [statistics.standing(home, "00_double") for _ in range(300)] == [first] * 300
    assert len(counted) == 1
    status = os.stat(home.path / "gradebook.db")
    with gradebook.gradebook(home) as opened:
        opened.update_or_create_student("eve")
    os.utime(home.path / "gradebook.db", ns=(status.st_atime_ns, status.st_mtime_ns))  # within one tick of the clock
    statistics.standing(home, "00_double")
    assert len(counted) == 2, "a change of the gradebook counts, whatever the file's time says"
    home.roster_file.write_text("id\nl1\n")
    assert statistics.standing(home, "00_double").graded == 1 and len(counted) == 3


def test_deadlines_come_with_it(home, counted):
    path = home.path / "course.toml"
    path.write_text(path.read_text() + '\n[assignments.00]\ndue = "2026-03-01"\n[extensions.l1]\n00 = "2026-03-09"\n')
    found = statistics.standing(type(home).open(home.path), "00_double")
    assert f"{found.due:%d.%m.}" == "01.03." and f"{found.extended['l1']:%d.%m.}" == "09.03."
