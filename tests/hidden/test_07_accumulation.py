"""Hidden checks of 07_accumulation, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import itertools

import numpy as np

from course.author import alternative, mistake, points
from course.learn.compare import canonical

ONE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-8, "atol": 1e-10}
SINGLE = {"rtol": 2e-5, "atol": 2e-6}
# A relative error typed with four decimals; over 400 learners another's number is within half a per cent for 0.3 %, and
# both counts of another's job are right for less than 0.01 %.
TYPED = {"rtol": 0.005, "atol": 0}


# ---- Problems, and gradients to be put together --------------------------------------------------------


def line(rng, N, D=3, dtype=float):
    """Parameters of a straight line, and N rows."""
    params = {"w": rng.normal(size=D).astype(dtype), "c": rng.normal(size=1).astype(dtype)}
    return params, rng.normal(size=(N, D)).astype(dtype), rng.normal(size=N).astype(dtype)


def network(rng, N):
    """Parameters of a small tanh network, and N labelled rows."""
    shapes = {"W1": (4, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
    return {n: rng.normal(size=s) for n, s in shapes.items()}, rng.normal(size=(N, 4)), rng.integers(3, size=N)


def cut(X, y, *ends):
    """Pieces that end at the given places."""
    return [(X[a:b], y[a:b]) for a, b in itertools.pairwise((0, *ends))]


def reversed_keys(grad_fn):
    """The same gradients, in a dict with its keys in the other order."""

    def other_order(params, X, y):
        return dict(reversed(grad_fn(params, X, y).items()))

    return other_order


def boxes(params, X, y):
    """A gradient for rows with two axes of their own that is a mean over rows."""
    mean = np.tensordot(np.cos(y), X, axes=(0, 0)) / len(X)
    return {"A": mean * params["A"], "b": mean.sum(axis=0) + params["b"] * np.sin(y).mean()}


def named(value, *keys):
    """``value[key]`` by key, None where there is no such thing."""
    for key in keys:
        try:
            value = value[key]
        except (TypeError, KeyError, IndexError):
            return None
    return value


# ---- accumulate ----------------------------------------------------------------------------------------


@points(0.5, cell="accumulate", topic="every size of micro-batch")
def test_every_micro(submission, reference, check, rng):
    """Eleven rows in micro-batches of 1 to 12 give the mean gradient of all eleven."""
    for micro in range(1, 13):
        params, X, y = line(rng, 11)
        want = reference.line_grad(params, X, y)
        got = submission.accumulate(reference.line_grad, params, X, y, micro)
        check.close(got, want, **ONE, what="The gradient of eleven rows")


@points(1, cell="accumulate", topic="sums")
def test_sums(submission, reference, check, rng):
    """With reduction="sum" the sums of all micro-batches are added, ragged or not."""
    grad_fn = reference.summed(reference.line_grad)
    for N, micro in ((10, 4), (9, 3), (7, 1), (5, 8), (13, 6)):
        params, X, y = line(rng, N)
        got = submission.accumulate(grad_fn, params, X, y, micro, reduction="sum")
        check.close(got, grad_fn(params, X, y), **ONE, what="The summed gradient")


def spied(reference):
    """`line_grad` that keeps what it sees: a list of the rows' numbers and targets, call by call."""
    seen = []

    def watched(params, X_k, y_k):
        seen.append([(round(float(i)), round(float(t))) for i, t in zip(X_k[:, 0], y_k, strict=True)])
        if len(X_k) == 0:
            return params
        return {"w": X_k.mean(axis=0), "c": y_k.mean(keepdims=True)}

    return watched, seen


