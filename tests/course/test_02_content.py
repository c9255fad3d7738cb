"""What the notebook 02_full_batch_gd says in prose and pictures is true of its own code and data."""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.reference import right_answers
from course.learn import data, figures
from course.learn.visible import TIME_LIMIT, Check

from .content import marks

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "solutions" / "02_full_batch_gd.py"
HIDDEN = ROOT / "tests" / "hidden" / "test_02_full_batch_gd.py"


@pytest.fixture(scope="module")
def found(names):
    return names["experiment"](names["seed"])


def least_squares(X, y):
    """Curvatures and the start's error along each direction, for gradient descent from zeros."""
    curvatures, V = np.linalg.eigh(X.T @ X / len(X))
    return curvatures, V.T @ np.linalg.solve(X.T @ X, X.T @ (y - y.mean()))


def first(values, level=1e-6):
    """The first place at which ``values`` are ``level`` times what they were."""
    return int((values <= level * values[0]).argmax())


def counts(curvatures, start, steps=6000):
    """Predicted steps, measured steps of the distance, and of the loss, at the best learning rate."""
    flattest, steepest = curvatures[0], curvatures[-1]
    rate = (steepest - flattest) / (steepest + flattest)
    factors = (1 - 2 / (flattest + steepest) * curvatures) ** np.arange(steps + 1)[:, None]
    distance = np.linalg.norm(factors * start, axis=1)
    loss = (factors**2 * start**2 * curvatures).sum(axis=1)
    return int(np.ceil(np.log(1e-6) / np.log(rate))), first(distance), first(loss)


# ---- Data ----------------------------------------------------------------------------------------------------


def test_diabetes_has_the_promised_form():
    X, y = data.diabetes()
    assert (X.shape, y.shape, X.dtype, y.dtype) == ((442, 10), (442,), np.float64, np.float64)
    assert len(data.DIABETES_COLUMNS) == 10
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose((X**2).mean(axis=0), 1, rtol=1e-12)
    raw, same = data.diabetes(standardise=False)
    assert (same == y).all() and raw[0, 0] == 59.0


def test_digits_has_the_promised_form():
    X, y = data.digits()
    assert (X.shape, y.shape, X.dtype, y.dtype) == ((1797, 64), (1797,), np.float64, np.int64)
    assert (X.min(), X.max()) == (0, 16) and (X == X.round()).all()
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_every_call_returns_arrays_of_its_own():
    X, _ = data.diabetes()
    X[:] = 0
    assert data.diabetes()[0].any()


def test_files_are_those_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = data.diabetes(standardise=False)
    theirs = datasets.load_diabetes(scaled=False)
    assert (X == theirs.data).all() and (y == theirs.target).all()
    X, y = data.digits()
    assert (X == datasets.load_digits().data).all() and (y == datasets.load_digits().target).all()


def test_sources_name_both_files_with_their_sizes():
    folder = ROOT / "course" / "learn" / "data"
    text = (folder / "SOURCES.md").read_text(encoding="utf-8")
    for path in folder.glob("*.npz"):
        assert f"`{path.name}`" in text and f"{path.stat().st_size:,}" in text


def test_a_constant_column_becomes_zero():
    assert data.standardised(np.full((3, 1), 7.0)).tolist() == [[0.0], [0.0], [0.0]]


# ---- Numbers in the prose ------------------------------------------------------------------------------------


def test_numbers_of_all_442_patients(prose):
    curvatures, start = least_squares(*data.diabetes())
    kappa = curvatures[-1] / curvatures[0]
    predicted, measured, loss = counts(curvatures, start)
    assert f"condition number is {kappa:.2f}." in prose
    assert f"after {predicted:,} steps" in prose and f"{measured:,} are needed" in prose
    assert f"On all 442 patients it is {loss:,}." in prose
    assert (f"{kappa:.2f}", predicted, measured, loss) == ("470.08", 3248, 3208, 1565)
    assert f"a mere {100 / (kappa + 1):.1f} % below the cliff" in prose
    assert predicted == int(np.ceil(kappa / 2 * np.log(1e6))) and f"{np.log(1e6) / 2:.1f}\\,\\kappa" in prose


