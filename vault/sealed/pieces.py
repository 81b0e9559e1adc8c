"""A file too large to be sealed at once: piece by piece, each in its place, the last one marked.

    prefix[7] ‖ AES-256-GCM of 1 MiB ‖ … ‖ AES-256-GCM of the rest

Nonce of a piece: prefix ‖ number (u32) ‖ 01 for the last, else 00. A piece that was altered,
moved, taken from another file or cut off at the end does not open. Each file has a key of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from secrets import token_bytes
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attest.errors import SealBroken
from vault.keyring.file import settle

PIECE = 1 << 20
_PREFIX, _TAG = 7, 16


def write_pieces(out: IO[bytes], chunks: Iterable[bytes], *, key: bytes, name: bytes) -> None:
    """Seal *chunks* into *out*; it opens as *name* alone. Memory: two pieces."""
    cipher, prefix = AESGCM(key), token_bytes(_PREFIX)
    out.write(prefix)
    number, held = 0, bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > PIECE:
            out.write(cipher.encrypt(_nonce(prefix, number, last=False), bytes(held[:PIECE]), name))
            number += 1
            del held[:PIECE]
    out.write(cipher.encrypt(_nonce(prefix, number, last=True), bytes(held), name))


def write_file(path: Path, chunks: Iterable[bytes], *, key: bytes, name: bytes) -> None:
    """The same into *path*, for its owner alone, durable before it returns."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        write_pieces(out, chunks, key=key, name=name)
        out.flush()
        os.fsync(out.fileno())
    settle(path.parent)


def read_pieces(sealed: IO[bytes], *, key: bytes, name: bytes) -> Iterator[bytes]:
    """The plain pieces; ``SealBroken`` before anything of a wrong one is handed out."""
    cipher, prefix = AESGCM(key), sealed.read(_PREFIX)
    number, piece = 0, sealed.read(PIECE + _TAG)
    while True:
        coming = sealed.read(PIECE + _TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=not coming), piece, name)
        except (InvalidTag, ValueError) as wrong:
            raise SealBroken("this file was sealed elsewhere or altered") from wrong
        if not coming:
            return
        number, piece = number + 1, coming


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
