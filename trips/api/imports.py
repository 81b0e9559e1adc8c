"""Sheets of trips: first the fate of every row, then, with the same sheet, the drafts."""

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

from trips.caller import administrator_of
from trips.services.import_trips import import_trips
from trips.sheet_plan import FATES, plan_of
from trips.sheets import read_sheet


class SheetRequest(serializers.Serializer[Any]):
    """*file* is the sheet itself, CSV or a workbook of at most 5 MiB."""

    file = serializers.FileField(allow_empty_file=True)


class RowReply(serializers.Serializer[Any]):
    line = serializers.IntegerField(source="entry.line")
    fate = serializers.ChoiceField(choices=FATES)
    code = serializers.CharField(allow_blank=True)


class ImportReply(serializers.Serializer[Any]):
    """*id* names this preview: every row and its fate. It is asked for when applying."""

    id = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = RowReply(many=True)


class ImportsView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SheetRequest, responses={200: ImportReply})
    def post(self, request: Request) -> Response:
        """Say the fate of every row. Nothing is written, and nothing is kept."""
        now = timezone.now()
        person = administrator_of(request, at=now)
        plan = plan_of(person.organisation, read_sheet(sheet_in(request)), now=now)
        return Response(said_of(plan))


class ApplicationView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SheetRequest, responses={201: ImportReply})
    def post(self, request: Request, digest: str) -> Response:
        """Write the drafts of a previewed sheet; 409 if a fate has changed since."""
        now = timezone.now()
        organisation = administrator_of(request, at=now).organisation
        entries, looked_at = read_sheet(sheet_in(request)), bytes.fromhex(digest)
        done = import_trips(organisation, entries=entries, digest=looked_at, now=now)
        return Response(said_of(done), status=HTTPStatus.CREATED)


def sheet_in(request: Request) -> bytes:
    body = SheetRequest(data=request.data)
    body.is_valid(raise_exception=True)
    raw: bytes = body.validated_data["file"].read()
    return raw


def said_of(plan: Any, *, reply: type[ImportReply] = ImportReply) -> dict[str, Any]:
    """*plan* has steps, their digest and their counts."""
    counted = {"id": plan.digest.hex(), "counts": plan.counts(), "rows": plan.steps}
    return dict(reply(counted).data)
