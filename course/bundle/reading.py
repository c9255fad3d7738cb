"""Reads a submitted notebook as data only: limits first, then cells by grade id, text, or what they define."""

from __future__ import annotations

import ast
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cells import Cell, CellError

MEGABYTES, CELLS = 20, 500
"""What a notebook may have, unless a course says otherwise."""


class Unreadable(ValueError):
    """A file is not a notebook that can be graded; the message is one sentence for learner and instructor."""


@dataclass(frozen=True)
class Found:
    """A code cell of a submission: what its first line says it is, what its metadata say, and its text."""

    source: str
    header: str
    grade_id: str
    defines: frozenset[str]


def read(path: Path, megabytes: int = MEGABYTES) -> bytes:
    """The bytes of a submission; `Unreadable` when it is no regular file or larger than ``megabytes``.

    Never follows a link and never waits: the path was made by a learner.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Unreadable(f"There is no file {path.name} in the submission; submit it under that name.") from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be opened ({error.strerror}); submit a plain notebook file.") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable(f"{path.name} is not a plain file; submit the notebook itself.")
        size = os.fstat(descriptor).st_size
        if size > megabytes * 1_000_000:
            raise Unreadable(
                f"{path.name} has {size / 1e6:.0f} MB, more than the {megabytes} MB allowed; "
                "clear its outputs (Kernel, Restart and Clear Outputs) and submit it again."
            )
        return file.read(megabytes * 1_000_000 + 1)


def parse(data: bytes, most: int = CELLS) -> list[Found]:
    """The code cells of a notebook's bytes, in document order; `Unreadable` says why there are none."""
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(
            f"The file is not a notebook: its JSON breaks off or is damaged{where}; "
            "open it in Jupyter, save it and submit it again."
        ) from None
    cells = _cells(notebook)
    if len(cells) > most:
        raise Unreadable(f"The notebook has {len(cells)} cells, more than the {most} allowed; delete some.")
    return [found for cell in cells if (found := _found(cell)) is not None]


def released_as(data: bytes) -> str:
    """The hash of the bundle that a notebook says it was released from; empty when it says nothing."""
    try:
        name = json.loads(data)["metadata"]["course"]["bundle"]
    except (ValueError, RecursionError, TypeError, KeyError, IndexError):
        return ""
    return name if type(name) is str and name.isalnum() else ""


def _cells(notebook: Any) -> list:
    if isinstance(notebook, dict):
        cells = notebook.get("cells")
        worksheets = notebook.get("worksheets")
        if cells is None and type(worksheets) is list and worksheets and isinstance(worksheets[0], dict):
            cells = worksheets[0].get("cells")  # nbformat 3
        if type(cells) is list:
            return cells
    raise Unreadable("The file is JSON but not a notebook: it has no list of cells; submit the .ipynb file itself.")


def _found(cell: Any) -> Found | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input", ""))
    if type(source) is list:
        source = "".join(part for part in source if type(part) is str)
    if type(source) is not str:
        return None
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\0", "")
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return Found(source, _header_id(source), grade_id if type(grade_id) is str else "", _defined(source))


def _header_id(source: str) -> str:
    try:
        return Cell.from_source(source).id
    except CellError:
        return ""


def _defined(source: str) -> frozenset[str]:
    """The functions that a cell defines at its top level; nothing when it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def literals(source: str) -> dict[str, Any]:
    """The names that a question cell assigns plain literals to; nothing of it is executed.

    >>> literals("steps = 3_248\\nrate = -1/4\\nother = f(2)")
    {'steps': 3248, 'rate': -0.25}
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    answers = {}
    for statement in body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            answers.update(_assigned(statement.targets[0], statement.value))
    return answers


def _assigned(target: ast.expr, value: ast.expr) -> dict[str, Any]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        pairs = zip(target.elts, value.elts, strict=True)
        return {name: item for one, other in pairs for name, item in _assigned(one, other).items()}
    if isinstance(target, ast.Name):
        try:
            return {target.id: _literal(value)}
        except (ValueError, ZeroDivisionError, OverflowError, RecursionError, TypeError):
            pass
    return {}


def _literal(node: ast.expr) -> Any:
    """A literal, or plain arithmetic on numbers; whole numbers beyond 64 bits and powers are refused."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        left, right = _literal(node.left), _literal(node.right)
        if not all(type(side) in (int, float) and abs(side) < 2**63 for side in (left, right)):
            raise ValueError(node)
        operations = {ast.Add: "__add__", ast.Sub: "__sub__", ast.Mult: "__mul__", ast.Div: "__truediv__"}
        left, right = (float(left), float(right)) if float in (type(left), type(right)) else (left, right)
        return getattr(left, operations[type(node.op)])(right)
    value = ast.literal_eval(node)
    if type(value) is int and abs(value) >= 2**63:
        raise ValueError(node)
    return value
