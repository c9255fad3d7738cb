"""The engine of this course on the benchmark's problems: as its fused operations are meant, and as a learner writes."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd_mini as am

from .problems import Problem, Run, flat


class Fused(Run):
    """Fused layers and loss, all parameters in one vector."""

    name = "autograd_mini"
    own = True

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.X, self.target = am.tensor(problem.X), am.tensor(problem.target)
        self.whole, self.p = am.flat_parameters(dict(problem.start))
        self.v = np.zeros_like(self.whole.data)
        self.loss = self.classifier if problem.classifies else self.regression

    def step(self) -> Any:
        whole = self.whole
        loss = self.loss()
        loss.backward()
        step = whole.grad
        if self.problem.classifies:
            v = self.v
            v *= self.problem.momentum
            v += step
            step = v
        whole.data -= self.problem.lr * step
        whole.grad = None
        return loss

    def classifier(self) -> Any:
        p = self.p
        h1 = am.relu(am.linear(self.X, p["W1"], p["b1"]))
        h2 = am.relu(am.linear(h1, p["W2"], p["b2"]))
        return am.softmax_cross_entropy(am.linear(h2, p["W3"], p["b3"]), self.target)

    def regression(self) -> Any:
        p = self.p
        return am.mse(am.linear(self.X, p["W1"], p["b1"]), self.target)

    def params(self) -> np.ndarray:
        return flat([self.whole.data])


class Generic(Run):
    """The formulas in operators, one tensor a parameter."""

    name = "autograd_mini generic"
    own = True

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.X, self.target = am.tensor(problem.X), am.tensor(problem.target)
        self.rows = np.arange(problem.batch)
        self.p = {name: am.parameter(array) for name, array in problem.start.items()}
        self.v = {name: np.zeros_like(array) for name, array in problem.start.items()}

    def step(self) -> Any:
        loss = self.loss()
        loss.backward()
        lr, momentum = self.problem.lr, self.problem.momentum
        for name, w in self.p.items():
            if self.problem.classifies:
                v = self.v[name]
                v *= momentum
                v += w.grad
                w.data -= lr * v
            else:
                w.data -= lr * w.grad
            w.grad = None
        return loss

    def loss(self) -> Any:
        p = self.p
        if not self.problem.classifies:
            error = self.X @ p["W1"] + p["b1"] - self.target
            return (error * error).mean()
        h1 = am.relu(self.X @ p["W1"] + p["b1"])
        h2 = am.relu(h1 @ p["W2"] + p["b2"])
        z = h2 @ p["W3"] + p["b3"]
        return (z.logsumexp(axis=1) - z[self.rows, self.target]).mean()

    def params(self) -> np.ndarray:
        return flat([w.numpy() for w in self.p.values()])
