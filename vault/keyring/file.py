"""Key files: read with care, written whole, and only a token document is ever replaced."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from django.core.exceptions import ImproperlyConfigured

Version = tuple[int, int, int]


def read_key(path: Path) -> bytes:
    """The bytes in *path*, or a refusal to start. Never a key made up on the spot."""
    if not path.is_file():
        raise ImproperlyConfigured(f"no {path.name}: run `manage.py keys create`")
    status = path.stat()
    if status.st_mode & 0o077:
        raise ImproperlyConfigured(f"{path.name}: only its owner may read a key")
    if status.st_uid != os.geteuid():
        raise ImproperlyConfigured(f"{path.name}: owned by somebody else")
    return path.read_bytes()


def version(path: str) -> Version:
    """Another one as soon as the file is replaced; zeros where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 -- see who asks
    except FileNotFoundError:
        return 0, 0, 0
    return status.st_mtime_ns, status.st_ino, status.st_size


def write_key(path: Path, content: bytes) -> None:
    """Make *path* with mode 0600 and *content*, durable; a file already there stays."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    settle(path.parent)


def replace_key(path: Path, content: bytes) -> None:
    """*content* in the place of *path*, at once: a reader sees the old one or the new one."""
    beside = path.with_name(f"{path.name}.{token_hex(4)}")
    write_key(beside, content)
    beside.replace(path)
    settle(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else edits the keys in *folder* meanwhile; readers go on reading."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def settle(folder: Path) -> None:
    """The names in *folder* are durable too: a file without its name is lost."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
