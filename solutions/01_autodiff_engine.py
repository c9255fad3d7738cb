# /// contract
# slug = "01_autodiff_engine"
# title = "Build the engine: pullbacks and the backward pass"
# hours = 6.75
# prerequisites = ["02_full_batch_gd", "the chain rule", "broadcasting in NumPy"]
# data = ["digits"]
# needs = []
#
# [points]
# unbroadcast = 4.8
# matmul_pullback = 4.8
# softmax_xent_pullback = 6.4
# gradcheck = 6.4
# finds_bug = 1.2
# experiment = 1.2
# exponent = 0.8
# toposort = 6.4
# backward = 8
#
# [claims]
# 23 = "example lifetime"
#
# [hints]
# unbroadcast = [
#   "Which entries of the result did one entry of the small array go into?",
#   "Line the shapes up at their right ends. Axes that are missing on the left, and axes of length 1, were stretched.",
#   "From (2, 3) back to (3,): the columns are summed. Back to (2, 1): the rows are summed, and the axis stays.",
# ]
# matmul_pullback = [
#   "Write down the shapes of g, a and b. Which product has the shape of a?",
#   "Each gradient is a product of g with the other factor, one of the two turned on its side.",
#   "With g (1, 1) holding 2, a = [[3, 4]] and b = [[5], [6]]: ga is [[10, 12]], and gb is [[6], [8]].",
# ]
# softmax_xent_pullback = [
#   "What are the probabilities of a row, and what do they add up to? What does the gradient of a row add up to?",
#   "Take the largest logit of each row away before anything is exponentiated. Then one entry a row is special.",
#   "One row of logits 0, 0, 0, 0 with label 2 has the gradient 0.25, 0.25, -0.75, 0.25.",
# ]
# gradcheck = [
#   "Begin with one array of one entry, and print the numeric derivative beside the given one.",
#   "For each entry: two copies of everything, one moved ahead, one moved back, two values, one quotient.",
#   "For x * x at 3 with eps 0.5: (12.25 - 6.25) / 1 = 6. A given gradient of 5 has the error 1 / 6.",
# ]
# finds_bug = [
#   "Turn forward and pull into a function of two arrays that returns a number and two gradients: then gradcheck it.",
#   "The number is the sum of g times the value, with g of your own. Which g, which shapes, which calls would tell?",
#   "A pull that forgets g: with g all ones it looks right, with g holding 2 and -3 it does not.",
# ]
# experiment = [
#   "Where do you stand in H? Its first h is the largest. Take one h, and print what your two errors are there.",
#   "Loop over H. For rounding, multiply the errors of the last sixteen h by these h, then take the root mean square.",
#   "If the errors at h = 0.1 and 0.01 were 3 and 30, error times h would be 0.3 twice, and so would its rms.",
# ]
# exponent = [
#   "Your experiment has the two numbers A and B; section 5 says at which h their sum is smallest.",
#   "Take the logarithm to base 10 of that h. Is it where your V has its bottom, within a third?",
# ]
# toposort = [
#   "On paper: the diamond of section 7. When may a node be written down?",
#   "A node is done when all its parents are done. Keep a stack of your own, and remember which nodes you have met.",
#   "For c made from b and a, b made from a: a, b, c. A node may lie on the stack twice: to open it, and to close it.",
# ]
# backward = [
#   "Which node's gradient is known at the very start? Whose is known next?",
#   "Go through the sorted nodes from the last to the first; keep the sums in a dict by id; only leaves keep .grad.",
#   "With y = x + x and z = 3 y: z gets 1, y gets 3, x gets 3 from each of the two places, 6 together.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # Build the engine: pullbacks and the backward pass
#
# Every notebook of this course calls `backward()`, and gradients come out. Here you find out how: you build what
# makes them. There is less of it than one would think, two ideas and some care.
#
# The first idea is the **pullback**: for each operation, a function that carries a gradient from its output to its
# inputs. That is sitting 1. The second is the **backward pass**: in which order the pullbacks of many operations are
# to be called, and what is added up on the way. That is sitting 2. A model trains at the end of each. In between you
# build `gradcheck`, which tells right gradients from wrong ones and serves you for the rest of the course.
#
# Plan for about seven hours, in two sittings, of four and of three.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `unbroadcast` | 1 | 3.8 | what broadcasting stretched is summed again |
# | `matmul_pullback` | 1 | 3.8 | back through a matrix product |
# | `softmax_xent_pullback` | 1.3 | 5.1 | back through the loss |
# | `gradcheck` | 1.3 | 5.1 | is this gradient right? |
# | `finds_bug` | 0.2 | 1 | catch the bug: is this pullback faulty? |
# | `experiment` | 0.2 | 1 | how large should the step of gradcheck be? |
# | `exponent` | 0.2 | 0.6 | the best step, on your own function |
# | `toposort` | 1.3 | 5.1 | parents before children |
# | `backward` | 1.5 | 6.5 | the backward pass |
#
# ### How to start and finish
#
# As in assignment 00. Type your `learner_id` in the first code cell, exactly as it stands on your instructor's roster:
# your data follow from it. The first *Run All* stops at `NotImplementedError: unbroadcast is yours to write`. Keep
# the first comment line of each cell; cells of your own are welcome anywhere. Save before you check
# (`course check 01` in a terminal, in this notebook's folder) or submit (*Assignment List*, or as your instructor
# says).
#
# ### How this is graded
#
# The *visible* checks stand in this notebook. They are a fifth of the points. The *hidden* checks run at grading,
# with other numbers and other shapes, and every check is credited on its own. How you write it is free: loops,
# `einsum`, recursion where it does not run too deep. The engine is open to read (`am.__file__` says where it lies). It
# does the same things in another form, so that reading helps and copying does not.
#
# Numbers are compared with a relative tolerance of 1e-10 (2e-5 in single precision, 1e-3 there for logits of 10,000).
# Of the experiment, errors may be off by 2 per cent where the curve is smooth, and by a factor of 5 where it is
# rounding, and `B` by 40 per cent; the exponent that you type by 0.05. Nothing is graded by speed, but a check stops a
# call that has not finished after five seconds.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import weakref

import numpy as np

import autograd_mini as am
from course.learn import check, data, figures, graphs, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if not learner_id:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The number that you type in section 5 is graded for your id on the roster.")

H = 10.0 ** (-np.arange(8, 49) / 4)  # steps from 0.01 down to 1e-12, four a decade
seed = public_seed(course_id, learner_id, "01_autodiff_engine")


def normal(rng, *shape):
    """Standard normal numbers: drawn on the host, then moved to where the arrays live."""
    return xp.asarray(rng.normal(size=shape))


def own_wave(seed):
    """Your own wave, sin(k x): its k, between 0.1 and 40, and 400 places x to look at."""
    rng = np.random.default_rng(seed)
    k = float(10 ** rng.uniform(-1, 1.6))
    return k, xp.asarray(rng.uniform(0.5, 2.5, size=400) / k)


def own_digits(seed):
    """Your own 600 digits, X (600, 64) from 0 to 1 and y (600,)."""
    X, y = data.digits()
    rows = np.random.default_rng(seed).permutation(len(X))[:600]
    return xp.asarray(X[rows] / 16), xp.asarray(y[rows])


def starting_weights(seed):
    """A network of 32 tanh units: W1 (64, 32), b1 (32,), W2 (32, 10), b2 (10,)."""
    rng = np.random.default_rng([seed, 1])
    W1, W2 = normal(rng, 64, 32) / 8, normal(rng, 32, 10) / 32**0.5
    return {"W1": W1, "b1": xp.zeros(32), "W2": W2, "b2": xp.zeros(10)}


# %% [markdown]
# # Sitting 1: pullbacks
#
# ## 1. One operation, complete
#
# A computation is a chain of small operations that ends in one number, the loss $L$. What we want is the gradient of
# $L$ by each array that went in. We go backwards. Suppose that somebody hands us the gradient by an operation's
# *output*, `g`, an array of the output's shape. Then the operation alone can say what the gradients by its *inputs*
# are. The function that does so is its **pullback**.
#
# Here is one operation complete, the product of two arrays of one shape, entry by entry. If $v_i = a_i b_i$, then
# changing $a_i$ by a little changes $v_i$ by $b_i$ times as much, and $L$ by $g_i b_i$ times as much.


# %%
# example product: an operation and its pullback
def product(a, b):
    """The value, and the pullback: from dL/d(value) to dL/da and dL/db."""
    return a * b, lambda g: (g * b, g * a)


a, b = xp.asarray([2.0, 3.0, 5.0]), xp.asarray([7.0, 1.0, -1.0])
value, pullback = product(a, b)
g = xp.asarray([1.0, 10.0, 100.0])  # what L thinks of the three entries
ga, gb = pullback(g)
print("value", value, " ga", ga, " gb", gb)
moved = (g * product(a + xp.asarray([0.0, 0.0, 0.01]), b)[0]).sum()
print(f"a[2] moved by 0.01 moves L by {float(moved - (g * value).sum()):.4f}")

