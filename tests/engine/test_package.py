"""What the package is: its size, its imports, its names, its examples."""

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import autograd_mini as am

PACKAGE = Path(am.__file__).parent
ORDER = ["errors", "backend", "tensor", "ops", "nn", "testing", "drawing", "__init__"]


def code_lines(text: str) -> int:
    """Lines that hold code: neither blank, nor a comment, nor within a docstring."""
    tree, docs = ast.parse(text), set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(part) is not None:
            docs |= set(range(part.body[0].lineno, part.body[0].end_lineno + 1))
    kept = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            kept |= set(range(token.start[0], token.end[0] + 1))
    return len(kept - docs)


NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def test_lines_of_code_are_counted():
    text = '"""Doc\n\nstring."""\n\nx = [\n    1,\n]  # why\n\n\n'
    text += 'def f():\n    # why\n    "doc"\n    return """a\n\nb"""\n'
    assert code_lines(text) == 3 + 1 + 3


def test_small_enough_for_an_evening():
    """Below 900 lines of code, without drawing.py, which no part of the engine imports; no file above 400 lines."""
    texts = {path.name: path.read_text() for path in PACKAGE.glob("**/*.py")}
    lines = {name: code_lines(text) for name, text in texts.items()}
    assert sum(lines.values()) - lines["drawing.py"] < 900, lines
    assert not [name for name in texts if "drawing" in texts[name] and name not in ("drawing.py", "__init__.py")]
    assert all(text.count("\n") <= 400 for text in texts.values())


def test_modules_import_only_what_stands_left_of_them():
    assert {path.stem for path in PACKAGE.glob("**/*.py")} == set(ORDER)
    for i, module in enumerate(ORDER):
        for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1 and node.module in ORDER[:i], f"{module} imports {node.module}"
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if not getattr(node, "level", 0):
                foreign = {str(name).partition(".")[0] for name in names} - set(sys.stdlib_module_names)
                assert foreign <= {"numpy"} | ({"matplotlib"} if module == "drawing" else set()), (module, foreign)


def test_nn_and_testing_do_not_import_each_other():
    assert "from .nn" not in (PACKAGE / "testing.py").read_text()


def test_importing_and_training_imports_no_cupy():
    code = (
        "import sys, autograd_mini as am, numpy as np\n"
        "am.loss_and_grad(lambda p: (p['w'] * 2).sum(), {'w': np.ones(3)})\n"
        "assert not [m for m in sys.modules if m.partition('.')[0] in ('cupy', 'cupyx', 'matplotlib', 'IPython')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PACKAGE.parent)


def test_names():
    assert am.__version__ == "0.1.0"
    assert sorted(am.__all__) == list(am.__all__) and len(set(am.__all__)) == len(am.__all__)
    for name in am.__all__:
        assert getattr(am, name).__doc__, name
    assert (PACKAGE / "py.typed").exists()


def test_no_optimiser_no_batches():
    """Those are the exercises."""
    words = ("sgd", "optim", "batch", "accumulate", "momentum", "shuffle", "loader")
    assert not [name for name in dir(am) if name[0] != "_" and any(word in name.lower() for word in words)]


def test_backends_by_name(monkeypatch):
    assert am.get_xp("numpy") is np
    with pytest.raises(ValueError, match='"numpy", "cupy" or "auto"'):
        am.get_xp("torch")
    monkeypatch.setitem(sys.modules, "cupy", None)  # not installed
    assert am.get_xp("auto") is np
    with pytest.raises(RuntimeError, match="Fix:"):
        am.get_xp("cupy")

    class Cupy:
        class cuda:
            usable = False
            is_available = classmethod(lambda cls: cls.usable)

    monkeypatch.setitem(sys.modules, "cupy", Cupy)
    assert am.get_xp("auto") is np
    Cupy.cuda.usable = True
    assert am.get_xp("auto") is Cupy and am.get_xp("cupy") is Cupy


# The examples in the docstrings are run by pytest's --doctest-modules; this makes sure that there are some.
@pytest.mark.parametrize("module", ["__init__", "tensor", "ops", "nn", "testing"])
def test_there_are_examples(module):
    assert ">>> " in (PACKAGE / f"{module}.py").read_text()


# ---- gradcheck itself ----


def wrong(factor):
    def f(x, /):
        return x * x, lambda g: g * (factor * x)

    return f


@pytest.mark.parametrize("factor", [-2.0, 1.0, 2.001, 4.0, float("nan")])
def test_gradcheck_finds_a_wrong_pullback(monkeypatch, factor):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})
    bad = am.op(wrong(factor))
    with pytest.raises(am.GradcheckError, match=r"argument 0 \(shape \(3,\)\).*analytic value is .*numeric .*Fix:"):
        am.gradcheck(bad, np.array([0.4, -1.0, 2.0]))
    assert am.gradcheck(am.op(wrong(2.0)), np.array([0.4, -1.0, 2.0])) < 1e-8


def test_gradcheck_names_the_argument_and_checks_arguments_that_are_not_used():
    with pytest.raises(am.GradcheckError, match="argument 1"):
        am.gradcheck(lambda x, y: x * y.detach(), [1.0, 2.0], [3.0, 4.0])
    assert am.gradcheck(lambda x, y: x * 2, [1.0], [3.0]) < 1e-8


def test_gradcheck_is_of_second_order():
    """Central differences: the error for a cubic falls with eps squared."""
    errors = [am.gradcheck(lambda x: x**3, [1.0, 2.0], eps=eps, rtol=1) for eps in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)


def test_gradcheck_wants_float64():
    with pytest.raises(am.DtypeError, match=r"array 1 is float32.*float64"):
        am.gradcheck(lambda x, y: x * y, [1.0], np.ones(1, "float32"))
