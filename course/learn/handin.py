"""Handing in, on the learner's side: which saved version goes in, how grading will read it, a receipt and a zip file.

Nothing of a notebook is run here, and nothing of nbgrader is needed: the exchange is `course.classroom.doors.handin`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..bundle.cells import TASKS, Cell
from ..bundle.notebook import from_notebook
from ..bundle.reading import MEGABYTES, Unreadable, literals, parse, read_descriptor
from ..bundle.repair import Piece, Skeleton
from ..bundle.transplant import Transplanted, transplant
from ..wording import count
from . import progress
from .folder import build_in, find

_MOST = 100
"""Megabytes that are read at all: a course may allow more than usual, and nbgrader takes no more than these."""
_UNSAFE = re.compile(r"[^\w.@-]+", re.ASCII)


class HandinError(ValueError):
    """A notebook was not handed in; the sentence says why, and how to go on."""


# -- Which version goes in -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """A notebook as it lies on the disk: where, its bytes, and when it was saved."""

    path: Path
    data: bytes
    time: datetime

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def said(self, now: datetime) -> list[str]:
        """For the learner: which version this is."""
        return [
            f"Notebook: {self.path}",
            f"  saved {ago(self.time, now)}; SHA-256 begins with {self.digest[:12]}",
            "  Unsaved changes in Jupyter are not in it: save first (Ctrl+S).",
        ]


def saved(slug: str, notebook: Path | None = None, folder: Path | None = None) -> Saved:
    """The notebook that is named, else that of ``slug`` in ``folder`` as it was saved last."""
    path = notebook or find(slug, folder)
    if path is None:
        raise HandinError(
            f"there is no {slug}.ipynb in this folder; go to the folder of your notebook, or name it with --notebook"
        )
    if path.is_dir():
        inside = find(slug, path)
        named = f"--notebook {inside}" if inside else "the notebook in it"
        raise HandinError(f"{path} is a folder, and a notebook is a file; name {named}")
    try:
        descriptor = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise HandinError(f"{path} cannot be opened ({error.strerror}); look at its name and permissions") from None
    try:
        before = os.fstat(descriptor)
        data = read_descriptor(descriptor, path.name, _MOST)
        after = os.fstat(descriptor)
    except Unreadable as error:
        raise HandinError(str(error)) from None
    except OSError as error:
        raise HandinError(f"{path} cannot be read ({error.strerror}); save it anew and submit again") from None
    finally:
        os.close(descriptor)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise HandinError(f"{path} was being saved at this very moment; submit again")
    return Saved(path.absolute(), data, datetime.fromtimestamp(after.st_mtime, UTC))


def another(slug: str, item: Saved) -> str:
    """A sentence where the folder holds a second notebook of the assignment that is not the same."""
    places = [item.path.parent / f"{slug}.ipynb", item.path.parent / slug / f"{slug}.ipynb"]
    for place in places:
        if place.is_file() and not place.samefile(item.path) and _digest(place) != item.digest:
            later = "saved later, " if place.stat().st_mtime > item.time.timestamp() else ""
            return f"There is another one, {later}which is not handed in; if you mean that: --notebook {place}"
    return ""


def ago(then: datetime, now: datetime) -> str:
    """How long ago, and when by the local clock.

    >>> from datetime import timedelta
    >>> noon = datetime(2026, 11, 20, 12).astimezone()
    >>> ago(noon - timedelta(minutes=3), noon)
    '3 minutes ago, 11:57:00'
    """
    seconds, here = (now - then).total_seconds(), then.astimezone()
    if seconds < 0:
        return f"at {here:%Y-%m-%d %H:%M:%S}, which is in the future by this clock"
    lengths = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    noun = next((noun for noun, length in lengths.items() if seconds >= length), "second")
    clock = "%H:%M:%S" if here.date() == now.astimezone().date() else "%Y-%m-%d %H:%M:%S"
    return f"{count(int(seconds // lengths[noun]), noun)} ago, {here:{clock}}"


# -- How grading will read it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """A notebook as grading will read it.

    ``repairs`` are sentences on what will be mended, ``untouched`` and ``optional`` the tasks that are not begun,
    those without points apart; ``problems`` why it should not be handed in; the ids are those of the learner cell.
    """

    repairs: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    learner_id: str = ""
    course_id: str = ""

    def said(self) -> Iterator[str]:
        """For the learner: what will be repaired, and what is not begun."""
        if self.repairs:
            yield "Grading will read it so:"
            yield from (f"  {sentence}" for sentence in self.repairs)
        if self.untouched:
            yield f"Not begun: {', '.join(self.untouched)}."
        if self.optional:
            yield f"Not begun, without points: {', '.join(self.optional)}."


def look(data: bytes, exercise: Path) -> Look:
    """Put the notebook's cells into the exercise's, as grading does; no code is run."""
    skeleton = from_notebook(json.loads(exercise.read_text(encoding="utf-8")))
    problems = []
    if len(data) > MEGABYTES * 1_000_000:
        problems.append(
            f"The notebook has {len(data) / 1e6:.0f} MB, more than the {MEGABYTES} MB that are usual; clear its "
            "outputs (Kernel, Restart and Clear Outputs) and save it."
        )
    try:
        parsed = parse(data)
        done = transplant(parsed, skeleton)
    except Unreadable as error:
        return Look(problems=(*problems, str(error)))
    functions = {cell.name for cell in skeleton if cell.kind in {"function", "experiment"}}
    if functions and not functions & done.found:
        problems.append("No function cell of this assignment was found in this notebook; is it the right file?")
    learner_id, course_id = _learner(done.cells)
    if learner_id in {"", _learner(skeleton)[0]}:
        problems.append(
            f"The learner cell does not say who you are: learner_id is still {learner_id!r}. Type your id there, run "
            "the notebook again and save it."
        )
    untouched = _untouched(done, skeleton)
    pointless = {cell.name for cell in skeleton if cell.kind == "check" and not cell.points}
    if all(cell.name in pointless for cell in skeleton if cell.kind == "check"):
        pointless = set()
    theirs, ours = build_in(cell.source for cell in parsed.cells), build_in(cell.source for cell in skeleton)
    other = (f"It is of build {theirs}, and the exercise that is installed here of build {ours}.",)
    return Look(
        (*(other if theirs and theirs != ours else ()), *done.notes),
        tuple(name for name in untouched if name not in pointless),
        tuple(name for name in untouched if name in pointless),
        tuple(problems),
        learner_id,
        course_id,
    )


def _learner(cells: Sequence[Cell]) -> tuple[str, str]:
    """The ids of the learner and of the course that the learner cell sets; empty where they are no text."""
    typed: dict[str, Any] = next((literals(cell.source) for cell in cells if cell.kind == "learner"), {})
    learner, course = (typed.get(name) for name in ("learner_id", "course_id"))
    return (learner.strip() if isinstance(learner, str) else "", course.strip() if isinstance(course, str) else "")


def _untouched(done: Transplanted, skeleton: Sequence[Cell]) -> list[str]:
    """The tasks whose cell is there and still says what the exercise says, or nothing."""
    ours, known = {cell.id: cell for cell in skeleton if cell.kind in TASKS}, Skeleton(skeleton, {})
    here = [cell for cell in done.cells if cell.id in ours and cell.name in done.found]
    return [cell.name for cell in here if _empty(cell.source) or known.untouched(Piece(cell.source), ours[cell.id])]


def _empty(source: str) -> bool:
    return all(line.lstrip().startswith("#") for line in source.splitlines() if line.strip())


# -- The receipt and the zip file ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receipt:
    """What was handed in, by whom, when (UTC, ISO), by which door ("exchange" or "zip"), and where it lies."""

    slug: str
    course: str
    learner: str
    when: str
    digest: str
    notebook: str
    saved: str
    door: str
    where: str = ""
    checks: str = ""

    @classmethod
    def of(cls, slug: str, item: Saved, found: Look, now: datetime, door: str, learner: str = "") -> Receipt:
        """The receipt for ``item``, handed in at ``now``."""
        times = [time.astimezone(UTC).isoformat(timespec="seconds") for time in (now, item.time)]
        who, notebook = learner or found.learner_id, str(item.path)
        return cls(slug, found.course_id, who, times[0], item.digest, notebook, times[1], door, checks=checks(slug))

    def text(self) -> str:
        """The receipt for people; without the folders of the learner's machine, since it travels."""
        door = f"nbgrader's exchange, as {Path(self.where).name}" if self.door == "exchange" else _UPLOAD
        lines = {
            "assignment": self.slug,
            "course": self.course or "unknown",
            "learner": self.learner or "unknown",
            "handed in" if self.door == "exchange" else "packed": _utc(self.when),
            "by": door,
            "notebook": f"{Path(self.notebook).name}, saved {_utc(self.saved)}",
            "SHA-256": self.digest,
            "checks": self.checks or "nothing is known of visible checks on this machine",
        }
        return "Receipt\n" + "".join(f"{name:<11}{_plain(value)}\n" for name, value in lines.items())


