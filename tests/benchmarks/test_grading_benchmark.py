"""The benchmark of grading runs, its gradebooks agree, and what is wrong is told of. Nothing here is timed."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from course.bundle.freeze import latest
from course.grade.jail import tiers
from course.grade.reference import load_reference

from . import grading, grading_cells, grading_report, grading_runs
from .grading_class import FIVE, SHARE, Sheet, _answers, hostile, make_room, notebook, right, sheets

pytestmark = pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The command, quickly: the folder of its files, and the JSON."""
    folder = tmp_path_factory.mktemp("grading")
    words = [sys.executable, "-m", "tests.benchmarks.grading", "--quick"]
    words += [word for kind in ("json", "markdown", "figure") for word in (f"--{kind}", str(folder / kind))]
    ran = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout == (folder / "markdown").read_text()
    return folder, json.loads((folder / "json").read_text())


def test_everybody_is_graded_twice_and_the_rows_are_equal(quick):
    _, found = quick
    assert found["assignment"] == FIVE and found["quick"]
    for who in ("whole", "stock"):
        (one,) = found[who]
        assert one["learners"] == one["pages"] == 2 and one["own MB"] > 10 and one["all MB"] > 10
        assert one["seconds"] == pytest.approx(sum(step["seconds"] for step in one["steps"].values()), abs=0.02)
    assert found["rows"] == {"equal": 2, "different": []}
    (judged,) = found["verdicts"]
    assert judged["count"] >= 4 and judged["wrong"] == [] and judged["tier"] in {"T1", "T2"}
    assert found["worker"]["worker, ms"] == sorted(found["worker"]["worker, ms"])


def test_json_comes_back_as_the_same_tables_and_figure(quick, tmp_path, capsys):
    folder, found = quick
    again = [word for kind in ("json", "markdown", "figure") for word in (f"--{kind}", str(tmp_path / kind))]
    capsys.readouterr()
    assert grading.main(["--from", str(folder / "json"), *again]) == 0
    assert capsys.readouterr().out == (folder / "markdown").read_text()
    for kind in ("json", "markdown", "figure"):
        assert (tmp_path / kind).read_bytes() == (folder / kind).read_bytes()
    figure = grading_report.figure(found)
    assert f"{FIVE}.ipynb" in figure.alt and f"{FIVE}.ipynb" in figure.get_suptitle()
    assert [line.get_label() for line in figure.axes[0].get_lines()] == ["course grade + feedback", "stock nbgrader"]


def test_the_table_says_how_ours_stands_to_stock(quick):
    _, found = quick
    found = copy.deepcopy(found)
    found["whole"] = [{**found["whole"][0], "learners": n, "seconds": s} for n, s in ((2, 4.0), (10, 8.0))]
    found["stock"] = [{**found["stock"][0], "seconds": 10.0}]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in grading_report.whole_table(found)[2:]]
    assert rows == [["2", "4.0", "2.000", "30", "10.0", "5.000", "2.50"], ["10", "8.0", "0.800", "75", "-", "-", "-"]]
    assert grading_report.growth_table(found)[-1].split("|")[-2].strip() == "0.500"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda found: found["rows"]["different"].append(["s1", "right", "check-shift", 5.0, 0.0]), "1 differ"),
        (lambda found: found["verdicts"][0]["wrong"].append("right: []"), "five calls: right"),
        (lambda found: found["whole"][0].update(pages=1), "1 pages for 2 learners"),
        (lambda found: found["stock"][0]["steps"]["autograde"].update(code=1, said="oh"), "exit 1: oh"),
    ],
)
def test_what_is_wrong_is_told_of(quick, tmp_path, capsys, spoil, says):
    found = copy.deepcopy(quick[1])
    spoil(found)
    (tmp_path / "json").write_text(json.dumps(found))
    assert grading.main(["--from", str(tmp_path / "json")]) == 1
    assert says in capsys.readouterr().out


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return make_room(tmp_path_factory.mktemp("room"), "90", 12)


def test_a_class_is_mixed_and_says_who_plays_what(room):
    found = sheets(room, 12)
    assert [sheet.learner for sheet in found] == sorted({sheet.learner for sheet in found})
    assert found[9].plays == "untouched" and [found[n].plays for n in (0, 3, 6)] == ["right"] * 3
    assert {sheet.plays.split()[0] for sheet in found} == {"right", "untouched", "mistake", "alternative"}
    assert all(f'learner_id = \\"{sheet.learner}\\"'.encode() in sheet.data for sheet in found)


def test_fifteen_percent_are_hostile_and_get_what_they_must(room):
    kinds = ["leaves", "raises"]
    shapes = grading_runs._shapes(room, kinds)
    assert sum(sheet.plays.startswith("hostile") for sheet in shapes) == round(100 * SHARE)
    found = grading_runs.verdicts(room, 0.1, 2, kinds)
    assert found["wrong"] == [] and found["count"] >= 4


def test_a_wrong_verdict_is_found_out(room, monkeypatch):
    """A hostile one that is taken for right, and a right one that loses points."""
    honest = sheets(room, 1)[0]
    monkeypatch.setattr(grading_runs, "_shapes", lambda *_: [Sheet("s00000", "hostile x", honest.data)] * 100)
    assert "hostile x" in grading_runs.verdicts(room, 0.1, 1, [])["wrong"][0]
    bad = hostile(room, "s00000", "leaves")
    monkeypatch.setattr(grading_runs, "_shapes", lambda *_: [Sheet("s00000", "right", bad.data)] * 100)
    assert "right: [('shift', 0" in grading_runs.verdicts(room, 0.1, 1, [])["wrong"][0]


def test_stock_cells_give_the_points_that_are_due(room, monkeypatch):
    """By their own code: all for what is right, and for the known mistakes what their failing checks leave."""
    bundle = latest(room.home.bundles, FIVE)
    monkeypatch.setenv(grading_cells.BUNDLE, str(bundle.path))
    want = {"right": 5, "untouched": 0, "mistake shift/minus": 1, "mistake shift/in_place": 4}
    plays = {"right": right(room), "untouched": {}}
    plays |= {name: {cell: source} for name, cell, source in _answers(room) if name in want}
    for name, cells in plays.items():
        made = json.loads(notebook(room, "s00000", cells))
        names = load_reference(bundle.reference, {"course_id": "bench", "learner_id": "s00000", "backend": "numpy"})
        exec("".join(next(cell["source"] for cell in made["cells"] if cell["id"] == "function-shift")), names)
        assert grading_cells.score("shift", names) == want[name], name


@pytest.mark.parametrize(("mine", "theirs", "equal"), [(5.0, 5.0, 1), (5.0, 4.0, 0), (0.0, None, 0), (None, None, 0)])
def test_rows_that_differ_are_named(mine, theirs, equal):
    """A row that one of them does not have, or has not graded, is not equal."""
    pairs = [(Sheet("ada", "right", b""), ("check-shift", mine, theirs))]
    different = [] if equal else [["ada", "right", "check-shift", mine, theirs]]
    assert grading_runs.compared(pairs) == {"equal": equal, "different": different}


def test_unknown_words_are_refused(capsys):
    for words in (["--only", "gpu"], ["--learners", "0"]):
        with pytest.raises(SystemExit):
            grading.main(words)
    assert "'gpu' is none of: verdicts, worker" in capsys.readouterr().err


def test_without_a_jail_there_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setattr(grading.tiers, "probe", lambda: type("None", (), {"best": None}))
    assert grading.main(["--quick"]) == grading.NO_JAIL
    assert capsys.readouterr() == ("", "Nothing was measured: this machine has no jail for grades of record.\n")
