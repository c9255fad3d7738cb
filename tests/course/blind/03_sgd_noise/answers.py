"""Blind answers for 03_sgd_noise: wrong and unusual-but-right ones; see "cause"."""

ANSWERS = [
    {
        "task": "expected_loss",
        "name": "expected_no_half_h",
        "right": False,
        "cause": "takes the loss to be e**2, as for the parabola (theta-3)**2, so h/2 is missing; with h = 2 nobody sees it",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    q = (1 - lr * h) ** 2
    V_inf = lr ** 2 * sigma ** 2 / m / (1 - q)
    V0 = theta0_err ** 2
    return V_inf + q ** xp.asarray(t, dtype=float) * (V0 - V_inf)
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_loop_no_half_h",
        "right": False,
        "cause": "runs the recursion of V in a loop and returns V itself, the mean squared error, as the loss",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    V = [float(theta0_err) ** 2]
    for _ in range(int(max(t))):
        V.append((1 - lr * h) ** 2 * V[-1] + lr ** 2 * sigma ** 2 / m)
    return np.array([V[int(k)] for k in t])
""",
    },
    {
        "task": "experiment",
        "name": "exp_one_noise_row",
        "right": False,
        "cause": "all four batch sizes are driven by the same row, the first, of own_noise, 'to compare like with like'",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    z = own_noise(seed)[0]
    theta = np.zeros((len(SIZES), STEPS + 1))
    for k, m in enumerate(SIZES):
        for t in range(STEPS):
            theta[k, t + 1] = theta[k, t] - lr * noisy_grad(theta[k, t], m, sigma, None, z=z[t])
    expected = np.array([expected_loss(np.arange(STEPS + 1), m, lr, CURVATURE, sigma, -3.0) for m in SIZES])
    floor = np.array([steady_state(lr, CURVATURE, sigma ** 2, m) for m in SIZES])

    kicks = own_kicks(seed)
    deep, height = [], []
    for stages in SCHEDULES.values():
        x = xp.full(RUNS, SHALLOW)
        d, hgt = [float((x < BARRIER).mean())], [float(well(x).mean())]
        for t in range(3 * STAGE):
            eta, m = stages[t // STAGE]
            x = x - eta * (well_grad(x) + WELL_SIGMA / m ** 0.5 * kicks[t])
            d.append(float((x < BARRIER).mean()))
            hgt.append(float(well(x).mean()))
        deep.append(d)
        height.append(hgt)
    return {"theta": theta, "loss": (theta - 3) ** 2, "expected": expected, "floor": floor,
            "deep": np.array(deep), "height": np.array(height)}
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_grads_at_start",
        "right": False,
        "cause": "each gradient is taken at the parameters of the start of the epoch; only the steps accumulate",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    new = {k: v.copy() for k, v in params.items()}
    losses = []
    for i in order:
        i = int(i)
        loss, grads = loss_and_grad(params, X[i:i+1], y[i:i+1])
        losses.append(loss)
        new = sgd_step(new, grads, lr)
    return new, losses
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_collect_then_sum",
        "right": False,
        "cause": "first evaluates all samples, then takes one step along the sum: a full-batch step without the division",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    results = [loss_and_grad(params, X[[i]], y[[i]]) for i in order.tolist()]
    losses = np.array([loss for loss, _ in results])
    total = {
        name: sum(g[name] for _, g in results) for name in params
    }
    return {name: params[name] - lr * total[name] for name in params}, losses
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "exp_reshaped_noise",
        "right": False,
        "cause": "loops over the steps outside and takes the noise of a step from own_noise(seed).reshape(STEPS, 4), which is not its transpose",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    m = np.array(SIZES, dtype=float)
    noise = own_noise(seed).reshape(STEPS, len(SIZES))

    path = [np.zeros(4)]
    for z in noise:
        th = path[-1]
        path.append(th - lr * (2 * (th - 3) + sigma / np.sqrt(m) * z))
    theta = np.stack(path, axis=1)

    floor = lr * sigma ** 2 / (2 * m * (2 - lr * CURVATURE))
    r = (1 - lr * CURVATURE) ** (2 * np.arange(STEPS + 1))
    expected = floor[:, None] + r * (9 - floor[:, None])

    deep = np.zeros((4, 3 * STAGE + 1))
    height = np.zeros((4, 3 * STAGE + 1))
    dz = own_kicks(seed)
    for s, name in enumerate(SCHEDULES):
        x = np.ones(RUNS) * SHALLOW
        height[s, 0] = well(SHALLOW)
        for t in range(3 * STAGE):
            rate, size = SCHEDULES[name][t // STAGE]
            x = x - rate * (well_grad(x) + WELL_SIGMA / np.sqrt(size) * dz[t])
            deep[s, t + 1] = np.mean(x < BARRIER)
            height[s, t + 1] = np.mean(well(x))
    return dict(theta=theta, loss=(theta - 3) ** 2, expected=expected, floor=floor, deep=deep, height=height)
""",
    },
    {
        "task": "steady_state",
        "name": "floor_V_not_loss",
        "right": False,
        "cause": "returns V at the fixed point, without the h/2 that makes it a loss; with h = 2 they agree",
        "source": """\
def steady_state(lr, h, c, m):
    # V = (1 - lr h)^2 V + lr^2 c / m
    return lr ** 2 * (c / m) / (1 - (1 - lr * h) ** 2)
""",
    },
    {
        "held": True,
        "task": "noisy_grad",
        "name": "noisy_truthy_z",
        "right": False,
        "cause": "asks `if z` instead of `if z is not None`: z = 0 counts as not given",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    scale = sigma / np.sqrt(m)
    if z:
        noise = z * scale
    else:
        noise = rng.normal(0, 1) * scale
    return 2 * (theta - 3) + noise
""",
    },
    {
        "task": "sgd_step",
        "name": "step_shallow_copy",
        "right": False,
        "cause": "dict(params) copies the dict but not the arrays, so -= writes into the caller's parameters",
        "source": """\
def sgd_step(params, grads, lr):
    new = dict(params)          # work on a copy
    for name in new:
        new[name] -= lr * grads[name]
    return new
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_solve_V",
        "right": False,
        "cause": "solves the fixed point as a linear equation and returns V, the mean squared distance, for the loss",
        "source": """\
def steady_state(lr, h, c, m):
    shrink = np.array([[1 - (1 - lr * h) ** 2]])
    add = np.array([lr ** 2 * c / m])
    (V,) = np.linalg.solve(shrink, add)
    return float(V)
""",
    },
    {
        "task": "noisy_grad",
        "name": "noisy_sigma_over_m",
        "right": False,
        "cause": "the noise of a mean of m is the noise of one divided by m",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    z = rng.normal() if z is None else z
    return 2 * (theta - 3) + z * sigma / m
""",
    },
    {
        "held": True,
        "task": "sgd_step",
        "name": "step_zip_values",
        "right": False,
        "cause": "pairs parameters and gradients by position, though the keys of grads may come in another order",
        "source": """\
def sgd_step(params, grads, lr):
    return {
        name: p - lr * g
        for (name, p), g in zip(params.items(), grads.values())
    }
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_affine_power",
        "right": True,
        "cause": "the step as a 2x2 matrix on (V, 1), raised to the power t with matrix_power",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    step = np.array([[(1 - lr * h) ** 2, lr * lr * sigma * sigma / m], [0.0, 1.0]])
    start = np.array([theta0_err * theta0_err, 1.0])
    return np.array([
        h / 2 * (np.linalg.matrix_power(step, int(k)) @ start)[0] for k in t
    ])
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_zip_grads",
        "right": False,
        "cause": "does its own update and pairs names and gradients by position; the line's gradients happen to come in the right order",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    names = list(params)
    values = [params[n].copy() for n in names]
    losses = np.empty(len(order))
    for k in range(len(order)):
        i = int(order[k])
        loss, grads = loss_and_grad(dict(zip(names, values)), X[i:i + 1], y[i:i + 1])
        losses[k] = loss
        values = [v - lr * g for v, g in zip(values, grads.values())]
    return dict(zip(names, values)), losses
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_loss_by_sample",
        "right": False,
        "cause": "keeps a loss per sample and reads them out by order at the end, so that a sample that comes twice shows its last loss twice",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    theta = params
    per_sample = np.full(len(X), np.nan)
    for i in map(int, order):
        per_sample[i], g = loss_and_grad(theta, X[i:i+1], y[i:i+1])
        theta = {name: theta[name] - lr * g[name] for name in theta}
    return theta, per_sample[np.asarray(order)]
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_log_space",
        "right": False,
        "cause": "computes the power as exp(2 t log(1 - lr h)), which has no logarithm for lr h >= 1",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    decay = np.exp(2 * np.asarray(t) * np.log(1 - lr * h))
    floor = lr * sigma ** 2 / (2 * m * (2 - lr * h))
    return decay * (0.5 * h * theta0_err ** 2) + (1 - decay) * floor
""",
    },
    {
        "task": "experiment",
        "name": "exp_all_at_once",
        "right": True,
        "cause": "vectorised over sizes and over schedules at once; errors e = theta - 3 instead of theta",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    root = np.sqrt(np.asarray(SIZES, float))[:, None]
    eps = sigma / root * own_noise(seed)
    a = 1 - CURVATURE * lr
    # e_t = a^t e_0 - lr * sum over s < t of a^(t-1-s) eps_s, as one matrix product
    T = np.arange(STEPS + 1)
    lag = T[None, :] - 1 - np.arange(STEPS)[:, None]
    weights = np.where(lag >= 0, a ** np.maximum(lag, 0), 0.0)
    e = -3 * a ** T - lr * eps @ weights
    V = 9 * a ** (2 * T) + (lr * sigma / root) ** 2 * (1 - a ** (2 * T)) / (1 - a * a)

    plan = np.repeat(np.array(list(SCHEDULES.values())), STAGE, axis=1)   # (4, 3 * STAGE, 2)
    x = np.full((4, RUNS), SHALLOW)
    frames = [x]
    for z, now in zip(own_kicks(seed), plan.swapaxes(0, 1)):
        eta, m = now[:, :1], now[:, 1:]
        x = x - eta * well_grad(x) - eta * WELL_SIGMA * m ** -0.5 * z
        frames.append(x)
    frames = np.array(frames)
    return {
        "deep": np.count_nonzero(frames < BARRIER, axis=2).T / RUNS,
        "height": np.einsum("tsr->st", well(frames)) / RUNS,
        "floor": (lr * sigma / root[:, 0]) ** 2 / (1 - a * a),
        "expected": V,
        "loss": e * e,
        "theta": e + 3,
    }
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_inplace_on_copies",
        "right": True,
        "cause": "updates its own copies in place, so loss_and_grad sees the same arrays with other numbers at each call",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    mine = {k: v.copy() for k, v in params.items()}
    K = order.shape[0]
    losses = [0.0] * K
    for k in range(K):
        i = int(order[k])
        losses[k], grads = loss_and_grad(mine, X[i:i+1], y[i:i+1])
        for name, arr in mine.items():
            arr[...] = arr - lr * grads[name]
    return mine, losses
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_floor_without_h",
        "right": False,
        "cause": "starts from the loss h/2 e0**2, but adds eta**2 c/m to it at each step, without the h/2 that turns V into a loss",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    steps = np.asarray(t)
    L = h / 2 * theta0_err ** 2
    kick = (lr * sigma) ** 2 / m
    out = np.empty(len(steps))
    for s in range(int(steps.max()) + 1):
        out[steps == s] = L
        L = (1 - lr * h) ** 2 * L + kick
    return out
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_small_lr",
        "right": False,
        "cause": "drops (lr h)**2 against 2 lr h: the approximation lr c / (4 m) of the text as the answer",
        "source": """\
def steady_state(lr, h, c, m):
    # 1 - (1 - lr*h)**2  =  2*lr*h - (lr*h)**2  ~  2*lr*h
    V = lr ** 2 * c / m / (2 * lr * h)
    return h / 2 * V
""",
    },
    {
        "task": "experiment",
        "name": "exp_theta_not_reset",
        "right": False,
        "cause": "theta is set to 0 once, before the loop over the sizes: each size goes on where the last one ended",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    noise = own_noise(seed)
    steps = np.arange(STEPS + 1)
    theta = np.zeros((4, STEPS + 1))
    expected, floor = np.zeros((4, STEPS + 1)), np.zeros(4)
    th = 0.0
    for k, m in enumerate(SIZES):
        for t in range(STEPS):
            th -= lr * (2 * (th - 3) + sigma / np.sqrt(m) * noise[k, t])
            theta[k, t + 1] = th
        expected[k] = expected_loss(steps, m, lr, CURVATURE, sigma, 0.0 - 3)
        floor[k] = steady_state(lr, CURVATURE, sigma ** 2, m)

    def run(schedule):
        x, kicks, t = np.full(RUNS, SHALLOW), own_kicks(seed), 0
        yield x
        for eta, m in schedule:
            for _ in range(STAGE):
                x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
                t += 1
                yield x

    runs = [np.array(list(run(s))) for s in SCHEDULES.values()]
    return {
        "theta": theta, "loss": (theta - 3) ** 2, "expected": expected, "floor": floor,
        "deep": np.array([(r < BARRIER).mean(axis=1) for r in runs]),
        "height": np.array([well(r).mean(axis=1) for r in runs]),
    }
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "exp_kicks_restart",
        "right": False,
        "cause": "counts the steps within each stage, so that every stage gets the first STAGE rows of own_kicks again",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    n = own_noise(seed)
    out = {"theta": [], "loss": [], "expected": [], "floor": [], "deep": [], "height": []}
    for m, row in zip(SIZES, n):
        th = [0.0]
        for z in row:
            th.append(th[-1] - lr * (2 * (th[-1] - 3) + z * sigma / m ** 0.5))
        th = np.array(th)
        f = lr * sigma ** 2 / (2 * m * (2 - 2 * lr))
        out["theta"].append(th)
        out["loss"].append((th - 3) ** 2)
        out["floor"].append(f)
        out["expected"].append([f + (9 - f) * (1 - 2 * lr) ** (2 * t) for t in range(STEPS + 1)])
    kicks = own_kicks(seed)
    for schedule in SCHEDULES.values():
        x = np.full(RUNS, SHALLOW)
        deep, height = [np.mean(x < BARRIER)], [np.mean(well(x))]
        for eta, m in schedule:
            for t in range(STAGE):
                x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
                deep.append(np.mean(x < BARRIER))
                height.append(np.mean(well(x)))
        out["deep"].append(deep)
        out["height"].append(height)
    return {k: np.array(v, dtype=float) for k, v in out.items()}
""",
    },
    {
        "task": "steady_state",
        "name": "floor_two_for_h",
        "right": False,
        "cause": "shortened for (theta-3)**2: the curvature 2 is built in and h is not used",
        "source": '''\
def steady_state(lr, h, c, m):
    """eta c / (4 m (1 - eta))"""
    return lr * c / (4 * m * (1 - lr))
''',
    },
    {
        "held": True,
        "task": "noisy_grad",
        "name": "noisy_variance_as_scale",
        "right": False,
        "cause": "when it draws, it gives rng.normal the variance sigma**2 / m as the scale; with z given all is right",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    g = 2 * (theta - 3)
    var = sigma ** 2 / m
    if z is not None:
        return g + z * var ** 0.5
    return rng.normal(g, var)
""",
    },
    {
        "task": "sgd_step",
        "name": "step_flat_vector",
        "right": False,
        "cause": "ravels all parameters and all gradients, each in its own dict's order, to one vector, subtracts, and cuts it up again",
        "source": """\
def sgd_step(params, grads, lr):
    theta = np.concatenate([p.ravel() for p in params.values()])
    g = np.concatenate([v.ravel() for v in grads.values()])
    theta = theta - lr * g
    out, at = {}, 0
    for name, p in params.items():
        out[name] = theta[at:at + p.size].reshape(p.shape)
        at += p.size
    return out
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_doubling_map",
        "right": True,
        "cause": "composes the affine step with itself again and again (2**k steps) until the factor is gone",
        "source": """\
def steady_state(lr, h, c, m):
    a, b = (1 - lr * h) ** 2, lr * lr * c / m
    # two steps of V -> a V + b are V -> a^2 V + (a + 1) b
    for _ in range(80):
        a, b = a * a, a * b + b
    return h * b / 2
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_no_repeats",
        "right": False,
        "cause": "believes that an epoch shows each sample once, and skips rows that were already used",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    current, losses, used = dict(params), [], set()
    for i in order:
        i = int(i)
        if i in used:          # one look at each sample per epoch
            continue
        used.add(i)
        loss, grads = loss_and_grad(current, X[i:i+1], y[i:i+1])
        losses.append(loss)
        current = sgd_step(current, grads, lr)
    return current, np.array(losses)
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_loss_dict",
        "right": False,
        "cause": "notes the loss of a sample in a dict, with setdefault: a repeated sample keeps the loss of its first visit",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    seen = {}
    p = dict(params)
    idx = [int(i) for i in order]
    for i in idx:
        L, g = loss_and_grad(p, X[i].reshape(1, -1), y[i].reshape(1))
        seen.setdefault(i, L)
        p = sgd_step(p, g, lr)
    return p, [seen[i] for i in idx]
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_exponent_t",
        "right": False,
        "cause": "the excess shrinks with (1 - lr h)**t: forgets that the error is squared",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    a = 1 - lr * h
    c = sigma ** 2
    V_inf = lr * c / (m * h * (2 - lr * h))
    V = V_inf + a ** np.asarray(t, float) * (theta0_err ** 2 - V_inf)
    return h / 2 * V
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_doubles_t",
        "right": False,
        "cause": "doubles the caller's t in place to make the exponent 2t",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    f = lr * sigma**2 / (2 * m * (2 - lr * h))
    t *= 2
    shrink = (1.0 - lr * h) ** t
    return f + shrink * (h * theta0_err**2 / 2 - f)
""",
    },
    {
        "task": "experiment",
        "name": "exp_height_of_mean",
        "right": False,
        "cause": "height is the loss at the mean position of the runs, well(mean x), not the mean of the losses",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    noise = own_noise(seed)
    theta = np.zeros((4, STEPS + 1))
    for t in range(STEPS):
        for k in range(4):
            g = noisy_grad(theta[k, t], SIZES[k], sigma, None, noise[k, t])
            theta[k, t + 1] = theta[k, t] - lr * g
    expected = np.zeros((4, STEPS + 1))
    floor = np.zeros(4)
    for k in range(4):
        expected[k] = expected_loss(np.arange(STEPS + 1), SIZES[k], lr, CURVATURE, sigma, 3.0)
        floor[k] = steady_state(lr, CURVATURE, sigma**2, SIZES[k])

    total = 3 * STAGE
    x = np.zeros((4, total + 1, RUNS))
    x[:, 0] = SHALLOW
    kicks = own_kicks(seed)
    for s, sched in enumerate(SCHEDULES.values()):
        for t in range(total):
            eta, m = sched[t // STAGE]
            x[s, t + 1] = x[s, t] - eta * (well_grad(x[s, t]) + WELL_SIGMA / m**0.5 * kicks[t])
    return {
        "theta": theta, "loss": (theta - 3) ** 2, "expected": expected, "floor": floor,
        "deep": (x < BARRIER).mean(axis=-1),
        "height": well(x.mean(axis=-1)),
    }
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_bias_variance",
        "right": True,
        "cause": "bias squared plus variance, the variance by the sum of the squared weights of all kicks (a table by cumsum), looked up by t",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    last = int(t.max())
    weights = np.cumprod(np.r_[1.0, np.full(last, 1 - lr * h)])     # 1, a, a^2, ...
    spread = np.r_[0.0, np.cumsum(weights ** 2)]                    # after 0, 1, 2, ... kicks
    table = 0.5 * h * ((weights * theta0_err) ** 2 + spread[:-1] * lr ** 2 * sigma ** 2 / m)
    return np.take(table, np.asarray(t))
""",
    },
    {
        "task": "noisy_grad",
        "name": "noisy_divides_twice",
        "right": False,
        "cause": "draws the m samples already with sigma/sqrt(m) and then averages them: the root of m is divided out twice when drawing",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    grad = 2 * (theta - 3)
    if np.isinf(m):
        return grad
    sd = sigma / np.sqrt(m)
    if z is not None:
        return grad + z * sd
    samples = rng.normal(0.0, sd, size=int(m))
    return grad + samples.mean()
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_until_still",
        "right": False,
        "cause": "iterates until V changes by less than 1e-12, an absolute size: for small floors or small lr h it stops too soon",
        "source": """\
def steady_state(lr, h, c, m):
    old, new = -1.0, 0.0
    while abs(new - old) > 1e-12:
        old = new
        new = old * (1 - lr * h) ** 2 + lr * lr * c / m
    return 0.5 * h * new
""",
    },
    {
        "task": "steady_state",
        "name": "floor_thousand_steps",
        "right": False,
        "cause": "runs the recursion for a thousand steps from 0, which is not 'very many' when lr h is small",
        "source": """\
def steady_state(lr, h, c, m):
    V = 0.0
    for _ in range(1000):
        V = (1 - lr * h) ** 2 * V + lr ** 2 * c / m
    return h / 2 * V
""",
    },
    {
        "held": True,
        "task": "sgd_step",
        "name": "step_w_and_c",
        "right": False,
        "cause": "writes out the two parameters of the straight line by name; any others are lost (or missing)",
        "source": """\
def sgd_step(params, grads, lr):
    w, c = params["w"], params["c"]
    w_new = w - lr * grads["w"]
    c_new = c - lr * grads["c"]
    return {"w": w_new, "c": c_new}
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_no_zero_grad",
        "right": False,
        "cause": "gradients accumulate from step to step, as in PyTorch without zero_grad",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    acc = {k: xp.zeros_like(v) for k, v in params.items()}
    theta = {k: v.copy() for k, v in params.items()}
    losses = []
    for i in order:
        i = int(i)
        loss, grads = loss_and_grad(theta, X[i:i+1], y[i:i+1])
        for k in acc:
            acc[k] = acc[k] + grads[k]        # .backward()
        for k in theta:
            theta[k] = theta[k] - lr * acc[k]
        losses.append(loss)
    return theta, np.array(losses)
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "exp_accumulate",
        "right": True,
        "cause": "itertools.accumulate for the paths, one run at a time in plain Python for the parabola; the state list for the well",
        "source": """\
from itertools import accumulate, chain, repeat

def experiment(seed):
    lr, sigma = own_settings(seed)

    def path(m, zs):
        return list(accumulate(zs, lambda th, z: th - lr * noisy_grad(th, m, sigma, None, float(z)), initial=0.0))

    theta = np.array([path(m, zs) for m, zs in zip(SIZES, own_noise(seed))])

    def move(x, what):
        (eta, m), z = what
        return x - eta * (well_grad(x) + WELL_SIGMA / m ** 0.5 * z)

    deep, height = [], []
    for stages in SCHEDULES.values():
        settings = chain.from_iterable(repeat(s, STAGE) for s in stages)
        states = accumulate(zip(settings, own_kicks(seed)), move, initial=np.full(RUNS, SHALLOW))
        pairs = [(np.mean(x < BARRIER), np.mean(well(x))) for x in states]
        d, h = zip(*pairs)
        deep.append(d)
        height.append(h)

    t = np.arange(STEPS + 1)
    return {
        "theta": theta,
        "loss": (theta - 3) ** 2,
        "expected": np.vstack([expected_loss(t, m, lr, CURVATURE, sigma, 3.0) for m in SIZES]),
        "floor": np.array([steady_state(lr, CURVATURE, sigma * sigma, m) for m in SIZES]),
        "deep": np.array(deep),
        "height": np.array(height),
    }
""",
    },
    {
        "task": "noisy_grad",
        "name": "noisy_real_samples",
        "right": True,
        "cause": "really draws m samples from rng and averages them when no z is given",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    true = 2 * theta - 6
    if m == float("inf") or sigma == 0:
        return float(true)
    if z is not None:
        return float(true + z * (sigma * sigma / m) ** 0.5)
    gradients_of_samples = true + rng.normal(0.0, sigma, size=int(m))
    return float(np.mean(gradients_of_samples))
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_loss_after_step",
        "right": False,
        "cause": "the recorded loss is that of the sample after its own step (and the function is called twice for it)",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    theta = {k: v.copy() for k, v in params.items()}
    history = []
    for i in order:
        xb, yb = X[i:i + 1], y[i:i + 1]
        grads = loss_and_grad(theta, xb, yb)[1]
        theta = sgd_step(theta, grads, lr)
        history.append(loss_and_grad(theta, xb, yb)[0])
    return theta, history
""",
    },
    {
        "task": "sgd_step",
        "name": "step_float64_lr",
        "right": False,
        "cause": "makes lr a float64 array 'to be safe', so that float32 parameters come back as float64",
        "source": """\
def sgd_step(params, grads, lr):
    eta = np.asarray(lr, dtype=np.float64)
    stepped = {}
    for key, value in params.items():
        direction = np.negative(grads[key])
        stepped[key] = value + eta * direction
    return stepped
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "exp_ever_left",
        "right": False,
        "cause": "deep counts the runs that have been left of the barrier at any time so far; runs that fall back stay counted",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    eps = own_noise(seed) * sigma / np.sqrt(np.array(SIZES))[:, None]
    theta = np.zeros((4, STEPS + 1))
    for t in range(STEPS):
        theta[:, t + 1] = theta[:, t] - lr * (2 * (theta[:, t] - 3) + eps[:, t])
    steps = np.arange(STEPS + 1)
    expected = np.array([expected_loss(steps, m, lr, CURVATURE, sigma, -3.0) for m in SIZES])
    floor = np.array([steady_state(lr, CURVATURE, sigma ** 2, m) for m in SIZES])

    deep, height = np.zeros((4, 3 * STAGE + 1)), np.zeros((4, 3 * STAGE + 1))
    kicks = own_kicks(seed)
    for s, stages in enumerate(SCHEDULES.values()):
        x = xp.full(RUNS, SHALLOW)
        escaped = x < BARRIER
        for t in range(3 * STAGE + 1):
            escaped = escaped | (x < BARRIER)
            deep[s, t] = escaped.mean()
            height[s, t] = well(x).mean()
            if t < 3 * STAGE:
                eta, m = stages[t // STAGE]
                x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
    return {"theta": theta, "loss": (theta - 3) ** 2, "expected": expected,
            "floor": floor, "deep": deep, "height": height}
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_sigma_over_m",
        "right": False,
        "cause": "puts the deviation sigma/m into the variance: c/m**2 instead of c/m; and returns V instead of h/2 V",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    noise_var = (sigma / m) ** 2

    def V(k):
        v = theta0_err ** 2
        for _ in range(int(k)):
            v = (1 - lr * h) ** 2 * v + lr ** 2 * noise_var
        return v

    return np.array([V(k) for k in t], dtype=float)
""",
    },
    {
        "held": True,
        "task": "noisy_grad",
        "name": "noisy_box_muller",
        "right": True,
        "cause": "makes its normal number itself, by Box and Muller from two uniform numbers of rng",
        "source": """\
import math

def noisy_grad(theta, m, sigma, rng, z=None):
    if z is None:
        u, v = 1.0 - rng.random(), rng.random()
        z = math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)
    deviation = 0.0 if math.isinf(m) else sigma / math.sqrt(m)
    return 2.0 * (theta - 3.0) + deviation * z
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_accumulate",
        "right": True,
        "cause": "itertools.accumulate over states (params, loss); samples gathered up front with fancy indexing",
        "source": """\
from itertools import accumulate

def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    batches = zip(X[order][:, None, :], y[order][:, None])

    def advance(state, batch):
        theta, _ = state
        loss, grads = loss_and_grad(theta, *batch)
        return {k: theta[k] - lr * grads[k] for k in theta}, loss

    states = list(accumulate(batches, advance, initial=(params, None)))
    return states[-1][0], np.array([float(loss) for _, loss in states[1:]])
""",
    },
    {
        "held": True,
        "task": "noisy_grad",
        "name": "noisy_copy_of_rng",
        "right": False,
        "cause": "draws from a copy of the generator so that rng is 'left as it is': the same noise in every call",
        "source": """\
from copy import deepcopy

def noisy_grad(theta, m, sigma, rng, z=None):
    if z is None:
        z = deepcopy(rng).normal()     # leave rng as it is
    eps = z * sigma / np.sqrt(m)
    return 2 * (theta - 3) + eps
""",
    },
    {
        "task": "experiment",
        "name": "exp_left_of_zero_late_stage",
        "right": False,
        "cause": "counts runs left of 0 instead of left of BARRIER, and changes the stage one step late (after step STAGE)",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    noise = own_noise(seed)
    theta = []
    for k, m in enumerate(SIZES):
        th, path = 0.0, [0.0]
        for t in range(STEPS):
            th = th - lr * noisy_grad(th, m, sigma, None, z=noise[k, t])
            path.append(th)
        theta.append(path)
    theta = np.array(theta)
    when = np.arange(STEPS + 1)
    expected = np.array([expected_loss(when, m, lr, CURVATURE, sigma, -3) for m in SIZES])
    floor = np.array([steady_state(lr, CURVATURE, sigma ** 2, m) for m in SIZES])
    kicks = own_kicks(seed)
    deep, height = [], []
    for (first, second, third) in SCHEDULES.values():
        x = np.full(RUNS, SHALLOW)
        deep.append([np.mean(x < 0)])
        height.append([np.mean(well(x))])
        for t in range(3 * STAGE):
            if t <= STAGE:
                eta, m = first
            elif t <= 2 * STAGE:
                eta, m = second
            else:
                eta, m = third
            x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
            deep[-1].append(np.mean(x < 0))
            height[-1].append(np.mean(well(x)))
    return {"theta": theta, "loss": (theta - 3) ** 2, "expected": expected, "floor": floor,
            "deep": np.array(deep), "height": np.array(height)}
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_positions",
        "right": False,
        "cause": "takes entry k as step k: one step of the recursion between neighbours in t, whatever numbers stand there",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    out = np.zeros(len(t))
    V = theta0_err ** 2
    for k in range(len(t)):
        out[k] = h / 2 * V
        V = (1 - lr * h) ** 2 * V + lr ** 2 * sigma ** 2 / m
    return out
""",
    },
    {
        "task": "steady_state",
        "name": "floor_diverges_above_one",
        "right": False,
        "cause": "thinks that lr h > 1 is past the cliff and returns infinity there",
        "source": """\
def steady_state(lr, h, c, m):
    if m == float("inf"):
        return 0.0
    if lr * h > 1:
        return float("inf")      # diverges, there is no floor
    return lr * c / (2 * m * (2 - lr * h))
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_clipped_no_half",
        "right": False,
        "cause": "clips 1 - lr h at 0, as if steps beyond the minimum forgot everything, and gives V for the loss",
        "source": """\
def steady_state(lr, h, c, m):
    keep = max(0.0, 1 - lr * h)
    total, weight = 0.0, 1.0
    while weight > 1e-18:
        total += weight
        weight *= keep ** 2
    return total * lr ** 2 * c / m
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_sorted_walk",
        "right": True,
        "cause": "walks through the step numbers in argsort order, advancing the loss itself (not V), and scatters the results back",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    t = np.asarray(t)
    out = np.full(t.shape, np.nan)
    loss, now = h * theta0_err ** 2 / 2, 0
    gain = h * (lr * sigma) ** 2 / (2 * m)
    for place in np.argsort(t, kind="stable"):
        while now < t[place]:
            loss = loss * (lr * h - 1) ** 2 + gain
            now += 1
        out[place] = loss
    return out
""",
    },
    {
        "held": True,
        "task": "sgd_step",
        "name": "step_deepcopy_inplace",
        "right": True,
        "cause": "deep copies first and then updates the copies in place with np.subtract(out=)",
        "source": """\
import copy

def sgd_step(params, grads, lr):
    theta, g = copy.deepcopy((params, grads))
    for k in g:
        g[k] *= lr
        np.subtract(theta[k], g[k], out=theta[k])
    return theta
""",
    },
    {
        "task": "sgd_step",
        "name": "step_via_float64_back",
        "right": True,
        "cause": "computes in float64 and rounds once, back to each parameter's own dtype; keys come back in sorted order",
        "source": """\
def sgd_step(params, grads, lr):
    def one(name):
        p, g = params[name], grads[name]
        exact = p.astype("float64") - lr * g.astype("float64")
        return name, exact.astype(p.dtype).reshape(p.shape)

    return dict(map(one, sorted(params)))
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_lr_over_k",
        "right": False,
        "cause": "divides the learning rate by the number of samples in the order, so that an epoch is one full-batch step long; works with zeros in float64 too",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    K = len(order)
    new = {name: np.array(value, dtype=float) for name, value in params.items()}
    losses = np.zeros(K)
    for k in range(K):
        row = slice(int(order[k]), int(order[k]) + 1)
        losses[k], grads = loss_and_grad(new, X[row], y[row])
        new = {name: new[name] - (lr / K) * grads[name] for name in new}
    return new, losses
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_pop_stack",
        "right": False,
        "cause": "takes the entries with list.pop(), i.e. from the end: the order is walked backwards, and the losses are reversed to fit",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    queue = list(map(int, order))
    p, losses = params, []
    while queue:
        i = queue.pop()
        loss, grads = loss_and_grad(p, X[i:i+1], y[i:i+1])
        losses.append(loss)
        p = sgd_step(p, grads, lr)
    return p, losses[::-1]
""",
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_generator_mask",
        "right": True,
        "cause": "a generator that yields the state before each step; batches by boolean mask of one row",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    rows = np.arange(len(X))
    box = [{name: value for name, value in params.items()}]

    def walk():
        for i in order:
            pick = rows == int(i)
            loss, grads = loss_and_grad(box[0], X[pick], y[pick])
            box[0] = {name: (p - lr * grads[name]).astype(p.dtype) for name, p in box[0].items()}
            yield float(loss)

    losses = list(walk())
    return box[0], losses
""",
    },
    {
        "task": "experiment",
        "name": "exp_runner_class",
        "right": True,
        "cause": "a class that records while it runs; expected and floor from one recursion; floor as the fixed point of the recorded recursion",
        "source": """\
class Recorder:
    def __init__(self, x, *watch):
        self.x, self.watch = x, watch
        self.log = [[f(x) for f in watch]]

    def step(self, eta, grad):
        self.x = self.x - eta * grad
        self.log.append([f(self.x) for f in self.watch])

    def columns(self):
        return np.array(self.log, dtype=float).T


def experiment(seed):
    lr, sigma = own_settings(seed)
    z, kicks = own_noise(seed), own_kicks(seed)
    theta, loss, expected, floor, deep, height = ([] for _ in range(6))
    for k in range(len(SIZES)):
        var = sigma ** 2 / SIZES[k]
        run = Recorder(0.0, lambda th: th, lambda th: (th - 3) ** 2)
        mean = [9.0]
        for t in range(STEPS):
            run.step(lr, 2 * (run.x - 3) + var ** 0.5 * z[k, t])
            mean.append(mean[-1] * (1 - 2 * lr) ** 2 + lr ** 2 * var)
        a, b = run.columns()
        theta.append(a)
        loss.append(b)
        expected.append(mean)
        floor.append(lr ** 2 * var / (4 * lr - 4 * lr ** 2))
    for stages in SCHEDULES.values():
        run = Recorder(np.full(RUNS, SHALLOW), lambda x: (x < BARRIER).sum() / RUNS, lambda x: well(x).mean())
        for t in range(3 * STAGE):
            eta, m = stages[t // STAGE]
            run.step(eta, well_grad(run.x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
        a, b = run.columns()
        deep.append(a)
        height.append(b)
    names = "theta loss expected floor deep height".split()
    return {n: np.array(v) for n, v in zip(names, (theta, loss, expected, floor, deep, height))}
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "exp_floor_small_lr",
        "right": False,
        "cause": "uses the rule of thumb lr c / (4 m) for the floor, which is off by the factor 1 - lr",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    sizes = np.array(SIZES)
    noise = own_noise(seed)
    e = np.full((4, STEPS + 1), -3.0)
    for t in range(STEPS):
        e[:, t + 1] = (1 - CURVATURE * lr) * e[:, t] - lr * sigma * noise[:, t] / np.sqrt(sizes)
    V = np.full((4, STEPS + 1), 9.0)
    for t in range(STEPS):
        V[:, t + 1] = (1 - CURVATURE * lr) ** 2 * V[:, t] + lr ** 2 * sigma ** 2 / sizes
    x = np.full((4, RUNS), SHALLOW)
    plan = list(SCHEDULES.values())
    deep, height = [(x < BARRIER).mean(1)], [well(x).mean(1)]
    for t, z in enumerate(own_kicks(seed)):
        eta, m = np.array([p[t // STAGE] for p in plan]).T[:, :, None]
        x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * z)
        deep.append((x < BARRIER).mean(1))
        height.append(well(x).mean(1))
    return {"theta": 3 + e, "loss": e ** 2, "expected": V * CURVATURE / 2,
            "floor": lr * sigma ** 2 / (4 * sizes),
            "deep": np.transpose(deep), "height": np.transpose(height)}
""",
    },
    {
        "task": "steady_state",
        "name": "floor_fractions",
        "right": True,
        "cause": "with exact fractions, the infinite batch apart",
        "source": """\
from fractions import Fraction
import math

def steady_state(lr, h, c, m):
    if math.isinf(m):
        return 0.0
    eta, h, c = (Fraction(float(v)) for v in (lr, h, c))
    left = (1 - eta * h) ** 2
    V = eta ** 2 * c / Fraction(float(m)) / (1 - left)
    return float(h / 2 * V)
""",
    },
    {
        "held": True,
        "task": "expected_loss",
        "name": "expected_err_is_theta",
        "right": False,
        "cause": "takes theta0_err for the starting theta and subtracts the minimum 3 from it",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    e0 = theta0_err - 3
    A, B = (1 - lr * h) ** 2, lr ** 2 * sigma ** 2 / m
    V_inf = B / (1 - A)
    return np.array([h / 2 * (V_inf + A ** k * (e0 ** 2 - V_inf)) for k in np.asarray(t).tolist()])
""",
    },
    {
        "task": "noisy_grad",
        "name": "noisy_uniform_and_or",
        "right": False,
        "cause": "draws uniform instead of normal noise (same deviation), and treats z = 0 as missing",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    if not z:
        # uniform on (-sqrt 3, sqrt 3): mean 0, variance 1
        z = rng.uniform(-3 ** 0.5, 3 ** 0.5)
    return (theta - 3) * 2 + sigma / m ** 0.5 * z
""",
    },
    {
        "held": True,
        "task": "noisy_grad",
        "name": "noisy_global_random",
        "right": False,
        "cause": "draws from NumPy's global generator and does not touch rng",
        "source": """\
def noisy_grad(theta, m, sigma, rng, z=None):
    std = sigma / np.sqrt(m)
    noise = std * z if z is not None else np.random.normal(0, std)
    return 2 * (theta - 3) + noise
""",
    },
    {
        "task": "expected_loss",
        "name": "expected_geometric_in_rho",
        "right": False,
        "cause": "sums the noise as a geometric series in 1 - lr h instead of its square: the weights of old kicks are not squared",
        "source": """\
def expected_loss(t, m, lr, h, sigma, theta0_err):
    t = np.asarray(t)
    a = 1 - lr * h
    bias = a ** t * theta0_err
    # kicks of k steps ago have shrunk by a**k
    variance = lr ** 2 * sigma ** 2 / m * (1 - a ** t) / (1 - a)
    return 0.5 * h * (bias ** 2 + variance)
""",
    },
    {
        "held": True,
        "task": "sgd_step",
        "name": "step_momentum_default",
        "right": False,
        "cause": "the usual momentum of 0.9, with the velocity kept in a default argument: the first call is plain SGD, later ones are not",
        "source": """\
def sgd_step(params, grads, lr, velocity={}, beta=0.9):
    # velocity starts at zero
    out = {}
    for k in params:
        v = velocity.get(k)
        if v is None or v.shape != grads[k].shape:
            v = xp.zeros_like(grads[k])
        v = beta * v + grads[k]
        velocity[k] = v
        out[k] = params[k] - lr * v
    return out
""",
    },
    {
        "task": "experiment",
        "name": "exp_start_zero_sigma",
        "right": False,
        "cause": "gives expected_loss the starting theta 0 as the error at the start, and steady_state sigma where it wants sigma ** 2",
        "source": """\
def experiment(seed):
    lr, sigma = own_settings(seed)
    noise, kicks = own_noise(seed), own_kicks(seed)
    theta0 = 0.0
    theta = np.full((4, STEPS + 1), theta0)
    expected, floor = [], []
    for k, m in enumerate(SIZES):
        for t in range(STEPS):
            theta[k, t + 1] = theta[k, t] - lr * noisy_grad(theta[k, t], m, sigma, None, z=noise[k, t])
        expected.append(expected_loss(np.arange(STEPS + 1), m, lr, CURVATURE, sigma, theta0))
        floor.append(steady_state(lr, CURVATURE, sigma, m))

    deep = np.zeros((4, 3 * STAGE + 1))
    height = np.full((4, 3 * STAGE + 1), well(SHALLOW))
    for s, stages in enumerate(SCHEDULES.values()):
        x = np.repeat(SHALLOW, RUNS)
        t = 0
        for eta, m in stages:
            for _ in range(STAGE):
                x = x - eta * (well_grad(x) + WELL_SIGMA / np.sqrt(m) * kicks[t])
                t += 1
                deep[s, t] = sum(x < BARRIER) / RUNS
                height[s, t] = sum(well(x)) / RUNS
    return {"theta": theta, "loss": (theta - 3) ** 2, "expected": np.array(expected),
            "floor": np.array(floor), "deep": deep, "height": height}
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_from_balance",
        "right": True,
        "cause": "no recursion: at the floor the mean decrease of the loss by the gradient equals the mean increase by the noise",
        "source": """\
def steady_state(lr, h, c, m):
    # E L(next) - L = -lr E g^2 + h/2 lr^2 E g^2 + h/2 lr^2 c/m  with  g = h e,  E g^2 = 2 h L
    lost_per_loss = 2 * h * lr - h * lr ** 2 * h
    won = h / 2 * lr ** 2 * (c / m)
    return np.float64(won) / lost_per_loss
""",
    },
    {
        "task": "sgd_step",
        "name": "step_unit_direction",
        "right": False,
        "cause": "reads 'a step of length lr' as: the step itself has length lr, so the gradient (over all parameters) is normalised first",
        "source": '''\
def sgd_step(params, grads, lr):
    """direction = - g / |g|, length = lr"""
    norm = np.sqrt(sum(float((g ** 2).sum()) for g in grads.values()))
    if norm == 0:
        return {k: p.copy() for k, p in params.items()}
    return {k: p - lr * grads[k] / norm for k, p in params.items()}
''',
    },
    {
        "held": True,
        "task": "sgd_epoch",
        "name": "epoch_inplace_caller",
        "right": False,
        "cause": "builds a new dict but updates the caller's arrays inside it with -=",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    theta = {name: p for name, p in params.items()}
    losses = np.zeros(len(order))
    for k, i in enumerate(order):
        losses[k], grads = loss_and_grad(theta, X[i:i+1], y[i:i+1])
        for name, p in theta.items():
            p -= lr * grads[name]
    return theta, losses
""",
    },
    {
        "task": "sgd_epoch",
        "name": "epoch_k_not_order",
        "right": False,
        "cause": "takes row k where it should take row order[k]: the order only says how many steps there are",
        "source": """\
def sgd_epoch(loss_and_grad, params, X, y, order, lr):
    K = len(order)
    losses = [None] * K
    for k in range(K):
        row = k % len(X)
        X_b, y_b = X[row].reshape(1, -1), y[row].reshape(-1)
        losses[k], grads = loss_and_grad(params, X_b, y_b)
        params = sgd_step(params, grads, lr)
    return params, losses
""",
    },
    {
        "held": True,
        "task": "steady_state",
        "name": "floor_sigma_for_c",
        "right": False,
        "cause": "takes c for the deviation and squares it; and divides the noise by m before squaring",
        "source": """\
def steady_state(lr, h, c, m):
    noise = c / m
    V = (lr * noise) ** 2 / (1 - (1 - lr * h) ** 2)
    return h * V / 2
""",
    },
    {
        "task": "steady_state",
        "name": "floor_factor_unsquared",
        "right": False,
        "cause": "the fixed point of V = (1 - lr h) V + lr**2 c/m: the factor of e used for e**2",
        "source": """\
def steady_state(lr, h, c, m):
    factor = 1 - lr * h
    V_inf = lr ** 2 * c / m / (1 - factor)
    return V_inf * h / 2
""",
    },
]
