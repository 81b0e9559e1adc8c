"""The file store: sealed pictures and papers, one file each, beside the database.

    <store>/<last two of the row>/<row>.<field>      a sealed value, as a column would hold it

Megabytes in rows would swell every backup, replica and vacuum of the database. Here they lie
on plain disk, and are worth nothing without the data key of the shred store: destroy that, and
every copy of these files, in backups too, is noise.

A file is whole and durable before the row that names it commits. One whose row never came is
harmless; ``remove`` is told of it where the deed failed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from django.conf import settings

from attest.errors import KeyGone
from vault.keyring.file import settle

from . import Box, KeyName, seal


@dataclass(frozen=True, slots=True)
class FileBox:
    """One sealed file and the row it belongs to; it opens for no other."""

    table: str
    row: UUID
    field: str

    def open(self) -> bytes:
        """The plain bytes. For oneself; another's go through ``ledger.services.disclose``."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError as gone:
            raise KeyGone("this file is no more") from gone
        return Box(self.table, self.row, self.field, content).open()

    @property
    def path(self) -> Path:
        name = self.row.hex
        return Path(settings.FILE_STORE) / name[-2:] / f"{name}.{self.field}"


def put(plain: bytes, *, box: FileBox, key: KeyName) -> None:
    """Seal *plain* under *key* into the place of *box*; a file that is there already stays."""
    sealed = seal(plain, key=key, table=box.table, row=box.row, field=box.field)
    folder = box.path.parent
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        settle(folder.parent)
    draft = box.path.with_name(f"{box.path.name}.{token_hex(8)}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(sealed)
            out.flush()
            os.fsync(out.fileno())
        box.path.hardlink_to(draft)
    finally:
        draft.unlink()
        settle(folder)


def remove(*boxes: FileBox) -> None:
    for box in boxes:
        box.path.unlink(missing_ok=True)
