"""A task that a person grades: built as text, found wherever a learner has put it, looked at by no check."""

import json
import time

import nbformat
import pytest

from course.author.build import BuildError, build_text, weighted
from course.author.traces import traces
from course.bundle.cells import Cell, CellError, task_cell
from course.bundle.freeze import freeze
from course.bundle.notebook import from_notebook, to_notebook
from course.bundle.reading import WRITTEN as LONGEST
from course.bundle.transplant import transplant
from course.grade.proof import prove
from course.grade.run import Grader
from course.grade.written import read_by_person
from course.learn.handin import look
from course.learn.offline import check_notebook

from .written import FIRST, HIDDEN, SLUG, STUB, WRITTEN

TEXT = "Because **2x = x + x**.\n\n    indented <b>as it is</b>\n\n```python\nx + x\n```\n# a heading"


@pytest.fixture(scope="module")
def built():
    return build_text(WRITTEN, HIDDEN, SLUG)


@pytest.fixture
def bundle(built, tmp_path):
    return freeze(tmp_path / "bundles", built)


@pytest.fixture
def notebook(bundle):
    made = bundle.release_notebook("demo")
    for cell in made["cells"]:
        if cell["id"] == "function-double":
            cell["source"] = "# function double: your code below\ndef double(x):\n    return x + x"
    return made


def of(notebook, cell_id="written-reflection"):
    return next(cell for cell in notebook["cells"] if cell["id"] == cell_id)


def planted(notebook, bundle):
    return transplant(json.dumps(notebook).encode(), bundle.skeleton)


def source(done, cell_id="written-reflection"):
    return next(cell.source for cell in done.cells if cell.id == cell_id)


