"""``/api/v1/trips/<id>/papers``: what an upload is, read by its traveller."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from trips.api.shapes import Nothing
from trips.caller import caller_of
from trips.models import Paper
from trips.papering import EARLIEST, LATEST, MOST_WON
from trips.selectors import trips_travelled_by
from trips.selectors_files import unused_upload_of
from trips.services.add_paper import add_paper
from trips.services.withdraw_paper import withdraw_paper


class PaperRequest(serializers.Serializer[Any]):
    """*upload* is the id of ``POST uploads``; *at* the day of use that stands on the paper."""

    upload = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Paper.Kind.choices)
    amount = serializers.IntegerField(min_value=0, max_value=MOST_WON)
    at = serializers.DateTimeField()
    number = serializers.CharField(max_length=60, allow_blank=True, default="")

    def validate_at(self, at: datetime) -> datetime:
        if not EARLIEST <= at.date() <= LATEST:
            raise serializers.ValidationError("not a day of any trip")
        return at


class PaperReply(serializers.Serializer[Any]):
    """*counted* false says *why*: ``outside`` the trip, ``elsewhere``, or ``withdrawn``."""

    id = serializers.UUIDField(source="uid")
    kind = serializers.ChoiceField(choices=Paper.Kind.choices)
    amount = serializers.IntegerField()
    at = serializers.DateTimeField()
    counted = serializers.BooleanField()
    why = serializers.CharField(allow_blank=True)
    check_in = serializers.UUIDField(source="check_in.uid", allow_null=True, default=None)
    file = serializers.SerializerMethodField()

    def get_file(self, row: Paper) -> str:
        return reverse("api:upload-file", args=[row.upload.uid])


class PaperWithdrawalView(APIView):
    @extend_schema(request=Nothing, responses={200: PaperReply})
    def post(self, request: Request, uid: UUID, paper: UUID) -> Response:
        """Take a paper back before the trip is settled; it stays, and counts no more."""
        person = caller_of(request)
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        row = get_object_or_404(trip.papers, uid=paper)
        row = withdraw_paper(row, person=person, now=timezone.now())
        return Response(PaperReply(row).data)


class PapersView(APIView):
    @extend_schema(responses={200: PaperReply(many=True)})
    def get(self, request: Request, uid: UUID) -> Response:
        """The papers of one's own trip."""
        trip = get_object_or_404(trips_travelled_by(caller_of(request)), uid=uid)
        rows = trip.papers.select_related("upload", "check_in")
        return Response(PaperReply(rows, many=True).data)

    @extend_schema(request=PaperRequest, responses={201: PaperReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Put an upload to one's trip as a paper."""
        person = caller_of(request)
        trip = get_object_or_404(trips_travelled_by(person), uid=uid)
        body = PaperRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        said["upload"] = get_object_or_404(unused_upload_of(person), uid=said["upload"])
        row = add_paper(trip, person=person, now=timezone.now(), **said)
        return Response(PaperReply(row).data, status=HTTPStatus.CREATED)
