"""HPKE (RFC 9180), base mode, one message, for the two suites of token.md §1.

``seal`` takes the key material of its ephemeral key as an argument, so the core needs
no dice. Nothing here has an opinion about COSE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

from . import curves

# The public half, and what agrees on a secret with somebody else's public half.
Ephemeral = tuple[bytes, Callable[[bytes], bytes]]


_SHA256 = hashes.SHA256()


def _hmac(key: bytes, message: bytes) -> bytes:
    # The standard library's asks OpenSSL for the algorithm anew at every call; HPKE makes seven.
    mac = HMAC(key, _SHA256)
    mac.update(message)
    return mac.finalize()


def _extract(salt: bytes, suite: bytes, label: bytes, ikm: bytes) -> bytes:
    return _hmac(salt, b"HPKE-v1" + suite + label + ikm)


def _expand(prk: bytes, suite: bytes, label: bytes, content: bytes, size: int) -> bytes:
    """At most one block of SHA-256, which is all that HPKE asks of it here."""
    told = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + content + b"\x01"
    return _hmac(prk, told)[:size]


def _p256(ikm: bytes, suite: bytes) -> Ephemeral:
    mine = curves.p256_private(_scalar(ikm, suite))

    def agree(to: bytes) -> bytes:
        return mine.exchange(curves.P256_DH, _recipient(to))

    return curves.p256_point(mine.public_key()), agree


@lru_cache(maxsize=16)
def _recipient(to: bytes) -> ec.EllipticCurvePublicKey:
    """Recipients are few and stay, and checking that one is on its curve takes time."""
    return curves.p256_public(to)


def _scalar(ikm: bytes, suite: bytes) -> bytes:
    prk = _extract(b"", suite, b"dkp_prk", ikm)
    for turn in range(256):
        scalar = _expand(prk, suite, b"candidate", bytes((turn,)), 32)
        if 0 < int.from_bytes(scalar, "big") < curves.P256_ORDER:
            return scalar
    raise ValueError("no scalar in 256 draws")


def _x25519(ikm: bytes, suite: bytes) -> Ephemeral:
    prk = _extract(b"", suite, b"dkp_prk", ikm)
    scalar = _expand(prk, suite, b"sk", b"", 32)
    mine = x25519.X25519PrivateKey.from_private_bytes(scalar)

    def agree(to: bytes) -> bytes:
        return curves.x25519_agree(mine, to)

    return mine.public_key().public_bytes_raw(), agree


@dataclass(frozen=True, slots=True)
class Suite:
    """DHKEM with HKDF-SHA256, then AES-GCM with a key of *key_size* bytes."""

    kem_id: int
    aead_id: int
    key_size: int
    pair: Callable[[bytes, bytes], Ephemeral] = field(repr=False)
    kem: bytes = field(init=False, repr=False)
    whole: bytes = field(init=False, repr=False)
    # Base mode without info says the same to every message: worked out once.
    context: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kem_id = self.kem_id.to_bytes(2, "big")
        whole = b"HPKE" + kem_id + b"\x00\x01" + self.aead_id.to_bytes(2, "big")
        object.__setattr__(self, "kem", b"KEM" + kem_id)
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "context", self.context_of(b""))

    def context_of(self, info: bytes) -> bytes:
        no_psk = _extract(b"", self.whole, b"psk_id_hash", b"")
        return b"\x00" + no_psk + _extract(b"", self.whole, b"info_hash", info)

    def derive(self, ikm: bytes) -> Ephemeral:
        return self.pair(ikm, self.kem)

    def schedule(self, agreed: bytes, ek: bytes, to: bytes, context: bytes) -> tuple[bytes, bytes]:
        """Key and nonce of the one message *ek* was made for."""
        prk = _extract(b"", self.kem, b"eae_prk", agreed)
        shared = _expand(prk, self.kem, b"shared_secret", ek + to, 32)
        secret = _extract(shared, self.whole, b"secret", b"")
        key = _expand(secret, self.whole, b"key", context, self.key_size)
        return key, _expand(secret, self.whole, b"base_nonce", context, 12)


HPKE_7 = Suite(0x0010, 2, 32, _p256)
HPKE_3 = Suite(0x0020, 1, 16, _x25519)


def seal(
    suite: Suite, plain: bytes, *, to: bytes, ikm: bytes, aad: bytes, info: bytes = b""
) -> tuple[bytes, bytes]:
    """The encapsulated key and the ciphertext. One *ikm* may seal one message only."""
    ek, agree = suite.derive(ikm)
    context = suite.context_of(info) if info else suite.context
    key, nonce = suite.schedule(agree(to), ek, to, context)
    return ek, AESGCM(key).encrypt(nonce, plain, aad)


def unseal(
    suite: Suite,
    sealed: bytes,
    *,
    ek: bytes,
    agree: Callable[[bytes], bytes],
    public: bytes,
    aad: bytes,
    info: bytes = b"",
) -> bytes:
    """The message, or ValueError and no word about why."""
    try:
        context = suite.context_of(info) if info else suite.context
        key, nonce = suite.schedule(agree(ek), ek, public, context)
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except InvalidTag:
        raise ValueError("does not open") from None
