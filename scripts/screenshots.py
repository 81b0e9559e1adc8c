"""Take the pictures of the README: `.venv/bin/python scripts/screenshots.py`.

A demonstration of its own, in a folder that goes again; a phone that touches, a desk that
scans; each picture reduced to few colours, so that the repository stays small.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import which
from time import sleep
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Geolocation, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
PORT = 8_031
ORIGIN = f"http://localhost:{PORT}"
MOST_BYTES, COLOURS = 120_000, 64
PASSWORD = "gaon-demo-2026"  # noqa: S105 -- the demonstration's, printed at each of its starts
TRAVELLER, CLERK = "G0001", "G0003"
# Beside the district office where the first trip of today leads.
THERE: Geolocation = {"latitude": 35.2536571, "longitude": 128.6403217, "accuracy": 12}
# A scanner's keys come faster than a driven browser can type.
SCANNED = """keys => {
  for (const key of keys) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  }
}"""
# A driven browser says that it is one, and is judged for it; these pictures show a person's.
BY_HAND = "--disable-blink-features=AutomationControlled"
A_PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Mobile Safari/537.36"
)
PAYABLE = """
from django.utils import timezone
from accounts.models import Person
from settlement.models import Payable
from settlement.paying import for_judging, judge
from settlement.selectors import may_settle, trips_settled_by
from trips.models import State
from trips.receipt import receipt_of
from trips.selectors import standing
clerk = Person.objects.get(name="서이든")
trips = for_judging(trips_settled_by(clerk)).filter(state=State.CONFIRMED).order_by("-ends_at")
good = (t for t in trips if may_settle(clerk, t, at=timezone.now()))
trip = next(t for t in good if judge(t).payable == Payable.PAYABLE and len(standing(t)) > 1)
print(receipt_of(standing(trip)[0], reader=trip.traveller).text)
"""


def manage(env: Mapping[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    return done.stdout


@contextmanager
def demonstration() -> Iterator[str]:
    """A served demonstration; gives the text of a receipt that can be paid."""
    with tempfile.TemporaryDirectory() as place:
        env = os.environ | {"TRIPSEAL_DATA": place, "TRIPSEAL_ORIGIN": ORIGIN, "TRIPSEAL_DEMO": "1"}
        env.pop("TRIPSEAL_DATABASE_URL", None)
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "keys", "create", "--since", "2026-01-01")
        manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        manage(env, "demo")
        receipt = manage(env, "shell", "--verbosity", "0", "-c", PAYABLE).strip()
        gunicorn = str(Path(sys.executable).with_name("gunicorn"))
        command = [gunicorn, "config.wsgi", "--bind", f"127.0.0.1:{PORT}", "--threads", "8"]
        server = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=env)
        try:
            _await_server()
            yield receipt
        finally:
            server.terminate()
            server.wait(timeout=30)


def _await_server() -> None:
    for _ in range(150):
        try:
            urlopen(f"{ORIGIN}/livez", timeout=5).close()  # noqa: S310 -- loopback
        except OSError:
            sleep(0.2)
        else:
            return
    raise SystemExit("the demonstration did not start")


def signed_in(context: BrowserContext, number: str) -> Page:
    page = context.new_page()
    page.goto(f"{ORIGIN}/login/")
    page.locator("[name=number]").fill(number)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url("**/enrol/**")
    return page


def with_passkey(page: Page) -> None:
    """Enrol the passkey of a pretended phone: it stays there and asks for a finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    options |= {"automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.locator("passkey-enrol button[type=submit]").click()
    page.wait_for_url(f"{ORIGIN}/")


def phone(browser: Browser) -> bytes:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        user_agent=A_PHONE,
        locale="ko-KR",
        timezone_id="Asia/Seoul",
        geolocation=THERE,
        permissions=["geolocation"],
    )
    page = signed_in(context, TRAVELLER)
    with_passkey(page)
    page.locator("button.touch").click()
    page.locator("check-in .qr-tile svg").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(600)
    return page.screenshot()


def station(browser: Browser, receipt: str) -> bytes:
    context = browser.new_context(
        viewport={"width": 1280, "height": 980}, locale="ko-KR", timezone_id="Asia/Seoul"
    )
    page = signed_in(context, CLERK)
    page.goto(f"{ORIGIN}/settlement/scan/")
    page.locator("[data-source=scanner]").click()
    page.evaluate(SCANNED, [*receipt, "Enter"])
    page.locator(".verdict").first.wait_for()
    page.wait_for_timeout(800)
    return page.screenshot()


def keep(name: str, shot: bytes) -> None:
    with Image.open(BytesIO(shot)) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    file = IMAGES / name
    small.save(file, optimize=True)
    if file.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{name} is too large: {file.stat().st_size} bytes")
    print(f"{name}: {file.stat().st_size} bytes")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demonstration() as receipt, sync_playwright() as play:
        arguments = ["--no-sandbox", BY_HAND]
        browser = play.chromium.launch(executable_path=which("chromium"), args=arguments)
        keep("phone.png", phone(browser))
        keep("station.png", station(browser, receipt))
        browser.close()


if __name__ == "__main__":
    main()
