# /// contract
# slug = "05_gradient_variance"
# title = "How wrong is a mini-batch?"
# hours = 2.75
# prerequisites = ["02_full_batch_gd", "04_minibatch_loader", "the variance of a mean", "reading a log-log plot"]
# data = ["digits"]
# needs = []
#
# [points]
# minibatch_grad = 0.8
# per_sample_grads = 3.2
# grad_variance = 4
# mc_variance = 2.4
# b_simple = 2.4
# noise_moments = 3.2
# experiment = 2.5
# numbers = 1.5
#
# [uses]
# mc_variance = ["minibatch_grad"]
# experiment = ["minibatch_grad", "per_sample_grads", "grad_variance", "mc_variance", "b_simple", "noise_moments"]
#
# [claims]
# 2 = "function minibatch_grad, example every_batch"
# 3 = "functions grad_variance and mc_variance, question numbers"
# 4 = "experiment (log-log figure) and question numbers"
# 6 = "experiment: the gradient of training sets against that of the population"
# 10 = "example every_batch"
# 76 = "functions b_simple and noise_moments, experiment along the path of training, question numbers"
#
# [hints]
# minibatch_grad = [
#   "Which rows of G belong to the batch, and what becomes of a row that comes twice?",
#   "An array of row numbers, used as an index, takes these rows. Their mean, column by column, is the gradient.",
#   "With the rows (1, 2), (3, 8) and (5, 5), and idx 2, 0, 0: (5 + 1 + 1) / 3 and (5 + 2 + 2) / 3.",
# ]
# per_sample_grads = [
#   "What does loss_and_grad give for a batch of one sample?",
#   "One call for each sample, with both axes kept; then lay the four gradients end to end, in the order of NAMES.",
#   "With D = 2, one hidden unit and three classes a row has 2 + 1 + 3 + 3 = 9 numbers; W2 fills places 3 to 5.",
# ]
# grad_variance = [
#   "Do it for one column first: the variance of one row's number, then of a mean of m such numbers.",
#   "Sum the columns' variances, divide by m, and without replacement multiply by the factor of the text.",
#   "Rows 1, 2, 6 have the variance 14/3. For m = 2 that gives 7/3, and without replacement half of it, 7/6.",
# ]
# mc_variance = [
#   "What is drawn anew in each repetition, and from what is the distance measured?",
#   "Draw row numbers, take the batch's gradient, subtract the mean of all rows, square, sum over columns; average.",
#   "If two batches end at squared distances 3 and 5 from the mean of all rows, the answer is 4.",
# ]
# b_simple = [
#   "Noise over signal: which number is which?",
#   "The summed variance of single rows, over the squared length of their mean.",
#   "Rows (1, 0) and (3, 4): the mean is (2, 2), of squared length 8; the variances are 1 and 4. B is 5/8.",
# ]
# noise_moments = [
#   "Write down the two equations of the text with your four numbers, and solve them for |G|^2 and S.",
#   "First the mean of each array. Subtract the equations for S; weigh them by the batch sizes for |G|^2.",
#   "If the means are 10 at m = 1 and 4 at m = 4: S = 6 / (3/4) = 8, and |G|^2 = (4 * 4 - 10) / 3 = 2.",
# ]
# experiment = [
#   "Do the six entries one after the other, and print each; none needs another one.",
#   "law, measured, noise_scale: a loop around one function. two_batch: the squared lengths of 2 times 100 batches.",
#   "training_error: if three training sets end at the distances 1, 2 and 2, the root of the mean square is sqrt(3).",
# ]
# numbers = [
#   "For halving_batch: where is the factor for drawing without replacement one half?",
#   "For enough: try m = 1, 2, 3, ... and compare `grad_variance` without replacement with the squared mean.",
#   "With 9 rows the factor is one half at m = 5. A noise scale of 20 that becomes 50 has the growth 2.5.",
# ]
# ///
# ruff: noqa: B018, E402 - a notebook imports in its setup cell, and shows what a cell ends in

# %% [markdown]
# # How wrong is a mini-batch?
#
# A mini-batch guesses the gradient of all the data from a handful of samples. How good is the guess, and how much
# better does it get if you pay for more samples? There is a law for that, exact to the last digit. You will not have to
# believe it: for six samples one can try *every* batch there is.
#
# Then you turn the law into a number that says which batch size is worth its price, the **gradient noise scale**, and
# watch it change while a network learns. At the end the full training set turns out to be only a bigger batch. Plan
# for two and three quarter hours.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `minibatch_grad` | 0.2 | 0.6 | the gradient that a batch sees |
# | `per_sample_grads` | 0.6 | 2.6 | one gradient for each sample |
# | `grad_variance` | 0.8 | 3.2 | the law: how far off a batch is, on average |
# | `mc_variance` | 0.5 | 1.9 | the same by trying |
# | `b_simple` | 0.5 | 1.9 | noise over signal, from single gradients |
# | `noise_moments` | 0.6 | 2.6 | the same from batches of two sizes |
# | `experiment` | 0.5 | 2 | the law, the noise scale in training, the population |
# | `numbers` | 0.3 | 1.2 | four numbers of your own |
#
# ### How to start and finish
#
# As in assignment 02. Type your `learner_id` in the first code cell, exactly as it stands on your instructor's roster:
# your data follow from it. The first *Run All* stops at `NotImplementedError: minibatch_grad is yours to write`. Keep
# the first comment line of each cell; cells of your own are welcome anywhere. Save before you check
# (`course check 05` in a terminal, in this notebook's folder) or submit.
#
# ### How this is graded
#
# The *visible* checks stand in this notebook and are a fifth of the points. The *hidden* checks run at grading, with
# other data, and every check is credited on its own. Variances are checked by going through every batch there is;
# where you draw at random, **no check expects a certain draw**, and averages get a wide margin.
#
# Numbers are compared with a relative tolerance of 1e-10, in float32 2e-5, in the experiment 1e-6; of what you type,
# `slope` may be off by 0.06, `growth` by half a per cent, and the two batch sizes not at all. Loops, `einsum`, NumPy's
# own numbers, lists (of the dtype that is asked for): all are welcome. Nothing is graded by speed, but a check stops a
# call that has not finished after five seconds.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
from itertools import combinations, product

import numpy as np

from autograd_mini import linear, relu, softmax_cross_entropy
from autograd_mini import loss_and_grad as engine_loss_and_grad
from course.learn import check, data, figures, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if not learner_id:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The numbers that you type in section 7 are graded for your id on the roster.")

