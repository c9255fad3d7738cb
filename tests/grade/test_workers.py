"""What a worker does with right and with honestly wrong submissions, at every tier; and that nothing is left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest

from course.bundle.cells import Cell
from course.grade import faults
from course.grade.workers import ForkServer

from .conftest import SMALL, cell

GD = """
def f(grad, w, *, lr=0.1, steps=1):
    for _ in range(steps):
        w = w - lr * grad(w)
    return w
"""


def test_a_call_with_callbacks(submit):
    seen = []

    def grad(w):
        seen.append(w)
        return 2 * w

    answer = submit(GD).call("f", (grad, np.ones(3)), {"steps": 3})
    np.testing.assert_allclose(answer.value, np.full(3, 0.8**3))
    assert answer.callbacks == len(seen) == 3 and answer.changed == {} and 0 < answer.cpu < 1


def test_callables_anywhere_and_callables_that_callbacks_return(submit):
    worker = submit("def f(model, parts): return [part(2) for part in parts] + [model['make'](3)(4)]")
    assert worker.call("f", ({"make": lambda a: lambda b: a * b}, [abs, lambda x: -x])).value == [2, -2, 12]


def test_an_exception_of_a_callback_crosses_as_its_type(submit):
    class Custom(KeyError):
        pass

    def fails(x):
        raise Custom("a hidden word")

    source = "def f(g):\n    try:\n        g(1)\n    except KeyError as error:\n        return str(error)"
    assert "hidden" not in submit(source).call("f", (fails,)).value
    with pytest.raises(faults.Raised) as caught:
        submit("def f(g): g(1)").call("f", (fails,))
    assert caught.value.type == "KeyError" and caught.value.bases == ("LookupError", "Exception", "BaseException")


def test_what_was_changed_in_place_comes_back(submit):
    source = "def f(a, b, c, rng, same, d):\n    a[0] = 9\n    b.append(1)\n    c['x'] = a\n    rng.normal(size=3)"
    args = (np.zeros(2), [], {}, np.random.default_rng(1), np.ones(2))
    changed = submit(source).call("f", args, {"d": [np.zeros(1)]}).changed
    assert set(changed) == {0, 1, 2, 3}
    assert changed[0].tolist() == [9, 0] and changed[1] == [1] and changed[2]["x"].tolist() == [9, 0]
    twin = np.random.default_rng(1)
    twin.normal(size=3)
    assert changed[3].random() == twin.random()
    assert args[0].tolist() == [0, 0] and args[1] == []


def test_a_generator_function_is_drained_and_its_random_state_follows(submit):
    source = "def f(n, rng):\n    for _ in range(n):\n        yield rng.integers(100, size=2)"
    rng, twin = np.random.default_rng(3), np.random.default_rng(3)
    answer = submit(source).call("f", (4, rng))
    np.testing.assert_array_equal(answer.value, [twin.integers(100, size=2) for _ in range(4)])
    assert answer.changed[1].random() == twin.random()


def test_a_tensor_crosses_as_its_array(submit):
    pytest.importorskip("autograd_mini")
    value = submit("import autograd_mini as ag\ndef f(x): return ag.tensor(x) * 2").call("f", (np.ones(2, "f4"),)).value
    assert type(value) is np.ndarray and value.dtype == np.float32 and value.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("source", "args", "why"),
    [
        ("def g(): pass", (), "not defined"),
        ("f = 3", (), "not a function"),
        ("def f(a, b): pass", (1,), "1 positional argument;"),
        ("def f(): pass", (1, 2), "2 positional arguments;"),
    ],
)
def test_missing_and_wrong_signatures(submit, source, args, why):
    with pytest.raises(faults.Missing) as caught:
        submit(source).call("f", args)
    assert why in caught.value.sentence()


def test_a_type_error_inside_is_not_a_wrong_signature(submit):
    worker = submit("def f(a):\n    b = 1\n    return b + a")
    with pytest.raises(faults.Raised) as caught:
        worker.call("f", ("x",))
    assert (caught.value.type, caught.value.line, caught.value.cell) == ("TypeError", 4, "function-f")
    assert worker.call("f", (1,)).value == 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import numpy as np\ndef f(): np.linalg.inv(np.zeros((2, 2)))", "ValueError"),
        ("class Mine(Exception): pass\ndef f(): raise Mine('text')", "Exception"),
        ("def f(): raise SystemExit(3)", "SystemExit"),
        ("def f(): return f()", "RecursionError"),
        ("def f(): raise NotImplementedError('f is yours to write')", "NotImplementedError"),
        ("def f():\n    yield 1\n    raise KeyError(2)", "KeyError"),
    ],
)
def test_the_nearest_builtin_type_is_told_and_no_word_of_the_learner(submit, source, kind):
    worker = submit(source)
    with pytest.raises(faults.Raised) as caught:
        worker.call("f")
    assert caught.value.type == kind and "text" not in str(caught.value.args)


def test_not_data(submit):
    worker = submit("def f(): return [1, object()]\ndef g(): return open")
    for name, what in (("f", "an object"), ("g", "a function")):
        with pytest.raises(faults.NotData) as caught:
            worker.call(name)
        assert caught.value.what == what


def test_time_outs_say_which_limit(submit):
    for source, wall in (("def f():\n    while True: pass", False), ("import time\ndef f(): time.sleep(99)", True)):
        began = time.monotonic()
        with pytest.raises(faults.TimedOut) as caught:
            submit(source).call("f", cpu=0.2)
        assert caught.value.wall is wall and 0.2 <= time.monotonic() - began < 3


def test_a_call_after_a_time_out_is_our_fault_and_not_the_learners(submit):
    worker = submit("def f():\n    while True: pass")
    with pytest.raises(faults.TimedOut):
        worker.call("f", cpu=0.1)
    with pytest.raises(faults.GraderFault):
        worker.call("f")


def test_callbacks_are_counted_and_bounded(submit):
    with pytest.raises(faults.TooManyCalls) as caught:
        submit("def f(g):\n    while True: g()").call("f", (lambda: 1,))
    assert "more than 50 times" in caught.value.sentence()


def test_memory(submit):
    worker = submit("import numpy as np\ndef f(n): return float(np.ones((n, n)).sum())")
    with pytest.raises(faults.OutOfMemory):
        worker.call("f", (40_000,))
    assert worker.call("f", (5_000,)).value == 25e6  # 200 MB are there to be used


def test_a_callback_cannot_call_back_into_its_worker(submit):
    worker = submit("def f(g): return g()\ndef h(): return 1")
    with pytest.raises(faults.GraderFault, match="inside a callback"):
        worker.call("f", (lambda: worker.call("h").value,))


def test_arguments_that_are_not_data_are_our_fault(submit):
    worker = submit("def f(x): return x")
    with pytest.raises(faults.GraderFault, match="an object"):
        worker.call("f", (object(),))
    assert worker.call("f", (1,)).value == 1


def test_loading_reports_errors_what_was_skipped_and_what_is_defined(server):
    cells = [
        Cell.from_source("# setup: run this\nimport numpy as np\nlearner = learner_id"),
        cell("def g(): return 1\n1/0", "g"),
        cell("x = = 1", "h"),
        cell("def f(): return g() + helper(1)"),
        Cell("scratch", "", "print('hello')\ndef helper(x): return x", "scratch-1"),
        Cell.from_source("# check f (1 point): run\nboom"),
    ]
    with server.worker() as worker:
        report = worker.load(cells, names={"learner_id": "ada"}, target="f", stubs={"g": lambda: 41})
        assert [(e.cell, e.type) for e in report.errors] == [("function-h", "SyntaxError")]
        assert len(report.skipped) == 2 and {"g", "f", "helper", "learner"} <= set(report.defined)
        assert worker.call("f").value == 42


def test_modules_that_were_not_preloaded_can_be_imported_and_missing_ones_are_missing(submit):
    source = """
