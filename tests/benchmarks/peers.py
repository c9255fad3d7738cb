"""Other engines on the benchmark's problems, each used as its own documentation does. Imported only when run."""

from __future__ import annotations

from typing import Any

import numpy as np

from .problems import Problem, Run, flat


class Torch(Run):
    """PyTorch, eager, on the host."""

    name = "torch eager"
    package = "torch"
    numpy = False
    fused: bool | None = None

    def __init__(self, problem: Problem) -> None:
        import torch
        from torch import nn

        torch.set_num_threads(1)
        self.X, self.target = torch.tensor(problem.X), torch.tensor(problem.target)
        layers: list[Any] = []
        arrays = list(problem.start.values())
        for W, b in zip(arrays[::2], arrays[1::2], strict=True):
            layer = nn.Linear(*W.shape, dtype=self.X.dtype)
            layer.load_state_dict({"weight": torch.tensor(W.T.copy()), "bias": torch.tensor(b)})
            layers += [layer, nn.ReLU()]
        self.model = nn.Sequential(*layers[:-1])
        self.loss = nn.CrossEntropyLoss() if problem.classifies else nn.MSELoss()
        momentum = problem.momentum if problem.classifies else 0.0
        self.optimizer = torch.optim.SGD(self.model.parameters(), problem.lr, momentum, fused=self.fused)

    def step(self) -> Any:
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.X), self.target)
        loss.backward()
        self.optimizer.step()
        return loss

    def params(self) -> np.ndarray:
        return flat(p.detach().numpy().T for p in self.model.parameters())


class TorchFused(Torch):
    """PyTorch with the update of all parameters in one call."""

    name = "torch fused SGD"
    fused = True


class Autograd(Run):
    """HIPS autograd: gradients of a function written in its own numpy."""

    name = "autograd"
    package = "autograd"

    def __init__(self, problem: Problem) -> None:
        from autograd import value_and_grad

        self.problem = problem
        self.p = [array.copy() for array in problem.start.values()]
        self.v = [np.zeros_like(array) for array in self.p]
        self.rows = np.arange(problem.batch)
        self.gradients = value_and_grad(self.classifier if problem.classifies else self.regression)

    def classifier(self, p: list[Any]) -> Any:
        import autograd.numpy as anp
        from autograd.scipy.special import logsumexp

        h1 = anp.maximum(anp.dot(self.problem.X, p[0]) + p[1], 0)
        h2 = anp.maximum(anp.dot(h1, p[2]) + p[3], 0)
        z = anp.dot(h2, p[4]) + p[5]
        return anp.mean(logsumexp(z, axis=1) - z[self.rows, self.problem.target])

    def regression(self, p: list[Any]) -> Any:
        import autograd.numpy as anp

        return anp.mean((anp.dot(self.problem.X, p[0]) + p[1] - self.problem.target) ** 2)

    def step(self) -> Any:
        loss, grads = self.gradients(self.p)
        for w, v, g in zip(self.p, self.v, grads, strict=True):
            if self.problem.classifies:
                v *= self.problem.momentum
                v += g
                w -= self.problem.lr * v
            else:
                w -= self.problem.lr * g
        return loss

    def params(self) -> np.ndarray:
        return flat(self.p)


class MyGrad(Run):
    """MyGrad, with its guard against writes off, as its documentation advises where speed matters."""

    name = "mygrad"
    package = "mygrad"

    def __init__(self, problem: Problem) -> None:
        import mygrad as mg
        from mygrad.nnet.activations import relu
        from mygrad.nnet.losses import softmax_crossentropy

        self.problem, self.relu, self.cross_entropy = problem, relu, softmax_crossentropy
        self.guard_off = mg.mem_guard_off
        self.mean = mg.mean
        self.X, self.target = problem.X.copy(), problem.target.copy()
        self.p = [mg.tensor(array) for array in problem.start.values()]
        self.v = [np.zeros_like(array.data) for array in self.p]

    def step(self) -> Any:
        with self.guard_off:
            loss = self.loss(*self.p)
            loss.backward()
        for w, v in zip(self.p, self.v, strict=True):
            if self.problem.classifies:
                v *= self.problem.momentum
                v += w.grad
                w.data -= self.problem.lr * v
            else:
                w.data -= self.problem.lr * w.grad
            w.null_grad()
        return loss

    def loss(self, W1: Any, b1: Any, *rest: Any) -> Any:
        if not rest:
            return self.mean((self.X @ W1 + b1 - self.target) ** 2)
        W2, b2, W3, b3 = rest
        h1 = self.relu(self.X @ W1 + b1)
        h2 = self.relu(h1 @ W2 + b2)
        return self.cross_entropy(h2 @ W3 + b3, self.target)

    def params(self) -> np.ndarray:
        return flat(w.data for w in self.p)


