"""Hidden checks of 04_minibatch_loader, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import itertools

import numpy as np

from course.author import alternative, mistake, points
from course.learn.compare import canonical

ONE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-9, "atol": 1e-11}
# Typed factors are quotients of numbers that agree to 1e-6; half a per cent is for rounding to four digits. Over 400
# learners the round numbers 2, 4 and 8 are within it for 5, 13 and 3 %, and all three for none.
TYPED = {"rtol": 0.005, "atol": 0}


# ---- Numbered samples, and looking at what came back, which may be anything ----------------------------


def numbered(N, D=2, dtype=float):
    """Samples that say who they are: row i of X (N, D) begins with i, and y[i] is 7 i."""
    ids = np.arange(N)
    return np.stack([ids, *[-ids] * (D - 1)], axis=1).astype(dtype), 7 * ids


def pairs(check, value):
    """``value`` as a list of (X_b, y_b) of arrays; where it is no such thing, that is noted, and it is None."""
    try:
        found = [tuple(np.asarray(part) for part in batch) for batch in canonical(value)]
        good = all(len(batch) == 2 and all(part.dtype.kind in "biuf" for part in batch) for batch in found)
        good = good and all(part.ndim for batch in found for part in batch)
    except (TypeError, ValueError):
        good = False
    check.that("an iterable of pairs (X_b, y_b) of arrays comes back", good)
    return found if good else None


def ids(batches):
    """The numbers of the samples, batch by batch."""
    return [[round(float(i)) for i in X_b.reshape(len(X_b), -1)[:, 0]] for X_b, _ in batches or [] if X_b.size]


def flat(batches):
    """The numbers of the samples in the order in which they come."""
    return [i for batch in ids(batches) for i in batch]


def sizes(N, m, drop_last=False):
    """The sizes of the batches of an epoch."""
    return [m] * (N // m) + [N % m] * bool(N % m and not drop_last)


def epochs(submission, check, rng, count, N, m, **options):
    """The order of the samples in ``count`` epochs, each by a generator of its own: an array (count, samples)."""
    X, y = numbered(N)
    seeds = rng.integers(2**32, size=count)
    found = [flat(pairs(check, submission.minibatches(X, y, m, np.random.default_rng(s), **options))) for s in seeds]
    whole = all(len(order) == sum(sizes(N, m, options.get("drop_last", False))) for order in found)
    check.that("every epoch has as many samples as it should", whole)
    return np.array(found) if whole else None


# ---- iterations_per_epoch ------------------------------------------------------------------------------


@points(0.5, cell="iterations_per_epoch", topic="any N and m")
def test_count(submission, check, rng):
    """All samples are used: the number is right for N smaller than m, equal to it, a multiple, and for others."""
    cases = [(1, 1), (5, 8), (8, 8), (9, 8), (64, 8), (7, 1), *rng.integers(2, 500, size=(6, 2)).tolist()]
    for N, m in cases:
        check.equal(submission.iterations_per_epoch(N, m), len(sizes(N, m)), what="The number with the short batch")


@points(0.5, cell="iterations_per_epoch", topic="drop_last")
def test_count_without_the_short_batch(submission, check, rng):
    """With drop_last only full batches count: none if N is smaller than m."""
    cases = [(1, 1), (5, 8), (8, 8), (15, 8), (64, 8), (7, 1), *rng.integers(2, 500, size=(6, 2)).tolist()]
    for N, m in cases:
        got = submission.iterations_per_epoch(N, m, drop_last=True)
        check.equal(got, N // m, what="The number of full batches")


@points(0.5, cell="iterations_per_epoch", topic="the 1,797 digits")
def test_count_of_the_digits(submission, check):
    """The 1,797 digits, in batches of 1 to 1,797, with and without the short batch."""
    for m in (1, 8, 16, 64, 128, 256, 599, 1024, 1797):
        for drop_last in (False, True):
            got = submission.iterations_per_epoch(1797, m, drop_last)
            check.equal(got, len(sizes(1797, m, drop_last)), what=f"The number with drop_last={drop_last}")


# ---- minibatches: thirteen properties ------------------------------------------------------------------


@points(0.5, cell="minibatches", topic="shapes and dtypes")
def test_form(submission, check, rng):
    """Batches keep the other axes of X, and the dtypes; y_b has one axis. X may have one, two or three axes."""
    for shape, dtype in (((7,), np.float64), ((7, 3), np.float32), ((7, 2, 5), np.float64)):
        X, y = rng.normal(size=shape).astype(dtype), np.arange(7)
        found = pairs(check, submission.minibatches(X, y, 3, np.random.default_rng(1)))
        for X_b, y_b in found or []:
            check.equal(list(X_b.shape), [len(y_b), *shape[1:]], what="The shape of X_b")
            check.equal(y_b.ndim, 1, what="The number of axes of y_b")
            check.dtype(X_b, dtype, what="X_b")
            check.that("y_b is made of integers where y is", y_b.dtype.kind in "iu")


@points(0.5, cell="minibatches", topic="each sample once")
def test_each_once(submission, check, rng):
    """Every sample comes exactly once in an epoch, whether m divides N or not."""
    for N, m in ((23, 4), (24, 4), (30, 7), (41, 40)):
        X, y = numbered(N)
        found = flat(pairs(check, submission.minibatches(X, y, m, np.random.default_rng(int(rng.integers(2**32))))))
        check.that("no sample is left out", {*found} == {*range(N)})
        check.that("no sample comes twice", len({*found}) == len(found))


@points(0.5, cell="minibatches", topic="sizes")
def test_sizes(submission, check, rng):
    """All batches have m samples but the last, which has what is left over; no batch is empty."""
    for N, m in ((23, 4), (24, 4), (30, 7), (41, 40), (1797, 32)):
        X, y = numbered(N)
        found = pairs(check, submission.minibatches(X, y, m, np.random.default_rng(int(rng.integers(2**32)))))
        check.that("the sizes are right", [len(X_b) for X_b, _ in found or []] == sizes(N, m))
        check.that("X_b and y_b are of one length", all(len(X_b) == len(y_b) for X_b, y_b in found or []))


@points(0.5, cell="minibatches", topic="inputs and targets together")
def test_pairs(submission, check, rng):
    """Each input comes with its own target, shuffled or not, and with the right row of all its features."""
    for N, m, shuffle in ((29, 6, True), (30, 6, True), (29, 6, False), (29, 1, True)):
        X, y = numbered(N, D=3)
        given = np.random.default_rng(int(rng.integers(2**32))) if shuffle else None
        found = pairs(check, submission.minibatches(X, y, m, given, shuffle=shuffle))
        good = all(X_b.shape == (len(y_b), 3) and y_b.ndim == 1 for X_b, y_b in found or [])
        own = good and all((7 * X_b[:, 0] == y_b).all() for X_b, y_b in found or [])
        whole = good and all((X_b[:, 0] == -X_b[:, 2]).all() for X_b, _ in found or [])
        check.that("each target belongs to its input", own)
        check.that("rows stay whole", whole)
        targets = [target for _, y_b in found or [] for target in y_b.ravel().tolist()]
        check.that("targets are shuffled if samples are", (targets == sorted(targets)) != shuffle)


@points(0.5, cell="minibatches", topic="drop_last")
def test_drop_last(submission, check, rng):
    """With drop_last there are full batches only, and no sample comes twice; if m divides N nothing is lost."""
    for N, m, shuffle in ((23, 4, True), (24, 4, True), (23, 4, False), (24, 4, False)):
        X, y = numbered(N)
        given = np.random.default_rng(int(rng.integers(2**32))) if shuffle else None
        found = pairs(check, submission.minibatches(X, y, m, given, shuffle, True))
        check.that("all batches are full, and none is missing", [len(X_b) for X_b, _ in found or []] == [m] * (N // m))
        check.that("no sample comes twice", len({*flat(found)}) == len(flat(found)))
    X, y = numbered(23)
    straight = flat(pairs(check, submission.minibatches(X, y, 4, None, shuffle=False, drop_last=True)))
    check.that("unshuffled, the end of the data is what is left out", straight == [*range(20)])


@points(0.5, cell="minibatches", topic="m = 1, m = N, m > N, N = 1")
def test_extremes(submission, check, rng):
    """Batches of one sample, of all samples, of more than there are, and data of a single sample."""
    for N, m, drop_last in itertools.product((1, 6), (1, 6, 9), (False, True)):
        X, y = numbered(N)
        found = pairs(check, submission.minibatches(X, y, m, np.random.default_rng(3), drop_last=drop_last))
        if found is not None:
            check.that("the sizes are right", [len(X_b) for X_b, _ in found] == sizes(N, m, drop_last))
            check.that("no sample comes twice", len({*flat(found)}) == len(flat(found)))


@points(0.5, cell="minibatches", topic="shuffle=False")
def test_order_is_kept(submission, check):
    """With shuffle=False the samples come in the order of X, and no generator is needed."""
    for N, m in ((23, 4), (24, 4), (5, 9)):
        X, y = numbered(N)
        found = flat(pairs(check, submission.minibatches(X, y, m, None, shuffle=False)))
        check.that("the order is that of X", found == [*range(N)])


@points(0.5, cell="minibatches", topic="every order equally likely")
def test_every_place(submission, check, rng):
    """Over many epochs, every sample comes early as often as late."""
    orders = epochs(submission, check, rng, 80, 24, 5)
    if orders is not None and {*orders[0].tolist()} == {*range(24)}:
        place = np.argsort(orders, axis=1).mean(axis=0)  # of 24 places: mean 11.5, and 6 s.e. are 4.7
        check.that("every sample's mean place is near the middle", (abs(place - 11.5) < 4.7).all())
    else:
        check.that("the samples of an epoch are the right ones", False)


@points(0.5, cell="minibatches", topic="who shares a batch with whom")
def test_company(submission, check, rng):
    """Over many epochs, two samples that are neighbours in X share a batch no more often than any two."""
    orders = epochs(submission, check, rng, 40, 64, 16)
    if orders is None or not all(sorted(order) == [*range(64)] for order in orders.tolist()):
        check.that("the samples of an epoch are the right ones", False)
        return
    batch = np.argsort(orders, axis=1) // 16  # (epoch, sample) -> the batch it is in
    together = (batch[:, 1:] == batch[:, :-1]).mean()
    check.that("neighbours share a batch in about 15 of 63 cases", abs(together - 15 / 63) < 0.1)
    follows = (abs(np.diff(orders, axis=1)) == 1).mean()
    check.that("neighbours seldom follow one another", follows < 0.15)


@points(0.5, cell="minibatches", topic="randomness from rng alone")
def test_reproducible(submission, check, rng):
    """Two generators of one seed give the same batches, whatever happened before; another seed gives others."""
    X, y = numbered(50)
    seed = int(rng.integers(2**32))
    one, again, other = (
        ids(pairs(check, submission.minibatches(X, y, 7, np.random.default_rng(s)))) for s in (seed, seed, seed + 1)
    )
    check.that("the same seed gives the same batches", one == again)
    check.that("another seed gives other batches", one != other)


@points(0.5, cell="minibatches", topic="a second epoch")
def test_second_epoch(submission, check, rng):
    """A second epoch is complete too, and in a fresh order; a call with other data deals those."""
    X, y = numbered(40)
    loader, orders, given = submission.minibatches, [], np.random.default_rng(int(rng.integers(2**32)))
    for _ in range(2):
        orders.append(flat(pairs(check, loader(X, y, 8, given))))
        check.that("each epoch is complete", sorted(orders[-1]) == [*range(40)])
        now = loader.changed.get(3)  # the generator as the loader left it
        moved = isinstance(now, np.random.Generator) and now.bit_generator.state != given.bit_generator.state
        given = now if moved else np.random.default_rng(int(rng.integers(2**32)))
    check.that("the second epoch has an order of its own", orders[0] != orders[1])
    X, y = numbered(9)
    check.that("other data are dealt too", sorted(flat(pairs(check, loader(X, y, 4, given)))) == [*range(9)])


@points(0.5, cell="minibatches", topic="inputs left alone")
def test_minibatches_leaves_inputs_alone(submission, check, rng):
    """X and y are afterwards as they were, shuffled or not."""
    for shuffle in (True, False):
        X, y = numbered(33)
        loader = submission.minibatches
        given = np.random.default_rng(int(rng.integers(2**32))) if shuffle else None
        found = pairs(check, loader(X, y, 5, given, shuffle))
        check.that("X and y are afterwards as they were", not {0, 1, "X", "y"} & {*loader.changed})
        check.that("the samples are the right ones", sorted(flat(found)) == [*range(33)])


@points(0.5, cell="minibatches", topic="who is left out by drop_last")
def test_left_out(submission, check, rng):
    """With drop_last, shuffled, it is not always the same samples that are left out."""
    orders = epochs(submission, check, rng, 60, 14, 4, drop_last=True)
    if orders is not None:  # each is left out of 1 epoch in 7: of none among 60 once in 10,000 times
        often = np.bincount(orders[(orders >= 0) & (orders < 14)], minlength=14)
        check.that("every sample is dealt in most of the epochs", often.min() > 30)
        check.that("most samples are left out of some epoch", (often < 60).sum() >= 12)


# ---- finds_bug: loaders that are right, and loaders that are not ---------------------------------------


def dealt(X, y, m, order, drop_last):
    """Batches in a given order."""
    batches = [order[start : start + m] for start in range(0, len(order), m)]
    return [(X[rows], y[rows]) for rows in batches if len(rows) == m or not drop_last]


def order_of(N, seed, shuffle):
    """A fair order."""
    return np.random.default_rng(seed).permutation(N) if shuffle else np.arange(N)


def as_a_generator(X, y, m, seed, shuffle=True, drop_last=False):
    yield from dealt(X, y, m, order_of(len(X), seed, shuffle), drop_last)


def as_lists(X, y, m, seed, shuffle=True, drop_last=False):
    keys = np.random.default_rng(seed).random(len(X))
    order = np.argsort(keys) if shuffle else np.arange(len(X))
    return [[X_b, y_b] for X_b, y_b in dealt(X, y, m, order, drop_last)]


def after_other_draws(X, y, m, seed, shuffle=True, drop_last=False):
    rng = np.random.default_rng(seed)
    rng.normal(size=5)
    rows = list(range(len(X)))
    if shuffle:
        rng.shuffle(rows)
    return tuple(dealt(X, y, m, np.array(rows), drop_last))


RIGHT = (as_a_generator, as_lists, after_other_draws)


def faulty(change):
    """A loader that does what ``change(X, y, m, seed, shuffle, drop_last)`` makes of the right order."""

    def loader(X, y, m, seed, shuffle=True, drop_last=False):
        return change(X, y, m, seed, shuffle, drop_last)

    return loader


@faulty
def tail_always_lost(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), seed, shuffle), True)


@faulty
def drawn_with_replacement(X, y, m, seed, shuffle, drop_last):
    order = np.random.default_rng(seed).integers(len(X), size=len(X)) if shuffle else np.arange(len(X))
    return dealt(X, y, m, order, drop_last)


@faulty
def padded(X, y, m, seed, shuffle, drop_last):
    order = order_of(len(X), seed, shuffle)
    return dealt(X, y, m, order if drop_last else np.resize(order, -(-len(X) // m) * m), drop_last)


@faulty
def nothing_if_m_is_larger(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), seed, shuffle), drop_last) if m <= len(X) else []


@faulty
def two_permutations(X, y, m, seed, shuffle, drop_last):
    order, other = order_of(len(X), seed, shuffle), order_of(len(X), seed + 999, shuffle)
    right, wrong = (dealt(X, y, m, rows, drop_last) for rows in (order, other))
    return [(X_b, y_b) for (X_b, _), (_, y_b) in zip(right, wrong, strict=True)]


@faulty
def targets_one_late(X, y, m, seed, shuffle, drop_last):
    return dealt(X, np.roll(y, 1), m, order_of(len(X), seed, shuffle), drop_last)


@faulty
def targets_as_a_column(X, y, m, seed, shuffle, drop_last):
    return [(X_b, y_b[:, None]) for X_b, y_b in dealt(X, y, m, order_of(len(X), seed, shuffle), drop_last)]


@faulty
def drop_last_ignored(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), seed, shuffle), False)


@faulty
def drop_last_inverted(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), seed, shuffle), not drop_last)


@faulty
def always_shuffled(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), seed, True), drop_last)


@faulty
def never_shuffled(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, np.arange(len(X)), drop_last)


@faulty
def an_empty_batch(X, y, m, seed, shuffle, drop_last):
    found = dealt(X, y, m, order_of(len(X), seed, shuffle), drop_last)
    return [*found, (X[:0], y[:0])] if len(X) % m == 0 and not drop_last else found


@faulty
def even_parts(X, y, m, seed, shuffle, drop_last):
    if drop_last:
        return dealt(X, y, m, order_of(len(X), seed, shuffle), True)
    parts = np.array_split(order_of(len(X), seed, shuffle), -(-len(X) // m))
    return [(X[rows], y[rows]) for rows in parts]


@faulty
def fixed_batches(X, y, m, seed, shuffle, drop_last):
    found = dealt(X, y, m, np.arange(len(X)), drop_last)
    full = [batch for batch in found if len(batch[0]) == m]
    order = order_of(len(full), seed, shuffle)
    return [full[i] for i in order] + found[len(full) :]


@faulty
def shuffled_inside_batches(X, y, m, seed, shuffle, drop_last):
    rng = np.random.default_rng(seed)
    found = dealt(X, y, m, np.arange(len(X)), drop_last)
    places = [rng.permutation(len(y_b)) if shuffle else np.arange(len(y_b)) for _, y_b in found]
    return [(X_b[rows], y_b[rows]) for (X_b, y_b), rows in zip(found, places, strict=True)]


@faulty
def a_random_start(X, y, m, seed, shuffle, drop_last):
    start = int(np.random.default_rng(seed).integers(1, len(X))) if shuffle else 0
    return dealt(X, y, m, np.roll(np.arange(len(X)), start), drop_last)


@faulty
def seed_ignored(X, y, m, seed, shuffle, drop_last):
    return dealt(X, y, m, order_of(len(X), 0, shuffle), drop_last)


def never_the_same():
    """A loader that draws on, whatever seed it is given."""
    count = itertools.count(1)

    @faulty
    def loader(X, y, m, seed, shuffle, drop_last):
        return dealt(X, y, m, order_of(len(X), next(count), shuffle), drop_last)

    return loader


def judged(submission, check, what, wrong):
    """Right loaders must be called right, and each of the ``wrong`` ones wrong: all of them, or the check fails."""
    for loader in RIGHT:
        check.equal(submission.finds_bug(loader), False, what="What you say of a right loader")
    for loader in wrong:
        check.equal(submission.finds_bug(loader), True, what=f"What you say of a loader that {what}")


@points(0.3, cell="finds_bug", topic="samples lost or dealt twice")
def test_finds_lost_and_repeated(submission, check):
    """Right loaders are called right; loaders that leave samples out or deal some twice are found."""
    wrong = (tail_always_lost, drawn_with_replacement, padded, nothing_if_m_is_larger)
    judged(submission, check, "loses or repeats samples", wrong)


@points(0.3, cell="finds_bug", topic="inputs and targets apart")
def test_finds_separated_pairs(submission, check):
    """Right loaders are called right; loaders that part inputs from targets, or reshape targets, are found."""
    judged(submission, check, "mishandles targets", (two_permutations, targets_one_late, targets_as_a_column))


@points(0.3, cell="finds_bug", topic="wrong sizes")
def test_finds_wrong_sizes(submission, check):
    """Right loaders are called right; loaders with an empty batch or with batches of wrong sizes are found."""
    judged(submission, check, "deals wrong sizes", (an_empty_batch, even_parts))


@points(0.3, cell="finds_bug", topic="shuffle and drop_last")
def test_finds_ignored_options(submission, check):
    """Right loaders are called right; loaders that do not do as shuffle or drop_last says are found."""
    wrong = (drop_last_ignored, drop_last_inverted, always_shuffled, never_shuffled)
    judged(submission, check, "does not do as its options say", wrong)


@points(0.3, cell="finds_bug", topic="bad orders")
def test_finds_bad_orders(submission, check):
    """Right loaders are called right; loaders that mix badly, or do not heed the seed, are found."""
    wrong = (fixed_batches, shuffled_inside_batches, a_random_start, seed_ignored, never_the_same())
    judged(submission, check, "orders badly", wrong)


# ---- train_epoch ---------------------------------------------------------------------------------------


def start(rng, N=11, D=3, dtype=float):
    """Parameters of a straight line, and N samples."""
    params = {"w": rng.normal(size=D).astype(dtype), "c": rng.normal(size=1).astype(dtype)}
    return params, rng.normal(size=(N, D)).astype(dtype), rng.normal(size=N).astype(dtype)


def cut(X, y, *ends):
    """Batches that end at the given places."""
    return [(X[a:b], y[a:b]) for a, b in itertools.pairwise((0, *ends))]


def entry(value, place):
    """``value[place]``, or None where there is no such thing."""
    try:
        return value[place]
    except (TypeError, KeyError, IndexError):
        return None


@points(1, cell="train_epoch", topic="given batches, any learning rate")
def test_steps(submission, reference, check, rng):
    """One step for each batch, in their order, at the learning rate that is given; batches of many sizes."""
    for ends in ((4, 8, 11), (1, 2, 11), (11,)):
        params, X, y = start(rng)
        lr = float(rng.uniform(0.03, 0.12))
        want, _ = reference.train_epoch(reference.line_loss_and_grad, params, cut(X, y, *ends), lr)
        got = submission.train_epoch(reference.line_loss_and_grad, params, cut(X, y, *ends), lr)
        check.close(entry(got, 0), want, **PATH, what=f"params after {len(ends)} batch(es)")


@points(1, cell="train_epoch", topic="the mean over samples")
def test_mean_loss(submission, reference, check, rng):
    """The mean loss counts every sample once, also when batches differ in size; losses are those before each step."""
    for ends in ((4, 8, 11), (6, 7, 11), (10, 11), (5, 10)):
        params, X, y = start(rng)
        _, want = reference.train_epoch(reference.line_loss_and_grad, params, cut(X, y, *ends), 0.1)
        got = submission.train_epoch(reference.line_loss_and_grad, params, cut(X, y, *ends), 0.1)
        check.close(entry(got, 1), want, **PATH, what=f"mean_loss of {len(ends)} batches")


@points(0.5, cell="train_epoch", topic="one batch of all samples")
def test_full_batch_is_gradient_descent(submission, reference, check, rng):
    """With one batch of all samples an epoch is a step of gradient descent; twenty epochs take its path."""
    params, X, y = start(rng)
    want = {name: value.copy() for name, value in params.items()}
    for _ in range(20):
        _, grads = reference.line_loss_and_grad(want, X, y)
        want = {name: want[name] - 0.07 * grads[name] for name in want}
    got = params
    for _ in range(20):
        got = entry(submission.train_epoch(reference.line_loss_and_grad, got, [(X, y)], 0.07), 0)
        if not isinstance(got, dict):
            break
    check.close(got, want, **PATH, what="params after 20 epochs")


@points(0.5, cell="train_epoch", topic="digits, several parameters")
def test_train_digits(submission, reference, check, rng):
    """On the digits, with a weight matrix and biases, an epoch of ragged batches takes the right path."""
    X, y = rng.random((37, 64)), rng.integers(10, size=37)
    params = {"W": 0.1 * rng.normal(size=(64, 10)), "b": rng.normal(size=10)}
    batches = cut(X, y, 8, 16, 24, 32, 37)
    want = reference.train_epoch(reference.digits_loss_and_grad, params, batches, 0.2)
    got = submission.train_epoch(reference.digits_loss_and_grad, params, batches, lr=0.2)
    check.close(got, want, **PATH, what="(params, mean_loss)")


@points(0.5, cell="train_epoch", topic="calls")
def test_one_call_a_batch(submission, reference, check, rng):
    """loss_and_grad is called once for each batch, with that batch, before its step."""
    params, X, y = start(rng)
    seen = []

    def watched(params, X_b, y_b):
        seen.append(len(X_b))
        return reference.line_loss_and_grad(params, X_b, y_b)

    counted = check.count(watched)
    got = submission.train_epoch(counted, params, cut(X, y, 5, 6, 9, 11), 0.05)
    check.calls(counted, 4, what="With four batches, loss_and_grad")
    check.that("the batches come in their order", seen[:4] == [5, 1, 3, 2])
    want = reference.train_epoch(reference.line_loss_and_grad, params, cut(X, y, 5, 6, 9, 11), 0.05)
    check.close(got, want, **PATH, what="(params, mean_loss)")


@points(0.5, cell="train_epoch", topic="inputs left alone, dtype")
def test_train_epoch_leaves_inputs_alone(submission, reference, check, rng):
    """params and batches are afterwards as they were; parameters come back in the dtype in which they came."""
    params, X, y = start(rng)
    want, _ = reference.train_epoch(reference.line_loss_and_grad, params, cut(X, y, 4, 8, 11), 0.08)
    got = check.unchanged(submission.train_epoch, reference.line_loss_and_grad, params, cut(X, y, 4, 8, 11), 0.08)
    check.close(entry(got, 0), want, **PATH, what="params")
    params, X, y = start(rng, dtype=np.float32)
    got = submission.train_epoch(reference.line_loss_and_grad, params, cut(X, y, 4, 8, 11), 0.08)
    for name in params:
        check.dtype(entry(entry(got, 0), name), np.float32, what="A parameter that came in as float32")


# ---- sample_with_replacement ---------------------------------------------------------------------------


def drawn(submission, check, N, m, k, rng):
    """The rows that come back, as an integer array (k, m); where it is something else, that is noted: None."""
    rows = submission.sample_with_replacement(N, m, k, rng)
    try:
        rows = np.asarray(canonical(rows))
        good = rows.shape == (k, m) and rows.dtype.kind in "iu"
    except (TypeError, ValueError):
        good = False
    check.that("an integer array of shape (k, m) comes back", good)
    return rows if good else None


@points(0.5, cell="sample_with_replacement", topic="shape, dtype, range")
def test_rows(submission, check, rng):
    """k rows of m whole numbers from 0 to N - 1, also for m greater than N and for a single sample."""
    for N, m, k in ((7, 3, 5), (4, 9, 2), (1, 3, 4), (6, 1, 1)):
        rows = drawn(submission, check, N, m, k, np.random.default_rng(int(rng.integers(2**32))))
        if rows is not None:
            check.that("all are between 0 and N - 1", rows.min() >= 0 and rows.max() < N)


@points(0.5, cell="sample_with_replacement", topic="equal chances")
def test_equal_chances(submission, check, rng):
    """Every sample is drawn equally often, in the first place of a batch and in the last, within six deviations."""
    rows = drawn(submission, check, 7, 5, 1400, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:
        for column in (0, 4):  # 1400 draws from 7: 200 each, deviation 13.1
            counts = np.bincount(rows[:, column].clip(0, 7), minlength=8)
            check.that("each comes about 200 times in 1400", (abs(counts[:7] - 200) < 79).all())


@points(0.5, cell="sample_with_replacement", topic="repeats within a batch")
def test_repeats(submission, check, rng):
    """Within a batch samples repeat as often as chance says: of 5 drawn from 7, all differ in 15 % of batches."""
    rows = drawn(submission, check, 7, 5, 1000, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:  # 7·6·5·4·3 / 7⁵ = 0.150, deviation 0.0113
        distinct = np.mean([len({*row}) == 5 for row in rows.tolist()])
        check.that("all differ in 8 to 22 % of the batches", abs(distinct - 0.150) < 0.068)


@points(0.5, cell="sample_with_replacement", topic="independent batches")
def test_independent(submission, check, rng):
    """What a batch holds says nothing about the next one, nor one place of a batch about the others."""
    rows = drawn(submission, check, 10, 4, 1500, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:  # equal in 1 of 10 cases: of 6000 deviation 0.0039, of 1500 deviation 0.0077
        check.that("places of two batches agree in 1 of 10 cases", abs((rows[1:] == rows[:-1]).mean() - 0.1) < 0.03)
        for a, b in itertools.combinations(range(4), 2):
            agree = (rows[:, a] == rows[:, b]).mean()
            check.that("two places of a batch agree in 1 of 10 cases", abs(agree - 0.1) < 0.047)
        rising = (rows[:, 0] < rows[:, 3]).mean()  # 0.45, deviation 0.0128
        check.that("rows are not in order of size", abs(rising - 0.45) < 0.077)


@points(0.5, cell="sample_with_replacement", topic="randomness from rng alone")
def test_draws_are_reproducible(submission, check, rng):
    """Two generators of one seed give the same rows, another seed gives others."""
    seed = int(rng.integers(2**32))
    rows = [drawn(submission, check, 50, 6, 4, np.random.default_rng(seed + more)) for more in (0, 0, 1, 2)]
    if all(each is not None for each in rows):
        check.that("the same seed gives the same rows", (rows[0] == rows[1]).all())
        check.that("another seed gives other rows", (rows[0] != rows[2]).any())
        check.that("a third seed gives other rows too", (rows[0] != rows[3]).any())


# ---- experiment ----------------------------------------------------------------------------------------


@points(1, cell="experiment", topic="the excess losses")
def test_excess(submission, reference, check):
    """The excess losses of your own data are right for three orders and four learning rates."""
    want = reference.experiment(reference.seed)["excess"]
    check.close(entry(submission.experiment(reference.seed), "excess"), want, rtol=1e-6, atol=0, what="excess")


@points(0.75, cell="experiment", topic="the slopes")
def test_exponents(submission, reference, check):
    """The three slopes are those of the lines fitted to the logarithms, for your own data."""
    want = reference.experiment(reference.seed)["exponent"]
    check.close(entry(submission.experiment(reference.seed), "exponent"), want, rtol=1e-6, what="exponent")


@points(0.75, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """Both arrays are right for somebody else's data and orders too."""
    seed = int(rng.integers(2**32))
    want = reference.experiment(seed)
    found = submission.experiment(seed)
    for name in ("excess", "exponent"):
        check.close(entry(found, name), want[name], rtol=1e-6, atol=0, what=name)


