"""``/api/v1/settlements``: what was paid, by which lines, and the way back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from settlement import showing
from settlement.api.replies import SettlementReply, VoidReply
from settlement.api.rights import IsClerk
from settlement.asking import address_of, person_of
from settlement.looking import look
from settlement.selectors import settlements_visible_to
from settlement.services.unsettle import unsettle


class VoidRequest(serializers.Serializer[Any]):
    reason = serializers.CharField(min_length=2, max_length=500)


class SettlementView(APIView):
    @extend_schema(responses={200: SettlementReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """Its lines as paid. Clerks and auditors leave an entry in the diary."""
        reader, now = person_of(request), timezone.now()
        paid = get_object_or_404(
            settlements_visible_to(reader, at=now).select_related("batch"), uid=uid
        )
        look(
            reader,
            [paid.traveller],
            depth="times",
            action="settlement",
            reference=paid.trip.number,
            address=address_of(request),
            now=now,
        )
        return Response(SettlementReply(showing.settlement(paid)).data)


class VoidView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=VoidRequest, responses={200: VoidReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """The first clerk proposes (``waiting``), another one does it (``voided``)."""
        clerk, now = person_of(request), timezone.now()
        paid = get_object_or_404(settlements_visible_to(clerk, at=now), uid=uid)
        body = VoidRequest(data=request.data)
        body.is_valid(raise_exception=True)
        done = unsettle(paid, clerk=clerk, reason=body.validated_data["reason"], now=now)
        return Response(VoidReply({"state": "voided" if done else "waiting"}).data)
