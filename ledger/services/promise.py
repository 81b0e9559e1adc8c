"""The log receipt: a signed promise that this leaf will stand in the log (log.md §6)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from attest.log.note import sign_note
from attest.log.proof import Receipt
from vault import keyring


def promise(leaf_hash: bytes, *, at: datetime) -> str:
    """For the leaf written at *at*; given again it is the same, byte for byte."""
    receipt = Receipt(settings.LOG_ORIGIN, leaf_hash, at)
    return sign_note(receipt.text(), keyring.receipt_signers())
