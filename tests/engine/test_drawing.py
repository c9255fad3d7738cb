"""draw(loss): the words, the picture that says the same, what cannot be drawn, and how a notebook shows it."""

import io
import math
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini.drawing import MOST, draw


@pytest.fixture
def network():
    """The loss of a small network, and the tensors that have names."""
    p = {"W1": am.parameter(np.ones((3, 4))), "b1": am.parameter(np.zeros(4)), "W2": am.parameter(np.ones((4, 2)))}
    named = {"X": am.tensor(np.ones((5, 3))), "labels": am.tensor(np.zeros(5, int)), **p}
    hidden = am.relu(am.linear(named["X"], p["W1"], p["b1"]))
    return am.softmax_cross_entropy(hidden @ p["W2"], named["labels"]), named


def boxes(figure):
    return [one for one in figure.axes[0].texts if one.get_text()]


def arrows(figure):
    return [one.arrow_patch for one in figure.axes[0].texts if getattr(one, "arrow_patch", None)]


def drawn(figure):
    figure.savefig(io.BytesIO(), format="png")
    return [one.get_bbox_patch().get_window_extent() for one in boxes(figure)]


def chain(n):
    t = am.parameter(1.0)
    for _ in range(n - 1):
        t = -t
    return t


def test_the_words_name_operations_leaves_shapes_and_inputs(network):
    loss, named = network
    lines = draw(loss, named).alt.splitlines()
    said = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}
    told = [re.sub(r"\d+(?=,|$)(?![^(]*\))", lambda m: said[m[0]].split()[0], text) for text in said.values()]
    assert sorted(told) == sorted(
        [
            "X (5, 3)",
            "W1 (3, 4)",
            "b1 (4,)",
            "W2 (4, 2)",
            "labels (5,)",
            "linear (5, 4) from X, W1, b1",
            "relu (5, 4) from linear",
            "matmul (5, 2) from relu, W2",
            "softmax_cross_entropy () from matmul, labels",
        ]
    )
    assert lines[-1].startswith("8: softmax_cross_entropy")


def test_the_picture_says_what_the_words_say(network):
    loss, named = network
    loss.backward(retain_graph=True)
    figure = draw(loss, named)
    said = [re.match(r"\d+: (\w+) (\(.*?\))(?:.*gradient (.*))?", line).groups() for line in figure.alt.split("\n")]
    expected = ["\n".join([name, shape, *([f"g {grad}"] if grad else [])]) for name, shape, grad in said]
    assert [one.get_text() for one in boxes(figure)] == expected
    assert {e.split("\n")[0] for e in expected if "\ng " in e} == {"W1", "b1", "W2"}
    corners = {
        one.get_text().split("\n")[0]: type(one.get_bbox_patch().get_boxstyle()).__name__ for one in boxes(figure)
    }
    round_ones = {name for name, style in corners.items() if style == "Round"}
    assert round_ones == {"linear", "relu", "matmul", "softmax_cross_entropy"}
    assert len(arrows(figure)) == 8


def test_a_leaf_without_a_name_and_constants_that_are_no_tensors():
    w = am.parameter([1.0, 2.0])
    assert draw((w * np.ones(2) * 3).sum()).alt.splitlines() == [
        "0: leaf (2,)",
        "1: mul (2,) from 0",
        "2: mul (2,) from 1",
        "3: sum () from 2",
    ]
    assert "0: w (2,)" in draw(w.sum(), {"w": w, "unused": am.parameter(1.0), "array": np.ones(2)}).alt


def test_a_tensor_used_twice_is_one_node_with_two_arrows():
    x = am.parameter(3.0)
    figure = draw(x * x, {"x": x})
    assert figure.alt == "0: x ()\n1: mul () from 0, 0"
    bows = [arrow.get_connectionstyle().rad for arrow in arrows(figure)]
    assert len(bows) == 2 and bows[0] == -bows[1] != 0


def test_an_operation_without_a_derivative_is_no_leaf():
    loss = am.where(am.parameter([1.0]), 2.0, 3.0)  # none by the condition
    assert draw(loss).alt.splitlines()[-1] == "1: an operation (1,) from 0"


def test_rows_follow_what_they_are_computed_from():
    """b comes first in the list and in its layer, yet tanh(b) comes second in its own."""
    a, b = am.parameter([1.0]), am.parameter([2.0])
    figure = draw(am.concatenate([b, am.exp(a), am.tanh(b)]), {"a": a, "b": b})
    y = {one.get_text().split("\n")[0]: one.get_position()[1] for one in boxes(figure)}
    assert y["a"] == y["exp"] != y["b"] == y["tanh"]


def test_rows_follow_what_uses_them_too():
    """a stands alone in its layer, and yet at the height of what is made of it."""
    a, b = am.parameter([1.0]), am.parameter([2.0])
    figure = draw(am.concatenate([am.exp(am.abs(a)), b]), {"a": a, "b": b})
    y = {one.get_text().split("\n")[0]: one.get_position()[1] for one in boxes(figure)}
    assert y["a"] == y["abs"] == y["exp"] != y["b"]


def test_drawing_changes_nothing(network):
    loss, named = network
    draw(loss, named)
    loss.backward()
    assert named["W1"].grad is not None and am.tensor(1.0).grad is None


