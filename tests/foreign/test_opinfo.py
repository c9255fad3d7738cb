"""PyTorch's OpInfo samples: value and gradient of every operation, against PyTorch itself."""

import pytest

from autograd_mini import ops

from . import opinfo, spoil
from .table import NO_SAMPLES, TABLE, WITHOUT

foreign = pytest.mark.foreign
SAMPLES = 600  # that must have been compared, each with a number in it


def test_every_operation_is_in_the_table():
    """A new operation needs a row in table.py; this needs no PyTorch."""
    ours = {name for name, f in ops.OPS.items() if f.__module__.startswith("autograd_mini.")}  # not a learner's
    assert set(TABLE) | set(NO_SAMPLES) == ours and not set(TABLE) & set(NO_SAMPLES)


@foreign
def test_installed(missing):
    if missing:
        pytest.fail(f"these suites need {', '.join(missing)}: pip install -e '.[foreign]'", pytrace=False)


@pytest.fixture(scope="module")
def infos():
    return opinfo.database()


@pytest.fixture(scope="module")
def reports(infos):
    import torch

    return {name: opinfo.run(name, infos, torch.float64) for name in TABLE}


@foreign
@pytest.mark.parametrize("name", TABLE)
def test_samples(name, reports):
    report = reports[name]
    assert not report.failed, "\n".join(report.failed)
    assert sum((report.compared - report.empty).values())


@foreign
def test_enough_samples(reports):
    compared = {name: sum((report.compared - report.empty).values()) for name, report in reports.items()}
    assert sum(compared.values()) >= SAMPLES, compared


@foreign
def test_whatever_is_left_out_has_its_reason_and_every_reason_is_used(reports):
    assert opinfo.unexplained(reports.values()) == (set(), set())


@foreign
def test_a_missing_reason_and_a_dead_one_are_found(reports, monkeypatch):
    gone, dead = next(iter(WITHOUT)), ("sum", "an option that no sample has")
    monkeypatch.delitem(WITHOUT, gone)
    monkeypatch.setitem(WITHOUT, dead, "none")
    assert opinfo.unexplained(reports.values()) == ({gone}, {dead})


# ---- Would it notice? ----


@foreign
@pytest.mark.parametrize("name", TABLE)
def test_every_derivative_is_looked_at(name, infos):
    """A thousandth too much in one pullback of one operation is found by the samples of that operation."""
    import torch

    for i, argument in enumerate(spoil.pullbacks(name)):
        with spoil.spoiled(name, i) as calls:
            failed = opinfo.run(name, infos, torch.float64).failed
        assert bool(calls) == bool(failed) == ((name, i) not in spoil.NO_DERIVATIVE), (
            f"{name}, {argument}: {len(failed)} failed"
        )
        assert all("gradient" in line for line in failed), failed
