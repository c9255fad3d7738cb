"""The same hostile submissions as in `test_hostile`, on T2: Landlock and seccomp without namespaces."""

import pytest

from course.grade.jail import tiers

from .test_hostile import house, judge, test_an_attack_earns_learns_and_harms_nothing  # noqa: F401

TIER, NAMES = "T2", False

pytestmark = pytest.mark.skipif(not tiers.probe()["T2"].available, reason=tiers.probe()["T2"].why or "there is T2")
