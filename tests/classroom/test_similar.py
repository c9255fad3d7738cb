"""Near-identical code: copies are found under other names, and nobody is accused for writing what many write."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from course.audit import blind
from course.author.build import build
from course.author.marks import read_marks
from course.classroom.pages import similar
from course.classroom.pages.similar import OWN_CELLS, REFERENCE, fingerprints, pairs, threads, tokens

ROOT = Path(__file__).resolve().parents[2]
GD = '''# function gd: your code below
def gd(params, grad_fn, lr, steps):
    """Gradient descent."""
    values = {name: value.copy() for name, value in params.items()}
    losses = []
    for step in range(steps + 1):
        loss, grads = grad_fn(values)
        losses.append(float(loss))
        if step < steps:
            for name in sorted(values):
                values[name] = values[name] - lr * grads[name]
    return values, np.asarray(losses)
'''
RENAMED = """# function gd: your code below
def gd(p, f, rate, n):

    # all of this is mine
    w = {k: v.copy() for k, v in p.items()}
    history = []
    for i in range( n+1 ):   # one more
        l, g = f(w)
        history.append( float(l) )
        if i < n:
            for k in sorted(w):
                w[k] = w[k] - rate*g[k]
    return w, np.asarray(history)
"""
OTHER = '''# function gd: your code below
def gd(params, grad_fn, lr, steps):
    """Gradient descent."""
    def go(at, left, seen):
        loss, grads = grad_fn(at)
        seen = [*seen, loss]
        if left == 0:
            return at, xp.array(seen, dtype=float)
        return go({key: at[key] + (-lr) * grads[key] for key in at}, left - 1, seen)
    return go(dict(params), steps, [])
'''


def renamed(source: str) -> str:
    """``source`` with every name of its own changed, and a comment on each line outside of texts."""
    own = {name for name in re.findall(r"(?<![.\w])[A-Za-z_]\w*", source)} - similar._KEPT
    text = re.sub(r"(?<![.\w])[A-Za-z_]\w*", lambda match: ("zz_" if match[0] in own else "") + match[0], source)
    return text if '"""' in text else "\n".join(f"{line}  # mine" for line in text.splitlines())


def made_up(number: int, seed: int) -> str:
    """Some ``number`` lines of code that nobody else writes."""
    rng = random.Random(seed)
    signs, calls = "+ - * / @ % **".split(), "sum mean max copy dot ravel round take".split()
    lines = (
        f"x{i} = y.{rng.choice(calls)}({rng.randrange(9)}) {rng.choice(signs)} z[{rng.randrange(99)}] "
        f"{rng.choice(signs)} {rng.randrange(99)}"
        for i in range(number)
    )
    return "\n".join(lines)


def named(found):
    return {(pair.first, pair.second) for pair in found}


def test_names_comments_layout_and_docstrings_do_not_count():
    assert fingerprints(GD) == fingerprints(RENAMED) and len(fingerprints(GD)) > 20
    assert len(fingerprints(GD) & fingerprints(OTHER)) < 6  # the line with def, which the exercise gives


def test_what_counts_stays():
    assert tokens("a.shape[0]") != tokens("a.size[0]") and tokens("x + 1") != tokens("x - 1")
    assert tokens("x + 1") != tokens("x + 2") and tokens("x + 1.0") == tokens("x + 1")
    assert tokens("f('a # b', 1)") == ["v", "(", "'", ",", "1", ")"] and tokens("len(x)") != tokens("max(x)")


def test_parentheses_that_only_group_do_not_count_and_those_of_calls_do():
    plain = tokens("w[k] = w[k] - rate * g(k)[0].sum()")
    assert plain == tokens("(w)[(k)] = ((w[k]) - ((rate) * (g)((k))[(0)].sum()))")
    assert plain == tokens("(w[k]) = (\n    w[k] -\n    (rate\n) * g(\n    k)[0].sum())")
    for call in ("f(x)", "f.g(x)", "f()(x)", "f[0](x)", "len(x)", "''.join(x)", "def f(x): x"):
        assert tokens(call).count("(") == tokens(call).count(")") == call.count("(")
    assert tokens("return (x)") == ["return", "v"] and tokens(") x )") == [")", "v", ")"]


