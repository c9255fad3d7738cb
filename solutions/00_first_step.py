# /// contract
# slug = "00_first_step"
# title = "A first step"
# hours = 0.35
# prerequisites = ["a little Python and NumPy"]
# data = ["digits"]
# needs = []
#
# [points]
# step = 0.1
#
# [claims]
# 60 = "example routes"
# 84 = "example batches"
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # A first step
#
# In twenty minutes you will teach a computer to read handwritten digits, with three lines of gradient descent of
# which you write the decisive one, and see what the **batch size** does. It is the subject of this course. On the
# way you meet everything that the other notebooks use: cells, checks, pictures, and how to submit. There is
# nothing to lose here: the one task counts for practically nothing, and every check may be run as often as you like.
#
# ### Is everything installed?
#
# Click into the next cell and run it with *Shift + Enter*; then the one below it, and so on down the notebook. If
# the cell that begins with `# setup` prints an error instead of `Ready`, the course's package is missing in the
# Python that runs this notebook: run `pip install` as your instructor says, then *Kernel → Restart*.
#
# The first code cell is the *learner cell*. Type your `learner_id` there, between the quotation marks, exactly as it
# stands on your instructor's roster: later notebooks make your own data from it. Leave `course_id` as it is.

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
from course.learn import check, data, figures

if backend == "cupy":
    import cupy as xp
else:
    xp = np

images, labels = data.digits()
X, y = xp.asarray(images / 16), xp.asarray(labels)


def loss_and_grad(W, X, y):
    """How wrong the weights W (64, 10) are about the pictures, and which way is uphill."""

    def loss(params, X, y):
        return softmax_cross_entropy(linear(X, params["W"]), y)

    value, grads = engine_loss_and_grad(loss, {"W": W}, X, y)
    return float(value), grads["W"]


def accuracy(W):
    """The share of all pictures whose digit is guessed right."""
    return float(((X @ W).argmax(axis=1) == y).mean())


print("Ready." if learner_id else "Ready, but type your learner_id in the cell above.")

# %% [markdown]
# ## 1. Ten digits
#
# The data are 1,797 little pictures of 8 by 8 pixels. Each pixel is a number from 0 (paper) to 1 (ink), so a picture
# is a row of 64 numbers. Here are ten of them, with what their writers meant.

# %%
# example digits: ten of the pictures
figures.pictures(
    images[:10].reshape(10, 8, 8),
    [f"this is a {label}" for label in labels[:10]],
    alt="Ten handwritten digits, 0 to 9, each a grid of 8 by 8 grey pixels.",
)

# %% [markdown]
# ## 2. One line is yours
#
# A **model** turns the 64 pixels into ten scores, one for each digit; the highest score is its guess. Ours is the
# simplest there is: each score is a weighted sum of the pixels, so there are 64 by 10 **weights**, the array `W`. At
# the start all are zero, and it knows nothing.
#
# The **loss** is one number that says how wrong the model is. The **gradient**, an array of the same shape as `W`,
# says in which direction the loss grows fastest: uphill. We want to go down. So one step of **gradient descent** is
#
# $$\text{new weights} = \text{weights} - \text{lr} \times \text{gradient},$$
#
# where `lr`, the **learning rate**, says how far to go.
#
# Write this line below, in the place of `raise NotImplementedError(...)`. (If you chose *Run All*, the notebook has
# stopped here; all notebooks of the course stop like this at the first thing that is yours to write.) Keep the
# comment in the first line of the cell: it is how the cell is recognised. Run the cell, then the check below it.


# %%
# function step: your code below
def step(weights, gradient, lr):
    """The weights after one step of gradient descent.

    weights and gradient are arrays of one shape (any shape), lr is a number. Returns a new
    array of that shape; leave the two arrays as they are.
    """
    ### BEGIN SOLUTION
    return weights - lr * gradient
    ### END SOLUTION


