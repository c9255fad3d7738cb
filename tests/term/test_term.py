"""A small term in the tests: every door and mishap, killed midway, regraded, and everybody gets what they must."""

from __future__ import annotations

import pytest

from course.grade.jail import tiers

from .play import Term, chosen

pytestmark = pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")


def play(folder, learners, assignments):
    said: list[str] = []
    term = Term(folder / "term", learners, chosen(assignments), say=said.append)
    term.play()
    return term


def test_a_term_in_small(tmp_path):
    """Twelve learners, one assignment; `python -m tests.term` plays it with three hundred and two."""
    term = play(tmp_path, 12, "02")
    assert term.wrong == []
    plays = {person.work["02_full_batch_gd"].plays for person in term.people}
    assert {"", "broken", "missing", "extended", "loop"} <= plays
    assert {person.door for person in term.people} == {"exchange", "hub", "lms"}
    assert all(term.facts[fact] for fact in ("raised by it", "weakened check", "autograded when 02 was killed"))


def test_what_is_wrong_is_found(tmp_path, monkeypatch):
    """The comparison itself can fail: another rule for lateness, and one learner too many."""
    from course.classroom import gradebook

    from . import expected

    term = Term(tmp_path / "term", 4, chosen("00"), say=lambda text: None)
    people = {person.learner.id: 1.0 for person in term.people}
    monkeypatch.setattr(expected, "scores", lambda *_: people)
    monkeypatch.setattr(gradebook, "class_scores", lambda *_: {})
    term.compare("00_first_step", "first")
    assert len(term.wrong) == 1 + len(people) and "4 differ" in term.wrong[0]
