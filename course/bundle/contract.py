"""The contract at the top of a solution script: what the assignment is called, is worth, needs and settles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

_BLOCK = re.compile(r"(?m)^# /// contract$\n(?P<body>(?:^#(?: .*)?$\n)+?)^# ///$")
_SLUG = re.compile(r"\d\d_[a-z0-9_]+")


class ContractError(ValueError):
    """A contract is missing, incomplete or contradicts itself."""


@dataclass(frozen=True)
class Contract:
    """What an assignment promises.

    ``points`` maps each task to its points (visible and hidden together); ``uses`` a task to the functions of the
    same notebook that it may build on; ``opaque`` a task to the places in what it returns that are the learner's own
    business, at which no check looks; ``claims`` the number of a claim of the founding documents to what settles
    it; ``hours`` is measured, not guessed; ``needs`` may name ``threads`` and ``gpu``; ``hints`` maps a task to what
    anyone who is stuck there may be told, from vague to plain; ``factor`` what a course multiplied all points by.
    """

    slug: str
    title: str
    hours: float
    prerequisites: tuple[str, ...]
    points: Mapping[str, float]
    data: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opaque: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    factor: float = 1.0

    @classmethod
    def parse(cls, script: str) -> Contract:
        """The contract in the ``# /// contract`` block of a solution script; `ContractError` says what is wrong."""
        match = _BLOCK.search(script)
        if match is None:
            raise ContractError("no '# /// contract' block was found at the top; begin the script with one")
        body = "\n".join(line[2:] for line in match["body"].splitlines())
        try:
            return cls.from_dict(tomllib.loads(body))
        except tomllib.TOMLDecodeError as error:
            raise ContractError(f"the contract is not valid TOML: {error}") from None

    @classmethod
    def from_dict(cls, data: Mapping) -> Contract:
        """A contract from plain data, checked."""
        known = set(cls.__dataclass_fields__)
        unknown, missing = sorted(set(data) - known), sorted({"slug", "title", "hours", "points"} - set(data))
        if unknown or missing:
            raise ContractError(f"the contract has unknown entries {unknown} and lacks {missing}")
        contract = cls(
            slug=data["slug"],
            title=data["title"],
            hours=float(data["hours"]),
            prerequisites=tuple(data.get("prerequisites", ())),
            points={task: float(points) for task, points in data["points"].items()},
            data=tuple(data.get("data", ())),
            needs=tuple(data.get("needs", ())),
            uses={task: tuple(names) for task, names in data.get("uses", {}).items()},
            opaque={task: tuple(places) for task, places in data.get("opaque", {}).items()},
            claims={str(claim): text for claim, text in data.get("claims", {}).items()},
            hints={task: tuple(texts) for task, texts in data.get("hints", {}).items()},
            factor=float(data.get("factor", 1.0)),
        )
        contract._check()
        return contract

    def _check(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise ContractError(f"the slug {self.slug!r} is not like '02_full_batch_gd'")
        tasks = list(self.points)
        for table, named in (("hints", self.hints), ("opaque", self.opaque)):
            for task in named:
                if task not in tasks:
                    raise ContractError(f"[{table}] names {task!r}, which has no entry under [points]")
        for task, names in self.uses.items():
            for name in (task, *names):
                if name not in tasks:
                    raise ContractError(f"[uses] names {name!r}, which has no entry under [points]")
            late = [name for name in names if tasks.index(name) >= tasks.index(task)]
            if late:
                raise ContractError(f"{task!r} uses {late}, which do not come before it under [points]")

    @property
    def total(self) -> float:
        """The assignment's points."""
        return round(sum(self.points.values()), 6)

    def to_dict(self) -> dict:
        """Plain data, as it lies in a bundle; a factor of 1 is not said."""
        return {name: value for name, value in asdict(self).items() if name != "factor" or value != 1.0}

    def weighted(self, factor: float) -> Contract:
        """This contract with all points times ``factor``."""
        points = {task: round(worth * factor, 6) for task, worth in self.points.items()}
        return replace(self, points=points, factor=round(self.factor * factor, 6))
