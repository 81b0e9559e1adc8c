"""A month: the sheet comes in, its rows find their trips, a person says what is not sure."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Department, Organisation, Person, Place
from attest.errors import MonthClosed, MoveRefused, NotYours
from attest.values import month_after, month_before, month_bounds
from ledger.models import Outbox
from settlement.matching import surely
from settlement.models import Hold, Month, MonthMove, Settlement, SheetImport, SheetRow
from settlement.monthly import held_to_pay_in
from settlement.services.close_month import close_month
from settlement.services.decide_row import decide_row
from settlement.services.take_rows import take_rows
from settlement.sheets.month import read_month
from tests.conftest import NOON, enrolled, phone_of
from tests.settlement.clerk_month import (
    API,
    MONTH,
    accepted,
    brought_in,
    fates,
    shown,
    taken,
    the_month,
)
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from tests.settlement.sheets.samples import new_book, row, saved, xlsx
from trips.models import Decision, Trip

TODAY = {"E": "2026-11-23 12:00", "F": "2026-11-23 16:30"}


def sheet(*rows: dict[str, Any]) -> bytes:
    return xlsx(*rows)


def decided(clerk: Person, number: int, choice: str, **said: Any) -> SheetRow:
    asked = {"person": None, "trip": None, "reason": "출장자에게 확인함"} | said
    one = SheetRow.objects.get(number=number)
    return decide_row(one, clerk=clerk, choice=choice, now=EVENING, **asked)


# --- in ---------------------------------------------------------------------------------


def test_a_preview_stores_nothing(felix: Person, ada: Person) -> None:
    said = shown(felix, sheet(row(), row(B=2, E="x"))).json()

    assert said["fates"] == {"only": 1, "refused": 1}
    assert [(one["code"], one["cell"]) for one in said["faults"]] == [("sheet.date", "E6")]
    assert not SheetImport.objects.exists()
    assert not Trip.objects.exists()


def test_what_was_previewed_comes_in_and_no_trip_is_made_yet(felix: Person, ada: Person) -> None:
    brought_in(felix, sheet(row(), row(B=2, T="결재중")))

    assert fates() == {5: "only"}
    assert (SheetImport.objects.get().unapproved, Trip.objects.count()) == (1, 0)


def test_a_changed_file_is_not_the_one_that_was_looked_at(felix: Person, ada: Person) -> None:
    digest = shown(felix, sheet(row())).json()["digest"]

    answer = shown(felix, sheet(row(), row(B=2)), digest=digest)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert not SheetImport.objects.exists()


def test_a_file_comes_in_once(felix: Person, ada: Person) -> None:
    raw = sheet(row())
    digest = brought_in(felix, raw)["digest"]

    again = shown(felix, raw, digest=digest)

    assert (again.status_code, again.json()["code"]) == (400, "sheet.duplicate")
    assert SheetRow.objects.count() == 1


def test_the_sheet_lies_sealed(felix: Person, ada: Person) -> None:
    raw = sheet(row())
    brought_in(felix, raw)

    kept = SheetImport.objects.get()
    assert b"sheet1.xml" not in bytes(kept.sheet)
    assert kept.box().open() == raw


def test_a_refused_sheet_names_its_cells_in_both_languages(felix: Person) -> None:
    said = shown(felix, saved(new_book(headers={"B": "번호"})))

    assert (said.status_code, said.json()["code"]) == (400, "sheet.header")
    first = said.json()["cells"][0]
    assert (first["cell"], first["expected"], first["found"]) == ("B4", "순번", "번호")
    assert first["ko"] != first["en"]


def test_what_is_no_workbook_is_told_apart(felix: Person) -> None:
    answer = shown(felix, b"hello")

    assert (answer.status_code, answer.json()["code"]) == (400, "sheet.not_a_workbook")


def test_a_row_of_another_month_is_not_paid_in_this(felix: Person, ada: Person) -> None:
    brought_in(felix, sheet(row(E="2026-10-31 09:00", F="2026-10-31 13:30")))

    assert fates() == {5: "refused"}
    assert SheetRow.objects.get().faults[0]["code"] == "sheet.month"


# --- which row is which trip ---------------------------------------------------------------


def test_a_row_finds_the_trip_that_was_made_here(felix: Person, payable: Trip) -> None:
    brought_in(felix, sheet(row(**TODAY)))

    found = SheetRow.objects.get()
    assert (found.fate, found.trip) == ("matched", payable)
    assert Trip.objects.count() == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"I": "다른 곳"},
        {"E": "2026-11-23 08:00", "F": "2026-11-23 12:30"},
        {"K": "사용"},
        {"G": "3시간 50분"},
    ],
)
def test_another_place_hour_vehicle_or_side_of_four_hours_is_not_sure(
    felix: Person, payable: Trip, cells: dict[str, str]
) -> None:
    brought_in(felix, sheet(row(**(TODAY | cells))))

    assert fates() == {5: "doubtful"}


def test_two_rows_are_not_one_trip(felix: Person, payable: Trip) -> None:
    brought_in(felix, sheet(row(**TODAY), row(**(TODAY | {"B": 2, "G": "4시간 40분"}))))

    assert fates() == {5: "matched", 6: "doubtful"}


def test_a_row_with_a_date_alone_finds_the_trip_of_that_day(felix: Person, payable: Trip) -> None:
    brought_in(felix, sheet(row(E="2026-11-23", F="2026-11-23")))

    assert fates() == {5: "matched"}


@pytest.mark.usefixtures("ada", "bora")
def test_a_name_that_two_people_bear_waits_for_a_person(
    felix: Person, hall: Organisation, office: Department, workplace: Place
) -> None:
    twin = Person.objects.create(
        organisation=hall, department=office, workplace=workplace, name="ada", number_index=b"twin"
    )
    brought_in(felix, sheet(row()))
    assert fates() == {5: "unknown"}

    done = decided(felix, 5, "new", person=twin.uid)

    assert (done.fate, done.person) == ("added", twin)
    assert done.trip
    assert done.trip.traveller == twin


def test_a_stranger_is_nobody_of_the_office(felix: Person, ada: Person) -> None:
    brought_in(felix, sheet(row(O="아무개")))

    with pytest.raises(MoveRefused):
        decided(felix, 5, "new", person=ada.uid)
    assert decided(felix, 5, "leave").fate == "left"


def test_the_same_name_in_another_department_is_not_sure(felix: Person, ada: Person) -> None:
    brought_in(felix, sheet(row(M="회계과")))

    assert fates() == {5: "unknown"}


def test_a_doubtful_row_is_decided_once_and_with_a_reason(felix: Person, payable: Trip) -> None:
    brought_in(felix, sheet(row(**(TODAY | {"I": "다른 곳"}))))

    with pytest.raises(MoveRefused, match="reason"):
        decided(felix, 5, "same", trip=payable.uid, reason="  ")
    done = decided(felix, 5, "same", trip=payable.uid)
    assert (done.fate, done.trip, done.decided_by) == ("matched", payable, felix)
    with pytest.raises(MoveRefused, match="decided"):
        decided(felix, 5, "leave")


def test_a_row_is_not_matched_with_the_trip_of_somebody_else(
    felix: Person, payable: Trip, bora: Person, site: Place, mallory: Person
) -> None:
    other = confirmed(mallory, bora, site, starts_at=NOON)
    brought_in(felix, sheet(row(**(TODAY | {"I": "다른 곳"}))))

    with pytest.raises(MoveRefused):
        decided(felix, 5, "same", trip=other.uid)
    assert fates() == {5: "doubtful"}


# --- a row that is only in the sheet ----------------------------------------------------------


def test_a_row_only_in_the_sheet_becomes_a_confirmed_trip(
    felix: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row(K="사용")))

    assert taken(felix) == 1

    trip = Trip.objects.get()
    assert (trip.state, trip.source, trip.traveller) == ("confirmed", "sheet", ada)
    assert (trip.vehicle, trip.approver, trip.time_known) == ("public_car", bora, True)
    assert trip.stops.get().unit == ada.workplace.unit
    assert fates() == {5: "added"}
    leaves = [json.loads(bytes(one.entry))["t"] for one in Outbox.objects.order_by("pk")]
    assert leaves == ["trip-open", "approval"]
    decision = Decision.objects.get()
    assert decision.by == felix
    assert decision.note.endswith("row 5")


def test_it_is_paid_only_after_somebody_said_what_shows_it(
    felix: Person, flora: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row()))
    taken(felix)
    trip = Trip.objects.get()
    hold = Hold.objects.get()
    assert (hold.reason_code, hold.trip) == ("evidence.supplement", trip)

    # Who took it over said that it was approved: to pay it is another clerk's.
    with pytest.raises(NotYours):
        accepted(felix, hold)
    accepted(flora, hold)
    pay(flora, batch_of(flora, trip))

    paid = Settlement.objects.get()
    assert (paid.total, paid.month, paid.payment) == (20_000, MONTH, "unpaid")


def test_a_date_without_a_clock_is_told_to_the_engine(
    felix: Person, flora: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row(E="2026-11-02", F="2026-11-02")))
    taken(felix)
    accepted(flora, Hold.objects.get())
    pay(flora, batch_of(flora, Trip.objects.get()))

    (said,) = Settlement.objects.get().claim["trips"]
    assert said["time_known"] is False


def test_taken_over_twice_is_taken_over_once(felix: Person, ada: Person, bora: Person) -> None:
    brought_in(felix, sheet(row()))

    assert (taken(felix), taken(felix), Trip.objects.count()) == (1, 0, 1)


def test_so_many_at_a_time(
    felix: Person, ada: Person, bora: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("settlement.services.take_rows.AT_ONCE", 2)
    brought_in(
        felix, sheet(*[row(B=n, E=f"2026-11-0{n} 09:00", F="2026-11-09") for n in (1, 2, 3)])
    )

    assert (taken(felix), taken(felix), taken(felix)) == (2, 1, 0)


def test_a_row_that_comes_in_two_sheets_is_one_trip(
    felix: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row()))
    brought_in(felix, sheet(row(), row(B=2, E="2026-11-03 09:00", F="2026-11-03")))

    assert sorted(SheetRow.objects.values_list("fate", flat=True)) == ["only", "only", "replaced"]
    assert (taken(felix), Trip.objects.count()) == (2, 2)
    brought_in(felix, sheet(row(V="다시")))
    assert SheetRow.objects.latest("pk").fate == "matched"
    assert (taken(felix), Trip.objects.count()) == (0, 2)


def test_a_row_that_was_left_out_does_not_come_back_by_another_sheet(
    felix: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row()))
    decided(felix, 5, "leave")

    brought_in(felix, sheet(row(), row(B=2, O="bora")))

    assert SheetRow.objects.filter(fate="only").get().name == "bora"
    again = SheetRow.objects.get(fate="refused")
    assert again.faults[0]["code"] == "sheet.duplicate"


# --- closed and open again --------------------------------------------------------------------


def test_what_is_settled_after_closing_is_paid_in_the_next_month(
    felix: Person, payable: Trip
) -> None:
    phone_of(felix).get(API)
    close_month(the_month(), clerk=felix, now=EVENING)

    pay(felix, batch_of(felix, payable))

    assert Settlement.objects.get().month == "2026-12"


def test_over_the_turn_of_the_year_too(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    for name in ("2026-11", "2026-12"):
        Month.objects.create(organisation=felix.organisation, name=name, state="closed")

    with transaction.atomic():
        assert held_to_pay_in([trip]) == {trip.pk: "2027-01"}


def test_a_closed_month_takes_no_sheet_and_no_row(felix: Person, ada: Person, bora: Person) -> None:
    brought_in(felix, sheet(row()))
    decided(felix, 5, "leave")
    month = close_month(the_month(), clerk=felix, now=EVENING)

    with pytest.raises(MonthClosed):
        take_rows(month, clerk=felix, now=EVENING)
    raw = sheet(row(B=9))
    digest = shown(felix, raw).json()["digest"]
    answer = shown(felix, raw, digest=digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "month.closed")


def test_a_month_with_undecided_rows_is_not_closed(felix: Person, ada: Person) -> None:
    brought_in(felix, sheet(row(O="아무개")))

    answer = phone_of(felix).post(f"{API}/closing")

    assert (answer.status_code, the_month().state) == (409, "open")


def test_a_month_is_not_closed_over_rows_that_are_in_the_sheet_alone(
    felix: Person, ada: Person, bora: Person
) -> None:
    brought_in(felix, sheet(row()))
    assert fates() == {5: "only"}

    early = phone_of(felix).post(f"{API}/closing")
    taken(felix)
    late = phone_of(felix).post(f"{API}/closing")

    assert (early.status_code, late.status_code) == (409, 200)
    assert the_month().state == "closed"


def test_two_clerks_open_a_month_again_each_time(felix: Person, flora: Person) -> None:
    phone_of(felix).get(API)
    for _again in range(2):
        assert phone_of(felix).post(f"{API}/closing").status_code == 200
        first = phone_of(felix).post(f"{API}/reopening", {"reason": "누락"}, format="json")
        alone = phone_of(felix).post(f"{API}/reopening", {"reason": "누락"}, format="json")
        done = phone_of(flora).post(f"{API}/reopening", {"reason": "누락 확인"}, format="json")

        assert (first.status_code, alone.status_code, done.status_code) == (202, 409, 200)
        assert the_month().state == "open"
    moves = [(move.state, move.by, move.second) for move in MonthMove.objects.all()]
    assert moves == [("closed", felix, None), ("open", felix, flora)] * 2


def test_the_database_lets_nobody_open_a_month_alone(felix: Person) -> None:
    month = Month.objects.create(organisation=felix.organisation, name=MONTH)

    with pytest.raises(IntegrityError), transaction.atomic():
        MonthMove.objects.create(month=month, state="open", by=felix, second=felix, at=EVENING)
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthMove.objects.create(month=month, state="open", by=felix, at=EVENING)


def test_a_month_without_a_reason_stays_closed(felix: Person) -> None:
    phone_of(felix).get(API)
    phone_of(felix).post(f"{API}/closing")

    assert phone_of(felix).post(f"{API}/reopening", {}, format="json").status_code == 400


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mallory", "bora", "iris", "olga"])
def test_a_month_is_the_clerks(
    name: str, request: pytest.FixtureRequest, felix: Person, ada: Person
) -> None:
    brought_in(felix, sheet(row()))
    other = phone_of(request.getfixturevalue(name))

    assert other.get(API).status_code == 403
    assert other.get(f"{API}/sheets/summary").status_code == 403
    assert other.post(f"{API}/closing").status_code == 403


def test_another_office_has_a_month_of_its_own(
    felix: Person, ada: Person, office: Department, workplace: Place
) -> None:
    brought_in(felix, sheet(row()))
    away = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    there = Department.objects.create(organisation=away, name="다른과")
    otto = enrolled("flora", away, there, workplace)

    assert phone_of(otto).get(API).json()["rows"]["only"] == 0
    row_there = SheetRow.objects.get()
    page = f"/settlement/months/{MONTH}/rows/{row_there.uid}/"
    assert phone_of(otto).get(page).status_code == 404


def test_months_follow_each_other() -> None:
    assert (month_after("2026-12"), month_before("2027-01")) == ("2027-01", "2026-12")
    assert (month_after("2026-11"), month_before("2026-12")) == ("2026-12", "2026-11")
    start, end = month_bounds("2026-02")
    assert end - start == timedelta(days=28)


def test_the_last_minute_of_a_month_is_in_it_and_the_next_is_not(
    felix: Person, ada: Person
) -> None:
    brought_in(
        felix,
        sheet(
            row(E="2026-11-30 23:59", F="2026-12-01"),
            row(B=2, E="2026-12-01 00:00", F="2026-12-01"),
        ),
    )

    assert fates() == {5: "only", 6: "refused"}


def test_nothing_is_the_same_by_hour_alone(payable: Trip) -> None:
    (found,) = read_month(sheet(row(**TODAY))).rows
    assert found.told
    trip = Trip.objects.prefetch_related("stops").get()

    assert surely(found.told, trip)
    trip.starts_at -= timedelta(hours=1, minutes=1)
    assert not surely(found.told, trip)
