"""Hidden checks of 03_sgd_noise, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import numpy as np

from course.author import alternative, equivalent, mistake, points
from course.learn.compare import canonical

ONE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-8, "atol": 1e-10}
# Typed losses are formulas of one's own settings, the same however they are computed; half a per cent is for rounding.
# Over 400 learners no number is within it for more than 3 % of them, the demonstration's four for at most 1 % each, and
# pairs of them for nobody; the floors, typed in their place, are for a fifth at m = 1, and for nobody at the others.
TYPED = {"rtol": 0.005, "atol": 0}
INFINITE = float("inf")


# ---- Probes --------------------------------------------------------------------------------------------


def parameters(rng, dtype=float, **shapes):
    """Parameters, and gradients whose keys come in the opposite order."""
    params = {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return params, {name: rng.normal(size=shapes[name]).astype(dtype) for name in reversed(shapes)}


def stepped(params, grads, lr):
    """A step by the book."""
    return {name: params[name] - lr * grads[name] for name in params}


def line(rng, N=5, D=3, dtype=float):
    """Parameters of a straight line, and N samples."""
    params = {"w": rng.normal(size=D).astype(dtype), "c": rng.normal(size=1).astype(dtype)}
    return params, rng.normal(size=(N, D)).astype(dtype), rng.normal(size=N).astype(dtype)


def line_loss_and_grad(params, X, y):
    """Half the mean squared error of a line, and its gradient, the keys in another order than those of `line`."""
    residual = X @ params["w"] + params["c"] - y
    grads = {"c": np.array([residual.mean()], X.dtype), "w": X.T @ residual / len(X)}
    return float((residual**2).mean() / 2), grads


def two_layers(params, X, y):
    """Half the mean squared error of a network with a hidden layer of tanh, and its gradient."""
    hidden = np.tanh(X @ params["first"] + params["bias"])
    residual = hidden @ params["last"] - y
    back = residual[:, None] * params["last"] * (1 - hidden**2) / len(X)
    grads = {"last": hidden.T @ residual / len(X), "bias": back.sum(axis=0), "first": X.T @ back}
    return float((residual**2).mean() / 2), grads


def epoch(loss_and_grad, params, X, y, order, lr):
    """An epoch by the book."""
    losses = []
    for i in order:
        loss, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])
        losses.append(loss)
        params = stepped(params, grads, lr)
    return params, np.array(losses)


def recursion(steps, m, lr, h, sigma, error):
    """The expected loss after 0 … steps steps: the second moment of the error, step by step."""
    second, losses = error**2, []
    for _ in range(steps + 1):
        losses.append(h / 2 * second)
        second = (1 - lr * h) ** 2 * second + lr**2 * sigma**2 / m
    return np.array(losses)


def setting(rng, low=0.1, high=1.9):
    """A batch size, a learning rate, a curvature and a deviation, lr * h between ``low`` and ``high``."""
    h, sigma = float(rng.uniform(0.2, 5)), float(rng.uniform(0.5, 6))
    return int(rng.integers(2, 40)), float(rng.uniform(low, high)) / h, h, sigma


def floor(lr, h, c, m):
    """What is added in a step divided by the share that is lost, as a loss."""
    return h / 2 * (lr**2 * c / m) / (1 - (1 - lr * h) ** 2)


# ---- Looking at what a submission returned, which may be anything --------------------------------------


def entry(value, place):
    """``value[place]``, or None where there is no such thing."""
    try:
        return value[place]
    except (TypeError, KeyError, IndexError):
        return None


def number(check, value):
    """``value`` as a finite number; where it is none, that is noted, and it is NaN."""
    value = canonical(value)
    good = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf" and np.isfinite(value)
    check.that("one finite number comes back", bool(good))
    return float(value) if good else float("nan")


# ---- sgd_step ------------------------------------------------------------------------------------------


@points(1, cell="sgd_step", topic="several parameters, any names")
def test_step(submission, check, rng):
    """Each parameter goes against its own gradient, for parameters of any name and shape, at any learning rate."""
    for shapes in ({"W": (3, 2), "b": (2,)}, {"weights": (4,)}, {"u": (5, 1), "scale": (3,), "v": (2, 3, 2)}):
        params, grads = parameters(rng, **shapes)
        lr = float(rng.uniform(0.02, 0.9))
        check.close(submission.sgd_step(params, grads, lr), stepped(params, grads, lr), **ONE, what="params")


@points(0.5, cell="sgd_step", topic="several steps")
def test_three_steps(submission, check, rng):
    """Three steps, each from where the last one ended, with other gradients and learning rates."""
    params, _ = parameters(rng, w=(4,), c=(1,))
    want = params
    for lr in (0.3, 0.07, 1.9):
        _, grads = parameters(rng, w=(4,), c=(1,))
        want, params = stepped(want, grads, lr), submission.sgd_step(params, grads, lr)
        if not isinstance(params, dict):
            break
    check.close(params, want, **ONE, what="params after three steps")


@points(0.5, cell="sgd_step", topic="inputs left alone")
def test_step_leaves_inputs_alone(submission, check, rng):
    """params and grads are afterwards as they were, and a second call returns the same."""
    params, grads = parameters(rng, W=(2, 3), b=(3,))
    want = stepped(params, grads, 0.4)
    check.unchanged(submission.sgd_step, params, grads, 0.4)
    check.close(submission.sgd_step(params, grads, 0.4), want, **ONE, what="params of the second call")


@points(0.5, cell="sgd_step", topic="float32")
def test_step_keeps_the_dtype(submission, check, rng):
    """float32 parameters come back as float32."""
    params, grads = parameters(rng, np.float32, W=(2, 3), b=(3,))
    got = submission.sgd_step(params, grads, 0.3)
    for name in params:
        check.dtype(entry(got, name), np.float32, what="A parameter that came in as float32")
    check.close(got, stepped(params, grads, 0.3), rtol=2e-5, atol=1e-6, what="params from float32")


# ---- sgd_epoch -----------------------------------------------------------------------------------------


@points(1, cell="sgd_epoch", topic="the path, any order")
def test_epoch_path(submission, check, rng):
    """A step for each sample, in the order that is given, at the learning rate that is given; N may be 1."""
    for N, D in ((5, 3), (1, 4), (8, 2)):
        params, X, y = line(rng, N, D)
        order, lr = rng.permutation(N), float(rng.uniform(0.03, 0.12))
        want, _ = epoch(line_loss_and_grad, params, X, y, order, lr)
        got = submission.sgd_epoch(line_loss_and_grad, params, X, y, order, lr)
        check.close(entry(got, 0), want, **PATH, what=f"params after {N} sample(s)")


@points(1, cell="sgd_epoch", topic="the losses")
def test_epoch_losses(submission, check, rng):
    """losses[k] is the loss of the k-th sample of the order, just before its step."""
    for N, D in ((6, 4), (1, 2), (9, 3)):
        params, X, y = line(rng, N, D)
        order = rng.permutation(N)
        _, want = epoch(line_loss_and_grad, params, X, y, order, 0.08)
        got = submission.sgd_epoch(line_loss_and_grad, params, X, y, order, lr=0.08)
        check.close(entry(got, 1), want, **PATH, what=f"losses of {N} sample(s)")


@points(0.5, cell="sgd_epoch", topic="rows that repeat or are missing")
def test_order_as_it_comes(submission, check, rng):
    """Rows may come twice, and others not at all; the order may be shorter or longer than the data."""
    for order in ([4, 4, 1], [0, 3, 3, 2, 0, 5, 1], [2], [5, 0, 1, 2, 3, 4, 5, 0]):
        params, X, y = line(rng, 6, 2)
        order = np.array(order)
        want = epoch(line_loss_and_grad, params, X, y, order, 0.06)
        got = submission.sgd_epoch(line_loss_and_grad, params, X, y, order, 0.06)
        check.close(got, want, **PATH, what=f"(params, losses) of an order of {len(order)}")


@points(0.5, cell="sgd_epoch", topic="calls")
def test_epoch_calls(submission, check, rng):
    """loss_and_grad is called once for each entry of the order, with that sample as a batch of one."""
    params, X, y = line(rng, 6, 3)
    order, seen = rng.permutation(6), []

    def watched(params, X_b, y_b):
        seen.append((np.shape(X_b), np.shape(y_b), float(np.ravel(X_b)[0])))
        return line_loss_and_grad(params, np.reshape(X_b, (-1, 3)), np.reshape(y_b, -1))

    counted = check.count(watched)
    got = submission.sgd_epoch(counted, params, X, y, order, 0.05)
    check.calls(counted, 6, what="With six entries, loss_and_grad")
    check.that("each X_b has the shape (1, D)", {shape for shape, _, _ in seen} == {(1, 3)})
    check.that("each y_b has the shape (1,)", {shape for _, shape, _ in seen} == {(1,)})
    check.that("the samples come in the given order", [first for _, _, first in seen] == X[order, 0].tolist())
    check.close(got, epoch(line_loss_and_grad, params, X, y, order, 0.05), **PATH, what="(params, losses)")


@points(0.5, cell="sgd_epoch", topic="inputs left alone, float32")
def test_epoch_leaves_inputs_alone(submission, check, rng):
    """params, X, y and order are afterwards as they were; float32 parameters come back as float32."""
    params, X, y = line(rng, 5, 2)
    order = rng.permutation(5)
    want, _ = epoch(line_loss_and_grad, params, X, y, order, 0.09)
    got = check.unchanged(submission.sgd_epoch, line_loss_and_grad, params, X, y, order, 0.09)
    check.close(entry(got, 0), want, **PATH, what="params")
    params, X, y = line(rng, 5, 2, np.float32)
    want, _ = epoch(line_loss_and_grad, params, X, y, order, 0.09)
    got = entry(submission.sgd_epoch(line_loss_and_grad, params, X, y, order, 0.09), 0)
    for name in params:
        check.dtype(entry(got, name), np.float32, what="A parameter that came in as float32")
    check.close(got, want, rtol=2e-5, atol=1e-5, what="params from float32")


@points(0.5, cell="sgd_epoch", topic="a network, several epochs")
def test_epochs_of_a_network(submission, check, rng):
    """Three epochs of a network with three parameters, each in an order of its own, take the right path."""
    params, _ = parameters(rng, first=(3, 4), bias=(4,), last=(4,))
    X, y = rng.normal(size=(7, 3)), rng.normal(size=7)
    want, got = params, params
    for order in (rng.permutation(7) for _ in range(3)):
        want, losses = epoch(two_layers, want, X, y, order, 0.11)
        both = submission.sgd_epoch(two_layers, got, X, y, order, 0.11)
        got = entry(both, 0)
        if not isinstance(got, dict):
            break
        check.close(entry(both, 1), losses, **PATH, what="losses")
    check.close(got, want, **PATH, what="params after three epochs")


# ---- noisy_grad ----------------------------------------------------------------------------------------


@points(1, cell="noisy_grad", topic="given z")
def test_given_noise(submission, check, rng):
    """With a given z the noise is z times its standard deviation, for any batch size, on both sides of the minimum."""
    for m in (1, 2, 7, 50, 300):
        theta, sigma, z = float(rng.uniform(-4, 9)), float(rng.uniform(0.5, 5)), float(rng.normal())
        want = 2 * (theta - 3) + z * sigma / np.sqrt(m)
        check.close(submission.noisy_grad(theta, m, sigma, None, z=z), want, **ONE, what=f"The gradient with m = {m}")


@points(0.5, cell="noisy_grad", topic="no noise: m infinite, z = 0, sigma = 0")
def test_no_noise(submission, check, rng):
    """An infinite batch, z = 0, or sigma = 0: the true gradient comes back."""
    call = submission.noisy_grad
    for m, sigma, z in ((INFINITE, 2.5, 0.8), (INFINITE, 2.5, None), (3, 4.0, 0), (1, 1.5, 0.0), (5, 0.0, None)):
        theta = float(rng.uniform(-4, 9))
        given = np.random.default_rng(int(rng.integers(2**32)))
        got = call(theta, m, sigma, given, z)
        case = "an infinite batch" if m == INFINITE else "z = 0" if z is not None else "sigma = 0"
        right = abs(number(check, got) - 2 * (theta - 3)) < 1e-10
        check.that(f"with {case} the true gradient comes back", right)
        check.that("with a given z the generator is left as it is", z is None or not call.changed)


def drawn(submission, check, rng, count, theta, m, sigma):
    """The noise of ``count`` calls, each with a generator of its own."""
    seeds = rng.integers(2**32, size=count)
    gradients = [submission.noisy_grad(theta, m, sigma, np.random.default_rng(s)) for s in seeds]
    return np.array([number(check, one) for one in gradients]) - 2 * (theta - 3)


@points(0.5, cell="noisy_grad", topic="the size of drawn noise")
def test_drawn_noise(submission, check, rng):
    """Drawn noise has mean 0 and the standard deviation of a mean of m samples, and is normal, within 6 deviations."""
    noise = drawn(submission, check, rng, 200, 1.5, 9, 6.0) / (6.0 / 3)  # of 200: the mean's deviation is 0.071
    check.that("the mean of the noise is near 0", abs(noise.mean()) < 0.43)
    check.that("the noise is not too small", noise.std() > 0.7)  # deviation 0.050
    check.that("the noise is not too small by more than half", noise.std() > 0.42)
    check.that("the noise is not too large", noise.std() < 1.35)
    check.that("the noise is not several times too large", noise.std() < 5)
    inside = (abs(noise) < 1).mean()  # 0.683, deviation 0.033
    check.that("about two thirds lie within a standard deviation", abs(inside - 0.683) < 0.2)
    check.that("some lie within half a deviation", (abs(noise) < 0.5).any())  # of 200, never none
    check.that("some lie beyond 1.8 deviations", (abs(noise) > 1.8).any())  # of 200, none once in 3 million
    single = drawn(submission, check, rng, 80, 1.5, 1, 0.4) / 0.4  # deviation of the deviation 0.079
    check.that("the noise of a single sample is not too small", single.std() > 0.5)
    check.that("the noise of a single sample is not too large", single.std() < 1.6)
    # Uniform noise of any size never gets there; of 280 normal draws, none does once in 400,000.
    shape = np.concatenate([one / (one.std() or 1) for one in (noise, single)])
    check.that("some lie beyond two of their own deviations", (abs(shape) > 2).any())


@points(0.5, cell="noisy_grad", topic="randomness from rng alone")
def test_noise_is_reproducible(submission, check, rng):
    """The generator alone decides: the same one gives the same noise, another gives another, and it moves on."""
    seed = int(rng.integers(2**32))
    call = submission.noisy_grad
    one, again, other = (number(check, call(1.5, 4, 2.0, np.random.default_rng(s))) for s in (seed, seed, seed + 1))
    check.that("there is some noise", one != -3.0)
    check.that("the same seed gives the same noise", one == again)
    check.that("another seed gives other noise", one != other)
    given = np.random.default_rng(seed)
    first = number(check, call(1.5, 4, 2.0, given))
    now = call.changed.get(3, given)  # the generator as the call left it
    second = number(check, call(1.5, 4, 2.0, now if isinstance(now, np.random.Generator) else given))
    check.that("two calls with one generator give different noise", first != second)


# ---- expected_loss -------------------------------------------------------------------------------------


@points(1, cell="expected_loss", topic="any setting, against the recursion")
def test_expected_loss(submission, check, rng):
    """For fifty settings the closed form is what the recursion gives, step by step."""
    for _ in range(50):
        m, lr, h, sigma = setting(rng)
        error = float(rng.uniform(1, 5))
        want = recursion(8, m, lr, h, sigma, error)
        got = submission.expected_loss(np.arange(9), m, lr, h, sigma, error)
        check.close(got, want, rtol=1e-10, atol=1e-12, what="The expected loss")


@points(0.5, cell="expected_loss", topic="lr * h of 1 and more")
def test_expected_loss_beyond_one(submission, check, rng):
    """Where steps reach the minimum or overshoot it, lr * h of 1 and more, the closed form holds as well."""
    for share in (1.0, 1.3, 1.85):
        m, _, _, sigma = setting(rng)
        want = recursion(6, m, share / 2, 2.0, sigma, 2.5)
        got = submission.expected_loss(np.arange(7), m, share / 2, 2.0, sigma, 2.5)
        check.close(got, want, rtol=1e-10, atol=1e-12, what=f"The expected loss with lr * h = {share}")


@points(0.5, cell="expected_loss", topic="any steps, in any order")
def test_expected_loss_at_any_steps(submission, check, rng):
    """t may begin anywhere, be in any order, repeat, reach far, and have a single entry; it is left as it is."""
    for t in ([7, 2, 2, 11, 4], [5], [3, 400, 1], [6, 0]):
        m, lr, h, sigma = setting(rng, 0.2, 0.8)
        want = recursion(max(t), m, lr, h, sigma, -1.7)[t]
        got = check.unchanged(submission.expected_loss, np.array(t), m, lr, h, sigma, -1.7)
        check.close(got, want, rtol=1e-10, atol=1e-12, what=f"The expected loss at {len(t)} step(s)")


@points(0.5, cell="expected_loss", topic="m infinite: gradient descent")
def test_expected_loss_without_noise(submission, check, rng):
    """With an infinite batch the loss is that of gradient descent."""
    for _ in range(3):
        _, lr, h, sigma = setting(rng)
        want = recursion(6, INFINITE, lr, h, sigma, 2.2)
        got = submission.expected_loss(np.arange(7), INFINITE, lr, h, sigma, 2.2)
        check.close(got, want, rtol=1e-10, atol=1e-12, what="The loss without noise")


@points(0.5, cell="expected_loss", topic="either side of the minimum")
def test_expected_loss_from_either_side(submission, check, rng):
    """It does not matter on which side of the minimum the run begins, or whether it begins at it."""
    for error in (-3.3, 3.3, 0.0):
        m, lr, h, sigma = setting(rng)
        want = recursion(5, m, lr, h, sigma, error)
        got = submission.expected_loss(np.arange(6), m, lr, h, sigma, error)
        check.close(got, want, rtol=1e-10, atol=1e-12, what="The expected loss")


# ---- steady_state --------------------------------------------------------------------------------------


@points(1, cell="steady_state", topic="any setting")
def test_floor(submission, check, rng):
    """For fifty settings the floor is where the recursion stands still."""
    for _ in range(50):
        m, lr, h, sigma = setting(rng)
        got = submission.steady_state(lr, h, sigma**2, m)
        check.close(got, floor(lr, h, sigma**2, m), rtol=1e-10, atol=0, what="The floor")


@points(0.5, cell="steady_state", topic="lr * h of 1 and more")
def test_floor_beyond_one(submission, check, rng):
    """The floor holds up to the cliff: for lr * h of 1, 1.5 and 1.95."""
    for share in (1.0, 1.5, 1.95):
        h, c, m = float(rng.choice([0.5, 4.0])), float(rng.uniform(0.5, 9)), int(rng.integers(2, 20))
        got = submission.steady_state(share / h, h, c, m)  # the product is exact
        check.close(got, floor(share / h, h, c, m), rtol=1e-10, atol=0, what=f"The floor with lr * h = {share}")


@points(0.5, cell="steady_state", topic="the end of the recursion")
def test_floor_ends_the_recursion(submission, check, rng):
    """After very many steps the expected loss is at the floor, wherever it began, for short steps too."""
    for error in (0.0, 2.5):
        m, lr, h, sigma = setting(rng, 0.1, 0.9)
        want = recursion(1000, m, lr, h, sigma, error)[-1]
        check.close(submission.steady_state(lr, h, sigma**2, m), want, rtol=1e-9, atol=0, what="The floor")
    m, _, h, sigma = setting(rng)
    lr = 0.001 / h  # 1e-6 leaves room for whoever iterates until nothing moves
    want = floor(lr, h, sigma**2, m)
    check.close(submission.steady_state(lr, h, sigma**2, m), want, rtol=1e-6, atol=0, what="The floor of short steps")


@points(0.5, cell="steady_state", topic="simulated runs")
def test_floor_of_simulated_runs(submission, check, rng):
    """The mean loss of 200 simulated runs, long after their start, is within 12 per cent of the floor."""
    lr, h, c, m = 0.2, 1.5, 3.0, 5
    error, losses = np.zeros(200), []
    for step in range(200):
        error = error - lr * (h * error + (c / m) ** 0.5 * rng.normal(size=200))
        if step >= 40:
            losses.append(h / 2 * (error**2).mean())
    ratio = number(check, submission.steady_state(lr, h, c, m)) / np.mean(losses)
    check.that("the floor is near the mean loss of simulated runs", abs(ratio - 1) < 0.12)


@points(0.5, cell="steady_state", topic="what it is proportional to")
def test_floor_scales(submission, check, rng):
    """Twice the variance doubles the floor, twice the batch halves it; in other units it stays the same."""
    m, lr, h, sigma = setting(rng)
    for c, size, a, factor in ((2.0, 1, 1, 2.0), (1.0, 2, 1, 0.5), (1.0, 1, 1e4, 1.0), (1e-6, 1, 1e-3, 1e-6)):
        # theta in units of 1 / sqrt(a): curvature and variance times a, the learning rate by a
        got = submission.steady_state(lr / a, a * h, a * c * sigma**2, size * m)
        check.close(got, factor * floor(lr, h, sigma**2, m), rtol=1e-10, atol=0, what="The floor in other units")


@points(0.5, cell="steady_state", topic="m = 1, m infinite")
def test_floor_of_extreme_batches(submission, check, rng):
    """An infinite batch has the floor 0; a batch of one has that of the formula."""
    _, lr, h, sigma = setting(rng, 0.1, 0.9)
    for m in (INFINITE, 1):
        got = submission.steady_state(lr, h, sigma**2, m)
        check.close(got, floor(lr, h, sigma**2, m), rtol=1e-10, atol=1e-15, what="The floor")


# ---- experiment ----------------------------------------------------------------------------------------


@points(0.75, cell="experiment", topic="the paths and their losses")
def test_paths(submission, reference, check):
    """The paths of the four batch sizes and the losses along them are right, for your own noise."""
    want, found = reference.experiment(reference.seed), submission.experiment(reference.seed)
    for name in ("theta", "loss"):
        check.close(entry(found, name), want[name], rtol=1e-6, atol=1e-9, what=name)


@points(0.75, cell="experiment", topic="the expected losses and the floors")
def test_expectations(submission, reference, check):
    """The expected losses and the floors of the four batch sizes are right, for your own settings."""
    want, found = reference.experiment(reference.seed), submission.experiment(reference.seed)
    for name in ("expected", "floor"):
        check.close(entry(found, name), want[name], rtol=1e-6, atol=0, what=name)


@points(0.5, cell="experiment", topic="runs in the deep well")
def test_deep(submission, reference, check):
    """The share of runs in the deep well is right at every step of the four schedules."""
    want = reference.experiment(reference.seed)["deep"]
    check.close(entry(submission.experiment(reference.seed), "deep"), want, rtol=0, atol=1e-6, what="deep")


@points(0.5, cell="experiment", topic="their mean loss")
def test_height(submission, reference, check):
    """The mean loss of the runs is right at every step of the four schedules."""
    want = reference.experiment(reference.seed)["height"]
    check.close(entry(submission.experiment(reference.seed), "height"), want, rtol=1e-6, atol=1e-9, what="height")


@points(0.5, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """All six arrays are right for somebody else's settings and noise too."""
    seed = int(rng.integers(2**32))
    want, found = reference.experiment(seed), submission.experiment(seed)
    for name in want:
        check.close(entry(found, name), want[name], rtol=1e-6, atol=1e-9, what=name)


