"""The hostile submissions as answers in a stock nbgrader course, each executed in a jail of its own: bubblewrap,
without network, one folder to write in. Stock nbgrader itself has no jail; this one is around all of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from course.grade.jail import bubble, paths

Found = dict[str, Any]

SLUG, EVE, ZOE = "gd", "eve", "zoe"
SECONDS = 240.0
"""After which all of a jail is killed."""

SKIPPED = {
    **dict.fromkeys(("memory_hog", "memory_swallowed", "view_bomb", "limits_reset"), "takes the machine's memory"),
    **dict.fromkeys(("endless_output", "words_that_loop_shown"), "stock nbgrader keeps all output in memory"),
    "code_for_another_cpu_mode": "forks the kernel where nothing stops it",
}
"""Attacks that could hurt the machine even from inside of that jail."""

MARK = "seen-what-it-must-not"
"""Printed by `honest`, which an attack calls once it has found something."""

SETUP = """\
import numpy as np
from course.learn import check

xp = np

def line_loss_and_grad(params, X, y):
    residual = X @ params["w"] + params["c"] - y
    grads = {"w": X.T @ residual / len(X), "c": residual.mean().reshape(1)}
    return float((residual**2).mean() / 2), grads
"""

TESTS = """\
### BEGIN HIDDEN TESTS
SECRET = "{canary}"
import solutions
rng = np.random.default_rng(7)
start, X, y = {{"w": rng.normal(size=3), "c": rng.normal(size=1)}}, rng.normal(size=(8, 3)), rng.normal(size=8)
want, losses = solutions.gd(line_loss_and_grad, start, X, y, 0.1, 5)
{body}### END HIDDEN TESTS
"""
"""As a teacher writes them: the reference imported, the numbers drawn, then asserted."""

PARAMS = """\
got, _ = gd(line_loss_and_grad, start, X, y, 0.1, 5)
for name in want:
    np.testing.assert_allclose(got[name], want[name], err_msg=SECRET)
"""
LOSSES = """\
_, got = gd(line_loss_and_grad, start, X, y, 0.1, 5)
assert len(got) == 6, SECRET
assert all(abs(one - other) < 1e-9 for one, other in zip(got, losses)), SECRET
"""
BESIDE = "### BEGIN HIDDEN TESTS\nassert double(4) == 8\n### END HIDDEN TESTS\n"

READ = """\
import json, sys
from nbgrader.api import Gradebook, MissingEntry
found = {}
with Gradebook("sqlite:///gradebook.db") as book:
    for learner in ("eve", "zoe"):
        try:
            submission = book.find_submission_notebook("gd", "gd", learner)
            found[learner] = {one.name: one.score for one in submission.grades if not one.needs_manual_grade}
        except MissingEntry:
            found[learner] = None
