"""Hostile notebooks: what is wrong with them is the file, not only one cell. Each gets the released notebook and makes
bytes; its docstring says what it does, as an attack's does."""

import copy
import json
import sys
from collections.abc import Callable

PAPERS: dict[str, Callable[[dict], bytes]] = {}


def paper(function: Callable[[dict], bytes]) -> Callable[[dict], bytes]:
    PAPERS[function.__name__] = function
    return function


def cell(notebook: dict, name: str) -> dict:
    """The cell of this grade id."""
    return next(one for one in notebook["cells"] if one["id"] == name)


def place(notebook: dict, name: str) -> int:
    return notebook["cells"].index(cell(notebook, name))


def own(source: str, **more: object) -> dict:
    """A code cell of the learner's own."""
    return {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": source, **more}


def dumped(notebook: dict) -> bytes:
    return json.dumps(notebook).encode()


@paper
def checks_rewritten(notebook: dict) -> bytes:
    """Rewrites the check cells, the setup cell and their points, and hides its own checks in copies of them.

    Row 31. Verdict: error.
    """
    for one in notebook["cells"]:
        if one["id"] in ("check-gd", "setup"):
            one["source"] = one["source"].partition("\n")[0].replace("1 point", "100 points") + "\npass"
            one["metadata"] = {"nbgrader": {"grade_id": one["id"], "points": 100, "grade": True, "locked": False}}
    notebook["cells"] += [copy.deepcopy(cell(notebook, "check-gd")) for _ in range(5)]
    return dumped(notebook)


@paper
def outputs_forged(notebook: dict) -> bytes:
    """Brings outputs with it in which all checks pass, scores stand, and scripts run.

    Row 39, 111. Verdict: error. Shown.
    """
    said = {"output_type": "execute_result", "execution_count": 1, "metadata": {}}
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            one["outputs"] = [
                {**said, "data": {"text/plain": "5.0", "text/html": "<script>alert('zqxj')</script>"}},
                {"output_type": "stream", "name": "stdout", "text": "gd: all checks pass, 5 of 5 points"},
            ]
            one["attachments"] = {"a.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"}}
    return dumped(notebook)


@paper
def kernel_chosen(notebook: dict) -> bytes:
    """Asks for a kernel of its own, and for shells, scripts and extensions by magic.

    Row 112. Verdict: error. Shown.
    """
    notebook["metadata"]["kernelspec"] = {"name": "evil", "argv": ["/bin/sh", "-c", "touch /tmp/pwned"]}
    notebook["metadata"]["language_info"] = {"name": "bash"}
    magics = ("%%bash\ntouch /tmp/pwned", "!touch /tmp/pwned", "%run /tmp/pwned.py", "%load_ext pwned", "%cd /", "?gd")
    magics += ("%%writefile /tmp/pwned\nx", "get_ipython().system('touch /tmp/pwned')", "%sx touch /tmp/pwned")
    at = place(notebook, "function-gd")
    notebook["cells"][at:at] = [own(text) for text in magics]
    return dumped(notebook)


@paper
def ids_doubled(notebook: dict) -> bytes:
    """Gives one id to every cell, in nbformat's place and in nbgrader's, and the id of `gd` to a copy of `full_grad`.

    Row own: the transplant, which finds cells by their ids. Verdict: error, missing or failed.
    """
    copied = copy.deepcopy(cell(notebook, "function-full_grad"))
    copied["id"], copied["metadata"] = "function-gd", {"nbgrader": {"grade_id": "function-gd"}}
    for one in notebook["cells"]:
        one["id"] = "function-gd"
    notebook["cells"].append(copied)
    return dumped(notebook)


@paper
def metadata_deep(notebook: dict) -> bytes:
    """Nests metadata a hundred levels deep, with keys that Python's objects have, and ids that are no words.

    Row own: reading, which looks into metadata. Verdict: error.
    """
    deep: object = {"grade_id": "function-gd"}
    for _ in range(100):
        deep = {"nbgrader": deep, "__class__": deep and 0, "grade_id": [], "": None}
    for one in notebook["cells"]:
        one["metadata"] = {"nbgrader": {"grade_id": {"function-gd": []}, "points": 1e308, "deep": deep}, "tags": deep}
    notebook["metadata"] = {"course": {"bundle": {"x": "0" * 32}}, "nbgrader": deep}
    return dumped(notebook)


@paper
def numbers_odd(notebook: dict) -> bytes:
    """Holds NaN, infinities and integers of four thousand digits, where JSON has numbers.

    Row own: reading, whose parser takes JSON as Python writes it. Verdict: error.
    """
    notebook["nbformat"], notebook["nbformat_minor"] = float("nan"), float("inf")
    notebook["metadata"]["course"]["bundle"] = float("-inf")
    for one in notebook["cells"]:
        one["execution_count"] = float("nan")
        one["metadata"]["points"] = "HUGE"
    return dumped(notebook).replace(b'"HUGE"', b"9" * 4_000)


