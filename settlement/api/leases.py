"""``/api/v1/desk-leases``: opening keys for a desk that has to go on without a line."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.passkeys import b64, unb64
from accounts.step_up import Answer
from settlement.api.rights import IsClerk
from settlement.asking import address_of, person_of
from settlement.limits import LEASE
from settlement.services.lend_keys import Desk, lend_keys


class LeaseRequest(serializers.Serializer[Any]):
    desk = serializers.CharField(max_length=40)
    # 04 ‖ x ‖ y of the desk's own key, 65 bytes.
    point = serializers.RegexField(r"^[A-Za-z0-9_-]{87}\Z")
    step_up = serializers.DictField()


class LentKeyReply(serializers.Serializer[Any]):
    kid = serializers.CharField()
    public = serializers.CharField()
    ek = serializers.CharField()
    nonce = serializers.CharField()
    sealed = serializers.CharField()


class LeaseReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    host = serializers.CharField()
    until = serializers.IntegerField()
    keys = LentKeyReply(many=True)


class DeskLeasesView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(request=LeaseRequest, responses={201: LeaseReply})
    def post(self, request: Request) -> Response:
        """Lend the opening keys to one desk for 72 hours, wrapped for its own key."""
        clerk, now = person_of(request), timezone.now()
        spend(clerk, LEASE, now=now)
        body = LeaseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        lease, lent = lend_keys(
            clerk,
            desk=Desk(said["desk"], unb64(said["point"])),
            signed=Answer.read(said["step_up"]),
            address=address_of(request),
            now=now,
        )
        keys = [
            {
                "kid": key.kid.hex(),
                **{name: b64(getattr(key, name)) for name in ("public", "ek", "nonce", "sealed")},
            }
            for key in lent
        ]
        reply = {
            "id": lease.uid,
            "host": settings.HOST,
            "until": int(lease.until.timestamp()),
            "keys": keys,
        }
        return Response(LeaseReply(reply).data, status=HTTPStatus.CREATED)
