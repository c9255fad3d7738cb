"""Seeds that anybody can recompute: what makes each learner's data their own."""

from __future__ import annotations

import hashlib


def public_seed(course_id: str, learner_id: str, assignment: str) -> int:
    """The seed of a learner's own data: the first 8 bytes of SHA-256 of ``course|learner|assignment``.

    >>> public_seed("demo", "ada", "02_full_batch_gd") == public_seed("demo", "ada", "02_full_batch_gd")
    True
    """
    text = f"{course_id}|{learner_id}|{assignment}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
