"""``/api/v1/office-records/imports``: the fate of every line first, then, with it, the deed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.csv_sheet import LARGEST
from audit.doors import MayAudit, address_of
from audit.office_records import LEAST_REASON, applied
from settlement.asking import person_of
from trips.office_plan import FATES, OfficePlan, plan_of
from trips.office_sheet import read_sheet


class OfficeRequest(serializers.Serializer[Any]):
    """*preview* and *reason* are there when the sheet that was looked at is to be applied."""

    file = serializers.FileField(allow_empty_file=True)
    preview = serializers.RegexField(r"^[0-9a-f]{64}$", default="")
    reason = serializers.CharField(max_length=500, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["preview"] and len(attrs["reason"]) < LEAST_REASON:
            raise serializers.ValidationError({"reason": f"at least {LEAST_REASON} letters"})
        return attrs


class OfficeRowReply(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    fate = serializers.ChoiceField(choices=FATES)
    code = serializers.CharField(allow_blank=True)


class OfficeReply(serializers.Serializer[Any]):
    """*id* names this preview. Of a line near no touch nothing but its number is told."""

    id = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    touches = serializers.IntegerField()
    rows = OfficeRowReply(many=True)


class OfficeRecordsView(APIView):
    permission_classes = (MayAudit,)
    parser_classes = (MultiPartParser,)

    @extend_schema(request=OfficeRequest, responses={200: OfficeReply, 201: OfficeReply})
    def post(self, request: Request) -> Response:
        """Without ``preview`` nothing is kept; with it exactly what was looked at is applied."""
        auditor = person_of(request)
        body = OfficeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        entries = read_sheet(said["file"].read(LARGEST + 1))
        if not said["preview"]:
            return Response(_told(plan_of(auditor.organisation, entries)))
        done = applied(
            auditor,
            entries,
            digest=bytes.fromhex(said["preview"]),
            reason=said["reason"],
            address=address_of(request),
            now=timezone.now(),
        )
        return Response(_told(done), status=HTTPStatus.CREATED)


def _told(plan: OfficePlan) -> dict[str, Any]:
    said = {
        "id": plan.digest.hex(),
        "counts": plan.counts(),
        "touches": len(plan.touches),
        "rows": plan.steps,
    }
    return dict(OfficeReply(said).data)
