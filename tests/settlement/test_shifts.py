"""Days are left out of a month's payment statement or added to it, each with a reason."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organisation, Person, Place
from attest.errors import MonthClosed, MoveRefused, NotYours
from ledger.models import AccessSubject
from settlement.models import Month, MonthShift, Settlement
from settlement.months import check_line_of, month_for
from settlement.services.add_in import add_in
from settlement.services.leave_out import leave_out
from settlement.services.send_payments import send_payments
from settlement.sheets.books import MOVED
from settlement.shifting import MOST
from tests.conftest import NOON, phone_of
from tests.settlement.clerk_month import MONTH, brought_in, taken_away
from tests.settlement.desk import EVENING, batch_of, confirmed, made_clerk, pay
from tests.settlement.sheets.samples import row, xlsx
from trips.models import Trip

NEXT = "2026-12"
REASON = "지출결의에 포함되지 않은 날"
PAGE = f"/settlement/months/{MONTH}/dates/"


@pytest.fixture
def two(felix: Person, bora: Person, mallory: Person, site: Place, payable: Trip) -> list[Any]:
    """Ada's and Mallory's trips of one day, both settled."""
    other = confirmed(mallory, bora, site, hours=2)
    pay(felix, batch_of(felix, payable, other))
    return [Settlement.objects.get(trip=trip) for trip in (payable, other)]


def out(clerk: Person, *rows: Settlement, name: str = MONTH) -> str:
    month, uids = month_for(clerk, name), [row.uid for row in rows]
    return leave_out(month, clerk=clerk, settlements=uids, reason=REASON, now=EVENING)


def back(clerk: Person, *rows: Settlement, name: str = MONTH) -> None:
    month, uids = month_for(clerk, name), [row.uid for row in rows]
    add_in(month, clerk=clerk, settlements=uids, reason="다시 확인함", now=EVENING)


def month_of(row: Settlement) -> str:
    return Settlement.objects.get(pk=row.pk).month


def test_a_day_left_out_keeps_its_sum_and_stands_on_the_next_statement(
    felix: Person, two: list[Settlement]
) -> None:
    assert out(felix, two[0]) == NEXT

    assert (month_of(two[0]), month_of(two[1])) == (NEXT, MONTH)
    assert (check_line_of(felix, MONTH).total, check_line_of(felix, NEXT).total) == (10_000, 20_000)
    assert check_line_of(felix, MONTH).adds_up
    shift = MonthShift.objects.get()
    assert (shift.left, shift.joined, shift.reason, shift.by) == (MONTH, NEXT, REASON, felix)
    assert send_payments(month_for(felix, MONTH), clerk=felix, now=EVENING) == 1


def test_the_statement_is_drawn_without_it_and_says_so(
    felix: Person, ada: Person, two: list[Settlement]
) -> None:
    out(felix, two[0])

    sheet = openpyxl.load_workbook(BytesIO(taken_away(felix, "statement"))).active
    rows = [[cell for cell in line if cell is not None] for line in sheet.values]
    assert rows[2][0] == "합계"
    assert rows[2][-1] == 10_000
    told = next(line for line in rows if line and line[0] == "제외")
    number, where = two[0].trip.number, f"{NEXT} 조서로"
    assert told[1:] == ["2026-11-23", "ada", number, 20_000, where, REASON, "felix"]
    assert list(MOVED) in rows
    # Who is only named among the days that were moved sees it in the diary, too.
    assert AccessSubject.objects.filter(person=ada, access__reference=f"{MONTH} statement")


def test_added_again_it_is_drawn_again(felix: Person, two: list[Settlement]) -> None:
    out(felix, two[0])

    back(felix, two[0])

    assert check_line_of(felix, MONTH).total == 30_000
    sheet = openpyxl.load_workbook(BytesIO(taken_away(felix, "statement"))).active
    firsts = [line[0] for line in sheet.values]
    assert firsts[-2:] == ["제외", "추가"]


def test_the_sheet_of_the_month_says_where_its_money_is(
    felix: Person, two: list[Settlement]
) -> None:
    brought_in(felix, xlsx(row(E="2026-11-23 12:00", F="2026-11-23 16:30", I="시험구청")))
    out(felix, two[0])

    book = openpyxl.load_workbook(BytesIO(taken_away(felix, "trips")))

    sheet = book["관내출장내역"]
    assert (sheet["R5"].value, sheet["V5"].value) == (None, f"{NEXT} 지급")


def test_over_a_closed_month_it_goes_on_to_the_next_open_one(
    felix: Person, two: list[Settlement]
) -> None:
    Month.objects.create(organisation=felix.organisation, name=NEXT, state="closed")

    assert out(felix, two[0]) == "2027-01"


def test_of_a_closed_month_nothing_is_moved(felix: Person, two: list[Settlement]) -> None:
    out(felix, two[0])
    Month.objects.filter(name=MONTH).update(state="closed")
    with pytest.raises(MonthClosed):
        out(felix, two[1])
    with pytest.raises(MonthClosed):
        back(felix, two[0])
    Month.objects.filter(name=MONTH).update(state="open")
    Month.objects.filter(name=NEXT).update(state="closed")
    with pytest.raises(MonthClosed):
        back(felix, two[0])

    assert (month_of(two[0]), month_of(two[1])) == (NEXT, MONTH)


@pytest.mark.parametrize("payment", ["sent", "paid"])
def test_what_is_on_its_way_stays(felix: Person, two: list[Settlement], payment: str) -> None:
    Settlement.objects.filter(pk=two[0].pk).update(payment=payment)

    # All of them or none.
    with pytest.raises(MoveRefused):
        out(felix, *two)
    assert {month_of(row) for row in two} == {MONTH}
    assert not MonthShift.objects.exists()


def test_what_was_taken_back_stands_nowhere(felix: Person, two: list[Settlement]) -> None:
    Settlement.objects.filter(pk=two[0].pk).update(voided_at=EVENING)

    with pytest.raises(MoveRefused):
        out(felix, two[0])


def test_nothing_is_added_to_a_month_before_its_trip(felix: Person, two: list[Settlement]) -> None:
    with pytest.raises(MoveRefused):
        back(felix, two[0], name="2026-10")
    # Nor what stands there already.
    with pytest.raises(MoveRefused):
        back(felix, two[0])
    with pytest.raises(MoveRefused):
        out(felix, two[0], name=NEXT)


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_moves_no_day_of_theirs(
    two: list[Settlement], own: str, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    with pytest.raises(NotYours):
        out(clerk, two[0])


def test_another_office_moves_nothing(felix: Person, two: list[Settlement]) -> None:
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    stranger = Person.objects.get(pk=felix.pk)

    with pytest.raises(MoveRefused):
        out(stranger, two[0])
    assert two[0].trip.number not in phone_of(stranger).get(PAGE).content.decode()


@pytest.mark.parametrize("many", [0, MOST + 1])
def test_so_many_at_a_time(felix: Person, two: list[Settlement], many: int) -> None:
    with pytest.raises(MoveRefused):
        out(felix, *([two[0]] * many))


def test_a_shift_leads_to_another_month(felix: Person, two: list[Settlement]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MonthShift.objects.create(
            settlement=two[0], left=MONTH, joined=MONTH, reason="x", by=felix, at=EVENING
        )


# -- the page --------------------------------------------------------------------------


def test_the_page_moves_what_is_ticked_with_a_reason(
    felix: Person, ada: Person, two: list[Settlement]
) -> None:
    desk, ticked = phone_of(felix), {"paid": [str(two[0].uid)]}
    assert f'value="{two[0].uid}"' in desk.get(PAGE).content.decode()
    assert AccessSubject.objects.filter(person=ada, access__action="month").exists()
    for wrong in ({"reason": REASON}, ticked | {"reason": ""}, {"paid": ["x"], "reason": REASON}):
        assert desk.post(f"{PAGE}?list=in", wrong).status_code == 200
    assert not MonthShift.objects.exists()

    assert desk.post(f"{PAGE}?list=in", ticked | {"reason": REASON}).status_code == 302
    page = desk.get(f"{PAGE}?list=out").content.decode()
    assert REASON in page
    assert f'value="{two[0].uid}"' in page
    desk.post(f"{PAGE}?list=out", ticked | {"reason": "다시 확인함"})

    assert month_of(two[0]) == MONTH
    assert PAGE in desk.get(f"/settlement/months/{MONTH}/?step=6").content.decode()


def test_of_a_closed_month_the_page_offers_nothing(felix: Person, two: list[Settlement]) -> None:
    month_for(felix, MONTH)
    Month.objects.filter(name=MONTH).update(state="closed")

    page = phone_of(felix).get(PAGE).content.decode()
    tried = phone_of(felix).post(PAGE, {"paid": [str(two[0].uid)], "reason": REASON})

    assert 'type="checkbox" name="paid"' not in page
    assert "마감한 달" in tried.content.decode()
    assert month_of(two[0]) == MONTH


@pytest.mark.parametrize("name", ["mallory", "bora", "iris"])
def test_the_days_are_the_clerks(
    name: str, two: list[Settlement], request: pytest.FixtureRequest
) -> None:
    who = phone_of(request.getfixturevalue(name))

    assert who.get(PAGE).status_code == 403
    assert who.post(PAGE, {"paid": [str(two[0].uid)], "reason": REASON}).status_code == 403


def test_a_page_shows_five_and_twenty(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trips = [
        confirmed(ada, bora, site, starts_at=NOON - timedelta(days=day), hours=1)
        for day in range(2)
    ]
    pay(felix, batch_of(felix, *trips))
    one = Settlement.objects.first()
    assert one
    newest = Settlement.objects.latest("pk").uid

    page = phone_of(felix).get(f"{PAGE}?after={newest}").content.decode()

    assert one.trip.number in page
    assert Trip.objects.get(settlements__uid=newest).number not in page


API = f"/api/v1/months/{MONTH}/dates"


def moved(clerk: Person, to: str, *rows: Settlement, **said: Any) -> Any:
    body = {"move": to, "settlements": [str(row.uid) for row in rows], "reason": REASON}
    return phone_of(clerk).post(API, body | said, format="json")


def listed(clerk: Person, kind: str = "in") -> list[str]:
    answer = phone_of(clerk).get(f"{API}?list={kind}").json()
    assert {name for one in answer["results"] for name in one} <= {
        *("id", "trip", "month", "total", "payment")
    }
    return [one["id"] for one in answer["results"]]


def test_a_program_moves_days_out_and_in_again(felix: Person, two: list[Settlement]) -> None:
    ids = [str(row.uid) for row in two]
    assert listed(felix) == ids[::-1]

    answer = moved(felix, "out", two[0])
    assert (answer.status_code, answer.json()) == (200, {"month": NEXT, "settlements": ids[:1]})
    assert (listed(felix), listed(felix, "out")) == (ids[1:], ids[:1])

    assert moved(felix, "in", two[0]).json()["month"] == MONTH
    assert listed(felix, "out") == []
    assert [shift.reason for shift in MonthShift.objects.all()] == [REASON] * 2


@pytest.mark.parametrize(
    "wrong",
    [{"move": "away"}, {"settlements": []}, {"settlements": ["x"]}, {"reason": " "}, {"move": ""}],
)
def test_what_has_no_shape_moves_nothing(
    felix: Person, two: list[Settlement], wrong: dict[str, Any]
) -> None:
    assert moved(felix, "out", two[0], **wrong).status_code == 400
    assert not MonthShift.objects.exists()


def test_a_program_is_told_why_nothing_was_moved(
    felix: Person, ada: Person, bora: Person, two: list[Settlement]
) -> None:
    for who in (ada, bora):
        assert moved(who, "out", two[0]).status_code == 403
        assert phone_of(who).get(API).status_code == 403
    assert moved(made_clerk(ada), "out", *two).status_code == 403
    assert moved(felix, "in", two[0]).status_code == 409
    Month.objects.filter(name=MONTH).update(state=Month.State.CLOSED)
    answer = moved(felix, "out", two[0])
    assert (answer.status_code, answer.json()["code"]) == (409, "month.closed")
    assert not MonthShift.objects.exists()


def test_a_program_of_another_office_finds_nothing(
    felix: Person, flora: Person, two: list[Settlement]
) -> None:
    Person.objects.filter(pk=flora.pk).update(
        organisation=Organisation.objects.create(name="먼시청")
    )
    away = Person.objects.get(pk=flora.pk)
    assert listed(away) == []
    assert moved(away, "out", two[0]).status_code == 409
    assert month_of(two[0]) == MONTH
    assert listed(felix) == [str(row.uid) for row in two[::-1]]


def test_the_statement_to_be_signed_is_a_pdf_whoever_asks(
    felix: Person, iris: Person, two: list[Settlement]
) -> None:
    page = f"/api/v1/months/{MONTH}/sheets/statement-pdf"
    answer: Any = phone_of(felix).get(page)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    named = AccessSubject.objects.filter(person__in=[row.traveller_id for row in two])
    assert named.filter(access__reference=f"{MONTH} statement-pdf").count() == 2
    assert phone_of(iris).get(page).status_code == 403
