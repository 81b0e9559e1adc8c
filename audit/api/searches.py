"""``POST /api/v1/searches``: trips that fit, 25 at a time. Posted: no name in an address."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.doors import MayAudit, address_of
from audit.looking import searched
from audit.selectors import BY_DELEGATE, Filter
from audit.sheet import COLUMNS, row_of
from settlement.asking import person_of
from trips.models import State, Verdict


class FilterFields(serializers.Serializer[Any]):
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    department = serializers.CharField(required=False, max_length=100)
    person = serializers.CharField(required=False, max_length=50)
    place = serializers.CharField(required=False, max_length=100)
    state = serializers.ChoiceField(State.choices, required=False)
    verdict = serializers.ChoiceField(Verdict.choices, required=False)
    decided = serializers.ChoiceField([BY_DELEGATE], required=False)


class AuditSearchRequest(FilterFields):
    # As it stands in a reply, the last page's empty one too.
    after = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")


class FoundTripsReply(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    next = serializers.CharField(allow_blank=True)


class SearchesView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(request=AuditSearchRequest, responses=FoundTripsReply)
    def post(self, request: Request) -> Response:
        """Search trips of the office. Everybody found reads in their diary that they were."""
        body = AuditSearchRequest(data=request.data)
        body.is_valid(raise_exception=True)
        page = searched(
            person_of(request),
            Filter.read(body.validated_data),
            after=body.validated_data["after"],
            address=address_of(request),
            now=timezone.now(),
        )
        titles = [title for title, _ in COLUMNS]
        rows = [row_of(trip) for trip in page.trips]
        said = {"total": page.total, "columns": titles, "rows": rows, "next": page.next}
        return Response(FoundTripsReply(said).data)
