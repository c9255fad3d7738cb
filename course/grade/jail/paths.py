"""Which files a worker may read: the interpreter, its libraries, the engine and this package; nothing else."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from pathlib import Path

_SYSTEM = (
    "/lib /lib32 /lib64 /usr/lib /usr/lib32 /usr/lib64 /usr/libexec /usr/local/lib /usr/local/lib64 "
    "/usr/share/zoneinfo /etc/alternatives /etc/ld.so.cache /etc/localtime /nix/store /gnu/store"
).split()
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_OURS = ("autograd_mini", "course")


def packages() -> dict[str, str]:
    """Where our own packages lie, by name; the folder that holds them may be a checkout, with the solutions in it."""
    found = {}
    for name in _OURS:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            found[name] = os.path.abspath(next(iter(spec.submodule_search_locations)))
    return found


def import_path() -> list[str]:
    """What the server adds to the end of its module path: where our packages and NumPy are imported from here."""
    spec = importlib.util.find_spec("numpy")
    assert spec is not None and spec.origin is not None
    folders = [os.path.dirname(path) for path in packages().values()] + [str(Path(spec.origin).parents[1])]
    return list(dict.fromkeys(folders))


def readable() -> list[str]:
    """The files and folders that a worker may read, existing ones only.

    Of a prefix only its libraries: ``pip install -e git+…`` puts whole checkouts under a virtual environment.
    """
    wanted = [*_SYSTEM, *_DEVICES, *packages().values()]
    for prefix in {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}:
        wanted += [os.path.join(prefix, name) for name in ("lib", "lib64", "DLLs", "pyvenv.cfg")]
    wanted += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    wanted += [path for path in import_path() if os.path.basename(path) in {"site-packages", "dist-packages"}]
    return [path for path in dict.fromkeys(map(os.path.abspath, wanted)) if os.path.exists(path)]


def executables() -> list[str]:
    """What starting the interpreter needs besides `readable`: the folders of its symbolic links, in turn."""
    path, folders = sys.executable, []
    for _ in range(8):
        folders.append(os.path.dirname(path))
        if not os.path.islink(path):
            break
        path = os.path.abspath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return list(dict.fromkeys(folders))
