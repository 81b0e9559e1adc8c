"""Where the file of an export lies while it can be taken: sealed, under a key in its own row.

    <store>/<export>.<attempt>

Whole and durable before the row says so. It is in no backup: a lost one is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from secrets import token_bytes
from uuid import UUID

from django.conf import settings

from attest.errors import KeyGone
from attest.values import month_of
from audit.models import Export
from vault.sealed import Box, KeyName, seal
from vault.sealed.pieces import read_pieces, write_file

_TABLE, _FIELD = "audit_export", "file_key"


def path_of(export: Export) -> Path:
    return Path(settings.EXPORT_STORE) / f"{export.uid.hex}.{export.attempt}"


def keep_file(export: Export, chunks: Iterable[bytes]) -> bytes:
    """Seal *chunks* into the place of *export*; the sealed key for its row."""
    path = path_of(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = token_bytes(32)
    write_file(path, chunks, key=key, name=export.uid.bytes)
    owner = KeyName(export.auditor.ref, month_of(export.requested_at), "id")
    return seal(key, key=owner, table=_TABLE, row=export.uid, field=_FIELD)


def kept_file(export: Export) -> Iterator[bytes]:
    """The file, piece by piece. The diary was written when it was asked for."""
    key = Box(_TABLE, export.uid, _FIELD, bytes(export.file_key)).open()
    try:
        sealed = path_of(export).open("rb")
    except FileNotFoundError as gone:
        raise KeyGone("this file is no more") from gone
    with sealed:
        yield from read_pieces(sealed, key=key, name=export.uid.bytes)


def drop_file(export: Export) -> None:
    path_of(export).unlink(missing_ok=True)


def lying() -> Iterator[tuple[UUID, int, Path]]:
    """Every file there is: of which export and attempt, and where."""
    folder = Path(settings.EXPORT_STORE)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir():
            continue
        uid, _, attempt = path.name.partition(".")
        yield UUID(hex=uid), int(attempt), path