print(json.dumps(found))
"""


class Stock:
    """A course of stock nbgrader in ``folder``, of which each attack gets a copy."""

    def __init__(self, folder: Path, honest: str, canaries: dict[str, str]):
        self.folder, self.canaries = folder, canaries
        self.honest = honest.replace("def honest(", "def inside_honest(") + (
            f"\n\ndef honest(*given, **named):\n    print({MARK!r})\n    return inside_honest(*given, **named)\n"
        )
        self.right = honest.replace("def honest(", "def gd(")
        self.home = folder / "course"
        self.home.mkdir(parents=True)
        secret = f'    SECRET = "{canaries["reference"]}"\n    params = {{'
        reference = "import numpy as xp\n\n" + self.right.replace("    params = {", secret, 1)
        (self.home / "solutions.py").write_text(reference)
        (self.home / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.Execute.timeout = 8\n'
        )
        source = self.home / "source" / SLUG / f"{SLUG}.ipynb"
        source.parent.mkdir(parents=True)
        source.write_text(json.dumps(self._notebook(self.right, tests=True)), encoding="utf-8")
        done = self._run(self.home, [sys.executable, "-m", "nbgrader", "generate_assignment", SLUG])
        if done.returncode:
            raise RuntimeError(f"stock nbgrader could not release its assignment: {done.stdout[-2000:]}")

    def attack(self, text: str) -> Found:
        """What ``text`` reached as the answer to `gd` of a learner who is graded before another one."""
        place = self.folder / "one"
        shutil.copytree(self.home, place)
        try:
            self._hand_in(place, EVE, f"{text}\n\n{self.honest}")
            self._hand_in(place, ZOE, self.right)
            ran = self._run(place, [sys.executable, "-m", "nbgrader", "autograde", SLUG])
            read = self._run(place, [sys.executable, "-c", READ])
            scores = json.loads(read.stdout.splitlines()[-1]) if read.returncode == 0 else {EVE: None, ZOE: None}
            shown = self._shown(place)
        finally:
            shutil.rmtree(place)
        eve, zoe = scores[EVE] or {}, scores[ZOE] or {}
        return {
            "forged": (eve.get("test-params") or 0) + (eve.get("test-losses") or 0),
            "seen": MARK in shown,
            "told": [where for where, secret in self.canaries.items() if secret in shown],
            "own": eve.get("test-double") != 1,
            "neighbour": [zoe.get(name) for name in ("test-params", "test-losses", "test-double")] != [3, 2, 1],
            "ended": ran.returncode,
        }

    def _shown(self, place: Path) -> str:
        """The outputs that stand in the graded notebook, which the learner gets back as a page."""
        path = place / "autograded" / EVE / SLUG / f"{SLUG}.ipynb"
        inside = path.resolve().is_relative_to(place.resolve())  # it is the attack's to write
        if not inside or not path.is_file() or path.stat().st_size > 200_000_000:
            return ""
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return json.dumps([cell.get("outputs") for cell in cells])

    def _hand_in(self, place: Path, learner: str, answer: str) -> None:
        path = place / "submitted" / learner / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(self._notebook(answer, tests=False)), encoding="utf-8")

    def _notebook(self, answer: str, tests: bool) -> dict:
        """The teacher's notebook, or a learner's, whose test cells are empty until nbgrader fills them."""
        solution = {"grade": False, "solution": True, "locked": False}
        cells = [_cell(SETUP), _cell("def double(x):\n    return 2 * x\n", grade_id="double", **solution)]
        cells += [_cell(answer, grade_id="gd", **solution)]
        for name, points, body in (("params", 3, PARAMS), ("losses", 2, LOSSES), ("double", 1, BESIDE)):
            made = body if name == "double" else TESTS.format(canary=self.canaries["checks"], body=body)
            marks = {"grade": True, "solution": False, "locked": True, "points": points}
            cells.append(_cell(made if tests else "", grade_id=f"test-{name}", **marks))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}

    def _run(self, place: Path, words: list[str]) -> subprocess.CompletedProcess:
        """``words`` in a jail: a read-only system, nothing of the network, processes of its own, ``place`` to write."""
        own = {"HOME": "/tmp", "IPYTHONDIR": "/tmp/ipython", "JUPYTER_DATA_DIR": "/tmp/data", "PYTHONPATH": "/grade"}
        own |= {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
        own |= {"COURSE_CANARY": self.canaries["environment"], "PYTHONDONTWRITEBYTECODE": "1"}
        limits = 'ulimit -v 6000000 -f 400000 -t 200 -c 0; exec "$@"'
        command = [*_jail(place), "bash", "-c", limits, "bash", *words]
        try:
            return subprocess.run(command, env=own, capture_output=True, text=True, errors="replace", timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 124, "", "")


def _cell(source: str, **marks: Any) -> dict:
    metadata = {"nbgrader": {"schema_version": 3, "task": False, **marks}} if marks else {}
    cell: dict = {"id": marks.get("grade_id", "setup"), "cell_type": "code", "metadata": metadata, "source": source}
    return {**cell, "outputs": [], "execution_count": None}


def _jail(place: Path) -> list[str]:
    """bubblewrap's command line; ``place`` is /grade inside."""
    bwrap = bubble.find()
    if bwrap is None:
        raise RuntimeError("without bubblewrap no attack is run in stock nbgrader")
    parts = ["--unshare-all", "--die-with-parent", "--new-session", "--uid", "65534", "--gid", "65534"]
    parts += ["--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    seen = ["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime", "/etc/ssl"]
    seen += [sys.prefix, sys.base_prefix, *map(str, Path(sys.executable).parents[:1]), *paths.packages().values()]
    for path in dict.fromkeys(map(os.path.abspath, seen)):
        if os.path.exists(path):
            parts += ["--symlink" if os.path.islink(path) and path.count("/") == 1 else "--ro-bind"]
            parts += [os.readlink(path) if parts[-1] == "--symlink" else os.path.realpath(path), path]
    return [bwrap, *parts, "--bind", str(place), "/grade", "--chdir", "/grade"]
