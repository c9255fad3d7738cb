"""Published numbers on rates, floors and momentum, against what the references of 02, 03 and 08 compute.

What is said of batches and their variance is in `test_published_samples`. "Exact" is up to rounding. The right sides
are written out here as the sources print them; the left sides come from the references. Every test takes ``course``,
so that `test_planted_mistakes_are_seen` can hand it a wrong function, and see it fail.
"""

import itertools
from fractions import Fraction
from functools import cache, partial

import numpy as np
import pytest

from .published import SIGNS, TABLE_3D, loaded, planted, radius, reference, settled, step_matrix, worst

# ---- Rates without noise: 02 and 08 ---------------------------------------------------------------------------


def test_gradient_descent_at_its_best(course=reference):
    """Polyak 1964, Nesterov 2004: with lr 2 / (L + mu) each step leaves (kappa - 1) / (kappa + 1) of the error.

    Exact: the formula, 0.98019802 at kappa 100, both extreme directions of a run, and that other rates are worse.
    """
    names, minimum = course("02"), np.array([2.0, -1.0, 0.5, 3.0])
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    H = Q * [1.0, 3.0, 40.0, 100.0] @ Q.T
    lr, rate = names["optimal_gd"](H)
    assert (lr, rate) == (pytest.approx(2 / 101, rel=1e-12), pytest.approx(99 / 101, rel=1e-12))
    assert f"{rate:.8f}" == "0.98019802"

    def left(lr, steps):
        paths = [names["quadratic_gd"](H, H @ minimum, minimum + Q[:, k], lr, steps) for k in (0, 3)]
        return np.array([np.linalg.norm(W[1:] - minimum, axis=1) for W in paths])

    np.testing.assert_allclose(left(lr, 40), [(99 / 101) ** np.arange(1, 41)] * 2, rtol=1e-11)
    assert all(left(other * lr, 1).max() > 99 / 101 + 1e-4 for other in (0.99, 1.01))


def test_heavy_ball_at_its_best(course=reference):
    """Polyak 1964: lr 4 / (sqrt L + sqrt mu)², beta ((sqrt kappa - 1) / (sqrt kappa + 1))², and that root the rate.

    Exact: 4/121, 81/121 and 9/11 = 0.81818182 at kappa 100; double roots at both ends (trace ² = 4 determinant); one
    radius for every curvature between (to 1e-7, since a double root halves the digits); worse at all neighbours.
    """
    names = course("08")
    step, ball = names["momentum_step"], names["hb_optimal"](1.0, 100.0)
    assert ball == pytest.approx((4 / 121, 81 / 121, 9 / 11), rel=1e-14) and f"{ball[2]:.8f}" == "0.81818182"
    for h, sign in ((1.0, 1), (100.0, -1)):
        M = step_matrix(step, *ball[:2], h)
        assert (np.trace(M), np.linalg.det(M)) == pytest.approx((sign * 18 / 11, 81 / 121), rel=1e-12)
    for h in np.geomspace(1, 100, 30):
        assert radius(step_matrix(step, *ball[:2], h)) == pytest.approx(9 / 11, abs=1e-7)
    for far, near in itertools.product((0.98, 1.0, 1.02), repeat=2):
        if (far, near) != (1, 1):
            assert worst(step, far * ball[0], near * ball[1], (1.0, 100.0)) > 9 / 11 + 1e-3


def test_nesterov_with_constant_momentum(course=reference):
    """Nesterov 2004: lr 1 / L and beta (sqrt kappa - 1) / (sqrt kappa + 1) reach 1 - 1 / sqrt kappa on quadratics.

    Exact: 0.9 at kappa 100, a double root at the flattest direction; no other direction is slower.
    """
    step = course("08")["momentum_step"]
    M = step_matrix(step, 0.01, 9 / 11, 1.0, nesterov=True)
    assert (np.trace(M), np.linalg.det(M)) == pytest.approx((2 * 0.9, 0.9**2), rel=1e-12)
    assert worst(step, 0.01, 9 / 11, np.geomspace(1, 100, 50), nesterov=True) == pytest.approx(0.9, abs=1e-7)


@pytest.mark.parametrize("lr_h", [0.05, 0.25, 1.0, 2.25])
def test_critical_damping(lr_h, course=reference):
    """At given lr and h the best beta is (1 - sqrt(lr h))², the radius there |1 - sqrt(lr h)|: 0.60279 at 0.05.

    Exact: the double root. The best beta of a grid of 0.001 is the nearest of the grid, on one side or the other.
    """
    step, root = course("08")["momentum_step"], 1 - lr_h**0.5
    M, betas = step_matrix(step, 0.5, root**2, 2 * lr_h), np.arange(1000) / 1000
    assert (np.trace(M), np.linalg.det(M)) == pytest.approx((2 * root, root**2), abs=1e-14)
    radii = [radius(step_matrix(step, 0.5, beta, 2 * lr_h)) for beta in betas]
    assert betas[int(np.argmin(radii))] == pytest.approx(root**2, abs=0.001)
    assert min(radii) >= abs(root) - 1e-7
    assert lr_h != 0.05 or f"{root**2:.5f}" == "0.60279"


