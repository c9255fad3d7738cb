"""A call leaves the same trace at an open desk as in a jail: what it returns, how it ends, what it changed."""

import time

import numpy as np
import pytest

from course.bundle.cells import Cell
from course.grade import pack, wire
from course.grade.desks import JailedDesk, OpenDesk
from course.grade.faults import Outcome
from course.grade.limits import LIMITS
from course.grade.naming import same
from course.grade.sitting import GradingCheck, Sitting, Step

NAMES = {"course_id": "demo", "learner_id": "author", "backend": "numpy"}
SETUP = Cell("setup", "", "# setup: imports\nimport numpy as np\nfrom autograd_mini import Tensor\nkept = []", "setup")


@pytest.fixture(scope="module")
def server(servers):
    return servers("auto")


def trace(desk, arguments):
    """The trace of one call, and what it raised, if anything."""
    sitting = Sitting(make_desk=lambda *_: desk, reference={}, given={}, answers={}, key=b"")
    raised = None
    with sitting.task("f"):
        try:
            sitting.submission.f(*arguments())
        except Outcome as outcome:
            raised = outcome
    return (tuple(sitting.trace), ()), raised


def both(server, source, arguments):
    cells = [SETUP, Cell("function", "f", f"# function f: your code below\n{source}\n", "function-f")]
    until = time.monotonic() + 60
    jailed = JailedDesk(server, cells, NAMES, "f", {}, LIMITS, until)
    return trace(OpenDesk(cells, NAMES, "f", {}), arguments), trace(jailed, arguments)


def rng():
    return np.random.default_rng(3)


def seen_twice():
    shared = np.ones(3)
    return [shared, shared], shared


