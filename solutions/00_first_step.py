# /// contract
# slug = "00_first_step"
# title = "A first step"
# hours = 0.45
# prerequisites = ["a little Python and NumPy"]
# data = ["digits"]
# needs = []
#
# [points]
# step = 0
#
# [claims]
# 60 = "example routes"
# 84 = "example batches"
#
# [hints]
# step = [
#   "Which of the two arrays says the direction, and which number says how far to go?",
#   "The new weights are the old ones minus something: the gradient, made as long as lr says.",
#   "With weight 1, gradient 2 and lr 0.5 the step is 0.5 times 2, and so the new weight is 0.",
# ]
# ///
# ruff: noqa: E402 - a notebook imports in its setup cell

# %% [markdown]
# # A first step
#
# In less than half an hour you will teach a computer to read handwritten digits. The method, gradient descent, is
# three lines long, and you write the decisive one, right away. Then you change the **batch size**, the subject of this
# course, and see what it does. There is nothing to lose here: the one task carries no points, and every check may be
# run as often as you like.
#
# A notebook is a column of *cells*, some with text, some with Python. Click into the next Python cell and press
# *Shift + Enter*: the cell runs, and you are taken to the next one. Go down like this, from top to bottom. `[*]` beside
# a cell means that it is still running.
#
# The next cell is the *learner cell*. Type your `learner_id` between the quotation marks, exactly as it stands on your
# instructor's roster (if you do not know it yet, go on without). Leave `course_id` as it is.

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
    """How wrong weights W (64, 10) are about the pictures, and which way is uphill."""

    def loss(params, X, y):
        return softmax_cross_entropy(linear(X, params["W"]), y)

    value, grads = engine_loss_and_grad(loss, {"W": W}, X, y)
    return float(value), grads["W"]


def accuracy(W):
    """The share of all pictures whose digit is guessed right."""
    return float(((X @ W).argmax(axis=1) == y).mean())


print("Ready." if learner_id else "Ready, but type your id above and run both again.")

# %% [markdown]
# `Ready`? If that cell printed an error instead, the course's package is missing in the Python that runs this notebook:
# install it as your instructor says, then choose *Kernel → Restart* and begin again at the top.
#
# ## 1. One line is yours
#
# Think of a number of **weights** that should become better, and of an array of the same shape, the **gradient**, that
# says for each weight which way is worse, and how much. So go the other way. One step of **gradient descent** is
#
# $$\text{new weights} = \text{weights} - \text{lr} \times \text{gradient},$$
#
# where `lr`, the **learning rate**, says how far to go. If `lr` is 0.5, a weight of 4 with a gradient of 2 becomes
# $4 - 0.5 \times 2 = 3$; in an array, every weight does the same with its own gradient.
#
# Write the right-hand side of this line below (`*` means times), in the place of `raise NotImplementedError(...)`,
# after the word `return` and with the same four blanks in front. Keep the comment in the first line of the cell: it is
# how the cell is recognised. Run the cell, then the check below it.


# %%
# function step: your code below
def step(weights, gradient, lr):
    """The weights after one step of gradient descent.

    weights and gradient are arrays of one shape (any shape), lr is a number. Returns a
    new array of that shape; leave the two arrays as they are.
    """
    ### BEGIN SOLUTION
    return weights - lr * gradient
    ### END SOLUTION


# %%
# check step (0 points): run, do not edit
@check("step")
def by_hand():
    """From (1, 2, 3), with gradient (2, 0, -4) and lr 0.5, one goes to (0, 2, 5)."""
    weights, gradient = xp.asarray([1.0, 2.0, 3.0]), xp.asarray([2.0, 0.0, -4.0])
    found = check.unchanged(step, weights, gradient, 0.5)
    check.close(found, xp.asarray([0.0, 2.0, 5.0]), what="What comes back")


@check.asks("step")
def own_code():
    """With lr = 0 nothing moves. Does `step` return the very array that it was given?

    True or False. (Equal numbers in another array: False.)
    """
    weights = xp.asarray([1.0, 2.0, 3.0])
    return step(weights, xp.asarray([2.0, 0.0, -4.0]), 0.0) is weights


check.report("step")

# %% [markdown]
# *passed*? Then your line is right, and that was your first check. If it says *failed* or *error*, read the lines under
# it: what came back from your function, what was expected, and often the likely cause. Change your line, run its
# cell, and run the check again. If you are stuck, run `check.hint("step")` in a cell of your own (the *+* above the
# notebook makes one). Or print `weights - gradient` for the numbers of the check: which of the two should be
# multiplied by 0.5?
#
# As long as the line is missing, *Run All* stops in section 3 with `NotImplementedError: step is yours to write`. All
# notebooks of the course stop like this at the first thing that is yours to write.
#
# The report also tells what the **hidden checks** look at. They run when your notebook is graded, call your function
# with other numbers, and are never shown.
#
# Once all checks pass, the report asks a question about your own code, so that you know what you wrote. Guess first,
# then run `check.answer("step", False)`, or `True`, in a cell of your own. It costs and earns nothing.

