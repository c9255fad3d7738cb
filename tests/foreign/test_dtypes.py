"""PyTorch's samples in float32 and mixed: the dtype of every value is NumPy's, of every gradient its leaf's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_mini as am

from .adapters import Lacking
from .opinfo import database, listed, ours, samples
from .table import TABLE

pytestmark = pytest.mark.foreign
FUNCTIONS = {name: f for row in TABLE.values() for name, f in row.items()}


def _axis(f: Callable) -> Callable:
    def reduce(x, dim=None, keepdim=False):
        return f(x, axis=dim if x.ndim and dim != () else None, keepdims=keepdim)

    return reduce


def _mse(x, y, reduction="mean"):
    return {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]((x - y) ** 2)


PAIRS: dict[str, Callable] = {
    "add": lambda a, b, alpha=1: a + alpha * b, "sub": lambda a, b, alpha=1: a - alpha * b, "mul": np.multiply,
    "rsub": lambda a, b, alpha=1: b - alpha * a, "div.no_rounding_mode": np.divide, "__rdiv__": lambda a, b: b / a,
    "pow": lambda a, b: a**b, "__rpow__": lambda a, b: b**a, "maximum": np.maximum, "matmul": np.matmul,
    "where": lambda a, condition, b: np.where(condition, a, b), "nn.functional.mse_loss": _mse,
}  # fmt: skip
SINGLES: dict[str, Callable] = {
    "neg": np.negative, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "abs": np.abs, "tanh": np.tanh,
    "sum": _axis(np.sum), "mean": _axis(np.mean), "amax": _axis(np.max), "reciprocal": lambda a: 1 / a,
    "permute": np.transpose, "reshape": np.reshape, "broadcast_to": np.broadcast_to, "unsqueeze": np.expand_dims,
    "stack": np.stack, "cat": lambda parts, dim=0: np.concatenate(parts, dim), "__getitem__": lambda x, i: x[i],
    "square": lambda a: a * a, "addmm": lambda x, a, b, alpha, beta: beta * x + alpha * (a @ b),
    "nn.functional.linear": lambda x, W, b=0: x @ W.T + (b if type(b) is np.ndarray else 0), "take": np.take,
}  # fmt: skip
FLOAT32_ONLY = ["sigmoid", "nn.functional.relu", "logsumexp", "softmax", "squeeze", "nn.functional.hardtanh", "expm1",
                "nn.functional.cross_entropy", "nn.functional.binary_cross_entropy_with_logits"]  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    import torch

    infos = database()
    return lambda name: samples(infos[name], torch.float32)


def prepared(sample: Any) -> tuple[list, dict, list[am.Tensor]]:
    """A sample's arguments as the engine takes them, and those with a gradient."""
    pairs: list = []
    args, kwargs = ours([sample.input, *sample.args], pairs), {k: ours(v, pairs) for k, v in sample.kwargs.items()}
    return args, kwargs, [leaf for _, leaf in pairs]


def arrays(x: Any) -> Any:
    """An argument as NumPy takes it."""
    if isinstance(x, list | tuple):
        return type(x)(map(arrays, x))
    return np.array(x._data) if isinstance(x, am.Tensor) else x


def check(name: str, f: Callable, args: list, kwargs: dict, leaves: list[am.Tensor]) -> None:
    """The value has NumPy's dtype, and is NumPy's within the digits that it has; gradients have their leaf's."""
    out = FUNCTIONS[name](*args, **kwargs)
    want = np.asarray(f(*map(arrays, args), **kwargs))
    assert out.dtype == want.dtype, f"{name}: {out.dtype}, NumPy {want.dtype}"
    np.testing.assert_allclose(out.numpy(), want, 1e-4, 1e-5)
    out.backward(np.ones(out.shape))
    for leaf in leaves:
        assert leaf.grad.dtype == leaf.dtype and leaf.grad.shape == leaf.shape


@pytest.mark.parametrize("name", [*PAIRS, *SINGLES])
@np.errstate(all="ignore")
def test_float32_gives_what_numpy_gives(name, drawn):
    f = (PAIRS | SINGLES)[name]
    n = 0
    for sample in drawn(name):
        args, kwargs, leaves = prepared(sample)
        try:
            check(name, f, args, kwargs, leaves)
        except Lacking:  # an option that the engine does not have, see table.py
            continue
        n += 1
    assert n


@pytest.mark.parametrize("name", FLOAT32_ONLY)
def test_float32_stays(name, drawn):
    n = 0
    for sample in drawn(name):
        args, kwargs, leaves = prepared(sample)
        try:
            outs = listed(FUNCTIONS[name](*args, **kwargs))
        except (Lacking, TypeError):  # weights
            continue
        for out in outs:
            out.backward(np.ones(out.shape))
            assert out.dtype == np.float32
        assert all(leaf.grad is None or leaf.grad.dtype == np.float32 for leaf in leaves)
        n += 1
    assert n


OTHERS: dict[str, Callable] = {
    "float64": lambda x: x.astype("float64"),
    "float16": lambda x: x.astype("float16"),
    "int64": lambda x: x.astype("int64"),
    "int8": lambda x: x.astype("int8"),
    "bool": lambda x: x > 0,
    "a NumPy scalar": lambda x: np.float64(x.flat[0]) if x.size else x,
    "a Python float": lambda x: float(x.flat[0]) if x.size else x,
    "a Python integer": lambda x: 2,
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", [name for name in PAIRS if "mse" not in name])
@np.errstate(all="ignore")
def test_two_dtypes_meet_as_in_numpy(name, kind, drawn):
    """The first argument stays a float32 tensor with a gradient, the last becomes something else."""
    if name == "matmul" and ("scalar" in kind or "Python" in kind):
        return  # NumPy has no such product; tests/engine looks at the refusal
    for sample in drawn(name):
        (*args, last), kwargs, _ = prepared(sample)
        other = OTHERS[kind](arrays(last))
        for given in (other, am.tensor(other)) if isinstance(other, np.ndarray) else (other,):
            first = am.parameter(arrays(args[0]))
            check(name, PAIRS[name], [first, *args[1:], given], kwargs, [first])
