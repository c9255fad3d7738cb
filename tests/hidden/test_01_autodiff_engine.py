"""Hidden checks of 01_autodiff_engine, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import numpy as np

from course.author import alternative, mistake, points
from course.learn.compare import canonical

ONE = {"rtol": 1e-10, "atol": 1e-12}
SINGLE = {"rtol": 2e-5, "atol": 2e-5}
FEW = {"rtol": 1e-3, "atol": 1e-3}  # float32 has three digits left beside 1e4, in the exponent of logaddexp
SMOOTH, ROUNDED = {"rtol": 0.02, "atol": 0}, 5.0
# B is what is rounded: sin(k x + k h), multiplied out, has up to 28 % less of that than sin(k (x + h)).
WALL = {"rtol": 0.4, "atol": 0}
# Of 400 learners' exponents, those of others pass for one's own in 4.4 % of the cases (tests/course).
TYPED = {"rtol": 0, "atol": 0.05}


def part(value, place):
    """Entry ``place`` of a tuple or list, or of a dict by its key; None where there is no such thing."""
    try:
        return value[place]
    except (TypeError, KeyError, IndexError):
        return None


# ---- unbroadcast ------------------------------------------------------------------------------------------------


def summed(g, shape):
    """The same by the definition: each entry of g goes to the place that it was stretched from."""
    places = np.broadcast_to(np.arange(int(np.prod(shape))).reshape(shape), g.shape)
    out = np.zeros(int(np.prod(shape)))
    np.add.at(out, places.ravel(), g.ravel())
    return out.reshape(shape).astype(g.dtype)


def shrinks(submission, check, rng, *pairs):
    for after, before in pairs:
        g = rng.normal(size=after)
        told = f"The gradient by an array of shape {before}, stretched to {after},"
        check.close(submission.unbroadcast(g, before), summed(g, before), **ONE, what=told)


@points(0.7, cell="unbroadcast", topic="axes added on the left")
def test_added_axes(submission, check, rng):
    """Axes that were added on the left are summed: one, two, and where the axes left are of one length."""
    shrinks(submission, check, rng, ((4, 3), (3,)), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 4)), ((3, 3), (3,)))


@points(0.8, cell="unbroadcast", topic="axes of length 1")
def test_stretched_axes(submission, check, rng):
    """Axes of length 1 that were stretched are summed, and stay: columns, rows, both, a vector."""
    pairs = ((4, 3), (4, 1)), ((4, 3), (1, 3)), ((4, 3), (1, 1)), ((5,), (1,)), ((2, 3, 4), (2, 1, 4))
    shrinks(submission, check, rng, *pairs)


@points(0.7, cell="unbroadcast", topic="both at once")
def test_added_and_stretched(submission, check, rng):
    """Axes added on the left and axes of length 1, together."""
    pairs = ((2, 3, 4), (3, 1)), ((2, 3, 4), (1, 4)), ((3, 3, 3), (3, 1)), ((4, 3), (1,)), ((2, 3, 4), (1, 3, 1))
    shrinks(submission, check, rng, *pairs)


@points(0.4, cell="unbroadcast", topic="single numbers")
def test_single_numbers(submission, check, rng):
    """Back to a single number, shape (), everything is summed."""
    shrinks(submission, check, rng, ((4, 3), ()), ((5,), ()), ((1,), ()))


@points(0.3, cell="unbroadcast", topic="nothing stretched")
def test_nothing_was_stretched(submission, check, rng):
    """What was not stretched comes back as it is, axes of length 1 included."""
    shrinks(submission, check, rng, ((4, 3), (4, 3)), ((1, 3), (1, 3)), ((3, 1), (3, 1)), ((), ()), ((5,), (5,)))


@points(0.4, cell="unbroadcast", topic="impossible shapes")
def test_impossible_shapes(submission, check, rng):
    """A shape that cannot be stretched to g's raises ValueError: on the left, too long, or of another length."""
    pairs = [((3, 4), (3,)), ((4,), (1, 4)), ((4,), (2,)), ((4, 6), (2, 1)), ((1,), (3,)), ((), (1,)), ((2, 1), (2, 3))]
    for after, before in pairs:
        check.raises(ValueError, submission.unbroadcast, rng.normal(size=after), before)


@points(0.5, cell="unbroadcast", topic="float32, g left alone")
def test_single_precision_and_g(submission, check, rng):
    """float32 stays float32, and g is afterwards as it was."""
    for before in ((3,), (4, 1), (1, 3), (4, 3), ()):
        g = rng.normal(size=(4, 3)).astype(np.float32)
        want = np.asarray(summed(g.astype(float), before), dtype=np.float32)
        got = check.unchanged(submission.unbroadcast, g, before)
        check.dtype(got, np.float32, what="A gradient of float32")
        check.close(got, want, **SINGLE, what="The gradient in float32")


# ---- matmul_pullback --------------------------------------------------------------------------------------------


def factors(rng, n, k, p):
    return rng.normal(size=(n, p)), rng.normal(size=(n, k)), rng.normal(size=(k, p))


SIZES = ((4, 3, 5), (2, 7, 3), (3, 3, 3), (3, 3, 4), (4, 3, 3), (3, 4, 3))


@points(1.3, cell="matmul_pullback", topic="the gradient by a")
def test_by_a(submission, check, rng):
    """ga is right, for tables of any shape and square ones."""
    for n, k, p in SIZES:
        g, a, b = factors(rng, n, k, p)
        got = part(submission.matmul_pullback(g, a, b), 0)
        check.close(got, np.einsum("ip,kp->ik", g, b), **ONE, what="ga")


@points(1.3, cell="matmul_pullback", topic="the gradient by b")
def test_by_b(submission, check, rng):
    """gb is right, for tables of any shape and square ones."""
    for n, k, p in SIZES:
        g, a, b = factors(rng, n, k, p)
        got = part(submission.matmul_pullback(g, a, b), 1)
        check.close(got, np.einsum("ik,ip->kp", a, g), **ONE, what="gb")


@points(0.4, cell="matmul_pullback", topic="n, k or p of 1")
def test_thin_factors(submission, check, rng):
    """With one row, one column or an inner length of 1, both are right and have two axes."""
    for n, k, p in ((1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 1)):
        g, a, b = factors(rng, n, k, p)
        want = np.einsum("ip,kp->ik", g, b), np.einsum("ik,ip->kp", a, g)
        check.close(submission.matmul_pullback(g, a, b), want, **ONE, what="(ga, gb)")


@points(0.4, cell="matmul_pullback", topic="float32")
def test_matmul_in_float32(submission, check, rng):
    """Gradients of float32 arrays are float32."""
    g, a, b = (one.astype(np.float32) for one in factors(rng, 4, 3, 5))
    got = submission.matmul_pullback(g, a, b)
    want = np.einsum("ip,kp->ik", g, b), np.einsum("ik,ip->kp", a, g)
    for place, name in enumerate(("ga", "gb")):
        check.dtype(part(got, place), np.float32, what=name)
        check.close(part(got, place), want[place], **SINGLE, what=name)


@points(0.4, cell="matmul_pullback", topic="arguments left alone")
def test_matmul_leaves_arguments_alone(submission, check, rng):
    """g, a and b are afterwards as they were."""
    g, a, b = factors(rng, 3, 4, 2)
    want = np.einsum("ip,kp->ik", g, b), np.einsum("ik,ip->kp", a, g)
    check.close(check.unchanged(submission.matmul_pullback, g, a, b), want, **ONE, what="(ga, gb)")


# ---- softmax_xent_pullback --------------------------------------------------------------------------------------


def xent(logits, y, reduction="mean"):
    """The same, row by row."""
    rows = []
    for z, label in zip(logits.astype(float), y, strict=True):
        p = np.array([1 / np.exp(np.clip(z - one, None, 700)).sum() for one in z])
        p[int(label)] -= 1
        rows.append(p / (len(logits) if reduction == "mean" else 1))
    return np.array(rows)


@points(1.1, cell="softmax_xent_pullback", topic="the mean")
def test_mean_loss(submission, check, rng):
    """The gradient of the mean is right, for any number of rows and classes, also by default."""
    for n, c in ((5, 3), (3, 7), (4, 4)):
        logits, y = 2 * rng.normal(size=(n, c)), rng.integers(c, size=n)
        for options in ({}, {"reduction": "mean"}):
            got = submission.softmax_xent_pullback(logits, y, **options)
            check.close(got, xent(logits, y), **ONE, what="The gradient of the mean")


@points(0.7, cell="softmax_xent_pullback", topic="the sum")
def test_sum_of_losses(submission, check, rng):
    """The gradient of the sum is right."""
    for n, c in ((5, 3), (3, 7)):
        logits, y = 2 * rng.normal(size=(n, c)), rng.integers(c, size=n)
        got = submission.softmax_xent_pullback(logits, y, "sum")
        check.close(got, xent(logits, y, "sum"), **ONE, what="The gradient of the sum")


@points(0.7, cell="softmax_xent_pullback", topic="very large logits, float32")
def test_large_logits(submission, check, rng):
    """Logits of ten thousand, of either sign and of several sizes in one table, give finite numbers of their dtype."""
    for dtype, near in (("float32", FEW), ("float64", ONE)):
        rows = [[1e4, 0, -1e4], [-1e4, -1e4, -1e4], [1.5, -0.5, 0.25], [9e3, 9e3, -9e3], [1000, 999, 998.5]]
        logits, y = np.array(rows, dtype), np.array([1, 0, 2, 0, 1])
        got = submission.softmax_xent_pullback(logits, y, "sum")
        check.dtype(got, dtype, what=f"The gradient for logits of {dtype}")
        check.close(got, xent(logits, y, "sum").astype(dtype), **near, what=f"The gradient for logits of {dtype}")
    logits, y = rng.normal(size=(3, 4)).astype(np.float32), np.array([1, 3, 3])
    got = submission.softmax_xent_pullback(logits, y)
    check.dtype(got, "float32", what="The gradient for logits of float32")
    check.close(got, xent(logits, y).astype(np.float32), **SINGLE, what="The gradient for small logits of float32")


@points(0.4, cell="softmax_xent_pullback", topic="one row, one class")
def test_one_row_one_class(submission, check, rng):
    """One row is right; with one class there is nothing to learn, and the gradient is 0."""
    logits, y = rng.normal(size=(1, 5)), np.array([3])
    check.close(submission.softmax_xent_pullback(logits, y), xent(logits, y), **ONE, what="The gradient of one row")
    got = submission.softmax_xent_pullback(rng.normal(size=(4, 1)), np.zeros(4, int))
    check.close(got, np.zeros((4, 1)), **ONE, what="The gradient with one class")


@points(0.6, cell="softmax_xent_pullback", topic="classes that do not come, labels that come twice")
def test_missing_classes(submission, check, rng):
    """Classes that no row has, the last one among them, keep their columns; labels may come several times."""
    for y in (np.array([2, 0, 2, 2]), np.array([1, 1, 1, 1])):
        logits = rng.normal(size=(4, 6))
        check.close(submission.softmax_xent_pullback(logits, y), xent(logits, y), **ONE, what="The gradient")


@points(0.5, cell="softmax_xent_pullback", topic="labels as floats")
def test_labels_as_floats(submission, check, rng):
    """Labels may be floats that are whole, and other integers than int64."""
    logits, y = rng.normal(size=(4, 3)), np.array([2, 0, 1, 2])
    for dtype in ("float64", "float32", "int32", "uint8"):
        got = submission.softmax_xent_pullback(logits, y.astype(dtype))
        check.close(got, xent(logits, y), **ONE, what=f"The gradient for labels of {dtype}")


@points(0.5, cell="softmax_xent_pullback", topic="what is no label, what is no reduction")
def test_no_labels(submission, check, rng):
    """Labels below 0, above the last class or between two raise ValueError; so does an unknown reduction."""
    logits = rng.normal(size=(3, 4))
    for wrong in (-1, 4, 1.5, -0.5, 3.5):
        check.raises(ValueError, submission.softmax_xent_pullback, logits, np.array([0, wrong, 2]))
    check.raises(ValueError, submission.softmax_xent_pullback, logits, np.array([0, 1, 2]), "average")


@points(0.3, cell="softmax_xent_pullback", topic="logits as whole numbers")
def test_whole_logits(submission, check, rng):
    """Logits that are whole numbers count as float64, and nothing is cut off."""
    logits, y = rng.integers(-3, 4, size=(3, 4)), np.array([3, 0, 1])
    check.close(submission.softmax_xent_pullback(logits, y), xent(logits, y), **ONE, what="The gradient")


@points(0.3, cell="softmax_xent_pullback", topic="arguments left alone")
def test_xent_leaves_arguments_alone(submission, check, rng):
    """logits and y are afterwards as they were."""
    logits, y = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    for reduction in ("mean", "sum"):
        got = check.unchanged(submission.softmax_xent_pullback, logits, y, reduction)
        check.close(got, xent(logits, y, reduction), **ONE, what="The gradient")


# ---- gradcheck: right gradients, and wrong ones -----------------------------------------------------------------


def away(rng, *shape):
    """Numbers of either sign whose size lies between 0.2 and 1.5: away from the kinks at 0."""
    return rng.uniform(0.2, 1.5, size=shape) * rng.choice([-1, 1], size=shape)


def single(value, slope, u):
    """A function of one array: the sum of u times value(x), whose gradient is claimed to be slope(x, u)."""
    return lambda x: (float((u * value(x)).sum()), [slope(x, u)])


def picked(u):
    return lambda x: (float((u * x[[0, 0, 2]]).sum()), [np.array([u[0] + u[1], 0.0, u[2]])])


def picked_once(u):
    """An index that comes twice, counted once: the last one wins."""
    return lambda x: (float((u * x[[0, 0, 2]]).sum()), [np.array([u[1], 0.0, u[2]])])


def quotient(c):
    return lambda a, b: (float((c * a / b).sum()), (c / b, -c * a / b**2))


def stretched(u):
    """A column (n, 1) times a vector (n,): a table."""
    return lambda a, b: (float((u * a * b).sum()), ((u * b).sum(1, keepdims=True), (u * a).sum(0)))


@points(1, cell="gradcheck", topic="right gradients")
def test_right_gradients(submission, check, rng):
    """Right gradients have an error below 1e-6: of one array and of several, of any shapes, single numbers too."""
    u, v = rng.normal(size=(2, 3)), rng.normal(size=3)
    cases = [
        (single(np.tanh, lambda x, u: u * (1 - np.tanh(x) ** 2), u), [away(rng, 2, 3)]),
        (single(lambda x: np.maximum(x, 0), lambda x, u: u * (x > 0), u), [away(rng, 2, 3)]),
        (picked(v), [away(rng, 3)]),
        (quotient(v), [away(rng, 3), away(rng, 3)]),
        (stretched(rng.normal(size=(3, 3))), [away(rng, 3, 1), away(rng, 3)]),
        (lambda a, b, c: (a * b[0] * c, (b[0] * c, np.array([a * c]), a * b[0])), [away(rng), away(rng, 1), away(rng)]),
    ]
    for f, arrays in cases:
        error = canonical(submission.gradcheck(f, arrays))
        small = isinstance(error, np.ndarray) and error.shape == () and bool(error < 1e-6)
        check.that("the error of right gradients is a number below 1e-6", small)


@points(1.2, cell="gradcheck", topic="wrong gradients of five kinds")
def test_wrong_gradients(submission, check, rng):
    """A wrong sign, another function, a mask by g, an index counted once and a forgotten sum have large errors."""
    u, v, x = away(rng, 2, 3), away(rng, 3), away(rng, 2, 3)
    u[0, :2], x[0, :2] = [1.1, -0.7], [0.8, 0.9]
    table = rng.uniform(0.5, 2, size=(3, 3))
    cases = [
        ("with a wrong sign", lambda a, b: (quotient(v)(a, b)[0], (v / b, v * a / b**2)), [away(rng, 3), away(rng, 3)]),
        ("of another function", single(np.tanh, lambda x, u: u * (1 - x**2), u), [x]),
        ("masked by g", single(lambda x: np.maximum(x, 0), lambda x, u: u * (u > 0) * (x > 0), u), [x]),
        ("with an index counted once", picked_once(v), [away(rng, 3)]),
        (
            "with a forgotten sum",
            lambda a, b: (stretched(table)(a, b)[0], ((table * b)[:, :1], (table * a).sum(0))),
            [rng.uniform(0.5, 2, size=(3, 1)), rng.uniform(0.5, 2, size=3)],
        ),
    ]
    for told, f, arrays in cases:
        want = true_error(f, arrays)
        check.close(submission.gradcheck(f, arrays), want, rtol=1e-3, what=f"The error of a gradient {told}")


def true_error(f, arrays, eps=1e-6):
    """The error by the definition, along unit vectors."""
    errors = [0.0]
    for k, given in enumerate(f(*arrays)[1]):
        numeric = []
        for row in np.eye(arrays[k].size):
            step = eps * row.reshape(arrays[k].shape)
            ahead, behind = (
                f(*(one + way * step if j == k else one for j, one in enumerate(arrays)))[0] for way in (1, -1)
            )
            numeric.append((ahead - behind) / (2 * eps))
        numeric = np.reshape(numeric, arrays[k].shape)
        scale = max(abs(numeric).max(), abs(np.asarray(given)).max())
        errors.append(abs(numeric - given).max() / scale if scale else 0.0)
    return max(errors)


@points(0.6, cell="gradcheck", topic="tiny errors")
def test_tiny_errors(submission, check, rng):
    """Gradients that are off by 1e-3, 1e-4 and 3e-5, in one entry of the last array, are seen to be."""
    a, b = away(rng, 3), away(rng, 2, 2)
    right = [2 * a, 3 * b**2]
    for off in (1e-3, 1e-4, 3e-5):
        wrong = right[1].copy()
        wrong[np.unravel_index(abs(wrong).argmax(), wrong.shape)] *= 1 + off
        got = submission.gradcheck(lambda a, b, w=wrong: (float((a**2).sum() + (b**3).sum()), (2 * a, w)), [a, b])
        check.close(got, off / (1 + off), rtol=0.02, what="The error of a gradient that is slightly off")


