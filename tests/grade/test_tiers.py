"""Which tier can be had is found out by trying; and when one cannot, the sentence says why and what to do."""

import os
import stat
import sys

import pytest

from course.grade.jail import bubble, landlock, paths, tiers
from course.grade.workers import ForkServer

from .conftest import SMALL, cell

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jails are made of Linux's own parts")


@pytest.fixture
def machine():
    """What this machine can really do."""
    return tiers.probe()


def refusing(folder, text):
    """A bubblewrap that is refused its namespaces."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit 1\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_report(machine):
    assert [tier.name for tier in machine.tiers] == ["T1", "T2", "T0"]
    for tier in machine.tiers:
        assert tier.meaning and (tier.available or tier.why)
    assert machine["T0"].available and machine.best in ("T1", "T2", None)


def test_auto_takes_the_best(machine):
    if machine.best is None:
        pytest.skip("no tier for grades of record here")
    with ForkServer(SMALL, preload=False) as server:
        assert server.tier == machine.best == tiers.require("T2", machine)


def test_without_bubblewrap(monkeypatch, machine):
    monkeypatch.setattr(bubble, "find", lambda: None)
    report = tiers.probe()
    assert not report["T1"].available and "apt-get install bubblewrap" in report["T1"].why
    assert report["T2"].available == machine["T2"].available
    with pytest.raises(tiers.TierUnavailable, match=r"tier T1 or better.*bubblewrap"):
        tiers.require("T1")


def test_find_looks_on_the_path(monkeypatch, tmp_path):
    path = refusing(tmp_path, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bubble.find() == path
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(bubble, "_PATH", "/nowhere")
    assert bubble.find() is None


@pytest.mark.parametrize(
    "said", ["bwrap: setting up uid map: Permission denied", "bwrap: No permissions to create new namespace"]
)
def test_namespaces_refused(monkeypatch, tmp_path, said):
    fake = refusing(tmp_path, said)
    monkeypatch.setattr(bubble, "find", lambda: fake)
    with pytest.raises(tiers.TierUnavailable) as caught:
        ForkServer(SMALL, "T1", preload=False)
    assert f"({said})" in str(caught.value) and "apparmor=unconfined" in str(caught.value)


def test_without_libseccomp(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    report = tiers.probe()
    assert report.best is None and report["T0"].available
    for name in ("T1", "T2"):
        assert "apt-get install libseccomp2" in report[name].why
    with pytest.raises(tiers.TierUnavailable):
        ForkServer(SMALL)


def test_without_landlock(monkeypatch, machine):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    report = tiers.probe()
    assert not report["T2"].available and "no Landlock" in report["T2"].why and report.landlock == 0
    assert report["T1"].available == machine["T1"].available  # there, the mount namespace holds the files


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5])
def test_older_landlocks_hold_too(monkeypatch, version):
    if landlock.abi() < version:
        pytest.skip("this kernel's Landlock is older")
    source = """
import os
def f():
    wrong = []
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC, os.O_WRONLY | os.O_TRUNC):
        try:
            wrong.append(os.open(os.__file__, flags))
        except OSError:
            pass
    try:
        wrong.append(os.listdir("/etc"))
    except OSError:
        return wrong
"""
    monkeypatch.setattr(landlock, "abi", lambda: version)
    with ForkServer(SMALL, "T2", preload=False) as server, server.worker() as worker:
        worker.load([cell(source)], names={})
        assert worker.call("f").value == []


def test_a_jail_that_lets_something_through_is_not_taken(monkeypatch):
    real = paths.readable
    monkeypatch.setattr(paths, "readable", lambda: [*real(), "/etc", "/var"])
    for tier in ("T1", "T2"):
        with pytest.raises(tiers.TierUnavailable, match=r"does not refuse reading a file of the machine"):
            ForkServer(SMALL, tier, preload=False)


def test_another_system(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    report = tiers.probe()
    assert report.best is None and all("grade on Linux" in tier.why for tier in report.tiers)
    monkeypatch.undo()
    with pytest.raises(tiers.TierUnavailable, match="no tier 'T9'"):
        ForkServer(SMALL, "T9")


def test_what_workers_may_read_holds_no_checkout(tmp_path, monkeypatch):
    root = os.path.dirname(paths.packages()["course"])
    readable = paths.readable()
    closed = [os.path.join(root, name) for name in ("solutions", "tests", "exercises", ".git", ".course")]
    for path in [*closed, root, os.path.expanduser("~"), "/etc", "/tmp", "/"]:
        assert not any(os.path.join(path, "").startswith(os.path.join(open_, "")) for open_ in readable), path


def test_no_jail_has_to_be_asked_for():
    with ForkServer(SMALL, "T0", preload=False) as server, server.worker() as worker:
        worker.load([cell("def f(x): return x")], names={})
        assert server.tier == "T0" and worker.call("f", (1,)).value == 1
