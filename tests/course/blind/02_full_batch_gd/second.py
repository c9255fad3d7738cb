ANSWERS = [
    {
        "task": 'gd',
        "name": 'gd_shallow_inplace',
        "right": False,
        "cause": "copies the dict only and subtracts in place, so the caller's arrays are changed",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = dict(params)
    loss, grads = loss_and_grad(params, X, y)
    losses = [loss]
    for _ in range(steps):
        for name in params:
            params[name] -= lr * grads[name]
        loss, grads = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, losses
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_asarray_alias',
        "right": False,
        "cause": "believes xp.asarray makes a copy, then writes with out=",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    theta = {k: xp.asarray(v) for k, v in params.items()}
    L = xp.zeros(steps + 1)
    L[0], g = loss_and_grad(theta, X, y)
    for t in range(1, steps + 1):
        for k in theta:
            xp.subtract(theta[k], lr * g[k], out=theta[k])
        L[t], g = loss_and_grad(theta, X, y)
    return theta, L
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_sum_not_mean',
        "right": False,
        "cause": "sums the per-sample losses instead of averaging them, so the gradient is N times too large",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).sum()
    loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_backward_ones',
        "right": False,
        "cause": "calls backward on the vector of losses with a vector of ones, PyTorch style, which is the gradient of the sum",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    tensors = {}
    for name in params:
        tensors[name] = Tensor(params[name], requires_grad=True)
    losses = per_sample_loss(model(tensors, X), y)
    losses.backward(xp.ones(len(X)))
    grads = {}
    for name in tensors:
        grads[name] = tensors[name].grad
        if name.startswith("W"):
            grads[name] = grads[name] + l2 * params[name]
    return grads
''',
    },
    {
        "task": 'experiment',
        "name": 'e_global_data',
        "right": False,
        "cause": "uses X_own, y_own of the example cell, so other seeds give the same result",
        "source": '''\
def experiment(seed):
    H = X_own.T @ X_own / len(X_own)
    b = X_own.T @ y_own / len(X_own)
    lam = xp.linalg.eigvalsh(H)
    limit = 2 / lam[-1]
    lr = xp.asarray([0.25 * limit, 0.5 * limit, 2 / (lam[0] + lam[-1]), 1.001 * limit])
    rate = abs(1 - lr[:, None] * lam).max(axis=1)
    ws = xp.linalg.solve(H, b)
    error = xp.empty((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(10), float(lr[k]), STEPS)
        error[k] = xp.linalg.norm(W - ws, axis=1) / xp.linalg.norm(ws)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(float(rate[2])))),
        "measured_steps": int((error[2] <= 1e-6).argmax()),
    }
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_one_over_L',
        "right": False,
        "cause": "uses 1/L and its rate 1 - mu/L",
        "source": '''\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    L, mu = lam[-1], lam[0]
    return 1 / L, 1 - mu / L
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_rate_kappa_only',
        "right": False,
        "cause": "right rate of learning, but the shrinking is given as 1 - 1/kappa",
        "source": '''\
def optimal_gd(H):
    eigs = xp.linalg.eigvalsh(H)
    kappa = eigs.max() / eigs.min()
    lr = 2 / (eigs.max() + eigs.min())
    return lr, (kappa - 1) / kappa
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_own_seed_again',
        "right": False,
        "cause": "works the seed out anew from the learner id and overwrites the argument, so other seeds are ignored",
        "source": '''\
def experiment(seed):
    seed = public_seed(course_id, learner_id, "02_full_batch_gd")
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam, Q = xp.linalg.eigh(H)
    top = 2 / lam[-1]
    lrs = [top / 4, top / 2, 2 / (lam[-1] + lam[0]), 1.001 * top]
    start = Q.T @ xp.linalg.solve(H, -b)
    error, rate = [], []
    for eta in lrs:
        f = 1 - eta * lam
        rate.append(float(abs(f).max()))
        c, row = start.copy(), []
        for _ in range(STEPS + 1):
            row.append(float((c * c).sum()) ** 0.5)
            c = f * c
        error.append([r / row[0] for r in row])
    p = 0
    while rate[2] ** p > 1e-6:
        p += 1
    m = [e <= 1e-6 for e in error[2]].index(True)
    return dict(lr=xp.array(lrs), rate=xp.array(rate), error=xp.array(error), predicted_steps=p, measured_steps=m)
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_one_over_norm',
        "right": False,
        "cause": "the same 1/L, by way of the spectral norm as the Lipschitz constant",
        "source": '''\
