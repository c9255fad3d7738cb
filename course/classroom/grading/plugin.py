"""The plug-in that runs inside nbgrader's own autograde converter, the one writer of the gradebook.

nbgrader converts in two steps: *sanitising* reads what the learner handed in and writes the notebook to run,
*autograding* runs it and saves what came out. Here the first step judges and writes the transplanted notebook, with
the verdict in its metadata; the second puts the verdict into the outputs and the gradebook. Nothing is executed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import compute_checksum, is_grade, is_solution

from ...bundle.cells import TASKS, grade_id, task_of
from ...bundle.freeze import Bundle
from ...grade.verdict import MANUAL, TaskVerdict, Verdict
from .. import gradebook
from ..home import Home, write_text
from ..show import outputs
from . import kept
from .judging import judge

LONG_AGO = "1970-01-01 00:00:00.000000 UTC"
"""The time of an unfinished result: nbgrader sees a newer submission and grades again, instead of skipping it."""


class SubmissionReader(NotebookExporter):
    """Keeps nbgrader's parser away from what a learner made: a file that is no notebook stops nobody's grading."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """An empty notebook in place of a submission, which `Transplant` reads as data; else as nbgrader does."""
        coursedir: Any = self.parent.coursedir  # type: ignore[union-attr]  # the converter's
        submitted = Path(coursedir.root) / coursedir.submitted_directory
        if submitted in Path(filename).parents:
            return self.from_notebook_node(nbformat.v4.new_notebook(), resources=resources, **kw)
        return super().from_filename(filename, resources=resources, **kw)


class _Step(NbGraderPreprocessor):
    """A preprocessor that knows the course home from the folder that nbgrader works in."""

    @property
    def home(self) -> Home:
        """The home; this preprocessor's parent is an exporter, whose parent is the converter."""
        return Home.open(Path(self.parent.parent.coursedir.root))


class Transplant(_Step):
    """Judges the submission, and replaces it by the released notebook with the learner's cells in it."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """See the class."""
        home, slug, learner = self.home, resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        gradebook.apply_dates(home, slug, learner)
        judged = judge(home, slug, learner)
        made = nbformat.reads(json.dumps(judged.notebook), as_version=4)
        if judged.readable:
            _add_checksums(made, Bundle.open(home.bundles / slug / judged.verdict.bundle))
        for fault in judged.faults:
            self.log.warning("%s: %s", learner, fault)
        facts = {"digest": judged.digest, "submission": judged.submission, "finished": False}
        facts["terms"] = terms(home, slug, learner)
        course = {"verdict": judged.verdict.to_json(), **facts}
        made.metadata["course"] = {**made.metadata.get("course", {}), **course}
        write_text(home.notebook("autograded", slug, learner).parent / "timestamp.txt", LONG_AGO)
        return made, resources


def _add_checksums(notebook: NotebookNode, bundle: Bundle) -> None:
    """Give each task's cell the checksum of its stub, by which nbgrader sees that there is "No response."."""
    stubs = {cell.id: cell.source for cell in bundle.skeleton if cell.kind in TASKS}
    for cell in notebook.cells:
        if cell.id in stubs and is_solution(cell):
            sums = compute_checksum(NotebookNode({**cell, "source": stubs[cell.id]}))
            cell.metadata.nbgrader.update(checksum=sums, cell_type=cell.cell_type)


def terms(home: Home, slug: str, learner: str) -> str:
    """What lateness depends on: when it was handed in, when it was due, and the late policy."""
    return f"handed in {home.stamp('submitted', slug, learner)}, due {home.due(slug, learner)}, {home.settings.late}"


def verdict_of(notebook: Any) -> Verdict:
    """The verdict that an autograded notebook carries, without the outputs that stand in its cells."""
    return Verdict.from_json(notebook["metadata"]["course"]["verdict"])


class JudgedOutputs(_Step):
    """Replaces every cell's outputs by the verdict's: sentences and score of a check, the display of other cells."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """See the class."""
        verdict = verdict_of(nb)
        by_check = {grade_id("check", task.name): task for task in verdict.tasks}
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            if is_grade(cell):
                found = outputs(by_check[cell.metadata.nbgrader["grade_id"]])
            else:
                found = verdict.outputs.get(cell.id, [])
            cell.outputs = [nbformat.from_dict(output) for output in found]
        resources["course"] = {"verdict": verdict}
        nb.metadata["course"]["verdict"] = replace(verdict, outputs={}).to_json()
        return nb, resources


class SaveVerdicts(SaveAutoGrades):
    """nbgrader's own saving, except that a task which is undecided stays ungraded and asks for a person.

    nbgrader itself has a written cell wait for a person, and gives 0 to one that was not touched. What a person gave
    for a text is not asked for again as long as the text is the same. All of a verdict is written, or nothing.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """As nbgrader's, but in one transaction, where that has two a cell."""
        facts = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = facts["notebook"], facts["assignment"], facts["student"]
        self.db_url = facts["db_url"]
        self.gradebook = Gradebook(self.db_url)
        with self.gradebook:
            commit, self.gradebook.db.commit = self.gradebook.db.commit, self.gradebook.db.flush
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            commit()
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """See the class."""
        if not is_grade(cell):
            return super().preprocess_cell(cell, resources, cell_index)
        name = cell.metadata.nbgrader["grade_id"]
        task = resources["course"]["verdict"].task(task_of(name))
        keys = (resources["nbgrader"][key] for key in ("notebook", "assignment", "student"))
        grade = self.gradebook.find_grade(name, *keys)
        waits = grade.needs_manual_grade
        if is_solution(cell) or task.score is not None:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if task.score is None:
            grade.auto_score, grade.needs_manual_grade = None, True
        if grade.manual_score is not None and self._read_before(task, resources):
            grade.needs_manual_grade = waits
        return cell, resources

    def _read_before(self, task: TaskVerdict, resources: Any) -> bool:
        """Whether the text of ``task`` is the one that lay here before."""
        slug, learner = resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        old = kept.before(Home.open(Path(self.parent.parent.coursedir.root)), slug, learner)
        was = next((one for one in old.tasks if one.name == task.name), None) if old is not None else None
        return task.status == MANUAL and was is not None and was.status == MANUAL and was.trace == task.trace


class MarkFinished(_Step):
    """Says that the gradebook has the whole verdict, in the notebook and by its time."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """See the class."""
        home, slug, learner = self.home, resources["nbgrader"]["assignment"], resources["nbgrader"]["student"]
        nb.metadata["course"]["finished"] = True
        if nb.metadata["course"]["submission"]:
            kept.save(home, slug, learner, nb.metadata["course"])
        handed = home.notebook("submitted", slug, learner).parent / "timestamp.txt"
        here = home.notebook("autograded", slug, learner).parent / "timestamp.txt"
        if handed.is_file():
            write_text(here, handed.read_text())
        else:
            here.unlink(missing_ok=True)
        return nb, resources
