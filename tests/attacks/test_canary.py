"""No process that runs a learner's code holds a secret; and without the jail the same code finds every one of them."""

import hashlib
import json
import os
import secrets
from pathlib import Path

import pytest

from course.author.build import build_text
from course.bundle.freeze import freeze
from course.bundle.transplant import transplant
from course.grade.jail import tiers
from course.grade.process import JudgeProcess
from course.grade.run import Grader
from tests.course.conftest import CHECKS, SCRIPT

HUNTER = (Path(__file__).parent / "cells" / "hunter.py").read_text()
PREY = (
    "# function double: your code below\n"
    "def double(x):\n"
    "    found = hunt()\n"
    "    if found:\n"
    "        raise KeyError(found)\n"
    "    return 2 * x\n"
)


def canary():
    nonce = secrets.token_hex(6)
    return f"cnry{nonce}{hashlib.sha256(nonce.encode()).hexdigest()[:8]}"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A course home with canaries in the reference, the hidden checks, the environment and the home itself."""
    script = SCRIPT.replace("    return 2 * x\n", f'    secret = "{canary()}"\n    return 2 * x\n')
    checks = CHECKS.replace("import numpy as np\n", f'import numpy as np\n\nSECRET = "{canary()}"\n', 1)
    monkeypatch.setenv("COURSE_CANARY", canary())
    built = build_text(script, checks, "90_tiny")
    bundle = freeze(tmp_path / "bundles", built)
    (tmp_path / "secret").write_text(hashlib.sha256(b"x").hexdigest())
    (tmp_path / "notes.txt").write_text(canary())
    notebook = bundle.release_notebook("demo")
    for cell in notebook["cells"]:
        if cell["id"] == "function-double":
            cell["source"] = PREY
    place = next(i for i, cell in enumerate(notebook["cells"]) if cell["id"] == "setup")
    words = HUNTER + "\nprint('the display found', hunt())\n"
    notebook["cells"].insert(place + 1, {"cell_type": "code", "metadata": {}, "source": words, "outputs": []})
    return tmp_path, bundle, json.dumps(notebook).encode()


def double_of(tasks):
    return next(task for task in tasks if task["name"] == "double")


@pytest.mark.parametrize("tier", tiers.RECORD)
def test_a_jailed_submission_finds_nothing(house, tier):
    home, _, notebook = house
    report = tiers.probe()
    if not report[tier].available:
        pytest.skip(report[tier].why)
    with Grader(home, course_id="demo", tier=tier) as grader:
        verdict = grader.grade(notebook, learner="ada", assignment="90_tiny")
    assert verdict.tier == tier and verdict.task("double").status == "passed", verdict.task("double")
    shown = json.dumps(verdict.outputs)
    assert "the display found []" in shown, shown


def test_the_same_submission_without_the_jail_finds_them(house):
    """Beside reference and checks, on an open desk, it must find the canaries, or this file proves nothing."""
    home, bundle, notebook = house
    paper = transplant(notebook, bundle.skeleton)
    config = {"bundle": str(bundle.path), "limits": {}, "secret": "00" * 32, "course_id": "demo", "tier": "auto"}
    process = JudgeProcess({**config, "open_desks": True}, home / "log")
    job = {"id": 1, "cells": [c.to_dict() for c in paper.cells], "learner": "ada", "answers": {}, "display": False}
    try:
        answer = process.judge({**job, "found": sorted(paper.found), "tasks": ["double"]}, 60)
    finally:
        process.close()
    statuses = {check["id"]: check["status"] for check in double_of(answer["tasks"])["checks"]}
    assert set(statuses.values()) == {"error"}, statuses


def test_each_hunt_bites_where_there_is_something_to_find(house, monkeypatch):
    home, _, _ = house
    names: dict = {}
    exec(HUNTER, names)
    kept = [canary()]
    descriptor = os.open(home / "notes.txt", os.O_RDONLY)
    try:
        found = set(names["hunt"]((str(home),)))
    finally:
        os.close(descriptor)
    assert kept and {"objects", "environment", "own memory", "descriptors", "files"} <= found