def max_stable_lr(H):
    lipschitz = xp.linalg.norm(H, ord=2)
    return float(1.0 / lipschitz)
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_one_over_L',
        "right": False,
        "cause": "thinks of 1/L, the step size of the descent lemma",
        "source": '''\
def max_stable_lr(H):
    return 1 / xp.linalg.eigvalsh(H).max()
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_zeros_float64',
        "right": False,
        "cause": "allocates W with the default dtype, so float32 inputs come back as float64",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)))
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (H @ W[t] - b)
    return W
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_asarray_float',
        "right": False,
        "cause": "turns the inputs into float64 \"to be safe\", and stacks a list of points: the dtype of w0 is lost",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    H, b, w = (xp.array(a, dtype=float) for a in (H, b, w0))
    points = [w]
    for _ in range(steps):
        points.append(points[-1] - lr * (H @ points[-1] - b))
    return xp.stack(points)
''',
    },
    {
        "task": 'gd',
        "name": 'gd_divide_by_N',
        "right": False,
        "cause": "divides the gradient by the number of samples although it is a mean already",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    n = len(X)
    p = {k: v.copy() for k, v in params.items()}
    losses = []
    for t in range(steps + 1):
        loss, g = loss_and_grad(p, X, y)
        losses.append(loss)
        if t < steps:
            p = {k: p[k] - lr * g[k] / n for k in p}
    return p, losses
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_accumulate',
        "right": True,
        "cause": "itertools.accumulate over a state (params, loss, grads)",
        "source": '''\
from itertools import accumulate


def gd(loss_and_grad, params, X, y, lr, steps):
    def move(state, _):
        p, _, g = state
        q = {k: (p[k] - lr * g[k]).astype(p[k].dtype) for k in p}
        return (q, *loss_and_grad(q, X, y))

    start = {k: xp.array(v) for k, v in params.items()}
    states = list(accumulate(range(steps), move, initial=(start, *loss_and_grad(start, X, y))))
    return states[-1][0], [loss for _, loss, _ in states]
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_penalty_no_half',
        "right": False,
        "cause": "writes the penalty as l2 * ||W||^2, without the half, so its gradient is doubled",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    W1 = Tensor(params["W1"], requires_grad=True)
    b1 = Tensor(params["b1"], requires_grad=True)
    W2 = Tensor(params["W2"], requires_grad=True)
    b2 = Tensor(params["b2"], requires_grad=True)
    p = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    data_term = per_sample_loss(model(p, X), y).mean()
    reg = (W1 * W1).sum() + (W2 * W2).sum()
    (data_term + l2 * reg).backward()
    return {"W1": W1.grad, "b1": b1.grad, "W2": W2.grad, "b2": b2.grad}
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_lr_over_m',
        "right": False,
        "cause": "theta := theta - alpha/m * grad, the formula of the lecture, with an m too much",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    m, = y.shape
    alpha = lr / m
    theta = {key: xp.array(value, copy=True) for key, value in params.items()}
    J, grad = loss_and_grad(theta, X, y)
    history = [J]
    while len(history) <= steps:
        for key in theta:
            theta[key] = theta[key] - alpha * grad[key]
        J, grad = loss_and_grad(theta, X, y)
        history.append(J)
    return theta, xp.asarray(history)
''',
    },
    {
        "task": 'experiment',
        "name": 'e_np_cov',
        "right": False,
        "cause": "H is np.cov, which divides by N - 1; b is divided by N - 1 too",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H = xp.cov(X.T)
    b = X.T @ y / (len(X) - 1)
    lam = xp.linalg.eigvalsh(H)
    L, mu = lam.max(), lam.min()
    lr = xp.stack([0.5 / L, 1 / L, 2 / (L + mu), 2.002 / L])
    w_star = xp.linalg.solve(H, b)
    errors = []
    for eta in lr:
        w = xp.zeros(10)
        dist = [xp.linalg.norm(w - w_star)]
        for _ in range(STEPS):
            w = w - eta * (H @ w - b)
            dist.append(xp.linalg.norm(w - w_star))
        errors.append(xp.array(dist) / dist[0])
    error = xp.array(errors)
    rate = xp.abs(1 - xp.outer(lr, lam)).max(1)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(-6 * np.log(10) / np.log(rate[2]))),
        "measured_steps": int(xp.nonzero(error[2] <= 1e-6)[0][0]),
    }
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_two_l2_w',
        "right": False,
        "cause": "adds 2*l2*W by hand (\"derivative of W squared is 2W\") and forgets that the penalty has a half",
        "source": '''\
def _weight_decay(w, l2):
    return 2 * l2 * w


def full_grad(params, X, y, l2=0.0):
    leaves = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    per_sample_loss(model(leaves, X), y).mean().backward()
    out = {}
    for k, leaf in leaves.items():
        out[k] = leaf.grad + (_weight_decay(params[k], l2) if k in ("W1", "W2") else 0.0)
    return out
''',
    },
    {
        "task": 'experiment',
        "name": 'e_eigenbasis',
        "right": True,
        "cause": "all four curves in closed form in the eigenbasis, no gradient step taken",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    N = len(X)
    lam, Q = xp.linalg.eigh(X.T @ X / N)
    coords = (Q.T @ (X.T @ y / N)) / lam
    lr = xp.array([0.5 / lam[-1], 1 / lam[-1], 2 / (lam[0] + lam[-1]), 2.002 / lam[-1]])
    f = 1 - lr[:, None] * lam
    powers = f[:, None, :] ** xp.arange(STEPS + 1)[None, :, None]
    error = xp.sqrt(((powers * coords) ** 2).sum(-1))
    error = error / error[:, :1]
    rate = abs(f).max(1)
    t = np.arange(20 * STEPS)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int((float(rate[2]) ** t > 1e-6).sum()),
        "measured_steps": int((error[2] > 1e-6).sum()),
    }
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_rate_squared',
        "right": False,
        "cause": "gives ((kappa-1)/(kappa+1))^2, by which the loss shrinks, not the distance",
        "source": '''\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    kappa = lam[-1] / lam[0]
    return 2 / (lam[0] + lam[-1]), ((kappa - 1) / (kappa + 1)) ** 2
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_flat_vector',
        "right": True,
        "cause": "one long Tensor holds all parameters; model gets slices of it",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    names = list(params)
    theta = Tensor(xp.concatenate([params[n].reshape(-1) for n in names]), requires_grad=True)
    where, start = {}, 0
    for n in names:
        where[n] = slice(start, start + params[n].size)
        start += params[n].size
    view = {n: theta[where[n]].reshape(*params[n].shape) for n in names}
    loss = per_sample_loss(model(view, X), y).mean()
    for n in ("W1", "W2"):
        loss = loss + (view[n] * view[n]).sum() * (l2 / 2)
    loss.backward()
    return {n: theta.grad[where[n]].reshape(params[n].shape).astype(params[n].dtype) for n in names}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_floor_log',
        "right": False,
        "cause": "cuts the logarithm's quotient down with int(), one step too few",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam = xp.linalg.eigvalsh(H)
    lim = float(max_stable_lr(H))
    best, rho = map(float, optimal_gd(H))
    etas = (0.25 * lim, 0.5 * lim, best, 1.001 * lim)
    opt = xp.linalg.solve(H, b)
    out = {"lr": xp.array(etas), "rate": xp.zeros(4), "error": xp.zeros((4, STEPS + 1))}
    for k, eta in enumerate(etas):
        out["rate"][k] = abs(1 - eta * lam).max()
        diff = quadratic_gd(H, b, xp.zeros(len(b)), eta, STEPS) - opt
        out["error"][k] = (diff * diff).sum(axis=1) ** 0.5
        out["error"][k] /= out["error"][k, 0]
    out["predicted_steps"] = int(np.log(1e-6) / np.log(rho))
    out["measured_steps"] = int(np.argmax(out["error"][2] <= 1e-6))
    return out
''',
    },
    {
        "task": 'gd',
        "name": 'gd_class',
        "right": True,
        "cause": "a small optimiser object in torch manner, stepping private copies",
        "source": '''\
class _Descent:
    def __init__(self, fn, params, lr):
        self.fn, self.lr = fn, lr
        self.p = {k: v.copy() for k, v in params.items()}
        self.history = []

    def evaluate(self, X, y):
        loss, self.g = self.fn(self.p, X, y)
        self.history.append(loss)

    def step(self):
        for k, v in self.p.items():
            v[...] = v - self.lr * self.g[k]


def gd(loss_and_grad, params, X, y, lr, steps):
    opt = _Descent(loss_and_grad, params, lr)
    opt.evaluate(X, y)
    for _ in range(steps):
        opt.step()
        opt.evaluate(X, y)
    return opt.p, opt.history
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_corrcoef',
        "right": True,
        "cause": "H is the correlation matrix, w* comes from lstsq on the data, all four runs side by side in one array",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H = xp.corrcoef(X, rowvar=False)
    b = (X * y[:, None]).mean(axis=0)
    star = xp.linalg.lstsq(X, y, rcond=None)[0]
    lam = xp.linalg.eigvalsh(H)
    limit = 2 / lam[-1]
    lr = xp.hstack([limit / 4, limit / 2, 2 / (lam[0] + lam[-1]), limit * 1.001])
    W = xp.zeros((10, 4))
    dist = [xp.linalg.norm(W - star[:, None], axis=0)]
    for _ in range(STEPS):
        W = W - (H @ W - b[:, None]) * lr
        dist.append(xp.linalg.norm(W - star[:, None], axis=0))
    error = (xp.array(dist) / dist[0]).T
    rate = xp.maximum(abs(1 - lr * lam[0]), abs(1 - lr * lam[-1]))
    predicted, left = 0, 1.0
    while left > 1e-6:
        predicted += 1
        left = float(rate[2]) ** predicted
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": predicted,
        "measured_steps": int(xp.flatnonzero(error[2] <= 1e-6)[0]),
    }
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_repeated_squaring',
        "right": True,
        "cause": "squares H again and again until only the steepest direction is left, then a Rayleigh quotient",
        "source": '''\
def max_stable_lr(H):
    P = H / xp.trace(H)
    for _ in range(60):
        P = P @ P
        P = P / xp.trace(P)
    return xp.trace(P) * 2 / (P * H).sum()
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_sample_by_sample',
        "right": True,
        "cause": "one sample per forward pass, gradients left to add up in the leaves, each loss divided by N; the penalty goes back by itself",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    leaf = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    for xi, yi in zip(X, y):
        (per_sample_loss(model(leaf, xi[None, :]), yi).sum() / len(y)).backward()
    ((leaf["W1"] ** 2).sum() * (l2 / 2)).backward()
    ((leaf["W2"] ** 2).sum() * (l2 / 2)).backward()
    return {k: v.grad for k, v in leaf.items()}
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_sum_squares_factor',
        "right": False,
        "cause": "multiplies squared components by (1 - lr*lambda)^2 and forgets the root",
        "source": '''\
def optimal_gd(H):
    lam, _ = xp.linalg.eigh(H)
    lr = 2 / (float(lam.min()) + float(lam.max()))
    factors = [(1 - lr * float(x)) ** 2 for x in lam]
    return lr, max(factors)
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_chol_svd',
        "right": True,
        "cause": "largest singular value of the Cholesky factor, squared",
        "source": '''\
def max_stable_lr(H):
    s = xp.linalg.svd(xp.linalg.cholesky(H), compute_uv=False)
    return 2 / (s.max() * s.max())
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_shifted_norm',
        "right": True,
        "cause": "lr is one over the midpoint, rate the 2-norm of I - lr H",
        "source": '''\
def optimal_gd(H):
    spectrum = xp.linalg.eigvalsh(H)
    lr = 1 / (spectrum[0] + (spectrum[-1] - spectrum[0]) / 2)
    return lr, xp.linalg.norm(xp.eye(len(H)) - lr * H, 2)
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_cond',
        "right": True,
        "cause": "kappa from numpy's cond, L from the 2-norm: lr = kappa/(kappa+1) * 2/L",
        "source": '''\
def optimal_gd(H):
    kappa = float(xp.linalg.cond(H))
    L = float(xp.linalg.norm(H, 2))
    return kappa / (kappa + 1) * 2 / L, 1 - 2 / (kappa + 1)
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_eigen_closed_form',
        "right": True,
        "cause": "no loop: powers of 1 - lr*lambda in the eigenbasis, in float64, cast at the end",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    lam, Q = xp.linalg.eigh(xp.asarray(H, dtype=float))
    star = xp.linalg.solve(xp.asarray(H, dtype=float), xp.asarray(b, dtype=float))
    factor = (1 - lr * lam) ** xp.arange(steps + 1)[:, None]
    W = star + xp.einsum("tk,ik,k->ti", factor, Q, Q.T @ (w0 - star))
    W[0] = w0
    return W.astype(w0.dtype)
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_first_of_eig',
        "right": False,
        "cause": "believes that eig sorts from largest to smallest and takes the first",
        "source": '''\
def max_stable_lr(H):
    values, _ = xp.linalg.eig(H)
    return 2 / values[0]
''',
    },
    {
        "task": 'gd',
        "name": 'gd_two_calls',
        "right": False,
        "cause": "calls loss_and_grad once for the gradient and again for the loss, 2*steps+1 calls",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    p = {k: v.copy() for k, v in params.items()}
    losses = [loss_and_grad(p, X, y)[0]]
    for _ in range(steps):
        _, grads = loss_and_grad(p, X, y)
        for k in p:
            p[k] -= lr * grads[k]
        loss, _ = loss_and_grad(p, X, y)
        losses.append(loss)
    return p, losses
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_design_matrix',
        "right": False,
        "cause": "takes H for the data matrix of a least squares problem and uses H'(Hw - b)",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.empty((steps + 1, w0.shape[0]), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        residual = H @ W[t] - b
        W[t + 1] = W[t] - lr * H.T @ residual
    return W
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_frobenius',
        "right": False,
        "cause": "takes norm(H) for the spectral norm; the default is the Frobenius norm",
        "source": '''\
def max_stable_lr(H):
    L = xp.linalg.norm(H)
    return 2.0 / float(L)
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_split_lambdas',
        "right": False,
        "cause": "splits the callable into f and df and evaluates both at every point: twice as many calls",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    f = lambda q: loss_and_grad(q, X, y)[0]
    df = lambda q: loss_and_grad(q, X, y)[1]
    path = [{k: v.copy() for k, v in params.items()}]
    for _ in range(steps):
        here = path[-1]
        slope = df(here)
        path.append({k: here[k] - lr * slope[k] for k in here})
    return path[-1], [f(q) for q in path]
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_writes_w0',
        "right": False,
        "cause": "w is w0 itself and is moved in place: the path is right, but the caller's w0 is at the end of it",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    w = w0
    W = xp.empty((steps + 1, w0.size), dtype=w0.dtype)
    for t in range(steps + 1):
        W[t] = w
        w -= lr * (H @ w - b)
    return W
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_decay_all_optimizer',
        "right": False,
        "cause": "weight decay as in torch.optim.SGD(weight_decay=l2): grad += l2 * p for every p including biases",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    names = list(params)
    tensors = [Tensor(params[n], requires_grad=True) for n in names]
    per_sample_loss(model(dict(zip(names, tensors)), X), y).mean().backward()
    return {n: t.grad + l2 * t.data for n, t in zip(names, tensors)}
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_decay_all',
        "right": False,
        "cause": "penalises the biases as well: the penalty loops over every parameter",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    tp = {name: Tensor(value, requires_grad=True) for name, value in params.items()}
    total = per_sample_loss(model(tp, X), y).mean()
    for t in tp.values():
        total = total + (t**2).sum() * (l2 / 2)
    total.backward()
    return {name: t.grad for name, t in tp.items()}
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_trace',
        "right": False,
        "cause": "2 over the trace; with two directions that is the same as L + mu",
        "source": '''\
def optimal_gd(H):
    lr = 2 / xp.trace(H)
    rate = xp.max(xp.abs(1 - lr * xp.linalg.eigvalsh(H)))
    return lr, rate
''',
    },
    {
        "task": 'gd',
        "name": 'gd_biases_after_weights',
        "right": False,
        "cause": "two-phase step: first the weights, then a fresh gradient for the remaining (1-d) parameters",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    new = {k: xp.copy(v) for k, v in params.items()}
    keys = list(new)
    first, rest = keys[:1], keys[1:]
    loss, grads = loss_and_grad(new, X, y)
    losses = [loss]
    for _ in range(steps):
        for k in first:
            new[k] = new[k] - lr * grads[k]
        loss, grads = loss_and_grad(new, X, y)
        for k in rest:
            new[k] = new[k] - lr * grads[k]
        losses.append(loss)
    return new, losses
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_loss_measured',
        "right": False,
        "cause": "measured_steps is counted on the loss above its minimum, not on the distance; predicted_steps is cut down",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam = xp.linalg.eigvalsh(H)
    lim = 2 / lam[-1]
    lr = xp.array([0.25 * lim, 0.5 * lim, 2 / (lam[-1] + lam[0]), 1.001 * lim])
    rate = abs(1 - lr[:, None] * lam).max(axis=1)
    star = xp.linalg.solve(H, b)
    paths = [quadratic_gd(H, b, xp.zeros(10), a, STEPS) - star for a in lr]
    error = xp.array([xp.linalg.norm(D, axis=1) / xp.linalg.norm(D[0]) for D in paths])
    excess = xp.einsum("ti,ij,tj->t", paths[2], H, paths[2])
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.log(1e-6) / np.log(rate[2])),
        "measured_steps": int((excess <= 1e-6 * excess[0]).argmax()),
    }
''',
    },
    {
        "task": 'experiment',
        "name": 'e_round_log',
        "right": False,
        "cause": "rounds the logarithm's quotient to the nearest whole number, so it is one too few for about half of all seeds",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    n, d = X.shape
    H = xp.einsum("ni,nj->ij", X, X) / n
    b = xp.einsum("ni,n->i", X, y) / n
    curv = xp.linalg.eigvalsh(H)
    lr = xp.array([0.5 / curv[-1], 1.0 / curv[-1], 2 / (curv[0] + curv[-1]), 2.002 / curv[-1]])
    rate = xp.array([max(abs(1 - a * c) for c in curv) for a in lr])
    w_star = xp.linalg.solve(H, b)
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        e = -w_star
        for t in range(STEPS + 1):
            error[k, t] = xp.sqrt(e @ e)
            e = e - lr[k] * (H @ e)
        error[k] = error[k] / error[k, 0]
    predicted = int(np.rint(np.log(1e-6) / np.log(rate[2])))
    measured = next(t for t in range(STEPS + 1) if error[2, t] <= 1e-6)
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_one_step_too_many',
        "right": False,
        "cause": "evaluates and then moves in each of steps+1 rounds; losses right, params one step too far",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    new = {k: v.copy() for k, v in params.items()}
    losses = []
    for _ in range(steps + 1):
        loss, grads = loss_and_grad(new, X, y)
        losses.append(loss)
        for k in new:
            new[k] -= lr * grads[k]
    return new, losses
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_mean_curvature',
        "right": False,
        "cause": "one over the mean curvature: suits the average direction",
        "source": '''\
def optimal_gd(H):
    curv = xp.linalg.eigvalsh(H)
    lr = 1 / curv.mean()
    worst = max(abs(1 - lr * c) for c in curv)
    return float(lr), float(worst)
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_lambda_over_m',
        "right": False,
        "cause": "remembers the lecture formula lambda/m * W for regularised networks: penalty gradient divided by the number of samples",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    m = X.shape[0]
    theta = {key: Tensor(xp.array(val), requires_grad=True) for key, val in params.items()}
    cost = per_sample_loss(model(theta, X), y).mean()
    cost.backward()
    dW1 = theta["W1"].grad + (l2 / m) * params["W1"]
    dW2 = theta["W2"].grad + (l2 / m) * params["W2"]
    return dict(W1=dW1, b1=theta["b1"].grad, W2=dW2, b2=theta["b2"].grad)
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_penalty_over_N',
        "right": False,
        "cause": "puts the penalty inside the mean, so that it is divided by N",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    N = len(X)
    P = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    J = per_sample_loss(model(P, X), y).sum()
    J = J + 0.5 * l2 * ((P["W1"] ** 2).sum() + (P["W2"] ** 2).sum())
    J = J / N
    J.backward()
    return {k: P[k].grad for k in P}
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_move_first_flag',
        "right": True,
        "cause": "one loop of steps+1 rounds in which the move comes first and is skipped in round 0",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    out = {name: 1 * array for name, array in params.items()}
    losses = xp.empty(steps + 1)
    grads = None
    for t in range(steps + 1):
        if grads is not None:
            for name, array in out.items():
                out[name] = (array - lr * xp.asarray(grads[name])).astype(array.dtype)
        losses[t], grads = loss_and_grad(out, X, y)
    return out, losses
''',
    },
    {
        "task": 'gd',
        "name": 'gd_generator_too_far',
        "right": False,
        "cause": "a generator that yields the loss and the point already moved; the last point has taken one step more than the losses say",
        "source": '''\
def _descent(fg, p, X, y, lr):
    while True:
        value, slope = fg(p, X, y)
        p = {k: (p[k] - lr * slope[k]).astype(p[k].dtype) for k in p}
        yield value, p


def gd(loss_and_grad, params, X, y, lr, steps):
    losses, last = [], {k: v.copy() for k, v in params.items()}
    run = _descent(loss_and_grad, last, X, y, lr)
    for _, (value, last) in zip(range(steps + 1), run):
        losses.append(value)
    return last, losses
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_trace',
        "right": False,
        "cause": "2 over the sum of all curvatures",
        "source": '''\
def max_stable_lr(H):
    curvatures = xp.linalg.eigvalsh(H)
    return 2 / curvatures.sum()
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_diagonal',
        "right": False,
        "cause": "reads the curvatures off the diagonal",
        "source": '''\
def max_stable_lr(H):
    return 2 / max(float(H[i, i]) for i in range(H.shape[0]))
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_polyak_rate',
        "right": False,
        "cause": "remembers the rate with square roots, which belongs to momentum; and takes 1/L for the learning rate",
        "source": '''\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = 1 / lam[-1]
    r = xp.sqrt(lam[-1] / lam[0])
    return lr, (r - 1) / (r + 1)
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_power_without_min',
        "right": False,
        "cause": "uses (I - lr H)^t on w0 itself and forgets that it is w - w* that is multiplied",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    d = len(w0)
    M = xp.eye(d, dtype=w0.dtype) - lr * H
    W = [w0.copy()]
    for t in range(steps):
        W.append((M @ W[-1]).astype(w0.dtype))
    return xp.asarray(W)
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_exponential',
        "right": False,
        "cause": "solves it in the eigenbasis with exp(-lr*lambda*t), the continuous gradient flow, instead of (1 - lr*lambda)^t",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    lam, Q = xp.linalg.eigh(H)
    wstar = xp.linalg.solve(H, b)
    c = Q.T @ (w0 - wstar)
    t = xp.arange(steps + 1)[:, None]
    W = wstar + (xp.exp(-lr * lam * t) * c) @ Q.T
    W[0] = w0
    return W.astype(w0.dtype)
''',
    },
    {
        "task": 'experiment',
        "name": 'e_absolute_distance',
        "right": False,
        "cause": "the curves are divided by the start, but measured_steps asks for an absolute distance of 1e-6",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    w_star, *_ = xp.linalg.lstsq(X, y, rcond=None)
    limit, (best, rho) = max_stable_lr(H), optimal_gd(H)
    lr = [0.25 * limit, 0.5 * limit, best, 1.001 * limit]
    lam = xp.linalg.eigvalsh(H)
    dist = [xp.linalg.norm(quadratic_gd(H, b, xp.zeros(10), a, STEPS) - w_star, axis=1) for a in lr]
    measured = 0
    while dist[2][measured] > 1e-6:
        measured += 1
    predicted = 0
    while rho**predicted > 1e-6:
        predicted += 1
    return {
        "lr": xp.array([float(a) for a in lr]),
        "rate": xp.array([float(abs(1 - a * lam).max()) for a in lr]),
        "error": xp.array([d / d[0] for d in dist]),
        "predicted_steps": predicted,
        "measured_steps": measured,
    }
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_affine_map',
        "right": True,
        "cause": "one matrix (d+1, d+1) that does w -> (I - lr H) w + lr b, applied again and again to (w, 1)",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    d = w0.size
    A = xp.eye(d + 1, dtype=w0.dtype)
    A[:d, :d] -= lr * H
    A[:d, d] = lr * b
    V = xp.ones((steps + 1, d + 1), dtype=w0.dtype)
    V[0, :d] = w0
    for now, then in zip(V[:-1], V[1:]):
        then[...] = A @ now
    return V[:, :d].copy()
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_sign',
        "right": False,
        "cause": "no absolute value: the rate is 1 - lr*L, which is negative",
        "source": '''\
def optimal_gd(H):
    w = xp.linalg.eigvalsh(H)
    lr = 2 / (w[0] + w[-1])
    rate = 1 - lr * w[-1]
    return lr, rate
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_returns_best',
        "right": False,
        "cause": "returns the parameters with the lowest loss seen, not the last ones",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    p = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(p, X, y)
    losses, best, best_loss = [loss], p, loss
    for _ in range(steps):
        p = {k: p[k] - lr * g[k] for k in p}
        loss, g = loss_and_grad(p, X, y)
        losses.append(loss)
        if loss < best_loss:
            best, best_loss = p, loss
    return best, losses
''',
    },
    {
        "task": 'gd',
        "name": 'gd_early_stop',
        "right": False,
        "cause": "stops when the loss hardly changes any more, so fewer losses than promised come back; and its dict() copy shares the arrays that it moves in place",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    p = dict(params)
    loss, g = loss_and_grad(p, X, y)
    losses = [loss]
    for _ in range(steps):
        for k in p:
            p[k] -= lr * g[k]
        loss, g = loss_and_grad(p, X, y)
        losses.append(loss)
        if abs(losses[-2] - losses[-1]) < 1e-8:
            break
    return p, losses
''',
    },
    {
        "task": 'experiment',
        "name": 'e_final_as_minimum',
        "right": False,
        "cause": "takes the last point of the best run for the minimum",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam = xp.linalg.eigvalsh(H)
    limit, best = 2 / lam[-1], 2 / (lam[0] + lam[-1])
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    paths = [quadratic_gd(H, b, xp.zeros(10), eta, STEPS) for eta in lr]
    minimum = paths[2][-1]
    error = xp.stack([((W - minimum) ** 2).sum(1) ** 0.5 for W in paths])
    error = error / error[:, :1]
    rate = abs(1 - lr[:, None] * lam).max(1)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(rate[2]))),
        "measured_steps": int((error[2] <= 1e-6).argmax()),
    }
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_loss_of_means',
        "right": False,
        "cause": "averages predictions and targets first and takes one loss of the averages",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    net = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    out = model(net, X).mean()
    target = y.mean()
    loss = per_sample_loss(out, target) + l2 * 0.5 * (
        (net["W1"] ** 2).sum() + (net["W2"] ** 2).sum()
    )
    loss.backward()
    return {k: v.grad for k, v in net.items()}
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_reg_not_attached',
        "right": False,
        "cause": "computes the penalty from the plain arrays, so it changes the loss but no gradient flows through it",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    tensors = {name: Tensor(p, requires_grad=True) for name, p in params.items()}
    penalty = float((params["W1"] ** 2).sum() + (params["W2"] ** 2).sum())
    loss = per_sample_loss(model(tensors, X), y).mean() + l2 / 2 * penalty
    loss.backward()
    return {name: tensor.grad for name, tensor in tensors.items()}
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_power_e1',
        "right": False,
        "cause": "power iteration from the first unit vector with 100 rounds: misses the steepest direction if it has no part in it, and may not have converged",
        "source": '''\
def max_stable_lr(H):
    v = xp.zeros(len(H))
    v[0] = 1.0
    for _ in range(100):
        v = H @ v
        v = v / xp.linalg.norm(v)
    return 2 / float(v @ H @ v)
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_kappa_upside_down',
        "right": False,
        "cause": "kappa = mu/L, so the rate comes out negative; also one over the sum in place of two",
        "source": '''\