@pytest.mark.parametrize("n", [MOST - 1, MOST])
def test_up_to_sixty_nodes(n):
    assert draw(chain(n)).alt.count("\n") == n - 1


@pytest.mark.parametrize("n", [MOST + 1, 100_000])
def test_more_nodes_are_refused(n):
    with pytest.raises(ValueError, match=r"draw: more than 60 nodes.*Fix:"):
        draw(chain(n))


def test_a_wide_graph_is_refused_too():
    with pytest.raises(ValueError, match="more than 60 nodes"):
        draw(am.concatenate([am.parameter([1.0]) for _ in range(200)]))


def test_a_freed_graph_is_refused():
    w = am.parameter(2.0)
    inner = am.exp(w)
    loss, other = inner * inner, inner + 1.0
    loss.backward()
    for freed in (loss, other):  # of the other, a part
        with pytest.raises(ValueError, match=r"draw: backward\(\) has freed this graph\. Fix: .*retain_graph=True"):
            draw(freed)


def test_what_no_operation_made_is_refused():
    w = am.parameter(2.0)
    with am.no_grad():
        unrecorded = w * w
    for nothing in (w, unrecorded, am.tensor(1.0) * 2.0, (w * w).item(), (w * w).data):
        with pytest.raises(ValueError, match=r"draw: no operation made this\. Fix: .*requires_grad=True"):
            draw(nothing)


def test_names_the_wrong_way_round_are_told_of():
    w = am.parameter(2.0)
    with pytest.raises(ValueError, match=r'draw: names has tensors as keys\. Fix: turn it round, \{"w": w\}'):
        draw(w * w, {w: "w"})


def long_names():
    a, b = am.parameter([1.0, 2.0]), am.tensor([0.0, 1.0])
    return am.binary_cross_entropy_with_logits(am.binary_cross_entropy_with_logits(a, b, reduction="none"), b)


def skips():
    a = am.parameter(np.ones((16, 16)))
    t = a
    for _ in range(12):
        t = t @ a + t
    return t.sum()


@pytest.mark.parametrize(
    "loss",
    [
        long_names,
        skips,
        lambda: chain(25),
        lambda: chain(15) + chain(3),
        lambda: am.concatenate([am.parameter(np.ones(100_000)) for _ in range(15)]),
    ],
    ids=["long names", "skips", "deep", "uneven", "wide"],
)
def test_boxes_lie_apart_and_arrows_within_the_page(loss):
    figure = draw(loss())
    placed, page = drawn(figure), figure.bbox
    for i, box in enumerate(placed):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in placed[:i])
    for arrow in arrows(figure):
        line = arrow.get_window_extent()
        assert line.y0 >= page.y0 and line.y1 <= page.y1 and math.isfinite(line.x0)


def test_there_is_room_for_an_arrow_between_boxes():
    placed = drawn(draw(chain(9)))
    assert all(20 < right.x0 - left.x1 < 60 for left, right in pairwise(placed))


def test_an_arrow_over_another_box_passes_outside_of_it():
    x = am.parameter(1.0)
    a = am.exp(x)
    figure = draw(a * am.tanh(a))
    placed = dict(zip((one.get_text().split("\n")[0] for one in boxes(figure)), drawn(figure), strict=True))
    curves = [arrow.get_path().vertices[:3] for arrow in arrows(figure)]  # Bezier's three points, in pixels
    start, bend, end = max(curves, key=lambda curve: curve[2, 0] - curve[0, 0])
    t = np.linspace(0, 1, 101)[:, None]
    x, y = ((1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end).T
    above = (placed["tanh"].x0 <= x) & (x <= placed["tanh"].x1)
    assert above.sum() > 10 and (y[above] > placed["tanh"].y1 + 5).all()


def test_a_figure_that_can_be_saved_and_titled(network, tmp_path):
    from matplotlib.figure import Figure

    figure = draw(network[0])
    before = figure.alt
    assert isinstance(figure, Figure) and isinstance(before, str)
    title = figure.suptitle("A network")
    assert title.get_text() == "A network" and title in figure.texts and figure.alt == before
    figure.savefig(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").read_bytes()[:4] == b"\x89PNG"


def test_a_notebook_shows_the_picture_with_the_words():
    from IPython.core.formatters import DisplayFormatter

    figure = draw(am.parameter(2.0) * 3.0)
    data, metadata = DisplayFormatter().format(figure)
    assert data["image/png"][:4] == b"\x89PNG" and data["text/plain"] == figure.alt == "0: leaf ()\n1: mul () from 0"
    assert metadata["image/png"] == {"alt": figure.alt} and b"mul () from 0" in data["image/png"]
    assert set(data) == {"image/png", "text/plain"}


def test_no_pyplot_and_no_matplotlib_before_the_first_drawing():
    code = """
import sys
import autograd_mini.drawing as d
from autograd_mini.tensor import Tensor
import autograd_mini.ops
loss = -Tensor(1.0, requires_grad=True)
d.text(loss)
assert "matplotlib" not in sys.modules
d.draw(loss).canvas
assert "matplotlib.figure" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_engine_does_without_it():
    folder = Path(am.__file__).parent
    assert [path.stem for path in folder.glob("*.py") if "from .drawing" in path.read_text()] in ([], ["__init__"])
