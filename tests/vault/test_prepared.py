"""What is worded once says the same as what Django words anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import BigIntegerField, BinaryField, CharField, DateTimeField
from django.db.transaction import TransactionManagementError
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from accounts.models import Grant, Person, Place
from tests.conftest import NOON
from trips.models import Trip, TripStop
from vault.prepared import Prepared, hang
from vault.together import insert, update

_PK = BigIntegerField()


def test_it_finds_what_the_queryset_finds(trip: Trip, ada: Person) -> None:
    related = Trip.objects.select_related("traveller__organisation", "approver")
    ask = Prepared(
        lambda who, at: related.filter(traveller=who, starts_at__lte=at),
        who=_PK,
        at=DateTimeField(),
    )

    (found,) = ask(who=ada.pk, at=trip.starts_at)

    with CaptureQueriesContext(connection) as captured:
        assert (found, found.traveller, found.approver) == (trip, ada, trip.approver)
        assert found.traveller.organisation == ada.organisation
    assert len(captured) == 0
    plain = related.get(pk=trip.pk)
    for column, value in model_to_dict(plain).items():
        assert model_to_dict(found)[column] == value, column
    assert ask(who=ada.pk, at=trip.starts_at - timedelta(microseconds=1)) == []


def test_each_asking_has_its_own_values(ada: Person, bora: Person) -> None:
    ask = Prepared(lambda ref: Person.objects.filter(ref=ref), ref=CharField())

    assert ask.first(ref=ada.ref) == ada
    assert ask.first(ref=bora.ref) == bora
    assert ask.first(ref="' OR 1=1 --") is None


def test_a_value_that_is_not_there_equals_nothing(site: Place) -> None:
    ask = Prepared(lambda point: Place.objects.filter(point=point), point=BinaryField())

    assert ask(point=bytes(site.point or b"")) == [site]
    assert ask(point=None) == []


def test_a_row_is_held_only_within_a_transaction(trip: Trip) -> None:
    ask = Prepared(lambda pk: Trip.objects.select_for_update().filter(pk=pk), pk=_PK)
    assert ask(pk=trip.pk) == [trip]

    with pytest.MonkeyPatch.context() as outside:
        outside.setattr(connections["default"], "in_atomic_block", False)
        with pytest.raises(TransactionManagementError):
            ask(pk=trip.pk)


def test_what_hangs_is_not_asked_again(trip: Trip) -> None:
    stops = list(TripStop.objects.filter(trip=trip))
    hang(trip, "stops", stops)

    with CaptureQueriesContext(connection) as captured:
        assert list(trip.stops.all()) == stops
    assert len(captured) == 0


def test_rows_are_written_together_and_get_their_keys(ada: Person) -> None:
    grants = [
        Grant(person=ada, role="clerk", since=NOON),
        Grant(person=ada, role="approver", since=NOON),
    ]

    with CaptureQueriesContext(connection) as captured:
        insert(*grants)

    assert len(captured) == 1
    for grant in grants:
        assert Grant.objects.get(pk=grant.pk).role == grant.role


def test_what_the_table_forbids_is_refused(ada: Person) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Grant(person=ada, role="clerk", since=NOON, granted_by=ada))


def test_only_the_named_columns_change(ada: Person) -> None:
    ada.name, ada.language = "Ada", "en"
    update(ada, "language")

    kept = Person.objects.get(pk=ada.pk)
    assert (kept.name == "Ada", kept.language) == (False, "en")
