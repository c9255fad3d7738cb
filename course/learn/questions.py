"""A question on the learner's own code, answered by running it; the learner guesses first.

In one course 27 % of those who passed an exercise failed at least one such question (Lehtinen, Seppälä and Korhonen,
"Automated questions about learners' own code help to detect fragile knowledge", ITiCSE 2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .report import shortly


def hold(right: Any, guess: Any) -> str:
    """What to say to ``guess`` where the code answers ``right``; a guess of another kind reveals nothing.

    >>> hold(8, 8), hold(8, "eight")
    ('Yes: 8.', 'The answer is a number; guess one.')
    """
    kind = _kind(right)
    if _kind(guess) != kind:
        return f"The answer is {kind}; guess one."
    if _same(right, guess):
        return f"Yes: {shortly(right)}."
    return f"Not quite: your code says {shortly(right)}, you said {shortly(guess)}. Where does it come from?"


def _kind(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "True or False"
    if isinstance(value, str):
        return "a word"
    if isinstance(value, list | tuple | np.ndarray) and np.ndim(value):
        return "a list of numbers"
    return "a number" if isinstance(value, int | float | np.generic | np.ndarray) else "of another kind"


def _same(right: Any, guess: Any) -> bool:
    if isinstance(right, str):
        return bool(right.strip().lower() == guess.strip().lower())
    try:
        right, guess = np.asarray(right), np.asarray(guess)
        return right.shape == guess.shape and bool(np.allclose(right, guess, rtol=2e-3))
    except (TypeError, ValueError):
        return False
