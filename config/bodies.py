"""JSON bodies: bounded before they are read, and one clear refusal for what is not JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

_DEPTH = 16


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body.too-large"
    default_detail = gettext_lazy("This is too large to send.")


class BoundedJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """At most 256 KiB, UTF-8, 16 levels deep, no NaN; else ``body.…``."""
        del media_type, parser_context
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge
        try:
            body = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as wrong:
            raise ParseError(_("The body is not JSON."), code="body.not-json") from wrong
        if _depth(body) > _DEPTH:
            raise ParseError(_("The body is nested too deep."), code="body.not-json")
        return body


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _DEPTH:
            break
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
