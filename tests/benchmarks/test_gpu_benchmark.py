"""The benchmark on a GPU, tried on a stand-in: that it runs, keeps what it measured, and trusts no engine."""

import json
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from tests.engine import strict_array

from . import gpu

WORDS = ["--only", "W1", "--batches", "1", "8", "--rounds", "1", "--target", "0.0005"]


class Event:
    """What times on a card, by the clock."""

    def record(self):
        self.at = time.perf_counter()

    def synchronize(self):
        pass


class StandIn(SimpleNamespace):
    """The stand-in with what the benchmark asks a card about."""

    def __getattr__(self, name):
        return getattr(strict_array, name)


@pytest.fixture
def module(monkeypatch):
    facts = {"name": b"a stand-in", "totalGlobalMem": 10**9}
    runtime = {"getDeviceProperties": lambda n: facts, "driverGetVersion": lambda: 1, "runtimeGetVersion": lambda: 2}
    cuda = SimpleNamespace(
        Event=Event,
        Device=lambda: SimpleNamespace(id=0, compute_capability="00"),
        get_elapsed_time=lambda first, last: 1e3 * (last.at - first.at),
        runtime=SimpleNamespace(**runtime),
    )
    moved = lambda: len(strict_array.heard)  # grows with what is moved to the device  # noqa: E731
    pool = SimpleNamespace(free_all_blocks=lambda: None, total_bytes=moved)
    return StandIn(__version__="none", cuda=cuda, get_default_memory_pool=lambda: pool)


@pytest.fixture
def engines(module, monkeypatch):
    """Lets the benchmark find these engines beside NumPy."""

    def found(*kinds):
        monkeypatch.setattr(gpu, "engines", lambda: ([gpu.OnHost, *(kinds or [gpu.on(module)])], ""))

    return found


def test_it_measures_keeps_and_draws(engines, tmp_path, capsys):
    engines()
    kept, drawn = tmp_path / "gpu.json", tmp_path / "gpu.png"
    assert gpu.main([*WORDS, "--json", str(kept), "--figure", str(drawn)]) == 0
    first = capsys.readouterr().out
    found = json.loads(kept.read_text())
    assert [(c["workload"], c["batch"]) for c in found["cells"]] == [("W1", 1), ("W1", 8)]
    for cell in found["cells"]:
        assert list(cell["engines"]) == ["autograd_mini, NumPy", "autograd_mini, CuPy"]
        for row in cell["engines"].values():
            low, middle, high = row["us"]
            assert 0 < low == middle == high and row["host us"][1] <= middle and row["bytes"] > 0
            assert row["per second"][1] == pytest.approx(cell["batch"] / middle * 1e6, rel=1e-3)
    assert found["card"]["card"] == "a stand-in" and found["card"]["driver"] == 1 and found["machine"]["cpu"]
    assert drawn.read_bytes()[:4] == b"\x89PNG"
    assert gpu.main(["--from", str(kept)]) == 0
    assert capsys.readouterr().out == first and "thousand samples a second" in first and "a stand-in" in first


def test_an_engine_that_goes_elsewhere_is_not_timed(engines, module, capsys):
    class Wrong(gpu.on(module)):
        def step(self):
            loss = super().step()
            self.whole.data *= 0.999
            return loss

    engines(Wrong)
    assert gpu.main(WORDS) == 1
    assert "disagrees" in capsys.readouterr().out


def test_nothing_is_fetched_while_it_is_timed(engines, module):
    run = gpu.on(module)(gpu.problem_of("W1", 8, "float32"))
    strict_array.heard.clear()
    done, asked = run.timed(3)
    assert strict_array.heard == [] and 0 < asked <= done


def test_without_a_card_there_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert gpu.main([]) == gpu.NO_CARD == 2
    monkeypatch.setitem(
        sys.modules, "cupy", SimpleNamespace(__version__="14.2.0", cuda=SimpleNamespace(is_available=bool))
    )
    assert gpu.main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "Nothing was measured: CuPy is not installed.",
        "Nothing was measured: CuPy 14.2.0 finds no GPU.",
    ]


def test_large_batches_have_the_same_samples_again():
    p, base = gpu.problem_of("W1", 3000, "float32"), gpu.problem_of("W1", 1024, "float32")
    assert p.batch == 3000 == len(p.target) and np.array_equal(p.X[2048:], base.X[:952])
    assert np.array_equal(p.target[1024:2048], base.target) and p.X.dtype == np.float32
