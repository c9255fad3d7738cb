"""What differs between two bundles of an assignment: checks and their points first, then the rest in a word each."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ...author.lint import called, words
from ...bundle.cells import TASKS, Cell
from ...bundle.freeze import Bundle
from ..show import number


class Difference(NamedTuple):
    """One thing that differs: of which task (or ""), what it is, and how it was and is, in words."""

    task: str
    what: str
    before: str
    now: str


class _Check(NamedTuple):
    task: str
    points: float
    text: str


def differences(before: Bundle, now: Bundle) -> list[Difference]:
    """What differs between two bundles of one assignment; nothing for the same one."""
    return [] if before.hash == now.hash else [*_checks(before, now), *_rest(before, now)]


def _checks(before: Bundle, now: Bundle) -> Iterator[Difference]:
    old, new = ({**_visible(bundle), **_hidden(bundle)} for bundle in (before, now))
    for name in sorted(old.keys() | new.keys(), key=lambda one: ((new.get(one) or old[one]).task, one)):
        was, has = old.get(name), new.get(name)
        if was == has:
            continue
        there = has or was
        assert there is not None
        words = _worth(was), _worth(has)
        if words[0] == words[1]:
            words = words[0], f"{words[1]}, looks at something else"
        yield Difference(there.task, name, *words)


def _worth(check: _Check | None) -> str:
    if check is None:
        return "not there"
    return f"{number(check.points)} point{'' if check.points == 1 else 's'}"


def _visible(bundle: Bundle) -> dict[str, _Check]:
    cells = [cell for cell in bundle.skeleton if cell.kind == "check"]
    return {f"visible checks of {cell.name}": _Check(cell.name, cell.points, _dump(cell.source)) for cell in cells}


def _hidden(bundle: Bundle) -> dict[str, _Check]:
    """The hidden checks, read and not run."""
    found = {}
    for node in ast.parse(bundle.checks.read_text()).body:
        marks = [one for one in getattr(node, "decorator_list", ()) if called(one) == "points"]
        if isinstance(node, ast.FunctionDef) and marks and isinstance(marks[0], ast.Call):
            given = marks[0].args[0] if marks[0].args else None
            points = float(given.value) if isinstance(given, ast.Constant) else 0.0  # type: ignore[arg-type]
            task = str(words(marks[0]).get("cell"))
            found[node.name] = _Check(task, round(points * bundle.contract.factor, 6), ast.dump(node))
    return found


def _rest(before: Bundle, now: Bundle) -> Iterator[Difference]:
    for name in dict.fromkeys([*before.contract.points, *now.contract.points]):
        was, has = before.contract.points.get(name), now.contract.points.get(name)
        if was != has:
            yield Difference(name, "points of the task", number(was), number(has))
    solutions = _tasks(before.reference), _tasks(now.reference)
    yield from _texts("our solution", *solutions)
    yield from _texts("what is given", _others(before.skeleton), _others(now.skeleton))
    if _helpers(before) != _helpers(now):
        yield Difference("", "the hidden checks' own helpers or known mistakes", "", "changed")
    if not before.engine and now.engine:
        yield Difference("", "the engine", "the installed one", "its own")
    else:
        yield from _texts("the engine's", before.engine, now.engine)


def _texts(what: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            words = "" if name in before else "not there", "changed" if name in now else "gone"
            yield Difference("", f"{what} {name}", *words)


def _tasks(cells: tuple[Cell, ...]) -> dict[str, str]:
    return {cell.name: cell.source for cell in cells if cell.kind in TASKS}


def _others(cells: tuple[Cell, ...]) -> dict[str, str]:
    kinds = ("setup", "given", "example", "draw")
    return {f"in the cell {cell.id}": _dump(cell.source) for cell in cells if cell.kind in kinds} | {
        f"to {cell.name}": cell.source for cell in cells if cell.kind in TASKS
    }


def _helpers(bundle: Bundle) -> list[str]:
    """Everything in the hidden checks' file that is not a check."""
    checks, tree = _hidden(bundle), ast.parse(bundle.checks.read_text())
    return [ast.dump(node) for node in tree.body if getattr(node, "name", "") not in checks]


def _dump(source: str) -> str:
    """Code without its comments, layout, and the line that says which build of the notebook this is."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if "check.begin(" not in ast.unparse(node)]
    return ast.dump(tree)
