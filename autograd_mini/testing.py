"""A second opinion on derivatives: differences of the function itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .backend import array_of, to_host, xp_of
from .errors import DtypeError, GradcheckError
from .tensor import Tensor


def gradcheck(f: Callable[..., Tensor], *arrays: Any, eps: float = 1e-6, rtol: float = 1e-6, seed: int = 0) -> float:
    """Compare the gradient of `f(*tensors) -> tensor` with central differences; return the largest error.

    For each array a direction v and a cotangent u are drawn, and <u, J v> is computed twice: from `backward(u)`, and as
    <u, f(x + eps v) - f(x - eps v)> / (2 eps). The error is the difference relative to the sizes that were added up,
    about 1e-9 when all is right. Raises GradcheckError above `rtol`, DtypeError unless the arrays are float64: float32
    has too few digits. Keep away from kinks, such as relu at 0.

    >>> gradcheck(lambda x: x * x, [1.0, -2.0]) < 1e-6
    True
    """
    points = [array_of(a) for a in arrays]
    for i, x in enumerate(points):
        if x.dtype != np.float64:
            raise DtypeError(f"gradcheck: array {i} is {x.dtype}. Fix: array.astype('float64').")
    rng = np.random.default_rng(seed)
    leaves = [Tensor(x, requires_grad=True) for x in points]
    out = f(*leaves)
    u = rng.standard_normal(out.shape)
    out.backward(xp_of(out._data).asarray(u))
    errors = [0.0]
    for i, leaf in enumerate(leaves):
        v = rng.standard_normal(leaf.shape)
        step = xp_of(points[i]).asarray(eps * v)
        ahead, behind = (
            f(*map(Tensor, [*points[:i], x, *points[i + 1 :]])).numpy() for x in (points[i] + step, points[i] - step)
        )
        terms = u * (ahead - behind) / (2 * eps), v * (0.0 if leaf.grad is None else to_host(leaf.grad))
        numeric, analytic = (float(term.sum()) for term in terms)
        size = sum(float(np.abs(term).sum()) for term in terms)
        errors.append(abs(numeric - analytic) / max(size, 1e-3))
        if not errors[-1] <= rtol:
            raise GradcheckError(
                f"the derivative to argument {i} (shape {v.shape}) is wrong: along a random direction the "
                f"analytic value is {analytic:.10g}, the numeric {numeric:.10g}, relative error "
                f"{errors[-1]:.1e} > {rtol:.0e}. Fix: look for a sign, factor, transpose, missing sum, kink."
            )
    return max(errors)
