"""Draws a small graph of a computation, layered from left to right: what each node is, its shape, its gradient's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from . import figures

Parents = Callable[[Any], Sequence[Any]]
Describe = Callable[[Any], "Look"]

MOST = 60
"""Nodes that a drawing can hold; beyond, nobody could read it."""


class Look(NamedTuple):
    """What is written on a node: its name, the shape of its value, that of its gradient (None: it has none)."""

    name: str
    shape: tuple[int, ...]
    grad: tuple[int, ...] | None = None


def layers_of(root: Any, parents: Parents) -> list[list[Any]]:
    """The nodes that ``root`` was computed from in layers: each to the right of all that it was made from, each leaf
    just before the first that uses it. ValueError for more of them than `MOST`.

    >>> layers_of("c", {"c": "ab", "b": "a", "a": ""}.__getitem__)
    [['a'], ['b'], ['c']]
    """
    nodes = _reached(root, parents)
    layer = dict.fromkeys(map(id, nodes), 0)
    for _ in nodes:  # the graph is small: push whoever stands left of a parent to the right, until all stand well
        for node in nodes:
            layer[id(node)] = max([0, *(layer[id(parent)] + 1 for parent in parents(node))])
    for node in nodes:
        users = [layer[id(other)] for other in nodes if any(parent is node for parent in parents(other))]
        if users and not parents(node):
            layer[id(node)] = min(users) - 1
    return [[node for node in nodes if layer[id(node)] == place] for place in range(layer[id(root)] + 1)]


def _reached(root: Any, parents: Parents) -> list[Any]:
    """All nodes from which ``root`` can be reached, in the order in which they are come upon."""
    found = [root]
    for node in found:  # the list grows while it is gone through
        for parent in parents(node):
            if all(parent is not other for other in found):
                found.append(parent)
        if len(found) > MOST:
            raise ValueError(f"this graph has more than {MOST} nodes, which nobody could read; draw a part of it")
    return found


def look_of(names: Mapping[Any, str] | None = None) -> Describe:
    """How a node looks that has ``value``, ``pullback`` and ``grad``, or a tensor of the engine.

    ``names`` gives some of them names. The others are called what the function is called in which their pullback was
    written: the operation; a leaf without a name is called "leaf".
    """
    told = {id(node): name for node, name in (names or {}).items()}

    def look(node: Any) -> Look:
        value = node._data if hasattr(node, "_data") else node.value
        grad = None if node.grad is None else tuple(node.grad.shape)
        return Look(told.get(id(node)) or _operation(node), tuple(getattr(value, "shape", ())), grad)

    return look


def parents_of(node: Any) -> Sequence[Any]:
    """What a node with ``parents``, or a tensor of the engine, was computed from."""
    return node._inputs if hasattr(node, "_inputs") else node.parents


def text(root: Any, parents: Parents = parents_of, look: Describe | None = None) -> str:
    """The graph in words: a line for each node, parents first, numbered."""
    describe, lines = look or look_of(), []
    number: dict[int, int] = {}
    for node in (node for layer in layers_of(root, parents) for node in layer):
        number[id(node)] = len(number)
        seen = describe(node)
        made = ", ".join(str(number[id(parent)]) for parent in parents(node))
        gradient = "" if seen.grad is None else f", gradient {seen.grad}"
        lines.append(f"{number[id(node)]}: {seen.name} {seen.shape}{f' from {made}' if made else ''}{gradient}")
    return "\n".join(lines)


def draw(
    root: Any, *, parents: Parents = parents_of, look: Describe | None = None, alt: str = "", title: str = ""
) -> Any:
    """A figure of the graph that ``root`` was computed by: values flow to the right, gradients would flow back.

    ``parents(node)`` are what a node was computed from, ``look(node)`` is what is written on it. Boxes with sharp
    corners are leaves, round ones operations. Returns a matplotlib figure with ``.alt`` (by default `text`).
    """
    describe, layers = look or look_of(), layers_of(root, parents)
    height = min(max(1.2 + 0.85 * max(map(len, layers)), 2.4), 9.0)
    fig, axes = figures.new(alt or text(root, parents, describe), height=height)
    axes.axis("off")
    axes.set(title=title, xlim=(-0.55, max(len(layers), 3) - 0.45), ylim=(-0.5, max(map(len, layers)) - 0.5))
    place = _places(layers, parents)
    looks = {id(node): describe(node) for layer in layers for node in layer}
    unit = 72 * figures.WIDTH / max(len(layers), 3), 72 * height / max(map(len, layers))
    for node in (node for layer in layers for node in layer):
        made = [id(parent) for parent in parents(node)]
        for nth, parent in enumerate(made):
            twin = made[:nth].count(parent) - (made.count(parent) - 1) / 2
            sizes = _size(looks[parent]), _size(looks[id(node)])
            _arrow(axes, place[parent], place[id(node)], unit, sizes, twin)
        _box(axes, place[id(node)], looks[id(node)], leaf=not made)
    return fig


def _operation(node: Any) -> str:
    pulls = getattr(node, "_pulls", None) or (getattr(node, "pullback", None),)
    pull = next((one for one in pulls if one is not None), None)
    return "leaf" if pull is None else pull.__qualname__.split(".<locals>")[0].split(".")[-1]


def _places(layers: Sequence[Sequence[Any]], parents: Parents) -> dict[int, tuple[float, float]]:
    """Where each node stands: x by its layer, y near the mean of its parents and, before that, of its children."""
    height: dict[int, float] = {}
    children: dict[int, list[Any]] = {}
    for layer in layers:
        for node in layer:
            for parent in parents(node):
                children.setdefault(id(parent), []).append(node)
    for layer in layers:
        _spread(layer, height, max(map(len, layers)), lambda node: parents(node))
    for layer in reversed(layers[:-1]):
        _spread(layer, height, max(map(len, layers)), lambda node: children.get(id(node), ()))
    return {id(node): (float(x), height[id(node)]) for x, layer in enumerate(layers) for node in layer}


def _spread(layer: Sequence[Any], height: dict[int, float], rows: int, near: Callable[[Any], Sequence[Any]]) -> None:
    """Give the nodes of one layer heights a row apart, in the order of the mean heights of what they are near to."""

    def wish(node: Any) -> float:
        known = [height[id(other)] for other in near(node) if id(other) in height]
        return sum(known) / len(known) if known else height.get(id(node), (rows - 1) / 2)

    order = sorted(layer, key=wish)
    middle = sum(map(wish, order)) / len(order)
    first = min(max(middle - (len(order) - 1) / 2, 0.0), rows - float(len(order)))
    height.update({id(node): first + row for row, node in enumerate(order)})


def _size(look: Look) -> tuple[float, float]:
    """Half the width and half the height of a node's box, in points."""
    lines = _lines(look)
    return 2.7 * max(map(len, lines)) + 6, 6.2 * len(lines) + 5


