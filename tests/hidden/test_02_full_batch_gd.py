"""Hidden checks of 02_full_batch_gd, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import itertools
import math

import numpy as np

from course.author import alternative, mistake, points

LINE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-8, "atol": 1e-10}
# Typed counts are exact: over 2,000 learners every way of computing them gave the same numbers, so 2 steps are for
# different readings of "first". Each of the counts of all 442 patients, copied, is within that for under 2 % of them;
# within 3 % it would be for 42 %.
STEPS_OFF = {"rtol": 0, "atol": 2}
SPECTRA = ((0.3, 1.1, 2.7), (0.8,), (0.05, 0.4, 0.9, 1.6, 3.1), (2e-4, 5e-4, 7e-4, 1.9e-3), (400.0, 2300.0, 9000.0))


# ---- Probes ----------------------------------------------------------------------------------------------


def network(rng, N, D, H, dtype=float):
    """Parameters without a zero among them, and N samples."""
    params = {"W1": rng.normal(size=(D, H)), "b1": rng.normal(size=H), "W2": rng.normal(size=(H, 1))}
    params["b2"] = rng.normal(size=1)
    return params, rng.normal(size=(N, D)), rng.normal(size=N)


def line(rng, N=7, D=3, dtype=float):
    """Parameters of a straight line, and N samples."""
    params = {"w": rng.normal(size=D).astype(dtype), "c": rng.normal(size=1).astype(dtype)}
    return params, rng.normal(size=(N, D)).astype(dtype), rng.normal(size=N).astype(dtype)


def turn(rng, d):
    """A random rotation (d, d)."""
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


def valley(rng, curvatures):
    """A symmetric matrix with these eigenvalues, in random directions."""
    Q = turn(rng, len(curvatures))
    H = (Q * np.array(curvatures)) @ Q.T
    return (H + H.T) / 2


def exact_path(H, b, w0, lr, steps):
    """w* + (I - lr H)^t (w0 - w*) for t = 0 … steps."""
    curvatures, V = np.linalg.eigh(H)
    minimum = np.linalg.solve(H, b)
    factors = (1 - lr * curvatures) ** np.arange(steps + 1)[:, None]
    return minimum + (factors * (V.T @ (w0 - minimum))) @ V.T


def slowest(lr, curvatures):
    """The factor by which a step multiplies the error in the worst direction."""
    return max(abs(1 - lr * h) for h in curvatures)


# ---- Looking at what a submission returned, which may be anything --------------------------------------------


def entry(value, *path):
    """``value[path[0]][path[1]]…``, or None where there is no such thing."""
    for key in path:
        try:
            value = value[key]
        except (TypeError, KeyError, IndexError):
            return None
    return value


def numbers(value, count):
    """``count`` finite numbers, or None."""
    try:
        found = [float(item) for item in (value if count > 1 else [value])]
    except Exception:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


# ---- full_grad ---------------------------------------------------------------------------------------------


@points(1, cell="full_grad", topic="several shapes, a single sample")
def test_mean_gradient(submission, reference, check, rng):
    """The gradient is that of the mean loss, for several shapes and for a single sample."""
    for N, D, H in ((5, 3, 2), (7, 2, 4), (1, 3, 3)):
        params, X, y = network(rng, N, D, H)
        want = reference.full_grad(params, X, y)
        check.close(submission.full_grad(params, X, y), want, **LINE, what=f"The gradient of {N} sample(s)")


@points(0.75, cell="full_grad", topic="parts of the data")
def test_parts_make_the_whole(submission, reference, check, rng):
    """The gradient of all samples is the mean of the gradients of single samples, and of parts weighted by size."""
    params, X, y = network(rng, 7, 4, 3)
    for cuts in (range(8), (0, 3, 7)):
        mean = {name: np.zeros_like(value) for name, value in params.items()}
        for start, stop in itertools.pairwise(cuts):
            part = reference.full_grad(params, X[start:stop], y[start:stop])
            for name in mean:
                mean[name] += part[name] * (stop - start) / 7
        whole = check.unchanged(submission.full_grad, params, X, y)
        check.close(whole, mean, **LINE, what=f"The gradient, held against that of {len(cuts) - 1} parts,")


@points(0.75, cell="full_grad", topic="the penalty")
def test_penalty(submission, reference, check, rng):
    """The penalty l2/2 times the sum of squares enters the gradients of both weight matrices, and of no bias."""
    params, X, y = network(rng, 6, 2, 3)
    for l2 in (0.3, 1.7):
        want = reference.full_grad(params, X, y, l2)
        check.close(submission.full_grad(params, X, y, l2=l2), want, **LINE, what="The gradient with a penalty")


@points(0.5, cell="full_grad", topic="inputs left alone")
def test_full_grad_leaves_inputs_alone(submission, reference, check, rng):
    """Parameters and data are afterwards as they were, and a second call returns the same gradient."""
    params, X, y = network(rng, 5, 3, 2)
    want = reference.full_grad(params, X, y)
    check.unchanged(submission.full_grad, params, X, y)
    check.close(submission.full_grad(params, X, y), want, **LINE, what="The gradient of the second call")


# ---- gd ----------------------------------------------------------------------------------------------------


@points(1.25, cell="gd", topic="other learning rates and step counts")
def test_arguments_are_used(submission, reference, check, rng):
    """The learning rate and the number of steps that you are given are the ones used; losses start at the start."""
    for steps in (1, 3, 6):
        params, X, y = line(rng)
        lr = float(rng.uniform(0.03, 0.09))
        want = reference.gd(reference.line_loss_and_grad, params, X, y, lr, steps)
        got = submission.gd(reference.line_loss_and_grad, params, X, y, lr, steps)
        check.close(got, want, **PATH, what=f"(params, losses) after {steps} step(s)")


@points(1.25, cell="gd", topic="a network")
def test_gd_trains_a_network(submission, reference, check, rng):
    """Fifty steps on a network with penalty: all parameters of a step move along the gradient of one point."""
    params, X, y = network(rng, 9, 4, 3)

    def loss_and_grad(params, X, y):
        return reference.objective(params, X, y, 0.05), reference.full_grad(params, X, y, 0.05)

    want, _ = reference.gd(loss_and_grad, params, X, y, 0.07, 50)
    got = submission.gd(loss_and_grad, params, X, y, lr=0.07, steps=50)
    check.close(entry(got, 0), want, **PATH, what="What comes back as params")


@points(0.5, cell="gd", topic="parts of the data")
def test_gd_on_chunked_gradients(submission, reference, check, rng):
    """With a gradient gathered in parts, gradient descent takes the same path as with the gradient in one piece."""
    params, X, y = line(rng, N=11, D=4)

    def chunked(params, X, y):
        loss, grads = 0.0, {name: 0.0 for name in params}
        for start in (0, 4, 8):
            part = slice(start, start + 4)
            share = len(X[part]) / len(X)
            part_loss, part_grads = reference.line_loss_and_grad(params, X[part], y[part])
            loss += share * part_loss
            grads = {name: grads[name] + share * part_grads[name] for name in params}
        return loss, grads

    want, _ = reference.gd(reference.line_loss_and_grad, params, X, y, 0.06, 5)
    got = submission.gd(chunked, params, X, y, 0.06, 5)
    check.close(entry(got, 0), want, **PATH, what="What comes back as params")


@points(0.5, cell="gd", topic="calls")
def test_calls(submission, reference, check, rng):
    """Loss and gradient are asked for once at the start and once after each step; no steps are possible too."""
    for steps, lr in ((4, 0.05), (0, 0.05), (3, 1e-9), (3, 5.0)):  # hardly moving, and uphill: no reason to stop
        params, X, y = line(rng)
        want = reference.gd(reference.line_loss_and_grad, params, X, y, lr, steps)
        counted = check.count(reference.line_loss_and_grad)
        got = submission.gd(counted, params, X, y, lr, steps)
        check.calls(counted, steps + 1, what=f"With steps={steps}, loss_and_grad")
        check.close(got, want, **PATH, what=f"(params, losses) with steps={steps}")


@points(0.5, cell="gd", topic="inputs left alone")
def test_gd_leaves_inputs_alone(submission, reference, check, rng):
    """The parameters you are given are afterwards as they were, and those you return have the same dtype."""
    params, X, y = line(rng)
    want, _ = reference.gd(reference.line_loss_and_grad, params, X, y, 0.08, 3)
    got = check.unchanged(submission.gd, reference.line_loss_and_grad, params, X, y, 0.08, 3)
    check.close(entry(got, 0), want, **PATH, what="What comes back as params")
    got = submission.gd(reference.line_loss_and_grad, *line(rng, dtype=np.float32), 0.08, 3)
    check.dtype(entry(got, 0, "w"), np.float32, what="A parameter that came in as float32")


# ---- quadratic_gd ------------------------------------------------------------------------------------------


@points(1, cell="quadratic_gd", topic="the exact solution")
def test_exact_solution(submission, check, rng):
    """Each point is where the exact solution says, in valleys of several dimensions."""
    # Below and beyond 1 / curvature, where the error changes its sign at every step; and long after all has been said.
    cases = [(curvatures, share, 7) for curvatures in SPECTRA for share in ((0.3, 0.6), (1.3, 1.7))]
    for curvatures, share, steps in [*cases, ((0.9, 1.0, 1.1), (0.85, 0.95), 60)]:
        H, d = valley(rng, curvatures), len(curvatures)
        b, w0 = curvatures[-1] * rng.normal(size=d), rng.normal(size=d)
        lr = float(rng.uniform(*share)) / curvatures[-1]
        want = exact_path(H, b, w0, lr, steps)
        got = submission.quadratic_gd(H, b, w0, lr, steps)
        check.close(got, want, rtol=1e-10, atol=1e-10, what=f"W in {d} dimension(s)")


@points(0.5, cell="quadratic_gd", topic="learning rates at the limit")
def test_both_sides_of_the_limit(submission, check, rng):
    """A thousand steps converge at 1.99 and diverge at 2.01 divided by the largest curvature."""
    H, b, w0 = valley(rng, (0.5, 1.7, 4.0)), rng.normal(size=3), rng.normal(size=3)
    for factor in (1.99, 2.01):
        want = exact_path(H, b, w0, factor / 4.0, 1000)[-1]
        got = submission.quadratic_gd(H, b, w0, factor / 4.0, 1000)
        check.close(entry(got, -1), want, rtol=1e-7, atol=1e-8, what=f"W[-1] at {factor} over the largest curvature")


@points(0.5, cell="quadratic_gd", topic="start and dtype")
def test_start_and_dtype(submission, check, rng):
    """W begins with w0, also when no step is taken, and has its dtype."""
    H, b, w0 = valley(rng, (0.4, 1.3)), rng.normal(size=2), rng.normal(size=2)
    single = [array.astype(np.float32) for array in (H, b, w0)]
    want, want_single = w0[None].copy(), exact_path(H, b, w0, 0.3, 5)
    check.close(submission.quadratic_gd(H, b, w0, 0.3, 0), want, **LINE, what="W without a step")
    got = submission.quadratic_gd(*single, 0.3, 5)
    check.dtype(got, np.float32, what="W from float32 arrays")
    check.close(got, want_single, rtol=2e-5, atol=1e-5, what="W from float32 arrays")


@points(0.5, cell="quadratic_gd", topic="inputs left alone")
def test_quadratic_gd_leaves_inputs_alone(submission, check, rng):
    """H, b and w0 are afterwards as they were."""
    H, b, w0 = valley(rng, (0.4, 0.7, 1.3, 2.2)), rng.normal(size=4), rng.normal(size=4)
    want = exact_path(H, b, w0, 0.4, 4)
    got = check.unchanged(submission.quadratic_gd, H, b, w0, 0.4, 4)
    check.close(got, want, **LINE, what="W")


# ---- max_stable_lr -----------------------------------------------------------------------------------------


@points(1, cell="max_stable_lr", topic="any spectrum")
def test_limit(submission, check, rng):
    """The limit is set by the steepest direction alone, in one dimension and in several, whatever the units."""
    for curvatures in SPECTRA:
        got = check.unchanged(submission.max_stable_lr, valley(rng, curvatures))
        check.close(got, 2 / max(curvatures), rtol=1e-8, atol=0, what=f"The limit in {len(curvatures)} dimension(s)")
    # Where iterations are slow, start at a right angle, or lose digits: close, symmetric and equal curvatures.
    for H, steepest in (
        (valley(rng, (1.0, 2.99, 3.0)), 3.0),
        (np.array([[2.0, -1], [-1, 2]]), 3.0),
        (5 * np.eye(5), 5.0),
    ):
        got = submission.max_stable_lr(H)
        check.close(got, 2 / steepest, rtol=1e-8, atol=0, what="The limit where curvatures are close or equal")


@points(0.75, cell="max_stable_lr", topic="both sides of the limit")
def test_limit_divides(submission, check, rng):
    """Every direction shrinks at 0.99 of your limit; at 1.01 of it one direction grows."""
    for curvatures in ((0.2, 0.9, 3.7), (0.6, 0.7, 0.8, 1.0, 1.5)):
        limit = numbers(submission.max_stable_lr(valley(rng, curvatures)), 1)
        check.that("the limit is a finite number", limit is not None)
        if limit is not None:
            check.that("at 0.99 of the limit every direction shrinks", slowest(0.99 * limit[0], curvatures) < 1)
            check.that("at 1.01 of the limit one direction grows", slowest(1.01 * limit[0], curvatures) > 1)


@points(0.75, cell="max_stable_lr", topic="turned and scaled valleys")
def test_limit_of_turned_and_scaled_valleys(submission, check, rng):
    """Turning a valley changes nothing; a thousand times the curvature means a thousandth of the limit."""
    H, Q = np.diag([0.5, 2.6, 1.1]), turn(rng, 3)
    turned = Q @ H @ Q.T
    for what, scale, matrix in (("as it was", 1, H), ("turned", 1, turned), ("scaled", 1e3, 1e3 * turned)):
        got = check.unchanged(submission.max_stable_lr, (matrix + matrix.T) / 2)
        check.close(got, 2 / 2.6 / scale, rtol=1e-8, atol=0, what=f"The limit of the valley {what}")


# ---- optimal_gd --------------------------------------------------------------------------------------------


@points(0.75, cell="optimal_gd", topic="the learning rate for any spectrum")
def test_best_learning_rate(submission, check, rng):
    """The learning rate follows from the flattest and the steepest direction, in one dimension and in several."""
    for curvatures in SPECTRA:
        got = check.unchanged(submission.optimal_gd, valley(rng, curvatures))
        want = 2 / (min(curvatures) + max(curvatures))
        check.close(entry(got, 0), want, rtol=1e-8, atol=0, what=f"lr in {len(curvatures)} dimension(s)")


@points(0.75, cell="optimal_gd", topic="the rate for any spectrum")
def test_best_rate(submission, check, rng):
    """The rate follows from the condition number; in one dimension it is 0."""
    for curvatures in SPECTRA:
        got = submission.optimal_gd(valley(rng, curvatures))
        kappa = max(curvatures) / min(curvatures)
        check.close(entry(got, 1), (kappa - 1) / (kappa + 1), rtol=1e-8, what=f"rate in {len(curvatures)} dimension(s)")


@points(0.75, cell="optimal_gd", topic="the rate that is really seen")
def test_rate_is_seen(submission, reference, check, rng):
    """After many steps at your learning rate, the error shrinks by your rate a step, within 0.001."""
    low, high = float(rng.uniform(0.08, 0.14)), float(rng.uniform(3.2, 4.8))
    curvatures = (low, 0.4, 0.8, 2.0, high)
    H, b, w0 = valley(rng, curvatures), rng.normal(size=5), rng.normal(size=5)
    found = numbers(submission.optimal_gd(H.copy()), 2)
    check.that("two finite numbers are returned", found is not None)
    if found is None or not 1 / (low + high) < found[0] < 2 / high:  # hardly moving is no rate either
        check.that("the learning rate is one at which gradient descent converges, and not slowly", False)
        return
    lr, rate = found
    error = np.linalg.norm(reference.quadratic_gd(H, b, w0, lr, 160) - np.linalg.solve(H, b), axis=1)
    seen = (error[160] / error[140]) ** (1 / 20)
    check.close(rate, seen, rtol=0, atol=1e-3, what="The rate, held against the one that is seen,")


@points(0.75, cell="optimal_gd", topic="no other learning rate is faster")
def test_no_other_is_faster(submission, check, rng):
    """Longer steps and shorter steps are both slower in their worst direction, whatever the units of the curvature."""
    for curvatures in ((0.7, 1.9, 2.3), (30.0, 90.0, 170.0, 800.0)):
        found = numbers(submission.optimal_gd(valley(rng, curvatures)), 2)
        check.that("two finite numbers are returned", found is not None)
        if found is None:
            return
        mine = slowest(found[0], curvatures)
        for factor in (0.9, 0.99, 1.01, 1.1):
            other = slowest(factor * found[0], curvatures)
            check.that(f"{factor} times your learning rate is slower", mine < other)


# ---- experiment --------------------------------------------------------------------------------------------


@points(1, cell="experiment", topic="learning rates and rates")
def test_experiment_rates(submission, reference, check):
    """The four learning rates and their theoretical rates are those of your own patients."""
    want = reference.experiment(reference.seed)
    found = submission.experiment(reference.seed)
    for name in ("lr", "rate"):
        check.close(entry(found, name), want[name], rtol=1e-6, what=name)


@points(1, cell="experiment", topic="the four curves")
def test_experiment_curves(submission, reference, check):
    """The four curves are the relative distances to the minimum, step by step."""
    want = reference.experiment(reference.seed)
    found = submission.experiment(reference.seed)
    check.close(entry(found, "error"), want["error"], rtol=1e-6, atol=1e-9, what="error")


@points(1, cell="experiment", topic="the two counts, other seeds")
def test_experiment_counts(submission, reference, check, rng):
    """Predicted and measured steps are exactly right, on your own patients and on others."""
    for seed in (reference.seed, int(rng.integers(2**32))):
        want = reference.experiment(seed)
        found = submission.experiment(seed)
        for name in ("predicted_steps", "measured_steps"):
            check.close(entry(found, name), float(want[name]), rtol=0, atol=0.5, what=name)


# ---- steps: a question -------------------------------------------------------------------------------------


def loss_steps(reference):
    """The first step at which the loss above its minimum is a millionth of what it was, on the learner's patients."""
    X, y = reference.own_data(reference.seed)
    curvatures, V = np.linalg.eigh(X.T @ X / len(X))
    start = V.T @ np.linalg.solve(X.T @ X, X.T @ y)
    lr = 2 / (curvatures[0] + curvatures[-1])
    factors = (1 - lr * curvatures) ** (2 * np.arange(reference.STEPS + 1)[:, None])
    loss = (factors * curvatures * start**2).sum(axis=1)
    return float((loss <= 1e-6 * loss[0]).argmax())


