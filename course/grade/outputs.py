"""What of a learner's outputs is kept for the feedback: text without control characters and checked PNG figures."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Sequence
from typing import Any

from . import faults
from .limits import Limits
from .wire import WireError

SHOWN = frozenset({"setup", "given", "example", "function", "experiment", "draw", "scratch"})
"""Kinds of cell that are run for display: not the checks, the questions, nor who the learner is."""

PNG = b"\x89PNG\r\n\x1a\n"
SIDE = 8000
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: str, limit: int = 2000) -> str:
    """``text`` without escape sequences, control characters (but line ends and tabs) and marks that turn its direction.

    >>> clean("\\x1b[31mred\\x1b[0m\\x07")
    'red'
    """
    shown = _CONTROL.sub("", _ESCAPES.sub("", text[: 2 * limit].replace("\r\n", "\n").replace("\r", "\n")))
    return shown if len(shown) <= limit else f"{shown[:limit]}\n… cut here: more than {limit:,} characters"


def is_png(data: bytes) -> bool:
    """Whether ``data`` is one PNG from its signature to its last chunk, of at most `SIDE` pixels a side."""
    if data[:8] != PNG or data[12:16] != b"IHDR" or len(data) < 57:
        return False
    width, height = struct.unpack_from(">II", data, 16)
    if not (0 < width <= SIDE and 0 < height <= SIDE):
        return False
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            return length == 0 and at == len(data)
    return False


class Collector:
    """Takes a display worker's messages, one a cell, and makes nbformat outputs of what may be shown."""

    def __init__(self, expected: Sequence[str], limits: Limits):
        self.limits, self.expected = limits, list(expected)
        self.outputs: dict[str, list[dict]] = {}
        self.kept = 0

    def add(self, message: dict[str, Any]) -> None:
        """One cell's outputs; `WireError` for what no worker of ours sends."""
        cell, items = message.get("id"), message.get("outputs")
        if cell not in self.expected or cell in self.outputs or type(items) is not list:
            raise WireError("garbage", "outputs of no cell")
        shown, made = 0, []
        for item in items[:200]:
            made.append(self._output(item, max(self.limits.output_shown - shown, 0)))
            shown += len(made[-1].get("text", ""))
        self.outputs[cell] = made  # all or none: a cell with nonsense in it is the one that is said to have ended

    def interrupted(self, outcome: faults.Outcome) -> None:
        """The first cell of which nothing came is the one that hung or crashed: say so there."""
        waiting = [cell for cell in self.expected if cell not in self.outputs]
        if waiting:
            why = "did not finish in time" if isinstance(outcome, faults.TimedOut) else "ended the Python process"
            text = f"This cell {why}; it and the cells after it have no outputs here.\n"
            self.outputs[waiting[0]] = [{"output_type": "stream", "name": "stderr", "text": text}]

    def _output(self, item: Any, room: int) -> dict:
        if type(item) is not tuple or len(item) != 2 or type(item[0]) is not str:
            raise WireError("garbage", "not an output")
        kind, content = item
        if kind == "png":
            return self._figure(content)
        if type(content) is not str:
            raise WireError("garbage", "not text")
        text = clean(content, min(room, self._room(len(content))))
        if kind in {"stdout", "stderr"}:
            return {"output_type": "stream", "name": kind, "text": text}
        if kind == "result":
            return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
        if kind == "error":
            last = text.rstrip().rpartition("\n")[2]
            name, _, value = last.partition(": ")
            return {"output_type": "error", "ename": name, "evalue": value, "traceback": text.split("\n")}
        raise WireError("garbage", "unknown output")

    def _figure(self, content: Any) -> dict:
        if type(content) is not bytes or not is_png(content):
            raise WireError("garbage", "not a figure")
        if self._room(len(content)) < len(content):
            return {"output_type": "stream", "name": "stderr", "text": "A figure was left out: too large.\n"}
        data = {"image/png": base64.b64encode(content).decode("ascii")}
        return {"output_type": "display_data", "data": data, "metadata": {}}

    def _room(self, size: int) -> int:
        """How much of ``size`` may still be kept; counts it."""
        room = min(size, 4 * self.limits.output_kept - self.kept)
        self.kept += max(room, 0)
        return max(room, 0)
