"""Each repair by itself, on a solved exercise: what is taken, what is kept, what is told, and what it costs."""

import copy
import json
import time

import pytest

from course.bundle.reading import Unreadable, parse
from tests.course.repairing import again, bare, cell, code, own, place, planted, skeleton, solved, text_of, whole

SLUG = "03_sgd_noise"


@pytest.fixture
def nb():
    return solved(SLUG)


def put(nb, cell_id, source):
    cell(nb, cell_id)["source"] = source


def head(nb, cell_id):
    return cell(nb, cell_id)["source"].partition("\n")[0]


def body(nb, cell_id):
    return cell(nb, cell_id)["source"].partition("\n")[2]


def same_with(nb, *words):
    """The work is what it was, and the one note says all ``words``."""
    done = planted(nb, SLUG)
    assert done.digest == whole(SLUG).digest, own(done)
    assert len(done.notes) == 1 and all(word in done.notes[0] for word in words), done.notes


@pytest.mark.parametrize(
    "first",
    [
        "# function sgd_step my code",
        "#function sgd_step:",
        "# Function SGD_Step : here it is",
        "## function: sgd_step",
        "\n\n  # function sgd_step - done",
        "# function descend: another name than that of the function",
        "# my step",
    ],
)
@pytest.mark.parametrize("marks", [True, False])
def test_an_edited_first_line_is_put_back(nb, first, marks):
    put(nb, "function-sgd_step", f"{first}\n{body(nb, 'function-sgd_step')}")
    if not marks:
        cell(nb, "function-sgd_step")["metadata"] = {}
    done = planted(nb, SLUG)
    assert done.found == whole(SLUG).found and len(done.notes) == 1 and "`sgd_step`" in done.notes[0]
    assert text_of(done, "function-sgd_step").startswith("# function sgd_step: your code below\n")
    assert (done.digest == whole(SLUG).digest) == (first != "# my step")  # a comment of theirs stays


@pytest.mark.parametrize(
    "above", ['#@title Steps { run: "auto" }', "# mine\n", "import math\nfrom math import (\n    e)"]
)
def test_a_first_line_below_others_is_found(nb, above):
    put(nb, "function-sgd_step", f"{above}\n{cell(nb, 'function-sgd_step')['source']}")
    done = planted(bare(nb), SLUG)
    text = text_of(done, "function-sgd_step")
    assert done.found == whole(SLUG).found and text.count("# function sgd_step") == 1
    assert above.strip() in "\n".join([text, *own(done)])


def test_comments_that_only_look_like_first_lines_stay_where_they_are(nb):
    quoted = 'text = """\n# function sgd_step: no\ndef sgd_step():\n"""'
    mine = f"# check the gradient\n# example\nHELP = 1\n{quoted}"
    nb["cells"].append(code(mine))
    put(nb, "function-noisy_grad", f"{cell(nb, 'function-noisy_grad')['source']}\n# check sgd_step: it should work")
    done = planted(nb, SLUG)
    assert own(done) == [mine] and done.notes == ()
    assert text_of(done, "function-noisy_grad").endswith("it should work")


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_function_cell_that_became_text_is_read_as_code(nb, kind):
    cell(nb, "function-sgd_step")["cell_type"] = kind
    same_with(nb, "`sgd_step`", "cell of text")
    put(nb, "function-sgd_step", f"```python\n{cell(nb, 'function-sgd_step')['source']}\n```")
    same_with(nb, "`sgd_step`", "cell of text")


def test_two_functions_in_one_cell_without_first_lines_are_both_found(nb):
    put(nb, "function-sgd_step", body(nb, "function-sgd_step") + "\n\n" + body(nb, "function-noisy_grad"))
    nb["cells"].remove(cell(nb, "function-noisy_grad"))
    done = planted(bare(nb), SLUG)
    assert done.found == whole(SLUG).found
    assert all("def noisy_grad" in text_of(done, f"function-{one}") for one in ("sgd_step", "noisy_grad"))


def test_functions_in_each_others_cells_are_swapped_back(nb):
    one, other = cell(nb, "function-sgd_step"), cell(nb, "function-noisy_grad")
    one["source"], other["source"] = (
        f"{head(nb, 'function-sgd_step')}\n{body(nb, 'function-noisy_grad')}",
        f"{head(nb, 'function-noisy_grad')}\n{body(nb, 'function-sgd_step')}",
    )
    done = planted(nb, SLUG)
    assert done.digest == whole(SLUG).digest and not own(done)
    assert sum("was not in its own cell" in note for note in done.notes) == 2


def test_work_wins_over_the_stub_even_when_it_stands_in_a_check_cell(nb):
    work, check = body(nb, "function-sgd_step"), head(nb, "check-sgd_step")
    put(nb, "function-sgd_step", next(one.source for one in skeleton(SLUG) if one.id == "function-sgd_step"))
    put(nb, "check-sgd_step", f"{check}\n{work}")
    done = planted(nb, SLUG)
    assert work.rstrip() in text_of(done, "function-sgd_step")
    assert any("`sgd_step` was not in its own cell" in note for note in done.notes)


def test_helpers_in_an_earlier_copy_are_kept(nb):
    first = "# function sgd_step: first try\ndef helper(x):\n    return x\n\n\ndef sgd_step(p, g, lr):\n    pass"
    nb["cells"].insert(0, code(first))
    put(nb, "function-sgd_step", f"{cell(nb, 'function-sgd_step')['source']}\nhelper(1)")
    done = planted(nb, SLUG)
    assert "def helper" in own(done)[0] and place(done, "own-01") == place(done, "function-sgd_step") - 1
    assert again(done, SLUG).digest == done.digest


