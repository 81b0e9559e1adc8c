"""The page that says who outside has seen the log, and what nobody has seen yet."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
import zxingcpp
from django.core.management import call_command
from PIL import Image

from accounts.models import Person
from attest.commands.log import run
from ledger.models import Anchor, Checkpoint
from ledger.services.sequence import sequence
from tests.conftest import NOON, phone_of
from tests.ledger.deeds import setting
from trips.plain_qr import MOST_BYTES, plain_svg

NAME = "audit.example.go.kr/w1"
PAGE = "/audit/anchors/"


@pytest.fixture
def log(db: None) -> None:
    setting("one", at=NOON)
    sequence(now=NOON)


@pytest.fixture
def desk(log: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A witness of its own, named by the office."""
    trust = StringIO()
    call_command("ledger_trust", stdout=trust)
    (tmp_path / "trust").write_text(trust.getvalue(), encoding="utf-8")
    assert run(["witness", "init", "--name", NAME, "--state", str(tmp_path / "w")]) == 0
    vkey = capsys.readouterr().out.split()[2]
    call_command("ledger_witness", "add", NAME, vkey, stdout=StringIO())
    return tmp_path


def page_of(person: Person) -> str:
    answer = phone_of(person).get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode())


def line_for(request: str, desk: Path) -> str:
    (desk / "request").write_text(request, encoding="utf-8")
    files = ["--state", str(desk / "w"), "--trust", str(desk / "trust")]
    words = ["witness", "cosign", str(desk / "request"), *files, "--out", str(desk / "line")]
    assert run(words) == 0
    return (desk / "line").read_text("utf-8")


def test_before_anybody_saw_it_every_record_is_uncovered(log: None, iris: Person) -> None:
    page = page_of(iris)

    size = Checkpoint.objects.latest("size").size
    assert "아직 없습니다" in page
    assert f"아직 확인되지 않은 기록은 {size}건이고" in page


def test_the_line_of_a_witness_is_handed_in_and_shown(desk: Path, iris: Person) -> None:
    phone = phone_of(iris)
    line = line_for(phone.get("/log/witness-request?old=0").content.decode(), desk)

    answer = phone.post(PAGE, {"line": line}, follow=True)
    size = Anchor.objects.get().size
    page = answer.content.decode()
    assert f"처음부터 {size}건까지 증인이 확인했습니다." in page
    assert "지금까지의 모든 기록이 확인되었습니다." in page
    assert f"/log/witness-request?old={size}" in page


def test_what_came_later_is_counted_from_its_first(desk: Path, iris: Person) -> None:
    phone = phone_of(iris)
    line = line_for(phone.get("/log/witness-request?old=0").content.decode(), desk)
    phone.post(PAGE, {"line": line})
    for number in range(3):
        setting(f"later {number}", at=NOON)

    page = page_of(iris)
    uncovered = Checkpoint.objects.latest("size").size - Anchor.objects.get().size
    assert uncovered >= 3
    assert f"아직 확인되지 않은 기록은 {uncovered}건이고" in page


def test_a_line_scanned_without_its_end_is_kept_as_well(desk: Path, iris: Person) -> None:
    phone = phone_of(iris)
    line = line_for(phone.get("/log/witness-request?old=0").content.decode(), desk)

    assert phone.post(PAGE, {"line": f" {line.strip()}\r\n"}).status_code == 302
    assert Anchor.objects.count() == 1


@pytest.mark.parametrize("line", ["", "noise", "— a b", "— audit.example.go.kr/w1 AAAAAAA="])
def test_a_line_that_holds_for_nothing_is_refused_in_words(
    desk: Path, iris: Person, line: str
) -> None:
    answer = phone_of(iris).post(PAGE, {"line": line})

    assert answer.status_code == 400
    assert "error-summary" in answer.content.decode()
    assert not Anchor.objects.exists()


def test_the_page_speaks_english(log: None, iris: Person) -> None:
    iris.language = "en"
    iris.save(update_fields=["language"])

    page = phone_of(iris).get(PAGE, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Last independent anchor" in page
    assert not re.search("[가-힣]", page[page.index("<main") : page.index("</main")])


@pytest.mark.parametrize("name", ["ada", "felix", "mallory", "olga"])
def test_only_auditors_come_in(log: None, name: str, request: pytest.FixtureRequest) -> None:
    phone = phone_of(request.getfixturevalue(name))

    assert phone.get(PAGE).status_code == 403
    assert phone.post(PAGE, {"line": "x"}).status_code == 403


def test_before_the_first_record_there_is_nothing_to_show(db: None, iris: Person) -> None:
    assert phone_of(iris).get(PAGE).status_code == 200


# -- paper ---------------------------------------------------------------------------------


def scanned(svg: str) -> str:
    """What a scanner reads from the drawing: the rows of its path, eight pixels a module."""
    side = int(re.findall(r'viewBox="0 0 (\d+)', svg)[0])
    picture = Image.new("L", (side, side), 255)
    for row in re.finditer(r"M(\d+) (\d+)((?:h\d+v1h-\d+z|m\d+ 0)+)", svg):
        x, y = int(row[1]), int(row[2])
        for step in re.finditer(r"m(\d+) 0|h(\d+)v1", row[3]):
            if step[1]:
                x += int(step[1])
            else:
                for dark in range(x, x + int(step[2])):
                    picture.putpixel((dark, y), 0)
    (found,) = zxingcpp.read_barcodes(
        picture.resize((8 * side, 8 * side), Image.Resampling.NEAREST)
    )
    return found.bytes.decode()


def test_the_printed_head_is_scanned_as_the_very_bytes(log: None, iris: Person) -> None:
    note = Checkpoint.objects.latest("size").note

    drawing = re.findall(r"<svg xmlns.*?</svg>", page_of(iris))[0]
    assert scanned(drawing) == Checkpoint.objects.latest("size").note
    assert note.count("\n— ") == 2


def test_a_request_is_carried_by_its_qr_alone(desk: Path, iris: Person) -> None:
    drawing = re.findall(r"<svg xmlns.*?</svg>", page_of(iris))[1]

    line = line_for(scanned(drawing), desk)
    assert phone_of(iris).post(PAGE, {"line": line}).status_code == 302


def test_what_no_camera_reads_is_not_drawn() -> None:
    assert plain_svg("x" * MOST_BYTES)
    assert plain_svg("x" * (MOST_BYTES + 1)) == ""
