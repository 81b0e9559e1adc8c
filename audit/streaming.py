"""The file of an export as a streamed answer: the rows that were signed, and only those."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from django.http import StreamingHttpResponse

from attest.errors import KeyGone
from audit.bundling import name_of
from audit.export_files import kept_file
from audit.exporting import MEDIA, disposition_of
from audit.models import Export
from audit.selectors import is_outdated


def file_of(export: Export) -> StreamingHttpResponse:
    """``KeyGone`` where something in it was erased since; it has to be asked for again."""
    if is_outdated(export):
        raise KeyGone("something in this file was erased since it was made")
    is_bundle = export.format == Export.Format.BUNDLE
    name = f'attachment; filename="{name_of(export)}"' if is_bundle else disposition_of(export)
    answer = StreamingHttpResponse(_begun(kept_file(export)), content_type=MEDIA[export.format])
    answer.headers["Content-Disposition"] = name
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox"
    return answer


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A file that is not there, or does not open, is refused before the answer begins."""
    return chain([next(pieces)], pieces)
