"""Broadcasting, reductions and indexing over shapes that hypothesis thinks of."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_mini as am
from autograd_mini.tensor import _unbroadcast

few = settings(max_examples=60, deadline=None, derandomize=True, database=None)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)


def draw(shape, seed=0):
    return np.asarray(np.random.default_rng(seed).uniform(0.3, 2.0, shape))


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4), st.sampled_from("+-*/"))
def test_broadcasting(pair, sign):
    a, b = (draw(shape, i) for i, shape in enumerate(pair.input_shapes))
    f = {"+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": lambda x, y: x / y}[sign]
    assert f(am.tensor(a), am.tensor(b)).shape == pair.result_shape
    am.gradcheck(f, a, b)


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0))
def test_unbroadcast_is_the_transpose_of_broadcasting(pair):
    """<g, broadcast(x)> == <unbroadcast(g), x>"""
    shape = pair.input_shapes[0]
    x, g = draw(shape), draw(pair.result_shape, 1)
    back = _unbroadcast(g, shape, lambda g: g)
    assert back.shape == shape
    np.testing.assert_allclose((g * x).sum(), (back * x).sum())


@few
@given(st.data(), shapes, st.booleans(), st.sampled_from(["sum", "mean", "max", "logsumexp"]))
def test_reductions(data, shape, keepdims, name):
    axis = data.draw(st.none() | st.sampled_from(range(-len(shape), len(shape))) if shape else st.none())
    if shape and data.draw(st.booleans()):
        axis = data.draw(hnp.valid_tuple_axes(len(shape)))
    x = draw(shape)
    out = getattr(am, name)(am.tensor(x), axis=axis, keepdims=keepdims)
    assert out.shape == np.sum(x, axis=axis, keepdims=keepdims).shape
    am.gradcheck(lambda t: getattr(am, name)(t, axis=axis, keepdims=keepdims), x)


@few
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
def test_indexing(data, shape):
    basic = hnp.basic_indices(shape, allow_newaxis=True)
    fancy = hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=4))
    index = data.draw(basic | fancy)
    x = draw(shape)
    assert np.array_equal(am.tensor(x)[index].numpy(), x[index])
    am.gradcheck(lambda t: t[index], x)


@few
@given(st.data(), shapes)
def test_transposes(data, shape):
    axes = data.draw(st.permutations(range(len(shape))))
    axes = tuple(a - len(shape) * data.draw(st.booleans()) for a in axes)
    x = draw(shape)
    assert am.transpose(am.tensor(x), axes).shape == x.transpose(axes).shape
    am.gradcheck(lambda t: am.transpose(t, axes), x)
    am.gradcheck(lambda t: t.reshape(-1), x)


@few
@given(st.data())
def test_matrix_products(data):
    m, n, k = (data.draw(st.integers(1, 3)) for _ in range(3))
    stack = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    a = data.draw(st.sampled_from([(k,), (*stack.input_shapes[0], m, k)]))
    b = data.draw(st.sampled_from([(k,), (*stack.input_shapes[1], k, n)]))
    am.gradcheck(lambda x, y: x @ y, draw(a), draw(b, 1))


@few
@given(st.lists(st.sampled_from(["x", "y", "2"]), min_size=2, max_size=8), st.integers(0, 10**6))
def test_random_expressions(names, seed):
    """A graph in which every result may be used again, any number of times."""

    def f(x, y):
        rng = np.random.default_rng(seed)
        pool = [{"x": x, "y": y, "2": 2.0}[name] for name in names] + [x, y]
        for _ in range(6):
            a, b = (pool[i] for i in rng.integers(0, len(pool), 2))
            pool.append([lambda a, b: a * b * 0.5, lambda a, b: a - b, lambda a, b: a + b][rng.integers(3)](a, b))
        return sum((p for p in pool[1:] if isinstance(p, am.Tensor)), x).tanh()

    am.gradcheck(f, draw((2, 1)), draw((3,), 1), rtol=1e-5)
