"""A picture of a receipt: read for its codes, bounded before it unfolds, never kept."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import zxingcpp
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Person, Place
from attest.errors import UploadRefused
from bench.harms import HARMS, image
from bench.scan import sample
from settlement.models import Verification
from settlement.pictures import codes_in
from tests.conftest import phone_of
from tests.settlement.desk import answers, arrival, code_of, confirmed
from trips.adapters.pictures import MOST_BYTES
from trips.models import Trip
from trips.qr import png


def post(clerk: Person, content: bytes, *, name: str = "qr.png", kind: str = "image/png") -> Any:
    file = SimpleUploadedFile(name, content, content_type=kind)
    return phone_of(clerk).post("/api/v1/verifications/files", {"file": file}, format="multipart")


def drawn(text: str, *, form: str = "PNG", scale: int = 4) -> bytes:
    """The receipt's QR as a file of another format."""
    out = BytesIO()
    Image.open(BytesIO(png(text, scale=scale))).convert("RGB").save(out, form, quality=90)
    return out.getvalue()


def beside(*texts: str) -> bytes:
    """Several receipts in one picture."""
    pictures = [Image.open(BytesIO(png(text, scale=4))).convert("L") for text in texts]
    width = sum(picture.width for picture in pictures)
    sheet = Image.new("L", (width, pictures[0].height), 255)
    at = 0
    for picture in pictures:
        sheet.paste(picture, (at, 0))
        at += picture.width
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def huge(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be *width* × *height*; unfolding it would fail."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", b"not zlib") + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_picture_of_a_receipt_is_read(felix: Person, payable: Trip, form: str) -> None:
    answer = post(felix, drawn(code_of(arrival(payable)), form=form))

    (said,) = answer.json()["results"]
    assert answers(said) == ("genuine", "payable")
    assert said["source"] == "picture"
    assert Verification.objects.get().source == "picture"


def test_a_picture_the_server_drew_itself_is_read(felix: Person, payable: Trip) -> None:
    (said,) = post(felix, png(code_of(arrival(payable)), scale=3)).json()["results"]

    assert answers(said) == ("genuine", "payable")


def test_every_code_of_a_picture_is_judged_alone(
    felix: Person, payable: Trip, mallory: Person, bora: Person, site: Place
) -> None:
    other = confirmed(mallory, bora, site)

    results = post(felix, beside(*(code_of(arrival(t)) for t in (payable, other)))).json()[
        "results"
    ]

    assert {one["trip"]["number"] for one in results} == {payable.number, other.number}
    assert {answers(one) for one in results} == {("genuine", "payable")}


def test_the_same_code_twice_in_a_picture_is_one_scan(felix: Person, payable: Trip) -> None:
    text = code_of(arrival(payable))

    assert len(post(felix, beside(text, text)).json()["results"]) == 1


def test_a_picture_without_a_code_is_an_answer_too(felix: Person, db: None) -> None:
    out = BytesIO()
    Image.new("L", (200, 200), 255).save(out, "PNG")

    answer = post(felix, out.getvalue())

    assert answer.status_code == 200
    assert answer.json() == {"results": [], "pages": [], "left_off": 0}


def test_a_hundred_megapixels_are_refused_by_their_head(felix: Person, db: None) -> None:
    bomb = huge(10_000, 10_000)
    assert len(bomb) < 100

    answer = post(felix, bomb)

    assert answer.status_code == 400
    assert answer.json()["code"] == "upload.too-many-pixels"


@pytest.mark.parametrize("side", [4_900, 9_460, 20_000, 2**31 - 1])
def test_what_claims_too_many_pixels_is_never_unfolded(side: int) -> None:
    with pytest.raises(UploadRefused) as refused:
        codes_in(huge(side, side))
    assert refused.value.why in {"too-many-pixels", "not-a-picture"}


def test_a_picture_just_within_the_limit_is_looked_at() -> None:
    with pytest.raises(UploadRefused) as refused:
        codes_in(huge(4_800, 5_000))
    assert refused.value.why == "not-a-picture"


@pytest.mark.parametrize(
    "content",
    [
        b"just words, called a picture",
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"PK\x03\x04" + bytes(40),
        b"GIF89a" + bytes(40),
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        huge(0, 10),
        huge(10, 10),
    ],
)
def test_what_is_no_picture_is_refused_whatever_its_name(
    felix: Person, db: None, content: bytes
) -> None:
    answer = post(felix, content)

    assert answer.status_code == 400
    assert answer.json()["code"] in {"upload.not-a-picture", "request.shape"}
    assert not Verification.objects.exists()


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_pictures_stay_out_of_reach(felix: Person, payable: Trip, form: str) -> None:
    answer = post(felix, drawn(code_of(arrival(payable)), form=form))

    assert answer.json()["code"] == "upload.not-a-picture"


