"""Due dates, extensions, lateness, attempts and factors on points: what course.toml says, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from course.author import places
from course.classroom import gradebook
from course.classroom.desk.doctor import examine
from course.classroom.desk.extend import extend
from course.classroom.desk.release import release
from course.classroom.doors.collecting import from_lms
from course.classroom.doors.exchange import collect, gone_out, release_feedback, still_open
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.pages.feedback import feedback_class
from course.classroom.schedule import Late, moment, zone
from course.classroom.settings import Settings
from course.cli import main

from .conftest import GOOD, LEARNERS, SLUG, WRONG
from .zips import canvas

HEAD = 'course_id = "demo"\nidentity = "hub"\n'


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def rewrite(home: Home, text: str) -> Home:
    """The home with other settings."""
    (home.path / "course.toml").write_text(HEAD + text)
    return Home.open(home.path)


def due(at: datetime, more: str = "") -> str:
    return f'{more}\n[assignments.00]\ndue = "{at:%Y-%m-%d %H:%M:%S}"\n'


@pytest.mark.parametrize(
    "text, seen",
    [
        ('attempts = "3"', "attempts = '3' should be a whole number"),
        ('timezone = "Mars/Base"', "'Mars/Base' is no zone"),
        ('feedback = "never"', "feedback = 'never' should be one of"),
        ('hub = "/srv/homes"', "should be a path with {learner} and {assignment}"),
        ("[late]\nper_day = 2", "[late] per_day = 2 should lie between 0 and 1"),
        ("[late]\nper_week = 1", "'per_week'; known are"),
        ('[assignments.00]\ndue = "soon"', "'soon' is no time"),
        ("[assignments.00]\npoints = 0", "points = 0 should be a factor"),
        ("[assignments.00]\npoints = 0.333", "at most two decimals"),
        ('[assignments.first]\ndue = ""', "is no assignment"),
        ("[assignments.00]\nweight = 2", "has an entry 'weight'"),
        ('[extensions.ada]\n00 = "x"', "'x' is no time"),
        ("assignments = 3", "assignments should be tables"),
    ],
)
def test_what_is_wrong_is_named(text, seen):
    with pytest.raises(HomeError) as error:
        Settings.parse(HEAD + text)
    assert seen in str(error.value)


def test_times_are_read_in_the_courses_zone():
    zurich = zone("Europe/Zurich")
    assert moment("2026-07-01 12:00", "due", zurich) == datetime(2026, 7, 1, 10)
    assert moment("2026-12-01 12:00", "due", zurich) == datetime(2026, 12, 1, 11)
    assert moment("2026-07-01T12:00+05:00", "due", zurich) == datetime(2026, 7, 1, 7)
    assert moment("2026-07-01", "due", UTC) == datetime(2026, 7, 1, 23, 59, 59)
    said = Settings.parse(HEAD + 'timezone = "Europe/Zurich"\n[assignments.00]\ndue = 2026-07-01T12:00:00\n')
    entry = said.entry("00_double")
    assert entry is not None and entry.due == datetime(2026, 7, 1, 10)
    assert said.entry("01_other") is None and Settings.parse(HEAD).entry("01_other") is not None


@pytest.mark.parametrize(
    "late, hours, penalty",
    [
        (Late(per_day=0.1), 0.0, 0.0),
        (Late(per_day=0.1), 0.1, 2.0),
        (Late(per_day=0.1), 24.0, 2.0),
        (Late(per_day=0.1), 24.1, 4.0),
        (Late(per_day=0.1, grace_minutes=30), 0.5, 0.0),
        (Late(per_day=0.1, grace_minutes=30), 0.6, 2.0),
        (Late(per_day=0.5), 300.0, 20.0),
        (Late(days=2), 48.0, 0.0),
        (Late(days=2), 48.1, 20.0),
        (Late(per_day=0.1, days=2), 30.0, 4.0),
    ],
)
def test_what_lateness_costs(late, hours, penalty):
    assert late.penalty(20.0, hours * 3600) == pytest.approx(penalty)


def test_a_new_home_says_everything_with_comments_and_reads_itself(tmp_path):
    home = Home.create(tmp_path / "home", course_id="demo", assignments=["04_minibatch_loader"], known=["x"])
    text = (home.path / "course.toml").read_text()
    assert "[assignments.04_minibatch_loader]" in text and home.settings.entry("04_minibatch_loader") is not None
    assert home.settings.entry("02_full_batch_gd") is None
    other = Home.create(tmp_path / "other", course_id="demo", known=["02_full_batch_gd"])
    assert "# [assignments.02_full_batch_gd]" in (other.path / "course.toml").read_text()
    assert other.settings.assignments == {} and other.settings.entry("02_full_batch_gd") is not None


def test_late_and_extended_and_in_time_by_every_door(home, hand_in):
    """The due date passed 30 hours ago; ada is late, bob has an extension, cyd was in time by the LMS's own word."""
    at = now() - timedelta(hours=30)
    home = rewrite(home, due(at, "[late]\nper_day = 0.25") + f'[extensions.bob]\n00 = "{now() + timedelta(days=1)}"\n')
    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    grades = grade_class(home, SLUG)
    assert (grades.held["ada"].penalty, grades.held["ada"].score) == (3.0, 3.0)
    assert (grades.held["bob"].penalty, grades.held["bob"].score) == (0.0, 6.0)
    assert grade_class(home, SLUG).written == ()
    extend(home, "ada", SLUG, "+5")
    again = grade_class(Home.open(home.path), SLUG)
    assert again.written == ("ada",) and again.held["ada"].score == 6.0
    extend(Home.open(home.path), "ada", SLUG, "none")
    assert grade_class(Home.open(home.path), SLUG).held["ada"].score == 3.0


