"""What a notebook shows: prints, results, figures and errors of each cell, and nothing that could harm a reader."""

import base64

import pytest

from course.bundle.cells import Cell
from course.grade import outputs
from course.grade.limits import Limits
from course.grade.wire import WireError

pytest.importorskip("IPython")


def cells(*sources):
    return [Cell("scratch", "", source, f"c{i}") for i, source in enumerate(sources)]


@pytest.fixture
def show(server):
    def display(*sources, cpu=None, **names):
        with server.worker() as worker:
            shown = worker.display(cells(*sources), names=names, cpu=cpu)
        return [shown.get(f"c{i}") for i in range(len(sources))]

    return display


def text(output):
    return output.get("text") or output.get("data", {}).get("text/plain") or "\n".join(output.get("traceback", []))


def test_prints_results_and_display_in_order(show):
    source = "import sys\nprint('a')\nprint('b')\nprint('c', file=sys.stderr)\ndisplay(2)\nprint('d')\nlearner_id"
    (shown,) = show(source, learner_id="ada")
    assert [text(o) for o in shown] == ["a\nb\n", "c\n", "2", "d\n", "'ada'"]
    kinds = [o.get("name", o["output_type"]) for o in shown]
    assert kinds == ["stdout", "stderr", "display_data", "stdout", "display_data"]


def test_figures_are_pngs_drawn_once(show):
    source = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()"
    first, second = show(source, "%matplotlib inline\n1")
    (figure,) = [o for o in first if "image/png" in o.get("data", {})]
    assert outputs.is_png(base64.b64decode(figure["data"]["image/png"]))
    assert [text(o) for o in second] == ["1"]


def test_state_is_kept_and_an_error_costs_one_cell(show):
    shown = show("x = 1", "def g():\n    return x / 0\ng()", "x + 1", "1 +", "import sys\nsys.exit(1)", "'end'")
    assert shown[0] == [] and text(shown[2][0]) == "2" and text(shown[5][0]) == "'end'"
    error = shown[1][0]
    assert error["ename"] == "ZeroDivisionError"
    assert error["traceback"][1:] == ["  c1, line 3, in <module>", "    g()", "  c1, line 2, in g", "    return x / 0",
                                      "ZeroDivisionError: division by zero"]  # fmt: skip
    assert shown[3][0]["ename"] == "SyntaxError" and 'File "c3"' in text(shown[3][0])
    assert shown[4][-1]["ename"] == "SystemExit"


def test_a_cell_that_hangs_keeps_what_came_before(show):
    shown = show("print(1)", "print(2)\nwhile True: pass", "print(3)", cpu=0.5)
    assert text(shown[0][0]) == "1\n" and "did not finish in time" in text(shown[1][0]) and shown[2] is None


def test_a_cell_that_kills_the_process_keeps_what_came_before(show):
    shown = show("print(1)", "import os\nos._exit(0)", "print(3)")
    assert text(shown[0][0]) == "1\n" and "ended the Python process" in text(shown[1][0]) and shown[2] is None


def test_checks_questions_and_the_learner_are_not_run(server):
    headers = ("check f (1 point)", "question q", "learner", "draw d")
    sources = [f"# {header}: words\nprint(1)" for header in headers]
    with server.worker() as worker:
        assert list(worker.display([Cell.from_source(s) for s in sources], names={})) == ["draw-d"]


def test_nothing_live_and_nothing_endless_comes_out(show):
    flood, rich, escapes, long = show(
        "for _ in range(200): print('x' * 10**5)",
        "from IPython.display import *\ndisplay(HTML('<script>1</script>'), Javascript('1'))\nSVG('<svg/>')",
        "print('\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07\\u202eback\\x00')",
        "def f(n): return f(n + 1)\nf(0)",
    )
    assert sum(len(text(o)) for o in flood) < 70_000
    for output in rich:
        assert set(output["data"]) <= {"text/plain", "image/png"} and "<script>" not in text(output)
    assert text(escapes[0]) == "red back\n"
    assert len(long[0]["traceback"]) < 60


def test_hostile_shell_tricks_show_nothing_of_others(show):
    shown = show(
        "ip = get_ipython()\nip.display_pub.publish = None\nip.run_cell = lambda *a, **k: 1 / 0",
        "print(2)",
        "class R:\n    def _repr_png_(self): return b'no png'\nR()",
        "class S:\n    def __repr__(self): return 'a' * 10**7\nS()",
    )
    assert len(shown) == 4 and sum(len(text(o)) for cell in shown if cell for o in cell) < 200_000


@pytest.mark.parametrize(
    "message",
    [
        {"id": "x", "outputs": []},
        {"id": ["c0"], "outputs": []},
        {"id": "c0", "outputs": "a"},
        {"id": "c0", "outputs": [("stdout", b"1")]},
        {"id": "c0", "outputs": [("html", "1")]},
        {"id": "c0", "outputs": [["stdout", "1"]]},
        {"id": "c0", "outputs": [("png", b"GIF89a")]},
        {"id": "c0", "outputs": [("png", outputs.PNG + bytes(60))]},
    ],
)
def test_what_no_worker_of_ours_sends_is_refused(message):
    with pytest.raises(WireError):
        outputs.Collector(["c0"], Limits()).add(message)
