"""Texts that a person reads, shown as they were typed: formgrader would run what a learner hid in one as a web page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...bundle.cells import Cell
from ...bundle.written import body

_OPEN, _CLOSE = '<pre style="white-space: pre-wrap; overflow-wrap: anywhere">', "</pre>"
_LITERAL = re.compile(rf"(?s)\A[^\n]*\n\n{re.escape(_OPEN)}\n(?P<text>.*)\n{re.escape(_CLOSE)}\Z")


def literal(notebook: Mapping[str, Any], skeleton: Iterable[Cell]) -> None:
    """Turn each written cell of ``notebook`` into one that shows its text letter by letter, wherever it is opened.

    An untouched cell stays as it is, since nbgrader knows it by its checksum.
    """
    ours = {cell.id: cell.source for cell in skeleton if cell.kind == "written"}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["id"] in ours and source != ours[cell["id"]]:
            first = source.lstrip("\n").partition("\n")[0]
            shown = f"{first}\n\n{_OPEN}\n{html.escape(body(source))}\n{_CLOSE}"
            cell["source"] = shown.splitlines(keepends=True)


def text_of(cell: Mapping[str, Any]) -> str:
    """What a learner wrote into a cell of an autograded notebook, as they wrote it; nothing where it is not touched."""
    match = _LITERAL.match("".join(cell["source"]))
    return html.unescape(match["text"]) if match else ""
