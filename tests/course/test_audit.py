"""Every assignment proves itself: points add up, right answers pass, stubs and known mistakes fail and are named.

The same items as `course audit`, one by one; pairs of mistakes are the verb's alone.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from course.author.build import build
from course.author.marks import read_marks
from course.author.places import slugs
from course.grade.bench import Bench
from course.grade.proof import reference_problems, stub_problems

ROOT = Path(__file__).resolve().parents[2]
SLUGS = slugs(ROOT)
MISTAKES, ALTERNATIVES = 12, 8
"""At least so many has an assignment that is worth points."""


@cache
def built(slug):
    return build(slug, ROOT)


@cache
def marks(slug):
    return read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py")


@pytest.fixture(scope="module")
def bench():
    """The benches of the assignments, each set up once."""
    benches = {}

    def of(slug):
        if slug not in benches:
            benches[slug] = Bench(built(slug), jail=True)
        return benches[slug]

    yield of
    for one in benches.values():
        one.close()


@pytest.fixture(scope="module")
def wrong(bench):
    """The verdict on a mistake, by the whole way of a submission; each is judged once."""
    judged = {}

    def verdict(slug, mistake):
        key = (slug, mistake.task, mistake.name)
        if key not in judged:
            one = bench(slug)
            among = [mistake.name] if mistake.named else None  # that no other is like it is tested for all at once
            source = mistake.patch(one.source(mistake.task))
            judged[key] = one.judge(mistake.task, source, jailed=True, among=among)
        return judged[key]

    return verdict


def each(kind):
    return [pytest.param(s, m, id=f"{s[:2]}-{m.task}-{m.name}") for s in SLUGS for m in getattr(marks(s), kind)]


@pytest.mark.parametrize("slug", SLUGS)
def test_marks_fit_the_solution(slug):
    assert list(marks(slug).problems(built(slug).reference)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_reference_gets_full_marks_and_points_add_up(slug, bench):
    assert list(reference_problems(built(slug), bench(slug).reference())) == []
    for verdict in bench(slug).reference():
        assert verdict.score == pytest.approx(built(slug).contract.points[verdict.name])
        visible = sum(check.points for check in verdict.checks if check.visible)
        if verdict.maximum:
            share = visible / verdict.maximum
            assert 0.1 <= share <= 0.34, f"visible checks are worth {share:.0%} of {verdict.name}"


@pytest.mark.parametrize("slug", SLUGS)
def test_untouched_stub_gets_nothing_and_says_what_is_to_do(slug, bench):
    assert list(stub_problems(bench(slug))) == []


@pytest.mark.parametrize(("slug", "alternative"), each("alternatives"))
def test_alternative_gets_full_marks(slug, alternative, bench):
    verdict = bench(slug).judge(alternative.task, alternative.source, jailed=True)
    assert {check.id: check.detail for check in verdict.checks if check.status != "passed"} == {}


@pytest.mark.parametrize(("slug", "mistake"), each("mistakes"))
def test_mistake_is_caught_and_named(slug, mistake, wrong):
    verdict = wrong(slug, mistake)
    named = (mistake.name,) if mistake.named else ()
    assert verdict.mistakes == named, f"{mistake.name} is named {verdict.mistakes}"
    assert not mistake.named or (verdict.cause == mistake.says and verdict.hints == mistake.hints)
    assert any(check.status != "passed" for check in verdict.checks if not check.visible), "hidden checks let it pass"


@pytest.mark.parametrize("slug", SLUGS)
def test_no_two_mistakes_behave_alike(slug, bench):
    for task in {mistake.task for mistake in marks(slug).mistakes}:
        mine = [mistake for mistake in marks(slug).mistakes if mistake.task == task]
        sources = [mistake.patch(bench(slug).source(task)) for mistake in mine]
        found = bench(slug).apart(task, sources, [not mistake.named for mistake in mine], {})
        alike = {one.name: [mine[n].name for n in answer["like"]] for one, answer in zip(mine, found, strict=True)}
        assert {name: others for name, others in alike.items() if others} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_hidden_check_catches_a_mistake(slug, bench, wrong):
    caught = defaultdict(set)
    for mistake in marks(slug).mistakes:
        for check in wrong(slug, mistake).checks:
            if check.status != "passed":
                caught[check.id].add(mistake.name)
    hidden = [check.id for verdict in bench(slug).reference() for check in verdict.checks if not check.visible]
    assert [check for check in hidden if not caught[check]] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_enough_mistakes_and_alternatives(slug):
    functions = {cell.name for cell in built(slug).reference if cell.kind == "function"}
    assert functions <= {one.task for one in marks(slug).alternatives}
    if built(slug).contract.total:
        assert len(marks(slug).mistakes) >= MISTAKES and len(marks(slug).alternatives) >= ALTERNATIVES


@pytest.mark.parametrize("slug", SLUGS)
def test_wrong_answers_to_questions_fail(slug, bench):
    questions = [cell for cell in built(slug).reference if cell.kind == "question"]
    for cell in questions:
        for name, right in bench(slug).answers([cell]).items():
            for typed in (None, 0, right * 1.1, str(right), [right], float("nan")):
                verdict = bench(slug).judge(cell.name, cell.source, answers={name: typed}, name=False)
                assert verdict.score < verdict.maximum, (name, typed)
