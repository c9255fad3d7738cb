"""Blind answers for 07_accumulation: wrong and unusual-but-right ones; see "cause"."""

ANSWERS = [
    {
        "task": "accumulate",
        "name": "acc_last_overlaps",
        "right": False,
        "cause": "Keeps every micro-batch full by taking the last micro rows for the last piece, but weights it with the rows that were left: some rows come twice.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    N = len(X)
    micro = min(micro, N)
    total = {k: xp.zeros_like(v) for k, v in params.items()}
    for start in range(0, N, micro):
        left = min(micro, N - start)
        first = min(start, N - micro)  # all batches have the same shape
        grads = grad_fn(params, X[first : first + micro], y[first : first + micro])
        weight = left / N if reduction == "mean" else left / micro
        for k in total:
            total[k] += weight * grads[k]
    return total
""",
    },
    {
        "held": True,
        "task": "ring_allreduce",
        "name": "ring_all_start_at_zero",
        "right": False,
        "cause": "Every chunk's sum starts at worker 0 and goes round from there, a chain and not a ring of equals: sums right, but workers send different numbers of chunks.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    result = [[None] * K for _ in range(K)]
    for j in range(K):
        running = chunks[0][j].copy()
        for r in range(K - 1):
            running = send(r, running) + chunks[r + 1][j]
        result[K - 1][j] = running
        for r in range(K - 1):
            running = send((K - 1 + r) % K, running)
            result[r][j] = running
    return result
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_rest_lost",
        "right": False,
        "cause": "Steps only at every accum-th micro-batch; what is left at the end of an epoch is thrown away when the next epoch starts with fresh buffers.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in w.items()}
    for epoch in batches:
        total, rows = {k: xp.zeros_like(p) for k, p in w.items()}, 0
        for i, (X, y) in enumerate(epoch):
            g = grad_fn(w, X, y)
            rows += len(X)
            for k in total:
                total[k] += len(X) * g[k]
            if (i + 1) % accum == 0:
                for k in w:
                    v[k] = beta * v[k] + total[k] / rows
                    w[k] = w[k] - lr * v[k]
                    total[k] = xp.zeros_like(w[k])
                rows = 0
    return w
""",
    },
    {
        "held": True,
        "task": "ring_allreduce",
        "name": "ring_right_chunk_by_chunk",
        "right": True,
        "cause": "Follows one chunk after the other twice round the ring; chunk j starts at worker j + 1, so that everybody sends equally many.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    final = [[None] * K for _ in range(K)]
    for j in range(K):
        path = [(j + 1 + i) % K for i in range(K)]
        packet = chunks[path[0]][j].copy()
        for here, there in zip(path, path[1:]):
            packet = chunks[there][j] + send(here, packet)
        final[path[-1]][j] = packet
        path = path[-1:] + path[:-1]
        for here, there in zip(path, path[1:]):
            packet = send(here, packet).copy()
            final[there][j] = packet
    return final
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_grads_at_given",
        "right": False,
        "cause": "Copies params to w and updates w, but goes on asking grad_fn at the params that were given: every gradient is taken at the start.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}

    def window_gradient(window):
        rows = sum(len(X) for X, _ in window)
        g = {k: xp.zeros_like(p) for k, p in params.items()}
        for X, y in window:
            part = grad_fn(params, X, y)
            for k in g:
                g[k] += part[k] * (len(X) / rows)
        return g

    for epoch in batches:
        epoch = tuple(epoch)
        for i in range(0, len(epoch), accum):
            g = window_gradient(epoch[i : i + accum])
            for k in w:
                v[k] = beta * v[k] + g[k]
                w[k] -= lr * v[k]
    return w
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_right_weighted_rows",
        "right": True,
        "cause": "Sees the mean of means as row weights 1 / (pieces * size): one weighted product per gradient, no loop over pieces.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)
    N = len(y)
    A = xp.column_stack([X, xp.ones(N)])

    def weights(micro):
        start = xp.arange(N) // micro * micro
        size = xp.minimum(start + micro, N) - start
        return 1 / (size * -(-N // micro))

    z = xp.concatenate([params["w"], params["c"]])
    residual = A @ z - y
    right = A.T @ residual / N
    W = xp.stack([weights(m) for m in MICROS])
    gaps = (W * residual) @ A - right
    naive = xp.sqrt((gaps**2).sum(axis=1) / (right**2).sum())
    best = xp.linalg.lstsq(A, y, rcond=None)[0]
    height = lambda z: ((A @ z - y) ** 2).mean() / 2 - ((A @ best - y) ** 2).mean() / 2
    excess = xp.zeros((2, STEPS + 1))
    for row, share in enumerate((weights(N), weights(16))):
        z = xp.zeros(4)
        excess[row, 0] = height(z)
        for t in range(STEPS):
            z = z - LR * (A.T @ (share * (A @ z - y)))
            excess[row, t + 1] = height(z)
    return {"naive": naive, "excess": excess}
""",
    },
    {
        "task": "accumulate",
        "name": "acc_zip_values",
        "right": False,
        "cause": "Pairs params and gradients by position (zip of the values) although grad_fn may return its keys in another order.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    totals = [xp.zeros_like(p) for p in params.values()]
    for start in range(0, len(X), micro):
        Xk, yk = X[start : start + micro], y[start : start + micro]
        weight = len(Xk) / len(X) if reduction == "mean" else 1.0
        grads = grad_fn(params, Xk, yk)
        totals = [t + weight * g for t, g in zip(totals, grads.values())]
    return dict(zip(params, totals))
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_right_late_step",
        "right": True,
        "cause": "A class whose step is made late: only when the next micro-batch asks for the parameters, or the epoch ends.",
        "source": """\
class Late:
    def __init__(self, params, lr, beta):
        self.w = {k: p.copy() for k, p in params.items()}
        self.v = dict.fromkeys(params, 0)
        self.lr, self.beta = lr, beta
        self.held, self.rows, self.pieces = {}, 0, 0

    def settle(self):
        if self.pieces == 0:
            return
        for k, s in self.held.items():
            self.v[k] = s / self.rows + self.beta * self.v[k]
            self.w[k] = self.w[k] - self.lr * self.v[k]
        self.held, self.rows, self.pieces = {}, 0, 0

    def take(self, grads, n):
        for k in grads:
            self.held[k] = n * grads[k] + self.held.get(k, 0)
        self.rows += n
        self.pieces += 1


def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    job = Late(params, lr, beta)
    for epoch in batches:
        for X, y in epoch:
            if job.pieces == accum:
                job.settle()
            job.take(grad_fn(job.w, X, y), len(X))
        job.settle()
    return job.w
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_flush_always",
        "right": False,
        "cause": "Flushes at the end of every epoch, also when nothing is left: with momentum an extra step with gradient 0 moves the parameters.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    acc = {k: xp.zeros_like(p) for k, p in params.items()}
    rows = 0

    def flush():
        nonlocal rows
        for k in w:
            v[k] = beta * v[k] + acc[k] / max(rows, 1)  # no division by zero
            w[k] = w[k] - lr * v[k]
            acc[k][...] = 0
        rows = 0

    for epoch in batches:
        done = 0
        for X, y in epoch:
            g = grad_fn(w, X, y)
            for k in acc:
                acc[k] += len(X) * g[k]
            rows += len(X)
            done += 1
            if done % accum == 0:
                flush()
        flush()
    return w
""",
    },
    {
        "held": True,
        "task": "rank_grad",
        "name": "rk_idle_rank_leaves",
        "right": False,
        "cause": "Sends the number of rows first; a rank without rows then returns zeros at once, while the others wait for it in the next allreduce.",
        "source": """\
def rank_grad(grad_fn, params, X, y, allreduce):
    n = len(X)
    N = float(allreduce(xp.array([float(n)]))[0])
    if n == 0:
        return {k: xp.zeros_like(p) for k, p in params.items()}
    grads = grad_fn(params, X, y)
    return {k: allreduce(n / N * grads[k]) for k in params}
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_right_coroutine",
        "right": True,
        "cause": "A coroutine receives (n, grads) or None for the end of an epoch, and yields the parameters of the moment.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    def optimiser():
        w = {k: p + 0 for k, p in params.items()}
        v = {k: 0 * p for k, p in params.items()}
        window = []
        while True:
            item = yield w
            if item is not None:
                window.append(item)
            if window and (item is None or len(window) == accum):
                N = sum(n for n, _ in window)
                for k in v:
                    g = sum((n / N) * grads[k] for n, grads in window)
                    v[k] = beta * v[k] + g
                w = {k: w[k] - lr * v[k] for k in w}
                window = []

    opt = optimiser()
    w = next(opt)
    for epoch in batches:
        for X, y in epoch:
            w = opt.send((len(X), grad_fn(w, X, y)))
        w = opt.send(None)
    return w
""",
    },
    {
        "held": True,
        "task": "data_parallel_grad",
        "name": "dp_right_pairwise_tree",
        "right": True,
        "cause": "A tree reduction: (rows, gradient) pairs are merged two by two until one is left; each merge is a weighted mean or a sum.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    level = [(len(X), grad_fn(params, X, y)) for X, y in shards if len(X)]
    while len(level) > 1:
        merged = []
        for left, right in zip(level[::2], level[1::2]):
            n = left[0] + right[0]
            a, b = (left[0] / n, right[0] / n) if reduction == "mean" else (1, 1)
            merged.append((n, {k: a * left[1][k] + b * right[1][k] for k in left[1]}))
        if len(level) % 2:
            merged.append(level[-1])
        level = merged
    return level[0][1]
""",
    },
    {
        "task": "experiment",
        "name": "ex_over_naive_length",
        "right": False,
        "cause": "Divides the length of the difference by the length of the mean of means (what one has at hand) and not by that of the right gradient.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)
    N = len(y)
    flat = lambda g: xp.concatenate([g["w"], g["c"]])
    cuts = lambda m: [slice(a, a + m) for a in range(0, N, m)]
    mom = lambda p, m: xp.stack([flat(line_grad(p, X[s], y[s])) for s in cuts(m)]).mean(axis=0)
    norm = lambda z: float((z**2).sum()) ** 0.5
    naive = []
    for m in MICROS:
        g = mom(params, m)
        naive.append(norm(g - flat(line_grad(params, X, y))) / norm(g))
    best = xp.linalg.lstsq(xp.column_stack([X, xp.ones(N)]), y, rcond=None)[0]
    split = lambda z: {"w": z[:3], "c": z[3:]}
    bottom = line_loss(split(best), X, y)
    rows = []
    for m in (N, 16):
        z, row = xp.zeros(4), []
        for _ in range(STEPS):
            row.append(line_loss(split(z), X, y) - bottom)
            z = z - LR * mom(split(z), m)
        rows.append(row + [line_loss(split(z), X, y) - bottom])
    return {"naive": xp.array(naive), "excess": xp.array(rows)}
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_lone_last_piece",
        "right": False,
        "cause": "One data set with a ragged end: N = 69 with micro 8 and accum 4, whose last window is a lone micro-batch, so unequal weights never show.",
        "source": """\
def finds_bug(train):
    rng = np.random.default_rng(0)
    X, y, w0 = rng.normal(size=(69, 3)), rng.normal(size=69), rng.normal(size=3)
    lr, micro, accum, beta, epochs = 0.1, 8, 4, 0.9, 3
    w, v = w0.copy(), np.zeros(3)
    for _ in range(epochs):
        for s in range(0, 69, micro * accum):
            A, b = X[s : s + micro * accum], y[s : s + micro * accum]
            v = beta * v + A.T @ (A @ w - b) / len(A)
            w = w - lr * v
    got = train(X, y, w0, lr, micro, accum, beta, epochs)
    return not np.allclose(got, w, rtol=1e-8, atol=1e-10)
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_lists_by_position",
        "right": False,
        "cause": "Parameters, velocities and gradients live in lists and are paired by position, though grad_fn may give its keys in another order.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    names = list(params)
    w = [p.copy() for p in params.values()]
    v = [xp.zeros_like(p) for p in w]
    for epoch in batches:
        sums, rows, count = [0.0] * len(w), 0, 0
        for X, y in epoch:
            grads = list(grad_fn(dict(zip(names, w)), X, y).values())
            sums = [s + len(X) * g for s, g in zip(sums, grads)]
            rows += len(X)
            count += 1
            if count == accum:
                v = [beta * a + s / rows for a, s in zip(v, sums)]
                w = [p - lr * a for p, a in zip(w, v)]
                sums, rows, count = [0.0] * len(w), 0, 0
        if count:
            v = [beta * a + s / rows for a, s in zip(v, sums)]
            w = [p - lr * a for p, a in zip(w, v)]
    return dict(zip(names, w))
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_plain_descent",
        "right": False,
        "cause": "Tests with beta = 0 throughout ('momentum only makes things more complicated'), so faults of momentum, lingering velocities and idle steps pass.",
        "source": """\
def finds_bug(train):
    rng = np.random.default_rng(11)
    for N, micro, accum, epochs in [(77, 8, 4, 2), (10, 4, 2, 3), (7, 2, 2, 1), (5, 3, 4, 2),
                                    (24, 2, 3, 3), (1, 1, 1, 1), (13, 1, 5, 2), (9, 10, 2, 3)]:
        X = rng.normal(size=(N, 2))
        y = rng.normal(size=N)
        start = rng.normal(size=2)
        w = start
        for _ in range(epochs):
            for i in range(0, N, micro * accum):
                rows = slice(i, i + micro * accum)
                w = w - 0.1 * X[rows].T @ (X[rows] @ w - y[rows]) / len(X[rows])
        if not np.allclose(train(X, y, start, 0.1, micro, accum, 0.0, epochs), w, rtol=1e-8):
            return True
    return False
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_float64_velocity",
        "right": False,
        "cause": "The velocity starts as xp.zeros(shape), which is float64: float32 parameters come back in double precision.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    params = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros(p.shape) for k, p in params.items()}
    for epoch in batches:
        window = []
        for batch in itertools.chain(epoch, [None]):
            if batch is not None:
                window.append((len(batch[0]), grad_fn(params, *batch)))
            if window and (batch is None or len(window) == accum):
                rows = sum(n for n, _ in window)
                for k in params:
                    g = sum(n * grads[k] for n, grads in window) / rows
                    v[k] = beta * v[k] + g
                    params[k] = params[k] - lr * v[k]
                window = []
    return params
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_sum_from_means",
        "right": False,
        "cause": "Reads reduction=\"sum\" as 'grad_fn returns means, you return the sum': multiplies the sums by the rows once more.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    sums = {k: xp.zeros_like(v) for k, v in params.items()}
    for i in range(0, len(X), micro):
        n = len(X[i : i + micro])
        g = grad_fn(params, X[i : i + micro], y[i : i + micro])
        for k in sums:
            sums[k] += n * g[k]  # back from the mean to the sum
    if reduction == "sum":
        return sums
    return {k: v / len(X) for k, v in sums.items()}
""",
    },
    {
        "task": "accumulate",
        "name": "acc_mom_running",
        "right": False,
        "cause": "A running average over the pieces (mean += (g - mean) / k) that counts pieces and not rows: the mean of means in disguise.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    result = None
    for k, i in enumerate(range(0, len(X), micro), 1):
        g = grad_fn(params, X[i : i + micro], y[i : i + micro])
        if result is None:
            result = g
        elif reduction == "sum":
            result = {n: result[n] + g[n] for n in result}
        else:
            result = {n: result[n] + (g[n] - result[n]) / k for n in result}
    return result
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_any_means_rows",
        "right": False,
        "cause": "Tests X_k.any() to see whether a shard has rows: a shard whose features are all zero counts as empty and is left out.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    parts = [(len(X), grad_fn(params, X, y)) for X, y in shards if X.any()]
    N = sum(n for n, _ in parts)
    return {
        k: sum(g[k] * (n / N if reduction == "mean" else 1) for n, g in parts) for k in params
    }
""",
    },
    {
        "task": "ring_allreduce",
        "name": "ring_adds_all_the_way",
        "right": False,
        "cause": "Goes on adding in the second round (one loop of 2 (K - 1) equal steps), where finished sums should replace what was there.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    held = [[c + 0 for c in row] for row in chunks]
    for t in range(2 * (K - 1)):
        mail = {}
        for r in range(K):
            j = (r - t) % K
            mail[(r + 1) % K, j] = send(r, held[r][j])
        for (r, j), what in mail.items():
            held[r][j] = held[r][j] + what
    return held
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_drop_last",
        "right": False,
        "cause": "Cuts floor(50 / micro) full pieces and leaves the short last one out, as drop_last=True of a data loader does, in naive and in the second run.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)

    def loader(micro):
        for b in range(len(X) // micro):
            yield X[b * micro : (b + 1) * micro], y[b * micro : (b + 1) * micro]

    def naive_grad(p, micro):
        grads = [line_grad(p, *batch) for batch in loader(micro)]
        return {n: xp.stack([g[n] for g in grads]).mean(axis=0) for n in p}

    def relative(got, want):
        return length({n: got[n] - want[n] for n in want}) / length(want)

    def run(grad):
        p = {"w": xp.zeros(3), "c": xp.zeros(1)}
        for _ in range(STEPS):
            yield line_loss(p, X, y)
            g = grad(p)
            p = {n: p[n] - LR * g[n] for n in p}
        yield line_loss(p, X, y)

    right = line_grad(params, X, y)
    design = xp.c_[X, xp.ones(50)]
    fit = design @ xp.linalg.lstsq(design, y, rcond=None)[0]
    lowest = float(((fit - y) ** 2).mean()) / 2
    runs = [list(run(lambda p: line_grad(p, X, y))), list(run(lambda p: naive_grad(p, 16)))]
    return {
        "naive": xp.array([relative(naive_grad(params, m), right) for m in MICROS]),
        "excess": xp.array(runs) - lowest,
    }
""",
    },
    {
        "task": "experiment",
        "name": "ex_step_per_piece",
        "right": False,
        "cause": "In the second run takes a step after every micro-batch of 16 (ordinary mini-batch descent) and records after each pass, instead of one step with the mean of means.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)
    right = line_grad(params, X, y)
    naive = xp.zeros(50)
    for k, micro in enumerate(MICROS):
        parts = [line_grad(params, X[a : a + micro], y[a : a + micro]) for a in range(0, 50, micro)]
        gap = {n: sum(p[n] for p in parts) / len(parts) - right[n] for n in right}
        naive[k] = length(gap) / length(right)
    ones = xp.concatenate([X, xp.ones((50, 1))], axis=1)
    best = xp.linalg.pinv(ones) @ y
    least = line_loss({"w": best[:3], "c": best[3:]}, X, y)
    excess = xp.empty((2, STEPS + 1))
    for row, micro in enumerate((50, 16)):
        w, c = xp.zeros(3), xp.zeros(1)
        excess[row, 0] = line_loss({"w": w, "c": c}, X, y) - least
        for t in range(1, STEPS + 1):
            for a in range(0, 50, micro):
                g = line_grad({"w": w, "c": c}, X[a : a + micro], y[a : a + micro])
                w, c = w - LR * g["w"], c - LR * g["c"]
            excess[row, t] = line_loss({"w": w, "c": c}, X, y) - least
    return {"naive": naive, "excess": excess}
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_mom_array_split",
        "right": False,
        "cause": "Believes that array_split makes the pieces equal, so a plain mean over the stacked gradients would do; the sizes still differ by one row.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    pieces = -(-len(X) // micro)
    cuts = zip(xp.array_split(X, pieces), xp.array_split(y, pieces))
    found = [grad_fn(params, a, b) for a, b in cuts]
    combine = xp.mean if reduction == "mean" else xp.sum
    return {name: combine(xp.stack([g[name] for g in found]), axis=0) for name in params}
""",
    },
    {
        "task": "ring_allreduce",
        "name": "ring_return_ignored",
        "right": False,
        "cause": "Calls send in the right places but then takes the sender's own chunk for the sum, not what send returned.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    held = [[c.copy() for c in worker] for worker in chunks]
    for t in range(K - 1):
        for r in range(K):
            j = (r - t) % K
            send(r, held[r][j])
            right = (r + 1) % K
            held[right][j] = held[right][j] + held[r][j]
    for t in range(K - 1):
        for r in range(K):
            j = (r + 1 - t) % K
            send(r, held[r][j])
            held[(r + 1) % K][j] = held[r][j].copy()
    return held
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_ema_momentum",
        "right": False,
        "cause": "Momentum as an exponential moving average, v = beta v + (1 - beta) g, as in Adam's first moment.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    state = {k: [p.copy(), xp.zeros_like(p)] for k, p in params.items()}

    def now():
        return {k: s[0] for k, s in state.items()}

    def apply(total, rows):
        for k, s in state.items():
            g = total[k] / rows
            s[1] = beta * s[1] + (1 - beta) * g
            s[0] = s[0] - lr * s[1]

    for epoch in batches:
        total, rows, count = {}, 0, 0
        for X, y in epoch:
            for k, g in grad_fn(now(), X, y).items():
                total[k] = total.get(k, 0) + len(y) * g
            rows, count = rows + len(y), count + 1
            if count == accum:
                apply(total, rows)
                total, rows, count = {}, 0, 0
        if count:
            apply(total, rows)
    return now()
""",
    },
    {
        "task": "accumulate",
        "name": "acc_sum_also_shared",
        "right": False,
        "cause": "Takes the shares n_k / N for both reductions, because the formula in the text has them; sums come out as a weighted mean of sums.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    N = len(X)

    def pieces():
        for a in range(0, N, micro):
            b = min(a + micro, N)
            yield (b - a) / N, grad_fn(params, X[a:b], y[a:b])

    total = None
    for share, g in pieces():
        if total is None:
            total = {k: share * v for k, v in g.items()}
        else:
            for k, v in g.items():
                total[k] += share * v
    return total
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_right_strided",
        "right": True,
        "cause": "Cuts with strides, X[k::m], instead of blocks; reduce over dicts.",
        "source": """\
import functools


def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    m, N = -(-len(X) // micro), len(X)

    def part(k):
        Xk, yk = X[k::m], y[k::m]
        s = 1.0 if reduction == "sum" else len(yk) / N
        return {name: s * g for name, g in grad_fn(params, Xk, yk).items()}

    return functools.reduce(lambda a, b: {n: a[n] + b[n] for n in a}, map(part, range(m)))
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_velocity_per_epoch",
        "right": False,
        "cause": "A helper trains one epoch and starts with velocity zero each time: momentum does not live through epochs.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    def one_epoch(w, epoch):
        v = {k: xp.zeros_like(p) for k, p in w.items()}
        window = []

        def step():
            rows = sum(n for n, _ in window)
            for k in w:
                v[k] = beta * v[k] + sum(n / rows * g[k] for n, g in window)
                w[k] = w[k] - lr * v[k]
            window.clear()

        for X, y in epoch:
            window.append((len(X), grad_fn(w, X, y)))
            if len(window) == accum:
                step()
        if window:
            step()
        return w

    w = {k: p.copy() for k, p in params.items()}
    for epoch in batches:
        w = one_epoch(w, epoch)
    return w
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_rest_joins_last",
        "right": False,
        "cause": "Reads 'the last window takes what is left' as: the rest joins the last full window, which is then longer than accum.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        epoch = list(epoch)
        if not epoch:
            continue
        windows = max(1, len(epoch) // accum)
        for j in range(windows):
            stop = (j + 1) * accum if j < windows - 1 else len(epoch)
            window = epoch[j * accum : stop]
            rows = sum(len(X) for X, _ in window)
            grads = [(len(X), grad_fn(w, X, y)) for X, y in window]
            for k in w:
                v[k] = beta * v[k] + sum(n * g[k] for n, g in grads) / rows
            w = {k: w[k] - lr * v[k] for k in w}
    return w
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_first_is_template",
        "right": False,
        "cause": "Starts from the first worker's gradient and adds the others; when the first shard is the empty one, grad_fn is called without rows (and 0 times nan is nan).",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    N = sum(X_k.shape[0] for X_k, _ in shards)

    def weighted(X_k, y_k):
        w = X_k.shape[0] / N if reduction == "mean" else 1.0
        return {k: w * g for k, g in grad_fn(params, X_k, y_k).items()}

    result = weighted(*shards[0])
    for X_k, y_k in shards[1:]:
        if X_k.shape[0] > 0:
            part = weighted(X_k, y_k)
            for k in result:
                result[k] += part[k]
    return result
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_mom_running",
        "right": False,
        "cause": "Keeps a running mean of the window's gradients, but with 1/k for the k-th micro-batch and not by rows: mean of means.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    theta = {k: xp.array(p) for k, p in params.items()}
    speed = dict.fromkeys(theta, 0.0)

    def step(mean):
        for k in theta:
            speed[k] = beta * speed[k] + mean[k]
            theta[k] = theta[k] - lr * speed[k]

    for epoch in batches:
        k, mean = 0, None
        for X, y in epoch:
            g = grad_fn(theta, X, y)
            k += 1
            mean = g if k == 1 else {n: mean[n] + (g[n] - mean[n]) / k for n in mean}
            if k == accum:
                step(mean)
                k = 0
        if k:
            step(mean)
    return theta
""",
    },
    {
        "task": "ring_allreduce",
        "name": "ring_right_worker_objects",
        "right": True,
        "cause": "Workers as objects with an inbox; all send first, then all read; the next chunk to send is the one that has just arrived.",
        "source": """\
class RingWorker:
    def __init__(self, rank, parts):
        self.parts = [p.copy() for p in parts]
        self.turn = rank
        self.inbox = None

    def outgoing(self):
        return self.parts[self.turn]

    def read(self, adding):
        self.turn = (self.turn - 1) % len(self.parts)
        mine = self.parts[self.turn]
        self.parts[self.turn] = mine + self.inbox if adding else self.inbox
        self.inbox = None


def ring_allreduce(chunks, send):
    team = [RingWorker(r, parts) for r, parts in enumerate(chunks)]
    for adding in (True, False):
        for _ in team[1:]:
            for r, worker in enumerate(team):
                team[(r + 1) % len(team)].inbox = xp.array(send(r, worker.outgoing()))
            for worker in team:
                worker.read(adding)
    return [worker.parts for worker in team]
""",
    },
    {
        "held": True,
        "task": "data_parallel_grad",
        "name": "dp_all_workers",
        "right": False,
        "cause": "Divides the sum of the workers' means by the number of workers, idle ones too, as DistributedDataParallel does.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    world_size = len(shards)
    total = {k: xp.zeros_like(p) for k, p in params.items()}
    for X_k, y_k in shards:
        if len(X_k) == 0:
            continue
        g = grad_fn(params, X_k, y_k)
        for k in total:
            total[k] += g[k]
    if reduction == "mean":
        for k in total:
            total[k] /= world_size
    return total
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_lookahead_empty",
        "right": False,
        "cause": "Looks one micro-batch ahead to know the last one of an epoch, and takes the first with next(): an empty epoch raises StopIteration.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        it = iter(epoch)
        current = next(it)
        window, last = [], False
        while not last:
            try:
                following = next(it)
            except StopIteration:
                last = True
            X, y = current
            window.append((len(y), grad_fn(w, X, y)))
            if last or len(window) == accum:
                rows = sum(n for n, _ in window)
                for k in w:
                    g = sum(n * grads[k] for n, grads in window) / rows
                    v[k] = beta * v[k] + g
                    w[k] = w[k] - lr * v[k]
                window = []
            if not last:
                current = following
    return w
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_islice_short_stops",
        "right": False,
        "cause": "Takes accum micro-batches at a time until a window comes out short: where an epoch divides evenly, the short one is empty, and a step is made with g = 0.",
        "source": """\
from itertools import islice


def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {name: value.copy() for name, value in params.items()}
    v = {name: xp.zeros_like(value) for name, value in params.items()}
    for epoch in map(iter, batches):
        got = accum
        while got == accum:
            got, rows = 0, 0
            g = {name: xp.zeros_like(value) for name, value in w.items()}
            for X_k, y_k in islice(epoch, accum):
                got += 1
                rows += len(X_k)
                new = grad_fn(w, X_k, y_k)
                for name in g:
                    g[name] += len(X_k) / rows * (new[name] - g[name])
            for name in w:
                v[name] = beta * v[name] + g[name]
                w[name] = w[name] - lr * v[name]
    return w
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_integer_data",
        "right": False,
        "cause": "Uses whole numbers 'for exact results', so X, y and w are integer arrays, against the contract: a right loop that updates a copy of w in place raises, or truncates.",
        "source": """\
def finds_bug(train):
    for N, micro, accum, beta, epochs in [(77, 8, 4, 0.9, 2), (10, 4, 2, 0.5, 3), (9, 2, 3, 0.0, 1),
                                          (5, 3, 4, 0.9, 3), (12, 2, 3, 0.5, 2), (23, 1, 5, 0.7, 2)]:
        X = np.stack([np.arange(N) % 5 - 2, np.arange(N) % 3 - 1], axis=1)
        y = np.arange(N) % 7
        w0 = np.array([1, -1])
        w, v = w0 * 1.0, np.zeros(2)
        for _ in range(epochs):
            for i in range(0, N, micro * accum):
                a, b = X[i : i + micro * accum], y[i : i + micro * accum]
                v = beta * v + a.T @ (a @ w - b) / len(b)
                w = w - 0.125 * v
        if not np.allclose(train(X, y, w0, 0.125, micro, accum, beta, epochs), w, rtol=1e-8, atol=1e-9):
            return True
    return False
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_empty_epoch_ends",
        "right": False,
        "cause": "Takes an epoch without micro-batches as the end of the data (break, not continue): later epochs are not trained.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        epoch = list(epoch)
        if not epoch:
            break
        for start in range(0, len(epoch), accum):
            window = epoch[start : start + accum]
            rows = sum(len(X) for X, _ in window)
            grads = [(len(X) / rows, grad_fn(w, X, y)) for X, y in window]
            for k in w:
                v[k] = beta * v[k] + sum(s * g[k] for s, g in grads)
            w = {k: w[k] - lr * v[k] for k in w}
    return w
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_single_epoch",
        "right": False,
        "cause": "Always one epoch, since an epoch contains every kind of window: what happens at the border of two epochs (velocity, counters, rest) is never looked at.",
        "source": """\
def finds_bug(train):
    rng = np.random.default_rng(1)
    suspicious = []
    for _ in range(60):
        N, micro, accum = (int(rng.integers(2, top)) for top in (60, 9, 7))
        beta = float(rng.uniform(0, 0.9))
        X, y, w = rng.normal(size=(N, 3)), rng.normal(size=N), rng.normal(size=3)
        got = train(X, y, w, 0.1, micro, accum, beta, 1)
        velocity, size = np.zeros(3), micro * accum
        for a, b in zip(np.split(X, range(size, N, size)), np.split(y, range(size, N, size))):
            velocity = beta * velocity + a.T @ (a @ w - b) / len(b)
            w = w - 0.1 * velocity
        suspicious.append(np.linalg.norm(got - w) > 1e-7 * np.linalg.norm(w))
    return any(suspicious)
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_right_scaled_velocity",
        "right": True,
        "cause": "Another convention, u = beta u - lr g and params + u, which is the same for a constant lr; in place on copies.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    u = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        it, more = iter(epoch), True
        while more:
            rows, total = 0, {k: xp.zeros_like(p) for k, p in w.items()}
            for _ in range(accum):
                pair = next(it, None)
                if pair is None:
                    more = False
                    break
                rows += len(pair[1])
                for k, g in grad_fn(w, *pair).items():
                    g *= len(pair[1])
                    total[k] += g
            if rows:
                for k in w:
                    u[k] *= beta
                    u[k] -= lr * (total[k] / rows)
                    w[k] += u[k]
    return w
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_np_average",
        "right": False,
        "cause": "np.average with integer weights: right numbers, but float32 gradients and int64 weights make float64.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    full = [(X, y) for X, y in shards if len(X) > 0]
    sizes = [len(X) for X, _ in full]
    grads = [grad_fn(params, X, y) for X, y in full]
    result = {}
    for name in params:
        column = xp.array([g[name] for g in grads])
        if reduction == "mean":
            result[name] = xp.average(column, axis=0, weights=xp.array(sizes))
        else:
            result[name] = column.sum(axis=0)
    return result
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_starts_at_params",
        "right": False,
        "cause": "Starts both runs at the params of own_problem (already five steps down) and not at zeros.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)
    A = xp.concatenate([X, xp.ones((len(X), 1))], axis=1)
    theta = xp.linalg.solve(A.T @ A, A.T @ y)
    lowest = line_loss({"w": theta[:3], "c": theta[3:]}, X, y)
    right = line_grad(params, X, y)

    def mean_of_means(at, micro):
        total, m = {"w": 0.0, "c": 0.0}, 0
        for s in range(0, len(X), micro):
            g = line_grad(at, X[s : s + micro], y[s : s + micro])
            total = {n: total[n] + g[n] for n in total}
            m += 1
        return {n: total[n] / m for n in total}

    naive = xp.zeros(len(MICROS))
    for i, micro in enumerate(MICROS):
        g = mean_of_means(params, micro)
        naive[i] = length({n: g[n] - right[n] for n in g}) / length(right)
    excess = xp.zeros((2, STEPS + 1))
    for row, grad in enumerate([lambda p: line_grad(p, X, y), lambda p: mean_of_means(p, 16)]):
        at = dict(params)
        for t in range(STEPS + 1):
            excess[row, t] = line_loss(at, X, y) - lowest
            g = grad(at)
            at = {n: at[n] - LR * g[n] for n in at}
    return {"naive": naive, "excess": excess}
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_right_stack_tensordot",
        "right": True,
        "cause": "Stacks per key and contracts with the vector of shares in the gradients' own dtype.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    sizes = [X.shape[0] for X, _ in shards if X.shape[0]]
    grads = [grad_fn(params, X, y) for X, y in shards if X.shape[0]]
    out = {}
    for name in grads[-1]:
        pile = xp.stack([g[name] for g in grads])
        shares = xp.asarray(sizes, dtype=pile.dtype)
        shares = shares / shares.sum() if reduction == "mean" else xp.ones_like(shares)
        out[name] = xp.tensordot(shares, pile, axes=1)
    return out
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_chained_epochs",
        "right": False,
        "cause": "Chains all epochs into one stream and cuts that into windows, so that a window reaches into the next epoch; only the very last rest is flushed.",
        "source": """\
import itertools


def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    stream = itertools.chain.from_iterable(batches)
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in w.items()}
    while window := [*itertools.islice(stream, accum)]:
        rows = sum(len(X) for X, _ in window)
        g = {k: xp.zeros_like(p) for k, p in w.items()}
        for X, y in window:
            for k, piece in grad_fn(w, X, y).items():
                g[k] += len(X) / rows * piece
        for k in w:
            v[k] = beta * v[k] + g[k]
            w[k] = w[k] - lr * v[k]
    return w
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_right_matrix_form",
        "right": True,
        "cause": "Writes the right loop as one affine map of (w, v, 1) per window and multiplies matrices; compares on a fixed list of cases with different ends.",
        "source": """\
def finds_bug(train):
    def end(X, y, w, lr, micro, accum, beta, epochs):
        D, size = X.shape[1], micro * accum
        epoch = np.eye(2 * D + 1)
        for i in range(0, len(X), size):
            A, b = X[i : i + size], y[i : i + size]
            H, q = A.T @ A / len(A), A.T @ b / len(A)
            M = np.zeros((2 * D + 1, 2 * D + 1))
            M[D:-1, :D], M[D:-1, D:-1], M[D:-1, -1] = H, beta * np.eye(D), -q
            M[:D, :D], M[:D, D:-1], M[:D, -1] = np.eye(D) - lr * H, -lr * beta * np.eye(D), lr * q
            M[-1, -1] = 1
            epoch = M @ epoch
        state = np.concatenate([w, np.zeros(D), [1.0]])
        return (np.linalg.matrix_power(epoch, epochs) @ state)[:D]

    ends = [(77, 8, 4), (69, 8, 4), (64, 8, 4), (2, 1, 1), (3, 2, 2), (5, 10, 10), (12, 2, 3),
            (11, 2, 3), (10, 4, 2), (40, 1, 7), (41, 10, 1), (18, 5, 3), (100, 7, 9), (2, 10, 1)]
    for k, (N, micro, accum) in enumerate(ends):
        for beta, epochs in ((0.0, 1), (0.0, 2), (0.9, 1), (0.9, 2), (0.6, 3)):
            rng = np.random.default_rng([k, epochs])
            case = (rng.normal(size=(N, 2)), rng.normal(size=N) + 2, rng.normal(size=2))
            case += (0.05, micro, accum, beta, epochs)
            if np.linalg.norm(train(*case) - end(*case)) > 1e-8:
                return True
    return False
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_identical_rows",
        "right": False,
        "cause": "Rows that are all ones with target 1, for which the steps can be computed by hand: with equal rows any weighting with shares that add to one looks right.",
        "source": """\
def finds_bug(train):
    def scalar_run(N, micro, accum, beta, epochs, lr):
        w, v = 0.0, 0.0
        for _ in range(epochs):
            for _ in range(-(-N // (micro * accum))):
                v = beta * v + (w - 1.0)
                w -= lr * v
        return w

    for N, micro, accum, beta, epochs in itertools.product((5, 11, 14), (1, 3), (2, 4), (0, 0.5), (1, 3)):
        found = train(np.ones((N, 1)), np.ones(N), np.zeros(1), 0.1, micro, accum, beta, epochs)
        if abs(found[0] - scalar_run(N, micro, accum, beta, epochs, 0.1)) > 1e-9:
            return True
    return False
""",
    },
    {
        "task": "accumulate",
        "name": "acc_right_recursive",
        "right": True,
        "cause": "Recursion: the first micro rows and the gradient of all others, weighted by their rows.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    n, N = min(micro, len(X)), len(X)
    head = grad_fn(params, X[:n], y[:n])
    if n == N:
        return head
    tail = accumulate(grad_fn, params, X[n:], y[n:], micro, reduction)
    a, b = (n / N, (N - n) / N) if reduction == "mean" else (1, 1)
    return {key: a * head[key] + b * tail[key] for key in params}
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_velocity_per_micro",
        "right": False,
        "cause": "Updates the velocity at every micro-batch, with its share of the window, so beta is applied several times a window; only the parameters wait for the end.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        epoch = list(epoch)
        for s in range(0, len(epoch), accum):
            window = epoch[s : s + accum]
            rows = sum(len(y) for _, y in window)
            for X, y in window:
                g = grad_fn(w, X, y)
                for k in v:
                    v[k] = beta * v[k] + len(y) / rows * g[k]
            for k in w:
                w[k] = w[k] - lr * v[k]
    return w
""",
    },
    {
        "task": "accumulate",
        "name": "acc_right_sums_first",
        "right": True,
        "cause": "Turns means into sums in place, gathers all pieces in a list (balanced pieces, shuffled together), divides once at the end and casts back.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    N = len(y)
    order = np.random.default_rng(0).permutation(N)
    gathered = {name: [] for name in params}
    for rows in np.array_split(order, (N + micro - 1) // micro):
        rows = xp.asarray(rows)
        for name, g in grad_fn(params, X[rows], y[rows]).items():
            if reduction == "mean":
                g *= len(rows)
            gathered[name].append(g)
    divisor = N if reduction == "mean" else 1
    return {
        name: (xp.stack(gs).sum(axis=0) / divisor).astype(params[name].dtype)
        for name, gs in gathered.items()
    }
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "fb_right_random_cases",
        "right": True,
        "cause": "90 random cases, some steered to full windows or to less than one window, against big batches with einsum.",
        "source": """\
def finds_bug(train):
    rng = np.random.default_rng(2024)

    def big(X, y, w, lr, size, beta, epochs):
        # plain recursion over all windows of all epochs, newest gradient last
        starts = [s for _ in range(epochs) for s in range(0, len(y), size)]
        velocity = np.zeros_like(w)
        for s in starts:
            r = X[s : s + size] @ w - y[s : s + size]
            velocity = np.einsum("n,nd->d", r, X[s : s + size]) / r.size + beta * velocity
            w = w - lr * velocity
        return w

    for k in range(90):
        micro, accum, epochs = int(rng.integers(1, 9)), int(rng.integers(1, 7)), 1 + k % 3
        N = int(rng.integers(2, 100))
        if k % 4 == 1:  # every window full
            N = micro * accum * int(rng.integers(1, 3)) + (micro * accum == 1)
        if k % 4 == 2:  # less than one window
            N = max(2, micro * accum - int(rng.integers(0, micro + 1)))
        beta = (0.0, 0.5, 0.9)[int(rng.integers(3))]
        X, y, w = rng.normal(size=(N, 2)), 1 + rng.normal(size=N), rng.normal(size=2)
        want = big(X, y, w, 0.05, micro * accum, beta, epochs)
        got = np.asarray(train(X, y, w, 0.05, micro, accum, beta, epochs))
        if got.shape != want.shape or not np.abs(got - want).max() <= 1e-8 * (1 + np.abs(want).max()):
            return True
    return False
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_right_groupby",
        "right": True,
        "cause": "Windows by groupby on the running number // accum; the weighted mean grows row by row as a running mean.",
        "source": """\
from itertools import groupby


def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    at = {k: p.copy() for k, p in params.items()}
    vel = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        for _, window in groupby(enumerate(epoch), key=lambda pair: pair[0] // accum):
            rows, mean = 0, None
            for _, (X, y) in window:
                g, n = grad_fn(at, X, y), X.shape[0]
                rows += n
                mean = g if mean is None else {
                    k: mean[k] + (n / rows) * (g[k] - mean[k]) for k in mean
                }
            vel = {k: (beta * vel[k] + mean[k]).astype(vel[k].dtype) for k in vel}
            at = {k: (at[k] - lr * vel[k]).astype(at[k].dtype) for k in at}
    return at
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_length_difference",
        "right": False,
        "cause": "Takes the difference of the two lengths for the length of the difference, so a gradient that points elsewhere but is as long has no error.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)

    def pieces(p, micro):
        k = 0
        while k < len(X):
            yield line_grad(p, X[k : k + micro], y[k : k + micro])
            k += micro

    def naive_grad(p, micro=16):
        gs = list(pieces(p, micro))
        return {n: sum(g[n] for g in gs) / len(gs) for n in p}

    truth = length(line_grad(params, X, y))
    errors = [abs(length(naive_grad(params, m)) - truth) / truth for m in MICROS]
    A = xp.hstack([X, xp.ones((50, 1))])
    sol = xp.linalg.lstsq(A, y, rcond=None)[0]
    floor = float(((A @ sol - y) ** 2).mean() / 2)

    def descend(grad):
        p = {"w": xp.zeros(3), "c": xp.zeros(1)}
        losses = [line_loss(p, X, y)]
        while len(losses) <= STEPS:
            g = grad(p)
            for n in p:
                p[n] = p[n] - LR * g[n]
            losses.append(line_loss(p, X, y))
        return xp.asarray(losses) - floor

    excess = xp.stack([descend(lambda p: line_grad(p, X, y)), descend(naive_grad)])
    return {"naive": xp.asarray(errors), "excess": excess}
""",
    },
    {
        "task": "experiment",
        "name": "ex_right_quadratic",
        "right": True,
        "cause": "No losses subtracted: the excess of least squares is the quadratic form of the distance to the minimum; the runs go through both Hessians at once.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)
    A, N = np.c_[figures.host(X), np.ones(50)], 50
    b = figures.host(y)
    own = np.concatenate([figures.host(params["w"]), figures.host(params["c"])])
    best = np.linalg.solve(A.T @ A, A.T @ b)

    def shares(micro):
        blocks = [range(N)[i : i + micro] for i in range(0, N, micro)]
        return np.array([1 / len(block) / len(blocks) for block in blocks for _ in block])

    def grad(z, s):
        return A.T @ (s * (A @ z - b))

    truth = grad(own, shares(N))
    naive = [np.linalg.norm(grad(own, shares(m)) - truth) / np.linalg.norm(truth) for m in MICROS]
    H = A.T @ A / N
    excess = []
    for s in (shares(N), shares(16)):
        z, run = np.zeros(4), []
        for t in range(STEPS + 1):
            run.append((z - best) @ H @ (z - best) / 2)
            z = z - LR * grad(z, s)
        excess.append(run)
    return {"naive": xp.asarray(naive), "excess": xp.asarray(excess)}
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_right_backwards_running",
        "right": True,
        "cause": "From the last row to the first, with a running mean over the rows seen so far; sums are the running mean of nothing, just added in place.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    hi, seen, mean = len(X), 0, None
    while hi > 0:
        lo = max(hi - micro, 0)
        g = grad_fn(params, X[lo:hi], y[lo:hi])
        seen += hi - lo
        if mean is None:
            mean = g
        else:
            for name in mean:
                if reduction == "sum":
                    mean[name] += g[name]
                else:
                    mean[name] += (hi - lo) / seen * (g[name] - mean[name])
        hi = lo
    return mean
""",
    },
    {
        "task": "rank_grad",
        "name": "rk_right_one_message",
        "right": True,
        "cause": "One allreduce for everything: all gradients and the number of rows laid end to end in one float64 vector, taken apart again in the order of params.",
        "source": """\
def rank_grad(grad_fn, params, X, y, allreduce):
    n, at = len(y), 0
    g = grad_fn(params, X, y) if n else params
    weight = float(n)
    flat = [(weight * g[k] if n else 0 * params[k]).ravel().astype(float) for k in params]
    total = allreduce(xp.concatenate([*flat, xp.array([weight])]))
    out = {}
    for k, p in params.items():
        out[k] = (total[at : at + p.size] / total[-1]).reshape(p.shape).astype(p.dtype)
        at += p.size
    return out
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_rest_and_mom",
        "right": False,
        "cause": "Two at once: a mean over the micro-batches with np.mean, and the counter decides on steps, with no flush for the last short window.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    theta = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    for epoch in batches:
        buffer = {k: [] for k in params}
        for t, (X, y) in enumerate(epoch, start=1):
            for k, g in grad_fn(theta, X, y).items():
                buffer[k].append(g)
            if t % accum != 0:
                continue
            for k in theta:
                v[k] = beta * v[k] + xp.mean(xp.stack(buffer[k]), axis=0)
                theta[k] = theta[k] - lr * v[k]
                buffer[k] = []
    return theta
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_skips_nothing",
        "right": False,
        "cause": "Calls grad_fn for every shard and cleans up afterwards with nan_to_num: numbers right where an empty mean is nan, but grad_fn is called without rows.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    n = [len(y) for _, y in shards]
    g = [grad_fn(params, X, y) for X, y in shards]
    scale = [k / sum(n) if reduction == "mean" else 1.0 for k in n]
    return {
        name: sum(s * xp.nan_to_num(each[name]) for s, each in zip(scale, g)) for name in params
    }
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_one_table",
        "right": False,
        "cause": "Glues X and y into one table, so that rows stay together, and cuts that: integer labels become floats, and X with more than two axes cannot be glued.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    table = xp.column_stack([X, y])
    N = len(table)
    out = {name: xp.zeros_like(value) for name, value in params.items()}
    while len(table):
        head, table = table[:micro], table[micro:]
        grads = grad_fn(params, head[:, :-1], head[:, -1])
        for name in out:
            if reduction == "mean":
                out[name] += grads[name] * (len(head) / N)
            else:
                out[name] += grads[name]
    return out
""",
    },
    {
        "task": "accumulate",
        "name": "acc_mom_loop",
        "right": False,
        "cause": "A mean of means: the pieces' gradients are added and divided by the number of pieces, so the short last piece counts as much as a full one.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    total = {name: xp.zeros_like(value) for name, value in params.items()}
    steps = 0
    for start in range(0, len(X), micro):
        grads = grad_fn(params, X[start : start + micro], y[start : start + micro])
        for name in total:
            total[name] += grads[name]
        steps += 1
    if reduction == "mean":
        for name in total:
            total[name] /= steps
    return total
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_weight_micro",
        "right": False,
        "cause": "Weights every piece by micro / N, as if the last one had micro rows too, so that the weights do not add up to one.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    N = y.shape[0]
    share = micro / N if reduction == "mean" else 1
    out = dict.fromkeys(params, 0)
    lo = 0
    while lo < N:
        piece = slice(lo, lo + micro)
        for name, g in grad_fn(params, X[piece], y[piece]).items():
            out[name] = out[name] + share * g
        lo += micro
    return out
""",
    },
    {
        "task": "finds_bug",
        "name": "fb_reference_equal_weights",
        "right": False,
        "cause": "Many cases, all with N a multiple of micro, because the judge's own reference averages micro-batch gradients; no micro-batch is ever short.",
        "source": """\
def finds_bug(train):
    def reference(X, y, w, lr, micro, accum, beta, epochs):
        v = 0 * w
        for _ in range(epochs):
            pieces = [(X[i : i + micro], y[i : i + micro]) for i in range(0, len(X), micro)]
            while pieces:
                window, pieces = pieces[:accum], pieces[accum:]
                g = np.mean([a.T @ (a @ w - b) / len(a) for a, b in window], axis=0)
                v = beta * v + g
                w = w - lr * v
        return w

    rng = np.random.default_rng(7)
    for micro in (1, 2, 5):
        for accum in (1, 3, 4):
            for pieces in (1, 4, 7):
                for beta in (0.0, 0.8):
                    N = micro * pieces
                    X, y, w = rng.normal(size=(N, 2)), rng.normal(size=N), rng.normal(size=2)
                    case = (X, y, w, 0.05, micro, accum, beta, 2)
                    if np.abs(train(*case) - reference(*case)).max() > 1e-8:
                        return True
    return False
""",
    },
    {
        "held": True,
        "task": "accumulate",
        "name": "acc_np_weights_float64",
        "right": False,
        "cause": "The shares are entries of a float64 array, and a float64 scalar times a float32 gradient is float64: single precision goes in, double comes out.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    edges = xp.append(xp.arange(0, len(X), micro), len(X))
    sizes = xp.diff(edges)
    shares = sizes / sizes.sum() if reduction == "mean" else xp.ones(len(sizes))
    out = {}
    for k in range(len(sizes)):
        a, b = int(edges[k]), int(edges[k + 1])
        grads = grad_fn(params, X[a:b], y[a:b])
        for name in grads:
            part = shares[k] * grads[name]
            out[name] = out[name] + part if name in out else part
    return out
""",
    },
    {
        "task": "accumulate",
        "name": "acc_floor_pieces",
        "right": False,
        "cause": "Takes floor(N / micro) pieces (at least one) and lets array_split spread the rest over them: numbers right, but pieces with more than micro rows.",
        "source": """\
def accumulate(grad_fn, params, X, y, micro, reduction="mean"):
    pieces = max(1, len(X) // micro)
    out = {name: 0.0 for name in params}
    for rows in np.array_split(np.arange(len(X)), pieces):
        a, b = int(rows[0]), int(rows[-1]) + 1
        grads = grad_fn(params, X[a:b], y[a:b])
        factor = (b - a) / len(X) if reduction == "mean" else 1
        for name in params:
            out[name] = out[name] + factor * grads[name]
    return out
""",
    },
    {
        "held": True,
        "task": "data_parallel_grad",
        "name": "dp_fairseq_half",
        "right": False,
        "cause": "Half-remembers fairseq: multiplies by the number of workers and divides by the number of samples, but applies it to a plain sum of mean gradients.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    samples = sum(len(y) for _, y in shards)
    out = dict.fromkeys(params, 0.0)
    for X, y in shards:
        if len(y):
            for k, g in grad_fn(params, X, y).items():
                out[k] = out[k] + g
    if reduction == "mean":
        factor = len(shards) / samples
        out = {k: g * factor for k, g in out.items()}
    return out
""",
    },
    {
        "task": "ring_allreduce",
        "name": "ring_mean_shallow",
        "right": False,
        "cause": "Two at once: list(row) copies the list but not the arrays, so += writes into the caller's chunks; and at the end it divides by K, as frameworks do for gradients.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    buf = [list(row) for row in chunks]
    for t in range(K - 1):
        for r in range(K):
            j = (r - t) % K
            buf[(r + 1) % K][j] += send(r, buf[r][j])
    for t in range(K - 1):
        for r in range(K):
            j = (r - t + 1) % K
            buf[(r + 1) % K][j] = send(r, buf[r][j])
    return [[c / K for c in row] for row in buf]
""",
    },
    {
        "held": True,
        "task": "train_accumulated",
        "name": "tr_nominal_rows",
        "right": False,
        "cause": "Weights by rows, but divides by accum times the rows of the window's first micro-batch, the batch size on paper: right for full windows, too small a step for the rest.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    from itertools import islice

    w = {k: p.copy() for k, p in params.items()}
    v = {k: 0 * p for k, p in params.items()}
    for epoch in batches:
        epoch = iter(epoch)
        while True:
            window = list(islice(epoch, accum))
            if not window:
                break
            batch_size = accum * len(window[0][0])
            g = {k: 0 * p for k, p in params.items()}
            for X, y in window:
                found = grad_fn(w, X, y)
                g = {k: g[k] + len(X) * found[k] / batch_size for k in g}
            v = {k: beta * v[k] + g[k] for k in v}
            w = {k: w[k] - lr * v[k] for k in w}
    return w
""",
    },
    {
        "task": "data_parallel_grad",
        "name": "dp_mean_of_busy",
        "right": False,
        "cause": "Leaves out the workers without rows and takes the plain mean of the others' gradients: a mean of means.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    busy = filter(lambda shard: shard[1].size, shards)
    grads = [grad_fn(params, *shard) for shard in busy]
    together = {key: xp.stack([g[key] for g in grads]) for key in params}
    if reduction == "sum":
        return {key: value.sum(0) for key, value in together.items()}
    return {key: value.mean(0) for key, value in together.items()}
""",
    },
    {
        "held": True,
        "task": "ring_allreduce",
        "name": "ring_stacked_cube",
        "right": False,
        "cause": "Stacks the chunks into one (K, K, n) array, which takes all parts to be of one length: parts of different lengths do not stack.",
        "source": """\
def ring_allreduce(chunks, send):
    held = xp.array(chunks)
    K = len(held)
    for phase in (0, 1):
        for t in range(K - 1):
            for r in range(K):
                j = (r + phase - t) % K
                arrived = send(r, held[r, j].copy())
                if phase == 0:
                    held[(r + 1) % K, j] += arrived
                else:
                    held[(r + 1) % K, j] = arrived
    return [list(worker) for worker in held]
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_loss_over_accum",
        "right": False,
        "cause": "The well-known recipe loss / accum: each gradient is divided by accum, so sizes do not matter and a short last window is scaled down (two mistakes).",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    params = {k: p.copy() for k, p in params.items()}
    velocity = {k: xp.zeros_like(p) for k, p in params.items()}
    grad = {k: xp.zeros_like(p) for k, p in params.items()}

    def optimizer_step():
        for k in params:
            velocity[k] = beta * velocity[k] + grad[k]
            params[k] = params[k] - lr * velocity[k]
            grad[k] = xp.zeros_like(params[k])  # zero_grad

    for epoch in batches:
        pending = 0
        for X, y in epoch:
            g = grad_fn(params, X, y)
            for k in params:
                grad[k] += g[k] / accum
            pending += 1
            if pending == accum:
                optimizer_step()
                pending = 0
        if pending:
            optimizer_step()
    return params
""",
    },
    {
        "held": True,
        "task": "data_parallel_grad",
        "name": "dp_one_big_call",
        "right": False,
        "cause": "Concatenates the shards and calls grad_fn once with all rows: right numbers, but no worker has all rows, and the contract asks for one call a shard.",
        "source": """\
def data_parallel_grad(grad_fn, params, shards, reduction="mean"):
    X = xp.concatenate([X_k for X_k, _ in shards])
    y = xp.concatenate([y_k for _, y_k in shards])
    return grad_fn(params, X, y)  # mean or sum: grad_fn knows
""",
    },
    {
        "task": "experiment",
        "name": "ex_training_loss_of_run",
        "right": False,
        "cause": "For the second run records the loss that this run sees, the mean of the four pieces' mean losses, and not the loss of all rows.",
        "source": """\
def experiment(seed):
    X, y, params = own_problem(seed)

    def averaged(fn, p, micro):
        out = [fn(p, X[i : i + micro], y[i : i + micro]) for i in range(0, 50, micro)]
        if isinstance(out[0], dict):
            return {k: sum(o[k] for o in out) / len(out) for k in p}
        return sum(out) / len(out)

    right = averaged(line_grad, params, 50)
    naive = []
    for micro in MICROS:
        g = averaged(line_grad, params, micro)
        naive.append(length({k: g[k] - right[k] for k in g}) / length(right))
    ones = xp.concatenate([X, xp.ones((50, 1))], axis=1)
    s = xp.linalg.solve(ones.T @ ones, ones.T @ y)
    best = line_loss({"w": s[:3], "c": s[3:]}, X, y)
    excess = xp.zeros((2, STEPS + 1))
    for row, micro in ((0, 50), (1, 16)):
        p = {"w": xp.zeros(3), "c": xp.zeros(1)}
        for t in range(STEPS + 1):
            if t:
                g = averaged(line_grad, p, micro)
                p = {k: p[k] - LR * g[k] for k in p}
            excess[row, t] = averaged(line_loss, p, micro) - best
    return {"naive": xp.asarray(naive), "excess": excess}
""",
    },
    {
        "held": True,
        "task": "ring_allreduce",
        "name": "ring_send_for_show",
        "right": False,
        "cause": "Adds up directly over all workers, and makes the right number of send calls for the counter, whose results are not used.",
        "source": """\
def ring_allreduce(chunks, send):
    K = len(chunks)
    totals = [sum(chunks[r][j] for r in range(K)) for j in range(K)]
    for t in range(2 * (K - 1)):
        for r in range(K):
            send(r, chunks[r][(r - t) % K])
    return [[total.copy() for total in totals] for _ in range(K)]
""",
    },
    {
        "task": "train_accumulated",
        "name": "tr_sum_lingers",
        "right": False,
        "cause": "The gradient sum is set to zero once an epoch, not after each step; rows are counted afresh, so old windows linger and are blown up.",
        "source": """\
def train_accumulated(grad_fn, params, batches, lr, accum, beta=0.0):
    w = {k: p.copy() for k, p in params.items()}
    v = {k: xp.zeros_like(p) for k, p in w.items()}
    for epoch in batches:
        acc = {k: xp.zeros_like(p) for k, p in w.items()}
        n = micro = 0
        for X, y in epoch:
            grads = grad_fn(w, X, y)
            acc = {k: acc[k] + grads[k] * len(X) for k in acc}
            n, micro = n + len(X), micro + 1
            if micro == accum:
                v = {k: beta * v[k] + acc[k] / n for k in v}
                w = {k: w[k] - lr * v[k] for k in w}
                n = micro = 0
        if micro:
            v = {k: beta * v[k] + acc[k] / n for k in v}
            w = {k: w[k] - lr * v[k] for k in w}
    return w
""",
    },
]
