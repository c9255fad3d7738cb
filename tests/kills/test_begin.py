"""Bubblewrap killed as it begins."""

import os
import signal
import time
from pathlib import Path

import pytest

from course.grade import workers
from course.grade.jail import tiers
from course.grade.workers import ForkServer
from tests.grade.test_workers import SMALL


def test_bubblewrap_killed_as_it_begins_leaves_nothing_and_costs_no_wait(monkeypatch):
    """Between its two processes there is a moment when the second would wait for the first for ever."""
    if not tiers.probe()["T1"].available:
        pytest.skip("no bubblewrap here")
    start, pids = workers._Running._begin, []

    def begin(self, *arguments):
        pids.append(self.child.pid)
        if len(pids) < 4:
            time.sleep(0.0005 * (len(pids) + 1))
            os.kill(self.child.pid, signal.SIGKILL)
        return start(self, *arguments)

    monkeypatch.setattr(workers._Running, "_begin", begin)
    began, hit = time.monotonic(), 0
    for _ in range(5):
        pids.clear()
        ForkServer(SMALL, "T1", preload=False).close()
        hit += len(pids) > 1  # else it was through already
    assert hit
    assert time.monotonic() - began < 30
    groups = {int(text.rpartition(")")[2].split()[2]) for text in stats()}
    assert not groups & set(pids)


def stats() -> list[str]:
    """What /proc says of every process but those that have ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            found.append(path.read_text())
        except OSError:
            continue
    return [text for text in found if text.rpartition(")")[2].split()[0] not in "ZX"]
