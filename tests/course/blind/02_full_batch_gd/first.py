"""Blind answers for 02_full_batch_gd: wrong and unusual-but-right ones; see "cause"."""

ANSWERS = [
    {
        "task": "full_grad",
        "name": "per_sample_seeded",
        "right": True,
        "cause": "unusual but right: one forward and backward per sample, each backward seeded with 1/N, gradients add up in .grad; penalty by hand.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    leaves = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    n = len(X)
    for i in range(n):
        loss = per_sample_loss(model(leaves, X[i:i + 1]), y[i:i + 1])
        loss.backward(xp.full(1, 1.0 / n))
    out = {}
    for k, leaf in leaves.items():
        g = leaf.grad.copy()
        if k[0] == "W":
            g += float(l2) * params[k]
        out[k] = g
    return out
""",
    },
    {
        "task": "full_grad",
        "name": "vector_seed_ordereddict",
        "right": True,
        "cause": "unusual but right: backward of the (N,) vector with the seed 1/N; returns an OrderedDict (a dict) with the keys in reverse order.",
        "source": """\
from collections import OrderedDict

def full_grad(params: dict, X, y, l2: float = 0.0) -> dict:
    leaves = OrderedDict((k, Tensor(params[k], requires_grad=True)) for k in sorted(params, reverse=True))
    losses = per_sample_loss(model(leaves, X), y)
    losses.backward(xp.ones(len(y)) / len(y))
    if l2:
        ((leaves["W1"] ** 2).sum() * (l2 / 2)).backward()
        ((leaves["W2"] ** 2).sum() * (l2 / 2)).backward()
    return OrderedDict((k, t.grad) for k, t in leaves.items())
""",
    },
    {
        "task": "full_grad",
        "name": "engine_loss_and_grad",
        "right": True,
        "cause": "unusual but right: uses the engine's own loss_and_grad with a nested loss function; the weights are recognised by being two-dimensional.",
        "source": """\
import autograd_mini as am

def full_grad(params, X, y, l2=0.0):
    def whole(p):
        value = per_sample_loss(model(p, X), y).sum() / len(X)
        for t in p.values():
            if t.ndim == 2:
                value = value + (t * t).sum() * (0.5 * l2)
        return value

    _, grads = am.loss_and_grad(whole, params)
    return grads
""",
    },
    {
        "task": "full_grad",
        "name": "recursive_halves",
        "right": True,
        "cause": "unusual but right: splits the samples in halves recursively (depth log2 N) and combines the gradients weighted by size; the penalty is added once at the top.",
        "source": """\
def _halves(params, X, y):
    n = len(X)
    if n <= 3:
        leaves = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
        per_sample_loss(model(leaves, X), y).mean().backward()
        return {k: leaves[k].grad for k in leaves}
    m = n // 2
    left, right = _halves(params, X[:m], y[:m]), _halves(params, X[m:], y[m:])
    return {k: (m * left[k] + (n - m) * right[k]) / n for k in params}


def full_grad(params, X, y, l2=0.0):
    grads = _halves(params, X, y)
    for k in ("W1", "W2"):
        grads[k] = grads[k] + l2 * params[k]
    return grads
""",
    },
    {
        "task": "full_grad",
        "name": "callable_instance",
        "right": True,
        "cause": "unusual but right: full_grad is an instance of a class with __call__, which also counts its calls and prints.",
        "source": '''\
class _FullGrad:
    """Callable; remembers nothing that matters."""

    penalised = frozenset({"W1", "W2"})

    def __init__(self):
        self.calls = 0

    def __call__(self, params, X, y, l2=0.0):
        self.calls += 1
        if self.calls <= 2:
            print("full_grad: call", self.calls, "with", len(X), "samples")
        t = {name: Tensor(value, requires_grad=True) for name, value in params.items()}
        loss = per_sample_loss(model(t, X), y).mean()
        loss = loss + 0.5 * l2 * sum((t[name] ** 2).sum() for name in sorted(self.penalised))
        loss.backward()
        return {name: t[name].grad.copy() for name in params}


full_grad = _FullGrad()
''',
    },
    {
        "task": "full_grad",
        "name": "decorated_warns",
        "right": True,
        "cause": "unusual but right: a decorator with functools.wraps copies the inputs and warns for N = 1; the loss is a dot product with the vector of 1/N; squares by elementwise products.",
        "source": """\
import functools, warnings

def on_copies(f):
    @functools.wraps(f)
    def inner(params, X, y, l2=0.0):
        if len(X) == 1:
            warnings.warn("only one sample")
        return f({k: v.copy() for k, v in params.items()}, X.copy(), y.copy(), l2)
    return inner


@on_copies
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, True) for k, v in params.items()}
    weights = Tensor(xp.full(len(X), 1 / len(X)))
    loss = weights @ per_sample_loss(model(T, X), y)
    loss.backward()
    if l2 != 0:
        for k in "W1", "W2":
            (T[k] * T[k] * l2 * 0.5).sum().backward()
    return dict(zip(T, (t.grad for t in T.values())))
""",
    },
    {
        "task": "full_grad",
        "name": "by_hand_einsum",
        "right": True,
        "cause": 'unusual, right in every number: backpropagation by hand with einsum, without the engine (unsure: "Use the engine" against "How you get there is free").',
        "source": """\
def full_grad(params, X, y, l2=0.0):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    n = X.shape[0]
    h = xp.tanh(X @ W1 + b1)
    r = (h @ W2 + b2)[:, 0] - y
    back = xp.einsum("n,h->nh", r, W2[:, 0]) * (1 - h * h)
    return {
        "W1": xp.einsum("nd,nh->dh", X, back) / n + l2 * W1,
        "b1": back.sum(axis=0) / n,
        "W2": xp.einsum("nh,n->h", h, r)[:, None] / n + l2 * W2,
        "b2": r.sum(keepdims=True) / n,
    }
""",
    },
    {
        "task": "full_grad",
        "name": "complex_step",
        "right": True,
        "cause": 'unusual, right to 1e-14: the complex-step derivative of the objective, one parameter entry at a time, without the engine (unsure: "Use the engine").',
        "source": """\
def full_grad(params, X, y, l2=0.0):
    step = 1e-30
    grads = {}
    for name, value in params.items():
        grads[name] = xp.zeros(value.shape)
        for index in np.ndindex(*value.shape):
            p = {k: v.astype(complex) for k, v in params.items()}
            p[name][index] += 1j * step
            h = xp.tanh(X @ p["W1"] + p["b1"])
            r = (h @ p["W2"] + p["b2"])[:, 0] - y
            f = (r * r).mean() / 2 + l2 / 2 * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
            grads[name][index] = f.imag / step
    return grads
""",
    },
    {
        "task": "full_grad",
        "name": "sum_not_mean",
        "right": False,
        "cause": "sums the losses instead of taking the mean.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).sum() + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "biases_penalised",
        "right": False,
        "cause": "penalises every parameter, the biases too (invisible as long as the biases are zero or l2 is 0).",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean()
    for t in T.values():
        loss = loss + l2 / 2 * (t ** 2).sum()
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "penalty_without_half",
        "right": False,
        "cause": "the gradient of the penalty is 2 l2 W instead of l2 W: the half is forgotten.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean() + l2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "penalty_over_n",
        "right": False,
        "cause": "divides the penalty by N together with the sum of the losses.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    total = per_sample_loss(model(T, X), y).sum() + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    (total / len(X)).backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "penalty_once_a_sample",
        "right": False,
        "cause": "adds the penalty in every pass of the loop over samples but divides the loss only: N times the penalty.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    for i in range(len(X)):
        loss = per_sample_loss(model(T, X[i:i+1]), y[i:i+1]).sum() / len(X)
        loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
        loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "penalty_only_w1",
        "right": False,
        "cause": "forgets W2 in the penalty.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean() + (T["W1"] ** 2).sum() * l2 / 2
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "l2_ignored",
        "right": False,
        "cause": "never uses l2.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    per_sample_loss(model(T, X), y).mean().backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "norm_not_squared",
        "right": False,
        "cause": "the penalty uses the Euclidean norm instead of its square.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean()
    if l2 > 0:
        loss = loss + l2 / 2 * ((T["W1"] ** 2).sum().sqrt() + (T["W2"] ** 2).sum().sqrt())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "mse_without_half",
        "right": False,
        "cause": "uses the engine's mse, which has no half: the data part of the gradient is doubled.",
        "source": """\
import autograd_mini as am

