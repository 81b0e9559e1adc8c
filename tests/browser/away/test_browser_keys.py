"""The key of a browser: it never leaves it, and signs where no passkey does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.acts import becomes, near, press
from tests.browser.chromium import PHONE
from tests.browser.passkeys import Passkeys
from tests.browser.pockets import Pocket, pocket_of
from tests.browser.server import Server, Stage
from tests.browser.windows import Windows

from .phone import (
    HURRIED,
    Ada,
    mended,
    rows,
    waits,
)


@pytest.fixture
def keyed(playwright: Playwright, server: Server, ada: Ada, tmp_path: Path) -> Iterator[Pocket]:
    """Ada's, before she has any key at all."""
    with pocket_of(playwright, server, tmp_path, person=ada) as made:
        yield made


def test_the_key_of_a_browser_stays_in_it_and_signs_without_a_line(
    keyed: Pocket, stage: Stage, ada: Ada
) -> None:
    page = keyed.ready()
    page.goto("/me/devices/")
    page.locator("device-key [type=submit]").click()
    expect(page.locator("device-key")).to_have_attribute("data-state", "live")
    before = page.evaluate(KEY, ada["uid"])
    assert (before["extractable"], before["error"]) == (False, "InvalidAccessError")
    keyed.open(page)
    expect(page.locator("check-in")).to_have_attribute("data-provided", "")
    keyed.kill()

    page = keyed.start(offline=True)
    assert page.evaluate(KEY, ada["uid"]) == before
    press(page, "arrive")
    becomes(page, "queued")
    mended(page)
    waits(page, 0)
    ((kind, signer, verdict),) = rows(stage, ada)
    assert (kind, signer) == ("arrive", "device_key")
    assert verdict != "INVALID"


KEY = """async (owner) => {
  const opened = (asked) => new Promise((resume, fail) => {
    asked.onsuccess = () => resume(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const database = await opened(indexedDB.open("tripseal-phone"));
  const store = database.transaction("held").objectStore("held");
  const { id, pair } = await opened(store.get(`device-key ${owner}`));
  const error = await crypto.subtle.exportKey("pkcs8", pair.privateKey).catch(({ name }) => name);
  database.close();
  return { id, extractable: pair.privateKey.extractable, error };
}"""


def test_where_the_passkey_is_silent_the_key_of_the_browser_signs(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada, permissions=["geolocation"], geolocation=near())
    keys = Passkeys.of(phone)
    phone.goto("/enrol/?next=/me/devices/")
    phone.locator("passkey-enrol [type=submit]").click()
    phone.wait_for_url(lambda url: "/enrol/" not in url)
    phone.locator("device-key [type=submit]").click()
    expect(phone.locator("device-key")).to_have_attribute("data-state", "live")
    keys.forget()
    phone.goto("/")
    phone.locator("check-in").evaluate(HURRIED)
    press(phone, "arrive")
    phone.locator("check-in [data-act=device-key]").click()
    expect(phone.locator("check-in .result")).to_be_visible()

    ((kind, signer, _),) = rows(stage, ada)
    assert (kind, signer) == ("arrive", "device_key")


def test_a_browser_that_keeps_no_key_says_so_and_enrols_none(
    window: Windows, stage: Stage, ada: Ada
) -> None:
    phone = window(PHONE, person=ada)
    phone.goto("/me/devices/")
    phone.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (value, ...more) {
            if (value?.privateKey) throw new DOMException("no", "DataCloneError");
            return put.call(this, value, ...more);
          };
        }"""
    )
    phone.locator("device-key [type=submit]").click()

    expect(phone.locator("device-key")).to_have_attribute("data-state", "unkept")
    phone.reload()
    expect(phone.locator("device-key form")).to_be_visible()
