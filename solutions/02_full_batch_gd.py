# /// contract
# slug = "02_full_batch_gd"
# title = "Full-batch gradient descent"
# hours = 2.8
# prerequisites = ["eigenvalues of a symmetric matrix", "00_first_step"]
# data = ["diabetes"]
# needs = []
#
# [points]
# full_grad = 4
# gd = 5
# quadratic_gd = 3
# max_stable_lr = 3
# optimal_gd = 4
# experiment = 4
# steps = 2
#
# [uses]
# experiment = ["quadratic_gd", "max_stable_lr", "optimal_gd"]
#
# [claims]
# 1 = "function full_grad"
# 7 = "function max_stable_lr"
# 8 = "function gd"
# 11 = "example averages, and a mistake of full_grad"
# 59 = "example chunks, and a hidden check of gd"
# 81 = "function full_grad (l2), example training"
#
# [hints]
# full_grad = [
#   "Which arrays must remember how they were used? Those become Tensors that require a gradient.",
#   "backward() starts at one number. Build it first: the mean of the per-sample losses, plus the penalty once.",
#   "The example above does it for one Tensor. Do the same for a dict of Tensors, and read the grad of each.",
# ]
# gd = [
#   "How many losses belong to two steps? Which point does the first one belong to?",
#   "A step needs the gradient at the present point, and leads to a new one, whose loss is due as well.",
#   "On f(w) = w * w from 1 with lr 0.25: loss 1, gradient 2, to 0.5; loss 0.25, gradient 1, to 0.25; and so on.",
# ]
# quadratic_gd = [
#   "What is the gradient of the quadratic at w? Section 3 says it.",
#   "Each row follows from the row before: minus lr times the gradient there. The first row is w0.",
#   "In one dimension with H = 2, b = 2 and lr = 0.25, from 0: the gradient at 0 is -2, so the next point is 0.5.",
# ]
# max_stable_lr = [
#   "Which direction of the valley is the first to diverge?",
#   "In a direction of curvature h a step multiplies the error by 1 - lr * h. When is that below 1 in size?",
#   "With curvatures 2 and 5 and lr = 0.5 the factors are 0 and -1.5: the steep direction diverges.",
# ]
# optimal_gd = [
#   "Which two of all the curvatures matter?",
#   "At the best learning rate the flattest and the steepest direction shrink equally fast, with opposite signs.",
#   "With curvatures 1 and 3, lr = 0.5 gives the factors 0.5 and -0.5; any other lr makes one of them larger.",
# ]
# experiment = [
#   "Compute H, b and the minimum once, and print their shapes.",
#   "Each learning rate gives one path, each path one row of distances. Divide by the distance at the start.",
#   "For the first t at which a row is small enough, compare the whole row with the bound: where is the first True?",
# ]
# steps = [
#   "Two of the three numbers are in what your experiment returns: print them.",
#   "The third is about the loss: take f at each point of the best path, less f at the minimum.",
#   "If the gaps were 8, 4, 2, 1, 0.5, the first to be at most an eighth of the first would be at t = 3.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # Full-batch gradient descent
#
# Gradient descent in its plainest form looks at **all** the data, takes one step, and looks at all the data again.
# Every other method of this course is a shortcut for this one, so it is worth knowing exactly: what a step is, how
# long it may be, and how many of them you will need. By the end you will have predicted that number for data of
# your own, before running a single step.
#
# You write five short functions, run one experiment and answer one question; plan for two and a half to three hours.
# You need the eigenvalues of a symmetric matrix, and nothing about neural networks.
#
# | task | points, visible | points, hidden | what it is |
# |---|---:|---:|---|
# | `full_grad` | 1 | 3 | the gradient of the mean loss over all samples |
# | `gd` | 1 | 4 | gradient descent on any loss |
# | `quadratic_gd` | 0.5 | 2.5 | gradient descent on a quadratic, every step kept |
# | `max_stable_lr` | 0.5 | 2.5 | the learning rate at which it starts to diverge |
# | `optimal_gd` | 1 | 3 | the best learning rate, and how fast it is |
# | `experiment` | 1 | 3 | all of it on your own patients |
# | `steps` | 0.5 | 1.5 | how many steps? |
#
# ### How to start and finish
#
# 1. Type your `learner_id` in the first code cell, the *learner cell*, exactly as it stands on your instructor's
#    roster. Ask if you do not know it: your data follow from it. Leave `course_id` as it is.
# 2. Run the cells from the top. The first *Run All* stops at `NotImplementedError: full_grad is yours to write`.
#    That is as it should be: it names the function that comes next.
# 3. Put your code in the place of `raise NotImplementedError(...)`, run the cell, and run the check cell that
#    follows. Keep the first comment line of each cell: it is how the cell is recognised. Cells of your own are
#    welcome anywhere.
# 4. Save before you check or submit. `course check 02`, in a terminal opened in this notebook's folder, runs the
#    same visible checks on the saved file.
# 5. Submit through Jupyter's nbgrader list (*Assignment List*), or as your instructor says.
#
# ### How this is graded
#
# The *visible* checks stand in this notebook and tell you at once what is wrong. They are about a fifth of the
# points. The *hidden* checks run at grading: they call your functions with other numbers, other shapes and other
# learning rates, and every check is credited on its own. When all visible checks pass, that is a good sign and not
# yet the full score; each report says what the hidden checks look at.
#
# Numbers are compared with a relative tolerance of 1e-10 for one step, 1e-8 for whole paths and for learning rates,
# and 1e-6 for the experiment; the step counts that you type may be off by 2 steps. How you get there is free: loops,
# `einsum`, eigenvectors, all are welcome, and where an array or a number is asked for, a list or NumPy's own numbers
# do as well. Nothing is graded by speed, but a check stops a call that has not finished after five seconds. Outside
# of checks, stop a loop that does not end by *Kernel → Interrupt*.

