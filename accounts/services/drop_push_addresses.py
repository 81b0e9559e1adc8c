"""Browsers take no more notices for a person: one of them, or all there are."""

from __future__ import annotations

from accounts.models import Person, PushAddress


def drop_push_addresses(person: Person, *, browser: bytes | None) -> int:
    """Those of *browser*, or with none named every one; how many there were."""
    rows = PushAddress.objects.filter(person=person)
    if browser is not None:
        rows = rows.filter(browser=browser)
    count = rows.count()
    rows.delete()
    return count