@points(0.5, cell="steps", topic="the predicted number")
def test_predicted_steps(submission, reference, check):
    """The number of steps that theory promises for your own patients, within 2 steps."""
    want = float(reference.experiment(reference.seed)["predicted_steps"])
    check.close(submission.answers.get("predicted_steps"), want, **STEPS_OFF, what="predicted_steps")


@points(0.5, cell="steps", topic="the measured number")
def test_measured_steps(submission, reference, check):
    """The number of steps that the distance really needs, within 2 steps: fewer than theory promises."""
    want = float(reference.experiment(reference.seed)["measured_steps"])
    check.close(submission.answers.get("measured_steps"), want, **STEPS_OFF, what="measured_steps")


@points(0.5, cell="steps", topic="the number for the loss")
def test_loss_steps(submission, reference, check):
    """The number of steps that the loss needs, within 2 steps: another norm, another number."""
    check.close(submission.answers.get("loss_steps"), loss_steps(reference), **STEPS_OFF, what="loss_steps")


# ---- Mistakes: full_grad -------------------------------------------------------------------------------------

mistake(
    "full_grad",
    "summed",
    was="X), y).mean()",
    now="X), y).sum()",
    says="The per-sample gradients are added up, but their mean is asked for.",
    hints=[
        "Give the function every sample twice. Should the gradient of the mean loss change?",
        "The objective has 1/N in front of the sum of the losses, and so has its gradient.",
        "Losses 2, 4 and 9 have the sum 15 and the mean 5.",
    ],
    seen="syllabus 2.1; mistnet issue 33; DeepLearningZeroToAll issue 173",
)
mistake(
    "full_grad",
    "divided_twice",
    was="loss.backward()",
    now="(loss / len(X)).backward()",
    says="The gradient is divided by the number of samples a second time.",
    hints=["Try a single sample, then two. Where does the difference come from?", "A mean is divided already."],
    seen="syllabus 2.2; d2l-en pull request 1000",
)
mistake(
    "full_grad",
    "averaged_outputs",
    was="model(tensors, X), y)",
    now="model(tensors, X).mean(), y.mean())",
    says="The outputs are averaged before the loss; average the losses instead.",
    hints=[
        "Two samples, residuals +1 and -1: what is the mean loss, and what the loss of the mean?",
        "A mean may be moved past what is linear. A square is not.",
    ],
    seen="syllabus 2.12 and claim 11",
)
mistake(
    "full_grad",
    "whole_square",
    was="per_sample_loss(model(tensors, X), y)",
    now="((model(tensors, X) - y) ** 2)",
    says="The squared error is not halved; the loss here is half the squared error.",
    hints=["Look at what `per_sample_loss` computes.", "The derivative of r²/2 is r; that of r² is twice that."],
    seen="Deep-ML issue 54",
)
mistake(
    "full_grad",
    "ascent",
    was="name: tensor.grad for",
    now="name: -tensor.grad for",
    says="The gradient has the wrong sign: it points uphill, and the step subtracts it.",
    hints=["Move a parameter a little along your gradient. Does the objective rise, as it should?"],
    seen="syllabus 2.3",
)
mistake(
    "full_grad",
    "penalty_not_halved",
    was="0.5 * l2 *",
    now="l2 *",
    says="The penalty enters without its factor 1/2.",
    hints=["With l2 = 1 and a weight of 3 the penalty is 4.5; what is its slope?"],
)
mistake(
    "full_grad",
    "penalty_as_number",
    was="(tensors[name] ** 2).sum()",
    now="(params[name] ** 2).sum()",
    says="The penalty is in the loss but not in the gradient: it is made of plain arrays.",
    hints=["Which objects does `backward()` follow?", "Only what is computed from Tensors has a gradient."],
    seen="syllabus 2.13",
)
mistake(
    "full_grad",
    "penalty_on_biases",
    was='("W1", "W2")',
    now="params",
    says="The penalty falls on the biases too; it is meant for the weights.",
    hints=["Which gradients change when l2 changes? Which should?"],
)
mistake(
    "full_grad",
    "penalty_on_one_layer",
    was='("W1", "W2")',
    now='("W2",)',
    says="The penalty leaves out the first layer's weights.",
    hints=["Which gradients change when l2 changes? Which should?"],
)
mistake(
    "full_grad",
    "penalty_averaged",
    was="0.5 * l2 *",
    now="0.5 * l2 / len(X) *",
    says="The penalty is divided by the number of samples; it is added once, whole.",
    hints=["The penalty does not know how many samples there are."],
)
mistake(
    "full_grad",
    "steps_by_itself",
    was="loss.backward()\n",
    now="loss.backward()\n    for name in params:\n        params[name] -= 0.1 * tensors[name].grad\n",
    says="The function changes the parameters that it was given; it should only return their gradient.",
    hints=[
        "Print a parameter before and after the call.",
        "A step is the business of gradient descent, not of the gradient.",
    ],
    seen="feedback starter bank: in-place update of the caller's array",
)