# %% [markdown]
# As `ga` says: -100 times 0.01. Written with the **Jacobian** $J$, the matrix of all $\partial v_i / \partial a_j$,
# a pullback computes $J^\top g$, a *vector-Jacobian product*. It never makes $J$, which would be large and full of
# zeros. And nobody asks for an operation's derivative "by itself": always `g` comes from above and is carried down.
# Leaving `g` out is right as long as it is 1, and so for as long as the operation is the last one.
#
# ## 2. What broadcasting stretched
#
# NumPy stretches arrays silently: a bias of shape `(3,)` added to a table of shape `(4, 3)` is used in all four rows.
# Each entry then reaches the loss on four ways, and **the contributions of all ways add up**. So back through the
# stretching, the gradient is summed over the rows. The same happens to an axis of length 1.

# %%
# example stretched: a bias (3,) in four rows, and a column (4, 1) in three
rows = xp.arange(12.0).reshape(4, 3)
print("gradient by the table:\n", rows)
print("by a bias (3,):", rows.sum(axis=0))
print("by a column (4, 1):", rows.sum(axis=1, keepdims=True).tolist())


# %%
# function unbroadcast: your code below
def unbroadcast(g, shape):
    """The gradient by an array of `shape` that broadcasting stretched to g's shape.

    g      the gradient by the stretched array: an array of floats, of any shape
    shape  a tuple: that of the array before; () is a single number

    By NumPy's rules shapes are lined up at their right ends: axes that `shape` lacks on
    the left were added, and axes of length 1 were stretched. Returns an array of `shape`
    with g's dtype (for (), a NumPy number will do), in which everything is summed that
    came from one entry. It may be g itself if nothing was stretched. Leave g as it is.
    Raises ValueError if an array of `shape` cannot be stretched to g's shape.
    """
    ### BEGIN SOLUTION
    added = g.ndim - len(shape)
    pairs = list(zip(g.shape[max(added, 0) :], shape, strict=False))
    if added < 0 or any(after != before != 1 for after, before in pairs):
        raise ValueError(f"an array of shape {shape} cannot be stretched to {g.shape}")
    for _ in range(added):
        g = g.sum(axis=0)
    for axis, (_, before) in enumerate(pairs):
        if before == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g
    ### END SOLUTION


# %%
# check unbroadcast (1 point): run, do not edit
_TABLE = [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]


@check("unbroadcast")
def columns_and_rows():
    """From [[1, 2, 3], [10, 20, 30]] to (3,) it is 11, 22, 33; to (2, 1) 6 and 60.

    To (1,) and to () it is 66, the sum of all; of two such tables, 132 for (1,).
    """
    g = xp.asarray(_TABLE)
    want = xp.asarray([11.0, 22.0, 33.0])
    check.close(unbroadcast(g, (3,)), want, what="From (2, 3) to (3,)")
    want = xp.asarray([[6.0], [60.0]])
    check.close(unbroadcast(g, (2, 1)), want, what="From (2, 3) to (2, 1)")
    check.close(unbroadcast(g, (1,)), xp.asarray([66.0]), what="From (2, 3) to (1,)")
    check.close(unbroadcast(g, ()), xp.asarray(66.0), what="From (2, 3) to ()")
    stack = unbroadcast(xp.stack([g, g]), (1,))
    check.close(stack, xp.asarray([132.0]), what="From (2, 2, 3) to (1,)")


@check("unbroadcast")
def square_table():
    """From [[1, 2], [10, 20]] to (2,) it is 11, 22: axes are known by their place."""
    want = xp.asarray([11.0, 22.0])
    got = unbroadcast(xp.asarray([[1.0, 2.0], [10.0, 20.0]]), (2,))
    check.close(got, want, what="From (2, 2) to (2,)")


@check("unbroadcast")
def nothing_stretched():
    """An array that was not stretched comes back as it is; g is left alone."""
    g = xp.asarray(_TABLE)
    check.close(check.unchanged(unbroadcast, g, (2, 3)), xp.asarray(_TABLE))


@check("unbroadcast")
def impossible():
    """(2,) cannot be stretched to (2, 3): NumPy lines shapes up on the right.

    Neither can (2, 3) to (2, 1): stretching makes nothing smaller.
    """
    check.raises(ValueError, unbroadcast, xp.asarray(_TABLE), (2,))
    check.raises(ValueError, unbroadcast, xp.asarray([[1.0], [10.0]]), (2, 3))


check.report("unbroadcast")

# %%
# example bias: your unbroadcast, for a bias and a column that were added to a table
table = xp.arange(12.0).reshape(4, 3)
for shape in ((3,), (4, 1)):
    print(f"back to {shape}:", figures.host(unbroadcast(table, shape)).tolist())

# %% [markdown]
# ## 3. Back through a matrix product
#
# For $V = AB$ with $A$ of shape $(n, k)$ and $B$ of shape $(k, p)$: the entry $A_{ij}$ takes part in the whole row
# $i$ of $V$, in $V_{il}$ with the factor $B_{jl}$. Summed over these ways,
#
# $$\frac{\partial L}{\partial A_{ij}} = \sum_{l=1}^{p} g_{il}\, B_{jl},$$
#
# and likewise for $B$. Both are matrix products again. You hardly need the formula: there is only one way to make the
# shapes fit. Only where $A$, $B$ or `g` is square can one go wrong here and not notice.


# %%
# function matmul_pullback: your code below
def matmul_pullback(g, a, b):
    """The pullback of the matrix product a @ b.

    g  the gradient by a @ b, (n, p)
    a  (n, k), b (k, p): float arrays; n, k and p are 1 or more
    Returns (ga, gb), the gradients by a, of shape (n, k), and by b, of shape (k, p), with
    the dtype of the arrays. Sums, not means, whatever n is. Leave g, a and b as they are.
    """
    ### BEGIN SOLUTION
    ga = g @ b.T
    gb = a.T @ g
    return ga, gb
    ### END SOLUTION


# %%
# check matmul_pullback (1 point): run, do not edit
@check("matmul_pullback")
def one_row():
    """For g = [[1, 10]], a = [[2, 3]] and b = [[1, 2], [3, 4]]: ga is [[21, 43]].

    gb is [[2, 20], [3, 30]].
    """
    g, a = xp.asarray([[1.0, 10.0]]), xp.asarray([[2.0, 3.0]])
    b = xp.asarray([[1.0, 2.0], [3.0, 4.0]])
    ga, gb = check.unchanged(matmul_pullback, g, a, b)
    check.close(ga, xp.asarray([[21.0, 43.0]]), what="ga")
    check.close(gb, xp.asarray([[2.0, 20.0], [3.0, 30.0]]), what="gb")


@check("matmul_pullback")
def along_a_direction():
    """A small change of a and b changes the sum of g * (a @ b) as ga and gb say."""
    rng = np.random.default_rng(1)
    h = 1e-5
    for n, k, p in ((4, 3, 5), (3, 3, 4), (4, 1, 3)):
        a, b, g = normal(rng, n, k), normal(rng, k, p), normal(rng, n, p)
        da, db = normal(rng, n, k), normal(rng, k, p)
        ahead, behind = (a + h * da) @ (b + h * db), (a - h * da) @ (b - h * db)
        slope = float((g * (ahead - behind)).sum()) / (2 * h)
        ga, gb = matmul_pullback(g, a, b)
        shapes = np.shape(ga), np.shape(gb)
        told = f"the shapes are {a.shape} and {b.shape}; yours: {shapes}"
        check.that(told, shapes == (a.shape, b.shape))
        if shapes == (a.shape, b.shape):
            found = float((ga * da).sum() + (gb * db).sum())
            check.close(found, slope, rtol=1e-8, what="The slope that ga and gb promise")


@check("matmul_pullback")
def single_precision():
    """Gradients of float32 arrays are float32."""
    one = xp.ones((1, 1), dtype="float32")
    for name, got in zip(("ga", "gb"), matmul_pullback(one, one, one), strict=False):
        check.dtype(got, "float32", what=name)


