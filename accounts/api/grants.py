"""``/api/v1/grants``: an administrator gives a role."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.words import administrator
from accounts.models import Grant, Role
from accounts.roles import GRANT, grant_hash
from accounts.selectors import departments_visible_to, people_administered_by
from accounts.services.grant_role import grant_role
from accounts.services.use_step_up import use_step_up
from accounts.step_up import Answer


class GrantRequest(serializers.Serializer[Any]):
    """The step-up signs ``grant-role`` over SHA-256("tripseal/grant/1" 00 person 00 role)."""

    person = serializers.UUIDField()
    role = serializers.ChoiceField(Role.choices)
    scope = serializers.UUIDField(required=False, allow_null=True)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, allow_null=True)
    step_up = serializers.DictField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs.get("since", timezone.now()), attrs.get("until")
        if until is not None and until <= since:
            raise serializers.ValidationError({"until": _("The last day lies before the first.")})
        return attrs


class GrantReply(serializers.Serializer[Grant]):
    id = serializers.UUIDField(source="uid")
    person = serializers.UUIDField(source="person.uid")
    role = serializers.ChoiceField(Role.choices)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class GrantsView(APIView):
    @extend_schema(request=GrantRequest, responses={201: GrantReply})
    def post(self, request: Request) -> Response:
        """Grant a role, signed by a passkey. Duties that clash are a 409."""
        now = timezone.now()
        caller = administrator(request, at=now)
        body = GrantRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        person = get_object_or_404(people_administered_by(caller, at=now), uid=said["person"])
        scope = said.get("scope")
        department = get_object_or_404(departments_visible_to(caller), uid=scope) if scope else None
        answer, role = Answer.read(said["step_up"]), Role(said["role"])
        with transaction.atomic():
            use_step_up(
                caller,
                step_up_uid=answer.uid,
                proof=answer.proof,
                action=GRANT,
                batch_hash=grant_hash(person, role),
                now=now,
            )
            grant = grant_role(
                person,
                role=role,
                by=caller,
                since=said.get("since", now),
                until=said.get("until"),
                scope=department,
                now=now,
            )
        return Response(GrantReply(grant).data, status=HTTPStatus.CREATED)
