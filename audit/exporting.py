"""What an export is over: its rows as a hash, its file, its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from urllib.parse import quote

from django.utils import timezone

from accounts.models import Person
from audit import sheet
from audit.models import Export
from audit.selectors import Filter, for_rows, trips_audited_by
from trips.models import Trip

ACTION = "export"
MOST_ROWS = 10_000
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def rows_hash(auditor: Person, asked: Filter) -> bytes:
    """Over the sorted (trip, won) list, as for a batch: what was signed is what is exported."""
    pairs = trips_audited_by(auditor, asked).values_list("uid", "won")
    return sha256("".join(sorted(f"{uid} {won or 0}\n" for uid, won in pairs)).encode()).digest()


def trips_of(export: Export) -> Iterator[Trip]:
    asked = Filter.read(export.filters)
    return for_rows(trips_audited_by(export.auditor, asked)).iterator(chunk_size=500)


def content_of(export: Export) -> Iterator[bytes]:
    write = sheet.csv_of if export.format == Export.Format.CSV else sheet.xlsx_of
    return write(trips_of(export))


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
