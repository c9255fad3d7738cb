"""What the notebook 08_momentum says in prose and pictures is true of its own code and data."""

import importlib.util
import re
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course.bundle.contract import Contract
from course.bundle.seeds import public_seed
from course.grade.reference import right_answers
from course.learn import figures
from course.learn.visible import TIME_LIMIT, Check

from .content import example, marks
from .published import TABLE_3D

ROOT = Path(__file__).resolve().parents[2]
SLUG = "08_momentum"
SCRIPT, HIDDEN = ROOT / "solutions" / f"{SLUG}.py", ROOT / "tests" / "hidden" / f"test_{SLUG}.py"


@pytest.fixture(scope="module")
def found(names):
    return names["experiment"](names["seed"])


# ---- Published numbers and closed forms ----------------------------------------------------------------------

# The numbers themselves (table 3d, rates, critical damping, floors) are held to in test_published_numbers.py.


def test_what_is_said_of_table_3d(prose):
    steps, _, gain = TABLE_3D[16]
    assert f"{steps:,} steps without momentum at $m = 16$, {gain} times" in prose
    steps, _, gain = TABLE_3D[16_384]
    assert f"at 16,384 it gives {steps}, and momentum is {gain} times as fast" in prose


def test_what_is_said_of_the_rates(prose):
    assert "0.818 instead of 0.980" in prose and "here 0.9" in prose
    assert 0.98019802**100 / 0.81818182**10 == pytest.approx(1, abs=0.02), "ten steps do what a hundred did"


def test_what_is_said_of_the_floors(cells, names, prose, capsys):
    out = (example(cells, names, "smooth"), capsys.readouterr().out)[1]
    rows = [tuple(map(float, re.findall(r"[\d.]+", line))) for line in out.splitlines()[1:4]]
    assert [fair for _, _, fair in rows] == [0.76, 0.953, 0.995]
    assert [same for _, same, _ in rows] == [8.64, 9.76, 9.98] and "8.6 to 10 times that of plain" in prose
    assert "at the same lr: 2.000 times" in out


# ---- Numbers in the prose ------------------------------------------------------------------------------------


def test_the_step_without_memory(cells, names, capsys):
    example(cells, names, "forgets")
    told = re.findall(r"step \d: (-[\d.]+), should be (-[\d.]+)", capsys.readouterr().out)
    assert told == [("-1.00", "-1.00"), ("-2.00", "-2.50"), ("-3.00", "-4.25")]  # 1, 1.5, 1.75 added up


def test_what_was_seen_in_the_wild_can_be_seen_here(prose):
    """aprender's witness: gradient 1, beta 0.9, lr from 0.1 to 0.01. AiDotNet's limit: ten times the gradient."""
    assert (-0.1 - 0.01 * (0.9 + 1), -0.1 + 0.9 * -0.1 - 0.01) == pytest.approx((-0.119, -0.2))
    assert "led to -0.200 where PyTorch goes to -0.119" in prose
    assert sum(0.9**age for age in range(300)) == pytest.approx(10) and "ten times the gradient is the limit" in prose


def test_valley_shows_the_three_rates(cells, names):
    space = example(cells, names, "valley")
    gd, nesterov, heavy = (np.array(gaps) for _, gaps in space["curves"].values())
    for gaps, rate in ((gd, 99 / 101), (nesterov, 0.9), (heavy, 9 / 11)):
        assert (gaps[-1] / gaps[-21]) ** (1 / 20) == pytest.approx(rate, rel=0.02)
    bound = (9 / 11) ** np.arange(121)
    assert (heavy[5:] > bound[5:]).all(), "the heavy ball lies above its grey line"
    assert (gd[5:] < (99 / 101) ** np.arange(5, 121)).all(), "gradient descent lies below its own"
    assert heavy[10] > nesterov[10] and heavy[40] < nesterov[40]


def test_moments_example_and_hand_computed_steps_agree(cells, names):
    space = example(cells, names, "moments")
    risk = names["nqm_risk"](np.array([2.0]), np.array([3.0]), 4, 0.25, 0.5, 2)
    assert space["moments"][0, 0] == risk[1] == 0.296875 and risk[2] == 0.09375


def test_noisy_runs_follow_the_exact_curve(cells, names):
    """Five thousand runs: within six standard errors of the mean of a squared normal, generously."""
    space = example(cells, names, "runs")
    seen, exact = np.array(space["seen"]), space["exact"]
    assert (abs(seen / exact - 1) < 6 * (2 / 5000) ** 0.5).all()