# %%
# check step (0.02 points): run, do not edit
@check("step")
def by_hand():
    """From (1, 2, 3), with gradient (2, 0, -4) and lr 0.5, one goes to (0, 2, 5)."""
    weights, gradient = xp.asarray([1.0, 2.0, 3.0]), xp.asarray([2.0, 0.0, -4.0])
    want = xp.asarray([0.0, 2.0, 5.0])
    check.close(check.unchanged(step, weights, gradient, 0.5), want, what="What comes back")


check.report("step")

# %% [markdown]
# *passed*? Then your line is right. If it says *failed* or *error*, read the lines under it: they say what came back
# and what was expected. Change your line, run its cell, and run the check again. If you are stuck: print
# `weights - gradient` for the numbers of the check. Which of the two should be multiplied by 0.5?
#
# The last line of a report tells what the **hidden checks** look at. They run when your notebook is graded, call
# your function with other numbers, and are never shown.
#
# ## 3. Three lines of gradient descent
#
# Here they are: compute loss and gradient, take a step, repeat. `loss_and_grad` uses the little engine that comes
# with the course, `autograd_mini`, which differentiates for you.

# %%
# example descent: one hundred steps, each looking at all 1,797 pictures
W = xp.zeros((64, 10))
losses, right = [], [accuracy(W)]
for _ in range(100):
    loss, gradient = loss_and_grad(W, X, y)
    W = step(W, gradient, lr=0.2)

    losses.append(loss)  # the rest keeps a record
    right.append(accuracy(W))
losses.append(loss_and_grad(W, X, y)[0])
for t in (0, 1, 10, 20, 50, 100):
    print(f"after {t:3d} steps: loss {losses[t]:.3f}, {100 * right[t]:.0f} % right")
figures.lines(
    {"loss": (range(101), losses), "share guessed right": (range(101), right)},
    xlabel="step",
    ylabel="loss, and share of pictures",
    title="One hundred steps of gradient descent",
    alt="Two curves against the step, from 0 to 100. The loss falls smoothly from 2.3 to "
    "0.7. The share of pictures that are guessed right jumps from 0.1 to almost 0.9 in "
    "the first step, and creeps on to 0.92.",
)

# %% [markdown]
# From 10 % right, which is guessing, to 92 %. Did you expect the jump? A single step takes the model from 10 % to
# 88 %: it moves each digit's weights towards the average picture of that digit, and that goes a long way. The loss
# knows better how far there is still to go, and that is why one watches the loss.
#
# ## 4. Now change the batch size
#
# Each of those steps looked at all 1,797 pictures. It need not. A step can look at a few, a **mini-batch**, or at a
# single one; the gradient is then a rough estimate, but many more steps are made for the same work. The number of
# pictures that a step looks at is the **batch size**, and one pass over all pictures is an **epoch**.
#
# The next cell runs three epochs with each of three batch sizes. Before you run it, guess: which one has the lowest
# loss in the end, and which curve is the smoothest?

# %%
# example batches: three epochs with the full batch, with mini-batches of 32, and one by one


def descend(batch_size, lr=0.1, epochs=3, every=1):
    """The loss on all pictures while descending, every so many steps: (epochs, losses)."""
    rng, W = np.random.default_rng(0), xp.zeros((64, 10))
    seen, losses, steps = [0.0], [loss_and_grad(W, X, y)[0]], 0
    for epoch in range(epochs):
        order = xp.asarray(rng.permutation(len(X)))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            _, gradient = loss_and_grad(W, X[rows], y[rows])
            W = step(W, gradient, lr)
            steps += 1
            if steps % every == 0 or start + batch_size >= len(X):
                seen.append(epoch + min(start + batch_size, len(X)) / len(X))
                losses.append(loss_and_grad(W, X, y)[0])
    result = f"loss {losses[-1]:.3f}, {100 * accuracy(W):.0f} % right"
    print(f"batch size {batch_size:4d}: {steps:4d} steps, {result}")
    return seen, losses


