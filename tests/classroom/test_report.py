"""The report on a class: its numbers against counts made by hand, and what can never be in the page."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.classroom.doors.exchange import collect
from course.classroom.gradebook import Row, Scores
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.pages import charts, facts
from course.classroom.pages.facts import Facts, Work, checks, gather, mistakes, topics, unnamed
from course.classroom.pages.report import PAIRS, render, section, write_report
from course.classroom.pages.similar import OWN_CELLS
from course.classroom.roster import Learner, write_roster
from course.grade.verdict import CheckVerdict, TaskVerdict, Verdict
from course.verbs.report import report

from .conftest import BOOM, GOOD, LEARNERS, SLUG, WRONG
from .test_page import EVIL, Tags
from .test_similar import GD, OTHER, RENAMED, made_up

DUE = datetime(2026, 3, 1, 12)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """Where the first graded home of this module is kept, so that the others need not be graded again."""
    return tmp_path_factory.mktemp("kept") / "home"


@pytest.fixture
def graded(home, hand_in, kept):
    """Ada right, Bob wrong, Dan undecided; nothing of Cyd."""
    if not kept.is_dir():
        for learner, edits in (("ada", GOOD), ("bob", WRONG), ("dan", BOOM)):
            hand_in(home, learner, edits)
        collect(home, SLUG)
        grade_class(home, SLUG)
        shutil.copytree(home.path, kept)
    shutil.rmtree(home.path)
    return Home.open(Path(shutil.copytree(kept, home.path)))


def text_of(page: str) -> str:
    """What a person reads, in one line."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page.split("<body>")[1])))


def made(*works: Work, **changes) -> Facts:
    return Facts("04_loader", "Loader", {"gd": 4.0, "lr": 2.0}, works, **changes)


def work(name: str, status: str = "passed", *, score: float | None = 4.0, cause: str = "", **changes) -> Work:
    """Somebody who handed in, with one visible check and two hidden ones of ``status``."""
    found = [CheckVerdict("v", "It runs.", 1.0, "passed" if status != "fault" else status, "", "", True)]
    found += [CheckVerdict(f"h{i}", f"Property {i} holds.", 1.5, status, "", "edges") for i in (1, 2)]
    names = ("summed",) if cause else ()
    tasks = (
        TaskVerdict("gd", tuple(found), 4.0, "", names, cause),
        TaskVerdict("lr", (CheckVerdict("l", "The limit is right.", 2.0, "passed", "", "edges"),), 2.0),
    )
    rows = {
        "check-gd": Row("check-gd", 4.0, score, None, None, False),
        "check-lr": Row("check-lr", 2, 2.0, *[None] * 2, False),
    }
    learner = Learner(name, name.title(), "Doe")
    verdict = Verdict(name, "04_loader", "a" * 32, "T2", tasks)
    given = {"handed_in": True, "submitted": DUE, "due": DUE, "verdict": verdict, "current": True}
    return Work(learner, **{**given, "scores": Scores(rows, 0.0, {}), **changes})


def page_of(home: Home, *known: Facts) -> str:
    return render(home, [section(one) for one in known], datetime(2026, 3, 2, tzinfo=UTC))


def test_what_is_gathered_is_what_happened(graded):
    known = gather(graded, SLUG)
    ada, bob, cyd, dan = known.works
    assert (ada.score, bob.score, cyd.score, dan.score) == (6, 3, None, None)
    assert [one.graded for one in known.works] == [True, True, False, False]
    assert [one.undecided for one in known.works] == [False, False, False, True]
    assert [one.learner.id for one in known.missing] == ["cyd"] and known.waiting == [] and known.strangers == ()
    assert (known.median, known.mean, known.maximum) == (4.5, 4.5, 6)
    assert bob.points("double") == 1 and dan.points("double") is None and dan.points("limit") == 2
    assert "return x  # wrong" in bob.codes["double"] and "limit" not in bob.codes
    assert abs(ada.submitted - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=5)
    assert "SOLUTION" not in known.reference["double"] and "SECRET" in known.reference["double"]


def test_the_page_says_it(graded):
    done = write_report(graded)
    assert done.path == graded.path / "report.html" and done.assignments == (SLUG,) and done.waiting == {}
    assert done.path.stat().st_mode & 0o777 == 0o600
    page = done.path.read_text()
    text = text_of(page)
    for words in (
        "Private: for the instructor alone.",
        f"{SLUG} 3 of 4 2 4.5 4.5 6 0 1 0 1",
        "Missing (1) Cyd Charisse (cyd)",
        "Undecided (1): a person must look dan",
        "1 of 2 (50 %) double Other numbers are right. hidden: signs",
        "Ada Lovelace (ada) 4 2 6",
        "Bob Ross (bob) 1 2 3 dan ? 2 ?",
        "Cyd Charisse (cyd) · · ·",
        "without a name: failed Bob Ross (bob)",
    ):
        assert words in text, words
    assert text.index("Ada Lovelace (ada) 4") < text.index("Bob Ross (bob) 1") < text.index("Cyd Charisse (cyd) ·")
    assert "2 scores of at most 6 points: median 4.5, mean 4.5, lowest 3, highest 6. 1 score not decided." in page
    assert "3 submissions, from" in page and "no deadline is set" in page


