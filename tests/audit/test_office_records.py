"""Traces of an office beside touches: what is near one is compared, the rest leaves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation, Person, Place
from attest.values import Point
from ledger.models import Access, AccessSubject
from tests.conftest import NOON, phone_of, place
from tests.settlement.desk import EVENING, ordered, travelled
from tests.trips.log import line_of
from tests.trips.log import rows as every_row
from trips.models import CheckIn, OfficeRecord, Trip

ADDRESS = "/api/v1/office-records/imports"
HEAD = "employee_no,kind,place_code,at\n"
WHY = "정기 감사 표본 대조"


def send(auditor: Person, sheet: str | bytes, **said: Any) -> Any:
    raw = sheet if isinstance(sheet, bytes) else sheet.encode()
    file = SimpleUploadedFile("문.csv", raw, content_type="text/csv")
    return phone_of(auditor).post(ADDRESS, {"file": file} | said, format="multipart")


def apply(auditor: Person, sheet: str | bytes) -> Any:
    looked = send(auditor, sheet)
    assert looked.status_code == 200, looked.content
    return send(auditor, sheet, preview=looked.json()["id"], reason=WHY)


@pytest.fixture(autouse=True)
def archive(hall: Organisation) -> Place:
    """Another house of the office: thirty kilometres from the site."""
    return place(hall, "기록관", Point(355_200_000, 1_286_400_000))


@pytest.fixture
def trip(ada: Person, bora: Person, site: Place) -> Trip:
    return travelled(ordered(ada, bora, site))


@pytest.fixture
def arrival(trip: Trip) -> CheckIn:
    return trip.check_ins.get(kind="arrive")


def rows() -> dict[str, int]:
    """Of every table but that of sessions: each visit here is one of its own."""
    return {table: count for table, count in every_row().items() if table != "django_session"}


def line(at: str, *, who: str = "T-ada", kind: str = "door", where: str = "기록관") -> str:
    return f"{who},{kind},{where},{at}\n"


def codes(touch: CheckIn) -> set[str]:
    return {one["code"] for one in touch.assessments.order_by("-pk")[0].reasons}


def test_a_door_thirty_kilometres_away_five_minutes_later_is_a_concern(
    iris: Person, trip: Trip, arrival: CheckIn
) -> None:
    done = apply(iris, HEAD + line("2026-11-23 12:05"))

    assert done.status_code == 201
    assert done.json()["counts"] == {"kept": 1, "outside": 0, "refused": 0}
    assert "presence.office-trace" in codes(arrival)
    assert arrival.assessments.count() == 3  # the arrival, its return, and this
    assert line_of(trip.log_id)[-1]["t"] == "correction"


@pytest.mark.parametrize(
    ("at", "concern"),
    [
        ("2026-11-23 12:05", True),
        ("2026-11-23 11:55:30", True),
        ("2026-11-23 12:20", False),  # a car makes it
        ("2026-11-23 13:59", False),
    ],
)
def test_only_what_no_car_would_make_is_a_concern(
    at: str, concern: object, iris: Person, arrival: CheckIn
) -> None:
    apply(iris, HEAD + line(at))

    assert ("presence.office-trace" in codes(arrival)) is concern


def test_the_trace_nearest_in_time_counts(iris: Person, arrival: CheckIn) -> None:
    apply(iris, HEAD + line("2026-11-23 12:05") + line("2026-11-23 12:01", where="시험구청"))

    # A minute later at the very site: that is where the touch was.
    assert "presence.office-trace" not in codes(arrival)
    assert OfficeRecord.objects.count() == 2


def test_a_line_near_no_touch_leaves_nothing_at_all(iris: Person, arrival: CheckIn) -> None:
    far = ["2026-11-22 12:00", "2026-11-23 09:59", "2026-11-23 18:31"]

    looked = send(iris, HEAD + "".join(map(line, far)))

    assert looked.json()["counts"] == {"kept": 0, "outside": 3, "refused": 0}
    assert all(set(row) == {"line", "fate", "code"} for row in looked.json()["rows"])
    before = rows()
    send(iris, HEAD + "".join(map(line, far)), preview=looked.json()["id"], reason=WHY)
    assert rows() == before


def test_a_preview_keeps_nothing_and_opens_nothing(iris: Person, arrival: CheckIn) -> None:
    before = rows()

    send(iris, HEAD + line("2026-11-23 12:05"))

    assert rows() == before


def test_every_touch_that_is_opened_stands_in_its_travellers_diary(
    iris: Person, ada: Person, arrival: CheckIn
) -> None:
    apply(iris, HEAD + line("2026-11-23 12:05"))

    access = Access.objects.get()
    assert (access.action, access.purpose, access.reason) == ("office-records", "audit", WHY)
    look = AccessSubject.objects.get()
    assert (look.person, look.depth) == (ada, "position")


def test_the_same_sheet_again_changes_nothing(iris: Person, arrival: CheckIn) -> None:
    apply(iris, HEAD + line("2026-11-23 12:05"))
    weighed = arrival.assessments.count()

    apply(iris, HEAD + line("2026-11-23 12:05"))

    assert OfficeRecord.objects.count() == 1
    assert arrival.assessments.count() == weighed


def test_a_preview_of_another_sheet_applies_nothing(iris: Person, arrival: CheckIn) -> None:
    looked = send(iris, HEAD + line("2026-11-23 12:05"))
    two = HEAD + line("2026-11-23 12:05") + line("2026-11-23 12:06")

    answer = send(iris, two, preview=looked.json()["id"], reason=WHY)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert not OfficeRecord.objects.exists()


@pytest.mark.parametrize("reason", ["", "감사"])
def test_without_a_reason_nothing_is_compared(reason: str, iris: Person, arrival: CheckIn) -> None:
    sheet = HEAD + line("2026-11-23 12:05")

    answer = send(iris, sheet, preview=send(iris, sheet).json()["id"], reason=reason)

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert not Access.objects.exists()


def test_cp949_and_columns_in_another_order_are_read(iris: Person, arrival: CheckIn) -> None:
    sheet = "at,place_code,kind,employee_no\n2026-11-23 12:05,기록관,document,t-ada\n"

    answer = apply(iris, sheet.encode("cp949"))

    assert answer.json()["counts"]["kept"] == 1


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("=T-ada,door,기록관,2026-11-23 12:05", "office.formula"),
        ("T-ada,door,＝기록관,2026-11-23 12:05", "office.formula"),
        ("T-ada,door,@SUM(A1),2026-11-23 12:05", "office.formula"),
        ("T-ada,remote,기록관,2026-11-23 12:05", "office.kind"),
        ("T-ada,door,없는 곳,2026-11-23 12:05", "office.place-unknown"),
        ("T-none,door,기록관,2026-11-23 12:05", "office.person-unknown"),
        ("T-ada,door,기록관,23.11.2026", "office.time"),
        ("T-ada,door,기록관,2026-02-30 12:05", "office.time"),
        ("T-ada,door,기록관,9999-12-31 23:59", "office.time"),
        (",door,기록관,2026-11-23 12:05", "office.employee-no-missing"),
        ("T-ada,door,,2026-11-23 12:05", "office.place-code-missing"),
        ("T-ada,door,기록관,2026-11-23 12:05,more", "office.cells"),
    ],
)
def test_a_line_that_says_something_else_is_refused_alone(
    bad: str, code: str, iris: Person, arrival: CheckIn
) -> None:
    looked = send(iris, HEAD + bad + "\n" + line("2026-11-23 12:05")).json()

    assert [(row["fate"], row["code"]) for row in looked["rows"]] == [
        ("refused", code),
        ("kept", ""),
    ]


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        (b"", "import.header-missing"),
        (HEAD.encode(), "import.empty"),
        (b"\xff\xfe\x00\x01", "import.encoding"),
        (b"name,at\n1,2\n", "import.header-unknown"),
        (b"x" * (5 * 1_048_576 + 1), "import.too-large"),
    ],
)
def test_a_sheet_that_is_none_is_refused_whole(sheet: bytes, code: str, iris: Person) -> None:
    answer = send(iris, sheet)

    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_kept_traces_go_after_ninety_days(iris: Person, arrival: CheckIn) -> None:
    apply(iris, HEAD + line("2026-11-23 12:05"))
    OfficeRecord.objects.update(imported_at=EVENING - timedelta(days=90, seconds=1))

    apply(iris, HEAD + line("2026-11-23 12:10"))

    assert [row.at for row in OfficeRecord.objects.all()] == [NOON + timedelta(minutes=10)]


def test_a_page_without_script_does_the_same(iris: Person, arrival: CheckIn) -> None:
    door = phone_of(iris)

    def file() -> SimpleUploadedFile:
        sheet = HEAD + line("2026-11-23 12:05") + line("2026-11-22 12:05") + "T-ada,x,기록관,y\n"
        return SimpleUploadedFile("a.csv", sheet.encode(), content_type="text/csv")

    page = door.post("/audit/office-records/", {"file": file()}).content.decode()
    assert "T-ada" not in page
    preview = page.partition('name="preview" value="')[2][:64]

    answer = door.post(
        "/audit/office-records/", {"file": file(), "preview": preview, "reason": WHY}
    )

    assert answer.status_code == 302
    assert OfficeRecord.objects.count() == 1


@pytest.mark.parametrize("name", ["ada", "bora", "felix", "olga", "mallory"])
def test_nobody_but_an_auditor_compares(name: str, request: pytest.FixtureRequest) -> None:
    assert send(request.getfixturevalue(name), HEAD + line("2026-11-23 12:05")).status_code == 403
