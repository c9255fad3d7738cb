"""The house rules that a machine can watch: import order, sizes, and that generated files are current."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.author.build import build, is_current, read_cells, without_solution
from course.author.places import slugs

ROOT = Path(__file__).resolve().parents[2]
MACHINERY = {"autograd_mini", "course.bundle", "course.learn", "course.author", "course.grade"}
ORDER = {
    "autograd_mini": set(),
    "course.bundle": set(),
    "course.learn": {"autograd_mini", "course.bundle"},
    "course.author": {"autograd_mini", "course.bundle", "course.learn"},
    "course.grade": {"autograd_mini", "course.bundle", "course.learn"},
    "course.audit": {"course.bundle", "course.author", "course.grade"},
    "course.classroom": MACHINERY,
    "course.classroom.doors": MACHINERY | {"course.classroom"},
    "course.classroom.grading": MACHINERY | {"course.classroom", "course.classroom.doors"},
    "course.classroom.pages": MACHINERY | {f"course.classroom{room}" for room in ("", ".doors", ".grading")},
    "course.classroom.desk": MACHINERY | {f"course.classroom{room}" for room in ("", ".doors", ".grading", ".pages")},
}
FORBIDDEN = ("solutions", "exercises", "tests")
SOURCES = sorted(path for room in ("autograd_mini", "course") for path in (ROOT / room).rglob("*.py"))


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path):
    """Absolute names of the modules that a file imports, wherever in it."""
    package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            yield ".".join([*base, *([node.module] if node.module else [])])


def room_of(module):
    """The innermost room that a module stands in."""
    rooms = [room for room in ORDER if module == room or module.startswith(room + ".")]
    return max(rooms, key=len, default=None)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_in_one_direction(path):
    room = room_of(module_of(path))
    for name in imported(path):
        assert name.split(".")[0] not in FORBIDDEN, f"{path} imports {name}; it is to be loaded by path"
        if room and (other := room_of(name)) and other != room:
            assert other in ORDER[room], f"{room} must not import {other} ({path.name}: {name})"
        if not (room or "").startswith("course.classroom"):
            assert name.split(".")[0] != "nbgrader", f"only course.classroom imports nbgrader ({path})"


def test_the_command_imports_lazily():
    """`course --help` must not pay for NumPy, nbgrader or pytest."""
    code = "import sys, course.cli; print([m for m in ('numpy', 'nbgrader', 'pytest', 'rich') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_bundle_reads_notebooks_with_json_alone():
    code = "import sys, course.bundle.freeze; print('nbformat' in sys.modules, 'numpy' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "False False\n"


def test_no_file_is_longer_than_400_lines():
    tests = [path for path in (ROOT / "tests").rglob("*.py") if not {"hidden", "blind"} & set(path.parts)]
    long = {str(p.relative_to(ROOT)): n for p in [*SOURCES, *tests] if (n := p.read_text().count("\n")) > 400}
    assert not long


@pytest.mark.parametrize("slug", slugs())
def test_exercises_are_current(slug):
    assert is_current(build(slug, ROOT), ROOT), f"exercises/{slug}.ipynb is stale; run: course build {slug}"


@pytest.mark.parametrize("slug", slugs())
def test_learners_need_not_scroll_sideways(slug):
    cells = read_cells((ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8"))
    code = [without_solution(cell) for cell in cells if cell.kind != "prose"]
    assert [(cell.id, line) for cell in code for line in cell.source.splitlines() if len(line) > 90] == []


@pytest.mark.parametrize("slug", slugs())
def test_solution_runs_as_a_program(slug, tmp_path):
    environment = {**os.environ, "MPLBACKEND": "Agg"}
    command = [sys.executable, "-W", "error", str(ROOT / "solutions" / f"{slug}.py")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert "visible checks pass" in done.stdout
    assert not re.search(r"(?m)^(failed|error|timeout) ", done.stdout)