curves = {
    "full batch": descend(1797),
    "mini-batches of 32": descend(32),
    "one picture at a time": descend(1, every=10),
}
figures.lines(
    curves,
    xlabel="epochs (passes over the 1,797 pictures)",
    ylabel="loss on all pictures",
    title="Same learning rate, same number of looks at the data",
    alt="Loss against epochs, from 0 to 3, for three batch sizes. With the full batch, "
    "three steps in all, it hardly falls. With mini-batches of 32 it falls smoothly to "
    "about 0.8. One picture at a time it drops at once below 0.5 and then trembles on "
    "its way to about 0.13.",
)

# %% [markdown]
# For three looks at the data, the full batch takes 3 steps, batches of 32 take 171, and single pictures 5,391. Many
# rough steps beat few exact ones, *here*: with this learning rate, on this data, counted in looks at the data. The
# price is a curve that trembles, and never quite comes to rest. Is the trembling harmful? Would the full batch catch
# up with a larger learning rate? What if looking at 32 pictures takes no longer than looking at one? Such questions
# are what this course is about, and you will answer them by measuring.
#
# Try it: run `descend(256)` or `descend(32, lr=0.5)` in a cell of your own (*Insert cell below*).
#
# ## 5. Three routes down one mountain
#
# The same seen from above. With 640 weights there is no map, so here is a problem with two: a straight line through
# 40 points. Three hikers start at the same spot in the fog and want to reach the lowest point. One measures the slope
# with all 40 points before each step, one with 8, one with a single point.

# %%
# example routes: forty steps each
rng = np.random.default_rng(3)
points = rng.normal(size=(40, 2)) * (1.3, 0.6)
target = points @ np.array([1.0, -1.0]) + rng.normal(size=40)
bottom = np.linalg.lstsq(points, target, rcond=None)[0]


def route(batch_size):
    """Where forty steps lead: an array (41, 2)."""
    rng, w = np.random.default_rng(8), np.array([-2.0, 2.2])
    path = [w]
    for _ in range(40):
        rows = rng.choice(40, size=batch_size, replace=False)
        error = points[rows] @ w - target[rows]
        w = step(w, points[rows].T @ error / batch_size, lr=0.2)
        path.append(w)
    return np.array(path)


a, b = np.linspace(-2.6, 2.6, 101), np.linspace(-3.0, 3.0, 101)
ground = ((np.stack(np.meshgrid(a, b), axis=-1) @ points.T - target) ** 2).mean(axis=-1) / 2
figures.routes(
    (a, b, ground),
    {f"{m} of 40 points a step": route(m) for m in (1, 8, 40)},
    goal=bottom,
    xlabel="first weight",
    ylabel="second weight",
    title="Forty steps of three hikers",
    alt="A map of a valley with contour lines and three routes from the upper left to near "
    "the lowest point, marked by a star. The route with all 40 points is a smooth "
    "curve, the one with 8 trembles a little, and the one with a single point zigzags "
    "and ends a little beside it.",
)

# %% [markdown]
# All three get down, the hasty one roughly. The careful hiker looked at 1,600 points on the way, the second at 320,
# the hasty one at 40.
#
# ## 6. Save, check, submit
#
# 1. Save the notebook (*Ctrl + S*): what is saved is what is graded.
# 2. In a terminal, opened in this notebook's folder, `course check 00` runs the same visible checks on the saved
#    file. It should end with *All visible checks pass*.
# 3. Submit through Jupyter's nbgrader list (*Assignment List*, then *Submit*), or as your instructor says. You may
#    submit again; the last one counts. Feedback comes back the same way: a page that says, check by check, what
#    passed, and where something is wrong names the cause and gives a hint.
#
# That was all. Next is assignment 02, where one step becomes a method whose number of steps you can predict.
