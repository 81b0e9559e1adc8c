"""Notices never go to where they must not: only push services that show who they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.adapters import push_services
from accounts.models import Notice, Person, PushAddress
from accounts.push_places import place_of
from accounts.services.deliver_notice import deliver_notice
from attest.errors import PushRefused
from tests.accounts.pushing import API, subscription, takes_notices, tell
from tests.conftest import NOON, phone_of
from tests.push_service import Browser, PushService

# --- where it may go ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://evilpush.apple.com.evil.example/",
        "https://notpush.apple.com/x",
        "https://fcm.googleapis.com/x\r\nHost: evil.example",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/#x",
        "https://fcm。googleapis.com/x",
        "https://fcm.googleapis.com:99999/x",
        "https://fcm.googleapis.com/" + "x" * 1_000,
        "file:///etc/passwd",
        "fcm.googleapis.com",
        "",
    ],
)
def test_an_address_that_is_no_push_service_is_refused(
    url: str, ada: Person, switched_on: Path
) -> None:
    with pytest.raises(PushRefused):
        place_of(url)
    body = subscription(Browser(url))
    assert phone_of(ada).post(API, body, format="json").status_code == 400
    assert not PushAddress.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/x:y",
        "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://web.push.apple.com/x",
        "https://wns2-sg2p.notify.windows.com/w/?token=x",
        "https://fcm.googleapis.com:443/x",
    ],
)
def test_the_services_of_browsers_are_known(url: str) -> None:
    assert place_of(url).scheme == "https"


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1",
    ],
)  # fmt: skip
def test_a_listed_name_that_leads_inside_is_never_spoken_to(
    inside: str,
    ada: Person,
    service: PushService,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody who runs the name could point it at the office's own network, now or later."""
    takes_notices(ada, service)
    tell(ada)
    settings.PUSH_INSIDE = False
    public = ("93.184.215.14", 443)
    answers = [(0, 0, 0, "", public), (0, 0, 0, "", (inside, 443))]
    monkeypatch.setattr(push_services, "getaddrinfo", lambda *_, **__: answers)
    dialled: list[Any] = []
    monkeypatch.setattr(push_services, "create_connection", lambda *to: dialled.append(to))

    assert deliver_notice(now=NOON)
    assert dialled == []
    assert service.asked == 0


def test_a_service_that_cannot_show_who_it_is_gets_nothing(
    ada: Person, service: PushService, settings: Any
) -> None:
    takes_notices(ada, service)
    tell(ada)
    settings.PUSH_CA_FILE = ""

    assert deliver_notice(now=NOON)
    assert service.asked == 0
    assert Notice.objects.get().tries == 1


def test_a_host_that_is_taken_off_the_list_hears_no_more(
    ada: Person, service: PushService, settings: Any
) -> None:
    takes_notices(ada, service)
    tell(ada)
    settings.PUSH_HOSTS = ("fcm.googleapis.com",)

    assert deliver_notice(now=NOON)
    assert (service.asked, Notice.objects.count()) == (0, 0)


def test_nothing_that_is_logged_or_kept_plainly_names_the_browser(
    ada: Person, service: PushService, caplog: pytest.LogCaptureFixture
) -> None:
    browser = takes_notices(ada, service)
    tell(ada)
    service.status = 500
    deliver_notice(now=NOON)

    secret = browser.url.rpartition("/")[2]
    assert secret not in caplog.text
    assert secret.encode() not in bytes(PushAddress.objects.get().where)
