"""Hidden checks of 05_gradient_variance, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

from itertools import combinations, product

import numpy as np

from course.author import alternative, equivalent, mistake, points
from course.learn.compare import canonical

EXACT = {"rtol": 1e-10, "atol": 1e-12}
SINGLE = {"rtol": 2e-5, "atol": 1e-6}  # float32
FOUND = {"rtol": 1e-6, "atol": 1e-9}
# A number that is typed is a ratio of one's own noise scales, the same however they are computed; half a per cent is
# for rounding. Over 400 learners nobody's numbers are all right for another one (tests/course/test_05_content.py).
TYPED = {"rtol": 0.005, "atol": 0}
NAMES = ("W1", "b1", "W2", "b2")


# ---- Probes --------------------------------------------------------------------------------------------


def rows(rng, N, P):
    """N gradients of P numbers, with a mean that is not 0 and columns of different spread."""
    return rng.normal(size=(N, P)) * rng.uniform(0.5, 2, size=P) + rng.uniform(1, 2, size=P)


def quarters(rng, N, P):
    """N gradients in float32 of P quarters: sums of them, and of their squares, need no rounding."""
    return (rng.integers(2, 17, size=(N, P)) / 4).astype(np.float32)


def means(G, batches):
    """The mean of the rows of each batch, (batches, P)."""
    return G[np.array(list(batches))].mean(axis=1)


def all_batches(N, m, replace):
    """Every batch of m of N rows: all tuples, or all choices."""
    return product(range(N), repeat=m) if replace else combinations(range(N), m)


def enumerated(G, m, replace):
    """The mean squared distance of the gradients of all batches from the mean of all rows."""
    off = means(G, all_batches(len(G), m, replace)) - G.mean(axis=0)
    return float((off**2).sum(axis=1).mean())


def trace(G):
    """The summed variance of the columns, divided by N, row by row."""
    centre = sum(G) / len(G)
    return float(sum(((g - centre) ** 2).sum() for g in G) / len(G))


def scale(G):
    """Noise over signal."""
    return trace(G) / float((G.mean(axis=0) ** 2).sum())


def network(rng, D, H, C, N, dtype=float):
    """Parameters whose keys come in an order of their own, and N samples with their labels."""
    shapes = {"b2": (C,), "W1": (D, H), "W2": (H, C), "b1": (H,)}
    params = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return params, rng.normal(size=(N, D)).astype(dtype), rng.integers(C, size=N)


def single_grads(params, X, y):
    """The gradient of each sample's cross-entropy, on paper."""
    before = X @ params["W1"] + params["b1"]
    hidden = np.maximum(before, 0)
    logits = hidden @ params["W2"] + params["b2"]
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    back = share / share.sum(axis=1, keepdims=True) - np.eye(logits.shape[1], dtype=X.dtype)[y]
    down = back @ params["W2"].T * (before > 0)
    parts = X[:, :, None] * down[:, None], down, hidden[:, :, None] * back[:, None], back
    return np.concatenate([part.reshape(len(X), -1) for part in parts], axis=1)


def lengths(G, m, replace=True):
    """The squared lengths of the gradients of every batch of m."""
    return (means(G, all_batches(len(G), m, replace)) ** 2).sum(axis=1)


# ---- Looking at what a submission returned, which may be anything --------------------------------------


def entry(value, place):
    """``value[place]``, or None where there is no such thing."""
    try:
        return value[place]
    except (TypeError, KeyError, IndexError):
        return None


def number(check, value):
    """``value`` as a finite number; where it is none, that is noted, and it is NaN."""
    value = canonical(value)
    good = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf" and np.isfinite(value)
    check.that("one finite number comes back", bool(good))
    return float(value) if good else float("nan")


def weigh(check, got, want, told, reps=0):
    """``got`` is ``want`` but for rounding: several facts, since what is drawn leaves no values in a trace."""
    value = number(check, got)
    check.that(f"{told} the result is not too small", value > want * (1 - 1e-10) - 1e-12)
    check.that(f"{told} the result is not too large", value < want * (1 + 1e-10) + 1e-12)
    if reps and want:
        counted = round(value / want * reps, 9) if np.isfinite(value) else 0
        check.that(f"{told} no batch is missing", counted != reps - 1)
        check.that(f"{told} no batch is too many", counted != reps + 1)


# ---- minibatch_grad ------------------------------------------------------------------------------------


@points(0.3, cell="minibatch_grad", topic="any batch, rows that repeat")
def test_batches(submission, check, rng):
    """The mean of the batch's rows, for batches of any size, in any order; a row that comes twice counts twice."""
    for N, P, idx in ((5, 3, [4, 0, 2]), (3, 7, [1]), (4, 2, [2, 2, 0, 3, 2, 1, 2]), (1, 4, [0, 0, 0]), (6, 5, [5, 1])):
        G = rows(rng, N, P)
        want = sum(G[i] for i in idx) / len(idx)
        check.close(submission.minibatch_grad(G, np.array(idx)), want, **EXACT, what=f"A batch of {len(idx)}")


@points(0.3, cell="minibatch_grad", topic="right on average, float32")
def test_unbiased(submission, check, rng):
    """Over all choices of 2 of 5 rows the mean is that of all rows; float32 stays float32, and G as it is."""
    G = rows(rng, 5, 3)
    found = [canonical(submission.minibatch_grad(G, np.array(one))) for one in combinations(range(5), 2)]
    whole = all(isinstance(one, np.ndarray) and one.shape == (3,) for one in found)
    check.that("each batch gives an array of P numbers", whole)
    if whole:
        check.close(sum(found) / len(found), G.mean(axis=0), **EXACT, what="The mean over all batches of two")
    G, idx = quarters(rng, 5, 4), np.array([3, 0, 0])
    got = check.unchanged(submission.minibatch_grad, G, idx)
    check.dtype(got, np.float32, what="The gradient from float32 rows")
    check.close(got, G[idx].mean(axis=0), **SINGLE, what="The gradient from float32 rows")


# ---- per_sample_grads ----------------------------------------------------------------------------------


@points(1, cell="per_sample_grads", topic="each row, any sizes")
def test_each_row(submission, check, rng):
    """Row i is the gradient of sample i alone, for networks of any sizes."""
    for D, H, C, N in ((3, 4, 2, 5), (2, 3, 4, 7), (4, 2, 3, 1)):
        params, X, y = network(rng, D, H, C, N)
        want = single_grads(params, X, y)
        check.close(submission.per_sample_grads(params, X, y), want, **EXACT, what=f"The rows of {N} sample(s)")


@points(0.4, cell="per_sample_grads", topic="the order of the columns")
def test_columns(submission, check, rng):
    """The columns are those of W1, b1, W2, b2, in this order, whatever the order of the dict's keys."""
    params, X, y = network(rng, 2, 3, 4, 4)
    want, found = single_grads(params, X, y), []
    for keys in (NAMES, NAMES[::-1], ("b1", "W2", "b2", "W1")):
        found.append(submission.per_sample_grads({name: params[name] for name in keys}, X, y))
    for got in found:
        check.close(got, want, **EXACT, what="The rows")


@points(0.4, cell="per_sample_grads", topic="each sample for itself")
def test_samples_alone(submission, check, rng):
    """A row does not depend on the other samples: sample 2 alone gives row 2, and a sample that repeats its row."""
    params, X, y = network(rng, 3, 2, 3, 5)
    want = single_grads(params, X, y)
    check.close(submission.per_sample_grads(params, X[2:3], y[2:3]), want[2:3], **EXACT, what="One sample's row")
    again = np.array([4, 1, 1, 0])
    got = submission.per_sample_grads(params, X[again], y[again])
    check.close(got, want[again], **EXACT, what="The rows of samples in another order, one of them twice")


@points(0.4, cell="per_sample_grads", topic="float32")
def test_rows_in_float32(submission, check, rng):
    """From float32 parameters and samples come float32 rows.

    The classes are equally likely for every sample, so that float32 rounds nothing, however one computes: the hidden
    units are all alike, and what leads from them to the one class leads to the other in another order.
    """
    W2 = rng.permutation(4).astype(np.float32) + 1
    params = {"b2": np.zeros(2), "W2": np.stack([W2, np.roll(W2, 1)], axis=1), "b1": np.full(4, 0.5)}
    params["W1"] = np.repeat(rng.integers(1, 5, size=(3, 1)), 4, axis=1)
    params = {name: value.astype(np.float32) for name, value in params.items()}
    X, y = rng.integers(1, 5, size=(2, 3)).astype(np.float32), rng.permutation(2)
    got = submission.per_sample_grads(params, X, y)
    check.close(got, single_grads(params, X, y), **SINGLE, what="The rows from float32")
    got = canonical(got)
    first = entry(got, 0) if isinstance(got, list) else got
    check.dtype(first, np.float32, what="What comes from float32")


@points(0.4, cell="per_sample_grads", topic="inputs left alone")
def test_samples_left_alone(submission, check, rng):
    """params, X and y are afterwards as they were, and a second call gives the same."""
    params, X, y = network(rng, 2, 4, 3, 4)
    want = single_grads(params, X, y)
    check.unchanged(submission.per_sample_grads, params, X, y)
    check.close(submission.per_sample_grads(params, X, y), want, **EXACT, what="The rows of the second call")


# ---- grad_variance -------------------------------------------------------------------------------------


@points(0.8, cell="grad_variance", topic="every batch with replacement")
def test_all_tuples(submission, check, rng):
    """With replacement it is the mean squared distance over all tuples of rows, for N = 3 to 6."""
    for N, P, m in ((3, 2, 1), (3, 4, 5), (4, 3, 3), (6, 3, 2), (6, 2, 4)):
        G = rows(rng, N, P)
        got = submission.grad_variance(G, m, True)
        check.close(got, enumerated(G, m, True), **EXACT, what=f"The variance for {N} rows and m = {m}")


@points(0.8, cell="grad_variance", topic="every batch without replacement")
def test_all_choices(submission, check, rng):
    """Without replacement it is the mean squared distance over all choices, for every m from 1 to N = 6, and N = 5."""
    for N, P, sizes in ((6, 3, range(1, 7)), (5, 7, (2, 3))):
        G = rows(rng, N, P)
        for m in sizes:
            got = submission.grad_variance(G, m, False)
            check.close(got, enumerated(G, m, False), **EXACT, what=f"The variance for {N} rows and m = {m}")


@points(0.4, cell="grad_variance", topic="many rows")
def test_many_rows(submission, check, rng):
    """The law for many rows, too many to try all batches; with replacement m may be more than N."""
    G = rows(rng, 40, 6)
    for m, replace in ((1, True), (55, True), (17, True), (1, False), (17, False), (39, False)):
        want = trace(G) / m * (1 if replace else (40 - m) / 39)
        check.close(submission.grad_variance(G, m, replace), want, **EXACT, what=f"The variance for m = {m}")


@points(0.4, cell="grad_variance", topic="all rows, one row")
def test_nothing_left(submission, check, rng):
    """All rows without replacement, or a single row in either scheme: the variance is 0."""
    for N, m, replace in ((7, 7, False), (1, 1, False), (1, 1, True), (1, 3, True)):
        got = submission.grad_variance(rows(rng, N, 3), m, replace)
        check.close(got, 0.0, rtol=0, atol=1e-12, what=f"The variance for {N} row(s) and m = {m}")


@points(0.4, cell="grad_variance", topic="shifted and stretched gradients")
def test_shift_and_stretch(submission, check, rng):
    """The same vector added to all rows changes nothing; rows three times as long have nine times the variance."""
    G, shift = rows(rng, 8, 3), rng.normal(size=3) * 4
    for replace, factor in ((True, 1.0), (False, 5 / 7)):
        want = trace(G) / 3 * factor
        check.close(submission.grad_variance(G + shift, 3, replace), want, **EXACT, what="The variance of shifted rows")
        got = submission.grad_variance(-3 * G, 3, replace)
        check.close(got, 9 * want, **EXACT, what="The variance of rows that are stretched and turned round")


@points(0.4, cell="grad_variance", topic="inputs left alone, float32")
def test_variance_leaves_G_alone(submission, check, rng):
    """G is afterwards as it was, and a second call gives the same; float32 rows are welcome."""
    G = rows(rng, 9, 4)
    check.unchanged(submission.grad_variance, G, 4, False)
    check.close(submission.grad_variance(G, 4, False), trace(G) / 4 * 5 / 8, **EXACT, what="The second variance")
    G = quarters(rng, 8, 3)
    got = submission.grad_variance(G, 4, True)
    check.close(got, trace(G.astype(float)) / 4, **SINGLE, what="The variance of float32 rows")


# ---- mc_variance ---------------------------------------------------------------------------------------


@points(0.5, cell="mc_variance", topic="where chance plays no part")
def test_no_chance(submission, check, rng):
    """Where all batches are equally far from the mean, the result is that distance squared, for any number of them."""
    one, way, seed = rng.normal(size=3) + 9, rng.normal(size=3), int(rng.integers(2**32))
    G = np.stack([one + way, one - way])
    for reps in (1, 23):  # odd, and 23 is no square: then wrong answers, too, are wrong whatever is drawn
        for replace in (True, False):
            got = submission.mc_variance(G, 1, reps, replace, np.random.default_rng(seed))
            weigh(check, got, float((way**2).sum()), f"for two rows and {reps} batch(es) of one", reps)
    corners = one + 3 * np.concatenate([np.eye(3), -np.eye(3)])  # without any corner but one the mean is 3/5 off
    got = submission.mc_variance(corners, 5, 23, False, np.random.default_rng(seed))
    weigh(check, got, 0.36, "for six rows and 23 batches of five")
    same = np.stack([one] * 4)
    got = submission.mc_variance(same, 3, 23, True, np.random.default_rng(seed))
    weigh(check, got, 0.0, "for rows that are all the same")