# ---- expected: a question ------------------------------------------------------------------------------


def right(reference):
    """The expected losses at step 30, by the recursion, and the floor of a single sample."""
    lr, sigma = reference.own_settings(reference.seed)
    losses = [float(recursion(30, m, lr, 2.0, sigma, 3.0)[30]) for m in (1, 8, 32, 128)]
    return losses, floor(lr, 2.0, sigma**2, 1)


@points(0.5, cell="expected", topic="batch sizes 1 and 8")
def test_expected_of_small_batches(submission, reference, check):
    """The expected losses after 30 steps for batch sizes 1 and 8, with your own settings, within half a per cent."""
    losses, _ = right(reference)
    for place, m in enumerate((1, 8)):
        check.close(submission.answers.get(f"expected_{m}"), losses[place], **TYPED, what=f"expected_{m}")


@points(0.5, cell="expected", topic="batch sizes 32 and 128")
def test_expected_of_large_batches(submission, reference, check):
    """The expected losses after 30 steps for batch sizes 32 and 128, with your own settings, within half a per cent."""
    losses, _ = right(reference)
    for place, m in ((2, 32), (3, 128)):
        check.close(submission.answers.get(f"expected_{m}"), losses[place], **TYPED, what=f"expected_{m}")


@points(0.5, cell="expected", topic="the batch size that is needed")
def test_batch_needed(submission, reference, check):
    """The smallest batch size whose floor is at most 0.01, exactly."""
    want = int(np.ceil(right(reference)[1] / 0.01))
    check.equal(submission.answers.get("batch_needed"), want, what="batch_needed")


# ---- Mistakes: sgd_step --------------------------------------------------------------------------------

STEP = "return {name: value - lr * grads[name] for name, value in params.items()}"

mistake(
    "sgd_step",
    "ascent",
    was="value - lr",
    now="value + lr",
    says="The step goes along the gradient, which is uphill.",
    hints=["Does the loss fall after a small step?", "The gradient points to where the loss grows fastest."],
    seen="syllabus 2.3",
)
mistake(
    "sgd_step",
    "fixed_lr",
    was="lr * grads",
    now="0.1 * grads",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with two learning rates.", "An argument that is never used is a fault."],
    seen="syllabus 2.7",
)
mistake(
    "sgd_step",
    "lr_forgotten",
    was="lr * grads[name]",
    now="grads[name]",
    says="The learning rate is not used: the step is the whole gradient.",
    hints=["Call it with lr = 0. Do the parameters stay?", "A step is the learning rate times the gradient."],
)
mistake(
    "sgd_step",
    "lr_twice",
    was="lr * grads",
    now="lr * lr * grads",
    says="The learning rate is applied twice.",
    hints=["Call it with lr = 0.5 on a gradient of 1. How far does it go?", "Twice the lr should be twice the step."],
    seen="syllabus 8.1",
)
mistake(
    "sgd_step",
    "by_position",
    was=STEP,
    now="return {name: value - lr * g for (name, value), g in zip(params.items(), grads.values())}",
    says="Parameters and gradients are paired by their place in the dicts; their names should decide.",
    hints=["Print the keys of both dicts.", "The gradient of w is the one called w."],
)
mistake(
    "sgd_step",
    "writes_into_params",
    was=STEP,
    now="for name in params:\n        params[name] -= lr * grads[name]\n    return params",
    says="The parameters of the caller are changed; the new ones belong into a new dict, as new arrays.",
    hints=["Call it twice with the same parameters. Are both results the same?", "A new array for each parameter."],
    seen="hibayesian/spark-fm issue 5; feedback starter bank",
)
mistake(
    "sgd_step",
    "writes_into_grads",
    was=STEP,
    now="for name in grads:\n        grads[name] *= lr\n"
    "    return {name: value - grads[name] for name, value in params.items()}",
    says="The gradients of the caller are changed: they are multiplied in place.",
    hints=["Print the gradients before and after the call.", "An operator with = in it writes into its array."],
    seen="ml-explore/mlx pull request 4426",
)
mistake(
    "sgd_step",
    "always_double",
    was="value - lr * grads[name]",
    now="(value - lr * grads[name]).astype(float)",
    says="The parameters come back as float64, whatever they were.",
    hints=["Call it with float32 arrays and look at the dtype.", "Nothing here needs a conversion."],
)
mistake(
    "sgd_step",
    "divides_by_length",
    was="lr * grads[name]",
    now="lr * grads[name] / len(value)",
    says="The gradient is divided once more, by the length of its parameter; it is ready to use.",
    hints=["Try a parameter with one entry, then with five.", "What is left to divide, says the contract?"],
    seen="d2l-en pull request 1000",
)
mistake(
    "sgd_step",
    "unit_length",
    was="lr * grads[name]",
    now="lr * grads[name] / (grads[name] ** 2).sum() ** 0.5",
    says="The gradient is scaled to length 1, so that its size is lost.",
    hints=["Double the gradient. Should the step stay the same?", "Only the learning rate scales a step."],
)
mistake(
    "sgd_step",
    "first_parameter_only",
    was=STEP,
    now="new = dict(params)\n    for name in params:\n"
    "        new[name] = params[name] - lr * grads[name]\n        return new",
    says="Only the first parameter takes a step.",
    hints=["Print all parameters afterwards.", "A return inside a loop ends it."],
)
mistake(
    "sgd_step",
    "the_step_alone",
    was="value - lr * grads[name]",
    now="-lr * grads[name]",
    says="The step itself comes back; the new parameters are asked for.",
    hints=["With lr = 0, what should come back?", "From where is the step taken?"],
)
mistake(
    "sgd_step",
    "fixed_names",
    named=False,
    was=STEP,
    now='return {name: params[name] - lr * grads[name] for name in ("w", "c")}',
    says="The names of the parameters are fixed in the code; any names may come.",
    hints=["Try a parameter called W1.", "A dict knows its own keys."],
    seen="blind answer of assignment 02",
)


@mistake(
    "sgd_step",
    "by_place_in_one_vector",
    says="Parameters and gradients are paired by their place in the dicts, number by number; names should decide.",
    hints=["Print the keys of both dicts.", "The gradient of w is the one called w."],
    seen="blind answer",
)
def one_long_vector(params, grads, lr):
    long = np.concatenate([value.ravel() for value in params.values()])
    long = long - lr * np.concatenate([g.ravel() for g in grads.values()])
    new, at = {}, 0
    for name, value in params.items():
        new[name] = long[at : at + value.size].reshape(value.shape)
        at += value.size
    return new


