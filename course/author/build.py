"""Solution script to exercise: an ordered list of small steps, each a pure function of what came before."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import jupytext

from ..bundle.cells import TASKS, Cell
from ..bundle.contract import Contract
from ..bundle.notebook import check_ids, to_notebook, to_text
from . import lint
from .marks import read_marks
from .traces import build_id, traces
from .traces import to_text as traces_text

_REGION = re.compile(r"(?ms)^(?P<indent>[ \t]*)### BEGIN SOLUTION\n(?P<body>.*?)^[ \t]*### END SOLUTION$\n?")
_MARKS = re.compile(r"(?m)^[ \t]*### (?:BEGIN|END) SOLUTION[ \t]*\n?")
_IMPORTS_CHECK = re.compile(r"(?m)^from course\.learn import .*\bcheck\b")
_WIDE = 88
_CONTRACT_CELL = "# /// contract"
_WRITE_HERE = "*(Double-click this cell, and write in the place of this line.)*"


class BuildError(ValueError):
    """A solution script cannot be turned into an exercise; the sentence says what to change."""


@dataclass(frozen=True)
class Built:
    """An assignment as built from its two hand-written sources."""

    contract: Contract
    reference: tuple[Cell, ...]
    skeleton: tuple[Cell, ...]
    checks: str
    id: str = ""

    @property
    def notebook(self) -> dict:
        """The exercise's JSON."""
        return to_notebook(self.skeleton, dict(self.contract.points), {"assignment": self.contract.slug})


def build(slug: str, root: Path) -> Built:
    """Build ``slug`` from ``root/solutions/SLUG.py`` and ``root/tests/hidden/test_SLUG.py``."""
    solution = root / "solutions" / f"{slug}.py"
    hidden = root / "tests" / "hidden" / f"test_{slug}.py"
    for path in (solution, hidden):
        if not path.is_file():
            raise BuildError(f"there is no {path.relative_to(root)}; an assignment needs both of its sources")
    return build_text(solution.read_text(), hidden.read_text(), slug)


def weighted(built: Built, factor: float) -> Built:
    """``built`` with all its points times ``factor``, as a course may wish."""
    reference, skeleton = (
        tuple(cell.weighted(factor) for cell in cells) for cells in (built.reference, built.skeleton)
    )
    return replace(built, contract=built.contract.weighted(factor), reference=reference, skeleton=skeleton)


def build_text(script: str, checks: str, slug: str) -> Built:
    """Build from the two texts; `BuildError`, `ContractError` or `CellError` say what is wrong."""
    contract = Contract.parse(script)
    if contract.slug != slug:
        raise BuildError(f"the contract says {contract.slug!r}, the file is called {slug!r}; make them the same")
    reference = read_cells(script)
    check_ids(reference)
    _check_tasks(contract, reference)
    for problem in lint.problems(reference, checks, contract):
        raise BuildError(problem)
    told, identity = topics(checks), build_id(contract, reference, checks)
    reference = tuple(with_topics(with_start(cell, slug, identity), told) for cell in reference)
    skeleton = tuple(without_solution(cell) for cell in reference)
    return Built(contract, reference, skeleton, checks, identity)


def without_marks(source: str) -> str:
    """A cell of the reference as a learner would have written it.

    >>> without_marks("x = 1\\n### BEGIN SOLUTION\\ny = 2\\n### END SOLUTION")
    'x = 1\\ny = 2'
    """
    return _MARKS.sub("", source).rstrip("\n")


def read_cells(script: str) -> tuple[Cell, ...]:
    """The cells of a percent-format script; the contract's block is no cell."""
    cells, prose = [], 0
    for data in jupytext.reads(script, fmt="py:percent").cells:
        if _CONTRACT_CELL in data.source or not data.source.strip():
            continue
        if data.cell_type == "code":
            cells.append(Cell.from_source(data.source))
        else:
            cells.append(Cell.from_text(data.source, prose + 1))
            prose += cells[-1].kind == "prose"
    return tuple(cells)


