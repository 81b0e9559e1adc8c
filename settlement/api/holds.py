"""``/api/v1/holds``: what holds a payment, and how it was resolved."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Person
from accounts.selectors import may_settle_at_all
from attest.errors import MoveRefused
from settlement import showing
from settlement.api.replies import HoldReply, HoldsReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.asking_about import holds_of_traveller
from settlement.models import Hold, Revision
from settlement.paging import after_of, page
from settlement.revising import Change
from settlement.selectors import holds_of
from settlement.services.answer_hold import answer_hold
from settlement.services.ask_traveller import ask_traveller
from settlement.services.decide_change import decide_change
from settlement.services.not_a_trip import NOT_A_TRIP, not_a_trip
from settlement.services.propose_change import MOST_M, propose_change
from settlement.services.resolve_hold import RESOLUTIONS, resolve_hold
from settlement.services.review_hold import review_hold
from trips.models import Distance

TWO, CHANGED = "two-person-review", "amount-changed"


class ChangeRequest(serializers.Serializer[Any]):
    """By what it is to be computed: the area, the distance from the workplace, or both.

    Or *back* alone: by what the rules say, whatever two clerks decided before.
    """

    area = serializers.ChoiceField(choices=Revision.Area.choices, required=False)
    one_way_m = serializers.IntegerField(min_value=0, max_value=MOST_M, required=False)
    method = serializers.ChoiceField(choices=Distance.Method.choices, required=False)
    back = serializers.BooleanField(required=False)


class ResolutionRequest(serializers.Serializer[Any]):
    """``amount-changed`` with *change* proposes it; of a second clerk, with *agree*, decides."""

    resolution = serializers.ChoiceField(choices=[*RESOLUTIONS, TWO, CHANGED, NOT_A_TRIP])
    reason = serializers.CharField(min_length=2, max_length=500)
    change = ChangeRequest(required=False)
    agree = serializers.BooleanField(required=False)


class HoldsView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(parameters=[OpenApiParameter("after", str)], responses={200: HoldsReply})
    def get(self, request: Request) -> Response:
        """The office's exceptions, newest first, by trip number."""
        rows = holds_of(person_of(request))
        found, following = page(rows, after=after_of(request.query_params.get("after", "")))
        results = [showing.hold(held) for held in found]
        return Response(HoldsReply({"results": results, "next": following}).data)


class ResolutionView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=ResolutionRequest, responses={200: HoldReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Resolve one exception by a code and a typed reason; a review and a change by two."""
        clerk = person_of(request)
        held = get_object_or_404(holds_of(clerk), uid=uid)
        body = ResolutionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, now = body.validated_data, timezone.now()
        code, reason = said["resolution"], said["reason"]
        if code == CHANGED:
            held = _changed(held, clerk, said, now)
        elif code == NOT_A_TRIP:
            held = not_a_trip(held, clerk=clerk, reason=reason, now=now)
        elif code == TWO:
            held = review_hold(held, clerk=clerk, reason=reason, now=now)
        else:
            held = resolve_hold(held, clerk=clerk, resolution=code, reason=reason, now=now)
        return Response(HoldReply(showing.hold(held)).data)


def _changed(held: Hold, clerk: Person, said: dict[str, Any], now: datetime) -> Hold:
    reason = said["reason"]
    if change := said.get("change"):
        made = Change(
            change.get("area", ""),
            change.get("one_way_m"),
            change.get("method", ""),
            change.get("back", False),
        )
        return propose_change(held, clerk=clerk, change=made, reason=reason, now=now).hold
    if "agree" not in said:
        raise MoveRefused("a change to propose, or a yes or no to one")
    decision = Revision.State.AGREED if said["agree"] else Revision.State.DECLINED
    return decide_change(held, clerk=clerk, decision=decision, reason=reason, now=now).hold


class MessageRequest(serializers.Serializer[Any]):
    text = serializers.CharField(min_length=2, max_length=500)


class MessagesView(APIView):
    @extend_schema(request=MessageRequest, responses={201: HoldReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """A clerk asks the traveller about an exception; the traveller of the trip answers."""
        person, now = person_of(request), timezone.now()
        own = holds_of_traveller(person).filter(uid=uid).first()
        asks = holds_of(person) if may_settle_at_all(person, at=now) else Hold.objects.none()
        held = own or get_object_or_404(asks, uid=uid)
        body = MessageRequest(data=request.data)
        body.is_valid(raise_exception=True)
        text = body.validated_data["text"]
        if own:
            held = answer_hold(own, person=person, text=text, now=now).hold
        else:
            held = ask_traveller(held, clerk=person, text=text, now=now).hold
        return Response(HoldReply(showing.hold(held)).data, status=HTTPStatus.CREATED)
