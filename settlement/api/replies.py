"""Shapes of this room's replies; one place, for several routes answer alike."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class WorkReply(serializers.Serializer[Any]):
    """Asked of the worker: ``GET jobs/<id>`` says how far it is, and what came of it."""

    job = serializers.UUIDField()


class BandReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    sign = serializers.CharField()
    mark = serializers.CharField()
    tone = serializers.CharField()
    question = serializers.CharField()
    answer = serializers.CharField()
    reason = serializers.CharField()
    cure = serializers.CharField()
    url = serializers.CharField()


class PayableReply(BandReply):
    won = serializers.IntegerField(allow_null=True)


class ScannedTouchReply(serializers.Serializer[Any]):
    kind = serializers.CharField()
    kind_word = serializers.CharField()
    recorded_at = serializers.DateTimeField()
    # Of a touch without a line: between what, in words; else empty.
    made = serializers.CharField(allow_blank=True)
    place = serializers.CharField()
    planned_m = serializers.IntegerField(allow_null=True)
    number = serializers.CharField()


class ScannedWholeReply(serializers.Serializer[Any]):
    """Where the code was that of a whole trip: of how many touches, and its own number."""

    count = serializers.IntegerField()
    number = serializers.CharField()


class ScannedPersonReply(serializers.Serializer[Any]):
    name = serializers.CharField()
    department = serializers.CharField()


class ScannedTripReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    state_word = serializers.CharField()
    # Where papers and photos are looked at; empty where there are none.
    files_url = serializers.CharField(allow_blank=True)
    destination = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class ReasonReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    kind = serializers.CharField(required=False)
    points = serializers.IntegerField(required=False)
    text = serializers.CharField()


class VerdictReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    word = serializers.CharField()
    of_trip = serializers.CharField()
    reasons = ReasonReply(many=True)
    missing = ReasonReply(many=True)


class LineReply(serializers.Serializer[Any]):
    item = serializers.CharField()
    item_word = serializers.CharField()
    won = serializers.IntegerField()
    status = serializers.CharField()
    rule = serializers.CharField()
    why = serializers.CharField()
    law = serializers.ListField(child=serializers.CharField())
    rule_set = serializers.CharField()


class WarningReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    level = serializers.CharField()
    text = serializers.CharField()


class FaultReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    path = serializers.CharField()
    text = serializers.CharField()


class EarlierReply(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    clerk = serializers.CharField()


class PaidReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    settled_at = serializers.DateTimeField()
    clerk = serializers.CharField()
    total = serializers.IntegerField()
    url = serializers.CharField()


class VerificationReply(serializers.Serializer[Any]):
    """What follows ``payable`` is there only when the code was genuine and its row found."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # off the class again before DRF's own `source` is asked
    code = serializers.CharField()
    genuine = BandReply()
    payable = PayableReply()
    check_in = ScannedTouchReply(required=False)
    whole = ScannedWholeReply(required=False, allow_null=True)
    person = ScannedPersonReply(required=False)
    trip = ScannedTripReply(required=False)
    verdict = VerdictReply(required=False)
    lines = LineReply(many=True, required=False)
    total = serializers.IntegerField(required=False, allow_null=True)
    warnings = WarningReply(many=True, required=False)
    faults = FaultReply(many=True, required=False)
    earlier = EarlierReply(many=True, required=False)
    settlement = PaidReply(required=False, allow_null=True)


class VerificationRowReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # off the class again before DRF's own `source` is asked
    code = serializers.CharField()
    genuine = serializers.CharField()
    payable = serializers.CharField()
    trip = serializers.CharField(source="check_in.trip.number", default=None, allow_null=True)


class VerificationsReply(serializers.Serializer[Any]):
    results = VerificationRowReply(many=True)
    next = serializers.UUIDField(allow_null=True)


class BatchReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    clerk = serializers.CharField()
    state = serializers.CharField()
    state_word = serializers.CharField()
    count = serializers.IntegerField()
    total = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)


class BatchesReply(serializers.Serializer[Any]):
    results = BatchReply(many=True)
    next = serializers.UUIDField(allow_null=True)


class BatchRowReply(serializers.Serializer[Any]):
    trip = serializers.UUIDField()
    number = serializers.CharField()
    won = serializers.IntegerField()
    refused = serializers.CharField()
    settlement = serializers.UUIDField(allow_null=True)


class FullBatchReply(BatchReply):
    hash = serializers.CharField()
    rows = BatchRowReply(many=True)


class SettledTripReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()


class SettlementReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    trip = SettledTripReply()
    batch = serializers.UUIDField()
    clerk = serializers.CharField()
    approver = serializers.CharField()
    traveller = serializers.CharField()
    settled_at = serializers.DateTimeField()
    voided_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField()
    lines = LineReply(many=True)
    rule_digest = serializers.CharField()
    leaf_hash = serializers.CharField()


class VoidReply(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["waiting", "voided"])


class HeldTripReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()


class HoldReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    trip = HeldTripReply()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    note = serializers.CharField()
    state = serializers.CharField()
    blocking = serializers.BooleanField()
    resolution_code = serializers.CharField()
    at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)


class HoldsReply(serializers.Serializer[Any]):
    results = HoldReply(many=True)
    next = serializers.UUIDField(allow_null=True)