import statistics, decimal, zoneinfo, sqlite3, unittest, xml.dom.minidom
import numpy.random, numpy.fft
def f():
    try:
        import surely_not_there
    except ModuleNotFoundError:
        return statistics.mean([1, 2, 3])
def g():
    from course.learn import data
    import course.cli, course.author
def h():
    try:
        import solutions
    except ImportError as error:
        return type(error).__name__
"""
    worker = submit(source)
    assert worker.report.errors == () and worker.call("f").value == 2
    assert worker.call("h").value == "ModuleNotFoundError"
    worker.call("g")


def test_devnull_can_be_written(submit):
    source = "import os\ndef f():\n    with open(os.devnull, 'w') as null: print(1, file=null)"
    submit(source).call("f")


def test_many_workers_at_once_on_one_server(server):
    workers = [server.worker() for _ in range(8)]
    for i, worker in enumerate(workers):
        worker.load([cell(f"def f(): return {i}")], names={})
    os.kill(workers[3]._process.pid, signal.SIGSEGV)
    for i, worker in enumerate(workers):
        if i == 3:
            with pytest.raises(faults.Crashed):
                worker.call("f")
        else:
            assert worker.call("f").value == i
        worker.close()


def test_a_worker_killed_from_outside_is_never_the_learners_loss(submit):
    worker = submit("def f(): return 1")
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(faults.GraderFault, match="from outside"):
        worker.call("f")


def test_a_dead_fork_server_takes_its_workers_and_is_started_again():
    with ForkServer(SMALL, "auto", preload=False) as server:
        worker = server.worker()
        worker.load([cell("def f(): return 1")], names={})
        pid = worker._process.pid
        os.kill(server._server.process.pid, signal.SIGKILL)
        with pytest.raises(faults.GraderFault):
            worker.call("f")
        _wait_until(lambda: not os.path.exists(f"/proc/{pid}"))
        with server.worker() as fresh:
            fresh.load([cell("def f(): return 2")], names={})
            assert fresh.call("f").value == 2


def test_a_fork_of_the_grader_shares_the_server_and_its_death_ends_its_workers_alone(any_server):
    """As the judge works: one fork a submission, on one fork server."""
    with any_server.worker() as mine:
        mine.load([cell("def f(): return 1")], names={})
        for _ in range(2):
            read, write = os.pipe()
            if (child := os.fork()) == 0:
                worker = any_server.worker()
                worker.load([cell("def f():\n    while True: pass")], names={})
                os.write(write, str(worker._process.pid).encode())
                worker.call("f", cpu=99)
            pid = os.read(read, 99).decode()
            os.close(read)
            os.close(write)
            assert os.path.exists(f"/proc/{pid}")
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            _wait_until(lambda pid=pid: not os.path.exists(f"/proc/{pid}"))
        if (child := os.fork()) == 0:
            any_server.close()  # forgets it, and leaves it to its owner
            os._exit(0)
        os.waitpid(child, 0)
        assert mine.call("f").value == 1
        with any_server.worker() as another:
            another.load([cell("def f(): return 2")], names={})
            assert another.call("f").value == 2


def test_when_the_grader_dies_everything_dies():
    code = """