def test_jumping_and_walking_count_the_same(cells, names, found):
    """Where `nqm_risk` can walk there, it counts what `steps_to_target` says; out of reach, that is inf."""
    space = example(cells, names, "walked")
    assert space["jumped"] == space["walked"]
    h, c = names["own_problem"](names["seed"])
    for place, beta in enumerate(names["BETAS"]):
        for column, m in ((3, 1024), (5, 16384)):
            best, steps = found["best"][place, column], int(found["steps"][place, column])
            risk = names["nqm_risk"](h, c, m, best * (1 - beta), beta, steps + 40)
            assert int((risk <= names["TARGET"]).argmax()) == steps
    table = names["steps_to_target"](h, c, [1, 16384], [1.0, 1000.0], 0.9)
    assert np.isinf(table[0]).all() and np.isfinite(table[1, 0]) and np.isinf(table[1, 1])


LEARNERS = [public_seed("demo", f"learner{i}", SLUG) for i in range(40)]


@pytest.fixture(scope="module")
def many(names):
    """What forty learners find."""
    before = time.process_time()
    each = [names["experiment"](seed) for seed in LEARNERS]
    assert (time.process_time() - before) / len(each) < 1, "0.2 s when the machine is idle; 0.5 s is the goal"
    return {name: np.array([one[name] for one in each]) for name in each[0]}


def test_what_is_said_of_the_experiment_holds_for_forty_learners(many, names, prose):
    steps, best, floor = many["steps"], many["best"], many["floor"]
    assert np.isfinite(steps).all() and (np.diff(steps, axis=2) <= 0).all()
    assert (best > names["EFFECTIVE"][0]).all(), "no best rate is the smallest of the grid"
    gain = steps[:, :1] / steps[:, 1:]
    assert (gain[:, :, 0] > 1).all() and (gain[:, :, 0] < 1.05).all(), "at 16 nobody gains anything that matters"
    assert (abs(steps[:, 2, 0] / steps[:, 3, 0] - 1) < 0.01).all(), "nor does 0.95 help there"
    assert (gain[:, 1, 5] > 2.5).all() and (gain[:, 1, 5] > gain[:, 1, 0]).all()
    assert (steps[:, 2, 5] < steps[:, 1, 5]).all() and (steps[:, 1, 5] < steps[:, 0, 5]).all()
    assert (steps[:, 3, 5] > steps[:, 2, 5]).mean() > 0.9, "0.95 swings too much at the largest batch"
    kappa = np.array([1 / names["own_problem"](seed)[0][-1] for seed in LEARNERS])
    ideal = ((kappa**0.5 - 1) / (kappa**0.5 + 1)) ** 2
    assert (ideal < 0.9).all() and "Yours lies below 0.9," in prose
    assert (99 / 101) ** 2 == pytest.approx(0.96, abs=0.005) and "would want 0.96" in prose
    assert (steps[:, 0, 5] == steps[:, :, 5].max(axis=1)).all(), "0 is the worst for everybody"
    assert (steps[:, :, 0].max(axis=1) < 1.05 * steps[:, :, 0].min(axis=1)).all(), "at 16 they lie on each other"
    assert (steps[:, :, 1].max(axis=1) > 1.02 * steps[:, :, 1].min(axis=1)).all(), "from 64 on they part"
    assert (abs(floor[:, 1] / floor[:, 0] - 2) < 0.01).all() and "close to 2 for everybody" in prose
    np.testing.assert_allclose(floor[:, 1], floor[:, 2], rtol=0.01)
    np.testing.assert_allclose(floor[:, 3], floor[:, 0], rtol=0.01)
    for one, other in ((1, 2), (0, 3)):
        ratio = many["risk"][:, one] / many["risk"][:, other]
        assert (abs(ratio[:, 200:] - 1) < 0.03).all(), "the curves of equal effective rate coincide, after 200 steps"
        assert (abs(ratio[:, :20] - 1) > 0.1).any(axis=1).all(), "and not before"
    assert (abs(many["risk"][:, :, -1] / floor - 1) < 0.5).all(), "the visible check allows half of the floor"
    assert (abs(many["drop"][:, 0, 11] - many["drop"][:, 1, 11]) > 1e-3).all(), "the visible check asks for 1e-6"


def test_lowering_beta_to_that_of_section_3(cells, names, many, found, prose, capsys):
    """The third advice in numbers: nothing at 16, a loss at 1,024, an eighth of the steps and more at 16,384."""
    gains = []
    for seed, steps in zip(LEARNERS, many["steps"], strict=True):
        h, c = names["own_problem"](seed)
        gains.append(example(cells, {**names, "h_own": h, "c_own": c, "steps": steps}, "lowered"))
    gains = np.array([one["steps"][2] / one["lowered"] for one in gains])
    assert (abs(gains[:, 0] - 1) < 0.005).all() and (gains[:, 3] < 1).all()
    assert (1 / gains[:, 5] < 7 / 8).all() and "saves you an eighth of the steps or more" in prose
    assert len(re.findall(r"steps with beta 0\.9", capsys.readouterr().out)) == 6 * len(LEARNERS)


