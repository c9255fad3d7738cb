"""What the jail keeps: nothing of the grader's is found, nothing is harmed, and the next submission never notices."""

import json
import os
import platform
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course.grade import faults

ROOT = Path(__file__).resolve().parents[2]
CANARY = re.compile(r"canary-[0-9a-f]{32}")

SEARCH = r"""
import ctypes, gc, glob, os, re, stat, sys

CANARY = re.compile(rb"canary-[0-9a-f]{32}")

def look(found, where, data):
    data = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    found.update((where, match.decode()) for match in CANARY.findall(data))

def read(found, where, path, size=1 << 20):
    try:
        with open(path, "rb") as file:
            look(found, where, file.read(size))
    except (OSError, ValueError):
        pass

def memory(found):
    for thing in gc.get_objects():
        parts = thing.values() if type(thing) is dict else thing if type(thing) in (list, tuple, set) else ()
        for part in list(parts):
            if type(part) in (str, bytes):
                look(found, "gc", part)
    frame = sys._getframe()
    while frame is not None:
        for part in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if type(part) in (str, bytes):
                look(found, "frames", part)
        frame = frame.f_back
    for module in list(sys.modules.values()):
        for part in list(vars(module).values()):
            if type(part) in (str, bytes):
                look(found, "modules", part)
    try:
        ranges = [line.split()[0].split("-") for line in open("/proc/self/maps") if " rw-p" in line]
        with open("/proc/self/mem", "rb") as mem:
            for start, end in ranges:
                mem.seek(int(start, 16))
                look(found, "mem", mem.read(int(end, 16) - int(start, 16)))
    except (OSError, ValueError):
        pass

def files(found, places):
    for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
        read(found, "proc", path)
    for place in places:
        for folder, inner, names in os.walk(place):
            inner[:] = [name for name in inner if name not in (".venv", ".git", "node_modules")]
            for name in names:
                if name.endswith(".txt"):
                    read(found, "files", os.path.join(folder, name))
        read(found, "files", os.path.join(place, "canary.txt"))

def descriptors(found):
    kinds = []
    for fd in range(64):
        try:
            mode = os.fstat(fd).st_mode
        except OSError:
            continue
        kinds.append("socket" if stat.S_ISSOCK(mode) else "file" if stat.S_ISREG(mode) else "device")
        if stat.S_ISREG(mode):
            look(found, "descriptors", os.pread(fd, 1 << 16, 0))
    return kinds

def f(places):
    found = set()
    gc.unfreeze()
    look(found, "environ", repr(dict(os.environ)))
    memory(found)
    files(found, places)
    kinds = descriptors(found)
    return sorted(found), kinds, os.getuid()
"""


@pytest.fixture
def planted(monkeypatch):
    """Canaries in this process's memory and environment, in a closed course home, and beside the hidden checks."""
    where = ("memory", "environ", "home", "solutions", "hidden")
    tokens = {name: f"canary-{secrets.token_hex(16)}" for name in where}
    monkeypatch.setenv("COURSE_SECRET", tokens["environ"])
    with tempfile.TemporaryDirectory() as home:  # 0700, as a course home is
        places = {"home": Path(home)}
        for name, folder in (("solutions", ROOT / "solutions"), ("hidden", ROOT / "tests" / "hidden")):
            if os.access(folder, os.W_OK):
                places[name] = folder
        written = []
        for name, folder in places.items():
            written.append(folder / "canary.txt")
            written[-1].write_text(tokens[name])
        try:
            yield tokens, [str(folder) for folder in places.values()]
        finally:
            for path in written:
                path.unlink(missing_ok=True)


def test_no_canary_is_found_in_the_jail(submit, planted):
    _, places = planted
    own = f"canary-{secrets.token_hex(16)}"  # one that it may find, to show that it searches there too
    worker = submit(SEARCH, own=own)
    found, kinds, uid = worker.call("f", ([*places, str(ROOT), "..", "/tmp", "/dev/shm"],), cpu=20).value
    assert {token for _, token in found} == {own}
    assert kinds == ["device"] * 3 + ["socket"]
    assert uid != 0


