"""A ticket: short text that this server wrote for itself, and knows again (security.md §5).

    text   base64url(JSON) "." base64url(HMAC-SHA-256(key, "tripseal/" purpose "/1" 00 JSON))
    JSON   canonical, with "purpose", and "exp" (seconds since 1970) where it ends

It is no secret and opens nothing: whoever carries it can read it, and cannot write one.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import RecordMalformed

LONGEST = 4_096


def issue(said: Mapping[str, Any], *, purpose: str, key: bytes) -> str:
    """*said*, marked as this server's own for *purpose*."""
    value = {**said, "purpose": purpose}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    raw = text.encode()
    return f"{_b64(raw)}.{_b64(_mark(raw, purpose, key))}"


def read(text: str, *, purpose: str, keys: Sequence[bytes], at: int) -> dict[str, Any]:
    """What the ticket says; ``record.malformed`` for another's, another purpose's, one that ended.

    The mark is compared, with that of every key, before anything of the text is believed.
    """
    body, dot, mark = text.partition(".")
    if len(text) > LONGEST or not dot:
        raise RecordMalformed("not a ticket")
    raw = _unb64(body)
    told = _unb64(mark)
    if not any(hmac.compare_digest(told, _mark(raw, purpose, key)) for key in keys):
        raise RecordMalformed("not a ticket of this server")
    said: dict[str, Any] = json.loads(raw)
    if said.get("exp", at + 1) <= at:
        raise RecordMalformed("this ticket has ended")
    return said


def _mark(raw: bytes, purpose: str, key: bytes) -> bytes:
    return hmac.digest(key, f"tripseal/{purpose}/1".encode() + b"\0" + raw, "sha256")


def _b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as wrong:
        raise RecordMalformed("not a ticket") from wrong
    # One ticket, one spelling.
    if _b64(raw) != text:
        raise RecordMalformed("not a ticket")
    return raw
