"""The sealed check-in: claims ↔ signed ↔ encrypted ↔ text.

    claims ─ deterministic CBOR ─→ COSE_Sign1 ─→ COSE_Encrypt0 by HPKE ─→ digits, link
     81 B                          160 B         257 B                    651 characters

Sign first, then encrypt. A refusal is TokenRefused with a code of token.md §8; claims
exist for the caller only after the signature held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from . import cose, digits, hpke
from .claims import (
    Claims,
    Location,
    TripClaims,
    encode,
    read_check_in,
    read_trip,
    trip_digest,
)
from .documents import StatusList
from .errors import TokenRefused
from .keys import SUITES, Kid, Lock, Opener, Sealer, Use, VerifyKey, signed, verified
from .spoken import read_spoken, spoken

__all__ = [
    "Claims",
    "Location",
    "Opened",
    "Sketch",
    "TripClaims",
    "check_members",
    "digits_of",
    "inspect_text",
    "open_message",
    "open_text",
    "open_token",
    "public_of",
    "read_spoken",
    "seal",
    "spoken",
    "text_of",
    "trip_digest",
]

SHORTEST, LONGEST = 150, 320  # bytes of a token
SKEW_S = 60  # how far two clocks may differ

# All that leaves the house about a refusal.
PUBLIC = {
    "not_yet_valid": "date",
    "expired": "date",
    "revoked": "withdrawn",
    "stale_keys": "cannot_judge",
    "stale_status": "cannot_judge",
    "trip_mismatch": "mismatch",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token says, and the two keys it named."""

    purpose: Use
    claims: Claims | TripClaims
    signed_by: Kid
    opened_by: Kid


@dataclass(frozen=True, slots=True)
class Sketch:
    """What anybody can see of a token without a key. No claim is among it."""

    host: str | None
    characters: int
    size: int
    alg: int
    kid: bytes
    ek: bytes
    ciphertext_size: int


def public_of(why: str) -> str:
    return PUBLIC.get(why, "not_valid")


def seal(claims: Claims | TripClaims, *, sealer: Sealer, seed: bytes) -> bytes:
    """The token of *claims*; refused where ``open_token`` would refuse it.

    *seed* is 32 random bytes. Should it ever repeat, other claims still make another
    key, so one nonce cannot seal two messages.
    """
    if len(seed) != 32:
        raise ValueError("a seed is 32 bytes")
    made_for = Use.TRIP if isinstance(claims, TripClaims) else Use.CHECK_IN
    signer, to = sealer.signer, sealer.to
    if made_for is not signer.use:
        raise TokenRefused("malformed", at="claims", kid=signer.kid.hex())
    for key in (signer, to):
        if not key.window.holds(claims.iat):
            raise TokenRefused("key_not_valid", at="time", kid=key.kid.hex())
    sign1 = signed(encode(claims), signer=signer, aad=sealer.sign_aad)
    ikm = sha256(b"TripSeal ikm 1\0" + seed + sign1).digest()
    ek, ciphertext = hpke.seal(SUITES[to.alg], sign1, to=to.public, ikm=ikm, aad=sealer.seal_aad)
    return cose.write_encrypt0(cose.Encrypt0(sealer.protected, ek, ciphertext))


def open_token(
    token: bytes, *, opener: Opener, now: int, status: StatusList | None = None
) -> Opened:
    """What *token* says, if every layer holds. The first failure is the answer."""
    lock, sign1 = laid_open(token, opener=opener)
    return open_message(sign1, opener=opener, lock=lock, now=now, status=status)


def laid_open(token: bytes, *, opener: Opener) -> tuple[Lock, bytes]:
    """Which lock *token* has, and the signed message behind it, which nobody has judged yet."""
    outer = _outer(token)
    lock = opener.locks.get(outer.protected)
    if lock is None:
        _, kid = cose.read_header(outer.protected, at="outer")
        raise TokenRefused("unknown_key", at="outer", kid=kid.hex())
    key = lock.key
    try:
        sign1 = hpke.unseal(
            SUITES[key.alg],
            outer.ciphertext,
            ek=outer.ek,
            agree=key.agree,
            public=key.public,
            aad=lock.seal_aad,
        )
    except ValueError:
        raise TokenRefused("decrypt_failed", at="outer", kid=key.kid.hex()) from None
    return lock, sign1


def open_message(
    sign1: bytes, *, opener: Opener, lock: Lock, now: int, status: StatusList | None = None
) -> Opened:
    """What lay behind the decryption by *lock*: signature, claims, time and status."""
    payload, signer = verified(sign1, keys=opener.signers, aad=lock.sign_aad, at="inner")
    claims = read_trip(payload) if signer.use is Use.TRIP else read_check_in(payload)
    _judge_time(claims, signer=signer, now=now, status=status)
    return Opened(signer.use, claims, signer.kid, lock.key.kid)


def open_text(text: str, *, opener: Opener, now: int, status: StatusList | None = None) -> Opened:
    """``open_token`` for a link of the opener's host, or for its digits alone."""
    token = digits.read(digits.unlink(text, opener.host))
    return open_token(token, opener=opener, now=now, status=status)


def digits_of(token: bytes) -> str:
    return digits.write(token)


def text_of(token: bytes, host: str) -> str:
    """The text of the QR: token.md §6."""
    return digits.link(digits.write(token), host)


def inspect_text(text: str) -> Sketch:
    """*text* from outside, whatever host it names."""
    host = digits.host_in(text)
    token = digits.read(digits.unlink(text, host or ""))
    outer = _outer(token)
    alg, kid = cose.read_header(outer.protected, at="outer")
    return Sketch(host, len(text), len(token), alg, kid, outer.ek, len(outer.ciphertext))


def check_members(claims: TripClaims, pairs: Iterable[tuple[int, bytes]]) -> None:
    """Refuse *pairs*, each (iat, cti), unless the trip token was made for them."""
    members = list(pairs)
    if len(members) != claims.count or trip_digest(members) != claims.digest:
        raise TokenRefused("trip_mismatch", at="members")


def _outer(token: bytes) -> cose.Encrypt0:
    if not SHORTEST <= len(token) <= LONGEST:
        raise TokenRefused("malformed", at="text")
    return cose.read_encrypt0(token)


def _judge_time(
    claims: Claims | TripClaims,
    *,
    signer: VerifyKey,
    now: int,
    status: StatusList | None,
) -> None:
    window, kid = signer.window, signer.kid.hex()
    if not window.holds(claims.iat):
        raise TokenRefused("key_not_valid", at="time", kid=kid)
    if claims.iat > now + SKEW_S:
        raise TokenRefused("not_yet_valid", at="time", kid=kid)
    if now > claims.iat + window.max_age + SKEW_S:
        raise TokenRefused("expired", at="time", kid=kid)
    if status is not None and claims.cti in status:
        raise TokenRefused("revoked", at="status", kid=kid)
