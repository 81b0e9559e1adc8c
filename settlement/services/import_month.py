"""A sheet of the personnel system comes into its month: every row kept, none a trip yet."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import Person
from attest.errors import BatchChanged, SheetRefused
from settlement.matching import chunks, kept, matches_of, same_of
from settlement.models import Month, SheetImport, SheetRow
from settlement.monthly import held_open
from settlement.months import WAITING
from settlement.sheets.month import Reading, read_month
from settlement.sheets.words import CellFault


@transaction.atomic
def import_month(
    month: Month,
    *,
    raw: bytes,
    digest: bytes,
    clerk: Person,
    now: datetime,
    reading: Reading | None = None,
) -> SheetImport:
    """Exactly the file whose *digest* was previewed; the same file comes in once.

    *reading* is what ``read_month`` read of *raw*, where that was done before.
    """
    month = held_open(month)
    if sha256(raw).digest() != digest:
        raise BatchChanged("this is not the sheet that was looked at")
    if month.imports.filter(digest=digest).exists():
        raise SheetRefused("sheet.duplicate", [CellFault("sheet.duplicate")])
    reading = reading or read_month(raw)
    sheet = SheetImport(
        month=month,
        by=clerk,
        at=now,
        digest=digest,
        unnumbered=reading.unnumbered,
        unapproved=reading.unapproved,
    )
    sheet.put_sheet(raw)
    sheet.save()
    found = matches_of(reading, organisation=month.organisation, name=month.name)
    _replace({match.row.told.same for match in found if match.row.told}, month)
    for some in chunks(found):
        SheetRow.objects.bulk_create([SheetRow(sheet=sheet, **kept(match)) for match in some])
    return sheet


def _replace(same: set[tuple[object, ...]], month: Month) -> None:
    """Rows of earlier sheets that wait still give way: one trip must not wait twice."""
    waiting = SheetRow.objects.filter(sheet__month=month, fate__in=WAITING)
    old = [row.pk for row in waiting.iterator(chunk_size=500) if same_of(row) in same]
    for some in chunks(old):
        SheetRow.objects.filter(pk__in=some).update(fate=SheetRow.Fate.REPLACED)
