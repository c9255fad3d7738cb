"""The device that a test is run on: always the stand-in, and a card where CuPy finds one."""

import pytest

from .devices import StandIn, card


@pytest.fixture(params=["stand-in", *(["card"] if card()[0] else [])])
def device(request):
    return StandIn() if request.param == "stand-in" else card()[0]
