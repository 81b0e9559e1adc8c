"""Fares: who may claim which, with what paper, and how far (R23 to R29, R32, R36, R44)."""

from __future__ import annotations

from typing import Any

import pytest

from attest.errors import ClaimRefused

from .claims import claim, codes, computed, journey, lines, of_journey, office, sums


def fare(**said: Any) -> dict[str, Any]:
    """A standard seat in a train of the day, with its ticket."""
    seat = {"date": "2026-10-06", "mode": "rail", "amount": 50_000, "evidence": "ticket"}
    return seat | said


def drive(**said: Any) -> dict[str, Any]:
    told = {"date": "2026-10-06", "mode": "private_car", "role": "driver", "evidence": "toll"}
    return told | {"public_transport_fare": 18_000} | said


def by_road(**said: Any) -> dict[str, Any]:
    told = {"unavoidable": True, "reason": "막차 이후", "distance_m": 119_700}
    return drive(**(told | {"fuel": "gasoline", "fuel_price": "1700"} | said))


def paid(*fares: dict[str, Any], **said: Any) -> tuple[int, str, str]:
    """Won, status and rule of the first fare."""
    line = lines(of_journey(fares=list(fares), **said), "fare")[0]
    return line.amount, line.status, line.rule


@pytest.mark.parametrize("mode", ["rail", "ship", "air", "bus", "metro"])
def test_a_seat_is_paid_as_it_cost(mode: str) -> None:
    assert paid(fare(mode=mode)) == (50_000, "payable", "R23")


@pytest.mark.parametrize(
    ("unavoidable", "expected"),
    [(True, (50_000, "payable", "R23")), (False, (0, "refused", "R29"))],
)
def test_a_taxi_is_paid_only_where_it_could_not_be_avoided(
    expected: tuple[int, str, str], *, unavoidable: bool
) -> None:
    assert paid(fare(mode="taxi", evidence="card", unavoidable=unavoidable)) == expected


@pytest.mark.parametrize(
    ("said", "rule", "warned"),
    [
        ({"status": "cancelled"}, "R44", {"evidence_cancelled"}),
        ({"mode": "public_vehicle"}, "R24", set()),
        ({"purpose": "access"}, "R29", set()),
        ({"purpose": "access", "mode": "taxi", "unavoidable": True}, "R29", set()),
        ({"mode": "parking", "evidence": "parking"}, "R29", set()),
        ({"mode": "private_car", "role": "passenger"}, "R28", set()),
    ],
)
def test_what_the_rules_never_pay_is_a_refused_line(
    said: dict[str, Any], rule: str, warned: set[str]
) -> None:
    assert paid(fare(**said)) == (0, "refused", rule)
    assert codes(of_journey(fares=[fare(**said)])) == warned


def test_a_public_car_all_the_way_leaves_no_fare() -> None:
    result = of_journey(public_car="whole", fares=[fare(), fare(mode="public_vehicle")])

    assert [(one.amount, one.status, one.rule) for one in lines(result, "fare")] == [
        (0, "refused", "R24"),
        (0, "refused", "R24"),
    ]
    (warned,) = [w for one in result.trips for w in one.warnings]
    assert (warned.code, warned.data["mode"]) == ("fare_with_public_car", "rail")


def test_a_public_car_for_a_part_leaves_the_fares() -> None:
    assert paid(fare(), public_car="part") == (50_000, "payable", "R23")


@pytest.mark.parametrize(
    ("evidence", "accepted"),
    [
        ("card", True),
        ("cash_receipt", True),
        ("tax_invoice", True),
        ("ticket", True),
        ("toll", False),
        ("fuel", False),
        ("parking", False),
        ("photo", False),
        ("other_receipt", False),
        ("simple_receipt", False),
        ("none", False),
    ],
)
def test_only_some_papers_prove_a_seat(evidence: str, *, accepted: bool) -> None:
    result = of_journey(fares=[fare(evidence=evidence)])
    (line,) = lines(result, "fare")

    assert (line.amount, line.status) == (
        (50_000, "payable") if accepted else (0, "needs_evidence")
    )
    assert ("evidence_missing" in codes(result)) != accepted
    assert line.inputs.get("would_be") == (None if accepted else 50_000)


@pytest.mark.parametrize(
    ("day", "accepted"),
    [("2026-10-05", False), ("2026-10-06", True), ("2026-10-08", True), ("2026-10-09", False)],
)
def test_paper_for_a_day_outside_the_trip_is_none(day: str, *, accepted: bool) -> None:
    result = of_journey("2026-10-08", fares=[fare(evidence_date=day)])

    assert sums(result)["fare"] == (50_000 if accepted else 0)
    assert ("evidence_date" in codes(result)) != accepted


def test_a_date_without_a_paper_is_no_paper_of_another_day() -> None:
    result = of_journey(fares=[fare(evidence="none", evidence_date="2026-09-14")])

    assert codes(result) == {"evidence_missing"}


