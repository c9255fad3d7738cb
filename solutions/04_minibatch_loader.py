# /// contract
# slug = "04_minibatch_loader"
# title = "Mini-batches and the order of the data"
# hours = 2.9
# prerequisites = ["02_full_batch_gd", "indexing NumPy arrays by arrays", "reading a log-log plot"]
# data = ["digits"]
# needs = []
#
# [points]
# iterations_per_epoch = 2
# minibatches = 8
# finds_bug = 2
# train_epoch = 5
# sample_with_replacement = 3
# experiment = 3
# factors = 2
#
# [uses]
# minibatches = ["iterations_per_epoch"]
#
# [claims]
# 12 = "functions iterations_per_epoch and train_epoch, example by_size"
# 13 = "function iterations_per_epoch"
# 14 = "function iterations_per_epoch, its visible checks"
# 15 = "function train_epoch, a hidden check: m = N is gradient descent"
# 36 = "function minibatches"
# 37 = "section 6, PrefetchLoader (no points)"
# 38 = "section 6, PrefetchLoader (no points)"
# 39 = "experiment, and question factors"
# 40 = "reading in section 6"
# 41 = "example buffer"
# 60 = "example routes"
# 84 = "example by_size"
# 87 = "example by_size"
#
# [hints]
# iterations_per_epoch = [
#   "How many full batches fit, and is something left over?",
#   "Whole-number division counts the full batches; what is left over makes one more, unless it is dropped.",
#   "Ten samples in batches of 4: two full ones, and two samples left over.",
# ]
# minibatches = [
#   "Print the sizes of your batches for ten samples in batches of 3.",
#   "Put all row numbers in one order, shuffled or not; cut it into pieces; take rows of X and y by the same piece.",
#   "With seven samples, the order 3 0 6 5 1 4 2 and m = 3, the pieces are 3 0 6, then 5 1 4, then 2.",
# ]
# finds_bug = [
#   "Numbered samples tell on a loader: what would each fault of the list look like in the numbers that come back?",
#   "Collect what comes back for several N, m, shuffle, drop_last; ask for one property after the other.",
#   "Samples left out: for N = 10 the numbers that came back, sorted, should be 0 to 9.",
# ]
# train_epoch = [
#   "What must be remembered from one batch to the next?",
#   "Copy the parameters once. For each batch: one call, one step, its loss counted once for each of its samples.",
#   "Batches of 2 and 1 samples with the losses 3 and 6: the mean over samples is 4.",
# ]
# sample_with_replacement = [
#   "Which method of rng draws whole numbers below N?",
#   "Each entry is drawn from all N samples, whatever was drawn before; one call can draw the whole table.",
#   "For N = 3, m = 4 and k = 2 the result is two rows of four numbers, each 0, 1 or 2.",
# ]
# experiment = [
#   "Write the innermost step first: one sample, one learning rate.",
#   "Loop over orders, learning rates, epochs, samples. Begin each run at the minimum; note the excess once an epoch.",
#   "With epochs 1 to 5, of which 2 are warm-up, and excesses 9, 7, 1, 2, 3 the mean is 2.",
# ]
# factors = [
#   "Which two columns of excess belong to the learning rates 0.005 and 0.0025?",
#   "Print both columns for the three orders, and divide the one of the larger learning rate by the other.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # Mini-batches and the order of the data
#
# A step of gradient descent that looks at all the data is exact and slow; a step that looks at one sample is quick
# and erratic. Between the two lie **mini-batches**: a handful of samples a step, until all have had their turn.
# The code that deals them out is short, and it is among the code most often wrong, because a wrong loader does
# not crash. It trains a little worse, and nobody knows why.
#
# You write such a loader, a judge that tells right loaders from wrong ones, and the loop around it. Then you
# measure something that is easy to believe and surprising to see: the *order* in which the samples come changes how
# close to the minimum you end up, by orders of magnitude. Plan for about three hours.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `iterations_per_epoch` | 0.5 | 1.5 | how many batches are there? |
# | `minibatches` | 1.5 | 6.5 | the loader |
# | `finds_bug` | 0.5 | 1.5 | catch the bug: is this loader faulty? |
# | `train_epoch` | 1 | 4 | one pass of gradient descent over given batches |
# | `sample_with_replacement` | 0.5 | 2.5 | batches drawn with replacement |
# | `experiment` | 0.5 | 2.5 | three ways to order the same samples |
# | `factors` | 0.5 | 1.5 | what does half the learning rate buy? |
#
# ### How to start and finish
#
# As in assignment 02. Type your `learner_id` in the first code cell, exactly as it stands on your instructor's roster:
# your data follow from it. The first *Run All* stops at `NotImplementedError: iterations_per_epoch is yours to write`.
# Keep the first comment line of each cell; cells of your own are welcome anywhere. Save before you check
# (`course check 04` in a terminal, in this notebook's folder) or submit (*Assignment List*, or as your instructor
# says).
#
# ### How this is graded
#
# The *visible* checks stand in this notebook. They are a fifth of the points. The *hidden* checks run at grading,
# with other data, and every check is credited on its own.
#
# **No check expects a certain shuffled order.** A loader is judged by what is true of every right one: each sample
# comes once, inputs and targets stay together, and so on. To see this, the checks use numbered samples: row 5 of `X`
# says 5, and its target is 35. Use whatever of NumPy's `Generator` you like, return a list, a generator or an object
# of your own, loop or index: all are welcome.
#
# Numbers are compared with a relative tolerance of 1e-10 for counts and means, 1e-9 for `train_epoch`, 1e-6 for the
# experiment, and half a per cent for the three numbers that you type. Nothing is graded by speed, but a check stops
# a call that has used five seconds of the processor. Elsewhere, stop a loop that does not end by *Kernel → Interrupt*.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import numpy as np

from autograd_mini import linear, softmax_cross_entropy
from autograd_mini import loss_and_grad as engine_loss_and_grad
from course.learn import check, data, figures, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if learner_id:
    print(f"Ready, {learner_id}.")
else:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The numbers that you type in section 5 are graded for your id on the roster.")

EPOCHS, WARM_UP = 100, 40
LRS = (0.02, 0.01, 0.005, 0.0025)
SCHEMES = ("replacement", "once", "reshuffle")
seed = public_seed(course_id, learner_id, "04_minibatch_loader")


def numbered(N):
    """Samples that say who they are: row i of X (N, 2) is (i, -i), and y[i] is 7 * i."""
    ids = np.arange(N)
    return xp.asarray(np.stack([ids, -ids], axis=1) * 1.0), xp.asarray(7 * ids)


def ids_of(batches):
    """The numbers of the samples in each batch of `numbered` data, as a list of lists."""
    return [[int(row[0]) for row in figures.host(X_b)] for X_b, _ in batches]


def line_loss_and_grad(params, X, y):
    """Half the mean squared error of X @ w + c and its gradient; w (D,) and c (1,)."""
    residual = X @ params["w"] + params["c"] - y
    grads = {"w": X.T @ residual / len(X), "c": residual.mean().reshape(1)}
    return float((residual**2).mean() / 2), grads


def digits_loss_and_grad(params, X, y):
    """Mean cross-entropy of a linear model of the digits, and its gradient."""

    def loss(params, X, y):
        return softmax_cross_entropy(linear(X, params["W"], params["b"]), y)

    return engine_loss_and_grad(loss, params, X, y)


