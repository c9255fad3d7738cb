"""The figures of a class: how the scores are spread, and when people handed in; each with its numbers as text.

Drawn by matplotlib's objects on Agg, without pyplot, in colours that everybody can tell apart.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean, median, median_low
from typing import TYPE_CHECKING, Any, cast

from ...learn.figures import COLOURS, GREY
from ...wording import count
from .. import gradebook
from ..home import Home, write_private

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (5.6, 3.0)
"""Inches; such a figure stands twice side by side on a page, and once on a phone."""

BARS = 20
"""How many bars a distribution has at most, about."""

FAR = 30
"""Days from the deadline, or from the median where there is none, beyond which no time is drawn: one clock that is
years off would leave a single bar for everybody else."""

_INK = "#1f2933"
_LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": GREY,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.parse_math": False,
    "svg.hashsalt": "course",
    "svg.fonttype": "path",
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Chart:
    """A figure as bytes of a PNG or SVG file, and what it says, in words and numbers."""

    data: bytes
    alt: str


@dataclass(frozen=True)
class Bar:
    """So many between two values."""

    low: float
    high: float
    count: int


def brief(value: float | None) -> str:
    """A number of at most three digits.

    >>> brief(12.345), brief(0.5), brief(1234.5), brief(None)
    ('12.3', '0.5', '1234', '-')
    """
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{float(f'{value:.3g}') + 0.0:g}"


def bars(values: Sequence[float], low: float, high: float, width: float) -> list[Bar]:
    """How many of ``values`` lie in each interval of ``width`` between two multiples of it around low and high.

    A value on an edge counts in the interval above it, but at ``high`` in the last one.
    """
    first, last = (
        math.floor(low / width + 1e-9),
        max(math.ceil(high / width - 1e-9), math.floor(low / width + 1e-9) + 1),
    )
    counts = [0] * (last - first)
    for value in values:
        counts[min(max(math.floor(value / width + 1e-9) - first, 0), len(counts) - 1)] += 1
    return [Bar((first + i) * width, (first + i + 1) * width, n) for i, n in enumerate(counts)]


def _width(span: float, most: int = BARS) -> float:
    """The smallest round number that makes at most ``most`` intervals of ``span``, preferably without a rest."""
    power = 10.0 ** math.floor(math.log10(max(span, 1e-9) / most))
    steps = [power * step for step in (1, 2, 2.5, 5, 10) if span / (power * step) <= most + 1e-9]
    whole = [step for step in steps if abs(span / step - round(span / step)) < 1e-9]
    return min(whole or steps)


def scores(scores: Mapping[str, float | None], maximum: float, title: str) -> bytes:
    """The distribution of a class's scores as a PNG file; ``title`` stands above it. None is "not decided"."""
    return scores_chart(scores.values(), maximum, title, "png").data


def write_figure(home: Home, slug: str) -> Path:
    """Draw the distribution of the scores that the gradebook holds; the picture's path."""
    held = gradebook.class_scores(home, slug)
    maximum = max((one.maximum for one in held.values()), default=0.0)
    path = home.path / "figures" / f"{slug}_scores.png"
    path.parent.mkdir(exist_ok=True)
    write_private(path, scores({learner: one.score for learner, one in held.items()}, maximum, slug))
    return path


def scores_chart(found: Iterable[float | None], maximum: float, title: str = "", kind: str = "svg") -> Chart:
    """The distribution of ``found`` between 0 and ``maximum``, with the median marked."""
    found = list(found)
    known = sorted(score for score in found if score is not None)
    top = max(maximum, *known, 1e-9) if known else max(maximum, 1e-9)
    low = min(0.0, *known) if known else 0.0
    shown = bars(known, low, top, _width(top - low))
    alt = scores_text(known, len(found) - len(known), maximum, shown)

    def draw(axes: Axes) -> None:
        _draw_bars(axes, shown)
        if known:
            middle = median(known)
            axes.axvline(middle, color=_INK, linestyle=(0, (5, 2)), linewidth=1.2)
            _over(axes, middle, f"median {brief(middle)}", left=middle > (low + top) / 2)
        axes.set_xlim(shown[0].low, shown[-1].high)
        axes.set_xlabel(f"points of {brief(maximum)}")

    return Chart(_made(draw, title, alt, kind), alt)


