"""The log's head outside the database: a restored old backup is seen against it at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from attest.errors import LogInconsistent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_head() -> str:
    """The last signed checkpoint, or nothing when none was ever signed."""
    path = Path(settings.HEAD_FILE)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def head_written_at() -> datetime:
    """When the last head was signed: the time of the file itself, to the microsecond."""
    micros = Path(settings.HEAD_FILE).stat().st_mtime_ns // 1_000
    return _EPOCH + timedelta(microseconds=micros)


def write_head(note: str, *, at: datetime) -> None:
    """Durable before it returns: temp file, fsync, rename, fsync of the folder."""
    path = Path(settings.HEAD_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    moment = (at - _EPOCH) // timedelta(microseconds=1) * 1_000
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as out:
        out.write(note)
        out.flush()
        os.utime(out.fileno(), ns=(moment, moment))
        os.fsync(out.fileno())
    draft.replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone() -> Iterator[None]:
    """One signer a head file: a second one would sign beside the first."""
    folder = Path(settings.HEAD_FILE).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise LogInconsistent("another signer keeps this head file") from held
        yield
    finally:
        os.close(handle)
