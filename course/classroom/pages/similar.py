"""Near-identical code in a class: what two learners share, and hardly anybody else has; a reason to look, no proof.

Code is compared as text, in time that grows with its length: nothing here parses or runs what a learner wrote. Names
that a learner chose, comments and layout do not count; runs of tokens are hashed, and of each window of hashes the
smallest is kept (S. Schleimer, D. S. Wilkerson, A. Aiken: Winnowing: Local Algorithms for Document Fingerprinting,
SIGMOD 2003). What many in the class wrote weighs little, and what the exercise itself says weighs nothing, so that
short functions that everybody writes alike accuse nobody.
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
from itertools import combinations

REFERENCE = ""
"""Stands for the reference solution where a learner's id would."""

LONGEST = 20_000
"""Characters of a cell that are compared."""

RUN, WINDOW = 7, 4
"""Tokens in a run that is hashed, and hashes of which the smallest is kept: 10 tokens in a row never go unseen."""

SHARE, OF_REFERENCE = 0.6, 0.75
"""How much of two cells must be the same, weighed by rarity; more where one is the reference, which is written plainly
and meant to be arrived at."""

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
    r"|(?P<word>[^\W\d]\w*)|(?P<number>\d[\w.]*)|(?P<newline>\n)|(?P<sign>\S)"
)
_KEPT = frozenset(keyword.kwlist) | frozenset(dir(builtins))


@dataclass(frozen=True)
class Alike:
    """A cell that two have in common: its task, and the share of what is their own in it that is the same."""

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

    >>> tokens("def f(x):  # doubles\\n    '''Twice x.'''\\n    return 2.0 * x.sum(axis=0)")
    ['def', 'v', '(', 'v', ')', ':', 'return', '2', '*', 'v', '.', 'sum', '(', 'v', '=', '0', ')']
    """
    found: list[str] = []
    line: list[str] = []
    for match in _TOKEN.finditer(source[:LONGEST] + "\n"):
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
        elif kind == "sign":
            line.append(text)
    return found + ([] if line == ["'"] else line)


def fingerprints(source: str) -> frozenset[int]:
    """The winnowed hashes of a cell's runs of tokens; none for a cell that is shorter than one run."""
    found = tokens(source)
    runs = ["\0".join(found[i : i + RUN]).encode("utf-8", "replace") for i in range(len(found) - RUN + 1)]
    hashes = [zlib.crc32(run) for run in runs]
    return frozenset(min(hashes[i : i + WINDOW]) for i in range(max(1, len(hashes) - WINDOW + 1)) if hashes)


def pairs(
    codes: Mapping[str, Mapping[str, str]], given: Iterable[str], reference: Mapping[str, str] | None = None
) -> list[Pair]:
    """Who has cells that are alike, those who share most of what is rare first.

    ``codes`` maps learners to their cells by task, ``given`` are the texts that everybody was given, ``reference`` the
    reference's cells. What two share with the reference does not count between them, but between each and it.
    """
    known = frozenset[int]().union(*(fingerprints(text) for text in given))
    cells: defaultdict[tuple[str, str], list[Alike]] = defaultdict(list)
    weights: defaultdict[tuple[str, str], float] = defaultdict(float)
    for task in sorted({task for own in codes.values() for task in own}):
        prints = {learner: fingerprints(own[task]) - known for learner, own in sorted(codes.items()) if task in own}
        solution = fingerprints((reference or {}).get(task, "")) - known
        weight = _rarity(prints)
        for pair, share, shared in (*_among(prints, solution, weight), *_with(prints, solution, weight)):
            cells[pair].append(Alike(task, share))
            weights[pair] += shared
    made = [Pair(*pair, tuple(cells[pair]), weight) for pair, weight in weights.items() if weight >= ENOUGH]
    return sorted(made, key=lambda pair: (-pair.weight, pair.first, pair.second))


def _rarity(prints: Mapping[str, frozenset[int]]) -> dict[int, float]:
    """What each fingerprint counts: 1 where two learners have it, little where many do, nothing where it is common."""
    learners = max(len(prints), LEAST)
    count = Counter(mark for own in prints.values() for mark in own)
    top = math.log2(learners / 2)
    return {mark: (math.log2(learners / n) / top) ** 2 if n * COMMON <= learners else 0.0 for mark, n in count.items()}


_Found = tuple[tuple[str, str], float, float]
"""A pair, the share of their cells that is the same, and the weight of that."""


def _among(prints: Mapping[str, frozenset[int]], solution: frozenset[int], weight: Mapping[int, float]) -> list[_Found]:
    """Learners of whose cells, beside what the reference says too, enough is the same."""
    holders: defaultdict[int, list[str]] = defaultdict(list)
    total: defaultdict[str, float] = defaultdict(float)
    for learner, own in prints.items():
        for mark in own - solution:
            if weight[mark]:
                holders[mark].append(learner)
                total[learner] += weight[mark]
    same: defaultdict[tuple[str, str], float] = defaultdict(float)
    for mark, who in holders.items():
        for pair in combinations(who, 2):
            same[pair] += weight[mark]
    found = [((a, b), 2 * shared / (total[a] + total[b]), shared) for (a, b), shared in same.items()]
    return [one for one in found if one[1] >= SHARE]


def _with(prints: Mapping[str, frozenset[int]], solution: frozenset[int], weight: Mapping[int, float]) -> list[_Found]:
    """Learners of whose cell enough is the reference's."""
    whole = sum(weight.get(mark, 1.0) for mark in solution)
    found = []
    for learner, own in prints.items():
        shared = sum(weight[mark] for mark in own & solution)
        if shared and (share := 2 * shared / (whole + sum(weight[mark] for mark in own))) >= OF_REFERENCE:
            found.append(((learner, REFERENCE), share, shared))
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
