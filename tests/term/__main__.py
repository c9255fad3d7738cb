"""``python -m tests.term``: play a term with a synthetic class; did everybody get exactly what they must?"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from .play import Term, chosen, steps


def main() -> int:
    """0 when nothing was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--assignments", default="02,04")
    parser.add_argument("--keep", type=Path, help="the folder to play in; default: a temporary one")
    parser.add_argument("--json", type=Path, help="write the facts here")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="course-term-"))
    term = Term(folder.resolve(), given.learners, chosen(given.assignments), say=lambda text: print(text, flush=True))
    term.play()
    print("\n".join(steps(term)))
    if given.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
        facts = {"learners": given.learners, "machine": machine, "wrong": term.wrong, **term.facts}
        given.json.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(term.wrong)} wrong. The home: {folder / 'home'}")
    return 1 if term.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