NAMES = ("W1", "b1", "W2", "b2")  # the order in which parameters are laid end to end
FOUR = xp.asarray([[1.0, 2.0], [-3.0, 0.5], [2.0, 4.0], [4.0, -0.5]])  # rows to try with
SIX = xp.asarray(np.random.default_rng(5).normal(1.0, 2.0, size=(6, 4)))
seed = public_seed(course_id, learner_id, "05_gradient_variance")


def bias_and_variance(estimates, truth):
    """How far the mean estimate is from the truth, and the mean squared error."""
    off = xp.stack(list(estimates)) - truth
    return float((off.mean(axis=0) ** 2).sum()) ** 0.5, float((off**2).sum(axis=1).mean())


def mean_loss(params, X, y):
    """The mean cross-entropy of a network with one hidden layer of ReLUs, as a Tensor.

    params: W1 (D, H), b1 (H,), W2 (H, C), b2 (C,); X (N, D), y (N,) labels 0 ... C - 1.
    """
    hidden = relu(linear(X, params["W1"], params["b1"]))
    return softmax_cross_entropy(linear(hidden, params["W2"], params["b2"]), y)


def loss_and_grad(params, X, y):
    """The mean loss over the samples, and its gradient: a dict of arrays like params."""
    return engine_loss_and_grad(mean_loss, params, X, y)


# %% [markdown]
# ## 1. A row for each sample
#
# Give each sample a row, and in it the gradient of *its* loss: that is the array $G$, of shape (N, P), with one column
# for each parameter. All that this assignment asks about batches can be asked of $G$. The gradient of the mean loss is
# the mean of the rows, and that of a batch is the mean of the batch's rows:

# %%
# example rows: four gradients of two parameters, and a batch in which one comes twice
print("all four rows:", (FOUR[0] + FOUR[1] + FOUR[2] + FOUR[3]) / 4)
print("rows 3, 1, 1: ", (FOUR[3] + FOUR[1] + FOUR[1]) / 3)


# %%
# function minibatch_grad: your code below
def minibatch_grad(G, idx):
    """The gradient that a batch sees: the mean of its rows of G.

    G    (N, P) float array, a gradient in each row; leave it as it is
    idx  (m,) row numbers 0 ... N - 1, an integer array: the batch. m is 1 or more, and
         may be more than N; a row that comes k times counts k times.

    Returns a float array (P,), of G's dtype.
    """
    ### BEGIN SOLUTION
    return G[idx].mean(axis=0)
    ### END SOLUTION


# %%
# check minibatch_grad (0.2 points): run, do not edit
@check("minibatch_grad")
def two_batches_by_hand():
    """Rows 3, 1, 1 of the four above have the mean (-2/3, 1/6); row 2 alone is (2, 4).

    So is row 2 twice. The rows stay as they are.
    """
    got = check.unchanged(minibatch_grad, FOUR.copy(), xp.asarray([3, 1, 1]))
    check.close(got, np.array([-2 / 3, 1 / 6]), what="The batch of rows 3, 1, 1")
    got = minibatch_grad(FOUR, xp.asarray([2]))
    check.close(got, np.array([2.0, 4.0]), what="The batch of row 2")
    got = check.unchanged(minibatch_grad, FOUR.copy(), xp.asarray([2, 2]))
    check.close(got, np.array([2.0, 4.0]), what="The batch of rows 2, 2")


check.report("minibatch_grad")

# %% [markdown]
# Where does $G$ come from? The engine gives the gradient of a *mean* loss. Of a single sample the mean loss is that
# sample's, so a batch of one is all you need. (There are faster ways. They are welcome, and the loop is fast enough.)
#
# A network has several parameters. Flatten each in the usual order, row after row, and lay them end to end:

# %%
# example flat: two arrays laid end to end
W, b = xp.asarray([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), xp.asarray([7.0, 8.0, 9.0])
print(xp.concatenate([W.ravel(), b.ravel()]))


# %%
# function per_sample_grads: your code below
def per_sample_grads(params, X, y):
    """The gradient of each sample's own loss, a row for each sample.

    params  dict of float arrays W1 (D, H), b1 (H,), W2 (H, C), b2 (C,), for the network
            of the setup cell; its keys may come in any order, D, H and C are arbitrary
    X, y    samples (N, D) of params' dtype and labels (N,), an integer array; N may be 1

    Row i is the gradient of the loss of sample i alone, as it would be in a batch of
    one: not divided by N. Its P = D*H + H + H*C + C numbers are the gradients of W1, b1,
    W2, b2, in this order (that of NAMES), each flattened row after row.

    Leave params, X and y as they are. Use `loss_and_grad` of the setup cell as you like.
    Returns a float array (N, P), of the parameters' dtype.
    """
    ### BEGIN SOLUTION
    rows = []
    for i in range(len(X)):
        _, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])
        rows.append(xp.concatenate([grads[name].ravel() for name in NAMES]))
    return xp.stack(rows)
    ### END SOLUTION


# %%
# check per_sample_grads (0.6 points): run, do not edit
def _network(rng, D, H, C, N):
    """Parameters, keys in another order than NAMES, and N samples with their labels.

    No sample is of the last class.
    """
    shapes = {"b2": (C,), "W2": (H, C), "W1": (D, H), "b1": (H,)}
    params = {name: xp.asarray(rng.normal(size=size)) for name, size in shapes.items()}
    X, y = rng.normal(size=(N, D)), rng.integers(C - 1, size=N)
    return params, xp.asarray(X), xp.asarray(y)


def _flat(grads):
    return np.concatenate([figures.host(grads[name]).ravel() for name in NAMES])


def _rows(found):
    return np.array([figures.host(row) for row in found])


@check("per_sample_grads")
def a_row_for_each_sample():
    """Five samples, three inputs, four hidden units, two classes: the shape is (5, 26).

    A row is as long as there are parameters: 12 + 4 + 8 + 2. float32 stays float32.
    """
    params, X, y = _network(np.random.default_rng(1), 3, 4, 2, 5)
    check.equal(_rows(per_sample_grads(params, X, y)).shape, (5, 26), what="The shape")
    params = {name: value.astype(np.float32) for name, value in params.items()}
    got = _rows(per_sample_grads(params, X.astype(np.float32), y))
    check.dtype(got, np.float32, what="What comes from float32")


@check("per_sample_grads")
def mean_of_the_rows():
    """The mean of the rows is the gradient of the mean loss, W1 first and b2 last."""
    params, X, y = _network(np.random.default_rng(2), 3, 2, 4, 6)
    want = _flat(loss_and_grad(params, X, y)[1])
    got = _rows(per_sample_grads(params, X, y)).mean(axis=0)
    check.close(got, want, rtol=1e-9, what="The mean of the rows")


