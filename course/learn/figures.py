"""The look of the course's figures: colours and dashes that everybody can tell apart, theory in grey, an alt text."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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


class Start(NamedTuple):
    """A panel that shows the curves from 0 to ``x``, between the two heights ``y``, on a linear axis."""

    x: float
    y: tuple[float, float]
    title: str


def lines(
    curves: Mapping[str, Curve],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str = "",
    theory: Sequence[Curve] = (),
    theory_label: str = "theory",
    levels: Mapping[float, str] | None = None,
    log: str = "",
    ylim: tuple[float, float] | None = None,
    start: Start | None = None,
) -> Any:
    """A figure of labelled curves, with theory as thin grey lines.

    ``curves`` maps each label to ``(x, y)``; ``xlabel`` and ``ylabel`` name the quantity and its unit; ``alt`` says in
    words what there is to see. ``levels`` maps heights to names, drawn as grey lines across; where a curve first falls
    to one, a dot and a number say at which x. ``log`` is ``""``, ``"x"``, ``"y"`` or ``"xy"``. ``start`` adds a panel
    with the beginning of the same curves. The legend has the order in which the curves end. Returns a matplotlib
    figure with ``.alt``; end a cell with it to show it.

    >>> fig = lines({"mine": ([0, 1], [1, 2])}, xlabel="step", ylabel="loss", alt="It rises from 1 to 2.")
    >>> fig.alt, [line.get_label() for line in fig.axes[0].get_lines()]
    ('It rises from 1 to 2.', ['mine'])
    """
    rows, height = ((3, 2), 1.5 * HEIGHT) if start else ((1,), HEIGHT)
    fig, axes = new(alt, rows=len(rows), height=height, height_ratios=rows)
    panels = list(np.atleast_1d(axes).flat)
    for panel in panels:
        _draw(panel, curves, theory, theory_label)
        panel.set(xlabel=xlabel, ylabel=ylabel)
        panel.margins(x=0.01)
    main = panels[0]
    main.set(title=title, xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    if ylim is not None:
        main.set_ylim(ylim)
    _levels(main, curves, levels or {})
    if start:
        panels[1].set(title=start.title, xlim=(0, start.x), ylim=start.y)
    for panel in panels:
        if panel.get_xscale() == "linear" and panel.get_xlim()[1] >= 1000:
            panel.xaxis.set_major_formatter("{x:,.0f}")
    handles = _as_they_end(main, curves)
    main.legend(handles=handles, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=3.4)
    return fig


def new(alt: str, rows: int = 1, columns: int = 1, height: float = HEIGHT, **options: Any) -> tuple[Any, Any]:
    """An empty figure with ``rows`` by ``columns`` axes (one: the axes themselves; more: an array of them).

    ``options`` are those of matplotlib's ``Figure.subplots``, such as ``height_ratios``.
    """
    fig = _figure_class()(figsize=(WIDTH, height), dpi=100, layout="constrained")
    fig.alt = alt
    axes = fig.subplots(rows, columns, **options)
    for each in np.atleast_1d(axes).flat:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(True, color="0.92", linewidth=0.8)
        each.set_axisbelow(True)
    return fig, axes


def host(values: Any) -> np.ndarray:
    """``values`` as a NumPy array, fetched from the GPU where they lie there."""
    return np.asarray(values.get() if hasattr(values, "__cuda_array_interface__") else values)


def _draw(axes: Any, curves: Mapping[str, Curve], theory: Sequence[Curve], theory_label: str) -> None:
    for place, (x, y) in enumerate(theory):
        axes.plot(host(x), host(y), color=GREY, linewidth=1.0, label="_" if place else theory_label, zorder=2)
    for place, (label, (x, y)) in enumerate(curves.items()):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        axes.plot(host(x), host(y), color=colour, linestyle=dash, linewidth=2.0, label=label, zorder=3)


def _levels(axes: Any, curves: Mapping[str, Curve], levels: Mapping[float, str]) -> None:
    """Each level with its name, and a dot with its x where a curve first falls to it."""
    for height, name in levels.items():
        axes.axhline(height, color=GREY, linewidth=1.0, linestyle=(0, (2, 2)), zorder=1, label="_")
        _write(axes, name, (0.01, height), (0, -12), xycoords=("axes fraction", "data"))
        for place, (x, y) in enumerate(curves.values()):
            below = np.flatnonzero(host(y) <= height)
            if len(below):
                at = host(x)[below[0]]
                axes.plot([at], [height], "o", color=COLOURS[place % len(COLOURS)], markersize=6, label="_", zorder=4)
                _write(axes, f"{at:,.0f}", (at, height), (6, 5))


_BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.5}


def _write(axes: Any, text: str, where: tuple[float, float], shift: tuple[float, float], **options: Any) -> None:
    axes.annotate(text, where, xytext=shift, textcoords="offset points", color="0.2", zorder=5, bbox=_BEHIND, **options)


def _as_they_end(axes: Any, curves: Mapping[str, Curve]) -> list[Any]:
    """The labelled lines in the order in which they end, the highest first; then theory."""
    own = {line.get_label(): line for line in axes.get_lines() if not line.get_label().startswith("_")}
    ends = {label: float(host(y)[-1]) for label, (_, y) in curves.items()}
    order = sorted(curves, key=lambda label: -ends[label])
    return [own[label] for label in order] + [line for label, line in own.items() if label not in curves]


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


def routes(
    ground: tuple[Any, Any, Any],
    paths: Mapping[str, Any],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    title: str = "",
    goal: tuple[float, float] | None = None,
) -> Any:
    """A map of a loss with two parameters, and the routes that were taken on it.

    ``ground`` is ``(x, y, loss)`` with x (a,), y (b,) and loss (b, a), drawn as grey contour lines, denser towards the
    bottom, both axes in one scale, so that downhill is at right angles to the lines. ``paths`` maps each label to an
    array (steps + 1, 2); a square marks where it starts, a shape of its own where it ends. ``goal`` is the lowest
    point, marked by a star. Returns a matplotlib figure with ``.alt``.

    >>> ground = [0, 1], [0, 1], [[0, 1], [1, 2]]
    >>> routes(ground, {"mine": [[1, 1], [0, 0]]}, xlabel="a", ylabel="b", alt="Down.").axes[0].get_xlabel()
    'a'
    """
    fig, axes = new(alt, height=1.15 * HEIGHT)
    x, y, loss = map(host, ground)
    levels = loss.min() + (loss.max() - loss.min()) * np.linspace(0.02, 1, 12) ** 2
    axes.contour(x, y, loss, levels=levels, colors="0.75", linewidths=0.9, zorder=1)
    for place, (label, path) in enumerate(paths.items()):
        colour, points = COLOURS[place % len(COLOURS)], host(path)
        style: dict[str, Any] = {"color": colour, "linestyle": DASHES[place % len(DASHES)], "linewidth": 1.8}
        end = {"marker": "oD^vPX"[place % 6], "markeredgecolor": "white", "markersize": 8}
        axes.plot(points[:, 0], points[:, 1], **style, label="_", zorder=3 + place)
        axes.plot(*points[-1], **style, **end, label="_", zorder=9)
        axes.plot([], [], **style, **end, label=label)
    starts = [tuple(host(path)[0]) for path in paths.values()]
    axes.plot(*zip(*starts, strict=True), "s", color="0.2", markersize=7, label="the start", zorder=9)
    if goal is not None:
        star = {"color": "white", "markeredgecolor": "black", "markersize": 18, "label": "the lowest point"}
        axes.plot(*goal, "*", **star, zorder=8)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), aspect="equal")
    axes.set_anchor("W")  # else the legend, which stands beside the map, leaves the picture on the right
    axes.grid(False)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=4.4)
    return fig


def panels(curves: Mapping[str, Curve], *, xlabel: str, alt: str, title: str = "") -> Any:
    """Quantities that have no axis in common, side by side: one panel each, named by its label.

    ``curves`` maps each quantity, with its unit, to ``(x, y)``. Returns a matplotlib figure with ``.alt``.

    >>> fig = panels({"loss": ([0, 1], [2, 1]), "right (%)": ([0, 1], [10, 90])}, xlabel="step", alt="Down; up.")
    >>> [axes.get_ylabel() for axes in fig.axes]
    ['loss', 'right (%)']
    """
    fig, axes = new(alt, columns=len(curves), height=0.8 * HEIGHT)
    for panel, (place, (label, curve)) in zip(np.atleast_1d(axes), enumerate(curves.items()), strict=True):
        x, y = map(host, curve)
        panel.plot(x, y, color=COLOURS[place % len(COLOURS)], linewidth=2.0)
        panel.set(xlabel=xlabel, ylabel=label, ylim=(0, 1.05 * y.max()))
        panel.margins(x=0.01)
    fig.suptitle(title)
    return fig


def pictures(images: Sequence[Any], titles: Sequence[str], *, alt: str, columns: int = 5) -> Any:
    """Small grey pictures (0 white, the largest number black) in rows of ``columns``, each under its title.

    >>> pictures([np.eye(2)] * 3, ["one", "two", "three"], alt="Three diagonals.", columns=3).axes[1].get_title()
    'two'
    """
    rows = -(-len(images) // columns)
    fig, axes = new(alt, rows, columns, height=1.8 * rows)
    for panel in np.atleast_1d(axes).flat:
        panel.axis("off")
    for panel, image, title in zip(np.atleast_1d(axes).flat, images, titles, strict=False):
        panel.imshow(host(image), cmap="gray_r")
        panel.set_title(title)
    return fig


class Panel(NamedTuple):
    """One of the axes of `beside`: curves by label, theory in thin grey, ``dashed`` grey lines such as floors.

    ``marks`` puts a dot on every point of the curves, for paths that turn back on themselves.
    """

    curves: Mapping[str, Curve]
    xlabel: str
    ylabel: str
    title: str = ""
    theory: Sequence[Curve] = ()
    dashed: Sequence[Curve] = ()
    log: str = ""
    ylim: tuple[float, float] | None = None
    marks: bool = False


def beside(
    panels: Sequence[Panel], *, alt: str, title: str = "", theory_label: str = "theory", dashed_label: str = ""
) -> Any:
    """Panels side by side about the same things: curves of one label look alike, and one legend below serves all.

    Returns a matplotlib figure with ``.alt``.

    >>> one = Panel({"mine": ([0, 1], [1, 2])}, "step", "loss")
    >>> two = Panel({"mine": ([0, 1], [5, 6])}, "step", "weight")
    >>> [axes.get_ylabel() for axes in beside([one, two], alt="Both rise.").axes]
    ['loss', 'weight']
    """
    fig, axes = new(alt, columns=len(panels), height=1.1 * HEIGHT)
    for place, panel in zip(np.atleast_1d(axes), panels, strict=True):
        for x, y in panel.dashed:
            dashes = {"color": GREY, "linewidth": 1.0, "linestyle": (0, (4, 3))}
            place.plot(host(x), host(y), **dashes, label=dashed_label or "_", zorder=2)
        _draw(place, panel.curves, panel.theory, theory_label)
        if panel.marks:
            for line in place.get_lines()[-len(panel.curves) :]:
                line.set(marker="o", markersize=3, linewidth=1.0)
        place.set(xlabel=panel.xlabel, ylabel=panel.ylabel, title=panel.title, ylim=panel.ylim)
        place.set(xscale="log" if "x" in panel.log else "linear", yscale="log" if "y" in panel.log else "linear")
        place.margins(x=0.02)
    found = {line.get_label(): line for place in np.atleast_1d(axes) for line in place.get_lines()}
    handles = [line for label, line in found.items() if not label.startswith("_")]
    grey = [line for line in handles if line.get_color() == GREY]
    handles = [line for line in handles if line.get_color() != GREY] + grey
    fig.legend(handles=handles, frameon=False, loc="outside lower center", ncols=3, handlelength=3.4)
    fig.suptitle(title)
    return fig
