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
    for N, D, H in ((5, 3, 2), (7, 2, 4), (1, 3, 3), (67, 2, 3)):  # the last for those who go in parts
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
    for curvatures in (*SPECTRA, (1.0, 1.02, 2.97, 3.0)):  # close ones, where a rate that is measured comes late
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
    # Ways of computing it differ by 5e-14; the last point taken for the minimum makes 1e-10 and more.
    check.close(entry(found, "error"), want["error"], rtol=1e-6, atol=1e-11, what="error")


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
    says="The whole gradient, penalty and all, is divided by the number of samples a second time.",
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
    says="The penalty does not reach the gradient: it is left out, or made of plain arrays.",
    hints=[
        "Change l2. Does the gradient change?",
        "Which objects does `backward()` follow? Only what is computed from Tensors has a gradient.",
    ],
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
mistake(
    "full_grad",
    "mean_divided",
    was="X), y).mean()",
    now="X), y).mean() / len(X)",
    says="The mean of the losses is divided by the number of samples once more.",
    hints=[
        "Try a single sample, then two. Where does the difference come from?",
        "A mean is a sum divided already.",
        "Losses 2, 4 and 9 have the mean 5, not 5/3.",
    ],
    seen="blind answer",
)
mistake(
    "full_grad",
    "divided_by_features",
    was="X), y).mean()",
    now="X), y).sum() / X.shape[1]",
    says="The sum of the losses is divided by the number of features, not by the number of samples.",
    hints=[
        "Which of the two sizes of X counts the samples?",
        "The mean of the losses is their sum over how many losses there are.",
    ],
)
mistake(
    "full_grad",
    "halved_twice",
    was="X), y).mean()",
    now="X), y).mean() * 0.5",
    says="The loss is halved a second time; each sample's loss is half the squared error already.",
    hints=["Look at what `per_sample_loss` computes.", "The derivative of r²/2 is r; that of r²/4 is half of that."],
)
mistake(
    "full_grad",
    "row_and_column",
    was="    loss = per_sample_loss(",
    now="    y = y[:, None]\n    loss = per_sample_loss(",
    says="A row minus a column is a table: the loss compares every prediction with every target.",
    hints=[
        "Print the shape of the prediction, of the target, and of their difference.",
        "Arrays of shapes (N, 1) and (N,) are both stretched to (N, N) when one is subtracted from the other.",
        "Predictions 1, 2 and targets 1, 2: how many differences should there be, and how large?",
    ],
    seen="blind answer",
)
mistake(
    "full_grad",
    "last_sample_only",
    was="    loss = per_sample_loss(",
    now="    X, y = X[-1:], y[-1:]\n    loss = per_sample_loss(",
    says="Only the last sample counts: what the others contribute is lost.",
    hints=["Change the first sample. Does your gradient change?", "What happens to the sum so far at each sample?"],
)
mistake(
    "full_grad",
    "first_sample_only",
    was="    loss = per_sample_loss(",
    now="    X, y = X[:1], y[:1]\n    loss = per_sample_loss(",
    says="Only the first sample counts; the gradient of all samples is asked for.",
    hints=["Change the last sample. Does your gradient change?", "When does your loop end?"],
)
mistake(
    "full_grad",
    "biases_summed",
    was="name: tensor.grad for",
    now="name: tensor.grad * (len(X) if name in ('b1', 'b2') else 1) for",
    says="The gradients of the biases are summed over the samples; their mean is asked for, as for the weights.",
    hints=["Give the function every sample twice. Which gradients change?", "One mean, one 1/N, for every parameter."],
)
mistake(
    "full_grad",
    "returns_parameters",
    was="tensor.grad for",
    now="tensor.data for",
    says="The parameters come back, not their gradients.",
    hints=["Which attribute of a Tensor holds its array, and which its gradient?"],
)
mistake(
    "full_grad",
    "penalty_on_first_layer",
    was='("W1", "W2")',
    now='("W1",)',
    says="The penalty leaves out the second layer's weights.",
    hints=["Which gradients change when l2 changes? Which should?", "Both weight matrices are penalised, no bias is."],
    seen="blind answer",
)
mistake(
    "full_grad",
    "penalty_halved_twice",
    was="0.5 * l2 *",
    now="0.25 * l2 *",
    says="The gradient of the penalty is half of what it should be.",
    hints=[
        "Differentiate l2/2 times the square of a single weight.",
        "The two that comes down from the square meets the half: it is used up only once.",
        "The slope of 3/2 w² at w = 5 is 15.",
    ],
)
mistake(
    "full_grad",
    "penalty_once_a_sample",
    was="0.5 * l2 *",
    now="0.5 * l2 * len(X) *",
    says="The penalty is added once for every sample; it belongs to the objective once.",
    hints=[
        "Give the function every sample twice. Does the part of the gradient that l2 brings change?",
        "The penalty knows the weights, and not how many samples there are.",
    ],
    seen="blind answer",
)
mistake(
    "full_grad",
    "penalty_averaged_over_entries",
    was="(tensors[name] ** 2).sum()",
    now="(tensors[name] ** 2).mean()",
    says="The penalty takes the mean of the squared weights; their sum is asked for.",
    hints=["Try a larger layer. Does each weight's penalty stay what it was?", "A norm squared is a sum of squares."],
)
mistake(
    "full_grad",
    "penalty_of_the_norm",
    was="(tensors[name] ** 2).sum()",
    now="(tensors[name] ** 2).sum() ** 0.5",
    says="The penalty takes the norm of the weights; the square of the norm is asked for.",
    hints=[
        "Make all weights twice as large. How much should the penalty grow?",
        "For 3 and 4 the norm is 5, its square 25.",
    ],
    seen="blind answer",
)
mistake(
    "full_grad",
    "penalty_of_absolute_values",
    was="(tensors[name] ** 2).sum()",
    now="abs(tensors[name]).sum()",
    says="The penalty takes the absolute values of the weights; their squares are asked for.",
    hints=[
        "Does the pull on a large weight exceed that on a small one?",
        "The slope of w² grows with w, that of |w| not.",
    ],
)
mistake(
    "full_grad",
    "penalty_subtracted",
    was="loss + 0.5 *",
    now="loss - 0.5 *",
    says="The penalty enters with the wrong sign: it rewards large weights.",
    hints=["Raise l2. Should a step make the weights shorter or longer?"],
)
mistake(
    "full_grad",
    "returns_the_loss_too",
    was="return {",
    now="return loss.item(), {",
    says="The loss comes back too; only the dict of gradients is asked for.",
    hints=["Read what the contract says comes back."],
)
for _size in (2, 3, 4, 5, 10, 16, 32, 64):
    mistake(
        "full_grad",
        f"parts_of_{_size}_alike",
        was="per_sample_loss(model(tensors, X), y).mean()",
        now=f"sum(per_sample_loss(model(tensors, X[i : i + {_size}]), y[i : i + {_size}]).mean()"
        f" for i in range(0, len(X), {_size})) / -(-len(X) // {_size})",
        says="The parts of the data count alike, though the last one holds fewer samples.",
        hints=[
            "Compare with the gradient in one piece, where the parts are of one size, and where they are not.",
            "Each part's mean must be weighted by its share of the samples.",
            "Means 2 of three samples and 6 of one: together 3, not 4.",
        ],
        seen="blind answer",
    )


