"""Papers beside a trip as the clerk sees them: what is told, what lies there, what stands out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Organisation, Person, Place
from ledger.models import Access, AccessSubject
from settlement.models import Hold
from settlement.services.resolve_hold import resolve_hold
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, confirmed, ordered, travelled
from tests.settlement.test_payable import judged
from tests.trips.files import slip
from trips.models import Paper, Trip
from trips.services.add_paper import add_paper
from trips.services.keep_upload import keep_upload
from trips.services.tell_costs import tell_costs

FILES = "/settlement/trips/{}/files/"


def put(trip: Trip, content: bytes, **said: Any) -> Paper:
    upload = keep_upload(trip.traveller, content=content, now=EVENING)
    told: dict[str, Any] = {
        "kind": "card",
        "amount": 12_000,
        "at": trip.starts_at,
        "number": "",
    } | said
    return add_paper(trip, person=trip.traveller, upload=upload, now=EVENING, **told)


@pytest.fixture
def next_day(ada: Person, bora: Person, site: Place) -> Trip:
    return confirmed(ada, bora, site, starts_at=NOON - timedelta(days=3))


def test_a_paper_that_lies_with_two_trips_holds_the_second_until_a_clerk_has_said_why(
    felix: Person, payable: Trip, next_day: Trip
) -> None:
    put(payable, slip(5))
    assert judged(felix, payable)["code"] == "payable"

    put(next_day, slip(5))

    assert judged(felix, payable)["code"] == "payable"
    assert judged(felix, next_day)["why"] == "receipt.reused"
    hold = Hold.objects.get(trip=next_day, reason_code="receipt.reused")
    resolve_hold(hold, clerk=felix, resolution="explained", reason="한 영수증에 두 건", now=EVENING)
    assert judged(felix, next_day)["code"] == "payable"


def test_both_trips_show_the_clerk_the_paper_and_each_other(
    felix: Person, payable: Trip, next_day: Trip
) -> None:
    put(payable, slip(5), number="77")
    put(next_day, slip(6), number="77", at=payable.starts_at)

    for one, other in ((payable, next_day), (next_day, payable)):
        page = phone_of(felix).get(FILES.format(one.uid)).content.decode()
        # Told outside its trip the second does not count; it is the same paper all the same.
        assert "같은 영수증이 두 번 쓰였습니다" in page
        assert other.number in page


def test_another_office_is_not_named(felix: Person, payable: Trip, next_day: Trip) -> None:
    put(payable, slip(5))
    put(next_day, slip(5))
    stranger = Person(
        organisation=Organisation.objects.create(name="다른시청", rule_set="kr-changwon"),
        department=felix.department,
        workplace=felix.workplace,
        name="otto",
    )
    stranger.put_number("T-otto")
    stranger.save()
    Trip.objects.filter(pk=next_day.pk).update(traveller=stranger)

    page = phone_of(felix).get(FILES.format(payable.uid)).content.decode()

    assert "같은 영수증이 두 번 쓰였습니다" in page
    assert next_day.number not in page


def test_a_paper_of_another_day_is_remarked_on_and_holds_nothing(
    felix: Person, payable: Trip
) -> None:
    put(payable, slip(5), at=payable.starts_at - timedelta(days=2))

    page = phone_of(felix).get(FILES.format(payable.uid)).content.decode()

    assert "영수증 날짜가 출장 기간 밖입니다" in page
    assert judged(felix, payable)["code"] == "payable"


def test_the_station_leads_to_papers_where_there_are_some(felix: Person, payable: Trip) -> None:
    assert scanned(felix, payable)["trip"]["files_url"] == ""
    put(payable, slip(5))

    assert scanned(felix, payable)["trip"]["files_url"] == FILES.format(payable.uid)


def scanned(clerk: Person, trip: Trip) -> dict[str, Any]:
    touch = trip.check_ins.latest("pk")
    body = {"text": touch.spoken, "source": "typed"}
    said: dict[str, Any] = phone_of(clerk).post("/api/v1/verifications", body, format="json").json()
    return said


def test_told_costs_stand_beside_their_papers(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = travelled(ordered(ada, bora, site))
    day = trip.starts_at.date().isoformat()
    fares = [
        {"date": day, "mode": "rail", "amount": 23_700, "evidence": "ticket"},
        {"date": day, "mode": "rail", "amount": 23_700, "evidence": "ticket"},
        {"date": day, "mode": "bus", "amount": 1_500, "evidence": "none"},
    ]
    tell_costs(trip, person=ada, costs={"fares": fares}, now=EVENING)
    put(trip, slip(1), kind="ticket", amount=23_700)
    put(trip, slip(2), kind="ticket", amount=23_700, at=trip.starts_at - timedelta(days=9))

    page = phone_of(felix).get(FILES.format(trip.uid)).content.decode()

    # One paper is one ride; the other one lies outside the trip; without a paper nothing is told.
    assert page.count("서류 있음") == 1
    assert page.count("금액과 날짜가 같은 서류 없음") == 1


def test_the_list_is_a_look_and_so_is_every_picture(felix: Person, payable: Trip) -> None:
    paper = put(payable, slip(5))
    desk = phone_of(felix)

    page = desk.get(FILES.format(payable.uid)).content.decode()
    address = f"/api/v1/uploads/{paper.upload.uid}/file"
    assert f'loading="lazy" src="{address}"' in page
    desk.get(address)

    assert list(Access.objects.values_list("action", flat=True)) == ["files", "file"]
    assert {look.person for look in AccessSubject.objects.all()} == {payable.traveller}


def test_the_auditor_sees_them_as_well(iris: Person, payable: Trip, next_day: Trip) -> None:
    put(payable, slip(5))
    put(next_day, slip(5))

    page = phone_of(iris).get(f"/audit/trips/{payable.uid}/").content.decode()

    assert "같은 영수증이 두 번 쓰였습니다" in page
    assert "12,000" in page


def test_the_approver_sees_them_as_well(bora: Person, payable: Trip) -> None:
    put(payable, slip(5), amount=7_770)

    page = phone_of(bora).get(f"/approvals/{payable.uid}/").content.decode()

    assert "7,770" in page
