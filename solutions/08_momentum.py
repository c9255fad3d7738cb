# /// contract
# slug = "08_momentum"
# title = "Momentum: what it buys, and when"
# hours = 4.0
# prerequisites = ["02_full_batch_gd", "03_sgd_noise", "variance and covariance", "eigenvalues of a 2 by 2 matrix"]
# data = ["digits"]
# needs = []
#
# [points]
# momentum_step = 7.2
# finds_bug = 1.5
# convert = 3.6
# hb_optimal = 3.6
# nqm_steady_state = 4.8
# nqm_risk = 4.8
# experiment = 3
# speed_ups = 1.5
#
# [uses]
# experiment = ["nqm_steady_state", "nqm_risk"]
#
# [opaque]
# momentum_step = [1]
#
# [claims]
# 47 = "experiment, question speed_ups, example digits"
# 48 = "function nqm_steady_state, experiment, question speed_ups"
# 49 = "function hb_optimal, example radius, example lowered"
# 50 = "example smooth"
#
# [hints]
# momentum_step = [
#   "Write down b for three steps with the gradients 1, 1, 1 and beta 0.5, before any code.",
#   "First make the new buffer from the old one; then the direction from the buffer; then the step.",
#   "With b = 2, g = 3 and beta = 0.5 the new b is 4; with lr = 0.1 the step is 0.4, and with nesterov it is 0.5.",
# ]
# finds_bug = [
#   "What would each fault of the list do in the first step, in the second, in the third?",
#   "Compute theta yourself, step by step, beside the step that you judge; compare theta alone, up to rounding.",
#   "A step that forgets its velocity: with beta 0.5, lr 1 and gradients 1, 1 theta should fall by 1, then by 1.5.",
# ]
# convert = [
#   "By how much does theta move in the very first step, in each convention?",
#   "Which lr gives the same first step? Go by way of one convention that you know, there and back.",
#   "With beta = 0.5 and lr = 0.1 the first step of ema is 0.05 g: half of what torch makes of the same lr.",
# ]
# hb_optimal = [
#   "Only the square roots of the two curvatures enter.",
#   "Both ends are critically damped: the square root of beta is 1 - sqrt(lr * mu), and sqrt(lr * L) - 1 as well.",
#   "For curvatures 4 and 16, with roots 2 and 4: lr = 4 / 36, beta = 1 / 9, and the rate is 1 / 3.",
# ]
# nqm_steady_state = [
#   "Put beta = 0 into the formula: is it the floor of assignment 03?",
#   "First ask whether lr * h is below the limit. Then the formula, with brackets around the whole denominator.",
#   "With lr 0.1, beta 0.5, h 2, c 1 and m 5: 0.1 * 1.5 over 10 * 0.5 * (3 - 0.2), which is 0.15 / 14.",
# ]
# nqm_risk = [
#   "Do it for one direction and one step with pencil and paper, from A = 1, C = V = 0.",
#   "Keep three arrays of d numbers; compute all three new ones from the old ones, then replace them. Sum at the end.",
#   "With h = 2, lr = 0.5, beta = 0.5 and no noise: M is [[0, -0.25], [2, 0.5]], so A becomes 0, C 0 and V 4.",
# ]
# experiment = [
#   "Begin with `drop`: two loops of thirty steps with plain numbers.",
#   "For `steps`, one call of steps_to_target for each beta; the grid holds effective rates, and it wants lr.",
#   "If for one m the steps over three learning rates are 40, 25, 31, the fewest is 25, at the second.",
# ]
# speed_ups = [
#   "Which row of `steps` belongs to beta = 0, and which column to m = 16?",
#   "Steps without momentum divided by steps with it; for the third number, a later floor divided by an earlier one.",
#   "If beta 0 took 500 steps and beta 0.9 took 400, the gain would be 1.25.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # Momentum: what it buys, and when
#
# Gradient descent forgets. Each step looks at the slope under its feet and knows nothing of the steps before.
# **Momentum** adds a memory: a ball that rolls, rather than a hiker who stops after every step. It costs one more
# line of code, and it is the default nearly everywhere, most often with the number 0.9.
#
# Advice on that number is easy to find. One long article on batch size says: momentum helps most with small, noisy
# batches; raise it from 0.9 to 0.95 when batches are small; lower it when they are large. By the end you will have
# put all three to the test, with exact numbers of your own. Plan for about four hours.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `momentum_step` | 1.4 | 5.8 | one step, as PyTorch takes it |
# | `finds_bug` | 0.3 | 1.2 | catch the bug: is this step faulty? |
# | `convert` | 0.7 | 2.9 | three conventions, one method |
# | `hb_optimal` | 0.7 | 2.9 | the best lr and beta of a valley without noise |
# | `nqm_steady_state` | 1 | 3.8 | the floor that noise leaves |
# | `nqm_risk` | 1 | 3.8 | the expected loss after every step, exactly |
# | `experiment` | 0.6 | 2.4 | when does momentum pay? |
# | `speed_ups` | 0.3 | 1.2 | three numbers about the advice |
#
# ### How to start and finish
#
# As in assignment 02. Type your `learner_id` in the first code cell, exactly as it stands on your instructor's roster:
# your data follow from it. The first *Run All* stops at `NotImplementedError: momentum_step is yours to write`. Keep
# the first comment line of each cell; cells of your own are welcome anywhere. Save before you check
# (`course check 08` in a terminal, in this notebook's folder) or submit (*Assignment List*, or as your instructor
# says).
#
# ### How this is graded
#
# The *visible* checks stand in this notebook. They are a fifth of the points. The *hidden* checks run at grading,
# with other numbers and other shapes, and every check is credited on its own.
#
# **No check looks into your velocity.** A momentum step is judged by where the parameters go, from the first step
# on, at a learning rate that stays the same. Keep whatever you like from one step to the next: every form that is
# equal in algebra passes.
#
# Numbers are compared with a relative tolerance of 1e-10 for one step and for `convert`, 1e-9 for floors, 1e-8 for
# whole paths and for `hb_optimal`, 2e-5 in float32, 1e-6 for the experiment; the first typed number may be off by
# 0.0005, the others by half a per cent. Nothing is graded by speed, but a check stops a call that has not finished
# after five seconds.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import time

import numpy as np

from autograd_mini import kaiming_normal, linear, relu, softmax_cross_entropy
from autograd_mini import loss_and_grad as engine_loss_and_grad
from course.learn import check, data, figures, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if not learner_id:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The numbers that you type in section 6 are graded for your id on the roster.")

CONVENTIONS = ("torch", "sutskever", "ema")
BETAS = (0.0, 0.5, 0.9, 0.95)
BATCHES = (16, 64, 256, 1024, 4096, 16384)
EFFECTIVE = 2.0 ** (np.arange(-21, 23) / 4)  # the grid of lr / (1 - beta)
TARGET = 0.01
SMALL, STEPS = 16, 2000
RUNS = ((0.05, 0.9), (0.05, 0.95), (0.1, 0.9), (0.025, 0.95))  # pairs (lr, beta)
seed = public_seed(course_id, learner_id, "08_momentum")


def normal(rng, *shape):
    """Standard normal numbers: drawn on the host, then moved to where the arrays live."""
    return xp.asarray(rng.normal(size=shape))


