"""The benchmark runs, its engines agree, and one that computes something else is found out. Nothing here is timed."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from . import chains, engine, floors, measure, report
from .problems import TITLES, Run, flat, problem

NAMES = ["floor", "tuned floor", "autograd_mini", "autograd_mini generic"]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """The command, quickly, with the engines that need nothing but NumPy: the folder of its files, and the JSON."""
    folder = tmp_path_factory.mktemp("benchmark")
    words = [sys.executable, "-m", "tests.benchmarks.engine", "--quick", "--engines", ",".join(NAMES)]
    words += [word for kind in ("json", "markdown", "figure") for word in (f"--{kind}", str(folder / kind))]
    ran = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == (folder / "markdown").read_text()
    return folder, json.loads((folder / "json").read_text())


def test_every_cell_is_there_and_every_engine_agrees(quick):
    _, found = quick
    cells = {(c["workload"], c["dtype"], c["batch"]): c["engines"] for c in found["steps"]}
    assert set(cells) == {(w, d, b) for w in TITLES for d in ("float32", "float64") for b in (1, 32)}
    for engines in cells.values():
        assert list(engines) == NAMES
        for row in engines.values():
            assert set(row["to"]) == {"floor", "tuned floor"} and row["us"] == sorted(row["us"])
        assert engines["floor"]["to"]["floor"] == [1, 1, 1]
    assert list(found["chain"]) == ["floor", "autograd_mini"]
    assert found["long"]["autograd_mini, longest"]["nodes"] == 2_000
    assert found["long"]["autograd_mini"]["bytes"] > 0
    assert list(found["memory"]) == NAMES
    assert found["machine"]["versions"]["numpy"] == np.__version__
    assert found["machine"]["threads"] == "1" and found["machine"]["cores used"] in (1, None)


def test_the_tables_show_every_cell(quick):
    folder, found = quick
    text = (folder / "markdown").read_text()
    assert "times mean nothing" in text
    tables = [[line for line in part.splitlines() if line[:1] == "|"] for part in text.split("\n## ")[1:]]
    tables = [lines for lines in tables if lines]
    assert [len(lines) - 2 for lines in tables] == [6] * 6 + [2, 3, 4]  # rows below each header
    cells = [cell.strip() for lines in tables for line in lines[2:] for cell in line.split("|")[2:-1]]
    assert all(float(cell.replace(",", "")) >= 0 for cell in cells)
    row = next(line for line in tables[0] if line.startswith("| autograd_mini "))
    assert f"{found['steps'][0]['engines']['autograd_mini']['to']['floor'][1]:.2f}" in row


def test_json_comes_back_as_the_same_tables_and_figure(quick, tmp_path, capsys):
    folder, found = quick
    again = [word for kind in ("json", "markdown", "figure") for word in (f"--{kind}", str(tmp_path / kind))]
    capsys.readouterr()
    assert engine.main(["--from", str(folder / "json"), *again]) == 0
    assert capsys.readouterr().out == (folder / "markdown").read_text()
    for kind in ("json", "markdown", "figure"):
        assert (tmp_path / kind).read_bytes() == (folder / kind).read_bytes()
    assert (tmp_path / "figure").read_bytes().startswith(b"\x89PNG")
    assert "batch size" in report.figure(found).alt


def test_the_figure_has_a_line_for_each_engine_in_each_panel(quick):
    _, found = quick
    for panel in report.figure(found).axes:
        labels = [line.get_label() for line in panel.get_lines()]
        assert labels == ["plain NumPy by hand", *NAMES[1:]]
        assert [list(line.get_xdata()) for line in panel.get_lines()[1:]] == [[1, 32]] * 3


class Wrong(floors.TunedFloor):
    """The gradient of the bias is forgotten."""

    name = "wrong"

    def regression(self):
        loss = super().regression()
        self.g[0][1][:] = 0
        return loss


class NotANumber(Wrong):
    def params(self):
        return super().params() * np.nan


class Wide(floors.TunedFloor):
    """Computes in float64 whatever it is given."""

    name = "wrong"

    def params(self):
        return super().params().astype("float64")


@pytest.mark.parametrize(
    ("kind", "cells", "says"),
    [(Wrong, 4, "of the way away"), (NotANumber, 4, "nan of the way"), (Wide, 2, "its parameters are float64")],
)
def test_an_engine_that_computes_something_else_is_told_of_and_not_timed(kind, cells, says, monkeypatch, capsys):
    monkeypatch.setitem(engine.ENGINES, "wrong", kind)
    assert engine.main(["--quick", "--only", "W2", "--engines", "tuned floor,wrong"]) == 1
    out, err = capsys.readouterr()
    row = [line for line in out.splitlines() if line.startswith("| wrong ")]
    assert len(row) == 2 and sum(line.count("disagrees") for line in row) == cells
    assert out.count(says) == cells and err.count("wrong disagrees with the floor.") == cells
    assert [line.count("disagrees") for line in out.splitlines() if line.startswith("| tuned floor ")] == [0, 0]


def test_momentum_is_part_of_what_must_agree(monkeypatch, capsys):
    class NoMomentum(floors.Floor):
        def step(self):
            _, grads = self.gradients()
            for name, w in self.p.items():
                w -= self.problem.lr * grads[name]

    monkeypatch.setitem(engine.ENGINES, "wrong", NoMomentum)
    assert engine.main(["--quick", "--only", "W1", "--engines", "wrong"]) == 1
    assert "disagrees" in capsys.readouterr().out


def test_a_wrong_derivative_of_a_chain_is_told_of(monkeypatch, capsys):
    class WrongChain(chains.FloorChain):
        def backward(self, y):
            return super().backward(y[1:])

    monkeypatch.setitem(chains.CHAINS, "wrong", WrongChain)
    assert engine.main(["--quick", "--only", "W3,W4", "--engines", "wrong"]) == 1
    out, err = capsys.readouterr()
    assert out.count("disagrees: dy/dx is") == 2 and "W3: wrong" in err and "W4: wrong" in err


def test_a_graph_that_is_too_deep_is_a_result(monkeypatch, capsys):
    class Deep(chains.FloorChain):
        own = False

        def backward(self, y):
            return y[0] * self.backward(y[1:]) if y else 1.0

    monkeypatch.setitem(chains.CHAINS, "deep", Deep)
    assert engine.main(["--quick", "--only", "W4", "--engines", "deep"]) == 0
    assert "RecursionError" in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("| deep"))


class Broken(floors.Floor):
    def step(self):
        raise ZeroDivisionError("no step today")


def test_a_peer_that_fails_does_not_take_the_others_with_it(monkeypatch, capsys):
    monkeypatch.setattr(Broken, "own", False)
    monkeypatch.setitem(engine.ENGINES, "broken", Broken)
    assert engine.main(["--quick", "--only", "W2", "--engines", "tuned floor,broken"]) == 0
    out = capsys.readouterr().out
    assert out.count("failed: ZeroDivisionError: no step today") == 4 and "| tuned floor" in out


def test_our_own_failure_is_no_result(monkeypatch):
    monkeypatch.setitem(engine.ENGINES, "broken", Broken)
    with pytest.raises(ZeroDivisionError):
        engine.main(["--quick", "--only", "W2", "--engines", "broken"])


def test_an_engine_that_is_not_installed_is_skipped_with_a_note(monkeypatch, capsys):
    class Absent(floors.Floor):
        name, package = "absent", "no_such_package_anywhere"

    monkeypatch.setitem(engine.ENGINES, "absent", Absent)
    assert engine.main(["--quick", "--only", "W2", "--engines", "absent"]) == 0
    out = capsys.readouterr().out
    assert "absent: skipped: no_such_package_anywhere is not installed" in out and "| absent" not in out


def test_unknown_names_are_refused(capsys):
    for words in (["--engines", "pytorch"], ["--only", "W9"]):
        with pytest.raises(SystemExit):
            engine.main(words)
    assert "'pytorch' is none of: floor, tuned floor" in capsys.readouterr().err


def test_a_cell_is_the_median_of_the_ratios_of_each_round(monkeypatch):
    """Not the ratio of the medians: here that would be 2."""
    times = {"floor": np.array([1.0, 2.0, 3.0]), "tuned floor": np.array([9.0, 4.0, 3.0])}
    monkeypatch.setattr(measure, "interleaved", lambda *words, **options: times)
    engines = {"floor": floors.Floor, "tuned floor": floors.TunedFloor}
    cell = measure.step_cell(problem("W2", 1, "float64"), engines, rounds=3, target=1e-5)["engines"]
    assert cell["tuned floor"]["to"]["floor"] == [1.5, 2, 5.5]
    assert cell["floor"]["to"]["tuned floor"] == measure.spread([1 / 9, 1 / 2, 1])
    assert cell["floor"]["us"][1] == 2e6


def test_the_rows_below_say_how_ours_stands_to_the_others():
    to = {"floor": [1, 1.5, 2], "tuned floor": [2, 2.5, 3], "torch eager": [0.1, 0.25, 0.3]}
    engines = {name: {"us": [12.0, 12.3, 13.0], "to": to} for name in ("floor", *to, "autograd_mini")}
    engines["peer"] = {"problem": "failed: it is broken"}
    rows = [
        [cell.strip() for cell in line.split("|")[1:3]]
        for line in report.steps_table([{"batch": 8, "engines": engines}])
    ]
    assert rows[0] == ["ratio to the floor", "B=8"] and rows[2] == ["floor, µs", "12"]
    assert ["autograd_mini", "1.50"] in rows and ["peer", "failed"] in rows
    assert rows[-2:] == [["autograd_mini / tuned floor", "2.50"], ["torch eager / autograd_mini", "4.00"]]


def test_a_busy_machine_is_told_of(quick):
    _, found = quick
    cells = [{**cell, "core": 1.0} for cell in found["steps"]]
    assert "Others were at work" not in report.markdown({**found, "steps": cells})
    cells[3]["core"] = 0.5
    assert "had 50% of a core" in report.markdown({**found, "steps": cells})


def test_the_quickest_try_counts(monkeypatch):
    takes = iter([0.006, 0.004, 0.008, 0.7])
    monkeypatch.setattr(measure, "seconds", lambda run, repeats: next(takes))
    assert measure.quickest(None, 2) == 0.002
    assert measure.quickest(None, 1) == 0.7  # what is long is timed once


def test_each_round_times_everybody_once_in_an_order_of_its_own():
    seen: list[str] = []
    timings = {name: lambda name=name: seen.append(name) or len(seen) for name in "abcde"}
    found = measure.interleaved(timings, rounds=8, seed=3)
    orders = ["".join(seen[i : i + 5]) for i in range(0, 40, 5)]
    assert all(sorted(order) == list("abcde") for order in orders) and len(set(orders)) > 4
    assert all(len(values) == 8 for values in found.values())


@pytest.mark.parametrize("workload", TITLES)
@pytest.mark.parametrize("kind", [floors.Floor, floors.TunedFloor])
def test_the_floors_have_the_right_gradient(workload, kind):
    """Both could be wrong in the same way: against differences of the loss along a random direction."""
    task = problem(workload, 8, "float64")
    run: Run = kind(task)
    parts = list(run.p.values()) if kind is floors.Floor else [w for pair in run.p for w in pair]
    rng = np.random.default_rng(5)
    directions = [rng.standard_normal(w.shape) for w in parts]

    def loss(eps):
        for w, start, v in zip(parts, task.start.values(), directions, strict=True):
            w[...] = start + eps * v
        found = run.gradients()
        return found[0] if kind is floors.Floor else found

    numeric = (loss(1e-6) - loss(-1e-6)) / 2e-6
    loss(0.0)
    grads = run.gradients()[1].values() if kind is floors.Floor else [g for pair in run.g for g in pair]
    assert flat(grads) @ flat(directions) == pytest.approx(numeric, rel=1e-6)


def test_what_is_timed_hardly_moves():
    """Subnormal velocities would make a processor slow, with some engines more than with others."""
    run = floors.Floor(problem("W1", 1, "float32").standing_still())
    for _ in range(1_000):
        run.step()
    v = np.abs(flat(run.v.values()))
    assert v[v > 0].min() > 1e-6
    assert np.abs(run.params() - flat(run.problem.start.values())).max() < 1e-4