mistake(
    "sgd_step",
    "divides_by_size",
    was="lr * grads[name]",
    now="lr * grads[name] / value.size",
    says="The gradient is divided once more, by the number of its entries; it is ready to use.",
    hints=["Try a parameter with one entry, then with five.", "What is left to divide, says the contract?"],
)
mistake(
    "sgd_step",
    "sign_only",
    was="lr * grads[name]",
    now="lr * xp.sign(grads[name])",
    says="Only the sign of the gradient is used, so that all steps are equally long.",
    hints=["Double the gradient. Should the step stay the same?", "A steep slope makes a long step."],
)
mistake(
    "sgd_step",
    "always_single",
    was="value - lr * grads[name]",
    now='(value - lr * grads[name]).astype("float32")',
    says="The parameters come back as float32, whatever they were.",
    hints=["Call it with float64 arrays and look at the dtype.", "Nothing here needs a conversion."],
)
mistake(
    "sgd_step",
    "divided_by_lr",
    was="lr * grads[name]",
    now="grads[name] / lr",
    says="The gradient is divided by the learning rate; it is to be multiplied by it.",
    hints=["Halve lr. Does the step get shorter?", "A small learning rate makes small steps."],
)
mistake(
    "sgd_step",
    "relative_step",
    was="lr * grads[name]",
    now="lr * grads[name] * value",
    says="The step is multiplied by the parameter itself, so that a parameter of 0 never moves.",
    hints=["Where do parameters of 0 go?", "The step depends on the gradient, not on where you stand."],
)
mistake(
    "sgd_step",
    "last_one_alone",
    was=STEP,
    now="for name in params:\n        new = {name: params[name] - lr * grads[name]}\n    return new",
    says="Only the last parameter comes back: the dict is made anew for each of them.",
    hints=["How many keys come back?", "Make the dict once, before the loop."],
)
mistake(
    "sgd_step",
    "first_one_alone",
    was=STEP,
    now="for name in params:\n        return {name: params[name] - lr * grads[name]}",
    says="Only the first parameter comes back.",
    hints=["How many keys come back?", "A return inside a loop ends it."],
)

mistake(
    "sgd_step",
    "unit_length_of_all",
    was="lr * grads[name]",
    now="lr * grads[name] / sum(float((g**2).sum()) for g in grads.values()) ** 0.5",
    says="The gradient of all parameters together is scaled to length 1, so that its size is lost.",
    hints=["Double all gradients. Should the step stay the same?", "Only the learning rate scales a step."],
    seen="blind answer",
)
mistake(
    "sgd_step",
    "divided_by_parameters",
    was="lr * grads[name]",
    now="lr * grads[name] / len(params)",
    says="The gradient is divided by the number of parameters; it is ready to use.",
    hints=["Try one parameter, then three.", "What is left to divide, says the contract?"],
)

# ---- Mistakes: sgd_epoch -------------------------------------------------------------------------------

LOOP, CALL = "for i in order.tolist():", "loss, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])"
TAKE = "        params = sgd_step(params, grads, lr)\n"

mistake(
    "sgd_epoch",
    "order_ignored",
    was="order.tolist()",
    now="range(len(order))",
    says="The order is not used: the samples come as they lie in X.",
    hints=["Give it the order 2, 0. Which loss comes first?", "The entries of order are row numbers."],
)
mistake(
    "sgd_epoch",
    "all_rows_once",
    was="order.tolist()",
    now="range(len(X))",
    says="Every row of X is used once, in its place; the order says which rows come, and how often.",
    hints=["Give it an order of one entry. How many losses come back?", "Loop over the order, not over the data."],
)
mistake(
    "sgd_epoch",
    "sorted_order",
    was="order.tolist()",
    now="sorted(order.tolist())",
    says="The rows are the right ones, but sorted: the given order is lost.",
    hints=["Give it the order 2, 0. Which loss comes first?", "Take the entries as they come."],
)
mistake(
    "sgd_epoch",
    "repeats_skipped",
    was="order.tolist()",
    now="dict.fromkeys(order.tolist())",
    says="A row that comes again is skipped; each entry of the order is a step.",
    hints=["Give it the order 0, 0. How many losses come back?", "Drawing with replacement makes repeats."],
)
mistake(
    "sgd_epoch",
    "stops_at_N",
    was="order.tolist()",
    now="order.tolist()[: len(X)]",
    says="The loop ends after N steps, though the order is longer.",
    hints=["Give it an order that is twice as long as the data.", "The order decides how many steps there are."],
)
mistake(
    "sgd_epoch",
    "first_skipped",
    was="order.tolist()",
    now="order.tolist()[1:]",
    says="The first entry of the order is left out.",
    hints=["Give it an order of one entry.", "range(1, n) has n - 1 members."],
    seen="feedback starter bank: range(1, iterations)",
)
mistake(
    "sgd_epoch",
    "last_skipped",
    was="order.tolist()",
    now="order.tolist()[:-1]",
    says="The last entry of the order is left out.",
    hints=["Give it an order of one entry.", "A slice ends before its end."],
)
mistake(
    "sgd_epoch",
    "frozen_gradient",
    was=CALL,
    now="start = params if not losses else start\n"
    "        loss, grads = loss_and_grad(start, X[i : i + 1], y[i : i + 1])",
    says="Every loss and gradient is taken at the parameters of the start.",
    hints=["Give it the order 0, 0. Are both losses equal?", "After a step you stand elsewhere."],
)
mistake(
    "sgd_epoch",
    "one_step_an_epoch",
    was=TAKE,
    now="        total = {n: (total[n] if len(losses) > 1 else 0) + grads[n] / len(order) for n in grads}\n"
    "    params = sgd_step(params, total, lr)\n",
    says="One step is taken at the end, along the mean gradient: that is full-batch gradient descent.",
    hints=["Where do the parameters change: inside the loop, or after it?", "Batch size 1: a step for each sample."],
)
mistake(
    "sgd_epoch",
    "all_data_each_step",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X, y)",
    says="Each step looks at all the data; it should look at one sample.",
    hints=["Print the shape of what you hand to `loss_and_grad`.", "A row number chooses one row."],
    seen="udacity/sdc-issue-reports issue 142",
)
mistake(
    "sgd_epoch",
    "axis_lost",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X[i], y[i])",
    says="The sample is handed over without its first axis; a batch of one has it still.",
    hints=["Print the shape of X_b.", "A slice of length 1 keeps the axis, a row number drops it."],
)
mistake(
    "sgd_epoch",
    "target_of_another",
    was=CALL,
    now="k = len(losses) % len(y)\n        loss, grads = loss_and_grad(params, X[i : i + 1], y[k : k + 1])",
    says="The input is chosen by the order, its target by the step: they belong to different samples.",
    hints=["Print both row numbers.", "One row number for both."],
    seen="udacity/sdc-issue-reports issue 1326",
)
mistake(
    "sgd_epoch",
    "divided_by_N",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, lr / len(X))",
    says="The step is divided by the number of samples; each sample's gradient is used as it is.",
    hints=["Does a step get shorter if X has more rows?", "A batch of one has a mean over one."],
    seen="syllabus 2.2; feedback starter bank: division by the full batch size",
)
mistake(
    "sgd_epoch",
    "decaying_lr",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, lr / len(losses))",
    says="The learning rate shrinks from step to step; it is the same for all.",
    hints=["Is the first step right, and the second not?", "A schedule is another assignment."],
)
mistake(
    "sgd_epoch",
    "ascent",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, -lr)",
    says="The steps go along the gradient, which is uphill.",
    hints=["Does a sample's loss fall when it comes twice?", "Against the gradient is downhill."],
    seen="syllabus 2.3",
)
mistake(
    "sgd_epoch",
    "fixed_lr",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, 0.1)",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with lr = 0. Do the parameters stay?", "An argument that is never used is a fault."],
    seen="syllabus 2.7",
)
mistake(
    "sgd_epoch",
    "loss_after_the_step",
    was="losses.append(float(loss))\n" + TAKE,
    now=TAKE.lstrip() + "        losses.append(float(loss_and_grad(params, X[i : i + 1], y[i : i + 1])[0]))\n",
    says="Each loss is taken after its step; the one before it is asked for.",
    hints=["Which loss do you have already when you take the step?", "Count the calls."],
    seen="syllabus 2.4",
)
mistake(
    "sgd_epoch",
    "loss_of_all",
    was="losses.append(float(loss))",
    now="losses.append(float(loss_and_grad(params, X, y)[0]))",
    says="The losses are those of all the data; the loss of each single sample is asked for.",
    hints=[
        "Which loss comes with the gradient that you use?",
        "Looking at all data at each step costs N times as much.",
    ],
)
mistake(
    "sgd_epoch",
    "two_calls",
    was="losses.append(float(loss))",
    now="losses.append(float(loss_and_grad(params, X[i : i + 1], y[i : i + 1])[0]))",
    says="`loss_and_grad` is called twice for a sample; one call brings both loss and gradient.",
    hints=["Count the calls for an order of one entry.", "Keep both values of the one call."],
    seen="blind answer of assignment 02",
)
mistake(
    "sgd_epoch",
    "losses_by_row",
    was="xp.asarray(losses)",
    now="xp.asarray([loss for _, loss in sorted(zip(order.tolist(), losses))])",
    says="The losses are sorted by row number; they should come in the order of the steps.",
    hints=["Give it the order 2, 0. Which loss comes first?", "losses[k] belongs to the k-th step."],
)
mistake(
    "sgd_epoch",
    "mean_loss",
    was="xp.asarray(losses)",
    now="float(sum(losses) / len(losses))",
    says="The mean of the losses comes back; all of them are asked for.",
    hints=["How many numbers should come back for an order of five?", "Assignment 04 asks for the mean."],
)
mistake(
    "sgd_epoch",
    "running_mean",
    was="xp.asarray(losses)",
    now="xp.asarray([sum(losses[: k + 1]) / (k + 1) for k in range(len(losses))])",
    says="The losses are running means; the loss of each sample alone is asked for.",
    hints=["Is the first loss right, and the second not?", "Each entry belongs to one sample."],
)
mistake(
    "sgd_epoch",
    "wrong_order_of_results",
    was="return params, xp.asarray(losses)",
    now="return xp.asarray(losses), params",
    says="The two results come back in the wrong order: the parameters are first.",
    hints=["Read the last lines of the contract.", "Two results, in the order in which they are named."],
)
mistake(
    "sgd_epoch",
    "callers_arrays",
    was=TAKE,
    now="        for name in params:\n            params[name] -= lr * grads[name]\n",
    says="The parameters of the caller are changed; the steps should move new arrays, in a new dict.",
    hints=[
        "Call it twice with the same parameters. Are both results the same?",
        "Begin with copies, or make new arrays.",
    ],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "sgd_epoch",
    "always_double",
    was=TAKE,
    now="        params = {n: v.astype(float) for n, v in sgd_step(params, grads, lr).items()}\n",
    says="The parameters come back as float64, whatever they were.",
    hints=["Call it with float32 arrays and look at the dtype.", "Nothing here needs a conversion."],
)
mistake(
    "sgd_epoch",
    "last_step_missing",
    was="    return params, xp",
    now="    params = sgd_step(params, grads, -lr)\n    return params, xp",
    says="The last sample's step is missing from the parameters, though its loss is there.",
    hints=["Give it an order of one entry. Do the parameters move?", "Every entry is a step, the last one too."],
)
mistake(
    "sgd_epoch",
    "layer_after_layer",
    was=TAKE,
    now="        for n in list(params):\n"
    "            g = loss_and_grad(params, X[i : i + 1], y[i : i + 1])[1][n]\n"
    "            params = {**params, n: params[n] - lr * g}\n",
    says="The gradient is computed anew for each parameter, after others have moved already.",
    hints=["Count the calls for an order of one entry.", "All parameters move along the gradient of one point."],
    seen="syllabus 2.5",
)

mistake(
    "sgd_epoch",
    "summed_loss",
    was="xp.asarray(losses)",
    now="float(sum(losses))",
    says="The losses are added up to one number; each of them is asked for.",
    hints=["How many numbers should come back for an order of five?", "losses[k] belongs to the k-th step."],
)
mistake(
    "sgd_epoch",
    "shuffled_again",
    named=False,
    was="order.tolist()",
    now="np.random.permutation(order).tolist()",
    says="The order is shuffled once more; it is random enough as it is given.",
    hints=["Call it twice. Are the results equal?", "Take the entries as they come."],
)
mistake(
    "sgd_epoch",
    "all_losses_first",
    was="    return params, xp.asarray(losses)",
    now="    rows = [slice(i, i + 1) for i in order.tolist()]\n"
    "    return params, xp.asarray([float(loss_and_grad(params, X[one], y[one])[0]) for one in rows])",
    says="The losses are those at the end of the epoch; each is asked for just before its sample's step.",
    hints=["Which parameters belong to the first loss?", "Note each loss when it comes with its gradient."],
    seen="syllabus 2.4",
)

mistake(
    "sgd_epoch",
    "backwards",
    was="order.tolist()",
    now="order.tolist()[::-1]",
    says="The order is walked backwards, from its last entry to its first.",
    hints=["Give it the order 2, 0. Which loss comes first?", "Which end of a list does pop take from?"],
)


@mistake(
    "sgd_epoch",
    "backwards_and_turned_round",
    says="The steps are taken from the last entry of the order to the first, though the losses come in its order.",
    hints=["Print the row number of each step.", "Which end of a list does pop take from?"],
    seen="blind answer",
)
def popped(loss_and_grad, params, X, y, order, lr):
    queue, losses = order.tolist(), []
    while queue:
        i = queue.pop()
        loss, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])
        losses.insert(0, float(loss))
        params = sgd_step(params, grads, lr)
    return params, losses


@mistake(
    "sgd_epoch",
    "start_comes_back",
    says="The losses are those of moving parameters, but the parameters that come back are those of the start.",
    hints=["Do the parameters differ from those that you gave?", "Which of your names holds the newest ones?"],
)
def forgets_the_end(loss_and_grad, params, X, y, order, lr):
    losses, theta = [], params
    for i in order.tolist():
        loss, grads = loss_and_grad(theta, X[i : i + 1], y[i : i + 1])
        losses.append(float(loss))
        theta = sgd_step(theta, grads, lr)
    return params, losses


