"""The shapes that several resources of this room share."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from trips.models import Kind, State, TripStop, Vehicle, Verdict
from trips.units import unit_words


class Sentence(serializers.Serializer[Any]):
    """One reason or one missing item, in both languages."""

    code = serializers.CharField()
    points = serializers.IntegerField()
    kind = serializers.CharField(required=False)
    decisive = serializers.BooleanField(required=False)
    why_ko = serializers.CharField()
    why_en = serializers.CharField()


class Money(serializers.Serializer[Any]):
    """*total* in won, or null with the *code* of why it cannot be said yet."""

    total = serializers.IntegerField(allow_null=True)
    lines = serializers.ListField(child=serializers.DictField())
    warnings = serializers.ListField(child=serializers.DictField())
    code = serializers.CharField(allow_blank=True)


class Token(serializers.Serializer[Any]):
    text = serializers.CharField()
    digits = serializers.CharField()
    spoken = serializers.CharField()


class TripTokenReply(Token):
    """*count*: how many touches stood when it was sealed."""

    count = serializers.IntegerField()
    sealed_at = serializers.DateTimeField()


class CheckInReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    trip = serializers.UUIDField()
    recorded_at = serializers.DateTimeField()
    # Of a touch without a line, else null: made after the first; by the phone's word at the
    # second, which is null where that cannot be.
    earliest_at = serializers.DateTimeField(allow_null=True)
    claimed_at = serializers.DateTimeField(allow_null=True)
    kind = serializers.ChoiceField(choices=Kind.choices)
    place = serializers.CharField(allow_null=True)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    support = serializers.IntegerField()
    concern = serializers.IntegerField()
    reasons = Sentence(many=True)
    missing = Sentence(many=True)
    missing_mode = serializers.CharField(allow_null=True)
    # What became of the position the phone sent.
    position = serializers.ChoiceField(choices=["kept", "none", "left-out", "erased"])
    # Null once the position was erased: the receipt held it.
    token = Token(allow_null=True)
    # The promise that this touch will stand in the log, signed: kept on the phone, it is proof.
    log_receipt = serializers.CharField()
    expected = Money()
    undo_until = serializers.DateTimeField()


class StopReply(serializers.Serializer[Any]):
    text = serializers.CharField()
    unit = serializers.CharField()
    unit_name = serializers.SerializerMethodField()
    place = serializers.UUIDField(source="place.uid", allow_null=True, default=None)

    def get_unit_name(self, stop: TripStop) -> str:
        return unit_words(stop.unit)


class TripPersonReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    name = serializers.CharField()


class TouchLine(serializers.Serializer[Any]):
    """A touch as the trip lists it; its receipt and reasons are at its own address."""

    id = serializers.UUIDField(source="uid")
    kind = serializers.ChoiceField(choices=Kind.choices)
    recorded_at = serializers.DateTimeField()
    earliest_at = serializers.DateTimeField(allow_null=True)
    claimed_at = serializers.DateTimeField(allow_null=True)
    place = serializers.CharField(source="place_words")
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class TripReply(serializers.Serializer[Any]):
    """A trip with all that its readers may see; made of a ``ShownTrip``."""

    id = serializers.UUIDField(source="trip.uid")
    number = serializers.CharField(source="trip.number")
    state = serializers.ChoiceField(source="trip.state", choices=State.choices)
    purpose = serializers.CharField(source="trip.purpose")
    starts_at = serializers.DateTimeField(source="trip.starts_at")
    ends_at = serializers.DateTimeField(source="trip.ends_at")
    vehicle = serializers.ChoiceField(source="trip.vehicle", choices=Vehicle.choices)
    # Which evidence it needs: standard, both-ends, witness or witness-both-ends.
    policy = serializers.CharField(source="trip.policy")
    approved_at = serializers.DateTimeField(source="trip.approved_at", allow_null=True)
    traveller = TripPersonReply(source="trip.traveller")
    approver = TripPersonReply(source="trip.approver", allow_null=True)
    stops = StopReply(source="trip.stops", many=True)
    check_ins = TouchLine(source="trip.check_ins", many=True)
    verdict = serializers.CharField(allow_blank=True)
    expected = Money(source="money")
    costs = serializers.DictField(source="trip.costs", allow_null=True)
    # Of the row that pays a month's standing sum: month, monthly_amount and days; else null.
    standing = serializers.DictField(source="trip.standing", allow_null=True)


class TripList(serializers.Serializer[Any]):
    trips = TripReply(many=True)
    next = serializers.CharField(allow_null=True)


class Nothing(serializers.Serializer[Any]):
    """An empty body."""