check.report("matmul_pullback")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *A bias that grew.* A framework passed the whole table's gradient on to the bias
# >   (jimfleming/differentiation, issue 1, 2016). An update like `biases = biases - grad` then turns a bias of shape
# >   (4,) into one of shape (4, 4), without an error.
# > - *Used twice, counted once.* In `x[[0, 0]]` the one entry is used twice; a framework's gradient counted it once
# >   (HIPS/autograd, issue 39, 2015). A gradient check showed it: 2.0 by differences, 1.0 by the pullback.
#
# ## 4. Back through the loss
#
# Classifiers end in a row of numbers a sample, the **logits** $z$, one a class. Softmax makes probabilities
# $p_j = e^{z_j} / \sum_k e^{z_k}$ of them, and the loss of a sample with label $y$ is the **cross-entropy**
# $-\log p_y = \log \sum_k e^{z_k} - z_y$. Its derivative by $z_j$ is
#
# $$\frac{\partial}{\partial z_j} \Bigl( \log \sum_k e^{z_k} - z_y \Bigr) = p_j - [j = y].$$
#
# Taken as one operation, the two have a pullback far simpler than each of them alone. And a safer one: $e^{800}$ is
# `inf` in float64, $e^{100}$ in float32, and $\log 0$ is not far. But $p$ does not change if the same number is taken
# away from all logits of a row; take away the largest, and every exponent is 0 or less.

# %%
# example shifted: softmax of large logits, naively and shifted
z = xp.asarray([999.0, 1000.0, 998.0])
with np.errstate(over="ignore", invalid="ignore"):
    print("naive:  ", xp.exp(z) / xp.exp(z).sum())
shifted = xp.exp(z - z.max())
print("shifted:", (shifted / shifted.sum()).round(4))


# %%
# function softmax_xent_pullback: your code below
def softmax_xent_pullback(logits, y, reduction="mean"):
    """The gradient of the cross-entropy of softmax(logits) by the logits.

    logits     (n, c), float32, float64 or whole numbers, n and c 1 or more, of any size
               up to 1e4. Whole numbers count as float64.
    y          (n,): labels 0 to c - 1, as integers or as floats (2.0 is class 2). Not
               every class need come. ValueError if one is not whole or is out of range.
    reduction  "mean": of the mean of the n losses. "sum": of their sum.
               Any other word: ValueError.

    Returns an array (n, c) of the logits' dtype (float64 for whole numbers), always
    finite. The gradient from above is 1. Leave logits and y as they are.
    """
    ### BEGIN SOLUTION
    n, c = logits.shape
    if reduction not in ("mean", "sum"):
        raise ValueError(f"{reduction!r} is neither mean nor sum")
    labels = y.astype("int64")
    if (labels != y).any() or (labels < 0).any() or (labels >= c).any():
        raise ValueError(f"labels are whole numbers from 0 to {c - 1}")
    z = logits if logits.dtype.kind == "f" else logits.astype("float64")
    e = xp.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[xp.arange(n), labels] -= 1
    return p / n if reduction == "mean" else p
    ### END SOLUTION


# %%
# check softmax_xent_pullback (1.3 points): run, do not edit
@check("softmax_xent_pullback")
def equal_logits():
    """Four equal logits with label 2: 0.25, 0.25, -0.75, 0.25. With two rows, halves."""
    quarter = [0.25, 0.25, -0.75, 0.25]
    got = softmax_xent_pullback(xp.zeros((1, 4)), xp.asarray([2]))
    check.close(got, xp.asarray([quarter]), what="The gradient of one row")
    got = softmax_xent_pullback(xp.zeros((2, 4)), xp.asarray([2, 2]))
    check.close(got, xp.asarray([quarter, quarter]) / 2, what="The gradient of two rows")
    got = softmax_xent_pullback(xp.asarray([[7, 7, 7, 7]]), xp.asarray([2.0]))
    check.close(got, xp.asarray([quarter]), what="The gradient for whole numbers")


@check("softmax_xent_pullback")
def mean_and_sum():
    """The gradient of the sum is n times that of the mean; its rows add up to 0."""
    rng = np.random.default_rng(2)
    logits, y = normal(rng, 3, 5), xp.asarray([4, 0, 4])
    mean = check.unchanged(softmax_xent_pullback, logits, y)
    whole = softmax_xent_pullback(logits, y, reduction="sum")
    thrice = [[3 * float(value) for value in row] for row in mean]
    check.close(whole, thrice, what="The gradient of the sum")
    sums = [sum(float(value) for value in row) for row in whole]
    check.close(sums, [0.0] * 3, atol=1e-12, what="The list of the sums of its rows")


