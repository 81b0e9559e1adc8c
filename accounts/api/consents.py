"""``/api/v1/consents``: what was asked, what was said, append-only."""

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
from accounts.consents import PURPOSES, withdrawn
from accounts.models import Consent
from accounts.selectors import consents_of
from accounts.services.answer_consent import answer_consent


class ConsentRequest(serializers.Serializer[Any]):
    purpose = serializers.ChoiceField(PURPOSES)
    text_version = serializers.CharField(max_length=20)
    answer = serializers.ChoiceField(Consent.Answer.choices)


class ConsentReply(serializers.Serializer[Any]):
    purpose = serializers.CharField()
    text_version = serializers.CharField()
    answer = serializers.ChoiceField(Consent.Answer.choices)
    at = serializers.DateTimeField()


class ConsentsView(APIView):
    @extend_schema(operation_id="consents_list", responses=ConsentReply(many=True))
    def get(self, request: Request) -> Response:
        """Every answer I ever gave, newest first."""
        return Response(ConsentReply(consents_of(caller_of(request)), many=True).data)

    @extend_schema(request=ConsentRequest, responses={201: ConsentReply})
    def post(self, request: Request) -> Response:
        """Say yes to the text in force, pause, or withdraw."""
        body = ConsentRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said, person, now = body.validated_data, caller_of(request), timezone.now()
        kept = answer_consent(
            person,
            purpose=said["purpose"],
            version=said["text_version"],
            answer=said["answer"],
            now=now,
        )
        if said["answer"] == Consent.Answer.WITHDRAWN:
            withdrawn.send(Consent, person=person, purpose=said["purpose"], now=now)
        return Response(ConsentReply(kept).data, status=HTTPStatus.CREATED)