@mistake(
    "full_grad",
    "slope_of_tanh_left_out",
    says="The way back to the first layer leaves out the slope of tanh.",
    hints=[
        "Is the gradient of W2 right, and that of W1 wrong?",
        "Each layer on the way back brings its own derivative.",
    ],
)
def _(params, X, y, l2=0.0):
    h = xp.tanh(X @ params["W1"] + params["b1"])
    residual = ((h @ params["W2"] + params["b2"])[:, 0] - y) / len(X)
    back = residual[:, None] * params["W2"][:, 0]
    grads = {"W1": X.T @ back + l2 * params["W1"], "b1": back.sum(axis=0)}
    return {**grads, "W2": (h.T @ residual)[:, None] + l2 * params["W2"], "b2": residual.sum(keepdims=True)}


@mistake(
    "full_grad",
    "slope_of_the_sigmoid",
    says="The way back through the hidden layer uses the slope of the logistic function; these units are tanh.",
    hints=["Is the gradient of W2 right, and that of W1 wrong?", "What is the slope of tanh at 0?"],
)
def _(params, X, y, l2=0.0):
    h = xp.tanh(X @ params["W1"] + params["b1"])
    residual = ((h @ params["W2"] + params["b2"])[:, 0] - y) / len(X)
    back = residual[:, None] * params["W2"][:, 0] * h * (1 - h)
    grads = {"W1": X.T @ back + l2 * params["W1"], "b1": back.sum(axis=0)}
    return {**grads, "W2": (h.T @ residual)[:, None] + l2 * params["W2"], "b2": residual.sum(keepdims=True)}


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
    says="The parameters of the caller are changed: the steps write into what was given.",
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
mistake(
    "gd",
    "too_many_calls",
    was="        losses.append(float(loss))",
    now="        losses.append(float(loss_and_grad(params, X, y)[0]))",
    says="`loss_and_grad` is called more than once after a step; one call brings both loss and gradient.",
    hints=[
        "Count the calls in one round of your loop.",
        "The gradient that belongs to the newest loss is that of the next step.",
    ],
    seen="blind answer",
)
mistake(
    "gd",
    "too_many_calls_at_start",
    was="losses = [float(loss)]",
    now="losses = [float(loss_and_grad(params, X, y)[0])]",
    says="`loss_and_grad` is called more than once at the start; one call brings both loss and gradient.",
    hints=["Count the calls with steps=0.", "Keep both values of the one call."],
)
mistake(
    "gd",
    "no_last_loss",
    was="xp.asarray(losses)",
    now="xp.asarray(losses[:-1])",
    says="The loss after the last step is missing from the losses.",
    hints=["With steps=0 one loss should come back.", "Fence posts: n steps have n + 1 ends."],
    seen="syllabus 2.4",
)
mistake(
    "gd",
    "one_step_more",
    was="range(steps)",
    now="range(steps + 1)",
    says="One step is too many: the loop moves the parameters once more than asked for.",
    hints=["Call it with steps=0. Does anything move?", "n + 1 losses belong to n steps: the first comes before any."],
    seen="syllabus 2.8",
)
mistake(
    "gd",
    "one_step_too_far",
    was="    return params, ",
    now="    params = {name: params[name] - lr * grads[name] for name in params}\n    return params, ",
    says="The parameters have moved once more after the last loss: they are one step ahead of it.",
    hints=["Call it with steps=0. Does anything move?", "The last loss is that of the parameters that you return."],
    seen="blind answer",
)
mistake(
    "gd",
    "stops_when_flat",
    was="        losses.append(float(loss))\n",
    now="        losses.append(float(loss))\n        if abs(losses[-2] - losses[-1]) < 1e-7:\n            break\n",
    says="The loop ends early where the loss hardly changes; exactly the given number of steps is asked for.",
    hints=["Call it with a tiny learning rate. How many losses come back?", "Slow is not the same as done."],
    seen="blind answer",
)
mistake(
    "gd",
    "stops_when_flat_and_fills_up",
    was="        losses.append(float(loss))\n",
    now="        losses.append(float(loss))\n        if abs(losses[-2] - losses[-1]) < 1e-7:\n"
    "            losses += [losses[-1]] * (steps + 1 - len(losses))\n            break\n",
    says="Steps are left out where the loss hardly changes, and the last loss is repeated in their place.",
    hints=["Count the steps with a tiny learning rate.", "Slow is not the same as done."],
    seen="blind answer",
)
mistake(
    "gd",
    "stops_when_rising",
    was="        losses.append(float(loss))\n",
    now="        losses.append(float(loss))\n        if losses[-1] > losses[-2]:\n            break\n",
    says="The loop ends early where the loss rises; exactly the given number of steps is asked for.",
    hints=["Call it with a learning rate that is far too large. How many losses come back?"],
)
mistake(
    "gd",
    "frozen_point",
    was="        loss, grads = loss_and_grad(params, X, y)\n        losses",
    now="        loss_and_grad(params, X, y)\n        losses",
    says="Loss and gradient are those of the start at every step; ask for them where you stand by then.",
    hints=["Print the losses.", "Which parameters do you hand to `loss_and_grad`?"],
)
mistake(
    "gd",
    "losses_divided",
    was="xp.asarray(losses)",
    now="xp.asarray(losses) / len(X)",
    says="The losses are divided by the number of samples, though each is a mean already.",
    hints=["What does `loss_and_grad` promise to return?", "Compare the first loss with what it returns at the start."],
)
mistake(
    "gd",
    "running_mean",
    was="xp.asarray(losses)",
    now="xp.asarray(losses).cumsum() / xp.arange(1, len(losses) + 1)",
    says="The losses are running means; the loss at each point is asked for.",
    hints=["Compare the second loss with what `loss_and_grad` returns after one step."],
    seen="blind answer",
)
mistake(
    "gd",
    "wrong_order",
    was="return params, xp.asarray(losses)",
    now="return xp.asarray(losses), params",
    says="The two results come back in the wrong order: the parameters are first.",
    hints=["Read the last lines of the contract."],
)
mistake(
    "gd",
    "from_zero",
    was="value.copy()",
    now="value * 0",
    says="The descent starts from zeros; it should start from the parameters that are given.",
    hints=["Compare the first loss with the one at the given parameters."],
)
mistake(
    "gd",
    "clipped",
    was="lr * grads[name]",
    now="lr * grads[name] / max(1.0, sum(float((g**2).sum()) for g in grads.values()) ** 0.5)",
    says="Long gradients are cut to length 1; plain gradient descent takes them as they are.",
    hints=["Start far away, where the gradient is long. How long is the first step?"],
    seen="blind answer",
)


