"""Runs an assignment's reference, alternatives, mistakes and pairs of mistakes through its own checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ..author.marks import Alternative, Marks, Mistake
from ..grade.bench import Bench
from ..grade.naming import combined
from ..grade.proof import reference_problems, stub_problems
from ..grade.verdict import TaskVerdict

THREADS = (1, 2)
"""BLAS threads under which the reference and the alternatives must pass."""

Step = Callable[[str, int], None]

PART = 400
"""Pairs of one task that a judging process compares in one go."""


@dataclass
class Findings:
    """What the gate found: ``problems`` are sentences that name the repair; the rest is counted and printed.

    ``kills`` maps a check to the mistakes that it catches, ``seen`` where mistakes were seen to how many. Of pairs,
    ``masked`` behave like one of their parts alone, which is named; ``unclear`` like another answer, which is named
    in their place if it is a single mistake, while learners meet facts if it is a pair.
    """

    slug: str
    problems: list[str] = field(default_factory=list)
    kills: dict[str, list[str]] = field(default_factory=dict)
    mistakes: int = 0
    alternatives: int = 0
    pairs: int = 0
    equivalent: int = 0
    unclear: list[str] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)
    guesses: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    jail: str = ""
    no_jail: str = ""


@dataclass(frozen=True)
class Candidate:
    """A wrong answer to a task: one mistake, or two at once."""

    parts: tuple[Mistake, ...]
    source: str

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return " + ".join(one.name for one in self.parts)


def run(bench: Bench, marks: Marks, step: Step = lambda name, steps: None) -> Findings:
    """All points of the gate that need the checks to run; ``step`` is told what is done."""
    built = bench.built
    found = Findings(built.contract.slug, jail=bench.jail, no_jail=bench.no_jail)
    found.problems += marks.problems(built.reference)
    marks = marks.fitting(built.reference)
    found.mistakes, found.alternatives = len(marks.mistakes), len(marks.alternatives)
    found.seen = dict(Counter(one.seen for one in marks.mistakes))
    found.guesses = found.seen.get("guess", 0)
    wrong = list(_references(bench))
    if wrong:  # whatever else there is follows from it
        found.problems += wrong
        return found
    found.problems += stub_problems(bench)
    found.problems += _alternatives(bench, marks.alternatives, step)
    found.problems += _mistakes(bench, marks.mistakes, found, step)
    found.problems += _idle_checks(bench.reference(), built.contract.points, found)
    found.problems += _apart(bench, marks, found, step)
    return found


def _references(bench: Bench) -> Iterator[str]:
    for threads, verdicts in zip(bench.threads, bench.map(bench.reference, bench.threads), strict=True):
        with_so_many = "" if threads == 1 else f" (with {threads} BLAS threads)"
        yield from (problem + with_so_many for problem in reference_problems(bench.built, verdicts))


def _alternatives(bench: Bench, alternatives: Sequence[Alternative], step: Step) -> Iterator[str]:
    """Each passes by the whole way of a submission, where BLAS has one thread, and at an open desk with more."""
    functions = {cell.name for cell in bench.built.reference if cell.kind == "function"}
    for task in sorted(functions - {one.task for one in alternatives}):
        yield f"the function {task} has no alternative; write one that is right in another way"
    rounds = [(one, threads) for threads in bench.threads for one in alternatives]

    def judged(pair: tuple[Alternative, int]) -> TaskVerdict:
        one, threads = pair
        verdict = bench.judge(one.task, one.source, jailed=threads == 1, threads=threads, name=False)
        step(f"{one.task}: {one.name}", 1)
        return verdict

    said: set[tuple[str, str, str]] = set()
    for (one, threads), verdict in zip(rounds, bench.map(judged, rounds), strict=True):
        for check in verdict.checks:
            if check.status != "passed" and (one.task, one.name, check.id) not in said:
                said.add((one.task, one.name, check.id))
                detail = check.detail.rstrip(".") + (f", with {threads} BLAS threads" if threads > 1 else "")
                yield f"the alternative {one.name} of {one.task} fails {check.id!r} ({detail}); widen it"


def _mistakes(bench: Bench, mistakes: Sequence[Mistake], found: Findings, step: Step) -> Iterator[str]:
    """Each goes the whole way of a submission, where there is a jail; the message that learners get is its own.

    Its name is looked for in its own trace alone; that no other mistake leaves the same one, `_apart` finds out.
    """

    def judged(one: Mistake) -> TaskVerdict:
        among = [one.name] if one.named else None
        verdict = bench.judge(one.task, one.patch(bench.source(one.task)), jailed=True, among=among)
        step(f"{one.task}: {one.name}", 1)
        return verdict

    for one, verdict in zip(mistakes, bench.map(judged, mistakes), strict=True):
        caught = [check for check in verdict.checks if check.status != "passed"]
        for check in caught:
            found.kills.setdefault(check.id, []).append(f"{one.task}/{one.name}")
        yield from _misjudged(one, verdict)


def _misjudged(one: Mistake, verdict: TaskVerdict) -> Iterator[str]:
    name = f"the mistake {one.name} of {one.task}"
    if all(check.status == "passed" for check in verdict.checks if not check.visible):
        yield f"{name} survives the hidden checks; add a probe that it fails"
    elif verdict.mistakes != ((one.name,) if one.named else ()):
        named = " + ".join(verdict.mistakes) or "nothing"
        if one.named:
            repair = "if it ends like that, or no two of its runs are alike, say named=False"
            yield f"{name} is named {named} by its own trace ({verdict.status}); {repair}"
        else:
            yield f"{name} is named {named}; add a probe on which they differ"
    elif one.named and (verdict.cause, verdict.hints) != (one.says, one.hints):
        yield f"{name} does not bring its own message"


def _idle_checks(verdicts: Sequence[TaskVerdict], points: Mapping[str, float], found: Findings) -> Iterator[str]:
    for verdict in verdicts:
        for check in verdict.checks:
            counts = check.points or not points[verdict.name]  # a task may be worth nothing; its checks may not
            if not check.visible and counts and check.id not in found.kills:
                yield f"the hidden check {check.id!r} of {verdict.name} catches no mistake; declare one that it catches"


def _apart(bench: Bench, marks: Marks, found: Findings, step: Step) -> Iterator[str]:
    """Single mistakes must differ; pairs must fail; which pairs look like something else is reported, no problem."""
    candidates = candidates_of(bench, marks)
    kills = {check: len(caught) for check, caught in found.kills.items()}
    rounds = [(task, part) for task, mine in candidates.items() for part in _parts(mine)]
    rounds.sort(key=lambda one: -len(one[1]))

    def judged(round: tuple[str, list[Candidate]]) -> list[dict]:
        task, mine = round
        alone = [not all(one.named for one in candidate.parts) for candidate in mine]
        answer = bench.apart(task, [candidate.source for candidate in mine], alone, kills)
        step(f"{task}: pairs", sum(len(candidate.parts) > 1 for candidate in mine))
        return answer

    told: set[str] = set()
    for (task, mine), answers in zip(rounds, bench.map(judged, rounds), strict=True):
        for candidate, answer in zip(mine, answers, strict=True):
            others = [mine[place] for place in answer["like"]]
            if len(candidate.parts) == 2:
                found.pairs += 1
                yield from _pair(task, candidate, answer["caught"], others, marks, found)
            elif twins := [other.name for other in others if len(other.parts) == 1 and other.name > candidate.name]:
                twins = [candidate.name, *sorted(twins)]
                text = f"the mistakes {' and '.join(twins)} of {task} behave alike; add a probe on which they differ"
                if text not in told:
                    yield text
                told.add(text)


def _parts(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """All single mistakes, and with them some hundred of the pairs at a time, so that cores can share them."""
    singles = [one for one in candidates if len(one.parts) == 1]
    pairs = [one for one in candidates if len(one.parts) == 2]
    for start in range(0, max(len(pairs), 1), PART):
        yield [*singles, *pairs[start : start + PART]]


def _pair(
    task: str, pair: Candidate, caught: str, others: Sequence[Candidate], marks: Marks, found: Findings
) -> Iterator[str]:
    names = frozenset(one.name for one in pair.parts)
    declared = any((one.task, one.names) == (task, names) for one in marks.equivalent)
    first, second = (one.name for one in pair.parts)
    if caught and declared:
        yield f"{marks.file}: {first} and {second} of {task} fail {caught!r}; they are not equivalent, drop that line"
    elif declared:
        found.equivalent += 1
    elif not caught:
        repair = f'add a probe, or say equivalent("{task}", "{first}", "{second}", why="…")'
        yield f"the mistakes {first} and {second} of {task} together pass; {repair}"
    elif others:
        singles = [other for other in others if len(other.parts) == 1]
        text = f"{task}: {pair.name} = {' = '.join(other.name for other in singles or others)}"
        masked = any(other.parts[0] in pair.parts for other in singles)
        (found.masked if masked else found.unclear).append(text)


def candidates_of(bench: Bench, marks: Marks) -> dict[str, list[Candidate]]:
    """By task all mistakes, and all pairs of them that are not in each other's way."""
    found: dict[str, list[Candidate]] = {}
    for one in marks.mistakes:
        found.setdefault(one.task, []).append(Candidate((one,), one.patch(bench.source(one.task))))
    for pair in combinations(marks.mistakes, 2):
        if pair[0].task == pair[1].task and not any(one.source for one in pair):
            source = combined(bench.source(pair[0].task), pair)
            if source is not None:
                found[pair[0].task].append(Candidate(pair, source))
    return found


def size(bench: Bench, marks: Marks) -> int:
    """How many steps `run` takes."""
    marks = marks.fitting(bench.built.reference)
    candidates = sum(map(len, candidates_of(bench, marks).values()))
    return len(bench.threads) * len(marks.alternatives) + candidates  # a mistake is a candidate too
