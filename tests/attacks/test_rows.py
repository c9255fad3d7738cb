"""Every row of the design's table of attacks is run, here or by another test, or it is said why it cannot be."""

from pathlib import Path

import pytest

from .house import ATTACKS

HERE = Path(__file__).parents[1]
ROWS = {
    int(row)
    for row in """
    2 3 4 5 6 8 9 10 12 13 14 16 17 18 19 21 22 23 25 28 30 31 33 35 36 37 38 39 40 41 42 45 46 47 48 52 53 54
    55 56 58 59 60 61 62 63 65 67 68 69 70 73 74 75 76 78 79 80 81 82 84 87 89 93 95 96 102 103 104 105 108 109
    110 111 112 113
    """.split()
}
"""The numbers of the table."""

ELSEWHERE = {
    17: "classroom/test_release.py::test_no_solution_enters_nbgraders_folders_or_its_database",
    18: "course/test_check.py::test_hidden_facts_hold_nothing_that_the_learner_chose",
    95: "classroom/test_faults.py::test_a_judge_that_dies_takes_nothing_away",
    96: "classroom/test_fair.py::test_lateness_by_the_clock_is_judged_twice_and_a_loop_once",
    110: "classroom/test_lms_hostile.py::test_names_that_lead_elsewhere_are_refused",
    111: "classroom/test_page.py::test_nothing_of_the_learners_is_live",
}
"""Rows that other tests show, since they need more than one submission, or none."""

NOT_RUN = {113: "side channels of the processor and exploits of the kernel are outside of what a process jail promises"}


def test_every_row_is_run_shown_elsewhere_or_excused():
    here = {row for one in ATTACKS.values() for row in one.rows}
    assert here <= ROWS, here - ROWS
    assert here | ELSEWHERE.keys() | NOT_RUN.keys() == ROWS, ROWS - here - ELSEWHERE.keys() - NOT_RUN.keys()
    assert not here & NOT_RUN.keys()


@pytest.mark.parametrize("row", ELSEWHERE)
def test_what_is_said_to_show_a_row_is_there(row):
    path, _, name = ELSEWHERE[row].partition("::")
    text = (HERE / path).read_text(encoding="utf-8")
    assert f"def {name}(" in text


def test_thirty_of_our_own_say_at_what_they_aim():
    own = {name: one.aim for name, one in ATTACKS.items() if not one.rows}
    assert len(own) >= 30 and all(len(aim) > 10 for aim in own.values())
    assert len(set(own.values())) == len(own), "each aims at something else"


def test_those_run_by_hand_are_few():
    assert len([one for one in ATTACKS.values() if one.long]) <= 12


def table() -> str:
    """The rows, as Markdown: what runs each of them."""
    lines = ["| row | run by |", "|---|---|"]
    for row in sorted(ROWS):
        here = [f"`{one.name}`" for one in ATTACKS.values() if row in one.rows]
        more = [f"`{ELSEWHERE[row]}`"] if row in ELSEWHERE else []
        lines.append(f"| {row} | {', '.join(here + more) or NOT_RUN[row]} |")
    own = [f"| own | `{one.name}`: {one.aim} |" for one in ATTACKS.values() if not one.rows]
    return "\n".join([*lines, *own])


if __name__ == "__main__":
    print(table())
