"""Fork servers of every tier that this machine has, and a short way to load a learner's function."""

import sys

import pytest

from course.bundle.cells import Cell
from course.grade.jail import tiers
from course.grade.limits import Limits
from course.grade.workers import ForkServer

SMALL = Limits(cpu=1.0, wall=3.0, memory_mb=512, callbacks=50, items=100, display=2.0)
"""Limits that make attacks end soon."""


def cell(source: str, name: str = "f") -> Cell:
    """A learner's function cell with ``source`` below its header."""
    return Cell.from_source(f"# function {name}: your code below\n{source}")


@pytest.fixture(scope="session")
def servers():
    """Started at the first use, one a tier."""
    running = {}

    def get(tier: str) -> ForkServer:
        if tier not in running:
            try:
                running[tier] = ForkServer(SMALL, tier)
            except tiers.TierUnavailable as error:
                running[tier] = str(error)
        if isinstance(running[tier], str):
            pytest.skip(running[tier])
        return running[tier]

    yield get
    for server in running.values():
        if isinstance(server, ForkServer):
            server.close()


@pytest.fixture(params=["T1", "T2"])
def server(request, servers):
    """A fork server of each tier for grades of record."""
    if sys.platform != "linux":
        pytest.skip("jails are made of Linux's own parts")
    return servers(request.param)


@pytest.fixture
def any_server(servers):
    """The best fork server that there is."""
    return servers("auto")


@pytest.fixture
def submit(server):
    """``submit(source)``: a worker in which the cell has been loaded."""
    workers = []

    def load(source: str, **names: object):
        worker = server.worker()
        workers.append(worker)
        worker.report = worker.load([cell(source)], names=names)
        return worker

    yield load
    for worker in workers:
        worker.close()
