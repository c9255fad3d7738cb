"""The exchange: collecting what learners handed in, and handing their feedback back, through nbgrader's classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from .. import gradebook, schedule
from ..home import Home, HomeError
from ..nbconfig import NbgraderFailed, run, write_config
from ..show import one_line
from . import handed
from .inbound import SECRET, Claim, Handed, Inbox, Refusal, inbox, refusal_of, secret_of


@dataclass(frozen=True)
class Collection:
    """What came of collecting: learners whose submission is new here, or as before; refusals; notes; who is missing."""

    collected: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]

    @classmethod
    def of(
        cls, came: Mapping[str, bool], refused: Iterable[Refusal], notes: Iterable[str], roster: Iterable[str]
    ) -> Collection:
        """From whose submission ``came``, and whether it was new."""
        return cls(
            collected=tuple(learner for learner, new in came.items() if new),
            unchanged=tuple(learner for learner, new in came.items() if not new),
            refused=tuple(sorted(refused, key=str)),
            notes=tuple(notes),
            missing=tuple(learner for learner in roster if learner not in came),
        )


class SafeCollect(ExchangeCollect):
    """nbgrader's collecting, by our rules, so that its command and formgrader's button follow them too."""

    def init_src(self) -> None:
        """Find the home and its roster; what lies in the exchange is looked at only where it is taken."""
        self.home = Home.open(Path(self.coursedir.root))
        self.roster = self.home.roster
        self.src_records: list[Handed] = []
        self.notes: list[str] = []

    def copy_files(self) -> None:
        """Take each submission over, as its notebook, its time and nbgrader's secret for its feedback, and no more."""
        slug, settings = self.coursedir.assignment_id, self.home.settings
        due, extended = gradebook.due_dates(self.home, slug)
        came: dict[str, bool] = {}
        folder = Path(self.root) / self.coursedir.course_id / "inbound"
        with inbox(folder, slug, self.roster, settings.identity, settings.limits) as box:
            claims, self.refused = box.survey()
            for learner in sorted(claims):
                if self.coursedir.student_id in ("", "*", learner):
                    self._collect_one(box, claims[learner], extended.get(learner, due), came)
        notes = [one_line(f"{item.name}: {item.note}") for item in self.src_records if item.note]
        self.collection = Collection.of(came, self.refused, [*self.notes, *notes], self.roster)
        for refusal in self.collection.refused:
            self.log.warning("Refused %s: %s", refusal.name, refusal.sentence)
        if self.coursedir.student_id in ("", "*"):
            handed.refuse(self.home, slug, "exchange", self.refused)

    def _collect_one(self, box: Inbox, claims: list[Claim], due: datetime | None, came: dict[str, bool]) -> None:
        try:
            claims = self._admitted(claims[0].learner, claims)
        except Exception as error:  # a ledger that cannot be written, say
            self.refused.append(refusal_of(claims[0].name, error))
            return
        with box.pick(claims, due) as (item, refused):
            self.refused += refused
            if item is None:
                return
            try:
                delivery = item.delivery(self.home.settings.limits)
                came[item.learner] = handed.take(self.home, self.coursedir.assignment_id, delivery, due)
                self.src_records.append(item)
            except Exception as error:  # whatever it is, it costs nobody else
                self.refused.append(refusal_of(item.name, error))

    def _admitted(self, learner: str, claims: list[Claim]) -> list[Claim]:
        """Those of a learner's submissions that count under the attempts policy."""
        names = [claim.name for claim in sorted(claims, key=lambda one: (one.time, one.name))]
        good, notes = handed.admit(self.home, self.coursedir.assignment_id, learner, names)
        self.notes += map(one_line, notes)
        return [claim for claim in claims if claim.name in good]


def collect(home: Home, slug: str) -> Collection:
    """Bring the submissions of ``slug`` from the exchange into the home; safe to run again.

    For each learner on the roster the last submission before their due date counts, else their last. What cannot
    be taken is refused one by one, with a sentence, and costs nobody else. `HomeError` if nothing was released.
    """
    inbound = home.exchange / home.settings.course_id / "inbound"
    if not inbound.is_dir():
        raise HomeError(f"nothing was released yet: there is no folder {inbound}; release {slug} first")
    write_config(home)  # course.toml may have been edited
    gradebook.enrol(home)
    try:
        collection: Collection = run(home, SafeCollect, (ExchangeError, OSError), slug, update=True).collection
    except NbgraderFailed as error:
        raise HomeError(f"{slug} could not be collected: {error}") from None
    for learner in (*collection.collected, *collection.unchanged):
        if not home.notebook("submitted", slug, learner).is_file():
            raise HomeError(f"the submission of {learner!r} did not arrive in {home.submitted}; collect again")
    return collection


