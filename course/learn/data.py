"""The course's data sets, which lie inside the package: no download, the same rows for everybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np

_FOLDER = Path(__file__).with_name("data")

DIABETES_COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
"""What the ten columns of `diabetes` measure; s1 to s6 are blood serum measurements."""


def diabetes(standardise: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Ten measurements of 442 patients, and how far their diabetes had progressed a year later.

    Returns ``X`` (442, 10) float64, in the order of `DIABETES_COLUMNS`, and ``y`` (442,) float64, a score between 25
    and 346. With ``standardise`` each column of ``X`` has mean 0 and mean square 1; without, it has the units of the
    source (years, kg/m², mm Hg, …). ``y`` is never changed. Both arrays are yours to write to.

    >>> X, y = diabetes()
    >>> X.shape, y.shape, float(y.min()), float(y.max())
    ((442, 10), (442,), 25.0, 346.0)
    """
    X, y = _load("diabetes")
    return (standardised(X) if standardise else X), y


def digits() -> tuple[np.ndarray, np.ndarray]:
    """1,797 handwritten digits of 8 by 8 pixels.

    Returns ``X`` (1797, 64) float64, whole numbers from 0 (paper) to 16 (ink), row after row of a picture, and ``y``
    (1797,) int64, the digit. Divide ``X`` by 16 for values between 0 and 1. Both arrays are yours to write to.

    >>> X, y = digits()
    >>> X.shape, float(X.max()), y[:5].tolist()
    ((1797, 64), 16.0, [0, 1, 2, 3, 4])
    """
    X, y = _load("digits")
    return X.astype(np.float64), y.astype(np.int64)


def standardised(X: np.ndarray) -> np.ndarray:
    """``X`` (N, D) with each column shifted to mean 0 and scaled to mean square 1; a new array.

    A column that never changes cannot be scaled and becomes 0.

    >>> standardised(np.array([[1.0, 5.0], [3.0, 5.0]]))
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    centred = X - X.mean(axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0))
    return centred / np.where(spread > 0, spread, 1.0)


def _load(name: str) -> tuple[np.ndarray, np.ndarray]:
    with np.load(_FOLDER / f"{name}.npz", allow_pickle=False) as arrays:
        return arrays["X"], arrays["y"]
