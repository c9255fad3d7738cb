"""A submission is data: broken files get one sentence, odd notebooks are repaired, only the learner's cells count."""

import json
import os

import pytest

from course.bundle.freeze import Bundle as Frozen
from course.bundle.freeze import BundleError, freeze, latest
from course.bundle.reading import Unreadable, literals, parse, read
from course.bundle.transplant import transplant


@pytest.fixture
def bundle(tiny, tmp_path):
    return freeze(tmp_path / "bundles", tiny)


@pytest.fixture
def notebook(bundle):
    made = bundle.release_notebook("demo")
    put(made, "function-double", "# function double: your code below\ndef double(x):\n    return x + x")
    put(made, "learner", '# learner: me\ncourse_id = "demo"\nlearner_id = "ada"')
    return made


def put(notebook, cell_id, source):
    next(cell for cell in notebook["cells"] if cell["id"] == cell_id)["source"] = source


def cell(notebook, cell_id):
    return next(one for one in notebook["cells"] if one["id"] == cell_id)


def planted(notebook, bundle):
    return transplant(json.dumps(notebook).encode(), bundle.skeleton)


def source(done, cell_id):
    return next(one.source for one in done.cells if one.id == cell_id)


def test_learners_cells_are_taken_and_no_others(notebook, bundle):
    put(notebook, "setup", "# setup: mine now\nimport os")
    put(notebook, "check-double", "# check double (0.5 points): mine\nprint('full marks')")
    done = planted(notebook, bundle)
    assert "x + x" in source(done, "function-double")
    assert "import numpy" in source(done, "setup") and "full marks" not in source(done, "check-double")
    assert done.learner_id == "ada" and not done.review
    assert done.notes == (
        "The setup cell was changed; ours is used.",
        "The check cell of `double` was changed; ours is used.",
    )


def test_same_without_any_metadata(notebook, bundle):
    before = planted(notebook, bundle).digest
    for one in notebook["cells"]:
        one["metadata"] = {}
        del one["id"]
    notebook["metadata"] = {}
    assert planted(notebook, bundle).digest == before


def test_copied_check_cell_costs_nothing(notebook, bundle):
    before = planted(notebook, bundle).digest
    notebook["cells"].append(cell(notebook, "check-double"))
    assert planted(notebook, bundle).digest == before


def test_deleted_check_cell_is_put_back(notebook, bundle):
    before = planted(notebook, bundle).digest
    notebook["cells"] = [one for one in notebook["cells"] if one["id"] != "check-double"]
    done = planted(notebook, bundle)
    assert done.digest == before
    assert done.notes == ("The check cell of `double` was missing and has been put back; it costs nothing.",)


def test_deleted_function_cell_loses_its_function_only(notebook, bundle):
    notebook["cells"] = [one for one in notebook["cells"] if one["id"] != "function-double"]
    done = planted(notebook, bundle)
    assert done.found == {"twice", "experiment", "answer"} and not done.review
    assert "could not be graded" in done.notes[0]


def test_of_copied_function_cells_the_last_worked_one_counts(notebook, bundle):
    stub = cell(bundle.release_notebook("demo"), "function-double")
    notebook["cells"].append(stub)
    done = planted(notebook, bundle)
    assert "x + x" in source(done, "function-double") and "several cells of `double`" in done.notes[0]


def test_a_cell_without_its_first_line_is_known_by_its_function(notebook, bundle):
    own = cell(notebook, "function-double")
    own["source"], own["metadata"] = "def double(x):\n    return x + x", {}
    done = planted(notebook, bundle)
    assert "x + x" in source(done, "function-double") and "lost its first line" in done.notes[0]


def test_own_cells_stay_where_they_were(notebook, bundle):
    place = notebook["cells"].index(cell(notebook, "function-double"))
    notebook["cells"].insert(place, {"cell_type": "code", "metadata": {}, "source": ["HELP = 1"], "outputs": []})
    ids = [one.id for one in planted(notebook, bundle).cells]
    assert ids.index("own-01") == ids.index("function-double") - 1


