"""A page that names people is a look at them: the diary first (01-model.md §6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import Person, Role
from accounts.selectors import roles_of
from ledger.services.disclose import Depth, Look, Reader, disclose


def look(
    reader: Person,
    people: Iterable[Person],
    *,
    depth: Depth,
    action: str,
    reference: str,
    address: str,
    now: datetime,
) -> None:
    """Write down that *reader* is shown *people*; if that fails, nothing is shown."""
    role = Role.CLERK if Role.CLERK in roles_of(reader, at=now) else Role.AUDITOR
    disclose(
        reader=Reader(reader, role, address),
        looks=[Look(person, depth) for person in people],
        method="view",
        action=action,
        purpose="settlement",
        reference=reference,
        at=now,
    )
