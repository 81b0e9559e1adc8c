"""Where the parts of a bundle lie while it is made: sealed, so that another worker can go on.

    <store>/<export>.<8 hex of its key>.parts/<name>

The key of all parts is in the row of the export, sealed as that of its file is, and each part
has one of its own that follows from it. They go when the file is whole, when the export is
over, and when anything that may be in them was erased.
"""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from django.conf import settings

from attest.errors import KeyGone, SealBroken
from attest.values import month_of
from audit.models import Export
from vault.sealed import Box, KeyName, seal
from vault.sealed.pieces import read_pieces, write_file

_TABLE, _FIELD, _SUFFIX = "audit_export", "parts_key", ".parts"


class SealedShelf:
    """The parts of one export; *beat* is called at each, and may stop the work."""

    def __init__(self, export: Export, *, beat: Callable[[], None]) -> None:
        self._export, self._beat = export, beat
        self._key = _box(export).open()
        self._folder = folder_of(export)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def keep(self, name: str, raw: bytes) -> None:
        """Whole and durable, or not there: two workers that keep the same part keep the same."""
        self._beat()
        draft = self._folder / f"{name}.{self._export.attempt}.new"
        write_file(draft, [raw], key=self._key_of(name), name=name.encode())
        draft.replace(self._folder / name)

    def read(self, name: str) -> bytes:
        self._beat()
        with (self._folder / name).open("rb") as sealed:
            return b"".join(read_pieces(sealed, key=self._key_of(name), name=name.encode()))

    def holds(self, name: str) -> bool:
        return (self._folder / name).is_file()

    def _key_of(self, name: str) -> bytes:
        return hmac.digest(self._key, name.encode(), "sha256")


def new_key(export: Export) -> bytes:
    """What ``parts_key`` holds of an export that is begun."""
    owner = KeyName(export.auditor.ref, month_of(export.requested_at), "id")
    return seal(token_bytes(32), key=owner, table=_TABLE, row=export.uid, field=_FIELD)


def opens(export: Export) -> bool:
    """Whether the parts there are can be gone on with."""
    try:
        return bool(export.parts_key) and bool(_box(export).open())
    except (KeyGone, SealBroken):
        return False


def folder_of(export: Export) -> Path:
    mark = sha256(bytes(export.parts_key)).hexdigest()[:8]
    return Path(settings.EXPORT_STORE) / f"{export.uid.hex}.{mark}{_SUFFIX}"


def parts_lying() -> list[Path]:
    """The folder of each export that has parts, or had."""
    store = Path(settings.EXPORT_STORE)
    return sorted(store.glob(f"*{_SUFFIX}")) if store.is_dir() else []


def drop_parts(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _box(export: Export) -> Box:
    return Box(_TABLE, export.uid, _FIELD, bytes(export.parts_key))
