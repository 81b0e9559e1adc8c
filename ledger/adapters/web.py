"""One question to a server that an operator named, and its whole answer."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

MOST_BYTES = 65_536
_PATIENCE_S = 20


def post(url: str, body: bytes, *, kind: str) -> tuple[int, bytes]:
    """Status and content, at most ``MOST_BYTES``; nobody is followed elsewhere. ``OSError``."""
    parts = urlsplit(url)
    known = {"http": HTTPConnection, "https": HTTPSConnection}
    if parts.scheme not in known or not parts.hostname:
        raise OSError(f"{url}: not an http address")
    line = known[parts.scheme](parts.hostname, parts.port, timeout=_PATIENCE_S)
    try:
        line.request("POST", parts.path or "/", body, {"Content-Type": kind})
        answer = line.getresponse()
        content = answer.read(MOST_BYTES + 1)
    except HTTPException as wrong:
        raise OSError(f"{url}: {type(wrong).__name__}") from wrong
    finally:
        line.close()
    if len(content) > MOST_BYTES:
        raise OSError(f"{url}: an answer without end")
    return answer.status, content
