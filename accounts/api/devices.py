"""``/api/v1/devices``: the keys that sign for a person."""

from __future__ import annotations

from datetime import datetime
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

from accounts import asking, device_keys
from accounts.api.words import caller_of
from accounts.enrolling import creation_options, read_registration
from accounts.models import Device, Person
from accounts.passkeys import b64
from accounts.selectors import devices_managed_by, devices_of
from accounts.services.approve_device import approve_device
from accounts.services.enrol_device import enrol_device
from accounts.services.enrol_device_key import enrol_device_key
from accounts.services.name_device import name_device
from accounts.services.revoke_device import revoke_device
from accounts.step_up import Answer
from accounts.vouching import passkey_shown, signed_in_by
from attest.errors import RecordMalformed

_OF_KIND = {
    Device.Kind.PASSKEY: ("client_data", "attestation_object"),
    Device.Kind.DEVICE_KEY: ("public_key", "signature"),
}


class DeviceRequest(serializers.Serializer[Any]):
    """A ``passkey`` brings client_data and attestation_object, a ``device_key`` the rest.

    *public_key* is SPKI DER; *signature* shows that the browser holds its private half;
    *replaces* names the key of the same browser that retires.
    """

    kind = serializers.ChoiceField(Device.Kind.choices, default=Device.Kind.PASSKEY)
    name = serializers.CharField(max_length=50)
    client_data = serializers.CharField(max_length=16_384, required=False)
    attestation_object = serializers.CharField(max_length=16_384, required=False)
    public_key = serializers.CharField(max_length=400, required=False)
    signature = serializers.CharField(max_length=100, required=False)
    replaces = serializers.UUIDField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = _OF_KIND[Device.Kind(attrs["kind"])]
        if missing := [name for name in needed if name not in attrs]:
            raise ValidationError(dict.fromkeys(missing, _("This field is required.")))
        return attrs


class DeviceNameRequest(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=50)


class DeviceApprovalRequest(serializers.Serializer[Any]):
    step_up = serializers.DictField()


class DeviceReply(serializers.Serializer[Any]):
    """*key_id* is how the proof of a touch names a device key; null for a passkey."""

    id = serializers.UUIDField(source="uid")
    kind = serializers.ChoiceField(Device.Kind.choices)
    key_id = serializers.SerializerMethodField()
    name = serializers.CharField()
    synced = serializers.BooleanField()
    state = serializers.ChoiceField(Device.State.values)
    enrolled_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)

    def get_key_id(self, device: Device) -> str | None:
        return b64(device.key_id) if device.kind == Device.Kind.DEVICE_KEY else None


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
        """Enrol the passkey the browser made, or a key of the browser's own.

        The first is live, a further one waits. A device key is live at once where the
        session has seen a passkey.
        """
        body = DeviceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, caller, now = body.validated_data, caller_of(request), timezone.now()
        challenge = asking.asked(request.session, "enrol", now=now)
        enrol = _passkey if said["kind"] == Device.Kind.PASSKEY else _device_key
        try:
            device = enrol(request, caller, said, challenge, now)
        except RecordMalformed as wrong:
            raise ValidationError({"credential": _("This key cannot be enrolled.")}) from wrong
        return Response(DeviceReply(device).data, status=HTTPStatus.CREATED)


def _passkey(
    request: Request, caller: Person, said: dict[str, Any], challenge: bytes, now: datetime
) -> Device:
    made = read_registration(said, challenge=challenge)
    device = enrol_device(caller, registration=made, name=said["name"], now=now)
    if device.state == Device.State.LIVE:
        passkey_shown(request.session, person=caller)
    return device


def _device_key(
    request: Request, caller: Person, said: dict[str, Any], challenge: bytes, now: datetime
) -> Device:
    public_key = device_keys.read_key(said, challenge=challenge)
    keys = devices_of(caller).filter(kind=Device.Kind.DEVICE_KEY)
    old = get_object_or_404(keys, uid=said["replaces"]) if said["replaces"] else None
    return enrol_device_key(
        caller,
        public_key=public_key,
        name=said["name"],
        replaces=old,
        signed_in_by=signed_in_by(request.session, person=caller),
        now=now,
    )


class DeviceView(APIView):
    @extend_schema(request=DeviceNameRequest, responses=DeviceReply)
    def patch(self, request: Request, uid: UUID) -> Response:
        """What I call a device of mine."""
        body = DeviceNameRequest(data=request.data)
        body.is_valid(raise_exception=True)
        device = get_object_or_404(devices_of(caller_of(request)), uid=uid)
        return Response(DeviceReply(name_device(device, name=body.validated_data["name"])).data)


class RevocationView(APIView):
    @extend_schema(request=None, responses=DeviceReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """From now on it signs nothing that counts. Safe to repeat."""
        caller, now = caller_of(request), timezone.now()
        device = get_object_or_404(devices_managed_by(caller, at=now), uid=uid)
        return Response(DeviceReply(revoke_device(device, by=caller, now=now)).data)


class ApprovalView(APIView):
    @extend_schema(request=DeviceApprovalRequest, responses=DeviceReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """Let a waiting device in: an older one of its person signs for it, or an administrator."""
        body = DeviceApprovalRequest(data=request.data)
        body.is_valid(raise_exception=True)
        caller, now = caller_of(request), timezone.now()
        device = get_object_or_404(devices_managed_by(caller, at=now), uid=uid)
        answer = Answer.read(body.validated_data["step_up"])
        kept = approve_device(device, by=caller, answer=answer, now=now)
        return Response(DeviceReply(kept).data)
