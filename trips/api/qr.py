"""The QR of one's own touch as a picture: for a page without script, for mail and paper."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView

from trips import qr
from trips.caller import caller_of
from trips.models import Verdict
from trips.receipt import receipt_of
from trips.selectors import newest_assessment
from trips.showing import own_touches

PNG_SCALE = 8


class QrSvgView(APIView):
    @extend_schema(responses={(200, "image/svg+xml"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: UUID) -> HttpResponse:
        return HttpResponse(qr.svg(text_of(request, uid)), content_type="image/svg+xml")


class QrPngView(APIView):
    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: UUID) -> HttpResponse:
        drawn = qr.png(text_of(request, uid), scale=PNG_SCALE)
        return HttpResponse(drawn, content_type="image/png")


def text_of(request: Request, uid: UUID) -> str:
    """What the code says. A record that is no evidence gets none: it must not look like one."""
    person = caller_of(request)
    touch = get_object_or_404(own_touches(person), uid=uid)
    if newest_assessment(touch).verdict == Verdict.INVALID:
        raise NotFound
    return receipt_of(touch, reader=person).text