def clusters(rng, N, P):
    """N gradients, the first half 10 on one side of their mean and the rest 10 on the other: no batch is average."""
    way = rng.normal(size=P)
    side = np.repeat([10.0, -10.0], N // 2)[:, None] + 0.2 * rng.normal(size=(N, 1))
    return rng.uniform(1, 2, size=P) + side * way / (way @ way) ** 0.5


@points(0.4, cell="mc_variance", topic="near the law, with replacement")
def test_near_the_law_with(submission, check, rng):
    """With replacement 800 batches come within 30 per cent of the law, for m below N and above it."""
    for N, P, m in ((6, 8, 5), (4, 6, 8)):  # of single tries the deviation is 1.33 of the law at most, of 800 five %
        G, seed = clusters(rng, N, P), int(rng.integers(2**32))
        got = number(check, submission.mc_variance(G, m, 800, True, np.random.default_rng(seed)))
        check.that("with replacement the result is near the law", abs(got / (trace(G) / m) - 1) < 0.3)


@points(0.4, cell="mc_variance", topic="near the law, without replacement")
def test_near_the_law_without(submission, check, rng):
    """Without replacement 800 batches come within 30 per cent of the law."""
    for N, P, m in ((8, 8, 4), (8, 6, 6)):
        G, seed = clusters(rng, N, P), int(rng.integers(2**32))
        law = trace(G) / m * (N - m) / (N - 1)
        got = number(check, submission.mc_variance(G, m, 800, False, np.random.default_rng(seed)))
        check.that("without replacement the result is near the law", abs(got / law - 1) < 0.3)


@points(0.3, cell="mc_variance", topic="all rows, with and without replacement")
def test_whole_batches(submission, check, rng):
    """Batches of all rows: without replacement nothing is left, with replacement much is."""
    G, seed = rows(rng, 12, 20), int(rng.integers(2**32))
    got = number(check, submission.mc_variance(G, 12, 200, False, np.random.default_rng(seed)))
    check.that("without replacement it is 0", abs(got) < 1e-12)
    check.that("without replacement it is less than with it", got < 0.8 * trace(G) / 12)
    other = number(check, submission.mc_variance(G, 12, 200, False, np.random.default_rng(seed + 1)))
    check.that("without replacement it is the same for another seed", abs(got - other) < 1e-9 * trace(G))
    got = number(check, submission.mc_variance(G, 12, 20, True, np.random.default_rng(seed)))
    check.that("with replacement it is not 0", got > 1e-3 * trace(G))


@points(0.3, cell="mc_variance", topic="randomness from rng alone, inputs left alone")
def test_mc_is_reproducible(submission, check, rng):
    """The generator alone decides, each batch is drawn anew, and G is afterwards as it was."""
    G, seed = rows(rng, 30, 3), int(rng.integers(2**32))
    call = submission.mc_variance
    for replace in (True, False):
        call(G, 4, 3, replace, np.random.default_rng(seed))
        check.that(f"with replace={replace} the call leaves G as it is", 0 not in call.changed)
        one, again, other = (call(G, 4, 3, replace, np.random.default_rng(s)) for s in (seed, seed, seed + 1))
        one, again, other = (number(check, value) for value in (one, again, other))
        check.that("the same seed gives the same result", one == again)
        check.that("another seed gives another result", one != other)
        first = number(check, call(G, 4, 1, replace, np.random.default_rng(seed)))
        check.that("three batches are not three times the same one", abs(one - first) > 1e-9 * abs(first))


# ---- b_simple ------------------------------------------------------------------------------------------


@points(0.6, cell="b_simple", topic="any gradients")
def test_scale(submission, check, rng):
    """Noise over signal, for gradients of any number and length."""
    for N, P in ((5, 3), (3, 6), (9, 2), (4, 1)):
        G = rows(rng, N, P)
        check.close(submission.b_simple(G), scale(G), **EXACT, what=f"The noise scale of {N} rows")


@points(0.4, cell="b_simple", topic="where noise equals signal")
def test_noise_equals_signal(submission, check, rng):
    """At that batch size the variance with replacement equals the squared length of the mean, by enumeration."""
    way, across = rng.normal(size=3), rng.normal(size=3)
    across -= way * (across @ way) / (way @ way)
    for m in (2, 3):  # three rows whose single variance is m times the squared length of their mean
        G = way + np.outer([1.0, 1.0, -2.0], across) * (m * (way @ way) / (across @ across) / 2) ** 0.5
        apart = enumerated(G, m, True) - float((G.mean(axis=0) ** 2).sum())
        check.that("the probe is what it should be", abs(apart) < 1e-9)
        check.close(submission.b_simple(G), float(m), rtol=1e-9, what="The noise scale")


@points(0.3, cell="b_simple", topic="other units, repeated rows")
def test_scale_in_other_units(submission, check, rng):
    """It is the same in other units, for all rows turned round, and when every row comes twice."""
    G = rows(rng, 6, 3)
    for other in (1000 * G, 1e-15 * G, -G, np.concatenate([G, G]), G[::-1]):
        check.close(submission.b_simple(other), scale(G), **EXACT, what="The noise scale")


@points(0.3, cell="b_simple", topic="no noise")
def test_no_noise(submission, check, rng):
    """A single row, or rows that are all the same, have the noise scale 0."""
    G = rows(rng, 1, 4)
    for same in (G, np.repeat(G, 5, axis=0)):
        check.close(submission.b_simple(same), 0.0, rtol=0, atol=1e-12, what="The noise scale")


@points(0.3, cell="b_simple", topic="inputs left alone, float32")
def test_scale_leaves_G_alone(submission, check, rng):
    """G is afterwards as it was, and a second call gives the same; float32 rows are welcome."""
    G = rows(rng, 5, 4)
    check.unchanged(submission.b_simple, G)
    check.close(submission.b_simple(G), scale(G), **EXACT, what="The second noise scale")
    G = quarters(rng, 8, 3)
    check.close(submission.b_simple(G), scale(G.astype(float)), **SINGLE, what="The noise scale of float32 rows")


# ---- noise_moments -------------------------------------------------------------------------------------


@points(1, cell="noise_moments", topic="unbiased, by enumeration")
def test_unbiased_moments(submission, check, rng):
    """From all batches of four samples, drawn with replacement, it finds signal and noise exactly."""
    for small, big in ((1, 2), (1, 3), (2, 3), (2, 5)):
        G = rows(rng, 4, 3)
        got = submission.noise_moments(lengths(G, small), lengths(G, big), small, big)
        want = [float((G.mean(axis=0) ** 2).sum()), trace(G)]
        check.close(got, want, **EXACT, what=f"(G2, S) from all batches of {small} and of {big}")


@points(0.5, cell="noise_moments", topic="any lengths and sizes")
def test_any_lengths(submission, check, rng):
    """For any squared lengths and batch sizes it solves the two equations; the arrays need not be equally long."""
    for K, J, small, big in ((5, 3, 3, 7), (2, 6, 8, 64), (4, 4, 5, 6)):
        G2, S = float(rng.uniform(0.5, 2)), float(rng.uniform(3, 30))
        arrays = []
        for count, m in ((K, small), (J, big)):
            noise = rng.uniform(0.5, 1.5, size=count)
            arrays.append((G2 + S / m) * noise / noise.mean())
        got = submission.noise_moments(*arrays, small, big)
        check.close(got, [G2, S], rtol=1e-9, atol=1e-10, what=f"(G2, S) from {K} and {J} batches")


@points(0.4, cell="noise_moments", topic="estimates below 0")
def test_below_zero(submission, check, rng):
    """What comes out negative by chance is returned as it is, whichever of the two it is."""
    for G2, S in ((-0.4, 7.0), (3.0, -1.5)):
        got = submission.noise_moments(np.array([G2 + S / 2 + 0.3, G2 + S / 2 - 0.3]), np.array([G2 + S / 9]), 2, 9)
        check.close(got, [G2, S], rtol=1e-9, atol=1e-10, what="(G2, S)")


@points(0.3, cell="noise_moments", topic="one batch of each size")
def test_one_of_each(submission, check, rng):
    """A single batch of each size is enough."""
    small, big = float(rng.uniform(4, 9)), float(rng.uniform(1, 3))
    want = [(12 * big - 5 * small) / 7, (small - big) * 60 / 7]
    got = submission.noise_moments(np.array([small]), np.array([big]), 5, 12)
    check.close(got, want, **EXACT, what="(G2, S)")


@points(0.4, cell="noise_moments", topic="on average over single pairs, inputs left alone")
def test_average_of_pairs(submission, check, rng):
    """Both numbers, from a pair of batches each, average to those of all; the arrays are afterwards as they were."""
    small, big = rng.uniform(2, 9, size=4), rng.uniform(1, 5, size=4)
    whole = check.unchanged(submission.noise_moments, small, big, 3, 10)
    mean2 = float(small.mean()), float(big.mean())
    want = [(10 * mean2[1] - 3 * mean2[0]) / 7, (mean2[0] - mean2[1]) * 30 / 7]
    check.close(whole, want, **EXACT, what="(G2, S) from four pairs")
    pairs = [submission.noise_moments(small[i : i + 1], big[i : i + 1], 3, 10) for i in range(4)]
    for place, name in enumerate(("G2", "S")):
        found = [number(check, entry(pair, place)) for pair in pairs]
        check.close(sum(found) / 4, want[place], **EXACT, what=f"The mean of {name} over single pairs")


# ---- experiment ----------------------------------------------------------------------------------------


@points(0.3, cell="experiment", topic="the law")
def test_law(submission, reference, check):
    """The variances of your own gradients, by the law, with and without replacement."""
    want = reference.experiment(reference.seed)["law"]
    check.close(entry(submission.experiment(reference.seed), "law"), want, **FOUND, what="law")


@points(0.3, cell="experiment", topic="the law, tried")
def test_measured(submission, reference, check):
    """What was tried is within a fifth of the law, with the slope -1, and is not the law itself."""
    law = reference.experiment(reference.seed)["law"]
    found = canonical(entry(submission.experiment(reference.seed), "measured"))
    found = np.array(found) if isinstance(found, list) else found
    whole = isinstance(found, np.ndarray) and found.shape == law.shape and found.dtype.kind == "f"
    check.that("measured has a row for each scheme and a column for each size", whole)
    if whole:  # of 60 learners the standard deviation is 0.03 at most, and that of the slope 0.005
        check.that("measured is near the law", abs(found / law - 1).max() < 0.2)
        positive = bool((found > 0).all())
        slope = np.polyfit(np.log(reference.SIZES), np.log(found[0]), 1)[0] if positive else 0
        check.that("with replacement the slope is near -1", abs(slope + 1) < 0.06)
        check.that("measured comes from trying", abs(found / law - 1).max() > 1e-6)


@points(0.4, cell="experiment", topic="the noise scale in training")
def test_noise_scale(submission, reference, check):
    """The losses and the noise scales of both networks, at every checkpoint."""
    want, found = reference.experiment(reference.seed), submission.experiment(reference.seed)
    for name in ("loss", "noise_scale"):
        check.close(entry(found, name), want[name], **FOUND, what=name)


@points(0.3, cell="experiment", topic="the noise scale from two batch sizes")
def test_two_batch(submission, reference, check):
    """The noise scale at the start, from the lengths of your own batches of two sizes."""
    want = reference.experiment(reference.seed)["two_batch"]
    check.close(entry(submission.experiment(reference.seed), "two_batch"), want, **FOUND, what="two_batch")


@points(0.4, cell="experiment", topic="training sets against the population")
def test_training_error(submission, reference, check):
    """The error of the gradient of training sets of five sizes, against that of the population."""
    want = reference.experiment(reference.seed)["training_error"]
    found = entry(submission.experiment(reference.seed), "training_error")
    check.close(found, want, **FOUND, what="training_error")


@points(0.3, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """What does not hang on chance is right for somebody else's digits too."""
    seed = int(rng.integers(2**32))
    want, found = reference.experiment(seed), submission.experiment(seed)
    for name in ("law", "loss", "noise_scale", "two_batch", "training_error"):
        check.close(entry(found, name), want[name], **FOUND, what=name)


# ---- numbers: a question -------------------------------------------------------------------------------


def start(reference):
    """The number of one's own digits, and the noise scales of the narrow network along its path."""
    X, y = reference.own_digits(reference.seed)
    path = reference.own_path(reference.seed, reference.WIDTHS[0])
    return len(X), [single_grads(params, X, y) for params in (path[0], path[-1])]


@points(0.4, cell="numbers", topic="the slope, and the factor one half")
def test_slope_and_half(submission, reference, check):
    """The slope of the law, within 0.06, and the batch size that halves the variance, exactly."""
    slope = submission.answers.get("slope")
    check.close(slope, -1.0, rtol=0, atol=0.06, what="slope")
    N, _ = start(reference)
    check.equal(submission.answers.get("halving_batch"), (N + 1) // 2, what="halving_batch")


@points(0.4, cell="numbers", topic="a batch that is enough")
def test_enough(submission, reference, check):
    """The smallest batch without replacement whose variance is at most the squared gradient, exactly."""
    N, (G, _) = start(reference)
    signal = float((G.mean(axis=0) ** 2).sum())
    variances = trace(G) / np.arange(1, N + 1) * (N - np.arange(1, N + 1)) / (N - 1)
    want = int(np.flatnonzero(variances <= signal)[0]) + 1
    check.equal(submission.answers.get("enough"), want, what="enough")


@points(0.4, cell="numbers", topic="growth in training")
def test_growth(submission, reference, check):
    """How many times the noise scale grows in training, within half a per cent."""
    _, (first, last) = start(reference)
    check.close(submission.answers.get("growth"), scale(last) / scale(first), **TYPED, what="growth")


# ---- Mistakes: minibatch_grad --------------------------------------------------------------------------

MEAN = "return G[idx].mean(axis=0)"

mistake(
    "minibatch_grad",
    "summed",
    was=".mean(axis=0)",
    now=".sum(axis=0)",
    says="The batch's rows are added up; their mean is asked for.",
    hints=["Does a batch of twice the size give twice the gradient?", "Divide by the number of rows in the batch."],
    seen="syllabus 2.1",
)
mistake(
    "minibatch_grad",
    "divided_by_all",
    was=MEAN,
    now="return G[idx].sum(axis=0) / len(G)",
    says="The sum over the batch is divided by the number of all rows, not by the batch size.",
    hints=["What does a batch of one give?", "Divide by as many rows as were added."],
)
mistake(
    "minibatch_grad",
    "repeats_once",
    was="G[idx]",
    now="G[xp.unique(idx)]",
    says="A row that comes twice in the batch is counted once.",
    hints=["Try the batch 1, 1, 3.", "Drawing with replacement makes repeats, and they count."],
)
mistake(
    "minibatch_grad",
    "one_number",
    was=".mean(axis=0)",
    now=".mean()",
    says="The mean runs over rows and columns at once; each column has a mean of its own.",
    hints=["How many numbers come back, and how many are asked for?", "Which axis of G counts samples?"],
)
mistake(
    "minibatch_grad",
    "wrong_axis",
    was="axis=0",
    now="axis=1",
    says="The mean runs over the parameters; it should run over the samples.",
    hints=["How many numbers come back?", "Which axis of G counts samples?"],
)
mistake(
    "minibatch_grad",
    "leading_rows",
    was="G[idx]",
    now="G[: len(idx)]",
    says="The first rows of G are used, as many as the batch has; which rows is for the batch to say.",
    hints=["Try the batch that holds the last row only.", "The entries of idx are row numbers."],
)
mistake(
    "minibatch_grad",
    "all_rows",
    was="G[idx]",
    now="G",
    says="All rows are used, whatever the batch.",
    hints=["Do two different batches give different gradients?", "The entries of idx are row numbers."],
)
mistake(
    "minibatch_grad",
    "always_double",
    was=".mean(axis=0)",
    now=".mean(axis=0).astype(float)",
    says="The gradient comes back as float64, whatever the rows were.",
    hints=["Call it with float32 rows and look at the dtype.", "Nothing here needs a conversion."],
)
mistake(
    "minibatch_grad",
    "median",
    was=MEAN,
    now="return xp.median(G[idx], axis=0)",
    says="The median of the rows is returned; their mean is asked for.",
    hints=["Try three rows, one of which is far away.", "A gradient of a mean loss is a mean."],
)
mistake(
    "minibatch_grad",
    "batch_axis_kept",
    was="axis=0",
    now="axis=0, keepdims=True",
    says="The result still has an axis for the batch, of length one.",
    hints=["Print the shape.", "A gradient has one axis, that of the parameters."],
)
mistake(
    "minibatch_grad",
    "row_numbers_from_one",
    was="G[idx]",
    now="G[idx - 1]",
    says="Row numbers are counted from one; they begin at zero.",
    hints=["Which row do you take for the number 0?", "A negative index counts from the end."],
)
mistake(
    "minibatch_grad",
    "repeats_lost",
    was=MEAN,
    now="counts = xp.zeros(len(G), G.dtype)\n    counts[idx] = 1\n    return counts @ G / len(idx)",
    says="A row that comes twice is added once, though the divisor counts it twice.",
    hints=["Try the batch 1, 1, 3.", "As many rows as the divisor counts must be added."],
)
mistake(
    "minibatch_grad",
    "always_single",
    was=".mean(axis=0)",
    now=".mean(axis=0).astype(np.float32)",
    says="The gradient comes back as float32, whatever the rows were, and has lost half of its digits.",
    hints=["Call it with float64 rows and look at the dtype.", "Nothing here needs a conversion."],
    seen="reader",
)
mistake(
    "minibatch_grad",
    "scaled_to_all",
    was=".mean(axis=0)",
    now=".mean(axis=0) * len(G)",
    says="The mean is multiplied by the number of all rows: it estimates their sum.",
    hints=["What does a batch of one row give?", "The mean loss has a mean for its gradient."],
)
mistake(
    "minibatch_grad",
    "divided_by_m_minus_1",
    was=MEAN,
    now="return G[idx].sum(axis=0) / max(len(idx) - 1, 1)",
    says="The sum is divided by one less than the batch size.",
    hints=["What is the mean of two equal rows?", "Only variances are ever divided by one less."],
)
mistake(
    "minibatch_grad",
    "downhill",
    was="return G",
    now="return -G",
    says="The result has the opposite sign: a step downhill, not a gradient.",
    hints=["What does a batch of one row give?", "The minus sign belongs to the step, not to the gradient."],
)


@mistake(
    "minibatch_grad",
    "writes_into_first_row",
    says="The sum is built inside a row of G itself: a row taken by its number is a view, not a copy.",
    hints=["Print G before and after the call.", "An operator with = in it writes into its array."],
    seen="reader",
)
def writes_into_first_row(G, idx):
    g = G[idx[0]]
    for i in idx[1:]:
        g += G[i]
    return g / len(idx)


@mistake(
    "minibatch_grad",
    "writes_mean_into_first_row",
    says="The mean is built inside a row of G itself: a row taken by its number is a view, not a copy.",
    hints=["Print G before and after the call.", "An operator with = in it writes into its array."],
    seen="reader",
)
def writes_mean_into_first_row(G, idx):
    g = G[idx[0]]
    for i in idx[1:]:
        g += G[i]
    g /= len(idx)
    return g


@mistake(
    "minibatch_grad",
    "halfway_each_time",
    says="Each row is averaged with the mean so far, half and half, so that late rows count more.",
    hints=["Try a batch of three rows, then the same in another order.", "In a mean all rows have the same weight."],
)
def halfway_each_time(G, idx):
    g = G[int(idx[0])]
    for i in idx[1:]:
        g = (g + G[int(i)]) / 2
    return g


# ---- Mistakes: per_sample_grads ------------------------------------------------------------------------

ONE = "X[i : i + 1], y[i : i + 1]"
LAY = "rows.append(xp.concatenate([grads[name].ravel() for name in NAMES]))"

mistake(
    "per_sample_grads",
    "divided_by_n",
    was="return xp.stack(rows)",
    now="return xp.stack(rows) / len(X)",
    says="Each row is divided by the number of samples; a row is the gradient of one sample's own loss.",
    hints=["Is the mean of the rows the full gradient, or is their sum?", "A batch of one is a mean already."],
    seen="f-dangel/backpack issue 49",
)
mistake(
    "per_sample_grads",
    "times_n",
    was="return xp.stack(rows)",
    now="return xp.stack(rows) * len(X)",
    says="Each row is multiplied by the number of samples; in a batch of one there is nothing to undo.",
    hints=["Is the mean of the rows the full gradient?", "A batch of one is a mean already."],
    seen="alexrame/fishr issue 2",
)
mistake(
    "per_sample_grads",
    "whole_batch",
    was=ONE,
    now="X, y",
    says="Every row holds the gradient of all samples together.",
    hints=["Do the rows differ?", "Which samples belong into the call for row i?"],
)
mistake(
    "per_sample_grads",
    "growing_batch",
    was=ONE,
    now="X[: i + 1], y[: i + 1]",
    says="Row i holds the gradient of all samples up to the i-th, not of the i-th alone.",
    hints=["Is row 1 right when you hand over sample 1 alone?", "Where does the batch of one begin?"],
)
mistake(
    "per_sample_grads",
    "batch_of_two",
    was=ONE,
    now="X[i : i + 2], y[i : i + 2]",
    says="Each row mixes a sample with the next one.",
    hints=["How many samples does each call get?", "The last row is right. Why only that one?"],
)
mistake(
    "per_sample_grads",
    "order_of_the_dict",
    was="for name in NAMES",
    now="for name in grads",
    says="The columns follow the order of the dict's keys; the order is W1, b1, W2, b2.",
    hints=["Hand over the same parameters with their keys in another order.", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "alphabetical",
    was="for name in NAMES",
    now="for name in sorted(NAMES)",
    says="Both weight matrices come before both biases; the order is W1, b1, W2, b2.",
    hints=["Which parameter do the columns after those of W1 belong to?", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "biases_first",
    was="for name in NAMES",
    now='for name in ("b1", "W1", "b2", "W2")',
    says="In each layer the bias comes before the weights; the order is W1, b1, W2, b2.",
    hints=["Which parameter do the first columns belong to?", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "weights_only",
    was="for name in NAMES",
    now="for name in NAMES[::2]",
    says="The biases are left out.",
    hints=["How many columns should there be?", "Biases are parameters too."],
)
mistake(
    "per_sample_grads",
    "last_layer_only",
    was="for name in NAMES",
    now="for name in NAMES[2:]",
    says="Only the last layer's gradients are laid out.",
    hints=["How many columns should there be?", "All four parameters belong into a row."],
)
mistake(
    "per_sample_grads",
    "column_after_column",
    was=".ravel()",
    now='.ravel("F")',
    says="The weight matrices are flattened column after column; row after row is asked for.",
    hints=["Flatten a 2 by 3 matrix of the numbers 1 to 6.", "The usual order goes along a row first."],
)
mistake(
    "per_sample_grads",
    "transposed",
    was="return xp.stack(rows)",
    now="return xp.stack(rows, axis=1)",
    says="Samples and parameters are interchanged: each sample should have a row.",
    hints=["Print the shape.", "The first axis counts samples."],
)
mistake(
    "per_sample_grads",
    "last_sample_missing",
    was="range(len(X))",
    now="range(max(len(X) - 1, 1))",
    says="The last sample has no row.",
    hints=["How many rows come back?", "Where does the loop end?"],
)
mistake(
    "per_sample_grads",
    "backwards",
    was="return xp.stack(rows)",
    now="return xp.stack(rows[::-1])",
    says="The rows come in the opposite order of the samples.",
    hints=["Which sample does row 0 belong to?", "Row i belongs to sample i."],
)
mistake(
    "per_sample_grads",
    "always_double",
    was="return xp.stack(rows)",
    now="return xp.stack(rows).astype(float)",
    says="The rows come back as float64, whatever the parameters were.",
    hints=["Call it with float32 arrays and look at the dtype.", "Nothing here needs a conversion."],
)
mistake(
    "per_sample_grads",
    "unit_length",
    was="return xp.stack(rows)",
    now="rows = xp.stack(rows)\n    return rows / (rows**2).sum(axis=1, keepdims=True) ** 0.5",
    says="Each row is scaled to length 1, so that its size is lost.",
    hints=["Is the mean of the rows the full gradient?", "A gradient has a size as well as a direction."],
)
mistake(
    "per_sample_grads",
    "learns_on_the_way",
    was=LAY,
    now=LAY + "\n        params = {name: params[name] - 0.1 * grads[name] for name in params}",
    says="A step is taken after each sample, so that later rows belong to other parameters.",
    hints=["Is row 1 the same when sample 1 is handed over alone?", "Nothing is trained here."],
)
mistake(
    "per_sample_grads",
    "centres_the_samples",
    was="rows = []",
    now="rows = []\n    X = X - X.mean(axis=0)",
    says="The mean of the samples is subtracted from them first; they are to be used as they are.",
    hints=["Hand over one sample: what remains of it?", "Each sample is for itself."],
)
mistake(
    "per_sample_grads",
    "uphill",
    was="return xp.stack(rows)",
    now="return -xp.stack(rows)",
    says="The rows have the opposite sign: these are steps downhill, not gradients.",
    hints=["Compare the mean of the rows with the full gradient.", "The gradient points to where the loss grows."],
    seen="syllabus 2.3",
)
mistake(
    "per_sample_grads",
    "mean_row",
    was="return xp.stack(rows)",
    now="return xp.stack(rows).mean(axis=0)",
    says="The mean over the samples comes back; a row for each of them is asked for.",
    hints=["Print the shape.", "Do not average what is to be compared."],
)
mistake(
    "per_sample_grads",
    "writes_into_params",
    was="rows = []",
    now='rows = []\n    params["b2"] -= params["b2"].mean()',
    says="The caller's parameters are changed.",
    hints=["Print params before and after the call.", "An operator with = in it writes into its array."],
)

equivalent("per_sample_grads", "divided_by_n", "times_n", why="the one divides by N, the other multiplies by it")
mistake(
    "per_sample_grads",
    "first_layer_only",
    was="for name in NAMES",
    now="for name in NAMES[:2]",
    says="Only the first layer's gradients are laid out.",
    hints=["How many columns should there be?", "All four parameters belong into a row."],
)
mistake(
    "per_sample_grads",
    "last_layer_first",
    was="for name in NAMES",
    now='for name in ("W2", "b2", "W1", "b1")',
    says="The last layer comes before the first; the order is W1, b1, W2, b2.",
    hints=["Which parameter do the first columns belong to?", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "order_reversed",
    was="for name in NAMES",
    now="for name in NAMES[::-1]",
    says="The parameters are laid out from last to first; the order is W1, b1, W2, b2.",
    hints=["Which parameter do the first columns belong to?", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "both_biases_first",
    was="for name in NAMES",
    now='for name in ("b1", "b2", "W1", "W2")',
    says="Both biases come before both weight matrices; the order is W1, b1, W2, b2.",
    hints=["Which parameter do the first columns belong to?", "NAMES says which comes first."],
)
mistake(
    "per_sample_grads",
    "running_sum",
    was="return xp.stack(rows)",
    now="return xp.cumsum(xp.stack(rows), axis=0)",
    says="Each row also holds all rows before it: gradients are added up from sample to sample.",
    hints=["Is row 1 the same when sample 1 is handed over alone?", "Each sample begins at zero."],
)
mistake(
    "per_sample_grads",
    "first_sample_every_time",
    was=ONE,
    now="X[:1], y[:1]",
    says="Every row is that of the first sample.",
    hints=["Do the rows differ?", "Which samples belong into the call for row i?"],
)
mistake(
    "per_sample_grads",
    "last_sample_every_time",
    was="return xp.stack(rows)",
    now="return xp.stack(rows[-1:] * len(rows))",
    says="Every row is that of the last sample, as when one array is written to again and again.",
    hints=["Do the rows differ?", "A list that holds one array many times holds one array."],
)
mistake(
    "per_sample_grads",
    "label_of_the_first",
    was=ONE,
    now="X[i : i + 1], y[:1]",
    says="Every sample is paired with the label of the first one.",
    hints=["Hand over two samples of different classes, in both orders.", "Samples and labels go together."],
)
mistake(
    "per_sample_grads",
    "always_single",
    was="return xp.stack(rows)",
    now="return xp.stack(rows).astype(np.float32)",
    says="The rows come back as float32, whatever the parameters were, and have lost half of their digits.",
    hints=["Call it with float64 arrays and look at the dtype.", "Nothing here needs a conversion."],
    seen="reader",
)
mistake(
    "per_sample_grads",
    "whole_numbers",
    was="return xp.stack(rows)",
    now="return xp.stack(rows).astype(int)",
    says="The rows are kept in an array of integers, which drops all that comes after the decimal point.",
    hints=["Print a row and its dtype.", "An array keeps the dtype that it was made with."],
    seen="reader",
)
mistake(
    "per_sample_grads",
    "one_long_row",
    was="return xp.stack(rows)",
    now="return xp.concatenate(rows)",
    says="All samples' gradients are laid end to end in one long row; each should have a row of its own.",
    hints=["Print the shape.", "The first axis counts samples."],
)


@mistake(
    "per_sample_grads",
    "relu_forgotten",
    says="The gradient passes the hidden layer as if there were no ReLU.",
    hints=[
        "Which hidden units of a sample are zero, and what is their part in the loss?",
        "Where a ReLU is zero, so is its slope.",
    ],
)
def relu_forgotten(params, X, y):
    hidden = xp.maximum(X @ params["W1"] + params["b1"], 0)
    logits = hidden @ params["W2"] + params["b2"]
    share = xp.exp(logits - logits.max(axis=1, keepdims=True))
    back = share / share.sum(axis=1, keepdims=True)
    back[xp.arange(len(X)), y] -= 1
    down = back @ params["W2"].T
    first, last = X[:, :, None] * down[:, None], hidden[:, :, None] * back[:, None]
    return xp.concatenate([part.reshape(len(X), -1) for part in (first, down, last, back)], axis=1)


@mistake(
    "per_sample_grads",
    "label_forgotten",
    says="The probabilities alone are sent back through the network; the label's one is not subtracted.",
    hints=[
        "Do two labels give two different rows?",
        "With respect to the logits the gradient is probability minus label.",
    ],
)
def label_forgotten(params, X, y):
    before = X @ params["W1"] + params["b1"]
    hidden = xp.maximum(before, 0)
    logits = hidden @ params["W2"] + params["b2"]
    share = xp.exp(logits - logits.max(axis=1, keepdims=True))
    back = share / share.sum(axis=1, keepdims=True)
    down = back @ params["W2"].T * (before > 0)
    first, last = X[:, :, None] * down[:, None], hidden[:, :, None] * back[:, None]
    return xp.concatenate([part.reshape(len(X), -1) for part in (first, down, last, back)], axis=1)


@mistake(
    "per_sample_grads",
    "classes_from_labels",
    says="The classes are counted by the largest label that occurs; a class without samples has a probability too.",
    hints=["Hand over samples of class 0 only.", "The parameters say how many classes there are."],
    seen="blind answer",
)
def classes_from_labels(params, X, y):
    before = X @ params["W1"] + params["b1"]
    hidden, C = xp.maximum(before, 0), int(y.max()) + 1
    logits = (hidden @ params["W2"] + params["b2"])[:, :C]
    share = xp.exp(logits - logits.max(axis=1, keepdims=True))
    back = xp.zeros((len(X), len(params["b2"])), dtype=X.dtype)
    back[:, :C] = share / share.sum(axis=1, keepdims=True)
    back[xp.arange(len(X)), y] -= 1
    down = back @ params["W2"].T * (before > 0)
    first, last = X[:, :, None] * down[:, None], hidden[:, :, None] * back[:, None]
    return xp.concatenate([part.reshape(len(X), -1) for part in (first, down, last, back)], axis=1)


# ---- Mistakes: grad_variance ---------------------------------------------------------------------------

SINGLE_ROW = "float(G.var(axis=0).sum())"
FACTOR = "(N - m) / max(N - 1, 1)"

mistake(
    "grad_variance",
    "deviation",
    was="return single / m * factor",
    now="return (single / m * factor) ** 0.5",
    says="The root is returned, a standard deviation; the variance is asked for.",
    hints=["By what does it fall when the batch is four times as large?", "A squared distance needs no root."],
    seen="syllabus 5.1; blei-lab/edward issue 722",
)
mistake(
    "grad_variance",
    "variance_of_lengths",
    was=SINGLE_ROW,
    now="float(((G**2).sum(axis=1) ** 0.5).var())",
    says="The variance of the rows' lengths is computed; two rows of equal length may still be far apart.",
    hints=["Try the rows (1, 0) and (-1, 0).", "The distance from the mean row counts, in all columns."],
    seen="syllabus 5.3",
)
mistake(
    "grad_variance",
    "factor_over_n",
    was=FACTOR,
    now="(N - m) / N",
    says="The finite-population factor has the wrong divisor for a variance that is divided by N.",
    hints=["What should the factor be for a batch of one?", "The factor is 1 at m = 1 and 0 at m = N."],
    seen="syllabus 5.4",
)
mistake(
    "grad_variance",
    "factor_inverted",
    was=FACTOR,
    now="max(N - 1, 1) / max(N - m, 1)",
    says="The finite-population factor is upside down: drawing without replacement should make the variance smaller.",
    hints=["Which scheme has the smaller variance?", "All rows without replacement leave no variance."],
    seen="syllabus 5.5",
)
mistake(
    "grad_variance",
    "schemes_swapped",
    was="1 if replace else",
    now="1 if not replace else",
    says="The two schemes are interchanged: the factor belongs to drawing without replacement.",
    hints=["Which scheme leaves no variance when m is N?", "Independent draws need no correction."],
    seen="syllabus 5.6",
)
mistake(
    "grad_variance",
    "factor_always",
    was="1 if replace else (N",
    now="(N",
    says="The finite-population factor is used with replacement too, where the draws are independent.",
    hints=["With replacement, what is the variance for m = N?", "Independent draws need no correction."],
    seen="syllabus 5.6",
)
mistake(
    "grad_variance",
    "factor_never",
    was="1 if replace else " + FACTOR,
    now="1",
    says="Without replacement the finite-population factor is missing.",
    hints=["What is the variance of a batch of all rows?", "Each draw tells something about the next."],
)
mistake(
    "grad_variance",
    "divided_by_n_minus_1",
    was=SINGLE_ROW,
    now="float(((G - G.mean(axis=0)) ** 2).sum()) / max(N - 1, 1)",
    says="The variance of single rows is divided by N - 1; the rows are the whole population.",
    hints=["Rows 0 and 2: is the variance 1 or 2?", "What is the divisor where nothing is estimated?"],
    seen="syllabus 5.7; pytorch/pytorch issue 50010",
)
mistake(
    "grad_variance",
    "columns_added_first",
    was=SINGLE_ROW,
    now="float(G.sum(axis=1).var())",
    says="The columns are added up before the variance is taken, so that they can cancel one another.",
    hints=["Try rows whose numbers add up to the same.", "First the variance of each column, then the sum."],
    seen="syllabus 5.9",
)
mistake(
    "grad_variance",
    "mean_over_columns",
    was="G.var(axis=0).sum()",
    now="G.var(axis=0).mean()",
    says="The columns' variances are averaged; the trace is their sum.",
    hints=["Add a column that never changes. Should the variance change?", "Squared distances add up."],
)
mistake(
    "grad_variance",
    "all_numbers_alike",
    was="G.var(axis=0).sum()",
    now="G.var()",
    says="All numbers of G are thrown together, as if the columns had one mean in common.",
    hints=["Try rows that are all the same but have unequal columns.", "Each column has a mean of its own."],
)
mistake(
    "grad_variance",
    "wrong_axis",
    was="G.var(axis=0)",
    now="G.var(axis=1)",
    says="The variance is taken along the parameters of a sample; it should be taken over the samples.",
    hints=["Try rows that are all the same.", "Which axis of G counts samples?"],
)
mistake(
    "grad_variance",
    "not_centred",
    was=SINGLE_ROW,
    now="float((G**2).mean(axis=0).sum())",
    says="The mean of the rows is not subtracted: this is their mean squared length.",
    hints=["Try rows that are all the same.", "The distance is measured from the mean row."],
)
mistake(
    "grad_variance",
    "largest_column",
    was="G.var(axis=0).sum()",
    now="G.var(axis=0).max()",
    says="Only the column with the largest variance counts; the trace is the sum over all.",
    hints=["Try two columns that vary equally.", "Squared distances add up."],
)
mistake(
    "grad_variance",
    "not_divided_by_n",
    was=SINGLE_ROW,
    now="float(((G - G.mean(axis=0)) ** 2).sum())",
    says="The squared distances of the rows are added up, but not averaged over the rows.",
    hints=["Let every row come twice. Should the variance double?", "Divide by the number of rows."],
)
mistake(
    "grad_variance",
    "m_ignored",
    was="single / m * factor",
    now="single * factor",
    says="The batch size does not divide the variance: this is that of a single row.",
    hints=["What should ten rows do to the variance?", "The mean of many scatters less than one."],
)
mistake(
    "grad_variance",
    "m_squared",
    was="single / m * factor",
    now="single / m**2 * factor",
    says="The variance falls with the square of the batch size, which is too fast.",
    hints=["Does twice the batch halve it?", "Variances of independent numbers add up; then divide by m twice."],
)
mistake(
    "grad_variance",
    "root_of_m",
    was="single / m * factor",
    now="single / m**0.5 * factor",
    says="The variance falls with the root of the batch size; that is how the error falls, not the variance.",
    hints=["Does twice the batch halve it?", "The error is the root of the variance."],
    seen="syllabus 3.1",
)
mistake(
    "grad_variance",
    "divided_by_rows",
    was="single / m * factor",
    now="single / N * factor",
    says="The variance is divided by the number of all rows, not by the batch size.",
    hints=["What is it for a batch of one?", "The draws are what is averaged."],
)
mistake(
    "grad_variance",
    "m_minus_1",
    was="single / m * factor",
    now="single / max(m - 1, 1) * factor",
    says="The variance is divided by one less than the batch size; nothing is estimated here.",
    hints=["Compare batches of one and of two, with replacement.", "The mean of m draws has 1/m of the variance."],
)
mistake(
    "grad_variance",
    "root_of_the_factor",
    was=FACTOR,
    now="((N - m) / max(N - 1, 1)) ** 0.5",
    says="The root of the finite-population factor is used; that corrects the error, not the variance.",
    hints=["For N = 3 and m = 2, list the three batches.", "Textbooks give the factor for deviations too."],
)
mistake(
    "grad_variance",
    "factor_n_plus_1",
    was=FACTOR,
    now="(N - m) / (N + 1)",
    says="The divisor of the finite-population factor is off; at m = 1 the factor should be 1.",
    hints=["What should the factor be for a batch of one?", "The factor is 1 at m = 1 and 0 at m = N."],
)
mistake(
    "grad_variance",
    "factor_one_early",
    was=FACTOR,
    now="max(N - m - 1, 0) / max(N - 2, 1)",
    says="The finite-population factor reaches zero one sample too early.",
    hints=["What is left when all rows but one are drawn?", "The factor is 1 at m = 1 and 0 at m = N."],
)
mistake(
    "grad_variance",
    "sampling_fraction",
    was=FACTOR,
    now="m / N",
    says="The share of rows that are drawn is used as the factor; it should grow smaller, not larger, with the batch.",
    hints=["What is the variance of a batch of all rows?", "The factor is 1 at m = 1 and 0 at m = N."],
)
mistake(
    "grad_variance",
    "a_column_each",
    was="return single / m * factor",
    now="return G.var(axis=0) / m * factor",
    says="A variance for each column comes back; one number, their sum, is asked for.",
    hints=["How many numbers come back?", "The trace is a sum."],
)
mistake(
    "grad_variance",
    "centres_in_place",
    was="N = len(G)",
    now="N = len(G)\n    G -= G.mean(axis=0)",
    says="The mean is subtracted inside the caller's array, which is changed by that.",
    hints=["Print G before and after the call.", "An operator with = in it writes into its array."],
)
mistake(
    "grad_variance",
    "all_rows_are_exact",
    was="return single / m * factor",
    now="return single / m * factor if m < N else 0",
    says="A batch as large as the data is taken to be exact; with replacement it still misses rows and repeats others.",
    hints=[
        "Draw twice from two rows, with replacement. Which batches can come?",
        "Only different rows use up the data.",
    ],
    seen="blind answer",
)
mistake(
    "grad_variance",
    "batch_cut_to_the_rows",
    was="return single / m * factor",
    now="return single / min(m, N) * factor",
    says="A batch larger than the data is cut to its size; with replacement every further draw counts.",
    hints=[
        "With replacement, what should twice the draws do, even beyond N?",
        "Draws are independent, however many there are.",
    ],
    seen="blind author",
)
mistake(
    "grad_variance",
    "one_row_not_a_number",
    was=FACTOR,
    now="(N - m) / (N - 1) if N > 1 else float('nan')",
    says="For a single row the finite-population factor is 0 over 0; the variance is 0 there.",
    hints=["Call it with one row, without replacement.", "What does the text say of N = 1?"],
    seen="blind author",
)
mistake(
    "grad_variance",
    "factor_never_zero",
    was=FACTOR,
    now="(N - m + 1) / N",
    says="The finite-population factor is not 0 when all rows are drawn: it is one sample late.",
    hints=["What is the variance of a batch of all rows?", "The factor is 1 at m = 1 and 0 at m = N."],
)
mistake(
    "grad_variance",
    "sample_variance_with_replacement",
    was="return single / m * factor",
    now="return single / m * (N / max(N - 1, 1) if replace else factor)",
    says="With replacement the variance of single rows is divided by N - 1; the rows are the whole population.",
    hints=[
        "With replacement, what is the variance of batches of one from the rows 0 and 2?",
        "Cochran's two formulas have two variances.",
    ],
    seen="blind answer",
)
mistake(
    "grad_variance",
    "of_the_sum",
    was="return single / m * factor",
    now="return single * m * factor",
    says="The variance of the rows' sum is computed; a batch's gradient is their mean.",
    hints=[
        "Should a larger batch be less certain, or more?",
        "Divide a sum by m, and its variance falls by the square of m.",
    ],
)
mistake(
    "grad_variance",
    "deviations_added",
    was=SINGLE_ROW,
    now="float(G.std(axis=0).sum())",
    says="Standard deviations are added up over the columns; variances add up, deviations do not.",
    hints=["Multiply all rows by ten: by what should the variance grow?", "The trace is a sum of variances."],
)
mistake(
    "grad_variance",
    "distances_not_squared",
    was=SINGLE_ROW,
    now="float((((G - G.mean(axis=0)) ** 2).sum(axis=1) ** 0.5).mean())",
    says="The rows' distances from the mean are averaged without being squared.",
    hints=["Multiply all rows by ten: by what should the variance grow?", "A variance is a mean of squares."],
)
mistake(
    "grad_variance",
    "columns_for_rows",
    was="N = len(G)",
    now="N = G.shape[1]",
    says="The number of columns stands where the number of rows belongs.",
    hints=["What do N and P count?", "The first axis of G counts samples."],
)
mistake(
    "grad_variance",
    "whole_division",
    was=FACTOR,
    now="(N - m) // max(N - 1, 1)",
    says="The finite-population factor is rounded down to a whole number.",
    hints=["Print the factor for a few batch sizes.", "Which of Python's two divisions keeps fractions?"],
)


@mistake(
    "grad_variance",
    "whole_matrix",
    says="A matrix of covariances comes back; one number, its trace, is asked for.",
    hints=["How many numbers come back?", "The trace is the sum along the diagonal."],
)
def whole_matrix(G, m, replace):
    N, off = len(G), G - G.mean(axis=0)
    return off.T @ off / N / m * (1 if replace else (N - m) / max(N - 1, 1))


@mistake(
    "grad_variance",
    "largest_direction",
    says="Only the direction of the largest variance counts, the largest eigenvalue; the trace is the sum of all.",
    hints=["Try two columns that vary equally and independently.", "Squared distances add up over all directions."],
)
def largest_direction(G, m, replace):
    N, off = len(G), G - G.mean(axis=0)
    single = float(xp.linalg.eigvalsh(off.T @ off / N)[-1])
    return single / m * (1 if replace else (N - m) / max(N - 1, 1))


# ---- Mistakes: mc_variance -----------------------------------------------------------------------------

DRAW = "idx = rng.integers(N, size=m) if replace else rng.permutation(N)[:m]"
OFF, SQUARE = "off = minibatch_grad(G, xp.asarray(idx)) - centre", "float((off**2).sum())"

mistake(
    "mc_variance",
    "schemes_swapped",
    was="if replace else rng.permutation(N)[:m]",
    now="if not replace else rng.permutation(N)[:m]",
    says="The two schemes are interchanged.",
    hints=["Draw batches of all rows, without replacement. What remains?", "Which draw may give a row twice?"],
)
mistake(
    "mc_variance",
    "always_replaced",
    was=" if replace else rng.permutation(N)[:m]",
    now="",
    says="Every batch is drawn with replacement, whatever is asked for.",
    hints=["Draw batches of all rows, without replacement. What remains?", "Which argument is never used?"],
)
mistake(
    "mc_variance",
    "never_replaced",
    was="rng.integers(N, size=m) if replace else ",
    now="",
    says="Every batch is drawn without replacement, whatever is asked for.",
    hints=["Draw batches of all rows, with replacement. Is 0 right?", "Which argument is never used?"],
)
mistake(
    "mc_variance",
    "not_centred",
    was=" - centre",
    now="",
    says="The mean of all rows is not subtracted: these are the gradients' own squared lengths.",
    hints=["Draw all rows without replacement. What should remain?", "Distance from what?"],
)
mistake(
    "mc_variance",
    "not_squared",
    was="total += " + SQUARE,
    now="total += float((off**2).sum()) ** 0.5",
    says="The result is a distance; a mean of squared distances is asked for, without a root on the way.",
    hints=["Two rows, 6 apart: each is 3 from the mean. What is the result?", "A variance is a mean of squares."],
    seen="syllabus 5.1",
)
mistake(
    "mc_variance",
    "not_averaged",
    was="return total / reps",
    now="return total",
    says="The squared distances are added up, but not averaged over the batches.",
    hints=["Does it double with the number of batches?", "Divide by the number of batches."],
)
mistake(
    "mc_variance",
    "reps_minus_1",
    was="return total / reps",
    now="return total / max(reps - 1, 1)",
    says="The sum is divided by one less than the number of batches, though the mean is known and not estimated.",
    hints=[
        "Two rows, batches of one: what does each try give, and what their mean?",
        "What is the divisor, says the text?",
    ],
    seen="syllabus 5.7",
)
mistake(
    "mc_variance",
    "mean_over_columns",
    was="(off**2).sum()",
    now="(off**2).mean()",
    says="The squares are averaged over the columns; a squared distance is their sum.",
    hints=["Add a column that never changes. Should the variance change?", "Pythagoras adds."],
)
mistake(
    "mc_variance",
    "columns_added_first",
    was="(off**2).sum()",
    now="off.sum() ** 2",
    says="The columns are added up before squaring, so that they can cancel one another.",
    hints=["Try rows whose numbers add up to the same.", "First the squares, then the sum."],
    seen="syllabus 5.9",
)
mistake(
    "mc_variance",
    "divided_by_m_again",
    was="return total / reps",
    now="return total / reps / m",
    says="The result is divided by the batch size once more; the batches have done that already.",
    hints=["With replacement, does twice the batch halve it?", "Nothing is left to scale."],
)
mistake(
    "mc_variance",
    "scaled_back_to_one",
    was="return total / reps",
    now="return total / reps * m",
    says="The result is multiplied by the batch size: that is the variance of a single row.",
    hints=["With replacement, does twice the batch halve it?", "Nothing is left to scale."],
)
mistake(
    "mc_variance",
    "m_ignored",
    was="size=m) if replace else rng.permutation(N)[:m]",
    now="size=1) if replace else rng.permutation(N)[:1]",
    says="Each batch has a single row, whatever the batch size.",
    hints=["Draw all rows without replacement. What should remain?", "Which argument is never used?"],
)
mistake(
    "mc_variance",
    "one_try_less",
    was="range(reps)",
    now="range(1, reps)",
    says="One batch less is drawn than asked for.",
    hints=["What comes back for a single batch?", "How often does the loop run?"],
    seen="feedback starter bank",
)
mistake(
    "mc_variance",
    "one_try_more",
    was="range(reps)",
    now="range(reps + 1)",
    says="One batch more is drawn than asked for.",
    hints=["Two rows, batches of one: what does a single try give?", "How often does the loop run?"],
)
mistake(
    "mc_variance",
    "variance_of_lengths",
    was="total += " + SQUARE,
    now="total += float(((off + centre) ** 2).sum() ** 0.5 - (centre**2).sum() ** 0.5) ** 2",
    says="Only the gradients' lengths are compared, so that a wrong direction costs nothing.",
    hints=["Try the rows (1, 0) and (-1, 0).", "The distance between two vectors is not that of their lengths."],
    seen="syllabus 5.3",
)
mistake(
    "mc_variance",
    "leading_rows",
    was="rng.integers(N, size=m) if replace else rng.permutation(N)[:m]",
    now="rng.integers(m, size=m) if replace else rng.permutation(m)",
    says="Batches are drawn from the first rows only; every row should have the same chance.",
    hints=["With m = 1, which rows can come?", "From how many rows is drawn?"],
)
mistake(
    "mc_variance",
    "last_row_never",
    was="rng.integers(N, size=m) if replace else rng.permutation(N)[:m]",
    now="rng.integers(max(N - 1, 1), size=m) if replace else rng.permutation(N)[:m]",
    says="With replacement the last row is never drawn.",
    hints=["Two rows, batches of one: can both come?", "The upper end is not included already."],
)
mistake(
    "mc_variance",
    "a_window",
    was="rng.permutation(N)[:m]",
    now="int(rng.integers(N - m + 1)) + np.arange(m)",
    says="Without replacement the batch is a window of neighbouring rows; every choice should be equally likely.",
    hints=["Can rows 0 and N - 1 be in one batch of two?", "A random start makes no random choice."],
    seen="feedback starter bank",
)
mistake(
    "mc_variance",
    "repeats_dropped",
    was="rng.permutation(N)[:m]",
    now="np.unique(rng.integers(N, size=m))",
    says="Without replacement rows that came twice are dropped, so that batches are smaller than they should be.",
    hints=["Print the number of rows in each batch.", "Which method of rng draws different rows?"],
)
mistake(
    "mc_variance",
    "not_from_rng",
    named=False,
    was=DRAW,
    now="idx = np.random.randint(N, size=m) if replace else np.random.permutation(N)[:m]",
    says="The batches do not come from the given generator.",
    hints=["Call it twice with equal seeds.", "rng is the only source of randomness."],
    seen="syllabus 3.3",
)
mistake(
    "mc_variance",
    "same_seed_each_time",
    was="N, centre, total = len(G), G.mean(axis=0), 0.0",
    now="N, centre, total, rng = len(G), G.mean(axis=0), 0.0, np.random.default_rng(0)",
    says="A generator of fixed seed takes the place of the given one, so that every call draws the same batches.",
    hints=["Call it with two different generators.", "rng is the only source of randomness."],
    seen="syllabus 3.4",
)
mistake(
    "mc_variance",
    "centres_in_place",
    was="N, centre, total = len(G), G.mean(axis=0), 0.0",
    now="N, centre, total = len(G), 0.0, 0.0\n    G -= G.mean(axis=0)",
    says="The mean is subtracted inside the caller's array, which is changed by that.",
    hints=["Print G before and after the call.", "An operator with = in it writes into its array."],
)
equivalent(
    "mc_variance",
    "divided_by_m_again",
    "scaled_back_to_one",
    why="the one divides by the batch size, the other multiplies by it",
)


@mistake(
    "mc_variance",
    "one_batch_for_all",
    says="Only one batch is drawn, however many are asked for; each repetition needs a batch of its own.",
    hints=["Does the result change with the number of batches?", "What stands inside the loop, and what before it?"],
    seen="syllabus 5.13; pytorch/pytorch issue 5059",
)
def one_batch_for_all(G, m, reps, replace, rng):
    N, total = len(G), 0.0
    idx = rng.integers(N, size=m) if replace else rng.permutation(N)[:m]
    for _ in range(reps):
        total += float(((minibatch_grad(G, xp.asarray(idx)) - G.mean(axis=0)) ** 2).sum())
    return total / reps


@mistake(
    "mc_variance",
    "around_its_own_mean",
    says="Distances are measured from the mean of the drawn batches, not from the known mean of all rows.",
    hints=["What comes back for a single batch?", "Nothing is to be estimated where it is known."],
)
def around_its_own_mean(G, m, reps, replace, rng):
    N, drawn = len(G), []
    for _ in range(reps):
        idx = rng.integers(N, size=m) if replace else rng.permutation(N)[:m]
        drawn.append(minibatch_grad(G, xp.asarray(idx)))
    return float(xp.stack(drawn).var(axis=0).sum())


mistake(
    "mc_variance",
    "rows_before_the_mean",
    was="total += " + SQUARE,
    now="total += float(((G[xp.asarray(idx)] - centre) ** 2).sum()) / m",
    says="The squared distances of the batch's single rows are averaged; that of their mean is asked for.",
    hints=["Draw all rows without replacement. What should remain?", "First the batch's gradient, then its distance."],
)
mistake(
    "mc_variance",
    "never_replaced_choice",
    was=DRAW,
    now="idx = rng.choice(N, size=m, replace=False)",
    says="Every batch is drawn without replacement, whatever is asked for; there are not always rows enough for that.",
    hints=["Draw batches of all rows, with replacement. Is 0 right?", "Which argument is never used?"],
)
mistake(
    "mc_variance",
    "schemes_swapped_choice",
    was=DRAW,
    now="idx = rng.choice(N, size=m, replace=not replace)",
    says="The two schemes are interchanged; without replacement there are not always rows enough.",
    hints=["Draw batches of all rows, without replacement. What remains?", "Which draw may give a row twice?"],
    seen="reader",
)
mistake(
    "mc_variance",
    "around_the_batch",
    was="total += " + SQUARE,
    now="total += float(G[xp.asarray(idx)].var(axis=0).sum())",
    says="The scatter inside each batch is computed, around the batch's own mean.",
    hints=["What comes back for batches of one?", "The distance is from the batch's mean to that of all rows."],
)
mistake(
    "mc_variance",
    "shuffles_the_rows",
    was=DRAW,
    now="idx = rng.integers(N, size=m) if replace else np.arange(m)\n"
    "        if not replace:\n            rng.shuffle(G)",
    says="Without replacement the rows of the caller's own array are shuffled.",
    hints=["Print G before and after the call.", "Shuffle row numbers, not rows."],
    seen="blind answer",
)
mistake(
    "mc_variance",
    "reps_minus_1_bare",
    was="return total / reps",
    now="return total / (reps - 1) if reps > 1 else float('inf')",
    says="The sum is divided by one less than the number of batches, which is zero for a single one.",
    hints=[
        "What comes back for a single batch?",
        "The mean is known and not estimated: what is the divisor, says the text?",
    ],
    seen="reader",
)


@mistake(
    "mc_variance",
    "averaged_before_squaring",
    says="The batches' gradients are averaged before the distance is squared: that is the bias, which tends to zero.",
    hints=["Does the result shrink with the number of batches?", "First the square of each distance, then their mean."],
)
def averaged_before_squaring(G, m, reps, replace, rng):
    N, total = len(G), 0.0
    for _ in range(reps):
        idx = rng.integers(N, size=m) if replace else rng.permutation(N)[:m]
        total = total + minibatch_grad(G, xp.asarray(idx)) - G.mean(axis=0)
    return float(((total / reps) ** 2).sum())


# ---- Mistakes: b_simple --------------------------------------------------------------------------------

RATIO = "return float(G.var(axis=0).sum() / (mean**2).sum())"

mistake(
    "b_simple",
    "inverted",
    was=RATIO,
    now="noise, signal = float(G.var(axis=0).sum()), float((mean**2).sum())\n"
    "    return signal / noise if noise > 1e-12 * signal else 0",
    says="The ratio is upside down: signal over noise.",
    hints=["Noisier gradients: should the noise scale rise or fall?", "Noise is what is divided."],
    seen="syllabus 5.10",
)
mistake(
    "b_simple",
    "divided_by_n_minus_1",
    was="G.var(axis=0).sum()",
    now="((G - mean) ** 2).sum() / max(len(G) - 1, 1)",
    says="The variance is divided by N - 1; the rows are the whole population.",
    hints=["Let every row come twice. Should the noise scale change?", "What is the divisor, says the text?"],
    seen="syllabus 5.7; pytorch/pytorch issue 50010",
)
mistake(
    "b_simple",
    "root",
    was=RATIO,
    now="return float(G.var(axis=0).sum() / (mean**2).sum()) ** 0.5",
    says="A root is taken: that compares lengths, and the noise scale compares squares.",
    hints=["At which batch size is the variance equal to the squared mean?", "Both parts are squares."],
)
mistake(
    "b_simple",
    "length_not_squared",
    was="(mean**2).sum()",
    now="(mean**2).sum() ** 0.5",
    says="The noise is divided by the gradient's length; its square belongs there.",
    hints=["Multiply all gradients by ten. Should the result change?", "A ratio of like things has no units."],
)
mistake(
    "b_simple",
    "mean_squared_rows",
    was="(mean**2).sum()",
    now="(G**2).sum(axis=1).mean()",
    says="The signal is taken as the mean squared length of the rows, which contains the noise.",
    hints=["Which is longer, the mean row or the rows on average?", "First the mean, then its length."],
)
mistake(
    "b_simple",
    "not_centred",
    was="G.var(axis=0).sum()",
    now="(G**2).mean(axis=0).sum()",
    says="The mean is not subtracted from the rows: the noise contains the signal.",
    hints=["Try rows that are all the same.", "Noise is what differs from the mean."],
)
mistake(
    "b_simple",
    "ratio_by_column",
    was="(G.var(axis=0).sum() / (mean**2).sum())",
    now="((G.var(axis=0) / mean**2).sum())",
    says="A ratio is taken for each column, and the ratios are added up; sum noise and signal first.",
    hints=["Try a column whose mean is nearly 0.", "One ratio, of two sums."],
)
mistake(
    "b_simple",
    "mean_of_column_ratios",
    was="(G.var(axis=0).sum() / (mean**2).sum())",
    now="((G.var(axis=0) / mean**2).mean())",
    says="A ratio is taken for each column, and the ratios are averaged; sum noise and signal first.",
    hints=["Try a column whose mean is nearly 0.", "One ratio, of two sums."],
)
mistake(
    "b_simple",
    "mean_over_columns",
    was="G.var(axis=0).sum()",
    now="G.var(axis=0).mean()",
    says="The columns' variances are averaged, while the squares of the mean are added up.",
    hints=["Let every column come twice. Should the result change?", "Treat noise and signal alike."],
)
mistake(
    "b_simple",
    "divided_by_rows",
    was="G.var(axis=0).sum() /",
    now="G.var(axis=0).sum() / len(G) /",
    says="The noise is divided by the number of rows once more.",
    hints=["Let every row come twice. Should the noise scale change?", "It belongs to a single sample."],
)
mistake(
    "b_simple",
    "not_averaged",
    was="G.var(axis=0).sum()",
    now="((G - mean) ** 2).sum()",
    says="The squared distances are added up over the rows, but not averaged.",
    hints=["Let every row come twice. Should the noise scale change?", "A variance is a mean."],
)
mistake(
    "b_simple",
    "sum_for_mean",
    was="mean = G.mean(axis=0)",
    now="mean = G.sum(axis=0)",
    says="The sum of the rows is taken for the signal; their mean is asked for.",
    hints=["Let every row come twice. Should the noise scale change?", "The full gradient is a mean."],
)
mistake(
    "b_simple",
    "columns_added_first",
    was="(G.var(axis=0).sum() / (mean**2).sum())",
    now="(G.sum(axis=1).var() / mean.sum() ** 2)",
    says="The columns are added up first, so that they can cancel one another.",
    hints=["Try rows whose numbers add up to the same.", "Squares first, then the sum over the columns."],
    seen="syllabus 5.9",
)
mistake(
    "b_simple",
    "variance_of_lengths",
    was="G.var(axis=0).sum()",
    now="((G**2).sum(axis=1) ** 0.5).var()",
    says="The noise is taken as the variance of the rows' lengths, which misses their directions.",
    hints=["Try the rows (1, 0) and (0, 1).", "The distance from the mean row counts."],
    seen="syllabus 5.3",
)
mistake(
    "b_simple",
    "signal_corrected",
    was="(mean**2).sum()",
    now="((mean**2).sum() - G.var(axis=0).sum() / len(G))",
    says="The noise of the mean itself is subtracted from the signal; here nothing is to be corrected.",
    hints=["Are the rows a sample, or all there is?", "Let every row come twice. Should the noise scale change?"],
)
mistake(
    "b_simple",
    "first_row",
    was="mean = G.mean(axis=0)",
    now="mean = G[0]",
    says="The first row is taken for the full gradient; that is the mean of all rows.",
    hints=["Change the order of the rows. Should the result change?", "Which vector is the signal?"],
)
mistake(
    "b_simple",
    "centres_in_place",
    was="mean = G.mean(axis=0)",
    now="mean = G.mean(axis=0)\n    G -= mean",
    says="The mean is subtracted inside the caller's array, which is changed by that.",
    hints=["Print G before and after the call.", "An operator with = in it writes into its array."],
)
mistake(
    "b_simple",
    "wrong_axis",
    was="G.var(axis=0)",
    now="G.var(axis=1)",
    says="The variance is taken along the parameters of a sample; it should be taken over the samples.",
    hints=["Try rows that are all the same.", "Which axis of G counts samples?"],
)

equivalent("b_simple", "divided_by_rows", "not_averaged", why="a sum over the rows, divided by their number, is a mean")
mistake(
    "b_simple",
    "epsilon_12",
    was="(mean**2).sum()",
    now="((mean**2).sum() + 1e-12)",
    says="A small constant is added below the line; where gradients are small it is not small.",
    hints=[
        "Make all gradients a million times smaller. Should the result change?",
        "The mean is not 0, so nothing needs protection.",
    ],
    seen="blind answer",
)
mistake(
    "b_simple",
    "epsilon_8",
    was="(mean**2).sum()",
    now="((mean**2).sum() + 1e-8)",
    says="A small constant is added below the line, which changes the result in the last digits or altogether.",
    hints=[
        "Make all gradients a million times smaller. Should the result change?",
        "The mean is not 0, so nothing needs protection.",
    ],
    seen="blind answer",
)
mistake(
    "b_simple",
    "signal_mean_over_columns",
    was="(mean**2).sum()",
    now="(mean**2).mean()",
    says="The squares of the mean gradient are averaged over the columns, while the variances are added up.",
    hints=["Let every column come twice. Should the result change?", "Treat noise and signal alike."],
)
mistake(
    "b_simple",
    "signal_columns_added",
    was="(mean**2).sum()",
    now="mean.sum() ** 2",
    says="The columns of the mean gradient are added up before squaring, so that they can cancel one another.",
    hints=["Try a mean gradient whose numbers add up to 0.", "First the squares, then the sum."],
)
mistake(
    "b_simple",
    "noise_root",
    was="G.var(axis=0).sum()",
    now="G.var(axis=0).sum() ** 0.5",
    says="The noise is a standard deviation, while the signal is a square.",
    hints=["Multiply all gradients by ten. Should the result change?", "Both parts are squares."],
)
mistake(
    "b_simple",
    "deviations_added",
    was="G.var(axis=0).sum()",
    now="G.std(axis=0).sum()",
    says="Standard deviations are added up over the columns; the trace is the sum of the variances.",
    hints=["Multiply all gradients by ten. Should the result change?", "Variances add up, deviations do not."],
)
mistake(
    "b_simple",
    "mean_length_squared",
    was="(mean**2).sum()",
    now="((G**2).sum(axis=1) ** 0.5).mean() ** 2",
    says="The signal is taken from the mean length of the rows; it is the length of the mean row.",
    hints=["Which is longer, the mean row or the rows on average?", "First the mean, then its length."],
)
mistake(
    "b_simple",
    "all_numbers_alike",
    was="G.var(axis=0).sum()",
    now="G.var()",
    says="All numbers of G are thrown together, as if the columns had one mean in common.",
    hints=["Try rows that are all the same but have unequal columns.", "Each column has a mean of its own."],
)
mistake(
    "b_simple",
    "unbiased_estimates",
    was=RATIO,
    now="S = ((G - mean) ** 2).sum() / max(len(G) - 1, 1)\n    return float(S / ((mean**2).sum() - S / len(G)))",
    says="Noise and signal are both corrected as if the rows were a sample; they are the whole population.",
    hints=[
        "Let every row come twice. Should the noise scale change?",
        "Nothing is estimated here, so nothing is corrected.",
    ],
)
equivalent("b_simple", "mean_over_columns", "signal_mean_over_columns", why="both parts are divided by the columns")


# ---- Mistakes: noise_moments ---------------------------------------------------------------------------

MEANS = "small, big = float(g_small2.mean()), float(g_big2.mean())"
SIGNAL = "G2 = (m_big * big - m_small * small) / (m_big - m_small)"
NOISE = "S = (small - big) / (1 / m_small - 1 / m_big)"

mistake(
    "noise_moments",
    "order_of_the_two",
    was="return G2, S",
    now="return S, G2",
    says="The two numbers come back in the wrong order: the signal is asked for first.",
    hints=["If all rows were the same, which of your two numbers would be 0?", "Read what is returned."],
)
mistake(
    "noise_moments",
    "weights_swapped",
    was="(m_big * big - m_small * small)",
    now="(m_big * small - m_small * big)",
    says="For the signal each mean is weighted with the other batch size.",
    hints=["Put G2 + S/m in for both means. What remains?", "The larger batch counts more."],
)
mistake(
    "noise_moments",
    "sum_of_sizes",
    was="/ (m_big - m_small)",
    now="/ (m_big + m_small)",
    says="The signal is divided by the sum of the batch sizes; it should be their difference.",
    hints=["Without noise both means are G2. What comes out?", "Put G2 + S/m in for both means."],
)
mistake(
    "noise_moments",
    "signal_not_divided",
    was=" / (m_big - m_small)",
    now="",
    says="The signal is not divided by the difference of the batch sizes.",
    hints=["Without noise both means are G2. What comes out?", "Solve the two equations to the end."],
)
mistake(
    "noise_moments",
    "sign_of_the_noise",
    was="(small - big) /",
    now="(big - small) /",
    says="The noise has the wrong sign: it is the small batches whose gradients are longer.",
    hints=["Which mean should be larger?", "A variance should be positive on average."],
)
mistake(
    "noise_moments",
    "difference_of_sizes",
    was="(1 / m_small - 1 / m_big)",
    now="(m_big - m_small)",
    says="The noise is divided by the difference of the batch sizes; that of their reciprocals belongs there.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "noise_not_divided",
    was=" / (1 / m_small - 1 / m_big)",
    now="",
    says="The difference of the two means is returned as the noise; a factor from the batch sizes is missing.",
    hints=["Subtract the two equations. What stands beside S?", "Try batch sizes 1 and 2."],
)
mistake(
    "noise_moments",
    "noise_times_reciprocals",
    was="(small - big) / (1",
    now="(small - big) * (1",
    says="The difference of the means is multiplied where it should be divided.",
    hints=["Subtract the two equations and solve for S.", "Try batch sizes 1 and 2."],
)
mistake(
    "noise_moments",
    "noise_of_the_small_batch",
    was="1 / m_small - 1 / m_big",
    now="1 - m_small / m_big",
    says="The noise is that of a small batch; the variance of a single sample is asked for.",
    hints=["Try small batches of one, then of two.", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "big_batch_alone",
    was=SIGNAL,
    now="G2 = big",
    says="The big batches' mean squared length is taken for the signal; some noise is still in it.",
    hints=["Put G2 + S/m in for that mean. What is too much?", "A big batch is not infinite."],
)
mistake(
    "noise_moments",
    "noise_added_back",
    was=SIGNAL,
    now="G2 = big + (small - big) / (1 / m_small - 1 / m_big) / m_big",
    says="The noise of the big batches is added to their squared length; it should be taken away.",
    hints=["Is the signal larger or smaller than the mean squared length?", "Solve the equation for G2."],
)
mistake(
    "noise_moments",
    "summed",
    was=MEANS,
    now="small, big = float(g_small2.sum()), float(g_big2.sum())",
    says="The squared lengths are added up over the batches; their means are asked for.",
    hints=["Let every batch come twice. Should the result change?", "The equations are about averages."],
)
mistake(
    "noise_moments",
    "median",
    was=MEANS,
    now="small, big = float(xp.median(g_small2)), float(xp.median(g_big2))",
    says="Medians of the squared lengths are used; the equations hold for means.",
    hints=["Is a median of a sum the sum of medians?", "Only means are right on average."],
)
mistake(
    "noise_moments",
    "clipped",
    was="return G2, S",
    now="return max(G2, 0), max(S, 0)",
    says="Estimates below zero are cut off, so that the rest is no longer right on average.",
    hints=["Average many estimates of a small signal. Is the mean right?", "Read what is said of negative ones."],
)
mistake(
    "noise_moments",
    "made_positive",
    was="return G2, S",
    now="return abs(G2), abs(S)",
    says="Estimates below zero lose their sign, so that the mean of many is too large.",
    hints=["Average many estimates of a small signal. Is the mean right?", "Read what is said of negative ones."],
)
mistake(
    "noise_moments",
    "squared_again",
    was=MEANS,
    now="small, big = float((g_small2**2).mean()), float((g_big2**2).mean())",
    says="The squared lengths are squared once more.",
    hints=["What do the two arrays hold already?", "Multiply all gradients by ten: by what should G2 grow?"],
)
mistake(
    "noise_moments",
    "mean_length_squared",
    was=MEANS,
    now="small, big = float((g_small2**0.5).mean()) ** 2, float((g_big2**0.5).mean()) ** 2",
    says="Lengths are averaged and then squared; the squares are to be averaged.",
    hints=["Try the squared lengths 1 and 9.", "The square of a mean is not the mean of squares."],
)
mistake(
    "noise_moments",
    "first_batch_only",
    was=MEANS,
    now="small, big = float(g_small2[0]), float(g_big2[0])",
    says="Only the first batch of each size is used.",
    hints=["Change the second entry. Does anything happen?", "Average over all batches."],
)
mistake(
    "noise_moments",
    "cut_to_pairs",
    was=MEANS,
    now="few = min(len(g_small2), len(g_big2))\n"
    "    small, big = float(g_small2[:few].mean()), float(g_big2[:few].mean())",
    says="The longer array is cut to the length of the shorter one; all batches count.",
    hints=["Hand over five small batches and three big ones.", "Each array has a mean of its own."],
)
mistake(
    "noise_moments",
    "sizes_swapped",
    was=MEANS,
    now=MEANS + "\n    m_small, m_big = m_big, m_small",
    says="The two batch sizes are interchanged.",
    hints=["Which of them divides the noise of the small batches?", "Try batch sizes 1 and 100."],
)
mistake(
    "noise_moments",
    "noise_scale_returned",
    was="return G2, S",
    now="return G2, S / G2",
    says="The second number is divided by the first: the noise itself is asked for.",
    hints=["Multiply all gradients by ten: by what should S grow?", "The ratio is for later."],
)
mistake(
    "noise_moments",
    "small_batch_is_one",
    was=NOISE,
    now="S = (small - big) / (1 - 1 / m_big)",
    says="The noise is right for small batches of one sample only.",
    hints=["Try small batches of two.", "An argument that is not used in a formula is suspicious."],
    seen="syllabus 2.7",
)


@mistake(
    "noise_moments",
    "mean_of_ratios",
    says="Noise is computed from the mean of single ratios; ratios of single estimates are not right on average.",
    hints=["What does a ratio do where its denominator is near 0?", "Average noise and signal, each for itself."],
    seen="syllabus 5.11; kingoflolz/mesh-transformer-jax pull request 82",
)
def mean_of_ratios(g_small2, g_big2, m_small, m_big):
    signal, ratios = [], []
    for small, big in zip(g_small2, g_big2, strict=False):
        G2 = (m_big * big - m_small * small) / (m_big - m_small)
        signal.append(G2)
        ratios.append((small - big) / (1 / m_small - 1 / m_big) / G2)
    mean = sum(signal) / len(signal)
    return float(mean), float(mean * sum(ratios) / len(ratios))


mistake(
    "noise_moments",
    "signal_clipped",
    was="return G2, S",
    now="return max(G2, 0), S",
    says="A signal that comes out negative is set to zero, so that the mean of many is too large.",
    hints=["Average many estimates of a small signal. Is the mean right?", "Read what is said of negative ones."],
    seen="reader",
)
mistake(
    "noise_moments",
    "noise_clipped",
    was="return G2, S",
    now="return G2, max(S, 0)",
    says="Noise that comes out negative is set to zero, so that the mean of many is too large.",
    hints=["Average many estimates of little noise. Is the mean right?", "Read what is said of negative ones."],
)
mistake(
    "noise_moments",
    "noise_clipped_first",
    was="return G2, S",
    now="S = max(S, 0)\n    return big - S / m_big, S",
    says="Negative noise is set to zero before the signal is computed from it, so that neither is right on average.",
    hints=["Average many estimates of little noise. Is the mean right?", "Read what is said of negative ones."],
)
mistake(
    "noise_moments",
    "refitted",
    was="return G2, S",
    now="if S < 0:\n        return big, 0\n    return (G2, S) if G2 >= 0 else (0, small * m_small)",
    says="Where an estimate is negative another formula takes over, so that neither is right on average.",
    hints=["Hand over means for which the noise comes out negative.", "Read what is said of negative ones."],
    seen="blind answer",
)
mistake(
    "noise_moments",
    "sign_of_the_signal",
    was="(m_big * big - m_small * small)",
    now="(m_small * small - m_big * big)",
    says="The signal has the wrong sign.",
    hints=["Without noise both means are G2. What comes out?", "Which of the two products is larger?"],
    seen="reader",
)
mistake(
    "noise_moments",
    "reciprocals_added",
    was="(1 / m_small - 1 / m_big)",
    now="(1 / m_small + 1 / m_big)",
    says="The reciprocals of the batch sizes are added; where the equations are subtracted, so are they.",
    hints=[
        "Subtract the two equations. What stands beside S?",
        "Try equal batch sizes: what should happen to the noise?",
    ],
)
mistake(
    "noise_moments",
    "noise_of_the_big_batch",
    was="(1 / m_small - 1 / m_big)",
    now="(m_big / m_small - 1)",
    says="The noise is that of a big batch; the variance of a single sample is asked for.",
    hints=["Put G2 + S/m in for both means. What comes out?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "times_difference_of_sizes",
    was="/ (1 / m_small - 1 / m_big)",
    now="* (m_big - m_small)",
    says="The difference of the means is multiplied by that of the batch sizes; the reciprocals are what matters.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "big_batch_without_noise",
    was=NOISE,
    now="S = (small - big) * m_small",
    says="The noise is computed as if the big batches had none.",
    hints=["Put G2 + S/m in for both means. What comes out?", "A big batch is not infinite."],
)
mistake(
    "noise_moments",
    "big_batch_is_exact",
    was="return G2, S",
    now="return big, (small - big) * m_small",
    says="The big batches are taken to be free of noise, for the signal as for the noise.",
    hints=["Put G2 + S/m in for both means. What comes out?", "A big batch is not infinite."],
    seen="reader",
)
mistake(
    "noise_moments",
    "whole_noise_subtracted",
    was=SIGNAL,
    now="G2 = big - (small - big) / (1 / m_small - 1 / m_big)",
    says="A single sample's noise is subtracted from the big batches' squared length; theirs is smaller.",
    hints=["Put G2 + S/m in for that mean. What is too much?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "noise_of_the_other_size",
    was=SIGNAL,
    now="G2 = big - (small - big) / (1 / m_small - 1 / m_big) / m_small",
    says="The small batches' noise is subtracted from the big batches' squared length; each size has its own.",
    hints=["Put G2 + S/m in for that mean. What is too much?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "lengths_averaged",
    was=MEANS,
    now="small, big = float((g_small2**0.5).mean()), float((g_big2**0.5).mean())",
    says="Roots are taken first: the equations hold for squared lengths.",
    hints=["Multiply all gradients by ten: by what should G2 grow?", "What do the two arrays hold already?"],
)
mistake(
    "noise_moments",
    "ratio_alone",
    was="return G2, S",
    now="return S / G2",
    says="Only the ratio comes back; signal and noise are asked for, each for itself.",
    hints=["How many numbers come back?", "The ratio is for later."],
)
mistake(
    "noise_moments",
    "whole_ratio",
    was=MEANS,
    now=MEANS + "\n    m_small, m_big = m_small, m_small * (m_big // m_small)",
    says="The big batch is taken for a whole number of small ones.",
    hints=["Try the batch sizes 2 and 5.", "Nothing makes the sizes multiples of one another."],
    seen="blind author",
)
mistake(
    "noise_moments",
    "both_from_reciprocals_added",
    was=SIGNAL + "\n    " + NOISE,
    now="S = (small - big) / (1 / m_small + 1 / m_big)\n    G2 = big - S / m_big",
    says="For the noise the sizes' reciprocals are added, not subtracted; the signal is computed from that noise.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "both_from_difference_of_sizes",
    was=SIGNAL + "\n    " + NOISE,
    now="S = (small - big) / (m_big - m_small)\n    G2 = big - S / m_big",
    says="The noise is divided by the difference of the batch sizes; the signal is computed from that noise.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "both_from_sign",
    was=SIGNAL + "\n    " + NOISE,
    now="S = (big - small) / (1 / m_small - 1 / m_big)\n    G2 = big - S / m_big",
    says="The noise has the wrong sign, and with it the signal that is computed from it.",
    hints=["Which mean should be larger?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "both_from_noise_not_divided",
    was=SIGNAL + "\n    " + NOISE,
    now="S = small - big\n    G2 = big - S / m_big",
    says="The difference of the means is taken for the noise, and the signal is computed from that.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "both_from_big_batch_without_noise",
    was=SIGNAL + "\n    " + NOISE,
    now="S = (small - big) * m_small\n    G2 = big - S / m_big",
    says="The noise is computed as if the big batches had none, and the signal from that noise.",
    hints=["Put G2 + S/m in for both means. What comes out?", "Noise is S divided by m."],
)
mistake(
    "noise_moments",
    "both_from_difference_times_sizes",
    was=SIGNAL + "\n    " + NOISE,
    now="S = (small - big) * (m_big - m_small)\n    G2 = big - S / m_big",
    says="The difference of the means is multiplied by that of the sizes; the signal is computed from that noise.",
    hints=["Subtract the two equations. What stands beside S?", "Noise is S divided by m."],
)


@mistake(
    "noise_moments",
    "clipped_pair_by_pair",
    says="Estimates are made pair by pair, and negative noise is cut off in each before they are averaged.",
    hints=["Average many estimates of little noise. Is the mean right?", "Average first; every batch counts."],
    seen="blind answer",
)
def clipped_pair_by_pair(g_small2, g_big2, m_small, m_big):
    signal, noise = [], []
    for small, big in zip(g_small2, g_big2, strict=False):
        signal.append((m_big * big - m_small * small) / (m_big - m_small))
        noise.append(max((small - big) / (1 / m_small - 1 / m_big), 0.0))
    return float(sum(signal) / len(signal)), float(sum(noise) / len(noise))


# ---- Mistakes: experiment ------------------------------------------------------------------------------

mistake(
    "experiment",
    "schemes_swapped",
    was="for each in (True, False)",
    now="for each in (False, True)",
    says="The first row is without replacement; it should be with replacement.",
    hints=["Which row falls as a straight line?", "Row 0 is with replacement."],
)
mistake(
    "experiment",
    "law_for_both",
    was="measured.append([mc_variance(G, m, REPS, each, rng) for m, rng in tries])",
    now="measured.append(law[-1])",
    says="The law stands where the tries should: nothing was drawn.",
    hints=["Which of your functions draws batches?", "A law is checked by something else."],
)
mistake(
    "experiment",
    "tries_for_both",
    was="[grad_variance(G, m, each) for m in SIZES]",
    now="[mc_variance(G, m, REPS, each, np.random.default_rng([seed, m])) for m in SIZES]",
    says="The law's entry was drawn by chance; it is to be computed.",
    hints=["Which of your functions needs no generator?", "Row 0 of the law falls exactly as 1/m."],
)
mistake(
    "experiment",
    "trained_network",
    was="paths[0][0]",
    now="paths[0][-1]",
    says="The gradients for the law are those at the end of training; the start is asked for.",
    hints=["Compare your law at m = 1 with the noise scale at the start.", "Which checkpoint comes first?"],
)
mistake(
    "experiment",
    "wide_network",
    was="paths[0][0]",
    now="paths[1][0]",
    says="The gradients for the law are those of the wide network; the narrow one is asked for.",
    hints=["How many columns should G have?", "Which of WIDTHS comes first?"],
)
mistake(
    "experiment",
    "widths_reversed",
    was="for path in paths:",
    now="for path in paths[::-1]:",
    says="The two networks are interchanged in the losses and noise scales.",
    hints=["Which network learns faster?", "Rows follow the order of WIDTHS."],
)
mistake(
    "experiment",
    "start_at_every_checkpoint",
    was="[b_simple(per_sample_grads(params, X, y)) for params in path]",
    now="[b_simple(per_sample_grads(path[0], X, y)) for params in path]",
    says="The noise scale is that of the start at every checkpoint.",
    hints=["Does it change at all?", "Which parameters belong to a checkpoint?"],
)
mistake(
    "experiment",
    "half_of_the_digits",
    was="[b_simple(per_sample_grads(params, X, y)) for params in path]",
    now="[b_simple(per_sample_grads(params, X[::2], y[::2])) for params in path]",
    says="The noise scale is measured on some of the digits only.",
    hints=["How many rows does your G have?", "All of your own digits belong into it."],
)
mistake(
    "experiment",
    "ratio_inverted",
    was="xp.asarray(S / G2)",
    now="xp.asarray(G2 / S)",
    says="The two-batch noise scale is upside down: signal over noise.",
    hints=["Compare it with the noise scale at the start.", "Noise is what is divided."],
    seen="syllabus 5.10",
)
mistake(
    "experiment",
    "mean_of_ratios",
    was="G2, S = noise_moments(*lengths, SMALL, BIG)",
    now="pairs = [noise_moments(a[None], b[None], SMALL, BIG) for a, b in zip(*lengths)]\n"
    "    G2, S = 1.0, float(np.mean([one[1] / one[0] for one in pairs]))",
    says="A ratio is taken for each pair of batches, and the ratios are averaged; average first, divide last.",
    hints=["Print some of the single ratios.", "What does a ratio do where its denominator is near 0?"],
    seen="syllabus 5.11",
)
mistake(
    "experiment",
    "from_single_gradients",
    was="xp.asarray(S / G2)",
    now="xp.asarray(b_simple(G))",
    says="The noise scale from single gradients stands where that from two batch sizes should.",
    hints=["Which of your functions needs lengths only?", "Use the batches that you are given."],
)
mistake(
    "experiment",
    "lengths_not_squared",
    was="lengths.append((grads**2).sum(axis=1))",
    now="lengths.append((grads**2).sum(axis=1) ** 0.5)",
    says="Lengths of the batches' gradients are handed on; their squares are asked for.",
    hints=["What does noise_moments expect?", "The squared length is signal plus noise."],
)
mistake(
    "experiment",
    "spread_not_squared",
    was="spread * spread * (w - true)",
    now="spread * (w - true)",
    says="The population's gradient is wrong: the inputs' deviations enter squared.",
    hints=["Does the error still fall at the largest size?", "The mean of a squared input is its variance."],
)
mistake(
    "experiment",
    "population_sign",
    was="spread * spread * (w - true)",
    now="spread**2 * (true - w)",
    says="The population's gradient has the wrong sign.",
    hints=["Does the error still fall at the largest size?", "Downhill leads from w to the true one."],
)
mistake(
    "experiment",
    "largest_set_for_truth",
    was=" - population",
    now=" - singles.mean(axis=(0, 1))",
    says="All training sets together stand in for the population; its gradient is known exactly.",
    hints=["Is the mean of many samples the truth?", "The formula stands in the text."],
)
mistake(
    "experiment",
    "error_of_nothing",
    was=" - population",
    now="",
    says="The population's gradient is not subtracted: this is the length of the gradient, not its error.",
    hints=["Does it fall with the size of the training set?", "An error is a distance from the truth."],
)
mistake(
    "experiment",
    "mean_of_distances",
    was="error.append((off**2).sum(axis=1).mean() ** 0.5)",
    now="error.append(((off**2).sum(axis=1) ** 0.5).mean())",
    says="Distances are averaged over the training sets; the root of the mean square is asked for.",
    hints=["Try the distances 1 and 3.", "First square, then average, then the root."],
)
mistake(
    "experiment",
    "no_root",
    was="(off**2).sum(axis=1).mean() ** 0.5",
    now="(off**2).sum(axis=1).mean()",
    says="The root is missing: these are mean squared errors.",
    hints=["By what does it fall for four times the training set?", "Root mean square: all three words count."],
)
mistake(
    "experiment",
    "mean_over_inputs",
    was="(off**2).sum(axis=1).mean()",
    now="(off**2).mean(axis=1).mean()",
    says="The squares are averaged over the five parameters; a squared distance is their sum.",
    hints=["Hold it against the grey line of the figure.", "Pythagoras adds."],
)
mistake(
    "experiment",
    "twice_the_gradient",
    was="singles = X_sets",
    now="singles = 2 * X_sets",
    says="The samples' gradient is that of the squared error; that of half of it is asked for.",
    hints=["Does the error still fall at the largest size?", "Derive half of a square."],
)
mistake(
    "experiment",
    "last_samples",
    was="singles[:, :N]",
    now="singles[:, -N:]",
    says="The last samples of each training set are used; the first ones are asked for.",
    hints=["Print the first entry for one training set by hand.", "Which N of the 2,048 are meant?"],
)
mistake(
    "experiment",
    "one_training_set",
    was="(off**2).sum(axis=1).mean() ** 0.5",
    now="(off**2).sum(axis=1)[0] ** 0.5",
    says="Only the first training set is looked at; the mean runs over all of them.",
    hints=["Does the curve look smooth?", "One run is not evidence."],
)
mistake(
    "experiment",
    "spread_of_sets",
    was=" - population",
    now=" - singles[:, :N].mean(axis=1).mean(axis=0)",
    says="Gradients are held against their own mean over the training sets, not against the population's gradient.",
    hints=["What is known exactly, and needs no averaging?", "A spread is not an error."],
    seen="blind answer",
)
mistake(
    "experiment",
    "bias_of_the_sets",
    was="(off**2).sum(axis=1).mean() ** 0.5",
    now="(off.mean(axis=0) ** 2).sum() ** 0.5",
    says="The errors of the training sets are averaged as vectors, in which they cancel; average their squares.",
    hints=["Hold it against the grey line of the figure.", "First the square of each distance, then the mean."],
)
mistake(
    "experiment",
    "sets_minus_1",
    was="(off**2).sum(axis=1).mean() ** 0.5",
    now="((off**2).sum() / (SETS - 1)) ** 0.5",
    says="The squared errors are divided by one less than the number of training sets, though the truth is known.",
    hints=["How many squares are added up?", "A mean divides by as many as there are."],
)
mistake(
    "experiment",
    "samples_added",
    was="[:, :N].mean(axis=1)",
    now="[:, :N].sum(axis=1)",
    says="The samples' gradients are added up; that of a training set is their mean.",
    hints=["Does the error fall with N at all?", "The loss of a set is a mean."],
)
mistake(
    "experiment",
    "whole_sets",
    was="singles[:, :N]",
    now="singles",
    says="All samples of each training set are used at every size.",
    hints=["Does the error change with N?", "Which N of the 2,048 are meant?"],
)
mistake(
    "experiment",
    "bracket_forgotten",
    was="spread * spread * (w - true)",
    now="spread * spread * w - true",
    says="In the population's gradient the squared deviation multiplies w alone, not the difference.",
    hints=["Does the error still fall at the largest size?", "At w = true that gradient should be 0."],
)
mistake(
    "experiment",
    "sizes_swapped",
    was="noise_moments(*lengths, SMALL, BIG)",
    now="noise_moments(*lengths, BIG, SMALL)",
    says="The two batch sizes are interchanged where the noise scale is computed from two sizes.",
    hints=["Compare it with the noise scale at the start.", "In which order does noise_moments take its arguments?"],
)
mistake(
    "experiment",
    "noise_alone",
    was="xp.asarray(S / G2)",
    now="xp.asarray(S)",
    says="The two-batch entry is the noise alone; noise over signal is asked for.",
    hints=["Compare it with the noise scale at the start.", "A scale is a ratio."],
)
mistake(
    "experiment",
    "law_with_replacement_twice",
    was="grad_variance(G, m, each)",
    now="grad_variance(G, m, True)",
    says="Both rows of the law are with replacement.",
    hints=["Do the two rows differ?", "Which argument says how batches are drawn?"],
)
mistake(
    "experiment",
    "single_tries",
    was="mc_variance(G, m, REPS, each, rng)",
    now="mc_variance(G, m, 1, each, rng)",
    says="Each entry of measured comes from a single batch.",
    hints=["Do the dots lie near the line?", "How many batches are asked for?"],
)
mistake(
    "experiment",
    "one_network_twice",
    was="for path in paths:",
    now="for path in paths[:1] * 2:",
    says="Losses and noise scales of the narrow network stand in both rows.",
    hints=["Do the two rows differ?", "Rows follow the order of WIDTHS."],
)


# ---- Mistakes: numbers ---------------------------------------------------------------------------------

mistake(
    "numbers",
    "slope_of_the_error",
    was="slope = -1.0",
    now="slope = -0.5",
    says="The slope is that of the error; the variance falls faster.",
    hints=["By what does the variance fall for four times the batch?", "The error is the root of the variance."],
    seen="syllabus 5.1",
)
mistake(
    "numbers",
    "slope_without_sign",
    was="slope = -1.0",
    now="slope = 1.0",
    says="The slope has no sign: the line falls.",
    hints=["Does the variance grow with the batch?", "Falling lines have negative slopes."],
)
mistake(
    "numbers",
    "half_of_the_digits",
    was="(_N + 1) // 2",
    now="_N // 2",
    says="halving_batch is half the number of digits, rounded down; the factor is not quite one half there.",
    hints=["Compute the factor at your answer.", "Solve (N - m) / (N - 1) = 1/2 for m."],
)
mistake(
    "numbers",
    "one_too_many",
    was="(_N + 1) // 2",
    now="(_N + 3) // 2",
    says="halving_batch is one too large: the factor is below one half there.",
    hints=["Compute the factor at your answer.", "Solve (N - m) / (N - 1) = 1/2 for m."],
)
mistake(
    "numbers",
    "enough_with_replacement",
    was="float(_scale[0]) * _N / (_N - 1 + float(_scale[0]))",
    now="float(_scale[0])",
    says="enough is right for batches with replacement; without it fewer samples do.",
    hints=["Which scheme has the smaller variance?", "Use `grad_variance` with replace=False."],
)
mistake(
    "numbers",
    "enough_rounded_down",
    was="np.ceil(",
    now="np.floor(",
    says="enough is rounded down, so that the variance is a little too large.",
    hints=["Compute the variance at your answer.", "At most means: not above."],
)
mistake(
    "numbers",
    "growth_inverted",
    was="_scale[-1] / _scale[0]",
    now="_scale[0] / _scale[-1]",
    says="growth is upside down: the end is to be divided by the start.",
    hints=["Did the noise scale grow?", "What is divided by what?"],
)
mistake(
    "numbers",
    "growth_as_difference",
    was="_scale[-1] / _scale[0]",
    now="_scale[-1] - _scale[0]",
    says="growth is a difference; a quotient is asked for.",
    hints=["From 20 to 50: grows it by 30, or 2.5 times?", "Divide."],
)
mistake(
    "numbers",
    "the_wide_network",
    was='["noise_scale"][0]',
    now='["noise_scale"][1]',
    says="The noise scales are those of the network with the most hidden units; the narrow one is asked for.",
    hints=["Which row of noise_scale belongs to 8 hidden units?", "Rows follow the order of WIDTHS."],
)
mistake(
    "numbers",
    "slope_too_steep",
    was="slope = -1.0",
    now="slope = -2.0",
    says="The slope is too steep: twice the batch would leave a quarter of the variance.",
    hints=["By what does the variance fall for twice the batch?", "In a log-log plot the slope is the exponent."],
)
mistake(
    "numbers",
    "enough_one_too_many",
    was="(_N - 1 + float(_scale[0])))",
    now="(_N - 1 + float(_scale[0]))) + 1",
    says="enough is one too large: one sample fewer does it already.",
    hints=["Compute the variance at one less than your answer.", "The smallest is asked for, and equality is enough."],
)
mistake(
    "numbers",
    "growth_from_the_second",
    was="_scale[-1] / _scale[0]",
    now="_scale[-1] / _scale[1]",
    says="growth is measured from the second checkpoint; the first is the start.",
    hints=["Which checkpoint is the start?", "Python counts from zero."],
)


equivalent("numbers", "enough_rounded_down", "enough_one_too_many", why="rounded down and one more is rounded up")

# ---- Alternatives --------------------------------------------------------------------------------------


@alternative("minibatch_grad")
def one_row_after_the_other(G, idx):
    total = xp.zeros_like(G[0])
    for i in idx.tolist():
        total = total + G[i]
    return total / len(idx)


@alternative("minibatch_grad")
def by_counting(G, idx):
    counts = xp.zeros(len(G), G.dtype)
    for i in idx:
        counts[i] += 1
    return counts @ G / counts.sum()


@alternative("per_sample_grads")
def on_paper(params, X, y):
    before = X @ params["W1"] + params["b1"]
    hidden = before * (before > 0)
    logits = hidden @ params["W2"] + params["b2"]
    share = xp.exp(logits - logits.max(axis=1, keepdims=True))
    back = share / share.sum(axis=1, keepdims=True)
    back[xp.arange(len(X)), y] -= 1
    down = xp.where(before > 0, back @ params["W2"].T, xp.zeros_like(before))
    N = len(X)
    first = xp.einsum("nd,nh->ndh", X, down).reshape(N, -1)
    last = xp.einsum("nh,nc->nhc", hidden, back).reshape(N, -1)
    return xp.hstack([first, down, last, back])


@alternative("per_sample_grads")
def filled_in(params, X, y):
    sizes = [params[name].size for name in NAMES]
    found = xp.empty((len(X), sum(sizes)), params["W1"].dtype)
    for i in reversed(range(len(X))):
        _, grads = loss_and_grad(params, X[[i]], y[[i]])
        place = 0
        for name, size in zip(NAMES, sizes, strict=True):
            found[i, place : place + size] = grads[name].reshape(-1)
            place += size
    return found


@alternative("per_sample_grads")
def differences_of_sums(params, X, y):
    if len(X) > 1:  # from the two halves
        half = len(X) // 2
        parts = [per_sample_grads(params, X[:half], y[:half]), per_sample_grads(params, X[half:], y[half:])]
        return xp.concatenate(parts)
    _, grads = loss_and_grad(params, X, y)
    return xp.concatenate([grads[name].flatten() for name in ("W1", "b1", "W2", "b2")])[None]


@alternative("grad_variance")
def sample_covariance(G, m, replace):
    N = len(G)
    if N == 1:
        return 0.0
    S2 = xp.trace(xp.cov(G.T.astype(float), ddof=1).reshape(G.shape[1], G.shape[1]))
    return S2 / m * (1 - 1 / N) if replace else S2 / m * (1 - m / N)


@alternative("grad_variance")
def by_pairs(G, m, replace):
    N, total = len(G), 0.0
    for g in G:
        for h in G:
            total += float(((g - h) ** 2).sum()) / (2 * N * N)
    correlation = 0 if replace or N == 1 else -1 / (N - 1)
    return total * (m + m * (m - 1) * correlation) / m**2


@alternative("grad_variance")
def mean_of_squares_less_square_of_mean(G, m, replace):
    G = G.astype(float)
    single = (G**2).sum() / len(G) - (G.mean(axis=0) ** 2).sum()
    if not replace:
        single *= 1 - (m - 1) / (len(G) - 1) if m > 1 else 1
    return np.float64(single / m)


@alternative("grad_variance")
def by_fractions(G, m, replace):
    from fractions import Fraction

    N, total = len(G), Fraction(0)
    for column in G.T.tolist():
        exact = [Fraction(value) for value in column]
        centre = sum(exact) / N
        total += sum((value - centre) ** 2 for value in exact) / N
    return float(total / m if replace or N == 1 else total * (N - m) / (m * (N - 1)))


@alternative("mc_variance")
def by_choice(G, m, reps, replace, rng):
    centre = G.mean(axis=0)
    found = []
    while len(found) < reps:
        idx = rng.choice(len(G), size=m, replace=replace)
        found.append(((centre - minibatch_grad(G, xp.asarray(idx))) ** 2).sum())
    return xp.stack(found).mean()


@alternative("mc_variance")
def all_at_once(G, m, reps, replace, rng):
    if replace:
        idx = rng.integers(len(G), size=(reps, m))
    else:
        idx = np.argsort(rng.random((reps, len(G))), axis=1)[:, :m]
    off = (G - G.mean(axis=0))[xp.asarray(idx)].mean(axis=1)
    return float(xp.einsum("rp,rp->", off, off)) / reps


@alternative("mc_variance")
def children_and_sums(G, m, reps, replace, rng):
    deck, total = np.arange(len(G)), 0.0
    for child in rng.spawn(reps):
        if replace:
            hand = [int(child.random() * len(G)) for _ in range(m)]
        else:
            child.shuffle(deck)
            hand = deck[:m].tolist()
        mean = sum(G[i] for i in hand) / m
        total = total + sum(float(d) ** 2 for d in (mean - G.mean(axis=0)).tolist())
    return total / reps


@alternative("b_simple")
def from_lengths(G):
    G = G.astype(float)
    signal = G.mean(axis=0) @ G.mean(axis=0)
    return ((G * G).sum() / len(G) - signal) / signal


@alternative("b_simple")
def by_the_gram_matrix(G):
    K = G.astype(float) @ G.T.astype(float)
    return float(xp.trace(K)) * len(K) / float(K.sum()) - 1


@alternative("b_simple")
def loops(G):
    import math

    N = len(G)
    centre = [math.fsum(column) / N for column in G.T.tolist()]
    noise = math.fsum((g - c) ** 2 for row in G.tolist() for g, c in zip(row, centre, strict=True)) / N
    return noise / math.fsum(c * c for c in centre)


@alternative("noise_moments")
def by_linear_equations(g_small2, g_big2, m_small, m_big):
    A = np.array([[1, 1 / m_small], [1, 1 / m_big]])
    return tuple(np.linalg.solve(A, [float(g_small2.mean()), float(g_big2.mean())]))


@alternative("noise_moments")
def noise_first(g_small2, g_big2, m_small, m_big):
    small, big = sum(g_small2.tolist()) / len(g_small2), sum(g_big2.tolist()) / len(g_big2)
    S = m_small * m_big * (small - big) / (m_big - m_small)
    return [big - S / m_big, S]


@alternative("noise_moments")
def all_pairs(g_small2, g_big2, m_small, m_big):
    share = m_small / m_big
    signal = (g_big2[:, None] - share * g_small2) / (1 - share)
    noise = (g_small2 - g_big2[:, None]) * m_small / (1 - share)
    return signal.mean(), noise.mean()


@alternative("experiment")
def entry_by_entry(seed):
    X, y = own_digits(seed)
    found = {name: np.zeros((2, 5)) for name in ("measured", "law", "noise_scale", "loss")}
    for k, width in enumerate(WIDTHS):
        for t, params in enumerate(own_path(seed, width)):
            G = per_sample_grads(params, X, y)
            if k == t == 0:
                start = G
            mean = G.mean(axis=0)
            found["noise_scale"][k, t] = ((G - mean) ** 2).sum() / len(G) / (mean @ mean)
            found["loss"][k, t] = mean_loss(params, X, y).item()
    N = len(X)
    for j, m in enumerate(SIZES):
        found["law"][0, j] = start.var(axis=0).sum() / m
        found["law"][1, j] = found["law"][0, j] * (N - m) / (N - 1)
        for k in (1, 0):
            rng = np.random.default_rng([seed, m])
            found["measured"][k, j] = mc_variance(start, m, REPS, k == 0, rng)
    small, big = (sum((start[idx].mean(axis=0) ** 2).sum() for idx in batches) / PAIRS for batches in own_batches(seed))
    S = (small - big) / (1 / SMALL - 1 / BIG)
    true, spread, _, w = own_population(seed)
    sets, targets = own_training_sets(seed)
    errors = []
    for N in TRAINING_SIZES:
        total = 0.0
        for Z, t in zip(sets, targets, strict=True):
            total += ((Z[:N].T @ (Z[:N] @ w - t[:N]) / N - spread * spread * (w - true)) ** 2).sum()
        errors.append((total / SETS) ** 0.5)
    return {**found, "two_batch": S / (big - S / BIG), "training_error": errors}