@mistake(
    "gd",
    "last_loss_never_asked_for",
    says="The loss after the last step is missing: `loss_and_grad` is not called there.",
    hints=["With steps=0 one loss should come back.", "Fence posts: n steps have n + 1 ends."],
    seen="blind answer",
)
def _(loss_and_grad, params, X, y, lr, steps):
    losses = []
    for _ in range(steps):
        loss, grads = loss_and_grad(params, X, y)
        losses.append(float(loss))
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, xp.asarray(losses)


@mistake(
    "gd",
    "last_loss_left_zero",
    says="The last entry of the losses is never filled in: there is one loss more than there are steps.",
    hints=["Print the last two losses.", "Fence posts: n steps have n + 1 ends."],
)
def _(loss_and_grad, params, X, y, lr, steps):
    losses = xp.zeros(steps + 1)
    for t in range(steps):
        losses[t], grads = loss_and_grad(params, X, y)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses


@mistake(
    "gd",
    "best_point",
    says="The parameters with the smallest loss come back, not those after the last step.",
    hints=["Call it with a learning rate that is far too large. Where do the returned parameters come from?"],
    seen="blind answer",
)
def _(loss_and_grad, params, X, y, lr, steps):
    losses = []
    for _ in range(steps + 1):
        loss, grads = loss_and_grad(params, X, y)
        if not losses or loss < min(losses):
            best = params
        losses.append(float(loss))
        params = {name: params[name] - lr * grads[name] for name in params}
    return best, xp.asarray(losses)


@mistake(
    "gd",
    "start_returned",
    says="The parameters come back as they were at the start: the steps are lost.",
    hints=["Which dict moves in your loop, and which do you return?"],
)
def _(loss_and_grad, params, X, y, lr, steps):
    now, losses = params, []
    for _ in range(steps + 1):
        loss, grads = loss_and_grad(now, X, y)
        losses.append(float(loss))
        now = {name: now[name] - lr * grads[name] for name in now}
    return dict(params), xp.asarray(losses)


@mistake(
    "gd",
    "momentum",
    says="Earlier steps are carried on, as with momentum; plain gradient descent forgets them.",
    hints=["Compare two steps with one step, and one more from there.", "Each step follows the newest gradient alone."],
    seen="blind answer",
)
def _(loss_and_grad, params, X, y, lr, steps):
    speed = {name: 0 * value for name, value in params.items()}
    loss, grads = loss_and_grad(params, X, y)
    losses = [float(loss)]
    for _ in range(steps):
        speed = {name: 0.9 * speed[name] - lr * grads[name] for name in params}
        params = {name: params[name] + speed[name] for name in params}
        loss, grads = loss_and_grad(params, X, y)
        losses.append(float(loss))
    return params, xp.asarray(losses)


@mistake(
    "gd",
    "gradients_pile_up",
    says="Each step follows the sum of all gradients so far; the newest one alone is asked for.",
    hints=[
        "Compare two steps with one step, and one more from there.",
        "What is in your gradient before a step adds to it?",
    ],
)
def _(loss_and_grad, params, X, y, lr, steps):
    loss, total = loss_and_grad(params, X, y)
    losses = [float(loss)]
    for _ in range(steps):
        params = {name: params[name] - lr * total[name] for name in params}
        loss, grads = loss_and_grad(params, X, y)
        total = {name: total[name] + grads[name] for name in params}
        losses.append(float(loss))
    return params, xp.asarray(losses)