@points(0.7, cell="gradcheck", topic="the error, exactly")
def test_error_exactly(submission, check, rng):
    """The error is the largest of all arrays, each measured by its own largest entry, numeric or given."""
    a, b = away(rng, 2, 3), away(rng, 4)
    ca, cb = rng.uniform(1, 2, size=(2, 3)), rng.uniform(30, 60, size=4)
    for da, db, size in ((0.5, 0.1, 1.0), (0.01, 0.2, 1.0), (-0.4, 0.0, 1.0), (0.3, 0.01, 1e-9)):
        ca, cb, da = size * ca, size * cb, size * da
        ga, gb = ca.copy(), cb.copy()
        ga[1, 0] += da
        gb[0] -= db * cb.max()
        want = max(abs(da) / max(ca.max(), abs(ga).max()), db * cb.max() / max(cb.max(), abs(gb).max()))
        slopes, grads = (ca, cb), (ga, gb)
        f = lambda a, b, c=slopes, g=grads: (float((c[0] * a).sum() + (c[1] * b).sum()), g)  # noqa: E731
        got = submission.gradcheck(f, [a, b])
        check.close(got, want, rtol=1e-5, what="The error")


@points(0.6, cell="gradcheck", topic="central differences, eps")
def test_central_differences(submission, check, rng):
    """With a large eps the error of a cube is that of the central difference: eps * eps, over the derivative."""
    for eps in (0.5, 0.03, 1e-3):
        x = rng.uniform(0.5, 2, size=(1,))
        got = submission.gradcheck(lambda x: (float((x**3).sum()), [3 * x**2]), [x], eps=eps)
        check.close(got, eps**2 / (3 * x[0] ** 2 + eps**2), rtol=1e-2 if eps < 0.01 else 1e-4, what="The error")


@points(0.2, cell="gradcheck", topic="zeros")
def test_zeros(submission, check, rng):
    """A gradient of zeros where the function does not change has the error 0; where it does, the error 1."""
    x, y = away(rng, 3), away(rng, 2)
    got = submission.gradcheck(lambda x, y: (float((y**2).sum()), (np.zeros(3), 2 * y)), [x, y])
    check.close(got, 0.0, atol=1e-6, what="The error of right zeros")
    got = submission.gradcheck(lambda y, x: (float((y**2).sum()), (2 * y, np.zeros(3))), [y, x])
    check.close(got, 0.0, atol=1e-6, what="The error of right zeros, in the last array,")
    got = submission.gradcheck(lambda x, y: (float((y**2).sum()), (np.zeros(3), np.zeros(2))), [x, y])
    check.close(got, 1.0, rtol=1e-6, what="The error of wrong zeros")


@points(0.3, cell="gradcheck", topic="other shapes, NaN")
def test_other_shapes_and_nan(submission, check, rng):
    """A gradient of another shape, though it could be stretched, has the error inf; so has one with a NaN in it."""
    x = away(rng, 3)
    for wrong in (2 * x[:, None], 2 * x[None], np.array([2 * x[0], np.nan, 2 * x[2]])):
        got = submission.gradcheck(lambda x, w=wrong: (float((x**2).sum()), [w]), [x])
        check.equal(got, float("inf"), what="The error")
    got = submission.gradcheck(lambda a, b: (float((a * b).sum()), (b, np.array(a.sum()))), [x, np.array([1.5] * 3)])
    check.equal(got, float("inf"), what="The error of a single number for an array")


@points(0.3, cell="gradcheck", topic="whole numbers, float32")
def test_whole_numbers(submission, check, rng):
    """Arrays of whole numbers, and of float32, are moved by eps like all others: f gets float64."""
    kinds = []

    def f(x, y):
        kinds.extend((x.dtype.name, y.dtype.name))
        return float((x**2).sum() + (y**3).sum()), (2 * x, 3 * y**2)

    error = canonical(submission.gradcheck(f, [np.array([2, -3, 5]), np.array([0.5, 1.25], dtype=np.float32)]))
    small = isinstance(error, np.ndarray) and error.shape == () and bool(error < 1e-6)
    check.that("the error of right gradients is a number below 1e-6", small)
    check.that("f gets float64 arrays only", {*kinds} == {"float64"})


@points(0.2, cell="gradcheck", topic="arguments left alone")
def test_gradcheck_leaves_arguments_alone(submission, check, rng):
    """The arrays are afterwards as they were, and one entry is moved at a time."""
    a, b = away(rng, 3), away(rng, 2)
    grads, seen = (2 * a * b.sum(), np.full(2, (a**2).sum())), []

    def f(x, y):
        seen.append((x, y))
        return float((x**2).sum() * y.sum()), grads

    error = check.unchanged(submission.gradcheck, f, [a, b])
    check.close(error, 0.0, atol=1e-6, what="The error")
    check.that("every array that f gets differs from the given ones in one entry at most", _one_entry(seen, [a, b]))


def _one_entry(calls, arrays):
    return all(sum(int((x != y).sum()) for x, y in zip(call, arrays, strict=True)) <= 1 for call in calls)


# ---- finds_bug --------------------------------------------------------------------------------------------------


def fitted(g, like):
    """g, summed to the shape of ``like``."""
    return summed(np.asarray(g, dtype=float), np.shape(like))


def operation(value, slope_a, slope_b):
    """An operation entry by entry, by its value and its slopes: a pair forward, pull."""

    def forward(a, b):
        return value(a, b), (a, b)

    def pull(saved, g):
        a, b = saved
        return fitted(g * slope_a(a, b), a), fitted(g * slope_b(a, b), b)

    return forward, pull


MUL = operation(lambda a, b: a * b, lambda a, b: b + 0 * a, lambda a, b: a + 0 * b)
BENT = operation(
    lambda a, b: np.tanh(a) * b + a, lambda a, b: (1 - np.tanh(a) ** 2) * b + 1, lambda a, b: np.tanh(a) + 0 * b
)
LARGER = operation(np.maximum, lambda a, b: 1.0 * (a > b), lambda a, b: 1.0 * (b > a))


def kept_apart():
    """A right operation that keeps what it needs to itself and saves a number for it."""
    kept = []

    def forward(a, b):
        kept.append((a, b))
        return a - 2 * b + 0.5 * a * a, len(kept) - 1

    def pull(saved, g):
        a, b = kept[int(saved)]
        return fitted(g * (1 + a), a), fitted(-2.0 * g, b)

    return forward, pull


def judged(submission, check, told, wrong):
    """Right operations must be called right, and each of the ``wrong`` ones wrong."""
    for forward, pull in (MUL, BENT, LARGER, kept_apart()):
        check.equal(submission.finds_bug(forward, pull), False, what="What you say of a right pullback")
    for forward, pull in wrong:
        check.equal(submission.finds_bug(forward, pull), True, what=f"What you say of a pullback that {told}")


@points(0.25, cell="finds_bug", topic="wrong formulas")
def test_finds_wrong_formulas(submission, check):
    """Right pullbacks in four forms are called right; wrong signs, factors and functions are found."""
    forward, _ = BENT

    def wrong(of_a, of_b):
        return forward, lambda saved, g: (fitted(g * of_a(*saved), saved[0]), fitted(g * of_b(*saved), saved[1]))

    def by_a(a, b):
        return (1 - np.tanh(a) ** 2) * b + 1

    def by_b(a, b):
        return np.tanh(a) + 0 * b

    faulty = [
        wrong(lambda a, b: (1 - a**2) * b + 1, by_b),
        wrong(lambda a, b: by_a(a, b) - 1, by_b),
        wrong(by_a, lambda a, b: -by_b(a, b)),
        wrong(by_a, lambda a, b: 1.05 * by_b(a, b)),
        (MUL[0], lambda saved, g: (fitted(g * saved[0], saved[0]), fitted(g * saved[1], saved[1]))),
    ]
    judged(submission, check, "has a wrong formula", faulty)


@points(0.25, cell="finds_bug", topic="pullbacks that mistreat g")
def test_finds_mistreated_g(submission, check):
    """Right pullbacks are called right; those that forget g, take its size only or stop where it is negative are not.

    So is one that swaps what belongs to the two.
    """
    faulty = [
        (MUL[0], lambda saved, g: MUL[1](saved, np.ones_like(g))),
        (MUL[0], lambda saved, g: MUL[1](saved, abs(g))),
        (LARGER[0], lambda saved, g: LARGER[1](saved, g * (g > 0))),
        (BENT[0], lambda saved, g: BENT[1](saved, np.sign(g))),
        (BENT[0], lambda saved, g: BENT[1](saved, np.full_like(g, g.mean()))),
    ]
    judged(submission, check, "mistreats g", faulty)


@points(0.25, cell="finds_bug", topic="stretched arrays")
def test_finds_wrong_shapes(submission, check):
    """Right pullbacks are called right; those that do not sum what was stretched, or sum it wrongly, are found."""

    def unsummed(saved, g):
        return g * saved[1], g * saved[0]

    def averaged(saved, g):
        grads = MUL[1](saved, g)
        return tuple(one * one.size / g.size for one in grads)

    def vectors_only(saved, g):  # right where whole axes were added, wrong where one of length 1 was stretched
        a, b = saved
        grads = []
        for own, other in ((a, b), (b, a)):
            full = g * other
            while full.ndim > own.ndim:
                full = full.sum(axis=0)
            grads.append(full if full.shape == own.shape else np.resize(full[:1] if full.ndim else full, own.shape))
        return tuple(grads)

    def flattened(saved, g):
        ga, gb = MUL[1](saved, g)
        return ga.reshape(-1)[:, None] if ga.ndim < 2 else ga, gb

    faulty = [(MUL[0], pull) for pull in (unsummed, averaged, vectors_only, flattened)]
    judged(submission, check, "does not undo stretching", faulty)


@points(0.25, cell="finds_bug", topic="pullbacks of another call")
def test_finds_another_call(submission, check):
    """Right pullbacks are called right; those that look at what forward was called with last are found."""

    def of_last(value, slope_a, slope_b):
        last = {}

        def forward(a, b):
            last["call"] = (a, b)
            return value(a, b), (a, b)

        def pull(saved, g):
            a, b = (np.resize(new, np.shape(old)) for new, old in zip(last["call"], saved, strict=True))
            return fitted(g * slope_a(a, b), a), fitted(g * slope_b(a, b), b)

        return forward, pull

    faulty = [
        of_last(lambda a, b: a * b, lambda a, b: b + 0 * a, lambda a, b: a + 0 * b),
        of_last(
            lambda a, b: np.exp(0.5 * a) + b, lambda a, b: 0.5 * np.exp(0.5 * a) + 0 * b, lambda a, b: 1 + 0 * a * b
        ),
    ]
    judged(submission, check, "looks at another call", faulty)


# ---- experiment and exponent ------------------------------------------------------------------------------------


def curve(found, name):
    """41 numbers as an array, be they a list or an array; anything else as it is."""
    value = canonical(part(found, name))
    if isinstance(value, list) and all(isinstance(one, np.ndarray) and one.ndim == 0 for one in value):
        value = np.array(value)
    return value


def on_wall(value, wall):
    """The entries of a curve on a wall; anything else as it is."""
    return value[wall] if isinstance(value, np.ndarray) and value.shape == (41,) else value


def right_wall(k, H):
    """Where the central error is truncation alone."""
    best = 5e-6 / k
    return np.flatnonzero((H > 100 * best) & (k * H < 0.3))


@points(0.3, cell="experiment", topic="the central difference on the right")
def test_truncation(submission, reference, check):
    """On the right, where nothing is rounded, the central error is 1 - sin(k h) / (k h)."""
    k, _ = reference.own_wave(reference.seed)
    H = reference.H
    wall = right_wall(k, H)
    got = on_wall(curve(submission.experiment(reference.seed), "central"), wall)
    check.close(got, 1 - np.sinc(k * H[wall] / np.pi), **SMOOTH, what="central, for large h,")


@points(0.2, cell="experiment", topic="the one-sided difference")
def test_one_sided(submission, reference, check):
    """On the right the one-sided error is as large as the second derivative says."""
    k, x = reference.own_wave(reference.seed)
    H = reference.H
    wall = np.flatnonzero((3e-6 / k < H) & (k * H < 0.3))
    f, slope = np.sin(k * (x[:, None] + H[wall])) - np.sin(k * x)[:, None], k * np.cos(k * x)
    want = np.sqrt(((f / H[wall] - slope[:, None]) ** 2).mean(axis=0) / (slope**2).mean())
    got = on_wall(curve(submission.experiment(reference.seed), "forward"), wall)
    check.close(got, want, **SMOOTH, what="forward, for large h,")


@points(0.2, cell="experiment", topic="rounding on the left")
def test_rounding(submission, reference, check):
    """On the left both errors are rounding: as large as ours, within a factor of 5."""
    want, found = reference.experiment(reference.seed), submission.experiment(reference.seed)
    for name in ("central", "forward"):
        got = curve(found, name)
        whole = isinstance(got, np.ndarray) and got.shape == (41,) and got.dtype.kind == "f"
        check.that(f"{name} has 41 entries", whole)
        if whole:
            ratio = got[-16:] / np.asarray(want[name])[-16:]
            check.that(f"{name} is rounding on the left", bool((ratio > 1 / ROUNDED).all() and (ratio < ROUNDED).all()))


@points(0.2, cell="experiment", topic="A and B")
def test_walls(submission, reference, check):
    """A is right, and B within 40 per cent."""
    want, found = reference.experiment(reference.seed), submission.experiment(reference.seed)
    check.close(part(found, "A"), want["A"], rtol=1e-6, what="A")
    check.close(part(found, "B"), want["B"], **WALL, what="B")