mistake(
    "sgd_epoch",
    "gradients_accumulate",
    was=TAKE,
    now="        total = grads if len(losses) == 1 else {n: total[n] + grads[n] for n in grads}\n"
    "        params = sgd_step(params, total, lr)\n",
    says="The gradients of earlier samples are added to each new one; every step uses one sample's gradient alone.",
    hints=["Is the first step right, and the second not?", "What has to be emptied before each sample?"],
    seen="blind answer",
)
mistake(
    "sgd_epoch",
    "step_thrown_away",
    was=TAKE,
    now="        sgd_step(params, grads, lr)\n",
    says="The parameters never move: what the step returns is not kept.",
    hints=[
        "Give it the order 0, 0. Are both losses equal?",
        "`sgd_step` returns a new dict and leaves the old one as it was.",
    ],
)
mistake(
    "sgd_epoch",
    "last_loss_of_each_row",
    was="xp.asarray(losses)",
    now="xp.asarray([dict(zip(order.tolist(), losses))[i] for i in order.tolist()])",
    says="A row that comes again shows the loss of its last step each time; every step has its own.",
    hints=["Give it the order 0, 0. Are both losses equal?", "Keep a loss for each step, not for each row."],
    seen="blind answer",
)
mistake(
    "sgd_epoch",
    "losses_of_rows",
    was="xp.asarray(losses)",
    now="xp.asarray([dict(zip(order.tolist(), losses)).get(i, 0.0) for i in range(len(X))])",
    says="There is one loss for each row of X, in their order; one is asked for each entry of the order.",
    hints=[
        "Give it an order of one entry. How many losses come back?",
        "losses[k] belongs to the k-th step, not to row k.",
    ],
)
mistake(
    "sgd_epoch",
    "target_without_axis",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X[i : i + 1], y[i])",
    says="The target is handed over without its axis; for a batch of one it has the shape (1,).",
    hints=["Print the shape of y_b.", "A slice of length 1 keeps the axis, a row number drops it."],
)
mistake(
    "sgd_epoch",
    "input_of_another",
    was=CALL,
    now="k = len(losses) % len(X)\n        loss, grads = loss_and_grad(params, X[k : k + 1], y[i : i + 1])",
    says="The target is chosen by the order, its input by the step: they belong to different samples.",
    hints=["Print both row numbers.", "One row number for both."],
    seen="udacity/sdc-issue-reports issue 1326",
)
mistake(
    "sgd_epoch",
    "two_rows",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X[i : i + 2], y[i : i + 2])",
    says="The batch holds the row and the one after it; it should hold one row.",
    hints=["Print the shape of what you hand to `loss_and_grad`.", "How many rows does a slice from 4 to 6 have?"],
)
mistake(
    "sgd_epoch",
    "growing_batch",
    was=CALL,
    now="rows = order[: len(losses) + 1]\n        loss, grads = loss_and_grad(params, X[rows], y[rows])",
    says="Each step looks at all samples that have come so far; it should look at one.",
    hints=["Print the shape of what you hand to `loss_and_grad`.", "A batch of one, at every step."],
)
mistake(
    "sgd_epoch",
    "divided_by_K",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, lr / len(order))",
    says="The step is divided by the length of the order; each sample's gradient is used as it is.",
    hints=["Does a step get shorter if the order is longer?", "A batch of one has a mean over one."],
    seen="syllabus 2.2",
)
mistake(
    "sgd_epoch",
    "lr_twice",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, lr * lr)",
    says="The learning rate is applied twice.",
    hints=["What does `sgd_step` do with lr?", "Twice the lr should be twice the step."],
    seen="syllabus 8.1",
)
mistake(
    "sgd_epoch",
    "step_twice",
    was="sgd_step(params, grads, lr)",
    now="sgd_step(params, grads, 2 * lr)",
    says="Each step is twice as long as it should be, as if it were taken twice.",
    hints=["Compute the first step by hand.", "One step for each sample."],
    seen="feedback starter bank: update applied twice",
)
mistake(
    "sgd_epoch",
    "set_of_rows",
    was="order.tolist()",
    now="sorted(set(order.tolist()))",
    says="Every row that occurs is used once, and the rows are sorted: repeats and the given order are lost.",
    hints=["Give it the order 2, 0, 2. How many losses come back?", "A set knows neither order nor repeats."],
)
mistake(
    "sgd_epoch",
    "round_and_round",
    was="order.tolist()",
    now="[k % len(X) for k in range(len(order))]",
    says="The order only says how many steps there are: the rows come as they lie in X, again and again.",
    hints=["Give it the order 2, 0. Which loss comes first?", "The entries of order are row numbers."],
    seen="blind answer",
)
mistake(
    "sgd_epoch",
    "last_loss_alone",
    was="xp.asarray(losses)",
    now="losses[-1]",
    says="Only the last loss comes back; all of them are asked for.",
    hints=["How many numbers should come back for an order of five?", "Append each loss to a list."],
)
mistake(
    "sgd_epoch",
    "cumulative_losses",
    was="xp.asarray(losses)",
    now="xp.cumsum(xp.asarray(losses))",
    says="The losses are added up on the way; the loss of each sample alone is asked for.",
    hints=["Is the first loss right, and the second too large?", "Each entry belongs to one sample."],
)

mistake(
    "sgd_epoch",
    "rows_counted_from_one",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X[[i - 1]], y[[i - 1]])",
    says="The row before the right one is taken: the entries of order are counted from 0.",
    hints=["Give it the order 0. Which row is used?", "The first row of X is row 0."],
)
mistake(
    "sgd_epoch",
    "losses_as_many_as_rows",
    was="    return params, xp.asarray(losses)",
    now="    every = xp.zeros(len(X))\n    for k, one in enumerate(losses):\n        every[k] = one\n"
    "    return params, every",
    says="There are as many losses as rows in X; there should be as many as entries in the order.",
    hints=["Give it an order of one entry. How many losses come back?", "K and N are different numbers."],
)

mistake(
    "sgd_epoch",
    "all_of_the_order_each_step",
    was=CALL,
    now="loss, grads = loss_and_grad(params, X[order], y[order])",
    says="Each step looks at all samples of the order; it should look at one.",
    hints=["Print the shape of what you hand to `loss_and_grad`.", "A batch of one, at every step."],
)
mistake(
    "sgd_epoch",
    "params_alone",
    was="return params, xp.asarray(losses)",
    now="return params",
    says="Only the parameters come back; the losses are asked for as well.",
    hints=["Read the last lines of the contract.", "Two results, with a comma between them."],
)
mistake(
    "sgd_epoch",
    "losses_alone",
    was="return params, xp.asarray(losses)",
    now="return xp.asarray(losses)",
    says="Only the losses come back; the parameters are asked for as well.",
    hints=["Read the last lines of the contract.", "Two results, with a comma between them."],
)

# ---- Mistakes: noisy_grad ------------------------------------------------------------------------------

NOISE, DRAW = "sigma / m**0.5 * z", "z = rng.normal()"

mistake(
    "noisy_grad",
    "divided_by_m",
    was="m**0.5",
    now="m",
    says="The noise is divided by m; a mean of m numbers scatters less by the square root of m only.",
    hints=["Compare m = 1 with m = 16: the noise should be a quarter.", "Variances are divided by m, deviations not."],
    seen="syllabus 3.1; blei-lab/edward issue 722",
)
mistake(
    "noisy_grad",
    "m_ignored",
    was="sigma / m**0.5",
    now="sigma",
    says="The batch size makes no difference to the noise.",
    hints=["Compare m = 1 with m = 16.", "The mean of many scatters less than one."],
)
mistake(
    "noisy_grad",
    "more_noise_for_more",
    was="sigma / m**0.5",
    now="sigma * m**0.5",
    says="The noise grows with the batch: that is the scatter of a sum, and a mean is asked for.",
    hints=["Compare m = 1 with m = 16.", "A mean is the sum divided by m."],
)
mistake(
    "noisy_grad",
    "variance_for_deviation",
    was="sigma / m**0.5",
    now="sigma**2 / m",
    says="The noise is scaled by its variance; scale it by its standard deviation.",
    hints=["Double sigma. The noise should double.", "A deviation has the unit of the gradient."],
    seen="blei-lab/edward issue 722",
)
mistake(
    "noisy_grad",
    "root_of_all",
    was="sigma / m**0.5",
    now="(sigma / m) ** 0.5",
    says="The root is taken of sigma as well; sigma is a standard deviation already.",
    hints=["Double sigma. The noise should double.", "Only the m is under the root."],
)
mistake(
    "noisy_grad",
    "noise_on_theta",
    was="2 * (theta - 3) + sigma / m**0.5 * z",
    now="2 * (theta + sigma / m**0.5 * z - 3)",
    says="The noise is added to theta, and doubled with it; it belongs to the gradient.",
    hints=["Print it at theta = 3 with sigma = 1, m = 1, z = 1.", "First the true gradient, then the noise."],
    seen="syllabus 3.5",
)
mistake(
    "noisy_grad",
    "relative_noise",
    was="2 * (theta - 3) + sigma / m**0.5 * z",
    now="2 * (theta - 3) * (1 + sigma / m**0.5 * z)",
    says="The noise is multiplied with the gradient, so that it vanishes at the minimum; it should be added.",
    hints=["Print it at theta = 3.", "Even at the minimum single samples pull."],
)
mistake(
    "noisy_grad",
    "not_doubled",
    was="2 * (theta - 3)",
    now="(theta - 3)",
    says="The true gradient lacks its factor 2: the loss has no half.",
    hints=["Differentiate the square.", "With m infinite, what comes back at theta = 5?"],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "noisy_grad",
    "minimum_at_zero",
    was="2 * (theta - 3)",
    now="2 * theta",
    says="The gradient is that of a parabola with its minimum at 0; here it is at 3.",
    hints=["With m infinite, what comes back at theta = 3?", "At the minimum the true gradient is 0."],
)
mistake(
    "noisy_grad",
    "opposite_sign",
    was="2 * (theta - 3)",
    now="2 * (3 - theta)",
    says="The true gradient has the wrong sign: it is positive where the loss rises.",
    hints=[
        "To the right of 3 the loss rises. What comes back at theta = 5?",
        "The step has the minus, not the gradient.",
    ],
    seen="syllabus 2.3",
)
mistake(
    "noisy_grad",
    "noise_subtracted",
    was="+ sigma",
    now="- sigma",
    says="The noise is subtracted; with a given z it is to be added.",
    hints=["With z = 1, is the gradient larger or smaller than without noise?", "Chance hides it, a given z shows it."],
)
mistake(
    "noisy_grad",
    "zero_taken_for_none",
    was="if z is None:",
    now="if not z:",
    says="A z of 0 is taken for no z at all, and a random number is drawn in its place.",
    hints=["Call it twice with z = 0.", "0 is false in a condition, and so is None: ask which it is."],
)
mistake(
    "noisy_grad",
    "z_ignored",
    was="    if z is None:\n        z = rng.normal()\n",
    now="    z = rng.normal()\n",
    says="A given z is not used: a random number is drawn in any case.",
    hints=["Call it twice with the same z.", "Draw only if z is None."],
)
mistake(
    "noisy_grad",
    "draws_in_any_case",
    was="    if z is None:\n        z = rng.normal()\n",
    now="    drawn = rng.normal()\n    z = drawn if z is None else z\n",
    says="A random number is drawn even if z is given; rng should be left as it is, and may be None.",
    hints=["Call it with z = 1 and rng = None.", "Draw only if z is None."],
)
mistake(
    "noisy_grad",
    "global_random",
    named=False,
    was=DRAW,
    now="z = np.random.normal()",
    says="The noise comes from NumPy's global random state, not from the rng that is given.",
    hints=["Call it twice with generators of one seed. Are the results equal?", "Use the generator you are handed."],
    seen="syllabus 3.3; pytorch/pytorch issue 5059",
)
mistake(
    "noisy_grad",
    "fixed_seed",
    was=DRAW,
    now="z = np.random.default_rng(0).normal()",
    says="A generator is made anew in each call: the noise is the same every time.",
    hints=["Call it twice. Are the two results different?", "The caller's rng decides, and moves on."],
    seen="syllabus 3.4; pytorch/pytorch issue 5059",
)
mistake(
    "noisy_grad",
    "same_state_each_call",
    was=DRAW,
    now="import copy\n\n        z = copy.deepcopy(rng).normal()",
    says="The noise is drawn from a copy of rng, which itself stays as it was: the next call draws the same.",
    hints=["Call it twice with one generator. Are the two results different?", "Draw from the generator itself."],
    seen="syllabus 3.4",
)
mistake(
    "noisy_grad",
    "uniform_noise",
    was=DRAW,
    now="z = rng.uniform(-1, 1)",
    says="The random numbers are uniform between -1 and 1: too small, and not normal.",
    hints=["Look at the deviation of a thousand draws.", "Which method of rng draws normal numbers?"],
)
mistake(
    "noisy_grad",
    "positive_noise",
    was=DRAW,
    now="z = rng.random()",
    says="The random numbers lie between 0 and 1: they push one way, instead of having mean 0.",
    hints=["Look at the mean of a thousand draws.", "Which method of rng draws normal numbers?"],
)
mistake(
    "noisy_grad",
    "infinity_refused",
    named=False,
    was="m**0.5",
    now="int(m) ** 0.5",
    says="An infinite batch size raises an error; it stands for no noise.",
    hints=["Call it with m infinite.", "Dividing by infinity gives 0, if m stays what it is."],
)
mistake(
    "noisy_grad",
    "m_minus_one",
    was="m**0.5",
    now="max(m - 1, 1) ** 0.5",
    says="The noise is divided by the root of m - 1; for the scatter of a mean it is m.",
    hints=["Compare m = 1 with m = 2.", "m - 1 belongs to estimates of a variance, which is known here."],
)
mistake(
    "noisy_grad",
    "scaled_twice",
    was=DRAW,
    now="z = rng.normal(0, sigma / m**0.5)",
    says="Drawn noise is scaled twice, or by its variance in the place of its standard deviation.",
    hints=["Look at the deviation of a thousand draws with sigma = 3.", "With a given z it is right. What differs?"],
)
mistake(
    "noisy_grad",
    "coin_noise",
    was=DRAW,
    now="z = rng.choice([-1.0, 1.0])",
    says="The noise takes two values only; it should be normally distributed.",
    hints=["Print ten draws.", "Mean and deviation are right, the rest of the distribution is not."],
)

mistake(
    "noisy_grad",
    "no_noise_without_z",
    was=DRAW,
    now="z = 0.0",
    says="Without a given z there is no noise at all; a random number should be drawn.",
    hints=["Call it twice without z. Are the two results different?", "z only replaces the draw."],
)
mistake(
    "noisy_grad",
    "z_as_the_noise",
    was="    return 2 * (theta - 3) + sigma / m**0.5 * z",
    now="    else:\n        return 2 * (theta - 3) + z\n    return 2 * (theta - 3) + sigma / m**0.5 * z",
    says="A given z is taken for the noise itself; it is to be multiplied by the noise's standard deviation.",
    hints=["With z = 1, compare m = 1 with m = 16.", "z replaces a draw of standard deviation 1."],
)
mistake(
    "noisy_grad",
    "true_gradient_forgotten",
    was="return 2 * (theta - 3) + sigma",
    now="return sigma",
    says="The noise alone comes back; the true gradient belongs to it.",
    hints=["With m infinite, what comes back at theta = 5?", "Gradient plus noise."],
)
mistake(
    "noisy_grad",
    "value_for_gradient",
    was="2 * (theta - 3) +",
    now="(theta - 3) ** 2 +",
    says="The loss stands where its derivative should.",
    hints=["With m infinite, what comes back at theta = 2?", "Left of the minimum the gradient is negative."],
)

