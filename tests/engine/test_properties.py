"""Broadcasting, reductions, indexing, dtypes and round trips over shapes that hypothesis thinks of."""

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


# ---- Gradients against sums that are written out ----
# A linear operation takes each element of its value from one element of its input: `places` tells which. The gradient
# is then the sum of the cotangent over the places, which NumPy's bincount gives without any broadcasting or indexing.


def gathered(places, cotangent, shape):
    return np.bincount(places.reshape(-1), cotangent.reshape(-1), int(np.prod(shape))).reshape(shape)


def numbered(shape):
    return np.arange(int(np.prod(shape))).reshape(shape)


def grads(f, *arrays, cotangent=None):
    """The value of f and its gradients, for a cotangent that is drawn if there is none."""
    leaves = [am.parameter(a) for a in arrays]
    out = f(*leaves)
    cotangent = draw(out.shape, 9) if cotangent is None else cotangent
    out.backward(cotangent)
    for leaf in leaves:
        assert leaf.grad is None or (type(leaf.grad) is np.ndarray and leaf.grad.flags.writeable)
    return out.numpy(), cotangent, *[leaf.grad for leaf in leaves]


SLOPES = {  # f, and its derivatives to both arguments
    "add": (lambda x, y: x + y, lambda x, y: 1.0 + 0 * (x + y), lambda x, y: 1.0 + 0 * (x + y)),
    "sub": (lambda x, y: x - y, lambda x, y: 1.0 + 0 * (x + y), lambda x, y: -1.0 + 0 * (x + y)),
    "mul": (lambda x, y: x * y, lambda x, y: y + 0 * x, lambda x, y: x + 0 * y),
    "div": (lambda x, y: x / y, lambda x, y: 1 / y + 0 * x, lambda x, y: -x / y**2),
    "pow": (lambda x, y: x**y, lambda x, y: y * x ** (y - 1), lambda x, y: x**y * np.log(x)),
    "maximum": (am.maximum, lambda x, y: 1.0 * (x > y), lambda x, y: 1.0 * (y > x)),
    "where": (lambda x, y: am.where(y.numpy() > 1, x, y), lambda x, y: 1.0 * (y + 0 * x > 1),
              lambda x, y: 1.0 * (y + 0 * x <= 1)),
}  # fmt: skip


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3, min_side=0), st.sampled_from([*SLOPES]))
def test_a_broadcast_gradient_has_its_inputs_shape_and_is_the_sum(pair, name):
    x, y = (draw(shape, i) for i, shape in enumerate(pair.input_shapes))
    f, *slopes = SLOPES[name]
    value, g, *got = grads(f, x, y)
    assert value.shape == pair.result_shape
    for array, slope, grad in zip((x, y), slopes, got, strict=True):
        assert grad.shape == array.shape
        places = np.broadcast_to(numbered(array.shape), value.shape)
        np.testing.assert_allclose(grad, gathered(places, g * slope(x, y), array.shape), rtol=1e-12, atol=1e-12)


@few
@given(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=(2, 3, 2), max_dims=4, min_side=0, max_side=3))
def test_broadcast_to(pair):
    x = draw(pair.input_shapes[0])
    value, g, grad = grads(lambda t: am.broadcast_to(t, pair.result_shape), x)
    assert np.array_equal(value, np.broadcast_to(x, pair.result_shape))
    np.testing.assert_allclose(grad, gathered(np.broadcast_to(numbered(x.shape), value.shape), g, x.shape))


@few
@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3), st.booleans())
def test_sums_and_means_also_of_nothing(data, shape, keepdims):
    axis = data.draw(st.none() | hnp.valid_tuple_axes(len(shape)))
    x = draw(shape)
    n = x.size / max(np.sum(x, axis=axis).size, 1)
    for reduce, scale in ((am.sum, 1.0), (am.mean, 1 / (n or 1))):
        with np.errstate(invalid="ignore", divide="ignore"):  # the mean of nothing is nan, as in NumPy
            value, g, grad = grads(lambda t, f=reduce: f(t, axis=axis, keepdims=keepdims), x)
        want = np.sum(x, axis=axis, keepdims=keepdims)
        assert value.shape == want.shape
        if x.size:
            np.testing.assert_allclose(value, want * scale)
        kept = g.reshape(np.sum(x, axis=axis, keepdims=True).shape)
        np.testing.assert_allclose(grad, np.broadcast_to(kept * scale, shape))


@few
@given(st.data(), hnp.array_shapes(max_dims=3, max_side=4), st.integers(1, 3))
def test_equal_maxima_share_the_gradient(data, shape, levels):
    """With ties: zero away from the maxima, equal parts among them, all of it in sum."""
    axis = data.draw(hnp.valid_tuple_axes(len(shape), min_size=1))
    x = np.random.default_rng(0).integers(0, levels, shape).astype(float)
    top, g, grad = grads(lambda t: am.max(t, axis=axis, keepdims=True), x)
    np.testing.assert_allclose(grad.sum(axis=axis, keepdims=True), g)
    share = (x == top) * g / (x == top).sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(grad, share)


