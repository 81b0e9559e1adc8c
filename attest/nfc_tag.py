"""A tag that makes its own address each time it is touched (NTAG 424 DNA, SUN; evidence.md §2.4).

    address   /t#e=<16 bytes, hex>&c=<8 bytes, hex>
    e         AES-128-CBC, zero IV, meta key:  C7 ‖ UID (7) ‖ counter (3, little-endian) ‖ 5 random
    SV2       3C C3 00 01 00 80 ‖ UID ‖ counter
    c         bytes 1, 3 … 15 of CMAC(CMAC(file key, SV2), "")

Counting is the server's: a counter that does not rise was heard before.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from .errors import SiteCodeRefused

_ADDRESS = re.compile(r"e=([0-9A-Fa-f]{32})&c=([0-9A-Fa-f]{16})")
_TAG = 0xC7
_SV2 = bytes.fromhex("3CC300010080")
_UID, _COUNTER = slice(1, 8), slice(8, 11)


@dataclass(frozen=True, slots=True)
class TagKeys:
    """The two keys of one batch of tags, 16 bytes each."""

    meta: bytes = field(repr=False)
    file: bytes = field(repr=False)

    @property
    def both(self) -> tuple[bytes, bytes]:
        return self.meta, self.file


@dataclass(frozen=True, slots=True)
class Tapped:
    """What a tag said of itself. Whether it is fresh, its counter tells."""

    uid: bytes = field(repr=False)
    counter: int


def is_tag(text: str) -> bool:
    """Whether *text* looks like the address of a tag, what stands behind its ``#``."""
    return _ADDRESS.fullmatch(text) is not None


def read(text: str, *, keys: TagKeys) -> Tapped:
    """The tag that made *text*; ``site-code.wrong`` where it is none of this batch."""
    said = _ADDRESS.fullmatch(text)
    if said is None:
        raise SiteCodeRefused("unread")
    decryptor = Cipher(AES(keys.meta), CBC(bytes(16))).decryptor()
    plain = decryptor.update(bytes.fromhex(said[1])) + decryptor.finalize()
    uid, counter = plain[_UID], plain[_COUNTER]
    fresh = hmac.compare_digest(_mac(uid, counter, key=keys.file), bytes.fromhex(said[2]))
    if not fresh or plain[0] != _TAG:
        raise SiteCodeRefused("wrong")
    return Tapped(uid, int.from_bytes(counter, "little"))


def _mac(uid: bytes, counter: bytes, *, key: bytes) -> bytes:
    return _cmac(_cmac(key, _SV2 + uid + counter), b"")[1::2]


def _cmac(key: bytes, said: bytes) -> bytes:
    mac = CMAC(AES(key))
    mac.update(said)
    return mac.finalize()
