"""Where letters go, about what, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.leaves import mail_changed
from accounts.models import Person, Post, Postbox
from accounts.posting import post
from ledger.services.append import append


@transaction.atomic
def change_postbox(
    person: Person,
    *,
    address: str,
    silent: Iterable[str],
    unshown: Iterable[str],
    quiet_from: int,
    quiet_until: int,
    zone: str,
    now: datetime,
) -> Postbox:
    """A changed address is a leaf, and a message to the person: somebody else may have done it."""
    Person.objects.select_for_update().get(pk=person.pk)
    box, _made = Postbox.objects.get_or_create(person=person)
    changed = address != box.shown_address()
    if changed:
        box.put_address(address)
    box.silent, box.unshown = sorted(silent), sorted(unshown)
    box.quiet_from, box.quiet_until, box.zone = quiet_from, quiet_until, zone
    box.save()
    if changed:
        leaf = append(event=mail_changed(person), at=now, subject=person.ref)
        kind = Post.Kind.ACCOUNT
        post(person, kind=kind, dedupe=f"mail:{leaf.hash.hex()[:32]}", now=now)
    return box
