"""Notices: sealed to one browser, once, silent at night, and never to where they must not go."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.adapters import push_services
from accounts.delivering import WAITS
from accounts.models import Notice, Person, Post, Postbox, PushAddress
from accounts.posting import post
from accounts.services.deliver_notice import deliver_notice
from accounts.services.keep_push_address import MOST
from config.working import deliver
from tests.accounts.pushing import API, subscription, takes_notices, tell
from tests.clock import Clock, stopped
from tests.conftest import NOON, phone_of
from tests.push_service import Browser, PushService, unb64
from trips.models import Trip
from vault import keyring
from vault.web_push import b64, point_of, sealed

# --- what is sent -------------------------------------------------------------------------


def test_the_published_message_is_sealed_byte_for_byte() -> None:
    """RFC 8291, appendix A."""
    key = int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    body = sealed(
        b"When I grow up, I want to be a watermelon",
        to=unb64(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        auth=unb64("BTBZMqHH6r4Tts7J_aSIgg"),
        key=derive_private_key(key, SECP256R1()),
        salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert b64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAm"
        "S6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_"
        "Qulcy4a-fN"
    )


def test_a_notice_reaches_the_browser_once_and_says_only_that_there_is_news(
    trip: Trip, ada: Person, service: PushService, clock: Clock
) -> None:
    takes_notices(ada, service)
    post(ada, kind=Post.Kind.PAID, dedupe="paid", about=trip.uid, now=NOON)
    post(ada, kind=Post.Kind.PAID, dedupe="paid", about=trip.uid, now=NOON)

    assert deliver() == 1
    assert deliver() == 0

    (said,) = service.heard
    row = Post.objects.get(dedupe="paid")
    assert said == {
        "title": "출장에 새 소식이 있어요",
        "tag": str(row.uid),
        "url": "/me/messages/",
    }
    assert service.sender == bytes(PushAddress.objects.get().sender)
    assert not Notice.objects.exists()


def test_it_is_said_in_the_language_of_its_person(
    ada: Person, service: PushService, clock: Clock
) -> None:
    Person.objects.filter(pk=ada.pk).update(language="en")
    takes_notices(ada, service)
    tell(ada, kind=Post.Kind.SIGNED_IN)
    deliver()

    assert service.heard[0]["title"] == "There is news about your account"


def test_a_deed_that_is_undone_notifies_nobody(ada: Person, service: PushService) -> None:
    takes_notices(ada, service)
    with transaction.atomic():
        tell(ada)
        transaction.set_rollback(True)

    assert not deliver_notice(now=NOON)
    assert service.asked == 0


def test_every_browser_of_a_person_hears_and_nobody_elses(
    ada: Person, bora: Person, service: PushService, clock: Clock
) -> None:
    for person in (ada, ada, bora):
        takes_notices(person, service)
    tell(ada)

    assert deliver() == 2
    assert len(service.heard) == 2


def test_a_kind_that_was_switched_off_shows_no_notice_and_stands_in_the_list(
    ada: Person, service: PushService, clock: Clock
) -> None:
    takes_notices(ada, service)
    Postbox.objects.create(person=ada, unshown=["paid"])
    tell(ada)
    tell(ada, "other", Post.Kind.CORRECTED)

    assert deliver() == 1
    assert Post.objects.filter(person=ada, kind="paid").exists()


def test_at_night_a_notice_waits_for_the_morning(ada: Person, service: PushService) -> None:
    takes_notices(ada, service)
    night = NOON + timedelta(hours=10)  # 22:00 in Seoul
    post(ada, kind=Post.Kind.PAID, dedupe="night", now=night)

    assert not deliver_notice(now=night + timedelta(hours=9, minutes=59))
    assert deliver_notice(now=night + timedelta(hours=10))
    assert len(service.heard) == 1


# --- services that say no -----------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    status: int, ada: Person, service: PushService
) -> None:
    takes_notices(ada, service)
    tell(ada)
    service.status = status

    assert deliver_notice(now=NOON)
    assert not PushAddress.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again_after_longer_and_longer(
    status: int, ada: Person, service: PushService
) -> None:
    Postbox.objects.create(person=ada, quiet_from=0, quiet_until=0)
    takes_notices(ada, service)
    tell(ada)
    service.status, at = status, NOON

    for wait in WAITS:
        assert deliver_notice(now=at)
        assert not deliver_notice(now=at + wait - timedelta(seconds=1))
        at += wait
    assert deliver_notice(now=at)
    assert not Notice.objects.exists()
    assert PushAddress.objects.exists()


@pytest.mark.parametrize("status", [302, 307, 400, 403, 413])
def test_a_no_that_lasts_and_a_way_to_elsewhere_are_the_end_of_one_notice(
    status: int, ada: Person, service: PushService
) -> None:
    takes_notices(ada, service)
    tell(ada)
    service.status, service.location = status, f"{service.origin}/elsewhere"

    assert deliver_notice(now=NOON)
    assert service.asked == 1
    assert not Notice.objects.exists()
    assert PushAddress.objects.exists()


def test_a_notice_that_came_twice_is_one_on_the_phone(
    ada: Person, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    Postbox.objects.create(person=ada, quiet_from=0, quiet_until=0)
    takes_notices(ada, service)
    tell(ada)
    send = push_services.send

    def killed(*args: Any, **said: Any) -> int:
        send(*args, **said)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.deliver_notice.send", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_notice(now=NOON)
    deliver_notice(now=NOON + WAITS[0])

    assert len({said["tag"] for said in service.heard}) == len(set(service.topics)) == 1
    assert len(service.heard) == 2


def test_under_a_newer_key_the_old_browsers_are_asked_nothing(
    ada: Person, service: PushService, settings: Any, tmp_path: Path
) -> None:
    takes_notices(ada, service)
    tell(ada)
    settings.KEY_FOLDER = shutil.copytree(settings.KEY_FOLDER, tmp_path / "newer")
    keyring.forget()
    call_command("keys", "push", verbosity=0)

    assert deliver_notice(now=NOON)
    assert service.asked == 0
    assert not PushAddress.objects.exists()


# --- keys that are none, and whose they are -------------------------------------------------


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("p256dh", "BA"),
        ("p256dh", b64(b"\2" + bytes(64))),
        ("auth", b64(bytes(15))),
        ("auth", b64(bytes(17))),
        ("auth", "한글"),
    ],
)
def test_keys_that_are_none_are_refused(
    field: str, text: str, ada: Person, service: PushService
) -> None:
    body = subscription(service.subscribe())
    body["keys"][field] = text

    answer = phone_of(ada).post(API, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "push.address")


def test_a_point_off_the_curve_ends_its_notice_and_stops_nobody_elses(
    ada: Person, bora: Person, service: PushService, clock: Clock
) -> None:
    body = subscription(service.subscribe())
    body["keys"]["p256dh"] = b64(b"\4" + bytes(63) + b"\1")
    assert phone_of(ada).post(API, body, format="json").status_code == 201
    takes_notices(bora, service)
    tell(ada)
    tell(bora, "b")

    assert deliver() == 2
    assert len(service.heard) == 1


def test_a_browser_that_changed_hands_hears_its_last_person_alone(
    ada: Person, bora: Person, service: PushService, clock: Clock
) -> None:
    body = subscription(service.subscribe())
    for person in (ada, bora):
        phone_of(person).post(API, body, format="json")
    tell(ada)

    assert deliver() == 0
    assert PushAddress.objects.get().person == bora


def test_of_many_browsers_the_oldest_goes(ada: Person, service: PushService) -> None:
    phone = phone_of(ada)
    for number in range(MOST + 1):
        with stopped(NOON + timedelta(minutes=2 * number)):
            phone.post(API, subscription(service.subscribe()), format="json")

    assert PushAddress.objects.count() == MOST


def test_who_signs_out_hears_no_more_on_that_browser_alone(
    ada: Person, service: PushService
) -> None:
    here, there = phone_of(ada), phone_of(ada)
    here.cookies["browser"], there.cookies["browser"] = "a" * 22, "b" * 22
    for phone in (here, there):
        phone.post(API, subscription(service.subscribe()), format="json")
    here.post("/logout/")

    assert PushAddress.objects.count() == 1
    assert there.post(f"{API}/end", format="json").json() == {"ended": 1}
    assert not PushAddress.objects.exists()


def test_the_page_ends_them_all_without_script(ada: Person, service: PushService) -> None:
    takes_notices(ada, service)
    page = Client()
    page.force_login(ada, backend="accounts.backends.NumberBackend")
    key = keyring.push_signer()
    assert key
    assert b64(point_of(key.public_key())) in page.get("/me/messages/settings/").content.decode()

    page.post("/me/messages/notices/end/")
    assert not PushAddress.objects.exists()


def test_where_push_is_not_switched_on_nothing_is_kept_or_offered(ada: Person) -> None:
    browser = Browser("https://fcm.googleapis.com/fcm/send/x")

    assert phone_of(ada).post(API, subscription(browser), format="json").status_code == 400
    page = Client()
    page.force_login(ada, backend="accounts.backends.NumberBackend")
    assert b"<push-notices" not in page.get("/me/messages/settings/").content


def test_strangers_find_a_closed_door_and_nobody_ends_anothers(
    ada: Person, mallory: Person, service: PushService
) -> None:
    takes_notices(ada, service)
    assert Client().post(API, {}, content_type="application/json").status_code in {401, 403}
    assert Client().post(f"{API}/end").status_code in {401, 403}
    assert Client().post("/me/messages/notices/end/").status_code == 302

    visitor = phone_of(mallory)
    visitor.cookies["browser"] = "a" * 22
    assert visitor.post(f"{API}/end", format="json").json() == {"ended": 0}
    assert PushAddress.objects.count() == 1


def test_one_flipped_bit_opens_for_nobody() -> None:
    browser = Browser("https://push.example/x")
    key = derive_private_key(7, SECP256R1())
    body = sealed(b"news", to=browser.point, auth=browser.auth, key=key, salt=bytes(16))
    assert browser.open(body) == b"news"

    for bit in range(21 * 8 + 65 * 8, len(body) * 8):
        bent = bytearray(body)
        bent[bit // 8] ^= 1 << bit % 8
        with pytest.raises((InvalidTag, ValueError)):
            browser.open(bytes(bent))
