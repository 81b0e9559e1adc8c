"""Where a trip can lead: the office's own places, and every 시·군·구 in force."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Place
from accounts.selectors import places_visible_to
from trips.caller import caller_of
from trips.units import find_units, unit_words, units

MOST = 20


class SearchRequest(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=100)


class PlaceReply(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="uid")
    name = serializers.CharField()
    unit = serializers.CharField()
    unit_name = serializers.SerializerMethodField()

    def get_unit_name(self, place: Place) -> str:
        return unit_words(place.unit)


class UnitReply(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()


class FoundUnit(UnitReply):
    town = serializers.CharField(allow_blank=True)


class SearchReply(serializers.Serializer[Any]):
    places = PlaceReply(many=True)
    units = FoundUnit(many=True)


class UnitsReply(serializers.Serializer[Any]):
    units = UnitReply(many=True)


class PlaceSearchView(APIView):
    @extend_schema(request=SearchRequest, responses={200: SearchReply})
    def post(self, request: Request) -> Response:
        """Places and units that hold the words. Posted: where somebody goes is in no address."""
        person = caller_of(request)
        body = SearchRequest(data=request.data)
        body.is_valid(raise_exception=True)
        words = body.validated_data["words"]
        places = places_visible_to(person)
        for word in words.split():
            places = places.filter(name__icontains=word)
        found = [
            {"code": one.code, "name": one.name, "unit": one.unit, "town": town}
            for one, town in find_units(words, most=MOST)
        ]
        return Response(SearchReply({"places": places[:MOST], "units": found}).data)


class UnitsView(APIView):
    @extend_schema(responses={200: UnitsReply})
    def get(self, request: Request) -> Response:
        """Every 시·군·구 in force."""
        caller_of(request)
        return Response(UnitsReply({"units": units()}).data)
