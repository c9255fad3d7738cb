"""Long graphs, deep diamonds, and what stays in memory."""

import gc
import sys
import time
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd_mini as am

from .test_backward import leaf


def chain(n, x):
    y = x
    for _ in range(n):
        y = y * 1.0000001
    return y


@pytest.mark.parametrize("n", [2_000, 100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_long_chains(n):
    assert n > sys.getrecursionlimit()
    x = leaf(2.0)
    y = chain(n, x)
    y.backward()
    assert x.grad == pytest.approx(1.0000001**n)


def test_dropping_a_long_graph_that_saw_no_backward():
    x = leaf(2.0)
    y = chain(300_000, x)
    wide = [chain(2, y) for _ in range(3)]
    del y, wide


def test_diamonds_sixty_deep():
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    start = time.perf_counter()
    y.backward()
    assert x.grad == 2.0**60 and time.perf_counter() - start < 1
    x.grad, y = None, x
    for _ in range(60):
        y = y * 0.5 + y.tanh() * 0.5
    y.backward()
    assert np.isfinite(x.grad)


def test_a_graph_is_freed_without_the_collector():
    """No reference cycles: with gc off, tensors and arrays die with the last name."""
    gc.collect()
    gc.disable()
    try:
        for walk in (True, False):
            w = am.parameter(np.ones((3, 2)))
            h = am.linear(np.ones((4, 3)), w).relu()
            loss = am.softmax_cross_entropy(h[[0, 0, 1]].max(1, keepdims=True) @ np.ones((1, 2)), np.array([0, 1, 1]))
            watched = [weakref.ref(t) for t in (h, loss)] + [weakref.ref(h._data)]
            if walk:
                loss.backward()
            del h, loss
            assert [ref() for ref in watched] == [None] * 3
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_error_leaves_no_cycle():
    gc.collect()
    x = leaf(1.0, 2.0)
    y = x * x
    gone = weakref.ref(y)
    with pytest.raises(am.ShapeError):
        y + np.ones(3)
    del y
    gc.collect()
    assert gone() is None


def test_the_graph_is_freed_while_it_is_walked():
    """Peak memory of a backward is far below twice the graph."""
    n, size = 50, 100_000
    x = am.parameter(np.ones(size))
    tracemalloc.start()
    try:
        y = x
        for _ in range(n):
            y = y.tanh()
        y = y.sum()
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        y.backward()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < before + 6 * 8 * size
    assert after < 4 * 8 * size


def test_memory_of_a_node():
    x = leaf(1.0)
    tracemalloc.start()
    try:
        y = chain(10_000, x)
        held = tracemalloc.get_traced_memory()[0] / 10_000
    finally:
        tracemalloc.stop()
    assert held < 600, f"{held:.0f} bytes a node"
    del y
