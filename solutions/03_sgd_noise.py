# /// contract
# slug = "03_sgd_noise"
# title = "One sample at a time: the noise of SGD"
# hours = 3.25
# prerequisites = ["02_full_batch_gd", "mean and variance of a random number", "the sum of a geometric series"]
# data = ["diabetes"]
# needs = []
#
# [points]
# sgd_step = 3
# sgd_epoch = 5
# noisy_grad = 3
# expected_loss = 4
# steady_state = 4
# experiment = 4
# expected = 2
#
# [uses]
# sgd_epoch = ["sgd_step"]
# experiment = ["noisy_grad", "expected_loss", "steady_state"]
#
# [claims]
# 5 = "function noisy_grad, examples demo and average, experiment (two-panel figure)"
# 8 = "functions sgd_step and sgd_epoch"
# 15 = "function sgd_epoch, reading in section 1"
# 57 = "experiment, double well"
# 58 = "function steady_state, example hover"
# 86 = "experiment, double well, and reading in section 6"
#
# [hints]
# sgd_step = [
#   "Which way does the gradient point, and which way should the step go?",
#   "Make a new dict: for each name, the parameter minus the learning rate times the gradient of the same name.",
#   "From 5 with gradient 2 and lr 0.5 a step leads to 4.",
# ]
# sgd_epoch = [
#   "What changes from one sample to the next: the parameters, the sample, or both?",
#   "For each row number: keep the sample's two axes, ask for loss and gradient, note the loss, then take the step.",
#   "With the order 2, 0 the first call gets a batch of one: row 2 of X, of shape (1, D), and entry 2 of y.",
# ]
# noisy_grad = [
#   "Print it for m = 1, 4 and 16 with z = 1. By how much do the three differ from the true gradient?",
#   "The true gradient plus a random number of mean 0, whose standard deviation shrinks with the root of m.",
#   "At theta = 4 the true gradient is 2. With sigma = 6, m = 9 and z = 0.5 the noise is 1.",
# ]
# expected_loss = [
#   "Write the recursion as a loop and print five steps. Towards what do they tend?",
#   "The gap to the floor is what shrinks, each step by the same factor. Add what is left of it to the floor.",
#   "If the start is 10, the floor 2 and the factor a half, then 10, 6, 4, 3: the gap is 8, 4, 2, 1.",
# ]
# steady_state = [
#   "At the floor a step changes nothing on average. Which equation says so?",
#   "Set V after the step equal to V before it, and solve for V; the loss is h/2 times V.",
#   "If V becomes 0.75 V + 1 at each step, it stands still at V = 4.",
# ]
# experiment = [
#   "Do the parabola first, one batch size at a time, and hold theta[:, 1] against a step by hand.",
#   "In the well all runs move together: an array of RUNS places. Keep it after every step, then compare and average.",
#   "With places 1, -1, -1 and 1 and the barrier at 0, half of the runs are in the deep well.",
# ]
# expected = [
#   "Which column of your array expected belongs to step 30?",
#   "For batch_needed, solve the formula of the floor for m, and mind that m is a whole number.",
#   "If the floor were 0.5 / m, the smallest m with a floor of at most 0.03 would be 17.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # One sample at a time: the noise of SGD
#
# Full-batch gradient descent looks at all the data before it moves. **Stochastic gradient descent** looks at *one*
# sample and moves. Its steps point roughly the right way, and every one of them is wrong. Still it is close to the
# minimum before the careful method has taken a single step, and then it never arrives.
#
# Both halves of that sentence can be computed in advance. You write the method, then a model of it small enough to
# solve, and predict how fast it comes down and where it stops. At the end you let noise do something useful: shake
# a run out of a minimum that is not worth staying in. Plan for about three and a quarter hours.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `sgd_step` | 0.5 | 2.5 | one step against the gradient |
# | `sgd_epoch` | 1 | 4 | a step for each sample, in a given order |
# | `noisy_grad` | 0.5 | 2.5 | the gradient of a parabola, with noise |
# | `expected_loss` | 1 | 3 | the loss after t steps, on average |
# | `steady_state` | 0.5 | 3.5 | the floor: the loss that remains |
# | `experiment` | 1 | 3 | four batch sizes on a parabola; noise in a double well |
# | `expected` | 0.5 | 1.5 | your own floor, in numbers |
#
# ### How to start and finish
#
# As in assignment 02. Type your `learner_id` in the first code cell, exactly as it stands on your instructor's roster:
# your data follow from it. The first *Run All* stops at `NotImplementedError: sgd_step is yours to write`. Keep the
# first comment line of each cell; cells of your own are welcome anywhere. The setup cell is long: run it now, and read
# in it when a task names something from it. Save before you check (`course check 03` in a terminal, in this notebook's
# folder) or submit.
#
# ### How this is graded
#
# The *visible* checks stand in this notebook and are a fifth of the points. The *hidden* checks run at grading, with
# other data, and every check is credited on its own. Where chance is involved the checks hand you the random
# numbers, or look at averages with a wide margin: **no check expects a certain draw**, and you may draw as you like.
#
# Numbers are compared with a relative tolerance of 1e-10 for one step and for formulas, 1e-8 for paths, 1e-6 for the
# experiment, half a per cent for what you type, and more for float32 arrays. Loops, closed forms, lists, NumPy's own
# numbers: all are welcome. Nothing is graded by speed, but a check stops a call that has not finished after five
# seconds.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import numpy as np

from course.learn import check, data, figures, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if not learner_id:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The numbers that you type in section 7 are graded for your id on the roster.")

# The parabola (theta - 3)**2: its curvature, the batch sizes, the number of steps.
CURVATURE, SIZES, STEPS = 2.0, (1, 8, 32, 128), 60

