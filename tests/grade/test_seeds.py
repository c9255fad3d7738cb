"""Hidden inputs: the same at every resubmission, others for every learner, check, assignment and course."""

from course.grade.sitting import Sitting, learner_key


def drawn(check="c1", *, secret=b"secret", assignment="02", learner="ada"):
    key = learner_key(secret, assignment, learner)
    sitting = Sitting(make_desk=lambda *a, **k: None, reference={}, given={}, answers={}, key=key)
    return sitting.rng(check).integers(0, 2**63, 4).tolist()


def test_handing_in_again_draws_the_same():
    assert drawn() == drawn()


def test_whoever_else_and_whatever_else_draws_others():
    others = [drawn("c2"), drawn(secret=b"other"), drawn(assignment="04"), drawn(learner="bob")]
    assert len({*map(tuple, others), tuple(drawn())}) == 5


def test_names_do_not_run_into_each_other():
    """An assignment's number and a learner's id are kept apart."""
    assert drawn(assignment="02", learner="1ada") != drawn(assignment="021", learner="ada")