def test_an_edited_due_date_reaches_the_gradebook_and_formgraders_holds_where_none_is_said(home):
    first = now() + timedelta(days=3)
    home = rewrite(home, due(first))
    gradebook.apply_dates(home, SLUG)
    with gradebook.gradebook(home) as opened:
        assert opened.find_assignment(SLUG).duedate == first.replace(microsecond=0)
        opened.find_assignment(SLUG).duedate = datetime(2031, 1, 1)
        opened.db.commit()
    assert home.due(SLUG) == first.replace(microsecond=0)
    assert rewrite(home, "").due(SLUG) == datetime(2031, 1, 1)


def test_an_emptied_due_date_is_taken_back(home, hand_in):
    at = now() - timedelta(hours=30)
    policy, empty = "[late]\nper_day = 0.25\n", '[assignments.00]\ndue = ""\n'
    more_time = f'[extensions.bob]\n00 = "{now() - timedelta(hours=3)}"\n'
    home = rewrite(home, due(at, policy) + more_time)
    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    assert {name: held.score for name, held in grade_class(home, SLUG).held.items()} == {"ada": 3.0, "bob": 4.5}
    home = rewrite(home, policy + empty + more_time)
    assert home.due(SLUG) is None and home.due(SLUG, "bob") is None
    again = grade_class(home, SLUG)
    assert again.written == ("ada", "bob") and {held.score for held in again.held.values()} == {6.0}
    with gradebook.gradebook(home) as opened:
        assert opened.find_assignment(SLUG).duedate is None
        assert opened.find_submission(SLUG, "bob").total_seconds_late == 0
    assert rewrite(home, "").due(SLUG) is None


@pytest.mark.parametrize("before", ["never said", "said and changed", "taken back"])
def test_a_due_date_of_formgraders_is_not_taken_back(home, before):
    first, theirs, empty = datetime(2030, 1, 1), datetime(2031, 1, 1), '[assignments.00]\ndue = ""\n'
    if before != "never said":
        gradebook.apply_dates(rewrite(home, due(first)), SLUG)
    if before == "taken back":
        theirs = first  # by chance
        gradebook.apply_dates(rewrite(home, empty), SLUG)
    with gradebook.gradebook(home) as opened:
        opened.find_assignment(SLUG).duedate = theirs
        opened.db.commit()
    home = rewrite(home, empty)
    assert home.due(SLUG) == theirs
    gradebook.apply_dates(home, SLUG)
    assert home.due(SLUG) == theirs


