"""``/api/v1/push-addresses``: browsers that show notices for whoever is signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import caller_of
from accounts.browsers import browser_of, mark_of
from accounts.limits import Bucket, spend
from accounts.push_places import LONGEST, where_of
from accounts.services.drop_push_addresses import drop_push_addresses
from accounts.services.keep_push_address import keep_push_address

_LIMIT = Bucket("push", most=10, fills_s=600)


class KeysRequest(serializers.Serializer[Any]):
    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=40)


class PushAddressRequest(serializers.Serializer[Any]):
    """As ``PushSubscription.toJSON()`` says it; what else stands there is not kept."""

    endpoint = serializers.CharField(max_length=LONGEST)
    keys = KeysRequest()


class PushAddressReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")


class Nothing(serializers.Serializer[Any]):
    """No field is asked for."""


class PushEndReply(serializers.Serializer[Any]):
    ended = serializers.IntegerField()


class PushAddressesView(APIView):
    @extend_schema(request=PushAddressRequest, responses={201: PushAddressReply})
    def post(self, request: Request) -> Response:
        """Have this browser show notices. Safe to repeat."""
        person, now = caller_of(request), timezone.now()
        spend(person, _LIMIT, now=now)
        body = PushAddressRequest(data=request.data)
        body.is_valid(raise_exception=True)
        word = browser_of(request)
        kept = keep_push_address(
            person,
            where=where_of(body.validated_data),
            browser=mark_of(word) if word else None,
            now=now,
        )
        return Response(PushAddressReply(kept).data, status=HTTPStatus.CREATED)


class PushEndView(APIView):
    @extend_schema(request=Nothing, responses={200: PushEndReply})
    def post(self, request: Request) -> Response:
        """Have this browser show none any more."""
        word, count = browser_of(request), 0
        if word:
            count = drop_push_addresses(caller_of(request), browser=mark_of(word))
        return Response(PushEndReply({"ended": count}).data)
