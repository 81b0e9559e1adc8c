"""An export as a streamed answer; once it was taken whole, its hash goes into the log."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone

from attest.errors import BatchChanged
from audit.exporting import MEDIA, content_of, disposition_of, hashed, rows_hash
from audit.models import Export
from audit.selectors import Filter
from audit.services.finish_export import finish_export


def file_of(export: Export) -> StreamingHttpResponse:
    """The rows that were signed, and only those: whoever came in since has no diary entry."""
    if rows_hash(export.auditor, Filter.read(export.filters)) != bytes(export.signed):
        raise BatchChanged("the rows are no longer those that were signed")
    answer = StreamingHttpResponse(_chunks(export), content_type=MEDIA[export.format])
    answer.headers["Content-Disposition"] = disposition_of(export)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


def _chunks(export: Export) -> Iterator[bytes]:
    digest: list[bytes] = []
    yield from hashed(content_of(export), digest)
    finish_export(export, digest=digest[0], now=timezone.now())
