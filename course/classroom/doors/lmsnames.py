"""Whose a file in an LMS' zip is: what Canvas and Moodle write into its name, and who on the roster that is.

**Canvas** (instructure/canvas-lms, lib/content_zipper.rb, and app/models/attachment.rb for names that are there
twice) puts all files side by side and calls them ``NAME[_LATE]_USERID_FILEID_ORIGINAL``. NAME is the sortable name
("Lovelace, Ada") in small letters, with everything left out that is no letter, digit or underscore: ``lovelaceada``.
USERID is the number of the account, FILEID that of the uploaded file; neither begins with 0. Where students are
anonymous, NAME and USERID give way to ``anon_`` and five letters or digits, other ones in each assignment. ORIGINAL
gets ``-1``, ``-2`` or a UUID before its suffix where the name was used before. A group's submission bears the group's
name.

Where people may edit their names, both ends of such a path are a learner's to choose: ``lovelaceada_12_77_88_x.ipynb``
is by account 77, who says "Lovelace, Ada_12", or Ada's (12) upload 77, which she calls ``88_x.ipynb``. (Canvas takes
``_12_`` out of names, but then leaves out the hyphen of ``_12-_``.) So `ways` gives every reading that Canvas can have
meant, and what has two is nobody's. The roster cannot tell them apart: who forges a name makes one that fits it. Few
honest files have two: what has a capital, a space, a hyphen or a dot before the second pair of numbers has one.

**Moodle** (moodle/moodle, mod/assign/classes/downloader.php) makes a folder for each learner, by default, or puts all
files side by side: ``Full Name_NUMBER_assignsubmission_file/…`` (before 4.1 with one more underscore at the end) and
``Full Name_NUMBER_assignsubmission_file_ORIGINAL``. Underscores in a name become spaces, and characters that file
systems dislike go. With blind marking everybody is "Participant", or what that is in the site's language. NUMBER is
made for one assignment: it is no user id, so a bare number in the roster never stands for it.

Read in those sources in November 2026; no zip of a running Canvas or Moodle was at hand. Not verified: how forks and
plug-ins of theirs name files, and Canvas' "New Quizzes".
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, replace

from ..roster import COLUMNS, LMS, Learner
from .stamps import Refused

_CANVAS = re.compile(
    r"(?=(?:(?P<late>_LATE)|(?<!_LATE))_(?P<number>[1-9][0-9]{0,19})_(?P<file>[1-9][0-9]{0,19})_(?P<original>.))", re.S
)
"""Wherever Canvas' numbers may stand in a path, one place over another or not."""
_NAME = re.compile(r"[a-z0-9_\u0080-\U0010ffff]*")
"""What Canvas leaves of a name; of letters beyond ASCII it is not asked which are small."""
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon_[0-9A-Za-z]{1,20})_(?P<file>[0-9]{1,20})_(?P<original>.+)", re.S | re.I
)
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<number>[0-9]{1,20})_assignsubmission_file(?:_(?P<original>.*))?", re.S)

LONG = 120
"""How much of a name is looked at for likeness, and shown."""
HEADER = ",".join((*COLUMNS, LMS))
"""The first line of a roster with the column lms."""


@dataclass(frozen=True)
class Sender:
    """Who an LMS says that a file is by: its name for them, and the number it puts beside that."""

    lms: str
    name: str
    number: str = ""

    @property
    def sure(self) -> tuple[str, ...]:
        """What the roster may hold that is this sender's only, the best first."""
        whole = f"{self.name}_{self.number}"
        if not self.number:
            return (self.name,)
        return (self.number, whole) if self.lms == "Canvas" else (whole,)

    def __str__(self) -> str:
        word = "user id" if self.lms == "Canvas" else "number"
        return repr(short(self.name)) + (f" ({word} {self.number} in {self.lms})" if self.number else "")


@dataclass(frozen=True)
class Named:
    """A path in the zip, read: by whom, under which name of their own, and what Canvas says of its time.

    ``file`` is Canvas' number of the upload: a later one has a larger number.
    """

    sender: Sender
    original: str
    late: bool = False
    file: int = 0