def test_handed_in_again_and_not_graded_is_said_and_nobody_is_lost(graded):
    stamp = graded.notebook("submitted", SLUG, "ada").parent / "timestamp.txt"
    stamp.write_text("2026-03-01 10:00:00.000000 UTC")
    shutil.rmtree(graded.notebook("autograded", SLUG, "bob").parent)
    done = write_report(graded)
    assert done.waiting == {SLUG: 2}
    assert "2 to grade: run course grade 00" in text_of(done.path.read_text())


def test_late_is_after_ones_own_deadline(graded):
    path = graded.path / "course.toml"
    more = f'\n[assignments.{SLUG}]\ndue = "2026-03-01 12:00"\n[extensions.bob]\n00 = "2026-03-02 12:00"\n'
    path.write_text(path.read_text() + more)
    for learner, time in (("ada", "03-01 12:00:01"), ("bob", "03-02 12:00:00"), ("dan", "02-28 12:00:00")):
        stamp = graded.notebook("submitted", SLUG, learner).parent / "timestamp.txt"
        stamp.write_text(f"2026-{time}.000000 UTC")
    home = Home.open(graded.path)
    assert [one.learner.id for one in gather(home, SLUG).works if one.late] == ["ada"]
    page = write_report(home).path.read_text()
    assert "Late (1) Ada Lovelace (ada)" in text_of(page) and "due 1 March 2026, 12:00 UTC" in page
    assert "3 submissions, 1 of them late." in page and "the median at the deadline" in page


def test_nothing_is_live_and_nothing_is_loaded(home, graded):
    names = [replace(one, first_name=EVIL, last_name="\x00\u202e`x`") for one in LEARNERS]
    write_roster(graded.roster_file, names)
    graded.notebook("submitted", SLUG, "x<script>").parent.mkdir(parents=True)
    wide = work("eve", "failed", cause=EVIL, codes={"gd": GD + EVIL}), work("fay", codes={"gd": RENAMED + EVIL})
    known = made(*wide, strangers=(EVIL,))
    for page in (write_report(graded).path.read_text(), page_of(graded, gather(graded, SLUG), known)):
        tags = Tags(page).tags
        assert not {"script", "iframe", "object", "embed", "link", "base", "form"} & {tag for tag, _ in tags}
        for _, attributes in tags:
            assert not [name for name in attributes if name.startswith("on") and name != "open"]
            assert attributes.get("src", "data:image/svg+xml;base64,").startswith("data:image/svg+xml;base64,")
            assert re.fullmatch(r"#\d\d_[a-z_]+", attributes.get("href", "#00_x"))
        assert "url(" not in page and "@import" not in page and "default-src 'none'" in page
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    assert "x&lt;script&gt;" in write_report(graded).path.read_text()


def test_checks_and_topics_are_counted_and_sorted_the_hardest_first():
    known = made(
        work("a"), work("b", "failed"), work("c", "failed"), work("d", "fault", score=None), Work(Learner("e"))
    )
    found = [(one.task, one.sentence, one.passed, one.of) for one in checks(known)]
    assert found == [
        ("gd", "Property 1 holds.", 1, 3),
        ("gd", "Property 2 holds.", 1, 3),
        ("gd", "It runs.", 3, 3),
        ("lr", "The limit is right.", 4, 4),
    ]
    (topic,) = topics(known)
    assert (topic.topic, topic.task, topic.passed, topic.of) == ("edges", "gd, lr", 6, 10)


def test_mistakes_are_counted_by_name_and_the_rest_by_how_it_ended(home):
    summed = "The gradients are summed, and their mean is asked for."
    known = made(
        work("a"),
        work("b", "failed", cause=summed),
        work("c", "failed", cause=summed),
        work("d", "failed"),
        work("e", "timeout"),
        work("f", "fault", score=None),
    )
    (one,) = mistakes(known)
    assert (one.task, one.names, one.cause) == ("gd", ("summed",), summed)
    assert [learner.id for learner in one.learners] == ["b", "c"]
    assert sorted((one.names, len(one.learners)) for one in unnamed(known)) == [(("failed",), 1), (("timeout",), 1)]
    assert f"2 gd {summed} summed B Doe (b), C Doe (c)" in text_of(page_of(home, known))


