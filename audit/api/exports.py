"""``/api/v1/exports``: ask with a reason and a step-up, watch it being made, take the file."""

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
from accounts.step_up import Answer, encoded
from attest.errors import BatchChanged
from audit.api.searches import FilterFields
from audit.doors import MayAudit, address_of
from audit.limits import EXPORT
from audit.models import Export
from audit.selectors import Filter, exports_of, files_taken_by
from audit.services.agree_export import agree_export
from audit.services.ask_export import ask_export
from audit.services.cancel_export import cancel_export
from audit.services.state_export import state_export
from audit.stating import GROUPS, PURPOSES, Wish, hash_of
from audit.streaming import file_of
from settlement.asking import person_of


class ExportQuestion(serializers.Serializer[Any]):
    filters = FilterFields(required=False)
    format = serializers.ChoiceField(Export.Format.choices)
    groups = serializers.MultipleChoiceField(
        choices=[(group, group) for group in sorted(GROUPS)], default={"biz", "id"}
    )
    parquet = serializers.BooleanField(default=False)
    purpose = serializers.ChoiceField([(code, code) for code in PURPOSES])
    reason = serializers.CharField(min_length=10, max_length=500)

    def wish(self) -> Wish:
        said = self.validated_data
        return Wish(
            asked=Filter.read(said.get("filters", {})),
            file_format=said["format"],
            groups=said["groups"],
            parquet=said["parquet"],
            purpose=said["purpose"],
            reason=said["reason"],
        )


class ExportRequest(ExportQuestion):
    # Of the statement that was signed.
    head = serializers.IntegerField(min_value=0)
    step_up = serializers.DictField()


class ExportStatementRequest(ExportQuestion):
    # As many as were shown: who saw another number signs nothing.
    rows = serializers.IntegerField(required=False, min_value=0)


class ExportStatementReply(serializers.Serializer[Any]):
    statement = serializers.DictField()
    batch_hash = serializers.CharField()


class ExportReply(serializers.ModelSerializer[Export]):
    id = serializers.UUIDField(source="uid")
    total_rows = serializers.IntegerField()
    waits_for_second = serializers.BooleanField()

    class Meta:
        model = Export
        fields = (
            "id",
            "format",
            "groups",
            "purpose",
            "reason",
            "state",
            "why",
            "rows",
            "total_rows",
            "done_rows",
            "waits_for_second",
            "begun_at",
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
            wish=body.wish(),
            head=said["head"],
            step_up=Answer.read(said["step_up"]),
            address=address_of(request),
            now=now,
        )
        return Response(ExportReply(export).data, status=HTTPStatus.CREATED)


class StatementView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(request=ExportStatementRequest, responses=ExportStatementReply)
    def post(self, request: Request) -> Response:
        """What to sign for this export, as things stand now. Nothing is asked for yet."""
        body = ExportStatementRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = state_export(person_of(request), wish=body.wish(), now=timezone.now())
        if body.validated_data.get("rows", said["rows"]) != said["rows"]:
            raise BatchChanged("not as many rows as were shown")
        return Response({"statement": said, "batch_hash": encoded(hash_of(said))})


class ExportView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(responses=ExportReply)
    def get(self, request: Request, uid: UUID) -> Response:
        """How far one export of the office is."""
        return Response(ExportReply(_found(request, uid)).data)


class CancellationView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(request=None, responses=ExportReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """Who asked for it wants it no more: it stops, and its file goes."""
        export = cancel_export(_found(request, uid), by=person_of(request), now=timezone.now())
        return Response(ExportReply(export).data)


class SecondAnswer(serializers.Serializer[Any]):
    step_up = serializers.DictField()


class SecondView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(request=SecondAnswer, responses=ExportReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """Another auditor agrees to one that is too large for one person."""
        found = _found(request, uid)
        body = SecondAnswer(data=request.data)
        body.is_valid(raise_exception=True)
        export = agree_export(
            found,
            by=person_of(request),
            step_up=Answer.read(body.validated_data["step_up"]),
            now=timezone.now(),
        )
        return Response(ExportReply(export).data)


def _found(request: Request, uid: UUID) -> Export:
    return get_object_or_404(exports_of(person_of(request)), uid=uid)


class ExportFileView(APIView):
    permission_classes = (IsAuthenticated, MayAudit)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: UUID) -> StreamingHttpResponse:
        """The file, piece by piece, once it is made. Only who asked for it may take it."""
        export = get_object_or_404(files_taken_by(person_of(request), at=timezone.now()), uid=uid)
        return file_of(export)