def test_the_same_search_without_a_jail_finds_them_all(planted):
    """The search bites: a grader that executes the submission itself, as graders are naively written, loses all."""
    tokens, places = planted
    grader = f"reference = {tokens['memory']!r}\nscope = {{}}\nexec({SEARCH!r}, scope)\n"
    grader += f"import json; print(json.dumps(scope['f']({[*places, str(ROOT)]!r})[0]))"
    out = subprocess.run([sys.executable, "-c", grader], capture_output=True, text=True, check=True).stdout
    found = {token for _, token in json.loads(out)}
    expected = {tokens[name] for name in ("memory", "environ", "home")} | {tokens[Path(p).name] for p in places[1:]}
    assert expected <= found


def test_no_file_of_the_repository_or_the_machine_can_be_read(submit):
    source = """
import os
def f(paths):
    opened = []
    for path in paths:
        try:
            opened.append((path, os.listdir(path) if os.path.isdir(path) else open(path).read(10)))
        except OSError:
            pass
    return opened
"""
    paths = [ROOT, *(ROOT / name for name in ("solutions", "tests", "tests/hidden", ".git/HEAD", "pyproject.toml"))]
    paths += ["/etc/passwd", "/etc/shadow", "/root", "/home", "/sys/kernel", "/var", "/dev/mem", tempfile.gettempdir()]
    paths += ["/proc/1/environ", "/proc/self/maps", "/proc/self/mem", os.path.expanduser("~/.bashrc")]
    worker = submit(source)
    opened = worker.call("f", ([str(path) for path in paths],)).value
    assert opened == []
    if worker._server.tier == "T1":  # there, what cannot be read is not even there
        exists = submit("import os\ndef f(p): return os.path.exists(p)")
        assert not exists.call("f", (str(ROOT / "pyproject.toml"),)).value


X86_DENIED = """
ptrace=101 process_vm_readv=310 process_vm_writev=311 memfd_create=319 shmget=29 msgget=68 semget=64 keyctl=250
add_key=248 io_uring_setup=425 unshare=272 setns=308 bpf=321 perf_event_open=298 userfaultfd=323
open_by_handle_at=304 name_to_handle_at=303 pidfd_open=434 pidfd_getfd=438 kcmp=312 mount=165 pivot_root=155
chroot=161 chmod=90 fchmod=91 chown=92 setxattr=188 utimensat=280 truncate=76 ftruncate=77 flock=73 prctl=157
kill=62 tkill=200 tgkill=234 socket=41 socketpair=53 sendmsg=46 recvmsg=47 clone=56 fork=57 vfork=58 execve=59
execveat=322 setrlimit=160 personality=135 mknod=133 mkdir=83 unlink=87 rename=82 link=86 symlink=88 setuid=105
setgid=106 setgroups=116 capset=126 landlock_create_ruleset=444 seccomp=317 sched_setaffinity=203 setpriority=141
timer_create=222 eventfd2=290 inotify_init=253 fanotify_init=300 mlockall=151 swapon=167 reboot=169 init_module=175
kexec_load=246 modify_ldt=154 clone3=435 openat2=437 vmsplice=278
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls")
def test_dangerous_system_calls_are_refused(submit):
    source = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def f(calls):
    wrong = []
    for name, number in calls.items():
        if libc.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):
            wrong.append((name, ctypes.get_errno()))
    return wrong
"""
    calls = {name: int(number) for name, number in (pair.split("=") for pair in X86_DENIED.split())}
    assert submit(source).call("f", (calls,)).value == []


REFUSED = {
    "fork": "os.fork()",
    "process": "import subprocess; subprocess.run(['/bin/true'])",
    "thread": "import threading; threading.Thread(target=print).start()",
    "socket": "import socket; socket.socket()",
    "unix socket": "import socket; socket.socket(socket.AF_UNIX)",
    "socketpair": "import socket; socket.socketpair()",
    "kill parent": "os.kill(os.getppid(), 9)",
    "kill all": "os.kill(-1, 9)",
    "kill self": "os.kill(os.getpid(), 9)",
    "write to /tmp": "open('/tmp/planted', 'w')",
    "write here": "open('planted', 'w')",
    "write to shm": "open('/dev/shm/planted', 'w')",
    "append to a library": "open(os.__file__, 'a')",
    "empty a library": "os.open(os.__file__, os.O_RDONLY | os.O_TRUNC)",
    "mkdir": "os.mkdir('/tmp/planted')",
    "symlink": "os.symlink('/etc/passwd', '/tmp/planted')",
    "remove": "os.remove(os.__file__)",
    "chmod": "os.chmod(os.__file__, 0o777)",
    "lock": "import fcntl; fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX)",
    "lockf": "import fcntl; fcntl.lockf(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)",
    "limits": "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))",
    "root": "os.setuid(0)",
    "priority": "os.nice(-1)",
    "core pattern": "open('/proc/sys/kernel/core_pattern', 'w')",
    "oom score": "open('/proc/self/oom_score_adj', 'w')",
    "shared memory": "from multiprocessing import shared_memory as s; s.SharedMemory(create=True, size=9)",
    "timer": "import signal; signal.setitimer(signal.ITIMER_REAL, 1)",
}


