"""The feedback page: what a learner reads, and what can never be in it."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from course.bundle.cells import Cell
from course.classroom.gradebook import Row, Scores
from course.classroom.pages.page import CHECKS, About, figures, render, span
from course.classroom.pages.pictures import Picture, described
from course.classroom.pages.statistics import summed
from course.classroom.show import plain
from course.grade.verdict import CheckVerdict, TaskVerdict, Verdict

from .fake import png

EVIL = "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\x1b[31mred\x1b[0m\u202egnp"
ABOUT = About("Full-batch gradient descent", "demo", "Ada Lovelace", "ada", datetime(2026, 3, 1, 9, 5))


class Tags(HTMLParser):
    """Every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))


def checks(*statuses: str, detail: str = "") -> tuple[CheckVerdict, ...]:
    return tuple(
        CheckVerdict(
            f"c{i}", f"Property {i} holds.", 1.0, status, detail if status != "passed" else "", "edges", i == 0
        )
        for i, status in enumerate(statuses)
    )


def verdict(*tasks: TaskVerdict, notes: tuple[str, ...] = (), review: tuple[str, ...] = ()) -> Verdict:
    return Verdict("ada", "02_full_batch_gd", "a" * 32, "T1", tasks, notes, review)


def notebook(**cells: str) -> dict:
    made = [
        {"id": name.replace("_", "-"), "cell_type": "code", "source": [text], "outputs": []}
        for name, text in cells.items()
    ]
    return {"cells": made}


def test_it_says_score_status_in_words_and_the_sentence_of_every_check():
    gd = TaskVerdict(
        "gd", checks("passed", "timeout", detail="`gd` did not finish within 5 s; does the loop end?"), 2.0
    )
    page = render(
        verdict(gd, notes=("The check cell of `gd` was missing.",)), notebook(function_gd="def gd(): ..."), ABOUT
    )
    text = html.unescape(re.sub(r"<[^>]*>", " ", page.split("<body>")[1]))
    for words in (
        "Full-batch gradient descent",
        "Ada Lovelace",
        "1 March 2026, 09:05 UTC",
        "of 2 points",
        "timeout",
        "passed",
        "Property 0 holds.",
        "Property 1 holds.",
        "did not finish within 5 s",
        "hidden check: edges",
        "in your notebook",
        "was missing.",
        "def gd(): ...",
    ):
        assert words in re.sub(r"\s+", " ", text), words


WHERE = "code note review detail name topic title comment hint cause again collected picture".split()


@pytest.mark.parametrize("where", [*WHERE, "cell id"])
def test_nothing_of_the_learners_is_live(where):
    check = CheckVerdict("c", EVIL if where == "detail" else "x", 1.0, "failed", EVIL, EVIL if where == "topic" else "")
    cause = EVIL if where in {"cause", "hint"} else ""
    task = TaskVerdict(
        EVIL if where == "name" else "gd", (check,), 1.0, EVIL if where == "note" else "", (), cause, (EVIL,) * 3
    )
    made = verdict(task, notes=(EVIL,), review=(EVIL,) if where == "review" else ())
    made = replace(made, again=EVIL if where == "again" else "")
    rows = {"check-gd": Row("check-gd", 1.0, 0.0, None, None, False)}
    scores = Scores(rows, 0.0, {"function-gd": EVIL if where == "comment" else "hm"})
    cells = notebook(function_gd=EVIL, own_01=EVIL)
    cells["cells"][0]["outputs"] = [{"output_type": "display_data", "data": {"image/png": png(), "text/html": EVIL}}]
    if where == "cell id":
        cells["cells"][0]["id"] = EVIL
    told = {"function-gd": [Picture(EVIL, EVIL)]} if where == "picture" else {}
    about = About(EVIL if where == "title" else "t", "demo", EVIL, EVIL, notes=(EVIL,) * (where == "collected"))
    page = render(made, cells, about, scores, told=told)
    tags = Tags(page).tags
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & {tag for tag, _ in tags}
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "href", "srcset", "action", "background"):
            assert attributes.get(name, "data:image/png;base64,").startswith("data:image/png;base64,")
    assert "url(" not in page and "@import" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("mark", ["<", "'", "\u2028", "\U0001f600", "`", "\n", "`x`"])
