"""What every answer carries, whatever it is: a page, an error, a file, a program's reply."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Person
from config.headers import PERMISSIONS
from tests.config.doors import AUDITOR, CLERK, DOORS
from tests.conftest import phone_of
from tests.settlement.desk import batch_of
from trips.models import Trip

# security.md §3, word for word; a nonce stands where the page has one.
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'strict-dynamic'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:", "blob:"},
    "connect-src": {"'self'"},
    "font-src": {"'self'"},
    "worker-src": {"'self'"},
    "manifest-src": {"'self'"},
    "media-src": {"'self'", "blob:"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "require-trusted-types-for": {"'script'"},
}
# The one widening of these rooms: the station's reader is WebAssembly.
_WASM = {"script-src": {"'wasm-unsafe-eval'"}}
WIDER = {"/settlement/scan/": _WASM, "/settlement/scan/offline/": _WASM}
NONCE = re.compile(r"'nonce-([\w+/=-]{16,})'")
SCRIPT = re.compile(r"<(?:script|style)\b([^>]*)>")

PAGES = {
    "mallory": ["/", "/trips/", "/me/", "/me/diary/", "/help/", "/no-such-page/", "/audit/"],
    "felix": [f"/{d.route}" for d in DOORS if d.who == CLERK and d.methods[0] == "get"],
    "iris": [f"/{d.route}" for d in DOORS if d.who == AUDITOR and d.methods[0] == "get"],
    "olga": ["/manage/people/", "/manage/imports/"],
}
SIGNED_IN = [(who, page) for who, pages in PAGES.items() for page in pages if "<" not in page]
STRANGERS = [
    "/login/",
    "/help/",
    "/privacy/",
    "/accessibility/",
    "/livez",
    "/readyz",
    "/api/docs/",
    "/api/schema/",
    "/no-such-page/",
    "/api/v1/no-such-thing",
    "/api/v1/batches",
    "/V",
]


def policy_of(answer: Any) -> dict[str, set[str]]:
    """Its directives without their nonces, and without where reports go."""
    said = NONCE.sub("", answer.headers["Content-Security-Policy"])
    parts = [part.split() for part in said.split(";")]
    return {name: set(rest) for name, *rest in parts if not name.startswith("report-")}


def expect_the_headers(answer: Any, page: str) -> None:
    wider = WIDER.get(page, {})
    assert policy_of(answer) == {
        name: sources | wider.get(name, set()) for name, sources in POLICY.items()
    }
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == PERMISSIONS
    assert "no-store" in headers["Cache-Control"]


def expect_nonces(answer: Any) -> None:
    """Every script and style of a page carries the nonce of its own answer."""
    nonces = set(NONCE.findall(answer.headers["Content-Security-Policy"]))
    for attributes in SCRIPT.findall(answer.content.decode()):
        (said,) = re.findall(r'nonce="([^"]+)"', attributes)
        assert {said} == nonces
    assert not re.search(r"\son\w+=|javascript:|\sstyle=", answer.content.decode())


@pytest.mark.parametrize("page", STRANGERS)
def test_what_a_stranger_gets_carries_every_header(page: str, db: None) -> None:
    answer = Client().get(page)

    expect_the_headers(answer, page)
    expect_nonces(answer)


@pytest.mark.parametrize(("who", "page"), SIGNED_IN)
def test_every_page_carries_every_header(
    who: str, page: str, request: pytest.FixtureRequest
) -> None:
    answer = phone_of(request.getfixturevalue(who)).get(page)

    assert answer.status_code in {200, 302, 403, 404, 405}
    expect_the_headers(answer, page)
    expect_nonces(answer)


def test_a_nonce_is_used_for_one_answer(felix: Person) -> None:
    desk = phone_of(felix)
    pages = [desk.get("/settlement/scan/") for _ in range(3)]

    nonces = [NONCE.findall(p.headers["Content-Security-Policy"]) for p in pages]

    assert len({nonce for (nonce,) in map(set, nonces)}) == 3


def test_a_full_batch_and_a_refusal_carry_them_too(felix: Person, payable: Trip) -> None:
    batch = batch_of(felix, payable)
    desk = phone_of(felix)
    where = f"/settlement/batches/{batch.uid}/"

    shown = desk.get(where)
    gone = desk.post("/settlement/batches/", {"trip": str(batch.uid)}, format="multipart")

    assert gone.status_code == 409
    for answer in (shown, gone):
        expect_the_headers(answer, where)
        expect_nonces(answer)


def test_the_permissions_are_those_a_touch_needs() -> None:
    said = dict(part.split("=") for part in PERMISSIONS.split(", "))

    assert {name for name, value in said.items() if value == "(self)"} == {
        "geolocation",
        "camera",
        "publickey-credentials-get",
        "publickey-credentials-create",
        "accelerometer",
        "gyroscope",
    }
    assert set(said.values()) == {"(self)", "()"}
    assert said["microphone"] == "()"


def test_a_form_from_elsewhere_is_refused(felix: Person) -> None:
    desk = APIClient(enforce_csrf_checks=True)
    desk.force_login(felix, backend="accounts.backends.NumberBackend")

    page = desk.post("/settlement/scan/", {"number": "x"}, format="multipart")
    program = desk.post("/api/v1/batches", {}, format="json")

    assert (page.status_code, program.status_code) == (403, 403)
    assert "새로 고친" in page.content.decode()
    assert set(program.json()) == {"code", "detail"}
    # Told apart from a duty that is lacking: with a new token it may be asked again.
    assert program.json()["code"] == "request.forged"


def test_another_host_is_answered_with_plain_words(db: None) -> None:
    answer = Client().get("/login/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert answer.content == b"request.shape\n"
