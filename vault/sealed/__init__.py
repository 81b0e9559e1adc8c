"""Sealed fields: a column that holds nothing a thief of the database can read.

    01 ‖ len(key name) ‖ key name ‖ nonce[12] ‖ AES-256-GCM ciphertext

Associated data: table, row id, field and key name, each with its length before it, so
that a value moved to another row, field, table or key no longer opens. *row* is the
row's ``uid``, known before it is written.
"""

from __future__ import annotations

import dataclasses
import hmac
from secrets import token_bytes
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attest.errors import SealBroken
from vault import keyring

from . import shred
from .shred import KeyName

__all__ = ["Box", "KeyName", "blind_index", "seal", "seal_opening", "unseal_opening"]

_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """One sealed value and the place it lies in; it opens nowhere else."""

    table: str
    row: UUID
    field: str
    content: bytes = dataclasses.field(repr=False)

    @property
    def key_name(self) -> KeyName:
        name, _ = _split(self.content)
        return name

    def open(self) -> bytes:
        """The plain bytes. For oneself; another's go through ``ledger.services.disclose``."""
        name, sealed = _split(self.content)
        return _open(shred.existing(name), sealed, _place(self.table, self.row, self.field, name))


def seal(plain: bytes, *, key: KeyName, table: str, row: UUID, field: str) -> bytes:
    nonce = token_bytes(12)
    aad = _place(table, row, field, key)
    name = str(key).encode()
    return (
        bytes([_VERSION, len(name)])
        + name
        + nonce
        + AESGCM(shred.made(key)).encrypt(nonce, plain, aad)
    )


def seal_opening(plain: bytes, *, key: KeyName, leaf_hash: bytes) -> tuple[bytes, bytes]:
    """Nonce and ciphertext of a leaf's opening (log.md §7)."""
    nonce = token_bytes(12)
    return nonce, AESGCM(shred.made(key)).encrypt(nonce, plain, leaf_hash + key.group.encode())


def unseal_opening(nonce: bytes, sealed: bytes, *, key: KeyName, leaf_hash: bytes) -> bytes:
    return _open(shred.existing(key), nonce + sealed, leaf_hash + key.group.encode())


def blind_index(purpose: str, value: str) -> bytes:
    """Equal for equal values of one purpose; says nothing to who lacks the key."""
    return hmac.digest(
        keyring.blind_index_key(), purpose.encode() + b"\0" + value.encode(), "sha256"
    )


def _open(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], aad)
    except (InvalidTag, ValueError) as wrong:
        raise SealBroken("this value was sealed elsewhere or altered") from wrong


def _split(content: bytes) -> tuple[KeyName, bytes]:
    if len(content) < 2 or content[0] != _VERSION:
        raise SealBroken("not a sealed value")
    end = 2 + content[1]
    try:
        return KeyName.read(content[2:end].decode("ascii")), content[end:]
    except UnicodeDecodeError as wrong:
        raise SealBroken("not a sealed value") from wrong


def _place(table: str, row: UUID, field: str, key: KeyName) -> bytes:
    parts = (table.encode(), row.bytes, field.encode(), str(key).encode())
    return b"".join(len(part).to_bytes(2) + part for part in parts)
