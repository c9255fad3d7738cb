"""The `course` command: its verbs stand in `verbs`; here is their order, and what becomes of their errors."""

from __future__ import annotations

from typing import Any

import click

from . import __version__
from .verbs import author, learner, records, report, review, staff
from .verbs.shared import PERSON


class Course(click.Group):
    """Lists the verbs in the order in which they are needed, the learner's first.

    Turns the course's own errors, and those of disk and database, into one sentence and exit code 1; anything else is
    a bug and shows itself.
    """

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.exceptions.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            text = _sentence(error)
            if not text:
                raise
            click.echo(f"course: {text}", err=True)
            context.exit(PERSON)


def _sentence(error: Exception) -> str:
    """What to tell people of an error; empty where it is a bug, or nobody listens any more."""
    from .wording import trouble

    if isinstance(error, BrokenPipeError):
        return ""
    if isinstance(error, ModuleNotFoundError) and error.name in {"nbgrader", "jupytext", "pytest", "pyseccomp"}:
        return f'{error.name} is not installed; run: pip install -e ".[staff]"'
    ours = type(error).__module__.startswith("course.")  # raised on purpose, with a sentence for people
    return str(error) if ours else trouble(error)


@click.group(cls=Course, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """An autograded course on batch size and the convergence of gradient descent.

    Learners: check, hint, status, reset, submit. Instructors: demo, init, release, collect, extend, grade, feedback,
    review, regrade, report, export, reveal, forget, doctor. Authors: build, audit.
    """
    if context.invoked_subcommand is None:
        from .standing import standing

        click.echo(standing())


for verb in (
    *(learner.check, learner.hint, learner.status, learner.reset, learner.submit),
    *(staff.demo, staff.init, staff.release, staff.collect, staff.extend, staff.grade, staff.feedback),
    *(review.review, review.regrade, report.report, records.export, records.reveal, records.forget, staff.doctor),
    *(author.build, author.audit),
):
    main.add_command(verb)
