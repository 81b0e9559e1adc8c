"""A sheet of people: looked at first, signed for, applied once, refused when people moved."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from accounts.models import Device, Grant, Organisation, PeopleImport, Person
from accounts.passkeys import unb64
from accounts.people_plan import APPLY
from accounts.selectors import roles_of
from ledger.models import Outbox
from tests.authenticator import SoftAuthenticator
from tests.clock import Clock, stopped
from tests.conftest import NOON, phone_of
from tests.trips.log import rows, types

IMPORTS = "/api/v1/people/imports"
HEADER = "사번,이름,부서,여비등급,근무지,역할,시작일,종료일"
DORA = 'T-dora,dora,안전총괄과,2,시험시청 본관,"traveller,approver",2026-11-01,'
ADA = "T-ada,ada,안전총괄과,2,시험시청 본관,,,"


@pytest.fixture(autouse=True)
def clock(installation: None) -> Iterator[Clock]:
    with stopped(NOON) as clock:
        yield clock


def sheet(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([header, *lines, ""]).encode(encoding)


class Desk:
    """An administrator with a passkey, who looks at a sheet and signs for it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.api = phone_of(person)
        self.key = SoftAuthenticator(person).enrol()

    def look(self, raw: bytes) -> Any:
        file = SimpleUploadedFile("people.csv", raw, "text/csv")
        return self.api.post(IMPORTS, {"file": file}, format="multipart")

    def apply(self, seen: dict[str, Any]) -> Any:
        signed = self.key.step_up(action=seen["action"], batch_hash=unb64(seen["batch_hash"]))
        address = f"{IMPORTS}/{seen['id']}/application"
        return self.api.post(address, {"step_up": signed}, format="json")

    def do(self, raw: bytes) -> Any:
        return self.apply(self.look(raw).json())


@pytest.fixture
def desk(olga: Person) -> Desk:
    return Desk(olga)


def fates(answer: Any) -> list[tuple[int, str, str]]:
    return [(row["line"], row["fate"], row["code"]) for row in answer.json()["rows"]]


def people() -> dict[str, int]:
    """All there is but the sheets that were looked at."""
    return {table: count for table, count in rows().items() if table != "accounts_peopleimport"}


def test_looking_says_every_rows_fate_and_changes_nobody(desk: Desk, ada: Person) -> None:
    before = people()
    answer = desk.look(
        sheet(DORA, ADA, ADA.replace("T-ada,ada", "T-eva,eva").replace(",2,", ",3,"))
    )

    assert answer.status_code == 201
    assert fates(answer) == [(2, "new", ""), (3, "same", ""), (4, "refused", "people.grade")]
    assert answer.json()["action"] == APPLY
    assert people() == before


def test_the_sheet_that_waits_lies_sealed(desk: Desk) -> None:
    desk.look(sheet(DORA))

    kept = PeopleImport.objects.get()
    assert "dora" not in bytes(kept.sheet).decode("latin-1")
    assert kept.box().open() == sheet(DORA)


def test_applying_does_exactly_that_and_forgets_the_sheet(desk: Desk, ada: Person) -> None:
    answer = desk.do(sheet(DORA, ADA))

    dora = Person.objects.numbered(ada.organisation, "t-DORA")
    assert answer.status_code == 200
    assert dora is not None
    assert (dora.name, dora.grade, dora.department.name) == ("dora", 2, "안전총괄과")
    assert roles_of(dora, at=NOON) == {"traveller", "approver"}
    assert not dora.has_usable_password()
    assert bytes(PeopleImport.objects.get().sheet) == b""


def test_a_sheet_is_applied_once(desk: Desk) -> None:
    seen = desk.look(sheet(DORA)).json()

    assert desk.apply(seen).status_code == 200
    assert desk.apply(seen).status_code == 409


def test_without_a_signature_nothing_is_applied(desk: Desk) -> None:
    seen = desk.look(sheet(DORA)).json()
    before = rows()
    address = f"{IMPORTS}/{seen['id']}/application"

    assert desk.api.post(address, {"step_up": {}}, format="json").status_code == 403
    assert desk.api.post(address, {}, format="json").status_code == 400
    assert rows() == before


