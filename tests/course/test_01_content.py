"""What the notebook 01_autodiff_engine says in prose and pictures is true of its own code and data."""

import gc
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import autograd_mini as am
from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.reference import right_answers
from course.learn import figures, graphs
from course.learn.visible import TIME_LIMIT, Check

from .content import example, marks

ROOT = Path(__file__).resolve().parents[2]
SLUG = "01_autodiff_engine"
SCRIPT, HIDDEN = ROOT / "solutions" / f"{SLUG}.py", ROOT / "tests" / "hidden" / f"test_{SLUG}.py"
LEARNERS = [public_seed("demo", f"learner{i}", SLUG) for i in range(400)]
DIAMOND = [2.0, 3.0, ("mul", 0, 1), ("add", 0, 1), ("add", 2, 3)]


@pytest.fixture(autouse=True)
def operations():
    """Those that the notebook registers with the engine are gone afterwards."""
    before = dict(am.ops.OPS)
    yield
    am.ops.OPS.clear()
    am.ops.OPS.update(before)


def shown(cells, names, name):
    """The namespace after an example that ends in a drawing of a graph, which is ``fig``."""
    source = next(cell.source for cell in cells if cell.kind == "example" and cell.name == name)
    space = dict(names)
    exec(compile(re.sub(r"(?m)^graphs\.draw", "fig = graphs.draw", source), f"<{name}>", "exec"), space)
    return space


@pytest.fixture
def operated(cells, names):
    """The names with the examples in which the second sitting's operations stand."""
    space = dict(names)
    for name in ("by_hand", "diamond", "engine"):
        space.update(shown(cells, space, name))
    return space


# ---- Numbers in the prose ------------------------------------------------------------------------------------


def test_one_operation_complete(cells, names, prose, capsys):
    space = example(cells, names, "product")
    assert space["ga"].tolist() == [7.0, 10.0, -100.0] and "As `ga` says: -100 times 0.01" in prose
    assert "moves L by -1.0000" in capsys.readouterr().out


def test_ones_own_pullbacks_are_right(cells, names, prose, capsys):
    example(cells, names, "judged")
    errors = [float(word) for word in re.findall(r"\d\.\de-\d+", capsys.readouterr().out)]
    assert len(errors) == 2 and max(errors) < 2e-9 and "about $10^{-9}$, with central differences" in prose


def test_the_forgetful_pullback(cells, names, capsys):
    space = example(cells, names, "forgetful")
    assert re.findall(r": ([\d.]+), should be ([\d.]+)", capsys.readouterr().out) == [("5.0", "5.0"), ("5.0", "10.0")]
    assert names["finds_bug"](space["product_forward"], space["forgetful_pull"])
    right = lambda saved, g: (g * saved[1], g * saved[0])  # noqa: E731
    summing = lambda saved, g: tuple(map(names["unbroadcast"], right(saved, g), map(np.shape, saved)))  # noqa: E731
    assert names["finds_bug"](space["product_forward"], right), "it does not undo stretching"
    assert not names["finds_bug"](space["product_forward"], summing)


def test_the_judge_keeps_to_what_it_promised(names):
    """No two numbers, and none and 0, nearer than 1e-3; all between -3 and 3; two thousand calls at most."""
    calls = []

    def forward(a, b):
        both = np.concatenate([np.ravel(a), np.ravel(b), [0.0]])
        gaps = np.diff(np.sort(both))
        assert gaps.min() > 1e-3 and abs(both).max() < 3 and max(np.ndim(a), np.ndim(b)) <= 2
        calls.append(a.dtype)
        return a + b, (a, b)

    def pull(saved, g):
        return tuple(names["unbroadcast"](g, np.shape(one)) for one in saved)

    assert not names["finds_bug"](forward, pull) and len(calls) < 2000 and {*calls} == {np.dtype("float64")}


