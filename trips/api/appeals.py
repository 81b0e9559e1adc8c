"""``POST /api/v1/trips/<uid>/appeals``: the traveller disagrees with a verdict or a hold."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trips.caller import caller_of
from trips.models import Appeal
from trips.selectors import trips_travelled_by
from trips.services.appeal import appeal


class AppealRequest(serializers.Serializer[Any]):
    about = serializers.ChoiceField(choices=Appeal.About.choices)
    text = serializers.CharField(max_length=2_000)


class AppealReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    about = serializers.CharField()
    text = serializers.CharField()
    appeal_state = serializers.CharField(source="state")
    at = serializers.DateTimeField()
    due_on = serializers.DateField()


class AppealsView(APIView):
    @extend_schema(request=AppealRequest, responses={201: AppealReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Disagree. Somebody who is neither clerk nor approver answers in 10 working days."""
        person = caller_of(request)
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        body = AppealRequest(data=request.data)
        body.is_valid(raise_exception=True)
        row = appeal(trip, person=person, now=timezone.now(), **body.validated_data)
        return Response(AppealReply(row).data, status=HTTPStatus.CREATED)