def own_problem(seed):
    """Your own least-squares data: X (64, 4) and y (64,), a line plus noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(64, 4))
    y = X @ rng.normal(size=4) + rng.normal(size=64)
    return xp.asarray(X), xp.asarray(y)


def own_orders(seed):
    """Which sample each step looks at: a dict of three arrays (EPOCHS, 64).

    "replacement"  every entry drawn anew from all 64
    "once"         one shuffled order, the same in every epoch
    "reshuffle"    a fresh shuffled order in every epoch
    """
    rng = np.random.default_rng([seed, 1])
    once = rng.permutation(64)
    return {
        "replacement": rng.integers(64, size=(EPOCHS, 64)),
        "once": np.stack([once] * EPOCHS),
        "reshuffle": np.stack([rng.permutation(64) for _ in range(EPOCHS)]),
    }


# %% [markdown]
# ## 1. How many batches are there?
#
# Three words, used throughout:
#
# - the **batch size** $m$ is the number of samples that one step looks at;
# - an **iteration** is one step, one update of the parameters;
# - an **epoch** is one pass over all $N$ samples.
#
# A picture for them: the epoch is a whole pizza, a batch is a slice, and an iteration is one bite that takes a slice
# at once. The last slice may be smaller. The picture misleads in one thing: a pizza is eaten once. Training is served
# the same pizza again in every epoch, and it had better be cut anew.
#
# With 1,000 images, batches of 10 make 100 iterations an epoch, batches of 100 make 10, and one batch of 1,000 makes
# a single one. These divide evenly. Most numbers do not: the 1,797 digits in batches of 32 make 56 full batches, and
# 5 digits are left over. Either they form a short last batch, or they are dropped for this epoch (`drop_last`).
# Names for the ends of the scale: $m = 1$ is *stochastic* gradient descent in the strict sense, $m = N$ is
# *full-batch* gradient descent, and what lies between is *mini-batch* gradient descent. (Many authors call all
# three SGD.)


# %%
# function iterations_per_epoch: your code below
def iterations_per_epoch(N, m, drop_last=False):
    """The number of batches in one epoch of N samples, m samples to a batch.

    N and m are whole numbers, 1 or more; m may be greater than N. If m does not divide N,
    the samples left over form one batch more, a short one; with drop_last they form none.
    There may be no batch at all, with drop_last.

    Returns a whole number (Python's or NumPy's integer, not a float).
    """
    ### BEGIN SOLUTION
    full, left_over = divmod(N, m)
    return full + (left_over > 0 and not drop_last)
    ### END SOLUTION


# %%
# check iterations_per_epoch (0.5 points): run, do not edit
@check("iterations_per_epoch")
def all_samples():
    """Batches of 10, 100, 1000 from 1000 samples: 100, 10 and 1; of 32 from 1797: 57."""
    for N, m, want in ((1000, 10, 100), (1000, 100, 10), (1000, 1000, 1), (1797, 32, 57)):
        got = iterations_per_epoch(N, m)
        check.equal(got, want, what=f"iterations_per_epoch({N}, {m})")


@check("iterations_per_epoch")
def short_batch_dropped():
    """With drop_last, 1797 samples in batches of 32 make 56 batches, 96 samples 3."""
    for N, m, want in ((1797, 32, 56), (96, 32, 3)):
        got = iterations_per_epoch(N, m, drop_last=True)
        check.equal(got, want, what=f"iterations_per_epoch({N}, {m}, drop_last=True)")


check.report("iterations_per_epoch")

# %%
# example counts: the 1,797 digits in batches of several sizes
for m in (1, 8, 32, 256, 1797, 2000):
    kept = iterations_per_epoch(1797, m)
    full = iterations_per_epoch(1797, m, drop_last=True)
    print(f"batches of {m:4d}: {kept:4d} in an epoch, or {full:4d} with drop_last")

# %% [markdown]
# ## 2. The loader
#
# A loader deals the samples out like cards: shuffle the deck, then take $m$ from the top until none is left. The
# next epoch shuffles again. That is called **random reshuffling**, and it is what PyTorch's
# `DataLoader(dataset, batch_size=32, shuffle=True)` does.
#
# Here are seven cards, dealt by three. An array of row numbers, used as an index, takes these rows; used on `X` and
# on `y` alike, it keeps inputs and targets together. A slice that reaches past the end is merely shorter.

# %%
# example deck: seven samples in hands of three
X7, y7 = numbered(7)
deck = np.random.default_rng(0).permutation(7)
for hand in (deck[0:3], deck[3:6], deck[6:9]):
    print("samples", figures.host(X7[hand][:, 0]), "with targets", figures.host(y7[hand]))

# %% [markdown]
# Randomness comes from `rng`, a NumPy `Generator` made by `np.random.default_rng(seed)`, and from nowhere else. So
# whoever calls your function decides whether two runs are equal, and no other code can disturb them.


# %%
# function minibatches: your code below
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    """The mini-batches of one epoch.

    X, y       the samples: X (N, ...) with one axis or more, y (N,); N is 1 or more.
               X[i] belongs to y[i]. Leave both as they are.
    m          samples to a batch, 1 or more; may be greater than N
    rng        a NumPy Generator, the only source of randomness. Without shuffling it is
               not needed and may be None.
    shuffle    True: all samples in a random order, every order equally likely, drawn
               anew from rng by every call. False: in the order of X.
    drop_last  True: leave out the batch of fewer than m samples, if there is one. It is
               the end of the (shuffled) order that is left out.

    Returns an iterable of pairs (X_b, y_b): a list, a tuple, a generator, any object that
    a `for` loop can go through once. X_b (k, ...) holds k samples of X, with the other
    axes of X, and y_b (k,) their targets in the same order; both have the dtypes of X and
    y. k is m for every batch but the last, which has what is left over. No batch is
    empty; there may be no batch at all, with drop_last. Views and copies are equally
    welcome.
    """
    ### BEGIN SOLUTION
    N = len(X)
    order = xp.asarray(rng.permutation(N) if shuffle else np.arange(N))
    batches = []
    for start in range(0, N, m):
        rows = order[start : start + m]
        if len(rows) == m or not drop_last:
            batches.append((X[rows], y[rows]))
    return batches
    ### END SOLUTION


# %%
# check minibatches (1.5 points): run, do not edit
@check("minibatches")
def ten_by_three():
    """Ten samples in batches of 3: the sizes are 3, 3, 3, 1, and with drop_last 3, 3, 3.

    Nine make 3, 3, 3 either way. X_b has the shape (k, 2) here, and y_b the shape (k,).
    """
    cases = [(10, False, [3, 3, 3, 1]), (10, True, [3, 3, 3])]
    cases += [(9, False, [3, 3, 3]), (9, True, [3, 3, 3])]
    for N, drop_last, want in cases:
        X, y = numbered(N)
        rng = np.random.default_rng(1)
        batches = list(minibatches(X, y, 3, rng, drop_last=drop_last))
        told = f"for {N} samples, with drop_last={drop_last},"
        found = [len(X_b) for X_b, _ in batches]
        check.equal(found, want, what=f"The list of sizes {told}")
        shapes = [(np.shape(X_b), np.shape(y_b)) for X_b, y_b in batches]
        fits = shapes == [((k, 2), (k,)) for k in want]
        check.that(f"the shapes are (k, 2) and (k,) {told}; yours: {shapes}", fits)


@check("minibatches")
def each_once():
    """Every sample comes exactly once, together with its own target."""
    X, y = numbered(10)
    batches = list(minibatches(X, y, 4, np.random.default_rng(2)))
    found = sorted(i for batch in ids_of(batches) for i in batch)
    check.equal(len(found), 10, what="The number of samples in ten")
    once = found == [*range(10)]
    check.that(f"the samples are 0 to 9, each once; yours: {found}", once)
    both = [(7 * figures.host(X_b)[:, 0], figures.host(y_b)) for X_b, y_b in batches]
    fits = all(want.shape == got.shape and (want == got).all() for want, got in both)
    check.that("each target in y_b is 7 times the number in its row of X_b", fits)
    targets = [float(value) for _, got in both for value in np.ravel(got)]
    check.that("the targets are in another order than in y", targets != sorted(targets))
    inputs = [float(value) for want, _ in both for value in want]
    check.that("the inputs are in another order than in X", inputs != sorted(inputs))
    whole = all(got.dtype.kind in "iu" for _, got in both)
    check.that("the targets are whole numbers, as in y", whole)


@check("minibatches")
def shuffled_or_not():
    """The order is random unless shuffle=False; rng alone decides which.

    The same rng gives the same order, another gives another.
    """
    X, y = numbered(40)
    straight = ids_of(minibatches(X, y, 8, None, shuffle=False))
    in_order = [i for batch in straight for i in batch] == [*range(40)]
    check.that("with shuffle=False the samples come as they are in X", in_order)
    rngs = [np.random.default_rng(seed) for seed in (3, 3, 4)]
    first, again, other = (ids_of(minibatches(X, y, 8, rng)) for rng in rngs)
    check.that("shuffled, they come in another order than in X", first != straight)
    check.that("two rngs of the same seed give the same batches", first == again)
    check.that("rngs of different seeds give different batches", first != other)


@check("minibatches")
def inputs_left_alone():
    """X and y are afterwards as they were."""
    X, y = numbered(12)
    batches = list(minibatches(X, y, 5, np.random.default_rng(5)))
    check.equal(len(batches), 3, what="The number of batches")
    want_X, want_y = numbered(12)
    check.close(X, want_X, what="X, after the call,")
    check.close(y, want_y, what="y, after the call,")


@check.asks("minibatches")
def own_code():
    """With shuffle=False, is the first X_b a window on X itself, or a copy?

    True: it shares its memory with X, so that writing into it changes X. False: a copy.
    """
    X, y = numbered(10)
    X_b, _ = next(iter(minibatches(X, y, 4, None, shuffle=False)))
    return bool(xp.shares_memory(X, X_b))


check.report("minibatches")

# %% [markdown]
# Stuck? Print `ids_of(minibatches(*numbered(10), 3, np.random.default_rng(1)))`: every number from 0 to 9 should
# stand there once. (If your loop does not end, neither will that: *Kernel → Interrupt*.)
#
# When all pass, the report asks about your own loader: does it deal views or copies? Both are right, and whoever
# changes a batch in place should know which. Answer with `check.answer("minibatches", True)`, or `False`, in a cell
# of your own; it costs and earns nothing.
#
# ### Catch the bug
#
# > **Seen in the wild**
# >
# > - *Pairs torn apart.* A quiz on batching accepted loaders that shuffle inputs and targets separately
# >   (udacity/sdc-issue-reports, issue 1326, 2018): every test was green, with labels that belong to other pictures.
# > - *Samples lost and doubled.* Python's `random.shuffle` on a NumPy array overwrites rows by others
# >   (mnielsen/neural-networks-and-deep-learning, issue 50, 2016). On the same four samples the report said 4 of 4
# >   right in training and 3 of 4 in evaluation.
# > - *A mean of means.* An epoch's accuracy was the plain mean over batches, the short last one included
# >   (Lightning-AI/pytorch-lightning, issue 2924, 2020). With 0.7, 0.8 and 0.9 on batches of 256, 256 and 10 that is
# >   0.8; over samples it is 0.753.
#
# Could you have written a better test than that quiz? Here you do. Your `finds_bug` is handed a loader that somebody
# else wrote and says whether it is faulty. At grading it meets right loaders, written in several ways, and wrong ones,
# each with one of the faults listed below. A judge who always says the same earns nothing.
#
# These loaders take a *seed*, a whole number, in the place of `rng`; the same seed means the same order. Here is one
# with a fault, and the question that brings it to light. Your judge asks a handful of such questions, about one for
# each line of the list, with shuffling and without, dropping and not, where $m$ divides $N$ and where it does not.


# %%
# example forgets: a loader that forgets the last sample, and how to notice
def forgets_last(X, y, m, seed, shuffle=True, drop_last=False):
    """Your `minibatches` of all samples but the last."""
    return minibatches(X[:-1], y[:-1], m, np.random.default_rng(seed), shuffle, drop_last)


dealt = sorted(i for ids in ids_of(forgets_last(*numbered(9), 4, seed=1)) for i in ids)
print("dealt:", dealt)
print("each of the nine once:", dealt == [*range(9)])


# %%
# function finds_bug: your code below
def finds_bug(loader):
    """True if the loader is faulty, False if it is right.

    loader(X, y, m, seed, shuffle=True, drop_last=False) is used as `minibatches` is, but
    for `seed`, a whole number from 0 on, from which it makes its own generator. X is a
    NumPy array (N, D), y (N,); you choose them. It returns an iterable that can be gone
    through once; never raises an error; never changes X or y. Call it as often as you
    like, up to a thousand times.

    A right loader keeps the contract of `minibatches`. A faulty one, at least for some
    N, m, shuffle and drop_last with N between 2 and 100 and m between 1 and 110,
    - leaves samples out, or deals some twice;
    - separates inputs from their targets, or returns y_b in another shape than (k,);
    - deals batches of wrong sizes, or an empty one;
    - does not do as shuffle or drop_last says;
    - or orders badly: with shuffle=True samples that are neighbours in X stay together,
      in one batch or one after the other; the order is the same for every seed, or
      another one each time for the same seed. (For few samples two seeds may agree.)

    Returns True or False.
    """

    ### BEGIN SOLUTION
    def order_of(N, m, seed, shuffle, drop_last):
        """The samples in the order in which they come; None if this epoch is a wrong one."""
        ids = np.arange(N)
        batches = list(loader(np.stack([ids, -ids], axis=1), 7 * ids, m, seed, shuffle, drop_last))
        sizes = [m] * (N // m) + [N % m] * (N % m > 0 and not drop_last)
        if [(np.shape(X_b), np.shape(y_b)) for X_b, y_b in batches] != [((k, 2), (k,)) for k in sizes]:
            return None
        order = [int(i) for X_b, _ in batches for i in X_b[:, 0]]
        targets = [int(t) for _, y_b in batches for t in y_b]
        return order if targets == [7 * i for i in order] and len({*order}) == len(order) else None

    for N, m in ((21, 4), (24, 4), (3, 5), (60, 10)):
        for drop_last in (False, True):
            straight = order_of(N, m, 0, False, drop_last)
            one, other, again = (order_of(N, m, seed, True, drop_last) for seed in (1, 2, 1))
            if None in (straight, one, other, again):
                return True
            if straight != [*range(len(straight))] or one != again or (N > 20 and one == other):
                return True
    steps = np.abs(np.diff(one))  # of 60 samples: are those that lay together still together?
    spread = np.ptp(np.reshape(one, (6, 10)), axis=1)
    if (steps == 1).sum() > 20 or spread.min() < 15:
        return True
    return False
    ### END SOLUTION


# %%
# check finds_bug (0.5 points): run, do not edit
# (These loaders are written in a roundabout way, so as not to show you a `minibatches`.)
def _right(X, y, m, seed, shuffle=True, drop_last=False):
    keys = np.random.default_rng(seed).random(len(X)) if shuffle else np.arange(len(X))
    best = np.argsort(keys)
    batch_of = np.argsort(best) // m
    for b in np.unique(batch_of):
        mine = [i for i in best if batch_of[i] == b]
        if len(mine) == min(m, len(mine) if not drop_last else m):
            yield X[mine], y[mine]


def _tail_lost(X, y, m, seed, shuffle=True, drop_last=False):
    return list(_right(X, y, m, seed, shuffle, drop_last=True))


def _seedless(X, y, m, seed, shuffle=True, drop_last=False):
    return list(_right(X, y, m, 11, shuffle, drop_last))


@check("finds_bug")
def right_and_wrong():
    """A right loader is called right. Two are faulty: one drops the short batch always.

    The other deals the same order for every seed.
    """
    check.equal(finds_bug(_right), False, what="What you say of the right loader")
    check.equal(finds_bug(_tail_lost), True, what="What you say of the one that drops")
    told = "What you say of the one without a seed"
    check.equal(finds_bug(_seedless), True, what=told)


check.report("finds_bug")


# %%
# example own_loader: your judge looks at your own loader
def my_loader(X, y, m, seed, shuffle=True, drop_last=False):
    """Your `minibatches` with a seed for rng; a judge's arrays are NumPy's."""
    rng = np.random.default_rng(seed)
    batches = minibatches(xp.asarray(X), xp.asarray(y), m, rng, shuffle, drop_last)
    return ((figures.host(X_b), figures.host(y_b)) for X_b, y_b in batches)


verdict = "faulty" if finds_bug(my_loader) else "right"
print(f"Your judge says that your own loader is {verdict}.")

# %% [markdown]
# If your judge calls your own loader faulty, one of the two is wrong. Finding out which is the point.
#
# ## 3. One epoch
#
# Now the loop around it. For each batch $B$ in turn,
#
# $$\theta \leftarrow \theta - \eta\,\frac{1}{|B|}\sum_{i\in B}\nabla\ell_i(\theta).$$
#
# While it goes it also reports the mean loss that it saw. Mind the short last batch: the mean over *samples* is not
# the mean of the batches' means (the third of the mistakes seen in the wild).


# %%
# function train_epoch: your code below
def train_epoch(loss_and_grad, params, batches, lr):
    """One step of gradient descent for each batch, in the order in which they come.

    loss_and_grad(params, X_b, y_b) -> (loss, grads): loss a number, grads a dict of
        arrays like params; both are means over the batch already. Call it once for each
        batch, at the parameters before that batch's step.
    params   dict of float arrays; leave it, and the arrays in it, as they are
    batches  an iterable of one or more pairs (X_b, y_b), such as `minibatches` returns:
             go through it once, and do not ask for its length. Batches may differ in
             size; none is empty.
    lr       the learning rate, the same for every batch, a short one too

    Returns (params, mean_loss): a new dict of arrays with the shapes and dtypes of those
    in `params`; and one number, the mean over all *samples* of the losses seen on the
    way: the loss of a batch of k samples counts k times.
    """
    ### BEGIN SOLUTION
    params = {name: value.copy() for name, value in params.items()}
    total, count = 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        for name in params:
            params[name] -= lr * grads[name]
        total += len(X_b) * float(loss)
        count += len(X_b)
    return params, total / count
    ### END SOLUTION


# %%
# check train_epoch (1 point): run, do not edit
def _two_batches():
    """Parameters to start from, a batch of two samples, and a batch of one."""
    X = xp.asarray([[2.0, 1.0], [0.0, 4.0], [1.0, 1.0]])
    y = xp.asarray([1.0, -2.0, 3.0])
    params = {"w": xp.asarray([0.5, -1.0]), "c": xp.asarray([0.25])}
    return params, [(X[:2], y[:2]), (X[2:], y[2:])]


def _pair(found):
    """The two things that should come back, or None twice where they do not."""
    good = isinstance(found, tuple | list) and len(found) == 2
    check.that("two things come back: (params, mean_loss)", good)
    return found if good else (None, None)


@check("train_epoch")
def two_steps_by_hand():
    """Two steps with lr 0.5, by hand: w becomes (1.03125, 1.09375), and c 1.03125.

    The first batch has two samples, the second has one.
    """
    params, batches = _two_batches()
    want = {"w": xp.asarray([1.03125, 1.09375]), "c": xp.asarray([1.03125])}
    after, _ = _pair(train_epoch(line_loss_and_grad, params, batches, lr=0.5))
    check.close(after, want, rtol=1e-9, what="What comes back as params")


@check("train_epoch")
def mean_over_samples():
    """Losses 0.90625 of two samples, 0.048828125 of one: mean over samples 0.620443."""
    params, batches = _two_batches()
    once = check.once(batches)  # an iterator, such as a generator is
    _, mean_loss = _pair(train_epoch(line_loss_and_grad, params, once, lr=0.5))
    want = (2 * 0.90625 + 0.048828125) / 3
    check.close(mean_loss, want, rtol=1e-9, what="mean_loss")


@check("train_epoch")
def params_left_alone():
    """The params and batches that you are given are afterwards as they were."""
    params, batches = _two_batches()
    check.unchanged(train_epoch, line_loss_and_grad, params, batches, lr=0.5)


check.report("train_epoch")

# %% [markdown]
# If the parameters after two steps are wrong: the gradient of the second batch belongs to where the first step ended.
#
# ### Three routes down one mountain
#
# Here are the three methods on a loss with two parameters: 64 samples, one start, one learning rate, 60 steps each.
# The only difference is how many samples a step looks at.


# %%
# example routes: full batch, mini-batches and single samples on one map
def route(X, y, start, m, lr, steps, rng):
    """Where `steps` steps with batches of m lead: an array (steps + 1, 2)."""
    params, points = {"w": xp.asarray(start), "c": xp.zeros(1)}, [start]
    while len(points) <= steps:
        for batch in minibatches(X, y, m, rng):
            params, _ = train_epoch(line_loss_and_grad, params, [batch], lr)
            params["c"] = xp.zeros(1)  # the map has two directions only
            points.append([float(value) for value in params["w"]])
    return np.array(points[: steps + 1])


rng = np.random.default_rng(4)
X2 = rng.normal(size=(64, 2)) @ np.array([[1.2, 0.0], [0.5, 0.55]])
y2 = X2 @ np.array([1.0, -1.0]) + 1.2 * rng.normal(size=64)
bottom = np.linalg.lstsq(X2, y2, rcond=None)[0]
w1, w2 = np.linspace(-2.7, 2.7, 101), np.linspace(-1.9, 2.8, 101)
grid = np.stack(np.meshgrid(w1, w2), axis=-1)
ground = ((grid @ X2.T - y2) ** 2).mean(axis=-1) / 2
paths = {}
for m, label in ((1, "batch size 1"), (8, "batch size 8"), (64, "all 64")):
    rng = np.random.default_rng(6)
    path = route(xp.asarray(X2), xp.asarray(y2), [-2.2, 2.2], m, 0.15, 60, rng)
    paths[f"{label}:\n{60 * m:,} samples seen"] = path
figures.routes(
    (w1, w2, ground),
    paths,
    goal=bottom,
    xlabel="first weight",
    ylabel="second weight",
    title="Sixty steps down the same valley",
    alt="A map of a valley with three routes from the upper left. With all 64 samples the"
    " route is smooth and ends near the lowest point, marked by a star. With batches of "
    "8 it trembles a little. With single samples it zigzags and wanders, and ends near "
    "the star too. The legend says how many samples each looked at: 60, 480 and 3,840.",
)

# %% [markdown]
# These are the three hikers of assignment 00 on another mountain, and here is what their picture hides: the price.
# The three routes have the same number of steps, but the smooth one looked at 64 times as many samples as the wild
# one. So compare them at the same price, one epoch each.
#
# **Predict before you run.** With single samples, what share of the steps makes the loss of *all* samples larger:
# (a) about half, (b) one in ten, or (c) hardly any? And does the full batch, whose one step is sure to go down, end
# lower or higher? Write your answers down, then run.


# %%
# example by_size: one epoch of 512 digits with batches of 1 to 512
X_all, labels = data.digits()
X_dig, y_dig = xp.asarray(X_all[:512] / 16), xp.asarray(labels[:512])
zeros = {"W": xp.zeros((64, 10)), "b": xp.zeros(10)}
sizes = [2**k for k in range(10)]
before = float(digits_loss_and_grad(zeros, X_dig, y_dig)[0])
after, lowering, curves = [], [], {}
for m in sizes:
    params, full = zeros, [before]
    for batch in minibatches(X_dig, y_dig, m, np.random.default_rng(7)):
        params, _ = train_epoch(digits_loss_and_grad, params, [batch], lr=0.1)
        full.append(float(digits_loss_and_grad(params, X_dig, y_dig)[0]))
    after.append(full[-1])
    lowering.append(float(np.mean(np.diff(full) < 0)))
    curves[m] = (np.linspace(0, 1, len(full)), full)
print("batch size                      ", *(f"{m:6d}" for m in sizes))
print("steps in the epoch              ", *(f"{len(curves[m][0]) - 1:6d}" for m in sizes))
print("loss of all 512 after the epoch ", *(f"{loss:6.3f}" for loss in after))
print("share of steps that lower it    ", *(f"{share:6.2f}" for share in lowering))
figures.lines(
    {f"batch size {m}": curves[m] for m in (1, 8, 64, 512)},
    xlabel="epochs (share of the 512 digits seen)",
    ylabel="loss of all 512 digits",
    title="One epoch, learning rate 0.1: four batch sizes",
    alt="The loss of all digits against the share of an epoch, for batches of 1, 8, 64 "
    "and 512. The text below says what one sees.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (a), about half, and yet single samples are far ahead. In the figure their curve falls fastest, jittering all the
# way; with batches of 8 it falls nearly as smoothly as a line, to a higher value; with 64 a little, and with 512, a
# single step, hardly at all. Two things that one hears are both true, and the table shows them side by side.
#
# - **Small batches make faster progress at first**: for one look at the data, single samples bring the loss from
#   2.303 to about 0.36 (your loader's order decides the third digit), the full batch only to 2.281.
# - **Large batches lower the loss more consistently**: with batches of 16 and more every single step went down; with
#   single samples about half of the steps went *up*.
#
# This is one learning rate for all, which favours the small. How it should grow with the batch is the subject of
# assignment 06.
#
# </details>
#
# ## 4. Drawing with replacement
#
# Textbook theory often assumes something else than reshuffling: each sample of each batch is drawn independently
# from all of them, as if every card went back into the deck at once. Some come twice, and in one "epoch" of $N$
# draws about $1/e \approx 37\,\%$ of the samples do not come at all.


# %%
# function sample_with_replacement: your code below
def sample_with_replacement(N, m, k, rng):
    """The rows that make up k batches of m samples, drawn with replacement.

    Each entry is drawn from 0, 1, ..., N - 1 with equal chances, independently of all the
    others, in the same batch and in other batches. N, m and k are 1 or more; m may be
    greater than N. rng, a NumPy Generator, is the only source of randomness.

    Returns an integer array (k, m) (dtype int64); batch j is the row j.
    """
    ### BEGIN SOLUTION
    return rng.integers(N, size=(k, m))
    ### END SOLUTION


# %%
# check sample_with_replacement (0.5 points): run, do not edit
@check("sample_with_replacement")
def shape_and_range():
    """Three batches of 500 from 5 samples: shape (3, 500), and 0 to 4 all come.

    The three batches are not the same.
    """
    rows = figures.host(sample_with_replacement(5, 500, 3, np.random.default_rng(8)))
    check.equal(rows.shape, (3, 500), what="The shape")
    found = sorted({*rows.ravel().tolist()})
    check.that(f"exactly 0, 1, 2, 3, 4 come; yours: {found[:9]}", found == [*range(5)])
    check.equal(rows.dtype.name, "int64", what="The dtype")
    check.that("the first two batches differ", (rows[0] != rows[1]).any())


@check("sample_with_replacement")
def repeats():
    """Of 20 drawn from 20 with replacement, some come twice; rng alone decides which."""
    rngs = [np.random.default_rng(seed) for seed in (9, 9, 10)]
    found = [figures.host(sample_with_replacement(20, 20, 4, rng)) for rng in rngs]
    one, same, other = (rows.tolist() for rows in found)
    doubled = all(len({*batch}) < 20 for batch in one)
    check.that("in each of the four batches some sample comes twice", doubled)
    check.that("two rngs of the same seed give the same rows", one == same)
    check.that("rngs of different seeds give different rows", one != other)


check.report("sample_with_replacement")

# %% [markdown]
# ## 5. Does the order matter?
#
# Think of a boat that makes for a harbour. With the full batch the sea is calm: it goes straight in, though slowly
# for the work. Small batches are a storm. The boat gets near quickly, but then it is thrown about before the quay and
# never lies still: even at the minimum of the mean loss, single samples still pull. What remains is an **excess
# loss**, the loss above its minimum. (A storm can also shake a boat out of a harbour that is too small. A straight
# line's loss has one harbour only, so for that see assignment 03.)
#
# The picture misleads where it matters here: the waves of a storm know nothing of each other, and those of a
# loader may. How much excess loss remains depends on the learning rate $\eta$, and on the order:
#
# - *with replacement*, the pulls of an epoch are independent, as in a storm, and their sum is left over;
# - *shuffled once*, the same order over and over: everybody has a turn in each epoch, and at the minimum the pulls of
#   all samples add up to zero. Only because the point moves within the epoch does something remain;
# - *reshuffled*, the same, and what remains has another direction in each epoch, so that much of it cancels.
#
# **Predict before you run.** If you halve the learning rate, the excess loss at the end of an epoch shrinks. By about
# (a) 8, (b) 2, or (c) 4: which is it for each of the three orders? Write your answers down, then run.


# %%
# experiment: your code below
def experiment(seed):
    """The excess loss at the ends of epochs, for three orders and four learning rates.

    With X, y = own_problem(seed), the loss is f(w) = (half the mean of (X @ w - y) ** 2),
    and w* is where it is smallest. For each of SCHEMES, in that order, and each of LRS:
    start at w* and go through own_orders(seed)[scheme] epoch by epoch. For each entry i
    in turn take one step on sample i alone, w <- w - lr * (X[i] @ w - y[i]) * X[i]. At
    the end of each epoch note f(w) - f(w*). The excess loss is the mean of these over
    the epochs after the first WARM_UP (EPOCHS - WARM_UP of them).

    Returns a dict of float arrays:
    excess (3, 4)   the excess loss by scheme (row) and learning rate (column)
    exponent (3,)   for each scheme the slope of log(excess) against log(lr): that of the
                    straight line fitted to the four points by least squares
    """
    ### BEGIN SOLUTION
    X, y = own_problem(seed)
    minimum, H = xp.linalg.solve(X.T @ X, X.T @ y), X.T @ X / len(X)
    lrs = xp.asarray(LRS)
    excess = []
    for scheme in SCHEMES:
        w, found = xp.stack([minimum] * len(LRS)), []  # one row for each learning rate
        for order in own_orders(seed)[scheme].tolist():
            for i in order:
                w = w - (lrs * (w @ X[i] - y[i]))[:, None] * X[i]
            found.append((((w - minimum) @ H) * (w - minimum)).sum(axis=1) / 2)
        excess.append(xp.stack(found[WARM_UP:]).mean(axis=0))
    excess = xp.stack(excess)
    slopes = [np.polyfit(np.log(LRS), np.log(figures.host(row)), 1)[0] for row in excess]
    return {"excess": excess, "exponent": xp.asarray(slopes)}
    ### END SOLUTION


# %%
# check experiment (0.5 points): run, do not edit
def _found():  # with the data of seed 1, the same for everybody
    return {name: figures.host(value) for name, value in experiment(1).items()}


@check("experiment")
def complete():
    """The two entries are there, with the shapes that are asked for."""
    found = _found()
    shapes = {"excess": (3, 4), "exponent": (3,)}
    check.equal(sorted(found), sorted(shapes), what="The list of keys")
    for name in shapes:
        if name in found:
            want, got = shapes[name], found[name].shape
            check.that(f"{name} has shape {want} (yours: {got})", got == want)


@check("experiment")
def plausible():
    """All excess is above 0 and shrinks with lr; exponent is the slope of its logarithm.

    With replacement, most remains. The data are those of seed 1, for everybody the same.
    """
    found = _found()
    excess, exponent = found["excess"], found["exponent"]
    check.that("every excess is greater than 0", (excess > 0).all())
    told = "For seed 1, what remains with replacement at the largest learning rate"
    check.close(excess[0, 0], 0.0149392, rtol=1e-4, what=told)
    if (excess > 0).all():
        falls = (excess[:, 1:] < excess[:, :-1]).all()
        check.that("in each row the excess shrinks with the learning rate", falls)
        most = (excess[0] > excess[2]).all()
        check.that("with replacement more remains than reshuffled", most)
        slope = np.polyfit(np.log(LRS), np.log(excess).T, 1)[0]
        told = "exponent, held against your excess,"
        check.close(exponent, slope, rtol=1e-6, what=told)
        near = (abs(exponent - [1, 2, 3]) < [0.6, 1.2, 0.8]).all()
        numbers = ", ".join(f"{value:.2f}" for value in exponent)
        check.that(f"the exponents are about 1, 2 and 3; yours: {numbers}", near)


check.report("experiment")

# %%
# draw experiment: what remains, by learning rate and order
found = experiment(seed)
excess = figures.host(found["excess"])
print("excess, by order (row) and learning rate 0.02, 0.01, 0.005, 0.0025 (column):")
print(excess)
names = ["with replacement", "shuffled once", "reshuffled"]
slopes = [float(value) for value in found["exponent"]]
lr = np.array(LRS)
figures.lines(
    {f"{names[k]}\nslope {slopes[k]:.2f}": (lr, excess[k]) for k in range(3)},
    theory=[(lr, excess[k, 0] * (lr / lr[0]) ** (k + 1)) for k in range(3)],
    theory_label="slopes 1, 2 and 3",
    xlabel="learning rate",
    ylabel="excess loss at the end of an epoch",
    title="Your own data, single samples: three orders",
    log="xy",
    alt="Excess loss against learning rate, both axes logarithmic, for the three orders; "
    "thin grey lines have slopes of 1, 2 and 3. The text below says what one sees.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# At the largest learning rate the three orders lie within a factor of about ten; towards small ones they fan out,
# reshuffled lowest. The steeper the line, the more half the learning rate buys, by about two to the power of the
# slope: (b), (c), (a). The same 64 samples, the same number of steps, and at the smallest learning rate random
# reshuffling leaves less than a hundredth of what drawing with replacement leaves.
#
# - With replacement, about 2: the excess is proportional to $\eta$.
# - Shuffled once, about 4: it is proportional to $\eta^2$. It is as if the minimum lay a little elsewhere, by a
#   distance proportional to $\eta$, and the loss grows with the square of the distance.
# - Reshuffled, about 8, though chance makes it anything from 6 to 10: it behaves like $a\,\eta^2 + b\,\eta^3$, and here
#   the second term dominates. For a learning rate far smaller still the first term would take over.
#
# </details>
#
# Bottou (2009) noticed the "curiously fast convergence" of shuffled passes and posed it as an open problem;
# Mishchenko, Khaled and Richtárik (2020) prove for random reshuffling and for shuffling once that they can beat
# sampling with replacement, with a new kind of variance. One often hears that shuffling makes the model *generalise*
# better; what you have measured is something else, and firmer: it helps the *optimisation*.
#
# ### What does half the learning rate buy?
#
# The slopes are fits over all four points. Now look at the **last** step alone: by what factor does the excess
# loss shrink from $\eta = 0.005$ to $\eta = 0.0025$? Divide your own `excess` at 0.005 by that at 0.0025, for each
# order, and type the three quotients. Round the *quotients* to four decimals, not `excess`, whose small entries would
# lose their digits. They are compared with what the experiment gives for your id, and may be off by half a per cent.
#
# At grading the next cell is read and not run. Type plain numbers; names and calls are not read.

# %%
# question factors: type the three numbers
### BEGIN SOLUTION
replacement_factor = round(float((_excess := experiment(seed)["excess"])[0, 2] / _excess[0, 3]), 4)
once_factor = round(float(_excess[1, 2] / _excess[1, 3]), 4)
reshuffle_factor = round(float(_excess[2, 2] / _excess[2, 3]), 4)
### END SOLUTION

# %%
# check factors (0.5 points): run, do not edit
_typed = {"replacement_factor": replacement_factor, "once_factor": once_factor}
_typed["reshuffle_factor"] = reshuffle_factor


@check("factors")
def three_numbers():
    """All three are numbers greater than 1, typed as plain numbers."""
    for name, value in _typed.items():
        number = type(value) in (int, float) and value > 1
        check.that(f"{name} is a plain number greater than 1", number)


@check("factors")
def in_order():
    """Half the learning rate buys most for reshuffling, and least with replacement."""
    numbers = all(type(value) in (int, float) for value in _typed.values())
    ordered = numbers and replacement_factor < once_factor < reshuffle_factor
    check.that("the three numbers grow in the order in which they are asked for", ordered)


check.report("factors")

# %% [markdown]
# ## 6. For those who want more: buffers and workers (no points)
#
# **A buffer instead of a deck.** Data that do not fit into memory cannot be shuffled at once. TensorFlow's
# `dataset.shuffle(1024).batch(32).prefetch(1)` keeps a *buffer* of 1,024 samples: it hands out a random one and fills
# the gap with the next from the file. The sample at place $i$ of the file cannot come out before place $i - 1023$.
# If the file is sorted by label and longer than the buffer, the first batches never see the last labels. The next
# cell shows it with a small buffer.


# %%
# example buffer: shuffling through a buffer is local
def buffer_shuffle(items, size, rng):
    """The items in the order in which a shuffle buffer of `size` hands them out."""
    buffer = []
    for item in items:
        buffer.append(item)
        if len(buffer) == size:
            yield buffer.pop(int(rng.integers(size)))
    yield from (buffer[int(i)] for i in rng.permutation(len(buffer)))


for size in (10, 100, 1000):
    out = list(buffer_shuffle(range(1000), size, np.random.default_rng(9)))
    early = max(item - place for place, item in enumerate(out))
    told = f"largest sample among the first 32: {max(out[:32]):3d}"
    print(f"buffer {size:4d}: each comes at most {early:3d} places early; {told}")

# %% [markdown]
# **Workers and prefetching.** While the device computes a step, other threads or processes can prepare the next
# batches. In PyTorch, `DataLoader(dataset, batch_size=32, shuffle=True, num_workers=4)` starts four; each keeps
# batches ready, so more workers also mean more memory. Prefetching must change *when* batches are made and never
# *which*. If you want to build one, write `PrefetchLoader(batches, depth)` with Python's `threading` and `queue`: an
# object whose `for` loop yields what `batches` yields, made ahead by a thread, at most `depth` of them waiting.
# Then paste this self-check into a cell of your own and run it on your machine. (Threads are not available where
# your notebook is graded, so leave neither in the notebook that you submit.)
#
# ```python
# import itertools, threading, time
#
# def broken():
#     yield 1
#     raise RuntimeError("from inside")
#
# assert list(PrefetchLoader(range(50), 3)) == list(range(50))  # the same, in order
# assert list(PrefetchLoader([], 3)) == []
# try:
#     list(PrefetchLoader(broken(), 3))
#     raise SystemExit("the error of the loader inside was swallowed")
# except RuntimeError:
#     pass
# made = []
# slow = iter(PrefetchLoader((made.append(i) or i for i in itertools.count()), 3))
# next(slow)
# time.sleep(0.2)
# assert len(made) <= 5, "it runs further ahead than its depth"
# slow.close() if hasattr(slow, "close") else None  # an early break: no thread hangs
# time.sleep(0.2)
# assert len(made) <= 6
# print("PrefetchLoader passes")
# ```
#
# ## What you have now
#
# - A loader whose every property has been checked, and a judge that finds the faults of others.
# - $\lceil N/m \rceil$ iterations an epoch, or $\lfloor N/m \rfloor$ with `drop_last`; the mean over an epoch is a
#   mean over samples.
# - Small batches make faster progress for the same look at the data; large ones a steadier one.
# - The order matters: with replacement the excess loss is proportional to $\eta$, shuffled to $\eta^2$ or better.
#
# Next in the core: what if the batch that you want does not fit into memory (assignment 07)?
#
# ## References
#
# - L. Bottou, "Curiously fast convergence of some stochastic gradient descent algorithms", unpublished open problem
#   offered to the attendance of the SLDS 2009 conference.
# - K. Mishchenko, A. Khaled and P. Richtárik, "Random reshuffling: simple analysis with vast improvements",
#   *Advances in Neural Information Processing Systems* 33 (2020).
