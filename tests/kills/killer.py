"""Grades a class under a killer until it is done, and looks at what was left."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .processes import Process, adopt, below, bury, descriptors
from .state import SLUG, End, command, copy, differences, end

MOMENTS: dict[str, tuple[str, ...]] = {
    "supervisor": ("any time", "gradebook's transaction", "gradebook written", "gradebook written", "notebook", "kept",
                   "journal", "start"),
    "grader": ("judging", "any time", "start"),
    "submission": ("judging",),
    "bubblewrap": ("judging", "any time"),
    "fork server": ("judging", "judging", "any time", "start"),
    "worker": ("judging", "judging", "judging", "any time"),
    "probe": ("any time",),
}  # fmt: skip
"""When to kill whom; "judging" is while the judging process above has a submission before it."""

WEIGHTS = {"supervisor": 4, "grader": 4, "submission": 5, "fork server": 5, "bubblewrap": 3, "worker": 6, "probe": 1}
FAIR = 0.1
"""Who is there while the one that was wanted is not is killed instead, but not many times as often as it should be."""

PAUSE, PATIENCE = 0.1, 1.0
"""Seconds between two kills, and to wait for a victim and a moment."""

PAST = {"notebook": 0.12, "gradebook written": 0.03}
"""Seconds after these moments begins what is to be hit: nbgrader writes a notebook for about a tenth of a second."""

STEPS = (0, 1, 2, 3, 5)
"""So many verdicts or rows lie between two kills."""

YOUNG = 0.7
"""Seconds for which a process counts as starting."""

GONE = 20.0
"""Seconds within which everything must have ended that the command started, when it was killed."""

DISTURBED = "the jail was killed again and again while it was tried"
"""What the command says where it cannot find out what this machine has; a person runs it again."""

AGAIN = 6
"""How often the command is run again because its review list says that the grader had a fault."""


@dataclass
class Tally:
    """What was done and what was found."""

    kills: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    classes: int = 0
    verdicts: int = 0
    runs: int = 0
    strikes: int = 0
    disturbed: int = 0
    late_ends: list[float] = field(default_factory=list)
    descriptors: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Kills that were made."""
        return sum(self.kills.values())


