"""What learners handed in through Canvas or Moodle, out of the zip file that "download all submissions" makes.

Learners chose the names in it and wrote all of its contents. Nothing is ever written to disk, nothing but notebooks is
read, each one when it is asked for and never further than the limit; identity is by the roster (`lmsnames`), never by
what a file says.

What time counts. An entry's time has no zone, and in both systems it is when the zip was made, not when somebody handed
in: Canvas adds entries to its archive without a time, and Moodle streams them without one (instructure/canvas-lms,
lib/content_zipper.rb; moodle/moodle, files/classes/local/archive_writer/zip_writer.php). So

- Canvas' own word decides: ``_LATE_`` in a name is late, a name without it is in time. That includes what Canvas knows
  of due dates and extensions, so those should stand in Canvas too.
- Moodle's zip says nothing. Where its entries are of different times (more than `DOWNLOAD` apart), a tool kept the
  files' own, and those decide. Where all are of about one time, that is the download's. If it counted, everybody would
  be late whose instructor downloads after the due date; so nobody is called late, and Moodle's cut-off date, or a
  download right at the due date, must keep late ones out.
- Entry times are read in the course's zone where they are plausible: after 2000 and not in the future. Else the zip
  file's own time counts. Two uploads by one learner in one zip are set a microsecond apart, in Canvas' order.
"""

from __future__ import annotations

import os
import re
import stat
import struct
import weakref
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

from ..bundle.reading import Unreadable
from ..grade.limits import Limits
from . import lmsnames
from .delivery import Delivery
from .inbound import MOST, Refusal
from .lmsnames import Named, Sender, short
from .roster import Learner
from .settings import HomeError
from .show import one_line
from .stamps import SLACK, Refused

DOWNLOAD = timedelta(hours=1)
"""How far apart the times of a zip's entries may lie if they are all those of one download."""
DIRECTORY = 64_000_000
"""Bytes of the longest list of contents that is read; a hundred thousand entries have about ten million."""

_COPY = re.compile(r"-(?:[0-9]{1,4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\.ipynb$)")
_DRIVE = re.compile(r"[A-Za-z]:")
_HIDDEN = {"__MACOSX", ".DS_Store", ".ipynb_checkpoints"}


@dataclass(frozen=True)
class _Entry:
    """A file in the zip: its place there, what its name says, and why it cannot be taken (or nothing)."""

    info: zipfile.ZipInfo
    path: str
    named: Named
    fault: str

    @property
    def title(self) -> str:
        """The learner's own name of the file, without folders."""
        return self.named.original.rsplit("/", 1)[-1]

    @property
    def notebook(self) -> bool:
        return self.title.casefold().endswith(".ipynb")

    def called(self, slug: str) -> bool:
        """Whether it is called like the assignment, as it is or as Canvas calls another upload of it."""
        plain = _COPY.sub("", self.title) if self.named.sender.lms == "Canvas" else self.title
        return f"{slug}.ipynb" in (self.title, plain)


def deliveries(
    path: Path, slug: str, roster: Mapping[str, Learner], limits: Limits, zone: tzinfo = UTC
) -> tuple[list[Delivery], list[Refusal]]:
    """What learners of the roster handed in for an assignment, in the zip file that an LMS made; and what is refused.

    Nothing is read yet but the list of contents: a delivery's ``content`` raises for what is damaged, or larger than
    it says. `HomeError` where the file is missing or no zip. See `lmsnames` for names, and the module for times.
    """
    archive = _Archive(path)
    sent, refused = _sort(archive, limits)
    whose, strangers = _match(sent, lmsnames.Book(roster))
    refused += strangers
    clock = _Clock(archive, zone, [entry.info for found in sent.values() for entry in found if entry.notebook])
    made: list[Delivery] = []
    for sender, learner in whose.items():
        try:
            chosen, note = _choose(sent[sender], slug)
        except Refused as error:
            refused.append(Refusal(short(sent[sender][0].path), learner.id, str(error)))
            continue
        for rank, entry in enumerate(chosen):
            if entry.fault:
                refused.append(Refusal(short(entry.path), learner.id, entry.fault))
            else:
                time, in_time = clock.read(entry, rank)
                content = partial(_read, archive, entry, limits)
                made.append(Delivery(learner.id, "lms", entry.path, time, content, in_time, note))
    return made, refused


