"""The wire: what goes in comes out, exactly; and whatever else comes in is refused in one way."""

import io
import math
import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.grade.limits import Limits
from course.grade.pack import dumps
from course.grade.values import KINDS, simplify
from course.grade.wire import DTYPES, HEAD, WireError, loads

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**200), 2**200), st.floats(), st.complex_numbers(),
    st.text(st.characters(exclude_categories=["Cs"])), st.binary(max_size=100),
)  # fmt: skip
ARRAYS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda code: hnp.arrays(DTYPES[code], hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)
KEYS = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-9, 9), st.tuples(st.integers(0, 9)))
VALUES = st.recursive(
    SCALARS | ARRAYS | ARRAYS.filter(lambda a: a.size > 0).map(lambda a: a.reshape(-1)[0]),
    lambda inner: st.lists(inner, max_size=12) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


def same(a, b):
    """Equal in exact type and in every bit that matters (NaN is NaN)."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b


@given(VALUES)
@settings(max_examples=200, deadline=None, database=None)
def test_what_goes_in_comes_out(value):
    assert same(loads(dumps(value)), value)
    assert same(loads(bytearray(dumps(value))), value)


def test_a_list_of_many_numbers_keeps_their_types():
    for value in ([0.5] * 20, [np.float32(1)] * 20, [np.float64(1)] * 20, [0.5] * 19 + [1]):
        assert same(loads(dumps(value)), value)


def test_layout_is_lost_and_nothing_else():
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (array.T, array[:, ::-1], np.asfortranarray(array), array.astype(">f8")):
        back = loads(dumps(view))
        np.testing.assert_array_equal(back, view)
        assert back.flags.c_contiguous and back.flags.writeable and back.flags.aligned and back.dtype == np.dtype("f8")


def test_a_generator_goes_on_where_it_was():
    rng = np.random.default_rng(7)
    rng.integers(10, size=3, dtype=np.int32)
    back = loads(dumps(rng))
    assert back.integers(10, size=9, dtype=np.int32).tolist() == rng.integers(10, size=9, dtype=np.int32).tolist()
    assert dumps(back) == dumps(rng)


def test_large_arrays_are_views_of_the_frame_and_small_ones_are_not():
    frame = bytearray(dumps([np.ones(10), np.ones(100_000)]))
    small, large = loads(frame)
    raw = np.frombuffer(frame, np.uint8)
    assert np.shares_memory(large, raw) and not np.shares_memory(small, raw)


class Subclass(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Tensor:
    def __init__(self, data):
        self.data, self.grad = data, None


class Batches:
    def __iter__(self):
        yield from (np.full(2, i) for i in range(3))


def reused():
    buffer = np.zeros(2)
    for i in range(3):
        buffer[:] = i
        yield buffer


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Subclass(2), 2.0),
        (Tensor(np.ones(3, "f4")), np.ones(3, "f4")),
        (np.arange(2).view(np.recarray), np.arange(2)),
        (range(3), [0, 1, 2]),
        ((i for i in "ab"), ["a", "b"]),
        (Batches(), [np.full(2, i) for i in range(3)]),
        (reused(), [np.full(2, float(i)) for i in range(3)]),
        ({"a": 1}.items(), [("a", 1)]),
        (bytearray(b"ab"), b"ab"),
        ({np.int64(3): 1}, {3: 1}),
    ],
)
def test_near_data_becomes_data(value, plain):
    assert same(loads(dumps(value, convert=simplify)), plain)


def endless():
    while True:
        yield 1


nested: list = []
nested.append(nested)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (len, "function"), (lambda: 0, "function"), (Subclass, "class"), (math, "module"), (object(), "object"),
        (np.array([None]), "objects"), (np.array(["a"]), "dtype"), (np.datetime64("2026"), "dtype"),
        (np.ma.array([1], mask=[1]), "masked"), (nested, "deep"), (endless(), "many"), (1 << 5000, "int"),
        ("\ud800", "string"), ({frozenset({1}): 1}, "key"), (np.ones(9 << 20), "large"),
        (np.random.Generator(np.random.MT19937()), "generator"), (io.StringIO("lines"), "file"),
    ],
)  # fmt: skip
def test_what_is_not_data_is_named(value, kind):
    with pytest.raises(WireError) as caught:
        dumps(value, convert=simplify, limits=Limits(items=50))
    assert caught.value.kind == kind and kind in KINDS


def test_what_an_object_says_of_itself_as_array_is_not_asked():
    class Liar:
        def __array__(self, *args, **kwargs):
            return np.ones(3)

    with pytest.raises(WireError, match="object"):
        dumps(Liar(), convert=simplify)


def test_callables_cross_only_where_they_are_wanted():
    frame = dumps([len], callback=lambda function: 5)
    assert loads(frame, callback=lambda number: number) == [5]
    with pytest.raises(WireError):
        loads(frame)


def frame(header: str, payload: bytes = b"") -> bytes:
    text = header.encode()
    return HEAD.pack(HEAD.size - 4 + len(text) + len(payload), 0, len(text)) + text + payload


@pytest.mark.parametrize(
    "hostile",
    [
        frame('{"a":["f8",1099511627776]}', bytes(8)),  # a shape that lies
        frame('{"a":["f8",1073741824,1073741824,1073741824]}', bytes(8)),
        frame('{"a":["f8",0,2147483647,2147483647,2147483647]}'),  # nothing, in a shape that overflows
        frame('{"a":["f8",-1]}', bytes(8)),
        frame('{"a":["f8",true]}', bytes(8)),
        frame('{"a":["f8",1.0]}', bytes(8)),
        frame('{"a":["O",1]}', bytes(8)),
        frame('{"a":["f8",' + "1," * 40 + "1]}", bytes(8)),
        frame('{"a":[["f8"],1]}', bytes(8)),
        frame('{"a":["b1",2]}', b"\x01\x02"),  # a truth value of 2
        frame('{"b":9}', bytes(8)),
        frame('{"b":-8}', bytes(8)),
        frame("[]", bytes(16)),  # bytes that nobody asked for
        frame("[" * 200_000),
        frame("[" * 100 + "]" * 100),
        frame("9" * 5000),
        frame('"\\ud800"'),
        frame('{"d":[[{"a":["f8",1]},1]]}', bytes(16)),
        frame('{"d":[[[1],1]]}'),
        frame('{"d":[[1]]}'),
        frame('{"c":[1,2]}'),
        frame('{"x":1}'),
        frame("{}"),
        frame('{"t":[],"s":[]}'),
        frame('{"l":["py",9999999999,0]}'),
        frame('{"l":["f8",true,0]}', bytes(8)),
        frame('{"g":[1,2,3]}'),
        frame('{"g":[1,2,7,0]}'),
        frame('{"g":[-1,2,1,0]}'),
        frame('{"f":0}'),
        frame("b'pickle'"),
        b"",
        bytes(16),
        b"\xff" * 40,
        frame("[]")[:-1],
        frame("[]") + b" ",
        HEAD.pack(0xFFFFFFFF, 0, 0xFFFFFFFF),
    ],
)
def test_hostile_frames_are_refused(hostile):
    with pytest.raises(WireError):
        loads(hostile)
    with pytest.raises(WireError):
        loads(bytearray(hostile))


def test_mutated_and_random_frames_raise_nothing_else_and_memory_stays_flat():
    value = {"w": np.ones((3, 4)), "l": [0.5] * 12, "t": (1, "a", b"b", None), "g": np.random.default_rng(1), "n": 1j}
    good, rng = dumps([value, value]), random.Random(5)
    tracemalloc.start()
    for i in range(15_000):
        bad = bytearray(good) if i % 3 else bytearray(rng.randbytes(rng.randrange(200)))
        for _ in range(rng.randrange(1, 4)):
            if bad:
                bad[rng.randrange(len(bad))] = rng.choice(b'[]{}",:0129-.eE\\ufabcdnt\x00\xff')
        try:
            loads(bad)
        except WireError:
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
