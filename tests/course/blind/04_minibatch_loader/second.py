ANSWERS = [
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_recursive_average',
        "right": True,
        "cause": 'walks an iterator by hand with next, and weights with the number of entries of X_b, which is the same thing',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    walk = iter(batches)
    history = []
    now = {name: xp.array(values) for name, values in params.items()}
    while (batch := next(walk, None)) is not None:
        X_b, y_b = batch
        loss, slope = loss_and_grad(now, X_b, y_b)
        now = {name: (now[name] - lr * slope[name]).astype(now[name].dtype).reshape(now[name].shape) for name in now}
        history.append((float(loss), int(np.prod(X_b.shape))))
    losses, weights = zip(*history)
    return now, float(np.average(losses, weights=weights))
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_weighted_running_mean',
        "right": True,
        "cause": 'a running mean that is weighted with the batch size; deep copy, then in place on the copy',
        "source": '''\
import copy


def train_epoch(loss_and_grad, params, batches, lr):
    mine = copy.deepcopy(params)
    seen, mean = 0, 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(mine, X_b, y_b)
        seen += len(y_b)
        mean += (float(loss) - mean) * len(y_b) / seen
        for name in mine:
            fresh = mine[name].copy()
            fresh[...] = mine[name] - lr * grads[name]
            mine[name] = fresh
    return mine, mean
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_without_drop_last',
        "right": False,
        "cause": 'never asks with drop_last=True, and checks pairs after sorting, so torn pairs go unseen',
        "source": '''\
def finds_bug(loader):
    for N, m in ((10, 3), (12, 4), (5, 8), (7, 1)):
        X = np.arange(N, dtype=float).reshape(N, 1)
        y = np.arange(N)
        for shuffle in (True, False):
            batches = list(loader(X, y, m, 0, shuffle=shuffle))
            xs = [int(v) for X_b, _ in batches for v in X_b[:, 0]]
            ys = [int(v) for _, y_b in batches for v in np.ravel(y_b)]
            if sorted(xs) != list(range(N)) or sorted(ys) != list(range(N)):
                return True
            want = [m] * (N // m) + ([N % m] if N % m else [])
            if [len(X_b) for X_b, _ in batches] != want:
                return True
            if not shuffle and xs != list(range(N)):
                return True
    X, y = np.arange(50.0)[:, None], np.arange(50)
    runs = [np.concatenate([y_b for _, y_b in loader(X, y, 5, s)]).tolist() for s in (0, 0, 1)]
    return runs[0] != runs[1] or runs[0] == runs[2]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_one_table',
        "right": False,
        "cause": 'glues X and y into one table to keep rows together: dtypes are lost (float targets are cut to int) and X must have two axes',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    table = np.column_stack([X, y])
    if shuffle:
        rng.shuffle(table)  # whole rows: pairs stay together; table is a copy
    for start in range(0, len(table), m):
        rows = table[start : start + m]
        if len(rows) == m or not drop_last:
            yield rows[:, :-1], rows[:, -1].astype(int)
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_one_step_at_the_end',
        "right": False,
        "cause": 'accumulates the gradients of all batches and takes one step at the end of the epoch',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    total = {k: xp.zeros_like(v) for k, v in params.items()}
    seen, loss_sum = 0, 0.0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        k = len(X_b)
        loss_sum += k * loss
        seen += k
        for name in total:
            total[name] += k * grads[name]
    return {n: params[n] - lr * total[n] / seen for n in params}, loss_sum / seen
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_running_average',
        "right": False,
        "cause": 'keeps a running average of the loss over batches, each counted alike',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    new = {key: value.copy() for key, value in params.items()}
    average = 0.0
    for t, (X_b, y_b) in enumerate(batches, start=1):
        loss, grads = loss_and_grad(new, X_b, y_b)
        average += (loss - average) / t
        for key in new:
            new[key] = new[key] - lr * grads[key]
    return new, average
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_mean_of_means',
        "right": False,
        "cause": "the mean loss is the plain mean of the batches' losses",
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    losses = []
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        losses.append(float(loss))
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, np.mean(losses)
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_divides_only',
        "right": False,
        "cause": 'asks only where m divides N for everything but the sizes, and flattens y_b, so wrong target shapes and what drop_last leaves out slip through',
        "source": '''\
def finds_bug(loader):
    X, y = numbered(48)
    for seed in range(6):
        for m in (1, 6, 16, 48):
            rows = list(loader(X, y, m, seed))
            ids = np.concatenate([X_b[:, 0] for X_b, _ in rows])
            targets = np.concatenate([np.ravel(y_b) for _, y_b in rows])
            if not np.array_equal(np.sort(ids), np.arange(48)):
                return True
            if not np.array_equal(7 * ids, targets):
                return True
            if np.sum(np.abs(np.diff(ids)) == 1) > 20:
                return True
            if any(len(X_b) != m for X_b, _ in rows):
                return True
    straight = sum(ids_of(loader(X, y, 6, 0, shuffle=False)), [])
    if straight != list(range(48)):
        return True
    if ids_of(loader(X, y, 6, 1)) == ids_of(loader(X, y, 6, 2)):
        return True
    if ids_of(loader(X, y, 6, 1)) != ids_of(loader(X, y, 6, 1)):
        return True
    sizes = [len(X_b) for X_b, _ in loader(X, y, 10, 0)]
    short = [len(X_b) for X_b, _ in loader(X, y, 10, 0, drop_last=True)]
    return sizes != [10] * 4 + [8] or short != [10] * 4
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_shallow_copy',
        "right": False,
        "cause": 'copies the dict but not the arrays in it, and updates these in place',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    params = params.copy()
    n = s = 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        for key, g in grads.items():
            params[key] -= lr * g
        n += len(X_b)
        s += len(X_b) * loss
    return params, s / n
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_gradients_of_the_start',
        "right": False,
        "cause": "steps for each batch, but every gradient is asked for at the parameters of the epoch's start",
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    current = dict(params)
    weighted = count = 0
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(params, X_b, y_b)
        current = {k: v - lr * grads[k] for k, v in current.items()}
        weighted += loss * len(y_b)
        count += len(y_b)
    return current, weighted / count
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_shuffled_means_not_sorted',
        "right": False,
        "cause": 'takes any order that is not the order of X as well shuffled: blocks and neighbours that stay together are not noticed',
        "source": '''\
def finds_bug(loader):
    try:
        for N in (2, 9, 20, 100):
            X, y = numbered(N)
            for m in (1, 3, 5, N, 110):
                for drop in (False, True):
                    n_full, rest = divmod(N, m)
                    sizes = [m] * n_full
                    if rest and not drop:
                        sizes.append(rest)
                    for shuffle in (False, True):
                        found = list(loader(X, y, m, 3, shuffle=shuffle, drop_last=drop))
                        assert [len(a) for a, _ in found] == sizes
                        assert [b.shape for _, b in found] == [(k,) for k in sizes]
                        for a, b in found:
                            assert (a[:, 0] * 7 == b).all() and (a[:, 1] == -a[:, 0]).all()
                        flat = sum(ids_of(found), [])
                        assert len(set(flat)) == len(flat) == sum(sizes)
                        if not shuffle:
                            assert flat == list(range(len(flat)))
        X, y = numbered(100)
        a, b, c = (sum(ids_of(loader(X, y, 10, s)), []) for s in (5, 5, 6))
        assert a == b
        assert a != c
        assert a != sorted(a)
    except AssertionError:
        return True
    return False
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_everyone_must_move',
        "right": False,
        "cause": 'expects that a shuffle moves every sample from its place and never deals two neighbours one after the other, so right loaders are called faulty',
        "source": '''\
def finds_bug(loader):
    X, y = numbered(60)

    def order(m, seed, **how):
        return [i for ids in ids_of(loader(X, y, m, seed, **how)) for i in ids]

    for m in (7, 10, 64):
        for seed in range(5):
            for how in ({}, {"drop_last": True}):
                n = 60 - 60 % m if how else 60
                seen = order(m, seed, **how)
                if len(seen) != n or len(set(seen)) != n:
                    return True
                if any(i == place for place, i in enumerate(seen)):
                    return True
                if any(abs(a - b) == 1 for a, b in zip(seen, seen[1:])):
                    return True
            if order(m, seed, shuffle=False) != list(range(60)):
                return True
        if order(m, 1) == order(m, 2) or order(m, 3) != order(m, 3):
            return True
    return False
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_noted_before_the_epoch',
        "right": False,
        "cause": 'notes the loss at the beginning of each epoch, so the kept ones are the ends of epochs 40 to 99, and starts at zero',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    w_star, *_ = np.linalg.lstsq(X, y, rcond=None)
    excess = {}
    for scheme, order in own_orders(seed).items():
        W = np.zeros((len(LRS), 4))  # one row for each learning rate
        lrs = np.array(LRS)[:, None]
        curve = []
        for epoch in order:
            curve.append(((W @ X.T - y) ** 2).mean(axis=1) / 2 - ((X @ w_star - y) ** 2).mean() / 2)
            for i in epoch:
                W = W - lrs * (W @ X[i] - y[i])[:, None] * X[i]
        excess[scheme] = np.mean(curve[WARM_UP:], axis=0)
    E = np.stack([excess[s] for s in SCHEMES])
    return {"excess": E, "exponent": np.polyfit(np.log(LRS), np.log(E).T, 1)[0]}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_every_step_noted',
        "right": False,
        "cause": 'averages the excess after every step of the late epochs instead of at the ends of epochs',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    H, N = X.T @ X / len(X), len(X)
    w_star = np.linalg.solve(H, X.T @ y / N)
    orders = own_orders(seed)
    excess = np.zeros((3, 4))
    for r, scheme in enumerate(SCHEMES):
        for c, lr in enumerate(LRS):
            w, noted = w_star.copy(), []
            for step, i in enumerate(orders[scheme].ravel()):
                w = w - lr * (X[i] @ w - y[i]) * X[i]
                if step >= WARM_UP * N:
                    d = w - w_star
                    noted.append(d @ H @ d / 2)
            excess[r, c] = np.mean(noted)
    log_lr = np.log(LRS)
    A = np.stack([log_lr, np.ones(4)], axis=1)
    return {"excess": excess, "exponent": np.linalg.lstsq(A, np.log(excess).T, rcond=None)[0][0]}
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_choice_of_the_rest',
        "right": True,
        "cause": 'draws each batch without replacement from the samples that remain',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    rest = np.arange(len(X))
    while rest.size:
        k = min(m, rest.size)
        if k < m and drop_last:
            break
        picked = rng.choice(rest.size, size=k, replace=False) if shuffle else np.arange(k)
        yield X[rest[picked]], y[rest[picked]]
        rest = np.delete(rest, picked)
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_sorted_random_keys',
        "right": True,
        "cause": 'an object with __getitem__ only; the order is the argsort of random keys',
        "source": '''\
class _Loader:
    def __init__(self, X, y, m, order, n):
        self.X, self.y, self.m, self.order, self.n = X, y, m, order, n

    def __len__(self):
        return self.n

    def __getitem__(self, b):
        if b >= self.n:
            raise IndexError(b)
        rows = self.order[b * self.m : (b + 1) * self.m]
        return self.X[rows], self.y[rows]


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = np.argsort(rng.random(N)) if shuffle else np.arange(N)
    return _Loader(X, y, m, order, N // m if drop_last else (N + m - 1) // m)
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_start_at_zero',
        "right": False,
        "cause": 'starts at zero instead of at w*, trusting the warm-up to forget the start',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    N, D = X.shape
    loss = lambda w: 0.5 * np.mean((X @ w - y) ** 2)
    w_star = np.linalg.pinv(X) @ y
    f_star = loss(w_star)
    orders = own_orders(seed)
    rows = []
    for scheme in SCHEMES:
        row = []
        for lr in LRS:
            w, total = np.zeros(D), 0.0
            for epoch in range(EPOCHS):
                for i in orders[scheme][epoch]:
                    w = w - lr * (X[i].dot(w) - y[i]) * X[i]
                if epoch >= WARM_UP:
                    total += loss(w) - f_star
            row.append(total / (EPOCHS - WARM_UP))
        rows.append(row)
    excess = np.array(rows)
    slopes = [np.polyfit(np.log(LRS), np.log(row), 1)[0] for row in excess]
    return {"excess": excess, "exponent": np.array(slopes)}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_minimum_by_descent',
        "right": False,
        "cause": 'finds w* by a hundred steps of gradient descent, not to the end: start and f(w*) are slightly off',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)

    def f(w):
        return np.mean((X @ w - y) ** 2) / 2

    w_best = np.zeros(4)
    for _ in range(100):
        w_best = w_best - 0.1 * X.T @ (X @ w_best - y) / len(X)

    excess = np.empty((len(SCHEMES), len(LRS)))
    for a, scheme in enumerate(SCHEMES):
        for b, lr in enumerate(LRS):
            w, after = w_best.copy(), []
            for order in orders[scheme]:
                for i in order:
                    w = w - lr * (X[i] @ w - y[i]) * X[i]
                after.append(f(w) - f(w_best))
            excess[a, b] = np.mean(after[WARM_UP:])
    return {
        "excess": excess,
        "exponent": np.polyfit(np.log(LRS), np.log(excess.T), 1)[0],
    }
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 's_it_never_zero',
        "right": False,
        "cause": 'thinks that an epoch always has at least one batch, also with drop_last and m > N',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    batches, rest = divmod(N, m)
    if rest and not drop_last:
        batches += 1
    # there is always something to train on
    return max(batches, 1)
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 's_it_floor_plus_one',
        "right": False,
        "cause": 'the short batch is always added: one more than the floor, even when m divides N',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    full = N // m
    return full if drop_last else full + 1
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_front_left_out',
        "right": False,
        "cause": 'drop_last leaves out the beginning of the order, the surplus is taken off the top of the deck',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = X.shape[0]
    index = rng.permutation(N) if shuffle else np.arange(N)
    if drop_last:
        index = index[N % m :].reshape(-1, m)
        return [(X[rows], y[rows]) for rows in index]
    return [(X[index[a : a + m]], y[index[a : a + m]]) for a in range(0, N, m)]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_single_samples_bare',
        "right": False,
        "cause": 'for m = 1 gives the bare sample and its target, without the batch axis; and m is clamped to N',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    m = min(m, N)
    order = rng.permutation(N) if shuffle else range(N)
    order = np.asarray(order)
    if m == 1:  # pure SGD
        for i in order:
            yield X[i], y[i]
        return
    end = (N // m) * m if drop_last else N
    for s in range(0, end, m):
        yield X[order[s : s + m]], y[order[s : s + m]]
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 's_it_clamp_batch_size',
        "right": False,
        "cause": 'clamps m to N first, so that with drop_last and m > N one (full) batch is counted instead of none',
        "source": '''\
import math


def iterations_per_epoch(N, m, drop_last=False):
    m = min(m, N)  # a batch cannot hold more than all samples
    rounding = math.floor if drop_last else math.ceil
    return rounding(N / m)
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 's_it_drop_subtracts',
        "right": False,
        "cause": 'drop_last is taken as one batch less, whether or not the last batch is short',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    count = len(range(0, N, m))
    if drop_last:
        count -= 1
    return count
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_two_permutations',
        "right": False,
        "cause": 'shuffles X and y each with its own permutation, so the pairs are torn apart',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    if shuffle:
        X = rng.permutation(X)
        y = rng.permutation(y)
    out = []
    for start in range(0, len(X), m):
        X_b, y_b = X[start : start + m], y[start : start + m]
        if drop_last and len(X_b) < m:
            break
        out.append((X_b, y_b))
    return out
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_shuffle_with_saved_state',
        "right": False,
        "cause": "shuffles X and y in place with the same state of the generator: the caller's arrays are changed",
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = X.shape[0]
    if shuffle:
        state = rng.bit_generator.state
        rng.shuffle(X, axis=0)
        rng.bit_generator.state = state  # the same shuffle once more, for the targets
        rng.shuffle(y)
    stop = N - N % m if drop_last else N
    for a in range(0, stop, m):
        yield X[a : a + m], y[a : a + m]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_order_kept_per_rng',
        "right": False,
        "cause": 'keeps the order of the first call for each generator and N, so a second epoch is not shuffled anew',
        "source": '''\
_orders = {}


def _order(N, rng):
    for known, n, order in _orders.get("all", []):
        if known is rng and n == N:
            return order
    order = rng.permutation(N)
    _orders.setdefault("all", []).append((rng, N, order))
    return order


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = _order(N, rng) if shuffle else np.arange(N)
    n = N // m if drop_last else -(-N // m)
    return ((X[order[b * m : (b + 1) * m]], y[order[b * m : (b + 1) * m]]) for b in range(n))
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_private_copy_of_rng',
        "right": False,
        "cause": "works on a copy of rng so as to leave the caller's alone: every epoch gets the same order",
        "source": '''\
import copy


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(y)
    idx = np.arange(N)
    if shuffle:
        mine = copy.deepcopy(rng)  # leave the argument as it is
        mine.shuffle(idx)
    for lo in range(0, N, m):
        rows = idx[lo : lo + m]
        if drop_last and rows.size != m:
            return
        yield X[rows], y[rows]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_one_batch_at_least',
        "right": False,
        "cause": 'drop_last with m > N still deals the one short batch, since there must be something to train on',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    order = np.arange(N)
    if shuffle:
        order = rng.permutation(order)
    parts = np.split(order, range(m, N, m))
    if drop_last and len(parts) > 1 and len(parts[-1]) < m:
        parts.pop()
    return [(X[part], y[part]) for part in parts]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_sattolo',
        "right": False,
        "cause": 'Fisher-Yates by hand with the off-by-one that never lets a sample stay in its place',
        "source": '''\
class _Deck:
    def __init__(self, n, rng):
        self.cards = np.arange(n)
        for last in range(n - 1, 0, -1):
            other = rng.integers(0, last)  # a place before the last one
            self.cards[[last, other]] = self.cards[[other, last]]


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    cards = _Deck(len(X), rng).cards if shuffle else np.arange(len(X))
    while len(cards) >= m or (len(cards) and not drop_last):
        hand, cards = cards[:m], cards[m:]
        yield X[hand], y[hand]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_trim_before_permutation',
        "right": False,
        "cause": 'with drop_last permutes only the first N - N % m samples: always the same samples are left out',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    if drop_last:
        N = N // m * m
    order = rng.permutation(N) if shuffle else np.arange(N)
    return [(X[order[i : i + m]], y[order[i : i + m]]) for i in range(0, N, m)]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_cut_then_shuffle',
        "right": False,
        "cause": 'drop_last cuts X and y themselves before shuffling, so the end of X is left out, not the end of the order',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    rest = X.shape[0] % m
    if drop_last and rest:
        X, y = X[:-rest], y[:-rest]

    indices = list(range(X.shape[0]))
    if shuffle:
        rng.shuffle(indices)

    batch = []
    for i in indices:
        batch.append(i)
        if len(batch) == m:
            yield X[batch], y[batch]
            batch = []
    if batch:
        yield X[batch], y[batch]
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_not_reset_per_lr',
        "right": False,
        "cause": 'starts at w* only once for each scheme: a learning rate goes on from where the one before ended',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = own_orders(seed)
    w_star = xp.linalg.lstsq(X, y, rcond=None)[0]

    def f(w):
        return float(((X @ w - y) ** 2).mean() / 2)

    excess = np.zeros((3, 4))
    for r, scheme in enumerate(SCHEMES):
        w = w_star.copy()
        for c, lr in enumerate(LRS):
            notes = []
            for epoch in orders[scheme]:
                for i in epoch:
                    w = w - lr * (X[i] @ w - y[i]) * X[i]
                notes.append(f(w) - f(w_star))
            excess[r, c] = np.mean(notes[WARM_UP:])
    exponent = np.polyfit(np.log(LRS), np.log(excess).T, 1)[0]
    return {"excess": excess, "exponent": exponent}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_start_moves_along',
        "right": False,
        "cause": 'updates w in place while it is the same array as w*: the start of all later runs has moved along',
        "source": '''\
def _run(X, y, w, order, lr, best):
    notes = []
    for epoch in order:
        for i in epoch:
            w -= lr * (X[i] @ w - y[i]) * X[i]
        r = X @ w - y
        notes.append(r @ r / (2 * len(y)) - best)
    return sum(notes[WARM_UP:]) / (EPOCHS - WARM_UP)


def experiment(seed):
    X, y = own_problem(seed)
    start = np.linalg.solve(X.T @ X, X.T @ y)
    best = ((X @ start - y) ** 2).mean() / 2
    orders = own_orders(seed)
    excess = np.array([[_run(X, y, start, orders[s], lr, best) for lr in LRS] for s in SCHEMES])
    x = np.log(LRS) - np.log(LRS).mean()
    return {"excess": excess, "exponent": np.log(excess) @ x / (x @ x)}
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_double_precision',
        "right": False,
        "cause": 'turns all parameters into float64 to be safe: float32 parameters come back as float64',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    w = {k: xp.array(v, dtype=float) for k, v in params.items()}
    num, den = 0.0, 0
    for X_b, y_b in batches:
        loss, g = loss_and_grad(w, X_b, y_b)
        for k in w:
            w[k] -= lr * g[k]
        num, den = num + len(X_b) * float(loss), den + len(X_b)
    return w, num / den
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_counts_first',
        "right": False,
        "cause": 'goes through the batches once to count the samples and a second time to step: with a generator nothing is left; and in place on the given arrays',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    N = sum(len(y_b) for _, y_b in batches)
    mean_loss = 0.0
    out = {**params}
    for X_b, y_b in batches:
        loss, grads = loss_and_grad(out, X_b, y_b)
        mean_loss += loss * len(y_b) / N
        for name, value in out.items():
            value -= lr * grads[name]
    return out, mean_loss
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_pairs_in_a_list',
        "right": True,
        "cause": 'shuffles a Python list of pairs and stacks them again',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    pairs = [(X[i], y[i]) for i in range(len(X))]
    if shuffle:
        places = list(range(len(pairs)))
        rng.shuffle(places)
        pairs = [pairs[p] for p in places]
    while pairs:
        if drop_last and len(pairs) < m:
            return
        hand = pairs[:m]
        del pairs[:m]
        yield np.stack([a for a, _ in hand]), np.array([b for _, b in hand], dtype=y.dtype)
''',
    },
    {
        "held": True,
        "task": 'iterations_per_epoch',
        "name": 's_it_starts_of_range',
        "right": True,
        "cause": 'counts with len(range(...)): starts of batches, and for drop_last only starts with m samples from there on',
        "source": '''\
def iterations_per_epoch(N, m, drop_last=False):
    last_start = N - m if drop_last else N - 1
    return len(range(0, last_start + 1, m))
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_blocks_in_random_order',
        "right": False,
        "cause": 'cuts first and shuffles then: neighbouring samples always share a batch, only the blocks change places',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    blocks = [np.arange(s, min(s + m, N)) for s in range(0, N, m)]
    tail = blocks.pop() if len(blocks[-1]) < m else None
    if shuffle:
        rng.shuffle(blocks)
        blocks = [rng.permutation(block) for block in blocks]
    if tail is not None and not drop_last:
        blocks.append(rng.permutation(tail) if shuffle else tail)
    for block in blocks:
        yield X[block], y[block]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_shuffles_inside_batches',
        "right": False,
        "cause": 'shuffles within each batch only, the batches hold neighbouring samples in the order of X',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    batches = []
    i = 0
    while i < len(X):
        X_b = X[i : i + m]
        y_b = y[i : i + m]
        if shuffle:
            p = rng.permutation(len(X_b))
            X_b, y_b = X_b[p], y_b[p]
        batches.append((X_b, y_b))
        i += m
    if drop_last and len(batches[-1][1]) < m:
        batches = batches[:-1]
    return batches
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_random_start',
        "right": False,
        "cause": 'random order is only a random starting point: the samples are rolled, neighbours stay neighbours',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    offset = int(rng.integers(N)) if shuffle else 0
    if shuffle and N > 1 and offset == 0:
        offset = 1
    for start in range(0, N, m):
        k = min(m, N - start)
        if k < m and drop_last:
            continue
        rows = (np.arange(start, start + k) + offset) % N
        yield X[rows], y[rows]
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_swap_with_anyone',
        "right": False,
        "cause": 'shuffles by hand, swapping each place with any of all N places: not every order is equally likely',
        "source": '''\
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    N = len(X)
    deck = list(range(N))
    if shuffle:
        for i in range(N):
            j = int(rng.integers(0, N))
            deck[i], deck[j] = deck[j], deck[i]
    hands = [deck[i : i + m] for i in range(0, N, m)]
    if drop_last:
        hands = [hand for hand in hands if len(hand) == m]
    return [(X[hand], y[hand]) for hand in hands]
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_modulo',
        "right": False,
        "cause": 'folds integers below 256 into range with %: for N that does not divide 256 the chances differ, and beyond 256 samples some never come',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    raw = np.frombuffer(rng.bytes(k * m), dtype=np.uint8)
    return raw.astype(np.int64).reshape(k, m) % N
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_bootstrap_pool',
        "right": False,
        "cause": 'draws one bootstrap sample of size N first and then all batches from it: what is missing there never comes in any batch',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    pool = rng.integers(0, N, size=N)
    picks = [[pool[rng.integers(len(pool))] for _ in range(m)] for _ in range(k)]
    return np.asarray(picks, dtype=np.int64)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_distinct_in_batch',
        "right": False,
        "cause": 'puts the cards back only after each batch: within a batch all are distinct where possible',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    batches = []
    for _ in range(k):
        batches.append(rng.choice(N, size=m, replace=m > N))
    return np.array(batches, dtype=np.int64)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_permutation_per_batch',
        "right": False,
        "cause": 'each batch is the top of a fresh shuffled deck (of several decks if m > N), so nothing repeats before all have come',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    decks = -(-m // N)
    rows = np.empty((k, m), dtype=np.int64)
    for j in range(k):
        cards = np.concatenate([rng.permutation(N) for _ in range(decks)])
        rows[j] = cards[:m]
    return rows
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_reduce',
        "right": True,
        "cause": 'a fold over the batches with functools.reduce; the state is a triple',
        "source": '''\
from functools import reduce


def train_epoch(loss_and_grad, params, batches, lr):
    def one(state, batch):
        theta, total, seen = state
        loss, grads = loss_and_grad(theta, *batch)
        k = len(batch[1])
        moved = {n: xp.asarray(theta[n] - lr * grads[n], dtype=theta[n].dtype) for n in theta}
        return moved, total + k * float(loss), seen + k

    start = ({n: v.copy() for n, v in params.items()}, 0.0, 0)
    theta, total, seen = reduce(one, batches, start)
    return theta, total / seen
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_compares_with_own_rules',
        "right": True,
        "cause": 'compares the targets of every call with what a right loader must give, in small helper predicates',
        "source": '''\
def finds_bug(loader):
    def deal(N, m, seed, **how):
        ids = np.arange(N)
        X = np.stack([ids * 1.0, ids + 0.5, -ids], axis=1)
        pairs = [(np.asarray(a), np.asarray(b)) for a, b in loader(X, 3 * ids + 1, m, seed, **how)]
        return pairs

    def flat(pairs):
        return [int(v) for a, _ in pairs for v in a[:, 0]]

    def bad_batches(pairs, N, m, drop):
        full, rest = divmod(N, m)
        sizes = full * [m] + (rest > 0 and not drop) * [rest]
        if [len(a) for a, _ in pairs] != sizes:
            return True
        for a, b in pairs:
            if b.shape != (len(a),) or a.shape[1:] != (3,):
                return True
            if not (np.array_equal(3 * a[:, 0] + 1, b) and np.array_equal(a[:, 0], -a[:, 2])):
                return True
        seen = flat(pairs)
        return len(set(seen)) != len(seen) or not set(seen) <= set(range(N))

    for N, m in [(2, 1), (2, 2), (2, 3), (10, 3), (10, 5), (31, 8), (32, 8), (100, 33), (50, 51), (99, 110), (100, 100)]:
        for drop in (False, True):
            for seed in (0, 5):
                straight = deal(N, m, seed, shuffle=False, drop_last=drop)
                mixed = deal(N, m, seed, shuffle=True, drop_last=drop)
                if bad_batches(straight, N, m, drop) or bad_batches(mixed, N, m, drop):
                    return True
                if flat(straight) != sorted(flat(straight)) or flat(straight)[:1] > [0]:
                    return True
                if flat(mixed) != flat(deal(N, m, seed, drop_last=drop)):
                    return True
        if N >= 30 and m <= N and flat(deal(N, m, 0)) == flat(deal(N, m, 1)):
            return True

    for N, m in [(96, 8), (96, 4), (100, 24), (80, 2), (60, 90)]:
        ever_out, together, adjacent, early = set(), 0, 0, 0
        for seed in range(30):
            run = [[int(v) for v in a[:, 0]] for a, _ in deal(N, m, seed)]
            order = sum(run, [])
            adjacent += sum(abs(p - q) == 1 for p, q in zip(order, order[1:]))
            together += sum(i + 1 in set(batch) for batch in run for i in batch)
            early += sum(i < N // 2 for i in order[: N // 2])
            left = set(range(N)) - set(flat(deal(N, m, seed, drop_last=True)))
            ever_out |= left
        if adjacent > 30 * (2 + N / 12):
            return True
        if m < N and together > 30 * (m - 1 + N / 10):
            return True
        if abs(early / 30 - N / 4) > N / 16:
            return True
        if m < N and N % m and len(ever_out) < 20:
            return True
    return False
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_distance_to_the_minimum',
        "right": True,
        "cause": 'runs in the difference d = w - w*, and writes the excess as the quadratic form d H d / 2, which it is exactly',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    Q, R = np.linalg.qr(X)
    rest = X @ np.linalg.solve(R, Q.T @ y) - y  # residuals at w*
    rows, res = [list(map(float, x)) for x in X], [float(v) for v in rest]

    def one(order, lr):
        d = [0.0, 0.0, 0.0, 0.0]
        ends = []
        for epoch in order.tolist():
            for i in epoch:
                x = rows[i]
                s = lr * (d[0] * x[0] + d[1] * x[1] + d[2] * x[2] + d[3] * x[3] + res[i])
                d = [d[0] - s * x[0], d[1] - s * x[1], d[2] - s * x[2], d[3] - s * x[3]]
            ends.append(d)
        late = R @ np.array(ends[WARM_UP:]).T
        return (late**2).sum(axis=0).mean() / (2 * len(X))

    orders = own_orders(seed)
    excess = np.array([[one(orders[s], lr) for lr in LRS] for s in SCHEMES])
    V = np.vander(np.log(LRS), 2)
    return {"excess": excess, "exponent": (np.linalg.pinv(V) @ np.log(excess).T)[0]}
''',
    },
    {
        "held": True,
        "task": 'experiment',
        "name": 's_ex_all_runs_at_once',
        "right": True,
        "cause": 'all twelve runs at once in one array with einsum; slope from covariance over variance, base 2',
        "source": '''\
def experiment(seed):
    X, y = own_problem(seed)
    orders = np.stack([own_orders(seed)[s] for s in SCHEMES])  # (3, EPOCHS, 64)
    w_star = np.linalg.lstsq(X, y, rcond=None)[0]
    W = np.broadcast_to(w_star, (3, 4, 4)).copy()
    lrs = np.array(LRS)[None, :, None]
    total = np.zeros((3, 4))
    f_star = np.mean((X @ w_star - y) ** 2) / 2
    for e in range(EPOCHS):
        for t in range(64):
            i = orders[:, e, t]
            r = np.einsum("sld,sd->sl", W, X[i]) - y[i][:, None]
            W = W - lrs * r[:, :, None] * X[i][:, None, :]
        if e >= WARM_UP:
            total += np.mean((W @ X.T - y) ** 2, axis=-1) / 2 - f_star
    excess = total / (EPOCHS - WARM_UP)
    a, b = np.log2(LRS), np.log2(excess)
    exponent = [np.cov(a, row)[0, 1] / np.var(a, ddof=1) for row in b]
    return {"excess": excess, "exponent": np.array(exponent)}
''',
    },
    {
        "held": True,
        "task": 'finds_bug',
        "name": 's_fb_yields_complaints',
        "right": True,
        "cause": 'a generator lists all complaints; the orders are judged by averages over many seeds',
        "source": '''\
def _complaints(loader):
    for N in (2, 3, 7, 12, 30, 64, 100):
        X, y = numbered(N)
        for m in sorted({1, 2, 3, 5, 8, N - 1, N, N + 1, 110} - {0}):
            if m > 110:
                continue
            for drop in (False, True):
                n = N - N % m if drop else N
                want = [min(m, n - s) for s in range(0, n, m)]
                for shuffle in (False, True):
                    got = list(loader(X, y, m, 17, shuffle=shuffle, drop_last=drop))
                    if [np.shape(a) for a, _ in got] != [(k, 2) for k in want]:
                        yield "sizes"
                        continue
                    if [np.shape(b) for _, b in got] != [(k,) for k in want]:
                        yield "shape of y"
                        continue
                    seen = [i for ids in ids_of(got) for i in ids]
                    if len(set(seen)) != n:
                        yield "doubled"
                    if any((7 * a[:, 0] != b).any() for a, b in got):
                        yield "pairs"
                    if not shuffle and seen != [*range(n)]:
                        yield "not in order"
    for N, m in ((100, 10), (100, 7), (60, 2), (40, 20), (90, 1), (64, 110)):
        X, y = numbered(N)
        runs = [ids_of(loader(X, y, m, s)) for s in range(20)]
        again = [ids_of(loader(X, y, m, s)) for s in range(3)]
        if runs[:3] != again:
            yield "seed"
        if len({str(run) for run in runs}) < 20:
            yield "the same for several seeds"
        beside, mates, drift = [], [], []
        for run in runs:
            flat = np.array([i for ids in run for i in ids])
            place = np.argsort(flat)
            beside.append(np.mean(np.abs(np.diff(flat)) == 1))
            mates.append(np.mean(place[1:] // m == place[:-1] // m))
            drift.append(np.corrcoef(flat, np.arange(N))[0, 1])
        share = sum(k * (k - 1) for k in map(len, runs[0])) / (N * (N - 1))
        if np.mean(beside) > 2 / N + 0.06 or np.mean(mates) > share + 0.08:
            yield "neighbours"
        if abs(np.mean(drift)) > 0.25:
            yield "drift"
        if m < N and N % m:
            kept = [{i for ids in ids_of(loader(X, y, m, s, drop_last=True)) for i in ids} for s in range(20)]
            if len(set(range(N)) - set.intersection(*kept)) < 8:
                yield "always the same are dropped"


def finds_bug(loader):
    return next(_complaints(loader), None) is not None
''',
    },
    {
        "held": True,
        "task": 'minibatches',
        "name": 's_mb_insertion_shuffle',
        "right": True,
        "cause": 'builds the order by inserting each sample at a random place, and deals from the end with zip of two iterators',
        "source": '''\
import itertools


def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    order = []
    for i in range(len(X)):
        place = int(rng.integers(i + 1)) if shuffle else i
        order.insert(place, i)
    cards = iter(order)
    result = []
    while hand := list(itertools.islice(cards, m)):
        if len(hand) == m or not drop_last:
            result.append((np.take(X, hand, axis=0), np.take(y, hand)))
    return tuple(result)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_round_to_the_ends',
        "right": False,
        "cause": 'rounds a uniform number between 0 and N - 1: the first and the last sample come half as often',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    u = rng.uniform(0, N - 1, size=(k, m))
    return np.rint(u).astype(np.int64)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_many_decks_shuffled',
        "right": False,
        "cause": 'shuffles enough copies of all samples together and cuts them: every sample comes (nearly) equally often, draws are not independent',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    copies = -(-k * m // N) + 1
    everything = np.repeat(np.arange(N, dtype=np.int64), copies)
    rng.shuffle(everything)
    return everything[: k * m].reshape(k, m)
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_transposed',
        "right": True,
        "cause": 'draws (m, k) and transposes, through default_rng(rng), which hands back the same generator',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    rng = np.random.default_rng(rng)
    columns = rng.integers(low=0, high=N - 1, size=(m, k), endpoint=True, dtype=np.int64)
    return columns.T
''',
    },
    {
        "held": True,
        "task": 'sample_with_replacement',
        "name": 's_swr_inverse_cdf',
        "right": True,
        "cause": 'inverse of the cumulative distribution: searchsorted of uniform numbers in the edges 1/N, 2/N, ...',
        "source": '''\
def sample_with_replacement(N, m, k, rng):
    edges = np.arange(1, N) / N
    return np.searchsorted(edges, rng.random((k, m)), side="right").astype(np.int64)
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_short_batch_steps_less',
        "right": False,
        "cause": 'scales the step of a short batch by k/m, so that each sample weighs alike',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    theta = {k: v.copy() for k, v in params.items()}
    m, losses, sizes = None, [], []
    for X_b, y_b in batches:
        k = len(X_b)
        m = k if m is None else max(m, k)
        loss, grads = loss_and_grad(theta, X_b, y_b)
        theta = {name: theta[name] - lr * (k / m) * grads[name] for name in theta}
        losses.append(loss)
        sizes.append(k)
    return theta, float(np.dot(losses, sizes) / np.sum(sizes))
''',
    },
    {
        "held": True,
        "task": 'train_epoch',
        "name": 's_te_loss_after_the_step',
        "right": False,
        "cause": 'reports the losses at the parameters after each step (and calls loss_and_grad twice a batch)',
        "source": '''\
def train_epoch(loss_and_grad, params, batches, lr):
    def step(p, X_b, y_b):
        _, g = loss_and_grad(p, X_b, y_b)
        return {k: p[k] - lr * g[k] for k in p}

    samples, total = 0, 0.0
    for X_b, y_b in batches:
        params = step(params, X_b, y_b)
        loss, _ = loss_and_grad(params, X_b, y_b)
        total += float(loss) * X_b.shape[0]
        samples += X_b.shape[0]
    return params, total / samples
''',
    },
]