def test_text_named_png_is_refused_in_the_readers_language(felix: Person, db: None) -> None:
    file = SimpleUploadedFile("qr.png", b"text", content_type="image/png")
    desk = phone_of(felix)

    english = desk.post(
        "/api/v1/verifications/files",
        {"file": file},
        format="multipart",
        headers={"Accept-Language": "en"},
    )
    assert english.json() == {
        "code": "upload.not-a-picture",
        "detail": "This picture cannot be opened.",
    }
    assert post(felix, b"text").json()["detail"] == "이 사진을 열 수 없어요."


def test_more_than_ten_megabytes_are_refused(felix: Person, db: None) -> None:
    answer = post(felix, b"\x89PNG" + bytes(MOST_BYTES))

    assert answer.status_code in {400, 413}
    assert answer.json()["code"] == "upload.too-large"


def test_a_body_far_too_large_is_refused_by_what_it_announces(felix: Person, db: None) -> None:
    """Before a byte of it is read: nothing of it comes."""
    answer = phone_of(felix).generic(
        "POST",
        "/api/v1/verifications/files",
        "",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(64 * 1_048_576),
    )

    assert answer.json()["code"] == "upload.too-large"


def test_json_is_no_picture(felix: Person, db: None) -> None:
    answer = phone_of(felix).post("/api/v1/verifications/files", {"file": "x"}, format="json")

    assert answer.status_code == 415
    assert answer.json()["code"] == "request.media-type"


def test_a_form_without_a_file_is_of_the_wrong_shape(felix: Person, db: None) -> None:
    answer = phone_of(felix).post("/api/v1/verifications/files", {}, format="multipart")

    assert (answer.status_code, answer.json()["code"]) == (400, "request.shape")
    assert set(answer.json()["fields"]) == {"file"}


def dirty(seed: int) -> tuple[str, Image.Image]:
    """A receipt on which somebody put a cup down, and what it says."""
    text, code = sample()
    harms = list(HARMS)
    number = harms.index("dirt, 4 %")
    return text, image(HARMS[harms[number]](code, np.random.default_rng([number, seed])))


def first_reader(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture) if code.valid]


def png_of(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("seed", [0, 1, 18, 24])
def test_what_dirt_hides_from_one_reader_the_other_finds(seed: int) -> None:
    text, picture = dirty(seed)
    assert first_reader(picture) == []

    assert codes_in(png_of(picture)) == [text]


def test_a_dirty_code_beside_a_clean_one_is_found_as_well() -> None:
    text, picture = dirty(0)
    clean = text[:-1] + str((int(text[-1]) + 1) % 10)
    beside = Image.open(BytesIO(png(clean, scale=4))).convert("L")
    sheet = Image.new("L", (picture.width + beside.width, picture.height), 255)
    sheet.paste(picture, (0, 0))
    sheet.paste(beside, (picture.width, 0))
    assert first_reader(sheet) == [clean]

    assert sorted(codes_in(png_of(sheet))) == sorted([text, clean])


def test_a_code_both_readers_see_is_told_once() -> None:
    text, _ = sample()

    assert codes_in(png(text, scale=4)) == [text]


def test_a_machine_with_one_reader_is_told_before_it_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def warned() -> list[str]:
        return [str(one.id) for one in run_checks(include_deployment_checks=True)]

    assert "settlement.W001" not in warned()
    monkeypatch.setattr("trips.adapters.looking.find_library", {}.get)
    assert "settlement.W001" in warned()


def test_a_picture_made_to_keep_readers_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand corners of codes, and no code: each might belong to each other one."""
    monkeypatch.setattr("trips.adapters.looking.WAIT_S", 1)
    corner = np.full((9, 9), 255, np.uint8)
    corner[1:8, 1:8], corner[2:7, 2:7], corner[3:6, 3:6] = 0, 255, 0
    many = np.tile(np.kron(corner, np.ones((2, 2), np.uint8)), (272, 266))

    with pytest.raises(UploadRefused, match="too-heavy"):
        codes_in(png_of(Image.fromarray(many)))