def read_name(parts: tuple[str, ...], slug: str = "") -> Named | None:
    """What the LMS wrote into a path, given as folders and file; None where that can be read in no way, or in two.

    >>> named = read_name(("lovelaceada_LATE_12_345_02_full-1.ipynb",))
    >>> named.sender, named.original, named.late
    (Sender(lms='Canvas', name='lovelaceada', number='12'), '02_full-1.ipynb', True)
    >>> read_name(("Ada Lovelace_12_assignsubmission_file", "02_full.ipynb")).sender
    Sender(lms='Moodle', name='Ada Lovelace', number='12')
    """
    found = ways(parts, slug)
    return found[0] if len(found) == 1 else None


def ways(parts: tuple[str, ...], slug: str = "") -> list[Named]:
    """How a path may have come about: not at all in an LMS, in one way, or the first two of several.

    What begins with the assignment's name is no number of an upload, though that name begins with two digits.

    >>> [named.sender.name for named in ways(("lovelaceada_12_345_9_my_work.ipynb",))]
    ['lovelaceada', 'lovelaceada_12']
    """
    first, found = parts[0], []
    if match := _MOODLE.fullmatch(first):
        sender = Sender("Moodle", match["name"].strip(), match["number"])
        if len(parts) > 1:
            return [] if match["original"] else [Named(sender, "/".join(parts[1:]))]
        if match["original"]:
            found.append(Named(sender, match["original"]))
    if len(parts) > 1:
        return []
    if match := _ANONYMOUS.fullmatch(first):
        found.append(Named(Sender("Canvas", match["name"]), match["original"], bool(match["late"]), int(match["file"])))
    return [*found, *_canvas(first, slug, strict=bool(found))][:2]


def _canvas(text: str, slug: str, strict: bool) -> list[Named]:
    """The first two ways to read it as Canvas' own.

    Names that Canvas would not write are looked at only where there is no other way, and never if ``strict``.
    """
    found: list[Named] = []
    for match in _CANVAS.finditer(text):
        if slug and text.startswith(slug, match.start("file")):
            continue
        name = text[: match.start()]
        proper = bool(_NAME.fullmatch(name))
        if len(found) == 2 or (strict and not proper):
            break  # nor is a longer one
        strict = proper
        sender = Sender("Canvas", name, match["number"])
        found.append(Named(sender, text[match.start("original") :], bool(match["late"]), int(match["file"])))
    return found


def is_folder_of_moodle(name: str) -> bool:
    """Whether this is the folder of one learner, as Moodle makes it."""
    match = _MOODLE.fullmatch(name)
    return bool(match and not match["original"])


def fold(text: str) -> str:
    """A name without case, accents, spaces and punctuation, so that different ways to write it are one.

    Accents are the marks that stand above or below a letter. Marks that are a part of it (vowel signs of India, the
    voicing of kana) stay: without them other names would be the same.

    >>> fold("O'Brien-Müller, José") == fold("obrienmullerjose")
    True
    """
    marks = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (mark for mark in marks if unicodedata.category(mark)[0] in "LNM" and unicodedata.combining(mark) < 200)
    return unicodedata.normalize("NFC", "".join(kept))


def short(text: str) -> str:
    """``text``, cut where it is longer than anybody reads."""
    return text if len(text) <= LONG else text[:LONG] + "…"


