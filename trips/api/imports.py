"""Sheets of trips: first the fate of every row, then, with the same sheet, the drafts."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from attest.errors import BatchChanged
from trips.caller import administrator_of
from trips.services.import_trips import import_trips
from trips.sheet_plan import FATES, SheetPlan, plan_of
from trips.sheets import Entry, read_sheet


class SheetRequest(serializers.Serializer[Any]):
    """*file* is the sheet itself, CSV of at most 5 MiB."""

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
        plan = plan_of(person.organisation, _entries(request), now=now)
        return Response(_said(plan))


class ApplicationView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request=SheetRequest, responses={201: ImportReply})
    def post(self, request: Request, digest: str) -> Response:
        """Write the drafts of a previewed sheet; 409 if a fate has changed since."""
        now = timezone.now()
        person = administrator_of(request, at=now)
        entries = _entries(request)
        plan = plan_of(person.organisation, entries, now=now)
        if not hmac.compare_digest(plan.digest.hex(), digest):
            raise BatchChanged("this is not the sheet that was looked at")
        done = import_trips(person.organisation, entries=entries, digest=plan.digest, now=now)
        return Response(_said(done), status=HTTPStatus.CREATED)


def _entries(request: Request) -> list[Entry]:
    body = SheetRequest(data=request.data)
    body.is_valid(raise_exception=True)
    return read_sheet(body.validated_data["file"].read())


def _said(plan: SheetPlan) -> dict[str, Any]:
    counted = {"id": plan.digest.hex(), "counts": plan.counts(), "rows": plan.steps}
    return dict(ImportReply(counted).data)