def test_the_network_by_hand_and_by_graph(cells, names, operated, prose, capsys):
    for learner in LEARNERS[:4]:
        space = example(cells, {**names, "seed": learner}, "by_hand")
        assert space["apart"] < 1e-12, "the engine is asked once, as a witness"
        assert space["right_share"](space["params"], space["X"], space["y"]) > 0.95
    capsys.readouterr()
    space = shown(cells, {**operated, "seed": LEARNERS[0]}, "engine")
    assert space["apart"] < 1e-12
    assert {name: node.grad.shape for name, node in space["leaves"].items()} == {
        name: value.shape for name, value in space["params"].items()
    }
    assert space["batch"].grad.size == 38_400 and "38,400 numbers that nobody asked for" in prose
    written = [one.get_text() for one in space["fig"].axes[0].texts if one.get_text()]
    assert len(written) == 11 and "W1\n(64, 32)\ng (64, 32)" in written and "cross_entropy\n()" in written


def test_it_trains_for_everybody(cells, operated):
    for learner in LEARNERS[:4]:
        X, y = operated["own_digits"](learner)
        params = operated["starting_weights"](learner)
        space = example(cells, {**operated, "X": X, "y": y, "params": params}, "training")
        losses, shares = space["losses"], space["shares"]
        assert losses[0] > 2 and 0.1 < losses[-1] < 0.23 and "from more than 2 to about 0.2" in space["fig"].alt
        assert shares[0] < 0.25 and shares[-1] > 0.95
        drawn = [axes.get_lines()[0].get_ydata() for axes in space["fig"].axes]
        np.testing.assert_allclose(drawn[0], losses)
        np.testing.assert_allclose(drawn[1], 100 * np.array(shares))


def test_the_batch_of_the_step_before_is_gone_without_the_garbage_collector(cells, operated, prose):
    """Claim 23: not after the epoch, but as soon as the next step has replaced the graph."""
    space = {**operated, "params": operated["starting_weights"](1)}
    gc.disable()
    try:
        after = example(cells, space, "lifetime")
    finally:
        gc.enable()
    assert after["alive"] == [False, False, False] and after["seen"]() is not None
    assert "without the garbage collector" in prose
    source = next(cell.source for cell in cells if cell.name == "lifetime")
    kept = source.replace("    backward(loss)\n", "    backward(loss)\n    alive_losses.append(loss)\n")
    space["alive_losses"] = []
    exec(kept, space)
    assert space["alive"] == [False, True, True], "a list of losses keeps every batch"


def test_ones_own_operations_join_the_engine(cells, names, operated):
    space = example(cells, operated, "registered")
    assert {"own_matmul", "own_cross_entropy", "softplus"} <= set(am.ops.OPS)
    assert max(space["checked"].values()) < 1e-8 and float(space["loss"]) < 0.2
    X, y = names["own_digits"](names["seed"])
    params = names["starting_weights"](names["seed"])
    loss, grads = am.loss_and_grad(space["own_network"], params, X, y)

    def witness(params, X, y):
        inner = am.linear(X, params["W1"], params["b1"])
        h = (am.exp(-am.abs(inner)) + 1.0).log() + am.relu(inner)
        return am.softmax_cross_entropy(am.linear(h, params["W2"], params["b2"]), y)

    want, slopes = am.loss_and_grad(witness, params, X, y)
    assert float(loss) == pytest.approx(float(want), rel=1e-12)
    for name in slopes:
        np.testing.assert_allclose(grads[name], slopes[name], atol=1e-12)


def test_what_was_seen_in_the_wild_can_be_seen_here(prose):
    """micrograd's two calls: 1, then 3 in the place of 2. A bias that grows. x[[0, 0]] counted once."""
    grads = {"a": 0.0, "c": 0.0}
    for expected in (1.0, 3.0):  # e = (a + b) * d with d = 1; c keeps what came before
        grads["c"] += 1.0
        grads["a"] += grads["c"]
        assert grads["a"] == expected
    prose = prose.replace(" > ", " ")
    assert "the gradient of a went from 1 to 3; twice 1 would be 2" in prose
    bias = np.zeros(4)
    bias = bias - np.ones((4, 4))
    assert bias.shape == (4, 4) and "(4,) into one of shape (4, 4), without an error" in prose
    g = np.zeros(1)
    g[[0, 0]] += 1.0
    assert g[0] == 1.0 and "2.0 by differences, 1.0 by the pullback" in prose


