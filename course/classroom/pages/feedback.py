"""Feedback pages through nbgrader's own converter, so that its command and formgrader's button make the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import parse_utc
from traitlets import default

from ...bundle.cells import task_of
from ...bundle.freeze import Bundle
from ...grade.verdict import Verdict
from ...wording import in_use, sentence
from .. import gradebook
from ..doors import handed
from ..doors.inbound import Refusal
from ..grading import kept
from ..grading.plugin import verdict_of
from ..home import Home, HomeError
from ..nbconfig import NbgraderFailed, run
from ..roster import Learner
from . import statistics
from .page import About, render
from .pictures import described


class FeedbackPage(Exporter):
    """nbconvert's view of our page: takes an autograded notebook, gives HTML."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        """The page, and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        coursedir: Any = self.parent.coursedir  # type: ignore[union-attr]  # the converter's
        home = Home.open(Path(coursedir.root))
        slug, learner = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        if nb.metadata.get("course", {}).get("finished") is not True:
            raise HomeError(f"the submission of {learner!r} is not graded to the end; grade {slug} again")
        verdict = verdict_of(nb)
        scores = gradebook.scores_at(resources["nbgrader"]["db_url"], slug, learner)
        bundle, standing = Bundle.open(home.bundles / slug / verdict.bundle), statistics.standing(home, slug)
        about = _about(home, slug, learner, bundle.contract.title, standing)
        about = _with_record(about, home, slug, nb.metadata["course"].get("submission", ""))
        return render(verdict, nb, about, scores, standing, described(bundle.skeleton)), resources


def _about(home: Home, slug: str, learner: str, title: str, standing: statistics.Standing) -> About:
    stamp = home.stamp("autograded", slug, learner)
    return About(
        title=title,
        course_id=home.settings.course_id,
        name=home.roster.get(learner, Learner(learner)).name,
        learner=learner,
        submitted=parse_utc(stamp) if stamp else None,
        due=standing.extended.get(learner, standing.due),
        extended=standing.extended.get(learner, standing.due) != standing.due,
        zone=home.settings.zone,
    )


def _with_record(about: About, home: Home, slug: str, submission: str) -> About:
    """What the ledger knows of how it came; nothing where it speaks of another file than the one that was graded."""
    record = handed.record_of(home, slug, about.learner)
    if record is None or submission not in ("", record.digest):  # "" is what could not be read
        return about
    return replace(about, door=record.door, in_time=record.in_time, notes=record.notes)


@dataclass(frozen=True)
class Pages:
    """Feedback pages by learner, and a sentence for each learner who has none."""

    pages: dict[str, Path]
    refused: tuple[Refusal, ...]

    def __len__(self) -> int:
        return len(self.pages)


@gradebook.held_open()
def feedback_class(home: Home, slug: str, learners: Iterable[str] | None = None) -> Pages:
    """Make the feedback page of every graded submission of ``slug``; safe to run again.

    The pages lie in ``feedback/LEARNER/SLUG/SLUG.html``; `exchange.release_feedback` hands them out.
    """
    graded = sorted(path.parent.parent.name for path in home.path.glob(f"autograded/*/{slug}/{slug}.ipynb"))
    chosen = graded if learners is None else sorted(set(learners))
    pages, refused = {}, []
    for learner in chosen:
        page = home.notebook("feedback", slug, learner, ".html")
        try:
            if learner not in graded:
                raise HomeError(f"{learner!r} has no graded submission of {slug}; grade it first")
            _refuse_undecided(home, slug, learner, page)
            _convert(home, slug, learner)
            if not page.is_file():
                raise HomeError(f"nbgrader made no page for {learner!r} at {page}; try again")
            pages[learner] = page
        except Exception as error:  # whatever it is, it is one learner's, and the class goes on
            refused.append(Refusal(f"{learner}/{slug}", learner, sentence(error)))
    return Pages(pages, tuple(refused))


def _refuse_undecided(home: Home, slug: str, learner: str, page: Path) -> None:
    """A page that says what was decided is worth more than a newer one that says that something is not."""
    scores, have = gradebook.scores(home, slug, learner), kept.graded(home, slug, learner)
    if scores is None or scores.score is not None or not page.is_file():
        return
    if have is not None and Verdict.from_json(have[1]["verdict"]).decided:
        return  # a person has still to read something, and the rest is decided
    if 'class="badge fault"' not in page.read_text(encoding="utf-8"):  # a learner's own text has no plain quotes
        names = ", ".join(task_of(row.cell) for row in scores.rows.values() if row.score is None)
        raise HomeError(f"{names} is not decided yet, so the page from before stays; grade {slug} again, or by hand")


def _convert(home: Home, slug: str, learner: str) -> None:
    try:
        run(home, GenerateFeedback, (NbGraderException,), slug, learner, force=True)
    except NbgraderFailed as error:
        raise HomeError(in_use(str(error)) or f"no page for {learner!r}: {error}") from None