def without_solution(cell: Cell) -> Cell:
    """``cell`` as the learner gets it: each solution region replaced by what stands for unfinished work."""
    if cell.kind in {"function", "experiment"}:
        holes = f'raise NotImplementedError("{cell.name} is yours to write")'
        source = _REGION.sub(lambda match: f"{match['indent']}{holes}\n", cell.source)
    elif cell.kind == "question":
        source = _REGION.sub(_unanswered, cell.source)
    elif cell.kind == "written":
        source = _REGION.sub(f"{_WRITE_HERE}\n", cell.source)
    else:
        source = cell.source
    if "### BEGIN SOLUTION" in source or "### END SOLUTION" in source:
        raise BuildError(f"the cell {cell.id!r} has a solution region in a cell that is not a task, or an open one")
    if cell.kind in TASKS and source == cell.source:
        raise BuildError(f"the cell {cell.id!r} has no ### BEGIN SOLUTION … ### END SOLUTION region")
    return replace(cell, source=source.rstrip("\n"))


def topics(checks: str) -> dict[str, tuple[str, ...]]:
    """What the hidden checks of each task look at: the ``topic=`` of every ``@points``, in order, each once."""
    told: dict[str, dict[str, None]] = {}
    for call in ast.walk(ast.parse(checks)):
        if isinstance(call, ast.Call) and lint.called(call) == "points":
            words = lint.words(call)
            told.setdefault(str(words.get("cell")), {})[str(words.get("topic"))] = None
    return {task: tuple(found) for task, found in told.items()}


def with_topics(cell: Cell, told: dict[str, tuple[str, ...]]) -> Cell:
    """A check cell whose ``check.report`` also says what the hidden checks look at."""
    if cell.kind != "check" or cell.name not in told:
        return cell
    plain = f'check.report("{cell.name}")'
    if plain not in cell.source:
        raise BuildError(f"the cell {cell.id!r} does not end in {plain}, alone; the build adds what is hidden")
    return replace(cell, source=cell.source.replace(plain, _report_call(cell.name, ", ".join(told[cell.name]))))


def _report_call(task: str, hidden: str) -> str:
    """The call, on lines that a notebook shows whole."""
    line = f'check.report("{task}", hidden="{hidden}")'
    if len(line) <= _WIDE:
        return line
    parts = textwrap.wrap(hidden, _WIDE - 15, drop_whitespace=False)
    texts = "\n    ".join(f'"{part}"' for part in parts)
    return f'check.report(\n    "{task}",\n    hidden={texts},\n)'


def with_start(cell: Cell, slug: str, identity: str) -> Cell:
    """A setup cell whose last line says which notebook this is, and which build of it."""
    if cell.kind != "setup" or not _IMPORTS_CHECK.search(cell.source):
        return cell
    return replace(cell, source=f'{cell.source.rstrip()}\n\ncheck.begin("{slug}", build="{identity}")')


def _unanswered(match: re.Match) -> str:
    names = [
        target.id
        for statement in ast.parse(match["body"]).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]
    return "".join(f"{name} = None\n" for name in names)


def _check_tasks(contract: Contract, cells: tuple[Cell, ...]) -> None:
    tasks = [cell.name for cell in cells if cell.kind in TASKS]
    if tasks != list(contract.points):
        raise BuildError(
            f"the notebook's tasks are {tasks}, the contract's [points] name {list(contract.points)}; "
            "they should be the same, in the same order"
        )


def is_current(built: Built, root: Path) -> bool:
    """Whether ``exercises/SLUG.ipynb``, and the traces beside it, are what ``built`` says."""
    path = _exercise(built, root)
    whole = path.is_file() and path.read_text(encoding="utf-8") == to_text(built.notebook)
    return whole and _traces_current(path, built)


def _traces_current(path: Path, built: Built) -> bool:
    beside = path.with_suffix(".traces.json")
    return beside.is_file() and json.loads(beside.read_text(encoding="utf-8")).get("build") == built.id


def write_exercise(built: Built, root: Path) -> tuple[Path, bool]:
    """Write ``exercises/SLUG.ipynb`` and the traces beside it; the path, and whether anything changed."""
    path, current = _exercise(built, root), is_current(built, root)
    if not current:
        path.parent.mkdir(exist_ok=True)
        hidden = root / "tests" / "hidden" / f"test_{built.contract.slug}.py"
        mistakes = read_marks(hidden).mistakes if hidden.is_file() else ()
        made = traces(built.contract.slug, built.id, built.reference, mistakes, built.contract.hints)
        path.with_suffix(".traces.json").write_text(traces_text(made), encoding="utf-8")
        path.write_text(to_text(built.notebook), encoding="utf-8")
    return path, not current


def _exercise(built: Built, root: Path) -> Path:
    return root / "exercises" / f"{built.contract.slug}.ipynb"