# The double well: runs side by side, steps in each of three stages, the noise of a
# single sample, and where the shallow minimum and the barrier are.
RUNS, STAGE, WELL_SIGMA = 200, 200, 2.0
SHALLOW, BARRIER = 0.9456492739235914, 0.1010312578810107
SCHEDULES = {  # (learning rate, batch size) in each of the three stages
    "batch size 16": ((0.1, 16), (0.1, 16), (0.1, 16)),
    "batch size 1": ((0.1, 1), (0.1, 1), (0.1, 1)),
    "learning rate cut": ((0.1, 1), (0.025, 1), (0.00625, 1)),
    "batch grown": ((0.1, 1), (0.1, 4), (0.1, 16)),
}
seed = public_seed(course_id, learner_id, "03_sgd_noise")


def line_loss_and_grad(params, X, y):
    """Half the mean squared error of X @ w + c and its gradient; w (D,) and c (1,)."""
    residual = X @ params["w"] + params["c"] - y
    grads = {"w": X.T @ residual / len(X), "c": residual.mean().reshape(1)}
    return float((residual**2).mean() / 2), grads


def own_patients(seed):
    """Your own 400 patients: X (400, 3), their bmi, bp and s5, and y (400,).

    Each column of X, and y, has mean 0 and mean square 1.
    """
    X, y = data.diabetes(standardise=False)
    rows = np.random.default_rng(seed).permutation(len(X))[:400]
    X, y = X[rows][:, [2, 3, 8]], y[rows, None]
    return xp.asarray(data.standardised(X)), xp.asarray(data.standardised(y)[:, 0])


def own_settings(seed):
    """Your own learning rate and sigma for the parabola: two numbers."""
    rng = np.random.default_rng([seed, 1])
    return round(float(rng.uniform(0.03, 0.07)), 4), round(float(rng.uniform(4, 8)), 2)


def own_noise(seed):
    """Your own noise for the parabola: standard normal numbers (4, STEPS), a row each for
    the four SIZES; a NumPy array on any machine."""
    return np.random.default_rng([seed, 2]).normal(size=(len(SIZES), STEPS))


def own_kicks(seed):
    """Your own noise for the well: standard normal numbers (3 * STAGE, RUNS)."""
    return xp.asarray(np.random.default_rng([seed, 3]).normal(size=(3 * STAGE, RUNS)))


def well(x):
    """A loss with two minima: a shallow one at SHALLOW, a deep one left of BARRIER."""
    return (x * x - 1) ** 2 / 4 + 0.1 * x


def well_grad(x):
    """The derivative of `well`."""
    return x * x * x - x + 0.1


# %% [markdown]
# ## 1. One sample, one step
#
# The gradient of the mean loss is the mean of the gradients of single samples. So each of these points the right way
# *on average*, and on its own somewhere else:

# %%
# example three: the gradients of three samples, and that of all three
X3 = xp.asarray([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
y3 = xp.asarray([1.0, 0.5, -2.0])
params3 = {"w": xp.asarray([0.3, -0.2]), "c": xp.asarray([0.0])}
singles = []
for i in range(3):
    _, grads = line_loss_and_grad(params3, X3[i : i + 1], y3[i : i + 1])
    singles.append(figures.host(grads["w"]))
    print(f"sample {i} alone:    ", singles[-1])
_, grads = line_loss_and_grad(params3, X3, y3)
print("mean of the three: ", np.mean(singles, axis=0))
print("all three at once: ", figures.host(grads["w"]))

# %% [markdown]
# Note the slice `X3[i : i + 1]`: a batch of one sample is still a batch, with both axes, (1, 2). `X3[i]` has one axis
# less.
#
# What one does with a gradient is always the same, whether it comes from one sample or from all: a step
#
# $$\theta \leftarrow \theta - \eta\, g .$$


# %%
# function sgd_step: your code below
def sgd_step(params, grads, lr):
    """One step of gradient descent for every parameter: against its gradient, times lr.

    params, grads  dicts of float arrays with the same keys, perhaps in another order;
                   any names and any number of them; grads[name] has the shape and dtype
                   of params[name]. Leave both dicts, and the arrays in them, as they are.
    lr             the learning rate, a Python float. The gradients are ready to use:
                   nothing is left to divide, nor to scale to a certain length.

    Returns a new dict with the same keys; each array has its parameter's shape and dtype.
    """
    ### BEGIN SOLUTION
    return {name: value - lr * grads[name] for name, value in params.items()}
    ### END SOLUTION


# %%
# check sgd_step (0.5 points): run, do not edit
def _point():
    """Parameters, and gradients whose keys come in another order."""
    params = {"w": xp.asarray([2.0, -2.0]), "c": xp.asarray([1.5])}
    return params, {"c": xp.asarray([2.0]), "w": xp.asarray([4.0, -1.0])}


@check("sgd_step")
def by_hand():
    """A step with lr 0.25, by hand: w = (2, -2) becomes (1, -1.75), c = 1.5 becomes 1.

    The gradients are (4, -1) and 2; all arrays are float64, then all are float32.
    """
    want = {"w": xp.asarray([1.0, -1.75]), "c": xp.asarray([1.0])}
    for dtype in ("float64", "float32"):
        given = [{name: a.astype(dtype) for name, a in one.items()} for one in _point()]
        got = sgd_step(*given, 0.25)
        check.close(got, want, what="What comes back as params")
        for name in set(got) & set(want) if isinstance(got, dict) else ():
            check.dtype(got[name], dtype, what=f"A parameter that came in as {dtype}")


@check("sgd_step")
def arguments_left_alone():
    """The params and grads that you are given are afterwards as they were."""
    check.unchanged(sgd_step, *_point(), 0.25)


check.report("sgd_step")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *One step and never more.* An updater wrote its step into the array of old weights
# >   (hibayesian/spark-fm, issue 5, 2020). Old and new weights were then the same array, and training ended
# >   after a single iteration.
# > - *Gradients that change when used.* SGD with weight decay added the penalty into the caller's gradients
# >   (ml-explore/mlx, pull request 4426, 2026). Whoever looked at them afterwards saw other numbers.
#
# A step after each sample, through all of them, makes an **epoch** of stochastic gradient descent (the idea is
# Robbins and Monro's, 1951): SGD in the strict sense, batch size 1. With all samples in one batch the same loop would
# be assignment 02. (Many authors say SGD for everything between as well.) The order is handed to you here. It may be
# shuffled or drawn at random, with some samples twice; making such orders is the subject of assignment 04.


# %%
# function sgd_epoch: your code below
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    """Stochastic gradient descent with batch size 1: one step for each entry of `order`.

    loss_and_grad(params, X_b, y_b) -> (loss, grads): loss a number, grads a dict of
        arrays like params, its keys perhaps in another order. Call it once for each entry
        i of order, with a batch of one sample, row i of X as X_b (1, D) and entry i of y
        as y_b (1,), at the parameters before that sample's step.
    params   dict of float arrays, any names
    X, y     the samples, (N, D) and (N,)
    order    (K,) row numbers, an integer array: take them as they come. Usually each of
             0 ... N - 1 once; but rows may be missing or repeat (each time is a step),
             and K may be less or more than N. K is 1 or more.
    lr       the learning rate, a Python float

    Leave params, X, y and order as they are. Returns (params, losses): a new dict with
    the shapes and dtypes of those in `params`; and K numbers (an array or a list), where
    losses[k] is the loss of sample order[k] just before its step. You may use sgd_step.
    """
    ### BEGIN SOLUTION
    losses = []
    for i in order.tolist():
        loss, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])
        losses.append(float(loss))
        params = sgd_step(params, grads, lr)
    return params, xp.asarray(losses)
    ### END SOLUTION


