"""The trusted side of one worker: asks it, serves its callbacks, and turns what comes of it into values or outcomes."""

from __future__ import annotations

import builtins
import contextlib
import inspect
import os
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..bundle.cells import Cell
from ..bundle.loader import LoadError
from . import faults, outputs, pack, wire
from .peer import Closed, Deadline, Expired, Peer, Process
from .values import KINDS, hand_over

if TYPE_CHECKING:
    from .workers import ForkServer


class CannotCross(faults.GraderFault):
    """A check handed over what cannot cross to a worker. Ours, unless the learner's function had returned it before."""


@dataclass(frozen=True)
class Answer:
    """What came of a call.

    ``value`` is plain data; ``changed`` maps the position (int) or name (str) of each argument that the function
    changed in place to its value afterwards, a random generator with its new state included; ``callbacks`` counts
    the calls of callables that were passed in, ``cpu`` the seconds that the worker used.
    """

    value: Any
    changed: dict[int | str, Any] = field(default_factory=dict)
    callbacks: int = 0
    cpu: float = 0.0


@dataclass(frozen=True)
class LoadReport:
    """What came of loading: the statements that raised, what was left out and why, the names that are defined now."""

    errors: tuple[LoadError, ...] = ()
    skipped: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()


class Worker:
    """One jailed process with one submission in it. Not to be shared between threads.

    Every method may raise `faults.TimedOut`, `OutOfMemory`, `Crashed` or `GraderFault`; after any of these but
    `OutOfMemory` the worker is dead. A context manager; `close` kills.
    """

    def __init__(self, server: ForkServer, number: int, channel: socket.socket, process: Process, lease: int):
        self._server, self._number, self._process, self._lease = server, number, process, lease
        self._channel, self._limits = channel, server.limits
        self._peer = Peer(channel, server.limits)
        self._stubs: list[Callable] = []
        self._lines: dict[str, int] = {}
        self._busy = self._closed = False

    def load(
        self,
        cells: Sequence[Cell],
        *,
        names: Mapping[str, Any],
        target: str | None = None,
        stubs: Mapping[str, Callable] | None = None,
        cpu: float | None = None,
    ) -> LoadReport:
        """Run ``cells`` by `course.bundle.loader.load`; errors in the learner's cells are in the report."""
        self._lines = {cell.id: cell.source.count("\n") + 1 for cell in cells}
        conversation = _Conversation(self, "your notebook", cpu)
        answer = conversation.ask(
            {"op": "load", "cells": [c.to_dict() for c in cells], "names": dict(names), "target": target,
             "stubs": dict(stubs or {})}
        )  # fmt: skip
        self._stubs = conversation.functions
        return self._checked("your notebook", self._load_report, answer)

    def call(
        self, name: str, args: Sequence = (), kwargs: Mapping[str, Any] | None = None, *, cpu: float | None = None
    ) -> Answer:
        """Call the learner's function ``name``.

        Callables anywhere in the arguments are called on this side. Raises `faults.Missing`, `Raised` or `NotData`
        too; these leave the worker alive.
        """
        conversation = _Conversation(self, name, cpu)
        answer = conversation.ask({"op": "call", "name": name, "args": list(args), "kwargs": dict(kwargs or {})})
        if answer["status"] != "ok":
            raise self._checked(name, lambda _: self._outcome(name, answer, len(args), kwargs or {}), answer)
        changed, passed = answer.get("changed"), {*range(len(args)), *(kwargs or {})}
        if type(changed) is not dict or "value" not in answer or not changed.keys() <= passed:
            raise self._protocol_fault(name)
        return Answer(answer["value"], changed, conversation.count, conversation.deadline.used())

    def display(
        self, cells: Sequence[Cell], *, names: Mapping[str, Any], cpu: float | None = None
    ) -> dict[str, list[dict]]:
        """Run the whole notebook for its outputs: cell id -> nbformat outputs, checked and capped.

        A time-out or a crash is not raised: it stands in the outputs of the cell in which it happened.
        """
        shown = outputs.Collector([cell.id for cell in cells if cell.kind in outputs.SHOWN], self._limits)
        conversation = _Conversation(self, "your notebook", cpu or self._limits.display)
        try:
            conversation.ask(
                {"op": "display", "cells": [c.to_dict() for c in cells], "names": dict(names)}, on_cell=shown.add
            )
        except faults.GraderFault:
            raise
        except faults.Outcome as outcome:
            shown.interrupted(outcome)
        return shown.outputs

    def probe(self) -> list[str]:
        """What the jail let through that it must not (tried in the worker itself)."""
        answer = _Conversation(self, "the probe", None).ask({"op": "probe"})
        return list(answer["open"])

    def close(self) -> None:
        """Kill the process and forget it; may be called again."""
        if not self._closed:
            self._closed = True
            self._process.kill()
            self._channel.close()
            self._process.close()
            os.close(self._lease)
            self._server.forget(self._number)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):  # half made, or at the interpreter's end
            self.close()

    def _checked(self, name: str, build: Callable[[dict], Any], answer: dict) -> Any:
        try:
            return build(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise self._protocol_fault(name) from error

    def _load_report(self, answer: dict) -> LoadReport:
        if answer["status"] == "memory":
            raise faults.OutOfMemory("your notebook", self._limits.memory_mb)
        errors = []
        for cell, kind, line, text in answer["errors"]:
            if cell not in self._lines or type(line) is not int or type(text) is not str:
                raise ValueError(cell)
            errors.append(LoadError(cell, _builtin(kind), min(max(line, 0), self._lines[cell]), outputs.clean(text)))
        strings = [*answer["skipped"], *answer["defined"]]
        if not all(type(text) is str for text in strings):
            raise ValueError("not a name")
        return LoadReport(tuple(errors), tuple(map(outputs.clean, answer["skipped"])), tuple(answer["defined"]))

    def _outcome(self, name: str, answer: dict, positional: int, kwargs: Mapping) -> faults.Outcome:
        status = answer["status"]
        if status == "memory":
            return faults.OutOfMemory(name, self._limits.memory_mb)
        if status == "notdata":
            return faults.NotData(name, KINDS[answer["kind"]])
        if status == "missing":
            return faults.Missing(name, _missing(answer["why"], positional, kwargs))
        if status != "raised":
            raise ValueError(status)
        kind, cell, line = _builtin(answer["type"]), answer["cell"], answer["line"]
        if cell not in self._lines or type(line) is not int or not 0 < line <= self._lines[cell]:
            cell, line = "", 0
        bases = [base.__name__ for base in getattr(builtins, kind).__mro__[1:-1]]
        return faults.Raised(name, kind, tuple(bases), line, cell)

    def _protocol_fault(self, name: str) -> faults.Crashed:
        self.close()
        return faults.Crashed(name, "spoke out of turn")

    def _death(self, name: str) -> faults.Outcome:
        """Why the worker is gone. Killed by nobody of ours is no fault of the learner's: it cannot kill itself."""
        code = self._server.exit_code(self._number, self._process.ending())
        self.close()
        if code is None:
            return faults.Died("the fork server ended, and the worker with it")
        if code == -9 and self._server.tier != "T0":
            return faults.Killed(faults.Killed.WORKER)
        return faults.Crashed(name, f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}")


class _Conversation:
    """One request, the callbacks that it causes, and its answer: under one deadline and one request number."""

    def __init__(self, worker: Worker, name: str, cpu: float | None):
        self.worker, self.name = worker, name
        self.limits = worker._limits
        self.cpu = self.limits.cpu if cpu is None else cpu
        self.functions: list[Callable] = list(worker._stubs)
        self.count = 0
        # Not to be guessed, so that an answer sent before the question is out of turn.
        self.request = secrets.randbits(64)

    def ask(self, message: dict, on_cell: Callable[[dict], None] | None = None) -> dict:
        """The worker's answer to ``message``; its death, lateness and nonsense as outcomes."""
        worker = self.worker
        if worker._busy:
            raise faults.GraderFault(f"`{self.name}` was called from inside a callback of another call")
        if worker._closed:
            raise faults.GraderFault(f"`{self.name}` was called on a worker that is dead")
        frame = self._encode(message)
        worker._busy = True
        try:
            return self._exchange(frame, on_cell)
        except Expired as error:
            worker.close()
            raise faults.TimedOut(self.name, self.cpu, error.wall) from None
        except Closed:
            raise worker._death(self.name) from None
        except wire.WireError:
            raise worker._protocol_fault(self.name) from None
        except BaseException:
            worker.close()  # in the middle of a conversation it is of no further use
            raise
        finally:
            worker._busy = False

    def _exchange(self, frame: list, on_cell: Callable[[dict], None] | None) -> dict:
        peer = self.worker._peer
        self.deadline = Deadline(self.worker._process, self.cpu, self.cpu * self.limits.wall)
        if not peer.idle():
            raise wire.WireError("garbage", "an answer before the question")
        peer.send(frame, self.deadline)
        while True:
            answer = peer.receive(self.request, self.deadline)
            if answer["status"] == "callback":
                peer.send(self._call_back(answer), self.deadline)
            elif answer["status"] == "cell" and on_cell is not None:
                on_cell(answer)
            else:
                return answer

    def _call_back(self, message: dict) -> list:
        self.count += 1
        if self.count > self.limits.callbacks:
            raise faults.TooManyCalls(self.name, self.limits.callbacks)
        number, args, kwargs = message.get("function"), message.get("args"), message.get("kwargs")
        if type(number) is not int or number < 0 or type(args) is not tuple or type(kwargs) is not dict:
            raise wire.WireError("garbage", "not a callback")
        if not all(type(key) is str for key in kwargs):
            raise wire.WireError("garbage", "not a callback")
        if number >= len(self.functions):  # one that was passed to an earlier call
            return self._encode({"status": "raised", "type": "RuntimeError"})
        try:
            value = self.functions[number](*args, **kwargs)
        except Exception as error:
            return self._encode({"status": "raised", "type": _nearest(error)})
        try:
            return self._encode({"status": "ok", "value": value})
        except faults.GraderFault:  # larger than a frame, since its arguments were: the learner's doing
            return self._encode({"status": "raised", "type": "MemoryError"})

    def _encode(self, message: dict) -> list:
        try:
            return pack.encode(
                message, limits=self.limits, convert=hand_over, callback=self._number, request=self.request
            )
        except wire.WireError as error:
            what = KINDS.get(error.kind, error.kind)
            raise CannotCross(f"`{self.name}` was to be given {what}, which cannot cross to a worker") from error

    def _number(self, function: Callable) -> int:
        if inspect.isclass(function):
            raise wire.WireError("class")
        self.functions.append(function)
        return len(self.functions) - 1


def _missing(why: str, positional: int, kwargs: Mapping) -> str:
    if why == "signature":
        named = "".join(f", {name}=…" for name in kwargs)
        given = f"{positional} positional argument{'s' * (positional != 1)}{named}"
        return f"cannot be called with {given}; compare its parameters with those that were given"
    return {"undefined": "is not defined in your notebook", "value": "is not a function in your notebook"}[why]


def _builtin(name: Any) -> str:
    """``name`` if it is that of a built-in exception, else ``Exception``: a class's own name is the learner's text."""
    kind = getattr(builtins, name, None) if type(name) is str else None
    return name if inspect.isclass(kind) and issubclass(kind, BaseException) else "Exception"


def _nearest(error: BaseException) -> str:
    return next(kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)
