"""The drawing of small graphs: who stands where, what is written there, and that everything lies within the picture."""

import io

import numpy as np
import pytest

import autograd_mini as am
from autograd_mini import drawing
from course.learn import figures, graphs


class Node:
    def __init__(self, value, parents=(), pullback=None):
        self.value, self.parents, self.pullback, self.grad = np.asarray(value), parents, pullback, None


def add(a, b):
    return Node(a.value + b.value, (a, b), lambda g: (g, g))


def mul(a, b):
    return Node(a.value * b.value, (a, b), lambda g: (g, g))


@pytest.fixture
def skewed():
    """x and y, their product, that plus x, and late a leaf that only the root uses."""
    x, y, late = Node(np.ones((2, 3))), Node(np.ones(3)), Node(np.ones(1))
    product = mul(x, y)
    total = add(product, x)
    return {"x": x, "y": y, "late": late, "product": product, "total": total, "root": add(total, late)}


def names_in(layers, nodes):
    return [{name for name, node in nodes.items() for one in layer if one is node} for layer in layers]


def test_layers_have_parents_on_the_left_and_leaves_next_to_their_users(skewed):
    layers = graphs.layers_of(skewed["root"], graphs.parents_of)
    assert names_in(layers, skewed) == [{"x", "y"}, {"product"}, {"total", "late"}, {"root"}]


def test_equal_values_are_different_nodes():
    one, other = Node(2.0), Node(2.0)
    assert sorted(map(len, graphs.layers_of(add(one, other), graphs.parents_of))) == [1, 2]


def test_a_graph_that_nobody_could_read_is_refused():
    node = Node(1.0)
    for _ in range(graphs.MOST - 1):
        node = add(node, node)
    assert len(graphs.layers_of(node, graphs.parents_of)) == graphs.MOST
    with pytest.raises(ValueError, match="more than 60 nodes"):
        graphs.draw(add(node, node))


def test_the_text_says_what_each_is_made_of(skewed):
    skewed["x"].grad = np.zeros((2, 3))
    look = graphs.look_of({skewed["x"]: "x", skewed["y"]: "y"})
    lines = graphs.text(skewed["total"], look=look).splitlines()
    assert lines[0] == "0: x (2, 3), gradient (2, 3)" and lines[1] == "1: y (3,)"
    assert lines[2:] == ["2: mul (2, 3) from 0, 1", "3: add (2, 3) from 2, 0"]


class Method(Node):
    def double(self):
        return Node(2 * self.value, (self,), lambda g: (2 * g,))


def test_operations_that_are_methods_have_their_names_too():
    assert graphs.text(Method(1.0).double()).endswith("1: double () from 0")


def test_tensors_of_the_engine_are_drawn_too():
    w = am.parameter([[1.0, 2.0]])
    loss = (am.Tensor([[3.0, 4.0]]) * w).sum()
    lines = graphs.text(loss, look=graphs.look_of({w: "w"})).splitlines()
    assert lines[-1].endswith("sum () from 2") and "mul (1, 2) from 0, 1" in lines[2] and any(" w " in x for x in lines)
    fig = graphs.draw(loss)
    assert fig.alt.count("\n") == 3 and len(texts(fig)) == 4


def test_what_a_graph_is_stands_in_the_engine_once():
    assert {name for name in graphs.__all__ if getattr(drawing, name) is getattr(graphs, name)} == {
        *("MOST", "Describe", "Look", "Parents", "layers_of", "look_of", "parents_of", "text")
    }
    fig = graphs.draw(mul(Node(2.0), Node(3.0)), title="A product")
    assert type(fig) is type(figures.new("")[0]) and fig.axes[0].get_title() == "A product"


def test_a_freed_graph_of_tensors_is_refused():
    loss = am.parameter(2.0) * 3.0
    loss.backward()
    with pytest.raises(ValueError, match=r"draw before it, or backward\(retain_graph=True\)"):
        graphs.draw(loss)


def texts(fig):
    return [one for one in fig.axes[0].texts if one.get_text()]


def drawn(fig):
    """The boxes of a figure and where the figure ends, in pixels, after it was drawn."""
    fig.savefig(io.BytesIO(), format="png")
    return [one.get_bbox_patch().get_window_extent() for one in texts(fig)], fig.bbox


def test_boxes_lie_apart_and_within_the_picture(skewed):
    for node in skewed.values():
        node.grad = node.value
    boxes, page = drawn(graphs.draw(skewed["root"], title="All"))
    for place, box in enumerate(boxes):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
        assert not any(box.overlaps(other) for other in boxes[:place])


def test_each_parent_has_its_arrow(skewed):
    arrows = [one for one in graphs.draw(skewed["root"]).axes[0].texts if getattr(one, "arrow_patch", None)]
    assert len(arrows) == sum(len(node.parents) for node in skewed.values()) == 6
    assert all(one.xy[0] > one.xyann[0] for one in arrows), "values flow to the right"


def test_a_square_has_two_arrows_that_go_apart():
    x = Node(3.0)
    bows = [
        one.arrow_patch.get_connectionstyle().rad
        for one in graphs.draw(mul(x, x)).axes[0].texts
        if one.get_text() == ""
    ]
    assert len(bows) == 2 and bows[0] == -bows[1] != 0


def test_leaves_and_operations_look_different_and_text_is_legible(skewed):
    fig = graphs.draw(skewed["root"], alt="Six nodes.")
    corners = {one.get_text().split("\n")[0]: type(one.get_bbox_patch().get_boxstyle()).__name__ for one in texts(fig)}
    assert corners == {"leaf": "Square", "mul": "Round", "add": "Round"} and fig.alt == "Six nodes."
    assert min(one.get_fontsize() for one in texts(fig)) >= 9 and fig.get_figwidth() * fig.dpi <= 840


def test_names_too_long_for_the_column_make_it_wider():
    node = Node(1.0)
    for _ in range(8):
        node = add(node, Node(1.0))
    fig = graphs.draw(node, look=lambda one: graphs.Look("an operation of a long name", ()))
    boxes, page = drawn(fig)
    assert fig.get_figwidth() > figures.WIDTH and all(box.x0 >= 0 and box.x1 <= page.x1 for box in boxes)
    assert not any(box.overlaps(other) for place, box in enumerate(boxes) for other in boxes[:place])


def test_seven_layers_of_a_network_fit_a_notebook():
    node, names = Node(1.0), ["matmul", "add", "tanh", "matmul", "add", "cross_entropy"]
    looks = {node: graphs.Look("X", (32, 64), (32, 64))}
    for name in names:
        weight = Node(1.0)
        node = add(node, weight)
        looks |= {node: graphs.Look(name, (32, 32)), weight: graphs.Look("W", (32,), (32,))}
    fig = graphs.draw(node, look=looks.__getitem__)
    assert len(graphs.layers_of(node, graphs.parents_of)) == 7 and fig.get_figwidth() == figures.WIDTH