def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = am.mse(model(T, X), y) + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "outputs_averaged",
        "right": False,
        "cause": "averages the outputs and the targets, then goes back once (right only for N = 1).",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X).mean(), y.mean())
    loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "broadcast_column",
        "right": False,
        "cause": "the target as a column broadcasts against the row of predictions: the mean runs over N x N differences (right only for N = 1).",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y.reshape(-1, 1)).mean()
    loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "parts_unweighted",
        "right": False,
        "cause": "gathers the gradient in parts of 4 samples and takes the plain mean of the parts: wrong when the last part is smaller.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    parts = []
    for start in range(0, len(X), 4):
        T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
        loss = per_sample_loss(model(T, X[start:start+4]), y[start:start+4]).mean()
        loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
        loss.backward()
        parts.append({k: t.grad for k, t in T.items()})
    return {k: sum(p[k] for p in parts) / len(parts) for k in params}
""",
    },
    {
        "task": "full_grad",
        "name": "last_part_dropped",
        "right": False,
        "cause": "walks over whole parts of 5 samples only, so the rest of the samples (or all of them, when N < 5) is lost, though it divides by all of N.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    size = 5
    for j in range(len(X) // size):
        part = slice(j * size, (j + 1) * size)
        (per_sample_loss(model(T, X[part]), y[part]).sum() / len(X)).backward()
    grads = {k: (xp.zeros(t.shape) if t.grad is None else t.grad) for k, t in T.items()}
    grads["W1"] = grads["W1"] + l2 * params["W1"]
    grads["W2"] = grads["W2"] + l2 * params["W2"]
    return grads
""",
    },
    {
        "task": "full_grad",
        "name": "params_become_tensors",
        "right": False,
        "cause": "puts the Tensors into the caller's dict: params is changed.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    for k in params:
        params[k] = Tensor(params[k], requires_grad=True)
    loss = per_sample_loss(model(params, X), y).mean()
    loss = loss + l2 / 2 * ((params["W1"] ** 2).sum() + (params["W2"] ** 2).sum())
    loss.backward()
    return {k: params[k].grad for k in params}
""",
    },
    {
        "task": "full_grad",
        "name": "tensors_kept_between_calls",
        "right": False,
        "cause": "keeps the Tensors of the first call in a mutable default: later calls add to the old gradients, and new parameter values are not seen.",
        "source": """\
def full_grad(params, X, y, l2=0.0, _tensors={}):
    for k, v in params.items():
        if k not in _tensors or _tensors[k].shape != v.shape:
            _tensors[k] = Tensor(v, requires_grad=True)
        else:
            _tensors[k].data = v.copy()
    loss = per_sample_loss(model(_tensors, X), y).mean()
    loss = loss + l2 / 2 * ((_tensors["W1"] ** 2).sum() + (_tensors["W2"] ** 2).sum())
    loss.backward()
    return {k: _tensors[k].grad for k in params}
""",
    },
    {
        "task": "full_grad",
        "name": "inputs_standardised_in_place",
        "right": False,
        "cause": "standardises X in place before the forward pass: another gradient, and the caller's X is changed.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    X -= X.mean(axis=0)
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean()
    loss = loss + l2 / 2 * ((T["W1"] ** 2).sum() + (T["W2"] ** 2).sum())
    loss.backward()
    return {k: t.grad for k, t in T.items()}
""",
    },
    {
        "task": "full_grad",
        "name": "central_differences",
        "right": False,
        "cause": "central differences with step 1e-5: passes a slope check at 1e-6 but misses the stated 1e-10 for one step.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    eps, grads = 1e-5, {}
    for name, value in params.items():
        g = xp.zeros(value.shape)
        for idx in np.ndindex(*value.shape):
            up = {k: v.copy() for k, v in params.items()}
            down = {k: v.copy() for k, v in params.items()}
            up[name][idx] += eps
            down[name][idx] -= eps
            g[idx] = (objective(up, X, y, l2) - objective(down, X, y, l2)) / (2 * eps)
        grads[name] = g
    return grads
""",
    },
    {
        "task": "full_grad",
        "name": "divided_twice",
        "right": False,
        "cause": "mean() and then a further division by N: the gradient is N times too small.",
        "source": """\
def full_grad(params, X, y, l2=0.0):
    T = {k: Tensor(v, requires_grad=True) for k, v in params.items()}
    loss = per_sample_loss(model(T, X), y).mean()
    loss.backward()
    grads = {k: t.grad / len(X) for k, t in T.items()}
    grads["W1"] += l2 * params["W1"]
    grads["W2"] += l2 * params["W2"]
    return grads
""",
    },
    {
        "task": "gd",
        "name": "generator_of_points",
        "right": True,
        "cause": "unusual but right: a generator yields (params, loss) for each point and the caller drains it with a deque.",
        "source": """\
from collections import deque

def gd(loss_and_grad, params, X, y, lr, steps):
    def walk(now):
        for t in range(steps + 1):
            loss, g = loss_and_grad(now, X, y)
            yield now, float(loss)
            now = {k: (v - lr * g[k]).astype(v.dtype) for k, v in now.items()}

    losses = []
    tail = deque(maxlen=1)
    for point, loss in walk({k: v.copy() for k, v in params.items()}):
        losses.append(loss)
        tail.append(point)
    return tail[0], xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "functools_reduce",
        "right": True,
        "cause": "unusual but right: functools.reduce over the steps with an immutable state of dict, gradient and tuple of losses.",
        "source": """\
import functools

def gd(loss_and_grad, params, X, y, lr, steps):
    def evaluate(p, history):
        loss, g = loss_and_grad(p, X, y)
        return p, g, history + (float(loss),)

    def step(state, _):
        p, g, history = state
        return evaluate({k: xp.asarray(p[k] - lr * g[k], dtype=p[k].dtype) for k in p}, history)

    p, _, history = functools.reduce(step, range(steps), evaluate({k: xp.array(v) for k, v in params.items()}, ()))
    return p, xp.asarray(history)
""",
    },
    {
        "task": "gd",
        "name": "one_long_vector",
        "right": True,
        "cause": "unusual but right: each step is made on one long vector of all parameters laid end to end, then cut up again.",
        "source": """\
import math

def gd(loss_and_grad, params, X, y, lr, steps):
    names = list(params)
    shapes = [params[k].shape for k in names]
    dtypes = [params[k].dtype for k in names]
    sizes = [math.prod(s) for s in shapes]
    ends = np.cumsum(sizes)

    def flat(d):
        return xp.concatenate([d[k].reshape(-1) for k in names])

    def cut(v):
        return {
            k: v[e - n:e].reshape(s).astype(t)
            for k, e, n, s, t in zip(names, ends, sizes, shapes, dtypes)
        }

    now = cut(flat(params))
    loss, g = loss_and_grad(now, X, y)
    losses = xp.zeros(steps + 1)
    losses[0] = loss
    t = 0
    while t < steps:
        t += 1
        now = cut(flat(now) - float(lr) * flat(g))
        losses[t], g = loss_and_grad(now, X, y)
    return now, losses
""",
    },
    {
        "task": "gd",
        "name": "recursion_by_halves",
        "right": True,
        "cause": "unusual but right: recursion by halves (depth log2 of steps), with the count of calls still steps + 1.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    losses = []

    def look(p):
        loss, g = loss_and_grad(p, X, y)
        losses.append(float(loss))
        return p, g

    def go(state, n):
        if n == 0:
            return state
        if n == 1:
            p, g = state
            return look({k: (p[k] - lr * g[k]).astype(p[k].dtype) for k in p})
        return go(go(state, n // 2), n - n // 2)

    start = {k: v.copy() for k, v in params.items()}
    return go(look(start), steps)[0], xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "class_with_lambda",
        "right": True,
        "cause": "unusual but right: a helper class holds the state; the last pass of the loop does no update; losses by fromiter; numpy scalars throughout.",
        "source": """\
class _Descent:
    def __init__(self, f, p, lr):
        self.f, self.lr = f, lr
        self.p = {k: xp.array(v, copy=True) for k, v in p.items()}

    def losses(self, steps):
        for left in range(steps, -1, -1):
            loss, g = self.f(self.p)
            yield float(loss)
            if left:
                self.p = {k: xp.subtract(v, self.lr * g[k]).astype(v.dtype, copy=False) for k, v in self.p.items()}


def gd(loss_and_grad, params, X, y, lr, steps):
    run = _Descent(lambda p: loss_and_grad(p, X, y), params, lr)
    losses = np.fromiter(run.losses(steps), dtype=float, count=steps + 1)
    return run.p, xp.asarray(losses)
""",
    },
    {
        "task": "gd",
        "name": "in_place_after_all_moves",
        "right": True,
        "cause": "unusual but right: works in place on its own copies, but computes all moves of a step before the first write, so even gradients that share memory with the parameters do no harm.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr: float, steps: int):
    own = {name: value.copy() for name, value in params.items()}
    losses = xp.empty(steps + 1)
    for t in range(steps + 1):
        losses[t], grads = loss_and_grad(own, X, y)
        if t == steps:
            break
        moves = {name: lr * grads[name] for name in own}
        for name in own:
            own[name] -= moves[name].astype(own[name].dtype)
    if steps > 0 and losses[-1] > losses[0]:
        print("gd: the loss has risen, try a smaller learning rate")
    return own, losses
""",
    },
    {
        "task": "gd",
        "name": "in_place_plain",
        "right": True,
        "cause": "the usual in-place loop on own copies (unsure: right only if grads never share memory with the params passed in, and nobody keeps the dict that loss_and_grad got).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, grads = loss_and_grad(params, X, y)
    losses = [loss]
    for _ in range(steps):
        for k in params:
            params[k] -= lr * grads[k]
        loss, grads = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array([float(l) for l in losses])
""",
    },
    {
        "task": "gd",
        "name": "float32_losses_stay_arrays",
        "right": True,
        "cause": "unusual but right: the callable may return its loss as a Python float, a numpy scalar or a 0-d array; walrus and itertools.repeat.",
        "source": """\
import itertools

def gd(loss_and_grad, params, X, y, lr, steps):
    p = {k: v + 0 for k, v in params.items()}
    losses = [(out := loss_and_grad(p, X, y))[0]]
    for _ in itertools.repeat(None, steps):
        p = {k: v - xp.asarray(lr * out[1][k], dtype=v.dtype) for k, v in p.items()}
        losses += [(out := loss_and_grad(p, X, y))[0]]
    return dict(p), xp.stack([xp.asarray(l, dtype=float) for l in losses])
""",
    },
    {
        "task": "gd",
        "name": "loss_and_grad_called_apart",
        "right": False,
        "cause": "calls loss_and_grad once for the gradient and once for the loss: 2 steps + 1 calls instead of steps + 1, though every number is right.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = [loss_and_grad(params, X, y)[0]]
    for t in range(steps):
        _, g = loss_and_grad(params, X, y)
        params = {k: params[k] - lr * g[k] for k in params}
        losses.append(loss_and_grad(params, X, y)[0])
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "last_loss_missing",
        "right": False,
        "cause": "steps losses instead of steps + 1: the loss after the last step is never computed; the list starts at the start.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = []
    for t in range(steps):
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
        params = {k: params[k] - lr * g[k] for k in params}
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "last_loss_repeated",
        "right": False,
        "cause": "fills the last entry with the loss before the last step instead of calling once more (steps calls; steps = 0 leaves a zero).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = xp.zeros(steps + 1)
    for t in range(steps):
        losses[t], g = loss_and_grad(params, X, y)
        losses[t + 1] = losses[t]
        params = {k: params[k] - lr * g[k] for k in params}
    return params, losses
""",
    },
    {
        "task": "gd",
        "name": "divided_by_n_again",
        "right": False,
        "cause": "divides the mean gradient by the number of samples once more.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        params = {k: params[k] - lr / len(X) * g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "shallow_copy",
        "right": False,
        "cause": "copies the dict but not the arrays: the in-place update writes into the caller's parameters.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = dict(params)
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        for k in params:
            params[k] -= lr * g[k]
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "one_parameter_after_the_other",
        "right": False,
        "cause": "asks for a new gradient after moving each parameter: the later ones move along the gradient of another point (and the calls are too many).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = [loss_and_grad(params, X, y)[0]]
    for t in range(steps):
        for k in params:
            _, g = loss_and_grad(params, X, y)
            params[k] = params[k] - lr * g[k]
        losses.append(loss_and_grad(params, X, y)[0])
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "best_point_returned",
        "right": False,
        "cause": "returns the parameters with the smallest loss seen, not those after the last step (differs when the loss rises).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    now = {k: v.copy() for k, v in params.items()}
    best, best_loss, losses = now, float("inf"), []
    for t in range(steps + 1):
        loss, g = loss_and_grad(now, X, y)
        losses.append(loss)
        if loss < best_loss:
            best, best_loss = now, loss
        now = {k: now[k] - lr * g[k] for k in now}
    return best, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "one_step_too_far",
        "right": False,
        "cause": "updates once more after the last loss: the params returned are those after steps + 1 steps.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = []
    for t in range(steps + 1):
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
        for k in params:
            params[k] = params[k] - lr * g[k]
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "early_stopping",
        "right": False,
        "cause": "stops when the loss improves by less than 1e-6 and repeats the last loss: fewer steps and calls than asked for.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = xp.full(steps + 1, float(loss))
    for t in range(1, steps + 1):
        params = {k: params[k] - lr * g[k] for k in params}
        losses[t], g = loss_and_grad(params, X, y)
        if abs(losses[t] - losses[t - 1]) < 1e-6:
            losses[t:] = losses[t]
            break
    return params, losses
""",
    },
    {
        "task": "gd",
        "name": "rising_steps_refused",
        "right": False,
        "cause": "takes a step back and halves the learning rate when the loss rises: not a fixed learning rate.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        trial = {k: params[k] - lr * g[k] for k in params}
        new, g_new = loss_and_grad(trial, X, y)
        if new > loss:
            lr = lr / 2
        else:
            params, loss, g = trial, new, g_new
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "gradient_clipped",
        "right": False,
        "cause": "clips the gradient to length 1, which shows only where it is longer.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        size = sum(float((v ** 2).sum()) for v in g.values()) ** 0.5
        scale = 1.0 if size <= 1 else 1 / size
        params = {k: params[k] - lr * scale * g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "momentum",
        "right": False,
        "cause": "heavy-ball momentum 0.9 instead of plain gradient descent (the first step is the same).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    v = {k: xp.zeros_like(p) for k, p in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        v = {k: 0.9 * v[k] - lr * g[k] for k in params}
        params = {k: params[k] + v[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "decaying_lr",
        "right": False,
        "cause": "the learning rate decays as lr / (1 + 0.01 t).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        rate = lr / (1 + 0.01 * t)
        params = {k: params[k] - rate * g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "one_sample_a_step",
        "right": False,
        "cause": "goes through the samples one by one: each step sees sample t mod N only.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    losses = [loss_and_grad(params, X, y)[0]]
    for t in range(steps):
        i = t % len(X)
        _, g = loss_and_grad(params, X[i:i+1], y[i:i+1])
        params = {k: params[k] - lr * g[k] for k in params}
        losses.append(loss_and_grad(params, X, y)[0])
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "keys_of_the_line",
        "right": False,
        "cause": "hard-codes the parameters of the straight line, w and c: no other model works.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    w, c = params["w"].copy(), params["c"].copy()
    loss, g = loss_and_grad({"w": w, "c": c}, X, y)
    losses = [loss]
    for t in range(steps):
        w, c = w - lr * g["w"], c - lr * g["c"]
        loss, g = loss_and_grad({"w": w, "c": c}, X, y)
        losses.append(loss)
    return {"w": w, "c": c}, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "float64_always",
        "right": False,
        "cause": "turns every parameter to float64: float32 parameters come back with another dtype.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: xp.array(v, dtype=float) for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        params = {k: params[k] - lr * g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "losses_shifted",
        "right": False,
        "cause": "takes the loss of the point before the update twice: losses[t] is the loss after t - 1 steps for t >= 1.",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        params = {k: params[k] - lr * g[k] for k in params}
        losses.append(loss)
        loss, g = loss_and_grad(params, X, y)
    return params, xp.array(losses)
""",
    },
    {
        "task": "gd",
        "name": "losses_a_list",
        "right": False,
        "cause": 'returns the losses as a Python list where the contract says "an array (steps + 1,)" (unsure: does a grader mean it?).',
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [float(loss)]
    for t in range(steps):
        params = {k: params[k] - lr * g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(float(loss))
    return params, losses
""",
    },
    {
        "task": "gd",
        "name": "grads_scaled_in_place",
        "right": False,
        "cause": "scales the callable's gradient arrays in place: breaks a callable that returns its parameters themselves or keeps its arrays, for example f = |w|^2 / 2 with gradient w (unsure: nothing in the contract says that grads may be written).",
        "source": """\
def gd(loss_and_grad, params, X, y, lr, steps):
    params = {k: v.copy() for k, v in params.items()}
    loss, g = loss_and_grad(params, X, y)
    losses = [loss]
    for t in range(steps):
        for k in params:
            g[k] *= lr
        params = {k: params[k] - g[k] for k in params}
        loss, g = loss_and_grad(params, X, y)
        losses.append(loss)
    return params, xp.array(losses)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "eigenvectors_closed_form",
        "right": True,
        "cause": "unusual but right: the closed form along eigenvectors in double precision, W[0] set to w0 exactly, cast to the dtype of w0.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    lam, Q = xp.linalg.eigh(H.astype(xp.float64))
    beta, alpha = Q.T @ b.astype(xp.float64), Q.T @ w0.astype(xp.float64)
    star = beta / lam
    t = xp.arange(steps + 1)[:, None]
    W = (star + (1 - lr * lam) ** t * (alpha - star)) @ Q.T
    W = W.astype(w0.dtype)
    W[0] = w0
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "homogeneous_matrix",
        "right": True,
        "cause": "unusual but right: one affine step as one (d + 1, d + 1) matrix in homogeneous coordinates, applied again and again.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    d = len(w0)
    M = xp.eye(d + 1, dtype=w0.dtype)
    M[:d, :d] -= lr * H
    M[:d, d] = lr * b
    z = xp.concatenate([w0, xp.ones(1, dtype=w0.dtype)])
    rows = [z]
    while len(rows) <= steps:
        rows.append(M @ rows[-1])
    return xp.stack(rows)[:, :d]
""",
    },
    {
        "task": "quadratic_gd",
        "name": "accumulate",
        "right": True,
        "cause": "unusual but right: itertools.accumulate over the repeated step.",
        "source": """\
import itertools

def quadratic_gd(H, b, w0, lr, steps):
    points = itertools.accumulate(range(steps), lambda w, _: w - lr * (H @ w - b), initial=w0)
    return xp.array([p for p in points], dtype=w0.dtype).reshape(steps + 1, -1)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "doubling",
        "right": True,
        "cause": "unusual but right: doubles the number of known rows: rows n.. 2n-1 are the n-fold step applied to rows 0 .. n-1.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    A = xp.eye(len(b)) - lr * H.astype(float)
    c = lr * b.astype(float)
    W = w0.astype(float)[None, :]
    while len(W) < steps + 1:
        W = xp.concatenate([W, W @ A.T + c])
        A, c = A @ A, A @ c + c
    W = W[: steps + 1].astype(w0.dtype)
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "walrus_einsum",
        "right": True,
        "cause": "unusual but right: a list comprehension with walrus and einsum; a read-only array comes back.",
        "source": """\
def quadratic_gd(H, b, w0, lr: float, steps: int):
    w = w0
    W = xp.stack([w0, *((w := w - lr * (xp.einsum("ij,j->i", H, w) - b)) for _ in range(steps))]).astype(w0.dtype)
    W.flags.writeable = False
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "fortran_columns",
        "right": True,
        "cause": "unusual but right: keeps the points as columns and returns the transposed view (not contiguous).",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    P = xp.empty((w0.size, steps + 1), dtype=w0.dtype)
    P[:, 0] = w0
    for t in range(steps):
        P[:, t + 1] = P[:, t] - lr * (H.dot(P[:, t]) - b)
    return P.T
""",
    },
    {
        "task": "quadratic_gd",
        "name": "pure_python_fsum",
        "right": True,
        "cause": "unusual but right: pure Python floats with math.fsum, one array at the end.",
        "source": """\
import math

def quadratic_gd(H, b, w0, lr, steps):
    A, c, w, lr = H.tolist(), b.tolist(), w0.tolist(), float(lr)
    rows = [list(w)]
    for _ in range(steps):
        w = [wi - lr * (math.fsum(a * x for a, x in zip(row, w)) - ci) for row, ci, wi in zip(A, c, w)]
        rows.append(w)
    return xp.asarray(rows, dtype=w0.dtype)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "gradient_recursion",
        "right": True,
        "cause": "unusual but right: carries the gradient along, g <- g - lr H g, instead of computing it from w.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, w0.shape[0]), w0.dtype)
    W[0] = w0
    g = H.astype(float) @ w0.astype(float) - b
    w = w0.astype(float)
    for t in range(1, steps + 1):
        w = w - lr * g
        g = g - lr * (H @ g)
        W[t] = w
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "start_missing",
        "right": False,
        "cause": "returns the points after 1 .. steps steps: the start is missing and the shape is (steps, d).",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    w = w0.copy()
    W = xp.zeros((steps, len(w0)), dtype=w0.dtype)
    for t in range(steps):
        w = w - lr * (H @ w - b)
        W[t] = w
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "same_row_everywhere",
        "right": False,
        "cause": "appends the same array again and again while writing in place: all rows are the last point.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    w = w0.copy()
    W = [w]
    for t in range(steps):
        w -= lr * (H @ w - b)
        W.append(w)
    return xp.array(W)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "writes_into_w0",
        "right": False,
        "cause": "works in place on w0 itself: the caller's start is changed.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        w0 -= lr * (H @ w0 - b)
        W[t + 1] = w0
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "always_double",
        "right": False,
        "cause": "makes W with xp.zeros without a dtype: float32 in, float64 out.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)))
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (H @ W[t] - b)
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "half_taken_literally",
        "right": False,
        "cause": "takes the gradient of 1/2 w'Hw to be 1/2 Hw.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (0.5 * H @ W[t] - b)
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "no_b",
        "right": False,
        "cause": "forgets b: always descends to the origin.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    A = xp.eye(len(w0), dtype=w0.dtype) - lr * H
    W = [w0.copy()]
    for t in range(steps):
        W.append((A @ W[-1]).astype(w0.dtype))
    return xp.array(W)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "one_minus_matrix",
        "right": False,
        "cause": "writes 1 - lr * H for I - lr H: right in one dimension only.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    star = xp.linalg.solve(H, b)
    A = 1 - lr * H
    W = [w0.copy()]
    e = w0 - star
    for t in range(steps):
        e = A @ e
        W.append((star + e).astype(w0.dtype))
    return xp.array(W)
""",
    },
    {
        "task": "quadratic_gd",
        "name": "elementwise_power",
        "right": False,
        "cause": "uses ** t on the matrix, which is elementwise: right in one dimension and for diagonal H apart from t = 0.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    star = xp.linalg.solve(H, b)
    A = xp.eye(len(w0)) - lr * H
    W = xp.array([star + (A ** t) @ (w0 - star) for t in range(steps + 1)], dtype=w0.dtype)
    W[0] = w0
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "gradient_flow",
        "right": False,
        "cause": "follows the continuous flow exp(-lr lambda t) instead of the steps (1 - lr lambda)^t: never overshoots, never diverges.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    lam, Q = xp.linalg.eigh(H)
    star = xp.linalg.solve(H, b)
    e = Q.T @ (w0 - star)
    t = xp.arange(steps + 1)[:, None]
    W = (star + (xp.exp(-lr * lam * t) * e) @ Q.T).astype(w0.dtype)
    W[0] = w0
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "absolute_factor",
        "right": False,
        "cause": "takes |1 - lr lambda| to the power t: loses the change of sign beyond 1 / lambda.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    lam, Q = xp.linalg.eigh(H)
    star = xp.linalg.solve(H, b)
    e = Q.T @ (w0 - star)
    t = xp.arange(steps + 1)[:, None]
    W = (star + (xp.abs(1 - lr * lam) ** t * e) @ Q.T).astype(w0.dtype)
    W[0] = w0
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "lr_capped",
        "right": False,
        "cause": 'caps the learning rate at the stable limit, "to be safe".',
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    lr = min(lr, 2 / float(xp.linalg.eigvalsh(H)[-1]))
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - lr * (H @ W[t] - b)
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "stops_when_converged",
        "right": False,
        "cause": "leaves the loop when the gradient is small: the rest of the rows stays zero.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        g = H @ W[t] - b
        if xp.linalg.norm(g) < 1e-8:
            break
        W[t + 1] = W[t] - lr * g
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "coordinate_after_coordinate",
        "right": False,
        "cause": "updates the coordinates one after the other with the new values at once (Gauss-Seidel): right in one dimension only.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    w = w0.copy()
    for t in range(steps):
        for i in range(len(w)):
            w[i] -= lr * (H[i] @ w - b[i])
        W[t + 1] = w
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "squeezed",
        "right": False,
        "cause": "squeezes the result: (steps + 1,) for d = 1 and (d,) for steps = 0.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = [w0]
    for t in range(steps):
        W.append(W[-1] - lr * (H @ W[-1] - b))
    return xp.array(W, dtype=w0.dtype).squeeze()
""",
    },
    {
        "task": "quadratic_gd",
        "name": "h_scaled_in_place",
        "right": False,
        "cause": "multiplies H and b in place by lr before the loop: the caller's arrays are changed.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    H *= lr
    b *= lr
    W = xp.zeros((steps + 1, len(w0)), dtype=w0.dtype)
    W[0] = w0
    for t in range(steps):
        W[t + 1] = W[t] - (H @ W[t] - b)
    return W
""",
    },
    {
        "task": "quadratic_gd",
        "name": "one_step_short",
        "right": False,
        "cause": "the loop runs from 1 to steps - 1 and the last row repeats the one before it.",
        "source": """\
def quadratic_gd(H, b, w0, lr, steps):
    W = xp.tile(w0, (steps + 1, 1))
    for t in range(1, steps):
        W[t] = W[t - 1] - lr * (H @ W[t - 1] - b)
    if steps > 1:
        W[steps] = W[steps - 1]
    return W
""",
    },
    {
        "task": "max_stable_lr",
        "name": "spectral_norm",
        "right": True,
        "cause": "unusual but right: the spectral norm of a symmetric positive matrix is its largest eigenvalue.",
        "source": """\
max_stable_lr = lambda H: 2.0 / float(xp.linalg.norm(H, 2))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "svd_partial",
        "right": True,
        "cause": "unusual but right: the largest singular value by svd; defined by functools.partial.",
        "source": """\
import functools

def _over_largest(numerator, H):
    return numerator / xp.linalg.svd(H, compute_uv=False).max()

max_stable_lr = functools.partial(_over_largest, 2.0)
""",
    },
    {
        "task": "max_stable_lr",
        "name": "cholesky_bisection",
        "right": True,
        "cause": "unusual but right: bisection on s, with a Cholesky attempt to tell whether s I - H is positive definite; 2 / s.",
        "source": """\
def max_stable_lr(H):
    A = xp.array(H, dtype=xp.float64)
    eye = xp.eye(len(A))
    low, high = 0.0, 2.0 * float(xp.abs(A).sum(axis=1).max())
    for _ in range(200):
        mid = (low + high) / 2
        if not low < mid < high:
            break
        try:
            xp.linalg.cholesky(mid * eye - A)
            high = mid
        except np.linalg.LinAlgError:
            low = mid
    return 2 / high
""",
    },
    {
        "task": "max_stable_lr",
        "name": "repeated_squaring",
        "right": True,
        "cause": "unusual but right: squares H (normalised by the trace) 80 times, which leaves the projection on the top eigenspace, and takes the Rayleigh quotient.",
        "source": """\
def max_stable_lr(H):
    A = H.astype(float)
    P = A / xp.trace(A)
    for _ in range(80):
        P = P @ P
        P = P / xp.trace(P)
        P = (P + P.T) / 2
    return float(2 * xp.trace(P) / xp.trace(A @ P))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "jacobi",
        "right": True,
        "cause": "unusual but right: Jacobi rotations in pure Python on lists, no linear algebra library.",
        "source": """\
import math

def max_stable_lr(H):
    A = [[float(v) for v in row] for row in H]
    d = len(A)
    for _ in range(60):
        off = sum(A[i][j] ** 2 for i in range(d) for j in range(d) if i != j)
        if off <= 1e-32 * sum(A[i][i] ** 2 for i in range(d)):
            break
        for p in range(d - 1):
            for q in range(p + 1, d):
                if A[p][q] == 0:
                    continue
                theta = (A[q][q] - A[p][p]) / (2 * A[p][q])
                t = math.copysign(1.0, theta) / (abs(theta) + math.hypot(theta, 1.0))
                c = 1 / math.hypot(t, 1.0)
                s = t * c
                for k in range(d):
                    A[k][p], A[k][q] = c * A[k][p] - s * A[k][q], s * A[k][p] + c * A[k][q]
                for k in range(d):
                    A[p][k], A[q][k] = c * A[p][k] - s * A[q][k], s * A[p][k] + c * A[q][k]
    return 2 / max(A[i][i] for i in range(d))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "min_over_directions",
        "right": True,
        "cause": "unusual but right: the smallest of the limits 2 / lambda over all eigenvalues, by a generator; eigvals is not sorted, and need not be.",
        "source": """\
def max_stable_lr(H):
    return min(2 / float(z.real) for z in xp.linalg.eigvals(H))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "cached",
        "right": True,
        "cause": "unusual but right: a cache keyed by bytes, shape and dtype around eigvalsh; returns a numpy float64.",
        "source": """\
import functools

@functools.lru_cache(maxsize=None)
def _limit(raw, shape, dtype):
    return np.float64(2) / np.linalg.eigvalsh(np.frombuffer(raw, dtype=dtype).reshape(shape).astype(float))[-1]


def max_stable_lr(H):
    H = np.ascontiguousarray(H.get() if hasattr(H, "get") else H)
    return _limit(H.tobytes(), H.shape, H.dtype.str)
""",
    },
    {
        "task": "max_stable_lr",
        "name": "zero_d_array",
        "right": True,
        "cause": 'right number as a 0-d array (unsure: is a 0-d array "a number"?).',
        "source": """\
def max_stable_lr(H):
    return xp.asarray(2.0 / xp.linalg.eigvalsh(H).max())
""",
    },
    {
        "task": "max_stable_lr",
        "name": "fraction",
        "right": True,
        "cause": "right number as a fractions.Fraction (unsure: a number for Python, but numpy.asarray of it is an object array).",
        "source": """\
from fractions import Fraction

def max_stable_lr(H):
    return Fraction(2) / Fraction(float(xp.linalg.eigvalsh(H)[-1]))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "one_over_l",
        "right": False,
        "cause": "1 / L, where progress is guaranteed, instead of 2 / L.",
        "source": """\
def max_stable_lr(H):
    return 1.0 / float(xp.linalg.eigvalsh(H)[-1])
""",
    },
    {
        "task": "max_stable_lr",
        "name": "smallest_eigenvalue",
        "right": False,
        "cause": "2 / lambda_min: takes the first of the ascending eigenvalues for the largest.",
        "source": """\
def max_stable_lr(H):
    return 2.0 / float(xp.linalg.eigvalsh(H)[0])
""",
    },
    {
        "task": "max_stable_lr",
        "name": "last_of_unsorted",
        "right": False,
        "cause": "takes the last value of eigvals, which is not sorted: right on many matrices, by luck.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.linalg.eigvals(H).real[-1])
""",
    },
    {
        "task": "max_stable_lr",
        "name": "frobenius",
        "right": False,
        "cause": "numpy.linalg.norm without ord is the Frobenius norm, not the spectral norm: right for d = 1 only.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.linalg.norm(H))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "largest_diagonal",
        "right": False,
        "cause": "the largest diagonal entry instead of the largest eigenvalue: right on diagonal matrices, as in the visible check.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.diag(H).max())
""",
    },
    {
        "task": "max_stable_lr",
        "name": "trace",
        "right": False,
        "cause": "the trace instead of the largest eigenvalue: a safe bound, not the limit.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.trace(H))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "gershgorin",
        "right": False,
        "cause": "the largest row sum of absolute values (Gershgorin): a bound, right on diagonal matrices.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.abs(H).sum(axis=1).max())
""",
    },
    {
        "task": "max_stable_lr",
        "name": "largest_entry",
        "right": False,
        "cause": "the largest entry of H instead of its largest eigenvalue: right on diagonal matrices.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / H.max())
""",
    },
    {
        "task": "max_stable_lr",
        "name": "power_iteration_short",
        "right": False,
        "cause": "power iteration of 50 steps: not converged where the two largest eigenvalues are close.",
        "source": """\
def max_stable_lr(H):
    rng = np.random.default_rng(0)
    v = xp.asarray(rng.normal(size=len(H)))
    for _ in range(50):
        v = H @ v
        v = v / xp.linalg.norm(v)
    return float(2.0 / xp.linalg.norm(H @ v))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "power_iteration_from_ones",
        "right": False,
        "cause": "power iteration from the vector of ones: misses a top eigenvector at right angles to it, such as that of [[2, -1], [-1, 2]].",
        "source": """\
def max_stable_lr(H):
    v = xp.ones(len(H))
    L = 0.0
    for _ in range(20000):
        u = H @ v
        new = float(xp.linalg.norm(u) / xp.linalg.norm(v))
        v = u / xp.linalg.norm(u)
        if abs(new - L) < 1e-15 * new:
            break
        L = new
    return 2.0 / L
""",
    },
    {
        "task": "max_stable_lr",
        "name": "gram_without_root",
        "right": False,
        "cause": "the largest eigenvalue of H'H without the square root.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.linalg.eigvalsh(H.T @ H)[-1])
""",
    },
    {
        "task": "max_stable_lr",
        "name": "best_rate_instead",
        "right": False,
        "cause": "2 / (L + mu): the best learning rate, not the limit; the same for no matrix, and half of it for d = 1.",
        "source": """\
def max_stable_lr(H):
    lam = xp.linalg.eigvalsh(H)
    return float(2.0 / (lam[0] + lam[-1]))
""",
    },
    {
        "task": "max_stable_lr",
        "name": "margin",
        "right": False,
        "cause": "takes a margin of a millionth off the limit.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / xp.linalg.eigvalsh(H)[-1]) - 1e-6
""",
    },
    {
        "task": "max_stable_lr",
        "name": "rounded",
        "right": False,
        "cause": "rounds to six decimals: wrong on scaled valleys.",
        "source": """\
def max_stable_lr(H):
    return round(float(2.0 / xp.linalg.eigvalsh(H)[-1]), 6)
""",
    },
    {
        "task": "max_stable_lr",
        "name": "characteristic_polynomial",
        "right": False,
        "cause": "roots of the characteristic polynomial: loses half of the digits or more where eigenvalues coincide (for 5 times the identity of size 5 it is off by 5e-4), beyond the stated 1e-8.",
        "source": """\
def max_stable_lr(H):
    return float(2.0 / np.roots(np.poly(np.asarray(H))).real.max())
""",
    },
    {
        "task": "max_stable_lr",
        "name": "tried_out",
        "right": False,
        "cause": "bisects on what 300 steps of descent from ones do: a limit to few digits, and blind to directions that ones does not contain.",
        "source": """\
def max_stable_lr(H):
    low, high = 0.0, 2.0 / float(xp.diag(H).min()) + 1.0
    for _ in range(60):
        mid = (low + high) / 2
        w = xp.ones(len(H))
        for _ in range(300):
            w = w - mid * (H @ w)
        if float(xp.linalg.norm(w)) < len(H) ** 0.5:
            low = mid
        else:
            high = mid
    return low
""",
    },
    {
        "task": "max_stable_lr",
        "name": "normalises_in_place",
        "right": False,
        "cause": "divides H in place by its largest entry for safety: the number is right, but the caller's H is changed.",
        "source": """\
def max_stable_lr(H):
    scale = float(xp.abs(H).max())
    H /= scale
    return 2.0 / (float(xp.linalg.eigvalsh(H)[-1]) * scale)
""",
    },
    {
        "task": "max_stable_lr",
        "name": "all_the_limits",
        "right": False,
        "cause": "returns the limits of all directions (d,) instead of the one number.",
        "source": """\
def max_stable_lr(H):
    return xp.sort(2.0 / xp.linalg.eigvalsh(H))
""",
    },
    {
        "task": "optimal_gd",
        "name": "by_condition_number",
        "right": True,
        "cause": "unusual but right: the rate by numpy.linalg.cond, the learning rate by the spectral norm, clipped at 0.",
        "source": """\
def optimal_gd(H):
    A = xp.asarray(H, dtype=float)
    L = float(xp.linalg.norm(A, 2))
    kappa = max(1.0, float(np.linalg.cond(A.get() if hasattr(A, "get") else A)))
    return 2 / (L * (1 + 1 / kappa)), (kappa - 1) / (kappa + 1)
""",
    },
    {
        "task": "optimal_gd",
        "name": "namedtuple",
        "right": True,
        "cause": "unusual but right: a NamedTuple of two Python floats; the rate is the spectral norm of I - lr H.",
        "source": """\
from typing import NamedTuple

class Best(NamedTuple):
    lr: float
    rate: float


def optimal_gd(H) -> Best:
    lam = xp.linalg.eigvalsh(H.astype(float))
    lr = 2.0 / float(lam.max() + lam.min())
    return Best(lr=lr, rate=float(xp.linalg.norm(xp.eye(len(H)) - lr * H, ord=2)))
""",
    },
    {
        "task": "optimal_gd",
        "name": "bisection_on_balance",
        "right": True,
        "cause": "unusual but right: bisects for the learning rate at which the two ends balance, lr L - 1 = 1 - lr mu.",
        "source": """\
def optimal_gd(H):
    lam = [float(v) for v in xp.linalg.eigvalsh(H.astype(float))]
    mu, L = min(lam), max(lam)
    low, high = 0.0, 2.0 / L
    while low < (mid := 0.5 * (low + high)) < high:
        if mid * L - 1 < 1 - mid * mu:
            low = mid
        else:
            high = mid
    return high, max(abs(1 - high * v) for v in lam)
""",
    },
    {
        "task": "optimal_gd",
        "name": "all_crossings",
        "right": True,
        "cause": "unusual but right: tries the crossing 2 / (a + b) of every pair of curvatures and keeps the one with the smallest worst factor.",
        "source": """\
import itertools

def optimal_gd(H):
    lam = [float(v) for v in np.linalg.svd(np.asarray(H, dtype=float), compute_uv=False)]
    worst = lambda lr: max(abs(1 - lr * v) for v in lam)
    lr = min((2 / (a + b) for a, b in itertools.combinations_with_replacement(lam, 2)), key=worst)
    return lr, worst(lr)
""",
    },
    {
        "task": "optimal_gd",
        "name": "flip_trick",
        "right": True,
        "cause": "unusual but right: only spectral norms: L of H, and mu as L minus the largest eigenvalue of L I - H.",
        "source": """\
def optimal_gd(H):
    A = H.astype(float)
    L = xp.linalg.norm(A, 2)
    gap = xp.linalg.norm(L * xp.eye(len(A)) - A, 2)   # L - mu
    return 2 / (2 * L - gap), gap / (2 * L - gap)
""",
    },
    {
        "task": "optimal_gd",
        "name": "numpy_scalars",
        "right": True,
        "cause": "unusual but right: two numpy scalars, the ends of eigh by starred assignment; prints the condition number.",
        "source": """\
def optimal_gd(H):
    (mu, *_, L) = [*(e := xp.linalg.eigh(H)[0]), e[-1]]
    print(f"condition number {float(L / mu):.4g}")
    return np.float64(2) / (L + mu), (L - mu) / (L + mu)
""",
    },
    {
        "task": "optimal_gd",
        "name": "diameter",
        "right": True,
        "cause": "unusual but right: centre and radius of the interval of curvatures, statistics and ptp: lr = 1 / centre, rate = radius / centre.",
        "source": """\
import statistics

def optimal_gd(H):
    lam = sorted(float(v.real) for v in xp.linalg.eigvals(H.astype(float)))
    ends = (lam[0], lam[-1])
    centre, radius = statistics.fmean(ends), (ends[1] - ends[0]) / 2
    return 1 / centre, radius / centre
""",
    },
    {
        "task": "optimal_gd",
        "name": "list_of_two",
        "right": True,
        "cause": 'the right two numbers as a list (unsure: "(lr, rate), two numbers": must it be a tuple?).',
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    return [float(2 / (lam[0] + lam[-1])), float((lam[-1] - lam[0]) / (lam[-1] + lam[0]))]
""",
    },
    {
        "task": "optimal_gd",
        "name": "array_of_two",
        "right": True,
        "cause": 'the right two numbers as an array (2,), which unpacks like a tuple (unsure: "(lr, rate), two numbers").',
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    return xp.array([2.0, lam[-1] - lam[0]]) / (lam[-1] + lam[0])
""",
    },
    {
        "task": "optimal_gd",
        "name": "one_over_l",
        "right": False,
        "cause": "the safe 1 / L with its rate 1 - mu / L.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    return float(1 / lam[-1]), float(1 - lam[0] / lam[-1])
""",
    },
    {
        "task": "optimal_gd",
        "name": "rate_of_the_loss",
        "right": False,
        "cause": "squares the rate: that of the loss, not of the distance.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    kappa = float(lam[-1] / lam[0])
    return 2 / float(lam[0] + lam[-1]), ((kappa - 1) / (kappa + 1)) ** 2
""",
    },
    {
        "task": "optimal_gd",
        "name": "momentum_optimum",
        "right": False,
        "cause": "Polyak's heavy-ball optimum with square roots instead of plain gradient descent's.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    a, b = float(lam[-1]) ** 0.5, float(lam[0]) ** 0.5
    return 4 / (a + b) ** 2, (a - b) / (a + b)
""",
    },
    {
        "task": "optimal_gd",
        "name": "swapped",
        "right": False,
        "cause": "returns (rate, lr): the same in the visible check, where both are 0.5.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = float(2 / (lam[0] + lam[-1]))
    rate = float((lam[-1] - lam[0]) / (lam[-1] + lam[0]))
    return rate, lr
""",
    },
    {
        "task": "optimal_gd",
        "name": "mean_curvature",
        "right": False,
        "cause": "1 over the mean of all curvatures: the same as the right one in two dimensions, and for symmetric spectra.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = float(1 / lam.mean())
    return lr, float(abs(1 - lr * lam).max())
""",
    },
    {
        "task": "optimal_gd",
        "name": "diagonal_entries",
        "right": False,
        "cause": "the diagonal instead of the eigenvalues: right on diagonal matrices, as in the visible check.",
        "source": """\
def optimal_gd(H):
    lam = xp.diag(H)
    L, mu = float(lam.max()), float(lam.min())
    return 2 / (L + mu), (L - mu) / (L + mu)
""",
    },
    {
        "task": "optimal_gd",
        "name": "geometric_mean",
        "right": False,
        "cause": "1 over the geometric mean of the two ends: balances ratios, not differences.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = float(1 / (lam[0] * lam[-1]) ** 0.5)
    return lr, float(abs(1 - lr * lam).max())
""",
    },
    {
        "task": "optimal_gd",
        "name": "rate_one_minus_inverse_kappa",
        "right": False,
        "cause": "the right learning rate with the rate 1 - 1 / kappa of the learning rate 1 / L.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    return float(2 / (lam[0] + lam[-1])), float(1 - lam[0] / lam[-1])
""",
    },
    {
        "task": "optimal_gd",
        "name": "exponential_rate",
        "right": False,
        "cause": "the approximation exp(-2 / kappa) of the rate: good for large kappa only.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    return float(2 / (lam[0] + lam[-1])), float(xp.exp(-2 * lam[0] / lam[-1]))
""",
    },
    {
        "task": "optimal_gd",
        "name": "grid_of_rates",
        "right": False,
        "cause": "the best of a grid of 1,000 learning rates: three digits, not eight.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    grid = xp.linspace(0, 2 / lam[-1], 1000)
    worst = abs(1 - grid[:, None] * lam).max(axis=1)
    k = int(worst.argmin())
    return float(grid[k]), float(worst[k])
""",
    },
    {
        "task": "optimal_gd",
        "name": "unsorted_ends",
        "right": False,
        "cause": "takes the first and last of eigvals, which is not sorted: right only by luck of the order.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvals(H).real
    return float(2 / (lam[0] + lam[-1])), float(abs(lam[0] - lam[-1]) / (lam[0] + lam[-1]))
""",
    },
    {
        "task": "optimal_gd",
        "name": "one_dimension_special",
        "right": False,
        "cause": "special-cases d = 1 with the stability limit 2 / h and rate 0: at that learning rate the error does not shrink at all.",
        "source": """\
def optimal_gd(H):
    if len(H) == 1:
        return float(2 / H[0, 0]), 0.0
    lam = xp.linalg.eigvalsh(H)
    return float(2 / (lam[0] + lam[-1])), float((lam[-1] - lam[0]) / (lam[-1] + lam[0]))
""",
    },
    {
        "task": "optimal_gd",
        "name": "divides_by_gap",
        "right": False,
        "cause": "computes the rate by way of 1 / (kappa - 1): nan or a ZeroDivisionError for d = 1 and whenever all curvatures are equal.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    kappa = float(lam[-1]) / float(lam[0])
    return float(2 / (lam[0] + lam[-1])), 1 / (1 + 2 / (kappa - 1))
""",
    },
    {
        "task": "optimal_gd",
        "name": "frobenius_condition",
        "right": False,
        "cause": "the condition number and L by Frobenius norms.",
        "source": """\
def optimal_gd(H):
    L = float(xp.linalg.norm(H))
    kappa = L * float(xp.linalg.norm(xp.linalg.inv(H)))
    return 2 / (L + L / kappa), (kappa - 1) / (kappa + 1)
""",
    },
    {
        "task": "optimal_gd",
        "name": "signed_rate",
        "right": False,
        "cause": "the rate is 1 - lr L, which is negative.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = 2 / (lam[0] + lam[-1])
    return float(lr), float(1 - lr * lam[-1])
""",
    },
    {
        "task": "optimal_gd",
        "name": "two_over_l",
        "right": False,
        "cause": "the largest stable learning rate, with the rate of the slowest direction only.",
        "source": """\
def optimal_gd(H):
    lam = xp.linalg.eigvalsh(H)
    lr = 2 / float(lam[-1])
    return lr, abs(1 - lr * float(lam[0]))
""",
    },
    {
        "task": "experiment",
        "name": "svd_of_the_data",
        "right": True,
        "cause": "unusual but right: everything by the singular values of X, the error in closed form, the counts by logarithm and by counting.",
        "source": """\
import math

def experiment(seed):
    X, y = own_data(seed)
    U, s, _ = xp.linalg.svd(X, full_matrices=False)
    lam = s ** 2 / len(X)
    e0 = (U.T @ y) / s                                   # -(w0 - w*) along the eigenvectors
    L, mu = float(lam.max()), float(lam.min())
    lr = xp.asarray([0.25 * 2 / L, 0.5 * 2 / L, 2 / (L + mu), 1.001 * 2 / L])
    factor = 1 - lr[:, None] * lam
    t = xp.arange(STEPS + 1)
    error = xp.sqrt((((factor[:, None, :] ** t[:, None]) * e0) ** 2).sum(axis=2)) / xp.sqrt((e0 ** 2).sum())
    rate = abs(factor).max(axis=1)
    n = max(0, math.floor(math.log(1e-6) / math.log(float(rate[2]))) - 2)
    while float(rate[2]) ** n > 1e-6:
        n += 1
    return {
        "lr": lr,
        "rate": rate,
        "error": error,
        "predicted_steps": n,
        "measured_steps": int((error[2] > 1e-6).sum()),
    }
""",
    },
    {
        "task": "experiment",
        "name": "error_recursion",
        "right": True,
        "cause": "unusual but right: follows the error e <- (I - lr H) e for all four learning rates at once, never forming w; counts by next().",
        "source": """\
import itertools

def experiment(seed):
    X, y = own_data(seed)
    N = X.shape[0]
    H, b = X.T @ X / N, X.T @ y / N
    star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    top = 2 / lam[-1]
    lr = xp.stack([0.25 * top, 0.5 * top, 2 / (lam[0] + lam[-1]), 1.001 * top])
    E = xp.tile(-star, (4, 1))
    columns = [xp.linalg.norm(E, axis=1)]
    for _ in range(STEPS):
        E = E - lr[:, None] * (E @ H)
        columns.append(xp.linalg.norm(E, axis=1))
    error = xp.stack(columns).T / columns[0][:, None]
    rate = abs(1 - xp.outer(lr, lam)).max(axis=1)
    return dict(
        lr=lr,
        rate=rate,
        error=error,
        predicted_steps=next(t for t in itertools.count() if rate[2] ** t <= 1e-6),
        measured_steps=next(t for t, e in enumerate(error[2].tolist()) if e <= 1e-6),
    )
""",
    },
    {
        "task": "experiment",
        "name": "with_the_functions",
        "right": True,
        "cause": "unusual but right: uses the three functions of the notebook, arrays by list comprehension, argmax for the count, numpy integers for both counts.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    w_star = xp.linalg.lstsq(H, b, rcond=None)[0]
    limit, (best, rho) = max_stable_lr(H), optimal_gd(H)
    lrs = [0.25 * limit, 0.5 * limit, best, 1.001 * limit]
    curves = [xp.sqrt(((quadratic_gd(H, b, xp.zeros(10), lr, STEPS) - w_star) ** 2).sum(1)) for lr in lrs]
    error = xp.array([c / c[0] for c in curves])
    return {
        "measured_steps": np.int64(np.argmax(error[2] <= 1e-6)),
        "predicted_steps": np.int64(np.ceil(np.log(1e-6) / np.log(float(rho)))),
        "error": error,
        "rate": xp.array([float(xp.linalg.norm(xp.eye(len(H)) - float(lr) * H, 2)) for lr in lrs]),
        "lr": xp.array([float(lr) for lr in lrs]),
    }
""",
    },
    {
        "task": "experiment",
        "name": "cached_experiment",
        "right": True,
        "cause": "unusual but right: functools.lru_cache around the work, copies handed out, inv instead of solve, searchsorted on the reversed curve.",
        "source": """\
import functools

@functools.lru_cache(maxsize=8)
def _work(seed):
    X, y = own_data(seed)
    H = xp.einsum("ni,nj->ij", X, X) / len(X)
    b = xp.einsum("ni,n->i", X, y) / len(X)
    star = xp.linalg.inv(H) @ b
    lam = xp.linalg.eigvalsh(H)
    lr = xp.array([0.5, 1.0, 2 * lam[-1] / (lam[-1] + lam[0]), 2.002]) / lam[-1]
    rate = xp.maximum(abs(1 - lr * lam[0]), abs(1 - lr * lam[-1]))
    error = xp.ones((4, STEPS + 1))
    for k in range(4):
        w = xp.zeros(len(b))
        for t in range(1, STEPS + 1):
            w = w + lr[k] * (b - H @ w)
            error[k, t] = xp.linalg.norm(w - star) / xp.linalg.norm(star)
    powers = rate[2] ** xp.arange(20 * STEPS)
    return lr, rate, error, int((powers > 1e-6).sum()), STEPS + 1 - int(xp.searchsorted(error[2, ::-1], 1e-6, side="right"))


def experiment(seed):
    names = ("lr", "rate", "error", "predicted_steps", "measured_steps")
    return {n: (v.copy() if hasattr(v, "copy") else v) for n, v in zip(names, _work(seed))}
""",
    },
    {
        "task": "experiment",
        "name": "class_based",
        "right": True,
        "cause": "unusual but right: a helper class with cached properties, a dict subclass as result, the curves as a transposed view.",
        "source": '''\
from functools import cached_property

class Result(dict):
    """A dict with a short repr."""

    def __repr__(self):
        return f"Result({', '.join(self)})"


class Valley:
    def __init__(self, X, y):
        self.H, self.b = (X.T @ X) / len(X), (X.T @ y) / len(X)

    @cached_property
    def spectrum(self):
        return xp.linalg.eigh(self.H)

    def curve(self, lr):
        lam, Q = self.spectrum
        start = Q.T @ self.b / lam
        powers = xp.cumprod(xp.vstack([xp.ones(len(lam)), xp.tile(1 - lr * lam, (STEPS, 1))]), axis=0)
        dist = xp.linalg.norm(powers * start, axis=1)
        return dist / dist[0]


def experiment(seed: int) -> dict:
    v = Valley(*own_data(seed))
    lam = v.spectrum[0]
    limit = 2 / lam.max()
    lr = xp.array([limit / 4, limit / 2, 2 / (lam.max() + lam.min()), limit * 1.001])
    rate = xp.array([abs(1 - r * lam).max() for r in lr])
    error = xp.stack([v.curve(r) for r in lr], axis=1).T
    t, now = 0, 1.0
    while now > 1e-6:
        t, now = t + 1, float(rate[2]) ** (t + 1)
    below = [i for i in range(STEPS + 1) if error[2][i] <= 1e-6]
    return Result(lr=lr, rate=rate, error=error, predicted_steps=t, measured_steps=below[0])
''',
    },
    {
        "task": "experiment",
        "name": "b_not_divided",
        "right": True,
        "cause": "unusual but right in every number returned: b = X'y without / N scales w and w* alike, and the ratio of distances is the same (unsure: \"b = X'y / N\" is not what is computed, but b is not returned).",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y
    star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = 2 / lam[-1]
    lr = xp.array([0.25 * limit, 0.5 * limit, 2 / (lam[0] + lam[-1]), 1.001 * limit])
    rate = abs(1 - lr[:, None] * lam).max(axis=1)
    error = xp.empty((4, STEPS + 1))
    for k in range(4):
        w = xp.zeros_like(b)
        for t in range(STEPS + 1):
            error[k, t] = xp.linalg.norm(w - star)
            w = w - lr[k] * (H @ w - b)
    error /= xp.linalg.norm(star)
    t = 0
    while rate[2] ** t > 1e-6:
        t += 1
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": t,
            "measured_steps": int(xp.argmax(error[2] <= 1e-6))}
""",
    },
    {
        "task": "experiment",
        "name": "counts_as_floats",
        "right": True,
        "cause": 'right, but the two counts are whole floats such as 3169.0 (unsure: "the first whole number t": must it be an int?).',
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H, b = X.T @ X / len(X), X.T @ y / len(X)
    star = xp.linalg.solve(H, b)
    lam, Q = xp.linalg.eigh(H)
    limit = 2 / lam[-1]
    lr = xp.array([0.25 * limit, 0.5 * limit, 2 / (lam[0] + lam[-1]), 1.001 * limit])
    factors = 1 - lr[:, None] * lam
    e = Q.T @ star
    error = xp.array([xp.linalg.norm(f ** xp.arange(STEPS + 1)[:, None] * e, axis=1) for f in factors])
    error = error / error[:, :1]
    rate = abs(factors).max(axis=1)
    return {"lr": lr, "rate": rate, "error": error,
            "predicted_steps": float(np.ceil(np.log(1e-6) / np.log(float(rate[2])))),
            "measured_steps": float(np.argmax(error[2] <= 1e-6))}
""",
    },
    {
        "task": "experiment",
        "name": "h_not_divided",
        "right": False,
        "cause": "H = X'X and b = X'y without / N: curves, rates and counts are the same, the four learning rates are N times too small.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X
    b = X.T @ y
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "sample_covariance",
        "right": False,
        "cause": "H by np.cov, which divides by N - 1: the learning rates are 0.25 % off, all else nearly right.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = xp.cov(X.T)
    b = X.T @ y / (len(X) - 1)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "multiples_of_the_best",
        "right": False,
        "cause": "0.25, 0.5 and 1.001 times the best learning rate instead of the limit: 1.001 times the best is still stable.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * best, 0.5 * best, best, 1.001 * best])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "order_of_lr",
        "right": False,
        "cause": "the best learning rate comes last instead of third (the counts are taken from it all the same).",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, 1.001 * limit, best])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[3] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "rate_of_flattest",
        "right": False,
        "cause": "the rate is 1 - lr mu: right for the first three, wrong above the limit, where the steepest direction rules.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(1 - a * lam[0]) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "rate_best_everywhere",
        "right": False,
        "cause": "the same rate (kappa - 1) / (kappa + 1) for all four learning rates.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.full(4, float(rho))
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "rate_signed_max",
        "right": False,
        "cause": "max of 1 - lr lambda without the absolute value: wrong above the limit.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float((1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "squared_error",
        "right": False,
        "cause": "the squared distance, as for a loss: curves and measured steps are those of the square.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = ((W - w_star) ** 2).sum(axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "loss_instead_of_distance",
        "right": False,
        "cause": "the excess of the loss instead of the distance.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.einsum('ti,ij,tj->t', W - w_star, H, W - w_star) / 2
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "not_normalised",
        "right": False,
        "cause": "the distance is not divided by the one at the start.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "divided_by_norm_of_w",
        "right": False,
        "cause": "error is the distance divided by |w_t| of the same step (a relative error), with 1 put in at the start.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        size = xp.linalg.norm(W, axis=1)
        size[0] = distance[0]
        error[k] = distance / size
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "last_point_as_minimum",
        "right": False,
        "cause": "takes the last point of each run for the minimum: every curve ends at exactly 0.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - W[-1], axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "largest_component",
        "right": False,
        "cause": "the largest component instead of the Euclidean norm.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = abs(W - w_star).max(axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "predicted_floor",
        "right": False,
        "cause": "int() rounds down: the predicted step is the last at which rate ** t is still above 1e-6.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.log(1e-6) / np.log(rho))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "predicted_log_mixed",
        "right": False,
        "cause": "log10 above, natural logarithm below.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log10(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "predicted_for_the_loss",
        "right": False,
        "cause": "the predicted steps are for rho ** (2 t) <= 1e-6.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / (2 * np.log(rho))))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "predicted_from_half_limit",
        "right": False,
        "cause": "predicts with the rate of half the limit.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rate[1])))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "predicted_rule_of_thumb",
        "right": False,
        "cause": "kappa / 2 * ln(1e6) rounded down: a rule of thumb, one below the first whole number with rate ** t <= 1e-6.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(lam[-1] / lam[0] / 2 * np.log(1e6))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "measured_off_by_one",
        "right": False,
        "cause": "counts the start as step 1: measured_steps is one too large.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6)) + 1
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "measured_on_wrong_curve",
        "right": False,
        "cause": "measures on the curve of half the limit, which does not get there: argmax of all False is 0.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[1] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "measured_by_closest",
        "right": False,
        "cause": "the step at which the error is closest to 1e-6: often the last step above it instead of the first at or below.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmin(abs(error[2] - 1e-6)))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "measured_end_of_run",
        "right": False,
        "cause": "STEPS as the measured number: the first t at which error is small is not looked for.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = STEPS
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "global_patients",
        "right": False,
        "cause": "uses the global X_own, y_own: the argument seed is ignored.",
        "source": """\
def experiment(seed):
    X, y = X_own, y_own
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "fixed_seed",
        "right": False,
        "cause": "always the patients of seed 0.",
        "source": """\
def experiment(seed):
    X, y = own_data(0)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "all_patients",
        "right": False,
        "cause": "all 442 patients instead of the 400 of the seed.",
        "source": """\
def experiment(seed):
    X, y = data.diabetes(standardise=False)
    X, y = xp.asarray(data.standardised(X)), xp.asarray(data.standardised(y[:, None])[:, 0])
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "random_start",
        "right": False,
        "cause": "starts at random points instead of zeros.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, normal(np.random.default_rng(seed), len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "y_as_minimum_bug",
        "right": False,
        "cause": "w* by H b instead of solving H w* = b.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = H @ b
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "limit_with_one_over_l",
        "right": False,
        "cause": "takes 1 / L for the largest stable learning rate, so the fourth run converges.",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X)
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = 1 / lam[-1]
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
    {
        "task": "experiment",
        "name": "ridge",
        "right": False,
        "cause": "adds 1e-6 to the diagonal of H 'for stability': w* and the curvatures move by more than the tolerance (mu is 0.009).",
        "source": """\
def experiment(seed):
    X, y = own_data(seed)
    H = X.T @ X / len(X) + 1e-6 * xp.eye(X.shape[1])
    b = X.T @ y / len(X)
    w_star = xp.linalg.solve(H, b)
    lam = xp.linalg.eigvalsh(H)
    limit = max_stable_lr(H)
    best, rho = optimal_gd(H)
    lr = xp.array([0.25 * limit, 0.5 * limit, best, 1.001 * limit])
    rate = xp.array([float(abs(1 - a * lam).max()) for a in lr])
    error = xp.zeros((4, STEPS + 1))
    for k in range(4):
        W = quadratic_gd(H, b, xp.zeros(len(b)), float(lr[k]), STEPS)
        distance = xp.linalg.norm(W - w_star, axis=1)
        error[k] = distance / distance[0]
    predicted = int(np.ceil(np.log(1e-6) / np.log(rho)))
    measured = int(xp.argmax(error[2] <= 1e-6))
    return {"lr": lr, "rate": rate, "error": error, "predicted_steps": predicted, "measured_steps": measured}
""",
    },
]
