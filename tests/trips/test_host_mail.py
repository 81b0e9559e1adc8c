"""The link goes to the host's mailbox: once, sealed while it waits, and never a flood."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from accounts.delivering import WAITS
from accounts.models import Person, Postbox
from tests.clock import Clock
from tests.trips.test_hosts import codes_of, through
from tests.trips.touches import CHECK_INS, Phone, without_position
from trips.models import CheckIn, HostAsk, HostLetter, Trip
from trips.services.deliver_host_letter import deliver_host_letter

HOST = "park@jinju.example"


@pytest.fixture(autouse=True)
def mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.kr"


@pytest.fixture
def touch(phone: Phone, trip: Trip, clock: Clock) -> CheckIn:
    return phone.touched(trip, **without_position("unavailable"))


@pytest.fixture
def calls(phone: Phone, touch: CheckIn, clock: Clock) -> Any:
    def call(address: str = HOST) -> Any:
        clock.later(minutes=1)
        body = {"mail": address}
        return phone.api.post(f"{CHECK_INS}/{touch.uid}/host-asks", body, format="json")

    return call


def link_in(letter: Any) -> str:
    (line,) = [one for one in letter.body.splitlines() if "/host#" in one]
    return str(line.partition("#")[2])


def test_the_letter_holds_the_link_and_the_traveller_never_does(
    calls: Any, touch: CheckIn, clock: Clock
) -> None:
    answer = calls()

    assert (answer.status_code, answer.json()["url"]) == (201, "")
    assert deliver_host_letter(now=clock())
    assert not deliver_host_letter(now=clock())
    (letter,) = mail.outbox
    assert letter.to == [HOST]
    for secret in ("시험구청", "도로 점검", "2026", "11월"):
        assert secret not in f"{letter.body} {letter.subject}"
    through(APIClient(), link_in(letter))
    assert "host.guest-link" in codes_of(touch)
    assert HostAsk.objects.get().domain == "jinju.example"


def test_the_address_is_sealed_while_it_waits_and_gone_afterwards(calls: Any, clock: Clock) -> None:
    calls()
    row = HostLetter.objects.get()
    assert row.address
    assert b"park" not in bytes(row.address)
    deliver_host_letter(now=clock())

    kept = HostLetter.objects.values_list("state", "address", "due_at")
    assert list(kept) == [("sent", None, None)]


def test_a_server_that_is_away_is_asked_again_while_the_link_lives(
    calls: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls()

    def away(*args: Any, **said: Any) -> None:
        raise OSError(HOST)

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", away)
        assert deliver_host_letter(now=clock())
    assert HOST not in caplog.text
    assert not deliver_host_letter(now=clock.later(minutes=1))
    assert deliver_host_letter(now=clock() + WAITS[0])
    assert len(mail.outbox) == 1


def test_a_link_that_is_over_or_answered_goes_nowhere(
    calls: Any, phone: Phone, touch: CheckIn, clock: Clock
) -> None:
    calls()
    assert deliver_host_letter(now=clock() + timedelta(days=1))
    calls("other@jinju.example")
    HostAsk.objects.filter(domain="jinju.example").update(
        answer="confirmed", relation="guest_link", answered_at=clock()
    )
    assert deliver_host_letter(now=clock())

    assert mail.outbox == []
    assert set(HostLetter.objects.values_list("state", "address")) == {("dead", None)}


def test_one_mailbox_gets_three_letters_a_day_whoever_asks_and_however_it_is_spelt(
    calls: Any, phone: Phone, clock: Clock
) -> None:
    for spelt in ("park@jinju.example", "Park@JINJU.example", "park+1@jinju.example"):
        assert calls(spelt).status_code == 201
    refused = calls("park+2@jinju.example")

    assert (refused.status_code, refused.json()["code"]) == (409, "host-ask.mailbox")
    clock.later(days=1)
    phone.sign_in()
    assert calls("park@jinju.example").status_code == 201


def test_one_traveller_sends_ten_letters_a_day(calls: Any, clock: Clock) -> None:
    for number in range(10):
        HostAsk.objects.update(expires_at=clock())  # five wait at once: that is another bound
        assert calls(f"host{number}@jinju.example").status_code == 201
    HostAsk.objects.update(expires_at=clock())
    refused = calls("host10@jinju.example")

    assert (refused.status_code, refused.json()["code"]) == (409, "host-ask.letters")
    assert HostLetter.objects.count() == HostAsk.objects.count() == 10


def test_nobody_sends_the_link_to_their_own_mailbox(calls: Any, ada: Person) -> None:
    box = Postbox(person=ada)
    box.put_address("Ada@Example.kr")
    box.save()

    assert calls("ada+host@example.kr").json()["code"] == "host-ask.own"
    assert not HostAsk.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "Park <park@jinju.example>",
        "park@",
        "x" * 100 + "@jinju.example",
    ],
)
def test_an_address_that_is_more_than_one_is_refused(address: str, calls: Any) -> None:
    assert calls(address).status_code == 400
    assert not HostLetter.objects.exists()


def test_without_a_mail_server_the_traveller_gets_the_link(calls: Any, settings: Any) -> None:
    settings.EMAIL_HOST = ""

    assert "/host#" in calls().json()["url"]
    assert not HostLetter.objects.exists()
