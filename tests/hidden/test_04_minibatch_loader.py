"""Hidden checks of 04_minibatch_loader, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import copy
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
    return [
        [round(float(i)) for i in X_b.reshape(len(X_b), -1)[:, 0]]
        for X_b, y_b in batches or []
        if X_b.size and len(X_b) == len(y_b)
    ]


def flat(batches):
    """The numbers of the samples in the order in which they come."""
    return [i for batch in ids(batches) for i in batch]


def sizes(N, m, drop_last=False):
    """The sizes of the batches of an epoch."""
    return [m] * (N // m) + [N % m] * bool(N % m and not drop_last)


def where(N, m):
    """How m and N stand to each other, in words that tell one case from another."""
    return "where m is greater than N" if m > N else "where samples are left over" if N % m else "where m divides N"


def sized(check, batches, N, m, drop_last=False):
    """Note what is wrong with the number of the batches, and with their sizes."""
    got, want = [len(X_b) for X_b, _ in batches or []], sizes(N, m, drop_last)
    case = where(N, m) + ", with drop_last" * drop_last
    check.that(f"there are as many batches as there should be {case}", len(got) == len(want))
    check.that(f"no batch is empty {case}", 0 not in got)
    check.that(f"no batch has more than m samples {case}", max(got, default=0) <= m)
    check.that(f"all batches but the last have m samples {case}", {*got[:-1]} <= {m})
    check.that(f"the last batch has the size that it should {case}", got[-1:] == want[-1:])


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
    cases = [(1, 1), (5, 8), (8, 8), (9, 8), (64, 8), (7, 1), (257, 256), (20, 8)]
    for N, m in [*cases, *rng.integers(2, 500, size=(6, 2)).tolist()]:
        check.equal(submission.iterations_per_epoch(N, m), len(sizes(N, m)), what="The number with the short batch")


@points(0.5, cell="iterations_per_epoch", topic="drop_last")
def test_count_without_the_short_batch(submission, check, rng):
    """With drop_last only full batches count: none if N is smaller than m."""
    cases = [(1, 1), (5, 8), (8, 8), (15, 8), (64, 8), (7, 1), (511, 256), (20, 8)]
    for N, m in [*cases, *rng.integers(2, 500, size=(6, 2)).tolist()]:
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
        axes = ("one axis", "two axes", "three axes")[len(shape) - 1]
        for X_b, y_b in found or []:
            check.equal(list(X_b.shape), [len(y_b), *shape[1:]], what=f"The shape of X_b, where X has {axes},")
            own = X_b.shape[1:] != shape[1:] or all((row == X).reshape(7, -1).all(axis=1).any() for row in X_b)
            check.that("every row of X_b is a row of X", own)
            check.equal(y_b.ndim, 1, what="The number of axes of y_b")
            check.dtype(X_b, dtype, what="X_b")
            check.that("y_b is made of integers where y is", y_b.dtype.kind in "iu")


@points(0.5, cell="minibatches", topic="each sample once")
def test_each_once(submission, check, rng):
    """Every sample comes exactly once in an epoch, whether m divides N or not."""
    for N, m in ((23, 4), (24, 4), (31, 7), (41, 20)):
        X, y = numbered(N)
        found = flat(pairs(check, submission.minibatches(X, y, m, np.random.default_rng(int(rng.integers(2**32))))))
        check.that(f"no sample is left out {where(N, m)}", {*found} == {*range(N)})
        check.that(f"no sample comes twice {where(N, m)}", len({*found}) == len(found))


@points(0.5, cell="minibatches", topic="sizes")
def test_sizes(submission, check, rng):
    """All batches have m samples but the last, which has what is left over; no batch is empty."""
    for N, m in ((23, 4), (24, 4), (31, 7), (41, 20), (1797, 32)):
        X, y = numbered(N)
        found = pairs(check, submission.minibatches(X, y, m, np.random.default_rng(int(rng.integers(2**32)))))
        sized(check, found, N, m)
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
        sized(check, found, N, m, True)
        check.that("no sample comes twice", len({*flat(found)}) == len(flat(found)))
    X, y = numbered(23)
    straight = flat(pairs(check, submission.minibatches(X, y, 4, None, shuffle=False, drop_last=True)))
    check.that("unshuffled, the end of the data is what is left out", straight == [*range(20)])


@points(0.5, cell="minibatches", topic="m = 1, m = N, m > N, N = 1")
def test_extremes(submission, check, rng):
    """Batches of one sample, of all samples, of more than there are, and data of a single sample."""
    for N, m, drop_last in itertools.product((1, 12), (1, 12, 17), (False, True)):
        X, y = numbered(N)
        found = pairs(check, submission.minibatches(X, y, m, np.random.default_rng(3), drop_last=drop_last))
        if found is not None:
            sized(check, found, N, m, drop_last)
            kind = "of one sample" if m == 1 else "of all samples"
            check.that(f"no sample comes twice in batches {kind}", len({*flat(found)}) == len(flat(found)))
            mixed = N == 1 or not flat(found) or flat(found) != sorted(flat(found))
            check.that(f"batches {kind} are shuffled too", mixed)


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
    if orders is not None and all(sorted(order) == [*range(24)] for order in orders.tolist()):
        place = np.argsort(orders, axis=1).mean(axis=0)  # of 24 places: mean 11.5, and 6 s.e. are 4.7
        check.that("every sample's mean place is near the middle", (abs(place - 11.5) < 4.7).all())
        stays = (orders == np.arange(24)).any(axis=1).sum()  # in 63 % of epochs: 50.6 of 80, and 6 s.e. are 26
        check.that("now and then a sample stays in its place", stays > 20)
    else:
        check.that("the samples of an epoch are the right ones", False)
    three = epochs(submission, check, rng, 250, 3, 3)
    if three is not None:  # of 6 orders this is 1: 6 s.e. are 0.14; with equal keys that keep their order it is 0.37
        straight = (three == np.arange(3)).all(axis=1).mean()
        check.that("three samples come in the order of X in 1 of 6 epochs", abs(straight - 1 / 6) < 0.14)
    many = epochs(submission, check, rng, 1, 30_000, 15_000)
    if many is not None and sorted(many[0].tolist()) == [*range(30_000)]:
        # How far each is dealt behind its place, turning round at the end. A quarter each: 6 s.e. are 0.024. Where
        # every place is exchanged with any other it is 0.063 more often just before than just behind.
        behind = (np.argsort(many[0]) - np.arange(30_000)) % 30_000
        tilt = (behind > 22_500).mean() - (behind < 7_500).mean()
        check.that("samples are dealt just before their places as often as just behind", abs(tilt) < 0.024)


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
    rising = (np.diff(orders.reshape(40, 4, 16), axis=2) > 0).all(axis=2).mean()
    check.that("the samples of a batch do not come in the order of X", rising < 0.5)
    always = (batch[:, :, None] == batch[:, None, :]).all(axis=0).sum()  # 64 of a sample with itself; 1024 if fixed
    check.that("it is not the same samples that share a batch in every epoch", always < 512)


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
    straight = flat(pairs(check, submission.minibatches(X, y, 7, np.random.default_rng(seed), shuffle=False)))
    check.that("unshuffled, a generator changes nothing", straight == [*range(50)])


def by_a_copy(rng, N):
    """The orders of N samples that the common ways to shuffle draw from a copy of ``rng``, which itself stays put."""
    ways = (
        lambda rng: rng.permutation(N),
        lambda rng: rng.permuted(np.arange(N)),
        lambda rng: rng.random(N).argsort(),
        lambda rng: rng.choice(N, N, replace=False),
        lambda rng: rng.choice(N, N, replace=False, shuffle=False),
    )
    return [way(copy.deepcopy(rng)).tolist() for way in ways]


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
        if moved:
            given = now
        elif orders[-1] not in by_a_copy(given, 40):  # a child of it was used, which a second call would not repeat
            given = np.random.default_rng(int(rng.integers(2**32)))
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
    once = orders is not None and all(len({*order}) == len(order) for order in orders.tolist())
    check.that("no sample comes twice", once)
    if once:  # each is left out of 1 epoch in 7: of none among 60 once in 10,000 times
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
    """The mean loss counts every sample once, also when batches differ in size; losses are those before each step.

    The batches can be gone through once, and have no length.
    """
    for ends in ((4, 8, 11), (6, 7, 11), (10, 11), (5, 10)):
        params, X, y = start(rng)
        _, want = reference.train_epoch(reference.line_loss_and_grad, params, cut(X, y, *ends), 0.1)
        once = check.once(cut(X, y, *ends))
        got = submission.train_epoch(reference.line_loss_and_grad, params, once, 0.1)
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
    except (TypeError, ValueError):
        rows = np.array(None)
    check.that("an array of whole numbers comes back", rows.dtype.kind in "iu")
    check.that("the array has two axes", rows.ndim == 2)
    check.that("there are k times m draws in all", rows.size == k * m)
    check.that("each of the k rows is a batch", rows.ndim == 0 or len(rows) == k)
    check.that("each of the m columns is a place in a batch", rows.ndim != 2 or rows.shape[1] == m)
    return rows if rows.shape == (k, m) and rows.dtype.kind in "iu" else None


def differing(check, rows):
    """Whether batches differ at all; where they do not, nothing else is to be said of them."""
    differ = bool((rows != rows[0]).any())
    check.that("not all batches are one and the same", differ)
    return differ


@points(0.5, cell="sample_with_replacement", topic="shape, dtype, range")
def test_rows(submission, check, rng):
    """k rows of m whole numbers from 0 to N - 1, also for m greater than N and for a single sample."""
    for N, m, k in ((7, 3, 50), (4, 9, 20), (1, 3, 40), (6, 1, 1)):
        rows = drawn(submission, check, N, m, k, np.random.default_rng(int(rng.integers(2**32))))
        if rows is not None:
            check.that("none is below the first row", rows.min() >= 0)
            check.that("none is beyond the last row", rows.max() < N or rows.size == 1)
            check.dtype(rows, np.int64, what="The array of rows")
    rows = drawn(submission, check, 1000, 50, 4, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:  # 0.75**200: never by chance
        check.that("of a thousand samples those beyond the first 250 come", rows.max() >= 250)


@points(0.5, cell="sample_with_replacement", topic="equal chances")
def test_equal_chances(submission, check, rng):
    """Every sample is drawn equally often, in the first place of a batch and in the last, within six deviations."""
    rows = drawn(submission, check, 7, 5, 4200, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None and differing(check, rows):
        for column, place in ((0, "first"), (4, "last")):  # 4200 draws from 7: 600 each, deviation 22.7
            counts = np.bincount(rows[:, column].clip(0, 7), minlength=8)
            usual = counts[1:6].mean()  # deviation 6.5; of the difference to one of the others 24.8
            told = f", in the {place} place of a batch"
            check.that("the first sample is drawn at all" + told, counts[0] > 0)
            check.that("the first sample comes as often as others" + told, abs(counts[0] - usual) < 150)
            check.that("the last sample comes as often as others" + told, abs(counts[6] - usual) < 150)
            check.that("those between come equally often" + told, (abs(counts[1:6] - usual) < 150).all())
            check.that("all draws are samples" + told, counts[7] == 0 and rows[:, column].min() >= 0)
        # Of 21,000 draws chance leaves chi-square (6 degrees) below 0.004 once in 10**9; shuffled decks make it 0.
        counts = np.bincount(rows.ravel().clip(0, 7), minlength=8)[:7]
        check.that("samples come no more evenly than chance has it", ((counts - 3000) ** 2 / 3000).sum() > 0.004)


@points(0.5, cell="sample_with_replacement", topic="repeats within a batch")
def test_repeats(submission, check, rng):
    """Within a batch samples repeat as often as chance says: of 5 drawn from 7, all differ in 15 % of batches."""
    rows = drawn(submission, check, 7, 5, 1000, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:  # 7·6·5·4·3 / 7⁵ = 0.150, deviation 0.0113
        distinct = np.mean([len({*row}) == 5 for row in rows.tolist()])
        check.that("all differ in 8 to 22 % of the batches", abs(distinct - 0.150) < 0.068)
    rows = drawn(submission, check, 30, 29, 1, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None:  # 30! / 30²⁹ = 4e-11
        told = "some sample comes twice, though there are enough for all to differ"
        check.that(told, len({*rows.ravel().tolist()}) < 29)


@points(0.5, cell="sample_with_replacement", topic="independent batches")
def test_independent(submission, check, rng):
    """What a batch holds says nothing about the next one, nor one place of a batch about the others."""
    rows = drawn(submission, check, 10, 4, 1500, np.random.default_rng(int(rng.integers(2**32))))
    if rows is not None and differing(check, rows):
        # equal in 1 of 10 cases: of 6000 deviation 0.0039, of 1500 deviation 0.0077
        check.that("places of two batches agree in 1 of 10 cases", abs((rows[1:] == rows[:-1]).mean() - 0.1) < 0.03)
        for a, b in itertools.combinations(range(4), 2):
            agree = (rows[:, a] == rows[:, b]).mean()
            check.that("two places of a batch agree in 1 of 10 cases", abs(agree - 0.1) < 0.047)
        rising = (np.diff(rows, axis=1) >= 0).all(axis=1).mean()  # 715 of 10,000
        check.that("rows are not in order of size", rising < 0.5)
        growth = rows[750:].mean() - rows[:750].mean()  # deviation 0.074
        check.that("later batches hold no larger numbers than earlier ones", abs(growth) < 0.45)


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
    was="divmod(N, m)",
    now="divmod(float(N), m)",
    says="A float comes back; a number of batches is a whole number.",
    hints=["What type does NumPy's ceil return?", "`range` refuses 4.0."],
)
mistake(
    "iterations_per_epoch",
    "one_less_for_drop_last",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full + (left_over > 0) - bool(drop_last)",
    says="drop_last takes a batch away even where m divides N and the last batch is full.",
    hints=["Try eight samples in batches of 4, with drop_last.", "Only a batch that is short is left out."],
    seen="blind answer",
)
mistake(
    "iterations_per_epoch",
    "one_less_always",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full + (left_over > 0) - 1",
    says="There is one batch too few: the last one is not counted, whatever its size.",
    hints=["Count the batches of eight samples, four at a time, on your fingers."],
)
mistake(
    "iterations_per_epoch",
    "one_more_always",
    was="(left_over > 0 and not drop_last)",
    now="1",
    says="One batch is added to the full ones in every case, even if nothing is left over or it is dropped.",
    hints=["Try eight samples in batches of 4, with drop_last and without.", "When is there a short batch at all?"],
)
mistake(
    "iterations_per_epoch",
    "samples_left_over_added",
    was="(left_over > 0 and not drop_last)",
    now="(left_over if not drop_last else 0)",
    says="Each sample that is left over is counted as a batch; together they form a single one.",
    hints=["Eleven samples in batches of 4: how many are left over, and how many batches do they make?"],
)
mistake(
    "iterations_per_epoch",
    "rounded_half_up",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else int(N / m + 0.5)",
    says="The number is rounded to the nearest, halves up; a short batch counts however short it is.",
    hints=["Nine samples in batches of 8: where does the ninth go?", "Any remainder makes one more batch."],
)
mistake(
    "iterations_per_epoch",
    "rounded_at_least_one",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else max(round(N / m), 1)",
    says="The number is rounded to the nearest, and made one at least; a short batch counts however short.",
    hints=["Nine samples in batches of 8: where does the ninth go?", "Any remainder makes one more batch."],
    seen="blind answer",
)
mistake(
    "iterations_per_epoch",
    "rounded_with_drop_last_too",
    was="return full + (left_over > 0 and not drop_last)",
    now="return round(N / m)",
    says="The number is rounded to the nearest and drop_last is not asked.",
    hints=["Nine samples in batches of 8, and fifteen: how many batches are there, and how many of them full?"],
)
mistake(
    "iterations_per_epoch",
    "almost_one_added",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else int(N / m + 0.99)",
    says="A little less than one is added before cutting off decimals, so a very small remainder is lost.",
    hints=["Try large batches and a single sample more than fits.", "Work with whole numbers; they do not round."],
    seen="blind answer",
)
mistake(
    "iterations_per_epoch",
    "nine_tenths_added",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else int(N / m + 0.9)",
    says="Something less than one is added before cutting off decimals, so a small remainder is lost.",
    hints=["Try large batches and a single sample more than fits.", "Work with whole numbers; they do not round."],
)
mistake(
    "iterations_per_epoch",
    "a_quotient",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else N / m",
    says="The plain quotient comes back, with its decimals; batches are counted in whole numbers.",
    hints=["Ten samples in batches of 4: can there be half a batch?", "A short batch is a batch too."],
)
mistake(
    "iterations_per_epoch",
    "a_quotient_always",
    was="return full + (left_over > 0 and not drop_last)",
    now="return N / m",
    says="The plain quotient comes back, and drop_last is not asked; batches are counted in whole numbers.",
    hints=["Ten samples in batches of 4: can there be half a batch?", "A short batch counts, or does not."],
)
mistake(
    "iterations_per_epoch",
    "a_float_unless_dropped",
    was="(left_over > 0 and not drop_last)",
    now="(not drop_last and np.ceil(left_over / m))",
    says="Where it is rounded up a float comes back; a number of batches is a whole number.",
    hints=["What type does NumPy's ceil return?", "`range` refuses 4.0."],
)
mistake(
    "iterations_per_epoch",
    "a_float_one_less_for_drop_last",
    was="return full + (left_over > 0 and not drop_last)",
    now="return np.ceil(N / m) - bool(drop_last)",
    says="drop_last takes a batch away even where the last one is full; and a float comes back.",
    hints=["Try eight samples in batches of 4, with drop_last.", "What type does NumPy's ceil return?"],
    seen="blind answer",
)
mistake(
    "iterations_per_epoch",
    "a_rounded_float",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full if drop_last else np.round(N / m)",
    says="The number is rounded to the nearest, however short a batch is left; and a float comes back.",
    hints=["Nine samples in batches of 8: where does the ninth go?", "What type does NumPy's round return?"],
)
mistake(
    "iterations_per_epoch",
    "upside_down",
    was="divmod(N, m)",
    now="divmod(m, N)",
    says="The division is upside down: the batch size is divided by the number of samples.",
    hints=["Do larger batches make more of them, or fewer?", "How many slices of 4 fit into 20?"],
)
mistake(
    "iterations_per_epoch",
    "none_if_m_is_larger",
    was="return full + (left_over > 0 and not drop_last)",
    now="return full + (left_over > 0 and not drop_last and N >= m)",
    says="With fewer samples than m no batch is counted; one short batch there is.",
    hints=["Three samples, batches of 5, nothing dropped: where do the three go?"],
)
mistake(
    "iterations_per_epoch",
    "one_left_over_forgotten",
    was="left_over > 0",
    now="left_over > 1",
    says="A single sample left over is forgotten; it makes a batch of its own.",
    hints=["Nine samples in batches of 4: where does the ninth go?"],
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
    was="rng.permutation(N) if shuffle",
    now="np.random.permutation(N) if shuffle",
    says="The order comes from elsewhere, such as NumPy's global random state, not from the rng that is given.",
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
mistake(
    "minibatches",
    "shuffle_inverted",
    was="if shuffle else np.arange(N)",
    now="if not shuffle else np.arange(N)",
    says="shuffle works the wrong way round.",
    hints=["Print the numbers of a few batches, with shuffle=True and with False.", "Which should be in order?"],
)
mistake(
    "minibatches",
    "inputs_unshuffled",
    was="(X[rows], ",
    now="(X[start : start + len(rows)], ",
    says="Only the targets are shuffled; the inputs come in the old order.",
    hints=["Use targets that say whose they are.", "One order, used for both."],
)
mistake(
    "minibatches",
    "draws_from_a_copy",
    was="    N = len(X)\n",
    now="    N = len(X)\n    rng = __import__('copy').deepcopy(rng)\n",
    says="The order is drawn from a copy of rng, so rng stays where it was and every epoch is the same.",
    hints=["Make two epochs with one generator. Are they different?", "A generator that is used must move on."],
    seen="blind answer",
)
mistake(
    "minibatches",
    "no_sample_stays",
    was="rng.permutation(N) if shuffle",
    now="(a := np.arange(N), [a.__setitem__([i, j], a[[j, i]]) for i in range(N - 1, 0, -1)"
    " for j in [int(rng.integers(i))]])[0] if shuffle",
    says="No sample ever stays in its place: when two are exchanged, one may be exchanged with itself.",
    hints=["Shuffle three cards a hundred times. Which of the six orders come?", "Is a bound exclusive here?"],
    seen="blind answer",
)
mistake(
    "minibatches",
    "sorted_inside_batches",
    was="        rows = order[start : start + m]\n",
    now="        rows = xp.sort(order[start : start + m])\n",
    says="Within a batch the samples come in the order of X; the order of all should be random.",
    hints=["Print the numbers of one batch.", "A mask picks rows in the order in which they stand."],
    seen="blind answer",
)
mistake(
    "minibatches",
    "fixed_batches_short_one_last",
    was=ORDER,
    now="starts = np.arange(0, N, m)\n    whole = starts[: N // m]\n"
    "    starts = np.concatenate([rng.permutation(whole), starts[N // m :]]) if shuffle else starts\n"
    "    order = xp.asarray(np.concatenate([np.arange(s, min(s + m, N)) for s in starts]))",
    says="Only the order of the full batches is shuffled: the same samples always share a batch.",
    hints=["Who is in a batch with sample 0, in ten epochs?", "Shuffle samples, then cut batches."],
    seen="blind answer",
)


@mistake(
    "minibatches",
    "fixed_batches_in_any_order",
    says="Batches are cut first and only their order is shuffled: the same samples always share one.",
    hints=["Who is in a batch with sample 0, in ten epochs?", "Shuffle samples, then cut batches."],
)
def fixed_batches_in_any_order(X, y, m, rng, shuffle=True, drop_last=False):
    found = [(X[s : s + m], y[s : s + m]) for s in range(0, len(X), m)]
    if drop_last and len(found[-1][1]) < m:
        found.pop()
    return [found[i] for i in rng.permutation(len(found))] if shuffle else found


@mistake(
    "minibatches",
    "fixed_batches_mixed_inside",
    says="Batches are shuffled, and samples inside each, but the same samples always share a batch.",
    hints=["Who is in a batch with sample 0, in ten epochs?", "Shuffle all samples, then cut batches."],
)
def fixed_batches_mixed_inside(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    groups = [np.arange(s, min(s + m, N)) for s in range(0, N, m)]
    short = [groups.pop()] if N % m else []
    if shuffle:
        groups = [rng.permutation(groups[i]) for i in rng.permutation(len(groups))]
        short = [rng.permutation(rows) for rows in short]
    return [(X[rows], y[rows]) for rows in (groups if drop_last else groups + short)]


mistake(
    "minibatches",
    "random_windows",
    was="        rows = order[start : start + m]\n",
    now="        k = min(m, N - start)\n        first = int(rng.integers(N - k + 1)) if shuffle else start\n"
    "        rows = xp.arange(first, first + k)\n",
    says="Each batch is a stretch of neighbours from a random start: some samples come twice, others not at all.",
    hints=["Sort the numbers of all samples in an epoch.", "Shuffle one deck, then deal it out."],
    seen="feedback starter bank: a contiguous window from a random start as the random batch",
)


@mistake(
    "minibatches",
    "full_batches_drawn_anew",
    says="Each batch is drawn anew from all samples, a full one every time, so some samples come twice.",
    hints=["Sort the numbers of all samples in an epoch.", "Shuffle one deck, then deal it out."],
)
def full_batches_drawn_anew(X, y, m, rng, shuffle=True, drop_last=False):
    found = []
    for start in range(0, len(X) // m * m if drop_last else len(X), m):
        rows = rng.choice(len(X), m, replace=False) if shuffle else np.arange(start, min(start + m, len(X)))
        found.append((X[rows], y[rows]))
    return found


@mistake(
    "minibatches",
    "full_batches_drawn_with_replacement",
    says="Each batch is drawn anew with replacement, a full one every time, so some samples come twice.",
    hints=["Sort the numbers of all samples in an epoch.", "Shuffle one deck, then deal it out."],
)
def full_batches_drawn_with_replacement(X, y, m, rng, shuffle=True, drop_last=False):
    found = []
    for start in range(0, len(X) // m * m if drop_last else len(X), m):
        rows = rng.integers(len(X), size=m) if shuffle else np.arange(start, min(start + m, len(X)))
        found.append((X[rows], y[rows]))
    return found


mistake(
    "minibatches",
    "padded_with_drop_last_too",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[xp.arange(start, start + m) % N]\n",
    says="The last batch is filled up with samples that have come already, with drop_last too.",
    hints=["Count how often each sample comes in an epoch.", "The last batch may be short, or be left out."],
)
mistake(
    "minibatches",
    "padded_with_zeros",
    was="batches.append((X[rows], y[rows]))",
    now="k = m - len(rows)\n"
    "            batches.append((xp.concatenate([X[rows], xp.zeros((k, *X.shape[1:]), X.dtype)]), "
    "xp.concatenate([y[rows], xp.zeros(k, y.dtype)])))",
    says="The short batch is filled up with zeros, which are no samples.",
    hints=["Print the last batch.", "A batch may be shorter than m."],
)
mistake(
    "minibatches",
    "window_moved_back_or_dropped",
    was="        rows = order[start : start + m]\n",
    now="        back = start if drop_last else min(start, max(N - m, 0))\n        rows = order[back : start + m]\n",
    says="The last batch is moved back to be full, so it repeats samples of the one before.",
    hints=["Count how often each sample comes in an epoch.", "The last batch may be short."],
)
mistake(
    "minibatches",
    "left_over_joined_to_the_last",
    was="        if len(rows) == m or not drop_last:\n",
    now="        if len(rows) < m and batches and not drop_last:\n"
    "            batches[-1] = (X[order[start - m :]], y[order[start - m :]])\n"
    "        elif len(rows) == m or not drop_last:\n",
    says="The samples left over join the last full batch, which is then too large; they form one of their own.",
    hints=["Eleven samples in batches of 4: print the sizes.", "No batch has more than m samples."],
)
mistake(
    "minibatches",
    "short_batch_first",
    was="range(0, N, m):\n        rows = order[start : start + m]",
    now="range(N % m - m if N % m else 0, N, m):\n        rows = order[max(start, 0) : start + m]",
    says="The short batch comes first; it should be the last.",
    hints=["Eleven samples in batches of 4: print the sizes.", "What is left over is known only at the end."],
)


@mistake(
    "minibatches",
    "even_parts_of_what_is_kept",
    says="The samples are split into even parts; all batches but the last should have m.",
    hints=["Nine samples in batches of 4: print the sizes.", "m is the size of a batch; only the last may differ."],
    seen="blind answer",
)
def even_parts_of_what_is_kept(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = rng.permutation(N) if shuffle else np.arange(N)
    count = N // m if drop_last else -(-N // m)
    parts = np.array_split(order[: count * m], count) if count else []
    return [(X[rows], y[rows]) for rows in parts]


@mistake(
    "minibatches",
    "as_many_parts_as_full_batches",
    says="The samples are split into as many even parts as there are full batches, so some have more than m.",
    hints=["Eleven samples in batches of 4: print the sizes.", "No batch has more than m samples."],
)
def as_many_parts_as_full_batches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = rng.permutation(N) if shuffle else np.arange(N)
    order = order[: N // m * m] if drop_last else order
    parts = np.array_split(order, max(N // m, 1)) if len(order) else []
    return [(X[rows], y[rows]) for rows in parts]


@mistake(
    "minibatches",
    "m_batches",
    says="The samples are split into m batches; m is the number of samples in each.",
    hints=["Twelve samples with m of 3: how many batches, and how large?", "Which of the two does m say?"],
)
def m_batches(X, y, m, rng, shuffle=True, drop_last=False):
    order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
    parts = np.array_split(order, m)
    if drop_last and len(parts[-1]) < len(parts[0]):
        parts.pop()
    return [(X[rows], y[rows]) for rows in parts]


@mistake(
    "minibatches",
    "m_batches_whatever_is_dropped",
    says="The samples are split into m batches, and drop_last is not asked; m is the size of each.",
    hints=["Twelve samples with m of 3: how many batches, and how large?", "Which of the two does m say?"],
)
def m_batches_whatever_is_dropped(X, y, m, rng, shuffle=True, drop_last=False):
    order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
    return [(X[rows], y[rows]) for rows in np.array_split(order, m)]


mistake(
    "minibatches",
    "every_so_many_th",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[start // m :: N // m if drop_last and N >= m else -(-N // m)]\n",
    says="A batch takes every so-many-th sample; it should take the next m in the order.",
    hints=["Unshuffled, which samples are in the first batch?", "Deal m from the top, then the next m."],
)
mistake(
    "minibatches",
    "m_cut_to_N",
    was="    N = len(X)\n",
    now="    N = len(X)\n    m = min(m, N)\n",
    says="Where m is greater than N, all samples count as a full batch, which drop_last then keeps.",
    hints=["Three samples, batches of 5, drop_last: is there a full batch?"],
)
mistake(
    "minibatches",
    "small_data_as_given",
    was="    N = len(X)\n",
    now="    N = len(X)\n    if N <= m:\n        return [(X, y)]\n",
    says="Where all samples fit into one batch it comes as it is, neither shuffled nor dropped.",
    hints=["Three samples, batches of 5: what should drop_last do, and shuffle?"],
    seen="blind answer",
)
mistake(
    "minibatches",
    "one_batch_unshuffled",
    was="if shuffle else np.arange(N)",
    now="if shuffle and m < N else np.arange(N)",
    says="Where all samples fit into one batch they are not shuffled.",
    hints=["Three samples, batches of 5: in which orders do they come?"],
)
mistake(
    "minibatches",
    "last_batch_dropped_even_if_full",
    was="if len(rows) == m or not drop_last",
    now="if start + m < N or not drop_last",
    says="drop_last takes the last batch away even if it is full.",
    hints=["Eight samples in batches of 4, drop_last: print the sizes.", "Is the last batch a short one?"],
    seen="blind answer",
)
mistake(
    "minibatches",
    "last_batch_always_lost",
    was="if len(rows) == m or not drop_last",
    now="if start + m < N",
    says="The last batch is always lost, full or not.",
    hints=["Count the samples in all batches together.", "Where does the loop over the starts stop?"],
)
mistake(
    "minibatches",
    "stops_one_sample_early",
    was="range(0, N, m)",
    now="range(0, N - 1, m)",
    says="The last sample is lost where it would be a batch of its own.",
    hints=["Nine samples in batches of 4: print the sizes.", "Is the end of a range part of it?"],
)
mistake(
    "minibatches",
    "dropped_only_when_shuffled",
    was="if len(rows) == m or not drop_last",
    now="if len(rows) == m or not (drop_last and shuffle)",
    says="drop_last is heeded only when the samples are shuffled.",
    hints=["Nine samples in batches of 4, drop_last, with shuffle=True and False: print the sizes."],
    seen="blind answer",
)
mistake(
    "minibatches",
    "dropped_only_unshuffled",
    was="if len(rows) == m or not drop_last",
    now="if len(rows) == m or not drop_last or shuffle",
    says="drop_last is heeded only when the samples are not shuffled.",
    hints=["Nine samples in batches of 4, drop_last, with shuffle=True and False: print the sizes."],
)
mistake(
    "minibatches",
    "start_dropped",
    was=ORDER,
    now=ORDER.replace("order =", "deck =") + "\n    order = deck[N % m :] if drop_last else deck\n    N = len(order)",
    says="With drop_last the start of the order is left out; it should be its end.",
    hints=["Unshuffled, with drop_last: which samples are left out?"],
)
mistake(
    "minibatches",
    "batches_one_short",
    was="        rows = order[start : start + m]\n",
    now="        rows = order[start : start + max(m - 1, 1)]\n",
    says="Each batch ends one sample too early, and that sample is lost.",
    hints=["Unshuffled, batches of 4: print the numbers.", "Is the end of a slice part of it?"],
)
mistake(
    "minibatches",
    "batches_overlap",
    was="range(0, N, m):\n        rows = order[start : start + m]\n        if len(rows) == m",
    now="range(0, N, m):\n        rows = order[start : start + m + 1]\n        if start + m <= N",
    says="Each batch ends one sample too late: that sample comes again in the next one.",
    hints=["Unshuffled, batches of 4: print the numbers.", "Is the end of a slice part of it?"],
)
mistake(
    "minibatches",
    "window_moves_by_one",
    was="range(0, N, m):\n        rows",
    now="range(N // m if drop_last else -(-N // m)):\n        rows",
    says="From one batch to the next the start moves by one sample; it should move by a whole batch.",
    hints=["Unshuffled, batches of 4: print the numbers.", "Where does the third batch begin?"],
)
mistake(
    "minibatches",
    "first_batch_only",
    was="            batches.append((X[rows], y[rows]))\n",
    now="            batches.append((X[rows], y[rows]))\n            break\n",
    says="Only the first batch comes.",
    hints=["Count the batches.", "Is a `return` inside the loop?"],
)
mistake(
    "minibatches",
    "inputs_only_in_place",
    was="    N = len(X)\n",
    now="    N = len(X)\n    if shuffle:\n        X[:] = X[rng.permutation(N)]\n",
    says="The caller's X is shuffled itself, and y is not: inputs and targets no longer belong together.",
    hints=["Print X before and after the call.", "Leave X as it is; shuffle row numbers."],
)
mistake(
    "minibatches",
    "targets_double",
    was="y[rows]))",
    now="y[rows].astype(float)))",
    says="The targets become floats; they keep their dtype.",
    hints=["Print the dtype of y and of y_b.", "Labels are used as indices later, and floats cannot be."],
)
mistake(
    "minibatches",
    "inputs_double",
    was="(X[rows], ",
    now="(X[rows].astype(float), ",
    says="The inputs become float64, where X is float32.",
    hints=["Give it float32 and print the dtype of X_b.", "NumPy makes float64 where it is not told otherwise."],
)


mistake(
    "minibatches",
    "inputs_here_targets_there",
    was="    return batches\n",
    now="    return [X_b for X_b, _ in batches], [y_b for _, y_b in batches]\n",
    says="All inputs come in one list and all targets in another; pairs are asked for.",
    hints=["What does a `for` loop over the result take out first?"],
)
mistake(
    "minibatches",
    "row_numbers",
    was="batches.append((X[rows], y[rows]))",
    now="batches.append(rows)",
    says="The numbers of the rows come back; the samples themselves are asked for.",
    hints=["What does a `for` loop over the result take out first?", "Use the row numbers on X and on y."],
)
mistake(
    "minibatches",
    "inputs_alone",
    was="batches.append((X[rows], y[rows]))",
    now="batches.append(X[rows])",
    says="The inputs come without their targets; pairs are asked for.",
    hints=["What does a `for` loop over the result take out first?"],
)


mistake(
    "minibatches",
    "equal_keys_keep_their_order",
    was="rng.permutation(N) if shuffle else np.arange(N)",
    now="np.argsort(rng.integers(N, size=N), kind='stable') if shuffle else np.arange(N)",
    says="Samples are sorted by random whole numbers, and where two are equal the old order stays.",
    hints=["Shuffle three samples a thousand times. How often does each order come?", "Which keys are never equal?"],
    seen="blind answer",
)


@mistake(
    "minibatches",
    "exchanged_with_any",
    says="Each place is exchanged with any other, so that some orders are likelier than others.",
    hints=["Three places, three exchanges: 27 ways to 6 orders.", "How do Fisher and Yates choose the other place?"],
    seen="blind answer",
)
def exchanged_with_any(X, y, m, rng, shuffle=True, drop_last=False):
    deck = list(range(len(X)))
    for i in range(len(X) if shuffle else 0):
        j = int(rng.integers(len(X)))
        deck[i], deck[j] = deck[j], deck[i]
    parts = [deck[start : start + m] for start in range(0, len(X), m)]
    return [(X[part], y[part]) for part in parts if len(part) == m or not drop_last]


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
    now="!= [((len(y_b), 2), (len(y_b),)) for _, y_b in batches]",
    says="The sizes of the batches are not looked at.",
    hints=["Which sizes should 21 samples in batches of 4 have?"],
)
mistake(
    "finds_bug",
    "only_all_sizes_together",
    was="!= [((k, 2), (k,)) for k in sizes]",
    now="!= [((len(y_b), 2), (len(y_b),)) for _, y_b in batches] or sum(len(y_b) for _, y_b in batches) != sum(sizes)",
    says="Samples are counted, but not those in each batch: empty batches and uneven ones pass.",
    hints=["Which sizes should 21 samples in batches of 4 have?", "Compare the whole list of sizes."],
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
    now="((21, 4), (23, 4), (3, 5), (63, 10))",
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
    was="(N > 20 and one == other)",
    now="(N > 20 and one == straight)",
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
mistake(
    "finds_bug",
    "larger_m_not_tried",
    was="(3, 5), ",
    now="",
    says="Batches larger than the data are never tried.",
    hints=["What should a loader deal of 3 samples in batches of 5?"],
    seen="blind answer",
)
mistake(
    "finds_bug",
    "ragged_and_never_larger",
    was="((21, 4), (24, 4), (3, 5), (60, 10))",
    now="((21, 4), (23, 4), (63, 10))",
    says="Neither numbers that divide evenly are tried nor batches larger than the data.",
    hints=["Try 24 samples in batches of 4, and 3 in batches of 5."],
)
mistake(
    "finds_bug",
    "target_shape_not_looked_at",
    was="batches = list(loader(np.stack([ids, -ids], axis=1), 7 * ids, m, seed, shuffle, drop_last))",
    now="batches = [(X_b, np.ravel(y_b)) for X_b, y_b in "
    "loader(np.stack([ids, -ids], axis=1), 7 * ids, m, seed, shuffle, drop_last)]",
    says="The shape of the targets is not looked at: a column of them passes.",
    hints=["Which shape should y_b have?", "Look at shapes before you flatten anything."],
    seen="blind answer",
)
mistake(
    "finds_bug",
    "order_not_looked_at",
    was="straight != [*range(len(straight))] or one != again or (N > 20 and one == other):\n"
    "                return True\n",
    now="straight != [*range(len(straight))]:\n                return True\n    return False\n",
    says="The order of shuffled samples is not looked at at all.",
    hints=["How can you tell a loader that never shuffles?", "Compare seeds: the same one twice, and two others."],
)
mistake(
    "finds_bug",
    "only_repetition_looked_at",
    was="one != again or (N > 20 and one == other):\n                return True\n",
    now="one != again:\n                return True\n    return False\n",
    says="Of a shuffled order only its repetition is looked at: a loader that never shuffles passes.",
    hints=["Is the order another than that of X?", "What should be different between two seeds?"],
)
mistake(
    "finds_bug",
    "any_other_order_will_do",
    was="one != again or (N > 20 and one == other):\n                return True\n",
    now="(N > 20 and one == straight):\n                return True\n    return False\n",
    says="Any order but that of X passes: neither seeds are compared nor the mixing.",
    hints=["What should be equal for one seed, and different between two?", "Who shares a batch with whom?"],
)


@mistake(
    "finds_bug",
    "shuffling_not_tried",
    says="Loaders are tried with shuffle=False alone; much goes wrong only in shuffling.",
    hints=["Try every option that a loader has, each with both values."],
)
def shuffling_not_tried(loader):
    for N, m in ((21, 4), (24, 4), (3, 5)):
        for drop_last in (False, True):
            X = np.stack([np.arange(N), -np.arange(N)], axis=1)
            found = [(np.asarray(a), np.asarray(b)) for a, b in loader(X, 7 * X[:, 0], m, 0, False, drop_last)]
            sizes = [m] * (N // m) + [N % m] * (N % m > 0 and not drop_last)
            if [(a.shape, b.shape) for a, b in found] != [((k, 2), (k,)) for k in sizes]:
                return True
            rows = [i for a, b in found for i in a[:, 0].tolist()]
            if rows != [*range(sum(sizes))] or [t for _, b in found for t in b.tolist()] != [7 * i for i in rows]:
                return True
    return False


MIXED = "if (steps == 1).sum() > 20 or spread.min() < 15:"

mistake(
    "finds_bug",
    "a_turned_order_passes",
    was=MIXED,
    now="if any(min(b) % 10 == 0 and np.ptp(b) == 9 for b in np.reshape(one, (6, 10))):",
    says="An order that is only turned to another start passes for a mixture.",
    hints=["Which sample follows sample 3, if the data are turned round?", "Count neighbours that follow one another."],
    seen="blind answer",
)
mistake(
    "finds_bug",
    "neighbours_that_moved_pass",
    was=MIXED,
    now="if np.abs(np.subtract(one, np.arange(60))).mean() < 8:",
    says="Samples only have to move; whole stretches that move together pass for a mixture.",
    hints=["Shuffle the order of fixed batches. Does every sample move?", "Who stands beside whom?"],
)
mistake(
    "finds_bug",
    "only_whole_stretches_found",
    was=MIXED,
    now="if (np.diff(np.reshape(one, (6, 10)), axis=1) == 1).all():",
    says="Batches that are stretches of X are found; turned orders and those mixed within a stretch pass.",
    hints=["Shuffle only inside each batch. Who shares a batch with whom?"],
)
mistake(
    "finds_bug",
    "company_not_looked_at",
    was=MIXED,
    now="if (steps == 1).sum() > 20:",
    says="Neighbours are looked for one after another; a shuffle within each batch passes for a mixture.",
    hints=["Shuffle only inside each batch. Who shares a batch with whom?"],
)
mistake(
    "finds_bug",
    "fixed_batches_pass",
    was=MIXED,
    now="if (steps == 1).sum() > 57 or (spread.min() < 15 and (steps == 1).sum() < 40):",
    says="Fixed batches that come in another order pass for a mixture.",
    hints=["Shuffle only the order of fixed batches. Who shares a batch with whom?"],
)
mistake(
    "finds_bug",
    "only_a_turned_order_found",
    was=MIXED,
    now="if (steps == 1).sum() > 57:",
    says="Only an order that is turned as a whole is found; fixed batches pass, mixed inside or in another order.",
    hints=["Who shares a batch with whom, in ten epochs?", "Compare the spread of the numbers in a batch."],
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
    says="The parameters of the caller are changed by the steps; they should stay as they were.",
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
mistake(
    "train_epoch",
    "means_over_samples",
    was="total += len(X_b) * float(loss)",
    now="total += float(loss)",
    says="The batches' mean losses are added and divided by the number of samples; nobody weighed them by size.",
    hints=["Losses 2 and 2, of batches of 9 samples and of 1: what is the mean over samples?", "Weigh by size first."],
    seen="blind answer",
)
mistake(
    "train_epoch",
    "weighed_over_batches",
    was="count += len(X_b)",
    now="count += 1",
    says="Sums over samples are divided by the number of batches; the mean is one over samples.",
    hints=["Losses 2 and 2, of batches of 9 samples and of 1: what is the mean over samples?"],
)
mistake(
    "train_epoch",
    "short_batch_weighed_as_full",
    was="        total += len(X_b) * float(loss)\n",
    now="        size = size if count else len(X_b)\n        total += size * float(loss)\n",
    says="Each loss is weighed by the size of the first batch, though others may be of another size.",
    hints=[
        "Losses 2 and 2, of batches of 9 samples and of 1: what is the mean over samples?",
        "Weigh by its own size.",
    ],
)
mistake(
    "train_epoch",
    "first_loss",
    was="        count += len(X_b)\n    return params, total / count",
    now="        first = float(loss) if not count else first\n        count += len(X_b)\n    return params, first",
    says="The loss of the first batch alone comes back.",
    hints=["Two batches with losses 1 and 3: what should come back?"],
)
mistake(
    "train_epoch",
    "list_of_losses",
    was="        count += len(X_b)\n    return params, total / count",
    now="        losses = [*(losses if count else []), float(loss)]\n"
    "        count += len(X_b)\n    return params, losses",
    says="The losses of the batches come back one by one; one number is asked for, their mean over samples.",
    hints=["Print what comes back in second place."],
)
mistake(
    "train_epoch",
    "exchanged",
    was="return params, total / count",
    now="return total / count, params",
    says="The loss comes first and the parameters second; it should be the other way round.",
    hints=["Print what comes back, and compare the order with the docstring."],
)
mistake(
    "train_epoch",
    "params_alone",
    was="return params, total / count",
    now="return params",
    says="The parameters come back alone; the mean loss is asked for too.",
    hints=["How many things does the docstring promise?"],
)


@mistake(
    "train_epoch",
    "loss_at_the_end",
    says="The losses are those at the parameters after the epoch; those seen on the way are asked for.",
    hints=["Which loss do you have already when you take a step?", "How often is `loss_and_grad` called?"],
)
def loss_at_the_end(loss_and_grad, params, batches, lr):
    params, kept = {name: value.copy() for name, value in params.items()}, list(batches)
    for X_b, y_b in kept:
        grads = loss_and_grad(params, X_b, y_b)[1]
        for name in params:
            params[name] -= lr * grads[name]
    losses = [float(loss_and_grad(params, X_b, y_b)[0]) for X_b, y_b in kept]
    return params, float(np.average(losses, weights=[len(X_b) for X_b, _ in kept]))


mistake(
    "train_epoch",
    "called_twice",
    was="        loss, grads = loss_and_grad(params, X_b, y_b)\n",
    now="        loss = loss_and_grad(params, X_b, y_b)[0]\n        grads = loss_and_grad(params, X_b, y_b)[1]\n",
    says="The gradient function is called twice for a batch; one call gives the loss and the gradients.",
    hints=["How often is `loss_and_grad` called for one batch?", "Keep both of what it returns."],
    seen="blind answer",
)
mistake(
    "train_epoch",
    "no_lr",
    was="lr * grads",
    now="grads",
    says="The learning rate is not used: the whole gradient is subtracted.",
    hints=["Call it with lr=0. Do the parameters stay?"],
)
mistake(
    "train_epoch",
    "step_scaled_by_share",
    was="        for name in params:\n            params[name] -= lr",
    now="        size = size if count else len(X_b)\n        for name in params:\n"
    "            params[name] -= lr * len(X_b) / size",
    says="A batch's step is scaled by its size relative to the first; the learning rate is the same for all.",
    hints=["Does the gradient of a short batch come as a mean or as a sum?", "Two batches, one twice as large."],
    seen="blind answer",
)


@mistake(
    "train_epoch",
    "step_scaled_by_part_of_all",
    says="A batch's step is scaled by its part of all samples; the learning rate is the same for all.",
    hints=["Is the gradient of a batch a mean or a sum?", "Cut a batch in two: should both steps be shorter?"],
)
def step_scaled_by_part_of_all(loss_and_grad, params, batches, lr):
    params, total, kept = {name: value.copy() for name, value in params.items()}, 0.0, list(batches)
    N = sum(len(X_b) for X_b, _ in kept)
    for X_b, y_b in kept:
        loss, grads = loss_and_grad(params, X_b, y_b)
        for name in params:
            params[name] -= lr * (len(X_b) / N) * grads[name]
        total += len(X_b) * float(loss)
    return params, total / N


@mistake(
    "train_epoch",
    "divided_by_batches",
    says="Every step is divided by the number of batches; each batch takes a whole step.",
    hints=["Give it the same batch once, and twice. Is the first step the same?"],
)
def divided_by_batches(loss_and_grad, params, batches, lr):
    params, total, count, kept = {name: value.copy() for name, value in params.items()}, 0.0, 0, list(batches)
    for X_b, y_b in kept:
        loss, grads = loss_and_grad(params, X_b, y_b)
        for name in params:
            params[name] -= lr / len(kept) * grads[name]
        total, count = total + len(X_b) * float(loss), count + len(X_b)
    return params, total / count


@mistake(
    "train_epoch",
    "step_after_the_loop",
    says="Only the gradient of the last batch is used, once, after the loop.",
    hints=["How many steps do three batches make?", "Look at how far the step is indented."],
)
def step_after_the_loop(loss_and_grad, params, batches, lr):
    params, total, count = {name: value.copy() for name, value in params.items()}, 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        total, count = total + len(X_b) * float(loss), count + len(X_b)
    for name in params:
        params[name] -= lr * grads[name]
    return params, total / count


@mistake(
    "train_epoch",
    "one_step_of_the_mean",
    says="The gradients of the batches are averaged for a single step at the end; each batch takes its own.",
    hints=["How many steps do three batches make?", "After the first step you stand elsewhere."],
)
def one_step_of_the_mean(loss_and_grad, params, batches, lr):
    found = [(len(X_b), *loss_and_grad(params, X_b, y_b)) for X_b, y_b in batches]
    means = {name: sum(grads[name] for _, _, grads in found) / len(found) for name in params}
    after = {name: (value - lr * means[name]).astype(value.dtype) for name, value in params.items()}
    return after, sum(k * float(loss) for k, loss, _ in found) / sum(k for k, _, _ in found)


@mistake(
    "train_epoch",
    "one_step_of_all_samples",
    says="All samples together make a single step at the end; each batch takes its own.",
    hints=["How many steps do three batches make?", "After the first step you stand elsewhere."],
)
def one_step_of_all_samples(loss_and_grad, params, batches, lr):
    found = [(len(X_b), *loss_and_grad(params, X_b, y_b)) for X_b, y_b in batches]
    N = sum(k for k, _, _ in found)
    means = {name: sum(k * grads[name] for k, _, grads in found) / N for name in params}
    after = {name: (value - lr * means[name]).astype(value.dtype) for name, value in params.items()}
    return after, sum(k * float(loss) for k, loss, _ in found) / N


@mistake(
    "train_epoch",
    "start_comes_back",
    says="The parameters that come back are those given, not those after the steps.",
    hints=["Compare what comes back with what went in.", "Which of your two dicts do you return?"],
)
def start_comes_back(loss_and_grad, params, batches, lr):
    own, total, count = {name: value.copy() for name, value in params.items()}, 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(own, X_b, y_b)
        own = {name: own[name] - lr * grads[name] for name in own}
        total, count = total + len(X_b) * float(loss), count + len(X_b)
    return params, total / count


mistake(
    "train_epoch",
    "first_step_missed",
    was="            params[name] -= lr * grads[name]\n",
    now="            params[name] -= lr * grads[name] * (count > 0)\n",
    says="The first batch takes no step.",
    hints=["Give it a single batch. Do the parameters move?"],
)
mistake(
    "train_epoch",
    "weighed_by_features",
    was="total += len(X_b) * float(loss)\n        count += len(X_b)",
    now="total += X_b.shape[-1] * float(loss)\n        count += len(X_b)",
    says="The loss is weighed by the number of features; it is the samples that count.",
    hints=["Which axis of X_b counts the samples?"],
)


@mistake(
    "train_epoch",
    "batches_gone_through_twice",
    says="The batches are gone through twice; an iterator is empty the second time.",
    hints=["Hand over a generator in the place of a list.", "What must be known before the first step? Less than all."],
    seen="blind answer",
)
def batches_gone_through_twice(loss_and_grad, params, batches, lr):
    count = sum(len(y_b) for _, y_b in batches)
    params, total = {name: value.copy() for name, value in params.items()}, 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        total += len(X_b) * float(loss) / count
        params = {name: value - lr * grads[name] for name, value in params.items()}
    return params, total


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
    now="rng.integers(N - 1, size=(k, m))",
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
    was=DRAW,
    now="np.random.randint(0, N, size=(k, m))",
    says="The numbers come from elsewhere, such as NumPy's global random state, not from the rng that is given.",
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
mistake(
    "sample_with_replacement",
    "last_hardly_drawn",
    was=DRAW,
    now="(rng.random((k, m)) * (N - 1)).astype(np.int64)",
    says="The last sample is never drawn.",
    hints=["Which numbers come among a thousand draws from 3?", "The upper end of `random` never comes itself."],
)
mistake(
    "sample_with_replacement",
    "first_never_drawn",
    was=DRAW,
    now="rng.integers(1, N, size=(k, m))",
    says="The first sample is never drawn; Python counts from 0.",
    hints=["Which numbers come among a thousand draws from 3?"],
)
mistake(
    "sample_with_replacement",
    "one_too_far",
    was=DRAW,
    now="rng.integers(N + 1, size=(k, m))",
    says="A sample is drawn that is not there: the upper bound is one too large.",
    hints=["Which numbers come among a thousand draws from 3?", "Is the bound part of what is drawn?"],
)
mistake(
    "sample_with_replacement",
    "first_doubled",
    was=DRAW,
    now="rng.integers(N + 1, size=(k, m)) % N",
    says="The first sample has twice the chance of the others: one number too many is drawn and wrapped round.",
    hints=["Count how often each number comes among ten thousand draws from 3."],
    seen="blind answer",
)
mistake(
    "sample_with_replacement",
    "last_doubled",
    was=DRAW,
    now="np.minimum(rng.integers(N + 1, size=(k, m)), N - 1)",
    says="The last sample has twice the chance of the others: one number too many is drawn and cut off.",
    hints=["Count how often each number comes among ten thousand draws from 3."],
)
mistake(
    "sample_with_replacement",
    "rounded_up_to_N",
    was=DRAW,
    now="np.rint(rng.random((k, m)) * N).astype(np.int64)",
    says="Random numbers are rounded: a sample comes that is not there, and the first has half its chance.",
    hints=["Which numbers come among a thousand draws from 3, and how often?", "Cut off decimals instead."],
)
mistake(
    "sample_with_replacement",
    "refuses_large_batches",
    was=DRAW,
    now="np.stack([rng.choice(N, size=m, replace=False) for _ in range(k)])",
    says="Each batch is drawn without replacement: within one no sample repeats, and m cannot exceed N.",
    hints=["Draw 5 of 3. What happens?", "With replacement, each draw is from all samples."],
)
mistake(
    "sample_with_replacement",
    "nothing_ever_repeats",
    named=False,  # it raises wherever it is wrong, and an exception says enough
    was=DRAW,
    now="rng.choice(N, size=(k, m), replace=False)",
    says="Nothing is put back: no sample repeats in any of the batches.",
    hints=["Draw 3 batches of 5 from 4. What happens?", "With replacement, each draw is from all samples."],
)
mistake(
    "sample_with_replacement",
    "deck_after_deck",
    was=DRAW,
    now="np.concatenate([rng.permutation(N) for _ in range(-(-k * m // N))])[: k * m].reshape(k, m)",
    says="Whole shuffled decks are dealt one after another: no sample repeats before all have come.",
    hints=["Draw 10 from 5. How often does each come?", "Each draw is independent of all the others."],
    seen="blind answer",
)
mistake(
    "sample_with_replacement",
    "one_deck_over_and_over",
    was=DRAW,
    now="np.resize(rng.permutation(N), (k, m))",
    says="One shuffled deck is dealt over and over: the draws are not independent.",
    hints=["Draw 10 from 5 and print them.", "Each draw is independent of all the others."],
)
mistake(
    "sample_with_replacement",
    "small_integers",
    was=DRAW,
    now="rng.integers(N, size=(k, m), dtype=np.int32)",
    says="The integers are of another dtype than int64.",
    hints=["Print the dtype of what comes back."],
    seen="blind answer",
)
mistake(
    "sample_with_replacement",
    "one_row",
    was=DRAW,
    now="rng.integers(N, size=k * m)",
    says="All draws come in a single row; one row for each batch is asked for.",
    hints=["Which shape have 2 batches of 3?"],
)
mistake(
    "sample_with_replacement",
    "one_batch",
    was=DRAW,
    now="rng.integers(N, size=m)",
    says="A single batch comes back; k of them are asked for.",
    hints=["Which shape have 2 batches of 3?"],
)
mistake(
    "sample_with_replacement",
    "N_and_m_exchanged",
    was=DRAW,
    now="rng.integers(m, size=(k, N))",
    says="N and m are exchanged: there are m draws from N samples in a batch, not N from m.",
    hints=["Which shape have 2 batches of 3, drawn from 9?"],
)
mistake(
    "sample_with_replacement",
    "all_sorted",
    was=DRAW,
    now="np.sort(rng.integers(N, size=(k, m)), axis=0)",
    says="Each place is sorted over the batches: the first batches hold small numbers, the last ones large.",
    hints=["Is the first batch as often large as small?"],
)


@mistake(
    "sample_with_replacement",
    "only_if_there_are_too_few",
    says="Samples repeat only where there are fewer than are drawn; each draw should be from all of them.",
    hints=["Draw 29 of 30. Is there a repeat?", "Does a card go back into the deck before the next is drawn?"],
    seen="blind answer",
)
def only_if_there_are_too_few(N, m, k, rng):
    return rng.choice(N, size=(k, m), replace=k * m > N)


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
mistake(
    "experiment",
    "notebooks_seed",
    was="    X, y = own_problem(seed)\n",
    now='    seed = globals()["seed"]\n    X, y = own_problem(seed)\n',
    says="The notebook's own seed is used in the place of the one that is given.",
    hints=["Call it with two seeds. Are the results different?", "What is computed outside does not see the argument."],
    seen="blind answer",
)
mistake(
    "experiment",
    "somebody_elses_orders",
    was="own_orders(seed)[scheme].tolist()",
    now="own_orders(0)[scheme].tolist()",
    says="The seed that is given is not used for the orders: these are somebody else's.",
    hints=["Call it with two seeds. Which rows does the first epoch take?"],
)
mistake(
    "experiment",
    "ascent",
    was="w = w - (lrs *",
    now="w = w + (lrs *",
    says="The steps go uphill, along the gradient.",
    hints=["Does the excess stay small?", "Which sign has the step in the docstring?"],
)


@mistake(
    "experiment",
    "goes_on_where_it_was",
    says="A learning rate starts where the one before it ended; each run should start at the minimum.",
    hints=["Where is w before the first step of the second learning rate?"],
    seen="blind answer",
)
def goes_on_where_it_was(seed):
    X, y = own_problem(seed)
    best, H = xp.linalg.solve(X.T @ X, X.T @ y), X.T @ X / len(X)
    orders = np.stack([own_orders(seed)[scheme] for scheme in SCHEMES], axis=-1).tolist()
    w, table = xp.stack([best] * len(SCHEMES)), []
    for lr in LRS:
        noted = []
        for rows in orders:
            for i in rows:
                w = w - lr * ((w * X[i]).sum(axis=1) - y[i])[:, None] * X[i]
            noted.append((((w - best) @ H) * (w - best)).sum(axis=1) / 2)
        table.append(xp.stack(noted[WARM_UP:]).mean(axis=0))
    slopes = np.polyfit(np.log(LRS), np.log(figures.host(xp.stack(table))), 1)[0]
    return {"excess": xp.stack(table, axis=1), "exponent": xp.asarray(slopes)}


mistake(
    "experiment",
    "loss_itself",
    was=".sum(axis=1) / 2)",
    now=".sum(axis=1) / 2 + ((X @ minimum - y) ** 2).mean() / 2)",
    says="The loss itself is noted; its excess over the smallest loss is asked for.",
    hints=["What should be noted at the minimum?", "Subtract the loss at w*."],
)
mistake(
    "experiment",
    "noted_after_every_step",
    was="* X[i]\n            found.append(",
    now="* X[i]\n                found.append(",
    says="The excess is noted after every step; only the ends of epochs count.",
    hints=["How many numbers enter the mean?", "Look at how far the line is indented."],
)
mistake(
    "experiment",
    "noted_before_the_epoch",
    was="found[WARM_UP:]",
    now="found[WARM_UP - 1 : -1]",
    says="The excess is noted at the start of each epoch; its end is asked for.",
    hints=["What is noted first? At the minimum it would be zero."],
)
mistake(
    "experiment",
    "one_epoch_too_few",
    was="found[WARM_UP:]",
    now="found[WARM_UP + 1 :]",
    says="One epoch too many is left out at the start.",
    hints=["How many epochs enter the mean?", "Python counts them from 0."],
)
mistake(
    "experiment",
    "one_epoch_lost_in_the_mean",
    was="xp.stack(found[WARM_UP:]).mean(axis=0)",
    now="xp.stack(found[WARM_UP + 1 :]).sum(axis=0) / (EPOCHS - WARM_UP)",
    says="One epoch too many is left out at the start, and the sum is divided as if it were there.",
    hints=["How many epochs enter the mean?", "Python counts them from 0."],
    seen="blind answer",
)
mistake(
    "experiment",
    "one_epoch_too_many",
    was="found[WARM_UP:]",
    now="found[WARM_UP - 1 :]",
    says="One epoch of the warm-up is averaged in.",
    hints=["How many epochs enter the mean?", "Python counts them from 0."],
)
mistake(
    "experiment",
    "last_few_epochs",
    was="found[WARM_UP:]",
    now="found[-WARM_UP:]",
    says="WARM_UP is taken for the number of epochs that count; it is the number of those that do not.",
    hints=["How many epochs enter the mean?"],
)
mistake(
    "experiment",
    "warm_up_alone",
    was="found[WARM_UP:]",
    now="found[:WARM_UP]",
    says="The mean is over the warm-up; it is over the epochs after it.",
    hints=["Which epochs enter the mean?"],
)
mistake(
    "experiment",
    "summed_over_epochs",
    was="xp.stack(found[WARM_UP:]).mean(axis=0)",
    now="xp.stack(found[WARM_UP:]).sum(axis=0)",
    says="The excess is added up over the epochs; their mean is asked for.",
    hints=["Would twice as many epochs give twice the excess?"],
)
mistake(
    "experiment",
    "divided_by_all_epochs",
    was="xp.stack(found[WARM_UP:]).mean(axis=0)",
    now="xp.stack(found[WARM_UP:]).sum(axis=0) / EPOCHS",
    says="The sum is divided by the number of all epochs, though those of the warm-up are not in it.",
    hints=["How many epochs enter the sum, and by how many is it divided?"],
)
mistake(
    "experiment",
    "median",
    was="xp.stack(found[WARM_UP:]).mean(axis=0)",
    now="xp.median(xp.stack(found[WARM_UP:]), axis=0)",
    says="The median over the epochs is taken; the mean is asked for.",
    hints=["Three numbers 1, 2 and 9: which is asked for, 2 or 4?"],
)
mistake(
    "experiment",
    "last_two_points",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)[0]",
    now="np.log(figures.host(row)[-2] / figures.host(row)[-1]) / np.log(LRS[-2] / LRS[-1])",
    says="The slope is that between the last two points; the line is to be fitted to all four.",
    hints=["Least squares looks at every point."],
)
mistake(
    "experiment",
    "slope_negated",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)",
    now="np.polyfit(-np.log(LRS), np.log(figures.host(row)), 1)",
    says="The slope has the opposite sign: does the excess grow with the learning rate, or fall?",
    hints=["Which way does the axis of your fit run?"],
)
mistake(
    "experiment",
    "axes_exchanged",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)",
    now="np.polyfit(np.log(figures.host(row)), np.log(LRS), 1)",
    says="The axes of the fit are exchanged: the slope of the excess against the learning rate is asked for.",
    hints=["Which argument of polyfit comes first, that across or that upwards?"],
)
mistake(
    "experiment",
    "no_logarithms",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)",
    now="np.polyfit(LRS, figures.host(row), 1)",
    says="The line is fitted without logarithms; both axes are logarithmic.",
    hints=["What is a power of the learning rate on logarithmic axes?"],
)
mistake(
    "experiment",
    "two_kinds_of_logarithm",
    was="np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)",
    now="np.polyfit(np.log10(LRS), np.log(figures.host(row)), 1)",
    says="The two axes have logarithms of different bases.",
    hints=["Which base has the one, and which the other?"],
)
mistake(
    "experiment",
    "columns_for_rows",
    was='"excess": excess,',
    now='"excess": excess.T,',
    says="Rows and columns of the excess are exchanged: a row belongs to an order of the samples.",
    hints=["Print its shape."],
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
FACTORS = (
    'replacement_factor = round(float((_excess := experiment(seed)["excess"])[0, 2] / _excess[0, 3]), 4)\n'
    "once_factor = round(float(_excess[1, 2] / _excess[1, 3]), 4)\n"
    "reshuffle_factor = round(float(_excess[2, 2] / _excess[2, 3]), 4)"
)
TYPED_IN = "replacement_factor, once_factor, reshuffle_factor = {}"

mistake(
    "factors",
    "all_first_pairs",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(row[0] / row[1]), 4) for row in experiment(seed)["excess"]]'),
    says="These are the factors between the first two learning rates; the last two are asked for.",
    hints=["In which order do the learning rates come?"],
)
mistake(
    "factors",
    "all_upside_down",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(row[3] / row[2]), 4) for row in experiment(seed)["excess"]]'),
    says="The quotients are upside down: how many times smaller does the excess become?",
    hints=["Larger divided by smaller."],
)
mistake(
    "factors",
    "all_from_the_slopes",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(2**e), 4) for e in experiment(seed)["exponent"]]'),
    says="The factors are taken from the slopes over all four points; the last step alone is asked for.",
    hints=["Divide two entries of `excess`."],
)
mistake(
    "factors",
    "slopes_typed",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(e), 4) for e in experiment(seed)["exponent"]]'),
    says="The slopes are typed; a factor between two excess losses is asked for.",
    hints=["Divide two entries of `excess`."],
)
mistake(
    "factors",
    "by_theory",
    was=FACTORS,
    now=TYPED_IN.format("2.0, 4.0, 8.0"),
    says="These are the factors of the theory; those of your own data are asked for, which differ a little.",
    hints=["Divide two entries of `excess`."],
)
mistake(
    "factors",
    "first_to_last",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(row[0] / row[3]), 4) for row in experiment(seed)["excess"]]'),
    says="These are the factors from the largest learning rate to the smallest; only the last halving is asked for.",
    hints=["By what does the learning rate fall from the first column to the last?"],
)
mistake(
    "factors",
    "middle_pair",
    was=FACTORS,
    now=TYPED_IN.format('[round(float(row[1] / row[2]), 4) for row in experiment(seed)["excess"]]'),
    says="These are the factors between the two middle learning rates; the last two are asked for.",
    hints=["In which order do the learning rates come? Python counts columns from 0."],
)
mistake(
    "factors",
    "last_two_exchanged",
    was=FACTORS,
    now=FACTORS.replace("once_factor", "other")
    .replace("reshuffle_factor", "once_factor")
    .replace("other", "reshuffle_factor"),
    says="The factors of two orders of the samples are exchanged.",
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