def test_where_no_paper_is_required_a_seat_is_paid_with_a_warning() -> None:
    free = office("evidence = { required = false }")
    result = of_journey(sets=free, fares=[fare(evidence="none")])

    assert sums(result)["fare"] == 50_000
    assert "evidence_missing" in codes(result)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"standard_amount": 40_000}, (40_000, "payable", "R23")),
        ({"standard_amount": 60_000}, (50_000, "payable", "R23")),
        ({}, (0, "needs_evidence", "R23")),
    ],
)
def test_a_class_above_the_grade_is_paid_up_to_the_standard_seat(
    said: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    seat = fare(**{"class": "superior"}, **said)

    assert paid(seat) == expected
    assert "class_above_grade" in codes(of_journey(fares=[seat]))
    assert "would_be" not in lines(of_journey(fares=[seat]), "fare")[0].inputs


@pytest.mark.parametrize("said", [{"grade": 1}, {"follows_senior": True}])
def test_grade_one_and_who_follows_a_senior_may_sit_better(said: dict[str, Any]) -> None:
    seat = fare(**{"class": "superior"})

    assert paid(seat, **said) == (50_000, "payable", "R23")
    assert "class_above_grade" not in codes(of_journey(fares=[seat], **said))


@pytest.mark.parametrize(
    ("cap", "won"), [(49_999, 49_999), (50_000, 50_000), (50_001, 50_000), (0, 0)]
)
def test_from_home_at_most_the_way_from_the_workplace_is_paid(cap: int, won: int) -> None:
    line = lines(of_journey(fares=[fare(cap_amount=cap)]), "fare")[0]

    assert line.amount == won
    assert ("공무원 여비 규정 제6조" in line.cites) == (won < 50_000)


# -- a car of one's own ----------------------------------------------------------------


@pytest.mark.parametrize("evidence", ["toll", "fuel", "parking", "photo"])
def test_a_private_car_earns_the_fare_of_public_transport(evidence: str) -> None:
    costs = {"toll": 5_000, "parking": 3_000}

    assert paid(drive(evidence=evidence, **costs)) == (18_000, "payable", "R25")
    assert paid(drive(evidence=evidence, cap_amount=17_000)) == (17_000, "payable", "R25")


@pytest.mark.parametrize("evidence", ["card", "ticket", "other_receipt", "none"])
def test_other_papers_do_not_show_that_one_drove(evidence: str) -> None:
    free = office("evidence = { required = false }")
    for sets in (None, free):
        result = of_journey(sets=sets, fares=[drive(evidence=evidence)])
        (line,) = lines(result, "fare")

        assert (line.amount, line.status, line.inputs["would_be"]) == (0, "needs_evidence", 18_000)
        assert "evidence_missing" in codes(result)


def test_an_unavoidable_drive_is_paid_by_fuel_and_road() -> None:
    line = lines(of_journey(fares=[by_road(toll=5_400, parking=2_000)]), "fare")[0]

    # 119.7 km at 11.97 km a litre are 10 litres at 1,700 won.
    assert (line.amount, line.rule) == (17_000 + 7_400, "R26")
    assert line.inputs["km_per_unit"] == "11.97"
    assert line.rule_set == "kr-national@2026-07-01"
    assert line.why.ko.endswith(
        "(부득이한 자가용: 연료비 17,000원, 통행료 5,400원, 주차료 2,000원), 통행료 영수증"
    )


@pytest.mark.parametrize(
    ("metres", "price", "won"),
    [(11_970, "1", 1), (11_969, "1", 0), (23_939, "1", 1), (11_970, "1700.9", 1_700), (0, "9", 0)],
)
def test_fuel_goes_down_to_a_won(metres: int, price: str, won: int) -> None:
    assert paid(by_road(distance_m=metres, fuel_price=price)) == (won, "payable", "R26")


@pytest.mark.parametrize(
    ("workplace_m", "won"), [(119_701, 17_000), (119_700, 17_000), (59_850, 8_500)]
)
def test_the_shorter_way_counts(workplace_m: int, won: int) -> None:
    assert paid(by_road(workplace_distance_m=workplace_m))[0] == won


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_a_drive_is_counted_as_public_transport(reason: str) -> None:
    said = by_road(reason=reason)

    assert paid(said) == (18_000, "payable", "R25")
    assert "reason_missing" in codes(of_journey(fares=[said]))


@pytest.mark.parametrize("fuel", ["hybrid", "plug_in_hybrid", "electric", "hydrogen"])
def test_an_unverified_efficiency_is_marked_on_its_line(fuel: str) -> None:
    result = of_journey(fares=[by_road(fuel=fuel)])
    (line,) = lines(result, "fare")

    assert line.unverified == (f"fuel.{fuel}",)
    assert "setting_unverified" in codes(result)


def test_a_fuel_without_efficiency_is_refused_where_it_decides() -> None:
    old = {"starts_at": "2023-01-17T09:00:00+09:00", "ends_at": "2023-01-17T18:00:00+09:00"}
    hybrid = by_road(date="2023-01-17", fuel="hybrid")

    with pytest.raises(ClaimRefused) as refusal:
        computed(claim(journey(fares=[fare(), hybrid], **old)))
    cancelled = computed(claim(journey(fares=[hybrid | {"status": "cancelled"}], **old)))

    assert [(f.code, f.path) for f in refusal.value.faults] == [
        ("rules.fuel", "trips[0].fares[1].fuel")
    ]
    assert sums(cancelled)["fare"] == 0
