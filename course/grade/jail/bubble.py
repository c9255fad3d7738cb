"""The outer jail of tier T1: the command line of bubblewrap, which gives the fork server namespaces of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import PurePath

_CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_READ_SEARCH")
_PATH = "/usr/local/bin:/usr/bin:/bin"


def find() -> str | None:
    """Where bubblewrap is, on the path or in the usual places."""
    return shutil.which("bwrap") or shutil.which("bwrap", path=_PATH)


def command(bwrap: str, inside: Sequence[str], readable: Sequence[str]) -> list[str]:
    """``inside`` run by bubblewrap, seeing ``readable`` and a few devices: no /proc, no network, nothing to write on.

    Without root a user namespace is needed to make the others. Root makes them without, and its workers take a real
    unprivileged uid: root mapped into a user namespace would still own every file of root's that it came upon.
    """
    namespaces = ["--unshare-pid", "--unshare-ipc", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.geteuid() == 0:
        for capability in _CAPABILITIES:
            namespaces += ["--cap-add", capability]
    else:
        namespaces += ["--unshare-user"]
    mounts = []
    for folder in _parents(readable):
        mounts += ["--dir", folder]  # made by us, so open to the workers' uid, unlike perhaps the real one
    for path in readable:
        if not path.startswith("/dev/"):
            mounts += ["--ro-bind", os.path.realpath(path), path]
    ends = ["--dev", "/dev", "--dir", "/tmp", "--remount-ro", "/", "--chdir", "/"]
    return [bwrap, *namespaces, "--die-with-parent", "--new-session", "--hostname", "jail", *mounts, *ends, *inside]


def _parents(paths: Sequence[str]) -> list[str]:
    """Every folder above ``paths`` that is not below one of them, outermost first."""
    inside = {PurePath(path) for path in paths}
    above = {parent for path in inside for parent in path.parents if str(parent) != "/"}
    kept = [folder for folder in above if not any(p in inside for p in (folder, *folder.parents))]
    return sorted(str(folder) for folder in kept)
