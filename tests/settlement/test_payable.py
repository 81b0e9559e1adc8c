"""The second question of a scan: may it be paid? Every answer of 01-model.md §5, in its order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Person, Place
from settlement import words
from settlement.models import Hold, Payable
from settlement.paying import for_judging, sum_of
from settlement.selectors import trips_settled_by
from settlement.services.resolve_hold import resolve_hold
from tests.conftest import NOON, SITE, place
from tests.settlement.desk import (
    EVENING,
    answers,
    approved,
    arrival,
    batch_of,
    code_of,
    confirmed,
    fixes_at,
    key_of,
    made_clerk,
    ordered,
    pay,
    seen,
    touch,
    travelled,
)
from trips.models import Trip
from trips.services.confirm import confirm
from trips.services.send_back import send_back
from trips.services.tell_costs import tell_costs


def judged(clerk: Person, trip: Trip) -> Any:
    said = seen(clerk, code_of(arrival(trip)))
    assert said["genuine"]["code"] == "genuine"
    return said["payable"] | {"why": said["code"]}


def bare(traveller: Person, approver: Person, site: Place, **said: Any) -> Trip:
    """Confirmed on two touches nobody signed and no position came with: one more item is due."""
    trip = ordered(traveller, approver, site, **said)
    touch(trip, at=trip.starts_at)
    touch(trip, at=trip.ends_at, kind="return")
    return approved(Trip.objects.get(pk=trip.pk))


def invalid(traveller: Person, approver: Person, site: Place) -> Trip:
    """Confirmed on touches whose signature covers something else."""
    trip, key = ordered(traveller, approver, site), key_of(traveller)
    for kind, at in (("arrive", trip.starts_at), ("return", trip.ends_at)):
        touch(trip, at=at, kind=kind, key=key, fixes=fixes_at(at), stale=bytes(32))
    return approved(Trip.objects.get(pk=trip.pk))


def copied(traveller: Person, approver: Person, site: Place, other: Person) -> Trip:
    """Confirmed on positions that *other* sent a moment before."""
    theirs, trip = ordered(other, approver, site), ordered(traveller, approver, site)
    fixes = fixes_at(NOON)
    touch(theirs, at=NOON, key=key_of(other), fixes=fixes)
    key = key_of(traveller)
    touch(trip, at=NOON, key=key, fixes=fixes)
    touch(trip, at=trip.ends_at, key=key, fixes=fixes_at(trip.ends_at), kind="return")
    return approved(Trip.objects.get(pk=trip.pk))


def hold(trip: Trip, clerk: Person, reason: str = "claim.appeal-open") -> Hold:
    return Hold.objects.create(trip=trip, reason_code=reason, at=EVENING, by=clerk)


def resolved(held: Hold, clerk: Person, resolution: str = "explained") -> Hold:
    return resolve_hold(
        held, clerk=clerk, resolution=resolution, reason="서류로 확인했습니다", now=EVENING
    )


# -- one by one -----------------------------------------------------------------------------


def test_payable_names_the_sum_and_the_cure(felix: Person, payable: Trip) -> None:
    said = judged(felix, payable)

    assert (said["code"], said["won"], said["why"]) == ("payable", 20_000, "payable")
    assert said["cure"] == "묶음에 넣기"


def test_settled_names_who_and_when(felix: Person, payable: Trip) -> None:
    assert pay(felix, batch_of(felix, payable)).status_code == 200

    said = judged(felix, payable)

    assert said["code"] == "settled"
    assert said["reason"] == "11월 23일(월) 18:00, felix"
    assert said["url"] == f"/settlement/settlements/{payable.settlements.get().uid}/"


def test_the_code_of_a_settled_trip_shows_what_was_paid(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))

    said = seen(felix, code_of(arrival(payable)))

    assert answers(said) == ("genuine", "settled")
    assert said["settlement"]["total"] == said["total"] == 20_000
    assert [line["won"] for line in said["lines"]] == [20_000]


def test_only_invalid_records_is_record(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    said = judged(felix, invalid(ada, bora, site))

    assert (said["code"], said["why"]) == ("record", "claim.record-invalid")
    assert said["reason"] == "출장은 다른 자료로 정산할 수 있습니다"


def test_a_trip_nobody_confirmed_waits_for_approval(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    said = judged(felix, travelled(ordered(ada, bora, site)))

    assert (said["code"], said["why"]) == ("approval", "claim.unapproved")
    assert said["reason"] == "복귀 완료"
    assert "bora" in said["cure"]


def test_a_trip_sent_back_waits_for_approval_again(
    felix: Person, bora: Person, payable: Trip
) -> None:
    send_back(payable, actor=bora, reason="목적지를 다시 봐 주세요", now=EVENING)

    assert judged(felix, payable)["code"] == "approval"


def test_a_blocking_hold_is_an_exception(felix: Person, payable: Trip) -> None:
    held = hold(payable, felix)

    said = judged(felix, payable)

    assert (said["code"], said["why"]) == ("exception", "claim.appeal-open")
    assert said["reason"] == "이의 진행 중"
    assert said["url"].startswith("/settlement/exceptions/")
    resolved(held, felix)
    assert judged(felix, payable)["code"] == "payable"


def test_a_hold_that_does_not_block_blocks_nothing(felix: Person, payable: Trip) -> None:
    Hold.objects.filter(pk=hold(payable, felix).pk).update(blocking=False)

    assert judged(felix, payable)["code"] == "payable"


def test_an_out_of_area_trip_waits_until_its_costs_are_told(
    felix: Person, ada: Person, bora: Person, hall: Any, site: Place
) -> None:
    far = place(hall, "부산시청", SITE, unit="26470")
    trip = confirmed(ada, bora, far)

    said = seen(felix, code_of(arrival(trip)))

    assert said["payable"]["code"] == "exception"
    assert said["code"] == "claim.costs-untold"
    assert said["payable"]["reason"] == "출장자가 쓴 비용을 아직 적지 않음"
    assert said["payable"]["won"] is None
    assert [(fault["code"], fault["path"]) for fault in said["faults"]] == [
        ("facts.missing", "trips[0].claimed_on")
    ]
    assert said["total"] is None


def test_an_out_of_area_trip_is_paid_on_what_its_traveller_told(
    felix: Person, ada: Person, bora: Person, hall: Any, site: Place
) -> None:
    trip = confirmed(ada, bora, place(hall, "부산시청", SITE, unit="26470"))
    seat = {"date": "2026-11-23", "mode": "bus", "amount": 9_000, "evidence": "card"}
    told = tell_costs(trip, person=ada, costs={"fares": [seat]}, now=trip.ends_at)
    confirm(told, approver=bora, now=trip.ends_at)

    said = seen(felix, code_of(arrival(trip)))
    pay(felix, batch_of(felix, trip))

    assert answers(said) == ("genuine", "payable")
    assert said["total"] == 59_000
    assert {line["item"]: line["won"] for line in said["lines"]} == {
        "fare": 9_000,
        "daily": 25_000,
        "meals": 25_000,
    }
    paid = Trip.objects.get(pk=trip.pk).settlements.get()
    assert (paid.total, paid.claim["trips"][0]["claimed_on"]) == (59_000, "2026-11-23")


def test_a_copied_burst_needs_two_people(
    felix: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    said = judged(felix, copied(ada, bora, site, mallory))

    assert (said["code"], said["why"]) == ("review", "evidence.review")
    assert said["url"].startswith("/settlement/exceptions/")


def test_one_more_item_says_which(felix: Person, ada: Person, bora: Person, site: Place) -> None:
    said = judged(felix, bare(ada, bora, site))

    assert (said["code"], said["why"]) == ("supplement", "evidence.supplement")
    assert said["reason"]
    assert said["cure"] == "보완 요청"


def test_nothing_to_pay_says_why(felix: Person, ada: Person, bora: Person, site: Place) -> None:
    Person.objects.filter(pk=ada.pk).update(dedicated_car=True)
    ada.refresh_from_db()

    said = judged(felix, confirmed(ada, bora, site))

    assert (said["code"], said["won"], said["why"]) == ("zero", 0, "zero")
    assert "전용 차량" in said["reason"]


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_is_told_to_leave_it_to_another(
    own: str, payable: Trip, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    said = judged(clerk, payable)

    assert said["code"] == "payable"
    assert "다른" in said["reason"]
    assert said["cure"] == ""


# -- the order of the answers -----------------------------------------------------------------


def test_what_is_settled_is_settled_whatever_else_holds(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    hold(payable, felix)

    assert judged(felix, payable)["code"] == "settled"


def test_a_broken_record_comes_before_approval(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = ordered(ada, bora, site)
    touch(trip, at=NOON, key=key_of(ada), fixes=fixes_at(NOON), stale=bytes(32))

    assert judged(felix, trip)["code"] == "record"


def test_approval_comes_before_an_exception(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = travelled(ordered(ada, bora, site))
    hold(trip, felix)

    assert judged(felix, trip)["code"] == "approval"


def test_an_exception_comes_before_a_review(
    felix: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    trip = copied(ada, bora, site, mallory)
    hold(trip, felix)

    assert judged(felix, trip)["code"] == "exception"


def test_a_supplement_comes_before_zero(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    Person.objects.filter(pk=ada.pk).update(dedicated_car=True)
    ada.refresh_from_db()

    assert judged(felix, bare(ada, bora, site))["code"] == "supplement"


def test_every_answer_has_its_mark_and_its_words() -> None:
    assert set(words.PAYABLE) == set(Payable.values)
    assert set(Payable.values) <= set(words.MARKS)


# -- what an answer leaves behind ---------------------------------------------------------------


def test_what_needs_a_person_is_laid_before_one_once(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = bare(ada, bora, site)
    for _ in range(3):
        judged(felix, trip)

    held = Hold.objects.get()
    assert (held.trip, held.reason_code, held.blocking) == (trip, "evidence.supplement", False)


def test_a_payable_trip_is_laid_before_nobody(felix: Person, payable: Trip) -> None:
    judged(felix, payable)

    assert not Hold.objects.exists()


@pytest.mark.parametrize("resolution", ["explained", "other-proof"])
def test_an_accepted_supplement_is_payable(
    felix: Person, ada: Person, bora: Person, site: Place, resolution: str
) -> None:
    trip = bare(ada, bora, site)
    judged(felix, trip)

    resolved(Hold.objects.get(), felix, resolution)

    assert judged(felix, trip)["code"] == "payable"


@pytest.mark.parametrize("resolution", ["item-added", "corrected", "returned"])
def test_a_resolution_that_accepts_nothing_asks_again(
    felix: Person, ada: Person, bora: Person, site: Place, resolution: str
) -> None:
    trip = bare(ada, bora, site)
    judged(felix, trip)

    resolved(Hold.objects.get(), felix, resolution)

    assert judged(felix, trip)["code"] == "supplement"
    assert Hold.objects.filter(state="new").count() == 1


@pytest.mark.parametrize("other", ["claim.sent-back", "claim.appeal-open", "evidence.supplement"])
def test_a_yes_to_something_else_does_not_accept_a_review(
    felix: Person, ada: Person, bora: Person, mallory: Person, site: Place, other: str
) -> None:
    """Two people look at a review: no clerk gets round that by a hold of her own."""
    trip = copied(ada, bora, site, mallory)

    resolved(hold(trip, felix, other), felix)

    assert judged(felix, trip)["code"] == "review"


# -- several trips of one date ----------------------------------------------------------------


def short(traveller: Person, approver: Person, site: Place, hour: float, hours: float = 2) -> Trip:
    """A trip of that day, *hour* hours after noon."""
    at = NOON + timedelta(hours=hour)
    return confirmed(traveller, approver, site, starts_at=at, hours=hours)


def test_a_day_earns_twenty_thousand_however_many_trips(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trips = [short(ada, bora, site, hour) for hour in (-3, 0, 2.5)]

    said = [judged(felix, trip) for trip in trips]

    assert [one["won"] for one in said] == [10_000, 10_000, 0]
    assert [one["code"] for one in said] == ["payable", "payable", "zero"]


def test_the_trip_that_passes_the_cap_says_so(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    short(ada, bora, site, -3)
    later = short(ada, bora, site, 0, hours=4.5)

    said = seen(felix, code_of(arrival(later)))

    assert said["total"] == 10_000
    assert [(line["item"], line["won"], line["rule"]) for line in said["lines"]] == [
        ("in_area_flat", 20_000, "R5"),
        ("in_area_day_cap", -10_000, "R8"),
    ]


def test_trips_of_another_day_or_another_person_do_not_count(
    felix: Person, ada: Person, bora: Person, mallory: Person, site: Place, payable: Trip
) -> None:
    confirmed(ada, bora, site, starts_at=NOON - timedelta(days=1))
    confirmed(mallory, bora, site)

    assert judged(felix, payable)["won"] == 20_000


def test_a_trip_that_would_change_a_paid_one_is_an_exception(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    later = short(ada, bora, site, 0, hours=4.5)
    assert pay(felix, batch_of(felix, later)).json()["total"] == 20_000
    earlier = short(ada, bora, site, -3)

    said = judged(felix, earlier)

    assert (said["code"], said["why"]) == ("exception", "claim.day-changed")
    assert Hold.objects.get().reason_code == "claim.day-changed"
    assert later.settlements.get().total == 20_000
    assert judged(felix, later)["code"] == "settled"


def test_a_later_trip_of_a_day_that_is_paid_in_full_comes_to_nothing(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    pay(felix, batch_of(felix, short(ada, bora, site, -4, hours=4)))
    later = short(ada, bora, site, 1)

    assert judged(felix, later)["code"] == "zero"


def test_a_trip_across_midnight_counts_for_the_day_it_began(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    night = confirmed(ada, bora, site, starts_at=NOON - timedelta(hours=16), hours=6)
    day = short(ada, bora, site, 0, hours=4)

    assert judged(felix, night)["won"] == 20_000
    assert judged(felix, day)["won"] == 20_000


def test_two_trips_at_one_time_wait_for_a_person(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    short(ada, bora, site, -1, hours=3)
    later = short(ada, bora, site, 0, hours=4.5)

    assert judged(felix, later)["why"] == "claim.overlap"
    hold = Hold.objects.get(trip=later, reason_code="claim.overlap")
    resolve_hold(
        hold, clerk=felix, resolution="explained", reason="두 곳이 같은 건물입니다", now=EVENING
    )

    assert judged(felix, later)["code"] == "payable"


def test_a_chain_of_days_is_weighed_whole(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    # Each but the first begins on the day the one before it ended.
    chain = [
        confirmed(ada, bora, site, starts_at=NOON + timedelta(days=day), hours=20)
        for day in (-3, -2, -1)
    ]

    trip = for_judging(trips_settled_by(felix)).get(pk=chain[-1].pk)

    assert [row["id"] for row in sum_of(trip).claim["trips"][1:]] == [
        str(other.uid) for other in chain[:-1]
    ]