mistake(
    "noisy_grad",
    "root_of_m_twice",
    was=DRAW,
    now="z = rng.normal() / m**0.5",
    says="Drawn noise is divided by the root of m twice, or by m.",
    hints=[
        "Look at the deviation of a thousand draws, with m = 1 and with m = 16.",
        "A mean of m draws is scaled already.",
    ],
    seen="blind answer",
)
mistake(
    "noisy_grad",
    "drawn_for_one",
    was=DRAW,
    now="return 2 * (theta - 3) + rng.normal(0, sigma)",
    says="Drawn noise is that of a single sample, for every batch size, an infinite one too.",
    hints=[
        "Look at the deviation of a thousand draws, with m = 1 and with m = 16.",
        "With a given z it depends on m. The draw should as well.",
    ],
)
mistake(
    "noisy_grad",
    "drawn_for_one_unless_infinite",
    was=DRAW,
    now='z = rng.normal() * m**0.5 if m < float("inf") else 0.0',
    says="Drawn noise is that of a single sample for every finite batch.",
    hints=[
        "Look at the deviation of a thousand draws, with m = 1 and with m = 16.",
        "With a given z it depends on m. The draw should as well.",
    ],
)
mistake(
    "noisy_grad",
    "drawn_without_sigma",
    was=DRAW,
    now="return 2 * (theta - 3) + rng.normal() / m**0.5",
    says="Drawn noise does not depend on sigma.",
    hints=[
        "Call it with sigma = 0 and without z.",
        "A standard normal number has deviation 1. Which deviation should the noise have?",
    ],
)
mistake(
    "noisy_grad",
    "drawn_as_it_comes",
    was=DRAW,
    now="return 2 * (theta - 3) + rng.normal()",
    says="The drawn number itself is the noise: neither sigma nor m scales it.",
    hints=[
        "Call it with sigma = 0 and without z.",
        "Look at the deviation of a thousand draws, with m = 1 and with m = 16.",
    ],
)
mistake(
    "noisy_grad",
    "drawn_sum",
    was=DRAW,
    now='z = rng.normal() * m if m < float("inf") else 0.0',
    says="Drawn noise is that of a sum of m samples; it should be that of their mean.",
    hints=["Look at the deviation of a thousand draws, with m = 1 and with m = 16.", "A mean is the sum divided by m."],
)
mistake(
    "noisy_grad",
    "sigma_ignored",
    was="sigma / m**0.5",
    now="1 / m**0.5",
    says="sigma makes no difference to the noise.",
    hints=[
        "Call it with sigma = 1 and sigma = 5.",
        "A standard normal number has deviation 1. Which deviation should the noise have?",
    ],
)
mistake(
    "noisy_grad",
    "given_z_without_m",
    was="    return 2 * (theta - 3) + sigma / m**0.5 * z",
    now="    else:\n        return 2 * (theta - 3) + sigma * z\n    return 2 * (theta - 3) + sigma / m**0.5 * z",
    says="A given z is multiplied by sigma alone; the noise of a batch has a smaller standard deviation.",
    hints=["With z = 1, compare m = 1 with m = 16.", "z replaces a draw of standard deviation 1, nothing else."],
)
mistake(
    "noisy_grad",
    "given_z_without_sigma",
    was="    return 2 * (theta - 3) + sigma / m**0.5 * z",
    now="    else:\n        return 2 * (theta - 3) + z / m**0.5\n    return 2 * (theta - 3) + sigma / m**0.5 * z",
    says="A given z is scaled with the batch size alone; sigma belongs to it as well.",
    hints=["With z = 1, compare sigma = 1 with sigma = 5.", "z replaces a draw of standard deviation 1, nothing else."],
)
mistake(
    "noisy_grad",
    "sigma_squared",
    was="sigma / m**0.5",
    now="sigma**2 / m**0.5",
    says="sigma is squared, though only the root of m belongs to the deviation.",
    hints=["Double sigma. The noise should double.", "A deviation has the unit of the gradient."],
)
mistake(
    "noisy_grad",
    "uniform_of_right_deviation",
    was=DRAW,
    now="z = rng.uniform(-(3**0.5), 3**0.5)",
    says="The random numbers are uniform; normally distributed ones are asked for.",
    hints=["Draw a thousand. How far out does the largest lie?", "Which method of rng draws normal numbers?"],
    seen="blind answer",
)

mistake(
    "noisy_grad",
    "given_z_divided_by_m",
    was="    return 2 * (theta - 3) + sigma / m**0.5 * z",
    now="    else:\n        return 2 * (theta - 3) + sigma / m * z\n    return 2 * (theta - 3) + sigma / m**0.5 * z",
    says="With a given z the noise is divided by m; a mean of m numbers scatters less by its root only.",
    hints=["With z = 1, compare m = 1 with m = 16.", "Variances are divided by m, deviations not."],
    seen="syllabus 3.1",
)
mistake(
    "noisy_grad",
    "array_of_one",
    was=DRAW,
    now="z = rng.normal(size=1)",
    says="Without a given z an array comes back; one number is asked for.",
    hints=["Print the shape of what comes back.", "With `size` a generator returns an array."],
)

# ---- Mistakes: expected_loss ---------------------------------------------------------------------------

SHRINK, FLOOR = "(1 - lr * h) ** 2", "lr**2 * sigma**2 / m / (1 - shrink)"
SETTLED = "return h / 2 * (floor + (theta0_err**2 - floor) * shrink ** (t * 1.0))"

mistake(
    "expected_loss",
    "exponent_t",
    was="shrink ** (t * 1.0)",
    now="(1 - lr * h) ** (t * 1.0)",
    says="The way down is too slow: the error shrinks by its factor, the square of it by the factor squared.",
    hints=[
        "Without noise, by what is the loss multiplied in a step?",
        "The exponent is twice t.",
        "An error of a half: a loss of a quarter.",
    ],
    seen="syllabus 3.6; blind answer",
)
mistake(
    "expected_loss",
    "factor_not_squared",
    was=SHRINK,
    now="1 - lr * h",
    says="The factor of the error is used for the mean square; it has to be squared, in the floor too.",
    hints=["Without noise, by what is the loss multiplied in a step?", "Read the recursion again."],
    seen="syllabus 3.6",
)
mistake(
    "expected_loss",
    "overshoot_cut",
    was=SHRINK,
    now="max(1 - lr * h, 0) ** 2",
    says="Steps that overshoot the minimum are treated as if they stopped at it.",
    hints=["Try lr * h = 1.5, without noise.", "The factor may be negative; its square is not."],
)
mistake(
    "expected_loss",
    "by_logarithm",
    was="shrink ** (t * 1.0)",
    now="xp.exp(2 * t * (np.log(1 - lr * h) if lr * h < 1 else np.nan))",
    says="The power is computed by a logarithm, which fails where lr * h is 1 or more.",
    hints=["Try lr * h = 1.5.", "A negative number has no logarithm, but it has powers."],
)
mistake(
    "expected_loss",
    "noise_forgotten",
    was=FLOOR,
    now="0.0",
    says="The noise is left out: this is the loss of gradient descent, and of the mean path.",
    hints=["What should remain after many steps?", "The mean loss is not the loss of the mean."],
)
mistake(
    "expected_loss",
    "floor_added",
    was="(theta0_err**2 - floor)",
    now="theta0_err**2",
    says="The floor is added to the decaying start, so that it is there from the first moment on.",
    hints=["What comes out at t = 0?", "What shrinks is the gap between the start and the floor."],
)
mistake(
    "expected_loss",
    "sigma_not_squared",
    was="sigma**2",
    now="sigma",
    says="The floor grows with sigma; it should grow with the variance.",
    hints=["Double sigma. By what should the floor grow?", "sigma is a standard deviation."],
)
mistake(
    "expected_loss",
    "lr_not_squared",
    was="lr**2",
    now="lr",
    says="The noise of a step is multiplied by the learning rate before it is squared; that square is missing.",
    hints=["Compare t = 1 with the recursion.", "A step moves by lr times the noise."],
)
mistake(
    "expected_loss",
    "m_squared",
    was="/ m /",
    now="/ m**2 /",
    says="The noise variance is divided by m squared; it is divided by m.",
    hints=["Compare m = 1 with m = 2.", "The standard deviation goes with the root, its square with m."],
    seen="syllabus 3.1",
)
mistake(
    "expected_loss",
    "root_of_m",
    was="/ m /",
    now="/ m**0.5 /",
    says="The noise variance is divided by the root of m; that is for the deviation.",
    hints=["Compare m = 1 with m = 4.", "Square the deviation."],
)
mistake(
    "expected_loss",
    "m_ignored",
    was="/ m /",
    now="/",
    says="The batch size makes no difference.",
    hints=["Compare m = 1 with m = 4.", "The noise of a batch is that of a mean."],
)
mistake(
    "expected_loss",
    "half_missing",
    was="return h / 2 *",
    now="return h *",
    says="The loss is doubled: it is half the curvature times the squared error.",
    hints=["What comes out at t = 0?", "Read the contract's second sentence."],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "expected_loss",
    "squared_error",
    was="return h / 2 *",
    now="return 1.0 *",
    says="The mean squared error comes back; the loss is asked for.",
    hints=["What comes out at t = 0?", "The loss of an error involves the curvature."],
)
mistake(
    "expected_loss",
    "curvature_missing",
    was="return h / 2 *",
    now="return 0.5 *",
    says="The curvature is missing from the loss.",
    hints=["What comes out at t = 0, for h = 1 and h = 4?", "A steep parabola has a larger loss for one error."],
)
mistake(
    "expected_loss",
    "one_step_ahead",
    was="(t * 1.0)",
    now="(t + 1.0)",
    says="The losses are one step ahead: at t = 0 there has been no step yet.",
    hints=["What comes out at t = 0?", "t counts the steps that are done."],
)
mistake(
    "expected_loss",
    "one_step_behind",
    was="(t * 1.0)",
    now="xp.maximum(t - 1.0, 0)",
    says="The losses are one step behind: at t = 1 there has been one step.",
    hints=["Compare t = 0 with t = 1.", "t counts the steps that are done."],
)
mistake(
    "expected_loss",
    "t_counted_from_zero",
    was="(t * 1.0)",
    now="(xp.arange(len(t)) * 1.0)",
    says="Only the length of t is used; its entries say which steps are asked for.",
    hints=["Ask for step 5 alone.", "t may begin anywhere and be in any order."],
)
mistake(
    "expected_loss",
    "t_sorted",
    was="(t * 1.0)",
    now="(xp.sort(t) * 1.0)",
    says="The losses come in the order of the steps, not in that of t.",
    hints=["Ask for steps 5 and 1, in this order.", "Entry k belongs to the k-th entry of t."],
)
mistake(
    "expected_loss",
    "error_not_squared",
    was="theta0_err**2",
    now="theta0_err",
    says="The error at the start is not squared.",
    hints=["What comes out at t = 0?", "Begin on the other side of the minimum."],
)
mistake(
    "expected_loss",
    "floor_alone",
    was="floor + (theta0_err**2 - floor) * shrink ** (t * 1.0)",
    now="floor + 0.0 * t",
    says="The floor comes back for every step; the way down to it is missing.",
    hints=["What comes out at t = 0?", "The start shrinks, it is not gone at once."],
)
mistake(
    "expected_loss",
    "noise_once",
    was=FLOOR,
    now="lr**2 * sigma**2 / m",
    says="The noise of a single step is taken for the floor; what earlier steps left behind adds to it.",
    hints=["Compare t = 1 and t = 2 with the recursion.", "Sum the geometric series."],
)
mistake(
    "expected_loss",
    "t_changed",
    was="    shrink = (1 - lr * h) ** 2\n",
    now="    t *= 2\n    shrink = (1 - lr * h) ** 2\n    t = t / 2\n",
    says="The array t of the caller is changed.",
    hints=["Print t before and after the call.", "An operator with = in it writes into its array."],
    seen="feedback starter bank: in-place update of the caller's array",
)

mistake(
    "expected_loss",
    "one_noise_too_many",
    was="(theta0_err**2 - floor) * shrink ** (t * 1.0)",
    now="(theta0_err**2 - floor * shrink) * shrink ** (t * 1.0)",
    says="The noise of one step too many is counted: there is some at t = 0 already.",
    hints=["What comes out at t = 0?", "As many draws as steps."],
)
mistake(
    "expected_loss",
    "plus_for_minus",
    was="(1 - lr * h)",
    now="(1 + lr * h)",
    says="The error grows at each step: the factor has a wrong sign in it.",
    hints=["Without noise, does the loss fall?", "The step goes against the gradient."],
    seen="syllabus 2.3",
)
mistake(
    "expected_loss",
    "loss_floor_for_squared_error",
    was=FLOOR,
    now="lr * sigma**2 / (2 * m * (2 - lr * h))",
    says="The floor of the loss is used as that of the squared error, and turned into a loss again.",
    hints=["Try h = 1 and h = 5.", "Either everything is a squared error, or everything is a loss."],
)
mistake(
    "expected_loss",
    "curvature_forgotten",
    was="(1 - lr * h)",
    now="(1 - lr)",
    says="The shrinking does not depend on the curvature; in a steep valley the error shrinks faster.",
    hints=["Compare h = 1 with h = 3.", "What is the gradient of a parabola of curvature h?"],
)