CASES = {
    "a value": ("def f(x):\n    return {'w': (x + 1, 2)}", lambda: (np.arange(3.0),)),
    "a generator function": ("def f(x):\n    yield x[:1]\n    x += 1\n    yield x", lambda: (np.zeros(4),)),
    "one buffer again and again": (
        "def f(x):\n    for i in range(3):\n        x[:] = i\n        yield x",
        lambda: (np.zeros(2),),
    ),
    "numbers drawn": ("def f(r, n):\n    r.normal(size=n)\n    return 0", lambda: (rng(), 3)),
    "numbers drawn late": ("def f(r, n):\n    for _ in range(n):\n        yield r.random()", lambda: (rng(), 3)),
    "a generator left alone": ("def f(r):\n    return 1", lambda: (rng(),)),
    "arguments written into": (
        "def f(x, d):\n    x *= 2; d['k'].append(1)\n    return x",
        lambda: (np.ones(2), {"k": [0]}),
    ),
    "minus zero": ("def f(x):\n    x *= -1\n    return x", lambda: (np.zeros(2),)),
    "an array twice": ("def f(pair, x):\n    x += 1\n    return pair", seen_twice),
    "an iterator given": ("def f(it):\n    return len(it)", lambda: (zip(range(3), range(3), strict=True),)),
    "an iterator gone through": (
        "def f(it):\n    return [list(it), list(it), hasattr(it, '__len__')]",
        lambda: ((x + 1 for x in np.arange(3.0)),),
    ),
    "an iterator from a callable": (
        "def f(g):\n    it = g(3)\n    return [next(it), list(it), list(it)]",
        lambda: ((lambda n: (np.full(2, float(k)) for k in range(n))),),
    ),
    "something that is indexed": (
        "class F:\n    def __len__(self): return 2\n    def __getitem__(self, i):\n"
        "        if i > 1: raise IndexError\n        return i\ndef f(x):\n    return F()",
        lambda: (1,),
    ),
    "a tensor": ("def f(x):\n    return Tensor(x)", lambda: (np.ones(2),)),
    "no data": ("def f(x):\n    return lambda: x", lambda: (1,)),
    "objects": ("def f(x):\n    return np.array([None, x])", lambda: (1,)),
    "a call too short": ("def f(x, y):\n    return x", lambda: (1,)),
    "another exception": ("class Mine(ValueError): pass\ndef f(x):\n    raise Mine('no')", lambda: (1,)),
    "an exit": ("def f(x):\n    raise SystemExit(3)", lambda: (1,)),
    "nothing written": ("def f(x):\n    raise NotImplementedError('f is yours')", lambda: (1,)),
    "a cell that breaks": ("import nosuch\ndef g(x):\n    return 1", lambda: (1,)),
    "no such function": ("def g(x):\n    return 1", lambda: (1,)),
    "a callable kept": (
        "def f(g, x):\n    y = g(x)\n    y *= 0\n    return g(x) + y",
        lambda: ((lambda kept: lambda x: kept)(np.ones(2)), np.ones(2)),
    ),
    "a callable that raises": (
        "def f(g):\n    try:\n        g(1)\n    except KeyError:\n        return 'key'",
        lambda: ({}.__getitem__,),
    ),
    "a callable given what is no data": ("def f(g):\n    return g(np)", lambda: (lambda x: 1,)),
    "too many calls": ("def f(g):\n    while True:\n        g(1)", lambda: (lambda x: x,)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_desks_agree(server, case):
    (openly, one), (jailed, other) = both(server, *CASES[case])
    assert type(one) is type(other), (one, other)
    assert (one is None) or (getattr(one, "type", ""), getattr(one, "bases", ())) == (
        getattr(other, "type", ""),
        getattr(other, "bases", ()),
    )
    assert openly == jailed if case == "too many calls" else same(openly, jailed), (openly, jailed)


def test_what_can_be_gone_through_once_arrives_so(server):
    source = "def f(it):\n    return [list(it), list(it)]"
    for seen, _ in both(server, source, lambda: (GradingCheck().once([1.0, 2.0]),)):
        assert seen[0][0].value == [[1.0, 2.0], []] and seen[0][0].changed == ()


def test_what_is_indexed_is_gone_through(server):
    for seen, _ in both(server, *CASES["something that is indexed"]):
        assert seen[0][0].value == [0, 1]


def test_no_iterator_arrives_on_the_graders_side():
    frame = bytearray(pack.dumps({"x": wire.Once([1, 2])}))
    assert list(wire.loads(frame, callback=lambda number: None)["x"]) == [1, 2]
    with pytest.raises(wire.WireError):
        wire.loads(frame)


def test_a_loop_at_an_open_desk_ends(monkeypatch):
    monkeypatch.setattr("course.grade.desks.LIMITS", LIMITS.__class__(cpu=0.1, wall=2.0, after_timeout=0.05))
    desk = OpenDesk([SETUP, Cell("function", "f", "def f(x):\n    while True: pass", "function-f")], NAMES, "f", {})
    for _ in range(2):
        _, raised = trace(desk, lambda: (1,))
        assert raised.status == "timeout" and desk.timed_out


def test_what_is_the_learners_own_business_leaves_no_trace():
    """Two answers that differ only in an opaque entry of what they return behave alike."""

    def traced(source):
        cells = [Cell.from_source(f"# function step: your code below\n{source}")]
        desk = OpenDesk(cells, {}, "step", {})
        sitting = Sitting(make_desk=lambda *_: desk, reference={}, given={}, answers={}, key=b"", opaque={"step": (1,)})
        with sitting.task("step"):
            sitting.submission.step(2.0)
        return (tuple(sitting.trace), ())

    assert same(traced("def step(x):\n    return x, 3 * x"), traced("def step(x):\n    return x, None"))
    assert not same(traced("def step(x):\n    return x, 0"), traced("def step(x):\n    return x + 1, 0"))


def test_a_check_may_say_what_an_answer_comes_to():
    """Of many right answers that differ, only what they have in common is left to tell mistakes apart."""
    sitting = Sitting(make_desk=lambda *_: None, reference={}, given={}, answers={}, key=b"")
    sitting.check.sees([1])  # nothing was called yet
    sitting.trace.append(Step("f", "value", [2, 1]))
    sitting.check.sees([1, 2])
    assert sitting.trace == [Step("f", "value", [1, 2])]
