"""Who may open a picture or a paper: who sent it, and who may see the trip it lies with."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Person
from trips.models import Paper, Photo, Trip, Upload
from trips.selectors import trips_visible_to


def uploads_visible_to(caller: Person, *, at: datetime) -> QuerySet[Upload]:
    trips = trips_visible_to(caller, at=at).values("pk")
    near = Q(paper__trip__in=trips) | Q(photo__check_in__trip__in=trips)
    rows = Upload.objects.filter(Q(person=caller) | near)
    return rows.select_related("person", "paper__trip", "photo__check_in__trip")


def unused_upload_of(caller: Person) -> QuerySet[Upload]:
    """What the caller sent and has not said yet what it is."""
    return Upload.objects.filter(person=caller, paper=None, photo=None)


def trip_of(upload: Upload) -> Trip | None:
    """The trip it lies with, if it lies with one."""
    if paper := getattr(upload, "paper", None):
        return paper.trip  # type: ignore[no-any-return]  # a reverse one-to-one
    photo = getattr(upload, "photo", None)
    return photo.check_in.trip if photo else None


def papers_of(trip: Trip) -> list[Paper]:
    """The papers of a trip the caller was given, by the time that stands on them."""
    return list(Paper.objects.filter(trip=trip).select_related("upload", "trip__traveller"))


def photos_of(trip: Trip) -> list[Photo]:
    rows = Photo.objects.filter(check_in__trip=trip, check_in__withdrawn_at=None)
    return list(rows.select_related("upload", "check_in").order_by("pk")[:50])
