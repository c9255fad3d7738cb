"""The folder that all machines of a cluster see: bundles and jobs by their hashes, the course secret, judging logs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

from ...bundle.freeze import Bundle

OLD = 24 * 3600.0
"""Seconds after which a job is nobody's any more: its supervisor was killed."""

PATIENCE = 10.0
_SHARED = "the course home, or the folder named by --store, must lie on a disk that all machines share, at this path"


class StoreError(RuntimeError):
    """The store is not there on this machine, or what lies in it is not what its name says."""


class Store:
    """The store at ``path``. A course home is one already; another folder is filled from the ``home``."""

    def __init__(self, path: Path, home: Path | None = None):
        self.path, self.home, self._own = path, home, home in (None, path)
        self.jobs = path / "cluster" / "jobs"

    # -- where the supervisor is -----------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make it, for nobody else's eyes, with the course secret in it; and drop what killed runs left."""
        if not self._own:
            self._fill()
        self.jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.jobs.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - OLD:
                    path.unlink()

    def _fill(self) -> None:
        assert self.home is not None
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = self.path.stat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise StoreError(
                f"others can enter {self.path}, where the course secret lies; chmod 700 it, or name another"
            )
        secret = (self.home / "secret").read_text()
        if not (self.path / "secret").exists():
            _write(self.path / "secret", secret.encode())
        if (self.path / "secret").read_text() != secret:
            raise StoreError(f"{self.path} is another course's, whose secret lies there; name another with --store")

    def place(self, bundle: Bundle) -> None:
        """See to it that ``bundle`` lies in the store."""
        folder = self.path / "bundles" / bundle.slug
        if self._own or (folder / bundle.hash).is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder))
        shutil.copytree(bundle.path, made, dirs_exist_ok=True)
        try:
            os.rename(made, folder / bundle.hash)
        except OSError:  # somebody else was faster
            shutil.rmtree(made)

    def put(self, job: bytes) -> str:
        """Write a job down; its name is its hash."""
        name = hashlib.sha256(job).hexdigest()
        _write(self.jobs / f"{name}.json", job)
        return name

    def drop(self, name: str) -> None:
        """Remove a job."""
        (self.jobs / f"{name}.json").unlink(missing_ok=True)

    # -- where it is judged ----------------------------------------------------------------------------------------

    def job(self, name: str) -> bytes:
        """The job of that name. A disk that many machines share may show a new file a little late."""
        path, until = self.jobs / f"{name}.json", time.monotonic() + PATIENCE
        while not path.exists() and self.jobs.is_dir() and time.monotonic() < until:
            time.sleep(0.2)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise StoreError(f"there is no {path}; {_SHARED}") from None
        if hashlib.sha256(data).hexdigest() != name:
            raise StoreError(f"{path} does not hold what its name says; it was changed, or written only in part")
        return data

    def bundle(self, name: str) -> Bundle:
        """The bundle SLUG/HASH, verified."""
        if not (self.path / "bundles" / name).is_dir():
            raise StoreError(f"there is no {self.path / 'bundles' / name}; {_SHARED}")
        return Bundle.open(self.path / "bundles" / name)

    @property
    def secret(self) -> str:
        """The course secret, in hex."""
        return (self.path / "secret").read_text().strip()

    @property
    def log(self) -> Path:
        """Where this machine's judging processes say what went wrong."""
        return self.path / "cluster" / f"judge-{socket.gethostname()}.log"


def _write(path: Path, data: bytes) -> None:
    """The file is there whole, or not at all; only its owner may read it."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
