"""A sheet that is no sheet: refused with its code, and nothing is written."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import PeopleImport, Person
from tests.conftest import phone_of
from trips.models import Trip

ROUTES = ["/api/v1/people/imports", "/api/v1/trips/imports"]
PAGES = ["/manage/imports/", "/manage/imports/trips/"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def picture() -> bytes:
    out = BytesIO()
    Image.new("L", (40, 40), 255).save(out, "PNG")
    return out.getvalue()


def foreign_book() -> bytes:
    """A workbook, of something else."""
    book, out = openpyxl.Workbook(), BytesIO()
    book.active.append(["이름", "전화번호"])
    book.save(out)
    return out.getvalue()


NO_SHEETS: dict[str, tuple[bytes, set[str]]] = {
    "a picture": (picture(), {"import.encoding", "import.xlsx"}),
    "a zip that is no workbook": (b"PK\x03\x04" + bytes(60), {"import.workbook", "import.xlsx"}),
    "another workbook": (foreign_book(), {"import.header-unknown"}),
    "half a workbook": (foreign_book()[:900], {"import.workbook", "import.xlsx"}),
    "words": (b"just words", {"import.header-unknown"}),
    "an empty line": (b"\r\n", {"import.header-unknown", "import.header-missing"}),
    "noise": (bytes(range(128, 256)), {"import.encoding"}),
    "too much": (b"a" * (5 * 1_048_576 + 1), {"import.too-large"}),
}


def uploaded(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("출장.xlsx", content, content_type=XLSX)


def people() -> set[tuple[Any, ...]]:
    return set(Person.objects.values_list("pk", "name", "is_active"))


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", NO_SHEETS)
def test_what_is_no_sheet_is_refused_with_its_code(olga: Person, route: str, kind: str) -> None:
    content, codes = NO_SHEETS[kind]
    before = people()

    answer = phone_of(olga).post(route, {"file": uploaded(content)}, format="multipart")

    assert answer.status_code == 400
    assert answer.json()["code"] in codes
    assert people() == before
    assert not PeopleImport.objects.exists()
    assert not Trip.objects.exists()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", ["a picture", "words"])
def test_the_page_says_so_in_words(olga: Person, page: str, kind: str) -> None:
    content, _ = NO_SHEETS[kind]

    answer = phone_of(olga).post(page, {"file": uploaded(content)}, format="multipart")

    assert answer.status_code == 400
    assert not PeopleImport.objects.exists()
    assert not Trip.objects.exists()


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_else_shows_a_sheet(mallory: Person, felix: Person, route: str) -> None:
    for person in (mallory, felix):
        answer = phone_of(person).post(route, {"file": uploaded(b"x")}, format="multipart")
        assert answer.status_code == 403