# ---- The V -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def found(names):
    return [names["experiment"](seed) for seed in LEARNERS]


def exponents(found):
    return np.array([np.log10(one["B"] / one["A"] / 2) / 3 for one in found])


def test_what_is_said_of_the_v_holds_for_four_hundred_learners(names, found, prose):
    H, best = names["H"], exponents(found)
    assert (best > -7).all() and (best < -4).all() and "It lies between -7 and -4" in prose
    central, forward = (np.array([one[name] for one in found]) for name in ("central", "forward"))
    lowest = np.log10(H[central.argmin(axis=1)])
    assert (abs(lowest - best) < 0.36).all(), "the V has its bottom there, within a third or a bit more"
    assert (central[:, 0] > 100 * central.min(axis=1)).all() and (central[:, -1] > 100 * central.min(axis=1)).all()
    assert (central.min(axis=1) < 5e-11).all() and (forward.min(axis=1) > 3e-9).all()
    k = np.array([names["own_wave"](seed)[0] for seed in LEARNERS])
    one = np.argmin(abs(np.log(k)))
    assert abs(best[one] + 5.2) < 0.15 and "near $10^{-5}$ for a function whose scale is about 1" in prose
    assert abs(np.log10(H[forward[one].argmin()]) + 8) < 0.6
    assert np.finfo(float).eps ** (1 / 3) == pytest.approx(6e-6, rel=0.02) and r"\approx 6 \cdot 10^{-6}" in prose
    B = np.array([one["B"] for one in found])
    assert (B * k > 5e-17).all() and (B * k < 2e-16).all()
    wave = central[:, -16:] * H[-16:] / B[:, None]
    assert (wave > 0.25).all() and (wave < 2.5).all(), "the visible check allows a factor of 3"


def test_exponents_of_others_are_not_ones_own(found):
    """Typed from somebody else, or the rule of thumb, the exponent passes for next to nobody."""
    best = exponents(found)
    near = abs(best[:, None] - best) < 0.05
    np.fill_diagonal(near, False)
    assert near.mean() < 0.05 and near.mean(axis=1).max() < 0.1
    for typed in (np.log10(np.finfo(float).eps) / 3, -5.0, -6.0, -5.5):
        assert (abs(best - typed) < 0.05).mean() < 0.1
    crossing = best + np.log10(2) / 3
    assert (abs(crossing - best) > 0.09).all()


def test_other_ways_to_round_stay_within_the_bands(names, found):
    """Differences written differently, arguments multiplied out: curves, B and the exponent stay within the bands."""
    H = names["H"]
    ways = (
        lambda x, k, h: 0.5 * (np.sin((x + h) * k) - np.sin((x - h) * k)) / h,
        lambda x, k, h: np.sin(x * k + h * k) / (2 * h) - np.sin(x * k - h * k) / (2 * h),
        lambda x, k, h: (np.sin(x * k + h * k) - np.sin(x * k - h * k)) / (2 * h),
    )
    for seed, ours in list(zip(LEARNERS, found, strict=True))[:40]:
        k, x = names["own_wave"](seed)
        slope = np.cos(x * k) * k
        for way in ways:
            central = np.array([np.linalg.norm(way(x, k, h) - slope) for h in H]) / np.linalg.norm(slope)
            ratio, B = central[-16:] / ours["central"][-16:], np.sqrt(np.mean((central[-16:] * H[-16:]) ** 2))
            assert (ratio < 5).all() and (ratio > 1 / 5).all() and abs(B / ours["B"] - 1) < 0.4
            assert abs(np.log10(B / ours["B"]) / 3) < 0.05


