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
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.browsers import browser_of, mark_of, named, remember
from accounts.limits import spend
from accounts.models import Device, Person
from accounts.passkeys import b64
from accounts.selectors import live_device_of, may_travel
from accounts.shaping import LongText, read
from attest import ticket
from attest.record import LAST_MS
from trips.api.shapes import CheckInReply, Nothing
from trips.caller import caller_of
from trips.envelope import Envelope
from trips.limits import CHALLENGE, TOUCH
from trips.models import CheckIn, Trip
from trips.selectors import trips_travelled_by
from trips.services.check_in import check_in
from trips.services.hold_challenges import MOST, hold_challenges
from trips.services.issue_challenges import issue_challenges
from trips.services.light_beacon import light_beacon
from trips.services.withdraw import withdraw
from trips.showing import answer_of, own_touches


class CheckInRequest(serializers.Serializer[Any]):
    """An envelope. *beacon* came with its challenge; *sent_ms* is the phone's clock now.

    Both count for a touch that was made without a line, and neither is signed.
    """

    id = serializers.UUIDField()
    record = LongText(max_length=16_384, trim_whitespace=False)
    proof = serializers.DictField()
    beacon = serializers.CharField(
        max_length=ticket.LONGEST, allow_null=True, required=False, default=None
    )
    sent_ms = serializers.IntegerField(
        min_value=0, max_value=LAST_MS, allow_null=True, required=False, default=None
    )


class ChallengeRequest(serializers.Serializer[Any]):
    """*trip* null: a touch without an order. *device*: the ``id`` of the key that will sign.

    *held* false: one that lives ten minutes, for a touch now. True: up to *count* to keep for
    touches without a line.
    """

    trip = serializers.UUIDField(allow_null=True)
    count = serializers.IntegerField(min_value=1, max_value=MOST, default=1)
    held = serializers.BooleanField(default=False)
    device = serializers.UUIDField(allow_null=True, required=False, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["count"] > 1 and not attrs["held"]:
            raise serializers.ValidationError({"count": _("A touch now needs one.")})
        return attrs


class ChallengeReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    nonce = serializers.CharField()
    issued_ms = serializers.IntegerField()
    life_s = serializers.IntegerField()


class ChallengesReply(serializers.Serializer[Any]):
    """*beacon* goes along with every envelope that answers one of these."""

    challenges = ChallengeReply(many=True)
    beacon = serializers.CharField()


# One for all: making their fields anew costs more than filling them.
_ENVELOPE, _REPLY = CheckInRequest(), CheckInReply()


class ChallengesView(APIView):
    @extend_schema(request=ChallengeRequest, responses={201: ChallengesReply})
    def post(self, request: Request) -> Response:
        """Ask for what the next touch must sign. Each is good for one touch."""
        person, now = caller_of(request), timezone.now()
        spend(person, CHALLENGE, now=now)
        body = ChallengeRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        trip = named_trip(person, said["trip"], at=now)
        device = _named_device(person, said["device"])
        word = named(request)
        if said["held"]:
            made = hold_challenges(
                person=person,
                trip=trip,
                device=device,
                browser=mark_of(word),
                count=said["count"],
                now=now,
            )
        else:
            made = issue_challenges(person=person, trip=trip, device=device, count=1, now=now)
        challenges = [
            {
                "id": row.uid,
                "nonce": b64(bytes(row.nonce)),
                "issued_ms": int(row.issued_at.timestamp() * 1000),
                "life_s": row.life_s,
            }
            for row in made
        ]
        beacon = light_beacon(made, device=device, now=now)
        reply = ChallengesReply({"challenges": challenges, "beacon": beacon})
        answer = Response(reply.data, status=HTTPStatus.CREATED)
        remember(word, answer)
        return answer


class CheckInsView(APIView):
    @extend_schema(request=CheckInRequest, responses={201: CheckInReply, 200: CheckInReply})
    def post(self, request: Request) -> Response:
        """Record one touch. Safe to repeat with the same body."""
        person, now = caller_of(request), timezone.now()
        spend(person, TOUCH, now=now)
        touch, status = keep(person, request.data, browser=browser_of(request), now=now)
        return Response(shown(touch, reader=person), status=status)


class CheckInView(APIView):
    @extend_schema(responses={200: CheckInReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """One's own touch, with its receipt."""
        person = caller_of(request)
        touch = get_object_or_404(own_touches(person), uid=uid)
        return Response(shown(touch, reader=person))


class WithdrawalView(APIView):
    @extend_schema(request=Nothing, responses={200: CheckInReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Take a touch back: within fifteen seconds of our clock, and it stays on record."""
        person = caller_of(request)
        touch = get_object_or_404(own_touches(person), uid=uid)
        withdraw(touch, person=person, now=timezone.now())
        return Response(shown(touch, reader=person))


def keep(person: Person, said: Any, *, browser: str, now: datetime) -> tuple[CheckIn, HTTPStatus]:
    """Record the envelope *said* for *person*: 201 new, 200 the same again."""
    sent = read(_ENVELOPE, said)
    envelope = Envelope.read(
        sent["id"],
        sent["record"],
        sent["proof"],
        beacon=sent["beacon"],
        sent_ms=sent["sent_ms"],
        browser=browser,
    )
    if envelope.record.trip is None and not may_travel(person, at=now):
        raise PermissionDenied
    try:
        touch, new = check_in(person, envelope=envelope, now=now)
    except Trip.DoesNotExist as missing:
        raise Http404 from missing
    return touch, HTTPStatus.CREATED if new else HTTPStatus.OK


def shown(touch: CheckIn, *, reader: Person) -> dict[str, Any]:
    return _REPLY.to_representation(answer_of(touch, reader=reader))


def _named_device(person: Person, uid: UUID | None) -> Device | None:
    """A key of their own that signs now."""
    if uid is None:
        return None
    if (device := live_device_of(person, uid)) is None:
        raise Http404
    return device


def named_trip(person: Person, uid: UUID | None, *, at: datetime) -> Trip | None:
    """A trip of their own, or none for a touch without order, which takes a traveller."""
    if uid is not None:
        return get_object_or_404(trips_travelled_by(person), uid=uid)
    if not may_travel(person, at=at):
        raise PermissionDenied
    return None