@points(0.1, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """A, B and the right wall are right for somebody else's wave too."""
    seed = int(rng.integers(2**32))
    k, _ = reference.own_wave(seed)
    want, found = reference.experiment(seed), submission.experiment(seed)
    check.close(part(found, "A"), want["A"], rtol=1e-6, what="A")
    check.close(part(found, "B"), want["B"], **WALL, what="B")
    wall = right_wall(k, reference.H)
    got = on_wall(curve(found, "central"), wall)
    check.close(got, np.asarray(want["central"])[wall], **SMOOTH, what="central, for large h,")


@points(0.6, cell="exponent", topic="the best step")
def test_best_exponent(submission, reference, check):
    """The exponent of the best step, for your own wave, within 0.05."""
    found = reference.experiment(reference.seed)
    want = float(np.log10(found["B"] / found["A"] / 2) / 3)
    check.close(submission.answers.get("best_exponent"), want, **TYPED, what="best_exponent")


# ---- toposort ---------------------------------------------------------------------------------------------------


def parents_in(made):
    return made[1:] if isinstance(made, tuple) else ()


def needed(recipe):
    """The lines that the last one was computed from."""
    lines = {len(recipe) - 1}
    for line in reversed(range(len(recipe))):
        if line in lines:
            lines.update(parents_in(recipe[line]))
    return sorted(lines)


def well_ordered(submission, check, recipe, what):
    found = canonical(submission.toposort(recipe))
    order = [int(line) for line in found] if isinstance(found, list) else []
    check.that(f"each node of {what} comes exactly once", sorted(order) == needed(recipe))
    place = {line: at for at, line in enumerate(order)}
    late = any(place.get(k, -1) > place[line] for line in place for k in parents_in(recipe[line]))
    check.sees(order if late and len(place) == len(order) else sorted(order))  # all right orders are alike
    first = all(place.get(k, 0) <= place[line] for line in order for k in parents_in(recipe[line]))
    check.that(f"in {what}, parents come before children", bool(order) and first)
    check.that(f"in {what}, the root is the last", bool(order) and order[-1] == len(recipe) - 1)


@points(0.8, cell="toposort", topic="the diamond")
def test_diamond(submission, check, rng):
    """The diamond, in every order in which parents may be written."""
    x, y = (float(value) for value in rng.normal(size=2))
    for recipe in (
        [x, y, ("mul", 0, 1), ("add", 0, 1), ("add", 2, 3)],
        [x, y, ("mul", 1, 0), ("add", 1, 0), ("add", 3, 2)],
        [x, ("add", 0, 0), ("mul", 0, 1), ("add", 1, 2)],
        [x, ("add", 0, 0), ("mul", 1, 0), ("add", 2, 1)],
    ):
        well_ordered(submission, check, recipe, "the diamond")


@points(1, cell="toposort", topic="short and long ways to one node")
def test_skewed_graphs(submission, check, rng):
    """A node that is used near the root and far from it comes before both users, whichever is met first."""
    x = float(rng.normal())
    long = [x, ("mul", 0, 0), ("add", 1, 1), ("mul", 2, 2), ("add", 3, 3)]
    for last in (("add", 4, 1), ("add", 1, 4), ("add", 1, 4, 2), ("add", 4, 3, 1), ("add", 0, 4)):
        well_ordered(submission, check, [*long, last], "a graph with a short way and a long one")
    ways = [x, x, ("mul", 0, 1), ("add", 2, 0), ("mul", 3, 1), ("add", 2, 4), ("add", 0, 5, 3)]
    well_ordered(submission, check, ways, "a graph with many ways")


@points(0.7, cell="toposort", topic="random graphs")
def test_random_graphs(submission, check, rng):
    """Six random graphs of twenty nodes, in which nodes are used often, twice by one, or never."""
    for _ in range(6):
        recipe = [float(value) for value in rng.normal(size=3)]
        for line in range(3, 20):
            near = rng.integers(max(0, line - 5), line, size=int(rng.integers(1, 4)))
            recipe.append(("add", *(int(k) for k in near)))
        well_ordered(submission, check, recipe, "a random graph")


@points(0.6, cell="toposort", topic="equal values")
def test_equal_values(submission, check, rng):
    """Leaves and inner nodes that hold equal values are different nodes."""
    x = float(rng.normal())
    well_ordered(submission, check, [x, x, x, ("add", 0, 1), ("add", 2, 3)], "a graph of equal leaves")
    recipe = [x, ("add", 0), ("add", 1), ("add", 2), ("mul", 3, 1)]
    well_ordered(submission, check, recipe, "a graph whose nodes hold equal values")
    a = rng.normal(size=3)
    well_ordered(submission, check, [a, a.copy(), ("mul", 0, 1)], "a graph of equal arrays")


@points(0.4, cell="toposort", topic="nodes that the root does not need")
def test_bystanders(submission, check, rng):
    """Nodes from which the root cannot be reached, users of its parents among them, do not come."""
    x = float(rng.normal())
    recipe = [x, x + 1, ("mul", 0, 1), ("add", 0, 0), ("mul", 2, 3), ("add", 2, 0)]
    well_ordered(submission, check, recipe, "a graph with bystanders")


@points(0.8, cell="toposort", topic="deep graphs")
def test_deep_graphs(submission, check, rng):
    """Two thousand nodes in a row, and twelve diamonds; then thirty doublings, if a few are right."""
    chain = [float(rng.normal()), *(("add", line) for line in range(2000))]
    well_ordered(submission, check, chain, "the chain")
    ladder = [float(rng.normal())]
    for _ in range(12):
        top = len(ladder) - 1
        ladder += [("add", top), ("add", top), ("add", top + 1, top + 2)]
    well_ordered(submission, check, ladder, "the ladder of diamonds")
    doubled = [float(rng.normal()), *(("add", line, line) for line in range(30))]
    if canonical(submission.toposort(doubled[:5])) == canonical([0, 1, 2, 3, 4]):  # else it may never end
        well_ordered(submission, check, doubled, "thirty doublings")


@points(0.5, cell="toposort", topic="leaves, many uses")
def test_leaves_and_many_uses(submission, check, rng):
    """A root that is a leaf, a leaf used five times by one node, and constants."""
    x = float(rng.normal())
    well_ordered(submission, check, [x], "a single leaf")
    well_ordered(submission, check, [x, ("add", 0, 0, 0, 0, 0)], "five times x")
    well_ordered(submission, check, [x, 2.0, ("stop", 1), ("mul", 0, 2), ("total", 3)], "a graph with a constant")


@points(0.3, cell="toposort", topic="the recipe left alone")
def test_toposort_leaves_values_alone(submission, check, rng):
    """The values of the nodes are afterwards as they were."""
    recipe = [rng.normal(size=2), rng.normal(size=2), ("mul", 0, 1), ("add", 2, 0)]
    found = canonical(check.unchanged(submission.toposort, recipe))
    order = sorted(int(line) for line in found) if isinstance(found, list) else []
    check.equal(order, [0, 1, 2, 3], what="The list of nodes, sorted")


# ---- backward ---------------------------------------------------------------------------------------------------


def values_of(recipe):
    """The value of every line."""
    found = []
    for made in recipe:
        v = [found[k] for k in parents_in(made)]
        if not isinstance(made, tuple):
            found.append(np.asarray(made))
        else:
            operations = {"mul": lambda v: v[0] * v[1], "turn": lambda v: v[0].T, "total": lambda v: v[0].sum()}
            operations |= {"add": lambda v: sum(v[1:], v[0]), "stop": lambda v: v[0]}
            found.append(operations[made[0]](v))
    return found


def slopes(recipe, grad=None):
    """The gradients of the leaves, forwards: each leaf's entries are moved one by one (exactly, by dual numbers)."""
    values, found = values_of(recipe), []
    u = np.ones(np.shape(values[-1])) if grad is None else grad
    for line, made in enumerate(recipe):
        reached = line in reaches(recipe)
        if isinstance(made, tuple) or not reached:
            found.append(None)
            continue
        rows = np.eye(np.size(made)).reshape(-1, *np.shape(made))
        moved = [float((u * moves(recipe, values, line, row)).sum()) for row in rows]
        found.append(np.reshape(moved, np.shape(made)))
    return found


def reaches(recipe):
    """The lines from which gradients come: those that the root needs, but for what stands behind a stop."""
    lines = {len(recipe) - 1}
    for line in reversed(range(len(recipe))):
        if line in lines and not (isinstance(recipe[line], tuple) and recipe[line][0] == "stop"):
            lines.update(parents_in(recipe[line]))
    return lines


def moves(recipe, values, leaf, direction):
    """How fast the root changes if a leaf moves along a direction."""
    speed = []
    for line, made in enumerate(recipe):
        if line == leaf:
            speed.append(direction)
        elif not isinstance(made, tuple) or made[0] == "stop":
            speed.append(np.zeros(np.shape(values[line])))
        else:
            v, s = [values[k] for k in made[1:]], [speed[k] for k in made[1:]]
            if made[0] == "mul":
                speed.append(v[0] * s[1] + s[0] * v[1])
            else:
                speed.append(values_of([*s, (made[0], *range(len(s)))])[-1])
    return speed[-1]


def carried(submission, check, recipe, *args, what="The gradients", near=ONE, **options):
    """What backward leaves behind must be the slopes."""
    got = submission.backward(recipe, *args, **options)
    times = options.get("times", 1)
    want = [None if one is None else times * one for one in slopes(recipe, *args)]
    check.close(part(got, "grads"), want, **near, what=what)
    return got


@points(1, cell="backward", topic="arrays, several operations")
def test_backward_values(submission, check, rng):
    """Sums, products, transposes and totals of arrays, put together in several ways."""
    a, b, c = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(3, 2))
    for recipe in (
        [a, b, ("mul", 0, 1), ("total", 2)],
        [a, b, c, ("turn", 2), ("mul", 0, 3), ("add", 4, 1), ("total", 5)],
        [a, c, ("turn", 0), ("mul", 1, 2), ("mul", 3, 1), ("total", 4), ("total", 0), ("mul", 5, 6)],
        [float(a[0, 0]), float(b[0, 0]), ("mul", 0, 1), ("mul", 2, 1), ("add", 3, 0)],
    ):
        carried(submission, check, recipe)


@points(0.8, cell="backward", topic="nodes used several times")
def test_fan_out(submission, check, rng):
    """The diamond, a leaf used five times, a square, and a node used on three levels."""
    x, y = (float(value) for value in rng.normal(size=2))
    for recipe in (
        [x, y, ("mul", 0, 1), ("add", 0, 1), ("add", 2, 3)],
        [x, y, ("add", 0, 0, 0, 0, 0), ("mul", 2, 1)],
        [x, ("mul", 0, 0), ("mul", 1, 1)],
        [x, y, ("mul", 0, 1), ("mul", 2, 0), ("mul", 3, 2), ("add", 4, 2)],
    ):
        carried(submission, check, recipe)


@points(0.8, cell="backward", topic="the order, one call of each pullback")
def test_each_pullback_once(submission, check, rng):
    """Each pullback is called once, with the whole sum, however many ways lead to its node; bystanders' never."""
    x, y = (float(value) for value in rng.normal(size=2))
    long = [x, y, ("mul", 0, 1), ("mul", 2, 2), ("add", 3, 1), ("mul", 4, 2)]
    for recipe in ([*long, ("add", 5, 2)], [*long, ("add", 2, 5)], [*long, ("mul", 2, 4, 5)[:3], ("add", 6, 5, 2)]):
        got = carried(submission, check, recipe)
        want = [int(isinstance(made, tuple)) for made in recipe]
        check.equal(part(got, "calls"), want, what="How often each pullback was called")
    recipe = [x, y, ("mul", 0, 1), ("add", 0, 0), ("mul", 2, 0)]
    got = carried(submission, check, recipe)
    check.equal(part(got, "calls"), [0, 0, 1, 0, 1], what="How often each pullback was called")


@points(0.8, cell="backward", topic="several calls")
def test_calls_add(submission, check, rng):
    """Two and three calls add up in the leaves, also where inner nodes are used twice."""
    x, y = (float(value) for value in rng.normal(size=2))
    a = rng.normal(size=3)
    for recipe in (
        [x, y, ("add", 0, 1), ("mul", 2, 1), ("add", 3, 2)],
        [a, ("mul", 0, 0), ("mul", 1, 0), ("total", 2)],
    ):
        for times in (2, 3):
            told = f"The gradients after {times} calls"
            carried(submission, check, recipe, what=told, times=times)
    told = "The gradients after two calls with a grad"
    carried(submission, check, [a, rng.normal(size=3), ("add", 0, 1)], rng.normal(size=3), what=told, times=2)


@points(0.4, cell="backward", topic="inner nodes keep nothing")
def test_inner_nodes(submission, check, rng):
    """Leaves have a .grad afterwards, inner nodes and the root have none."""
    x, y = (float(value) for value in rng.normal(size=2))
    got = part(submission.backward([x, y, ("mul", 0, 1), ("add", 2, 0), ("mul", 3, 2)]), "grads")
    kept = [part(got, line) is not None for line in range(5)]
    check.equal(kept, [True, True, False, False, False], what="Which nodes have a .grad")


@points(0.5, cell="backward", topic="a grad that is given")
def test_given_grad(submission, check, rng):
    """With a grad, the root may be an array, and what the leaves get is multiplied by it."""
    a, b, u = (rng.normal(size=(2, 3)) for _ in range(3))
    carried(submission, check, [a, b, ("mul", 0, 1), ("add", 2, 0)], u)
    carried(submission, check, [a, b.T.copy(), ("turn", 1), ("mul", 0, 2)], u)
    carried(submission, check, [float(a[0, 0]), float(b[0, 0]), ("mul", 0, 1)], np.array(-2.5))


@points(0.5, cell="backward", topic="where no gradient goes")
def test_constants(submission, check, rng):
    """Through a pullback that returns None nothing goes: what stands behind it keeps no .grad and is not called."""
    x, y = (float(value) for value in rng.normal(size=2))
    recipe = [x, y, ("mul", 0, 0), ("stop", 2), ("mul", 3, 1)]
    got = carried(submission, check, recipe)
    check.equal(part(got, "calls"), [0, 0, 0, 1, 1], what="How often each pullback was called")
    carried(submission, check, [x, y, ("stop", 0), ("mul", 2, 0), ("add", 3, 1)], what="The gradients, one way stopped")
    carried(submission, check, [x, ("stop", 0)], what="The gradients behind a stop")
    got = carried(submission, check, [0.0, y, ("mul", 1, 1), ("mul", 0, 2)], what="The gradients, zeros among them")
    check.equal(part(got, "calls"), [0, 0, 1, 1], what="How often each pullback was called")


@points(0.7, cell="backward", topic="memory with one owner")
def test_memory(submission, check, rng):
    """Arrays that two nodes were handed are not written into, and each leaf's .grad is its own."""
    a, b, c, u = (rng.normal(size=3) for _ in range(4))
    for recipe in (
        [a, b, c, ("mul", 0, 2), ("add", 0, 1), ("add", 4, 3)],
        [a, b, c, ("mul", 0, 2), ("add", 0, 1), ("add", 3, 4)],
        [a, b, ("add", 0, 0, 1), ("add", 2, 1)],
        [a, b, ("turn", 0), ("add", 2, 1)],
    ):
        given = u.copy()
        got = check.unchanged(submission.backward, recipe, given)
        check.close(part(got, "grads"), slopes(recipe, u), **ONE, what="The gradients")
        check.equal(part(got, "shared"), False, what="Whether a .grad shares memory")


@points(0.3, cell="backward", topic="a grad that is missing, or of another shape")
def test_wrong_grads(submission, check, rng):
    """Without a grad for several numbers, or with one of another shape, it raises ValueError."""
    recipe = [rng.normal(size=(2, 3)), ("add", 0, 0)]
    check.raises(ValueError, submission.backward, recipe)
    for shape in ((3,), (2, 1), (1,), (3, 2), (1, 2, 3)):
        check.raises(ValueError, submission.backward, recipe, np.ones(shape))
    check.raises(ValueError, submission.backward, [*recipe, ("total", 1)], np.ones((2, 3)))


@points(0.4, cell="backward", topic="roots of one entry, leaves as roots")
def test_small_roots(submission, check, rng):
    """A root of shape (1,) or (1, 1) needs no grad; a root may be a leaf."""
    carried(submission, check, [rng.normal(size=1), ("mul", 0, 0)])
    carried(submission, check, [rng.normal(size=(1, 1)), rng.normal(size=(1, 1)), ("mul", 0, 1)])
    carried(submission, check, [float(rng.normal())], times=2)
    carried(submission, check, [rng.normal(size=(1, 1))])
    carried(submission, check, [rng.normal(size=2)], rng.normal(size=2))


@points(0.3, cell="backward", topic="deep graphs, float32")
def test_deep_and_single_precision(submission, check, rng):
    """Two thousand nodes in a row; float32 stays float32."""
    got = submission.backward([float(rng.normal()), *(("add", line) for line in range(2000))])
    check.close(part(part(got, "grads"), 0), 1.0, **ONE, what="The gradient at the end of the chain")
    a, b = (rng.normal(size=3).astype(np.float32) for _ in range(2))
    recipe = [a, b, ("mul", 0, 1), ("add", 2, 0), ("total", 3)]
    got = part(submission.backward(recipe, times=2), "grads")
    for line, want in ((0, 2 * (b + 1)), (1, 2 * a)):
        check.dtype(part(got, line), np.float32, what="A gradient of float32")
        check.close(part(got, line), want, **SINGLE, what="The gradient in float32")
    got = part(submission.backward(recipe[:3], a), "grads")
    check.dtype(part(got, 0), np.float32, what="A gradient of float32, with a grad that is given,")
    check.close(part(got, 0), a * b, **SINGLE, what="The gradient in float32, with a grad that is given,")


# ---- Alternatives -----------------------------------------------------------------------------------------------


@alternative("unbroadcast")
def by_bins(g, shape):
    if len(shape) > g.ndim or any(b not in (1, a) for a, b in zip(g.shape[::-1], shape[::-1], strict=False)):
        raise ValueError("these shapes do not fit")
    count = int(np.prod(shape))
    places = np.broadcast_to(np.arange(count).reshape(shape), g.shape)
    return np.bincount(places.ravel(), weights=g.ravel(), minlength=count).reshape(shape).astype(g.dtype)


@alternative("unbroadcast")
def axes_in_one_sum(g, shape):
    np.broadcast_to(xp.zeros(shape), g.shape)  # raises ValueError where it cannot
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i, n in enumerate(padded) if n == 1 and g.shape[i] != 1)
    return g.sum(axis=axes).reshape(shape) if axes else g.reshape(shape)


@alternative("unbroadcast")
def by_einsum(g, shape):
    letters, spare = "abcdefgh"[: g.ndim], g.ndim - len(shape)
    if spare < 0 or any(n != 1 and n != m for n, m in zip(shape, g.shape[spare:], strict=True)):
        raise ValueError(shape)
    kept = "".join(letters[spare + i] for i, n in enumerate(shape) if n != 1)
    return xp.einsum(f"{letters}->{kept}", g).reshape(shape)


@alternative("unbroadcast")
def recursively(g, shape):
    if g.ndim > len(shape):
        return unbroadcast(sum(g[1:], g[0]), shape)
    for axis in range(len(shape)):
        if len(shape) == g.ndim and shape[axis] == 1 and g.shape[axis] > 1:
            return unbroadcast(xp.add.reduce(g, axis=axis, keepdims=True), shape)
    if g.shape != tuple(shape):
        raise ValueError(f"{shape} does not fit")
    return g


@alternative("matmul_pullback")
def einsums(g, a, b):
    return xp.einsum("ip,kp->ik", g, b), xp.einsum("ik,ip->kp", a, g)


@alternative("matmul_pullback")
def row_by_row(g, a, b):
    ga, gb = [], xp.zeros_like(b)
    for up, row in zip(g, a, strict=True):
        ga.append((up * b).sum(axis=1))
        gb += row[:, None] * up[None, :]
    return [xp.stack(ga), gb]


@alternative("matmul_pullback")
def turned_twice(g, a, b):
    return (b @ g.T).T, (g.T @ a).T


@alternative("softmax_xent_pullback")
def by_logaddexp(logits, y, reduction="mean"):
    n, c = logits.shape
    if reduction != "mean" and reduction != "sum":
        raise ValueError(reduction)
    if not all(float(label) in set(range(c)) for label in y):
        raise ValueError("labels")
    z = logits * 1.0 if logits.dtype.kind in "iu" else logits
    top = xp.logaddexp.reduce(z, axis=1, keepdims=True)
    onehot = y[:, None] == xp.arange(c)
    return (xp.exp(z - top) - onehot).astype(z.dtype) / (1 if reduction == "sum" else n)


@alternative("softmax_xent_pullback")
def row_after_row(logits, y, reduction="mean"):
    factor = {"mean": 1 / len(y), "sum": 1}.get(reduction)
    if factor is None:
        raise ValueError(reduction)
    out = xp.zeros(logits.shape, dtype=logits.dtype if logits.dtype.kind == "f" else float)
    for row, z, label in zip(out, logits, y, strict=True):
        if not 0 <= label < len(z) or label % 1:
            raise ValueError(label)
        e = xp.exp(xp.asarray(z, dtype=out.dtype) - z.max())
        row[:] = e / e.sum()
        row[int(label)] -= 1
        row *= factor
    return out