# %% [markdown]
# ## 2. Ten digits
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
# A **model** turns the 64 pixels into ten scores, one for each digit; the highest score is its guess. Ours is the
# simplest there is: each score is a weighted sum of the pixels, so there are 64 by 10 weights, the array `W`. At the
# start all are zero, and it knows nothing. The **loss** is one number that says how wrong the model is, and the
# gradient says in which direction it grows fastest: uphill. We want to go down.
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
figures.panels(
    {
        "loss of all pictures": (range(101), losses),
        "guessed right (%)": (range(101), [100 * share for share in right]),
    },
    xlabel="step",
    title="One hundred steps of gradient descent",
    alt="Two panels against the step, from 0 to 100. The loss falls smoothly from 2.3 to "
    "0.7. The share of pictures that are guessed right jumps from 10 to almost 90 per "
    "cent in the first step, and creeps on to 92.",
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
# **Predict before you run.** The next cell makes three epochs with each of three batch sizes. Which one has the
# lowest loss in the end?
#
# - (a) the full batch: 3 steps, each exact;
# - (b) mini-batches of 32: 171 steps;
# - (c) one picture at a time: 5,391 steps, each of them rough.
#
# And which of the three curves trembles? Write your answers down, then run the cell.

# %%
# example batches: three epochs with the full batch, mini-batches of 32, single pictures


def descend(batch_size, lr=0.1, epochs=3, every=1):
    """The loss on all pictures on the way down, every so many steps: (epochs, losses)."""
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
    "one picture at a time": descend(1, every=10),
    "mini-batches of 32": descend(32),
    "full batch": descend(1797),
}
figures.lines(
    curves,
    xlabel="epochs (passes over the 1,797 pictures)",
    ylabel="loss on all pictures",
    title="Same learning rate, same number of looks at the data",
    alt="Loss against epochs, 0 to 3, for three batch sizes; the text below tells more.",
)

# %% [markdown]
# <details><summary><b>What happened:</b> open this when you have run it</summary>
#
# (c), by far. One picture at a time the loss drops at once below 0.5, and trembles on its way to 0.130; mini-batches
# of 32 bring it smoothly to 0.814; the full batch, three steps in all, to 2.244. Many rough steps beat few exact
# ones, *here*: with this learning rate, on this data, counted in looks at the data. The price is that curve (c)
# trembles, and never quite comes to rest.
#
# </details>
#
# Is the trembling harmful? Would the full batch catch up with a larger learning rate? What if looking at 32 pictures
# takes no longer than looking at one? Such questions are what this course is about, and you will answer them by
# measuring. Try it: run `descend(32, lr=0.5)` in a cell of your own. Or `descend(257)` and then `descend(256)`: one
# picture less, and far fewer digits right. (How many pictures are left over for the last step of each epoch?)
#
# ## 5. Three hikers on one mountain
#
# The same seen from above. With 640 weights there is no map, so here is a problem with two: a straight line through
# 40 points. Three hikers start at the same spot in the fog and want to reach the lowest point. Before each step, the
# careful one asks all 40 points which way is down, the second asks 8, and the hasty one looks at a single stone.

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


a, b = np.linspace(-2.9, 2.9, 101), np.linspace(-2.0, 2.8, 101)
grid = np.stack(np.meshgrid(a, b), axis=-1)
ground = ((grid @ points.T - target) ** 2).mean(axis=-1) / 2
figures.routes(
    (a, b, ground),
    {f"{m} of 40 points a step": route(m) for m in (1, 8, 40)},
    goal=bottom,
    xlabel="first weight",
    ylabel="second weight",
    title="Forty steps of three hikers",
    alt="A map of a valley with contour lines and three routes from the upper left "
    "to its lowest point, marked by a star. The route with all 40 points is smooth "
    "and ends on the star; the one with 8 trembles and ends close by; the one with a "
    "single point leaps about and ends a little way off.",
)

# %% [markdown]
# All three get down, the hasty one roughly. The careful hiker looked at 1,600 points on the way, the second at 320,
# the hasty one at 40.
#
# Where the picture misleads: fog hides the ground, but the ground is the same for everybody. A batch is not a poor
# view of one mountain. Every handful of points has a mountain of its own, with its lowest point elsewhere, and the
# map shows the average of them all. That is why the hasty hiker does not stand still even on the star.
#
# ## 6. Save, check, submit
#
# 1. Save the notebook (*Ctrl + S*): what is saved is what is graded.
# 2. In a terminal, opened in this notebook's folder, `course check 00` runs the same visible checks on the saved
#    file. It should end with *All visible checks pass*.
# 3. Submit through Jupyter's nbgrader list (*Assignment List*, then *Submit*), or as your instructor says. You may
#    submit again; the last one counts. Feedback comes back the same way: a page that says, check by check, what
#    passed, and where something is wrong, what and often why.
#
# ## What you have now
#
# - One step: new weights = weights - learning rate times gradient. Repeated, that is gradient descent.
# - The batch size says how many samples a step looks at: few make many rough steps, all make few exact ones.
# - The checks in a notebook tell you at once what is wrong; the hidden ones run when it is graded.
#
# Next is assignment 02, where one step becomes a method whose number of steps you can predict.
