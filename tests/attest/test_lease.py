"""A key on loan unwraps for the desk it was lent to, for its time, and for nobody else."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key

from attest import curves
from attest.errors import RecordMalformed
from attest.keyfile import private_halves
from attest.keys import Kid
from attest.lease import Lent, checked_desk, context_of, wrap

from .token_vectors import HOST, OPENING, text

UNTIL = 1_789_000_000
HALVES = private_halves(text("opening-keys"))
KID = Kid(b"O\x01")
MINE, THEIRS = (ec.derive_private_key(number, ec.SECP256R1()) for number in (7, 11))
DESK = curves.p256_point(MINE.public_key())


def context(desk: bytes = DESK, **other: object) -> bytes:
    said = {"host": HOST, "kid": KID, "until": UNTIL} | other
    return context_of(desk=desk, **said)  # type: ignore[arg-type]  # each as named


def lent() -> Lent:
    public, private = HALVES[KID]
    return wrap(
        private,
        kid=KID,
        public=public,
        desk=DESK,
        context=context(),
        ikm=bytes(range(32)),
        nonce=bytes(12),
    )


def unwrapped(key: Lent, *, desk: ec.EllipticCurvePrivateKey = MINE, said: bytes = b"") -> bytes:
    """What a browser does, in the words of another library."""
    shared = curves.p256_agree(desk, key.ek)
    bound = said or context()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=bound).derive(shared)
    return AESGCM(derived).decrypt(key.nonce, key.sealed, bound)


def test_the_desk_gets_the_very_key_that_opens() -> None:
    key = load_der_private_key(unwrapped(lent()), password=None)

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert curves.p256_point(key.public_key()) == lent().public == OPENING.open[0].public


def test_keys_of_the_default_profile_alone_are_lent() -> None:
    assert sorted(kid.hex() for kid in HALVES) == ["4f01", "4f03"]


def test_another_desk_gets_nothing() -> None:
    with pytest.raises(InvalidTag):
        unwrapped(lent(), desk=THEIRS)


@pytest.mark.parametrize(
    "other", [{"until": UNTIL + 1}, {"kid": b"O\x02"}, {"host": "other.kr"}, {"desk": bytes(65)}]
)
def test_a_lease_told_otherwise_does_not_unwrap(other: dict[str, object]) -> None:
    with pytest.raises(InvalidTag):
        unwrapped(lent(), said=context(**other))  # type: ignore[arg-type]  # each as named


def test_a_bit_of_a_wrapped_key_flipped_is_no_key() -> None:
    key = lent()
    for at in range(len(key.sealed)):
        sealed = bytearray(key.sealed)
        sealed[at] ^= 1
        with pytest.raises(InvalidTag):
            unwrapped(Lent(key.kid, key.public, key.ek, key.nonce, bytes(sealed)))


def test_what_is_printed_of_a_lease_holds_no_key() -> None:
    assert repr(lent().sealed)[2:10] not in repr(lent())


@pytest.mark.parametrize(
    "point", [b"", bytes(65), b"\x04" + bytes(64), DESK[:33], b"\x02" + DESK[1:33]]
)
def test_what_is_no_point_is_no_desk(point: bytes) -> None:
    with pytest.raises(RecordMalformed):
        checked_desk(point)