@check("per_sample_grads")
def row_of_one_sample():
    """Row 2 is the gradient of sample 2 alone; params, X and y stay as they are."""
    params, X, y = _network(np.random.default_rng(3), 2, 3, 3, 4)
    want = _flat(loss_and_grad(params, X[2:3], y[2:3])[1])
    got = check.unchanged(per_sample_grads, params, X, y)
    check.close(_rows(got)[2], want, rtol=1e-9, what="Row 2")


check.report("per_sample_grads")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *Single gradients, already divided.* A library for variances of gradients took them from a mean loss, where each
# >   sample's part is divided by the batch size (f-dangel/backpack, issue 49, 2020). A user's own numbers differed:
# >   rows $m$ times too short have a variance $m^2$ times too small.
# > - *A learning rate of 3,000.* An estimate of the best learning rate was off by the square of the batch size, 128,
# >   as a reader worked out (wjmaddox/swa_gaussian, issue 1, 2019). That is what one gets for dividing a batch's
# >   variance by $m$, where multiplying makes it a sample's. Put right, 3,000 becomes 0.18.
#
# ## 2. Every batch there is
#
# It is often said that the batch size sets the *bias and variance* of the gradient's estimate. For six samples you need
# not wonder. There are 6 batches of one, 15 of two, 20 of three: take them all. The **bias** is how far the mean of all
# these estimates is from the full gradient; the **variance** is the mean of their squared distances from it.
#
# **Predict before you run.** From batches of 1 to batches of 3, the bias becomes (a) smaller, (b) larger, or (c) it is
# zero for both. And the variance: is it divided by 3, or by more?


# %%
# example every_batch: all batches of six samples, without and with replacement
def try_all(batches):
    """The bias and the variance of the gradients of these batches of the six samples."""
    estimates = [minibatch_grad(SIX, xp.asarray(list(one))) for one in batches]
    return bias_and_variance(estimates, SIX.mean(axis=0))


print("              without replacement               with replacement")
print(" m   batches      bias    variance      batches      bias    variance")
for m in range(1, 7):
    without = list(combinations(range(6), m))
    told = f"{m:2d} {len(without):9d} {'{:9.1e} {:11.6f}'.format(*try_all(without))}"
    if m <= 4:
        every = list(product(range(6), repeat=m))
        told += f"{len(every):13d} {'{:9.1e} {:11.6f}'.format(*try_all(every))}"
    print(told)
unlucky, _ = try_all([(0, 1), (2, 3)])
print(f"batches of two in a fixed order, the last two never used: bias {unlucky:.3f}")

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (c): the bias is zero but for rounding, for *every* batch size, in both schemes. Each sample is in
# equally many batches, and that is all it takes. What the batch size sets is the variance alone. With replacement it is
# divided by exactly $m$. Without, by more: three of six samples leave a fifth of it, and all six leave none.
#
# Bias comes from elsewhere: from samples that never get their turn (the last line), from means over parts of unequal
# size (assignment 07), or from layers such as batch normalisation, where a sample's loss depends on its company.
#
# </details>
#
# ## 3. The law
#
# Call the mean squared distance of a *single* row from the mean of all rows
#
# $$\operatorname{tr}\Sigma = \frac1N\sum_{i=1}^{N} \lVert g_i - \bar g\rVert^2 .$$
#
# It is the sum of the columns' variances, the trace of the covariance matrix of the rows. Note the $N$ below the line:
# the rows are *all* there is, a population, and nothing is estimated from a sample; no $N-1$ here.
#
# With replacement the $m$ draws are independent: their sum has $m$ times the variance of one, their mean $1/m$ of it.
# Without replacement each draw makes the next one a little less surprising. Any two draws are correlated by $-1/(N-1)$,
# the one number with which all $N$ rows together have no variance: $N + N(N-1)\cdot\frac{-1}{N-1} = 0$. So the *sum* of
# $m$ draws has $m + m(m-1)\cdot\frac{-1}{N-1} = m\,\frac{N-m}{N-1}$ times the variance of one row, and the mean that
# divided by $m^2$:
#
# $$\text{with: } \frac{\operatorname{tr}\Sigma}{m} \qquad
#   \text{without: } \frac{\operatorname{tr}\Sigma}{m}\cdot\frac{N-m}{N-1} .$$
#
# The second fraction is the **finite-population factor** (Cochran 1977). It is 1 for one sample and 0 for all of them,
# and for small batches of large data one can forget it.


# %%
# function grad_variance: your code below
def grad_variance(G, m, replace):
    """The variance of a batch's gradient: its mean squared distance from the mean of G.

    That is the trace of the covariance matrix of the mean of m rows of G drawn at random,
    by the law: computed, neither drawn nor listed, for thousands of rows too. The rows
    are the whole population: the variance of single rows is divided by N, not by N - 1.

    G        (N, P) float array; N may be 1. Leave it as it is.
    m        the batch size, 1 or more; with replacement it may be more than N, without
             replacement it is at most N
    replace  True: each of the m rows is drawn from all N. False: the m rows are
             different ones, every choice of m equally likely.

    Returns one number. It is 0 for N = 1.
    """
    ### BEGIN SOLUTION
    N = len(G)
    single = float(G.var(axis=0).sum())
    factor = 1 if replace else (N - m) / max(N - 1, 1)
    return single / m * factor
    ### END SOLUTION


# %%
# check grad_variance (0.8 points): run, do not edit
def _tried(batches):
    """Bias and variance of the means of these rows of SIX."""
    estimates = (SIX[xp.asarray(list(one))].mean(axis=0) for one in batches)
    return bias_and_variance(estimates, SIX.mean(axis=0))


_three = xp.asarray([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]])


@check("grad_variance")
def three_rows_by_hand():
    """Rows 1, 2, 6 (and a column that never changes): 14/3 for one row, by hand.

    Two rows with replacement give 7/3 and seven give 2/3; without it two give 7/6, and
    all three 0.
    """
    with_it = ((1, True, 14 / 3), (2, True, 7 / 3), (7, True, 2 / 3))
    for m, replace, want in (*with_it, (2, False, 7 / 6)):
        told = f"For m = {m}, replace={replace}, the variance"
        check.close(grad_variance(_three, m, replace), want, what=told)
    got = grad_variance(_three, 3, False)
    check.close(got, 0.0, what="For all three rows, without replacement, the variance")


