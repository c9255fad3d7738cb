"""Feedback pages as one zip file, so that an instructor can give them back through an LMS.

A learner who handed in through an LMS gets their page under the name by which that LMS knows their submission, so that
its own upload of many feedback files finds them. Everybody else's page lies in a folder of their id.

**Canvas** ("Upload Submissions" beside "Download Submissions") takes each file's own name, without folders, apart at
its underscores, leaves out ``LATE``, and reads the first two parts that are digits as user and uploaded file; that
file must be one of that user's submission. After ``anon`` the next two parts stand for them. Other files it ignores
(instructure/canvas-lms, app/models/abstract_assignment.rb, ``infer_comment_context_from_filename``). So a page is
called ``NAME[_LATE]_USERID_FILEID_SLUG.html``. Canvas adds it as a comment's attachment, shows it under the name of
the *notebook* that was handed in, and adds another one with each upload (``generate_comments_from_files`` there).

**Moodle** ("Upload multiple feedback files in a zip"; the assignment needs the feedback type "Feedback files") looks
for a folder or file called ``Full name_NUMBER_assignsubmission_file…`` at any depth, and takes what follows as the name
of the feedback file; a later upload of that name takes the place of the one before (moodle/moodle,
mod/assign/feedback/file/importziplib.php, ``is_valid_filename_for_import`` and ``import_zip_files``). NUMBER is of one
assignment, so the zip is good for the one that was downloaded.

Read in those sources in November 2026. Not verified, for want of a running Canvas or Moodle: the uploads themselves,
whether a site's settings refuse HTML files, and how each shows such a page to its learner (if only for download, that
is enough: a page needs nothing but itself).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..doors import handed, lmsnames
from ..doors.exchange import still_open
from ..doors.lmsnames import Named
from ..home import Home, write_private
from ..show import one_line

_UNSAFE = re.compile(r'[\\:*?"<>|]')
_TITLED = re.compile(r"(?:\.ipynb|…) in ", re.I)
"""What ledgers had before the path of a learner's zip: a title in it, which the learner chose."""
LONGEST = 200
"""Bytes of a name's longest part; file systems have 255."""


@dataclass(frozen=True)
class Packed:
    """A zip that was written: whose pages are in it, by the name that each has there, and whose wait for a deadline."""

    path: Path
    names: Mapping[str, str]
    by_lms: tuple[str, ...]
    waiting: tuple[str, ...]


def pack(home: Home, slug: str, path: Path) -> Packed:
    """Write the pages of ``slug`` that may go out to the zip file ``path``: whole or not at all, for its owner alone.

    Safe to run again. Nothing is written where no page may go out, and a zip from before stays.
    """
    path, waiting = home.place(path, "--zip"), still_open(home, slug)
    pages = {learner: home.notebook("feedback", slug, learner, ".html") for learner in home.roster}
    pages = {learner: page for learner, page in pages.items() if page.is_file()}
    names = _names(home, slug, [learner for learner in pages if learner not in waiting])
    if names:
        made, now = io.BytesIO(), datetime.now(UTC).timetuple()[:6]
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
            for learner, name in names.items():
                entry = zipfile.ZipInfo(name, now)
                entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100600 << 16
                file.writestr(entry, pages[learner].read_bytes())
        write_private(path, made.getvalue())
    by_lms = tuple(learner for learner, name in names.items() if name != _own(learner, slug))
    return Packed(path, names, by_lms, tuple(learner for learner in pages if learner in waiting))


def _own(learner: str, slug: str) -> str:
    return f"{learner}/{slug}.html"


def _names(home: Home, slug: str, learners: list[str]) -> dict[str, str]:
    """The name of each learner's page in the zip; no two are the same where case does not count."""
    own = {learner: _own(learner, slug) for learner in learners}
    taken = {name.casefold() for name in own.values()}
    for learner in learners:
        record = handed.record_of(home, slug, learner)
        name = lms_name(record.name, slug) if record is not None and record.door == "lms" else ""
        if name and name.casefold() not in taken:
            taken.add(name.casefold())
            own[learner] = name
    return own


def lms_name(name: str, slug: str) -> str:
    """What an LMS takes for feedback on the submission that its zip called ``name``; nothing where it would not.

    >>> lms_name("lovelaceada_LATE_12_345_my_work.ipynb", "02_full")
    'lovelaceada_LATE_12_345_02_full.html'
    >>> lms_name("Ada Lovelace_12_assignsubmission_file/my/work.ipynb", "02_full")
    'Ada Lovelace_12_assignsubmission_file/02_full.html'
    """
    if _TITLED.search(name):
        return ""
    parts = tuple(name.split("/"))
    for skip in range(min(2, len(parts))):  # somebody may have packed the LMS's folder as a whole
        named = lmsnames.read_name(parts[skip:], slug)
        if named is not None:
            made = _beside(parts[skip], named, slug, in_folder=len(parts) > skip + 1)
            return made if made and _safe(made) and _found(made, named) else ""
    return ""


def _beside(first: str, named: Named, slug: str, in_folder: bool) -> str:
    if in_folder:
        return f"{first}/{slug}.html"
    return first.removesuffix(named.original) + f"{slug}.html" if first.endswith(named.original) else ""


def _safe(name: str) -> bool:
    """Whether every program can unpack it, and puts it below the folder that it unpacks to."""
    return (
        one_line(name) == name
        and not _UNSAFE.search(name)
        and all(
            part.strip(" .") == part and not part.startswith("~") and 0 < len(part.encode()) <= LONGEST
            for part in name.split("/")
        )
    )


def _found(name: str, named: Named) -> bool:
    """Whether the LMS reads from ``name`` whose it is, by its own rule, as we did."""
    if named.sender.lms == "Moodle":
        return name.split("_")[1] == named.sender.number
    parts = [part for part in name.split("_") if part != "LATE"]
    if parts[0] == "anon":
        return parts[1:3] == [named.sender.name.removeprefix("anon_"), str(named.file)]
    return [part for part in parts if part.isascii() and part.isdigit()][:2] == [named.sender.number, str(named.file)]
