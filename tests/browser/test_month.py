"""A month from the personnel system's sheet to the money, and one payment back, in a browser."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from attest.values import month_of
from tests.browser.acts import enrol, sign_in
from tests.browser.chromium import DESK
from tests.browser.server import Server, Stage, running
from tests.browser.windows import Windows
from tests.settlement.sheets.samples import row, xlsx

WHO = "Nari"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, static: Path) -> Iterator[Server]:
    """One of its own: what a month pays is everybody's who travelled in it."""
    with running(tmp_path_factory.mktemp("month"), static=static) as started:
        yield started


@pytest.fixture(scope="module")
def stage(server: Server) -> Stage:
    return server.stage


def test_a_month_goes_from_the_sheet_to_the_money_and_one_payment_comes_back(
    window: Windows, stage: Stage, tmp_path: Path
) -> None:
    nari = stage("person", name=WHO, roles="traveller")
    stage("person", name="Bora", roles="traveller approver")
    felix, flora, hana = (
        stage("person", name=name, roles="traveller clerk") for name in ("Felix", "Flora", "Hana")
    )
    desk, second = (window(DESK, accept_downloads=True, expected=["status of 400"]) for _ in "12")
    for page_of, who in ((desk, felix), (second, hana)):
        sign_in(page_of, who)
        enrol(page_of)
    month = month_of(timezone.now())
    page = f"/settlement/months/{month}/"

    # Who takes a row over says that it was approved; another clerk pays it.
    other = window(DESK, person=flora, expected=["status of 400"])
    _brought_in(other, page, month)
    _asked_and_answered(desk, window(DESK, person=nari), page)
    _said_what_shows_it(desk)
    stage("for_two", person=nari["uid"], clerks=[felix["uid"], hana["uid"]])
    _refused_after_another_tab_changed_it(desk, page)
    _settled_by_two(desk, second, page)
    _sent(desk, page, tmp_path)
    _answered(desk, page, tmp_path)
    _taken_back_by_two(desk, second)
    _settled_by_two(desk, second, page)


def _asked_and_answered(desk: Page, traveller: Page, page: str) -> None:
    _first_exception(desk, page)
    desk.locator("[name=ask-text]").fill("Where is the report of this trip?")
    desk.locator("form[action$='/question/'] [type=submit]").click()
    desk.wait_for_load_state()

    traveller.goto("/trips/")
    traveller.locator("main a[href^='/trips/0']").first.click()
    traveller.locator("a[href$='/questions/']").click()
    expect(traveller.locator("main")).to_contain_text("Where is the report of this trip?")
    traveller.locator("[name=text]").fill("It lies with the office")
    traveller.locator("form[action$='/answer/'] [type=submit]").click()
    traveller.wait_for_load_state()

    desk.goto("/settlement/exceptions/?state=answered")
    desk.locator("tbody th a").first.click()
    expect(desk.locator("main")).to_contain_text("It lies with the office")


def _first_exception(desk: Page, page: str) -> None:
    desk.goto(f"{page}?step=3")
    desk.locator("section a.button--primary").click()
    desk.locator("tbody th a").first.click()


def _refused_after_another_tab_changed_it(desk: Page, page: str) -> None:
    desk.goto(f"{page}?step=5")
    desk.locator("form[action$='/batch/'] [type=submit]").click()
    desk.locator("step-up [type=submit]").wait_for()
    tab = desk.context.new_page()
    tab.goto(desk.url)
    tab.locator("[name=remove]").check()
    tab.locator("form:has([name=remove]) [type=submit]").click()
    tab.wait_for_load_state()
    tab.close()

    desk.locator("step-up [type=submit]").click()

    expect(desk.locator(".empty")).to_be_visible()
    expect(desk.locator(".amounts__total")).to_have_count(0)


def _settled_by_two(first: Page, second: Page, page: str) -> None:
    first.goto(f"{page}?step=5")
    first.locator("form[action$='/batch/'] [type=submit]").click()
    first.locator("step-up [type=submit]").click()
    expect(first.locator("form[action$='/drop/']")).to_be_visible()
    expect(first.locator("step-up")).to_have_count(0)
    second.goto(first.url)
    second.locator("step-up [type=submit]").click()
    expect(second.locator(".amounts__total").first).to_contain_text("20,000")


