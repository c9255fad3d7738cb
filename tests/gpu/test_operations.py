"""Every operation on the device: NumPy's numbers, NumPy's dtypes, arrays that stay there, and nobody who waits.

How near: a device adds up in another order, and its exp, log and tanh are right to one or two of the last digit where
NumPy's are as well. The longest chain in a case has some 30 roundings; allowed are 100, of the largest number.
"""

from types import FunctionType

import numpy as np
import pytest

import autograd_mini as am
from tests.engine import cases

from .devices import card, to_device


def test_a_card_is_here():
    """Without one, all tests of this folder run on the stand-in alone."""
    found, why = card()
    if found is None:
        pytest.skip(f"no GPU: {why}")
    assert found.xp.arange(3).sum().get() == 3


BY_VALUE = {"getitem-3x5-mask", "getitem-3x5-row-mask", "getitem-3x5-list"}
"""Cases that wait or copy as they must: how many a mask picks is known only there, and a list comes from the host."""


def moved(function, device):
    """A case's function with the NumPy arrays that it uses moved to the device."""
    if getattr(function, "__module__", "") != cases.__name__:
        return function
    names = {name: to_device(device, value) for name, value in function.__globals__.items()}
    defaults = tuple(to_device(device, value) for value in function.__defaults__ or ())
    twin = FunctionType(function.__code__, names, function.__name__, defaults, function.__closure__)
    twin.__kwdefaults__ = {name: to_device(device, value) for name, value in (function.__kwdefaults__ or {}).items()}
    return twin


def near(device, got, expected):
    """`got`, on the device, is `expected` but for rounding, with its shape and dtype."""
    assert type(got) is device.kind and got.dtype == expected.dtype and got.shape == expected.shape
    if expected.size:
        room = 100 * np.finfo(expected.dtype).eps * max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(got.get(), expected, rtol=0, atol=room)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.id)
def test_values_and_gradients(case, dtype, device):
    here = [am.parameter(a.astype(dtype)) for a in case.arrays]
    there = [am.parameter(device.xp.asarray(a.astype(dtype))) for a in case.arrays]
    expected = case.f(*here)
    seed = np.linspace(0.5, 1.5, expected.size, dtype=expected.dtype).reshape(expected.shape)
    expected.backward(seed)
    function, on_device = moved(case.f, device), device.xp.asarray(seed)
    with device.listening() as heard:
        value = function(*there)
        value.backward(on_device)
    assert bool(heard) == (case.id in BY_VALUE), heard
    near(device, value.data, np.asarray(expected.data))
    for x, y in zip(here, there, strict=True):
        near(device, y.grad, np.asarray(x.grad))


def test_the_cases_that_wait_are_there():
    assert {case.id for case in cases.CASES} >= BY_VALUE


UNASKED = {
    "float": lambda x, xp: float(x[0]),
    "bool": lambda x, xp: bool(x[0] > 0),
    "int": lambda x, xp: int(x[0]),
    "item": lambda x, xp: x[0].item(),
    "tolist": lambda x, xp: x.tolist(),
    "format": lambda x, xp: f"{x[0]:.1f}",
    "get": lambda x, xp: x.get(),
    "asnumpy": lambda x, xp: xp.asnumpy(x),
    "to_host": lambda x, xp: am.to_host(x),
    "mask": lambda x, xp: x[x > 0],
    "set by a mask": lambda x, xp: x.__setitem__(x > 0, 1.0),
    "list": lambda x, xp: x[[0, 1]],
    "array": lambda x, xp: xp.array([1.0, 2.0]),
    "asarray": lambda x, xp: xp.asarray(np.ones(2)),
    "tensor.item": lambda x, xp: am.tensor(x).sum().item(),
    "tensor.numpy": lambda x, xp: am.tensor(x).numpy(),
}


@pytest.mark.parametrize("what", UNASKED)
def test_the_witness_hears(what, device):
    """What waits or copies is heard; what does not is not."""
    x = device.xp.arange(3) + 1.0
    with device.listening() as heard:
        y = x + x
        assert heard == []
        UNASKED[what](y, device.xp)
        assert heard


def test_a_busy_device_is_told_from_an_idle_one(device):
    x = device.xp.arange(3) + 1.0
    float(x.get()[0])  # what is compiled is compiled now
    device.keep_busy(0.5)
    x = x * 2
    assert device.is_busy()
    x.get()
    assert not device.is_busy()


def test_gradcheck(device):
    assert am.gradcheck(lambda x: (x * x).exp(), device.xp.array([0.3, -0.4])) < 1e-6