# ---- factors: a question -------------------------------------------------------------------------------


def factors(reference):
    """By what the excess shrinks from the last but one learning rate to the last, for each order."""
    excess = reference.experiment(reference.seed)["excess"]
    return (excess[:, 2] / excess[:, 3]).tolist()


@points(0.5, cell="factors", topic="the factor with replacement")
def test_replacement_factor(submission, reference, check):
    """The factor for drawing with replacement, on your own data, within half a per cent."""
    want = factors(reference)[0]
    check.close(submission.answers.get("replacement_factor"), want, **TYPED, what="replacement_factor")


@points(0.5, cell="factors", topic="the factor for one shuffled order")
def test_once_factor(submission, reference, check):
    """The factor for one shuffled order, on your own data, within half a per cent."""
    check.close(submission.answers.get("once_factor"), factors(reference)[1], **TYPED, what="once_factor")


@points(0.5, cell="factors", topic="the factor for reshuffling")
def test_reshuffle_factor(submission, reference, check):
    """The factor for reshuffling, on your own data, within half a per cent."""
    check.close(submission.answers.get("reshuffle_factor"), factors(reference)[2], **TYPED, what="reshuffle_factor")


# ---- Mistakes: iterations_per_epoch --------------------------------------------------------------------

mistake(
    "iterations_per_epoch",
    "floor",
    was="full + (left_over > 0 and not drop_last)",
    now="full",
    says="The short last batch is forgotten: whole-number division drops it.",
    hints=["Ten samples in batches of 3: which sample is in no batch?", "Round up, unless drop_last says otherwise."],
    seen="syllabus 4.17",
)
mistake(
    "iterations_per_epoch",
    "always_one_more",
    was="(left_over > 0 and not drop_last)",
    now="(not drop_last)",
    says="One batch too many where m divides N: there is nothing left over then.",
    hints=["Six samples in batches of 3: what would a third batch hold?"],
    seen="syllabus 4.14",
)
mistake(
    "iterations_per_epoch",
    "drop_last_ignored",
    was="(left_over > 0 and not drop_last)",
    now="(left_over > 0)",
    says="drop_last makes no difference.",
    hints=["Call it with both values of drop_last, ten samples, batches of 3."],
    seen="syllabus 4.16",
)
mistake(
    "iterations_per_epoch",
    "drop_last_inverted",
    was="not drop_last",
    now="drop_last",
    says="drop_last works the wrong way round.",
    hints=["Which of the two should be the smaller number?"],
    seen="syllabus 4.16",
)
mistake(
    "iterations_per_epoch",
    "at_least_one",
    was="return full + (left_over > 0 and not drop_last)",
    now="return max(1, full + (left_over > 0 and not drop_last))",
    says="With fewer samples than m and drop_last there is no batch at all; one is counted.",
    hints=["Three samples, batches of 5, drop_last: how many full batches?"],
    seen="syllabus 4.19",
)
mistake(
    "iterations_per_epoch",
    "rounded",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else round(N / m)",
    says="The number is rounded to the nearest; a short batch counts however short it is.",
    hints=["Nine samples in batches of 8: where does the ninth go?"],
)
mistake(
    "iterations_per_epoch",
    "a_float",
    was="return full + (left_over > 0 and not drop_last)",
    now="return np.floor(N / m) if drop_last else np.ceil(N / m)",
    says="A float comes back; a number of batches is a whole number.",
    hints=["What type does NumPy's ceil return?", "`range` refuses 4.0."],
)

