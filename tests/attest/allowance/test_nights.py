"""Lodging: caps by place, sums over the trip, what is over, shared rooms (R14 to R21)."""

from __future__ import annotations

from typing import Any

import pytest

from .claims import claim, codes, computed, journey, lines, of_journey, office, rules, sums

SEOUL, BUSAN, NAMHAE = "11110", "26470", "48840"


def night(paid: int = 90_000, day: str = "2026-10-06", **said: Any) -> dict[str, Any]:
    told = {"date": day, "kind": "paid", "paid": paid, "evidence": "card"}
    return told | ({} if "class" in said else {"unit": SEOUL}) | said


def room(total: int, heads: int, claimed: int = 1, **said: Any) -> dict[str, Any]:
    shared = {"heads": heads, "total": total, "claimed_heads": claimed}
    told = {"date": "2026-10-06", "kind": "shared", "unit": SEOUL, "evidence": "card"}
    return told | {"shared": shared} | said


def slept(*nights: dict[str, Any], **said: Any) -> dict[str, int]:
    found = sums(of_journey("2026-10-08", nights=list(nights), **said))
    return {item: won for item, won in found.items() if item.startswith("lodging")}


@pytest.mark.parametrize(
    ("unit", "cap"),
    [
        ("11110", 100_000),
        ("26470", 80_000),
        ("27110", 80_000),
        ("28110", 80_000),
        ("29140", 80_000),
        ("30110", 80_000),
        ("31710", 80_000),
        ("36110", 70_000),
        ("50110", 70_000),
        ("48170", 70_000),
        ("41111", 70_000),
    ],
)
def test_the_cap_is_that_of_the_place_where_one_sleeps(unit: str, cap: int) -> None:
    result = of_journey("2026-10-07", nights=[night(500_000, unit=unit)])
    (line,) = lines(result, "lodging")

    assert line.amount == cap
    assert line.unverified == (("lodging.gwangju_class",) if unit == "29140" else ())


@pytest.mark.parametrize(
    ("city_class", "cap"), [("seoul", 100_000), ("metropolitan", 80_000), ("other", 70_000)]
)
def test_a_class_may_be_given_in_place_of_a_unit(city_class: str, cap: int) -> None:
    assert slept(night(cap, **{"class": city_class})) == {"lodging": cap}
    assert slept(night(cap + 1, **{"class": city_class}))["lodging"] == cap


def test_the_cap_works_on_the_sums_of_the_trip() -> None:
    cheap, dear = night(60_000), night(130_000, "2026-10-07")

    assert slept(cheap, dear) == {"lodging": 190_000}
    assert slept(night(80_000), dear) == {"lodging": 200_000, "lodging_excess": 0}


@pytest.mark.parametrize("said", [{"grade": 1}, {"follows_senior": True}])
def test_grade_one_has_no_cap_unless_the_rules_give_one(said: dict[str, Any]) -> None:
    capped = office("lodging = { first_grade_capped = true }")

    assert slept(night(300_000), **said) == {"lodging": 300_000}
    assert slept(night(300_000), sets=capped, **said)["lodging"] == 100_000


# -- R18 -------------------------------------------------------------------------------


def excess(paid: int, **said: Any) -> tuple[int, str, set[str]]:
    asked = {"claimed_on": "2026-10-10"} | {k: v for k, v in said.items() if k == "claimed_on"}
    told = {"unavoidable": True} | {k: v for k, v in said.items() if k != "claimed_on"}
    result = of_journey("2026-10-07", nights=[night(paid, **told)], **asked)
    (line,) = lines(result, "lodging_excess")
    warned = codes(result) & {"excess_unpaid", "excess_late", "claim_date_missing"}
    return line.amount, line.status, warned


def test_what_is_over_the_cap_is_paid_up_to_three_tenths() -> None:
    assert excess(100_001) == (1, "payable", set())
    assert excess(130_000) == (30_000, "payable", set())
    assert excess(130_001) == (30_000, "payable", {"excess_unpaid"})


@pytest.mark.parametrize("said", [{"unavoidable": False}, {"evidence": "cash_receipt"}])
def test_what_was_avoidable_or_not_by_card_is_never_paid(said: dict[str, Any]) -> None:
    assert excess(120_000, **said) == (0, "refused", {"excess_unpaid"})


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-01", (20_000, "payable", set())),
        ("2026-10-14", (20_000, "payable", set())),
        ("2026-10-15", (0, "refused", {"excess_late"})),
        ("2026-12-31", (0, "refused", {"excess_late"})),
    ],
)
def test_the_excess_must_be_asked_for_within_seven_days(
    day: str, expected: tuple[int, str, set[str]]
) -> None:
    assert excess(120_000, claimed_on=day) == expected


def test_without_a_claim_date_the_excess_waits() -> None:
    nights = [night(140_000, unavoidable=True)]
    result = of_journey("2026-10-07", nights=nights)
    (line,) = lines(result, "lodging_excess")

    assert (line.amount, line.status, line.inputs["would_be"]) == (0, "needs_evidence", 30_000)
    assert {"claim_date_missing", "excess_unpaid"} <= codes(result)


