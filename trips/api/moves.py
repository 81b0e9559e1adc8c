"""The moves of a trip, each a noun under its address (01-model.md §3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.selectors import may_settle_at_all
from trips.api.shapes import Nothing, TripReply
from trips.api.trips import reply
from trips.caller import caller_of
from trips.models import CheckIn, Correction, Trip, Vehicle
from trips.selectors import trips_approved_by, trips_travelled_by, trips_visible_to
from trips.services.add_item import add_item
from trips.services.cancel import cancel
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.decide_correction import decide_correction
from trips.services.order import order
from trips.services.request import request as request_trip
from trips.services.return_request import return_request
from trips.services.send_back import send_back
from trips.services.tell_costs import tell_costs
from trips.services.void import void


class ReasonRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class CancellationRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class ApprovalRequest(serializers.Serializer[Any]):
    """Step 1 orders the trip, step 2 confirms it for payment. A return needs a *note*.

    Of a month's standing sum step 2 needs *standing*, as the trip's own address showed it.
    """

    decision = serializers.ChoiceField(choices=["approve", "return"])
    step = serializers.ChoiceField(choices=[1, 2])
    note = serializers.CharField(max_length=500, allow_blank=True, default="")
    standing = serializers.DictField(allow_null=True, default=None)


class CorrectionRequest(serializers.Serializer[Any]):
    what = serializers.ChoiceField(choices=Correction.What.choices)
    value = serializers.CharField(max_length=200, allow_blank=True, default="")
    reason = serializers.CharField(max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["what"] == Correction.What.VEHICLE and attrs["value"] not in Vehicle.values:
            raise serializers.ValidationError({"value": _("Choose the vehicle you took.")})
        return attrs


class DecisionRequest(serializers.Serializer[Any]):
    """A declined correction needs a *note*."""

    decision = serializers.ChoiceField(choices=["accepted", "declined"])
    note = serializers.CharField(max_length=500, allow_blank=True, default="")


class CorrectionReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    what = serializers.ChoiceField(choices=Correction.What.choices)
    value = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=Correction.State.choices)
    at = serializers.DateTimeField()


class ItemRequest(serializers.Serializer[Any]):
    """So far a statement, in at least ten letters; for one touch of the trip, or for all of it."""

    kind = serializers.ChoiceField(choices=["statement"])
    text = serializers.CharField(min_length=10, max_length=2_000)
    check_in = serializers.UUIDField(allow_null=True, default=None)


class ItemReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    kind = serializers.CharField()
    at = serializers.DateTimeField()


class CostsRequest(serializers.Serializer[Any]):
    """Fields of a trip of the claim, as ``python -m attest allowance`` reads them."""

    actual_costs = serializers.ListField(
        child=serializers.DictField(), max_length=100, default=list
    )
    fares = serializers.ListField(child=serializers.DictField(), max_length=100, default=list)
    nights = serializers.ListField(child=serializers.DictField(), max_length=400, default=list)
    meals_provided = serializers.ListField(
        child=serializers.DictField(), max_length=400, default=list
    )
    not_needed_dates = serializers.ListField(
        child=serializers.CharField(), max_length=400, default=list
    )
    stay = serializers.DictField(allow_null=True, default=None)
    other_payer = serializers.ListField(child=serializers.DictField(), max_length=20, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A misspelt name must not be read as nothing: what it told would not be paid.
        if unknown := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError({name: _("Not a field.") for name in unknown})
        return attrs


class RequestView(APIView):
    @extend_schema(request=Nothing, responses={200: TripReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Lay one's draft before the approver."""
        trip = get_object_or_404(trips_travelled_by(caller_of(request)), uid=uid)
        return reply(request_trip(trip, now=timezone.now()))


class ApprovalsView(APIView):
    @extend_schema(request=ApprovalRequest, responses={200: TripReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Decide on a trip that lies before the caller; nobody finds their own there."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(trips_approved_by(person, at=timezone.now()), uid=uid)
        body = ApprovalRequest(data=request.data)
        body.is_valid(raise_exception=True)
        note, step = body.validated_data["note"], body.validated_data["step"]
        if body.validated_data["decision"] == "return":
            if step == 1:
                return reply(return_request(trip, approver=person, reason=note, now=now))
            return reply(send_back(trip, actor=person, reason=note, now=now))
        if step == 1:
            return reply(order(trip, approver=person, note=note, now=now))
        shown = body.validated_data["standing"]
        return reply(confirm(trip, approver=person, note=note, now=now, standing=shown))


class CancellationView(APIView):
    @extend_schema(request=CancellationRequest, responses={200: TripReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Call a trip off before anybody touched on it."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(trips_visible_to(person, at=now), uid=uid)
        body = CancellationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return reply(cancel(trip, actor=person, reason=body.validated_data["reason"], now=now))


class VoidView(APIView):
    @extend_schema(request=ReasonRequest, responses={200: TripReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """A clerk says it was no trip, once the traveller has said so."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(trips_visible_to(person, at=now), uid=uid)
        if not may_settle_at_all(person, at=now):
            raise PermissionDenied
        body = ReasonRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return reply(void(trip, clerk=person, reason=body.validated_data["reason"], now=now))


class CorrectionsView(APIView):
    @extend_schema(request=CorrectionRequest, responses={201: CorrectionReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Say what should have stood there. The original stays beside it."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        body = CorrectionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        made = correct(trip, person=person, now=now, **body.validated_data)
        return Response(CorrectionReply(made).data, status=HTTPStatus.CREATED)


class CorrectionDecisionView(APIView):
    @extend_schema(request=DecisionRequest, responses={200: CorrectionReply})
    def post(self, request: Request, uid: UUID, correction: UUID) -> Response:
        """Answer a correction of a trip that lies before the caller."""
        person = caller_of(request)
        trip = get_object_or_404(trips_approved_by(person, at=timezone.now()), uid=uid)
        asked = get_object_or_404(trip.corrections, uid=correction)
        body = DecisionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        decided = decide_correction(
            asked, approver=person, now=timezone.now(), **body.validated_data
        )
        return Response(CorrectionReply(decided).data)


class ItemsView(APIView):
    @extend_schema(request=ItemRequest, responses={201: ItemReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Add one more thing that supports a touch."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        body = ItemRequest(data=request.data)
        body.is_valid(raise_exception=True)
        touch = _touch(trip, body.validated_data["check_in"])
        item = add_item(
            trip,
            person=person,
            text=body.validated_data["text"],
            now=now,
            check_in=touch,
        )
        return Response(ItemReply(item).data, status=HTTPStatus.CREATED)


class CostsView(APIView):
    @extend_schema(request=CostsRequest, responses={200: TripReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Tell what a trip cost, whole; it replaces what was told before."""
        person = caller_of(request)
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        body = CostsRequest(data=request.data)
        body.is_valid(raise_exception=True)
        costs = body.validated_data
        return reply(tell_costs(trip, person=person, costs=costs, now=timezone.now()))


def _touch(trip: Trip, uid: UUID | None) -> CheckIn | None:
    return None if uid is None else get_object_or_404(trip.check_ins, uid=uid)
