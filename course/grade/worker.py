"""What runs inside the jail: loads the learner's cells, calls their functions, and answers on one descriptor."""

from __future__ import annotations

import builtins
import inspect
import os
import socket
from collections.abc import Callable
from typing import Any

import numpy as np

from ..bundle.cells import Cell
from ..bundle.loader import load
from . import pack, wire
from .limits import Limits
from .values import simplify

_IMMUTABLE: tuple[type, ...] = (type(None), bool, int, float, complex, str, bytes, type(iter([])))
"""Arguments that are not looked at again after a call; an iterator would be used up by looking."""


class _Gone(BaseException):
    """The grader closed the channel."""


class _Later:
    """A value that is computed when the encoder reaches it: after the learner's generator has been drained."""

    def __init__(self, compute: Callable[[], Any]):
        self.compute = compute


class Channel:
    """Frames to and from the grader; ``request`` is the number of the request that is being answered."""

    def __init__(self, fd: int, limits: Limits):
        self.fd, self.limits, self.request = fd, limits, 0

    def receive(self) -> Any:
        """The next message of the grader, callables as stubs."""
        head = self._read(bytearray(wire.HEAD.size), 0)
        length, self.request, _ = wire.HEAD.unpack(head)
        frame = bytearray(length + 4)
        frame[: wire.HEAD.size] = head
        return wire.loads(self._read(frame, wire.HEAD.size), limits=self.limits, callback=self._stub)

    def _read(self, buffer: bytearray, start: int) -> bytearray:
        while start < len(buffer):
            count = os.readv(self.fd, [memoryview(buffer)[start:]])
            if count == 0:
                raise _Gone
            start += count
        return buffer

    def encode(self, message: Any) -> list:
        """``message`` as a frame; `wire.WireError` if it holds what is not data."""
        return pack.encode(message, limits=self.limits, convert=outgoing, request=self.request)

    def write(self, pieces: list) -> None:
        """Send a frame."""
        for piece in pieces:
            view = memoryview(piece)
            while view.nbytes:
                view = view[os.write(self.fd, view) :]

    def _stub(self, number: int) -> Callable:
        """A function that asks the grader to call its ``number``-th callable."""

        def callback(*args: Any, **kwargs: Any) -> Any:
            try:
                frame = self.encode({"status": "callback", "function": number, "args": args, "kwargs": kwargs})
            except wire.WireError as error:
                raise TypeError("this function takes arrays, numbers and collections of them") from error
            self.write(frame)
            answer = self.receive()
            if answer["status"] == "ok":
                return answer["value"]
            raise getattr(builtins, answer["type"])("raised by the function that was passed in")

        return callback


def outgoing(value: Any) -> Any:
    """What goes out of the jail for ``value``, for the encoder's ``convert``."""
    return value.compute() if type(value) is _Later else simplify(value)


def serve(fd: int, limits: Limits) -> None:
    """Answer requests on ``fd`` until the grader closes it."""
    channel = Channel(fd, limits)
    channel.write(channel.encode({"status": "ready"}))
    worker = Hands(channel)
    operations: dict[str, Callable] = {
        "load": worker.load,
        "call": worker.call,
        "display": worker.display,
        "probe": probe,
    }
    while True:
        try:
            message = channel.receive()
            channel.write(_answer(channel, operations[message.pop("op")], message))
        except _Gone:
            return
        del message


def refuse(fd: int, why: str, limits: Limits) -> None:
    """Tell the grader that the jail could not be entered."""
    channel = Channel(fd, limits)
    channel.write(channel.encode({"status": "refused", "why": why}))


def _answer(channel: Channel, operation: Callable, message: dict) -> list:
    """The frame that answers ``message``; whatever the learner's code raises, here or while it is encoded, is in it."""
    try:
        return channel.encode(operation(**message))
    except wire.WireError as error:
        return channel.encode({"status": "notdata", "kind": error.kind})
    except MemoryError:
        return channel.encode({"status": "memory"})
    except _Gone:
        raise
    except BaseException as error:
        return channel.encode(as_raised(error))


