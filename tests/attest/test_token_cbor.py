from __future__ import annotations

from time import perf_counter
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from attest import cbor
from attest.documents import read_keyset, read_status
from attest.errors import TokenRefused
from attest.token import open_token

from .token_vectors import HOST, NOW, OPENING, ROOT, opener

LEAVES = some.integers(-(2**64), 2**64 - 1) | some.binary() | some.text()
KEYS = some.integers(-70_000, 70_000)
ITEMS = some.recursive(
    LEAVES, lambda item: some.lists(item) | some.dictionaries(KEYS, item), max_leaves=12
)


def reads(data: bytes) -> bool:
    try:
        cbor.read(data, at="claims")
    except TokenRefused:
        return False
    return True


@given(ITEMS)
def test_what_is_read_is_what_was_written(item: Any) -> None:
    data = cbor.write(item)
    if reads(data):
        assert cbor.read(data, at="claims") == item


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


@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS.keys())
def test_a_megabyte_of_nests_costs_next_to_nothing(nest: bytes) -> None:
    begun = perf_counter()
    assert not reads(nest)
    with pytest.raises(TokenRefused):
        open_token(nest, opener=opener(), now=NOW)
    with pytest.raises(TokenRefused):
        read_keyset(nest, root=ROOT, host=HOST, now=NOW)
    with pytest.raises(TokenRefused):
        read_status(nest, keyset=OPENING.verify, host=HOST, now=NOW)
    assert perf_counter() - begun < 1