def test_a_page_stays_small_whatever_the_learner_wrote(mark):
    told = {"mistakes": ("a", "b"), "cause": mark * 9_000, "hints": (mark * 9_000,) * 20}
    tasks = [
        TaskVerdict(f"t{i}", checks("passed", *["failed"] * 199, detail=mark * 9_000), 200.0, **told) for i in range(12)
    ]
    own = {f"own_{i:04d}": mark for i in range(5_000)}
    cells = notebook(**{f"function_t{i}": mark * 100_000 for i in range(12)}, **own)
    cells["cells"][0]["outputs"] = [{"data": {"image/png": png()}}] * 500
    about = replace(ABOUT, notes=(mark * 9_000,) * 50)
    made = replace(verdict(*tasks, notes=(mark * 9_000,) * 500, review=(mark * 9_000,) * 50), again=mark * 9_000)
    scores = Scores({}, 0.0, {f"function-t{i}": mark * 100_000 for i in range(12)})
    page = render(made, cells, about, scores, summed(of_class(12)))
    assert len(page.encode()) < 300_000, len(page.encode())
    assert all(page.count(f"Property {i} holds.") == 12 for i in range(CHECKS // 12))
    assert "(cut here)" in page and f"{200 - CHECKS // 12} more checks are not shown" in page


def test_no_sentence_of_a_check_is_cut_for_the_learners_code():
    tasks = [TaskVerdict(f"t{i}", checks(*["passed"] * 9, "failed", detail="It is 2."), 10.0) for i in range(12)]
    cells = notebook(**{f"function_t{i}": f"mine{i} " + "<" * 100_000 for i in range(12)})
    page = render(verdict(*tasks), cells, ABOUT)
    assert all(page.count(f"Property {i} holds.") == 12 for i in range(10)) and page.count("It is 2.") == 24
    assert all(f"mine{i} " in page for i in range(12)) and len(page.encode()) < 300_000
    own = render(verdict(tasks[0]), notebook(**{f"own_{i:03d}": "x = 1" for i in range(100)}), ABOUT)
    assert own.count("x = 1") == 60 and "40 more cells are not shown." in own


def test_figures_are_png_data_and_nothing_else():
    good = png()
    wrong = ["", "!!!", "PHN2Zz48L3N2Zz4=", 7, None, ["x"], good[:-1]]
    outputs = [{"data": {"image/png": data}} for data in [good, *wrong, [good[:20], "\n", good[20:]]]]
    outputs += [{"data": {"image/svg+xml": "<svg/>", "text/html": "<b>"}}, {"output_type": "stream", "text": "x"}]
    found = figures([{"id": "draw-loss", "outputs": outputs}])
    assert [item["data"] for item in found] == [good, good]
    assert found[1]["alt"] == found[1]["caption"] == "Figure drawn by your cell “draw-loss”, picture 2"


DRAWN = """# draw loss: run, do not edit
%matplotlib inline
"""
SEVERAL = """# draw loss: run, do not edit
curve = figures.host(experiment(1))
figures.lines({"a": (x, y)}, xlabel="step", title="Loss by step", alt="A curve that "
    "falls; the text below says more.")
fig, axes = figures.new("Two panels.")
figures.lines({}, alt=f"not {known}", title="nor this")
"""


def test_a_figures_text_says_which_cell_drew_it_and_what_the_exercise_says_of_it():
    skeleton = [
        Cell("draw", "loss", SEVERAL, "draw-loss"),
        Cell("draw", "odd", DRAWN + "figures.new('x')", "draw-odd"),
        Cell("function", "gd", "figures.new('the learner says so')", "function-gd"),
        Cell("example", "map", "figures.lines({}, alt='A map.')", "example-map"),
    ]
    told = described(skeleton)
    assert told == {
        "draw-loss": (Picture("Loss by step", "A curve that falls."), Picture("", "Two panels.")),
        "example-map": (Picture("", "A map."),),
    }
    drawn = [{"data": {"image/png": png()}}]
    cells = notebook(own_01="", example_map="", function_gd="", draw_loss="")
    for cell, times in zip(cells["cells"], (1, 1, 1, 3), strict=True):
        cell["outputs"] = drawn * times
    page = render(verdict(TaskVerdict("gd", checks("passed"), 1.0)), cells, ABOUT, told=told)
    alts = [attributes["alt"] for tag, attributes in Tags(page).tags if tag == "img"]
    assert alts == [
        "Figure drawn by your cell “own-01”",
        "Figure of the cell “example-map”. What the exercise says of it: A map.",
        "Figure drawn by your cell “function-gd”",
        "Figure of the cell “draw-loss”: Loss by step. What the exercise says of it: A curve that falls.",
        "Figure of the cell “draw-loss”, picture 2. What the exercise says of it: Two panels.",
        "Figure drawn by your cell “draw-loss”, picture 3",
    ]
    assert "<figcaption>Figure of the cell “draw-loss”: Loss by step</figcaption>" in page


DUE = datetime(2026, 3, 1, 9, 0)


@pytest.mark.parametrize(
    ("changes", "penalty", "came", "timing"),
    [
        ({}, 0.0, "handed in 1 March 2026, 09:05 UTC", ""),
        (
            {"door": "exchange", "due": DUE, "zone": ZoneInfo("Europe/Zurich")},
            1.0,
            "handed in 1 March 2026, 10:05 CET through the exchange",
            "It was due on 1 March 2026, 10:00 CET; it came 5 minutes late, and 1 point came off.",
        ),
        (
            {"door": "hub", "due": DUE - timedelta(days=2), "extended": True},
            2.5,
            "handed in 1 March 2026, 09:05 UTC from your folder on the hub",
            "It was due on 27 February 2026, 09:00 UTC, which is your extension; it came 2 days late, "
            "and 2.5 points came off.",
        ),
        (
            {"door": "lms", "in_time": False, "due": DUE},
            0.0,
            "handed in through the LMS",
            "It was due on 1 March 2026, 09:00 UTC; the LMS says that it came late, and nothing came off.",
        ),
        (
            {"door": "lms", "in_time": True, "due": DUE},
            0.0,
            "handed in through the LMS",
            "It was due on 1 March 2026, 09:00 UTC; it came in time.",
        ),
        (
            {"due": datetime(2026, 3, 1, 9, 5)},
            0.0,
            "handed in 1 March 2026, 09:05 UTC",
            "It was due on 1 March 2026, 09:05 UTC; it came in time.",
        ),
        ({"submitted": None, "due": DUE}, 0.0, "", "It was due on 1 March 2026, 09:00 UTC."),
        ({"submitted": None, "door": "odd"}, 0.0, "", ""),
    ],
)
def test_the_head_says_when_and_how_it_came_and_what_lateness_cost(changes, penalty, came, timing):
    about = replace(ABOUT, **changes)
    assert (about.came, about.timing(penalty, decided=True)) == (came, timing)
    page = render(verdict(TaskVerdict("gd", checks("passed"), 1.0)), notebook(), about, Scores({}, penalty, {}))
    assert came in page and timing in page and ("handed in" in page) == bool(came)


def test_what_is_not_decided_had_nothing_taken_off_yet():
    about = replace(ABOUT, due=DUE)
    assert about.timing(0.0, decided=False).endswith("it came 5 minutes late.")
    assert span(timedelta(hours=1)) == "1 hour" and span(timedelta(days=3, minutes=7)) == "3 days"


def test_repairs_of_both_kinds_stand_together_and_a_regrade_above_them():
    made = replace(
        verdict(TaskVerdict("gd", checks("passed"), 1.0), notes=("The check cell was missing.",)), again="G!"
    )
    collected = "its notebook is called 'my its work.ipynb' instead of b.ipynb; its time 'CEST' names no zone"
    page = html.unescape(render(made, notebook(), replace(ABOUT, notes=(collected, "Taken from the zip."))))
    found = page.split("What we repaired in your notebook")[1].split("</ul>")[0]
    assert re.findall("<li>(.*?)</li>", found) == [
        "The check cell was missing.",
        "Your notebook is called 'my its work.ipynb' instead of b.ipynb; your submission's time 'CEST' names no zone.",
        "Taken from the zip.",
    ]
    assert page.index("<p>G!</p>") < page.index("What we repaired")
    assert "What we repaired" not in render(verdict(TaskVerdict("gd", checks("passed"), 1.0)), notebook(), ABOUT)


def test_hints_are_folded_from_vague_to_plain():
    task = TaskVerdict("gd", checks("failed"), 1.0, "", ("a",), "The sign is wrong.", ("Look.", "Think.", "Do."))
    page = render(verdict(task), notebook(), ABOUT)
    folded = re.findall(r'<details class="hint"><summary>(.*?)</summary><p>(.*?)</p></details>', page)
    assert folded == [("A hint", "Look."), ("A plainer hint", "Think."), ("The plainest hint", "Do.")]
    two = render(verdict(replace(task, hints=("Look.", "Think."))), notebook(), ABOUT)
    assert re.findall("<summary>(.*?)</summary>", two) == ["A hint", "A plainer hint"]


def of_class(size: int) -> dict[str, Scores]:
    """Learners whose scores in gd are 0, 1, 2, 3, 4, 0, … of 4."""
    rows = [{"check-gd": Row("check-gd", 4.0, float(place % 5), None, None, False)} for place in range(size)]
    return {f"learner{place}": Scores(row, 0.0, {}) for place, row in enumerate(rows)}


def test_the_class_is_shown_from_ten_on_with_the_own_place_and_nobody_elses_name():
    held, made = of_class(11), verdict(TaskVerdict("gd", checks(*["passed"] * 4), 4.0))
    mine = replace(held["learner3"], rows={"check-gd": Row("check-gd", 4.0, 4.0, 3.0, None, False)})
    page = render(made, notebook(), ABOUT, mine, summed(held))
    figure = next(attributes for _, attributes in Tags(page).tags if attributes.get("role") == "img")
    assert figure["aria-label"] == (
        "How many submissions have how many points of 4. 0 to 1: 3; 1 to 2: 2; 2 to 3: 2; 3 to 4: 4. "
        "Yours is from 3 to 4."
    )
    assert page.count('class="line own"') == 1 and page.count('<span class="you">you</span>') == 1
    assert "11 submissions were graded" in page and "half of them have 2 of\n4 points" in page
    assert '2 of 4</td>\n<td class="n">18 %' in page and "learner" not in page.split("<body>")[1]
    few = render(made, notebook(), ABOUT, mine, summed(of_class(9)))
    assert "is shown from 10 submissions on" in few and 'role="img"' not in few and "%" not in few.split("By task")[1]
    open_ = render(verdict(TaskVerdict("gd", checks("fault"), 4.0)), notebook(), ABOUT, None, summed(held))
    assert 'class="line own"' not in open_ and "Yours" not in open_ and "11 submissions" in open_


def test_undecided_is_not_zero_and_manual_scores_and_penalties_show():
    made = verdict(TaskVerdict("gd", checks("passed", "fault"), 2.0), review=("The file breaks off.",))
    page = render(made, notebook(), ABOUT)
    assert "<code>gd</code>" in page
    assert "of 2 points" in page and "so far" not in page
    assert "not decided" in page and "A person looks at this submission" in page and "0 of 2" not in page
    rows = {"check-gd": Row("check-gd", 2.0, None, 1.5, None, False)}
    page = render(made, notebook(), ABOUT, Scores(rows, 0.5, {"function-gd": "Well argued."}))
    assert "<strong>1</strong>" in page and "0.5 taken off for lateness" in page
    assert "set by your instructor" in page and "Well argued." in page


def test_what_all_checks_say_is_said_once():
    made = verdict(TaskVerdict("gd", checks("error", "error", "error", detail="`gd` is not written yet."), 3.0))
    assert render(made, notebook(), ABOUT).count("<code>gd</code> is not written yet.") == 2  # table and section
    made = verdict(TaskVerdict("gd", checks("error", "passed", detail="`gd` raised KeyError."), 2.0))
    assert render(made, notebook(), ABOUT).count("<code>gd</code> raised KeyError.") == 2


def test_plain_strips_what_moves_or_hides_text():
    assert plain("a\x1b]0;title\x07b\x1b[2Jc\rd\x00\u2066e\n\tf") == "abc\nde\n\tf"


def test_the_same_verdict_makes_the_same_page():
    made = verdict(TaskVerdict("gd", checks("passed"), 1.0))
    again = Verdict.from_json(made.to_json())
    cells = notebook(function_gd="x")
    assert render(made, cells, ABOUT) == render(again, json.loads(json.dumps(cells)), ABOUT)
