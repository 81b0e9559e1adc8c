"""``/api/v1/check-ins/<uid>/presentation``: a receipt on show for a minute."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from trips.api.shapes import Nothing
from trips.caller import caller_of
from trips.limits import PRESENT
from trips.presenting import presents
from trips.services.present import present
from trips.showing import own_touches


class PresentationReply(serializers.Serializer[Any]):
    """*text* is what the QR holds; no station reads it after *expires_at*."""

    text = serializers.CharField()
    expires_at = serializers.DateTimeField()


class PresentationView(APIView):
    @extend_schema(request=Nothing, responses={201: PresentationReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """A code of one's own touch for the next minute, where the office chose to have them."""
        person, now = caller_of(request), timezone.now()
        if not presents(person.organisation):
            raise Http404
        touch = get_object_or_404(own_touches(person), uid=uid)
        spend(person, PRESENT, now=now)
        text, until = present(touch, person=person, now=now)
        said = {"text": text, "expires_at": until}
        return Response(PresentationReply(said).data, status=HTTPStatus.CREATED)
