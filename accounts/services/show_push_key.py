"""Whom browsers take notices from: told to whoever wants some."""

from __future__ import annotations

from vault import keyring
from vault.web_push import b64, point_of


def show_push_key() -> str:
    """The key as browsers want it; empty where this installation sends no notices."""
    signer = keyring.push_signer()
    return b64(point_of(signer.public_key())) if signer else ""