class Book:
    """The roster, by everything that an LMS may call somebody."""

    def __init__(self, roster: Mapping[str, Learner]) -> None:
        self.exact: dict[str, list[Learner]] = defaultdict(list)
        self.names: dict[str, list[Learner]] = defaultdict(list)
        for learner in roster.values():
            for key in set(entries(learner)):
                self.exact[key].append(learner)
            pair = (learner.first_name, learner.last_name)
            spoken = [" ".join(pair), " ".join(reversed(pair)), *(key for key in entries(learner) if not _number(key))]
            for name in {fold(name) for name in spoken} - {""}:
                self.names[name].append(learner)

    def find(self, sender: Sender, near: bool = True) -> Learner:
        """The learner who this is; `Refused` says who comes near (if asked for), and what to write into the roster.

        An entry of the column lms that is exactly what the LMS wrote wins. Else the name decides, where it is one
        learner's only, and where their user id in Canvas, if the roster gives it, is not another.
        """
        for key in (*sender.sure, sender.name):
            if found := self.exact.get(_exact(key), []):
                break
        else:
            found = self.names.get(fold(sender.name), [])
        if not found:
            raise Refused(self._nobody(sender, near))
        if len(found) > 1:
            raise Refused(
                f"{sender} may be {' or '.join(map(_person, found))}; say whose it is: {_write(found, sender)}"
            )
        self._check(found[0], sender)
        return found[0]

    def _check(self, learner: Learner, sender: Sender) -> None:
        """`Refused` where the user id speaks against the name."""
        numbers = [key for key in entries(learner) if _number(key)]
        if sender.lms == "Canvas" and sender.number and numbers and not known(learner, sender):
            raise Refused(
                f"{sender} bears the name of {_person(learner)}, but the user id in the roster is "
                f"{' or '.join(numbers)}; if they are one person, {_write([learner], sender)}"
            )

    def _nobody(self, sender: Sender, near: bool) -> str:
        if fold(sender.name) == "anonymous" or not sender.number:
            return (
                f"{sender} is anonymous; turn anonymous grading off in Canvas, so that names show, and download again"
            )
        text = f"nobody on the roster is called {sender}"
        # Looking for likeness takes time.
        close = difflib.get_close_matches(fold(sender.name)[:LONG], self.names, n=3, cutoff=0.6) if near else []
        found = list(dict.fromkeys(learner for name in close for learner in self.names[name]))[:3]
        if not found:
            return f"{text}, nor nearly so; add them there, or (with blind marking) reveal the names and download again"
        # Moodle's number is another one in the next assignment, the name stays.
        stays = replace(sender, number="") if sender.lms == "Moodle" else sender
        return f"{text}; near are {', '.join(map(_person, found))}; if it is {found[0].id}, {_write(found[:1], stays)}"


def entries(learner: Learner) -> list[str]:
    """What stands in a learner's column lms."""
    return [_exact(key) for key in learner.lms.split("|") if key.strip()]


def two_ways(found: Collection[Named], slug: str) -> str:
    """The refusal of what can be read in these ways, and how a person settles it."""
    one, other = (str(named.sender) for named in found)
    return (
        f"its name can be read in two ways, by {one} or by {other}; look in the LMS whose it is, and have it handed in "
        f"again as {slug}.ipynb, or unpack the zip, call it NAME_USERID_FILEID_{slug} with its own ending (its NAME "
        "without a number, and _LATE after it if it is late), pack the zip again and collect again"
    )


def known(learner: Learner, sender: Sender) -> bool:
    """Whether the roster names this very account, not only somebody called so."""
    return not {_exact(key) for key in sender.sure}.isdisjoint(entries(learner))


def strangers(learner: Learner, senders: Collection[Sender]) -> tuple[list[Sender], str]:
    """Those of a learner's senders who must not count, and why: two accounts of one name are two people.

    Somebody may have taken the name of another. Accounts that the roster names are the learner's, however many.
    """
    others = [sender for sender in senders if not known(learner, sender)]
    if len(senders) < 2 or not others:
        return [], ""
    accounts = " and ".join(sorted(map(str, senders)))
    ways = " or ".join(_line(learner, sender) for sender in others)
    return others, f"{accounts} are different accounts, and one person is {_person(learner)}; {_UNDER}: {ways}"


_UNDER = f"write in the roster, under the first line {HEADER}"


def _write(learners: Iterable[Learner], sender: Sender) -> str:
    return f"{_UNDER}: {' or '.join(_line(learner, sender) for learner in learners)}"


def _line(learner: Learner, sender: Sender) -> str:
    """The roster's line for this learner, with the sender in its column lms."""
    text = io.StringIO()
    entry = "|".join(dict.fromkeys([*entries(learner), sender.sure[0]]))
    csv.writer(text, lineterminator="").writerow(astuple(replace(learner, lms=entry)))
    return text.getvalue()


def _person(learner: Learner) -> str:
    return f"{learner.name} ({learner.id})"


def _exact(key: str) -> str:
    return unicodedata.normalize("NFC", key.strip())


def _number(key: str) -> bool:
    return key.isascii() and key.isdigit()
