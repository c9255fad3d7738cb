"""Runs a notebook for its outputs inside the jail: the prints, results, figures and errors of each cell."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from ..bundle.cells import Cell
from ..bundle.loader import without_magics
from .limits import Limits
from .outputs import SHOWN

_SHELL: Any = None


def prepare() -> None:
    """Make the IPython shell and import matplotlib: once, in the fork server, so that a worker has them at once."""
    global _SHELL
    if find_spec("matplotlib") is not None:
        _import_matplotlib()
    if find_spec("IPython") is not None:
        _SHELL = _make_shell()


def _import_matplotlib() -> None:
    """Import pyplot on Agg with matplotlib's own fonts and settings: the same figures on every machine, no cache file.

    A search for the system's fonts can take ten seconds, would be repeated at each start since nothing can be written
    here, and would find fonts that the jail then hides.
    """
    spec = find_spec("matplotlib")
    assert spec is not None and spec.origin is not None
    folder = os.path.dirname(spec.origin)
    os.environ["MATPLOTLIBRC"] = os.path.join(folder, "mpl-data", "matplotlibrc")
    import matplotlib

    matplotlib.get_cachedir = matplotlib.get_configdir = lambda: "/dev/null/none"
    matplotlib.use("agg")
    walk = os.walk
    os.walk = lambda top, *a, **k: walk(top, *a, **k) if str(top).startswith(folder) else iter(())
    try:
        import matplotlib.pyplot as plt
    finally:
        os.walk = walk
    figure, axes = plt.subplots()  # what is imported at the first drawing is imported now
    axes.plot([1, 2], label="$x$")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close(figure)


def _make_shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.profiledir import ProfileDir
    from traitlets.config import Config

    class NoProfile(ProfileDir):
        """A profile that is no folder: nothing is written."""

        def check_dirs(self) -> None:
            pass

        def _mkdir(self, path: str, mode: int | None = None) -> bool:
            return False

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.autoawait = False
    config.InteractiveShell.xmode = "Plain"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        shell = InteractiveShell.instance(config=config, ipython_dir="/", profile_dir=NoProfile(location="/"))
    warnings.filterwarnings("ignore", message="To exit: use")
    assert shell.display_formatter is not None
    shell.display_formatter.active_types = ["text/plain", "image/png"]
    shell.run_cell("None", store_history=False, silent=True)
    return shell


class _Outputs:
    """What one cell has shown, in order: pairs of kind and content; text is capped as it comes."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.items: list[tuple[str, Any]] = []
        self.text = 0

    def write(self, kind: str, text: str) -> None:
        room = 2 * self.limits.output_shown - self.text
        self.text += len(text)
        if room <= 0:
            return
        if self.items and self.items[-1][0] == kind and kind in {"stdout", "stderr"}:
            self.items[-1] = (kind, self.items[-1][1] + _plain(text[:room]))
        else:
            self.items.append((kind, _plain(text[:room])))

    def show(self, data: dict, metadata: dict | None = None) -> None:
        """A rich result: its PNG if it has one, else its text."""
        if isinstance(data.get("image/png"), bytes):
            self.figure(data["image/png"])
        elif isinstance(data.get("text/plain"), str):
            self.write("result", data["text/plain"])

    def figure(self, png: bytes) -> None:
        if len(png) <= self.limits.output_kept:
            self.items.append(("png", png))
        else:
            self.write("stderr", f"A figure of {len(png):,} bytes was left out: it is too large.\n")


class _Stream(io.TextIOBase):
    def __init__(self, outputs: _Outputs, kind: str):
        self.outputs, self.kind = outputs, kind

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.outputs.write(self.kind, text)
        return len(text)

    def writable(self) -> bool:
        return True


def run(cells: Sequence[Cell], names: dict, send: Callable[[dict], None], limits: Limits) -> None:
    """Run every cell that is for show, in document order, each under its own try, and send its outputs."""
    if _SHELL is None:
        raise RuntimeError("IPython is not installed")
    _SHELL.user_ns.update({"__name__": "__notebook__", **names})
    for cell in cells:
        if cell.kind not in SHOWN:
            continue
        outputs = _Outputs(limits)
        with _captured(outputs):
            _run_cell(cell, outputs)
            _collect_figures(outputs)
        send({"id": cell.id, "outputs": outputs.items[:200]})


def _run_cell(cell: Cell, outputs: _Outputs) -> None:
    source, _ = without_magics(cell.source)
    try:
        result = _SHELL.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
    except BaseException as raised:  # SystemExit of a hostile display hook, say
        error = raised
    if error is not None:
        outputs.write("error", _trace(error, cell.id))


def _collect_figures(outputs: _Outputs) -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    for number in pyplot.get_fignums():
        buffer = io.BytesIO()
        try:
            pyplot.figure(number).savefig(buffer, format="png", bbox_inches="tight")
            outputs.figure(buffer.getvalue())
        except Exception as error:
            outputs.write("stderr", f"A figure could not be drawn: {type(error).__name__}\n")
    pyplot.close("all")


@contextlib.contextmanager
def _captured(outputs: _Outputs) -> Iterator[None]:
    """Prints, results and ``display()`` go to ``outputs``; IPython's own printing of errors goes nowhere."""
    _SHELL.display_pub.publish = lambda data, metadata=None, **_: outputs.show(data)
    _SHELL.showtraceback = _SHELL.showsyntaxerror = lambda *_, **__: None
    _SHELL.displayhook.write_output_prompt = _SHELL.displayhook.finish_displayhook = lambda: None
    _SHELL.displayhook.write_format_data = outputs.show
    out, err = _Stream(outputs, "stdout"), _Stream(outputs, "stderr")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield


def _trace(error: BaseException, cell: str) -> str:
    """The traceback, of the learner's own frames alone."""
    lines = ["Traceback (most recent call last):"]
    for frame in traceback.extract_tb(error.__traceback__, limit=200):
        if "ipython-input" in frame.filename or "ipykernel" in frame.filename:
            lines += [f"  {cell}, line {frame.lineno}, in {frame.name}", f"    {frame.line}"]
    try:
        last = traceback.format_exception_only(type(error), error)
    except Exception:  # a hostile __str__
        last = [type(error).__name__]
    last = [re.sub(r'File "<ipython-input[^"]*"', f'File "{cell}"', line) for line in last]
    kept = lines if len(lines) < 60 else [*lines[:20], "  …", *lines[-20:]]
    return "\n".join([*kept, *(line.rstrip("\n") for line in last)])[:20_000]


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