@check("grad_variance")
def one_row():
    """Where there is a single row, its variance is 0, with and without replacement."""
    for replace in (True, False):
        told = f"For N = 1, replace={replace}, the variance"
        check.close(grad_variance(_three[:1], 1, replace), 0.0, what=told)


@check("grad_variance")
def every_choice():
    """For all choices of 1 to 6 of six rows, and all 36 pairs, it is what one finds."""
    for m in range(1, 7):
        _, found = _tried(combinations(range(6), m))
        got = grad_variance(SIX, m, False)
        check.close(got, found, what=f"For m = {m}, without replacement, the variance")
    _, found = _tried(product(range(6), repeat=2))
    got = check.unchanged(grad_variance, SIX, 2, True)
    check.close(got, found, what="For m = 2, with replacement, the variance")


@check.asks("grad_variance")
def own_code():
    """Nine rows, batches of seven: the variance without replacement over that with it?"""
    nine = xp.asarray(np.random.default_rng(6).normal(size=(9, 2)))
    return grad_variance(nine, 7, False) / grad_variance(nine, 7, True)


check.report("grad_variance")

# %% [markdown]
# When all pass, the report asks about your own code. Work the answer out in your head first, then give it with
# `check.answer("grad_variance", 0.5)`, your number in the place of 0.5, in a cell of your own; it costs and earns
# nothing.
#
# > **Seen in the wild**
# >
# > - *Two variances of one name.* `torch.var` divides by $n - 1$ unless told otherwise, and `np.var` by $n$
# >   (pytorch/pytorch, issue 50010, 2021). Code moved from one to the other runs, and is wrong by a factor that is
# >   large for small $n$ and invisible for large: a test with three rows finds it.
# > - *An option without effect.* In a binding for C# `std(unbiased=False)` divided by $n - 1$ all the same
# >   (dotnet/TorchSharp, issue 971, 2023). Three numbers, 0, 1 and 2, were enough to see it.
#
# ## 4. Trying instead of knowing
#
# Nobody can try all batches of 32 out of 50,000 samples. But one can draw some, and average: the **Monte Carlo** way.
# Draw a batch, note its squared distance from the mean of all rows, draw the next. The mean of $R$ such numbers is off
# by something like $1/\sqrt R$ of itself. Three tries of the batches of two above, beside the truth:

# %%
# example tries: the mean of R squared distances, for three R
rng, centre = np.random.default_rng(7), SIX.mean(axis=0)
for R in (10, 100, 1000):
    batches = [xp.asarray(rng.permutation(6)[:2]) for _ in range(R)]
    off = [minibatch_grad(SIX, idx) - centre for idx in batches]
    found = sum(float((d**2).sum()) for d in off) / R
    print(f"{R:4d} tries: {found:.3f}; the law: {grad_variance(SIX, 2, False):.3f}")


# %%
# function mc_variance: your code below
def mc_variance(G, m, reps, replace, rng):
    """The variance of a batch's gradient by trying: the mean over `reps` random batches
    of the squared distance between the batch's gradient and the mean of all rows of G.

    G        (N, P) float array; leave it as it is
    m        the batch size, 1 or more; without replacement at most N
    reps     the number of batches, 1 or more; each is drawn anew, from all rows
    replace  True: each of a batch's m rows is drawn from all N. False: a batch has m
             different rows, every choice of m equally likely.
    rng      a NumPy Generator, the only source of randomness

    The squared distance is the sum over the P columns. The mean of G is known, so the
    sum over the batches is divided by reps, not by reps - 1.
    Returns one number. You may use minibatch_grad.
    """
    ### BEGIN SOLUTION
    N, centre, total = len(G), G.mean(axis=0), 0.0
    for _ in range(reps):
        idx = rng.integers(N, size=m) if replace else rng.permutation(N)[:m]
        off = minibatch_grad(G, xp.asarray(idx)) - centre
        total += float((off**2).sum())
    return total / reps
    ### END SOLUTION


# %%
# check mc_variance (0.5 points): run, do not edit
@check("mc_variance")
def no_chance_left():
    """Two rows, 5 apart, batches of one: each squared distance is 6.25, come what may.

    All six rows without replacement: the batch is always the same, and the distance 0.
    """
    probes = {"two": [[1.0, 4.0], [4.0, 8.0]], "two opposite": [[2.5, 0.0], [-2.5, 0.0]]}
    for name, two in ((name, xp.asarray(rows)) for name, rows in probes.items()):
        for reps, replace in product((1, 3), (True, False)):
            got = mc_variance(two, 1, reps, replace, np.random.default_rng(reps))
            told = f"For {name} rows, reps={reps}, replace={replace}, the result"
            check.close(got, 6.25, what=told)
    got = mc_variance(SIX, 6, 4, False, np.random.default_rng(8))
    check.close(got, 0.0, atol=1e-12, what="For all six rows, without replacement, it")
    other = mc_variance(SIX, 6, 4, False, np.random.default_rng(9))
    told = "for all six rows, without replacement, the seed plays no part"
    check.that(told, abs(got - other) < 1e-9)
    got = mc_variance(SIX, 6, 4, True, np.random.default_rng(8))
    check.that("for six rows of the six, with replacement, it is not 0", abs(got) > 1e-9)


@check("mc_variance")
def near_the_law():
    """Three rows here, three there: 4,000 batches come within an eighth of the law."""
    rows = xp.asarray([[9.0, 12.0, 1.0]] * 3 + [[-3.0, -4.0, 1.0]] * 3)
    for m, replace, law in ((7, True, 100 / 7), (2, False, 40.0), (5, False, 4.0)):
        got = float(mc_variance(rows, m, 4000, replace, np.random.default_rng(9)))
        told = f"for m = {m}, replace={replace} it is near the law"
        check.that(f"{told}; it is {got / law:.2f} of that", abs(got / law - 1) < 1 / 8)
    check.that("the last result is not above that", got < 4 * 9 / 8)
    check.that("the last result is not far above that", got < 4 * 4.4)


@check("mc_variance")
def each_batch_anew():
    """rng alone decides what is drawn, each batch is drawn anew, and G stays as it is."""
    rows = xp.asarray(np.random.default_rng(10).normal(size=(30, 3)))
    before, found = rows.copy(), []
    for replace in (True, False):
        for reps, number in ((3, 1), (3, 1), (3, 2), (1, 1)):
            rng = np.random.default_rng(number)
            found.append(float(mc_variance(rows, 4, reps, replace, rng)))
        one, again, other, first = found[-4:]
        check.that("equal seeds give equal results", one == again)
        check.that("unequal seeds give unequal results", one != other)
        told = "three batches are not three times the same one"
        check.that(told, abs(one - first) > 1e-9 * abs(first))
    check.that("G stays as it is", bool((rows == before).all()))