class Killer:
    """Kills ``wanted`` processes, one after another, while classes are graded."""

    def __init__(self, home: Path, folder: Path, truth: End, wanted: int, seed: int, jobs: int = 2):
        self.home, self.folder, self.truth, self.wanted, self.jobs = home, folder, truth, wanted, jobs
        self.rng, self.tally = random.Random(seed), Tally()
        self.open: dict[int, list[int]] = {}
        self.killed = False
        self.orphans: list[tuple[float, Process]] = []
        self.victims: Sequence[str] = tuple(WEIGHTS)
        self.say: Callable[[str], None] = lambda text: None
        self.note: Callable[[Tally], None] = lambda tally: None

    def run(self) -> Tally:
        """Grade one class after another, each under the killer, until all kills are made."""
        adopt()
        began = time.monotonic()
        while self.tally.total < self.wanted or not self.tally.classes:
            self._class(self.folder / f"class-{self.tally.classes}")
            self.tally.seconds = time.monotonic() - began
            self.say(f"{self.tally.total} kills, {self.tally.classes} classes, {len(self.tally.problems)} problems")
            self.note(self.tally)
        return self.tally

    def _class(self, folder: Path) -> None:
        """One class to its end, then what is different, and what was left behind."""
        folder.mkdir(parents=True)
        home, mounts, number = copy(self.home, folder / "home"), _mounts(), 0
        self.open = {}
        while True:
            number += 1
            status = self._once(home, folder / f"run-{number}")
            if status is None:
                continue
            now = end(home, folder / f"run-{number}", status)
            faults = [line for line in now.review if line not in self.truth.review]
            if not faults or self.tally.strikes >= AGAIN * (self.tally.classes + 1):
                break
            self.tally.strikes += len(faults)
            self.say(f"to review: {faults}")
        self.tally.classes, self.tally.runs = self.tally.classes + 1, self.tally.runs + number
        self.tally.verdicts += len(now.verdicts)
        found = [*differences(self.truth, now), *self._left(folder, mounts)]
        self.tally.problems += [f"class {self.tally.classes}: {text}" for text in found]

    def _once(self, home: Path, scratch: Path) -> int | None:
        """Run the command once; how it ended, or None where it was killed."""
        scratch.mkdir()
        running = command(home, scratch, self.jobs)
        self.killed = False
        try:
            while running.poll() is None:
                if self.tally.total >= self.wanted:
                    self._watch(running, 0.2)
                else:
                    self._pause(running, home)
                    self._strike(running, home)
        finally:
            running.kill()  # where this command itself is broken off
        running.wait()
        bury()
        said = (scratch / "err").read_text()
        if running.returncode == 1 and DISTURBED in said and said.count("\n") == 1:
            self.tally.disturbed += 1
            return None
        if running.returncode not in (0, 1, -9) or said or (running.returncode == -9) != self.killed:
            self.tally.problems.append(f"the command ended with {running.returncode} and said {said!r}")
        if self.killed and self.rng.random() < 0.5:  # sometimes a person is quick
            self._watch(running, 1.5)
        return None if self.killed else running.returncode

    def _pause(self, running: subprocess.Popen, home: Path) -> None:
        """Let none, one or some verdicts be made, or rows be written: else all that is ever killed is starting."""
        left, seen, until = self.rng.choice(STEPS), _progress(home), time.monotonic() + PATIENCE * 4
        self._watch(running, self.rng.uniform(0.0, PAUSE))
        while left > 0 and running.poll() is None and time.monotonic() < until:
            now = _progress(home)
            left, seen = left - (now != seen), now
            self._watch(running, 0.02)

    def _strike(self, running: subprocess.Popen, home: Path) -> None:
        victim = self._choose(self.victims)
        if self._kill(running, home, victim, self.rng.choice(MOMENTS[victim])):
            return
        there = sorted({one.part for one in below(os.getpid())} & set(self.victims))
        if there and self._wish(victim := self._choose(there)) > FAIR * self._wish("worker"):
            self._kill(running, home, victim, self.rng.choice(MOMENTS[victim]))

    def _choose(self, among: Iterable[str]) -> str:
        among = sorted(among)
        return self.rng.choices(among, [self._wish(one) for one in among])[0]

    def _wish(self, victim: str) -> float:
        """More for those who were spared so far: some are there all the time, and others for milliseconds."""
        done = sum(number for (who, _), number in self.tally.kills.items() if who == victim)
        return (WEIGHTS[victim] / (1 + done)) ** 2

    def _watch(self, running: subprocess.Popen, seconds: float) -> None:
        """Wait, and look at what is open and at what should have ended meanwhile."""
        until = time.monotonic() + seconds
        while True:
            bury(running.pid)
            everything = below(os.getpid())
            busy = {one.parent for one in everything if one.part == "submission"}
            for one in everything:
                if one.part == "grader" and one.pid in busy:
                    self.open.setdefault(one.pid, [])  # from its first submission on it has everything that it needs
                elif one.pid in self.open:
                    self.open[one.pid].append(descriptors(one.pid))
            self._look_at_orphans(everything)
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.05))

    def _look_at_orphans(self, everything: list[Process]) -> None:
        alive = {(one.pid, one.began) for one in everything}
        now, still = time.monotonic(), []
        for since, one in self.orphans:
            if (one.pid, one.began) not in alive:
                self.tally.late_ends.append(now - since)
            elif now - since > GONE:
                self.tally.problems.append(f"a {one.part} lived on for {GONE:g} s after the command was killed")
            else:
                still.append((since, one))
        self.orphans = still

    def _kill(self, running: subprocess.Popen, home: Path, victim: str, moment: str) -> bool:
        """Wait for the victim and the moment, and kill; whether that came about."""
        ready = self._moments(home, moment)
        until = time.monotonic() + PATIENCE
        while running.poll() is None and time.monotonic() < until:
            everything = below(os.getpid())
            there = [one for one in everything if one.part == victim]
            if moment == "judging":
                busy = {one.grader for one in everything if one.part == "submission"}
                there = [one for one in there if one.grader in busy]
            if moment == "start":
                there = [one for one in there if one.age < YOUNG]
            if len(there) > 0 and next(ready):
                one = self.rng.choice(there)
                if one.kill():
                    self.tally.kills[victim, moment] += 1
                    if self.tally.total % 25 == 0:
                        self.say(f"{self.tally.total} kills")
                    if victim == "supervisor":
                        self.orphans += [(time.monotonic(), other) for other in everything if other.pid != one.pid]
                        running.wait()
                        self.killed = True
                    return True
            time.sleep(0.003)
        return False

    def _moments(self, home: Path, moment: str) -> Iterator[bool]:
        """Whether it is the moment, asked again and again."""
        watched: dict[str, Callable[[], int]] = {
            "gradebook's transaction": lambda: (home / "gradebook.db-journal").exists(),
            "gradebook written": lambda: _stamp(home / "gradebook.db"),
            "notebook": lambda: _stamp(home / "autograded"),
            "kept": lambda: _stamp(home / "kept" / SLUG),
            "journal": lambda: _stamp(home / "journal.db-wal"),
        }
        if moment not in watched:
            while True:
                yield True
        first = watched[moment]()
        while (now := watched[moment]()) == first or now is False:
            first = now
            yield False
        if moment in PAST:
            until = time.monotonic() + self.rng.uniform(0, PAST[moment])
            while time.monotonic() < until:
                yield False
        while True:
            yield True

    def _left(self, folder: Path, mounts: int) -> Iterator[str]:
        """What is still there though the command has ended."""
        until = time.monotonic() + GONE
        while (alive := below(os.getpid())) and time.monotonic() < until:
            bury()
            time.sleep(0.05)
        self._look_at_orphans(alive)
        yield from (f"still running: {one.part or 'something'} ({one.pid})" for one in alive)
        if _mounts() != mounts:
            yield f"{_mounts() - mounts} mounts left behind"
        yield from (f"left in the temporary folder: {path.name}" for path in folder.glob("run-*/tmp/*"))
        for counts in self.open.values():
            grown = min(counts[-len(counts) // 3 :]) - min(counts[: len(counts) // 3]) if len(counts) >= 9 else 0
            self.tally.descriptors = max(self.tally.descriptors, grown)
            if grown > 2:
                yield f"a grader's descriptors grew by {grown} in {len(counts)} looks"


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _progress(home: Path) -> tuple[int, int]:
    """Something that is another each time when a verdict is made or a row is written."""
    return _stamp(home / "journal.db-wal"), _stamp(home / "gradebook.db")


def _mounts() -> int:
    return len(Path("/proc/self/mountinfo").read_text().splitlines())
