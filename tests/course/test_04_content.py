"""What the notebook 04_minibatch_loader says in prose and pictures is true of its own code and data."""

import queue
import random
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from course.author.build import build
from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.bench import Bench
from course.grade.reference import right_answers
from course.learn import figures
from course.learn.visible import TIME_LIMIT, Check

from .content import example, marks

ROOT = Path(__file__).resolve().parents[2]
SLUG = "04_minibatch_loader"
SCRIPT, HIDDEN = ROOT / "solutions" / f"{SLUG}.py", ROOT / "tests" / "hidden" / f"test_{SLUG}.py"

GENERATOR = """# function minibatches: your code below
def minibatches(X, y, m, rng, shuffle=True, drop_last=False):
    order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
    for start in range(0, len(X), m):
        rows = order[start : start + m]
        if drop_last and len(rows) < m:
            return
        yield X[rows], y[rows]
"""


# ---- Numbers in the prose ------------------------------------------------------------------------------------


def test_digits_in_batches_of_32(names, prose):
    count = names["iterations_per_epoch"]
    assert (count(1797, 32), count(1797, 32, drop_last=True), 1797 % 32) == (57, 56, 5)
    assert "make 56 full batches, and 5 digits are left over" in prose
    assert [count(1000, m) for m in (10, 100, 1000)] == [100, 10, 1]


def test_one_epoch_by_batch_size(cells, names, prose, capsys):
    space = example(cells, names, "by_size")
    after, lowering = space["after"], space["lowering"]
    told = f"from {space['before']:.3f} to about {after[0]:.2f} (your loader's order decides the third digit), the full"
    assert f"{told} batch only to {after[-1]:.3f}" in prose
    assert after == sorted(after), "small batches make faster progress"
    assert all(share == 1 for share in lowering[4:]) and space["sizes"][4] == 16 and lowering[3] < 1
    assert "single samples about half of the steps went *up*" in prose and abs(lowering[0] - 0.5) < 0.05
    assert len(re.findall(r"\d\.\d\d\b", capsys.readouterr().out)) >= 10


def test_what_was_seen_in_the_wild_can_be_seen_here(prose):
    """`random.shuffle` overwrites rows of an array; the example of the mean of means has the numbers told."""
    rows, chance = np.arange(400).reshape(200, 2), random.Random(1)
    chance.shuffle(rows)
    assert len({*rows[:, 0].tolist()}) < 200
    counts, right = np.array([256, 256, 10]), np.array([0.7, 0.8, 0.9])
    assert right.mean() == pytest.approx(0.8) and f"over samples it is {counts @ right / counts.sum():.3f}" in prose


def test_the_deck_and_the_loader_that_forgets(cells, names, capsys):
    example(cells, names, "deck")
    ids, targets = zip(
        *re.findall(r"samples \[([^]]*)\] with targets \[([^]]*)\]", capsys.readouterr().out), strict=True
    )
    assert sorted(float(i) for hand in ids for i in hand.split()) == list(range(7))
    assert [7 * float(i) for hand in ids for i in hand.split()] == [float(i) for hand in targets for i in hand.split()]
    space = example(cells, names, "forgets")
    assert space["dealt"] == list(range(8)) and names["finds_bug"](space["forgets_last"])


@pytest.mark.parametrize("window", [False, True])
def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names, window):
    """Slices of X are windows on it, rows taken by an array are copies."""

    def slices(X, y, m, rng, shuffle=True, drop_last=False):
        return ((X[start : start + m], y[start : start + m]) for start in range(0, len(X), m))

    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "minibatches")
    exec(source, {**names, "check": check, "minibatches": slices if window else names["minibatches"]})
    assert check.answer("minibatches", window).startswith("Yes")
    assert not check.answer("minibatches", not window).startswith("Yes")


def test_a_third_of_the_samples_do_not_come(prose):
    rows = np.random.default_rng(0).integers(500, size=(200, 500))
    missing = np.mean([1 - len({*row}) / 500 for row in rows.tolist()])
    assert missing == pytest.approx(np.exp(-1), abs=0.005) and r"1/e \approx 37\,\%" in prose


