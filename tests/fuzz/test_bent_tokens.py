"""Tokens, messages and claims bent in many ways: nothing opens, nothing worse than a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from attest import cose
from attest.claims import Claims, Location, TripClaims, encode
from attest.errors import TokenRefused
from attest.keys import Lock, Sealer
from attest.token import open_message, open_token, seal
from tests.attest.token_forge import inner, wrapped
from tests.attest.token_vectors import HOST, NOW, VALID, claims_of, named, opener, sealer

from .bending import bent, respelt

MUTATIONS = 20_000
TOKENS = 2_000
OPENER = opener()
HERE = [vector for vector in VALID if vector["host"] == HOST and vector["now"] == NOW]
SEALED = [bytes.fromhex(vector["token_hex"]) for vector in HERE]
SIGNED = [bytes.fromhex(vector["sign1_hex"]) for vector in HERE]


def opened(token: bytes, now: int = NOW) -> Claims | TripClaims | None:
    """What *token* says; None if it is refused. Any other error is an error."""
    try:
        return open_token(token, opener=OPENER, now=now).claims
    except TokenRefused:
        return None


def flipped(data: bytes, bit: int) -> bytes:
    other = bytearray(data)
    other[bit // 8] ^= 1 << bit % 8
    return bytes(other)


def flips(data: bytes) -> Iterator[tuple[int, bytes]]:
    """*data* with each of its bits flipped alone."""
    return ((bit, flipped(data, bit)) for bit in range(8 * len(data)))


def lock_of(vector: dict[str, Any]) -> Lock:
    (lock,) = [one for one in OPENER.locks.values() if one.key.kid.hex() == vector["to"]]
    return lock


def sealer_of(vector: dict[str, Any]) -> Sealer:
    return sealer(vector["signer"], vector["to"])


def tokens(dice: Random, count: int = TOKENS) -> Iterator[tuple[bytes, Claims]]:
    """Many tokens of both profiles, no two alike."""
    sealers = [sealer(), sealer("4302", "4f02")]
    for turn in range(count):
        spot = Location.near(
            dice.uniform(-90, 90), dice.uniform(-180, 180), dice.randint(0, 70_000)
        )
        claims = Claims(
            sub=f"E{dice.randrange(10 ** dice.randint(1, 18))}",
            iat=NOW - dice.randrange(700_000),
            cti=dice.randbytes(8),
            trip=f"BT26-{turn:06}",
            kind=dice.randint(1, 3),
            device=dice.randbytes(12),
            location=dice.choice([None, spot]),
            flags=dice.randrange(16),
        )
        yield seal(claims, sealer=dice.choice(sealers), seed=dice.randbytes(32)), claims


@pytest.mark.parametrize("vector", HERE, ids=named)
def test_no_vector_opens_with_any_one_bit_flipped(vector: dict[str, Any]) -> None:
    token = bytes.fromhex(vector["token_hex"])
    assert opened(token) is not None
    assert [bit for bit, other in flips(token) if opened(other)] == []


@pytest.mark.parametrize("vector", HERE, ids=named)
def test_no_message_of_a_vector_opens_with_any_one_bit_flipped(vector: dict[str, Any]) -> None:
    # As though somebody could change what is encrypted.
    sign1, lock = bytes.fromhex(vector["sign1_hex"]), lock_of(vector)
    for _, other in flips(sign1):
        with pytest.raises(TokenRefused):
            open_message(other, opener=OPENER, lock=lock, now=NOW)


def test_no_token_of_thousands_opens_with_a_bit_flipped() -> None:
    # Twelve bits of each, drawn anew: together ten times as many as a token has. All bits of
    # all of them are flipped by `make fuzz`.
    dice = Random(1)
    for token, claims in tokens(dice):
        assert opened(token) == claims
        for bit in dice.sample(range(8 * len(token)), 12):
            assert opened(flipped(token, bit)) is None, (token.hex(), bit)


def test_no_token_of_thousands_opens_from_any_beginning_or_any_end_of_it() -> None:
    for token, _ in tokens(Random(2)):
        for cut in range(1, len(token)):
            assert opened(token[:cut]) is None, (token.hex(), cut)
            assert opened(token[cut:]) is None, (token.hex(), cut)


def test_no_token_of_thousands_opens_made_longer() -> None:
    dice = Random(7)
    for token, _ in tokens(dice):
        cut, more = dice.randrange(1, len(token)), dice.randbytes(dice.randint(1, 40))
        for other in (token + more, more + token, token + token[:cut], token + b"\0", token * 2):
            assert opened(other) is None, other.hex()


def test_no_token_of_thousands_opens_in_another_spelling() -> None:
    for token, _ in tokens(Random(3)):
        spellings = list(respelt(token))
        assert len(spellings) > 10
        for other in spellings:
            assert opened(other) is None, other.hex()


@pytest.mark.parametrize("vector", HERE, ids=named)
def test_no_message_opens_in_another_spelling(vector: dict[str, Any]) -> None:
    sign1, seals = bytes.fromhex(vector["sign1_hex"]), sealer_of(vector)
    assert opened(wrapped(sign1, seals)) == claims_of(vector["seal"])

    for other in respelt(sign1[1:]):
        assert opened(wrapped(sign1[:1] + other, seals)) is None, other.hex()
    assert opened(wrapped(sign1[1:], seals)) is None


@pytest.mark.parametrize("vector", HERE, ids=named)
def test_the_rightful_signer_can_spell_no_claims_in_another_way(vector: dict[str, Any]) -> None:
    payload, seals = bytes.fromhex(vector["claims_hex"]), sealer_of(vector)
    assert opened(inner(payload, seals)) == claims_of(vector["seal"])

    for other in respelt(payload):
        assert opened(inner(other, seals)) is None, other.hex()


def test_no_bent_token_opens() -> None:
    dice = Random(4)
    for _ in range(MUTATIONS):
        token = bent(dice.choice(SEALED), dice, SEALED)
        assert opened(token) is None or token in SEALED, token.hex()


def test_no_bent_message_opens_though_sealed_to_us() -> None:
    dice = Random(5)
    for _ in range(MUTATIONS):
        vector = dice.choice(HERE)
        sign1 = bent(bytes.fromhex(vector["sign1_hex"]), dice, SIGNED)
        assert opened(wrapped(sign1, sealer_of(vector))) is None or sign1 in SIGNED, sign1.hex()


def test_bent_claims_signed_by_the_rightful_key_have_one_spelling_or_none() -> None:
    dice = Random(6)
    written = [bytes.fromhex(vector["claims_hex"]) for vector in HERE]
    for _ in range(MUTATIONS):
        vector = dice.choice(HERE)
        payload = bent(bytes.fromhex(vector["claims_hex"]), dice, written)
        said = opened(inner(payload, sealer_of(vector)))
        # Where it opens, it says something else, and says it as sealing would have.
        assert said is None or encode(said) == payload, payload.hex()


def test_a_signature_stands_for_its_own_signer_and_recipient_alone() -> None:
    for vector in HERE:
        said = cose.read_sign1(bytes.fromhex(vector["sign1_hex"]), at="inner")
        for by in map(sealer_of, HERE):
            other = cose.write_sign1(said._replace(protected=by.signer.header))
            meant = by.signer.header == said.protected and by.to.kid.hex() == vector["to"]
            assert (opened(wrapped(other, by)) is not None) == meant
