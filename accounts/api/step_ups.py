"""``/api/v1/step-ups``: the question a passkey answers before a deed that needs it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import caller_of
from accounts.passkeys import b64, unb64
from accounts.selectors import live_passkeys_of
from accounts.services.ask_step_up import ask_step_up
from accounts.step_up import LIFE, challenge_of
from attest.errors import RecordMalformed


class StepUpRequest(serializers.Serializer[Any]):
    action = serializers.RegexField(r"^[a-z][a-z-]{0,29}\Z")
    batch_hash = serializers.RegexField(r"^[A-Za-z0-9_-]{43}\Z")


class StepUpReply(serializers.Serializer[Any]):
    """The answer travels as ``step_up`` = ``{id, proof}`` in the deed."""

    id = serializers.UUIDField()
    challenge = serializers.CharField()
    rp_id = serializers.CharField()
    credential_ids = serializers.ListField(child=serializers.CharField())
    timeout_ms = serializers.IntegerField()


class StepUpsView(APIView):
    @extend_schema(request=StepUpRequest, responses={201: StepUpReply})
    def post(self, request: Request) -> Response:
        """Ask for a fresh signature over one action and one batch. It lives five minutes."""
        body = StepUpRequest(data=request.data)
        body.is_valid(raise_exception=True)
        caller = caller_of(request)
        asked = ask_step_up(
            caller,
            action=body.validated_data["action"],
            batch_hash=_bytes(body.validated_data["batch_hash"]),
            now=timezone.now(),
        )
        said = {
            "id": asked.uid,
            "challenge": b64(challenge_of(asked)),
            "rp_id": settings.RP_ID,
            "credential_ids": [
                b64(bytes(d.credential_id or b"")) for d in live_passkeys_of(caller)
            ],
            "timeout_ms": int(LIFE.total_seconds() * 1000),
        }
        return Response(StepUpReply(said).data, status=HTTPStatus.CREATED)


def _bytes(text: str) -> bytes:
    try:
        return unb64(text)
    except RecordMalformed as wrong:
        raise ValidationError({"batch_hash": _("This is not 32 bytes in base64url.")}) from wrong
