"""autograd_mini: a reverse-mode engine on NumPy and CuPy that can be read in an evening.

>>> import numpy as np
>>> import autograd_mini as am
>>> w = am.parameter([[1.0], [2.0]])
>>> loss = am.mse(am.linear(np.ones((4, 2)), w), np.zeros((4, 1)))
>>> loss.backward()
>>> loss.item(), w.grad.tolist()
(9.0, [[6.0], [6.0]])

Read in this order: errors.py and backend.py (both short), tensor.py (how a gradient travels; what is said of held and
shown arrays can wait), ops.py (what each operation does), nn.py (layers and losses), testing.py (how a gradient is
checked), drawing.py (a picture of the graph). There is no optimiser: that is yours to write.
"""

# ruff: isort: skip_file
from .backend import get_xp, to_host, xp_of
from .errors import AnomalyError, BackwardError, DeviceError, DtypeError, GradcheckError, GraphFreedError
from .errors import SavedArrayError, ShapeError
from .nn import binary_cross_entropy_with_logits, flat_parameters, kaiming_normal, linear, loss_and_grad, mse
from .nn import softmax_cross_entropy, xavier_normal
from .ops import abs as abs, max as max, sum as sum  # not for import *, where they would replace Python's own
from .ops import broadcast_to, clip, concatenate, exp, expand_dims, log, logsumexp, matmul, maximum, mean, no_grad, op
from .ops import relu, reshape, sigmoid, softmax, sqrt, squeeze, stack, tanh, transpose, where
from .tensor import Tensor, detect_anomaly, parameter
from .testing import gradcheck
from .drawing import draw

__version__ = "0.1.0"
tensor = Tensor  # PyTorch's name for making one
__all__ = [
    "AnomalyError", "BackwardError", "DeviceError", "DtypeError", "GradcheckError", "GraphFreedError",
    "SavedArrayError", "ShapeError", "Tensor", "binary_cross_entropy_with_logits", "broadcast_to", "clip",
    "concatenate", "detect_anomaly", "draw", "exp", "expand_dims", "flat_parameters", "get_xp", "gradcheck",
    "kaiming_normal", "linear", "log", "logsumexp", "loss_and_grad", "matmul", "maximum", "mean", "mse",
    "no_grad", "op", "parameter", "relu", "reshape", "sigmoid", "softmax", "softmax_cross_entropy", "sqrt",
    "squeeze", "stack", "tanh", "tensor", "to_host", "transpose", "where", "xavier_normal", "xp_of",
]  # fmt: skip
