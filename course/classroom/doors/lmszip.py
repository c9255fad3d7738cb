"""Zip files that others made, read without believing them: the one of an LMS, and those that learners hand in.

Nothing is ever written to disk. A name or a size that an archive gives may be a lie, so names that lead elsewhere are
refused, and no more is unpacked than the limit allows, whatever the list of contents says.

A learner without an exchange hands in a zip file, as `course submit` makes it (`course.learn.handin.packed`): a
notebook and a receipt. It is opened in memory, one level deep. What it says of people and times is not read: whose it
is, and when it came, only the LMS around it can tell.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import weakref
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ...bundle.reading import Unreadable
from ...grade.limits import Limits
from ..settings import HomeError
from ..show import one_line
from .lmsnames import short
from .stamps import Refused

DIRECTORY = 64_000_000
"""Bytes of the longest list of contents that is read; a hundred thousand entries have about ten million."""
FILES = 20
"""How many files a learner's own zip may hold; that of `course submit` holds two."""

_DRIVE = re.compile(r"[A-Za-z]:")
_HIDDEN = {"__MACOSX", ".DS_Store", ".ipynb_checkpoints"}
_ENTRY = b"PK\1\2"
"""What each entry begins with in a zip's list of contents."""


# -- Entries -------------------------------------------------------------------------------------------------------


def parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
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
    found = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or "\\" in name or ".." in found or _DRIVE.match(name):
        raise Refused("its name leads out of the zip, as only a forged one does; rename it and pack it again")
    if not _HIDDEN.isdisjoint(found) or (found and found[-1].startswith("._")):
        return ()
    return found


def fault(info: zipfile.ZipInfo, title: str, limits: Limits) -> str:
    """Why an entry must not be read, or nothing."""
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if kind not in (0, stat.S_IFREG):
        return f"{short(title)} is a link or something else that is no plain file"
    if info.flag_bits & 0x2041:  # by password, strongly, or with its name hidden
        return f"{short(title)} is encrypted; hand in the plain notebook"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Others may ask for gigabytes to unpack a byte, and no LMS uses them.
        return f"{short(title)} is packed by method {info.compress_type}, which is not read; pack it in the usual way"
    return too_large(title, info.file_size, limits) if info.file_size > limits.notebook_mb * 1_000_000 else ""


def too_large(title: str, size: int, limits: Limits) -> str:
    """The sentence for a file of this size."""
    return (
        f"{short(title)} has {size / 1e6:.0f} MB or more, and {limits.notebook_mb} MB are allowed; "
        "clear its outputs (Kernel, Restart and Clear Outputs) and submit it again."
    )


def read(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, title: str, limits: Limits, cure: str = "download the zip again"
) -> bytes:
    """An entry's bytes; `Unreadable` or `Refused` say why not, and ``cure`` what helps where it is damaged."""
    most = limits.notebook_mb * 1_000_000
    try:
        with archive.open(info) as file:
            data = file.read(most + 1)
    except Exception as error:
        # zipfile raises half a dozen kinds, and zlib its own.
        reason = one_line(short(str(error) or type(error).__name__))
        raise Refused(f"{short(title)} is damaged in the zip ({reason}); {cure}") from None
    if len(data) > most:
        raise Unreadable(too_large(title, len(data), limits))
    return data


def names_of(names: Iterable[str]) -> str:
    """The first of these names, and how many more there are."""
    shown = [short(name) for name in names]
    return ", ".join(shown[:5]) + (f" and {len(shown) - 5} more" if len(shown) > 5 else "")


# -- A learner's own zip -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inside:
    """The notebook that counts in a learner's zip: what it is called, and what the zip says of its bytes."""

    title: str
    checksum: int
    size: int


def look(data: bytes, slug: str, limits: Limits) -> Inside:
    """Which notebook counts in the zip file whose bytes these are; `Refused` or `Unreadable` where none does."""
    _, info, title = _pick(data, slug, limits)
    return Inside(title, info.CRC, info.file_size)


def unpack(data: bytes, slug: str, limits: Limits) -> bytes:
    """The bytes of the notebook that counts in the zip file whose bytes these are."""
    archive, info, title = _pick(data, slug, limits)
    return read(archive, info, title, limits, cure="pack it again")


