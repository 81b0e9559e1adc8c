"""``/api/v1/uploads``: a picture or a PDF comes in, and goes out in one form alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from trips.adapters.pictures import MOST_BYTES
from trips.bounded import BoundedForm
from trips.caller import caller_of
from trips.handing import handed_out
from trips.limits import UPLOAD
from trips.models import Upload
from trips.selectors_files import uploads_visible_to
from trips.services.keep_upload import keep_upload

TYPES = {Upload.Kind.PICTURE: ("image/jpeg", "jpg"), Upload.Kind.PDF: ("application/pdf", "pdf")}


class UploadRequest(serializers.Serializer[Any]):
    file = serializers.FileField()


class UploadReply(serializers.Serializer[Any]):
    """*sha256* of the bytes as they came; what is kept was drawn anew from them."""

    id = serializers.UUIDField(source="uid")
    kind = serializers.ChoiceField(choices=Upload.Kind.choices)
    pages = serializers.IntegerField()
    size = serializers.IntegerField()
    sha256 = serializers.SerializerMethodField()

    def get_sha256(self, row: Upload) -> str:
        return bytes(row.digest).hex()


class UploadsView(APIView):
    parser_classes = (BoundedForm,)

    @extend_schema(request={"multipart/form-data": UploadRequest}, responses={201: UploadReply})
    def post(self, request: Request) -> Response:
        """Send a picture (JPEG, PNG, WebP) or a PDF; say afterwards what it is."""
        person, now = caller_of(request), timezone.now()
        spend(person, UPLOAD, now=now)
        row = keep_upload(person, content=sent_in(request), now=now)
        return Response(UploadReply(row).data, status=HTTPStatus.CREATED)


class UploadFileView(APIView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, uid: UUID) -> HttpResponse:
        """What was drawn anew of it. Another's is written into their diary first."""
        person, now = caller_of(request), timezone.now()
        row = get_object_or_404(uploads_visible_to(person, at=now), uid=uid)
        source = str(request.META.get("REMOTE_ADDR", ""))
        return attached(row, handed_out(row, to=person, source=source, at=now))


def sent_in(request: Request) -> bytes:
    body = UploadRequest(data=request.data)
    body.is_valid(raise_exception=True)
    # One byte more than allowed is enough to know.
    return bytes(body.validated_data["file"].read(MOST_BYTES + 1))


def attached(row: Upload, content: bytes) -> HttpResponse:
    """To be saved, never run: a name and a type of ours, and no rights at all."""
    kind, ending = TYPES[Upload.Kind(row.kind)]
    answer = HttpResponse(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.uid}.{ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