def _arrow(axes: Any, start: tuple, end: tuple, unit: tuple, sizes: tuple, twin: float) -> None:
    """From box to box: straight to the next layer, in a bow over longer ways and where two arrows go the same way.

    ``unit`` is how many points one layer and one row have, ``sizes`` are those of the two boxes.
    """
    dx, dy = (end[0] - start[0]) * unit[0], (end[1] - start[1]) * unit[1]
    far = [(dx * dx + dy * dy) ** 0.5 * min(w / dx, h / max(abs(dy), 1e-9)) for w, h in sizes]
    long = 0.0 if end[0] - start[0] < 1.5 else (-0.25 if start[1] >= end[1] else 0.25)
    style = {"arrowstyle": "-|>", "color": "0.35", "shrinkA": far[0], "shrinkB": far[1] + 2, "linewidth": 1.2}
    axes.annotate(
        "", end, xytext=start, zorder=1, arrowprops={**style, "connectionstyle": f"arc3,rad={long + 0.35 * twin}"}
    )


def _lines(look: Look) -> list[str]:
    gradient = [] if look.grad is None else [f"g {look.grad}"]
    return [look.name, str(look.shape), *gradient]


def _box(axes: Any, place: tuple[float, float], look: Look, leaf: bool) -> None:
    corners = "square,pad=0.35" if leaf else "round,pad=0.35,rounding_size=0.6"
    edge = figures.COLOURS[0] if leaf else "0.35"
    box = {"boxstyle": corners, "facecolor": "#EAF3FA" if leaf else "white", "edgecolor": edge, "linewidth": 1.4}
    axes.text(
        *place, "\n".join(_lines(look)), ha="center", va="center", fontsize=9, linespacing=1.25, bbox=box, zorder=3
    )
