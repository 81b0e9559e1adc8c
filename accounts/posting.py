"""How news reaches a person: a row with the deed, and a letter once they may be disturbed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.models import Person, Post, Postbox

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
