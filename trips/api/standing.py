"""``/api/v1/standing-allowances``: for which months who is paid a sum for travelling."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Person
from accounts.selectors import people_administered_by
from attest.values import month_after, month_before
from trips.api.imports import ImportReply, RowReply, SheetRequest, said_of, sheet_in
from trips.api.shapes import TripPersonReply
from trips.caller import administrator_of
from trips.models import StandingAllowance
from trips.paging import allowances_page
from trips.selectors import allowances_administered_by
from trips.services.allow_standing import allow_standing
from trips.services.end_standing import end_standing
from trips.services.import_standing import import_standing
from trips.standing_plan import FATES, plan_of
from trips.standing_sheet import MONTH, MOST_WON, read_sheet


class AllowanceReply(serializers.Serializer[StandingAllowance]):
    """*last* is the last month it counts; null where it was taken back before it counted."""

    id = serializers.UUIDField(source="uid")
    person = TripPersonReply()
    first = serializers.CharField()
    last = serializers.SerializerMethodField()
    monthly_won = serializers.IntegerField()
    reason = serializers.CharField()
    by = TripPersonReply()
    at = serializers.DateTimeField()
    ended_by = TripPersonReply(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField(allow_blank=True)

    def get_last(self, row: StandingAllowance) -> str | None:
        return None if row.until == row.first else month_before(row.until)


class AllowancesReply(serializers.Serializer[Any]):
    rows = AllowanceReply(many=True)
    next = serializers.CharField(allow_blank=True)


class AllowanceRequest(serializers.Serializer[Any]):
    """From the month *first* to *last*, both with it."""

    person = serializers.UUIDField()
    first = serializers.RegexField(rf"^{MONTH}\Z")
    last = serializers.RegexField(rf"^{MONTH}\Z")
    monthly_won = serializers.IntegerField(min_value=1, max_value=MOST_WON)
    reason = serializers.CharField(min_length=2, max_length=500)


class EndingRequest(serializers.Serializer[Any]):
    """*last* is the last month it counts; null takes it back whole."""

    last = serializers.RegexField(rf"^{MONTH}\Z", allow_null=True)
    reason = serializers.CharField(min_length=2, max_length=500)


class StandingRowReply(RowReply):
    """*column* is the heading of the cell that *code* is about; empty where it is the row."""

    fate = serializers.ChoiceField(choices=FATES)
    column = serializers.CharField(allow_blank=True)


class StandingImportReply(ImportReply):
    rows = StandingRowReply(many=True)


class AllowancesView(APIView):
    @extend_schema(
        operation_id="standing_allowances_list",
        parameters=[OpenApiParameter("person", UUID), OpenApiParameter("before", str)],
        responses=AllowancesReply,
    )
    def get(self, request: Request) -> Response:
        """What was written down in the office, newest first, 25 at a time; of one *person*."""
        now = timezone.now()
        rows = allowances_administered_by(administrator_of(request, at=now), at=now)
        if named := request.query_params.get("person"):
            asked = serializers.UUIDField().run_validation(named)
            rows = rows.filter(person__uid=asked)
        page = allowances_page(rows, before=request.query_params.get("before", ""))
        return Response(AllowancesReply(page).data)

    @extend_schema(request=AllowanceRequest, responses={201: AllowanceReply})
    def post(self, request: Request) -> Response:
        """Write one down; never two for one month, nor for a month with a settled trip."""
        now = timezone.now()
        caller = administrator_of(request, at=now)
        body = AllowanceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = dict(body.validated_data)
        person = _person(caller, said.pop("person"))
        row = allow_standing(person, **said, by=caller, now=now)
        return Response(AllowanceReply(row).data, status=HTTPStatus.CREATED)


class AllowanceEndingView(APIView):
    @extend_schema(request=EndingRequest, responses={200: AllowanceReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """End it earlier; its sum and its first month never change."""
        now = timezone.now()
        caller = administrator_of(request, at=now)
        row = get_object_or_404(allowances_administered_by(caller, at=now), uid=uid)
        body = EndingRequest(data=request.data)
        body.is_valid(raise_exception=True)
        last, reason = body.validated_data["last"], body.validated_data["reason"]
        until = month_after(last) if last else row.first
        ended = end_standing(row, until=until, reason=reason, by=caller, now=now)
        return Response(AllowanceReply(ended).data)


class AllowanceImportsView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SheetRequest, responses={200: StandingImportReply})
    def post(self, request: Request) -> Response:
        """Say the fate of every row, of at most 1,000. Nothing is written, and nothing is kept."""
        caller = administrator_of(request, at=timezone.now())
        plan = plan_of(caller.organisation, read_sheet(sheet_in(request)), by=caller)
        return Response(said_of(plan, reply=StandingImportReply))


class AllowanceApplicationView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SheetRequest, responses={201: StandingImportReply})
    def post(self, request: Request, digest: str) -> Response:
        """Write down the rows of a previewed sheet; 409 if a fate has changed since."""
        now = timezone.now()
        caller = administrator_of(request, at=now)
        entries = read_sheet(sheet_in(request))
        done = import_standing(entries, digest=bytes.fromhex(digest), by=caller, now=now)
        return Response(said_of(done, reply=StandingImportReply), status=HTTPStatus.CREATED)


def _person(caller: Person, uid: UUID) -> Person:
    people = people_administered_by(caller, at=timezone.now())
    return get_object_or_404(people.select_related("organisation"), uid=uid)