@check("softmax_xent_pullback")
def large_logits():
    """With logits of 10,000 in float32 the gradient is finite, float32, and right.

    (It may be off by 0.001 here: float32 has few digits left beside 10,000.)
    """
    logits = xp.asarray([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype="float32")
    got = softmax_xent_pullback(logits, xp.asarray([1, 0]), reduction="sum")
    third = 1 / 3
    want = xp.asarray([[1.0, -1.0, 0.0], [third - 1, third, third]], dtype="float32")
    for row in got:
        check.dtype(row, "float32", what="A row of the gradient")
    check.close(got, want, rtol=1e-3, atol=1e-3, what="The gradient")


@check("softmax_xent_pullback")
def labels_out_of_range():
    """Labels of -1, of 1.5, and of 3 where there are three classes, raise ValueError."""
    for label in (-1, 3, 1.5):
        wrong = xp.asarray([0, label])
        check.raises(ValueError, softmax_xent_pullback, xp.zeros((2, 3)), wrong)


check.report("softmax_xent_pullback")

# %% [markdown]
# ## 5. Is this gradient right?
#
# You have written three pullbacks. Are they right? There is a second opinion: the definition of the derivative. Move
# one entry of the input by a small step $h$ ahead and behind, and see how the output changes. The **central
# difference**
#
# $$\frac{f(x+h) - f(x-h)}{2h} = f'(x) + \frac{h^2}{6} f'''(x) + \dots$$
#
# costs two calls for every entry, far too much for training, and needs nothing but $f$. The one-sided difference
# $(f(x+h) - f(x))/h$ looks cheaper and has the error $\frac h2 f''(x)$. For $x^3$ at 2, where the derivative is 12:

# %%
# example differences: one-sided and central, for x ** 3 at 2
for h in (0.1, 0.01, 0.001):
    ahead, behind = (2 + h) ** 3, (2 - h) ** 3
    one_sided, central = (ahead - 8) / h, (ahead - behind) / (2 * h)
    print(f"h = {h}: one-sided {one_sided:.6f}, central {central:.6f}")


# %%
# function gradcheck: your code below
def gradcheck(f, arrays, eps=1e-6):
    """The largest error of the gradients that f returns, judged by central differences.

    f(*arrays) -> (value, grads): a number, and a list or tuple with one array for each
           argument, its derivative as f claims, finite but for NaN. The value is finite.
           f changes nothing that it is given.
    arrays a list or tuple of arrays of floats or whole numbers, one or more, of any
           shapes, also (), none empty. f always gets float64 arrays. Leave them as they
           are.
    eps    the step h: each entry is moved by +eps and by -eps, the others stay

    The numeric derivative by an entry is (value ahead - value behind) / (2 * eps). The
    error of an array is the largest |numeric - given| of its entries, divided by the
    largest |numeric| or |given| of its entries, whichever is larger; 0 if all are 0. It
    is inf where the gradient has another shape than its array, or holds a NaN.

    Returns the largest error of all arrays, a float. Keep away from kinks.
    """
    ### BEGIN SOLUTION
    points = [xp.array(one, dtype="float64") for one in arrays]
    grads = f(*points)[1]
    worst = 0.0
    for k, point in enumerate(points):
        given, numeric = xp.asarray(grads[k]), xp.zeros(point.shape)
        if given.shape != point.shape or (given != given).any():
            return float("inf")
        for place in np.ndindex(point.shape):
            sides = []
            for step in (eps, -eps):
                moved = [one.copy() for one in points]
                moved[k][place] += step
                sides.append(float(f(*moved)[0]))
            numeric[place] = (sides[0] - sides[1]) / (2 * eps)
        scale = max(float(abs(numeric).max()), float(abs(given).max()))
        if scale > 0:
            worst = max(worst, float(abs(numeric - given).max()) / scale)
    return worst
    ### END SOLUTION


# %%
# check gradcheck (1.3 points): run, do not edit
def _square(x):
    return (x * x).sum(), [2 * x]


def _five(x):
    return (x * x).sum(), [2 * x - 1]


@check("gradcheck")
def right_and_wrong():
    """x * x at 3: the right gradient, 6, has an error below 1e-7; 5 has 1 / 6.

    So it is if the 3 is a whole number, or in float32.
    """
    for kind in ("float64", "int64", "float32"):
        three = [xp.asarray([3], dtype=kind)]
        error = gradcheck(_square, three)
        told = f"the error of the right one is below 1e-7 (yours: {error:.1e}, {kind})"
        check.that(told, error < 1e-7)
    got = gradcheck(_five, [xp.asarray([3.0])])
    check.close(got, 1 / 6, rtol=1e-4, what="The error of 5 for 6")


@check("gradcheck")
def one_size_an_array():
    """0.01 a + 0.04 b and 2 c, with 0.015 given for 0.01: the error is 0.005 / 0.04."""

    def line(x, c):
        given = [xp.asarray([0.015, 0.04]), xp.asarray([2.0])]
        return float(0.01 * x[0] + 0.04 * x[1] + 2 * c[0]), given

    got = gradcheck(line, [xp.asarray([1.0, 2.0]), xp.asarray([3.0])])
    check.close(got, 0.125, rtol=1e-4, what="The error")


@check("gradcheck")
def central_with_eps():
    """For x ** 3 at 2 with eps = 0.5 the difference gives 12.25; the error is 1 / 49."""

    def cube(x):
        return (x**3).sum(), [3 * x * x]

    got = gradcheck(cube, [xp.asarray([2.0])], eps=0.5)
    check.close(got, 1 / 49, rtol=1e-6, what="The error")


@check("gradcheck")
def two_arrays():
    """For tanh(a) * b it finds the right gradients right, and 1 - a * a in ga wrong."""
    rng = np.random.default_rng(3)
    a, b = normal(rng, 2, 3), normal(rng, 2, 3)

    def right(a, b):
        t = xp.tanh(a)
        return (t * b).sum(), (b * (1 - t * t), t)

    def wrong(a, b):
        t = xp.tanh(a)
        return (t * b).sum(), (b * (1 - a * a), t)

    error = check.unchanged(gradcheck, right, [a, b])
    told = f"the error of the right ones is below 1e-7 (yours: {error:.1e})"
    check.that(told, error < 1e-7)
    error = gradcheck(wrong, [a, b])
    told = f"the error of the wrong one is above 0.1 (yours: {error:.1e})"
    check.that(told, error > 0.1)


@check("gradcheck")
def another_shape():
    """A gradient of shape (2, 1) for an array of shape (2,) is wrong: inf. So is NaN."""

    def column(x):
        return (x * x).sum(), [(2 * x)[:, None]]

    def unknown(x):
        return (x * x).sum(), [x * float("nan")]

    check.equal(gradcheck(column, [xp.asarray([1.0, 2.0])]), float("inf"))
    check.equal(gradcheck(unknown, [xp.asarray([1.0, 2.0])]), float("inf"))


check.report("gradcheck")

# %% [markdown]
# Now put it to use: are your own pullbacks right?

# %%
# example judged: your gradcheck on your own pullbacks
rng = np.random.default_rng(4)
y3, g3 = xp.asarray([0, 3, 3]), normal(rng, 3, 5)


def own_loss(logits):
    """The mean cross-entropy of three rows, and your gradient of it."""
    top = logits.max(axis=1, keepdims=True)
    logs = xp.log(xp.exp(logits - top).sum(axis=1)) + top[:, 0]
    value = (logs - logits[xp.arange(3), y3]).mean()
    return value, [softmax_xent_pullback(logits, y3)]


def own_product(a, b):
    """The sum of g3 * (a @ b), and your gradients of it."""
    return (g3 * (a @ b)).sum(), matmul_pullback(g3, a, b)


error = gradcheck(own_loss, [normal(rng, 3, 5)])
print(f"largest relative error of softmax_xent_pullback: {error:.1e}")
error = gradcheck(own_product, [normal(rng, 3, 4), normal(rng, 4, 5)])
print(f"largest relative error of matmul_pullback:       {error:.1e}")

# %% [markdown]
# ### Catch the bug
#
# A gradient check is only as good as the questions that it is asked. At `g` = 1, at one shape, in one call, many a
# faulty pullback looks right. So write a judge. It is handed operations that somebody else wrote, on two arrays that
# may be stretched, in the form that PyTorch's `autograd.Function` has: `forward` returns the value, and what it wants
# to be `saved` for `pull`. At grading it meets right ones in several forms, and faulty ones, each with one fault of
# the list below. A judge who always says the same earns nothing.


# %%
# example forgetful: an operation that forgets g, and the question that brings it to light
def product_forward(a, b):
    """a * b, and what its pullback needs."""
    return a * b, (a, b)


def forgetful_pull(saved, g):
    """The pullback of a * b, without g."""
    a, b = saved
    return b, a


ones, twos = xp.ones((2, 2)), 2 * xp.ones((2, 2))
for g in (ones, twos):
    ga, _ = forgetful_pull(product_forward(3 * ones, 5 * ones)[1], g)
    print(f"with g = {float(g[0, 0])}: {float(ga[0, 0])}, should be {float(5 * g[0, 0])}")


# %%
# function finds_bug: your code below
def finds_bug(forward, pull):
    """True if pull is not the pullback of forward, False if it is.

    forward(a, b) -> (value, saved), and pull(saved, g) -> (ga, gb). You choose a and b:
    float64 arrays with at most two axes that can be stretched to one shape, numbers
    between -3 and 3, at least 1e-3 apart from each other and from 0 (gradcheck may then
    move each by up to 1e-4). value is an array of the stretched shape: the operation
    works entry by entry. saved is whatever forward wants to be handed on to pull. g is
    any float64 array of value's shape. Neither raises an error or changes what it is
    given. Call them up to two thousand times each.

    A right pull is right for all a, b and g. In a faulty one, for some of them,
    - the formula of ga or gb is wrong, by 5 per cent or more: a sign, a factor, another
      function;
    - g is forgotten, or matters only by its size, or stops the gradient where it is < 0;
    - ga or gb does not have the shape of a or b, or is summed wrongly where stretched;
    - or pull does not look at saved, but at what forward was called with last.

    Returns True or False. You may use gradcheck (your own: it should be right first).
    """

    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)

    def numbers(shape):
        size = rng.permutation(int(np.prod(shape, dtype=int))) + rng.uniform(0.1, 0.9)
        return xp.asarray((size * 2.8 / (size.max() + 1)).reshape(shape) * rng.choice([-1, 1], size=shape))

    for left, right in (((3, 2), (3, 2)), ((3, 2), (2,)), ((3, 1), (3, 2)), ((1, 2), (2, 1)), ((), (3,)), ((3,), ())):
        a, b = numbers(left), numbers(right) + 0.01
        g = rng.uniform(0.5, 2, size=np.broadcast_shapes(left, right))
        g = xp.asarray(g * np.where(np.arange(g.size).reshape(g.shape) % 2, 1, -1))
        _, saved = forward(a, b)
        forward(a * 0.5, b * 0.5)
        grads = pull(saved, g)

        def f(a, b, g=g, grads=grads):
            return (g * forward(a, b)[0]).sum(), grads

        if gradcheck(f, [a, b]) > 1e-5:
            return True
    return False
    ### END SOLUTION


# %%
# check finds_bug (0.2 points): run, do not edit
def _quotient(a, b):
    return a / (b * b + 1), {"top": a, "bottom": b * b + 1, "root": b}


def _pull_quotient(saved, g):
    by_a = g / saved["bottom"]
    by_b = -2 * by_a * saved["root"] * saved["top"] / saved["bottom"]
    return _shrunk(by_a, np.shape(saved["top"])), _shrunk(by_b, np.shape(saved["root"]))


def _wrong_sign(saved, g):
    ga, gb = _pull_quotient(saved, g)
    return ga, -gb


def _shrunk(g, shape):
    # every entry of g goes to the place of the small array that it came from
    places = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), g.shape)
    size = int(np.prod(shape, dtype=int))
    total = np.bincount(places.ravel(), figures.host(g).ravel(), minlength=size)
    return xp.asarray(total.reshape(shape))


@check("finds_bug")
def one_of_each():
    """Of a / (b * b + 1) the right pullback is called right, one of wrong sign is not."""
    told = "What you say of the right pullback"
    check.equal(finds_bug(_quotient, _pull_quotient), False, what=told)
    told = "What you say of the one with a wrong sign"
    check.equal(finds_bug(_quotient, _wrong_sign), True, what=told)


@check("finds_bug")
def harder_ones():
    """One that forgets g is found, and one that does not sum where a was stretched."""

    def forgetful(saved, g):
        return _pull_quotient(saved, 0 * g + 1)

    def unsummed(saved, g):
        return g / saved["bottom"], _pull_quotient(saved, g)[1]

    told = "What you say of one that forgets g"
    check.equal(finds_bug(_quotient, forgetful), True, what=told)
    told = "What you say of one that sums nothing"
    check.equal(finds_bug(_quotient, unsummed), True, what=told)


check.report("finds_bug")

# %% [markdown]
# ### How large should the step be?
#
# `eps=1e-6` is a common choice. Why not smaller? The error of a central difference is about $A h^2$ as long as $h$ is
# not too large; for a wave $\sin kx$, whose third derivative is $-k^2$ times the first, the relative error is
# $\frac{k^2}{6} h^2$. A smaller $h$ looks better and better. **Predict before you run.** If $h$ goes from $10^{-2}$
# to $10^{-12}$, the error of the central difference (a) falls all the way, (b) falls and then stays where it is,
# (c) falls and then rises again.


