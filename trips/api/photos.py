"""``/api/v1/check-ins/<id>/photo``: the picture whose hash the touch has signed."""

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

from accounts.limits import spend
from trips.api.shapes import Sentence
from trips.api.uploads import UploadRequest, sent_in
from trips.bounded import BoundedForm
from trips.caller import caller_of
from trips.limits import UPLOAD
from trips.models import Verdict
from trips.services.add_photo import add_photo
from trips.showing import own_touches


class PhotoReply(serializers.Serializer[Any]):
    """What the touch shows with it. *code* has to stand on the picture."""

    code = serializers.CharField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    support = serializers.IntegerField()
    missing = Sentence(many=True)


class PhotoView(APIView):
    parser_classes = (BoundedForm,)

    @extend_schema(request={"multipart/form-data": UploadRequest}, responses={201: PhotoReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Send the photo of one's own touch. Safe to repeat with the same file."""
        person, now = caller_of(request), timezone.now()
        spend(person, UPLOAD, now=now)
        touch = get_object_or_404(own_touches(person), uid=uid)
        row = add_photo(touch, person=person, content=sent_in(request), now=now)
        judged = touch.assessments.order_by("-pk")[0]
        said = {
            "code": row.code,
            "verdict": judged.verdict,
            "support": judged.support,
            "missing": judged.missing,
        }
        return Response(PhotoReply(said).data, status=HTTPStatus.CREATED)
