"""``/api/v1/people``: for administrators. Employee numbers are not among what is listed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import administrator
from accounts.models import Person
from accounts.paging import Page, people_page
from accounts.people_plan import APPLY, FATES, Plan
from accounts.selectors import people_administered_by, sheets_of
from accounts.services.apply_sheet import apply_sheet
from accounts.services.keep_sheet import keep_sheet
from accounts.step_up import Answer, encoded


class PersonReply(serializers.Serializer[Person]):
    id = serializers.UUIDField(source="uid")
    name = serializers.CharField()
    department = serializers.CharField(source="department.name")
    workplace = serializers.CharField(source="workplace.name")
    grade = serializers.IntegerField()
    is_active = serializers.BooleanField()


class PeopleReply(serializers.Serializer[Page[Person]]):
    rows = PersonReply(many=True)
    next = serializers.CharField()


class ImportRequest(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=200)


class FateReply(serializers.Serializer[Any]):
    line = serializers.IntegerField(source="entry.line")
    name = serializers.CharField(source="entry.name")
    fate = serializers.ChoiceField(FATES)
    code = serializers.CharField()


class PlanReply(serializers.Serializer[Any]):
    """*action* and *batch_hash* are what the step-up of the application is asked for."""

    id = serializers.UUIDField()
    action = serializers.CharField()
    batch_hash = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rows = FateReply(many=True)


class ApplicationRequest(serializers.Serializer[Any]):
    step_up = serializers.DictField()


class PeopleView(APIView):
    @extend_schema(
        operation_id="people_list",
        parameters=[OpenApiParameter("after", str)],
        responses=PeopleReply,
    )
    def get(self, request: Request) -> Response:
        """The people of the office by name, 25 at a time."""
        now = timezone.now()
        people = people_administered_by(administrator(request, at=now), at=now)
        page = people_page(people, after=request.query_params.get("after", ""))
        return Response(PeopleReply(page).data)


class PeopleImportsView(APIView):
    parser_classes = (MultiPartParser,)

    @extend_schema(request={"multipart/form-data": ImportRequest}, responses={201: PlanReply})
    def post(self, request: Request) -> Response:
        """Preview a sheet: the fate of every row. Nobody is changed."""
        now = timezone.now()
        caller = administrator(request, at=now)
        body = ImportRequest(data=request.data)
        body.is_valid(raise_exception=True)
        kept, plan = keep_sheet(body.validated_data["file"].read(), by=caller, now=now)
        said = _said(kept.uid, plan)
        return Response(said, status=HTTPStatus.CREATED)


class ApplicationView(APIView):
    @extend_schema(request=ApplicationRequest, responses=PlanReply)
    def post(self, request: Request, uid: UUID) -> Response:
        """Apply exactly what was previewed, by a passkey; refused when things moved since."""
        now = timezone.now()
        caller = administrator(request, at=now)
        body = ApplicationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        kept = get_object_or_404(sheets_of(caller, at=now), uid=uid)
        answer = Answer.read(body.validated_data["step_up"])
        plan = apply_sheet(kept, by=caller, answer=answer, now=now)
        return Response(_said(kept.uid, plan))


def _said(uid: UUID, plan: Plan) -> dict[str, Any]:
    said = {
        "id": uid,
        "action": APPLY,
        "batch_hash": encoded(plan.digest),
        "counts": plan.counts(),
        "rows": plan.steps,
    }
    return dict(PlanReply(said).data)
