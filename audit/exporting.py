"""What an export is over: its rows as a hash, its file, its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person
from audit import sheet
from audit.models import Export
from audit.selectors import Filter, for_rows, trips_audited_by
from trips.models import Trip

ACTION = "export"
SECOND = "export-second"
MOST_ROWS = 1_000_000
PAGE = 500
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def is_bulk(*, rows: int, exact: int) -> bool:
    """Whether one person alone may take it: so many rows, exact positions of so many people."""
    return rows > settings.EXPORT_ROWS_ALONE or exact > settings.EXPORT_PLACES_ALONE


def rows_hash(auditor: Person, asked: Filter) -> bytes:
    """Over the sorted (trip, won) list: what was signed before it was a statement."""
    trips = trips_audited_by(auditor, asked).order_by("uid")
    digest, last = sha256(), None
    while True:
        page = trips.filter(uid__gt=last) if last else trips
        pairs = list(page.values_list("uid", "won")[: 10 * PAGE])
        digest.update("".join(f"{uid} {won or 0}\n" for uid, won in pairs).encode())
        if len(pairs) < 10 * PAGE:
            return digest.digest()
        last = pairs[-1][0]


def trips_of(export: Export) -> Iterator[Trip]:
    """Page by page: no question to the database is longer than its patience."""
    trips = trips_audited_by(export.auditor, Filter.read(export.filters))
    page = list(for_rows(trips)[:PAGE])
    while page:
        yield from page
        at, pk = page[-1].starts_at, page[-1].pk
        after = Q(starts_at__lt=at) | Q(starts_at=at, pk__lt=pk)
        page = list(for_rows(trips.filter(after))[:PAGE]) if len(page) == PAGE else []


def content_of(export: Export, trips: Iterable[Trip]) -> Iterator[bytes]:
    write = sheet.csv_of if export.format == Export.Format.CSV else sheet.xlsx_of
    return write(trips)


def disposition_of(export: Export) -> str:
    """A Korean file name (RFC 6266), and a plain one for who cannot read it."""
    day = timezone.localtime(export.requested_at).strftime("%Y%m%d-%H%M")
    korean = quote(f"출장기록-{day}.{export.format}")
    return f"attachment; filename=\"trips-{day}.{export.format}\"; filename*=UTF-8''{korean}"


def hashed(chunks: Iterable[bytes], digest: list[bytes]) -> Iterator[bytes]:
    """*chunks* as they are; once all were taken, *digest* holds their SHA-256."""
    seen = sha256()
    for chunk in chunks:
        seen.update(chunk)
        yield chunk
    digest.append(seen.digest())
