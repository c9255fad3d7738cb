"""Whole training steps on the device: NumPy's parameters, and a host that runs ahead without once waiting."""

import gc

import numpy as np
import pytest

from tests.benchmarks.gpu import on, problem_of
from tests.benchmarks.ours import Fused

WORKLOADS = [("W1", 32), ("W5", 16)]


@pytest.fixture(params=WORKLOADS, ids=lambda one: one[0])
def workload(request):
    return request.param


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_those_of_numpy(workload, dtype, device):
    """Five steps; each may round 100 times, measured by the largest parameter."""
    problem = problem_of(*workload, dtype)
    here, there = Fused(problem), on(device.xp)(problem)
    for _ in range(5):
        loss, expected = there.step(), here.step()
    assert type(loss.data) is device.kind and type(there.whole.data) is device.kind and loss.dtype == dtype
    room = 5 * 100 * np.finfo(dtype).eps * np.abs(here.params()).max()
    np.testing.assert_allclose(there.params(), here.params(), rtol=0, atol=room)
    np.testing.assert_allclose(loss.numpy(), expected.numpy(), rtol=500 * np.finfo(dtype).eps)
    assert np.abs(here.params() - np.concatenate([a.ravel() for a in problem.start.values()])).max() > 10 * room


def test_the_host_waits_for_nothing_in_a_step(workload, device):
    """No wait and no copy is heard in three steps, and the device is still busy with what came before them."""
    run = on(device.xp)(problem_of(*workload, "float32"))
    for _ in range(3):  # kernels are compiled, memory is taken from the card
        run.step()
    device.wait()
    with device.listening() as heard:
        device.keep_busy(0.5)
        for _ in range(3):
            run.step()
        assert device.is_busy()
        assert heard == []
    assert np.isfinite(run.params()).all()


def test_a_step_leaves_nothing_behind(workload, device):
    """Memory in use is the same after the tenth step as after the third: a graph goes with its step."""
    run = on(device.xp)(problem_of(*workload, "float32"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            run.step()
        before = device.in_use()
        for _ in range(7):
            run.step()
        assert device.in_use() == before
    finally:
        gc.enable()