def own_problem(seed):
    """Your own noisy quadratic: curvatures h (300,) from 1 down, variances c (300,).

    h[i] is (i + 1) ** -p with a p of your own near 1, each up to a tenth more or less;
    c is h times a number of your own.
    """
    rng = np.random.default_rng(seed)
    h = np.arange(1, 301) ** -rng.uniform(0.95, 1.15) * rng.uniform(0.9, 1.1, size=300)
    h = np.sort(h / h.max())[::-1]
    return xp.asarray(h), xp.asarray(h * np.exp(rng.uniform(-0.5, 0.5)))


# %% [markdown]
# ## 1. A ball that rolls
#
# Keep a **velocity** $v$ beside the parameters. Each gradient pushes it; between pushes it loses a part of itself:
#
# $$v_{t+1} = \beta\, v_t + g_t, \qquad \theta_{t+1} = \theta_t - \eta\, v_{t+1}, \qquad v_0 = 0.$$
#
# With $\beta = 0$ that is plain gradient descent. Polyak (1964) called it the **heavy ball**. Written out,
# $v_{t+1} = g_t + \beta g_{t-1} + \beta^2 g_{t-2} + \dots$: a sum over the past that fades. Here are four steps on a
# slope that is always 1.

# %%
# example slope: four steps on a constant slope of 1, with beta 0.5 and lr 0.1
place, speed = 0.0, 0.0
for t in range(1, 5):
    speed = 0.5 * speed + 1.0
    place = place - 0.1 * speed
    print(f"after step {t}: v = {speed:.4f}, theta = {place:.5f}")

# %% [markdown]
# The velocity rises towards $1 + \frac12 + \frac14 + \dots = 2 = \frac1{1-\beta}$. So on a steady slope momentum is
# a larger learning rate, the **effective learning rate** $\eta/(1-\beta)$; with 0.9 it is ten times what you typed.
# Remember this number. Most confusion about momentum comes from comparing two runs with equal $\eta$ and unequal
# $\eta/(1-\beta)$.
#
# PyTorch's `SGD` has two options more, and yours gets them too:
#
# - **dampening** $\delta$: the gradient enters as $(1-\delta)\,g$. PyTorch makes an exception at the very first step,
#   where the velocity is $g$ itself; it took until 2025 for that to be proposed for its documentation
#   (pytorch/pytorch, pull request 152833).
# - **Nesterov**: the step is $\eta\,(g + \beta v_{t+1})$ in place of $\eta\, v_{t+1}$. Nesterov's idea was to measure
#   the gradient where the ball *would* roll by itself, at $x + \beta u$, and then
#   $u \leftarrow \beta u - \eta \nabla f(x + \beta u)$, $x \leftarrow x + u$. PyTorch keeps the look-ahead point
#   $\theta = x + \beta u$ instead of $x$. In these variables the same method is the formula above (put it in and
#   see), and the gradient is the one at $\theta$ that you have anyway.


# %%
# function momentum_step: your code below
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """One step of gradient descent with momentum, as PyTorch's SGD takes it.

    theta  the parameters: a float array with one axis or more
    v      None at the first step of a run; later what the step before returned
    g      the gradient at theta, of its shape and dtype; a mean already, so nothing is
           left to divide
    lr, beta, dampening  Python floats, 0 <= beta < 1, 0 <= dampening < 1
    nesterov             is True only where dampening is 0

    At the first step the velocity b is g, without dampening. Later it is
    beta * b + (1 - dampening) * g, with the b of the step before; for beta = 0 too, where
    PyTorch leaves dampening out (no check asks for that). The step is -lr * b, or with
    nesterov -lr * (g + beta * b), with the new b, at the first step too.

    Returns (theta, v): a new array of theta's shape and dtype; and what you want to be
    handed at the next step: b itself, or any array, number, list, tuple or dict of such.
    Only theta is compared. Within a run, lr, beta, dampening and nesterov stay as they
    are. Several runs may take turns, so remember nothing outside of v. Leave theta, v and
    g as they are. What you return shares no memory with g (with theta it may), since the
    caller may write the next gradient into the same array.
    """
    ### BEGIN SOLUTION
    b = g.copy() if v is None else beta * v + (1 - dampening) * g
    direction = g + beta * b if nesterov else b
    return theta - lr * direction, b
    ### END SOLUTION


# %%
# check momentum_step (1.4 points): run, do not edit
def _run(grads, lr, beta, **options):
    """Where the steps lead from 1, with these gradients: a list of numbers."""
    theta, v, path = xp.asarray([1.0]), None, []
    for g in grads:
        theta, v = momentum_step(theta, v, xp.asarray([g]), lr, beta, **options)
        path.append(float(theta[0]))
    return path


@check("momentum_step")
def by_hand():
    """From 1 with gradients 2, -1, 4, lr 0.1, beta 0.5: to 0.8, 0.8, 0.4.

    The velocity is 2, then 0, then 4.
    """
    check.close(_run([2.0, -1.0, 4.0], 0.1, 0.5), [0.8, 0.8, 0.4], what="The path")


@check("momentum_step")
def beta_zero():
    """With beta 0 it is gradient descent: 1 - 0.25 * 2 = 0.5, then 0.5 - 0.25 * 3."""
    check.close(_run([2.0, 3.0], 0.25, 0.0), [0.5, -0.25], what="The path with beta 0")


@check("momentum_step")
def nesterov_by_hand():
    """With nesterov, gradients 2 and -1, lr 0.1, beta 0.5: to 0.7, then 0.8.

    The steps are 0.1 * (2 + 0.5 * 2) and 0.1 * (-1 + 0.5 * 0).
    """
    path = _run([2.0, -1.0], 0.1, 0.5, nesterov=True)
    check.close(path, [0.7, 0.8], what="The path with nesterov")


@check("momentum_step")
def dampening_by_hand():
    """With dampening 0.25, gradients 2 and 4, lr 0.1, beta 0.5: to 0.8, then 0.4.

    The velocity is 2 at first, without dampening; then 0.5 * 2 + 0.75 * 4 = 4.
    """
    path = _run([2.0, 4.0], 0.1, 0.5, dampening=0.25)
    check.close(path, [0.8, 0.4], what="The path with dampening")


@check("momentum_step")
def arguments_left_alone():
    """theta, v and g stay as they are; the caller may write into g after a step.

    In float32, from (1, -2) with gradients (3, 0.5) and (1, 1), lr 0.1 and beta 0.5.
    """
    theta, g, ones = (xp.asarray(x, dtype="float32") for x in ([1, -2], [3, 0.5], [1, 1]))
    after, v = check.unchanged(momentum_step, theta, None, g, 0.1, 0.5)
    once, _ = check.unchanged(momentum_step, after, v, ones, 0.1, 0.5)
    g[:] = 100.0  # the array is used for something else
    again, _ = momentum_step(after, v, ones, 0.1, 0.5)
    own = bool((figures.host(once) == figures.host(again)).all())
    check.that("what you return does not change when the caller writes into g", own)
    check.dtype(again, "float32", what="theta that came in as float32")
    check.close(again, [0.45, -2.175], rtol=1e-5, what="theta after two steps")


@check.asks("momentum_step")
def own_code():
    """Gradient always 1, lr 0.1, beta 0.9: by how much does theta fall in step 10?"""
    path = _run([1.0] * 10, 0.1, 0.9)
    return path[8] - path[9]


check.report("momentum_step")

