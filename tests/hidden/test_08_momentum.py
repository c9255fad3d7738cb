"""Hidden checks of 08_momentum, with the mistakes and the alternatives that keep them honest."""

# ruff: noqa: F821 - alternatives use the names of the notebook's setup cell

import numpy as np

from course.author import alternative, mistake, points
from course.learn.compare import canonical

ONE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-8, "atol": 1e-10}
SINGLE = {"rtol": 2e-5, "atol": 2e-5}
# The gain at m = 16 lies between 1.005 and 1.03, so that it is told from 1 and from others' by its third decimal.
SMALL, LARGE = {"rtol": 0, "atol": 0.0005}, {"rtol": 0.005, "atol": 0}


def part(value, place):
    """Entry ``place`` of a tuple or list, or of a dict by its key; None where there is no such thing."""
    try:
        return value[place]
    except (TypeError, KeyError, IndexError):
        return None


def numbers(value, count):
    """``value`` as a list of ``count`` floats; None where it is something else."""
    try:
        found = np.array([float(one) for one in canonical(value)])
    except (TypeError, ValueError):
        return None
    return found.tolist() if found.shape == (count,) and np.isfinite(found).all() else None


# ---- momentum_step: where theta goes ---------------------------------------------------------------------------


def go(submission, theta, grads, lr, beta, **options):
    """Where the steps lead, one theta for each gradient (an array, or a function of theta); fewer if one is odd."""
    v, found, shape = None, [], np.shape(theta)
    for g in grads:
        g = g(theta) if callable(g) else g
        after = submission.momentum_step(theta, v, g, lr, beta, **options)
        theta, v = part(after, 0), part(after, 1)
        found.append(theta)
        plain = canonical(theta)
        if not isinstance(plain, np.ndarray) or plain.shape != shape or plain.dtype.kind != "f":
            break
    return found


def right(theta, grads, lr, beta, dampening=0.0, nesterov=False):
    """The same by the definition, each velocity added up from all gradients so far."""
    past, found = [], []
    for g in grads:
        g = g(theta) if callable(g) else g
        past.append(g if not past else (1 - dampening) * g)
        b = sum(beta**age * one for age, one in enumerate(reversed(past)))
        theta = theta - lr * (g + beta * b if nesterov else b)
        found.append(theta)
    return found


def chance(rng, count, *shape):
    """``count`` random gradients."""
    return [rng.normal(size=shape) for _ in range(count)]


@points(0.5, cell="momentum_step", topic="the first step")
def test_first_step(submission, check, rng):
    """The first step is minus lr times the gradient, whatever beta and dampening; with nesterov 1 + beta times that."""
    for options in ({}, {"dampening": 0.4}, {"nesterov": True}):
        theta, g = rng.normal(size=5), rng.normal(size=5)
        lr, beta = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.3, 0.8))
        got = submission.momentum_step(theta, None, g, lr, beta, **options)
        told = f"theta after the first step{' with ' if options else ''}{', '.join(options)}"
        check.close(part(got, 0), right(theta, [g], lr, beta, **options)[0], **ONE, what=told)


@points(1, cell="momentum_step", topic="many steps, any shape, lr and beta")
def test_many_steps(submission, check, rng):
    """Over six steps theta takes the right path, for vectors, tables and a single number, and for any lr and beta."""
    for shape in ((5,), (2, 3), (1,)):
        theta, grads = rng.normal(size=shape), chance(rng, 6, *shape)
        lr, beta = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.3, 0.95))
        got = go(submission, theta, grads, lr, beta)
        check.close(got, right(theta, grads, lr, beta), **PATH, what=f"The path of {len(shape)}-dimensional theta")


@points(0.4, cell="momentum_step", topic="beta = 0")
def test_gradient_descent(submission, check, rng):
    """With beta 0 every step is one of gradient descent, with nesterov too."""
    for options in ({}, {"nesterov": True}):
        theta, grads = rng.normal(size=4), chance(rng, 4, 4)
        lr = float(rng.uniform(0.05, 0.5))
        want = list(theta - lr * np.cumsum(grads, axis=0))
        check.close(go(submission, theta, grads, lr, 0.0, **options), want, **PATH, what="The path with beta 0")


@points(0.5, cell="momentum_step", topic="a constant gradient")
def test_constant_gradient(submission, check, rng):
    """On a steady slope the steps grow to lr / (1 - beta) times the gradient, and no further."""
    g, lr, beta = rng.normal(size=3), float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.4, 0.6))
    path = [canonical(theta) for theta in go(submission, np.zeros(3), [g] * 60, lr, beta)]
    steady = len(path) == 60 and all(isinstance(theta, np.ndarray) and theta.shape == (3,) for theta in path)
    check.that("sixty steps can be taken", steady)
    if steady:
        check.close(path[-1] - path[-2], -lr / (1 - beta) * g, **PATH, what="The sixtieth step")
        check.close(path[4] - path[3], -lr * (1 - beta**5) / (1 - beta) * g, **PATH, what="The fifth step")


@points(0.9, cell="momentum_step", topic="Nesterov, as a look ahead")
def test_nesterov_looks_ahead(submission, check, rng):
    """With nesterov, theta is the point at which Nesterov's own method looks ahead, on a quadratic valley."""
    h, x = rng.uniform(0.5, 3, size=4), rng.normal(size=4)
    lr, beta = float(rng.uniform(0.05, 0.25)), float(rng.uniform(0.4, 0.8))
    start, u, want = x.copy(), np.zeros(4), []
    for _ in range(8):
        u = beta * u - lr * h * (x + beta * u)
        x = x + u
        want.append(x + beta * u)
    got = go(submission, start, [lambda theta: h * np.asarray(theta, dtype=float)] * 8, lr, beta, nesterov=True)
    check.close(got, want, **PATH, what="The path with nesterov")


@points(0.7, cell="momentum_step", topic="dampening")
def test_dampening(submission, check, rng):
    """With dampening all gradients but the first enter with the factor 1 - dampening."""
    for dampening in (0.35, float(rng.uniform(0.5, 0.9))):
        theta, grads = rng.normal(size=3), chance(rng, 5, 3)
        lr, beta = float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.3, 0.9))
        got = go(submission, theta, grads, lr, beta, dampening=dampening)
        check.close(got, right(theta, grads, lr, beta, dampening), **PATH, what="The path with dampening")
        grads = [np.zeros(3), *grads]
        got = go(submission, theta, grads, lr, beta, dampening=dampening)
        check.close(got, right(theta, grads, lr, beta, dampening), **PATH, what="The path after a first gradient of 0")


@points(0.6, cell="momentum_step", topic="two runs that take turns")
def test_two_runs(submission, check, rng):
    """Two runs that take turns do not disturb each other: each parameter has a velocity of its own."""
    thetas, pushes = [rng.normal(size=3) for _ in "ab"], [chance(rng, 5, 3) for _ in "ab"]
    now, v, found = list(thetas), [None, None], ([], [])
    for t in range(5):
        for run in (0, 1):
            after = submission.momentum_step(now[run], v[run], pushes[run][t], 0.15, 0.8)
            now[run], v[run] = part(after, 0), part(after, 1)
            found[run].append(now[run])
    for run, name in enumerate(("first", "second")):
        want = right(thetas[run], pushes[run], 0.15, 0.8)
        check.close(found[run], want, **PATH, what=f"The path of the {name} of two runs")


@points(0.6, cell="momentum_step", topic="arguments left alone")
def test_step_leaves_arguments_alone(submission, check, rng):
    """theta, v and g are afterwards as they were, at the first step and later, with nesterov and without."""
    for nesterov in (False, True):
        theta, v, grads = rng.normal(size=4), None, chance(rng, 3, 4)
        want = right(theta, grads, 0.2, 0.7, nesterov=nesterov)
        for t, g in enumerate(grads):
            after = check.unchanged(submission.momentum_step, theta, v, g, 0.2, 0.7, nesterov=nesterov)
            theta, v = part(after, 0), part(after, 1)
            check.close(theta, want[t], **PATH, what=f"theta after step {t + 1}")


@points(0.6, cell="momentum_step", topic="float32")
def test_float32(submission, check, rng):
    """Parameters in float32 stay in float32, and take the right path."""
    for options in ({}, {"nesterov": True}):
        theta = rng.normal(size=(3, 2)).astype(np.float32)
        grads = [g.astype(np.float32) for g in chance(rng, 4, 3, 2)]
        got = go(submission, theta, grads, 0.3, 0.6, **options)
        for after in got[:4]:
            check.dtype(after, np.float32, what="theta that came in as float32")
        want = [after.astype(np.float32) for after in right(theta, grads, 0.3, 0.6, **options)]
        check.close(got, want, **SINGLE, what="The path in float32")


# ---- finds_bug: steps that are right, and steps that are not ---------------------------------------------------