# %%
# experiment: your code below
def experiment(seed):
    """The error of differences, on your own wave, for every step of H.

    With k, x = own_wave(seed), f(x) = sin(k x) and its derivative f'(x) = k cos(k x): the
    relative error of a difference at one h is the root mean square of (difference - f')
    over the 400 places, divided by the root mean square of f' over the 400 places.

    Returns a dict:
    central (41,)  the relative error of (f(x + h) - f(x - h)) / (2 h) for each h of H
    forward (41,)  the relative error of (f(x + h) - f(x)) / h for each h of H
    A              k * k / 6, a float: on the right the central error is about A * h**2
    B              a float: the root mean square of (central error * h) over the last 16
                   entries of H, the smallest h. There the central error is about B / h.
    """
    ### BEGIN SOLUTION
    k, x = own_wave(seed)

    def rms(values):
        return float((values**2).mean() ** 0.5)

    slope = k * xp.cos(k * x)
    central, forward = [], []
    for h in H:
        ahead, behind = xp.sin(k * (x + h)), xp.sin(k * (x - h))
        central.append(rms((ahead - behind) / (2 * h) - slope) / rms(slope))
        forward.append(rms((ahead - xp.sin(k * x)) / h - slope) / rms(slope))
    central, forward = np.array(central), np.array(forward)
    B = rms(central[-16:] * H[-16:])
    return {"central": xp.asarray(central), "forward": xp.asarray(forward), "A": k * k / 6, "B": B}
    ### END SOLUTION


# %%
# check experiment (0.2 points): run, do not edit
def _found():  # with the wave of seed 1, the same for everybody
    return {name: figures.host(value) for name, value in experiment(1).items()}


@check("experiment")
def complete():
    """The four entries are there; both curves have 41 points."""
    found = _found()
    names = ["A", "B", "central", "forward"]
    check.equal(sorted(found), names, what="The list of keys")
    for name in ("central", "forward"):
        if name in found:
            shape = found[name].shape
            check.that(f"{name} has shape (41,) (yours: {shape})", shape == (41,))


@check("experiment")
def right_branches():
    """At h = 0.001 the central error is A h h; the one-sided error has h, not h h.

    At h = 1e-10 the central error is B / h within a factor of 3.
    """
    k, x = own_wave(1)
    wave, slope = xp.sin(k * x), xp.cos(k * x)
    found = _found()
    central, forward = found["central"], found["forward"]
    A, B = float(found["A"]), float(found["B"])
    check.close(central[4], A * 1e-6, rtol=0.02, what="central at h = 0.001")
    want = 0.0005 * k * float((wave**2).mean() / (slope**2).mean()) ** 0.5
    check.close(forward[4], want, rtol=0.02, what="forward at h = 0.001")
    got = central[32] * 1e-10
    told = f"B, {B:.1e}, is within a factor of 3 of central * h at 1e-10, {got:.1e}"
    check.that(f"{told} (H begins with its largest h)", B / 3 < got < 3 * B)


check.report("experiment")

# %%
# draw experiment: the V of the error, with its two walls
found = experiment(seed)
k, x = own_wave(seed)
few = [float(value) for value in x[:12]]


def twelve(x):
    """The sum of the wave at twelve places, and its gradient."""
    return xp.sin(k * x).sum(), [k * xp.cos(k * x)]