@points(2, cell="accumulate", topic="how many rows go to grad_fn, and how often")
def test_rows(submission, reference, check, rng):
    """grad_fn never gets more rows than micro, each row once with its own target, in as few calls as that allows."""
    for N, micro in ((11, 4), (12, 4), (9, 1), (5, 9)):
        watched, seen = spied(reference)
        ids = rng.permutation(100)[:N]
        X, y = np.stack([ids, -ids], axis=1) * 1.0, 7.0 * ids
        counted = check.count(watched)
        params, want = {"w": np.zeros(2), "c": np.zeros(1)}, {"w": X.mean(axis=0), "c": y.mean(keepdims=True)}
        got = submission.accumulate(counted, params, X, y, micro)
        check.close(got, want, **ONE, what="The mean of the rows")
        check.that("no call gets more than micro rows", max(map(len, seen), default=0) <= micro)
        check.that("no call gets no rows", min(map(len, seen), default=0) >= 1)
        check.that("each row comes once", sorted(i for part in seen for i, _ in part) == sorted(ids.tolist()))
        check.that("rows come with their own targets", all(t == 7 * i for part in seen for i, t in part))
        check.calls(counted, -(-N // micro), what="grad_fn")


@points(0.5, cell="accumulate", topic="one row, and micro above N")
def test_few_rows(submission, reference, check, rng):
    """A single row, and fewer rows than go into one micro-batch; means and sums."""
    for N, micro in ((1, 1), (1, 6), (3, 40)):
        for grad_fn, reduction in ((reference.line_grad, "mean"), (reference.summed(reference.line_grad), "sum")):
            params, X, y = line(rng, N)
            got = submission.accumulate(grad_fn, params, X, y, micro, reduction)
            check.close(got, grad_fn(params, X, y), **ONE, what=f"The {reduction} of few rows")


@points(0.5, cell="accumulate", topic="a network")
def test_network(submission, reference, check, rng):
    """With a network, whose gradients are four arrays, and integer labels."""
    for micro in (5, 12):
        params, X, y = network(rng, 17)
        want = reference.network_grad(params, X, y)
        got = submission.accumulate(reference.network_grad, params, X, y, micro)
        check.close(got, want, **ONE, what="The network's gradient")


@points(0.5, cell="accumulate", topic="rows of other shapes, keys in another order")
def test_other_shapes(submission, reference, check, rng):
    """Rows may have axes of their own; grad_fn's keys may come in another order."""
    params, X, y = (
        {"A": rng.normal(size=(2, 3)), "b": rng.normal(size=3)},
        rng.normal(size=(8, 2, 3)),
        rng.normal(size=8),
    )
    got = submission.accumulate(boxes, params, X, y, 3)
    check.close(got, boxes(params, X, y), **ONE, what="The gradient")
    params = {"w": rng.normal(size=1), "c": rng.normal(size=1)}
    X, y = rng.normal(size=(7, 1)), rng.normal(size=7)
    got = submission.accumulate(reversed_keys(reference.line_grad), params, X, y, 2)
    check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient of two arrays of one shape")


@points(0.5, cell="accumulate", topic="single precision")
def test_single_precision(submission, reference, check, rng):
    """In float32 the gradient is right to 2e-5, and float32."""
    for micro in (4, 7):
        params, X, y = line(rng, 15, dtype=np.float32)
        want = reference.line_grad({n: v.astype(float) for n, v in params.items()}, X.astype(float), y.astype(float))
        got = submission.accumulate(reference.line_grad, params, X, y, micro)
        check.close(got, want, **SINGLE, what="The gradient in float32")
        for name in params:
            check.dtype(named(got, name), np.float32, what="A gradient of float32 parameters")


@points(0.5, cell="accumulate", topic="inputs left alone")
def test_accumulate_leaves_inputs_alone(submission, reference, check, rng):
    """params, X and y are afterwards as they were."""
    params, X, y = line(rng, 10)
    want = reference.line_grad(params, X, y)
    got = check.unchanged(submission.accumulate, reference.line_grad, params, X, y, 4)
    check.close(got, want, **ONE, what="The gradient")


# ---- train_accumulated ---------------------------------------------------------------------------------


def micro_batches(X, y, micro):
    """The micro-batches of one epoch, in order."""
    return [(X[s : s + micro], y[s : s + micro]) for s in range(0, len(X), micro)]


def sized(rng, params, *sizes):
    """Micro-batches of the given sizes, for a line."""
    return [line(rng, n, len(params["w"]))[1:] for n in sizes]


@points(1.5, cell="train_accumulated", topic="ragged windows, momentum, two epochs")
def test_ragged_windows(submission, reference, check, rng):
    """77 rows in micro-batches of 8, windows of 4: 32, 32 and 13 rows; momentum lives through two epochs."""
    params, X, y = line(rng, 77)
    lr, beta = float(rng.uniform(0.02, 0.06)), float(rng.uniform(0.8, 0.9))
    epochs = [micro_batches(X, y, 8)] * 2
    want = reference.train_accumulated(reference.line_grad, params, epochs, lr, 4, beta)
    got = submission.train_accumulated(reference.line_grad, params, epochs, lr, 4, beta)
    check.close(got, want, **PATH, what="params after two epochs with momentum")


@points(0.5, cell="train_accumulated", topic="without momentum")
def test_without_momentum(submission, reference, check, rng):
    """Without momentum, three epochs, full windows and short ones."""
    for N, micro, accum in ((18, 3, 2), (19, 3, 4)):
        params, X, y = line(rng, N)
        epochs, lr = [micro_batches(X, y, micro)] * 3, float(rng.uniform(0.03, 0.12))
        want = reference.train_accumulated(reference.line_grad, params, epochs, lr, accum)
        got = submission.train_accumulated(reference.line_grad, params, epochs, lr, accum)
        check.close(got, want, **PATH, what="params after three epochs without momentum")


@points(1, cell="train_accumulated", topic="micro-batches of many sizes")
def test_many_sizes(submission, reference, check, rng):
    """Micro-batches of very different sizes in one window, and epochs that differ."""
    for accum in (2, 3, 5):
        params, _, _ = line(rng, 1)
        epochs = [sized(rng, params, 1, 6, 2, 8, 3, 1, 4), sized(rng, params, 5, 1, 9)]
        want = reference.train_accumulated(reference.line_grad, params, epochs, 0.07, accum, 0.6)
        got = submission.train_accumulated(reference.line_grad, params, epochs, 0.07, accum, 0.6)
        check.close(got, want, **PATH, what="params after micro-batches of many sizes")


@points(1, cell="train_accumulated", topic="number of steps, and where gradients are taken")
def test_steps(submission, reference, check, rng):
    """One call a micro-batch, in order; within a window the parameters stay, and after each window they move."""
    for counts, accum in (((7, 7), 3), ((6, 2, 4), 2)):
        points, rows, sizes = [], [], set()

        def watched(params, X_k, y_k, points=points, rows=rows, sizes=sizes):
            points.append(float(params["w"][0]))
            rows.append(round(float(y_k[0])))
            sizes.add(len(y_k))
            return {"w": params["w"] - X_k.mean(axis=0), "c": params["c"] - y_k.mean()}

        number, epochs, moves = itertools.count(), [], []
        for count in counts:
            epochs.append([(rng.normal(size=(2, 1)), np.full(2, float(next(number)))) for _ in range(count)])
            ends = [*range(accum, count, accum), count]
            moves += [end + sum(counts[: len(epochs) - 1]) for end in ends]
        counted = check.count(watched)
        params = {"w": rng.normal(size=1), "c": rng.normal(size=1)}
        submission.train_accumulated(counted, params, epochs, 0.2, accum, 0.3)
        check.calls(counted, sum(counts), what="grad_fn")
        check.that("grad_fn gets one micro-batch at a time", sizes <= {2})
        check.that("no micro-batch comes twice", len(rows) == len({*rows}))
        check.that("the micro-batches come in their order", rows == [*range(sum(counts))])
        found = [k for k in range(1, len(points)) if points[k] != points[k - 1]]
        check.that("the parameters move after each window", {*moves[:-1]} <= {*found})
        check.that("the parameters stay within a window", {*found} <= {*moves[:-1]})


@points(0.5, cell="train_accumulated", topic="windows of one, and windows that never fill; empty epochs")
def test_extremes(submission, reference, check, rng):
    """accum = 1, accum above the number of micro-batches, an empty epoch, no epoch at all, single rows; iterators."""
    params, _, _ = line(rng, 1)
    for accum in (1, 9):
        epochs = [sized(rng, params, 3, 2), [], sized(rng, params, 1, 4, 2)]
        want = reference.train_accumulated(reference.line_grad, params, epochs, 0.09, accum, 0.4)
        once = check.once([check.once(epoch) for epoch in epochs])
        got = submission.train_accumulated(reference.line_grad, params, once, 0.09, accum, 0.4)
        check.close(got, want, **PATH, what="params, with an empty epoch")
    got = submission.train_accumulated(reference.line_grad, params, [], 0.09, 2, 0.4)
    check.close(got, params, **PATH, what="params after no epoch at all")


@points(0.5, cell="train_accumulated", topic="a network, keys in another order")
def test_train_network(submission, reference, check, rng):
    """A network with four arrays of parameters, over two epochs, by keywords; keys may come in another order."""
    params, X, y = line(rng, 13, D=1)
    epochs, grad_fn = [micro_batches(X, y, 3)] * 2, reversed_keys(reference.line_grad)
    want = reference.train_accumulated(reference.line_grad, params, epochs, 0.1, 2, 0.5)
    got = submission.train_accumulated(grad_fn, params, epochs, lr=0.1, accum=2, beta=0.5)
    check.close(got, want, **PATH, what="The params of two arrays of one shape")
    params, X, y = network(rng, 23)
    epochs, grad_fn = [micro_batches(X, y, 4)] * 2, reference.network_grad
    want = reference.train_accumulated(grad_fn, params, epochs, 0.3, 4, 0.5)
    got = submission.train_accumulated(grad_fn, params, epochs, lr=0.3, accum=4, beta=0.5)
    check.close(got, want, **PATH, what="The network's params")


@points(0.5, cell="train_accumulated", topic="single precision")
def test_train_single_precision(submission, reference, check, rng):
    """float32 parameters stay float32, and are right to 2e-5."""
    params, X, y = line(rng, 21, dtype=np.float32)
    double = {n: v.astype(float) for n, v in params.items()}, [micro_batches(X.astype(float), y.astype(float), 4)] * 2
    want = reference.train_accumulated(reference.line_grad, *double, 0.05, 3, 0.5)
    got = submission.train_accumulated(reference.line_grad, params, [micro_batches(X, y, 4)] * 2, 0.05, 3, 0.5)
    check.close(got, want, **SINGLE, what="params in float32")
    for name in params:
        check.dtype(named(got, name), np.float32, what="A parameter that came in as float32")


@points(0.5, cell="train_accumulated", topic="inputs left alone")
def test_train_leaves_inputs_alone(submission, reference, check, rng):
    """params and the batches are afterwards as they were."""
    params, X, y = line(rng, 14)
    epochs = [micro_batches(X, y, 3)] * 2
    want = reference.train_accumulated(reference.line_grad, params, epochs, 0.08, 2, 0.7)
    got = check.unchanged(submission.train_accumulated, reference.line_grad, params, epochs, 0.08, 2, 0.7)
    check.close(got, want, **PATH, what="params")


# ---- finds_bug: loops that are right, and loops that are not -------------------------------------------


def slope(X, y, w):
    """The gradient of half the mean squared error of X @ w."""
    return X.T @ (X @ w - y) / len(X)


def windows(X, y, micro, accum):
    """The windows of an epoch, each a list of micro-batches."""
    return [
        micro_batches(X[s:][: micro * accum], y[s:][: micro * accum], micro) for s in range(0, len(X), micro * accum)
    ]


def big_batches(X, y, w, lr, micro, accum, beta, epochs):
    v = np.zeros_like(w)
    for _ in range(epochs):
        for s in range(0, len(X), micro * accum):
            v = beta * v + slope(X[s:][: micro * accum], y[s:][: micro * accum], w)
            w = w - lr * v
    return w


def small_pieces(X, y, w, lr, micro, accum, beta, epochs):
    v = 0 * w
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            rows = sum(len(b) for _, b in window)
            v = beta * v + sum(slope(A, b, w) * (len(b) / rows) for A, b in reversed(window))
            w = w - lr * v
    return w


def velocity_in_units_of_the_step(X, y, w, lr, micro, accum, beta, epochs):
    move = 0 * w
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            total, rows = 0.0, 0
            for A, b in window:
                for a, t in zip(A, b, strict=True):
                    total, rows = total + a * (a @ w - t), rows + 1
            move = beta * move - lr * total / rows
            w = w + move
    return w


def in_place(X, y, w, lr, micro, accum, beta, epochs):
    """Writes each new w into one array, which is of the dtype of the w that it was given."""
    w = w.copy()
    v = np.zeros(w.shape)
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            v *= beta
            v += np.concatenate([a[None] * (a @ w - t) for A, b in window for a, t in zip(A, b, strict=True)]).mean(0)
            w[:] = w - lr * v
    return w


RIGHT = (big_batches, small_pieces, velocity_in_units_of_the_step, in_place)


def faulty(gradient):
    """A loop whose windows' gradients are ``gradient(window, w, accum)``."""

    def loop(X, y, w, lr, micro, accum, beta, epochs):
        v = np.zeros_like(w)
        for _ in range(epochs):
            for window in windows(X, y, micro, accum):
                v = beta * v + gradient(window, w, accum)
                w = w - lr * v
        return w

    return loop


def mean_of(window, w):
    """The right gradient of a window."""
    A, b = (np.concatenate(parts) for parts in zip(*window, strict=True))
    return slope(A, b, w)


@faulty
def mean_of_means(window, w, accum):
    return sum(slope(A, b, w) for A, b in window) / len(window)


@faulty
def weights_by_the_first(window, w, accum):
    size = len(window[0][1])
    return sum(slope(A, b, w) * size for A, b in window) / sum(len(b) for _, b in window)


@faulty
def summed_means(window, w, accum):
    return sum(slope(A, b, w) for A, b in window)


@faulty
def short_window_scaled_down(window, w, accum):
    return mean_of(window, w) * len(window) / accum


@faulty
def divided_by_the_full_window(window, w, accum):
    return mean_of(window, w) * sum(len(b) for _, b in window) / (accum * len(window[0][1]))


@faulty
def divided_by_the_number_of_pieces(window, w, accum):
    return mean_of(window, w) * sum(len(b) for _, b in window) / len(window)


@faulty
def running_division(window, w, accum):
    return sum(slope(A, b, w) / (k + 1) for k, (A, b) in enumerate(window))


@faulty
def last_piece_only(window, w, accum):
    return slope(*window[-1], w)


@faulty
def first_piece_only(window, w, accum):
    return slope(*window[0], w)


def other_rows(keep):
    """A right loop on ``keep(N, micro, accum)`` of the N rows, an array of their numbers."""

    def loop(X, y, w, lr, micro, accum, beta, epochs):
        rows = keep(len(X), micro, accum)
        return big_batches(X[rows], y[rows], w, lr, micro, accum, beta, epochs)

    return loop


short_window_lost = other_rows(lambda N, micro, accum: np.arange(N // (micro * accum) * micro * accum))
short_micro_batch_lost = other_rows(lambda N, micro, accum: np.arange(N // micro * micro))
padded = other_rows(lambda N, micro, accum: np.arange(-(-N // micro) * micro) % N)
last_row_lost = other_rows(lambda N, micro, accum: np.arange(N - 1))


def into_the_next_epoch(X, y, w, lr, micro, accum, beta, epochs):
    """Windows are counted on through all epochs."""
    whole = [piece for _ in range(epochs) for piece in micro_batches(X, y, micro)]
    v = np.zeros_like(w)
    for s in range(0, len(whole), accum):
        v = beta * v + mean_of(whole[s : s + accum], w)
        w = w - lr * v
    return w


def rest_kept_for_later(X, y, w, lr, micro, accum, beta, epochs):
    """What is left of an epoch is added to the next epoch's first window; at the end it is lost."""
    v, waiting = np.zeros_like(w), []
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            waiting += window
            if len(window) == accum:
                v, waiting = beta * v + mean_of(waiting, w), []
                w = w - lr * v
    return w


def lingering(X, y, w, lr, micro, accum, beta, epochs):
    """The gathered gradients are never cleared, only the count of rows."""
    v, total = np.zeros_like(w), np.zeros_like(w)
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            rows = sum(len(b) for _, b in window)
            total = total + rows * mean_of(window, w)
            v = beta * v + total / rows
            w = w - lr * v
    return w


def cleared_once_an_epoch(X, y, w, lr, micro, accum, beta, epochs):
    """The gathered gradients are cleared at the start of an epoch only."""
    v = np.zeros_like(w)
    for _ in range(epochs):
        total = np.zeros_like(w)
        for window in windows(X, y, micro, accum):
            total = total + mean_of(window, w)
            v = beta * v + total
            w = w - lr * v
    return w


def a_step_for_every_piece(X, y, w, lr, micro, accum, beta, epochs):
    return big_batches(X, y, w, lr, micro, 1, beta, epochs)


def always_a_last_step(X, y, w, lr, micro, accum, beta, epochs):
    """An epoch ends with a step even where nothing is left; the velocity makes it."""
    v = np.zeros_like(w)
    for _ in range(epochs):
        for window in [*windows(X, y, micro, accum), None]:
            if window is None and -(-len(X) // micro) % accum != 0:
                continue
            v = beta * v + (0.0 if window is None else mean_of(window, w))
            w = w - lr * v
    return w


def momentum_for_every_piece(X, y, w, lr, micro, accum, beta, epochs):
    """The velocity is advanced with each micro-batch, the parameters move once a window."""
    v = np.zeros_like(w)
    for _ in range(epochs):
        for window in windows(X, y, micro, accum):
            rows = sum(len(b) for _, b in window)
            for A, b in window:
                v = beta * v + slope(A, b, w) * len(b) / rows
            w = w - lr * v
    return w


def velocity_forgotten(X, y, w, lr, micro, accum, beta, epochs):
    for _ in range(epochs):
        w = big_batches(X, y, w, lr, micro, accum, beta, 1)
    return w


def no_momentum(X, y, w, lr, micro, accum, beta, epochs):
    return big_batches(X, y, w, lr, micro, accum, 0.0, epochs)


def momentum_as_a_mean(X, y, w, lr, micro, accum, beta, epochs):
    return big_batches(X, y, w, lr * (1 - beta), micro, accum, beta, epochs)


def one_micro_batch_late(X, y, w, lr, micro, accum, beta, epochs):
    return big_batches(X, y, w, lr, micro, accum + 1, beta, epochs)


def judged(submission, check, what, wrong):
    """Right loops must be called right, and each of the ``wrong`` ones wrong: all of them, or the check fails."""
    for loop in RIGHT:
        check.equal(submission.finds_bug(loop), False, what="What you say of a right loop")
    for loop in wrong:
        check.equal(submission.finds_bug(loop), True, what=f"What you say of a loop that {what}")


@points(0.4, cell="finds_bug", topic="wrong weights")
def test_finds_wrong_weights(submission, check):
    """Right loops are called right; loops that weight the rows of a window unequally are found."""
    wrong = (mean_of_means, weights_by_the_first, last_piece_only, first_piece_only)
    judged(submission, check, "weights rows unequally", wrong)


@points(0.4, cell="finds_bug", topic="wrong divisions")
def test_finds_wrong_divisions(submission, check):
    """Right loops are called right; loops that do not divide as they should are found."""
    short = (short_window_scaled_down, divided_by_the_full_window)
    wrong = (summed_means, *short, divided_by_the_number_of_pieces, running_division)
    judged(submission, check, "divides wrongly", wrong)


@points(0.4, cell="finds_bug", topic="rows lost, repeated or carried over")
def test_finds_lost_rows(submission, check):
    """Right loops are called right; loops that lose or repeat rows, or let a window reach too far, are found."""
    wrong = (short_window_lost, short_micro_batch_lost, padded, last_row_lost, into_the_next_epoch, rest_kept_for_later)
    judged(submission, check, "loses, repeats or carries over rows", wrong)


@points(0.4, cell="finds_bug", topic="gradients that linger")
def test_finds_lingering(submission, check):
    """Right loops are called right; loops that do not clear gradients between windows are found."""
    judged(submission, check, "lets gradients linger", (lingering, cleared_once_an_epoch))


@points(0.4, cell="finds_bug", topic="steps and momentum")
def test_finds_wrong_steps(submission, check):
    """Right loops are called right; loops that step at the wrong time, or mishandle momentum, are found."""
    steps = (a_step_for_every_piece, one_micro_batch_late, always_a_last_step)
    momentum = (momentum_for_every_piece, velocity_forgotten, no_momentum, momentum_as_a_mean)
    judged(submission, check, "steps wrongly", (*steps, *momentum))


# ---- data_parallel_grad --------------------------------------------------------------------------------


@points(1, cell="data_parallel_grad", topic="shards of different sizes")
def test_unequal_shards(submission, reference, check, rng):
    """Shards of different sizes, and of one size, give the gradient of all rows."""
    for ends in ((5, 6, 13), (1, 13), (4, 8, 12, 13), (13,), (3, 6, 9, 12)):
        params, X, y = line(rng, ends[-1])
        got = submission.data_parallel_grad(reference.line_grad, params, cut(X, y, *ends))
        check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient of all shards")


@points(1, cell="data_parallel_grad", topic="empty shards")
def test_empty_shards(submission, reference, check, rng):
    """Workers without rows, first, last or between, change nothing."""
    for ends in ((0, 4, 7), (5, 5, 8), (2, 9, 9, 9), (0, 0, 1)):
        params, X, y = line(rng, ends[-1])
        got = submission.data_parallel_grad(reference.line_grad, params, cut(X, y, *ends))
        check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient, with empty shards,")
    params, X, y = line(rng, 8)
    X[2:6] = 0.0
    got = submission.data_parallel_grad(reference.line_grad, params, cut(X, y, 2, 6, 8))
    check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient, where a shard's features are all 0,")


@points(0.5, cell="data_parallel_grad", topic="sums")
def test_parallel_sums(submission, reference, check, rng):
    """With reduction="sum" the shards' sums are added, empty shards or not."""
    grad_fn = reference.summed(reference.line_grad)
    for ends in ((5, 6, 13), (4, 4, 7)):
        params, X, y = line(rng, ends[-1])
        got = submission.data_parallel_grad(grad_fn, params, cut(X, y, *ends), reduction="sum")
        check.close(got, grad_fn(params, X, y), **ONE, what="The summed gradient")


@points(0.5, cell="data_parallel_grad", topic="calls")
def test_one_call_a_shard(submission, reference, check, rng):
    """grad_fn is called once for each shard that has rows, with the whole shard."""
    sizes = []

    def watched(params, X_k, y_k):
        sizes.append(len(X_k))
        n = max(len(X_k), 1)
        return {"w": X_k.sum(axis=0) / n, "c": y_k.sum(keepdims=True) / n}

    params, X, y = {"w": np.zeros(2), "c": np.zeros(1)}, rng.normal(size=(9, 2)), rng.normal(size=9)
    counted = check.count(watched)
    got = submission.data_parallel_grad(counted, params, cut(X, y, 3, 3, 8, 9))
    check.calls(counted, 3, what="With three shards that have rows, and one that has none, grad_fn")
    check.that("grad_fn is never called without rows", 0 not in sizes)
    check.that("grad_fn never gets more rows than one shard has", max(sizes, default=0) <= 5)
    check.that("each shard goes to grad_fn whole", sorted(size for size in sizes if size) == [1, 3, 5])
    check.close(got, {"w": X.mean(axis=0), "c": y.mean(keepdims=True)}, **ONE, what="The mean of the rows")


@points(0.5, cell="data_parallel_grad", topic="a network, keys in another order")
def test_parallel_network(submission, reference, check, rng):
    """A network with four arrays; grad_fn's keys may come in another order, also where two arrays have one shape."""
    params, X, y = network(rng, 14)
    got = submission.data_parallel_grad(reference.network_grad, params, cut(X, y, 6, 9, 14), "mean")
    check.close(got, reference.network_grad(params, X, y), **ONE, what="The network's gradient")
    params, X, y = line(rng, 7, D=1)
    got = submission.data_parallel_grad(reversed_keys(reference.line_grad), params, cut(X, y, 2, 7))
    check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient of two arrays of one shape")


@points(0.5, cell="data_parallel_grad", topic="inputs left alone, single precision")
def test_parallel_leaves_inputs_alone(submission, reference, check, rng):
    """params and shards are afterwards as they were; float32 stays float32, right to 2e-5."""
    params, X, y = line(rng, 11)
    shards = cut(X, y, 4, 4, 11)
    got = check.unchanged(submission.data_parallel_grad, reference.line_grad, params, shards)
    check.close(got, reference.line_grad(params, X, y), **ONE, what="The gradient")
    params, X, y = line(rng, 11, dtype=np.float32)
    want = reference.line_grad({n: v.astype(float) for n, v in params.items()}, X.astype(float), y.astype(float))
    got = submission.data_parallel_grad(reference.line_grad, params, cut(X, y, 4, 11))
    check.close(got, want, **SINGLE, what="The gradient in float32")
    for name in params:
        check.dtype(named(got, name), np.float32, what="A gradient of float32 parameters")


# ---- ring_allreduce ------------------------------------------------------------------------------------


def workers(rng, K, lengths=None, dtype=float):
    """The chunks of K workers, and what each of them should have in the end."""
    lengths = lengths or [2 + j % 3 for j in range(K)]
    chunks = [[rng.normal(size=n).astype(dtype) for n in lengths] for _ in range(K)]
    return chunks, [[sum(own[j] for own in chunks) for j in range(K)] for _ in range(K)]


def plain(r, chunk):
    """A network that delivers."""
    return chunk


@points(0.5, cell="ring_allreduce", topic="sums at every worker")
def test_ring_sums(submission, check, rng):
    """Two, three and five workers all end with all sums; chunks may differ in length, or be empty."""
    for K, lengths in ((2, None), (3, [4, 1, 2]), (5, None), (4, [3, 0, 1, 2])):
        chunks, want = workers(rng, K, lengths)
        check.close(submission.ring_allreduce(chunks, plain), want, **ONE, what="What the workers hold")


@points(0.5, cell="ring_allreduce", topic="number of chunks sent")
def test_ring_traffic(submission, check, rng):
    """Each of K workers sends 2(K - 1) times, one chunk at a time."""
    for K in (2, 4, 6):
        chunks, want = workers(rng, K)
        senders, shapes = [], []

        def send(r, chunk, senders=senders, shapes=shapes):
            senders.append(int(r))
            shapes.append(np.shape(chunk))
            return chunk

        got = submission.ring_allreduce(chunks, send)
        check.close(got, want, **ONE, what="What the workers hold")
        counts = [senders.count(r) for r in range(K)]
        check.that("no worker sends more than 2(K - 1) times", max(counts) <= 2 * (K - 1))
        check.that("no worker sends fewer than 2(K - 1) times", min(counts) >= 2 * (K - 1))
        check.that("the senders are workers", {*senders} <= {*range(K)})
        check.that("what is sent is one chunk", {*shapes} <= {chunk.shape for chunk in chunks[0]})


def gaps(check, got, want):
    """By worker and chunk how far what it holds is from the sum; NaN where that is no chunk, which is noted."""
    try:
        found = [[np.asarray(chunk, dtype=float) for chunk in own] for own in canonical(got)]
        pairs = [zip(own, sums, strict=True) for own, sums in zip(found, want, strict=True)]
        gap = [[float((c - w).mean()) if c.shape == w.shape else np.nan for c, w in each] for each in pairs]
    except (TypeError, ValueError):
        gap = [[np.nan]]
    check.that("a list of lists of chunks comes back", not np.isnan(gap).any())
    return np.array(gap)


@points(1, cell="ring_allreduce", topic="what arrives is what counts")
def test_ring_uses_the_network(submission, check, rng):
    """Where nothing but zeros arrives, no worker can know a sum; what one link adds shows where it went."""
    chunks, want = workers(rng, 4, [2, 2, 2, 2])
    found = gaps(check, submission.ring_allreduce(chunks, lambda r, chunk: 0.0 * chunk), want)
    check.that("without a network no worker has a sum", (abs(found) > 1e-6).all())
    # A chunk that worker 2 does not finish passes from it to worker 3 while it is added up; and so do those that are
    # passed on to worker 3, and through it to worker 0, and to worker 1.
    found = gaps(check, submission.ring_allreduce(chunks, lambda r, chunk: chunk + 99.0 * (int(r) == 2)), want)
    times = np.rint(found.sum(axis=-1) / 99).tolist()
    check.that("all but one of what worker 2 holds has passed the link from 2 to 3 once", times[2:3] == [3])
    check.that("what worker 3 holds has passed it most often", times[3:4] == [6])
    check.that("and so has, less often, what workers 0 and 1 hold", times[:2] == [5, 4])


@points(0.5, cell="ring_allreduce", topic="one worker, many workers")
def test_ring_sizes(submission, check, rng):
    """One worker sends nothing and keeps what it has; nine workers end with all sums."""
    chunks, want = workers(rng, 1, [3])
    counted = check.count(plain)
    check.close(submission.ring_allreduce(chunks, counted), want, **ONE, what="What a single worker holds")
    check.calls(counted, 0, what="With a single worker, send")
    chunks, want = workers(rng, 9)
    check.close(submission.ring_allreduce(chunks, plain), want, **ONE, what="What nine workers hold")


@points(0.5, cell="ring_allreduce", topic="inputs left alone, single precision")
def test_ring_leaves_inputs_alone(submission, check, rng):
    """The chunks are afterwards as they were; float32 stays float32, right to 2e-5."""
    chunks, want = workers(rng, 3)
    check.close(check.unchanged(submission.ring_allreduce, chunks, plain), want, **ONE, what="What the workers hold")
    chunks, want = workers(rng, 3, dtype=np.float32)
    got = submission.ring_allreduce(chunks, plain)
    check.close(got, [[sums.astype(float) for sums in row] for row in want], **SINGLE, what="What they hold in float32")
    check.dtype(named(got, 0, 1), np.float32, what="A chunk of float32")


# ---- experiment ----------------------------------------------------------------------------------------


@points(0.9, cell="experiment", topic="the mean of means")
def test_naive(submission, reference, check):
    """The relative errors of the mean of means are right for your own patients, for all 50 sizes."""
    want = reference.experiment(reference.seed)["naive"]
    check.close(named(submission.experiment(reference.seed), "naive"), want, rtol=1e-6, atol=1e-11, what="naive")


@points(0.9, cell="experiment", topic="the two runs")
def test_excess(submission, reference, check):
    """The loss above its minimum is right for both runs, at the start and after each step."""
    want = reference.experiment(reference.seed)["excess"]
    got = named(submission.experiment(reference.seed), "excess")
    check.close(got, want, rtol=1e-6, atol=1e-11, what="excess")


@points(0.6, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """naive and excess are right for somebody else's patients too."""
    seed = int(rng.integers(2**32))
    want, found = reference.experiment(seed), submission.experiment(seed)
    for name in ("naive", "excess"):
        check.close(named(found, name), want[name], rtol=1e-6, atol=1e-11, what=name)


# ---- numbers: a question -------------------------------------------------------------------------------


@points(0.5, cell="numbers", topic="the effective batch size")
def test_effective_batch(submission, reference, check):
    """The rows behind one update are counted right for your own job."""
    job = reference.own_machines(reference.seed)
    want = job["micro"] * job["accum"] * job["workers"]
    check.equal(submission.answers.get("effective_batch"), want, what="effective_batch")


@points(0.5, cell="numbers", topic="the number of updates")
def test_updates(submission, reference, check):
    """The updates of an epoch are counted right for your own job."""
    job = reference.own_machines(reference.seed)
    want = -(-job["N"] // (job["micro"] * job["accum"] * job["workers"]))
    check.equal(submission.answers.get("updates"), want, what="updates")


@points(0.5, cell="numbers", topic="the relative error")
def test_relative_error(submission, reference, check):
    """The relative error of the mean of means for micro-batches of 16 is right for your own patients."""
    want = float(reference.experiment(reference.seed)["naive"][15])
    check.close(submission.answers.get("relative_error"), want, **TYPED, what="relative_error")


# ---- rank_grad: the checks play the network ------------------------------------------------------------


def played(check, submission, grad_fn, params, shards):
    """What the ranks return. Each is run again and again, with one more sum known each time, until all are."""
    sums, results = [], []
    for _ in range(30):
        said, results = [], []
        for X_k, y_k in shards:
            mine = []

            def allreduce(value, mine=mine):
                mine.append(np.array(canonical(value), dtype=float))
                return sums[len(mine) - 1].copy() if len(mine) <= len(sums) else np.ones_like(mine[-1])

            results.append(submission.rank_grad(grad_fn, params, X_k, y_k, allreduce))
            said.append(mine)
        calls = [len(mine) for mine in said]
        check.that("every rank calls allreduce equally often", len({*calls}) == 1)
        if len({*calls}) > 1 or len(sums) >= calls[0]:
            break
        shapes = {mine[len(sums)].shape for mine in said}
        check.that("all ranks put in arrays of one shape", len(shapes) == 1)
        if len(shapes) > 1:
            break
        sums.append(sum(mine[len(sums)] for mine in said))
    return results


@points(0, cell="rank_grad", topic="ranks of different sizes")
def test_ranks(submission, reference, check, rng):
    """Every rank returns the mean gradient over the rows of all."""
    for ends in ((5, 6, 10), (3, 6)):
        params, X, y = line(rng, ends[-1])
        got = played(check, submission, reference.line_grad, params, cut(X, y, *ends))
        check.close(got, [reference.line_grad(params, X, y)] * len(ends), **ONE, what="What the ranks return")


@points(0, cell="rank_grad", topic="a rank without rows")
def test_idle_rank(submission, reference, check, rng):
    """A rank without rows takes part, and returns the same as the others."""

    def careful(params, X_k, y_k):
        calls.append(len(X_k))
        return reference.line_grad(params, X_k, y_k) if len(X_k) else params

    for ends in ((4, 4, 6), (0, 5)):
        calls = []
        params, X, y = line(rng, ends[-1])
        got = played(check, submission, careful, params, cut(X, y, *ends))
        check.that("grad_fn is never called without rows", 0 not in calls)
        check.close(got, [reference.line_grad(params, X, y)] * len(ends), **ONE, what="What the ranks return")


@points(0, cell="rank_grad", topic="a network, inputs left alone")
def test_ranks_of_a_network(submission, reference, check, rng):
    """Four arrays of parameters; params, X and y are afterwards as they were."""
    params, X, y = network(rng, 12)
    got = played(check, submission, reference.network_grad, params, cut(X, y, 5, 7, 12))
    check.close(got, [reference.network_grad(params, X, y)] * 3, **ONE, what="What the ranks return")
    params, X, y = line(rng, 6)
    got = check.unchanged(submission.rank_grad, reference.line_grad, params, X, y, lambda value: value)
    check.close(got, reference.line_grad(params, X, y), **ONE, what="What a single rank returns")


# ---- Mistakes: accumulate ------------------------------------------------------------------------------

SHARE = 'len(X_k) / N if reduction == "mean" else 1'
PIECE = "X_k, y_k = X[start : start + micro], y[start : start + micro]"

mistake(
    "accumulate",
    "mean_of_means",
    was="len(X_k) / N if",
    now="1 / -(-N // micro) if",
    says="The micro-batches' means are averaged with equal weight, though the last holds fewer rows.",
    hints=["Feed 3 rows in micro-batches of 2 and 1.", "Which row counts twice?", "A mean counts for its rows."],
    seen="huggingface/transformers pull request 34191; meta-pytorch/torchtune pull request 1875",
)
mistake(
    "accumulate",
    "means_added",
    was=SHARE,
    now="1",
    says="The micro-batches' mean gradients are added up; nothing is divided.",
    hints=["Feed every row twice, in twice as many micro-batches. Should the mean change?"],
    seen="karpathy/nanoGPT issue 168; syllabus 7.16",
)
mistake(
    "accumulate",
    "short_piece_counts_as_full",
    was="len(X_k) / N if",
    now="micro / N if",
    says="Every micro-batch counts with the full number of rows, the short last one too.",
    hints=["Do the weights add up to one?", "How many rows does the last of ten rows by four hold?"],
    seen="huggingface/transformers pull request 34191 (weights by micro-batch)",
)
mistake(
    "accumulate",
    "divided_twice",
    was="len(X_k) / N if",
    now="1 / N if",
    says="The gradients are divided by all rows, though each is a mean already.",
    hints=["What does grad_fn return for a single row, what for four equal ones?"],
    seen="syllabus 2.2; d2l-en pull request 1000",
)
mistake(
    "accumulate",
    "divided_by_micro",
    was="len(X_k) / N if",
    now="1 / micro if",
    says="The gradients are divided by the rows of a micro-batch, not by the number of micro-batches.",
    hints=["Twelve rows by three are four micro-batches. By what is the sum of four means to be divided?"],
)
mistake(
    "accumulate",
    "running_division",
    was="len(X_k) / N if",
    now="1 / (start // micro + 1) if",
    says="Each gradient is divided by how many there are so far, so that early ones count most.",
    hints=["Which weight has the first micro-batch, which the third?"],
    seen="karpathy/nanoGPT issue 605; syllabus 7.9",
)
mistake(
    "accumulate",
    "sum_divided_too",
    was=SHARE,
    now="len(X_k) / N",
    says="Sums are weighted like means; parts of a sum are simply added.",
    hints=["Call it with reduction set to sum, ten rows by four, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "accumulate",
    "sum_multiplied",
    was='"mean" else 1',
    now='"mean" else len(X_k)',
    says="Sums are multiplied by their number of rows, though they are sums already.",
    hints=["Call it with reduction set to sum, ten rows by four, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "accumulate",
    "sum_averaged_over_pieces",
    was='"mean" else 1',
    now='"mean" else 1 / -(-N // micro)',
    says="Sums are divided by the number of micro-batches; parts of a sum are simply added.",
    hints=["Call it with reduction set to sum, ten rows by four, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "accumulate",
    "reductions_exchanged",
    was='reduction == "mean"',
    now='reduction == "sum"',
    says="The two reductions are exchanged.",
    hints=["Which of the two needs shares?"],
)
mistake(
    "accumulate",
    "tail_lost",
    was="range(0, N, micro)",
    now="range(0, N - micro + 1, micro)",
    says="The rows left over, fewer than a full micro-batch, are never looked at.",
    hints=["Ten rows by four: which rows does grad_fn get?"],
    seen="feedback starter bank: the short batch dropped (Deep-ML 47)",
)
mistake(
    "accumulate",
    "last_row_lost",
    was="range(0, N, micro):\n        " + PIECE,
    now="range(0, max(N - 1, 1), micro):\n"
    "        X_k, y_k = X[: max(N - 1, 1)][start : start + micro], y[: max(N - 1, 1)][start : start + micro]",
    says="The last row is left out.",
    hints=["Which rows does grad_fn get?", "Where does Python's range stop?"],
)
mistake(
    "accumulate",
    "pieces_overlap",
    was=PIECE,
    now="X_k, y_k = X[start : start + micro + 1], y[start : start + micro + 1]",
    says="Micro-batches hold one row too many, which is the first one of the next.",
    hints=["Print the rows that grad_fn gets, for ten rows by four."],
)
mistake(
    "accumulate",
    "last_piece_moved_back",
    was=PIECE,
    now="X_k, y_k = X[min(start, max(N - micro, 0)) :][:micro], y[min(start, max(N - micro, 0)) :][:micro]",
    says="The last micro-batch is moved back to be full, so it repeats rows of the one before.",
    hints=["Print the rows that grad_fn gets, for ten rows by four."],
    seen="syllabus 4.8",
)
mistake(
    "accumulate",
    "all_rows_at_once",
    was="range(0, N, micro):\n        " + PIECE,
    now="(0,):\n        X_k, y_k = X, y",
    says="All rows go to grad_fn at once, which needs the memory that was to be saved.",
    hints=["How many rows may grad_fn get in one call?"],
    seen="meta-pytorch/torchtune pull request 1917; syllabus 7.18",
)
mistake(
    "accumulate",
    "pieces_too_small",
    was="range(0, N, micro):\n        " + PIECE,
    now="range(N):\n        X_k, y_k = X[start : start + 1], y[start : start + 1]",
    says="Micro-batches hold fewer rows than they may; that takes more calls than needed.",
    hints=["How many calls do ten rows by four need?"],
)
mistake(
    "accumulate",
    "first_piece_only",
    was="            total[name] += weight * grads[name]\n",
    now="            total[name] += weight * grads[name]\n        break\n",
    says="Only the first micro-batch is looked at.",
    hints=["How often is grad_fn called? Does a return stand inside the loop?"],
)
mistake(
    "accumulate",
    "overwritten",
    was="total[name] += weight",
    now="total[name] = weight",
    says="Each micro-batch overwrites what was gathered before it; only the last one is left.",
    hints=["Gathering means adding. Print the total after each micro-batch."],
    seen="feedback starter bank: assignment in the place of adding (9 code files); tatsu-lab/alpaca_farm issue 57",
)
mistake(
    "accumulate",
    "targets_of_the_first_piece",
    was=PIECE,
    now="X_k, y_k = X[start : start + micro], y[: len(X[start : start + micro])]",
    says="The inputs are cut, the targets are not: every micro-batch gets the first targets.",
    hints=["Use targets that say whose they are.", "One cut, used for both."],
    seen="DrexelChatbotGroup/DrexelChatbot issue 15",
)
mistake(
    "accumulate",
    "gradients_by_position",
    was="        for name in total:\n            total[name] += weight * grads[name]\n",
    now="        for name, grad in zip(total, grads.values(), strict=True):\n"
    "            total[name] += weight * grad\n",
    says="Gradients are matched with parameters by position; they are to be matched by key.",
    hints=["What if grad_fn returns its keys in another order?"],
)
mistake(
    "accumulate",
    "gathered_in_the_callers_arrays",
    was="xp.zeros_like(value)",
    now="xp.multiply(value, 0, out=value)",
    says="The caller's own parameters are set to zero, to gather gradients in them.",
    hints=["Print params before and after the call."],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "accumulate",
    "starts_from_the_params",
    was="xp.zeros_like(value)",
    now="value.copy()",
    says="The total starts from the parameters themselves; it should start from zero.",
    hints=["What comes back if all gradients are zero?"],
)
mistake(
    "accumulate",
    "always_double",
    was="xp.zeros_like(value)",
    now="xp.zeros(value.shape)",
    says="The gradients come back as float64, whatever the parameters are.",
    hints=["Call it with float32 parameters and look at the dtype."],
)
mistake(
    "accumulate",
    "empty_last_piece",
    was="range(0, N, micro)",
    now="range(0, N + 1, micro)",
    says="Where the size divides N, grad_fn is called once more, without any row.",
    hints=["Eight rows by four: print how many rows each call gets."],
    seen="syllabus 4.14",
)

mistake(
    "accumulate",
    "last_piece_moved_back_with_its_share",
    was=PIECE + "\n        grads = grad_fn(params, X_k, y_k)\n        weight = " + SHARE,
    now="X_k, y_k = X[min(start, max(N - micro, 0)) :][:micro], y[min(start, max(N - micro, 0)) :][:micro]\n"
    "        grads = grad_fn(params, X_k, y_k)\n        left = min(micro, N - start)\n"
    '        weight = left / N if reduction == "mean" else left / len(X_k)',
    says="The last micro-batch is moved back to be full, and scaled to the rows that were left; some rows come twice.",
    hints=["Print the rows that grad_fn gets, for ten rows by four.", "A shorter last micro-batch is welcome."],
    seen="blind answer",
)
mistake(
    "accumulate",
    "last_piece_moved_back_sums_whole",
    was=PIECE + "\n        grads = grad_fn(params, X_k, y_k)\n        weight = len(X_k) / N if",
    now="X_k, y_k = X[min(start, max(N - micro, 0)) :][:micro], y[min(start, max(N - micro, 0)) :][:micro]\n"
    "        grads = grad_fn(params, X_k, y_k)\n        weight = min(micro, N - start) / N if",
    says="The last micro-batch is moved back to be full: some rows come twice, though its mean counts for the others.",
    hints=["Print the rows that grad_fn gets, for ten rows by four.", "A shorter last micro-batch is welcome."],
)
mistake(
    "accumulate",
    "rest_joins_other_pieces",
    was="range(0, N, micro):\n        " + PIECE,
    now="np.array_split(np.arange(N), max(N // micro, 1)):\n        X_k, y_k = X[start], y[start]",
    says="Rows that do not fill a micro-batch are added to others, which then hold more rows than allowed.",
    hints=["Ten rows by four: how many rows does each call get?", "Round the number of micro-batches up, not down."],
    seen="blind answer",
)
mistake(
    "accumulate",
    "size_taken_for_a_number",
    was="range(0, N, micro):\n        " + PIECE,
    now="range(0, N, -(-N // micro)):\n"
    "        X_k, y_k = X[start : start + -(-N // micro)], y[start : start + -(-N // micro)]",
    says="The size of a micro-batch is taken for the number of micro-batches.",
    hints=["Twelve rows and micro = 3: how many calls, with how many rows each?", "micro counts rows."],
)
mistake(
    "accumulate",
    "padded_from_the_start",
    was=PIECE,
    now="X_k, y_k = X[xp.arange(start, start + micro) % N], y[xp.arange(start, start + micro) % N]",
    says="The last micro-batch is filled up with rows from the start, which are then counted twice.",
    hints=["Print the rows that grad_fn gets, for ten rows by four.", "A shorter last micro-batch is welcome."],
)
mistake(
    "accumulate",
    "gathered_in_params",
    was="xp.zeros_like(value)",
    now="value",
    says="Gradients are added to the caller's own parameters, which change while gradients are still being taken.",
    hints=["Print params before and after the call.", "Where does the total live, and from what does it start?"],
)
mistake(
    "accumulate",
    "weights_over_micro",
    was="len(X_k) / N if",
    now="len(X_k) / micro if",
    says="Each gradient is weighted by how full its micro-batch is; nothing is divided by the number of all rows.",
    hints=["What do your weights add up to, for ten rows by four?", "Shares of a whole add up to one."],
)
mistake(
    "accumulate",
    "sum_for_mean",
    was="len(X_k) / N if",
    now="len(X_k) if",
    says="Means are turned into sums and added, but the sum is never divided by the number of all rows.",
    hints=["What do your weights add up to?", "Rows 2 and 4 have the mean 3, not 6."],
)
mistake(
    "accumulate",
    "shares_and_number",
    was="len(X_k) / N if",
    now="len(X_k) / N / -(-N // micro) if",
    says="The gradients are weighted by shares, which add up to one, then divided by the number of micro-batches.",
    hints=["What do your weights add up to?", "Shares of a whole need no further division."],
)
mistake(
    "accumulate",
    "divided_by_full_pieces",
    was="len(X_k) / N if",
    now="1 / max(N // micro, 1) if",
    says="The means are added and divided by the number of full micro-batches, one too few where a short one is left.",
    hints=["How many calls do ten rows by four need, and by what do you divide?", "A mean counts for its rows."],
)
mistake(
    "accumulate",
    "halved_each_time",
    was="            total[name] += weight * grads[name]\n",
    now='            if reduction == "mean" and start > 0:\n'
    "                total[name] = (total[name] + grads[name]) / 2\n            else:\n"
    "                total[name] = total[name] + grads[name]\n",
    says="Each new mean is averaged half and half with all before it, so that the last one counts most.",
    hints=["How much does the first of four micro-batches count in the end?", "A mean counts for its rows."],
)
mistake(
    "accumulate",
    "size_of_the_first",
    was="len(X_k) / N if",
    now="min(micro, N) / N if",
    says="Every micro-batch counts with as many rows as the first, the short last one too.",
    hints=["Do the weights add up to one?", "How many rows does the last of ten rows by four hold?"],
)
mistake(
    "accumulate",
    "first_row_lost",
    was="range(0, N, micro)",
    now="range(1, N, micro)",
    says="The first row is left out.",
    hints=["Which rows does grad_fn get?", "Python counts from 0."],
)
mistake(
    "accumulate",
    "pieces_a_row_short",
    was=PIECE,
    now="X_k, y_k = X[start : start + micro - 1], y[start : start + micro - 1]",
    says="Each full micro-batch lacks its last row.",
    hints=["Print the rows that grad_fn gets, for ten rows by four.", "A slice in Python does not include its end."],
)
mistake(
    "accumulate",
    "sum_divided_by_rows",
    was='"mean" else 1',
    now='"mean" else 1 / N',
    says="A sum is divided by the number of all rows; parts of a sum are simply added.",
    hints=["Call it with reduction set to sum, ten rows by four.", "Which of the two reductions divides?"],
)
mistake(
    "accumulate",
    "asked_again",
    was="weight * grads[name]",
    now="weight * grad_fn(params, X_k, y_k)[name]",
    says="grad_fn is called more than once for the same micro-batch; one call gives the gradients of all arrays.",
    hints=["How often is grad_fn called, if there are four arrays?", "Keep what a call returns."],
)
mistake(
    "accumulate",
    "both_averaged_over_pieces",
    was=SHARE,
    now="1 / -(-N // micro)",
    says="Means and sums alike are averaged over the micro-batches, all with equal weight.",
    hints=["Feed 3 rows in micro-batches of 2 and 1.", "Which row counts twice?", "Parts of a sum are simply added."],
)
mistake(
    "accumulate",
    "padded_with_zeros",
    was=PIECE,
    now="X_k, y_k = X[start : start + micro], y[start : start + micro]\n"
    "        X_k = xp.concatenate([X_k, xp.zeros((micro - len(X_k), *X.shape[1:]), X.dtype)])\n"
    "        y_k = xp.concatenate([y_k, xp.zeros(micro - len(y_k), y.dtype)])",
    says="The last micro-batch is filled up with zeros, which grad_fn takes for rows.",
    hints=["Print the rows that grad_fn gets, for ten rows by four.", "A shorter last micro-batch is welcome."],
)

# ---- Mistakes: train_accumulated -----------------------------------------------------------------------

GATHER = "total = {name: total[name] + len(X_k) * grads[name] for name in params}\n"
COUNT = "            rows, count = rows + len(X_k), count + 1\n"
CLEAR = "total, rows, count = {name: 0.0 for name in params}, 0, 0\n"
TAIL = "        if count > 0:\n            step(total, rows)\n"

mistake(
    "train_accumulated",
    "mean_of_means",
    was=GATHER + COUNT,
    now="total = {name: total[name] + grads[name] for name in params}\n            rows, count = rows + 1, count + 1\n",
    says="The micro-batches of a window are averaged with equal weight, though their sizes differ.",
    hints=["Use a window of 3 rows and 1 row.", "Which row counts three times?"],
    seen="huggingface/transformers pull request 34191; syllabus 4c, 7.1",
)
mistake(
    "train_accumulated",
    "divided_by_accum",
    was=GATHER + COUNT,
    now="total = {name: total[name] + grads[name] for name in params}\n            rows, count = accum, count + 1\n",
    says="Every window is divided by accum, the short last window too; and micro-batches count the same.",
    hints=["How many micro-batches does the last window hold?", "Count rows, and divide by what you have counted."],
    seen="Lightning-AI/pytorch-lightning issue 19987; syllabus 4c, 7.7",
)
mistake(
    "train_accumulated",
    "means_added",
    was=GATHER + COUNT,
    now="total = {name: total[name] + grads[name] for name in params}\n            rows, count = 1, count + 1\n",
    says="The gradients of a window are added and never divided, so that steps grow with accum.",
    hints=["Use a window of two equal micro-batches. Is the step as long as that of one?"],
    seen="karpathy/nanoGPT issue 168; syllabus 7.4",
)
mistake(
    "train_accumulated",
    "rows_added",
    was="g = total[name] / rows",
    now="g = total[name]",
    says="The gradients of all rows are added up; the step wants their mean.",
    hints=["How long should the step for four equal rows be, how long for one?"],
    seen="syllabus 2.1, 7.4",
)
mistake(
    "train_accumulated",
    "running_division",
    was=GATHER + COUNT,
    now="total = {name: total[name] + grads[name] / (count + 1) for name in params}\n"
    "            rows, count = 1, count + 1\n",
    says="Each gradient is divided by how many the window has so far, so that early ones count most.",
    hints=["Which weight has the first micro-batch of a window, which the third?"],
    seen="karpathy/nanoGPT issue 605; syllabus 7.9",
)
mistake(
    "train_accumulated",
    "tail_dropped",
    was=TAIL,
    now="",
    says="What is left at the end of an epoch, less than a full window, takes no step and is lost.",
    hints=["Five micro-batches, accum 2: how many steps?"],
    seen="timoschick/pet issue 36; tracel-ai/burn issue 5695; syllabus 4c, 7.6",
)
mistake(
    "train_accumulated",
    "windows_across_epochs",
    was="for epoch in batches:",
    now="for epoch in [itertools.chain.from_iterable(batches)]:",
    says="Windows are counted on through all epochs: one may hold the end of an epoch and the next one's start.",
    hints=["Five micro-batches, accum 2, two epochs: after which calls does a step come?"],
    seen="huggingface/transformers pull request 29561; syllabus 4c, 7.8",
)
mistake(
    "train_accumulated",
    "not_cleared_between_epochs",
    was="    for epoch in batches:\n        " + CLEAR,
    now="    " + CLEAR + "    for epoch in batches:\n",
    says="What a short last window gathered is not cleared, and counts again in the next epoch.",
    hints=["Print the number of gathered rows at the start of each epoch."],
    seen="syllabus 7.2, 7.8",
)
mistake(
    "train_accumulated",
    "gradients_not_cleared",
    was="                step(total, rows)\n                " + CLEAR,
    now="                step(total, rows)\n                rows, count = 0, 0\n",
    says="The gathered gradients are not cleared after a step: a window's gradients linger in the next.",
    hints=["Print what is gathered at the start of the second window.", "What must be fresh for each window?"],
    seen="syllabus 7.2; udacity/deep-learning-v2-pytorch pull request 160",
)
mistake(
    "train_accumulated",
    "nothing_cleared",
    was="                step(total, rows)\n                " + CLEAR,
    now="                step(total, rows)\n                count = 0\n",
    says="Neither gradients nor rows are cleared after a step: each window is averaged with all before it.",
    hints=["Print what is gathered at the start of the second window."],
    seen="syllabus 7.2",
)
mistake(
    "train_accumulated",
    "last_piece_only",
    was=GATHER,
    now="total = {name: (rows + len(X_k)) * grads[name] for name in params}\n",
    says="Only the last micro-batch of a window counts: what was gathered before it is overwritten.",
    hints=["Gathering means adding. Print the total after each micro-batch."],
    seen="tatsu-lab/alpaca_farm issue 57; huggingface/accelerate issue 1299",
)
mistake(
    "train_accumulated",
    "a_step_for_every_piece",
    was="if count == accum:",
    now="if count > 0:",
    says="A step follows every micro-batch; it should follow every window.",
    hints=["Five micro-batches, accum 2: how many steps?"],
    seen="syllabus 7.3",
)
mistake(
    "train_accumulated",
    "a_step_for_every_piece_uncleared",
    was="            if count == accum:\n                step(total, rows)\n",
    now="            step(total, rows)\n            if count == accum:\n",
    says="The step stands inside the loop over the micro-batches of a window; it should follow it.",
    hints=["Five micro-batches, accum 2: how many steps?"],
    seen="syllabus 7.3",
)
mistake(
    "train_accumulated",
    "one_too_many",
    was="count == accum",
    now="count > accum",
    says="A window holds one micro-batch more than accum.",
    hints=["Five micro-batches, accum 2: after which calls does a step come?"],
)
mistake(
    "train_accumulated",
    "one_too_few",
    was="count == accum",
    now="count == max(accum - 1, 1)",
    says="A window holds one micro-batch less than accum.",
    hints=["Five micro-batches, accum 2: after which calls does a step come?"],
)
mistake(
    "train_accumulated",
    "an_empty_step",
    was="        if count > 0:\n            step(total, rows)\n",
    now="        step({name: value + 0 * params[name] for name, value in total.items()}, max(rows, 1))\n",
    says="An epoch ends with a step even if nothing is left; the velocity moves the parameters once more.",
    hints=["Four micro-batches, accum 2: how many steps?"],
)
mistake(
    "train_accumulated",
    "one_epoch_only",
    was=TAIL + "    return params\n",
    now=TAIL + "        return params\n    return params\n",
    says="Only the first epoch is looked at.",
    hints=["How often is grad_fn called? Does a return stand inside the loop?"],
)
mistake(
    "train_accumulated",
    "velocity_new_each_epoch",
    was="    for epoch in batches:\n",
    now="    for epoch in batches:\n"
    "        velocity.update({name: xp.zeros_like(value) for name, value in params.items()})\n",
    says="The velocity starts from zero in every epoch; it should live through all of them.",
    hints=["Two epochs with one micro-batch each, by hand: what is the velocity in the second step?"],
    seen="syllabus 8.4",
)
mistake(
    "train_accumulated",
    "beta_ignored",
    was="beta * velocity[name] + g",
    now="g",
    says="Momentum makes no difference: every step follows its own gradient alone.",
    hints=["Call it with beta 0 and with beta 0.5."],
    seen="syllabus 8.4",
)
mistake(
    "train_accumulated",
    "momentum_as_a_mean",
    was="beta * velocity[name] + g",
    now="beta * velocity[name] + (1 - beta) * g",
    says="The gradient is damped by one minus beta; here the velocity takes it whole.",
    hints=["What is the velocity after the first step?", "Assignment 08 compares the conventions."],
    seen="syllabus 8.10, the EMA convention",
)
mistake(
    "train_accumulated",
    "beta_on_the_gradient",
    was="beta * velocity[name] + g",
    now="velocity[name] + beta * g",
    says="beta multiplies the gradient in the place of the old velocity, which never decays.",
    hints=["What does the velocity do if all gradients from now on are zero?"],
    seen="syllabus 8.6; AiDotNet issue 2008",
)
mistake(
    "train_accumulated",
    "velocity_subtracts",
    was="beta * velocity[name] + g",
    now="beta * velocity[name] - g",
    says="The velocity points against the gradient and is subtracted: the step goes uphill.",
    hints=["In which direction does w move in the example's first step?"],
    seen="syllabus 8.2; fchollet issue 19",
)
mistake(
    "train_accumulated",
    "nesterov",
    was="lr * velocity[name]",
    now="lr * (g + beta * velocity[name])",
    says="The step looks ahead by one more beta, as Nesterov's does; a plain velocity is asked for.",
    hints=["By how much does the example's first step move w?"],
    seen="syllabus 8.9",
)
mistake(
    "train_accumulated",
    "lr_divided_by_accum",
    was="lr * velocity[name]",
    now="lr / accum * velocity[name]",
    says="The learning rate is divided by accum, though the gradient is a mean already.",
    hints=["By how much does the example's first step move w?"],
    seen="syllabus 2.2",
)
mistake(
    "train_accumulated",
    "fixed_lr",
    was="lr * velocity[name]",
    now="0.1 * velocity[name]",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with lr = 0. Do the parameters stay?"],
    seen="syllabus 2.7",
)
mistake(
    "train_accumulated",
    "gradients_at_the_start_of_the_epoch",
    was="        " + CLEAR + "        for X_k, y_k in epoch:\n            grads = grad_fn(params, X_k, y_k)\n",
    now="        " + CLEAR + "        start = {name: value.copy() for name, value in params.items()}\n"
    "        for X_k, y_k in epoch:\n            grads = grad_fn(start, X_k, y_k)\n",
    says="All gradients of an epoch are taken where it started; after a step you stand elsewhere.",
    hints=["At how many different points does grad_fn get called in an epoch of two windows?"],
)
mistake(
    "train_accumulated",
    "callers_arrays",
    was="name: value.copy()",
    now="name: value",
    says="The parameters of the caller are changed: the step writes into the given arrays.",
    hints=["Call it twice with the same parameters. Are both results the same?"],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "train_accumulated",
    "always_double",
    was="name: value.copy()",
    now="name: value.astype(float)",
    says="The parameters come back as float64, whatever they were.",
    hints=["Call it with float32 parameters and look at the dtype of what comes back."],
)

mistake(
    "train_accumulated",
    "gradients_at_the_given_params",
    was="    for epoch in batches:\n        " + CLEAR + "        for X_k, y_k in epoch:\n"
    "            grads = grad_fn(params, X_k, y_k)\n",
    now="    given = {name: value.copy() for name, value in params.items()}\n"
    "    for epoch in batches:\n        " + CLEAR + "        for X_k, y_k in epoch:\n"
    "            grads = grad_fn(given, X_k, y_k)\n",
    says="All gradients are taken at the given parameters; after a step you stand elsewhere.",
    hints=["At how many different points does grad_fn get called?", "Which parameters does the step change?"],
    seen="blind answer",
)
mistake(
    "train_accumulated",
    "gradients_by_position",
    was="grads = grad_fn(params, X_k, y_k)",
    now="grads = dict(zip(params, grad_fn(params, X_k, y_k).values(), strict=True))",
    says="Gradients are matched with parameters by position; they are to be matched by key.",
    hints=["What if grad_fn returns its keys in another order?", "Look each gradient up by its name."],
    seen="blind answer",
)
mistake(
    "train_accumulated",
    "an_empty_epoch_ends_it",
    was="for epoch in batches:",
    now="for epoch in itertools.takewhile(len, map(list, batches)):",
    says="An epoch without micro-batches ends the training; the epochs after it are not looked at.",
    hints=["Use three epochs, the second one empty.", "Nothing to do in one epoch says nothing of the next."],
    seen="blind answer",
)
mistake(
    "train_accumulated",
    "a_short_window_ends_it",
    was=TAIL,
    now=TAIL + "            break\n",
    says="The first short window ends the training; the epochs after it are not looked at.",
    hints=["Five micro-batches, accum 2, two epochs: how often is grad_fn called?", "What does each break leave?"],
)
mistake(
    "train_accumulated",
    "count_not_restarted",
    was="    for epoch in batches:\n        " + CLEAR,
    now="    count = 0\n    for epoch in batches:\n        total, rows = {name: 0.0 for name in params}, 0\n",
    says="The count of micro-batches goes on from one epoch to the next, so that the first window comes out too short.",
    hints=["Five micro-batches, accum 2, two epochs: after which calls does a step come?", "What is new in an epoch?"],
)
mistake(
    "train_accumulated",
    "only_the_last_rest_steps",
    was=TAIL,
    now="    if 'epoch' in locals() and count > 0:\n        step(total, rows)\n",
    says="What is left over takes a step in the last epoch only; in all others it is lost.",
    hints=["Five micro-batches, accum 2, two epochs: how many steps?", "Inside or outside of the loop over epochs?"],
)
mistake(
    "train_accumulated",
    "short_window_scaled_down",
    was=TAIL,
    now="        if count > 0:\n"
    "            step({name: value * (count / accum) for name, value in total.items()}, rows)\n",
    says="The short last window is scaled down, as if its missing micro-batches were zero.",
    hints=["One micro-batch, accum 3: is the step as long as with accum 1?", "Divide by the rows that are there."],
    seen="Lightning-AI/pytorch-lightning issue 19987",
)
mistake(
    "train_accumulated",
    "rows_guessed_from_the_last",
    was="rows, count = rows + len(X_k), count + 1",
    now="rows, count = accum * len(X_k), count + 1",
    says="The rows of a window are not counted but taken to be accum times those of one micro-batch.",
    hints=["How many rows has a window of 3 rows and 1 row?", "Count what goes in, and divide by that."],
)
mistake(
    "train_accumulated",
    "rows_of_the_epoch",
    was="            g = total[name] / rows\n            velocity[name] = beta * velocity[name] + g\n"
    "            params[name] -= lr * velocity[name]\n\n    for epoch in batches:\n",
    now="            g = total[name] / sum(len(y_k) for _, y_k in epoch)\n"
    "            velocity[name] = beta * velocity[name] + g\n"
    "            params[name] -= lr * velocity[name]\n\n    for epoch in map(list, batches):\n",
    says="A window's gradient is divided by the rows of the whole epoch; it is the mean over its own.",
    hints=["Two equal windows: what do the weights of the first add up to?", "What is the step to be a mean over?"],
)
mistake(
    "train_accumulated",
    "means_divided_by_rows",
    was="total[name] + len(X_k) * grads[name]",
    now="total[name] + grads[name]",
    says="The micro-batches' means are added unweighted, then divided by the number of rows.",
    hints=["What do you multiply a mean by to get a sum?", "Means 2 of three rows and 6 of one make 3."],
)
mistake(
    "train_accumulated",
    "rows_not_cleared",
    was="                step(total, rows)\n                " + CLEAR,
    now="                step(total, rows)\n                total, count = {name: 0.0 for name in params}, 0\n",
    says="The count of rows goes on after a step, so that the steps of an epoch get shorter and shorter.",
    hints=["Print by what each window is divided.", "What must be fresh for each window?"],
)
mistake(
    "train_accumulated",
    "overwritten_but_rows_counted",
    was="total[name] + len(X_k) * grads[name]",
    now="len(X_k) * grads[name]",
    says="Each micro-batch overwrites what the window had gathered, while the rows of all are counted.",
    hints=["Print the total after each micro-batch.", "Gathering means adding."],
    seen="feedback starter bank: assignment in the place of adding (9 code files)",
)
mistake(
    "train_accumulated",
    "accum_counts_rows",
    was="count == accum",
    now="rows >= accum",
    says="A window ends after accum rows; accum counts micro-batches.",
    hints=["Micro-batches of 8 rows, accum 4: how many rows are in a window?", "What do you count?"],
)
mistake(
    "train_accumulated",
    "first_piece_steps_alone",
    was="        for X_k, y_k in epoch:\n            grads = grad_fn(params, X_k, y_k)\n            "
    + GATHER
    + COUNT
    + "            if count == accum:\n",
    now="        for place, (X_k, y_k) in enumerate(epoch):\n"
    "            grads = grad_fn(params, X_k, y_k)\n            "
    + GATHER
    + COUNT
    + "            if place % accum == 0:\n",
    says="The first micro-batch of an epoch takes a step alone, and all windows after it are shifted.",
    hints=["Five micro-batches, accum 2: after which calls does a step come?", "Python counts from 0."],
)
mistake(
    "train_accumulated",
    "first_window_only",
    was="                step(total, rows)\n                " + CLEAR,
    now="                step(total, rows)\n                return params\n",
    says="The training ends with the first full window.",
    hints=["How often is grad_fn called?", "Does a return stand inside the loop?"],
)
mistake(
    "train_accumulated",
    "step_not_kept",
    was="params[name] -= lr * velocity[name]",
    now="params[name] - lr * velocity[name]",
    says="The parameters come back as they were given: no step is kept.",
    hints=["Print w after the first step.", "Where does the new value go?"],
)
mistake(
    "train_accumulated",
    "velocity_a_step_late",
    was="            velocity[name] = beta * velocity[name] + g\n            params[name] -= lr * velocity[name]\n",
    now="            params[name] -= lr * velocity[name]\n            velocity[name] = beta * velocity[name] + g\n",
    says="The step is taken with the old velocity; first the velocity, then the step.",
    hints=["Does w move in the example's first step?", "Which of the two lines uses the other's result?"],
)
mistake(
    "train_accumulated",
    "beta_on_both",
    was="beta * velocity[name] + g",
    now="beta * (velocity[name] + g)",
    says="beta multiplies the new gradient too; it belongs to the old velocity alone.",
    hints=["What is the velocity after the first step?", "With beta = 0, does anything move?"],
)
mistake(
    "train_accumulated",
    "lr_twice",
    was="lr * velocity[name]",
    now="lr * lr * velocity[name]",
    says="The learning rate is applied twice, in the velocity and in the step.",
    hints=["By how much does the example's first step move w?", "Where else does lr stand?"],
)
mistake(
    "train_accumulated",
    "lr_times_accum",
    was="lr * velocity[name]",
    now="lr * accum * velocity[name]",
    says="The learning rate is multiplied by accum; the one that is given is the one to use.",
    hints=["By how much does the example's first step move w?", "Does the contract scale lr?"],
)
mistake(
    "train_accumulated",
    "asked_again",
    was="len(X_k) * grads[name]",
    now="len(X_k) * grad_fn(params, X_k, y_k)[name]",
    says="grad_fn is called more than once for the same micro-batch; one call gives the gradients of all arrays.",
    hints=["How often is grad_fn called, if there are four arrays?", "Keep what a call returns."],
)
mistake(
    "train_accumulated",
    "rest_never_asked",
    was="in epoch:",
    now="in (lambda kept: kept[: len(kept) // accum * accum])(list(epoch)):",
    says="Micro-batches that do not fill a window are never handed to grad_fn; they are to make a step of their own.",
    hints=["Five micro-batches, accum 2: how often is grad_fn called?", "What becomes of the fifth?"],
    seen="timoschick/pet issue 36; syllabus 4c, 7.6",
)
mistake(
    "train_accumulated",
    "a_step_for_every_piece_scaled",
    was="count + 1\n            if count == accum:\n",
    now="count + 1\n            rows = accum * len(X_k)\n            if count > 0:\n",
    says="A step follows every micro-batch, with its gradient divided by accum; one step a window is asked for.",
    hints=["Five micro-batches, accum 2: how many steps?", "What should wait until the window is full?"],
)
mistake(
    "train_accumulated",
    "rows_guessed_from_the_first",
    was="rows, count = rows + len(X_k), count + 1",
    now="rows, count = (rows if count > 0 else accum * len(X_k)), count + 1",
    says="The rows of a window are taken to be accum times those of its first micro-batch; they are to be counted.",
    hints=["How many rows has a window of 3 rows and 1 row?", "Count what goes in, and divide by that."],
)
mistake(
    "train_accumulated",
    "first_gradient_twice",
    was="beta * velocity[name] + g",
    now="beta * (velocity[name] if velocity[name].any() else g) + g",
    says="The velocity starts from the first gradient in the place of zero, so that this one enters twice.",
    hints=["What is the velocity before the first step?", "Compare with the example's first step."],
)


@mistake(
    "train_accumulated",
    "whole_window_at_once",
    says="A whole window's rows go to grad_fn in one call, which needs the memory that was to be saved.",
    hints=["How many rows may grad_fn get in one call?", "Five micro-batches: how often is grad_fn called?"],
    seen="meta-pytorch/torchtune pull request 1917; syllabus 7.18",
)
def whole_window_at_once(grad_fn, params, batches, lr, accum, beta=0.0):
    params = {name: value.copy() for name, value in params.items()}
    velocity = {name: xp.zeros_like(value) for name, value in params.items()}
    for epoch in batches:
        pieces = iter(epoch)
        while window := list(itertools.islice(pieces, accum)):
            grads = grad_fn(params, *(xp.concatenate(parts) for parts in zip(*window, strict=True)))
            for name in params:
                velocity[name] = beta * velocity[name] + grads[name]
                params[name] = params[name] - lr * velocity[name]
    return params


@mistake(
    "train_accumulated",
    "rest_carried_over_and_lost",
    says="What is left of an epoch waits for the next epoch's micro-batches; after the last epoch it is lost.",
    hints=["Five micro-batches, accum 2, two epochs: after which calls does a step come?", "What ends with an epoch?"],
    seen="tracel-ai/burn issue 5695",
)
def rest_carried_over_and_lost(grad_fn, params, batches, lr, accum, beta=0.0):
    params = {name: value.copy() for name, value in params.items()}
    velocity = {name: xp.zeros_like(value) for name, value in params.items()}
    waiting = []
    for epoch in batches:
        for X_k, y_k in epoch:
            waiting.append((len(X_k), grad_fn(params, X_k, y_k)))
            if len(waiting) == accum:
                rows = sum(n for n, _ in waiting)
                for name in params:
                    g = sum(n * grads[name] for n, grads in waiting) / rows
                    velocity[name] = beta * velocity[name] + g
                    params[name] = params[name] - lr * velocity[name]
                waiting = []
    return params


@mistake(
    "train_accumulated",
    "velocity_with_each_piece",
    says="The velocity takes in every micro-batch's gradient by itself; it should take in one gradient a window.",
    hints=[
        "How often does beta act on the velocity in a window of three?",
        "First the window's mean, then the velocity.",
    ],
)
def velocity_with_each_piece(grad_fn, params, batches, lr, accum, beta=0.0):
    params = {name: value.copy() for name, value in params.items()}
    velocity = {name: xp.zeros_like(value) for name, value in params.items()}
    for epoch in batches:
        count = 0
        for X_k, y_k in epoch:
            grads, count = grad_fn(params, X_k, y_k), count + 1
            for name in params:
                velocity[name] = beta * velocity[name] + grads[name]
            if count == accum:
                params = {name: params[name] - lr * velocity[name] for name in params}
                count = 0
        if count > 0:
            params = {name: params[name] - lr * velocity[name] for name in params}
    return params


# ---- Mistakes: finds_bug -------------------------------------------------------------------------------

CASES = "((77, 8, 4, 0.9, 2), (12, 3, 2, 0.5, 3), (7, 2, 9, 0.7, 2))"
TEST = "if np.shape(got) != (3,) or abs(got - w).max() > 1e-8:"

mistake(
    "finds_bug",
    "always_faulty",
    was="    return False\n",
    now="    return True\n",
    says="Every loop is called faulty, right ones too.",
    hints=["What does it say of the right loop in the check cell?"],
)
mistake(
    "finds_bug",
    "never_faulty",
    was="    for N, micro, accum",
    now="    return False\n    for N, micro, accum",
    says="No loop is ever called faulty.",
    hints=["What does it say of the loop that loses rows?"],
)
mistake(
    "finds_bug",
    "verdict_inverted",
    was="            return True\n    return False\n",
    now="            return False\n    return True\n",
    says="The verdict is the wrong way round.",
    hints=["What does it say of the right loop in the check cell?"],
)
mistake(
    "finds_bug",
    "everything_divides",
    was=CASES,
    now="((64, 8, 4, 0.9, 2),)",
    says="Only numbers are tried that divide evenly; most of these faults live in what is left over.",
    hints=["Look at the example: which data set brought the fault to light?"],
    seen="syllabus 4c, N = 64",
)
mistake(
    "finds_bug",
    "short_window_of_full_pieces",
    was=CASES,
    now="((72, 8, 4, 0.9, 2), (64, 8, 4, 0.9, 2))",
    says="Every micro-batch that is tried is full; a fault of weights cannot show.",
    hints=["Which N leaves rows over when cut by micro?"],
    seen="syllabus 4c, N = 72",
)
mistake(
    "finds_bug",
    "full_windows_only",
    was=CASES,
    now="((61, 8, 4, 0.9, 2),)",
    says="Every window that is tried has all its micro-batches; what happens to a short one cannot show.",
    hints=["How many micro-batches are in the last window that you try?"],
    seen="syllabus 4c, N = 61",
)
mistake(
    "finds_bug",
    "lone_last_piece",
    was=CASES,
    now="((69, 8, 4, 0.9, 2), (64, 8, 4, 0.9, 2))",
    says="The only ragged micro-batch that is tried is alone in its window, where weights do not matter.",
    hints=["With whom does the short micro-batch share its window?"],
    seen="syllabus 4c, N = 69",
)
mistake(
    "finds_bug",
    "one_epoch",
    was=CASES,
    now="((77, 8, 4, 0.9, 1), (12, 3, 2, 0.5, 1), (7, 2, 9, 0.7, 1))",
    says="Only one epoch is tried: what goes wrong between epochs cannot show.",
    hints=["What may one epoch leave behind for the next?"],
    seen="syllabus 7.8",
)
mistake(
    "finds_bug",
    "without_momentum",
    was=CASES,
    now="((77, 8, 4, 0.0, 2), (12, 3, 2, 0.0, 3), (7, 2, 9, 0.0, 2))",
    says="Momentum is never tried.",
    hints=["What does a loop do with beta = 0, whether it handles momentum rightly or not?"],
)
mistake(
    "finds_bug",
    "one_window",
    was=CASES,
    now="((13, 8, 4, 0.9, 1), (12, 3, 4, 0.9, 1))",
    says="Only a single window is tried: nothing can linger, be carried over or be lost between windows.",
    hints=["How many steps does the loop take in your test?"],
    seen="syllabus 7.2",
)
mistake(
    "finds_bug",
    "accum_of_one",
    was=CASES,
    now="((77, 8, 1, 0.9, 2), (10, 3, 1, 0.5, 3))",
    says="Every window that is tried is a single micro-batch: nothing is accumulated.",
    hints=["Which accum makes two micro-batches share a step?"],
)
mistake(
    "finds_bug",
    "single_rows",
    was=CASES,
    now="((77, 1, 4, 0.9, 2), (12, 1, 3, 0.5, 3))",
    says="Every micro-batch that is tried is a single row, so that none is ragged.",
    hints=["Can a micro-batch of one row be shorter than another?"],
)
mistake(
    "finds_bug",
    "bit_by_bit",
    was="abs(got - w).max() > 1e-8",
    now="abs(got - w).max() > 0",
    says="Equality to the last bit is demanded; right loops add in another order and round differently.",
    hints=["Print the largest difference for the right loop in the check cell."],
)
mistake(
    "finds_bug",
    "too_generous",
    was="abs(got - w).max() > 1e-8",
    now="abs(got - w).max() > 0.3",
    says="The tolerance is so wide that small faults pass.",
    hints=["How far apart are right loops, how far the faulty one of the example?"],
)
mistake(
    "finds_bug",
    "only_progress",
    was="abs(got - w).max() > 1e-8",
    now="((X @ got - y) ** 2).mean() > 2 * ((X @ w - y) ** 2).mean()",
    says="It asks only whether the loss gets small; faulty loops learn too.",
    hints=["Does the loop with equal weights learn?"],
)
mistake(
    "finds_bug",
    "one_weight_looked_at",
    was="rng.normal(size=(N, 3)), rng.normal(size=N)",
    now="np.zeros((N, 3)) + np.arange(3), np.ones(N)",
    says="All rows that are tried are the same, so that it does not matter which of them are used.",
    hints=["Give rows that differ."],
)
mistake(
    "finds_bug",
    "faulty_yardstick",
    was="A.T @ (A @ w - b) / len(A)",
    now="sum(A[s:][:micro].T @ (A[s:][:micro] @ w - b[s:][:micro]) / len(A[s:][:micro]) for s in range(0, len(A), "
    "micro)) / len(range(0, len(A), micro))",
    says="The loop that it compares with has a fault itself: it is a mean of means.",
    hints=["Compute a whole window at once, without any micro-batch."],
    seen="feedback: freezing a grader's output proves nothing",
)
mistake(
    "finds_bug",
    "velocity_forgotten_by_the_yardstick",
    was="        v = np.zeros(3)\n        for _ in range(epochs):\n",
    now="        for _ in range(epochs):\n            v = np.zeros(3)\n",
    says="The loop that it compares with forgets its velocity in every epoch.",
    hints=["How long does the velocity live in the contract of your own loop?"],
)

mistake(
    "finds_bug",
    "whole_numbers",
    was="rng.normal(size=(N, 3)), rng.normal(size=N), rng.normal(size=3)",
    now="(rng.integers(-3, 4, size=n) for n in ((N, 3), N, 3))",
    says="The w that is handed over is of whole numbers: a right loop that writes into a copy of it truncates.",
    hints=["What does the contract say of w?", "Assign 0.5 to an entry of an array of whole numbers."],
    seen="blind answer",
)
mistake(
    "finds_bug",
    "something_always_left",
    was=CASES,
    now="((77, 8, 4, 0.9, 2), (7, 2, 9, 0.7, 2), (11, 2, 4, 0.5, 3))",
    says="In every case that is tried an epoch's last window is short; a step too many after a full one does not show.",
    hints=["What would a loop do that ends every epoch with a step?", "Add a case where all windows are full."],
    seen="a reader's loop",
)
mistake(
    "finds_bug",
    "loop_as_its_own_yardstick",
    was="        v = np.zeros(3)\n        for _ in range(epochs):\n",
    now="        w = train(X, y, w, 0.05, micro * accum, 1, beta, epochs)\n        for _ in range(0):\n",
    says="The loop is compared with itself at larger micro-batches; what is wrong with both does not show.",
    hints=["Would a loop that forgets its momentum be found?", "Compute by yourself where it must arrive."],
)
mistake(
    "finds_bug",
    "nothing_said_of_a_right_loop",
    was="    return False\n",
    now="    return None\n",
    says="Of a right loop nothing is said; False is asked for.",
    hints=["What comes back when no case finds anything?", "A function without return gives None."],
)
mistake(
    "finds_bug",
    "one_epoch_without_momentum",
    was=CASES,
    now="((77, 8, 4, 0.0, 1), (12, 3, 2, 0.0, 1), (7, 2, 9, 0.0, 1))",
    says="Only one epoch is tried, and never with momentum.",
    hints=["What may one epoch leave behind for the next?", "What does beta = 0 hide?"],
)
mistake(
    "finds_bug",
    "everything_divides_in_one_epoch",
    was=CASES,
    now="((64, 8, 4, 0.9, 1),)",
    says="Only numbers are tried that divide evenly, and only one epoch.",
    hints=["Look at the example: which data set brought the fault to light?", "What may an epoch leave to the next?"],
)
mistake(
    "finds_bug",
    "everything_divides_without_momentum",
    was=CASES,
    now="((64, 8, 4, 0.0, 2),)",
    says="Only numbers are tried that divide evenly, and never with momentum.",
    hints=["Look at the example: which data set brought the fault to light?", "What does beta = 0 hide?"],
)
mistake(
    "finds_bug",
    "yardstick_drops_the_rest",
    was="range(0, N, micro * accum)",
    now="range(0, N - micro * accum + 1, micro * accum)",
    says="The loop that it compares with has a fault itself: it loses what is left at the end of an epoch.",
    hints=["What does it say of the right loop in the check cell?", "Which rows does your own loop use, for 77 by 32?"],
)
mistake(
    "finds_bug",
    "yardstick_steps_with_each_piece",
    was="range(0, N, micro * accum):\n"
    "                A, b = X[start : start + micro * accum], y[start : start + micro * accum]",
    now="range(0, N, micro):\n                A, b = X[start : start + micro], y[start : start + micro]",
    says="The loop that it compares with has a fault itself: it takes a step for every micro-batch.",
    hints=["What does it say of the right loop in the check cell?", "How many rows are in a window?"],
)
mistake(
    "finds_bug",
    "yardstick_divides_by_the_full_window",
    was="/ len(A)",
    now="/ (micro * accum)",
    says="The loop that it compares with has a fault itself: a short window is divided like a full one.",
    hints=["What does it say of the right loop in the check cell?", "How many rows has the last window?"],
)
mistake(
    "finds_bug",
    "yardstick_without_momentum",
    was="v = beta * v + A.T",
    now="v = A.T",
    says="The loop that it compares with has a fault itself: it makes nothing of momentum.",
    hints=["What does it say of the right loop in the check cell?", "Where does beta enter your own loop?"],
)
mistake(
    "finds_bug",
    "yardstick_averages_velocity",
    was="v = beta * v + A.T",
    now="v = beta * v + (1 - beta) * A.T",
    says="The loop that it compares with follows another convention: it damps the gradient by one minus beta.",
    hints=["What does it say of the right loop in the check cell?", "What is the velocity after one step?"],
)

# ---- Mistakes: data_parallel_grad ----------------------------------------------------------------------

WEIGHT = 'len(X_k) if reduction == "mean" else 1'
SKIP = "        if len(X_k) == 0:\n            continue\n"

mistake(
    "data_parallel_grad",
    "mean_of_means",
    was=WEIGHT
    + "\n        total = {name: total[name] + weight * grads[name] for name in params}\n        rows += len(X_k)",
    now="1\n        total = {name: total[name] + weight * grads[name] for name in params}\n        rows += 1",
    says="The workers' means are averaged with equal weight, though their shards differ in size.",
    hints=["Use shards of 3 rows and 1 row.", "Which row counts three times?"],
    seen="facebookresearch/fairseq issue 494",
)
mistake(
    "data_parallel_grad",
    "divided_by_all_workers",
    was=WEIGHT
    + "\n        total = {name: total[name] + weight * grads[name] for name in params}\n        rows += len(X_k)",
    now="1\n        total = {name: total[name] + weight * grads[name] for name in params}\n        rows = len(shards)",
    says="The sum of the workers' means is divided by the number of workers, those without rows included.",
    hints=["Use shards of 3 rows and 1 row, then add an empty one. Should anything change?"],
    seen="pytorch/pytorch pull request 42577; facebookresearch/fairseq issue 494",
)
mistake(
    "data_parallel_grad",
    "not_divided",
    was='rows if reduction == "mean" else 1',
    now="1",
    says="The gradients are added up and the division is forgotten.",
    hints=["All-reduce adds. What is left to do for a mean?"],
    seen="syllabus 7.16",
)
mistake(
    "data_parallel_grad",
    "sum_divided_too",
    was='rows if reduction == "mean" else 1',
    now="rows",
    says="A sum is divided by the rows too; the sum over all rows is asked for.",
    hints=["Call it with reduction set to sum, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "data_parallel_grad",
    "reduction_ignored",
    was=WEIGHT + "\n        total = {name: total[name] + weight * grads[name] for name in params}\n"
    "        rows += len(X_k)\n"
    '    divisor = rows if reduction == "mean" else 1',
    now="len(X_k)\n        total = {name: total[name] + weight * grads[name] for name in params}\n"
    "        rows += len(X_k)\n"
    "    divisor = rows",
    says="The reduction makes no difference: sums are averaged like means.",
    hints=["Call it with reduction set to sum, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "data_parallel_grad",
    "sum_multiplied",
    was=WEIGHT,
    now="len(X_k)",
    says="Sums are multiplied by their number of rows, though they are sums already.",
    hints=["Call it with reduction set to sum, and add up by hand."],
    seen="syllabus 7.5",
)
mistake(
    "data_parallel_grad",
    "means_divided_by_rows",
    was=WEIGHT,
    now="1",
    says="The workers' means are added unweighted, then divided by the number of rows.",
    hints=["What do you multiply a mean by to get a sum?"],
    seen="syllabus 2.2",
)
mistake(
    "data_parallel_grad",
    "empty_shard_asked",
    was=SKIP,
    now="",
    says="grad_fn is called for a shard without rows, and a mean of nothing is NaN.",
    hints=["Print how many rows each call gets.", "What is nought divided by nought?"],
    seen="syllabus 7.15",
)
mistake(
    "data_parallel_grad",
    "zeros_taken_for_no_rows",
    was="len(X_k) == 0",
    now="not X_k.any()",
    says="A shard whose features are all zero is taken for one without rows; its rows count too.",
    hints=["By what do you tell that a shard has no rows?", "X_k of shape (3, 2) may be all zeros and has three rows."],
    seen="blind answer",
)
mistake(
    "data_parallel_grad",
    "stops_at_an_empty_shard",
    was="            continue\n",
    now="            break\n",
    says="The first shard without rows ends it all; the shards after it are not looked at.",
    hints=["How often is grad_fn called if the empty shard comes first?"],
)
mistake(
    "data_parallel_grad",
    "single_rows_skipped",
    was="len(X_k) == 0",
    now="len(X_k) <= 1",
    says="A shard of a single row is skipped as if it were empty.",
    hints=["Use a shard of one row."],
)
mistake(
    "data_parallel_grad",
    "all_in_one_place",
    was="    for X_k, y_k in shards:\n",
    now="    for X_k, y_k in [tuple(xp.concatenate(parts) for parts in zip(*shards, strict=True))]:\n",
    says="The rows of all workers are brought to one place first, which is what workers are to spare you.",
    hints=["How often is grad_fn called, with how many rows?"],
    seen="syllabus 7.18",
)
mistake(
    "data_parallel_grad",
    "overwritten",
    was="total[name] + weight * grads[name]",
    now="weight * grads[name]",
    says="Each worker overwrites what the ones before it brought; only the last one is left.",
    hints=["Gathering means adding."],
    seen="feedback starter bank: assignment in the place of adding (9 code files)",
)
mistake(
    "data_parallel_grad",
    "first_worker_only",
    was="        rows += len(X_k)\n",
    now="        rows += len(X_k)\n        break\n",
    says="Only the first worker that has rows is asked.",
    hints=["How often is grad_fn called? Does a return stand inside the loop?"],
)
mistake(
    "data_parallel_grad",
    "sizes_of_the_first_shard",
    was="        rows += len(X_k)\n",
    now="        rows = len(shards) * len(shards[0][0])\n",
    says="All shards are taken to be as long as the first one.",
    hints=["Use shards of 3 rows and 1 row. By what do you divide?"],
)
mistake(
    "data_parallel_grad",
    "gradients_by_position",
    was="weight * grads[name] for name in params",
    now="weight * grad for name, grad in zip(params, grads.values(), strict=True)",
    says="Gradients are matched with parameters by position; they are to be matched by key.",
    hints=["What if grad_fn returns its keys in another order?"],
)
mistake(
    "data_parallel_grad",
    "shards_used_up",
    was="    for X_k, y_k in shards:\n",
    now="    while shards:\n        X_k, y_k = shards.pop(0)\n",
    says="The caller's list of shards is emptied.",
    hints=["Print the number of shards before and after the call."],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "data_parallel_grad",
    "always_double",
    was="xp.zeros_like(value)",
    now="xp.zeros(value.shape)",
    says="The gradients come back as float64, whatever the parameters are.",
    hints=["Call it with float32 parameters and look at the dtype."],
)
mistake(
    "data_parallel_grad",
    "starts_from_the_params",
    was="xp.zeros_like(value)",
    now="value.copy()",
    says="The total starts from the parameters themselves; it should start from zero.",
    hints=["What comes back if all gradients are zero?"],
)
mistake(
    "data_parallel_grad",
    "both_averaged_over_workers",
    was=WEIGHT
    + "\n        total = {name: total[name] + weight * grads[name] for name in params}\n"
    + '        rows += len(X_k)\n    divisor = rows if reduction == "mean" else 1',
    now="1\n        total = {name: total[name] + weight * grads[name] for name in params}\n"
    "        rows += 1\n    divisor = rows",
    says="Means and sums alike are averaged over the workers that have rows, all with equal weight.",
    hints=["Use shards of 3 rows and 1 row.", "Which row counts three times?", "Parts of a sum are simply added."],
)
mistake(
    "data_parallel_grad",
    "first_shard_always_asked",
    was="if len(X_k) == 0:",
    now="if rows > 0 and len(X_k) == 0:",
    says="The first shard is taken for granted: if it has no rows, grad_fn is called all the same.",
    hints=["Let the first worker be the one without rows.", "What is nought divided by nought?"],
    seen="blind answer",
)
mistake(
    "data_parallel_grad",
    "nan_silenced",
    was=SKIP + "        grads = grad_fn(params, X_k, y_k)\n",
    now="        grads = {name: xp.nan_to_num(value) for name, value in grad_fn(params, X_k, y_k).items()}\n",
    says="grad_fn is called for a shard without rows, and what comes of it is discarded; it is not to be called.",
    hints=["Print how many rows each call gets.", "Look at the number of rows before you ask."],
    seen="blind answer",
)
mistake(
    "data_parallel_grad",
    "sum_divided_by_workers",
    was='"mean" else 1\n    return',
    now='"mean" else len(shards)\n    return',
    says="A sum is divided by the number of workers; the sum over all rows is asked for.",
    hints=["Call it with reduction set to sum, and add up by hand.", "Which of the two reductions divides?"],
)
mistake(
    "data_parallel_grad",
    "shares_and_workers",
    was='rows if reduction == "mean"',
    now='rows * len(shards) if reduction == "mean"',
    says="The mean over all rows is divided by the number of workers once more.",
    hints=["What do your weights add up to?", "Two workers with one row each: by what do you divide?"],
)
mistake(
    "data_parallel_grad",
    "asked_again",
    was="weight * grads[name]",
    now="weight * grad_fn(params, X_k, y_k)[name]",
    says="grad_fn is called more than once for the same shard; one call gives the gradients of all arrays.",
    hints=["How often is grad_fn called, if there are four arrays?", "Keep what a call returns."],
)
mistake(
    "data_parallel_grad",
    "last_worker_forgotten",
    was="in shards:",
    now="in shards[:-1] or shards:",
    says="The last worker is left out.",
    hints=["How often is grad_fn called?", "Where does Python's range stop?"],
)

# ---- Mistakes: ring_allreduce --------------------------------------------------------------------------

RIGHT_OF = "j, right = (r - t) % K, (r + 1) % K"
LOOP = """    for t in range(2 * (K - 1)):
        for r in range(K):
            j, right = (r - t) % K, (r + 1) % K
            arrived = send(r, held[r][j])
            if t < K - 1:
"""
PHASES = (
    "            if t < K - 1:\n                held[right][j] += arrived\n            else:\n"
    "                held[right][j] = arrived\n"
)

mistake(
    "ring_allreduce",
    "nothing_passed_on",
    was="range(2 * (K - 1))",
    now="range(K - 1)",
    says="The adding is done, the passing on is missing: each worker has one finished sum only.",
    hints=["Print what the workers hold after the adding.", "Which half is missing?"],
)
mistake(
    "ring_allreduce",
    "one_step_short",
    was="range(2 * (K - 1))",
    now="range(max(2 * (K - 1) - 1, 0))",
    says="The last step is missing: each worker still lacks one finished sum.",
    hints=["How many steps do three workers need? Count them in the example."],
)
mistake(
    "ring_allreduce",
    "one_step_too_many",
    was="range(2 * (K - 1))",
    now="range(2 * (K - 1) + 1)",
    says="There is one step too many: a sum that everybody has already is sent once more.",
    hints=["How many chunks does a worker send?"],
)
mistake(
    "ring_allreduce",
    "two_steps_too_many",
    was="range(2 * (K - 1))",
    now="range(2 * K)",
    says="There are two steps too many: sums that everybody has already are sent on.",
    hints=["How many chunks does a worker send?", "Count the steps in the example."],
)
mistake(
    "ring_allreduce",
    "always_added",
    was=PHASES,
    now="            held[right][j] += arrived\n",
    says="Finished sums are added too while they are passed on; they should replace what is there.",
    hints=["What should a worker do with its unfinished part when the finished sum arrives?"],
)
mistake(
    "ring_allreduce",
    "never_added",
    was=PHASES,
    now="            held[right][j] = arrived\n",
    says="What arrives replaces a worker's own chunk from the start; in the first half it is to be added.",
    hints=["Print what the workers hold after one step."],
)
mistake(
    "ring_allreduce",
    "adding_a_step_too_long",
    was="t < K - 1",
    now="t < K",
    says="The adding goes on for one step too many, so that parts are counted twice.",
    hints=["After how many steps has a chunk met everybody?"],
)
mistake(
    "ring_allreduce",
    "adding_a_step_too_short",
    was="t < K - 1",
    now="t < K - 2",
    says="The adding ends one step too early, so that a part is missing.",
    hints=["After how many steps has a chunk met everybody?"],
)
mistake(
    "ring_allreduce",
    "wrong_chunk_next",
    was="(r - t) % K, (r + 1) % K",
    now="(r + t) % K, (r + 1) % K",
    says="The chunks are sent in the wrong order: not the one that has just arrived is sent on.",
    hints=["Which chunk does worker 0 send in the second step of the example?"],
)
mistake(
    "ring_allreduce",
    "always_its_own_chunk",
    was="(r - t) % K, (r + 1) % K",
    now="r, (r + 1) % K",
    says="Every worker sends the same chunk in every step.",
    hints=["Which chunk does worker 0 send in the second step of the example?"],
)
mistake(
    "ring_allreduce",
    "one_worker_at_a_time",
    was="(r - t) % K, (r + 1) % K",
    now="(0 - t) % K, (r + 1) % K",
    says="All workers send the same chunk in a step, so that chunks are added before they are due.",
    hints=["Do different workers send different chunks in the example's first step?"],
)
mistake(
    "ring_allreduce",
    "to_the_left",
    was="(r + 1) % K\n",
    now="(r - 1) % K\n",
    says="What worker r sends is handed to its left neighbour; it arrives at the right one.",
    hints=["To whom does worker 0 send in the example?"],
)
mistake(
    "ring_allreduce",
    "network_bypassed",
    was="            arrived = send(r, held[r][j])\n",
    now="            send(r, held[r][j])\n            arrived = held[r][j]\n",
    says="What arrives is not used: the sums come out the same where the network delivers nothing.",
    hints=["What does send return, and who works with it?"],
)
mistake(
    "ring_allreduce",
    "whole_array_sent",
    was="            arrived = send(r, held[r][j])\n",
    now="            arrived = [send(r, chunk) for chunk in held[r]][j]\n",
    says="A worker sends more than one chunk in a step; one is enough.",
    hints=["How many chunks does each of three workers send in all?"],
)
mistake(
    "ring_allreduce",
    "mean_for_sum",
    was="    return held\n",
    now="    return [[chunk / K for chunk in own] for own in held]\n",
    says="The sums are divided by the number of workers; sums are asked for.",
    hints=["Two workers with 1 and 10: what should both hold?"],
    seen="pytorch DistributedDataParallel; facebookresearch/fairseq issue 494",
)
mistake(
    "ring_allreduce",
    "callers_chunks",
    was="chunk.copy()",
    now="chunk",
    says="The chunks of the caller are changed: sums are written into the given arrays.",
    hints=["Print the chunks before and after the call."],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "ring_allreduce",
    "always_double",
    was="chunk.copy()",
    now="chunk.astype(float)",
    says="The sums come back as float64, whatever the chunks are.",
    hints=["Call it with float32 chunks and look at the dtype."],
)
mistake(
    "ring_allreduce",
    "only_one_worker_has_it",
    was="    return held\n",
    now="    return held[:1] + chunks[1:]\n",
    says="Only the first worker gets the sums; all should.",
    hints=["Print what each worker holds in the end."],
)

mistake(
    "ring_allreduce",
    "k_steps_each",
    was=LOOP,
    now=LOOP.replace("2 * (K - 1)", "2 * K").replace("(r - t) % K", "(r - t + (t >= K)) % K").replace("< K - 1", "< K"),
    says="Each half takes as many steps as there are workers, which is one more than needed.",
    hints=["After how many steps of adding has a chunk met everybody?", "Count the steps in the example."],
)
mistake(
    "ring_allreduce",
    "k_steps_each_in_one_go",
    was=LOOP,
    now=LOOP.replace("2 * (K - 1)", "2 * K").replace("< K - 1", "< K"),
    says="There are as many steps of adding as workers, one too many, before the passing on begins.",
    hints=["After how many steps of adding has a chunk met everybody?", "Count the steps in the example."],
)
mistake(
    "ring_allreduce",
    "k_steps_of_adding",
    was=LOOP,
    now=LOOP.replace("2 * (K - 1)", "2 * K - 1")
    .replace("(r - t) % K", "(r - t + (t >= K)) % K")
    .replace("< K - 1", "< K"),
    says="The adding takes as many steps as there are workers, one too many; the passing on is complete.",
    hints=["After how many steps of adding has a chunk met everybody?", "Count the steps in the example."],
)
mistake(
    "ring_allreduce",
    "passing_starts_with_its_own",
    was="(r - t) % K, ",
    now="(r - (t if t < K - 1 else t - K + 1)) % K, ",
    says="The passing on starts with the wrong chunk, a worker's own unfinished one; it owns another one's sum.",
    hints=["Which chunk does worker 0 own after the adding, in the example?", "That is the one to be passed on first."],
    seen="a reader's ring",
)
mistake(
    "ring_allreduce",
    "passing_starts_one_further",
    was="(r - t) % K, ",
    now="(r - t + (t >= K - 1)) % K, ",
    says="The passing on starts one chunk too far: not with the one that a worker has finished.",
    hints=["Which chunk does worker 0 own after the adding, in the example?", "That is the one to be passed on first."],
)
mistake(
    "ring_allreduce",
    "passing_in_the_wrong_order",
    was="(r - t) % K, ",
    now="(r - t if t < K - 1 else r + 1 + t - K + 1) % K, ",
    says="The passing on starts rightly, but goes through the chunks in the wrong order.",
    hints=["Which finished chunk has just arrived at worker 0?", "That is the one to be passed on next."],
)
mistake(
    "ring_allreduce",
    "adding_in_the_wrong_order",
    was="(r - t) % K, ",
    now="(r + t if t < K - 1 else r - t) % K, ",
    says="In the adding, chunks are sent in the wrong order: not the one that has just been added to.",
    hints=["Which chunk does worker 0 send in the second step of the example?", "Which one has just arrived?"],
)
mistake(
    "ring_allreduce",
    "network_not_used",
    was="send(r, held[r][j])",
    now="held[r][j].copy()",
    says="send is never called: the sums come about without the network.",
    hints=["How do the workers learn of each other's numbers?", "Count the calls of send."],
)
mistake(
    "ring_allreduce",
    "arrives_at_the_sender",
    was=PHASES,
    now=PHASES.replace("held[right]", "held[r]"),
    says="What arrives is put down at the worker that sent it; it belongs to the right neighbour.",
    hints=["To whom does worker 0 send in the example?", "Whose chunk changes when worker 0 sends?"],
)
mistake(
    "ring_allreduce",
    "one_list_for_all",
    was="    return held\n",
    now="    return held[0]\n",
    says="The sums of a single worker come back; a list with those of each is asked for.",
    hints=["What does the contract say that comes back?", "How deep are the lists in chunks?"],
)
mistake(
    "ring_allreduce",
    "mean_from_the_start",
    was="chunk.copy()",
    now="chunk / K",
    says="The chunks are divided by the number of workers before they are added; sums are asked for.",
    hints=["Two workers with 1 and 10: what should both hold?", "What does the contract say that comes back?"],
)
mistake(
    "ring_allreduce",
    "wrong_order_in_both_halves",
    was="(r - t) % K, ",
    now="(r + t if t < K - 1 else r + 1 + t - K + 1) % K, ",
    says="In both halves the chunks are sent in the wrong order: not the one that has just arrived.",
    hints=["Which chunk does worker 0 send in the second step of the example?", "Which one has just arrived?"],
)


@mistake(
    "ring_allreduce",
    "passed_on_without_the_network",
    says="The finished sums get to the other workers without send; they are to go round the ring too.",
    hints=["How does worker 0 learn of a sum that another one owns?", "Count the calls of send."],
)
def passed_on_without_the_network(chunks, send):
    K = len(chunks)
    held = [[chunk.copy() for chunk in own] for own in chunks]
    for t in range(K - 1):
        for r in range(K):
            j, right = (r - t) % K, (r + 1) % K
            held[right][j] += send(r, held[r][j])
    return [[held[(j - 1) % K][j].copy() for j in range(K)] for _ in range(K)]


@mistake(
    "ring_allreduce",
    "everything_goes_round",
    says="Every worker's chunks are sent all round the ring unadded, which takes far more sending than needed.",
    hints=["How many chunks does each of three workers send?", "Send on what has been added up so far."],
)
def everything_goes_round(chunks, send):
    K = len(chunks)
    held = [[chunk.copy() for chunk in own] for own in chunks]
    moving = [list(own) for own in chunks]
    for _ in range(K - 1):
        moving = [[send((r - 1) % K, chunk) for chunk in moving[(r - 1) % K]] for r in range(K)]
        held = [[mine + its for mine, its in zip(*pair, strict=True)] for pair in zip(held, moving, strict=True)]
    return held


@mistake(
    "ring_allreduce",
    "all_start_at_one_worker",
    says="All chunks start at the same worker, so that some workers send more than others.",
    hints=["Count what each of three workers sends.", "Different workers should start with different chunks."],
)
def all_start_at_one_worker(chunks, send):
    K = len(chunks)
    held = [[chunk.copy() for chunk in own] for own in chunks]
    for j in range(K):
        for t in range(2 * (K - 1)):
            arrived = send(t % K, held[t % K][j])
            held[(t + 1) % K][j] = held[(t + 1) % K][j] + arrived if t < K - 1 else arrived
    return held


# ---- Mistakes: experiment ------------------------------------------------------------------------------

mistake(
    "experiment",
    "somebody_elses_data",
    was="own_problem(seed)\n",
    now="own_problem(0)\n",
    says="The seed that is given is not used: these are somebody else's patients.",
    hints=["Call it with two seeds. Are the results different?"],
)
mistake(
    "experiment",
    "weighted_after_all",
    was="return {name: sum(part[name] for part in parts) / len(parts) for name in params}",
    now="return {n: sum(p[n] * len(X[i * micro :][:micro]) for i, p in enumerate(parts)) / 50 for n in params}",
    says="What should be the mean of means is weighted by rows, so that it is right.",
    hints=["The mistake is asked for on purpose here: all pieces count the same."],
)
mistake(
    "experiment",
    "short_piece_dropped",
    was="range(0, 50, micro)]",
    now="range(0, 50 - micro + 1, micro)]",
    says="The last, shorter piece is left out of the mean of means.",
    hints=["Which pieces do 50 rows by 16 make?"],
)
mistake(
    "experiment",
    "absolute_error",
    was="in right}) / length(right)",
    now="in right})",
    says="The error is not divided by the length of the right gradient.",
    hints=["Relative to what?"],
)
mistake(
    "experiment",
    "relative_to_the_wrong_one",
    was="in right}) / length(right)",
    now="in right}) / length(wrong)",
    says="The error is divided by the length of the wrong gradient; the right one is the measure.",
    hints=["Relative to what?"],
)
mistake(
    "experiment",
    "difference_of_lengths",
    was="length({name: wrong[name] - right[name] for name in right}) /",
    now="abs(length(wrong) - length(right)) /",
    says="The lengths are compared; two gradients of one length may point in different directions.",
    hints=["Take (3, 4) and (4, 3). Are they equal?"],
)
mistake(
    "experiment",
    "squared_length",
    was="naive.append(length({name: wrong[name] - right[name] for name in right}) / length(right))",
    now="naive.append((length({name: wrong[name] - right[name] for name in right}) / length(right)) ** 2)",
    says="The squares of the lengths are compared: the root is missing.",
    hints=["What is the length of (3, 4)?"],
)
mistake(
    "experiment",
    "only_the_weights",
    was="for name in right}) / length(right)",
    now="for name in ['w']}) / length({'w': right['w']})",
    says="Only the gradient of w is compared; that of c belongs to it.",
    hints=["Which arrays does a gradient consist of?"],
)
mistake(
    "experiment",
    "at_zeros",
    was="    right = line_grad(params, X, y)\n",
    now="    params = {name: 0 * value for name, value in params.items()}\n    right = line_grad(params, X, y)\n",
    says="The gradients are compared at zeros; they should be at the given params.",
    hints=["Where does own_problem say to look?"],
)
mistake(
    "experiment",
    "largest_first",
    was="    for micro in MICROS:\n",
    now="    for micro in MICROS[::-1]:\n",
    says="The errors stand in the wrong order: the first belongs to micro-batches of one row.",
    hints=["Which entry belongs to micro-batches of 16?"],
)
mistake(
    "experiment",
    "minimum_not_subtracted",
    was="line_loss(now, X, y) - lowest",
    now="line_loss(now, X, y)",
    says="The loss itself is noted; the loss above its minimum is asked for.",
    hints=["Where should the right run end?"],
)
mistake(
    "experiment",
    "noted_after_the_step",
    was="            losses.append(line_loss(now, X, y) - lowest)\n            grads = mean_of_means(now, micro)\n"
    "            now = {name: now[name] - LR * grads[name] for name in now}\n",
    now="            grads = mean_of_means(now, micro)\n"
    "            now = {name: now[name] - LR * grads[name] for name in now}\n"
    "            losses.append(line_loss(now, X, y) - lowest)\n",
    says="The losses are those after each step; the first should be that before any.",
    hints=["What is the loss where w and c are zeros?"],
    seen="syllabus 2.4",
)
mistake(
    "experiment",
    "from_the_given_point",
    was='now, losses = {"w": xp.zeros(3), "c": xp.zeros(1)}, []',
    now="now, losses = params, []",
    says="The runs start from the given point; they should start from zeros.",
    hints=["What is the loss where w and c are zeros?"],
)
mistake(
    "experiment",
    "rows_exchanged",
    was="for micro in (50, 16):",
    now="for micro in (16, 50):",
    says="The two runs are exchanged: the right one belongs into the first row.",
    hints=["Which of the two ends lower?"],
)
mistake(
    "experiment",
    "another_learning_rate",
    was="now[name] - LR * grads[name]",
    now="now[name] - 0.1 * grads[name]",
    says="The runs use another learning rate than LR.",
    hints=["Is there a number in your step that the contract does not know?"],
)

mistake(
    "experiment",
    "a_step_for_every_piece",
    was="            grads = mean_of_means(now, micro)\n"
    "            now = {name: now[name] - LR * grads[name] for name in now}\n",
    now="            for s in range(0, 50, micro):\n"
    "                grads = line_grad(now, X[s : s + micro], y[s : s + micro])\n"
    "                now = {name: now[name] - LR * grads[name] for name in now}\n",
    says="The second run takes a step after every piece of 16; it is one step with the mean of all pieces.",
    hints=["How many steps do four pieces make?", "First the mean of means, then one step."],
    seen="blind answer",
)
mistake(
    "experiment",
    "loss_of_the_pieces",
    was="            losses.append(line_loss(now, X, y) - lowest)\n",
    now="            cuts = [slice(s, s + micro) for s in range(0, 50, micro)]\n"
    "            losses.append(sum(line_loss(now, X[c], y[c]) for c in cuts) / len(cuts) - lowest)\n",
    says="The loss of the second run is itself a mean of means; the loss of all rows is asked for.",
    hints=["Where both runs start, are the first entries equal?", "One loss is measured, whatever the step uses."],
    seen="blind answer",
)
mistake(
    "experiment",
    "last_entry_missing",
    was="range(STEPS + 1)",
    now="range(STEPS)",
    says="The loss after the last step is missing.",
    hints=["Before the first and after each step: how many losses are these?"],
)
mistake(
    "experiment",
    "means_added",
    was=" / len(parts)",
    now="",
    says="The pieces' gradients are added and not divided by the number of pieces.",
    hints=["What is the mean of three numbers?", "Look at your answer for micro = 25."],
)
mistake(
    "experiment",
    "second_run_goes_on",
    was='    for micro in (50, 16):\n        now, losses = {"w": xp.zeros(3), "c": xp.zeros(1)}, []\n',
    now='    now = {"w": xp.zeros(3), "c": xp.zeros(1)}\n    for micro in (50, 16):\n        losses = []\n',
    says="The second run goes on where the first one ended; both start from zeros.",
    hints=["Are the first entries of both rows equal?", "What must be new for each run?"],
)
mistake(
    "experiment",
    "both_right",
    was="in (50, 16):",
    now="in (50, 50):",
    says="The second run takes the right gradient too; it is to take the mean of means.",
    hints=["Do the two rows differ?", "The mistake is asked for on purpose here."],
)
mistake(
    "experiment",
    "its_own_lowest",
    was="        excess.append(losses)\n",
    now="        excess.append([loss - min(losses) for loss in losses])\n",
    says="Each run is measured from its own lowest loss; the smallest possible value is one for both.",
    hints=["Does the wrong run end at zero?", "Which loss does line_loss make smallest, and where?"],
)
mistake(
    "experiment",
    "lengths_by_array",
    was="length({name: wrong[name] - right[name] for name in right}) / length(right)",
    now="sum(length({n: wrong[n] - right[n]}) for n in right) / sum(length({n: right[n]}) for n in right)",
    says="The lengths of w's and c's parts are added; they are one vector, whose length has one root.",
    hints=["What is the length of (3, 4)?", "Look at length in the setup cell."],
)
mistake(
    "experiment",
    "size_taken_for_a_number",
    was="        parts = [",
    now="        micro = -(-50 // micro)\n        parts = [",
    says="The size of the pieces is taken for their number.",
    hints=["Which pieces do 50 rows by 16 make?", "micro counts rows."],
)

# ---- Mistakes: numbers ---------------------------------------------------------------------------------

mistake(
    "numbers",
    "workers_forgotten",
    was='_job["accum"] * _job["workers"]',
    now='_job["accum"]',
    says="The batch of one worker is typed; all workers' rows stand behind an update.",
    hints=["Who takes part in one update?"],
    seen="syllabus claim 9",
)
mistake(
    "numbers",
    "short_batch_forgotten",
    was='-(-_job["N"] // effective_batch)',
    now='_job["N"] // effective_batch',
    says="The last, short batch is forgotten: it makes an update too.",
    hints=["Is something left over?"],
    seen="syllabus 4.17",
)
mistake(
    "numbers",
    "micro_batches_counted",
    was='-(-_job["N"] // effective_batch)',
    now='-(-_job["N"] // _job["micro"])',
    says="The micro-batches of an epoch are counted; updates are fewer.",
    hints=["How many micro-batches make one update?"],
    seen="tracel-ai/burn issue 5695",
)
mistake(
    "numbers",
    "one_entry_further",
    was='["naive"][15]',
    now='["naive"][16]',
    says="This is the error for micro-batches of another size; Python counts from 0.",
    hints=["For which size is the first entry?"],
)

mistake(
    "numbers",
    "accum_forgotten",
    was='_job["accum"] * _job["workers"]',
    now='_job["workers"]',
    says="One micro-batch of each worker is typed; each worker gathers several before an update.",
    hints=["How many micro-batches does a worker handle before the parameters move?"],
)
mistake(
    "numbers",
    "updates_of_one_worker",
    was='-(-_job["N"] // effective_batch)',
    now='-(-_job["N"] // (_job["micro"] * _job["accum"]))',
    says="The updates are those of a worker that does all alone; several share the rows of an epoch.",
    hints=["Who takes part in one update?"],
)
mistake(
    "numbers",
    "one_entry_before",
    was='["naive"][15]',
    now='["naive"][14]',
    says="This is the error for micro-batches of 15 rows.",
    hints=["For which size is the first entry?"],
)
mistake(
    "numbers",
    "in_per_cent",
    was='round(float(experiment(seed)["naive"][15]), 4)',
    now='round(100 * float(experiment(seed)["naive"][15]), 4)',
    says="The relative error is typed in per cent; a plain number is asked for.",
    hints=["Relative to one, or to a hundred?"],
)

# ---- Mistakes: rank_grad -------------------------------------------------------------------------------

mistake(
    "rank_grad",
    "mean_of_means",
    was="    rows = float(allreduce(xp.asarray([float(n)]))[0])\n"
    "    return {name: allreduce(n * grads[name]) / rows for name in params}",
    now="    rows = float(allreduce(xp.asarray([float(n > 0)]))[0])\n"
    "    return {name: allreduce(grads[name]) / rows for name in params}",
    says="The ranks' means are averaged with equal weight, though they differ in size.",
    hints=["Use ranks of 3 rows and 1 row."],
    seen="facebookresearch/fairseq issue 494",
)
mistake(
    "rank_grad",
    "divided_by_ranks",
    was="    rows = float(allreduce(xp.asarray([float(n)]))[0])\n"
    "    return {name: allreduce(n * grads[name]) / rows for name in params}",
    now="    rows = float(allreduce(xp.asarray([1.0]))[0])\n"
    "    return {name: allreduce(grads[name]) / rows for name in params}",
    says="The sum of the ranks' means is divided by the number of ranks.",
    hints=["Use ranks of 3 rows and 1 row."],
    seen="pytorch/pytorch pull request 42577",
)
mistake(
    "rank_grad",
    "divided_by_own_rows",
    was="float(allreduce(xp.asarray([float(n)]))[0])",
    now="max(float(n), 1.0)",
    says="Each rank divides by its own rows, so that the ranks disagree.",
    hints=["Print what two ranks return. Are they equal?"],
)
mistake(
    "rank_grad",
    "not_divided",
    was="allreduce(n * grads[name]) / rows",
    now="allreduce(n * grads[name])",
    says="The sum over all rows comes back; the mean is asked for.",
    hints=["What is left to do when the sum is known?"],
    seen="syllabus 7.16",
)
mistake(
    "rank_grad",
    "not_shared",
    was="allreduce(n * grads[name]) / rows",
    now="grads[name]",
    says="Each rank returns its own gradient; the others' are never asked for.",
    hints=["Print what two ranks return. Are they equal?"],
)
mistake(
    "rank_grad",
    "idle_rank_stays_away",
    was="    rows = float(",
    now="    if n == 0:\n        return grads\n    rows = float(",
    says="A rank without rows does not call allreduce, and all others wait for ever: a deadlock.",
    hints=["Who waits for whom, if one rank has nothing to do?"],
    seen="Lightning-AI/pytorch-lightning issue 20404 (ranks without data, and a hang)",
)
mistake(
    "rank_grad",
    "asked_without_rows",
    was="grad_fn(params, X, y) if n > 0 else",
    now="grad_fn(params, X, y) if n >= 0 else",
    says="grad_fn is called by a rank that has no rows.",
    hints=["What is nought divided by nought?"],
    seen="syllabus 7.15",
)
mistake(
    "rank_grad",
    "weighted_twice",
    was="allreduce(n * grads[name]) / rows",
    now="allreduce(n * n * grads[name]) / rows",
    says="A rank's gradient is multiplied by its rows twice.",
    hints=["What do you multiply a mean by to get a sum?"],
)
mistake(
    "rank_grad",
    "multiplied_after_the_sum",
    was="allreduce(n * grads[name]) / rows",
    now="n * allreduce(grads[name]) / rows",
    says="A rank multiplies by its rows after the sum; each mean is to be weighted before it is added.",
    hints=["Whose gradient should count with this rank's rows?", "Print what two ranks return. Are they equal?"],
)
mistake(
    "rank_grad",
    "idle_rank_sends_another_shape",
    was="{name: xp.zeros_like(value) for name",
    now="{name: xp.zeros(1 + value.size) for name",
    says="A rank without rows puts in arrays of another shape than the others do.",
    hints=["What shape do the others put in?", "Zeros like which array?"],
)

# ---- Alternatives --------------------------------------------------------------------------------------


@alternative("accumulate")
def recursively_by_halves(grad_fn, params, X, y, micro, reduction="mean"):
    pieces = -(-len(X) // micro)
    if pieces == 1:
        return grad_fn(params, X, y)
    middle = pieces // 2 * micro
    parts = ((X[:middle], y[:middle]), (X[middle:], y[middle:]))
    found = [accumulate(grad_fn, params, A, b, micro, reduction) for A, b in parts]
    shares = [len(A) / len(X) if reduction == "mean" else 1 for A, _ in parts]
    return {name: shares[0] * found[0][name] + shares[1] * found[1][name] for name in params}


@alternative("accumulate")
def running_mean_from_the_end(grad_fn, params, X, y, micro, reduction="mean"):
    stop, seen, mean = len(X), 0, None
    while stop > 0:
        part = slice(max(stop - micro, 0), stop)
        size, grads = len(X[part]), dict(grad_fn(params, X[part], y[part]))
        seen += size
        if mean is None:
            mean = grads
        elif reduction == "mean":
            mean = {name: mean[name] + (grads[name] - mean[name]) * (size / seen) for name in mean}
        else:
            for name in mean:
                mean[name] += grads[name]
        stop -= micro
    return mean


@alternative("accumulate")
def even_pieces_and_einsum(grad_fn, params, X, y, micro, reduction="mean"):
    rows = np.array_split(np.arange(len(X)), -(-len(X) // micro))
    found = [grad_fn(params, X[i], y[i]) for i in rows]
    sizes = np.array([len(i) for i in rows])
    weights = sizes / sizes.sum() if reduction == "mean" else np.ones(len(rows))
    return {
        name: xp.einsum("k,k...->...", xp.asarray(weights).astype(value.dtype), xp.stack([g[name] for g in found]))
        for name, value in params.items()
    }


@alternative("accumulate")
def exact_sums_entry_by_entry(grad_fn, params, X, y, micro, reduction="mean"):
    import math
    from fractions import Fraction

    pieces = [(X[s : s + micro], y[s : s + micro]) for s in range(0, len(X), micro)]
    found = [(Fraction(len(A), len(X)), grad_fn(params, A, b)) for A, b in pieces]
    total = {}
    for name, value in params.items():
        flat = [[float(share if reduction == "mean" else 1) * float(v) for v in g[name].ravel()] for share, g in found]
        sums = [math.fsum(column) for column in zip(*flat, strict=True)]
        total[name] = xp.asarray(sums, dtype=value.dtype).reshape(value.shape)
    return total


@alternative("accumulate")
def folded_from_a_generator(grad_fn, params, X, y, micro, reduction="mean"):
    from functools import reduce

    def summed_pieces():
        for k in range((len(X) + micro - 1) // micro):
            A, b = X[k * micro : (k + 1) * micro], y[k * micro : (k + 1) * micro]
            grads = grad_fn(dict(params), A, b)
            yield len(b), [grads[name] * (len(b) if reduction == "mean" else 1) for name in params]

    def add(one, other):
        return one[0] + other[0], [mine + its for mine, its in zip(one[1], other[1], strict=True)]

    rows, total = reduce(add, summed_pieces())
    return {n: value / rows if reduction == "mean" else value for n, value in zip(params, total, strict=True)}


@alternative("train_accumulated")
def with_a_mean_velocity_and_a_longer_step(grad_fn, params, batches, lr, accum, beta=0.0):
    import functools

    theta, slow = {name: value.copy() for name, value in params.items()}, None

    def fold(state, piece):
        grads, size = grad_fn(theta, *piece), len(piece[1])
        total, rows = state
        return [xp.add(t, size * grads[name]) for t, name in zip(total, theta, strict=True)], rows + size

    for epoch in batches:
        pieces = tuple(epoch)
        for place in range(0, len(pieces), accum):
            total, rows = functools.reduce(fold, pieces[place : place + accum], ([0.0] * len(theta), 0))
            g = {name: t / rows for name, t in zip(theta, total, strict=True)}
            old = slow or {name: 0.0 for name in theta}
            slow = {name: beta * old[name] + (1 - beta) * g[name] for name in theta}
            for name, value in theta.items():
                xp.subtract(value, lr / (1 - beta) * slow[name], out=value)
    return theta


@alternative("train_accumulated")
def with_windows_as_lists(grad_fn, params, batches, lr, accum, beta=0.0):
    params, velocity = dict(params), None
    for epoch in batches:
        waiting = iter(epoch)
        while window := list(itertools.islice(waiting, accum)):
            rows = sum(len(b) for _, b in window)
            found = [(len(b) / rows, grad_fn(params, A, b)) for A, b in window]
            g = {name: sum(share * grads[name] for share, grads in found) for name in params}
            velocity = g if velocity is None else {name: beta * velocity[name] + g[name] for name in g}
            params = {name: params[name] - lr * velocity[name] for name in params}
    return {name: value.copy() for name, value in params.items()}


@alternative("train_accumulated")
def with_sutskevers_velocity(grad_fn, params, batches, lr, accum, beta=0.0):
    own = {name: xp.array(value) for name, value in params.items()}
    move = {name: 0 * value for name, value in own.items()}

    def flush(mean):
        for name in own:
            move[name] = beta * move[name] - lr * mean[name]
            own[name] = own[name] + move[name]

    for epoch in batches:
        mean, seen, place = None, 0, 0
        for A, b in epoch:
            grads, seen, place = grad_fn(own, A, b), seen + len(b), place + 1
            if mean is None:
                mean = {name: grads[name].copy() for name in own}
            else:
                for name in own:
                    mean[name] += (grads[name] - mean[name]) * (len(b) / seen)
            if place % accum == 0:
                flush(mean)
                mean, seen = None, 0
        if mean is not None:
            flush(mean)
    return own


@alternative("train_accumulated")
def with_polyaks_two_points(grad_fn, params, batches, lr, accum, beta=0.0):
    now = {name: value.copy() for name, value in params.items()}
    before = {name: value.copy() for name, value in params.items()}
    for epoch in batches:
        queue, gathered = list(epoch), []
        for number, (A, b) in enumerate(queue, 1):
            gathered.append((len(b), grad_fn(now, A, b)))
            if len(gathered) == accum or number == len(queue):
                rows = sum(size for size, _ in gathered)
                g = {name: sum(size * grads[name] for size, grads in reversed(gathered)) / rows for name in now}
                after = {name: now[name] - lr * g[name] + beta * (now[name] - before[name]) for name in now}
                before, now, gathered = now, after, []
    return now


@alternative("finds_bug")
def by_generator_of_windows(train):
    def big(X, y, w, lr, size, beta, epochs):
        velocity = np.zeros(len(w))
        for start in [s for _ in range(epochs) for s in range(0, len(X), size)]:
            residual = X[start : start + size] @ w - y[start : start + size]
            velocity = beta * velocity + np.mean(residual[:, None] * X[start : start + size], axis=0)
            w = w - lr * velocity
        return w

    rng = np.random.default_rng(12)
    for N, micro, accum in itertools.product((23, 24, 5), (2, 5), (2, 3, 7)):
        X, y, w = rng.normal(size=(N, 2)), rng.normal(size=N), rng.normal(size=2)
        want = big(X, y, w, 0.04, micro * accum, 0.6, 3)
        found = np.asarray(train(X, y, w, 0.04, micro, accum, 0.6, 3), dtype=float)
        if found.shape != want.shape or np.linalg.norm(found - want) > 1e-9 * np.linalg.norm(want):
            return True
    return False


@alternative("finds_bug")
def one_case_with_ragged_ends_and_one_that_fits(train):
    rng = np.random.default_rng(3)
    off = []
    for N, starts in ((77, (0, 32, 64, 0, 32, 64)), (64, (0, 32, 0, 32))):
        X, y, w = rng.normal(size=(N, 2)), rng.normal(size=N), rng.normal(size=2)
        v, now = 0.0, w
        for start in starts:
            A, b = X[start : start + 32], y[start : start + 32]
            v = 0.9 * v + A.T @ (A @ now - b) / len(b)
            now = now - 0.03 * v
        off.append(abs(train(X, y, w, lr=0.03, micro=8, accum=4, beta=0.9, epochs=2) - now).max())
    return np.max(off) > 1e-9


@alternative("data_parallel_grad")
def shares_known_beforehand(grad_fn, params, shards, reduction="mean"):
    rows = sum(len(b) for _, b in shards)
    total = {}
    for A, b in reversed(shards):
        if len(b):
            share = len(b) / rows if reduction == "mean" else 1
            for name, grad in grad_fn(params, A, b).items():
                total[name] = total.get(name, 0) + share * grad
    return total


@alternative("data_parallel_grad")
def running_weighted_mean(grad_fn, params, shards, reduction="mean"):
    mean, seen = None, 0
    for A, b in sorted((s for s in shards if len(s[1])), key=lambda s: len(s[1])):
        grads, seen = grad_fn(params, A, b), seen + len(b)
        if mean is None:
            mean = grads
        else:
            weight = len(b) / seen if reduction == "mean" else 1
            old = 1 - weight if reduction == "mean" else 1
            mean = {name: old * mean[name] + weight * grads[name] for name in mean}
    return mean


@alternative("data_parallel_grad")
def by_averages_of_stacks(grad_fn, params, shards, reduction="mean"):
    found = [(len(A), grad_fn(params, A, b)) for A, b in shards if A.shape[0] > 0]
    sizes = xp.asarray([float(n) for n, _ in found])

    def together(values):
        stack = xp.stack(values)
        flat = stack.reshape(len(values), -1)
        mixed = (sizes / sizes.sum()) @ flat if reduction == "mean" else flat.sum(axis=0)
        return mixed.reshape(stack.shape[1:]).astype(stack.dtype)

    return {name: together([grads[name] for _, grads in found]) for name in params}


@alternative("ring_allreduce")
def chunk_by_chunk(chunks, send):
    K = len(chunks)
    result = [[None] * K for _ in range(K)]
    for j in range(K):
        moving = chunks[j][j]
        for step in range(1, K):
            moving = send((j + step - 1) % K, moving) + chunks[(j + step) % K][j]
        owner = (j + K - 1) % K
        result[owner][j] = moving.copy() if K == 1 else moving
        for step in range(1, K):
            moving = send((owner + step - 1) % K, moving)
            result[(owner + step) % K][j] = moving
    return result


@alternative("ring_allreduce")
def all_send_before_anyone_adds(chunks, send):
    K = len(chunks)
    held = tuple({j: chunk for j, chunk in enumerate(own)} for own in chunks)
    for step in range(K - 1):
        inbox = {(r + 1) % K: ((r + 1 - step) % K, send(r, held[r][(r + 1 - step) % K])) for r in range(K)}
        for r, (j, arrived) in inbox.items():
            held[r][j] = arrived + held[r][j]
    for step in range(K - 1):
        inbox = {(r + 1) % K: ((r + 2 - step) % K, send(r, held[r][(r + 2 - step) % K])) for r in range(K)}
        for r, (j, arrived) in inbox.items():
            held[r][j] = arrived
    return tuple([xp.array(own[j]) for j in range(K)] for own in held)


@alternative("ring_allreduce")
def workers_that_remember(chunks, send):
    K = len(chunks)

    class Worker:
        def __init__(self, r):
            self.r, self.turn, self.own = r, r, list(chunks[r])
            self.hand = self.own[r % K]

        def receive(self, value, finished):
            self.turn = (self.turn - 1) % K
            self.own[self.turn] = value if finished else self.own[self.turn] + value
            self.hand = self.own[self.turn]

    crew = [Worker(r) for r in range(K)]
    for finished in (False, True):
        for _ in range(K - 1):
            letters = [send(worker.r, worker.hand) for worker in crew]
            for worker in crew:
                worker.receive(letters[worker.r - 1], finished)
    return ([chunk for chunk in worker.own] for worker in crew)


@alternative("rank_grad")
def all_in_one_vector(grad_fn, params, X, y, allreduce):
    n = X.shape[0]
    if n:
        grads = grad_fn(params, X, y)
        flat = xp.concatenate([n * grads[name].ravel() for name in params] + [xp.asarray([n * 1.0])])
    else:
        flat = xp.zeros(1 + sum(value.size for value in params.values()))
    flat = allreduce(flat)
    flat, found, place = flat[:-1] / flat[-1], {}, 0
    for name, value in params.items():
        found[name] = flat[place : place + value.size].reshape(value.shape)
        place += value.size
    return found


@alternative("rank_grad")
def shares_after_the_count(grad_fn, params, X, y, allreduce):
    share = len(y) / allreduce(xp.full((2, 1), float(len(y))))[1, 0]
    mine = grad_fn(params, X, y) if len(y) else params
    return {name: allreduce(share * mine[name]) for name in sorted(params)}