# %%
# learner: who you are, and where the arrays live ("numpy", or "cupy" on a GPU)
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import numpy as np

from autograd_mini import Tensor, linear, tanh
from course.learn import check, data, figures, public_seed

if backend == "cupy":
    import cupy as xp
else:
    xp = np

if learner_id:
    print(f"Ready, {learner_id}.")
else:
    print("learner_id is empty: type it in the learner cell. These are nobody's data.")
    print("The numbers that you type in section 7 are graded for your id on the roster.")

STEPS = 5000
seed = public_seed(course_id, learner_id, "02_full_batch_gd")


def normal(rng, *shape):
    """Standard normal numbers: drawn on the host, then moved to where the arrays live."""
    return xp.asarray(rng.normal(size=shape))


def own_data(seed):
    """Your own 400 of the 442 patients: X (400, 10) and y (400,).

    Each column of X, and y, has mean 0 and mean square 1.
    """
    X, y = data.diabetes(standardise=False)
    rows = np.random.default_rng(seed).permutation(len(X))[:400]
    X, y = data.standardised(X[rows]), data.standardised(y[rows, None])[:, 0]
    return xp.asarray(X), xp.asarray(y)


def init_params(rng, D, hidden):
    """Starting parameters: W1 (D, hidden), b1 (hidden,), W2 (hidden, 1), b2 (1,)."""
    return {
        "W1": normal(rng, D, hidden) / D**0.5,
        "b1": xp.zeros(hidden),
        "W2": normal(rng, hidden, 1) / hidden**0.5,
        "b2": xp.zeros(1),
    }


def model(params, X):
    """The network's prediction (N,) for X (N, D), as a Tensor.

    params may hold arrays or Tensors.
    """
    h = tanh(linear(X, params["W1"], params["b1"]))
    return linear(h, params["W2"], params["b2"]).reshape(len(X))


def per_sample_loss(prediction, y):
    """Half the squared error of each sample, (N,), as a Tensor."""
    return (prediction - y) ** 2 * 0.5


def objective(params, X, y, l2=0.0):
    """The number to be made small, in plain arrays.

    It is the mean loss + l2/2 * (sum of the squares of W1 and W2).
    """
    h = xp.tanh(X @ params["W1"] + params["b1"])
    residual = (h @ params["W2"] + params["b2"])[:, 0] - y
    penalty = (params["W1"] ** 2).sum() + (params["W2"] ** 2).sum()
    return float((residual**2).mean() / 2 + l2 / 2 * penalty)


def line_loss_and_grad(params, X, y):
    """Loss and gradient of a straight line, X @ w + c, for params w (D,) and c (1,)."""
    residual = X @ params["w"] + params["c"] - y
    grads = {"w": X.T @ residual / len(X), "c": residual.mean().reshape(1)}
    return float((residual**2).mean() / 2), grads


# %% [markdown]
# ## 1. The gradient of everything
#
# Let $\ell_i(\theta)$ be the loss of sample $i$ when the parameters are $\theta$. What we want to be small is the
# **mean loss**, with or without a penalty on large weights:
#
# $$f(\theta) = \frac1N \sum_{i=1}^{N} \ell_i(\theta) \;+\; \frac{\alpha}{2} \sum_{\text{weights}} \lVert W \rVert^2 .$$
#
# Differentiation is linear, so without the penalty the gradient of the mean is the mean of the gradients,
#
# $$\nabla f(\theta) = \frac1N \sum_{i=1}^{N} \nabla \ell_i(\theta).$$
#
# That is the *full-batch* or *true* gradient (Bottou, Curtis and Nocedal 2018, section 3). A mean, not a sum: with a
# sum, twice the data would mean steps of twice the length, and a learning rate that suits 400 patients would be far
# too large for 4,000.
#
# Here it is for a straight line without an intercept: three samples, two weights, the engine on one side and pencil
# and paper on the other. The engine's `Tensor` is an array that remembers how it was computed. It takes `+`, `-`,
# `*`, `/`, `**`, `@`, indexing, `.sum()`, `.mean()` and `.reshape()`; `.backward()` on a single number fills the
# `.grad` of each Tensor made with `requires_grad=True`; `.data` is the plain array. `help(Tensor)` tells the rest.

