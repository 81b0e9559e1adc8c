"""One touch, one scan, one payment, one export: all in real browsers, nothing of ours mocked."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page, expect

from tests.browser.acts import agree, becomes, enrol, near, press, qr_of, sign_in
from tests.browser.chromium import DESK, PHONE
from tests.browser.film import film_of
from tests.browser.server import ROOT, Server, Stage
from tests.browser.windows import Windows


def test_a_trip_is_touched_approved_scanned_paid_and_exported(
    window: Windows,
    stage: Stage,
    camera: Callable[[Path], Browser],
    server: Server,
    tmp_path: Path,
) -> None:
    # Of a name nobody else has, for the auditor's list shows one page.
    ada = stage("person", name="Aurora", roles="traveller")
    bora = stage("person", name="Bora", roles="traveller approver")
    felix = stage("person", name="Felix", roles="traveller clerk")
    iris = stage("person", name="Iris", roles="auditor")
    trip = stage("trip", traveller=ada["uid"], approver=bora["uid"], days=1)

    code = _touched_there_and_back(window, ada)
    _approved(window, bora, trip)
    paid = _scanned_and_paid(window, felix, camera(film_of(tmp_path / "screen.y4m", code)))
    sheet = _exported(window, stage, iris, trip, tmp_path)

    assert stage("rows", trip=trip["uid"])["paid"] == [20_000]
    row = next(row for row in sheet if row["출장번호"] == trip["number"])
    assert (row["출장자"], row["정산액(원)"], row["지출담당"]) == ("Aurora", 20_000, "Felix")
    assert row["정산 기록 해시"] == f"x{paid}"
    _stands_in_the_log(window, stage, server, iris, trip, paid, tmp_path)


def _touched_there_and_back(window: Windows, ada: dict[str, str]) -> bytes:
    phone = window(PHONE, permissions=["geolocation"], geolocation=near())
    sign_in(phone, ada)
    enrol(phone)

    press(phone, "arrive")
    agree(phone)
    becomes(phone, "ok")

    # A phone never reports one spot twice in the same breath; a copied burst is found out.
    phone.context.set_geolocation(near())
    phone.goto("/")
    press(phone, "return")
    becomes(phone, "ok")
    return qr_of(phone)


def _approved(window: Windows, bora: dict[str, str], trip: dict[str, str]) -> None:
    phone = window(PHONE, person=bora)
    phone.goto("/approvals/")
    card = phone.locator("article", has=phone.locator(f"[href$='{trip['uid']}/']"))
    card.locator("button[name=approve]").click()
    expect(phone.locator(f"[href$='{trip['uid']}/']")).to_have_count(0)


def _scanned_and_paid(window: Windows, felix: dict[str, str], browser: Browser) -> str:
    desk = window(DESK, browser=browser, permissions=["camera"])
    sign_in(desk, felix)
    enrol(desk)

    _held_before_the_camera(desk)
    expect(desk.locator("[data-band=genuine]")).to_have_class("verdict verdict--ok")
    expect(desk.locator("[data-band=payable]")).to_have_class("verdict verdict--ok")
    expect(desk.locator("[data-band=payable] [data-part=won]")).to_have_text("20,000원")

    desk.locator("[data-add] [type=submit]").click()
    expect(desk.locator("[data-add]")).to_be_hidden()
    desk.goto("/settlement/batches/")
    desk.locator("tbody a").first.click()
    expect(desk.locator("tfoot .sum")).to_have_text("20,000원")
    desk.locator("step-up [type=submit]").click()
    receipt = desk.locator(".amounts__total")
    expect(receipt).to_contain_text("20,000원")
    paid = desk.locator(".facts .hash").last.inner_text()

    _held_before_the_camera(desk)
    said = desk.locator("[data-band=payable]")
    expect(said).to_have_class("verdict verdict--info")
    expect(said).to_contain_text("Felix")
    return paid


def _held_before_the_camera(desk: Page) -> None:
    desk.goto("/settlement/scan/")
    desk.locator("[data-turn]").click()
    expect(desk.locator("verify-station")).to_have_attribute("data-state", "shown")


def _exported(
    window: Windows, stage: Stage, iris: dict[str, str], trip: dict[str, str], folder: Path
) -> list[dict[str, object]]:
    desk = window(DESK, accept_downloads=True)
    sign_in(desk, iris)
    enrol(desk)
    desk.goto("/audit/trips/")
    desk.locator("details.filter").evaluate("(it) => { it.open = true; }")
    desk.locator("[name=person]").fill("Aurora")
    desk.locator("details.filter button.button--primary").click()
    expect(desk.locator("tbody")).to_contain_text(trip["number"])

    desk.goto("/audit/exports/new/")
    desk.locator("[name=reason]").fill("Regular look at the trips of the month")
    desk.locator("step-up .button--primary").click()
    desk.wait_for_url("**/audit/exports/*-*/")
    expect(desk.locator("export-progress [role=status]")).to_contain_text("행")
    # She leaves, a worker comes by, and she comes back to what is ready.
    here = desk.url
    desk.screenshot(path=ROOT / "build" / "shots" / "export-waiting.png", full_page=True)
    desk.goto("/audit/")
    assert stage("exports") == 1
    desk.goto(here)
    desk.screenshot(path=ROOT / "build" / "shots" / "export-ready.png", full_page=True)
    with desk.expect_download() as download:
        desk.locator("a[download]").first.click()
    file = folder / "export.xlsx"
    download.value.save_as(file)
    assert download.value.suggested_filename.startswith("출장기록-")

    titles, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, titles), row, strict=True)) for row in rows]


def _stands_in_the_log(
    window: Windows,
    stage: Stage,
    server: Server,
    iris: dict[str, str],
    trip: dict[str, str],
    paid: str,
    folder: Path,
) -> None:
    """Every deed of the trip is under the signed head, checked by the core's own command line."""
    desk = window(DESK, person=iris)
    trust = folder / "trust"
    trust.write_text(stage("trust_file"))
    leaves = stage("leaves", trip=trip["uid"])

    assert [leaf["kind"] for leaf in leaves] == [
        *("trip-open", "approval", "checkin", "checkin", "approval", "settlement")
    ]
    assert leaves[-1]["hash"] == paid
    for leaf in leaves:
        answer = desk.request.get(f"{server.origin}/log/proof", params={"leaf": leaf["hash"]})
        proof = folder / leaf["hash"]
        proof.write_bytes(answer.body())
        assert _verified(proof, leaf["hash"], trust) == 0
    assert _verified(proof, leaves[0]["hash"], trust) == 1


def _verified(proof: Path, leaf: str, trust: Path) -> int:
    hashed = b64encode(bytes.fromhex(leaf)).decode()
    words = ["log", "verify-proof", str(proof), "--leaf-hash", hashed, "--trust", str(trust)]
    done = subprocess.run(
        [sys.executable, "-m", "attest", *words], cwd=ROOT, capture_output=True, check=False
    )
    return done.returncode