def scores_text(known: Sequence[float], undecided: int, maximum: float, shown: Sequence[Bar]) -> str:
    """The numbers of the scores' figure."""
    left = f" {count(undecided, 'score')} not decided." if undecided else ""
    if not known:
        return f"No score is decided yet.{left}"
    return (
        f"{count(len(known), 'score')} of at most {brief(maximum)} points: median {brief(median(known))}, "
        f"mean {brief(fmean(known))}, lowest {brief(known[0])}, highest {brief(known[-1])}.{left} {_listed(shown)}"
    )


def _listed(shown: Sequence[Bar]) -> str:
    parts = [f"{brief(one.low)} to {brief(one.high)}: {one.count}" for one in shown if one.count]
    return "; ".join(parts) + "." if parts else "none."


def times_chart(times: Iterable[tuple[datetime, datetime | None]], kind: str = "svg") -> Chart | None:
    """When each was handed in, before or after its own deadline where there is one; None for no times at all."""
    pairs = list(times)
    if not pairs:
        return None
    hours = [(came - due) / timedelta(hours=1) for came, due in pairs if due is not None]
    if len(hours) < len(pairs):
        return _days_chart([came for came, _ in pairs], kind)
    # Where all are far off, the deadline is what is wrong, and they are drawn.
    near = [hour for hour in hours if abs(hour) <= FAR * 24] or hours
    unit, by = ("days", 24.0) if max(map(abs, near)) > 72 else ("hours", 1.0)
    values = [hour / by for hour in near]
    low, high = min(*values, -6.0 if by == 1 else -1.0), max(*values, 0.0)
    # What came at the very deadline was in time, so the intervals are closed on the right: they are mirrored.
    shown = [Bar(-one.high, -one.low, one.count) for one in bars([-v for v in values], -high, -low, _width(high - low))]
    shown.reverse()
    late = sum(hour > 0 for hour in hours)
    alt = _times_text(hours, near, shown, unit)

    def draw(axes: Axes) -> None:
        _draw_bars(axes, [one for one in shown if one.high <= 1e-9])
        _draw_bars(axes, [one for one in shown if one.high > 1e-9], "#f6d9c8", COLOURS[1], "////")
        axes.axvline(0, color=_INK, linewidth=1.2)
        _over(axes, 0, "deadline", left=low < 0)
        if late:
            _over(axes, 0, f"{late} late", left=False, color="#a34700")
        axes.set_xlim(shown[0].low, shown[-1].high)
        axes.set_xlabel(f"{unit} from the deadline{_left_out(len(hours) - len(near))}")

    return Chart(_made(draw, "", alt, kind), alt)


def _times_text(hours: Sequence[float], near: Sequence[float], shown: Sequence[Bar], unit: str) -> str:
    """The numbers of the times' figure, in which of ``hours`` only those that are ``near`` are drawn."""
    late, drawn_late = (sum(hour > 0 for hour in some) for some in (hours, near))
    text = (
        f"{count(len(hours), 'submission')}, {late} of them late. The first came {_against(min(hours))}, the last "
        f"{_against(max(hours))}, the median {_against(median(hours))}. {unit.capitalize()} before the deadline: "
        f"{_listed([Bar(-one.high, -one.low, one.count) for one in shown[::-1] if one.high <= 1e-9])}"
    )
    if drawn_late:
        text += f" {unit.capitalize()} after it: {_listed([one for one in shown if one.high > 1e-9])}"
    return text + _beyond(len(hours) - len(near), late - drawn_late, "the deadline")


