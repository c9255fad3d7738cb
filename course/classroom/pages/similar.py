"""Near-identical code in a class: what two learners share, and hardly anybody else has; a reason to look, no proof.

Code is compared as text, in time that grows with its length: nothing here parses or runs what a learner wrote. Names
that a learner chose, comments, layout and parentheses that only group do not count; runs of tokens are hashed, and of
each window of hashes the smallest is kept (S. Schleimer, D. S. Wilkerson, A. Aiken: Winnowing: Local Algorithms for
Document Fingerprinting, SIGMOD 2003). A cell is looked for in the other's cell and in the cells that the other added,
whatever else stands there. What many in the class wrote weighs little, and what the exercise itself says weighs
nothing, so that short functions that everybody writes alike accuse nobody.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

REFERENCE = ""
"""Stands for the reference solution where a learner's id would."""

OWN_CELLS = "own cells"
"""Stands for a task where code is compared: the cells that a learner added, together."""

LONGEST, READ = 20_000, 200_000
"""Tokens of a cell that are compared, and pieces that are read for them: docstrings and parentheses may not count."""

RUN, WINDOW = 7, 4
"""Tokens in a run that is hashed, and hashes of which the smallest is kept: 10 tokens in a row never go unseen."""

SHARE, OF_REFERENCE = 0.6, 0.75
"""How much of two cells must be the same, weighed by rarity; more where one is the reference, which is written plainly
and meant to be arrived at."""

WITHIN, OF_ALL_REFERENCE = 0.9, 0.97
"""How much of the one cell must be in the other where the other says much beside it; the one must weigh `ENOUGH`. Of
the reference it must be all but a trifle."""

ENOUGH = 12.0
"""What a pair must share in all, in fingerprints that nobody else has: some thirty tokens, about five lines."""

LEAST = 32
"""Learners that a class is taken to have at least: in a group of five nothing is rare."""

COMMON = 4
"""What more than one in so many learners wrote is everybody's."""

_TOKEN = re.compile(
    r"(?P<comment>#[^\n]*)"
    r'|(?P<text>[rbufRBUF]{0,2}(?:"""(?:[^"\\]|\\[\s\S]|"(?!""))*(?:"""|\Z)|\'\'\'(?:[^\'\\]|\\[\s\S]|\'(?!\'\'))*'
    r"(?:\'\'\'|\Z)|\"(?:[^\"\\\n]|\\[\s\S])*\"?|'(?:[^'\\\n]|\\[\s\S])*'?))"
    r"|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)"
    r"|(?P<newline>\n(?:[^\S\n]*(?:#[^\n]*)?\n)*+)|(?P<sign>\S)"
)
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))
_NOT_CALLED = frozenset(keyword.kwlist)


@dataclass(frozen=True)
class Alike:
    """A cell that two have in common: its task, and the share of what is their own in it that is the same; of one's
    cell alone, where the other wrote much beside it or has it in a cell of their own."""

    task: str
    share: float


@dataclass(frozen=True)
class Pair:
    """Two learners (the second may be `REFERENCE`), their cells that are alike, and what they share, weighed by rarity:
    in fingerprints that nobody else has."""

    first: str
    second: str
    cells: tuple[Alike, ...]
    weight: float


def tokens(source: str) -> list[str]:
    """What counts of a cell: keywords, built-in names, attributes, numbers and signs; own names are all ``v``.

    >>> tokens("def f(x):  # doubles\\n    '''Twice x.'''\\n    return 2.0 * (x).sum(axis=0)")
    ['def', 'v', '(', 'v', ')', ':', 'return', '2', '*', 'v', '.', 'sum', '(', 'v', '=', '0', ')']
    """
    found: list[str] = []
    line: list[str] = []
    calls: list[bool] = []
    for match in islice(_TOKEN.finditer(source + "\n"), READ):
        kind, text = match.lastgroup, match.group()
        if kind == "newline":
            found += [] if line == ["'"] else line  # a text on its own is a docstring
            line = []
        elif kind == "text":
            line.append("'")
        elif kind == "word":
            kept = text in _KEPT or (line and line[-1] == ".")
            line.append(text if kept else "v")
        elif kind == "number":
            line.append(re.sub(r"\.0*$", "", text.replace("_", "")))
        elif kind == "sign" and not _groups(text, line, calls):
            line.append(text)
        if len(found) + len(line) >= LONGEST:
            break
    return (found + ([] if line == ["'"] else line))[:LONGEST]


