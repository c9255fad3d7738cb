"""Learners who cheat at the doors: names and files made to be taken for another's, for in time, or for ever."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from course.bundle.cells import Cell
from course.bundle.freeze import latest
from course.bundle.reading import Unreadable, parse
from course.bundle.transplant import transplant
from course.classroom.doors.collecting import collect
from course.classroom.doors.hub import hub
from course.classroom.doors.inbound import Refusal
from course.classroom.doors.lms import deliveries
from course.classroom.roster import Learner
from course.grade.limits import LIMITS
from tests.classroom.conftest import SLUG, grader, home, released, sources  # noqa: F401
from tests.classroom.zips import pack

ADA, MAL = Learner("ada", "Ada", "Lovelace"), Learner("mal", "Mal", "Evil")
LAYOUT = "{learner}/{assignment}/{assignment}.ipynb"


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    """A hub's folder, in which Ada's notebook and Mal's lie."""
    for learner in ("ada", "mal"):
        path = tmp_path / "srv" / learner / SLUG
        path.mkdir(parents=True)
        (path / f"{SLUG}.ipynb").write_text(f'{{"cells": [], "by": "{learner}"}}')
    return tmp_path / "srv"


def by_link(own: Path, other: Path) -> None:
    own.unlink()
    own.symlink_to(other)


def by_folder(own: Path, other: Path) -> None:
    os.rename(own.parent, own.parent.with_name("aside"))
    own.parent.symlink_to(other.parent)


@pytest.mark.parametrize("swap", [by_link, by_folder])
def test_what_is_swapped_while_a_hub_is_collected_stays_ones_own(
    homes: Path, swap: Callable[[Path, Path], None]
) -> None:
    refused: list[Refusal] = []
    with hub(str(homes / LAYOUT), SLUG, "mal", LIMITS, refused) as delivery:
        assert delivery is not None
        swap(homes / "mal" / SLUG / f"{SLUG}.ipynb", homes / "ada" / SLUG / f"{SLUG}.ipynb")
        try:
            assert b"mal" in delivery.content()
        except Unreadable as error:
            assert "collect again" in str(error)
    with hub(str(homes / LAYOUT), SLUG, "mal", LIMITS, refused) as delivery:
        assert delivery is None and [one.learner for one in refused] == ["mal"]


def test_what_is_written_while_a_hub_is_collected_counts_from_then_on(homes: Path) -> None:
    """Else the time that was looked at would be that of another text."""
    path = homes / "mal" / SLUG / f"{SLUG}.ipynb"
    with hub(str(homes / LAYOUT), SLUG, "mal", LIMITS, []) as delivery:
        assert delivery is not None
        time.sleep(0.02)  # a file's time has the clock's ticks
        path.write_text(path.read_text().replace("mal", "Mal"))
        with pytest.raises(Unreadable, match="changed while it was collected"):
            delivery.content()


def test_a_hubs_names_reach_people_in_plain_text(home, homes: Path) -> None:  # noqa: F811
    evil = "\x1b]0;PWNED\x07\x1b[2J\nrefused: cyd\u202e"
    (homes / evil).mkdir()
    own = homes / "ada" / SLUG
    (own / f"{SLUG}.ipynb").rename(own / f"{evil}.ipynb")
    (homes / "bob" / SLUG).mkdir(parents=True)
    (homes / "bob" / SLUG / f"{SLUG}.ipynb").mkdir()
    got = collect(home, SLUG, str(homes))
    said = [*map(str, got.refused), *got.notes]
    assert got.collected == ("ada",) and len(said) == 3
    assert all(mark.isprintable() for line in said for mark in line), said


def taken(path: Path, *names: str) -> list[tuple[str, bool | None, bytes]]:
    """Whose each file is, and if it is in time, of a zip in which Ada's notebook lies too."""
    files = [(name, name.encode()) for name in names]
    found, _ = deliveries(pack(path / "all.zip", files), SLUG, {one.id: one for one in (ADA, MAL)}, LIMITS)
    return [(one.learner, one.in_time, one.content()) for one in found]


@pytest.mark.parametrize(
    "original",
    [
        "Ada Lovelace_7_assignsubmission_file_x.ipynb",
        "lovelaceada_7_8_00_double.ipynb",
        "/Ada Lovelace_7_assignsubmission_file_/00_double.ipynb",
    ],
)
def test_nothing_in_a_files_own_name_makes_it_anothers_in_moodle(tmp_path: Path, original: str) -> None:
    mark = "Mal Evil_8_assignsubmission_file" + ("" if original.startswith("/") else "_")
    assert {who for who, _, _ in taken(tmp_path, mark + original)} <= {"mal"}


