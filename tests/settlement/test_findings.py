"""The papers of a month held against each other: what is serious holds the money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Person, Place
from attest.errors import MonthClosed, NotPayable
from settlement.models import Absence, Finding, Hold, VehicleLog
from settlement.months import month_for
from settlement.services.check_month import check_month
from settlement.services.close_month import close_month
from settlement.services.resolve_hold import resolve_hold
from tests.conftest import NOON, phone_of
from tests.settlement.clerk_month import MONTH, brought_in, taken
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from tests.settlement.sheets.samples import row, xlsx
from trips.models import Trip

CARS, AWAY = "/api/v1/vehicle-logs/imports", "/api/v1/absences/imports"
CAR_LINE = "12가3456,T-ada,,2026-11-23 12:10,2026-11-23 15:00"


def cars(*lines: str) -> str:
    return "\n".join(["차량,운전자,동승자,출발,도착", *lines])


def away(*lines: str) -> str:
    return "\n".join(["사번,구분,시작,종료", *lines])


def sent(clerk: Person, where: str, text: str, **said: str) -> Any:
    file = SimpleUploadedFile("records.csv", text.encode("cp949"))
    return phone_of(clerk).post(where, {"file": file, **said}, format="multipart")


def kept(clerk: Person, where: str, text: str) -> Any:
    digest = sent(clerk, where, text).json()["digest"]
    return sent(clerk, where, text, digest=digest)


def checked(clerk: Person) -> dict[str, str]:
    check_month(month_for(clerk, MONTH), clerk=clerk, now=EVENING)
    return dict(Finding.objects.values_list("code", "severity"))


# --- records ---------------------------------------------------------------------------------


def test_a_log_is_previewed_and_then_kept_once(felix: Person, ada: Person) -> None:
    first = sent(felix, CARS, cars(CAR_LINE))
    assert first.json()["counts"] == {"new": 1, "same": 0, "refused": 0}
    assert not VehicleLog.objects.exists()

    assert kept(felix, CARS, cars(CAR_LINE)).status_code == 201

    assert VehicleLog.objects.get().driver == ada
    assert sent(felix, CARS, cars(CAR_LINE)).json()["counts"]["same"] == 1


@pytest.mark.parametrize(
    ("where", "text", "code"),
    [
        (CARS, cars("12가3456,T-nobody,,2026-11-23 12:10,2026-11-23 15:00"), "record.person"),
        (CARS, cars("12가3456,T-ada,T-x,2026-11-23 12:10,2026-11-23 15:00"), "record.person"),
        (CARS, cars(",T-ada,,2026-11-23 12:10,2026-11-23 15:00"), "record.vehicle"),
        (CARS, cars("12가3456,T-ada,,2026-11-23 15:00,2026-11-23 15:00"), "record.time"),
        (CARS, cars("12가3456,T-ada,,noon,2026-11-23 15:00"), "record.time"),
        (CARS, cars(CAR_LINE + ",more"), "record.cells"),
        (AWAY, away("T-ada,병가,2026-11-23,2026-11-23"), "record.kind"),
        (AWAY, away("T-ada,휴가,2026-11-24,2026-11-22"), "record.time"),
    ],
)
def test_a_line_that_cannot_be_honoured_is_named(
    felix: Person, ada: Person, where: str, text: str, code: str
) -> None:
    (line,) = sent(felix, where, text).json()["rows"]

    assert (line["fate"], line["code"]) == ("refused", code)


def test_two_equal_lines_are_one(felix: Person, ada: Person) -> None:
    rows = sent(felix, CARS, cars(CAR_LINE, CAR_LINE)).json()["rows"]

    assert [(one["fate"], one["code"]) for one in rows] == [
        ("new", ""),
        ("refused", "record.twice"),
    ]


def test_a_changed_file_is_not_kept(felix: Person, ada: Person) -> None:
    digest = sent(felix, CARS, cars(CAR_LINE)).json()["digest"]

    late = sent(felix, CARS, cars(CAR_LINE.replace("15:00", "16:00")), digest=digest)

    assert late.json()["code"] == "step-up.batch-changed"
    assert not VehicleLog.objects.exists()


def test_a_day_of_leave_without_a_clock_is_the_whole_day(felix: Person, ada: Person) -> None:
    kept(felix, AWAY, away("T-ada,휴가,2026-11-23,2026-11-23"))

    day = Absence.objects.get()
    assert day.ends_at - day.starts_at == timedelta(days=1)


# --- findings --------------------------------------------------------------------------------


def test_without_records_nothing_is_said_of_cars_and_leave(felix: Person, payable: Trip) -> None:
    assert not {code for code in checked(felix) if code.startswith(("car.", "absence."))}


def test_a_car_in_the_log_that_was_not_declared_holds_the_payment(
    felix: Person, payable: Trip
) -> None:
    kept(felix, CARS, cars(CAR_LINE))

    assert checked(felix)["car.undeclared"] == "serious"

    hold = Hold.objects.get(reason_code="car.undeclared")
    assert (hold.trip, hold.blocking) == (payable, True)
    with pytest.raises(NotPayable, match=r"car\.undeclared"):
        batch_of(felix, payable)


def test_a_passenger_of_the_log_is_found_too(felix: Person, bora: Person, payable: Trip) -> None:
    kept(felix, CARS, cars('12가3456,T-bora,"T-ada",2026-11-23 12:10,2026-11-23 15:00'))

    assert "car.undeclared" in checked(felix)


def test_once_a_person_has_looked_it_is_paid_and_not_held_again(
    felix: Person, payable: Trip
) -> None:
    kept(felix, AWAY, away("T-ada,휴가,2026-11-23,2026-11-23"))
    assert checked(felix)["absence.leave"] == "serious"
    hold = Hold.objects.get()
    resolve_hold(hold, clerk=felix, resolution="explained", reason="휴가 취소됨", now=EVENING)

    checked(felix)

    assert Hold.objects.count() == 1
    assert pay(felix, batch_of(felix, payable)).status_code == 200


def test_what_is_to_be_looked_at_holds_no_money(felix: Person, payable: Trip) -> None:
    kept(felix, AWAY, away("T-ada,초과근무,2026-11-23 13:00,2026-11-23 14:00"))

    assert checked(felix)["absence.overtime"] == "check"
    assert not Hold.objects.exists()
    assert pay(felix, batch_of(felix, payable)).status_code == 200


def test_two_trips_of_one_time_hold_each_other(
    felix: Person, ada: Person, bora: Person, site: Place, payable: Trip
) -> None:
    brought_in(felix, xlsx(row(E="2026-11-23 12:00", F="2026-11-23 16:30", I="다른 곳")))
    confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=5))
    other = Trip.objects.exclude(pk=payable.pk).get()
    Trip.objects.filter(pk=other.pk).update(starts_at=NOON + timedelta(hours=2))

    assert checked(felix)["trip.overlap"] == "serious"

    assert {hold.trip_id for hold in Hold.objects.all()} == {payable.pk, other.pk}


def test_a_row_of_the_sheet_is_not_called_late_for_its_import(
    felix: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, xlsx(row()))
    taken(felix)

    assert not {"order.late", "entry.late", "order.missing"} & checked(felix).keys()


def test_a_trip_without_a_clock_overlaps_nothing(
    felix: Person, ada: Person, bora: Person, payable: Trip
) -> None:
    brought_in(felix, xlsx(row(E="2026-11-02", F="2026-11-02"), row(B=2, I="둘째", E="2026-11-02")))
    taken(felix)

    assert "trip.overlap" not in checked(felix)


def test_a_trip_that_is_paid_already_is_told_and_not_held(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    kept(felix, CARS, cars(CAR_LINE))

    assert "car.undeclared" in checked(felix)
    assert not Hold.objects.exists()


def test_a_closed_month_is_not_checked(felix: Person, payable: Trip) -> None:
    month = close_month(month_for(felix, MONTH), clerk=felix, now=EVENING)

    with pytest.raises(MonthClosed):
        check_month(month, clerk=felix, now=EVENING)


def test_the_page_checks_and_shows_what_it_found(felix: Person, payable: Trip) -> None:
    kept(felix, CARS, cars(CAR_LINE))
    desk = phone_of(felix)

    assert desk.post(f"/settlement/months/{MONTH}/check/").status_code == 302

    page = desk.get(f"/settlement/months/{MONTH}/?step=3").content.decode()
    assert payable.number in page
    exceptions = desk.get("/settlement/exceptions/").content.decode()
    assert "운행일지" in exceptions


def test_records_come_in_by_the_page_as_well(felix: Person, ada: Person) -> None:
    desk, where = phone_of(felix), "/settlement/records/vehicle-logs/"
    file = SimpleUploadedFile("records.csv", cars(CAR_LINE).encode())

    preview = desk.post(where, {"file": file}, format="multipart")
    said = preview.context
    desk.post(where, {"sheet": said["sheet"], "digest": said["digest"]}, format="multipart")

    assert VehicleLog.objects.count() == 1
    assert desk.get("/settlement/records/other/").status_code == 404


@pytest.mark.parametrize("name", ["mallory", "iris"])
def test_records_are_the_clerks(name: str, request: pytest.FixtureRequest, ada: Person) -> None:
    assert sent(request.getfixturevalue(name), CARS, cars(CAR_LINE)).status_code == 403
