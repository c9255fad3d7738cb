"""Reads a submitted notebook as data only: limits first, then cells by grade id, text, or what they define."""

from __future__ import annotations

import ast
import json
import os
import re
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from .cells import Cell, CellError

MEGABYTES, CELLS = 20, 500
"""What a notebook may have, unless a course says otherwise."""

SOURCE = 1_000_000
"""Bytes of code that a notebook may have in all its cells together; the rest of a file is outputs."""

TYPED = 10_000
"""Characters of the longest question cell that is looked at."""

WRITTEN = 100_000
"""Characters of the longest cell of text that is looked at, in case it should have been one of code; and of a text
that a person reads, which is cut there."""

NESTED = 3
"""How deep in another object, or in a string of JSON, a notebook is looked for."""

_DEFINED = re.compile(r"(?m)^(?:async[ \t]+)?def[ \t]+([^\W\d]\w*)")
_SCRIPT = re.compile(r"(?m)^(?:# ?In ?\[|# %%|#%%|# (?:function|learner|setup)\b|def |import |from \w)")
_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7}) ")
_OTHERS = (("%PDF", "a PDF"), ("PK\x03\x04", "an archive"), ("<!doctype html", "a web page"), ("<html", "a web page"))
WRAPPINGS = 1_000
"""How many things that are wrapped around a notebook are looked into, at each depth."""

BUILD = re.compile(r'(?m)^check\.begin\("\w+", build="([0-9a-f]{12})"\)')
_HASH = re.compile(r"[0-9a-f]{32}")
_READ = re.compile(r"(?im)^[ \t#>]*[*_]{0,3}written[ \t]")


class Unreadable(ValueError):
    """A file is not a notebook that can be graded; the message is one sentence for learner and instructor."""


@dataclass(frozen=True)
class Found:
    """A cell of a submission: its text, what its first line and its metadata say it is, and what it defines.

    ``code`` is false for a cell of text, which may be one of ours whose type was changed.
    """

    source: str
    header: str
    grade_id: str
    defines: frozenset[str]
    code: bool = True


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
    try:
        return read_descriptor(descriptor, path.name, megabytes)
    finally:
        os.close(descriptor)


