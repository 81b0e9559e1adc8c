"""How news reaches a person: a row with the deed; a letter and a notice after the quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Notice, Person, Post, Postbox, PushAddress

# For people posted abroad; quiet hours are those of the place they live in.
ZONES = (
    "Asia/Seoul",
    "Asia/Tokyo",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Dubai",
    "Europe/Paris",
    "Europe/London",
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
)


def post(
    person: Person, *, kind: Post.Kind, dedupe: str, now: datetime, about: UUID | None = None
) -> None:
    """Write one message to *person*; one that was written before under *dedupe* stays.

    Call it in the transaction of the deed: both are there, or neither is.
    """
    row = Post(person=person, kind=kind, dedupe=dedupe, about=about, at=now)
    box = postbox_of(person)
    if settings.EMAIL_HOST and box.address is not None and kind not in box.silent:
        row.mail, row.due_at = Post.Mail.WAITING, loud_from(box, now)
    Post.objects.bulk_create([row], ignore_conflicts=True)
    if kind not in box.unshown:
        _notify(row, due_at=loud_from(box, now))


def _notify(row: Post, *, due_at: datetime) -> None:
    """One a browser that takes some, in the same transaction; none for a post told before."""
    addresses = list(PushAddress.objects.filter(person=row.person_id))
    if addresses and (kept := Post.objects.filter(uid=row.uid).first()):
        Notice.objects.bulk_create(
            [Notice(post=kept, address=address, due_at=due_at) for address in addresses]
        )


def postbox_of(person: Person) -> Postbox:
    """How *person* wants to hear of news; as everybody does, until they say otherwise."""
    return Postbox.objects.filter(person=person).first() or Postbox(person=person)


def loud_from(box: Postbox, at: datetime) -> datetime:
    """*at*, or the end of the quiet hours it falls into."""
    here = at.astimezone(ZoneInfo(box.zone))
    if not _quiet(box, here.hour):
        return at
    end = here.replace(hour=box.quiet_until, minute=0, second=0, microsecond=0)
    return end if end > here else end + timedelta(days=1)


def _quiet(box: Postbox, hour: int) -> bool:
    if box.quiet_from <= box.quiet_until:
        return box.quiet_from <= hour < box.quiet_until
    return hour >= box.quiet_from or hour < box.quiet_until
