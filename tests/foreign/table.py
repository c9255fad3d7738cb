"""Which of PyTorch's operations speak about which of ours.

`TABLE` maps an operation of the engine to names in PyTorch's OpInfo database ("name" or "name.variant"); each comes
with a function of PyTorch's signature, made of the engine's operations. A sample that asks for more is left out, and
`WITHOUT` says why.
"""

import autograd_mini as am

from . import adapters as of

# fmt: off
TABLE: dict[str, dict[str, of.Function]] = {
    "add": {
        "add": lambda a, b, alpha=1: a + alpha * b,
        "__radd__": lambda a, b: a.__radd__(b),
        "lerp": lambda a, b, weight: a + weight * (b - a),
    },
    "sub": {
        "sub": lambda a, b, alpha=1: a - alpha * b,
        "rsub": lambda a, b, alpha=1: b - alpha * a,
        "__rsub__": lambda a, b: a.__rsub__(b),
    },
    "mul": {
        "mul": lambda a, b: a * b,
        "__rmul__": lambda a, b: a.__rmul__(b),
        "square": lambda a: a * a,
        "addcmul": lambda x, a, b, value=1: x + value * a * b,
    },
    "div": {
        "div.no_rounding_mode": lambda a, b: a / b,
        "div.trunc_rounding": lambda a, b: a / b,
        "div.floor_rounding": lambda a, b: a / b,
        "true_divide": lambda a, b: a / b,
        "__rdiv__": lambda a, b: a.__rtruediv__(b),
        "reciprocal": lambda a: 1 / a,
        "addcdiv": lambda x, a, b, value=1: x + value * a / b,
    },
    "neg": {"neg": lambda a: -a},
    "pow": {
        "pow": lambda a, b: a**b,
        "float_power": lambda a, b: a**b,
        "__rpow__": lambda a, b: a.__rpow__(b),
        "rsqrt": lambda a: a**-0.5,
    },
    "matmul": {
        "matmul": of.product, "mm": of.product, "mv": of.product, "dot": of.product,
        "vdot": of.product, "bmm": of.product,
        "__rmatmul__": lambda a, b: a.__rmatmul__(b),
        "addmm": of.addmm, "addmm.decomposed": of.addmm, "addmv": of.addmm, "baddbmm": of.addmm,
        "addbmm": lambda x, a, b, alpha=1, beta=1: beta * x + alpha * am.sum(a @ b, axis=0),
        "addr": lambda x, a, b, alpha=1, beta=1: beta * x + alpha * of.outer(a, b),
        "outer": of.outer,
        "inner": lambda a, b: a @ b.T if a.ndim and b.ndim else a * b,
        "linalg.multi_dot": of.multi_dot,
    },
    "maximum": {
        "maximum": lambda a, b: am.maximum(a, b),
        "max.binary": lambda a, b: am.maximum(a, b),
        "fmax": lambda a, b: am.maximum(a, b),
        "minimum": lambda a, b: -am.maximum(-a, -b),
        "min.binary": lambda a, b: -am.maximum(-a, -b),
        "clamp_min": lambda x, low: am.maximum(x, low),
        "clamp": of.clamp,
    },
    "where": {
        "where": lambda a, condition, b: am.where(condition, a, b),
        "masked_fill": lambda x, mask, value: am.where(mask, value, x),
    },
    "exp": {
        "exp": lambda x: x.exp(),
        "expm1": lambda x: x.exp() - 1,
        "sinh": lambda x: (x.exp() - (-x).exp()) / 2,
        "cosh": lambda x: (x.exp() + (-x).exp()) / 2,
    },
    "log": {
        "log": lambda x: x.log(),
        "logit": lambda x, eps=None: am.log(am.clip(x, eps, 1 - eps) / (1 - am.clip(x, eps, 1 - eps)))
        if eps else am.log(x / (1 - x)),
    },
    "sqrt": {"sqrt": lambda x: x.sqrt(), "hypot": lambda a, b: am.sqrt(a * a + b * b)},
    "abs": {"abs": abs, "nn.functional.softsign": lambda x: x / (1 + abs(x))},
    "tanh": {"tanh": lambda x: x.tanh(), "nn.functional.tanhshrink": lambda x: x - x.tanh()},
    "sigmoid": {"sigmoid": lambda x: x.sigmoid(), "nn.functional.silu": lambda x: x * x.sigmoid()},
    "relu": {
        "nn.functional.relu": lambda x: x.relu(),
        "nn.functional.leaky_relu": lambda x: x.relu() - 0.01 * (-x).relu(),
    },
    "sum": {
        "sum": of.reduction("sum"),
        "linalg.vecdot": lambda a, b, dim=-1: am.sum(a * b, axis=dim),
        "trace": lambda x: am.sum(x[range(min(x.shape)), range(min(x.shape))]),
    },
    "mean": {"mean": of.reduction("mean")},
    "max": {
        "amax": of.reduction("max"), "max.reduction_no_dim": of.reduction("max"),
        "max.reduction_with_dim": of.reduction("max"),
        "amin": of.min, "min.reduction_no_dim": of.min, "min.reduction_with_dim": of.min,
    },
    "logsumexp": {
        "logsumexp": of.reduction("logsumexp"),
        "logaddexp": lambda a, b: am.logsumexp(am.stack([a + 0 * b, b + 0 * a]), axis=0),
        "log_softmax": of.log_softmax,
        "log_softmax.with_dtype": of.log_softmax,
    },
    "softmax": {
        "softmax": of.softmax,
        "softmax.with_dtype": of.softmax,
        "nn.functional.softmin": lambda x, dim: of.softmax(-x, dim),
        "nn.functional.softmin.with_dtype": lambda x, dim: of.softmax(-x, dim),
    },
    "reshape": {
        "reshape": lambda x, shape: x.reshape(shape),
        "view": lambda x, shape: x.reshape(shape),
        "view_copy": lambda x, shape: x.reshape(*shape) if shape else x.reshape(()),
        "reshape_as": lambda x, other: x.reshape(other.shape),
        "view_as": lambda x, other: x.reshape(other.shape),
        "ravel": lambda x: x.reshape(-1),
        "flatten": of.flatten,
        "unflatten": of.unflatten,
    },
    "transpose": {
        "permute": lambda x, axes: x.transpose(axes),
        "permute_copy": lambda x, axes: x.transpose(*axes) if axes else x.T,
        "transpose": of.exchange,
        "T": lambda x: x.T,
        "mT": lambda x: of.exchange(x, -1, -2),
        "t": lambda x: x.T,
        "movedim": of.movedim,
    },
    "squeeze": {"squeeze": of.squeeze, "squeeze.multiple": of.squeeze, "squeeze_copy": of.squeeze},
    "expand_dims": {
        "unsqueeze": lambda x, dim: am.expand_dims(x, dim),
        "atleast_2d": lambda x: [am.expand_dims(t, tuple(range(2 - t.ndim))) for t in (x if type(x) is list else [x])],
    },
    "broadcast_to": {
        "broadcast_to": lambda x, shape: am.broadcast_to(x, shape),
        "expand": of.expand,
        "expand_copy": of.expand,
        "expand_as": lambda x, other: am.broadcast_to(x, other.shape),
        "broadcast_tensors": lambda *parts: [am.broadcast_to(x, sum(parts).shape) for x in parts],
    },
    "concatenate": {
        "cat": of.cat,
        "hstack": lambda parts: am.concatenate(parts, axis=min(parts[0].ndim - 1, 1)),
        "stack": lambda parts, dim=0: am.stack(parts, axis=dim),
        "vstack": lambda parts: am.stack(parts) if parts[0].ndim == 1 else am.concatenate(parts),
    },
    "getitem": {
        "__getitem__": lambda x, index: x[index],
        "index_select": of.at,
        "select": of.at,
        "take": lambda x, index: x.reshape(-1)[index],
        "narrow": lambda x, dim, start, n: of.at(x, dim, slice(int(start), int(start) + n)),
        "slice": lambda x, dim=0, start=None, end=None, step=None: of.at(x, dim, slice(start, end, step)),
        "unbind": lambda x, dim=0: [of.at(x, dim, i) for i in range(x.shape[dim])],
        "split": of.split,
        "split.list_args": of.split,
        "chunk": lambda x, n, dim=0: of.split(x, -(-x.shape[dim] // n), dim),
        "flip": of.flip,
        "fliplr": lambda x: x[:, ::-1],
        "flipud": lambda x: x[::-1],
        "masked_select": of.masked,
        "nn.functional.embedding": lambda weight, index: weight[index],
    },
    "clip": {
        "nn.functional.hardtanh": lambda x, min_val=-1.0, max_val=1.0: am.clip(x, min_val, max_val),
        "nn.functional.relu6": lambda x: am.clip(x, 0.0, 6.0),
    },
    "linear": {"nn.functional.linear": lambda x, W, b=None: am.linear(x, W.T) if b is None else am.linear(x, W.T, b)},
    "mse": {"nn.functional.mse_loss": lambda x, y, reduction="mean": am.mse(x, y, reduction=reduction)},
    "softmax_cross_entropy": {"nn.functional.cross_entropy": of.cross_entropy},
    "binary_cross_entropy_with_logits": {"nn.functional.binary_cross_entropy_with_logits": of.binary},
}
# fmt: on

# Operations of the engine about which PyTorch's database says nothing, and why.
NO_SAMPLES: dict[str, str] = {}

_NOTHING = "NumPy has no maximum over a dimension of size 0"
_WEIGHTS = "losses take no weights: multiply the losses of reduction='none'"
WITHOUT: dict[tuple[str, str], str] = {
    ("div.trunc_rounding", "rounding_mode"): "rounding has derivative zero",
    ("div.floor_rounding", "rounding_mode"): "rounding has derivative zero",
    ("softmax.with_dtype", "dtype"): "an operation keeps the dtype",
    ("log_softmax.with_dtype", "dtype"): "an operation keeps the dtype",
    ("nn.functional.softmin.with_dtype", "dtype"): "an operation keeps the dtype",
    ("softmax", "a maximum over nothing"): _NOTHING,
    ("nn.functional.softmin", "a maximum over nothing"): _NOTHING,
    ("log_softmax", "a maximum over nothing"): _NOTHING,
    ("cat", "an empty vector beside matrices"): "an old habit of PyTorch that NumPy refuses",
    ("nn.functional.cross_entropy", "weight"): _WEIGHTS,
    ("nn.functional.cross_entropy", "ignore_index"): "leave these samples out of the batch",
    ("nn.functional.cross_entropy", "probabilities as target"): "labels are integers",
    ("nn.functional.cross_entropy", "an image of classes"): "logits are (N, C): reshape first",
    ("nn.functional.binary_cross_entropy_with_logits", "weight"): _WEIGHTS,
    ("nn.functional.binary_cross_entropy_with_logits", "pos_weight"): _WEIGHTS,
}
