"""The wire's decoder against bytes that no worker of ours sends: a value or its own error, in bounded room and time."""

import json
import math
import re
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.grade import wire
from course.grade.pack import dumps
from course.grade.wire import ALIGN, DTYPES, HEAD, HEADER_BYTES, INT_BITS, Once, WireError, loads
from tests.fuzz import probing
from tests.fuzz import wire as command
from tests.fuzz.probing import CORPUS, SPLIT, TAGS, frame, framed, same

ROOT = Path(__file__).resolve().parents[2]
FAST = settings(max_examples=300, deadline=None, database=None)
FILES = sorted(path.name for path in CORPUS.iterdir())

HEADER, PAYLOAD, ROOM = 64, 3, 1 << 16
"""Decoding takes at most `ROOM` bytes, `HEADER` times the header and `PAYLOAD` times the buffers."""


@given(st.binary(max_size=300))
@FAST
def test_any_bytes(data):
    probing.probe(data)


SIZES = st.sampled_from([0, 1, 2, 3, 8, 9, 16, -1, -8, 2**31 - 1, 2**31, 2**32, 2**40, 2**63, 2**64, 2**64 + 8])
WORDS = st.sampled_from([*DTYPES, *TAGS, "py", "O", "V8", "M8[s]", "U4", "S8", ">f8", "<f8", "f8,f8", "f16", "e", ""])
LEAVES = st.one_of(st.none(), st.booleans(), SIZES, st.integers(), st.floats(), WORDS, st.text(max_size=5))
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(TAGS), inner, min_size=1, max_size=2)
        | st.tuples(WORDS, SIZES, SIZES).map(lambda part: {"a": list(part)})
        | st.tuples(WORDS, SIZES).map(lambda part: {"l": [*part, 0]})
        | st.lists(SIZES, min_size=3, max_size=5).map(lambda part: {"g": part})
        | st.lists(st.tuples(inner, inner), max_size=3).map(lambda part: {"d": part})
    ),
    max_leaves=12,
)


@given(TREES, st.sampled_from([b"", bytes(8), bytes(16), b"\x01" * 16, b"\xff" * 32, bytes(range(48))]))
@FAST
def test_any_header_over_any_buffers(tree, payload):
    probing.probe(json.dumps(tree).encode() + SPLIT + payload)


def test_an_array_of_nothing_is_refused():
    assert probing.probe(b'{"a":[]}') == "garbage: dtype"


@given(st.sampled_from(FILES), st.sampled_from(FILES), st.randoms(use_true_random=False))
@settings(FAST, max_examples=1500)
def test_mutated_frames(name, other, rng):
    probing.probe(probing.mutated((CORPUS / name).read_bytes(), (CORPUS / other).read_bytes(), rng))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTEGERS = st.integers(-9, 9) | st.sampled_from([s * (2**INT_BITS - 1) for s in (1, -1)]) | st.integers()
ATOMS = st.one_of(st.none(), st.booleans(), INTEGERS, st.floats(), st.complex_numbers(), TEXT, st.binary(max_size=40))
NOT_NAN = st.floats(allow_nan=False)
KEYS = st.recursive(
    st.none() | INTEGERS | NOT_NAN | TEXT | st.binary(max_size=4), lambda k: st.tuples(k, k), max_leaves=3
)
BITS = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda code: st.tuples(st.just(code), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


@st.composite
def arrays(draw):
    """Arrays of any bits whatever: NaN of every payload, infinities, denormals."""
    code, shape = draw(BITS)
    size = math.prod(shape) * DTYPES[code].itemsize
    raw = draw(st.binary(min_size=size, max_size=size))
    raw = bytes(byte & 1 for byte in raw) if code == "b1" else raw
    return np.frombuffer(raw, DTYPES[code]).reshape(shape).copy()


RNGS = st.integers(0, 2**64).map(np.random.default_rng)
HALVES = RNGS.map(lambda rng: [rng, rng.integers(10, size=3, dtype=np.int32)][0])
"""Generators that keep half of their last draw."""
VALUES = st.recursive(
    ATOMS | arrays() | arrays().filter(lambda a: a.size).map(lambda a: a.reshape(-1)[0]) | RNGS | HALVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=12), st.lists(inner, max_size=4).map(tuple), st.dictionaries(KEYS, inner, max_size=5),
        st.sets(KEYS, max_size=5),
        st.lists(st.floats(width=32), min_size=9).map(lambda x: x if x[0] > 0 else list(np.array(x, "f4"))),
    ),
    max_leaves=15,
)  # fmt: skip


