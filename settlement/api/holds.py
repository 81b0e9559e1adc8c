"""``/api/v1/holds``: what holds a payment, and how it was resolved."""

from __future__ import annotations

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

from accounts.selectors import may_settle_at_all
from settlement import showing
from settlement.api.replies import HoldReply, HoldsReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.asking_about import holds_of_traveller
from settlement.models import Hold
from settlement.paging import after_of, page
from settlement.selectors import holds_of
from settlement.services.answer_hold import answer_hold
from settlement.services.ask_traveller import ask_traveller
from settlement.services.resolve_hold import RESOLUTIONS, resolve_hold
from settlement.services.review_hold import review_hold

TWO = "two-person-review"


class ResolutionRequest(serializers.Serializer[Any]):
    resolution = serializers.ChoiceField(choices=[*RESOLUTIONS, TWO])
    reason = serializers.CharField(min_length=2, max_length=500)


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
        """Resolve one exception by a code and a typed reason; a review by two clerks in turn."""
        clerk = person_of(request)
        held = get_object_or_404(holds_of(clerk), uid=uid)
        body = ResolutionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, now = body.validated_data, timezone.now()
        code, reason = said["resolution"], said["reason"]
        if code == TWO:
            held = review_hold(held, clerk=clerk, reason=reason, now=now)
        else:
            held = resolve_hold(held, clerk=clerk, resolution=code, reason=reason, now=now)
        return Response(HoldReply(showing.hold(held)).data)


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
