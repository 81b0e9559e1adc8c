"""A PDF of receipts: every page told of, every code judged alone, and nothing it does gets out."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Person, Place
from attest.errors import UploadRefused
from settlement.documents import sheets_in
from settlement.models import Verification
from tests.conftest import phone_of
from tests.settlement.desk import answers, arrival, code_of, confirmed
from trips.adapters import looking
from trips.adapters.looking import CHILD
from trips.models import Trip
from trips.qr import png

A4 = (1240, 1754)


def post(clerk: Person, content: bytes, *, language: str = "ko") -> Any:
    file = SimpleUploadedFile("확인증.pdf", content, content_type="application/pdf")
    return phone_of(clerk).post(
        "/api/v1/verifications/files",
        {"file": file},
        format="multipart",
        headers={"Accept-Language": language},
    )


def scanned(*pages: Sequence[str]) -> bytes:
    """Paper as a scanner hands it on: pages at 150 dpi, each with its codes."""
    sheets = [Image.new("L", A4, 255) for _ in pages]
    for sheet, texts in zip(sheets, pages, strict=True):
        for place, text in enumerate(texts):
            code = Image.open(BytesIO(png(text, scale=4))).convert("L")
            sheet.paste(code, (100 + place % 2 * 550, 60 + place // 2 * 560))
    out = BytesIO()
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:], resolution=150)
    return out.getvalue()


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of hand-made objects; the first is its catalog."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
    end = b"trailer <</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(body))
    return body + head + end


def stream(head: bytes, content: bytes) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (head, len(content), content)


CATALOG, PAGES = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def of_side(points: int) -> bytes:
    return written(
        CATALOG, PAGES, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]>>" % (points, points)
    )


def with_picture(side: int) -> bytes:
    """One page with a picture that says it has *side* × *side* pixels, all of them white."""
    pressed = zlib.compress(b"\xff" * min(side * side, 40_000_000), 9)
    head = (
        b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
        b"/Filter/FlateDecode" % (side, side)
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</XObject<</P 5 0 R>>>>>>"
    )
    draw = stream(b"", b"595 0 0 842 0 0 cm /P Do")
    return written(CATALOG, PAGES, page, draw, stream(head, pressed))


def locked() -> bytes:
    """Under a password nobody knows."""
    lock = b"<</Filter/Standard/V 1/R 2/O<%b>/U<%b>/P -4>>" % (b"ab" * 32, b"cd" * 32)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    trailer = b"/Encrypt 4 0 R/ID[<00><00>]"
    return written(CATALOG, PAGES, page, lock, trailer=trailer)


def test_every_code_of_every_page_is_judged_alone(
    felix: Person, payable: Trip, mallory: Person, bora: Person, site: Place
) -> None:
    other = confirmed(mallory, bora, site)
    mine, theirs = (code_of(arrival(trip)) for trip in (payable, other))

    said = post(
        felix, scanned([mine, mine[:-1] + str((int(mine[-1]) + 1) % 10)], [], [theirs])
    ).json()

    assert said["pages"] == [
        {"page": 1, "read": True, "codes": 2},
        {"page": 2, "read": True, "codes": 0},
        {"page": 3, "read": True, "codes": 1},
    ]
    assert [one["page"] for one in said["results"]] == [1, 1, 3]
    told = [answers(one)[0] for one in said["results"]]
    assert sorted(told[:2]) != ["genuine", "genuine"]
    assert told.count("genuine") == 2
    assert said["left_off"] == 0
    assert Verification.objects.count() == 3


def test_sixty_codes_on_ten_pages_are_all_found() -> None:
    text = "HTTPS://TRIP.EXAMPLE.KR/V#" + "0123456789" * 62
    pages = [[f"{text}{page}{place}" for place in range(6)] for page in range(10)]

    sheets = sheets_in(scanned(*pages))

    assert [set(sheet.codes or ()) for sheet in sheets] == [set(page) for page in pages]


def test_more_codes_than_are_judged_are_counted_and_said(
    felix: Person, payable: Trip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("settlement.api.verifications.MOST_CODES", 1)
    text = code_of(arrival(payable))

    said = post(felix, scanned([text, text[:-1]])).json()

    assert (len(said["results"]), said["left_off"]) == (1, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n", "upload.not-a-pdf"),
        (b"%PDF-1.7\n" + bytes(2_000), "upload.not-a-pdf"),
        (of_side(100)[:200], "upload.not-a-pdf"),
        (locked(), "upload.locked"),
        (scanned(*[[]] * 31), "upload.too-many-pages"),
    ],
    ids=["head alone", "noise", "cut", "locked", "31 pages"],
)
def test_what_cannot_be_read_is_refused_in_words(
    felix: Person, db: None, content: bytes, code: str
) -> None:
    korean, english = (post(felix, content, language=tongue) for tongue in ("ko", "en"))

    assert (korean.status_code, korean.json()["code"]) == (400, code)
    assert english.json()["detail"].isascii()
    assert not korean.json()["detail"].isascii()
    assert not Verification.objects.exists()


def test_thirty_pages_are_read() -> None:
    assert len(list(sheets_in(scanned(*[[]] * 30)))) == 30


@pytest.mark.parametrize("points", [1, 14_400, 2_000_000])
def test_a_page_of_any_size_is_drawn_small_or_told_unread(points: int) -> None:
    (sheet,) = sheets_in(of_side(points))

    assert sheet.codes in {(), None}


@pytest.mark.parametrize("side", [6_000, 30_000, 65_000])
def test_a_picture_that_unfolds_without_end_stops_its_page_alone(side: int) -> None:
    (sheet,) = sheets_in(with_picture(side))

    assert sheet.codes in {(), None}


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "time.sleep(60)"])
def test_a_child_that_is_cut_off_leaves_the_pages_it_had(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        "import os, sys, time; sys.stdin.buffer.read()\n"
        """print('{"pages": 3}\\n{"page": 1, "codes": ["x"]}', flush=True)\n"""
        """print('{"page": 2, "co', end="", flush=True)\n"""
        f"{end}\n"
    )
    monkeypatch.setattr(looking, "CHILD", child)
    monkeypatch.setattr(looking, "WAIT_S", 1)

    assert [sheet.codes for sheet in sheets_in(b"%PDF-")] == [("x",), None, None]


def test_a_child_that_says_nothing_is_no_page() -> None:
    with pytest.raises(UploadRefused, match="not-a-pdf"):
        list(sheets_in(b""))


CONFINED = """
import os, resource, runpy, socket, subprocess
runpy.run_path({child!r}, run_name="child")["confine"]()
def refused(deed):
    try:
        deed()
    except (PermissionError, MemoryError):
        return True
    return False
deeds = [
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: subprocess.run(["true"]),
    lambda: os.system("true"),
    lambda: os.fork(),
    lambda: bytearray(600 * 1_048_576),
]
print([refused(deed) for deed in deeds], resource.getrlimit(resource.RLIMIT_CPU))
"""


def test_the_child_calls_nobody_starts_nothing_and_stays_small_and_short() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", CONFINED.format(child=str(CHILD))],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == f"{[True] * 6} (5, 5)"
