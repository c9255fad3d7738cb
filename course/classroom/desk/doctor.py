"""`course doctor`: what this machine offers for grading, what is missing, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...author.places import REPOSITORY
from ...grade.jail import tiers
from ...wording import count, sentence
from .. import sources
from ..home import Home, HomeError
from ..nbconfig import is_current
from ..opening import check, unreachable, unsafe
from ..roster import RosterError
from ..schedule import named


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, worth knowing, or serious; and a sentence."""

    name: str
    fine: bool
    sentence: str
    serious: bool = False

    def line(self) -> str:
        """The finding as a line of text."""
        word = "FIX " if self.stops else ("ok  " if self.fine else "note")
        return f"{word}  {self.name:<12} {self.sentence}"

    @property
    def stops(self) -> bool:
        """Whether grading cannot go on before it is mended."""
        return self.serious and not self.fine


def examine(folder: Path | None = None) -> list[Finding]:
    """Everything that grading on this machine, and in the home at ``folder``, depends on, tried where it can be."""
    return [_python(), *_packages(), *_tiers(_floor(folder)), _alembic(), *_home(folder), _gpu()]


def _python() -> Finding:
    return Finding("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.system()}", True)


def _packages() -> list[Finding]:
    findings = []
    for name in ("numpy", "nbgrader", "jupytext", "pytest", "pyseccomp"):
        try:
            findings.append(Finding(name, True, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            findings.append(Finding(name, False, 'is not installed; run: pip install -e ".[staff]"', serious=True))
    return findings


def _floor(folder: Path | None) -> str:
    """The weakest tier that the home allows; the weakest that there is where there is no home."""
    try:
        return Home.open(folder).settings.floor
    except HomeError:
        return tiers.RECORD[-1]


def _tiers(floor: str) -> list[Finding]:
    report = tiers.probe()
    findings = [Finding(tier.name, tier.available, tier.why or tier.meaning) for tier in report.tiers]
    if report.best and report.best <= floor:
        return [*findings, Finding("grading", True, f"grades of record are made at tier {report.best}")]
    needed = f"; course.toml asks for {floor} or better" if report.best else ""
    return [*findings, Finding("grading", False, f"no grades of record can be made on this machine{needed}", True)]


def _alembic() -> Finding:
    """nbgrader starts `alembic` by name to set up its database."""
    beside = Path(sys.executable).with_name("alembic")
    if shutil.which("alembic") or beside.is_file():
        return Finding("alembic", True, "found; nbgrader needs it for its database")
    return Finding("alembic", False, "is not beside this Python; reinstall nbgrader here", serious=True)


def _home(folder: Path | None) -> list[Finding]:
    try:
        home = Home.open(folder)
    except HomeError as error:
        return [Finding("course home", False, str(error))]
    trouble = [*_private(home), *_whole(home)]
    notes = [Finding("exchange", False, text) for text in (unreachable(home), unsafe(home)) if text]
    notes += [Finding("course.toml", False, text) for text in _misnamed(home)] if not trouble else []
    if trouble:
        return [*(Finding("course home", False, text, serious=True) for text in trouble), *notes]
    people = count(len(home.roster), "learner")
    return [Finding("course home", True, f"{home.path}: {home.settings.course_id}, {people}"), *notes]


def _misnamed(home: Home) -> Iterator[str]:
    """What `course.toml` says of learners and assignments that there are not: a slip of the pen costs an extension."""
    known = sources.known(home, REPOSITORY) if (REPOSITORY / "solutions").is_dir() else home.assignments
    said = home.settings
    for learner in sorted(set(said.extensions) - set(home.roster)):
        yield f"[extensions.{learner}] is for nobody on the roster"
    tables = [("assignments", said.assignments), *((f"extensions.{one}", t) for one, t in said.extensions.items())]
    for table, entries in tables:
        for name in entries:
            if not any(named({name: True}, slug, False) for slug in known):
                yield f"[{table}] names {name!r}, and there is no such assignment"


def _private(home: Home) -> Iterator[str]:
    for path, wanted in ((home.path, 0o700), (home.path / "secret", 0o600)):
        if path.exists() and (mode := os.stat(path).st_mode & 0o777) & ~wanted:
            yield f"{path} has mode {mode:o}, so that others may read it; run: chmod {wanted:o} {path}"


def _whole(home: Home) -> Iterator[str]:
    """A sentence for each thing in the home that stops grading, or that would let nbgrader grade by itself."""
    try:
        check(home)
    except (HomeError, OSError, sqlite3.Error) as error:
        yield sentence(error)
    try:
        _ = home.roster
    except RosterError as error:
        yield str(error)
    if not is_current(home):
        yield (
            f"{home.path / 'nbgrader_config.py'} is not as it was generated, and without it nbgrader runs learners' "
            f"code unjailed; run: course init {home.settings.course_id} --home {home.path}"
        )


def _gpu() -> Finding:
    try:
        import cupy
    except ImportError:
        return Finding("gpu", False, 'CuPy is not installed; only needed for GPU runs: pip install -e ".[cupy12]"')
    if not cupy.cuda.is_available():
        return Finding("gpu", False, "CuPy is installed but finds no usable GPU; everything runs on NumPy")
    return Finding("gpu", True, "CuPy finds a GPU")