def _pick(data: bytes, slug: str, limits: Limits) -> tuple[zipfile.ZipFile, zipfile.ZipInfo, str]:
    """The one called like the assignment that lies highest, else the only one there is."""
    archive, wrong = _opened(data), ""
    found: list[tuple[tuple[str, ...], zipfile.ZipInfo]] = []
    for info in archive.infolist():
        try:
            path = parts(info)
        except Refused as error:
            wrong = wrong or f"; of {short(one_line(info.orig_filename))}: {error}"
            continue
        if path and not info.orig_filename.endswith("/"):
            found.append((path, info))
    notebooks = [item for item in found if item[0][-1].casefold().endswith(".ipynb")]
    named = [item for item in notebooks if item[0][-1] == f"{slug}.ipynb"]
    highest = [item for item in named if len(item[0]) == min(len(path) for path, _ in named)]
    chosen = highest or notebooks
    if not chosen:
        names = names_of("/".join(path) for path, _ in found)
        raise Refused(f"there is no notebook in it but {names or 'nothing'}; {slug}.ipynb should be in it{wrong}")
    if len(chosen) > 1:
        names = names_of("/".join(path) for path, _ in chosen)
        raise Refused(f"which of the notebooks in it is meant? {names}; just one should be called {slug}.ipynb")
    path, info = chosen[0]
    if why := fault(info, path[-1], limits):
        raise Refused(f"in it, {why}")
    return archive, info, path[-1]


def _opened(data: bytes) -> zipfile.ZipFile:
    # Counted before zipfile makes an object of each: 20 MB may list 400 000 of them.
    if data.count(_ENTRY) > FILES:
        raise Refused(f"it holds more than {FILES} files; hand in the notebook alone, or what course submit packs")
    raw = _Raw(io.BytesIO(data))
    try:
        archive = zipfile.ZipFile(raw)
    except Exception as error:  # what zipfile raises for arbitrary bytes is more than BadZipFile
        reason = one_line(short(str(error)))
        raise Refused(f"it is no zip file, or a part of one ({reason}); hand in the notebook itself") from None
    raw.listing = False
    return archive


# -- The zip of an LMS ---------------------------------------------------------------------------------------------


class Archive:
    """The zip, open for as long as one of its notebooks may be read; when the file changed. `HomeError` for others."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise HomeError(
                f"{path} is {'not a file' if path.exists() else 'not there'}; name the zip that you downloaded"
            )
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise HomeError(f"the zip {path} cannot be read ({error.strerror})") from None
        raw = _Raw(os.fdopen(descriptor, "rb", closefd=False))
        # Nobody says when the last delivery was read, and who reads them may keep them in circles.
        close = weakref.finalize(raw, os.close, descriptor)
        self.changed = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
        try:
            self.zip = zipfile.ZipFile(raw)
        except Exception as error:
            # What zipfile raises for arbitrary bytes is more than BadZipFile.
            close()
            reason = one_line(short(str(error)))
            raise HomeError(f"{path} is no zip file, or a part of one ({reason}); download it again") from None
        raw.listing = False


class _Raw:
    """A zip file, open, as `zipfile` reads it: with the mark gone that says that a name is UTF-8.

    zipfile gives up the whole zip for one name that is marked and is not. Without the mark it takes every name for
    code page 437, in which each byte is a character, so that the bytes can be had back.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.listing = file, True
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Bytes as they are in the file, but for that mark in headers."""
        if self.listing and size > DIRECTORY:
            raise zipfile.BadZipFile("its list of contents is too long")
        data = self.file.read(size)
        if self.listing and data.startswith(_ENTRY):
            return _unmarked(data)
        if size == 30 and data.startswith(b"PK\3\4"):
            return data[:7] + bytes([data[7] & ~8]) + data[8:]
        return data


def _unmarked(listing: bytes) -> bytes:
    data, at = bytearray(listing), 0
    while at + 46 <= len(data) and data.startswith(_ENTRY, at):
        data[at + 9] &= ~8 & 255
        at += 46 + sum(struct.unpack_from("<HHH", data, at + 28))
    return bytes(data)
