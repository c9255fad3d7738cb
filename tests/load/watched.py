"""A judging process that also writes down what each of its calls used; started in the place of `course.grade.judge`.

It is the real one: only the conversation with a worker is looked at from outside, when it is over.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

FILE = "COURSE_LOAD_CALLS"
"""The environment's name for the file: a line of JSON a call."""


def watch(path: str) -> None:
    """From now on, every load and call of every submission is a line of the file ``path``."""
    from course.grade import judge, proxy

    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    ask, judged = proxy._Conversation.ask, judge.Judge.judge
    learner = ""

    def asked(self: Any, message: dict, *rest: Any, **named: Any) -> dict:
        began, ended = time.monotonic(), ""
        try:
            return ask(self, message, *rest, **named)
        except BaseException as error:
            ended = type(error).__name__
            raise
        finally:
            if message["op"] in {"load", "call"}:
                cpu = self.deadline.used() if hasattr(self, "deadline") else 0.0
                line = {"learner": learner, "op": message["op"], "name": self.name, "budget": self.cpu, "cpu": cpu}
                line |= {"clock": time.monotonic() - began, "wall": self.cpu * self.limits.wall, "ended": ended}
                os.write(file, json.dumps(line).encode() + b"\n")

    def of(self: Any, session: Any, server: Any, job: dict) -> dict:
        nonlocal learner
        learner = job["learner"]
        return judged(self, session, server, job)

    proxy._Conversation.ask = asked  # type: ignore[method-assign]
    judge.Judge.judge = of  # type: ignore[method-assign]


def main() -> int:
    """Watch, then be the judging process."""
    watch(os.environ.pop(FILE))
    from course.grade.judge import main as judge

    run: Callable[[], int] = judge
    return run()


if __name__ == "__main__":
    sys.exit(main())
