"""Learners who change what they handed in while it is being collected, or after it was due."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from course.classroom import gradebook
from course.classroom.doors import exchange, handed, inbound
from course.classroom.doors.exchange import collect
from course.classroom.home import Home

from .conftest import SLUG
from .test_exchange import NOW, put, taken

SECRET = "0123456789abcdef" * 8


def before_taking(monkeypatch: pytest.MonkeyPatch, action: Callable[[], None]) -> None:
    """Do something once, after ada's submission was looked at and before it is copied."""
    original, done = handed.take, []

    def take(home, slug, item, due):
        if item.learner == "ada" and not done:
            done.append(action())
        return original(home, slug, item, due)

    monkeypatch.setattr(handed, "take", take)


def swap(folder: Path, other: Path) -> None:
    """Put a link in the place of a folder."""
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to(other)


@pytest.mark.parametrize("whose", ["the reference", "a classmate's"])
def test_a_folder_swapped_for_a_link_gets_nothing_but_ones_own(home: Home, monkeypatch, whose):
    if whose == "the reference":
        other = next(path.parent for path in home.bundles.glob(f"{SLUG}/*/reference.ipynb"))
        name = "reference.ipynb"
    else:
        other, name = put(home, f"bob+{SLUG}+{NOW}+x", b"bob's work"), f"{SLUG}.ipynb"
    folder = put(home, f"ada+{SLUG}+{NOW}+x", b"my own", notebook=name)
    before_taking(monkeypatch, lambda: swap(folder, other))
    collect(home, SLUG)
    assert taken(home, "ada") == b"my own"


def test_a_notebook_swapped_for_a_link_gets_nothing_but_ones_own(home: Home, monkeypatch, tmp_path):
    (tmp_path / "other").write_bytes(b"not mine")
    notebook = put(home, f"ada+{SLUG}+{NOW}+x", b"my own") / f"{SLUG}.ipynb"

    def act() -> None:
        notebook.unlink()
        os.link(tmp_path / "other", notebook)

    before_taking(monkeypatch, act)
    collect(home, SLUG)
    assert not home.notebook("submitted", SLUG, "ada").exists() or taken(home, "ada") == b"my own"


def test_what_is_rewritten_while_it_is_collected_is_refused_and_taken_the_next_time(home: Home, monkeypatch):
    notebook = put(home, f"ada+{SLUG}+{NOW}+x", b"first") / f"{SLUG}.ipynb"
    put(home, f"bob+{SLUG}+{NOW}+x", b"quiet")
    time.sleep(0.02)  # file systems' clocks go in steps
    before_taking(monkeypatch, lambda: notebook.write_bytes(b"other") and None)
    got = collect(home, SLUG)
    assert got.collected == ("bob",) and "changed while it was collected" in got.refused[0].sentence
    assert collect(home, SLUG).collected == ("ada",) and taken(home, "ada") == b"other"


def test_a_folder_that_vanishes_costs_nobody_else(home: Home, monkeypatch):
    folder = put(home, f"ada+{SLUG}+{NOW}+x")
    put(home, f"bob+{SLUG}+{NOW}+x", b"still here")
    original = gradebook.due_dates

    def vanish(*arguments):
        if folder.exists():
            folder.rename(folder.with_name("gone"))
        return original(*arguments)

    monkeypatch.setattr(exchange.gradebook, "due_dates", vanish)
    assert collect(home, SLUG).collected == ("bob",) and taken(home, "bob") == b"still here"


def test_a_folder_that_vanishes_after_it_was_listed_is_refused(home: Home, monkeypatch):
    folder = put(home, f"ada+{SLUG}+{NOW}+x")
    put(home, f"bob+{SLUG}+{NOW}+x")
    original = inbound.Inbox.survey

    def survey(self):
        found = original(self)
        folder.rename(folder.with_name("gone"))
        return found

    monkeypatch.setattr(inbound.Inbox, "survey", survey)
    got = collect(home, SLUG)
    assert got.collected == ("bob",) and "No such file" in got.refused[0].sentence


