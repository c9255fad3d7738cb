"""What can go wrong in the engine, and the sentence that tells how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Shape = tuple[int, ...]


class ShapeError(ValueError):
    """Shapes that do not fit: names the operation, the shapes, the dimension that differs and the fix."""


class DtypeError(TypeError):
    """A dtype or kind of object that an operation cannot take, such as integers with a gradient."""


class DeviceError(TypeError):
    """Arrays of the host and of a GPU in one operation."""


class BackwardError(RuntimeError):
    """`backward()` was asked for something that has no answer."""


class GraphFreedError(BackwardError):
    """`backward()` met a part of the graph that an earlier `backward()` has used up."""


class SavedArrayError(BackwardError):
    """An array in the graph was written between the forward pass and `backward()`."""


class AnomalyError(BackwardError):
    """Under `detect_anomaly()` an operation made a NaN."""


class GradcheckError(AssertionError):
    """A derivative differs from the numerical derivative."""


def refusal(forward: Any, values: Sequence[Any], cause: Exception) -> Exception:
    """What NumPy, CuPy or Python said of `values` in an operation, as an error that names it and a fix; ours stay."""
    op, own = forward.__name__.strip("_"), not str(forward.__module__).startswith("autograd_mini.")
    text, arrays = str(cause), [v for v in values if hasattr(v, "shape")]
    if "Fix:" in text:
        return cause
    if "unpack" in text and cause.__traceback__ and not cause.__traceback__.tb_next:  # not within forward
        return TypeError(f"{op}: {text}. Fix: under @op return the value and one pullback, or None, for each array.")
    if isinstance(cause, TypeError | AttributeError):
        homes = sorted({type(a).__module__.partition(".")[0] for a in arrays if a.shape})
        if len(homes) > 1:
            return DeviceError(f"{op}: got arrays of {' and '.join(homes)}. Fix: move one, by xp.asarray or to_host.")
        if op in ("matmul", "linear") and len(arrays) < 2:
            return ShapeError(f"{op}: a single number is no matrix. Fix: multiply by it with *.")
        if (not own and len(arrays) < len(values)) or any(a.dtype.kind not in "fiub" for a in arrays):
            got = " and ".join(str(getattr(v, "dtype", type(v).__name__)) for v in values)
            return DtypeError(f"{op}: got {got}. Fix: pass tensors or arrays of numbers.")
        own = True
    if own and not (arrays and "broadcast" in text and _broadcast(arrays[0].shape, arrays[-1].shape)):
        cause.add_note(f"This was in {op}.")
        return cause
    shapes = [v.shape for v in arrays]
    told = f"{op}: shapes {' and '.join(map(str, shapes))}"
    if isinstance(cause, IndexError) and not isinstance(cause, ValueError):  # an AxisError is both
        return IndexError(f"{told}: {text}. Fix: index by integers, slices or masks that fit.")
    why = _inner if op in ("matmul", "linear") else _broadcast if "broadcast" in text else None
    reason = why(*shapes[:2]) if why and len(shapes) > 1 else None
    if reason is None and "nteger" in text:
        return DtypeError(f"{op}: {text.rstrip('.')}. Fix: write 1.0, not 1.")
    return ShapeError(f"{told} do not fit: {reason or f'{text}. Fix: see help(autograd_mini.ops.{op})'}.")


def _inner(a: Shape, b: Shape) -> str | None:
    """Why a matrix product does not exist."""
    if not a or not b:
        return "a single number is no matrix. Fix: multiply by it with *"
    place = -2 if len(b) > 1 else -1
    if a[-1] == b[place]:
        return _broadcast(a, b, first=-3)
    fix = "make these two equal"
    if len(b) > 1 and a[-1] == b[-1]:
        fix = "transpose the second, .T"
    elif len(a) > 1 and a[-2] == b[place]:
        fix = "transpose the first, .T"
    return f"dimension -1 of the first is {a[-1]}, dimension {place} of the second is {b[place]}. Fix: {fix}"


def _broadcast(a: Shape, b: Shape, first: int = -1) -> str | None:
    """Why two shapes do not broadcast, looking from dimension `first` to the front."""
    for i in range(first, -1 - min(len(a), len(b)), -1):
        if a[i] != b[i] and 1 not in (a[i], b[i]):
            text = f"dimension {i} of the first is {a[i]}, of the second {b[i]}. Fix: make these equal or 1"
            one_a_row = i == -1 and {len(a), len(b)} == {1, 2} and a[0] == b[0]
            return text + "; one value a row must be a column, v[:, None]" * one_a_row
    return None