@given(VALUES)
@FAST
def test_every_value_that_it_can_carry_comes_back(value):
    data = dumps(value)
    for back in (loads(data), loads(bytearray(data))):
        assert same(back, value)
        probing.check(back)


def test_what_only_goes_to_a_worker_comes_back_there():
    once, stub = loads(
        dumps([Once([1, np.ones(2)]), len], callback=lambda f: 7), callback=lambda number: ("stub", number)
    )
    assert stub == ("stub", 7) and iter(once) is once and same(list(once), [1, np.ones(2)])


def test_a_nan_in_a_buffer_keeps_its_payload():
    bits = np.array([0x7FF0000000000001, 0xFFF8DEADBEEF0001, 0x7FF4000000000000], "u8")
    for value in (bits.view("f8"), [*bits.view("f8"), *np.zeros(9)]):
        assert np.array(loads(dumps(value)))[:3].view("u8").tolist() == bits.tolist()


def test_the_deepest_and_the_widest_that_can_be_sent_come_back():
    deep = 0.5
    for _ in range(wire.LIMITS.depth):
        deep = (deep,)
    assert same(loads(dumps(deep)), deep)
    wide = [None] * (wire.NODES - 1)
    assert loads(dumps(wide)) == wide
    with pytest.raises(WireError, match="many"):
        loads(frame(many("0", 3 * wire.NODES)))


@pytest.mark.parametrize("name", ["good-answer", "good-array", "good-bytes", "good-packed", "good-scalars"])
def test_every_truncation_and_every_extension_is_refused(name):
    good = bytes(framed((CORPUS / name).read_bytes()))
    loads(good)
    for bad in [*(good[:size] for size in range(len(good))), good + b"\0", good + bytes(ALIGN)]:
        with pytest.raises(WireError):
            loads(bad)


WORDS_32 = st.integers(0, 60) | st.integers(0, 2**32 - 1)


@given(st.just(15) | WORDS_32, st.just(3) | WORDS_32)
@FAST
def test_lengths_that_lie_are_refused(length, size):
    good = frame("[1]")
    assert HEAD.unpack_from(good)[::2] == (15, 3)
    if (length, size) != (15, 3):
        with pytest.raises(WireError):
            loads(HEAD.pack(length, 0, size) + bytes(good[HEAD.size :]))


@given(st.text(max_size=6) | WORDS | st.sampled_from(["<i8", "int64", "O8", "V1", "M8", "m8[s]", "c32", "g", "?", "b"]))
@FAST
def test_no_dtype_but_those_of_the_list(code):
    for form in ({"a": [code, 2]}, {"n": code}, {"l": [code, 2, 0]}):
        if code not in DTYPES and not (code == "py" and "l" in form):
            with pytest.raises(WireError):
                loads(frame(json.dumps(form), bytes(32)))


@given(
    st.sampled_from(sorted(DTYPES)), st.lists(SIZES | st.integers(0, 4), max_size=34), st.sampled_from([0, 8, 16, 64])
)
@settings(FAST, max_examples=1000)
def test_a_shape_is_taken_if_its_bytes_are_there_and_never_otherwise(code, shape, size):
    try:
        array = loads(frame(json.dumps({"a": [code, *shape]}), bytes(size)))
    except WireError:
        sound = len(shape) <= 32 and all(0 <= n < 2**31 for n in shape)
        needed = math.prod(shape) * DTYPES[code].itemsize
        assert not sound or (needed != size and needed + -needed % ALIGN != size) or 0 in shape
    else:
        assert array.shape == tuple(shape) and array.dtype == DTYPES[code] and array.nbytes <= size


@pytest.mark.parametrize(
    "shape", ["1.0", "true", "null", '"2"', "[2]", "-1", "2147483648", "1e1", "{}", "1," * 32 + "2"]
)
def test_what_is_no_shape_is_refused(shape):
    with pytest.raises(WireError):
        loads(frame(f'{{"a":["u1",{shape}]}}', bytes(2)))


@pytest.mark.parametrize("text", ['{"t":[1],"s":[2]}', '{"b":0,"t":[]}', '{"x":1,"t":[]}'])
def test_an_object_has_one_entry(text):
    with pytest.raises(WireError):
        loads(frame(text))


def test_a_numpy_scalar_as_a_key_is_a_number():
    assert [type(key) for key in loads(frame('{"s":[{"n":"i8"}]}', bytes(8)))] == [int]