def _groups(sign: str, line: list[str], calls: list[bool]) -> bool:
    """Whether ``sign``, after ``line``, is a parenthesis of no call or signature; ``calls`` are those that are open."""
    if sign == "(":
        before = line[-1] if line else ""
        calls.append(before in {")", "]", "'"} or (before.isidentifier() and before not in _NOT_CALLED))
        return not calls[-1]
    return sign == ")" and bool(calls) and not calls.pop()


def fingerprints(source: str) -> frozenset[int]:
    """The winnowed hashes of a cell's runs of tokens; none for a cell that is shorter than one run."""
    found = tokens(source)
    runs = ["\0".join(found[i : i + RUN]).encode("utf-8", "replace") for i in range(len(found) - RUN + 1)]
    hashes = [zlib.crc32(run) for run in runs]
    return frozenset(min(hashes[i : i + WINDOW]) for i in range(max(1, len(hashes) - WINDOW + 1)) if hashes)


@dataclass(frozen=True)
class _Task:
    """A task in the class: the fingerprints of each learner's cell, those that stand in cells of their own instead, the
    reference's, and what each weighs."""

    cells: Mapping[str, frozenset[int]]
    beside: Mapping[str, frozenset[int]]
    solution: frozenset[int]
    weight: Mapping[int, float]

    def weigh(self, marks: Iterable[int]) -> float:
        return sum(self.weight.get(mark, 0.0) for mark in marks)

    def all_of(self, learner: str) -> frozenset[int]:
        """What stands in the learner's cell or beside it."""
        return self.cells[learner] | self.beside[learner]


_Found = tuple[tuple[str, str], float, frozenset[int]]
"""A pair, the share of their cells that is the same, and the fingerprints that are."""


def pairs(
    codes: Mapping[str, Mapping[str, str]], given: Iterable[str], reference: Mapping[str, str] | None = None
) -> list[Pair]:
    """Who has cells that are alike, those who share most of what is rare first.

    ``codes`` maps learners to their cells by task, ``given`` are the texts that everybody was given, ``reference`` the
    reference's cells. What two share with the reference does not count between them, but between each and it.
    """
    known = frozenset[int]().union(*(fingerprints(text) for text in given))
    prints = {
        learner: {task: fingerprints(text) - known for task, text in own.items()}
        for learner, own in sorted(codes.items())
    }
    solutions = {task: fingerprints(text) - known for task, text in (reference or {}).items()}
    cells: defaultdict[tuple[str, str], list[Alike]] = defaultdict(list)
    weights: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for name in sorted({task for own in codes.values() for task in own}):
        task = _task(name, prints, solutions)
        for pair, share, marks in (*_among(task), *_with(task)):
            cells[pair].append(Alike(name, share))
            weights[pair].update({mark: task.weight.get(mark, 0.0) for mark in marks})  # once, wherever it stands
    made = [Pair(*pair, tuple(cells[pair]), sum(marks.values())) for pair, marks in weights.items()]
    return sorted((p for p in made if p.weight >= ENOUGH), key=lambda pair: (-pair.weight, pair.first, pair.second))


def _task(
    name: str, prints: Mapping[str, Mapping[str, frozenset[int]]], solutions: Mapping[str, frozenset[int]]
) -> _Task:
    """One task, or the cells of the learners' own."""
    none = frozenset[int]()
    cells = {learner: own[name] for learner, own in prints.items() if name in own}
    beside = {learner: prints[learner].get(OWN_CELLS, none) - own for learner, own in cells.items()}
    if name != OWN_CELLS:
        anywhere = [own.get(name, none) | own.get(OWN_CELLS, none) for own in prints.values()]
        return _Task(cells, beside, solutions.get(name, none), _rarity(anywhere, len(cells)))
    # Scratch cells try out what the tasks ask for: what many say in a task is not rare there.
    anywhere = [none.union(*own.values()) for own in prints.values()]
    return _Task(cells, beside, none.union(*solutions.values()), _rarity(anywhere, len(prints)))