@dataclass(frozen=True)
class Returned:
    """Whose feedback lies in the exchange now, and a sentence for each whose could not be put there.

    ``waiting`` are those whose deadline is still open; ``files`` those who handed in by another door than the
    exchange, and get their page as a file.
    """

    learners: tuple[str, ...]
    refused: tuple[Refusal, ...]
    waiting: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def release_feedback(home: Home, slug: str, learners: Iterable[str] | None = None) -> Returned:
    """Put the feedback pages of ``slug`` where `nbgrader fetch_feedback` finds them; safe to run again.

    A page whose learner may still hand in waits, unless `course.toml` says otherwise.
    """
    pages = sorted(home.path.glob(f"feedback/*/{slug}/{slug}.html"))
    wanted = None if learners is None else set(learners)
    done, refused, files = [], [], []
    waiting = still_open(home, slug)
    for page in pages:
        learner = page.parent.parent.name
        if (wanted is not None and learner not in wanted) or learner in waiting:
            continue
        record = handed.record_of(home, slug, learner)
        if record is not None and record.door != "exchange":
            files.append(learner)
            continue
        try:
            problem = _return_one(home, slug, learner, page)
        except Exception as error:  # whatever it is, it costs nobody else
            problem = f"it could not be put into the exchange ({error})"
        if problem:
            refused.append(Refusal(str(page.relative_to(home.path)), learner, problem))
        else:
            done.append(learner)
    held = [page.parent.parent.name for page in pages if page.parent.parent.name in waiting]
    return Returned(tuple(done), tuple(refused), tuple(held), tuple(files))


def still_open(home: Home, slug: str) -> set[str]:
    """Learners on the roster who get no feedback on ``slug`` yet, because of a deadline that has not passed."""
    when, now = home.settings.feedback, schedule.now()
    due, extended = gradebook.due_dates(home, slug)
    if due is None or when == "at_once":
        return set()
    closed = home.closed(slug) if when == "all_deadlines" else None
    return {learner for learner in home.roster if (closed or extended.get(learner, due)) >= now}


def _return_one(home: Home, slug: str, learner: str, page: Path) -> str:
    file = page.parent / SECRET
    if not file.is_file() or not (page.parent / "timestamp.txt").is_file():
        return "it was handed in without nbgrader's secret, so the exchange cannot address it; send the page yourself"
    secret = secret_of(file.read_bytes())
    if secret is None:
        return "the secret it was handed in with is not one that nbgrader makes; send the page yourself"
    try:
        run(home, ExchangeReleaseFeedback, (ExchangeError, OSError), slug, learner)
    except NbgraderFailed as error:
        return f"nbgrader could not put it into the exchange ({error})"
    there = page_of(home, slug, secret)
    if not there.is_file() or there.read_bytes() != page.read_bytes():
        return f"it did not arrive in {there.parent}; look at that folder's permissions"
    return ""


def page_of(home: Home, slug: str, secret: str) -> Path:
    """Where the exchange has the feedback page of the submission with this ``secret``."""
    name = notebook_hash(secret=secret, notebook_id=slug)
    return home.exchange / home.settings.course_id / "feedback" / f"{name}.html"


def gone_out(home: Home, slug: str) -> set[str]:
    """Learners whose feedback page of ``slug`` lies in the exchange, or may have been given to them as a file."""
    found, waiting = set(), still_open(home, slug)
    for page in home.path.glob(f"feedback/*/{slug}/{slug}.html"):
        learner, file = page.parent.parent.name, page.parent / SECRET
        record = handed.record_of(home, slug, learner)
        if record is not None and record.door != "exchange":
            there = learner not in waiting
        else:
            secret = secret_of(file.read_bytes()) if file.is_file() else None
            there = secret is not None and page_of(home, slug, secret).is_file()
        found |= {learner} if there else set()
    return found
