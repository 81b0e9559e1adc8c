"""The papers of a trip, read by programs we did not write: poppler, PDFium and ZXing."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp
from django.utils import timezone, translation
from PIL import Image

from accounts.models import Person
from tests.conftest import phone_of
from tests.trips.touches import LAT_E7, LON_E7, Phone
from trips.adapters.paper import pdf
from trips.models import CheckIn, Trip
from trips.receipt import receipt_of
from trips.services.seal_trip import seal_trip

MM = 72 / 25.4
A4, A6 = (210, 297), (105, 148)
PRINTED_DPI = 150


def get(phone: Phone, trip: Trip, **said: str) -> Any:
    return phone.api.get(f"/trips/{trip.uid}/print/", said)


def told(program: str, content: bytes, *words: str) -> str:
    """What one of poppler's programs says of *content*."""
    done = subprocess.run(
        [program, *words, "-", *(["-"] if program == "pdftotext" else [])],
        input=content,
        check=True,
        capture_output=True,
    )
    return done.stdout.decode()


def text_of(content: bytes) -> str:
    return told("pdftotext", content, "-layout")


def info(content: bytes) -> dict[str, str]:
    lines = told("pdfinfo", content).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def size_mm(content: bytes) -> tuple[int, int]:
    wide, high = re.findall(r"[\d.]+", info(content)["Page size"])[:2]
    return round(float(wide) / MM), round(float(high) / MM)


def language_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return wide_text(pdfium.FPDFCatalog_GetLanguage, document)


def structure(content: bytes) -> list[tuple[str, str]]:
    """Tag and alternative text of every element of the first page, in reading order."""
    page = pypdfium2.PdfDocument(content)[0]
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    count = pdfium.FPDF_StructTree_CountChildren(tree)
    try:
        tops = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, n) for n in range(count)]
        return [found for top in tops for found in elements(top)]
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def elements(node: Any) -> Iterator[tuple[str, str]]:
    tag = wide_text(pdfium.FPDF_StructElement_GetType, node)
    yield tag, wide_text(pdfium.FPDF_StructElement_GetAltText, node)
    for number in range(pdfium.FPDF_StructElement_CountChildren(node)):
        if inner := pdfium.FPDF_StructElement_GetChildAtIndex(node, number):
            yield from elements(inner)


