"""A browser takes notices for its person from now on."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person, PushAddress
from accounts.push_places import Where
from attest.errors import PushRefused
from vault import keyring
from vault.ids import uuid7
from vault.sealed import blind_index
from vault.web_push import point_of

MOST = 10


@transaction.atomic
def keep_push_address(
    person: Person, *, where: Where, browser: bytes | None, now: datetime
) -> PushAddress:
    """Said again it is the same one. Of a browser that changed hands the last person hears news.

    Of more than ten the oldest goes.
    """
    if (signer := keyring.push_signer()) is None:
        raise PushRefused
    # Lock the person: two tabs that subscribe at once are one browser.
    Person.objects.select_for_update().get(pk=person.pk)
    index = blind_index("push", where.url)
    PushAddress.objects.filter(index=index).delete()
    row = PushAddress(
        uid=uuid7(),
        person=person,
        index=index,
        browser=browser,
        sender=sha256(point_of(signer.public_key())).digest(),
        made_at=now,
    )
    row.put(where.packed())
    row.save()
    stale = PushAddress.objects.filter(person=person).order_by("-pk")[MOST:]
    PushAddress.objects.filter(pk__in=[one.pk for one in stale]).delete()
    return row
