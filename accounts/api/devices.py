"""``/api/v1/devices``: the keys that sign for a person."""

from __future__ import annotations

from http import HTTPStatus
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import asking
from accounts.api.words import caller_of
from accounts.enrolling import creation_options, read_registration
from accounts.models import Device
from accounts.selectors import devices_of, devices_revocable_by
from accounts.services.approve_device import approve_device
from accounts.services.enrol_device import enrol_device
from accounts.services.revoke_device import revoke_device
from accounts.step_up import Answer
from attest.errors import RecordMalformed


class DeviceRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=50)
    client_data = serializers.CharField(max_length=16_384)
    attestation_object = serializers.CharField(max_length=16_384)


class DeviceApprovalRequest(serializers.Serializer[Any]):
    step_up = serializers.DictField()


class DeviceReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    kind = serializers.ChoiceField(Device.Kind.values)
    name = serializers.CharField()
    synced = serializers.BooleanField()
    state = serializers.ChoiceField(Device.State.values)
    enrolled_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class OptionsReply(serializers.Serializer[Any]):
    """``publicKey`` of ``navigator.credentials.create``, bytes as base64url."""

    rp = serializers.DictField()
    user = serializers.DictField()
    challenge = serializers.CharField()
    pubKeyCredParams = serializers.ListField(child=serializers.DictField())  # noqa: N815 -- the browser's name
    timeout = serializers.IntegerField()
    excludeCredentials = serializers.ListField(child=serializers.DictField())  # noqa: N815 -- the browser's name
    authenticatorSelection = serializers.DictField()  # noqa: N815 -- the browser's name
    attestation = serializers.CharField()
    extensions = serializers.DictField()


class DeviceOptionsView(APIView):
    @extend_schema(request=None, responses=OptionsReply)
    def post(self, request: Request) -> Response:
        """What the browser is to make a passkey of; the question lives five minutes."""
        caller, challenge = caller_of(request), token_bytes(32)
        asking.ask(request.session, "enrol", challenge, now=timezone.now())
        options = creation_options(caller, challenge=challenge, known=devices_of(caller))
        return Response(OptionsReply(options).data)


class DevicesView(APIView):
    @extend_schema(operation_id="devices_list", responses=DeviceReply(many=True))
    def get(self, request: Request) -> Response:
        """My devices, newest first."""
        return Response(DeviceReply(devices_of(caller_of(request)), many=True).data)

    @extend_schema(request=DeviceRequest, responses={201: DeviceReply})
    def post(self, request: Request) -> Response:
        """Enrol the passkey the browser made. The first is live, a further one waits."""
        body = DeviceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        challenge = asking.asked(request.session, "enrol", now=now)
        try:
            made = read_registration(body.validated_data, challenge=challenge)
            device = enrol_device(
                caller_of(request),
                registration=made,
                name=body.validated_data["name"],
                now=now,
            )
        except RecordMalformed as wrong:
            raise ValidationError({"credential": _("This passkey cannot be enrolled.")}) from wrong
        return Response(DeviceReply(device).data, status=HTTPStatus.CREATED)


class RevocationView(APIView):
    @extend_schema(request=None, responses=DeviceReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """From now on it signs nothing that counts. Safe to repeat."""
        caller, now = caller_of(request), timezone.now()
        device = get_object_or_404(devices_revocable_by(caller, at=now), uid=uid)
        return Response(DeviceReply(revoke_device(device, by=caller, now=now)).data)


class ApprovalView(APIView):
    @extend_schema(request=DeviceApprovalRequest, responses=DeviceReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """Let my waiting device in; an older one of mine signs for it."""
        body = DeviceApprovalRequest(data=request.data)
        body.is_valid(raise_exception=True)
        caller = caller_of(request)
        device = get_object_or_404(devices_of(caller), uid=uid)
        answer = Answer.read(body.validated_data["step_up"])
        kept = approve_device(device, by=caller, answer=answer, now=timezone.now())
        return Response(DeviceReply(kept).data)