def optimal_gd(H):
    vals = xp.linalg.eigvalsh(H)
    hi, lo = float(max(vals)), float(min(vals))
    kappa = lo / hi
    return 1 / (hi + lo), (kappa - 1) / (kappa + 1)
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_half_gradient',
        "right": False,
        "cause": "keeps the 1/2 of the quadratic form in the gradient: 1/2 Hw - b; and W has the default dtype",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    def grad(w):
        return 0.5 * H.dot(w) - b

    W = xp.zeros((steps + 1,) + w0.shape)
    W[0] = w0
    for i in range(1, steps + 1):
        W[i] = W[i - 1] - lr * grad(W[i - 1])
    return W
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_float64_vector',
        "right": False,
        "cause": "lays everything end to end in one float64 vector; what comes back is float64 whatever went in",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    shapes = [(k, v.shape, v.size) for k, v in params.items()]

    def unpack(theta):
        out, i = {}, 0
        for k, shape, size in shapes:
            out[k] = theta[i : i + size].reshape(shape)
            i += size
        return out

    def pack(d):
        return xp.concatenate([xp.asarray(d[k], dtype=float).ravel() for k, _, _ in shapes])

    theta = pack(params)
    loss, g = loss_and_grad(unpack(theta), X, y)
    losses = [loss]
    for _ in range(steps):
        theta = theta - lr * pack(g)
        loss, g = loss_and_grad(unpack(theta), X, y)
        losses.append(loss)
    return unpack(theta), losses
