"""Puts a learner's cells into an assignment's skeleton, so that only their own work is theirs; notes its repairs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .cells import TASKS, Cell
from .reading import CELLS, Found, Parsed, literals, parse
from .repair import Piece, Skeleton, bound, canonical, listed, pieces, used_at_once
from .written import absent, texts

_SHOWN = re.compile(r"[A-Za-z][\w-]{0,39}")
_ROUNDS = 3
_PUT_BACK = "was missing and has been put back; it costs nothing."


@dataclass(frozen=True)
class Transplanted:
    """A submission as it is graded: the skeleton's cells with the learner's work in them, in document order.

    ``notes`` are sentences for the learner, ``review`` for the instructor; ``found`` the tasks of which a cell was
    there; ``answers`` the literals of the question cells; ``learner_id`` and ``course_id`` what the notebook itself
    says.
    """

    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    review: tuple[str, ...]
    found: frozenset[str]
    answers: dict[str, Any]
    learner_id: str
    course_id: str = ""

    @property
    def digest(self) -> str:
        """A hash of everything that is executed or read; the part of the verdict key that is the learner's."""
        digest = hashlib.sha256()
        for cell in self.cells:
            digest.update(f"{cell.id}\0{cell.kind}\0{len(cell.source)}\0".encode())
            digest.update(cell.source.encode())
        return digest.hexdigest()


def transplant(notebook: bytes | Parsed, skeleton: Sequence[Cell], most: int = CELLS) -> Transplanted:
    """Read ``notebook`` as data and put its editable cells into ``skeleton``.

    Copied, lost, renamed, merged, split, reordered and invented cells are repaired, each with a note; what is put
    in comes out the same again. `reading.Unreadable` when it is no notebook, or one of more than ``most`` cells.
    """
    parsed = notebook if isinstance(notebook, Parsed) else parse(notebook, most)
    asked = {cell.id: frozenset(literals(cell.source)) for cell in skeleton if cell.kind == "question"}
    plan = Skeleton(skeleton, asked)
    desk = _Desk(parsed.cells, plan)
    cells, placed, notes = desk.in_order(), desk.there, desk.notes
    for _ in range(_ROUNDS if notes else 0):  # one repair may make another one possible
        more = _Desk([_handed_in(cell) for cell in cells], plan)
        if (mended := more.in_order()) == cells:
            break
        cells, placed, notes = mended, more.there, [*notes, *more.notes]
    tasks = {cell.name for cell in skeleton if cell.kind in TASKS and cell.id in placed}
    functions = {cell.name for cell in skeleton if cell.kind in {"function", "experiment"}}
    review = []
    if functions and not tasks & functions:
        review.append("No function cell was found in this notebook; is it the right file?")
    lost = [_lost(cell) for cell in skeleton if cell.kind in TASKS and cell.id not in placed]
    # Only what is asked for: any other name would stand in the way of the checks' own.
    names = frozenset[str]().union(*asked.values())
    typed = [literals(cell.source) for cell in cells if cell.kind == "question"]
    answers = {name: value for answer in typed for name, value in answer.items() if name in names}
    said = next((literals(cell.source) for cell in cells if cell.kind == "learner"), {})
    learner, course = (one if type(one := said.get(name)) is str else "" for name in ("learner_id", "course_id"))
    return Transplanted(
        tuple(cells),
        tuple(dict.fromkeys((*notes, *desk.notes_on_ours(), *lost, *desk.notes_on_all(), *parsed.notes))),
        tuple(review),
        frozenset(tasks),
        answers,
        learner,
        course,
    )


def _handed_in(cell: Cell) -> Found:
    """``cell`` as it would be read from the notebook that shows it."""
    own = cell.kind == "scratch"
    code = cell.kind not in {"prose", "written"}
    return Found(cell.source, cell.id if code and not own else "", "" if own else cell.id, frozenset(), code)