def test_a_copy_by_metadata_alone_is_a_cell_of_the_learners_own(nb):
    behind = nb["cells"].index(cell(nb, "check-sgd_step")) + 1
    for marks in (cell(nb, "function-sgd_step")["metadata"], cell(nb, "setup")["metadata"], {}):
        changed = copy.deepcopy(nb)
        changed["cells"].insert(behind, {**code("print(sgd_step)"), "metadata": marks})
        done = planted(changed, SLUG)
        assert own(done) == ["print(sgd_step)"] and done.notes == ()


def test_imports_and_lines_added_to_our_cells_are_kept(nb):
    setup, check = cell(nb, "setup"), cell(nb, "check-sgd_step")
    setup["source"] = setup["source"].replace("import numpy as np\n", "import numpy as np\nimport math\n")
    check["source"] += "\n\nSCALE = 2"
    done = planted(nb, SLUG)
    assert own(done) == ["import math", "SCALE = 2"] and place(done, "own-01") == place(done, "setup") + 1
    assert [note.split(" was")[0] for note in done.notes] == ["The setup cell", "The check cell of `sgd_step`"]


def test_what_is_needed_at_once_stands_above_whatever_the_order(nb):
    put(
        nb,
        "function-sgd_step",
        "# function sgd_step: mine\ndef sgd_step(\n    params, grads, lr=RATE\n):\n    return 1",
    )
    late = cell(nb, "function-sgd_step")
    nb["cells"].remove(late)
    nb["cells"] += [code("RATE = 0.1"), code("LATER = noisy_grad(1)"), late]
    done = planted(nb, SLUG)
    assert own(done) == ["RATE = 0.1", "LATER = noisy_grad(1)"]
    places = [place(done, one) for one in ("setup", "own-01", "function-sgd_step", "own-02")]
    assert places == sorted(places) and any("another order" in note for note in done.notes)


def test_cells_at_the_top_come_behind_a_setup_cell_that_was_moved_away(nb):
    setup = cell(nb, "setup")
    nb["cells"].remove(setup)
    nb["cells"] = [code("ONE = np.ones(1)"), *nb["cells"], setup]
    done = planted(nb, SLUG)
    assert place(done, "own-01") == place(done, "setup") + 1


def test_a_snippet_behind_a_return_is_no_part_of_the_function(nb):
    nb["cells"].insert(nb["cells"].index(cell(nb, "function-sgd_step")) + 1, code("    print(1)"))
    assert own(planted(nb, SLUG)) == ["    print(1)"]


def test_a_lost_function_stays_lost_when_graded_again(nb):
    nb["cells"].remove(cell(nb, "function-sgd_step"))
    done = planted(nb, SLUG)
    assert done.found == whole(SLUG).found - {"sgd_step"}
    assert (again(done, SLUG).digest, again(done, SLUG).found) == (done.digest, done.found)


def test_names_that_we_do_not_know_are_told_but_never_quoted(nb):
    bad = {"nbgrader": {"grade_id": "<script>alert(1)</script>"}}
    nb["cells"] += [code("# function nonesuch: mine\nx = 1"), {**code("y = 1"), "metadata": bad}]
    done = planted(nb, SLUG)
    assert done.notes == (
        "This assignment has no cell called `function-nonesuch` and `another name`; it is kept as a cell of your own.",
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[3]:\n\nx = 1\n", "a Python script"),
        (b"# %%\n# function sgd_step: mine\ndef sgd_step():\n    pass\n", "a Python script"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "an archive"),
        (b'{\n<<<<<<< HEAD\n "cells": []\n=======\n>>>>>>> mine\n}', "conflict marks"),
        (json.dumps({"a": {"cells": []}, "b": {"cells": []}}).encode(), "several notebooks"),
    ],
)
def test_what_is_no_notebook_says_what_it_is(data, says):
    with pytest.raises(Unreadable, match=says) as caught:
        parse(data)
    assert str(caught.value).endswith(".") and "submit" in str(caught.value)


def test_letters_in_another_encoding_cost_nothing(nb):
    put(nb, "learner", cell(nb, "learner")["source"] + "  # José")
    done = planted(json.dumps(nb, ensure_ascii=False).encode("latin-1", "replace"), SLUG)
    assert done.found == whole(SLUG).found and "not saved as UTF-8" in done.notes[0]


BIG = 900_000
BROKEN_OFF = "# function sgd_step: x\ndef sgd_step():\n" + "(" * 15_000
HOSTILE = {
    "spaces": ["import" + " " * BIG + "("],
    "blank lines": ["\n" * BIG + "x"],
    "brackets": [BROKEN_OFF, *["  x"] * 450],
    "first lines": ["x = 1\n" + "# function sgd_step: x\n" * (BIG // 24)],
    "quotes": ["# function sgd_step: x\n" + "'" * BIG, '"' * 50_000],
    "backslashes": ["# function sgd_step: x\n# check sgd_step: x\n'''" + "\\" * BIG],
    "comments": ["#" * BIG + "\n%%time"],
    "copies": [f"# function sgd_step: x\ndef sgd_step():\n  pass\nx{i} = 1\n" + "y = 1\n" * 250 for i in range(480)],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_no_time(name):
    start = time.process_time()
    planted({"cells": [code(source) for source in HOSTILE[name]]}, SLUG)
    assert time.process_time() - start < 5
