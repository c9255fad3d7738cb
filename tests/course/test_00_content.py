"""What the notebook 00_first_step says in prose and pictures is true of its own code and data."""

import re
from pathlib import Path

import numpy as np
import pytest

from course.author.build import read_cells
from course.bundle.contract import Contract
from course.learn.visible import Check

from .content import example

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "solutions" / "00_first_step.py"
HELD = (
    "00_first_step",
    "01_autodiff_engine",
    "02_full_batch_gd",
    "03_sgd_noise",
    "04_minibatch_loader",
    "05_gradient_variance",
    "07_accumulation",
    "08_momentum",
)
"""The notebooks that are held to the common form of predictions and boxes."""


def test_ten_pictures_of_ten_digits(cells, names):
    space = example(cells, names, "digits")
    assert names["labels"][:10].tolist() == list(range(10))
    assert [axes.get_title() for axes in space["fig"].axes] == [f"this is a {n}" for n in range(10)]
    assert len(names["X"]) == 1797 and names["X"].max() == 1


def test_the_gradient_is_that_of_the_loss(names):
    rng = np.random.default_rng(1)
    W, way = rng.normal(size=(64, 10)), rng.normal(size=(64, 10))
    ahead, behind = (names["loss_and_grad"](W + e * way, names["X"], names["y"])[0] for e in (1e-6, -1e-6))
    found = (names["loss_and_grad"](W, names["X"], names["y"])[1] * way).sum()
    assert found == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


def test_one_hundred_steps(cells, names, prose, capsys):
    space = example(cells, names, "descent")
    right, losses = np.array(space["right"]), np.array(space["losses"])
    assert f"From {100 * right[0]:.0f} % right, which is guessing, to {100 * right[100]:.0f} %." in prose
    assert f"takes the model from {100 * right[0]:.0f} % to {100 * right[1]:.0f} %" in prose
    assert (np.diff(losses) < 0).all() and losses[0] == pytest.approx(np.log(10))
    assert len(losses) == len(right) == 101 and capsys.readouterr().out.count("after") == 6
    assert space["fig"].alt.count("0.7.") == 1 and round(losses[100], 1) == 0.7
    drawn = [axes.get_lines()[0].get_ydata() for axes in space["fig"].axes]
    np.testing.assert_allclose(drawn, [losses, 100 * right])


def test_the_first_step_moves_towards_average_pictures(names):
    """The first gradient is minus the average picture of each digit, up to its share and what they have in common."""
    X, y = names["X"], names["y"]
    _, gradient = names["loss_and_grad"](np.zeros((64, 10)), X, y)
    for digit in range(10):
        mean = X[y == digit].sum(axis=0) / len(X)
        np.testing.assert_allclose(-gradient[:, digit], mean - X.mean(axis=0) / 10, atol=1e-12)


def test_three_batch_sizes(cells, names, prose, capsys):
    space = example(cells, names, "batches")
    told = re.findall(r"(\d+) steps, loss ([\d.]+)", capsys.readouterr().out)
    assert [int(steps) for steps, _ in told] == [5391, 171, 3]
    assert re.search(r"full batch: 3 steps.*of 32: 171 steps.*a time: 5,391 steps", prose)
    one, mini, full = (loss for _, loss in told)
    assert f"on its way to {one}; mini-batches of 32 bring it smoothly to {mini};" in prose
    assert f"the full batch, three steps in all, to {full}." in prose
    single, mini, full = (np.array(losses) for _, losses in space["curves"].values())
    assert full[-1] > 2.2 and 0.75 < mini[-1] < 0.85 and 0.1 < single[-1] < 0.16
    falls = [np.mean(np.diff(losses) < 0) for losses in (full, mini, single)]
    assert falls[0] == 1 and falls[1] > 0.98 and falls[2] < 0.8, "one of these curves trembles"
    assert all(seen[-1] == 3 for seen, _ in space["curves"].values())


def test_what_learners_are_invited_to_try_runs(cells, names, capsys):
    space = example(cells, names, "batches")
    for size in (257, 256):
        space["descend"](size)
    space["descend"](32, lr=0.5)
    told = [int(share) for share in re.findall(r"(\d+) % right", capsys.readouterr().out)]
    assert len(told) == 6 and told[3] > 85 and told[4] < 60, "one picture less, and far fewer digits right"


def test_three_hikers(cells, names, prose):
    space = example(cells, names, "routes")
    paths = [space["route"](m) for m in (1, 8, 40)]
    turns = [np.linalg.norm(np.diff(path, n=2, axis=0), axis=1).sum() for path in paths]
    away = [np.linalg.norm(path[-1] - space["bottom"]) for path in paths]
    assert turns[0] > turns[1] > 1.5 * turns[2] and away[2] < 0.1 and away[1] < 0.3 < away[0] < 1
    assert "looked at 1,600 points on the way, the second at 320, the hasty one at 40" in prose
    pulls = [x * (x @ space["bottom"] - y) for x, y in zip(space["points"], space["target"], strict=True)]
    assert min(map(np.linalg.norm, pulls)) > 1e-3 and "does not stand still even on the star" in prose
    np.testing.assert_allclose(np.mean(pulls, axis=0), 0, atol=1e-12)


@pytest.mark.parametrize(("line", "same"), [("weights - lr * gradient", False), ("weights if lr == 0 else 0", True)])
def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names, line, same):
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "step")
    check = Check()
    exec(source, {**names, "check": check, "step": lambda weights, gradient, lr: eval(line)})
    assert check.answer("step", same).startswith("Yes") and not check.answer("step", not same).startswith("Yes")


@pytest.mark.parametrize("slug", HELD)
def test_every_prediction_is_settled_after_the_run(slug):
    """Each prediction stands before a code cell, offers choices, and is discussed after that cell."""
    cells = read_cells((ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8"))
    asked = [i for i, cell in enumerate(cells) if "**Predict before you run.**" in cell.source]
    settled = [
        i for i, cell in enumerate(cells) if "<b>What happened:</b>" in cell.source and "\n</details>" in cell.source
    ]
    assert asked and len(asked) == len(settled)
    assert all(ask < answer for ask, answer in zip(asked, settled, strict=True))
    assert all(later > answer for later, answer in zip(asked[1:], settled, strict=False)), "one at a time"
    for ask, answer in zip(asked, settled, strict=True):
        assert any(cell.kind in {"example", "draw"} for cell in cells[ask:answer])
        text = cells[ask].source.split("**Predict before you run.**")[1]
        assert text.count("(b)") or text.count("by about") > 1, "a prediction has choices"


@pytest.mark.parametrize("slug", HELD[1:])
def test_what_was_seen_in_the_wild_names_its_place(slug):
    cells = read_cells((ROOT / "solutions" / f"{slug}.py").read_text(encoding="utf-8"))
    boxes = [cell.source for cell in cells if "> **Seen in the wild**" in cell.source]
    told = "\n".join(line for box in boxes for line in box.splitlines() if line.startswith(">"))
    places = re.findall(r"\([\w.-]+/[\w.-]+,\s+(?:>\s+)?(?:issue|pull request) \d+", told)
    assert 1 <= len(places) == told.count("\n> - ") <= 6


def test_it_carries_no_points(prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    assert contract.total == 0 and "carries no points" in prose
