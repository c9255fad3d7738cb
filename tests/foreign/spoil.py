"""Break one derivative of one operation of the engine, to see whether a suite notices."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import CO_VARARGS
from types import FunctionType
from typing import Any

import numpy as np

from autograd_mini import ops

# Arguments without a derivative: conditions, labels and targets.
NO_DERIVATIVE = {("where", 0), ("softmax_cross_entropy", 1)}


def pullbacks(name: str) -> list[str]:
    """The arrays of an operation, one pullback each."""
    code = ops.OPS[name].__wrapped__.__code__
    if code.co_flags & CO_VARARGS:
        return ["the first", "the second"]  # of any number
    return list(code.co_varnames[: code.co_posonlyargcount])


def _entry(*args: Any, **options: Any) -> Any:
    return _spoiled(*args, **options)  # type: ignore[name-defined]  # noqa: F821  a global of the operation's module


@contextmanager
def spoiled(name: str, argument: int, factor: float = 1.001) -> Iterator[list[int]]:
    """Inside, the gradient of `name` to its array number `argument` is `factor` times what it should be.

    The function behind `@op` gets other code, so the engine stays as it is, however the operation is reached. The list
    has one entry for each call of the broken pullback.
    """
    forward = ops.OPS[name].__wrapped__
    code, scope = forward.__code__, forward.__globals__
    original = FunctionType(code, scope, name, forward.__defaults__)
    original.__kwdefaults__ = forward.__kwdefaults__
    calls: list[int] = []

    def wrong(pull: Callable) -> Callable:
        def by_factor(g: Any, *out: Any) -> Any:  # out: where the gradient is wanted, see autograd_mini.op
            calls.append(argument)
            grad = pull(g, *out)
            return np.multiply(grad, factor, *out)

        return by_factor

    def entry(*args: Any, **options: Any) -> tuple:
        value, *pulls = original(*args, **options)
        return value, *[wrong(p) if i == argument and p is not None else p for i, p in enumerate(pulls)]

    scope["_spoiled"], forward.__code__ = entry, _entry.__code__
    try:
        yield calls
    finally:
        forward.__code__ = code
        del scope["_spoiled"]
