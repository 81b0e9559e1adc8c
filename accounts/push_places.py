"""Where notices may go: to a push service of a browser, and nowhere else.

A browser names the address, so a script could name any: the office's own router, a cloud's
metadata, this server. Three walls, each enough alone against most of it: only hosts that the
operator listed, only https on the usual port, and only addresses of the public network.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from attest.errors import PushRefused

LONGEST = 1_000
_SECRET, _POINT = 16, 65


@dataclass(frozen=True, slots=True)
class Where:
    """An address with what a message for it is sealed to."""

    url: str
    point: bytes
    auth: bytes

    @classmethod
    def read(cls, said: bytes) -> Where:
        url, point, auth = json.loads(said)
        return cls(url, bytes.fromhex(point), bytes.fromhex(auth))

    def packed(self) -> bytes:
        return json.dumps([self.url, self.point.hex(), self.auth.hex()]).encode()


def place_of(url: str) -> SplitResult:
    """*url* in parts, if notices may go there; ``PushRefused`` otherwise."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise PushRefused from wrong
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST
    bare = parts.username is None and parts.password is None and not parts.fragment
    if not (plain and bare and parts.scheme == "https" and _listed(parts.hostname or "", port)):
        raise PushRefused
    return parts


def where_of(said: dict[str, Any]) -> Where:
    """What a browser told: ``endpoint`` and two ``keys``."""
    point, auth = _bytes(said["keys"]["p256dh"]), _bytes(said["keys"]["auth"])
    if len(point) != _POINT or point[0] != 4 or len(auth) != _SECRET:
        raise PushRefused
    place_of(said["endpoint"])
    return Where(said["endpoint"], point, auth)


def _listed(host: str, port: int | None) -> bool:
    """Whether the operator named *host*: itself, or with a dot before it all below a name."""
    named = host if port in {None, 443} else f"{host}:{port}"
    return any(
        named.endswith(one) if one.startswith(".") else named == one for one in settings.PUSH_HOSTS
    )


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as wrong:
        raise PushRefused from wrong
