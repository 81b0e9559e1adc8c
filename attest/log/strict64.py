"""Base64 (RFC 4648 §4) with padding, in which every value has exactly one spelling."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64


def encode64(raw: bytes) -> str:
    return b2a_base64(raw, newline=False).decode("ascii")


def decode64(text: str) -> bytes:
    """ValueError for spare bits that are set, wrong padding, or a line break."""
    raw = a2b_base64(text, strict_mode=True)
    # A second spelling of one signature would be a second note.
    if encode64(raw) != text:
        raise ValueError("not strict base64")
    return raw


def decode_hash(text: str) -> bytes:
    raw = decode64(text)
    if len(raw) != 32:
        raise ValueError("not a SHA-256 hash")
    return raw
