"""The course home: the one folder, outside the code, that holds everything a class produces."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ..learn.exercises import UnknownAssignment, resolve
from .roster import Learner, read_roster, write_roster
from .schedule import Entry
from .secret import make_secret, read_secret, remedy, verdicts
from .settings import HomeError, Settings

FOLDERS = ("assignments", "handed", "source", "release", "submitted", "autograded", "feedback", "bundles")


@dataclass(frozen=True)
class Home:
    """A course home that exists: its folder, and what its `course.toml` says.

    >>> home = Home.create(Path("course-home"), course_id="demo", identity="hub")     # doctest: +SKIP
    >>> home.submitted / "ada" / "02_full_batch_gd"                                   # doctest: +SKIP
    """

    path: Path
    settings: Settings

    @classmethod
    def open(cls, path: Path | None = None) -> Home:
        """The home at ``path``, else at ``$COURSE_HOME``, else this folder if it is one, else ``./.course``.

        Changes nothing: nbgrader's own processes open the home too. `HomeError` if there is none.
        """
        path = _where(path)
        try:
            text = (path / "course.toml").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise HomeError(
                f"there is no course home at {path}; make one with `course init`, or name it with --home or in "
                "COURSE_HOME"
            ) from None
        except NotADirectoryError:
            raise HomeError(f"{path} is a file, and a course home is a folder; name another with --home") from None
        except UnicodeDecodeError as error:
            raise HomeError(f"course.toml is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
        return cls(path, Settings.parse(text))

    @classmethod
    def create(
        cls,
        path: Path | None = None,
        *,
        course_id: str,
        roster: Path | Iterable[Learner] | None = None,
        identity: str | None = None,
        exchange: str | None = None,
        assignments: Iterable[str] = (),
        known: Iterable[str] = (),
    ) -> Home:
        """Make a home, mode 0700, with its secret, `course.toml`, folders and nbgrader's configuration.

        Safe to run again: what is there stays (the secret above all), what is missing is made, and a ``roster``
        that is given replaces the one before. ``assignments`` (slugs) are chosen in a new `course.toml`; else those
        that are ``known`` stand there as comments. `HomeError` when the home is of another course or identity, or when
        its secret is gone though there are verdicts.
        """
        path = _where(path)
        given = {"course_id": course_id, "identity": identity, "exchange": exchange}
        wanted = Settings(course_id, identity=identity or "uid", exchange=exchange or "exchange")
        wanted = replace(wanted, assignments=dict.fromkeys(assignments, Entry()))
        wanted.check()
        learners = read_roster(roster) if isinstance(roster, Path) else roster
        if path.exists() and not path.is_dir():
            raise HomeError(f"{path} is a file, and a course home is a folder; name another with --home")
        path.mkdir(parents=True, exist_ok=True)
        os.chmod(path, 0o700)
        if not (path / "course.toml").exists():
            write_text(path / "course.toml", wanted.to_toml(known))
        home = cls.open(path)._agree(given)
        home._furnish(learners)
        return home

    def _agree(self, given: dict[str, str | None]) -> Home:
        """This home with the exchange that is asked for; `HomeError` where anything else, or a class, is in the way."""
        for name, want in given.items():
            have = getattr(self.settings, name)
            if want is None or have == want:
                continue
            if name != "exchange" or any(self.bundles.glob("*/released")):
                raise HomeError(
                    f"{self.path} has {name} = {have!r}, not {want!r}; edit course.toml, or use another home"
                )
            path, line = self.path / "course.toml", f"exchange = {json.dumps(want)}"
            lines = [line if old.startswith("exchange =") else old for old in path.read_text().splitlines()]
            write_text(path, "\n".join(lines) + "\n")
        return Home.open(self.path)

    def _furnish(self, learners: Iterable[Learner] | None) -> None:
        from .nbconfig import write_config  # nbconfig needs Home
        from .opening import check, ready_exchange

        secret, journal = self.path / "secret", self.path / "journal.db"
        if not secret.exists() and verdicts(journal):
            raise HomeError(f"the course secret {secret} is missing, and another was not made; {remedy(secret)}")
        self.check_folders()
        for name in FOLDERS:
            (self.path / name).mkdir(exist_ok=True)
        make_secret(secret)
        check(self)
        if learners is not None:
            write_roster(self.roster_file, learners)
        elif not self.roster_file.exists():
            write_roster(self.roster_file, [])
        write_config(self)
        ready_exchange(self)

    def check_folders(self) -> None:
        """`HomeError` when a file lies where a folder of the home should be."""
        for name in FOLDERS:
            path = self.path / name
            if path.exists() and not path.is_dir():
                raise HomeError(f"{path} is a file where a folder should be; move it away and run course init again")

    @property
    def secret(self) -> bytes:
        """The course secret, from which the hidden seeds are derived; 32 bytes. `HomeError` when it is damaged."""
        return read_secret(self.path / "secret")

    @property
    def roster_file(self) -> Path:
        """The roster's CSV file."""
        return self.path / self.settings.roster

    @property
    def roster(self) -> dict[str, Learner]:
        """The learners by id, in the roster's order; read anew each time."""
        return {learner.id: learner for learner in read_roster(self.roster_file)}

    @property
    def exchange(self) -> Path:
        """The folder through which assignments and submissions change hands."""
        return self.path / self.settings.exchange

    @property
    def bundles(self) -> Path:
        """Frozen assignments, ``SLUG/HASH``."""
        return self.path / "bundles"

    def slug(self, name: str) -> str:
        """The released assignment that ``02``, ``2`` or a slug means; `HomeError` lists what was released."""
        released = {path.parent.name: path for path in sorted(self.bundles.glob("*/released"))}
        try:
            return resolve(name, released)
        except UnknownAssignment:
            others = f"; it has released {', '.join(released)}" if released else ""
            raise HomeError(f"{name} was not released from this home{others}; run: course release {name}") from None

    @property
    def assignments(self) -> list[str]:
        """The released assignments, in order."""
        return [path.parent.name for path in sorted(self.bundles.glob("*/released"))]

    def due(self, slug: str, learner: str | None = None) -> datetime | None:
        """When ``slug`` is due (UTC, naive), for a ``learner`` with their extension; None where nothing is said."""
        due, extended = self._dates(slug)
        return due if learner is None else extended.get(learner, due)

    def closed(self, slug: str) -> datetime | None:
        """The last deadline of anybody on the roster (UTC, naive); None where nothing is said."""
        due, extended = self._dates(slug)
        later = [at for learner, at in extended.items() if learner in self.roster]
        return None if due is None else max([due, *later])

    def _dates(self, slug: str) -> tuple[datetime | None, dict[str, datetime]]:
        from .gradebook import due_dates  # which needs Home

        return due_dates(self, slug)

    @property
    def submitted(self) -> Path:
        """Collected submissions, ``LEARNER/SLUG/SLUG.ipynb``."""
        return self.path / "submitted"

    def notebook(self, step: str, slug: str, learner: str = ".", suffix: str = ".ipynb") -> Path:
        """Where nbgrader keeps an assignment's notebook (or feedback page) at one of its steps."""
        return self.path / step / learner / slug / f"{slug}{suffix}"

    def stamp(self, step: str, slug: str, learner: str) -> str:
        """What nbgrader's `timestamp.txt` says at one of its steps; empty where there is none that can be read."""
        try:
            path = self.notebook(step, slug, learner).parent / "timestamp.txt"
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def place(self, path: Path, option: str) -> Path:
        """Where a file that is not for learners can be written; `HomeError` where not, or where they could read it.

        ``option`` is what the path was given by, for the sentence.
        """
        path = Path(os.path.abspath(path))
        if path.is_dir() or not path.parent.is_dir():
            why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise HomeError(f"{path} cannot be written, because {why}; name another file with {option}")
        if Path(os.path.realpath(self.exchange)) in Path(os.path.realpath(path)).parents:
            raise HomeError(f"{path} lies in the exchange, where learners read; name another file with {option}")
        return path


def _where(path: Path | None) -> Path:
    here = "." if Path("course.toml").is_file() else ".course"
    path = Path(os.path.abspath(path or os.environ.get("COURSE_HOME") or here))
    if odd := sorted(set(str(path)) & set("*?[\n")):
        raise HomeError(f"the path {path} holds {odd[0]!r}, which nbgrader takes for a pattern; choose another folder")
    return path


def write_text(path: Path, text: str) -> bool:
    """Write ``text`` whole or not at all; whether the file changed."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def write_private(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write ``data`` whole or not at all, readable by nobody else."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def write_folder(path: Path, files: Mapping[str, bytes], *, public: bool = False) -> None:
    """Put a folder with exactly these ``files`` in the place of ``path``; readable by all if it is ``public``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=path.parent, prefix="."))
    try:
        for name, data in files.items():
            (made / name).write_bytes(data)
            if public:
                os.chmod(made / name, 0o644)
        if public:
            os.chmod(made, 0o755)
        replace_folder(made, path)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def replace_folder(made: Path, path: Path) -> None:
    """Put the folder ``made`` in the place of ``path``; both lie on one file system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if path.exists():
        os.rename(path, old)
    os.rename(made, path)
    shutil.rmtree(old, ignore_errors=True)
