"""The money: the file goes out, its answer comes back, and what is taken back comes home."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Place
from attest.errors import ExportRefused, MoveRefused
from ledger.models import AccessSubject
from settlement.models import Batch, Clawback, Payment, Settlement
from settlement.services.unsettle import unsettle
from settlement.sheets.books import Paid, agreed, check_line, people_of
from tests.conftest import NOON, phone_of
from tests.settlement.clerk_month import (
    API,
    MONTH,
    answered,
    brought_in,
    taken_away,
)
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from tests.settlement.sheets.samples import row, xlsx
from trips.models import Trip

TODAY = {"E": "2026-11-23 12:00", "F": "2026-11-23 16:30"}
PAGE = f"/settlement/months/{MONTH}"


@pytest.fixture
def paid(felix: Person, payable: Trip) -> Settlement:
    pay(felix, batch_of(felix, payable))
    return Settlement.objects.get()


@pytest.fixture
def sent(felix: Person, paid: Settlement) -> Settlement:
    phone_of(felix).post(f"{PAGE}/payments/")
    return Settlement.objects.get()


def answer_of(clerk: Person, **said: str) -> bytes:
    """The payment file as the bank fills it."""
    text = taken_away(clerk, "payments-csv").decode("utf-8-sig")
    head, *lines = csv.reader(StringIO(text))
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for line in lines:
        cells = dict(zip(head, line, strict=True))
        writer.writerow((cells | {"결과": "지급", "지급일자": "2026-11-25"} | said).values())
    return out.getvalue().encode("cp949")


def told(clerk: Person, raw: bytes) -> Any:
    """Previewed, then written down as previewed."""
    digest = answered(clerk, raw).json()["digest"]
    return answered(clerk, raw, digest=digest)


def voided(paid: Settlement, *clerks: Person) -> Settlement:
    for clerk in clerks:
        unsettle(paid, clerk=clerk, reason="금액 착오", now=EVENING)
    paid.refresh_from_db()
    return paid


# --- out ------------------------------------------------------------------------------------


def test_what_is_settled_is_sent_and_stands_in_the_file(felix: Person, sent: Settlement) -> None:
    rows = list(csv.DictReader(StringIO(taken_away(felix, "payments-csv").decode("utf-8-sig"))))

    assert sent.payment == Payment.SENT
    assert [(one["정산번호"], one["금액"], one["성명"]) for one in rows] == [
        (str(sent.uid), "20000", "ada")
    ]


def test_what_is_not_sent_is_in_no_file(felix: Person, paid: Settlement) -> None:
    text = taken_away(felix, "payments-csv").decode("utf-8-sig")

    assert str(paid.uid) not in text


def test_the_file_as_a_workbook_says_the_same(felix: Person, sent: Settlement) -> None:
    sheet = openpyxl.load_workbook(BytesIO(taken_away(felix, "payments"))).active

    assert [cell.value for cell in sheet[2]][:5] == [
        str(sent.uid),
        sent.trip.number,
        "안전총괄과",
        "ada",
        20_000,
    ]


def test_a_name_that_is_a_formula_is_a_text(felix: Person, ada: Person, sent: Settlement) -> None:
    Person.objects.filter(pk=ada.pk).update(name="=1+1")

    text = taken_away(felix, "payments-csv").decode("utf-8-sig")
    sheet = openpyxl.load_workbook(BytesIO(taken_away(felix, "summary")))["요약"]

    assert "'=1+1" in text
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("'=1+1", "s")


def test_the_sheet_goes_out_with_its_sum_and_the_rest_to_be_looked_at(
    felix: Person, ada: Person, payable: Trip
) -> None:
    brought_in(felix, xlsx(row(**TODAY, V="현장"), row(B=2, E="2026-11-03 09:00", F="2026-11-03")))
    pay(felix, batch_of(felix, payable))

    out = openpyxl.load_workbook(BytesIO(taken_away(felix, "trips"))).worksheets[0]

    assert (out["R5"].value, out["V5"].value) == (20_000, "현장")
    assert (out["R6"].value, out["V6"].value) == (None, "확인 필요")


def test_an_official_car_is_the_reason_of_its_sum(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site, vehicle="public_car")
    brought_in(felix, xlsx(row(**TODAY, K="사용")))
    pay(felix, batch_of(felix, trip))

    out = openpyxl.load_workbook(BytesIO(taken_away(felix, "trips"))).worksheets[0]

    assert (out["R5"].value, out["V5"].value) == (10_000, "공무용 차량")


def test_the_summary_counts_days_by_price_and_comes_first(felix: Person, paid: Settlement) -> None:
    book = openpyxl.load_workbook(BytesIO(taken_away(felix, "summary")))
    values = openpyxl.load_workbook(BytesIO(taken_away(felix, "summary")), data_only=True)

    sheet = book["요약"]
    assert book.sheetnames == ["요약", "정리결과"]
    assert [sheet[cell].value for cell in ("A2", "B2", "C2", "D2")] == [
        "ada",
        20_000,
        "=B2*COUNT(D2:AH2)",
        23,
    ]
    assert values["요약"]["C2"].value == 20_000
    assert [cell.value for cell in book["정리결과"][2]][-3:] == ["4시간이상", None, 20_000]


def test_the_statement_adds_up_and_says_how(felix: Person, paid: Settlement) -> None:
    sheet = openpyxl.load_workbook(BytesIO(taken_away(felix, "statement"))).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]

    assert lines[0][:9] == [1, "안전총괄과", "제2호", "ada", 1, 0, 0, 0, 20_000]
    assert lines[1][1:9] == ["합계", None, "1명", 1, 0, 0, 0, 20_000]
    assert lines[3][0].startswith("4시간 미만 0 × 10,000 + 4시간 이상 1 × 20,000")
    assert lines[3][0].endswith("= 20,000원")


def test_the_school_sheet_judges_the_distance(felix: Person, paid: Settlement) -> None:
    book = openpyxl.load_workbook(BytesIO(taken_away(felix, "school")))

    line = [cell.value for cell in book["출장별 결과"][2]]
    assert book.sheetnames == ["출장별 결과", "출장지별 거리", "확인 필요"]
    assert line[6:8] == ["시험구청", "경상남도 창원시"]
    assert line[8:12] == [6_200, None, 12_400, "왕복 2km 초과"]
    assert book["확인 필요"].max_row == 1


def test_whoever_is_named_in_a_sheet_sees_it_in_the_diary(
    felix: Person, ada: Person, paid: Settlement
) -> None:
    taken_away(felix, "statement")

    looks = AccessSubject.objects.filter(person=ada, access__action="month")
    assert [one.access.reference for one in looks] == [f"{MONTH} statement"]


def test_a_sheet_that_is_not_there_is_not_there(felix: Person) -> None:
    assert phone_of(felix).get(f"{API}/sheets/other").status_code == 404
    assert phone_of(felix).get(f"{API}/sheets/trips").json()["code"] == "export.refused"


def test_figures_that_do_not_agree_are_no_export(paid: Settlement) -> None:
    one = entry(won=20_000)

    with pytest.raises(ExportRefused):
        agreed([one], 20_001)
    with pytest.raises(ExportRefused):
        check_line([_bent(people_of([one])[0])])


def entry(*, won: int) -> Paid:
    return Paid("u", "n", "d", "p", 1, 2, NOON, NOON, "", "", "", won, 20_000, 0)


def _bent(person: Any) -> Any:
    return replace(person, won=person.won + 10)


# --- back -----------------------------------------------------------------------------------


def test_an_answer_is_previewed_and_then_written_down(felix: Person, sent: Settlement) -> None:
    raw = answer_of(felix)
    preview = answered(felix, raw)
    assert preview.json()["counts"] == {"paid": 1, "failed": 0, "same": 0, "refused": 0}
    assert Settlement.objects.get().payment == Payment.SENT

    assert told(felix, raw).status_code == 201

    now_paid = Settlement.objects.get()
    assert (now_paid.payment, str(now_paid.payment_on)) == (Payment.PAID, "2026-11-25")
    assert answered(felix, raw).json()["counts"]["same"] == 1


def test_what_failed_goes_into_the_next_file(felix: Person, sent: Settlement) -> None:
    told(felix, answer_of(felix, 결과="실패", 사유="계좌 오류"))
    failed = Settlement.objects.get()
    assert (failed.payment, failed.payment_note) == (Payment.FAILED, "계좌 오류")

    phone_of(felix).post(f"{PAGE}/payments/")

    assert Settlement.objects.get().payment == Payment.SENT


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"금액": "20001"}, "payment.sum"),
        ({"금액": ""}, "payment.sum"),
        ({"결과": "완료"}, "payment.result"),
        ({"지급일자": "25.11.2026"}, "payment.date"),
        ({"정산번호": "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}, "payment.unknown"),
        ({"정산번호": "x"}, "payment.unknown"),
    ],
)
def test_a_line_that_names_nothing_that_was_sent_changes_nothing(
    felix: Person, sent: Settlement, cells: dict[str, str], code: str
) -> None:
    raw = answer_of(felix, **cells)

    (line,) = answered(felix, raw).json()["rows"]
    told(felix, raw)

    assert (line["fate"], line["code"]) == ("refused", code)
    assert Settlement.objects.get().payment == Payment.SENT


def test_one_settlement_is_answered_once_in_a_file(felix: Person, sent: Settlement) -> None:
    raw = answer_of(felix)
    head, line, _end = raw.split(b"\r\n")

    rows = answered(felix, b"\r\n".join([head, line, line])).json()["rows"]

    assert [(one["fate"], one["code"]) for one in rows] == [
        ("paid", ""),
        ("refused", "payment.twice"),
    ]


def test_what_was_never_sent_is_not_paid(felix: Person, sent: Settlement) -> None:
    raw = answer_of(felix)
    Settlement.objects.update(payment=Payment.UNPAID)

    (line,) = answered(felix, raw).json()["rows"]

    assert line["code"] == "payment.not-sent"


def test_an_answer_that_changed_meanwhile_is_not_written_down(
    felix: Person, sent: Settlement
) -> None:
    raw = answer_of(felix)
    digest = answered(felix, raw).json()["digest"]
    Settlement.objects.update(payment=Payment.UNPAID)

    late = answered(felix, raw, digest=digest)

    assert (late.status_code, late.json()["code"]) == (409, "step-up.batch-changed")


def test_another_offices_settlement_is_not_there(
    felix: Person, mallory: Person, sent: Settlement
) -> None:
    assert answered(mallory, answer_of(felix)).status_code == 403


# --- and taken back ----------------------------------------------------------------------------


def test_money_that_was_paid_comes_back_as_the_engine_says(
    felix: Person, flora: Person, sent: Settlement
) -> None:
    told(felix, answer_of(felix))

    voided(Settlement.objects.get(), felix, flora)

    back = Clawback.objects.get()
    assert (back.principal, back.surcharge, back.state) == (20_000, 0, "open")
    said = phone_of(felix).get("/api/v1/clawbacks").json()
    assert [(one["trip"], one["principal"]) for one in said["results"]] == [
        (sent.trip.number, 20_000)
    ]


def test_money_on_its_way_is_not_taken_back(felix: Person, flora: Person, sent: Settlement) -> None:
    with pytest.raises(MoveRefused, match="way"):
        voided(sent, felix, flora)
    assert not Clawback.objects.exists()


def test_what_was_never_paid_is_taken_back_without_a_clawback(
    felix: Person, flora: Person, paid: Settlement
) -> None:
    voided(paid, felix, flora)

    assert not Clawback.objects.exists()


def test_the_trip_is_settled_again_and_the_first_stays_told(
    felix: Person, flora: Person, sent: Settlement
) -> None:
    told(felix, answer_of(felix))
    voided(Settlement.objects.get(), felix, flora)

    pay(felix, batch_of(felix, sent.trip))

    first, second = Settlement.objects.order_by("pk")
    assert first.voided_at
    assert (second.voided_at, second.total, second.payment) == (None, 20_000, "unpaid")
    assert Batch.objects.count() == 2


def test_money_is_back_once(felix: Person, flora: Person, sent: Settlement) -> None:
    told(felix, answer_of(felix))
    voided(Settlement.objects.get(), felix, flora)
    back = Clawback.objects.get()
    where = f"/settlement/clawbacks/{back.uid}/recovery/"

    assert phone_of(felix).post(where).status_code == 302
    assert phone_of(felix).post(where).status_code == 409

    back.refresh_from_db()
    assert (back.state, back.recovered_by) == ("recovered", felix)


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", range(1, 7))
def test_every_step_of_a_month_is_a_page(felix: Person, paid: Settlement, step: int) -> None:
    brought_in(felix, xlsx(row(), row(B=2, O="아무개")))

    page = phone_of(felix).get(f"{PAGE}/?step={step}")

    assert page.status_code == 200
    assert page.content.decode().count('aria-current="step"') == 1


@pytest.mark.parametrize("step", range(1, 7))
def test_a_page_of_a_month_asks_as_often_for_many_rows_as_for_one(
    felix: Person, ada: Person, bora: Person, step: int, django_assert_max_num_queries: Any
) -> None:
    brought_in(felix, xlsx(row()))
    phone_of(felix).get(f"{PAGE}/?step={step}&list=sheet")
    few = _queries(felix, step)
    rows = [row(B=n, E=f"2026-11-{n + 2:02d} 09:00", F="2026-11-29") for n in range(2, 20)]
    brought_in(felix, xlsx(*rows))

    with django_assert_max_num_queries(few):
        phone_of(felix).get(f"{PAGE}/?step={step}&list=sheet")


def _queries(clerk: Person, step: int) -> int:
    with CaptureQueriesContext(connection) as asked:
        phone_of(clerk).get(f"{PAGE}/?step={step}&list=sheet")
    return len(asked)


# --- paper --------------------------------------------------------------------------------------


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(answer.content)
    try:
        return "".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_the_statement_on_paper_says_who_is_paid_what_and_why(
    felix: Person, paid: Settlement
) -> None:
    said = words_of(phone_of(felix).get(f"{PAGE}/statement/"))

    assert "지급조서" in said
    assert "ada" in said
    assert "4시간 이상 1 × 20,000" in said


def test_a_claim_on_paper_tells_what_was_settled(felix: Person, paid: Settlement) -> None:
    said = words_of(phone_of(felix).get(f"/settlement/settlements/{paid.uid}/claim/"))

    assert "여비정산신청서" in said
    assert paid.trip.number in said
    assert "정산액 20,000원" in said
    assert "출장시간 4시간 30분" in said


@pytest.mark.parametrize("name", ["mallory", "ada"])
def test_the_papers_of_the_desk_are_the_clerks(
    name: str, request: pytest.FixtureRequest, paid: Settlement
) -> None:
    other = phone_of(request.getfixturevalue(name))

    assert other.get(f"{PAGE}/statement/").status_code == 403
    assert other.get(f"/settlement/settlements/{paid.uid}/claim/").status_code == 403