@alternative("softmax_xent_pullback")
def by_differences_of_logits(logits, y, reduction="mean"):
    n, c = logits.shape
    if reduction not in {"mean", "sum"} or (y % 1 != 0).any() or y.min() < 0 or y.max() > c - 1:
        raise ValueError("no label, or no reduction")
    z = logits if logits.dtype.kind == "f" else xp.asarray(logits, dtype="float64")
    with np.errstate(over="ignore"):
        p = 1 / xp.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)
    p = p - xp.eye(c, dtype=z.dtype)[y.astype(int)]
    return p if reduction == "sum" else p / n


@alternative("gradcheck")
def flat_loop(f, arrays, eps=1e-6):
    points = [xp.asarray(one).astype(float) for one in arrays]
    _, grads = f(*[p.copy() for p in points])
    errors = [0.0]
    for k in range(len(points)):
        shape, size, numeric = points[k].shape, points[k].size, []
        if np.shape(grads[k]) != shape or not np.all(np.isfinite(grads[k])):
            return np.inf
        for i in range(size):
            values = []
            for sign in (1, -1):
                flat = points[k].ravel().copy()
                flat[i] = flat[i] + sign * eps
                values.append(f(*points[:k], flat.reshape(shape), *points[k + 1 :])[0])
            numeric.append((values[0] - values[1]) / eps / 2)
        numeric, given = xp.asarray(numeric, dtype=float).reshape(shape), xp.asarray(grads[k])
        scale = float(max(xp.max(xp.abs(numeric)), xp.max(xp.abs(given))))
        errors.append(float(xp.max(xp.abs(numeric - given))) / scale if scale else 0.0)
    return np.float64(max(errors))


@alternative("gradcheck")
def along_unit_vectors(f, arrays, eps=1e-6):
    points = [xp.array(one, dtype=float) for one in arrays]
    given = list(f(*points)[1])

    def slope(k, way):
        sides = [f(*(p + s * eps * way if j == k else p for j, p in enumerate(points)))[0] for s in (1, -1)]
        return (float(sides[0]) - float(sides[1])) / (2 * eps)

    def error(k):
        if np.shape(given[k]) != points[k].shape or np.isnan(given[k]).any():
            return float("inf")
        ways = np.eye(points[k].size).reshape(-1, *points[k].shape)
        numeric = np.reshape([slope(k, way) for way in ways], points[k].shape)
        scale = max(np.abs(numeric).max(), np.abs(given[k]).max())
        return float(np.abs(numeric - given[k]).max() / (scale or 1.0))

    return max(map(error, range(len(points))))


@alternative("gradcheck")
def in_place_and_back(f, arrays, eps=1e-6):
    points, worst = [xp.array(one, dtype=float) for one in arrays], 0.0
    grads = [xp.array(g) for g in f(*points)[1]]
    for point, given in zip(points, grads, strict=True):
        if given.shape != point.shape or (given != given).any():
            return float("inf")
        numeric = xp.empty(point.shape)
        for place in np.ndindex(*point.shape):
            kept = float(point[place])
            point[place] = kept + eps
            ahead = float(f(*[p.copy() for p in points])[0])
            point[place] = kept - eps
            numeric[place] = (ahead - float(f(*[p.copy() for p in points])[0])) / (2 * eps)
            point[place] = kept
        scale = float(xp.maximum(abs(numeric), abs(given)).max())
        worst = max(worst, float(abs(numeric - given).max()) / scale) if scale else worst
    return worst


@alternative("finds_bug")
def along_random_directions(forward, pull):
    rng = np.random.default_rng(7)
    for shapes in (((4, 3), (4, 3)), ((4, 3), (3,)), ((4, 1), (3,)), ((1, 3), (4, 3)), ((), (2, 2)), ((2,), ())):
        for _ in range(3):
            a, b = (rng.uniform(0.3, 2.5, size=s) * rng.choice([-1, 1], size=s) for s in shapes)
            g = rng.normal(size=np.broadcast_shapes(*shapes))
            _, saved = forward(a, b)
            forward(a + 1e-1, b - 1e-1)
            ga, gb = pull(saved, g)
            if np.shape(ga) != shapes[0] or np.shape(gb) != shapes[1]:
                return True
            da, db = rng.normal(size=shapes[0]), rng.normal(size=shapes[1])
            for way_a, way_b, want in ((da, 0 * db, (ga * da).sum()), (0 * da, db, (gb * db).sum())):
                h = 1e-6
                ahead, behind = forward(a + h * way_a, b + h * way_b)[0], forward(a - h * way_a, b - h * way_b)[0]
                seen = (g * (ahead - behind)).sum() / (2 * h)
                if abs(seen - want) > 1e-6 * (1 + abs(seen) + np.abs(g).sum()):
                    return True
    return False


@alternative("experiment")
def all_steps_at_once(seed):
    k, x = own_wave(seed)
    x, h = x[None], xp.asarray(H)[:, None]
    slope = k * np.cos(k * x)
    middle, ahead, behind = np.sin(k * x), np.sin(k * (x + h)), np.sin(k * (x - h))

    def size(table):
        return np.linalg.norm(table, axis=1) / np.linalg.norm(slope)

    central = size((ahead - behind) / 2 / h - slope)
    B = float(np.sqrt(np.mean((central * H)[25:] ** 2)))
    return {"A": k**2 / 6, "B": B, "forward": list(size((ahead - middle) / h - slope)), "central": central}


@alternative("toposort")
def children_counted(root):
    """Kahn's way, from the root: a node is written down when all its users are."""
    users, waiting = {id(root): 0}, [root]
    for node in waiting:
        for parent in node.parents:
            if id(parent) not in users:
                users[id(parent)] = 0
                waiting.append(parent)
            users[id(parent)] += 1
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            users[id(parent)] -= 1
            if not users[id(parent)]:
                ready.append(parent)
    return order[::-1]


@alternative("toposort")
def by_iterators(root):
    seen, stack = {root}, [(root, iter(root.parents))]
    while stack:
        node, parents = stack[-1]
        for parent in parents:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(parent.parents)))
                break
        else:
            stack.pop()
            yield node


@alternative("toposort")
def by_depth(root):
    """Each node with the length of the longest way down to a leaf; sorted by that."""
    found, depth = [root], {}
    known = {id(root)}
    for node in found:
        for parent in node.parents:
            if id(parent) not in known:
                known.add(id(parent))
                found.append(parent)
    stack = found[::-1]
    while stack:
        node = stack[-1]
        missing = [parent for parent in node.parents if id(parent) not in depth]
        if missing:
            stack.extend(missing)
        else:
            depth[id(stack.pop())] = 1 + max((depth[id(parent)] for parent in node.parents), default=0)
    return tuple(sorted(found, key=lambda node: depth[id(node)]))


@alternative("toposort")
def recursion_with_room(root):
    import sys

    order, seen, before = [], set(), sys.getrecursionlimit()

    def visit(node):
        if id(node) not in seen:
            seen.add(id(node))
            for parent in node.parents:
                visit(parent)
            order.append(node)

    sys.setrecursionlimit(20_000)
    try:
        visit(root)
    finally:
        sys.setrecursionlimit(before)
    return order


@alternative("backward")
def users_counted(root, grad=None):
    """Without toposort: a node's turn comes when the last of its users has sent."""
    if grad is None:
        if xp.asarray(root.value).size != 1:
            raise ValueError("needs grad")
        grad = xp.ones(xp.asarray(root.value).shape, dtype=xp.asarray(root.value).dtype)
    if xp.asarray(grad).shape != xp.asarray(root.value).shape:
        raise ValueError("shape")
    users, waiting = {id(root): 0}, [root]
    for node in waiting:
        for parent in node.parents:
            if id(parent) not in users:
                waiting.append(parent)
                users[id(parent)] = 0
            users[id(parent)] += 1
    arrived, ready = {id(root): [grad]}, [root]
    while ready:
        node = ready.pop()
        parts = arrived.get(id(node), [])
        g = sum(parts[1:], parts[0]) if parts else None
        if parts and not node.parents:
            node.grad = xp.array(g, copy=True) if node.grad is None else node.grad + g
        sent = node.pullback(g) if parts and node.parents else [None] * len(node.parents)
        for parent, part in zip(node.parents, sent, strict=True):
            if part is not None:
                arrived.setdefault(id(parent), []).append(part)
            users[id(parent)] -= 1
            if not users[id(parent)]:
                ready.append(parent)


@alternative("backward")
def leaves_in_place(root, grad=None):
    value = xp.asarray(root.value)
    if (grad is None and value.size > 1) or (grad is not None and np.shape(grad) != value.shape):
        raise ValueError("grad")
    sums = {root: xp.ones_like(value) if grad is None else xp.array(grad)}
    for node in list(toposort(root))[::-1]:
        if node not in sums:
            continue
        g = sums.pop(node)
        if node.pullback is None:
            if node.grad is None:
                node.grad = xp.zeros_like(g)
            node.grad += g
        else:
            for parent, part in zip(node.parents, node.pullback(g), strict=False):
                if part is None:
                    continue
                if parent not in sums:
                    sums[parent] = xp.zeros_like(part)
                sums[parent] = sums[parent] + part


