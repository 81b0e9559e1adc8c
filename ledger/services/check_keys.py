"""The keys are read once, all of them: a missing, open or doubled one is said."""

from __future__ import annotations

from vault import keyring


def check_keys() -> list[str]:
    """Their names, or ``ImproperlyConfigured`` with one line."""
    keyring.check()
    tags = [f"nfc-tags-{batch}" for batch in keyring.every_tag_key()]
    return [*keyring.SYMMETRIC, *tags, *keyring.DOCUMENTS, *keyring.PEMS]
