"""A person has read who looked at them; what comes later is new."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Person


def read_diary(person: Person, *, now: datetime) -> None:
    Person.objects.filter(pk=person.pk).update(diary_read_at=now)