def _choose(found: list[_Entry], slug: str) -> tuple[list[_Entry], str]:
    """The notebooks of one sender that may be the submission, the oldest first; and what to tell the learner.

    Canvas keeps several uploads of one name apart by a number: each is a submission. In Moodle's folders the one that
    lies highest is meant.
    """
    notebooks = sorted((entry for entry in found if entry.notebook), key=lambda entry: entry.named.file)
    named = [entry for entry in notebooks if entry.called(slug)]
    if named and named[0].named.sender.lms == "Moodle":
        height = min(entry.path.count("/") for entry in named)
        named = [entry for entry in named if entry.path.count("/") == height]
    if len(named) == 1 or (named and named[0].named.sender.lms == "Canvas"):
        return named[-MOST:], ""
    if len(notebooks) == 1:
        return notebooks, f"its notebook is called {short(notebooks[0].title)!r} instead of {slug}.ipynb"
    if notebooks:
        raise Refused(f"which of its notebooks is meant? {_names(notebooks)}; one should be called {slug}.ipynb")
    raise Refused(
        f"there is no notebook in it but {_names(found)}; the notebook itself must be handed in, {slug}.ipynb"
    )


def _names(found: list[_Entry]) -> str:
    names = [short(entry.named.original) for entry in found[:5]]
    return ", ".join(names) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def _read(archive: _Archive, entry: _Entry, limits: Limits) -> bytes:
    """A notebook's bytes; `Unreadable` or `Refused` say why not."""
    most = limits.notebook_mb * 1_000_000
    try:
        with archive.zip.open(entry.info) as file:
            data = file.read(most + 1)
    except Exception as error:
        # zipfile raises half a dozen kinds, and zlib its own.
        reason = one_line(short(str(error) or type(error).__name__))
        raise Refused(f"{short(entry.title)} is damaged in the zip ({reason}); download the zip again") from None
    if len(data) > most:
        raise Unreadable(_too_large(entry.title, len(data), limits))
    return data


def _too_large(title: str, size: int, limits: Limits) -> str:
    return (
        f"{short(title)} has {size / 1e6:.0f} MB or more, and {limits.notebook_mb} MB are allowed; "
        "clear its outputs (Kernel, Restart and Clear Outputs) and submit it again."
    )


def _match(sent: Mapping[Sender, list[_Entry]], book: lmsnames.Book) -> tuple[dict[Sender, Learner], list[Refusal]]:
    """The learner of each sender; and those who are nobody, or two, with what to write into the roster."""
    whose: dict[Sender, Learner] = {}
    refused: list[Refusal] = []

    def refuse(sender: Sender, sentence: str) -> None:
        refused.append(Refusal(short(sent[sender][0].path), short(sender.name), sentence))

    for sender, found in sent.items():
        try:
            doubts = {entry.named.doubt for entry in found}
            whose[sender] = book.find(sender, doubts, near=len(refused) < MOST)
        except Refused as error:
            refuse(sender, str(error))
    accounts: dict[Learner, list[Sender]] = defaultdict(list)
    for sender, learner in whose.items():
        accounts[learner].append(sender)
    for learner, senders in accounts.items():
        others, sentence = lmsnames.strangers(learner, senders)
        for sender in others:
            del whose[sender]
            refuse(sender, sentence)
    return whose, _shortened(refused)


def _sort(archive: _Archive, limits: Limits) -> tuple[dict[Sender, list[_Entry]], list[Refusal]]:
    """The files that bear somebody's name, by sender, each path once; and the refusals of the others."""
    sent: dict[Sender, list[_Entry]] = defaultdict(list)
    refused: list[Refusal] = []
    paths: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    twice: Counter[tuple[str, ...]] = Counter()
    for info in archive.zip.infolist():
        try:
            parts = _parts(info)
        except Refused as error:
            refused.append(Refusal(short(info.orig_filename), "", str(error)))
            continue
        if parts and not info.orig_filename.endswith("/"):
            paths.setdefault(parts, info)
            twice[parts] += 1
    skip = _wrapped(paths)
    for parts, info in paths.items():
        path = "/".join(parts)
        if (named := lmsnames.read_name(parts[skip:])) is not None:
            fault = _fault(info, named.original, limits)
            if twice[parts] > 1:
                fault = (
                    f"the zip holds it {twice[parts]} times, and nobody can tell which counts; download the zip again"
                )
            sent[named.sender].append(_Entry(info, path, named, fault))
        elif path.casefold().endswith((".ipynb", ".zip")):
            refused.append(Refusal(short(path), "", "its name says in neither Canvas' nor Moodle's manner whose it is"))
    return sent, _shortened(refused)


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """An entry's path as folders and file, nothing for what no learner made; `Refused` for what leads elsewhere."""
    try:
        # Not all who write UTF-8 say so: `_Raw` made every name one of bytes.
        name = info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("its name is not UTF-8, so nobody can tell whose it is; rename it and pack it again") from None
    if one_line(name) != name:
        raise Refused(
            "its name holds control characters or turns the direction of writing; rename it and pack it again"
        )
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or "\\" in name or ".." in parts or _DRIVE.match(name):
        raise Refused("its name leads out of the zip, as no LMS would write it")
    if not _HIDDEN.isdisjoint(parts) or (parts and parts[-1].startswith("._")):
        return ()
    return parts