# ---- Mistakes: minibatches -----------------------------------------------------------------------------

mistake(
    "minibatches",
    "never_shuffled",
    was="rng.permutation(N) if shuffle else np.arange(N)",
    now="np.arange(N)",
    says="The samples are never shuffled.",
    hints=["Print the numbers of the first batch, twice."],
    seen="syllabus 4.1; erickrf/multiffn-nli issue 6",
)
mistake(
    "minibatches",
    "always_shuffled",
    was="rng.permutation(N) if shuffle else np.arange(N)",
    now="rng.permutation(N)",
    says="The samples are shuffled even if shuffle is False.",
    hints=["Who might need the order of X? Whoever evaluates."],
)
mistake(
    "minibatches",
    "tail_lost",
    was="len(rows) == m or not drop_last",
    now="len(rows) == m",
    says="The short last batch is always lost, with it some of the samples.",
    hints=["Count the samples in all batches together.", "Only drop_last allows it to be left out."],
    seen="syllabus 4.2; feedback starter bank: Deep-ML issue 47",
)
mistake(
    "minibatches",
    "drop_last_ignored",
    was="if len(rows) == m or not drop_last",
    now="if len(rows)",
    says="drop_last makes no difference: the short batch is always there.",
    hints=["Ten samples, batches of 3, drop_last=True: print the sizes."],
    seen="syllabus 4.16",
)
mistake(
    "minibatches",
    "drop_last_inverted",
    was="or not drop_last",
    now="or drop_last",
    says="drop_last works the wrong way round.",
    hints=["Ten samples, batches of 3: print the sizes for both values."],
    seen="syllabus 4.16",
)
mistake(
    "minibatches",
    "with_replacement",
    was="rng.permutation(N) if shuffle",
    now="rng.integers(N, size=N) if shuffle",
    says="The samples are drawn with replacement: some come twice, others not at all.",
    hints=["Sort the numbers of all samples in an epoch.", "Shuffle one deck, then deal it out."],
    seen="syllabus 4.3",
)
mistake(
    "minibatches",
    "each_batch_drawn_anew",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[start : start + m]\n"
    "        rows = xp.asarray(rng.choice(N, len(rows), replace=False)) if shuffle else rows\n",
    says="Each batch is drawn anew from all samples, so two batches of one epoch share some.",
    hints=["Sort the numbers of all samples in an epoch.", "Shuffle one deck, then deal it out."],
    seen="syllabus 4.3",
)
mistake(
    "minibatches",
    "two_permutations",
    was="y[rows]))",
    now="y[xp.asarray(rng.permutation(N))[rows] if shuffle else rows]))",
    says="Inputs and targets are shuffled separately: each input has somebody else's target.",
    hints=["Use targets that say whose they are.", "One order, used for both."],
    seen="syllabus 4.6; udacity/sdc-issue-reports issue 1326; mlcommons/GaNDLF pull request 870",
)
mistake(
    "minibatches",
    "targets_unshuffled",
    was="y[rows]))",
    now="y[start : start + m]))",
    says="Only the inputs are shuffled; the targets come in the old order.",
    hints=["Use targets that say whose they are.", "One order, used for both."],
    seen="DrexelChatbotGroup/DrexelChatbot issue 15",
)
mistake(
    "minibatches",
    "padded",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[xp.arange(start, start + (m if not drop_last else min(m, N - start))) % N]\n",
    says="The last batch is filled up with samples that have come already.",
    hints=["Count how often each sample comes in an epoch."],
    seen="syllabus 4.8",
)
mistake(
    "minibatches",
    "last_window_moved_back",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[min(start, max(N - m, 0)) : start + m]\n",
    says="The last batch is moved back to be full, so it repeats samples of the one before.",
    hints=["Count how often each sample comes in an epoch."],
    seen="syllabus 4.8",
)
ORDER = "order = xp.asarray(rng.permutation(N) if shuffle else np.arange(N))"