_UPLOAD = "a zip file, which counts once it is uploaded to the course's page"


def _utc(text: str) -> str:
    return text.replace("T", " ").replace("+00:00", " UTC")


def _plain(text: str) -> str:
    """In one line, and without what would move the cursor of a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def checks(slug: str) -> str:
    """How far the visible checks of ``slug`` were when they ran last on this machine; empty where they never did."""
    tasks = progress.standing(slug)
    if not tasks:
        return ""
    when = max(one.when for one in tasks.values()).replace("T", " ")[:16]
    return ", ".join(f"{task} {one.passed} of {one.of}" for task, one in tasks.items()) + f" (last run {when})"


def archive_name(slug: str, learner: str) -> str:
    """What the zip file is called: no path can be built of a learner's id.

    >>> archive_name("04_minibatch_loader", "../ada lovelace")
    '04_minibatch_loader_ada_lovelace.zip'
    """
    name = _UNSAFE.sub("_", learner).strip("._-")[:60]
    return f"{slug}_{name or 'unknown'}.zip"


def packed(slug: str, data: bytes, receipt: Receipt) -> bytes:
    """The zip file's bytes: the same for the same notebook and time, whatever the machine."""
    time = datetime.fromisoformat(receipt.when)
    moment = (max(time.year, 1980), time.month, time.day, time.hour, time.minute, time.second)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in ((f"{slug}.ipynb", data), ("receipt.txt", receipt.text().encode())):
            info = zipfile.ZipInfo(name, moment)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def pack(slug: str, item: Saved, receipt: Receipt, wanted: Path) -> tuple[Path, bool]:
    """Write the zip file to ``wanted``, or beside it where another lies there; where it is, and whether it is new.

    A zip file that holds these very bytes already is left as it is.
    """
    places = (wanted, *(wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}") for number in range(2, 1000)))
    for place in places:
        if place.is_file() and _inside(place, slug) == item.data:
            return place, False
        if not os.path.lexists(place):
            break
    temporary = wanted.with_name(f".{wanted.name}.{os.getpid()}")
    try:
        temporary.write_bytes(packed(slug, item.data, receipt))
        place.open("xb").close()  # the name is ours from here on
        os.replace(temporary, place)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise HandinError(
            f"{place} could not be written ({error.strerror or error}), so nothing was packed; make room there, or "
            f"name another place: course submit {slug[:2]} --zip FILE"
        ) from None
    return place, True


def _inside(archive: Path, slug: str) -> bytes:
    """The notebook in a zip file of ours; nothing where it is none."""
    try:
        with zipfile.ZipFile(archive) as file, file.open(f"{slug}.ipynb") as notebook:
            return notebook.read(_MOST * 1_000_000 + 1)
    except Exception:  # what zipfile raises for arbitrary bytes is more than BadZipFile
        return b""


# -- What this machine remembers of it -----------------------------------------------------------------------------


def remember(receipt: Receipt) -> bool:
    """Keep the receipt beside what is remembered of the checks; False where that cannot be written."""
    folder, everything = progress.place().parent, _remembered()
    everything[receipt.slug] = {**_doors(receipt.slug), receipt.door: asdict(receipt)}
    name = f"{receipt.slug}-{re.sub('[^0-9]', '', receipt.when)[:14]}-{receipt.digest[:12]}.txt"
    try:
        (folder / "receipts").mkdir(parents=True, exist_ok=True)
        (folder / "receipts" / name).write_text(receipt.text(), encoding="utf-8")
        progress.write_json(folder / "handed-in.json", everything)
    except OSError:
        return False
    return True


def last(slug: str, door: str) -> Receipt | None:
    """The receipt of what went through ``door`` ("exchange", "zip") last from this machine."""
    try:
        receipt = Receipt(**_doors(slug)[door])
        datetime.fromisoformat(receipt.when)
    except (KeyError, TypeError, ValueError):  # none, or another version's, or somebody's hand
        return None
    return receipt


def _doors(slug: str) -> dict[str, Any]:
    found = _remembered().get(slug)
    return found if isinstance(found, dict) else {}


def _remembered() -> dict[str, Any]:
    try:
        data = json.loads((progress.place().parent / "handed-in.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def standing(slug: str, folder: Path | None = None) -> list[str]:
    """For `course status`: when ``slug`` was handed in or packed last, and whether the notebook is another since."""
    return [_standing(receipt, folder) for door in ("exchange", "zip") if (receipt := last(slug, door)) is not None]


def _standing(receipt: Receipt, folder: Path | None) -> str:
    when = datetime.fromisoformat(receipt.when).astimezone()
    done = "handed in" if receipt.door == "exchange" else f"packed, to be uploaded: {receipt.where},"
    now = find(receipt.slug, folder) or Path(receipt.notebook)
    if not now.is_file():
        since = "the notebook is not here"
    elif _digest(now) == receipt.digest:
        since = "the notebook is the same since"
    else:
        since = f"the notebook has changed since; course submit {receipt.slug[:2]} hands in what is saved now"
    return f"{done} {when:%Y-%m-%d %H:%M}; {since}"


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
