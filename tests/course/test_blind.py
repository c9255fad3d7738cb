"""Answers written blind: every right one passes, every wrong one fails, and names are true. By hand (`-m slow`)."""

from pathlib import Path

import pytest

from course.audit import blind

ROOT = Path(__file__).resolve().parents[2]
SETS = blind.slugs(ROOT)
PASS_ALTHOUGH_WRONG = {
    # The contract says an array; lists are accepted everywhere, which harms nobody.
    "gd/losses_a_list",
    # Writing into the gradients that a callable returned harms only a callable that keeps them; the contract is silent.
    "gd/grads_scaled_in_place",
    # The contracts do not say that grads have another order of keys than params.
    "gd/gd_zip_values",
    "train_epoch/te_zip_values",
    # A generator crosses to a jailed function as its state, so that it is another object at every call.
    "minibatches/mb_cached_order",
    "minibatches/s_mb_order_kept_per_rng",
    # Arrays cross to the jail as copies: that g itself comes back as the velocity is seen in the notebook alone.
    "momentum_step/ms_asarray_no_copy",
    "momentum_step/ms_first_v_is_g",
    "momentum_step/ms_alias_g",
    # PyTorch's own rule for beta 0, about which the contract says that no check asks.
    "momentum_step/ms_beta0_needs_no_state",
    "momentum_step/ms_port_momentum_nonzero",
    # Right but for rounding; the contracts ask for no digits where gradients are large against their deviations.
    "grad_variance/gv_gram_cancel",
    "grad_variance/gv_moments_cancel",
    "b_simple/bs_ratio_minus_one",
}


@pytest.mark.slow
@pytest.mark.parametrize("slug", SETS)
def test_blind_set(slug):
    came = blind.judge(slug, ROOT, blind.answers(slug, ROOT))
    known = blind.labels(slug, ROOT)
    assert [one.answer.id for one in came if one.answer.right and one.failed] == []
    assert [one.answer.id for one in came if one.blamed] == []
    assert {one.answer.id for one in came if not one.answer.right and not one.failed} <= PASS_ALTHOUGH_WRONG
    untouched = blind.score([one for one in came if one.answer.held], known)
    whole = blind.score(came, known)
    assert whole.wrong >= 30 and whole.right >= 10 and untouched.wrong >= 25 and untouched.right >= 8
    assert untouched.precision >= 0.95 and untouched.coverage >= 0.6


@pytest.mark.parametrize("slug", SETS)
def test_every_wrong_answer_has_a_label_and_every_label_an_answer(slug):
    wrong = {one.id for one in blind.answers(slug, ROOT) if not one.right}
    assert wrong == set(blind.labels(slug, ROOT))


def came(name, right, named=(), failed=("a",), blamed=()):
    return blind.Came(blind.Answer("gd", name, right, "", ""), tuple(failed), tuple(named), tuple(blamed))


def test_counting():
    known = {"gd/one": ["summed"], "gd/two": ["shifted", "summed"], "gd/three": [], "gd/four": ["summed"]}
    found = [
        came("one", False, ["summed"]),
        came("two", False, ["shifted", "summed"]),
        came("three", False, ["summed"]),
        came("four", False),
        came("five", False, failed=()),
        came("six", True, failed=()),
        came("seven", True, ["summed"], blamed=["experiment"]),
    ]
    score = blind.score(found, known)
    assert (score.right, score.wrong, score.caught, score.named, score.true) == (2, 5, 4, 4, 2)
    assert (score.alarms, score.blame, score.precision, score.coverage) == (1, 1, 0.5, 0.4)


def test_nothing_named_is_nothing_named_wrongly():
    assert blind.score([came("one", False)], {}).precision == 1 and blind.score([], {}).coverage == 0