# %%
# check sgd_epoch (1 point): run, do not edit
def _four():
    """Parameters, four samples, and an order that takes sample 2 first, then sample 0."""
    X = xp.asarray([[2.0, 1.0], [0.0, 4.0], [1.0, 1.0], [3.0, -1.0]])
    params = {"w": xp.asarray([0.5, -1.0]), "c": xp.asarray([0.25])}
    return params, X, xp.asarray([1.0, -2.0, 3.0, 0.5]), xp.asarray([2, 0])


def _both(returned):
    """params and losses, if that is what comes back."""
    pair = isinstance(returned, (tuple, list)) and len(returned) == 2
    check.that("two things come back: params, a dict, and the losses", pair)
    return returned if pair else (None, None)


@check("sgd_epoch")
def two_losses_by_hand():
    """The losses of samples 2 and 0, in this order, with lr 0.25: 5.28125 and 3.125.

    The first step leads to w = (1.3125, -0.1875), c = 1.0625; there the second is taken.
    """
    _, losses = _both(sgd_epoch(line_loss_and_grad, *_four(), lr=0.25))
    check.close(losses, np.array([5.28125, 3.125]), rtol=1e-9, what="losses")


@check("sgd_epoch")
def two_steps_by_hand():
    """After the same two steps w is (0.0625, -0.8125), and c is 0.4375."""
    want = {"w": xp.asarray([0.0625, -0.8125]), "c": xp.asarray([0.4375])}
    params, _ = _both(sgd_epoch(line_loss_and_grad, *_four(), lr=0.25))
    check.close(params, want, rtol=1e-9, what="What comes back as params")


@check("sgd_epoch")
def one_sample_a_call():
    """One call of loss_and_grad, with a batch of one, for each entry of an order.

    It has twelve entries: each of the four samples comes three times.
    """
    seen, rows = [], [2, 0, 3, 1, 1, 0, 2, 3, 3, 2, 0, 1]

    def watched(params, X, y):
        seen.append((np.shape(X), np.shape(y), float(xp.ravel(X)[0])))
        return line_loss_and_grad(params, X, y)

    params, X, y, _ = _four()
    counted = check.count(watched)
    check.unchanged(sgd_epoch, counted, params, X, y, xp.asarray(rows), lr=0.02)
    check.calls(counted, 12, what="With twelve entries, loss_and_grad")
    shapes = sorted({(X_b, y_b) for X_b, y_b, _ in seen})
    fits = shapes == [((1, 2), (1,))]
    check.that(f"each call gets the shapes (1, 2) and (1,); yours: {shapes}", fits)
    in_order = [first for _, _, first in seen] == X[xp.asarray(rows), 0].tolist()
    check.that("the samples come in the order that is given", in_order)


@check.asks("sgd_epoch")
def own_code():
    """The order is 0, 0: one sample, twice. What is its second loss divided by its first?

    The sample is x = (2, 1), y = 1, and lr is 0.25. Think of the curvature of its loss.
    """
    params, X, y, _ = _four()
    twice = sgd_epoch(line_loss_and_grad, params, X, y, xp.asarray([0, 0]), lr=0.25)
    return float(twice[1][1] / twice[1][0])


check.report("sgd_epoch")

# %% [markdown]
# When all pass, the report asks about your own code: a sample comes twice in a row. By what factor does its loss
# change? Work it out first (assignment 02 knows how a step changes an error), then answer with
# `check.answer("sgd_epoch", 0.5)`, your number in the place of 0.5, in a cell of your own; it costs and earns nothing.
#
# If the second loss is wrong though the first is right: each gradient belongs to where the step before it ended.
#
# ## 2. Close soon, and then not closer
#
# Your own 400 patients, three measurements each, and a straight line. Below, the full batch takes one step for each
# look at all patients; SGD takes 400 small ones. The **excess** is the loss of all patients above its minimum. The
# orders are drawn with replacement: each step takes any patient, with equal chances.
#
# **Predict before you run.** SGD with a constant learning rate stops making progress. If the learning rate is halved,
# the excess at which it stops is (a) the same, (b) about half, or (c) about a quarter?


# %%
# example hover: the excess loss by looks at the data, full batch and single samples
X_own, y_own = own_patients(seed)
ones = xp.concatenate([X_own, xp.ones((len(X_own), 1))], axis=1)
best = xp.linalg.solve(ones.T @ ones, ones.T @ y_own)
best = {"w": best[:3], "c": best[3:]}
lowest, _ = line_loss_and_grad(best, X_own, y_own)
zeros = {"w": xp.zeros(3), "c": xp.zeros(1)}


def excess(params):
    """The loss of all patients above its minimum."""
    return line_loss_and_grad(params, X_own, y_own)[0] - lowest