check.report("mc_variance")

# %% [markdown]
# ## 5. Noise over signal
#
# Is a variance of 10 much? That depends on what it is noise *of*. Compare it with the squared length of the gradient
# itself: at batch size $m$, noise over signal is $\operatorname{tr}\Sigma / (m \lVert\bar g\rVert^2)$. Where that is 1,
# the batch size is
#
# $$B_{\text{simple}} = \frac{\operatorname{tr}\Sigma}{\lVert \bar g\rVert^2},$$
#
# the **gradient noise scale** of McCandlish et al. (2018). Well below it a step is mostly noise, and twice the batch is
# nearly twice as good. Well above it a step is nearly the true one, and more samples buy little. In their model one
# step of the best length lowers the loss by a share $1/(1 + B/m)$ of what a noiseless one would:

# %%
# example worth: what a batch buys, if the noise scale is 50
for m in (5, 25, 50, 100, 500):
    print(f"batch {m:3d}: {1 / (1 + 50 / m):.2f} of the progress of the full gradient")


# %%
# function b_simple: your code below
def b_simple(G):
    """The gradient noise scale: tr Sigma over the squared length of the mean gradient.

    G  (N, P) float array, a gradient in each row; N may be 1. The mean of the rows is
       not 0, however small it may be. Leave G as it is.

    tr Sigma is the sum of the columns' variances, divided by N (the rows are the whole
    population). The mean is that of all rows; nothing else is corrected.
    Returns one number.
    """
    ### BEGIN SOLUTION
    mean = G.mean(axis=0)
    return float(G.var(axis=0).sum() / (mean**2).sum())
    ### END SOLUTION


# %%
# check b_simple (0.5 points): run, do not edit
@check("b_simple")
def two_rows_by_hand():
    """The rows (1, 0) and (3, 4): variances 1 and 4, mean (2, 2), so 5 over 8."""
    got = b_simple(xp.asarray([[1.0, 0.0], [3.0, 4.0]]))
    check.close(got, 5 / 8, what="The noise scale of the two rows")


@check("b_simple")
def in_other_units():
    """A loss in other units, with far smaller gradients, has the same noise scale."""
    mean = SIX.mean(axis=0)
    scale = float(((SIX - mean) ** 2).sum() / 6 / (mean**2).sum())
    check.close(b_simple(SIX), scale, what="The noise scale of the six rows")
    check.close(b_simple(1e-15 * SIX), scale, what="That of 1e-15 times the rows")


check.report("b_simple")

# %% [markdown]
# ## 6. The same from two batch sizes
#
# Who trains a large network never sees single gradients, only those of batches: say of one worker's small batch, and of
# all workers together. That is enough. On average over batches drawn with replacement, the squared length of a batch's
# gradient is signal plus noise,
#
# $$\mathbb E\,\lVert g_m\rVert^2 = \lVert \bar g\rVert^2 + \frac{S}{m}, \qquad S = \operatorname{tr}\Sigma .$$
#
# Note what this says: small batches have *longer* gradients. Two batch sizes make two equations, and two equations
# determine the two unknowns. For the four rows above, with all 4 batches of one and all 16 of two:

# %%
# example lengths: mean squared lengths of the gradients of all batches of one and of two
for m in (1, 2):
    tuples = product(range(4), repeat=m)
    every = [minibatch_grad(FOUR, xp.asarray(list(one))) for one in tuples]
    mean2 = sum(float((g**2).sum()) for g in every) / len(every)
    print(f"m = {m}: mean squared length {mean2:.4f} over {len(every)} batches")
print(f"the squared length of the mean {float((FOUR.mean(axis=0) ** 2).sum()):.4f}")
print(f"the variance of a single row   {grad_variance(FOUR, 1, True):.4f}")


# %%
# function noise_moments: your code below
def noise_moments(g_small2, g_big2, m_small, m_big):
    """Signal and noise from squared lengths of batches' gradients, for two batch sizes.

    g_small2  (K,) float array, squared lengths of the gradients of K batches of m_small
              samples
    g_big2    (J,) squared lengths of those of J batches of m_big samples; K and J are 1
              or more, and need not be equal. Leave both arrays as they are.
    m_small, m_big  the batch sizes, whole numbers, 1 <= m_small < m_big

    Returns (G2, S), two numbers that estimate the squared length of the full gradient
    and tr Sigma, each linear in the means of the two arrays, and each right on average
    for batches drawn with replacement. By chance one of them may come out negative:
    return it as it is.
    """
    ### BEGIN SOLUTION
    small, big = float(g_small2.mean()), float(g_big2.mean())
    G2 = (m_big * big - m_small * small) / (m_big - m_small)
    S = (small - big) / (1 / m_small - 1 / m_big)
    return G2, S
    ### END SOLUTION


# %%
# check noise_moments (0.6 points): run, do not edit
@check("noise_moments")
def by_hand():
    """Mean squared lengths 10 at m = 1 and 4 at m = 4: |G|^2 is 2, and S is 8.

    The 10 is the mean of two batches, the 4 that of three. If the second mean is 1, then
    |G|^2 is -2; if the first is 1, then S is -4. Both are returned as they are.
    """
    small, big = xp.asarray([7.0, 13.0]), xp.asarray([1.0, 5.0, 6.0])
    got = check.unchanged(noise_moments, small, big, 1, 4)
    check.close(got, [2.0, 8.0], what="(G2, S)")
    got = noise_moments(small, big / 4, 1, 4)
    check.close(got, [-2.0, 12.0], what="(G2, S), for the means 10 and 1,")
    got = noise_moments(small / 10, big, 1, 4)
    check.close(got, [5.0, -4.0], what="(G2, S), for the means 1 and 4,")


@check("noise_moments")
def all_batches_of_four():
    """From all batches of one and of two of the four rows it finds both exactly.

    From those of two and of three, too.
    """
    host, lengths = figures.host(FOUR), {}
    for m in (1, 2, 3):
        means = host[np.array(list(product(range(4), repeat=m)))].mean(axis=1)
        lengths[m] = xp.asarray((means**2).sum(axis=1))
    want = [float((host.mean(axis=0) ** 2).sum()), float(host.var(axis=0).sum())]
    for m in (1, 2):
        got = noise_moments(lengths[m], lengths[m + 1], m, m + 1)
        check.close(got, want, what=f"(G2, S) from sizes {m} and {m + 1}")