def test_what_moved_since_is_not_applied(desk: Desk, ada: Person) -> None:
    seen = desk.look(sheet(ADA)).json()
    Person.objects.filter(pk=ada.pk).update(grade=1)

    assert desk.apply(seen).status_code == 409
    ada.refresh_from_db()
    assert (ada.name, ada.grade) == ("ada", 1)


def test_a_sheet_of_another_administrator_is_not_there(desk: Desk, ada: Person) -> None:
    seen = desk.look(sheet(DORA)).json()
    Grant.objects.create(person=ada, role="administrator", since=NOON)

    assert Desk(ada).apply(seen).status_code == 404


@pytest.mark.parametrize("name", ["ada", "bora", "felix", "iris", "mallory"])
def test_only_administrators_bring_people(name: str, request: pytest.FixtureRequest) -> None:
    other = Desk(request.getfixturevalue(name))
    before = rows()

    assert other.look(sheet(DORA)).status_code == 403
    assert rows() == before


def test_a_last_day_that_passed_ends_account_roles_and_devices(desk: Desk, ada: Person) -> None:
    key = SoftAuthenticator(ada).enrol()
    answer = desk.do(sheet(ADA.replace(",,,", ",,,2026-11-22")))

    ada.refresh_from_db()
    assert fates(answer) == [(2, "ended", "")]
    assert not ada.is_active
    assert key.device.state == Device.State.REVOKED
    assert not Grant.objects.live(NOON).filter(person=ada).exists()


def test_a_last_day_still_to_come_ends_the_roles_on_it(desk: Desk, ada: Person) -> None:
    desk.do(sheet(ADA.replace(",,,", ",,,2026-11-30")))

    (grant,) = Grant.objects.filter(person=ada)
    assert grant.until is not None
    assert grant.until.isoformat() == "2026-11-30T15:00:00+00:00"


def test_an_empty_cell_leaves_the_roles_and_a_full_one_says_all_of_them(
    desk: Desk, bora: Person
) -> None:
    line = "T-bora,bora,안전총괄과,1,시험시청 본관,{},,"
    desk.do(sheet(line.format("")))
    assert roles_of(Person.objects.get(pk=bora.pk), at=NOON) == {"traveller", "approver"}
    desk.do(sheet(line.format("approver")))

    assert roles_of(Person.objects.get(pk=bora.pk), at=NOON) == {"approver"}


def test_every_role_given_and_taken_is_in_the_log(desk: Desk) -> None:
    before = len(config_leaves())
    desk.do(sheet(DORA))

    assert len(config_leaves()) == before + 2


def config_leaves() -> list[str]:
    return [bytes(row.entry).decode() for row in Outbox.objects.all()]


LINES = {
    "no number": (DORA.replace("T-dora", ""), "people.number-missing"),
    "a number too long": (DORA.replace("T-dora", "T" * 31), "people.number-unreadable"),
    "no name": (DORA.replace(",dora,", ",,"), "people.name-missing"),
    "a name with a bell": (DORA.replace(",dora,", ",do\x07ra,"), "people.name-unreadable"),
    "no department": (DORA.replace("안전총괄과", ""), "people.department-missing"),
    "a grade that is none": (DORA.replace(",2,", ",3,"), "people.grade"),
    "a place nobody knows": (DORA.replace("시험시청 본관", "저기"), "people.place-unknown"),
    "a role nobody knows": (DORA.replace("approver", "king"), "people.role-unknown"),
    "a day of another kind": (DORA.replace("2026-11-01", "01.11.2026"), "people.date"),
    "days that cross": (DORA + "2026-10-01", "people.dates-crossed"),
    "a last day before anybody came": (
        DORA.replace("2026-11-01", "") + "2026-11-01",
        "people.ended-before",
    ),
    "a cell too many": (DORA + ",", "people.cells"),
    "duties that clash": (
        DORA.replace("traveller,approver", "clerk,auditor"),
        "person.duties-clash",
    ),
    "a formula for a grade": (DORA.replace(",2,", ",=1+1,"), "people.grade"),
}


