"""Finds in a submission's cells those of the assignment: merged, split, renamed, retyped, or without metadata."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from .cells import KINDS, TASKS, Cell
from .reading import Found
from .written import untouched as unwritten

_DEFINED = re.compile(r"(?m)^(?:async[ \t]+)?(?:def|class)[ \t]+([^\W\d]\w*)")
_ASSIGNED = re.compile(r"(?m)^([^\W\d]\w*)[ \t]*(?::[^=\n]*)?=(?!=)")
_IMPORT = re.compile(r"(?m)^(?:import|from)[ \t]+[^\s(\\][^\n(\\]*$")
_WORD = re.compile(r"[^\W\d]\w*")
_HEADER = re.compile(
    r"[ \t]*#{1,6}[ \t]*(?P<kind>" + "|".join(KINDS) + r")\b[ \t:_-]*(?P<name>[^\W\d]\w*)?", re.IGNORECASE
)
_LABEL = re.compile(r"# (?P<kind>" + "|".join(KINDS) + r")(?: (?P<name>[A-Za-z_]\w*))?(?: \([\d.]+ points?\))?: \S")
_MAGIC = re.compile(r"(?m)\A(?:[ \t]*(?:#[^\n]*)?\n)*(%%(?:time|timeit|capture|prun|memit|python3?|writefile)\b[^\n]*)")
_OPENING = re.compile(r"[ \t]*(?:#|%|!|import[ \t]|from[ \t]|$)")
_TOKEN = re.compile(r"'''|\"\"\"|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?|#[^\n]*|[()\[\]{}]")
_ENDS = {"'''": re.compile(r"(?s)(?:[^\\']|\\.|'(?!''))*'''"), '"""': re.compile(r'(?s)(?:[^\\"]|\\.|"(?!""))*"""')}
_GOES_ON = re.compile(r"[ \t]+\S|(?:else|elif|except|finally)\b|[)\]}]")
_REPORTED = re.compile(r"\bcheck\.report\(\s*['\"](\w+)['\"]")
_FENCE = re.compile(r"(?m)^[ \t]*(?:```|~~~)[^\n]*\n?")


_LINES, _JOINED, _SCANNED = 200, 10, 20_000
"""Limits of what is looked at in a cell: first lines of ours, parts that are put together, characters before them."""


@dataclass(frozen=True)
class Piece:
    """A submitted cell, or a part of a merged one: its text, and the skeleton cell that it is (empty: the learner's).

    ``headed`` where its first line says so in our own form; ``called`` what it is called if that is none of ours;
    ``code`` is false for a cell of text.
    """

    source: str
    claim: str = ""
    headed: bool = False
    code: bool = True
    called: str = ""

    @cached_property
    def defines(self) -> frozenset[str]:
        """The functions and classes that it defines and the names that it assigns, outside of any block."""
        return frozenset((*_DEFINED.findall(self.source), *_ASSIGNED.findall(self.source)))


class Skeleton:
    """An assignment's cells by id, with what tells each from the others."""

    def __init__(self, cells: Sequence[Cell], asked: Mapping[str, frozenset[str]]):
        self.cells = {cell.id: cell for cell in cells}
        self._folded = {cell_id.casefold(): cell_id for cell_id in self.cells}
        self._body = {cell.id: _body(cell.source) for cell in cells}
        self._bare = {cell.id: _body(cell.source, bare=True) for cell in cells if cell.editable}
        self._locked = {tuple(self._body[cell.id]): cell.id for cell in cells if not cell.editable}
        self._asked = asked

    def wanted(self, cell: Cell) -> frozenset[str]:
        """The names of which one at least is set where the learner worked in ``cell``; none for a written one."""
        if cell.kind == "written":
            return frozenset()
        if cell.kind == "question":
            return self._asked[cell.id]
        return frozenset({"learner_id"} if cell.kind == "learner" else {cell.name})

    def function_of(self, piece: Piece) -> Cell | None:
        """The function or experiment that ``piece`` is the cell of, or defines where it claims to be none of ours."""
        named = [self.cells[piece.claim]] if piece.claim else self.cells.values()
        functions = [cell for cell in named if cell.kind in {"function", "experiment"}]
        return next((cell for cell in functions if piece.claim or cell.name in piece.defines), None)

    def has_work(self, piece: Piece, cell: Cell) -> bool:
        """Whether ``piece`` defines what ``cell`` is for, and is more than the untouched stub."""
        return bool(self.wanted(cell) & piece.defines) and not self.untouched(piece, cell)

    def untouched(self, piece: Piece, cell: Cell) -> bool:
        """Whether ``piece`` says what the skeleton's ``cell`` says, comments and blank lines aside."""
        if cell.kind == "written":
            return unwritten(piece.source, cell)
        return _body(piece.source, bare=True) == self._bare[cell.id]

    def same(self, source: str, cell: Cell) -> bool:
        """Whether ``source`` is the text of ``cell``, but for its first line, blank lines and the build."""
        return _body(source) == self._body[cell.id]

    def by_text(self, source: str) -> str:
        """The locked cell whose text this is, with or without its first line."""
        body = tuple(_body(source))
        return self._locked.get(body, "") if body else ""

    def by_line(self, line: str) -> str:
        """The id that a line names as a header does, whatever its case and signs; empty if none of ours."""
        if (match := _HEADER.match(line)) is None:
            return ""
        kind, name = match["kind"], match["name"] or ""
        return self._folded.get(f"{kind}-{name}".casefold()) or self._folded.get(kind.casefold(), "")

    def genuine(self, cell_id: str, source: str) -> bool:
        """Whether ``source``, which one of its lines calls ``cell_id``, looks like that cell."""
        cell = self.cells[cell_id]
        if cell.editable:
            return bool(self.wanted(cell) & Piece(source).defines)
        if cell.kind == "check" and ("@check(" in source or source.startswith("# check ")):
            return cell.name in _REPORTED.findall(source)
        ours = self._body[cell_id]
        return _body(source)[: len(ours)] == ours

    def added(self, source: str, cell: Cell) -> str:
        """What a learner wrote into a locked ``cell`` that can be kept: lines behind ours, else imports."""
        ours, theirs = self._body[cell.id], _body_at(source)
        if [line for _, line in theirs[: len(ours)]] == ours:
            behind = theirs[len(ours) :]
            return "\n".join(source.split("\n")[behind[0][0] :]) if behind else ""
        return "\n".join(line for line in _IMPORT.findall(source) if line.rstrip() not in ours)


def pieces(found: Iterable[Found], skeleton: Skeleton) -> tuple[list[Piece], list[str]]:
    """The submitted cells one by one, merged ones taken apart and split ones put together, and notes on both."""
    made: list[Piece] = []
    aside: list[Piece] = []
    notes: list[str] = []
    joined = 0
    for item in found:
        source, note = _python(item)
        parts = [part for part in _parts(source, item, skeleton) if part.source.strip()]
        named = [part.claim for part in parts if part.headed]
        if len(named) > 1:
            notes.append(f"The cells {listed(named)} had been merged into one; they were taken apart again.")
        notes += note
        for part in parts:
            before = made[-1] if made else None
            if before is not None and joined < _JOINED and (cell := _rest_of(before, part, skeleton)):
                made[-1] = replace(before, source=f"{before.source}\n{part.source}")
                joined += 1
                notes.append(f"The cell of `{cell.name}` had been split; its parts were put together again.")
            elif part.code or part.claim:
                made.append(part)
                joined = 0
            else:  # the learner's own text, which comes between nothing
                aside.append(part)
    return made + aside, list(dict.fromkeys(notes))


def _python(item: Found) -> tuple[str, list[str]]:
    """The text of a cell without what is no Python around it, and a note on that."""
    if not item.code:
        return _FENCE.sub("", item.source), []
    if (match := _MAGIC.match(item.source)) is None:
        return item.source, []
    source = item.source[: match.start(1)] + item.source[match.end(1) + 1 :]
    return source, [f"A magic (`{match[1].split()[0]}`) above the code of a cell was left out, since it is not Python."]


def _parts(source: str, item: Found, skeleton: Skeleton) -> Iterator[Piece]:
    """A cell's parts, each beginning at a first line of ours; only one part in all but merged cells."""
    starts = _starts(source, skeleton, item.code)
    bounds = sorted({0, *starts})
    for start, end in zip(bounds, [*bounds[1:], len(source)], strict=True):
        text = source[start:end].strip("\n").rstrip()
        if start in starts:
            made = Piece(text, starts[start], headed=True, code=item.code)
        else:
            # The first part's metadata are its own only where no other part says that it is that cell.
            grade_id = "" if item.grade_id in starts.values() else item.grade_id
            made = replace(_claimed(text, grade_id, item.code, skeleton), called=_called(item, skeleton))
        yield made
        cell = skeleton.cells.get(made.claim)
        if cell is not None and not cell.editable and made.code and (more := skeleton.added(made.source, cell)):
            yield Piece(more)  # what the learner wrote into a cell that is not theirs


def _called(item: Found, skeleton: Skeleton) -> str:
    name = item.header if item.header.partition("-")[0] in {*TASKS, "check"} else item.grade_id
    return "" if name in skeleton.cells else name


def _starts(source: str, skeleton: Skeleton, code: bool) -> dict[int, str]:
    """Where in ``source`` cells of ours begin, by their first lines; only the very first line is taken at its word."""
    labels = ((match.start(), _label(match.group(), skeleton)) for match in re.finditer(r"(?m)^# [^\n]*", source))
    lines = list(islice(((start, cell_id) for start, cell_id in labels if cell_id), _LINES))
    if not lines or (len(lines) == 1 and code and not source[: lines[0][0]].strip()):
        return dict.fromkeys([0], lines[0][1]) if lines else {}
    quoted = _scan(source)[0]
    lines = [(start, cell_id) for start, cell_id in lines if not _inside(start, quoted)]
    ends = [start for start, _ in lines[1:]] + [len(source)] * bool(lines)
    starts: dict[int, str] = {}
    last = 0
    for (start, cell_id), end in zip(lines, ends, strict=True):
        top = not starts and not source[:start].strip()
        if starts and cell_id == list(starts.values())[-1] and not skeleton.genuine(cell_id, source[last:start]):
            continue  # the same first line twice, and nothing of it in between
        if (top and code) or skeleton.genuine(cell_id, source[start:end]):
            under_opening = not starts and all(_OPENING.match(line) for line in source[:start].split("\n"))
            last = 0 if under_opening else start
            starts[last] = cell_id
    return starts


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(spans, (place,)) - 1
    return at >= 0 and spans[at][0] < place < spans[at][1]


def _label(line: str, skeleton: Skeleton) -> str:
    """The id that ``line`` names in the very form that ours have."""
    if (match := _LABEL.match(line)) is None:
        return ""
    kind, name = match["kind"], match["name"] or ""
    cell_id = kind if not name or name == kind else f"{kind}-{name}"
    return cell_id if cell_id in skeleton.cells else ""


def _claimed(source: str, grade_id: str, code: bool, skeleton: Skeleton) -> Piece:
    """A part without a proper first line of ours: known by its whole text, a line that is almost one, or metadata.

    Metadata come last and say only which cell of the learner's it is, so that a grade does not depend on them.
    """
    if same := skeleton.by_text(source):
        return Piece(source, same, code=code)
    for cell_id in dict.fromkeys(skeleton.by_line(line) for line in opening(source)):
        if cell_id and skeleton.genuine(cell_id, source):
            return Piece(source, cell_id, code=code)
    for cell in skeleton.cells.values():
        if cell.kind in {"learner", "check"} and skeleton.genuine(cell.id, source):
            return Piece(source, cell.id, code=code)
    if grade_id in skeleton.cells and skeleton.cells[grade_id].editable:
        if code or skeleton.genuine(grade_id, source):
            return Piece(source, grade_id, code=code)
    return Piece(source, code=code)


def opening(source: str) -> list[str]:
    """The lines above the first that is neither blank, comment, magic nor import."""
    lines = source.split("\n")
    last = next((i for i, line in enumerate(lines) if not _OPENING.match(line)), len(lines))
    return lines[:last]


def _rest_of(before: Piece, part: Piece, skeleton: Skeleton) -> Cell | None:
    """The function cell, begun in ``before``, that was split and of which ``part`` is the rest."""
    cell = skeleton.function_of(before)
    if cell is None or not (before.code and part.code) or len(before.source) > _SCANNED:
        return None
    if part.headed or part.claim not in ("", cell.id) or skeleton.untouched(before, cell):
        return None
    here, there = cell.name in before.defines, cell.name in part.defines
    return cell if there != here and (there or _goes_on(before.source, part.source)) else None


def _goes_on(source: str, rest: str) -> bool:
    """Whether ``source`` breaks off and ``rest`` cannot stand alone."""
    first = next((line for line in rest.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
    last = source.rstrip().rpartition("\n")[2]
    if last.endswith((":", "\\")) or _scan(source)[1]:
        return True
    # Behind a return of the same depth nothing runs: a pasted snippet, which Jupyter takes for all its indent.
    over = last.lstrip().startswith(("return", "raise")) and _indent(last) <= _indent(first)
    return bool(_GOES_ON.match(first)) and not over


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _scan(source: str) -> tuple[list[tuple[int, int]], bool]:
    """Where strings over several lines begin and end, and whether ``source`` breaks off in one or in brackets.

    Looks at each character once; nothing is parsed.
    """
    spans: list[tuple[int, int]] = []
    depth = at = 0
    while (match := _TOKEN.search(source, at)) is not None:
        token, at = match.group(), match.end()
        if token in _ENDS:
            if (end := _ENDS[token].match(source, at)) is None:
                return [*spans, (match.start(), len(source))], True
            spans.append((match.start(), end.end()))
            at = end.end()
        elif token in "([{":
            depth += 1
        elif token in ")]}":
            depth = max(0, depth - 1)
    return spans, depth > 0


def _body(source: str, bare: bool = False) -> list[str]:
    """The lines of ``source`` but its first one of ours, blank ones and the build; with ``bare`` no comments either."""
    return [line for _, line in _body_at(source) if not (bare and line.lstrip().startswith("#"))]


def _body_at(source: str) -> list[tuple[int, str]]:
    """As `_body`, each line with its number."""
    lines = [(i, line.rstrip()) for i, line in enumerate(source.split("\n")) if line.strip()]
    if lines and _HEADER.match(lines[0][1]):
        lines = lines[1:]
    return [(i, line) for i, line in lines if not line.startswith("check.begin(")]


def canonical(piece: Piece, cell: Cell, skeleton: Skeleton) -> str:
    """The text of an editable ``cell`` with the first line that it should have."""
    if skeleton.same(piece.source, cell):
        return cell.source
    lines, top = piece.source.split("\n"), opening(piece.source)
    named = [i for i, line in enumerate(top) if skeleton.by_line(line) == cell.id]
    if not named and top and _LABEL.match(top[0]):  # another name than that of the function below it
        named = [0]
    kept = [line for i, line in enumerate(lines) if i not in named[:1]]
    return "\n".join([cell.source.lstrip("\n").split("\n", 1)[0], *kept])


def bound(source: str) -> frozenset[str]:
    """The names that ``source`` sets outside of any block, imports included."""
    imported = {word for line in _IMPORT.findall(source) for word in _WORD.findall(line)}
    return Piece(source).defines | imported - {"import", "from", "as"}


def used_at_once(source: str) -> frozenset[str]:
    """The words of ``source`` that matter when it is run, not only when a function of it is called."""
    words: set[str] = set()
    within = False
    for line in source.split("\n"):
        if within or line[:1].strip():
            words.update(_WORD.findall(line.partition("#")[0]))
            begins = within or line.startswith(("def ", "class ", "async "))
            within = begins and not line.partition("#")[0].rstrip().endswith(":")
    return frozenset(words)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence, of more than three the first two.

    >>> listed(["a", "b"])
    '`a` and `b`'
    """
    shown = [f"`{name[:40]}`" for name in dict.fromkeys(names)]
    if len(shown) > 3:
        return f"{', '.join(shown[:2])} and {len(shown) - 2} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
