"""The trusted side's own copy of an assignment: the reference's functions, and a submission that needs no jail."""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..bundle.cells import Cell
from ..bundle.loader import load


class Namespace:
    """The names of a loaded notebook as attributes; its functions are called on copies of their arguments."""

    def __init__(self, names: Mapping[str, Any]):
        self._names = names
        self._experiments: dict[int, Any] = {}

    def __getattr__(self, name: str) -> Any:
        try:
            value = self._names[name]
        except KeyError:
            raise AttributeError(f"the notebook defines no {name!r}") from None
        return on_copies(value) if isinstance(value, types.FunctionType) else value

    def everything(self) -> Mapping[str, Any]:
        """All names, as they are: for code that the author wrote."""
        return self._names

    def experiment(self, seed: int) -> Any:
        """The reference's experiment, which several checks ask for: run once a seed."""
        if seed not in self._experiments:
            self._experiments[seed] = self._names["experiment"](seed)
        return copy_data(self._experiments[seed])


def on_copies(function: Callable) -> Callable:
    """``function`` called on copies of its data, so that neither side can change what the other one holds."""

    def call(*args: Any, **kwargs: Any) -> Any:
        values = {name: copy_data(value) for name, value in kwargs.items()}
        return function(*(copy_data(value) for value in args), **values)

    call.__name__ = function.__name__
    return call


def copy_data(value: Any) -> Any:
    """A deep copy of plain data and generators; callables as they are."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: copy_data(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(copy_data(item) for item in value)
    return value if callable(value) else copy.deepcopy(value)


def load_reference(cells: Sequence[Cell], names: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace of a reference: everything must load."""
    return load(cells, dict(names), strict=True).namespace


def silent(*_: Any, **__: Any) -> None:
    """For the name ``print``, where a notebook should greet nobody."""


def load_given(cells: Sequence[Cell], names: Mapping[str, Any]) -> dict[str, Any]:
    """The namespace in which visible checks run: setup and given cells alone."""
    return load([cell for cell in cells if cell.kind in {"setup", "given"}], dict(names), strict=True).namespace


def right_answers(cells: Sequence[Cell], names: Mapping[str, Any]) -> dict[str, Any]:
    """What should be typed into the question cells: those of the reference compute it. ``names`` are loaded."""
    answers: dict[str, Any] = {}
    for cell in cells:
        if cell.kind == "question":
            before = dict(names)
            exec(compile(cell.source, f"<{cell.id}>", "exec"), before)
            new = {name: value for name, value in before.items() if name not in names and not callable(value)}
            answers.update({name: value for name, value in new.items() if not name.startswith("_")})
    return answers
