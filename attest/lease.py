"""An opening key on loan: wrapped for one desk and for a time (token.md §10).

    context  "TripSeal lease 1" 00 host 00 · kid · until, 8 bytes · point of the desk, 65
    key      HKDF-SHA256 of ECDH(ephemeral, desk), no salt, info = context
    sealed   AES-256-GCM of the PKCS#8 private half, aad = context

Each step is one that a browser does inside WebCrypto: no script ever sees the key.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from . import curves, hpke
from .errors import RecordMalformed
from .keys import Kid


@dataclass(frozen=True, slots=True)
class Lent:
    """One key as the desk gets it; *public* is the point of the key that is lent."""

    kid: Kid
    public: bytes
    ek: bytes
    nonce: bytes
    sealed: bytes = field(repr=False)


def context_of(*, host: str, kid: bytes, until: int, desk: bytes) -> bytes:
    """What the wrapping is tied to: another desk, key or end of time does not unwrap."""
    return b"TripSeal lease 1\0" + host.encode() + b"\0" + kid + until.to_bytes(8, "big") + desk


def checked_desk(point: bytes) -> bytes:
    """*point* as the public half of a desk's key, or ``record.malformed``."""
    try:
        curves.p256_public(point)
    except ValueError as wrong:
        raise RecordMalformed("the key of a desk is a point of P-256") from wrong
    if len(point) != 65:
        raise RecordMalformed("the key of a desk is an uncompressed point")
    return point


def wrap(
    private: bytes,
    *,
    kid: Kid,
    public: bytes,
    desk: bytes,
    context: bytes,
    ikm: bytes,
    nonce: bytes,
) -> Lent:
    """*private* (PKCS#8) for *desk* alone. One *ikm* and *nonce* may wrap one key only."""
    ek, agree = hpke.HPKE_7.derive(ikm)
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(agree(desk))
    return Lent(kid, public, ek, nonce, AESGCM(derived).encrypt(nonce, private, context))