from course.grade.workers import ForkServer
from course.bundle.cells import Cell
server = ForkServer(preload=False)
worker = server.worker()
print(server._server.process.pid, worker._process.pid, flush=True)
worker.load([Cell.from_source("# function f: x\\nwhile True: pass")], names={}, cpu=99)
"""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True) as grader:
        pids = grader.stdout.readline().split()
        time.sleep(0.2)
        assert all(os.path.exists(f"/proc/{pid}") for pid in pids) and len(pids) == 2
        grader.kill()
    _wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids))


def test_nothing_is_left_behind_by_two_hundred_workers(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with ForkServer(SMALL, "auto", preload=False) as server:
        server.worker().close()
        before = _open_files(), threading.active_count()
        for i in range(200):
            with server.worker() as worker:
                worker.load([cell("def f(x): return x")], names={})
                assert worker.call("f", (i,)).value == i
        assert len(server._server.codes) + len(server._server.forgotten) <= 200
        assert (_open_files(), threading.active_count()) == before
        pid = server._server.process.pid
        _wait_until(lambda: not _children(pid))
    _wait_until(lambda: not os.path.exists(f"/proc/{pid}"))
    assert _open_files() < before[0] and os.listdir(tmp_path) == []


def _wait_until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _open_files():
    return len(os.listdir("/proc/self/fd"))


def _children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()