@pytest.mark.parametrize("seed", range(0, 400, 10))
def test_what_is_said_of_ones_own_patients_holds_for_other_seeds(names, seed):
    curvatures, start = least_squares(*names["own_data"](seed))
    predicted, measured, loss = counts(curvatures, start)
    flattest, steepest = curvatures[0], curvatures[-1]
    assert 2700 < measured < predicted < 4600 < names["STEPS"]
    assert 0.93 < measured / predicted and 0.47 < loss / measured < 0.52
    at_half = np.linalg.norm((1 - curvatures / steepest) ** np.arange(12000)[:, None] * start, axis=1)
    at_best = np.linalg.norm((1 - 2 / (flattest + steepest) * curvatures) ** np.arange(6000)[:, None] * start, axis=1)
    for level in (1e-2, 1e-6):
        assert 1.75 < first(at_half, level) / first(at_best, level) < 2
    at_quarter = np.linalg.norm((1 - curvatures / steepest / 2) ** np.arange(9000)[:, None] * start, axis=1)
    assert 3.5 < first(at_quarter, 1e-2) / first(at_best, 1e-2) < 4.1
    assert 100 * flattest / (steepest + flattest) < 0.3
    factors = abs(1 - 1.001 * 2 / steepest * curvatures) ** np.arange(names["STEPS"] + 1)[:, None]
    error = np.linalg.norm(factors * start, axis=1) / np.linalg.norm(start)
    assert error[1] < error[0] and 50 < error.argmin() < 300 and error[700] > 1.1 * error.min() and error[-1] > 2000


def test_the_counts_of_all_patients_are_not_ones_own(names):
    """Copied from the prose, each of the three numbers is right for few learners, and all three for none."""
    learners = [public_seed("demo", f"learner{i}", "02_full_batch_gd") for i in range(100)]
    own = np.array([counts(*least_squares(*names["own_data"](seed))) for seed in learners])
    right = abs(own - (3248, 3208, 1565)) <= 2
    assert right.mean(axis=0).max() <= 0.05 and not right.all(axis=1).any()
    assert not (abs(own[:, 1] // 2 - own[:, 2]) <= 2).any() and (own[:, 0] - own[:, 1] > 4).all()


def test_other_ways_to_count_are_within_the_band(names):
    """Singular values, the condition number, a loop on the data, the loss of the residuals: 2 steps are enough."""
    for seed in range(0, 1000, 100):
        X, y = names["own_data"](seed)
        predicted, measured, loss = counts(*least_squares(X, y))
        curvatures = np.linalg.svd(X, compute_uv=False) ** 2 / len(X)
        lr, kappa = 2 / (curvatures[0] + curvatures[-1]), np.linalg.cond(X) ** 2
        assert abs(np.ceil(kappa / 2 * np.log(1e6)) - predicted) <= 1
        W, minimum = np.zeros((measured + 3, 10)), np.linalg.lstsq(X, y, rcond=None)[0]
        for t in range(measured + 2):
            W[t + 1] = W[t] - lr * X.T @ (X @ W[t] - y) / len(X)
        losses = ((W @ X.T - y) ** 2).mean(axis=1) / 2 - ((X @ minimum - y) ** 2).mean() / 2
        assert first(np.linalg.norm(W - minimum, axis=1)) == measured and first(losses) == loss


def test_averaged_outputs_keep_one_term_only(names):
    X, y = names["own_data"](names["seed"])
    params = {**names["init_params"](np.random.default_rng(0), 10, 8), "b2": np.array([0.5])}
    residual = names["model"](params, X).data - y
    loss_of_means = residual.mean() ** 2 / 2
    np.testing.assert_allclose(names["objective"](params, X, y), loss_of_means + residual.var() / 2, rtol=1e-12)
    assert loss_of_means > 0.01, "two numbers of which one is almost zero do not add up visibly"
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)


def test_the_line_that_is_differentiated_by_hand(names):
    rng = np.random.default_rng(5)
    X, y, params = rng.normal(size=(7, 3)), rng.normal(size=7), {"w": rng.normal(size=3), "c": rng.normal(size=1)}
    _, grads = names["line_loss_and_grad"](params, X, y)
    for name, value in params.items():
        for i in range(len(value)):
            ends = [
                names["line_loss_and_grad"]({**params, name: value + sign * 1e-6 * np.eye(len(value))[i]}, X, y)[0]
                for sign in (1, -1)
            ]
            assert grads[name][i] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def printed(cells, names, name, capsys):
    """What a worked example prints."""
    source = next(cell.source for cell in cells if cell.kind == "example" and cell.name == name)
    exec(source, dict(names))
    return capsys.readouterr().out


def test_three_steps_make_four_losses(cells, names, capsys):
    out = printed(cells, names, "parabola", capsys)
    losses = [float(loss) for loss in re.findall(r"loss ([\d.]+)", out)]
    assert losses == pytest.approx([4.5 / 4**t for t in range(4)], abs=1e-4)


def test_the_table_of_factors_shows_the_limit_and_the_best(cells, names, prose, capsys):
    rows = re.findall(r"lr ([\d.]+):.*worst ([\d.]+)", printed(cells, names, "factors", capsys))
    worst = {float(lr): float(factor) for lr, factor in rows}
    assert min(worst, key=worst.get) == 0.4 == 2 / (4 + 1) and "as the row of 0.40 in the table does" in prose
    assert [lr for lr, factor in worst.items() if factor >= 1] == [0.5, 0.55], "the limit is 2/4"


@pytest.mark.parametrize("twice", [False, True])
def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names, twice):
    """Whoever asks for loss and gradient in separate calls is told another number."""

    def gd(loss_and_grad, *args, **options):
        def asked(*arguments):
            return loss_and_grad(*arguments)[0], loss_and_grad(*arguments)[1]

        return names["gd"](asked if twice else loss_and_grad, *args, **options)

    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "gd")
    exec(source, {**names, "check": check, "gd": gd})
    assert check.answer("gd", 18 if twice else 9).startswith("Yes")
    assert not check.answer("gd", 8).startswith("Yes")


