"""A tiny assignment of two functions, an experiment and a question, for tests of the machinery."""

import pytest

from course.author.build import build_text, read_cells
from course.grade.reference import load_reference

SCRIPT = '''\
# /// contract
# slug = "90_tiny"
# title = "A tiny assignment"
# hours = 0.1
# [points]
# double = 2
# twice = 2
# experiment = 1
# answer = 1
# [uses]
# experiment = ["double"]
# ///

# %% [markdown]
# # Tiny

# %%
# learner: who you are
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import numpy as np
from course.learn import check, public_seed

seed = public_seed(course_id, learner_id, "90_tiny") % 7

# %%
# function double: your code below
def double(x):
    """Twice x, an array (n,); x is left alone."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %%
# check double (0.5 points): run, do not edit
@check("double")
def of_three():
    """Twice 1, 2, 3 is 2, 4, 6."""
    check.close(double(np.array([1.0, 2.0, 3.0])), np.array([2.0, 4.0, 6.0]))

check.report("double")

# %%
# function twice: your code below
def twice(f, x):
    """f, applied two times in turn."""
    ### BEGIN SOLUTION
    return f(f(x))
    ### END SOLUTION

# %%
# check twice (0.5 points): run, do not edit
@check("twice")
def adds_two():
    """Adding one twice adds two."""
    check.close(twice(lambda x: x + 1, 1.0), 3.0)

check.report("twice")

# %%
# experiment: your code below
def experiment(seed):
    """Twice the seed, with `double`."""
    ### BEGIN SOLUTION
    return {"value": double(np.array([float(seed)]))}
    ### END SOLUTION

# %%
# check experiment (0.5 points): run, do not edit
@check("experiment")
def has_a_value():
    """There is a value."""
    check.equal(sorted(experiment(seed)), ["value"])

check.report("experiment")

# %%
# question answer: type a number
### BEGIN SOLUTION
typed = 2 * seed
### END SOLUTION

# %%
# check answer (0.5 points): run, do not edit
@check("answer")
def a_number():
    """A number is typed."""
    check.that("typed is a number", isinstance(typed, int | float))

check.report("answer")
'''

CHECKS = '''\
import numpy as np
from course.author import alternative, mistake, points


@points(1, cell="double", topic="other numbers")
def test_double(submission, reference, check, rng):
    """Any numbers are doubled."""
    x = rng.normal(size=4)
    check.close(check.unchanged(submission.double, x), reference.double(x))


@points(0.5, cell="double", topic="dtype")
def test_double_dtype(submission, check):
    """The dtype stays."""
    check.dtype(submission.double(np.ones(3, np.float32)), np.float32)


@points(1.5, cell="twice", topic="calls")
def test_twice(submission, check):
    """The function is called twice, in turn."""
    counted = check.count(lambda x: 3 * x + 1)
    check.close(submission.twice(counted, 2.0), 22.0)
    check.calls(counted, 2)


@points(0.5, cell="experiment", topic="its value")
def test_experiment(submission, reference, check):
    """The value is twice the seed."""
    check.close(submission.experiment(reference.seed)["value"], reference.experiment(reference.seed)["value"])


@points(0.5, cell="answer", topic="the number")
def test_answer(submission, reference, check):
    """The number is twice the seed."""
    check.close(submission.answers["typed"], 2.0 * reference.seed)


mistake("double", "adds_two", was="2 * x", now="2 + x", says="Two is added instead of multiplied by.")
mistake("double", "in_place", was="return 2 * x", now="x *= 2; return x", says="The argument is changed.")
mistake("twice", "once", was="f(f(x))", now="f(x)", says="The function is called once.")


@alternative("double")
def addition(x):
    return x + x
'''


@pytest.fixture(scope="session")
def tiny():
    """The tiny assignment, built."""
    return build_text(SCRIPT, CHECKS, "90_tiny")


# ---- Of the notebook whose solution script a test module names as SCRIPT ----


@pytest.fixture(scope="module")
def cells(request):
    return read_cells(request.module.SCRIPT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def prose(cells):
    return " ".join(" ".join(cell.source for cell in cells if cell.kind == "prose").split())


@pytest.fixture(scope="module")
def names(cells):
    return load_reference(cells, {"course_id": "demo", "learner_id": "", "backend": "numpy"})
