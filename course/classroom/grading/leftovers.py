"""What a grading run that was killed leaves in the course home: files that were to be renamed when they were whole."""

from __future__ import annotations

import re
import time
from contextlib import suppress

from ..home import Home

OLD = 10.0
"""Seconds after which such a file is nobody's any more: it is written in milliseconds."""

_NAME = re.compile(r"\..+\.([0-9a-f]{16}|[a-z0-9_]{8})")


def remove(home: Home, slug: str) -> None:
    """Remove unfinished files of grading ``slug`` that are nobody's any more; nothing else has such a name."""
    folders = [home.path, home.path / "figures", home.path / "kept" / slug, *home.path.glob(f"autograded/*/{slug}")]
    for folder in folders:
        for path in folder.glob(".*"):
            with suppress(FileNotFoundError):  # whoever writes it has renamed it meanwhile
                if _NAME.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < time.time() - OLD:
                    path.unlink()
