"""Grading on many machines: jobs go to Dask workers by their hashes; journal and gradebook are written here alone.

The far machines have this very course installed (see `far`) and share a folder with this one: the course home, or
where that does not lie on a shared disk a ``store``, into which bundles, jobs and the course secret are put. Dask's
traffic is pickled and, but for TLS, open to everybody who reaches its port: whoever can connect to a scheduler can run
programs as its owner. So anything but loopback must be ``tls://``.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...bundle.freeze import Bundle
from ..jail import tiers
from ..run import Grader, Paper
from ..verdict import Verdict
from . import far
from .store import Store

TRIES = 3
"""A job may fail so often, each time perhaps on another machine, before it is a fault."""

AHEAD = 32
"""At least so many jobs are with the scheduler at once, so that workers who come later find some."""


class ClusterError(RuntimeError):
    """The cluster cannot be used, or is gone; what was judged is written down, and another run does the rest."""


@dataclass(frozen=True)
class Machines:
    """Where jobs are judged: the address of a Dask scheduler, and a folder that its workers see, if not the home."""

    scheduler: str
    store: Path | None = None


class Cluster(Grader):
    """A `Grader` whose jobs are judged by Dask workers, as many at once as they have threads.

    ``connects`` and ``waits`` are seconds: for the scheduler to answer, and without any worker before all is given up.
    """

    connects, waits, looks = 15.0, 120.0, 5.0

    def __init__(self, home: Path, machines: Machines, **options: Any):
        check_address(machines.scheduler)
        super().__init__(home, **options)
        self.address = machines.scheduler
        self.store = Store((machines.store or home).absolute(), home.absolute())
        self._heard = self._peopled = 0.0
        self._lost = ""

    def close(self) -> None:
        """Leave the cluster; its workers stay."""
        if client := self.__dict__.pop("_client", None):
            client.close()
        self.__dict__.pop("tier", None)
        super().close()

    @cached_property
    def _client(self) -> Any:
        client = connect(self.address, self.connects)
        try:
            self.store.prepare()
        except BaseException:
            client.close()
            raise
        return client

    @cached_property
    def tier(self) -> str:
        """The best tier that all workers' machines have; `tiers.TierUnavailable` where that is below the floor.

        `ClusterError` where a machine's versions are others than here: the same file must get the same verdict.
        """
        good = list(tiers.RECORD[: tiers.RECORD.index(self.floor) + 1])
        for said in self._described():
            if different := far.differences(far.versions(), said["versions"]):
                raise ClusterError(f"on {said['host']}, {different}; install the same there and start its workers anew")
            good = [tier for tier in good if tier in said["tiers"]]
            if not good:
                needed = f"Grades of record need tier {self.floor} or better, the same on all machines"
                raise tiers.TierUnavailable(f"{needed}, which {said['host']} cannot have. {said['why']}")
        return good[0] if self._wanted == "auto" else self._wanted

    def _described(self) -> list[dict]:
        asked = {
            address: self._client.submit(far.describe, key=_key(), workers=[address], pure=False)
            for address in self._client.nthreads()
        }
        found = []
        for address, future in asked.items():
            try:
                found.append(json.loads(future.result(timeout=self.waits)))
            except Exception as error:
                why = f"{_first(error)}; is this very course installed there?"
                raise ClusterError(f"the worker at {address} cannot judge: {why}") from None
        return found

    def grade_all(
        self, papers: Iterable[Paper], *, force: bool = False, draft: bool = False
    ) -> Iterator[tuple[Paper, Verdict | Exception]]:
        """As `Grader.grade_all`, on the cluster; `ClusterError` before anything is judged where it cannot be used."""
        if self._lost:
            self.close()  # and connect again
        self._lost = ""
        assert self.tier
        self.jobs = max(AHEAD, 2 * sum(self._client.nthreads().values()))  # threads that wait, so that no worker does
        return super().grade_all(papers, force=force, draft=draft)

    def _ask(self, bundle: Bundle, job: dict) -> dict:
        """Have ``job`` judged on some machine; again, perhaps on another, where that failed; then it is our fault."""
        import distributed

        self.store.place(bundle)
        order = {
            "store": str(self.store.path),
            "bundle": f"{bundle.slug}/{bundle.hash}",
            "config": {"limits": self.limits.to_dict(), "course_id": self.course_id, "tier": self.tier},
            "versions": far.versions(not bundle.engine),
            "seconds": self.seconds,
        }
        name = self.store.put(json.dumps({**job, "id": uuid.uuid4().hex}).encode())
        try:
            for _ in range(TRIES):
                answer = self._answer(json.dumps({**order, "job": name}))
                if "error" not in answer:
                    break
            return answer.get("said") or answer
        except distributed.KilledWorker:
            return {"error": "worker after worker died while this was judged; the scheduler gave it up"}
        finally:
            self.store.drop(name)

    def _answer(self, order: str) -> dict:
        """A machine's answer; where a worker dies meanwhile, Dask asks another. `ClusterError` when none will come."""
        import distributed

        asked = time.monotonic()
        try:
            future = self._client.submit(far.judge, order, key=_key(), pure=False)
            while not self._lost:
                try:
                    with self._client.as_current():  # many fetch together: none must break that off soon
                        distributed.wait(future, timeout=self.looks)
                    answer = json.loads(future.result(timeout=self.waits))
                except TimeoutError:
                    self._look(asked)
                else:
                    self._heard = time.monotonic()
                    return answer
        except distributed.KilledWorker:
            raise
        except Exception as error:  # whatever it is, it is Dask's: the far side answers with text
            self._lost = self._lost or f"the scheduler at {self.address} does not answer any more ({_first(error)})"
        raise ClusterError(f"this was not judged, since {self._lost}; see to the cluster and run it again")

    def _look(self, asked: float) -> None:
        """Whether an answer can still be hoped for: there are workers, and something is heard of them."""
        now, heard = time.monotonic(), max(asked, self._heard)
        if self._client.nthreads():
            self._peopled = now
        if now - max(heard, self._peopled) > self.waits:
            self._lost = f"the scheduler at {self.address} has had no workers for {self.waits:.0f} s"
        elif now - heard > 2 * self.seconds + self.waits:
            self._lost = f"nothing was heard from the workers at {self.address} for {now - heard:.0f} s"