# %% [markdown]
# When all pass, the report asks by how much theta falls in the tenth step. Work it out from the fading sum first,
# then answer with `check.answer("momentum_step", 0.5)`, your number in the place of 0.5, in a cell of your own (three
# digits are enough); it costs and earns nothing.
#
# ### Catch the bug
#
# > **Seen in the wild**
# >
# > - *A velocity that never decays.* A library computed $v + \beta g$ in place of $\beta v + g$ (ooples/AiDotNet,
# >   issue 2008, 2026). Under a steady gradient the steps grow without end, where ten times the gradient is the limit.
# > - *A velocity reset at every step.* An optimiser that steps by the sign of its velocity set it to zero before each
# >   update (kozistr/pytorch_optimizer, pull request 516, 2026). With `momentum` 0, 0.5, 0.9 and 0.99 training gave
# >   the same losses, digit for digit.
# > - *Momentum twice.* A textbook's loop first makes the velocity, then adds $\beta v - \eta g$ once more
# >   (fchollet/deep-learning-with-python-notebooks, issue 289, 2026).
#
# None of these crashes, and each looks like training for a while. So write a judge. Your `finds_bug` is handed a step
# that somebody else wrote, and says whether it is faulty. At grading it meets right steps in several forms, whose `v`
# you cannot guess, and wrong ones, each with one fault of the list below. A judge who always says the same earns
# nothing. Here is a faulty step:


