"""Iris takes trips away: with a reason, a signature over just these rows, and traces left."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Grant, Person, Place, Role
from attest.log.strict64 import decode64
from audit.exporting import trips_of as rows_of
from audit.models import Export
from audit.preparing import prepare_exports
from audit.sheet import COLUMNS, csv_of
from ledger.models import Access, AccessSubject, Outbox
from tests.audit.office import (
    REASON,
    ask,
    content_of,
    csv_rows,
    filed,
    signed,
    take,
    taken,
    trips_of,
    wish_of,
    xlsx_rows,
)
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, batch_of, confirmed, pay
from trips.models import State, Trip
from vault.sealed.pieces import PIECE

TITLES = [title for title, _ in COLUMNS]
FORMULAS = ['=HYPERLINK("http://evil.example","열기")', "＝1+1", "\u200b=1+1", "-2+3", "@SUM(A1)"]


@pytest.fixture
def past(ada: Person, mallory: Person, bora: Person) -> list[Trip]:
    return [*trips_of(ada, bora, 2), *trips_of(mallory, bora, 1, starts_at=NOON)]


@pytest.fixture
def settled(ada: Person, bora: Person, felix: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return trip


def leaves() -> list[dict[str, Any]]:
    return [json.loads(bytes(row.entry)) for row in Outbox.objects.order_by("pk")]


def cells(raw: bytes) -> dict[str, str]:
    """The one row of a sheet, by its heads."""
    head, row = csv_rows(raw)
    return dict(zip(head, row, strict=True))


# -- what is in it ---------------------------------------------------------------------


def test_both_formats_say_the_same(iris: Person, past: list[Trip], settled: Trip) -> None:
    as_csv = csv_rows(taken(iris, form="csv"))
    as_xlsx = xlsx_rows(taken(iris, form="xlsx"))

    assert [[str(cell) for cell in row] for row in as_xlsx] == as_csv
    assert len(as_csv) == 1 + 4
    assert as_csv[0] == TITLES


def test_its_heads_are_korean_and_say_which_time(iris: Person, past: list[Trip]) -> None:
    head = csv_rows(taken(iris))[0]

    assert head[:4] == ["출장번호", "부서", "출장자", "여비등급"]
    assert "도착 확인 (KST, UTC+09:00)" in head
    assert "도착 확인 (UTC)" in head


def test_a_row_says_when_in_both_times_and_how_much(iris: Person, settled: Trip) -> None:
    said = cells(taken(iris))

    assert said["출장번호"] == settled.number
    assert (said["출장자"], said["결재자"], said["지출담당"]) == ("ada", "bora", "felix")
    assert said["출장 시작 (KST, UTC+09:00)"] == "2026-11-23 12:00:00"
    assert said["도착 확인 (KST, UTC+09:00)"] == "2026-11-23 12:00:00"
    assert said["도착 확인 (UTC)"] == "2026-11-23T03:00:00Z"
    assert said["복귀 확인 (KST, UTC+09:00)"] == "2026-11-23 16:30:00"
    assert said["정산액(원)"] == "20000"
    assert (said["상태"], said["판정"]) == ("정산 완료", "SUFFICIENT")
    assert said["정산 기록 해시"] == "x" + bytes(settled.settlements.get().leaf_hash).hex()


def test_sums_are_numbers_and_everything_else_is_text(iris: Person, settled: Trip) -> None:
    head, row = xlsx_rows(taken(iris, form="xlsx"))
    said = dict(zip(head, row, strict=True))

    assert (said["정산액(원)"], said["여비등급"]) == (20_000, 2)
    others = {
        title: cell for title, cell in said.items() if title not in {"정산액(원)", "여비등급"}
    }
    assert {type(cell) for cell in others.values()} == {str}
    raw = taken(iris).decode("utf-8-sig")
    assert ",20000," in raw
    assert f'"{settled.number}"' in raw


def test_the_csv_is_what_korean_spreadsheets_open(iris: Person, past: list[Trip]) -> None:
    raw = taken(iris)

    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\r\n") == 1 + 3


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_computed(iris: Person, ada: Person, bora: Person, form: str) -> None:
    made = [trips_of(ada, bora, 1, purpose=text)[0] for text in FORMULAS]
    made[0].stops.update(text="=1+1")
    ada.department.name = "+과"
    ada.department.save()

    raw = taken(iris, form=form)

    rows = {"csv": csv_rows, "xlsx": xlsx_rows}[form](raw)
    head, *found = rows
    purposes = {row[head.index("출장목적")] for row in found}
    assert purposes == {f"'{text}" for text in FORMULAS}
    assert {row[head.index("부서")] for row in found} == {"'+과"}
    assert "'=1+1" in {row[head.index("출장지")] for row in found}


def test_a_workbook_has_no_formula_and_no_link(iris: Person, ada: Person, bora: Person) -> None:
    trips_of(ada, bora, 1, purpose="https://evil.example/x")

    with ZipFile(BytesIO(taken(iris, form="xlsx"))) as book:
        parts = {name: book.read(name) for name in book.namelist()}

    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    assert not [name for name in parts if "macro" in name.lower() or name.endswith(".bin")]


def test_a_line_break_and_a_quote_stay_in_their_cell(
    iris: Person, ada: Person, bora: Person
) -> None:
    text = '가 "나"\n다,라'
    trips_of(ada, bora, 1, purpose=text)

    assert cells(taken(iris))["출장목적"] == text


def test_only_what_was_asked_for_is_in_it(iris: Person, past: list[Trip]) -> None:
    rows = csv_rows(taken(iris, filters={"person": "mallory"}))

    assert [row[0] for row in rows[1:]] == [past[2].number]


# -- the answer ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "media"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_the_file_has_a_korean_name_and_touches_nothing(
    iris: Person, past: list[Trip], form: str, media: str
) -> None:
    answer = take(iris, ask(iris, form=form).json()["id"])
    content_of(answer)

    assert answer.headers["Content-Type"] == media
    plain, korean = answer.headers["Content-Disposition"].split("; filename*=UTF-8''")
    assert plain == f'attachment; filename="trips-20261123-1800.{form}"'
    assert unquote(korean) == f"출장기록-20261123-1800.{form}"
    assert korean.isascii()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_file_comes_piece_by_piece(iris: Person, ada: Person, bora: Person) -> None:
    trips_of(ada, bora, 30)
    answer = take(iris, ask(iris).json()["id"])

    assert answer.streaming
    assert max(map(len, answer.streaming_content)) <= PIECE


def test_an_export_asks_as_often_for_three_hundred_rows_as_for_ten(
    iris: Person, ada: Person, bora: Person
) -> None:
    def asked() -> int:
        export = Export.objects.get(uid=ask(iris).json()["id"])
        with CaptureQueriesContext(connection) as queries:
            list(csv_of(rows_of(export)))
        return len(queries)

    trips_of(ada, bora, 10)
    ten = asked()
    trips_of(ada, bora, 290, starts_at=NOON - timedelta(days=60))

    assert asked() == ten <= 6


# -- reason, signature -----------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "감사", "가나다라마바사아자", " " * 12, "가" * 501])
def test_a_reason_has_ten_letters(iris: Person, past: list[Trip], reason: str) -> None:
    answer = ask(iris, reason=reason)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert not Export.objects.exists()


@pytest.mark.parametrize("wrong", [{"purpose": "curiosity"}, {"format": "pdf"}, {"filters": "x"}])
def test_another_shape_is_refused(iris: Person, past: list[Trip], wrong: dict[str, Any]) -> None:
    answer = filed(iris, wish_of(), **(signed(iris, wish_of()) | wrong))

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")


def test_nothing_to_take_is_refused(iris: Person, past: list[Trip]) -> None:
    answer = ask(iris, filters={"person": "nobody"})

    assert (answer.status_code, answer.json()["code"]) == (400, "export.refused")


# -- the traces ------------------------------------------------------------------------


def test_the_request_is_in_the_log_before_a_row_is_read(iris: Person, past: list[Trip]) -> None:
    export = Export.objects.get(uid=ask(iris, filters={"person": "ada"}).json()["id"])

    said = next(leaf for leaf in leaves() if leaf["t"] == "export")
    assert (said["phase"], said["nonce"], said["purpose"]) == (
        "request",
        export.nonce,
        "regular-audit",
    )
    assert decode64(said["scope"]) == sha256(b'{"person":"ada"}').digest()
    assert export.state == "requested"
    assert export.rows == 2


def test_once_the_file_was_taken_its_hash_is_in_the_log(iris: Person, past: list[Trip]) -> None:
    raw = taken(iris)

    export = Export.objects.get()
    done = leaves()[-1]
    assert (done["t"], done["phase"], done["nonce"]) == ("export", "done", export.nonce)
    assert decode64(done["manifest"]) == sha256(raw).digest()
    assert (export.state, export.sha256) == ("ready", sha256(raw).hexdigest())
    assert export.done_at == EVENING


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_taken_twice_it_is_the_same_file_and_one_leaf(
    iris: Person, past: list[Trip], form: str
) -> None:
    export = ask(iris, form=form).json()["id"]

    assert content_of(take(iris, export)) == content_of(take(iris, export))
    assert [leaf["phase"] for leaf in leaves() if leaf["t"] == "export"] == ["request", "done"]


def test_everybody_concerned_reads_who_took_it_and_why(
    iris: Person, ada: Person, mallory: Person, bora: Person, past: list[Trip]
) -> None:
    ask(iris)

    access = Access.objects.get()
    assert (access.actor, access.action, access.method) == (iris, "export", "report")
    assert (access.reason, access.purpose) == (REASON, "regular-audit")
    assert access.reference == Export.objects.get().nonce
    assert {row.person for row in AccessSubject.objects.all()} == {ada, mallory}
    diary = phone_of(ada).get("/me/diary/").content.decode()
    assert REASON in diary


def test_who_came_in_since_is_in_no_file_without_knowing(
    iris: Person, bora: Person, felix: Person, past: list[Trip]
) -> None:
    """The file is read later than it was signed for; it holds what was signed, or nothing."""
    export = ask(iris).json()["id"]
    trips_of(felix, bora, 1, starts_at=NOON)

    answer = take(iris, export)

    assert answer.status_code == 404
    made = Export.objects.get()
    assert (made.state, made.why) == ("failed", "step-up.batch-changed")
    assert not AccessSubject.objects.filter(person=felix).exists()


# -- whose file ------------------------------------------------------------------------


def test_another_auditor_sees_it_and_does_not_take_it(
    iris: Person, mallory: Person, past: list[Trip]
) -> None:
    export = ask(iris).json()["id"]
    Grant.objects.create(
        person=mallory,
        role=Role.AUDITOR,
        since=NOON - timedelta(days=1),
        until=NOON + timedelta(days=1),
    )
    other = Person.objects.get(pk=mallory.pk)

    listed = phone_of(other).get("/api/v1/exports").json()
    refused = take(other, export)

    assert [row["id"] for row in listed] == [export]
    assert (refused.status_code, refused.json()["code"]) == (404, "not-found")
    assert phone_of(other).get(f"/audit/exports/{export}/file/").status_code == 404


def test_a_file_can_be_taken_for_seven_days(iris: Person, past: list[Trip], clock: Clock) -> None:
    export = ask(iris).json()["id"]
    clock.later(days=7, seconds=-1)
    assert take(iris, export).status_code == 200

    clock.later(seconds=1)
    assert take(iris, export).status_code == 404
    assert "/file/" not in phone_of(iris).get(f"/audit/exports/{export}/").content.decode()


def test_an_ended_auditor_takes_nothing(iris: Person, past: list[Trip]) -> None:
    export = ask(iris).json()["id"]
    Grant.objects.filter(person=iris).update(until=EVENING)

    assert take(Person.objects.get(pk=iris.pk), export).status_code == 403
    assert Export.objects.get().why == "trip.not-yours"


# -- the pages -------------------------------------------------------------------------


def test_the_page_takes_what_was_searched(iris: Person, ada: Person, past: list[Trip]) -> None:
    desk = phone_of(iris)
    desk.post("/audit/trips/", {"person": "ada"})
    shown = desk.get("/audit/exports/new/").content.decode()
    assert 'data-filters="{&quot;person&quot;: &quot;ada&quot;}" data-rows="2"' in shown

    form = {"format": "csv", "purpose": "records", "reason": f"{REASON}\r\n둘째 줄"}
    # The page's script says a line break in its own way.
    wish = form | {"filters": {"person": "ada"}, "reason": f"{REASON}\n둘째 줄"}
    proof = signed(iris, wish)
    proof["step_up"] = json.dumps(proof["step_up"])
    sent = desk.post("/audit/exports/new/", form | proof)

    export = Export.objects.get()
    here = f"/audit/exports/{export.uid}/"
    assert sent["Location"] == here
    assert "export-progress" in desk.get(here).content.decode()
    prepare_exports(clock=timezone.now)
    assert f"{here}file/" in desk.get(here).content.decode()
    assert (export.filters, export.rows) == ({"person": "ada"}, 2)
    answer: Any = desk.get(f"/audit/exports/{export.uid}/file/")
    assert len(csv_rows(content_of(answer))) == 3
    assert REASON in desk.get("/audit/exports/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"reason": "짧음"}, 400), ({"step_up": ""}, 403), ({"purpose": "x"}, 400)],
)
def test_the_page_says_what_is_missing(
    iris: Person, past: list[Trip], wrong: dict[str, str], status: int
) -> None:
    form = {"format": "csv", "purpose": "records", "reason": REASON}
    proof = signed(iris, form)
    form |= {"head": proof["head"], "step_up": json.dumps(proof["step_up"])}

    answer = phone_of(iris).post("/audit/exports/new/", form | wrong)

    assert answer.status_code == status
    assert not Export.objects.exists()
    assert 'role="alert"' in answer.content.decode() or "error" in answer.content.decode()


def test_more_rows_than_one_person_may_take_are_refused(
    iris: Person, past: list[Trip], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.stating.MOST_ROWS", 2)

    assert ask(iris).json()["code"] == "export.refused"
    assert not Export.objects.exists()


def test_the_state_of_a_trip_is_said_in_korean(iris: Person, ada: Person, bora: Person) -> None:
    trips_of(ada, bora, 1, state=State.REQUESTED)

    assert cells(taken(iris))["상태"] == "결재 대기"