class _Desk:
    """The pieces of a submission, and which of them takes the place of which cell of the skeleton."""

    def __init__(self, found: Sequence[Found], skeleton: Skeleton):
        self.skeleton = skeleton
        empty = {_absent(cell).source for cell in skeleton.cells.values()}
        self._bare = not any(item.grade_id in skeleton.cells for item in found)
        written, rest = texts([item for item in found if item.source.strip() not in empty], skeleton.cells.values())
        self.pieces, self.notes = pieces(rest, skeleton)
        self.notes += [note for text in written.values() for note in text.notes]
        self.placed: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.written = {cell_id: text.source for cell_id, text in written.items()}
        self._before: dict[str, list[str]] = {}
        for cell in skeleton.cells.values():
            if cell.editable and cell.kind != "written":
                self._place(cell)
        self._own = self._find_own()

    @property
    def there(self) -> set[str]:
        """The editable cells that were found."""
        return {*self.placed, *self.written}

    def _place(self, cell: Cell) -> None:
        claims = [i for i, piece in enumerate(self.pieces) if piece.claim == cell.id]
        at = _code_first(self.pieces, claims)
        worked = [i for i in at if self.skeleton.has_work(self.pieces[i], cell)]
        if worked:
            chosen = worked[-1]
        elif (elsewhere := self._elsewhere(cell)) is not None:
            chosen = elsewhere
            self.notes.append(_moved(cell, bool(at)))
        elif at:
            chosen = next((i for i in reversed(at) if not self.skeleton.untouched(self.pieces[i], cell)), at[-1])
        else:
            return
        if len([i for i in at if self._speaks_of(self.pieces[i], cell)]) > 1:
            self.notes.append(f"There are several cells of {_name(cell)}; the last that has work in it counts.")
        piece = self.pieces[chosen]
        if not piece.code:
            self.notes.append(f"The cell of {_name(cell)} was a cell of text, not of code; it was read as code.")
        elif piece.claim == cell.id and not piece.headed:
            self.notes.append(f"The first line of the cell of {_name(cell)} was changed or gone; it was put back.")
        self.placed[cell.id] = chosen
        self.texts[cell.id] = canonical(piece, cell, self.skeleton)
        self._keep_helpers(cell, chosen, at)

    def _speaks_of(self, piece: Piece, cell: Cell) -> bool:
        """Whether the text of ``piece``, not only its metadata, says that it is ``cell``."""
        return piece.headed or bool(self.skeleton.wanted(cell) & piece.defines)

    def _elsewhere(self, cell: Cell) -> int | None:
        """The last piece with the work of ``cell`` in it that is not called so: of the learner's own cells first."""
        ours = self.skeleton.cells
        groups: tuple[list[int], ...] = ([], [], [], [])
        for i, piece in enumerate(self.pieces):
            if piece.claim == cell.id or not self.skeleton.has_work(piece, cell):
                continue
            claimed = ours.get(piece.claim)
            if not piece.code:
                groups[3].append(i)
            elif claimed is None:
                groups[0].append(i)
            elif claimed.editable:
                groups[1].append(i)
            elif not self.skeleton.wanted(cell) & Piece(claimed.source).defines:
                groups[2].append(i)
        return next((group[-1] for group in groups if group), None)

    def _keep_helpers(self, cell: Cell, chosen: int, at: Sequence[int]) -> None:
        """What other copies define besides the task, and the chosen one does not, runs before it."""
        tasks = {name for other in self.skeleton.cells.values() for name in self.skeleton.wanted(other)}
        have = bound(self.texts[cell.id]) | tasks
        for i in at:
            piece = self.pieces[i]
            if i == chosen or cell.kind not in {"function", "experiment"}:
                continue
            if self._speaks_of(piece, cell) and bound(piece.source) - have:
                have |= bound(piece.source)
                first = f"# {cell.name}: what else another cell of it had"
                text = canonical(piece, cell, self.skeleton)
                self._before.setdefault(cell.id, []).append(f"{first}\n{text.partition(chr(10))[2]}")

    def _find_own(self) -> list[int]:
        """The learner's own cells: those that are none of ours, and copies by metadata alone."""
        taken = set(self.placed.values())
        own = []
        for i, piece in enumerate(self.pieces):
            cell = self.skeleton.cells.get(piece.claim)
            if i in taken or not piece.code:
                continue
            if cell is None or (cell.editable and not self._speaks_of(piece, cell)):
                own.append(i)
        return own

    def in_order(self) -> list[Cell]:
        """Skeleton cells in their order, the learner's own cells behind the skeleton cell that they followed."""
        behind = self._behind()
        cells: list[Cell] = [_scratch(source, n) for n, source in enumerate(behind.get("", ()))]
        count = len(cells)
        for cell in self.skeleton.cells.values():
            for source in self._before.get(cell.id, ()):
                cells.append(_scratch(source, count))
                count += 1
            if cell.id in self.texts or cell.id in self.written:
                cells.append(replace(cell, source={**self.texts, **self.written}[cell.id]))
            else:
                cells.append(_absent(cell) if cell.kind in TASKS else cell)
            for source in behind.get(cell.id, ()):
                cells.append(_scratch(source, count))
                count += 1
        return cells

    def _behind(self) -> dict[str, list[str]]:
        """The learner's own cells by the skeleton cell that they come behind."""
        order = list(self.skeleton.cells)
        taken = {index: cell_id for cell_id, index in self.placed.items()}
        setup = next((i for i, piece in enumerate(self.pieces) if piece.claim == "setup"), -1)
        late = any(self.skeleton.cells[cell_id].kind in TASKS and at < setup for cell_id, at in self.placed.items())
        after = "setup" if late else ""  # cells at the top were run behind a setup cell that was moved away
        behind: dict[str, list[str]] = {}
        own = set(self._own)
        used = {i: used_at_once(self.texts[i]) for i in self.texts if self.skeleton.cells[i].kind in TASKS}
        for index, piece in enumerate(self.pieces):
            if index not in own:
                claim = taken.get(index) or piece.claim
                if claim and not (late and order.index(claim) < order.index("setup")):
                    after = claim
                continue
            place = order.index(after) if after else -1
            # In another order than ours, what a cell needs when it is run may have been defined above it.
            later = [i for i in used if self.placed[i] > index]
            needs = [order.index(i) for i in later if bound(piece.source) & used[i]]
            anchor = order[min(needs) - 1] if needs and min(needs) <= place else after
            behind.setdefault(anchor, []).append(piece.source)
        return behind

    def notes_on_ours(self) -> list[str]:
        """On the course's own cells: put back, changed or copied."""
        lost, changed, copied = [], [], []
        for cell in self.skeleton.cells.values():
            claims = [piece for piece in self.pieces if piece.claim == cell.id and piece.code]
            if cell.editable or cell.kind == "prose" or not self.placed:
                continue
            if not claims:
                lost.append(cell)
            elif not any(self.skeleton.same(piece.source, cell) for piece in claims):
                changed.append(cell)
            elif len(claims) > 1:
                copied.append(cell)
        return [
            *_on_ours(lost, _PUT_BACK, "were missing and have been put back; it costs nothing."),
            *_on_ours(changed, "was changed; ours is used.", "were changed; ours are used."),
            *_on_ours(copied, "is there more than once; ours is used once.", "are there more than once; once is used."),
        ]

    def notes_on_all(self) -> list[str]:
        """On the whole: another order, names that we do not know, metadata that are gone."""
        notes = []
        claims = [piece.claim for piece in self.pieces if piece.claim]
        first = [claims.index(cell_id) for cell_id in self.skeleton.cells if claims.count(cell_id) == 1]
        if first != sorted(first):
            notes.append("Some cells stood in another order than in the assignment; they were put back into it.")
        called = [self.pieces[i].called for i in self._own if self.pieces[i].called]
        if called:
            names = listed([name if _SHOWN.fullmatch(name) else "another name" for name in called])
            notes.append(f"This assignment has no cell called {names}; it is kept as a cell of your own.")
        if self._bare and self.placed:
            notes.append("The cells had lost their metadata, as in some editors; they were recognised by their text.")
        return notes