def test_an_entry_written_twice_hides_nothing():
    assert loads(frame('{"t":[1],"t":[2]}')) == (2,)  # as JSON has it: the first is as if it were not there
    for text in ('{"b":16,"b":0}', '[{"b":16},{"b":-16},{"b":16}]'):
        with pytest.raises(WireError):
            loads(frame(text, bytes(16)))  # nor are its bytes anybody's, nor are any read twice


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udfff\\ud800"', '{"d":[["\\ud800",1]]}', '{"s":["a\\udc00"]}'])
def test_halves_of_surrogate_pairs_are_refused(text):
    with pytest.raises(WireError, match="string"):
        loads(frame(text))


def test_integers_have_at_most_so_many_bits():
    for value in (2**INT_BITS - 1, 1 - 2**INT_BITS):
        assert loads(frame(str(value))) == value
    for value in (2**INT_BITS, -(2**INT_BITS), 10**4299, 10**5000 if sys.get_int_max_str_digits() == 0 else 2**9000):
        with pytest.raises(WireError):
            loads(frame(str(value)))


def many(text, times):
    return "[" + ",".join([text] * times) + "]"


DENSE = {
    "lists": (many("[]", 30_000), 0), "tuples": (many('{"t":[]}', 15_000), 0), "dicts": (many('{"d":[]}', 15_000), 0),
    "sets": (many('{"s":[1]}', 15_000), 0), "pairs": (many('{"d":[[1,1]]}', 10_000), 0),
    "refused objects": (many("{}", 30_000), 0), "numbers": (many("0.5", 30_000), 0),
    "integers": (many("9" * 1200, 90), 0), "strings": (many('""', 30_000), 0),
    "a long string": ('"' + "\\u20ac" * 20_000 + '"', 0), "brackets": ("[" * 100_000, 0),
    "too many": (many("0", 700_000), 0), "empty arrays": (many('{"a":["f8",0]}', 9_000), 0),
    "small arrays": (many('{"a":["u1",1]}', 9_000), 9_000 * ALIGN),
    "scalars": (many('{"n":"u1"}', 9_000), 9_000 * ALIGN),
    "an array": ('{"a":["f8",100000]}', 800_000), "an array out of line": ('{"a":["f8",100000]} ', 800_000),
    "truths": ('{"a":["b1",800000]}', 800_000), "a shape that lies": ('{"a":["f8",1099511627776]}', 8),
    "a list that lies": ('{"l":["py",4194304,0]}', 8), "bytes": ('{"b":800000}', 800_000),
}  # fmt: skip


def peak(header, payload):
    return probing.peak(frame(header, bytes(payload)))


@pytest.mark.parametrize("name", DENSE)
def test_memory_is_bounded_by_the_frame(name):
    header, payload = DENSE[name]
    assert peak(header, payload) < ROOM + HEADER * len(header) + PAYLOAD * payload


@pytest.mark.parametrize("code", ["py", "f8", "i8", "f4"])
def test_a_packed_list_takes_at_most_a_dozen_times_its_buffer(code):
    count, size = 100_000, 8 if code == "py" else DTYPES[code].itemsize
    assert peak(f'{{"l":["{code}",{count},0]}}', count * size) < ROOM + 12 * count * size


@pytest.mark.parametrize("code", sorted(set(DTYPES) - {"f4", "f8", "i8"}))
def test_small_numbers_are_not_packed(code):
    """They would take 32 bytes in memory for one or two; no encoder of ours packs them."""
    with pytest.raises(WireError, match="no packed list is of this kind"):
        loads(frame(f'{{"l":["{code}",1,0]}}', bytes(16)))


def test_generators_take_no_more():
    header = many('{"g":[0,1,0,0]}', 3_000)
    assert peak(header, 0) < ROOM + HEADER * len(header)


@pytest.mark.parametrize("space", ["", " "])
def test_a_large_array_can_be_written_wherever_it_lies(space):
    for kind in (bytes, bytearray):  # the one is nobody's to write, and the space puts it out of line
        probing.check(loads(kind(frame('{"a":["f8",100000]}' + space, bytes(800_000)))))


def test_nothing_stays_behind():
    frames = [framed((CORPUS / name).read_bytes()) for name in FILES]

    def held(times):
        tracemalloc.start()
        for _ in range(times):
            for data in frames:
                probing.decode(bytes(data), callback=int)
        current = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return current

    held(2)
    assert held(60) < held(2) + (1 << 15)


def seconds(header, payload=0):
    data = bytes(frame(header, bytes(payload)))
    took = []
    for _ in range(5):
        start = time.process_time()
        probing.decode(data)
        took.append(time.process_time() - start)
    return min(took)