''',
    },
    {
        "task": 'gd',
        "name": 'gd_zip_values',
        "right": False,
        "cause": "pairs parameters and gradients by their position in the dicts, not by name",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    keys, vals = list(params.keys()), [v.copy() for v in params.values()]
    loss, g = loss_and_grad(dict(zip(keys, vals)), X, y)
    losses = [loss]
    for _ in range(steps):
        vals = [v - lr * gv for v, gv in zip(vals, g.values())]
        loss, g = loss_and_grad(dict(zip(keys, vals)), X, y)
        losses.append(loss)
    return dict(zip(keys, vals)), losses
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_best_instead',
        "right": False,
        "cause": "returns the best rate 2/(L+mu) in place of the limit",
        "source": '''\
def max_stable_lr(H):
    lam = sorted(float(v) for v in xp.linalg.eigvalsh(H))
    mu, L = lam[0], lam[-1]
    return 2 / (L + mu)
''',
    },
    {
        "task": 'experiment',
        "name": 'e_rate_seen',
        "right": False,
        "cause": "fills rate with the average shrinking per step that each curve shows, (last/first)**(1/STEPS), in place of the theory",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lim = float(max_stable_lr(H))
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * lim, 0.5 * lim, float(best), 1.001 * lim])
    star = xp.linalg.solve(H, b)
    error = xp.array(
        [xp.linalg.norm(quadratic_gd(H, b, 0 * b, a, STEPS) - star, axis=1) for a in lr]
    ) / xp.linalg.norm(star)
    rate = (error[:, -1] / error[:, 0]) ** (1 / STEPS)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(float(rho)))),
        "measured_steps": int((error[2] > 1e-6).sum()),
    }
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_clipped_lr',
        "right": False,
        "cause": "guards against divergence: an lr above the limit is replaced by the limit",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    limit = 2 / xp.linalg.eigvalsh(H)[-1]
    lr = min(lr, float(limit))
    W = xp.empty((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (H @ W[t] - b)
    return W
''',
    },
    {
        "task": 'experiment',
        "name": 'e_helpers_lists',
        "right": True,
        "cause": "built on the earlier functions, lists of Python numbers all through",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    limit = float(max_stable_lr(H))
    best, rho = (float(z) for z in optimal_gd(H))
    star = xp.linalg.inv(H) @ b
    lrs = [limit * 0.25, limit * 0.5, best, limit * 1.001]
    curves = []
    for a in lrs:
        gap = quadratic_gd(H, b, b * 0, a, STEPS) - star
        size = [float(g @ g) ** 0.5 for g in gap]
        curves.append([s / size[0] for s in size])
    low = [t for t, e in enumerate(curves[2]) if e <= 1e-6]
    spectrum = [float(v) for v in xp.linalg.eigvalsh(H)]
    return {
        "measured_steps": low[0],
        "predicted_steps": next(t for t in range(10**6) if rho**t <= 1e-6),
        "rate": xp.array([max(abs(1 - a * v) for v in spectrum) for a in lrs]),
        "lr": xp.array(lrs),
        "error": xp.array(curves),
    }
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_0998',
        "right": False,
        "cause": "takes 0.998 times the limit for the best, as the picture says \"0.2 % below the cliff\"; and rate only from the steepest curvature",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    L = xp.linalg.eigvalsh(H)[-1]
    lr = 2 / L * xp.array([0.25, 0.5, 0.998, 1.001])
    rate = abs(1 - lr * L)
    star = xp.linalg.solve(H, b)
    error = xp.array([xp.linalg.norm(quadratic_gd(H, b, xp.zeros(10), a, STEPS) - star, axis=1) for a in lr])
    error /= xp.linalg.norm(star)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(rate[2]))),
        "measured_steps": int((error[2] <= 1e-6).argmax()),
    }
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_seed_one_over_N',
        "right": True,
        "cause": "backward of the loss vector with the seed 1/N for each sample",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    t = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    ell = per_sample_loss(model(t, X), y)
    ell.backward(xp.ones(ell.shape, dtype=ell.dtype) / len(X))
    decay = {"W1": l2, "W2": l2, "b1": 0.0, "b2": 0.0}
    return {k: t[k].grad + decay[k] * t[k].data for k in t}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_generic_gd',
        "right": True,
        "cause": "runs the error itself, e -> e - lr*H e, and takes H from the singular values of X",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    U, s, Vt = xp.linalg.svd(X, full_matrices=False)
    lam = s**2 / X.shape[0]
    star = Vt.T @ ((U.T @ y) / s)
    H = (Vt.T * lam) @ Vt
    lr = xp.array([0.25, 0.5, lam[0] / (lam[0] + lam[-1]), 1.001]) * (2 / lam[0])
    E = xp.tile(star, (4, 1))
    error = xp.ones((4, STEPS + 1))
    norm0 = xp.linalg.norm(star)
    for t in range(1, STEPS + 1):
        E = E - lr[:, None] * (E @ H)
        error[:, t] = xp.linalg.norm(E, axis=1) / norm0
    rate = abs(1 - xp.multiply.outer(lr, lam)).max(axis=1)
    predicted = int(np.floor(np.log(1e-6) / np.log(float(rate[2])))) + 1
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": np.int64(predicted),
        "measured_steps": xp.searchsorted(-error[2], -1e-6),
    }
