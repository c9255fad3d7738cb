"""What CuPy 14.2 takes: the arguments of its functions and methods, as far as the engine and the lessons may need them.

NumPy has more arguments, and other names for some. Ufuncs stand here by name; all take `out`, `dtype` and `casting`.
"""

import inspect
from functools import cache
from typing import Any

FUNCTIONS = {
    "all": "a, axis=None, out=None, keepdims=False",
    "allclose": "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
    "amax": "a, axis=None, out=None, keepdims=False",
    "amin": "a, axis=None, out=None, keepdims=False",
    "any": "a, axis=None, out=None, keepdims=False",
    "arange": "start, stop=None, step=1, dtype=None",
    "argmax": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argmin": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argsort": "a, axis=-1, kind=None",
    "array_equal": "a1, a2, equal_nan=False",
    "array_split": "ary, indices_or_sections, axis=0",
    "ascontiguousarray": "a, dtype=None",
    "atleast_1d": "*arys",
    "atleast_2d": "*arys",
    "average": "a, axis=None, weights=None, returned=False, *, keepdims=False",
    "bincount": "x, weights=None, minlength=None",
    "broadcast_to": "array, shape",
    "clip": "a, a_min, a_max, out=None",
    "column_stack": "tup",
    "concatenate": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "copy": "a, order='K'",
    "copyto": "dst, src, casting='same_kind', where=None",
    "count_nonzero": "a, axis=None",
    "cumprod": "a, axis=None, dtype=None, out=None",
    "cumsum": "a, axis=None, dtype=None, out=None",
    "diag": "v, k=0",
    "diff": "a, n=1, axis=-1, prepend=None, append=None",
    "dot": "a, b, out=None",
    "einsum": "*operands, **kwargs",
    "empty": "shape, dtype=None, order='C'",
    "empty_like": "prototype, dtype=None, order='K', subok=None, shape=None",
    "expand_dims": "a, axis",
    "eye": "N, M=None, k=0, dtype=None, order='C'",
    "flip": "a, axis=None",
    "full": "shape, fill_value, dtype=None, order='C'",
    "full_like": "a, fill_value, dtype=None, order='K', subok=None, shape=None",
    "hstack": "tup, *, dtype=None, casting='same_kind'",
    "isclose": "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
    "linspace": "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0",
    "logspace": "start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0",
    "max": "a, axis=None, out=None, keepdims=False",
    "mean": "a, axis=None, dtype=None, out=None, keepdims=False",
    "median": "a, axis=None, out=None, overwrite_input=False, keepdims=False",
    "meshgrid": "*xi, **kwargs",
    "min": "a, axis=None, out=None, keepdims=False",
    "moveaxis": "a, source, destination",
    "nan_to_num": "x, copy=True, nan=0.0, posinf=None, neginf=None",
    "ndim": "a",
    "nonzero": "a",
    "ones": "shape, dtype=None, order='C'",
    "ones_like": "a, dtype=None, order='K', subok=None, shape=None",
    "outer": "a, b, out=None",
    "prod": "a, axis=None, dtype=None, out=None, keepdims=False",
    "quantile": "a, q, axis=None, out=None, overwrite_input=False, method='linear', keepdims=False",
    "ravel": "a, order='C'",
    "repeat": "a, repeats, axis=None",
    "reshape": "a, newshape, order='C', *, copy=None",
    "roll": "a, shift, axis=None",
    "round": "a, decimals=0, out=None",
    "searchsorted": "a, v, side='left', sorter=None",
    "shape": "a",
    "size": "a, axis=None",
    "sort": "a, axis=-1, kind=None",
    "split": "ary, indices_or_sections, axis=0",
    "squeeze": "a, axis=None",
    "stack": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "std": "a, axis=None, dtype=None, out=None, ddof=0, keepdims=False",
    "sum": "a, axis=None, dtype=None, out=None, keepdims=False",
    "swapaxes": "a, axis1, axis2",
    "take": "a, indices, axis=None, out=None",
    "tensordot": "a, b, axes=2",
    "tile": "A, reps",
    "trace": "a, offset=0, axis1=0, axis2=1, dtype=None, out=None",
    "transpose": "a, axes=None",
    "tril": "m, k=0",
    "triu": "m, k=0",
    "unique": "ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True",
    "var": "a, axis=None, dtype=None, out=None, ddof=0, keepdims=False",
    "vstack": "tup, *, dtype=None, casting='same_kind'",
    "where": "condition, x=None, y=None",
    "zeros": "shape, dtype=None, order='C'",
    "zeros_like": "a, dtype=None, order='K', subok=None, shape=None",
}