GROWING = {
    "lists": lambda n: many("[[]]", n),
    "pairs": lambda n: many('{"d":[["a",1]]}', n),
    "names": lambda n: '{"d":' + "[" + ",".join(f'["{i}",0]' for i in range(n)) + "]}",
    "integers as keys": lambda n: '{"s":' + f"{list(range(n))}" + "}",
    "one entry again": lambda n: "{" + '"t":[],' * n + '"t":[]}',
    "empty entries": lambda n: '{"t":[' + '{"t":[]},' * n + "0]}",
    "a string": lambda n: '"' + "\\u20ac" * 20 * n + '"',
    "digits": lambda n: many("9" * 1200, n // 5),
    "too many digits": lambda n: "9" * 40 * n,
    "floats": lambda n: many("1.7976931348623157e308", n),
    "long exponents": lambda n: "1e" + "9" * 40 * n,
    "brackets": lambda n: "[" * 30 * n,
    "quotes": lambda n: '"' * 20 * n,
}


@pytest.mark.parametrize("name", GROWING)
def test_time_grows_as_the_frame_does(name):
    small, large = GROWING[name](2_000), GROWING[name](16_000)
    assert seconds(large) < 30 * max(seconds(small), 5e-5)  # eight times the frame; squared it would be 64


COLLIDING = {
    "members": lambda n: '{"s":' + f"{[k * (2**61 - 1) for k in range(n)]}" + "}",
    "keys": lambda n: '{"d":' + f"{[[k * (2**61 - 1), 0] for k in range(n)]}" + "}",
    "one again": lambda n: '{"s":' + f"{[2**61] * n}" + "}",
}


@pytest.mark.parametrize("name", COLLIDING)
def test_time_grows_as_the_frame_does_for_keys_that_collide(name):
    """Multiples of 2**61 - 1 have one hash: a table of them would take minutes for a header of 4 MB."""
    small, large = COLLIDING[name](800), COLLIDING[name](6_400)
    assert seconds(large) < 30 * max(seconds(small), 5e-5)
    assert probing.decode(frame(large, b""))[0] == "garbage: keys that collide"


def test_a_few_keys_of_one_hash_are_nothing():
    assert len(loads(dumps({k + lap * (2**61 - 1) for k in range(-40, 40) for lap in (0, 1)}))) == 160


def test_a_header_is_no_longer_than_its_bound():
    with pytest.raises(WireError, match="lengths"):
        loads(frame(" " * (HEADER_BYTES - 1) + "[]"))


def refusals():
    """Every reason that the decoder has, and what its helper says of a wrong type, from its source."""
    source = Path(wire.__file__).read_text()
    return set(re.findall(r'WireError\("garbage", "([^"]+)"\)', source))


def test_the_corpus_reaches_every_refusal_and_every_kind_of_value():
    outcomes = [probing.probe((CORPUS / name).read_bytes()) for name in FILES]
    raw = [probing.decode(bytes(size))[0] for size in (0, 40)]
    reached = {outcome.removeprefix("garbage: ") for outcome in [*outcomes, *raw]}
    assert refusals() - reached == set() and {"int: ", "key: ", "string: "} - reached == set()
    accepted = {tag for name in FILES if name.startswith(("good", "call")) for tag in TAGS if _holds(name, tag)}
    assert accepted == set(TAGS) == set(wire._READ)
    assert all(
        outcome.startswith("value") for name, outcome in zip(FILES, outcomes, strict=True) if name.startswith("good")
    )


def _holds(name, tag):
    return b'{"%c":' % ord(tag) in (CORPUS / name).read_bytes()


def test_the_command_says_what_it_did(tmp_path):
    told = tmp_path / "results.json"
    words = ["--engine", "plain", "--runs", "3000", "--failures", str(tmp_path / "failures"), "--json", str(told)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.wire", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    results = json.loads(told.read_text())
    assert results["engine"] == "plain" and results["coverage"] is False and results["runs"] == 3000
    assert results["failures"] == [] and results["ok"] and done.returncode == 0
    assert results["outcomes"]["value"] > 50 and results["distinct_outcomes"] > 50


def other_error(self, body, depth):
    raise KeyError(body)


def subclass(self, body, depth):
    return type("Set", (set,), {})()


@pytest.mark.parametrize("wrong", [other_error, subclass])
def test_the_command_finds_a_decoder_that_is_wrong(wrong, monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(wire._READ, "s", wrong)
    failures = tmp_path / "failures"
    assert command.main(["--engine", "plain", "--runs", "3000", "--failures", str(failures)]) == 1
    found = json.loads(capsys.readouterr().out)["failures"]
    assert found and all(Path(failure.split(": ")[0]).exists() for failure in found)