def test_loss_and_grad(device):
    """Plain arrays of the device in, the same out; the loss is not fetched."""
    rng = np.random.default_rng(3)
    params = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3), "unused": np.ones(2)}
    X, y = rng.normal(size=(8, 4)), rng.integers(0, 3, 8)

    def loss_fn(p, X, y):
        return am.softmax_cross_entropy(am.linear(X, p["W"], p["b"]), y)

    expected_loss, expected = am.loss_and_grad(loss_fn, params, X, y)
    there = {name: device.xp.asarray(a) for name, a in params.items()}
    on_device = device.xp.asarray(X), device.xp.asarray(y)
    with device.listening() as heard:
        loss, grads = am.loss_and_grad(loss_fn, there, *on_device)
        assert heard == []
    near(device, loss, np.asarray(expected_loss))
    for name, g in grads.items():
        near(device, g, expected[name])


@pytest.mark.parametrize("draw", ["kaiming_normal", "xavier_normal"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_first_weights_are_those_of_numpy(draw, dtype, device):
    """Drawn on the host, then moved: the same seed gives the same run, bit for bit, wherever it runs."""
    here = getattr(am, draw)(np.random.default_rng(1), (5, 3), dtype)
    there = getattr(am, draw)(np.random.default_rng(1), (5, 3), dtype, xp=device.xp)
    assert type(there) is device.kind and there.dtype == here.dtype and np.array_equal(there.get(), here)


def test_the_module_of_an_array_and_the_way_back(device, monkeypatch):
    device.as_cupy(monkeypatch)
    x = device.xp.arange(3)
    assert am.get_xp("auto") is device.xp and am.get_xp("cupy") is device.xp and am.get_xp("numpy") is np
    assert am.xp_of(x) is device.xp
    back = am.to_host(x)
    assert type(back) is np.ndarray and back.tolist() == [0, 1, 2]


def test_labels_out_of_range_wrap_around(device):
    """As `softmax_cross_entropy` says: not checked on a device, as that would wait. NumPy's are."""
    logits = np.random.default_rng(0).normal(size=(3, 4))
    wrong, taken = np.array([4, -1, 2]), np.array([0, 3, 2])
    with pytest.raises(ValueError, match="labels -1 to 4"):
        am.softmax_cross_entropy(am.tensor(logits), wrong)
    there, labels = am.parameter(device.xp.asarray(logits)), device.xp.asarray(wrong)
    with device.listening() as heard:
        loss = am.softmax_cross_entropy(there, labels)
        loss.backward()
        assert heard == []
    here = am.parameter(logits)
    expected = am.softmax_cross_entropy(here, taken)
    expected.backward()
    near(device, loss.data, np.asarray(expected.data))
    near(device, there.grad, here.grad)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "int64", "uint64"])
def test_labels_of_any_integer_dtype(dtype, device):
    """100 samples of 4 classes: 3 * 100 is more than a byte holds."""
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(100, 4)), rng.integers(0, 4, 100).astype(dtype)
    here, there = am.parameter(logits), am.parameter(device.xp.asarray(logits))
    expected = am.softmax_cross_entropy(here, labels)
    expected.backward()
    loss = am.softmax_cross_entropy(there, device.xp.asarray(labels))
    loss.backward()
    near(device, loss.data, np.asarray(expected.data))
    near(device, there.grad, here.grad)


VIEWS = {"T": lambda y: y.T, "squeeze": lambda y: y.squeeze(), "reshape": lambda y: y.reshape(3), "all": lambda y: y[:]}


@pytest.mark.parametrize("view", VIEWS)
def test_a_write_into_a_view_is_noticed(view, device):
    """NumPy's y.squeeze() is a view of y, CuPy's is y itself where there is nothing to squeeze: written is written."""
    x = am.parameter(device.xp.arange(3) + 1.0)
    y = x * 1.0
    z = (y * y).sum()
    same = VIEWS[view](y)
    keep = (same * 2.0).sum()
    with device.listening():  # to compare waits
        same.data[...] = 7.0
        with pytest.raises(am.SavedArrayError):
            z.backward()
    assert keep.requires_grad


@pytest.mark.parametrize("operands", [lambda x: x + np.ones(3), lambda x: np.maximum(np.ones(3), x)])
def test_arrays_of_two_places_do_not_mix(operands, device):
    with pytest.raises(TypeError):
        operands(device.xp.arange(3))


def test_a_tensor_and_a_host_array_do_not_mix(device):
    with pytest.raises(TypeError):
        am.parameter(device.xp.arange(3) * 1.0) * np.ones(3)