mistake(
    "minibatches",
    "fixed_batches_shuffled",
    was=ORDER,
    now="starts = rng.permutation(-(-N // m)) if shuffle else np.arange(-(-N // m))\n"
    "    order = xp.asarray(np.concatenate([np.arange(s * m, min(s * m + m, N)) for s in starts]))",
    says="Only the order of the batches is shuffled: the same samples always share a batch.",
    hints=["Who is in a batch with sample 0, in ten epochs?", "Shuffle samples, then cut batches."],
    seen="syllabus 4.10",
)
mistake(
    "minibatches",
    "a_random_start",
    was=ORDER,
    now="order = xp.asarray(np.roll(np.arange(N), int(rng.integers(N)) if shuffle else 0))",
    says="The data are only turned to a random start: neighbours stay neighbours.",
    hints=["Which sample follows sample 3, in ten epochs?"],
    seen="feedback starter bank: a contiguous window from a random start as the random batch",
)
mistake(
    "minibatches",
    "shuffled_inside_batches",
    was="        rows = order[start : start + m]\n",
    now="        rows = xp.arange(start, min(start + m, N))\n"
    "        rows = xp.asarray(rng.permutation(rows)) if shuffle else rows\n",
    says="Samples are shuffled only within their batch: the same samples always share one.",
    hints=["Who is in a batch with sample 0, in ten epochs?", "Shuffle all samples, then cut batches."],
    seen="syllabus 4.10",
)
mistake(
    "minibatches",
    "targets_as_a_column",
    was="y[rows]))",
    now="y[rows].reshape(-1, 1)))",
    says="The targets come as a column; one axis is asked for.",
    hints=["Print the shape of y_b.", "(k, 1) against (k,) broadcasts to (k, k) in a loss, without a word."],
    seen="syllabus 4.12",
)
mistake(
    "minibatches",
    "transposed",
    was="(X[rows], y[rows])",
    now="(X[rows].T, y[rows])",
    says="X_b is turned round: samples are rows, features columns.",
    hints=["Print the shape of X_b for batches of 3."],
    seen="syllabus 4.20",
)
mistake(
    "minibatches",
    "always_double",
    was="(X[rows], y[rows])",
    now="(X[rows].astype(float), y[rows].astype(float))",
    says="The batches are float64, whatever X and y are.",
    hints=["Labels should stay integers, and float32 stay float32."],
)
mistake(
    "minibatches",
    "flattened",
    was="(X[rows], y[rows])",
    now="(X[rows].reshape(len(rows), -1), y[rows])",
    says="The other axes of X are flattened away or made up.",
    hints=["Try X with a single axis, and with three."],
)
mistake(
    "minibatches",
    "empty_last_batch",
    was="range(0, N, m)",
    now="range(0, N + 1, m)",
    says="There is an empty batch at the end where m divides N.",
    hints=["Six samples in batches of 3: print the sizes.", "The mean of an empty batch is NaN."],
    seen="syllabus 4.14",
)
mistake(
    "minibatches",
    "even_parts",
    was="range(0, N, m):\n        rows = order[start : start + m]",
    now="range(1 if drop_last and N < m else -(-N // m)):\n        rows = np.array_split(order, -(-N // m))[start]",
    says="The samples are split into even parts; all batches but the last should have m.",
    hints=["Nine samples in batches of 4: print the sizes."],
)
mistake(
    "minibatches",
    "nothing_if_m_is_larger",
    was="range(0, N, m)",
    now="range(0, N - m + 1 if N < m else N, m)",
    says="With fewer samples than m nothing comes; one short batch should.",
    hints=["Three samples, batches of 5: print the sizes."],
    seen="syllabus 4.19",
)
mistake(
    "minibatches",
    "fixed_seed",
    was="rng.permutation(N) if shuffle",
    now="np.random.default_rng(0).permutation(N) if shuffle",
    says="A generator of its own with a fixed seed is used: every epoch has the same order.",
    hints=["Call it twice. Are the orders different?", "The caller's rng decides."],
    seen="syllabus 4.25",
)
mistake(
    "minibatches",
    "global_random",
    named=False,
    was="rng.permutation(N) if shuffle",
    now="np.random.permutation(N) if shuffle",
    says="The order comes from NumPy's global random state, not from the rng that is given.",
    hints=["Call it twice with generators of one seed. Are the orders equal?"],
    seen="syllabus 3.3 and 2.0, randomness",
)
mistake(
    "minibatches",
    "used_up",
    was="    return batches\n",
    now="    store = minibatches.__dict__.setdefault('store', batches)\n    found = store[:]\n    store.clear()\n"
    "    return found\n",
    says="The loader is used up after one epoch: an iterator was made once and kept.",
    hints=["Call it twice and count the batches.", "Make what is gone through anew in every call."],
    seen="syllabus 4.24",
)
mistake(
    "minibatches",
    "shuffles_in_place",
    was="    N = len(X)\n",
    now="    N = len(X)\n    if shuffle:\n        y[:] = y[(turn := rng.permutation(N))]\n        X[:] = X[turn]\n",
    says="The caller's X and y are shuffled themselves; only the batches should be.",
    hints=["Print X before and after the call.", "`rng.shuffle(X)` writes into X."],
    seen="syllabus 4.22; feedback starter bank: in-place update of the caller's array",
)
mistake(
    "minibatches",
    "fixed_tail_dropped",
    was=ORDER,
    now="keep = N - N % m if drop_last else N\n"
    "    order = xp.asarray(rng.permutation(keep) if shuffle else np.arange(keep))",
    says="With drop_last it is always the end of X that is left out: those samples are never used.",
    hints=["Which samples are left out, in ten epochs?", "Shuffle first, drop afterwards."],
    seen="syllabus claim 10: fixed dropped tail",
)

