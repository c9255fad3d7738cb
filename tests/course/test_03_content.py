"""What the notebook 03_sgd_noise says in prose and pictures is true of its own code and data."""

import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from course.author.build import read_cells
from course.author.marks import read_marks
from course.author.traces import seen_by, with_mistake
from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.reference import load_reference, right_answers
from course.learn import figures
from course.learn.known import known
from course.learn.visible import TIME_LIMIT, Check

from .content import example, marks

ROOT = Path(__file__).resolve().parents[2]
SLUG = "03_sgd_noise"
SCRIPT, HIDDEN = ROOT / "solutions" / f"{SLUG}.py", ROOT / "tests" / "hidden" / f"test_{SLUG}.py"
NAMES = {"course_id": "demo", "learner_id": "", "backend": "numpy"}
SIZES = (1, 8, 32, 128)


LEARNERS = [public_seed("demo", f"learner{i}", SLUG) for i in range(400)]


@pytest.fixture(scope="module")
def found(names):
    return [names["experiment"](seed) for seed in LEARNERS[:40]]


# ---- The lesson's numbers, and theory ------------------------------------------------------------------------


def test_the_demonstration_ends_where_the_lesson_says(cells, names, prose, capsys):
    """The lesson's seed 42 on one stream: the four ends, and 128 further from the minimum than 32."""
    example(cells, names, "demo")
    rows = re.findall(r"m = +(\d+): one run ends at ([\d.]+), loss ([\d.]+); mean .* ([\d.]+)", capsys.readouterr().out)
    assert [end for _, end, _, _ in rows] == ["3.7345", "2.8394", "2.9746", "2.9456"]
    losses, means = ([float(row[k]) for row in rows] for k in (2, 3))
    assert losses[3] > losses[2] and "32 ends *nearer* than 128" in prose
    assert means == sorted(means, reverse=True)
    want = names["expected_loss"](np.array([30] * 4), np.array(SIZES), 0.1, 2.0, 4.0, 3.0)
    assert abs(np.array(means) / want - 1).max() < 6 * (2 / 1000) ** 0.5
    assert [f"{value:.6g}" for value in want] == ["0.444458", "0.0555693", "0.0139027", "0.00348601"]
    assert "0.444458, 0.0555693, 0.0139027, 0.00348601, and 45" in prose
    assert int(np.ceil(names["steady_state"](0.1, 2.0, 16.0, 1) / 0.01)) == 45


def test_theta_after_thirty_steps_to_ten_digits(names):
    stream, ends = np.random.RandomState(42), []
    for m in SIZES:
        theta = 0.0
        for z in stream.normal(size=30):
            theta -= 0.1 * names["noisy_grad"](theta, m, 4.0, None, z)
        ends.append(f"{theta:.10f}")
    assert ends == ["3.7345022448", "2.8393638178", "2.9746208423", "2.9456247390"]


def test_closed_form_recursion_and_floor_agree():
    """P5 of the syllabus: both closed forms against the second moment, step by step, also beyond lr * h = 1."""
    names = load_reference(read_cells(SCRIPT.read_text(encoding="utf-8")), NAMES)
    rng = np.random.default_rng(1)
    for _ in range(50):
        h, sigma, m = rng.uniform(0.2, 4), rng.uniform(0.5, 5), int(rng.integers(1, 99))
        lr, second, losses = rng.uniform(0.05, 1.95) / h, 2.3**2, []
        for _ in range(3000):
            losses.append(h / 2 * second)
            second = (1 - lr * h) ** 2 * second + lr**2 * sigma**2 / m
        t = np.array([0, 1, 2, 17, 2999])
        np.testing.assert_allclose(names["expected_loss"](t, m, lr, h, sigma, -2.3), np.array(losses)[t], rtol=1e-12)
        np.testing.assert_allclose(names["steady_state"](lr, h, sigma**2, m), losses[-1], rtol=1e-12)


