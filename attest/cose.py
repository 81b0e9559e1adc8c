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

_SIGN1, _NO_HEADERS = b"\xd2\x84", b"\xa0"
_ENCRYPT0, _EK = b"\x83", b"\xa1\x23"
_WIDTHS = {24: 1, 25: 2, 26: 4}  # bytes of a size that does not fit its head


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
    protected, payload, signature = map(bstr, said)
    return _SIGN1 + protected + _NO_HEADERS + payload + signature


def write_encrypt0(said: Encrypt0) -> bytes:
    protected, ek, ciphertext = map(bstr, said)
    return _ENCRYPT0 + protected + _EK + ek + ciphertext


# Both layers have one shape, so they are cut at their byte strings and written again:
# any other shape, order, head or surplus gives other bytes than those that came.


def read_sign1(message: bytes, *, at: str) -> Sign1:
    protected, here = _cut(message, len(_SIGN1))
    payload, here = _cut(message, here + len(_NO_HEADERS))
    signature, _ = _cut(message, here)
    said = Sign1(protected, payload, signature)
    if write_sign1(said) != message:
        raise TokenRefused("malformed", at=at)
    return said


def read_encrypt0(message: bytes) -> Encrypt0:
    protected, here = _cut(message, len(_ENCRYPT0))
    ek, here = _cut(message, here + len(_EK))
    ciphertext, _ = _cut(message, here)
    said = Encrypt0(protected, ek, ciphertext)
    if write_encrypt0(said) != message or not _is_ek(ek):
        raise TokenRefused("malformed", at="outer")
    return said


def _is_ek(ek: bytes) -> bool:
    # 04: an uncompressed point. A compressed one would be a second spelling.
    return len(ek) == 32 or (len(ek) == 65 and ek[0] == 4)


def _cut(message: bytes, here: int) -> tuple[bytes, int]:
    """The byte string whose head is at *here*, and where it ends; empty if none is."""
    size, start = 0, here + 1
    if here < len(message):
        low = message[here] & 31
        width = _WIDTHS.get(low, 0)
        size = int.from_bytes(message[start : start + width], "big") if width else low
        start += width
    return message[start : start + size], start + size
