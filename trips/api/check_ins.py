"""``/api/v1/check-ins``: shape, the caller's scope, one service, the reply."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.models import Person
from accounts.passkeys import b64
from accounts.selectors import may_travel
from trips.api.shapes import CheckInReply, Nothing
from trips.caller import caller_of
from trips.envelope import Envelope
from trips.limits import CHALLENGE, TOUCH
from trips.models import Trip
from trips.selectors import trips_travelled_by
from trips.services.check_in import check_in
from trips.services.issue_challenges import issue_challenges
from trips.services.withdraw import withdraw
from trips.showing import answer_of, own_touches


class CheckInRequest(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    record = serializers.CharField(max_length=16_384, trim_whitespace=False)
    proof = serializers.DictField()


class ChallengeRequest(serializers.Serializer[Any]):
    """*trip* null: a touch without an order."""

    trip = serializers.UUIDField(allow_null=True)
    count = serializers.IntegerField(min_value=1, max_value=1, default=1)


class ChallengeReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    nonce = serializers.CharField()
    issued_ms = serializers.IntegerField()
    life_s = serializers.IntegerField()


class ChallengesReply(serializers.Serializer[Any]):
    challenges = ChallengeReply(many=True)


# One for all answers: making its fields anew costs more than filling them.
_REPLY = CheckInReply()


class ChallengesView(APIView):
    @extend_schema(request=ChallengeRequest, responses={201: ChallengesReply})
    def post(self, request: Request) -> Response:
        """Ask for what the next touch must sign. Good for one touch and ten minutes."""
        person, now = caller_of(request), timezone.now()
        spend(person, CHALLENGE, now=now)
        body = ChallengeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        trip = named_trip(person, body.validated_data["trip"], at=now)
        made = issue_challenges(
            person=person, trip=trip, count=body.validated_data["count"], now=now
        )
        challenges = [
            {
                "id": row.uid,
                "nonce": b64(bytes(row.nonce)),
                "issued_ms": int(row.issued_at.timestamp() * 1000),
                "life_s": row.life_s,
            }
            for row in made
        ]
        return Response(ChallengesReply({"challenges": challenges}).data, status=HTTPStatus.CREATED)


class CheckInsView(APIView):
    @extend_schema(request=CheckInRequest, responses={201: CheckInReply, 200: CheckInReply})
    def post(self, request: Request) -> Response:
        """Record one touch. Safe to repeat with the same body."""
        person, now = caller_of(request), timezone.now()
        spend(person, TOUCH, now=now)
        body = CheckInRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        envelope = Envelope.read(said["id"], said["record"], said["proof"])

        if envelope.record.trip is None and not may_travel(person, at=now):
            raise PermissionDenied
        try:
            touch, new = check_in(person, envelope=envelope, now=now)
        except Trip.DoesNotExist as missing:
            raise Http404 from missing
        status = HTTPStatus.CREATED if new else HTTPStatus.OK
        return Response(_REPLY.to_representation(answer_of(touch, reader=person)), status=status)


class CheckInView(APIView):
    @extend_schema(responses={200: CheckInReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """One's own touch, with its receipt."""
        person = caller_of(request)
        touch = get_object_or_404(own_touches(person), uid=uid)
        return Response(_REPLY.to_representation(answer_of(touch, reader=person)))


class WithdrawalView(APIView):
    @extend_schema(request=Nothing, responses={200: CheckInReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Take a touch back: within fifteen seconds of our clock, and it stays on record."""
        person = caller_of(request)
        touch = get_object_or_404(own_touches(person), uid=uid)
        withdraw(touch, person=person, now=timezone.now())
        return Response(_REPLY.to_representation(answer_of(touch, reader=person)))


def named_trip(person: Person, uid: UUID | None, *, at: datetime) -> Trip | None:
    """A trip of their own, or none for a touch without order, which takes a traveller."""
    if uid is not None:
        return get_object_or_404(trips_travelled_by(person), uid=uid)
    if not may_travel(person, at=at):
        raise PermissionDenied
    return None
