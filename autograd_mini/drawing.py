"""A look at a graph that fits a page, as a picture and in words: of tensors, or of nodes of your own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from statistics import fmean
from typing import Any, NamedTuple

from .tensor import FREED, Tensor, op_name

Parents = Callable[[Any], Sequence[Any]]
Describe = Callable[[Any], "Look"]

MOST = 60  # nodes; nobody could read more
LEAF = {"boxstyle": "square,pad=0.35", "facecolor": "#EAF3FA", "edgecolor": "#0072B2", "linewidth": 1.4}
OPERATION = LEAF | {"boxstyle": "round,pad=0.35,rounding_size=0.6", "facecolor": "white", "edgecolor": "0.35"}
LETTERS: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9, "linespacing": 1.25, "zorder": 3}


# fmt: off
class Look(NamedTuple):
    """What is written on a node: its name, the shape of its value, that of its gradient (None: it has none)."""
    name: str
    shape: tuple[int, ...]
    grad: tuple[int, ...] | None = None

def draw(loss: Tensor, names: Mapping[str, Any] | None = None) -> Any:
    """The graph that `loss` was computed by: a matplotlib Figure, and as its `alt` the same in words.

    A box shows the operation, the shape of its value and, after "g", of its gradient; sharp corners mark leaves. Arrays
    and numbers are not drawn: a graph is of tensors. `names` maps names to tensors, as a dict of parameters does. Show
    the figure by ending a notebook's cell with it, or `figure.savefig("graph.png")`. Raises ValueError without a graph,
    for one that `backward()` has freed, and for more than 60 nodes.

    >>> w, x = Tensor([[1.0], [2.0]], requires_grad=True), Tensor([[3.0, 4.0]])
    >>> print(draw((x @ w).sum(), {"x": x, "w": w}).alt)
    0: x (1, 2)
    1: w (2, 1)
    2: matmul (1, 1) from 0, 1
    3: sum () from 2
    """
    if not isinstance(loss, Tensor) or loss._edges is None:
        raise ValueError("draw: no operation made this. Fix: use a Tensor(x, requires_grad=True), outside no_grad().")
    if any(isinstance(key, Tensor) for key in names or ()):
        raise ValueError('draw: names has tensors as keys. Fix: turn it round, {"w": w}.')
    look = look_of({t: name for name, t in (names or {}).items() if isinstance(t, Tensor)})
    figure = _figure(text(loss, look=look))
    figure.set_size_inches(draw_on(figure.add_axes((0, 0, 1, 1)), loss, parents_of, look))
    return figure

def _figure(words: str) -> Any:
    """A matplotlib Figure that notebooks show, with `words` as its alternative text, `alt`."""
    from matplotlib.figure import Figure  # here, since importing it is slow
    class Graph(Figure):
        def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
            png = BytesIO()
            self.savefig(png, format="png", metadata={"Description": words})
            return {"image/png": png.getvalue(), "text/plain": words}, {"image/png": {"alt": words}}

    figure: Any = Graph(dpi=100)
    figure.alt = words
    return figure

def parents_of(node: Any) -> Sequence[Any]:
    """What a tensor, or a node with `parents`, was computed from."""
    if not isinstance(node, Tensor):
        return node.parents
    if node._edges == FREED:
        raise ValueError("draw: backward() has freed this graph. Fix: draw before it, or backward(retain_graph=True).")
    return (node._edges or ())[::2]

def look_of(names: Mapping[Any, str] | None = None) -> Describe:
    """How a tensor looks, or a node with `value`, `grad` and `pullback`. `names` maps some of them to names.

    The others are called by the function in which their pullback was written, the operation, or else "leaf".
    """
    told = {id(node): name for node, name in (names or {}).items()}

    def look(node: Any) -> Look:
        own = isinstance(node, Tensor)
        pulls = (node._edges or ())[1::2] if own else [pull for pull in [getattr(node, "pullback", None)] if pull]
        shape, grad = getattr(node._data if own else node.value, "shape", ()), node.grad
        name = told.get(id(node)) or (op_name(pulls).rpartition(".")[2] if pulls else "leaf")
        return Look(name, tuple(shape), None if grad is None else tuple(grad.shape))
    return look

def layers_of(root: Any, parents: Parents) -> list[list[Any]]:
    """The nodes that `root` was computed from in layers: each to the right of all that it was made from, each leaf
    just before the first that uses it. ValueError for more of them than `MOST`.

    >>> layers_of("c", {"c": "ab", "b": "a", "a": ""}.__getitem__)
    [['a'], ['b'], ['c']]
    """
    nodes, layer = [root], {id(root): 0}
    for node in nodes:  # the list grows while it is gone through
        for parent in parents(node):
            nodes += [] if id(parent) in layer else [parent]
            layer[id(parent)] = 0
            if len(nodes) > MOST:
                raise ValueError(f"draw: more than {MOST} nodes, which nobody could read. Fix: draw a part of it.")
    for _ in nodes:  # the graph is small: push whoever stands left of a parent to the right, until all stand well
        for node in nodes:
            layer[id(node)] = max([0, *(layer[id(parent)] + 1 for parent in parents(node))])
    for node in nodes:
        if node is not root and not parents(node):
            layer[id(node)] = min(layer[id(n)] for n in nodes if any(parent is node for parent in parents(n))) - 1
    return [[node for node in nodes if layer[id(node)] == place] for place in range(layer[id(root)] + 1)]

def text(root: Any, parents: Parents = parents_of, look: Describe | None = None) -> str:
    """The graph in words: a line for each node, parents first, numbered."""
    describe, number, lines = look or look_of(), dict[int, int](), []
    for node in (node for layer in layers_of(root, parents) for node in layer):
        name, shape, grad = describe(node)
        made = ", ".join([str(number[id(parent)]) for parent in parents(node)])
        lines.append(f"{len(number)}: {name} {shape}" + f" from {made}" * (made != ""))
        lines[-1] += "" if grad is None else f", gradient {grad}"
        number[id(node)] = len(number)
    return "\n".join(lines)

def draw_on(axes: Any, root: Any, parents: Parents, look: Describe, width: float = 0.0) -> tuple[float, float]:
    """Draw on the axes of a figure at least `width` inches wide; the size that it should get, in inches."""
    layers = layers_of(root, parents)
    made = {id(node): [id(parent) for parent in parents(node)] for layer in layers for node in layer}
    looks = {id(node): look(node) for layer in layers for node in layer}
    lines = {n: [name, str(shape)] + [f"g {grad}"] * (grad is not None) for n, (name, shape, grad) in looks.items()}
    half = {node: (2.7 * max(map(len, rows)) + 6, 6.2 * len(rows) + 5) for node, rows in lines.items()}  # in points
    widths = [2 * max([half[id(node)][0] for node in layer]) for layer in layers]
    gap = max((72 * width - sum(widths)) / max(len(layers), 3), 18.0)
    rows, height, places = max(map(len, layers)), _heights(layers, made), {}
    size = max(sum(widths) + gap * len(layers), 72 * width), 72 * max(1.2 + 0.85 * rows, 2.4)
    for i, layer in enumerate(layers):
        x = sum(widths[:i]) + gap * i + (widths[i] + gap) / 2
        for node in map(id, layer):
            places[node] = i, x, (height[node] + 0.5) * size[1] / rows
            for nth, parent in enumerate(made[node]):
                twin = made[node][:nth].count(parent) - (made[node].count(parent) - 1) / 2
                _arrow(axes, places[parent], places[node], (half[parent], half[node]), twin, size[1])
            axes.text(*places[node][1:], "\n".join(lines[node]), bbox=OPERATION if made[node] else LEAF, **LETTERS)
    axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
    axes.axis("off")
    return size[0] / 72, size[1] / 72

def _heights(layers: Sequence[Sequence[Any]], made: Mapping[int, Sequence[int]]) -> dict[int, float]:
    """The row of each node: in each layer by the mean row of what they were made from, then of what uses them."""
    users = {node: [user for user in made if node in made[user]] for node in made}
    row, rows = dict[int, float](), max(map(len, layers))
    for near, turn in ((made, layers), (users, layers[-2::-1])):
        for layer in turn:
            known = {node: [row[other] for other in near[node] if other in row] for node in map(id, layer)}
            wish = {node: fmean(known[node] or [row.get(node, (rows - 1) / 2)]) for node in known}
            first = min(max(fmean(wish.values()) - (len(wish) - 1) / 2, 0.0), rows - float(len(wish)))
            row.update({node: first + i for i, node in enumerate(sorted(wish, key=wish.__getitem__))})
    return row

def _arrow(axes: Any, start: tuple, end: tuple, halves: tuple, twin: float, top: float) -> None:
    """From box to box: straight to the next layer, in a bow over longer ways and where two arrows go the same way."""
    dx, dy = end[1] - start[1], end[2] - start[2]
    way = (dx * dx + dy * dy) ** 0.5
    far = [way * min(w / dx, h / max(abs(dy), 1e-9)) for w, h in halves]
    middle = start[2] + dy / 2
    over = min(max(0.25 * way, 64.0), 1.6 * (middle if dy > 0 else top - middle)) / way  # boxes, but within the page
    bow = 0.35 * twin + (0.0 if end[0] - start[0] == 1 else over if dy > 0 else -over)
    style = {"arrowstyle": "-|>", "color": "0.35", "shrinkA": far[0], "shrinkB": far[1] + 2, "linewidth": 1.2}
    axes.annotate("", end[1:], xytext=start[1:], zorder=1, arrowprops={**style, "connectionstyle": f"arc3,rad={bow}"})