def _wrapped(paths: Mapping[tuple[str, ...], object]) -> int:
    """1 where everything lies in one folder that is nobody's: somebody unpacked the zip and packed it again."""
    tops = {parts[0] if len(parts) > 1 else "" for parts in paths}
    top = tops.pop() if len(tops) == 1 else ""
    return int(bool(top) and not lmsnames.is_folder_of_moodle(top))


def _fault(info: zipfile.ZipInfo, title: str, limits: Limits) -> str:
    """Why an entry must not be read, or nothing."""
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if kind not in (0, stat.S_IFREG):
        return "it is a link or something else that is no plain file"
    if info.flag_bits & 0x2041:  # by password, strongly, or with its name hidden
        return "it is encrypted; hand in the plain notebook"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Others may ask for gigabytes to unpack a byte, and no LMS uses them.
        return f"it is packed by method {info.compress_type}, which no LMS uses; download the zip again"
    return _too_large(title, info.file_size, limits) if info.file_size > limits.notebook_mb * 1_000_000 else ""


def _shortened(refused: list[Refusal]) -> list[Refusal]:
    """The first refusals, and how many more there are."""
    more = len(refused) - MOST
    if more <= 0:
        return refused
    return [*refused[:MOST], Refusal("more", "", f"{more} other entries of the zip were refused too")]


class _Clock:
    """When an entry was handed in, as far as its zip can tell."""

    def __init__(self, archive: _Archive, zone: tzinfo, notebooks: list[zipfile.ZipInfo]) -> None:
        self.zone, self.now = zone, datetime.now(UTC)
        self.packed = min(archive.changed, self.now)
        times = [time for info in notebooks if (time := self._own(info)) is not None]
        self.download = not times or max(times) - min(times) <= DOWNLOAD

    def read(self, entry: _Entry, rank: int) -> tuple[datetime, bool | None]:
        """The time (UTC, naive) of one's upload number ``rank``, and whether the LMS calls it in time."""
        time = (self._own(entry.info) or self.packed) + timedelta(microseconds=rank)
        if entry.named.sender.lms == "Canvas":
            in_time: bool | None = not entry.named.late
        else:
            in_time = True if self.download else None
        return time.astimezone(UTC).replace(tzinfo=None), in_time

    def _own(self, info: zipfile.ZipInfo) -> datetime | None:
        """The entry's own time, where that is plausible."""
        try:
            time = datetime(*info.date_time, tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return time if time.year >= 2000 and time <= self.now + SLACK else None


class _Raw:
    """The zip file, open, as `zipfile` reads it: with the mark gone that says that a name is UTF-8.

    zipfile gives up the whole zip for one name that is marked and is not. Without the mark it takes every name for
    code page 437, in which each byte is a character, so that the bytes can be had back.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        # Nobody says when the last delivery was read, and who reads them may keep them in circles.
        self.close = weakref.finalize(self, os.close, descriptor)
        file = os.fdopen(descriptor, "rb", closefd=False)
        self.file, self.listing, self.changed = file, True, os.fstat(descriptor).st_mtime
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Bytes as they are in the file, but for that mark in headers."""
        if self.listing and size > DIRECTORY:
            raise zipfile.BadZipFile("its list of contents is too long")
        data = self.file.read(size)
        if self.listing and data.startswith(b"PK\1\2"):
            return _unmarked(data)
        if size == 30 and data.startswith(b"PK\3\4"):
            return data[:7] + bytes([data[7] & ~8]) + data[8:]
        return data


def _unmarked(listing: bytes) -> bytes:
    data, at = bytearray(listing), 0
    while at + 46 <= len(data) and data.startswith(b"PK\1\2", at):
        data[at + 9] &= ~8 & 255
        at += 46 + sum(struct.unpack_from("<HHH", data, at + 28))
    return bytes(data)


class _Archive:
    """The zip, open for as long as one of its notebooks may be read; when the file changed. `HomeError` for others."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise HomeError(
                f"{path} is {'not a file' if path.exists() else 'not there'}; name the zip that you downloaded"
            )
        try:
            raw = _Raw(path)
        except OSError as error:
            raise HomeError(f"the zip {path} cannot be read ({error.strerror})") from None
        try:
            self.zip = zipfile.ZipFile(raw)
        except Exception as error:
            # What zipfile raises for arbitrary bytes is more than BadZipFile.
            raw.close()
            reason = one_line(short(str(error)))
            raise HomeError(f"{path} is no zip file, or a part of one ({reason}); download it again") from None
        raw.listing = False
        self.changed = datetime.fromtimestamp(raw.changed, UTC)