check.report("noise_moments")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *First the means, then the ratio.* Code that measured the noise scale of a language model wrote down both numbers
# >   at each step, smoothed each, and divided last (kingoflolz/mesh-transformer-jax, pull request 82, 2021). A ratio of
# >   single estimates is useless: where $G2$ comes out near zero or below, the ratio is huge or negative.
# > - *Samples that know one another.* A noise scale for reinforcement learning, as first proposed, took one time step
# >   of each run only, since steps along a run are correlated (HorizonRobotics/alf, pull request 1351, 2022). The
# >   formula wants independent samples.
#
# Batches *without* replacement are not independent draws either. What happens if one does not care?


# %%
# example naive: the formula on all batches of four rows, with and without replacement
def moments(G, batches):
    """noise_moments from all batches of one and all of two."""
    both = []
    for m in (1, 2):
        every = [minibatch_grad(G, xp.asarray(list(one))) for one in batches(m)]
        both.append(xp.stack([(g**2).sum() for g in every]))
    return noise_moments(*both, 1, 2)


truth = float((FOUR.mean(axis=0) ** 2).sum()), grad_variance(FOUR, 1, True)
drawn = moments(FOUR, lambda m: product(range(4), repeat=m))
dealt = moments(FOUR, lambda m: combinations(range(4), m))
for name, (G2, S) in {"truth": truth, "with": drawn, "without": dealt}.items():
    print(f"{name:8s} |G|^2 = {G2:8.4f}   S = {S:8.4f}   S / 3 = {S / 3:.4f}")

# %% [markdown]
# With replacement both are exact. Without, $S$ is too large by $S/(N-1)$, and $\lVert G\rVert^2$ too small by as much:
# put the finite-population factor into the two equations, and that is what comes out. With $N$ in the millions nobody
# will notice; with four it is a third of $S$.
#
# ## 7. Three questions at once
#
# *The law on your digits.* Variance against batch size, computed and tried, in both schemes.
#
# *The noise scale in training.* "Complex models want larger batches, and so do larger data", says one of the texts that
# this course takes at their word until they fail. Two networks, with 8 and with 32 hidden units, learn your digits; you
# measure $B_{\text{simple}}$ of each along the way.
#
# *The full set.* Your digits are all the data you have. But the loss that one would like to lower is that of digits not
# yet written. So the training set is itself a batch, of size $N$, of a larger population. To measure its error one must
# know the truth, so take a population that is known: inputs normal with deviations $s_j$, a straight line, noise. There
# $\mathbb E\, x_j (x\cdot w - y) = s_j^2\,(w_j - w_j^\ast)$ is the gradient that an infinite training set would have.
#
# **Predict before you run.** While a network learns, the best batch size in the sense of $B_{\text{simple}}$ (a) stays,
# (b) falls, or (c) grows. At the same loss, is it larger for the network with four times the hidden units?


# %%
# given digits: your digits, networks, batches and population; run, do not edit
SIZES, REPS = (1, 4, 16, 64, 144), 400  # batch sizes, and how often each is tried
WIDTHS = (8, 32)  # hidden units of the two networks
CHECKPOINTS = (0, 30, 100, 300, 1000)  # steps of training at which one looks
SMALL, BIG, PAIRS = 8, 64, 100  # batches of two sizes, and how many of each
TRAINING_SIZES, SETS = (8, 32, 128, 512, 2048), 100


def own_digits(seed):
    """Your own digits: X (N, 16), each of 4 by 4 pixels between 0 and 1, and y (N,).

    N is an odd number of your own between 151 and 349.
    """
    X, y = data.digits()
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(X))[: 2 * rng.integers(75, 175) + 1]
    X = X.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16) / 16
    return xp.asarray(X[rows]), xp.asarray(y[rows])


def own_path(seed, width):
    """Your own network with `width` hidden units while it learns your digits.

    A list of params, one for each of CHECKPOINTS: at the start, then after that many
    steps of SGD in all, with batch size 32 and learning rate 0.1.
    """
    (X, y), rng = own_digits(seed), np.random.default_rng([seed, 1, width])
    params = {
        "W1": xp.asarray(rng.normal(size=(16, width)) * (2 / 16) ** 0.5),
        "b1": xp.zeros(width),
        "W2": xp.asarray(rng.normal(size=(width, 10)) * (1 / width) ** 0.5),
        "b2": xp.zeros(10),
    }
    rows, path = rng.integers(len(X), size=(max(CHECKPOINTS), 32)), [params]
    for t, batch in enumerate(xp.asarray(rows), start=1):
        _, grads = loss_and_grad(params, X[batch], y[batch])
        params = {name: params[name] - 0.1 * grads[name] for name in NAMES}
        if t in CHECKPOINTS:
            path.append(params)
    return path


def own_batches(seed):
    """Row numbers of your own batches, drawn with replacement from your digits.

    Two arrays: (PAIRS, SMALL) and (PAIRS, BIG), a batch in each row.
    """
    N, rng = len(own_digits(seed)[0]), np.random.default_rng([seed, 2])
    sizes = ((PAIRS, SMALL), (PAIRS, BIG))
    return tuple(xp.asarray(rng.integers(N, size=size)) for size in sizes)


def own_population(seed):
    """A population that is known exactly: (true, spread, sigma, w).

    The five inputs are independent and normal, with mean 0 and standard deviations
    spread (5,); the target is x @ true plus normal noise of standard deviation sigma.
    w (5,) is where the gradient of half the squared error is wanted.
    """
    rng = np.random.default_rng([seed, 3])
    true, w = xp.asarray(rng.normal(size=5)), xp.asarray(rng.normal(size=5))
    return true, xp.asarray(rng.uniform(0.5, 1.5, size=5)), float(rng.uniform(0.5, 2)), w


def own_training_sets(seed):
    """SETS training sets from that population: X (SETS, 2048, 5) and y (SETS, 2048)."""
    true, spread, sigma, _ = own_population(seed)
    rng, shape = np.random.default_rng([seed, 4]), (SETS, TRAINING_SIZES[-1])
    X = xp.asarray(rng.normal(size=(*shape, 5))) * spread
    return X, X @ true + sigma * xp.asarray(rng.normal(size=shape))