def _rarity(prints: Iterable[frozenset[int]], learners: int) -> dict[int, float]:
    """What each fingerprint counts: 1 where two learners have it, little where many do, nothing where it is common."""
    learners = max(learners, LEAST)
    count = Counter(mark for own in prints for mark in own)
    top = math.log2(learners / 2)
    return {mark: (math.log2(learners / n) / top) ** 2 if n * COMMON <= learners else 0.0 for mark, n in count.items()}


def _share(shared: float, one: float, other: float, least: float = WITHIN) -> float:
    """How alike two cells are: of both together, or of the one where ``least`` of it is in the other."""
    within = shared / one if one >= ENOUGH else 0.0
    return within if within >= least else 2 * shared / (one + other) if shared else 0.0


def _among(task: _Task) -> list[_Found]:
    """Learners of whose cells, beside what the reference says too, enough is the same.

    A cell is compared with the other's cell alone, and with that and the other's own cells together.
    """
    holders: defaultdict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for place, held in enumerate((task.cells, task.beside)):
        for learner, own in held.items():
            for mark in own - task.solution:
                if task.weight[mark]:
                    holders[mark][place].append(learner)
    same: defaultdict[tuple[str, str], float] = defaultdict(float)
    moved: defaultdict[tuple[str, str], float] = defaultdict(float)
    for mark, (inside, beside) in holders.items():
        for pair in combinations(inside, 2):
            same[pair] += task.weight[mark]
        for pair in product(inside, beside):
            moved[pair] += task.weight[mark]
    cell = {learner: task.weigh(own - task.solution) for learner, own in task.cells.items()}
    whole = {learner: cell[learner] + task.weigh(own - task.solution) for learner, own in task.beside.items()}
    found = []
    for a, b in sorted({*same, *((min(pair), max(pair)) for pair in moved)}):
        share, shared = 0.0, same.get((a, b), 0.0)
        for one, other in ((a, b), (b, a)):
            alone = _share(shared, cell[one], cell[other])
            share = max(share, alone, _share(shared + moved.get((one, other), 0.0), cell[one], whole[other]))
        if share >= SHARE:
            marks = (task.cells[a] & task.all_of(b)) | (task.all_of(a) & task.cells[b])
            found.append(((a, b), share, marks - task.solution))
    return found


def _with(task: _Task) -> list[_Found]:
    """Learners of whose cell enough is the reference's, or who have nearly all of the reference's in one place.

    Their cell and their own cells are looked at one by one: attempts together come near to what is right.
    """
    whole = sum(task.weight.get(mark, 1.0) for mark in task.solution)
    found = []
    for learner in task.cells:
        for marks in (task.cells[learner], task.beside[learner]):
            shared = marks & task.solution
            if (share := _share(task.weigh(shared), whole, task.weigh(marks), OF_ALL_REFERENCE)) >= OF_REFERENCE:
                found.append(((learner, REFERENCE), share, shared))
                break
    return found


def threads(found: Sequence[Pair]) -> tuple[list[Pair], list[list[str]]]:
    """The pairs that hold each group of like learners together, and the groups of more than two.

    Seven who share one text are 21 pairs, of which six say all.
    """
    group: dict[str, list[str]] = {}
    kept = []
    for pair in found:
        if pair.second == REFERENCE:
            kept.append(pair)
            continue
        first, second = (group.setdefault(name, [name]) for name in (pair.first, pair.second))
        if first is second:
            continue
        kept.append(pair)
        first += second
        group.update(dict.fromkeys(second, first))
    groups = {id(names): sorted(names) for names in group.values() if len(names) > 2}
    return kept, sorted(groups.values())