def test_routes_lead_where_the_picture_says(cells, names):
    space = example(cells, names, "routes")
    one, eight, whole = (path for path in space["paths"].values())
    turns = [np.linalg.norm(np.diff(path, n=2, axis=0), axis=1).sum() for path in (one, eight, whole)]
    assert turns[0] > 2 * turns[1] > 4 * turns[2]
    assert all(np.linalg.norm(path[-1] - space["bottom"]) < 0.6 for path in (one, eight, whole))
    assert [label.split(":\n")[1] for label in space["paths"]] == [f"{n} samples seen" for n in ("60", "480", "3,840")]


def test_a_buffer_shuffles_locally(cells, names, prose):
    space = example(cells, names, "buffer")
    for size in (1, 7, 40, 200):
        out = list(space["buffer_shuffle"](range(100), size, np.random.default_rng(size)))
        assert sorted(out) == list(range(100))
        assert all(item <= place + size - 1 for place, item in enumerate(out))
    assert "cannot come out before place $i - 1023$" in prose


LEARNERS = [public_seed("demo", f"learner{i}", SLUG) for i in range(40)]


@pytest.fixture(scope="module")
def found(names):
    return [names["experiment"](seed) for seed in LEARNERS]


def test_what_is_said_of_the_orders_holds_for_forty_learners(found, prose):
    exponent = np.array([one["exponent"] for one in found])
    excess = np.array([one["excess"] for one in found])
    assert (abs(exponent - [1, 2, 3]) < [0.4, 0.9, 0.5]).all(), "the visible check allows 0.6, 1.2 and 0.8"
    assert (abs(exponent.mean(axis=0) - [1, 2, 3]) < 0.1).all()
    assert (excess[:, :, 1:] < excess[:, :, :-1]).all() and (excess[:, 0] > excess[:, 2]).all()
    assert "less than a hundredth" in prose and (excess[:, 0, 3] > 100 * excess[:, 2, 3]).mean() > 0.97
    factors = excess[:, :, 2] / excess[:, :, 3]
    assert (np.diff(factors, axis=1) > 0).all(), "the visible check of the question asks for this order"
    assert (abs(factors.mean(axis=0) - [2, 4, 8]) < [0.2, 0.4, 0.6]).all() and "anything from 6 to 10" in prose
    assert ((factors[:, 2] > 5.8) & (factors[:, 2] < 10.2)).mean() > 0.9
    assert np.median(abs(factors / 2**exponent - 1)) < 0.1 and "two to the power of the slope" in prose
    assert (excess[:, 0, 0] < 20 * excess[:, 2, 0]).all()


def test_round_numbers_are_nobodys_factors(found):
    """2, 4 and 8, typed without looking, are right for few, and all three for none; so are the slopes' factors."""
    excess = np.array([one["excess"] for one in found])
    factors, exponent = excess[:, :, 2] / excess[:, :, 3], np.array([one["exponent"] for one in found])
    for typed in (np.array([2, 4, 8]), 2**exponent, excess[:, :, 0] / excess[:, :, 1]):
        right = abs(typed / factors - 1) < 0.005
        assert right.mean(axis=0).max() <= 0.2 and not right.all(axis=1).any()


def test_plain_loops_and_train_epoch_find_the_same(names, found):
    """The experiment done with `train_epoch` and the loss itself: the band of 1e-6 is wide enough."""
    X, y = names["own_problem"](LEARNERS[0])

    def loss_and_grad(params, X, y):
        residual = X @ params["w"] - y
        return (residual**2).mean() / 2, {"w": X.T @ residual / len(X)}

    params = {"w": np.linalg.lstsq(X, y, rcond=None)[0]}
    lowest, gaps = loss_and_grad(params, X, y)[0], []
    for order in names["own_orders"](LEARNERS[0])["reshuffle"]:
        batches = ((X[i : i + 1], y[i : i + 1]) for i in order)
        params, _ = names["train_epoch"](loss_and_grad, params, batches, names["LRS"][3])
        gaps.append(loss_and_grad(params, X, y)[0] - lowest)
    np.testing.assert_allclose(np.mean(gaps[names["WARM_UP"] :]), found[0]["excess"][2, 3], rtol=1e-7)


def test_right_answers_are_the_factors(cells, names):
    typed = right_answers(cells, names)
    excess = names["experiment"](names["seed"])["excess"]
    assert list(typed.values()) == [round(float(factor), 4) for factor in excess[:, 2] / excess[:, 3]]