def test_feedback_waits_for_the_deadline(home, hand_in):
    home = rewrite(home, due(now() + timedelta(days=1)) + f'[extensions.ada]\n00 = "{now() + timedelta(days=2)}"\n')
    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    assert release_feedback(home, SLUG).waiting == ("ada", "bob")
    assert not list(home.exchange.glob("demo/feedback/*"))
    at = f'[extensions.ada]\n00 = "{now() + timedelta(days=2)}"\n'
    passed = rewrite(home, due(now() - timedelta(seconds=2)) + at)
    assert (release_feedback(passed, SLUG).learners, still_open(passed, SLUG)) == (("bob",), {"ada"})
    everybody = rewrite(home, due(now() - timedelta(seconds=2), 'feedback = "all_deadlines"') + at)
    assert still_open(everybody, SLUG) == {one.id for one in LEARNERS}
    assert still_open(rewrite(home, due(now() + timedelta(days=1), 'feedback = "at_once"')), SLUG) == set()


def test_only_the_first_attempts_count_whatever_appears_or_vanishes_later(home, hand_in):
    home = rewrite(home, "attempts = 2\n")
    for edits in (WRONG, GOOD):
        hand_in(home, "ada", edits)
    assert collect(home, SLUG).notes == ()
    inbound = home.exchange / "demo" / "inbound"
    first, second = sorted(inbound.glob("ada+*"))
    kept = home.notebook("submitted", SLUG, "ada").read_bytes()
    assert kept == (second / f"{SLUG}.ipynb").read_bytes()
    hand_in(home, "ada", WRONG)
    third = max(inbound.glob("ada+*"))
    (inbound / f"ada+{SLUG}+2026-01-01 00:00:00.000000 UTC+x").mkdir()
    (inbound / f"ada+{SLUG}+2026-01-01 00:00:00.000000 UTC+x" / f"{SLUG}.ipynb").write_bytes(b'{"cells": []}')
    got = collect(home, SLUG)
    assert [note.split(": ")[1] for note in got.notes] == [
        "it is attempt 3 of 'ada', and the first 2 count",
        "it is attempt 4 of 'ada', and the first 2 count",
    ]
    assert third.name in "".join(got.notes)
    assert home.notebook("submitted", SLUG, "ada").read_bytes() == kept
    for path in first.iterdir():
        path.unlink()
    first.rmdir()
    collect(home, SLUG)
    assert home.notebook("submitted", SLUG, "ada").read_bytes() == kept


def test_a_factor_multiplies_all_points_and_says_so_in_the_notebook(home, sources, grader, tmp_path):
    home = Home.create(tmp_path / "double", course_id="demo", roster=LEARNERS, identity="hub")
    home = rewrite(home, "[assignments.00]\npoints = 2.5\n")
    done = release(home, SLUG, root=sources)
    assert done.points == 15.0
    assert gradebook.cells(home, SLUG) == {"check-double": 10.0, "check-limit": 5.0}
    assert "# check double (2.5 points): run" in done.notebook.read_text()
    assert "SECRET" not in done.notebook.read_text()


def test_what_was_not_chosen_is_not_released(home, sources):
    home = rewrite(home, "[assignments.04]\n")
    with pytest.raises(HomeError, match=r"00_double is not among the assignments that course.toml chose \(04\)"):
        release(home, SLUG, root=sources)