def test_right_answers_agree_with_the_closed_form(cells, names, found):
    typed = {name: value for name, value in right_answers(cells, names).items() if not callable(value)}
    predicted, measured, loss = counts(*least_squares(*names["own_data"](names["seed"])))
    assert typed == {"predicted_steps": predicted, "measured_steps": measured, "loss_steps": loss}
    assert (found["predicted_steps"], found["measured_steps"]) == (predicted, measured)


# ---- What is said about grading --------------------------------------------------------------------------------


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: sum(n for n, cell, _ in marks(HIDDEN) if cell == task) for task in contract.points}
    assert contract.total == 25
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    assert {task: visible[task] + hidden[task] for task in contract.points} == dict(contract.points)


def test_the_prose_promises_what_the_checks_do(prose):
    assert "may be off by 2 steps" in prose
    assert all("within 2 steps" in line for line in HIDDEN.read_text().splitlines() if '"""The number of steps' in line)
    assert f"has not finished after {['no', 'one', 'two', 'three', 'four', 'five'][int(TIME_LIMIT)]} seconds" in prose


def test_every_task_of_the_script_is_settled_by_a_check_of_its_own(cells):
    assert {cell for _, cell, _ in marks(HIDDEN)} == {cell.name for cell in cells if cell.kind == "check"}


# ---- Figures ---------------------------------------------------------------------------------------------------


def test_the_experiments_figure_shows_its_arrays(cells, names, found):
    drawing = next(cell.source for cell in cells if cell.kind == "draw")
    drawn = drawing.replace("figures.lines(", "fig = figures.lines(", 1)
    space = dict(names)
    exec(compile(drawn, "<draw>", "exec"), space)
    steps = np.arange(names["STEPS"] + 1)
    for axes, scale in zip(space["fig"].axes, ("log", "linear"), strict=True):
        lines = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
        theory = [line for line in lines if line.get_color() == figures.GREY]
        own = [line for line in lines if line.get_color() != figures.GREY]
        for k in range(4):
            np.testing.assert_array_equal(own[k].get_ydata(), found["error"][k])
            np.testing.assert_allclose(theory[k].get_ydata(), found["rate"][k] ** steps)
        assert axes.get_yscale() == scale and axes.get_xlabel() == "step" and axes.get_ylabel()
        assert len({line.get_color() for line in own}) == 4
    main = space["fig"].axes[0]
    assert f"{found['measured_steps']:,}" in [text.get_text() for text in main.texts]
    shown = [text.get_text().split("\n")[0] for text in main.get_legend().get_texts()]
    order = np.argsort(-found["error"][:, -1])
    assert shown[:4] == [space["names"][k] for k in order]


def test_every_colour_has_a_line_style_of_its_own():
    assert len(set(figures.COLOURS)) == len(set(figures.DASHES)) == len(figures.COLOURS)


def test_a_figure_carries_its_text():
    fig = figures.lines({"mine": ([0, 1], [1, 2])}, xlabel="step", ylabel="loss", alt="It rises from 1 to 2.")
    assert fig.alt == "It rises from 1 to 2."
    assert b"It rises from 1 to 2." in fig._repr_png_()


def test_matplotlib_is_imported_only_when_a_figure_is_made():
    code = "import sys; from course.learn import figures; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_script_runs_as_a_program_without_a_warning():
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 20
    reports = re.findall(r"(\d+) of (\d+) visible checks pass", done.stdout)
    assert len(reports) == 7 and all(passed == total for passed, total in reports)