# ---- Mistakes: finds_bug -------------------------------------------------------------------------------

mistake(
    "finds_bug",
    "always_faulty",
    was="    return False\n",
    now="    return True\n",
    says="Every loader is called faulty, right ones too.",
    hints=["What does it say of the right loader in the check cell?"],
)
mistake(
    "finds_bug",
    "never_faulty",
    was="    for N, m in (",
    now="    return False\n    for N, m in (",
    says="No loader is ever called faulty.",
    hints=["What does it say of the loader that drops the short batch?"],
)
mistake(
    "finds_bug",
    "targets_not_compared",
    was="targets == [7 * i for i in order] and",
    now="len(targets) == len(order) and",
    says="Targets are not compared with their inputs.",
    hints=["Choose y so that each target says whose it is.", "udacity's quiz made this very mistake."],
    seen="udacity/sdc-issue-reports issue 1326",
)
mistake(
    "finds_bug",
    "sizes_not_looked_at",
    was="!= [((k, 2), (k,)) for k in sizes]",
    now="== []",
    says="The sizes of the batches are not looked at.",
    hints=["Which sizes should 21 samples in batches of 4 have?"],
)
mistake(
    "finds_bug",
    "repeats_not_noticed",
    was=" and len({*order}) == len(order) else",
    now=" else",
    says="A sample dealt twice, in the place of another, goes unnoticed.",
    hints=["Are all samples of an epoch different?"],
)
mistake(
    "finds_bug",
    "drop_last_not_tried",
    was="in (False, True):",
    now="in (False,):",
    says="drop_last is never tried.",
    hints=["Try every option that a loader has."],
)
mistake(
    "finds_bug",
    "only_even_divisions",
    was="((21, 4), (24, 4), (3, 5), (60, 10))",
    now="((20, 4), (24, 4), (5, 5), (60, 10))",
    says="Only numbers are tried that divide evenly; much goes wrong with what is left over.",
    hints=["Try 21 samples in batches of 4, and 3 in batches of 5."],
)
mistake(
    "finds_bug",
    "only_ragged_divisions",
    was="((21, 4), (24, 4), (3, 5), (60, 10))",
    now="((21, 4), (23, 4), (3, 5), (60, 11))",
    says="A number that divides evenly is never tried; some loaders deal an empty batch there.",
    hints=["Try 24 samples in batches of 4."],
)
mistake(
    "finds_bug",
    "order_expected",
    was="straight != [*range(len(straight))] or",
    now="one != np.random.default_rng(1).permutation(N)[: len(one)].tolist() or",
    says="A certain shuffled order is expected; right loaders may shuffle differently.",
    hints=["Write the loader in another way, by sorting random keys. Is it faulty now?"],
)
mistake(
    "finds_bug",
    "unshuffled_not_tried",
    was="straight != [*range(len(straight))] or",
    now="",
    says="That shuffle=False keeps the order is not looked at.",
    hints=["Try every option that a loader has."],
)
mistake(
    "finds_bug",
    "seed_not_varied",
    was=" or (N > 20 and one == other)",
    now="",
    says="Two seeds are never compared: a loader that always has one order passes.",
    hints=["What should be different between two seeds?"],
    seen="syllabus 4.25",
)
mistake(
    "finds_bug",
    "seed_not_repeated",
    was=" or one != again",
    now="",
    says="The same seed is never tried twice: a loader that cannot repeat itself passes.",
    hints=["What should be equal for one seed?"],
)
mistake(
    "finds_bug",
    "mixing_not_looked_at",
    was="if (steps == 1).sum() > 20 or spread.min() < 15:",
    now="if not steps.size:",
    says="That the order is not that of X is enough for it; a bad mixture passes.",
    hints=["Shuffle only the order of fixed batches. Who shares a batch with whom?"],
    seen="syllabus 4.10",
)
mistake(
    "finds_bug",
    "too_strict_about_neighbours",
    was="(steps == 1).sum() > 20",
    now="(steps == 1).sum() > 0",
    says="A single pair of neighbours is taken for a fault; chance alone makes one now and then.",
    hints=["How many of 59 pairs are neighbours in a fair order?"],
)

