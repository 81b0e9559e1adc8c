"""A notice to the push service of a browser. It says that there is news, and never which."""

from __future__ import annotations

import json
import ssl
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPSConnection
from ipaddress import ip_address
from secrets import token_bytes
from socket import IPPROTO_TCP, create_connection, getaddrinfo, socket
from urllib.parse import SplitResult

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from django.conf import settings
from django.utils import translation

from accounts.models import Post
from accounts.push_places import Where, place_of
from accounts.saying import subject_of
from vault.web_push import sealed, vapid

# No answer, or none that is one.
NOT_SENT = (OSError, HTTPException)
_TIMEOUT_S = 10
# A phone that is off this long finds the message in the product.
_KEPT = timedelta(days=1)
_SIGNED = timedelta(hours=12)


class Inside(OSError):
    """The name leads into a network that is not the public one."""


def send(post: Post, *, where: Where, signer: EllipticCurvePrivateKey, now: datetime) -> int:
    """Hand the notice over; the status of the answer, or one of ``NOT_SENT`` is raised.

    No redirect is followed, and of the answer nothing but its status is read.
    """
    place = place_of(where.url)
    body = sealed(
        _said(post),
        to=where.point,
        auth=where.auth,
        key=generate_private_key(SECP256R1()),
        salt=token_bytes(16),
    )
    until = int((now + _SIGNED).timestamp())
    head = {
        "Authorization": vapid(
            signer, audience=f"https://{place.netloc}", subject=settings.ORIGIN, until=until
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(_KEPT.total_seconds())),
        # Of the same message the phone gets one, however often it was handed over.
        "Topic": urlsafe_b64encode(post.uid.bytes).rstrip(b"=").decode(),
        "Urgency": "normal",
    }
    line = _Line(place)
    try:
        line.request("POST", f"{place.path or '/'}{place.query and '?' + place.query}", body, head)
        return line.getresponse().status
    finally:
        line.close()


def _said(post: Post) -> bytes:
    with translation.override(post.person.language or settings.LANGUAGE_CODE):
        said = {"title": subject_of(post), "tag": str(post.uid), "url": "/me/messages/"}
    return json.dumps(said, ensure_ascii=False).encode()


class _Line(HTTPSConnection):
    """To the address that was looked at, and not to one the name leads to a moment later."""

    def __init__(self, place: SplitResult) -> None:
        self.place = place
        self.trust = ssl.create_default_context(cafile=settings.PUSH_CA_FILE or None)
        super().__init__(str(place.hostname), place.port or 443, timeout=_TIMEOUT_S)

    def connect(self) -> None:
        raw = create_connection((_address(self.host, self.port), self.port), _TIMEOUT_S)
        self.sock: socket = self.trust.wrap_socket(raw, server_hostname=self.host)


def _address(host: str, port: int) -> str:
    """One address of *host*; none of them may lie inside, or whoever runs the name would choose."""
    found = [str(row[4][0]) for row in getaddrinfo(host, port, proto=IPPROTO_TCP)]
    if not settings.PUSH_INSIDE and not all(map(_is_public, found)):
        raise Inside("not the public network")
    return found[0]


def _is_public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    return address.is_global and not address.is_multicast
