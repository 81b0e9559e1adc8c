"""``/api/v1/rule-sets``: the office's own rules, from the draft to the release."""

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

from accounts.models import Job
from accounts.step_up import Answer
from settlement.api.replies import WorkReply
from settlement.api.rights import IsAdministrator
from settlement.asking import person_of
from settlement.jobs import TRY
from settlement.models import RuleSet
from settlement.selectors import rule_sets_administered_by
from settlement.services.draft_rules import draft_rules
from settlement.services.propose_rules import propose_rules
from settlement.services.release_rules import release_rules
from settlement.working import asked

SHOWN = 50


class RuleSetRequest(serializers.Serializer[Any]):
    """*propose*: lay it before another administrator at once; it then changes no more."""

    toml = serializers.CharField(max_length=65_536, trim_whitespace=False)
    reason = serializers.CharField(min_length=10, max_length=500)
    propose = serializers.BooleanField(default=False)


class RuleSetReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    name = serializers.CharField()
    valid_from = serializers.DateField()
    toml = serializers.CharField()
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=RuleSet.State.choices)
    made_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)


class RuleSetsReply(serializers.Serializer[Any]):
    """The newest fifty."""

    results = RuleSetReply(many=True)


class DifferenceReply(serializers.Serializer[Any]):
    number = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    lines = serializers.ListField(child=serializers.DictField())


class WhatIfReply(serializers.Serializer[Any]):
    """*won*: by how much all of them together would rise or fall."""

    computed = serializers.IntegerField()
    changed = serializers.IntegerField()
    refused = serializers.IntegerField()
    won = serializers.IntegerField()
    rows = DifferenceReply(many=True)


class ReleaseRequest(serializers.Serializer[Any]):
    step_up = serializers.DictField()


class RuleSetsView(APIView):
    permission_classes = (IsAdministrator,)

    @extend_schema(responses={200: RuleSetsReply})
    def get(self, request: Request) -> Response:
        """The office's own versions, newest first."""
        rows = rule_sets_administered_by(person_of(request), at=timezone.now())[:SHOWN]
        return Response(RuleSetsReply({"results": rows}).data)

    @extend_schema(request=RuleSetRequest, responses={201: RuleSetReply})
    def post(self, request: Request) -> Response:
        """Write a version; nothing is computed by it before another one releases it."""
        caller, now = person_of(request), timezone.now()
        body = RuleSetRequest(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        row = draft_rules(said["toml"], by=caller, reason=said["reason"], now=now)
        if said["propose"]:
            row = propose_rules(row, by=caller, now=now)
        return Response(RuleSetReply(row).data, status=HTTPStatus.CREATED)


class WhatIfView(APIView):
    permission_classes = (IsAdministrator,)

    @extend_schema(request=None, responses={200: WhatIfReply, 202: WorkReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """The settled trips of three months, computed as if these rules had always held.

        Many are computed by the worker: 202 names the job, whose result is the same answer.
        """
        caller, now = person_of(request), timezone.now()
        row = get_object_or_404(rule_sets_administered_by(caller, at=now), uid=uid)
        job = asked(caller, TRY, now=now, rules=str(row.uid))
        if job.state != Job.State.DONE:
            return Response(WorkReply({"job": job.uid}).data, status=HTTPStatus.ACCEPTED)
        return Response(WhatIfReply(job.result).data)


class ReleaseView(APIView):
    permission_classes = (IsAdministrator,)

    @extend_schema(request=ReleaseRequest, responses={200: RuleSetReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Release what another administrator proposed, signed by a passkey."""
        caller, now = person_of(request), timezone.now()
        row = get_object_or_404(rule_sets_administered_by(caller, at=now), uid=uid)
        body = ReleaseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        signed = Answer.read(body.validated_data["step_up"])
        return Response(RuleSetReply(release_rules(row, by=caller, signed=signed, now=now)).data)
