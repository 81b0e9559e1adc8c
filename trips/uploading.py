"""How a file somebody sent is kept: opened by content, drawn anew, counted, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from django.db import transaction
from django.db.models import Sum

from accounts.models import Person
from attest.errors import UploadRefused
from attest.values import KST
from trips.adapters.pdfs import drawn_pdf, is_pdf
from trips.adapters.pictures import Drawn, drawn_anew
from trips.models import Upload
from vault.ids import uuid7
from vault.sealed import KeyName
from vault.sealed.files import FileBox, put, remove

QUOTA = 100 * 1_048_576
# What was sent and put to no trip within a day is taken away at the next upload.
UNUSED = timedelta(days=1)
_SWEPT = 20


@dataclass(frozen=True, slots=True)
class Opened:
    """What somebody sent, opened before a row is held: that can take seconds."""

    kind: str
    sent: bytes
    drawn: Drawn


def opened_file(content: bytes) -> Opened:
    """JPEG, PNG, WebP or PDF, by what it is and not by its name; else ``UploadRefused``."""
    if is_pdf(content):
        return Opened(Upload.Kind.PDF, content, drawn_pdf(content))
    return Opened(Upload.Kind.PICTURE, content, drawn_anew(content))


def kept_file(person: Person, file: Opened, *, key: KeyName, now: datetime) -> Upload:
    """The row and its sealed files. Call it in the transaction of the deed.

    *key* is the trip's own of the group ``loc`` for what shows a place, and goes with it.
    """
    Person.objects.select_for_update().get(pk=person.pk)
    row = Upload(
        uid=uuid7(),
        person=person,
        kind=file.kind,
        digest=sha256(file.sent).digest(),
        pixels=file.drawn.pixels,
        kept_digest=sha256(file.drawn.content).digest(),
        pages=file.drawn.pages,
        at=now,
    )
    contents = {row.shown: file.drawn.content}
    if file.kind == Upload.Kind.PDF:
        contents[row.original] = file.sent
    row.size = sum(map(len, contents.values()))
    sweep(person, now=now)
    if used(person, at=now) + row.size > QUOTA:
        raise UploadRefused("quota")
    row.save(force_insert=True)
    _written(contents, key=key)
    return row


def used(person: Person, *, at: datetime) -> int:
    """Bytes *person* has kept here since the month began, in Korea."""
    first = at.astimezone(KST).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Upload.objects.filter(person=person, at__gte=first)
    return int(rows.aggregate(all=Sum("size"))["all"] or 0)


def sweep(person: Person, *, now: datetime) -> None:
    """Take away what this person sent and put to nothing."""
    unused = Upload.objects.filter(person=person, paper=None, photo=None, at__lt=now - UNUSED)
    for row in unused.order_by("pk")[:_SWEPT]:
        row.delete()
        transaction.on_commit(partial(remove, row.shown, row.original))


def _written(contents: dict[FileBox, bytes], *, key: KeyName) -> None:
    try:
        for box, content in contents.items():
            put(content, box=box, key=key)
    except OSError:
        remove(*contents)
        raise
