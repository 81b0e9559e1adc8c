"""A lost phone, from its loss to the new one; what was good before stays good."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.devices import APPROVAL, approval_hash
from accounts.models import Department, Device, Organisation, Person, Place
from ledger.models import Outbox
from tests.authenticator import SoftAuthenticator
from tests.clock import Clock
from tests.conftest import NOON, enrolled, phone_of
from tests.trips.log import line_of
from tests.trips.offline import Pocket, browser_of
from tests.trips.touches import Phone
from trips.models import CheckIn, Trip
from vault.sealed import shred

EN = {"accept-language": "en"}


@pytest.fixture
def desk(olga: Person, clock: Clock) -> APIClient:
    """Where an administrator sits."""
    SoftAuthenticator(olga).enrol(now=NOON - timedelta(days=9))
    return phone_of(olga)


def lose(desk: APIClient, device: Device, since: str) -> Any:
    where = f"/manage/devices/{device.uid}/loss/"
    return desk.post(where, {"since": since}, format=None, headers=EN)


def verdicts(touch: CheckIn) -> list[str]:
    return [row.verdict for row in touch.assessments.order_by("pk")]


def test_what_it_signed_since_it_was_lost_counts_no_more_and_the_rest_stays_good(
    desk: APIClient, phone: Phone, trip: Trip, clock: Clock
) -> None:
    before = phone.touched(trip)
    clock.later(minutes=30)
    after = phone.touched(trip, "return")
    clock.later(minutes=30)

    answer = lose(desk, phone.key.device, "2026-11-23T12:15")

    assert answer.status_code == 302
    assert phone.key.device.revoked_at == NOON + timedelta(minutes=15)
    assert verdicts(before)[-1] != "INVALID"
    assert verdicts(after)[-1] == "INVALID"
    assert verdicts(after)[0] != "INVALID"
    assert {r["code"] for r in list(after.assessments.all())[-1].reasons} == {
        "integrity.device-revoked"
    }
    leaf = line_of(trip.log_id)[-1]
    assert (leaf["t"], leaf["of"]) == ("correction", after.leaf_n)


def test_a_touch_made_before_and_sent_after_stays_good(
    desk: APIClient, phone: Phone, trip: Trip, clock: Clock
) -> None:
    pocket = Pocket(phone, clock)
    pocket.stock(trip)
    early = pocket.press(trip)
    clock.later(minutes=30)
    late = pocket.press(trip, "return")
    clock.later(minutes=30)
    first, second = (CheckIn.objects.get(uid=one["id"]) for one in pocket.sent(early, late))

    lose(desk, phone.key.device, "2026-11-23T12:15")

    assert verdicts(first)[-1] != "INVALID"
    assert verdicts(second)[-1] == "INVALID"


def test_what_was_erased_meanwhile_hinders_no_removal(
    desk: APIClient, phone: Phone, trip: Trip, clock: Clock, settings: Any
) -> None:
    touch = phone.touched(trip)
    clock.later(hours=1)
    for key in Path(settings.SHRED_STORE).rglob("*loc*"):
        key.unlink()
    shred.forget()

    assert lose(desk, phone.key.device, "2026-11-23T12:00").status_code == 302
    assert phone.key.device.state == Device.State.REVOKED
    assert touch.assessments.count() == 1


def test_the_leaf_says_since_when(desk: APIClient, phone: Phone, clock: Clock) -> None:
    clock.later(hours=1)
    lose(desk, phone.key.device, "2026-11-23T12:15")

    said = json.loads(bytes(Outbox.objects.order_by("-pk")[0].entry))
    assert (said["what"], said["name"]) == ("device", "revoked")
    assert said["from"] == "2026-11-23T03:15:00.000000Z"


def test_one_removed_now_may_turn_out_to_have_been_lost_earlier_and_not_later(
    desk: APIClient, phone: Phone, trip: Trip, clock: Clock
) -> None:
    touch = phone.touched(trip)
    clock.later(hours=2)
    phone.sign_in()
    phone.api.post(f"/api/v1/devices/{phone.key.device.uid}/revocation")
    assert verdicts(touch) != ["INVALID"]

    lose(desk, phone.key.device, "2026-11-23T12:00")
    assert verdicts(touch)[-1] == "INVALID"
    lose(desk, phone.key.device, "2026-11-23T13:00")
    assert phone.key.device.revoked_at == NOON


@pytest.mark.parametrize(
    "since", ["2026-11-23T12:01", "2026-11-03T11:59", "", "x", "0001-01-01T00:00"]
)
def test_nothing_is_lost_before_it_was_there_or_in_time_to_come(
    since: str, desk: APIClient, phone: Phone
) -> None:
    answer = lose(desk, phone.key.device, since)

    assert answer.status_code == 200
    assert phone.key.device.state == Device.State.LIVE
    assert "field--bad" in answer.content.decode()


def test_the_minute_of_its_enrolment_counts_whole(desk: APIClient, phone: Phone) -> None:
    lose(desk, phone.key.device, "2026-11-03T12:00")

    device = phone.key.device
    assert device.revoked_at == device.enrolled_at


def test_from_the_lost_phone_to_a_new_one_through_the_help_desk(
    desk: APIClient, phone: Phone, trip: Trip, clock: Clock
) -> None:
    """T28: the old one out from the time told, a password by hand, a new one in and live."""
    good = phone.touched(trip)
    clock.later(hours=1)
    lose(desk, phone.key.device, "2026-11-23T12:30")
    page = desk.post(f"/manage/people/{phone.person.uid}/password/", headers=EN).content.decode()
    issued = page.partition('<strong class="hash lead">')[2].partition("<")[0]

    fresh = APIClient()
    body = {"number": "T-ada", "password": issued}
    assert fresh.post("/login/", body, format=None).status_code == 302
    new = Phone(phone.person, SoftAuthenticator(phone.person).enrol(now=clock()), fresh)

    assert new.key.device.state == Device.State.LIVE
    assert new.touch(trip, "return").json()["verdict"] != "INVALID"
    assert verdicts(good)[-1] != "INVALID"
    # Whoever holds the old one is signed out, and signed in again it signs nothing.
    assert phone.api.get("/api/v1/me").status_code == 401
    phone.person.refresh_from_db()
    phone.sign_in()
    assert phone.touch(trip, "stop").json()["verdict"] == "INVALID"


# --- the page ---------------------------------------------------------------------------------


def test_what_waits_stands_first(desk: APIClient, phone: Phone, clock: Clock) -> None:
    waiting = Phone.of(phone.person).key.device
    assert waiting.state == Device.State.WAITING

    page = desk.get("/manage/devices/", headers=EN).content.decode()
    assert page.index(str(waiting.uid)) < page.index(str(phone.key.device.uid))


def test_an_administrator_lets_a_device_in_with_their_own_passkey(
    desk: APIClient, olga: Person, phone: Phone, clock: Clock
) -> None:
    old, waiting = browser_of(phone, clock), browser_of(phone, clock).device
    Device.objects.filter(pk=waiting.pk).update(state="waiting", replaces=old.device)
    key = SoftAuthenticator(olga).enrol(now=NOON)
    Device.objects.filter(pk=key.device.pk).update(state="live")
    yes = key.step_up(action=APPROVAL, batch_hash=approval_hash(waiting), now=NOON)

    where = f"/manage/devices/{waiting.uid}/approval/"
    answer = desk.post(where, {"step_up": json.dumps(yes)}, format=None)

    assert answer.status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == Device.State.LIVE
    assert old.device.state == Device.State.RETIRED


def test_an_administrator_without_a_signature_lets_nothing_in(
    desk: APIClient, phone: Phone
) -> None:
    waiting = Phone.of(phone.person).key.device

    assert desk.post(f"/manage/devices/{waiting.uid}/approval/").status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == Device.State.WAITING


def test_twenty_six_devices_are_two_pages_without_a_gap(
    desk: APIClient, ada: Person, clock: Clock
) -> None:
    made = [SoftAuthenticator(ada).enrol(now=NOON).device for _ in range(26)]
    keys = {f"/manage/devices/{device.uid}/" for device in made}
    Device.objects.filter(person=ada).update(state="live")

    first = desk.get("/manage/devices/").content.decode()
    after = first.partition("?before=")[2].partition('"')[0]
    second = desk.get(f"/manage/devices/?before={after}").content.decode()
    assert {uid for uid in keys if uid in first} | {uid for uid in keys if uid in second} == keys
    assert not {uid for uid in keys if uid in first} & {uid for uid in keys if uid in second}


@pytest.mark.parametrize("page", ["", "approval/", "loss/"])
def test_another_office_is_not_there(page: str, desk: APIClient, site: Place, clock: Clock) -> None:
    elsewhere = Organisation.objects.create(name="다른시청")
    office = Department.objects.create(organisation=elsewhere, name="총무과")
    theirs = browser_of(Phone.of(enrolled("mallory", elsewhere, office, site)), clock)

    where = f"/manage/devices/{theirs.device.uid}/{page}"
    answer = desk.post(where) if page else desk.get(where)
    assert answer.status_code == 404
    assert str(theirs.device.uid) not in desk.get("/manage/devices/").content.decode()


# --- its name -----------------------------------------------------------------------------------


def test_she_calls_it_what_she_likes(phone: Phone) -> None:
    where = f"/api/v1/devices/{phone.key.device.uid}"
    answer = phone.api.patch(where, {"name": "빨간 휴대전화"}, format="json")

    assert answer.json()["name"] == "빨간 휴대전화"
    assert phone.key.device.name == "빨간 휴대전화"


@pytest.mark.parametrize("name", ["", " ", "가" * 51, "a\0b"])
def test_a_name_that_is_none_is_refused(name: str, phone: Phone) -> None:
    where = f"/api/v1/devices/{phone.key.device.uid}"

    assert phone.api.patch(where, {"name": name}, format="json").status_code == 400
    page = f"/me/devices/{phone.key.device.uid}/name/"
    assert phone.api.post(page, {"name": name}, format=None).status_code == 302
    assert phone.key.device.name == "시험 열쇠"


def test_by_the_page_as_well(phone: Phone) -> None:
    page = f"/me/devices/{phone.key.device.uid}/name/"
    phone.api.post(page, {"name": "업무용"}, format=None)

    assert phone.key.device.name == "업무용"
    assert "업무용" in phone.api.get("/me/devices/").content.decode()


@pytest.mark.parametrize("name", ["mallory", "olga"])
def test_nobody_else_names_it(name: str, phone: Phone, request: pytest.FixtureRequest) -> None:
    other, uid = phone_of(request.getfixturevalue(name)), phone.key.device.uid

    said = {"name": "내 것"}
    assert other.patch(f"/api/v1/devices/{uid}", said, format="json").status_code == 404
    assert other.post(f"/me/devices/{uid}/name/", said, format=None).status_code == 404
    assert phone.key.device.name == "시험 열쇠"
