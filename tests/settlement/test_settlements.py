"""What a settlement keeps: sums by articles of law, its leaf, and the way back by two clerks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils.html import escape

from accounts.models import ApprovalPair, Organisation, Person, Place
from attest.errors import MoveRefused
from attest.log.strict64 import encode64
from ledger.models import AccessSubject, Opening, Outbox, TripHead
from settlement.models import Batch, Line, Month, Payment, Settlement
from settlement.services.reopen_month import reopen_month
from settlement.services.unsettle import unsettle
from tests.conftest import NOON, phone_of
from tests.settlement.desk import (
    EVENING,
    arrival,
    batch_of,
    code_of,
    confirmed,
    made_clerk,
    pay,
    seen,
)
from trips.models import State, Trip


@pytest.fixture
def paid(felix: Person, payable: Trip) -> Settlement:
    pay(felix, batch_of(felix, payable))
    return Settlement.objects.get()


def leaves_of(trip: Trip) -> list[dict[str, Any]]:
    """The leaves of one trip in the order they were written."""
    said = [json.loads(bytes(row.entry)) for row in Outbox.objects.order_by("pk")]
    return [leaf for leaf in said if leaf.get("trip") == trip.log_id]


# -- the sum and its law ---------------------------------------------------------------


def test_the_lines_name_article_and_rule_set(felix: Person, paid: Settlement) -> None:
    said = phone_of(felix).get(f"/api/v1/settlements/{paid.uid}").json()

    (line,) = said["lines"]
    assert (line["item"], line["won"], line["rule"]) == ("in_area_flat", 20_000, "R5")
    assert line["law"] == ["공무원 여비 규정 제18조제1항"]
    assert line["rule_set"] == "kr-national@2026-07-01"
    assert said["total"] == 20_000
    assert said["rule_digest"] == paid.result["trips"][0]["rule_digest"]


@pytest.mark.parametrize(
    ("rule_set", "chain", "article"),
    [
        ("kr-national", ["kr-national@2026-07-01"], "공무원 여비 규정 제18조제1항"),
        (
            "kr-changwon",
            ["kr-changwon@2023-05-31", "kr-national@2026-07-01"],
            "공무원 여비 규정 제18조제1항",
        ),
        (
            "kr-gwangsan",
            ["kr-gwangsan@2023-05-17", "kr-national@2026-07-01"],
            "조례 제4조제2항",
        ),
    ],
)
def test_an_official_car_costs_ten_thousand_by_the_law_of_the_place(
    felix: Person,
    ada: Person,
    bora: Person,
    site: Place,
    rule_set: str,
    chain: list[str],
    article: str,
) -> None:
    Organisation.objects.update(rule_set=rule_set)
    trip = confirmed(refreshed(ada), bora, site, vehicle="public_car")

    said = seen(felix, code_of(arrival(trip)))
    pay(felix, batch_of(refreshed(felix), trip))

    flat, car = said["lines"]
    assert (flat["won"], car["won"], said["total"]) == (20_000, -10_000, 10_000)
    assert (car["item"], car["rule"]) == ("in_area_car_deduction", "R6")
    assert article in car["law"][0]
    own = Settlement.objects.get().result["trips"][0]
    assert own["rule_set"] == chain
    assert [(x.item, x.amount, x.rule) for x in Line.objects.all()] == [
        ("in_area_flat", 20_000, "R5"),
        ("in_area_car_deduction", -10_000, "R6"),
    ]


@pytest.mark.parametrize(("rule_set", "won"), [("kr-national", 0), ("kr-gwangsan", 10_000)])
def test_a_hired_driver_is_paid_by_the_law_of_the_place(
    felix: Person, ada: Person, bora: Person, site: Place, rule_set: str, won: int
) -> None:
    Organisation.objects.update(rule_set=rule_set)
    Person.objects.filter(pk=ada.pk).update(hired_driver=True)
    trip = confirmed(refreshed(ada), bora, site, vehicle="public_car")

    said = seen(refreshed(felix), code_of(arrival(trip)))

    assert said["total"] == won
    assert "R43" in {line["rule"] for line in said["lines"]}


@pytest.mark.parametrize(
    ("hours", "won"),
    [(0.5, 10_000), (3.99, 10_000), (4, 20_000), (4.5, 20_000), (11, 20_000)],
)
def test_four_hours_earn_the_full_sum(
    felix: Person, ada: Person, bora: Person, site: Place, hours: float, won: int
) -> None:
    trip = confirmed(ada, bora, site, starts_at=NOON - timedelta(hours=8), hours=hours)

    assert seen(felix, code_of(arrival(trip)))["total"] == won


def test_within_two_kilometres_only_what_was_spent_is_paid(
    felix: Person, ada: Person, bora: Person, site: Place, payable: Trip
) -> None:
    payable.distances.update(one_way_m=1_000)

    said = seen(felix, code_of(arrival(payable)))

    assert (said["total"], said["lines"][0]["rule"]) == (0, "R9")
    assert said["payable"]["code"] == "zero"


def test_the_settlement_keeps_the_claim_it_was_computed_from(paid: Settlement) -> None:
    assert paid.claim["contract"] == "allowance/1"
    assert [trip["id"] for trip in paid.claim["trips"]] == [str(paid.trip.uid)]
    assert paid.result["total"] == paid.total == 20_000
    assert (paid.clerk.name, paid.approver.name, paid.traveller.name) == ("felix", "bora", "ada")


# -- the leaf --------------------------------------------------------------------------


def test_its_leaf_covers_every_leaf_of_the_trip(paid: Settlement) -> None:
    said = leaves_of(paid.trip)
    hashes = [sha256(b"\0" + bytes(row)).digest() for row in entries_of(paid.trip)]

    last = said[-1]
    assert last["t"] == "settlement"
    assert last["count"] == len(said) - 1
    assert encode64(sha256(b"".join(hashes[:-1])).digest()) == last["digest"]
    assert (paid.leaf_n, bytes(paid.leaf_hash)) == (last["n"], hashes[-1])


def entries_of(trip: Trip) -> list[bytes]:
    rows = [bytes(row.entry) for row in Outbox.objects.order_by("pk")]
    return [row for row in rows if json.loads(row).get("trip") == trip.log_id]


def test_the_leaves_of_a_trip_hang_together(felix: Person, flora: Person, paid: Settlement) -> None:
    taken_back(felix, paid)
    taken_back(flora, paid)
    rows = entries_of(paid.trip)

    said = [json.loads(row) for row in rows]
    assert [leaf["n"] for leaf in said] == list(range(len(said)))
    before = [encode64(sha256(b"\0" + row).digest()) for row in rows[:-1]]
    assert [leaf["pc"] for leaf in said] == ["", *before]
    assert TripHead.objects.get(pk=paid.trip.log_id).n == len(said) - 1


def test_who_and_how_much_lie_sealed_beside_the_leaf(paid: Settlement) -> None:
    entry = next(row for row in entries_of(paid.trip) if b'"settlement"' in row)

    assert b"20000" not in entry
    assert b"felix" not in entry
    groups = Opening.objects.filter(leaf_hash=bytes(paid.leaf_hash))
    assert set(groups.values_list("group", flat=True)) == {"id", "biz"}


# -- who sees it -----------------------------------------------------------------------


def test_the_traveller_sees_her_settlement_and_no_diary_grows(
    ada: Person, paid: Settlement
) -> None:
    answer = phone_of(ada).get(f"/api/v1/settlements/{paid.uid}")

    assert answer.json()["total"] == 20_000
    assert not AccessSubject.objects.filter(access__action="settlement").exists()


def test_the_auditor_sees_it_and_the_diary_says_so(
    iris: Person, ada: Person, paid: Settlement
) -> None:
    assert phone_of(iris).get(f"/api/v1/settlements/{paid.uid}").status_code == 200

    look = AccessSubject.objects.get(person=ada, access__action="settlement")
    assert (look.access.actor, look.access.role, look.depth) == (iris, "auditor", "times")


def test_mallory_sees_no_settlement_of_adas(mallory: Person, paid: Settlement) -> None:
    assert phone_of(mallory).get(f"/api/v1/settlements/{paid.uid}").status_code == 404


# -- the way back ----------------------------------------------------------------------


def taken_back(clerk: Person, paid: Settlement, reason: str = "날짜가 잘못되었습니다") -> Any:
    where = f"/api/v1/settlements/{paid.uid}/void"
    return phone_of(clerk).post(where, {"reason": reason}, format="json")


def test_two_clerks_take_a_settlement_back(felix: Person, flora: Person, paid: Settlement) -> None:
    first = taken_back(felix, paid)
    assert first.json() == {"state": "waiting"}
    paid.refresh_from_db()
    assert paid.voided_at is None

    second = taken_back(flora, paid)

    assert second.json() == {"state": "voided"}
    fresh = Settlement.objects.select_related("trip").get()
    assert (fresh.voided_at, fresh.trip.state) == (EVENING, State.CONFIRMED)
    pair = ApprovalPair.objects.get()
    assert (pair.maker, pair.checker) == (felix, flora)
    void = leaves_of(paid.trip)[-1]
    assert (void["t"], void["of"], void["ofh"]) == (
        "void",
        paid.leaf_n,
        encode64(bytes(paid.leaf_hash)),
    )


def test_one_clerk_twice_is_not_two(felix: Person, paid: Settlement) -> None:
    taken_back(felix, paid)
    again = taken_back(felix, paid)

    assert (again.status_code, again.json()["code"]) == (409, "second.own")
    paid.refresh_from_db()
    assert paid.voided_at is None


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_takes_nothing_back(
    own: str, paid: Settlement, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    answer = taken_back(clerk, paid)

    assert (answer.status_code, answer.json()["code"]) == (403, "trip.not-yours")
    assert not ApprovalPair.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "x", "가" * 501])
def test_taking_back_needs_a_reason(felix: Person, paid: Settlement, reason: str) -> None:
    assert taken_back(felix, paid, reason).status_code == 400
    assert not ApprovalPair.objects.exists()


def test_what_is_void_is_void(felix: Person, flora: Person, paid: Settlement) -> None:
    taken_back(felix, paid)
    taken_back(flora, paid)

    assert taken_back(felix, paid).status_code == 409


def test_a_settlement_taken_back_can_be_settled_again_and_taken_back_again(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    for clerk in (felix, flora):
        taken_back(clerk, paid)

    again = pay(flora, batch_of(flora, paid.trip))
    assert [row["refused"] for row in again.json()["rows"]] == [""]
    newer = Settlement.objects.get(voided_at=None)
    assert (newer.pk != paid.pk, newer.total, newer.clerk) == (True, 20_000, flora)
    for clerk in (flora, felix):
        taken_back(clerk, newer)

    assert not Settlement.objects.filter(voided_at=None).exists()
    assert Settlement.objects.count() == 2
    said = seen(felix, code_of(arrival(paid.trip)))
    assert said["payable"]["code"] == "payable"


def closed(name: str = "2026-11") -> Month:
    return Month.objects.update_or_create(
        organisation=Organisation.objects.get(), name=name, defaults={"state": "closed"}
    )[0]


def test_of_a_closed_month_nothing_is_taken_back(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    closed()

    first = taken_back(felix, paid)

    assert (first.status_code, first.json()["code"]) == (409, "month.closed")
    assert not ApprovalPair.objects.exists()


def test_nor_by_the_second_clerk_where_it_closed_between_the_two(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    taken_back(felix, paid)
    month = closed()

    assert taken_back(flora, paid).json()["code"] == "month.closed"
    paid.refresh_from_db()
    assert (paid.voided_at, Trip.objects.get(pk=paid.trip_id).state) == (None, State.SETTLED)

    # Opened again by two persons with a reason, it is taken back.
    for clerk in (felix, flora):
        reopen_month(month, clerk=clerk, reason="잘못 지급된 건이 있습니다", now=EVENING)
    assert taken_back(flora, paid).json() == {"state": "voided"}


def test_the_month_that_counts_is_the_one_it_is_paid_in(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    # The trip's own month is closed; it is paid in the next, which is open.
    closed()
    Settlement.objects.update(month="2026-12")

    for clerk in (felix, flora):
        assert taken_back(clerk, paid).status_code == 200


def test_what_went_onto_another_statement_meanwhile_is_not_taken_back_by_the_old_one(
    felix: Person, paid: Settlement
) -> None:
    # Loaded while it stood in November; December, where it stands now, is closed.
    Settlement.objects.update(month="2026-12")
    closed("2026-12")

    with pytest.raises(MoveRefused) as refused:
        unsettle(paid, clerk=felix, reason="날짜가 잘못되었습니다", now=EVENING)
    assert refused.value.why == "settlement.other-month"


def on_the_way(paid: Settlement, clerks: Sequence[Person]) -> str:
    del clerks
    Settlement.objects.filter(pk=paid.pk).update(payment=Payment.SENT)
    return "settlement.on-the-way"


def void_before(paid: Settlement, clerks: Sequence[Person]) -> str:
    for clerk in clerks:
        taken_back(clerk, paid)
    return "settlement.void"


WHY_NOT = {
    "settlement.on-the-way": ("은행", "once the bank has answered"),
    "settlement.void": ("이미 취소", "was taken back already"),
}


@pytest.mark.parametrize("before", [on_the_way, void_before])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_why_it_cannot_be_taken_back_is_said_on_the_page_and_to_a_program(
    before: Callable[[Settlement, Sequence[Person]], str],
    language: str,
    felix: Person,
    flora: Person,
    paid: Settlement,
) -> None:
    code, desk = before(paid, (felix, flora)), phone_of(felix)
    said, spoken = {"reason": "날짜가 잘못되었습니다"}, {"Accept-Language": language}
    pairs = ApprovalPair.objects.count()

    api = desk.post(f"/api/v1/settlements/{paid.uid}/void", said, format="json", headers=spoken)
    page = desk.post(f"/settlement/settlements/{paid.uid}/", said, headers=spoken)

    assert (api.status_code, api.json()["code"], page.status_code) == (409, code, 409)
    sentence = api.json()["detail"]
    assert WHY_NOT[code][language == "en"] in sentence
    assert all(word in page.content.decode() for word in (code, escape(sentence)))
    assert ApprovalPair.objects.count() == pairs


def test_what_she_wrote_stands_on_the_page_that_says_why_not(
    felix: Person, paid: Settlement
) -> None:
    on_the_way(paid, ())
    page = phone_of(felix).post(
        f"/settlement/settlements/{paid.uid}/", {"reason": "두 번 냈습니다"}
    )
    assert "두 번 냈습니다" in page.content.decode()


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_may_not_take_it_back_does_not_learn_how_it_stands(
    own: str, paid: Settlement, mallory: Person, request: pytest.FixtureRequest
) -> None:
    on_the_way(paid, ())
    closed()
    clerk = made_clerk(request.getfixturevalue(own))

    assert taken_back(clerk, paid).json()["code"] == "trip.not-yours"
    assert taken_back(mallory, paid).status_code == 403


def test_the_page_of_a_settlement_in_a_closed_month_leads_to_its_month(
    felix: Person, paid: Settlement
) -> None:
    closed()
    where = f"/settlement/settlements/{paid.uid}/"

    page = phone_of(felix).get(where).content.decode()
    tried = phone_of(felix).post(where, {"reason": "날짜가 잘못되었습니다"}, follow=True)

    assert 'name="reason"' not in page
    assert "/settlement/months/2026-11/?step=6" in page
    assert "마감한 달" in tried.content.decode()


def test_the_page_of_a_settlement_takes_it_back_too(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    where = f"/settlement/settlements/{paid.uid}/"
    for clerk in (felix, flora):
        assert "20,000원" in phone_of(clerk).get(where).content.decode()
        assert phone_of(clerk).post(where, {"reason": "날짜가 잘못되었습니다"}).status_code == 302

    paid.refresh_from_db()
    assert paid.voided_at == EVENING
    assert Batch.objects.get().state == "settled"


def refreshed(person: Person) -> Person:
    """*person* as a request of their own would load them."""
    return Person.objects.get(pk=person.pk)


def test_a_payment_that_only_the_log_knows_is_not_made_again(
    felix: Person, paid: Settlement, payable: Trip
) -> None:
    # As after a restore: the leaves came back from a copy of the log, the rows did not.
    Line.objects.all().delete()
    Settlement.objects.all().delete()
    Trip.objects.filter(pk=payable.pk).update(state=State.CONFIRMED)

    said = pay(felix, batch_of(felix, Trip.objects.get(pk=payable.pk))).json()

    assert [row["refused"] for row in said["rows"]] == ["settlement.already"]
    assert not Settlement.objects.exists()
