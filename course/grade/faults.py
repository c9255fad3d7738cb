"""How a call on a submission can end without a value; the trusted side's words for it.

All derive from BaseException: a hidden check that expects *some* exception must not be satisfied by a dead worker.
"""

from __future__ import annotations


class Outcome(BaseException):
    """A call on the submission brought no value. ``status`` is the verdict that it leads to."""

    status = "error"

    def sentence(self) -> str:
        """What the learner reads; never a word of the learner's own text."""
        raise NotImplementedError


class Raised(Outcome):
    """The learner's function raised. ``type`` is the nearest built-in exception type, ``line`` is in ``cell``."""

    def __init__(self, name: str, type: str, bases: tuple[str, ...] = (), line: int = 0, cell: str = ""):
        super().__init__(name, type, line)
        self.name, self.type, self.bases, self.line, self.cell = name, type, bases, line, cell

    def sentence(self) -> str:
        return f"`{self.name}` raised {self.type}."


class Missing(Outcome):
    """There is no such function in the notebook, or it cannot be called like that."""

    status = "missing"

    def __init__(self, name: str, why: str = "is not defined in your notebook"):
        super().__init__(name, why)
        self.name, self.why = name, why

    def sentence(self) -> str:
        return f"`{self.name}` {self.why}."


class TimedOut(Outcome):
    """The call used more CPU (or wall) time than it may."""

    status = "timeout"

    def __init__(self, name: str, seconds: float, wall: bool = False):
        super().__init__(name, seconds, wall)
        self.name, self.seconds, self.wall = name, seconds, wall

    def sentence(self) -> str:
        return f"`{self.name}` did not finish within {self.seconds:g} s; does the loop end?"


class TooManyCalls(TimedOut):
    """The call used up the calls that it may make of the functions that it was given."""

    def __init__(self, name: str, calls: int):
        super().__init__(name, 0.0)
        self.calls = calls

    def sentence(self) -> str:
        return f"`{self.name}` called what it was given more than {self.calls:,} times; does the loop end?"


class OutOfMemory(Outcome):
    """The call asked for more memory than a worker has."""

    status = "memory"

    def __init__(self, name: str, megabytes: int):
        super().__init__(name, megabytes)
        self.name, self.megabytes = name, megabytes

    def sentence(self) -> str:
        return f"`{self.name}` used more than {self.megabytes} MB of memory."


class Crashed(Outcome):
    """The worker died or spoke out of turn (`sys.exit`, a segmentation fault, garbage on the wire)."""

    status = "crashed"

    def __init__(self, name: str, why: str = ""):
        super().__init__(name, why)
        self.name, self.why = name, why

    def sentence(self) -> str:
        return f"`{self.name}` ended the Python process instead of returning a value."


class NotData(Outcome):
    """The function returned something that is not plain data (an open file, a module, an object array)."""

    status = "failed"

    def __init__(self, name: str, what: str):
        super().__init__(name, what)
        self.name, self.what = name, what

    def sentence(self) -> str:
        return f"`{self.name}` returned {self.what}, which is not an array, a number, or a collection of them."


class GraderFault(Outcome):
    """Something of ours is broken: never the learner's loss."""

    status = "fault"

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why

    def sentence(self) -> str:
        return "Our grader had a fault here; your instructor has been told, and nothing is lost."


class Died(GraderFault):
    """A process of ours was ended by something else. Asked once more, the same question may well get its answer."""

    SAID = "a process of the grader died"

    def __init__(self, why: str):
        super().__init__(f"{self.SAID}: {why.replace(f'{self.SAID}: ', '')}")


class Killed(Died):
    """It is certain that a SIGKILL ended it: nothing of the machine refused anything."""

    WORKER = "a worker was killed from outside (by hand, or because memory ran out)"
