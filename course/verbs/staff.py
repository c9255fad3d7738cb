"""The instructor's verbs of every day: demo, init, release, collect, grade, feedback, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..wording import count
from .shared import DONE, PATH, PERSON, folder_option, home_option, warn


@click.command()
@click.option("--json", "json_file", type=PATH, help="Write learner, assignment, score, maximum and statuses here.")
@click.option("--keep", type=PATH, help="Make the scratch course home in this folder.")
def demo(json_file: Path | None, keep: Path | None) -> None:
    """Show a whole class at work in a scratch course home: release, fetch, submit, collect, grade, feedback."""
    from ..classroom.desk.demo import run_demo

    sys.exit(run_demo(json_file, keep))


@click.command()
@click.argument("course_id")
@folder_option
@click.option("--roster", type=PATH, help="A CSV file with the columns id, first_name, last_name, email.")
@click.option(
    "--identity",
    type=click.Choice(["uid", "hub"]),
    help="How it is known whose a submission is: by the files' owner (uid, the default), or by the folder's name, "
    "which only a hub or a collector of yours may make (hub).",
)
@click.option("--exchange", type=PATH, help="Where learners fetch and hand in; default: exchange, inside the home.")
@click.option("--roles", type=PATH, help="Write Jupyter's settings for learners and instructors into this folder.")
@click.option("--assignments", default="", help="Those of this course, like 01,02,04; default: all may be released.")
def init(
    course_id: str,
    folder: Path | None,
    roster: Path | None,
    identity: str | None,
    exchange: Path | None,
    roles: Path | None,
    assignments: str,
) -> None:
    """Make a course home for COURSE_ID, or complete the one that is there."""
    from ..author.places import slug_of, slugs
    from ..classroom.home import Home
    from ..classroom.opening import mended, unreachable

    warn(mended(folder))
    where = str(exchange.absolute()) if exchange else None
    chosen = [slug_of(name.strip()) for name in assignments.split(",") if name.strip()]
    home = Home.create(
        folder,
        course_id=course_id,
        roster=roster,
        identity=identity,
        exchange=where,
        assignments=chosen,
        known=slugs(),
    )
    if missing := [slug for slug in chosen if home.settings.entry(slug) is None]:
        warn(f"{home.path / 'course.toml'} was there already and does not choose {', '.join(missing)}; add them there")
    if roles is not None:
        from ..classroom.roles import write_roles

        for path in write_roles(home, roles.absolute()):
            click.echo(
                f"Jupyter's settings for the {path.name}: JUPYTER_CONFIG_DIR={path}, or copy them to /etc/jupyter"
            )
    click.echo(f"The course home of {course_id} is {home.path}, with {count(len(home.roster), 'learner')}.")
    warn(unreachable(home))
    click.echo("Next: look through its course.toml, then release an assignment: course release 02")


@click.command()
@click.argument("assignment")
@home_option
def release(home: Any, assignment: str) -> None:
    """Freeze ASSIGNMENT and put it into the exchange."""
    from ..author.places import repository
    from ..classroom.desk.release import release as release_one
    from ..classroom.opening import ready_exchange, unreachable
    from ..classroom.schedule import now
    from ..classroom.sources import slug_of

    warn(unreachable(home))
    ready_exchange(home)
    done = release_one(home, slug_of(home, assignment, repository()), root=repository())
    ready_exchange(home)  # nbgrader opens an exchange that was not open to all, but without the sticky bit
    word = "released" if done.changed else "was released already, unchanged"
    due = home.due(done.slug)
    when = f", due {due:%Y-%m-%d %H:%M} UTC" if due else ""
    click.echo(f"{done.slug} ({done.points:g} points{when}) {word}: {done.notebook}")
    if due and due < now():
        late = f"the due date of {done.slug} has passed already, so whatever is handed in now is late"
        warn(f"{late}; if that is not meant, mend the date in course.toml or formgrader")
    click.echo(f"Next, when learners have submitted: course collect {assignment}")


@click.command()
@click.argument("assignment")
@click.option(
    "--from",
    "source",
    default="",
    help="A zip of all submissions from Canvas or Moodle; or a hub's folder of learners' folders, or its layout, like "
    "/srv/homes/{learner}/{assignment}/{assignment}.ipynb. Default: the exchange, and the hub of course.toml.",
)
@home_option
def collect(home: Any, assignment: str, source: str) -> None:
    """Bring the submissions of ASSIGNMENT into the course home: from the exchange, a hub, or an LMS's zip."""
    from ..classroom.doors.collecting import collect as collect_all

    slug = home.slug(assignment)
    got = collect_all(home, slug, source)
    click.echo(f"{count(len(got.collected), 'submission')} of {slug} collected, {len(got.unchanged)} already here.")
    missing = [learner for learner in home.roster if not home.notebook("submitted", slug, learner).is_file()]
    if missing:
        click.echo(f"Nothing from: {', '.join(sorted(missing))}")
    for note in got.notes:
        click.echo(f"note: {note}")
    for refusal in got.refused:
        click.echo(f"refused: {refusal}", err=True)
    if got.refused:
        inbound = source or home.exchange / home.settings.course_id / "inbound"
        click.echo(f"A refusal is said each time until you mend what it names or delete it in {inbound}", err=True)
    if got.collected or got.unchanged:
        click.echo(f"Next: course grade {assignment}")
    sys.exit(PERSON if got.refused else DONE)


