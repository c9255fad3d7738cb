"""What can be seen wrong in an author's checks without running them."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Sequence

from ..bundle.cells import Cell
from ..bundle.contract import Contract

BARE = {"allclose", "isclose", "array_equal", "assert_allclose", "assert_array_equal", "assert_equal"}
"""Comparisons that an empty array, NaN or a broadcast value passes; `check.close` and `check.equal` do not let them."""


def problems(cells: Sequence[Cell], checks: str, contract: Contract) -> Iterator[str]:
    """A sentence for everything that an author should change, in the check cells and in the hidden test file."""
    written = {cell.name: cell for cell in cells if cell.kind == "written"}
    for cell in cells:
        if cell.kind == "check":
            yield from (f"{contract.slug}.py: {problem}" for problem in _visible(cell))
    yield from (f"{contract.slug}.py: {problem}" for cell in written.values() for problem in _written(cell, contract))
    yield from (f"test_{contract.slug}.py: {problem}" for problem in _hidden(ast.parse(checks), contract, written))


def _visible(cell: Cell) -> Iterator[str]:
    functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    marked = [node for node in functions if any(called(one) == "check" for one in node.decorator_list)]
    if not marked:
        yield f'the cell {cell.id!r} has no check; write a function under @check("{cell.name}")'
    for node in marked:
        if not ast.get_docstring(node):
            yield f"the visible check {node.name!r} of {cell.name} has no docstring; add what learners read"


def _written(cell: Cell, contract: Contract) -> Iterator[str]:
    """A task that a person grades is worth what its cell says, and nothing that concerns checks names it."""
    if cell.points != (points := contract.points[cell.name]):
        yield f"the first line of {cell.id!r} says {cell.points:g} points, [points] says {points:g}; make them the same"
    users = {name for names in contract.uses.values() for name in names}
    for table, named in (("hints", contract.hints), ("opaque", contract.opaque), ("uses", {*contract.uses, *users})):
        if cell.name in named:
            yield f"[{table}] names {cell.name!r}, which a person reads and no check looks at; leave it out there"


def _hidden(tree: ast.Module, contract: Contract, written: Container[str]) -> Iterator[str]:
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test")]
    told = {}
    for node in tests:
        given = next((words(one) for one in node.decorator_list if called(one) == "points"), None)
        if given is None:
            yield f'the hidden check {node.name!r} has no @points(n, cell="…", topic="…"); say what it is worth'
            continue
        told[node.name] = given.get("cell")
        if given.get("cell") not in contract.points:
            known, cell = ", ".join(contract.points), given.get("cell")
            yield f"the hidden check {node.name!r} is of {cell!r}, which has no entry under [points]; use {known}"
        elif given.get("cell") in written:
            yield f"the hidden check {node.name!r} is of {given['cell']!r}, which a person reads; take it away"
        if not given.get("topic"):
            yield f'the hidden check {node.name!r} has no topic="…"; say what learners are told that it looks at'
        if not ast.get_docstring(node):
            yield f"the hidden check {node.name!r} has no docstring; add the sentence that learners read"
        yield from _bare(node)
    for name in {node.name for node in tests if [other.name for other in tests].count(node.name) > 1}:
        yield f"two hidden checks are called {name!r}; the first would never run: rename one"
    for task in contract.points:
        if task not in told.values() and task not in written:
            yield f"the task {task!r} has no hidden check; add one with cell={task!r}"


def _bare(test: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            yield f"{test.name!r}, line {node.lineno}: use check.* in place of assert, so that the check goes on"
        elif isinstance(node, ast.Call) and called(node) in BARE:
            yield f"{test.name!r}, line {node.lineno}: use check.close or check.equal in place of {called(node)}"


def called(node: ast.AST) -> str:
    """The name of what ``node`` calls, or is."""
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def words(node: ast.expr) -> dict:
    """The keywords of a call that are constants."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    return {key.arg: key.value.value for key in keywords if isinstance(key.value, ast.Constant)}
