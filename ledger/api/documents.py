"""``/api/v1/keyset`` and ``/api/v1/status-list``: signed documents, for anybody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from attest.errors import NotPublished
from ledger.models import Published
from ledger.selectors import published
from ledger.services.publish_status import publish_status

CBOR = "application/cbor"
DOCUMENT = {(200, CBOR): OpenApiTypes.BINARY, 304: None}


class OneForm(BaseContentNegotiation):
    """The document has one form, whatever a program says it takes; refusals are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        del request
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        del request, format_suffix
        return renderers[0], renderers[0].media_type


class DocumentView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    content_negotiation_class = OneForm


class KeySetView(DocumentView):
    @extend_schema(responses=DOCUMENT)
    def get(self, request: Request) -> HttpResponseBase:
        """Every public key of this host, signed by its root (COSE_Sign1)."""
        if (row := published(Published.Kind.KEYSET)) is None:
            raise NotPublished("the root has signed no key set yet")
        return reply(request._request, row, fresh_s=300)  # noqa: SLF001 -- the framework's own


class StatusListView(DocumentView):
    @extend_schema(responses=DOCUMENT)
    def get(self, request: Request) -> HttpResponseBase:
        """Ids of withdrawn receipts, signed by a status key (COSE_Sign1)."""
        row = publish_status(now=timezone.now())
        return reply(request._request, row, fresh_s=20)  # noqa: SLF001 -- the framework's own


def reply(request: HttpRequest, row: Published, *, fresh_s: int) -> HttpResponseBase:
    """*row*, or that the reader has it already: then its content is not even fetched."""
    answer = get_conditional_response(request, etag=etag_of(row))
    if answer is None:
        # With its content: by now it may be a newer one, under a name of its own.
        row = Published.objects.get(pk=row.pk)
        answer = HttpResponse(bytes(row.document), content_type=CBOR)
    answer.headers["ETag"] = etag_of(row)
    answer.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    return answer


def etag_of(row: Published) -> str:
    return f'"{bytes(row.sha256).hex()}"'
