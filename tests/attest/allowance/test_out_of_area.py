"""What holds for the whole of an out-of-area trip: deadline, other payers, cuts, reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attest.allowance import canonical

from .claims import amounts, codes, lines, of_journey, office, sums

SEAT = {"date": "2026-10-06", "mode": "bus", "amount": 9_000, "evidence": "card"}
BED = {"date": "2026-10-06", "kind": "paid", "paid": 60_000, "evidence": "card", "unit": "48170"}
KIN = {"date": "2026-10-07", "kind": "relatives"}
TRIP: dict[str, Any] = {"last": "2026-10-08", "fares": [SEAT], "nights": [BED, KIN]}
STRICT = 'settlement = { late = "refuse" }'


@pytest.mark.parametrize(
    ("day", "late"),
    [("2026-10-08", False), ("2026-10-22", False), ("2026-10-23", True), (None, False)],
)
def test_settlement_is_late_after_fourteen_days(day: str | None, *, late: bool) -> None:
    asked: dict[str, Any] = {} if day is None else {"claimed_on": day}
    warned = of_journey(**TRIP, **asked)
    refused = of_journey(sets=office(STRICT), **TRIP, **asked)

    assert ("claim_late" in codes(warned)) == late
    assert warned.total == 239_000
    assert refused.total == (150_000 if late else 239_000)
    assert ("settlement.late" in lines(warned, "fare")[0].unverified) == late


def test_a_late_claim_refuses_fares_and_lodging_by_name_where_the_rules_say_so() -> None:
    result = of_journey(sets=office(STRICT), **TRIP, claimed_on="2026-10-23")

    paper = [li for one in result.trips for li in one.lines if li.item not in ("daily", "meals")]
    assert {(li.amount, li.status, li.rule) for li in paper} == {(0, "refused", "R37")}
    assert paper[0].why.ko == "정산 기한 14일이 지나 운임 0원"


def test_without_a_deadline_nothing_is_late() -> None:
    sets = office("settlement = { days = 0 }")

    assert "claim_late" not in codes(of_journey(sets=sets, **TRIP, claimed_on="2030-01-01"))


def payer(item: str, amount: int) -> dict[str, Any]:
    return {"item": item, "amount": amount, "who": "주최 측"}


@pytest.mark.parametrize(
    ("item", "left"), [("fare", 9_000), ("daily", 75_000), ("meals", 75_000), ("lodging", 80_000)]
)
def test_what_another_body_bore_is_taken_from_its_item_alone(item: str, left: int) -> None:
    result = of_journey(**TRIP, other_payer=[payer(item, left - 1_000), payer(item, 5_000)])

    taken = [won for name, won in amounts(result) if name == "other_payer"]
    assert taken == [-(left - 1_000), -1_000]
    assert result.total == 239_000 - left


def test_in_area_money_of_another_body_takes_nothing_here() -> None:
    assert of_journey(**TRIP, other_payer=[payer("in_area", 5_000)]).total == 239_000


def test_an_agency_cuts_each_item_after_other_payers() -> None:
    sets = office("reduction = { daily = 20, lodging = 50 }")
    result = of_journey(sets=sets, **TRIP, other_payer=[payer("daily", 25_001)])

    # Daily: four fifths of 49,999 are 39,999.2; lodging: half of 80,000.
    cuts = [(li.inputs["item"], li.amount) for li in lines(result, "reduction")]
    assert cuts == [("daily", -10_000), ("lodging", -40_000)]
    assert result.total == (9_000 + 39_999 + 75_000 + 40_000) // 10 * 10


def test_a_trip_of_the_standing_duty_is_said_to_be_one() -> None:
    assert "standing_overlap" in codes(of_journey(standing_duty=True))


def test_what_waits_is_worth_nothing_and_no_hour_is_asked_for() -> None:
    result = of_journey(fares=[SEAT | {"evidence": "none"}])

    assert result.total == 50_000
    assert "hours_not_evidenced" not in codes(result)
    assert result.trips[0].as_dict()["seconds"] == {"claimed": 32_400, "evidenced": None}


def test_claimed_hours_stand_beside_evidenced_ones() -> None:
    shown = {"starts_at": "2026-10-06T10:00:00+09:00", "ends_at": "2026-10-06T17:00:00+09:00"}

    said = of_journey(evidenced=shown).trips[0].as_dict()["seconds"]
    assert said == {"claimed": 32_400, "evidenced": 25_200}


def test_every_line_gives_rule_article_version_inputs_and_a_sentence_in_both_languages() -> None:
    nights = [BED, KIN, {"date": "2026-10-08", "kind": "provided"}]
    seats = [SEAT, SEAT | {"mode": "parking"}, SEAT | {"status": "cancelled"}]
    result = of_journey("2026-10-08", fares=seats, nights=nights, public_car="part")

    for line in json.loads(canonical(result.as_dict()))["trips"][0]["lines"]:
        assert line["rule"].startswith("R")
        assert line["cites"]
        assert "@" in line["rule_set"]
        assert line["why"]["ko"] != line["why"]["en"]


def test_the_sentences_read_as_the_tables_of_the_specification() -> None:
    nights = [BED | {"paid": 78_000}]
    result = of_journey("2026-10-07", fares=[SEAT], nights=nights, public_car="part")

    assert [li.why.ko for one in result.trips for li in one.lines] == [
        "버스 2026-10-06 운임 9,000원 (실제 낸 금액), 카드 전표",
        "일비 12,500원 × 2일 (공무용 차량 1/2)",
        "식비 25,000원 × 2일",
        "숙박비 실비 합계 78,000원, 상한 합계 70,000원 → 70,000원",
        "상한을 넘은 8,000원은 부득이한 카드 결제가 아니어서 0원",
    ]
    assert sums(result)["lodging"] == 70_000