def test_the_recursion_shown_is_the_one_told(cells, names, capsys):
    example(cells, names, "recursion")
    gaps = [float(gap) for gap in re.findall(r"by ([\d.]+)", capsys.readouterr().out)]
    assert np.allclose(np.array(gaps[1:]) / gaps[:-1], 0.25, atol=1e-3)


def test_means_scatter_by_the_root(cells, names, capsys):
    example(cells, names, "roots")
    for seen, want, _ in re.findall(r"mean ([\d.]+); \S+ = ([\d.]+), .* ([\d.]+)", capsys.readouterr().out):
        assert float(seen) == pytest.approx(float(want), rel=0.03)


def test_single_gradients_average_to_the_whole(cells, names):
    space = example(cells, names, "three")
    np.testing.assert_allclose(np.mean(space["singles"], axis=0), space["grads"]["w"])


def test_the_setup_says_where_the_wells_are(names):
    grid = np.linspace(-2, 2, 400001)
    heights = names["well"](grid)
    np.testing.assert_allclose(np.gradient(heights, grid)[1:-1], names["well_grad"](grid)[1:-1], atol=1e-8)
    for name in ("SHALLOW", "BARRIER"):
        assert abs(names["well_grad"](names[name])) < 1e-14
    assert heights.min() < names["well"](names["SHALLOW"]) < names["well"](names["BARRIER"])
    assert grid[heights.argmin()] == pytest.approx(-1.047, abs=1e-3)


# ---- What is said of the learners' own patients ----------------------------------------------------------------


@pytest.fixture(scope="module")
def patients(cells, names):
    """The two examples on the patients, for several learners: the space after them."""
    spaces = []
    for seed in LEARNERS[:4]:
        space = example(cells, names, "hover", seed=seed)
        spaces.append(example(cells, space, "patients"))
    return spaces


def test_patients_hover_as_the_prose_says(patients, prose):
    for space in patients:
        floors = space["floors"]
        for high, low in ((0.04, 0.02), (0.02, 0.01)):
            assert 1.5 < floors[high] / floors[low] < 2.8, "(b) about half"
        full = space["curves"]["full batch,\nlearning rate 0.5"][1]
        assert full[-1] < floors[0.01] / 2, "the full batch goes on"
        assert full[2] < floors[0.02], "the first full step lands lower still"
        for lr in (0.04, 0.02):  # at the floor before the first step of the full batch, which comes after 10 pieces
            gaps = space["curves"][f"one at a time,\nlearning rate {lr}"][1]
            assert np.mean(gaps[5:11]) < 3 * floors[lr]
            assert max(gaps[1:]) < 0.25
    assert "(b), as near as jumping numbers let one say" in prose


def test_the_formula_knows_the_patients(patients):
    ratios = []
    for space in patients:
        for lr, seen in space["floors"].items():
            parts = zip(space["curvatures"], space["c"], strict=True)
            ratios.append(seen / sum(space["steady_state"](lr, float(h), float(c), 1) for h, c in parts))
    ratios = np.reshape(ratios, (-1, 3))
    assert (abs(ratios - 1) < 0.3).all() and (abs(ratios.mean(axis=0) - 1) < 0.15).all()
    assert (ratios[:, 0] > 1).all() and ratios[:, 0].mean() == ratios.mean(axis=0).max(), "most with the largest"


# ---- What is said of the experiment ----------------------------------------------------------------------------


