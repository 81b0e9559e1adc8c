"""A person sends a picture or a PDF: kept sealed until they say what it is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from attest.values import month_of
from trips.models import Upload
from trips.uploading import kept_file, opened_file
from vault.sealed import KeyName


def keep_upload(person: Person, *, content: bytes, now: datetime) -> Upload:
    """Drawn anew, without what stood beside the pixels; ``UploadRefused`` keeps nothing."""
    file = opened_file(content)
    with transaction.atomic():
        return kept_file(person, file, key=KeyName(person.ref, month_of(now), "biz"), now=now)
