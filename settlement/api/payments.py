"""``/api/v1/payments/imports`` and ``/api/v1/clawbacks``."""

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

from attest.errors import BatchChanged
from settlement.api.replies import WorkReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.jobs import ANSWER, is_small_file
from settlement.models import Clawback
from settlement.paging import after_of, page
from settlement.payments import FATES, LARGEST, Answers, answers_in
from settlement.selectors import clawbacks_of
from settlement.services.apply_payments import apply_payments
from settlement.working import asked

_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)


class BankAnswerRequest(serializers.Serializer[Any]):
    file = serializers.FileField()
    digest = serializers.CharField(required=False, max_length=64)


class BankAnsweredReply(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    fate = serializers.ChoiceField([(fate, fate) for fate in FATES])
    code = serializers.CharField(allow_blank=True)


class AnswersReply(serializers.Serializer[Any]):
    digest = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = BankAnsweredReply(many=True)


class PaymentImportsView(APIView):
    permission_classes = (IsClerk,)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request=BankAnswerRequest,
        responses={200: AnswersReply, 201: AnswersReply, 202: WorkReply},
    )
    def post(self, request: Request) -> Response:
        """Say the fate of every line; with the *digest* of that answer it is written down.

        A large file is read by the worker: 202 names the job; its result has digest and counts.
        """
        clerk = person_of(request)
        body = BankAnswerRequest(data=request.data)
        body.is_valid(raise_exception=True)
        raw = body.validated_data["file"].read(LARGEST + 1)
        if not is_small_file(raw):
            digest = body.validated_data.get("digest", "")
            if digest and not _HEX.fullmatch(digest):
                raise BatchChanged("not the digest of a preview")
            job = asked(clerk, ANSWER, now=timezone.now(), raw=raw, digest=digest)
            return Response(WorkReply({"job": job.uid}).data, status=HTTPStatus.ACCEPTED)
        if "digest" not in body.validated_data:
            return Response(_said(answers_in(raw, clerk=clerk)))
        try:
            digest = bytes.fromhex(body.validated_data["digest"])
        except ValueError as wrong:
            raise BatchChanged("not the digest of a preview") from wrong
        done = apply_payments(raw, digest=digest, clerk=clerk)
        return Response(_said(done), status=HTTPStatus.CREATED)


def _said(answers: Answers) -> dict[str, Any]:
    said = {"digest": answers.digest.hex(), "counts": answers.counts(), "rows": answers.lines}
    return dict(AnswersReply(said).data)


class ClawbackReply(serializers.ModelSerializer[Clawback]):
    id = serializers.UUIDField(source="uid")
    settlement = serializers.UUIDField(source="settlement.uid")
    trip = serializers.CharField(source="settlement.trip.number")

    class Meta:
        model = Clawback
        fields = ("id", "settlement", "trip", "principal", "surcharge", "state", "at", "reason")


class ClawbacksReply(serializers.Serializer[Any]):
    results = ClawbackReply(many=True)
    next = serializers.UUIDField(allow_null=True)


class ClawbacksView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(responses=ClawbacksReply)
    def get(self, request: Request) -> Response:
        """What is to come back, by trip number; newest first, ``?after=`` goes on."""
        after = after_of(request.query_params.get("after", ""))
        found, following = page(clawbacks_of(person_of(request)), after=after)
        return Response(ClawbacksReply({"results": found, "next": following}).data)