@pytest.mark.parametrize(
    "original", ["00_double.ipynb", "x_5_6_00_double.ipynb", "5_6_00_double.ipynb", "_5_6_x.ipynb"]
)
def test_nothing_in_a_files_own_name_takes_the_mark_of_lateness_away(tmp_path: Path, original: str) -> None:
    found = taken(tmp_path, f"evilmal_LATE_77_88_{original}")
    assert {(who, in_time) for who, in_time, _ in found} <= {("mal", False)}
    assert found or original != "00_double.ipynb"


@pytest.mark.parametrize("name", ["../00_double/" + "a" * 20, "/etc", "A" * 32, "a" * 31, ["a" * 32], 7, "released"])
def test_a_notebook_names_no_bundle_but_by_a_hash(name: object) -> None:
    data = {"nbformat": 4, "metadata": {"course": {"bundle": name}}, "cells": []}
    assert parse(json.dumps(data).encode()).bundle == ""
    data["metadata"]["course"]["bundle"] = "a" * 32  # type: ignore[index]
    assert parse(json.dumps(data).encode()).bundle == "a" * 32


HEADER = "# function double: your code below"
FLOODS: dict[str, list] = {
    "first lines": [f"{HEADER}\n" * 28_000],
    "first lines with code between": [("z = 1\n" * 700 + f"{HEADER}\n") * 200],
    "names": [f"{HEADER}\ndef double(x):\n    return x\n{HEADER}\nsaid = 1\n" * 9_000],
    "open quotes": ["'''\n\"\"\"\n" * 120_000, *[f"x = '''\n{HEADER}\n"] * 400],
    "brackets": [f"{HEADER}\ndef double(x):\n    return " + "(" * 900_000],
    "comments": ["#" + " " * 900_000 + "x"],
    "definitions": ["def " + " " * 400_000 + "x", "a" * 400_000 + " " * 100_000],
    "text of blanks": [("markdown", "**written " + " \n" * 45_000)] * 190,
    "texts": [("markdown", f"{HEADER}\n" * 2_500)] * 190,
    "almost first lines": ["#function double\n" * 58_000],
    "own cells before a long one": [
        *["z = 1"] * 480,
        f"{HEADER}\ndef double(x):\n    return x\n" + "y = 2\n" * 150_000,
    ],
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_notebook_made_to_be_slow_is_repaired_in_a_moment(home, name: str) -> None:  # noqa: F811
    """All of these are below the limits on cells and code, and everybody's grades wait for them."""
    skeleton: tuple[Cell, ...] = latest(home.bundles, SLUG).skeleton  # type: ignore[union-attr]
    pairs = [one if isinstance(one, tuple) else ("code", one) for one in FLOODS[name]]
    cells = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in pairs]
    data = json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
    began = time.process_time()
    transplant(data, skeleton)
    assert time.process_time() - began < 8


@pytest.mark.parametrize(
    "data", [b"[" + b'"{",' * 1_000_000 + b"0]", b"[" + b"{}," * 6_000_000 + b"0]"], ids=["texts", "objects"]
)
def test_what_is_wrapped_around_nothing_is_given_up_in_a_moment(data: bytes) -> None:
    """The bound is narrow, since the second takes a few seconds if all of it is looked at."""
    began = time.process_time()
    with pytest.raises(Unreadable, match="no list of cells"):
        parse(data)
    assert time.process_time() - began < 1.5


NESTED = """
import sys, threading
from course.bundle.reading import literals
deep = ["-" * 9990 + "1", "not " * 2400 + "1", "(" * 4900 + ")" * 4900, "1+" * 4900 + "1", "x[" * 4900,
        "b" + ".c" * 4900, "lambda:" * 1400 + "1", "[1," * 3300, "1 if 1 else " * 800 + "1", "{1:" * 3300,
        "f" + "()" * 4900, "f'{" * 3000, "1**" * 3300 + "1", "1\\0", "*" * 9000, "9" * 9990,
        "1e" + "9" * 9900, "'\\\\ud800'"]
def run():
    for text in deep:
        found = literals("limit = " + text)
        assert found.get("limit") is None or len(str(found)) < 400 or text.startswith("9"), text[:9]
    print("all looked at")
threading.stack_size(1 << 21)
one = threading.Thread(target=run)
one.start()
one.join()
"""


def test_answers_nested_without_end_do_not_end_the_process_that_reads_them() -> None:
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "all looked at" in done.stdout, done.stderr[-500:]
