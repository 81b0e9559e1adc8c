"""``/api/v1/trips``: one's own, page by page; one trip to whoever may see it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Person, Place
from accounts.selectors import approvers_for, colleagues_of, places_visible_to
from trips.api.shapes import TripList, TripReply
from trips.caller import caller_of, traveller_of
from trips.models import Trip, Vehicle
from trips.opening import opened_for
from trips.paging import page_of
from trips.plan import FIRST_YEAR, LAST_YEAR, Plan, PlannedStop
from trips.selectors import trips_travelled_by
from trips.services.draft import draft
from trips.services.revise import revise
from trips.showing import shown_trip, with_all
from trips.units import says_where, unit_of


class OwnPlace(serializers.SlugRelatedField[Place]):
    """A place of the caller's office, by its id."""

    def get_queryset(self) -> QuerySet[Place]:
        return places_visible_to(self.context["person"])


class Approver(serializers.SlugRelatedField[Person]):
    def get_queryset(self) -> QuerySet[Person]:
        return approvers_for(self.context["person"], at=self.context["at"])


class Colleague(serializers.SlugRelatedField[Person]):
    def get_queryset(self) -> QuerySet[Person]:
        return colleagues_of(self.context["person"])


class StopRequest(serializers.Serializer[Any]):
    """A known place, or the code of a 시·군·구 and words."""

    place = OwnPlace(slug_field="uid", queryset=Place.objects.all(), allow_null=True, default=None)
    unit = serializers.CharField(max_length=5, allow_blank=True, default="")
    text = serializers.CharField(max_length=100, allow_blank=True, default="")
    one_way_m = serializers.IntegerField(
        min_value=0, max_value=20_100_000, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["place"] is None:
            if unit_of(attrs["unit"]) is None:
                raise serializers.ValidationError({"unit": _("Choose a city, county or district.")})
            if not says_where(attrs["text"]):
                raise serializers.ValidationError(
                    {"text": _("Please say where exactly, for example the building and floor.")}
                )
        return attrs


class TripRequest(serializers.Serializer[Any]):
    purpose = serializers.CharField(max_length=200)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    vehicle = serializers.ChoiceField(choices=Vehicle.choices)
    approver = Approver(slug_field="uid", queryset=Person.objects.all())
    stops: serializers.BaseSerializer[Any] = serializers.ListSerializer(
        child=StopRequest(), min_length=1, max_length=20
    )
    companions = Colleague(
        slug_field="uid", queryset=Person.objects.all(), many=True, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not FIRST_YEAR <= attrs["starts_at"].year <= LAST_YEAR:
            raise serializers.ValidationError({"starts_at": _("Please check the year.")})
        if attrs["ends_at"].year > LAST_YEAR or attrs["ends_at"] < attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": _("A trip ends after it began.")})
        return attrs

    def plan(self) -> Plan:
        said = self.validated_data
        return Plan(
            purpose=said["purpose"],
            starts_at=said["starts_at"],
            ends_at=said["ends_at"],
            vehicle=said["vehicle"],
            approver=said["approver"],
            stops=tuple(_stop(stop) for stop in said["stops"]),
            companions=tuple(said.get("companions", ())),
        )


def _stop(said: dict[str, Any]) -> PlannedStop:
    place: Place | None = said["place"]
    if place is not None:
        return PlannedStop(said["text"] or place.name, place.unit, place, said["one_way_m"])
    return PlannedStop(said["text"], unit_of(said["unit"]) or "", None, said["one_way_m"])


class TripsView(APIView):
    @extend_schema(
        operation_id="trips_list",
        parameters=[OpenApiParameter("after", str, description="`next` of the page before")],
        responses={200: TripList},
    )
    def get(self, request: Request) -> Response:
        """One's own trips, the newest first, 25 at a time."""
        person = caller_of(request)
        after = request.query_params.get("after", "")
        page = page_of(with_all(trips_travelled_by(person)), after=after)
        shown = [shown_trip(trip) for trip in page.rows]
        return Response(TripList({"trips": shown, "next": page.next or None}).data)

    @extend_schema(request=TripRequest, responses={201: TripReply})
    def post(self, request: Request) -> Response:
        """Write a trip down. It is a draft until it is requested."""
        now = timezone.now()
        person = traveller_of(request, at=now)
        body = TripRequest(data=request.data, context={"person": person, "at": now})
        body.is_valid(raise_exception=True)
        trip = draft(traveller=person, plan=body.plan(), now=now)
        return reply(trip, status=HTTPStatus.CREATED)


class TripView(APIView):
    @extend_schema(responses={200: TripReply})
    def get(self, request: Request, uid: UUID) -> Response:
        """A trip with its touches. Another person's: their access diary says who looked."""
        person, now = caller_of(request), timezone.now()
        trip = opened_for(person, uid, at=now, source=request.META.get("REMOTE_ADDR", ""))
        return Response(TripReply(shown_trip(trip)).data)

    @extend_schema(request=TripRequest, responses={200: TripReply})
    def patch(self, request: Request, uid: UUID) -> Response:
        """Rewrite a draft. What is left out stays."""
        person, now = caller_of(request), timezone.now()
        trip = get_object_or_404(with_all(trips_travelled_by(person)), uid=uid)
        changes = request.data
        said = _as_request(trip) | changes if isinstance(changes, dict) else changes
        body = TripRequest(data=said, context={"person": person, "at": now})
        body.is_valid(raise_exception=True)
        return reply(revise(trip, plan=body.plan(), now=now))


def reply(trip: Trip, *, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """*trip* as it now stands."""
    fresh = with_all(Trip.objects.all()).get(pk=trip.pk)
    return Response(TripReply(shown_trip(fresh)).data, status=status)


def _as_request(trip: Trip) -> dict[str, Any]:
    """What stands there, in the words of a request."""
    known = [row.one_way_m for row in trip.distances.all()]
    stops = [
        {
            "place": str(stop.place.uid) if stop.place else None,
            "unit": stop.unit,
            "text": stop.text,
            "one_way_m": max(known) if known else None,
        }
        for stop in trip.stops.all()
    ]
    return {
        "purpose": trip.purpose,
        "starts_at": trip.starts_at.isoformat(),
        "ends_at": trip.ends_at.isoformat(),
        "vehicle": trip.vehicle,
        "approver": str(trip.approver.uid) if trip.approver else None,
        "stops": stops,
        "companions": [str(c.person.uid) for c in trip.companions.select_related("person")],
    }
