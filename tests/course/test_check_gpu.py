"""`course check NN --gpu`: the visible checks with arrays on a GPU; on a stand-in as strict as CuPy, without one."""

import sys
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from course.author.build import build
from course.author.places import REPOSITORY, slugs
from course.bundle.notebook import to_notebook, to_text
from course.cli import main
from course.grade.bench import Bench, with_typed
from course.grade.rehearsal import NAMES
from course.learn import visible
from course.learn.progress import standing

from .device import plug_in

QUICK = "02_full_batch_gd"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def solved(slug, folder, change=lambda source: source):
    """A notebook with the reference's cells and answers, as its author would hand it in."""
    built = build(slug, REPOSITORY)
    with Bench(built) as bench:
        cells = with_typed(built.reference, bench.answers(built.reference))
    author = f'learner_id = "{NAMES["learner_id"]}"'
    cells = [replace(cell, source=change(cell.source).replace('learner_id = ""', author)) for cell in cells]
    path = folder / f"{slug}.ipynb"
    path.write_text(to_text(to_notebook(cells, dict(built.contract.points), {})))


def check(slug, *words):
    return CliRunner().invoke(main, ["check", slug, *words])


@pytest.mark.parametrize(
    "slug", [slug if slug == QUICK else pytest.param(slug, marks=pytest.mark.slow) for slug in slugs()]
)
def test_a_solved_notebook_passes(slug, folder, monkeypatch):
    """Every array that a check looked at was on the device."""
    device = plug_in(monkeypatch)
    moved = []
    asarray = device.asarray
    monkeypatch.setattr(device, "asarray", lambda *a, **k: moved.append(a) or asarray(*a, **k))
    solved(slug, folder)
    done = check(slug, "--gpu")
    assert done.exit_code == 0, done.output
    assert f"Checking {slug}.ipynb on the GPU" in done.output
    assert "All visible checks pass on the GPU; grades are made on the CPU." in done.output
    assert moved


def test_what_only_numpy_can_is_found(folder, monkeypatch):
    """A step that takes its array to NumPy passes on the CPU, and is told of on the GPU; the standing stays."""
    plug_in(monkeypatch)
    line = "            params[name] -= lr * grads[name]"
    wrong = "            params[name] -= lr * np.asarray(grads[name])"
    assert any(line in cell.source for cell in build(QUICK, REPOSITORY).reference)
    solved(QUICK, folder, lambda source: source.replace(line, wrong))
    assert check(QUICK).exit_code == 0
    before = standing(QUICK)
    done = check(QUICK, "--gpu")
    assert done.exit_code == 1 and "a device array does not become a NumPy array by itself" in done.output
    assert "Still to do on the GPU: " in done.output and f"Points are for the CPU: course check {QUICK}" in done.output
    assert standing(QUICK) == before


def test_what_is_compiled_on_the_first_call_is_not_the_learners_time(folder, monkeypatch):
    """A stand-in whose first call in a check takes longer than a check may."""
    device, slow = plug_in(monkeypatch), []
    monkeypatch.setattr(visible, "TIME_LIMIT", 0.5)
    asarray = device.asarray

    def compiled(*args, **kwargs):
        cell = sys._getframe(1).f_code.co_filename
        if cell.startswith("<check-") and not slow:
            slow.append(cell)
            end = time.process_time() + 1
            while time.process_time() < end:
                pass
        return asarray(*args, **kwargs)

    monkeypatch.setattr(device, "asarray", compiled)
    solved("00_first_step", folder)
    done = check("00", "--gpu")
    assert slow and done.exit_code == 0, done.output


def halted(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    return "CuPy is not installed"


def broken(monkeypatch):
    finder = type("Finder", (), {"find_spec": staticmethod(lambda name, *_: _missing(name))})
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    return "CuPy cannot be imported (libnvrtc.so.12 is missing)"


def _missing(name):
    if name == "cupy":
        raise ImportError("\nlibnvrtc.so.12 is missing\nand so on")


def no_card(monkeypatch):
    plug_in(monkeypatch).cuda.is_available = lambda: False
    return "CuPy finds no GPU"


def no_compiler(monkeypatch):
    def ones(*_):
        raise RuntimeError("CuPy failed to load libnvrtc.so.12\nmore")

    monkeypatch.setattr(plug_in(monkeypatch), "ones", ones, raising=False)
    return "CuPy cannot compute on this GPU (CuPy failed to load libnvrtc.so.12)"


@pytest.mark.parametrize("trouble", [halted, broken, no_card, no_compiler])
def test_without_a_gpu_it_says_why_in_one_sentence(trouble, folder, monkeypatch):
    why = trouble(monkeypatch)
    done = check(QUICK, "--gpu")
    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == (
        f"course: --gpu needs CuPy and a GPU, but {why}; without --gpu the checks run on the CPU."
    )


def test_without_the_word_nobody_looks_for_cupy(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    solved(QUICK, folder)
    assert check(QUICK).exit_code == 0
