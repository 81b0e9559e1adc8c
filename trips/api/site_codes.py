"""``/api/v1/site-codes`` for screens, and codes read after a touch for travellers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from trips.api.shapes import CheckInReply
from trips.caller import caller_of
from trips.limits import SITE_CODE
from trips.services.add_site_code import add_site_code
from trips.services.show_site_code import show_site_code
from trips.showing import answer_of, own_touches
from trips.sites import site_shown_on

TOKEN = "X-Display-Token"  # noqa: S105 -- the name of a header


class SiteCodeReply(serializers.Serializer[Any]):
    """*digits* to type, *text* for the QR; another one in *left_ms*."""

    place = serializers.CharField(source="site.place.name")
    name = serializers.CharField(source="site.name")
    digits = serializers.CharField()
    text = serializers.CharField()
    left_ms = serializers.IntegerField()
    now_ms = serializers.IntegerField()


class SiteItemRequest(serializers.Serializer[Any]):
    """A code as it was read: of a screen, of paper, of a tag, or the eight digits."""

    kind = serializers.ChoiceField(choices=["site-code"])
    text = serializers.CharField(max_length=128)


class SiteCodeView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        auth=[],
        parameters=[OpenApiParameter(TOKEN, str, OpenApiParameter.HEADER, required=True)],
        responses={200: SiteCodeReply},
    )
    def get(self, request: Request, uid: UUID) -> Response:
        """The present code of one site, for a screen that shows its token."""
        now = timezone.now()
        site = site_shown_on(uid, token=request.headers.get(TOKEN, ""))
        if site is None:
            raise Http404
        return Response(SiteCodeReply(show_site_code(site, now=now)).data)


class TouchItemsView(APIView):
    @extend_schema(request=SiteItemRequest, responses={201: CheckInReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Read a code at the place, after the touch; the touch is weighed again."""
        person, now = caller_of(request), timezone.now()
        touch = get_object_or_404(own_touches(person), uid=uid)
        body = SiteItemRequest(data=request.data)
        body.is_valid(raise_exception=True)
        spend(person, SITE_CODE, now=now)
        kept = add_site_code(touch, person=person, text=body.validated_data["text"], now=now)
        shown = answer_of(kept, reader=person)
        return Response(CheckInReply(shown).data, status=HTTPStatus.CREATED)
