"""The QR of one's own touch as a picture, and the token of one's whole trip."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trips import qr
from trips.api.shapes import TripTokenReply
from trips.caller import caller_of
from trips.models import Verdict
from trips.receipt import receipt_of
from trips.selectors import has_whole_receipt, newest_assessment, trips_travelled_by, with_touches
from trips.services.seal_trip import seal_trip
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


class TripTokenView(APIView):
    @extend_schema(responses={200: TripTokenReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """One QR over all check-ins of a trip. A later one makes it new: the newest counts."""
        person = caller_of(request)
        trip = get_object_or_404(with_touches(trips_travelled_by(person)), uid=uid)
        if not has_whole_receipt(trip):
            raise NotFound
        sealed = seal_trip(trip, now=timezone.now())
        receipt = receipt_of(sealed, reader=person)
        said = {
            "text": receipt.text,
            "digits": receipt.digits,
            "spoken": receipt.spoken,
            "count": sealed.count,
            "sealed_at": sealed.sealed_at,
        }
        return Response(TripTokenReply(said).data)


def text_of(request: Request, uid: UUID) -> str:
    """What the code says. A record that is no evidence gets none: it must not look like one."""
    person = caller_of(request)
    touch = get_object_or_404(own_touches(person), uid=uid)
    if newest_assessment(touch).verdict == Verdict.INVALID:
        raise NotFound
    return receipt_of(touch, reader=person).text