''',
    },
    {
        "task": 'gd',
        "name": 'gd_deepcopy_backwards',
        "right": True,
        "cause": "deep copy, in-place steps, gradients gone through in reverse order of names",
        "source": '''\
import copy


def gd(loss_and_grad, params, X, y, lr, steps):
    theta = copy.deepcopy(params)
    losses = []
    for remaining in range(steps, -1, -1):
        loss, g = loss_and_grad(theta, X, y)
        losses += [loss]
        if remaining == 0:
            return theta, losses
        moves = {k: (lr * g[k]).astype(theta[k].dtype) for k in sorted(g, reverse=True)}
        while moves:
            k, m = moves.popitem()
            theta[k] -= m
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_chunks_weighted',
        "right": True,
        "cause": "parts of seven samples, recursion on halves, each weighted by its share",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    n = len(X)
    if n > 7:
        m = n // 2
        left = full_grad(params, X[:m], y[:m], l2)
        right = full_grad(params, X[m:], y[m:], l2)
        return {k: (m * left[k] + (n - m) * right[k]) / n for k in params}
    t = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    weights = [t[k].reshape(-1) for k in ("W1", "W2")]
    obj = per_sample_loss(model(t, X), y).sum() / n + sum((w @ w) * (l2 / 2) for w in weights)
    obj.backward()
    return {k: t[k].grad for k in params}
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_spectral_norm',
        "right": True,
        "cause": "for a symmetric positive matrix the 2-norm is the largest eigenvalue; its half is turned over",
        "source": '''\
def max_stable_lr(H):
    half = 0.5 * xp.linalg.norm(H, 2)
    return xp.reciprocal(half)
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_min_of_all',
        "right": True,
        "cause": "the smallest of the limits of all directions, from eigh's second form and Rayleigh quotients",
        "source": '''\