def _brought_in(desk: Page, page: str, month: str) -> None:
    said = {"M": "Safety", "O": WHO, "E": f"{month}-01 09:00", "F": f"{month}-01 13:30"}
    wrong = {"B": 2, "G": "half a day"}
    desk.goto(f"{page}?step=1")
    _choose(desk, b"not a workbook")
    expect(desk.locator(".alert--bad")).to_be_visible()

    raw = xlsx(row(**said), row(**(said | wrong)))
    _choose(desk, raw)
    expect(desk.get_by_role("rowheader", name="G6")).to_be_visible()
    _choose(desk, raw)

    desk.wait_for_url("**step=2")
    desk.locator("form[action$='/rows/'] [type=submit]").click()
    desk.wait_for_url("**list=sheet")
    expect(desk.locator("tbody").last).to_contain_text("BT")


def _choose(desk: Page, raw: bytes) -> None:
    file: FilePayload = {"name": "month.xlsx", "mimeType": "application/zip", "buffer": raw}
    form = desk.locator("form[enctype]")
    form.locator("[name=file]").set_input_files(file)
    form.locator("[type=submit]").click()


def _said_what_shows_it(desk: Page) -> None:
    desk.goto("/settlement/exceptions/?state=answered")
    desk.locator("tbody th a").first.click()
    desk.locator("[name=resolution]").select_option("other-proof")
    desk.locator("[name=reason]").fill("The report of the trip lies here")
    desk.locator("form:has([name=resolution]) [type=submit]").click()
    desk.wait_for_url("**/exceptions/")


def _sent(desk: Page, page: str, folder: Path) -> None:
    desk.goto(f"{page}?step=6")
    desk.locator("form[action$='/payments/'] [type=submit]").click()
    sheet = openpyxl.load_workbook(_downloaded(desk, "trips", folder)).worksheets[0]

    assert (sheet["R5"].value, sheet["R6"].value) == (20_000, None)
    assert sheet["O5"].value == WHO


def _downloaded(desk: Page, name: str, folder: Path) -> Path:
    with desk.expect_download() as download:
        desk.locator(f"a[download][href$='/sheets/{name}']").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def _answered(desk: Page, page: str, folder: Path) -> None:
    text = _downloaded(desk, "payments-csv", folder).read_text("utf-8-sig")
    head, *lines = csv.reader(StringIO(text))
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for line in lines:
        done = {"결과": "지급", "지급일자": str(timezone.localdate())}
        writer.writerow((dict(zip(head, line, strict=True)) | done).values())
    desk.goto("/settlement/payments/")
    file: FilePayload = {
        "name": "answer.csv",
        "mimeType": "text/csv",
        "buffer": out.getvalue().encode("cp949"),
    }
    desk.locator("[name=file]").set_input_files(file)
    desk.locator("form[enctype] [type=submit]").click()
    desk.locator("form:has([name=digest]) [type=submit]").click()
    expect(desk.locator("form[enctype]")).to_be_visible()
    desk.goto(f"{page}?step=6")
    expect(desk.locator("form[action$='/payments/']")).to_have_count(0)


def _taken_back_by_two(first: Page, second: Page) -> None:
    first.goto("/settlement/batches/")
    first.locator("tbody a").first.click()
    first.locator("a[href*='/settlement/settlements/']").first.click()
    where = re.sub(r"^https?://[^/]+", "", first.url)
    for desk in (first, second):
        desk.goto(where)
        desk.locator("[name=reason]").fill("The wrong person was paid")
        desk.locator("form:has([name=reason]) [type=submit]").click()
        expect(desk.locator(".alert--ok, .toast, [role=status]").first).to_be_visible()
    second.goto("/settlement/clawbacks/")
    expect(second.locator("tbody")).to_contain_text(WHO)
    expect(second.locator("tbody")).to_contain_text("20,000")
