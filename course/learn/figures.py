"""The look of the course's figures: colours and dashes that everybody can tell apart, theory in grey, an alt text."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
"""Okabe and Ito's palette without black and yellow, in the order in which curves take them."""

DASHES = ("-", (0, (6, 2)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.5)), (0, (9, 3)), (0, (3, 1, 1, 1, 1, 1)))
"""One line style for each colour, so that a figure reads in black and white too."""

GREY = "0.55"
"""What is not the learner's own: theory, references, thresholds."""

WIDTH, HEIGHT = 8.4, 4.4
"""Inches; at the 100 dots per inch used here a figure fits a notebook's column without being scaled."""

Curve = tuple[Any, Any]
"""The x and the y values of one line, as arrays or sequences; arrays on a GPU are fetched."""


def lines(
    curves: Mapping[str, Curve],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str = "",
    theory: Sequence[Curve] = (),
    theory_label: str = "theory",
    level: tuple[float, str] | None = None,
    log: str = "",
    ylim: tuple[float, float] | None = None,
) -> Any:
    """A figure of labelled curves, with theory in grey beneath them.

    ``curves`` maps each label to ``(x, y)``; ``xlabel`` and ``ylabel`` name the quantity and its unit; ``alt`` says in
    words what there is to see. ``level`` is a height and its name, drawn as a grey line across. ``log`` is ``""``,
    ``"x"``, ``"y"`` or ``"xy"``. Returns a matplotlib figure with ``.alt``; end a cell with it to show it.

    >>> fig = lines({"mine": ([0, 1], [1, 2])}, xlabel="step", ylabel="loss", alt="It rises from 1 to 2.")
    >>> fig.alt, [line.get_label() for line in fig.axes[0].get_lines()]
    ('It rises from 1 to 2.', ['mine'])
    """
    fig, axes = new(alt)
    for place, (x, y) in enumerate(theory):
        label = theory_label if place == 0 else "_"
        axes.plot(host(x), host(y), color=GREY, linewidth=4, alpha=0.45, label=label, zorder=1)
    if level is not None:
        _level(axes, *level)
    for place, (label, (x, y)) in enumerate(curves.items()):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        axes.plot(host(x), host(y), color=colour, linestyle=dash, linewidth=1.8, label=label, zorder=2)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.margins(x=0.01)
    axes.set_xscale("log" if "x" in log else "linear")
    axes.set_yscale("log" if "y" in log else "linear")
    if ylim is not None:
        axes.set_ylim(ylim)
    if "x" not in log and axes.get_xlim()[1] >= 1000:
        axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=3.0)
    return fig


def new(alt: str, rows: int = 1, columns: int = 1, height: float = HEIGHT) -> tuple[Any, Any]:
    """An empty figure with ``rows`` by ``columns`` axes (one: the axes themselves; more: an array of them)."""
    fig = _figure_class()(figsize=(WIDTH, height), dpi=100, layout="constrained")
    fig.alt = alt
    axes = fig.subplots(rows, columns)
    for each in np.atleast_1d(axes).flat:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(True, color="0.92", linewidth=0.8)
        each.set_axisbelow(True)
    return fig, axes


def host(values: Any) -> np.ndarray:
    """``values`` as a NumPy array, fetched from the GPU where they lie there."""
    return np.asarray(values.get() if hasattr(values, "__cuda_array_interface__") else values)


def _level(axes: Any, height: float, name: str) -> None:
    axes.axhline(height, color=GREY, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1, label="_")
    axes.annotate(
        name,
        (0.01, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        color="0.35",
    )


@functools.cache
def _figure_class() -> type:
    """matplotlib's Figure that carries its text; made on first use, since importing matplotlib is slow."""
    from matplotlib.figure import Figure

    class DescribedFigure(Figure):
        """A figure with ``alt``, which goes where the picture goes: into PNG files and into notebooks."""

        alt = ""

        def _repr_png_(self) -> bytes:
            buffer = io.BytesIO()
            self.savefig(buffer, format="png", metadata={"Description": self.alt})
            return buffer.getvalue()

        def _ipython_display_(self) -> None:
            from IPython.display import display

            data = {"image/png": self._repr_png_(), "text/plain": self.alt or repr(self)}
            display(data, metadata={"image/png": {"alt": self.alt}}, raw=True)

    return DescribedFigure