# ---- Indexing of every kind ----


@st.composite
def indices(draw, shape):
    """Numbers, slices, arrays of integers (negative too, repeated), one mask, new axes and an ellipsis, mixed."""
    common = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    parts = []
    for n in shape[: draw(st.integers(0, len(shape)))]:
        arrays = hnp.arrays(np.int64, common, elements=st.integers(-n, n - 1))
        parts.append(draw(st.integers(-n, n - 1) | st.slices(n) | arrays | arrays.map(np.ndarray.tolist)))
    if len(parts) < len(shape) and draw(st.booleans()):
        parts.append(...)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    return tuple(parts)


@settings(few, max_examples=150)
@given(st.data(), hnp.array_shapes(max_dims=3, max_side=4))
def test_an_indexed_gradient_is_the_sum_over_the_places(data, shape):
    index = data.draw(indices(shape))
    x = draw(shape)
    value, g, grad = grads(lambda t: t[index], x)
    assert np.array_equal(value, x[index])
    np.testing.assert_allclose(grad, gathered(np.asarray(numbered(shape)[index]), g, shape))


@few
@given(st.data(), hnp.array_shapes(max_dims=3, max_side=4))
def test_masks(data, shape):
    mask = data.draw(hnp.arrays(bool, shape[: data.draw(st.integers(1, len(shape)))]))
    x = draw(shape)
    for index in (mask, am.tensor(mask)):
        value, g, grad = grads(lambda t, i=index: t[i], x)
        assert np.array_equal(value, x[mask])
        np.testing.assert_allclose(grad, gathered(numbered(shape)[mask], g, shape))


# ---- Dtypes ----

NUMBERS = st.sampled_from([2, 0.5, True, np.float32(1.5), np.float64(1.5), np.int64(3), np.float16(0.5)])
ARRAYS = st.tuples(
    st.sampled_from(["float16", "float32", "float64", "int8", "int32", "int64", "bool"]),
    st.sampled_from([(), (3,), (2, 1)]),
).map(lambda pair: np.ceil(draw(pair[1])).astype(pair[0]))


@settings(few, max_examples=300)
@given(
    st.sampled_from(["float32", "float64"]), st.sampled_from([(), (3,)]), NUMBERS | ARRAYS,
    st.sampled_from([*"+-*/p", "max", "where"]), st.booleans(), st.sampled_from(["tensor", "array", "list"]),
)  # fmt: skip
def test_dtypes_follow_numpy(dtype, shape, other, sign, reflected, kind):
    x = draw(shape).astype(dtype)
    f, in_numpy = {
        "+": (lambda a, b: a + b,) * 2, "-": (lambda a, b: a - b,) * 2, "*": (lambda a, b: a * b,) * 2,
        "/": (lambda a, b: a / b,) * 2, "p": (lambda a, b: a**b,) * 2, "max": (am.maximum, np.maximum),
        "where": (lambda a, b: am.where(x > 1, a, b), lambda a, b: np.where(x > 1, a, b)),
    }[sign]  # fmt: skip
    t, also = am.parameter(x), other
    if isinstance(other, np.ndarray) and kind == "tensor":
        also = am.tensor(other)
    elif isinstance(other, np.ndarray) and kind == "list":
        also = other = other.tolist()
    out = f(also, t) if reflected else f(t, also)
    want = np.asarray(in_numpy(other, x) if reflected else in_numpy(x, other))
    assert out.dtype == want.dtype
    np.testing.assert_allclose(out.numpy(), want, rtol=1e-6)
    out.backward(np.ones(out.shape))
    assert t.grad.dtype == dtype and t.grad.shape == shape


# ---- Round trips ----


@few
@given(st.data(), hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3))
def test_concatenate_and_cut_apart_again(data, shape):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    arrays = [draw((*shape[: axis % len(shape)], n, *shape[axis % len(shape) + 1 :]), i) for i, n in enumerate(sizes)]
    value, g, *got = grads(lambda *parts: am.concatenate(list(parts), axis=axis), *arrays)
    assert np.array_equal(value, np.concatenate(arrays, axis))
    for array, grad, part in zip(arrays, got, np.split(g, np.cumsum(sizes)[:-1], axis), strict=True):
        assert grad.shape == array.shape and np.array_equal(grad, part)


@few
@given(st.data(), shapes, st.integers(1, 4))
def test_stack_and_take_out_again(data, shape, n):
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    arrays = [draw(shape, i) for i in range(n)]
    value, g, *got = grads(lambda *parts: am.stack(parts, axis=axis), *arrays)
    assert np.array_equal(value, np.stack(arrays, axis))
    for i, grad in enumerate(got):
        assert np.array_equal(grad, np.take(g, i, axis))