@pytest.mark.parametrize(
    "words, seen",
    [
        (("nobody", "00", "+1"), "'nobody' is not on the roster"),
        (("ada", "00", "soon"), "'soon' is no time"),
        (("ada", "00", "2001-01-01"), "is before 00_double is due"),
    ],
)
def test_extend_says_what_is_wrong(home, words, seen):
    home = rewrite(home, due(now()))
    done = CliRunner().invoke(main, ["extend", *words, "--home", str(home.path)])
    assert done.exit_code == 1 and seen in done.stderr


def test_extend_says_that_feedback_went_out(home, hand_in):
    home = rewrite(home, due(now() + timedelta(days=1)))
    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)

    def said(learner: str, until: str) -> str:
        done = CliRunner().invoke(main, ["extend", learner, "00", until, "--home", str(home.path)])
        assert done.exit_code == 0
        return done.stderr

    assert release_feedback(home, SLUG).learners == () and said("ada", "+2") == "", "the pages wait"
    home = rewrite(home, due(now() - timedelta(hours=1)))
    assert said("ada", "+2") == "", "and were not handed out yet"
    home = rewrite(home, due(now() - timedelta(hours=1)))
    assert release_feedback(home, SLUG).learners == ("ada", "bob")
    assert said("ada", "+2") == "course: feedback on 00_double went out to ada already, and says what to mend\n"
    assert said("dan", "+2").endswith("went out to 2 learners already, and dan may have read theirs\n")
    assert "feedback" in said("dan", "+3") and said("dan", "+3") == said("dan", "none") == ""


def test_extend_counts_pages_given_as_files(home, tmp_path):
    notebook = home.notebook("release", SLUG).read_bytes()
    from_lms(home, SLUG, canvas(tmp_path / "all.zip", [(home.roster["ada"], notebook, False)]))
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    for at, known in ((now() + timedelta(days=1), set()), (now() - timedelta(hours=1), {"ada"})):
        assert gone_out(rewrite(home, due(at)), SLUG) == known


def test_releasing_after_the_due_date_says_so(home, sources, monkeypatch):
    monkeypatch.setattr(places, "REPOSITORY", sources)
    for at, seen in ((now() - timedelta(days=1), "has passed already"), (now() + timedelta(days=1), "")):
        rewrite(home, due(at))
        done = CliRunner().invoke(main, ["release", "00", "--home", str(home.path)])
        assert done.exit_code == 0 and "was released already" in done.stdout
        assert (seen in done.stderr) if seen else done.stderr == ""


def test_extend_leaves_the_rest_of_course_toml_alone(home):
    home = rewrite(home, "# mine\n" + due(datetime(2030, 1, 1)) + "# the end\n")
    before = (home.path / "course.toml").read_text()
    for learner in ("ada", "bob", "ada"):
        done = CliRunner().invoke(main, ["extend", learner, "00", "+3", "--home", str(home.path)])
        assert done.exit_code == 0 and "2030-01-04 00:00 UTC" in done.stdout
    assert "was already" in done.stdout
    text = (home.path / "course.toml").read_text()
    assert text.startswith(before.rstrip()) and text.count("2030-01-04") == 2
    for learner in ("ada", "bob"):
        CliRunner().invoke(main, ["extend", learner, "00", "none", "--home", str(home.path)])
    assert (home.path / "course.toml").read_text().strip() == before.strip()


def test_doctor_names_slips_of_the_pen(home):
    text = '[assignments.00]\n[assignments.99]\n[extensions.adda]\n00 = "2030-01-01"\n'
    found = [one.sentence for one in examine(rewrite(home, text).path) if one.name == "course.toml"]
    assert found == [
        "[extensions.adda] is for nobody on the roster",
        "[assignments] names '99', and there is no such assignment",
    ]


def test_extending_what_was_revealed_says_so(home):
    home = rewrite(home, due(datetime(2030, 1, 1)))
    (home.path / "revealed").mkdir()
    (home.path / "revealed" / f"{SLUG}.ipynb").write_text("{}")
    done = CliRunner().invoke(main, ["extend", "ada", "00", "+3", "--home", str(home.path)])
    assert done.exit_code == 0 and "was revealed already, so ada can read it" in done.stderr
