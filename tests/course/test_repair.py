"""Whatever editors and learners do to a notebook, its work is found, graded alike, and each repair is told."""

import copy
import json
import random
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from course.bundle.notebook import to_notebook
from tests.course.repairing import SLUGS, again, bare, cell, code, names_of, planted, skeleton, solved, text_of, whole

# ---- What editors do: the same code is the same work ----


def colab(nb):
    bare(nb)
    nb.update(nbformat_minor=0, metadata={"colab": {"provenance": []}, "kernelspec": {"name": "python3"}})
    for number, one in enumerate(nb["cells"]):
        one["metadata"] = {"id": f"aZ{number}", "colab": {"base_uri": "https://localhost/"}, "outputId": "x"}
        one["source"] = one["source"].splitlines(keepends=True)
    return nb


def vscode(nb):
    for one in nb["cells"]:
        one["metadata"] = {"vscode": {"languageId": "python"}}
        one["source"] = one["source"].split("\n")
    return nb


def stringly(nb):
    """As careless scripts write it: strings and objects where lists should be, other ends of lines."""
    for one in nb["cells"]:
        one.update(source=one["source"].replace("\n", "\r\n"), outputs="none", metadata="none")
    nb["cells"] = {str(number): one for number, one in enumerate(nb["cells"])}
    return nb