def as_torch(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = g if v is None else beta * v + (1 - dampening) * g
    return theta - lr * (g + beta * b if nesterov else b), b


def as_sutskever(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    move = -lr * g if v is None else beta * v["move"] - lr * (1 - dampening) * g
    return theta + (beta * move - lr * g if nesterov else move), {"move": move}


def as_a_mean(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    mean = (1 - beta) * g if v is None else beta * v[0] + (1 - beta) * (1 - dampening) * g
    step = lr / (1 - beta) * (beta * mean + (1 - beta) * g if nesterov else mean)
    return theta - step, (mean, 0 if v is None else v[1] + 1)


def term_by_term(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """PyTorch's velocity, and a theta that is rounded in another way."""
    terms = [g] if v is None else [beta * v, (1 - dampening) * g]
    b = sum(terms)
    terms = [g, *(beta * term for term in terms)] if nesterov else terms
    return theta - sum(lr * term for term in terms), b


RIGHT = (as_torch, as_sutskever, as_a_mean, term_by_term)


def faulty(change):
    """A step with a buffer that does what ``change(b, g, t, lr, beta, dampening, nesterov)`` says: (new b, step)."""

    def step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
        b, t = (None, 0) if v is None else v
        b, move = change(b, g, t, lr, beta, dampening, nesterov)
        return theta - move, (b, t + 1)

    return step


def buffer(b, g, beta, dampening):
    """The right velocity."""
    return g if b is None else beta * b + (1 - dampening) * g


def direction(b, g, beta, nesterov):
    """The right direction."""
    return g + beta * b if nesterov else b


@faulty
def velocity_lost(b, g, t, lr, beta, dampening, nesterov):
    return g, lr * direction(g, g, beta, nesterov)


@faulty
def one_gradient_remembered(b, g, t, lr, beta, dampening, nesterov):
    new = g if b is None else beta * b + (1 - dampening) * g
    return g if b is None else (1 - dampening) * g, lr * direction(new, g, beta, nesterov)


@faulty
def never_decays(b, g, t, lr, beta, dampening, nesterov):
    new = g if b is None else b + beta * (1 - dampening) * g
    return new, lr * direction(new, g, beta, nesterov)


@faulty
def sign_turned(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(None if b is None else -b, g, beta, dampening)
    return new, lr * direction(new, g, beta, nesterov)


@faulty
def uphill(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, beta, dampening)
    return new, -lr * direction(new, g, beta, nesterov)


@faulty
def lr_twice(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, lr * g, beta, dampening)
    return new, lr * direction(new, lr * g, beta, nesterov)


@faulty
def exchanged(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, lr, dampening)
    return new, beta * direction(new, g, lr, nesterov)


@faulty
def mean_of_gradients(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, (1 - beta) * g, beta, dampening)
    return new, lr * direction(new, (1 - beta) * g, beta, nesterov)


@faulty
def corrected_as_in_adam(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, (1 - beta) * g, beta, dampening)
    return new, lr * direction(new, (1 - beta) * g, beta, nesterov) / (1 - beta ** (t + 1))


@faulty
def forgotten_after_four(b, g, t, lr, beta, dampening, nesterov):
    past = [*(b or []), (1 - dampening) * g if b else g][-4:]
    new = sum(beta**age * one for age, one in enumerate(reversed(past)))
    return past, lr * direction(new, g, beta, nesterov)


@faulty
def nesterov_ignored(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, beta, dampening)
    return new, lr * new


@faulty
def nesterov_always(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, beta, dampening)
    return new, lr * direction(new, g, beta, True)


@faulty
def nesterov_backwards(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, beta, dampening)
    return new, lr * direction(-new if nesterov else new, g, beta, nesterov)


@faulty
def dampening_ignored(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(b, g, beta, 0.0)
    return new, lr * direction(new, g, beta, nesterov)


@faulty
def dampening_at_once(b, g, t, lr, beta, dampening, nesterov):
    new = buffer(0 * g if b is None else b, g, beta, dampening)
    return new, lr * direction(new, g, beta, nesterov)


def one_velocity_for_all():
    """A step that keeps its velocity to itself: one for whoever calls."""
    kept = {}

    def step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
        kept["b"] = b = buffer(None if v is None else kept["b"], g, beta, dampening)
        return theta - lr * direction(b, g, beta, nesterov), 0

    return step


def judged(submission, check, what, wrong):
    """Right steps must be called right, and each of the ``wrong`` ones wrong: all of them, or the check fails."""
    for step in RIGHT:
        check.equal(submission.finds_bug(step), False, what="What you say of a right step")
    for step in wrong:
        check.equal(submission.finds_bug(step), True, what=f"What you say of a step that {what}")


@points(0.3, cell="finds_bug", topic="velocities lost, kept for ever or turned round")
def test_finds_wrong_velocities(submission, check):
    """Right steps in four forms are called right; those whose velocity is lost, never decays or turns are found."""
    wrong = (velocity_lost, one_gradient_remembered, forgotten_after_four, never_decays, sign_turned, uphill)
    judged(submission, check, "mistreats its velocity", wrong)


@points(0.3, cell="finds_bug", topic="steps of a wrong length")
def test_finds_wrong_lengths(submission, check):
    """Right steps are called right; those that use lr or beta twice, exchanged or at the wrong place are found."""
    wrong = (lr_twice, exchanged, mean_of_gradients, corrected_as_in_adam)
    judged(submission, check, "is too long or too short", wrong)


@points(0.3, cell="finds_bug", topic="nesterov and dampening")
def test_finds_ignored_options(submission, check):
    """Right steps are called right; those that do not do as nesterov or dampening says are found."""
    wrong = (nesterov_ignored, nesterov_always, nesterov_backwards, dampening_ignored, dampening_at_once)
    judged(submission, check, "does not do as its options say", wrong)


@points(0.3, cell="finds_bug", topic="runs that take turns")
def test_finds_a_shared_velocity(submission, check):
    """Right steps are called right; one with a single velocity for all who call it is found."""
    judged(submission, check, "shares its velocity", (one_velocity_for_all(),))


# ---- convert ----------------------------------------------------------------------------------------------------


def converted(submission, check, rng, src, dst, factor):
    """The learning rate is multiplied by ``factor(beta)``, and beta stays."""
    for _ in range(3):
        lr, beta = float(rng.uniform(0.01, 2)), float(rng.uniform(0.2, 0.97))
        got = submission.convert(lr, beta, src, dst)
        check.close(got, (lr * factor(beta), beta), **ONE, what=f"(lr, beta) from {src} to {dst}")


@points(0.5, cell="convert", topic="from ema")
def test_from_ema(submission, check, rng):
    """From ema to torch and to sutskever the learning rate shrinks by the factor 1 - beta."""
    for dst in ("torch", "sutskever"):
        converted(submission, check, rng, "ema", dst, lambda beta: 1 - beta)


@points(0.5, cell="convert", topic="to ema")
def test_to_ema(submission, check, rng):
    """To ema, from torch and from sutskever, the learning rate grows by the factor 1 / (1 - beta)."""
    for src in ("torch", "sutskever"):
        converted(submission, check, rng, src, "ema", lambda beta: 1 / (1 - beta))


@points(0.5, cell="convert", topic="torch and sutskever")
def test_torch_and_sutskever(submission, check, rng):
    """Between torch and sutskever nothing changes while the learning rate is fixed."""
    for src, dst in (("torch", "sutskever"), ("sutskever", "torch")):
        converted(submission, check, rng, src, dst, lambda beta: 1)


@points(0.4, cell="convert", topic="to itself, beta = 0")
def test_nothing_to_convert(submission, check, rng):
    """From a convention to itself nothing changes, and with beta 0 from none to any other."""
    for src in ("torch", "sutskever", "ema"):
        converted(submission, check, rng, src, src, lambda beta: 1)
        for dst in ("torch", "sutskever", "ema"):
            check.close(submission.convert(0.3, 0.0, src, dst), (0.3, 0.0), **ONE, what="(lr, beta) with beta 0")


def heavy_ball(convention, lr, beta, grads):
    """The path from 0 in one of the three conventions."""
    theta, v, path = 0.0, 0.0, []
    for g in grads:
        v = beta * v + {"torch": g, "sutskever": -lr * g, "ema": (1 - beta) * g}[convention]
        theta = theta + (v if convention == "sutskever" else -lr * v)
        path.append(theta)
    return np.array(path)


@points(0.6, cell="convert", topic="one path in all three")
def test_one_path(submission, check, rng):
    """Twenty steps lead along one path in all three conventions, with the numbers converted."""
    grads = rng.normal(size=20)
    for src in ("torch", "sutskever", "ema"):
        lr, beta = float(rng.uniform(0.05, 1)), float(rng.uniform(0.3, 0.95))
        want = heavy_ball(src, lr, beta, grads)
        for dst in ("torch", "sutskever", "ema"):
            got = numbers(submission.convert(lr, beta, src, dst), 2)
            check.that("two numbers come back", got is not None)
            if got:
                path = heavy_ball(dst, *got, grads)
                check.close(path, want, **ONE, what=f"The path in {dst} instead of {src}")


@points(0.4, cell="convert", topic="unknown names")
def test_unknown_names(submission, check):
    """A name that is no convention raises ValueError, in either place."""
    for src, dst in (("torch", "adam"), ("Torch", "ema"), ("ema", "TORCH"), ("ema", ""), ("nesterov", "nesterov")):
        check.raises(ValueError, submission.convert, 0.1, 0.9, src, dst)


# ---- hb_optimal -------------------------------------------------------------------------------------------------


def ends(rng):
    """Three pairs of curvatures, of very different ratio."""
    for ratio in (3.7, 250.0, 4e5):
        mu = float(np.exp(rng.uniform(-2, 2)))
        yield mu, mu * ratio * float(rng.uniform(0.8, 1.2))


@points(0.7, cell="hb_optimal", topic="the learning rate")
def test_best_lr(submission, check, rng):
    """The learning rate is right for any curvatures."""
    for mu, L in ends(rng):
        got = part(submission.hb_optimal(mu, L), 0)
        check.close(got, (2 / (mu**0.5 + L**0.5)) ** 2, rtol=1e-8, what="lr")


@points(0.7, cell="hb_optimal", topic="beta")
def test_best_beta(submission, check, rng):
    """beta is right for any curvatures."""
    for mu, L in ends(rng):
        root = (L / mu) ** 0.5
        check.close(part(submission.hb_optimal(mu, L), 1), ((root - 1) / (root + 1)) ** 2, rtol=1e-8, what="beta")


@points(0.7, cell="hb_optimal", topic="the rate")
def test_best_rate(submission, check, rng):
    """The rate is right for any curvatures."""
    for mu, L in ends(rng):
        root = (L / mu) ** 0.5
        check.close(part(submission.hb_optimal(mu, L), 2), (root - 1) / (root + 1), rtol=1e-8, what="rate")


def radius(lr, beta, h):
    """The spectral radius of one step in a direction of curvature h."""
    return abs(np.linalg.eigvals([[1 - lr * h, -lr * beta], [h, beta]])).max()


@points(0.5, cell="hb_optimal", topic="the radius at both ends")
def test_nothing_is_faster(submission, check, rng):
    """The matrix of a step has the radius that is returned, at both ends, and another beta makes it larger."""
    mu, L = next(iter(ends(rng)))
    got = numbers(submission.hb_optimal(mu, L), 3)
    check.that("three numbers come back", got is not None)
    if got:
        lr, beta, rate = got
        for h, end in ((mu, "flattest"), (L, "steepest")):
            seen = radius(lr, beta, h)  # a double root is known to the root of the rounding error only
            check.that(f"the radius in the {end} direction is the rate", abs(seen - rate) < 1e-6)
            for other in (beta - 0.01, beta + 0.01):
                check.that(f"another beta is slower in the {end} direction", radius(lr, other, h) > seen)


@points(0.3, cell="hb_optimal", topic="mu = L")
def test_a_round_valley(submission, check, rng):
    """In a round valley one step is enough: lr is 1 / L, beta and rate are 0, but for the root of a rounding error."""
    L = float(rng.uniform(0.3, 8))
    check.close(submission.hb_optimal(L, L), (1 / L, 0.0, 0.0), rtol=1e-8, atol=1e-7, what="(lr, beta, rate)")


# ---- nqm_steady_state -------------------------------------------------------------------------------------------


def settled(lr, beta, h, c, m):
    """The floor, from the linear equations that the moments solve when they no longer change."""
    M = np.array([[1 - lr * h, -lr * beta], [h, beta]])
    noise = c / m * np.array([[lr**2, -lr], [-lr, 1]])
    moments = np.linalg.solve(np.eye(4) - np.kron(M, M), noise.ravel())
    return h / 2 * moments[0]


def a_direction(rng, beta):
    """lr, beta, h, c and m with lr * h anywhere below the limit."""
    h, c, m = float(np.exp(rng.uniform(-2, 2))), float(np.exp(rng.uniform(-2, 2))), int(rng.integers(3, 90))
    return float(rng.uniform(0.1, 0.9)) * 2 * (1 + beta) / h, beta, h, c, m


@points(0.8, cell="nqm_steady_state", topic="without momentum")
def test_floor_without_momentum(submission, check, rng):
    """Without momentum the floor is that of stochastic gradient descent."""
    for _ in range(4):
        lr, beta, h, c, m = a_direction(rng, 0.0)
        got = submission.nqm_steady_state(lr, beta, h, c, m)
        check.close(got, lr * c / (2 * m * (2 - lr * h)), **ONE, what="The floor with beta 0")


@points(1.4, cell="nqm_steady_state", topic="with momentum")
def test_floor_with_momentum(submission, check, rng):
    """With momentum the floor is the one at which the moments no longer change."""
    for beta in (0.3, 0.6, 0.9, 0.95):
        given = a_direction(rng, beta)
        check.close(submission.nqm_steady_state(*given), settled(*given), rtol=1e-9, what="The floor")


@points(0.6, cell="nqm_steady_state", topic="too large a learning rate")
def test_no_floor(submission, check, rng):
    """Where lr * h reaches 2 * (1 + beta) there is no floor, but infinity; just below, there is one."""
    for beta in (0.0, 0.5, 0.75):
        h = 2.0 ** int(rng.integers(-2, 3))
        limit = 2 * (1 + beta) / h
        for lr, case in ((limit, "at the limit"), (1.3 * limit, "beyond the limit")):
            got = canonical(submission.nqm_steady_state(lr, beta, h, 1.5, 7))
            check.that(f"it is infinity {case}", isinstance(got, np.ndarray) and got.shape == () and got == np.inf)
        for share in (0.75, 0.97):
            got = submission.nqm_steady_state(share * limit, beta, h, 1.5, 7)
            want = settled(share * limit, beta, h, 1.5, 7)
            check.close(got, want, rtol=1e-9, what=f"The floor at {share} times the limit")


@points(0.5, cell="nqm_steady_state", topic="batch size and noise")
def test_floor_scales(submission, check, rng):
    """Twice the batch halves the floor, and so does half the noise variance; for m = 1 too."""
    lr, beta, h, c, _ = a_direction(rng, 0.8)
    for m in (1, 2, 5, 640):
        check.close(submission.nqm_steady_state(lr, beta, h, c, m), settled(lr, beta, h, c, 1) / m, rtol=1e-9, what="m")
    got = submission.nqm_steady_state(lr, beta, h, c / 2, 3)
    check.close(got, settled(lr, beta, h, c, 6), rtol=1e-9, what="The floor with half the noise")


@points(0.5, cell="nqm_steady_state", topic="equal effective learning rates")
def test_equal_effective_rates(submission, check, rng):
    """At equal effective and small learning rates, momentum leaves the floor as it is; at equal lr it raises it."""
    h, c = float(rng.uniform(0.5, 2)), float(rng.uniform(0.5, 2))
    plain = 1e-4 * c / (2 * 9 * (2 - 1e-4 * h))
    for beta in (0.5, 0.9, 0.95):
        fair = numbers([submission.nqm_steady_state(1e-4 * (1 - beta), beta, h, c, 9)], 1)
        same = numbers([submission.nqm_steady_state(1e-4, beta, h, c, 9)], 1)
        check.that("a number comes back", fair and same)
        if fair and same:
            check.that("at equal effective rate the floor is the same", abs(fair[0] / plain - 1) < 1e-3)
            check.that("at equal lr it is 1 / (1 - beta) times it", abs(same[0] / plain * (1 - beta) - 1) < 1e-3)


# ---- nqm_risk ---------------------------------------------------------------------------------------------------


def walked(h, c, m, lr, beta, steps):
    """The risk after each step, from impulse responses: what is left of the start, and of each push since."""
    start, push = np.zeros((steps + 1, len(h))), np.zeros((steps + 1, len(h)))
    for out, theta, v in ((start, np.ones(len(h)), np.zeros(len(h))), (push, -lr * np.ones(len(h)), np.ones(len(h)))):
        for t in range(steps + 1):
            out[t] = theta
            v = beta * v + h * theta
            theta = theta - lr * v
    pushed = np.vstack([np.zeros(len(h)), np.cumsum(push**2, axis=0)[:-1]])
    return (start**2 + c / m * pushed) @ h / 2


def a_valley(rng, d):
    """Curvatures and noise variances, unrelated and in no order."""
    return np.exp(rng.uniform(-2, 1, size=d)), np.exp(rng.uniform(-2, 1, size=d))


@points(0.7, cell="nqm_risk", topic="no noise")
def test_without_noise(submission, check, rng):
    """Without noise the risk is that of a single run, with and without momentum."""
    for beta in (0.0, 0.7):
        h, _ = a_valley(rng, 4)
        got = submission.nqm_risk(h, np.zeros(4), 3, 0.3, beta, 12)
        check.close(got, walked(h, np.zeros(4), 3, 0.3, beta, 12), **PATH, what="The risk without noise")


@points(0.6, cell="nqm_risk", topic="no momentum, closed form")
def test_risk_in_closed_form(submission, check, rng):
    """Without momentum, one direction follows the closed form of assignment 03."""
    h, c, m, lr = float(rng.uniform(0.5, 2)), float(rng.uniform(0.5, 2)), 6, float(rng.uniform(0.1, 0.6))
    shrink = (1 - lr * h) ** (2 * np.arange(16))
    want = h / 2 * shrink + (1 - shrink) * lr * c / (2 * m * (2 - lr * h))
    got = submission.nqm_risk(np.array([h]), np.array([c]), m, lr, 0.0, 15)
    check.close(got, want, **PATH, what="The risk of one direction")


@points(1.2, cell="nqm_risk", topic="noise and momentum, several directions")
def test_risk(submission, check, rng):
    """With noise and momentum, the risk of several directions is right at every step."""
    for d, m, beta in ((5, 7, 0.6), (3, 1, 0.9), (1, 20, 0.45)):
        h, c = a_valley(rng, d)
        lr = float(rng.uniform(0.05, 0.5))
        got = submission.nqm_risk(h, c, m, lr, beta, 25)
        check.close(got, walked(h, c, m, lr, beta, 25), **PATH, what=f"The risk with m = {m}")


@points(0.5, cell="nqm_risk", topic="the floor in the end")
def test_risk_ends_at_the_floor(submission, check, rng):
    """After many steps the risk is the sum of the floors."""
    h, c = rng.uniform(0.5, 2, size=3), rng.uniform(0.5, 2, size=3)
    got = canonical(submission.nqm_risk(h, c, 4, 0.3, 0.8, 400))
    want = sum(settled(0.3, 0.8, *one, 4) for one in zip(h, c, strict=True))
    check.close(part(got, -1), want, **PATH, what="The risk after 400 steps")


@points(0.4, cell="nqm_risk", topic="no step at all, too large a learning rate")
def test_extremes(submission, check, rng):
    """With no step there is one entry, the risk at the start; with too large a learning rate the numbers grow."""
    h, c = a_valley(rng, 6)
    check.close(submission.nqm_risk(h, c, 5, 0.2, 0.5, 0), [h.sum() / 2], **ONE, what="The risk without a step")
    check.close(submission.nqm_risk(h, c, 5, 9.0, 0.5, 8), walked(h, c, 5, 9.0, 0.5, 8), **PATH, what="The risk, lr 9")


@points(0.4, cell="nqm_risk", topic="arguments left alone")
def test_risk_leaves_arguments_alone(submission, check, rng):
    """h and c are afterwards as they were."""
    h, c = a_valley(rng, 3)
    want = walked(h, c, 8, 0.25, 0.75, 6)
    check.close(check.unchanged(submission.nqm_risk, h, c, 8, 0.25, 0.75, 6), want, **PATH, what="The risk")


# ---- experiment -------------------------------------------------------------------------------------------------


@points(0.5, cell="experiment", topic="the drop of the learning rate")
def test_drop(submission, reference, check):
    """Both conventions take the right path, and part at the drop by (lr - lr') beta times the velocity."""
    h = float(reference.own_problem(reference.seed)[0][1])
    M = np.array([[1 - 0.5 * h, -0.5 * 0.9], [h, 0.9]])  # torch: by powers of the matrix of a step
    late = np.array([[1 - 0.05 * h, -0.05 * 0.9], [h, 0.9]])
    states = [np.linalg.matrix_power(M, t) @ [1, 0] for t in range(11)]
    torch = [*states, *(np.linalg.matrix_power(late, t) @ states[10] for t in range(1, 21))]
    turned = [np.array([theta, -0.5 * v]) for theta, v in states]  # sutskever's velocity is minus lr times torch's
    S = np.array([[1 - 0.05 * h, 0.9], [-0.05 * h, 0.9]])
    sutskever = [*turned, *(np.linalg.matrix_power(S, t) @ turned[10] for t in range(1, 21))]
    got = canonical(part(submission.experiment(reference.seed), "drop"))
    for row, name, want in ((0, "torch", torch), (1, "sutskever", sutskever)):
        check.close(part(got, row), [theta for theta, _ in want], rtol=1e-6, atol=1e-9, what=f"drop in {name}")
    gap = (0.5 - 0.05) * 0.9 * states[10][1]
    if isinstance(got, np.ndarray) and got.shape == (2, 31):
        check.close(got[0, 11] - got[1, 11], gap, rtol=1e-6, what="The gap after the first step at the new lr")


@points(0.9, cell="experiment", topic="steps to the target")
def test_steps(submission, reference, check):
    """The fewest steps, and the effective learning rates that need them, are right for your own data."""
    want, got = reference.experiment(reference.seed), submission.experiment(reference.seed)
    check.close(part(got, "steps"), want["steps"], rtol=1e-6, what="steps")
    check.close(part(got, "best"), want["best"], rtol=1e-6, what="best")


@points(0.7, cell="experiment", topic="the four runs and their floors")
def test_runs(submission, reference, check):
    """The four risks and the four floors are right for your own data."""
    want, got = reference.experiment(reference.seed), submission.experiment(reference.seed)
    check.close(part(got, "risk"), want["risk"], rtol=1e-6, what="risk")
    check.close(part(got, "floor"), want["floor"], rtol=1e-6, what="floor")


@points(0.3, cell="experiment", topic="other seeds")
def test_other_seed(submission, reference, check, rng):
    """All five arrays are right for somebody else's data too."""
    seed = int(rng.integers(2**32))
    want, got = reference.experiment(seed), submission.experiment(seed)
    for name in ("drop", "steps", "best", "risk", "floor"):
        check.close(part(got, name), want[name], rtol=1e-6, what=name)


# ---- speed_ups: a question --------------------------------------------------------------------------------------


@points(0.4, cell="speed_ups", topic="the gain with small batches")
def test_gain_small(submission, reference, check):
    """The gain at m = 16, on your own data, within 0.001."""
    steps = reference.experiment(reference.seed)["steps"]
    check.close(submission.answers.get("gain_small"), float(steps[0, 0] / steps[2, 0]), **SMALL, what="gain_small")


@points(0.4, cell="speed_ups", topic="the gain with large batches")
def test_gain_large(submission, reference, check):
    """The gain at m = 16,384, on your own data, within half a per cent."""
    steps = reference.experiment(reference.seed)["steps"]
    check.close(submission.answers.get("gain_large"), float(steps[0, 5] / steps[2, 5]), **LARGE, what="gain_large")


@points(0.4, cell="speed_ups", topic="the harm of the advice")
def test_harm(submission, reference, check):
    """By how much the advice raises the floor, on your own data, within half a per cent."""
    floor = reference.experiment(reference.seed)["floor"]
    check.close(submission.answers.get("harm"), float(floor[1] / floor[0]), **LARGE, what="harm")


# ---- Alternatives -----------------------------------------------------------------------------------------------


@alternative("momentum_step")
def sutskever_form(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    move = -lr * g if v is None else beta * v - lr * (1 - dampening) * g
    return theta + (beta * move - lr * g if nesterov else move), move


@alternative("momentum_step")
def mean_form_with_a_dict(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    own = (1 - beta) * (g if v is None else (1 - dampening) * g)
    mean = own if v is None else beta * v["mean"] + own
    step = beta * mean + (1 - beta) * g if nesterov else mean
    return theta - lr / (1 - beta) * step, {"mean": mean, "steps": 1 if v is None else v["steps"] + 1}


@alternative("momentum_step")
def polyaks_two_points(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """Without a velocity: the difference to the place before. Nesterov's place before is the one not looked ahead."""
    x, before = (theta, theta) if v is None else v
    factor = 1 if v is None else 1 - dampening
    new = x + beta * (x - before) - lr * factor * g
    return (new + beta * (new - x) if nesterov else new), (new, x)


@alternative("momentum_step")
def all_gradients_kept(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    past = [g.copy()] if v is None else [*v, (1 - dampening) * g]
    b = xp.zeros_like(g)
    for one in past:  # Horner's scheme
        b = beta * b + one
    return theta - lr * (g + beta * b) if nesterov else theta - lr * b, past


@alternative("momentum_step")
def lazy_with_out_arguments(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = xp.array(g) if v is None else v.copy()
    if v is not None:
        b *= beta
        b += (1 - dampening) * g
    move = b.copy()
    if nesterov:
        move *= beta
        move += g
    move *= lr
    new = theta.copy()
    xp.subtract(new, move, out=new)
    return [new, b]


@alternative("momentum_step")
def look_ahead_with_conversion(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """Keeps Nesterov's own point x and velocity u beside theta = x + beta * u."""
    if not nesterov:
        b = g + 0 if v is None else beta * v + g - dampening * g
        return theta - lr * b, b
    x, u = (theta, xp.zeros_like(theta)) if v is None else v
    u = beta * u - lr * g
    x = x + u
    return x + beta * u, [x, u]


@alternative("finds_bug")
def by_weights_of_the_past(step):
    rng = np.random.default_rng(5)
    for lr, beta, dampening, nesterov in ((0.3, 0.6, 0, False), (0.1, 0.9, 0, True), (0.25, 0.5, 0.4, False)):
        grads, theta, v = rng.normal(size=(2, 5, 4)), np.zeros((2, 4)), [None, None]
        weights = np.tril(beta ** abs(np.subtract.outer(np.arange(5), np.arange(5))))
        weights[:, 1:] *= 1 - dampening
        for t in range(5):
            for run in range(2):
                new, v[run] = step(theta[run].copy(), v[run], grads[run, t].copy(), lr, beta, dampening, nesterov)
                move = weights[t] @ grads[run]
                want = grads[run, t] + beta * move if nesterov else move
                if abs((theta[run] - new) / lr - want).max() > 1e-7:
                    return True
                theta[run] = new
    return False


@alternative("convert")
def by_the_first_step(lr, beta, src, dst):
    first = {"torch": 1, "sutskever": 1, "ema": 1 - beta}
    if not {src, dst} <= {*first}:
        raise ValueError("unknown convention")
    return [lr * first[src] / first[dst], beta]


@alternative("convert")
def by_way_of_torch(lr, beta, src, dst):
    match (src, dst):
        case ("torch" | "sutskever", "torch" | "sutskever") | ("ema", "ema"):
            return lr, beta
        case ("ema", "torch" | "sutskever"):
            return lr - lr * beta, beta
        case ("torch" | "sutskever", "ema"):
            return np.divide(lr, 1 - beta), beta
    raise ValueError(src, dst)


@alternative("hb_optimal")
def by_the_condition_number(mu, L):
    root = np.sqrt(L / mu)
    rate = (root - 1) / (root + 1)
    return np.array([(1 + rate) ** 2 / L, rate**2, rate])


@alternative("hb_optimal")
def by_critical_damping_at_both_ends(mu, L):
    """1 - sqrt(lr mu) = sqrt(lr L) - 1 gives the root of lr."""
    root_lr = 2 / (np.sqrt(mu) + np.sqrt(L))
    rate = (root_lr * np.sqrt(L) - root_lr * np.sqrt(mu)) / 2
    return {0: root_lr**2, 1: rate * rate, 2: rate}.values()


@alternative("nqm_steady_state")
def by_fractions(lr, beta, h, c, m):
    from fractions import Fraction

    lr, beta, h, c, m = map(Fraction, (lr, beta, h, c, m))
    room = 2 * (1 + beta) - lr * h
    if room <= 0:
        return np.inf
    return Fraction(1, 2) * lr / (1 - beta) * (1 + beta) / room * c / m


@alternative("nqm_steady_state")
def by_linear_equations(lr, beta, h, c, m):
    if not lr * h < 2 * (1 + beta):
        return np.array(np.inf)
    a = 1 - lr * h
    moments = [[a * a - 1, -2 * a * lr * beta, (lr * beta) ** 2]]
    moments += [[a * h, a * beta - lr * beta * h - 1, -lr * beta * beta], [h * h, 2 * h * beta, beta * beta - 1]]
    return h / 2 * np.linalg.solve(moments, [-(lr**2) * c / m, lr * c / m, -c / m])[0]


@alternative("nqm_risk")
def by_matrices(h, c, m, lr, beta, steps):
    ones = np.ones(len(h))
    M = np.stack([np.stack([1 - lr * h, -lr * beta * ones], -1), np.stack([h, beta * ones], -1)], -2)
    noise = np.einsum("d,i,j->dij", c / m, [-lr, 1.0], [-lr, 1.0])
    S, risk = np.zeros((len(h), 2, 2)), []
    S[:, 0, 0] = 1
    for _ in range(steps + 1):
        risk.append(float((h * S[:, 0, 0]).sum()) / 2)
        S = np.einsum("dij,djk,dlk->dil", M, S, M) + noise
    return risk


@alternative("nqm_risk")
def start_and_pushes(h, c, m, lr, beta, steps):
    """The start fades, and so does each push of noise: the risk is one plus the sum of the others over m."""
    fading, pushes, total = [(1.0 + 0 * h, 0 * h)], [(-lr + 0 * h, 1.0 + 0 * h)], 0 * h
    risk = []
    for _ in range(steps + 1):
        risk.append((h / 2 * (fading[-1][0] ** 2 + c * total / m)).sum())
        total = total + pushes[-1][0] ** 2
        for course in (fading, pushes):
            theta, v = course[-1]
            v = beta * v + h * theta
            course.append((theta - lr * v, v))
    return np.array(risk)


@alternative("nqm_risk")
def direction_by_direction(h, c, m, lr, beta, steps):
    def one(h, c):
        A, B, D = 1.0, 1.0, 1.0  # mean squares and product of this place and the one before, by Polyak's two points
        k, noise = 1 + beta - lr * h, lr * lr * c / m
        yield h / 2 * A
        for _ in range(steps):
            A, B, D = k * k * A - 2 * k * beta * D + beta * beta * B + noise, A, k * A - beta * D
            yield h / 2 * A

    return np.sum([list(one(float(a), float(b))) for a, b in zip(h, c, strict=True)], axis=0)


# ---- Mistakes: momentum_step ------------------------------------------------------------------------------------

BUFFER = "b = g.copy() if v is None else beta * v + (1 - dampening) * g"
SECTION_1 = "Compare with the formula of section 1, letter by letter."

mistake(
    "momentum_step",
    "lr_twice",
    was=BUFFER,
    now="b = lr * g if v is None else beta * v + (1 - dampening) * lr * g",
    says="The learning rate enters twice: once in the velocity, once in the step.",
    hints=["Take one step with gradient 2 and lr 0.1.", SECTION_1],
    seen="syllabus 8.1",
)
mistake(
    "momentum_step",
    "uphill",
    was="theta - lr",
    now="theta + lr",
    says="The step goes uphill: it is added to theta where it should be subtracted.",
    hints=["With a gradient of 2, does theta grow or fall?", "In this convention the velocity points uphill."],
    seen="syllabus 8.2; fchollet/deep-learning-with-python-notebooks issue 19",
)
mistake(
    "momentum_step",
    "velocity_subtracted",
    was="else beta * v",
    now="else -beta * v",
    says="The old velocity is subtracted from the new gradient; it should be added.",
    hints=["Two equal gradients: is the second step longer or shorter than the first?", SECTION_1],
    seen="syllabus 8.2",
)
mistake(
    "momentum_step",
    "velocity_reset",
    was="beta * v + (1 - dampening) * g",
    now="(1 - dampening) * g",
    says="The velocity of the step before is never used: it begins anew at every step.",
    hints=["Two equal gradients: is the second step longer than the first?", "What became of v?"],
    seen="syllabus 8.4; kozistr/pytorch_optimizer pull request 516",
)
mistake(
    "momentum_step",
    "wrong_term",
    was="beta * v + (1 - dampening) * g",
    now="v + beta * (1 - dampening) * g",
    says="beta stands at the gradient in place of the old velocity, so the velocity never decays.",
    hints=["Take a hundred steps with gradient 1 and beta 0.5. How large may the velocity become?"],
    seen="syllabus 8.6; ooples/AiDotNet issue 2008",
)
mistake(
    "momentum_step",
    "never_decays",
    was="beta * v",
    now="v",
    says="The old velocity is kept whole; only beta times it should remain.",
    hints=["Take a hundred steps with gradient 1 and beta 0.5. How large may the velocity become?"],
)
mistake(
    "momentum_step",
    "mean_of_gradients",
    was=BUFFER,
    now="b = (1 - beta) * g if v is None else beta * v + (1 - dampening) * (1 - beta) * g",
    says="The velocity is a mean of gradients, as Adam's is; here it is their fading sum, without the factor 1 - beta.",
    hints=["How long is the first step, with gradient 2 and lr 0.1?", "That is another convention: see section 2."],
    seen="bfortuner/ml-glossary pull request 14; ml-explore/mlx pull request 87",
)
mistake(
    "momentum_step",
    "mean_after_the_first",
    was="v + (1 - dampening) * g",
    now="v + (1 - beta) * (1 - dampening) * g",
    says="From the second step on the gradient is weakened by 1 - beta.",
    hints=["With gradients 0 and 1, how long is the second step?", SECTION_1],
)
mistake(
    "momentum_step",
    "nesterov_ignored",
    was="g + beta * b if nesterov else b",
    now="b",
    says="With nesterov the step is the plain one still: it is ignored, or takes the old velocity for the new one.",
    hints=[
        "Take one step with nesterov and one without.",
        "With the velocity from before this gradient, Nesterov's step is the plain one again: update it first.",
    ],
)
mistake(
    "momentum_step",
    "nesterov_always",
    was="g + beta * b if nesterov else b",
    now="g + beta * b",
    says="Momentum is applied a second time in every step, as Nesterov's method does, though nesterov is False.",
    hints=["How long is the very first step without nesterov?"],
    seen="fchollet/deep-learning-with-python-notebooks issue 289",
)
mistake(
    "momentum_step",
    "nesterov_inverted",
    was="if nesterov else b",
    now="if not nesterov else b",
    says="nesterov works the wrong way round.",
    hints=["Take one step with nesterov and one without: which is the longer one?"],
)
mistake(
    "momentum_step",
    "nesterov_backwards",
    was="g + beta * b if",
    now="g - beta * b if",
    says="Nesterov looks back: the sign of its second term is turned.",
    hints=["How long is the first step with nesterov, gradient 2, beta 0.5?"],
    seen="syllabus 8.8; PaddlePaddle/Paddle pull request 12231",
)
mistake(
    "momentum_step",
    "nesterov_without_gradient",
    was="g + beta * b if",
    now="beta * b if",
    says="With nesterov the gradient itself is left out of the step; only the velocity, times beta, is taken.",
    hints=["How long is the first step with nesterov, gradient 2, beta 0.5?", "The step has two terms."],
)
mistake(
    "momentum_step",
    "nesterov_velocity_twice",
    was="g + beta * b if",
    now="b + beta * b if",
    says="With nesterov the whole velocity stands where the gradient should: the step is too long.",
    hints=["Which of the two terms of the step knows nothing of the past?"],
    seen="syllabus 8.9; oysteijo/simd_neuralnet issue 17",
)
mistake(
    "momentum_step",
    "nesterov_not_at_first",
    was="if nesterov else b",
    now="if nesterov and v is not None else b",
    says="With nesterov the first step is a plain one; it should look ahead at once.",
    hints=["How long is the first step with nesterov, gradient 2, beta 0.5?"],
)
mistake(
    "momentum_step",
    "dampened_at_first",
    was="g.copy() if",
    now="(1 - dampening) * g if",
    says="The very first gradient is dampened too; the velocity begins with the gradient as it is.",
    hints=["How long is the first step with dampening?", "PyTorch makes an exception: which?"],
    seen="syllabus 8.10; ml-explore/mlx pull request 473",
)
mistake(
    "momentum_step",
    "zero_velocity_means_first",
    was="if v is None",
    now="if v is None or not v.any()",
    says="A velocity of zeros is taken for that of the first step, where nothing is dampened.",
    hints=[
        "By what do you tell the first step?",
        "After a first gradient of 0 the velocity is 0, yet what follows is step 2.",
    ],
    seen="blind answer",
)
mistake(
    "momentum_step",
    "dampening_ignored",
    was="v + (1 - dampening) * g",
    now="v + g",
    says="dampening makes no difference.",
    hints=["Take two steps with dampening and two without."],
)
mistake(
    "momentum_step",
    "velocity_dampened",
    was="beta * v + (1 - dampening) * g",
    now="(1 - dampening) * beta * v + g",
    says="Dampening weakens the old velocity; it is the new gradient that it should weaken.",
    hints=["Take the gradients 1 and 0 with dampening 0.5. How long is the second step?"],
)
mistake(
    "momentum_step",
    "dampening_for_its_rest",
    was="v + (1 - dampening) * g",
    now="v + (dampening if dampening else 1) * g",
    says="The gradient enters with the factor dampening; it should be what dampening leaves of it.",
    hints=["With dampening 0.1, does most of a new gradient enter, or little?"],
)
mistake(
    "momentum_step",
    "one_velocity_for_all",
    was=BUFFER,
    now="kept = momentum_step.__dict__\n"
    "    b = kept['b'] = g.copy() if v is None else beta * kept['b'] + (1 - dampening) * g",
    says="There is one velocity for everybody: runs that take turns disturb each other.",
    hints=["Two parameters, updated in turns: whose velocity is used?", "All memory belongs into v."],
    seen="syllabus 8.11",
)
mistake(
    "momentum_step",
    "velocity_in_place",
    was=BUFFER,
    now="b = g if v is None else v\n    if v is not None:\n        b *= beta\n        b += (1 - dampening) * g",
    says="The velocity is updated in place, in the array that was handed over; after the first step that may be g.",
    hints=["Print v before and after the call.", "An assignment makes a second name, not a second array."],
    seen="syllabus 8.12; jettify/pytorch-optimizer issue 55",
)
mistake(
    "momentum_step",
    "theta_in_place",
    was="    return theta - lr * direction, b\n",
    now="    theta -= lr * direction\n    return theta, b\n",
    says="The caller's theta is changed; a new array should come back.",
    hints=["Print theta before and after the call."],
    seen="feedback starter bank: in-place update of the caller's array",
)


@mistake(
    "momentum_step",
    "corrected_as_in_adam",
    says="The velocity is a mean of gradients, corrected for its beginning, as in Adam; momentum has none.",
    hints=["Take two steps with gradient 1. Is the second one longer?", SECTION_1],
    seen="syllabus 8.13",
)
def corrected(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    mean, t = (0 * g, 0) if v is None else v
    mean, t = beta * mean + (1 - beta) * (g if v is None else (1 - dampening) * g), t + 1
    move = beta * mean + (1 - beta) * g if nesterov else mean
    return theta - lr * move / (1 - beta**t), (mean, t)


mistake(
    "momentum_step",
    "exchanged",
    was=BUFFER,
    now="lr, beta = beta, lr\n    " + BUFFER,
    says="The learning rate and beta are exchanged.",
    hints=["How long is the first step, with gradient 2, lr 0.1 and beta 0.5?"],
    seen="syllabus 8.14; jeffheaton/t81_558_deep_learning pull request 1",
)
mistake(
    "momentum_step",
    "fixed_beta",
    was="beta * v",
    now="0.9 * v",
    says="beta is fixed at 0.9 in the velocity; use the one that is given.",
    hints=["Call it with beta=0. Is it gradient descent?"],
    seen="syllabus 2.7, for lr",
)
mistake(
    "momentum_step",
    "fixed_lr",
    was="lr * direction",
    now="0.1 * direction",
    says="The learning rate is fixed in the code; use the one that is given.",
    hints=["Call it with lr=0. Does theta stay?"],
    seen="syllabus 2.7",
)
mistake(
    "momentum_step",
    "step_before_update",
    was="if nesterov else b",
    now="if nesterov else (0 * g if v is None else v)",
    says="The step is taken with the old velocity, before this gradient has entered: it is one step late.",
    hints=["Does theta move in the first step?", "Update the velocity first, then take the step."],
    seen="mdenil/dropout issue 4",
)
mistake(
    "momentum_step",
    "effective_rate",
    was="lr * direction",
    now="lr / (1 - beta) * direction",
    says="The step is multiplied by 1 / (1 - beta); the sum of gradients is as long already.",
    hints=["How long is the first step, with gradient 2 and lr 0.1?"],
)
mistake(
    "momentum_step",
    "divides_again",
    was="lr * direction",
    now="lr * direction / len(g)",
    says="The gradient is divided once more, by its length; it is a mean already.",
    hints=["Try theta of one number and of five: is the step the same?"],
    seen="syllabus 2.2; d2l-en pull request 1000",
)
mistake(
    "momentum_step",
    "always_double",
    was="theta - lr * direction",
    now="(theta - lr * direction).astype(float)",
    says="theta comes back as float64, whatever it was.",
    hints=["Call it with float32 arrays and look at the dtype of what comes back."],
)
mistake(
    "momentum_step",
    "returns_exchanged",
    was="return theta - lr * direction, b",
    now="return b, theta - lr * direction",
    says="The velocity comes back first, and theta second; theta should be first.",
    hints=["Print both entries of what comes back."],
)

mistake(
    "momentum_step",
    "decays_the_new_too",
    was="beta * v + (1 - dampening) * g",
    now="beta * (v + (1 - dampening) * g)",
    says="From the second step on the new gradient is multiplied by beta too; only the old velocity should be.",
    hints=["With gradients 0 and 1, how long is the second step?", SECTION_1],
)
mistake(
    "momentum_step",
    "all_decays",
    was=BUFFER,
    now="b = beta * g if v is None else beta * (v + (1 - dampening) * g)",
    says="Every new gradient is multiplied by beta, from the first step on; only the old velocity should be.",
    hints=["How long is the first step, with gradient 2, lr 0.1 and beta 0.5?", SECTION_1],
)
mistake(
    "momentum_step",
    "nesterov_kept",
    was="lr * direction, b\n",
    now="lr * direction, direction\n",
    says="With nesterov the direction of the step is kept as the velocity; the velocity itself should go on.",
    hints=[
        "Two numbers are made at each step. Which of them does the next formula for b ask for?",
        "With beta 0.5 and nesterov, gradients 4 and 0: b is 4, then 2; the directions are 6, then 1.",
    ],
)
mistake(
    "momentum_step",
    "nesterov_as_a_mean",
    was="g + beta * b if",
    now="(1 - beta) * g + beta * b if",
    says="With nesterov the gradient is weakened by 1 - beta, as in a mean; it should enter whole.",
    hints=[
        "How long is the first step with nesterov, gradient 2, beta 0.5?",
        "The step is a sum of two terms, not their mean.",
    ],
)
mistake(
    "momentum_step",
    "nesterov_two_ahead",
    was="g + beta * b if",
    now="g + beta * (beta * b + g) if",
    says="With nesterov the step looks ahead twice: the new velocity is carried on a second time.",
    hints=[
        "How long is the first step with nesterov, gradient 2, beta 0.5?",
        "The new velocity is used as it is, times beta.",
    ],
)
mistake(
    "momentum_step",
    "whole_dampened",
    was="beta * v + (1 - dampening) * g",
    now="(1 - dampening) * (beta * v + g)",
    says="Dampening weakens the old velocity as well as the new gradient; it should weaken the gradient alone.",
    hints=[
        "Take the gradients 1 and 0 with dampening 0.5. How long is the second step?",
        "Where do the brackets of the factor end?",
    ],
)
mistake(
    "momentum_step",
    "dampened_only_at_first",
    was=BUFFER,
    now="b = (1 - dampening) * g if v is None else beta * v + g",
    says="Dampening works at the first step alone; it should work at all but the first.",
    hints=[
        "Take three steps with dampening and three without: where do they part?",
        "PyTorch makes an exception: which?",
    ],
)
mistake(
    "momentum_step",
    "dampening_taken_from_beta",
    was="beta * v + (1 - dampening) * g",
    now="(beta - dampening) * v + g",
    says="Dampening is taken from beta, so that the old velocity fades faster; it should weaken the new gradient.",
    hints=["Take the gradients 1 and 0 with dampening 0.5. How long is the second step?"],
)
mistake(
    "momentum_step",
    "velocity_in_double",
    was=BUFFER,
    now="b = 0.0 + g.astype(float) if v is None else beta * v + (1 - dampening) * g",
    says="The velocity is float64, whatever the gradients are, and so theta becomes float64.",
    hints=[
        "Call it with float32 arrays and look at the dtype of all that comes back.",
        "A new array of zeros or ones is float64, unless it is told otherwise.",
    ],
    seen="blind answer",
)
mistake(
    "momentum_step",
    "theta_alone",
    was="return theta - lr * direction, b",
    now="return theta - lr * direction",
    says="Only theta comes back; the velocity is asked for beside it.",
    hints=["How many things does the last paragraph of the contract ask for?"],
)
mistake(
    "momentum_step",
    "nesterov_from_a_point_ahead",
    was="g + beta * b if nesterov else b",
    now="b + (0 * g if v is None else beta * v) if nesterov else b",
    says="With nesterov a whole step is taken from the old velocity's look-ahead point, so that this enters twice.",
    hints=["How long is the first step with nesterov, gradient 2, beta 0.5?", "theta is the look-ahead point already."],
)
mistake(
    "momentum_step",
    "gradient_in_place",
    was="g + beta * b if nesterov else b",
    now="b\n    if nesterov:\n        g += beta * b\n        direction = g",
    says="The caller's g is changed: with nesterov the velocity is added to it in place.",
    hints=["Print g before and after the call, with nesterov and without."],
)

# ---- Mistakes: finds_bug ----------------------------------------------------------------------------------------

mistake(
    "finds_bug",
    "always_faulty",
    was="    return False\n",
    now="    return True\n",
    says="Every step is called faulty, right ones too.",
    hints=["What does it say of the right step in the check cell?"],
)
mistake(
    "finds_bug",
    "never_faulty",
    was="    rng = np",
    now="    return False\n    rng = np",
    says="No step is ever called faulty.",
    hints=["What does it say of the step that forgets its velocity?"],
)
mistake(
    "finds_bug",
    "one_step_only",
    was="range(5)",
    now="range(1)",
    says="Only the first step is looked at; at that one nobody has a past yet.",
    hints=["What does a step without memory do at the second step?"],
    seen="syllabus 4c: with one step, a velocity that is reset survives",
)
mistake(
    "finds_bug",
    "two_steps_only",
    was="range(5)",
    now="range(2)",
    says="Only two steps are looked at; some faults show at the third.",
    hints=["A step that remembers one gradient and no more: when does it go wrong?"],
)
mistake(
    "finds_bug",
    "velocity_expected",
    was="if np.shape(got) != (3,) or not",
    now="if not np.array_equal(states[run], buffers[run]) or not",
    says="The velocity is compared too; right steps may keep whatever they like in v.",
    hints=["Write the step in Sutskever's form. Is it faulty now?", "Compare theta alone."],
)
mistake(
    "finds_bug",
    "nesterov_not_tried",
    was="(0.0, False), (0.0, True), (0.3, False)",
    now="(0.0, False), (0.3, False)",
    says="nesterov is never tried.",
    hints=["Try every option that a step has."],
)
mistake(
    "finds_bug",
    "dampening_not_tried",
    was="(0.0, False), (0.0, True), (0.3, False)",
    now="(0.0, False), (0.0, True)",
    says="dampening is never tried.",
    hints=["Try every option that a step has."],
)
mistake(
    "finds_bug",
    "plain_not_tried",
    was="(0.0, False), (0.0, True), (0.3, False)",
    now="(0.0, True), (0.0, True)",
    says="Only steps with nesterov are tried; a step that always looks ahead passes.",
    hints=["Try every option that a step has, on and off."],
)
mistake(
    "finds_bug",
    "one_run_only",
    was="for run in (0, 1)",
    now="for run in (0,)",
    says="Two runs never take turns: a step with one velocity for all passes.",
    hints=["Where might a step keep its velocity, if not in v?"],
    seen="syllabus 8.11",
)
mistake(
    "finds_bug",
    "lr_changes",
    was="        for _ in range(5):\n",
    now="        for _ in range(5):\n            lr = 0.5 * lr\n",
    says="The learning rate changes within a run; there right steps of different conventions differ.",
    hints=["Section 2: when do torch and sutskever part?", "Keep all options as they are within a run."],
    seen="syllabus 4c: an lr drop must not be in the general check",
)
mistake(
    "finds_bug",
    "lr_is_one",
    was="lr, beta = 0.2, 0.7",
    now="lr, beta = 1.0, 0.7",
    says="The only learning rate tried is 1, at which one cannot see how often it enters.",
    hints=["What is 1 times 1?"],
)
mistake(
    "finds_bug",
    "beta_is_zero",
    was="lr, beta = 0.2, 0.7",
    now="lr, beta = 0.2, 0.0",
    says="The only beta tried is 0: that is gradient descent, without momentum.",
    hints=["Which faults can be seen without momentum?"],
)
mistake(
    "finds_bug",
    "lr_equals_beta",
    was="lr, beta = 0.2, 0.7",
    now="lr, beta = 0.5, 0.5",
    says="The learning rate and beta that are tried are equal: whoever exchanges them passes.",
    hints=["Choose numbers that are all different."],
)
mistake(
    "finds_bug",
    "exactly_equal",
    was="not np.allclose(got, want, rtol=1e-9, atol=1e-11)",
    now="not np.array_equal(got, want)",
    says="Numbers must agree to the last digit; right steps in another form are rounded differently.",
    hints=["Print the difference for a step in Sutskever's form.", "Allow for rounding."],
)

mistake(
    "finds_bug",
    "four_steps_only",
    was="range(5)",
    now="range(4)",
    says="Fewer than five steps are looked at; some faults show at the fifth.",
    hints=[
        "A step that remembers a few gradients and no more: when does it go wrong?",
        "After how many steps may a fault show, by the contract?",
    ],
)
mistake(
    "finds_bug",
    "own_first_step_dampened",
    was="buffers[run] = g\n",
    now="buffers[run] = (1 - dampening) * g\n",
    says="Steps are held against a first step that is dampened; the first velocity is the gradient as it is.",
    hints=[
        "Print your own theta and that of the right step, one step after the other, for each option.",
        "PyTorch makes an exception: which?",
    ],
)
mistake(
    "finds_bug",
    "own_dampening_ignored",
    was="+ (1 - dampening) * g",
    now="+ g",
    says="Steps are held against a path without dampening, though they are called with it.",
    hints=["Print your own theta and that of the right step, one step after the other, for each option."],
)
mistake(
    "finds_bug",
    "own_nesterov_ignored",
    was="g + beta * buffers[run] if nesterov else buffers[run]",
    now="buffers[run]",
    says="Steps are held against the plain path, though they are called with nesterov.",
    hints=["Print your own theta and that of the right step, one step after the other, for each option."],
)
mistake(
    "finds_bug",
    "nothing_for_right",
    was="    return False\n",
    now="    return None\n",
    says="For a right step nothing comes back; False is asked for.",
    hints=["What does a function return that ends without a return?"],
)


@mistake(
    "finds_bug",
    "only_whether_it_arrives",
    says="Only whether a run arrives at the minimum is looked at; most wrong steps arrive too, by another way.",
    hints=["With lr entering twice, does a run arrive nevertheless?", "Compare theta after each step with your own."],
)
def arrives(step):
    for options in ({}, {"nesterov": True}, {"dampening": 0.5}):
        theta, v = np.array([1.0, -2.0]), None
        for _ in range(200):
            theta, v = step(theta, v, theta.copy(), 0.1, 0.9, **options)
        if not np.abs(theta).max() < 0.1:
            return True
    return False


@mistake(
    "finds_bug",
    "long_run_only",
    says="Only steps in the long run on a steady slope are looked at; faults of the first steps leave no trace there.",
    hints=[
        "How do nesterov and plain steps differ on a steady slope, after a hundred of them?",
        "Compare from step 1.",
    ],
    seen="blind answer",
)
def terminal_speed(step):
    for options in ({}, {"nesterov": True}, {"dampening": 0.5}):
        theta, v = np.array([0.0]), None
        for _ in range(200):
            before = theta
            theta, v = step(theta, v, np.array([1.0]), 0.1, 0.7, **options)
        if abs((before - theta)[0] - 0.1 * (1 - options.get("dampening", 0.0)) / 0.3) > 1e-6:
            return True
    return False


mistake(
    "finds_bug",
    "options_not_tried",
    was="((0.0, False), (0.0, True), (0.3, False))",
    now="((0.0, False),)",
    says="Only plain steps are tried: neither nesterov nor dampening is ever switched on.",
    hints=[
        "Try every option that a step has, on and off.",
        "Which of your calls would a step betray that ignores nesterov?",
    ],
)


@mistake(
    "finds_bug",
    "one_plain_run",
    says="Only one run of plain steps is tried: no options, and never two runs in turns.",
    hints=[
        "Go through the list of faults: which call of yours would show each?",
        "Try every option, and two runs in turns.",
    ],
)
def plain_and_alone(step):
    rng, b, v = np.random.default_rng(0), np.zeros(3), None
    theta = rng.normal(size=3)
    for _ in range(5):
        g = rng.normal(size=3)
        b = 0.7 * b + g
        want = theta - 0.2 * b
        theta, v = step(theta, v, g, 0.2, 0.7)
        if not np.allclose(theta, want):
            return True
    return False


@mistake(
    "finds_bug",
    "one_run_without_dampening",
    says="Dampening is never tried, and never two runs in turns.",
    hints=[
        "Go through the list of faults: which call of yours would show each?",
        "Try every option, and two runs in turns.",
    ],
)
def alone_and_undamped(step):
    rng = np.random.default_rng(0)
    for nesterov in (False, True):
        b, v, theta = np.zeros(3), None, rng.normal(size=3)
        for _ in range(5):
            g = rng.normal(size=3)
            b = 0.7 * b + g
            want = theta - 0.2 * (g + 0.7 * b if nesterov else b)
            theta, v = step(theta, v, g, 0.2, 0.7, nesterov=nesterov)
            if not np.allclose(theta, want):
                return True
    return False


# ---- Mistakes: convert ------------------------------------------------------------------------------------------

FROM_EMA, TO_EMA = "lr = lr * (1 - beta)", "lr = lr / (1 - beta)"
BOTH_WAYS = f'    if src == "ema":\n        {FROM_EMA}\n    if dst == "ema":\n        {TO_EMA}\n'
FIRST_STEP = "How long is the first step with gradient 1, in either convention?"

mistake(
    "convert",
    "from_ema_ignored",
    was=FROM_EMA,
    now="pass",
    says="From ema the learning rate stays as it is; there the gradient enters weakened by 1 - beta.",
    hints=[FIRST_STEP],
)
mistake(
    "convert",
    "to_ema_ignored",
    was=TO_EMA,
    now="pass",
    says="To ema the learning rate stays as it is; there the gradient enters weakened by 1 - beta.",
    hints=[FIRST_STEP],
)
mistake(
    "convert",
    "from_ema_inverted",
    was=FROM_EMA,
    now="lr = lr * (1 - beta) ** -1",
    says="From ema the learning rate is divided by 1 - beta; it should shrink.",
    hints=[FIRST_STEP, "Where steps are short already, a larger lr belongs."],
)
mistake(
    "convert",
    "to_ema_inverted",
    was=TO_EMA,
    now="lr = lr / (1 - beta) ** -1",
    says="To ema the learning rate is multiplied by 1 - beta; it should grow.",
    hints=[FIRST_STEP, "Where steps are short already, a larger lr belongs."],
)
mistake(
    "convert",
    "from_ema_by_beta",
    was=FROM_EMA,
    now="lr = lr * beta",
    says="From ema the learning rate is multiplied by beta; the gradient's weight there is another number.",
    hints=["Which factor stands before g in the third line of the table?"],
)
mistake(
    "convert",
    "to_ema_by_beta",
    was=TO_EMA,
    now="lr = lr / beta if beta else lr",
    says="To ema the learning rate is divided by beta; the gradient's weight there is another number.",
    hints=["Which factor stands before g in the third line of the table?"],
)
mistake(
    "convert",
    "from_sutskever_like_ema",
    was='if src == "ema":',
    now='if src in ("ema", "sutskever"):',
    says="sutskever is converted as if its gradient were weakened too, like that of ema.",
    hints=[FIRST_STEP, "In sutskever the gradient enters the velocity times lr, and nothing else."],
)
mistake(
    "convert",
    "to_sutskever_like_ema",
    was='if dst == "ema":',
    now='if dst in ("ema", "sutskever"):',
    says="To sutskever lr is converted as if the gradient were weakened there, as in ema.",
    hints=[FIRST_STEP, "In sutskever the gradient enters the velocity times lr, and nothing else."],
)
mistake(
    "convert",
    "sign_for_sutskever",
    was="return lr, beta",
    now='return (lr if (src == "sutskever") == (dst == "sutskever") else -lr), beta',
    says="lr changes its sign with sutskever; there the minus stands in the velocity already.",
    hints=["Which way is the first step, with the table's formulas?"],
    seen="pytorch/pytorch pull request 45036",
)
mistake(
    "convert",
    "beta_converted",
    was="return lr, beta",
    now='return lr, (1 - beta if (src == "ema") != (dst == "ema") else beta)',
    says="beta is replaced by 1 - beta with ema; it means the same in all three.",
    hints=["How much of the old velocity remains, in each line of the table?"],
)
mistake(
    "convert",
    "names_not_looked_at",
    was='raise ValueError(f"{name!r} is no convention; there are {CONVENTIONS}")',
    now="continue",
    says="An unknown name passes; it should raise ValueError.",
    hints=["Call it with a name that you made up."],
)
mistake(
    "convert",
    "one_name_not_looked_at",
    was="in (src, dst)",
    now="in (dst,)",
    says="Only one of the two names is checked.",
    hints=["Call it with a name that you made up, once in each place."],
)
mistake(
    "convert",
    "another_error",
    was="raise ValueError(",
    now="raise KeyError(",
    says="An unknown name raises an error, but not the one that is asked for.",
    hints=["Read the last line of the contract.", "A dict's own error for a missing key is a KeyError."],
)
mistake(
    "convert",
    "returns_exchanged",
    was="return lr, beta",
    now="return beta, lr",
    says="beta comes back first and lr second; it should be the other way round.",
    hints=["Print what comes back for beta = 0.75."],
)
mistake(
    "convert",
    "lr_alone",
    was="return lr, beta",
    now="return lr",
    says="Only the learning rate comes back; two numbers are asked for.",
    hints=["Print what comes back."],
)

mistake(
    "convert",
    "ema_ignored",
    was=BOTH_WAYS,
    now="",
    says="ema is taken for one of the others: lr never changes, though the gradient enters weakened there.",
    hints=[
        FIRST_STEP,
        "The velocity of ema is a mean, that of torch is a sum. How many times is a sum of ten as large?",
    ],
)
mistake(
    "convert",
    "inverted_both_ways",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace("lr * (", "lr @ (").replace("lr / (", "lr * (").replace("lr @ (", "lr / ("),
    says="The factor is the wrong way round, to ema and from it: where gradients enter weakened, a larger lr belongs.",
    hints=[
        FIRST_STEP,
        "In ema with beta 0.5 a gradient of 1 makes a first velocity of 0.5. Which lr makes the same step of it?",
    ],
    seen="blind answer",
)
mistake(
    "convert",
    "by_beta_both_ways",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace("(1 - beta)", "beta").replace("if ", "if beta and "),
    says="The factor is beta; the weight of a new gradient in ema is another number.",
    hints=["Which factor stands before g in the third line of the table?"],
)
mistake(
    "convert",
    "ema_in_both",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace(FROM_EMA, TO_EMA).replace("if ", "if src != dst and "),
    says="The same factor is used to ema and from it; there and back must lead to where one began.",
    hints=[FIRST_STEP, "Convert from torch to ema and back: do you get your lr again?"],
)
mistake(
    "convert",
    "smaller_in_both",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace(TO_EMA, FROM_EMA).replace("if ", "if src != dst and "),
    says="lr shrinks to ema as well as from it; there and back must lead to where one began.",
    hints=[FIRST_STEP, "Convert from torch to ema and back: do you get your lr again?"],
)
mistake(
    "convert",
    "sutskever_like_ema",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace('== "ema"', '!= "torch"'),
    says="sutskever is taken for a mean of gradients, as ema is; its velocity is a sum, with lr inside.",
    hints=[FIRST_STEP, "In sutskever the gradient enters the velocity times lr, and nothing else."],
)
mistake(
    "convert",
    "torch_for_ema",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace("ema", "torch"),
    says="torch is taken for the mean of gradients; by the table it is ema in which they enter weakened.",
    hints=[FIRST_STEP, "Which line of the table has a factor before g?"],
)
mistake(
    "convert",
    "sutskever_and_ema_alike",
    was=BOTH_WAYS,
    now=BOTH_WAYS.replace("if ", 'if {src, dst} != {"sutskever", "ema"} and '),
    says="Between sutskever and ema lr stays as it is; only ema weakens the gradient.",
    hints=["Go from sutskever to torch, then from torch to ema. Is it what you get at once?"],
)
mistake(
    "convert",
    "same_names_not_looked_at",
    was="    for name in (src, dst):\n",
    now="    if src == dst:\n        return lr, beta\n    for name in (src, dst):\n",
    says="Two equal names are never looked at, so that an unknown one passes if it stands in both places.",
    hints=["Call it with a name that you made up, in both places.", "Look at the names before anything else."],
    seen="blind answer",
)
mistake(
    "convert",
    "first_name_only",
    was="in (src, dst)",
    now="in (src,)",
    says="Only the first of the two names is checked.",
    hints=["Call it with a name that you made up, once in each place."],
)
mistake(
    "convert",
    "any_case",
    was="    for name in (src, dst):\n",
    now="    src, dst = src.lower(), dst.lower()\n    for name in (src, dst):\n",
    says="A name with a capital letter is taken for a known one; names are compared letter by letter.",
    hints=["Is Ema a name that stands in CONVENTIONS?"],
)
mistake(
    "convert",
    "nothing_for_unknown",
    was='raise ValueError(f"{name!r} is no convention; there are {CONVENTIONS}")',
    now="return None",
    says="For an unknown name nothing comes back; it should raise ValueError.",
    hints=["Call it with a name that you made up, and print what comes back."],
)
mistake(
    "convert",
    "raises_only_if_both",
    was="if name not in CONVENTIONS",
    now="if src not in CONVENTIONS and dst not in CONVENTIONS",
    says="Only where both names are unknown is there an error; one is enough.",
    hints=["Call it with a name that you made up, once in each place.", "Is it `and` that you mean, or `or`?"],
)

# ---- Mistakes: hb_optimal ---------------------------------------------------------------------------------------

LR = "4 / (high + low) ** 2"

mistake(
    "hb_optimal",
    "lr_of_gradient_descent",
    was=LR,
    now="2 / (mu + L)",
    says="lr is that of gradient descent without momentum.",
    hints=["With momentum longer steps are stable: compare 2/101 with 4/121."],
)
mistake(
    "hb_optimal",
    "lr_of_nesterov",
    was=LR,
    now="1 / L",
    says="lr is one over the steepest curvature, as for Nesterov's method.",
    hints=["For curvatures 4 and 9 it should be 4/25."],
)
mistake(
    "hb_optimal",
    "square_of_the_sum",
    was=LR,
    now="4 / (mu + L)",
    says="In lr the curvatures are added; it is their roots that are added, and then squared.",
    hints=["For curvatures 4 and 9: 2 + 3 is 5, squared 25."],
)
mistake(
    "hb_optimal",
    "not_squared",
    was=LR,
    now="4 / (high + low)",
    says="In lr the sum of the roots is not squared.",
    hints=["For curvatures 4 and 9: 2 + 3 is 5, squared 25."],
)
mistake(
    "hb_optimal",
    "two_for_four",
    was=LR,
    now="2 / (high + low) ** 2",
    says="lr is half of what it should be.",
    hints=["In a round valley, mu = L, one step should reach the minimum: lr is 1 / L there."],
)
mistake(
    "hb_optimal",
    "roots_forgotten",
    was="float(mu) ** 0.5, float(L) ** 0.5",
    now="float(mu), float(L)",
    says="The curvatures themselves are used where their square roots belong.",
    hints=["For curvatures 4 and 9 the formulas work with 2 and 3."],
)
mistake(
    "hb_optimal",
    "beta_of_nesterov",
    was="rate**2, rate",
    now="rate, rate",
    says="beta is not squared: that is the beta of Nesterov's method.",
    hints=["At critical damping the radius is the square root of beta."],
)
mistake(
    "hb_optimal",
    "rate_of_the_loss",
    was="rate**2, rate",
    now="rate**2, rate**2",
    says="The rate is that of the loss; the rate of the distance is asked for.",
    hints=["The loss falls like the square of the distance."],
)
mistake(
    "hb_optimal",
    "rate_of_gradient_descent",
    was="rate**2, rate",
    now="rate**2, (L - mu) / (L + mu)",
    says="The rate is that of gradient descent, with the condition number itself in place of its root.",
    hints=["For curvatures 1 to 100 it should be 9/11, not 99/101."],
)
mistake(
    "hb_optimal",
    "rate_of_nesterov",
    was="rate**2, rate",
    now="rate**2, 1 - low / high",
    says="The rate is that of Nesterov's method.",
    hints=["For curvatures 1 to 100 it should be 9/11, not 9/10."],
)
mistake(
    "hb_optimal",
    "ends_exchanged",
    was="(high - low) / (high",
    now="(low - high) / (high",
    says="The ends are exchanged: the rate is negative.",
    hints=["Which of the two roots is the larger one?"],
    seen="syllabus 2.11",
)
mistake(
    "hb_optimal",
    "lr_of_ema",
    was=LR,
    now="4 / (high + low) ** 2 / (1 - rate**2)",
    says="lr is meant as ema means it; the convention torch is asked for.",
    hints=["See section 2: which convention has the smaller lr?"],
)
mistake(
    "hb_optimal",
    "order_exchanged",
    was="return 4 / (high + low) ** 2, rate**2, rate",
    now="return rate**2, 4 / (high + low) ** 2, rate",
    says="beta comes back first and lr second.",
    hints=["Print what comes back for curvatures 1 and 100."],
)

mistake(
    "hb_optimal",
    "roots_forgotten_in_lr",
    was=LR,
    now="4 / (mu + L) ** 2",
    says="In lr the curvatures are used where their square roots belong.",
    hints=["For curvatures 4 and 9: 2 + 3 is 5, squared 25."],
)
mistake(
    "hb_optimal",
    "square_forgotten_with_the_four",
    was=LR,
    now="2 / (high + low)",
    says="lr is not squared: this is its square root.",
    hints=["For curvatures 4 and 9: 2 + 3 is 5, squared 25."],
)
mistake(
    "hb_optimal",
    "four_forgotten",
    was=LR,
    now="1 / (high + low) ** 2",
    says="The factor above the line is missing in lr.",
    hints=["In a round valley, mu = L, one step should reach the minimum: lr is 1 / L there."],
)
mistake(
    "hb_optimal",
    "lr_at_the_limit",
    was=LR,
    now="2 / L",
    says="lr is the largest at which gradient descent is stable; that is not the best one with momentum.",
    hints=["For curvatures 4 and 9 it should be 4/25.", "Both roots enter, that of mu and that of L."],
)
mistake(
    "hb_optimal",
    "condition_number_itself",
    was="rate = (high - low) / (high + low)",
    now="rate = (L - mu) / (L + mu)",
    says="In beta and rate the condition number stands where its square root belongs.",
    hints=["For curvatures 4 and 9 the rate is (3 - 2) / (3 + 2)."],
)
mistake(
    "hb_optimal",
    "what_is_lost",
    was="rate**2, rate",
    now="rate**2, 1 - rate",
    says="The rate is what the error loses per step; what it is multiplied by is asked for.",
    hints=["If a step leaves 4/5 of the error, which number is the rate?"],
)
mistake(
    "hb_optimal",
    "root_for_square",
    was="rate**2, rate",
    now="rate**0.5, rate",
    says="beta is the root of the rate; it is the other way round: the rate is the root of beta.",
    hints=["At critical damping the radius is the square root of beta."],
)
mistake(
    "hb_optimal",
    "rate_before_beta",
    was="return 4 / (high + low) ** 2, rate**2, rate",
    now="return 4 / (high + low) ** 2, rate, rate**2",
    says="The rate stands second and beta third; it should be the other way round.",
    hints=["Print what comes back for curvatures 1 and 100.", "In which order are the three asked for?"],
)
mistake(
    "hb_optimal",
    "nesterovs_method",
    was="return 4 / (high + low) ** 2, rate**2, rate",
    now="return 1 / L, rate, 1 - low / high",
    says="This is Nesterov's method, its lr, beta and rate; the heavy ball is asked for.",
    hints=["For curvatures 1 to 100 the heavy ball's rate is 9/11, Nesterov's 9/10."],
)
mistake(
    "hb_optimal",
    "flat_end_only",
    was="return 4 / (high + low) ** 2, rate**2, rate",
    now="return 1 / L, (1 - low / high) ** 2, 1 - low / high",
    says="lr is one over the steepest curvature, and only the flat end is critically damped; both ends should be.",
    hints=[
        "A larger lr is stable with momentum. What should the steepest direction do?",
        "Both ends are critically damped: 1 - sqrt(lr * mu) and sqrt(lr * L) - 1 are equal.",
    ],
)
mistake(
    "hb_optimal",
    "gradient_descent",
    was="return 4 / (high + low) ** 2, rate**2, rate",
    now="return 2 / (mu + L), 0.0, (L - mu) / (L + mu)",
    says="This is the best gradient descent, without momentum.",
    hints=["beta should be 0 only where mu = L."],
)
mistake(
    "hb_optimal",
    "round_valley_four",
    was="    return 4 /",
    now="    if mu == L:\n        return 4 / L, 0.0, 0.0\n    return 4 /",
    says="In a round valley lr is four times too large; the roots of both ends are added before they are squared.",
    hints=["Where mu = L, which lr reaches the minimum in one step?", "For 9 and 9: 3 + 3 is 6, squared 36."],
    seen="blind answer",
)
mistake(
    "hb_optimal",
    "round_valley_two",
    was="    return 4 /",
    now="    if mu == L:\n        return 2 / L, 0.0, 0.0\n    return 4 /",
    says="In a round valley lr is at the limit of stability; half of it would reach the minimum in one step.",
    hints=["Where mu = L and beta = 0, what is theta after one step with your lr?"],
)
mistake(
    "hb_optimal",
    "beta_for_another_lr",
    was="rate**2, rate",
    now="(1 - low / high) ** 2, rate",
    says="beta is the one for which 1 / L would be critically damped at the flat end; lr is larger here.",
    hints=[
        "Put your own lr into the formula of critical damping.",
        "For curvatures 4 and 9: 1 - 2 * 0.4 is 0.2, squared 0.04.",
    ],
)
mistake(
    "hb_optimal",
    "beta_of_nesterov_and_its_root",
    was="rate**2, rate",
    now="rate, rate**0.5",
    says="beta is not squared, and the rate is its root; the fraction with the roots of the ends is the rate itself.",
    hints=["For curvatures 4 and 9 that fraction is 1/5: is it beta, or the rate?"],
)

# ---- Mistakes: nqm_steady_state ---------------------------------------------------------------------------------

ROOM = "(2 + 2 * beta - lr * h)"

mistake(
    "nqm_steady_state",
    "memory_in_the_numerator",
    was="(1 + beta) / (2 * m * (1 - beta) * ",
    now="(1 + beta) * (1 - beta) / (2 * m * ",
    says="The factor 1 - beta stands above the line; below it, more momentum means a higher floor.",
    hints=["From 0.9 to 0.95 at the same lr: should the floor rise or fall?", "Each push of noise lives on."],
    seen="syllabus 8.17",
)
mistake(
    "nqm_steady_state",
    "memory_forgotten",
    was="(1 - beta) * (2 +",
    now="(2 +",
    says="The factor 1 - beta below the line is missing.",
    hints=["Compute the formula for beta = 0.5 by hand."],
)
mistake(
    "nqm_steady_state",
    "upper_factor_forgotten",
    was="c * (1 + beta)",
    now="c",
    says="The factor 1 + beta above the line is missing.",
    hints=["Compute the formula for beta = 0.5 by hand."],
)
mistake(
    "nqm_steady_state",
    "half_forgotten",
    was="2 * m",
    now="m",
    says="The floor is twice too high: a factor 2 below the line is missing.",
    hints=["With beta = 0, is it the floor of assignment 03?"],
    seen="syllabus 3.7",
)
mistake(
    "nqm_steady_state",
    "mean_square",
    was="2 * m",
    now="h * m",
    says="This is the mean of theta squared; the loss, half of that times h, is asked for.",
    hints=["What is the loss at theta = 1?"],
)
mistake(
    "nqm_steady_state",
    "room_of_plain_descent",
    was=ROOM,
    now="(2 - lr * h)",
    says="The last factor below the line is that of gradient descent; beta is missing in it.",
    hints=["Where should it become 0: at the limit of section 3?"],
)
mistake(
    "nqm_steady_state",
    "small_steps_only",
    was=ROOM,
    now="(2 + 2 * beta)",
    says="The last factor below the line lacks the learning rate: right for tiny steps only.",
    hints=["Where should it become 0: at the limit of section 3?"],
    seen="syllabus 3.7",
)
mistake(
    "nqm_steady_state",
    "beta_once",
    was=ROOM,
    now="(2 + beta - lr * h)",
    says="In the last factor below the line beta stands once; it should be twice beta.",
    hints=["Where should it become 0: at the limit of section 3?"],
)
mistake(
    "nqm_steady_state",
    "room_with_wrong_sign",
    was=ROOM,
    now="(2 + 2 * beta + lr * h)",
    says="In the last factor below the line lr enters with the wrong sign.",
    hints=["Where should it become 0: at the limit of section 3?"],
)
mistake(
    "nqm_steady_state",
    "batch_size_forgotten",
    was="2 * m",
    now="2",
    says="The batch size makes no difference.",
    hints=["Call it with m = 1 and m = 100."],
)
mistake(
    "nqm_steady_state",
    "root_of_the_batch_size",
    was="2 * m",
    now="2 * m**0.5",
    says="The floor falls like the root of the batch size: that is the deviation; the variance falls like m.",
    hints=["Call it with m = 1 and m = 100: by what factor should it fall?"],
    seen="syllabus 3.1",
)
mistake(
    "nqm_steady_state",
    "variance_squared",
    was="lr * c *",
    now="lr * c**2 *",
    says="c is squared; it is a variance already.",
    hints=["Twice the variance: twice the floor."],
)
mistake(
    "nqm_steady_state",
    "limit_of_plain_descent",
    was=">= 2 * (1 + beta)",
    now=">= 2",
    says="Infinity begins at the limit of gradient descent; with momentum there is more room.",
    hints=["Where does section 3 say that the radius stays below 1?"],
)
mistake(
    "nqm_steady_state",
    "no_limit",
    was="if lr * h >= 2 * (1 + beta):",
    now="if lr * h == 2 * (1 + beta):",
    says="Beyond the limit the formula is used all the same, and the floor becomes negative.",
    hints=["Can an expected loss be negative?"],
)
mistake(
    "nqm_steady_state",
    "limit_too_low",
    was=">= 2 * (1 + beta)",
    now=">= 2 + beta",
    says="The limit is too low: the 2 stands before both 1 and beta.",
    hints=["Where does section 3 say that the radius stays below 1?"],
)
mistake(
    "nqm_steady_state",
    "nan_for_infinity",
    was='return float("inf")',
    now='return float("nan")',
    says="NaN comes back beyond the limit; infinity is asked for.",
    hints=["Read the last lines of the contract."],
)
mistake(
    "nqm_steady_state",
    "plain_descent",
    was="return float(lr * c",
    now="beta = 0.0\n    return float(lr * c",
    says="beta is left out of the floor: this is that of gradient descent at the same lr.",
    hints=["From 0 to 0.9 at the same lr the floor should rise about tenfold."],
)

mistake(
    "nqm_steady_state",
    "limit_on_the_effective_rate",
    was=">= 2 * (1 + beta)",
    now=">= 2 * (1 - beta)",
    says="Infinity begins where the effective rate has the limit of gradient descent; momentum widens the range.",
    hints=[
        "Where does section 3 say that the radius stays below 1?",
        "With beta 0.5, h 1 and lr 1.5 there is a floor still.",
    ],
    seen="blind answer",
)
mistake(
    "nqm_steady_state",
    "factors_exchanged",
    was="lr * c * (1 + beta) / (2 * m * (1 - beta) * ",
    now="lr * c * (1 - beta) / (2 * m * (1 + beta) * ",
    says="The factors 1 + beta and 1 - beta are exchanged, as if momentum averaged the noise away.",
    hints=[
        "From 0.9 to 0.95 at the same lr: should the floor rise or fall?",
        "Each push of noise lives on for 1 / (1 - beta) steps.",
    ],
    seen="blind answer",
)
mistake(
    "nqm_steady_state",
    "descent_at_the_effective_rate",
    was="    if lr * h >=",
    now="    lr, beta = lr / (1 - beta), 0.0\n    if lr * h >=",
    says="This is the floor and the limit of gradient descent at the effective rate; the two agree only for small lr.",
    hints=[
        "Section 4 has a formula of its own. Is it the one of assignment 03 with another lr?",
        "What little momentum gains at large lr is missing here.",
    ],
)
mistake(
    "nqm_steady_state",
    "descent_at_the_effective_rate_below_the_limit",
    was="return float(lr * c",
    now="lr, beta = lr / (1 - beta), 0.0\n    return float(lr * c",
    says="The floor is that of gradient descent at the effective rate; the two agree only for small lr.",
    hints=["Section 4 has a formula of its own. Is it the one of assignment 03 with another lr?"],
)
mistake(
    "nqm_steady_state",
    "curvature_left_out",
    was=ROOM,
    now="(2 + 2 * beta - lr)",
    says="The curvature is missing in the last factor below the line.",
    hints=["Compute the formula for h = 2 by hand: does h matter?"],
)
mistake(
    "nqm_steady_state",
    "no_brackets_below",
    was="/ (2 * m * (1 - beta) * (2 + 2 * beta - lr * h))",
    now="/ 2 * m * (1 - beta) * (2 + 2 * beta - lr * h)",
    says="Only the first factor below the line divides; the others multiply, since brackets around them are missing.",
    hints=["What does Python make of 12 / 2 * 3?", "Does a larger batch lower your floor?"],
)
mistake(
    "nqm_steady_state",
    "two_brackets_below",
    was="(2 * m * (1 - beta) * (2 + 2 * beta - lr * h))",
    now="(2 * m) * (1 - beta) * (2 + 2 * beta - lr * h)",
    says="Only 2 * m divides; the factors after it multiply, since brackets around all of them are missing.",
    hints=["What does Python make of 12 / 2 * 3?", "Put brackets around all that stands below the line."],
)
mistake(
    "nqm_steady_state",
    "last_factor_multiplies",
    was="(1 - beta) * (2 + 2 * beta - lr * h))",
    now="(1 - beta)) * (2 + 2 * beta - lr * h)",
    says="The last factor below the line multiplies; a bracket closes before it.",
    hints=["What does Python make of 12 / 2 * 3?", "Near the limit, should the floor rise or fall?"],
)
mistake(
    "nqm_steady_state",
    "lr_squared",
    was="lr * c *",
    now="lr**2 * c *",
    says="lr is squared above the line; it stands there once.",
    hints=["Take half of a small lr: is the floor about half, or a quarter?"],
)
mistake(
    "nqm_steady_state",
    "zero_for_infinity",
    was='return float("inf")',
    now="return 0.0",
    says="0 comes back beyond the limit; infinity is asked for.",
    hints=["Does the loss vanish with too large a learning rate?", "Read the last lines of the contract."],
)
mistake(
    "nqm_steady_state",
    "limit_too_high",
    was=">= 2 * (1 + beta)",
    now=">= 2 * (1 + beta) / (1 - beta)",
    says="Infinity begins too late, at a limit with 1 - beta below the line; in between the floor becomes negative.",
    hints=["Where does section 3 say that the radius stays below 1?", "Can an expected loss be negative?"],
)
mistake(
    "nqm_steady_state",
    "deviation_for_variance",
    was="lr * c *",
    now="lr * c**0.5 *",
    says="The deviation of the noise stands where its variance belongs.",
    hints=["Four times the variance: by what factor should the floor rise?"],
)
mistake(
    "nqm_steady_state",
    "divided_by_m_twice",
    was="2 * m",
    now="2 * m**2",
    says="The noise variance is divided by m twice; the variance of a mean of m falls like 1 / m.",
    hints=["Twice the batch: what becomes of the floor?"],
)

# ---- Mistakes: nqm_risk -----------------------------------------------------------------------------------------

BEGIN = "A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))"

mistake(
    "nqm_risk",
    "start_left_out",
    was="return xp.stack(risk)",
    now="return xp.stack(risk[1:]) if steps else xp.zeros(0)",
    says="The risk before the first step is left out: there is one entry too few.",
    hints=["How many entries belong to 2 steps?"],
    seen="syllabus 2.4",
)
mistake(
    "nqm_risk",
    "one_step_more",
    was="range(steps)",
    now="range(steps + 1)",
    says="One step too many is taken.",
    hints=["How many entries belong to 2 steps?"],
    seen="syllabus 2.8",
)
mistake(
    "nqm_risk",
    "last_value_only",
    was="return xp.stack(risk)",
    now="return risk[-1]",
    says="Only the risk after the last step comes back; all of them are asked for.",
    hints=["Print the shape of what comes back."],
)
mistake(
    "nqm_risk",
    "not_halved",
    was="return xp.stack(risk)",
    now="return 2 * xp.stack(risk)",
    says="The risk is not halved.",
    hints=["What is it before the first step, for a single h?"],
    seen="feedback starter bank: Deep-ML issue 54",
)
mistake(
    "nqm_risk",
    "mean_over_directions",
    was="return xp.stack(risk)",
    now="return xp.stack(risk) / len(h)",
    says="The risk is averaged over the directions; it should be their sum.",
    hints=["What is it before the first step, for two directions?"],
)
mistake(
    "nqm_risk",
    "directions_apart",
    was="        risk.append(h @ A / 2)\n    return xp.stack(risk)",
    now="        risk.append(h * A / 2)\n    return xp.stack([h / 2, *risk[1:]])",
    says="Each direction has a column of its own; their sum is asked for.",
    hints=["Print the shape of what comes back."],
)
mistake(
    "nqm_risk",
    "noise_of_one_sample",
    was="c / m",
    now="c",
    says="The noise is that of a single sample; a mean over m samples has a smaller variance.",
    hints=["Call it with m = 1 and m = 100."],
)
mistake(
    "nqm_risk",
    "root_of_the_batch_size",
    was="c / m",
    now="c / m**0.5",
    says="The noise variance is divided by the root of m: that is how the deviation falls.",
    hints=["By what factor does the variance of a mean of 100 fall?"],
    seen="syllabus 3.1",
)
mistake(
    "nqm_risk",
    "deviation_for_variance",
    was="c / m",
    now="(c / m) ** 0.5",
    says="The deviation of the noise is added where its variance belongs.",
    hints=["Moments are squares; what must be added to a square?"],
)
mistake(
    "nqm_risk",
    "no_noise",
    was="c / m",
    now="0 * c",
    says="The noise is left out.",
    hints=["Run it for a thousand steps: does the risk go to 0?"],
)
mistake(
    "nqm_risk",
    "noise_not_in_theta",
    was=" + lr**2 * noise,\n            h * pulled + beta * carried - lr * noise,",
    now=",\n            h * pulled + beta * carried,",
    says="The noise enters the velocity and not theta; the same push moves both in one step.",
    hints=["Without momentum, would there be any noise in theta?", "See the matrix that is multiplied by c / m."],
)
mistake(
    "nqm_risk",
    "noise_not_in_velocity",
    was="beta * (h * C + beta * V) + noise",
    now="beta * (h * C + beta * V)",
    says="The noise is missing in the mean square of the velocity.",
    hints=["See the matrix that is multiplied by c / m, at its lower right."],
)
mistake(
    "nqm_risk",
    "noise_not_shared",
    was=" - lr * noise,",
    now=",",
    says="The noise in theta and in v is taken for independent; it is one and the same push.",
    hints=["See the matrix that is multiplied by c / m, beside its diagonal."],
)
mistake(
    "nqm_risk",
    "noise_shared_with_wrong_sign",
    was=" - lr * noise,",
    now=" + lr * noise,",
    says="The noise that theta and v share has the wrong sign: a push uphill moves theta down.",
    hints=["See the matrix that is multiplied by c / m, beside its diagonal."],
)
mistake(
    "nqm_risk",
    "lr_not_squared",
    was="lr**2 * noise",
    now="lr * noise",
    says="In the mean square of theta the noise is multiplied by lr; a square wants its square.",
    hints=["If a number is scaled by lr, by what is its square scaled?"],
)
mistake(
    "nqm_risk",
    "covariance_forgotten",
    was="        risk.append(h @ A / 2)\n",
    now="        C = 0 * C\n        risk.append(h @ A / 2)\n",
    says="theta and v are taken for independent: their product is lost at every step.",
    hints=["A velocity comes from where one has been. Can it be independent of the place?"],
)


@mistake(
    "nqm_risk",
    "one_after_the_other",
    says="The moments are replaced one by one, so that the later ones are made from new values of the earlier.",
    hints=["Which A belongs into the new C: the old one or the new one?", "Compute all three, then replace them."],
    seen="syllabus 2.5",
)
def overwritten(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    a, risk = 1 - lr * h, [h @ xp.ones(len(h)) / 2]
    for _ in range(steps):
        A = a * a * A - 2 * a * lr * beta * C + (lr * beta) ** 2 * V + lr**2 * c / m
        C = a * h * A + (a * beta - lr * beta * h) * C - lr * beta**2 * V - lr * c / m
        V = h * h * A + 2 * h * beta * C + beta**2 * V + c / m
        risk.append(h @ A / 2)
    return xp.stack(risk)


mistake(
    "nqm_risk",
    "curvature_not_in_the_step",
    was="1 - lr * h",
    now="1 - lr",
    says="A direction's curvature is missing in the step that theta takes.",
    hints=["Which entry of M stands at its upper left?"],
)
mistake(
    "nqm_risk",
    "no_momentum",
    was="    " + BEGIN,
    now="    beta = 0.0\n    " + BEGIN,
    says="beta makes no difference.",
    hints=["Call it with beta 0 and 0.9."],
)
mistake(
    "nqm_risk",
    "moving_at_the_start",
    was=BEGIN,
    now="A, C, V = xp.ones(len(h)), h, h * h",
    says="The run starts with a velocity, the gradient of the start; it should start at rest.",
    hints=["What are C and V before the first step?"],
)
mistake(
    "nqm_risk",
    "start_shared_out",
    was="xp.ones(len(h)), xp",
    now="xp.ones(len(h)) / len(h), xp",
    says="The start is shared out over the directions; each has a mean square of 1.",
    hints=["What is the risk before the first step, for two directions?"],
)
mistake(
    "nqm_risk",
    "mean_of_gradients",
    was="    " + BEGIN,
    now="    lr = lr * (1 - beta)\n    " + BEGIN,
    says="lr is taken as ema means it; the convention torch is asked for.",
    hints=["Section 2 says by what factor the two differ."],
)
mistake(
    "nqm_risk",
    "noise_in_place",
    was="    stay, noise = 1 - lr * h, c / m\n",
    now="    c /= m\n    stay, noise = 1 - lr * h, c\n",
    says="The caller's c is divided by m in place.",
    hints=["Call it twice with the same c. Are the results the same?"],
    seen="feedback starter bank: in-place update of the caller's array",
)


@mistake(
    "nqm_risk",
    "squares_unweighted",
    says="The mean squares are added up without their curvatures: that is half the squared distance, not the loss.",
    hints=["What is the risk before the first step, for a single h = 3?"],
)
def distances(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    a, risk = 1 - lr * h, [xp.ones(len(h)).sum() / 2]
    for _ in range(steps):
        p, q = a * A - lr * beta * C, a * C - lr * beta * V
        V = h * h * A + 2 * h * beta * C + beta**2 * V + c / m
        A, C = a * p - lr * beta * q + lr**2 * c / m, h * p + beta * q - lr * c / m
        risk.append(A.sum() / 2)
    return xp.stack(risk)


mistake(
    "nqm_risk",
    "never_without_a_step",
    was="range(steps)",
    now="range(max(steps, 1))",
    says="With no steps at all one is taken: there are two entries where one is asked for.",
    hints=["Call it with steps = 0.", "How many entries belong to 0 steps?"],
    seen="blind answer",
)
mistake(
    "nqm_risk",
    "infinity_beyond_the_limit",
    was="    return xp.stack(risk)",
    now="    if bool((lr * h >= 2 * (1 + beta)).any()):\n        risk = [risk[0]] + [risk[0] * xp.inf] * steps\n"
    "    return xp.stack(risk)",
    says="Beyond the limit of stability infinity is put in; the risk grows there, but it is finite after each step.",
    hints=["What is theta after one step that is too long?", "Only the floor, after very many steps, is infinite."],
    seen="blind answer",
)
mistake(
    "nqm_risk",
    "random_velocity_at_the_start",
    was=BEGIN,
    now="A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.ones(len(h))",
    says="The mean square of the velocity begins at 1; the run starts at rest.",
    hints=["What are C and V before the first step, if v is 0?"],
)
mistake(
    "nqm_risk",
    "all_ones_at_the_start",
    was=BEGIN,
    now="A, C, V = xp.ones(len(h)), xp.ones(len(h)), xp.ones(len(h))",
    says="All three moments begin at 1; the run starts at rest, with a velocity of 0.",
    hints=["What are C and V before the first step, if v is 0?"],
)
mistake(
    "nqm_risk",
    "whole_numbers",
    was="return xp.stack(risk)",
    now="return xp.stack(risk).astype(int)",
    says="The risks are cut off to whole numbers, by an array of integers.",
    hints=[
        "Print the dtype of what comes back.",
        "An array that is made from whole numbers, or told so, holds nothing else.",
    ],
)
mistake(
    "nqm_risk",
    "noise_grows_with_the_batch",
    was="c / m",
    now="c * m",
    says="The noise variance is multiplied by m; a mean over more samples is less noisy.",
    hints=["Call it with m = 1 and m = 100."],
)
mistake(
    "nqm_risk",
    "divided_by_m_twice",
    was="c / m",
    now="c / m**2",
    says="The noise variance is divided by m twice; the variance of a mean of m falls like 1 / m.",
    hints=["Call it with m = 1 and m = 100.", "c is the variance already, not the deviation."],
)


@mistake(
    "nqm_risk",
    "relaxes_at_the_radius",
    says="Each direction goes to its floor by one factor per step; with momentum that holds only in the long run.",
    hints=[
        "From v = 0, is the first step with momentum longer than without?",
        "The radius of M says how fast it goes after many steps; before, theta and v are followed one by one.",
    ],
    seen="blind answer",
)
def relaxing(h, c, m, lr, beta, steps):
    risk = 0.0
    for one, noise in zip(h.tolist(), (c / m).tolist(), strict=True):
        radius = abs(np.roots([1.0, lr * one - 1 - beta, beta])).max()
        floor = lr * noise * (1 + beta) / (2 * (1 - beta) * (2 + 2 * beta - lr * one))
        risk = risk + floor + (one / 2 - floor) * radius ** (2 * np.arange(steps + 1))
    return xp.asarray(risk)


@mistake(
    "nqm_risk",
    "transposed",
    says="M stands at the wrong side: the transposed matrix comes first.",
    hints=["Do one step by hand, with A = 1 and C = V = 0.", "Which of the two copies of M is transposed?"],
)
def from_the_wrong_side(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    a, b, risk = 1 - lr * h, -lr * beta, [h @ xp.ones(len(h)) / 2]
    for _ in range(steps):
        p, q, r = a * A + h * C, a * C + h * V, b * C + beta * V
        A, C, V = a * p + h * q, b * p + beta * q, b * (b * A + beta * C) + beta * r
        A, C, V = A + lr**2 * c / m, C - lr * c / m, V + c / m
        risk.append(h @ A / 2)
    return xp.stack(risk)


@mistake(
    "nqm_risk",
    "velocity_of_the_step_before",
    says="theta moves with the old velocity, before this gradient has entered it: every step comes one late.",
    hints=["Does theta move in the first step, from v = 0?", "Compare your M with that of section 3, entry by entry."],
)
def one_late(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    risk = [h @ A / 2]
    for _ in range(steps):
        A, C, V = (
            A - 2 * lr * C + lr**2 * V,
            h * A + (beta - lr * h) * C - lr * beta * V,
            h * h * A + 2 * h * beta * C + beta**2 * V + c / m,
        )
        risk.append(h @ A / 2)
    return xp.stack(risk)


@mistake(
    "nqm_risk",
    "old_velocity_not_decayed",
    says="In the step of theta the old velocity is not multiplied by beta; in that of v it is.",
    hints=["Compare your M with that of section 3, entry by entry.", "Which entry stands at its upper right?"],
)
def upper_right_without_beta(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    a, risk = 1 - lr * h, [h @ xp.ones(len(h)) / 2]
    for _ in range(steps):
        p, q, noise = a * A - lr * C, a * C - lr * V, c / m
        V = h * h * A + 2 * h * beta * C + beta**2 * V + noise
        A, C = a * p - lr * q + lr**2 * noise, h * p + beta * q - lr * noise
        risk.append(h @ A / 2)
    return xp.stack(risk)


mistake(
    "nqm_risk",
    "descent_at_the_effective_rate",
    was="    " + BEGIN,
    now="    lr, beta = lr / (1 - beta), 0.0\n    " + BEGIN,
    says="Momentum is replaced by gradient descent at the effective rate; they agree only later on, for small lr.",
    hints=["How long is the first step from v = 0: lr * h, or more?", "Follow theta and v, as section 5 does."],
)

# ---- Mistakes: experiment ---------------------------------------------------------------------------------------

mistake(
    "experiment",
    "somebody_elses_data",
    was="own_problem(seed)\n",
    now="own_problem(0)\n",
    says="The seed that is given is not used: these are somebody else's data.",
    hints=["Call it with two seeds. Are the results different?"],
)
mistake(
    "experiment",
    "drop_in_the_steepest",
    was="float(h[1])",
    now="float(h[0])",
    says="drop is computed in the steepest direction; the second one is asked for.",
    hints=["Which entry of h does the contract name?"],
)
mistake(
    "experiment",
    "drop_one_late",
    was="t < 10",
    now="t <= 10",
    says="The learning rate drops one step late.",
    hints=["How many steps are taken at 0.5?"],
)
mistake(
    "experiment",
    "drop_one_early",
    was="t < 10",
    now="t < 9",
    says="The learning rate drops one step early.",
    hints=["How many steps are taken at 0.5?"],
)
mistake(
    "experiment",
    "conventions_exchanged",
    was="[torch, sutskever]",
    now="[sutskever, torch]",
    says="The two rows of drop are exchanged.",
    hints=["Which of the two shrinks its step at once when the learning rate drops?"],
)
mistake(
    "experiment",
    "one_convention_twice",
    was="lr * slope * sutskever[-1]",
    now="lr * slope * torch[-1]",
    says="The second run follows the gradients of the first one; each has its own.",
    hints=["At which point is the gradient of the run in sutskever's convention?"],
)
mistake(
    "experiment",
    "effective_for_nominal",
    was="(1 - beta) * EFFECTIVE, beta)",
    now="EFFECTIVE, beta)",
    says="The effective rates of the grid are used as learning rates; they want to be multiplied by 1 - beta.",
    hints=["What is the effective rate of lr 0.1 and beta 0.9?"],
)
mistake(
    "experiment",
    "place_for_value",
    was="EFFECTIVE[table.argmin(axis=1)] for",
    now="table.argmin(axis=1) * 1.0 for",
    says="best holds places in the grid; the effective rates themselves are asked for.",
    hints=["What stands in EFFECTIVE at that place?"],
)
mistake(
    "experiment",
    "nominal_best",
    was="[EFFECTIVE[table.argmin(axis=1)] for table in tables]",
    now="[(1 - beta) * EFFECTIVE[table.argmin(axis=1)] for beta, table in zip(BETAS, tables, strict=True)]",
    says="best holds learning rates; the entries of EFFECTIVE are asked for.",
    hints=["Is every entry of best in the grid?"],
)
mistake(
    "experiment",
    "fixed_rate",
    was="table.min(axis=1)",
    now="table[:, 15]",
    says="The steps are those of one learning rate for all; each batch size should have its best.",
    hints=["Take the fewest steps in each row of the table."],
)
mistake(
    "experiment",
    "risk_of_one_sample",
    was="nqm_risk(h, c, SMALL,",
    now="nqm_risk(h, c, 1,",
    says="The four runs have batches of one sample; batches of SMALL are asked for.",
    hints=["Which batch size does the contract name for risk?"],
)
mistake(
    "experiment",
    "floor_averaged",
    was="for one in both) for",
    now="for one in both) / len(both) for",
    says="The floors of the directions are averaged; they should be added up.",
    hints=["Does the risk end near its floor?"],
)
mistake(
    "experiment",
    "floor_of_the_steepest",
    was="for one in both) for",
    now="for one in both[:1]) for",
    says="floor holds the steepest direction alone; all directions are to be added up.",
    hints=["Does the risk end near its floor?"],
)
mistake(
    "experiment",
    "floor_of_one_sample",
    was="*one, SMALL)",
    now="*one, 1)",
    says="The floors are those of batches of one sample.",
    hints=["Which batch size does the contract name for floor?"],
)

mistake(
    "experiment",
    "restarted_at_the_drop",
    was="        u = 0.9 * u - lr",
    now="        u = (0.0 if t == 10 else 0.9) * u - lr",
    says="In sutskever the velocity is thrown away when the learning rate falls; it goes on as it is.",
    hints=[
        "Look at column 11 of drop. What does the table of section 2 do with v there?",
        "The old velocity holds the old learning rate: that is what is to be seen.",
    ],
    seen="blind answer",
)
mistake(
    "experiment",
    "both_restarted",
    was="        lr = 0.5 if t < 10 else 0.05\n",
    now="        lr = 0.5 if t < 10 else 0.05\n        v, u = (0.0, 0.0) if t == 10 else (v, u)\n",
    says="Both runs start anew, with velocity 0, when the learning rate falls; the velocities go on as they are.",
    hints=["Look at column 11 of drop. What does the table of section 2 do with v there?"],
)
mistake(
    "experiment",
    "rows_never_part",
    was="[torch, sutskever]",
    now="[torch, torch]",
    says="The rows of drop are the same to the end; after the drop sutskever's velocity holds the old learning rate.",
    hints=[
        "Section 2: what does sutskever do when the learning rate falls?",
        "Where does lr stand in each line of the table?",
    ],
)
mistake(
    "experiment",
    "last_of_ties",
    was="[EFFECTIVE[table.argmin(axis=1)] for",
    now="[EFFECTIVE[43 - table[:, ::-1].argmin(axis=1)] for",
    says="Where several rates need equally few steps, best holds the largest of them; the smallest is asked for.",
    hints=[
        "What does your search do with a second rate that is as good as the first?",
        "Read the lines on best to their end.",
    ],
    seen="blind answer",
)
mistake(
    "experiment",
    "tuned_without_momentum",
    was="table.min(axis=1) for table in tables]),\n"
    '        "best": xp.asarray([EFFECTIVE[table.argmin(axis=1)] for table in tables',
    now="table[range(6), tables[0].argmin(axis=1)] for table in tables]),\n"
    '        "best": xp.asarray([EFFECTIVE[tables[0].argmin(axis=1)] for _ in tables',
    says="The rate is tuned without momentum and used for every beta; each beta should have its own best.",
    hints=[
        "For steps, how many searches are there: six, or four times six?",
        "Momentum allows larger effective rates at large batches.",
    ],
    seen="blind answer",
)
mistake(
    "experiment",
    "effective_divided",
    was="(1 - beta) * EFFECTIVE, beta)",
    now="EFFECTIVE / (1 - beta), beta)",
    says="The rates of the grid are divided by 1 - beta; to get lr from an effective rate one multiplies.",
    hints=[
        "What is the effective rate of lr 0.1 and beta 0.9?",
        "With beta 0.9, is lr larger or smaller than the effective rate?",
    ],
)
mistake(
    "experiment",
    "floor_from_the_curve",
    was="[sum(nqm_steady_state(lr, beta, *one, SMALL) for one in both) for lr, beta in RUNS]",
    now="[one[-(STEPS // 10) :].mean() for one in risk]",
    says="floor is the mean of the last part of the curve; the floors of the formula are asked for.",
    hints=["Has the risk arrived, after STEPS steps?", "Which function gives the floor of one direction?"],
    seen="blind answer",
)
mistake(
    "experiment",
    "last_risk_for_the_floor",
    was="[sum(nqm_steady_state(lr, beta, *one, SMALL) for one in both) for lr, beta in RUNS]",
    now="[one[-1] for one in risk]",
    says="floor is the last risk of the curve; the floors of the formula are asked for.",
    hints=["Has the risk arrived, after STEPS steps?", "Which function gives the floor of one direction?"],
)
mistake(
    "experiment",
    "floor_with_h_and_c_exchanged",
    was="*one, SMALL)",
    now="*one[::-1], SMALL)",
    says="In the floors curvature and noise variance are exchanged.",
    hints=["In which order does nqm_steady_state take h and c?"],
)
mistake(
    "experiment",
    "rates_and_betas_exchanged",
    was="h, c, SMALL, lr, beta, STEPS",
    now="h, c, SMALL, beta, lr, STEPS",
    says="In risk the learning rate and beta are exchanged.",
    hints=["In which order does nqm_risk take lr and beta, and in which do they stand in RUNS?"],
)
mistake(
    "experiment",
    "runs_taken_for_effective",
    was="    risk = [nqm_risk(",
    now="    RUNS = [(lr * (1 - beta), beta) for lr, beta in globals()['RUNS']]\n    risk = [nqm_risk(",
    says="The learning rates of RUNS are multiplied by 1 - beta; they are learning rates already, not effective ones.",
    hints=["Which of the two lists holds effective rates, EFFECTIVE or RUNS?"],
)
mistake(
    "experiment",
    "floor_of_plain_descent",
    was="nqm_steady_state(lr, beta, *one, SMALL)",
    now="nqm_steady_state(lr / (1 - beta), 0.0, *one, SMALL)",
    says="floor is that of gradient descent at the effective rates; the two agree for small rates only.",
    hints=["Which beta do you hand to nqm_steady_state?"],
)
mistake(
    "experiment",
    "tuned_for_the_smallest_batch",
    was="table.min(axis=1) for table in tables]),\n"
    '        "best": xp.asarray([EFFECTIVE[table.argmin(axis=1)] for table in tables',
    now="table[:, table[0].argmin()] for table in tables]),\n"
    '        "best": xp.asarray([EFFECTIVE[[table[0].argmin()] * 6] for table in tables',
    says="The rate is tuned for the smallest batch and used for all; each batch size should have its own best.",
    hints=["For one beta, how many searches are there: one, or six?", "Which axis of the table belongs to the rates?"],
)

# ---- Mistakes: speed_ups ----------------------------------------------------------------------------------------

mistake(
    "speed_ups",
    "next_batch_size",
    was='[0, 0] / _found_here["steps"][2, 0]',
    now='[0, 1] / _found_here["steps"][2, 1]',
    says="This is the gain at the next larger batch size.",
    hints=["Which column belongs to m = 16?"],
)
mistake(
    "speed_ups",
    "small_upside_down",
    was='["steps"][0, 0] / _found_here["steps"][2, 0]',
    now='["steps"][2, 0] / _found_here["steps"][0, 0]',
    says="The quotient for small batches is upside down.",
    hints=["How many times as many steps does plain gradient descent need?"],
)
mistake(
    "speed_ups",
    "another_beta",
    was='[0, 5] / _found_here["steps"][2, 5]',
    now='[0, 5] / _found_here["steps"][3, 5]',
    says="This is the gain of another beta than 0.9.",
    hints=["Which row belongs to 0.9?"],
)
mistake(
    "speed_ups",
    "gain_of_raising_beta",
    was='[0, 5] / _found_here["steps"][2, 5]',
    now='[1, 5] / _found_here["steps"][2, 5]',
    says="This is the gain over beta 0.5; the one over 0 is asked for.",
    hints=["Which row belongs to 0?"],
)
mistake(
    "speed_ups",
    "harm_upside_down",
    was='["floor"][1] / _found_here["floor"][0]',
    now='["floor"][0] / _found_here["floor"][1]',
    says="The quotient of the floors is upside down.",
    hints=["By what factor does the floor rise?"],
)
mistake(
    "speed_ups",
    "harm_at_equal_effective_rate",
    was='["floor"][1] / _found_here["floor"][0]',
    now='["floor"][3] / _found_here["floor"][0]',
    says="This compares the floors at equal effective rate; equal learning rate is asked for.",
    hints=["Which of RUNS has the learning rate of the first, and beta 0.95?"],
)
mistake(
    "speed_ups",
    "small_for_another_beta",
    was='[0, 0] / _found_here["steps"][2, 0]',
    now='[0, 0] / _found_here["steps"][3, 0]',
    says="For small batches this is the gain of another beta than 0.9.",
    hints=["Which row belongs to 0.9?"],
)
mistake(
    "speed_ups",
    "small_for_half",
    was='[0, 0] / _found_here["steps"][2, 0]',
    now='[0, 0] / _found_here["steps"][1, 0]',
    says="For small batches this is the gain of beta 0.5; that of 0.9 is asked for.",
    hints=["Which row belongs to 0.9?"],
)
mistake(
    "speed_ups",
    "large_upside_down",
    was='["steps"][0, 5] / _found_here["steps"][2, 5]',
    now='["steps"][2, 5] / _found_here["steps"][0, 5]',
    says="The quotient for large batches is upside down.",
    hints=["How many times as many steps does plain gradient descent need?"],
)
mistake(
    "speed_ups",
    "large_too_small",
    was='[0, 5] / _found_here["steps"][2, 5]',
    now='[0, 4] / _found_here["steps"][2, 4]',
    says="For large batches this is the gain at a smaller batch size.",
    hints=["Which column belongs to m = 16,384?"],
)
mistake(
    "speed_ups",
    "large_for_half",
    was='[0, 5] / _found_here["steps"][2, 5]',
    now='[0, 5] / _found_here["steps"][1, 5]',
    says="For large batches this is the gain of beta 0.5; that of 0.9 is asked for.",
    hints=["Which row belongs to 0.9?"],
)
