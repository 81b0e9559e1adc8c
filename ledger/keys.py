"""A key as the log knows it: by name, and by the hash of its public half."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """*sha256* is none where there is no public half."""

    name: str
    sha256: bytes | None = None
