"""A file comes in: judged by content, drawn anew, sealed, and handed out in one form alone."""

from __future__ import annotations

import zlib
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.conf import settings
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Person
from attest.errors import KeyGone, SealBroken
from ledger.models import Access
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.files import UPLOADS, chunk, claims_to_be, located, pages, send, sent, slip
from tests.trips.log import rows
from trips import uploading
from trips.adapters.pictures import MOST_BYTES, MOST_PIXELS
from trips.models import Upload
from vault.sealed.files import FileBox

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(64)
PIXEL_GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def api(ada: Person) -> APIClient:
    return phone_of(ada)


def swollen() -> bytes:
    """A picture of one pixel with a comment that unfolds to a hundred mebibytes."""
    whole, bomb = slip(form="PNG", size=(1, 1)), zlib.compress(bytes(100 * 1_048_576), 9)
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + bomb) + whole[33:]


def locked_pdf() -> bytes:
    """Encrypted with a user password: the dictionary alone says so."""
    whole = pages(1)
    words = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ("
        + b"a" * 32
        + b") /U ("
        + b"b" * 32
        + b") >> "
        b"/ID [(0123456789abcdef) (0123456789abcdef)] "
    )
    return whole.replace(b"/Root", words + b"/Root", 1)


@pytest.mark.parametrize(
    ("content", "name", "kind", "code"),
    [
        pytest.param(PIXEL_GIF, "slip.jpg", "image/jpeg", "upload.not-a-picture", id="gif"),
        pytest.param(PAGE, "slip.png", "image/png", "upload.not-a-picture", id="html"),
        pytest.param(slip(form="TIFF"), "slip.png", "image/png", "upload.not-a-picture", id="tiff"),
        pytest.param(slip()[:300], "slip.jpg", "image/jpeg", "upload.not-a-picture", id="half"),
        pytest.param(HEIC, "IMG_1.HEIC", "image/heic", "upload.heic", id="heic"),
        pytest.param(
            claims_to_be(9_000, 9_000), "slip.png", "image/png", "upload.too-many-pixels", id="81"
        ),
        pytest.param(
            claims_to_be(6_000, 4_001), "slip.png", "image/png", "upload.too-many-pixels", id="24+"
        ),
        pytest.param(
            claims_to_be(5_000, 4_000, zlib.compress(bytes(10), 9)),
            "slip.png",
            "image/png",
            "upload.not-a-picture",
            id="short bomb",
        ),
        pytest.param(swollen(), "slip.png", "image/png", "upload.not-a-picture", id="bomb of text"),
        pytest.param(b"%PDF-1.7 nothing", "a.pdf", "application/pdf", "upload.not-a-pdf", id="pdf"),
        pytest.param(locked_pdf(), "a.pdf", "application/pdf", "upload.locked", id="locked"),
        pytest.param(pages(31), "a.pdf", "application/pdf", "upload.too-many-pages", id="31 pages"),
        pytest.param(
            slip() + bytes(MOST_BYTES), "a.jpg", "image/jpeg", "upload.too-large", id="too large"
        ),
    ],
)
def test_what_is_not_what_it_says_is_refused_by_name_and_nothing_is_kept(
    content: bytes, name: str, kind: str, code: str, api: APIClient
) -> None:
    before = rows()

    answer = send(api, content, name, kind)

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["detail"]
    assert rows() == before
    assert list(Path(settings.FILE_STORE).rglob("*.*")) == []


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_any_of_three_forms_goes_out_as_jpeg(form: str, api: APIClient) -> None:
    answer = send(api, slip(form=form), "whatever.exe", "application/x-msdownload")

    said = answer.json()
    assert (answer.status_code, said["kind"], said["pages"]) == (201, "picture", 1)
    assert said["sha256"] == sha256(slip(form=form)).hexdigest()
    out = api.get(f"{UPLOADS}/{said['id']}/file")
    assert out["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(out.content)).size == (640, 480)


def test_a_picture_goes_out_as_a_file_to_save_that_may_do_nothing(api: APIClient) -> None:
    uid = sent(api, slip())

    answer = api.get(f"{UPLOADS}/{uid}/file")

    assert answer["Content-Disposition"] == f'attachment; filename="{uid}.jpg"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"


def test_where_it_was_taken_is_gone_and_which_way_up_it_was_held_is_not(api: APIClient) -> None:
    content = located()
    assert b"Gaon Phone Works" in content
    assert b"35.2537519" in content

    out = api.get(f"{UPLOADS}/{sent(api, content)}/file").content

    kept = Image.open(BytesIO(out))
    assert dict(kept.getexif()) == {}
    assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Gaon" not in out
    assert b"35.2537519" not in out
    assert kept.size == (480, 640)


def test_what_is_transparent_is_white(api: APIClient) -> None:
    out = BytesIO()
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(out, "PNG")

    kept = api.get(f"{UPLOADS}/{sent(api, out.getvalue())}/file").content

    assert Image.open(BytesIO(kept)).getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_of_exactly_the_most_pixels_is_taken_and_kept_smaller(api: APIClient) -> None:
    out = BytesIO()
    Image.new("1", (6_000, 4_000)).save(out, "PNG")
    assert MOST_PIXELS == 6_000 * 4_000

    kept = api.get(f"{UPLOADS}/{sent(api, out.getvalue())}/file").content

    assert max(Image.open(BytesIO(kept)).size) == 2_600


def test_a_pdf_goes_out_as_pictures_of_its_pages(api: APIClient) -> None:
    script = pages(2).replace(
        b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
    )

    answer = send(api, script, "ticket.pdf", "application/pdf")

    said = answer.json()
    assert (answer.status_code, said["kind"], said["pages"]) == (201, "pdf", 2), said
    out = api.get(f"{UPLOADS}/{said['id']}/file")
    assert out["Content-Type"] == "application/pdf"
    assert b"JavaScript" not in out.content
    assert len(pypdfium2.PdfDocument(out.content)) == 2
    row = Upload.objects.get(uid=said["id"])
    assert row.original.open() == script


def test_on_the_disk_lies_nothing_that_can_be_read(api: APIClient) -> None:
    send(api, pages(1), "ticket.pdf", "application/pdf")
    sent(api, slip())

    kept = [path for path in Path(settings.FILE_STORE).rglob("*") if path.is_file()]

    assert sorted(path.suffix for path in kept) == [".original", ".shown", ".shown"]
    for path in kept:
        assert path.stat().st_mode & 0o077 == 0
        assert b"%PDF" not in path.read_bytes()
        assert b"JFIF" not in path.read_bytes()


def test_a_file_laid_in_the_place_of_another_does_not_open(api: APIClient) -> None:
    one, other = (Upload.objects.get(uid=sent(api, slip(shade))) for shade in (1, 2))

    other.shown.path.write_bytes(one.shown.path.read_bytes())

    with pytest.raises(SealBroken):
        other.shown.open()


def test_a_file_that_is_gone_says_so(api: APIClient) -> None:
    row = Upload.objects.get(uid=sent(api, slip()))
    row.shown.path.unlink()

    answer = api.get(f"{UPLOADS}/{row.uid}/file")

    assert (answer.status_code, answer.json()["code"]) == (410, "sealed.key-gone")
    with pytest.raises(KeyGone):
        FileBox("trips_upload", row.uid, "original").open()


@pytest.mark.parametrize("name", ["mallory", "bora", "felix", "iris"])
def test_a_file_that_lies_with_no_trip_is_its_senders_alone(
    name: str, api: APIClient, request: pytest.FixtureRequest
) -> None:
    uid = sent(api, slip())
    visitor = phone_of(request.getfixturevalue(name))

    assert visitor.get(f"{UPLOADS}/{uid}/file").status_code == 404
    assert Access.objects.count() == 0


# --- how much ---------------------------------------------------------------------------


def fill(person: Person, size: int, at: Any = NOON) -> None:
    Upload.objects.create(
        person=person,
        kind="picture",
        digest=bytes(32),
        pixels=bytes(32),
        kept_digest=bytes(32),
        size=size,
        at=at,
    )


def test_a_month_takes_its_hundred_mebibytes_and_not_a_byte_more(
    api: APIClient, ada: Person
) -> None:
    mine = Upload.objects.get(uid=sent(api, slip())).size
    fill(ada, uploading.QUOTA - 2 * mine)

    assert send(api, slip()).status_code == 201
    refused = send(api, slip())

    assert (refused.status_code, refused.json()["code"]) == (400, "upload.quota")
    assert uploading.used(ada, at=NOON) == uploading.QUOTA


def test_the_next_month_begins_anew_where_the_office_is(ada: Person, clock: Clock) -> None:
    clock.later(days=7, hours=12, seconds=-1)
    fill(ada, uploading.QUOTA, at=clock())
    assert send(phone_of(ada), slip()).status_code == 400

    clock.later(seconds=1)  # midnight in Seoul, the first of December

    assert send(phone_of(ada), slip()).status_code == 201


def test_one_persons_files_are_not_anothers_measure(api: APIClient, bora: Person) -> None:
    fill(bora, uploading.QUOTA)

    assert send(api, slip()).status_code == 201


def test_what_was_put_to_nothing_is_taken_away_a_day_later(
    ada: Person, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    row = Upload.objects.get(uid=sent(phone_of(ada), slip()))
    clock.later(hours=24)
    sent(phone_of(ada), slip(7))
    assert row.shown.path.exists()

    clock.later(seconds=1)
    with django_capture_on_commit_callbacks(execute=True):
        sent(phone_of(ada), slip(8))

    assert not row.shown.path.exists()
    assert not Upload.objects.filter(uid=row.uid).exists()


def test_nobody_sends_a_hundred_in_a_minute(api: APIClient) -> None:
    answers = [send(api, b"no picture").status_code for _ in range(21)]

    assert answers == [400] * 20 + [429]
