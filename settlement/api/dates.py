"""``/api/v1/months/<yyyy-mm>/dates``: which trips stand on a month's payment statement."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.models import Payment, Settlement
from settlement.months import added_later, month_for, settlements_of_month
from settlement.paging import after_of, page
from settlement.services.add_in import add_in
from settlement.services.leave_out import leave_out
from settlement.shifting import MOST

OUT, IN = "out", "in"


class StatementDateReply(serializers.ModelSerializer[Settlement]):
    id = serializers.UUIDField(source="uid")
    trip = serializers.CharField(source="trip.number")
    payment = serializers.ChoiceField(choices=Payment.choices)

    class Meta:
        model = Settlement
        fields = ("id", "trip", "month", "total", "payment")


class StatementDatesReply(serializers.Serializer[Any]):
    results = StatementDateReply(many=True)
    next = serializers.UUIDField(allow_null=True)


class ShiftRequest(serializers.Serializer[Any]):
    """``out``: left out of this month's statement; ``in``: added from a later one."""

    move = serializers.ChoiceField(choices=[OUT, IN])
    settlements = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST
    )
    reason = serializers.CharField(min_length=2, max_length=500)


class ShiftReply(serializers.Serializer[Any]):
    month = serializers.CharField()
    settlements = serializers.ListField(child=serializers.UUIDField())


class MonthDatesView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(
        parameters=[
            OpenApiParameter("list", str, enum=[IN, OUT]),
            OpenApiParameter("after", str),
        ],
        responses={200: StatementDatesReply},
    )
    def get(self, request: Request, name: str) -> Response:
        """What stands on the statement, newest first, by trip number.

        With ``?list=out`` what could stand on it and stands on a later one; ``?after=`` goes on.
        """
        clerk, out = person_of(request), request.query_params.get("list") == OUT
        rows = (
            added_later(clerk, name) if out else settlements_of_month(clerk, name).order_by("-pk")
        )
        found, following = page(rows, after=after_of(request.query_params.get("after", "")))
        return Response(StatementDatesReply({"results": found, "next": following}).data)

    @extend_schema(request=ShiftRequest, responses={200: ShiftReply})
    def post(self, request: Request, name: str) -> Response:
        """Move settlements between statements, all of them or none; no sum is changed by it.

        The answer names the month they stand on now: of what was left out the first later one
        that is not closed.
        """
        clerk, now = person_of(request), timezone.now()
        body = ShiftRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, month = body.validated_data, month_for(clerk, name)
        asked = {"settlements": said["settlements"], "reason": said["reason"]}
        joined = month.name
        if said["move"] == OUT:
            joined = leave_out(month, clerk=clerk, now=now, **asked)
        else:
            add_in(month, clerk=clerk, now=now, **asked)
        return Response(ShiftReply({"month": joined, "settlements": said["settlements"]}).data)
