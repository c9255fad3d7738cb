"""What the judge itself does with values that a learner returned: it has an end, and never becomes a fault of ours."""

import signal
import time

import pytest

from course.grade import assess, faults, outputs, proxy, wire
from course.grade.desks import JailedDesk
from course.grade.limits import Limits
from course.grade.sitting import Sitting


class Check:
    """A check that does what it is told."""

    id, sentence, points, topic, visible = "it", "It holds.", 1.0, "", False

    def __init__(self, does):
        self.does = does

    def run(self):
        try:
            self.does()
        except BaseException as error:
            return error
        return None


@pytest.fixture
def jailed():
    """An assessment at a jailed desk whose worker is never asked for."""
    desk = JailedDesk(None, [], {}, "gd", {}, Limits(), time.monotonic() + 60)  # type: ignore[arg-type]
    sitting = Sitting(make_desk=lambda *_: desk, reference={}, given={}, answers={}, key=b"")
    made = assess.Assessment(sitting, None, frozenset({"gd"}))  # type: ignore[arg-type]
    made._pass("gd", [], ())
    with sitting.task("gd"):
        yield made


def forever():
    while True:
        pass


def test_a_check_that_is_kept_busy_ends_and_so_do_those_after_it(jailed, monkeypatch):
    monkeypatch.setattr(assess, "AT_LEAST", 0.1)
    jailed._left["checks"] = 0.3
    began = time.process_time()
    verdicts = [jailed.run(Check(forever), "gd", told=False) for _ in range(3)]
    assert [verdict.status for verdict in verdicts] == ["failed"] * 3 and jailed.faults == []
    assert verdicts[0].detail == "`gd` returned more than its checks can look at."
    assert 0.4 < time.process_time() - began < 2
    assert signal.getsignal(signal.SIGPROF) is signal.SIG_DFL and signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_what_others_take_is_not_counted(jailed):
    jailed._left["checks"] = 0.2
    assert jailed.run(Check(lambda: time.sleep(0.4)), "gd", told=False).status == "passed"
    assert jailed._left["checks"] > 0.1


def test_a_name_that_cannot_be_found_is_no_fault(jailed, capsys):
    class Breaks:
        def name(self, *given):
            raise KeyError("O")

    class Endless:
        def name(self, *given):
            forever()

    check = Check(lambda: (_ for _ in ()).throw(assess.CheckFailed([failure("x")])))
    verdicts = [jailed.run(check, "gd", told=False)]
    jailed._left["names"] = -10.0
    for jailed.namer in (Breaks(), Endless()):
        assert jailed._name("gd", [check], verdicts) == ()
    assert "KeyError" in capsys.readouterr().err
    jailed._jailed, jailed.namer = False, Breaks()
    with pytest.raises(KeyError):  # at the author's desk it is to be known
        jailed._name("gd", [check], verdicts)


def failure(text):
    from course.learn.compare import Fact
    from course.learn.recorder import Failure

    return Failure("The result", Fact("keys", text))


def test_what_is_told_of_a_value_is_short_and_plain(jailed):
    def fails():
        raise assess.CheckFailed([failure("\x1b[31m\u202e" + "x" * 10**6)])

    told = jailed.run(Check(fails), "gd", told=True).detail
    assert len(told) < 2_100 and "\x1b" not in told and "\u202e" not in told and told.startswith("The result xx")


@pytest.mark.parametrize(("right", "status", "faulty"), [(True, "failed", 0), (False, "fault", 1)])
def test_what_cannot_be_handed_back_is_whose_it_was(jailed, right, status, faulty):
    """A learner's value that is given to a function of theirs again: too large to cross twice is no fault of ours."""

    def hands_over():
        if isinstance(jailed.sitting.desk, JailedDesk) or not right:
            raise proxy.CannotCross("`gd` was to be given too many items, which cannot cross to a worker")

    assert jailed.run(Check(hands_over), "gd", told=False).status == status
    assert len(jailed.faults) == faulty


def test_other_faults_of_ours_stay_ours(jailed):
    def dies():
        raise faults.GraderFault("the fork server ended")

    assert jailed.run(Check(dies), "gd", told=False).status == "fault" and jailed.faults


def test_a_worker_that_hands_out_more_than_it_can_take_is_not_our_fault(tmp_path):
    """Through a real jail: the value comes back as an argument, and does not fit into the wire any more."""
    from course.grade.workers import ForkServer
    from tests.grade.conftest import cell

    source = "def f(x=None):\n    return [[]] * 199_990\n"
    with ForkServer(preload=True) as server, server.worker() as worker:
        worker.load([cell(source)], names={})
        value = worker.call("f").value
        with pytest.raises(proxy.CannotCross):
            worker.call("f", [value, value])


def test_what_cannot_be_shown_is_said_of_the_cell_that_sent_it():
    shown = outputs.Collector(["function-gd", "example-next"], Limits())
    with pytest.raises(wire.WireError):
        shown.add({"id": "function-gd", "outputs": [("stdout", "before"), ("png", b"no picture")]})
    shown.interrupted(faults.Crashed("your notebook"))
    assert list(shown.outputs) == ["function-gd"] and "ended the Python process" in str(shown.outputs)