# ---- Floors: 03 and 08 ----------------------------------------------------------------------------------------


def descend(names, m, draws, lr, sigma):
    """Where steps on (theta - 3)² with these draws lead from 0, by `noisy_grad` and `sgd_step`."""
    theta = np.zeros(1)
    for z in draws:
        g = names["noisy_grad"](float(theta[0]), m, sigma, None, z)
        theta = names["sgd_step"]({"theta": theta}, {"theta": np.array([g])}, lr)["theta"]
    return float(theta[0])


def test_noisy_quadratic_without_momentum(course=reference):
    """Zhang et al. 2019, section 3: E l(t) = (1 - a h)^2t l(0) + (1 - (1 - a h)^2t) a c / (2 B (2 - a h)), a the lr.

    Exact, four times over: the formula of 03, that of 08 with beta 0, a recursion in fractions, and the mean over all
    1,024 runs of ten steps in which the noise is a coin (of which only the variance counts).
    """
    names, t = course("03"), np.arange(11)
    for lr, h, c, m, start in ((0.1, 2.0, 16.0, 8, -3.0), (0.7, 2.0, 2.0, 1, 0.5), (0.3, 1.4, 0.7, 5, 1.0)):
        shrink, floor = (1 - lr * h) ** (2.0 * t), lr * c / (2 * m * (2 - lr * h))
        want = shrink * h / 2 * start**2 + (1 - shrink) * floor
        np.testing.assert_allclose(names["expected_loss"](t, m, lr, h, c**0.5, start), want, rtol=1e-12)
        assert names["steady_state"](lr, h, c, m) == pytest.approx(floor, rel=1e-14)
        a, square, exact = Fraction(lr), Fraction(start) ** 2, []
        for _ in t:
            exact.append(float(square * Fraction(h) / 2))
            square = (1 - a * Fraction(h)) ** 2 * square + a * a * Fraction(c) / m
        np.testing.assert_allclose(want, exact, rtol=1e-12)
    risk = course("08")["nqm_risk"](np.array([h]), np.array([c]), m, lr, 0.0, 10)
    np.testing.assert_allclose(risk, want, rtol=1e-12)
    ends = np.array([descend(names, 8, coins, 0.1, 4.0) for coins in SIGNS.T.tolist()])
    assert ((ends - 3) ** 2).mean() == pytest.approx(9 * 0.64**10 + 0.02 * (1 - 0.64**10) / 0.36, rel=1e-12)


@pytest.mark.parametrize(
    "lr, beta, h, c, m", [(0.3, 0.8, 1.4, 0.7, 5), (1.9, 0.5, 0.9, 2.0, 3), (0.3, 0.0, 1.4, 1.0, 1)]
)
def test_noisy_quadratic_with_momentum(lr, beta, h, c, m, course=reference):
    """Zhang et al. 2019, theorem 1: the floor is (1 + b) a c / (2 B (2 b + 2 - a h) (1 - b)), with a = lr, b = beta.

    Exact: the roots of z² - (1 - a h + b) z + b; that floor, and where the second moments of `momentum_step` settle;
    the risk of ten steps, as the mean of all 1,024 runs with coins for noise.
    """
    names = course("08")
    step, floor = names["momentum_step"], (1 + beta) * lr * c / (2 * m * (2 * beta + 2 - lr * h) * (1 - beta))
    M, kick = step_matrix(step, lr, beta, h), np.array([-lr, 1.0])
    np.testing.assert_allclose(np.poly(M), [1, -(1 - lr * h + beta), beta], rtol=1e-12, atol=1e-14)
    assert names["nqm_steady_state"](lr, beta, h, c, m) == pytest.approx(floor, rel=1e-14)
    assert h / 2 * settled(M, np.outer(kick, kick) * c / m)[0, 0] == pytest.approx(floor, rel=1e-12)
    theta, v, seen = np.ones(1024), None, [h / 2]
    for coins in SIGNS:
        theta, v = step(theta, v, h * theta + (c / m) ** 0.5 * coins, lr, beta)
        seen.append(h / 2 * (theta**2).mean())
    np.testing.assert_allclose(names["nqm_risk"](np.array([h]), np.array([c]), m, lr, beta, 10), seen, rtol=1e-12)


