"""How news reaches a person: a row with the deed; a letter and a notice after the quiet hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class News:
    """One message: to whom, of what, and by which name it is known to have been written."""

    person: Person
    dedupe: str
    about: UUID | None = None


def post(
    person: Person, *, kind: Post.Kind, dedupe: str, now: datetime, about: UUID | None = None
) -> None:
    """Write one message to *person*; one that was written before under *dedupe* stays.

    Call it in the transaction of the deed: both are there, or neither is.
    """
    post_all([News(person, dedupe, about)], kind=kind, now=now)


def post_all(news: Sequence[News], *, kind: Post.Kind, now: datetime) -> None:
    """Messages of one *kind*, as ``post`` writes each: as many statements as for one."""
    people = {one.person.pk for one in news}
    boxes = {box.pk: box for box in Postbox.objects.filter(person__in=people)}
    rows, shown = [], list[tuple[Post, datetime]]()
    for one in news:
        row = Post(person=one.person, kind=kind, dedupe=one.dedupe, about=one.about, at=now)
        box = boxes.get(one.person.pk) or Postbox(person=one.person)
        if settings.EMAIL_HOST and box.address is not None and kind not in box.silent:
            row.mail, row.due_at = Post.Mail.WAITING, loud_from(box, now)
        rows.append(row)
        if kind not in box.unshown:
            shown.append((row, loud_from(box, now)))
    Post.objects.bulk_create(rows, ignore_conflicts=True)
    if shown:
        _notify(shown)


def _notify(shown: Iterable[tuple[Post, datetime]]) -> None:
    """One a browser that takes some, in the same transaction; none for a post told before."""
    due = {row.uid: (row.person_id, at) for row, at in shown}
    addresses = defaultdict[int, list[PushAddress]](list)
    for address in PushAddress.objects.filter(person__in={person for person, _ in due.values()}):
        addresses[address.person_id].append(address)
    asked = [uid for uid, (person, _) in due.items() if person in addresses]
    if asked:
        Notice.objects.bulk_create(
            Notice(post=kept, address=address, due_at=due[kept.uid][1])
            for kept in Post.objects.filter(uid__in=asked)
            for address in addresses[kept.person_id]
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
