"""``/api/v1/exports``: ask with a reason and a step-up, then take the file, streamed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.step_up import Answer
from audit.api.searches import FilterFields
from audit.doors import MayAudit, address_of
from audit.limits import EXPORT
from audit.models import Export
from audit.selectors import Filter, exports_of, files_taken_by
from audit.services.ask_export import PURPOSES, ask_export
from audit.streaming import file_of
from settlement.asking import person_of


class ExportRequest(serializers.Serializer[Any]):
    filters = FilterFields(required=False)
    format = serializers.ChoiceField(Export.Format.choices)
    purpose = serializers.ChoiceField([(code, code) for code in PURPOSES])
    reason = serializers.CharField(min_length=10, max_length=500)
    step_up = serializers.DictField()


class ExportReply(serializers.ModelSerializer[Export]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Export
        fields = (
            "id",
            "format",
            "purpose",
            "reason",
            "state",
            "rows",
            "sha256",
            "requested_at",
            "done_at",
        )


class ExportsView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(responses=ExportReply(many=True))
    def get(self, request: Request) -> Response:
        """The newest fifty exports of the office."""
        return Response(ExportReply(exports_of(person_of(request))[:50], many=True).data)

    @extend_schema(request=ExportRequest, responses={201: ExportReply})
    def post(self, request: Request) -> Response:
        """Ask for an export. The request is in the log before a row is read."""
        body = ExportRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, now = body.validated_data, timezone.now()
        spend(person_of(request), EXPORT, now=now)
        export = ask_export(
            person_of(request),
            asked=Filter.read(said.get("filters", {})),
            file_format=said["format"],
            purpose=said["purpose"],
            reason=said["reason"],
            step_up=Answer.read(said["step_up"]),
            address=address_of(request),
            now=now,
        )
        return Response(ExportReply(export).data, status=HTTPStatus.CREATED)


class ExportFileView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: UUID) -> StreamingHttpResponse:
        """The file, row by row. Only who asked for it may take it."""
        export = get_object_or_404(files_taken_by(person_of(request), at=timezone.now()), uid=uid)
        return file_of(export)