def test_what_is_said_of_the_well_holds_for_forty_learners(found, names, prose):
    deep, height = (np.array([one[name] for one in found]) for name in ("deep", "height"))
    assert deep[:, 0].max() <= 0.01, "the visible check allows 0.02"
    assert deep[:, 1, -1].min() > 0.55, "the visible check allows 0.5"
    assert deep[:, 2:, -1].min() > 0.5 and deep[:, 2:, -1].max() < 0.9
    assert deep[:, 1:, -1].mean() == pytest.approx(2 / 3, abs=0.06)
    start, end = names["well"](names["SHALLOW"]), height[:, :, -1]
    assert ((end[:, 1] > 0.3 * start) & (end[:, 1] < start)).mean() > 0.9, "not much better than at the start"
    assert (end[:, 2:] < 0).all() and (end[:, 1] > 0.02).all(), "cooling drops the cost"
    assert (0 < end[:, 2] - end[:, 3]).all() and (end[:, 2] - end[:, 3]).max() < 0.03, "a little lower still"
    more = deep[:, 3, -1] - deep[:, 2, -1]
    assert (more > 0).all() and more.max() < 0.1, "a few more runs get across"
    depth = names["well"](names["SHALLOW"]) - bottom(names)
    assert (more * depth).mean() == pytest.approx((end[:, 2] - end[:, 3]).mean(), rel=0.3), "and that is why"
    assert ((1 - deep[:, 2:, -1]) > 0.1).all(), "not a promise"
    assert (np.diff(deep[:, 1], axis=1) < 0).any(axis=1).all(), "some fall back"
    assert "at 0.946 and a deeper one at -1.047" in prose


def bottom(names):
    """The lowest place of the deep well."""
    return names["well"](np.linspace(-1.2, -0.9, 1000)).min()


def test_what_is_said_of_the_parabola_holds_for_forty_learners(found, names):
    for seed, one in zip(LEARNERS, found, strict=False):
        lr, sigma = names["own_settings"](seed)
        assert 0.03 <= lr <= 0.07 and 4 <= sigma <= 8
        over = one["expected"][0, -1] / one["floor"][0]
        assert 1 < over < 1.05, "the visible check allows a tenth"
        assert (np.diff(one["expected"]) < 0).all()
        assert (np.diff(one["expected"][:, 1:], axis=0) < 0).all(), "from batch size 1 at the top to 128 at the bottom"
        assert (one["expected"][0] / one["expected"][3])[:4].max() < 1.3, "alike at first"
        z = names["own_noise"](seed)[0, 0]
        assert one["theta"][0, 1] == pytest.approx(6 * lr - lr * sigma * z)


def test_single_runs_rank_the_batch_sizes_wrongly_now_and_then(found):
    """The prose warns of ranking them by where they end."""
    ranks = [np.argsort(-one["loss"][:, -1]).tolist() for one in found]
    assert 0.2 < np.mean([rank != [0, 1, 2, 3] for rank in ranks]) < 0.9


def typed(names, seed):
    lr, sigma = names["own_settings"](seed)
    losses = [float(names["expected_loss"](np.array([30]), m, lr, 2.0, sigma, 3.0)[0]) for m in SIZES]
    return losses, int(np.ceil(names["steady_state"](lr, 2.0, sigma**2, 1) / 0.01))


def test_copied_numbers_are_nobodys(names):
    """Over 400 learners: the demonstration's numbers, another learner's, and the floors, typed as one's own."""
    own = np.array([typed(names, seed)[0] for seed in LEARNERS])
    needed = np.array([typed(names, seed)[1] for seed in LEARNERS])
    floors = np.array([[names["steady_state"](lr, 2.0, s**2, m) for m in SIZES] for lr, s in settings(names)])
    for copied in (np.array([0.444458, 0.0555693, 0.0139027, 0.00348601]), np.roll(own, 1, axis=0)):
        right = abs(copied / own - 1) < 0.005
        assert right.mean(axis=0).max() <= 0.03 and not (right[:, 2] & right[:, 3]).any()
        assert (right[:, 0] & right[:, 1]).mean() <= 0.01
    right = abs(floors / own - 1) < 0.005
    assert not right[:, 3].any() and (right[:, 0] & right[:, 1]).mean() <= 0.05
    assert (needed == 45).mean() <= 0.05 and (needed == np.roll(needed, 1)).mean() <= 0.05
    assert own.min() > 1e-3, "seven decimals leave four digits"