def test_floors_with_momentum_against_those_without(course=reference):
    """Follows from theorem 1; the figures beside table 3d, as printed there: beta 0.9 against none at lr h.

    Exact: 8.6 to 10 times the floor at the same lr; 0.76, 0.953 and 0.995 times at the same lr / (1 - beta).
    """
    floor, seen = course("08")["nqm_steady_state"], []
    for lr in (0.5, 0.1, 0.01):
        plain = floor(lr, 0.0, 1.0, 1.0, 16)
        seen.append((f"{floor(lr, 0.9, 1.0, 1.0, 16) / plain:.2f}", f"{floor(lr / 10, 0.9, 1.0, 1.0, 16) / plain:.3f}"))
    assert seen == [("8.64", "0.760"), ("9.76", "0.953"), ("9.98", "0.995")]


def test_tail_of_noisy_runs(course=reference):
    """Section 3R: 200 runs of 160 steps end at the floor a c / (2 B (2 - a h)), to 12 %: six sigma of forty seeds."""
    names, rng, tail = course("03"), np.random.default_rng(11), []
    for _ in range(200):
        theta = 3.0
        for t in range(160):
            theta -= 0.1 * names["noisy_grad"](theta, 8, 4.0, rng)
            if t >= 80:
                tail.append((theta - 3) ** 2)
    assert np.mean(tail) == pytest.approx(0.1 * 16 / (2 * 8 * 1.8), rel=0.12)


THETA_30 = {1: "3.7345022448", 8: "2.8393638178", 32: "2.9746208423", 128: "2.9456247390"}
MEAN_30 = {1: "0.444458", 8: "0.0555693", 32: "0.0139027", 128: "0.00348601"}


def test_the_noisy_quadratic_demo(course=reference):
    """A published lesson's demo: (theta - 3)², noise 4 / sqrt m, lr 0.1, 30 steps, one `RandomState(42)` for all four.

    Exact: theta after 30 steps to ten digits, its loss, that 128 ends farther away than 32, and the expected loss
    9 * 0.64^t + (0.16 / m) (1 - 0.64^t) / 0.36 to six digits. NumPy freezes that older generator's stream.
    """
    names, stream = course("03"), np.random.RandomState(42)
    ends = {m: descend(names, m, stream.normal(size=30).tolist(), 0.1, 4.0) for m in THETA_30}
    assert {m: f"{end:.10f}" for m, end in ends.items()} == THETA_30
    loss = [(end - 3) ** 2 for end in ends.values()]
    assert [f"{each:.{k}f}" for each, k in zip(loss, (4, 4, 5, 5), strict=True)] == [
        "0.5395", "0.0258", "0.00064", "0.00296"
    ]  # fmt: skip
    for m, told in MEAN_30.items():
        (mean,) = names["expected_loss"](np.array([30]), m, 0.1, 2.0, 4.0, -3.0)
        assert mean == pytest.approx(9 * 0.64**30 + 0.16 / m * (1 - 0.64**30) / 0.36, rel=1e-12)
        assert f"{mean:.6g}" == told


# ---- Table 3d: 08 ---------------------------------------------------------------------------------------------


@cache
def tuned():
    """The fewest steps by beta and batch size, 1e12 (next to no noise) the last; the rates; and 08's names."""
    names, h = loaded("08"), 1 / np.arange(1, 1001)
    names["steps_to_target"].__globals__["DOUBLINGS"] = 20  # the course stops at 2**16 steps, the table does not
    rates, sizes, best = 2.0 ** (np.arange(-36, 24) / 4), [*TABLE_3D, 1e12], {}
    for beta in (0.0, 0.5, 0.9):
        parts = np.split((1 - beta) * rates, 15)
        counts = np.concatenate([names["steps_to_target"](h, h, sizes, part, beta) for part in parts], axis=1)
        best[beta] = counts.min(axis=1), (1 - beta) * rates[counts.argmin(axis=1)]
    return best, names


def test_table_of_momentum_by_batch_size():
    """Table 3d, after Zhang et al. 2019: 1,000 directions, h = c = 1 / i, until the risk is 0.01.

    Exact: all 24 cells, to the last printed digit; the recursion leaves nothing to chance.
    """
    best, _ = tuned()
    plain, half, heavy = (best[beta][0][:-1] for beta in (0.0, 0.5, 0.9))
    assert TABLE_3D == {
        m: (int(plain[k]), f"{plain[k] / half[k]:.2f}", f"{plain[k] / heavy[k]:.2f}") for k, m in enumerate(TABLE_3D)
    }


