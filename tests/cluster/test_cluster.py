"""A cluster finds what one machine finds, whoever is killed."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from dask import config as dask_config

from course.bundle.freeze import Bundle, latest
from course.classroom import gradebook
from course.grade.jail import tiers
from course.grade.machines import cluster
from course.grade.machines.cluster import Cluster, ClusterError, Machines
from course.grade.run import Grader, Paper
from course.grade.verdict import FAULT
from tests.benchmarks.grading_class import COURSE, name_of

from .dask import gone

needs_jail = pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")
SUPERVISOR = """
import os, sys
from pathlib import Path
from course.grade.machines.cluster import Cluster, Machines
from course.grade.run import Paper

home, address, slug = Path(sys.argv[1]), *sys.argv[2:4]
papers = [Paper(path.parts[-3], slug, path) for path in sorted(home.glob(f"submitted/*/{slug}/{slug}.ipynb"))]
with Cluster(home, Machines(address), course_id="bench") as grader:
    for done, _ in enumerate(grader.grade_all(papers), start=1):
        if done == 6:
            os.kill(os.getpid(), 9)
"""


def papers_of(home, slug):
    return [Paper(name_of(n), slug, home.notebook("submitted", slug, name_of(n))) for n in range(24)]


def findings(outcomes):
    assert not [outcome for _, outcome in outcomes if isinstance(outcome, Exception)]
    return {paper.learner: (verdict.findings, verdict.score, verdict.review) for paper, verdict in outcomes}


def rows(home):
    with closing(sqlite3.connect(home.path / "journal.db")) as database:
        return sorted(database.execute("SELECT learner, attempt FROM verdict"))


@needs_jail
def test_killed_supervisor_and_killed_worker_change_nothing(room, home, start, tmp_path):
    subprocess.run(["cp", "-a", str(home.path), str(tmp_path / "alone")], check=True)
    with Grader(tmp_path / "alone", course_id=COURSE, jobs=2) as grader:
        alone = findings(list(grader.grade_all(papers_of(home, room.slug))))
    dask = start(2)
    words = [sys.executable, "-c", SUPERVISOR, str(home.path), dask.address, room.slug]
    assert subprocess.run(words, timeout=180).returncode == -signal.SIGKILL
    before = rows(home)
    assert 6 <= len(before) < 24
    outcomes, below = [], []
    with Cluster(home.path, Machines(dask.address), course_id=COURSE) as grader:
        for outcome in grader.grade_all(papers_of(home, room.slug)):
            outcomes.append(outcome)
            if not below and len(outcomes) > len(before):
                below = dask.kill(dask.machines[0], all_of_it=False)
        jobs = set((home.path / "cluster" / "jobs").iterdir())
    assert findings(outcomes) == alone
    assert rows(home) == [(name_of(number), 1) for number in range(24)]
    assert {verdict.tier for _, verdict in outcomes} == {tiers.probe().best}
    assert len(below) >= 2 and gone(below) == []
    assert "Restarting worker" in dask.log()
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in jobs)  # what the killed supervisor left


@needs_jail
def test_a_job_that_kills_its_workers_is_a_fault_and_never_zero(room, home, start, tmp_path):
    preload = (
        "import os\nfrom course.grade.machines import far\nfar.PAUSE = 0.0\nfar._judge = lambda order: os._exit(1)\n"
    )
    (tmp_path / "kills.py").write_text(preload)
    limits = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    dask = start(1, "--preload", str(tmp_path / "kills.py"), environment=limits)
    with Cluster(home.path, Machines(dask.address), course_id=COURSE) as grader:
        ((_, verdict),) = grader.grade_all(papers_of(home, room.slug)[:1])
    assert verdict.score is None and not verdict.decided
    assert verdict.review == (f"{FAULT}: worker after worker died while this was judged; the scheduler gave it up",)
    assert not list((home.path / "cluster" / "jobs").iterdir())


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """``certificates(name)``: Dask's settings for a certificate of an authority of that name, made here and now."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl was not found; it makes the certificates")
    folder = tmp_path_factory.mktemp("tls")

    def make(name):
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        authority = ("-keyout", f"{name}-ca.key", "-out", f"{name}-ca.pem", "-subj", f"/CN={name} authority")
        openssl("req", "-x509", *new, "-days", "2", *authority)
        openssl("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-CAcreateserial", "-days", "2")
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem")
        own = {"cert": str(folder / f"{name}.pem"), "key": str(folder / f"{name}.key")}
        return {"ca-file": str(folder / f"{name}-ca.pem"), **dict.fromkeys(("scheduler", "worker", "client"), own)}

    return make


def as_variables(tls, prefix="DASK_DISTRIBUTED__COMM__TLS"):
    """Dask's settings as it reads them in the environment."""
    for name, value in tls.items():
        words = f"{prefix}__{name.replace('-', '_').upper()}"
        yield from [(words, value)] if isinstance(value, str) else as_variables(value, words)


@needs_jail
def test_the_command_under_tls_with_a_store(room, home, start, certificates, tmp_path):
    ours, others = certificates("ours"), certificates("others")
    environment = dict(as_variables(ours))
    dask = start(1, environment=environment, protocol="tls")
    words = [str(Path(sys.executable).with_name("course")), "grade", "90"]
    words += ["--home", str(home.path), "--scheduler", dask.address]
    words += [word for number in range(3) for word in ("--learner", name_of(number))]
    words += ["--store", str(tmp_path / "store")]
    ran = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert rows(home) == [(name_of(number), 1) for number in range(3)]
    scores = gradebook.class_scores(home, room.slug)
    assert [scores[name_of(number)].score for number in range(3)] == [5.0, 1.0, 5.0]
    assert not (home.path / "judge.log").exists() and not (home.path / "cluster").exists()  # nothing was judged here
    bundle = latest(room.home.bundles, room.slug)
    assert Bundle.open(tmp_path / "store" / "bundles" / room.slug / bundle.hash) == replace(bundle, path=ANY)
    strange = {f"distributed.comm.tls.{name}": others[name] for name in ("ca-file", "client")}
    with dask_config.set(strange), pytest.raises(ClusterError, match="no Dask scheduler"):
        cluster.connect(dask.address, 2.0)
    with pytest.raises(ClusterError, match=r"needs certificates, .* names none here \(distributed.comm.tls: ca-file"):
        cluster.connect(dask.address, 2.0)


def test_a_scheduler_without_workers(start):
    dask = start(0)
    with pytest.raises(ClusterError, match=f"has no workers; start some: dask worker {dask.address} --nthreads 1"):
        cluster.connect(dask.address, 1.0)
