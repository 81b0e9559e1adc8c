"""``/api/v1/jobs/<id>``: how far one's own work is."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import caller_of
from accounts.jobs import lapse
from accounts.models import Job


class JobReply(serializers.ModelSerializer[Job]):
    id = serializers.UUIDField(source="uid")

    class Meta:
        model = Job
        fields = ("id", "kind", "state", "done", "total", "code", "result", "at", "ended_at")


class JobView(APIView):
    @extend_schema(responses={200: JobReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """One's own job: its state, how much of it is done, and what came of it."""
        lapse()
        job = get_object_or_404(Job, uid=uid, owner=caller_of(request))
        return Response(JobReply(job).data)
