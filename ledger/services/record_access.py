"""Something was handed out that opens others' data: the diary knows, though nobody is named yet."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ledger.diary import Reader, write


def record_access(
    reader: Reader, *, action: str, purpose: str, reference: str, at: datetime
) -> None:
    """A row and a leaf without a subject. Call it in the transaction of the deed."""
    with transaction.atomic():
        write(reader, [], "view", action, purpose, "", reference, at)