@mistake(
    "gd",
    "one_sample_a_step",
    says="Each step looks at a single sample; full-batch gradient descent looks at all of them every time.",
    hints=["Print the shape of what you hand to `loss_and_grad`.", "Read how the contract wants it called."],
    seen="blind answer",
)
def _(loss_and_grad, params, X, y, lr, steps):
    losses = [float(loss_and_grad(params, X, y)[0])]
    for t in range(steps):
        row = slice(t % len(X), t % len(X) + 1)
        grads = loss_and_grad(params, X[row], y[row])[1]
        params = {name: params[name] - lr * grads[name] for name in params}
        losses.append(float(loss_and_grad(params, X, y)[0]))
    return params, xp.asarray(losses)


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
mistake(
    "quadratic_gd",
    "half_kept",
    was="(H @ W[t] - b)",
    now="(0.5 * H @ W[t] - b)",
    says="The gradient of 1/2 w'Hw is taken to be half of Hw; the half meets a two and is used up.",
    hints=["Differentiate 1/2 h w² by w.", "The slope of 5/2 w² at w = 3 is 15."],
    seen="blind answer",
)
mistake(
    "quadratic_gd",
    "twice_the_gradient",
    was="- lr * (H",
    now="- 2 * lr * (H",
    says="The steps are twice as long as they should be: the gradient is doubled.",
    hints=["Differentiate 1/2 h w² - b w by w.", "In one dimension with h = 1 and lr = 1, one step is enough."],
    seen="feedback starter bank: 1/n against 2/n, Deep-ML issue 54",
)
mistake(
    "quadratic_gd",
    "half_the_gradient",
    was="- lr * (H",
    now="- 0.5 * lr * (H",
    says="The steps are half as long as they should be: the whole gradient is halved.",
    hints=["Differentiate 1/2 h w² - b w by w.", "In one dimension with h = 1 and lr = 1, one step is enough."],
)
mistake(
    "quadratic_gd",
    "divided_by_d",
    was="- lr * (H",
    now="- lr / len(w0) * (H",
    says="The gradient is divided by the number of dimensions; nothing is left to divide.",
    hints=["Differentiate f as it stands, in two dimensions."],
)
mistake(
    "quadratic_gd",
    "lr_misses_b",
    was="lr * (H @ W[t] - b)",
    now="lr * H @ W[t] + b",
    says="The learning rate multiplies only the part with H; it belongs in front of the whole gradient.",
    hints=["Call it with lr=0. Does the point stay?", "A product binds more tightly than a difference."],
)
mistake(
    "quadratic_gd",
    "lr_misses_b_and_its_sign",
    was="lr * (H @ W[t] - b)",
    now="lr * H @ W[t] - b",
    says="The learning rate multiplies only the part with H; it belongs in front of the whole gradient.",
    hints=["Call it with lr=0. Does the point stay?", "Where are brackets missing?"],
)
mistake(
    "quadratic_gd",
    "frozen_gradient",
    was="(H @ W[t] - b)",
    now="(H @ W[0] - b)",
    says="Every step uses the gradient of the start; it changes as the point moves.",
    hints=["Are all of your steps alike?", "After a step you stand elsewhere, and the slope is another."],
)
mistake(
    "quadratic_gd",
    "one_for_identity",
    was="W[t] - lr * (H @ W[t] - b)",
    now="xp.linalg.solve(H, b) + (1 - lr * H) @ (W[t] - xp.linalg.solve(H, b))",
    says="A number minus a matrix changes every entry; the identity matrix has ones on its diagonal alone.",
    hints=["Print the matrix that multiplies the error.", "For H = [[2, 1], [1, 3]], what is I - H?"],
    seen="blind answer",
)
mistake(
    "quadratic_gd",
    "error_not_point",
    was="return W\n",
    now="return W - xp.linalg.solve(H, b)\n",
    says="The errors come back, not the points: the minimum has not been added again.",
    hints=["What should the first row be?", "The error is the point minus the minimum."],
)
mistake(
    "quadratic_gd",
    "coordinate_after_coordinate",
    was="        W[t + 1] = W[t] - lr * (H @ W[t] - b)",
    now="        W[t + 1] = W[t]\n        for i in range(len(w0)):\n"
    "            W[t + 1, i] -= lr * (H[i] @ W[t + 1] - b[i])",
    says="Later coordinates of a step see earlier ones moved; all move along the gradient of one point.",
    hints=[
        "Compare your first step with one worked out on paper.",
        "Compute the whole gradient first, then move all coordinates.",
    ],
    seen="blind answer; syllabus 2.5",
)
mistake(
    "quadratic_gd",
    "capped",
    was="    W = xp.empty(",
    now="    lr = min(lr, 2 / float(xp.linalg.eigvalsh(H)[-1]))\n    W = xp.empty(",
    says="The learning rate is held below the limit; use the one that is given, even where the numbers grow.",
    hints=[
        "Call it with a learning rate that is far too large.",
        "Read what the contract says of large learning rates.",
    ],
    seen="blind answer",
)
mistake(
    "quadratic_gd",
    "squeezed",
    was="return W\n",
    now="return W.squeeze()\n",
    says="Axes of length one are dropped: W has two axes, also in one dimension and without a step.",
    hints=["Print the shape for d = 1, and for steps=0."],
    seen="blind answer",
)
mistake(
    "quadratic_gd",
    "transposed",
    was="return W\n",
    now="return W.T\n",
    says="Points stand in the columns of W; they belong in its rows.",
    hints=["Print the shape for 3 steps in 2 dimensions."],
)
mistake(
    "quadratic_gd",
    "last_only",
    was="return W\n",
    now="return W[-1]\n",
    says="Only the last point comes back; every point is asked for.",
    hints=["What does the contract say of the shape of W?"],
)
mistake(
    "quadratic_gd",
    "starts_one_step_late",
    was="W[0] = w0",
    now="W[0] = w0 - lr * (H @ w0 - b)",
    says="The path begins after the first step; its first row should be w0.",
    hints=["Print the first row.", "W[t] is the point after t steps, so W[0] is that after none."],
    seen="syllabus 2.8",
)
mistake(
    "quadratic_gd",
    "last_row_repeated",
    was="return W\n",
    now="W[steps:] = W[max(steps - 1, 0)]\n    return W\n",
    says="The last step is not taken: the last two rows are the same point.",
    hints=["Print the last two rows.", "The first t + 1 rows are filled after t steps."],
    seen="blind answer; syllabus 2.8",
)
mistake(
    "quadratic_gd",
    "last_row_left_zero",
    was="return W\n",
    now="W[max(steps, 1) :] = 0\n    return W\n",
    says="The last row of W is never filled in: the loop takes one step too few.",
    hints=["Print the last two rows.", "The first t + 1 rows are filled after t steps."],
    seen="syllabus 2.8",
)
mistake(
    "quadratic_gd",
    "scales_its_inputs",
    was="return W\n",
    now="H *= lr\n    b *= lr\n    return W\n",
    says="The caller's H and b are changed: the learning rate is multiplied into the given arrays.",
    hints=["Print H and b before and after the call.", "`a *= s` changes the array, `a = a * s` makes a new one."],
    seen="blind answer",
)