def test_the_learner_gets_a_cell_of_text_with_its_points_and_without_the_answer(built):
    cell = of(built.notebook)
    assert cell["cell_type"] == "markdown" and "".join(cell["source"]) == STUB and "outputs" not in cell
    assert cell["metadata"]["nbgrader"] == {
        "grade": True,
        "grade_id": "written-reflection",
        "locked": False,
        "points": 3.0,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert "editable" not in cell["metadata"] and "SECRET" not in json.dumps(built.notebook)
    assert "SECRET" in task_cell(built.reference, "reflection").source
    nbformat.validate(nbformat.from_dict(built.notebook))
    assert from_notebook(built.notebook) == built.skeleton
    assert [c.id for c in built.skeleton if c.kind == "prose"] == ["prose-01"]


def test_a_factor_on_the_points_is_in_its_first_line_too(built):
    cell = of(weighted(built, 2).notebook)
    assert cell["metadata"]["nbgrader"]["points"] == 6.0 and "written reflection (6 points):" in cell["source"][0]


def test_no_check_looks_at_it_and_the_assignment_is_sound(built):
    assert prove(built) == []
    assert "reflection" not in traces(SLUG, built.id, built.reference, [], built.contract.hints)["tasks"]
    other = build_text(WRITTEN.replace("twice one?", "one, twice?"), HIDDEN, SLUG)
    assert other.id == built.id  # what a mistake looks like does not depend on it


@pytest.mark.parametrize(
    ("old", "new", "error", "says"),
    [
        ("(3 points): your text", "(2 points): your text", BuildError, "says 2 points, [points] says 3; make them"),
        (" (3 points): your text", ": your text", CellError, "it should begin like '**written NAME (3 points)"),
        ("# ### BEGIN SOLUTION\n# Because", "# Because", BuildError, "a solution region in a cell that is not a task"),
        ("# reflection = 3\n", "", BuildError, "they should be the same, in the same order"),
        (
            "# [uses]\n",
            '# [hints]\n# reflection = ["think"]\n# [uses]\n',
            BuildError,
            "[hints] names 'reflection', whi",
        ),
        ("# [uses]\n", '# [uses]\n# reflection = ["double"]\n', BuildError, "[uses] names 'reflection', which a per"),
        (
            "# ### END SOLUTION\n",
            '# ### END SOLUTION\n\n# %%\n# check reflection: run\ncheck.report("reflection")\n',
            CellError,
            "checks without a task ['reflection']",
        ),
    ],
)
def test_an_author_is_told_what_is_wrong_with_it(old, new, error, says):
    assert old in WRITTEN
    with pytest.raises(error) as caught:
        build_text(WRITTEN.replace(old, new, 1), HIDDEN, SLUG)
    assert says in str(caught.value)


def test_a_hidden_check_of_it_is_refused():
    hidden = HIDDEN + '\n@points(3, cell="reflection", topic="x")\ndef test_it(check):\n    """It."""\n'
    with pytest.raises(BuildError, match="'test_it' is of 'reflection', which a person reads; take it away"):
        build_text(WRITTEN, hidden, SLUG)


def test_what_is_prose_stays_prose():
    assert Cell.from_text("## Written answers\n\nare read by a person", 4).id == "prose-04"
    cell = Cell.from_text("**written why_not (0.5 points): your text below**\n\ntext", 1)
    assert (cell.kind, cell.id, cell.points, cell.editable) == ("written", "written-why_not", 0.5, True)


def test_the_text_is_kept_letter_by_letter(notebook, bundle):
    of(notebook)["source"] = f"{FIRST}\n\n{TEXT}"
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\n{TEXT}"
    assert "reflection" in done.found and done.notes == () and done.review == ()
    again = planted(to_notebook(done.cells, dict(bundle.contract.points), {}), bundle)
    assert again.cells == done.cells


@pytest.mark.parametrize("text", [STUB, FIRST, f"{FIRST}\n\n\n", STUB.replace("\n\n", "\n   \n\n"), f"\n{STUB}\n"])
def test_an_untouched_cell_is_ours_again_to_the_letter(notebook, bundle, text):
    of(notebook)["source"] = text
    done = planted(notebook, bundle)
    assert source(done) == STUB and "reflection" in done.found
    (verdict,) = read_by_person(bundle, done)
    assert (verdict.status, verdict.score, verdict.sentence) == ("missing", 0, "`reflection` is not written yet.")


CODE = "The cell of `reflection` was a cell of code, not of text; it was read as text."
GONE = "The first line of the cell of `reflection` was changed or gone; it was put back."


@pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize(
    "first",
    [FIRST, FIRST.strip("*"), f"# {FIRST}", FIRST.replace("3 points", "1 point"), f"  {FIRST}  "],
)
def test_it_is_known_by_its_first_line_in_a_cell_of_any_type(notebook, bundle, kind, metadata, first):
    cell = of(notebook)
    cell["source"], cell["cell_type"] = f"{first}\n\nMy words.", kind
    if not metadata:
        for one in notebook["cells"]:
            one["metadata"] = {}
            del one["id"]
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\nMy words."
    assert [note for note in done.notes if "reflection" in note] == ([CODE] if kind == "code" else [])


@pytest.mark.parametrize("kind", ["markdown", "code", "raw"])
@pytest.mark.parametrize("text", ["My words.", "## Why\n\nMy words.", "def double(x): is what I mean"])
def test_without_its_first_line_it_is_known_by_its_metadata(notebook, bundle, kind, text):
    cell = of(notebook)
    cell["source"], cell["cell_type"] = text, kind
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\n{text}"
    assert set(done.notes) == ({CODE, GONE} if kind == "code" else {GONE})
    assert "return x + x" in source(done, "function-double")


def test_words_in_its_first_line_are_not_lost(notebook, bundle):
    of(notebook)["source"] = f"{FIRST} Because of that."
    assert source(planted(notebook, bundle)) == f"{FIRST}\nBecause of that."
    of(notebook)["source"] = "**written reflection**: because of that.\nAnd more."
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\n**written reflection**: because of that.\nAnd more." and done.notes == (GONE,)


def test_a_split_or_copied_cell_is_put_together_for_the_person(notebook, bundle):
    cell, place = of(notebook), notebook["cells"].index(of(notebook))
    cell["source"] = f"{FIRST}\n\nOne half,"
    notebook["cells"].insert(place + 1, {**cell, "id": "x", "source": "and the other."})
    notebook["cells"].insert(place + 2, {**cell, "id": "y"})
    notebook["cells"].insert(0, {**cell, "id": "z", "source": STUB})
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\nOne half,\n\nand the other."
    assert "There are several cells of `reflection`; their texts were put together." in done.notes


def test_merged_with_prose_or_with_code_it_is_taken_apart_and_the_code_counts(notebook, bundle):
    text, double = of(notebook), of(notebook, "function-double")
    notebook["cells"].remove(text)
    of(notebook, "prose-01")["source"] = f"# Tiny\n\n{FIRST}\n\nMy words."
    assert source(planted(notebook, bundle)) == f"{FIRST}\n\nMy words."
    of(notebook, "prose-01")["source"] = "# Tiny"
    double["source"] = f"{FIRST}\n\nMy words.\n\n{double['source']}"
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\nMy words." and "reflection" in done.found
    assert source(done, "function-double").endswith("return x + x") and "words" not in source(done, "function-double")
    double["cell_type"] = "markdown"
    done = planted(notebook, bundle)
    assert "My words." in source(done) and source(done, "function-double").endswith("return x + x")


def test_a_text_that_speaks_of_our_cells_stays_whole_and_takes_nothing_away(notebook, bundle):
    said = "My cell was\n\n# function double: your code below\ndef double(x): return 1\n\nand it was wrong."
    of(notebook)["source"] = f"{FIRST}\n\n{said}"
    done = planted(notebook, bundle)
    assert source(done) == f"{FIRST}\n\n{said}" and source(done, "function-double").endswith("return x + x")


def test_a_cell_that_is_gone_waits_for_a_person_and_is_no_zero(notebook, bundle):
    notebook["cells"].remove(of(notebook))
    done = planted(notebook, bundle)
    assert "reflection" not in done.found
    said = "The cell of `reflection` is not in your notebook; a person looks whether its text is elsewhere in it."
    assert done.notes == (said,)
    (verdict,) = read_by_person(bundle, done)
    assert verdict.status == "manual" and verdict.score is None and "a person looks" in verdict.sentence
    again = planted(to_notebook(done.cells, dict(bundle.contract.points), {}), bundle)
    assert again.cells == done.cells and "reflection" not in again.found


def test_our_own_prose_that_begins_alike_is_not_taken_for_it():
    script = WRITTEN.replace("# # Tiny", "# # Written reflection of the term\n#\n# is what this is about.")
    made = build_text(script, HIDDEN, SLUG)
    done = transplant(json.dumps(made.notebook).encode(), made.skeleton)
    assert source(done) == STUB and not any("reflection" in note for note in done.notes)


def test_a_huge_text_is_cut_and_that_is_said(notebook, bundle):
    of(notebook)["source"] = f"{FIRST}\n\n" + "words " * LONGEST
    began = time.perf_counter()
    done = planted(notebook, bundle)
    assert len(source(done)) <= LONGEST + len(FIRST) + 1 and time.perf_counter() - began < 5
    assert any(f"has more than {LONGEST} characters; what follows them was cut off." in note for note in done.notes)


@pytest.mark.parametrize(
    "bad", ["#" * 90_000, "> " * 40_000, "written " * 10_000, "\n**written x" * 9_000, "*" * 90_000]
)
def test_no_text_takes_long_to_read(notebook, bundle, bad):
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": bad})
    of(notebook)["source"] = f"{FIRST}\n\n{bad}"
    began = time.perf_counter()
    assert source(planted(notebook, bundle)).startswith(FIRST)
    assert time.perf_counter() - began < 5


def test_course_check_says_that_a_person_reads_it_and_nothing_else(notebook, built, tmp_path):
    exercise, mine = tmp_path / f"{SLUG}.ipynb", tmp_path / "mine.ipynb"
    exercise.write_text(json.dumps(built.notebook))
    of(notebook)["source"] = f"{FIRST}\n\nMy words."
    mine.write_text(json.dumps(notebook))
    said = [one for one in check_notebook(mine, exercise) if "reflection" in str(one)]
    assert said == ["reflection: a person reads this."]


def test_handing_in_says_whether_anything_was_written(notebook, built, tmp_path):
    exercise = tmp_path / f"{SLUG}.ipynb"
    exercise.write_text(json.dumps(built.notebook))
    assert "reflection" in look(json.dumps(notebook).encode(), exercise).untouched
    of(notebook)["source"] = f"{STUB}\n\n# Only a heading"
    assert "reflection" not in look(json.dumps(notebook).encode(), exercise).untouched


@pytest.fixture
def grader(bundle):
    home = bundle.path.parents[2]
    (home / "secret").write_text("ab" * 32)
    with Grader(home, course_id="demo") as made:
        yield made


def test_the_grader_leaves_it_to_a_person_and_is_not_at_fault(notebook, grader):
    of(notebook)["source"] = f"{FIRST}\n\nMy words."
    data = json.dumps(notebook).encode()
    verdict = grader.grade(data, learner="ada", assignment=SLUG)
    assert [task.name for task in verdict.tasks] == ["double", "twice", "experiment", "answer", "reflection"]
    task = verdict.task("reflection")
    assert (task.status, task.score, task.maximum, task.sentence) == ("manual", None, 3.0, "A person reads this.")
    assert verdict.task("double").score == 2.0 and verdict.score is None and verdict.decided
    assert not verdict.review and not task.undecided
    assert grader.journal.count(SLUG) == 1
    assert grader.grade(data, learner="ada", assignment=SLUG) == verdict
    assert grader.journal.count(SLUG) == 1  # it is not judged again for that


def test_a_fault_of_the_grader_leaves_the_text_to_a_person_and_the_rest_undecided(notebook, grader, monkeypatch):
    of(notebook)["source"] = f"{FIRST}\n\nMy words."
    monkeypatch.setattr(grader, "_ask", lambda bundle, job: {"error": "broken"})
    verdict = grader.grade(json.dumps(notebook).encode(), learner="ada", assignment=SLUG)
    assert [task.status for task in verdict.tasks] == ["fault"] * 4 + ["manual"] and not verdict.decided


def test_a_wrong_file_is_no_zero_for_the_text_either(bundle, grader):
    made = bundle.release_notebook("demo")
    made["cells"] = [cell for cell in made["cells"] if not cell["id"].startswith(("function", "experiment"))]
    verdict = grader.grade(json.dumps(made).encode(), learner="ada", assignment=SLUG)
    assert verdict.review and all(task.score is None for task in verdict.tasks)
