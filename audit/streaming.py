"""An export as a streamed answer; once it was taken whole, its hash goes into the log."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

from django.http import StreamingHttpResponse
from django.utils import timezone

from attest.bundle.archive import pieces
from attest.errors import BatchChanged
from audit.bundling import bundle_of, name_of
from audit.exporting import MEDIA, content_of, disposition_of, hashed, rows_hash
from audit.models import Export
from audit.selectors import Filter
from audit.services.finish_export import finish_export


def file_of(export: Export) -> StreamingHttpResponse:
    """The rows that were signed, and only those: whoever came in since has no diary entry."""
    if rows_hash(export.auditor, Filter.read(export.filters)) != bytes(export.signed):
        raise BatchChanged("the rows are no longer those that were signed")
    is_bundle = export.format == Export.Format.BUNDLE
    content = _bundle(export) if is_bundle else _chunks(export)
    name = f'attachment; filename="{name_of(export)}"' if is_bundle else disposition_of(export)
    answer = StreamingHttpResponse(content, content_type=MEDIA[export.format])
    answer.headers["Content-Disposition"] = name
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


def _chunks(export: Export) -> Iterator[bytes]:
    digest: list[bytes] = []
    yield from hashed(content_of(export), digest)
    finish_export(export, digest=digest[0], manifest=digest[0], now=timezone.now())


def _bundle(export: Export) -> Iterator[bytes]:
    """Into a nameless file first, for an archive must be able to seek; then piece by piece."""
    digest: list[bytes] = []
    with TemporaryFile() as file:
        written = bundle_of(export, file)
        file.seek(0)
        yield from hashed(pieces(file), digest)
    finish_export(export, digest=digest[0], manifest=written.manifest, now=timezone.now())
