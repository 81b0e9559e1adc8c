"""``/api/v1/vehicle-logs/imports``, ``absences/imports`` and ``fuel-prices/imports``."""

from __future__ import annotations

import re
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
from attest.errors import BatchChanged
from settlement.api.replies import WorkReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.jobs import KEEP, is_small_file
from settlement.records import ABSENCES, FATES, FUEL, VEHICLES, Records, records_in
from settlement.services.import_records import import_records
from settlement.working import asked

_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)


class RecordsRequest(serializers.Serializer[Any]):
    file = serializers.FileField()
    digest = serializers.CharField(required=False, max_length=64)


class RecordReply(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    fate = serializers.ChoiceField([(fate, fate) for fate in FATES])
    code = serializers.CharField(allow_blank=True)


class RecordsReply(serializers.Serializer[Any]):
    digest = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = RecordReply(many=True)


class _RecordsView(APIView):
    permission_classes = (IsClerk,)
    parser_classes = (MultiPartParser,)
    kind = ""

    @extend_schema(
        request=RecordsRequest, responses={200: RecordsReply, 201: RecordsReply, 202: WorkReply}
    )
    def post(self, request: Request) -> Response:
        """Say the fate of every line; with the *digest* of that answer the new ones are kept.

        A large file is read by the worker: 202 names the job; its result has digest and counts.
        """
        clerk = person_of(request)
        body = RecordsRequest(data=request.data)
        body.is_valid(raise_exception=True)
        raw = body.validated_data["file"].read(LARGEST + 1)
        if not is_small_file(raw):
            digest = body.validated_data.get("digest", "")
            if digest and not _HEX.fullmatch(digest):
                raise BatchChanged("not the digest of a preview")
            job = asked(clerk, KEEP, now=timezone.now(), raw=raw, kind=self.kind, digest=digest)
            return Response(WorkReply({"job": job.uid}).data, status=HTTPStatus.ACCEPTED)
        if "digest" not in body.validated_data:
            return Response(_said(records_in(raw, kind=self.kind, organisation=clerk.organisation)))
        try:
            digest = bytes.fromhex(body.validated_data["digest"])
        except ValueError as wrong:
            raise BatchChanged("not the digest of a preview") from wrong
        done = import_records(raw, kind=self.kind, digest=digest, clerk=clerk)
        return Response(_said(done), status=HTTPStatus.CREATED)


def _said(found: Records) -> dict[str, Any]:
    said = {"digest": found.digest.hex(), "counts": found.counts(), "rows": found.lines}
    return dict(RecordsReply(said).data)


class VehicleLogsView(_RecordsView):
    kind = VEHICLES


class AbsencesView(_RecordsView):
    kind = ABSENCES


class FuelPricesView(_RecordsView):
    kind = FUEL