def settings(names):
    return [names["own_settings"](seed) for seed in LEARNERS]


def test_right_answers_are_those_of_the_recursion(cells, names):
    answers = {name: value for name, value in right_answers(cells, names).items() if name.startswith(("exp", "batch"))}
    losses, needed = typed(names, names["seed"])
    assert list(answers.values()) == [*(pytest.approx(loss, rel=1e-4) for loss in losses), needed]


@pytest.mark.parametrize("mean", [False, True])
def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names, mean):
    """A sample that comes twice: curvature 6, learning rate 0.25, so its loss is multiplied by (1 - 1.5)**2."""

    def halved(loss_and_grad, params, X, y, order, lr):
        return names["sgd_epoch"](loss_and_grad, params, X, y, order, lr / 2)

    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "sgd_epoch")
    exec(source, {**names, "check": check, "sgd_epoch": halved if mean else names["sgd_epoch"]})
    assert check.answer("sgd_epoch", 0.0625 if mean else 0.25).startswith("Yes")
    assert not check.answer("sgd_epoch", 0.5).startswith("Yes")


# ---- What the visible checks see -------------------------------------------------------------------------------

SEEN = """sgd_step/always_single sgd_step/always_double sgd_epoch/target_without_axis sgd_epoch/repeats_skipped
noisy_grad/zero_taken_for_none noisy_grad/root_of_m_twice expected_loss/squared_error expected_loss/noise_not_a_loss
expected_loss/start_not_a_loss expected_loss/overshoot_cut steady_state/squared_error steady_state/one_for_two
experiment/kicks_divided_by_m experiment/first_stage_only experiment/stage_late experiment/one_kick_for_all_runs
experiment/loss_of_the_mean experiment/theta_goes_on_behind_zeros experiment/one_noise_for_all""".split()


def seen_of(cells, which, learner="ada"):
    """What the visible checks of its task see of a known mistake, and how it is named in the notebook."""
    task, name = which.split("/")
    mistake = next(one for one in read_marks(HIDDEN).mistakes if (one.task, one.name) == (task, name))
    wrong = with_mistake(cells, mistake)
    seen = seen_by(wrong, next(cell for cell in cells if (cell.kind, cell.name) == ("check", task)), learner)
    named = known(SLUG).name(task, seen)
    return [one.status for one in seen.values()], named and named.name


@pytest.mark.parametrize("which", SEEN)
def test_common_mistakes_are_not_all_green(cells, which):
    statuses, named = seen_of(cells, which)
    assert "failed" in statuses and named in {None, which.split("/")[1]}


def test_an_order_shuffled_by_chance_is_not_taken_for_a_sorted_one(cells):
    assert [seen_of(cells, "sgd_epoch/shuffled_again")[1] for _ in range(12)] == [None] * 12
    assert seen_of(cells, "sgd_epoch/sorted_order")[1] == "sorted_order"


def test_parameters_alone_are_told_that_two_things_are_asked_for(cells, names):
    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "sgd_epoch")
    alone = {**names, "check": check, "sgd_epoch": lambda *args, **options: names["sgd_epoch"](*args, **options)[0]}
    check.report = lambda *args, **options: None
    exec(source, alone)
    assert "two things come back" in check.results["sgd_epoch"][0].reason


def test_the_demonstrations_numbers_are_not_green(cells, names):
    check = Check()
    check.report = lambda *args, **options: None
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == "expected")
    demo = dict(expected_1=0.444458, expected_8=0.0555693, expected_32=0.0139027, expected_128=0.00348601)
    exec(source, {**names, "check": check, **demo, "batch_needed": 45})
    assert "not those of the demonstration" in check.results["expected"][0].reason


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


