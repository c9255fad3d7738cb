"""What a function gets that used up its time or memory once: less each time, and the same word for the same fault."""

from types import SimpleNamespace

import pytest

from course.grade.desks import JailedDesk
from course.grade.faults import Crashed, GraderFault, OutOfMemory, TimedOut
from course.grade.limits import Limits

LIMITS = Limits(cpu=5.0, after_timeout=1.0)


class Server:
    """Hands out workers on which calls end as they are told to; keeps the CPU seconds that each was given."""

    def __init__(self, *ends):
        self.ends, self.given = list(ends), []

    def worker(self):
        report = SimpleNamespace(defined=["f"], errors=[])
        return SimpleNamespace(load=lambda *_, **__: report, call=self.call, close=lambda: None)

    def call(self, name, args, kwargs, *, cpu):
        self.given.append(cpu)
        end = self.ends.pop(0)
        if end is not None:
            raise end
        return SimpleNamespace(value=1, changed={})


def outcomes(server, until=1e9):
    desk = JailedDesk(server, [], {}, "f", {}, LIMITS, until)
    found = []
    while server.ends:
        try:
            found.append(desk.call("f", (), {}).value)
        except (TimedOut, OutOfMemory, Crashed, GraderFault) as outcome:
            found.append(type(outcome))
    return found, desk


def late():
    return TimedOut("f", 5.0)


def full():
    return OutOfMemory("f", 1024)


def test_each_time_it_gets_less_and_never_nothing():
    server = Server(None, *(late() for _ in range(6)), None)
    found, desk = outcomes(server)
    assert found == [1, *[TimedOut] * 6, 1]
    assert server.given == [5.0, 5.0, 1.0, 0.5, 0.25, 0.125, 0.1, 0.1]
    assert desk.timed_out and not desk.late


def test_a_function_that_filled_its_memory_gets_less_and_is_told_so_each_time():
    """Whether it can fill the memory again in the little time that it has then is no difference of its own."""
    server = Server(full(), late(), full(), None, late())
    found, _ = outcomes(server)
    assert found == [OutOfMemory, OutOfMemory, OutOfMemory, 1, OutOfMemory]
    assert server.given == [5.0, 1.0, 0.5, 0.25, 0.25]


@pytest.mark.parametrize("other", [Crashed("f"), GraderFault("the fork server is gone")])
def test_any_other_end_is_what_it_is(other):
    server = Server(full(), other, late(), other)
    found, _ = outcomes(server)
    assert found == [OutOfMemory, type(other), OutOfMemory, type(other)]
    assert server.given == [5.0, 1.0, 1.0, 0.5]


def test_late_by_the_clock_is_kept_in_mind():
    _, desk = outcomes(Server(TimedOut("f", 15.0, wall=True), None))
    assert desk.late and desk.timed_out


def test_after_the_submissions_time_nothing_is_called():
    server = Server(None)
    desk = JailedDesk(server, [], {}, "f", {}, LIMITS, until=0.0)
    with pytest.raises(TimedOut):
        desk.call("f", (), {})
    assert server.given == []