# ---- Mistakes: gd --------------------------------------------------------------------------------------------

mistake(
    "gd",
    "ascent",
    was="params[name] -= lr",
    now="params[name] += lr",
    says="The step goes along the gradient, which is uphill.",
    hints=["Do the losses fall?", "The gradient points to where the loss grows fastest."],
    seen="syllabus 2.3",
)
mistake(
    "gd",
    "fixed_lr",
    was="lr * grads",
    now="0.1 * grads",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with lr=0. Do the parameters stay?"],
    seen="syllabus 2.7; deeplearning.ai forum 19735",
)
mistake(
    "gd",
    "fixed_steps",
    was="range(steps)",
    now="range(10)",
    says="The number of steps is fixed in the code; use the one that is given.",
    hints=["Call it with steps=1. How many losses come back?"],
    seen="syllabus 2.7; deeplearning.ai forum 19735",
)
mistake(
    "gd",
    "one_step_short",
    was="range(steps)",
    now="range(1, steps)",
    says="One step is missing: the loop runs one time too few.",
    hints=["Call it with steps=1. Does anything move?", "range(1, n) has n - 1 members."],
    seen="syllabus 2.8; feedback starter bank: range(1, iterations)",
)
mistake(
    "gd",
    "loops_over_parameters",
    was="range(steps)",
    now="range(len(params))",
    says="The number of steps is the number of parameters, not the one that is given.",
    hints=["What does the outer loop count?"],
    seen="feedback starter bank: loop over the number of parameters",
)
mistake(
    "gd",
    "divides_again",
    was="lr * grads[name]",
    now="lr * grads[name] / len(X)",
    says="The gradient is divided by the number of samples, though it is a mean already.",
    hints=["What does `loss_and_grad` promise to return?", "Divide either in the loss or in the step, never in both."],
    seen="syllabus 2.2; d2l-en pull request 1000",
)
mistake(
    "gd",
    "no_first_loss",
    was="losses = [float(loss)]",
    now="losses = []",
    says="The loss at the start is missing from the losses.",
    hints=["With steps=0 one loss should come back.", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "gd",
    "late_losses",
    was="        loss, grads = loss_and_grad(params, X, y)\n        losses.append(float(loss))",
    now="        losses.append(float(loss))\n        loss, grads = loss_and_grad(params, X, y)",
    says="The losses are one step late: each is recorded before it is computed anew.",
    hints=["Compare losses[0] with losses[1].", "losses[t] belongs to the parameters after t steps."],
    seen="syllabus 2.4",
)
mistake(
    "gd",
    "frozen_gradient",
    was="        loss, grads = loss_and_grad(params, X, y)\n        losses.append",
    now="        loss, _ = loss_and_grad(params, X, y)\n        losses.append",
    says="Every step uses the gradient of the start; it changes as the parameters move.",
    hints=["Print the gradient at each step.", "After a step you stand elsewhere, and the slope is another."],
)
mistake(
    "gd",
    "layer_after_layer",
    was="lr * grads[name]",
    now="lr * loss_and_grad(params, X, y)[1][name]",
    says="The gradient is computed anew for each parameter, after others have moved already.",
    hints=["How often is `loss_and_grad` called in one step?", "All parameters move along the gradient of one point."],
    seen="syllabus 2.5",
)
mistake(
    "gd",
    "callers_arrays",
    was="value.copy()",
    now="value",
    says="The parameters of the caller are changed: the step writes into the given arrays.",
    hints=["Call it twice with the same parameters. Are both results the same?", "A new dict may hold old arrays."],
    seen="feedback starter bank: in-place update of the caller's array",
)
mistake(
    "gd",
    "always_double",
    was="value.copy()",
    now="value.astype(float)",
    says="The parameters come back as float64, whatever they were.",
    hints=["Call it with float32 parameters and look at the dtype of what comes back."],
)

# ---- Mistakes: quadratic_gd ----------------------------------------------------------------------------------

mistake(
    "quadratic_gd",
    "no_b",
    was="(H @ W[t] - b)",
    now="(H @ W[t])",
    says="The gradient lacks b: these steps go to 0, not to the minimum.",
    hints=["Where does H w - b vanish, and where does H w?"],
)
mistake(
    "quadratic_gd",
    "plus_b",
    was="W[t] - b)",
    now="W[t] + b)",
    says="b enters the gradient with the wrong sign.",
    hints=["Differentiate 1/2 h w² - b w by w."],
)
mistake(
    "quadratic_gd",
    "ascent",
    was="W[t] - lr *",
    now="W[t] + lr *",
    says="The step goes along the gradient, which is uphill.",
    hints=["Is the second point closer to the minimum than the first?"],
    seen="syllabus 2.3",
)
mistake(
    "quadratic_gd",
    "no_half",
    was="(H @ W[t] - b)",
    now="(2 * H @ W[t] - b)",
    says="The gradient of 1/2 w'Hw is taken to be 2Hw; the half takes care of the two.",
    hints=["Differentiate 1/2 h w² by w."],
    seen="feedback starter bank: 1/n against 2/n, Deep-ML issue 54",
)
mistake(
    "quadratic_gd",
    "diagonal_only",
    was="(H @ W[t] - b)",
    now="(xp.diag(H) * W[t] - b)",
    says="Only the diagonal of H is used: this is an entrywise product, not a matrix product.",
    hints=["Which operator multiplies a matrix by a vector?"],
)
mistake(
    "quadratic_gd",
    "from_zero",
    was="W[0] = w0",
    now="W[0] = 0",
    says="The path starts at zero; it should start at w0.",
    hints=["Print the first row."],
)
mistake(
    "quadratic_gd",
    "no_start",
    was="return W\n",
    now="return W[1:]\n",
    says="The starting point is missing from W.",
    hints=["How many rows are there with steps=0?"],
    seen="syllabus 2.8",
)
mistake(
    "quadratic_gd",
    "no_end",
    was="return W\n",
    now="return W[:-1]\n",
    says="The last point is missing from W.",
    hints=["How many rows are there with steps=0?", "n steps have n + 1 points."],
    seen="syllabus 2.8",
)
mistake(
    "quadratic_gd",
    "one_array",
    was="return W\n",
    now="return xp.stack([W[-1]] * (steps + 1))\n",
    says="All rows are the last point: one array was kept and changed, again and again.",
    hints=["A list of one array ten times holds one array.", "Keep a copy of each point."],
)
mistake(
    "quadratic_gd",
    "always_double",
    was=", dtype=w0.dtype",
    now="",
    says="W is float64, whatever w0 is.",
    hints=["What dtype does an array have that is made without saying one?"],
)
mistake(
    "quadratic_gd",
    "moves_w0",
    was="        W[t + 1] = W[t] - lr * (H @ W[t] - b)",
    now="        w0 -= lr * (H @ w0 - b)\n        W[t + 1] = w0",
    says="The caller's w0 is changed: the step writes into the given array.",
    hints=["Print w0 before and after the call.", "`w -= s` changes the array, `w = w - s` makes a new one."],
    seen="feedback starter bank: in-place update of the caller's array",
)

# ---- Mistakes: max_stable_lr ---------------------------------------------------------------------------------

mistake(
    "max_stable_lr",
    "one_over_L",
    was="2 / ",
    now="1 / ",
    says="This is 1/L, where one step lands on the floor of the steepest direction; the limit is further.",
    hints=["For which lr is |1 - lr L| equal to 1?"],
    seen="syllabus 2.9",
)
mistake(
    "max_stable_lr",
    "flattest",
    was="[-1]",
    now="[0]",
    says="The flattest direction is used; the steepest sets the limit.",
    hints=["In which direction does the error grow first?", "In which order do the eigenvalues come?"],
)
mistake(
    "max_stable_lr",
    "frobenius",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="xp.linalg.norm(H)",
    says="The Frobenius norm is used, which gathers all directions; the steepest alone sets the limit.",
    hints=["What is `norm` of a matrix by default?"],
    seen="syllabus 2.10",
)
mistake(
    "max_stable_lr",
    "trace",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="xp.trace(H)",
    says="The sum of the curvatures is used; the largest one sets the limit.",
    hints=["Take a valley with curvatures 1 and 4: what is the limit?"],
)
mistake(
    "max_stable_lr",
    "largest_diagonal",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="xp.diag(H).max()",
    says="The largest diagonal entry is used; turned valleys are steepest along other directions.",
    hints=["Turn a valley by 45 degrees. Does its limit change?"],
)
mistake(
    "max_stable_lr",
    "row_sum",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="abs(H).sum(axis=1).max()",
    says="The largest row sum is used: a bound of the steepest curvature, not the curvature.",
    hints=["Turn a valley by 45 degrees. Does its limit change?"],
)
mistake(
    "max_stable_lr",
    "mean_curvature",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="xp.linalg.eigvalsh(H).mean()",
    says="The mean curvature is used; the largest one sets the limit.",
    hints=["Must every direction shrink, or only the average one?"],
)

# ---- Mistakes: optimal_gd ------------------------------------------------------------------------------------

mistake(
    "optimal_gd",
    "kappa_inverted",
    was="kappa = L / mu",
    now="kappa = mu / L",
    says="The condition number is upside down: it is never below 1.",
    hints=["A rate below 0 makes no sense. Which of its parts is less than it should be?"],
    seen="syllabus 2.11",
)
mistake(
    "optimal_gd",
    "step_at_limit",
    was="2 / (L + mu)",
    now="2 / L",
    says="The learning rate is the largest stable one, at which the steepest direction never shrinks.",
    hints=["What is |1 - lr L| there?"],
)
mistake(
    "optimal_gd",
    "step_one_over_L",
    was="2 / (L + mu)",
    now="1 / L",
    says="The learning rate 1/L is safe, and slower than need be in the flattest direction.",
    hints=["Compare |1 - lr mu| with |1 - lr L|. Which could give way to the other?"],
)
mistake(
    "optimal_gd",
    "lost_the_two",
    was="2 / (L + mu)",
    now="1 / (L + mu)",
    says="The learning rate lacks the factor 2.",
    hints=["At the best one, 1 - lr mu and lr L - 1 are equal. Solve for lr."],
)
mistake(
    "optimal_gd",
    "mean_curvature",
    was="2 / (L + mu)",
    now="1 / float(curvatures.mean())",
    says="The learning rate is made of all curvatures; only the two ends count.",
    hints=["Move a curvature between the two ends. Does the worst direction change?"],
)
mistake(
    "optimal_gd",
    "rate_of_loss",
    was="(kappa - 1) / (kappa + 1)",
    now="((kappa - 1) / (kappa + 1)) ** 2",
    says="The rate is that of the loss; the distance to the minimum shrinks by its square root.",
    hints=["If the error halves, what does its square do?"],
)
mistake(
    "optimal_gd",
    "rate_of_momentum",
    was="kappa = L / mu",
    now="kappa = (L / mu) ** 0.5",
    says="The rate is that of momentum, with the square root of the condition number.",
    hints=["Run 100 steps. Does the error shrink that fast?"],
)
mistake(
    "optimal_gd",
    "rate_of_short_steps",
    was="(kappa - 1) / (kappa + 1)",
    now="1 - 1 / kappa",
    says="The rate belongs to the learning rate 1/L, not to the best one.",
    hints=["What is 1 - lr mu at your learning rate?"],
)
mistake(
    "optimal_gd",
    "wrong_order",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="return (kappa - 1) / (kappa + 1), 2 / (L + mu)",
    says="The two numbers come back in the wrong order: the learning rate is first.",
    hints=["Read the last lines of the contract."],
)

# ---- Mistakes: experiment ------------------------------------------------------------------------------------

mistake(
    "experiment",
    "somebody_elses_patients",
    was="own_data(seed)\n",
    now="own_data(0)\n",
    says="The seed that is given is not used: these are somebody else's patients.",
    hints=["Call it with two seeds. Are the results different?"],
)
mistake(
    "experiment",
    "sums_not_means",
    was="X.T @ X / len(X), X.T @ y / len(X)",
    now="X.T @ X, X.T @ y",
    says="H and b lack the division by N: the learning rates come out too small.",
    hints=["The loss is a mean over patients. So is its curvature."],
    seen="syllabus 2.1",
)
mistake(
    "experiment",
    "absolute_error",
    was=" / xp.linalg.norm(start - minimum)",
    now="",
    says="The error is not divided by the error at the start.",
    hints=["What should every curve be at step 0?"],
)
mistake(
    "experiment",
    "distance_from_start",
    was="xp.linalg.norm(W - minimum, axis=1)",
    now="xp.linalg.norm(W - start, axis=1)",
    says="The curves show how far the path is from its start, not from the minimum.",
    hints=["Does the error fall?"],
)
mistake(
    "experiment",
    "largest_entry",
    was="xp.linalg.norm(W - minimum, axis=1)",
    now="abs(W - minimum).max(axis=1)",
    says="The error is the largest entry of w - w*; its Euclidean norm is asked for.",
    hints=["State the norm whenever you state an error."],
    seen="syllabus A02: state the norm",
)
mistake(
    "experiment",
    "signed_rate",
    was="abs(1 - lr[:, None] * xp.linalg.eigvalsh(H))",
    now="(1 - lr[:, None] * xp.linalg.eigvalsh(H))",
    says="The rate misses the steepest direction, whose factor is negative: its size counts, not its sign.",
    hints=["Which is worse for the error, a factor of 0.9 or one of -1.1?", "What does theory say above the limit?"],
)
mistake(
    "experiment",
    "promise_of_short_steps",
    was="np.log(best_rate)",
    now="np.log(1 - 1 / xp.linalg.cond(H))",
    says="The promise is that of the learning rate 1/L, about twice that of the best one.",
    hints=["Which rate belongs to the best learning rate?"],
)
mistake(
    "experiment",
    "wrong_curve",
    was="error[2] <=",
    now="error[1] <=",
    says="The steps are counted on the curve of half the limit, not of the best learning rate.",
    hints=["In which order do the four learning rates come?"],
)
mistake(
    "experiment",
    "squared_target",
    was="error[2] <= 1e-6",
    now="error[2] ** 2 <= 1e-6",
    says="The steps are counted for the squared distance, which is far smaller than the distance.",
    hints=["State the norm whenever you state an error."],
    seen="syllabus A02: state the norm",
)
mistake(
    "experiment",
    "best_and_limit_mixed",
    was="0.5 * limit, best,",
    now="0.5 * limit, limit,",
    says="The third learning rate is the limit; the best one is asked for.",
    hints=["Which of the four curves should fall fastest?"],
)

# ---- Mistakes: steps -------------------------------------------------------------------------------------------

mistake(
    "steps",
    "promise_of_short_steps",
    was='= experiment(seed)["predicted_steps"]',
    now='= 2 * experiment(seed)["predicted_steps"]',
    says="The promise is that of the learning rate 1/L, about twice that of the best one.",
    hints=["The best rate is (kappa - 1) / (kappa + 1)."],
)
mistake(
    "steps",
    "promise_typed_twice",
    was='measured_steps = experiment(seed)["measured_steps"]',
    now="measured_steps = predicted_steps",
    says="The promise stands in both places; the steps really needed are fewer.",
    hints=["Find the first t at which your third error curve is at most 1e-6."],
)
mistake(
    "steps",
    "loss_taken_for_distance",
    was="_first_small_loss(*own_data(seed))",
    now="measured_steps",
    says="The loss is counted like the distance; it falls like the square of it.",
    hints=["If the distance is a thousandth, what is its square?"],
    seen="syllabus A02: state the norm",
)
mistake(
    "steps",
    "distance_taken_for_loss",
    was='measured_steps = experiment(seed)["measured_steps"]',
    now='measured_steps = experiment(seed)["measured_steps"] // 2',
    says="The distance is counted like the loss; it falls like the square root of it.",
    hints=["If the loss is a millionth, what is the distance?"],
    seen="syllabus A02: state the norm",
)

# ---- Alternatives --------------------------------------------------------------------------------------------


@alternative("full_grad")
def one_sample_at_a_time(params, X, y, l2=0.0):
    tensors = {name: Tensor(value, requires_grad=True) for name, value in params.items()}
    for i in range(len(X)):
        loss = per_sample_loss(model(tensors, X[i : i + 1]), y[i : i + 1])
        (loss * (1 / len(X))).sum().backward()
    penalty = (tensors["W1"] ** 2).sum() + (tensors["W2"] ** 2).sum()
    (penalty * (l2 / 2)).backward()
    return {name: tensor.grad for name, tensor in tensors.items()}


@alternative("full_grad")
def sums_of_parts_and_one_division(params, X, y, l2=0.0):
    total = {name: 0.0 * value for name, value in params.items()}
    start = 0
    while start < len(X):
        tensors = {name: Tensor(value, requires_grad=True) for name, value in params.items()}
        per_sample_loss(model(tensors, X[start : start + 2]), y[start : start + 2]).sum().backward()
        total = {name: total[name] + tensors[name].grad for name in total}
        start += 2
    grads = {name: value / len(X) for name, value in total.items()}
    grads["W1"] = grads["W1"] + l2 * params["W1"]
    grads["W2"] = grads["W2"] + l2 * params["W2"]
    return grads


@alternative("full_grad")
def by_hand_with_einsum(params, X, y, l2=0.0):
    h = xp.tanh(xp.einsum("nd,dh->nh", X, params["W1"]) + params["b1"])
    residual = (xp.einsum("nh,ho->n", h, params["W2"]) + params["b2"] - y) / len(X)
    back = xp.einsum("n,ho,nh->nh", residual, params["W2"], 1 - h**2)
    return {
        "b2": residual.sum(keepdims=True),
        "W2": xp.einsum("nh,n->h", h, residual)[:, None] + l2 * params["W2"],
        "b1": back.sum(axis=0),
        "W1": xp.einsum("nd,nh->dh", X, back) + l2 * params["W1"],
    }


@alternative("gd")
def new_dict_each_step(loss_and_grad, params, X, y, lr, steps):
    losses = []
    left = steps
    while True:
        loss, grads = loss_and_grad(params, X, y)
        losses.append(loss)
        if left == 0:
            return dict(params), np.array([float(loss) for loss in losses])
        params = {name: params[name] - lr * grads[name] for name in params}
        left -= 1


@alternative("gd")
def subtract_into_own_copy(loss_and_grad, params, X, y, lr, steps):
    own = {name: xp.array(value) for name, value in params.items()}
    losses = xp.zeros(steps + 1)
    for t in range(steps + 1):
        losses[t], grads = loss_and_grad(own, X, y)
        if t < steps:
            for name, value in own.items():
                xp.subtract(value, lr * grads[name], out=value)
    return own, losses


@alternative("gd")
def theta_is_temp(loss_and_grad, params, X, y, lr, steps):
    theta = params
    loss, grads = loss_and_grad(theta, X, y)
    losses = [loss]
    for _ in range(steps):
        temp = {}
        for name in theta:
            temp[name] = theta[name] - lr * grads[name]
        theta = temp
        loss, grads = loss_and_grad(theta, X, y)
        losses.append(loss)
    return theta, losses


@alternative("quadratic_gd")
def list_of_points(H, b, w0, lr, steps):
    points = [w0]
    while len(points) <= steps:
        w = points[-1]
        points.append(w + lr * (b - H @ w))
    return xp.stack(points)


@alternative("quadratic_gd")
def along_the_eigenvectors(H, b, w0, lr, steps):
    curvatures, V = xp.linalg.eigh(H)
    minimum = xp.linalg.solve(H, b)
    shrunk = (1 - lr * curvatures) ** xp.arange(steps + 1)[:, None]
    return (minimum + (shrunk * (V.T @ (w0 - minimum))) @ V.T).astype(w0.dtype)


@alternative("quadratic_gd")
def own_point_in_place(H, b, w0, lr, steps):
    w = w0.copy()
    W = [w.copy()]
    for _ in range(steps):
        w -= lr * (xp.einsum("ij,j->i", H, w) - b)
        W.append(w.copy())
    return xp.array(W)


@alternative("max_stable_lr")
def by_singular_values(H):
    return 2.0 / xp.linalg.svd(H, compute_uv=False).max()


@alternative("max_stable_lr")
def by_the_spectral_norm(H):
    return 2.0 / xp.linalg.norm(H, 2)


@alternative("max_stable_lr")
def by_power_iteration(H):
    v, before, now = xp.asarray(np.random.default_rng(7).normal(size=len(H))), 0.0, 1.0
    for _ in range(20000):
        if abs(now - before) <= 1e-15 * abs(now):
            break
        v = H @ v
        v = v / xp.linalg.norm(v)
        before, now = now, float(v @ H @ v)
    return 2.0 / now


@alternative("optimal_gd")
def by_the_condition_number(H):
    kappa = float(xp.linalg.cond(H))
    return 2.0 / (xp.linalg.norm(H, 2) * (1 + 1 / kappa)), 1 - 2 / (kappa + 1)


@alternative("optimal_gd")
def by_the_worst_direction(H):
    curvatures = xp.linalg.eigvals(H).real
    lr = 2 / (curvatures.min() + curvatures.max())
    return lr, max(abs(1 - lr * h) for h in curvatures)


@alternative("optimal_gd")
def as_a_list(H):
    steepest, flattest = xp.linalg.norm(H, 2), xp.linalg.norm(H, -2)
    return [float(2 / (steepest + flattest)), float((steepest - flattest) / (steepest + flattest))]
