"""The feedback page: what a learner reads, and what can never be in it."""

from __future__ import annotations

import html
import json
import re
from datetime import datetime
from html.parser import HTMLParser

import pytest

from course.classroom.gradebook import Row, Scores
from course.classroom.page import About, figures, render
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


@pytest.mark.parametrize("where", ["code", "note", "review", "detail", "name", "topic", "title", "comment", "cell id"])
def test_nothing_of_the_learners_is_live(where):
    check = CheckVerdict("c", EVIL if where == "detail" else "x", 1.0, "failed", EVIL, EVIL if where == "topic" else "")
    task = TaskVerdict(EVIL if where == "name" else "gd", (check,), 1.0, EVIL if where == "note" else "")
    made = verdict(task, notes=(EVIL,), review=(EVIL,) if where == "review" else ())
    rows = {"check-gd": Row("check-gd", 1.0, 0.0, None, None, False)}
    scores = Scores(rows, 0.0, {"function-gd": EVIL if where == "comment" else "hm"})
    cells = notebook(function_gd=EVIL, own_01=EVIL)
    cells["cells"][0]["outputs"] = [{"output_type": "display_data", "data": {"image/png": png(), "text/html": EVIL}}]
    if where == "cell id":
        cells["cells"][0]["id"] = EVIL
    about = About(EVIL if where == "title" else "t", "demo", EVIL, EVIL)
    page = render(made, cells, about, scores)
    tags = Tags(page).tags
    assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & {tag for tag, _ in tags}
    for tag, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("src", "href", "srcset", "action", "background"):
            assert attributes.get(name, "data:image/png;base64,").startswith("data:image/png;base64,")
    assert "url(" not in page and "@import" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "default-src 'none'" in page


def test_a_page_stays_small_whatever_the_learner_wrote():
    tasks = [TaskVerdict(f"t{i}", checks(*["failed"] * 200, detail="<" * 100_000), 200.0) for i in range(12)]
    cells = notebook(**{f"function_t{i}": "<&>\"'" * 100_000 for i in range(12)}, own_01="'" * 1_000_000)
    page = render(verdict(*tasks, notes=("<" * 100_000,) * 500), cells, ABOUT)
    assert len(page.encode()) < 700_000  # 2,400 checks; the learner's own text is capped
    few = render(verdict(*(TaskVerdict(t.name, t.checks[:10], 10.0) for t in tasks)), cells, ABOUT)
    assert len(few.encode()) < 300_000 and "(cut here)" in few


def test_figures_are_png_data_and_nothing_else():
    good = png()
    wrong = ["", "!!!", "PHN2Zz48L3N2Zz4=", 7, None, ["x"], good[:-1]]
    outputs = [{"data": {"image/png": data}} for data in [good, *wrong, [good[:20], "\n", good[20:]]]]
    outputs += [{"data": {"image/svg+xml": "<svg/>", "text/html": "<b>"}}, {"output_type": "stream", "text": "x"}]
    found = figures([{"id": "draw-loss", "outputs": outputs}])
    assert [item["data"] for item in found] == [good, good]
    assert found[1]["alt"] == "Figure drawn by your cell “draw-loss”, picture 2"


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