@alternative("backward")
def lists_of_parts(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("the root is no single number")
        grad = 0 * root.value + 1
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("grad and root differ in shape")
    order = [*toposort(root)]
    parts = {id(node): [] for node in order}
    parts[id(root)].append(grad)
    while order:
        node = order.pop()
        mine = parts[id(node)]
        if not mine:
            continue
        total = mine[0] if len(mine) == 1 else xp.stack(mine).sum(axis=0)
        if node.parents:
            for parent, part in zip(node.parents, node.pullback(total), strict=True):
                parts[id(parent)] += [] if part is None else [part]
        else:
            node.grad = total + (0 if node.grad is None else node.grad)


# ---- Mistakes: unbroadcast --------------------------------------------------------------------------------------

LINE_UP = "Line the two shapes up at their right ends."
WAYS = "Through how many entries of g did one entry of the small array reach the loss?"

mistake(
    "unbroadcast",
    "rows_averaged",
    was="g = g.sum(axis=0)",
    now="g = g.mean(axis=0)",
    says="Axes that were added on the left are averaged; contributions of several ways add up.",
    hints=[WAYS, "If the bias moves by 1, all rows move, and the loss by the sum of all their effects."],
    seen="named in jimfleming/differentiation, issue 1",
)
mistake(
    "unbroadcast",
    "columns_averaged",
    was="g = g.sum(axis=axis, keepdims=True)",
    now="g = g.mean(axis=axis, keepdims=True)",
    says="Along axes of length 1 that were stretched, the mean is taken; contributions of several ways add up.",
    hints=[WAYS, "A column used in three places moves the loss three times."],
)
mistake(
    "unbroadcast",
    "first_row_kept",
    was="g = g.sum(axis=0)",
    now="g = g[0]",
    says="Of an axis that was added on the left the first entry is kept, and the others are forgotten.",
    hints=["Give g different rows.", WAYS],
)
mistake(
    "unbroadcast",
    "first_column_kept",
    was="g = g.sum(axis=axis, keepdims=True)",
    now="g = g.take([0], axis=axis)",
    says="Of an axis of length 1 that was stretched the first entry is kept, and the others are forgotten.",
    hints=["Give g different columns.", WAYS],
)
mistake(
    "unbroadcast",
    "only_added_axes",
    was="        if before == 1:",
    now="        if False:",
    says="Axes of length 1 that were stretched are not summed; what comes back has another shape than asked for.",
    hints=["Try to go from (4, 3) back to (4, 1).", LINE_UP],
    seen="deeplearning4j/nd4j, issue 2424",
)
mistake(
    "unbroadcast",
    "only_ones",
    was="    for _ in range(added):\n        g = g.sum(axis=0)\n",
    now="",
    says="Axes that were added on the left are not summed; what comes back has more axes than asked for.",
    hints=["Try to go from (4, 3) back to (3,).", LINE_UP],
    seen="jimfleming/differentiation, issue 1",
)
mistake(
    "unbroadcast",
    "axes_lost",
    was="g = g.sum(axis=axis, keepdims=True)",
    now="g = g.sum(axis=axis, keepdims=True).squeeze()",
    says="After summing, axes of length 1 are gone; what comes back has fewer axes than asked for.",
    hints=[
        "Look at the shape of what comes back for (4, 1).",
        "The sum over an axis may keep that axis, with length 1.",
    ],
)
mistake(
    "unbroadcast",
    "summed_on_the_right",
    was="g = g.sum(axis=0)",
    now="g = g.sum(axis=-1)",
    says="Axes are summed at the right end, but broadcasting adds them on the left.",
    hints=[LINE_UP, "A bias (3,) in a square table of (3, 3) is used in each row: what belongs to one column adds up."],
)
mistake(
    "unbroadcast",
    "first_and_last_exchanged",
    was="g = g.sum(axis=axis, keepdims=True)",
    now="g = g.sum(axis=g.ndim - 1 - axis, keepdims=True)",
    says="Stretched axes are counted from the wrong end.",
    hints=[LINE_UP, "Print which axis you sum for the shapes (4, 1) and (1, 3)."],
)
mistake(
    "unbroadcast",
    "nothing_refused",
    was="    if added < 0 or any(after != before != 1 for after, before in pairs):\n"
    '        raise ValueError(f"an array of shape {shape} cannot be stretched to {g.shape}")\n',
    now="    pairs = pairs[: g.ndim]\n",
    says="Shapes that cannot be stretched to that of g are not refused.",
    hints=["Which pairs of shapes can NumPy not stretch?", "Try (2,) and (4,)."],
)
mistake(
    "unbroadcast",
    "multiples_allowed",
    was="after != before != 1 for",
    now="after % before for",
    says="A shape is taken for stretchable where its lengths divide those of g; only lengths of 1 are stretched.",
    hints=["Can NumPy stretch (2,) to (4,)?", "Only equal lengths, or a length of 1, fit."],
)
mistake(
    "unbroadcast",
    "longer_shapes_allowed",
    was="added < 0 or any",
    now="any",
    says="A shape with more axes than g has is not refused.",
    hints=["Stretching never takes an axis away.", "Try the shape (1, 4) with a g of shape (4,)."],
)
mistake(
    "unbroadcast",
    "double_precision",
    was="    return g\n    ### END",
    now='    return xp.asarray(g, dtype="float64")\n    ### END',
    says="What comes back is float64, whatever the dtype of g.",
    hints=[
        "What is the dtype of your result for a g of float32?",
        "New arrays should take the dtype of what they hold.",
    ],
)
mistake(
    "unbroadcast",
    "changes_g",
    was="        g = g.sum(axis=0)",
    now="        g[0] += g[1:].sum(axis=0)\n        g = g[0]",
    says="The sum is written into g, which belongs to the caller.",
    hints=["Print g before and after the call.", "Indexing on the left of an assignment writes into the array itself."],
)
mistake(
    "unbroadcast",
    "scaled_by_rows",
    was="    return g\n    ### END",
    now="    return g / max(1, added)\n    ### END",
    says="What comes back is divided by the number of axes that were added.",
    hints=["Try it with two axes on the left.", "A sum over all ways is not divided by anything."],
)
mistake(
    "unbroadcast",
    "one_added_axis",
    was="for _ in range(added):",
    now="for _ in range(min(added, 1)):",
    says="At most one of the axes that were added on the left is summed; there may be several.",
    hints=["Try to go from (2, 3, 4) back to (4,).", "How often must an axis go until the two have as many?"],
)
mistake(
    "unbroadcast",
    "added_axes_kept",
    was="    return g\n    ### END",
    now="    return g.reshape((1,) * added + g.shape)\n    ### END",
    says="Axes that were added on the left stay, with length 1; what comes back has more axes than asked for.",
    hints=["Look at the shape of what comes back for (3,).", "Which axes did the small array have?"],
)
mistake(
    "unbroadcast",
    "either_added_or_ones",
    was="        if before == 1:",
    now="        if before == 1 and not added:",
    says="Where axes were added on the left, those of length 1 are not summed as well; both may happen at once.",
    hints=["Try to go from (2, 3, 4) back to (3, 1).", "First the axes on the left; then look at the rest once more."],
)
mistake(
    "unbroadcast",
    "folded_into_one_axis",
    was="    for _ in range(added):\n        g = g.sum(axis=0)\n",
    now="    if added:\n        return g.reshape(-1, *shape).sum(axis=0)\n",
    says="Where axes were added on the left, g is cut anew into pieces of the small shape; its axes are mixed up.",
    hints=["Try to go from (2, 3, 4) back to (3, 1).", "Reshaping keeps the order of the numbers, not their axes."],
    seen="blind answer",
)
mistake(
    "unbroadcast",
    "number_with_an_axis",
    was="    return g\n    ### END",
    now="    return g if shape else g.reshape(1)\n    ### END",
    says="For a single number an array of shape (1,) comes back; its shape is ().",
    hints=["Look at the shape of what comes back for ().", "How many axes has a single number?"],
)
mistake(
    "unbroadcast",
    "number_in_double",
    was="    return g\n    ### END",
    now="    return g if shape else float(g)\n    ### END",
    says="A single number comes back in double precision, and no longer has the dtype of g.",
    hints=["What is the dtype of your result for g in float32 and ()?", "A sum of an array has its dtype already."],
    seen="blind answer",
)
mistake(
    "unbroadcast",
    "first_one_only",
    was="            g = g.sum(axis=axis, keepdims=True)\n",
    now="            g = g.sum(axis=axis, keepdims=True)\n            break\n",
    says="Only one of several stretched axes of length 1 is summed.",
    hints=["Try to go from (4, 3) back to (1, 1).", "Go through all axes."],
)


@mistake(
    "unbroadcast",
    "axes_by_length",
    says="The axes to be summed are found by their lengths, where two axes may be equally long; their place decides.",
    hints=["Try to go from (3, 3) back to (3,).", LINE_UP],
    seen="blind answer",
)
def by_length(g, shape):
    np.broadcast_to(np.zeros(shape), g.shape)
    gone = tuple(axis for axis, n in enumerate(g.shape) if n not in shape)
    out = g.sum(axis=gone, keepdims=True)
    while out.ndim > len(shape) and out.shape[0] == 1:
        out = out[0]
    return out


@mistake(
    "unbroadcast",
    "stretched_the_other_way",
    says="Shapes that fit together are taken for stretchable, also where g is the one that would be stretched.",
    hints=["Can an array of shape (3,) be stretched to (1,)?", "Only the small array may be stretched, never g."],
    seen="blind answer",
)
def fitting_shapes(g, shape):
    np.broadcast_shapes(g.shape, shape)
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


# ---- Mistakes: matmul_pullback ----------------------------------------------------------------------------------

SHAPES = "Write the shapes of g, a, b and of what you return side by side."

mistake(
    "matmul_pullback",
    "exchanged",
    was="return ga, gb",
    now="return gb, ga",
    says="The two gradients come back in exchanged places.",
    hints=[SHAPES, "The first belongs to a, and has its shape."],
)
mistake(
    "matmul_pullback",
    "transposed_by_a",
    was="g @ b.T",
    now="b @ g.T",
    says="The gradient by a comes back transposed.",
    hints=[SHAPES, "Rows of a are samples; they should be rows of its gradient too."],
    seen="catalogue 1.7",
)
mistake(
    "matmul_pullback",
    "transposed_by_b",
    was="a.T @ g",
    now="g.T @ a",
    says="The gradient by b comes back transposed.",
    hints=[SHAPES, "Columns of b are outputs; they should be columns of its gradient too."],
    seen="catalogue 1.7",
)
mistake(
    "matmul_pullback",
    "not_turned_by_a",
    was="ga = g @ b.T",
    now="ga = g @ b if b.shape[0] == b.shape[1] else g @ b.T",
    says="For square tables the other factor of the gradient by a is not turned on its side.",
    hints=["Try square tables that are not symmetric.", "Entry j of a row of a meets row j of b, in the forward pass."],
    seen="catalogue 1.7",
)
mistake(
    "matmul_pullback",
    "not_turned_by_b",
    was="gb = a.T @ g",
    now="gb = a @ g if a.shape[0] == a.shape[1] == g.shape[0] else a.T @ g",
    says="For square tables the other factor of the gradient by b is not turned on its side.",
    hints=["Try square tables that are not symmetric.", "Sums run over the samples, the rows of a and of g."],
    seen="catalogue 1.7",
)
mistake(
    "matmul_pullback",
    "g_forgotten_by_a",
    was="g @ b.T",
    now="xp.ones_like(g) @ b.T",
    says="The gradient by a does not use g: it is right only where g is 1.",
    hints=["Double g. Does your result double?", "Ones stand where the gradient from above should."],
)
mistake(
    "matmul_pullback",
    "g_forgotten_by_b",
    was="a.T @ g",
    now="a.T @ xp.ones_like(g)",
    says="The gradient by b does not use g: it is right only where g is 1.",
    hints=["Double g. Does your result double?", "Ones stand where the gradient from above should."],
)
mistake(
    "matmul_pullback",
    "mean_over_rows",
    was="a.T @ g",
    now="a.T @ g / len(a)",
    says="The gradient by b is divided by the number of rows; whoever takes a mean has done so in the loss.",
    hints=["Compare with your numbers by hand, for two rows.", "Contributions of the rows add up."],
    seen="catalogue 2.2",
)
mistake(
    "matmul_pullback",
    "sign",
    was="a.T @ g",
    now="-a.T @ g",
    says="The gradient by b has the wrong sign.",
    hints=[
        "Take all numbers positive: which sign must a gradient have?",
        "The minus of gradient descent belongs elsewhere.",
    ],
    seen="catalogue 1.1",
)
mistake(
    "matmul_pullback",
    "one_row_only",
    was="a.T @ g",
    now="a[:1].T @ g[:1]",
    says="Only the first row contributes to the gradient by b.",
    hints=["Give a two rows.", "b is used in every row; all ways add up."],
)
mistake(
    "matmul_pullback",
    "double_precision",
    was="ga = g @ b.T",
    now='ga = g.astype("float64") @ b.T',
    says="The gradient by a is float64, whatever comes in.",
    hints=["What is the dtype of your result for float32?", "Find where an array becomes float64."],
)
mistake(
    "matmul_pullback",
    "changes_b",
    was="ga = g @ b.T",
    now="b *= 2; ga = g @ b.T / 2",
    says="The second factor, which belongs to the caller, is changed.",
    hints=["Print b before and after.", "Make a new array in place of writing into the old one."],
)
mistake(
    "matmul_pullback",
    "both_in_double",
    was="    ga = g @ b.T\n",
    now='    g = g.astype("float64")\n    ga = g @ b.T\n',
    says="Both gradients are float64, whatever comes in.",
    hints=["What is the dtype of your results for float32?", "Python's floats have no dtype: look for detours."],
    seen="blind answer",
)
mistake(
    "matmul_pullback",
    "double_precision_by_b",
    was="a.T @ g",
    now='a.astype("float64").T @ g',
    says="The gradient by b is float64, whatever comes in.",
    hints=["What is the dtype of your result for float32?", "Find where an array becomes float64."],
)
mistake(
    "matmul_pullback",
    "g_turned_where_it_fits",
    was="ga = g @ b.T",
    now="ga = (g.T if g.shape[0] == g.shape[1] else g) @ b.T",
    says="For a square g the gradient by a is made of g turned on its side, since the shapes fit.",
    hints=["Try a square g that is not symmetric.", "Row i of a meets row i of g."],
)
mistake(
    "matmul_pullback",
    "mean_by_a",
    was="g @ b.T",
    now="g @ b.T / len(a)",
    says="The gradient by a is divided by the number of rows; whoever takes a mean has done so in the loss.",
    hints=["Compare with your numbers by hand, for two rows.", "Each row of a has its own row of the gradient."],
)
mistake(
    "matmul_pullback",
    "both_means",
    was="return ga, gb",
    now="return ga / len(a), gb / len(a)",
    says="Both gradients are divided by the number of rows; whoever takes a mean has done so in the loss.",
    hints=["Compare with your numbers by hand, for two rows.", "Contributions of several ways add up."],
)
mistake(
    "matmul_pullback",
    "lost_axes",
    was="return ga, gb",
    now="return ga.squeeze(), gb.squeeze()",
    says="Axes of length 1 are gone: gradients of thin tables come back as vectors.",
    hints=["Look at the shapes for one row, or one column.", "A gradient has its array's shape, ones included."],
)
mistake(
    "matmul_pullback",
    "vectors_for_inner_one",
    was="return ga, gb",
    now="return (ga[:, 0], gb[0]) if len(b) == 1 else (ga, gb)",
    says="Where the inner length is 1, the gradients come back as vectors, not as tables.",
    hints=["Look at the shapes for a (4, 1) and b (1, 3).", "A gradient has its array's shape, ones included."],
    seen="blind answer",
)
mistake(
    "matmul_pullback",
    "changes_g",
    was="ga = g @ b.T",
    now="g *= 2; g /= 2; g += 1e-3; ga = (g - 1e-3) @ b.T; g = g - 1e-3",
    says="The gradient from above, which belongs to the caller, is changed.",
    hints=["Print g before and after.", "Make a new array in place of writing into the old one."],
)


# ---- Mistakes: softmax_xent_pullback ----------------------------------------------------------------------------

ROW = "Print the sums of the rows of your result; they should be 0."

mistake(
    "softmax_xent_pullback",
    "always_sum",
    was='return p / n if reduction == "mean" else p',
    now="return p",
    says="The mean is not taken: the gradient is always that of the sum.",
    hints=[
        "Two equal rows: what should the mean do to each?",
        "The mean of the losses is their sum, divided by how many.",
    ],
    seen="mistnet 33, DeepLearningZeroToAll 173",
)
mistake(
    "softmax_xent_pullback",
    "always_mean",
    was='return p / n if reduction == "mean" else p',
    now="return p / n",
    says="The gradient is always that of the mean; the word that asks for the sum changes nothing.",
    hints=["Ask for the sum with two rows.", "Follow the argument through your function."],
)
mistake(
    "softmax_xent_pullback",
    "mean_over_entries",
    was='p / n if reduction == "mean"',
    now='p / p.size if reduction == "mean"',
    says="The mean divides by the number of entries; there is one loss a row, not one an entry.",
    hints=["How many losses are there for 2 rows of 4 logits?", "Count rows, not columns."],
)
mistake(
    "softmax_xent_pullback",
    "mean_over_classes",
    was='p / n if reduction == "mean"',
    now='p / c if reduction == "mean"',
    says="The mean divides by the number of classes in place of the number of rows.",
    hints=["How many losses are there for 2 rows of 4 logits?", "Which of the two axes counts samples?"],
)
mistake(
    "softmax_xent_pullback",
    "divided_too_early",
    was="    p[xp.arange(n), labels] -= 1\n",
    now='    p = p / n if reduction == "mean" else p\n    p[xp.arange(n), labels] -= 1\n    n = 1\n',
    says="The mean divides the probabilities alone, and not what is taken away at the label.",
    hints=[ROW, "The whole difference is a row's gradient; divide it as a whole."],
)
mistake(
    "softmax_xent_pullback",
    "label_forgotten",
    was="    p[xp.arange(n), labels] -= 1\n",
    now="",
    says="The labels play no part: these are the probabilities alone.",
    hints=[ROW, "One entry a row is special: that of the label."],
)
mistake(
    "softmax_xent_pullback",
    "sign",
    was="labels] -= 1\n",
    now="labels] -= 1\n    p = -p\n",
    says="The gradient has the wrong sign: a step against it would make the label less likely.",
    hints=["Should the entry of the label be below 0 or above?", "More logit at the label means less loss."],
    seen="catalogue 1.1",
)
mistake(
    "softmax_xent_pullback",
    "columns_of_all_labels",
    was="p[xp.arange(n), labels] -= 1",
    now="p[:, labels] -= 1",
    says="In each row 1 is taken away at the labels of all rows, and not at its own alone.",
    hints=[ROW, "Two lists of indices go through the table pair by pair; a colon takes all rows."],
)
mistake(
    "softmax_xent_pullback",
    "labels_from_one",
    was="p[xp.arange(n), labels] -= 1",
    now="p[xp.arange(n), labels - 1] -= 1",
    says="Labels are counted from 1; the first class is 0.",
    hints=["In which column is your negative entry?", "Label 0 is the first column."],
)
mistake(
    "softmax_xent_pullback",
    "logits_cut_off",
    was="e = xp.exp(z - z.max(axis=1, keepdims=True))",
    now="e = xp.exp(xp.clip(z, -80, 80))",
    says="Large logits are cut off at a bound; beyond it, logits that differ count as equal.",
    hints=[
        "What comes out for the logits 1000 and 990?",
        "Probabilities depend on differences: which shift keeps those?",
    ],
    seen="blind answer",
)
mistake(
    "gradcheck",
    "bound_below_the_divisor",
    was=".max()) / scale)",
    now=".max()) / (scale + 1e-8))",
    says="A small number is added to the divisor; against tiny gradients it is not small, and hides their errors.",
    hints=[
        "How large is the error where all gradients are near 1e-9?",
        "When is there a division by 0, and what is asked for then?",
    ],
    seen="blind answer",
)
mistake(
    "softmax_xent_pullback",
    "no_shift",
    was="e = xp.exp(z - z.max(axis=1, keepdims=True))",
    now="e = xp.exp(xp.minimum(z, 1e3 if z.dtype.itemsize > 4 else 1e2))",
    says="Nothing is taken away from the logits before they are exponentiated, so that large ones overflow.",
    hints=["Exponentiate 1000.", "Probabilities stay the same if all logits of a row move together."],
    seen="catalogue 1.11",
)
mistake(
    "softmax_xent_pullback",
    "one_shift_for_all",
    was="z.max(axis=1, keepdims=True)",
    now="z.max()",
    says="The largest logit of the whole table is taken away, so that rows far below it underflow to nothing.",
    hints=["Try two rows, one with large logits, one with small.", "Each row has a largest logit of its own."],
)
mistake(
    "softmax_xent_pullback",
    "shift_by_column",
    was="z.max(axis=1, keepdims=True)",
    now="z.max(axis=0)",
    says="The largest logit of each column is taken away, which changes the probabilities of a row.",
    hints=[
        "Which numbers of the table belong together?",
        "Only a shift of a whole row leaves probabilities as they are.",
    ],
)
mistake(
    "softmax_xent_pullback",
    "softmax_by_column",
    was="p = e / e.sum(axis=1, keepdims=True)",
    now="p = e / e.sum(axis=0)",
    says="Probabilities add up to 1 along the columns; those of one sample stand in a row.",
    hints=[ROW, "Which axis goes through the classes?"],
)
mistake(
    "softmax_xent_pullback",
    "not_normalised",
    was="p = e / e.sum(axis=1, keepdims=True)",
    now="p = e",
    says="The exponentials are not divided by their sum, so they are no probabilities.",
    hints=[ROW, "What do probabilities add up to?"],
)
mistake(
    "softmax_xent_pullback",
    "softmax_twice",
    was="    p[xp.arange(n), labels] -= 1\n",
    now="    p[xp.arange(n), labels] -= 1\n"
    "    s = e / e.sum(axis=1, keepdims=True)\n    p = s * (p - (p * s).sum(axis=1, keepdims=True))\n",
    says="The difference is sent back through softmax once more; it is the gradient by the logits already.",
    hints=[
        "By what is the simple difference the gradient: probabilities, or logits?",
        "Softmax and loss are one operation.",
    ],
)
mistake(
    "softmax_xent_pullback",
    "one_minus_p_only",
    was="    p[xp.arange(n), labels] -= 1\n",
    now="    p[xp.arange(n), labels] -= 1\n    p = xp.where(xp.arange(c) == labels[:, None], p, 0)\n",
    says="Only the column of the label gets a gradient; the other logits move the loss as well.",
    hints=[ROW, "A larger logit elsewhere makes the label less likely."],
)
mistake(
    "softmax_xent_pullback",
    "negative_labels_taken",
    was=" or (labels < 0).any()",
    now="",
    says="Negative labels are not refused; as an index they count from the end.",
    hints=["What does row[-1] mean in Python?", "Which labels are there for four classes?"],
)
mistake(
    "softmax_xent_pullback",
    "too_large_labels_taken",
    was=" or (labels >= c).any()",
    now="",
    says="Labels above the last class are not refused before they are used as an index.",
    hints=["Which labels are there for four classes?", "Which error does an index that is too large raise?"],
)
mistake(
    "softmax_xent_pullback",
    "labels_truncated",
    was="(labels != y).any() or ",
    now="",
    says="Labels between two classes are cut off silently, and not refused.",
    hints=["What becomes of a label of 1.5?", "Compare the labels before and after they became integers."],
    seen="catalogue 1.15",
)
mistake(
    "softmax_xent_pullback",
    "any_reduction",
    was='reduction not in ("mean", "sum")',
    now="not reduction",
    says="A reduction that is neither of the two words is not refused.",
    hints=["Misspell the word on purpose.", "The contract names an error for every other word."],
)
mistake(
    "softmax_xent_pullback",
    "whole_numbers_stay",
    was='    return p / n if reduction == "mean" else p',
    now='    p = p.astype(logits.dtype)\n    return p / n if reduction == "mean" else p',
    says="For logits that are whole numbers the gradient is cut off to whole numbers.",
    hints=["What is the dtype of your table, for integer logits?", "A table like the logits has their dtype."],
    seen="catalogue 1.15",
)
mistake(
    "softmax_xent_pullback",
    "double_precision",
    was='z = logits if logits.dtype.kind == "f" else logits.astype("float64")',
    now='z = logits.astype("float64")',
    says="The gradient is float64, whatever the dtype of the logits.",
    hints=["What is the dtype of your result for float32?", "Only whole numbers should become float64."],
)
mistake(
    "softmax_xent_pullback",
    "logits_changed",
    was="    e = xp.exp(z - z.max(axis=1, keepdims=True))",
    now="    z -= z.max(axis=1, keepdims=True)\n    e = xp.exp(z)",
    says="The logits, which belong to the caller, are shifted in place.",
    hints=["Print the logits before and after.", "An assignment with an operator in it writes into the array."],
)
mistake(
    "softmax_xent_pullback",
    "words_exchanged",
    was='if reduction == "mean" else',
    now='if reduction == "sum" else',
    says="Mean and sum are exchanged.",
    hints=["Ask for both with two rows. Which should be the larger?", "The mean is the sum, divided."],
)
mistake(
    "softmax_xent_pullback",
    "one_class_as_two",
    was="labels] -= 1\n",
    now="labels] -= 1\n    if c == 1:\n        p = 0.5 + 0.5 * xp.tanh(z / 2) - labels[:, None]\n",
    says="A single column is taken for one of two classes; softmax over one class is always 1.",
    hints=["What is the softmax of a single number?", "What can be learned if there is one class?"],
    seen="blind answer",
)
mistake(
    "softmax_xent_pullback",
    "probabilities_clipped",
    was="    p[xp.arange(n), labels] -= 1\n",
    now="    p = xp.clip(p, 1e-7, 1 - 1e-7)\n    p[xp.arange(n), labels] -= 1\n",
    says="Probabilities are kept away from 0 and 1, so that sure rows get a gradient that they should not have.",
    hints=[ROW, "Where is a logarithm taken? In the loss, not in its gradient."],
    seen="blind answer",
)
mistake(
    "softmax_xent_pullback",
    "something_in_the_denominator",
    was="e.sum(axis=1, keepdims=True)\n",
    now="(e.sum(axis=1, keepdims=True) + 1e-8)\n",
    says="Something small is added to what is divided by, so that the probabilities do not add up to 1.",
    hints=[ROW, "Can that sum ever be 0, when the largest exponent is 0?"],
)
mistake(
    "softmax_xent_pullback",
    "cut_at_the_end",
    was='    return p / n if reduction == "mean" else p\n',
    now='    return (p / n if reduction == "mean" else p).astype(logits.dtype)\n',
    says="For logits that are whole numbers the result is written into whole numbers, and everything is cut off.",
    hints=["What is the dtype of your result, for integer logits?", "A table like the logits has their dtype."],
    seen="blind answer",
)
mistake(
    "softmax_xent_pullback",
    "labels_rounded",
    was='labels = y.astype("int64")\n    if (labels != y).any() or ',
    now='labels = xp.rint(y).astype("int64")\n    if ',
    says="Labels between two classes are rounded silently, and not refused.",
    hints=["What becomes of a label of 1.5?", "Compare the labels before and after they became integers."],
)
mistake(
    "softmax_xent_pullback",
    "sigmoid",
    was="p = e / e.sum(axis=1, keepdims=True)",
    now="p = 0.5 + 0.5 * xp.tanh(z / 2)",
    says="Each logit gets a sigmoid of its own; in softmax the classes of a row share 1 among them.",
    hints=[ROW, "The probabilities of a row add up to 1."],
)
mistake(
    "softmax_xent_pullback",
    "sum_multiplies",
    was='if reduction == "mean" else p',
    now='if reduction == "mean" else p * n',
    says="For the sum, the rows are multiplied by their number; a sum only leaves the division out.",
    hints=["Ask for the sum with two rows.", "Whose gradient is a row's, before anything is divided?"],
)
mistake(
    "softmax_xent_pullback",
    "plus_at_the_label",
    was="labels] -= 1\n",
    now="labels] += 1\n",
    says="At the label 1 is added to the probability; it is taken away.",
    hints=[ROW, "More logit at the label means less loss: which sign has its gradient?"],
)
mistake(
    "softmax_xent_pullback",
    "label_set_to_minus_one",
    was="p[xp.arange(n), labels] -= 1",
    now="p[xp.arange(n), labels] = -1",
    says="The label's entry is replaced by -1; its probability stays part of it.",
    hints=[ROW, "1 is taken away from what stands there."],
)


# ---- Mistakes: gradcheck ----------------------------------------------------------------------------------------

mistake(
    "gradcheck",
    "one_sided",
    was="for step in (eps, -eps):",
    now="for step in (2 * eps, 0.0):",
    says="The difference is one-sided: its error shrinks with the step, not with its square.",
    hints=["Where are the two points at which you call f?", "Move the entry ahead and behind by the same step."],
    seen="catalogue 1.27",
)
mistake(
    "gradcheck",
    "forward",
    was="            for step in (eps, -eps):",
    now="            for step in (eps, 0.0):",
    says="One value is taken ahead and one in the middle, but divided as if both sides had moved.",
    hints=["How far are your two points from each other?", "The numeric derivative of a line should be its slope."],
)
mistake(
    "gradcheck",
    "divided_by_eps",
    was="sides[1]) / (2 * eps)",
    now="sides[1]) / eps",
    says="The difference is divided by the step, though the two points are two steps apart.",
    hints=["Take a straight line. Is your numeric derivative its slope?", "From behind to ahead: how far is it?"],
)
mistake(
    "gradcheck",
    "precedence",
    was="(sides[0] - sides[1]) / (2 * eps)",
    now="(sides[0] - sides[1]) / 2 * eps",
    says="The difference is divided by 2 and multiplied by the step.",
    hints=[
        "Print the numeric derivative of a straight line.",
        "Division and multiplication are done from left to right.",
    ],
)
mistake(
    "gradcheck",
    "eps_ignored",
    was="    worst = 0.0\n",
    now="    worst, eps = 0.0, 1e-6\n",
    says="The step that is asked for plays no part.",
    hints=["Call it with a very large step.", "Follow the argument through your function."],
)
mistake(
    "gradcheck",
    "all_entries_moved",
    was="moved[k][place] += step",
    now="moved[k] += step",
    says="All entries of the array are moved at once, in place of one.",
    hints=["Which entries may change between the two calls?", "Moved together, their derivatives add up."],
)
mistake(
    "gradcheck",
    "all_arrays_moved",
    was="moved[k][place] += step",
    now="moved[k][place] += step; moved[k - 1].flat[0] += step * (len(moved) > 1)",
    says="Other arrays move along with the one that is being checked.",
    hints=["Which arrays may change between the two calls?", "Check one array at a time; the others stay."],
)
mistake(
    "gradcheck",
    "first_array_only",
    was="for k, point in enumerate(points):",
    now="for k, point in enumerate(points[:1]):",
    says="Only the first array is checked.",
    hints=["Make the gradient of the second array wrong. Do you see it?", "Every array has entries to be moved."],
)
mistake(
    "gradcheck",
    "last_array_counts",
    was="worst = max(worst, float(abs(numeric - given).max()) / scale)",
    now="worst = float(abs(numeric - given).max()) / scale",
    says="The error of the last array is returned, not the largest of all.",
    hints=["Make the first array's gradient wrong, and the last one's right.", "Keep the largest error so far."],
)
mistake(
    "gradcheck",
    "mean_error",
    was="worst = max(worst, float(abs(numeric - given).max()) / scale)",
    now="worst = max(worst, float(abs(numeric - given).mean()) / scale)",
    says="The mean error of the entries is taken, in which a single wrong entry is lost.",
    hints=["Make one entry of many wrong.", "The contract asks for the largest."],
)
mistake(
    "gradcheck",
    "absolute_error",
    was="/ scale)",
    now=")",
    says="The error is not relative: it is not divided by the size of the gradient.",
    hints=["Multiply the function by 1000: does the error change?", "Divide by the largest entry."],
)
mistake(
    "gradcheck",
    "scale_of_numeric",
    was="scale = max(float(abs(numeric).max()), float(abs(given).max()))",
    now="scale = float(abs(numeric).max())",
    says="The size is that of the numeric gradient alone, not the larger of the two.",
    hints=["Double the given gradient. Which number is the larger one?", "Which of the two is divided by?"],
)
mistake(
    "gradcheck",
    "scale_of_given",
    was="scale = max(float(abs(numeric).max()), float(abs(given).max()))",
    now="scale = float(abs(given).max())",
    says="The size is that of the given gradient alone, not the larger of the two.",
    hints=["Give a gradient of zeros for a function that changes.", "Which of the two is divided by?"],
)
mistake(
    "gradcheck",
    "scale_of_both",
    was="scale = max(float(abs(numeric).max()), float(abs(given).max()))",
    now="scale = float(abs(numeric).max()) + float(abs(given).max())",
    says="The difference is divided by the sum of both sizes; the larger of them is asked for.",
    hints=["What is your error of a gradient of zeros, for a function that changes?", "It should be 1 there."],
)
mistake(
    "gradcheck",
    "smaller_scale",
    was="scale = max(float(abs(numeric).max()), float(abs(given).max()))",
    now="scale = min(float(abs(numeric).max()), float(abs(given).max()))",
    says="The difference is divided by the smaller of both sizes; the larger of them is asked for.",
    hints=["What is your error of a gradient of zeros, for a function that changes?", "It should be 1 there."],
)
mistake(
    "gradcheck",
    "entry_by_entry",
    was="float(abs(numeric - given).max()) / scale)",
    now="float((abs(numeric - given) / (abs(numeric) + 1e-12)).max()))",
    says="Each entry's error is divided by that entry; the contract divides by the largest of the array.",
    hints=["Which entry decides if one of them is nearly 0?", "One size for a whole array."],
)
mistake(
    "gradcheck",
    "ratio_of_norms",
    was="float(abs(numeric - given).max()) / scale)",
    now="float(((numeric - given) ** 2).sum() ** 0.5 / ((numeric**2).sum() ** 0.5 + (given**2).sum() ** 0.5)))",
    says="Lengths of whole gradients are compared, where the largest entries are asked for.",
    hints=["What is your error of a gradient of zeros?", "One wrong entry should not depend on how many are right."],
    seen="the usual formula of courses: bighuang624/Andrew-Ng-Deep-Learning-notes, issue 10",
)
mistake(
    "gradcheck",
    "sign_lost",
    was="float(abs(numeric - given).max())",
    now="float(abs(abs(numeric) - abs(given)).max())",
    says="Only sizes are compared, so that a wrong sign goes unseen.",
    hints=["Turn the sign of a gradient. Do you see it?", "First the difference, then its size."],
)
mistake(
    "gradcheck",
    "one_direction_counts",
    was="float(abs(numeric - given).max())",
    now="float((numeric - given).max())",
    says="Differences below 0 count as none; a gradient that is too large goes unseen.",
    hints=["Make a gradient too large, then too small.", "What is the size of a difference?"],
)
mistake(
    "gradcheck",
    "shapes_stretched",
    was="given.shape != point.shape or (given != given).any()",
    now="(given != given).any()",
    says="A gradient of another shape is stretched to fit, and not called wrong.",
    hints=["What is (3, 1) minus (3,)?", "Compare shapes before you compare numbers."],
    seen="catalogue 1.6",
)
mistake(
    "gradcheck",
    "sizes_compared",
    was="given, numeric = xp.asarray(grads[k]), xp.zeros(point.shape)",
    now="given, numeric = xp.asarray(grads[k]), xp.zeros(point.shape)\n        given = given.reshape(point.shape) if "
    "given.size == point.size else given",
    says="A gradient of another shape passes if it has as many entries.",
    hints=["Try a column in the place of a vector.", "Compare shapes, not sizes."],
)
mistake(
    "gradcheck",
    "nan_passes",
    was=" or (given != given).any()",
    now="",
    says="A NaN in a gradient goes unseen, since every comparison with it is false.",
    hints=["What is the larger of 0 and NaN, by Python's max?", "Ask for NaN before you compare."],
)
mistake(
    "gradcheck",
    "whole_numbers_stay",
    was="                moved[k][place] += step\n",
    now="                moved[k][place] += step if xp.asarray(arrays[k]).dtype.kind == 'f' else 0.0\n",
    says="Arrays of whole numbers cut the step off, so that nothing moves.",
    hints=["Try an array of integers.", "What does an integer array make of 3 + 0.000001?"],
    seen="catalogue 1.15",
)
mistake(
    "gradcheck",
    "single_precision_stays",
    was='points = [xp.array(one, dtype="float64") for one in arrays]',
    now='points = [xp.array(one, dtype="float32" if one.dtype == "float32" else "float64") for one in arrays]',
    says="Arrays of float32 stay so, and a small step is lost in their rounding.",
    hints=["What is 1 + 1e-8 in float32?", "The contract says which dtype f gets."],
)
mistake(
    "gradcheck",
    "arguments_moved",
    was='points = [xp.array(one, dtype="float64") for one in arrays]',
    now='points = [xp.asarray(one, dtype="float64") for one in arrays]\n'
    "    for one in points:\n        one += 0.5 * eps",
    says="The arrays themselves, which belong to the caller, are moved.",
    hints=["Print the arrays before and after.", "Work on copies."],
)
mistake(
    "gradcheck",
    "gradients_elsewhere",
    was="    grads = f(*points)[1]\n",
    now="    grads = f(*(one + 0.01 for one in points))[1]\n",
    says="The gradients are asked for at another point than the one in question.",
    hints=["At which arrays do you call f for its gradients?", "They should be those that were given, unmoved."],
)
mistake(
    "gradcheck",
    "zero_over_zero",
    was="        if scale > 0:\n            worst = max(worst, float(abs(numeric - given).max()) / scale)\n",
    now="        worst = max(float(np.float64(abs(numeric - given).max()) / np.float64(scale)), worst)\n",
    says="Where both gradients are zero, zero is divided by zero.",
    hints=["Try a function that does not depend on its argument.", "Two zeros agree: the error is 0."],
)
mistake(
    "gradcheck",
    "scale_at_least_one",
    was="scale = max(float(abs(numeric).max()), float(abs(given).max()))",
    now="scale = max(1.0, float(abs(numeric).max()), float(abs(given).max()))",
    says="The size is never less than 1, so that errors of small gradients count for little.",
    hints=["Multiply the function by 0.001: does the error change?", "A relative error has no smallest size."],
    seen="blind answer",
)
mistake(
    "gradcheck",
    "ratio_of_lengths",
    was="float(abs(numeric - given).max()) / scale)",
    now="float(((numeric - given) ** 2).sum() ** 0.5 / max((numeric**2).sum() ** 0.5, (given**2).sum() ** 0.5)))",
    says="Lengths of whole gradients are compared, divided by the larger; the largest entries are asked for.",
    hints=["Which number does a wrong entry among many right ones give?", "Largest entry over largest entry."],
    seen="blind answer",
)
mistake(
    "gradcheck",
    "each_by_its_larger",
    was="float(abs(numeric - given).max()) / scale)",
    now="float((abs(numeric - given) / xp.maximum(xp.maximum(abs(numeric), abs(given)), 1e-300)).max()))",
    says="Each entry's error is divided by that entry, numeric or given; the largest of the array is asked for.",
    hints=["Which entry decides if one of them is nearly 0?", "One size for a whole array."],
    seen="blind answer",
)
mistake(
    "gradcheck",
    "each_by_both",
    was="float(abs(numeric - given).max()) / scale)",
    now="float((abs(numeric - given) / xp.maximum(abs(numeric) + abs(given), 1e-8)).max()))",
    says="Each entry's error is divided by the sum of that entry's two sizes; the contract has one size for an array.",
    hints=["What is your error of a gradient of zeros?", "Which entry decides if one of them is nearly 0?"],
    seen="the usual formula of a course: cs231n",
)
mistake(
    "gradcheck",
    "each_by_given",
    was="float(abs(numeric - given).max()) / scale)",
    now="float((abs(numeric - given) / xp.maximum(abs(given), 1e-12)).max()))",
    says="Each entry's error is divided by the given entry; the contract divides by the largest of the array.",
    hints=["Which entry decides if one of them is nearly 0?", "One size for a whole array."],
)
mistake(
    "gradcheck",
    "difference_reversed",
    was="(sides[0] - sides[1])",
    now="(sides[1] - sides[0])",
    says="The value ahead is taken away from the value behind: all numeric derivatives have the wrong sign.",
    hints=["Print the numeric derivative of a rising line.", "Ahead minus behind."],
)
mistake(
    "gradcheck",
    "errors_added",
    was="worst = max(worst, float(abs(numeric - given).max()) / scale)",
    now="worst += float(abs(numeric - given).max()) / scale",
    says="The errors of the arrays are added up; the largest is asked for.",
    hints=["Make the gradients of two arrays wrong.", "Keep the largest error so far."],
)
mistake(
    "gradcheck",
    "errors_of_entries_added",
    was="float(abs(numeric - given).max()) / scale",
    now="float(abs(numeric - given).sum()) / scale",
    says="The errors of the entries are added up; the largest is asked for.",
    hints=["Make two entries wrong by the same.", "The contract asks for the largest."],
)
mistake(
    "gradcheck",
    "not_moved_back",
    was="for step in (eps, -eps):\n                moved = [one.copy() for one in points]\n",
    now="for step in (eps, -2 * eps):\n                moved = points\n",
    says="An entry that was moved is not moved back before the next one's turn.",
    hints=["Print the arrays that f gets, call by call.", "Each question begins at the same point."],
)
mistake(
    "gradcheck",
    "step_by_size",
    was="    for k, point in enumerate(points):\n",
    now="    own = eps\n    for k, point in enumerate(points):\n"
    "        eps = own * max(1.0, float(abs(point).max()))\n",
    says="The step grows with the numbers that are moved; the contract moves all by the same.",
    hints=["Print by how much an entry of 100 is moved.", "eps is the step itself."],
)


@mistake(
    "gradcheck",
    "one_size_for_all",
    says="All arrays share one size, the largest of all; each array's error should be measured by its own.",
    hints=["Let one gradient be large and right, the other small and wrong.", "First an error for each array."],
    seen="blind answer",
)
def all_arrays_as_one(f, arrays, eps=1e-6):
    points = [xp.array(one, dtype="float64") for one in arrays]
    grads = [xp.asarray(one) for one in f(*points)[1]]
    largest, scale = 0.0, 0.0
    for k, (point, given) in enumerate(zip(points, grads, strict=True)):
        if given.shape != point.shape or (given != given).any():
            return float("inf")
        for place in np.ndindex(point.shape):
            sides = []
            for step in (eps, -eps):
                moved = [one.copy() for one in points]
                moved[k][place] += step
                sides.append(float(f(*moved)[0]))
            numeric = (sides[0] - sides[1]) / (2 * eps)
            largest = max(largest, abs(numeric - float(given[place])))
            scale = max(scale, abs(numeric), abs(float(given[place])))
    return largest / scale if scale else 0.0


# ---- Mistakes: finds_bug ----------------------------------------------------------------------------------------

mistake(
    "finds_bug",
    "trusts_everybody",
    was="        if gradcheck(f, [a, b]) > 1e-5:\n            return True\n",
    now="",
    says="Every pullback is called right.",
    hints=["Try it on the example of the notebook.", "Some question must have an answer that is not right."],
)
mistake(
    "finds_bug",
    "trusts_nobody",
    was="    return False\n    ### END",
    now="    return True\n    ### END",
    says="Every pullback is called faulty.",
    hints=["Try it on the product of the notebook.", "When all questions are answered well, say so."],
)
mistake(
    "finds_bug",
    "the_other_way_round",
    was="> 1e-5:",
    now="<= 1e-5:",
    says="Right and faulty are exchanged.",
    hints=["What does a large error mean?", "Try it on the product of the notebook."],
)
mistake(
    "finds_bug",
    "g_is_one",
    was="g = xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))",
    now="g = np.ones_like(g)",
    says="Only gradients of ones are sent back, so that a pullback may forget them.",
    hints=["Try the forgetful example.", "Which numbers would tell that g was used?"],
)
mistake(
    "finds_bug",
    "g_is_positive",
    was="        g = xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))\n",
    now="",
    says="Only positive gradients are sent back, so that signs may be lost on the way.",
    hints=["What would a pullback that takes sizes only do?", "Send both signs."],
)
mistake(
    "finds_bug",
    "one_shape",
    was=", ((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), ((3,), ())):",
    now=",):",
    says="Only arrays of one shape are tried; nothing is stretched.",
    hints=["What could go wrong with a bias?", "Try several pairs of shapes."],
)
mistake(
    "finds_bug",
    "only_added_axes",
    was="((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), ((3,), ())",
    now="((3, 2), (2,)), ((2,), (3, 2))",
    says="Axes of length 1 are never stretched in the questions, only axes added.",
    hints=["In which two ways does NumPy stretch?", "Try a column."],
)
mistake(
    "finds_bug",
    "one_call",
    was="        forward(a * 0.5, b * 0.5)\n",
    now="",
    says="Between a forward call and its pull no other call is made, so that looking at the last call goes unseen.",
    hints=["A network calls an operation many times before it goes back.", "Call forward once more in between."],
)
mistake(
    "finds_bug",
    "first_gradient_only",
    was="        if gradcheck(f, [a, b]) > 1e-5:",
    now="        if gradcheck(lambda a: (f(a, b)[0], grads[:1]), [a]) > 1e-5:",
    says="Only the gradient by the first array is looked at.",
    hints=["Which of the two gradients could be wrong?", "Check both."],
)
mistake(
    "finds_bug",
    "second_gradient_only",
    was="        if gradcheck(f, [a, b]) > 1e-5:",
    now="        if gradcheck(lambda b: (f(a, b)[0], grads[1:]), [b]) > 1e-5:",
    says="Only the gradient by the second array is looked at.",
    hints=["Which of the two gradients could be wrong?", "Check both."],
)
mistake(
    "finds_bug",
    "too_lenient",
    was="> 1e-5:",
    now="> 0.1:",
    says="Errors of some per cent are let pass; right pullbacks reach a millionth.",
    hints=["How small is the error of a right one?", "Put the limit between the two."],
)
ASKED = (
    "    for left, right in (((3, 2), (3, 2)), ((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), "
    "((3,), ())):\n"
    "        a, b = numbers(left), numbers(right) + 0.01\n"
    "        g = rng.uniform(0.5, 2, size=np.broadcast_shapes(left, right))\n"
    "        g = xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))\n"
    "        _, saved = forward(a, b)\n"
    "        forward(a * 0.5, b * 0.5)\n"
)


def asked(*changes):
    """The questions of the reference with texts in them replaced."""
    text = ASKED
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


ALIKE = (", ((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), ((3,), ())):", ",):")
ADDED = ("((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), ((3,), ())", "((3, 2), (2,)), ((2,), (3, 2))")
POSITIVE = ("        g = xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))\n", "")
ONES = ("xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))", "np.ones_like(g)")
AT_ONCE = ("        forward(a * 0.5, b * 0.5)\n", "")
STRETCH = "Try a column of shape (3, 1), and a vector, beside a table."
BETWEEN = "A network calls an operation many times before it goes back: call forward once more before pull."

mistake(
    "finds_bug",
    "one_shape_at_once",
    was=ASKED,
    now=asked(ALIKE, AT_ONCE),
    says="Nothing is stretched in the questions, and pull always follows its own forward call.",
    hints=["Which two lines of the list do your questions leave out?", STRETCH, BETWEEN],
    seen="blind answer",
)
mistake(
    "finds_bug",
    "ones_of_one_shape",
    was=ASKED,
    now=asked(ALIKE, ONES),
    says="Only gradients of ones are sent back, and nothing is stretched in the questions.",
    hints=["Which two lines of the list do your questions leave out?", STRETCH, "A g with 2 and -3 in it tells more."],
)
mistake(
    "finds_bug",
    "plainest_question",
    was=ASKED,
    now=asked(ALIKE, ONES, AT_ONCE),
    says="Only the plainest question is asked: ones, nothing stretched, pull right after its own forward call.",
    hints=["Which lines of the list does your question leave out?", "A g with 2 and -3 in it tells more.", STRETCH],
)
mistake(
    "finds_bug",
    "ones_at_once",
    was=ASKED,
    now=asked(ONES, AT_ONCE),
    says="Only gradients of ones are sent back, and pull always follows its own forward call.",
    hints=["Which two lines of the list do your questions leave out?", BETWEEN, "A g with 2 and -3 in it tells more."],
)
mistake(
    "finds_bug",
    "positive_at_once",
    was=ASKED,
    now=asked(POSITIVE, AT_ONCE),
    says="Only positive gradients are sent back, and pull always follows its own forward call.",
    hints=["Which two lines of the list do your questions leave out?", BETWEEN, "Send both signs."],
)
mistake(
    "finds_bug",
    "added_axes_at_once",
    was=ASKED,
    now=asked(ADDED, AT_ONCE),
    says="Axes of length 1 are never stretched in the questions, and pull always follows its own forward call.",
    hints=["Which two lines of the list do your questions leave out?", STRETCH, BETWEEN],
)


# ---- Mistakes: experiment, exponent -----------------------------------------------------------------------------

mistake(
    "experiment",
    "divided_by_h",
    was="(ahead - behind) / (2 * h)",
    now="(ahead - behind) / h",
    says="The central difference is divided by one step, though its points are two steps apart.",
    hints=["Does the error fall at all?", "How far is it from behind to ahead?"],
)
mistake(
    "experiment",
    "one_sided_twice",
    was="ahead, behind = xp.sin(k * (x + h)), xp.sin(k * (x - h))",
    now="ahead, behind = xp.sin(k * (x + h)), 2 * xp.sin(k * x) - xp.sin(k * (x + h))",
    says="The central difference is made of the one-sided one; the point behind is not visited.",
    hints=["Are your two curves alike?", "Where are the two points of a central difference?"],
)
mistake(
    "experiment",
    "curves_exchanged",
    was='{"central": xp.asarray(central), "forward": xp.asarray(forward)',
    now='{"central": xp.asarray(forward), "forward": xp.asarray(central)',
    says="The two curves stand in exchanged places.",
    hints=["Which of the two should be lower?", "Look at the names."],
)
mistake(
    "experiment",
    "not_relative",
    was="/ rms(slope))\n        forward",
    now=")\n        forward",
    says="The central error is not relative: it is not divided by the size of the derivative.",
    hints=[
        "For a slow wave the derivative is small. What does that do to your curve?",
        "Read what the error is divided by.",
    ],
)
mistake(
    "experiment",
    "forward_not_relative",
    was="/ h - slope) / rms(slope))",
    now="/ h - slope))",
    says="The one-sided error is not relative: it is not divided by the size of the derivative.",
    hints=["Hold the two curves side by side on the left.", "Read what the error is divided by."],
)
mistake(
    "experiment",
    "mean_of_sizes",
    was="float((values**2).mean() ** 0.5)",
    now="float(abs(values).mean())",
    says="The mean of the sizes is taken in the place of the root mean square.",
    hints=["What are the three steps in the name root mean square?", "Square first, root last."],
)
mistake(
    "experiment",
    "root_of_mean",
    was="float((values**2).mean() ** 0.5)",
    now="float((values**2).mean())",
    says="The root is missing: these are mean squares.",
    hints=[
        "By which factor does your error change from one step to the next?",
        "What is the last word of rms, backwards?",
    ],
)
mistake(
    "experiment",
    "A_without_six",
    was='"A": k * k / 6',
    now='"A": k * k / 2',
    says="A has another factor than the third derivative of the wave gives it.",
    hints=["Does the grey line lie on your curve?", "Read the formula of A once more."],
)
mistake(
    "experiment",
    "A_not_squared",
    was='"A": k * k / 6',
    now='"A": k / 6',
    says="A grows with the frequency, where it should with its square.",
    hints=["Does the grey line lie on your curve?", "Two more derivatives bring two more factors."],
)
mistake(
    "experiment",
    "B_of_all",
    was="rms(central[-16:] * H[-16:])",
    now="rms(central * H)",
    says="B is taken over all steps, the large ones included, where nothing is rounded.",
    hints=["Where on the figure is rounding at work?", "Take the last sixteen entries."],
)
mistake(
    "experiment",
    "B_of_the_other_end",
    was="rms(central[-16:] * H[-16:])",
    now="rms(central[:16] * H[:16])",
    says="B is taken from the other end of H: from large steps, not small ones.",
    hints=["In which order do the steps of H come?", "Where on the figure is rounding at work?"],
)
mistake(
    "experiment",
    "B_without_h",
    was="rms(central[-16:] * H[-16:])",
    now="rms(central[-16:])",
    says="B is a mean of errors alone; they are not multiplied by their steps.",
    hints=["On the left the error is about B / h. What is B then?", "Each error with its own step."],
)
mistake(
    "exponent",
    "crossing",
    was='["A"] / 2)',
    now='["A"])',
    says="This is where the two walls cross, not where their sum is smallest.",
    hints=["Where is the derivative of the sum zero?", "The two differ by the cube root of 2."],
)
mistake(
    "exponent",
    "square_root",
    was="(1 / 3)",
    now="(1 / 2)",
    says="A square root was taken; that of the one-sided difference, not of the central one.",
    hints=["Solve for h once more.", "h stands in the equation to the third power."],
)
mistake(
    "exponent",
    "twice_too_much",
    was='["A"] / 2)',
    now='["A"] * 2)',
    says="The factor 2 stands on the wrong side of the fraction.",
    hints=["Solve for h once more.", "Which of A and B has the factor 2 beside it?"],
)
mistake(
    "exponent",
    "natural_logarithm",
    was="np.log10(",
    now="0.4 * np.log(",
    says="This is another logarithm than that to base 10.",
    hints=["What is the exponent of 0.001?", "NumPy has several logarithms."],
)
SIZES_OF_BOTH = (
    "        central.append(rms((ahead - behind) / (2 * h) - slope) / rms(slope))\n"
    "        forward.append(rms((ahead - xp.sin(k * x)) / h - slope) / rms(slope))\n"
)
mistake(
    "experiment",
    "largest_errors",
    was=SIZES_OF_BOTH,
    now=SIZES_OF_BOTH.replace("rms(", "largest(").replace(
        "central.", "largest = lambda v: float(abs(v).max())\n        central.", 1
    ),
    says="The largest error over the largest derivative is taken; root mean squares are asked for.",
    hints=[
        "Which words stand in the contract between error and places?",
        "gradcheck measures so; here it is different.",
    ],
    seen="blind answer",
)
mistake(
    "experiment",
    "place_by_place",
    was=SIZES_OF_BOTH,
    now=SIZES_OF_BOTH.replace(" - slope) / rms(slope)", " - slope) / slope)").replace("rms((", "rms((("),
    says="Each place's error is divided by the derivative there; places where it is near 0 then count for all.",
    hints=[
        "What does one place do where the derivative is nearly 0?",
        "First two root mean squares, then their ratio.",
    ],
    seen="blind answer",
)
mistake(
    "experiment",
    "both_not_relative",
    was=SIZES_OF_BOTH,
    now=SIZES_OF_BOTH.replace(" / rms(slope)", ""),
    says="The errors are not relative: they are not divided by the size of the derivative.",
    hints=["For a slow wave the derivative is small. What does that do to your curves?", "Read what is divided by."],
)
mistake(
    "experiment",
    "relative_to_the_wave",
    was=SIZES_OF_BOTH,
    now=SIZES_OF_BOTH.replace("rms(slope)", "rms(xp.sin(k * x))"),
    says="The errors are divided by the size of the wave; they belong over that of its derivative.",
    hints=["For a slow wave the two differ much.", "Read what the error is divided by."],
)
mistake(
    "experiment",
    "slope_without_k",
    was="slope = k * xp.cos(k * x)",
    now="slope = xp.cos(k * x)",
    says="The derivative lacks the inner one: a wave of higher frequency is steeper.",
    hints=["Does your error fall at all?", "The chain rule: what is the derivative of what stands in the brackets?"],
)
mistake(
    "experiment",
    "A_cubed",
    was='"A": k * k / 6',
    now='"A": k**3 / 6',
    says="A is made of the third derivative itself; relative to the first, one factor less is left.",
    hints=["Does the grey line lie on your curve?", "Which derivative is the error divided by?"],
)
mistake(
    "experiment",
    "B_divided",
    was="rms(central[-16:] * H[-16:])",
    now="rms(central[-16:] / H[-16:])",
    says="For B the errors are divided by their steps, not multiplied.",
    hints=["On the left the error is about B / h. What is B then?", "Do the products stay about the same there?"],
)
mistake(
    "exponent",
    "sign_lost",
    was="best_exponent = round(",
    now="best_exponent = -round(",
    says="The sign is wrong: steps below 1 have negative logarithms.",
    hints=["What is the exponent of 0.001?", "Between which numbers does it lie?"],
)
mistake(
    "exponent",
    "no_root",
    was="(1 / 3)",
    now="(1 / 1)",
    says="No root was taken: this is the logarithm of the fraction itself.",
    hints=["Solve for h once more.", "h stands in the equation to the third power."],
)
mistake(
    "exponent",
    "rule_of_thumb",
    was='(experiment(seed)["B"] / experiment(seed)["A"] / 2)',
    now="np.finfo(float).eps",
    says="This is the rule of thumb for a scale of 1, not the best step of this wave.",
    hints=["Does your V have its bottom there?", "Take A and B from your own experiment."],
)


# ---- Mistakes: toposort -----------------------------------------------------------------------------------------

PAPER = "Draw the diamond, and write down in which order your code writes its nodes."


@mistake(
    "toposort",
    "by_paths",
    says="Every path is walked: a node that is used twice comes twice.",
    hints=[PAPER, "Remember whom you have met."],
    seen="TinyTorch",
)
def every_path(root):
    order, stack = [], [(root, False)]
    while stack:
        node, closing = stack.pop()
        if closing:
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


@mistake(
    "toposort",
    "by_distance",
    says="Nodes are ordered by how soon they are met from the root, and not by who was made of whom.",
    hints=[PAPER, "A node that is used near the root may be used far from it as well."],
    seen="catalogue 1.17",
)
def breadth_first(root):
    order, met, queue = [], {id(root)}, [root]
    while queue:
        node = queue.pop(0)
        order.append(node)
        for parent in node.parents:
            if id(parent) not in met:
                met.add(id(parent))
                queue.append(parent)
    return order[::-1]


@mistake(
    "toposort",
    "at_first_sight",
    says="A node is written down when it is met; it must wait until all its parents are done.",
    hints=[PAPER, "Depth first is right, but the moment of writing is not."],
)
def preorder(root):
    order, met, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        order.append(node)
        stack.extend(node.parents)
    return order[::-1]


@mistake(
    "toposort",
    "met_too_early",
    says="Nodes count as met when they are put aside; whoever needs them later does not bring them forward.",
    hints=[PAPER, "Between being put on the stack and being opened, a shorter and a longer way may both lead there."],
)
def marked_when_pushed(root):
    order, met, stack = [], {id(root)}, [(root, False)]
    while stack:
        node, closing = stack.pop()
        if closing:
            order.append(node)
            continue
        stack.append((node, True))
        for parent in node.parents:
            if id(parent) not in met:
                met.add(id(parent))
                stack.append((parent, False))
    return order


@mistake(
    "toposort",
    "equal_is_same",
    says="Nodes are recognised by the value that they hold; two that hold the same are taken for one.",
    hints=["Try two leaves that hold the same number.", "What tells two objects apart that look alike?"],
    seen="catalogue 1.18",
)
def by_value(root):
    order, met, stack = [], set(), [(root, False)]
    while stack:
        node, closing = stack.pop()
        key = np.asarray(node.value).tobytes()
        if closing:
            order.append(node)
        elif key not in met:
            met.add(key)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


mistake(
    "toposort",
    "children_first",
    was="return order",
    now="return order[::-1]",
    says="Children stand before their parents: the list is the wrong way round.",
    hints=[PAPER, "Which node should be the last?"],
)
mistake(
    "toposort",
    "root_missing",
    was="return order",
    now="return order[:-1]",
    says="The root is missing.",
    hints=["How many nodes has the diamond, and how many come back?", "The root belongs to what it was computed from."],
)
mistake(
    "toposort",
    "leaves_missing",
    was="return order",
    now="return [node for node in order if node.parents] or [root]",
    says="The leaves are missing.",
    hints=["How many nodes has the diamond, and how many come back?", "Every node from which the root can be reached."],
)
mistake(
    "toposort",
    "first_parent_only",
    was="for parent in node.parents:",
    now="for parent in node.parents[:1]:",
    says="Only the first parent of each node is followed.",
    hints=["How many nodes come back for a sum of two leaves?", "All parents lead further."],
)
mistake(
    "toposort",
    "two_parents_at_most",
    was="for parent in node.parents:",
    now="for parent in node.parents[:2]:",
    says="Only the first two parents of a node are followed; a node may have more.",
    hints=["Try a sum of three leaves.", "Go through all parents."],
)
mistake(
    "toposort",
    "last_parent_only",
    was="for parent in node.parents:",
    now="for parent in node.parents[-1:]:",
    says="Only the last parent of each node is followed.",
    hints=["How many nodes come back for a sum of two leaves?", "All parents lead further."],
)
mistake(
    "toposort",
    "stops_when_deep",
    was="    while stack:\n",
    now="    while stack and len(stack) < 1000:\n",
    says="Deep graphs are not gone through to their end.",
    hints=["Try two thousand nodes in a row.", "What ends your loop?"],
)


@mistake(
    "toposort",
    "recursion",
    says="It calls itself once for every node on the way, which Python allows a thousand times.",
    hints=["Try two thousand nodes in a row.", "Keep a list of what is still to be done, in place of calls."],
    seen="karpathy/micrograd, pull request 90",
    named=False,
)
def recursion(root):
    order, met = [], set()

    def visit(node):
        if id(node) not in met:
            met.add(id(node))
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


@mistake(
    "toposort",
    "by_number_of_parents",
    says="Nodes are sorted by how many parents they have, which says nothing about who comes first.",
    hints=[PAPER, "Inner nodes may have few parents, and be made late."],
)
def sorted_by_parents(root):
    found, met = [root], {id(root)}
    for node in found:
        for parent in node.parents:
            if id(parent) not in met:
                met.add(id(parent))
                found.append(parent)
    return sorted(found[::-1], key=lambda node: len(node.parents))


mistake(
    "toposort",
    "leaf_root_missing",
    was="return order",
    now="return order if root.parents else []",
    says="For a root that is a leaf nothing comes back; the root alone should.",
    hints=["Call it on a single leaf.", "The root belongs to the list even if nothing leads further."],
    seen="blind answer",
)
mistake(
    "toposort",
    "marks_left",
    was="order, met, stack = [], set(), [(root, False)]",
    now="order, stack = [], [(root, False)]\n    met = root.__dict__.setdefault('met', set())",
    says="Marks that are left on the nodes, or kept between calls, make a second call find nothing.",
    hints=["Call it twice on one graph.", "Remember whom you met in something that ends with the call."],
    seen="blind answer",
)


@mistake(
    "toposort",
    "users_without_repeats",
    says="A node that one user uses twice is counted once when users are counted, and twice when they are done.",
    hints=[
        "Try a node that is used twice by one, and by another as well.",
        "Count uses both times, or users both times.",
    ],
    seen="blind answer",
)
def users_as_set(root):
    users, todo = {root: set()}, [root]
    for node in todo:
        for parent in node.parents:
            if parent not in users:
                users[parent] = set()
                todo.append(parent)
            users[parent].add(node)
    missing = {node: len(found) for node, found in users.items()}
    ready, order = [root], []
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            missing[parent] -= 1
            if missing[parent] == 0:
                ready.append(parent)
    return order[::-1]


@mistake(
    "toposort",
    "along_every_way",
    says="Nodes come once, but all ways are walked; their number doubles with each doubling.",
    hints=["Count your steps for x + x, doubled again ten times.", "Go on from a node only at its first visit."],
    seen="blind answer; an early reader",
    named=False,
)
def longest_way(root):
    level, stack = {}, [(root, 0)]
    while stack:
        node, distance = stack.pop()
        level[node] = max(level.get(node, 0), distance)
        stack.extend((parent, distance + 1) for parent in node.parents)
    return sorted(level, key=lambda node: -level[node])


# ---- Mistakes: backward -----------------------------------------------------------------------------------------

TWICE = "Try a graph in which one node is used twice."

mistake(
    "backward",
    "overwrites_sums",
    was="part if before is None else before + part",
    now="part",
    says="What arrives last at a node replaces what arrived before; it should be added.",
    hints=[TWICE, "Each use of a node is one more way to the loss."],
    seen="karpathy/nn-zero-to-hero, issue 52; nine code files",
)
mistake(
    "backward",
    "overwrites_leaves",
    was="xp.array(g) if node.grad is None else node.grad + g",
    now="xp.array(g)",
    says="A second call replaces the gradients of the first; they should add up.",
    hints=["Call it twice.", "What stands in .grad when you begin?"],
)
mistake(
    "backward",
    "written_into_shared",
    was="                sums[id(parent)] = part if before is None else before + part\n",
    now="                if before is None:\n                    sums[id(parent)] = part\n                else:\n"
    "                    sums[id(parent)] += part\n",
    says="Sums are made in place, in arrays that other nodes hold as well.",
    hints=["Addition hands the same array to both parents.", "Make a new array for a sum."],
    seen="catalogue 1.3",
)
mistake(
    "backward",
    "leaves_share_memory",
    was="xp.array(g) if node.grad",
    now="g if node.grad",
    says="A leaf keeps the very array that arrived, which may belong to others.",
    hints=["Add two leaves. Are their gradients one array?", "A leaf needs memory of its own."],
    seen="catalogue 1.3",
)
mistake(
    "backward",
    "inner_nodes_keep",
    was="        if not node.parents:\n",
    now="        if node.parents:\n            node.grad = g\n        if not node.parents:\n",
    says="Inner nodes keep a gradient too; only leaves should.",
    hints=["Print the .grad of all nodes.", "Sums of inner nodes are needed only during the call."],
)


@mistake(
    "backward",
    "inner_gradients_sent_again",
    says="Inner nodes keep their gradients from the first call, and a second call sends them down again.",
    hints=["Call it twice on a graph of two operations.", "Keep the sums in something that ends with the call."],
    seen="karpathy/micrograd, issue 53",
)
def kept_in_nodes(root, grad=None):
    shape = np.shape(root.value)
    if (grad is None and np.prod(shape) != 1) or (grad is not None and np.shape(grad) != shape):
        raise ValueError("grad")
    order = list(toposort(root))
    seed = xp.ones_like(root.value) if grad is None else grad
    if root.parents:
        root.grad = seed
    else:
        root.grad = xp.array(seed) if root.grad is None else root.grad + seed
    for node in reversed(order):
        if node.grad is None or not node.parents:
            continue
        for parent, part in zip(node.parents, node.pullback(node.grad), strict=True):
            if part is not None:
                parent.grad = xp.array(part) if parent.grad is None else parent.grad + part


@mistake(
    "backward",
    "along_every_path",
    says="The pullback of a node is called for each way that leads to it, in place of once with the sum.",
    hints=[TWICE, "Wait until all users of a node have sent; then call its pullback."],
    seen="TinyTorch; karpathy/micrograd, pull request 64",
    named=False,
)
def each_path(root, grad=None):
    shape = np.shape(root.value)
    if (grad is None and np.prod(shape) != 1) or (grad is not None and np.shape(grad) != shape):
        raise ValueError("grad")
    stack = [(root, xp.ones_like(root.value) if grad is None else grad)]
    while stack:
        node, g = stack.pop()
        if not node.parents:
            node.grad = xp.array(g) if node.grad is None else node.grad + g
        else:
            pairs = zip(node.parents, node.pullback(g), strict=True)
            stack.extend((parent, part) for parent, part in pairs if part is not None)


@mistake(
    "backward",
    "at_first_sight",
    says="A node passes its gradient on when it is first met, before all its users have sent theirs.",
    hints=[TWICE, "One of its users lies near the root, the other far from it: who waits for whom?"],
    seen="catalogue 1.17",
)
def by_distance(root, grad=None):
    shape = np.shape(root.value)
    if (grad is None and np.prod(shape) != 1) or (grad is not None and np.shape(grad) != shape):
        raise ValueError("grad")
    order, met = [root], {id(root)}
    for node in order:
        for parent in node.parents:
            if id(parent) not in met:
                met.add(id(parent))
                order.append(parent)
    sums = {id(root): xp.ones_like(root.value) if grad is None else grad}
    leaves = [node for node in order if not node.parents]
    for node in [node for node in order if node.parents]:
        g = sums.pop(id(node), None)
        if g is None:
            continue
        for parent, part in zip(node.parents, node.pullback(g), strict=True):
            if part is not None:
                before = sums.get(id(parent))
                sums[id(parent)] = part if before is None else before + part
    for node in leaves:
        if id(node) in sums:
            g = sums[id(node)]
            node.grad = xp.array(g) if node.grad is None else node.grad + g


mistake(
    "backward",
    "starts_at_the_leaves",
    was="reversed(list(toposort(root)))",
    now="list(toposort(root))",
    says="The nodes are gone through from the leaves up; gradients come from the root.",
    hints=["Whose gradient is known at the start?", "toposort puts parents first."],
)
mistake(
    "backward",
    "grad_ignored",
    was="xp.ones_like(root.value) if grad is None else grad",
    now="xp.ones_like(root.value)",
    says="The gradient that is handed over plays no part: the root always gets ones.",
    hints=["Hand over a gradient of 5.", "Follow the argument through your function."],
)
mistake(
    "backward",
    "ones_for_everybody",
    was="node.pullback(g), strict",
    now="node.pullback(xp.ones_like(g)), strict",
    says="Pullbacks are called with ones, and not with what has arrived at their node.",
    hints=["Try a product of a product.", "What is the gradient by a node in the middle?"],
)
mistake(
    "backward",
    "needs_no_grad",
    was="grad is None and np.prod(shape) != 1",
    now="shape is None",
    says="A root of several numbers is not refused where no gradient is handed over.",
    hints=["What is L, if the root holds two numbers?", "The contract names an error for it."],
)
mistake(
    "backward",
    "shapes_not_compared",
    was="np.shape(seed) != shape:",
    now="shape is None:",
    says="A gradient of another shape than the root's is not refused, and may be stretched in silence.",
    hints=["Hand over a gradient of shape (1,) for a root of shape (3,).", "Compare the shapes first."],
)
mistake(
    "backward",
    "sizes_compared",
    was="if np.shape(seed) != shape:",
    now="if np.size(seed) != np.prod(shape):",
    says="Only the number of entries of the gradient is compared with the root's, not its shape.",
    hints=["Hand over a gradient of shape (3, 2) for a root of (2, 3).", "Compare shapes, not sizes."],
)
mistake(
    "backward",
    "only_plain_numbers",
    was="np.prod(shape) != 1:",
    now="shape != ():",
    says="A root with one entry but with axes is refused where no gradient is handed over.",
    hints=["Try a root of shape (1,).", "One entry is a single number, in whatever shape."],
    named=False,
)
mistake(
    "backward",
    "zeros_for_none",
    was="            if part is not None:\n",
    now="            part = xp.zeros_like(parent.value) if part is None else part\n            if True:\n",
    says="Where no gradient goes, zeros are sent, so that pullbacks behind it are called and leaves get a gradient.",
    hints=["Look at the .grad of a leaf behind a constant.", "None means: nothing arrives there."],
    seen="catalogue 1.24",
)
mistake(
    "backward",
    "stops_for_all",
    was="            if part is not None:\n",
    now="            if part is None:\n                sums.pop(id(parent), None)\n            else:\n",
    says="Where one way is stopped, what came to the node on other ways is thrown away too.",
    hints=["Use a node twice, once behind a stop.", "None adds nothing, and takes nothing away."],
)
mistake(
    "backward",
    "parents_counted_once",
    was="zip(node.parents, node.pullback(g), strict=True):",
    now="{id(p): (p, part) for p, part in zip(node.parents, node.pullback(g), strict=True)}.values():",
    says="A parent that was used twice by one node gets only one of the two gradients.",
    hints=["Try x times x.", "One gradient for each place among the parents."],
)
mistake(
    "backward",
    "first_parent_only",
    was="zip(node.parents, node.pullback(g), strict=True):",
    now="list(zip(node.parents, node.pullback(g), strict=True))[:1]:",
    says="Only the first parent of each node gets a gradient.",
    hints=["Try x times y.", "A pullback returns one gradient for each parent."],
)
mistake(
    "backward",
    "parents_exchanged",
    was="node.pullback(g), strict=True):",
    now="node.pullback(g)[::-1], strict=True):",
    says="The gradients of the parents are handed out in the wrong order.",
    hints=["Try x times y with different numbers.", "The first gradient belongs to the first parent."],
)
mistake(
    "backward",
    "root_leaf_forgotten",
    was="        if not node.parents:\n",
    now="        if not node.parents and node is root:\n            continue\n        if not node.parents:\n",
    says="A root that is a leaf itself gets no gradient.",
    hints=["Call it on a single leaf.", "The gradient of L by L."],
)
mistake(
    "backward",
    "averaged",
    was="else before + part",
    now="else (before + part) / 2",
    says="What arrives on several ways is averaged; it should be added.",
    hints=[TWICE, "Each use of a node is one more way to the loss."],
)
mistake(
    "backward",
    "counted_twice",
    was="    sums = {id(root): seed}\n",
    now="    sums = {id(root): seed + seed if root.parents else seed}\n",
    says="The gradient of the root enters twice.",
    hints=["What is the derivative of L by L?", "Print the sum of the root when its turn comes."],
)
mistake(
    "backward",
    "double_precision",
    was="xp.array(g) if node.grad is None",
    now='xp.array(g, dtype="float64") if node.grad is None',
    says="Gradients of float32 leaves become float64.",
    hints=["What is the dtype of the .grad of a float32 leaf?", "A copy may keep its dtype."],
)
mistake(
    "backward",
    "starts_anew",
    was="node.grad = xp.array(g) if node.grad is None else node.grad + g",
    now="node.grad = xp.array(g) if node.grad is None or len(node.grad.shape) else node.grad + g",
    says="For leaves that are arrays, a second call replaces the gradients of the first; they should add up.",
    hints=["Call it twice, with an array as a leaf.", "What stands in .grad when you begin?"],
)
mistake(
    "backward",
    "grad_changed",
    was="    sums = {id(root): seed}\n",
    now="    if np.ndim(seed):\n        seed *= 2\n        seed = seed / 2\n    sums = {id(root): seed}\n",
    says="The gradient that is handed over, which belongs to the caller, is changed.",
    hints=["Print it before and after.", "Make a new array in place of writing into it."],
)
mistake(
    "backward",
    "overwritten_and_shared",
    was="xp.array(g) if node.grad is None else node.grad + g",
    now="g",
    says="A leaf simply keeps the array that arrives: earlier gradients are lost, and the memory is shared.",
    hints=["Call it twice.", "Add two leaves. Are their gradients one array?"],
)
mistake(
    "backward",
    "views_shared",
    was="xp.array(g) if node.grad is None",
    now='(g if getattr(g, "base", None) is not None and g is not seed else xp.array(g)) if node.grad is None',
    says="A view of an array that others hold, such as a transpose, is kept uncopied by a leaf, and shares its memory.",
    hints=["Which operation hands on the same numbers in a new array object?", "Copy in any case."],
    seen="blind answer",
)
mistake(
    "backward",
    "grad_stretched",
    was="xp.ones_like(root.value) if grad is None else grad",
    now="xp.ones_like(root.value) if grad is None else xp.broadcast_to(grad, shape)",
    says="A gradient of another shape is stretched to that of the root, where it can be, and not refused.",
    hints=["Hand over a gradient of shape (1,) for a root of shape (3,).", "Compare the shapes first."],
    seen="blind answer",
)
mistake(
    "backward",
    "starts_in_double",
    was="xp.ones_like(root.value) if grad is None",
    now="xp.ones(shape) if grad is None",
    says="The first gradient is float64 whatever the dtype of the root, and so are all others then.",
    hints=["What is the dtype of the .grad of a float32 leaf?", "Ones may take the dtype of what they are made for."],
)
mistake(
    "backward",
    "starts_without_axes",
    was="    sums = {id(root): seed}\n",
    now="    sums = {id(root): xp.asarray(1.0, dtype=seed.dtype) if grad is None else seed}\n",
    says="The first gradient has the shape (), also where the root has axes of length 1.",
    hints=["Try a root that is a leaf of shape (1, 1).", "A gradient has the shape of its value."],
)
mistake(
    "backward",
    "zeros_skipped",
    was="        if g is None:",
    now="        if g is None or not g.any():",
    says="A gradient of zeros counts as none: pullbacks are not called, and leaves get nothing.",
    hints=[
        "Multiply by a leaf that is 0. What is the gradient of the other factor?",
        "Zero is a gradient; None is none.",
    ],
    seen="blind answer",
)
mistake(
    "backward",
    "root_keeps",
    was="        if not node.parents:\n",
    now="        if node is root and node.parents:\n            node.grad = g\n        if not node.parents:\n",
    says="The root keeps a gradient, though it is an inner node; only leaves should.",
    hints=["Print the .grad of all nodes.", "What is a leaf?"],
)
mistake(
    "backward",
    "last_parent_only",
    was="zip(node.parents, node.pullback(g), strict=True):",
    now="list(zip(node.parents, node.pullback(g), strict=True))[-1:]:",
    says="Only the last parent of each node gets a gradient.",
    hints=["Try x times y.", "A pullback returns one gradient for each parent."],
)
mistake(
    "backward",
    "two_parents_at_most",
    was="zip(node.parents, node.pullback(g), strict=True):",
    now="list(zip(node.parents, node.pullback(g), strict=True))[:2]:",
    says="Only the first two parents of a node get a gradient; a node may have more.",
    hints=["Try a sum of three leaves.", "A pullback returns one gradient for each parent."],
)
mistake(
    "backward",
    "first_arrival_stays",
    was="part if before is None else before + part",
    now="part if before is None else before",
    says="What arrives first at a node stays, and all that comes later is dropped; it should be added.",
    hints=[TWICE, "Each use of a node is one more way to the loss."],
)
mistake(
    "backward",
    "old_gradients_down",
    was="    sums = {id(root): seed}\n",
    now="    sums = {id(root): seed}\n    if not root.parents and root.grad is not None:\n"
    "        sums = {id(root): seed + root.grad}\n",
    says="What a leaf has from earlier calls enters its sum, and is then added to itself once more.",
    hints=["Call it twice on a single leaf.", "Begin each call with nothing but the gradient of the root."],
)
mistake(
    "backward",
    "added_into_shared",
    was="node.grad = xp.array(g) if node.grad is None else node.grad + g",
    now="if node.grad is None:\n                node.grad = g\n            else:\n                node.grad += g",
    says="A leaf keeps the very array that arrives, and later calls add into it, though others hold it as well.",
    hints=["Add two leaves, and call it twice.", "A leaf needs memory of its own from the first call on."],
)
