"""Where a cluster cannot be used, or a machine must not judge, one sentence says why, and nobody loses a point."""

import json
import os
import re
import shutil
import socket
import sys
import time
from contextlib import nullcontext
from itertools import repeat
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from distributed.comm import CommClosedError

from course.author.build import build
from course.bundle.freeze import freeze, latest
from course.cli import main
from course.grade.jail import tiers
from course.grade.limits import LIMITS, Limits
from course.grade.machines import cluster, far
from course.grade.machines.cluster import TRIES, Cluster, ClusterError, Machines
from course.grade.machines.store import OLD, Store, StoreError
from course.grade.process import JudgeError
from tests.benchmarks.grading_class import COURSE, FIVE
from tests.benchmarks.grading_class import _own_root as own_root

needs_jail = pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")


@pytest.fixture
def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://scheduler:8786", "tcp://[2001:db8::1]:8786"])
def test_only_tls_leaves_the_machine(home_path, address):
    with pytest.raises(ClusterError, match=r"only loopback \(tcp://127.0.0.1:…\) goes without tls://"):
        Cluster(home_path, Machines(address), course_id=COURSE)
    cluster.check_address(address.replace("tcp:", "tls:"))


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "ws://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://h:x", "8786"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ClusterError, match=r"looks like tcp://127\.0\.0\.1:8786 or tls://HOST:8786"):
        cluster.check_address(address)


@pytest.mark.parametrize("address", ["tcp://localhost:1", "tcp://127.0.0.2:1", "tcp://[::1]:1", "tls://10.0.0.5:1"])
def test_loopback_and_tls_are_let_through(address):
    cluster.check_address(address)


def test_the_command_refuses_before_anything_is_done(home_path):
    wrong = CliRunner().invoke(main, ["grade", "90", "--home", str(home_path), "--scheduler", "tcp://10.0.0.5:8786"])
    assert wrong.exit_code == 1 and "only loopback" in wrong.stderr
    alone = CliRunner().invoke(main, ["grade", "90", "--home", str(home_path), "--store", "/nowhere"])
    assert alone.exit_code == 2 and "--store is for the machines of a --scheduler" in alone.stderr


def test_a_scheduler_that_is_not_there(free_port):
    began = time.monotonic()
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at tcp://127.0.0.1:{free_port}"):
        cluster.connect(f"tcp://127.0.0.1:{free_port}", 1.0)
    assert time.monotonic() - began < 10


def test_workers_elsewhere_without_tls(monkeypatch):
    """A scheduler on this machine may be open to the network all the same, or have workers out there."""
    client = Mock()
    client.scheduler_info.return_value = {"address": "tcp://127.0.0.1:8786"}
    client.nthreads.return_value = {"tcp://127.0.0.1:4000": 1, "tcp://10.0.0.5:4000": 1}
    monkeypatch.setattr("distributed.Client", Mock(return_value=client))
    with pytest.raises(ClusterError, match=r"^tcp://10.0.0.5:4000 can be read, .* with --host 127.0.0.1, or under TLS"):
        cluster.connect("tcp://127.0.0.1:8786", 1.0)
    client.close.assert_called_once()


def test_distributed_is_not_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"distributed is not installed here; run: pip install 'gradient-course\[cl"):
        cluster.connect("tcp://127.0.0.1:8786", 1.0)


def described(**changed):
    return {"host": "node7", "versions": far.versions(), "tiers": ["T1", "T2"], "why": "", **changed}


