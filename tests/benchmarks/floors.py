"""What the engines are measured against: the same steps by hand in NumPy, once plain and once with every trick."""

from __future__ import annotations

from typing import Any

import numpy as np

from .problems import Problem, Run, flat


class Floor(Run):
    """What a good student writes with the derivatives at hand: clear NumPy, nothing recomputed, updates in place."""

    name = "floor"
    own = True

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.p = {name: array.copy() for name, array in problem.start.items()}
        self.v = {name: np.zeros_like(array) for name, array in problem.start.items()}
        self.rows = np.arange(problem.batch)
        self.gradients = self.classifier if problem.classifies else self.regression

    def step(self) -> Any:
        loss, grads = self.gradients()
        lr, momentum = self.problem.lr, self.problem.momentum
        for name, w in self.p.items():
            if self.problem.classifies:
                v = self.v[name]
                v *= momentum
                v += grads[name]
                w -= lr * v
            else:
                w -= lr * grads[name]
        return loss

    def classifier(self) -> tuple[Any, dict[str, np.ndarray]]:
        p, X, y, rows = self.p, self.problem.X, self.problem.target, self.rows
        h1 = np.maximum(X @ p["W1"] + p["b1"], 0)
        h2 = np.maximum(h1 @ p["W2"] + p["b2"], 0)
        z = h2 @ p["W3"] + p["b3"]

        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, y]).mean()

        g3 = e / total
        g3[rows, y] -= 1
        g3 /= len(X)
        g2 = (g3 @ p["W3"].T) * (h2 > 0)
        g1 = (g2 @ p["W2"].T) * (h1 > 0)
        return loss, {
            "W1": X.T @ g1, "b1": g1.sum(axis=0),
            "W2": h1.T @ g2, "b2": g2.sum(axis=0),
            "W3": h2.T @ g3, "b3": g3.sum(axis=0),
        }  # fmt: skip

    def regression(self) -> tuple[Any, dict[str, np.ndarray]]:
        p, X = self.p, self.problem.X
        error = X @ p["W1"] + p["b1"] - self.problem.target
        loss = (error * error).mean()
        g = error * (2 / len(X))
        return loss, {"W1": X.T @ g, "b1": g.sum(axis=0)}

    def params(self) -> np.ndarray:
        return flat(self.p.values())


class TunedFloor(Run):
    """The same with every trick that NumPy allows: no array is made in a step, one update for all parameters."""

    name = "tuned floor"
    own = True

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        n, dtype = problem.batch, np.dtype(problem.dtype)
        self.whole = np.concatenate([array.reshape(-1) for array in problem.start.values()])
        self.grad, self.v, self.scratch = (np.zeros_like(self.whole) for _ in range(3))
        self.p, self.g = self.views(self.whole), self.views(self.grad)
        widths = [array.size for name, array in problem.start.items() if name[0] == "b"]
        self.out = [np.empty((n, width), dtype) for width in widths]  # of each layer
        self.back = [np.empty((n, width), dtype) for width in widths]  # the gradient of that
        self.mask = [np.empty((n, width), dtype) for width in widths]
        self.zeros = [np.zeros(width, dtype) for width in widths]
        self.ones = np.ones(n, dtype)
        if problem.classifies:
            classes = widths[-1]
            self.z, self.e = np.empty((classes, n), dtype), np.empty((classes, n), dtype)
            self.right = problem.target * n + np.arange(n)  # where the right class is in z and e, as flat arrays
            self.row, self.picked = np.empty(n, dtype), np.empty(n, dtype)
        self.gradients = self.classifier if problem.classifies else self.regression

    def views(self, vector: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """(W, b) of each layer as parts of one vector."""
        parts, at = [], 0
        for array in self.problem.start.values():
            parts.append(vector[at : at + array.size].reshape(array.shape))
            at += array.size
        return list(zip(parts[::2], parts[1::2], strict=True))

    def step(self) -> Any:
        loss = self.gradients()
        step = self.grad
        if self.problem.classifies:
            step = self.v
            np.multiply(step, self.problem.momentum, out=step)
            np.add(step, self.grad, out=step)
        np.multiply(step, self.problem.lr, out=self.scratch)
        np.subtract(self.whole, self.scratch, out=self.whole)
        return loss

    def classifier(self) -> Any:
        h, last = self.problem.X, self.problem.layers - 1
        for i, (W, b) in enumerate(self.p):
            out = h.dot(W, out=self.out[i])
            out += b
            h = np.maximum(out, self.zeros[i], out=out) if i < last else out
        loss = self.softmax(h)
        for i in range(last, -1, -1):
            g = self.e.T if i == last else self.back[i]
            before = self.out[i - 1] if i else self.problem.X
            before.T.dot(g, out=self.g[i][0])
            self.ones.dot(g, out=self.g[i][1])
            if i:
                g.dot(self.p[i][0].T, out=self.back[i - 1])
                np.sign(before, out=self.mask[i - 1])  # 0 or 1 after ReLU; a comparison would have to be converted
                np.multiply(self.back[i - 1], self.mask[i - 1], out=self.back[i - 1])
        return loss

    def softmax(self, logits: np.ndarray) -> Any:
        """The loss; its gradient to the logits goes to `self.e`. Transposed, as NumPy reduces long rows faster."""
        z, e, row, n = self.z, self.e, self.row, self.problem.batch
        np.copyto(z, logits.T)
        np.maximum.reduce(z, axis=0, out=row)
        np.subtract(z, row, out=z)
        np.exp(z, out=e)
        np.add.reduce(e, axis=0, out=row)
        z.reshape(-1).take(self.right, out=self.picked, mode="clip")  # "raise" would copy
        np.divide(e, row, out=e)
        e.reshape(-1)[self.right] -= 1
        np.multiply(e, 1 / n, out=e)
        np.log(row, out=row)
        np.subtract(row, self.picked, out=row)
        return self.ones.dot(row) / n

    def regression(self) -> Any:
        X, n, (W, b), (to_W, to_b) = self.problem.X, self.problem.batch, self.p[0], self.g[0]
        error = X.dot(W, out=self.out[0])
        error += b
        error -= self.problem.target
        column = error.reshape(-1)
        loss = column.dot(column) / n
        np.multiply(error, 2 / n, out=error)
        X.T.dot(error, out=to_W)
        self.ones.dot(error, out=to_b)
        return loss

    def params(self) -> np.ndarray:
        return flat([self.whole])