def test_float32_ends_where_it_is_said(prose):
    x, errors = np.linspace(0.5, 2.5, 400, dtype=np.float32), []
    for h in np.float32(10.0) ** np.arange(-5, -0.9, 0.25, dtype=np.float32):
        central = (np.sin(x + h) - np.sin(x - h)) / (2 * h)
        errors.append(np.sqrt(np.mean((central - np.cos(x)) ** 2) / np.mean(np.cos(x) ** 2)))
    assert 5e-6 < min(errors) < 2e-5 and 10 <= np.argmin(errors) <= 13
    assert "lowest central error would be near $10^{-5}$, at a step near 0.01" in prose


def test_right_answers_come_from_the_experiment(cells, names):
    best = exponents([names["experiment"](names["seed"])])[0]
    assert right_answers(cells, names) == {"best_exponent": round(best, 2)}


def test_the_experiments_figure_shows_its_arrays(cells, names):
    space = example(cells, names, "experiment", "draw")
    axes, H = space["fig"].axes[0], names["H"]
    assert axes.get_xscale() == axes.get_yscale() == "log" and space["fig"].alt
    own = [line for line in axes.get_lines() if line.get_color() != figures.GREY]
    theory = [line for line in axes.get_lines() if line.get_color() == figures.GREY]
    np.testing.assert_array_equal(own[0].get_ydata(), space["found"]["central"])
    np.testing.assert_array_equal(own[1].get_ydata(), space["found"]["forward"])
    slopes = [np.polyfit(np.log(line.get_xdata()), np.log(line.get_ydata()), 1)[0] for line in theory]
    np.testing.assert_allclose(slopes, [2, -1])
    judged = np.array(own[2].get_ydata())
    assert (judged[:4] > 0).all() and judged.min() < 1e-8 and len(judged) == len(H[::2])
    low, high = axes.get_ylim()
    assert low < space["found"]["central"].min() and high > space["found"]["forward"].max() > 0


# ---- The graph ---------------------------------------------------------------------------------------------------


def test_the_diamond(cells, names, prose):
    space = shown(cells, names, "diamond")
    root = space["z"]
    assert float(root.value) == 11.0
    names["backward"](root)
    assert (float(space["x"].grad), float(space["y"].grad)) == (4.0, 3.0) and "$y + 1 = 4$" in prose
    assert len(graphs.text(root).splitlines()) == 5


def test_recipes_serve_both_the_notebook_and_the_grader(names):
    """A Node passes through; a recipe is built, and what comes back is plain data."""
    nodes, calls = names["built"](DIAMOND)
    order = names["toposort"](nodes[-1])
    assert {id(node) for node in order} == {id(node) for node in nodes} and order[-1] is nodes[-1]
    assert names["toposort"](DIAMOND) == [node.number for node in order] != [0, 1, 2, 3, 4], "as it came"
    assert [names["unless_late"](DIAMOND, one)[1] for one in ([1, 0, 2, 3, 4], [0, 2, 1, 3, 4])] == [1, 2]
    assert names["backward"](nodes[-1]) is None and calls == [0, 0, 1, 1, 1]
    after = names["backward"](DIAMOND)
    assert [None if g is None else float(g) for g in after["grads"]] == [4.0, 3.0, None, None, None]
    assert after["shared"] is False and names["toposort"].own.__name__ == "toposort"


def test_a_wrong_toposort_does_not_cost_the_points_of_backward(cells, names):
    """While a recipe runs, the order is right whatever the learner's toposort does; afterwards theirs is back."""
    space = dict(names)
    for source in [cell.source for cell in cells if cell.kind == "given" or cell.id == "function-backward"]:
        exec(source, space)
    exec("def toposort(root):\n    return []\n", space)
    space["takes_recipes"]("backward")
    mine, (nodes, _) = space["toposort"], space["built"](DIAMOND)
    assert float(space["backward"](DIAMOND)["grads"][0]) == 4.0 and space["toposort"] is mine
    space["backward"](nodes[-1])
    assert nodes[0].grad is None, "outside of checks it is their own that counts"


