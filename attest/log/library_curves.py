"""Ed25519 and ECDSA P-256 by ``cryptography``: raw bytes in, raw bytes or a yes or no out."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from .plain_curves import der_numbers

_P256, _ES256 = ec.SECP256R1(), ec.ECDSA(SHA256())


def check_ed25519(public: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public)


def check_p256(point: bytes) -> None:
    """ValueError unless *point* is ``04 ‖ x ‖ y`` on the curve."""
    if point[:1] != b"\x04":
        raise ValueError("not an uncompressed point")
    ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)


def ed25519_holds(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def ed25519_public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def ed25519_sign(seed: bytes, text: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(text)


def p256_holds(point: bytes, text: bytes, signature: bytes) -> bool:
    """*signature* is strict DER; another encoding of the same numbers does not hold."""
    try:
        # OpenSSL reads the DER once more; what it takes loosely was refused before.
        der_numbers(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)
        key.verify(signature, text, _ES256)
    except (InvalidSignature, ValueError):
        return False
    return True
