"""What the notebook 02_full_batch_gd says in prose and pictures is true of its own code and data."""

import ast
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course.author.build import read_cells
from course.bundle.contract import Contract
from course.grade.reference import load_reference, right_answers
from course.learn import data, figures

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "solutions" / "02_full_batch_gd.py"
HIDDEN = ROOT / "tests" / "hidden" / "test_02_full_batch_gd.py"
NAMES = {"course_id": "demo", "learner_id": "", "backend": "numpy"}


@pytest.fixture(scope="module")
def cells():
    return read_cells(SCRIPT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def prose(cells):
    return " ".join(" ".join(cell.source for cell in cells if cell.kind == "prose").split())


@pytest.fixture(scope="module")
def names(cells):
    return load_reference(cells, NAMES)


@pytest.fixture(scope="module")
def found(names):
    return names["experiment"](names["seed"])


def least_squares(X, y):
    """Curvatures and the start's error along each direction, for gradient descent from zeros."""
    curvatures, V = np.linalg.eigh(X.T @ X / len(X))
    return curvatures, V.T @ np.linalg.solve(X.T @ X, X.T @ (y - y.mean()))


def first(values):
    """The first place at which ``values`` are a millionth of what they were."""
    return int((values <= 1e-6 * values[0]).argmax())


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
    assert measured < predicted < names["STEPS"]
    assert 0.93 < measured / predicted and 0.47 < loss / measured < 0.52
    at_half = np.linalg.norm((1 - curvatures / steepest) ** np.arange(12000)[:, None] * start, axis=1)
    assert 1.75 < first(at_half) / measured < 2
    assert 100 * flattest / (steepest + flattest) < 0.3
    factors = abs(1 - 1.001 * 2 / steepest * curvatures) ** np.arange(names["STEPS"] + 1)[:, None]
    error = np.linalg.norm(factors * start, axis=1) / np.linalg.norm(start)
    assert error[1] < error[0] and 5 < error.argmin() < 500 and error[-1] > 2000


def test_averaged_outputs_keep_one_term_only(names):
    X, y = names["own_data"](names["seed"])
    params = names["init_params"](np.random.default_rng(0), 10, 8)
    residual = names["model"](params, X).data - y
    loss_of_means = residual.mean() ** 2 / 2
    np.testing.assert_allclose(names["objective"](params, X, y), loss_of_means + residual.var() / 2, rtol=1e-12)
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


def test_right_answers_agree_with_the_closed_form(cells, names, found):
    typed = {name: value for name, value in right_answers(cells, names).items() if not callable(value)}
    predicted, measured, loss = counts(*least_squares(*names["own_data"](names["seed"])))
    assert typed == {"predicted_steps": predicted, "measured_steps": measured, "loss_steps": loss}
    assert (found["predicted_steps"], found["measured_steps"]) == (predicted, measured)


# ---- What is said about grading --------------------------------------------------------------------------------


def marks():
    """(points, cell, topic) of every hidden check, read from the file's text."""
    for node in ast.walk(ast.parse(HIDDEN.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "points":
            yield node.args[0].value, *(keyword.value.value for keyword in node.keywords)


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: sum(n for n, cell, _ in marks() if cell == task) for task in contract.points}
    assert contract.total == 25
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    assert {task: visible[task] + hidden[task] for task in contract.points} == dict(contract.points)


def test_every_task_of_the_script_is_settled_by_a_check_of_its_own(cells):
    assert {cell for _, cell, _ in marks()} == {cell.name for cell in cells if cell.kind == "check"}


# ---- Figures ---------------------------------------------------------------------------------------------------


def test_the_experiments_figure_shows_its_arrays(cells, names, found):
    drawing = next(cell.source for cell in cells if cell.kind == "draw")
    drawn = drawing.replace("figures.lines(", "fig = figures.lines(", 1)
    space = dict(names)
    exec(compile(drawn, "<draw>", "exec"), space)
    axes = space["fig"].axes[0]
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) > 2]
    theory = [line for line in lines if line.get_color() == figures.GREY]
    own = [line for line in lines if line.get_color() != figures.GREY]
    steps = np.arange(names["STEPS"] + 1)
    for k in range(4):
        np.testing.assert_array_equal(own[k].get_ydata(), found["error"][k])
        np.testing.assert_allclose(theory[k].get_ydata(), found["rate"][k] ** steps)
    assert axes.get_yscale() == "log" and axes.get_xlabel() == "step" and axes.get_ylabel()
    assert len({line.get_color() for line in own}) == 4


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
