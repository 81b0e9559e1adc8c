"""The keys are read once, all of them: a missing, open or doubled one is said."""

from __future__ import annotations

from vault import keyring


def check_keys() -> list[str]:
    """Their names, or ``ImproperlyConfigured`` with one line."""
    keyring.check()
    return [*keyring.SYMMETRIC, *keyring.DOCUMENTS, *keyring.PEMS]
