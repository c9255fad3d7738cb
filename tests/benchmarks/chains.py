"""W3 and W4: long chains of scalar operations, where an engine's own bookkeeping is all there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import autograd_mini as am

from .problems import Run

A, B = 1.000001, 0.000001


def chain(y: Any, n: int, relu: Callable[[Any], Any]) -> Any:
    """n operations, a multiple of ten: five products with a constant, four sums with one, a ReLU, and again."""
    for _ in range(n // 10):
        y = relu((((y * A + B) * A + B) * A + B) * A + B) * A
    return y


class Chain:
    """An engine on a chain. `forward` builds the graph, `backward` returns dy/dx and leaves no graph behind."""

    name: ClassVar[str]
    package: ClassVar[str] = ""
    numpy: ClassVar[bool] = True  # its memory is Python's, which tracemalloc sees
    own: ClassVar[bool] = False

    def forward(self, n: int) -> Any:
        raise NotImplementedError

    def backward(self, y: Any) -> float:
        raise NotImplementedError

    missing = classmethod(Run.missing.__func__)  # type: ignore[attr-defined]


class FloorChain(Chain):
    """By hand: Python floats, and a list of the local derivatives."""

    name = "floor"
    own = True

    def forward(self, n: int) -> Any:
        y, tape = 1.0, []
        note = tape.append
        for _ in range(n // 10):
            for _ in range(4):
                y = y * A
                note(A)
                y = y + B
                note(1.0)
            note(1.0 if y > 0 else 0.0)
            y = max(y, 0.0)
            y = y * A
            note(A)
        return tape

    def backward(self, y: Any) -> float:
        g = 1.0
        for derivative in reversed(y):
            g = derivative * g
        return g


class OursChain(Chain):
    name = "autograd_mini"
    own = True

    def forward(self, n: int) -> Any:
        self.x = am.parameter(1.0)
        return chain(self.x, n, am.relu)

    def backward(self, y: Any) -> float:
        y.backward()
        return self.x.grad


class MicrogradChain(Chain):
    name = package = "micrograd"

    def forward(self, n: int) -> Any:
        from micrograd.engine import Value

        self.x = Value(1.0)
        return chain(self.x, n, Value.relu)

    def backward(self, y: Any) -> float:
        y.backward()
        return self.x.grad


class TorchChain(Chain):
    name, package, numpy = "torch eager", "torch", False

    def forward(self, n: int) -> Any:
        import torch

        torch.set_num_threads(1)
        self.x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        return chain(self.x, n, torch.relu)

    def backward(self, y: Any) -> float:
        y.backward()
        return self.x.grad


class MyGradChain(Chain):
    name = package = "mygrad"

    def forward(self, n: int) -> Any:
        import mygrad as mg
        from mygrad.nnet.activations import relu

        self.x = mg.tensor(1.0)
        self.guard_off = mg.mem_guard_off
        with self.guard_off:
            return chain(self.x, n, relu)

    def backward(self, y: Any) -> float:
        with self.guard_off:
            y.backward()
        return self.x.grad


class AutogradChain(Chain):
    name = package = "autograd"

    def forward(self, n: int) -> Any:
        import autograd.numpy as anp
        from autograd import make_vjp

        vjp, _ = make_vjp(lambda x: chain(x, n, lambda y: anp.maximum(y, 0.0)))(1.0)
        return vjp

    def backward(self, y: Any) -> float:
        return y(1.0)


CHAINS: dict[str, type[Chain]] = {
    each.name: each for each in (FloorChain, OursChain, MicrogradChain, TorchChain, MyGradChain, AutogradChain)
}
NO_CHAIN = "no graph of single operations to measure: the whole chain is compiled"  # jax, tinygrad


def derivative(n: int) -> float:
    """What `backward` must return."""
    return A ** (n // 2)
