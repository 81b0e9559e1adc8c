from __future__ import annotations

import math
import struct
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from attest import cbor
from attest.documents import read_keyset, read_status
from attest.errors import TokenRefused
from attest.token import inspect_text, open_text, open_token

from .token_vectors import HOST, NOW, OPENING, ROOT, opener

LEAVES = some.integers(-(2**64), 2**64 - 1) | some.binary() | some.text() | some.floats()
STRANGERS = some.booleans() | some.none() | some.integers() | some.dates()
KEYS = some.integers(-70_000, 70_000)
STRANGE_KEYS = KEYS | some.text(max_size=2) | some.binary(max_size=2)


def trees(leaves: Any, keys: Any) -> some.SearchStrategy[Any]:
    return some.recursive(
        leaves,
        lambda item: some.lists(item, max_size=20) | some.dictionaries(keys, item, max_size=20),
        max_leaves=24,
    )


ITEMS = trees(LEAVES, KEYS)
ANYTHING = ITEMS | trees(LEAVES | STRANGERS, STRANGE_KEYS)


def reads(data: bytes) -> bool:
    try:
        cbor.read(data, at="claims")
    except TokenRefused:
        return False
    return True


def lawful(item: Any, depth: int = 4) -> bool:
    """Whether a token could hold *item*: token.md §7, said a second time."""
    if isinstance(item, list | dict):
        fits = len(item) <= 16 and (not item or depth > 0)
        parts = item if isinstance(item, list) else [*item, *item.values()]
        keys = isinstance(item, list) or all(type(key) is int for key in item)
        return fits and keys and all(lawful(part, depth - 1) for part in parts)
    if type(item) is float:
        return math.isnan(item) or item == struct.unpack("f", struct.pack("f", narrow(item)))[0]
    return type(item) in {bytes, str} or (type(item) is int and -(2**64) <= item < 2**64)


def narrow(number: float) -> float:
    """*number*, or what is not equal to it where binary32 ends before it."""
    return number if math.isinf(number) or abs(number) <= 3.4028234663852886e38 else 0.0


@given(ANYTHING)
def test_what_is_lawful_is_read_in_its_one_spelling(item: Any) -> None:
    plain, canonical = (cbor2.dumps(item, canonical=order) for order in (False, True))

    assert reads(canonical) == lawful(item)
    assert reads(plain) == (lawful(item) and plain == canonical)


@given(ITEMS)
def test_what_is_read_is_what_was_written(item: Any) -> None:
    data = cbor.write(item)
    if reads(data):
        # By its bytes: a NaN equals nothing, not even itself.
        assert cbor.write(cbor.read(data, at="claims")) == data
        assert repr(cbor.read(data, at="claims")) == repr(cbor2.loads(data))


@given(some.binary(max_size=64))
def test_noise_that_reads_has_one_spelling(noise: bytes) -> None:
    if reads(noise):
        assert cbor2.dumps(cbor2.loads(noise), canonical=True) == noise


@pytest.mark.parametrize(
    "spelling",
    [
        *("", "1801", "190001", "1b0000000000000001", "5801ff", "42ff", "9f01ff", "5f41aaff"),
        *("f4", "f6", "f7", "f0", "fb3ff0000000000000", "fa3f800000", "c001", "d81c01", "1c"),
        *("a2010101 02".replace(" ", ""), "a2020101 02".replace(" ", ""), "a1616101", "a1410101"),
        *("a1f90000 01".replace(" ", ""), "0101", "61ff", "91" + "00" * 17, "81" * 5 + "8100"),
        *("a1a001", "a18001", "9bffffffffffffffff", "5bffffffffffffffff", "ff"),
    ],
)
def test_another_spelling_is_malformed(spelling: str) -> None:
    assert not reads(bytes.fromhex(spelling))


@pytest.mark.parametrize("size", [0, 23, 24, 255, 256, 65_535, 65_536])
def test_a_byte_string_has_the_shortest_head(size: int) -> None:
    assert cbor.bstr(bytes(size)) == cbor2.dumps(bytes(size))


NESTS = {
    "arrays": b"\x81" * 1_000_000,
    "maps": b"\xa1\x01" * 500_000,
    "wide": (b"\x90" * 4 + b"\x00" * 16) * 50_000,
    "tags": b"\xd2" * 1_000_000,
    "signed": b"\xd2\x84" + b"\x81" * 1_000_000,
}


def cost(work: Callable[[], object]) -> tuple[int, int]:
    """Calls that *work* makes, and the most memory it holds at once, in bytes."""
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    tracemalloc.start()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return calls, peak


def read_everywhere(data: bytes) -> None:
    assert not reads(data)
    for read in (
        lambda: open_token(data, opener=opener(), now=NOW),
        lambda: read_keyset(data, root=ROOT, host=HOST, now=NOW),
        lambda: read_status(data, keyset=OPENING.verify, host=HOST, now=NOW),
    ):
        with pytest.raises(TokenRefused):
            read()


@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS.keys())
def test_a_megabyte_of_nests_costs_next_to_nothing(nest: bytes) -> None:
    small, large = cost(lambda: read_everywhere(nest[:1000])), cost(lambda: read_everywhere(nest))

    # A thousand times the bytes: no more work, and at most a few copies of what came.
    assert large[0] <= small[0] + 200
    assert large[1] <= small[1] + 4 * len(nest)


def test_what_is_read_takes_work_by_its_length_alone() -> None:
    widest = {0: [[list(range(16))] * 16] * 16}
    data = cbor.write(widest)
    assert reads(data)

    calls, peak = cost(lambda: cbor.read(data, at="claims"))
    assert calls < 8 * len(data)
    assert peak < 100 * len(data)


@pytest.mark.parametrize("size", [1_025, 10_000_000])
def test_a_text_of_any_length_is_refused_before_it_is_looked_at(size: int) -> None:
    text = "1" * size

    def judged() -> None:
        for look in (partial(open_text, opener=opener(), now=NOW), inspect_text):
            with pytest.raises(TokenRefused, match="malformed"):
                look(text)

    assert cost(judged)[1] < 1_000_000
