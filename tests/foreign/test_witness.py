"""A second witness beside our gradcheck: HIPS/autograd's numerical checker, over every row of tests/engine/cases.py."""

import numpy as np
import pytest

import autograd_mini as am

from ..engine.cases import CASES
from . import spoil

pytestmark = pytest.mark.foreign


def witness(f, arrays):
    """Let autograd compare our backward() with its differences of our values; AssertionError where they differ."""
    from autograd.extend import defvjp_argnums, primitive
    from autograd.test_util import check_grads

    @primitive
    def value(*points):
        return f(*map(am.tensor, points)).numpy()

    def vjp(argnums, answer, points, options):
        def back(g):
            leaves = [am.parameter(x) for x in points]
            f(*leaves).backward(g)
            return [np.zeros_like(x) if (grad := leaves[i].grad) is None else grad for i, x in enumerate(points)]

        return lambda g: tuple(back(g)[i] for i in argnums)

    defvjp_argnums(value, vjp)
    np.random.seed(0)  # autograd draws its directions from NumPy's global stream
    for i in range(len(arrays)):
        check_grads(value, i, modes=["rev"], order=1)(*arrays)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_autograd_agrees(case):
    witness(case.f, case.arrays)


@pytest.mark.parametrize("name", sorted({case.op for case in CASES}))
def test_autograd_notices_every_broken_derivative(name):
    """One hundredth too much in one pullback is found by one of the rows of that operation."""
    for i, argument in enumerate(spoil.pullbacks(name)):
        found = 0
        with spoil.spoiled(name, i, factor=1.01):
            for case in [case for case in CASES if case.op == name]:
                try:
                    witness(case.f, case.arrays)
                except AssertionError:
                    found += 1
        assert bool(found) == ((name, i) not in spoil.NO_DERIVATIVE), argument
