"""Forms with a file, as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import DataAndFiles, MultiPartParser

from attest.errors import UploadRefused
from trips.adapters.pictures import MOST_BYTES

# What a form may weigh beside its one file.
_FORM = 65_536


class BoundedForm(MultiPartParser):
    """Refused by its announced length before a byte is kept."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        announced = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0
        if int(announced) > MOST_BYTES + _FORM:
            raise UploadRefused("too-large")
        return super().parse(stream, media_type, parser_context)
