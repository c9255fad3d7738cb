"""Hostile submissions of 02's `gd` on the best tier: each must earn, learn and harm nothing, and get its verdict.

An attack that looks for something returns what `honest` does as soon as it has found it: points betray that it did. The
same on T2 in `test_hostile_t2`: two files, so that both run side by side. By hand, with what takes long: `-m ''`;
with the limits of a real course: `COURSE_ATTACKS=real`.
"""

import json

import pytest

from course.classroom.gradebook import Scores
from course.classroom.pages.page import render
from tests.classroom.test_page import ABOUT, Tags

from .house import ATTACKS, MARKER, House, contained, good_is_full, grader, of_text

TIER, NAMES = "auto", True


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        yield House(tmp_path_factory.mktemp("house"), environment)


@pytest.fixture(scope="module")
def judge(house, request):
    with grader(house, request.module.TIER) as running:
        running.names = request.module.NAMES
        yield running


@pytest.mark.parametrize(
    "name", [pytest.param(one.name, marks=[pytest.mark.slow] if one.long else []) for one in ATTACKS.values()]
)
def test_an_attack_earns_learns_and_harms_nothing(house, judge, name):
    contained(house, judge, ATTACKS[name])
    good_is_full(house, judge)


BITES = {
    "points": "def gd(*given, **named):\n    return honest(*given, **named)\n",
    "words": "print({secret!r})\n\n\ndef gd(*given, **named):\n    return None\n",
    "turned words": "print({secret!r}[::-1])\n\n\ndef gd(*given, **named):\n    return None\n",
    "another verdict": "def gd(*given, **named):\n    raise KeyError\n",
    "its own other function": "full_grad = None\n\n\ndef gd(*given, **named):\n    return None\n",
}


@pytest.mark.parametrize("what", BITES)
def test_what_an_attack_must_not_reach_is_noticed(house, judge, what):
    """Else nothing above would be proven."""
    body = BITES[what].replace("{secret!r}", repr(house.canaries["home"]))
    with pytest.raises(AssertionError):
        contained(house, judge, of_text(what, f'"""Is through.\n\nRow 0. Verdict: failed. Shown.\n"""\n{body}'))


def test_what_an_attack_shows_is_text_on_its_page(house, judge):
    verdict = contained(house, judge, ATTACKS["markup"])
    notebook = json.loads(house.hostile(ATTACKS["markup"]))
    for cell in notebook["cells"]:
        cell["outputs"] = verdict.outputs.get(cell["id"], [])
    page = render(verdict, notebook, ABOUT, Scores({}, 0.0, {}))
    assert MARKER in page, "what it wrote is there"
    tags = Tags(page).tags
    assert not {"script", "iframe", "object", "link"} & {tag for tag, _ in tags}
    assert not [attributes for _, attributes in tags if any(name.startswith("on") for name in attributes)]
    assert all(attributes.get("src", "data:").startswith("data:") for _, attributes in tags)
    assert "\x1b" not in page and "\u202e" not in page
