"""Base64 (RFC 4648 §4) with padding, in which every value has exactly one spelling."""

from __future__ import annotations

from base64 import b64decode, b64encode


def encode64(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def decode64(text: str) -> bytes:
    """ValueError for spare bits that are set, wrong padding, or a line break."""
    raw = b64decode(text, validate=True)
    # A second spelling of one signature would be a second note.
    if encode64(raw) != text:
        raise ValueError("not strict base64")
    return raw


def decode_hash(text: str) -> bytes:
    raw = decode64(text)
    if len(raw) != 32:
        raise ValueError("not a SHA-256 hash")
    return raw
