"""The log's head outside the database: a restored old backup is seen against it at once."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def read_head() -> str:
    """The last signed checkpoint, or nothing when none was ever signed."""
    path = Path(settings.HEAD_FILE)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def write_head(note: str) -> None:
    """Durable before it returns: temp file, fsync, rename, fsync of the folder."""
    path = Path(settings.HEAD_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as out:
        out.write(note)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