def test_numbers_of_others_are_not_ones_own(many):
    """Typed from somebody else, the three numbers together pass for next to nobody; nor do the published ones."""
    gain = many["steps"][:, 0] / many["steps"][:, 2]
    small, large = gain[:, 0], gain[:, 5]
    others = ~np.eye(len(small), dtype=bool)
    passes = (abs(small[:, None] - small) < 0.0005) & (abs(large[:, None] / large - 1) < 0.005)
    assert passes[others].mean() < 0.02 and (passes & others).mean(axis=1).max() <= 0.1
    assert not ((abs(small - 1.01) < 0.0005) & (abs(large / 13.35 - 1) < 0.005)).any()
    assert (abs(large / np.median(large) - 1) < 0.005).mean() < 0.15


def test_right_answers_come_from_the_experiment(cells, names, found):
    steps, floor = found["steps"], found["floor"]
    want = (steps[0, 0] / steps[2, 0], steps[0, 5] / steps[2, 5], floor[1] / floor[0])
    assert list(right_answers(cells, names).values()) == [round(float(number), 4) for number in want]


def test_a_network_on_digits_says_the_same(cells, names, found):
    """The overlay: no gain to speak of at 16, two to five times from 256 on."""
    space = example(cells, {**names, "found": found}, "digits")
    gain = space["measured"]
    assert 0.7 < gain[16] < 1.5 and all(2 < gain[m] < 6 for m in (256, 1024))
    lines = {line.get_label(): line for line in space["fig"].axes[0].get_lines()}
    np.testing.assert_array_equal(lines["network on digits"].get_ydata(), list(gain.values()))


def check_cell(cells, names, task="momentum_step", **instead):
    """The visible checks of a task after they ran, on the reference or on what stands in its place."""
    check = Check()
    source = next(cell.source for cell in cells if cell.kind == "check" and cell.name == task)
    exec(source.replace(f'check.report("{task}")', ""), {**names, "check": check, **instead})
    return check


def first_failure(check, task):
    """The sentence about the first failing check of ``task``."""
    return next((result.failure.sentence for result in check.results[task] if result.status == "failed"), "")


def test_the_question_on_ones_own_code_is_answered_by_running_it(cells, names):
    check = check_cell(cells, names)
    assert check.answer("momentum_step", 0.1 * (1 - 0.9**10) / (1 - 0.9)).startswith("Yes")
    assert not check.answer("momentum_step", 0.1).startswith("Yes")


def test_a_velocity_that_is_g_itself_is_seen_in_the_notebook(cells, names):
    """What the jail cannot see, since arrays cross as copies, the visible check sees."""

    def aliased(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
        b = g if v is None else beta * v + (1 - dampening) * g
        return theta - lr * (g + beta * b if nesterov else b), b

    check = check_cell(cells, names, momentum_step=aliased)
    assert [result.status for result in check.results["momentum_step"]] == ["passed"] * 4 + ["failed"]
    assert "when the caller writes into g" in first_failure(check, "momentum_step")


def test_a_velocity_updated_in_place_is_not_called_a_shared_gradient(cells, names):
    def in_place(theta, v, g, lr, beta, dampening=0.0, nesterov=False):
        b = g.copy() if v is None else v
        if v is not None:
            b *= beta
            b += (1 - dampening) * g
        return theta - lr * (g + beta * b if nesterov else b), b

    told = first_failure(check_cell(cells, names, momentum_step=in_place), "momentum_step")
    assert "changed one of its arguments" in told


def test_theta_in_another_dtype_is_seen_in_the_notebook(cells, names):
    def double(*args, **options):
        theta, v = names["momentum_step"](*args, **options)
        return theta.astype(float), v

    assert "is of dtype float64" in first_failure(check_cell(cells, names, momentum_step=double), "momentum_step")


def test_a_judge_who_allows_for_no_rounding_is_wrong_about_one_step_only(cells, names):
    """So that it is told from one who calls everything faulty."""
    space = {**names, "np": SimpleNamespace(**{**vars(np), "allclose": lambda a, b, **_: bool((a == b).all())})}
    exec(next(cell.source for cell in cells if cell.id == "function-finds_bug"), space)
    check = check_cell(cells, names, "finds_bug", finds_bug=space["finds_bug"])
    assert "one that adds up anew is True" in first_failure(check, "finds_bug")
    check = check_cell(cells, names, "finds_bug", finds_bug=lambda step: True)
    assert "one that keeps b is True" in first_failure(check, "finds_bug")


def test_every_fault_shows_where_it_is_said_to(prose):
    """At any lr and beta from 0.1 to 0.9 that are not equal, in one of three ways to call a step."""
    spec = importlib.util.spec_from_file_location("hidden_08", HIDDEN)
    hidden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hidden)
    faults = [value for name, value in vars(hidden).items() if getattr(value, "__qualname__", "").startswith("faulty.")]
    assert len(faults) == 15
    rng = np.random.default_rng(1)
    for fault in faults:
        for _ in range(20):
            lr, beta, dampening = rng.uniform(0.1, 0.9, size=3)
            gaps = []
            for options in ({}, {"nesterov": True}, {"dampening": dampening}):
                theta = rng.normal(size=3)
                (right, b), (wrong, v) = (theta, None), (theta, None)
                for g in rng.normal(size=(5, 3)):
                    right, b = hidden.as_torch(right, b, g, lr, beta, **options)
                    wrong, v = fault(wrong, v, g, lr, beta, **options)
                gaps.append(abs(right - wrong).max())
            assert max(gaps) > 1e-6


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        ({"steps": np.full((4, 6), np.inf)}, "some lr of (1 - beta) * EFFECTIVE reaches"),
        ({"steps": np.full((4, 6), 7.5)}, "steps holds whole numbers"),
    ],
)
def test_steps_that_cannot_be_are_told_apart(cells, names, found, instead, told):
    check = check_cell(cells, names, "experiment", experiment=lambda seed: {**found, **instead})
    assert told in first_failure(check, "experiment")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (np.float64(1.0321), "plain number such as 1.0321; yours: np.float64"),
        (0.9689, "is it upside down?); yours: 0.96"),
    ],
)
def test_numbers_that_cannot_be_are_shown(cells, names, typed, told):
    check = check_cell(cells, names, "speed_ups", gain_small=typed, gain_large=9.0, harm=2.0)
    assert told in first_failure(check, "speed_ups")


