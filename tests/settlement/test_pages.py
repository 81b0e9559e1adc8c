"""Pages of the desk and of the audit: as many statements for thirty rows as for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Person, Place
from settlement.models import Batch, BatchRow, Hold, Verification
from tests.audit.office import trips_of
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, arrival
from trips.models import Trip

# What a person costs, session and signing in apart (performance.md).
MOST = 8
OF_A_PERSON = ("django_session", "accounts_person", "accounts_grant", "accounts_organisation")


@pytest.fixture
def trips(ada: Person, bora: Person, payable: Trip) -> list[Trip]:
    return [payable, *trips_of(ada, bora, 29)]


def batches(felix: Person, trips: list[Trip]) -> None:
    Batch.objects.bulk_create(
        Batch(organisation=felix.organisation, clerk=felix, opened_at=EVENING, state="settled")
        for _ in trips
    )


def holds(felix: Person, trips: list[Trip]) -> None:
    Hold.objects.bulk_create(
        Hold(trip=trip, reason_code="claim.appeal-open", at=EVENING, by=felix) for trip in trips
    )


def scans(felix: Person, trips: list[Trip]) -> None:
    touch = arrival(trips[0])
    Verification.objects.bulk_create(
        Verification(
            clerk=felix,
            at=EVENING,
            source="camera",
            check_in=touch,
            genuine="genuine",
            payable="zero",
        )
        for _ in trips
    )


def asked(desk: APIClient, page: str) -> int:
    with CaptureQueriesContext(connection) as said:
        answer = desk.get(page)
    assert answer.status_code == 200
    mine = [q["sql"] for q in said.captured_queries if not q["sql"].startswith(("SAVEP", "RELEA"))]
    return len([sql for sql in mine if not first_table(sql).startswith(OF_A_PERSON)])


def first_table(sql: str) -> str:
    """Which table a statement is about."""
    return sql.partition("FROM ")[2].strip('"') or sql.partition("INTO ")[2].strip('"')


@pytest.mark.parametrize(
    ("who", "page", "fill"),
    [
        ("felix", "/settlement/batches/", batches),
        ("felix", "/settlement/exceptions/", holds),
        ("felix", "/settlement/scan/", scans),
        ("felix", "/api/v1/batches", batches),
        ("felix", "/api/v1/holds", holds),
        ("felix", "/api/v1/verifications", scans),
    ],
)
def test_a_list_costs_the_same_however_long(
    who: str,
    page: str,
    fill: Callable[[Person, list[Trip]], None],
    trips: list[Trip],
    request: pytest.FixtureRequest,
) -> None:
    person = request.getfixturevalue(who)
    desk = phone_of(person)
    fill(person, trips[:1])
    one = asked(desk, page)

    fill(person, trips)

    assert asked(desk, page) == one <= MOST


def test_the_auditors_list_costs_the_same_however_long(
    iris: Person, ada: Person, bora: Person
) -> None:
    desk = phone_of(iris)
    trips_of(ada, bora, 1)
    one = asked(desk, "/audit/trips/")

    trips_of(ada, bora, 29, starts_at=NOON)

    # Its diary is four statements of these: everybody on the page will know.
    assert asked(desk, "/audit/trips/") == one <= MOST + 4


def test_a_batch_shown_whole_costs_the_same_however_long(
    felix: Person, ada: Person, bora: Person, site: Place, trips: list[Trip]
) -> None:
    batch = Batch.objects.create(
        organisation=felix.organisation, clerk=felix, opened_at=EVENING - timedelta(hours=1)
    )
    desk, page = phone_of(felix), f"/settlement/batches/{batch.uid}/"
    BatchRow.objects.create(batch=batch, trip=trips[0], won=20_000)
    one = asked(desk, page)

    BatchRow.objects.bulk_create(BatchRow(batch=batch, trip=trip, won=20_000) for trip in trips[1:])

    assert asked(desk, page) == one <= MOST + 4


def test_a_list_goes_on_after_the_last_row_seen(felix: Person, trips: list[Trip]) -> None:
    holds(felix, trips)
    desk = phone_of(felix)

    first = desk.get("/api/v1/holds").json()
    second = desk.get(f"/api/v1/holds?after={first['next']}").json()

    ids = [row["id"] for row in first["results"] + second["results"]]
    assert (len(first["results"]), len(second["results"])) == (25, 5)
    assert len(set(ids)) == 30
    assert second["next"] is None


@pytest.mark.parametrize("after", ["x", "00000000-0000-0000-0000-000000000007"])
def test_a_broken_mark_is_no_fault(felix: Person, trips: list[Trip], after: str) -> None:
    holds(felix, trips)

    for page in ("/api/v1/holds", "/settlement/exceptions/"):
        assert phone_of(felix).get(page, {"after": after}).status_code == 200