@pytest.mark.parametrize(("line", "code"), LINES.values(), ids=LINES)
def test_a_row_that_cannot_be_honoured_says_why_and_stays_out(
    line: str, code: str, desk: Desk
) -> None:
    before = Person.objects.count(), Grant.objects.count()

    assert fates(desk.do(sheet(line))) == [(2, "refused", code)]
    assert (Person.objects.count(), Grant.objects.count()) == before


def test_a_number_that_stands_twice_is_refused_twice(desk: Desk) -> None:
    answer = desk.look(sheet(DORA, DORA.replace("T-dora", "t-DORA")))

    assert {fate for _, fate, _ in fates(answer)} == {"refused"}


def test_nobody_changes_their_own_roles(desk: Desk) -> None:
    own = "T-olga,olga,안전총괄과,2,시험시청 본관,{},,"
    answer = desk.look(sheet(own.format('"administrator,clerk"')))

    assert fates(answer) == [(2, "refused", "people.own-role")]


SHEETS: dict[str, tuple[bytes, str]] = {
    "a header alone": (sheet(), "import.empty"),
    "a heading too few": (sheet(DORA, header=HEADER[3:]), "import.header-missing"),
    "a heading nobody knows": (sheet(DORA, header=HEADER + ",비고"), "import.header-unknown"),
    "a heading twice": (sheet(DORA, header=HEADER + ",이름"), "import.header-twice"),
    "a quotation without end": (sheet('"' + DORA), "import.csv"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "import.encoding"),
    "UTF-16": (sheet(DORA, encoding="utf-16"), "import.encoding"),
    "a byte too many": (sheet(DORA).ljust(5 * 1_048_576 + 1), "import.too-large"),
    "20,001 rows": (sheet(*["x"] * 20_001), "import.too-many-rows"),
}


@pytest.mark.parametrize(("raw", "code"), SHEETS.values(), ids=SHEETS)
def test_a_sheet_that_is_none_is_refused_by_name(raw: bytes, code: str, desk: Desk) -> None:
    before = rows()

    answer = desk.look(raw)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert rows() == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_sheet_may_come_in_any_of_these_letters(encoding: str, desk: Desk) -> None:
    answer = desk.look(sheet(DORA.replace(",dora,", ",도라,"), encoding=encoding))

    assert answer.json()["rows"][0]["name"] == "도라"


def test_a_formula_for_a_name_stays_a_text(desk: Desk, ada: Person) -> None:
    desk.do(sheet(DORA.replace(",dora,", ",=1+1,")))

    assert Person.objects.filter(name="=1+1").exists()


# --- at the command line ------------------------------------------------------------------


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    file.write_bytes(sheet(DORA, ADA))
    return file


def test_the_command_shows_first(csv: Path, ada: Person) -> None:
    out, before = StringIO(), rows()
    call_command("import_people", str(csv), "--organisation", "시험시청", stdout=out)

    assert out.getvalue().startswith("line 2: new")
    assert "1 new, 0 changed, 1 same" in out.getvalue()
    assert rows() == before


def test_the_command_does_it_when_told_to(csv: Path, ada: Person) -> None:
    out = StringIO()
    call_command("import_people", str(csv), "--apply", "--organisation", "시험시청", stdout=out)

    assert out.getvalue().endswith("applied\n")
    assert Person.objects.filter(name="dora").exists()


def test_the_command_refuses_what_is_no_sheet_or_no_office(
    csv: Path, tmp_path: Path, ada: Person
) -> None:
    picture = tmp_path / "picture"
    picture.write_bytes(b"\x89PNG\xff\xff")
    at_home = ("--organisation", "시험시청")

    for file in (picture, tmp_path / "missing"):
        with pytest.raises(CommandError):
            call_command("import_people", str(file), *at_home, stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("import_people", str(csv), "--organisation", "없는시청", stdout=StringIO())
    assert Organisation.objects.count() == 1
    assert types() == []