@mistake(
    "quadratic_gd",
    "power_of_each_entry",
    says="The power is taken of each entry of the matrix; the matrix must be multiplied by itself.",
    hints=["Square a 2 by 2 matrix on paper, and compare.", "`**` works entry by entry on arrays."],
    seen="blind answer",
)
def _(H, b, w0, lr, steps):
    minimum, once = xp.linalg.solve(H, b), xp.eye(len(w0)) - lr * H
    W = xp.array([minimum + once**t @ (w0 - minimum) for t in range(steps + 1)], dtype=w0.dtype)
    W[0] = w0
    return W


@mistake(
    "quadratic_gd",
    "power_of_each_entry_from_the_start",
    says="The power is taken of each entry of the matrix; the matrix must be multiplied by itself.",
    hints=["What is the power 0 of a matrix, and what do you get?", "`**` works entry by entry on arrays."],
)
def _(H, b, w0, lr, steps):
    minimum, once = xp.linalg.solve(H, b), xp.eye(len(w0)) - lr * H
    return xp.array([minimum + once**t @ (w0 - minimum) for t in range(steps + 1)], dtype=w0.dtype)


@mistake(
    "quadratic_gd",
    "absolute_factors",
    says="The error keeps its sign in every direction; beyond 1/curvature it should change at every step.",
    hints=["In one dimension with lr h = 1.5, where is the point after one step?", "Factors may be negative."],
    seen="blind answer",
)
def _(H, b, w0, lr, steps):
    curvatures, V = xp.linalg.eigh(H)
    minimum = xp.linalg.solve(H, b)
    shrunk = abs(1 - lr * curvatures) ** xp.arange(steps + 1)[:, None]
    return (minimum + (shrunk * (V.T @ (w0 - minimum))) @ V.T).astype(w0.dtype)


@mistake(
    "quadratic_gd",
    "gradient_flow",
    says="This is the smooth flow downhill, which never overshoots; gradient descent takes steps of finite length.",
    hints=[
        "Try a learning rate beyond the limit. Do your numbers grow?",
        "exp(-x) is close to 1 - x for small x only.",
    ],
    seen="blind answer",
)
def _(H, b, w0, lr, steps):
    curvatures, V = xp.linalg.eigh(H)
    minimum = xp.linalg.solve(H, b)
    shrunk = xp.exp(-lr * curvatures * xp.arange(steps + 1)[:, None])
    return (minimum + (shrunk * (V.T @ (w0 - minimum))) @ V.T).astype(w0.dtype)


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
    says="The largest entry of H, one of its diagonal, is used; turned valleys are steepest along other directions.",
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
mistake(
    "max_stable_lr",
    "last_of_unsorted",
    was="eigvalsh(H)[-1]",
    now="eigvals(H).real[-1]",
    says="The eigenvalues are not sorted here: the last of them need not be the largest.",
    hints=[
        "Print the eigenvalues of a few matrices.",
        "Only some functions promise an order; the others need a maximum.",
    ],
    seen="blind answer",
)
mistake(
    "max_stable_lr",
    "first_of_unsorted",
    was="eigvalsh(H)[-1]",
    now="eigvals(H).real[0]",
    says="The eigenvalues are not sorted here: the first of them need not be the largest.",
    hints=[
        "Print the eigenvalues of a few matrices.",
        "Only some functions promise an order; the others need a maximum.",
    ],
)
mistake(
    "max_stable_lr",
    "squared_curvature",
    was="eigvalsh(H)[-1]",
    now="eigvalsh(H @ H)[-1]",
    says="The curvature enters squared: the square root is missing.",
    hints=[
        "Try a valley of one dimension with curvature 4.",
        "What are the eigenvalues of H'H, if those of H are known?",
    ],
    seen="blind answer",
)
mistake(
    "max_stable_lr",
    "root_of_curvature",
    was="eigvalsh(H)[-1]",
    now="eigvalsh(H)[-1] ** 0.5",
    says="The square root of the curvature is used; the curvature itself sets the limit.",
    hints=[
        "Try a valley of one dimension with curvature 4.",
        "For a symmetric matrix singular values are eigenvalues.",
    ],
)
mistake(
    "max_stable_lr",
    "best_instead",
    was="[-1]",
    now="[[0, -1]].sum()",
    says="This is the best learning rate; the limit beyond which nothing settles down is a little further.",
    hints=[
        "By what does one step multiply the error in the steepest direction here?",
        "The flattest direction plays no part.",
    ],
    seen="blind answer",
)
mistake(
    "max_stable_lr",
    "condition_number",
    was="xp.linalg.eigvalsh(H)[-1]",
    now="xp.linalg.cond(H)",
    says="The condition number is used; the limit follows from the steepest curvature itself.",
    hints=["Make the valley ten times as steep in all directions. What becomes of the limit?"],
)
mistake(
    "max_stable_lr",
    "four_over_L",
    was="2 / ",
    now="4 / ",
    says="The limit is twice as far as it should be.",
    hints=["For which lr is 1 - lr L equal to -1?", "In one dimension with curvature 1, what happens at lr = 3?"],
)
mistake(
    "max_stable_lr",
    "curvature_itself",
    was="2 / ",
    now="",
    says="This is the steepest curvature itself; the steeper the valley, the smaller is the limit.",
    hints=["For which lr is 1 - lr L equal to -1?"],
)
mistake(
    "max_stable_lr",
    "upside_down",
    was="2 / ",
    now="0.5 * ",
    says="The fraction is upside down: the steeper the valley, the smaller is the limit.",
    hints=["For which lr is 1 - lr L equal to -1?"],
)
mistake(
    "max_stable_lr",
    "all_limits",
    was="float(2 / xp.linalg.eigvalsh(H)[-1])",
    now="2 / xp.linalg.eigvalsh(H)",
    says="One limit for each direction comes back; the one that suits all of them is asked for.",
    hints=["Which of these learning rates lets every direction shrink?"],
    seen="blind answer",
)
mistake(
    "max_stable_lr",
    "all_limits_sorted",
    was="float(2 / xp.linalg.eigvalsh(H)[-1])",
    now="xp.sort(2 / xp.linalg.eigvalsh(H))",
    says="One limit for each direction comes back; the one that suits all of them is asked for.",
    hints=["Which of these learning rates lets every direction shrink?"],
    seen="blind answer",
)
mistake(
    "max_stable_lr",
    "changes_H",
    was="return float(2 / ",
    now="scale = 2 * float(abs(H).max())\n    H /= scale\n    return float(2 / scale / ",
    says="The caller's H is changed: something is computed in place in the given array.",
    hints=["Print H before and after the call.", "`a /= s` changes the array, `a = a / s` makes a new one."],
    seen="blind answer",
)