def test_another_notebook_is_for_a_person_to_look_at(bundle):
    done = planted({"cells": [{"cell_type": "code", "source": "x = 1"}]}, bundle)
    assert "No function cell was found" in done.review[0] and not done.found


@pytest.mark.parametrize("odd", [{"nbformat": 99}, {"metadata": 7}, {"metadata": {"course": {"bundle": "../../x"}}}])
def test_odd_metadata_are_ignored(notebook, bundle, odd):
    before = planted(notebook, bundle).digest
    assert planted({**notebook, **odd}, bundle).digest == before
    assert parse(json.dumps({**notebook, **odd}).encode()).bundle == (bundle.hash if "metadata" not in odd else "")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "breaks off or is damaged"),
        (b'{"cells": [{"cell_type": "code", "sou', "breaks off or is damaged"),
        (b"\x89PNG\r\n", "breaks off or is damaged"),
        (b"[" * 100_000, "breaks off or is damaged"),
        (b"[1, 2]", "no list of cells"),
        (b'{"cells": 7}', "no list of cells"),
        (json.dumps({"cells": [{}] * 501}).encode(), "501 cells, more than the 500 allowed"),
        (json.dumps({"cells": [{"cell_type": "code", "source": "a;" * 600_000}]}).encode(), "1.2 MB of code"),
    ],
)
def test_what_is_no_notebook_gets_one_sentence(data, says):
    with pytest.raises(Unreadable) as caught:
        parse(data)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_a_huge_file_is_not_even_read(tmp_path):
    path = tmp_path / "big.ipynb"
    with open(path, "wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(Unreadable, match="100 MB, more than the 20 MB allowed"):
        read(path)


def test_links_pipes_and_missing_files_are_refused(tmp_path):
    (tmp_path / "link.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "pipe", "missing"):
        with pytest.raises(Unreadable):
            read(tmp_path / f"{name}.ipynb")


def test_strange_cells_are_passed_over(bundle):
    cells = [7, None, {"cell_type": "code"}, *({"cell_type": "code", "source": s} for s in (7, [1, "x=1"]))]
    assert transplant(json.dumps({"cells": cells}).encode(), bundle.skeleton).review


def test_answers_are_literals_and_plain_arithmetic():
    text = "a = 3_000\nb = -1e-3\nc = 10 / 4\nd, e = 1, 'x'\nf = len([1])\ng = 9 ** 9 ** 9\nh = [1, 2]\ni = 1 << 99"
    assert literals(text) == {"a": 3000, "b": -0.001, "c": 2.5, "d": 1, "e": "x", "h": [1, 2]}
    assert literals("a = {1, 2}\nb = b'x'\nc = 2j\nd = ...\ne = {(1, 2): 3}\nf = {'x': (1, None)}") == {
        "f": {"x": [1, None]}
    }
    assert literals("a = 1\n" * 5000) == {}
    assert literals("a = ") == {} and literals("a = 1 / 0") == {} and literals("a = 9" + "9" * 400) == {}


def test_freezing_is_content_addressed_and_notices_changes(tiny, tmp_path):
    first, second = freeze(tmp_path, tiny), freeze(tmp_path, tiny)
    assert first == second and latest(tmp_path, "90_tiny") == first
    assert first.release_notebook("c")["metadata"]["course"]["bundle"] == first.hash
    first.checks.write_text(first.checks.read_text() + "\n# softer\n")
    with pytest.raises(BundleError, match="were changed after it was frozen"):
        Frozen.open(first.path)


def test_only_what_is_asked_for_is_an_answer(notebook, bundle):
    names = "np = 5\nsorted = 5\ndouble = 5\n__builtins__ = {}\nseed = 0\n"
    put(notebook, "question-answer", f"# question answer: type a number\n{names}typed = 4")
    assert planted(notebook, bundle).answers == {"typed": 4}
