"""PyTorch's own samples, run through the engine: value and gradient have to be PyTorch's."""

import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd_mini as am

from .adapters import Lacking
from .table import TABLE, WITHOUT

RTOL, ATOL = 1e-9, 1e-11


@dataclass
class Report:
    """What became of the samples of one operation of the engine."""

    compared: Counter = field(default_factory=Counter)  # by OpInfo name
    empty: Counter = field(default_factory=Counter)  # of these, samples without a single number
    left_out: Counter = field(default_factory=Counter)  # by (OpInfo name, option)
    failed: list[str] = field(default_factory=list)


def database() -> dict[str, Any]:
    """PyTorch's operations by "name" or "name.variant"."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    return {f"{op.name}.{op.variant_test_name}".rstrip("."): op for op in op_db}


def samples(op: Any, dtype: Any) -> list[Any]:
    import torch

    torch.manual_seed(0)
    np.random.seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(op.sample_inputs("cpu", dtype, requires_grad=True))


def ours(x: Any, pairs: list) -> Any:
    """An argument of PyTorch's as the engine takes it; `pairs` collects what has a gradient."""
    if hasattr(x, "detach"):
        array = np.array(x.detach().numpy())
        if not x.is_floating_point():
            return array
        t = am.tensor(array, requires_grad=x.requires_grad)
        if x.requires_grad:
            pairs.append((x, t))
        return t
    if isinstance(x, list | tuple):
        parts = [ours(part, pairs) for part in x]
        return parts if isinstance(x, list) else tuple(parts)
    return x


def listed(out: Any) -> list[Any]:
    return list(out) if isinstance(out, list | tuple) else [out]


def theirs(op: Any, sample: Any, leaves: list) -> tuple[list, list, list]:
    """PyTorch's values, drawn cotangents and gradients of a sample."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = op(sample.input, *sample.args, **sample.kwargs)
        outs = [t for t in listed(sample.output_process_fn_grad(out)) if t.requires_grad]
        cotangents = [torch.randn(t.shape, dtype=t.dtype) for t in outs]
        grads = torch.autograd.grad(outs, leaves, cotangents, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, grads, strict=True)]
    return tuple([t.detach().numpy() for t in group] for group in (outs, cotangents, grads))  # type: ignore[return-value]


def same(what: str, got: Any, want: np.ndarray) -> None:
    got = np.zeros_like(want) if got is None else np.asarray(got)
    assert got.shape == want.shape, f"{what} has shape {got.shape}, PyTorch's {want.shape}"
    np.testing.assert_allclose(got, want, RTOL, ATOL, err_msg=what, verbose=False)


def compare(name: str, op: Any, f: Callable, sample: Any, report: Report) -> None:
    """One sample. AssertionError where the engine differs, Lacking where it has no such option."""
    lacking = [key for key in sample.kwargs if key not in inspect.signature(f).parameters]
    if lacking:
        raise Lacking(*lacking)
    pairs: list[tuple[Any, am.Tensor]] = []
    args, kwargs = ours((sample.input, *sample.args), pairs), {k: ours(v, pairs) for k, v in sample.kwargs.items()}
    with np.errstate(all="ignore"):
        outs = listed(f(*args, **kwargs))
        values, cotangents, grads = theirs(op, sample, [x for x, _ in pairs])
        assert len(outs) == len(values) > 0, f"{len(outs)} values, PyTorch has {len(values)}"
        for out, value, cotangent in zip(outs, values, cotangents, strict=True):
            same("value", out.numpy(), value)
            out.backward(cotangent, retain_graph=True)
    for i, ((_, leaf), grad) in enumerate(zip(pairs, grads, strict=True)):
        same(f"gradient {i}", leaf.grad, grad)
    report.compared[name] += 1
    report.empty[name] += not any(g.size for g in grads)


def run(engine_op: str, infos: dict[str, Any], dtype: Any, only: str | None = None) -> Report:
    """All samples of one operation of the engine."""
    report = Report()
    for name, f in TABLE[engine_op].items():
        for i, sample in enumerate(samples(infos[name], dtype) if only in (None, name) else ()):
            try:
                compare(name, infos[name], f, sample, report)
            except Lacking as lacking:
                report.left_out.update((name, option) for option in lacking.args)
            except Exception as error:
                report.failed.append(f"{name} sample {i}: {type(error).__name__}: {error}")
    return report


def unexplained(reports: Iterator[Report]) -> tuple[set, set]:
    """What was left out without a row in a table, and the rows that nothing needs."""
    seen: set[Any] = set()
    for report in reports:
        seen |= set(report.left_out)
    rows = set(WITHOUT)
    return seen - rows, rows - seen