def test_a_renamed_copy_is_found_and_another_way_is_not():
    codes = {"ada": {"gd": GD}, "bob": {"gd": RENAMED}, "cyd": {"gd": OTHER}}
    (pair,) = pairs(codes, [])
    assert (pair.first, pair.second) == ("ada", "bob") and pair.cells[0].task == "gd" and pair.cells[0].share == 1
    lengthened = RENAMED.replace(
        "    history = []\n", "    history = []\n    assert rate > 0 and n >= 0\n    total = n * 2\n"
    )
    assert named(pairs({"ada": {"gd": GD}, "bob": {"gd": lengthened}}, [])) == {("ada", "bob")}


def test_what_everybody_was_given_does_not_count():
    codes = {"ada": {"gd": GD}, "bob": {"gd": GD}}
    assert pairs(codes, [GD]) == [] and pairs(codes, [OTHER]) != []


def test_short_functions_that_are_alike_accuse_nobody():
    short = "def max_stable_lr(H):\n    return 2 / np.linalg.eigvalsh(H).max()\n"
    assert pairs({"ada": {"lr": short}, "bob": {"lr": renamed(short)}}, []) == []


def test_several_short_functions_together_do():
    short = {f"t{i}": made_up(2, i) for i in range(8)}
    assert pairs({"ada": {"t0": short["t0"]}, "bob": {"t0": short["t0"]}}, []) == []
    (pair,) = pairs({"ada": short, "bob": short}, [])
    assert len(pair.cells) == 8


@pytest.mark.parametrize("writers, accused", [(2, 1), (4, 6), (20, 0), (40, 0), (90, 0)])
def test_what_many_write_accuses_nobody(writers, accused):
    codes = {f"s{i:03}": {"gd": GD if i < writers else made_up(9, i)} for i in range(100)}
    assert len(pairs(codes, [])) == accused


def test_what_a_third_writes_is_everybodys_however_long():
    long = made_up(200, 0)
    assert pairs({f"s{i:03}": {"gd": long if i < 33 else made_up(9, i)} for i in range(100)}, []) == []


def test_the_reference_is_found_and_does_not_count_between_learners():
    codes = {"ada": {"gd": GD}, "bob": {"gd": RENAMED}, "cyd": {"gd": OTHER}}
    assert named(pairs(codes, [], {"gd": GD})) == {("ada", REFERENCE), ("bob", REFERENCE)}
    assert named(pairs(codes, [], {"gd": OTHER})) == {("ada", "bob"), ("cyd", REFERENCE)}


def with_scratch(codes, slug):
    """Everybody with a cell of their own in which their answer stands once more, after somebody's wrong attempt."""
    wrong: dict[str, list[str]] = {}
    for one in blind.answers(slug, ROOT):
        if not one.right:
            wrong.setdefault(one.task, []).append(one.source)
    made = {}
    for learner, own in codes.items():
        ((task, text),) = own.items()
        made[learner] = {**own, OWN_CELLS: "\n".join([*(wrong[task].pop() for _ in wrong.get(task, [])[:1]), text])}
    return made


