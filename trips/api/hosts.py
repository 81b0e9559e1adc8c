"""Host asks of a traveller, and the question and answer of a host without an account."""

from __future__ import annotations

from hashlib import sha256
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.limits import spend
from accounts.models import Person
from trips.caller import caller_of
from trips.hosting import Host
from trips.hosts import asks_of
from trips.limits import HOST_ASK
from trips.models import HostAsk, Kind
from trips.services.answer_host import answer_host
from trips.services.ask_host import ask_host
from trips.services.open_question import open_question
from trips.showing import own_touches

# Says that a browser once asked, so that nobody answers where they asked. Nothing else.
COOKIE = "__Host-asked" if settings.SECURE else "asked"
_KEPT_S = 30 * 86_400


class AskRequest(serializers.Serializer[Any]):
    """With *mail*, the host's at work, a link for 24 hours; without, a code for 60 seconds."""

    mail = serializers.EmailField(max_length=100, allow_blank=True, default="")


class AskReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    way = serializers.ChoiceField(choices=HostAsk.Way.choices)
    expires_at = serializers.DateTimeField()
    answer = serializers.CharField(allow_blank=True)


class MadeReply(AskReply):
    """*url* holds the ticket behind its ``#``; empty where the link went to the host by letter."""

    url = serializers.CharField(allow_blank=True)


class AsksReply(serializers.Serializer[Any]):
    asks = AskReply(many=True)


class QuestionRequest(serializers.Serializer[Any]):
    ticket = serializers.CharField(max_length=4_096)


class QuestionReply(serializers.Serializer[Any]):
    """What a host reads before answering; *named*: an account says who they are."""

    organisation = serializers.CharField(source="check_in.trip.traveller.organisation.name")
    name = serializers.CharField(source="check_in.trip.traveller.name")
    department = serializers.CharField(source="check_in.trip.department.name")
    at = serializers.DateTimeField(source="check_in.recorded_at")
    kind = serializers.ChoiceField(source="check_in.kind", choices=Kind.choices)
    place = serializers.SerializerMethodField()

    def get_place(self, ask: HostAsk) -> str:
        return ", ".join(stop.text for stop in ask.check_in.trip.stops.all())


class OpenReply(serializers.Serializer[Any]):
    question = QuestionReply()
    ticket = serializers.CharField()
    named = serializers.BooleanField()


class AnswerRequest(QuestionRequest):
    """*name* and *department* of who answers without an account, with their *consent*."""

    answer = serializers.ChoiceField(choices=HostAsk.Answer.choices)
    name = serializers.CharField(max_length=50, allow_blank=True, default="")
    department = serializers.CharField(max_length=100, allow_blank=True, default="")


class AnsweredReply(serializers.Serializer[Any]):
    """*ticket* changes the answer until *until*."""

    answer = serializers.ChoiceField(choices=HostAsk.Answer.choices)
    ticket = serializers.CharField()


class HostAsksView(APIView):
    @extend_schema(responses={200: AsksReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """Whom one asked about a touch, and what they said."""
        touch = get_object_or_404(own_touches(caller_of(request)), uid=uid)
        return Response(AsksReply({"asks": asks_of(touch)[:100]}).data)

    @extend_schema(request=AskRequest, responses={201: MadeReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Ask somebody at the place about one's touch."""
        person, now = caller_of(request), timezone.now()
        touch = get_object_or_404(own_touches(person), uid=uid)
        body = AskRequest(data=request.data)
        body.is_valid(raise_exception=True)
        spend(person, HOST_ASK, now=now)
        mark = request.COOKIES.get(COOKIE) or token_urlsafe(16)
        mail = body.validated_data["mail"]
        ask, ticket = ask_host(touch, person=person, mail=mail, browser=_digest(mark), now=now)
        url = f"{settings.ORIGIN}/host#{ticket}" if ticket else ""
        shown = AskReply(ask).data | {"url": url}
        answer = Response(shown, status=HTTPStatus.CREATED)
        answer.set_cookie(
            COOKIE,
            mark,
            max_age=_KEPT_S,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer


class HostQuestionsView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(auth=[], request=QuestionRequest, responses={200: OpenReply})
    def post(self, request: Request) -> Response:
        """Open the question of a ticket. It travels in the body: no log keeps it."""
        body = QuestionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        host = _host(request)
        text = body.validated_data["ticket"]
        ask, ticket = open_question(text, host=host, now=timezone.now())
        said = {"question": ask, "ticket": ticket, "named": host.person is not None}
        return Response(OpenReply(said).data)


class HostAnswersView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(auth=[], request=AnswerRequest, responses={200: AnsweredReply})
    def post(self, request: Request) -> Response:
        """Answer it, once; with the ticket of the answer, change it within ten minutes."""
        body = AnswerRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        host = _host(request, name=said["name"].strip(), department=said["department"].strip())
        ask, ticket = answer_host(
            said["ticket"], answer=said["answer"], host=host, now=timezone.now()
        )
        return Response(AnsweredReply({"answer": ask.answer, "ticket": ticket}).data)


def _host(request: Request, *, name: str = "", department: str = "") -> Host:
    person = request.user if isinstance(request.user, Person) else None
    mark = request.COOKIES.get(COOKIE)
    return Host(name, department, person, _digest(mark) if mark else None)


def _digest(mark: str) -> bytes:
    return sha256(mark.encode()).digest()
