"""A blind set of answers to the tasks of assignment 08 (written without sight of solution or hidden checks)."""

ANSWERS = [
    {
        "task": "experiment",
        "name": "ex_long_run_floor",
        "right": False,
        "cause": 'Floor and risk mixed up again: the floor is the mean of the last tenth of the simulated curve, and the falling path uses h[0], "the first curvature" (two mistakes).',
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    out = dict(drop=np.zeros((2, 31)), steps=np.zeros((4, 6)), best=np.zeros((4, 6)))
    curvature = float(h[0])
    theta = np.array([1.0, 1.0])
    v = np.zeros(2)
    out["drop"][:, 0] = theta
    for t in range(1, 31):
        lr = 0.5 if t <= 10 else 0.05
        g = curvature * theta
        v = 0.9 * v + np.array([1.0, -lr]) * g
        theta = theta + np.array([-lr, 1.0]) * v
        out["drop"][:, t] = theta
    for row, beta in enumerate(BETAS):
        needed = steps_to_target(h, c, BATCHES, (1 - beta) * EFFECTIVE, beta)
        where = needed.argmin(axis=1)
        out["steps"][row] = needed[np.arange(6), where]
        out["best"][row] = EFFECTIVE[where]
    out["risk"] = xp.stack([nqm_risk(h, c, SMALL, *run, STEPS) for run in RUNS])
    out["floor"] = out["risk"][:, -STEPS // 10 :].mean(axis=1)
    return out
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_seed_of_setup",
        "right": False,
        "cause": "Ignores the argument and takes the seed from the course, so every seed gives the learner's own problem.",
        "source": """\
def experiment(seed):
    h, c = own_problem(public_seed(course_id, learner_id, "08_momentum"))
    lrs = [0.5 if t < 10 else 0.05 for t in range(30)]
    a = [1.0]
    v = 0.0
    for lr in lrs:
        v = 0.9 * v + float(h[1]) * a[-1]
        a.append(a[-1] - lr * v)
    b = [1.0]
    v = 0.0
    for lr in lrs:
        v = 0.9 * v - lr * float(h[1]) * b[-1]
        b.append(b[-1] + v)
    steps, best = [], []
    for beta in BETAS:
        res = steps_to_target(h, c, BATCHES, EFFECTIVE * (1 - beta), beta)
        steps.append(np.min(res, axis=1))
        best.append([EFFECTIVE[i] for i in np.argmin(res, axis=1)])
    risk, floor = [], []
    for lr, beta in RUNS:
        risk.append(nqm_risk(h, c, SMALL, lr, beta, STEPS))
        floor.append(sum(nqm_steady_state(lr, beta, x, y, SMALL) for x, y in zip(h, c)))
    return dict(drop=xp.asarray([a, b]), steps=xp.asarray(steps), best=xp.asarray(best),
                risk=xp.stack(risk), floor=xp.asarray(floor))
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_fading_sum_damped",
        "right": False,
        "cause": "Writes the velocity as the fading sum over all past gradients and puts (1 - dampening) before the whole sum, the first gradient included (again: first step dampened).",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    history = ([] if v is None else list(v)) + [g.copy()]
    n = len(history)
    total = history[0] * beta ** (n - 1)
    for k in range(1, n):
        total = total + history[k] * beta ** (n - 1 - k)
    total = total * (1 - dampening)
    direction = g + beta * total if nesterov else total
    return theta - lr * direction, history
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_zeros_damped_first",
        "right": False,
        "cause": "Starts from a velocity of zeros and lets the general line run at the first step too, so dampening also weakens the first gradient.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        v = xp.zeros_like(g)
    v = beta * v + (1 - dampening) * g
    if nesterov:
        step = g + beta * v
    else:
        step = v
    return theta - lr * step, v
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_always_one_step",
        "right": False,
        "cause": "Eliminates v (a recursion of second order in theta), which needs two starting values; with steps = 0 two entries come back.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    k = 1 + beta - lr * h
    mean = [xp.ones_like(h), 1 - lr * h]
    pulse = [-lr * xp.ones_like(h), -lr * k]
    for t in range(2, steps + 1):
        mean.append(k * mean[-1] - beta * mean[-2])
        pulse.append(k * pulse[-1] - beta * pulse[-2])
    out, gathered = [], xp.zeros_like(h)
    for t in range(len(mean)):
        out.append(float((h / 2 * (mean[t] ** 2 + c / m * gathered)).sum()))
        gathered = gathered + pulse[t] ** 2
    return xp.asarray(out)
""",
    },
    {
        "held": True,
        "task": "nqm_risk",
        "name": "nr_settled",
        "right": False,
        "cause": "Saves time: as soon as the risk changes by less than 1e-8 in a step it counts as settled and is repeated; slow tails and turning points are cut off.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(len(h)), xp.zeros(len(h)), xp.zeros(len(h))
    risk = xp.full(steps + 1, float((h * A).sum()) / 2)
    for t in range(steps):
        B = h * A + beta * C
        V = h * (h * A + beta * C) + beta * (h * C + beta * V) + c / m
        A, C = A - 2 * lr * B + lr * lr * V, B - lr * V
        value = float((h * A).sum()) / 2
        risk[t + 1 :] = value
        if abs(value - risk[t]) < 1e-8:
            break
    return risk
""",
    },
    {
        "task": "convert",
        "name": "cv_wrong_way",
        "right": False,
        "cause": "Turns the factor round: thinks that the mean moves slower and so coming from ema the learning rate must be divided by 1 - beta.",
        "source": """\
def convert(lr, beta, src, dst):
    for name in (src, dst):
        if name not in CONVENTIONS:
            raise ValueError(f"unknown convention {name}")
    if src == "ema" and dst != "ema":
        return lr / (1 - beta), beta
    if src != "ema" and dst == "ema":
        return lr * (1 - beta), beta
    return lr, beta
""",
    },
    {
        "held": True,
        "task": "convert",
        "name": "cv_wrong_way_table",
        "right": False,
        "cause": 'The factor turned round again, with a table of the "gain of the velocity" and a quotient that is upside down.',
        "source": """\
def convert(lr, beta, src, dst):
    gain = {"torch": 1.0, "sutskever": 1.0, "ema": 1.0 - beta}
    try:
        factor = gain[dst] / gain[src]
    except KeyError as err:
        raise ValueError("no such convention") from err
    return lr * factor, beta
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_diverged_stop",
        "right": False,
        "cause": 'Breaks off when the risk exceeds a million times the start ("diverged") and fills the rest with the last value; the contract wants the growing numbers.',
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    d = h.shape[0]
    M = xp.zeros((d, 2, 2))
    M[:, 0, 0], M[:, 0, 1], M[:, 1, 0], M[:, 1, 1] = 1 - lr * h, -lr * beta, h, beta
    u = xp.asarray([-lr, 1.0])
    N = (c / m)[:, None, None] * xp.outer(u, u)
    S = xp.zeros((d, 2, 2))
    S[:, 0, 0] = 1.0
    curve = [float((h * S[:, 0, 0]).sum() / 2)]
    while len(curve) <= steps:
        S = xp.einsum("dij,djk,dlk->dil", M, S, M) + N
        now = float((h * S[:, 0, 0]).sum() / 2)
        if now > 1e6 * curve[0]:
            curve += [now] * (steps + 1 - len(curve))
            break
        curve.append(now)
    return xp.asarray(curve)
""",
    },
    {
        "held": True,
        "task": "nqm_risk",
        "name": "nr_units_of_noise",
        "right": False,
        "cause": "Works in units of the noise (divides the start by c / m and multiplies at the end), which gives nan for a direction with c = 0.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    unit = c / m
    S = [1 / unit, 0 * unit, 0 * unit]
    a, b = 1 - lr * h, -lr * beta
    curve = [(h / 2 * unit * S[0]).sum()]
    for _ in range(steps):
        A, C, V = S
        S = [
            a * a * A + 2 * a * b * C + b * b * V + lr * lr,
            a * h * A + (a * beta + b * h) * C + b * beta * V - lr,
            h * h * A + 2 * h * beta * C + beta * beta * V + 1,
        ]
        curve.append((h / 2 * unit * S[0]).sum())
    return xp.asarray([float(x) for x in curve])
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_state_by_shape",
        "right": False,
        "cause": "An optimiser class with a state dict as in PyTorch, keyed by the shape of the parameter: two runs of the same shape overwrite each other's buffer.",
        "source": """\
class _SGD:
    def __init__(self):
        self.state = {}

    def step(self, p, grad, first, lr, momentum, dampening, nesterov):
        key = p.shape
        if first or key not in self.state:
            self.state[key] = grad.copy()
        else:
            buf = self.state[key]
            buf *= momentum
            buf += (1 - dampening) * grad
        d = self.state[key]
        if nesterov:
            d = grad + momentum * d
        return p - lr * d


_opt = _SGD()


def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    new = _opt.step(theta, g, v is None, lr, beta, dampening, nesterov)
    return new, "see optimiser"
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_function_attribute",
        "right": False,
        "cause": "Keeps the velocity on the function itself and uses v only to see whether a run begins, so two runs that take turns share it.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        momentum_step.buf = g.copy()
    else:
        momentum_step.buf = beta * momentum_step.buf + (1 - dampening) * g
    b = momentum_step.buf
    if nesterov:
        b = g + beta * b
    return theta - lr * b, True
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_window_of_ten",
        "right": False,
        "cause": 'Keeps only the last ten gradients, since beta ** 10 "has faded"; longer runs miss the tail (and the oldest one in the window is taken as undamped).',
        "source": """\
from collections import deque


def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    past = deque(maxlen=10) if v is None else deque(v, maxlen=10)
    past.append(g.copy())
    b = xp.zeros_like(g)
    for i, old in enumerate(past):
        b = beta * b + (old if i == 0 else (1 - dampening) * old)
    if nesterov:
        b = g + beta * b
    return theta - lr * b, list(past)
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_zero_means_first",
        "right": False,
        "cause": "Recognises the first step by a velocity that is None or all zeros; a velocity that happens to be 0 later on switches dampening off for that step.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        v = xp.zeros_like(theta)
    damp = 0.0 if not v.any() else dampening
    v = beta * v + (1 - damp) * g
    look = g + beta * v
    return theta - lr * (look if nesterov else v), v
""",
    },
    {
        "task": "hb_optimal",
        "name": "hb_rate_measured",
        "right": False,
        "cause": "Measures the rate by running 400 steps and taking the last quotient of errors; at critical damping the error goes like t * rho ** t, so the quotient is still too large.",
        "source": """\
def hb_optimal(mu, L):
    lr = 4 / (L**0.5 + mu**0.5) ** 2
    beta = (1 - (lr * mu) ** 0.5) ** 2
    theta, v, errors = 1.0, 0.0, [1.0]
    for _ in range(400):
        v = beta * v + mu * theta
        theta = theta - lr * v
        errors.append(abs(theta))
        if errors[-1] < 1e-250:
            break
    rate = errors[-1] / errors[-2] if errors[-2] > 0 and beta > 0 else 0.0
    return lr, beta, rate
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_limit_excluded",
        "right": False,
        "cause": "Lets the limit itself through (only lr * h above 2 (1 + beta) is infinite); there the formula divides by zero.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h > 2 * (1 + beta):
        return float("inf")
    top = lr * c * (1 + beta)
    bottom = 2 * m * (1 - beta) * (2 + 2 * beta - lr * h)
    return top / bottom
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_right_affine_kron",
        "right": True,
        "cause": "Each direction is a 5 x 5 affine map (kron(M, M) bordered by the noise) on the flattened moments with a 1 at the end.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    totals = [0.0] * (steps + 1)
    for curvature, variance in zip(h.tolist(), c.tolist()):
        M = np.array([[1 - lr * curvature, -lr * beta], [curvature, beta]])
        big = np.zeros((5, 5))
        big[:4, :4] = np.kron(M, M)
        big[:4, 4] = variance / m * np.array([lr**2, -lr, -lr, 1.0])
        big[4, 4] = 1.0
        state = np.array([1.0, 0.0, 0.0, 0.0, 1.0])
        for t in range(steps + 1):
            totals[t] += curvature / 2 * state[0]
            state = big @ state
    return xp.asarray(totals)
""",
    },
    {
        "held": True,
        "task": "nqm_risk",
        "name": "nr_right_mean_plus_pulses",
        "right": True,
        "cause": "No moments: the square of the noiseless path plus c / m times the sum of the squares of the answers to a single push of noise, which all steps share.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    def walk(theta, v, count):
        seen = []
        for _ in range(count):
            seen.append(theta)
            v = beta * v + h * theta
            theta = theta - lr * v
        return seen

    one = xp.ones(h.shape)
    path = walk(one, 0 * one, steps + 1)
    push = walk(-lr * one, one, steps)
    spread, out = 0 * one, []
    for t in range(steps + 1):
        if t > 0:
            spread = spread + push[t - 1] ** 2
        out.append(float(xp.sum(h * (path[t] ** 2 + c * spread / m)) / 2))
    return xp.asarray(out)
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_terminal_speed",
        "right": False,
        "cause": "Tests only the long-run step on a constant slope, lr / (1 - beta), with each option; faults of the first steps, and runs that share, leave no trace there.",
        "source": """\
def finds_bug(step):
    one = np.array([1.0])
    for kind in ({}, {"nesterov": True}, {"dampening": 0.5}):
        for lr, beta in ((0.1, 0.5), (0.3, 0.8)):
            theta, v = np.array([0.0]), None
            for _ in range(120):
                before = theta
                theta, v = step(theta, v, one, lr, beta, **kind)
            limit = lr * (1 - kind.get("dampening", 0.0)) / (1 - beta)
            if abs((before - theta)[0] - limit) > 1e-6:
                return True
    return False
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_plain_only",
        "right": False,
        "cause": 'Judges plain momentum only (no nesterov, no dampening, one run), since "that is the core of it".',
        "source": """\
def finds_bug(step):
    rng = np.random.default_rng(1)
    for lr in (0.1, 0.7):
        for beta in (0.0, 0.5, 0.9):
            theta, v, b = np.ones(3), None, np.zeros(3)
            want = theta.copy()
            for _ in range(6):
                g = rng.normal(size=3)
                theta, v = step(theta, v, g, lr, beta)
                b = beta * b + g
                want = want - lr * b
                if not np.allclose(theta, want):
                    return True
    return False
""",
    },
    {
        "task": "experiment",
        "name": "ex_velocity_restarted",
        "right": False,
        "cause": "In sutskever the velocity holds the old learning rate, so it is thrown away when the rate falls: that run starts again with v = 0.",
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)

    def phase(theta, lr, count, name, v=0.0):
        places = []
        for _ in range(count):
            g = float(h[1]) * theta
            if name == "torch":
                v = 0.9 * v + g
                theta = theta - lr * v
            else:
                v = 0.9 * v - lr * g
                theta = theta + v
            places.append(theta)
        return places, v

    drop = []
    for name in ("torch", "sutskever"):
        high, v = phase(1.0, 0.5, 10, name)
        if name == "sutskever":
            v = 0.0  # made with the old learning rate
        low, _ = phase(high[-1], 0.05, 20, name, v)
        drop.append([1.0] + high + low)
    table = {b: steps_to_target(h, c, BATCHES, (1 - b) * EFFECTIVE, b) for b in BETAS}
    return {
        "drop": np.array(drop),
        "steps": np.array([table[b].min(axis=1) for b in BETAS]),
        "best": np.array([EFFECTIVE[table[b].argmin(axis=1)] for b in BETAS]),
        "risk": xp.stack([nqm_risk(h, c, SMALL, lr, b, STEPS) for lr, b in RUNS]),
        "floor": np.array([
            np.sum([float(nqm_steady_state(lr, b, float(p), float(q), SMALL))
                    for p, q in zip(h, c)]) for lr, b in RUNS]),
    }
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_grid_of_plain_lr",
        "right": False,
        "cause": "Searches over EFFECTIVE as if it were the learning rate itself, the same lr for every beta.",
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    h1 = float(h[1])

    def torch_rule(theta, v, lr):
        v = 0.9 * v + h1 * theta
        return theta - lr * v, v

    def sutskever_rule(theta, v, lr):
        v = 0.9 * v - lr * h1 * theta
        return theta + v, v

    drop = []
    for rule in (torch_rule, sutskever_rule):
        state = (1.0, 0.0)
        row = [1.0]
        for t in range(30):
            state = rule(*state, 0.5 if t < 10 else 0.05)
            row.append(state[0])
        drop.append(row)
    steps = np.zeros((len(BETAS), len(BATCHES)))
    best = np.zeros_like(steps)
    for i, beta in enumerate(BETAS):
        n = steps_to_target(h, c, BATCHES, EFFECTIVE, beta)
        steps[i] = n.min(axis=1)
        best[i] = EFFECTIVE[n.argmin(axis=1)]
    risk = xp.stack([nqm_risk(h, c, SMALL, lr, beta, STEPS) for lr, beta in RUNS])
    floor = xp.asarray([
        sum(float(nqm_steady_state(lr, beta, float(hi), float(ci), SMALL))
            for hi, ci in zip(h, c)) for lr, beta in RUNS])
    return {"drop": np.array(drop), "steps": steps, "best": best,
            "risk": risk, "floor": floor}
""",
    },
    {
        "task": "nqm_steady_state",
        "name": "ss_limit_effective",
        "right": False,
        "cause": "Formula right, limit again that of gradient descent, now on the effective rate: lr / (1 - beta) * h < 2, found with a clipped denominator.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    room = max(0.0, 2 - h * lr / (1 - beta))
    if not room:
        return np.inf
    numer = lr * (1 + beta) * (c / m)
    return numer / (2 * (1 - beta) * (2 + 2 * beta - lr * h))
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_noise_only_in_v",
        "right": False,
        "cause": "Adds the noise to the velocity alone: theta gets none in the same step, as if theta moved with the old velocity.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    total = xp.zeros(steps + 1)
    for hi, ci in zip(h, c):
        M = xp.asarray([[1 - lr * float(hi), -lr * beta], [float(hi), beta]])
        S = xp.asarray([[1.0, 0.0], [0.0, 0.0]])
        for t in range(steps + 1):
            total[t] += hi / 2 * S[0, 0]
            S = M @ S @ M.T
            S[1, 1] += ci / m
    return total
""",
    },
    {
        "task": "convert",
        "name": "cv_same_needs_nothing",
        "right": False,
        "cause": "Returns early when src equals dst, before any name is looked at, so two equal unknown names do not raise.",
        "source": """\
def convert(lr, beta, src, dst):
    if src == dst:
        return lr, beta
    if {src, dst} == {"torch", "sutskever"}:
        return lr, beta
    if dst == "ema" and src in CONVENTIONS:
        return lr / (1 - beta), beta
    if src == "ema" and dst in CONVENTIONS:
        return lr * (1 - beta), beta
    raise ValueError(f"{src} -> {dst}")
""",
    },
    {
        "held": True,
        "task": "convert",
        "name": "cv_any_case",
        "right": False,
        "cause": 'Is generous with names: lowers them and strips blanks first, so "Torch" or " ema" is taken although it is not in CONVENTIONS.',
        "source": """\
def convert(lr, beta, src, dst):
    src, dst = (str(name).strip().lower() for name in (src, dst))
    if not {src, dst} <= set(CONVENTIONS):
        raise ValueError("src and dst must be among " + ", ".join(CONVENTIONS))
    power = (src == "ema") - (dst == "ema")
    return lr * (1 - beta) ** power, beta
""",
    },
    {
        "task": "convert",
        "name": "cv_right_first_step",
        "right": True,
        "cause": "Runs one step from theta 0 with g = 1 in src and picks the lr with which dst takes the same step, instead of naming factors.",
        "source": """\
def convert(lr, beta, src, dst):
    def first_move(rate, name):
        v, theta = 0.0, 0.0
        if name == "torch":
            v = beta * v + 1.0
            return theta - rate * v
        if name == "sutskever":
            v = beta * v - rate
            return theta + v
        if name == "ema":
            v = beta * v + (1 - beta)
            return theta - rate * v
        raise ValueError(name)

    return lr * (first_move(1.0, src) / first_move(1.0, dst)), beta
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_right_impulse",
        "right": True,
        "cause": "Never writes a reference step: sends single pulses and compares each displacement with the closed weights, two runs braided with other pulses.",
        "source": '''\
def finds_bug(step):
    def wanted(grads, lr, beta, damp, nes):
        """Displacements, from weights: gradient s acts on step t with beta ** (t - s)."""
        T = len(grads)
        W = np.zeros((T, T))
        for t in range(T):
            for s in range(t + 1):
                entry = 1.0 if s == 0 else 1.0 - damp
                W[t, s] = entry * beta ** (t - s)
                if nes:
                    W[t, s] *= beta
            if nes:
                W[t, t] += 1.0
        return -lr * W @ grads

    pulses = [np.eye(6)[0], np.eye(6)[1], np.array([1.0, -2.0, 0.5, 3.0, -1.0, 2.0])]
    other = np.array([5.0, 1.0, -3.0, 2.0, 4.0, -6.0])
    for lr, beta in ((0.3, 0.0), (0.3, 0.6), (0.07, 0.9), (2.5, 0.4)):
        for damp, nes in ((0.0, False), (0.0, True), (0.35, False)):
            for grads in pulses:
                spots, speeds = [np.array([0.0, 1.0])] * 2, [None, None]
                trace = [[], []]
                for pair in zip(grads, other):
                    for k in (0, 1):
                        g = np.array([pair[k], -pair[k]])
                        new, speeds[k] = step(
                            spots[k], speeds[k], g, lr, beta, dampening=damp, nesterov=nes
                        )
                        trace[k].append(new - spots[k])
                        spots[k] = new
                for k, signal in enumerate((grads, other)):
                    want = wanted(signal, lr, beta, damp, nes)
                    want = np.stack([want, -want], axis=1)
                    if not np.allclose(np.array(trace[k]), want, rtol=1e-9, atol=1e-9):
                        return True
    return False
''',
    },
    {
        "task": "momentum_step",
        "name": "ms_right_python_lists",
        "right": True,
        "cause": "Works on flattened Python lists of numbers, number by number, and puts shape and dtype back at the end.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    grads = [float(x) for x in g.ravel()]
    if v is None:
        speeds = grads
    else:
        speeds = [beta * s + (1 - dampening) * x for s, x in zip(v, grads)]
    places = []
    for p, s, x in zip(theta.ravel(), speeds, grads):
        places.append(float(p) - lr * (x + beta * s if nesterov else s))
    new = xp.asarray(places, dtype=theta.dtype).reshape(theta.shape)
    return new, list(speeds)
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_right_mean_rescaled",
        "right": True,
        "cause": 'Keeps the running mean ("ema") and multiplies by 1 / (1 - beta) when stepping; the first mean is (1 - beta) g.',
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    keep = 1.0 - beta
    if v is None:
        mean = keep * g
    else:
        mean = beta * v + keep * (1.0 - dampening) * g
    long_lr = lr / keep
    move = long_lr * mean
    if nesterov:
        move = beta * move + lr * g
    return theta - move, mean
""",
    },
    {
        "task": "hb_optimal",
        "name": "hb_right_inverted_kappa",
        "right": True,
        "cause": "Uses the inverse condition number mu / L and tanh of a quarter of its log: (1 - s) / (1 + s) with s = sqrt(mu / L).",
        "source": """\
import math


def hb_optimal(mu, L):
    rate = math.tanh((math.log(L) - math.log(mu)) / 4)
    return (1 + rate) ** 2 / L, rate * rate, rate
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_right_fractions",
        "right": True,
        "cause": "Solves the three stationary equations exactly, with Python fractions and Cramer's rule.",
        "source": """\
from fractions import Fraction


def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    lr, beta, h, c, m = (Fraction(float(x)) for x in (lr, beta, h, c, m))
    a, b, n = 1 - lr * h, -lr * beta, c / m
    rows = [
        [1 - a * a, -2 * a * b, -b * b],
        [-a * h, 1 - a * beta - b * h, -b * beta],
        [-h * h, -2 * h * beta, 1 - beta * beta],
    ]
    right = [n * lr * lr, -n * lr, n]

    def det(q):
        return (
            q[0][0] * (q[1][1] * q[2][2] - q[1][2] * q[2][1])
            - q[0][1] * (q[1][0] * q[2][2] - q[1][2] * q[2][0])
            + q[0][2] * (q[1][0] * q[2][1] - q[1][1] * q[2][0])
        )

    swapped = [[right[i], row[1], row[2]] for i, row in enumerate(rows)]
    whole = det(rows)
    if whole == 0:
        return float("inf")
    return float(h / 2 * det(swapped) / whole)
""",
    },
    {
        "task": "convert",
        "name": "cv_src_unchecked",
        "right": False,
        "cause": "Only the destination is checked; any other source name falls into the else branch and is treated as torch.",
        "source": """\
def convert(lr, beta, src, dst):
    # 1. to torch
    if src == "ema":
        lr = lr * (1 - beta)
    # 2. from torch
    if dst in ("torch", "sutskever"):
        return lr, beta
    elif dst == "ema":
        return lr / (1 - beta), beta
    raise ValueError(dst)
""",
    },
    {
        "held": True,
        "task": "convert",
        "name": "cv_sutskever_velocity_gain",
        "right": False,
        "cause": 'Believes that only in torch the velocity piles up to 1 / (1 - beta): in sutskever lr is already inside v, so its lr is "effective" like that of ema.',
        "source": """\
def convert(lr, beta, src, dst):
    if src not in CONVENTIONS or dst not in CONVENTIONS:
        raise ValueError("unknown")
    effective = lr / (1 - beta) if src == "torch" else lr
    if dst == "torch":
        return effective * (1 - beta), beta
    return effective, beta
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_right_karpathy",
        "right": True,
        "cause": "The form of the cs231n notes, with lr inside the velocity: theta += -beta * v_prev + (1 + beta) * v; equal in algebra while lr stays.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        v_prev, gain = xp.zeros_like(theta), 1.0
    else:
        v_prev, gain = v, 1.0 - dampening
    v = beta * v_prev - lr * gain * g
    if nesterov:
        return theta + (-beta * v_prev + (1 + beta) * v), v
    return theta + v, v
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_right_ball_and_lookahead",
        "right": True,
        "cause": "Keeps the ball's place x and speed u of Nesterov's own formula in a dict and returns the look-ahead point.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    start = v is None
    x = theta.copy() if start else v["x"]
    u = xp.zeros_like(theta) if start else v["u"]
    scale = lr if start else lr * (1 - dampening)
    u = beta * u - scale * g
    x = x + u
    state = {"x": x, "u": u}
    if nesterov:
        return x + beta * u, state
    return x.copy(), state
""",
    },
    {
        "task": "nqm_steady_state",
        "name": "ss_right_product",
        "right": True,
        "cause": "The floor of gradient descent at a stretched learning rate: lr' = lr / (1 + beta) in the bracket, effective rate before it.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    bracket = 2 + 2 * beta - lr * h
    if not (bracket > 0 and lr * h < 2 * (1 + beta)):
        return float("inf")
    per_sample = (lr / (1 - beta)) * (c / 2)
    return per_sample / (bracket / (1 + beta)) / m
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_right_ar2",
        "right": True,
        "cause": "Sees theta as an autoregression of second order with phi1 = 1 + beta - lr h, phi2 = -beta, and uses the textbook variance of an AR(2) process.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 + 2 * beta:
        return float("inf")
    # 1 - phi2 = 1 + beta; 1 + phi2 = 1 - beta; with phi1:
    above = lr * h  # 1 - phi1 - phi2
    below = 2 + 2 * beta - lr * h  # 1 + phi1 - phi2
    shock = lr**2 * c / m
    variance = (1 + beta) * shock / ((1 - beta) * above * below)
    return variance * h / 2
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_relaxes_to_floor",
        "right": False,
        "cause": "Lets the risk of a direction go from its start to its floor geometrically, with the squared radius of M per step: the long-run rate is taken for every step.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    t = np.arange(steps + 1)
    risk = xp.zeros(steps + 1)
    for k, n in zip(h.tolist(), (c / m).tolist()):
        size = max(abs(np.roots([1.0, lr * k - 1 - beta, beta])))
        floor = lr * n * (1 + beta) / (2 * (1 - beta) * (2 + 2 * beta - lr * k))
        risk = risk + floor + (k / 2 - floor) * xp.asarray(size ** (2 * t))
    return risk
""",
    },
    {
        "held": True,
        "task": "nqm_risk",
        "name": "nr_no_cross_moment",
        "right": False,
        "cause": "Adds variances as if theta and v were independent: E theta v is left out.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    A, V = xp.ones_like(h), xp.zeros_like(h)
    risks = [(h * A).sum() / 2]
    for _ in range(steps):
        V_new = beta**2 * V + h**2 * A + c / m
        A = (1 - lr * h) ** 2 * A + (lr * beta) ** 2 * V + lr**2 * c / m
        V = V_new
        risks.append((h * A).sum() / 2)
    return xp.asarray(risks)
""",
    },
    {
        "task": "experiment",
        "name": "ex_last_of_ties",
        "right": False,
        "cause": "Searches the best rate with <=, so of several that need equally many steps the largest is kept.",
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    drop = np.ones((2, 31))
    theta, v, x, u = 1.0, 0.0, 1.0, 0.0
    for t in range(30):
        lr = 0.5 if t < 10 else 0.05
        v = 0.9 * v + float(h[1]) * theta
        theta -= lr * v
        u = 0.9 * u - lr * float(h[1]) * x
        x += u
        drop[:, t + 1] = theta, x
    steps, best = np.full((4, 6), np.inf), np.zeros((4, 6))
    for i, beta in enumerate(BETAS):
        table = steps_to_target(h, c, BATCHES, (1 - beta) * EFFECTIVE, beta)
        for j in range(6):
            for k, e in enumerate(EFFECTIVE):
                if table[j, k] <= steps[i, j]:
                    steps[i, j], best[i, j] = table[j, k], e
    risk = xp.stack([nqm_risk(h, c, SMALL, lr, beta, STEPS) for lr, beta in RUNS])
    floor = np.array([
        sum(float(nqm_steady_state(lr, beta, float(a), float(b), SMALL)) for a, b in zip(h, c))
        for lr, beta in RUNS
    ])
    return {"drop": drop, "steps": steps, "best": best, "risk": risk, "floor": floor}
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_floor_is_last_risk",
        "right": False,
        "cause": 'Takes the last value of each risk curve for the floor, since after 2000 steps it "has settled".',
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    k = float(h[1])

    def fall(keras):
        th, v, path = 1.0, 0.0, [1.0]
        for lr in [0.5] * 10 + [0.05] * 20:
            g = k * th
            v = 0.9 * v - lr * g if keras else 0.9 * v + g
            th = th + v if keras else th - lr * v
            path.append(th)
        return path

    counts = [steps_to_target(h, c, BATCHES, (1 - b) * EFFECTIVE, b) for b in BETAS]
    risk = [nqm_risk(h, c, SMALL, lr, b, STEPS) for lr, b in RUNS]
    risk = xp.stack(risk)
    return {
        "drop": np.array([fall(False), fall(True)]),
        "steps": np.array([n.min(axis=1) for n in counts]),
        "best": np.array([EFFECTIVE[n.argmin(axis=1)] for n in counts]),
        "risk": risk,
        "floor": risk[:, -1],
    }
""",
    },
    {
        "task": "hb_optimal",
        "name": "hb_gd_learning_rate",
        "right": False,
        "cause": "Keeps the best learning rate of gradient descent, 2 / (mu + L), and adds the best beta to it.",
        "source": """\
def hb_optimal(mu, L):
    root = (L / mu) ** 0.5
    rate = (root - 1) / (root + 1)
    return 2 / (mu + L), rate**2, rate
""",
    },
    {
        "held": True,
        "task": "hb_optimal",
        "name": "hb_nesterov_recipe",
        "right": False,
        "cause": "Writes down the textbook recipe of Nesterov: lr 1 / L, beta not squared and rate 1 - 1 / sqrt(kappa).",
        "source": """\
def hb_optimal(mu, L):
    sk = np.sqrt(L / mu)
    lr = 1.0 / L
    beta = (sk - 1.0) / (sk + 1.0)
    return float(lr), float(beta), float(1.0 - 1.0 / sk)
""",
    },
    {
        "task": "nqm_steady_state",
        "name": "ss_until_still",
        "right": False,
        "cause": "Iterates until the loss changes by less than 1e-12 of itself: with a slow decay it stops too early; and at the limit itself a big number comes out instead of infinity (two mistakes).",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h > 2 * (1 + beta):
        return float("inf")
    theta2, cross, v2 = 0.0, 0.0, 0.0
    a, b = 1 - lr * h, -lr * beta
    loss, old = 0.0, None
    count = 0
    while (old is None or abs(loss - old) > 1e-12 * loss) and count < 200_000:
        old = loss
        theta2, cross, v2 = (
            a * a * theta2 + 2 * a * b * cross + b * b * v2 + lr**2 * c / m,
            a * h * theta2 + (a * beta + b * h) * cross + b * beta * v2 - lr * c / m,
            h * h * theta2 + 2 * h * beta * cross + beta**2 * v2 + c / m,
        )
        loss = h * theta2 / 2
        count += 1
    return loss
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_mean_square",
        "right": False,
        "cause": "Solves for the stationary E theta ** 2 and returns it, without h / 2.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 + 2 * beta:
        return float("inf")
    a, b = 1 - lr * h, -lr * beta
    K = np.array([
        [a * a, 2 * a * b, b * b],
        [a * h, a * beta + b * h, b * beta],
        [h * h, 2 * h * beta, beta**2],
    ])
    N = c / m * np.array([lr**2, -lr, 1.0])
    A, C, V = np.linalg.solve(np.eye(3) - K, N)
    return float(A)
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_asarray_no_copy",
        "right": False,
        "cause": "Thinks that astype(copy=False) and tuples make the saved gradient safe; the remembered last gradient is still the caller's buffer.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    grad = g.astype(theta.dtype, copy=False)
    if v is None:
        older, newest, weight = 0.0, grad, 1.0
    else:
        older, last, w = v
        older = beta * (older + w * last)
        newest, weight = grad, 1.0 - dampening
    b = older + weight * newest
    out = theta - lr * ((newest + beta * b) if nesterov else b)
    return out, (older, newest, weight)
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_first_v_is_g",
        "right": False,
        "cause": "At the first step the velocity is g, literally: the same array is handed back, and the caller reuses that buffer.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    b = g if v is None else beta * v + (1 - dampening) * g
    d = g + beta * b if nesterov else b
    return theta - lr * d, b
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_beta0_needs_no_state",
        "right": False,
        "cause": "Reasons that without momentum there is nothing to remember and returns v = None, so every step counts as the first and dampening never comes (beta = 0).",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    first = v is None
    b = (0 if first else beta * v) + (1 if first else 1 - dampening) * g
    new_theta = theta - lr * (g + beta * b if nesterov else b)
    memory = b if beta > 0 else None
    return new_theta, memory
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_port_momentum_nonzero",
        "right": False,
        "cause": "Ports torch/optim/sgd.py line by line, with its `if momentum != 0`: with beta 0 dampening is skipped at all steps, where the contract applies it from the second step on.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    d_p = g
    buf = v
    if beta != 0:
        if buf is None:
            buf = d_p.copy()
        else:
            buf = buf * beta + d_p * (1 - dampening)
        if nesterov:
            d_p = d_p + buf * beta
        else:
            d_p = buf
    return theta + d_p * -lr, buf
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_unstable_is_inf",
        "right": False,
        "cause": "Carries the rule of the floor over: if one direction has lr * h of 2 (1 + beta) or more, all later risks are set to infinity.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    risk = xp.zeros(steps + 1)
    risk[0] = h.sum() / 2
    if bool((lr * h >= 2 * (1 + beta)).any()):
        risk[1:] = xp.inf
        return risk
    A, C, V, n = 1.0 + 0 * h, 0 * h, 0 * h, c / m
    for t in range(steps):
        # first the velocity, then theta - lr * velocity
        C2 = h * A + beta * C                       # E theta v'
        V2 = h * h * A + 2 * h * beta * C + beta**2 * V + n
        A, C, V = A - 2 * lr * C2 + lr**2 * V2, C2 - lr * V2, V2
        risk[t + 1] = h @ A / 2
    return risk
""",
    },
    {
        "held": True,
        "task": "nqm_risk",
        "name": "nr_new_values_too_early",
        "right": False,
        "cause": "Updates A, C and V one after the other in place, so C and V are computed from the A (and C) of the new step.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    A, C, V = xp.ones(h.shape), xp.zeros(h.shape), xp.zeros(h.shape)
    out = xp.empty(steps + 1)
    out[0] = (h / 2 * A).sum()
    a, b = 1 - lr * h, -lr * beta
    for t in range(1, steps + 1):
        A = a**2 * A + 2 * a * b * C + b**2 * V + lr**2 * c / m
        C = a * h * A + (a * beta + b * h) * C + b * beta * V - lr * c / m
        V = h**2 * A + 2 * h * beta * C + beta**2 * V + c / m
        out[t] = (h / 2 * A).sum()
    return out
""",
    },
    {
        "task": "nqm_risk",
        "name": "nr_right_two_places",
        "right": True,
        "cause": "Has no velocity at all: squared mean plus variance, both from the recursion of second order in (theta now, theta before); at the start both places are the same.",
        "source": """\
def nqm_risk(h, c, m, lr, beta, steps):
    pull, kick = 1 + beta - lr * h, lr * lr * c / m
    mean, mean_before = h**0, h**0
    var = cov = var_before = 0 * h
    curve = [mean**2 + var]
    for _ in range(steps):
        coast = beta * (mean - mean_before)
        mean, mean_before = mean - lr * h * mean + coast, mean
        ahead = pull * (pull * var - 2 * beta * cov) + beta * beta * var_before + kick
        cov = pull * var - beta * cov
        var_before, var = var, ahead
        curve.append(mean**2 + var)
    return xp.stack(curve) @ h / 2
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_right_closed",
        "right": True,
        "cause": "Uses none of the learner's other functions: floors in one vectorised formula, risks by matrix products, drop by 2 x 2 matrices, ties by a lexicographic sort.",
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    k = float(h[1])

    def journey(matrices):
        state, path = np.array([1.0, 0.0]), [1.0]
        for M in matrices:
            state = M @ state
            path.append(state[0])
        return path

    rates = [0.5] * 10 + [0.05] * 20
    drop = np.array([
        journey([np.array([[1 - r * k, -r * 0.9], [k, 0.9]]) for r in rates]),
        journey([np.array([[1 - r * k, 0.9], [-r * k, 0.9]]) for r in rates]),
    ])
    steps, best = np.zeros((4, 6)), np.zeros((4, 6))
    for i, beta in enumerate(BETAS):
        n = steps_to_target(h, c, BATCHES, EFFECTIVE * (1 - beta), beta)
        for j in range(6):
            steps[i, j], best[i, j] = sorted(zip(n[j], EFFECTIVE))[0]
    lr = np.array([r for r, _ in RUNS])[:, None]
    beta = np.array([b for _, b in RUNS])[:, None]
    hh, n = figures.host(h)[None, :], figures.host(c)[None, :] / SMALL
    floor = (lr * n * (1 + beta) / (2 * (1 - beta) * (2 + 2 * beta - lr * hh))).sum(axis=1)
    A, C, V = np.ones((4, 300)), np.zeros((4, 300)), np.zeros((4, 300))
    risk = np.zeros((4, STEPS + 1))
    for t in range(STEPS + 1):
        risk[:, t] = (hh * A).sum(axis=1) / 2
        C2 = hh * A + beta * C
        V = hh * hh * A + 2 * hh * beta * C + beta**2 * V + n
        A, C = A - 2 * lr * C2 + lr**2 * V, C2 - lr * V
    return {"drop": drop, "steps": steps, "best": best, "risk": risk, "floor": floor}
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_running_mean",
        "right": False,
        "cause": "Remembers momentum as a running average of the gradients, as in Adam: the new gradient gets weight 1 - beta (the first velocity is g).",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        v = g.copy()
    else:
        v = beta * v + (1 - beta) * (1 - dampening) * g
    d = g + beta * v if nesterov else v
    return theta - lr * d, v
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_adam_first_moment",
        "right": False,
        "cause": "The average of gradients again, this time with zeros at first and Adam's bias correction by 1 - beta ** t (two borrowed things).",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    state = {"m": 0 * g, "t": 0} if v is None else v
    t = state["t"] + 1
    m = beta * state["m"] + (1 - beta) * g
    m_hat = m / (1 - beta**t)
    if t > 1:
        m_hat = m_hat * (1 - dampening)
    if nesterov:
        update = g + beta * m_hat
    else:
        update = m_hat
    return theta - lr * update, {"m": m, "t": t}
""",
    },
    {
        "task": "nqm_steady_state",
        "name": "ss_two_thousand_steps",
        "right": False,
        "cause": 'Takes "very many steps" literally, 2000 steps of the moments; where lr * h / (1 - beta) is small they have not arrived.',
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    M = np.array([[1 - lr * h, -lr * beta], [h, beta]])
    N = c / m * np.array([[lr * lr, -lr], [-lr, 1.0]])
    S = np.zeros((2, 2))
    for _ in range(2000):
        S = M @ S @ M.T + N
    return float(h / 2 * S[0, 0])
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_negative_is_inf",
        "right": False,
        "cause": "Computes the formula first and calls it infinite when it comes out negative: the limit itself again, a division by zero.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    noise = c / m
    effective = lr / (1 - beta)
    floor = effective * noise / 2 * (1 + beta) / (2 * (1 + beta) - lr * h)
    return floor if floor >= 0 else float("inf")
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_zeros_float64",
        "right": False,
        "cause": "Keeps the velocity in a zeros array of default dtype, so a float32 theta comes back as float64.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    velocity = xp.zeros(theta.shape)
    if v is None:
        velocity += g
    else:
        velocity += beta * v
        velocity += (1 - dampening) * g
    if nesterov:
        return theta - lr * (g + beta * velocity), velocity
    return theta - lr * velocity, velocity
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_tensordot_float64",
        "right": False,
        "cause": "Forms the weighted sum as a tensordot with a float64 weight vector; float32 inputs leave as float64 (the dtype promise is forgotten).",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        b = g + 0
    else:
        weights = xp.asarray([beta, 1 - dampening])
        b = xp.tensordot(weights, xp.stack([v, g]), axes=1)
    use = [-lr * beta, -lr] if nesterov else [-lr, 0.0]
    return theta + xp.tensordot(xp.asarray(use), xp.stack([b, g]), axes=1), b
""",
    },
    {
        "task": "nqm_steady_state",
        "name": "ss_smooths_noise",
        "right": False,
        "cause": "Takes the known variance factor of a running mean, (1 - beta) / (1 + beta), as what momentum does to the noise of the floor.",
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    limit = 2 * (1 + beta) / h
    if lr >= limit:
        return float("inf")
    smoothed = c / m * (1 - beta) / (1 + beta)
    return lr * smoothed / (2 * (2 + 2 * beta - lr * h))
""",
    },
    {
        "held": True,
        "task": "nqm_steady_state",
        "name": "ss_effective_is_all",
        "right": False,
        "cause": '"Momentum is a larger learning rate": puts lr / (1 - beta) into the floor of plain gradient descent, limit of stability included.',
        "source": """\
def nqm_steady_state(lr, beta, h, c, m):
    eff = lr / (1 - beta)
    if eff * h >= 2:
        return float("inf")
    return eff * c / (2 * m * (2 - eff * h))
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_one_after_other",
        "right": False,
        "cause": "Makes two runs, but one after the other instead of in turns, so that a shared velocity is started afresh with v None and never seen.",
        "source": """\
def finds_bug(step):
    def reference(theta, b, g, lr, beta, dampening, nesterov):
        b = g if b is None else beta * b + (1 - dampening) * g
        return theta - lr * ((g + beta * b) if nesterov else b), b

    rng = np.random.default_rng(8)
    settings = [(lr, be, da, ne) for lr in (0.05, 0.4) for be in (0.0, 0.3, 0.9)
                for da, ne in ((0.0, False), (0.0, True), (0.6, False))]
    for s in settings:
        for run in range(2):
            theta = mine = rng.normal(size=4)
            v = b = None
            for _ in range(5):
                g = rng.normal(size=4)
                theta, v = step(theta, v, g, *s)
                mine, b = reference(mine, b, g, *s)
                if np.max(np.abs(theta - mine)) > 1e-9:
                    return True
    return False
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_lr_one",
        "right": False,
        "cause": 'Compares all options and interleaved runs with lr = 1, "so that only beta is tested": whatever lr does twice or at the wrong place stays hidden.',
        "source": """\
def finds_bug(step):
    def truth(grads, beta, dampening=0.0, nesterov=False):
        theta, b, out = 0.0, None, []
        for g in grads:
            b = g if b is None else beta * b + (1 - dampening) * g
            theta -= g + beta * b if nesterov else b
            out.append(theta)
        return out

    first, second = [1.0, -2.0, 0.5, 3.0, 1.5], [-4.0, 1.0, 2.0, 0.25, -1.0]
    for opts in (dict(), dict(nesterov=True), dict(dampening=0.3)):
        for beta in (0.0, 0.5, 0.9):
            p, q, vp, vq, P, Q = np.zeros(1), np.zeros(1), None, None, [], []
            for a, c in zip(first, second):
                p, vp = step(p, vp, np.array([a]), 1.0, beta, **opts)
                q, vq = step(q, vq, np.array([c]), 1.0, beta, **opts)
                P.append(p[0])
                Q.append(q[0])
            if not np.allclose(P, truth(first, beta, **opts)):
                return True
            if not np.allclose(Q, truth(second, beta, **opts)):
                return True
    return False
""",
    },
    {
        "task": "hb_optimal",
        "name": "hb_rate_of_loss",
        "right": False,
        "cause": "Takes beta for the rate: the loss is a square, so per step it goes down by beta; that is the rate of the loss, not of the distance.",
        "source": """\
def hb_optimal(mu, L):
    kappa = L / mu
    lr = 4 / (L**0.5 + mu**0.5) ** 2
    beta = ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2
    return lr, beta, beta
""",
    },
    {
        "held": True,
        "task": "hb_optimal",
        "name": "hb_rate_of_moments",
        "right": False,
        "cause": "Measures the rate as the spectral radius of the map of second moments, M kron M, at both ends: once more the rate of the loss.",
        "source": """\
def hb_optimal(mu, L):
    a, b = np.sqrt(mu), np.sqrt(L)
    lr = (2 / (a + b)) ** 2
    beta = ((b - a) / (b + a)) ** 2
    rate = 0.0
    for h in (mu, L):
        M = np.array([[1 - lr * h, -lr * beta], [h, beta]])
        rate = max(rate, max(abs(np.linalg.eigvals(np.kron(M, M)))))
    return lr, beta, rate
""",
    },
    {
        "task": "convert",
        "name": "cv_right_match",
        "right": True,
        "cause": "A match statement with all pairs written out, numbers left untouched where nothing changes.",
        "source": """\
def convert(lr, beta, src, dst):
    match (src, dst):
        case ("ema", "ema") | ("torch" | "sutskever", "torch" | "sutskever"):
            return lr, beta
        case ("torch" | "sutskever", "ema"):
            return lr / (1 - beta), beta
        case ("ema", "torch" | "sutskever"):
            return lr - beta * lr, beta
    raise ValueError(f"cannot convert {src!r} to {dst!r}")
""",
    },
    {
        "held": True,
        "task": "hb_optimal",
        "name": "hb_right_two_equations",
        "right": True,
        "cause": "Solves the two conditions of critical damping, 1 - sqrt(lr mu) = rate = sqrt(lr L) - 1, as a 2 x 2 linear system in (sqrt lr, rate).",
        "source": """\
def hb_optimal(mu, L):
    system = np.array([[mu**0.5, 1.0], [L**0.5, -1.0]])
    root_lr, rate = np.linalg.solve(system, np.array([1.0, 1.0]))
    if mu == L:
        rate = 0.0
    return float(root_lr) ** 2, float(rate) ** 2, float(rate)
""",
    },
    {
        "task": "momentum_step",
        "name": "ms_nesterov_old_velocity",
        "right": False,
        "cause": "Nesterov with the velocity of the step before (g + beta * old b), so the look-ahead vanishes: the first step is short and later ones are plain momentum.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    before = xp.zeros_like(theta) if v is None else v
    now = g.copy() if v is None else beta * before + (1 - dampening) * g
    ahead = g + beta * before
    return theta - lr * (ahead if nesterov else now), now
""",
    },
    {
        "held": True,
        "task": "momentum_step",
        "name": "ms_first_is_plain_gd",
        "right": False,
        "cause": "Believes that without a velocity there is nothing to look ahead with, so the first Nesterov step is a plain gradient step.",
        "source": """\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:  # no memory yet: ordinary gradient descent
        return theta - lr * g, g.copy()
    b = beta * v + (1 - dampening) * g
    if nesterov:
        return theta - lr * (g + beta * b), b
    return theta - lr * b, b
""",
    },
    {
        "task": "hb_optimal",
        "name": "hb_equal_case_four",
        "right": False,
        "cause": "Treats mu = L as a special case and puts it in wrongly: (sqrt L + sqrt L) ** 2 is taken as L, giving lr 4 / L, which diverges.",
        "source": """\
def hb_optimal(mu, L):
    if mu == L:
        return 4 / L, 0.0, 0.0  # only one curvature: kappa = 1
    r = (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)
    return 4 / (L**0.5 + mu**0.5) ** 2, r * r, r
""",
    },
    {
        "held": True,
        "task": "hb_optimal",
        "name": "hb_equal_case_edge",
        "right": False,
        "cause": 'For equal curvatures falls back on the limit of stability, 2 / L, as the "best rate without momentum" (again a wrong special case, also for nearly equal ones).',
        "source": """\
def hb_optimal(mu, L):
    kappa = L / mu
    if abs(kappa - 1) < 1e-12:
        lr, beta, rate = 2 / L, 0, 0
    else:
        x = kappa ** 0.5
        rate = (x - 1) / (x + 1)
        beta = rate ** 2
        lr = (1 + rate) ** 2 / L
    return lr, beta, rate
""",
    },
    {
        "task": "experiment",
        "name": "ex_tuned_for_plain",
        "right": False,
        "cause": 'Finds the best effective rate once, without momentum, and uses it for every beta: "equal effective rate is the fair comparison".',
        "source": """\
def experiment(seed):
    h, c = own_problem(seed)
    path = {}
    for name in CONVENTIONS[:2]:
        theta, v = 1.0, 0.0
        path[name] = [theta]
        for t in range(30):
            lr = 0.05 if t >= 10 else 0.5
            push = h[1] * theta
            if name == "torch":
                v = 0.9 * v + push
                theta = theta - lr * v
            else:
                v = 0.9 * v - lr * push
                theta = theta + v
            path[name].append(float(theta))
    plain = steps_to_target(h, c, BATCHES, EFFECTIVE, 0.0)
    choice = plain.argmin(axis=1)
    best = np.tile(EFFECTIVE[choice], (4, 1))
    steps = np.empty((4, 6))
    for i, beta in enumerate(BETAS):
        for j, m in enumerate(BATCHES):
            lr = (1 - beta) * best[i, j]
            steps[i, j] = steps_to_target(h, c, [m], [lr], beta)[0, 0]
    risk, floor = np.empty((4, STEPS + 1)), np.zeros(4)
    for k, (lr, beta) in enumerate(RUNS):
        risk[k] = figures.host(nqm_risk(h, c, SMALL, lr, beta, STEPS))
        for i in range(len(h)):
            floor[k] += float(nqm_steady_state(lr, beta, float(h[i]), float(c[i]), SMALL))
    return {
        "drop": np.array([path["torch"], path["sutskever"]]),
        "steps": steps, "best": best, "risk": risk, "floor": floor,
    }
""",
    },
]
