"""A frozen assignment: skeleton, reference, checks and engine under one hash, which grades are made from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Protocol

from . import engine
from .cells import Cell
from .contract import Contract
from .notebook import from_notebook, to_notebook, to_text
from .reading import BUILD

FILES = ("contract.json", "skeleton.ipynb", "reference.ipynb", "checks.py", "engine.json")
_OPTIONAL = "engine.json"
"""Bundles that were frozen before the engine became part of them have none: the installed one stands in for it."""

_COURSE_ID = 'course_id = "demo"'


class BundleError(ValueError):
    """A bundle is missing, or its files are not those that its hash names."""


class Assignment(Protocol):
    """What can be frozen: an assignment as it was built."""

    @property
    def contract(self) -> Contract: ...
    @property
    def reference(self) -> tuple[Cell, ...]: ...
    @property
    def skeleton(self) -> tuple[Cell, ...]: ...
    @property
    def checks(self) -> str: ...


@dataclass(frozen=True)
class Bundle:
    """A frozen assignment on disk, read and verified."""

    path: Path
    hash: str
    contract: Contract
    skeleton: tuple[Cell, ...]
    reference: tuple[Cell, ...]
    engine: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The assignment's stem, the same everywhere."""
        return self.contract.slug

    @property
    def checks(self) -> Path:
        """The hidden checks, as frozen."""
        return self.path / "checks.py"

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Read the bundle at ``path``; `BundleError` when a file is missing or was changed after freezing."""
        try:
            there = [name for name in FILES if name != _OPTIONAL or (path / name).exists()]
            files = {name: (path / name).read_text() for name in there}
        except OSError as error:
            raise BundleError(f"the bundle {path.name} cannot be read ({error.strerror}: {error.filename})") from None
        if _hash(files) != path.name:
            raise BundleError(f"the files of bundle {path.name} were changed after it was frozen; release it again")
        return cls(
            path=path,
            hash=path.name,
            contract=Contract.from_dict(json.loads(files["contract.json"])),
            skeleton=from_notebook(json.loads(files["skeleton.ipynb"])),
            reference=from_notebook(json.loads(files["reference.ipynb"])),
            engine=json.loads(files.get(_OPTIONAL, "{}")),
        )

    def cell(self, grade_id: str) -> Cell:
        """The skeleton's cell of that id."""
        return next(cell for cell in self.skeleton if cell.id == grade_id)

    def notebook_of(self, cells: tuple[Cell, ...]) -> dict:
        """nbformat JSON of a submission's transplanted cells: fresh metadata, no outputs, own cells unmarked."""
        made = to_notebook(cells, dict(self.contract.points), {"assignment": self.slug})
        for cell, data in zip(cells, made["cells"], strict=True):
            if cell.kind == "scratch":
                data["metadata"] = {}
        return made

    def release_notebook(self, course_id: str) -> dict:
        """The notebook that learners of ``course_id`` get; the bundle's hash stands in its metadata."""
        notebook = to_notebook(
            self.skeleton, dict(self.contract.points), {"assignment": self.slug, "bundle": self.hash}
        )
        for cell in notebook["cells"]:
            if cell["id"] == "learner":
                source = "".join(cell["source"]).replace(_COURSE_ID, f'course_id = "{course_id}"')
                cell["source"] = source.splitlines(keepends=True)
        return notebook


def freeze(bundles: Path, built: Assignment, *, released: bool = True) -> Bundle:
    """Write ``built`` and the installed engine under ``bundles/SLUG/HASH``; safe to run again.

    It becomes the released one, unless ``released`` is False.
    """
    points = dict(built.contract.points)
    files = {
        "contract.json": json.dumps(built.contract.to_dict(), indent=1, ensure_ascii=False),
        "skeleton.ipynb": to_text(to_notebook(built.skeleton, points, {})),
        "reference.ipynb": to_text(to_notebook(built.reference, points, {})),
        "checks.py": built.checks,
        "engine.json": json.dumps(engine.installed(), indent=1, ensure_ascii=False, sort_keys=True),
    }
    folder = bundles / built.contract.slug
    path = folder / _hash(files)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.is_dir():
        made = Path(tempfile.mkdtemp(dir=folder))
        for name, text in files.items():
            (made / name).write_text(text)
        try:
            os.rename(made, path)
        except OSError:  # somebody else froze the same bundle in the meantime
            shutil.rmtree(made)
    if released:
        _mark_released(folder, path.name)
    return Bundle.open(path)


def _mark_released(folder: Path, name: str) -> None:
    temporary = folder / f"released.{os.getpid()}"
    temporary.write_text(name + "\n")
    os.replace(temporary, folder / "released")


def latest(bundles: Path, slug: str) -> Bundle | None:
    """The bundle that was released last for ``slug``, or None."""
    marker = bundles / slug / "released"
    return Bundle.open(bundles / slug / marker.read_text().strip()) if marker.is_file() else None


def of_build(bundles: Path, slug: str, build: str) -> Bundle | None:
    """The bundle whose setup cell says ``build``, for a notebook without metadata; of several the one released last."""
    made = latest(bundles, slug)
    paths = sorted((bundles / slug).glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    others = (Bundle.open(path) for path in paths if made is None or path.name != made.hash)
    for bundle in chain([made] if made else [], others):
        if any((match := BUILD.search(cell.source)) and match[1] == build for cell in bundle.skeleton):
            return bundle
    return None


def _hash(files: dict[str, str]) -> str:
    digest = hashlib.sha256()
    for name in (name for name in FILES if name in files):
        digest.update(hashlib.sha256(files[name].encode()).digest())
    return digest.hexdigest()[:32]