def format_3(nb):
    for one in nb["cells"]:
        if one["cell_type"] == "code":
            one.update(input=one.pop("source").splitlines(keepends=True), language="python", prompt_number=1)
    sheets = [{"cells": nb["cells"][:5], "metadata": {}}, {"cells": nb["cells"][5:], "metadata": {}}]
    return {"worksheets": sheets, "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}


def without_format(nb):
    del nb["nbformat"]
    return nb


def outputs(nb):
    cell(nb, "setup")["outputs"] = [{"data": {"application/json": [float("nan"), float("inf"), 1]}}]
    return json.dumps(nb).replace("Infinity, 1]", f"Infinity, {'9' * 5000}]").encode()


EDITORS = {
    "colab": (colab, "lost their metadata"),
    "vscode": (vscode, "lost their metadata"),
    "bare": (bare, "lost their metadata"),
    "strings": (stringly, "lost their metadata"),
    "4.0": (lambda nb: {**nb, "nbformat_minor": 0}, ""),
    "3": (format_3, "old format 3"),
    "5": (lambda nb: {**nb, "nbformat": 5}, "format 5, not 4"),
    "text": (lambda nb: {**nb, "nbformat": "four"}, "no number"),
    "none": (without_format, "does not say of which format"),
    "outputs": (outputs, ""),
    "mark": (lambda nb: b"\xef\xbb\xbf" + json.dumps(nb).encode(), ""),
    "utf-16": (lambda nb: json.dumps(nb, ensure_ascii=False).encode("utf-16"), ""),
    "served": (lambda nb: {"type": "notebook", "content": nb}, "inside of something else"),
    "gist": (lambda nb: {"files": {"a.ipynb": {"content": json.dumps(nb)}}}, "inside of something else"),
    "twice": (lambda nb: json.dumps(json.dumps(nb)).encode(), "inside of something else"),
}


@pytest.mark.parametrize("slug", SLUGS)
def test_what_editors_do_changes_nothing(slug):
    for name, (change, note) in EDITORS.items():
        done = planted(change(solved(slug)), slug)
        assert (done.digest, done.found) == (whole(slug).digest, whole(slug).found), name
        assert [note in line for line in done.notes] == [True] * bool(note), (name, done.notes)
        assert done.learner_id == "ada" and not done.review and done.answers == whole(slug).answers, name


# ---- What people do ----


def copied(nb, pick):
    nb["cells"].insert(pick.randrange(len(nb["cells"])), copy.deepcopy(_code(nb, pick)))


def restarted(nb, pick):
    """The released cell once more, behind the one that was worked on."""
    kept = to_notebook(skeleton(pick.slug), dict.fromkeys(names_of(pick.slug), 1.0), {})
    nb["cells"].append(pick.choice([one for one in kept["cells"] if one["id"].startswith("function")]))


def shuffled(nb, pick):
    before = list(nb["cells"])
    while nb["cells"] == before:
        pick.shuffle(nb["cells"])


def merged(nb, pick):
    """A cell of code and the next one of code, moved below it and merged, as JupyterLab does."""
    one, other = _code(nb, pick), _code(nb, pick)
    if one is not other:
        one["source"] = f"{one['source']}\n\n{other['source']}"
        nb["cells"].remove(other)
    return one is not other


def padded(nb, pick):
    one = _code(nb, pick)
    one["source"] = f"\n\n{one['source']}\n\n\n"
    nb["cells"].insert(pick.randrange(len(nb["cells"])), code(""))
    return False


def dropped(nb, pick):
    ours = ("setup", "check", "given", "example", "draw")
    some = [one for one in nb["cells"] if "".join(one["source"]).startswith(tuple(f"# {kind}" for kind in ours))]
    some = [one for one in some if len(re.findall(r"(?m)^# \w+(?: \w+)?(?: \(.*\))?: \S", one["source"])) == 1]
    if some:
        nb["cells"].remove(pick.choice(some))
    return bool(some)


def retyped(nb, pick):
    _code(nb, pick)["cell_type"] = pick.choice(["raw", "markdown"])
    return False  # of a cell of ours nobody needs to know


def renamed(nb, pick):
    """The first line edited: another case, no space, no colon, lines above it."""
    one = _task(nb, pick)
    first, _, rest = one["source"].partition("\n")
    edited = [first.replace("# ", "#", 1).upper(), first.replace(":", ""), f"  #  {first[2:].title()}", f"\n\n{first}"]
    one["source"] = f"{pick.choice(edited[:3])}\n{rest}"


def formed(nb, pick):
    one = _task(nb, pick)
    one["metadata"] = {"cellView": "form"}
    one["source"] = f'#@title Mine {{ display-mode: "form" }}\n{one["source"]}'
    return False


def headless(nb, pick):
    one = _task(nb, pick)
    one["source"] = one["source"].partition("\n")[2]
    one["metadata"] = {}


def split(nb, pick):
    one = _task(nb, pick, "function")
    lines = one["source"].split("\n")
    cut = pick.randrange(2, len(lines))
    rest = copy.deepcopy(one)
    one["source"], rest["source"] = "\n".join(lines[:cut]), "\n".join(lines[cut:])
    if pick.random() < 0.5:
        rest["metadata"] = {}
    nb["cells"].insert(nb["cells"].index(one) + 1, rest)


def invented(nb, pick):
    nb["cells"].insert(pick.randrange(len(nb["cells"])), code("# function nonesuch: mine\nnonesuch = 3"))


def moved(nb, pick):
    """The function written into a cell of the learner's own, and the stub left where it was."""
    one = _task(nb, pick, "function")
    name = re.search(r"# function (\w+)", one["source"])[1]
    nb["cells"].append(code(one["source"].partition("\n")[2]))
    one["source"] = next(each.source for each in skeleton(pick.slug) if each.id == f"function-{name}")


def magic(nb, pick):
    one = _task(nb, pick)
    one["source"] = f"%%time\n{one['source']}"


def helping(nb, pick):
    """A cell of the learner's own, indented as if it were a part of something."""
    nb["cells"].insert(pick.randrange(len(nb["cells"])), code(pick.choice(["    print(1)", "helper = 1", ")"])))
    return False


SAFE = (copied, restarted, shuffled, merged, padded, dropped)
LOSSY = (*SAFE, retyped, renamed, formed, headless, split, invented, moved, magic, helping)


def _code(nb, pick):
    return pick.choice([one for one in nb["cells"] if one["cell_type"] == "code" and one["source"].strip()])


def _task(nb, pick, *kinds):
    kinds = kinds or ("function", "experiment", "question")
    some = [
        one
        for one in nb["cells"]
        if one["source"] and "".join(one["source"]).startswith(tuple(f"# {k}" for k in kinds))
    ]
    return pick.choice(some)


def _fix(nb):
    for one in nb["cells"]:
        one["source"] = "".join(one["source"])


def mutated(slug, names, seed, stripped):
    """The solved notebook after these mutations, and whether one of them is to be told."""
    nb, pick, told = solved(slug), random.Random(seed), stripped
    pick.slug = slug
    for change in names:
        told |= change(nb, pick) is not False
        _fix(nb)
    return (bare(nb) if stripped else nb), told


def plain(notes):
    assert len(set(notes)) == len(notes)
    return all(len(note) <= 160 and note.endswith(".") and "\n" not in note for note in notes)


few = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(st.sampled_from(SLUGS), st.lists(st.sampled_from(SAFE), max_size=5), st.integers(0, 999), st.booleans())
def test_same_digest_after_any_harmless_mutations(slug, names, seed, stripped):
    nb, told = mutated(slug, names, seed, stripped)
    done = planted(nb, slug)
    assert done.digest == whole(slug).digest and done.found == whole(slug).found
    assert done.answers == whole(slug).answers and not done.review
    undone = {"copied", "dropped"} <= {change.__name__ for change in names}  # what was copied may be gone again
    assert plain(done.notes) and (undone or bool(done.notes) >= told)


@few
@given(st.sampled_from(SLUGS), st.sampled_from(LOSSY), st.integers(0, 999), st.booleans())
def test_every_task_is_found_after_any_mutation(slug, change, seed, stripped):
    nb, told = mutated(slug, [change], seed, stripped)
    done = planted(nb, slug)
    assert done.found == whole(slug).found and not done.review
    assert plain(done.notes) and bool(done.notes) >= told
    assert all(f"{one} = 1.5" in "".join(c.source for c in done.cells) for one in whole(slug).answers)
    assert again(done, slug).digest == done.digest
    for one in skeleton(slug):
        if one.kind == "function":
            assert "is yours to write" not in text_of(done, one.id)


@few
@given(st.sampled_from(SLUGS), st.lists(st.sampled_from(LOSSY), min_size=2, max_size=4), st.integers(0, 999))
@example("00_first_step", [split, moved], 0)
def test_repair_is_idempotent_and_never_loses_the_whole(slug, names, seed):
    try:
        nb, _ = mutated(slug, names, seed, False)
    except (IndexError, ValueError):  # nothing left to change in this way
        return
    done = planted(nb, slug)
    assert not done.review and plain(done.notes) and planted(nb, slug) == done
    once = again(done, slug)
    assert once.digest == done.digest and once.found == done.found
