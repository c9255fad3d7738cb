"""Which jails this machine can make, found out by making them, and the sentence that says why one cannot be had."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from . import bubble, landlock, seccomp

RECORD = ("T1", "T2")
"""Tiers at which grades of record are made, the better one first."""

MEANING = {
    "T1": "namespaces (bubblewrap), Landlock, seccomp and resource limits",
    "T2": "Landlock, seccomp and resource limits",
    "T0": "resource limits only",
}


class TierUnavailable(RuntimeError):
    """A jail cannot be had here; the message says why, and what to do about it."""


class Disturbed(RuntimeError):
    """What makes the jail was killed while it was tried, again and again: that says nothing about the machine."""

    def __init__(self, tier: str):
        super().__init__(
            f"{tier}: the jail was killed again and again while it was tried, by hand or because memory ran out; "
            "nothing is lost: run this again"
        )


@dataclass(frozen=True)
class Tier:
    """One tier: whether it can be had, else in one sentence why not and how to repair that."""

    name: str
    available: bool
    why: str = ""

    @property
    def meaning(self) -> str:
        """What it is made of."""
        return MEANING[self.name]


@dataclass(frozen=True)
class Report:
    """What `probe` found, best tier first; ``landlock`` is the kernel's ABI, 0 for none."""

    tiers: tuple[Tier, ...]
    landlock: int = 0

    @property
    def best(self) -> str | None:
        """The best tier that can be had for grades of record, or None."""
        return next((tier.name for tier in self.tiers if tier.available and tier.name in RECORD), None)

    def __getitem__(self, name: str) -> Tier:
        return next(tier for tier in self.tiers if tier.name == name)


def probe() -> Report:
    """Try every tier: start it, and let a worker in it try what its jail must refuse. About 0.3 s a tier."""
    from ..workers import ForkServer  # it stands above this module

    found = []
    for name in (*RECORD, "T0"):
        try:
            ForkServer(tier=name, preload=False).close()
            found.append(Tier(name, True))
        except TierUnavailable as error:
            found.append(Tier(name, False, str(error)))
    return Report(tuple(found), landlock.abi() if sys.platform == "linux" else 0)


def require(floor: str = "T2", report: Report | None = None) -> str:
    """The best tier that can be had; `TierUnavailable` if it is below ``floor``, with the reasons."""
    report = report or probe()
    good = RECORD[: RECORD.index(floor) + 1]
    if report.best in good:
        return report.best
    reasons = " ".join(report[name].why for name in good)
    raise TierUnavailable(f"Grades of record need tier {floor} or better, which this machine cannot have. {reasons}")


def check_parts(tier: str) -> None:
    """Whether what ``tier`` is made of is there at all; `TierUnavailable` with what to install."""
    if tier not in MEANING:
        raise TierUnavailable(f"There is no tier {tier!r}; it is one of {', '.join(MEANING)}.")
    if sys.platform != "linux":
        raise TierUnavailable(f"{tier}: workers are made of Linux's own parts; grade on Linux, or in a container.")
    if tier == "T0":
        return
    if tier == "T1" and bubble.find() is None:
        raise TierUnavailable("T1: bubblewrap (bwrap) was not found; install it with `apt-get install bubblewrap`.")
    try:
        seccomp.compile_filter()
    except seccomp.SeccompMissing as error:
        raise TierUnavailable(
            f"{tier}: libseccomp was not found ({error}); install it with `apt-get install libseccomp2` and "
            "`pip install pyseccomp`."
        ) from error
    if tier == "T2" and landlock.abi() < 1:
        raise TierUnavailable(
            "T2: this kernel has no Landlock; it needs Linux 5.13 or later with `landlock` in /sys/kernel/security/lsm "
            "(boot with `lsm=landlock,…`)."
        )


def explain(tier: str, error: BaseException) -> str:
    """One sentence on why starting ``tier`` failed, with the repair where it is known."""
    said = " ".join(str(getattr(error, "why", error)).split())
    said = said[max(said.find("bwrap:"), 0) :][:300]  # before it stands that the channel to it was closed
    namespaces = ("namespace", "uid map", "Operation not permitted", "Permission denied")
    if tier == "T1" and any(word in said for word in namespaces):
        return (
            f'bubblewrap was refused its namespaces ({said}); {_allowing(said)}, or grade at T2 (floor = "T2" in '
            "course.toml)."
        )
    return f"a worker could not be started ({said})."


def _allowing(said: str) -> str:
    """How namespaces can be had, for what bubblewrap said and who asked."""
    if "ENOSPC" in said or "No space left" in said:
        return "allow more of them with `sysctl user.max_user_namespaces=15000`"
    container = "`--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
    if os.geteuid() == 0:  # root makes them without a user namespace: no sysctl is in its way
        return f"root needs CAP_SYS_ADMIN for them, in a container `--cap-add SYS_ADMIN` with {container}"
    return (
        "allow them with `sysctl kernel.unprivileged_userns_clone=1` (Debian) or `sysctl "
        f"kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu), in a container with {container}"
    )