def test_the_first_run_stops_where_it_is_promised(cells, names, prose):
    """Check cells catch what is not written yet; the first example that calls a task calls the first function."""

    def unwritten(*args, **options):
        raise NotImplementedError

    first = next(cell for cell in cells if cell.kind == "example" and "momentum_step(" in cell.source)
    with pytest.raises(NotImplementedError):
        exec(first.source, {**names, "momentum_step": unwritten})
    assert "`NotImplementedError: momentum_step is yours to write`" in prose


# ---- What is said about grading ------------------------------------------------------------------------------


def test_the_table_of_points_is_right(cells, prose):
    contract = Contract.parse(SCRIPT.read_text(encoding="utf-8"))
    visible = {cell.name: cell.points for cell in cells if cell.kind == "check"}
    hidden = {task: round(sum(n for n, cell, _ in marks(HIDDEN) if cell == task), 6) for task in contract.points}
    assert contract.total == 30 and sum(visible.values()) == pytest.approx(6) and "a fifth of" in prose
    assert re.findall(r"\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|", prose) == [
        (task, f"{visible[task]:g}", f"{hidden[task]:g}") for task in contract.points
    ]
    assert {task: round(visible[task] + hidden[task], 6) for task in contract.points} == dict(contract.points)


def test_the_prose_promises_what_the_checks_do(prose):
    checks = HIDDEN.read_text(encoding="utf-8")
    assert 'SMALL, LARGE = {"rtol": 0, "atol": 0.0005}, {"rtol": 0.005, "atol": 0}' in checks
    assert "may be off by 0.0005, the others by half a per cent" in prose
    assert "2e-5 in float32" in prose and 'SINGLE = {"rtol": 2e-5, "atol": 2e-5}' in checks
    assert f"has not finished after {['no', 'one', 'two', 'three', 'four', 'five'][int(TIME_LIMIT)]} seconds" in prose


# ---- Figures, and the whole program --------------------------------------------------------------------------


def test_the_experiments_figures_show_its_arrays(cells, names):
    space = example(cells, names, "experiment", "draw")
    axes, steps = space["fig"].axes[0], space["found"]["steps"]
    assert axes.get_xscale() == axes.get_yscale() == "log" and space["fig"].alt
    own = {line.get_label(): line for line in axes.get_lines() if line.get_color() != figures.GREY}
    for k, beta in enumerate(names["BETAS"]):
        np.testing.assert_array_equal(own[f"beta {beta:g}"].get_ydata(), steps[k])
    axes = example(cells, {**names, "found": space["found"]}, "advice", "draw")["fig"].axes[0]
    own = [line for line in axes.get_lines() if line.get_color() != figures.GREY]
    theory = [line for line in axes.get_lines() if line.get_color() == figures.GREY]
    for k in range(4):
        np.testing.assert_array_equal(own[k].get_ydata(), space["found"]["risk"][k])
    assert [line.get_ydata()[0] for line in theory] == list(space["found"]["floor"][:2])


def test_the_solution_is_a_program():
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stdout and done.stdout.count("visible checks pass") == 8