def max_stable_lr(H):
    Q = xp.linalg.eigh(H)[1]
    lam = xp.einsum("ik,ij,jk->k", Q, H, Q)
    return min(2 / x for x in lam)
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_d1_zero_lr',
        "right": False,
        "cause": "for d = 1 returns 0 for both, reading \"the rate is 0\" as the learning rate too",
        "source": '''\
def optimal_gd(H):
    if H.shape == (1, 1):
        return 0.0, 0.0
    lam = xp.linalg.eigvalsh(H)
    lr = 2 / (lam[-1] + lam[0])
    return lr, lr * lam[-1] - 1
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_svd_halfwidth',
        "right": True,
        "cause": "half the width of the spectrum over its midpoint",
        "source": '''\
def optimal_gd(H):
    s = xp.linalg.svd(H)[1]
    mid, half = (s[0] + s[-1]) / 2, (s[0] - s[-1]) / 2
    return [1 / mid, half / mid]
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_crossing_lines',
        "right": True,
        "cause": "finds the minimum of max |1 - lr*lambda| by trying all crossings of the lines 1 - lr*a and lr*b - 1",
        "source": '''\
def optimal_gd(H):
    lam = [float(x) for x in xp.linalg.eigvalsh(H)]

    def worst(lr):
        return max(abs(1 - lr * x) for x in lam)

    lr = min((2 / (a + b) for a in lam for b in lam), key=worst)
    return lr, worst(lr)
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_overwrites_and_norm',
        "right": False,
        "cause": "replaces the arrays in the caller's dict by Tensors; and the penalty norm is not squared (two slips)",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    for k in params:
        params[k] = Tensor(params[k], requires_grad=True)
    penalty = (params["W1"] ** 2).sum().sqrt() + (params["W2"] ** 2).sum().sqrt()
    loss = per_sample_loss(model(params, X), y).mean() + l2 / 2 * penalty
    loss.backward()
    return {k: params[k].grad for k in params}
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_plain_python',
        "right": True,
        "cause": "nested Python sums over indices, and no matrix product at all",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    rows = range(len(w0))
    path = [[w0[i] for i in rows]]
    for _ in range(steps):
        w = path[-1]
        g = [sum(H[i][j] * w[j] for j in rows) - b[i] for i in rows]
        path.append([w[i] - lr * g[i] for i in rows])
    return xp.array(path, dtype=w0.dtype).reshape(steps + 1, len(w0))
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_grid',
        "right": False,
        "cause": "tries 10001 learning rates between 0 and the limit and takes the best of them",
        "source": '''\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    grid = xp.linspace(0, 2 / lam[-1], 10001)[1:]
    worst = abs(1 - grid[:, None] * lam[None, :]).max(axis=1)
    i = int(worst.argmin())
    return float(grid[i]), float(worst[i])
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_chunk_mean_unweighted',
        "right": False,
        "cause": "goes through chunks of 4 and averages the chunk gradients without weighting the smaller last chunk; and leaves out the half of the penalty",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    size = 4
    starts = list(range(0, len(X), size))
    acc = {k: xp.zeros_like(v) for k, v in params.items()}
    for s in starts:
        t = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
        pen = (t["W1"] ** 2).sum() + (t["W2"] ** 2).sum()
        loss = per_sample_loss(model(t, X[s : s + size]), y[s : s + size]).mean() + l2 * pen
        loss.backward()
        for k in acc:
            acc[k] = acc[k] + t[k].grad
    return {k: a / len(starts) for k, a in acc.items()}
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_do_while',
        "right": False,
        "cause": "uses \"while True ... break\" after the move, so steps=0 still takes one step",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    theta = {k: v.copy() for k, v in params.items()}
    loss, grad = loss_and_grad(theta, X, y)
    losses = [loss]
    done = 0
    while True:
        theta = {k: theta[k] - lr * grad[k] for k in theta}
        loss, grad = loss_and_grad(theta, X, y)
        losses.append(loss)
        done += 1
        if done >= steps:
            break
    return theta, losses