def _against(hours: float) -> str:
    if not hours:
        return "at the deadline"
    size, unit = (abs(hours), "hours") if abs(hours) < 48 else (abs(hours) / 24, "days")
    return f"{brief(size)} {unit} {'after' if hours > 0 else 'before'} the deadline"


def _beyond(far: int, after: int, middle: str) -> str:
    """The sentences on how many of ``far`` that are not drawn lie before ``middle``, and how many after it.

    >>> _beyond(3, 1, "it")
    ' Not drawn: 2 more than 30 days before it; 1 more than 30 days after it.'
    """
    parts = [
        f"{n} more than {FAR} days {side} {middle}" for n, side in ((far - after, "before"), (after, "after")) if n
    ]
    return f" Not drawn: {'; '.join(parts)}." if parts else ""


def _left_out(far: int) -> str:
    return f"\n{far} beyond {FAR} days not drawn" if far else ""


def _days_chart(times: Sequence[datetime], kind: str) -> Chart:
    """How many were handed in on each day, or in each week or longer where there are many days."""
    middle = median_low(times)
    near = [time for time in times if abs(time - middle) <= timedelta(days=FAR)]
    far, after = len(times) - len(near), sum(time - middle > timedelta(days=FAR) for time in times)
    start = min(near).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [(time - start) / timedelta(days=1) for time in near]
    span = math.floor(max(days)) + 1
    shown = bars(days, 0, span, max(1, math.ceil(span / BARS)))

    def day(value: float) -> str:
        return f"{start + timedelta(days=value):%-d %b}"

    each = "; ".join(
        f"{day(one.low)}{'' if one.high - one.low == 1 else f' to {day(one.high - 1)}'}: {one.count}"
        for one in shown
        if one.count
    )
    first, last = (f"{time:%-d %b %Y}" if far else f"{time:%-d %b}" for time in (min(times), max(times)))
    alt = f"{count(len(times), 'submission')}, from {first} to {last}; no deadline is set. {each}."
    alt += _beyond(far, after, "the median")

    def draw(axes: Axes) -> None:
        _draw_bars(axes, shown)
        step = max(1, math.ceil(len(shown) / 6))
        axes.set_xticks([(one.low + one.high) / 2 for one in shown[::step]], [day(one.low) for one in shown[::step]])
        label = "handed in on" if shown[0].high == 1 else f"handed in during {shown[0].high:g} days from"
        axes.set_xlabel(label + _left_out(far))

    return Chart(_made(draw, "", alt, kind), alt)


def _over(axes: Axes, value: float, text: str, *, left: bool, color: str = _INK) -> None:
    """Write ``text`` above the panel, on one side of ``value``."""
    axes.annotate(
        text,
        (value, 1.0),
        (-4 if left else 4, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="right" if left else "left",
        color=color,
    )


def _draw_bars(
    axes: Axes, shown: Sequence[Bar], fill: str = COLOURS[4], edge: str = COLOURS[0], hatch: str = ""
) -> None:
    for one in shown:
        axes.bar(
            (one.low + one.high) / 2,
            one.count,
            (one.high - one.low) * 0.9,
            color=fill,
            edgecolor=edge,
            linewidth=0.8,
            hatch=hatch or None,
        )


def _made(draw: Any, title: str, alt: str, kind: str) -> bytes:
    """The file of a figure whose one panel ``draw`` fills; learners are counted upwards."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with matplotlib.rc_context(cast(Any, _LOOK)):
        figure: Figure = Figure(figsize=SIZE, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_ylim(0, max(1.0, axes.get_ylim()[1]))
        axes.set_ylabel("learners")
        if title:
            axes.set_title(title, loc="left", pad=18, fontsize=11)
        file = io.BytesIO()
        metadata: dict[str, Any] = {"Description": alt} | ({"Date": None} if kind == "svg" else {})
        figure.savefig(file, format=kind, dpi=160, metadata=metadata)
    return file.getvalue()