def _code_first(pieces: Sequence[Piece], at: Sequence[int]) -> list[int]:
    code = [i for i in at if pieces[i].code]
    return code or list(at)


def _moved(cell: Cell, claimed: bool) -> str:
    if claimed:
        return f"The work of {_name(cell)} was not in its own cell but in another one; it was taken from there."
    by = "its function" if cell.kind in {"function", "experiment"} else "what it sets"
    return f"The cell of {_name(cell)} had lost its first line; it was recognised by {by}."


def _name(cell: Cell) -> str:
    return f"`{cell.name or cell.kind}`"


def _on_ours(cells: Sequence[Cell], one: str, many: str) -> Iterable[str]:
    """A sentence on each of ``cells``, or one on all where they are more than three."""
    if len(cells) > 3:
        return [f"The course's own cells {listed([cell.id for cell in cells])} {many}"]
    return [f"The {cell.kind} cell{f' of `{cell.name}`' if cell.name else ''} {one}" for cell in cells]


def _lost(cell: Cell) -> str:
    if cell.kind == "written":
        return f"The cell of `{cell.name}` is not in your notebook; a person looks whether its text is elsewhere in it."
    return f"The cell of `{cell.name}` is not in your notebook, so `{cell.name}` could not be graded."


def _absent(cell: Cell) -> Cell:
    """What stands for a task's cell that was not there."""
    if cell.kind == "written":
        return absent(cell)
    return replace(cell, source=f"# {cell.kind} {cell.name}: this cell was not in the notebook")


def _scratch(source: str, count: int) -> Cell:
    return Cell("scratch", "", source, f"own-{count + 1:02d}")
