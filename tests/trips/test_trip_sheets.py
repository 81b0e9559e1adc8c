"""A sheet of trips: looked at first, applied as it was looked at, refused when things moved."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.models import Department, Organisation, Person, Place
from attest.values import KST
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import rows
from trips.models import State, Trip
from trips.services.request import request as ask_for

IMPORTS = "/api/v1/trips/imports"
PAGE = "/manage/imports/trips/"
HEADER = "사번,출발,도착,출장지,목적,차량,결재자,동행"
SOUND = "T-ada,2026-11-24 09:00,2026-11-24 12:00,시험구청,도로 점검,공무용 차량,T-bora,T-felix"

pytestmark = pytest.mark.usefixtures("ada", "bora", "felix", "mallory", "iris", "site")


def sheet(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([header, *lines, ""]).encode(encoding)


def file_of(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("trips.csv", raw, "text/csv")


class Desk:
    """An administrator who looks at a sheet, and applies it."""

    def __init__(self, person: Person) -> None:
        self.api = phone_of(person)

    def look(self, raw: bytes) -> Any:
        return self.api.post(IMPORTS, {"file": file_of(raw)}, format="multipart")

    def apply(self, digest: str, raw: bytes) -> Any:
        address = f"{IMPORTS}/{digest}/application"
        return self.api.post(address, {"file": file_of(raw)}, format="multipart")

    def do(self, raw: bytes) -> Any:
        return self.apply(self.look(raw).json()["id"], raw)


@pytest.fixture
def desk(olga: Person, clock: Clock) -> Desk:
    return Desk(olga)


def fates(answer: Any) -> list[tuple[int, str, str]]:
    return [(row["line"], row["fate"], row["code"]) for row in answer.json()["rows"]]


# --- looking and applying -----------------------------------------------------------------


def test_looking_says_every_rows_fate_and_writes_nothing(desk: Desk) -> None:
    nobody = SOUND.replace("T-ada", "T-nobody")
    before = rows()

    answer = desk.look(sheet(SOUND, nobody))

    assert answer.status_code == 200
    assert fates(answer) == [(2, "new", ""), (3, "refused", "trips.traveller-unknown")]
    assert answer.json()["counts"] == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    assert rows() == before


def test_applying_writes_exactly_what_was_looked_at(desk: Desk, ada: Person) -> None:
    answer = desk.do(sheet(SOUND, SOUND.replace("T-ada", "T-nobody")))

    trip = Trip.objects.get()
    starts_at = trip.starts_at.astimezone(KST)
    assert answer.status_code == 201
    assert (trip.traveller, trip.state, trip.purpose) == (ada, State.DRAFT, "도로 점검")
    assert (trip.vehicle, trip.approver and trip.approver.name) == ("public_car", "bora")
    assert (starts_at.isoformat(), trip.ends_at - trip.starts_at) == (
        "2026-11-24T09:00:00+09:00",
        timedelta(hours=3),
    )
    assert [(stop.text, stop.unit) for stop in trip.stops.all()] == [("시험구청", "48120")]
    assert [companion.person.name for companion in trip.companions.all()] == ["felix"]


def test_the_same_sheet_again_changes_nothing(desk: Desk) -> None:
    desk.do(sheet(SOUND))
    again = desk.look(sheet(SOUND))
    before = rows()

    assert fates(again) == [(2, "same", "")]
    assert desk.apply(again.json()["id"], sheet(SOUND)).status_code == 201
    assert rows() == before


def test_a_draft_is_rewritten_by_the_next_sheet(desk: Desk) -> None:
    desk.do(sheet(SOUND))
    changed = sheet(SOUND.replace("도로 점검", "교량 점검"))

    assert fates(desk.look(changed)) == [(2, "changed", "")]
    desk.do(changed)
    assert Trip.objects.get().purpose == "교량 점검"


def test_a_trip_that_was_requested_is_no_longer_the_sheets(desk: Desk) -> None:
    desk.do(sheet(SOUND))
    ask_for(Trip.objects.get(), now=NOON)
    changed = sheet(SOUND.replace("도로 점검", "교량 점검"))

    assert fates(desk.look(changed)) == [(2, "refused", "trips.not-a-draft")]
    assert desk.do(changed).status_code == 201
    assert Trip.objects.get().purpose == "도로 점검"


def test_a_trip_that_was_called_off_may_be_planned_anew(desk: Desk) -> None:
    desk.do(sheet(SOUND))
    Trip.objects.update(state=State.CANCELLED)

    assert fates(desk.look(sheet(SOUND))) == [(2, "new", "")]


def test_what_has_moved_since_is_not_applied(desk: Desk) -> None:
    seen = desk.look(sheet(SOUND)).json()["id"]
    desk.do(sheet(SOUND.replace("도로 점검", "교량 점검")))
    before = rows()

    answer = desk.apply(seen, sheet(SOUND))

    assert answer.status_code == 409
    assert rows() == before
    assert Trip.objects.get().purpose == "교량 점검"


def test_another_sheet_is_not_applied_under_this_preview(desk: Desk) -> None:
    seen = desk.look(sheet(SOUND)).json()["id"]
    before = rows()

    assert desk.apply(seen, sheet(SOUND.replace("09:00", "08:00"))).status_code == 409
    assert desk.apply("0" * 64, sheet(SOUND)).status_code == 409
    assert rows() == before


@pytest.mark.parametrize("name", ["ada", "bora", "felix", "iris"])
def test_only_administrators_bring_sheets(
    name: str, clock: Clock, request: pytest.FixtureRequest
) -> None:
    other = Desk(request.getfixturevalue(name))
    before = rows()

    assert other.look(sheet(SOUND)).status_code == 403
    assert other.apply("0" * 64, sheet(SOUND)).status_code == 403
    assert other.api.get(PAGE).status_code == 403
    assert rows() == before


# --- what a row may say -------------------------------------------------------------------

ROWS = {
    "a traveller nobody knows": (SOUND.replace("T-ada", "T-x"), "trips.traveller-unknown"),
    "who does not travel": (SOUND.replace("T-ada", "T-iris"), "trips.traveller-unknown"),
    "nobody": (SOUND.replace("T-ada", ""), "trips.number-missing"),
    "a number too long": (SOUND.replace("T-ada", "T" * 31), "trips.number-unreadable"),
    "an approver nobody knows": (SOUND.replace("T-bora", "T-x"), "trips.approver-unknown"),
    "who does not approve": (SOUND.replace("T-bora", "T-felix"), "trips.approver-unknown"),
    "no approver": (SOUND.replace("T-bora", ""), "trips.approver-missing"),
    "one's own approver": (SOUND.replace("T-ada", "T-bora"), "trips.own-approver"),
    "a companion nobody knows": (SOUND.replace("T-felix", "T-x"), "trips.companion-unknown"),
    "thirty-one companions": (
        SOUND.replace("T-felix", f'"{",".join(["T-felix"] * 31)}"'),
        "trips.companions-too-many",
    ),
    "a time of another kind": (SOUND.replace("09:00", "9:00"), "trips.time"),
    "a time with seconds": (SOUND.replace("09:00", "09:00:00"), "trips.time"),
    "a day that is none": (SOUND.replace("11-24 09", "11-31 09"), "trips.time"),
    "an hour that is none": (SOUND.replace("09:00", "24:00"), "trips.time"),
    "digits of another script": (SOUND.replace("09:00", "٠٩:٠٠"), "trips.time"),
    "the year 1": (SOUND.replace("2026-11-24 09", "0001-01-01 00"), "trips.time"),
    "the year 9999": (SOUND.replace("2026-11-24 12", "9999-12-31 12"), "trips.time"),
    "no time": (SOUND.replace("2026-11-24 12:00", ""), "trips.time"),
    "an end before the beginning": (SOUND.replace("24 12:00", "23 12:00"), "trips.times-crossed"),
    "no place": (SOUND.replace("시험구청", ""), "trips.place-missing"),
    "a place nobody knows": (SOUND.replace("시험구청", "저기"), "trips.place-unknown"),
    "somewhere in a city": (
        SOUND.replace("시험구청", "경상남도 진주시 관내"),
        "trips.place-vague",
    ),
    "a city and no more": (SOUND.replace("시험구청", "경상남도 진주시"), "trips.place-vague"),
    "no purpose": (SOUND.replace("도로 점검", ""), "trips.purpose-missing"),
    "a purpose of 201 letters": (
        SOUND.replace("도로 점검", "가" * 201),
        "trips.purpose-unreadable",
    ),
    "a purpose with a bell": (SOUND.replace("도로", "\x07"), "trips.purpose-unreadable"),
    "a purpose of two lines": (
        SOUND.replace("도로 점검", '"도로\n점검"'),
        "trips.purpose-unreadable",
    ),
    "a vehicle nobody has": (SOUND.replace("공무용 차량", "빗자루"), "trips.vehicle"),
    "a cell too many": (SOUND + ",", "trips.cells"),
    "a formula for a number": (SOUND.replace("T-ada", "=1+1"), "trips.traveller-unknown"),
    "a formula for a time": (SOUND.replace("2026-11-24 09:00", "=NOW()"), "trips.time"),
    "a formula for a place": (SOUND.replace("시험구청", "=A1"), "trips.place-unknown"),
}


@pytest.mark.parametrize(("row", "code"), ROWS.values(), ids=ROWS)
def test_a_row_that_cannot_be_honoured_says_why_and_stays_out(
    row: str, code: str, desk: Desk
) -> None:
    before = rows()

    answer = desk.do(sheet(row))

    assert answer.status_code == 201
    assert fates(answer) == [(2, "refused", code)]
    assert rows() == before


def test_two_rows_for_one_beginning_are_both_refused(desk: Desk) -> None:
    answer = desk.look(sheet(SOUND, SOUND.replace("12:00", "13:00")))

    assert fates(answer) == [
        (2, "refused", "trips.row-twice"),
        (3, "refused", "trips.row-twice"),
    ]


def test_a_formula_for_a_purpose_is_a_text_and_stays_one(desk: Desk) -> None:
    formula = '=HYPERLINK(""https://evil.example"")'
    desk.do(sheet(SOUND.replace("도로 점검", f'"{formula}"')))

    assert Trip.objects.get().purpose == '=HYPERLINK("https://evil.example")'


def test_a_city_and_words_are_a_destination(desk: Desk) -> None:
    desk.do(sheet(SOUND.replace("시험구청", "진주시 상대동 문화센터")))

    stop = Trip.objects.get().stops.get()
    assert (stop.unit, stop.text, stop.place) == ("48170", "상대동 문화센터", None)


def test_columns_may_stand_in_any_order_and_companions_may_be_left_out(desk: Desk) -> None:
    header = "결재자,차량,목적,출장지,도착,출발,사번"
    line = "t-bora,,도로 점검,시험구청,2026-11-24 12:00,2026-11-24 09:00, t-ADA "

    assert desk.do(sheet(line, header=header)).status_code == 201
    assert Trip.objects.get().vehicle == "transit"


def test_numbers_of_another_office_are_nobodys_here(desk: Desk, bora: Person) -> None:
    hall = Organisation.objects.create(name="다른시청")
    office = Department.objects.create(organisation=hall, name="과")
    home = Place.objects.create(organisation=hall, name="본관", unit="11000")
    other = Person(organisation=hall, department=office, workplace=home, name="x")
    other.put_number("T-other")
    other.set_unusable_password()
    other.save()

    answer = desk.look(sheet(SOUND.replace("T-ada", "T-other")))
    assert fates(answer) == [(2, "refused", "trips.traveller-unknown")]


def test_whoever_has_left_is_planned_no_more(desk: Desk, ada: Person) -> None:
    Person.objects.filter(pk=ada.pk).update(is_active=False)

    assert fates(desk.look(sheet(SOUND))) == [(2, "refused", "trips.traveller-unknown")]


# --- what a sheet may be ------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_sheet_may_come_in_any_of_these_letters(encoding: str, desk: Desk) -> None:
    assert desk.do(sheet(SOUND, encoding=encoding)).status_code == 201
    assert Trip.objects.get().purpose == "도로 점검"


SHEETS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "import.header-missing"),
    "a header alone": (sheet(), "import.empty"),
    "blank rows alone": (sheet(",,,,,,,", " "), "import.empty"),
    "a heading too few": (sheet(SOUND, header=HEADER[3:]), "import.header-missing"),
    "a heading nobody knows": (sheet(SOUND, header=HEADER + ",비고"), "import.header-unknown"),
    "a heading twice": (sheet(SOUND, header=HEADER + ",사번"), "import.header-twice"),
    "a quotation without end": (sheet('"' + SOUND), "import.csv"),
    "a cell without end": (sheet(SOUND.replace("도로", "가" * 140_000)), "import.csv"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "import.encoding"),
    "UTF-16": (sheet(SOUND, encoding="utf-16"), "import.encoding"),
    "a workbook": (b"PK\x03\x04\x14\0\6\0" + bytes(40), "import.workbook"),
    "a byte too many": (sheet(SOUND).ljust(5 * 1_048_576 + 1), "import.too-large"),
    "20,001 rows": (sheet(*["x"] * 20_001), "import.too-many-rows"),
}


@pytest.mark.parametrize(("raw", "code"), SHEETS.values(), ids=SHEETS)
def test_a_sheet_that_is_none_is_refused_by_name(raw: bytes, code: str, desk: Desk) -> None:
    before = rows()

    answer = desk.look(raw)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert rows() == before


@pytest.mark.parametrize(("raw", "code"), SHEETS.values(), ids=SHEETS)
def test_the_page_says_why_a_sheet_is_none(raw: bytes, code: str, desk: Desk) -> None:
    before = rows()

    answer = desk.api.post(PAGE, {"file": file_of(raw)})

    assert answer.status_code == 400
    assert answer.context["code"] == code
    assert rows() == before


def test_no_sheet_at_all_is_a_question_of_shape(desk: Desk) -> None:
    assert desk.api.post(IMPORTS, {}, format="multipart").status_code == 400
    assert desk.api.post(PAGE, {}).status_code == 400


# --- on the page --------------------------------------------------------------------------


def test_the_page_shows_first_and_writes_with_the_yes(desk: Desk) -> None:
    before = rows()
    shown = desk.api.post(PAGE, {"file": file_of(sheet(SOUND))})

    assert shown.status_code == 200
    assert rows() == before
    carried = {name: shown.context[name] for name in ("sheet", "digest")}
    assert desk.api.post(PAGE, carried).status_code == 302
    assert Trip.objects.get().purpose == "도로 점검"


def test_the_page_writes_nothing_else_than_was_shown(desk: Desk) -> None:
    shown = desk.api.post(PAGE, {"file": file_of(sheet(SOUND))})
    other = desk.api.post(PAGE, {"file": file_of(sheet(SOUND.replace("도로", "교량")))})
    before = rows()
    carried = {"sheet": other.context["sheet"], "digest": shown.context["digest"]}

    assert desk.api.post(PAGE, carried).status_code == 409
    assert desk.api.post(PAGE, carried | {"digest": "x"}).status_code == 409
    assert desk.api.post(PAGE, carried | {"sheet": "x"}).status_code == 400
    assert rows() == before


# --- at the command line ------------------------------------------------------------------


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    file = tmp_path / "trips.csv"
    file.write_bytes(sheet(SOUND, SOUND.replace("T-ada", "T-nobody")))
    return file


def test_the_command_shows_first(csv: Path, clock: Clock) -> None:
    out, before = StringIO(), rows()
    call_command("import_trips", str(csv), stdout=out)

    assert out.getvalue().splitlines() == [
        "2\tnew",
        "3\trefused\ttrips.traveller-unknown",
        "new=1 changed=0 same=0 refused=1",
    ]
    assert rows() == before


def test_the_command_writes_when_told_to(csv: Path, clock: Clock, ada: Person) -> None:
    out = StringIO()
    call_command("import_trips", str(csv), "--apply", "--organisation", "시험시청", stdout=out)

    assert out.getvalue().endswith("applied\n")
    assert Trip.objects.get().traveller == ada


def test_the_command_names_no_one(csv: Path, clock: Clock) -> None:
    out = StringIO()
    call_command("import_trips", str(csv), stdout=out)

    assert "ada" not in out.getvalue()
    assert "T-" not in out.getvalue()


def test_the_command_asks_which_office_where_there_are_two(csv: Path, clock: Clock) -> None:
    Organisation.objects.create(name="다른시청")

    with pytest.raises(CommandError):
        call_command("import_trips", str(csv), "--apply", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("import_trips", str(csv), "--organisation", "없는시청", stdout=StringIO())
    assert not Trip.objects.exists()


def test_the_command_refuses_what_is_no_sheet(tmp_path: Path, clock: Clock) -> None:
    picture = tmp_path / "picture"
    picture.write_bytes(BytesIO(b"\x89PNG\xff\xff").getvalue())

    for file in (picture, tmp_path / "missing"):
        with pytest.raises(CommandError):
            call_command("import_trips", str(file), stdout=StringIO())
