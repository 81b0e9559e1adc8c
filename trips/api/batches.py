"""``/api/v1/check-ins/batches``: what a phone kept while it had no line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.browsers import browser_of
from accounts.limits import spend
from accounts.models import Person
from accounts.shaping import LongText
from attest.errors import Refusal
from trips.api.check_ins import CheckInRequest, keep, shown
from trips.api.shapes import CheckInReply
from trips.caller import caller_of
from trips.limits import TOUCH
from trips.models import CheckIn
from trips.services.withdraw import withdraw
from trips.showing import own_touches

MOST = 50


class QueuedRequest(CheckInRequest):
    """An envelope; or *withdraws* alone: the id of a touch taken back while it waited."""

    id = serializers.UUIDField(required=False)
    record = LongText(max_length=16_384, trim_whitespace=False, required=False)
    proof = serializers.DictField(required=False)
    withdraws = serializers.UUIDField(required=False)


class TouchBatchRequest(serializers.Serializer[Any]):
    person = serializers.UUIDField(required=False, allow_null=True)
    envelopes = QueuedRequest(many=True)


class WithdrawalRequest(serializers.Serializer[Any]):
    withdraws = serializers.UUIDField()


class QueuedReply(serializers.Serializer[Any]):
    """*status* and what stands beside it are what the envelope would have been answered alone."""

    status = serializers.IntegerField()
    answer = CheckInReply(allow_null=True)
    refusal = serializers.DictField(allow_null=True)


class TouchBatchReply(serializers.Serializer[Any]):
    answers = QueuedReply(many=True)


class Several(serializers.Serializer[Any]):
    """Only that there are so many; each is judged alone, so that one spoils none.

    *person* is whose outbox it was: a page may stand open over somebody else's sign-in.
    """

    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    envelopes = serializers.ListField(
        child=serializers.DictField(), allow_empty=False, max_length=MOST
    )


class BatchesView(APIView):
    @extend_schema(request=TouchBatchRequest, responses={200: TouchBatchReply})
    def post(self, request: Request) -> Response:
        """Record what waited on the phone, in its order. One answer each; safe to repeat."""
        person = caller_of(request)
        spend(person, TOUCH, now=timezone.now())
        body = Several(data=request.data)
        body.is_valid(raise_exception=True)
        said, browser = body.validated_data, browser_of(request)
        if said["person"] not in {None, person.uid}:
            raise NotAuthenticated
        answers = [self._answer(person, one, browser) for one in said["envelopes"]]
        return Response({"answers": answers})

    def _answer(self, person: Person, said: Mapping[str, Any], browser: str) -> dict[str, Any]:
        try:
            touch, status = _done(person, said, browser=browser, now=timezone.now())
        except (Refusal, APIException, Http404, PermissionDenied) as no:
            refused = self.get_exception_handler()(no, self.get_exception_handler_context())
            if refused is None:
                raise
            return {"status": refused.status_code, "answer": None, "refusal": refused.data}
        return {"status": status, "answer": shown(touch, reader=person), "refusal": None}


def _done(
    person: Person, said: Mapping[str, Any], *, browser: str, now: datetime
) -> tuple[CheckIn, HTTPStatus]:
    if "withdraws" not in said:
        return keep(person, said, browser=browser, now=now)
    body = WithdrawalRequest(data=said)
    body.is_valid(raise_exception=True)
    touch = get_object_or_404(own_touches(person), client_id=body.validated_data["withdraws"])
    withdraw(touch, person=person, now=now)
    return touch, HTTPStatus.OK