# ---- Mistakes: train_epoch -----------------------------------------------------------------------------

mistake(
    "train_epoch",
    "mean_of_means",
    was="total += len(X_b) * float(loss)\n        count += len(X_b)",
    now="total += float(loss)\n        count += 1",
    says="The batches' means are averaged with equal weight, though the last batch may be shorter.",
    hints=["Losses 1 and 4, of batches of 9 samples and of 1: what is the mean over samples?", "Weigh by size."],
    seen="catalyst-team/catalyst issue 799; Lightning-AI/pytorch-lightning issue 2924",
)
mistake(
    "train_epoch",
    "summed_loss",
    was="return params, total / count",
    now="return params, total",
    says="The losses are added up; their mean is asked for.",
    hints=["Give it every sample twice. Should the mean change?"],
    seen="syllabus 2.1",
)
mistake(
    "train_epoch",
    "last_loss",
    was="return params, total / count",
    now="return params, float(loss)",
    says="The loss of the last batch alone comes back.",
    hints=["Two batches with losses 1 and 3: what should come back?"],
)
mistake(
    "train_epoch",
    "loss_after_the_step",
    was="        total += len(X_b) * float(loss)\n",
    now="        total += len(X_b) * float(loss_and_grad(params, X_b, y_b)[0])\n",
    says="The losses are those after each step; those before it are asked for.",
    hints=["Which loss do you have already when you take the step?"],
    seen="syllabus 2.4",
)
mistake(
    "train_epoch",
    "ascent",
    was="params[name] -= lr",
    now="params[name] += lr",
    says="The step goes along the gradient, which is uphill.",
    hints=["Does the mean loss fall from epoch to epoch?"],
    seen="syllabus 2.3",
)
mistake(
    "train_epoch",
    "divides_again",
    was="lr * grads[name]",
    now="lr * grads[name] / len(X_b)",
    says="The gradient is divided by the batch size, though it is a mean already.",
    hints=["What does `loss_and_grad` promise to return?"],
    seen="syllabus 2.2; d2l-en pull request 1000",
)
mistake(
    "train_epoch",
    "step_scaled_by_size",
    was="            params[name] -= lr * grads[name]\n",
    now="            params[name] -= lr * len(X_b) * grads[name]\n",
    says="The step grows with the size of its batch: gradients are summed, not averaged.",
    hints=["A short batch moves the parameters with the same learning rate as a full one."],
)
mistake(
    "train_epoch",
    "one_step_an_epoch",
    was="        for name in params:\n            params[name] -= lr * grads[name]\n",
    now="        held = {n: (held[n] if count else 0) + lr * grads[n] for n in params}\n",
    says="No step is taken within the epoch: the gradients are gathered and never used.",
    hints=["Are the parameters different after an epoch?"],
)
mistake(
    "train_epoch",
    "gradients_at_the_start",
    was="        loss, grads = loss_and_grad(params, X_b, y_b)\n",
    now="        first = params if not count else first\n"
    "        first = {n: v.copy() for n, v in first.items()} if not count else first\n"
    "        loss, grads = loss_and_grad(first, X_b, y_b)\n",
    says="All gradients are taken at the parameters of the start of the epoch.",
    hints=["After the first step you stand elsewhere, and the slope is another."],
)
mistake(
    "train_epoch",
    "first_batch_only",
    was="        count += len(X_b)\n",
    now="        count += len(X_b)\n        break\n",
    says="Only the first batch is used.",
    hints=["How often is `loss_and_grad` called? Is a `return` inside the loop?"],
)
mistake(
    "train_epoch",
    "layer_after_layer",
    was="lr * grads[name]",
    now="lr * loss_and_grad(params, X_b, y_b)[1][name]",
    says="The gradient is computed anew for each parameter, after others have moved already.",
    hints=["How often is `loss_and_grad` called for one batch?"],
    seen="syllabus 2.5",
)
mistake(
    "train_epoch",
    "fixed_lr",
    was="lr * grads",
    now="0.1 * grads",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with lr=0. Do the parameters stay?"],
    seen="syllabus 2.7",
)
mistake(
    "train_epoch",
    "callers_arrays",
    was="value.copy()",
    now="value",
    says="The parameters of the caller are changed: the step writes into the given arrays.",
    hints=["Call it twice with the same parameters. Are both results the same?"],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "train_epoch",
    "always_double",
    was="value.copy()",
    now="value.astype(float)",
    says="The parameters come back as float64, whatever they were.",
    hints=["Call it with float32 parameters and look at the dtype of what comes back."],
)
mistake(
    "train_epoch",
    "short_batch_skipped",
    was="        loss, grads = loss_and_grad(params, X_b, y_b)\n",
    now="        size = len(X_b) if not count else size\n        if len(X_b) < size:\n            continue\n"
    "        loss, grads = loss_and_grad(params, X_b, y_b)\n",
    says="A shorter batch is skipped; it takes its step too.",
    hints=["Two batches, of 3 samples and of 1: how many steps?"],
)