''',
    },
    {
        "task": 'gd',
        "name": 'gd_interleaved_calls',
        "right": False,
        "cause": "asks for a fresh gradient inside the loop over the names, so later parameters see the earlier ones moved; the loss of the first call of each round is kept",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    q = {k: v.copy() for k, v in params.items()}
    losses = []
    for _ in range(steps):
        for i, k in enumerate(q):
            loss, g = loss_and_grad(q, X, y)
            if i == 0:
                losses.append(loss)
            q[k] = q[k] - lr * g[k]
    losses.append(loss_and_grad(q, X, y)[0])
    return q, losses
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_generator',
        "right": True,
        "cause": "an endless generator of (point, loss), cut off by islice",
        "source": '''\
from itertools import islice


def gd(loss_and_grad, params, X, y, lr, steps):
    def points():
        p = {k: v.copy() for k, v in params.items()}
        while True:
            loss, g = loss_and_grad(p, X, y)
            yield p, loss
            p = {k: v + (-lr * g[k]).astype(v.dtype) for k, v in p.items()}

    path = list(islice(points(), steps + 1))
    return path[-1][0], [loss for _, loss in path]
''',
    },
    {
        "task": 'max_stable_lr',
        "name": 'm_power_ones',
        "right": False,
        "cause": "power iteration from a vector of ones until the change is below 1e-6: not exact enough, and blind to what is at right angles to the ones",
        "source": '''\
