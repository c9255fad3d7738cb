"""`course doctor`: what this machine offers for grading, what is missing, and how to mend it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..grade.jail import tiers
from .home import Home, HomeError
from .nbconfig import is_current


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, worth knowing, or serious; and a sentence."""

    name: str
    fine: bool
    sentence: str
    serious: bool = False

    def line(self) -> str:
        """The finding as a line of text."""
        word = "ok  " if self.fine else ("FIX " if self.serious else "note")
        return f"{word}  {self.name:<12} {self.sentence}"


def examine() -> list[Finding]:
    """Everything that grading on this machine depends on, each tried and not only looked up."""
    return [_python(), *_packages(), *_tiers(), _alembic(), _home(), _gpu()]


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


def _tiers() -> list[Finding]:
    report = tiers.probe()
    findings = [Finding(tier.name, tier.available, tier.why or tier.meaning) for tier in report.tiers]
    if report.best:
        return [*findings, Finding("grading", True, f"grades of record are made at tier {report.best}")]
    return [*findings, Finding("grading", False, "no grades of record can be made on this machine", serious=True)]


def _alembic() -> Finding:
    """nbgrader starts `alembic` by name to set up its database."""
    beside = Path(sys.executable).with_name("alembic")
    if shutil.which("alembic") or beside.is_file():
        return Finding("alembic", True, "found; nbgrader needs it for its database")
    return Finding("alembic", False, "is not beside this Python; reinstall nbgrader here", serious=True)


def _home() -> Finding:
    try:
        home = Home.open()
    except HomeError as error:
        return Finding("course home", False, str(error))
    mode = os.stat(home.path).st_mode & 0o777
    if mode != 0o700:
        return Finding("course home", False, f"{home.path} has mode {mode:o}; run: chmod 700 {home.path}", serious=True)
    if not is_current(home):
        why = "is not as it was generated, and without it nbgrader runs learners' code unjailed; run: course init again"
        return Finding("course home", False, f"{home.path / 'nbgrader_config.py'} {why}", serious=True)
    return Finding("course home", True, f"{home.path}: {home.settings.course_id}, {len(home.roster)} learners")


def _gpu() -> Finding:
    try:
        import cupy
    except ImportError:
        return Finding("gpu", False, 'CuPy is not installed; only needed for GPU runs: pip install -e ".[cupy12]"')
    if not cupy.cuda.is_available():
        return Finding("gpu", False, "CuPy is installed but finds no usable GPU; everything runs on NumPy")
    return Finding("gpu", True, "CuPy finds a GPU")
