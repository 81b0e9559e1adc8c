"""``/api/v1/receipts/search``: whose receipt a camera has read, asked by who may own it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.models import Person
from attest import digits
from attest.errors import TokenRefused
from trips.caller import caller_of
from trips.evenly import evenly
from trips.limits import RECEIPT
from trips.models import TripToken
from trips.showing import own_touches


class ReceiptRequest(serializers.Serializer[Any]):
    digits = serializers.CharField(max_length=digits.LONGEST_TEXT)


class ReceiptReply(serializers.Serializer[Any]):
    url = serializers.CharField()


class ReceiptSearchView(APIView):
    @extend_schema(request=ReceiptRequest, responses={200: ReceiptReply})
    def post(self, request: Request) -> Response:
        """Where one's own receipt is shown. Nothing is opened: it is known by its hash."""
        person, now = caller_of(request), timezone.now()
        spend(person, RECEIPT, now=now)
        body = ReceiptRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with evenly():
            url = _shown_at(body.validated_data["digits"], person)
        return Response(ReceiptReply({"url": url}).data)


def _shown_at(said: str, person: Person) -> str:
    try:
        hashed = sha256(digits.read(said)).digest()
    except TokenRefused as refused:
        raise NotFound from refused
    named = Q(token_hash=hashed) | Q(renewed__token_hash=hashed)
    if touch := own_touches(person).filter(named).first():
        return f"{reverse('trips:receipt', args=[touch.trip.uid])}?touch={touch.uid}"
    if whole := TripToken.objects.filter(trip__traveller=person, token_hash=hashed).first():
        return reverse("trips:trip", args=[whole.trip.uid])
    raise NotFound
