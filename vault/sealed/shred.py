"""The shred store: one file a data key. Destroy the file, and what it sealed is gone.

    <store>/<subject>/<month>.<group>      60 bytes: nonce[12] ‖ AES-256-GCM(field-kek, key[32])

It lies beside the keys, outside the database and its backups. *subject* is a person's
``ref`` or ``org-…``; *month* is ``2026-11``, or ``-`` for what stands as long as the
person does; *group* is ``id``, ``loc`` or ``biz``.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes, token_hex
from threading import Lock
from time import monotonic
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from attest.errors import KeyGone, KeysUnusable, SealBroken
from vault import keyring
from vault.keyring import file
from vault.keyring.file import settle

_SHAPE = re.compile(r"([a-z0-9-]{2,40})/(-|[0-9]{4}-[0-9]{2})/(id|loc|biz)", re.ASCII)
_CACHE_S, _CACHE_SIZE = 300, 1000


@dataclass(frozen=True, slots=True)
class KeyName:
    """Which data key: of whom, of which month, for which group."""

    subject: str
    month: str
    group: str

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(str(self)):
            raise ValueError("not the name of a data key")

    def __str__(self) -> str:
        return f"{self.subject}/{self.month}/{self.group}"

    @classmethod
    def read(cls, text: str) -> Self:
        if not (match := _SHAPE.fullmatch(text)):
            raise SealBroken("not the name of a data key")
        return cls(*match.groups())


# Which file it was read from, too: a key that was destroyed here or by another server is
# forgotten at once, and so is one that was made again under the same name.
_known: dict[str, tuple[float, file.Version, bytes]] = {}
_guard = Lock()


def forget() -> None:
    with _guard:
        _known.clear()


def made(name: KeyName) -> bytes:
    """The data key *name*, made now if there is none. Of two makers one wins."""
    try:
        return existing(name)
    except KeyGone:
        _make(_path(name), _wrap(name, token_bytes(32)))
        return existing(name)


def existing(name: KeyName) -> bytes:
    """The data key *name*; refused with ``KeyGone`` if it was never made or is destroyed."""
    # As text: every touch asks, and a path costs more than the question.
    place = f"{settings.SHRED_STORE}/{name.subject}/{name.month}.{name.group}"
    version = file.version(place)
    with _guard:
        at, read, key = _known.get(place, (0.0, version, b""))
    if key and read == version and monotonic() - at < _CACHE_S:
        return key
    key = _unwrap(name, _read(_path(name)))
    with _guard:
        if len(_known) >= _CACHE_SIZE:
            _known.clear()
        _known[place] = (monotonic(), version, key)
    return key


def destroy(name: KeyName) -> None:
    """The data key *name* is no more, nor any draft of it. Safe to repeat, and to be killed in.

    It is moved away first: who seals meanwhile makes a new key, and never reads half of this
    one. The caller sees to it that nobody seals under it at this very moment.
    """
    path = _path(name)
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.{token_hex(8)}.gone"))
    for left in path.parent.glob(f"{path.name}.*"):
        _overwrite(left)
        left.unlink()
    if path.parent.is_dir():
        settle(path.parent)
    if path.exists():
        raise KeysUnusable("a data key came back while it was destroyed")


def _overwrite(path: Path) -> None:
    """Whatever the disk makes of it: what was written here is written over."""
    with path.open("r+b") as out:
        out.write(bytes(path.stat().st_size))
        out.flush()
        os.fsync(out.fileno())


def _path(name: KeyName) -> Path:
    return Path(settings.SHRED_STORE) / name.subject / f"{name.month}.{name.group}"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as gone:
        raise KeyGone("this data key is no more") from gone


def _wrap(name: KeyName, key: bytes) -> bytes:
    nonce = token_bytes(12)
    return nonce + AESGCM(keyring.field_kek()).encrypt(nonce, key, str(name).encode())


def _unwrap(name: KeyName, wrapped: bytes) -> bytes:
    try:
        return AESGCM(keyring.field_kek()).decrypt(wrapped[:12], wrapped[12:], str(name).encode())
    except (InvalidTag, ValueError) as wrong:
        raise SealBroken("a data key does not belong where it lies") from wrong


def _make(path: Path, content: bytes) -> None:
    _folder(path.parent)
    draft = path.with_name(f"{path.name}.{token_hex(8)}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        # A link, not a rename: it fails where another maker was first.
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
        settle(path.parent)


def _folder(folder: Path) -> None:
    """A person's folder, durable, and like the store above it open to its owner alone."""
    if folder.is_dir():
        return
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    settle(folder.parent)