@click.command()
@click.argument("learner")
@click.argument("assignment")
@click.argument("until")
@home_option
def extend(home: Any, learner: str, assignment: str, until: str) -> None:
    """Give LEARNER until UNTIL for ASSIGNMENT: a time like "2026-10-15 23:59", days like +3, or none (no extension)."""
    from ..classroom.desk.extend import extend as extend_one
    from ..classroom.doors.exchange import gone_out

    slug = home.slug(assignment)
    known = gone_out(home, slug)  # with the extension a page waits that went out before
    before, after = extend_one(home, learner, slug, until)
    word = "was already" if before == after else "is now"
    click.echo(f"The deadline of {learner} for {slug} {word} {after:%Y-%m-%d %H:%M} UTC.")
    if before != after and (home.path / "revealed" / f"{slug}.ipynb").is_file():
        warn(f"the solution of {slug} was revealed already, so {learner} can read it")
    if before < after and known:
        theirs = f"{learner} already, and says what to mend"
        others = f"{count(len(known), 'learner')} already, and {learner} may have read theirs"
        warn(f"feedback on {slug} went out to {theirs if learner in known else others}")
    if before != after and home.notebook("autograded", slug, learner).is_file():
        click.echo(f"Next: course collect {assignment}, then course grade {assignment}, which counts lateness anew")


@click.command()
@click.argument("assignment")
@click.option("--learner", multiple=True, help="Only this learner; may be repeated.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="Judging processes side by side.")
@click.option("--again", is_flag=True, help="Judge anew what is graded already; the old verdict stays in the journal.")
@click.option(
    "--scheduler",
    default="",
    help="Judge on all workers of this Dask scheduler, not here: tcp://127.0.0.1:8786, or tls://HOST:8786.",
)
@click.option("--store", type=PATH, help="A folder that all its machines share, where the course home is none.")
@home_option
def grade(
    home: Any,
    assignment: str,
    learner: tuple[str, ...],
    jobs: int,
    again: bool,
    scheduler: str,
    store: Path | None,
) -> None:
    """Grade the collected submissions of ASSIGNMENT into nbgrader's gradebook."""
    from ..classroom.grading.tables import grade_with_progress, print_grades
    from ..classroom.pages.charts import write_figure

    machines = _machines(scheduler, store)
    slug = home.slug(assignment)
    chosen = learner or None
    grades = grade_with_progress(home, slug, learners=chosen, jobs=jobs, force=again, machines=machines)
    print_grades(slug, grades)
    if grades.verdicts:
        click.echo(f"The scores as a figure: {write_figure(home, slug)}")
    if grades.verdicts or not grades.review:
        click.echo(f"Next: course {'feedback' if grades.verdicts else 'collect'} {assignment}")
    sys.exit(PERSON if grades.needs_person else DONE)


def _machines(scheduler: str, store: Path | None) -> Any:
    """Where to judge, if not here; a wrong address is refused before anything is done."""
    if not scheduler:
        if store is not None:
            raise click.UsageError("--store is for the machines of a --scheduler; name one")
        return None
    from ..grade.machines.cluster import Machines, check_address

    check_address(scheduler)
    return Machines(scheduler, store.absolute() if store is not None else None)


@click.command()
@click.argument("assignment")
@click.option("--zip", "zip_file", type=PATH, help="Write the pages into this zip file too, to upload it to an LMS.")
@home_option
def feedback(home: Any, assignment: str, zip_file: Path | None) -> None:
    """Write one feedback page a submission of ASSIGNMENT, and put it into the exchange; for an LMS, into a zip."""
    from ..classroom.doors.exchange import release_feedback
    from ..classroom.pages import handback
    from ..classroom.pages.feedback import feedback_class

    slug = home.slug(assignment)
    if zip_file is not None:
        home.place(zip_file, "--zip")  # before anything is done
    pages = feedback_class(home, slug)
    returned = release_feedback(home, slug)
    if not pages and not pages.refused:
        click.echo(f"Nothing to return: no submission of {slug} is graded.\nNext: course grade {assignment}")
        return
    written = f"{count(len(pages), 'page')} written under {home.path / 'feedback'}"
    click.echo(f"{written}, {len(returned.learners)} in the exchange.")
    if returned.waiting:
        click.echo(f"{count(len(returned.waiting), 'page')} will go out when the deadline has passed.")
    if zip_file is not None:
        _say_packed(handback.pack(home, slug, zip_file))
    elif returned.files:
        click.echo(
            f"{count(len(returned.files), 'page')} to be given as files (--zip FILE): handed in by another door."
        )
    for refusal in (*pages.refused, *returned.refused):
        click.echo(f"no feedback: {refusal}", err=True)
    sys.exit(PERSON if pages.refused or returned.refused else DONE)


def _say_packed(packed: Any) -> None:
    if not packed.names:
        click.echo(f"No page may go out yet, so {packed.path} was not written.")
        return
    click.echo(f"{packed.path} holds {count(len(packed.names), 'page')}; nobody but you can read it.")
    if packed.by_lms:
        click.echo(
            f"{len(packed.by_lms)} of them under the LMS's own names: upload the zip in Canvas by Upload Submissions, "
            "in Moodle by Upload multiple feedback files in a zip."
        )


@click.command()
@folder_option
def doctor(folder: Path | None) -> None:
    """Say which jail this machine offers, what is missing, and how to mend it; exits with 1 if a line says FIX."""
    from ..classroom.desk.doctor import examine

    findings = examine(folder)
    for finding in findings:
        click.echo(finding.line())
    sys.exit(PERSON if any(finding.stops for finding in findings) else DONE)
