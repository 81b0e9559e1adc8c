"""What fuel cost is read from the imported list: a day it does not hold is refused, not guessed."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person, Place
from settlement.paying import for_judging, judge
from tests.conftest import NOON, SITE, phone_of, place
from tests.settlement.desk import approved, batch_of, pay, travelled
from tests.settlement.desk import ordered as ordered_trip
from trips.models import FuelPrice, Trip

FUEL = "/api/v1/fuel-prices/imports"
HEAD = "일자,연료,가격"
DRIVE = {
    "date": "2026-11-23",
    "mode": "private_car",
    "role": "driver",
    "unavoidable": True,
    "reason": "심야 귀가",
    "distance_m": 119_700,
    "fuel": "gasoline",
    "evidence": "toll",
}


def sent(clerk: Person, raw: bytes, **said: str) -> Any:
    file = SimpleUploadedFile("prices", raw)
    return phone_of(clerk).post(FUEL, {"file": file, **said}, format="multipart")


def kept(clerk: Person, *lines: str) -> Any:
    raw = "\n".join([HEAD, *lines]).encode()
    return sent(clerk, raw, digest=sent(clerk, raw).json()["digest"])


def fates(answer: Any) -> list[tuple[str, str]]:
    return [(row["fate"], row["code"]) for row in answer.json()["rows"]]


@pytest.fixture
def drive(ada: Person, bora: Person, away: Place) -> Trip:
    trip = travelled(ordered_trip(ada, bora, away, hours=6))
    told = phone_of(ada).post(f"/api/v1/trips/{trip.uid}/costs", {"fares": [DRIVE]}, format="json")
    assert told.status_code == 200, told.content
    return approved(trip)


@pytest.fixture
def away(hall: Any) -> Place:

    return place(hall, "부산시청", SITE, "26000")


def judged(trip: Trip) -> Any:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk))


def test_a_way_driven_on_a_day_without_a_price_is_refused_by_name(drive: Trip) -> None:
    answer = judged(drive)

    assert (answer.payable, answer.code) == ("exception", "claim.fuel-price-absent")
    assert answer.sum.won is None


def test_the_price_of_the_day_and_no_other_pays_it(felix: Person, drive: Trip) -> None:
    kept(felix, "2026-11-22,휘발유,9000", "2026-11-24,휘발유,9000", "2026-11-23,경유,9000")
    assert judged(drive).code == "claim.fuel-price-absent"

    kept(felix, '2026-11-23,보통 휘발유,"1,689.52"')

    (fare,) = [line for line in judged(drive).sum.own["lines"] if line["item"] == "fare"]
    # 119.7 km at 11.97 km a litre are ten litres.
    assert (fare["amount"], fare["rule"]) == (16_895, "R26")
    assert fare["inputs"]["fuel_price"] == "1689.52"


def test_the_price_stays_with_what_was_settled_by_it(felix: Person, drive: Trip) -> None:
    kept(felix, "2026-11-23,휘발유,1700")
    pay(felix, batch_of(felix, drive))

    again = kept(felix, "2026-11-23,휘발유,1800")

    assert fates(again) == [("refused", "record.other-price")]
    paid = drive.settlements.get()
    assert paid.claim["trips"][0]["fares"][0]["fuel_price"] == "1700.00"


def test_nobody_types_the_price_of_fuel(ada: Person, bora: Person, away: Place) -> None:
    trip = travelled(ordered_trip(ada, bora, away, hours=6))
    typed = {"fares": [DRIVE | {"fuel_price": "99999"}]}

    told = phone_of(ada).post(f"/api/v1/trips/{trip.uid}/costs", typed, format="json")

    assert told.status_code == 400
    assert "costs.fuel_price" in told.content.decode()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-13-01,휘발유,1700", "record.day"),
        ("2026-11-23,등유,1700", "record.fuel"),
        ("2026-11-23,휘발유,0", "record.price"),
        ("2026-11-23,휘발유,-1700", "record.price"),
        ("2026-11-23,휘발유,1700.555", "record.price"),
        ("2026-11-23,휘발유,=1700", "record.price"),
        ("2026-11-23,휘발유,1700,5", "record.cells"),
    ],
)
def test_a_line_that_is_no_price_is_named_and_not_kept(felix: Person, line: str, code: str) -> None:
    assert fates(kept(felix, line)) == [("refused", code)]
    assert not FuelPrice.objects.exists()


def test_a_price_that_stands_twice_is_refused(felix: Person) -> None:
    done = kept(felix, "2026-11-23,휘발유,1700", "2026-11-23,보통휘발유,1800")

    assert fates(done) == [("new", ""), ("refused", "record.twice")]


def test_the_list_comes_as_a_workbook_too(felix: Person) -> None:

    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["연료", "일자", "가격"])
    page.append(["휘발유", date(2026, 11, 23), 1689.52])
    page.append(["경유", "2026-11-23", "1,500"])
    out = BytesIO()
    book.save(out)
    raw = out.getvalue()

    sent(felix, raw, digest=sent(felix, raw).json()["digest"])

    rows = FuelPrice.objects.order_by("won").values_list("fuel", "won")
    assert [(fuel, str(won)) for fuel, won in rows] == [
        ("diesel", "1500.00"),
        ("gasoline", "1689.52"),
    ]


def test_a_cell_that_is_worked_out_is_no_price(felix: Person) -> None:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["일자", "연료", "가격"])
    page.append(["2026-11-23", "휘발유", "=1600+89"])
    out = BytesIO()
    book.save(out)

    answer = sent(felix, out.getvalue())

    assert (answer.status_code, answer.json()["code"]) == (400, "import.formula")


@pytest.mark.parametrize("name", ["ada", "bora", "iris", "olga"])
def test_prices_are_the_clerks(name: str, request: pytest.FixtureRequest) -> None:
    assert sent(request.getfixturevalue(name), HEAD.encode()).status_code == 403


def test_another_offices_prices_are_not_ours(felix: Person, drive: Trip, hall: Any) -> None:
    away = type(hall).objects.create(name="다른시청", rule_set="kr-national")
    FuelPrice.objects.create(organisation=away, day=NOON.date(), fuel="gasoline", won="1700")

    assert judged(drive).code == "claim.fuel-price-absent"
