"""Blind answers for 05_gradient_variance: wrong and unusual-but-right ones; see "cause"."""

ANSWERS = [
    {
        "task": "per_sample_grads",
        "name": "ps_contribution_to_mean",
        "right": False,
        "cause": "Row i as the part of sample i in the gradient of the mean loss (so that the rows add up to it), by leaving the sample out; that is 1/N of its own gradient.",
        "source": """\
def per_sample_grads(params, X, y):
    def flat(rows):
        if len(rows) == 0:
            return 0.0
        _, g = loss_and_grad(params, X[rows], y[rows])
        return xp.concatenate([g[name].ravel() for name in NAMES])

    N = len(X)
    everyone = list(range(N))
    full = flat(everyone)
    out = []
    for i in everyone:
        others = [j for j in everyone if j != i]
        # mean over all = (N-1)/N * mean over the others + what i brings
        out.append(full - (N - 1) / N * flat(others))
    return xp.asarray(out)
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_sorted_names",
        "right": False,
        "cause": "Lays the parameters end to end in alphabetical order (W1, W2, b1, b2) so that the dict's order does not matter.",
        "source": """\
def per_sample_grads(params, X, y):
    rows = []
    for i in range(len(X)):
        _, grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])
        rows.append(xp.concatenate([grads[k].flatten() for k in sorted(grads)]))
    return xp.stack(rows)