# %%
# example line: the engine's gradient of a mean loss, and the same by hand
X3 = xp.asarray([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
y3 = xp.asarray([1.0, 0.5, -2.0])
w = Tensor(xp.asarray([0.3, -0.2]), requires_grad=True)

three = per_sample_loss(Tensor(X3) @ w, y3)  # one loss for each sample
three.mean().backward()
by_hand = X3.T @ (X3 @ w.data - y3) / 3
print("the engine:", w.grad)
print("by hand:   ", by_hand)

# %% [markdown]
# Now the same for a network with one hidden layer, D inputs, H hidden tanh units and one output. `model`,
# `per_sample_loss` and `objective` in the setup cell say exactly what is meant: the loss is **half** the squared
# error, the penalty is $\frac{\alpha}{2}(\lVert W_1\rVert^2 + \lVert W_2\rVert^2)$ with $\alpha$ = `l2`, biases
# are not penalised, and the penalty is added once, not once per sample.


# %%
# function full_grad: your code below
def full_grad(params, X, y, l2=0.0):
    """The gradient of `objective` by every parameter.

    params  dict of float arrays: W1 (D, H), b1 (H,), W2 (H, 1), b2 (1,)
    X, y    all the samples, (N, D) and (N,); N may be 1
    l2      strength of the penalty on W1 and W2 (never on b1 and b2)

    Returns a dict with the keys of `params`; each gradient is an array of its parameter's
    shape. Use the engine: turn the parameters into Tensors that require a gradient, build
    the loss from `model` and `per_sample_loss`, call `backward()`, collect `.grad`. Leave
    `params`, `X` and `y` as they are.
    """
    ### BEGIN SOLUTION
    tensors = {name: Tensor(value, requires_grad=True) for name, value in params.items()}
    loss = per_sample_loss(model(tensors, X), y).mean()
    for name in ("W1", "W2"):
        loss = loss + 0.5 * l2 * (tensors[name] ** 2).sum()
    loss.backward()
    return {name: tensor.grad for name, tensor in tensors.items()}
    ### END SOLUTION


# %%
# check full_grad (1 point): run, do not edit
@check("full_grad")
def one_gradient_for_each_parameter():
    """There is one gradient for each parameter, of the parameter's shape."""
    rng = np.random.default_rng(1)
    params = init_params(rng, 4, 3)
    shapes = {name: value.shape for name, value in params.items()}
    grads = full_grad(params, normal(rng, 6, 4), normal(rng, 6))
    check.equal(type(grads).__name__, "dict", what="The type of what comes back")
    if not isinstance(grads, dict):
        return
    check.equal(sorted(grads), sorted(shapes), what="The list of keys")
    tensors = [name for name, grad in grads.items() if isinstance(grad, Tensor)]
    check.that(f"all gradients are arrays; Tensors are {tensors}", not tensors)
    for name, shape in shapes.items():
        got = np.shape(grads[name]) if name in grads else "missing"
        told = f"the gradient of {name} has shape {shape} (yours: {got})"
        check.that(told, got == shape)


@check("full_grad")
def slope_of_the_objective():
    """A small step along a random direction changes the objective as the gradient says.

    Five samples, no penalty; your function leaves its arguments as they are.
    """
    rng = np.random.default_rng(2)
    params, X, y = init_params(rng, 3, 2), normal(rng, 5, 3), normal(rng, 5)
    way = {name: normal(rng, *value.shape) for name, value in params.items()}
    ahead = {name: value + 1e-6 * way[name] for name, value in params.items()}
    behind = {name: value - 1e-6 * way[name] for name, value in params.items()}
    slope = (objective(ahead, X, y) - objective(behind, X, y)) / 2e-6
    grads = check.unchanged(full_grad, params, X, y)
    found = sum(float((grads[name] * way[name]).sum()) for name in way)
    check.close(found, slope, rtol=1e-6, what="The slope")


check.report("full_grad")

# %% [markdown]
# Stuck? Print the `.shape` of each gradient, and the loss beside `objective(params, X, y)`: they should agree. A
# `.grad` that is `None` belongs to a Tensor that the loss does not depend on, or that was made without
# `requires_grad=True`.
#
# > **Seen in the wild**
# >
# > - *A sum in place of the mean.* A notebook in JAX's documentation summed the loss over the batch
# >   (jax-ml/jax, pull request 3113). It worked with batches of 128 and a small learning rate; with larger batches
# >   the gradients exploded.
# > - *The mean taken twice.* The textbook *Dive into Deep Learning* averaged the loss and divided by the batch size
# >   once more in the step (d2l-ai/d2l-en, pull request 1000). Nothing crashes; every step is too short.
# > - *One sum over all units.* A lecture's code summed the gradient of the biases over the classes as well as over
# >   the samples (rasbt/stat453-deep-learning-ss21, issue 5). It trained, to an accuracy of 0.858; three biases that
# >   were all equal gave it away.
#
# ### May one average the outputs and go back once?
#
# Some texts describe a batch like this: average the outputs of all samples, compare the average with the average
# target, then back-propagate once. It sounds thrifty. The next cell does both, with your own patients and with a
# network that has not been trained; its last bias is 0.5, so that it predicts too much on average.

# %%
# example averages: the mean of the losses against the loss of the means
X_own, y_own = own_data(seed)
params0 = init_params(np.random.default_rng(seed), 10, 8)
params0["b2"] = xp.asarray([0.5])


def length(grads):
    """The Euclidean length of all gradients laid end to end."""
    return sum(float((g**2).sum()) for g in grads.values()) ** 0.5


averaged = {name: Tensor(value, requires_grad=True) for name, value in params0.items()}
prediction = model(averaged, X_own)
loss_of_means = per_sample_loss(prediction.mean(), y_own.mean())
loss_of_means.backward()
wrong = {name: t.grad for name, t in averaged.items()}
right = full_grad(params0, X_own, y_own)
gap = {name: wrong[name] - right[name] for name in right}

kept, lost = loss_of_means.item(), float((prediction.data - y_own).var()) / 2
print(f"loss of the means                  {kept:.6f}")
print(f"half the variance of the residuals {lost:.6f}")
print(f"their sum                          {kept + lost:.6f}")
print(f"mean of the losses                 {objective(params0, X_own, y_own):.6f}")
print(f"length of the gradient, by your full_grad  {length(right):.4f}")
print(f"length of the gradient, thrifty recipe     {length(wrong):.4f}")
print(f"length of the difference of these two      {length(gap):.4f}")

# %% [markdown]
# They are different things. With the network's residuals $r_i$ = prediction minus target, the mean of the losses is
# $\frac12\overline{r^2} = \frac12\bar r^2 + \frac12\operatorname{Var}(r)$, and the thrifty recipe keeps the first
# term only. A model that says "average" to everybody has $\bar r = 0$, so the recipe finds it perfect and stops
# learning. You may average **losses** and you may average **gradients**, for that is the same thing; you may not
# average outputs.
#
# ### Does the full batch need much memory?
#
# "The full batch needs memory for all samples at once" is said often. It is true of one big forward pass, and no
# property of the method: a mean can be gathered in parts. Here your `full_grad` sees at most 64 patients at a time.


# %%
# example chunks: the full gradient, 64 patients at a time
def chunked_grad(params, X, y, size=64):
    """The full gradient from those of parts, each weighted by its share of samples."""
    total = {name: xp.zeros_like(value) for name, value in params.items()}
    for start in range(0, len(X), size):
        part = slice(start, start + size)
        share = len(X[part]) / len(X)
        for name, grad in full_grad(params, X[part], y[part]).items():
            total[name] += share * grad
    return total


parts = chunked_grad(params0, X_own, y_own)
apart = max(float(abs(parts[name] - right[name]).max()) for name in right)
count, last = -(-len(X_own) // 64), len(X_own) % 64
print(f"{count} parts, the last with {last} patients; largest difference {apart:.1e}")

# %% [markdown]
# Equal but for rounding, with the memory of 64 samples. The last part is smaller than the others; the weights take
# care of that, and forgetting them is a famous mistake to which assignment 07 returns. What the full batch does
# cost is time: one look at *all* the data for *one* step, which is cheap for 400 patients and expensive for a
# million pictures. Nor does it learn badly by nature: with care, full-batch training has matched stochastic
# training on CIFAR-10 (Geiping et al. 2022).
#
# ## 2. Gradient descent
#
# One step goes a little way against the gradient,
#
# $$\theta_{t+1} = \theta_t - \eta\, \nabla f(\theta_t),$$
#
# with the **learning rate** $\eta$, `lr` in the code. Here are three steps on a parabola with its lowest point at 3.
# Three steps make *four* losses: one at the start, one after each step.

# %%
# example parabola: three steps on f(w) = (w - 3)**2 / 2, whose slope is w - 3
w_now, path = 0.0, [0.0]
for _ in range(3):
    w_now = w_now - 0.5 * (w_now - 3)  # lr is 0.5
    path.append(w_now)
for t, each in enumerate(path):
    print(f"after {t} steps: w = {each:.3f}, loss {(each - 3) ** 2 / 2:.4f}")

# %% [markdown]
# Your function gets the loss and its gradient as a callable, so it works for the line, for the network and for
# whatever comes.


# %%
# function gd: your code below
def gd(loss_and_grad, params, X, y, lr, steps):
    """Gradient descent from `params`: `steps` steps with learning rate `lr`.

    loss_and_grad(params, X, y) -> (loss, grads): loss a number, grads a dict of arrays
        like params. Both are those of the mean over the samples already, so nothing is
        left to divide. Call it, with all of X and y, once at the start and once after
        each step: steps + 1 times.
    params   dict of float arrays; leave it, and the arrays in it, as they are
    steps    0 or more

    In each step compute all gradients first, then move all parameters.

    Returns (params, losses): a new dict of arrays with the shapes and dtypes of those in
    `params`, and steps + 1 numbers (an array or a list) with losses[0] the loss at the
    start and losses[t] the loss after t steps.
    """
    ### BEGIN SOLUTION
    params = {name: value.copy() for name, value in params.items()}
    loss, grads = loss_and_grad(params, X, y)
    losses = [float(loss)]
    for _ in range(steps):
        for name in params:
            params[name] -= lr * grads[name]
        loss, grads = loss_and_grad(params, X, y)
        losses.append(float(loss))
    return params, xp.asarray(losses)
    ### END SOLUTION


# %%
# check gd (1 point): run, do not edit
def _line():
    rng = np.random.default_rng(3)
    return {"w": normal(rng, 3), "c": normal(rng, 1)}, normal(rng, 8, 3), normal(rng, 8)


@check("gd")
def first_loss():
    """There is one loss more than there are steps; losses[0] is the loss at the start."""
    params, X, y = _line()
    start, _ = line_loss_and_grad(params, X, y)
    _, losses = gd(line_loss_and_grad, params, X, y, lr=0.1, steps=3)
    check.equal(len(losses), 4, what="The number of losses after 3 steps")
    check.close(losses[0], start, what="losses[0]")


@check("gd")
def one_step_by_hand():
    """One step with lr 0.5, by hand: w becomes (0.875, 0.9375), and c becomes 0.875."""
    params = {"w": xp.asarray([0.5, -1.0]), "c": xp.asarray([0.25])}
    X, y = xp.asarray([[2.0, 1.0], [0.0, 4.0]]), xp.asarray([1.0, -2.0])
    want = {"w": xp.asarray([0.875, 0.9375]), "c": xp.asarray([0.875])}
    after, _ = gd(line_loss_and_grad, params, X, y, lr=0.5, steps=1)
    check.close(after, want, what="What comes back as params")


@check("gd")
def downhill():
    """With a small learning rate every step on a straight line's loss goes downhill."""
    params, X, y = _line()
    _, losses = gd(line_loss_and_grad, params, X, y, lr=0.05, steps=20)
    check.equal(len(losses), 21, what="The number of losses after 20 steps")
    for t in range(1, len(losses)):
        falls = losses[t] < losses[t - 1]
        check.that(f"losses[{t}] is smaller than losses[{t - 1}]", falls)


@check("gd")
def arguments_left_alone():
    """The params, X and y that you are given are afterwards as they were."""
    params, X, y = _line()
    check.unchanged(gd, line_loss_and_grad, params, X, y, lr=0.1, steps=3)


@check.asks("gd")
def own_code():
    """Three steps, then four more from where they ended: how many calls of loss_and_grad?

    Your `gd` runs twice, with steps=3 and with steps=4; the answer is the total.
    """
    params, X, y = _line()
    counted = check.count(line_loss_and_grad)
    params, _ = gd(counted, params, X, y, lr=0.1, steps=3)
    gd(counted, params, X, y, lr=0.1, steps=4)
    return counted.calls


check.report("gd")

# %% [markdown]
# When all pass, the report asks how often your own code calls the function that it was given. Count first, then
# answer with `check.answer("gd", 7)`, your number in the place of 7, in a cell of your own; it costs and earns nothing.
#
# If the step by hand fails though the losses fall: is something divided that was a mean already, or does one
# parameter move along a gradient that was computed after another had moved? If your arguments changed:
# `params[name] -= ...` writes into the caller's array, unless you copied it.

# %%
# example training: your patients, your gradient, your gradient descent
for l2 in (0.0, 0.1):

    def network(params, X, y, l2=l2):
        """Loss and gradient of the network, with your `full_grad`."""
        return objective(params, X, y, l2), full_grad(params, X, y, l2)

    trained, losses = gd(network, params0, X_own, y_own, lr=0.2, steps=300)
    weights = length({name: trained[name] for name in ("W1", "W2")})
    change = f"objective {float(losses[0]):.3f} -> {float(losses[-1]):.3f}"
    print(f"l2 = {l2}: {change}, length of the weights {weights:.2f}")

# %% [markdown]
# With the penalty the weights stay shorter (if both lengths are the same, your `full_grad` ignores `l2`). That is
# all it does, provided that it stands in the gradient as it stands in the loss. Whether shorter weights predict
# *new* patients better is a question for data that were not used to train; it is settled by trying (assignment 12),
# and the penalty, not the batch, is what to change there.
#
# ## 3. A valley that can be solved exactly
#
# Near a minimum almost every smooth loss looks like a quadratic, and for a quadratic everything is known. Take
#
# $$f(w) = \tfrac12 w^\top H w - b^\top w, \qquad \nabla f(w) = H w - b, \qquad w^* = H^{-1} b,$$
#
# with $H$ symmetric and all eigenvalues positive. Least squares is of this kind: with standardised columns $X$ and
# centred $y$, the mean of the halved squared errors is $f(w)$ plus a constant, with $H = X^\top X / N$ and
# $b = X^\top y / N$. Put one step into $w - w^*$, and use $b = H w^*$:
#
# $$w_{t+1} - w^* = w_t - \eta\,(H w_t - b) - w^* = (I - \eta H)\,(w_t - w^*).$$
#
# Each step multiplies the error by the same matrix, so $t$ steps from $w_0$ give
#
# $$w_{t} - w^* = (I - \eta H)^t\,(w_0 - w^*).$$


# %%
# function quadratic_gd: your code below
def quadratic_gd(H, b, w0, lr, steps):
    """Gradient descent on f(w) = 1/2 w'Hw - b'w, with every step kept.

    H (d, d) symmetric with positive eigenvalues; b and w0 (d,); all three of one float
    dtype. d may be 1, steps may be 0, and lr may be too large: then the numbers grow,
    which is no error.

    Returns an array W (steps + 1, d), of the dtype of w0, with W[0] equal to w0 and W[t]
    the point after t steps. Leave H, b and w0 as they are.
    """
    ### BEGIN SOLUTION
    W = xp.empty((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (H @ W[t] - b)
    return W
    ### END SOLUTION


# %%
# check quadratic_gd (0.5 points): run, do not edit
@check("quadratic_gd")
def by_hand():
    """Three steps by hand: H = [[2, 1], [1, 3]], b = (1, 2), lr 0.25, w0 = (2, -1)."""
    H, b = xp.asarray([[2.0, 1.0], [1.0, 3.0]]), xp.asarray([1.0, 2.0])
    want = xp.asarray([[2.0, -1.0], [1.5, -0.25], [1.0625, 0.0625], [0.765625, 0.25]])
    w0 = xp.asarray([2.0, -1.0])
    W = check.unchanged(quadratic_gd, H, b, w0, lr=0.25, steps=3)
    check.close(W, want, what="W")


check.report("quadratic_gd")

# %% [markdown]
# ### Three guesses
#
# Least squares with your own patients is such a valley. It has a learning rate above which gradient descent no
# longer settles down, the *limit*; and somewhere below it lies the one with which it is fastest, the *best*. The
# next two sections work both out.
#
# **Predict before you run.** Write down three answers, on paper or in a cell of your own, before you read on; the
# picture in section 6 settles them.
#
# 1. With *half* the limit, does one need (a) about as many steps as with the best one, (b) twice as many, or
#    (c) four times as many?
# 2. How far below the limit does the best one lie: (a) 50 %, (b) 10 %, or (c) less than 1 %?
# 3. Just above the limit, does the error (a) grow from the first step on, or (b) fall at first?
#
# ## 4. How long may a step be?
#
# Look along one eigenvector of $H$ with eigenvalue $\lambda$, which is the curvature in that direction. Each step
# multiplies the error there by $1 - \eta\lambda$. Take a valley with two directions, of curvature 1 and 4:

# %%
# example factors: by what a step multiplies the error, in a flat and a steep direction
for rate in (0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55):
    flat, steep = 1 - rate * 1.0, 1 - rate * 4.0
    worst = max(abs(flat), abs(steep))
    print(f"lr {rate:4.2f}: {flat:5.2f} and {steep:5.2f}, at worst {worst:.2f}")

# %% [markdown]
# The error along a direction shrinks exactly if $|1 - \eta\lambda| < 1$, that is if $0 < \eta < 2/\lambda$. All
# directions must shrink, so the steepest one rules, whose curvature $\lambda_{\max}$ is often called $L$; in the table
# the flat direction would allow much longer steps. Above $2/L$ the error grows without end if the start has a part in
# that direction (it almost always has), however gentle the rest of the valley. (`xp.linalg.eigvalsh(H)` gives all
# eigenvalues of a symmetric matrix, in ascending order.)
#
# This reaches beyond quadratics. Full-batch gradient descent on neural networks tends to drift to where the
# steepest curvature hovers just above $2/\eta$: the "edge of stability" (Cohen et al. 2021).


# %%
# function max_stable_lr: your code below
def max_stable_lr(H):
    """The limit: gradient descent on the quadratic converges below it, and not above it.

    H (d, d) symmetric with positive eigenvalues; d may be 1. Returns one number
    (Python's, NumPy's or an array of shape ()). Leave H as it is.
    """
    ### BEGIN SOLUTION
    return float(2 / xp.linalg.eigvalsh(H)[-1])
    ### END SOLUTION


# %%
# check max_stable_lr (0.5 points): run, do not edit
@check("max_stable_lr")
def two_directions():
    """With H = [[6, 2], [2, 3]], whose curvatures are 2 and 7, the limit is 2/7."""
    H = xp.asarray([[6.0, 2.0], [2.0, 3.0]])
    check.close(check.unchanged(max_stable_lr, H), 2 / 7, rtol=1e-8, what="The limit")


check.report("max_stable_lr")

# %% [markdown]
# ## 5. How long should a step be?
#
# The slowest direction decides how long you wait, so the best $\eta$ makes the worst of all $|1 - \eta\lambda|$ as
# small as possible. Only the two ends matter: the flattest direction, $\mu = \lambda_{\min}$, wants long steps, and
# the steepest, $L$, wants short ones. The best compromise treats both alike, as the row of 0.40 in the table does:
# $1 - \eta\mu = -(1 - \eta L)$, so
#
# $$\eta = \frac{2}{L + \mu}, \qquad \text{and each step multiplies the error by at most}\quad
# \rho = \frac{\kappa - 1}{\kappa + 1}, \qquad \kappa = \frac{L}{\mu}$$
#
# (Nesterov 2004, chapter 2; Polyak 1964 goes on to beat it, and so will you in assignment 08). The **condition
# number** $\kappa$ alone decides how many steps you need: to make the error $10^6$ times smaller, the first $t$
# with $\rho^t \le 10^{-6}$ always suffices, which is about $\frac{\kappa}{2}\ln 10^6 \approx 6.9\,\kappa$.


# %%
# function optimal_gd: your code below
def optimal_gd(H):
    """The best fixed learning rate, and the most by which each step multiplies the error.

    H (d, d) symmetric with positive eigenvalues; d may be 1 (one step is enough then, so
    that rate is 0; lr is not). The error is the distance to the minimum, the Euclidean
    norm of w - w*, not the loss.

    Returns (lr, rate), two numbers, with 0 <= rate < 1. Leave H as it is.
    """
    ### BEGIN SOLUTION
    curvatures = xp.linalg.eigvalsh(H)
    mu, L = float(curvatures[0]), float(curvatures[-1])
    kappa = L / mu
    return 2 / (L + mu), (kappa - 1) / (kappa + 1)
    ### END SOLUTION


# %%
# check optimal_gd (1 point): run, do not edit
_H = xp.asarray([[6.0, 2.0], [2.0, 3.0]])


@check("optimal_gd")
def best_lr():
    """With H = [[6, 2], [2, 3]], whose curvatures are 2 and 7, the best lr is 2/9."""
    lr, _ = check.unchanged(optimal_gd, _H.copy())
    check.close(lr, 2 / 9, rtol=1e-8, what="lr")


@check("optimal_gd")
def best_shrinking():
    """With the same H, a step multiplies the distance to the minimum by at most 5/9."""
    _, rate = optimal_gd(_H.copy())
    check.close(rate, 5 / 9, rtol=1e-8, what="rate")


check.report("optimal_gd")

# %% [markdown]
# ## 6. A number of steps, predicted and counted
#
# On all 442 patients of the diabetes data (Efron et al. 2004), columns standardised, the condition number is
# 470.08. The bound promises an error $10^6$ times smaller after 3,248 steps; run from zeros, 3,208 are needed. You
# have 400 of these patients, drawn for you alone, and so numbers of your own; nearly everybody's lie between 2,850
# and 4,200. (`xp.linalg.solve(H, b)` solves $Hw^*=b$.)


# %%
# experiment: your code below
def experiment(seed):
    """Gradient descent on least squares with your patients, at four learning rates.

    With X, y = own_data(seed): H = X'X / N and b = X'y / N. The four learning rates, in
    this order: 0.25 and 0.5 times the largest stable one, the best one, 1.001 times the
    largest stable one. Take STEPS steps with each, from w = 0.

    Returns a dict:
    lr (4,)               the learning rates
    rate (4,)             max |1 - lr * curvature| over all curvatures of H: the theory
    error (4, STEPS + 1)  the distance to the minimum w* (H w* = b), the Euclidean norm of
                          w - w*, divided by the distance at the start
    predicted_steps       with the best rate: the first whole number t, rate ** t <= 1e-6
    measured_steps        with the best rate: the first whole number t, error <= 1e-6
    The first three are float arrays, the last two whole numbers (Python's or NumPy's).
    You may use quadratic_gd, max_stable_lr and optimal_gd.
    """
    ### BEGIN SOLUTION
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    minimum, start = xp.linalg.solve(H, b), xp.zeros(len(b))
    limit, (best, best_rate) = max_stable_lr(H), optimal_gd(H)
    lr = xp.asarray([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    paths = [quadratic_gd(H, b, start, float(each), STEPS) for each in lr]
    error = xp.stack([xp.linalg.norm(W - minimum, axis=1) for W in paths]) / xp.linalg.norm(start - minimum)
    return {
        "lr": lr,
        "rate": abs(1 - lr[:, None] * xp.linalg.eigvalsh(H)).max(axis=1),
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(best_rate))),
        "measured_steps": int((error[2] <= 1e-6).argmax()),
    }
    ### END SOLUTION


# %%
# check experiment (1 point): run, do not edit
def _found():  # with the data of seed 1, the same for everybody
    return {name: figures.host(value) for name, value in experiment(1).items()}


@check("experiment")
def complete():
    """The five entries are there, with the shapes that are asked for."""
    found = _found()
    shapes = {"lr": (4,), "rate": (4,), "error": (4, STEPS + 1)}
    shapes.update(predicted_steps=(), measured_steps=())
    check.equal(sorted(found), sorted(shapes), what="The list of keys")
    for name in shapes:
        if name in found:
            want, got = shapes[name], found[name].shape
            check.that(f"{name} has shape {want} (yours: {got})", got == want)


@check("experiment")
def learning_rates():
    """The learning rates are in the order asked for, and fit the curvatures of H."""
    lr = _found()["lr"]
    check.close(lr[1] / lr[0], 2.0, rtol=1e-6, what="lr[1] / lr[0], 0.5 to 0.25,")
    check.close(lr[3] / lr[0], 4.004, rtol=1e-6, what="lr[3] / lr[0], 1.001 to 0.25,")
    check.that("the best, lr[2], lies between lr[1] and lr[3]", lr[1] < lr[2] < lr[3])
    limit = lr[3] / 1.001
    why = "the ten curvatures of H add up to 10, so the steepest is between 1 and 10"
    fits = 0.2 <= limit <= 2
    check.that(f"the limit, {limit:.4g}, lies between 2/10 and 2/1: {why}", fits)


@check("experiment")
def curves_and_rates():
    """Every curve starts at 1, stays below rate ** t, and in the end follows its rate."""
    found = _found()
    check.close(found["error"][:, 0], np.ones(4), what="error[:, 0]")
    for k, end in enumerate((STEPS, STEPS, STEPS // 2, STEPS)):
        error, rate = found["error"][k], found["rate"][k]
        bound = rate ** np.arange(STEPS + 1)
        above = error > bound * (1 + 1e-6) + 1e-9
        t = int(above.argmax())
        numbers = f"at t = {t} they are {error[t]:.5g} and {bound[t]:.5g}"
        check.that(f"error[{k}, t] is at most rate[{k}] ** t; {numbers}", not above.any())
        seen = error[end] / error[end - 1]
        numbers = f"step {end} multiplies it by {seen:.6f}, and rate[{k}] is {rate:.6f}"
        follows = abs(seen - rate) < 1e-4
        check.that(f"in the end error[{k}] follows its rate; {numbers}", follows)


@check("experiment")
def two_counts():
    """predicted_steps fits rate[2]; measured_steps fits its curve, and is smaller."""
    found = _found()
    rate, error = found["rate"][2], found["error"][2]
    p, m = int(found["predicted_steps"]), int(found["measured_steps"])
    now, before = rate**p, rate ** (p - 1)
    small, first = now <= 1e-6 * (1 + 1e-9), before > 1e-6 * (1 - 1e-9)
    check.that(f"rate[2] ** {p} is at most 1e-6; it is {now:.5g}", small)
    check.that(f"rate[2] ** {p - 1} is still above 1e-6; it is {before:.5g}", first)
    check.that(f"measured_steps, {m}, lies between 1 and {STEPS}", 1 <= m <= STEPS)
    if 1 <= m <= STEPS:
        now, before = error[m], error[m - 1]
        check.that(f"error[2, {m}] is at most 1e-6; it is {now:.5g}", now <= 1e-6)
        first = before > 1e-6
        check.that(f"error[2, {m - 1}] is still above 1e-6; it is {before:.5g}", first)
    check.that(f"measured_steps, {m}, is less than predicted_steps, {p}", m < p)


check.report("experiment")

# %%
# draw experiment: the error by step, and what theory allows
found = experiment(seed)
t = np.arange(STEPS + 1)
rates = [float(rate) for rate in found["rate"]]
names = [f"{share} times the limit" for share in (0.25, 0.5, 1.001)]
names.insert(2, "the best")
curves = {f"{names[k]}\nrate {rates[k]:.5f}": (t, found["error"][k]) for k in range(4)}
figures.lines(
    curves,
    theory=[(t, rate**t) for rate in rates],
    theory_label="theory: rate ** step",
    levels={1e-2: "a hundredth", 1e-6: "a millionth"},
    start=figures.Start(700, (0, 1.6), "The first 700 steps, on a linear axis"),
    xlabel="step",
    ylabel="distance to the minimum /\ndistance at the start",
    title="Gradient descent on your own patients: four learning rates",
    log="y",
    ylim=(1e-8, 1e5),
    alt="Two panels of error against step, for four learning rates: above on a "
    "logarithmic axis, with thin grey lines for the bounds of theory and dots where the "
    "error is a hundredth and a millionth of what it was; below the first 700 steps on "
    "a linear axis. The text below says what one sees.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# Hold your three guesses against the picture.
#
# 1. (b): compare the dots on the line of a hundredth. Half the limit takes nearly twice the steps of the best
#    learning rate, and a quarter about four times as many. The flat direction is what you wait for, and there
#    progress is proportional to the learning rate.
# 2. (c): the best learning rate lies a mere 0.2 % below the cliff, at
#    $\frac{2}{L+\mu} = \frac{\kappa}{\kappa+1}\cdot\frac2L$, which is why in practice one stays well below.
# 3. (b): the error falls at first, as the lower panel shows. The gentle directions shrink, while the steepest one
#    grows by a mere 0.2 % per step. In the end it wins, and the error is thousands of times what it was. That a loss
#    falls for a while does not prove that the learning rate is stable.
#
# The curves lie below the grey lines and run parallel to them: the slope is the rate, and the head start is the
# part of the error that dies out quickly because it does not lie in the slowest directions.
#
# </details>

# %% [markdown]
# ## 7. How many steps?
#
# Type three whole numbers for **your own** patients, the best learning rate, and $w_0 = 0$:
#
# - `predicted_steps`: what theory promises, the first $t$ with $\rho^t \le 10^{-6}$;
# - `measured_steps`: the first $t$ at which $\lVert w_t - w^*\rVert \le 10^{-6}\,\lVert w_0 - w^*\rVert$;
# - `loss_steps`: the first $t$ at which $f(w_t) - f(w^*) \le 10^{-6}\,(f(w_0) - f(w^*))$.
#
# The first two come out of your experiment. The third you compute with a few lines in a cell of your own: $f$ of
# section 3 at every point of the path. (On all 442 patients it is 1,565. Whoever reports a number of steps must say
# of what.) Each number may be off by 2 steps, no more: these are counts, and yours alone.
#
# At grading the next cell is read and not run. Type plain numbers; sums such as `3000 + 208` are read too, but
# names and calls are not: `measured_steps = experiment(seed)["measured_steps"]` counts as no answer. Leave out the
# comma of 3,208: to Python that is two numbers.


# %%
# question steps: type the three numbers
### BEGIN SOLUTION
def _first_small_loss(X, y):
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    gap = quadratic_gd(H, b, xp.zeros(len(b)), optimal_gd(H)[0], STEPS) - xp.linalg.solve(H, b)
    loss = ((gap @ H) * gap).sum(axis=1)
    return int((loss <= 1e-6 * loss[0]).argmax())


predicted_steps = experiment(seed)["predicted_steps"]
measured_steps = experiment(seed)["measured_steps"]
loss_steps = _first_small_loss(*own_data(seed))
### END SOLUTION


# %%
# check steps (0.5 points): run, do not edit
_typed = {"predicted_steps": predicted_steps, "measured_steps": measured_steps}
_typed["loss_steps"] = loss_steps


def _computed(name):
    """Whether the question cell, as last run here, has letters in `name = ...`."""
    runs = [run for run in globals().get("In", ()) if run.startswith("# question steps")]
    for line in "".join(runs[-1:]).splitlines():
        left, _, right = line.split("#")[0].partition("=")
        if left.strip() == name and any(map(str.isalpha, right)):
            return True
    return False


@check("steps")
def three_numbers():
    """All three are whole numbers greater than zero, typed as plain numbers."""
    for name, value in _typed.items():
        whole = type(value) is int and value > 0
        comma = " (without a comma)" if isinstance(value, tuple) else ""
        check.that(f"{name} is a whole number greater than zero{comma}", whole)
        check.that(f"{name} is typed, without names or calls", not _computed(name))


@check("steps")
def less_than_promised():
    """measured_steps is smaller than predicted_steps, as theory says."""
    whole = type(predicted_steps) is int and type(measured_steps) is int
    smaller = whole and measured_steps < predicted_steps
    check.that("both are typed, and measured_steps is the smaller one", smaller)


check.report("steps")

# %% [markdown]
# ## What you have now
#
# - The full gradient is the mean of the per-sample gradients; parts weighted by their size give the same.
# - Curvature limits the learning rate: $2/L$ is a cliff.
# - The condition number predicts the number of steps: about $\frac{\kappa}{2}\ln\frac{1}{\varepsilon}$ until the
#   *distance* to the minimum is $\varepsilon$ times what it was. Until the *loss* above its minimum is, about half
#   as many are enough, because it falls like the square of the distance.
#
# Each of these steps looked at every patient. Next: what happens if a step looks at only one (assignment 03)?
#
# ## References
#
# - L. Bottou, F. E. Curtis and J. Nocedal, "Optimization methods for large-scale machine learning", *SIAM Review*
#   60(2) (2018) 223-311.
# - J. M. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar, "Gradient descent on neural networks typically
#   occurs at the edge of stability", ICLR 2021.
# - B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, "Least angle regression", *The Annals of Statistics* 32
#   (2004) 407-499.
# - J. Geiping, M. Goldblum, P. E. Pope, M. Moeller and T. Goldstein, "Stochastic training is not necessary for
#   generalization", ICLR 2022.
# - Y. Nesterov, *Introductory Lectures on Convex Optimization: A Basic Course*, Kluwer (2004).
# - B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", *USSR Computational
#   Mathematics and Mathematical Physics* 4(5) (1964) 1-17.