def test_whatever_goes_wrong_with_one_submission_costs_nobody_else(home: Home, monkeypatch):
    put(home, f"ada+{SLUG}+{NOW}+x")
    put(home, f"bob+{SLUG}+{NOW}+x")
    original = inbound.check_descriptor

    def check(descriptor, name, megabytes):
        if f"ada+{SLUG}" in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise RuntimeError("nobody expected this")
        return original(descriptor, name, megabytes)

    monkeypatch.setattr(inbound, "check_descriptor", check)
    got = collect(home, SLUG)
    assert got.collected == ("bob",) and "nobody expected this" in got.refused[0].sentence


def in_time(action: Callable[[], object], seconds: float = 20.0) -> None:
    """Run ``action``; fails when it hangs."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"


def test_a_secret_that_turns_into_a_pipe_does_not_hang(home: Home, monkeypatch):
    secret = put(home, f"ada+{SLUG}+{NOW}+x") / "submission_secret.txt"
    secret.write_text(SECRET)
    original = Path.is_symlink

    def flip(path: Path) -> bool:
        """Collecting once asked this, then opened the file by its path."""
        answer = original(path)
        if path == secret:
            secret.unlink()
            os.mkfifo(secret)
        return answer

    monkeypatch.setattr(Path, "is_symlink", flip)
    in_time(lambda: collect(home, SLUG))
    assert taken(home, "ada")


def test_a_secret_that_is_a_pipe_is_not_taken(home: Home):
    os.mkfifo(put(home, f"ada+{SLUG}+{NOW}+x") / "submission_secret.txt")
    in_time(lambda: collect(home, SLUG))
    files = sorted(os.listdir(home.notebook("submitted", SLUG, "ada").parent))
    assert files == [f"{SLUG}.ipynb", "timestamp.txt"]


def test_a_learner_who_flips_without_end_gets_nothing_but_their_own(home: Home, tmp_path):
    """Folder, link and nothing in turn, and the secret a file, a pipe and nothing, as fast as it goes."""
    put(home, f"bob+{SLUG}+{NOW}+x", b"bob's work")
    folder = put(home, f"ada+{SLUG}+{NOW}+x", b"my own")
    own, link, secret = tmp_path / "own", tmp_path / "link", "submission_secret.txt"
    link.symlink_to(home.exchange / "demo" / "inbound" / f"bob+{SLUG}+{NOW}+x")
    os.mkfifo(folder / "pipe")
    (folder / secret).write_text(SECRET)
    stop = threading.Event()

    def flip() -> None:
        while not stop.is_set():
            for first, then in ((secret, "file"), ("pipe", secret), (secret, "pipe"), ("file", secret)):
                os.rename(folder / first, folder / then)
            for first, then in ((folder, own), (link, folder), (folder, link), (own, folder)):
                os.rename(first, then)

    flipping = threading.Thread(target=flip)
    flipping.start()
    try:
        for _ in range(30):
            in_time(lambda: collect(home, SLUG))
            if home.notebook("submitted", SLUG, "ada").exists():
                assert taken(home, "ada") == b"my own"
            assert taken(home, "bob") == b"bob's work"
    finally:
        stop.set()
        flipping.join()


def test_a_notebook_rewritten_after_it_was_due_is_not_taken_as_on_time(home: Home):
    stamp = "2026-01-01 00:00:00 UTC"
    early = put(home, f"ada+{SLUG}+{stamp}+a", b"on time")
    late = put(home, f"ada+{SLUG}+{stamp}+b", b"on time, too")
    time.sleep(0.05)
    with gradebook.gradebook(home) as opened:
        opened.update_or_create_assignment(SLUG, duedate=datetime.now(UTC).replace(tzinfo=None))
    time.sleep(0.05)
    with open(late / f"{SLUG}.ipynb", "r+b") as file:  # the folder's own times stay
        file.write(json.dumps({"cells": []}).encode())
    got = collect(home, SLUG)
    assert taken(home, "ada") == b"on time" and early.exists()
    assert ", after the due date; where a backup was restored" in got.refused[0].sentence


def test_collecting_closes_what_it_opens(home: Home):
    for number in range(3):
        put(home, f"ada+{SLUG}+2026-03-01 10:00:0{number} UTC+x")
        put(home, f"bob+{SLUG}+2026-03-01 10:00:0{number} UTC+x", notebook="none.txt")
    collect(home, SLUG)
    inside = str(home.exchange)
    held = [os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if _is_link(fd)]
    assert not [path for path in held if path.startswith(inside)]


def _is_link(descriptor: str) -> bool:
    return os.path.islink(f"/proc/self/fd/{descriptor}")