# %%
# experiment: your code below
def experiment(seed):
    """The law on your digits, the noise scale along training, and the full set's error.

    With X, y = own_digits(seed) and G the per-sample gradients of the network with
    WIDTHS[0] hidden units at the start, own_path(seed, WIDTHS[0])[0]; rows of the first
    two entries are with (0) and without (1) replacement. Returns a dict of float arrays:

    law (2, 5)          grad_variance of G for each of SIZES
    measured (2, 5)     mc_variance of G for each of SIZES, with REPS batches each; every
                        entry of the size m has a fresh np.random.default_rng([seed, m])
    two_batch ()        S / G2 by noise_moments, from the batches of own_batches(seed):
                        those of SMALL and of BIG rows of G; a plain number will do
    loss (2, 5)         the mean loss of X, y for each of WIDTHS at each of CHECKPOINTS
    noise_scale (2, 5)  b_simple of the per-sample gradients there
    training_error (5,) for each N of TRAINING_SIZES: take the first N samples of each of
                        the SETS training sets of own_training_sets(seed). Let the error
                        be the distance between the mean gradient of half the squared
                        error at w and the population's, spread**2 * (w - true). The
                        entry is the root of the mean over the sets of its square.
    You may use all functions above.
    """
    ### BEGIN SOLUTION
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    loss, scale = [], []
    for path in paths:
        loss.append([float(loss_and_grad(params, X, y)[0]) for params in path])
        scale.append([b_simple(per_sample_grads(params, X, y)) for params in path])
    G = per_sample_grads(paths[0][0], X, y)
    law, measured = [], []
    for each in (True, False):
        rngs = [np.random.default_rng([seed, m]) for m in SIZES]
        tries = zip(SIZES, rngs, strict=True)
        law.append([grad_variance(G, m, each) for m in SIZES])
        measured.append([mc_variance(G, m, REPS, each, rng) for m, rng in tries])
    lengths = []
    for batches in own_batches(seed):
        grads = xp.stack([minibatch_grad(G, idx) for idx in batches])
        lengths.append((grads**2).sum(axis=1))
    G2, S = noise_moments(*lengths, SMALL, BIG)
    true, spread, _, w = own_population(seed)
    population = spread * spread * (w - true)
    X_sets, y_sets = own_training_sets(seed)
    singles = X_sets * (X_sets @ w - y_sets)[:, :, None]
    error = []
    for N in TRAINING_SIZES:
        off = singles[:, :N].mean(axis=1) - population
        error.append((off**2).sum(axis=1).mean() ** 0.5)
    return {
        "law": xp.asarray(law),
        "measured": xp.asarray(measured),
        "two_batch": xp.asarray(S / G2),
        "loss": xp.asarray(loss),
        "noise_scale": xp.asarray(scale),
        "training_error": xp.stack(error),
    }
    ### END SOLUTION


# %%
# check experiment (0.5 points): run, do not edit
def _found():
    return {name: figures.host(value) for name, value in experiment(seed).items()}


@check("experiment")
def complete():
    """The six entries are there, with the shapes that are asked for."""
    found = _found()
    shapes = dict.fromkeys(("law", "measured", "loss", "noise_scale"), (2, 5))
    shapes.update(two_batch=(), training_error=(5,))
    check.equal(sorted(found), sorted(shapes), what="The list of keys")
    for name in shapes:
        if name in found:
            want, got = shapes[name], found[name].shape
            check.that(f"{name} has shape {want} (yours: {got})", got == want)


@check("experiment")
def law_and_trial():
    """The law falls as 1/m with replacement, faster without; what was tried is near."""
    found = _found()
    law, measured = found["law"], found["measured"]
    straight = law[0] * SIZES / law[0, 0]
    check.close(straight, np.ones(5), rtol=1e-6, what="law[0] times m, by law[0, 0],")
    check.close(law[1, 0], law[0, 0], rtol=1e-6, what="law[1, 0], of a batch of one,")
    check.that("from m = 4 on law[1] is below law[0]", (law[1, 1:] < law[0, 1:]).all())
    near = abs(measured / law - 1).max()
    told = f"all of measured is within 25 % of the law; the worst is off by {near:.0%}"
    check.that(told, near < 0.25)


@check("experiment")
def scale_and_error():
    """The losses fall in training; four times the training set halves the error.

    Of somebody else's digits (seed=1) two numbers are known.
    """
    found = _found()
    loss, error = found["loss"], found["training_error"]
    falls = (loss[:, -1] < loss[:, 0] * 0.9).all()
    check.that("each network's loss falls by a tenth and more", falls)
    want = found["law"][0, 0]
    X, y = own_digits(seed)
    _, grads = loss_and_grad(own_path(seed, WIDTHS[0])[0], X, y)
    scale = want / sum(float((grads[name] ** 2).sum()) for name in NAMES)
    told = "noise_scale[0, 0], held against your law and the full gradient,"
    check.close(found["noise_scale"][0, 0], scale, rtol=1e-6, what=told)
    steps = error[:-1] / error[1:]
    told = ", ".join(f"{step:.2f}" for step in steps)
    check.that(f"each factor is near 2; yours: {told}", (abs(steps - 2) < 0.7).all())
    other = experiment(1)
    error = figures.host(other["training_error"])[0]
    check.close(error, 3.675169587, rtol=1e-6, what="For seed=1, training_error[0]")
    check.close(other["two_batch"], 43.559630990, rtol=1e-6, what="For seed=1, two_batch")


check.report("experiment")

# %%
# draw experiment: the law on your digits, and the error of training sets
found = {name: figures.host(value) for name, value in experiment(seed).items()}
true, spread, sigma, w = (figures.host(value) for value in own_population(seed))
gap = w - true  # the trace of the covariance of a single gradient x (x @ gap - noise)
one = ((spread * gap) ** 2).sum() + sigma**2
trace = one * (spread**2).sum() + ((spread**2 * gap) ** 2).sum()
sizes, samples = np.array(SIZES), np.array(TRAINING_SIZES)
schemes, error = ("with replacement", "without replacement"), found["training_error"]
left = figures.Panel(
    {name: (sizes, found["measured"][k]) for k, name in enumerate(schemes)},
    theory=[(sizes, found["law"][k]) for k in range(2)],
    xlabel="batch size m",
    ylabel="variance of the batch's gradient",
    title="A batch of your digits",
    log="xy",
    ylim=(found["law"].min() / 2, found["law"].max() * 2),
    marks=True,
)
right = figures.Panel(
    {**dict.fromkeys(schemes, ([], [])), "training sets": (samples, error)},
    theory=[(samples, (trace / samples) ** 0.5)],
    xlabel="training set size N",
    ylabel="root mean square error",
    title="A training set of a population",
    log="xy",
    ylim=(error.min() / 1.5, error.max() * 1.5),
    marks=True,
)
fig = figures.beside(
    [left, right],
    title="The same law twice",
    theory_label="the laws",
    alt="Two panels, all axes logarithmic. Left, variance against batch size: with"
    " replacement a straight line of slope -1; without replacement it bends down below"
    " that for the largest batches; dots lie on the grey laws. Right, the error of the"
    " gradient against the size of the training set: a straight line of slope -1/2.",
)
for line in (line for panel in fig.axes for line in panel.get_lines()):
    if line.get_marker() == "o":  # dots alone, so that the laws are seen
        line.set(linestyle="none", markersize=6)
