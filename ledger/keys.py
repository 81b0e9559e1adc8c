"""A key as the log knows it: by name, and by the hash of its public half."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Made:
    """*sha256* is none where there is no public half."""

    name: str
    sha256: bytes | None = None


def made_of(record: Mapping[str, Any]) -> Made:
    """A token key by its public record."""
    text = json.dumps(record, sort_keys=True)
    return Made(record["kid"], sha256(text.encode()).digest())
