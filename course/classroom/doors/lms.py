"""What learners handed in through Canvas or Moodle, out of the zip file that "download all submissions" makes.

Learners chose the names in it and wrote all of its contents. Nothing is ever written to disk, nothing but notebooks is
read, and the zip files with one that `course submit` makes, never further than the limit (`lmszip`); identity is by the
roster (`lmsnames`), never by what a file says.

Which of one's notebooks counts. A notebook and a zip of it are the same to us: what is called like the assignment is
meant, in a zip or not. Of several, the later upload counts, as far as that is known: Canvas numbers uploads, Moodle
does not. There, a zip with the very notebook that lies beside it is left aside, and for others a person must ask.

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

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

from ...bundle.reading import Unreadable
from ...grade.limits import Limits
from ..roster import Learner
from . import lmsnames, lmszip
from .delivery import Delivery
from .inbound import MOST, Refusal
from .lmsnames import Named, Sender, short
from .lmszip import Archive, Inside, names_of
from .stamps import SLACK, Refused

DOWNLOAD = timedelta(hours=1)
"""How far apart the times of a zip's entries may lie if they are all those of one download."""

_COPY = re.compile(r"-(?:[0-9]{1,4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=\.ipynb$)")


@dataclass(frozen=True)
class _Entry:
    """A file in the zip: its place there, what its name says, and why it cannot be taken (or nothing).

    ``inside`` is the notebook that counts in it, where it is a zip itself.
    """

    info: zipfile.ZipInfo
    path: str
    named: Named
    fault: str
    inside: Inside | None = None

    @property
    def title(self) -> str:
        """The learner's own name of the file, without folders; of a zip, that of the notebook in it."""
        return self.inside.title if self.inside else self.named.original.rsplit("/", 1)[-1]

    @property
    def zipped(self) -> bool:
        return self.named.original.casefold().endswith(".zip")

    @property
    def notebook(self) -> bool:
        return self.title.casefold().endswith(".ipynb")

    @property
    def work(self) -> bool:
        """Whether it may be a submission."""
        return self.notebook or self.zipped

    def called(self, slug: str) -> bool:
        """Whether it is called like the assignment, as it is or as Canvas calls another upload of it."""
        if self.zipped and not self.inside:
            return bool(re.match(rf"{re.escape(slug)}[._-]", self.title))
        numbered = self.named.sender.lms == "Canvas" and not self.inside
        return f"{slug}.ipynb" in (self.title, _COPY.sub("", self.title) if numbered else self.title)

    @property
    def checksum(self) -> tuple[int, int]:
        """What the zip says of the notebook's bytes: the same for the same ones."""
        return (self.inside.checksum, self.inside.size) if self.inside else (self.info.CRC, self.info.file_size)


def deliveries(
    path: Path, slug: str, roster: Mapping[str, Learner], limits: Limits, zone: tzinfo = UTC
) -> tuple[list[Delivery], list[Refusal]]:
    """What learners of the roster handed in for an assignment, in the zip file that an LMS made; and what is refused.

    Notebooks are not read yet: a delivery's ``content`` raises for what is damaged, or larger than it says. Learners'
    zips are, one after the other, for what is in them. `HomeError` where the file is missing or no zip. See `lmsnames`
    for names, and the module for times.
    """
    archive = Archive(path)
    sent, refused = _sort(archive, slug, limits)
    whose, strangers = _match(sent, lmsnames.Book(roster))
    refused += strangers
    clock = _Clock(archive, zone, [entry.info for found in sent.values() for entry in found if entry.work])
    made: list[Delivery] = []
    for sender, learner in whose.items():
        try:
            chosen, note = _choose(_opened(archive, sent[sender], slug, limits), slug, dated=not clock.download)
        except Refused as error:
            refused.append(Refusal(short(sent[sender][0].path), learner.id, str(error)))
            continue
        for rank, entry in enumerate(chosen):
            if entry.fault:
                refused.append(Refusal(short(entry.path), learner.id, entry.fault))
            else:
                time, in_time = clock.read(entry, rank)
                content = partial(_content, archive, entry, slug, limits)
                # Its name is the LMS's, under which feedback goes back; what a learner's zip says is only a title.
                made.append(
                    Delivery(learner.id, "lms", entry.path, time, content, in_time, note, title=short(entry.title))
                )
    return made, refused


def _opened(archive: Archive, found: list[_Entry], slug: str, limits: Limits) -> list[_Entry]:
    """One sender's files, the oldest first; of zips, the newest, with the notebook in each or why there is none."""
    found = sorted(found, key=lambda entry: entry.named.file)
    old = {entry.path for entry in [entry for entry in found if entry.zipped][:-MOST]}
    found = [entry for entry in found if entry.path not in old]
    return [_look(archive, entry, slug, limits) if entry.zipped else entry for entry in found]


def _look(archive: Archive, entry: _Entry, slug: str, limits: Limits) -> _Entry:
    if entry.fault:
        return entry
    try:
        data = lmszip.read(archive.zip, entry.info, entry.title, limits)
        return replace(entry, inside=lmszip.look(data, slug, limits))
    except (Refused, Unreadable) as error:
        return replace(entry, fault=str(error))


