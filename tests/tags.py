"""A tag in software: what the chip on the wall says when a phone is held to it."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

from attest.nfc_tag import TagKeys


def tapped(keys: TagKeys, chip: bytes, counter: int) -> str:
    """What the chip of a tag answers, made as the maker's note says."""

    def cmac(key: bytes, said: bytes) -> bytes:
        mac = CMAC(AES(key))
        mac.update(said)
        return mac.finalize()

    count = counter.to_bytes(3, "little")
    encryptor = Cipher(AES(keys.meta), CBC(bytes(16))).encryptor()
    e = encryptor.update(b"\xc7" + chip + count + bytes(5)) + encryptor.finalize()
    session = cmac(keys.file, bytes.fromhex("3CC300010080") + chip + count)
    return f"e={e.hex().upper()}&c={cmac(session, b'')[1::2].hex().upper()}"