def test_near_identical_cells_stand_side_by_side(home):
    known = made(work("ada", codes={"gd": GD}), work("bob", codes={"gd": RENAMED}), work("cyd", codes={"gd": OTHER}))
    text = text_of(page_of(home, known))
    assert "a reason to look, never a proof" in text and "Ada Doe (ada) and Bob Doe (bob): gd 100 %" in text
    assert "for step in range(steps + 1): = for i in range( n+1 ): # one more" in text
    assert "Cyd Doe (cyd) and" not in text and "and Cyd" not in text
    copied = text_of(page_of(home, replace(known, reference={"gd": OTHER})))
    assert "Cyd Doe (cyd) and the reference solution: gd 100 %" in copied
    alone = text_of(page_of(home, replace(known, works=known.works[1:])))
    assert "Near-identical" not in alone
    same = made(*(work(name, codes={"gd": GD}) for name in ("ada", "bob")), given=(GD[: GD.index("    losses")],))
    assert "… 4 lines of the exercise … 4 lines of the exercise losses = []" in text_of(page_of(home, same))


def test_many_pairs_are_cut_and_the_rest_is_said(home):
    works = [work(f"s{i:02}", codes={"gd": made_up(20, i // 2)}) for i in range(2 * PAIRS + 6)]
    page = page_of(home, made(*works))
    assert page.count('<details class="pair"') == PAIRS and "3 more pairs are less alike" in page


def test_totals_over_assignments(home):
    first = made(work("ada"), work("bob", "failed", score=1.0), Work(Learner("cyd")))
    second = made(work("ada", "fault", score=None), work("bob"), Work(Learner("cyd")))
    text = text_of(page_of(home, first, replace(second, slug="05_other")))
    assert "total of 12 Bob Doe (bob) 3 6 9 Ada Doe (ada) 6 ? 6 cyd · · 0" in text
    assert "Totals" not in text_of(page_of(home, first))


def test_three_hundred_stay_readable_and_small(home):
    works = [
        work(f"s{i:03}", "failed" if i % 3 else "passed", score=float(i % 5), cause="It is wrong.") for i in range(300)
    ]
    page = page_of(home, made(*works))
    assert len(page) < 300_000 and "<summary>300 learners</summary>" in page
    rows = re.findall(r'<td class="h\d sum">([\d.]+)</td>', page)
    assert len(rows) == 300 and [float(row) for row in rows] == sorted(map(float, rows), reverse=True)


def test_a_second_run_replaces_the_first_and_a_failed_one_changes_nothing(graded, monkeypatch):
    path = write_report(graded).path
    path.chmod(0o644)
    assert write_report(graded).path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    monkeypatch.setattr("course.classroom.home.os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space")))
    with pytest.raises(OSError):
        write_report(graded)
    assert path.read_bytes() == before and [one.name for one in path.parent.glob(".report.html.*")] == []


def test_where_it_cannot_or_must_not_be_written_is_said_before_anything_is_done(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(facts, "gather", lambda *_: pytest.fail("it was gathered"))
    with pytest.raises(HomeError, match="it is a folder"):
        write_report(graded, out=tmp_path)
    with pytest.raises(HomeError, match="there is no folder"):
        write_report(graded, out=tmp_path / "no" / "report.html")
    (tmp_path / "link").symlink_to(graded.exchange)
    with pytest.raises(HomeError, match="where learners read"):
        write_report(graded, out=tmp_path / "link" / "report.html")
    shutil.rmtree(graded.bundles / SLUG)
    with pytest.raises(HomeError, match="no assignment was released"):
        write_report(graded)


def test_damaged_files_cost_one_line(graded):
    graded.notebook("autograded", SLUG, "ada").unlink()
    graded.notebook("autograded", SLUG, "ada").write_text('{"metadata": []}')
    stamp = graded.notebook("submitted", SLUG, "bob").parent / "timestamp.txt"
    stamp.write_bytes(b"\xff\xfe yesterday")
    known = gather(graded, SLUG)
    assert [one.learner.id for one in known.waiting] == ["ada", "bob"] and known.works[1].submitted is None
    write_report(graded)


def test_the_verb(graded, tmp_path):
    where = ["--home", str(graded.path)]
    answer = CliRunner().invoke(report, [*where, "0", "--out", str(tmp_path / "page.html")])
    assert answer.exit_code == 0 and "1 assignment and 4 learners" in answer.output
    assert str(tmp_path / "page.html") in answer.output and (tmp_path / "page.html").is_file()
    answer = CliRunner().invoke(report, [*where, "07"])
    assert isinstance(answer.exception, HomeError) and "07 was not released" in str(answer.exception)


def test_the_scores_figure_is_a_png_and_its_text_says_the_numbers():
    scores = {"a": 3.0, "b": None, "c": 25.0, "d": 17.25}
    assert charts.scores(scores, 25.0, r"$\frac{$ <b>").startswith(b"\x89PNG\r\n\x1a\n")
    alt = charts.scores_chart(scores.values(), 25.0).alt
    assert alt == (
        "3 scores of at most 25 points: median 17.2, mean 15.1, lowest 3, highest 25. 1 score not decided. "
        "2.5 to 5: 1; 15 to 17.5: 1; 22.5 to 25: 1."
    )
    assert charts.scores_chart(scores.values(), 25.0) == charts.scores_chart(scores.values(), 25.0)
    for few in ([], [None], [0.0], [-1.0, 30.0]):
        assert charts.scores_chart(few, 25.0).data and charts.scores(dict(enumerate(few)), 0.0, "").startswith(b"\x89")


@pytest.mark.parametrize("values, maximum", [([0, 0.5, 1, 1.5, 2, 2], 2), ([0.1, 0.2, 0.3, 0.7], 1), ([7, 21, 22], 22)])
def test_no_score_is_lost_in_the_figure(values, maximum):
    alt = charts.scores_chart(values, maximum).alt
    assert sum(map(int, re.findall(r": (\d+)[;.]", alt))) == len(values)


def test_times_count_what_came_at_the_deadline_as_in_time():
    at = [(DUE + timedelta(hours=h), DUE) for h in (-30, -3, -1.5, 0, 0.01, 5)]
    chart = charts.times_chart(at)
    assert chart.alt.startswith(
        "6 submissions, 2 of them late. The first came 30 hours before the deadline, the last 5"
    )
    before, after = chart.alt.split("Hours after it")
    assert sum(map(int, re.findall(r"\d: (\d+)", before))) == 4 and sum(map(int, re.findall(r"\d: (\d+)", after))) == 2
    assert charts.times_chart([]) is None
    spread = charts.times_chart([(DUE + timedelta(days=d), None) for d in range(60)])
    assert "from 1 Mar to 29 Apr; no deadline is set. 1 Mar to 3 Mar: 3;" in spread.alt


def test_one_clock_that_is_years_off_leaves_the_others_their_bars():
    years = timedelta(days=3600)
    at = [DUE - timedelta(hours=h) for h in range(30)]
    honest = charts.times_chart([(time, DUE) for time in at]).alt
    bars = honest[honest.index("Hours before") :]
    late = charts.times_chart([(time, DUE) for time in [*at, DUE + years, DUE + years]]).alt
    assert late.startswith("32 submissions, 2 of them late.") and "the last 3600 days after the deadline" in late
    assert late.endswith(f"{bars} Not drawn: 2 more than 30 days after the deadline.")
    early = charts.times_chart([(time, DUE) for time in [*at, DUE - years]]).alt
    assert early.startswith("31 submissions, 0 of them late.")
    assert early.endswith(f"{bars} Not drawn: 1 more than 30 days before the deadline.")
    edges = charts.times_chart([(DUE + timedelta(days=d), DUE) for d in (-31, -30, 0, 30, 30.1, 31)]).alt
    assert "Not drawn: 1 more than 30 days before the deadline; 2 more than 30 days after the deadline." in edges
    assert sum(map(int, re.findall(r"\d: (\d+)", edges))) == 3
    wrong = charts.times_chart([(DUE + years, DUE)] * 3).alt
    assert "Not drawn" not in wrong and wrong.endswith(": 3."), "the deadline is years off"


def test_one_clock_that_is_years_off_where_no_deadline_is_set():
    at = [DUE - timedelta(hours=h) for h in range(30)]
    far = charts.times_chart([(time, None) for time in [*at, datetime(1, 1, 1), datetime(9999, 12, 31)]]).alt
    assert far == (
        "32 submissions, from 1 Jan 1 to 31 Dec 9999; no deadline is set. 28 Feb: 17; 1 Mar: 13. "
        "Not drawn: 1 more than 30 days before the median; 1 more than 30 days after the median."
    )


def test_a_copy_in_a_cell_of_ones_own_is_on_the_page(home):
    moved = {"gd": "def gd(*a):\n    return mine(*a)\n", OWN_CELLS: RENAMED.replace("def gd", "def mine")}
    known = made(work("ada", codes={"gd": GD}), work("bob", codes=moved))
    assert "Ada Doe (ada) and Bob Doe (bob): gd 100 %" in text_of(page_of(home, known))
