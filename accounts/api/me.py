"""``/api/v1/me``: who is signed in, how they like their pages, who looked at them.

Programs sign in as people do: the session of ``/login/`` is the whole of it.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import caller_of
from accounts.models import Person
from accounts.paging import Page, diary_page
from accounts.selectors import roles_of
from accounts.services.change_settings import change_settings
from ledger.models import AccessSubject
from ledger.selectors import diary_of

THEMES = ["", "light", "dark"]
LANGUAGES = ["", "ko", "en"]


class SettingsRequest(serializers.Serializer[Any]):
    language = serializers.ChoiceField(LANGUAGES, required=False)
    theme = serializers.ChoiceField(THEMES, required=False)
    text_size = serializers.IntegerField(min_value=1, max_value=3, required=False)


class MeReply(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    organisation = serializers.CharField()
    department = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    language = serializers.ChoiceField(LANGUAGES)
    theme = serializers.ChoiceField(THEMES)
    text_size = serializers.IntegerField()


class AccessReply(serializers.Serializer[Any]):
    at = serializers.DateTimeField(source="access.at")
    name = serializers.CharField(source="access.actor.name")
    department = serializers.CharField(source="access.actor.department.name")
    role = serializers.CharField(source="access.role")
    action = serializers.CharField(source="access.action")
    purpose = serializers.CharField(source="access.purpose")
    reason = serializers.CharField(source="access.reason")
    reference = serializers.CharField(source="access.reference")
    depth = serializers.ChoiceField(["times", "place", "position"])


class AccessesReply(serializers.Serializer[Page[AccessSubject]]):
    rows = AccessReply(many=True)
    next = serializers.CharField()


class MeView(APIView):
    @extend_schema(responses=MeReply)
    def get(self, request: Request) -> Response:
        """The person this session belongs to."""
        return Response(_me(caller_of(request)))


class SettingsView(APIView):
    @extend_schema(request=SettingsRequest, responses=MeReply)
    def patch(self, request: Request) -> Response:
        """Language, theme and size of text; what is not named stays."""
        body = SettingsRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(_me(change_settings(caller_of(request), **body.validated_data)))


class AccessesView(APIView):
    @extend_schema(parameters=[OpenApiParameter("before", str)], responses=AccessesReply)
    def get(self, request: Request) -> Response:
        """Who looked at me, newest first, 25 at a time."""
        looks = diary_of(caller_of(request).pk)
        page = diary_page(looks, before=request.query_params.get("before", ""))
        return Response(AccessesReply(page).data)


def _me(person: Person) -> dict[str, Any]:
    said = {
        "id": person.uid,
        "name": person.name,
        "organisation": person.organisation.name,
        "department": person.department.name,
        "roles": sorted(roles_of(person, at=timezone.now())),
        "language": person.language,
        "theme": person.theme,
        "text_size": person.text_size,
    }
    return dict(MeReply(said).data)
