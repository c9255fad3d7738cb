"""A released assignment is graded as it was released, whatever the repository becomes: check, reference or engine."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from course.author.build import build_text
from course.bundle import engine
from course.bundle import freeze as freezing
from course.bundle.freeze import Bundle, BundleError, freeze, latest
from course.bundle.reading import parse
from course.grade.jail import tiers
from course.grade.run import Grader
from tests.classroom.tiny import RIGHT, SLUG
from tests.course.conftest import CHECKS, SCRIPT

REPOSITORY = Path(__file__).resolve().parents[2]
SUM = "am.sum(am.Tensor(np.stack([x, x])), axis=0).data"
ON_ENGINE = SCRIPT.replace("import numpy as np\n", "import numpy as np\nimport autograd_mini as am\n", 1).replace(
    "return 2 * x", f"return {SUM}"
)
PLAIN = CHECKS[: CHECKS.index("mistake(")]  # the known mistakes patch another reference
HEAD = "# function double: your code below\ndef double(x):\n"
LEARNERS = {
    "ada": HEAD + f"    return {SUM}\n",
    "bob": HEAD + "    return am.exp(x).data\n",
    "cyd": HEAD + "    import inspect\n    assert 'def sum' in inspect.getsource(am.sum)\n    return x + x\n",
}
CHANGES = {
    "renamed": "\ntotal = sum\ndel sum\n",
    "wrong": "\ndef sum(*args, **kwargs):\n    return Tensor(7.0)\n",
}
GRADE = """\
import json, sys
from pathlib import Path
import autograd_mini
from course.grade.run import Grader

