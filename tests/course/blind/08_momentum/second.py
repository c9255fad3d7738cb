"""Blind answers for 08_momentum, all kept out of tuning; see "cause"."""

ANSWERS = [
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_damp_first_zeros',
        "right": False,
        "cause": 'Starts from a zero velocity and uses one formula for all steps, so dampening shrinks the first gradient too.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        v = xp.zeros_like(g)
    b = beta * v + (1 - dampening) * g
    if nesterov:
        return theta - lr * (g + beta * b), b
    return theta - lr * b, b
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_effective_plug',
        "right": False,
        "cause": 'Believes momentum is only the effective learning rate lr/(1-beta) put into the SGD floor of assignment 03.',
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    eff = lr / (1 - beta)
    denom = 2 * m * (2 - eff * h)
    if denom <= 0:
        return float("inf")
    return eff * c / denom
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_sequential',
        "right": False,
        "cause": 'Updates A, then C from the new A, then V from the new A and C: old moments are overwritten before they are used.',
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    A = xp.ones_like(h)
    C = xp.zeros_like(h)
    V = xp.zeros_like(h)
    a, b = 1 - lr * h, -lr * beta
    out = [(h * A).sum() / 2]
    for _ in range(steps):
        A = a * a * A + 2 * a * b * C + b * b * V + lr**2 * c / m
        C = a * h * A + (a * beta + b * h) * C + b * beta * V - lr * c / m
        V = h * h * A + 2 * h * beta * C + beta**2 * V + c / m
        out.append((h * A).sum() / 2)
    return xp.asarray(out)
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_keras_form',
        "right": True,
        "cause": 'Right: keeps the Keras displacement (lr inside, negative) and the Keras Nesterov formula, in a tuple.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        move = -lr * g
    else:
        (old,) = v
        move = beta * old - lr * (1 - dampening) * g
    jump = beta * move - lr * g if nesterov else move
    return theta + jump, (move,)
''',
    },
    {
        "held": True,
        "task": 'hb_optimal',
        "name": 'hb_beta_unsquared',
        "right": False,
        "cause": "Takes beta for the heavy ball without the square (Nesterov's beta), so beta equals the rate.",
        "source": '''\
def hb_optimal(mu, L):
    root = (L / mu) ** 0.5
    lr = 4 / (L**0.5 + mu**0.5) ** 2
    beta = (root - 1) / (root + 1)
    return lr, beta, beta
''',
    },
    {
        "held": True,
        "task": 'convert',
        "name": 'cv_inverted',
        "right": False,
        "cause": 'Has the ema factor upside down: multiplies by 1-beta on the way to ema and divides on the way back.',
        "source": '''\
def convert(lr, beta, src, dst):
    if src not in CONVENTIONS or dst not in CONVENTIONS:
        raise ValueError("unknown convention")
    if src == "ema":
        lr = lr / (1 - beta)
    if dst == "ema":
        lr = lr * (1 - beta)
    return lr, beta
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_global_problem',
        "right": False,
        "cause": "Uses the notebook's h_own and c_own, left over from an example cell, instead of own_problem(seed).",
        "source": '''\
def experiment(seed):
    drop = np.zeros((2, 31))
    drop[:, 0] = 1
    hh = float(h_own[1])
    th, v = 1.0, 0.0
    for t in range(30):
        lr = 0.5 if t < 10 else 0.05
        v = 0.9 * v + hh * th
        th = th - lr * v
        drop[0, t + 1] = th
    th, v = 1.0, 0.0
    for t in range(30):
        lr = 0.5 if t < 10 else 0.05
        v = 0.9 * v - lr * hh * th
        th = th + v
        drop[1, t + 1] = th
    steps, best = np.zeros((4, 6)), np.zeros((4, 6))
    for i, beta in enumerate(BETAS):
        counts = steps_to_target(h_own, c_own, BATCHES, (1 - beta) * EFFECTIVE, beta)
        steps[i] = counts.min(axis=1)
        best[i] = EFFECTIVE[counts.argmin(axis=1)]
    risk = xp.stack([nqm_risk(h_own, c_own, SMALL, lr, beta, STEPS) for lr, beta in RUNS])
    floor = np.array([
        sum(nqm_steady_state(lr, beta, float(a), float(b), SMALL) for a, b in zip(h_own, c_own))
        for lr, beta in RUNS
    ])
    return {"drop": drop, "steps": steps, "best": best, "risk": risk, "floor": floor}
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_no_turns',
        "right": False,
        "cause": 'Compares single runs only, one after the other; never lets two runs take turns, so a shared velocity goes unseen.',
        "source": '''\
def finds_bug(step):
    rng = np.random.default_rng(0)
    for kw in ({}, {"nesterov": True}, {"dampening": 0.3}):
        for lr, beta in ((0.1, 0.9), (0.3, 0.6)):
            theta, v = np.array([1.0, -2.0, 0.5]), None
            ref, b = theta.copy(), None
            damp, nest = kw.get("dampening", 0.0), kw.get("nesterov", False)
            for _ in range(6):
                g = rng.normal(size=3)
                theta, v = step(theta, v, g, lr, beta, **kw)
                b = g if b is None else beta * b + (1 - damp) * g
                ref = ref - lr * (g + beta * b if nest else b)
                if not np.allclose(theta, ref, rtol=1e-9, atol=1e-12):
                    return True
    return False
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_ema',
        "right": False,
        "cause": 'Thinks that momentum averages gradients: the new gradient gets the weight 1-beta, as in Adam.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        b = g.copy()
    else:
        b = beta * v + (1 - beta) * (1 - dampening) * g
    direction = g + beta * b if nesterov else b
    return theta - lr * direction, b
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_limit_two',
        "right": False,
        "cause": 'Keeps the stability limit lr * h < 2 of plain gradient descent: infinity between 2 and 2(1+beta).',
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    x = lr * h
    if x >= 2:
        return float("inf")
    return lr * c * (1 + beta) / (2 * m * (1 - beta) * (2 + 2 * beta - x))
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_noise_v_only',
        "right": False,
        "cause": "Adds the noise to the velocity's second moment only, forgetting that the same noise enters theta in the same step.",
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    d = len(h)
    M = xp.zeros((d, 2, 2))
    M[:, 0, 0] = 1 - lr * h
    M[:, 0, 1] = -lr * beta
    M[:, 1, 0] = h
    M[:, 1, 1] = beta
    Q = xp.zeros((d, 2, 2))
    Q[:, 1, 1] = c / m
    S = xp.zeros((d, 2, 2))
    S[:, 0, 0] = 1.0
    risk = xp.zeros(steps + 1)
    for t in range(steps + 1):
        risk[t] = 0.5 * (h * S[:, 0, 0]).sum()
        S = M @ S @ M.transpose(0, 2, 1) + Q
    return risk
''',
    },
    {
        "held": True,
        "task": 'hb_optimal',
        "name": 'hb_right_diff_quotient',
        "right": True,
        "cause": 'Right: writes the rate as (L - mu) / (sqrt L + sqrt mu)^2 and lr, beta from it.',
        "source": '''\
def hb_optimal(mu, L):
    total = np.sqrt(float(L)) + np.sqrt(float(mu))
    rate = (float(L) - float(mu)) / total**2
    return (2 / total) ** 2, rate * rate, rate
''',
    },
    {
        "held": True,
        "task": 'convert',
        "name": 'cv_same_early',
        "right": False,
        "cause": "Returns early when src equals dst, before the names are checked, so convert(lr, beta, 'keras', 'keras') passes.",
        "source": '''\
def convert(lr, beta, src, dst):
    if src == dst:
        return lr, beta
    known = set(CONVENTIONS)
    if not {src, dst} <= known:
        raise ValueError(f"unknown: {src} or {dst}")
    torch_lr = lr * (1 - beta) if src == "ema" else lr
    return (torch_lr / (1 - beta) if dst == "ema" else torch_lr), beta
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_alias_g',
        "right": False,
        "cause": "Returns g itself as the first velocity: no copy, so the caller's next gradient overwrites it.",
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    v = g if v is None else beta * v + (1 - dampening) * g
    if nesterov:
        theta = theta - lr * (g + beta * v)
    else:
        theta = theta - lr * v
    return theta, v
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_grid_not_scaled',
        "right": False,
        "cause": 'Searches lr over EFFECTIVE itself for every beta instead of (1 - beta) * EFFECTIVE.',
        "source": '''\
def experiment(seed):
    h, c = own_problem(seed)

    def path(conv):
        x, v, xs = 1.0, 0.0, [1.0]
        for lr in [0.5] * 10 + [0.05] * 20:
            g = float(h[1]) * x
            if conv == "torch":
                v = 0.9 * v + g
                x -= lr * v
            else:
                v = 0.9 * v - lr * g
                x += v
            xs.append(x)
        return xs

    tables = [steps_to_target(h, c, BATCHES, EFFECTIVE, beta) for beta in BETAS]
    return {
        "drop": np.array([path("torch"), path("sutskever")]),
        "steps": np.array([tab.min(axis=1) for tab in tables]),
        "best": np.array([EFFECTIVE[tab.argmin(axis=1)] for tab in tables]),
        "risk": xp.stack([nqm_risk(h, c, SMALL, lr, beta, STEPS) for lr, beta in RUNS]),
        "floor": np.array([
            sum(nqm_steady_state(lr, beta, float(h[i]), float(c[i]), SMALL) for i in range(300))
            for lr, beta in RUNS
        ]),
    }
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_right_lyapunov',
        "right": True,
        "cause": 'Right: solves the stationary 3x3 system for A, C, V instead of typing the closed form.',
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    # in units x = lr * h, w = lr * v, so that all entries are of order one
    x = lr * h
    a, b, e, f = 1 - x, -beta, x, beta
    K = np.array([
        [a * a, 2 * a * b, b * b],
        [a * e, a * f + b * e, b * f],
        [e * e, 2 * e * f, f * f],
    ])
    A = np.linalg.solve(np.eye(3) - K, np.array([1.0, -1.0, 1.0]))[0]
    return float(A * lr**2 * c / m * h / 2)
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_nesterov_first_plain',
        "right": False,
        "cause": "At the first step returns early with the plain step, so Nesterov's look-ahead is missing there.",
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    if v is None:
        return theta - lr * g, g.copy()
    b = beta * v + (1 - dampening) * g
    if nesterov:
        return theta - lr * (g + beta * b), b
    return theta - lr * b, b
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_no_cross',
        "right": False,
        "cause": 'Treats theta and v as uncorrelated: keeps A and V, drops the cross moment C.',
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    var = c / m
    th2, v2 = xp.ones(h.shape), xp.zeros(h.shape)
    risks = [float(xp.sum(h * th2) / 2)]
    for _ in range(steps):
        new_v2 = beta**2 * v2 + h**2 * th2 + var
        new_th2 = (1 - lr * h) ** 2 * th2 + (lr * beta) ** 2 * v2 + lr**2 * var
        th2, v2 = new_th2, new_v2
        risks.append(float(xp.sum(h * th2) / 2))
    return xp.array(risks)
''',
    },
    {
        "held": True,
        "task": 'hb_optimal',
        "name": "hb_rate_of_the_loss",
        "right": False,
        "cause": 'Returns the rate of the loss (squared) instead of the rate of the distance.',
        "source": '''\
def hb_optimal(mu, L):
    k = np.sqrt(L / mu)
    q = (k - 1) / (k + 1)
    return 4 / (np.sqrt(L) + np.sqrt(mu)) ** 2, q**2, q**2
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_right_linear_kernel',
        "right": True,
        "cause": 'Right: builds the wanted path as a sum over all earlier gradients with their closed-form weights, two runs in turns.',
        "source": '''\
def finds_bug(step):
    def weight(age, born, lr, beta, damp, nest):
        """How much a unit gradient of step `born` moves theta `age` steps later."""
        size = 1.0 if born == 0 else 1.0 - damp
        if nest:
            return lr * (beta ** (age + 1) + (1.0 if age == 0 else 0.0))
        return lr * size * beta**age

    G = np.array([[1.0, -2.0, 0.7], [3.0, 0.4, -1.1], [-0.6, 1.3, 2.2],
                  [0.9, -1.7, 0.8], [2.1, 0.3, -0.5], [-1.2, 0.6, 1.4]])
    for lr, beta in ((0.15, 0.8), (0.7, 0.35)):
        for damp, nest in ((0.0, False), (0.0, True), (0.4, False), (0.85, False)):
            runs = [(np.array([0.5, -1.0, 2.0]), None), (np.array([-3.0, 0.1, 1.0]), None)]
            starts = [r[0].copy() for r in runs]
            grads = [G, 2.5 - 1.5 * G[::-1]]
            for t in range(6):
                for k in (0, 1):
                    runs[k] = step(*runs[k], grads[k][t].copy(), lr, beta, dampening=damp, nesterov=nest)
                    want = starts[k].copy()
                    for s in range(t + 1):
                        for born in range(s + 1):
                            want -= weight(s - born, born, lr, beta, damp, nest) * grads[k][born]
                    if not np.allclose(runs[k][0], want, rtol=1e-9, atol=1e-10):
                        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_damp_first_history',
        "right": False,
        "cause": 'Keeps all gradients and gives every one, the first too, the factor 1 - dampening.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    history = list(v or [])
    history.append(g.copy())
    n = len(history)
    b = sum(beta ** (n - 1 - k) * (1 - dampening) * history[k] for k in range(n))
    step = b
    if nesterov:
        step = g + beta * b
    return (theta - lr * step).astype(theta.dtype), history
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_boundary',
        "right": False,
        "cause": 'Tests lr * h > 2(1+beta) instead of >=, so exactly at the limit it divides by zero.',
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    limit = 2 * (1 + beta)
    if lr * h > limit:
        return float("inf")
    top = lr * c * (1 + beta)
    bottom = 2 * m * (1 - beta) * (limit - lr * h)
    return top / bottom
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_right_impulse_response',
        "right": True,
        "cause": 'Right: no S at all; runs deterministic vectors (start and impulse response) and sums squared responses.',
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    # theta_t = p_t * theta_0 + sum_s q_{t-s} * noise_s: E theta^2 = p^2 + c/m * sum q^2
    p, w = xp.ones_like(h), xp.zeros_like(h)      # response to the start
    q, u = -lr * xp.ones_like(h), xp.ones_like(h)  # response to one unit of noise
    spread = xp.zeros_like(h)
    risk = xp.empty(steps + 1)
    for t in range(steps + 1):
        risk[t] = xp.dot(h, p * p + c / m * spread) / 2
        spread = spread + q * q
        w = beta * w + h * p
        p = p - lr * w
        u = beta * u + h * q
        q = q - lr * u
    return risk
''',
    },
    {
        "held": True,
        "task": 'convert',
        "name": 'cv_only_torch_ema',
        "right": False,
        "cause": 'Converts between torch and ema only; believes sutskever and ema share their numbers.',
        "source": '''\
def convert(lr, beta, src, dst):
    for name in (src, dst):
        if name not in CONVENTIONS:
            raise ValueError(name)
    if (src, dst) == ("torch", "ema"):
        return lr / (1 - beta), beta
    if (src, dst) == ("ema", "torch"):
        return lr * (1 - beta), beta
    return lr, beta
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_nesterov_old_b',
        "right": False,
        "cause": 'Uses the velocity of the step before in the Nesterov step: g + beta * b_old.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    first = v is None
    old = xp.zeros_like(theta) if first else v["b"]
    b = g * 1 if first else beta * old + (1 - dampening) * g
    if nesterov:
        update = g + beta * old
    else:
        update = b
    return theta - lr * update, {"b": b}
''',
    },
    {
        "held": True,
        "task": 'hb_optimal',
        "name": 'hb_gd_lr',
        "right": False,
        "cause": "Uses gradient descent's best learning rate 2/(L + mu) with the heavy ball's beta.",
        "source": '''\
def hb_optimal(mu, L):
    kappa = L / mu
    rho = (kappa**0.5 - 1) / (kappa**0.5 + 1)
    lr = 2 / (mu + L)
    return lr, rho**2, rho
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_h0_and_last_tie',
        "right": False,
        "cause": "Two mistakes: takes h[0] for the drop ('second' misread), and a <= in the search, so of ties the largest rate wins.",
        "source": '''\
def experiment(seed):
    h, c = own_problem(seed)
    out = {"drop": xp.zeros((2, 31)), "steps": np.full((4, 6), np.inf), "best": np.zeros((4, 6)),
           "risk": xp.zeros((4, STEPS + 1)), "floor": np.zeros(4)}
    for row in range(2):
        x, v = 1.0, 0.0
        out["drop"][row, 0] = x
        for t in range(1, 31):
            lr = 0.5 if t <= 10 else 0.05
            g = float(h[0]) * x
            if row == 0:
                v = 0.9 * v + g
                x = x - lr * v
            else:
                v = 0.9 * v - lr * g
                x = x + v
            out["drop"][row, t] = x
    for i, beta in enumerate(BETAS):
        table = steps_to_target(h, c, BATCHES, (1 - beta) * EFFECTIVE, beta)
        for j in range(len(BATCHES)):
            for k, eff in enumerate(EFFECTIVE):
                if table[j, k] <= out["steps"][i, j]:
                    out["steps"][i, j] = table[j, k]
                    out["best"][i, j] = eff
    for r, (lr, beta) in enumerate(RUNS):
        out["risk"][r] = nqm_risk(h, c, SMALL, lr, beta, STEPS)
        out["floor"][r] = sum(nqm_steady_state(lr, beta, float(x), float(y), SMALL) for x, y in zip(h, c))
    return out
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_inf_when_unstable',
        "right": False,
        "cause": "Carries nqm_steady_state's rule over: returns infinity after the start when lr is too large, instead of growing numbers.",
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    A, C, V = xp.ones_like(h), xp.zeros_like(h), xp.zeros_like(h)
    risk = [float((h / 2 * A).sum())]
    unstable = bool((lr * h >= 2 * (1 + beta)).any())
    p = 1 - lr * h
    for _ in range(steps):
        if unstable:
            risk.append(float("inf"))
            continue
        A, C, V = (
            p**2 * A - 2 * p * lr * beta * C + (lr * beta) ** 2 * V + lr**2 * c / m,
            p * h * A + (p * beta - lr * beta * h) * C - lr * beta**2 * V - lr * c / m,
            h**2 * A + 2 * h * beta * C + beta**2 * V + c / m,
        )
        risk.append(float((h / 2 * A).sum()))
    return xp.asarray(risk)
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_right_scaled_sum',
        "right": True,
        "cause": 'Right: keeps the velocity divided by 1 - dampening with a corrected first entry, in float64, and casts theta back.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    keep = 1.0 - dampening
    g64 = xp.array(g, dtype="float64")
    s = g64 / keep if v is None else v[0] * beta + g64
    b = keep * s
    move = (1 if nesterov else 0) * g64 + (beta if nesterov else 1.0) * b
    return (theta - lr * move).astype(theta.dtype), [s]
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_noise_v_only',
        "right": False,
        "cause": 'Derives the floor from the stationary covariance but puts the noise into v alone, not into theta.',
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    if lr * h >= 2 * (1 + beta):
        return float("inf")
    M = np.array([[1 - lr * h, -lr * beta], [h, beta]])
    Q = np.array([[0.0, 0.0], [0.0, c / m]])
    S = np.linalg.solve(np.eye(4) - np.kron(M, M), Q.ravel()).reshape(2, 2)
    return float(h * S[0, 0] / 2)
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_nesterov_first_counter',
        "right": False,
        "cause": "Counts the steps and switches Nesterov on from the second step only, since 'there is no velocity to look ahead with'.",
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    count, b = (0, None) if v is None else v
    count += 1
    if count == 1:
        b = xp.array(g)
    else:
        b = beta * b + (1.0 - dampening) * g
    look_ahead = nesterov and count > 1
    update = lr * (g + beta * b) if look_ahead else lr * b
    return theta - update, (count, b)
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_right_einsum',
        "right": True,
        "cause": 'Right: one (3, 3, d) transfer array and einsum over the stacked moments.',
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    one = xp.ones_like(h)
    a, b, e, f = one - lr * h, -lr * beta * one, 1.0 * h, beta * one
    K = xp.stack([
        xp.stack([a * a, 2 * a * b, b * b]),
        xp.stack([a * e, a * f + b * e, b * f]),
        xp.stack([e * e, 2 * e * f, f * f]),
    ])
    q = xp.stack([lr * lr * one, -lr * one, one]) * (c / m)
    state = xp.stack([one, 0 * one, 0 * one])
    rows = [state[0]]
    for _ in range(steps):
        state = xp.einsum("ijd,jd->id", K, state) + q
        rows.append(state[0])
    return xp.stack(rows) @ h / 2
''',
    },
    {
        "held": True,
        "task": 'hb_optimal',
        "name": 'hb_no_root',
        "right": False,
        "cause": "Forgets the roots of kappa in beta and rate: gives gradient descent's (kappa-1)/(kappa+1).",
        "source": '''\
def hb_optimal(mu, L):
    lr = (2 / (L**0.5 + mu**0.5)) ** 2
    rate = (L - mu) / (L + mu)
    beta = rate**2
    return lr, beta, rate
''',
    },
    {
        "held": True,
        "task": 'convert',
        "name": 'cv_lower_names',
        "right": False,
        "cause": "Normalises names with lower() and strip(), so 'Torch' or ' ema' are accepted, which the contract refuses letter by letter.",
        "source": '''\
def convert(lr, beta, src, dst):
    table = {"torch": 1.0, "sutskever": 1.0, "ema": 1.0 - beta}
    try:
        return lr * table[src.strip().lower()] / table[dst.strip().lower()], beta
    except KeyError:
        raise ValueError("convention must be one of " + ", ".join(table)) from None
''',
    },
    {
        "held": True,
        "task": 'momentum_step',
        "name": 'ms_float64_zeros_damp',
        "right": False,
        "cause": 'Two mistakes: starts from xp.zeros(shape) in float64, so float32 comes back as float64, and dampens the first gradient.',
        "source": '''\
def momentum_step(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
    buf = v if v is not None else xp.zeros(theta.shape)
    buf = buf * beta
    buf = buf + g * (1 - dampening)
    if nesterov:
        delta = g + beta * buf
    else:
        delta = buf
    return theta - delta * lr, buf
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_no_dampening',
        "right": False,
        "cause": 'Tries plain and Nesterov runs in turns but never a dampening other than 0.',
        "source": '''\
def finds_bug(step):
    grads = ([1.0, -2.0, 0.5, 3.0, 1.5, -1.0], [-4.0, 1.0, 2.0, 0.3, -0.7, 2.5])
    for nest in (False, True):
        for lr, beta in [(0.1, 0.9), (0.4, 0.5), (0.8, 0.2)]:
            pos, vel = [np.zeros(1), np.ones(1)], [None, None]
            ref, b = [0.0, 1.0], [0.0, 0.0]
            for t in range(6):
                for r in range(2):
                    g = grads[r][t]
                    pos[r], vel[r] = step(pos[r], vel[r], np.array([g]), lr, beta, nesterov=nest)
                    b[r] = beta * b[r] + g
                    ref[r] -= lr * (g + beta * b[r]) if nest else lr * b[r]
                    if abs(pos[r][0] - ref[r]) > 1e-8:
                        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'nqm_steady_state',
        "name": 'ss_effective_ratio',
        "right": False,
        "cause": "Scales the plain floor at lr by 1/(1-beta): 'momentum is a learning rate that many times as large', in ratio form.",
        "source": '''\
def nqm_steady_state(lr, beta, h, c, m):
    def plain(rate):
        return rate * c / (2 * m * (2 - rate * h))

    if lr * h >= 2 * (1 + beta) or lr * h >= 2:
        return float("inf")
    return plain(lr) / (1 - beta)
''',
    },
    {
        "held": True,
        "task": 'nqm_risk',
        "name": 'nr_sequential_arrays',
        "right": False,
        "cause": 'Writes new moments row by row into the same array, so C and V of a step read entries already updated (V first).',
        "source": '''\
def nqm_risk(h, c, m, lr, beta, steps):
    S = xp.zeros((3, len(h)))
    S[0] = 1
    k = 1 - lr * h
    noise = c / m
    res = xp.zeros(steps + 1)
    res[0] = h.sum() / 2
    for t in range(1, steps + 1):
        S[2] = h**2 * S[0] + 2 * h * beta * S[1] + beta**2 * S[2] + noise
        S[1] = h * k * S[0] + beta * (k - lr * h) * S[1] - lr * beta**2 * S[2] - lr * noise
        S[0] = k**2 * S[0] - 2 * lr * beta * k * S[1] + lr**2 * beta**2 * S[2] + lr**2 * noise
        res[t] = (h * S[0]).sum() / 2
    return res
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_floor_mean_curvature',
        "right": False,
        "cause": 'Computes each floor from the mean curvature and mean noise times the number of directions instead of adding the floors.',
        "source": '''\
def experiment(seed):
    h, c = own_problem(seed)
    lrs = np.r_[np.full(10, 0.5), np.full(20, 0.05)]
    k = float(h[1])
    pt, vt, ps, vs = [1.0], 0.0, [1.0], 0.0
    for lr in lrs:
        vt = 0.9 * vt + k * pt[-1]
        pt.append(pt[-1] - lr * vt)
        vs = 0.9 * vs - lr * k * ps[-1]
        ps.append(ps[-1] + vs)
    steps, best = [], []
    for beta in BETAS:
        n = steps_to_target(h, c, BATCHES, (1 - beta) * EFFECTIVE, beta)
        steps.append(n.min(1))
        best.append(EFFECTIVE[n.argmin(1)])
    return dict(
        drop=np.array([pt, ps]), steps=np.array(steps), best=np.array(best),
        risk=xp.stack([nqm_risk(h, c, SMALL, lr, b, STEPS) for lr, b in RUNS]),
        floor=np.array([len(h) * nqm_steady_state(lr, b, float(h.mean()), float(c.mean()), SMALL)
                        for lr, b in RUNS]),
    )
''',
    },
    {
        "held": True,
        "task": 'convert',
        "name": 'cv_right_first_weight',
        "right": True,
        "cause": 'Right: describes each convention by the weight of one gradient in its first step and divides.',
        "source": '''\
def convert(lr, beta, src, dst):
    first = dict(zip(CONVENTIONS, (lambda: 1, lambda: 1, lambda: 1 - beta)))
    unknown = [name for name in (src, dst) if name not in first]
    if unknown:
        raise ValueError(f"no such convention: {unknown}")
    pushed = lr * first[src]()
    return pushed / first[dst](), beta
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_right_vectorised',
        "right": True,
        "cause": 'Right: drop as matrix powers in both conventions, argmin on lists, floors by the closed form on arrays.',
        "source": '''\
def experiment(seed):
    h, c = own_problem(seed)
    k, beta = float(h[1]), 0.9

    def M(lr, kind):
        if kind == 0:
            return np.array([[1 - lr * k, -lr * beta], [k, beta]])
        return np.array([[1 - lr * k, beta], [-lr * k, beta]])

    drop = np.empty((2, 31))
    for kind in (0, 1):
        fast, slow = M(0.5, kind), M(0.05, kind)
        for t in range(31):
            P = np.linalg.matrix_power(slow, max(t - 10, 0)) @ np.linalg.matrix_power(fast, min(t, 10))
            drop[kind, t] = P[0, 0]
    found = np.stack([steps_to_target(h, c, BATCHES, EFFECTIVE * (1 - b), b) for b in BETAS])
    steps = np.sort(found, axis=2)[:, :, 0]
    best = np.where(found == steps[:, :, None], EFFECTIVE, np.inf).min(axis=2)
    risk = xp.stack([nqm_risk(h, c, SMALL, *pair, STEPS) for pair in RUNS])
    floor = xp.stack([
        (lr * c * (1 + b) / (2 * SMALL * (1 - b) * (2 + 2 * b - lr * h))).sum() for lr, b in RUNS
    ])
    return dict(drop=drop, steps=steps, best=best, risk=risk, floor=floor)
''',
    },
]