# ---- Mistakes: sample_with_replacement -----------------------------------------------------------------

DRAW = "rng.integers(N, size=(k, m))"

mistake(
    "sample_with_replacement",
    "without_replacement",
    was=DRAW,
    now="np.stack([np.resize(rng.permutation(N), m) for _ in range(k)])",
    says="Within a batch no sample comes twice: each batch is drawn without replacement.",
    hints=["Draw 5 of 5. Do all five always come?"],
    seen="syllabus 4.3",
)
mistake(
    "sample_with_replacement",
    "one_batch_repeated",
    was=DRAW,
    now="np.stack([rng.integers(N, size=m)] * k)",
    says="All batches are the same one: it is drawn once and repeated.",
    hints=["Print two rows."],
)
mistake(
    "sample_with_replacement",
    "one_sample_a_batch",
    was=DRAW,
    now="np.repeat(rng.integers(N, size=(k, 1)), m, axis=1)",
    says="A batch holds one sample, over and over.",
    hints=["Print a row."],
)
mistake(
    "sample_with_replacement",
    "last_never_drawn",
    was=DRAW,
    now="rng.integers(max(N - 1, 1), size=(k, m))",
    says="The last sample is never drawn.",
    hints=["Which numbers come among a thousand draws from 3?", "`integers(N)` stops before N already."],
)
mistake(
    "sample_with_replacement",
    "counts_from_one",
    was=DRAW,
    now="rng.integers(1, N + 1, size=(k, m))",
    says="The rows are counted from 1; Python counts from 0.",
    hints=["Which numbers come among a thousand draws from 3?"],
)
mistake(
    "sample_with_replacement",
    "rounded",
    was=DRAW,
    now="np.rint(rng.random((k, m)) * (N - 1)).astype(int)",
    says="Random numbers are rounded, which gives the first and last sample half their chance.",
    hints=["Count how often 0 comes among ten thousand draws from 3."],
)
mistake(
    "sample_with_replacement",
    "floats",
    was=DRAW,
    now="np.floor(rng.random((k, m)) * N)",
    says="Floats come back; rows are chosen by whole numbers.",
    hints=["Try to index an array with what comes back."],
)
mistake(
    "sample_with_replacement",
    "transposed",
    was=DRAW,
    now="rng.integers(N, size=(m, k))",
    says="Rows and columns are exchanged: there is one row for each batch.",
    hints=["Which shape have 2 batches of 3?"],
)
mistake(
    "sample_with_replacement",
    "sorted_rows",
    was=DRAW,
    now="np.sort(rng.integers(N, size=(k, m)), axis=1)",
    says="Each batch is sorted: its first places hold small numbers.",
    hints=["Is the first entry of a batch as often large as small?"],
)
mistake(
    "sample_with_replacement",
    "global_random",
    named=False,
    was=DRAW,
    now="np.random.randint(0, N, size=(k, m))",
    says="The numbers come from NumPy's global random state, not from the rng that is given.",
    hints=["Call it twice with generators of one seed."],
    seen="syllabus 3.3",
)
mistake(
    "sample_with_replacement",
    "fixed_seed",
    was=DRAW,
    now="np.random.default_rng(0).integers(N, size=(k, m))",
    says="A generator of its own with a fixed seed is used: every call draws the same.",
    hints=["Call it with generators of two seeds."],
    seen="syllabus 3.4",
)

# ---- Mistakes: experiment ------------------------------------------------------------------------------

mistake(
    "experiment",
    "somebody_elses_data",
    was="own_problem(seed)\n",
    now="own_problem(0)\n",
    says="The seed that is given is not used: these are somebody else's data.",
    hints=["Call it with two seeds. Are the results different?"],
)
mistake(
    "experiment",
    "first_order_repeated",
    was="own_orders(seed)[scheme].tolist()",
    now="[own_orders(seed)[scheme][0].tolist()] * EPOCHS",
    says="Every epoch uses the order of the first one.",
    hints=["Is the row of the order that you use that of the epoch?"],
)
mistake(
    "experiment",
    "warm_up_included",
    was="found[WARM_UP:]",
    now="found",
    says="The first epochs are averaged in, in which the excess is still building up from 0.",
    hints=["How many epochs enter the mean?"],
)
mistake(
    "experiment",
    "last_epoch_only",
    was="xp.stack(found[WARM_UP:]).mean(axis=0)",
    now="found[-1]",
    says="The last epoch alone is used; a single epoch is a matter of chance.",
    hints=["How many epochs enter the mean?"],
)
mistake(
    "experiment",
    "not_halved",
    was=".sum(axis=1) / 2)",
    now=".sum(axis=1))",
    says="The loss is not halved: f has a factor of one half.",
    hints=["Compute f(w) - f(w*) from the residuals, once."],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "experiment",
    "distance_for_loss",
    was="(((w - minimum) @ H) * (w - minimum))",
    now="((w - minimum) ** 2)",
    says="The squared distance to the minimum is measured; the excess of the loss is asked for.",
    hints=["Put w into f."],
)
mistake(
    "experiment",
    "summed_curvature",
    was="X.T @ X / len(X)\n",
    now="X.T @ X\n",
    says="The loss is summed over the samples; f is a mean.",
    hints=["Compute f(w) - f(w*) from the residuals, once."],
    seen="syllabus 2.1",
)
mistake(
    "experiment",
    "from_zero",
    was="xp.stack([minimum] * len(LRS))",
    now="xp.zeros((len(LRS), len(minimum)))",
    says="The runs start at zero and have to find the minimum first; they should start at it.",
    hints=["What is the excess before the first step?"],
)
mistake(
    "experiment",
    "step_doubled",
    was="w - (lrs *",
    now="w - (2 * lrs *",
    says="The steps are twice as long: the gradient of half the squared error has no factor 2.",
    hints=["Differentiate r²/2."],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "experiment",
    "slope_of_log10_against_lr",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)",
    now="np.polyfit(LRS, np.log(figures.host(row)), 1)",
    says="The slope is taken against the learning rate; against its logarithm it is asked for.",
    hints=["What is a straight line when both axes are logarithmic?"],
)
mistake(
    "experiment",
    "intercept_for_slope",
    was="np.log(figures.host(row)), 1)[0]",
    now="np.log(figures.host(row)), 1)[1]",
    says="The height of the line at 0 comes back in the place of its slope.",
    hints=["Which of polyfit's two numbers comes first?"],
)
mistake(
    "experiment",
    "end_points_only",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)[0]",
    now="np.log(figures.host(row)[0] / figures.host(row)[-1]) / np.log(LRS[0] / LRS[-1])",
    says="The slope is that between the two ends; the line is to be fitted to all four points.",
    hints=["Least squares looks at every point."],
)