def test_critical_batch_sizes_by_momentum():
    """Below table 3d: B_crit = E_min / S_min, 585 without momentum and 8,130 with 0.9, from S_min 793 and 57.

    Exact, with E_min the steps at batch size 1; 8,130 is printed to three digits.
    """
    best, _ = tuned()
    for beta, shortest, critical in ((0.0, 793, 585), (0.9, 57, 8130)):
        steps = best[beta][0]
        assert steps[-1] == shortest and float(f"{steps[0] / steps[-1]:.3g}") == critical


def test_the_table_by_walking(course=reference):
    """`nqm_risk`, which learners write, reaches 0.01 at the very step that table 3d counts by doubling: exact."""
    h, (best, _) = 1 / np.arange(1, 1001), tuned()
    for beta, place in ((0.0, 6), (0.5, 6), (0.9, 6), (0.9, 4)):
        steps, lr = int(best[beta][0][place]), float(best[beta][1][place])
        risk = course("08")["nqm_risk"](h, h, list(TABLE_3D)[place], lr, beta, steps)
        assert risk[-1] <= 0.01 < risk[:-1].min()


# ---- Red on purpose -------------------------------------------------------------------------------------------


def averaged(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    """Another convention: the velocity is a moving average, so that lr counts 1 - beta times."""
    b = (1 - beta) * g if v is None else beta * v + (1 - beta) * g
    return theta - lr * (g + beta * b if nesterov else b), b


def never_decays(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = g if v is None else v + beta * g
    return theta - lr * (g + beta * b if nesterov else b), b


def looks_back(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = g if v is None else beta * v + g
    return theta - lr * (g - beta * b if nesterov else b), b


def risk_of_deviations(h, c, m, lr, beta, steps):
    """The variance of a batch of m taken for c / m²."""
    return reference("08")["nqm_risk"](h, c / m, m, lr, beta, steps)


def loss_not_squared(t, m, lr, h, sigma, theta0_err):
    shrink, floor = (1 - lr * h) ** t, lr * sigma**2 / (2 * m * (2 - lr * h))
    return shrink * h / 2 * theta0_err**2 + (1 - shrink) * floor


def noise_over_m(theta, m, sigma, rng, z=None):
    return 2 * (theta - 3) + sigma / m * (rng.normal() if z is None else z)


def floor_upside_down(lr, beta, h, c, m):
    return lr * c * (1 - beta) / (2 * m * (1 + beta) * (2 + 2 * beta - lr * h))


with_momentum = partial(test_noisy_quadratic_with_momentum, 0.3, 0.8, 1.4, 0.7, 5)
PLANTED = [
    (test_gradient_descent_at_its_best, "02", "optimal_gd", lambda H: (1 / 100, 1 - 1 / 100)),
    (test_gradient_descent_at_its_best, "02", "optimal_gd", lambda H: (2 / 101, (99 / 101) ** 2)),
    (test_gradient_descent_at_its_best, "02", "quadratic_gd", lambda H, b, w, lr, n: np.array([w] * (n + 1))),
    (test_heavy_ball_at_its_best, "08", "hb_optimal", lambda mu, L: (4 / 121, 9 / 11, 9 / 11)),
    (test_heavy_ball_at_its_best, "08", "momentum_step", averaged),
    (test_heavy_ball_at_its_best, "08", "momentum_step", never_decays),
    (test_nesterov_with_constant_momentum, "08", "momentum_step", looks_back),
    (partial(test_critical_damping, 0.05), "08", "momentum_step", averaged),
    (test_noisy_quadratic_without_momentum, "03", "expected_loss", loss_not_squared),
    (test_noisy_quadratic_without_momentum, "03", "noisy_grad", noise_over_m),
    (test_noisy_quadratic_without_momentum, "03", "steady_state", lambda lr, h, c, m: lr * c / (m * (2 - lr * h))),
    (test_noisy_quadratic_without_momentum, "08", "nqm_risk", risk_of_deviations),
    (with_momentum, "08", "nqm_steady_state", floor_upside_down),
    (with_momentum, "08", "nqm_risk", risk_of_deviations),
    (with_momentum, "08", "momentum_step", averaged),
    (test_floors_with_momentum_against_those_without, "08", "nqm_steady_state", floor_upside_down),
    (test_tail_of_noisy_runs, "03", "noisy_grad", noise_over_m),
    (test_the_noisy_quadratic_demo, "03", "noisy_grad", noise_over_m),
    (test_the_noisy_quadratic_demo, "03", "expected_loss", loss_not_squared),
    (test_the_table_by_walking, "08", "nqm_risk", risk_of_deviations),
]


@pytest.mark.parametrize("law, number, name, wrong", PLANTED)
def test_planted_mistakes_are_seen(law, number, name, wrong):
    with pytest.raises(AssertionError):
        law(course=planted(number, **{name: wrong}))
