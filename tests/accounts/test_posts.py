"""Messages: with the deed or not at all, once, without a word of where, what for or how much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from smtplib import SMTPServerDisconnected
from socket import socket
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.adapters import letters
from accounts.delivering import WAITS
from accounts.models import Person, Post, Postbox
from accounts.posting import News, loud_from, post, post_all
from accounts.services.change_postbox import change_postbox
from accounts.services.deliver_post import deliver_post
from config.working import deliver
from ledger.models import Outbox
from tests.clock import Clock, stopped
from tests.conftest import NOON, phone_of
from trips.models import Trip
from trips.services.return_request import return_request

KST = ZoneInfo("Asia/Seoul")
PAPER: dict[str, Any] = {
    "address": "ada@example.kr",
    "silent": (),
    "unshown": (),
    "quiet_from": 21,
    "quiet_until": 8,
    "zone": "Asia/Seoul",
}


class Postman:
    """What the mail server took in, and what it answers."""

    def __init__(self) -> None:
        """Everything is taken until a test says otherwise."""
        self.taken: list[tuple[list[str], Message]] = []
        self.answer = "250 OK"

    async def handle_DATA(  # noqa: N802 -- the name the server calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        if self.answer.startswith("250"):
            content = message_from_bytes(envelope.original_content or b"")
            self.taken.append((list(envelope.rcpt_tos), content))
        return self.answer


@pytest.fixture
def clock(installation: None) -> Iterator[Clock]:
    with stopped(NOON) as clock:
        yield clock


@pytest.fixture
def postman(settings: Any) -> Iterator[Postman]:
    """A mail server on this machine, spoken to by SMTP."""
    postman = Postman()
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(postman, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    yield postman
    server.stop()


def wants_letters(person: Person, **said: Any) -> Postbox:
    return change_postbox(person, now=NOON, **(PAPER | said))


def tell(person: Person, name: str = "n", kind: Post.Kind = Post.Kind.DECIDED) -> Post:
    post(person, kind=kind, dedupe=name, now=NOON)
    return Post.objects.get(dedupe=name)


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.NumberBackend")
    return client


# --- with the deed ------------------------------------------------------------------------


def test_an_order_tells_the_traveller_and_the_request_told_the_approver(
    trip: Trip, ada: Person, bora: Person
) -> None:
    told = Post.objects.order_by("pk").values_list("person", "kind", "about")

    assert list(told) == [(bora.pk, "to_order", trip.uid), (ada.pk, "decided", trip.uid)]


def test_a_deed_that_is_undone_has_told_nobody(trip: Trip, bora: Person) -> None:
    Trip.objects.update(state="requested")
    before = Post.objects.count()

    with transaction.atomic():
        return_request(trip, approver=bora, reason="날짜", now=NOON)
        told = Post.objects.count()
        transaction.set_rollback(True)

    assert (told, Post.objects.count()) == (before + 1, before)


def test_the_same_deed_is_told_once(ada: Person) -> None:
    first = tell(ada)

    assert tell(ada, kind=Post.Kind.PAID) == first
    assert Post.objects.get().kind == "decided"


def test_one_deed_tells_many_people_each_as_they_asked_to(
    ada: Person, bora: Person, felix: Person, settings: Any
) -> None:
    settings.EMAIL_HOST = "localhost"
    with stopped(NOON):
        change_postbox(ada, now=NOON, **PAPER)
        change_postbox(bora, now=NOON, **PAPER | {"silent": ["paid"]})
    post(ada, kind=Post.Kind.PAID, dedupe="settled:1", now=NOON)

    news = [News(who, f"settled:{n}") for n, who in enumerate((felix, ada, bora, ada))]
    post_all(news, kind=Post.Kind.PAID, now=NOON)

    told = Post.objects.filter(kind=Post.Kind.PAID).order_by("dedupe")
    assert list(told.values_list("dedupe", "person", "mail")) == [
        ("settled:0", felix.pk, "none"),
        ("settled:1", ada.pk, "waiting"),
        ("settled:2", bora.pk, "none"),
        ("settled:3", ada.pk, "waiting"),
    ]


def test_nothing_that_is_kept_says_where_what_for_or_how_much(trip: Trip) -> None:
    kept = str(list(Post.objects.values()))

    for secret in (trip.purpose, trip.number, trip.stops.get().text, trip.traveller.name):
        assert secret not in kept


# --- letters ------------------------------------------------------------------------------


def test_a_letter_goes_out_and_says_only_that_there_is_news(
    ada: Person, postman: Postman, clock: Clock
) -> None:
    wants_letters(ada)
    Post.objects.all().delete()
    row = tell(ada)

    assert deliver() == 1

    ((to, letter),) = postman.taken
    assert to == ["ada@example.kr"]
    assert letter["Message-ID"] == f"<{row.uid}@localhost>"
    assert letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert "http://localhost:8000/me/messages/" in body.decode()
    row.refresh_from_db()
    assert (row.mail, row.due_at) == ("sent", None)
    assert deliver() == 0


def test_who_gave_no_address_or_chose_silence_gets_no_letter(
    ada: Person, bora: Person, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.kr"
    wants_letters(bora, silent=["decided"])

    assert tell(ada, "a").mail == "none"
    assert tell(bora, "b").mail == "none"
    assert tell(bora, "c", Post.Kind.PAID).mail == "waiting"


def test_without_a_mail_server_no_letter_waits_for_one(ada: Person) -> None:
    wants_letters(ada)

    assert tell(ada).mail == "none"


def test_an_address_taken_away_before_the_letter_left_gets_none(
    ada: Person, postman: Postman
) -> None:
    wants_letters(ada)
    row = tell(ada)
    wants_letters(ada, address="")

    while deliver_post(now=NOON):
        pass

    row.refresh_from_db()
    assert (row.mail, postman.taken) == ("dropped", [])


def test_a_server_that_says_no_is_asked_again_after_longer_and_longer_until_it_is_given_up(
    ada: Person, postman: Postman, caplog: pytest.LogCaptureFixture
) -> None:
    wants_letters(ada, quiet_from=0, quiet_until=0)
    Post.objects.all().delete()
    row, at = tell(ada), NOON
    postman.answer = "451 try later"

    for wait in WAITS:
        assert deliver_post(now=at)
        row.refresh_from_db()
        assert (row.mail, row.fault, row.due_at) == ("waiting", "SMTPDataError", at + wait)
        assert not deliver_post(now=at + wait - timedelta(seconds=1))
        at += wait
    assert deliver_post(now=at)

    row.refresh_from_db()
    assert (row.mail, row.tries) == ("dead", len(WAITS) + 1)
    assert not deliver_post(now=at + timedelta(days=9))
    assert "ada@example.kr" not in caplog.text


def test_a_worker_killed_after_sending_sends_the_same_letter_again(
    ada: Person, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants_letters(ada, quiet_from=0, quiet_until=0)
    Post.objects.all().delete()
    tell(ada)

    def killed(row: Post, *, address: str) -> None:
        letters.send(row, address=address)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.deliver_post.send", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver_post(now=NOON)
    assert not deliver_post(now=NOON)  # its wait keeps others from it
    assert deliver_post(now=NOON + WAITS[0])

    first, second = (letter["Message-ID"] for _, letter in postman.taken)
    assert first == second
    assert not deliver_post(now=NOON + timedelta(days=2))


def test_a_server_that_hangs_up_loses_no_letter(
    ada: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_HOST = "mail.example.kr"
    wants_letters(ada)
    row = tell(ada)

    def hangs_up(*args: Any, **options: Any) -> None:
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr(mail.EmailMessage, "send", hangs_up)
    while deliver_post(now=NOON):
        pass

    row.refresh_from_db()
    assert (row.mail, row.fault) == ("waiting", "SMTPServerDisconnected")


# --- quiet hours --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "loud"),
    [
        ("2026-11-23T20:59", "2026-11-23T20:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-23T23:30", "2026-11-24T08:00"),
        ("2026-11-24T00:00", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00"),
    ],
)
def test_from_nine_to_eight_a_letter_waits_for_the_morning(said: str, loud: str) -> None:
    at = datetime.fromisoformat(said).replace(tzinfo=KST).astimezone(UTC)

    assert loud_from(Postbox(), at) == datetime.fromisoformat(loud).replace(tzinfo=KST)


def test_quiet_hours_are_those_of_the_place_somebody_lives_in() -> None:
    box = Postbox(zone="Europe/Paris")
    night = datetime(2026, 11, 23, 22, 0, tzinfo=ZoneInfo("Europe/Paris"))

    assert loud_from(box, NOON + timedelta(hours=1, minutes=-61)) > NOON  # 03:59 in Paris
    assert loud_from(box, night).astimezone(ZoneInfo("Europe/Paris")).hour == 8


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    lunch = Postbox(quiet_from=12, quiet_until=13)

    assert loud_from(lunch, NOON) == NOON + timedelta(hours=1)
    assert loud_from(Postbox(quiet_from=5, quiet_until=5), NOON) == NOON


# --- pages --------------------------------------------------------------------------------


def test_a_message_is_read_once_opened_and_leads_to_its_trip(trip: Trip, ada: Person) -> None:
    page = browser(ada)
    row = Post.objects.get(person=ada)
    assert page.get("/me/").context["ui"]["unread"] == 1

    answer = page.get(f"/me/messages/{row.uid}/")

    assert answer.headers["Location"] == f"/trips/{trip.uid}/"
    assert page.get("/me/").context["ui"]["unread"] == 0


def test_every_kind_of_message_leads_to_a_page(ada: Person, bora: Person, trip: Trip) -> None:
    pages = {"ada": browser(ada), "bora": browser(bora)}
    for kind in Post.Kind:
        who = {True: bora, False: ada}[kind.startswith("to_") or kind == "delegated"]
        post(who, kind=kind, dedupe=f"all:{kind}", about=trip.uid, now=NOON)
        row = Post.objects.get(dedupe=f"all:{kind}")
        answer = pages[who.name].get(f"/me/messages/{row.uid}/", follow=True)
        assert answer.status_code == 200, kind


def test_what_came_in_after_the_list_was_shown_stays_new(ada: Person) -> None:
    shown = tell(ada, "shown")
    later = tell(ada, "later")

    browser(ada).post("/me/messages/", {"upto": str(shown.uid)})

    shown.refresh_from_db()
    later.refresh_from_db()
    assert (shown.read_at is None, later.read_at is None) == (False, True)


@pytest.mark.parametrize("upto", ["", "x", "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5"])
def test_a_list_nobody_showed_is_not_marked(upto: str, ada: Person) -> None:
    row = tell(ada)

    assert browser(ada).post("/me/messages/", {"upto": upto}).status_code in {400, 404}
    row.refresh_from_db()
    assert row.read_at is None


def test_mallory_neither_opens_nor_marks_adas_message(ada: Person, mallory: Person) -> None:
    row, visitor = tell(ada), browser(mallory)

    assert visitor.get(f"/me/messages/{row.uid}/").status_code == 404
    assert visitor.post("/me/messages/", {"upto": str(row.uid)}).status_code == 404
    assert visitor.get("/me/messages/").context["posts"] == []
    row.refresh_from_db()
    assert row.read_at is None


def test_a_long_list_is_walked_without_a_gap(ada: Person) -> None:
    names = [tell(ada, f"{number}").pk for number in range(30)]
    first = browser(ada).get("/me/messages/")
    second = browser(ada).get(f"/me/messages/{first.context['next_url']}")

    seen = [row.pk for page in (first, second) for row in page.context["posts"]]
    assert seen == names[::-1]


def test_an_address_is_kept_sealed_told_in_the_log_and_to_its_person(ada: Person) -> None:
    form = {
        "address": "ada@example.kr",
        "letters": ["paid"],
        "quiet_from": "22",
        "quiet_until": "7",
        "zone": "Asia/Seoul",
    }

    assert browser(ada).post("/me/messages/settings/", form).status_code == 302

    box = Postbox.objects.get()
    assert b"example" not in bytes(box.address or b"")
    assert box.shown_address() == "ada@example.kr"
    assert "paid" not in box.silent
    assert "decided" in box.silent
    said = json.loads(bytes(Outbox.objects.latest("pk").entry))
    assert (said["t"], said["name"]) == ("config-change", "mail")
    assert Post.objects.get().kind == "account"
    # The same again changes nothing, and tells nobody.
    browser(ada).post("/me/messages/settings/", form)
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"address": "no"}, {"zone": "Mars/Base"}, {"quiet_from": "24"}, {"letters": ["x"]}]
)
def test_settings_that_cannot_be_are_refused_and_keep_what_was_typed(
    wrong: dict[str, Any], ada: Person
) -> None:
    form = {"address": "a@example.kr", "quiet_from": 21, "quiet_until": 8, "zone": "Asia/Seoul"}

    answer = browser(ada).post("/me/messages/settings/", form | wrong)

    assert answer.status_code == 400
    assert not Postbox.objects.exists()


# --- health and command -------------------------------------------------------------------


def test_letters_given_up_or_late_stand_on_a_line_of_readiness_without_closing_the_door(
    ada: Person, settings: Any, clock: Clock
) -> None:
    settings.EMAIL_HOST = "mail.example.kr"
    wants_letters(ada)
    assert Client().get("/readyz").json()["letters"] == "ok"
    clock.later(minutes=16)
    late = Client().get("/readyz")
    Post.objects.update(mail="dead")

    assert late.json()["letters"] == "ok (letters wait: is the worker running?)"
    assert Client().get("/readyz").json()["letters"] == "ok (1 letters given up in 30 days)"


def test_the_worker_does_one_turn_and_says_what_it_did(
    ada: Person, trip: Trip, postman: Postman, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    wants_letters(ada)
    clock.later(minutes=31)

    call_command("worker", "--once")

    assert capsys.readouterr().out == "1 reminders, 2 letters, 0 jobs, 0 exports\n"


def test_the_api_has_no_door_to_anothers_messages(mallory: Person) -> None:
    assert phone_of(mallory).get("/api/v1/me/messages").status_code == 404