class Hands:
    """What a worker can be told to do: load cells, call a function of the learner's, run the notebook for display."""

    def __init__(self, channel: Channel):
        self.channel = channel
        self.namespace: dict[str, Any] = {}

    def load(self, cells: list, names: dict, target: str | None, stubs: dict) -> dict:
        """Run the cells; what failed, what was skipped, what is defined now."""
        self.namespace = dict(names)
        loaded = load([Cell.from_dict(cell) for cell in cells], self.namespace, target=target, stubs=stubs)
        defined = [name for name in self.namespace if type(name) is str and name.isidentifier()]
        return {
            "status": "ok",
            "errors": [(e.cell, e.type, e.line, str(e.text)[:200]) for e in loaded.errors[:1000]],
            "skipped": [str(line)[:200] for line in loaded.skipped[:1000]],
            "defined": [name for name in defined if name.isascii() and not name.startswith("__")][:2000],
        }

    def call(self, name: str, args: list, kwargs: dict) -> dict:
        """Call a function of the learner's; its value, and the arguments that it changed."""
        function = self.namespace.get(name)
        if not callable(function):
            return {"status": "missing", "why": "value" if name in self.namespace else "undefined"}
        if not _binds(function, args, kwargs):
            return {"status": "missing", "why": "signature"}
        arguments = {**dict(enumerate(args)), **kwargs}
        before = {key: _image(value) for key, value in arguments.items() if not isinstance(value, _IMMUTABLE)}
        value = function(*args, **kwargs)
        return {"status": "ok", "value": value, "changed": _Later(lambda: _changed(before, arguments))}

    def display(self, cells: list, names: dict) -> dict:
        """Run the notebook for its outputs; a message a cell, then the end."""
        from . import display

        channel = self.channel
        display.run(
            [Cell.from_dict(cell) for cell in cells],
            names,
            lambda message: channel.write(channel.encode({"status": "cell", **message})),
            channel.limits,
        )
        return {"status": "ok"}


def probe() -> dict:
    """Try what the jail must refuse, before any learner does; the names of what it did not refuse."""
    attempts = {
        "reading a file of the machine": lambda: open("/etc/passwd").close(),
        "listing a folder of the machine": lambda: os.listdir("/var"),
        "opening a socket": lambda: socket.socket(socket.AF_INET).close(),
        "starting a process": lambda: os.fork() or os._exit(0),
        "writing a file": lambda: open("/tmp/course-probe", "w").close(),
        "sending a signal": lambda: os.kill(os.getppid(), 0),
    }
    return {"status": "ok", "open": [what for what, attempt in attempts.items() if not _refused(attempt)]}


def _refused(attempt: Callable) -> bool:
    try:
        attempt()
    except OSError:
        return True
    return False


def _binds(function: Callable, args: list, kwargs: dict) -> bool:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins do not tell
        return True
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _marked(value: Any) -> Any:
    """What crosses of ``value``, with a mark on tensors: an array that became one was changed."""
    plain = simplify(value)
    return ("tensor", plain) if hasattr(value, "requires_grad") else plain


def _image(value: Any) -> Any:
    """What ``value`` is compared with after the call; None for what cannot cross back (callables)."""
    if type(value) is np.ndarray:
        return value.copy()
    try:
        return pack.dumps(value, convert=_marked)
    except wire.WireError:
        return None


def _changed(before: dict, arguments: dict) -> dict:
    changed = {}
    for key, image in before.items():
        value = arguments[key]
        if image is not None and not _same(image, value):
            changed[key] = value
    return changed


def _same(image: Any, value: Any) -> bool:
    if type(image) is np.ndarray:
        same_form = image.shape == value.shape and image.dtype == value.dtype
        return same_form and bool((image.reshape(-1).view("u1") == value.reshape(-1).view("u1")).all())
    try:
        return pack.dumps(value, convert=_marked) == image
    except wire.WireError:
        return False


def as_raised(error: BaseException) -> dict:
    """The nearest built-in type of ``error`` and the line of the learner's where it arose; never its words."""
    kinds = [kind for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind]
    cell, line, trace = "", 0, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith("<") and filename.endswith(">"):
            cell, line = filename[1:-1], trace.tb_lineno
        trace = trace.tb_next
    return {"status": "raised", "type": kinds[0].__name__ if kinds else "Exception", "cell": cell, "line": line}