def max_stable_lr(H):
    v = xp.ones(len(H)) / len(H) ** 0.5
    old, new = 0.0, float(v @ H @ v)
    while abs(new - old) > 1e-6:
        v = H @ v
        v = v / (v @ v) ** 0.5
        old, new = new, float(v @ H @ v)
    return 2 / new
''',
    },
    {
        "held": True,
        "task": 'max_stable_lr',
        "name": 'm_trace_det',
        "right": False,
        "cause": "the formula with trace and determinant, which holds for two directions only",
        "source": '''\
def max_stable_lr(H):
    tr, det = float(xp.trace(H)), float(xp.linalg.det(H))
    L = tr / 2 + abs(tr * tr / 4 - det) ** 0.5
    return 2 / L
''',
    },
    {
        "task": 'quadratic_gd',
        "name": 'q_stop_blowup',
        "right": False,
        "cause": "stops as soon as the numbers get larger than at the start by much and repeats the last point to the end",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.tile(w0, (steps + 1, 1))
    for t in range(1, steps + 1):
        W[t] = W[t - 1] - lr * (H @ W[t - 1] - b)
        if abs(W[t]).max() > 100 * (1 + abs(w0).max()):
            W[t:] = W[t]
            break
    return W
''',
    },
    {
        "held": True,
        "task": 'quadratic_gd',
        "name": 'q_zero_after_convergence',
        "right": False,
        "cause": "breaks out when the gradient is small; the rows after that stay zero",
        "source": '''\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, w0.shape[0]), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        g = H @ W[t] - b
        if xp.linalg.norm(g) < 1e-6:
            break
        W[t + 1] = W[t] - lr * g
    return W
''',
    },
    {
        "task": 'experiment',
        "name": 'e_prediction_distance',
        "right": False,
        "cause": "measures the distance between the predictions, the norm of X(w - w*), not between the weights",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam = xp.linalg.eigvalsh(H)
    limit = 2 / lam[-1]
    lr = xp.array([0.25 * limit, 0.5 * limit, 2 / (lam[0] + lam[-1]), 1.001 * limit])
    target = X @ xp.linalg.solve(H, b)
    error = []
    for a in lr:
        W = quadratic_gd(H, b, xp.zeros(10), a, STEPS)
        off = xp.linalg.norm(W @ X.T - target, axis=1)
        error.append(off / off[0])
    error = xp.array(error)
    rate = abs(1 - xp.outer(lr, lam)).max(axis=1)
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(np.log(1e-6) / np.log(rate[2]))),
        "measured_steps": int((error[2] > 1e-6).sum()),
    }
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'e_max_norm',
        "right": False,
        "cause": "takes the largest absolute component of w - w* for the distance",
        "source": '''\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    lam = xp.linalg.eigvalsh(H)
    L, mu = lam[-1], lam[0]
    lr = xp.array([0.5 / L, 1 / L, 2 / (L + mu), 1.001 * 2 / L])
    rate = abs(1 - lr[:, None] * lam[None, :]).max(axis=1)
    w_star = xp.linalg.solve(H, b)
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(10), lr[k], STEPS)
        error[k] = abs(W - w_star).max(axis=1) / abs(w_star).max()
    hit = [t for t in range(STEPS + 1) if error[2, t] <= 1e-6]
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": int(np.ceil(-np.log(1e6) / np.log(rate[2]))),
        "measured_steps": hit[0],
    }
''',
    },
    {
        "task": 'optimal_gd',
        "name": 'o_seen_rate',
        "right": False,
        "cause": "measures the rate by running 50 steps from ones and dividing the last two distances",
        "source": '''\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = float(2 / (lam[0] + lam[-1]))
    e = xp.ones(len(H))
    rate = 0.0
    for _ in range(50):
        new = e - lr * (H @ e)
        before = float(xp.linalg.norm(e))
        if before == 0:
            break
        rate = float(xp.linalg.norm(new)) / before
        e = new
    return lr, rate
''',
    },
    {
        "held": True,
        "task": 'full_grad',
        "name": 'fg_mean_of_squares',
        "right": False,
        "cause": "takes the mean of the squared weights for the penalty, not their sum",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    t = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    fit = per_sample_loss(model(t, X), y).mean()
    shrink = sum((t[k] ** 2).mean() for k in ("W1", "W2"))
    (fit + shrink * (l2 / 2)).backward()
    return {k: v.grad for k, v in t.items()}
''',
    },
    {
        "task": 'full_grad',
        "name": 'fg_column_minus_row',
        "right": False,
        "cause": "writes the forward pass anew and leaves the prediction (N, 1), so that subtracting y (N,) makes an N by N table",
        "source": '''\
def full_grad(params, X, y, l2=0.0):
    W1, b1, W2, b2 = (Tensor(params[k], requires_grad=True) for k in ("W1", "b1", "W2", "b2"))
    hidden = tanh(linear(X, W1, b1))
    out = linear(hidden, W2, b2)
    loss = ((out - y) ** 2 * 0.5).mean()
    loss = loss + ((W1**2).sum() + (W2**2).sum()) * (l2 / 2)
    loss.backward()
    return {"W1": W1.grad, "b1": b1.grad, "W2": W2.grad, "b2": b2.grad}
''',
    },
    {
        "held": True,
        "task": 'optimal_gd',
        "name": 'o_diagonal',
        "right": False,
        "cause": "takes the largest and smallest diagonal entries for L and mu",
        "source": '''\
def optimal_gd(H):
    d = xp.diag(H)
    L, mu = float(d.max()), float(d.min())
    k = L / mu
    return 2 / (L + mu), (k - 1) / (k + 1)
''',
    },
    {
        "task": 'gd',
        "name": 'gd_running_mean',
        "right": False,
        "cause": "reports the running mean of the losses, as progress bars do",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    p = {k: v.copy() for k, v in params.items()}
    total, shown = 0.0, []
    for t in range(steps + 1):
        loss, g = loss_and_grad(p, X, y)
        total += loss
        shown.append(total / (t + 1))
        if t == steps:
            return p, shown
        p = {k: p[k] - lr * g[k] for k in p}
''',
    },
    {
        "held": True,
        "task": 'gd',
        "name": 'gd_decaying_lr',
        "right": False,
        "cause": "lets the learning rate decay as lr / (1 + 0.01 t), as for SGD",
        "source": '''\
def gd(loss_and_grad, params, X, y, lr, steps):
    p = {k: v.copy() for k, v in params.items()}
    losses = xp.zeros(steps + 1)
    losses[0], g = loss_and_grad(p, X, y)
    for t in range(steps):
        eta = lr / (1 + 0.01 * t)
        for k in p:
            p[k] = (p[k] - eta * g[k]).astype(p[k].dtype)
        losses[t + 1], g = loss_and_grad(p, X, y)
    return p, losses
''',
    },
]