# ---- Mistakes: factors ---------------------------------------------------------------------------------

mistake(
    "factors",
    "first_pair_with_replacement",
    was="[0, 2] / _excess[0, 3]",
    now="[0, 0] / _excess[0, 1]",
    says="This is the factor between the first two learning rates; the last two are asked for.",
    hints=["In which order do the learning rates come?"],
)
mistake(
    "factors",
    "upside_down",
    was="_excess[1, 2] / _excess[1, 3]",
    now="_excess[1, 3] / _excess[1, 2]",
    says="The quotient is upside down: how many times smaller does it become?",
    hints=["Larger divided by smaller."],
)
mistake(
    "factors",
    "from_the_slope",
    was="_excess[2, 2] / _excess[2, 3]",
    now="2 ** experiment(seed)['exponent'][2]",
    says="The factor is taken from the slope over all four points; the last step alone is asked for.",
    hints=["Divide two entries of `excess`."],
)
mistake(
    "factors",
    "rows_exchanged",
    was="once_factor = round(float(_excess[1, 2] / _excess[1, 3]), 4)",
    now="once_factor = round(float(_excess[2, 2] / _excess[2, 3]), 4)",
    says="The factor of another order is typed here.",
    hints=["In which order do the schemes come?"],
)

# ---- Alternatives --------------------------------------------------------------------------------------


@alternative("iterations_per_epoch")
def rounded_up_by_minus_signs(N, m, drop_last=False):
    return N // m if drop_last else -(-N // m)


@alternative("iterations_per_epoch")
def by_counting_starts(N, m, drop_last=False):
    return np.arange(0, N - m + 1 if drop_last else N, m).size


@alternative("iterations_per_epoch")
def by_dealing(N, m, drop_last=False):
    count = 0
    while N >= m or (N > 0 and not drop_last):
        N -= m
        count += 1
    return np.int64(count)


@alternative("minibatches")
def by_sorting_random_keys(X, y, m, rng, shuffle=True, drop_last=False):
    order = np.argsort(rng.random(len(X))) if shuffle else np.arange(len(X))
    stop = len(X) - len(X) % m if drop_last else len(X)
    return [[X[order[i : min(i + m, stop)]], y[order[i : min(i + m, stop)]]] for i in range(0, stop, m)]


@alternative("minibatches")
def shuffled_list_of_numbers(X, y, m, rng, shuffle=True, drop_last=False):
    rows = list(range(len(X)))
    if shuffle:
        rng.shuffle(rows)
    batches = ()
    while len(rows) >= m or (rows and not drop_last):
        take, rows = rows[:m], rows[m:]
        batches += ((xp.take(X, take, axis=0), xp.take(y, take)),)
    return batches


@alternative("minibatches")
def object_that_deals_when_asked(X, y, m, rng, shuffle=True, drop_last=False):
    class Loader:
        def __len__(self):
            return iterations_per_epoch(len(X), m, drop_last)

        def __iter__(self):
            order = rng.choice(len(X), size=len(X), replace=False) if shuffle else np.arange(len(X))
            for b in range(len(self)):
                yield X[order[b * m : (b + 1) * m]], y[order[b * m : (b + 1) * m]]

    return Loader()


@alternative("minibatches")
def iterator_with_a_place(X, y, m, rng, shuffle=True, drop_last=False):
    class Deck:
        def __init__(self):
            self.order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            self.place = 0

        def __iter__(self):
            return self

        def __next__(self):
            rows = self.order[self.place : self.place + m]
            self.place += m
            if len(rows) == 0 or (drop_last and len(rows) < m):
                raise StopIteration
            return X[rows].copy(), y[rows].copy()

    return Deck()


@alternative("minibatches")
def with_a_child_generator(X, y, m, rng, shuffle=True, drop_last=False):
    if shuffle:
        (child,) = rng.spawn(1)
        child.random(3)
        order = child.permutation(len(X))
        X, y = X[order], y[order]
    starts = range(0, len(X), m)
    found = list(zip((X[s : s + m] for s in starts), (y[s : s + m] for s in starts), strict=True))
    return found[: len(X) // m] if drop_last else found


@alternative("minibatches")
def own_deck_with_unused_draws(X, y, m, rng, shuffle=True, drop_last=False):
    deck = np.arange(len(X))
    if shuffle:
        rng.normal(size=3)
        for last in range(len(deck) - 1, 0, -1):  # Fisher and Yates
            other = int(rng.integers(last + 1))
            deck[last], deck[other] = deck[other], deck[last]
    parts = np.split(deck, range(m, len(deck), m))
    return map(lambda rows: (X[rows], y[rows]), [rows for rows in parts if len(rows) == m or not drop_last])


@alternative("minibatches")
def views_of_own_copies(X, y, m, rng, shuffle=True, drop_last=False):
    X, y = X.copy(), y.copy()
    if shuffle:
        seed = int(rng.integers(2**62))
        np.random.default_rng(seed).shuffle(X)
        np.random.default_rng(seed).shuffle(y)
    count = len(X) // m + (len(X) % m > 0 and not drop_last)
    return [(X[b * m :][:m], y[b * m :][:m]) for b in range(count)]


@alternative("finds_bug")
def property_by_property(loader):
    def epoch(N, m, seed, shuffle=True, drop_last=False):
        X = np.arange(N, dtype=float).reshape(N, 1)
        found = loader(X, X[:, 0] + 0.5, m, seed, shuffle=shuffle, drop_last=drop_last)
        return [(np.asarray(a), np.asarray(b)) for a, b in found]

    for N, m in ((10, 1), (10, 3), (9, 3), (4, 9), (12, 12)):
        for shuffle in (True, False):
            short, full = epoch(N, m, 5, shuffle), epoch(N, m, 5, shuffle, True)
            if [len(b) for _, b in short] != [min(m, N - s) for s in range(0, N, m)]:
                return True
            if [len(b) for _, b in full] != [m] * (N // m):
                return True
            for found, some in ((short, N), (full, N // m * m)):
                if any(b.ndim != 1 or a.shape != (len(b), 1) or (a[:, 0] + 0.5 != b).any() for a, b in found):
                    return True
                if len({float(value) for a, _ in found for value in a[:, 0]}) != some:
                    return True
            if not shuffle and (np.diff(np.concatenate([b for _, b in short])) < 0).any():
                return True
    orders = [np.concatenate([a[:, 0] for a, _ in epoch(100, 10, seed)]) for seed in range(20)]
    again = np.concatenate([a[:, 0] for a, _ in epoch(100, 10, 3)])
    if len({tuple(order) for order in orders}) < 20 or (orders[3] != again).any():
        return True
    batch = np.argsort(orders, axis=1) // 10
    return bool((batch[:, 1:] == batch[:, :-1]).mean() > 0.4)


@alternative("train_epoch")
def new_dict_each_step(loss_and_grad, params, batches, lr):
    losses, counts = [], []
    for batch in batches:
        loss, grads = loss_and_grad(params, *batch)
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(loss)
        counts.append(len(batch[1]))
    return params, np.average([float(loss) for loss in losses], weights=counts)


@alternative("train_epoch")
def running_mean(loss_and_grad, params, batches, lr):
    own, mean, seen = {name: xp.array(value) for name, value in params.items()}, 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(own, X_b, y_b)
        for name, value in own.items():
            xp.subtract(value, lr * grads[name], out=value)
        seen += len(y_b)
        mean += (loss - mean) * len(y_b) / seen
    return [own, xp.asarray(mean)]


@alternative("train_epoch")
def by_hand_with_next(loss_and_grad, params, batches, lr):
    waiting, total = iter(batches), []
    params = dict(params)
    while (batch := next(waiting, None)) is not None:
        loss, grads = loss_and_grad(params, batch[0], batch[1])
        params.update({name: value + -lr * grads[name] for name, value in params.items()})
        total += [float(loss)] * len(batch[1])
    return params, sum(total) / len(total)


@alternative("sample_with_replacement")
def by_choice(N, m, k, rng):
    return rng.choice(N, size=(k, m), replace=True)


@alternative("sample_with_replacement")
def by_cutting_the_unit_interval(N, m, k, rng):
    return np.minimum((rng.random((k, m)) * N).astype(np.int64), N - 1)


@alternative("sample_with_replacement")
def one_draw_at_a_time(N, m, k, rng):
    rng.random()
    return [[int(rng.integers(0, N - 1, endpoint=True)) for _ in range(m)] for _ in range(k)]