@pytest.mark.parametrize("slug", ["02_full_batch_gd", "04_minibatch_loader", "08_momentum"])
def test_right_answers_written_apart_are_not_alike_and_their_copies_are(slug):
    built = build(slug, ROOT)
    given = [cell.source for cell in built.skeleton if cell.kind != "prose"]
    reference = {cell.name: cell.source for cell in built.reference if cell.kind in {"function", "experiment"}}
    answers = [one for one in blind.answers(slug, ROOT) if one.right]
    codes = {one.id: {one.task: one.source} for one in answers}
    assert len(codes) > 20 and pairs(codes, given, reference) == []
    others = read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py").alternatives
    known = {**codes, **{f"alternative {one.name}": {one.task: one.source} for one in others}}
    assert len(known) > len(codes) + 7 and pairs(known, given, reference) == []
    assert pairs(with_scratch(known, slug), given, reference) == []
    everybodys = frozenset().union(*(fingerprints(text) for text in [*given, *reference.values()]))
    copied, missed = 0, []
    for one in answers:
        if len(fingerprints(one.source) - everybodys) < 20:
            continue  # too short, or too near to the reference, to say anything
        copied += 1
        found = pairs({**codes, "a copy": {one.task: renamed(one.source)}}, given, reference)
        missed += [] if ("a copy", one.id) in named(found) else [one.id]
    assert copied > 12 and missed == []


def wrapped(source: str) -> str:
    """``source`` with parentheses round its names that stand beside a sign."""
    return re.sub(r"(?<![\w.])(\w+)(?= [-+*/<>@%])", r"(\1)", source)


CALLS_IT = "# function gd: your code below\ndef gd(*a, **k):\n    return mine(*a, **k)\n"
DODGES = {
    "a comment first": lambda code: {"gd": "#" + "x" * 20_000 + "\n" + code},
    "comments first": lambda code: {"gd": "# mine\n\n" * 200_000 + code},
    "a text first": lambda code: {"gd": f"'{'x' * 20_000}'\n{code}"},
    "dead code after it": lambda code: {"gd": f"{code}\ndef unused():\n{made_up(5 * code.count(chr(10)), 1_000)}"},
    "dead code before it": lambda code: {"gd": f"{made_up(5 * code.count(chr(10)), 1_000)}\n{code}"},
    "parentheses": lambda code: {"gd": wrapped(code)},
    "in a cell of one's own": lambda code: {"gd": CALLS_IT, OWN_CELLS: code.replace("def gd", "def mine")},
    "all of it": lambda code: {
        "gd": CALLS_IT,
        OWN_CELLS: "#" * 20_000 + "\n" + made_up(60, 1_001) + "\n" + wrapped(renamed(code)) + made_up(60, 1_002),
    },
}


@pytest.mark.parametrize("name", DODGES)
def test_a_copy_in_disguise_is_found(name):
    original = GD + made_up(4, 999)
    others = {f"s{i:02}": {"gd": made_up(20, i), OWN_CELLS: made_up(20, 50 + i)} for i in range(30)}
    codes = {**others, "copy": DODGES[name](original)}
    assert named(pairs({**codes, "ada": {"gd": original}}, [])) == {("ada", "copy")}
    assert named(pairs({**codes, "zoe": {"gd": original}}, [])) == {("copy", "zoe")}, "in either order"
    assert named(pairs(codes, [], {"gd": original})) == {("copy", REFERENCE)}
    (pair,) = pairs({**codes, "ada": {"gd": original}}, [])
    assert [one.task for one in pair.cells] == ["gd"] and pair.cells[0].share > 0.9


def test_a_little_that_is_in_much_else_accuses_nobody():
    short = {f"t{i}": made_up(2, i) for i in range(8)}
    longer = {task: f"{text}\n{made_up(30, 100 + i)}" for i, (task, text) in enumerate(short.items())}
    assert pairs({"ada": short, "bob": longer}, []) == []
    assert pairs({"ada": {"t0": short["t0"]}, "bob": {"t0": "f()", OWN_CELLS: "\n".join(longer.values())}}, []) == []


def test_a_part_that_is_in_much_else_accuses_nobody():
    whole, more = made_up(32, 0), made_up(150, 1)
    part, most = (f"{made_up(lines, 0)}\n{more}" for lines in (24, 30))
    assert pairs({"ada": {"gd": whole}, "bob": {"gd": part}}, []) == []
    assert named(pairs({"ada": {"gd": whole}, "bob": {"gd": most}}, [])) == {("ada", "bob")}
    assert pairs({"bob": {"gd": most}}, [], {"gd": whole}) == [], "what is right is much the same"
    assert named(pairs({"bob": {"gd": f"{whole}\n{more}"}}, [], {"gd": whole})) == {("bob", REFERENCE)}