def test_the_prose_promises_what_the_checks_do(prose):
    text = HIDDEN.read_text(encoding="utf-8")
    assert "half a per cent for what you type" in prose and 'TYPED = {"rtol": 0.005, "atol": 0}' in text
    assert "1e-10 for one step and for formulas, 1e-8 for paths, 1e-6 for the experiment" in prose
    assert 'ONE, PATH = {"rtol": 1e-10, "atol": 1e-12}, {"rtol": 1e-8, "atol": 1e-10}' in text
    assert f"has not finished after {['no', 'one', 'two', 'three', 'four', 'five'][int(TIME_LIMIT)]} seconds" in prose


def test_every_task_has_three_hints_but_none_tells_code(cells):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    assert set(contract.hints) == set(contract.points) and all(len(one) == 3 for one in contract.hints.values())


def test_the_first_run_stops_where_it_is_promised(cells, names, prose):
    """The first example needs nothing of the learner's; the next calls the first functions."""
    example(cells, {**names, "sgd_step": None}, "three")

    def unwritten(*args, **options):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        example(cells, {**names, "sgd_step": unwritten}, "hover")
    assert "`NotImplementedError: sgd_step is yours to write`" in prose


# ---- Figures ---------------------------------------------------------------------------------------------------


def drawn(axes):
    """The curves in colour, and those in grey, of one panel."""
    lines = axes.get_lines()
    return [[line for line in lines if (line.get_color() == figures.GREY) == grey] for grey in (False, True)]


def test_the_two_panels_show_the_arrays(cells, names):
    space = example(cells, names, "experiment", "draw")
    left, right = space["fig"].axes
    found = space["found"]
    own, grey = drawn(right)
    assert right.get_yscale() == "log" and right.get_xlabel() == "step" and left.get_xlabel() == "theta"
    for k in range(4):
        np.testing.assert_array_equal(own[k].get_ydata(), found["loss"][k])
        np.testing.assert_array_equal(drawn(left)[0][k].get_xdata(), found["theta"][k])
        np.testing.assert_array_equal(drawn(left)[0][k].get_ydata(), found["loss"][k] + 6 * k)
        assert (grey[k].get_ydata() == found["floor"][k]).all() and grey[k].get_linestyle() == "--"
        np.testing.assert_array_equal(grey[4 + k].get_ydata(), found["expected"][k])
    assert len({line.get_color() for line in own}) == 4 and space["fig"].alt
    shown = [text.get_text() for text in space["fig"].legends[0].get_texts()]
    assert shown == [*(f"batch size {m}" for m in SIZES), "the parabola; the expected loss", "the floors"]


def test_the_wells_figure_shows_the_arrays(cells, names, found):
    host = names["experiment"](names["seed"])
    space = example(cells, names, "well", "draw", found=host)
    for axes, name in zip(space["fig"].axes, ("deep", "height"), strict=True):
        own, _ = drawn(axes)
        for k in range(4):
            np.testing.assert_array_equal(own[k].get_ydata(), host[name][k])
            assert own[k].get_label() == list(names["SCHEDULES"])[k]
        low, high = axes.get_ylim()
        every = np.array([one[name] for one in found])
        assert low < every.min() and every.max() < high, "nobody's curve leaves the picture"


def test_panels_beside_one_another_share_a_legend():
    one = figures.Panel({"mine": ([0, 1], [1, 2]), "yours": ([0, 1], [2, 3])}, "step", "loss", marks=True)
    two = figures.Panel({"mine": ([0, 1], [5, 6])}, "step", "weight", theory=[([0, 1], [1, 1])], log="y")
    fig = figures.beside([one, two], alt="Both rise.", theory_label="a law")
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["mine", "yours", "a law"]
    assert [line.get_marker() for line in fig.axes[0].get_lines()] == ["o", "o"]
    assert fig.axes[1].get_yscale() == "log" and fig.alt == "Both rise."


def test_the_script_runs_as_a_program_without_a_warning():
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 40
    reports = re.findall(r"(\d+) of (\d+) visible checks pass", done.stdout)
    assert len(reports) == 7 and all(passed == total for passed, total in reports)
