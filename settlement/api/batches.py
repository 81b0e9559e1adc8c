"""``/api/v1/batches``: lay trips in, take them out, settle exactly what was signed."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.step_up import Answer
from settlement import showing
from settlement.api.replies import BatchesReply, FullBatchReply
from settlement.api.rights import IsClerk
from settlement.asking import person_of
from settlement.batching import rows_of
from settlement.models import Batch
from settlement.paging import after_of, page
from settlement.selectors import batches_of, open_batch_of, settlements_of_batch
from settlement.services.drop_batch import drop_batch
from settlement.services.fill_batch import MOST_ROWS, fill_batch
from settlement.services.open_batch import open_batch
from settlement.services.second_batch import second_batch
from settlement.services.settle import settle


def _trips() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        default=list,
        max_length=MOST_ROWS,
    )


class BatchRequest(serializers.Serializer[Any]):
    add = _trips()


class BatchChange(serializers.Serializer[Any]):
    add = _trips()
    remove = _trips()


class SettlementRequest(serializers.Serializer[Any]):
    # {id, proof}: its parts are read by whoever checks the signature.
    step_up = serializers.DictField()


def _full(batch: Batch) -> dict[str, Any]:
    return dict(
        FullBatchReply(showing.batch(batch, rows_of(batch), settlements_of_batch(batch))).data
    )


class BatchesView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(
        operation_id="batches_list",
        parameters=[OpenApiParameter("after", str)],
        responses={200: BatchesReply},
    )
    def get(self, request: Request) -> Response:
        """The office's batches, newest first."""
        rows = batches_of(person_of(request))
        found, following = page(rows, after=after_of(request.query_params.get("after", "")))
        results = [showing.batch_row(batch) for batch in found]
        return Response(BatchesReply({"results": results, "next": following}).data)

    @extend_schema(request=BatchRequest, responses={200: FullBatchReply, 201: FullBatchReply})
    def post(self, request: Request) -> Response:
        """Go on with the clerk's open batch, or open one; lay *add* into it."""
        clerk, now = person_of(request), timezone.now()
        body = BatchRequest(data=request.data)
        body.is_valid(raise_exception=True)
        known = open_batch_of(clerk)
        batch = known or open_batch(clerk=clerk, now=now)
        if add := body.validated_data["add"]:
            batch = fill_batch(batch, clerk=clerk, add=add, now=now)
        status = HTTPStatus.OK if known else HTTPStatus.CREATED
        return Response(_full(batch), status=status)


class BatchView(APIView):
    permission_classes = (IsClerk,)

    @extend_schema(responses={200: FullBatchReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """One batch with its rows and the hash to sign."""
        return Response(_full(get_object_or_404(batches_of(person_of(request)), uid=uid)))

    @extend_schema(request=BatchChange, responses={200: FullBatchReply})
    def patch(self, request: Request, uid: UUID) -> Response:
        """Add and remove trips: all of it or nothing."""
        clerk = person_of(request)
        batch = get_object_or_404(batches_of(clerk), uid=uid)
        body = BatchChange(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        batch = fill_batch(
            batch,
            clerk=clerk,
            add=said["add"],
            remove=said["remove"],
            now=timezone.now(),
        )
        return Response(_full(batch))

    @extend_schema(responses={200: FullBatchReply})
    def delete(self, request: Request, uid: UUID) -> Response:
        """Give one's own batch up, open or waiting: none of it is paid by it."""
        clerk = person_of(request)
        batch = get_object_or_404(batches_of(clerk), uid=uid)
        return Response(_full(drop_batch(batch, clerk=clerk)))


class _Signed(APIView):
    """A deed over the rows of a batch, signed by a passkey."""

    permission_classes = (IsClerk,)

    def signed(self, request: Request, uid: UUID, deed: Callable[..., Batch]) -> Response:
        clerk = person_of(request)
        batch = get_object_or_404(batches_of(clerk), uid=uid)
        body = SettlementRequest(data=request.data)
        body.is_valid(raise_exception=True)
        answer = Answer.read(body.validated_data["step_up"])
        proof, now = answer.proof, timezone.now()
        return Response(_full(deed(batch, clerk=clerk, step_up=answer.uid, proof=proof, now=now)))


class BatchSettlementView(_Signed):
    @extend_schema(request=SettlementRequest, responses={200: FullBatchReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Settle the rows that were signed, or hand them to a second person.

        A row that cannot be paid says why, alone. Many rows are paid one after the other after
        this answer: ask for the batch again.
        """
        return self.signed(request, uid, settle)


class BatchSecondView(_Signed):
    @extend_schema(request=SettlementRequest, responses={200: FullBatchReply})
    def post(self, request: Request, uid: UUID) -> Response:
        """Agree to a batch of another clerk that waits, signed over the same rows."""
        return self.signed(request, uid, second_batch)
