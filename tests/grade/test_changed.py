"""What the trusted side hears of arguments that a learner's function changed."""

import numpy as np
import pytest

from course.bundle.cells import Cell
from course.grade.workers import ForkServer

SPOIL = (
    "from autograd_mini import Tensor\n"
    "def spoil(params):\n"
    "    for name in params:\n"
    "        params[name] = Tensor(params[name], requires_grad=True)\n"
    "def keep(params):\n"
    "    return {name: Tensor(value) for name, value in params.items()}\n"
)


@pytest.fixture(scope="module")
def worker():
    with ForkServer() as server, server.worker() as worker:
        worker.load([Cell("function", "spoil", SPOIL, "function-spoil")], names={})
        yield worker


def test_arrays_that_became_tensors_were_changed(worker):
    assert list(worker.call("spoil", ({"w": np.ones(2)},)).changed) == [0]


def test_tensors_come_back_as_arrays_and_change_nothing(worker):
    answer = worker.call("keep", ({"w": np.ones(2)},))
    assert answer.value["w"].tolist() == [1, 1] and not answer.changed
