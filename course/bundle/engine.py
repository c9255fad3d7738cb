"""The engine as part of a bundle: its sources, and an importer that takes them from memory instead of from the disk."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
import types
import zlib
from collections.abc import Mapping, Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

NAME = "autograd_mini"


def installed() -> dict[str, str]:
    """The sources of the engine that is installed here, by file name; nothing is imported."""
    spec = importlib.util.find_spec(NAME)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{NAME} is not installed beside the course; install the course again", name=NAME)
    folder = Path(next(iter(spec.submodule_search_locations)))
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    return {path: (folder / path).read_text(encoding="utf-8") for path in paths}


def pack(sources: Mapping[str, str]) -> str:
    """``sources`` small enough for one message on a socket.

    >>> unpack(pack({"ops.py": "x = 1"}))
    {'ops.py': 'x = 1'}
    """
    return base64.b64encode(zlib.compress(json.dumps(dict(sources)).encode())).decode()


def unpack(text: str) -> dict[str, str]:
    """The inverse of `pack`."""
    return dict(json.loads(zlib.decompress(base64.b64decode(text))))


def install(sources: Mapping[str, str]) -> None:
    """From now on `autograd_mini` is what ``sources`` say, in this process and its forks; no path is looked at.

    Without sources nothing changes. `RuntimeError` where the engine has been imported already: two would not mix.
    """
    if not sources:
        return
    if NAME in sys.modules:
        raise RuntimeError(f"{NAME} was imported before the bundle's own could be put in its place")
    sys.meta_path.insert(0, _Importer(sources))


class _Importer(MetaPathFinder, InspectLoader):
    """Finds and loads the engine's modules; tracebacks and `inspect.getsource` show their lines."""

    def __init__(self, sources: Mapping[str, str]):
        self._sources = dict(sources)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of one of our modules. Of another name below ours nobody finds any: the package has no folder."""
        if self._file(fullname) is None:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=f"<bundle>/{NAME}/{self._file(fullname)}")

    def is_package(self, fullname: str) -> bool:
        """Whether other modules lie below it."""
        return (self._file(fullname) or "").endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        """The module's text."""
        file = self._file(fullname)
        if file is None:
            raise ImportError(f"there is no {fullname} in this bundle's engine", name=fullname)
        return self._sources[file]

    def get_code(self, fullname: str) -> types.CodeType:
        """The module, compiled under a name that says where it comes from."""
        name = f"<bundle>/{NAME}/{self._file(fullname)}"
        return compile(self.get_source(fullname), name, "exec", dont_inherit=True)

    def _file(self, fullname: str) -> str | None:
        if fullname != NAME and not fullname.startswith(f"{NAME}."):
            return None
        stem = fullname.removeprefix(NAME).lstrip(".").replace(".", "/")
        names = (f"{stem}/__init__.py", f"{stem}.py") if stem else ("__init__.py",)
        return next((name for name in names if name in self._sources), None)