# %%
# example forgets: a step without memory, and how to notice
def forgets(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """Your `momentum_step`, which is told at every step that it is the first."""
    return momentum_step(theta, None, g, lr, beta, dampening, nesterov)


theta, v = xp.asarray([0.0]), None
for t in (1, 2, 3):
    theta, v = forgets(theta, v, xp.asarray([1.0]), 1.0, 0.5)
    want = -(2 * t - 2 + 0.5 ** (t - 1))
    print(f"after step {t}: {float(theta[0]):.2f}, should be {want:.2f}")


# %%
# function finds_bug: your code below
def finds_bug(step):
    """True if the step is faulty, False if it is right.

    step(theta, v, g, lr, beta, dampening=0.0, nesterov=False) -> (theta, v) is used as
    `momentum_step` is: v is None at the first step, then what step returned; the four
    options stay the same within a run. theta and g are NumPy float64 arrays (d,), which
    you choose. It never raises an error and never changes its arguments. Call it as often
    as you like, up to a thousand times.

    A right step keeps the contract of `momentum_step`, and its v may be anything. A
    faulty one, at least for some lr, beta, dampening and nesterov, leads to a wrong theta
    at one of the first five steps:
    - it forgets the velocity, never lets it decay, or turns its sign;
    - its steps are too long or too short: lr or beta enters twice, or at the wrong place,
      or they are exchanged, or the velocity is corrected as Adam's is;
    - it does not do as nesterov or dampening says, at the first step or later;
    - or two runs that take turns, alike in shape and options, share one velocity.
    Each shows at any lr and beta from 0.1 to 0.9 that are not equal: plain, or with
    nesterov, or with any dampening from 0.1 to 0.9.

    Forms that are equal in algebra may differ in the last digit of theta: that is no
    fault. Returns True or False.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    for dampening, nesterov in ((0.0, False), (0.0, True), (0.3, False)):
        lr, beta = 0.2, 0.7
        places, states, buffers = [rng.normal(size=3) for _ in range(2)], [None] * 2, [None] * 2
        for _ in range(5):
            for run in (0, 1):
                g = rng.normal(size=3)
                if buffers[run] is None:
                    buffers[run] = g
                else:
                    buffers[run] = beta * buffers[run] + (1 - dampening) * g
                direction = g + beta * buffers[run] if nesterov else buffers[run]
                want = places[run] - lr * direction
                got, states[run] = step(places[run], states[run], g, lr, beta, dampening, nesterov)
                if np.shape(got) != (3,) or not np.allclose(got, want, rtol=1e-9, atol=1e-11):
                    return True
                places[run] = want
    return False
    ### END SOLUTION


# %%
# check finds_bug (0.3 points): run, do not edit
def _right(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    past = [g] if v is None else [*v[0], (1 - dampening) * g]
    b = sum(beta**age * part for age, part in enumerate(reversed(past)))
    return theta - lr * (g + beta * b if nesterov else b), (past, "all gradients so far")


def _plain(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = g if v is None else beta * v["b"] + (1 - dampening) * g
    return theta - lr * (g + beta * b if nesterov else b), {"b": b}


def _no_velocity(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    return _right(theta, None, g, lr, beta, dampening, nesterov)


def _no_nesterov(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    return _right(theta, v, g, lr, beta, dampening)


@check("finds_bug")
def right_and_wrong():
    """Right steps, in two forms, are called right; two that leave something out not.

    One right step keeps b, in a dict; the other keeps all gradients and adds them up
    anew, so that its last digits differ. The wrong ones have no memory, or no nesterov.
    """
    check.equal(finds_bug(_plain), False, what="What you say of one that keeps b")
    check.equal(finds_bug(_right), False, what="What you say of one that adds up anew")
    check.equal(finds_bug(_no_velocity), True, what="What you say of one without memory")
    told = "What you say of one without nesterov"
    check.equal(finds_bug(_no_nesterov), True, what=told)


check.report("finds_bug")

# %%
# example own_step: your judge looks at your own step
print("If this does not end, finds_bug has an endless loop: stop the cell, and mend it.")
verdict = "faulty" if finds_bug(momentum_step) else "right"
print(f"Your judge says that your own momentum_step is {verdict}.")

# %% [markdown]
# If your judge calls your own step faulty, one of the two is wrong. Finding out which is the point. Most of the list
# is left to hidden checks: copy `forgets`, put in a fault or two of your own choice, and see whether it is found.
#
# ## 2. Three conventions
#
# "Learning rate 0.1, momentum 0.9" does not mean the same everywhere. Three ways to write the heavy ball are common:
#
# | name | velocity | step | where |
# |---|---|---|---|
# | `"torch"` | $v \leftarrow \beta v + g$ | $\theta \leftarrow \theta - \eta v$ | PyTorch |
# | `"sutskever"` | $v \leftarrow \beta v - \eta g$ | $\theta \leftarrow \theta + v$ | Sutskever et al. (2013), Keras |
# | `"ema"` | $v \leftarrow \beta v + (1-\beta) g$ | $\theta \leftarrow \theta - \eta v$ | averages, as in Adam |
#
# All start with $v = 0$. At a learning rate that stays the same, each can do what the others do, if its numbers are
# converted. Read the third line again: its velocity is a weighted *mean* of gradients, not a sum. Copying numbers
# from one line to another without thought changes the learning rate tenfold.


# %%
# function convert: your code below
def convert(lr, beta, src, dst):
    """The learning rate and beta that make convention dst do what src does.

    lr > 0 and 0 <= beta < 1 are meant as the convention src means them; src and dst are
    among CONVENTIONS and may be the same. For any gradients, from v = 0 and with lr
    fixed, the parameters must take the same path in dst, with what you return, as in src.

    Returns (lr, beta), two numbers. Raises ValueError for a name that is not in
    CONVENTIONS, letter by letter, be it src or dst, and be they equal.
    """
    ### BEGIN SOLUTION
    for name in (src, dst):
        if name not in CONVENTIONS:
            raise ValueError(f"{name!r} is no convention; there are {CONVENTIONS}")
    if src == "ema":
        lr = lr * (1 - beta)
    if dst == "ema":
        lr = lr / (1 - beta)
    return lr, beta
    ### END SOLUTION


# %%
# check convert (0.7 points): run, do not edit
@check("convert")
def same_first_step():
    """A first step of 0.1 g: lr 0.1 in torch and sutskever, 0.4 in ema for beta 0.75."""
    for src, lr in (("torch", 0.1), ("sutskever", 0.1), ("ema", 0.4)):
        for dst, want in (("torch", 0.1), ("sutskever", 0.1), ("ema", 0.4)):
            told = f"convert({lr}, 0.75, {src!r}, {dst!r})"
            check.close(convert(lr, 0.75, src, dst), (want, 0.75), what=told)


@check("convert")
def unknown_names():
    """A name that is none of the three raises ValueError."""
    check.raises(ValueError, convert, 0.1, 0.75, "torch", "keras")


check.report("convert")

# %% [markdown]
# Two of the three share their numbers, as long as $\eta$ is fixed. What if it is not? In `"torch"` a smaller learning
# rate shrinks the next step at once. In `"sutskever"` the velocity remembers the old learning rate and coasts on. A
# library that promised PyTorch's behaviour and kept $\eta$ inside the velocity was found out in this way
# (paiml/aprender, pull request 2190, 2026): when $\eta$ fell from 0.1 to 0.01, the second step led to -0.200 where
# PyTorch goes to -0.119.
#
# ## 3. What momentum buys where there is no noise
#
# Take one direction of a quadratic valley, with curvature $h$ and $g = h\theta$. One step multiplies the pair
# $(\theta, v)$ by a matrix,
#
# $$\begin{pmatrix}\theta\\ v\end{pmatrix} \leftarrow M \begin{pmatrix}\theta\\ v\end{pmatrix}, \qquad
# M = \begin{pmatrix} 1-\eta h & -\eta\beta \\ h & \beta \end{pmatrix},$$
#
# and in the long run the error shrinks per step by the **radius** of $M$, the larger size of its two eigenvalues,
# which solve $z^2 - (1 - \eta h + \beta) z + \beta = 0$. It stays below 1 for $0 < \eta h < 2(1+\beta)$: momentum also
# widens the range of stable learning rates. What does $\beta$ do to the radius?


# %%
# example radius: the radius by beta, for three values of lr * h
def radius(lr_h, beta):
    """The larger size of the two eigenvalues of M."""
    return max(abs(np.roots([1.0, lr_h - 1 - beta, beta])))


betas = np.linspace(0, 0.999, 1000)
for lr_h in (0.04, 0.25, 2.25):
    found = [radius(lr_h, beta) for beta in betas]
    best = betas[int(np.argmin(found))]
    told = f"best beta {best:.3f}, radius there {min(found):.3f}, at beta 0"
    print(f"lr * h = {lr_h:4.2f}: {told} {found[0]:.3f}, at 0.95 {found[950]:.3f}")

# %% [markdown]
# For each $\eta h$ there is a best $\beta$, $(1-\sqrt{\eta h})^2$, with radius $|1-\sqrt{\eta h}|$. It is the point
# of *critical damping*: with less the ball creeps, with more it overshoots and swings, at $\sqrt\beta$ per step.
#
# A valley has many curvatures, from the flattest $\mu$ to the steepest $L$. The best compromise is critically damped
# at both ends at once:
#
# $$\eta = \frac{4}{(\sqrt L + \sqrt\mu)^2}, \qquad
# \beta = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2, \qquad
# \rho = \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}, \qquad \kappa = \frac L\mu .$$
#
# Hold it against assignment 02, where the best rate was $(\kappa-1)/(\kappa+1)$. The condition number has become its
# square root: for $\kappa = 100$ each step multiplies the error by 0.818 instead of 0.980, and ten steps do what a
# hundred did. (Nesterov's method with $\eta = 1/L$ and $\beta = (\sqrt\kappa-1)/(\sqrt\kappa+1)$ reaches
# $1 - 1/\sqrt\kappa$, here 0.9. It is slower on quadratics, but it has a guarantee for every smooth, strongly convex
# function: there that factor is the one of the loss.)


# %%
# function hb_optimal: your code below
def hb_optimal(mu, L):
    """The best fixed lr and beta of the heavy ball, and its rate, for curvatures mu to L.

    mu and L are numbers, 0 < mu <= L; they may be equal (then beta and rate are 0). lr is
    meant as "torch" means it. rate is what the error, the distance to the minimum, is
    multiplied by per step in the long run; it is not that of the loss.

    Returns (lr, beta, rate), three numbers.
    """
    ### BEGIN SOLUTION
    low, high = float(mu) ** 0.5, float(L) ** 0.5
    rate = (high - low) / (high + low)
    return 4 / (high + low) ** 2, rate**2, rate
    ### END SOLUTION


# %%
# check hb_optimal (0.7 points): run, do not edit
@check("hb_optimal")
def from_1_to_100():
    """Curvatures 1 to 100: lr 4/121 = 0.0330579, beta 81/121 = 0.669421, rate 9/11."""
    lr, beta, rate = hb_optimal(1.0, 100.0)
    check.close(lr, 4 / 121, rtol=1e-8, what="lr")
    check.close(beta, 81 / 121, rtol=1e-8, what="beta")
    check.close(rate, 9 / 11, rtol=1e-8, what="rate")


@check("hb_optimal")
def from_4_to_9():
    """For curvatures 4 to 9: lr 4/25, beta 1/25, rate 1/5."""
    found = hb_optimal(4.0, 9.0)
    check.close(found, (0.16, 0.04, 0.2), rtol=1e-8, what="(lr, beta, rate)")


check.report("hb_optimal")

# %%
# example valley: three methods in a valley with curvatures from 1 to 100
curvatures = xp.asarray(np.geomspace(1.0, 100.0, 30))
heavy_lr, heavy_beta, heavy_rate = hb_optimal(1.0, 100.0)
methods = {
    "gradient descent": (2 / 101, 0.0, False, 99 / 101),
    "Nesterov": (1 / 100, 9 / 11, True, 0.9),
    "heavy ball": (heavy_lr, heavy_beta, False, heavy_rate),
}
curves, bounds, t = {}, [], np.arange(121)
for name, (lr, beta, nesterov, rate) in methods.items():
    theta, v, gaps = xp.ones(30), None, [1.0]
    for _ in range(120):
        g = curvatures * theta
        theta, v = momentum_step(theta, v, g, lr, beta, nesterov=nesterov)
        gaps.append(float(((theta**2).mean()) ** 0.5))
    curves[f"{name}\nrate {rate:.3f}"] = (t, gaps)
    bounds.append((t, rate**t))
figures.lines(
    curves,
    theory=bounds,
    theory_label="rate ** step",
    xlabel="step",
    ylabel="distance to the minimum /\ndistance at the start",
    title="Condition number 100, no noise",
    log="y",
    alt="Distance to the minimum against step, on a logarithmic axis, in a valley without"
    " noise. Gradient descent falls slowly, to a few hundredths in 120 steps; Nesterov's "
    "method to a hundred-thousandth; the heavy ball falls most slowly of all at first, "
    "overtakes both within 25 steps and ends at a billionth. Three thin grey lines have "
    "the rates of theory; the curves run nearly parallel to them.",
)

# %% [markdown]
# The grey lines belong, from top to bottom, to gradient descent, Nesterov and the heavy ball. The heavy ball lies above
# its own: at a critically damped end the error goes like $t\rho^t$. Gradient descent lies below: only the two ends of
# the valley are as slow as that. The slopes are what theory promises. So much where only curvature stands in the way.
#
# ## 4. What noise makes of it
#
# Now let the gradient be noisy, as it is with batches of $m$ samples: $g = h\theta + \xi$, where $\xi$ has mean 0 and
# variance $c/m$, drawn anew at each step. This is the **noisy quadratic model** (Zhang et al. 2019): a valley of $d$
# directions, direction $i$ with curvature $h_i$ and noise $c_i$.
#
# The ball never comes to rest. Its expected loss $\frac12 h\,\mathrm E\,\theta^2$ settles at a **floor**.
#
# **Predict before you run.** You raise $\beta$ from 0.9 to 0.95 and leave everything else as it is. Does the floor
# (a) fall, because momentum averages the noise, (b) stay, or (c) double? Choose before you read the formula:
#
# $$\frac{\eta\, c\,(1+\beta)}{2 m\,(1-\beta)\,(2 + 2\beta - \eta h)} \qquad \text{for } \eta h < 2(1+\beta).$$
#
# For a larger learning rate the loss grows without end. With $\beta = 0$ it is the floor of assignment 03.


# %%
# function nqm_steady_state: your code below
def nqm_steady_state(lr, beta, h, c, m):
    """The expected loss of one direction after very many steps with batches of m.

    lr > 0 and 0 <= beta < 1, as "torch" means them; h > 0 the curvature; c > 0 the
    variance of one sample's gradient; m >= 1 the batch size. The loss is
    h / 2 * (the mean of theta ** 2), half included.

    Returns one number; where lr * h is 2 * (1 + beta) or more there is no floor, and it
    is infinity (float("inf")).
    """
    ### BEGIN SOLUTION
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    return float(lr * c * (1 + beta) / (2 * m * (1 - beta) * (2 + 2 * beta - lr * h)))
    ### END SOLUTION


# %%
# check nqm_steady_state (1 point): run, do not edit
@check("nqm_steady_state")
def without_momentum():
    """lr 0.5, beta 0, h 2, c 3, m 4: 0.5 * 3 / (2 * 4 * (2 - 1)) = 0.1875."""
    check.close(nqm_steady_state(0.5, 0.0, 2.0, 3.0, 4), 0.1875, what="The floor")


@check("nqm_steady_state")
def with_momentum():
    """lr 0.5, beta 0.5, h 2, c 3, m 4: 0.5 * 3 * 1.5 / (2 * 4 * 0.5 * (3 - 1)) = 9/32."""
    check.close(nqm_steady_state(0.5, 0.5, 2.0, 3.0, 4), 9 / 32, what="The floor")


@check("nqm_steady_state")
def no_floor():
    """With beta 0.5 the limit of lr * h is 3: at 2.9 there is a floor, at 3.1 none."""
    floor = nqm_steady_state(2.9, 0.5, 1.0, 1.0, 1)
    check.close(floor, 2.9 * 1.5 / 0.1, rtol=1e-8, what="The floor at lr * h = 2.9")
    endless = float(nqm_steady_state(3.1, 0.5, 1.0, 1.0, 1))
    infinite = endless == float("inf")
    check.that(f"at lr * h = 3.1 it is infinity; yours: {endless}", infinite)


check.report("nqm_steady_state")

# %%
# example smooth: the floor with beta 0.9, held against that of plain gradient descent
print("lr * h of plain     at equal lr     at equal effective lr")
for lr in (0.5, 0.1, 0.01):
    plain = nqm_steady_state(lr, 0.0, 1.0, 1.0, 16)
    same = nqm_steady_state(lr, 0.9, 1.0, 1.0, 16) / plain
    fair = nqm_steady_state(lr * (1 - 0.9), 0.9, 1.0, 1.0, 16) / plain
    print(f"{lr:14.2f} {same:12.2f} times {fair:18.3f} times")
raised = [nqm_steady_state(0.01, beta, 1.0, 1.0, 16) for beta in (0.9, 0.95)]
print(f"from beta 0.9 to 0.95 at the same lr: {raised[1] / raised[0]:.3f} times")

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (c). At equal $\eta$ the floor with 0.9 is 8.6 to 10 times that of plain gradient descent, and
# from 0.9 to 0.95 it doubles. "Momentum smooths the updates" is half true. The *direction* becomes smoother; but each
# push of noise also lives on for $1/(1-\beta)$ steps. At equal *effective* learning rate the two balance: the ratio
# goes to 1 as $\eta$ becomes small. What little is gained, at large $\eta$, is the kernel of truth.
#
# </details>
#
# ## 5. Every step, exactly
#
# The floor says where it ends; how does it get there? Follow the second moments of one direction:
# $A = \mathrm E\,\theta^2$, $C = \mathrm E\,\theta v$ and $V = \mathrm E\,v^2$. Put the noise into the step, once
# in $v$ and, times $-\eta$, in $\theta$. As it is independent of all that came before, one step does
#
# $$\begin{pmatrix}A & C\\ C & V\end{pmatrix} \leftarrow M \begin{pmatrix}A & C\\ C & V\end{pmatrix} M^\top
# + \frac cm \begin{pmatrix}\eta^2 & -\eta\\ -\eta & 1\end{pmatrix},$$
#
# with the $M$ of section 3. No randomness is left: this is the mean over *all* runs. Here is one step, in one
# direction, from $A = 1$ and $v = 0$:

# %%
# example moments: one step with h = 2, c = 3, m = 4, lr = 0.25, beta = 0.5
M = np.array([[1 - 0.25 * 2, -0.25 * 0.5], [2, 0.5]])
noise = 3 / 4 * np.array([[0.25**2, -0.25], [-0.25, 1]])
moments = M @ np.array([[1.0, 0.0], [0.0, 0.0]]) @ M.T + noise
print("A, C, V after one step:", moments[0, 0], moments[0, 1], moments[1, 1])
print("expected loss before:", 2 / 2 * 1.0, "and after:", 2 / 2 * moments[0, 0])


# %%
# function nqm_risk: your code below
def nqm_risk(h, c, m, lr, beta, steps):
    """The expected loss of the noisy quadratic before the first step and after each one.

    h, c     curvatures (all > 0) and noise variances (0 or more) of the directions:
             float64 arrays (d,); d may be 1. Directions do not influence one another.
    m        batch size, 1 or more: the gradient of direction i has the variance c[i] / m
    lr, beta as "torch" means them; lr may be too large: then the numbers grow, which is
             no error (beyond 1e308 nothing is checked)
    steps    0 or more. `experiment` asks four times for 2,000 steps of 300 directions,
             within five seconds: too much for a Python loop over directions

    Every direction starts with E theta ** 2 = 1 and v = 0. The risk is the sum over the
    directions of h[i] / 2 * E theta[i] ** 2.

    Returns an array (steps + 1,); entry t is the risk after t steps. Leave h and c alone.
    """
    ### BEGIN SOLUTION
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    stay, noise = 1 - lr * h, c / m
    risk = [h @ A / 2]
    for _ in range(steps):
        pulled = stay * A - lr * beta * C  # the first row of M times the moments
        carried = stay * C - lr * beta * V
        A, C, V = (
            stay * pulled - lr * beta * carried + lr**2 * noise,
            h * pulled + beta * carried - lr * noise,
            h * (h * A + beta * C) + beta * (h * C + beta * V) + noise,
        )
        risk.append(h @ A / 2)
    return xp.stack(risk)
    ### END SOLUTION


# %%
# check nqm_risk (1 point): run, do not edit
@check("nqm_risk")
def two_steps_by_hand():
    """h 2, c 3, m 4, lr 0.25, beta 0.5: the risk is 1, 0.296875, 0.09375."""
    h, c = xp.asarray([2.0]), xp.asarray([3.0])
    risk = check.unchanged(nqm_risk, h, c, 4, 0.25, 0.5, 2)
    check.close(risk, [1.0, 0.296875, 0.09375], what="The risk")


@check("nqm_risk")
def two_directions():
    """Two directions without momentum: the risks 1 and 0.25 fall, and are added.

    With h (2, 0.5), c (3, 1), m 2 and lr 0.5: to 0.375 and to 0.171875 after one step.
    """
    h, c = xp.asarray([2.0, 0.5]), xp.asarray([3.0, 1.0])
    risk = nqm_risk(h, c, 2, 0.5, 0.0, 1)
    check.close(risk, [1.25, 0.375 + 0.171875], what="The risk")


check.report("nqm_risk")

# %%
# example runs: five thousand noisy runs with your own step, and your exact curve
rng = np.random.default_rng(3)
h2, c2 = xp.asarray([1.0, 0.1]), xp.asarray([4.0, 1.0])
theta, v, seen = normal(rng, 5000, 2), None, []
for _ in range(41):
    seen.append(float((theta**2 @ h2).mean() / 2))
    noisy = h2 * theta + (c2 / 8) ** 0.5 * normal(rng, 5000, 2)
    theta, v = momentum_step(theta, v, noisy, 0.1, 0.9)
exact = figures.host(nqm_risk(h2, c2, 8, 0.1, 0.9, 40))
for t in (0, 5, 10, 20, 40):
    print(f"after {t:2d} steps: mean of the runs {seen[t]:.4f}, exact {exact[t]:.4f}")

# %% [markdown]
# ## 6. When does momentum pay?
#
# Now to the advice. Fix a target, and count the steps until the expected loss has reached it, each time with the
# learning rate that is best for this batch size *and* this $\beta$; anything else would compare learning rates. The
# best one is searched on a grid of effective rates $\eta/(1-\beta)$, the same for all $\beta$.
#
# The next cell gives you a function that does it in a fraction of a second. It knows no more than your `nqm_risk`; but
# as each step does the same thing to the moments, it can square it: two steps at once, then four, eight and so on.


# %%
# given: the steps that are needed, for many learning rates and batch sizes at once
DOUBLINGS = 16


def moved(M, S):
    """The moments S = (A, C, V) after M = (a, b, e, f): M S M', in every direction."""
    (a, b, e, f), (A, C, V) = M, S
    pulled, carried = a * A + b * C, a * C + b * V
    kept = e * (e * A + f * C) + f * (e * C + f * V)
    return a * pulled + b * carried, e * pulled + f * carried, kept


def steps_to_target(h, c, batches, lrs, beta):
    """After how many steps the risk is TARGET or less, for each batch size and each lr.

    h, c (d,); batches and lrs lists or arrays of numbers. Returns a NumPy array
    (len(batches), len(lrs)), inf where the target is not reached within 65,535 steps,
    because the floor lies above it or because the learning rate is too large.
    """
    lr = xp.asarray(np.asarray(lrs, dtype=float))[:, None]
    m = xp.asarray(np.asarray(batches, dtype=float))[:, None, None]
    ones, zeros = xp.ones((len(lrs), len(h))), xp.zeros((len(m), len(lrs), len(h)))
    M = 1 - lr * h, -lr * beta * ones, h * ones, beta * ones
    noise = lr**2 * c, -lr * c, c * ones
    jumps, S, t = [], (zeros + 1, zeros, zeros), np.zeros((len(m), len(lrs)))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(DOUBLINGS):  # what 1, 2, 4, ... steps do at once
            jumps.append((M, noise))
            noise = tuple(x + y for x, y in zip(moved(M, noise), noise, strict=True))
            a, b, e, f = M
            M = a * a + b * e, b * (a + f), e * (a + f), b * e + f * f
        for k in reversed(range(DOUBLINGS)):  # jump where the target is not reached yet
            M, noise = jumps[k]
            after = tuple(x + y / m for x, y in zip(moved(M, S), noise, strict=True))
            above = ~(after[0] @ h / 2 <= TARGET)
            pairs = zip(after, S, strict=True)
            S = tuple(xp.where(above[..., None], new, old) for new, old in pairs)
            t += figures.host(above) * 2.0**k
    return np.where(t < 2**DOUBLINGS - 1, t + 1, np.inf)


# %%
# example walked: the same count in two ways
h_own, c_own = own_problem(seed)
jumped = steps_to_target(h_own, c_own, [4096], [0.5], 0.9)[0, 0]
began = time.perf_counter()
walked = int((nqm_risk(h_own, c_own, 4096, 0.5, 0.9, 500) <= TARGET).argmax())
needed = 16 * (time.perf_counter() - began)
print("m = 4096, lr 0.5, beta 0.9, steps to the target:")
print(f"{jumped:.0f} by jumping, {walked} by your nqm_risk")
print(f"nqm_risk will take about {needed:.1f} s of the 5 s that experiment may take")

# %% [markdown]
# **Predict before you run.** Where does momentum 0.9 save the most steps: (a) with batches of 16, (b) with batches of
# 16,384, or (c) equally everywhere? And at 16, does raising it to 0.95 help, if the learning rate is tuned again?


# %%
# experiment: your code below
def experiment(seed):
    """Momentum against batch size and against advice, on your own noisy quadratic.

    With h, c = own_problem(seed), returns a dict of float arrays:
    drop (2, 31)   theta in one direction without noise, with curvature h[1] (the second),
                   from theta = 1 and v = 0, beta 0.9, in the convention torch (row 0) and
                   sutskever (row 1). The learning rate is 0.5 in the first 10 steps and
                   0.05 in the 20 after them; v is kept as it is when it changes. Column
                   t is after t steps.
    steps (4, 6)   the fewest steps to the TARGET, for each beta of BETAS (row) and each m
                   of BATCHES (column), over the learning rates (1 - beta) * EFFECTIVE
    best (4, 6)    the entry of EFFECTIVE that needs the fewest; of several the smallest
    risk (4, STEPS + 1)  the risk with batches of SMALL for each (lr, beta) of RUNS
    floor (4,)     for each of RUNS, with batches of SMALL: the floors of all directions,
                   added up
    You may use nqm_steady_state and nqm_risk. steps_to_target is given.
    """
    ### BEGIN SOLUTION
    h, c = own_problem(seed)
    slope = float(h[1])
    torch, sutskever = [1.0], [1.0]
    v = u = 0.0
    for t in range(30):
        lr = 0.5 if t < 10 else 0.05
        v = 0.9 * v + slope * torch[-1]
        torch.append(torch[-1] - lr * v)
        u = 0.9 * u - lr * slope * sutskever[-1]
        sutskever.append(sutskever[-1] + u)
    tables = [steps_to_target(h, c, BATCHES, (1 - beta) * EFFECTIVE, beta) for beta in BETAS]
    risk = [nqm_risk(h, c, SMALL, lr, beta, STEPS) for lr, beta in RUNS]
    both = list(zip(h.tolist(), c.tolist(), strict=True))
    floor = [sum(nqm_steady_state(lr, beta, *one, SMALL) for one in both) for lr, beta in RUNS]
    return {
        "drop": xp.asarray([torch, sutskever]),
        "steps": xp.asarray([table.min(axis=1) for table in tables]),
        "best": xp.asarray([EFFECTIVE[table.argmin(axis=1)] for table in tables]),
        "risk": xp.stack(risk),
        "floor": xp.asarray(floor),
    }
    ### END SOLUTION


# %%
# check experiment (0.6 points): run, do not edit
def _found():
    return {name: figures.host(value) for name, value in experiment(seed).items()}


@check("experiment")
def complete():
    """The five entries are there, with the shapes that are asked for."""
    found = _found()
    shapes = {"drop": (2, 31), "steps": (4, 6), "best": (4, 6)}
    shapes.update(risk=(4, STEPS + 1), floor=(4,))
    check.equal(sorted(found), sorted(shapes), what="The list of keys")
    for name in shapes:
        if name in found:
            want, got = shapes[name], found[name].shape
            check.that(f"{name} has shape {want} (yours: {got})", got == want)


@check("experiment")
def plausible():
    """The pieces fit: counts fall as m grows, risks end near their floors.

    Until the learning rate drops, both conventions agree; at column 11 they part.
    """
    found = _found()
    torch, sutskever = found["drop"]
    told = "drop[0, :11], held against drop[1, :11],"
    check.close(torch[:11], sutskever[:11], rtol=1e-8, what=told)
    parted = abs(torch[11] - sutskever[11]) > 1e-6
    check.that("drop[0, 11] and drop[1, 11] differ", parted)
    steps, best = found["steps"], found["best"]
    reached = np.isfinite(steps).all()
    told = "some lr of (1 - beta) * EFFECTIVE reaches the target for every beta and m"
    check.that(f"{told}; yours: from {steps.min()} to {steps.max()} steps", reached)
    whole = (steps[np.isfinite(steps)] % 1 == 0).all()
    check.that("steps holds whole numbers", whole)
    falls = (steps[:, 1:] <= steps[:, :-1]).all()
    check.that("with larger m no more steps are needed", falls)
    on_grid = all(abs(EFFECTIVE - value).min() < 1e-9 for value in best.ravel())
    check.that("every entry of best is one of EFFECTIVE", on_grid)
    near = abs(found["risk"][:, -1] / found["floor"] - 1) < 0.5
    check.that("every risk ends within half of its floor", near.all())


check.report("experiment")

# %%
# draw experiment: steps to the target by batch size, for four values of beta
found = experiment(seed)
steps = figures.host(found["steps"])
sizes = np.array(BATCHES)
figures.lines(
    {f"beta {beta:g}": (sizes, steps[k]) for k, beta in enumerate(BETAS)},
    theory=[(sizes, steps[0, 0] * sizes[0] / sizes)],
    theory_label="half the steps for\ntwice the batch",
    xlabel="batch size",
    ylabel="steps to the target, best learning rate",
    title="Your own noisy quadratic",
    log="xy",
    ylim=(steps.min() / 1.6, steps.max() * 1.6),
    alt="Steps to the target against batch size, both axes logarithmic, for beta 0, 0.5, "
    "0.9 and 0.95. At batches of 16 the four curves lie on top of each other, on a grey "
    "line of slope minus one; from 64 on they part. Beta 0 levels off first and highest, "
    "0.5 later and lower, 0.9 last and lowest; 0.95 levels off above 0.9.",
)

# %%
# draw advice: four runs with batches of 16
risk, floor = figures.host(found["risk"]), figures.host(found["floor"])
t = np.arange(STEPS + 1)
names = []
for lr, beta in RUNS:
    names.append(f"beta {beta:g}, lr {lr:g}\neffective {lr / (1 - beta):.1f}")
figures.lines(
    {names[k]: (t, risk[k]) for k in range(4)},
    theory=[(t, floor[k] + 0 * t) for k in (0, 1)],
    theory_label="floors",
    xlabel="step",
    ylabel="expected loss",
    title="Batches of 16: what raising beta does",
    log="y",
    alt="Expected loss against step for four runs. Raising beta from 0.9 to 0.95 at the "
    "same learning rate ends at about twice the loss, and after the first hundred steps "
    "or two its curve coincides with that of beta 0.9 at twice the learning rate. Where "
    "beta is raised and the learning rate halved, the curve coincides, as late, with that"
    " of the run that it began from. Two grey lines mark the floors.",
)

# %%
# draw drop: two conventions, and a learning rate that falls after ten steps
torch_path, sutskever_path = figures.host(found["drop"])
t = np.arange(31)
figures.lines(
    {"torch": (t, torch_path), "sutskever": (t, sutskever_path)},
    theory=[(t, 0.0 * t)],
    theory_label="the minimum",
    xlabel="step",
    ylabel="theta",
    title="Learning rate 0.5, and 0.05 after ten steps",
    alt="Theta against step for two conventions. Up to step 10 they are one curve, which "
    "swings through the minimum. Then the learning rate falls: in torch the steps become "
    "small at once, in sutskever the old speed carries theta on, far past torch's curve.",
)

# %%
# example lowered: the beta of section 3 for your own curvatures, against 0.9
_, own_beta, _ = hb_optimal(float(h_own[-1]), float(h_own[0]))
lrs = (1 - own_beta) * EFFECTIVE
lowered = steps_to_target(h_own, c_own, BATCHES, lrs, own_beta).min(axis=1)
for m, at, low in zip(BATCHES, steps[2], lowered, strict=True):
    told = f"{at:6.0f} steps with beta 0.9, {low:6.0f} with {own_beta:.3f}"
    print(f"batches of {m:6d}: {told}: {at / low:.3f} times")

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (b), and at 16 it makes no difference that matters.
#
# - While the batch is small, everybody needs the same number of steps. Noise sets the pace there, momentum or not, and
#   the price is a number of *samples*.
# - When the batch is large, curvature sets the pace, and momentum is what beats curvature. "Lower it for large
#   batches" looks at the wrong number. There the best $\beta$ is near the one of section 3, which $\kappa$ decides.
#   Yours lies below 0.9, so at 16,384 going there saves you an eighth of the steps or more, while 0.95 swings too much;
#   $\kappa = 10{,}000$ would want 0.96. And 0, the lowest of all, is the worst for everybody.
# - In the second figure, raising $\beta$ to 0.95 *is* doubling the learning rate: but for the first hundred steps or
#   two, the curves of equal $\eta/(1-\beta)$ coincide. It is faster at first, as a larger learning rate is, and pays
#   with twice the floor. So at equal nominal rate the advice is harmful in the end; at equal effective rate it is
#   neutral. Smith et al. (2018) raise $\beta$ together with the *batch*, $m \propto 1/(1-\beta)$, which leaves the
#   floor where it was.
#
# The third figure is that of section 2: one method while $\eta$ is fixed, two as soon as it is not.
#
# In a thousand directions with $h_i = c_i = 1/i$, the same count gives 29,291 steps without momentum at $m = 16$, 1.01
# times those with 0.9; at 16,384 it gives 801, and momentum is 13.35 times as fast. Zhang et al. (2019) derive it,
# Shallue et al. (2019) measure it on many networks, and Kidambi et al. (2018) construct problems on which, with
# single samples, the heavy ball has nothing to offer over plain SGD: its gains in practice come from mini-batching.
# The next cell asks a network on the digits.
#
# </details>


# %%
# example digits: the same question to a network, learning rates tuned beforehand
# This takes up to a minute, and prints a line for each batch size.
X_all, labels = data.digits()
rows = np.random.default_rng(0).permutation(1797)[:1024]
X_dig, y_dig = xp.asarray(X_all[rows] / 16), xp.asarray(labels[rows])
TUNED = {16: (0.707, 0.707), 64: (1.0, 2.83), 256: (1.0, 5.66), 1024: (1.41, 5.66)}


def digits_loss(params, X, y):
    """Mean cross-entropy of a network with 32 hidden units."""
    hidden = relu(linear(X, params["W1"], params["b1"]))
    return softmax_cross_entropy(linear(hidden, params["W2"], params["b2"]), y)


def all_loss(params):
    """The loss of all 1,024 digits, in plain arrays."""
    hidden = xp.maximum(X_dig @ params["W1"] + params["b1"], 0)
    z = hidden @ params["W2"] + params["b2"]
    z = z - z.max(axis=1, keepdims=True)
    return float((xp.log(xp.exp(z).sum(axis=1)) - z[xp.arange(1024), y_dig]).mean())


def steps_on_digits(m, lr, beta, seed):
    """How many steps of `momentum_step` bring the loss of all 1,024 digits to 0.1."""
    rng, count = np.random.default_rng(seed), 0
    params = {"W1": kaiming_normal(rng, (64, 32), "float64", xp), "b1": xp.zeros(32)}
    params.update(W2=kaiming_normal(rng, (32, 10), "float64", xp), b2=xp.zeros(10))
    v = dict.fromkeys(params)  # a velocity for each parameter, None at first
    while count < 2000:
        order = xp.asarray(rng.permutation(1024))
        for start in range(0, 1024, m):
            batch = order[start : start + m]
            X, y = X_dig[batch], y_dig[batch]
            _, grads = engine_loss_and_grad(digits_loss, params, X, y)
            for name, g in grads.items():
                after = momentum_step(params[name], v[name], g, lr, beta)
                params[name], v[name] = after
            count += 1
            if all_loss(params) <= 0.1:
                return count
    return count


measured = {}
for m, (plain_lr, effective) in TUNED.items():
    plain = np.mean([steps_on_digits(m, plain_lr, 0.0, run) for run in (0, 1)])
    heavy = np.mean([steps_on_digits(m, effective * 0.1, 0.9, run) for run in (0, 1)])
    measured[m] = plain / heavy
    told = f"{plain:5.1f} steps, {heavy:5.1f} with 0.9: {plain / heavy:.2f} times"
    print(f"batches of {m:4d}: {told}")
own, sizes = figures.host(found["steps"]), np.array(BATCHES)
figures.lines(
    {
        "your noisy quadratic": (sizes, own[0] / own[2]),
        "network on digits": (list(measured), list(measured.values())),
    },
    theory=[(sizes, 1.0 + 0 * sizes)],
    theory_label="no gain",
    xlabel="batch size",
    ylabel="times fewer steps with beta 0.9",
    title="What momentum buys, by batch size",
    log="x",
    alt="How many times fewer steps are needed with beta 0.9, against batch size, on a "
    "logarithmic axis. Both curves begin near 1 at batches of 16, marked by a grey line, "
    "and rise: the network's to about 3 at 256 and 4 at 1,024, your noisy quadratic's, "
    "later, to between 3 and 9.",
)

# %% [markdown]
# Two runs each, and learning rates from a coarse search: read nothing into the second digit (nor into plain descent's
# few steps more at 1,024 than at 256). But the network knows
# nothing of quadratics, and its curve has the shape that you computed: no gain at 16, several times later on.
#
# ### Is the advice right?
#
# Type three numbers from **your own** experiment, rounded to four decimals:
#
# - `gain_small`: the steps for $\beta = 0$ divided by those for $\beta = 0.9$, at $m = 16$ (may be off by 0.0005);
# - `gain_large`: the same at $m = 16{,}384$ (half a per cent);
# - `harm`: the floor of the second of RUNS divided by that of the first (half a per cent).
#
# At grading the next cell is read and not run. Type plain numbers such as `1.0321`; quotients such as `2795 / 2706` are
# read too, but names and calls are not.

# %%
# question speed_ups: type the three numbers
### BEGIN SOLUTION
gain_small = round(float((_found_here := experiment(seed))["steps"][0, 0] / _found_here["steps"][2, 0]), 4)
gain_large = round(float(_found_here["steps"][0, 5] / _found_here["steps"][2, 5]), 4)
harm = round(float(_found_here["floor"][1] / _found_here["floor"][0]), 4)
### END SOLUTION

# %%
# check speed_ups (0.3 points): run, do not edit
_typed = {"gain_small": gain_small, "gain_large": gain_large, "harm": harm}


@check("speed_ups")
def three_numbers():
    """All three are numbers of 1 or more, typed as plain numbers, such as 1.0321."""
    for name, value in _typed.items():
        plain = type(value) in (int, float)
        check.that(f"{name} is a plain number such as 1.0321; yours: {value!r}", plain)
        if plain:
            told = f"{name} is 1 or more (is it upside down?); yours: {value!r}"
            check.that(told, value >= 1)


@check("speed_ups")
def in_order():
    """Momentum gains more at the large batch than at the small one."""
    numbers = all(type(value) in (int, float) for value in _typed.values())
    larger = numbers and gain_small < gain_large
    check.that("gain_large is the larger of the two gains", larger)


check.report("speed_ups")

# %% [markdown]
# `harm` is close to 2 for everybody, whatever their data. That is the claim, refuted by your own numbers.
#
# ## What you have now
#
# - A momentum step that you have checked, and a judge that finds the faults of others.
# - $\eta/(1-\beta)$ is the learning rate that counts. Compare runs at equal effective rate, or you compare rates.
# - Without noise, momentum turns $\kappa$ into $\sqrt\kappa$. With noise, it leaves the floor where it was.
# - So it pays where batches are large, and costs nothing where they are small, if the learning rate is tuned with it.
#
# Next: what if you change the batch size while training (assignment 09)?
#
# ## References
#
# - R. Kidambi, P. Netrapalli, P. Jain and S. M. Kakade, "On the insufficiency of existing momentum schemes for
#   stochastic optimization", ICLR 2018.
# - Y. Nesterov, *Introductory Lectures on Convex Optimization: A Basic Course*, Kluwer (2004).
# - B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", *USSR Computational
#   Mathematics and Mathematical Physics* 4(5) (1964) 1-17.
# - C. J. Shallue, J. Lee, J. Antognini, J. Sohl-Dickstein, R. Frostig and G. E. Dahl, "Measuring the effects of data
#   parallelism on neural network training", *Journal of Machine Learning Research* 20(112) (2019) 1-49.
# - S. L. Smith, P.-J. Kindermans, C. Ying and Q. V. Le, "Don't decay the learning rate, increase the batch size",
#   ICLR 2018.
# - I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and momentum in deep
#   learning", ICML 2013.
# - G. Zhang, L. Li, Z. Nado, J. Martens, S. Sachdeva, G. E. Dahl, C. J. Shallue and R. Grosse, "Which algorithmic
#   choices matter at which batch sizes? Insights from a noisy quadratic model", *Advances in Neural Information
#   Processing Systems* 32 (2019).
