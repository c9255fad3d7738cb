"""What ships to learners, member by member; and that the wheel alone does what a learner needs."""

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from course.author.marks import read_marks

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("autograd_mini/", "course/")
SECRETS = ("### BEGIN SOLUTION", "MISTAKES", "@alternative", "@points(")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist, built from a copy of the files that git would track."""
    folder = tmp_path_factory.mktemp("packages")
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / "tree" / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(folder / "tree")]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl")), next(folder.glob("*.tar.gz"))


def tracked(*folders):
    return {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def contents(archive):
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as file:
            return {name: file.read(name) for name in file.namelist()}
    with tarfile.open(archive) as file:
        members = [member for member in file.getmembers() if member.isfile()]
        return {member.name.split("/", 1)[1]: file.extractfile(member).read() for member in members}


def test_the_wheel_holds_these_members_and_no_others(built):
    have = {name for name in contents(built[0]) if ".dist-info/" not in name}
    exercises = {f"course/{name}" for name in tracked("exercises")}
    assert have == tracked("autograd_mini", "course") | exercises


def test_the_sdist_holds_these_members_and_no_others(built):
    top = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "PKG-INFO", ".gitignore"}
    assert set(contents(built[1])) == tracked("autograd_mini", "course", "exercises") | top


@pytest.mark.parametrize("which", [0, 1], ids=["wheel", "sdist"])
def test_nothing_secret_ships(built, which):
    reference_lines = {
        line.strip()
        for path in [*(ROOT / "solutions").glob("*.py"), *(ROOT / "tests" / "hidden").glob("test_*.py")]
        for line in secret_lines(path.read_text())
    }
    shown = shown_on_purpose() | words_for_learners()
    reference_lines = {line for line in reference_lines if not any(line.strip('",[]') in other for other in shown)}
    assert len(reference_lines) > 30
    for name, data in contents(built[which]).items():
        if name.startswith(("course/author/", "course/audit/")):  # the words themselves are defined here
            continue
        text = data.decode("utf-8", "replace")
        assert not [word for word in SECRETS if word in text and not allowed(name, word)], name
        found = [line for line in reference_lines if line in text]
        assert not found, f"{name} holds {found[:3]}"


def shown_on_purpose():
    """Lines that a solution script shows outside of its solution regions, as examples, and hidden checks use too."""
    shown, solved = set(), set()
    for path in (ROOT / "solutions").glob("*.py"):
        text = path.read_text()
        within = set(secret_lines(text))
        solved |= {line.strip() for line in within}
        shown |= {line.strip() for line in text.splitlines() if line not in within}
    return shown - solved


def words_for_learners():
    """What mistakes are called, say and hint: learners read it."""
    texts = set()
    for path in (ROOT / "tests" / "hidden").glob("test_*.py"):
        for one in read_marks(path).mistakes:
            texts |= {one.name, one.says, *one.hints}
    return texts


def allowed(name, word):
    """The demo writes its endless loop where the solution begins; it knows the mark, not what follows it."""
    known = {("course/classroom/desk/demo_class.py", "### BEGIN SOLUTION"), ("course/grade/judge.py", "MISTAKES")}
    return (name, word) in known


def secret_lines(text):
    """Lines of solution regions and of hidden checks' bodies that are long enough to be telling."""
    inside = "@points(" in text
    for line in text.splitlines():
        if "### BEGIN SOLUTION" in line:
            inside = True
        elif "### END SOLUTION" in line:
            inside = False
        elif inside and len(line.strip()) > 45 and not line.strip().startswith(("#", '"""', "@points")):
            yield line


@pytest.fixture(scope="module")
def empty(built, tmp_path_factory):
    """An environment with the wheel and what the wheel depends on, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("learner")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(built[0]) as wheel:
        wheel.extractall(site)
    return folder


def learner(folder, code):
    """Run ``code`` as a learner would; the dependencies come from this environment, our packages do not."""
    import numpy

    dependencies = Path(numpy.__file__).resolve().parents[1]
    program = f"import sys; sys.path.append({str(dependencies)!r})\n{code}"
    command = [str(folder / "venv" / "bin" / "python"), "-I", "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_the_wheel_alone_checks_an_exercise(empty):
    code = """
import autograd_mini, course, course.learn
assert "learner" in course.__file__ and "learner" in autograd_mini.__file__, (course.__file__, autograd_mini.__file__)
from course.cli import main
main(["check", "02"])
"""
    done = learner(empty, code)
    assert done.returncode == 1, done.stderr
    assert "NotImplementedError: full_grad is yours to write" in done.stdout
    assert "visible checks pass; hidden checks at grading look at:" in done.stdout


def test_a_learner_who_asks_for_an_instructors_verb_is_told(empty):
    done = learner(empty, "from course.cli import main; main(['build'])")
    assert done.returncode == 1 and "needs the repository with its solutions" in done.stderr
    assert "Traceback" not in done.stderr
