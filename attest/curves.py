"""The four algorithms by ``cryptography``'s public calls: raw bytes in and out.

A signature is ``r ‖ s`` or Ed25519's 64 bytes; a public half is what its JWK carries,
for P-256 the uncompressed point ``04 ‖ x ‖ y``.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils, x25519

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_DH = ec.ECDH()
SIGNATURE = 64  # bytes, of either algorithm

_P256 = ec.SECP256R1()
_HALF = P256_ORDER // 2
_ES256 = ec.ECDSA(hashes.SHA256())


def _es256_signer() -> ec.ECDSA:
    try:
        return ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:
        # An older OpenSSL draws its nonce; token.md §3 asks "where the provider can".
        return _ES256


_ES256_SIGNER = _es256_signer()


def is_low_s(signature: bytes) -> bool:
    return int.from_bytes(signature[32:], "big") <= _HALF


def low_s(signature: bytes) -> bytes:
    """The one spelling of two: whoever signs may give either (token.md §3)."""
    if is_low_s(signature):
        return signature
    twin = P256_ORDER - int.from_bytes(signature[32:], "big")
    return signature[:32] + twin.to_bytes(32, "big")


def sign_es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    r, s = utils.decode_dss_signature(key.sign(message, _ES256_SIGNER))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def es256_holds(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> bool:
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    try:
        key.verify(utils.encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        return False
    return True


def ed25519_holds(key: ed25519.Ed25519PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def p256_private(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    """ValueError unless *scalar* lies in 1..n-1."""
    return ec.derive_private_key(int.from_bytes(scalar, "big"), _P256)


def p256_public(point: bytes) -> ec.EllipticCurvePublicKey:
    """ValueError for a point off the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(_P256, point)


def p256_agree(mine: ec.EllipticCurvePrivateKey, theirs: bytes) -> bytes:
    return mine.exchange(P256_DH, p256_public(theirs))


def x25519_agree(mine: x25519.X25519PrivateKey, theirs: bytes) -> bytes:
    """ValueError for a point that would give everybody the same secret."""
    return mine.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))


def p256_point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
