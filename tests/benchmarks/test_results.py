"""The committed results are one run's, and README shows its numbers."""

import json
from pathlib import Path

import pytest

from . import report

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parents[2] / "README.md"
SHOWN = ["ratio", "---", "floor,", "tuned floor ", "autograd_mini ", "autograd_mini generic ", "torch eager "]
SHOWN += ["jax jit", "mygrad", "autograd ", "tinygrad jit"]


@pytest.fixture(scope="module")
def found():
    return json.loads((RESULTS / "engine.json").read_text(encoding="utf-8"))


def readme_table(found):
    cells = [cell for cell in found["steps"] if (cell["workload"], cell["dtype"]) == ("W1", "float32")]
    lines = [line for line in report.steps_table(cells) if " / " not in line]
    return [line for line in lines if any(line[2:].startswith(start) for start in SHOWN)]


def test_the_table_is_of_these_numbers(found):
    assert (RESULTS / "engine.md").read_text(encoding="utf-8") == report.markdown(found) + "\n"
    assert (RESULTS / "engine.png").read_bytes()[:4] == b"\x89PNG"


def test_readme_shows_them(found):
    lines = readme_table(found)
    assert len(lines) == len(SHOWN)
    assert "\n".join(lines) in README.read_text(encoding="utf-8")


def test_nobody_disagreed(found):
    assert not [1 for cell in found["steps"] for row in cell["engines"].values() if "problem" in row]