fig

# %%
# draw noise: the gradient noise scale while two networks learn
pairs = zip(found["loss"], found["noise_scale"], strict=True)
single, both = found["noise_scale"][0, 0], float(found["two_batch"])
print(f"{WIDTHS[0]} hidden units, at the start: B = {single:.1f} from single gradients,")
print(f"and {both:.1f} from {PAIRS} batches of {SMALL} and as many of {BIG}.")
print(f"You have {len(own_digits(seed)[0])} digits.")
along = figures.Panel(
    {f"{width} hidden units": curve for width, curve in zip(WIDTHS, pairs, strict=True)},
    xlabel="training loss (from right to left; dots: step 0, 30, 100, 300, 1,000)",
    ylabel="gradient noise scale B",
    log="y",
    marks=True,
)
fig = figures.beside(
    [along],
    title="Your digits, two networks",
    alt="Gradient noise scale on a logarithmic axis against the training loss, for two"
    " networks, with a dot at each checkpoint. From right to left both curves rise, as a"
    " rule steeply up to the second dot, while the loss hardly falls, and then more"
    " slowly, with ups and downs; they stay mostly within a factor of three of one"
    " another, though one network has four times the units.",
)
for line in fig.axes[0].get_lines():
    line.set(linewidth=2.0, markersize=7)
fig

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# *The law.* Slope -1 for the variance, hence -1/2 for the error: four times the samples, four times the work and
# memory, for *half* the error. That is why returns diminish, from the first doubling on. Without replacement the
# line bends down where the batch becomes a good part of the data.
#
# *The noise scale.* (c): the gradient shrinks faster than the noise does. Look at the dots: about half of the growth,
# counted in factors, takes thirty steps, in which the loss hardly falls; the rest comes slowly, with ups and downs. So
# small batches waste little at the very start; later larger ones are worth their price, which is the idea behind
# growing the batch (assignment 09). A $B$ above your $N$ is no error: a full set, too, if drawn with replacement, would
# then have more noise than signal. Two batch sizes, a hundred batches of each, find the $B$ of the start but for a
# third or so. And at equal loss the two networks are mostly less than a factor of three apart; if anything, the wider
# one wants the *smaller* batch. So it is not that complex models want larger batches: what counts is how far the
# training has come, as McCandlish et al. found with far larger networks.
# For larger *data* the text is half right. The noise scale belongs to the population; with many more rows than that,
# still more do not raise it. But Smith and Le (2018) find that the batch size of the best test score is proportional to
# the learning rate times $N$, which is another question.
#
# *The full set.* Slope -1/2 again. "Exact" full-batch gradient descent descends, exactly, on a random guess: the
# gradient of your $N$ samples is off from the population's like that of any batch of $N$ drawn with replacement from
# infinitely many. It makes little sense to remove the noise of batches that is far below that of the data (Goodfellow,
# Bengio and Courville 2016, chapter 8).
#
# </details>
#
# ## Four numbers of your own
#
# - `slope`: the slope of the variance against the batch size in the log-log plot, *with* replacement;
# - `halving_batch`: the batch size at which the finite-population factor halves the variance, for **your** number of
#   digits;
# - `enough`: the smallest batch size, drawn *without* replacement, whose variance is at most the squared length of the
#   full gradient, for your `G` (8 hidden units, at the start);
# - `growth`: the noise scale of your network with 8 hidden units at the last checkpoint, divided by that at the start.
#
# At grading the next cell is read and not run: type plain numbers; names and calls are not read.


# %%
# question numbers: type the four numbers
### BEGIN SOLUTION
_N, _scale = len(own_digits(seed)[0]), experiment(seed)["noise_scale"][0]
slope = -1.0
halving_batch = (_N + 1) // 2
enough = int(np.ceil(float(_scale[0]) * _N / (_N - 1 + float(_scale[0]))))
growth = round(float(_scale[-1] / _scale[0]), 5)
### END SOLUTION


# %%
# check numbers (0.3 points): run, do not edit
@check("numbers")
def kinds():
    """slope is a negative number, growth a positive one, the other two whole numbers."""
    number = type(slope) in (int, float) and slope < 0
    check.that("slope is a plain number below 0", number)
    number = type(growth) in (int, float) and growth > 0
    check.that("growth is a plain number greater than 0", number)
    for name, value in (("halving_batch", halving_batch), ("enough", enough)):
        whole = type(value) is int and 1 <= value <= len(own_digits(seed)[0])
        told = f"{name} is a plain whole number, from 1 to your number of digits"
        check.that(f"{told}; its type is {type(value).__name__}", whole)


check.report("numbers")

# %% [markdown]
# ## What you have now
#
# - A batch's gradient is right on average for every batch size. Its variance is $\operatorname{tr}\Sigma/m$, times
#   $\frac{N-m}{N-1}$ without replacement; its error falls like $1/\sqrt m$.
# - The noise scale $\operatorname{tr}\Sigma/\lVert\bar g\rVert^2$ is the batch size at which noise equals signal. Two
#   batch sizes suffice to measure it: average first, divide last.
# - It grows while a network learns, and depends more on how far that has come than on the size of the network.
# - The full training set is a batch too.
#
# Next: if a larger batch is less noisy, may the learning rate be larger, and by how much (assignment 06)?
#
# ## References
#
# - W. G. Cochran, *Sampling Techniques*, third edition, Wiley 1977.
# - I. Goodfellow, Y. Bengio and A. Courville, *Deep Learning*, MIT Press 2016.
# - S. McCandlish, J. Kaplan, D. Amodei and the OpenAI Dota Team, "An empirical model of large-batch training",
#   arXiv:1812.06162 (2018).
# - S. L. Smith and Q. V. Le, "A Bayesian perspective on generalization and stochastic gradient descent", ICLR 2018.
