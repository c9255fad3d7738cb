"""README's code blocks run, each as a reader would run it."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from course.author.build import build
from course.author.marks import read_marks
from course.bundle.cells import task_cell, with_source
from course.bundle.notebook import to_notebook, to_text
from course.learn.exercises import exercises
from course.learn.offline import check_notebook
from course.learn.visible import Report

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"(?:<!-- (?:command|output): (\w+) -->\n)?```(\w+)\n(.*?)```", README, re.S)
BIN = Path(sys.executable).parent


def run(command, folder, **environment):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )


def block(name):
    return next(text for label, _, text in BLOCKS if label == name)


def test_the_two_commands_are_as_promised():
    assert block("demo") == 'python3 -m venv .venv && .venv/bin/pip install -e ".[staff]" && .venv/bin/course demo\n'
    assert block("tests") == 'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest\n'


def test_every_other_block_is_known_to_these_tests():
    assert [(label, kind) for label, kind, _ in BLOCKS] == [
        ("demo", "sh"), ("tests", "sh"), ("", "python"), ("", "sh"), ("report", "text"), ("class", "sh"),
        ("", "sh"), ("", "python"), ("author", "sh"),
    ]  # fmt: skip


def test_the_engine_example_prints_what_it_says(capsys):
    code = next(text for _, kind, text in BLOCKS if kind == "python")
    exec(code, {})
    assert capsys.readouterr().out.strip() == code.rsplit("# ", 1)[1].strip()


def test_check_on_the_untouched_exercise(tmp_path):
    done = run("course check 02", tmp_path)
    assert done.returncode == 1, done.stderr
    assert "NotImplementedError: full_grad is yours to write" in done.stdout


def test_an_instructors_commands(tmp_path):
    (tmp_path / "roster.csv").write_text("id,first_name,last_name,email\nada,Ada,Byron,\n")
    done = run(block("class"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "released" in done.stdout and "0 submissions" in done.stdout and "Nothing from: ada" in done.stdout


def test_an_authors_commands():
    pytest.importorskip("jupytext")
    assert run(block("author"), ROOT).returncode == 0


def test_the_report_is_what_a_learner_sees(tmp_path):
    """The report of `gd` in a notebook whose `gd` goes uphill."""
    slug = "02_full_batch_gd"
    assignment = build(slug, ROOT)
    cells = assignment.reference
    known = read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py").mistakes
    mistake = next(one for one in known if (one.task, one.name) == ("gd", "ascent"))
    wrong = with_source(cells, "gd", mistake.patch(task_cell(cells, "gd").source))
    path = tmp_path / f"{slug}.ipynb"
    path.write_text(to_text(to_notebook(wrong, dict(assignment.contract.points), {})))
    report = next(
        one for one in check_notebook(path, exercises()[slug]) if isinstance(one, Report) and one.task == "gd"
    )
    assert (
        "\n".join(textwrap.fill(line, 118, subsequent_indent=" " * 10) for line in report.lines())
        == block("report").strip()
    )
