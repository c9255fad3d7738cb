"""Blind answers for 01_autodiff_engine: wrong and unusual-but-right ones; see "cause"."""

ANSWERS = [
    {
        "task": "gradcheck",
        "name": "g_right_class",
        "right": True,
        "cause": "A small class that moves one entry in place of private copies and restores it from memory; infinity norms by np.linalg.norm.",
        "source": """\
class _Mover:
    def __init__(self, f, arrays):
        self.f, self.arrays = f, [xp.array(a, dtype="float64", order="C") for a in arrays]

    def value(self):
        return float(self.f(*[a.copy() for a in self.arrays])[0])

    def slope(self, array, i, h):
        flat = array.reshape(-1)
        kept = float(flat[i])
        flat[i] = kept + h
        ahead = self.value()
        flat[i] = kept - h
        behind = self.value()
        flat[i] = kept
        return (ahead - behind) / (2 * h)


def gradcheck(f, arrays, eps=1e-6):
    mover = _Mover(f, arrays)
    grads = f(*[a.copy() for a in mover.arrays])[1]
    worst = 0.0
    for array, grad in zip(mover.arrays, grads):
        grad = xp.asarray(grad)
        if grad.shape != array.shape or xp.isnan(grad).any():
            return float("inf")
        numeric = xp.asarray([mover.slope(array, i, eps) for i in range(array.size)])
        grad = grad.reshape(-1)
        norm = lambda v: float(xp.linalg.norm(v, np.inf)) if v.size else 0.0
        scale = max(norm(numeric), norm(grad))
        worst = max(worst, norm(numeric - grad) / scale) if scale else worst
    return worst
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "f_right_thorough",
        "right": True,
        "cause": "Own differences with private unbroadcast by add.at, spread-out values, normal and large g, and pull of the first call after a second forward.",
        "source": """\
def finds_bug(forward, pull):
    rng = np.random.default_rng(2024)
    grid = np.concatenate([np.linspace(-2.95, -0.1, 60), np.linspace(0.12, 2.93, 60)])

    def draw(sa, sb):
        na, nb = int(np.prod(sa, dtype=int)), int(np.prod(sb, dtype=int))
        v = rng.permutation(grid)[: na + nb]
        return v[:na].reshape(sa), v[na:].reshape(sb)

    def back(t, shape):
        size = int(np.prod(shape, dtype=int))
        home = np.broadcast_to(np.arange(size).reshape(shape), t.shape)
        return np.bincount(home.ravel(), t.ravel(), minlength=size).reshape(shape)

    h = 1e-6
    shapes = [((4, 5), (4, 5)), ((5,), (4, 5)), ((4, 5), (5,)), ((4, 1), (4, 5)), ((4, 5), (4, 1)), ((1, 5), (4, 1)),
              ((), (4, 5)), ((4, 5), ()), ((1, 5), (4, 5)), ((4, 5), (1, 5)), ((3,), (1,)), ((1,), (3,)), ((), ()), ((1, 1), (1,))]
    for turn in range(60):
        sa, sb = shapes[turn % len(shapes)]
        a, b = draw(sa, sb)
        other_a, other_b = draw(sa, sb)
        value, saved = forward(xp.asarray(a), xp.asarray(b))
        forward(xp.asarray(other_a), xp.asarray(other_b))
        g = rng.normal(size=value.shape) * rng.choice([0.3, 1.0, 5.0])
        claimed = pull(saved, xp.asarray(g))
        F = lambda a, b: figures.host(forward(xp.asarray(a), xp.asarray(b))[0])
        slopes = (F(a + h, b) - F(a - h, b)) / (2 * h), (F(a, b + h) - F(a, b - h)) / (2 * h)
        for shape, slope, got in zip((sa, sb), slopes, claimed):
            if np.shape(got) != shape:
                return True
            want, size = back(g * slope, shape), back(abs(g * slope), shape)
            if (abs(want - figures.host(got)) > 1e-3 * size + 1e-6 * abs(g).max()).any():
                return True
    return False
""",
    },
    {
        "task": "backward",
        "name": "b_none_adds",
        "right": False,
        "cause": "Forgets that a pullback may return None: None is added as if it were a gradient.",
        "source": """\
from collections import defaultdict


def backward(root, grad=None):
    shape = np.shape(root.value)
    if grad is None:
        if int(np.prod(shape)) > 1:
            raise ValueError("grad needed")
        grad = xp.ones(shape, dtype=root.value.dtype)
    if np.shape(grad) != shape:
        raise ValueError("wrong shape")
    arrived = defaultdict(list)
    arrived[root].append(grad)
    for node in list(toposort(root))[::-1]:
        g = sum(arrived[node][1:], arrived[node][0])
        if node.parents:
            for parent, part in zip(node.parents, node.pullback(g)):
                arrived[parent].append(part)
        else:
            node.grad = xp.array(g) if node.grad is None else node.grad + g
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_zeros_skipped",
        "right": False,
        "cause": "Skips nodes whose gradient is all zeros as an optimisation: zeros are a gradient that arrives, but the leaves keep None.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) > 1:
            raise ValueError("which gradient?")
        grad = xp.ones_like(root.value)
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("shape of grad")
    sums = {root: grad}
    for node in reversed(list(toposort(root))):
        g = sums.pop(node, None)
        if g is None or not xp.any(g):  # nothing to pass on
            continue
        if not node.parents:
            node.grad = xp.array(g, copy=True) if node.grad is None else node.grad + g
            continue
        for parent, part in zip(node.parents, node.pullback(g)):
            if part is None:
                continue
            sums[parent] = part if parent not in sums else sums[parent] + part
""",
    },
    {
        "task": "toposort",
        "name": "t_kahn_set_count",
        "right": False,
        "cause": "Kahn's algorithm where users are counted as a set but subtracted once per occurrence: a parent used twice by one node is released too early.",
        "source": """\
from collections import defaultdict


def toposort(root):
    users, todo = defaultdict(set), [root]
    reached = set()
    while todo:
        node = todo.pop()
        if node not in reached:
            reached.add(node)
            for p in node.parents:
                users[p].add(node)
                todo.append(p)
    missing = {node: len(users[node]) for node in reached}
    ready, order = [root], []
    while ready:
        node = ready.pop()
        order.append(node)
        for p in node.parents:
            missing[p] -= 1
            if missing[p] == 0:
                ready.append(p)
    order.reverse()
    return order
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_zero_is_none",
        "right": False,
        "cause": "None is replaced by zeros: nodes that no gradient reaches are called with zeros, and their leaves get a .grad of zeros instead of None.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("root is not a single number")
        grad = xp.ones_like(root.value)
    elif np.shape(grad) != np.shape(root.value):
        raise ValueError("grad has another shape")
    order = list(toposort(root))
    total = {n: xp.zeros_like(n.value) for n in order}
    total[root] = total[root] + grad
    for n in reversed(order):
        if not n.parents:
            n.grad = total[n].copy() if n.grad is None else n.grad + total[n]
            continue
        for p, part in zip(n.parents, n.pullback(total[n])):
            if part is not None:
                total[p] = total[p] + part
""",
    },
    {
        "task": "gradcheck",
        "name": "g_keeps_float32",
        "right": False,
        "cause": "Whole numbers are made float64 but float arrays are merely copied: f gets float32 arrays, where a step of 1e-6 is lost in rounding.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    arrays = [a.copy() if a.dtype.kind == "f" else a.astype(float) for a in map(xp.asarray, arrays)]
    _, grads = f(*arrays)
    worst = 0.0
    for a, g in zip(arrays, grads):
        if a.shape != np.shape(g) or xp.isnan(xp.asarray(g)).any():
            return float("inf")
        num = xp.empty(a.shape)
        for i in np.ndindex(a.shape):
            keep = float(a[i])
            a[i] = keep + eps
            plus = f(*[v.copy() for v in arrays])[0]
            a[i] = keep - eps
            minus = f(*[v.copy() for v in arrays])[0]
            a[i] = keep
            num[i] = (plus - minus) / (2 * eps)
        top = float(max(abs(num).max(), abs(g).max()))
        worst = max(worst, float(abs(num - g).max()) / top if top else 0.0)
    return worst
""",
    },
    {
        "held": True,
        "task": "gradcheck",
        "name": "g_numeric_like_array",
        "right": False,
        "cause": "f gets float64, but the numeric derivatives are stored in zeros_like of the original array: whole numbers cut them to integers.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    grads = f(*[a.astype("float64") for a in arrays])[1]
    error = 0.0
    for k, a in enumerate(arrays):
        g = xp.asarray(grads[k])
        if g.shape != a.shape or bool((g != g).any()):
            return float("inf")
        numeric = xp.zeros_like(a)
        for place in np.ndindex(a.shape):
            fs = {}
            for s in (1, -1):
                args = [b.astype("float64") for b in arrays]
                args[k][place] += s * eps
                fs[s] = float(f(*args)[0])
            numeric[place] = (fs[1] - fs[-1]) / (2 * eps)
        biggest = float(max(abs(numeric).max(), abs(g).max()))
        if biggest:
            error = max(error, float(abs(numeric - g).max()) / biggest)
    return error
""",
    },
    {
        "task": "experiment",
        "name": "e_right_norms",
        "right": True,
        "cause": "Norms instead of means (the 400 cancels), math.hypot for B.",
        "source": """\
import math


def experiment(seed):
    k, x = own_wave(seed)
    truth = k * xp.cos(k * x)
    size = xp.linalg.norm(truth)

    def curve(ahead, behind):
        apart = [(xp.sin(k * (x + ahead * h)) - xp.sin(k * (x - behind * h))) / ((ahead + behind) * h) for h in map(float, H)]
        return xp.linalg.norm(xp.stack(apart) - truth, axis=1) / size

    central = curve(1, 1)
    tail = [float(e) * float(h) for e, h in zip(central[-16:], H[-16:])]
    return {"central": central, "forward": curve(1, 0), "A": k * k / 6, "B": math.hypot(*tail) / 4}
""",
    },
    {
        "held": True,
        "task": "toposort",
        "name": "t_right_graphlib",
        "right": True,
        "cause": "The standard library's graphlib with a dict from node to its parents, root included.",
        "source": """\
import graphlib


def toposort(root):
    graph, new = {}, {root}
    while new:
        node = new.pop()
        graph[node] = set(node.parents)
        new |= graph[node] - graph.keys()
    return tuple(graphlib.TopologicalSorter(graph).static_order())
""",
    },
    {
        "task": "toposort",
        "name": "t_longest_by_paths",
        "right": False,
        "cause": "Longest distance by relaxing along all paths with a stack (pushes a node again for every path): exponential for diamonds.",
        "source": """\
def toposort(root):
    level = {}
    todo = [(root, 0)]
    while todo:
        node, d = todo.pop()
        level[node] = max(level.get(node, 0), d)
        for parent in node.parents:
            todo.append((parent, d + 1))
    return sorted(level, key=level.get, reverse=True)
""",
    },
    {
        "held": True,
        "task": "toposort",
        "name": "t_marks_nodes",
        "right": False,
        "cause": "Marks visited nodes on the nodes themselves (node.visited = True): they are not left as they are, and a second call returns nothing.",
        "source": """\
def toposort(root):
    topo = []
    stack = [root]
    while stack:
        node = stack[-1]
        if getattr(node, "visited", False):
            stack.pop()
            continue
        waiting = [p for p in node.parents if not getattr(p, "visited", False)]
        if waiting:
            stack.append(waiting[0])
        else:
            node.visited = True
            topo.append(node)
            stack.pop()
    return topo
""",
    },
    {
        "task": "backward",
        "name": "b_right_own_buffers",
        "right": True,
        "cause": "Every sum gets a buffer of its own at the first arrival (a copy), into which += is then allowed; leaves take the buffer.",
        "source": """\
def backward(root, grad=None):
    shape = np.shape(root.value)
    if grad is None:
        if shape.count(1) != len(shape):
            raise ValueError("which direction?")
        grad = xp.ones(shape, dtype=xp.asarray(root.value).dtype)
    elif np.shape(grad) != shape:
        raise ValueError(f"{np.shape(grad)} is not {shape}")
    buffers = {}

    def receive(node, part):
        if node in buffers:
            buffers[node] += part
        else:
            buffers[node] = xp.array(part, copy=True)

    receive(root, grad)
    pending = list(toposort(root))
    while pending:
        node = pending.pop()
        if node not in buffers:
            continue
        own = buffers.pop(node)
        if node.parents:
            for parent, part in zip(node.parents, node.pullback(own)):
                None if part is None else receive(parent, part)
        elif node.grad is None:
            node.grad = own
        else:
            node.grad = own + node.grad
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_right_lists",
        "right": True,
        "cause": "Contributions are collected in lists and added by functools.reduce when the node's turn comes.",
        "source": """\
import functools
import operator


def backward(root, grad=None):
    if grad is not None:
        if np.shape(grad) != np.shape(root.value):
            raise ValueError("grad.shape differs from root.value.shape")
    elif np.size(root.value) == 1:
        grad = xp.ones_like(root.value)
    else:
        raise ValueError("only a single number has a gradient of its own")
    order = list(toposort(root))
    letters = {id(node): [] for node in order}
    letters[id(root)].append(grad)
    for node in order[::-1]:
        if letters[id(node)]:
            g = functools.reduce(operator.add, letters[id(node)])
            if node.parents:
                for parent, part in zip(node.parents, node.pullback(g), strict=True):
                    letters[id(parent)].extend([] if part is None else [part])
            else:
                node.grad = xp.array(g) + (0 if node.grad is None else node.grad)
""",
    },
    {
        "task": "backward",
        "name": "b_bfs_no_order",
        "right": False,
        "cause": "No topological order: a queue from the root, each node once; a node's pullback is called before the long way has arrived.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("give grad")
        grad = xp.ones_like(root.value)
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("grad.shape")
    sums, queue, queued = {root: grad}, [root], {root}
    leaves = []
    for node in queue:
        if not node.parents:
            leaves.append(node)
            continue
        for parent, part in zip(node.parents, node.pullback(sums[node])):
            if part is None:
                continue
            sums[parent] = sums[parent] + part if parent in sums else part
            if parent not in queued:
                queued.add(parent)
                queue.append(parent)
    for leaf in leaves:
        leaf.grad = xp.array(sums[leaf]) if leaf.grad is None else leaf.grad + sums[leaf]
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_recursive_pending",
        "right": False,
        "cause": "Counts users and recurses when the last has sent: right sums and calls, but RecursionError on deep graphs; and where None is sent the count is not reduced, so other contributions get stuck.",
        "source": """\
def backward(root, grad=None):
    if grad is None and np.size(root.value) != 1:
        raise ValueError("grad!")
    if grad is not None and np.shape(grad) != np.shape(root.value):
        raise ValueError("shape!")
    waits = {}
    for node in toposort(root):
        for p in node.parents:
            waits[p] = waits.get(p, 0) + 1
    sums = {}

    def visit(node, g):
        if not node.parents:
            node.grad = xp.array(g) if node.grad is None else node.grad + g
            return
        for p, part in zip(node.parents, node.pullback(g)):
            if part is None:
                continue
            sums[p] = part if p not in sums else sums[p] + part
            waits[p] -= 1
            if waits[p] == 0:
                visit(p, sums[p])

    visit(root, xp.ones_like(root.value) if grad is None else grad)
""",
    },
    {
        "task": "unbroadcast",
        "name": "u_right_add_at",
        "right": True,
        "cause": "np.add.at on a broadcast table of flat positions, instead of sums along axes.",
        "source": """\
def unbroadcast(g, shape):
    size = int(np.prod(shape, dtype=int))
    home = np.broadcast_to(np.arange(size).reshape(shape), g.shape)
    flat = np.zeros(size, dtype=g.dtype)
    np.add.at(flat, home.ravel(), g.ravel())
    return flat.reshape(shape)
""",
    },
    {
        "held": True,
        "task": "unbroadcast",
        "name": "u_right_einsum",
        "right": True,
        "cause": "einsum with a subscript list: axes that go do not appear in the output, then a reshape.",
        "source": """\
def unbroadcast(g, shape):
    shape = tuple(shape)
    d = g.ndim - len(shape)
    aligned = (1,) * max(d, 0) + shape
    if d < 0 or any(s != n and s != 1 for s, n in zip(aligned, g.shape)):
        raise ValueError(f"an array of {shape} is never stretched to {g.shape}")
    keep = [i for i in range(g.ndim) if aligned[i] == g.shape[i]]
    return xp.einsum(g, list(range(g.ndim)), keep).reshape(shape)
""",
    },
    {
        "task": "gradcheck",
        "name": "g_max_one",
        "right": False,
        "cause": "The denominator is max(1, |num|, |g|), half-remembered: small gradients are judged absolutely, so a wrong tiny gradient passes.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    work = [xp.array(a, dtype="float64") for a in arrays]
    _, grads = f(*[w.copy() for w in work])
    errors = [0.0]
    for w, g in zip(work, grads):
        g = xp.asarray(g)
        if g.shape != w.shape or xp.isnan(g).any():
            return float("inf")
        flat = w.reshape(-1)  # a view
        num = xp.zeros(w.size)
        for i in range(w.size):
            x0 = float(flat[i])
            flat[i] = x0 + eps
            hi = f(*[v.copy() for v in work])[0]
            flat[i] = x0 - eps
            lo = f(*[v.copy() for v in work])[0]
            flat[i] = x0
            num[i] = (hi - lo) / (2 * eps)
        g = g.reshape(-1)
        scale = xp.maximum(1.0, max(abs(num).max(), abs(g).max()))
        errors.append(float(abs(num - g).max() / scale))
    return max(errors)
""",
    },
    {
        "task": "gradcheck",
        "name": "g_plus_1e_8",
        "right": False,
        "cause": "1e-8 is added to the denominator so that zeros do not divide by zero: errors of tiny gradients (1e-8 and less) come out too small.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    xs = [xp.asarray(a) * 1.0 for a in arrays]
    xs = [xp.array(x, dtype=xp.float64) for x in xs]
    _, gs = f(*xs)
    best = 0.0
    for n, (x, g) in enumerate(zip(xs, gs)):
        if getattr(g, "shape", ()) != x.shape:
            return float("inf")
        d = xp.zeros_like(x)
        for i in np.ndindex(x.shape):
            p, m = x.copy(), x.copy()
            p[i] += eps
            m[i] -= eps
            d[i] = (f(*xs[:n], p, *xs[n + 1 :])[0] - f(*xs[:n], m, *xs[n + 1 :])[0]) / (2 * eps)
        err = float(abs(d - g).max() / (max(abs(d).max(), abs(g).max()) + 1e-8))
        if np.isnan(err):
            return float("inf")
        best = max(best, err)
    return best
""",
    },
    {
        "task": "toposort",
        "name": "t_right_rounds",
        "right": True,
        "cause": "A generator in rounds: repeatedly emits nodes all of whose parents are out, via counts of parents still missing and a list of users.",
        "source": """\
def toposort(root):
    found = {id(root): root}
    for_later = [root]
    while for_later:
        for p in for_later.pop().parents:
            if id(p) not in found:
                found[id(p)] = p
                for_later.append(p)
    users = {key: [] for key in found}
    missing = {}
    for key, node in found.items():
        missing[key] = len(node.parents)
        for p in node.parents:
            users[id(p)].append(key)
    ready = [key for key, count in missing.items() if count == 0]
    for key in ready:  # grows while it is read
        for user in users[key]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return (found[key] for key in ready)
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_right_kahn",
        "right": True,
        "cause": "No toposort: counts the uses of each node, and passes on when all users have reported (also with None).",
        "source": """\
from collections import Counter


def backward(root, grad=None):
    value = xp.asarray(root.value)
    if grad is None and value.size != 1 or grad is not None and np.shape(grad) != value.shape:
        raise ValueError("a grad of the root's shape is needed")
    uses, found, stack = Counter(), {root}, [root]
    while stack:
        node = stack.pop()
        uses.update(node.parents)
        for p in node.parents:
            if p not in found:
                found.add(p)
                stack.append(p)
    arrived = {root: xp.ones_like(value) if grad is None else grad}
    ready = [root]
    while ready:
        node = ready.pop()
        g = arrived.pop(node, None)
        if not node.parents:
            if g is not None:
                node.grad = xp.array(g) if node.grad is None else xp.array(node.grad + g)
            continue
        parts = (None,) * len(node.parents) if g is None else node.pullback(g)
        for p, part in zip(node.parents, parts):
            if part is not None:
                arrived[p] = arrived[p] + part if p in arrived else part
            uses[p] -= 1
            if uses[p] == 0:
                ready.append(p)
""",
    },
    {
        "task": "matmul_pullback",
        "name": "m_ga_flat_k1",
        "right": False,
        "cause": "Special case k = 1 as an outer product of two vectors: gradients come back as vectors (n,) and (p,).",
        "source": """\
def matmul_pullback(g, a, b):
    n, k = a.shape
    p = b.shape[1]
    if k == 1:
        u, v = a[:, 0], b[0]
        ga = xp.einsum("il,l->i", g, v)
        gb = xp.einsum("il,i->l", g, u)
    else:
        ga = xp.einsum("il,jl->ij", g, b)
        gb = xp.einsum("ij,il->jl", a, g)
    return ga, gb
""",
    },
    {
        "held": True,
        "task": "matmul_pullback",
        "name": "m_fit_the_shapes",
        "right": False,
        "cause": 'Takes "there is only one way to make the shapes fit" literally and tries products until the shape fits: with n = k the untransposed a @ g fits first.',
        "source": """\
def matmul_pullback(g, a, b):
    def fit(candidates, shape):
        for x, y in candidates:
            if x.shape[1] == y.shape[0] and (x.shape[0], y.shape[1]) == shape:
                return x @ y
        raise ValueError("nothing fits")

    ga = fit([(g, b.T), (g, b), (b, g)], a.shape)
    gb = fit([(a, g), (a.T, g), (g, a), (g.T, a)], b.shape)
    return ga, gb
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_one_class_sigmoid",
        "right": False,
        "cause": "One column is taken for a binary classifier: with c = 1 the logistic sigmoid is used instead of softmax over one class (gradient 0).",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    n, c = logits.shape
    if reduction not in ("sum", "mean"):
        raise ValueError("sum or mean")
    if (y != xp.round(y)).any() or (y < 0).any() or (y > c - 1).any():
        raise ValueError("labels go from 0 to c - 1")
    z = logits + 0.0
    if c == 1:
        p = 0.5 * (1 + xp.tanh(z / 2))
        grad = p - y[:, None].astype(z.dtype)
    else:
        z = z - z.max(axis=1, keepdims=True)
        p = xp.exp(z)
        p = p / p.sum(axis=1, keepdims=True)
        grad = p - xp.eye(c, dtype=z.dtype)[y.astype(int)]
    return grad / n if reduction == "mean" else grad
""",
    },
    {
        "held": True,
        "task": "softmax_xent_pullback",
        "name": "s_columns_minus_one",
        "right": False,
        "cause": "p[:, y] -= 1 instead of p[arange(n), y]: 1 is taken from all label columns in all rows.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    if reduction not in ("mean", "sum"):
        raise ValueError
    z = logits.astype("float64") if logits.dtype.kind in "iu" else logits.copy()
    lab = y.astype("int64")
    if (lab != y).any() or (lab < 0).any() or (lab >= z.shape[1]).any():
        raise ValueError
    z -= z.max(axis=-1, keepdims=True)
    p = xp.exp(z) / xp.exp(z).sum(axis=-1, keepdims=True)
    p[:, lab] -= 1
    return p / z.shape[0] if reduction == "mean" else p
""",
    },
    {
        "task": "backward",
        "name": "b_copy_if_same",
        "right": False,
        "cause": "Copies only if the array is the very grad object handed in or already given to another leaf (tested with `is`): views such as g.T still share memory.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("root has several entries")
        grad = xp.ones_like(root.value)
    elif np.shape(grad) != np.shape(root.value):
        raise ValueError("grad must look like root.value")
    given, sums = [grad], {root: grad}
    for node in reversed(list(toposort(root))):
        if node not in sums:
            continue
        g = sums[node]
        if node.parents:
            for p, part in zip(node.parents, node.pullback(g)):
                if part is not None:
                    sums[p] = sums[p] + part if p in sums else part
        elif node.grad is not None:
            node.grad = node.grad + g
        else:
            if any(g is other for other in given):
                g = g.copy()
            given.append(g)
            node.grad = g
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_float64_zeros",
        "right": False,
        "cause": "Sums start from xp.zeros(shape), which is float64, so that float32 graphs get float64 gradients.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) > 1:
            raise ValueError("root is no number")
        grad = xp.ones(np.shape(root.value))
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("other shape")
    store = {}

    def put(node, g):
        if g is not None:
            store[node] = store.get(node, xp.zeros(np.shape(node.value))) + g

    put(root, grad)
    for node in reversed(list(toposort(root))):
        if node in store and node.parents:
            for pair in zip(node.parents, node.pullback(store[node])):
                put(*pair)
        elif node in store:
            node.grad = store[node] if node.grad is None else node.grad + store[node]
""",
    },
    {
        "task": "toposort",
        "name": "t_edges_only",
        "right": False,
        "cause": "Collects nodes from the edges of the graph: a root that is a leaf has no edge, and the list comes out empty.",
        "source": """\
from graphlib import TopologicalSorter


def toposort(root):
    ts = TopologicalSorter()
    stack, done = [root], set()
    while stack:
        node = stack.pop()
        if node in done:
            continue
        done.add(node)
        for parent in node.parents:
            ts.add(node, parent)
            stack.append(parent)
    return list(ts.static_order())
""",
    },
    {
        "held": True,
        "task": "toposort",
        "name": "t_leaf_has_nothing",
        "right": False,
        "cause": 'Takes "all nodes that root was computed from" to be none if root is a leaf, and returns an empty list (root itself forgotten).',
        "source": """\
def toposort(root):
    if not root.parents:
        return []
    order, seen = [], set()
    stack = [(root, iter(root.parents))]
    seen.add(root)
    while stack:
        node, it = stack[-1]
        nxt = next((p for p in it if p not in seen), None)
        if nxt is None:
            order.append(node)
            stack.pop()
        else:
            seen.add(nxt)
            stack.append((nxt, iter(nxt.parents)))
    return order
""",
    },
    {
        "task": "experiment",
        "name": "e_max_norm",
        "right": False,
        "cause": "The largest error divided by the largest derivative (as in gradcheck) in place of root mean squares.",
        "source": """\
def experiment(seed):
    k, x = own_wave(seed)
    df = k * xp.cos(k * x)
    central = xp.zeros(41)
    forward = xp.zeros(41)
    for i in range(41):
        h = float(H[i])
        c = (xp.sin(k * (x + h)) - xp.sin(k * (x - h))) / (2 * h)
        o = (xp.sin(k * (x + h)) - xp.sin(k * x)) / h
        central[i] = abs(c - df).max() / abs(df).max()
        forward[i] = abs(o - df).max() / abs(df).max()
    ch = (central * xp.asarray(H))[25:]
    return {"A": k * k / 6, "B": float((ch @ ch / 16) ** 0.5), "central": central, "forward": forward}
""",
    },
    {
        "held": True,
        "task": "toposort",
        "name": "t_bfs_reversed",
        "right": False,
        "cause": "Breadth-first from the root with a seen set, then reversed: a node that is used early and late is taken at first sight.",
        "source": """\
from collections import deque


def toposort(root):
    queue, seen, order = deque([root]), {root}, []
    while queue:
        node = queue.popleft()
        order.append(node)
        for p in node.parents:
            if p not in seen:
                seen.add(p)
                queue.append(p)
    return order[::-1]
""",
    },
    {
        "task": "unbroadcast",
        "name": "u_number_is_float",
        "right": False,
        "cause": 'Reads "() is a single number" as: return a Python float; the dtype (float32) and the array are lost.',
        "source": """\
def unbroadcast(g, shape):
    if shape == ():
        return float(g.sum())
    lead = g.ndim - len(shape)
    if lead < 0 or any(s not in (1, n) for s, n in zip(shape, g.shape[lead:])):
        raise ValueError(f"{shape} does not stretch to {g.shape}")
    g = g.sum(axis=tuple(range(lead)))
    ones = tuple(i for i, s in enumerate(shape) if s == 1)
    return g.sum(axis=ones, keepdims=True)
""",
    },
    {
        "held": True,
        "task": "matmul_pullback",
        "name": "m_gb_shape_k",
        "right": False,
        "cause": "Special case p = 1 as a matrix-vector product; gb comes out as (k,) instead of (k, 1).",
        "source": """\
def matmul_pullback(g, a, b):
    if b.shape[1] == 1:
        # matrix times vector: ga is an outer product, gb a weighted sum of the rows
        return g * b.T, (a * g).sum(axis=0)
    return g @ b.T, a.T @ g
""",
    },
    {
        "task": "matmul_pullback",
        "name": "m_try_except",
        "right": False,
        "cause": 'Same "make it fit" in try/except form: g @ b is used where it works (square b), transposing only after an error.',
        "source": """\
def matmul_pullback(g, a, b):
    try:
        ga = g @ b
        assert ga.shape == a.shape
    except (ValueError, AssertionError):
        ga = g @ b.T
    try:
        gb = a.T @ g
    except ValueError:
        gb = g.T @ a
    return ga, gb
""",
    },
    {
        "held": True,
        "task": "matmul_pullback",
        "name": "m_batch_mean",
        "right": False,
        "cause": "Averages gb over the n rows as in hand-written network lectures (1/m * X.T dZ).",
        "source": """\
def matmul_pullback(g, a, b):
    m = a.shape[0]
    dA = np.dot(g, b.T)
    dW = 1 / m * np.dot(a.T, g)
    return dA, dW
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_truncates_labels",
        "right": False,
        "cause": "Float labels go through astype(int), so 1.5 silently counts as class 1 (and -0.5 as 0).",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    y = xp.asarray(y).astype(int)
    n, c = logits.shape
    if y.min() < 0 or y.max() >= c:
        raise ValueError("label out of range")
    if reduction not in {"mean", "sum"}:
        raise ValueError("reduction must be mean or sum")
    z = logits.astype(xp.result_type(logits.dtype, "float32") if logits.dtype.kind == "f" else "float64")
    z -= z.max(axis=1, keepdims=True)
    p = xp.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    p -= xp.arange(c) == y[:, None]
    return p / (n if reduction == "mean" else 1)
""",
    },
    {
        "held": True,
        "task": "softmax_xent_pullback",
        "name": "s_int_labels_only",
        "right": False,
        "cause": "Takes float labels for no labels at all: an array of floats raises ValueError even if all are whole.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    if not np.issubdtype(y.dtype, np.integer):
        raise ValueError("labels must be whole numbers")
    n, c = logits.shape
    if ((y < 0) | (y >= c)).any():
        raise ValueError("labels out of range")
    if reduction == "mean":
        d = n
    elif reduction == "sum":
        d = 1
    else:
        raise ValueError("reduction")
    z = 1.0 * logits
    z = z - z.max(axis=1, keepdims=True)
    p = xp.exp(z) / xp.exp(z).sum(axis=1, keepdims=True)
    delta = xp.zeros_like(p)
    delta[xp.arange(n), y] = 1
    return (p - delta) / d
""",
    },
    {
        "task": "gradcheck",
        "name": "g_entrywise",
        "right": False,
        "cause": "The relative error is taken entry by entry and then the maximum, instead of the largest difference divided by the largest entry of the array.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    arrays = [xp.array(a, dtype=float) for a in arrays]
    _, grads = f(*arrays)
    worst = 0.0
    for n, (x, g) in enumerate(zip(arrays, grads)):
        if np.shape(g) != x.shape or xp.isnan(g).any():
            return float("inf")
        for idx in np.ndindex(x.shape):
            vals = []
            for s in (eps, -eps):
                moved = [v.copy() for v in arrays]
                moved[n][idx] += s
                vals.append(float(f(*moved)[0]))
            num = (vals[0] - vals[1]) / (2 * eps)
            top = max(abs(num), abs(float(g[idx])))
            if top > 0:
                worst = max(worst, abs(num - float(g[idx])) / top)
    return worst
""",
    },
    {
        "held": True,
        "task": "gradcheck",
        "name": "g_entrywise_vec",
        "right": False,
        "cause": "Same entry-by-entry relative error, vectorised with np.where for 0/0.",
        "source": """\
def _numeric(f, args, k, eps):
    out = xp.zeros(args[k].shape)
    it = np.nditer(np.zeros(args[k].shape), flags=["multi_index"])
    for _ in it:
        step = xp.zeros(args[k].shape)
        step[it.multi_index] = eps
        ahead = f(*args[:k], args[k] + step, *args[k + 1 :])[0]
        behind = f(*args[:k], args[k] - step, *args[k + 1 :])[0]
        out[it.multi_index] = (ahead - behind) / (2 * eps)
    return out


def gradcheck(f, arrays, eps=1e-6):
    args = tuple(xp.asarray(a).astype("float64") for a in arrays)
    given = f(*args)[1]
    errors = []
    for k in range(len(args)):
        d = xp.asarray(given[k])
        if d.shape != args[k].shape or bool(xp.isnan(d).any()):
            errors.append(float("inf"))
            continue
        num = _numeric(f, args, k, eps)
        big = xp.maximum(abs(num), abs(d))
        rel = abs(num - d) / xp.where(big == 0, 1, big)
        errors.append(float(rel.max()))
    return max(errors)
""",
    },
    {
        "task": "backward",
        "name": "b_broadcast_grad",
        "right": False,
        "cause": "A grad of another shape is broadcast to the root's shape, convenient as in other libraries, instead of ValueError.",
        "source": """\
def backward(root, grad=None):
    value = xp.asarray(root.value)
    if grad is None:
        if value.size > 1:
            raise ValueError("grad can be left out only for a scalar")
        grad = xp.ones_like(value)
    grad = xp.broadcast_to(xp.asarray(grad, dtype=value.dtype), value.shape)
    sums = {root: grad}
    for node in reversed(list(toposort(root))):
        if (g := sums.get(node)) is None:
            continue
        if not node.parents:
            node.grad = g.copy() if node.grad is None else node.grad + g
        else:
            for p, part in zip(node.parents, node.pullback(g)):
                if part is not None:
                    sums[p] = part if sums.get(p) is None else sums[p] + part
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_root_is_inner",
        "right": False,
        "cause": "Takes it for granted that root has a pullback: a leaf as root calls None.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("not a number")
        grad = xp.ones_like(root.value)
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("not the root's shape")
    *before, last = toposort(root)
    sums = {}

    def send(node, g):
        for parent, part in zip(node.parents, node.pullback(g)):
            if part is not None:
                sums[parent] = sums[parent] + part if parent in sums else part

    send(last, grad)
    for node in reversed(before):
        if node in sums and node.parents:
            send(node, sums[node])
    for node in before:
        if node in sums and not node.parents:
            node.grad = xp.array(sums[node]) if node.grad is None else node.grad + sums[node]
""",
    },
    {
        "task": "finds_bug",
        "name": "f_same_shape_at_once",
        "right": False,
        "cause": "Judges with random g, but only with a and b of the full shape and pull called right after forward: stretching faults and pullbacks of another call are missed.",
        "source": """\
def finds_bug(forward, pull):
    rng = np.random.default_rng(12)
    values = np.linspace(-2.9, 2.9, 24)
    for _ in range(10):
        v = rng.permutation(values)
        a, b = xp.asarray(v[:12].reshape(3, 4)), xp.asarray(v[12:].reshape(3, 4))
        g = normal(rng, 3, 4)
        ga, gb = pull(forward(a, b)[1], g)
        h = 1e-6
        da = (forward(a + h, b)[0] - forward(a - h, b)[0]) / (2 * h)
        db = (forward(a, b + h)[0] - forward(a, b - h)[0]) / (2 * h)
        for mine, theirs in ((g * da, ga), (g * db, gb)):
            if np.shape(theirs) != mine.shape:
                return True
            if not np.allclose(figures.host(mine), figures.host(theirs), rtol=1e-3, atol=1e-6):
                return True
    return False
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "f_only_positive",
        "right": False,
        "cause": "All shapes and random g, but a and b are drawn between 0.5 and 2.5 and g from 0 to 1: faults at negative inputs or where g < 0 are not seen, nor pullbacks of another call.",
        "source": """\
def finds_bug(forward, pull):
    rng = np.random.default_rng(7)
    shapes = [((2, 3), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (1, 3)), ((), (2, 3)), ((2, 1), (3,))]
    for sa, sb in shapes * 3:
        a, b = xp.asarray(rng.uniform(0.5, 2.5, sa)), xp.asarray(rng.uniform(0.5, 2.5, sb))
        g = xp.asarray(rng.random(np.broadcast_shapes(sa, sb)))

        def f(a, b):
            value, saved = forward(a, b)
            return (g * value).sum(), pull(saved, g)

        if gradcheck(f, [a, b]) > 0.01:
            return True
    return False
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_keras_eps",
        "right": False,
        "cause": "Clips the probabilities to [1e-7, 1 - 1e-7] as Keras does, to keep the log finite: entries are wrong by 1e-7 and rows no longer add up to 0.",
        "source": """\
EPS = 1e-7


def softmax_xent_pullback(logits, y, reduction="mean"):
    if reduction != "mean" and reduction != "sum":
        raise ValueError("unknown reduction")
    labels = y.astype(float)
    if (labels % 1 != 0).any() or (labels < 0).any() or (labels >= logits.shape[1]).any():
        raise ValueError("labels must be whole and in range")
    z = logits if logits.dtype.kind == "f" else logits.astype("float64")
    z = z - z.max(axis=1, keepdims=True)
    p = xp.exp(z)
    p = p / p.sum(axis=1, keepdims=True)
    p = xp.clip(p, EPS, 1 - EPS)
    hot = xp.arange(logits.shape[1])[None, :] == labels[:, None]
    grad = p - hot.astype(p.dtype)
    if reduction == "mean":
        grad = grad / len(y)
    return grad
""",
    },
    {
        "held": True,
        "task": "softmax_xent_pullback",
        "name": "s_else_sum",
        "right": False,
        "cause": 'Anything that is not "mean" is treated as "sum"; no ValueError for other words.',
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    z = logits.astype(float) if logits.dtype.kind in "iu" else logits
    n, c = z.shape
    k = y.astype(int)
    if (k != y).any() or k.min() < 0 or k.max() >= c:
        raise ValueError("labels")
    e = xp.exp(z - z.max(1)[:, None])
    out = e / e.sum(1)[:, None]
    out[np.arange(n), k] -= 1
    if reduction == "mean":
        return out / n
    else:
        return out
""",
    },
    {
        "task": "unbroadcast",
        "name": "u_broadcastable_both_ways",
        "right": False,
        "cause": 'Believes "compatible" suffices: a shape that is larger than g (g (2,1), shape (2,3)) is broadcastable with g but cannot be stretched to it; g comes back instead of ValueError.',
        "source": """\
def unbroadcast(g, shape):
    np.broadcast_shapes(g.shape, shape)  # ValueError if they do not fit
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=i, keepdims=True)
    return g
""",
    },
    {
        "held": True,
        "task": "unbroadcast",
        "name": "u_zip_compatible",
        "right": False,
        "cause": 'The usual rule "equal, or one of them is 1" is tested in both directions, so a g with an axis of 1 where shape has 3 is let through (and a g with fewer axes too).',
        "source": """\
def unbroadcast(g, shape):
    axes = []
    for back, (have, want) in enumerate(zip(reversed(g.shape), reversed(shape)), start=1):
        if have != want and have != 1 and want != 1:
            raise ValueError("shapes do not match")
        if want == 1 and have > 1:
            axes.append(g.ndim - back)
    axes += range(g.ndim - len(shape))
    total = g.sum(axis=tuple(axes), keepdims=True) if axes else g
    lead = g.ndim - len(shape)
    return total.reshape(total.shape[lead:]) if lead > 0 else total
""",
    },
    {
        "task": "backward",
        "name": "b_inplace_sums",
        "right": False,
        "cause": "Adds up with += in a dict whose first entry is the array that the pullback returned: writes into arrays with two owners.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("a grad is needed")
        grad = xp.ones_like(root.value)
    if np.shape(grad) != np.shape(root.value):
        raise ValueError("grad of another shape")
    sums = {root: grad}
    for node in reversed(list(toposort(root))):
        if node not in sums:
            continue
        if not node.parents:
            if node.grad is None:
                node.grad = xp.array(sums[node])
            else:
                node.grad = node.grad + sums[node]
        else:
            for parent, part in zip(node.parents, node.pullback(sums[node])):
                if part is None:
                    continue
                if parent in sums:
                    sums[parent] += part
                else:
                    sums[parent] = part
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_inplace_add_out",
        "right": False,
        "cause": "Accumulates with np.add(..., out=first contribution) when several arrive: same in-place mistake, in a list style.",
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if np.size(root.value) != 1:
            raise ValueError("no grad")
        seed_grad = xp.ones(np.shape(root.value), dtype=getattr(root.value, "dtype", float))
    else:
        if np.shape(grad) != np.shape(root.value):
            raise ValueError("grad has the wrong shape")
        seed_grad = grad
    inbox = {id(root): [seed_grad]}
    order = [*toposort(root)]
    while order:
        node = order.pop()
        mail = inbox.pop(id(node), [])
        if not mail:
            continue
        total = mail[0]
        for more in mail[1:]:
            if total.ndim:
                np.add(total, more, out=total)  # no new array
            else:
                total = total + more
        if node.parents:
            for k, part in enumerate(node.pullback(total)):
                if part is not None:
                    inbox.setdefault(id(node.parents[k]), []).append(part)
        else:
            node.grad = total.copy() if node.grad is None else node.grad + total
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_right_pairwise",
        "right": True,
        "cause": "p_j as 1 / sum_k exp(z_k - z_j), where overflow to inf gives a right 0; no shift by the maximum.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    if reduction not in ("mean", "sum"):
        raise ValueError(f"no reduction: {reduction!r}")
    n, c = logits.shape
    where = y[:, None] == xp.arange(c)[None, :]
    if not where.any(axis=1).all():  # a row without a hit: no label
        raise ValueError("labels are the whole numbers from 0 to c - 1")
    z = logits if logits.dtype.kind == "f" else logits.astype("float64")
    with np.errstate(over="ignore"):
        p = 1 / xp.exp(z[:, None, :] - z[:, :, None]).sum(axis=2)
    out = xp.where(where, p - 1, p).astype(z.dtype)
    return out / n if reduction == "mean" else out
""",
    },
    {
        "held": True,
        "task": "softmax_xent_pullback",
        "name": "s_right_logaddexp",
        "right": True,
        "cause": "logaddexp.reduce in float64 (float128 not needed), expm1 for the label's entry, cast at the end.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    kinds = {"mean": lambda t: t / len(t), "sum": lambda t: t}
    if reduction not in kinds:
        raise ValueError(reduction)
    out_type = logits.dtype if logits.dtype.kind == "f" else np.dtype("float64")
    z = logits.astype("float64")
    z = z - z[:, :1]  # any number may be taken away, logaddexp does the rest
    lp = z - np.logaddexp.reduce(z, axis=1)[:, None]
    grad = np.exp(lp)
    for i, label in enumerate(y.tolist()):
        if label not in range(z.shape[1]):
            raise ValueError(f"{label} is no label")
        grad[i, int(label)] = np.expm1(lp[i, int(label)])
    return kinds[reduction](grad).astype(out_type)
""",
    },
    {
        "task": "experiment",
        "name": "e_pointwise_relative",
        "right": False,
        "cause": "The relative error is taken place by place, (difference - f') / f', and then its root mean square; places where f' is near 0 dominate.",
        "source": """\
def experiment(seed):
    k, x = own_wave(seed)
    exact = k * xp.cos(k * x)
    rms = lambda v: float(xp.sqrt(xp.mean(v**2)))
    central, forward = [], []
    for h in H:
        up, mid, down = xp.sin(k * (x + h)), xp.sin(k * x), xp.sin(k * (x - h))
        central.append(rms(((up - down) / (2 * h) - exact) / exact))
        forward.append(rms(((up - mid) / h - exact) / exact))
    central, forward = xp.asarray(central), xp.asarray(forward)
    B = rms(central[-16:] * xp.asarray(H[-16:]))
    return {"central": central, "forward": forward, "A": k * k / 6, "B": B}
""",
    },
    {
        "held": True,
        "task": "experiment",
        "name": "e_std",
        "right": False,
        "cause": "Uses the standard deviation for the root mean square (as if the mean were 0): exact on the central right wall, wrong for the one-sided curve.",
        "source": """\
def experiment(seed):
    k, x = own_wave(seed)
    steps = xp.asarray(H)[:, None]
    f = lambda t: xp.sin(k * t)
    slope = k * xp.cos(k * x)
    by_central = (f(x + steps) - f(x - steps)) / (2 * steps)
    by_forward = (f(x + steps) - f(x)) / steps
    central = (by_central - slope).std(axis=1) / slope.std()
    forward = (by_forward - slope).std(axis=1) / slope.std()
    B = float(xp.sqrt(((central * steps[:, 0])[-16:] ** 2).mean()))
    return dict(central=central, forward=forward, A=k**2 / 6, B=B)
""",
    },
    {
        "task": "gradcheck",
        "name": "g_l2_norms",
        "right": False,
        "cause": "Uses Euclidean norms, ||num - g|| / max(||num||, ||g||), instead of largest entries.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    xs = [xp.asarray(a, dtype="float64") for a in arrays]
    value, grads = f(*xs)
    result = 0.0
    for i, x in enumerate(xs):
        grad = xp.asarray(grads[i])
        if grad.shape != x.shape or xp.isnan(grad).any():
            return float("inf")
        num = xp.zeros(x.size)
        for j in range(x.size):
            e = xp.zeros(x.size)
            e[j] = eps
            e = e.reshape(x.shape)
            up = f(*[x + e if m == i else v for m, v in enumerate(xs)])[0]
            down = f(*[x - e if m == i else v for m, v in enumerate(xs)])[0]
            num[j] = (up - down) / (2 * eps)
        gap = xp.linalg.norm(num - grad.ravel())
        scale = max(xp.linalg.norm(num), xp.linalg.norm(grad.ravel()))
        if scale > 0:
            result = max(result, float(gap / scale))
    return result
""",
    },
    {
        "held": True,
        "task": "gradcheck",
        "name": "g_nan_slips",
        "right": False,
        "cause": "A NaN in the gradient is not looked for; the comparison err > worst is False for NaN and the array passes.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    base = [xp.asarray(a).astype(float) for a in arrays]
    _, given = f(*base)
    worst = 0.0
    for k, x in enumerate(base):
        if np.shape(given[k]) != np.shape(x):
            return float("inf")
        numeric = xp.zeros(x.shape)
        for at in np.ndindex(*x.shape):
            two = []
            for sign in (+1, -1):
                y = x.copy()
                y[at] = y[at] + sign * eps
                two.append(f(*(base[:k] + [y] + base[k + 1 :]))[0])
            numeric[at] = (two[0] - two[1]) / (2 * eps)
        diff, scale = 0.0, 0.0
        for at in np.ndindex(*x.shape):
            d = abs(float(numeric[at] - given[k][at]))
            if d > diff:
                diff = d
            scale = max(scale, abs(float(numeric[at])), abs(float(given[k][at])))
        if diff / scale > worst if scale else False:
            worst = diff / scale
    return worst
""",
    },
    {
        "task": "unbroadcast",
        "name": "u_left_or_ones",
        "right": False,
        "cause": "Either added axes are summed or axes of length 1, never both: after summing the leading axes the function returns (early reshape), so (4,2,3) to (2,1) is scrambled.",
        "source": """\
def unbroadcast(g, shape):
    # np.broadcast_to raises ValueError by itself if it cannot be stretched
    np.broadcast_to(np.empty(shape), g.shape)
    if g.ndim == len(shape):
        ax = tuple(i for i, s in enumerate(shape) if s == 1)
        return g.sum(axis=ax, keepdims=True) if ax else g
    # axes were added on the left: fold them into one and add
    return g.reshape((-1,) + tuple(shape)).sum(axis=0)
""",
    },
    {
        "held": True,
        "task": "unbroadcast",
        "name": "u_elif_both",
        "right": False,
        "cause": "Same belief (either added or stretched) as if/elif: with both at once the shape is not reached and a ValueError is raised for a legal stretch.",
        "source": """\
def unbroadcast(g, shape):
    extra = len(g.shape) - len(shape)
    out = g
    if extra < 0:
        raise ValueError("shape has more axes than g")
    elif extra > 0 and shape not in ((), (1,)):
        for _ in range(extra):
            out = out.sum(axis=0)
    elif extra > 0:
        out = out.sum().reshape(shape)
    else:
        for axis in range(len(shape)):
            if shape[axis] == 1:
                out = out.sum(axis=axis, keepdims=True)
    if out.shape != tuple(shape):
        raise ValueError(f"{shape} cannot be stretched to {g.shape}")
    return out
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_right_lists",
        "right": True,
        "cause": "Plain Python with math.exp on nested lists; the label's entry is minus the sum of the others.",
        "source": """\
import math


def softmax_xent_pullback(logits, y, reduction="mean"):
    table, labels = logits.tolist(), [float(v) for v in y.tolist()]
    n, c = len(table), len(table[0])
    if reduction == "mean":
        weight = 1 / n
    elif reduction == "sum":
        weight = 1
    else:
        raise ValueError("mean or sum")
    result = []
    for row, label in zip(table, labels):
        if label not in [float(j) for j in range(c)]:
            raise ValueError("label")
        top = max(row)
        e = [math.exp(v - top) for v in row]
        line = [weight * v / sum(e) for v in e]
        k = int(label)
        line[k] = -sum(line[:k] + line[k + 1 :])
        result.append(line)
    return xp.asarray(result, dtype=logits.dtype if logits.dtype.kind == "f" else "float64")
""",
    },
    {
        "held": True,
        "task": "gradcheck",
        "name": "g_right_dual_rows",
        "right": True,
        "cause": "Rows of eps * eye as moved copies, generator style; empties and zeros handled, inf by max of a list.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    xs = tuple(xp.array(a, dtype="float64") for a in arrays)
    claimed = f(*(x.copy() for x in xs))[1]

    def error(k):
        x, g = xs[k], xp.asarray(claimed[k])
        if g.shape != x.shape or not bool((g == g).all()):
            return float("inf")
        flat = x.ravel()

        def at(i, h):
            moved = flat.copy()
            moved[i] += h
            return float(f(*(moved.reshape(x.shape) if j == k else v.copy() for j, v in enumerate(xs)))[0])

        numeric = [(at(i, eps) - at(i, -eps)) / (2 * eps) for i in range(x.size)]
        pairs = list(zip(numeric, map(float, g.ravel())))
        top = max((max(abs(a), abs(b)) for a, b in pairs), default=0.0)
        return max(abs(a - b) for a, b in pairs) / top if top else 0.0

    return float(max(map(error, range(len(xs))), default=0.0))
""",
    },
    {
        "task": "unbroadcast",
        "name": "u_axes_by_size",
        "right": False,
        "cause": 'Finds the added axes by their length ("sizes that shape does not have") rather than by place: for (3, 3) to (3,) nothing is found to be added.',
        "source": """\
def unbroadcast(g, shape):
    try:
        fits = np.broadcast_to(np.zeros(shape), g.shape) is not None
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("cannot be stretched")
    # which axes are not in `shape`? those go
    gone = tuple(ax for ax, n in enumerate(g.shape) if n not in shape)
    out = g.sum(axis=gone, keepdims=True)
    # now throw superfluous ones away
    while out.ndim > len(shape) and out.shape[0] == 1:
        out = out[0]
    return out
""",
    },
    {
        "held": True,
        "task": "unbroadcast",
        "name": "u_zeros_float64",
        "right": False,
        "cause": "Accumulates into xp.zeros(shape), which is float64: the dtype of a float32 gradient is lost.",
        "source": """\
def unbroadcast(g, shape):
    if tuple(shape) == g.shape:
        return g
    if len(shape) > g.ndim:
        raise ValueError("too many axes")
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    for n, m in zip(padded, g.shape):
        if n != m and n != 1:
            raise ValueError(f"axis of {n} cannot become {m}")
    total = xp.zeros(padded)
    for place in np.ndindex(*g.shape):
        home = tuple(0 if n == 1 else i for i, n in zip(place, padded))
        total[home] += g[place]
    return total.reshape(shape)
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_zeros_like_int",
        "right": False,
        "cause": "The result is filled into zeros_like(logits): for whole numbers everything is cut to -1, 0 and 1.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    if reduction not in ["mean", "sum"]:
        raise ValueError("what reduction?")
    n, c = logits.shape
    grad = xp.zeros_like(logits)
    for i in range(n):
        k = int(y[i])
        if k != y[i] or k < 0 or k >= c:
            raise ValueError("label")
        e = xp.exp(logits[i] - logits[i].max())
        p = e / e.sum()
        p[k] = p[k] - 1
        grad[i] = p / n if reduction == "mean" else p
    return grad
""",
    },
    {
        "held": True,
        "task": "softmax_xent_pullback",
        "name": "s_astype_back",
        "right": False,
        "cause": "Computes in float64 and casts back to logits.dtype without thinking of whole numbers: the gradient is truncated.",
        "source": """\
from functools import reduce


def softmax_xent_pullback(logits, y, reduction="mean"):
    dtype = logits.dtype
    L = logits.astype(xp.float64)
    lse = reduce(xp.logaddexp, [L[:, j] for j in range(L.shape[1])])
    probs = xp.exp(L - lse[:, None])
    valid = set(range(L.shape[1]))
    bad = [v for v in y.tolist() if v not in valid]
    if bad:
        raise ValueError(f"no labels: {bad}")
    target = xp.zeros_like(probs)
    target[xp.arange(len(y)), y.astype(int)] = 1.0
    if reduction == "mean":
        return ((probs - target) / len(y)).astype(dtype)
    if reduction == "sum":
        return (probs - target).astype(dtype)
    raise ValueError(reduction)
""",
    },
    {
        "task": "matmul_pullback",
        "name": "m_right_outer_loop",
        "right": True,
        "cause": "A sum of outer products over the middle index and over rows, started from zeros_like.",
        "source": """\
def matmul_pullback(g, a, b):
    ga, gb = xp.zeros_like(a), xp.zeros_like(b)
    for l in range(g.shape[1]):
        ga += xp.outer(g[:, l], b[:, l])
    for row, up in zip(a, g):
        gb += xp.outer(row, up)
    return ga, gb
""",
    },
    {
        "held": True,
        "task": "matmul_pullback",
        "name": "m_right_kron",
        "right": True,
        "cause": "Builds the Jacobians with Kronecker products and multiplies by their transposes.",
        "source": """\
def matmul_pullback(g, a, b):
    n, k = a.shape
    p = b.shape[1]
    eye = lambda m: xp.eye(m, dtype=a.dtype)
    by_a = xp.kron(eye(n), b.T)  # row-major vec(ab) = (I x b.T) vec(a)
    by_b = xp.kron(a, eye(p))  # and (a x I) vec(b)
    v = g.reshape(-1)
    return (v @ by_a).reshape(n, k), (v @ by_b).reshape(k, p)
""",
    },
    {
        "task": "backward",
        "name": "b_scalar_root_shape",
        "right": False,
        "cause": 'Takes "single number" for shape () only: a root of shape (1,) or (1, 1) raises ValueError without grad.',
        "source": """\
def backward(root, grad=None):
    if grad is None:
        if root.value.shape != ():
            raise ValueError("backward() only for scalars")
        grad = xp.ones((), dtype=root.value.dtype)
    elif grad.shape != root.value.shape:
        raise ValueError("grad and value differ in shape")
    G = {root: grad}
    for v in list(toposort(root))[::-1]:
        if v not in G:
            continue
        if v.parents == ():
            v.grad = G[v] + (0 if v.grad is None else v.grad)
        else:
            for u, d in zip(v.parents, v.pullback(G[v])):
                if d is not None:
                    G[u] = G[u] + d if u in G else d
""",
    },
    {
        "held": True,
        "task": "backward",
        "name": "b_seed_is_number",
        "right": False,
        "cause": "Starts with the plain number 1.0 whatever the root's shape: for roots of shape (1,) or (1, 1) the gradients lose their axes, and pullbacks get a float.",
        "source": """\
def backward(root, grad=None):
    if grad is None and np.size(root.value) > 1:
        raise ValueError("several entries")
    if grad is not None and np.shape(grad) != np.shape(root.value):
        raise ValueError("shape")
    acc = {root: xp.asarray(1.0) if grad is None else grad}
    for node in reversed(tuple(toposort(root))):
        got = acc.get(node)
        if got is None:
            continue
        if node.parents:
            for p, d in zip(node.parents, node.pullback(got)):
                if d is not None:
                    acc[p] = acc.get(p, 0) + d
        elif node.grad is None:
            node.grad = xp.array(got)
        else:
            node.grad = node.grad + got
""",
    },
    {
        "task": "matmul_pullback",
        "name": "m_fsum",
        "right": False,
        "cause": "Sums with math.fsum in Python lists for accuracy: float32 comes back as float64.",
        "source": """\
import math


def matmul_pullback(g, a, b):
    n, k = a.shape
    p = b.shape[1]
    ga = [[math.fsum(float(g[i, l]) * float(b[j, l]) for l in range(p)) for j in range(k)] for i in range(n)]
    gb = [[math.fsum(float(a[i, j]) * float(g[i, l]) for i in range(n)) for l in range(p)] for j in range(k)]
    return xp.asarray(ga), xp.asarray(gb)
""",
    },
    {
        "task": "softmax_xent_pullback",
        "name": "s_clip_logits",
        "right": False,
        "cause": "Clips the logits to +-80 against overflow instead of shifting: 1000 and 999 become equal.",
        "source": """\
def softmax_xent_pullback(logits, y, reduction="mean"):
    if reduction not in ("mean", "sum"):
        raise ValueError(reduction)
    n, c = logits.shape
    if any(float(k) != int(k) or not 0 <= k < c for k in y):
        raise ValueError("bad label")
    y = y.astype(int)
    if logits.dtype.kind != "f":
        logits = logits.astype(float)
    e = xp.exp(xp.clip(logits, -80, 80))
    p = e / e.sum(axis=1, keepdims=True)
    p[xp.arange(n), y] -= 1
    return p / n if reduction == "mean" else p
""",
    },
    {
        "task": "toposort",
        "name": "t_seen_when_pushed",
        "right": False,
        "cause": 'Iterative depth-first with an "exit" marker, but nodes are marked seen when pushed: an ancestor pushed early by another user comes out after a child that needs it.',
        "source": """\
def toposort(root):
    out, stack, seen = [], [(root, False)], {id(root)}
    while stack:
        node, leaving = stack.pop()
        if leaving:
            out.append(node)
            continue
        stack.append((node, True))
        for p in node.parents:
            if id(p) not in seen:
                seen.add(id(p))
                stack.append((p, False))
    return out
""",
    },
    {
        "held": True,
        "task": "toposort",
        "name": "t_last_sight",
        "right": False,
        "cause": "Walks along every path and keeps the last place at which a node was met: right order, but exponential work for a chain of diamonds.",
        "source": """\
def toposort(root):
    walk, i = [root], 0
    while i < len(walk):
        walk.extend(walk[i].parents)
        i += 1
    order = []
    for node in reversed(walk):
        if node not in order:
            order.append(node)
    return order
""",
    },
    {
        "task": "gradcheck",
        "name": "g_all_in_one",
        "right": False,
        "cause": "All arrays are concatenated to one vector and get one common error: a wrong small gradient hides behind a large one.",
        "source": """\
def gradcheck(f, arrays, eps=1e-6):
    xs = [xp.array(a, dtype=float) for a in arrays]
    grads = [xp.asarray(g) for g in f(*xs)[1]]
    if [g.shape for g in grads] != [x.shape for x in xs]:
        return float("inf")
    given = xp.concatenate([g.ravel() for g in grads])
    if xp.isnan(given).any():
        return float("inf")
    cuts = np.cumsum([x.size for x in xs])[:-1]
    theta = xp.concatenate([x.ravel() for x in xs])

    def L(t):
        return float(f(*[part.reshape(x.shape) for part, x in zip(xp.split(t, cuts), xs)])[0])

    steps = eps * xp.eye(theta.size)
    numeric = xp.asarray([(L(theta + s) - L(theta - s)) / (2 * eps) for s in steps])
    top = max(float(abs(numeric).max()), float(abs(given).max()))
    return float(abs(numeric - given).max()) / top if top else 0.0
""",
    },
    {
        "held": True,
        "task": "finds_bug",
        "name": "f_ones_above",
        "right": False,
        "cause": "A judge that asks at g = 1 only (gradcheck of the sum of the value): pullbacks that forget or mistreat g are called right.",
        "source": """\
def finds_bug(forward, pull):
    rng = np.random.default_rng(0)
    for sa, sb in [((3, 4), (3, 4)), ((4,), (3, 4)), ((3, 1), (3, 4)), ((3, 4), ()), ((3, 4), (1, 4))]:
        a, b = [xp.asarray(0.1 + 2.5 * rng.random(s)) * rng.choice([-1.0, 1.0], s) for s in (sa, sb)]

        def f(a, b):
            value, saved = forward(a, b)
            return value.sum(), pull(saved, xp.ones(value.shape))

        if gradcheck(f, [a, b]) > 1e-3:
            return True
    return False
""",
    },
]