class Jax(Run):
    """JAX, the whole step under jit, the old parameters given away."""

    name = "jax jit"
    package = "jax"
    numpy = False

    def __init__(self, problem: Problem) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.problem = problem
        self.X, self.target = jax.numpy.array(problem.X), jax.numpy.array(problem.target)
        self.p = [jax.numpy.array(array) for array in problem.start.values()]
        self.v = [jax.numpy.zeros_like(array) for array in self.p]
        gradients = jax.value_and_grad(self.loss)

        def update(p: list[Any], v: list[Any], X: Any, target: Any) -> tuple[Any, list[Any], list[Any]]:
            loss, grads = gradients(p, X, target)
            if problem.classifies:
                v = [problem.momentum * a + g for a, g in zip(v, grads, strict=True)]
            steps = v if problem.classifies else grads
            return loss, [w - problem.lr * s for w, s in zip(p, steps, strict=True)], v

        self.update = jax.jit(update, donate_argnums=(0, 1))

    def loss(self, p: list[Any], X: Any, target: Any) -> Any:
        import jax
        from jax import numpy as jnp

        if not self.problem.classifies:
            return jnp.mean((X @ p[0] + p[1] - target) ** 2)
        h1 = jax.nn.relu(X @ p[0] + p[1])
        h2 = jax.nn.relu(h1 @ p[2] + p[3])
        right = jnp.take_along_axis(jax.nn.log_softmax(h2 @ p[4] + p[5]), target[:, None], axis=1)
        return -jnp.mean(right)

    def step(self) -> Any:
        loss, self.p, self.v = self.update(self.p, self.v, self.X, self.target)
        return loss

    def wait(self) -> None:
        self.p[0].block_until_ready()

    def params(self) -> np.ndarray:
        return flat(self.p)


class Tinygrad(Run):
    """tinygrad on the host, the step captured by TinyJit."""

    name = "tinygrad jit"
    package = "tinygrad"
    numpy = False

    def __init__(self, problem: Problem) -> None:
        from tinygrad import Device, Tensor, TinyJit, nn
        from tinygrad.helpers import Context

        self.problem = problem
        self.device = Device[Device.DEFAULT]
        self.X, self.target = Tensor(problem.X.copy()).realize(), Tensor(problem.target.copy()).realize()
        self.p = [Tensor(array.copy()).realize() for array in problem.start.values()]
        momentum = problem.momentum if problem.classifies else 0.0
        with Context(DEFAULT_FLOAT=problem.dtype):  # the learning rate's dtype; the velocities' is set by hand
            optimizer = nn.optim.SGD(self.p, lr=problem.lr, momentum=momentum)
            optimizer.b = [Tensor.zeros(*v.shape).contiguous().realize() for v in optimizer.b]

        def step() -> Any:
            with Context(TRAINING=1, DEFAULT_FLOAT=problem.dtype):
                optimizer.zero_grad()
                loss = self.loss(*self.p).backward()
                return loss.realize(*optimizer.schedule_step())

        self.step = TinyJit(step)  # type: ignore[method-assign]

    def loss(self, W1: Any, b1: Any, *rest: Any) -> Any:
        if not rest:
            return ((self.X @ W1 + b1 - self.target) ** 2).mean()
        W2, b2, W3, b3 = rest
        h1 = (self.X @ W1 + b1).relu()
        h2 = (h1 @ W2 + b2).relu()
        return (h2 @ W3 + b3).sparse_categorical_crossentropy(self.target)

    def wait(self) -> None:
        self.device.synchronize()

    def params(self) -> np.ndarray:
        return flat(w.numpy() for w in self.p)

    @classmethod
    def missing(cls) -> str:
        if reason := super().missing():
            return reason
        from tinygrad import Tensor

        try:
            Tensor([1.0]).add(1).realize()
        except (RuntimeError, AssertionError, OSError) as error:
            return f"tinygrad has no compiler here (it wants clang or LLVM): {error}"
        return ""
