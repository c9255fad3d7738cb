"""A class on the tiny assignment: a course home with real jails, and notebooks put where collecting puts them."""

import json

from course.classroom.desk.release import release
from course.classroom.home import Home
from course.classroom.roster import Learner
from tests.course.conftest import CHECKS, SCRIPT

SLUG = "90_tiny"
RIGHT = {
    "function-double": "# function double: your code below\ndef double(x):\n    return x + x\n",
    "function-twice": "# function twice: your code below\ndef twice(f, x):\n    return f(f(x))\n",
    "experiment": "# experiment: your code below\ndef experiment(seed): return {'value': double(np.ones(1) * seed)}",
}


def make_home(folder, learners, limits=""):
    """A home with the tiny assignment released and ``learners`` on the roster."""
    root = folder / "root"
    (root / "solutions").mkdir(parents=True)
    (root / "tests" / "hidden").mkdir(parents=True)
    (root / "solutions" / f"{SLUG}.py").write_text(SCRIPT)
    (root / "tests" / "hidden" / f"test_{SLUG}.py").write_text(CHECKS)
    roster = [Learner(learner) for learner in learners]
    home = Home.create(folder / "home", course_id="demo", roster=roster, identity="hub")
    if limits:
        (home.path / "course.toml").write_text((home.path / "course.toml").read_text() + f"\n[limits]\n{limits}\n")
        home = Home.open(home.path)
    release(home, SLUG, root=root)
    return home


def notebook(home, learner, **changes):
    """A right notebook of ``learner``, with some cells' sources replaced."""
    from course.bundle.freeze import latest
    from course.grade.reference import load_reference, right_answers

    bundle = latest(home.bundles, SLUG)
    names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
    typed = right_answers(bundle.reference, load_reference(bundle.reference, names))["typed"]
    sources = {**RIGHT, "question-answer": f"# question answer: type a number\ntyped = {typed!r}", **changes}
    sources["learner"] = f'# learner: who you are\ncourse_id = "demo"\nlearner_id = "{learner}"\nbackend = "numpy"'
    made = bundle.release_notebook("demo")
    for cell in made["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return made


def hand_in(home, learner, made):
    """Put a notebook (or bytes) where a collected submission lies."""
    path = home.notebook("submitted", SLUG, learner)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made if isinstance(made, bytes) else json.dumps(made).encode())
    return path