home = Path(sys.argv[1])
with Grader(home, course_id="demo", jobs=2) as grader:
    for learner in sys.argv[2:]:
        verdict = grader.grade(home / f"{learner}.ipynb", learner=learner, assignment="90_tiny")
        print(json.dumps([autograd_mini.__file__, grader.journal.count("90_tiny"), verdict.to_json()]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A course home with the assignment frozen, what was handed in, and the verdicts on it."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    home = tmp_path_factory.mktemp("home")
    (home / "secret").write_text("0f" * 32)
    bundle = freeze(home / "bundles", build_text(ON_ENGINE, PLAIN, SLUG))
    for learner, double in LEARNERS.items():
        (home / f"{learner}.ipynb").write_text(json.dumps(notebook(bundle, learner, double)))
    (home / "before.json").write_text(json.dumps(graded(sys.executable, home)))
    return home


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter with the packages of this one, but course and engine from a copy of the repository."""
    folder = tmp_path_factory.mktemp("changed")
    for package in ("course", "autograd_mini"):
        shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    venv.create(folder / "venv", symlinks=True)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site / "copy.pth").write_text("\n".join([str(folder), *packages]) + "\n")
    return folder / "venv" / "bin" / "python"


@pytest.fixture(params=CHANGES)
def changed(request, python):
    """The same, after somebody changed an op of the engine."""
    path = python.parents[2] / "autograd_mini" / "__init__.py"
    before = path.read_text()
    path.write_text(before + CHANGES[request.param])
    yield python
    path.write_text(before)


def notebook(bundle, learner, double):
    made = bundle.release_notebook("demo")
    for cell in made["cells"]:
        cell["source"] = {**RIGHT, "function-double": double}.get(cell["id"], cell["source"])
    return made


def graded(python, home):
    """Verdicts without pictures by learner, in a process of their own; and how many the journal has in the end."""
    command = [str(python), "-P", "-c", GRADE, str(home), *LEARNERS]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/", env={"PATH": os.defpath})
    assert result.returncode == 0, result.stderr + (home / "judge.log").read_text()[-2000:]
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert {file for file, _, _ in lines} == {str(engine_of(python))}
    verdicts = {verdict["learner"]: {**verdict, "outputs": {}} for verdict in (json.loads(line[2]) for line in lines)}
    return verdicts, lines[-1][1]


def engine_of(python):
    root = REPOSITORY if str(python) == sys.executable else Path(python).parents[2]
    return root / "autograd_mini" / "__init__.py"


def statuses(verdicts):
    return {
        learner: [check["status"] for task in verdict["tasks"] for check in task["checks"]]
        for learner, verdict in verdicts.items()
    }


def test_verdicts_stay_when_an_op_of_the_engine_changes(home, changed):
    before, count = json.loads((home / "before.json").read_text())
    assert statuses(before)["ada"] == statuses(before)["cyd"] == ["passed"] * 7 + ["failed"] * 2
    assert statuses(before)["bob"][:3] == ["failed", "failed", "passed"] and count == 3
    assert graded(changed, home) == (before, 3), "what was judged before is found under the same key"
    (home / "journal.db").rename(home / "journal.old")
    try:
        assert graded(changed, home) == (before, 3), "and judged again it is the same"
    finally:
        (home / "journal.old").replace(home / "journal.db")


def test_a_bundle_from_before_engines_were_frozen_gets_the_installed_one(home, changed, tmp_path):
    """It shows too that the change is one that learners would feel."""
    before, _ = json.loads((home / "before.json").read_text())
    old = shutil.copytree(home, tmp_path / "old", ignore=shutil.ignore_patterns("journal*"))
    bundle = latest(old / "bundles", SLUG)
    (bundle.path / "engine.json").unlink()
    with pytest.raises(BundleError, match="were changed after it was frozen"):
        Bundle.open(bundle.path)
    files = {path.name: path.read_text() for path in bundle.path.iterdir()}
    renamed = bundle.path.rename(bundle.path.with_name(freezing._hash(files)))
    freezing._mark_released(renamed.parent, renamed.name)
    assert Bundle.open(renamed).engine == {}
    verdicts, _ = graded(changed, old)
    assert statuses(verdicts) != statuses(before)


def test_verdicts_stay_when_checks_and_reference_change(home, tmp_path):
    """Also when the changed assignment has been released: the notebook says what it was made from."""
    before, _ = json.loads((home / "before.json").read_text())
    later = shutil.copytree(home, tmp_path / "later", ignore=shutil.ignore_patterns("journal*"))
    script, checks = ON_ENGINE.replace(f"return {SUM}", "return 3 * x"), PLAIN.replace("22.0", "23.0")
    assert script != ON_ENGINE and checks != PLAIN
    first = latest(later / "bundles", SLUG)
    second = freeze(later / "bundles", build_text(script, checks, SLUG))
    assert latest(later / "bundles", SLUG).hash == second.hash != first.hash
    with Grader(later, course_id="demo") as grader:
        verdict = grader.grade(later / "ada.ipynb", learner="ada", assignment=SLUG)
        fresh = grader.grade(
            json.dumps(notebook(second, "dan", LEARNERS["ada"])).encode(), learner="dan", assignment=SLUG
        )
    assert verdict.bundle == first.hash and "earlier release" in verdict.review[0]
    assert statuses({"ada": json.loads(verdict.to_json())})["ada"] == statuses(before)["ada"]
    assert fresh.bundle == second.hash and fresh.score < verdict.score


def test_the_engine_is_in_the_hash_and_the_hash_is_always_the_same(tmp_path, monkeypatch):
    tiny = build_text(SCRIPT, CHECKS, SLUG)
    first, second = freeze(tmp_path / "one", tiny), freeze(tmp_path / "two", tiny)
    assert first.hash == second.hash and first.engine == engine.installed()
    assert {"__init__.py", "ops.py", "tensor.py"} <= set(first.engine)
    sources = engine.installed()
    monkeypatch.setattr(engine, "installed", lambda: {**sources, "ops.py": sources["ops.py"] + "\n"})
    third = freeze(tmp_path / "one", tiny, released=False)
    assert third.hash != first.hash and third.engine["ops.py"].endswith("\n\n")
    assert latest(tmp_path / "one", SLUG).hash == first.hash, "frozen to look at, not released"


def test_an_engine_that_is_there_already_is_not_mixed_with_another():
    importlib.import_module("autograd_mini")
    with pytest.raises(RuntimeError, match="imported before"):
        engine.install({"__init__.py": ""})


def test_a_notebook_without_metadata_is_known_by_the_build_in_its_setup_cell(tmp_path):
    (tmp_path / "secret").write_text("0f" * 32)
    first = freeze(tmp_path / "bundles", build_text(SCRIPT, CHECKS, SLUG))
    second = freeze(tmp_path / "bundles", build_text(SCRIPT.replace("return 2 * x", "return x * 2"), PLAIN, SLUG))
    third = freeze(
        tmp_path / "bundles", build_text(SCRIPT.replace("return 2 * x", "return x * 2"), PLAIN + "# 3", SLUG)
    )
    made = notebook(first, "ada", LEARNERS["ada"])
    bare = {"cells": [{**cell, "metadata": {}} for cell in made["cells"]], "metadata": {}, "nbformat": 4}
    read = {name: parse(json.dumps(one).encode()) for name, one in (("whole", made), ("bare", bare))}
    assert (read["whole"].bundle, read["bare"].bundle) == (first.hash, "")
    with Grader(tmp_path, course_id="demo") as grader:
        for one in read.values():
            assert grader.bundle(SLUG, one.bundle, build=one.build).hash == first.hash
        later = parse(json.dumps({**bare, "cells": notebook(second, "ada", LEARNERS["ada"])["cells"]}).encode())
        assert grader.bundle(SLUG, "", build=later.build).hash == third.hash, "of two that it may be, the last"
        assert grader.bundle(SLUG, "", build="0" * 12).hash == third.hash