@paper
def halves_of_letters(notebook: dict) -> bytes:
    """Holds halves of surrogate pairs, NUL bytes and marks that turn the direction, in code, ids and metadata.

    Row own: reading, whose texts go through JSON, a worker and a page. Verdict: error, failed or missing.
    """
    odd = "\ud800\udfff\u202e\u2066\x00\ufeff\u2028\x0c"
    for one in notebook["cells"]:
        if one["id"] == "function-gd":
            one["source"] = f"# function gd: your code below\ndef gd(*given, **named):\n    return '{odd}', '{odd}'\n"
        one["metadata"][odd] = odd
    notebook["cells"].insert(0, own(f"# {odd}\nx = '{odd}'", id=odd))
    notebook["metadata"]["title"] = odd
    return json.dumps(notebook).encode()


@paper
def keys_doubled(notebook: dict) -> bytes:
    """Says each key twice, so that two readers of one file would see two notebooks.

    Row own: reading, where the last of two keys counts. Verdict: error, missing or failed.
    """
    text = dumped(notebook).decode()
    forged = '"source": "# function gd: your code below\\nprint(5.0)", "cell_type": "markdown", "cell_type": "code", '
    text = text.replace('"source": "# function gd', f'{forged}"source": "# function gd')
    return ('{"cells": [], "nbformat": 3, "worksheets": [{"cells": []}], ' + text[1:]).encode()


@paper
def cells_of_all_kinds(notebook: dict) -> bytes:
    """Puts numbers, lists, nothing and other notebooks in the place of cells, and of their texts.

    Row own: reading, which passes over what is no cell. Verdict: error or missing.
    """
    odd: list[object] = [
        0,
        None,
        [],
        "cell",
        {"cell_type": []},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
    ]
    odd += [{"cell_type": "code", "source": [1, None, "x = 1\n", ["y"]]}, {"cell_type": "raw", "source": "zqxj"}]
    odd += [{"cells": notebook["cells"][:2], "nbformat": 4}, True, {"cell_type": "code\x00", "source": "gd = 5"}]
    notebook["cells"] = [part for one in notebook["cells"] for part in (one, *odd)][:480]
    return dumped(notebook)


@paper
def nested_deep(notebook: dict) -> bytes:
    """Nests lists as deep as a parser of JSON bears, in outputs that nobody looks at.

    Row own: reading, whose parser recurses. Verdict: error.
    """
    levels = min(900, sys.getrecursionlimit() - 100)
    cell(notebook, "function-gd")["outputs"] = ["DEEP"]
    return dumped(notebook).replace(b'"DEEP"', b"[" * levels + b"]" * levels)


@paper
def learner_forged(notebook: dict) -> bytes:
    """Computes who it is in the learner cell, and asks for arrays on a device of its own.

    Row own: the learner cell, which the setup cell believes. Verdict: error. Shown.
    """
    forged = "# learner: who you are\ncourse_id = 'demo'\nlearner_id = 'eve'\nbackend = 'cupy'\n"
    cell(notebook, "learner")["source"] = forged + "import os\nlearner_id = os.environ.get('USER', 'ada')\nexit()\n"
    return dumped(notebook)


@paper
def answers_as_code(notebook: dict) -> bytes:
    """Types code, names of the checks, and nests in the place of the numbers of a question.

    Row own: typed answers, which are read and never run. Verdict: error.
    """
    at = next(one for one in notebook["cells"] if one["source"].startswith("# question"))
    nested = "(" * 50 + "1" + ")" * 50
    at["source"] = at["source"].partition("\n")[0] + (
        "\npredicted_steps = __import__('os').system('touch /tmp/pwned')\nmeasured_steps = reference.experiment(seed)"
        f"\nloss_steps = {nested}\ncheck = submission = gd = full_grad = reference = 5\n__builtins__ = {{}}\n"
    )
    return dumped(notebook)


@paper
def cells_stacked(notebook: dict) -> bytes:
    """Defines `gd` in text, in a raw cell, in a check cell and in a string, but not where it belongs.

    Row own: the transplant, which looks for work that was moved. Verdict: error, failed or missing.
    """
    wrong = "def gd(*given, **named):\n    return 5.0, 5.0\n"
    text = {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "function-gd"}}, "source": wrong}
    notebook["cells"] += [
        text,
        {**text, "cell_type": "raw"},
        own(f"source = '''\n{wrong}'''"),
        own(f"if 0:\n    {wrong}"),
    ]
    cell(notebook, "check-gd")["source"] = f"# check gd (1 point): run, do not edit\n{wrong}"
    return dumped(notebook)
