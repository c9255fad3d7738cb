"""Zip files as Canvas and Moodle make them, or as only somebody with bad intentions does, and who is in them."""

from __future__ import annotations

import itertools
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from course.classroom.doors.delivery import Delivery
from course.classroom.doors.inbound import Refusal
from course.classroom.doors.lms import deliveries
from course.classroom.roster import Learner
from course.grade.limits import Limits

SLUG = "00_double"
NOTEBOOK = f"{SLUG}.ipynb"
PACKED = datetime(2026, 3, 2, 10, 0, 0)
_COUNT = itertools.count()


class Raw(zipfile.ZipInfo):
    """An entry whose name is these very bytes, marked as UTF-8 or not, whatever they are."""

    def __init__(self, name: bytes, when: datetime = PACKED, marked: bool = False) -> None:
        # What zipfile calls it only matters for its warning of names that are there twice.
        super().__init__(str(next(_COUNT)), (when.year, when.month, when.day, when.hour, when.minute, when.second))
        self.create_system, self.external_attr = 3, 0o100644 << 16
        self.compress_type = zipfile.ZIP_DEFLATED
        self.raw, self.marked = name, marked

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits | (0x800 if self.marked else 0)


def pack(path: Path, entries: Iterable[tuple[str | bytes | Raw, bytes]], when: datetime = PACKED) -> Path:
    """A zip of entries by name: text is UTF-8 and marked so, bytes are as they are."""
    with zipfile.ZipFile(path, "w") as file:
        for name, data in entries:
            if isinstance(name, str):
                name = Raw(name.encode(), when, marked=True)
            file.writestr(name if isinstance(name, Raw) else Raw(name, when), data)
    return path


def canvas_name(learner: Learner, number: int, late: bool, name: str = NOTEBOOK) -> str:
    """As Canvas calls the first upload of this account: the sortable name, small, of letters and digits only."""
    sortable = ", ".join(part for part in (learner.last_name, learner.first_name) if part) or learner.id
    # Ruby's [[:word:]] has the marks of letters too, Python's \w has not.
    word = "".join(mark for mark in sortable.lower() if mark == "_" or unicodedata.category(mark)[0] in "LMN")
    user = learner.lms if learner.lms.isdigit() else number
    return f"{word}{'_LATE' if late else ''}_{user}_{number + 50_000}_{name}"


def moodle_name(learner: Learner, number: int) -> str:
    """As Moodle calls a learner in an assignment: the name, without what file systems dislike, and a number."""
    clean = "".join(mark for mark in learner.name.replace("_", " ") if mark not in "&<>\"`|:/'\\")
    return f"{clean}_{number}"


def canvas(path: Path, files: Iterable[tuple[Learner, bytes, bool]], name: str = NOTEBOOK, **how: datetime) -> Path:
    """What "Download Submissions" of Canvas gives: whose, what, and whether late. Its UTF-8 is not marked as such."""
    named = enumerate(files, start=1001)
    return pack(path, [(canvas_name(one, k, late, name).encode(), data) for k, (one, data, late) in named], **how)


def moodle(
    path: Path, files: Iterable[tuple[Learner, bytes]], folders: bool = True, name: str = NOTEBOOK, **how: datetime
) -> Path:
    """What "Download all submissions" of Moodle gives, in folders or without them."""
    mark = "_assignsubmission_file" + ("/" if folders else "_")
    named = enumerate(files, start=700_001)
    return pack(path, [(moodle_name(one, k) + mark + name, data) for k, (one, data) in named], **how)


LIMITS = Limits(notebook_mb=1)
ADA = Learner("ada", "Ada", "Lovelace", "ada@example.org")
BOB = Learner("bob", "Bob", "Ross", lms="4711")
PEOPLE = [
    ADA,
    BOB,
    Learner("jose", "José María", "Núñez-O'Brien"),
    Learner("strauss", "Jörg", "Strauß, Dr."),
    Learner("wang", "小明", "王"),
    Learner("kana", "がく", "たかだ"),
    Learner("rtl", "محمد", "علي"),
    Learner("noa", "נועה", "לוי"),
    Learner("devi", "देवी", "शर्मा"),
    Learner("under", "Under_Score", "Mac_5"),
    Learner("cher", "", "Cher"),
]


def roster(*learners: Learner) -> dict[str, Learner]:
    return {learner.id: learner for learner in learners or PEOPLE}


def collect(path: Path, *learners: Learner, **how: ZoneInfo) -> tuple[list[Delivery], list[Refusal]]:
    return deliveries(path, SLUG, roster(*learners), LIMITS, **how)


def folder(name: str, number: int = 7, file: str = f"{SLUG}.ipynb") -> str:
    return f"{name}_{number}_assignsubmission_file_/{file}"


def only(path: Path, *learners: Learner) -> str:
    """The one sentence of refusal, where nothing is taken."""
    got, refused = collect(path, *learners)
    assert got == [] and len(refused) == 1, (got, refused)
    return refused[0].sentence


GOOD = (canvas_name(PEOPLE[-1], 3, False), b"good")


def beside_good(path: Path, entries: list) -> list[Refusal]:
    """The refusals of a zip in which Cher's notebook must come through whatever else there is."""
    got, refused = collect(pack(path, [*entries, GOOD]))
    assert [(one.learner, one.content()) for one in got] == [("cher", b"good")]
    for line in map(str, refused):
        assert not {unicodedata.category(mark) for mark in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}, line
        assert len(line) < 2000
    return refused