def _choose(found: list[_Entry], slug: str, dated: bool) -> tuple[list[_Entry], str]:
    """The notebooks of one sender that may be the submission, the oldest first; and what to tell the learner.

    Canvas keeps several uploads of one name apart by a number: each is a submission. In Moodle's folders the one that
    lies highest is meant, and of several the latest where the zip says when each came (``dated``). Zips without a
    notebook are told of where they are called like the assignment, or where there is nothing else.
    """
    broken = [entry for entry in found if entry.zipped and not entry.inside]
    notebooks = [entry for entry in found if entry.notebook]
    named, lost = ([entry for entry in some if entry.called(slug)] for some in (notebooks, broken))
    ordered = dated
    if named and named[0].named.sender.lms == "Canvas":
        ordered = True
    elif named:
        height = min(entry.path.count("/") for entry in named)
        named = _different([entry for entry in named if entry.path.count("/") == height])
    if len(named) == 1 or (named and ordered):
        return named[-MOST:] + lost, ""
    if len(notebooks) == 1:
        return notebooks + lost, f"its notebook is called {short(notebooks[0].title)!r} instead of {slug}.ipynb"
    if notebooks:
        names = names_of(entry.named.original for entry in named or notebooks)
        raise Refused(f"which of its notebooks is meant? {names}; hand in just one of them, called {slug}.ipynb")
    if broken:
        return broken, ""
    names = names_of(entry.named.original for entry in found)
    raise Refused(f"there is no notebook in it but {names}; the notebook itself must be handed in, {slug}.ipynb")


def _different(named: list[_Entry]) -> list[_Entry]:
    """One of each of these notebooks that are the same, rather not the one in a zip."""
    kept: dict[tuple[int, int], _Entry] = {}
    for entry in sorted(named, key=lambda entry: entry.zipped):
        kept.setdefault(entry.checksum, entry)
    return list(kept.values())


def _content(archive: Archive, entry: _Entry, slug: str, limits: Limits) -> bytes:
    """A notebook's bytes; `Unreadable` or `Refused` say why not."""
    data = lmszip.read(archive.zip, entry.info, entry.title, limits)
    return lmszip.unpack(data, slug, limits) if entry.inside else data


def _match(sent: Mapping[Sender, list[_Entry]], book: lmsnames.Book) -> tuple[dict[Sender, Learner], list[Refusal]]:
    """The learner of each sender; and those who are nobody, or two, with what to write into the roster."""
    whose: dict[Sender, Learner] = {}
    refused: list[Refusal] = []

    def refuse(sender: Sender, sentence: str) -> None:
        refused.append(Refusal(short(sent[sender][0].path), short(sender.name), sentence))

    for sender in sent:
        try:
            whose[sender] = book.find(sender, near=len(refused) < MOST)
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


def _sort(archive: Archive, slug: str, limits: Limits) -> tuple[dict[Sender, list[_Entry]], list[Refusal]]:
    """The files that bear somebody's name, by sender, each path once; and the refusals of the others.

    A path that can be read in two ways counts for neither sender, and costs neither anything else.
    """
    sent: dict[Sender, list[_Entry]] = defaultdict(list)
    refused: list[Refusal] = []
    paths: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    twice: Counter[tuple[str, ...]] = Counter()
    for info in archive.zip.infolist():
        try:
            parts = lmszip.parts(info)
        except Refused as error:
            refused.append(Refusal(short(info.orig_filename), "", str(error)))
            continue
        if parts and not info.orig_filename.endswith("/"):
            paths.setdefault(parts, info)
            twice[parts] += 1
    skip = _wrapped(paths)
    for parts, info in paths.items():
        path = "/".join(parts)
        ways = lmsnames.ways(parts[skip:], slug)
        if len(ways) > 1:
            refused.append(Refusal(short(path), "", lmsnames.two_ways(ways, slug)))
        elif ways:
            named = ways[0]
            fault = lmszip.fault(info, named.original, limits)
            if twice[parts] > 1:
                fault = (
                    f"the zip holds it {twice[parts]} times, and nobody can tell which counts; download the zip again"
                )
            sent[named.sender].append(_Entry(info, path, named, fault))
        elif path.casefold().endswith((".ipynb", ".zip")):
            refused.append(Refusal(short(path), "", "its name says in neither Canvas' nor Moodle's manner whose it is"))
    return sent, _shortened(refused)


def _wrapped(paths: Mapping[tuple[str, ...], object]) -> int:
    """1 where everything lies in one folder that is nobody's: somebody unpacked the zip and packed it again."""
    tops = {parts[0] if len(parts) > 1 else "" for parts in paths}
    top = tops.pop() if len(tops) == 1 else ""
    return int(bool(top) and not lmsnames.is_folder_of_moodle(top))


def _shortened(refused: list[Refusal]) -> list[Refusal]:
    """The first refusals, and how many more there are."""
    more = len(refused) - MOST
    if more <= 0:
        return refused
    return [*refused[:MOST], Refusal("more", "", f"{more} other entries of the zip were refused too")]


class _Clock:
    """When an entry was handed in, as far as its zip can tell."""

    def __init__(self, archive: Archive, zone: tzinfo, notebooks: list[zipfile.ZipInfo]) -> None:
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