""",
    },
    {
        "task": "experiment",
        "name": "ex_mean_distance",
        "right": False,
        "cause": "Averages the distances over the sets, instead of the root of the mean of their squares.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    G = per_sample_grads(paths[0][0], X, y)
    law, measured = xp.zeros((2, len(SIZES))), xp.zeros((2, len(SIZES)))
    for k, replace in enumerate((True, False)):
        for j, m in enumerate(SIZES):
            law[k, j] = grad_variance(G, m, replace)
            rng = np.random.default_rng([seed, m])
            measured[k, j] = mc_variance(G, m, REPS, replace, rng)
    lengths = []
    for batches in own_batches(seed):
        lengths.append(xp.stack([(minibatch_grad(G, idx) ** 2).sum() for idx in batches]))
    G2, S = noise_moments(lengths[0], lengths[1], SMALL, BIG)
    loss = xp.zeros((len(WIDTHS), len(CHECKPOINTS)))
    noise_scale = xp.zeros_like(loss)
    for i, path in enumerate(paths):
        for j, params in enumerate(path):
            loss[i, j] = loss_and_grad(params, X, y)[0]
            noise_scale[i, j] = b_simple(per_sample_grads(params, X, y))
    true, spread, sigma, w = own_population(seed)
    want = spread**2 * (w - true)
    sets_X, sets_y = own_training_sets(seed)
    training_error = []
    for N in TRAINING_SIZES:
        distances = []
        for A, t in zip(sets_X, sets_y):
            residual = A[:N] @ w - t[:N]
            grad = (A[:N] * residual[:, None]).mean(axis=0)
            distances.append(float(xp.linalg.norm(grad - want)))
        training_error.append(sum(distances) / len(distances))
    return {
        "law": law,
        "measured": measured,
        "two_batch": xp.asarray(S / G2),
        "loss": loss,
        "noise_scale": noise_scale,
        "training_error": xp.asarray(training_error),
    }
""",
    },
    {
        "held": True,
        "task": "b_simple",
        "name": "bs_mean_of_ratios",
        "right": False,
        "cause": "Noise over signal of each parameter by itself, then averaged over the parameters.",
        "source": """\
def b_simple(G):
    noise = xp.var(G, axis=0)
    signal = xp.mean(G, axis=0) ** 2
    return float(xp.mean(noise / signal))
""",
    },
    {
        "task": "mc_variance",
        "name": "mc_stdlib_random",
        "right": False,
        "cause": "Draws row numbers with Python's random module (sample and choices); rng is never used.",
        "source": """\
import random


def mc_variance(G, m, reps, replace, rng):
    N = len(G)
    draw = random.choices if replace else random.sample
    full = G.sum(axis=0) / N
    acc = 0.0
    for r in range(reps):
        rows = draw(range(N), k=m)
        g = sum(G[i] for i in rows) / m
        acc += float(((g - full) ** 2).sum())
    return acc / reps
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_einsum_out_in",
        "right": False,
        "cause": "Outer products written 'output, input' as in torch's Linear.weight, so each matrix is flattened column after column; and an identity matrix of float64 makes the result float64.",
        "source": """\
def per_sample_grads(params, X, y):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    N, C = len(X), len(b2)
    a = X @ W1 + b1
    mask = (a > 0).astype(W1.dtype)
    h = a * mask
    s = h @ W2 + b2
    e = xp.exp(s - s.max(1)[:, None])
    delta2 = e / e.sum(1)[:, None] - xp.eye(C)[y]
    delta1 = xp.einsum("nc,hc->nh", delta2, W2) * mask
    dW1 = xp.einsum("nh,nd->nhd", delta1, X)
    dW2 = xp.einsum("nc,nh->nch", delta2, h)
    return xp.hstack([dW1.reshape(N, -1), delta1, dW2.reshape(N, -1), delta2])
""",
    },
    {
        "task": "mc_variance",
        "name": "mc_fisher_yates_right",
        "right": True,
        "cause": "Right: a hand-written partial Fisher-Yates shuffle for each batch without replacement, running mean of the squared distances.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    N = len(G)
    centre = G.mean(axis=0)
    running = 0.0
    for r in range(1, reps + 1):
        cards = list(range(N))
        hand = []
        for k in range(m):
            if replace:
                hand.append(int(rng.integers(N)))
            else:
                j = int(rng.integers(k, N))
                cards[k], cards[j] = cards[j], cards[k]
                hand.append(cards[k])
        off = G[xp.asarray(hand)].mean(axis=0) - centre
        running += (float((off * off).sum()) - running) / r
    return running
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_gram_cancel",
        "right": False,
        "cause": "Trace from the N by N table of inner products (mean of the diagonal minus mean of the whole table), which cancels for shifted gradients.",
        "source": """\
def grad_variance(G, m, replace):
    K = G @ G.T
    N = K.shape[0]
    tr_sigma = K.trace() / N - K.mean()
    if replace:
        return float(tr_sigma) / m
    return float(tr_sigma) * (N - m) / (m * max(N - 1, 1))
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_root_fpc",
        "right": False,
        "cause": "The finite population correction as remembered for standard errors, sqrt((N-m)/(N-1)), applied to the variance.",
        "source": """\
import math


def grad_variance(G, m, replace):
    N = len(G)
    if N == 1:
        return 0.0
    population_variance = float(G.var(axis=0).sum())
    fpc = 1.0 if replace else math.sqrt((N - m) / (N - 1))
    return population_variance / m * fpc
""",
    },
    {
        "held": True,
        "task": "b_simple",
        "name": "bs_ratio_minus_one",
        "right": False,
        "cause": "E|g|^2 / |mean|^2 - 1, one pass over the data: it cancels when the noise is small against the signal.",
        "source": """\
def b_simple(G):
    lengths = (G**2).sum(axis=1)
    mean = G.mean(axis=0)
    return float(lengths.mean() / (mean @ mean) - 1.0)
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_moments_cancel",
        "right": False,
        "cause": "One-pass formula E|g|^2 - |E g|^2 to save a pass: loses its digits for gradients far from zero.",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    if N == 1:
        return 0.0
    first = G.sum(axis=0) / N
    second = (G * G).sum() / N
    tr = float(second) - float(first @ first)
    if not replace:
        tr = tr * (N - m) / (N - 1)
    return tr / m
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_clip_batch_to_n",
        "right": False,
        "cause": "A batch cannot hold more than N rows, so m is cut to N, with replacement too; and one row without replacement divides by N - 1 = 0.",
        "source": """\
def grad_variance(G, m, replace):
    N = G.shape[0]
    m = min(int(m), N)
    spread = xp.linalg.norm(G - G.mean(axis=0, keepdims=True)) ** 2 / N
    fpc = 1.0 if replace else (N - m) / (N - 1)
    return float(spread * fpc / m)
""",
    },
    {
        "task": "minibatch_grad",
        "name": "mb_bincount_right",
        "right": True,
        "cause": "Right: the counts of each row by bincount as weights, one matrix product, cast to G's dtype.",
        "source": """\
def minibatch_grad(G, idx):
    counts = xp.bincount(idx, minlength=len(G)).astype(G.dtype)
    return (counts[None, :] @ G)[0] / G.dtype.type(len(idx))
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_recursive_right",
        "right": True,
        "cause": "Right: halves the samples recursively down to batches of one and stacks the halves.",
        "source": """\
def per_sample_grads(params, X, y):
    n = len(X)
    if n > 1:
        half = n // 2
        top = per_sample_grads(params, X[:half], y[:half])
        bottom = per_sample_grads(params, X[half:], y[half:])
        return xp.concatenate((top, bottom), axis=0)
    grads = loss_and_grad(params, X, y)[1]
    return xp.concatenate([grads[name].reshape(1, -1) for name in NAMES], axis=1)
""",
    },
    {
        "task": "noise_moments",
        "name": "nm_zip_pairs",
        "right": False,
        "cause": "Estimates from each pair of a small and a big batch, averaged; zip silently drops what the longer array has more; and negative noise is set to 0.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    estimates = []
    for s, b in zip(g_small2, g_big2):
        G2 = (m_big * b - m_small * s) / (m_big - m_small)
        S = (s - b) / (1 / m_small - 1 / m_big)
        estimates.append((float(G2), max(float(S), 0.0)))
    G2s, Ss = zip(*estimates)
    return sum(G2s) / len(G2s), sum(Ss) / len(Ss)
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_loss_of_width_noise_of_first",
        "right": False,
        "cause": "A slip in the loops: the noise scales of the second network are those of the first network's path, because G's path is used for both rows.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    path = own_path(seed, WIDTHS[0])
    G = per_sample_grads(path[0], X, y)
    gen = lambda m: np.random.default_rng([seed, m])
    with_, without = True, False
    loss, noise = [], []
    for width in WIDTHS:
        loss.append([float(loss_and_grad(p, X, y)[0]) for p in own_path(seed, width)])
        noise.append([b_simple(per_sample_grads(p, X, y)) for p in path])
    small, big = own_batches(seed)
    G2, S = noise_moments(
        xp.asarray([float((minibatch_grad(G, i) ** 2).sum()) for i in small]),
        xp.asarray([float((minibatch_grad(G, i) ** 2).sum()) for i in big]),
        SMALL,
        BIG,
    )
    true, spread, _, w = own_population(seed)
    A, t = own_training_sets(seed)
    error = []
    for N in TRAINING_SIZES:
        g = (A[:, :N] * (A[:, :N] @ w - t[:, :N])[:, :, None]).mean(axis=1)
        error.append(float(((g - spread**2 * (w - true)) ** 2).sum(axis=1).mean()) ** 0.5)
    return dict(
        law=xp.asarray([[grad_variance(G, m, r) for m in SIZES] for r in (with_, without)]),
        measured=xp.asarray(
            [[mc_variance(G, m, REPS, r, gen(m)) for m in SIZES] for r in (with_, without)]
        ),
        two_batch=xp.asarray(S / G2),
        loss=xp.asarray(loss),
        noise_scale=xp.asarray(noise),
        training_error=xp.asarray(error),
    )
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_one_row_zero_division",
        "right": False,
        "cause": "The law as it stands: for one row without replacement it is 0/0 in Python numbers.",
        "source": """\
def grad_variance(G, m, replace):
    n = len(G)
    trace = float(xp.var(G, axis=0).sum())
    variance = trace / m
    if not replace:
        variance *= (n - m) / (n - 1)
    return variance
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_backprop_over_n",
        "right": False,
        "cause": "Vectorised backward pass as in the lecture: dlogits = (p - onehot) / N, kept although nothing is summed over the samples here.",
        "source": """\
def per_sample_grads(params, X, y):
    W1, b1, W2, b2 = [params[n] for n in NAMES]
    N = len(X)
    pre = X @ W1 + b1
    h = xp.maximum(pre, 0)
    z = h @ W2 + b2
    z = z - z.max(axis=1, keepdims=True)
    p = xp.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    dz = p
    dz[xp.arange(N), y] -= 1
    dz /= N
    dh = (dz @ W2.T) * (pre > 0)
    gW1 = X[:, :, None] * dh[:, None, :]
    gW2 = h[:, :, None] * dz[:, None, :]
    return xp.concatenate([gW1.reshape(N, -1), dh, gW2.reshape(N, -1), dz], axis=1)
""",
    },
    {
        "task": "b_simple",
        "name": "bs_unit_rows_right",
        "right": True,
        "cause": "Right: divides the rows by the length of the mean first, then the noise scale is the mean squared distance.",
        "source": """\
def b_simple(G):
    mean = G.mean(axis=0)
    length = xp.sqrt((mean**2).sum())
    scaled = (G - mean) / length
    return float((xp.linalg.norm(scaled, axis=1) ** 2).mean())
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_indicator_cov_right",
        "right": True,
        "cause": "Right: covariance of the counts of the rows in a batch, diagonal and off-diagonal, contracted with the centred inner products (their off-diagonal sum is minus the diagonal's).",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    if N == 1:
        return 0.0
    D = G - G.mean(axis=0)
    diagonal = float((D**2).sum())
    off_diagonal = -diagonal  # the centred rows add up to zero
    if replace:  # counts are multinomial
        var, cov = m * (N - 1) / N**2, -m / N**2
    else:  # counts are 0 or 1
        var = m * (N - m) / N**2
        cov = -var / (N - 1)
    return (var * diagonal + cov * off_diagonal) / m**2
""",
    },
    {
        "task": "mc_variance",
        "name": "mc_around_own_mean",
        "right": False,
        "cause": "The variance of the tried gradients, that is around their own mean (np.var over the tries), not around the mean of G.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    tries = xp.empty((reps, G.shape[1]))
    for r in range(reps):
        idx = rng.choice(G.shape[0], m, replace=replace)
        tries[r] = G[xp.asarray(idx)].mean(axis=0)
    return float(tries.var(axis=0).sum())
""",
    },
    {
        "held": True,
        "task": "mc_variance",
        "name": "mc_same_permutation",
        "right": False,
        "cause": "Vectorised: rng.permutation(table, axis=1) moves whole columns, so all batches without replacement are the same one.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    N, P = G.shape
    if replace:
        idx = rng.integers(N, size=(reps, m))
    else:
        table = np.tile(np.arange(N), (reps, 1))
        idx = rng.permutation(table, axis=1)[:, :m]
    means = G[xp.asarray(idx)].mean(axis=1)
    off = means - G.mean(axis=0)
    return float((off**2).sum(axis=1).mean())
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_one_minus_fraction",
        "right": False,
        "cause": "Finite-population factor taken as 1 - m/N, with the variance divided by N.",
        "source": """\
def grad_variance(G, m, replace):
    centre = G.mean(axis=0)
    per_row = [float(((row - centre) ** 2).sum()) for row in G]
    one = sum(per_row) / len(per_row)
    factor = 1
    if not replace:
        factor = 1 - m / len(per_row)
    return factor * one / m
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_normal_equations_right",
        "right": True,
        "cause": "Right: a set's gradient from its second moments (X'X w - X'y)/N, and the lengths of the batches through the table of inner products of the rows.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    G = per_sample_grads(paths[0][0], X, y)
    found = {"law": xp.empty((2, 5)), "measured": xp.empty((2, 5))}
    for j, m in enumerate(SIZES):
        for k in (0, 1):
            rng = np.random.default_rng([seed, m])
            found["law"][k, j] = grad_variance(G, m, k == 0)
            found["measured"][k, j] = mc_variance(G, m, REPS, k == 0, rng)
    K = G @ G.T
    lengths = []
    for batches in own_batches(seed):
        lengths.append(xp.stack([K[idx][:, idx].mean() for idx in batches]))
    signal, noise = noise_moments(lengths[0], lengths[1], SMALL, BIG)
    found["two_batch"] = xp.asarray(noise / signal)
    found["loss"] = xp.asarray([[float(loss_and_grad(p, X, y)[0]) for p in q] for q in paths])
    found["noise_scale"] = xp.asarray(
        [[float(b_simple(per_sample_grads(p, X, y))) for p in q] for q in paths]
    )
    true, spread, _, w = own_population(seed)
    A, t = own_training_sets(seed)
    errors = []
    for N in TRAINING_SIZES:
        mean_square = 0.0
        for s in range(SETS):
            a, b = A[s, :N], t[s, :N]
            off = (a.T @ a @ w - a.T @ b) / N - spread**2 * (w - true)
            mean_square += float(off @ off) / SETS
        errors.append(mean_square**0.5)
    found["training_error"] = xp.asarray(errors)
    return found
""",
    },
    {
        "task": "b_simple",
        "name": "bs_ddof_one",
        "right": False,
        "cause": "Sample covariance of the rows, divided by N - 1.",
        "source": """\
def b_simple(G):
    N = len(G)
    gbar = sum(G) / N
    tr = sum(float(xp.dot(g - gbar, g - gbar)) for g in G) / max(N - 1, 1)
    return tr / float(xp.dot(gbar, gbar))
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_rms_over_columns",
        "right": False,
        "cause": "np.mean of the squared differences over sets and over the five columns: the error per parameter, too small by root 5.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    G = per_sample_grads(paths[0][0], X, y)
    law, measured = xp.zeros((2, len(SIZES))), xp.zeros((2, len(SIZES)))
    for k, replace in enumerate((True, False)):
        for j, m in enumerate(SIZES):
            law[k, j] = grad_variance(G, m, replace)
            rng = np.random.default_rng([seed, m])
            measured[k, j] = mc_variance(G, m, REPS, replace, rng)
    lengths = []
    for batches in own_batches(seed):
        lengths.append(xp.stack([(minibatch_grad(G, idx) ** 2).sum() for idx in batches]))
    G2, S = noise_moments(lengths[0], lengths[1], SMALL, BIG)
    loss = xp.zeros((len(WIDTHS), len(CHECKPOINTS)))
    noise_scale = xp.zeros_like(loss)
    for i, path in enumerate(paths):
        for j, params in enumerate(path):
            loss[i, j] = loss_and_grad(params, X, y)[0]
            noise_scale[i, j] = b_simple(per_sample_grads(params, X, y))
    true, spread, sigma, w = own_population(seed)
    want = spread**2 * (w - true)
    sets_X, sets_y = own_training_sets(seed)
    each = sets_X * (sets_X @ w - sets_y)[..., None]
    training_error = []
    for N in TRAINING_SIZES:
        diff = each[:, :N].mean(axis=1) - want
        training_error.append(float(xp.sqrt(xp.mean(diff**2))))
    return {
        "law": law,
        "measured": measured,
        "two_batch": xp.asarray(S / G2),
        "loss": loss,
        "noise_scale": noise_scale,
        "training_error": xp.asarray(training_error),
    }
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_npcov_trace",
        "right": False,
        "cause": "Covariance matrix by np.cov, which divides by N - 1, then the trace and the law.",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    if N == 1:
        return 0.0
    sigma = xp.cov(G, rowvar=False).reshape(G.shape[1], G.shape[1])
    trace = float(xp.trace(sigma))
    if replace:
        return trace / m
    return trace / m * (N - m) / (N - 1)
""",
    },
    {
        "held": True,
        "task": "mc_variance",
        "name": "mc_global_generator",
        "right": False,
        "cause": "Uses np.random.choice, NumPy's global state, rather than the generator that was handed in.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    centre = xp.mean(G, axis=0)
    squares = [
        ((G[np.random.choice(G.shape[0], m, replace)].mean(axis=0) - centre) ** 2).sum()
        for _ in range(reps)
    ]
    return float(sum(squares) / reps)
""",
    },
    {
        "task": "per_sample_grads",
        "name": "ps_onehot_from_labels",
        "right": False,
        "cause": "Number of classes taken from the labels that occur (y.max() + 1) and only those logits used, not from the parameters.",
        "source": """\
def per_sample_grads(params, X, y):
    W1, b1, W2, b2 = (params[n] for n in NAMES)
    N = X.shape[0]
    n_classes = int(y.max()) + 1
    onehot = xp.zeros((N, n_classes), dtype=W1.dtype)
    onehot[xp.arange(N), y] = 1
    z1 = X @ W1 + b1
    h = xp.where(z1 > 0, z1, 0)
    z2 = (h @ W2 + b2)[:, :n_classes]
    z2 = z2 - z2.max(axis=1, keepdims=True)
    prob = xp.exp(z2) / xp.exp(z2).sum(axis=1, keepdims=True)
    d2 = xp.zeros((N, len(b2)), dtype=W1.dtype)  # a class that never occurs has no gradient
    d2[:, :n_classes] = prob - onehot
    d1 = (d2 @ W2.T) * (z1 > 0)
    G = [
        xp.concatenate([xp.outer(X[i], d1[i]).ravel(), d1[i], xp.outer(h[i], d2[i]).ravel(), d2[i]])
        for i in range(N)
    ]
    return xp.asarray(G)
""",
    },
    {
        "held": True,
        "task": "mc_variance",
        "name": "mc_centre_in_place",
        "right": False,
        "cause": "Centres G once before the loop with -=, so that the squared length of the batch's mean is the distance; the caller's G is changed.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    G -= G.mean(axis=0)
    total = 0.0
    for _ in range(reps):
        idx = xp.asarray(rng.choice(len(G), size=m, replace=replace))
        total += float((G[idx].mean(axis=0) ** 2).sum())
    return total / reps
""",
    },
    {
        "task": "experiment",
        "name": "ex_ratio_of_each_pair",
        "right": False,
        "cause": "S / G2 for each pair of a small and a big batch, then the mean of the 100 ratios: divided before averaging.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    G = per_sample_grads(paths[0][0], X, y)
    law, measured = xp.zeros((2, len(SIZES))), xp.zeros((2, len(SIZES)))
    for k, replace in enumerate((True, False)):
        for j, m in enumerate(SIZES):
            law[k, j] = grad_variance(G, m, replace)
            rng = np.random.default_rng([seed, m])
            measured[k, j] = mc_variance(G, m, REPS, replace, rng)
    small, big = own_batches(seed)
    ratios = []
    for one, other in zip(small, big):
        a = (minibatch_grad(G, one) ** 2).sum().reshape(1)
        b = (minibatch_grad(G, other) ** 2).sum().reshape(1)
        G2, S = noise_moments(a, b, SMALL, BIG)
        ratios.append(float(S) / float(G2))
    loss = xp.zeros((len(WIDTHS), len(CHECKPOINTS)))
    noise_scale = xp.zeros_like(loss)
    for i, path in enumerate(paths):
        for j, params in enumerate(path):
            loss[i, j] = loss_and_grad(params, X, y)[0]
            noise_scale[i, j] = b_simple(per_sample_grads(params, X, y))
    true, spread, sigma, w = own_population(seed)
    want = spread**2 * (w - true)
    sets_X, sets_y = own_training_sets(seed)
    training_error = []
    for N in TRAINING_SIZES:
        squares = []
        for A, t in zip(sets_X, sets_y):
            grad = A[:N].T @ (A[:N] @ w - t[:N]) / N
            squares.append(float(((grad - want) ** 2).sum()))
        training_error.append((sum(squares) / len(squares)) ** 0.5)
    return {
        "law": law,
        "measured": measured,
        "two_batch": xp.asarray(np.mean(ratios)),
        "loss": loss,
        "noise_scale": noise_scale,
        "training_error": xp.asarray(training_error),
    }
""",
    },
    {
        "held": True,
        "task": "mc_variance",
        "name": "mc_multinomial_right",
        "right": True,
        "cause": "Right: draws how often each row comes, multinomial with and multivariate hypergeometric without replacement, and multiplies the counts into the centred rows.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    N = len(G)
    if replace:
        counts = rng.multinomial(m, np.full(N, 1 / N), size=reps)
    else:
        counts = rng.multivariate_hypergeometric(np.ones(N, dtype=int), m, size=reps)
    D = G - G.mean(axis=0)
    off = xp.asarray(counts) @ D / m
    return float(xp.einsum("rp,rp->", off, off)) / reps
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_svd_right",
        "right": True,
        "cause": "Right: trace as the sum of the squared singular values of the centred rows; recursion over m through the ratio of neighbouring batch sizes.",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    values = xp.linalg.svd(G - G.mean(axis=0), compute_uv=False)
    result = float((values.astype(xp.float64) ** 2).sum()) / N
    if N == 1:
        return 0.0
    for k in range(1, m):  # from batches of k to batches of k + 1
        result *= k / (k + 1)
        if not replace:
            result *= (N - k - 1) / (N - k)
    return result
""",
    },
    {
        "held": True,
        "task": "b_simple",
        "name": "bs_fsum_right",
        "right": True,
        "cause": "Right: plain Python lists and math.fsum, column by column.",
        "source": """\
from math import fsum


def b_simple(G):
    rows = [[float(v) for v in row] for row in G]
    N = len(rows)
    noise, signal = [], []
    for column in zip(*rows):
        mean = fsum(column) / N
        noise.append(fsum((v - mean) ** 2 for v in column) / N)
        signal.append(mean**2)
    return fsum(noise) / fsum(signal)
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_full_batch_is_exact",
        "right": False,
        "cause": "A batch of N or more rows is the full batch, so no variance is left; said before looking at replace.",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    if m >= N:
        return 0.0
    sigma = xp.sum(G.var(axis=0))
    return float(sigma / m) if replace else float(sigma / m * (N - m) / (N - 1))
""",
    },
    {
        "held": True,
        "task": "b_simple",
        "name": "bs_two_sizes_one_and_n",
        "right": False,
        "cause": "The two-batch-size formula of the McCandlish paper with batches of 1 and the batch of all N: unbiased estimates rather than the population's numbers.",
        "source": """\
def b_simple(G):
    n_big, n_small = G.shape[0], 1
    if n_big == 1:
        return 0.0
    g_small2 = float((G**2).sum(axis=1).mean())
    g_big2 = float((G.mean(axis=0) ** 2).sum())
    G2 = (n_big * g_big2 - n_small * g_small2) / (n_big - n_small)
    S = (g_small2 - g_big2) / (1 / n_small - 1 / n_big)
    return S / G2
""",
    },
    {
        "task": "per_sample_grads",
        "name": "ps_weights_then_biases",
        "right": False,
        "cause": "Matrices first, then vectors: groups the columns by kind of parameter, W1, W2, b1, b2, in a preallocated array filled by offsets.",
        "source": """\
def per_sample_grads(params, X, y):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    D, H = W1.shape
    C = W2.shape[1]
    N = X.shape[0]
    G = xp.zeros((N, D * H + H * C + H + C), dtype=W1.dtype)
    cut = [0, D * H, D * H + H * C, D * H + H * C + H, D * H + H * C + H + C]
    for n in range(N):
        g = loss_and_grad(params, X[[n]], y[[n]])[1]
        weights = [g["W1"], g["W2"]]
        biases = [g["b1"], g["b2"]]
        for k, part in enumerate(weights + biases):
            G[n, cut[k] : cut[k + 1]] = part.reshape(-1)
    return G
""",
    },
    {
        "held": True,
        "task": "mc_variance",
        "name": "mc_square_of_mean_distance",
        "right": False,
        "cause": "Averages the distances and squares at the end.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    gbar = G.mean(axis=0)

    def distance():
        idx = xp.asarray(rng.choice(len(G), m, replace=replace))
        return float(xp.linalg.norm(minibatch_grad(G, idx) - gbar))

    mean_distance = sum(distance() for _ in range(reps)) / reps
    return mean_distance**2
""",
    },
    {
        "task": "per_sample_grads",
        "name": "ps_fortran_ravel",
        "right": False,
        "cause": "Flattens 'row after row' for the D inputs of each hidden unit, with order='F': column after column of W1 and W2.",
        "source": """\
def per_sample_grads(params, X, y):
    def one(x, label):
        grads = loss_and_grad(params, x.reshape(1, -1), label.reshape(1))[1]
        return xp.concatenate([xp.ravel(grads[n], order="F") for n in NAMES])

    return xp.stack([one(x, label) for x, label in zip(X, y)])
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_whole_ratio",
        "right": False,
        "cause": "The big batch counted as m_big // m_small small ones, wrong where the sizes do not divide.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    workers = m_big // m_small  # the big batch is this many small ones
    small = g_small2.sum() / g_small2.size
    big = g_big2.sum() / g_big2.size
    noise_small = (small - big) / (1 - 1 / workers)
    return float(small - noise_small), float(m_small * noise_small)
""",
    },
    {
        "task": "minibatch_grad",
        "name": "mb_over_full_n",
        "right": False,
        "cause": "The gradient of the loss (1/N) sum over the samples, restricted to the batch: the sum of the batch's rows by the number of all rows.",
        "source": """\
def minibatch_grad(G, idx):
    N, P = G.shape
    batch = xp.take(G, idx, axis=0)
    return xp.einsum("mp->p", batch) / N
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_correlation_nan",
        "right": False,
        "cause": "Adds variances and correlations -1/(N-1) of the m draws in NumPy numbers: for N = 1 it is nan.",
        "source": """\
def grad_variance(G, m, replace):
    N = xp.float64(G.shape[0])
    tr = ((G - G.mean(0)) ** 2).sum() / G.shape[0]
    rho = xp.float64(0.0) if replace else -1 / (N - 1)
    # variance of a sum of m equally correlated terms, over m squared
    return (m + m * (m - 1) * rho) * tr / m**2
""",
    },
    {
        "task": "noise_moments",
        "name": "nm_all_pairs_right",
        "right": True,
        "cause": "Right: the two estimates from every small batch with every big one, then the mean over the K by J table.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    s, b = g_small2[:, None], g_big2[None, :]
    gap = m_big - m_small
    S = (s - b) * (m_small * m_big / gap)
    G2 = (b * m_big - s * m_small) / gap
    return G2.mean(), S.mean()
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_n_minus_m_over_n",
        "right": False,
        "cause": "Same factor (N - m)/N from the idea that only the rows not in the batch are unknown: written as einsum with the share that is left over.",
        "source": """\
def grad_variance(G, m, replace):
    N, P = G.shape
    D = G - xp.einsum("np->p", G)[None, :] / N
    tr = xp.einsum("np,np->", D, D) / N
    unseen = N if replace else N - m
    return float(tr / m * unseen / N)
""",
    },
    {
        "task": "per_sample_grads",
        "name": "ps_twins_right",
        "right": True,
        "cause": "Right: asks the engine for a batch of two copies of sample i, whose mean loss is that of sample i; columns assembled backwards.",
        "source": """\
def per_sample_grads(params, X, y):
    def row(i):
        twins = xp.asarray([i, i])
        _, g = loss_and_grad(params, X[twins], y[twins])
        flat = g["b2"].reshape(-1)
        for name in ("W2", "b1", "W1"):
            flat = xp.append(g[name].reshape(-1), flat)
        return flat

    return xp.vstack([row(i) for i in range(X.shape[0])])
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_clip_at_zero",
        "right": False,
        "cause": "Squared lengths and variances cannot be negative, so both are cut off at 0.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    small, big = float(g_small2.mean()), float(g_big2.mean())
    G2 = (m_big * big - m_small * small) / (m_big - m_small)
    S = (small - big) / (1 / m_small - 1 / m_big)
    return max(G2, 0.0), max(S, 0.0)
""",
    },
    {
        "task": "grad_variance",
        "name": "gv_pairs_right",
        "right": True,
        "cause": "Right: trace from all pairs of rows, sum of squared differences over N^2, without any mean.",
        "source": """\
def grad_variance(G, m, replace):
    N = len(G)
    total = 0.0
    for i in range(1, N):
        total += float(((G[:i] - G[i]) ** 2).sum())
    # total = N^2 tr Sigma, since every unordered pair was met once
    if total == 0.0:
        return 0.0
    if replace:
        return total / (N * N * m)
    return total * (N - m) / (N * N * m * (N - 1))
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_float64_table",
        "right": False,
        "cause": "Fills a table made with zeros((N, P)): always float64, whatever the parameters are.",
        "source": """\
def per_sample_grads(params, X, y):
    P = sum(params[name].size for name in NAMES)
    table = xp.zeros((len(X), P))
    for i, row in enumerate(table):
        start = 0
        grads = loss_and_grad(params, X[i : i + 1], y[i : i + 1])[1]
        for name in NAMES:
            stop = start + grads[name].size
            row[start:stop] = grads[name].ravel()
            start = stop
    return table
""",
    },
    {
        "task": "minibatch_grad",
        "name": "mb_set_of_rows",
        "right": False,
        "cause": "A batch is a set of samples, so I drop double row numbers first and take the mean of the different rows.",
        "source": """\
def minibatch_grad(G, idx):
    rows = sorted(set(int(i) for i in idx))
    total = xp.zeros_like(G[0])
    for i in rows:
        total = total + G[i]
    return total / len(rows)
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_ema",
        "right": False,
        "cause": "Smooths each series with an exponential moving average as in the training scripts and solves with the last values: late batches weigh more than early ones.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big, beta=0.9):
    def smooth(series):
        value, weight = 0.0, 0.0
        for x in series:
            value = beta * value + (1 - beta) * float(x)
            weight = beta * weight + (1 - beta)
        return value / weight  # bias corrected

    small, big = smooth(g_small2), smooth(g_big2)
    S = (small - big) / (1 / m_small - 1 / m_big)
    return small - S / m_small, S
""",
    },
    {
        "task": "experiment",
        "name": "ex_cumsum_right",
        "right": True,
        "cause": "Right: the gradients of the nested training sets from one cumulative sum, and the two-size estimates by arrays.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    first = own_path(seed, WIDTHS[0])[0]
    G = per_sample_grads(first, X, y)

    def scheme(function):
        return xp.asarray([[float(function(m, r)) for m in SIZES] for r in (True, False)])

    def along(function):
        table = [[float(function(p)) for p in own_path(seed, h)] for h in WIDTHS]
        return xp.asarray(table)

    small, big = own_batches(seed)
    length2 = [xp.linalg.norm(G[idx].mean(axis=1), axis=1) ** 2 for idx in (small, big)]
    G2, S = noise_moments(*length2, SMALL, BIG)
    true, spread, _, w = own_population(seed)
    A, t = own_training_sets(seed)
    sums = xp.cumsum(A * (A @ w - t)[..., None], axis=1)
    ends = xp.asarray(TRAINING_SIZES)
    grads = sums[:, ends - 1] / ends[None, :, None]
    off = grads - spread**2 * (w - true)
    return {
        "training_error": ((off**2).sum(axis=2).mean(axis=0)) ** 0.5,
        "noise_scale": along(lambda p: b_simple(per_sample_grads(p, X, y))),
        "loss": along(lambda p: loss_and_grad(p, X, y)[0]),
        "two_batch": xp.asarray(float(S) / float(G2)),
        "measured": scheme(
            lambda m, r: mc_variance(G, m, REPS, r, np.random.default_rng([seed, m]))
        ),
        "law": scheme(lambda m, r: grad_variance(G, m, r)),
    }
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_noise_of_small_batch",
        "right": False,
        "cause": "S taken as what the small batch's squared length has above the signal, forgetting that this is S / m_small.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    E_small = xp.mean(g_small2)
    E_big = xp.mean(g_big2)
    G2 = (m_big * E_big - m_small * E_small) / (m_big - m_small)
    S = E_small - G2
    return float(G2), float(S)
""",
    },
    {
        "task": "b_simple",
        "name": "bs_unbiased_signal",
        "right": False,
        "cause": "Takes the noise's share tr Sigma / N off the squared length of the mean, since the mean of N noisy rows is too long.",
        "source": """\
def b_simple(G):
    N = len(G)
    mean = G.mean(axis=0)
    noise = float(((G - mean) ** 2).sum() / N)
    signal = float((mean**2).sum()) - noise / N
    return noise / signal
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_augmented_right",
        "right": True,
        "cause": "Right: one backward pass with a column of ones glued to the inputs, so that W1 and b1 (and W2 and b2) come out in the right order as one block.",
        "source": """\
def per_sample_grads(params, X, y):
    dtype = params["W1"].dtype
    N = len(X)
    ones = xp.ones((N, 1), dtype=dtype)
    A1 = xp.vstack([params["W1"], params["b1"]])
    A2 = xp.vstack([params["W2"], params["b2"]])
    X1 = xp.hstack([X, ones])
    pre = X1 @ A1
    H1 = xp.hstack([xp.maximum(pre, 0), ones])
    z = H1 @ A2
    z = z - z.max(axis=1, keepdims=True)
    err = xp.exp(z)
    err = err / err.sum(axis=1, keepdims=True)
    err[xp.arange(N), y] -= 1
    back = (err @ A2[:-1].T) * (pre > 0)
    blocks = [xp.einsum("ni,nj->nij", X1, back), xp.einsum("ni,nj->nij", H1, err)]
    return xp.concatenate([b.reshape(N, -1) for b in blocks], axis=1).astype(dtype)
""",
    },
    {
        "task": "b_simple",
        "name": "bs_epsilon",
        "right": False,
        "cause": "Safe division: 1e-12 added to the squared length below the line, as libraries do, so small gradients get a smaller scale.",
        "source": """\
EPS = 1e-12


def b_simple(G):
    mu = xp.mean(G, axis=0)
    sigma = xp.std(G, axis=0)
    return float(xp.sum(sigma**2) / (xp.sum(mu**2) + EPS))
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "ex_median_ratio_vectorised",
        "right": False,
        "cause": "Ratio S / G2 for each pair by arrays and their median, since single ratios have outliers: not the ratio of the averages; also the noise scale's batches from the trained end of the path.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    nets = {width: own_path(seed, width) for width in WIDTHS}
    rows = {width: [per_sample_grads(p, X, y) for p in nets[width]] for width in WIDTHS}
    G = rows[WIDTHS[0]][0]
    schemes = (True, False)
    out = {}
    out["law"] = [[grad_variance(G, m, r) for m in SIZES] for r in schemes]
    out["measured"] = [
        [mc_variance(G, m, REPS, r, np.random.default_rng([seed, m])) for m in SIZES]
        for r in schemes
    ]
    last = rows[WIDTHS[0]][-1]
    s2, b2 = ((last[idx].mean(axis=1) ** 2).sum(axis=1) for idx in own_batches(seed))
    S = (s2 - b2) / (1 / SMALL - 1 / BIG)
    G2 = (BIG * b2 - SMALL * s2) / (BIG - SMALL)
    out["two_batch"] = xp.median(S / G2)
    out["loss"] = [[float(loss_and_grad(p, X, y)[0]) for p in nets[h]] for h in WIDTHS]
    out["noise_scale"] = [[b_simple(g) for g in rows[h]] for h in WIDTHS]
    true, spread, sigma, w = own_population(seed)
    A, t = own_training_sets(seed)
    each = A * (A @ w - t)[:, :, None]
    off = [each[:, :N].mean(axis=1) - spread**2 * (w - true) for N in TRAINING_SIZES]
    out["training_error"] = [float((d**2).sum(axis=1).mean()) ** 0.5 for d in off]
    return {name: xp.asarray(value) for name, value in out.items()}
""",
    },
    {
        "task": "noise_moments",
        "name": "nm_ratio_of_sizes",
        "right": False,
        "cause": "Works in units of the small batch: S solves with 1 and r = m_big / m_small, so the noise comes out per small batch and not per sample.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    r = m_big / m_small
    unknowns = np.linalg.solve(
        np.array([[1.0, 1.0], [1.0, 1.0 / r]]),
        np.array([float(g_small2.mean()), float(g_big2.mean())]),
    )
    return float(unknowns[0]), float(unknowns[1])
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_lstsq_right",
        "right": True,
        "cause": "Right: least squares of all squared lengths on (1, 1/m); with two sizes the line goes through both means.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    K, J = len(g_small2), len(g_big2)
    lengths = np.concatenate([figures.host(g_small2), figures.host(g_big2)]).astype(float)
    inverse = np.concatenate([np.full(K, 1 / m_small), np.full(J, 1 / m_big)])
    design = np.column_stack([np.ones(K + J), inverse])
    (G2, S), *_ = np.linalg.lstsq(design, lengths, rcond=None)
    return float(G2), float(S)
""",
    },
    {
        "task": "experiment",
        "name": "ex_spread_of_sets",
        "right": False,
        "cause": "Error as the standard deviation of the sets' gradients around their own average, not their distance from the population's gradient.",
        "source": """\
def experiment(seed):
    X, y = own_digits(seed)
    paths = [own_path(seed, width) for width in WIDTHS]
    G = per_sample_grads(paths[0][0], X, y)
    law, measured = xp.zeros((2, len(SIZES))), xp.zeros((2, len(SIZES)))
    for k, replace in enumerate((True, False)):
        for j, m in enumerate(SIZES):
            law[k, j] = grad_variance(G, m, replace)
            rng = np.random.default_rng([seed, m])
            measured[k, j] = mc_variance(G, m, REPS, replace, rng)
    lengths = []
    for batches in own_batches(seed):
        lengths.append(xp.stack([(minibatch_grad(G, idx) ** 2).sum() for idx in batches]))
    G2, S = noise_moments(lengths[0], lengths[1], SMALL, BIG)
    loss = xp.zeros((len(WIDTHS), len(CHECKPOINTS)))
    noise_scale = xp.zeros_like(loss)
    for i, path in enumerate(paths):
        for j, params in enumerate(path):
            loss[i, j] = loss_and_grad(params, X, y)[0]
            noise_scale[i, j] = b_simple(per_sample_grads(params, X, y))
    true, spread, sigma, w = own_population(seed)
    A, t = own_training_sets(seed)
    training_error = []
    for N in TRAINING_SIZES:
        r = xp.einsum("snj,j->sn", A[:, :N], w) - t[:, :N]
        grads = xp.einsum("snj,sn->sj", A[:, :N], r) / N
        training_error.append(float(grads.var(axis=0).sum()) ** 0.5)
    return {
        "law": law,
        "measured": measured,
        "two_batch": xp.asarray(S / G2),
        "loss": loss,
        "noise_scale": noise_scale,
        "training_error": xp.asarray(training_error),
    }
""",
    },
    {
        "held": True,
        "task": "minibatch_grad",
        "name": "mb_buffered_weights",
        "right": False,
        "cause": "Weight vector over all samples, += 1 at the batch's rows (which counts a repeated row only once), then divide by m.",
        "source": '''\
def minibatch_grad(G, idx):
    """weights @ G, no gather needed"""
    weights = xp.zeros(G.shape[0], dtype=G.dtype)
    weights[idx] += 1
    weights = weights / idx.size
    return weights @ G
''',
    },
    {
        "task": "noise_moments",
        "name": "nm_fallback_when_negative",
        "right": False,
        "cause": "If noise or signal comes out negative the estimate failed: falls back on the big batch as the signal and no noise (or the small batch as all noise).",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    a = sum(float(v) for v in g_small2) / len(g_small2)
    b = sum(float(v) for v in g_big2) / len(g_big2)
    if a < b:  # must not be: small batches have longer gradients
        return b, 0.0
    S = (a - b) * m_small * m_big / (m_big - m_small)
    G2 = b - S / m_big
    if G2 < 0:
        return 0.0, a * m_small
    return G2, S
""",
    },
    {
        "held": True,
        "task": "per_sample_grads",
        "name": "ps_mask_always_one",
        "right": False,
        "cause": "Backward pass by hand; the ReLU's derivative taken as (h >= 0) of its output, which is never negative, so every unit lets the gradient through.",
        "source": """\
def softmax(z):
    e = xp.exp(z - xp.max(z))
    return e / xp.sum(e)


def per_sample_grads(params, X, y):
    rows = []
    for x, label in zip(X, y):
        h = relu_of(x @ params["W1"] + params["b1"])
        delta = softmax(h @ params["W2"] + params["b2"])
        delta[label] -= 1
        active = h >= 0
        hidden_delta = active * (params["W2"] @ delta)
        parts = {
            "W1": xp.outer(x, hidden_delta),
            "b1": hidden_delta,
            "W2": xp.outer(h, delta),
            "b2": delta,
        }
        rows.append(xp.concatenate([parts[name].ravel() for name in NAMES]))
    return xp.stack(rows)


def relu_of(z):
    return z * (z > 0)
""",
    },
    {
        "task": "b_simple",
        "name": "bs_mean_squared_length",
        "right": False,
        "cause": "Signal as the mean squared length of the single gradients rather than the squared length of their mean, and the noise divided by N - 1.",
        "source": """\
def b_simple(G):
    spread = G - G.mean(axis=0, keepdims=True)
    tr_sigma = xp.einsum("ij,ij->", spread, spread) / max(len(G) - 1, 1)
    length2 = xp.einsum("ij,ij->", G, G) / len(G)
    return float(tr_sigma / length2)
""",
    },
    {
        "held": True,
        "task": "grad_variance",
        "name": "gv_cochran_s2",
        "right": False,
        "cause": "Cochran's S^2 (divided by N - 1) with 1 - m/N, which is right without replacement, but the same S^2/m used with replacement.",
        "source": """\
def grad_variance(G, m, replace):
    N = G.shape[0]
    if N < 2:
        return 0.0
    S2 = G.var(axis=0, ddof=1).sum()
    f = 0.0 if replace else m / N  # sampling fraction
    return float((1 - f) * S2 / m)
""",
    },
    {
        "task": "mc_variance",
        "name": "mc_shuffle_rows",
        "right": False,
        "cause": "Without replacement: shuffles the rows of G itself and takes the first m, leaving the caller's rows in another order.",
        "source": """\
def mc_variance(G, m, reps, replace, rng):
    N = G.shape[0]
    target = G.mean(axis=0)
    found = []
    while len(found) < reps:
        if replace:
            batch = G[rng.integers(0, N, m)]
        else:
            rng.shuffle(G)
            batch = G[:m]
        d = batch.mean(axis=0) - target
        found.append(float(d @ d))
    return sum(found) / len(found)
""",
    },
    {
        "held": True,
        "task": "noise_moments",
        "name": "nm_extrapolate_right",
        "right": True,
        "cause": "Right: Richardson extrapolation in 1/m to 0 for the signal, Cramer's rule for the noise, on Python numbers.",
        "source": """\
def noise_moments(g_small2, g_big2, m_small, m_big):
    x0, x1 = 1.0 / m_small, 1.0 / m_big
    y0 = sum(map(float, g_small2)) / len(g_small2)
    y1 = sum(map(float, g_big2)) / len(g_big2)
    determinant = x1 - x0
    signal = (y0 * x1 - y1 * x0) / determinant
    noise = (y1 - y0) / determinant
    return signal, noise
""",
    },
]
