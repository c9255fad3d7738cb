"""What is solved: the workloads W1, W2 and W5, and the shape that every engine's answer has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from course.learn import data

LAYERS = {"W1": (64, 64, 32, 10), "W2": (20, 1), "W5": (784, 512, 256, 10)}
TITLES = {
    "W1": "MLP 64-64-32-10 on digits, softmax cross-entropy, SGD with momentum 0.9",
    "W2": "linear regression, 20 features, mean squared error, plain SGD",
    "W5": "MLP 784-512-256-10 on random data, softmax cross-entropy, SGD with momentum 0.9",
}
STEPS_UNTIL_AGREED = 3
TOLERANCE = {"float32": 1e-3, "float64": 1e-9}
"""How far the parameters may be from the floor's, as a share of how far the floor's have moved. float32 rounds a
weight of 0.2 to within 1e-8, and the first steps move it by 1e-4 or so: some 1e-4 of the way may be rounding."""


@dataclass(frozen=True)
class Problem:
    """One batch and the first parameters. Arrays are shared by all engines: nobody may write into them."""

    workload: str
    dtype: str
    X: np.ndarray  # (B, in)
    target: np.ndarray  # W2: (B, 1) floats; else (B,) labels
    start: dict[str, np.ndarray]  # W1, b1, W2, b2, …
    lr: float
    momentum: float = 0.9  # not for W2

    def standing_still(self) -> Problem:
        """The same with steps so small that thousands of them lead nowhere: this is what is timed. On one batch a
        model is soon perfect, units of it fall silent, and their velocities fade into subnormal numbers, with which a
        processor is slow: that is no engine's doing."""
        return replace(self, lr=1e-9)

    @property
    def classifies(self) -> bool:
        return self.workload != "W2"

    @property
    def layers(self) -> int:
        return len(self.start) // 2

    @property
    def batch(self) -> int:
        return len(self.X)


@cache
def problem(workload: str, batch: int, dtype: str) -> Problem:
    """The same numbers for everybody, and in both dtypes but for rounding."""
    X, target = _data(workload)
    X = np.ascontiguousarray(X[:batch], dtype)
    target = target[:batch].astype(dtype) if workload == "W2" else target[:batch].copy()
    rng = np.random.default_rng(1)
    start = {}
    for layer, (n_in, n_out) in enumerate(zip(LAYERS[workload], LAYERS[workload][1:], strict=False), 1):
        start[f"W{layer}"] = (rng.standard_normal((n_in, n_out)) * np.sqrt(2 / n_in)).astype(dtype)
        start[f"b{layer}"] = (rng.standard_normal(n_out) * 0.1).astype(dtype)
    for array in (X, target, *start.values()):
        array.flags.writeable = False
    return Problem(workload, dtype, X, target, start, lr=0.01)


@cache
def _data(workload: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    if workload == "W1":
        X, y = data.digits()
        return X / 16, y
    if workload == "W2":
        X = rng.standard_normal((1797, 20))
        return X, X @ rng.standard_normal((20, 1)) + 0.1 * rng.standard_normal((1797, 1))
    return rng.random((1024, 784)), rng.integers(0, 10, 1024)


class Run:
    """An engine at work on a problem. An engine is a subclass; making one may take long, a `step` is what is timed."""

    name: ClassVar[str]
    package: ClassVar[str] = ""  # what must be installed
    own: ClassVar[bool] = False  # ours and the floors: an error in one of these is an error of the benchmark
    numpy: ClassVar[bool] = True  # allocates by NumPy, so that tracemalloc sees it

    def __init__(self, problem: Problem) -> None:
        raise NotImplementedError

    def step(self) -> Any:
        """Forward, backward and update, once, on the whole batch; the loss is computed too."""
        raise NotImplementedError

    def wait(self) -> None:
        """Until all that was asked for is done, for engines that work behind one's back."""

    def params(self) -> np.ndarray:
        """The parameters as one vector, in the order of `Problem.start`."""
        raise NotImplementedError

    @classmethod
    def missing(cls) -> str:
        """Why this engine cannot run here, or nothing."""
        return f"{cls.package} is not installed" if cls.package and not find_spec(cls.package) else ""


def flat(arrays: Any) -> np.ndarray:
    """Arrays one after the other, as a vector."""
    return np.concatenate([np.asarray(array).reshape(-1) for array in arrays])


def disagreement(run: Run, floor: Run, problem: Problem) -> str:
    """In what `run` differs from the floor after the first steps, or nothing."""
    got, expected, start = run.params(), floor.params(), flat(problem.start.values())
    if got.dtype != problem.dtype:
        return f"its parameters are {got.dtype}"
    apart = np.linalg.norm(got - expected.astype("float64")) / np.linalg.norm(expected.astype("float64") - start)
    if apart <= TOLERANCE[problem.dtype]:  # false for nan
        return ""
    return f"its parameters are {apart:.1e} of the way away from the floor's"
