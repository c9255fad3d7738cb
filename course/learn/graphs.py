"""Draws a small graph of a computation in the look of the course's figures; what a graph is, autograd_mini knows."""

from __future__ import annotations

from typing import Any

from autograd_mini.drawing import MOST, Describe, Look, Parents, draw_on, layers_of, look_of, parents_of, text

from . import figures

__all__ = ["MOST", "Describe", "Look", "Parents", "draw", "layers_of", "look_of", "parents_of", "text"]


def draw(
    root: Any, *, parents: Parents = parents_of, look: Describe | None = None, alt: str = "", title: str = ""
) -> Any:
    """A figure of the graph that ``root`` was computed by: values flow to the right, gradients would flow back.

    ``parents(node)`` are what a node was computed from, ``look(node)`` is what is written on it. Boxes with sharp
    corners are leaves, round ones operations. Returns a matplotlib figure with ``.alt`` (by default `text`).
    """
    describe = look or look_of()
    fig, axes = figures.new(alt or text(root, parents, describe))
    fig.set_size_inches(draw_on(axes, root, parents, describe, figures.WIDTH))
    axes.set_title(title)
    return fig
