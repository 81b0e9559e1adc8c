"""``/api/v1/verifications``: one scan, one answer; a refusal is one, too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.shaping import LongText, read
from settlement import showing
from settlement.api.replies import VerificationReply, VerificationsReply
from settlement.api.rights import IsClerk
from settlement.asking import address_of, person_of
from settlement.documents import MOST_CODES, is_pdf, sheets_in
from settlement.limits import TYPED, VERIFY
from settlement.models import Verification
from settlement.paging import after_of, page
from settlement.pictures import codes_in
from settlement.selectors import verifications_of
from settlement.services.verify import verify
from settlement.words import ALONE
from trips.adapters.pictures import MOST_BYTES
from trips.bounded import BoundedForm


class VerificationRequest(serializers.Serializer[Any]):
    # Longer than any code of ours: a foreign one is answered, not called bad shape.
    text = LongText(max_length=4_096, trim_whitespace=True)
    source = serializers.ChoiceField(choices=Verification.Source.choices)  # type: ignore[assignment]  # off the class again before DRF's own `source` is asked
    # What the desk said without the server; the row keeps that it did.
    offline = serializers.ChoiceField(choices=sorted(ALONE), required=False, default="")


# One for all: making their fields anew costs more than filling them.
_SCANNED, _REPLY = VerificationRequest(), VerificationReply()


class VerificationsView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(parameters=[OpenApiParameter("after", str)], responses={200: VerificationsReply})
    def get(self, request: Request) -> Response:
        """The clerk's own scans, newest first. By trip number: nobody is named here."""
        rows = verifications_of(person_of(request))
        found, following = page(rows, after=after_of(request.query_params.get("after", "")))
        return Response(VerificationsReply({"results": found, "next": following}).data)

    @extend_schema(request=VerificationRequest, responses={200: VerificationReply})
    def post(self, request: Request) -> Response:
        """Judge one code, or one typed receipt number."""
        clerk, now = person_of(request), timezone.now()
        spend(clerk, VERIFY, now=now)
        said = read(_SCANNED, request.data)
        text, source = said["text"], said["source"]
        if source == Verification.Source.TYPED:
            spend(clerk, TYPED, now=now)
        seen = verify(
            clerk=clerk,
            text=text,
            source=source,
            address=address_of(request),
            now=now,
            offline=said["offline"],
        )
        return Response(_REPLY.to_representation(showing.scan(seen, said=text)))


class PictureRequest(serializers.Serializer[Any]):
    file = serializers.FileField()


class PageReply(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    # False where the page could not be looked at, in time or at all.
    read = serializers.BooleanField()
    codes = serializers.IntegerField()


class OfAPageReply(VerificationReply):
    page = serializers.IntegerField(required=False)


class PictureReply(serializers.Serializer[Any]):
    """*pages* of a PDF, each with how many codes it holds; *left_off* codes were too many."""

    results = OfAPageReply(many=True)
    pages = PageReply(many=True)
    left_off = serializers.IntegerField()


class PicturesView(APIView):
    permission_classes = (IsClerk,)
    parser_classes = (BoundedForm,)

    @extend_schema(request={"multipart/form-data": PictureRequest}, responses={200: PictureReply})
    def post(self, request: Request) -> Response:
        """Judge every code in a picture (PNG, JPEG, WebP) or a PDF, each alone."""
        clerk, now = person_of(request), timezone.now()
        spend(clerk, VERIFY, now=now)
        body = PictureRequest(data=request.data)
        body.is_valid(raise_exception=True)
        # One byte more than allowed is enough to know.
        content = body.validated_data["file"].read(MOST_BYTES + 1)
        if not is_pdf(content):
            judged = [self._judged(request, text, now) for text in codes_in(content)]
            return Response(PictureReply({"results": judged, "pages": [], "left_off": 0}).data)
        return Response(PictureReply(self._pages(request, content, now)).data)

    def _pages(self, request: Request, content: bytes, now: datetime) -> dict[str, Any]:
        results: list[dict[str, Any]] = []
        pages = []
        left = 0
        for sheet in sheets_in(content):
            codes = sheet.codes or ()
            pages.append({"page": sheet.page, "read": sheet.codes is not None, "codes": len(codes)})
            taken = codes[: MOST_CODES - len(results)]
            left += len(codes) - len(taken)
            results += [self._judged(request, text, now) | {"page": sheet.page} for text in taken]
        return {"results": results, "pages": pages, "left_off": left}

    def _judged(self, request: Request, text: str, now: datetime) -> dict[str, Any]:
        seen = verify(
            clerk=person_of(request),
            text=text,
            source=Verification.Source.PICTURE,
            address=address_of(request),
            now=now,
        )
        return showing.scan(seen)