REFUSALS = set("PermissionError FileNotFoundError BlockingIOError OSError RuntimeError ValueError itimer_error".split())


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_submission_may_not_do_fails_and_it_lives_on(submit, name):
    refusal = "except (OSError, RuntimeError, ValueError) as error: return type(error).__name__"
    worker = submit(f"import os\ndef f():\n    try: {REFUSED[name]}\n    {refusal}")
    assert worker.call("f").value in REFUSALS
    assert not os.path.exists("/tmp/planted")


CHANNEL = """
import os, stat, sys, time
def channel():
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("channel"), "fd"):
        frame = frame.f_back
    return frame.f_locals["channel"]
def is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False
def fd():
    return next(n for n in range(3, 64) if is_socket(n))
"""


def attacks():
    """Name -> the outcomes that a call may have, and the source; from ``hostile.txt``."""
    text = (Path(__file__).parent / "hostile.txt").read_text()
    parts = re.split(r"^### (.+?) -> (.+)\n", text, flags=re.MULTILINE)[1:]
    for name, outcomes, source in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield name, (tuple(getattr(faults, outcome) for outcome in outcomes.split("|")), source)


ATTACKS = dict(attacks())


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_as_it_must_and_the_next_is_graded(submit, name):
    outcomes, source = ATTACKS[name]
    arguments = (lambda: bytes(30 << 20),) if "def f(g)" in source else ()
    with pytest.raises(outcomes):
        submit(CHANNEL + source).call("f", arguments, cpu=0.3 if faults.TimedOut in outcomes else 5)
    assert submit("def f(x): return x + 1").call("f", (1,)).value == 2


def test_exit_while_loading(submit):
    with pytest.raises(faults.Crashed):
        submit("import os\nos._exit(0)")
    with pytest.raises(faults.TimedOut):
        submit("while True: pass")
    assert [e.type for e in submit("import sys\nsys.exit(0)").report.errors] == ["SystemExit"]


def test_answers_sent_before_the_question_are_out_of_turn(submit):
    early = "c = channel()\nc.write(c.encode({'status': 'ok', 'value': 1, 'changed': {}}))\ndef f(): return 2"
    with pytest.raises(faults.Crashed):
        worker = submit(CHANNEL + early)  # taken for the answer to loading, which it is not
        worker.call("f")


def test_an_answer_from_inside_is_a_value_as_any_other(submit):
    source = CHANNEL + "def f():\n    c = channel()\n    c.write(c.encode({'status': 'ok', 'value': 7, 'changed': {}}))"
    worker = submit(source)
    assert worker.call("f").value == 7
    with pytest.raises(faults.Crashed):
        worker.call("f")


def test_values_are_of_exact_types(submit):
    source = """
class F(float):
    __eq__ = __lt__ = lambda self, other: True
    __hash__ = float.__hash__
class D(dict):
    __getitem__ = lambda self, key: 1
def f(): return F(2.5), D(a=3), type("S", (str,), {})("x")
"""
    value = submit(source).call("f").value
    assert [type(part) for part in value] == [float, dict, str] and value == (2.5, {"a": 3}, "x")


def test_builtins_changed_by_a_submission_stay_its_own(submit):
    source = (
        "import builtins, numpy as np\nnp.allclose = builtins.all = lambda *a, **k: True\ndef f(): return np.ones(2)\n"
    )
    assert submit(source).call("f").value.tolist() == [1, 1]
    assert submit("def f(): return all([0])").call("f").value is False
