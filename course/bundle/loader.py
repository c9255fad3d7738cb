"""The one loader: runs the cells of a reference, a mistake, an alternative or a submission in a namespace."""

from __future__ import annotations

import ast
import builtins
import linecache
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .cells import Cell

LOADED = frozenset({"setup", "given", "function", "experiment", "scratch", "example"})
"""Kinds that loading runs; of examples only what they define. Checks, drawings and questions never run on loading."""

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SAFE = (*_DEFINITIONS, ast.Assign, ast.AnnAssign, ast.AugAssign)
_TAUGHT = (ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class LoadError:
    """A statement that raised while it was loaded: which cell, the exception's type, the line within the cell."""

    cell: str
    type: str
    line: int
    text: str


@dataclass
class Loaded:
    """What came of loading: the namespace, the errors in document order, and what was left out with the reason."""

    namespace: dict[str, Any]
    errors: list[LoadError] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def load(
    cells: Sequence[Cell],
    namespace: dict[str, Any] | None = None,
    *,
    target: str | None = None,
    stubs: Mapping[str, Callable] | None = None,
    strict: bool = False,
) -> Loaded:
    """Run the setup, given, function and experiment cells, and the learner's own, in document order.

    ``namespace`` holds the names that stand before the first cell (``course_id``, ``learner_id``, ``backend``).
    ``target`` is the task under judgement: its own cell runs whole, while of every *other* cell of the learner only
    imports, definitions and assignments run, each statement under its own try, so that one cell's fault costs that
    cell's task and no other. Without a target every cell runs whole. Functions and classes of examples are defined,
    since learners call them; nothing else of an example runs. ``stubs`` stand in for functions before
    and after all cells have run (``uses=``). With ``strict`` the first exception is raised: for references,
    which must load.
    """
    loaded = Loaded({} if namespace is None else namespace)
    loaded.namespace.setdefault("__name__", "__notebook__")
    loaded.namespace.update(stubs or {})
    for cell in cells:
        if cell.kind not in LOADED:
            continue
        whole = target is None or cell.kind in {"setup", "given"} or cell.name == target
        if cell.kind == "example":  # what needs more of it than its definitions stays out, and nobody is told
            _run_cell(cell, Loaded(loaded.namespace), only=_TAUGHT, strict=False)
        else:
            _run_cell(cell, loaded, only=(ast.stmt,) if whole else _SAFE, strict=strict)
    loaded.namespace.update(stubs or {})
    return loaded


def _run_cell(cell: Cell, loaded: Loaded, *, only: tuple[type[ast.stmt], ...], strict: bool) -> None:
    filename = f"<{cell.id}>"
    source, dropped = _without_magics(cell.source)
    if dropped:
        loaded.skipped.append(f"{cell.id}: {dropped} line(s) of notebook magic")
    # IPython and tracebacks find the learner's lines here; nothing is written to disk.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        statements = _statements(source, filename)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if strict:
            raise
        loaded.errors.append(LoadError(cell.id, _builtin(error), getattr(error, "lineno", 0) or 0, _text(error)))
        return
    for place, statement in enumerate(statements):
        if not isinstance(statement, only):
            if not _is_docstring(statement):
                loaded.skipped.append(f"{cell.id}: line {statement.lineno} is not a definition")
            continue
        try:
            exec(_code(source, filename, place), loaded.namespace)
        except BaseException as error:  # SystemExit and KeyboardInterrupt at loading cost this statement, no more
            if strict:
                raise
            loaded.errors.append(LoadError(cell.id, _builtin(error), _line(error, filename, statement), _text(error)))


# The same cells are loaded again and again, with one of them changed: by the namer, the checks, the audit.
@lru_cache(maxsize=256)
def _statements(source: str, filename: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(source, filename).body)


@lru_cache(maxsize=1024)
def _code(source: str, filename: str, place: int) -> types.CodeType:
    return compile(ast.Module([_statements(source, filename)[place]], []), filename, "exec")


@lru_cache(maxsize=256)
def _without_magics(source: str) -> tuple[str, int]:
    return without_magics(source)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _text(error: BaseException) -> str:
    """What the exception says; a syntax error's message without its place."""
    try:
        return str(getattr(error, "msg", None) or error)[:200]
    except BaseException:  # its __str__ is the learner's
        return ""


def _builtin(error: BaseException) -> str:
    """The name of the nearest built-in type of ``error``: a class's own name is the learner's text."""
    return next(kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)


def _line(error: BaseException, filename: str, statement: ast.stmt) -> int:
    """The innermost line of the cell itself at which ``error`` was raised."""
    line, frame = statement.lineno, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == filename:
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def without_magics(source: str) -> tuple[str, int]:
    """``source`` with IPython's magics replaced by ``pass``, and how many lines that were.

    >>> without_magics("%matplotlib inline\\nx = 1")
    ('pass\\nx = 1', 1)
    """
    try:
        ast.parse(source)
        return source, 0
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    lines = source.split("\n")
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if code and code[0].startswith("%%"):
        return "pass", len(lines)
    kept, dropped = [], 0
    for line in lines:
        bare = line.lstrip()
        magic = bare.startswith(("%", "!", "?")) or bare.rstrip().endswith("?")
        kept.append(line[: len(line) - len(bare)] + "pass" if magic else line)
        dropped += magic
    return "\n".join(kept), dropped