mistake(
    "expected_loss",
    "exponent_halved",
    was="(t * 1.0)",
    now="(t / 2)",
    says="The way down has half the exponent: the squared error shrinks by the factor squared, not by its size.",
    hints=["Without noise, by what is the loss multiplied in a step?", "An error of a half: a loss of a quarter."],
)
mistake(
    "expected_loss",
    "exponent_doubled",
    was="(t * 1.0)",
    now="(t * 2.0)",
    says="The way down is too fast: the factor is squared twice.",
    hints=[
        "Without noise, by what is the loss multiplied in a step?",
        "Either the factor is squared already, or the exponent is twice t.",
    ],
)
mistake(
    "expected_loss",
    "floor_with_first_power",
    was="(1 - shrink)",
    now="(lr * h)",
    says="The floor is that of a factor that is not squared; the way down has the square.",
    hints=["Compare t = 1 and t = 2 with the recursion.", "At which V does the recursion stand still?"],
    seen="syllabus 3.6",
)
mistake(
    "expected_loss",
    "series_of_first_powers",
    was=SETTLED,
    now="noise = lr * sigma**2 / m / h * (1 - (1 - lr * h) ** (t * 1.0))\n"
    "    return h / 2 * (theta0_err**2 * shrink ** (t * 1.0) + noise)",
    says="The noise of earlier steps is added up with a factor that is not squared; variances shrink by the square.",
    hints=["Compare t = 1 and t = 2 with the recursion.", "By what is a kick's square multiplied in a step?"],
    seen="blind answer",
)
mistake(
    "expected_loss",
    "noise_not_a_loss",
    was="h / 2 * (floor + (theta0_err**2 - floor) *",
    now="(floor + (h / 2 * theta0_err**2 - floor) *",
    says="The start is a loss, but what the noise adds is a squared error: it lacks half the curvature.",
    hints=[
        "Begin at the minimum and compare t = 1 with the recursion.",
        "Either everything is a squared error, or everything is a loss.",
    ],
    seen="blind answer",
)
mistake(
    "expected_loss",
    "start_not_a_loss",
    was="h / 2 * (floor + (theta0_err**2 - floor) *",
    now="(h / 2 * floor + (theta0_err**2 - h / 2 * floor) *",
    says="The floor is a loss, but the start is a squared error: it lacks half the curvature.",
    hints=[
        "What comes out at t = 0, for h = 1 and h = 4?",
        "Either everything is a squared error, or everything is a loss.",
    ],
)
mistake(
    "expected_loss",
    "curvature_two",
    was="(1 - lr * h)",
    now="(1 - 2 * lr)",
    says="The way down is that of a parabola of curvature 2, whatever h is.",
    hints=["Compare h = 1 with h = 3.", "What is the gradient of a parabola of curvature h?"],
    seen="blind answer",
)
mistake(
    "expected_loss",
    "lr_missing_in_noise",
    was="lr**2 * sigma**2",
    now="sigma**2",
    says="What noise adds in a step lacks the learning rate.",
    hints=["Begin at the minimum and compare t = 1 with the recursion.", "A step moves by lr times the noise."],
)
mistake(
    "expected_loss",
    "noise_piles_up",
    was=SETTLED,
    now="return h / 2 * (theta0_err**2 * shrink ** (t * 1.0) + t * (lr * sigma) ** 2 / m)",
    says="The noise of all steps is added up undiminished; that of earlier steps shrinks like the error.",
    hints=["Compare t = 1 and t = 2 with the recursion.", "After very many steps, does the loss grow without end?"],
)
mistake(
    "expected_loss",
    "gap_alone",
    was="(floor + (theta0_err**2 - floor) *",
    now="((theta0_err**2 - floor) *",
    says="The loss tends to 0: the gap to the floor comes back, without the floor.",
    hints=["What comes out at t = 0?", "What should remain after many steps?"],
)
mistake(
    "expected_loss",
    "gap_with_plus",
    was="theta0_err**2 - floor",
    now="theta0_err**2 + floor",
    says="The gap is taken as start plus floor; a gap is a difference.",
    hints=["What comes out at t = 0?", "From 10 down to 2: the gap is 8."],
)
mistake(
    "expected_loss",
    "error_taken_for_a_place",
    was="theta0_err**2",
    now="(theta0_err - 3) ** 2",
    says="The error at the start is taken for a place: the minimum is subtracted once more.",
    hints=["What comes out at t = 0, for an error of 1?", "The error is the distance to the minimum already."],
)
mistake(
    "expected_loss",
    "curvature_on_noise",
    was="lr**2 * sigma**2",
    now="lr**2 * h**2 * sigma**2",
    says="The noise is multiplied by the curvature; the curvature belongs to the error only.",
    hints=[
        "Begin at the minimum and compare t = 1 with the recursion.",
        "Which of the two parts of the gradient has an h?",
    ],
)
mistake(
    "expected_loss",
    "factor_for_small_lr",
    was=SHRINK,
    now="1 - 2 * lr * h",
    says="The factor's square is cut short: what is small for small learning rates is left out.",
    hints=["Without noise, by what is the loss multiplied in a step?", "Expand the square: it has three terms."],
)
mistake(
    "expected_loss",
    "continuous_time",
    was=SHRINK,
    now="np.exp(-2 * lr * h)",
    says="The steps are replaced by a smooth decay, an exponential; only short steps are like that.",
    hints=["Without noise, by what is the loss multiplied in a step?", "Try lr * h = 1.5."],
)
mistake(
    "expected_loss",
    "floor_for_small_lr",
    was=FLOOR,
    now="lr * sigma**2 / (2 * m * h)",
    says="The floor is that for very small learning rates; the exact one is asked for.",
    hints=["Compare t = 1 with the recursion.", "At which V does the recursion stand still?"],
    seen="syllabus 3.7",
)
mistake(
    "expected_loss",
    "square_of_the_product",
    was=SHRINK,
    now="1 - (lr * h) ** 2",
    says="The square of the factor is taken term by term: the mixed term is lost.",
    hints=["Without noise, by what is the loss multiplied in a step?", "Square 1 - 0.1 by hand."],
)
mistake(
    "expected_loss",
    "whole_path",
    was="(t * 1.0)",
    now="(xp.arange(int(t.max()) + 1) * 1.0)",
    says="The losses of all steps up to the last come back; those of t are asked for.",
    hints=["Ask for step 5 alone. How many losses come back?", "Entry k belongs to the k-th entry of t."],
)

mistake(
    "expected_loss",
    "whole_numbers",
    was=SETTLED,
    now="return (h / 2 * (floor + (theta0_err**2 - floor) * shrink ** (t * 1.0))).astype(t.dtype)",
    says="The losses are cut to whole numbers: their array is one of integers, like t.",
    hints=["Print what comes back, and its dtype.", "Entries of an integer array hold no fractions."],
)
mistake(
    "expected_loss",
    "curvature_forgotten_in_floor",
    was=FLOOR,
    now="lr**2 * sigma**2 / m / (1 - (1 - lr) ** 2)",
    says="The floor is that of a parabola of curvature 1; the way down is right.",
    hints=["Compare h = 1 with h = 3 at t = 1, from the minimum.", "One factor belongs into both."],
)
mistake(
    "expected_loss",
    "floor_lacks_a_curvature",
    was=FLOOR,
    now="lr * sigma**2 / (m * (2 - lr * h))",
    says="The floor lacks a division by the curvature; the way down is right.",
    hints=["Begin at the minimum and compare t = 1 with the recursion.", "Where does the recursion of V stand still?"],
)
mistake(
    "expected_loss",
    "start_shrinks_slowly",
    was=SETTLED,
    now="return h / 2 * (floor * (1 - shrink ** (t * 1.0)) + theta0_err**2 * (1 - lr * h) ** (t * 1.0))",
    says="The start shrinks with a factor that is not squared; the noise has the square.",
    hints=["Without noise, by what is the loss multiplied in a step?", "An error of a half: a loss of a quarter."],
    seen="syllabus 3.6",
)

mistake(
    "expected_loss",
    "start_forgotten",
    was="(theta0_err**2 - floor)",
    now="(0.0 - floor)",
    says="The error at the start is not used: the way up from the minimum to the floor comes back.",
    hints=["What comes out at t = 0?", "Begin far away, then near: the first losses should differ."],
)

# ---- Mistakes: steady_state ----------------------------------------------------------------------------

STEADY = "lr * c / (2 * m * (2 - lr * h))"

mistake(
    "steady_state",
    "half_missing",
    was="(2 * m *",
    now="(m *",
    says="The floor is doubled: the loss is half the curvature times the squared error.",
    hints=["Compare with the last of a thousand steps of the recursion.", "Which factor makes a loss of V?"],
    seen="syllabus 3.7",
)
mistake(
    "steady_state",
    "bracket_missing",
    was=" * (2 - lr * h))",
    now=")",
    says="The factor that grows with the curvature is missing, as if the shrinking in the recursion were not squared.",
    hints=[
        "Compare with the last of a thousand steps of the recursion.",
        "1 minus a square is a product of two factors.",
    ],
    seen="syllabus 3.7",
)
mistake(
    "steady_state",
    "for_small_lr",
    was="(2 - lr * h)",
    now="2",
    says="This is the floor for very small learning rates; the exact one is asked for.",
    hints=["Try lr * h = 1.5.", "What was left out because it is small?"],
    seen="syllabus 3.7",
)
mistake(
    "steady_state",
    "plus_for_minus",
    was="(2 - lr * h)",
    now="(2 + lr * h)",
    says="A sign is wrong: towards the cliff the floor has to grow without end.",
    hints=["Try lr * h = 1.95.", "Expand 1 minus the square of the factor."],
)
mistake(
    "steady_state",
    "one_for_two",
    was="(2 - lr * h)",
    now="(1 - lr * h)",
    says="The floor goes to infinity at lr * h = 1 already; the cliff is at 2.",
    hints=["Try lr * h = 1.5.", "The factor of the mean square is a square."],
)
mistake(
    "steady_state",
    "squared_error",
    was=STEADY,
    now="lr * c / (m * h * (2 - lr * h))",
    says="The mean squared error comes back; the loss is asked for.",
    hints=["Which factor makes a loss of V?", "At h = 2 both are the same: try another."],
)
mistake(
    "steady_state",
    "curvature_outside",
    was="lr * c / (2",
    now="lr * c * h / (2",
    says="The curvature stands in the floor once too often.",
    hints=["Compare with the last of a thousand steps of the recursion.", "One h cancels."],
)
mistake(
    "steady_state",
    "lr_squared",
    was="lr * c /",
    now="lr**2 * c /",
    says="The learning rate stands in the floor once too often.",
    hints=["Halve a small learning rate: the floor should halve.", "One lr cancels."],
)
mistake(
    "steady_state",
    "variance_squared",
    was="lr * c /",
    now="lr * c**2 /",
    says="The variance c is squared; it is a square already.",
    hints=["Double c: the floor should double.", "c is sigma squared."],
)
mistake(
    "steady_state",
    "root_of_variance",
    was="lr * c /",
    now="lr * c**0.5 /",
    says="The root of the variance is used; the floor goes with the variance itself.",
    hints=["Double c: the floor should double.", "A squared error has a squared noise in it."],
)
mistake(
    "steady_state",
    "m_squared",
    was="2 * m *",
    now="2 * m**2 *",
    says="The floor is divided by m squared; doubling the batch halves it.",
    hints=["Compare m = 2 with m = 4.", "A variance is divided by m."],
    seen="syllabus 3.1",
)
mistake(
    "steady_state",
    "root_of_m",
    was="2 * m *",
    now="2 * m**0.5 *",
    says="The floor is divided by the root of m; that is for deviations.",
    hints=["Compare m = 2 with m = 8.", "A variance is divided by m."],
)
mistake(
    "steady_state",
    "m_ignored",
    was="2 * m *",
    now="2 *",
    says="The batch size makes no difference to the floor.",
    hints=["Compare m = 2 with m = 4.", "A larger batch has less noise."],
)
mistake(
    "steady_state",
    "m_multiplied",
    was="lr * c / (2 * m",
    now="lr * c * m / (2",
    says="The floor rises with the batch size; a larger batch has less noise.",
    hints=["Compare m = 2 with m = 4.", "What is the floor of an infinite batch?"],
)
mistake(
    "steady_state",
    "curvature_forgotten",
    was="(2 - lr * h)",
    now="(2 - lr)",
    says="The curvature is not used.",
    hints=["Compare h = 1 with h = 3.", "Which learning rate is the limit for this h?"],
)
mistake(
    "steady_state",
    "learning_rate_forgotten",
    was="(2 - lr * h)",
    now="(2 - h)",
    says="In the bracket the learning rate is missing: it is curvature times learning rate that counts.",
    hints=["Halve a small learning rate, and double it.", "Change the unit of theta: lr * h stays the same."],
)
mistake(
    "steady_state",
    "too_few_steps",
    was="return " + STEADY,
    now="V = 1.0\n    for _ in range(20):\n        V = (1 - lr * h) ** 2 * V + lr**2 * c / m\n    return h / 2 * V",
    says="The recursion is stopped after a few steps, when the start has not died out yet.",
    hints=["Start it from another value. Does the result change?", "Where does it stand still?"],
)
mistake(
    "steady_state",
    "infinity_refused",
    named=False,
    was="2 * m *",
    now="2 * int(m) *",
    says="An infinite batch size raises an error; its floor is 0.",
    hints=["Call it with m infinite.", "Dividing by infinity gives 0, if m stays what it is."],
)

mistake(
    "steady_state",
    "lr_forgotten",
    was="lr * c /",
    now="c /",
    says="The floor does not shrink with the learning rate; one is missing in front.",
    hints=["Halve a small learning rate: the floor should halve.", "A step that is short carries little noise."],
)
mistake(
    "steady_state",
    "upside_down",
    was="return " + STEADY,
    now="return (2 * m * (2 - lr * h)) / (lr * c)",
    says="The fraction is upside down.",
    hints=["Double c: the floor should double.", "More noise, higher floor."],
)

mistake(
    "steady_state",
    "curvature_two",
    was="(2 - lr * h)",
    now="(2 - lr * 2)",
    says="The curvature is not used: this is the floor of a parabola of curvature 2.",
    hints=["Compare h = 1 with h = 3.", "Which learning rate is the limit for this h?"],
    seen="blind answer",
)
mistake(
    "steady_state",
    "infinite_above_one",
    was="return " + STEADY,
    now='if lr * h > 1:\n        return float("inf")\n    return lr * c / (2 * m * (2 - lr * h))',
    says="Where steps overshoot the minimum the floor is said to be infinite; the cliff is at 2.",
    hints=[
        "Try lr * h = 1.5, and compare with the recursion.",
        "The factor's square is below 1 for longer than one thinks.",
    ],
    seen="blind answer",
)
mistake(
    "steady_state",
    "infinite_from_one",
    was="return " + STEADY,
    now='if lr * h >= 1:\n        return float("inf")\n    return lr * c / (2 * m * (2 - lr * h))',
    says="From the step that just reaches the minimum on, the floor is said to be infinite; the cliff is at 2.",
    hints=[
        "Try lr * h = 1.5, and compare with the recursion.",
        "The factor's square is below 1 for longer than one thinks.",
    ],
)
mistake(
    "steady_state",
    "a_thousand_steps",
    was="return " + STEADY,
    now="V = 0.0\n    for _ in range(1000):\n        V = (1 - lr * h) ** 2 * V + lr**2 * c / m\n    return h / 2 * V",
    says="The recursion is stopped after a fixed number of steps, which for short steps is too soon.",
    hints=[
        "Try a very small learning rate. Does the result change if you take more steps?",
        "Where does it stand still?",
    ],
    seen="blind answer",
)
mistake(
    "steady_state",
    "noise_once",
    was=STEADY,
    now="h / 2 * lr**2 * c / m",
    says="The noise of a single step is taken for the floor; what earlier steps left behind adds to it.",
    hints=["Compare with the last of a thousand steps of the recursion.", "Where does the recursion stand still?"],
)
mistake(
    "steady_state",
    "square_of_the_product",
    was=STEADY,
    now="c / (2 * m * h)",
    says="The learning rate cancels, which it should not: 1 minus the square of the factor was worked out wrongly.",
    hints=["Halve a small learning rate: the floor should halve.", "Square 1 - 0.1 by hand."],
)
mistake(
    "steady_state",
    "curvature_missing",
    was=STEADY,
    now="lr * c / (2 * m * h * (2 - lr * h))",
    says="Half of the squared error comes back; the curvature is missing from the loss.",
    hints=["Compare h = 1 with h = 3.", "Which factor makes a loss of V?"],
)

mistake(
    "steady_state",
    "a_hundred_steps",
    was="return " + STEADY,
    now="V = 0.0\n    for _ in range(100):\n        V = (1 - lr * h) ** 2 * V + lr**2 * c / m\n    return h / 2 * V",
    says="The recursion is stopped after a fixed number of steps, which is too soon when they are short.",
    hints=[
        "Try a very small learning rate. Does the result change if you take more steps?",
        "Where does it stand still?",
    ],
    seen="blind answer",
)