@mistake(
    "max_stable_lr",
    "power_iteration_from_ones",
    says="The iteration starts at a right angle to the steepest direction for some valleys, and never finds it there.",
    hints=[
        "Try a valley whose steepest direction is (1, -1).",
        "What a start has no part of, multiplying by H does not bring in. Which starts are safe?",
    ],
    seen="blind answer",
)
def _(H):
    v, before, now = xp.ones(len(H)), 0.0, 1.0
    for _ in range(20000):
        if abs(now - before) <= 1e-15 * abs(now):
            break
        v = H @ v
        v = v / xp.linalg.norm(v)
        before, now = now, float(v @ H @ v)
    return 2.0 / now


# ---- Mistakes: optimal_gd ------------------------------------------------------------------------------------

mistake(
    "optimal_gd",
    "kappa_inverted",
    was="kappa = L / mu",
    now="kappa = mu / L",
    says="The rate is negative: the condition number is upside down, or a factor has kept its sign.",
    hints=[
        "A rate below 0 makes no sense. Which of its parts is less than it should be?",
        "The size of a factor counts.",
    ],
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
mistake(
    "optimal_gd",
    "diagonal",
    was="xp.linalg.eigvalsh(H)",
    now="xp.sort(xp.diag(H))",
    says="The diagonal of H is used; turned valleys are flattest and steepest along other directions.",
    hints=["Turn a valley by 45 degrees. Does its best learning rate change?", "Curvatures are eigenvalues."],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "unsorted",
    was="xp.linalg.eigvalsh(H)",
    now="xp.linalg.eigvals(H).real",
    says="The eigenvalues are not sorted here: the first and the last need not be the two ends.",
    hints=["Print the eigenvalues of a few matrices.", "Only some functions promise an order."],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "frobenius",
    was="mu, L = float(curvatures[0]), float(curvatures[-1])",
    now="mu, L = 1 / float(xp.linalg.norm(xp.linalg.inv(H))), float(xp.linalg.norm(H))",
    says="Frobenius norms are used, which gather all directions; only the two ends count.",
    hints=["What is `norm` of a matrix by default?", "Move a curvature between the two ends. Does anything change?"],
    seen="blind answer; syllabus 2.10",
)
mistake(
    "optimal_gd",
    "upside_down",
    was="2 / (L + mu)",
    now="(L + mu) / 2",
    says="The learning rate is upside down: the steeper the valley, the smaller it should be.",
    hints=["At the best one, 1 - lr mu and lr L - 1 are equal. Solve for lr."],
)
mistake(
    "optimal_gd",
    "gap_for_sum",
    was="2 / (L + mu)",
    now="2 / (L - mu)",
    says="The two curvatures are subtracted in the learning rate; their sum is asked for.",
    hints=["At the best one, 1 - lr mu and lr L - 1 are equal. Solve for lr.", "What if both curvatures are alike?"],
)
mistake(
    "optimal_gd",
    "limit_with_flat_rate",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="return 2 / L, abs(1 - 2 * mu / L)",
    says="The largest stable learning rate is used, with the factor of the flattest direction alone.",
    hints=["What is |1 - lr L| there?", "The worst of all directions counts."],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "limit_with_its_rate",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="return 2 / L, 1.0",
    says="The learning rate is the largest stable one, at which the steepest direction never shrinks.",
    hints=["Is a rate of 1 a good one?", "A shorter step makes the steepest direction shrink."],
)
mistake(
    "optimal_gd",
    "half_with_its_rate",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="return 1 / (L + mu), 1 - mu / (L + mu)",
    says="The learning rate lacks the factor 2, and the rate is that of these short steps.",
    hints=["At the best one, 1 - lr mu and lr L - 1 are equal. Solve for lr."],
)
mistake(
    "optimal_gd",
    "mean_curvature_with_its_rate",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="lr = 1 / float(curvatures.mean())\n    return lr, float(abs(1 - lr * curvatures).max())",
    says="The learning rate is made of all curvatures; only the two ends count.",
    hints=["Move a curvature between the two ends. Does the worst direction change?"],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "geometric_mean",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="lr = (L * mu) ** -0.5\n    return lr, max(abs(1 - lr * mu), abs(1 - lr * L))",
    says="The learning rate balances the ratio of the two ends; their factors should be of one size.",
    hints=["Compare |1 - lr mu| with |1 - lr L| at your learning rate.", "An arithmetic mean, or a geometric one?"],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "momentum",
    was="return 2 / (L + mu), (kappa - 1) / (kappa + 1)",
    now="return 4 / (L**0.5 + mu**0.5) ** 2, (kappa**0.5 - 1) / (kappa**0.5 + 1)",
    says="These are the best numbers for momentum; plain gradient descent has others, without square roots.",
    hints=["Run 100 plain steps with your learning rate. Does the error shrink that fast?"],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "exponential_rate",
    was="(kappa - 1) / (kappa + 1)",
    now="2.718281828459045 ** (-2 / kappa)",
    says="The rate is an approximation for long valleys; the exact one is asked for.",
    hints=["Try a valley of one dimension. What should the rate be?"],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "rate_without_the_one",
    was="(kappa - 1) / (kappa + 1)",
    now="1 - 2 / kappa",
    says="The rate is not that of the best learning rate: it differs most where the curvatures are alike.",
    hints=["Try a valley of one dimension. What should the rate be?", "What is 1 - lr mu at your learning rate?"],
)
mistake(
    "optimal_gd",
    "inverse_condition",
    was="(kappa - 1) / (kappa + 1)",
    now="1 / kappa",
    says="The inverse of the condition number comes back in the place of the rate.",
    hints=["The longer the valley, the closer the rate is to 1."],
)
mistake(
    "optimal_gd",
    "root_of_the_rate",
    was=", (kappa - 1) / (kappa + 1)",
    now=", ((kappa - 1) / (kappa + 1)) ** 0.5",
    says="The rate is the square root of the right one, which is that of the distance already.",
    hints=["Run 100 steps. Does the error shrink faster than your rate says?"],
)
mistake(
    "optimal_gd",
    "condition_number_for_rate",
    was="(kappa - 1) / (kappa + 1)",
    now="kappa",
    says="The condition number comes back in the place of the rate.",
    hints=["A rate lies between 0 and 1."],
)
mistake(
    "optimal_gd",
    "lost_for_kept",
    was="(kappa - 1) / (kappa + 1)",
    now="2 / (kappa + 1)",
    says="This is the part of the error that a step takes away; the rate is the part that it leaves.",
    hints=["In one dimension one step is enough. What is the rate then?"],
)
mistake(
    "optimal_gd",
    "limit_in_one_dimension",
    was="    return ",
    now="    if len(H) == 1:\n        return 2 / L, 0.0\n    return ",
    says="In one dimension this is the limit, at which the error only changes its sign; one step can be enough.",
    hints=["For curvature 4, which lr makes 1 - 4 lr vanish?", "One dimension needs no rule of its own."],
    seen="blind answer",
)
mistake(
    "optimal_gd",
    "no_step_in_one_dimension",
    was="    return ",
    now="    if len(H) == 1:\n        return 0.0, 0.0\n    return ",
    says="In one dimension the learning rate is not 0: the rate is, since a single step is enough.",
    hints=["With lr = 0 nothing moves.", "One dimension needs no rule of its own."],
    seen="blind answer",
)


@mistake(
    "optimal_gd",
    "unsorted_with_size",
    says="The eigenvalues are not sorted here: the first and the last need not be the two ends.",
    hints=["Print the eigenvalues of a few matrices.", "Only some functions promise an order."],
    seen="blind answer",
)
def _(H):
    curvatures = xp.linalg.eigvals(H).real
    first, last = float(curvatures[0]), float(curvatures[-1])
    return 2 / (first + last), abs(first - last) / (first + last)


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
    was="[xp.linalg.norm(W - minimum, axis=1) for W in paths]) / xp.linalg.norm(start - minimum)",
    now="[abs(W - minimum).max(axis=1) for W in paths]) / abs(start - minimum).max()",
    says="The error is the largest entry of w - w*; its Euclidean norm is asked for.",
    hints=["State the norm whenever you state an error."],
    seen="syllabus A02: state the norm",
)
mistake(
    "experiment",
    "signed_rate",
    was="abs(1 - lr[:, None] * xp.linalg.eigvalsh(H))",
    now="(1 - lr[:, None] * xp.linalg.eigvalsh(H))",
    says="The rate misses the steepest direction, which rules above the limit: a factor's size counts, not its sign.",
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
mistake(
    "experiment",
    "all_patients",
    was="own_data(seed)\n",
    now="data.diabetes(standardise=False)\n    X, y = data.standardised(X), data.standardised(y[:, None])[:, 0]\n"
    "    X, y = xp.asarray(X), xp.asarray(y)\n",
    says="All patients are used; the 400 that were drawn for the seed are asked for.",
    hints=["Print the shape of X.", "Call it with two seeds. Are the results different?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "one_less_than_N",
    was="X.T @ X / len(X), X.T @ y / len(X)",
    now="X.T @ X / (len(X) - 1), X.T @ y / (len(X) - 1)",
    says="H is divided by N - 1, as a covariance is; the loss is a mean, divided by N.",
    hints=["What is the trace of H, if every column has mean square 1?", "Look up by what a covariance divides."],
    seen="blind answer",
)
mistake(
    "experiment",
    "limit_halved",
    was="= max_stable_lr(H),",
    now="= max_stable_lr(H) / 2,",
    says="1/L is taken for the largest stable learning rate, which lies further out.",
    hints=["Which of your four curves should end above where it began?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "shares_of_the_best",
    was="[0.25 * limit, 0.5 * limit, best, 1.001 * limit]",
    now="[0.25 * best, 0.5 * best, best, 1.001 * best]",
    says="The learning rates are shares of the best one; three of them should be shares of the largest stable one.",
    hints=["Which of your four curves should end above where it began?", "The best one lies below the limit."],
    seen="blind answer",
)
mistake(
    "experiment",
    "one_rate_for_all",
    was="abs(1 - lr[:, None] * xp.linalg.eigvalsh(H)).max(axis=1)",
    now="xp.full(4, float(best_rate))",
    says="The rate of the best learning rate stands in all four places; each learning rate has its own.",
    hints=["Which rate is above 1?", "The table in section 4 has one worst factor for each learning rate."],
    seen="blind answer",
)
mistake(
    "experiment",
    "rate_of_the_steepest",
    was="abs(1 - lr[:, None] * xp.linalg.eigvalsh(H)).max(axis=1)",
    now="abs(1 - lr * xp.linalg.eigvalsh(H)[-1])",
    says="The rate is the factor of the steepest direction alone; at short steps the flattest one is worse.",
    hints=["In which direction does a short step get hardly anywhere?", "The worst of all directions counts."],
)
mistake(
    "experiment",
    "rate_measured",
    was="abs(1 - lr[:, None] * xp.linalg.eigvalsh(H)).max(axis=1)",
    now="(error[:, -1] / error[:, 0]) ** (1 / STEPS)",
    says="The rate is measured on the curves; the one of theory, from the curvatures, is asked for.",
    hints=["Which of the entries of the dict are theory, and which are observation?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "squared_error",
    was="paths]) / xp.linalg.norm(start - minimum)",
    now="paths]) ** 2 / xp.linalg.norm(start - minimum) ** 2",
    says="The error is the squared distance; the distance itself is asked for.",
    hints=["The square of a thousandth is a millionth.", "State the norm whenever you state an error."],
    seen="blind answer; syllabus A02: state the norm",
)
mistake(
    "experiment",
    "loss_for_distance",
    was="[xp.linalg.norm(W - minimum, axis=1) for W in paths]) / xp.linalg.norm(start - minimum)",
    now="[((W - minimum) @ H * (W - minimum)).sum(axis=1) for W in paths])\n    error = error / error[:, :1]",
    says="The error is the loss above its minimum; the distance to the minimum is asked for.",
    hints=["Which falls faster, the distance or the loss?", "State the norm whenever you state an error."],
    seen="blind answer; syllabus A02: state the norm",
)
mistake(
    "experiment",
    "distance_of_predictions",
    was="[xp.linalg.norm(W - minimum, axis=1) for W in paths]) / xp.linalg.norm(start - minimum)",
    now="[xp.linalg.norm((W - minimum) @ X.T, axis=1) for W in paths])\n    error = error / error[:, :1]",
    says="The error is the distance between predictions, or the root of the loss; that between weights is asked for.",
    hints=["In which space do w and w* live?", "State the norm whenever you state an error."],
    seen="blind answer; syllabus A02: state the norm",
)
mistake(
    "experiment",
    "end_for_minimum",
    was="[xp.linalg.norm(W - minimum, axis=1) for W in paths]) / xp.linalg.norm(start - minimum)",
    now="[xp.linalg.norm(W - W[-1], axis=1) for W in paths])\n    error = error / error[:, :1]",
    says="The end of each path is taken for the minimum; it need not have arrived there.",
    hints=["Where is the minimum of a quadratic, by algebra?", "One of the four paths runs away."],
    seen="blind answer",
)
mistake(
    "experiment",
    "rounded_down",
    was="np.ceil(",
    now="np.floor(",
    says="The promise is rounded the wrong way: the first whole number at which it is kept is asked for.",
    hints=["Compute the power at your number. Is it small enough?", "After 3.2 steps is after 4 whole ones."],
    seen="blind answer",
)
mistake(
    "experiment",
    "two_logarithms",
    was="np.log(1e-6)",
    now="np.log10(1e-6)",
    says="Two different logarithms stand in one quotient.",
    hints=["Which base has each of your logarithms?", "ln(8) / ln(2) is 3; mixed bases give something else."],
    seen="blind answer",
)
mistake(
    "experiment",
    "promise_below_zero",
    was="np.log(1e-6)",
    now="np.log(1e6)",
    says="The promise has the wrong sign: a number of steps is never below zero.",
    hints=["Is the logarithm of your rate positive or negative?"],
)
mistake(
    "experiment",
    "promise_without_the_half",
    was="np.log(1e-6) / np.log(best_rate)",
    now="np.log(1e6) * xp.linalg.cond(H)",
    says="The promise takes kappa in the place of kappa/2: about twice as many steps as the best rate needs.",
    hints=["Compute the power of the best rate at your number. Is it just below a millionth, or far below?"],
)
mistake(
    "experiment",
    "promise_for_the_loss",
    was="/ np.log(best_rate)",
    now="/ (2 * np.log(best_rate))",
    says="The promise is for the square of the distance, or the loss; the distance takes twice as long.",
    hints=["If the distance is a thousandth, what is its square?", "State the norm whenever you state an error."],
    seen="blind answer; syllabus A02: state the norm",
)
mistake(
    "experiment",
    "absolute_threshold",
    was="(error[2] <= 1e-6)",
    now="(error[2] * xp.linalg.norm(start - minimum) <= 1e-6)",
    says="The steps are counted for the distance itself; the distance divided by that at the start is asked for.",
    hints=["Below what must the curve be, which begins at 1?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "small_ones_counted",
    was=".argmax()),",
    now=".sum()),",
    says="This is how many errors are small enough; the step of the first of them is asked for.",
    hints=["On a curve of 10 steps that is small at the last one: what should come out, and what do you count?"],
)
mistake(
    "experiment",
    "length_of_the_run",
    was="int((error[2] <= 1e-6).argmax())",
    now="STEPS",
    says="The measured steps are the length of the run, not the step at which the error becomes small enough.",
    hints=["Look along the curve of the best learning rate. Where does it pass a millionth?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "counted_one_late",
    was=".argmax()),",
    now=".argmax()) + 1,",
    says="The measured steps are one too many: the start is counted as a step.",
    hints=["How many steps lead to the second entry of a curve?", "Fence posts: n steps have n + 1 ends."],
    seen="blind answer; syllabus 2.8",
)
mistake(
    "experiment",
    "counted_one_early",
    was=".argmax()),",
    now=".argmax()) - 1,",
    says="The measured steps are one too few: this is the last step at which the error is still too large.",
    hints=["Look up the error at your number. Is it small enough?"],
    seen="syllabus 2.8",
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
mistake(
    "steps",
    "copied_from_the_text",
    was='predicted_steps = experiment(seed)["predicted_steps"]\nmeasured_steps = experiment(seed)["measured_steps"]\n'
    "loss_steps = _first_small_loss(*own_data(seed))",
    now="predicted_steps, measured_steps, loss_steps = 3248, 3208, 1565",
    says="These are the numbers of all 442 patients; type those of your own.",
    hints=["Run your experiment and look at what it returns."],
)
mistake(
    "steps",
    "promise_and_count_swapped",
    was='predicted_steps = experiment(seed)["predicted_steps"]\nmeasured_steps = experiment(seed)["measured_steps"]',
    now='measured_steps = experiment(seed)["predicted_steps"]\npredicted_steps = experiment(seed)["measured_steps"]',
    says="The promised and the counted number stand in each other's place.",
    hints=["Which of the two is larger, and why?"],
)
mistake(
    "steps",
    "loss_is_half_the_promise",
    was="_first_small_loss(*own_data(seed))",
    now="-(-predicted_steps // 2)",
    says="The number for the loss is half of the promise; it is to be counted on the path.",
    hints=["Compute the loss at every point of the path, and find the first that is small enough."],
)
mistake(
    "steps",
    "loss_is_half_the_count",
    was="_first_small_loss(*own_data(seed))",
    now="-(-measured_steps // 2)",
    says="The number for the loss is half of that for the distance; about half is not the count itself.",
    hints=["Compute the loss at every point of the path, and find the first that is small enough."],
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