def check_address(address: str, remedy: str = "") -> None:
    """`ClusterError` unless the address is on this very machine, or under TLS."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in {"tcp", "tls"} and bool(parts.hostname and parts.port)
    except ValueError:
        known = False
    if not known:
        raise ClusterError(
            f"{address!r} is no scheduler's address; it looks like tcp://127.0.0.1:8786 or tls://HOST:8786"
        )
    if parts.scheme == "tcp" and not _loopback(parts.hostname or ""):
        why = "can be read, and used to run programs, by everybody on the network"
        raise ClusterError(f"{address} {why}; only loopback (tcp://127.0.0.1:…) goes without tls://{remedy}")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect(address: str, seconds: float) -> Any:
    """A Dask client of the scheduler at ``address``, with at least one worker, all on this machine or under TLS."""
    try:
        import distributed
    except ModuleNotFoundError as error:
        why = f"and {error.name} is not installed here; run: pip install 'gradient-course[cluster]'"
        raise ClusterError(f"many machines need Dask.distributed, {why}") from None
    for name in ("distributed", "distributed.client"):  # its tracebacks on stderr say what our sentences say
        logging.getLogger(name).setLevel(logging.CRITICAL)
    security = distributed.Security().get_connection_args("client")
    if address.startswith("tls:") and not security.get("ssl_context"):
        keys = "distributed.comm.tls: ca-file, client.cert, client.key"
        raise ClusterError(f"{address} needs certificates, and Dask's configuration names none here ({keys})")
    try:
        client = distributed.Client(address, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address} ({_first(error)})") from None
    try:
        client.wait_for_workers(1, timeout=2 * seconds)
        for one in (client.scheduler_info()["address"], *client.nthreads()):
            check_address(one, "; start scheduler and workers with --host 127.0.0.1, or under TLS")
    except TimeoutError:
        client.close()
        remedy = f"start some: dask worker {address} --nthreads 1 --nworkers 2"
        raise ClusterError(f"the scheduler at {address} has no workers; {remedy}") from None
    except BaseException:
        client.close()
        raise
    return client


def _key() -> str:
    return f"course-{uuid.uuid4().hex}"


def _first(error: BaseException) -> str:
    why = getattr(error, "reason", "") or str(error)  # a cancelled future's own text begins with its key
    return next(iter(why.splitlines()), "") or type(error).__name__
