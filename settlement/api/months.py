"""``/api/v1/months/<yyyy-mm>``: what is left of it, sheets in and out, closed and opened again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Job, Person
from accounts.workbooks.guard import MOST_BYTES, kind_of
from attest.errors import BatchChanged
from settlement import exporting
from settlement.api.replies import WorkReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.handing import drawn_file, file_of
from settlement.jobs import BRING, DRAW, LOOK, is_small_month
from settlement.models import Month
from settlement.months import check_line_of, counts_of, month_for
from settlement.paging import after_of
from settlement.services.close_month import close_month
from settlement.services.reopen_month import reopen_month
from settlement.working import asked, jobs_of


class PersonnelSheetRequest(serializers.Serializer[Any]):
    file = serializers.FileField()
    digest = serializers.CharField(required=False, max_length=64)


class MonthReasonRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=2, max_length=500)


class MonthFaultReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    cell = serializers.CharField(allow_blank=True)
    found = serializers.CharField(allow_blank=True)
    expected = serializers.CharField(allow_blank=True)
    ko = serializers.CharField()
    en = serializers.CharField()


class PreviewReply(serializers.Serializer[Any]):
    digest = serializers.CharField()
    fates = serializers.DictField(child=serializers.IntegerField())
    faults = MonthFaultReply(many=True)


class MonthReply(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(Month.State.choices)
    imports = serializers.IntegerField()
    rows = serializers.DictField(child=serializers.IntegerField())
    only_product = serializers.IntegerField()
    exceptions = serializers.IntegerField()
    trips = serializers.IntegerField()
    unsettled = serializers.IntegerField()
    payments = serializers.DictField(child=serializers.IntegerField())
    total = serializers.IntegerField()
    check = serializers.DictField(child=serializers.IntegerField())


def _said(clerk: Person, month: Month) -> dict[str, Any]:
    counts, check = counts_of(clerk, month), check_line_of(clerk, month.name)
    said = {
        "name": month.name,
        "state": month.state,
        "imports": counts.imports,
        "rows": counts.fates,
        "only_product": counts.only_product,
        "exceptions": counts.holds,
        "trips": counts.trips,
        "unsettled": counts.unsettled,
        "payments": counts.payments,
        "total": check.total,
        "check": {
            "full": check.full,
            "half": check.half,
            "actual": check.actual,
            "other": check.other,
        },
    }
    return dict(MonthReply(said).data)


class MonthView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(responses=MonthReply)
    def get(self, request: Request, name: str) -> Response:
        """How far the month is."""
        clerk = person_of(request)
        return Response(_said(clerk, month_for(clerk, name)))


class MonthImportsView(APIView):
    permission_classes = (IsClerk,)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request=PersonnelSheetRequest,
        responses={200: PreviewReply, 201: PreviewReply, 202: WorkReply},
    )
    def post(self, request: Request, name: str) -> Response:
        """Say the fate of every row; with the *digest* of that answer, the rows come in.

        A large sheet is read by the worker: 202 names the job, whose result is the same answer.
        """
        clerk, now = person_of(request), timezone.now()
        month_for(clerk, name)
        body = PersonnelSheetRequest(data=request.data)
        body.is_valid(raise_exception=True)
        raw = body.validated_data["file"].read(MOST_BYTES + 1)
        kind_of(raw)
        if "digest" in body.validated_data:
            digest = _digest(body.validated_data["digest"])
            job = asked(clerk, BRING, now=now, raw=raw, month=name, digest=digest.hex())
        else:
            job = asked(clerk, LOOK, now=now, raw=raw, month=name)
        if job.state != Job.State.DONE:
            return Response(WorkReply({"job": job.uid}).data, status=HTTPStatus.ACCEPTED)
        status = HTTPStatus.CREATED if job.kind == BRING else HTTPStatus.OK
        return Response(PreviewReply(job.result).data, status=status)


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as wrong:
        raise BatchChanged("not the digest of a preview") from wrong


class MonthClosingView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=None, responses=MonthReply)
    def post(self, request: Request, name: str) -> Response:
        """Close it: what is settled later is paid in the next."""
        clerk = person_of(request)
        month = close_month(month_for(clerk, name), clerk=clerk, now=timezone.now())
        return Response(_said(clerk, month))


class MonthReopeningView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=MonthReasonRequest, responses={200: MonthReply, 202: MonthReply})
    def post(self, request: Request, name: str) -> Response:
        """Open it again: 202 for the first of two clerks, 200 once it is open."""
        clerk = person_of(request)
        body = MonthReasonRequest(data=request.data)
        body.is_valid(raise_exception=True)
        month = month_for(clerk, name)
        reason = body.validated_data["reason"]
        done = reopen_month(month, clerk=clerk, reason=reason, now=timezone.now())
        status = HTTPStatus.OK if done else HTTPStatus.ACCEPTED
        return Response(_said(clerk, month_for(clerk, name)), status=status)


class MonthSheetView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 202: WorkReply}
    )
    def get(self, request: Request, name: str, sheet: str) -> HttpResponseBase:
        """One sheet of the month, to take away; ``statement-pdf`` is the one to be signed.

        Of a large month the worker draws it: 202 names the job, and ``?job=`` with that name
        asks for what it drew.
        """
        if sheet not in {*exporting.NAMES, exporting.STATEMENT_PDF}:
            raise Http404
        clerk, now = person_of(request), timezone.now()
        month = month_for(clerk, name)
        if uid := after_of(request.query_params.get("job", "")):
            drawn = jobs_of(clerk).filter(kind=DRAW, state=Job.State.DONE, about__sheet=sheet)
            job = get_object_or_404(drawn, uid=uid, about__month=name)
            return drawn_file(request, job, clerk=clerk, now=now)
        if is_small_month(clerk, name):
            return file_of(request, month, sheet, clerk=clerk, now=now)
        job = asked(clerk, DRAW, now=now, month=name, sheet=sheet)
        return Response(WorkReply({"job": job.uid}).data, status=HTTPStatus.ACCEPTED)
