"""What the tests of published numbers share: the reference functions, and what a run of them is as a matrix."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np

from autograd_mini import kaiming_normal, linear, relu, softmax_cross_entropy
from autograd_mini import loss_and_grad as engine_loss_and_grad
from course.author.build import read_cells
from course.grade.reference import load_reference
from course.learn import data

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


def loaded(number):
    """The names of the reference of assignment ``number``, such as "05"."""
    (path,) = SOLUTIONS.glob(f"{number}_*.py")
    learner = {"course_id": "demo", "learner_id": "published", "backend": "numpy"}
    return load_reference(read_cells(path.read_text(encoding="utf-8")), learner)


reference = cache(loaded)


def planted(number, **wrong):
    """The references, with wrong functions in the place of those of assignment ``number``."""
    return lambda asked: {**reference(asked), **wrong} if asked == number else reference(asked)


# Table 3d. Batch size: steps with beta 0, then how many times fewer with beta 0.5 and with 0.9.
TABLE_3D = {
    1: (463_814, "1.00", "1.00"),
    16: (29_291, "1.01", "1.01"),
    64: (7_561, "1.03", "1.04"),
    256: (2_143, "1.13", "1.18"),
    1_024: (982, "1.75", "2.16"),
    4_096: (827, "2.63", "7.38"),
    16_384: (801, "3.19", "13.35"),
    65_536: (795, "3.34", "13.95"),
}

# ---- Momentum on one direction, as a matrix -------------------------------------------------------------------


def step_matrix(momentum_step, lr, beta, h, nesterov=False):
    """What one step does to (theta, v) without noise where the gradient is h * theta; columns are unit vectors."""
    columns = []
    for theta, v in ((1.0, 0.0), (0.0, 1.0)):
        place, speed = np.array([theta]), np.array([v])
        columns.append(np.concatenate(momentum_step(place, speed, h * place, lr, beta, nesterov=nesterov)))
    return np.stack(columns, axis=1)


def radius(M):
    """The spectral radius of a 2 by 2 matrix, from trace and determinant: no digits are lost at a double root."""
    half, product = np.trace(M) / 2, M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]
    inside = half * half - product
    return float(abs(half) + inside**0.5 if inside > 0 else product**0.5)


def worst(momentum_step, lr, beta, curvatures, nesterov=False):
    """The largest radius over several curvatures."""
    return max(radius(step_matrix(momentum_step, lr, beta, h, nesterov)) for h in curvatures)


def settled(M, push):
    """The second moments S = M S M' + push at which they stay, by a linear system."""
    d = len(M)
    return np.linalg.solve(np.eye(d * d) - np.kron(M, M), push.reshape(-1)).reshape(d, d)


SIGNS = np.array(list(itertools.product((-1.0, 1.0), repeat=10))).T
"""All 1,024 ways in which ten coins fall, (10, 1024): noise of mean 0 and variance 1, with nothing left to chance."""


# ---- Epochs of stochastic gradient descent on least squares, as affine maps -----------------------------------


def affine(run, minimum):
    """(M, b) of an epoch ``run(w) -> w`` on least squares: the error e goes to M e + b."""
    b = run(minimum) - minimum
    return np.stack([run(minimum + unit) - minimum - b for unit in np.eye(len(minimum))], axis=1), b


def stationary(maps):
    """E e e' in the long run, when each epoch applies one of the affine ``maps``, all equally likely."""
    d = len(maps[0][1])
    M, b = np.mean([M for M, _ in maps], axis=0), np.mean([b for _, b in maps], axis=0)
    mean = np.linalg.solve(np.eye(d) - M, b)
    moved = [(np.kron(M, M), np.outer(M @ mean, b) + np.outer(b, M @ mean) + np.outer(b, b)) for M, b in maps]
    kron, push = (np.mean([pair[k] for pair in moved], axis=0) for k in (0, 1))
    return np.linalg.solve(np.eye(d * d) - kron, push.reshape(-1)).reshape(d, d)


# ---- The digits at this repository's own start ----------------------------------------------------------------


def digits_start():
    """Section 3's setting: 1,024 digits divided by 16, and an untrained network 64-32-10 from the engine."""
    X, y = data.digits()
    rows, rng = np.random.default_rng(0).permutation(1797)[:1024], np.random.default_rng(0)
    params = {"W1": kaiming_normal(rng, (64, 32), "float64"), "b1": np.zeros(32)}
    params.update(W2=kaiming_normal(rng, (32, 10), "float64"), b2=np.zeros(10))
    return params, X[rows] / 16, y[rows]


def digits_loss_and_grad(params, X, y):
    """Mean cross-entropy of the network, and its gradient, by the engine."""

    def loss(params, X, y):
        hidden = relu(linear(X, params["W1"], params["b1"]))
        return softmax_cross_entropy(linear(hidden, params["W2"], params["b2"]), y)

    return engine_loss_and_grad(loss, params, X, y)


def flat(grads):
    """The gradients of W1, b1, W2 and b2 laid end to end."""
    return np.concatenate([grads[name].reshape(-1) for name in ("W1", "b1", "W2", "b2")])


def grads_by_hand(params, X, y):
    """The gradient of each sample's own loss, (N, P), worked out on paper: no engine."""
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    logits = hidden @ params["W2"] + params["b2"]
    by_logits = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True) - np.eye(10)[y]
    by_hidden = (by_logits @ params["W2"].T) * (hidden > 0)
    first, second = np.einsum("ni,nj->nij", X, by_hidden), np.einsum("ni,nj->nij", hidden, by_logits)
    parts = (first, by_hidden, second, by_logits)
    return np.concatenate([part.reshape(len(X), -1) for part in parts], axis=1)


# ---- Monte Carlo ----------------------------------------------------------------------------------------------


def within_six_sigma(values, want):
    """Whether the mean of independent estimates is ``want``, up to six of its standard errors."""
    values = np.asarray(values)
    error = values.std(ddof=1) / len(values) ** 0.5
    return bool(error > 0 and abs(values.mean() - want) < 6 * error)