def test_only_the_caps_of_excused_nights_are_stretched() -> None:
    nights = [night(200_000, unavoidable=True), night(100_000, "2026-10-07")]

    assert slept(*nights, claimed_on="2026-10-08") == {
        "lodging": 200_000,
        "lodging_excess": 30_000,
    }


# -- R19, R21 and the kinds that pay nothing -------------------------------------------


def test_nights_with_relatives_are_paid_by_the_night_without_paper() -> None:
    nights = [{"date": f"2026-10-0{day}", "kind": "relatives"} for day in (6, 7)]

    assert slept(*nights) == {"lodging_relatives": 40_000}


@pytest.mark.parametrize(
    ("kind", "rule"), [("provided", "R21"), ("transit", "R14"), ("shared_member", "R20")]
)
def test_a_night_that_pays_nothing_by_its_kind_has_its_line(kind: str, rule: str) -> None:
    said = {"date": "2026-10-06", "kind": kind, "unavoidable": True, "evidence": "card"}
    (line,) = lines(of_journey("2026-10-07", nights=[said]), "lodging")

    assert (line.amount, line.status, line.rule) == (0, "refused", rule)


# -- R20 -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "heads", "claimed", "extra"),
    [
        (100_000, 2, 1, 20_000),
        (100_001, 2, 1, 0),
        (100_000, 3, 2, 40_000),
        (100_000, 3, 1, 20_000),
        (100_001, 3, 2, 20_000),
        (200_000, 3, 2, 20_000),
        (200_001, 3, 2, 0),
        (1, 50, 49, 980_000),
    ],
)
def test_a_shared_room_pays_something_for_each_cap_it_spared(
    total: int, heads: int, claimed: int, extra: int
) -> None:
    found = slept(room(total, heads, claimed))

    assert found == {"lodging": total, "lodging_shared": extra}


def test_nobody_claimed_is_nobody_paid() -> None:
    assert slept(room(50_000, 2, 0)) == {"lodging": 50_000}


def test_a_shared_room_is_capped_for_all_its_heads() -> None:
    assert slept(room(250_000, 2, 1)) == {
        "lodging": 200_000,
        "lodging_excess": 0,
        "lodging_shared": 0,
    }


def test_grade_one_shares_by_a_base_of_its_own_that_is_unverified() -> None:
    result = of_journey("2026-10-07", nights=[room(80_001, 2)], grade=1)
    (line,) = lines(result, "lodging_shared")

    assert (line.amount, line.status) == (0, "refused")
    assert "lodging.shared_first_grade_base" in line.unverified
    assert slept(room(80_000, 2), grade=1)["lodging_shared"] == 20_000


def test_a_cap_of_nothing_spares_nothing() -> None:
    sets = office("lodging = { seoul = 0 }")

    assert slept(room(1, 2), sets=sets)["lodging_shared"] == 0


# -- R36, R44 --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "accepted"),
    [
        ("card", True),
        ("cash_receipt", True),
        ("tax_invoice", True),
        ("ticket", False),
        ("photo", False),
        ("other_receipt", False),
        ("simple_receipt", False),
        ("none", False),
    ],
)
def test_only_some_papers_prove_a_night(evidence: str, *, accepted: bool) -> None:
    result = of_journey("2026-10-07", nights=[night(evidence=evidence)])
    (line,) = lines(result, "lodging")

    assert (line.amount, line.status) == (
        (90_000, "payable") if accepted else (0, "needs_evidence")
    )
    assert ("evidence_missing" in codes(result)) != accepted


def test_a_night_without_paper_leaves_both_sums_and_says_what_it_would_bring() -> None:
    nights = [night(130_000), night(90_000, "2026-10-07", evidence="none")]
    result = of_journey("2026-10-08", nights=nights)
    counted, waiting = lines(result, "lodging")

    assert counted.amount == 100_000
    assert (waiting.status, waiting.inputs["would_be"]) == ("needs_evidence", 100_000)


def test_where_no_paper_is_required_a_night_is_paid_but_its_extras_are_not() -> None:
    sets = office("evidence = { required = false }")
    nights = [room(50_000, 2, evidence="none")]
    result = of_journey(sets=sets, last="2026-10-07", nights=nights)

    assert sums(result)["lodging"] == 50_000
    (extra,) = lines(result, "lodging_shared")
    assert (extra.amount, extra.status, extra.inputs["would_be"]) == (0, "needs_evidence", 20_000)
    assert "evidence_missing" in codes(result)


def test_a_card_slip_of_another_day_stretches_no_cap_even_where_no_paper_is_required() -> None:
    sets = office("evidence = { required = false }")
    said = night(120_000, unavoidable=True, evidence_date="2026-09-14")
    result = of_journey("2026-10-07", sets=sets, nights=[said], claimed_on="2026-10-08")

    assert sums(result)["lodging"] == 100_000
    assert [(li.amount, li.status) for li in lines(result, "lodging_excess")] == [(0, "refused")]


def test_the_province_pays_a_night_without_paper_by_caps_nobody_verified() -> None:
    nights = [night(70_000, unit=NAMHAE, evidence="none")]
    said = claim(journey("2026-10-07", nights=nights), rule_set="kr-gyeongnam")
    (line,) = lines(computed(said, rules()), "lodging")

    assert line.amount == 70_000
    assert line.unverified == ("lodging.other",)
    assert line.rule_set == "kr-national@2026-07-01"