LINALG = {
    "cholesky": "a",
    "det": "a",
    "eigh": "a, UPLO='L'",
    "eigvalsh": "a, UPLO='L'",
    "inv": "a",
    "lstsq": "a, b, rcond=None",
    "norm": "x, ord=None, axis=None, keepdims=False",
    "pinv": "a, rcond=1e-15",
    "qr": "a, mode='reduced'",
    "slogdet": "a",
    "solve": "a, b",
    "svd": "a, full_matrices=True, compute_uv=True",
}

METHODS = {
    "all": "axis=None, out=None, keepdims=False",
    "any": "axis=None, out=None, keepdims=False",
    "argmax": "axis=None, out=None, dtype=None, keepdims=False",
    "argmin": "axis=None, out=None, dtype=None, keepdims=False",
    "argsort": "axis=-1, kind=None",
    "astype": "dtype, order='K', casting=None, subok=None, copy=True",
    "clip": "min=None, max=None, out=None",
    "copy": "order='C'",
    "cumsum": "axis=None, dtype=None, out=None",
    "diagonal": "offset=0, axis1=0, axis2=1",
    "dot": "b, out=None",
    "fill": "value",
    "flatten": "order='C'",
    "item": "",
    "max": "axis=None, out=None, keepdims=False",
    "mean": "axis=None, dtype=None, out=None, keepdims=False",
    "min": "axis=None, out=None, keepdims=False",
    "nonzero": "",
    "prod": "axis=None, dtype=None, out=None, keepdims=None",
    "ravel": "order='C'",
    "repeat": "repeats, axis=None",
    "reshape": "*shape, order='C', copy=None",
    "round": "decimals=0, out=None",
    "sort": "axis=-1, kind=None",
    "squeeze": "axis=None",
    "std": "axis=None, dtype=None, out=None, ddof=0, keepdims=False",
    "sum": "axis=None, dtype=None, out=None, keepdims=False",
    "swapaxes": "axis1, axis2",
    "take": "indices, axis=None, out=None",
    "tolist": "",
    "trace": "offset=0, axis1=0, axis2=1, dtype=None, out=None",
    "transpose": "*axes",
    "var": "axis=None, dtype=None, out=None, ddof=0, keepdims=False",
}

UFUNCS = frozenset(
    """abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_or bitwise_xor cbrt
    ceil copysign cos cosh deg2rad divide divmod equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin
    fmod frexp gcd greater greater_equal heaviside hypot invert isfinite isinf isnan lcm ldexp left_shift less
    less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor matmul maximum
    minimum mod modf multiply negative nextafter not_equal positive power rad2deg reciprocal remainder right_shift
    rint sign signbit sin sinh sqrt square subtract tan tanh true_divide trunc""".split()
)
UFUNC_METHODS = {
    "at": {"add", "subtract", "maximum", "minimum", "bitwise_and", "bitwise_or", "bitwise_xor"},
    "reduce": {"add", "multiply"},
    "accumulate": {"add", "multiply"},
    "reduceat": {"add"},
    "outer": UFUNCS - {"matmul"},
}
"""Which ufuncs have which methods; cupy.maximum.reduce, for one, raises NotImplementedError."""

WAITING = frozenset({"bincount", "nonzero", "unique", "tolist", "item"})
"""Those that need a number from the device before they can go on."""


def check_arguments(name: str, table: dict[str, str], args: Any, kwargs: Any) -> None:
    """TypeError for arguments that CuPy's function, or method, of this name does not take."""
    try:
        _signature(name, table[name]).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"CuPy's {name}({table[name]}): {error}") from None


@cache
def _signature(name: str, arguments: str) -> inspect.Signature:
    return inspect.signature(eval(f"lambda {arguments}: None"))