@few
@given(st.data(), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
def test_there_and_back(data, shape):
    """squeeze undoes expand_dims, reshape reshape, transpose transpose: value and cotangent come back as they went."""
    x = draw(shape)
    n = data.draw(st.integers(1, 2))
    axes = data.draw(hnp.valid_tuple_axes(len(shape) + n, min_size=n, max_size=n))
    axis = axes[0] if n == 1 and data.draw(st.booleans()) else axes
    order = data.draw(st.permutations(range(len(shape))))
    ways = [
        lambda t: am.squeeze(am.expand_dims(t, axis), axis),
        lambda t: t.reshape(-1).reshape(shape),
        lambda t: am.transpose(am.transpose(t, order), np.argsort(order).tolist()),
        lambda t: t.T.T,
        lambda t: am.concatenate([am.expand_dims(t, 0)])[0],
    ]
    for way in ways:
        value, g, grad = grads(way, x)
        assert np.array_equal(value, x) and np.array_equal(grad, g)
    assert am.expand_dims(am.tensor(x), axis).shape == np.expand_dims(x, axis).shape
    assert am.squeeze(am.tensor(x)).shape == np.squeeze(x).shape


# ---- Sums of gradients ----


@few
@given(shapes, st.integers(1, 4), st.booleans())
def test_gradients_of_several_calls_add_up(shape, calls, keep):
    x = am.parameter(draw(shape))
    for i in range(calls):
        y = x * x
        y.backward(draw(shape, i), retain_graph=keep)
        if keep:
            y.backward(draw(shape, i))
    want = 2 * x.numpy() * sum((draw(shape, i) for i in range(calls)), np.zeros(shape)) * (1 + keep)
    np.testing.assert_allclose(x.grad, want)


@few
@given(st.lists(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), min_size=1, max_size=4), st.data())
def test_flat_parameters_are_the_same_model(shapes, data):
    """One vector: what is read, what is learned and what is not used are as with separate parameters."""
    arrays = {f"p{i}": draw(shape, i) for i, shape in enumerate(shapes)}
    used = [name for name in arrays if data.draw(st.booleans())] or ["p0"]
    whole, params = am.flat_parameters(arrays)
    alone = {name: am.parameter(array) for name, array in arrays.items()}
    for _ in range(2):
        for leaves in (params, alone):
            sum([(leaves[name] * leaves[name]).sum() for name in used], 0.0).backward()
    assert list(params) == list(arrays) and whole.data.shape == (sum(a.size for a in arrays.values()),)
    assert np.array_equal(whole.data, np.concatenate([a.reshape(-1) for a in arrays.values()]))
    want = [np.zeros(a.size) if alone[n].grad is None else alone[n].grad.reshape(-1) for n, a in arrays.items()]
    np.testing.assert_array_equal(whole.grad, np.concatenate(want))
    whole.data -= 0.5 * whole.grad
    whole.grad = None
    for name, array in arrays.items():
        moved = array - 0.5 * alone[name].grad if name in used else array
        np.testing.assert_array_equal(params[name].data, moved)
        assert params[name].grad is None


@settings(few, max_examples=120)
@given(
    *[st.sampled_from(["float32", "float64"])] * 2,
    hnp.array_shapes(max_side=3),
    st.booleans(),
    st.lists(st.sampled_from(["linear", "matmul", "tied", "left"]), min_size=1, max_size=4),
)
def test_flat_layers_have_the_gradients_of_separate_ones(dtype, data_dtype, shape, again, layers):
    """Gradients that are written straight into the vector: layers of all kinds, dtypes mixed, used once or more."""
    x = draw((*shape, 3)).astype(data_dtype)
    arrays = {"W": draw((3, 3)).astype(dtype), "V": draw((3, 3), 1).astype(dtype), "b": draw(3, 2).astype(dtype)}

    def loss(p):
        h = am.tensor(x)
        for kind in layers:
            h = {
                "linear": lambda h: am.linear(h, p["W"], p["b"]), "matmul": lambda h: h @ p["V"] + p["b"],
                "tied": lambda h: h @ p["W"].T, "left": lambda h: h @ (p["V"] @ p["W"]),
            }[kind](h) * 0.3  # fmt: skip
        return am.tanh(h).mean()

    whole, params = am.flat_parameters(arrays)
    alone = {name: am.parameter(array) for name, array in arrays.items()}
    for _ in range(1 + again):
        loss(params).backward()
        loss(alone).backward()
    want = [np.zeros(a.size) if alone[n].grad is None else alone[n].grad.reshape(-1) for n, a in arrays.items()]
    assert whole.grad.dtype == dtype
    np.testing.assert_allclose(whole.grad, np.concatenate(want), rtol=1e-5, atol=1e-7)