def test_the_first_run_stops_where_it_is_promised(cells, names, prose):
    """Check cells catch what is not written yet; the first example calls the first function."""
    first = next(cell for cell in cells if cell.kind == "example")

    def unwritten(*args, **options):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        exec(first.source, {**names, "iterations_per_epoch": unwritten})
    assert "`NotImplementedError: iterations_per_epoch is yours to write`" in prose


# ---- What is said about grading --------------------------------------------------------------------------------


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: round(sum(n for n, cell, _ in marks(HIDDEN) if cell == task), 6) for task in contract.points}
    assert contract.total == 25 and sum(visible.values()) == 5 and "a fifth of the points" in prose
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    assert {task: visible[task] + hidden[task] for task in contract.points} == dict(contract.points)
    assert sum(cell == "minibatches" for _, cell, _ in marks(HIDDEN)) == 13


def test_the_prose_promises_what_the_checks_do(prose):
    assert (
        "half a per cent for the three numbers" in prose and 'TYPED = {"rtol": 0.005, "atol": 0}' in HIDDEN.read_text()
    )
    seconds = ["no", "one", "two", "three", "four", "five"][int(TIME_LIMIT)]
    assert f"has used {seconds} seconds of the processor" in prose


def test_a_generator_passes_in_the_jail():
    """The commonest right answer is a generator; it crosses drained."""
    with Bench(build(SLUG, ROOT), jail=True) as bench:
        verdicts = bench.submitted("minibatches", GENERATOR, ["minibatches", "finds_bug"])
    assert [(verdict.score, verdict.maximum) for verdict in verdicts] == [(8, 8), (2, 2)]


# ---- The optional section ---------------------------------------------------------------------------------------


class PrefetchLoader:
    """Batches made ahead by a thread, at most ``depth`` of them waiting: one right answer to the optional task."""

    def __init__(self, batches, depth):
        self.batches, self.depth = batches, depth

    def __iter__(self):
        waiting, stopped, end = queue.Queue(self.depth), threading.Event(), object()

        def put(item):
            while not stopped.is_set():
                try:
                    return waiting.put(item, timeout=0.02)
                except queue.Full:
                    pass

        def work():
            try:
                for batch in self.batches:
                    put((batch, None))
                    if stopped.is_set():
                        return
                put((end, None))
            except Exception as error:
                put((end, error))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            while (found := waiting.get())[0] is not end:
                yield found[0]
            if found[1] is not None:
                raise found[1]
        finally:
            stopped.set()
            thread.join()


def swallows(batches, depth):
    try:
        yield from batches
    except RuntimeError:
        return


def runs_ahead(batches, depth):
    made = []
    for batch in batches:
        made.append(batch)
        if len(made) > 100:
            break
    return iter(made) if len(made) > 100 else made


@pytest.mark.parametrize(("loader", "right"), [(PrefetchLoader, True), (swallows, False), (runs_ahead, False)])
def test_the_self_check_for_prefetching(cells, loader, right):
    text = next(cell.source for cell in cells if "```python" in cell.source)
    code = re.search(r"```python\n(.*?)```", text, re.S)[1]
    if right:
        exec(code, {"PrefetchLoader": loader})
    else:
        with pytest.raises((AssertionError, SystemExit)):
            exec(code, {"PrefetchLoader": loader})


# ---- Figures ---------------------------------------------------------------------------------------------------


def test_the_experiments_figure_shows_its_arrays(cells, names):
    space = example(cells, names, "experiment", "draw")
    axes, excess = space["fig"].axes[0], space["found"]["excess"]
    assert axes.get_xscale() == axes.get_yscale() == "log"
    own = [line for line in axes.get_lines() if line.get_color() != figures.GREY]
    theory = [line for line in axes.get_lines() if line.get_color() == figures.GREY]
    for k in range(3):
        np.testing.assert_array_equal(own[k].get_ydata(), excess[k])
        steepness = np.polyfit(np.log(theory[k].get_xdata()), np.log(theory[k].get_ydata()), 1)[0]
        assert steepness == pytest.approx(k + 1)
        assert f"slope {space['found']['exponent'][k]:.2f}" in own[k].get_label()
