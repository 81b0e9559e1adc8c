"""``GET /api/v1/me/records``: everything that is kept of who asks, as one streamed document."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.limits import spend
from audit.limits import RECORDS
from audit.records import json_of
from settlement.asking import person_of


class RecordsView(APIView):
    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Touches, trips with until when positions are kept, looks, consents, devices."""
        person = person_of(request)
        spend(person, RECORDS, now=timezone.now())
        answer = StreamingHttpResponse(json_of(person), content_type="application/json")
        answer.headers["Cache-Control"] = "no-store"
        return answer
