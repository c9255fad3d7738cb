ANSWERS = [
    {
        "task": 'train_epoch',
        "name": 'te_size_weights_ok',
        "right": True,
        "cause": 'right: weights by X_b.size, which is the number of samples times a constant that cancels',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    dtypes = {name: value.dtype for name, value in params.items()}
    state = dict(params)
    top = bottom = 0.0
    for X_b, y_b in batches:
        loss, slope = loss_and_grad(state, X_b, y_b)
        state = {name: xp.subtract(state[name], lr * slope[name]).astype(dtypes[name]) for name in state}
        top += X_b.size * float(loss)
        bottom += X_b.size
    return state, top / bottom
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_start_at_zero',
        "right": False,
        "cause": 'starts at w = 0 instead of at the minimum, trusting the warm-up',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]

    def f(w):
        return 0.5 * np.mean((X @ w - y) ** 2)

    excess = np.zeros((3, 4))
    for a, scheme in enumerate(SCHEMES):
        for b, lr in enumerate(LRS):
            w = np.zeros(4)
            notes = []
            for epoch in orders[scheme]:
                for i in epoch:
                    w = w - lr * (X[i] @ w - y[i]) * X[i]
                notes.append(f(w) - f(w_star))
            excess[a, b] = np.mean(notes[WARM_UP:])
    exponent = np.array([np.polyfit(np.log(LRS), np.log(row), 1)[0] for row in excess])
    return {"excess": excess, "exponent": exponent}
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_asarray_out',
        "right": False,
        "cause": 'np.asarray makes no copy of an array, so np.subtract(..., out=) writes into the params given',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    work = {key: xp.asarray(value) for key, value in params.items()}
    k_seen, loss_seen = [], []
    for X_b, y_b in batches:
        value, slope = loss_and_grad(work, X_b, y_b)
        k_seen.append(y_b.shape[0])
        loss_seen.append(float(value))
        for key, w in work.items():
            xp.subtract(w, lr * slope[key], out=w, casting="same_kind")
    return work, float(np.average(loss_seen, weights=k_seen))
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_divides_by_batch_again',
        "right": False,
        "cause": 'divides the gradient by the batch size once more, though it is a mean already; and gives the mean of the batch losses',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    theta = {k: xp.array(v) for k, v in params.items()}
    seen = 0
    acc = 0.0
    for X_b, y_b in batches:
        k = len(y_b)
        loss, grads = loss_and_grad(theta, X_b, y_b)
        for name, grad in grads.items():
            theta[name] = (theta[name] - lr / k * grad).astype(theta[name].dtype)
        acc += loss
        seen += 1
    return theta, acc / seen
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_all_epochs',
        "right": False,
        "cause": 'averages over all epochs, the warm-up included',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_min = np.linalg.lstsq(X, y, rcond=None)[0]
    f_min = np.mean((X @ w_min - y) ** 2) / 2
    out = {"excess": np.zeros((3, 4)), "exponent": np.zeros(3)}
    for r in range(3):
        for c in range(4):
            w, acc = w_min, 0
            for e in range(EPOCHS):
                for i in orders[SCHEMES[r]][e]:
                    w = w - LRS[c] * (X[i] @ w - y[i]) * X[i]
                acc += np.mean((X @ w - y) ** 2) / 2 - f_min
            out["excess"][r, c] = acc / EPOCHS
        out["exponent"][r] = np.polyfit(np.log(LRS), np.log(out["excess"][r]), 1)[0]
    return out
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_float64_copy',
        "right": False,
        "cause": 'copies the parameters with dtype float, so float32 parameters come back as float64',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new = {name: xp.array(value, dtype=float) for name, value in params.items()}
    seen, sum_loss = 0, 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(new, X_b, y_b)
        k = len(X_b)
        seen, sum_loss = seen + k, sum_loss + k * loss
        for name in new:
            new[name] = new[name] - lr * grads[name]
    return new, sum_loss / seen
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_lr_array_promotes',
        "right": False,
        "cause": 'turns lr into a float64 scalar of NumPy, and float32 parameters times it become float64',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    eta = np.float64(lr)

    def step(p, g):
        return {k: p[k] - eta * g[k] for k in p}

    total, n = 0.0, 0
    current = step(params, {k: xp.zeros_like(v) for k, v in params.items()})
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(current, X_b, y_b)
        current = step(current, grads)
        total += float(loss) * X_b.shape[0]
        n += X_b.shape[0]
    return current, total / n
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 'ipe_drop_last_range',
        "right": False,
        "cause": 'with drop_last the last start in range(0, N, m) is thrown away, even if its batch is full',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    starts = list(range(0, N, m))
    if drop_last:
        starts.pop()
    return len(starts)
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_shifted_rows',
        "right": False,
        "cause": 'makes the further batches by adding 1, 2, ... to the first, which are not independent draws; and in int32',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    base = rng.integers(0, N, size=(1, m), dtype=np.int32)
    return (base + np.arange(k, dtype=np.int32)[:, None]) % N
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_exclusive_bound',
        "right": False,
        "cause": 'draws up to N - 1 as if the upper bound were inclusive, so the last sample never comes',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    rows = np.empty((k, m), dtype=np.int64)
    for j in range(k):
        for i in range(m):
            rows[j, i] = rng.integers(0, N - 1) if N > 1 else 0
    return rows
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_within_batch_permuted',
        "right": False,
        "cause": 'cuts a table of row numbers into batches and permutes along the rows of the table, i.e. within batches only',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(y)
    q = N // m
    table = np.arange(q * m).reshape(q, m)
    tail = np.arange(q * m, N)
    if shuffle:
        table = rng.permuted(table, axis=1)
        tail = rng.permutation(tail)
    out = [(X[row], y[row]) for row in table]
    if len(tail) > 0 and not drop_last:
        out.append((X[tail], y[tail]))
    return out
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_one_configuration',
        "right": False,
        "cause": 'looks at one size only, with the default options (ten samples in batches of three)',
        "source": '''\
def finds_bug(loader):
    X = np.arange(10).repeat(2).reshape(10, 2)
    y = np.arange(10) * 7
    batches = list(loader(X, y, 3, 5))
    if [len(b) for b, _ in batches] != [3, 3, 3, 1]:
        return True
    for X_b, y_b in batches:
        if np.shape(y_b) != (len(X_b),):
            return True
        if not np.array_equal(X_b[:, 0] * 7, y_b):
            return True
    ids = np.concatenate([X_b[:, 0] for X_b, _ in batches])
    if sorted(ids) != list(range(10)) or list(ids) == list(range(10)):
        return True
    again = np.concatenate([X_b[:, 0] for X_b, _ in loader(X, y, 3, 5)])
    other = np.concatenate([X_b[:, 0] for X_b, _ in loader(X, y, 3, 6)])
    return bool((again != ids).any() or (other == ids).all())
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_trim_arrays_first',
        "right": False,
        "cause": 'trims X and y to whole batches first and shuffles what is left: the tail of the file is always what is dropped',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    extra = len(X) % m
    if drop_last and extra > 0:
        X, y = X[:-extra], y[:-extra]
    idx = list(range(len(X)))
    if shuffle:
        rng.shuffle(idx)
    result = []
    while idx:
        now, idx = idx[:m], idx[m:]
        result.append((X[now], y[now]))
    return result
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_integer_keys',
        "right": False,
        "cause": 'sorts stably by random whole-number keys from 0 to N - 1, whose ties keep the old order: orders are not equally likely',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(y)
    order = list(range(N))
    if shuffle:
        keys = rng.integers(0, N, size=N)
        order.sort(key=lambda i: keys[i])
    for i in range(0, N, m):
        rows = order[i:i + m]
        if len(rows) < m and drop_last:
            break
        yield X[rows], y[rows]
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_w_carried_over',
        "right": False,
        "cause": 'does not go back to w* for the next learning rate but goes on where the last run ended',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.solve(X.T @ X, X.T @ y)
    base = ((X @ w_star - y) ** 2).mean() / 2
    excess = []
    for scheme in SCHEMES:
        w = w_star
        for lr in LRS:
            after_epoch = []
            for epoch in orders[scheme]:
                for i in epoch:
                    error = X[i] @ w - y[i]
                    w = w - lr * error * X[i]
                after_epoch.append(((X @ w - y) ** 2).mean() / 2 - base)
            excess.append(np.mean(after_epoch[WARM_UP:]))
    excess = np.reshape(excess, (3, 4))
    exponent = np.polyfit(np.log(LRS), np.log(excess).T, 1)[0]
    return {"excess": excess, "exponent": exponent}
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_tee_ok',
        "right": True,
        "cause": 'right: itertools.tee for sizes and training, np.average at the end',
        "source": '''\
from itertools import tee


def train_epoch(loss_and_grad, params, batches, lr):
    for_steps, for_sizes = tee(batches)
    now = {k: v.copy() for k, v in params.items()}
    losses = []
    for batch in for_steps:
        loss, grads = loss_and_grad(now, *batch)
        losses.append(float(loss))
        now = {k: xp.asarray(now[k] - lr * grads[k], dtype=now[k].dtype) for k in now}
    return now, float(np.average(losses, weights=[len(y_b) for _, y_b in for_sizes]))
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_islice_ok',
        "right": True,
        "cause": 'right: islice and iter with a sentinel',
        "source": '''\
from itertools import islice


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    deck = iter(rng.permutation(len(X)).tolist() if shuffle else range(len(X)))
    hands = iter(lambda: list(islice(deck, m)), [])
    return ((X[h], y[h]) for h in hands if len(h) == m or not drop_last)
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_norm_squared',
        "right": False,
        "cause": 'takes the squared norm of the residual difference without dividing by two (all learning rates at once)',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    H = X.T @ X / len(X)
    ws = np.linalg.pinv(X) @ y
    lr = np.array(LRS)[:, None]
    excess = np.empty((len(SCHEMES), len(LRS)))
    for s, scheme in enumerate(SCHEMES):
        W = np.tile(ws, (len(LRS), 1))
        record = []
        for epoch in orders[scheme]:
            for i in epoch:
                W = W - lr * (W @ X[i] - y[i])[:, None] * X[i]
            d = W - ws
            record.append(np.einsum("li,ij,lj->l", d, H, d))
        excess[s] = np.mean(record[WARM_UP:], axis=0)
    x = np.log(np.array(LRS))
    x = x - x.mean()
    return {"excess": excess, "exponent": np.log(excess) @ x / (x @ x)}
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_thorough_ok',
        "right": True,
        "cause": 'right: raises a private exception at the first deviation, and counts who is dealt where and with whom over many seeds',
        "source": '''\
def finds_bug(loader):
    class Fault(Exception):
        pass

    def need(ok):
        if not ok:
            raise Fault

    def deal(N, m, seed, shuffle=True, drop_last=False):
        ids = np.arange(N)
        out = []
        for X_b, y_b in loader(np.stack([ids, -ids], 1) * 1.0, 7 * ids, m, seed, shuffle, drop_last):
            X_b, y_b = np.asarray(X_b), np.asarray(y_b)
            need(X_b.ndim == 2 and X_b.shape[1] == 2 and y_b.shape == (len(X_b),))
            need((X_b[:, 1] == -X_b[:, 0]).all() and (y_b == 7 * X_b[:, 0]).all())
            out.append(X_b[:, 0].astype(int).tolist())
        flat = [i for b in out for i in b]
        kept = N // m * m if drop_last else N
        need([len(b) for b in out] == [min(m, kept - i) for i in range(0, kept, m)])
        need(len(set(flat)) == len(flat) and set(flat) <= set(range(N)))
        need(shuffle or flat == list(range(kept)))
        return flat

    try:
        for N in (2, 3, 5, 12, 31, 64, 100):
            for m in sorted({1, 2, 3, 4, 10, N - 1, N, N + 1, 110} - {0}):
                for drop_last in (False, True):
                    deal(N, m, 1, False, drop_last)
                    a = deal(N, m, 5, True, drop_last)
                    if N >= 31:
                        need(a == deal(N, m, 5, True, drop_last))
                        if len(a) > 20:
                            need(a != sorted(a) and a != deal(N, m, 6, True, drop_last))
        need({i for seed in range(40) for i in deal(10, 7, seed, True, True)} == {*range(10)})
        orders = np.array([deal(100, 10, seed) for seed in range(60)])
        need((np.ptp(orders, axis=0) > 60).all())
        need((np.ptp(np.argsort(orders, axis=1), axis=0) > 60).all())
        need((np.abs(np.diff(orders, axis=1)) == 1).mean() < 0.1)
        batch = np.argsort(orders, axis=1) // 10
        together = (batch[:, :, None] == batch[:, None, :]).sum(axis=0)
        np.fill_diagonal(together, 0)
        need(together.max() < 30)
    except Fault:
        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_weights_last_axis',
        "right": False,
        "cause": 'weights each loss by X_b.shape[-1], the number of features, instead of the number of samples',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new = {k: v + 0 for k, v in params.items()}
    total = weight = 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(new, X_b, y_b)
        n = X_b.shape[-1]
        total += n * loss
        weight += n
        for k in new:
            new[k] = (new[k] - lr * grads[k]).astype(params[k].dtype)
    return new, total / weight
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_empty_split',
        "right": False,
        "cause": 'np.split at m, 2m, ... up to and including N leaves an empty array at the end when m divides N',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    order = np.arange(len(y))
    if shuffle:
        order = rng.permutation(order)
    parts = np.split(order, list(range(m, len(y) + 1, m)))
    if drop_last:
        parts = [p for p in parts if len(p) == m]
    return ((X[p], y[p]) for p in parts)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_choice_object_ok',
        "right": True,
        "cause": 'right: choice from an explicit list of the samples, with equal p spelled out by default, reshaped by hand',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    cards = np.arange(N, dtype=np.int64)
    out = np.zeros(k * m, dtype=np.int64)
    out[:] = rng.choice(cards, size=len(out))
    out.shape = (k, m)
    return out
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_reduce_ok',
        "right": True,
        "cause": 'right: functools.reduce over a state of three',
        "source": '''\
from functools import reduce


def train_epoch(loss_and_grad, params, batches, lr):
    def one(state, batch):
        theta, total, n = state
        loss, grads = loss_and_grad(theta, *batch)
        k = len(batch[1])
        moved = {name: (w - lr * grads[name]).astype(w.dtype) for name, w in theta.items()}
        return moved, total + k * float(loss), n + k

    theta, total, n = reduce(one, batches, (params, 0.0, 0))
    return theta, total / n
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_within_batch',
        "right": False,
        "cause": 'shuffles only inside each batch of neighbours',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    for start in range(0, N, m):
        stop = min(start + m, N)
        if stop - start < m and drop_last:
            return
        rows = np.arange(start, stop)
        if shuffle:
            rows = rng.permutation(rows)
        yield X[rows], y[rows]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_flat_images',
        "right": False,
        "cause": 'reshapes X_b to (k, -1), which flattens images and gives 1-D X a second axis',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = rng.permutation(N) if shuffle else np.arange(N)
    if drop_last:
        order = order[:N // m * m]
    for at in range(0, len(order), m):
        rows = order[at:at + m]
        yield X[rows].reshape(len(rows), -1), y[rows].reshape(-1)
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_named_complaints_ok',
        "right": True,
        "cause": 'right: a generator of complaints, any() of it is the verdict; targets are the negative inputs',
        "source": '''\
def _complaints(loader):
    def run(N, m, seed, **options):
        X, y = np.arange(N).reshape(-1, 1), -np.arange(N)
        return [(np.asarray(a), np.asarray(b)) for a, b in loader(X, y, m, seed, **options)]

    def order(N, m, seed, **options):
        return [int(-t) for _, b in run(N, m, seed, **options) for t in b.ravel()]

    for N in [2, 3, 4, 7, 16, 20, 50, 97]:
        for m in [1, 2, 3, 5, 16, N, N + 1, 3 * N]:
            if m > 110:
                continue
            for drop_last in [False, True]:
                full, rest = divmod(N, m)
                want = [m] * full + [rest] * bool(rest and not drop_last)
                for shuffle in [False, True]:
                    got = run(N, m, 0, shuffle=shuffle, drop_last=drop_last)
                    yield [a.shape for a, _ in got] != [(k, 1) for k in want]
                    yield [b.shape for _, b in got] != [(k,) for k in want]
                    yield any((a[:, 0] + b != 0).any() for a, b in got)
                    ids = [int(-t) for _, b in got for t in b]
                    yield len(ids) != len({*ids})
                    yield not shuffle and ids != [*range(sum(want))]
                    if shuffle and N >= 16 and len(ids) >= 15:
                        yield ids == sorted(ids)
                        yield ids != order(N, m, 0, drop_last=drop_last)
                        yield ids == order(N, m, 1, drop_last=drop_last)
    dealt = [order(11, 8, seed, drop_last=True) for seed in range(50)]
    yield len({i for ids in dealt for i in ids}) < 11  # always the same ones left out
    table = np.array([order(96, 8, seed) for seed in range(100)])
    place = np.argsort(table, axis=1)
    yield len({tuple(row) for row in table.tolist()}) < 100
    for quantity in (table, place):
        yield (quantity < 24).mean(axis=0).min() < 0.02
        yield (quantity >= 72).mean(axis=0).min() < 0.02
        yield np.abs(quantity.mean(axis=0) - 47.5).max() > 20
    step = np.diff(place, axis=1) % 96
    yield max(np.bincount(column, minlength=96).max() for column in step.T) > 25
    yield np.mean((step == 1) | (step == 95)) > 0.1


def finds_bug(loader):
    return any(bool(c) for c in _complaints(loader))
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_reference_sets_ok',
        "right": True,
        "cause": 'right: compares sorted batches against the contract, and measures the mixing by rank correlations and the spread inside a batch',
        "source": '''\
def finds_bug(loader):
    def cards(N, m, seed, shuffle, drop):
        X = np.column_stack([np.arange(N) + 0.5, np.full(N, N)])
        y = np.arange(N)
        hands = []
        for hand in loader(X, y, m, seed, shuffle=shuffle, drop_last=drop):
            a, b = map(np.asarray, hand)
            if b.ndim != 1 or a.shape != (b.size, 2) or b.size == 0:
                return None
            if not np.array_equal(a, X[b]):
                return None
            hands.append(b.tolist())
        return hands

    def legal(hands, N, m, drop):
        if hands is None:
            return False
        n = N - N % m if drop else N
        dealt = sum(hands, [])
        return (
            len(dealt) == n == len(set(dealt))
            and all(len(h) == m for h in hands[:-1])
            and (not hands or len(hands[-1]) == ((n - 1) % m) + 1)
        )

    ms = lambda N: {1, 2, 3, 8, 32, N // 2, N, N + 1, 110} - {0}
    for N in (2, 3, 6, 9, 32, 65, 100):
        for m in ms(N):
            for drop in (False, True):
                straight = cards(N, m, 2, False, drop)
                if not legal(straight, N, m, drop) or sum(straight, []) != sorted(sum(straight, [])):
                    return True
                if straight and straight[0][0] != 0:
                    return True
                seen = [cards(N, m, s, True, drop) for s in (0, 1, 1)]
                if not all(legal(h, N, m, drop) for h in seen) or seen[1] != seen[2]:
                    return True
                if N >= 32 and seen[0] and (seen[0] == seen[1] or straight in seen):
                    return True
    left_out = np.ones(9, dtype=int)
    for s in range(60):
        left_out[sum(cards(9, 5, s, True, True), [])] = 0
    if left_out.any():
        return True
    N, m = 100, 10
    deals = np.array([cards(N, m, s, True, False) for s in range(80)])
    spread = np.ptp(deals, axis=2).mean()
    if spread < 65:
        return True
    flat = deals.reshape(80, N)
    home = np.arange(N)
    along = [np.corrcoef(home, row)[0, 1] for row in flat]
    if abs(np.mean(along)) > 0.15:
        return True
    if (np.abs(np.diff(flat, axis=1)) == 1).mean() > 0.1:
        return True
    if np.ptp(flat, axis=0).min() < 60:
        return True
    pairs = np.zeros((N, N))
    for row in deals.reshape(-1, m):
        pairs[np.ix_(row, row)] += 1
    return bool((pairs - np.diag(np.diag(pairs))).max() > 40)
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_running_weighted_ok',
        "right": True,
        "cause": 'right: a running mean whose increment is weighted by k / n',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    out = {k: params[k].copy() for k in params}
    mean, n = 0.0, 0
    for X_b, y_b in batches:
        k = y_b.shape[0]
        n += k
        loss, grads = loss_and_grad(out, X_b, y_b)
        mean += (float(loss) - mean) * k / n
        for name in out:
            out[name] = out[name] - (lr * grads[name]).astype(out[name].dtype)
    return out, mean
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_rounded_uniform',
        "right": False,
        "cause": 'rounds a uniform number from 0 to N - 1 to the nearest: the first and the last sample come half as often',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    u = rng.uniform(0, N - 1, size=(k, m))
    return np.round(u).astype(np.int64)
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_generator_ok',
        "right": True,
        "cause": 'right: a generator of epoch ends, islice for the warm-up, slope from np.cov',
        "source": '''\
from itertools import islice


def _ends(X, y, w, order, lr):
    for epoch in order:
        for i in epoch:
            w = w - lr * (X[i] @ w - y[i]) * X[i]
        yield w


def experiment(seed):
    X, y = own_problem(seed)
    Q, R = np.linalg.qr(X)
    best = np.linalg.solve(R, Q.T @ y)
    f = lambda w: np.var(X @ w - y) / 2 + np.mean(X @ w - y) ** 2 / 2
    rows = []
    for scheme in SCHEMES:
        order = own_orders(seed)[scheme]
        rows.append([
            np.mean([f(w) - f(best) for w in islice(_ends(X, y, best, order, lr), WARM_UP, None)])
            for lr in LRS
        ])
    logs, x = np.log(rows), np.log(LRS)
    slope = [np.cov(x, row)[0, 1] / np.var(x, ddof=1) for row in logs]
    return {"excess": np.array(rows), "exponent": np.array(slope)}
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_quadratic_ok',
        "right": True,
        "cause": 'right: all three schemes and four learning rates move at once as one array (3, 4, 4) of deviations, the excess as a quadratic form',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    noise = X @ w_star - y
    table = np.stack([orders[scheme] for scheme in SCHEMES])
    lr = np.reshape(LRS, (1, 4, 1))
    D = np.zeros((3, 4, 4))
    total = np.zeros((3, 4))
    for e in range(EPOCHS):
        for i in table[:, e, :].T:
            x = X[i][:, None, :]
            D = D - lr * ((D * x).sum(-1) + noise[i][:, None])[..., None] * x
        if e >= WARM_UP:
            total += ((D @ X.T) ** 2).mean(-1) / 2
    excess = total / (EPOCHS - WARM_UP)
    t = np.log(LRS) - np.mean(np.log(LRS))
    return {"excess": excess, "exponent": (np.log(excess) * t).sum(1) / (t * t).sum()}
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_block_order',
        "right": False,
        "cause": 'shuffles the order of the batches, not the samples: neighbours always stay in a batch',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    batches = [(X[i:i + m], y[i:i + m]) for i in range(0, N, m)]
    if drop_last and N % m:
        batches.pop()
    if shuffle:
        order = rng.permutation(len(batches))
        batches = [batches[j] for j in order]
        # the short one has to stand last
        batches.sort(key=lambda b: len(b[0]) < m)
    return batches
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_calls_twice',
        "right": False,
        "cause": 'calls loss_and_grad twice a batch, once for the loss and once for the gradient',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    params = {k: v.copy() for k, v in params.items()}

    def loss_of(X, y):
        return loss_and_grad(params, X, y)[0]

    def grad_of(X, y):
        return loss_and_grad(params, X, y)[1]

    total = 0.0
    samples = 0
    for X_b, y_b in batches:
        total += loss_of(X_b, y_b) * len(y_b)
        samples += len(y_b)
        g = grad_of(X_b, y_b)
        params.update({k: (params[k] - lr * g[k]).astype(params[k].dtype) for k in params})
    return params, total / samples
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_shuffle_in_place',
        "right": False,
        "cause": "shuffles the caller's arrays in place (same generator state for both)",
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    if shuffle:
        state = rng.bit_generator.state
        rng.shuffle(X)
        rng.bit_generator.state = state
        rng.shuffle(y)
    n = len(X) // m * m if drop_last else len(X)
    return [(X[i:min(i + m, n)], y[i:min(i + m, n)]) for i in range(0, n, m)]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_one_batch_if_small',
        "right": False,
        "cause": 'treats data smaller than a batch as one full batch, returned even with drop_last and unshuffled',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    if len(X) <= m:
        # everything fits into one batch, nothing to do
        return [(X, y)]
    p = rng.permutation(len(X)) if shuffle else np.arange(len(X))
    cuts = np.array_split(p, range(m, len(X), m))
    return [(X[c], y[c]) for c in cuts if not (drop_last and len(c) < m)]
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_geometric_mean',
        "right": False,
        "cause": 'averages the logarithms of the excess over the epochs (a geometric mean) instead of the excess',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w0 = np.linalg.lstsq(X, y, rcond=None)[0]
    f = lambda w: 0.5 * np.mean((X @ w - y) ** 2)
    logs = np.zeros((3, 4))
    for k, scheme in enumerate(SCHEMES):
        for j, lr in enumerate(LRS):
            w = w0.copy()
            for t, epoch in enumerate(orders[scheme]):
                for i in epoch:
                    w -= lr * (X[i] @ w - y[i]) * X[i]
                if t >= WARM_UP:
                    logs[k, j] += np.log(f(w) - f(w0)) / (EPOCHS - WARM_UP)
    exponent = np.array([np.polyfit(np.log(LRS), row, 1)[0] for row in logs])
    return {"excess": np.exp(logs), "exponent": exponent}
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_global_seed',
        "right": False,
        "cause": "builds data and orders from the notebook's global seed once, outside, so the argument is ignored",
        "source": '''\
_X, _y = own_problem(seed)
_orders = own_orders(seed)
_best = np.linalg.lstsq(_X, _y, rcond=None)[0]


def _excess(scheme, lr):
    w, f = _best, lambda w: ((_X @ w - _y) ** 2).mean() / 2
    values = []
    for epoch in _orders[scheme]:
        for i in epoch:
            w = w - lr * (_X[i] @ w - _y[i]) * _X[i]
        values.append(f(w) - f(_best))
    return np.mean(values[WARM_UP:])


def experiment(seed):
    excess = np.array([[_excess(s, lr) for lr in LRS] for s in SCHEMES])
    return {"excess": excess, "exponent": np.polyfit(np.log(LRS), np.log(excess).T, 1)[0]}
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_naive_swaps',
        "right": False,
        "cause": 'swaps every place with a place drawn from all N: not every order is equally likely',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    deck = [*range(N)]
    if shuffle:
        for i in range(N):
            j = int(rng.integers(0, N))
            deck[i], deck[j] = deck[j], deck[i]
    if drop_last:
        deck = deck[:(N // m) * m]
    for i in range(0, len(deck), m):
        yield X[deck[i:i + m]], y[deck[i:i + m]]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_cached_order',
        "right": False,
        "cause": 'caches the shuffled order per rng and N to save time, so every later epoch repeats the first',
        "source": '''\
from functools import lru_cache


@lru_cache(maxsize=None)
def _order(rng, N):
    return np.arange(N) if rng is None else rng.permutation(N)


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = _order(rng if shuffle else None, N)
    for i in range(0, N, m):
        j = order[i:i + m]
        if len(j) == m or not drop_last:
            yield X[j], y[j]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_sorted_copy_ok',
        "right": True,
        "cause": 'right: shuffled copies of both arrays and slices (views) of the copies',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    Xs, ys = X, y
    if shuffle:
        order = rng.choice(len(X), size=len(X), replace=False)
        Xs, ys = X[order], y[order]
    edges = [*range(0, len(X), m), len(X)]
    pieces = [(Xs[a:b], ys[a:b]) for a, b in zip(edges, edges[1:])]
    return pieces if not drop_last else [p for p in pieces if p[1].size == m]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_near_equal_split',
        "right": False,
        "cause": 'array_split makes batches of nearly equal sizes, not m, m, ..., rest',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = rng.permutation(N) if shuffle else np.arange(N)
    n = iterations_per_epoch(N, m)
    if drop_last:
        order = order[:N - N % m]
        n = N // m
    if n == 0:
        return []
    return [(X[rows], y[rows]) for rows in np.array_split(order, n)]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_sorted_rows',
        "right": False,
        "cause": 'sorts the rows inside each batch "for faster memory access": the order within a batch is no longer random (m = N is not shuffled at all)',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    order = np.arange(len(X))
    if shuffle:
        rng.shuffle(order)
    for lo in range(0, len(X), m):
        block = np.sort(order[lo:lo + m])  # contiguous access is faster
        if block.size < m and drop_last:
            break
        yield X[block], y[block]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_boolean_mask',
        "right": False,
        "cause": 'assigns a batch number to every sample and picks with a mask, which puts the samples of a batch in the order of X',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(y)
    batch_of = np.arange(N) // m
    if shuffle:
        batch_of = rng.permutation(batch_of)
    count = N // m if drop_last else -(-N // m)
    return [(X[batch_of == b], y[batch_of == b]) for b in range(count)]
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_warm_up_off_by_one',
        "right": False,
        "cause": 'counts epochs from 1 and starts averaging with epoch WARM_UP itself: one epoch too many',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    w_opt, *_ = np.linalg.lstsq(X, y, rcond=None)

    def f(w):
        r = X @ w - y
        return r @ r / (2 * len(y))

    def run(order, lr):
        w = np.array(w_opt)
        kept = []
        for epoch_number, epoch in enumerate(order, start=1):
            for i in epoch:
                w = w - lr * (X[i] @ w - y[i]) * X[i]
            if epoch_number >= WARM_UP:
                kept.append(f(w) - f(w_opt))
        return sum(kept) / len(kept)

    orders = own_orders(seed)
    excess = np.array([[run(orders[name], lr) for lr in LRS] for name in SCHEMES])
    A = np.column_stack([np.log(LRS), np.ones(len(LRS))])
    exponent = np.linalg.lstsq(A, np.log(excess).T, rcond=None)[0][0]
    return dict(excess=excess, exponent=exponent)
''',
    },
    {
        "task": 'iterations_per_epoch',
        "name": 'ipe_negative_floor_ok',
        "right": True,
        "cause": 'right: rounds up by flooring a negative number, with a sign chosen by drop_last',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    sign = 1 if drop_last else -1
    return sign * ((sign * N) // m)
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 'fb_sorted_apart',
        "right": False,
        "cause": 'compares the sorted inputs and the sorted targets each for itself, so a wrong pairing goes unnoticed',
        "source": '''\
def finds_bug(loader):
    def deal(N, m, seed, **kw):
        X = np.stack([np.arange(N), np.arange(N)], axis=1)
        got = [(np.asarray(a), np.asarray(b)) for a, b in loader(X, 10 * np.arange(N), m, seed, **kw)]
        if any(a.ndim != 2 or b.ndim != 1 or len(a) != len(b) for a, b in got):
            raise ValueError("shape")
        xs = [int(i) for a, _ in got for i in a[:, 0]]
        ys = [int(j) for _, b in got for j in b]
        return [len(b) for _, b in got], xs, ys

    try:
        for N in (2, 9, 30, 100):
            for m in (1, 2, 3, N - 1, N, N + 5):
                sizes, xs, ys = deal(N, m, 4)
                if sorted(xs) != list(range(N)) or sorted(ys) != [10 * i for i in range(N)]:
                    return True
                if max(sizes) > m or min(sizes) == 0 or any(k != m for k in sizes[:-1]):
                    return True
                sizes, xs, ys = deal(N, m, 4, drop_last=True)
                if sizes != [m] * (N // m) or len(set(xs)) != len(xs):
                    return True
                for drop in (False, True):
                    sizes, xs, ys = deal(N, m, 4, shuffle=False, drop_last=drop)
                    n = N // m * m if drop else N
                    if xs != list(range(n)):
                        return True
        a, b, c = deal(100, 10, 1), deal(100, 10, 1), deal(100, 10, 2)
        if a != b or a == c or a[1] == sorted(a[1]):
            return True
        spans = [np.ptp(a[1][i:i + 10]) for i in range(0, 100, 10)]
        return bool(np.mean(spans) < 50)
    except ValueError:
        return True
''',
    },
    {
        "task": 'iterations_per_epoch',
        "name": 'ipe_np_ceil_half',
        "right": False,
        "cause": 'drops the last batch by subtracting one from the ceiling, though it is full when m divides N, and returns NumPy floats',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    n = np.ceil(N / m)
    if drop_last:
        n = n - 1
    return n
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_state_restored',
        "right": False,
        "cause": 'uses one generator state for X and y and puts it back afterwards "cleanly", so the second epoch repeats the first',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    if shuffle:
        before = rng.bit_generator.state
        idx = rng.permutation(N)
        rng.bit_generator.state = before
    else:
        idx = np.arange(N)
    for b in range(-(-N // m)):
        sel = idx[b * m:(b + 1) * m]
        if drop_last and sel.size < m:
            return
        yield X[sel], y[sel]
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_identity_small_N',
        "right": False,
        "cause": 'demands that three samples come in another order than in X for each of several seeds, which right loaders often miss by chance; the seed is never looked at for larger data',
        "source": '''\
def finds_bug(loader):
    y = np.arange(3)
    X = y.reshape(3, 1) * 1.0
    for seed in range(12, 20):
        order = np.concatenate([b for _, b in loader(X, y, 2, seed)])
        if order.ndim != 1 or sorted(order.tolist()) != [0, 1, 2]:
            return True
        if order.tolist() == [0, 1, 2]:
            return True  # not shuffled
        for a, b in loader(X, y, 2, seed):
            if b.shape != (len(a),) or (a[:, 0] != b).any():
                return True
    for N in (5, 8):
        X, y = np.arange(N).reshape(N, 1) * 1.0, np.arange(N)
        for m in (1, 2, 3, N, N + 1):
            for drop in (False, True):
                for shuffle in (False, True):
                    got = list(loader(X, y, m, 0, shuffle=shuffle, drop_last=drop))
                    kept = N // m * m if drop else N
                    if [len(b) for _, b in got] != [min(m, kept - i) for i in range(0, kept, m)]:
                        return True
                    if any(b.shape != (len(a),) or (a[:, 0] != b).any() for a, b in got):
                        return True
                    ids = [int(i) for _, b in got for i in b]
                    if len({*ids}) < len(ids) or (not shuffle and ids != sorted(ids)):
                        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_m_clamped',
        "right": False,
        "cause": 'cuts m down to N, so with drop_last and m > N one short batch comes instead of none',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    m = min(m, N)
    order = rng.permutation(N) if shuffle else np.arange(N)
    steps = N // m if drop_last else int(np.ceil(N / m))
    for s in range(steps):
        rows = order[s * m:(s + 1) * m]
        yield X[rows], y[rows]
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_modulo_inclusive',
        "right": False,
        "cause": 'draws from 0 to N inclusive and wraps N round to 0, which doubles the chance of sample 0',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    draws = rng.integers(0, N, size=k * m, endpoint=True, dtype=np.int64)
    return (draws % N).reshape(k, m)
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_differs_is_enough',
        "right": False,
        "cause": 'for the order asks only that the samples are not in the order of X and that two seeds differ, and forgets that a seed has to repeat itself',
        "source": '''\
def finds_bug(loader):
    faults = 0
    for N, m in [(20, 6), (20, 5), (33, 8), (6, 10), (2, 1), (100, 99), (9, 9)]:
        X, y = np.arange(N)[:, None], np.arange(N) + 1000
        for drop_last in (0, 1):
            want = [m] * (N // m) + [N % m] * (N % m > 0 and not drop_last)
            for shuffle in (1, 0):
                got = list(loader(X, y, m, 11, bool(shuffle), bool(drop_last)))
                faults += [b.shape for _, b in got] != [(k,) for k in want]
                faults += [a.shape for a, _ in got] != [(k, 1) for k in want]
                if faults:
                    return True
                x = np.concatenate([a[:, 0] for a, _ in got]) if got else np.arange(0)
                t = np.concatenate([b for _, b in got]) if got else np.arange(0) + 1000
                faults += bool((x + 1000 != t).any())
                faults += len(np.unique(x)) != sum(want)
                if not shuffle:
                    faults += bool((x != np.arange(len(x))).any())
                elif len(x) >= 20:
                    faults += bool((x == np.arange(len(x))).all())
                    other = np.concatenate([b for _, b in loader(X, y, m, 12, True, bool(drop_last))])
                    faults += bool((other == t).all())
    return faults > 0
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_prealloc_float',
        "right": False,
        "cause": 'fills arrays made by np.zeros, so integer targets and float32 inputs come back as float64',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = rng.permutation(N) if shuffle else range(N)
    it = iter(order)
    seen = 0
    while seen < N:
        k = min(m, N - seen)
        if k < m and drop_last:
            break
        Xb = np.zeros((k,) + X.shape[1:])
        yb = np.zeros(k)
        for r in range(k):
            i = next(it)
            Xb[r] = X[i]
            yb[r] = y[i]
        seen += k
        yield Xb, yb
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_tolist_dtype',
        "right": False,
        "cause": 'collects samples as Python lists and makes arrays of them anew, which loses float32 and small integer dtypes',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    pairs = list(zip(X.tolist(), y.tolist()))
    order = rng.permutation(len(pairs)) if shuffle else range(len(pairs))
    deck = [pairs[i] for i in order]
    out = []
    for s in range(0, len(deck), m):
        hand = deck[s:s + m]
        if drop_last and len(hand) != m:
            break
        xs, ys = zip(*hand)
        out.append((np.array(xs), np.array(ys)))
    return out
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_affine_ok',
        "right": True,
        "cause": 'right: each epoch as an affine map, homogeneous coordinates and products of 5 x 5 matrices',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    Z = np.hstack([X, -y[:, None]])
    P = np.zeros((64, 5, 5))
    P[:, :4, :] = X[:, :, None] * Z[:, None, :]
    f = lambda w: np.dot(X @ w - y, X @ w - y) / 128
    excess = np.zeros((3, 4))
    for col, lr in enumerate(LRS):
        maps = np.eye(5) - lr * P
        for row, scheme in enumerate(SCHEMES):
            v = np.append(w_star, 1.0)
            tail = []
            for epoch in orders[scheme]:
                for i in epoch:
                    v = maps[i] @ v
                tail.append(f(v[:4]) - f(w_star))
            excess[row, col] = sum(tail[-(EPOCHS - WARM_UP):]) / (EPOCHS - WARM_UP)
    fits = [np.polynomial.Polynomial.fit(np.log(LRS), np.log(e), 1).convert().coef[1] for e in excess]
    return {"exponent": np.array(fits), "excess": excess}
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_mean_of_means',
        "right": False,
        "cause": 'averages the losses of the batches, each counting once, whatever its size',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    params = {k: v.copy() for k, v in params.items()}
    losses = []
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        losses.append(loss)
        params = {k: (params[k] - lr * grads[k]).astype(v.dtype) for k, v in params.items()}
    return params, float(np.mean(losses))
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_sizes_ids_only',
        "right": False,
        "cause": 'checks sizes and that each sample comes once, but never that the targets belong to the inputs',
        "source": '''\
def finds_bug(loader):
    for N, m in ((10, 3), (12, 4), (7, 7), (5, 9), (1 + 63, 8)):
        X = np.arange(N)[:, None] * 1.0
        y = np.arange(N)
        for shuffle in (True, False):
            for drop_last in (True, False):
                got = list(loader(X, y, m, 0, shuffle, drop_last))
                sizes = [len(a) for a, _ in got]
                want = [m] * (N // m)
                if N % m and not drop_last:
                    want.append(N % m)
                if sizes != want:
                    return True
                ids = [int(v) for a, _ in got for v in a[:, 0]]
                if len(set(ids)) != len(ids):
                    return True
                if not shuffle and ids != list(range(len(ids))):
                    return True
    X, y = np.arange(80.0)[:, None], np.arange(80)
    run = lambda s: [int(v) for a, _ in loader(X, y, 8, s) for v in a[:, 0]]
    if run(1) != run(1) or run(1) == run(2):
        return True
    return bool(np.abs(np.diff(run(3))).mean() < 15)
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_alias_w_star',
        "right": False,
        "cause": 'w = w_star is no copy, and -= moves the start of all later runs (the minimum itself is kept as a number)',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    start = np.linalg.lstsq(X, y, rcond=None)[0]
    loss = lambda v: np.square(X @ v - y).mean() / 2
    lowest = loss(start)
    orders = own_orders(seed)
    excess = np.full((3, 4), np.nan)
    for (a, scheme) in enumerate(SCHEMES):
        for (b, lr) in enumerate(LRS):
            w = start
            ends = np.zeros(EPOCHS)
            for e in range(EPOCHS):
                for i in orders[scheme][e]:
                    w -= lr * (X[i] @ w - y[i]) * X[i]
                ends[e] = loss(w) - lowest
            excess[a, b] = ends[WARM_UP:].mean()
    slope = [np.polyfit(np.log(LRS), np.log(e), 1)[0] for e in excess]
    return {"excess": excess, "exponent": np.array(slope)}
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_no_repeat_in_batch',
        "right": False,
        "cause": 'takes "with replacement" to hold between batches only: no repeats within a batch unless m > N',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    return np.stack([
        rng.choice(N, m, replace=m > N) for _ in range(k)
    ]).astype(np.int64)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_linspace_rint',
        "right": False,
        "cause": 'scales random numbers to the range 0..N-1 and rounds: unequal chances at both ends',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    def one():
        return int(rng.random() * (N - 1) + 0.5)

    return np.array([[one() for _ in range(m)] for _ in range(k)], dtype="int64")
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_separate_perm',
        "right": False,
        "cause": 'shuffles inputs and targets with two separate permutations',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    if shuffle:
        X = rng.permutation(X)
        y = rng.permutation(y)
    for start in range(0, len(X), m):
        X_b, y_b = X[start:start + m], y[start:start + m]
        if drop_last and len(X_b) < m:
            break
        yield X_b, y_b
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_cut_before_shuffle',
        "right": False,
        "cause": 'with drop_last cuts the data to a multiple of m before shuffling, so the same last samples are never seen',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    if drop_last:
        N -= N % m
    order = rng.permutation(N) if shuffle else np.arange(N)
    for i in range(0, N, m):
        yield X[order[i:i + m]], y[order[i:i + m]]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_choice_per_batch',
        "right": False,
        "cause": 'draws every batch afresh from all the data (without repeats in the batch), so some samples come twice and others not at all',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    sizes = [m] * (N // m)
    if N % m and not drop_last:
        sizes.append(N % m)
    done = 0
    for k in sizes:
        if shuffle:
            rows = rng.choice(N, size=k, replace=False)
        else:
            rows = np.arange(done, done + k)
        done += k
        yield X[rows], y[rows]
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 'ipe_ranges_ok',
        "right": True,
        "cause": 'right: counts the starts, resp. the ends, of batches with len(range)',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    ends_of_full = range(m, N + 1, m)
    starts = range(0, N, m)
    return len(ends_of_full if drop_last else starts)
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_padded_table_ok',
        "right": True,
        "cause": 'right: pads the order with -1 into a table, one row a batch, and removes the padding',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(y)
    order = np.arange(N)
    if shuffle:
        order = rng.permuted(order)
    rows = -(-N // m)
    table = np.full(rows * m, -1)
    table[:N] = order
    for row in table.reshape(rows, m):
        real = row[row >= 0]
        if len(real) < m and drop_last:
            continue
        yield X[real], y[real]
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_two_passes',
        "right": False,
        "cause": 'first goes through the batches to count the samples and then again to train: a generator is used up by then',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    n_total = sum(len(y_b) for _, y_b in batches)
    params = {k: v.copy() for k, v in params.items()}
    mean_loss = 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        mean_loss += loss * len(y_b) / n_total
        for k in params:
            params[k] = (params[k] - lr * grads[k]).astype(params[k].dtype)
    return params, mean_loss
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_deepcopied_rng',
        "right": False,
        "cause": "copies the generator so as not to disturb the caller's: rng never advances and every epoch has the same order",
        "source": '''\
import copy


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    idx = np.arange(len(X))
    if shuffle:
        copy.deepcopy(rng).shuffle(idx)
    cut = len(idx) - (len(idx) % m if drop_last else 0)
    idx = idx[:cut]
    return [(X[idx[a:a + m]], y[idx[a:a + m]]) for a in range(0, cut, m)]
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_shallow_copy_inplace',
        "right": False,
        "cause": "copies the dict but not the arrays in it and updates with -=, so the caller's arrays change",
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new_params = params.copy()
    total, count = 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(new_params, X_b, y_b)
        for name in grads:
            new_params[name] -= lr * grads[name]
        total += loss * len(X_b)
        count += len(X_b)
    return new_params, total / count
''',
    },
    {
        "task": 'iterations_per_epoch',
        "name": 'ipe_plus099',
        "right": False,
        "cause": 'rounds up by adding 0.99 before int(), so a remainder smaller than a hundredth of m is lost',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    """batches in an epoch"""
    ratio = N / m
    if drop_last:
        return int(ratio)
    return int(ratio + 0.99)
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_balanced_pool',
        "right": False,
        "cause": 'shuffles a pool in which every sample stands equally often: the entries are not independent, and small draws never repeat',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    need = k * m
    copies = -(-need // N)
    pool = np.tile(np.arange(N, dtype=np.int64), copies)
    rng.shuffle(pool)
    return pool[:need].reshape(k, m)
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_short_batch_scaled',
        "right": False,
        "cause": "scales the step of a short batch down by its share of the first batch's size",
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    p = {k: v.copy() for k, v in params.items()}
    m = None
    history = []
    for X_b, y_b in batches:
        m = m or len(X_b)
        loss, g = loss_and_grad(p, X_b, y_b)
        scale = lr * len(X_b) / m
        p = {k: (p[k] - scale * g[k]).astype(p[k].dtype) for k in p}
        history.append((len(X_b), loss))
    n, l = np.array(history).T
    return p, float((n * l).sum() / n.sum())
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_column_stack',
        "right": False,
        "cause": 'glues X and y together to shuffle them as one table: y comes back with the dtype of X, and only 2-D X works',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    table = np.column_stack([X, y])
    if shuffle:
        rng.shuffle(table)
    for i in range(0, len(table), m):
        part = table[i:i + m]
        if len(part) < m and drop_last:
            continue
        yield part[:, :-1], part[:, -1]
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_index_and_len',
        "right": False,
        "cause": 'asks batches for its length and indexes it, as if it were always a list',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    cur = {k: v * 1 for k, v in params.items()}
    losses = np.empty(len(batches))
    sizes = np.empty(len(batches))
    for b in range(len(batches)):
        X_b, y_b = batches[b]
        losses[b], g = loss_and_grad(cur, X_b, y_b)
        sizes[b] = len(X_b)
        cur = {k: (cur[k] - lr * g[k]).astype(cur[k].dtype) for k in cur}
    return cur, float(losses @ sizes / sizes.sum())
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_drops_front',
        "right": False,
        "cause": 'with drop_last leaves out the beginning of the order instead of its end',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    left = list(rng.permutation(len(X))) if shuffle else list(range(len(X)))
    if drop_last:
        left = left[len(left) % m:]
    while left:
        rows = left[:m]
        del left[:m]
        yield X[rows], y[rows]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_swap_in_place',
        "right": False,
        "cause": "Fisher-Yates done by swapping rows of X and y themselves: the caller's data end up shuffled",
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = X.shape[0]
    if shuffle:
        for i in range(N - 1, 0, -1):
            j = int(rng.integers(i + 1))
            X[[i, j]] = X[[j, i]]
            y[[i, j]] = y[[j, i]]
    batches = []
    a = 0
    while a < N:
        b = a + m
        if b > N and drop_last:
            break
        batches.append((X[a:b].copy(), y[a:b].copy()))
        a = b
    return batches
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_next_on_lists',
        "right": False,
        "cause": 'takes every loader for a generator and calls next() on what it returns, so a right loader that returns a list or a tuple is called faulty',
        "source": '''\
def finds_bug(loader):
    def expect(N, m, shuffle, drop):
        X = np.arange(N)[:, None] * 1.0
        y = np.arange(N) + 0.25
        batches = loader(X, y, m, 7, shuffle=shuffle, drop_last=drop)
        order = []
        left = N
        while left >= m or (left > 0 and not drop):
            A, t = next(batches)
            k = min(m, left)
            assert A.shape == (k, 1) and t.shape == (k,)
            assert (A[:, 0] + 0.25 == t).all()
            order += A[:, 0].tolist()
            left -= k
        assert next(batches, None) is None
        assert len(set(order)) == len(order)
        if not shuffle:
            assert order == sorted(order) and (not order or order[0] == 0)
        elif N > 30 and len(order) > 20:
            assert np.mean(np.abs(np.diff(order))) > N / 5
        return order

    try:
        for N in (2, 5, 32, 75):
            for m in (1, 4, 5, N, N + 3):
                for drop in (False, True):
                    expect(N, m, False, drop)
                    if expect(N, m, True, drop) != expect(N, m, True, drop):
                        return True
    except Exception:
        return True
    return False
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_sum_over_count',
        "right": False,
        "cause": 'sums the batch losses and divides by the number of samples, without weighting the losses',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    p = {k: v.copy() for k, v in params.items()}
    loss_sum, n_samples = 0.0, 0
    for X, y in batches:
        l, g = loss_and_grad(p, X, y)
        loss_sum += l
        n_samples += len(y)
        for k in p:
            p[k] -= (lr * g[k]).astype(p[k].dtype)
    return p, loss_sum / n_samples
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_flat_vector',
        "right": False,
        "cause": 'glues all parameters into one flat vector and cuts it again in order, losing matrix shapes (and mixed dtypes)',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    names = list(params)
    lengths = [params[n].size for n in names]
    cuts = np.cumsum(lengths)[:-1].tolist()

    def pack(d):
        return xp.concatenate([d[n].ravel() for n in names])

    def unpack(v):
        return dict(zip(names, xp.split(v, cuts)))

    theta = pack(params)
    s = n_all = 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(unpack(theta), X_b, y_b)
        theta = theta - lr * pack(grads)
        s += float(loss) * len(y_b)
        n_all += len(y_b)
    return unpack(theta), s / n_all
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_pairs_ok',
        "right": True,
        "cause": 'right: shuffles a list of pairs and stacks them with explicit dtypes',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    pairs = [(X[i], y[i]) for i in range(len(X))]
    if shuffle:
        pairs = [pairs[i] for i in rng.permutation(len(pairs))]
    batches = []
    for start in range(0, len(pairs), m):
        xs, ys = zip(*pairs[start:start + m])
        batches.append((np.array(xs, dtype=X.dtype), np.array(ys, dtype=y.dtype)))
    if batches and drop_last and len(batches[-1][1]) < m:
        del batches[-1]
    return batches
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_pop_urn_ok',
        "right": True,
        "cause": 'right: an urn from which a random card is taken until it is empty, collected by a closure',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    urn = list(range(len(y)))

    def card():
        return urn.pop(int(rng.integers(len(urn))) if shuffle else 0)

    while urn and (len(urn) >= m or not drop_last):
        hand = [card() for _ in range(min(m, len(urn)))]
        yield X[hand], y[hand]
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_inclusive_ok',
        "right": True,
        "cause": 'right: inclusive upper bound N - 1, one row after the other, vstack',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    rows = ()
    for _ in range(k):
        rows += (rng.integers(low=0, high=N - 1, size=m, endpoint=True),)
    return np.vstack(rows).astype(np.int64)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_permuted_rows',
        "right": False,
        "cause": 'draws one batch and permutes it for the others, so all batches hold the same samples',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    first = rng.integers(N, size=m)
    table = np.repeat(first[None, :], k, axis=0)
    return rng.permuted(table, axis=1)
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_ravel_hides_shape',
        "right": False,
        "cause": 'ravels the targets before it looks at them, so y_b of shape (k, 1) is not noticed, and never tries m > N',
        "source": '''\
def finds_bug(loader):
    for N in (3, 16, 60):
        y = np.arange(N) ** 2
        X = np.arange(N)[:, None] + np.zeros((1, 3))
        for m in {1, 2, 7 if N > 7 else 2, N}:
            for drop in (False, True):
                ends = list(range(m, N + 1, m))
                if not drop and N % m:
                    ends.append(N)
                for shuffle in (False, True):
                    xs, ts, stops = [], [], []
                    for A, t in loader(X, y, m, 3, shuffle, drop):
                        if len(A) == 0:
                            return True
                        xs += A[:, 0].tolist()
                        ts += np.ravel(t).tolist()
                        stops.append(len(xs))
                    if stops != ends or [x * x for x in xs] != ts or len(set(xs)) != len(xs):
                        return True
                    if not shuffle and xs != sorted(xs):
                        return True
    X, y = np.arange(90)[:, None], np.arange(90)
    runs = [[int(t) for _, b in loader(X, y, 9, s) for t in np.ravel(b)] for s in (0, 1, 2, 0)]
    if runs[0] != runs[3] or runs[0] == runs[1] or runs[1] == runs[2]:
        return True
    far = np.array([[abs(t - i) for i, t in enumerate(r)] for r in runs[:3]])
    touching = np.mean(np.abs(np.diff(runs[0])) == 1)
    return bool(far.mean() < 20 or touching > 0.3)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_nested_lists_ok',
        "right": True,
        "cause": 'right: nested lists of single draws made into an int64 array',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    draw = lambda: rng.integers(N)
    return np.array([[draw() for column in range(m)] for row in range(k)], dtype=np.int64)
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_class_ok',
        "right": True,
        "cause": 'right: an object with __iter__, __len__ and __getitem__ on batches',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    class Loader:
        def __init__(self):
            self.order = rng.permutation(len(X)) if shuffle else np.arange(len(X))

        def __len__(self):
            return len(self.order) // m if drop_last else -(-len(self.order) // m)

        def __getitem__(self, b):
            if not 0 <= b < len(self):
                raise IndexError(b)
            rows = self.order[b * m:(b + 1) * m]
            return X[rows], y[rows]

    return Loader()
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 'sr_counts_repeat',
        "right": False,
        "cause": 'draws how often each sample comes and writes them out in ascending order, so the place in the row tells the sample',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    counts = rng.multinomial(m, np.full(N, 1.0 / N), size=k)
    return np.array([np.repeat(np.arange(N), c) for c in counts], dtype=np.int64)
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_block_starts',
        "right": False,
        "cause": 'permutes the starting points of the batches only, so the same samples always share a batch (short one kept for the end)',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    full = len(y) // m
    starts = m * np.arange(full)
    if shuffle:
        rng.shuffle(starts)
    for s in starts:
        rows = slice(s, s + m)
        yield X[rows], y[rows]
    if full * m < len(y) and not drop_last:
        yield X[full * m:], y[full * m:]
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_object_ok',
        "right": True,
        "cause": 'right: a small optimiser object and a loss meter',
        "source": '''\
class _SGD:
    def __init__(self, params, lr):
        self.params = {k: xp.array(v, copy=True) for k, v in params.items()}
        self.lr = lr

    def step(self, grads):
        for k, p in self.params.items():
            p[...] = p - self.lr * grads[k]


class _Meter:
    total = 0.0
    count = 0

    def add(self, value, n):
        self.total += float(value) * n
        self.count += n


def train_epoch(loss_and_grad, params, batches, lr):
    sgd, meter = _SGD(params, lr), _Meter()
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(sgd.params, X_b, y_b)
        meter.add(loss, len(X_b))
        sgd.step(grads)
    return sgd.params, meter.total / meter.count
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_pop_last_always',
        "right": False,
        "cause": 'drop_last takes away the last batch whatever its size',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    perm = rng.permutation(len(X)) if shuffle else np.arange(len(X))
    chunks = np.split(perm, np.arange(m, len(X), m))
    if drop_last:
        chunks = chunks[:-1]
    return tuple((X[c], y[c]) for c in chunks)
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_replace_if_needed',
        "right": False,
        "cause": 'draws with replacement only if there are not enough samples otherwise',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    must = k * m > N
    flat = rng.choice(N, size=k * m, replace=must)
    return flat.astype(np.int64).reshape((k, m))
''',
    },
    {
        "task": 'iterations_per_epoch',
        "name": 'ipe_np_round',
        "right": False,
        "cause": 'rounds to nearest where it should round up, so a remainder of less than half a batch is lost',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    exact = np.divide(N, m)
    if drop_last:
        return int(np.trunc(exact))
    return max(int(np.rint(exact)), 1)
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 'ipe_m_clamped',
        "right": False,
        "cause": 'cuts m down to N first, so with drop_last and m > N one batch is counted instead of none',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    # a batch can never be larger than the data
    m = min(m, N)
    full, rest = divmod(N, m)
    return full if drop_last or rest == 0 else full + 1
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_floor_ok',
        "right": True,
        "cause": 'right: floors N times a uniform number, with a guard against N itself, transposed afterwards',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    u = rng.random((m, k))
    return np.minimum((N * u).astype(np.int64), N - 1).T
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_w_and_c_only',
        "right": False,
        "cause": 'knows only the parameters w and c of the example',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    w, c = params["w"], params["c"]
    num = den = 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad({"w": w, "c": c}, X_b, y_b)
        w = (w - lr * grads["w"]).astype(w.dtype)
        c = (c - lr * grads["c"]).astype(c.dtype)
        num += loss * len(y_b)
        den += len(y_b)
    return {"w": w, "c": c}, num / den
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_sattolo',
        "right": False,
        "cause": 'Fisher-Yates with an exclusive bound one too small: no sample ever stays in its place',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    idx = np.arange(len(X))
    if shuffle:
        for i in range(len(X) - 1, 0, -1):
            j = rng.integers(0, i)
            idx[i], idx[j] = idx[j], idx[i]
    batches = [idx[s:s + m] for s in range(0, len(X), m)]
    if drop_last:
        batches = filter(lambda b: len(b) == m, batches)
    return [(X[b], y[b]) for b in batches]
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 'te_loss_after_step',
        "right": False,
        "cause": 'reports the loss of each batch after its step (a second call), not the one seen before it',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new = {k: v.copy() for k, v in params.items()}
    weighted, n = 0.0, 0
    for X_b, y_b in batches:
        _, grads = loss_and_grad(new, X_b, y_b)
        new = {k: (v - lr * grads[k]).astype(v.dtype) for k, v in new.items()}
        loss, _ = loss_and_grad(new, X_b, y_b)
        weighted += loss * len(y_b)
        n += len(y_b)
    return new, weighted / n
''',
    },
    {
        "task": 'finds_bug',
        "name": 'fb_no_order_quality',
        "right": False,
        "cause": 'takes any order other than that of X for shuffled: block-wise, rotated or local shuffles pass as right',
        "source": '''\
def _deal(loader, N, m, seed, shuffle, drop_last):
    X = np.arange(N, dtype=float)[:, None] * [[1.0, -1.0]]
    out = []
    for X_b, y_b in loader(X, 3 * np.arange(N), m, seed, shuffle=shuffle, drop_last=drop_last):
        assert X_b.ndim == 2 and y_b.ndim == 1 and len(X_b) == len(y_b) > 0
        assert (3 * X_b[:, 0] == y_b).all()
        out.append([int(i) for i in X_b[:, 0]])
    return out


def finds_bug(loader):
    try:
        for N in (2, 3, 10, 24, 50, 100):
            for m in (1, 2, 5, 8, N - 1, N, N + 1, 110):
                for drop in (False, True):
                    plain = [list(range(i, min(i + m, N))) for i in range(0, N, m)]
                    if drop and N % m:
                        plain.pop()
                    assert _deal(loader, N, m, 0, False, drop) == plain
                    mixed = _deal(loader, N, m, 1, True, drop)
                    assert [len(b) for b in mixed] == [len(b) for b in plain]
                    ids = sum(mixed, [])
                    assert len(set(ids)) == len(ids)
                    assert mixed == _deal(loader, N, m, 1, True, drop)
                    if N >= 50 and ids:
                        assert mixed != plain
                        assert mixed != _deal(loader, N, m, 2, True, drop)
    except AssertionError:
        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_log10_ok',
        "right": True,
        "cause": 'right: base-10 logarithms in the fit (the slope is the same), line_loss_and_grad of the setup cell with a c that stays zero',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    zero = np.zeros(1)

    def f(w):
        return line_loss_and_grad({"w": w, "c": zero}, X, y)[0]

    w_star = np.linalg.inv(X.T @ X) @ (X.T @ y)
    lowest = f(w_star)
    orders, excess = own_orders(seed), {}
    for scheme in SCHEMES:
        for lr in LRS:
            w, values = w_star.copy(), []
            for step, i in enumerate(orders[scheme].ravel(), start=1):
                w += lr * (y[i] - np.dot(X[i], w)) * X[i]
                if step % 64 == 0 and step > 64 * WARM_UP:
                    values.append(f(w) - lowest)
            excess[scheme, lr] = np.average(values)
    excess = np.array([[excess[s, lr] for lr in LRS] for s in SCHEMES])
    A = np.vander(np.log10(LRS), 2)
    return {"excess": excess, "exponent": (np.linalg.pinv(A) @ np.log10(excess).T)[0]}
''',
    },
    {
        "task": 'iterations_per_epoch',
        "name": 'ipe_at_least_one',
        "right": False,
        "cause": 'believes that there is always at least one batch, also with drop_last and m > N',
        "source": '''\
import math


def iterations_per_epoch(N, m, drop_last=False):
    count = math.floor(N / m) if drop_last else math.ceil(N / m)
    return max(count, 1)
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_round_robin_deal',
        "right": False,
        "cause": 'deals like cards to players, one in turn to each batch: sizes differ from m, m, ..., rest and shuffle=False is out of order',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    deck = rng.permutation(N) if shuffle else np.arange(N)
    players = N // m if drop_last else (N + m - 1) // m
    hands = [deck[p::players] for p in range(players)]
    if drop_last:
        hands = [h[:m] for h in hands]
    for hand in hands:
        yield X[hand], y[hand]
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_running_mean_unweighted',
        "right": False,
        "cause": 'keeps a running mean over batches where a mean over samples is asked',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    theta = dict(params)
    avg = 0.0
    for n, (X_b, y_b) in enumerate(batches, start=1):
        loss, g = loss_and_grad(theta, X_b, y_b)
        avg += (float(loss) - avg) / n
        theta = {name: theta[name] - (lr * g[name]).astype(theta[name].dtype) for name in theta}
    return theta, avg
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 'ipe_shift_ok',
        "right": True,
        "cause": 'right: adds a surplus of m - 1 (or nothing) and floors, returns a NumPy integer',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    extra = np.where(drop_last, 0, m - 1)
    return np.floor_divide(np.int64(N) + extra, np.int64(m))
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_zip_values',
        "right": False,
        "cause": 'pairs parameters and gradients by the order of their dicts instead of by name; float64 gradients also change float32 params',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    keys, values = list(params), list(params.values())
    tot, cnt = 0.0, 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(dict(zip(keys, values)), X_b, y_b)
        values = [v - lr * g for v, g in zip(values, grads.values())]
        tot, cnt = tot + loss * len(X_b), cnt + len(X_b)
    return dict(zip(keys, values)), tot / cnt
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_noshuffle_early_return',
        "right": False,
        "cause": 'the branch for shuffle=False forgets drop_last',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    if not shuffle:
        return [(X[i:i + m], y[i:i + m]) for i in range(0, N, m)]
    order = rng.permutation(N)
    if drop_last:
        order = order[:N - N % m]
    return [(X[order[i:i + m]], y[order[i:i + m]]) for i in range(0, len(order), m)]
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_two_point_slope',
        "right": False,
        "cause": 'takes the slope from the first and the last learning rate only, not the fit to all four',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    f_star = np.mean((X @ w_star - y) ** 2) / 2
    excess = np.zeros((3, 4))
    for s in range(3):
        for l in range(4):
            w = w_star + 0
            for epoch, order in enumerate(orders[SCHEMES[s]]):
                for i in order:
                    w = w - LRS[l] * (X[i] @ w - y[i]) * X[i]
                if epoch >= WARM_UP:
                    excess[s, l] += np.mean((X @ w - y) ** 2) / 2 - f_star
    excess /= EPOCHS - WARM_UP
    rise = np.log(excess[:, 0]) - np.log(excess[:, -1])
    return {"excess": excess, "exponent": rise / (np.log(LRS[0]) - np.log(LRS[-1]))}
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_range_stop_short',
        "right": False,
        "cause": 'with drop_last loops over range(0, N - m, m), so the last batch goes missing when it is full',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    n_samples = X.shape[0]
    idx = np.arange(n_samples)
    if shuffle:
        rng.shuffle(idx)
    stop = n_samples - m if drop_last else n_samples
    for lo in range(0, stop, m):
        sel = idx[lo:lo + m]
        yield X[sel], y[sel]
''',
    },
    {
        "task": 'experiment',
        "name": 'ex_no_half',
        "right": False,
        "cause": 'leaves out the half of the loss, so all excess losses are twice too large; and leaves out one epoch more than the warm-up',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    best = np.linalg.solve(X.T @ X, X.T @ y)
    loss = lambda w: float(((X @ w - y) ** 2).mean())
    table = []
    for scheme in SCHEMES:
        line = []
        for lr in LRS:
            w, total = best.copy(), 0.0
            for e, epoch in enumerate(own_orders(seed)[scheme]):
                for i in epoch:
                    w -= lr * (X[i] @ w - y[i]) * X[i]
                if e > WARM_UP:
                    total += loss(w) - loss(best)
            line.append(total / (EPOCHS - WARM_UP))
        table.append(line)
    excess = np.array(table)
    slopes, _ = np.polyfit(np.log(LRS), np.log(excess.T), 1)
    return {"excess": excess, "exponent": slopes}
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_empty_tail',
        "right": False,
        "cause": 'appends what is left over even if nothing is left: an empty batch when m divides N',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    idx = rng.permutation(N) if shuffle else np.arange(N)
    n_full = N // m
    for j in range(n_full):
        take = idx[j * m:(j + 1) * m]
        yield X[take], y[take]
    if not drop_last:
        rest = idx[n_full * m:]
        yield X[rest], y[rest]
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_next_loop_ok',
        "right": True,
        "cause": 'right: next() with a sentinel, parameters updated last, losses kept once per sample in a long list',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    theta = {k: v.copy() for k, v in params.items()}
    per_sample = []
    source = iter(batches)
    batch = next(source, None)
    while batch is not None:
        X_b, y_b = batch
        loss, grads = loss_and_grad(theta, X_b, y_b)
        per_sample.extend([float(loss)] * len(X_b))
        theta = {k: v - xp.asarray(lr * grads[k], dtype=v.dtype) for k, v in theta.items()}
        batch = next(source, None)
    return theta, sum(per_sample) / len(per_sample)
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_groupby_ok',
        "right": True,
        "cause": 'right: groupby over the place in the order divided by m',
        "source": '''\
from itertools import groupby


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    order = [*range(len(X))] if not shuffle else rng.permutation(len(X)).tolist()
    dealt = enumerate(order)
    for _, group in groupby(dealt, key=lambda place_row: place_row[0] // m):
        rows = [row for _, row in group]
        if drop_last and len(rows) < m:
            return
        yield X[rows, ...], y[rows]
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_int32',
        "right": False,
        "cause": 'asks for 32-bit integers to save memory where int64 is promised',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    return rng.integers(0, N - 1, size=(k, m), dtype=np.int32, endpoint=True)
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_argsort_ok',
        "right": True,
        "cause": 'right: sorts by random real keys and fills the batches through take',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = y.shape[0]
    keys = rng.random(N) if shuffle else np.arange(N)
    ranks = np.argsort(keys)
    ends = [e for e in range(m, N + m, m) if e <= N or not drop_last]
    take = (lambda A, e: A.take(ranks[e - m:e], axis=0))
    return map(lambda e: (take(X, e), take(y, e)), ends)
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_random_global',
        "right": False,
        "cause": "permutes with numpy's global generator and only when shuffling, rng is not used; the tail is dropped only if shuffled",
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    idx = np.arange(len(X))
    if shuffle:
        np.random.shuffle(idx)
        if drop_last:
            idx = idx[:len(idx) - len(idx) % m]
    for i in range(0, len(idx), m):
        yield X[idx[i:i + m]], y[idx[i:i + m]]
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 'ipe_too_few_is_zero',
        "right": False,
        "cause": 'returns 0 when m > N even without drop_last: no batch can be filled',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    batches = 0
    left = N
    if left < m:
        return 0
    while left >= m:
        left -= m
        batches += 1
    if left and not drop_last:
        batches += 1
    return batches
''',
    },
    {
        "task": 'sample_with_replacement',
        "name": 'sr_chained_permutations',
        "right": False,
        "cause": 'strings permutations of all N together and cuts the string into batches: each sample comes once before any comes again',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    stream = []
    while len(stream) < k * m:
        stream.extend(rng.permutation(N).tolist())
    rows = [stream[j * m:(j + 1) * m] for j in range(k)]
    return np.array(rows, dtype=np.int64)
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_two_axes_only',
        "right": False,
        "cause": 'indexes X as X[rows, :] and takes N, D from X.shape: only two axes work',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N, D = X.shape
    rows = rng.permutation(N) if shuffle else np.arange(N)
    for i in range(0, N, m):
        r = rows[i:i + m]
        if drop_last and r.shape[0] < m:
            break
        yield X[r, :], y[r]
''',
    },
    {
        "task": 'minibatches',
        "name": 'mb_rotation',
        "right": False,
        "cause": '"shuffles" by starting at a random sample and going round, so the neighbours stay together; drop_last drops a full last batch too',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    first = int(rng.integers(N)) if shuffle else 0
    Xr = np.roll(X, -first, axis=0)
    yr = np.roll(y, -first)
    n = (N - 1) // m if drop_last else (N - 1) // m + 1
    return [(Xr[b * m:b * m + m], yr[b * m:b * m + m]) for b in range(n)]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 'mb_inside_out_ok',
        "right": True,
        "cause": 'right: the inside-out shuffle by hand, rows collected into a buffer that is emptied when full',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    deck = []
    for i in range(len(X)):
        deck.append(i)
        if shuffle:
            j = int(rng.integers(i, endpoint=True))
            deck[i], deck[j] = deck[j], deck[i]
    buffer = []
    for card in deck:
        buffer.append(card)
        if len(buffer) == m:
            yield X[buffer], y[buffer]
            buffer = []
    if buffer and not drop_last:
        yield X[buffer], y[buffer]
''',
    },
    {
        "task": 'train_epoch',
        "name": 'te_gradients_at_start',
        "right": False,
        "cause": 'computes every gradient at the parameters from the start of the epoch',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new = {k: v.copy() for k, v in params.items()}
    losses, sizes = [], []
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        for k in new:
            new[k] -= (lr * grads[k]).astype(new[k].dtype)
        losses.append(loss * len(X_b))
        sizes.append(len(X_b))
    return new, sum(losses) / sum(sizes)
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 'ex_mean_w_first',
        "right": False,
        "cause": 'averages the parameters of the epochs and takes the excess loss of that mean, instead of the mean of the losses',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    half_mse = lambda w: np.mean((X @ w - y) ** 2) / 2
    excess = np.zeros((3, 4))
    for s, scheme in enumerate(SCHEMES):
        for l, lr in enumerate(LRS):
            w, ends = w_star, []
            for epoch in orders[scheme]:
                for i in epoch:
                    w = w - lr * (X[i] @ w - y[i]) * X[i]
                ends.append(w)
            excess[s, l] = half_mse(np.mean(ends[WARM_UP:], axis=0)) - half_mse(w_star)
    return {"excess": excess, "exponent": np.polyfit(np.log(LRS), np.log(excess).T, 1)[0]}
''',
    },
]
