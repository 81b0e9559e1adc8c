"""Standing allowances by sheet and by program: looked at first, then as they were looked at."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Department, Organisation, Person, Place
from attest.errors import BatchChanged
from ledger.models import Outbox
from tests.conftest import NOON, enrolled, phone_of
from tests.trips.log import rows
from trips.models import StandingAllowance, State, Trip
from trips.services.allow_standing import allow_standing
from trips.services.end_standing import end_standing
from trips.services.import_standing import import_standing
from trips.standing_plan import plan_of
from trips.standing_sheet import MOST_ROWS, MOST_WON, read_sheet

ROOM = "/api/v1/standing-allowances"
PAGE = "/manage/imports/standing/"
HEADER = "사번,시작월,종료월,월액,사유"
SOUND = 'T-ada,2026-12,2027-02,"140,000",지정 명령 제3호'
BORA = "T-bora,2026-12,2026-12,140000,지정 명령 제3호"

pytestmark = pytest.mark.usefixtures("ada", "bora", "felix", "mallory", "clock")


def sheet(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines, ""]).encode()


def workbook(*lines: list[Any]) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    for line in (HEADER.split(","), *lines):
        book.worksheets[0].append(line)
    book.save(out)
    return out.getvalue()


def look(person: Person, raw: bytes) -> Any:
    return _sent(person, f"{ROOM}/imports", raw)


def apply(person: Person, digest: str, raw: bytes) -> Any:
    return _sent(person, f"{ROOM}/imports/{digest}/application", raw)


def _sent(person: Person, address: str, raw: bytes) -> Any:
    file = SimpleUploadedFile("standing.csv", raw, "text/csv")
    return phone_of(person).post(address, {"file": file}, format="multipart")


def kept() -> dict[str, int]:
    """How many rows every table holds, but for who is signed in."""
    return {table: count for table, count in rows().items() if table != "django_session"}


def fates(answer: Any) -> list[tuple[int, str, str, str]]:
    return [(x["line"], x["fate"], x["column"], x["code"]) for x in answer.json()["rows"]]


def allow(person: Person, by: Person, *, first: str, last: str) -> StandingAllowance:
    return allow_standing(
        person, first=first, last=last, monthly_won=140_000, reason="지정 명령", by=by, now=NOON
    )


# --- the sheet ----------------------------------------------------------------------------


def test_looking_says_every_rows_fate_and_writes_nothing(olga: Person) -> None:
    before = kept()
    answer = look(olga, sheet(SOUND, "T-nobody,2026-12,2026-12,1,사유", "T-bora,2026-13,x,1,사유"))

    assert answer.status_code == 200
    assert fates(answer) == [
        (2, "new", "", ""),
        (3, "refused", "사번", "standing.person-unknown"),
        (4, "refused", "시작월", "standing.first"),
    ]
    assert answer.json()["counts"] == {"new": 1, "same": 0, "refused": 2}
    assert kept() == before
    assert not StandingAllowance.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        sheet(SOUND, BORA),
        workbook(
            ["T-ada", "2026-12", "2027-02", 140000, "지정 명령 제3호"],
            ["T-bora", "2026-12", "2026-12", "140,000", "지정 명령 제3호"],
        ),
    ],
    ids=["csv", "xlsx"],
)
def test_applying_writes_exactly_what_was_looked_at(
    raw: bytes, olga: Person, ada: Person, bora: Person
) -> None:
    seen = look(olga, raw)
    answer = apply(olga, seen.json()["id"], raw)

    assert answer.status_code == 201
    row = ada.standing_allowances.get()
    assert (row.first, row.until, row.monthly_won) == ("2026-12", "2027-03", 140_000)
    assert (row.reason, row.by) == ("지정 명령 제3호", olga)
    assert bora.standing_allowances.get().until == "2027-01"
    told = [bytes(leaf.entry).decode() for leaf in Outbox.objects.all()]
    assert sum(f"standing-{row.uid}" in entry for entry in told) == 1
    # Sent again, as after a lost reply: what stands there is the same, and stays one.
    assert {fate for _, fate, _, _ in fates(look(olga, raw))} == {"same"}
    assert StandingAllowance.objects.count() == 2


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (",2026-12,2026-12,1,사유", "사번", "standing.number-missing"),
        ("T-\x07ada,2026-12,2026-12,1,사유", "사번", "standing.number-unreadable"),
        ("T-ada,2026-1,2026-12,1,사유", "시작월", "standing.first"),
        ("T-ada,１２,2026-12,1,사유", "시작월", "standing.first"),
        ("T-ada,2026-12,,1,사유", "종료월", "standing.last"),
        ("T-ada,2026-12,2026-12-01,1,사유", "종료월", "standing.last"),
        ("T-ada,2026-12,2026-11,1,사유", "", "standing.months-crossed"),
        ("T-ada,2026-12,2026-12,,사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,0,사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,-1,사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,1.5,사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,14만,사유", "월액", "standing.sum"),
        ('T-ada,2026-12,2026-12,"14,00",사유', "월액", "standing.sum"),
        (f"T-ada,2026-12,2026-12,{MOST_WON + 1},사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,１,사유", "월액", "standing.sum"),
        ("T-ada,2026-12,2026-12,1,", "사유", "standing.reason-missing"),
        ("T-ada,2026-12,2026-12,1," + "가" * 501, "사유", "standing.reason-unreadable"),
        ("T-ada,2026-12,2026-12,1,사유,더", "", "standing.cells"),
        ("T-olga,2026-12,2026-12,1,사유", "사번", "standing.own"),
    ],
)
def test_a_row_that_cannot_be_honoured_says_which_cell_and_stays_out(
    line: str, column: str, code: str, olga: Person
) -> None:
    seen = look(olga, sheet(line, BORA))
    assert fates(seen) == [(2, "refused", column, code), (3, "new", "", "")]

    apply(olga, seen.json()["id"], sheet(line, BORA))
    assert [row.person.name for row in StandingAllowance.objects.all()] == ["bora"]


def test_the_largest_sum_is_a_sum(olga: Person) -> None:
    assert fates(look(olga, sheet(f"T-ada,2026-12,2026-12,{MOST_WON},사유")))[0][1] == "new"


@pytest.mark.parametrize(
    ("first", "last", "fate"),
    [("2026-10", "2026-11", "new"), ("2027-03", "2027-03", "new"), ("2027-02", "2027-03", "no")],
)
def test_two_rows_never_pay_one_month(first: str, last: str, fate: str, olga: Person) -> None:
    said = fates(look(olga, sheet(SOUND, BORA, f"T-ada,{first},{last},1,사유")))
    twice = ("refused", "", "standing.months-twice") if fate == "no" else ("new", "", "")
    assert [row[1:] for row in said] == [twice, ("new", "", ""), twice]


def test_a_short_row_inside_a_long_one_spoils_both_but_not_a_later_one(olga: Person) -> None:
    lines = [
        f"T-ada,{first},{last},1,사유"
        for first, last in (
            ("2026-12", "2027-11"),
            ("2027-01", "2027-01"),
            ("2027-06", "2027-06"),
            ("2027-12", "2027-12"),
        )
    ]
    assert [row[1] for row in fates(look(olga, sheet(*lines)))] == ["refused"] * 3 + ["new"]


def test_months_that_have_one_or_a_settled_trip_are_refused(
    olga: Person, ada: Person, trip: Trip
) -> None:
    allow(ada, olga, first="2027-02", last="2027-05")
    Trip.objects.filter(pk=trip.pk).update(state=State.SETTLED)

    assert fates(look(olga, sheet(SOUND)))[0][1:] == ("refused", "", "standing.months-taken")
    early = "T-ada,2026-11,2026-12,1,사유"
    assert fates(look(olga, sheet(early)))[0][1:] == ("refused", "", "settlement.already")
    assert fates(look(olga, sheet("T-ada,2026-12,2027-01,1,사유")))[0][1] == "new"


def test_what_changed_since_it_was_looked_at_is_not_applied(olga: Person, ada: Person) -> None:
    raw = sheet(SOUND, BORA)
    seen = look(olga, raw).json()["id"]
    allow(ada, olga, first="2027-01", last="2027-01")

    answer = apply(olga, seen, raw)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert StandingAllowance.objects.count() == 1
    other = sheet(SOUND.replace("140,000", "150,000"), BORA)
    assert apply(olga, seen, other).status_code == 409


def test_a_sheet_of_another_digest_writes_nothing(olga: Person) -> None:
    with pytest.raises(BatchChanged):
        import_standing(read_sheet(sheet(SOUND)), digest=b"\0" * 32, by=olga, now=NOON)
    assert not StandingAllowance.objects.exists()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (sheet(SOUND, header="사번,시작월,종료월,월액"), "import.header-missing"),
        (sheet(SOUND, header=HEADER + ",비고"), "import.header-unknown"),
        (sheet(), "import.empty"),
        (b"\xff\xfe\x00", "import.encoding"),
        (sheet(*[BORA] * (MOST_ROWS + 1)), "import.too-many-rows"),
        (workbook(["T-ada", "2026-12", "2026-12", "=1+1", "사유"]), "import.formula"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sheet_nobody_can_read_is_refused_whole(raw: bytes, code: str, olga: Person) -> None:
    answer = look(olga, raw)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def months(count: int) -> list[str]:
    names = [f"{2027 + n // 12}-{n % 12 + 1:02d}" for n in range(count)]
    return [f"T-ada,{name},{name},1,사유" for name in names]


def test_as_many_questions_for_a_long_sheet_as_for_a_short_one(
    olga: Person, django_assert_num_queries: Any
) -> None:
    for count in (1, 200):
        entries = read_sheet(sheet(*months(count)))
        with django_assert_num_queries(3):
            plan_of(olga.organisation, entries, by=olga)


# --- the page -----------------------------------------------------------------------------


def test_an_administrator_looks_and_applies_on_one_page(olga: Person, ada: Person) -> None:
    desk, raw = phone_of(olga), sheet(SOUND, BORA.replace("140000", "많이"))
    assert "사번" in desk.get(PAGE).content.decode()

    seen = desk.post(PAGE, {"file": SimpleUploadedFile("s.csv", raw)}, format="multipart")
    shown = seen.content.decode()
    assert "2026년 12월 – 2027년 2월" in shown
    assert "140,000" in shown
    assert '열 <strong lang="ko">월액</strong>: 월액은' in shown
    assert not StandingAllowance.objects.exists()

    said = {"digest": seen.context["digest"], "sheet": seen.context["sheet"]}
    assert desk.post(PAGE, said, format="multipart").status_code == 302
    assert [row.person for row in StandingAllowance.objects.all()] == [ada]


def test_a_file_that_cannot_be_read_says_why_on_the_page(olga: Person) -> None:
    file = SimpleUploadedFile("s.csv", sheet(*[BORA] * (MOST_ROWS + 1)))
    answer = phone_of(olga).post(PAGE, {"file": file}, format="multipart")
    assert answer.status_code == 400
    assert "1,000" in answer.content.decode()


# --- by program ---------------------------------------------------------------------------

ASKED = {"first": "2026-12", "last": "2027-02", "monthly_won": 140_000, "reason": "지정 명령"}


def written(by: Person, whose: Person, **other: Any) -> Any:
    body = {"person": str(whose.uid), **ASKED, **other}
    return phone_of(by).post(ROOM, body, format="json")


def ended(by: Person, row: StandingAllowance, last: str | None) -> Any:
    body = {"last": last, "reason": "전보"}
    return phone_of(by).post(f"{ROOM}/{row.uid}/ending", body, format="json")


def test_a_program_writes_one_down_reads_it_and_ends_it(olga: Person, ada: Person) -> None:
    made = written(olga, ada)
    row = ada.standing_allowances.get()
    assert made.status_code == 201
    assert made.json() | {"at": ""} == {
        "id": str(row.uid),
        "person": {"id": str(ada.uid), "name": "ada"},
        "first": "2026-12",
        "last": "2027-02",
        "monthly_won": 140_000,
        "reason": "지정 명령",
        "by": {"id": str(olga.uid), "name": "olga"},
        "at": "",
        "ended_by": None,
        "ended_at": None,
        "end_reason": "",
    }
    assert ended(olga, row, "2026-12").json()["last"] == "2026-12"
    assert ended(olga, row, None).json()["last"] is None
    assert phone_of(olga).get(ROOM).json()["rows"][0]["end_reason"] == "전보"


def test_a_refused_one_says_why_in_the_readers_language(olga: Person, ada: Person) -> None:
    written(olga, ada)
    answer = phone_of(olga).post(
        ROOM,
        {"person": str(ada.uid), **ASKED},
        format="json",
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 409
    assert answer.json() == {
        "code": "standing.months-taken",
        "detail": "One of these months has a standing allowance already.",
    }
    row = ada.standing_allowances.get()
    assert ended(olga, row, "2027-02").json()["code"] == "standing.ends-outside"
    assert written(olga, ada, first="2027-05").json()["code"] == "standing.months-crossed"
    assert StandingAllowance.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2026-13"},
        {"last": "2026-12 1"},
        {"monthly_won": 0},
        {"monthly_won": MOST_WON + 1},
        {"monthly_won": 1.5},
        {"reason": "x"},
        {"reason": None},
        {"person": "ada"},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any], olga: Person, ada: Person) -> None:
    assert written(olga, ada, **wrong).status_code == 400
    assert not StandingAllowance.objects.exists()


def test_a_list_goes_on_page_by_page_and_by_person(olga: Person, ada: Person, bora: Person) -> None:
    for year in range(2027, 2030):
        for month in range(1, 11):
            name = f"{year}-{month:02d}"
            allow(ada, olga, first=name, last=name)
    allow(bora, olga, first="2026-12", last="2026-12")
    desk = phone_of(olga)

    first = desk.get(ROOM).json()
    second = desk.get(ROOM, {"before": first["next"]}).json()
    assert [len(page["rows"]) for page in (first, second)] == [25, 6]
    assert second["next"] == ""
    assert len({row["id"] for page in (first, second) for row in page["rows"]}) == 31
    assert desk.get(ROOM, {"before": "nothing of ours"}).json() == first
    only = desk.get(ROOM, {"person": str(bora.uid)}).json()
    assert [row["person"]["name"] for row in only["rows"]] == ["bora"]
    assert desk.get(ROOM, {"person": "x"}).status_code == 400


def test_nobody_else_writes_reads_or_ends_one(
    olga: Person, ada: Person, felix: Person, mallory: Person, workplace: Place
) -> None:
    away = Organisation.objects.create(name="먼시청")
    there = Department.objects.create(organisation=away, name="총무과")
    otto = enrolled("olga", away, there, workplace)
    row = allow(ada, olga, first="2026-12", last="2026-12")
    for other in (ada, felix, mallory):
        answers = [
            phone_of(other).get(ROOM),
            written(other, mallory),
            ended(other, row, None),
            look(other, sheet(SOUND)),
            apply(other, "0" * 64, sheet(SOUND)),
            phone_of(other).get(PAGE),
        ]
        assert {answer.status_code for answer in answers} == {403}
    assert phone_of(otto).get(ROOM).json()["rows"] == []
    assert written(otto, ada).status_code == ended(otto, row, None).status_code == 404
    assert fates(look(otto, sheet(SOUND)))[0][3] == "standing.person-unknown"
    assert written(olga, olga).status_code == 403
    assert StandingAllowance.objects.get().ended_at is None


def test_an_allowance_that_was_taken_back_leaves_its_months_free(olga: Person, ada: Person) -> None:
    row = allow(ada, olga, first="2026-12", last="2027-02")
    end_standing(row, until=row.first, reason="잘못 적음", by=olga, now=NOON)
    around = "T-ada,2026-11,2027-03,1,사유"
    assert [fates(look(olga, sheet(line)))[0][1] for line in (SOUND, around)] == ["new", "new"]
    assert allow(ada, olga, first="2026-11", last="2027-03").pk != row.pk