def test_what_stands_twice_counts_once():
    once = {"ada": {"gd": GD}, "bob": {"gd": RENAMED}}
    twice = {learner: {**own, OWN_CELLS: own["gd"]} for learner, own in once.items()}
    (one,), (two,) = pairs(once, []), pairs(twice, [])
    assert one.weight == two.weight and [cell.task for cell in two.cells] == ["gd", OWN_CELLS]


def test_what_many_write_in_a_task_accuses_nobody_in_a_cell_of_ones_own():
    codes = {f"s{i:03}": {"gd": GD if i < 50 else made_up(9, i)} for i in range(100)}
    for learner in ("s001", "s002", "s098", "s099"):
        codes[learner][OWN_CELLS] = GD
    assert pairs(codes, []) == []


HOSTILE = {
    "open text": '"""' + "a b " * 50_000,
    "open quotes": "'\"" * 50_000,
    "backslashes": "'" + "\\" * 99_999,
    "quotes in a text": '"""' + '""\\"' * 30_000,
    "prefixes": "rbrb" * 30_000 + "'",
    "spaces": " " * 100_000 + "x" + " \n" * 30_000,
    "dots": "1." * 50_000 + "0" * 50_000,
    "comments": "#" * 100_000,
    "surrogates": "x = '\ud800' + \udfff + y " * 3_000,
    "megabytes": "a = b + 1\n" * 500_000,
    "blank lines": "\n" * 5_000_000,
    "empty comments": "#\n" * 1_000_000,
    "texts": "''\n" * 300_000,
    "open parentheses": "(" * 1_000_000,
    "closed parentheses": ")" * 1_000_000,
    "nothing": "",
    "one line": "x" * 100_000,
    "no code": "\0\x1b[2J<script>" * 9_000,
    "broken": "def f(:\n  return ((((" * 5_000,
}


def test_what_does_not_count_is_not_read_for_ever():
    assert tokens("(" * 1_000 + "x") == ["v"] and tokens("(" * 1_000_000 + "x") == []
    assert len(tokens("x = 1\n" * 100_000)) == similar.LONGEST


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_is_read_in_a_moment(name):
    start = time.process_time()
    found = pairs({"ada": {"f": HOSTILE[name]}, "bob": {"f": HOSTILE[name]}}, [], {"f": GD})
    assert time.process_time() - start < 1 and all(pair.second == "bob" for pair in found)


def test_three_hundred_learners_take_seconds():
    rng = random.Random(0)
    texts = [made_up(12, i) for i in range(40)]  # so that groups are large, which is the hard case
    tasks = [*(f"t{k}" for k in range(8)), OWN_CELLS]
    codes = {f"s{i:03}": {task: rng.choice(texts) for task in tasks} for i in range(300)}
    start = time.process_time()
    pairs(codes, [GD], {"t0": OTHER})
    assert time.process_time() - start < 10


def test_a_group_is_told_by_the_pairs_that_link_it():
    group = {f"s{i}": {"gd": GD} for i in range(7)} | {"x": {"gd": OTHER}, "y": {"gd": OTHER}}
    found = pairs({**group, **{f"z{i}": {"gd": made_up(9, i)} for i in range(91)}}, [])
    assert len(found) == 22
    kept, groups = threads(found)
    assert len(kept) == 7 and groups == [[f"s{i}" for i in range(7)]]
    kept, groups = threads(pairs({"ada": {"gd": GD}, "bob": {"gd": GD}}, [], {"gd": GD}))
    assert named(kept) == {("ada", REFERENCE), ("bob", REFERENCE)} and groups == []