def test_running_a_function_cell_again_is_enough(cells, names):
    """The check cell wraps what it finds, so that nobody has to run the cell between the two."""
    space = {**names, "check": Check()}
    for name in ("toposort", "backward"):
        given = next(cell for cell in cells if cell.id == "given-runs")
        exec(given.source, space)
        exec(next(cell.source for cell in cells if cell.id == f"function-{name}"), space)
        exec(next(cell.source for cell in cells if cell.id == f"check-{name}").split("check.report")[0], space)
        assert {result.status for result in space["check"].results[name]} == {"passed"}, name


@pytest.mark.parametrize(("keeps", "wrong"), [("g", True), ("xp.array(g)", False)])
def test_shared_memory_is_seen(names, keeps, wrong):
    nodes, _ = names["built"]([np.ones(2), np.ones(2), ("add", 0, 1)])
    g = np.array([5.0, 7.0])
    for node in nodes[:2]:
        node.grad = eval(keeps, {"g": g, "xp": np})
    assert names["written_through"](nodes, g) is wrong
    assert g.tolist() == [5.0, 7.0], "nothing is changed by looking"


def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names):
    check = Check()
    source = next(cell.source for cell in cells if cell.id == "check-backward")
    exec(source, {**names, "check": check})
    assert check.answer("backward", 9).startswith("Yes") and not check.answer("backward", 511).startswith("Yes")


def test_the_first_run_stops_where_it_is_promised(cells, names, prose):
    """Check cells catch what is not written yet; the first example that calls a task calls the first function."""

    def unwritten(*args, **options):
        raise NotImplementedError

    tasks = list(Contract.parse(SCRIPT.read_text(encoding="utf-8")).points)
    called = [(cell, task) for cell in cells for task in tasks if cell.kind == "example" and f"{task}(" in cell.source]
    first = called[0][0]
    with pytest.raises(NotImplementedError):
        exec(first.source, {**names, "unbroadcast": unwritten})
    assert "`NotImplementedError: unbroadcast is yours to write`" in prose


def test_two_sittings_each_with_a_model_and_a_summary(cells):
    heads = [
        (place, line) for place, cell in enumerate(cells) for line in cell.source.splitlines() if cell.kind == "prose"
    ]
    sittings = [place for place, line in heads if line.startswith("# Sitting ")]
    summaries = [place for place, line in heads if line.lstrip("#").startswith(" What you have now")]
    models = [next(i for i, cell in enumerate(cells) if cell.name == name) for name in ("by_hand", "registered")]
    assert len(sittings) == len(summaries) == 2
    assert sittings[0] < models[0] < summaries[0] <= sittings[1] < models[1] < summaries[1]


# ---- What is said about grading --------------------------------------------------------------------------------


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: round(sum(n for n, cell, _ in marks(HIDDEN) if cell == task), 6) for task in contract.points}
    assert contract.total == 40 and sum(visible.values()) == pytest.approx(8) and "a fifth of the points" in prose
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    assert {task: round(visible[task] + hidden[task], 6) for task in contract.points} == dict(contract.points)


def test_the_prose_promises_what_the_checks_do(prose):
    checks = HIDDEN.read_text(encoding="utf-8")
    assert 'TYPED = {"rtol": 0, "atol": 0.05}' in checks and "the exponent that you type by 0.05" in prose
    assert 'SMOOTH, ROUNDED = {"rtol": 0.02, "atol": 0}, 5.0' in checks and "by a factor of 5 where it is" in prose
    assert 'SINGLE = {"rtol": 2e-5, "atol": 2e-5}' in checks and "2e-5 in single precision, 1e-3 there for" in prose
    assert 'WALL = {"rtol": 0.4, "atol": 0}' in checks and "`B` by 40 per cent" in prose
    assert f"has not finished after {['no', 'one', 'two', 'three', 'four', 'five'][int(TIME_LIMIT)]} seconds" in prose


def test_the_solution_is_a_program():
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stdout and done.stdout.count("visible checks pass") == 9
