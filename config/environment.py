"""The machine speaks through variables; here they are read, and refused when wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_ORIGIN = re.compile(r"(https?)://([a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?)(:[0-9]{1,5})?", re.ASCII)


# Of Chrome, Firefox, Safari and Edge.
PUSH_SERVICES = "fcm.googleapis.com .push.services.mozilla.com .push.apple.com .notify.windows.com"


def text(name: str, default: str) -> str:
    return os.environ.get(f"TRIPSEAL_{name}", default)


def flag(name: str, default: str = "0") -> bool:
    value = text(name, default)
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"TRIPSEAL_{name} is 0 or 1")
    return value == "1"


def choice(name: str, default: str, *others: str) -> str:
    value, words = text(name, default), (default, *others)
    if value not in words:
        raise ImproperlyConfigured(f"TRIPSEAL_{name} is one of: {' '.join(words)}")
    return value


def words(name: str, default: str) -> tuple[str, ...]:
    return tuple(text(name, default).split())


def number(name: str, default: str) -> int:
    value = text(name, default)
    if not value.isascii() or not value.isdigit():
        raise ImproperlyConfigured(f"TRIPSEAL_{name} is a whole number")
    return int(value)


def days(name: str, default: str, *, least: int) -> int:
    value = number(name, default)
    if value < least:
        raise ImproperlyConfigured(f"TRIPSEAL_{name} is at least {least}")
    return value


def origin() -> tuple[str, str, str]:
    """``TRIPSEAL_ORIGIN`` as scheme, host with port, host without."""
    match = _ORIGIN.fullmatch(text("ORIGIN", "http://localhost:8000"))
    if not match:
        raise ImproperlyConfigured("TRIPSEAL_ORIGIN is like https://trip.example.kr, lower case")
    scheme, host, port = match.groups(default="")
    if scheme == "http" and host != "localhost":
        raise ImproperlyConfigured("TRIPSEAL_ORIGIN: without https only http://localhost is safe")
    return scheme, host + port, host


def secret_key(folder: Path) -> str:
    """The session secret: from a variable, else from the key folder, else empty."""
    if given := text("SECRET_KEY", "") or text("KEY_SESSION_KEY", ""):
        return given
    file = folder / "session.key"
    if not file.is_file():
        return ""
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured("session.key: only its owner may read a key")
    return file.read_bytes().hex()


def secret_file(name: str) -> str:
    """The first line of the file that ``TRIPSEAL_…`` names; empty where it names none."""
    path = text(name, "")
    if not path:
        return ""
    file = Path(path)
    if not file.is_file():
        raise ImproperlyConfigured(f"TRIPSEAL_{name} names no file")
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"TRIPSEAL_{name}: only its owner may read a password")
    return file.read_text(encoding="utf-8").partition("\n")[0].strip()


def database(default: Path) -> dict[str, Any]:
    """``TRIPSEAL_DATABASE_URL``: ``postgres://user:password@host:port/name``; empty: SQLite."""
    url = text("DATABASE_URL", "")
    if not url:
        return _sqlite(default)
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("TRIPSEAL_DATABASE_URL begins with postgres://")
    try:
        port = str(parts.port or "")
    except ValueError as wrong:
        raise ImproperlyConfigured("TRIPSEAL_DATABASE_URL: its port is a number") from wrong
    return {
        "ENGINE": "config.postgres",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c statement_timeout=10s",
            # Values travel beside the text, so a wording asked again is planned already.
            "server_side_binding": True,
            "prepare_threshold": 3,
        },
    }


def _sqlite(file: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # A writer says so at once: upgrading a read lock later fails without waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA secure_delete=ON;",
        },
    }