judged = [gradcheck(twelve, [xp.asarray(few)], eps=float(h)) for h in H[::2]]
A, B, central = float(found["A"]), float(found["B"]), figures.host(found["central"])
wall = np.array([central.min() / 3, central[0] * 3, central[-1] * 3])
figures.lines(
    {
        "central": (H, central),
        "one-sided": (H, figures.host(found["forward"])),
        "your gradcheck,\nat 12 places": (H[::2], judged),
    },
    theory=[(H, A * H**2), (H, B / H)],
    theory_label="A h² and B / h",
    xlabel="step h",
    ylabel="relative error of the derivative",
    title="Your own wave: how good is a difference?",
    log="xy",
    ylim=(wall[0], 1.0),
    alt="Relative error of the derivative against the step h, both axes logarithmic. The "
    "central difference makes a V, whose right wall is a grey line of slope 2 and whose "
    "left wall is a grey line of slope -1. The one-sided difference makes a V that is "
    "higher, with a right wall of slope 1. Your gradcheck follows the central V.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (c). A float64 has about 16 digits. $f(x+h)$ and $f(x-h)$ agree in nearly all of them if $h$ is small, so their
# difference keeps only the last few, rounding errors included: about $10^{-16}$, divided by $2h$. That is the left
# wall, $B/h$. The best step is a compromise: $A h^2 + B/h$ is smallest where its derivative $2Ah - B/h^2$ is zero, at
#
# $$h = \Bigl(\frac{B}{2A}\Bigr)^{1/3},$$
#
# the cube root of something like $10^{-16}$: near $10^{-5}$ for a function whose scale is about 1 (the rule of thumb is
# $\varepsilon^{1/3} \approx 6 \cdot 10^{-6}$, with the rounding unit $\varepsilon$ of float64), larger for slow
# waves, smaller for fast ones. There the error is about $10^{-11}$. The one-sided difference has its best step near
# $10^{-8}$ for such a scale, and only seven or eight digits there. Your gradcheck lies higher on the left, since a sum
# of twelve has more digits to lose. In float32 the lowest central error would be near $10^{-5}$, at a step near 0.01:
# that is why gradient checks are made in float64.
#
# </details>
#
# ### The best step
#
# Type the exponent of the best step for **your own** wave, $\log_{10} (B/2A)^{1/3}$ with the `A` and `B` of your
# experiment, rounded to two decimals. It lies between -7 and -4, and may be off by 0.05. At grading the next cell is
# read and not run: type a plain number.

# %%
# question exponent: type the number
### BEGIN SOLUTION
best_exponent = round(float(np.log10((experiment(seed)["B"] / experiment(seed)["A"] / 2) ** (1 / 3))), 2)
### END SOLUTION

# %%
# check exponent (0.2 points): run, do not edit
_typed = best_exponent


@check("exponent")
def a_number():
    """best_exponent is a number between -7 and -4, typed as a plain number.

    Only the range and the sign are looked at here; whether it is yours, at grading.
    """
    number = type(_typed) in (int, float) and -7 <= _typed <= -4
    told = f"it is a plain number from -7 to -4, minus sign included (yours: {_typed!r})"
    check.that(told, number)


check.report("exponent")

# %% [markdown]
# ## 6. A model, by hand
#
# That is all one needs to train a network: its operations in order forwards, their pullbacks in order backwards. The
# engine is asked once, as a witness.


# %%
# example by_hand: a network of 32 units, its gradient chained by hand, trained on digits
def by_hand(params, X, y):
    """The gradient of the mean cross-entropy of the network, pullback by pullback."""
    h = xp.tanh(X @ params["W1"] + params["b1"])
    logits = h @ params["W2"] + params["b2"]

    g = softmax_xent_pullback(logits, y)  # by the logits
    gb2 = unbroadcast(g, params["b2"].shape)
    gh, gW2 = matmul_pullback(g, h, params["W2"])
    g = gh * (1 - h * h)  # by the sum inside of tanh
    gb1 = unbroadcast(g, params["b1"].shape)
    _, gW1 = matmul_pullback(g, X, params["W1"])
    return {"W1": gW1, "b1": gb1, "W2": gW2, "b2": gb2}


def engine_loss(params, X, y):
    """The same loss in the engine's words."""
    h = am.tanh(am.linear(X, params["W1"], params["b1"]))
    return am.softmax_cross_entropy(am.linear(h, params["W2"], params["b2"]), y)


def right_share(params, X, y):
    """The share of digits that the network names."""
    h = xp.tanh(X @ params["W1"] + params["b1"])
    return float(((h @ params["W2"] + params["b2"]).argmax(axis=1) == y).mean())


X, y = own_digits(seed)
params = starting_weights(seed)
_, witness = am.loss_and_grad(engine_loss, params, X, y)
grads = by_hand(params, X, y)
apart = max(float(abs(grads[name] - witness[name]).max()) for name in grads)
print(f"largest difference to the engine's gradient: {apart:.1e}")
print(f"before training {100 * right_share(params, X, y):3.0f} % right")
for _ in range(100):
    grads = by_hand(params, X, y)
    params = {name: params[name] - 0.5 * grads[name] for name in params}
print(f"after 100 steps {100 * right_share(params, X, y):3.0f} % right")

# %% [markdown]
# ### What you have now
#
# - Three pullbacks, which carry gradients through the operations of a classifier; sums over all ways.
# - `gradcheck`, and you know what to expect of it: about $10^{-9}$, with central differences, in float64.
# - A judge for the pullbacks of others, and a network that you trained without any engine.
#
# It was tedious, though. Every new model needs its own `by_hand`, and in a wrong order or with a term forgotten, it is
# wrong. That can be left to a machine. A good place for a break.
#
# # Sitting 2: the backward pass
#
# ## 7. A computation is a graph
#
# Let every value remember where it came from: what it was computed from, and the pullback of the operation. That is
# a **Node**, and ten lines of code. Values that no operation made are **leaves**; they have no parents.


# %%
# given node: the nodes of a graph, and graphs written down as plain data
class Node:
    """A value that remembers how it was made."""

    def __init__(self, value, parents=(), pullback=None):
        self.value = value  # an array, or a number
        self.parents = parents  # the Nodes it was computed from; one may come twice
        self.pullback = pullback  # from dL/d(value) to a tuple: dL/d(parent) for each
        self.grad = None  # on leaves: dL/d(value), when backward has run


OPERATIONS = {  # for recipes: the value, and the pullback; all arrays of one shape
    "add": lambda *v: (sum(v[1:], v[0]), lambda g: (g,) * len(v)),
    "mul": lambda a, b: (a * b, lambda g: (g * b, g * a)),
    "turn": lambda a: (a.T, lambda g: (g.T,)),
    "total": lambda a: (a.sum(), lambda g: (g * xp.ones_like(a),)),
    "stop": lambda a: (a, lambda g: (None,)),  # a constant: nothing goes back
}


def built(recipe):
    """The Nodes of a recipe, numbered, and a list that counts the calls of pullbacks.

    A recipe is a list: numbers and arrays are leaves, and ("mul", 0, 1) is the product of
    what stands in lines 0 and 1. The last line is the root.
    """
    nodes, calls = [], [0] * len(recipe)

    def counted(pullback, line):
        def pull(g):
            calls[line] += 1
            return pullback(g)

        return pull

    for line, made in enumerate(recipe):
        if isinstance(made, (tuple, list)) and isinstance(made[0], str):
            parents = tuple(nodes[k] for k in made[1:])
            value, pullback = OPERATIONS[made[0]](*(one.value for one in parents))
            node = Node(value, parents, counted(pullback, line))
        else:
            node = Node(xp.asarray(made))
        node.number = line
        nodes.append(node)
    return nodes, calls


# %% [markdown]
# Here is the "diamond" $z = xy + (x + y)$ at $x = 2$, $y = 3$, as Nodes and as a picture.


# %%
# example diamond: z = x * y + (x + y), node by node
def add(a, b):
    """The sum of two Nodes, as a Node; either may be stretched."""

    def pullback(g):
        return unbroadcast(g, a.value.shape), unbroadcast(g, b.value.shape)

    return Node(a.value + b.value, (a, b), pullback)


def mul(a, b):
    """The product of two Nodes, entry by entry; either may be stretched."""

    def pullback(g):
        ga, gb = g * b.value, g * a.value
        return unbroadcast(ga, a.value.shape), unbroadcast(gb, b.value.shape)

    return Node(a.value * b.value, (a, b), pullback)


x, y = Node(xp.asarray(2.0)), Node(xp.asarray(3.0))
z = add(mul(x, y), add(x, y))
graphs.draw(
    z,
    look=graphs.look_of({x: "x", y: "y", z: "add (z)"}),
    title="z = x y + (x + y)",
    alt="Two leaves, x and y, on the left; an arrow from each to a product and to a sum; "
    "arrows from these to a sum on the right, z. All shapes are (), single numbers.",
)

# %% [markdown]
# Backwards the arrows turn round: z hands its gradient to the product and to the sum; each hands something to x and
# y. The gradient by x is what comes *on both ways*, $y + 1 = 4$. So x has to wait. Before a node's gradient may be
# used, everybody who used the node must have sent theirs. With that order the rest is easy.
#
# **Parents before children**, in one list: that is a **topological order**, and backwards it is the order for
# gradients. Two things can go wrong. Whoever takes a node at the first sight of it may be too early. And whoever
# walks along every path instead of visiting every node once, does twice the work for each diamond on the way: after
# thirty of them, a billion steps.
#
# ### Recipes
#
# Checks hand over graphs as plain data, **recipes**, since at grading your code runs in a process of its own which
# objects do not reach: `[2.0, 3.0, ("mul", 0, 1)]` is the product of 2 and 3. `takes_recipes`, below, builds the
# Nodes (`built`, above), calls your function with the root, and gives back what came of it as numbers: for `toposort`
# line numbers, in your order if that is wrong, sorted if it is right. Your function itself always gets a Node.


# %%
# given runs: what happens with a recipe; do not edit
def order_of(function, recipe):
    """The numbers of the nodes, in the order in which your toposort returns them.

    It is called twice on the same Nodes, and the second time counts.
    """
    nodes, _ = built(recipe)
    for _ in range(2):
        order = [node.number for node in function(nodes[-1])]
    return order


def unless_late(recipe, order):
    """`order` where a parent comes too late, else sorted: right orders are all alike."""
    place = {line: at for at, line in enumerate(order)}
    used = {line: made[1:] for line, made in enumerate(recipe) if isinstance(made, tuple)}
    steps = [(parent, line) for line in place for parent in used.get(line, ())]
    late = any(place.get(parent, -1) > place[line] for parent, line in steps)
    return order if late and len(place) == len(order) else sorted(order)


def gradients_of(function, recipe, grad=None, times=1):
    """What your backward, called `times` times on one graph, leaves behind.

    Returns a dict: grads, the .grad of each line or None; calls, how often the pullback
    of each line was called; shared, whether a .grad shares memory with another array.
    Meanwhile `toposort` is one that is right, so that only your backward is judged.
    """
    nodes, calls = built(recipe)
    lines = {len(recipe) - 1}
    for line in reversed(range(len(recipe))):
        if line in lines:
            lines.update(parent.number for parent in nodes[line].parents)
    own = globals().get("toposort")
    globals()["toposort"] = lambda root: [nodes[line] for line in sorted(lines)]
    try:
        for _ in range(times):
            function(nodes[-1]) if grad is None else function(nodes[-1], grad)
    finally:
        globals()["toposort"] = own
    grads = [node.grad for node in nodes]
    return {"grads": grads, "calls": calls, "shared": written_through(nodes, grad)}


def written_through(nodes, *others):
    """Whether writing into the .grad of a node changes another .grad, or a value."""
    nodes = nodes[:50]  # of a long graph the beginning, where the leaves are
    arrays = [one for node in nodes for one in (node.grad, node.value)] + list(others)
    arrays = [one for one in arrays if hasattr(one, "__setitem__")]
    found = False
    for held in [node.grad for node in nodes if hasattr(node.grad, "__setitem__")]:
        before = [one.copy() for one in arrays]
        held += 1
        pairs = list(zip(arrays, before, strict=True))
        changed = sum(bool((one != old).any()) for one, old in pairs)
        found = found or changed > 1
        for one, old in pairs:
            one[...] = old
    return found


def takes_recipes(name):
    """Let your function `name` be handed a recipe as well as a Node."""
    own = globals().get(name)
    if own is None or hasattr(own, "own"):
        return
    run = {"toposort": order_of, "backward": gradients_of}[name]

    def either(root, *args, **options):
        if isinstance(root, Node):
            return own(root, *args, **options)
        return run(own, root, *args, **options)

    either.own, either.__doc__ = own, own.__doc__
    globals()[name] = either


# %%
# function toposort: your code below
def toposort(root):
    """All nodes that root was computed from, parents before children; root is the last.

    root  a Node; `parents` leads from a node to those it was computed from. There are no
          circles. A node may be a parent of several nodes, or twice of one.

    Returns a list of Nodes (a tuple or an iterator will do): every node from which
    root can be reached, each exactly once, and each after all its parents, so that root
    is the last; if root is a leaf, root alone. There may be several such orders; all are
    right. Nodes are the same only if they are one object: two leaves may hold equal
    values. Graphs may be deep, 2,000 nodes in a row, which is more than Python's
    recursion allows. Call no pullback; leave the nodes as they are.
    """
    ### BEGIN SOLUTION
    order, met, stack = [], set(), [(root, False)]
    while stack:
        node, closing = stack.pop()
        if closing:
            order.append(node)
        elif id(node) not in met:
            met.add(id(node))
            stack.append((node, True))
            for parent in node.parents:
                stack.append((parent, False))
    return order
    ### END SOLUTION


# %%
# given sorted: recipes for toposort; do not edit
takes_recipes("toposort")

# %%
# check toposort (1.3 points): run, do not edit
takes_recipes("toposort")
_DIAMOND = [2.0, 3.0, ("mul", 0, 1), ("add", 0, 1), ("add", 2, 3)]


def _well_ordered(recipe, told):
    """toposort of the recipe, each line once, parents first."""
    order = [int(line) for line in toposort(recipe)]
    check.sees(unless_late(recipe, order))
    once = sorted(order) == [*range(len(recipe))]
    shown = f"{recipe}" if len(recipe) < 9 else f"{len(recipe)} lines"
    told = f"{told}, {shown},"
    check.that(f"each node of {told} comes exactly once; yours: {order[:9]}", once)
    place = {line: at for at, line in enumerate(order)}
    for line, made in enumerate(recipe):
        for parent in made[1:] if isinstance(made, tuple) else ():
            before = place.get(parent, 0) <= place.get(line, len(order))
            if not before:
                says = f"line {parent} of {told} comes before {line}; yours: {order[:9]}"
                check.that(says, before)
                return False
    return once


@check("toposort")
def diamond():
    """The diamond x y + (x + y): each of five nodes once, parents first."""
    _well_ordered(_DIAMOND, "the diamond")


@check("toposort")
def short_way_and_long_way():
    """A node that is used at once and later again comes before both of its users."""
    long = [2.0, ("mul", 0, 0), ("add", 1, 1), ("mul", 2, 1), ("add", 0, 3)]
    _well_ordered(long, "a graph with a long way")
    _well_ordered([*long[:4], ("add", 3, 0)], "that graph, with the last two exchanged")


@check("toposort")
def equal_leaves():
    """Two leaves that hold the same number are two nodes. A single leaf is one."""
    _well_ordered([2.0, 2.0, ("add", 0, 1)], "two equal leaves and their sum")
    _well_ordered([2.0], "a single leaf")


@check("toposort")
def a_long_chain():
    """Two thousand nodes in a row: no recursion error."""
    recipe = [1.0, *(("add", line) for line in range(2000))]
    _well_ordered(recipe, "the chain")


@check("toposort")
def doubled_and_doubled():
    """x + x, doubled again, 30 times: each node once, and not on each of 2 ** 30 ways."""
    recipe = [1.0, *(("add", line, line) for line in range(30))]
    if _well_ordered(recipe[:4], "three doublings"):
        _well_ordered(recipe, "thirty doublings")


check.report("toposort")

# %% [markdown]
# > **Seen in the wild**
# >
# > - *Without the order.* A pull request replaced the sorting of a small, famous engine by recursion
# >   (karpathy/micrograd, pull request 64, 2024). With `a = 1; b = a + a; c = b + b`, its author then found, b and a
# >   are gone through several times, and the two versions give different results.
# > - *Too deep.* The same engine's recursive sorting raises `RecursionError` for graphs deeper than 1,000
# >   (karpathy/micrograd, pull request 90, 2025).
# > - *A second call.* In that engine inner nodes keep their gradients, and a second `backward()` sends the old ones
# >   down again (karpathy/micrograd, issue 53, 2023). With $a = 3$, $b = 2$, $e = (a + b) \cdot 1$ the gradient of a
# >   went from 1 to 3; twice 1 would be 2.
#
# ## 8. The backward pass
#
# Go through the sorted nodes from last to first. Keep, for each node, the sum of what has arrived. A node's turn comes
# when all its users are done, so its sum is complete: hand it to the node's pullback, and add what comes out to the
# sums of the parents. Leaves keep theirs in `.grad`, *added* to what stands there from earlier calls: that two calls
# add up is a promise on which assignment 07 relies. Inner nodes keep nothing.
#
# One trap is left. A pullback may return the very array it was given, as that of addition does, twice even. An array
# with two owners must not be written into: `sums[k] += part` changes it for the other owner too.
#
# With a recipe, `backward` gives back a dict: `grads`, the `.grad` of each line; `calls`, how often the pullback of
# each line was called; `shared`, whether a `.grad` shares memory with another array.


# %%
# function backward: your code below
def backward(root, grad=None):
    """Add dL/d(leaf) to the .grad of every leaf that root was computed from.

    root  a Node
    grad  dL/d(root.value), an array of root.value's shape. None: root.value is a single
          number (an array with one entry), L itself, and the gradient 1, of its dtype.
          No array is empty.

    A node's pullback takes the gradient by its value, the sum over all its users, and
    returns a tuple: for each of node.parents a gradient of the parent's shape, or None
    where no gradient goes. It is called once in each call of backward, or not at all if
    no gradient arrives at the node.

    Leaves are the nodes without parents. A leaf at which a gradient arrives, be it zeros,
    gets it added to its .grad, or set if that is None; float32 stays float32. The array
    is the leaf's own, in memory that nothing else uses (a .grad that is there may be
    written into or replaced). The .grad of all other nodes stays as it is. root may be a
    leaf. Never write into other arrays that you were handed or that pullbacks return.
    Returns None.

    Raises ValueError, before anything has changed, if grad is None and root.value has
    more than one entry, or if grad has another shape than root.value. You may use
    toposort.
    """
    ### BEGIN SOLUTION
    shape = np.shape(root.value)
    if grad is None and np.prod(shape) != 1:
        raise ValueError(f"a root of shape {shape} needs a grad")
    seed = xp.ones_like(root.value) if grad is None else grad
    if np.shape(seed) != shape:
        raise ValueError(f"grad has shape {np.shape(seed)}, the root {shape}")
    sums = {id(root): seed}
    for node in reversed(list(toposort(root))):
        g = sums.pop(id(node), None)
        if g is None:
            continue
        if not node.parents:
            node.grad = xp.array(g) if node.grad is None else node.grad + g
            continue
        for parent, part in zip(node.parents, node.pullback(g), strict=True):
            if part is not None:
                before = sums.get(id(parent))
                sums[id(parent)] = part if before is None else before + part
    ### END SOLUTION


# %%
# given walked: recipes for backward; do not edit
takes_recipes("backward")

# %%
# check backward (1.5 points): run, do not edit
takes_recipes("backward")


def _grads(recipe, *args, **options):
    """The .grad of each line, as numbers or lists."""
    grads = backward(recipe, *args, **options)["grads"]
    return [None if g is None else figures.host(g).tolist() for g in grads]


@check("backward")
def square():
    """x * x at 3: the gradient of x is 6; with one x made constant by "stop", 3.

    An array with one entry needs no grad either.
    """
    check.equal(_grads([3.0, ("mul", 0, 0)]), [6.0, None], what="The gradients")
    found = _grads([3.0, ("stop", 0), ("mul", 0, 1)])
    check.equal(found, [3.0, None, None], what="The gradients, with a stop")
    found = _grads([xp.asarray([3.0]), ("mul", 0, 0)])
    check.equal(found, [[6.0], None], what="The gradients, for an array of one entry")


@check("backward")
def diamond_backwards():
    """z = x y + (x + y) at 2 and 3: 4 for x, 3 for y. Inner nodes keep no .grad.

    (If both get the same: do two sums lie in one array?) A node that is used twice, as
    2 x in 2 x + 2 x, has its pullback called once.
    """
    recipe = [2.0, 3.0, ("mul", 0, 1), ("add", 0, 1), ("add", 2, 3)]
    check.equal(_grads(recipe), [4.0, 3.0, None, None, None], what="The gradients")
    reached = backward(recipe)["calls"]
    check.equal(reached, [0, 0, 1, 1, 1], what="How often each pullback was called")
    reached = backward([1.0, ("add", 0, 0), ("add", 1, 1)])["calls"]
    told = "How often the pullbacks of 2 x + 2 x were called"
    check.equal(reached, [0, 1, 1], what=told)


@check("backward")
def twice():
    """Two calls add: (x + y) y at 2 and 3 has the gradients 3 and 8, then 6 and 16.

    (3 and 8 again: is a .grad that is there added to, or set anew?)
    """
    recipe = [2.0, 3.0, ("add", 0, 1), ("mul", 2, 1)]
    check.equal(_grads(recipe)[:2], [3.0, 8.0], what="The gradients after one call")
    after = _grads(recipe, times=2)[:2]
    check.equal(after, [6.0, 16.0], what="The gradients after two calls")


@check("backward")
def memory_of_its_own():
    """For x + y each leaf gets an array of its own, also apart from the grad given."""
    recipe = [xp.asarray([1.0, 2.0]), xp.asarray([3.0, 4.0]), ("add", 0, 1)]
    after = check.unchanged(backward, recipe, xp.asarray([5.0, 7.0]))
    check.that("no .grad shares memory with another array", not after["shared"])
    check.close(after["grads"][1], xp.asarray([5.0, 7.0]), what="The gradient of y")


@check("backward")
def needs_a_grad():
    """A root with two entries and no grad, or with a grad of one, raises ValueError."""
    recipe = [xp.asarray([1.0, 2.0]), ("mul", 0, 0)]
    check.raises(ValueError, backward, recipe)
    check.raises(ValueError, backward, recipe, xp.asarray([1.0]))


@check.asks("backward")
def own_code():
    """How many pullbacks does your backward call for the root of this chain?

    x is a leaf; x2 = x + x, x3 = x2 + x2, and so on to x10: nine sums in a row.
    """
    recipe = [1.0, *(("add", line, line) for line in range(9))]
    return sum(backward(recipe)["calls"])


check.report("backward")

# %% [markdown]
# When all pass, the report asks a question about your own code. Work the answer out, then give it with
# `check.answer("backward", 5)`, your number in the place of 5, in a cell of your own; it costs and earns nothing.
#
# ## 9. A model on your own engine
#
# The network of section 6 once more. This time nobody writes down its backward pass: each operation brings its
# pullback, most of them yours, and the graph does the rest.


# %%
# example engine: the network as a graph, its gradient by your backward
def matmul(a, b):
    """The matrix product of two Nodes."""

    def pullback(g):
        return matmul_pullback(g, a.value, b.value)

    return Node(a.value @ b.value, (a, b), pullback)


def tanh(a):
    """The hyperbolic tangent of a Node."""
    value = xp.tanh(a.value)

    def pullback(g):
        return (g * (1 - value * value),)

    return Node(value, (a,), pullback)


def cross_entropy(logits, y):
    """The mean cross-entropy of the softmax of a Node, with labels y (an array)."""
    z = logits.value - logits.value.max(axis=1, keepdims=True)
    losses = xp.log(xp.exp(z).sum(axis=1)) - z[xp.arange(len(y)), y]

    def pullback(g):
        return (g * softmax_xent_pullback(logits.value, y),)

    return Node(losses.mean(), (logits,), pullback)


def network(leaves, batch, y):
    """The loss of the network as a Node; leaves is a dict of Nodes, batch a Node."""
    h = tanh(add(matmul(batch, leaves["W1"]), leaves["b1"]))
    return cross_entropy(add(matmul(h, leaves["W2"]), leaves["b2"]), y)


X, y = own_digits(seed)
params = starting_weights(seed)
leaves = {name: Node(value) for name, value in params.items()}
batch = Node(X)
loss = network(leaves, batch, y)
backward(loss)
witness = by_hand(params, X, y)
apart = max(float(abs(leaves[name].grad - witness[name]).max()) for name in params)
print(f"largest difference to the gradient by hand: {apart:.1e}")
graphs.draw(
    loss,
    look=graphs.look_of({batch: "X", **{node: name for name, node in leaves.items()}}),
    title="The network: shapes, and (g) those of the gradients",
    alt="The graph of the network from left to right: X and W1 into matmul, with b1 "
    "into add, tanh, with W2 into matmul, with b2 into add, cross_entropy. Each box has "
    "its shape; X and the leaves also those of their gradients, which are the same.",
)

# %% [markdown]
# The data X got a gradient too, 38,400 numbers that nobody asked for. The course's engine spares itself that: it goes
# back only to tensors that were made with `requires_grad=True`.

# %%
# example training: one hundred steps with your backward
shares, losses = [right_share(params, X, y)], []
for _ in range(100):
    leaves = {name: Node(value) for name, value in params.items()}
    loss = network(leaves, Node(X), y)
    backward(loss)
    losses.append(float(loss.value))
    params = {name: params[name] - 0.5 * leaves[name].grad for name in params}
    shares.append(right_share(params, X, y))
print(f"loss {losses[0]:.3f} at first, {losses[-1]:.3f} in the end")
figures.panels(
    {
        "mean cross-entropy": (np.arange(100), losses),
        "digits named (%)": (np.arange(101), 100 * np.array(shares)),
    },
    xlabel="step",
    title="Trained by your own backward pass",
    alt="Two panels against the step, up to 100. The mean cross-entropy falls from more "
    "than 2 to about 0.2; the share of digits named rises from about 10 to over "
    "95 %.",
)

# %% [markdown]
# ### When does a batch leave memory?
#
# The graph of a step holds on to its batch: the pullback of the first product needs $X$. An article on batch size
# says that "data of a batch is removed from memory after an epoch". **Predict before you run.** The next cell takes
# three steps, each with a batch of its own, and looks after each step whether the batch of the step before is still
# there. Is it (a) still there until the epoch ends, (b) gone as soon as the next step has replaced the graph, or
# (c) there until Python collects garbage?

# %%
# example lifetime: is the batch of the step before still in memory?
seen, alive = None, []
for step in range(3):
    rows = slice(200 * step, 200 * (step + 1))
    batch = Node(X[rows].copy())  # a slice alone would share the memory of X
    leaves = {name: Node(value) for name, value in params.items()}
    loss = network(leaves, batch, y[rows])
    backward(loss)
    alive.append(seen is not None and seen() is not None)
    seen = weakref.ref(batch)  # looks at the batch, and does not keep it alive
    told = "" if step == 0 else f"; the batch of the step before: {alive[-1]}"
    print(f"step {step}: the batch of this step is there: {seen() is not None}{told}")

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (b). Nothing but the graph holds the batch, and nothing but the names `loss` and `batch` holds the two; when the
# next step assigns them anew, both go, at once and without the garbage collector, since parents never point to
# children. The article's sentence is wrong by a whole epoch, unless somebody keeps a reference: `losses.append(loss)`
# in the place of `float(loss.value)` would keep every graph of the epoch, with every batch. (The engine goes further:
# its `backward()` frees the graph itself.)
#
# </details>
#
# ## 10. Your operation in the course's engine
#
# `autograd_mini` does what you have just built; see `_walk` and `_unbroadcast` in `tensor.py`. An operation is
# registered by one decorator: a function of arrays that returns the value and one pullback for each array. Here your
# pullbacks join it, and one operation that it lacks, *softplus*, $\log(1 + e^x)$, a ReLU without a kink.


# %%
# example registered: your pullbacks as operations of the engine, checked and trained with
@am.op
def own_matmul(a, b, /):
    """a @ b, with your pullback."""

    def to(place):
        return lambda g: matmul_pullback(g, a, b)[place]

    return a @ b, to(0), to(1)


@am.op
def own_cross_entropy(logits, labels, /):
    """The mean cross-entropy, with your pullback; labels get no gradient."""
    z = logits - logits.max(axis=1, keepdims=True)
    value = (xp.log(xp.exp(z).sum(axis=1)) - z[xp.arange(len(labels)), labels]).mean()
    return value, lambda g: g * softmax_xent_pullback(logits, labels), None


@am.op
def softplus(x, /):
    """log(1 + exp(x)); its derivative is the sigmoid."""
    value = xp.log(1 + xp.exp(-xp.abs(x))) + xp.maximum(x, 0)
    return value, lambda g: g * (0.5 * xp.tanh(0.5 * x) + 0.5)


rng = np.random.default_rng(5)
a, b, few = normal(rng, 4, 3), normal(rng, 3, 5), xp.asarray([0, 4, 4, 2])
checked = {
    "own_matmul": am.gradcheck(own_matmul, a, b),
    "own_cross_entropy": am.gradcheck(lambda z: own_cross_entropy(z, few), a @ b),
    "softplus": am.gradcheck(softplus, a),
}
print({name: f"{error:.0e}" for name, error in checked.items()})


def own_network(params, X, y):
    """The network in the engine, with your operations and softplus for tanh."""
    h = softplus(own_matmul(X, params["W1"]) + params["b1"])
    return own_cross_entropy(own_matmul(h, params["W2"]) + params["b2"], y)


params = starting_weights(seed)
for _ in range(150):
    loss, grads = am.loss_and_grad(own_network, params, X, y)
    params = {name: params[name] - 0.5 * grads[name] for name in params}
print(f"loss after 150 steps in the engine, with your operations: {loss:.3f}")

# %% [markdown]
# Invent one of your own: in a new cell, a function under `@am.op`, then `am.gradcheck`, then a model with it.
# (`am.gradcheck` moves all entries at once along a random direction: two calls for a whole array, not two an entry.)
#
# ## What you have now
#
# - An engine: Nodes, an order, sums, pullbacks. `backward()` holds no secret any more.
# - Why leaves add, inner nodes forget, and no array may have two owners.
# - A network on it that trains as it did by hand, and operations of your own in the engine of this course.
# - `gradcheck` for everything to come. Use it on each gradient that you write, at a `g` that is not 1.
#
# Next: what noise does to a gradient that is now certainly right (assignment 03), if you have not been there.
#
# ## References
#
# - A. Griewank and A. Walther, *Evaluating Derivatives: Principles and Techniques of Algorithmic Differentiation*,
#   2nd ed., SIAM (2008), chapter 3.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul and J. M. Siskind, "Automatic differentiation in machine learning: a
#   survey", *Journal of Machine Learning Research* 18(153) (2018) 1-43.
# - D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations by back-propagating errors", *Nature*
#   323 (1986) 533-536.
