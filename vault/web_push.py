"""Web push: what a push service is handed (RFC 8291, RFC 8188, RFC 8292).

    body = salt[16] ‖ u32be(4096) ‖ 65 ‖ our point[65] ‖ AES-128-GCM(plain ‖ 02)

One record alone. The key in it is for this one message; the one that signs is the office's.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_RECORD = 4096
# Its one record holds a header, a tag and the mark of the last record besides.
LONGEST = _RECORD - 16 - 1


def point_of(key: EllipticCurvePublicKey) -> bytes:
    """The 65 bytes by which browsers and push services name a key."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sealed(
    plain: bytes, *, to: bytes, auth: bytes, key: EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """*plain* for the browser of the point *to* and the secret *auth*.

    *key* and *salt* (16 bytes) are drawn anew for each message. A point that lies on no
    curve is a ``ValueError``.
    """
    if len(plain) > LONGEST:
        raise ValueError("a notice is short")
    theirs = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), to)
    ours = point_of(key.public_key())
    info = b"WebPush: info\0" + to + ours
    secret = _hkdf(key.exchange(ECDH(), theirs), salt=auth, info=info, length=32)
    cek = _hkdf(secret, salt=salt, info=b"Content-Encoding: aes128gcm\0", length=16)
    nonce = _hkdf(secret, salt=salt, info=b"Content-Encoding: nonce\0", length=12)
    head = salt + _RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(cek).encrypt(nonce, plain + b"\x02", None)


def vapid(key: EllipticCurvePrivateKey, *, audience: str, subject: str, until: int) -> str:
    """The value of ``Authorization``: who sends, to which service, until when (seconds)."""
    said = {"aud": audience, "exp": until, "sub": subject}
    text = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(said)}"
    r, s = decode_dss_signature(key.sign(text.encode(), ECDSA(SHA256())))
    token = f"{text}.{b64(r.to_bytes(32) + s.to_bytes(32))}"
    return f"vapid t={token}, k={b64(point_of(key.public_key()))}"


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(said: Mapping[str, object]) -> str:
    return b64(json.dumps(said, separators=(",", ":")).encode())


def _hkdf(material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
