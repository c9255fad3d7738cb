"""What was measured by hand is kept as it was told, and whatever is not as it must be is told of."""

import json
from pathlib import Path

import pytest

from .report import markdown, problems

RESULTS = Path(__file__).with_name("results")


@pytest.fixture
def found():
    return json.loads((RESULTS / "cluster.json").read_text(encoding="utf-8"))


def test_a_thousand_submissions_have_a_thousand_equal_verdicts(found):
    assert markdown(found) + "\n" == (RESULTS / "cluster.md").read_text(encoding="utf-8")
    assert list(problems(found)) == []
    assert found["learners"] == found["cluster"]["verdicts"] == 1000 and len(found["killed"]) == 2


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("cluster", "verdicts"), 999, "999 verdicts (cluster) on 1000 submissions"),
        (("here", "faults"), ["s00001: no"], "not decided (here): s00001: no"),
        (("rows", "rows"), 1001, "the journal holds {'rows': 1001"),
        (("rows", "highest attempt"), 2, "the journal holds {"),
        (("different",), ["s00001 (right): 5 here, 0 there"], "different: s00001 (right)"),
        (("jobs left",), 1, "1 job files were left"),
        (("left of the killed",), 3, "3 processes of killed workers were left"),
    ],
)
def test_what_is_wrong_is_told_of(found, place, value, said):
    inner = found
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    (one,) = problems(found)
    assert one.startswith(said) and f"- **{one}**" in markdown(found)