@pytest.mark.parametrize(
    ("said", "floor", "outcome"),
    [
        ([described()], "T2", "T1"),
        ([described(), described(tiers=["T2"])], "T2", "T2"),
        ([described(), described(tiers=["T2"], why="No bwrap.")], "T1", "tier T1 or better, .* node7 .* No bwrap."),
        ([described(tiers=["T1"]), described(tiers=["T2"])], "T2", "the same on all machines, which node7 cannot"),
        ([described(versions={**far.versions(), "NumPy": "1"})], "T2", "on node7, NumPy is 1 instead of .* start its"),
    ],
)
def test_machines_agree_on_versions_and_tier(home_path, monkeypatch, said, floor, outcome):
    monkeypatch.setattr(Cluster, "_described", lambda self: said)
    grader = Cluster(home_path, Machines("tcp://127.0.0.1:1"), course_id=COURSE, floor=floor)
    if outcome.startswith("T"):
        assert grader.tier == outcome
    else:
        with pytest.raises((ClusterError, tiers.TierUnavailable), match=outcome):
            _ = grader.tier


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A course home with nothing in it but a frozen assignment."""
    folder = tmp_path_factory.mktemp("frozen")
    path = folder / "home"
    path.mkdir(mode=0o700)
    freeze(path / "bundles", build(FIVE, own_root(folder / "root")))
    return path


@pytest.fixture
def order(frozen, monkeypatch):
    """An order as the supervisor gives it, and the store that it speaks of."""
    monkeypatch.setattr(far, "PAUSE", 0.0)
    monkeypatch.setattr("course.grade.machines.store.PATIENCE", 0.3)
    store, bundle = Store(frozen), latest(frozen / "bundles", FIVE)
    store.prepare()
    config = {"limits": LIMITS.to_dict(), "course_id": COURSE, "tier": tiers.probe().best}
    given = {"store": str(store.path), "bundle": f"{FIVE}/{bundle.hash}", "config": config, "seconds": 60.0}
    return {**given, "job": store.put(b'{"id": "1"}'), "versions": far.versions()}, store


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"versions": {**far.versions(), "Python": "3.99"}}, "Python is 3.* instead of 3.99; install the same"),
        ({"versions": {**far.versions(), "the course's code": "x"}}, "the course's code is .* instead of x"),
        ({"store": "/nowhere"}, "there is no /nowhere/cluster/jobs/.*must lie on a disk that all machines share"),
        ({"bundle": "90_five/0123"}, "there is no .*90_five/0123; the course home, or the folder named by --store"),
        ({"job": "0123"}, "there is no .*0123.json"),
    ],
)
def test_a_machine_refuses_what_it_must_not_judge(order, change, said):
    answer = json.loads(far.judge(json.dumps({**order[0], **change})))
    assert answer["said"] is None and re.search(f"^on .*, {said}", answer["error"])


def test_a_job_that_was_changed_is_refused(order):
    given, store = order
    (store.jobs / f"{given['job']}.json").write_text('{"id": "2"}')
    assert "does not hold what its name says" in json.loads(far.judge(json.dumps(given)))["error"]


def test_what_a_judging_process_said_before_it_failed_comes_back(order, monkeypatch):
    error = JudgeError("a worker died")
    error.answer = {"tasks": []}
    monkeypatch.setattr(far, "_start", lambda *_: Mock(judge=Mock(side_effect=error)))
    answer = json.loads(far.judge(json.dumps(order[0])))
    assert answer["error"].endswith(", a worker died") and answer["said"] == {"tasks": []}


@needs_jail
def test_another_tier_than_asked_for_is_refused(order, monkeypatch):
    process = Mock(tier="T0")
    monkeypatch.setattr(far, "_start", lambda *_: process)
    answer = json.loads(far.judge(json.dumps(order[0])))
    assert "judged at tier T0, and not at T" in answer["error"]
    process.close.assert_called_once()


def test_a_bundle_that_was_changed_is_refused(order, tmp_path):
    given, store = order
    shutil.copytree(store.path / "bundles", tmp_path / "bundles")
    shutil.copytree(store.path / "cluster", tmp_path / "cluster")
    (tmp_path / "bundles" / given["bundle"] / "checks.py").write_text("")
    answer = json.loads(far.judge(json.dumps({**given, "store": str(tmp_path)})))
    assert "were changed after it was frozen" in answer["error"]


SHORT = Limits(cpu=0.01, wall=1.0, submission=0.1, display=0.1)


class Queue:
    """In place of a Dask client: hands out these outcomes, one a submission."""

    def __init__(self, *outcomes, workers=1):
        self.outcomes, self.workers = list(outcomes), workers

    def submit(self, function, order, **_):
        assert function is far.judge and isinstance(order, str)
        return Mock(result=Mock(side_effect=self.outcomes.pop(0)))

    as_current = staticmethod(nullcontext)

    def nthreads(self):
        return {f"tcp://127.0.0.1:{number}": 1 for number in range(self.workers)}


@pytest.fixture
def asked(frozen, home_path, monkeypatch):
    """``asked(client)``: what a cluster answers whose client that is."""

    monkeypatch.setattr("distributed.wait", lambda *_, **__: None)

    def ask(client):
        (home_path / "secret").write_text("00")
        home_path.chmod(0o700)
        grader = Cluster(home_path, Machines("tcp://127.0.0.1:1"), course_id=COURSE, limits=SHORT)
        grader.tier = "T2"
        grader._client, grader.looks, grader.waits = client, 0.0, 0.2
        grader.store.prepare()
        try:
            return grader._ask(latest(frozen / "bundles", FIVE), {"cells": []})
        finally:
            assert not list(grader.store.jobs.iterdir())

    return ask


def test_what_fails_on_one_machine_is_judged_on_another(asked):
    assert asked(Queue(['{"error": "on a, full"}'], ['{"tasks": []}'])) == {"tasks": []}
    assert asked(Queue(*[[f'{{"error": "{n}"}}'] for n in range(TRIES)])) == {"error": f"{TRIES - 1}"}
    partly = ['{"error": "a worker died", "said": {"tasks": [], "review": ["a worker died"]}}']
    assert asked(Queue(*[partly] * TRIES)) == {"tasks": [], "review": ["a worker died"]}


def test_a_scheduler_that_goes_away_leaves_the_rest_unjudged(asked):
    with pytest.raises(ClusterError, match=r"not judged, since the scheduler .* any more \(broken\); see to"):
        asked(Queue([CommClosedError("broken")]))


def test_workers_that_stay_away_leave_the_rest_unjudged(asked):
    with pytest.raises(ClusterError, match=r"has had no workers for \d+ s; see to the cluster and run it again"):
        asked(Queue(repeat(TimeoutError), workers=0))
    with pytest.raises(ClusterError, match=r"nothing was heard from the workers at tcp://127\.0\.0\.1:1 for \d+ s"):
        asked(Queue(repeat(TimeoutError), workers=1))


def test_the_store_is_for_no_other_eyes_and_of_one_course(home_path, tmp_path):
    (home_path / "secret").write_text("ab")
    store = Store(tmp_path / "store", home_path)
    store.prepare()
    assert store.secret == "ab" and (store.path / "secret").stat().st_mode & 0o777 == 0o600
    (home_path / "secret").write_text("cd")
    with pytest.raises(StoreError, match="is another course's, whose secret lies there"):
        store.prepare()
    store.path.chmod(0o750)
    with pytest.raises(StoreError, match="others can enter"):
        store.prepare()


def test_jobs_of_killed_runs_are_dropped_after_a_day(home_path):
    home_path.chmod(0o700)
    store = Store(home_path, home_path)
    store.prepare()
    old, new = store.put(b"old"), store.put(b"new")
    os.utime(store.jobs / f"{old}.json", (0, time.time() - OLD - 1))
    store.prepare()
    assert [path.stem for path in store.jobs.iterdir()] == [new]


def test_a_worker_keeps_few_idle_processes(monkeypatch):
    monkeypatch.setattr(far, "_idle", [])
    made = [Mock() for _ in range(far.KEPT + 2)]
    for number, process in enumerate(made):
        far._put(str(number), process)
    assert [process.close.called for process in made] == [True, True] + [False] * far.KEPT
    assert far._take("0") is None and far._take("3") is made[3] and far._take("3") is None
    far.close()
    assert [process.close.called for process in made] == [True] * 3 + [False] + [True] * (far.KEPT - 2)