def check_descriptor(descriptor: int, name: str, megabytes: int = MEGABYTES) -> os.stat_result:
    """What the open file is, without reading it; `Unreadable` when that is nothing to be read, called ``name``."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{name} is not a plain file; submit the notebook itself.")
    if status.st_size > megabytes * 1_000_000:
        raise Unreadable(
            f"{name} has {status.st_size / 1e6:.0f} MB, more than the {megabytes} MB allowed; "
            "clear its outputs (Kernel, Restart and Clear Outputs) and submit it again."
        )
    return status


def read_descriptor(descriptor: int, name: str, megabytes: int = MEGABYTES) -> bytes:
    """As `read`, from a file that is open already, so that what was checked is what is read; leaves it open."""
    check_descriptor(descriptor, name, megabytes)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        data = file.read(megabytes * 1_000_000 + 1)
    if len(data) > megabytes * 1_000_000:
        raise Unreadable(f"{name} grew while it was read, beyond the {megabytes} MB allowed; submit it again.")
    return data


@dataclass(frozen=True)
class Parsed:
    """A submission's cells in document order, and the hash of the bundle that it says it was released from.

    ``notes`` say what was odd about the file; ``build`` is what its setup cell says, where the metadata are lost.
    """

    cells: tuple[Found, ...]
    bundle: str
    notes: tuple[str, ...] = ()
    build: str = ""


def parse(data: bytes, most: int = CELLS) -> Parsed:
    """What is looked at of a notebook's bytes; `Unreadable` says why it cannot be graded.

    No code is parsed here, where everybody's grades are made: only a limited worker does that.
    """
    text, notes = _text(data)
    try:
        value = _loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_no_json(text, error)) from None
    notebook = _unwrapped(value)
    if notebook is not value:
        notes.append("The file held the notebook inside of something else; it was taken out of it.")
    cells = _cells(notebook)
    if len(cells) > most:
        raise Unreadable(f"The notebook has {len(cells)} cells, more than the {most} allowed; delete some.")
    found = tuple(item for cell in cells if (item := _found(cell)) is not None)
    size = sum(len(item.source.encode()) for item in found if item.code)
    if size > SOURCE:
        raise Unreadable(
            f"The notebook has {size / 1e6:.1f} MB of code, more than the {SOURCE / 1e6:g} MB allowed; "
            "keep data out of its cells."
        )
    build = next((match[1] for one in found if (match := BUILD.search(one.source))), "")
    return Parsed(found, _released_as(notebook), (*notes, *_format(notebook)), build)


def _text(data: bytes) -> tuple[str, list[str]]:
    """``data`` as text, whatever editor wrote it: UTF-8, -16 or -32, with or without a byte order mark."""
    try:
        return data.decode(json.detect_encoding(data), "surrogatepass"), []
    except ValueError:
        return data.decode("utf-8", "replace"), [
            "The file was not saved as UTF-8; letters that could not be read were replaced by question marks."
        ]


def _loads(text: str) -> Any:
    # As floats, numbers of thousands of digits in some output cost neither time nor the notebook.
    return json.loads(text, strict=False, parse_int=float)


def _no_json(text: str, error: Exception) -> str:
    """One sentence on what a file is that holds no JSON."""
    start = text[:1000].lstrip().lower()
    for mark, kind in _OTHERS:
        if start.startswith(mark.lower()):
            return f"The file is {kind}, not the notebook; submit the .ipynb file itself."
    if _CONFLICT.search(text):
        return "The file holds two versions at once (git's conflict marks); settle them, save it and submit it again."
    if not start.startswith(("{", "[")) and _SCRIPT.search(text):
        return "The file is a Python script, perhaps exported from the notebook; submit the .ipynb file itself."
    where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
    return (
        f"The file is not a notebook: its JSON breaks off or is damaged{where}; "
        "open it in Jupyter, save it and submit it again."
    )


def _format(notebook: dict) -> Iterator[str]:
    """A sentence where the notebook is of no format that Jupyter writes today."""
    number = notebook.get("nbformat")
    if number is None:
        yield "The notebook does not say of which format it is; its cells were read all the same."
    elif type(number) is not float:
        yield "The notebook's format number is no number; its cells were read all the same."
    elif number < 4:
        yield f"The notebook is in the old format {number:g}; its cells were read all the same."
    elif number != 4:
        yield f"The notebook says that it is of format {number:g}, not 4; its cells were read all the same."


def _released_as(notebook: Any) -> str:
    try:
        name = notebook["metadata"]["course"]["bundle"]
    except (TypeError, KeyError, IndexError):
        return ""
    return name if type(name) is str and _HASH.fullmatch(name) else ""


def _unwrapped(value: Any) -> dict:
    """The notebook that ``value`` is or holds, as a gist does; `Unreadable` for none or several."""
    inside = [value]
    for _ in range(NESTED + 1):
        found = [item for item in inside if isinstance(item, dict) and _listed(item) is not None]
        if len(found) > 1:
            raise Unreadable("The file holds several notebooks; submit the .ipynb file of this assignment alone.")
        if found:
            return found[0]
        inside = list(islice((below for item in inside for below in _below(item)), WRAPPINGS))
    raise Unreadable("The file is JSON but not a notebook: it has no list of cells; submit the .ipynb file itself.")


def _below(value: Any) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield _from_string(item)
    if isinstance(value, str):
        yield _from_string(value)


def _from_string(value: Any) -> Any:
    """What a string of JSON stands for; anything else as it is."""
    if isinstance(value, str) and value[:100].lstrip().startswith(("{", "[")):
        try:
            return _loads(value)
        except (ValueError, RecursionError):
            pass
    return value


def _listed(notebook: dict) -> list | None:
    """A notebook's cells, also those of nbformat 3, or None where it has no list of them."""
    cells, worksheets = _from_string(notebook.get("cells")), notebook.get("worksheets")
    if cells is None and type(worksheets) is list:
        sheets = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if type(sheet) is list for cell in sheet] if sheets else None
    if isinstance(cells, dict):
        cells = list(cells.values())
    return cells if type(cells) is list else None


def _cells(notebook: dict) -> list:
    return _listed(notebook) or []


def _found(cell: Any) -> Found | None:
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        return None
    source = _source(cell.get("source", cell.get("input", "")))
    code = cell["cell_type"] == "code"
    if source is None:
        return None
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    if not code and len(source) > WRITTEN:
        if not (_READ.search(source[:WRITTEN]) or str(grade_id).startswith("written-")):
            return None
        source = source[: 2 * WRITTEN]  # where a text is cut, it is said
    defines = frozenset(_DEFINED.findall(source))
    return Found(source, _header_id(source), grade_id if type(grade_id) is str else "", defines, code)


def _source(source: Any) -> str | None:
    """A cell's text: a string, or a list of lines; some writers leave out the lines' ends."""
    if type(source) is list:
        parts = [part for part in source if type(part) is str]
        source = ("" if any("\n" in part for part in parts) else "\n").join(parts)
    if type(source) is not str:
        return None
    source = source.encode("utf-8", "replace").decode().removeprefix("\ufeff")
    return source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _header_id(source: str) -> str:
    try:
        return Cell.from_source(source).id
    except CellError:
        return ""


def literals(source: str) -> dict[str, Any]:
    """The names that a question cell assigns plain literals to; nothing of it is executed.

    >>> literals("steps = 3_248\\nrate = -1/4\\nother = f(2)")
    {'steps': 3248, 'rate': -0.25}
    """
    if len(source) > TYPED:
        return {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
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
    return _plain(ast.literal_eval(node))


def _plain(value: Any) -> Any:
    """``value`` if it is what JSON knows; other literals (sets, bytes, complex numbers) are no answers."""
    if type(value) in (list, tuple):
        return [_plain(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: _plain(item) for key, item in value.items()}
    if type(value) is int and abs(value) >= 2**63:
        raise ValueError("an integer of more than 63 bits")
    if value is None or type(value) in (bool, int, float, str):
        return value
    raise ValueError(f"a literal of type {type(value).__name__}")
