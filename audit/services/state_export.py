"""What is to be signed for an export: said by the server, for the passkey to answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.models import Person
from audit.stating import Wish, draft_of, head_size, statement_of
from ledger.services.sequence import sequence


def state_export(auditor: Person, *, wish: Wish, now: datetime) -> dict[str, Any]:
    """The statement, over the rows there are and the log as it stands now. No row is written."""
    # What was done before gets its place before the head that is signed, and not behind it.
    sequence(now=now)
    export = draft_of(auditor, wish)
    export.head = head_size()
    return statement_of(export, rows=export.rows or 0)
