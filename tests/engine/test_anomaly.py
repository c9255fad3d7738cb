"""detect_anomaly names the operation that makes a NaN, and costs nothing outside."""

import numpy as np
import pytest

import autograd_mini as am

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")


def test_the_value():
    x = am.parameter([-1.0, 2.0])
    assert np.isnan((x * 2).log().sum().item())  # without it nothing is said
    with am.detect_anomaly(), pytest.raises(am.AnomalyError, match=r"^log: .*NaN, from inputs -2 to 4\. Fix:"):
        (x * 2).log().sum()
    with am.detect_anomaly(), pytest.raises(am.AnomalyError, match=r"^div: .*from inputs 0 to 3 and 0 to 1"):
        (x + 1) / am.tensor([0.0, 1.0])


def test_the_gradient():
    x = am.parameter([0.0, 4.0])
    with am.detect_anomaly():
        loss = (x.sqrt() * am.tensor([0.0, 1.0])).sum()  # 0 * inf
        with pytest.raises(am.AnomalyError, match=r"^sqrt: a gradient has a NaN.*Fix:"):
            loss.backward()
    assert x.grad is None


def test_the_second_part_of_a_leaf_counts_too():
    x = am.parameter([0.0, 4.0])
    with am.detect_anomaly():
        loss = (x * 3 + x.sqrt() * am.tensor([0.0, 1.0])).sum()
        with pytest.raises(am.AnomalyError, match="sqrt"):
            loss.backward()


def test_it_ends_and_nests():
    x = am.parameter(-1.0)
    with am.detect_anomaly():
        with am.detect_anomaly():
            pass
        with pytest.raises(am.AnomalyError):
            x.log()
    assert np.isnan(x.log().item())
    with pytest.raises(ZeroDivisionError), am.detect_anomaly():
        raise ZeroDivisionError
    assert np.isnan(x.log().item())


def test_what_is_right_passes():
    x = am.parameter([1.0, np.inf])
    with am.detect_anomaly():
        (x.log().clip(max=3.0) * 2).sum().backward()
    assert x.grad.tolist() == [2, 0]


def test_a_gradient_that_would_be_written_straight_into_the_vector(monkeypatch):
    monkeypatch.setattr("autograd_mini.ops.OPS", {})

    @am.op
    def bad(x, /):
        return x * 2, lambda g, *, out=None: np.multiply(g, np.nan, out=out)

    whole, p = am.flat_parameters({"a": np.ones(2)})
    with am.detect_anomaly(), pytest.raises(am.AnomalyError, match=r"^bad: a gradient has a NaN"):
        bad(p["a"]).sum().backward()
    assert whole.grad is None
