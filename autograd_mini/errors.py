"""What can go wrong in the engine, and the sentence that tells how to go on."""

from __future__ import annotations

from collections.abc import Sequence

Shape = tuple[int, ...]


class ShapeError(ValueError):
    """Shapes that do not fit: names the operation, the shapes, the dimension that differs and the fix."""


class DtypeError(TypeError):
    """A dtype or kind of object that an operation cannot take, such as integers with a gradient."""


class BackwardError(RuntimeError):
    """`backward()` was asked for something that has no answer."""


class GraphFreedError(BackwardError):
    """`backward()` met a part of the graph that an earlier `backward()` has used up."""


class SavedArrayError(BackwardError):
    """An array in the graph was written between the forward pass and `backward()`."""


class GradcheckError(AssertionError):
    """A derivative differs from the numerical derivative."""


def shape_error(op: str, shapes: Sequence[Shape], cause: ValueError) -> ValueError:
    """NumPy's refusal of `shapes` as an error that says which dimension differs; our own stay."""
    if "Fix:" in str(cause):
        return cause
    if op in ("matmul", "linear"):
        reason = _inner(shapes[0], shapes[1])
    else:
        reason = _broadcast(shapes[0], shapes[1]) if "broadcast" in str(cause) else None
    return ShapeError(f"{op}: shapes {' and '.join(map(str, shapes))} do not fit: {reason or cause}.")


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
