"""The only way to another person's sealed field: first the diary and the leaf, then the text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ledger.diary import Depth, Look, Method, Reader, write
from vault.together import send

__all__ = ["Depth", "Look", "Reader", "disclose"]


def disclose(
    *,
    reader: Reader,
    looks: Sequence[Look],
    method: Method,
    action: str,
    purpose: str,
    at: datetime,
    reason: str = "",
    reference: str = "",
) -> list[bytes]:
    """Write who looks at whom and why; only then open the boxes, in the order given.

    Looking at one's own data leaves no trace. If the diary cannot be written, nothing opens.
    """
    others = [look for look in looks if look.person.pk != reader.person.pk]
    # No savepoint: a deed that could not say who looked does not go on without saying it.
    with transaction.atomic(savepoint=False):
        if others:
            write(reader, others, method, action, purpose, reason, reference, at)
        boxes = [look.box for look in looks if look.box]
        if boxes:
            # However much a deed writes together: this much stands before anything opens.
            send()
        return [box.open() for box in boxes]
