"""What a submission may use; written once, configurable by `course.toml`."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one worker and one submission; seconds, megabytes and counts.

    ``cpu`` is the CPU time a call may use: ten times what the reference's longest call takes, or more, which
    ``python -m tests.load`` holds it to. ``wall`` is the factor by which wall-clock time may exceed it, so that a busy
    machine changes no grade.
    """

    cpu: float = 5.0
    wall: float = 3.0
    after_timeout: float = 1.0
    display: float = 60.0
    submission: float = 120.0
    memory_mb: int = 1024
    descriptors: int = 32
    callbacks: int = 10_000
    items: int = 10_000
    frame_mb: int = 64
    depth: int = 32
    output_shown: int = 64_000
    output_kept: int = 1_000_000
    notebook_mb: int = 20
    cells: int = 500

    def to_dict(self) -> dict:
        """Plain data for the verdict key and the wire."""
        return asdict(self)


LIMITS = Limits()
"""What holds where nothing else is said."""