def wide_text(ask: Any, whom: Any) -> str:
    """PDFium says how many bytes of UTF-16 it has, and then says them."""
    size = ask(whom, None, 0)
    room = (ctypes.c_ushort * (size // 2))()
    ask(whom, room, size)
    return bytes(room).decode("utf-16-le").rstrip("\0")


def scanned(content: bytes, tmp_path: Path) -> list[Any]:
    """Every code on every page, as a scanner of an office sees it: 150 dots an inch, grey."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(content)
    words = ["-r", str(PRINTED_DPI), "-gray", "-png", str(file), str(tmp_path / "page")]
    subprocess.run(["pdftoppm", *words], check=True)
    kinds = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    pages = [Image.open(page) for page in sorted(tmp_path.glob("page*.png"))]
    return [code for page in pages for code in zxingcpp.read_barcodes(page, formats=kinds)]


def wide_mm(code: Any) -> float:
    """How wide it is with its quiet zone of four modules on either side; this one is version 12."""
    at = code.position
    modules = (at.top_right.x - at.top_left.x) / PRINTED_DPI * 25.4
    return float(modules * 73 / 65)


def link(row: Any) -> str:
    return receipt_of(row, reader=row.trip.traveller).text


def number(row: Any) -> str:
    return "-".join(re.findall("....", row.spoken))


@pytest.fixture
def touches(phone: Phone, trip: Trip) -> list[CheckIn]:
    """There and back."""
    return [phone.touched(trip, kind) for kind in ("arrive", "return")]


@pytest.fixture
def papers(phone: Phone, trip: Trip, touches: list[CheckIn]) -> dict[str, bytes]:
    return {name: get(phone, trip, paper=name).content for name in ("slip", "sheet", "trip")}


# --- what they are ----------------------------------------------------------------------


def test_each_paper_has_its_size(papers: dict[str, bytes]) -> None:
    assert {name: size_mm(paper) for name, paper in papers.items()} == {
        "slip": A6,
        "sheet": A4,
        "trip": A4,
    }
    assert {info(paper)["Pages"] for paper in papers.values()} == {"1"}


def test_each_is_tagged_with_a_title_in_its_language(papers: dict[str, bytes]) -> None:
    for paper in papers.values():
        assert info(paper)["Tagged"] == "yes"
        assert info(paper)["Title"].startswith("출장")
        assert language_of(paper) == "ko"
        assert "pdfuaid" in told("pdfinfo", paper, "-meta")


def test_a_reader_aloud_finds_headings_table_and_terms(papers: dict[str, bytes]) -> None:
    tags = [tag for tag, _ in structure(papers["trip"])]

    assert tags.count("H1") == tags.count("Table") == tags.count("Figure") == 1
    assert (tags.count("TH"), tags.count("TD")) == (5, 10)
    assert {"H2", "THead", "TBody", "Lbl", "LBody", "Caption"} <= set(tags)
    # In the order in which it is looked at.
    assert tags.index("H1") < tags.index("Lbl") < tags.index("Figure") < tags.index("Table")


def test_the_code_has_a_name_for_those_who_do_not_see_it(
    papers: dict[str, bytes], touches: list[CheckIn]
) -> None:
    names = [alt for tag, alt in structure(papers["slip"]) if tag == "Figure"]

    assert names == [f"출장 확인증 QR, 번호 {number(touches[-1])}"]


def test_the_faces_are_in_it_cut_to_what_is_used(papers: dict[str, bytes]) -> None:
    for paper in papers.values():
        faces = told("pdffonts", paper).splitlines()[2:]
        assert faces
        for face in faces:
            name, *_, embedded, subset, unicode, _object, _generation = face.split()
            assert re.fullmatch(r"[A-Z]{6}\+PretendardGOV-(Regular|Bold)\S*", name)
            assert (embedded, subset, unicode) == ("yes", "yes", "yes")


def test_no_paper_is_large(papers: dict[str, bytes]) -> None:
    assert {name: len(paper) <= 100_000 for name, paper in papers.items()} == dict.fromkeys(
        papers, True
    )


# --- what they say ----------------------------------------------------------------------


def test_a_slip_says_who_where_when_and_its_number(
    papers: dict[str, bytes], trip: Trip, touches: list[CheckIn]
) -> None:
    said = text_of(papers["slip"])

    assert number(touches[-1]) in said
    for words in ("시험시청", "출장 확인증", "ada · 안전총괄과", trip.number, "시험구청"):
        assert words in said
    assert "11월 23일(월) 12:00" in said
    assert touches[-1].place_words in said


def test_the_certificate_tells_every_touch(
    papers: dict[str, bytes], trip: Trip, touches: list[CheckIn]
) -> None:
    said = text_of(papers["trip"])

    for touch in touches:
        assert number(touch) in said
    assert number(seal_trip(trip, now=timezone.now())) in said
    for words in ("도로 점검", "bora", "대중교통", "담당", "과장", "국장", "1/1"):
        assert words in said


def test_papers_speak_the_language_of_the_reader(
    phone: Phone, trip: Trip, touches: list[CheckIn]
) -> None:
    for name in ("slip", "sheet", "trip"):
        answer = phone.api.get(
            f"/trips/{trip.uid}/print/", {"paper": name}, headers={"Accept-Language": "en"}
        )
        said = text_of(answer.content)
        assert "Traveller" in said
        assert "출장자" not in said
        assert language_of(answer.content) == "en"


def test_no_coordinate_is_on_any_paper(papers: dict[str, bytes]) -> None:
    for paper in papers.values():
        said = text_of(paper)
        for degrees in (LAT_E7, LON_E7):
            assert str(degrees)[:5] not in said.replace(".", "")


# --- their codes ------------------------------------------------------------------------


def test_the_code_of_a_slip_is_read_from_a_print_and_is_40_mm_wide(
    papers: dict[str, bytes], touches: list[CheckIn], tmp_path: Path
) -> None:
    (code,) = scanned(papers["slip"], tmp_path)

    assert code.text == link(touches[-1])
    assert wide_mm(code) == pytest.approx(40, abs=0.6)


def test_every_code_of_a_sheet_is_read_and_is_34_mm_wide(
    papers: dict[str, bytes], touches: list[CheckIn], tmp_path: Path
) -> None:
    codes = scanned(papers["sheet"], tmp_path)

    assert {code.text for code in codes} == {link(touch) for touch in touches}
    assert [wide_mm(code) for code in codes] == pytest.approx([34, 34], abs=0.6)


def test_the_one_code_of_the_certificate_is_that_of_the_whole_trip(
    papers: dict[str, bytes], trip: Trip, tmp_path: Path
) -> None:
    (code,) = scanned(papers["trip"], tmp_path)

    assert code.text == link(seal_trip(trip, now=timezone.now()))
    assert wide_mm(code) == pytest.approx(40, abs=0.6)


def test_a_slip_is_of_the_touch_that_was_named(
    phone: Phone, trip: Trip, touches: list[CheckIn], tmp_path: Path
) -> None:
    paper = get(phone, trip, paper="slip", touch=str(touches[0].uid)).content

    (code,) = scanned(paper, tmp_path)
    assert code.text == link(touches[0])


def test_eight_receipts_fill_a_sheet_and_the_ninth_begins_another(
    phone: Phone, trip: Trip, clock: Any, tmp_path: Path
) -> None:
    made, pages = [], []
    for _ in range(9):
        made.append(phone.touched(trip, "stop"))
        clock.later(minutes=11)
        pages.append(info(get(phone, trip, paper="sheet").content)["Pages"])
    codes = scanned(get(phone, trip, paper="sheet").content, tmp_path)

    assert pages == ["1"] * 8 + ["2"]
    assert {code.text for code in codes} == {link(touch) for touch in made}


# --- whose they are ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["slip", "sheet", "trip"])
@pytest.mark.parametrize("who", ["bora", "felix", "mallory"])
def test_nobody_else_prints_them(
    name: str,
    who: str,
    trip: Trip,
    touches: list[CheckIn],
    request: pytest.FixtureRequest,
) -> None:
    other: Person = request.getfixturevalue(who)

    assert phone_of(other).get(f"/trips/{trip.uid}/print/", {"paper": name}).status_code == 404


@pytest.mark.parametrize("name", ["slip", "sheet", "trip"])
def test_a_trip_without_a_touch_has_no_paper(name: str, phone: Phone, trip: Trip) -> None:
    assert get(phone, trip, paper=name).status_code == 404


def test_a_record_that_is_no_evidence_is_printed_without_a_code(
    phone: Phone, trip: Trip, tmp_path: Path
) -> None:
    asked = phone.ask(trip)
    good = phone.touched(trip, asked=asked)
    bad = phone.touched(trip, asked=asked)

    assert get(phone, trip, paper="slip", touch=str(bad.uid)).status_code == 404
    (code,) = scanned(get(phone, trip, paper="sheet").content, tmp_path)
    assert code.text == link(good)
    told_all = text_of(get(phone, trip, paper="trip").content)
    assert number(bad) not in told_all
    assert "증거로 쓸 수 없는 기록" in told_all


@pytest.mark.parametrize("said", [{"paper": "banknote"}, {"paper": "slip", "touch": "x"}])
def test_what_is_not_there_is_not_printed(
    said: dict[str, str], phone: Phone, trip: Trip, touches: list[CheckIn]
) -> None:
    assert get(phone, trip, **said).status_code == 404


# --- what people may be called ----------------------------------------------------------


def facts_with(words: str) -> dict[str, Any]:
    fact = {"name": words, "value": words, "lang": "ko"}
    code = {"svg": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>", "alt": "QR"}
    return {
        "lang": "ko",
        "title": words,
        "issuer": words,
        "printed": words,
        "note": words,
        "heading": {"value": words, "lang": "ko"},
        "facts": [fact],
        "code": code | {"number": "2JC8-PN28-H6W3"},
    }


COMMANDS = [
    '#read("common.typ")',
    "#panic()",
    "$x$ *y* _z_ `#a` <b> @c",
    "\\u{41} // no /* */",
    "= 제목",
]


@pytest.mark.parametrize("words", COMMANDS)
def test_a_name_is_never_read_as_a_command(words: str) -> None:
    said = text_of(pdf("slip", facts_with(words), at=timezone.now()))

    assert words in said


def test_every_syllable_a_name_may_have_is_drawn() -> None:
    words = "뷁똠햏쀍뛣 李金"
    paper = pdf("slip", facts_with(words), at=timezone.now())

    assert words in text_of(paper)
    assert "pdfuaid" in told("pdfinfo", paper, "-meta")


@pytest.mark.parametrize("odd", ["😀", "\x07", "ｱ"])
def test_a_character_without_a_face_loses_neither_the_paper_nor_the_tags(odd: str) -> None:
    paper = pdf("slip", facts_with(f"한빛나{odd}"), at=timezone.now())

    assert "한빛나" in text_of(paper)
    assert info(paper)["Tagged"] == "yes"
    assert "pdfuaid" not in told("pdfinfo", paper, "-meta")


def test_a_document_that_is_wrong_is_not_printed_without_its_promise() -> None:
    said = facts_with("한빛나")
    del said["code"]["alt"]

    with pytest.raises(Exception, match="alt"):
        pdf("slip", said, at=timezone.now())


def test_eight_papers_at_once_are_eight_papers() -> None:
    at = timezone.now()
    said = [facts_with(f"사람 {n}") for n in range(8)]
    with ThreadPoolExecutor(8) as desks:
        made = list(desks.map(lambda one: pdf("slip", one, at=at), said))

    assert [f"사람 {n}" in text_of(paper) for n, paper in enumerate(made)] == [True] * 8


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    translation.activate("ko")