mistake(
    "steady_state",
    "bracket_multiplied",
    was=STEADY,
    now="lr * c * (2 - lr * h) / (2 * m)",
    says="The factor with the curvature is multiplied where it should divide.",
    hints=["Try lr * h = 1.95: towards the cliff the floor grows without end.", "Solve for V step by step."],
)
mistake(
    "steady_state",
    "halved",
    was="(2 * m *",
    now="(4 * m *",
    says="The floor is half of what it should be: a half is counted twice.",
    hints=["Compare with the last of a thousand steps of the recursion.", "Which factor makes a loss of V?"],
)

# ---- Mistakes: experiment ------------------------------------------------------------------------------

KICK = "x - rate * (well_grad(x) + WELL_SIGMA / m**0.5 * kicks[step])"

mistake(
    "experiment",
    "somebody_elses_settings",
    was="    lr, sigma = own_settings(seed)",
    now="    lr, sigma = own_settings(0)",
    says="The learning rate and sigma are somebody else's: the seed that is given is not used.",
    hints=["Call it with two seeds. Which arrays differ?", "Every draw of yours comes from the seed."],
)
mistake(
    "experiment",
    "one_noise_for_all",
    was="own_noise(seed).tolist()",
    now="[own_noise(seed)[0].tolist()] * 4",
    says="All batch sizes get the noise of the first; each has a row of its own.",
    hints=["Print the first step of each path, with its z.", "There are as many rows as batch sizes."],
)
mistake(
    "experiment",
    "sizes_reversed",
    was="zip(SIZES, own",
    now="zip(SIZES[::-1], own",
    says="The paths are those of the batch sizes in another order.",
    hints=["Which path should jump most?", "Keep the order of SIZES."],
)
mistake(
    "experiment",
    "from_the_minimum",
    was="path = [0.0]",
    now="path = [3.0]",
    says="The paths start at the minimum; they should start at 0.",
    hints=["What is the first entry of theta?", "Read where to begin."],
)
mistake(
    "experiment",
    "noise_without_lr",
    was="lr * noisy_grad(path[-1], m, sigma, None, z)",
    now="(lr * noisy_grad(path[-1], m, 0.0, None, 0.0) + sigma / m**0.5 * z)",
    says="On the parabola the noise moves theta at full size; it belongs to the gradient, which lr multiplies.",
    hints=["Compute the first step by hand.", "The learning rate multiplies all that stands for the gradient."],
    seen="syllabus 3.5",
)
mistake(
    "experiment",
    "ascent",
    was="path[-1] - lr",
    now="path[-1] + lr",
    says="The steps on the parabola go uphill.",
    hints=["Does the loss fall at first?", "Against the gradient."],
    seen="syllabus 2.3",
)
mistake(
    "experiment",
    "one_draw_for_all_steps",
    was="None, z))",
    now="None, draws[0]))",
    says="Every step on the parabola uses the same z; each step has its own.",
    hints=["Print the z of two steps.", "Noise that never changes is a slope."],
    seen="syllabus 3.4; pytorch/pytorch issue 5059",
)
mistake(
    "experiment",
    "loss_halved",
    was="(theta - 3) ** 2,",
    now="(theta - 3) ** 2 / 2,",
    says="The loss is halved; here it is the plain square of the distance.",
    hints=["What is the loss at theta = 0?", "The curvature is 2."],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "experiment",
    "arrays_exchanged",
    was='"theta": theta,\n        "loss": (theta - 3) ** 2,',
    now='"theta": (theta - 3) ** 2,\n        "loss": theta,',
    says="Two arrays are exchanged: the losses stand under theta, and the paths under loss.",
    hints=["Print the first column of both.", "Which of them can be negative?"],
    seen="syllabus 3.10",
)
mistake(
    "experiment",
    "logarithm_of_the_loss",
    was="(theta - 3) ** 2,",
    now="xp.log((theta - 3) ** 2),",
    says="The logarithm of the loss is returned; only the axis of the picture is logarithmic.",
    hints=["What is the loss at theta = 0?", "Arrays hold the losses themselves."],
    seen="syllabus 3.10",
)
mistake(
    "experiment",
    "curvature_one_in_expected",
    was="expected_loss(t, m, lr, 2.0",
    now="expected_loss(t, m, lr, 1.0",
    says="The expected loss is that of a parabola of curvature 1; this one has another.",
    hints=["What is the expected loss at t = 0?", "Differentiate the loss twice."],
)
mistake(
    "experiment",
    "curvature_one_in_floor",
    was="steady_state(lr, 2.0",
    now="steady_state(lr, 1.0",
    says="The floor is that of a parabola of curvature 1; this one has another.",
    hints=["Compare it with the last expected losses.", "Differentiate the loss twice."],
)
mistake(
    "experiment",
    "sigma_for_variance",
    was="sigma**2, m) for m in SIZES",
    now="sigma, m) for m in SIZES",
    says="The floor is computed with sigma where the variance is asked for.",
    hints=["Compare it with the last expected losses.", "What does the third argument mean?"],
)
mistake(
    "experiment",
    "somebody_elses_kicks",
    was="kicks, deep, height = own_kicks(seed)",
    now="kicks, deep, height = own_kicks(0)",
    says="The noise in the well is somebody else's: the seed that is given is not used.",
    hints=["Call it with two seeds. Which arrays differ?", "Every draw of yours comes from the seed."],
)
mistake(
    "experiment",
    "kicks_divided_by_m",
    was="WELL_SIGMA / m**0.5",
    now="WELL_SIGMA / m",
    says="In the well the noise is divided by m; a mean scatters less by the root of m only.",
    hints=["Compute a step of the third stage by hand.", "Variances are divided by m, deviations not."],
    seen="syllabus 3.1",
)
mistake(
    "experiment",
    "kicks_alike_for_all_m",
    was="WELL_SIGMA / m**0.5",
    now="WELL_SIGMA",
    says="In the well the batch size makes no difference to the noise.",
    hints=["Does batch size 16 stay in the shallow well?", "The mean of many scatters less than one."],
)
mistake(
    "experiment",
    "kicks_without_lr",
    was=KICK,
    now="x - rate * well_grad(x) - 0.1 * WELL_SIGMA / m**0.5 * kicks[step]",
    says="In the well the noise does not shrink with the learning rate; it is part of the gradient.",
    hints=[
        "Compare the schedule that cuts the learning rate with the one that grows the batch.",
        "lr multiplies both.",
    ],
    seen="syllabus 3.5",
)
mistake(
    "experiment",
    "first_stage_only",
    was="stages[step // STAGE]",
    now="stages[0]",
    says="The schedules never change: all steps use the first stage.",
    hints=["Do the last three schedules differ?", "Which stage does step 400 belong to?"],
)
mistake(
    "experiment",
    "stage_early",
    was="stages[step // STAGE]",
    now="stages[min((step + 1) // STAGE, 2)]",
    says="Each stage begins one step early; steps are counted from 0.",
    hints=["Which stage does step 199 belong to?", "The first stage has 200 steps, 0 to 199."],
)
mistake(
    "experiment",
    "stage_late",
    was="stages[step // STAGE]",
    now="stages[max(step - 1, 0) // STAGE]",
    says="Each stage begins one step late; steps are counted from 0.",
    hints=["Which stage does step 200 belong to?", "The first stage has 200 steps, 0 to 199."],
)
mistake(
    "experiment",
    "one_kick_for_all_runs",
    was="kicks[step])",
    now="kicks[step][0])",
    says="All runs get the same noise, so that they move as one.",
    hints=["Is the share of runs ever between 0 and 1?", "Each run has a number of its own."],
    seen="syllabus 3.4",
)
mistake(
    "experiment",
    "same_kick_each_step",
    was="kicks[step])",
    now="kicks[0])",
    says="Every step in the well uses the same noise; each step has its own row.",
    hints=["Print the noise of two steps.", "Noise that never changes is a slope."],
    seen="syllabus 3.4; pytorch/pytorch issue 5059",
)
mistake(
    "experiment",
    "right_of_the_barrier",
    was="places < BARRIER",
    now="places > BARRIER",
    says="The share in the shallow well is returned; the deep one is left of the barrier.",
    hints=["What is the share at the start?", "The deep minimum is near -1."],
)
mistake(
    "experiment",
    "barrier_at_zero",
    was="places < BARRIER",
    now="places < 0",
    says="Runs are counted as left of 0; the barrier is elsewhere.",
    hints=["Where does the loss have its top?", "A tilted well has a shifted barrier."],
)
mistake(
    "experiment",
    "ever_escaped",
    was="(places < BARRIER)",
    now="(np.maximum.accumulate(places < BARRIER, axis=0))",
    says="A run that has fallen back is still counted as escaped; where it is now is asked for.",
    hints=["Can the share ever become smaller?", "Look at each step by itself."],
)
mistake(
    "experiment",
    "loss_of_the_mean",
    was="well(places).mean(axis=1)",
    now="well(places.mean(axis=1))",
    says="The loss at the mean place is returned; the mean of the losses is asked for.",
    hints=["Half of the runs left, half right: where is their mean?", "First the loss of each run, then the mean."],
)
mistake(
    "experiment",
    "start_left_out",
    was="(places < BARRIER).mean(axis=1)",
    now="(places[1:] < BARRIER).mean(axis=1)",
    says="The share at the start is missing: one entry is due before the first step.",
    hints=["How many entries belong to 600 steps?", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "experiment",
    "from_the_barrier",
    was="xp.full(RUNS, SHALLOW)",
    now="xp.full(RUNS, BARRIER)",
    says="The runs start on the barrier; they should start in the shallow minimum.",
    hints=["What is the mean loss at the start?", "Read where to begin."],
)

mistake(
    "experiment",
    "counts_for_shares",
    was="(places < BARRIER).mean(axis=1)",
    now="1.0 * (places < BARRIER).sum(axis=1)",
    says="The number of runs is returned; their share is asked for.",
    hints=["How large can an entry of deep be?", "Divide by the number of runs."],
)
mistake(
    "experiment",
    "deep_well_of_the_mean",
    was="(places < BARRIER).mean(axis=1)",
    now="1.0 * (places.mean(axis=1) < BARRIER)",
    says="Only the mean place of the runs is compared with the barrier; each run is to be counted.",
    hints=["Is the share ever between 0 and 1?", "First compare, then average."],
)
mistake(
    "experiment",
    "distance_for_loss",
    was="(theta - 3) ** 2,",
    now="abs(theta - 3),",
    says="The distance to the minimum stands where the loss should.",
    hints=["What is the loss at theta = 0?", "The loss is a square."],
)

PATH_OF_ONE = """        path = [0.0]
        for z in draws:
            path.append(path[-1] - lr * noisy_grad(path[-1], m, sigma, None, z))
        theta.append(path)
"""
mistake(
    "experiment",
    "theta_goes_on",
    was="path = [0.0]",
    now="path = [theta[-1][-1] if theta else 0.0]",
    says="Each batch size begins where the one before it ended; all begin at 0.",
    hints=["What is the first column of theta?", "What has to be set anew for each batch size?"],
)
mistake(
    "experiment",
    "theta_goes_on_behind_zeros",
    was=PATH_OF_ONE,
    now=PATH_OF_ONE.replace("[0.0]", "[theta[-1][-1] if theta else 0.0]").replace("(path)", "([0.0, *path[1:]])"),
    says="The first step of each batch size is taken from where the one before it ended; all begin at 0.",
    hints=["Compute the first step of the second batch size by hand.", "What has to be set anew for each batch size?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "well_goes_on",
    was="places = [xp.full(RUNS, SHALLOW)]",
    now="places = [places[-1] if deep else xp.full(RUNS, SHALLOW)]",
    says="Each schedule begins where the one before it ended; all begin in the shallow minimum.",
    hints=["What is the first column of height?", "What has to be set anew for each schedule?"],
)
mistake(
    "experiment",
    "expected_from_the_minimum",
    was="sigma, -3.0)",
    now="sigma, 0.0)",
    says="The expected loss begins with an error of 0; where the run begins is another thing.",
    hints=["What is the expected loss at t = 0?", "How far is the start from the minimum?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "variance_for_sigma",
    was="2.0, sigma, -3.0)",
    now="2.0, sigma**2, -3.0)",
    says="The expected loss is computed with the variance where the standard deviation is asked for.",
    hints=["Compare its last entries with the floors.", "What does the argument sigma mean?"],
)
mistake(
    "experiment",
    "expected_one_step_ahead",
    was="xp.arange(STEPS + 1)",
    now="xp.arange(1, STEPS + 2)",
    says="The expected losses are one step ahead: the first column belongs to no step.",
    hints=["What is the expected loss at t = 0?", "Column t belongs to t steps."],
)
mistake(
    "experiment",
    "paths_ignore_size",
    was="noisy_grad(path[-1], m, sigma",
    now="noisy_grad(path[-1], 1, sigma",
    says="All paths have the noise of batch size 1.",
    hints=["Which path should jump least?", "The mean of many scatters less than one."],
)
mistake(
    "experiment",
    "noise_divided_by_m",
    was="noisy_grad(path[-1], m, sigma",
    now="noisy_grad(path[-1], m**2, sigma",
    says="On the parabola the noise is divided by m; a mean scatters less by the root of m only.",
    hints=["Compute the first step of the second batch size by hand.", "Variances are divided by m, deviations not."],
    seen="syllabus 3.1",
)
mistake(
    "experiment",
    "gradient_not_doubled",
    was="noisy_grad(path[-1], m, sigma, None, z))",
    now="(noisy_grad(path[-1], m, sigma, None, z) - path[-1] + 3))",
    says="On the parabola the true gradient lacks its factor 2.",
    hints=["Compute the first step by hand.", "Differentiate the square."],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "experiment",
    "path_start_left_out",
    was="theta.append(path)",
    now="theta.append(path[1:])",
    says="The paths lack their start: one entry is due before the first step.",
    hints=["How many entries belong to 60 steps?", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "experiment",
    "well_start_left_out",
    was="xp.stack(places)",
    now="xp.stack(places[1:])",
    says="In the well the start is missing from both arrays: one entry is due before the first step.",
    hints=["How many entries belong to 600 steps?", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "experiment",
    "loss_from_zero",
    was="(theta - 3) ** 2,",
    now="theta**2,",
    says="The loss is that of a parabola with its minimum at 0.",
    hints=["What is the loss at theta = 3?", "Where is this parabola's minimum?"],
)
mistake(
    "experiment",
    "rate_never_cut",
    was="rate, m = stages[step // STAGE]",
    now="rate, m = stages[0][0], stages[step // STAGE][1]",
    says="The learning rate is never cut: only the batch size follows the schedule.",
    hints=["Does *learning rate cut* differ from *batch size 1*?", "Both numbers of a stage change."],
)
mistake(
    "experiment",
    "batch_never_grown",
    was="rate, m = stages[step // STAGE]",
    now="rate, m = stages[step // STAGE][0], stages[0][1]",
    says="The batch never grows: only the learning rate follows the schedule.",
    hints=["Does *batch grown* differ from *batch size 1*?", "Both numbers of a stage change."],
)
mistake(
    "experiment",
    "own_rate_in_the_well",
    was="x - rate * (",
    now="x - lr * (",
    says="The learning rate of the parabola is used in the well; the schedules have their own.",
    hints=["Does *learning rate cut* differ from *batch size 1*?", "Which names hold what a stage says?"],
)
mistake(
    "experiment",
    "own_sigma_in_the_well",
    was="WELL_SIGMA / m**0.5",
    now="sigma / m**0.5",
    says="The noise of the parabola is used in the well, which has its own.",
    hints=[
        "Compute the first step of batch size 1 in the well by hand.",
        "Which sigma does the setup cell give for the well?",
    ],
)
mistake(
    "experiment",
    "kicks_at_full_size",
    was=KICK,
    now="x - rate * well_grad(x) - WELL_SIGMA / m**0.5 * kicks[step]",
    says="In the well the noise moves the runs at full size; it belongs to the gradient, which lr multiplies.",
    hints=[
        "Compute the first step in the well by hand.",
        "The learning rate multiplies all that stands for the gradient.",
    ],
    seen="syllabus 3.5",
)
mistake(
    "experiment",
    "kicks_subtracted",
    was="+ WELL_SIGMA / m**0.5 * kicks",
    now="- WELL_SIGMA / m**0.5 * kicks",
    says="In the well the noise has the opposite sign; it is added to the gradient.",
    hints=["Compute the first step in the well by hand.", "Plus in the gradient is minus in the step."],
)
mistake(
    "experiment",
    "kicks_start_again",
    was="kicks[step])",
    now="kicks[step % STAGE])",
    says="Each stage uses the noise of the first again; steps are counted through.",
    hints=["Which row of the noise belongs to step 200?", "There are as many rows as steps in all."],
    seen="syllabus 3.4; pytorch/pytorch issue 5059",
)
mistake(
    "experiment",
    "left_of_the_shallow_minimum",
    was="places < BARRIER",
    now="places < SHALLOW",
    says="Runs are counted as soon as they are left of the shallow minimum; the barrier lies further on.",
    hints=["Does batch size 16 leave at once?", "What separates the two wells?"],
)
mistake(
    "experiment",
    "summed_height",
    was="well(places).mean(axis=1)",
    now="well(places).sum(axis=1)",
    says="The losses of the runs are added up; their mean is asked for.",
    hints=["What is the mean loss at the start?", "Divide by the number of runs."],
)
mistake(
    "experiment",
    "mean_place_for_height",
    was="well(places).mean(axis=1)",
    now="places.mean(axis=1)",
    says="The mean place of the runs is returned under height; their mean loss is asked for.",
    hints=["What is the mean loss at the start?", "A height is what `well` returns."],
)
mistake(
    "experiment",
    "last_expected_for_floor",
    was="xp.asarray([steady_state(lr, 2.0, sigma**2, m) for m in SIZES])",
    now="xp.stack([expected_loss(t, m, lr, 2.0, sigma, -3.0) for m in SIZES])[:, -1]",
    says="The last expected loss is returned as the floor; a little of the start is still in it.",
    hints=["Compare floor times m for all batch sizes.", "The floor is where it tends to, not where it is."],
)
mistake(
    "experiment",
    "one_floor_for_all",
    was="sigma**2, m) for m in SIZES",
    now="sigma**2, 1) for m in SIZES",
    says="All floors are that of batch size 1.",
    hints=["Compare the four floors.", "Twice the batch, half the floor."],
)

mistake(
    "experiment",
    "settings_of_the_demonstration",
    was="    lr, sigma = own_settings(seed)",
    now="    lr, sigma = 0.1, 4.0",
    says="The learning rate and sigma are those of the demonstration; your own come from the seed.",
    hints=["Call it with two seeds. Which arrays differ?", "Print your own settings."],
)
mistake(
    "experiment",
    "well_arrays_exchanged",
    was='"deep": xp.stack(deep),\n        "height": xp.stack(height),',
    now='"deep": xp.stack(height),\n        "height": xp.stack(deep),',
    says="Two arrays are exchanged: the mean losses stand under deep, and the shares under height.",
    hints=["Print the first column of both.", "Which of them can be negative?"],
)
mistake(
    "experiment",
    "fresh_noise",
    named=False,
    was="None, z))",
    now="np.random.default_rng(), None))",
    says="The noise of the paths is drawn anew; each step has its own z.",
    hints=["Call it twice. Are the paths equal?", "Which argument of `noisy_grad` replaces the draw?"],
)

mistake(
    "experiment",
    "well_end_left_out",
    was="xp.stack(places)",
    now="xp.stack(places[:-1])",
    says="In the well the last entry is missing: what comes of the last step is not kept.",
    hints=["How many entries belong to 600 steps?", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "experiment",
    "kicks_by_variance",
    was="WELL_SIGMA / m**0.5",
    now="WELL_SIGMA**2 / m",
    says="In the well the noise is scaled by its variance; scale it by its standard deviation.",
    hints=["Compute the first step of batch size 1 in the well by hand.", "A deviation has the unit of the gradient."],
    seen="blei-lab/edward issue 722",
)
mistake(
    "experiment",
    "uphill_in_the_well",
    was="x - rate * (",
    now="x + rate * (",
    says="The steps in the well go uphill.",
    hints=["Compute the first step in the well by hand.", "Against the gradient."],
    seen="syllabus 2.3",
)
mistake(
    "experiment",
    "loss_for_gradient_in_the_well",
    was="rate * (well_grad(x)",
    now="rate * (well(x)",
    says="In the well the loss itself stands where its derivative should.",
    hints=["What does a run without noise do?", "At the bottom of a well the derivative is 0."],
)

# ---- Mistakes: expected --------------------------------------------------------------------------------

SHOWN = """expected_1 = round(_at_30[0], 7)
expected_8 = round(_at_30[1], 7)
expected_32 = round(_at_30[2], 7)
expected_128 = round(_at_30[3], 7)
batch_needed = int(np.ceil(steady_state(_lr, CURVATURE, _sigma**2, 1) / 0.01))
"""

mistake(
    "expected",
    "last_step",
    was="[:, 30]",
    now="[:, -1]",
    says="These are the expected losses after the last step; those after 30 steps are asked for.",
    hints=["How many steps does your experiment take?", "Column t belongs to t steps."],
)
mistake(
    "expected",
    "one_step_early",
    was="[:, 30]",
    now="[:, 29]",
    says="These are the expected losses after 29 steps: the first column belongs to no step.",
    hints=["To which step does column 0 belong?", "Column t belongs to t steps."],
)
mistake(
    "expected",
    "one_run",
    was='["expected"]',
    now='["loss"]',
    says="These are the losses of one run; their expectation is asked for.",
    hints=["Which of your arrays is smooth?", "One run is not evidence."],
)
mistake(
    "expected",
    "floors",
    was='experiment(seed)["expected"][:, 30]',
    now='experiment(seed)["floor"]',
    says="These are the floors; after 30 steps a part of the start is still there.",
    hints=["Compare the array with the floor at batch size 128.", "The way down is not over."],
)
mistake(
    "expected",
    "rounded_down",
    was="np.ceil(",
    now="np.floor(",
    says="The batch size is rounded down, so that its floor is a little too high.",
    hints=["Compute the floor of your answer.", "At most 0.01 means: not above it."],
)
mistake(
    "expected",
    "sigma_not_squared",
    was="_sigma**2",
    now="_sigma",
    says="batch_needed is computed with sigma where the variance is asked for.",
    hints=["What does the third argument of `steady_state` mean?", "Compute the floor of your answer."],
)
mistake(
    "expected",
    "the_demonstrations",
    was="own_settings(seed)",
    now="(0.1, 4.0)",
    says="batch_needed is computed with the settings of the demonstration; your own are asked for.",
    hints=["Print your own learning rate and sigma.", "Your data are yours alone."],
)

mistake(
    "expected",
    "demonstration_copied",
    was=SHOWN,
    now="expected_1, expected_8, expected_32 = 0.444458, 0.0555693, 0.0139027\n"
    "expected_128, batch_needed = 0.00348601, 45\n",
    says="These are the numbers of the demonstration; those of your own settings are asked for.",
    hints=["Print your own learning rate and sigma.", "Your data are yours alone."],
)

# ---- Mistakes that undo each other ----------------------------------------------------------------------

equivalent("expected_loss", "exponent_t", "exponent_doubled", why="The factor is not squared, its exponent is 2t.")
equivalent(
    "expected_loss",
    "loss_floor_for_squared_error",
    "noise_not_a_loss",
    why="The floor is one of the loss from the beginning, so that it needs no half of the curvature.",
)
equivalent("noisy_grad", "root_of_m_twice", "drawn_for_one", why="The one patch divides what the other draws.")

# ---- Alternatives --------------------------------------------------------------------------------------


@alternative("sgd_step")
def copies_then_in_place(params, grads, lr):
    new = {name: value.copy() for name, value in params.items()}
    for name in new:
        new[name] -= lr * grads[name]
    return new


@alternative("sgd_step")
def by_subtract(params, grads, lr):
    moved = {}
    for name in sorted(params, reverse=True):
        moved[name] = xp.subtract(params[name], xp.multiply(grads[name], lr))
    return moved


@alternative("sgd_step")
def theta_is_temp(params, grads, lr):
    theta, temp = params, {}
    for name, g in grads.items():
        temp.update({name: -lr * g + theta[name]})
    theta = temp
    return theta


@alternative("sgd_epoch")
def without_sgd_step(loss_and_grad, params, X, y, order, lr):
    own = {name: xp.array(value) for name, value in params.items()}
    losses = xp.empty(len(order))
    for k in range(len(order)):
        rows = order[k : k + 1]
        losses[k], grads = loss_and_grad(own, X[rows], y[rows])
        for name, g in grads.items():
            xp.subtract(own[name], lr * g, out=own[name])
    return own, losses


@alternative("sgd_epoch")
def by_recursion(loss_and_grad, params, X, y, order, lr):
    if len(order) == 0:
        return params, []
    i = int(order[0])
    loss, grads = loss_and_grad(params, X[None, i], y[None, i])
    after = {name: params[name] - lr * grads[name] for name in grads}
    end, losses = sgd_epoch(loss_and_grad, after, X, y, order[1:], lr)
    return end, [loss, *losses]


@alternative("sgd_epoch")
def shuffled_copies(loss_and_grad, params, X, y, order, lr):
    X, y, losses = X[order], y[order], ()
    for row, target in zip(X, y, strict=True):
        loss, grads = loss_and_grad(params, row.reshape(1, -1), target.reshape(1))
        params = sgd_step(params, grads, lr)
        losses += (float(loss),)
    return [params, losses]


@alternative("noisy_grad")
def drawn_at_its_size(theta, m, sigma, rng, z=None):
    scale = sigma * m**-0.5
    noise = rng.normal(0.0, scale) if z is None else scale * z
    return np.float64(2 * theta - 6 + noise)


@alternative("noisy_grad")
def mean_of_a_batch(theta, m, sigma, rng, z=None):
    true = theta + theta - 6
    if m == float("inf"):
        return true
    if z is not None:
        return true + sigma * z / np.sqrt(m)
    return np.mean([true + sigma * rng.standard_normal() for _ in range(m)])


@alternative("noisy_grad")
def with_a_child_generator(theta, m, sigma, rng, z=None):
    if z is None:
        (child,) = rng.spawn(1)
        rng.random(3)
        z = child.standard_normal(1)[0]
    return -2 * (3 - theta) + np.sqrt(sigma**2 / m) * z


@alternative("expected_loss")
def by_the_recursion(t, m, lr, h, sigma, theta0_err):
    second, losses = theta0_err**2, []
    for _ in range(int(t.max()) + 1):
        losses.append(h / 2 * second)
        second = (1 - lr * h) ** 2 * second + lr**2 * (sigma**2 / m)
    return xp.asarray(losses)[t]


@alternative("expected_loss")
def start_and_noise_apart(t, m, lr, h, sigma, theta0_err):
    q = abs(1 - lr * h) ** (2 * t)
    return 0.5 * h * theta0_err**2 * q + lr * sigma**2 / (2 * m * (2 - lr * h)) * (1 - q)


@alternative("expected_loss")
def sum_of_the_series(t, m, lr, h, sigma, theta0_err):
    factor, found = (1 - lr * h) ** 2, []
    for steps in t.tolist():
        noise = sum(factor**k for k in range(steps)) * (lr * sigma) ** 2 / m
        found.append(h * (theta0_err**2 * factor**steps + noise) / 2)
    return xp.array(found)


@alternative("expected_loss")
def mean_and_variance(t, m, lr, h, sigma, theta0_err):
    mean, found = [], []
    for steps in t:
        mean.append(theta0_err * (1 - lr * h) ** int(steps))
        variance = 0.0
        for _ in range(int(steps)):
            variance = variance * (1 - lr * h) ** 2 + (lr * sigma) ** 2 / m
        found.append(h / 2 * (mean[-1] ** 2 + variance))
    return found


@alternative("steady_state")
def by_the_fixed_point(lr, h, c, m):
    V = lr**2 * c / m / (1 - (1 - lr * h) ** 2)
    return h / 2 * V


@alternative("steady_state")
def by_fractions(lr, h, c, m):
    from fractions import Fraction

    if m == float("inf"):
        return 0
    rate, curvature = Fraction(lr), Fraction(h)
    return rate * Fraction(c) / (2 * m * (2 - rate * curvature))


@alternative("steady_state")
def by_squaring_the_recursion(lr, h, c, m):
    factor, added = (1 - lr * h) ** 2, lr**2 * c / m
    for _ in range(60):  # twice as many steps each time
        factor, added = factor * factor, added * (1 + factor)
    return np.array(h * added / 2)


@alternative("steady_state")
def until_it_stands_still(lr, h, c, m):
    V, before = 0.0, -1.0
    while abs(V - before) > 1e-14 * V:
        before, V = V, V + lr * (lr * c / m - h * (2 - lr * h) * V)
    return V * h / 2


@alternative("experiment")
def run_by_run(seed):
    lr, sigma = own_settings(seed)
    z, kicks = own_noise(seed), own_kicks(seed)
    theta = xp.zeros((4, STEPS + 1))
    for k in range(4):
        for step in range(STEPS):
            noise = sigma / SIZES[k] ** 0.5 * z[k, step]
            theta[k, step + 1] = theta[k, step] - lr * (2 * (theta[k, step] - 3) + noise)
    deep, height = [], []
    for schedule in SCHEDULES.values():
        x, left, loss = xp.full(RUNS, SHALLOW), [0.0], [float(well(SHALLOW))]
        for stage, (rate, m) in enumerate(schedule):
            for kick in kicks[stage * STAGE : (stage + 1) * STAGE]:
                x = x - rate * well_grad(x) - rate * WELL_SIGMA * kick / np.sqrt(m)
                left.append(float((x < BARRIER).sum()) / RUNS)
                loss.append(float(sum(well(x).tolist())) / RUNS)
        deep.append(left)
        height.append(loss)
    q = (1 - 2 * lr) ** (2 * np.arange(STEPS + 1))
    floors = [lr * sigma**2 / (4 * m * (1 - lr)) for m in SIZES]
    expected = [9 * q + one * (1 - q) for one in floors]
    return dict(height=height, deep=deep, floor=floors, expected=expected, loss=theta**2 - 6 * theta + 9, theta=theta)
