"""The two COSE layers (RFC 9052), byte by byte as token.md §3 draws them.

    Encrypt0  83 · bstr { 1: alg, 4: kid } · { -4: ek } · bstr ciphertext
    Sign1     d2 84 · bstr { 1: alg, 4: kid } · {} · bstr payload · bstr signature

Headers hold exactly these labels. Bytes only: who may sign what is in ``keys``.
"""

from __future__ import annotations

from typing import NamedTuple

from . import cbor
from .cbor import bstr
from .errors import TokenRefused

_TAG_18 = b"\xd2"
_EK = -4
_EK_SIZES = {65, 32}  # an uncompressed P-256 point, an X25519 point


class Encrypt0(NamedTuple):
    protected: bytes
    ek: bytes
    ciphertext: bytes


class Sign1(NamedTuple):
    protected: bytes
    payload: bytes
    signature: bytes


def bound(purpose: str, host: str, kid: bytes) -> bytes:
    """What a layer is tied to without carrying it: token.md §4."""
    return cbor.write(["TripSeal", 1, purpose, host, kid])


def header(alg: int, kid: bytes) -> bytes:
    return cbor.write({1: alg, 4: kid})


def read_header(protected: bytes, *, at: str) -> tuple[int, bytes]:
    said = cbor.read(protected, at=at, depth=1)
    if type(said) is dict and said.keys() == {1, 4}:
        alg, kid = said[1], said[4]
        if type(alg) is int and type(kid) is bytes and len(kid) == 2:
            return alg, kid
    raise TokenRefused("malformed", at=at)


def to_sign(protected: bytes, aad: bytes, payload: bytes) -> bytes:
    return b"\x84\x6aSignature1" + bstr(protected) + bstr(aad) + bstr(payload)


def to_seal(protected: bytes, aad: bytes) -> bytes:
    return b"\x83\x68Encrypt0" + bstr(protected) + bstr(aad)


def write_sign1(said: Sign1) -> bytes:
    body = bstr(said.protected) + b"\xa0" + bstr(said.payload) + bstr(said.signature)
    return _TAG_18 + b"\x84" + body


def write_encrypt0(said: Encrypt0) -> bytes:
    ek = b"\xa1\x23" + bstr(said.ek)
    return b"\x83" + bstr(said.protected) + ek + bstr(said.ciphertext)


def read_sign1(message: bytes, *, at: str) -> Sign1:
    if message[:1] != _TAG_18:
        raise TokenRefused("malformed", at=at)
    said = cbor.read(message[1:], at=at, depth=2)
    if type(said) is list and len(said) == 4:
        protected, unprotected, payload, signature = said
        parts = (protected, payload, signature)
        if unprotected == {} and all(type(part) is bytes for part in parts):
            return Sign1(*parts)
    raise TokenRefused("malformed", at=at)


def read_encrypt0(message: bytes) -> Encrypt0:
    said = cbor.read(message, at="outer", depth=2)
    if type(said) is list and len(said) == 3:
        protected, unprotected, ciphertext = said
        if (
            type(protected) is bytes
            and type(ciphertext) is bytes
            and _has_ek(unprotected)
        ):
            return Encrypt0(protected, unprotected[_EK], ciphertext)
    raise TokenRefused("malformed", at="outer")


def _has_ek(unprotected: object) -> bool:
    if type(unprotected) is not dict or unprotected.keys() != {_EK}:
        return False
    ek = unprotected[_EK]
    if type(ek) is not bytes or len(ek) not in _EK_SIZES:
        return False
    # 04: an uncompressed point. A compressed one would be a second spelling.
    return len(ek) == 32 or ek[0] == 4
