"""A stand-in for the grader: it judges by words in the learner's cells, so the class is tested without a jail."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from course.bundle.cells import CHECKED
from course.bundle.freeze import latest
from course.bundle.reading import read
from course.bundle.transplant import transplant
from course.grade.verdict import CheckVerdict, TaskVerdict, Verdict
from course.grade.written import in_order, read_by_person

WORDS = {"boom": "fault", "forever": "timeout", "wrong": "failed", "NotImplementedError": "error"}
DETAILS = {
    "failed": "It returned 3 where 6 was expected.",
    "timeout": "`double` did not finish within 5 s; does the loop end?",
    "error": "`double` raised NotImplementedError.",
    "fault": "Our grader had a fault here; your instructor has been told, and nothing is lost.",
}


def png(width: int = 8, height: int = 8) -> str:
    """A small grey picture, in base64."""
    rows = b"".join(b"\0" + b"\x99" * width for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


class FakeGrader:
    """Has the grader's one method; counts how often it judged."""

    def __init__(self, home: Path):
        self.home, self.calls, self.jobs = home, 0, 1
        self.drafts: dict = {}
        self.broken: set[str] = set()
        """Tasks that a fault leaves undecided, whatever is in their cells."""

    def close(self) -> None:
        """Nothing to close."""

    def grade_all(self, papers: Iterable, *, force: bool = False, draft: bool = False) -> Iterator[tuple]:
        """One after the other; an exception concerns one paper only."""
        for paper in papers:
            try:
                yield paper, self.grade(paper.notebook, learner=paper.learner, assignment=paper.assignment)
            except Exception as error:
                yield paper, error

    def grade(self, notebook: Path, *, learner: str, assignment: str, force: bool = False) -> Verdict:
        """Each task passes unless its cell holds one of `WORDS`; the visible check passes anyway but for errors."""
        self.calls += 1
        bundle = latest(self.home / "bundles", assignment)
        assert bundle is not None
        made = transplant(read(notebook), bundle.skeleton)
        cells = {cell.name: cell.source for cell in made.cells if cell.kind in CHECKED}
        points = bundle.contract.points
        checked = (self._task(name, points[name], source) for name, source in cells.items())
        tasks = in_order((*checked, *read_by_person(bundle, made)), bundle)
        figure = {"output_type": "display_data", "data": {"image/png": png()}, "metadata": {}}
        warning = {"output_type": "stream", "name": "stderr", "text": "RuntimeWarning: overflow\n"}
        printed = {"output_type": "stream", "name": "stdout", "text": "hello <script>alert(1)</script>\n"}
        return Verdict(
            learner,
            assignment,
            bundle.hash,
            "T2",
            tasks,
            made.notes,
            made.review,
            {"draw-double": [printed, figure, warning]},
        )

    def _task(self, name: str, points: float, source: str) -> TaskVerdict:
        status = next((status for word, status in WORDS.items() if word in source), "passed")
        if name in self.broken:
            status = "fault"
        visible = "error" if status == "error" else "passed"
        checks = (
            CheckVerdict(
                f"{name}::first", "A first number is right.", 1.0, visible, DETAILS.get(visible, ""), "", True
            ),
            CheckVerdict(
                f"{name}::hidden",
                "Other numbers are right.",
                points - 1,
                status,
                DETAILS.get(status, ""),
                "signs",
            ),
        )
        return TaskVerdict(name, checks, points)
