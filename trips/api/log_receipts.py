"""``/api/v1/check-ins/<id>/log-receipt``: the promise of the log, for who touched."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from ledger.services.promise import promise
from trips.caller import caller_of
from trips.showing import own_touches


class LogReceiptView(APIView):
    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, uid: UUID) -> HttpResponse:
        """Kept elsewhere, it alone shows that a touch was removed before the next anchor."""
        touch = get_object_or_404(own_touches(caller_of(request)), uid=uid)
        text = promise(bytes(touch.leaf_hash), at=touch.recorded_at)
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="log-receipt-{touch.spoken}.txt"'
        return answer
