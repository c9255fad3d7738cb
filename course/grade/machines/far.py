"""What a Dask worker runs: read a job by its hash, judge it in a process beside the worker, answer with text.

Orders and answers are JSON in a `str`, so that nothing of a learner's is ever pickled. Neither code nor secret nor
bundle is sent: this machine has the course installed, and reads the rest in the store, a folder that it shares with
the supervisor, who alone writes verdicts down.
"""

from __future__ import annotations

import atexit
import json
import platform
import socket
import threading
import time
from pathlib import Path

import numpy as np

from ..jail import tiers
from ..process import JudgeProcess
from ..run import machinery
from .store import Store

KEPT = 4
"""So many idle judging processes a worker keeps at most; each has one bundle's checks loaded."""

PAUSE = 1.0

_idle: list[tuple[str, JudgeProcess]] = []
_lock = threading.Lock()


class Refused(RuntimeError):
    """This machine must not judge that; a fault of ours, never a learner's loss."""


def versions(engine: bool = False) -> dict[str, str]:
    """What of this machine's software can change a verdict; with the installed ``engine`` where a bundle has none."""
    return {"Python": platform.python_version(), "NumPy": np.__version__, "the course's code": machinery(engine)}


def differences(wanted: dict[str, str], have: dict[str, str]) -> str:
    """How versions differ, in words; empty where they do not."""
    found = [f"{name} is {have.get(name)} instead of {one}" for name, one in wanted.items() if have.get(name) != one]
    return ", ".join(found)


def describe() -> str:
    """This machine's versions and its tiers for grades of record, and why it lacks the others: JSON."""
    report = tiers.probe()
    record = {name: report[name] for name in tiers.RECORD}
    return json.dumps(
        {
            "host": socket.gethostname(),
            "versions": versions(),
            "tiers": [name for name, tier in record.items() if tier.available],
            "why": " ".join(tier.why for tier in record.values() if tier.why),
        }
    )


def judge(order: str) -> str:
    """The answer to ``order``, both JSON: what the judging process says, or an ``error`` that says why there is none.

    Beside an error stands what the judging process ``said`` all the same, if it did. An error is held back for a
    moment: a machine that cannot judge must not be the fastest of all to take jobs.
    """
    try:
        return json.dumps(_judge(json.loads(order)))
    except Exception as error:
        time.sleep(PAUSE)
        why = f"on {socket.gethostname()}, {str(error) or type(error).__name__}"
        return json.dumps({"error": why, "said": getattr(error, "answer", None)})


def _judge(order: dict) -> dict:
    store, config = Store(Path(order["store"])), order["config"]
    job = json.loads(store.job(order["job"]))
    name = json.dumps([order["store"], order["bundle"], config, order["versions"]])
    process = _take(name) or _start(store, order)
    try:
        answer = process.judge(job, order["seconds"])
        if process.tier != config["tier"]:
            raise Refused(f"it was judged at tier {process.tier}, and not at {config['tier']} as was asked")
    except BaseException:
        process.close()
        raise
    _put(name, process)
    return answer


def _start(store: Store, order: dict) -> JudgeProcess:
    """A judging process for the order's bundle, where it is certain that it judges as the supervisor's would."""
    bundle = store.bundle(order["bundle"])
    if different := differences(order["versions"], versions(not bundle.engine)):
        raise Refused(f"{different}; install the same on every machine and start its workers anew")
    config = {**order["config"], "bundle": str(bundle.path), "secret": store.secret}
    return JudgeProcess(config, store.log)


def _take(name: str) -> JudgeProcess | None:
    with _lock:
        place = next((place for place, (one, _) in enumerate(_idle) if one == name), None)
        return None if place is None else _idle.pop(place)[1]


def _put(name: str, process: JudgeProcess) -> None:
    with _lock:
        _idle.append((name, process))
        surplus = [_idle.pop(0)[1] for _ in range(len(_idle) - KEPT)]
    for one in surplus:
        one.close()


def close() -> None:
    """End this worker's idle judging processes; where a worker is killed, they notice that themselves."""
    with _lock:
        processes = [process for _, process in _idle]
        _idle.clear()
    for process in processes:
        process.close()


atexit.register(close)
