"""The benchmark of attacks runs, one wins in stock nbgrader and not here, and what is counted is what happened."""

import json

import pytest

from course.grade.jail import bubble, tiers
from tests.attacks.house import ATTACKS

from . import attacks
from .attacks_stock import SKIPPED
from .attacks_twins import TWINS

NONE = {"forged": 0, "seen": False, "told": [], "own": False, "neighbour": False, "ended": 0}


@pytest.mark.skipif(tiers.probe().best is None or bubble.find() is None, reason="this machine has not both jails")
def test_one_attack_wins_in_stock_nbgrader_and_not_here(tmp_path, capsys):
    words = ["--only", "numpy_patched", *(f"--{kind}={tmp_path / kind}" for kind in ("json", "markdown"))]
    assert attacks.main(words) == 0
    found = json.loads((tmp_path / "json").read_text())
    (one,) = found["attacks"]
    assert one["stock"] == {**NONE, "forged": 3.0, "told": ["checks"]}, "zeros are points there, and what fails is told"
    assert one["ours"] == {**NONE, "ended": "failed"}
    assert (tmp_path / "markdown").read_text() == capsys.readouterr().out
    assert attacks.main(["--from", str(tmp_path / "json")]) == 0


def made(**ours):
    row = {"name": "frames", "rows": [2], "aim": "", "skipped": "", "stock": {**NONE, "forged": 5, "told": ["checks"]}}
    other = {**row, "name": "memory_hog", "rows": [], "skipped": "takes memory", "stock": None, "ours": NONE}
    machine = {"cpu": "C", "system": "S", "python": "3", "nbgrader": "0", "date": "D", "commit": "a"}
    return {"machine": machine, "tier": "T1", "seconds": 1, "attacks": [{**row, "ours": {**NONE, **ours}}, other]}


def test_the_table_counts_each_and_says_what_was_not_run():
    lines = attacks.markdown(made()).splitlines()
    stock, here = (line.replace(" ", "") for line in lines if line.startswith(("| stock nbgrader", "| here")))
    assert (stock, here) == ("|stocknbgrader|1|1|0|1|0|0|0|", "|here|2|0|0|0|0|0|2|")
    each = [line.replace(" ", "") for line in lines if line.startswith("| `")]
    assert each == ["|`frames`|2|forged,told|-|", "|`memory_hog`|own|notrun:takesmemory|-|"]


@pytest.mark.parametrize(
    "what", [{"forged": 0.5}, {"seen": True}, {"told": ["home"]}, {"own": True}, {"neighbour": True}]
)
def test_an_attack_that_wins_here_is_told_of(what, tmp_path, capsys):
    path = tmp_path / "json"
    path.write_text(json.dumps(made(**what)))
    assert attacks.main(["--from", str(path)]) == 1 and f"| {next(iter(what))} |" in capsys.readouterr().out


def test_what_is_skipped_or_has_a_twin_is_an_attack():
    assert SKIPPED.keys() | TWINS.keys() <= ATTACKS.keys() and not SKIPPED.keys() & TWINS.keys()
    with pytest.raises(SystemExit):
        attacks.main(["--only", "none"])