params, gaps = zeros, [excess(zeros)]
for _ in range(4):
    _, grads = line_loss_and_grad(params, X_own, y_own)
    params = sgd_step(params, grads, 0.5)
    gaps.append(excess(params))
stairs = np.repeat(np.arange(5), 2)[1:], np.repeat(gaps, 2)[:-1]
curves = {"full batch,\nlearning rate 0.5": stairs}
rng, floors = np.random.default_rng([seed, 4]), {}
for lr in (0.04, 0.02, 0.01):
    params, gaps = zeros, [excess(zeros)]
    for _ in range(1000):  # a hundred epochs, in pieces of 40 patients
        order = xp.asarray(rng.integers(400, size=40))
        params, _ = sgd_epoch(line_loss_and_grad, params, X_own, y_own, order, lr)
        gaps.append(excess(params))
    floors[lr] = float(np.mean(gaps[100:]))
    print(f"learning rate {lr}: mean excess after the first ten epochs {floors[lr]:.4f}")
    curves[f"one at a time,\nlearning rate {lr}"] = (np.arange(41) / 10, gaps[:41])
figures.lines(
    curves,
    xlabel="epochs (looks at all 400 patients)",
    ylabel="excess loss",
    title="A straight line for your own patients: the first four epochs",
    log="y",
    ylim=(1e-4, 1),
    alt="Excess loss against epochs on a logarithmic axis. SGD comes down within the"
    " first epoch, soonest with the largest learning rate, and then hovers, jumping up"
    " and down. The full batch takes its first step after one epoch; it goes on down a"
    " flight of stairs, while the others hover.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (b), as near as jumping numbers let one say. With the larger learning rates SGD is about where it will stay before
# the full batch has taken its *first* step. (With 400 patients little is gained: the first full step lands lower
# still, and 400 small ones take the computer longer. With a hundred times as many patients SGD would need no more
# steps, and a full step would cost a hundred times as much.) But then it stays there, while the full batch goes on
# without limit. One often hears that noise *prevents convergence*. At a constant learning rate that is half true:
# nothing diverges, the loss comes down to a **floor** and jumps about above the minimum. The smaller the learning rate,
# the lower the floor and the slower the way down. The next sections turn "about half" into a formula.
#
# </details>
#
# ## 3. A gradient with noise
#
# To predict, take the simplest loss there is, $L(\theta) = (\theta-3)^2$, and put the noise in by hand. The gradient
# is $2(\theta-3)$; what a step sees is that plus a random number of mean 0. How large a number, for a batch of $m$?
# The mean of $m$ independent numbers of standard deviation $\sigma$ has the standard deviation $\sigma/\sqrt m$:

# %%
# example roots: how much means of m numbers scatter, for numbers of deviation 6
rng = np.random.default_rng(5)
for m in (1, 4, 9, 36):
    means = rng.normal(0, 6, size=(20000, m)).mean(axis=1)
    told = f"6/sqrt(m) = {6 / m**0.5:.3f}, and 6/m would be {6 / m:.3f}"
    print(f"m = {m:2d}: deviation of the mean {means.std():.3f}; {told}")

# %% [markdown]
# Four times the batch for half the noise: that is the price of precision, and this course will meet it again and
# again.


# %%
# function noisy_grad: your code below
def noisy_grad(theta, m, sigma, rng, z=None):
    """The gradient of (theta - 3)**2 as a batch of m samples shows it: with noise.

    theta  where, a number
    m      the batch size: a whole number, 1 or more, or float("inf"), where there is no
           noise at all
    sigma  the standard deviation of the noise of a single sample, 0 or more; a batch of m
           has the noise of a mean of m independent samples, normally distributed
    rng    a NumPy Generator, the only source of randomness: where z is None the noise is
           drawn from it, and it moves on, so that the next call draws other noise
    z      a number, which may be 0, or None. If it is given, the noise is z times its
           standard deviation; rng is then left alone, and may be None.

    Returns the gradient, one number.
    """
    ### BEGIN SOLUTION
    if z is None:
        z = rng.normal()
    return 2 * (theta - 3) + sigma / m**0.5 * z
    ### END SOLUTION


# %%
# check noisy_grad (0.5 points): run, do not edit
@check("noisy_grad")
def without_noise():
    """With m = infinity, or z = 0, it is the true gradient: 4 at theta = 5."""
    got = noisy_grad(5.0, float("inf"), 3.0, np.random.default_rng(0), z=1.7)
    check.close(got, 4.0, what="The gradient at 5, with m infinite,")
    got = noisy_grad(5.0, 2, 3.0, np.random.default_rng(0), z=0)
    check.close(got, 4.0, what="The gradient at 5, with z = 0,")


@check("noisy_grad")
def quarter_at_sixteen():
    """At theta = 3.5, sigma = 2, z = 1.5: 1 + 3 for m = 1, and 1 + 0.75 for m = 16.

    The noise of 16 is a quarter of that of one.
    """
    check.close(noisy_grad(3.5, 1, 2.0, None, z=1.5), 4.0, what="With m = 1 it")
    check.close(noisy_grad(3.5, 16, 2.0, None, z=1.5), 1.75, what="With m = 16 it")


@check("noisy_grad")
def drawn_from_rng():
    """Without z the generator decides: one seed, one noise; another seed, another.

    With sigma = 6 and m = 4 the noise of 100 seeds scatters by about 3.
    """
    rngs = [np.random.default_rng(number) for number in (6, 6, 7)]
    one, same, other = (float(noisy_grad(3.0, 4, 2.0, rng)) for rng in rngs)
    check.that("two generators of one seed give the same gradient", one == same)
    check.that("generators of two seeds give different gradients", one != other)
    rngs = [np.random.default_rng([8, k]) for k in range(100)]
    scatter = np.std([float(noisy_grad(3.0, 4, 6.0, rng)) for rng in rngs])
    yours = f"yours by {scatter:.3f}"
    check.that(f"the noise scatters by at least 2; {yours}", scatter > 2)
    check.that(f"the noise scatters by at most 4.2; {yours}", scatter < 4.2)


check.report("noisy_grad")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *The same noise over and over.* The worker processes of a PyTorch loader all began with one state of `np.random`
# >   (pytorch/pytorch, issue 5059, 2018). Batches made by different workers held the same random numbers, and
# >   nothing crashed.
# > - *A variance for a deviation.* A sampler of the library Edward added noise of standard deviation $\eta$ where the
# >   *variance* should be $\eta$ (blei-lab/edward, issue 722, 2017). Mixing up these two is also what turns
# >   $\sigma/\sqrt m$ into $\sigma/m$.
#
# Now a demonstration that many lessons show: learning rate 0.1, noise $4/\sqrt m$, 30 steps from 0, one run for
# each batch size. **Predict before you run.** Which batch size ends nearest to the minimum: (a) 8, (b) 32, or
# (c) 128?


# %%
# example demo: one run for each batch size, then a thousand of each
def descend(m, draws, lr=0.1, sigma=4.0):
    """Where the steps with these draws lead from 0."""
    theta = 0.0
    for z in draws:
        theta = theta - lr * noisy_grad(theta, m, sigma, None, float(z))
    return theta


stream = np.random.RandomState(42)  # NumPy's older generator, as in those lessons
rng = np.random.default_rng(7)
for m in SIZES:
    end = descend(m, stream.normal(size=30))
    many = [(descend(m, rng.normal(size=30)) - 3) ** 2 for _ in range(1000)]
    told = f"one run ends at {end:.4f}, loss {(end - 3) ** 2:.5f}"
    print(f"m = {m:3d}: {told}; mean loss of 1,000 runs {np.mean(many):.5f}")

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# In the single run 32 ends *nearer* than 128, and whoever stops there learns something false. The
# mean of a thousand runs puts them in order: with eight times the batch about an eighth of the loss, with four times
# the batch about a quarter. **One run is not evidence.** (Besides, the four single runs share one stream of random
# numbers, so that adding a batch size would change the runs that come after it.)
#
# </details>
#
# ## 4. What to expect
#
# For a parabola of curvature $h$ the thousand runs can be replaced by algebra. Let $e = \theta - \theta^*$ be the
# error, so that the loss is $\frac h2 e^2$ and the gradient $he$. A step with noise $\varepsilon$ of variance $c/m$,
# $c=\sigma^2$, makes of it
#
# $$e_{t+1} = (1-\eta h)\, e_t - \eta\,\varepsilon .$$
#
# Square it and take the mean, $V_t = \mathbb E\, e_t^2$. The mixed term vanishes, because the noise has mean 0 and
# knows nothing of $e_t$:
#
# $$V_{t+1} = (1-\eta h)^2\, V_t + \eta^2\, \frac cm .$$
#
# One part shrinks at each step, and a constant is added. With the factor 1/4 and the constant 1:

# %%
# example recursion: a quarter remains, and 1 is added
V = 16.0
for t in range(6):
    print(f"step {t}: V = {V:.6f}, above 4/3 by {V - 4 / 3:.6f}")
    V = V / 4 + 1

# %% [markdown]
# The last column shrinks by exactly 1/4 each time. So it is in general: subtract the value $V_\infty$ at which the
# recursion stands still, and what remains is a geometric sequence,
#
# $$V_t - V_\infty = (1-\eta h)^{2t}\,(V_0 - V_\infty).$$
#
# The exponent is $2t$ because the error is squared. This model, a parabola with noise of one size everywhere, is
# known as the *noisy quadratic* (Zhang et al. 2019 use it to explain which methods gain from large batches).


# %%
# function expected_loss: your code below
def expected_loss(t, m, lr, h, sigma, theta0_err):
    """The expected loss after t steps of SGD on a parabola of curvature h, with noise.

    The loss is h / 2 * e**2, with e the distance to the minimum.

    t           (T,) an integer array of step numbers, 0 or more, in any order; they need
                not begin at 0, and may repeat. Leave it as it is.
    m           the batch size, 1 or more, or float("inf"): no noise
    lr, h       learning rate and curvature, 0 < lr * h < 2 (it may be more than 1)
    sigma       standard deviation of the gradient's noise for a single sample
    theta0_err  e at the start, where it is certain; it may be negative

    Returns a float array (T,): entry k is the expected loss after t[k] steps.
    """
    ### BEGIN SOLUTION
    shrink = (1 - lr * h) ** 2
    floor = lr**2 * sigma**2 / m / (1 - shrink)
    return h / 2 * (floor + (theta0_err**2 - floor) * shrink ** (t * 1.0))
    ### END SOLUTION


# %%
# check expected_loss (1 point): run, do not edit
@check("expected_loss")
def three_losses_by_hand():
    """By hand, with lr 0.5, h 3, sigma 4, m 4, from -3: 13.5, 4.875 and 2.71875."""
    got = expected_loss(xp.arange(3), 4, 0.5, 3.0, 4.0, -3.0)
    want = np.array([13.5, 4.875, 2.71875])
    check.close(got, want, rtol=1e-9, what="The loss at t = 0, 1, 2")


@check("expected_loss")
def the_demonstration():
    """The demonstration at step 30: 0.444458 for m = 1, 0.00348601 for m = 128."""
    for m, want in ((1, 0.444458), (128, 0.00348601)):
        got = expected_loss(xp.asarray([30]), m, 0.1, 2.0, 4.0, 3.0)
        check.close(got, np.array([want]), rtol=2e-6, what=f"The loss with m = {m}")


@check("expected_loss")
def gradient_descent_at_infinity():
    """With m = infinity it is gradient descent: each step multiplies the loss by 0.64."""
    t = xp.asarray([5, 1])
    got = expected_loss(t, float("inf"), 0.1, 2.0, 4.0, 3.0)
    want = 9 * np.array([0.64**5, 0.64])
    check.close(got, want, rtol=1e-9, what="The loss at t = 5, 1")


check.report("expected_loss")

# %% [markdown]
# Hold it against the thousand runs above: 0.444, 0.0556, 0.0139 and 0.00349 are what they should come near.
#
# ## 5. The floor
#
# After long enough only the floor is left: the expected loss at which the recursion stands still. In the example above
# that was where $V = V/4 + 1$, at $V = 4/3$; the floor is $\frac h2$ times such a $V$. Do the same with letters, and
# shorten the fraction: then one sees at a glance what the floor depends on, and that it does not matter where the run
# began.


# %%
# function steady_state: your code below
def steady_state(lr, h, c, m):
    """The floor on the parabola: what the expected loss h / 2 * e**2 tends to, exactly.

    lr, h  learning rate and curvature, 0 < lr * h < 2 (it may be more than 1)
    c      the variance of the gradient's noise for a single sample, sigma ** 2
    m      the batch size, 1 or more, or float("inf"), where the floor is 0

    Returns one number.
    """
    ### BEGIN SOLUTION
    return lr * c / (2 * m * (2 - lr * h))
    ### END SOLUTION


# %%
# check steady_state (0.5 points): run, do not edit
@check("steady_state")
def two_floors():
    """With lr 0.5, h 3, c 16 and m 4 the floor is 2; with half the lr it is 0.4."""
    check.close(steady_state(0.5, 3.0, 16.0, 4), 2.0, what="The floor with lr 0.5")
    check.close(steady_state(0.25, 3.0, 16.0, 4), 0.4, what="The floor with lr 0.25")


check.report("steady_state")

# %% [markdown]
# For small $\eta h$ the floor is about $\eta c/(4m)$: **halve the learning rate or double the batch**, and you gain a
# factor of two either way. At $\eta = 2/h$, the cliff of assignment 02, it goes to infinity.
#
# Does that hold for real data, where the noise comes from patients? The loss of the straight line has four parameters.
# Turn the axes, and it is a sum of four parabolas (assignment 02): each has a direction, an eigenvector of the matrix
# $H$ of second derivatives, and a curvature $h_i$, its eigenvalue. Along each direction the gradients of single
# patients scatter with a variance $c_i$: the cell turns the gradients (`@ directions`) and takes the variance over the
# patients (`.var(axis=0)`). So add up your `steady_state` over the four:

# %%
# example patients: the floors that the formula predicts, and those of section 2
H = ones.T @ ones / len(ones)
curvatures, directions = xp.linalg.eigh(H)
residual = X_own @ best["w"] + best["c"] - y_own
c = ((ones * residual[:, None]) @ directions).var(axis=0)
for lr, seen in floors.items():
    pairs = zip(curvatures, c, strict=True)
    parts = [steady_state(lr, float(h), float(each), 1) for h, each in pairs]
    print(f"learning rate {lr}: predicted {sum(parts):.4f}, seen {seen:.4f}")

# %% [markdown]
# Close, from a formula for one parabola. The rest is partly chance, and partly the one thing that the model leaves out:
# patients' noise grows with the distance from the minimum, and the model's is the same everywhere. That shows most with
# the largest learning rate, where more is seen than predicted.
#
# ## 6. When noise is useful
#
# A parabola has one minimum. Here is a loss with two, `well` in the setup cell: a shallow one at 0.946 and a
# deeper one at -1.047, with a barrier between them. All 200 runs start in the shallow one and take 600 steps, by one
# of four schedules:
#
# - *batch size 16* all the way;
# - *batch size 1* all the way;
# - *learning rate cut*: batch size 1, the learning rate divided by 4 after 200 steps and again after 400;
# - *batch grown*: from 1 to 4 to 16 at the same places, with the learning rate left alone.
#
# The last two cool the runs down as a smith cools metal: first much noise, so that they can get out of anywhere, then
# less and less, so that they settle. That is **annealing**. Both divide the noise scale, learning rate over batch size,
# by 4 each time.
#
# **Predict before you run.** "Frequent updates escape local minima" is often said of small batches. All four schedules
# make the same 600 updates. Which of them leave the shallow minimum: (a) all, (b) those that begin with batch size 1,
# or (c) the last two only? And which ends with the *lowest* mean loss?


# %%
# experiment: your code below
def experiment(seed):
    """Four batch sizes on the parabola, and four schedules in the double well.

    The parabola: lr, sigma = own_settings(seed). For each of SIZES, in that order, start
    at theta = 0 and take STEPS steps theta <- theta - lr * noisy_grad(...), the step t
    (counted from 0) of the k-th size with z = own_noise(seed)[k, t].

    The well: for each of SCHEDULES, in that order, RUNS runs start at SHALLOW. The step t
    (counted from 0) is x <- x - lr * (well_grad(x) + WELL_SIGMA / sqrt(m) * z), with z =
    own_kicks(seed)[t], a number for each run, and with (lr, m) those of the schedule's
    stage: stage 0 for the first STAGE steps, then stage 1, then stage 2.

    Returns a dict of float arrays:
    theta (4, STEPS + 1)      the parabola's paths by batch size, the start included
    loss (4, STEPS + 1)       (theta - 3) ** 2 along them
    expected (4, STEPS + 1)   the expected loss after 0 ... STEPS steps
    floor (4,)                the floor of each batch size
    deep (4, 3 * STAGE + 1)   by schedule, after 0 ... 3 * STAGE steps: the share of the
                              runs that are then left of BARRIER, a number from 0 to 1
    height (4, 3 * STAGE + 1) at the same steps, the mean of well(x) over the runs
    You may use noisy_grad, expected_loss and steady_state.
    """
    ### BEGIN SOLUTION
    lr, sigma = own_settings(seed)
    theta = []
    for m, draws in zip(SIZES, own_noise(seed).tolist(), strict=True):
        path = [0.0]
        for z in draws:
            path.append(path[-1] - lr * noisy_grad(path[-1], m, sigma, None, z))
        theta.append(path)
    theta, t = xp.asarray(theta), xp.arange(STEPS + 1)
    kicks, deep, height = own_kicks(seed), [], []
    for stages in SCHEDULES.values():
        places = [xp.full(RUNS, SHALLOW)]
        for step in range(3 * STAGE):
            rate, m = stages[step // STAGE]
            x = places[-1]
            places.append(x - rate * (well_grad(x) + WELL_SIGMA / m**0.5 * kicks[step]))
        places = xp.stack(places)
        deep.append((places < BARRIER).mean(axis=1))
        height.append(well(places).mean(axis=1))
    return {
        "theta": theta,
        "loss": (theta - 3) ** 2,
        "expected": xp.stack([expected_loss(t, m, lr, 2.0, sigma, -3.0) for m in SIZES]),
        "floor": xp.asarray([steady_state(lr, 2.0, sigma**2, m) for m in SIZES]),
        "deep": xp.stack(deep),
        "height": xp.stack(height),
    }
    ### END SOLUTION


# %%
# check experiment (1 point): run, do not edit
def _found():
    return {name: figures.host(value) for name, value in experiment(seed).items()}


@check("experiment")
def complete():
    """The six entries are there, with the shapes that are asked for."""
    found = _found()
    shapes = {name: (4, STEPS + 1) for name in ("theta", "loss", "expected")}
    shapes.update(floor=(4,), deep=(4, 3 * STAGE + 1), height=(4, 3 * STAGE + 1))
    check.equal(sorted(found), sorted(shapes), what="The list of keys")
    for name in shapes:
        if name in found:
            want, got = shapes[name], found[name].shape
            check.that(f"{name} has shape {want} (yours: {got})", got == want)


@check("experiment")
def parabola():
    """Paths begin at 0, with loss 9; expected begins at 9 and comes down to the floor."""
    found = _found()
    lr, sigma = own_settings(seed)
    first = 6 * lr - lr * sigma * own_noise(seed)[:, 0] / np.sqrt(SIZES)
    check.close(found["theta"][:, 0], np.zeros(4), what="theta[:, 0]")
    check.close(found["theta"][:, 1], first, rtol=1e-6, what="theta[:, 1], by hand,")
    check.close(found["loss"][:, 0], np.full(4, 9.0), what="loss[:, 0]")
    start = found["expected"][:, 0]
    check.close(start, np.full(4, 9.0), rtol=1e-6, what="expected[:, 0]")
    ratio = found["floor"] / found["floor"][0] * SIZES
    check.close(ratio, np.ones(4), rtol=1e-6, what="floor times m, by that of m = 1,")
    over = found["expected"][:, -1] / found["floor"]
    told = "at the last step expected[0] is at the floor, within a tenth"
    check.that(f"{told}; it is {over[0]:.4f} times that", abs(over[0] - 1) < 0.1)


@check("experiment")
def double_well():
    """All start in the shallow minimum; batch size 16 stays, batch size 1 does not."""
    found = _found()
    deep, height = found["deep"], found["height"]
    check.close(deep[:, 0], np.zeros(4), what="deep[:, 0]")
    start = np.full(4, well(SHALLOW))
    check.close(height[:, 0], start, rtol=1e-6, what="height[:, 0]")
    kick = 0.1 * WELL_SIGMA * figures.host(own_kicks(seed))[0]  # the slope is 0 there
    first = [well(SHALLOW - kick / 4).mean(), *[well(SHALLOW - kick).mean()] * 3]
    check.close(height[:, 1], np.array(first), rtol=1e-6, what="height[:, 1], by hand,")
    check.that("deep holds shares from 0 to 1", (deep >= 0).all() and (deep <= 1).all())
    counts = deep * RUNS
    whole = abs(counts - np.round(counts)).max() < 1e-6
    check.that("each share is a number of runs divided by RUNS", whole)
    stays = deep[0].max() <= 0.02
    check.that("at most one run in fifty leaves with batch size 16", stays)
    check.that("half of the runs leave with batch size 1", deep[1, -1] > 0.5)
    early, late = height[1:, : STAGE + 1], height[1:, STAGE + 1]
    same = np.allclose(early, early[0], rtol=1e-6)
    check.that("in the first stage the last three schedules are the same", same)
    differ = min(abs(np.diff(late))) > 1e-9 and abs(late[2] - late[0]) > 1e-9
    check.that("one step after the first cut no two of them are the same", differ)


check.report("experiment")

# %%
# draw experiment: four batch sizes on the parabola
found = {name: figures.host(value) for name, value in experiment(seed).items()}
t, ground = np.arange(STEPS + 1), np.linspace(-0.3, 5.5, 200)
sizes = [f"batch size {m}" for m in SIZES]
raised = [6.0 * k for k in range(4)]  # a parabola for each, one above the other
left = figures.Panel(
    {sizes[k]: (found["theta"][k], found["loss"][k] + raised[k]) for k in range(4)},
    theory=[(ground, (ground - 3) ** 2 + high) for high in raised],
    xlabel="theta",
    ylabel="loss, each batch size raised by 6",
    title="The paths",
    marks=True,
)
right = figures.Panel(
    {sizes[k]: (t, found["loss"][k]) for k in range(4)},
    theory=[(t, found["expected"][k]) for k in range(4)],
    dashed=[(t, np.full(STEPS + 1, found["floor"][k])) for k in range(4)],
    xlabel="step",
    ylabel="loss",
    title="The loss by step",
    log="y",
    ylim=(1e-5, 30),
)
figures.beside(
    [left, right],
    title="One run for each batch size, with your own learning rate and noise",
    theory_label="the parabola; the expected loss",
    dashed_label="the floors",
    alt="Two panels. Left, four grey parabolas, one above the other, each with the path"
    " of one batch size as dots. All come down from the left; the dots of batch size 1"
    " are the most irregular, those of 128 crowd towards the bottom. Right, loss against"
    " step on a logarithmic axis: four jagged curves follow smooth grey ones, which level"
    " off at dashed lines, the floors, lowest for batch size 128.",
)

# %%
# draw well: four schedules in the double well
steps, names = np.arange(3 * STAGE + 1), list(SCHEDULES)
share = {name: (steps, found["deep"][k]) for k, name in enumerate(names)}
loss = {name: (steps, found["height"][k]) for k, name in enumerate(names)}
cuts = [(np.full(2, STAGE * k), np.array([-2.0, 2.0])) for k in (1, 2)]
bottom = float(well(np.linspace(-1.2, -0.9, 1000)).min())
level = [(steps, np.full(3 * STAGE + 1, bottom))]
left = figures.Panel(
    share,
    dashed=cuts,
    xlabel="step",
    ylabel="share of the runs",
    title="In the deep well",
    ylim=(-0.02, 1),
)
right = figures.Panel(
    loss,
    theory=level,
    dashed=cuts,
    xlabel="step",
    ylabel="mean loss",
    title="The loss of the runs",
    ylim=(-0.12, 0.24),
)
figures.beside(
    [left, right],
    title="200 runs from the shallow minimum of a double well",
    theory_label="the lowest loss",
    dashed_label="where the noise is cut",
    alt="Two panels against the step; dashed lines show where the noise is cut. Left, the"
    " share of runs in the deep well: 0 for batch size 16; the other three rise together"
    " and level off at about two thirds. Right, the mean loss: constant for batch size"
    " 16; with batch size 1 it stays high, a little below the start; with the other two"
    " it falls in two steps, where the noise is cut, far below the rest.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# On the parabola: the grey curves, from batch size 1 at the top to 128 at the bottom, come down alike at first, for the
# way down belongs to $\eta h$ and not to $m$; then each levels off at its floor. The coloured curves are single runs,
# which stray from them from the first steps on, so do not rank them by where they end.
#
# In the well:
#
# - *It is the noise that escapes, not the number of updates.* Batch size 16 makes as many updates and stays where it
#   is. What counts is how high the noise throws a run compared with the barrier: with another barrier batch size 16
#   would get out, and batch size 1 perhaps not. For losses of many dimensions there are theorems of this kind, under
#   conditions (Ge et al. 2015 on saddle points; Kleinberg, Li and Yuan 2018 on shallow minima).
# - *Constant noise finds the deep well and gets little out of it.* Most runs are on the right side, and their mean loss
#   is hardly better than at the start: each is thrown about far above the bottom. Some fall back.
# - *Cooling keeps the gain and drops the cost.* Both ways end much lower, for they lower the noise alike (Smith et al.
#   2018; assignment 09 compares them closely). Growing the batch ends a little lower still: its steps stay long, so
#   that while the noise fades a few more runs get across. But runs that were in the shallow well when it became cold
#   stay there: annealing is a chance, not a promise.
#
# </details>
#
# ## 7. Your own floor
#
# Type five numbers for **your own** learning rate and sigma, `own_settings(seed)`:
#
# - `expected_1`, `expected_8`, `expected_32`, `expected_128`: the expected loss on the parabola after **30** steps,
#   for these batch sizes, to four digits or more;
# - `batch_needed`: the smallest whole batch size whose floor is at most 0.01.
#
# The first four may be off by half a per cent, the last one not at all. (For the demonstration of section 3 they are
# 0.444458, 0.0555693, 0.0139027, 0.00348601, and 45.) At grading the next cell is read and not run: type plain
# numbers. A name or a call, such as `float(...)`, may pass here, and counts as nothing at grading.


# %%
# question expected: type the five numbers
### BEGIN SOLUTION
(_lr, _sigma), _at_30 = own_settings(seed), experiment(seed)["expected"][:, 30].tolist()
expected_1 = round(_at_30[0], 7)
expected_8 = round(_at_30[1], 7)
expected_32 = round(_at_30[2], 7)
expected_128 = round(_at_30[3], 7)
batch_needed = int(np.ceil(steady_state(_lr, CURVATURE, _sigma**2, 1) / 0.01))
### END SOLUTION

# %%
# check expected (0.5 points): run, do not edit
_typed = [expected_1, expected_8, expected_32, expected_128]


@check("expected")
def numbers_in_order():
    """The first four are plain numbers greater than 0, smaller for larger batches."""
    numbers = all(type(value) in (int, float) and value > 0 for value in _typed)
    check.that("all four are plain numbers greater than 0", numbers)
    ordered = numbers and _typed == sorted(_typed, reverse=True)
    check.that("they become smaller from batch size 1 to 128", ordered)
    demo = ordered and np.allclose(_typed[2:], [0.0139027, 0.00348601], rtol=0.005)
    check.that("they are your own, not those of the demonstration in section 3", not demo)


@check("expected")
def a_batch_size():
    """batch_needed is a whole number: a batch cannot hold part of a sample."""
    whole = type(batch_needed) is int and batch_needed > 0
    check.that("batch_needed is a whole number greater than 0", whole)


check.report("expected")

# %% [markdown]
# ## What you have now
#
# - SGD: a step for each sample, right on average, wrong each time.
# - The noise of a batch of $m$ is $\sigma/\sqrt m$; the expected loss falls like $(1-\eta h)^{2t}$ to a floor of
#   $\dfrac{\eta c}{2m(2-\eta h)}$.
# - Noise at a constant learning rate means a floor, not divergence; one run is not evidence of anything.
# - Noise can leave a shallow minimum. Lower it afterwards, by the learning rate or by the batch, and the gain stays.
#
# Which sample comes when was left to chance here. Next: whoever deals the samples well does much better than that
# (assignment 04).
#
# ## References
#
# - R. Ge, F. Huang, C. Jin and Y. Yuan, "Escaping from saddle points: online stochastic gradient for tensor
#   decomposition", COLT 2015.
# - R. Kleinberg, Y. Li and Y. Yuan, "An alternative view: when does SGD escape local minima?", ICML 2018.
# - H. Robbins and S. Monro, "A stochastic approximation method", *The Annals of Mathematical Statistics* 22(3) (1951)
#   400-407.
# - S. L. Smith, P.-J. Kindermans, C. Ying and Q. V. Le, "Don't decay the learning rate, increase the batch size",
#   ICLR 2018.
# - G. Zhang, L. Li, Z. Nado, J. Martens, S. Sachdeva, G. E. Dahl, C. J. Shallue and R. Grosse, "Which algorithmic
#   choices matter at which batch sizes? Insights from a noisy quadratic model", *Advances in Neural Information
#   Processing Systems* 32 (2019).
