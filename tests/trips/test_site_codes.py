"""A screen at the place, and what reading it is worth: before, within and after the touch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Person, Place
from attest.site_code import digits_of, mac_of, site_key, step_at, text_of
from tests.clock import Clock
from tests.conftest import NOON, plan_of
from tests.trips.log import line_of, rows
from tests.trips.places import add_code, code_of, fetch, screen_at
from tests.trips.touches import Phone, codes, without_position
from trips.models import Item, Site, SiteTry, Trip
from trips.plan import PlannedStop
from trips.services.change_display import change_display
from trips.services.change_printed import change_printed
from trips.services.draft import draft
from trips.services.make_site import make_site
from trips.services.order import order
from trips.services.request import request
from vault import keyring

NOWHERE = without_position("unavailable")


@pytest.fixture
def screen(site: Place, olga: Person) -> Site:
    return screen_at(site, by=olga, now=NOON)[0]


def shown(screen: Site, steps: int) -> str:
    """The QR of another moment."""
    uid = screen.uid.bytes
    step = step_at(int(NOON.timestamp())) + steps
    return text_of(uid, step, key=site_key(keyring.site_code_key(), uid))


def typed(screen: Site, steps: int) -> str:
    uid = screen.uid.bytes
    step = step_at(int(NOON.timestamp())) + steps
    return digits_of(mac_of(uid, step, key=site_key(keyring.site_code_key(), uid)))


# --- the screen -----------------------------------------------------------------------


def test_a_screen_fetches_one_code_with_its_token(site: Place, olga: Person, clock: Clock) -> None:
    screen, token = screen_at(site, by=olga, now=NOON)

    said = fetch(screen, token)

    assert said.status_code == 200
    assert said.json()["digits"] == code_of(screen, at=NOON).digits
    assert said.json()["place"] == site.name
    assert 0 < said.json()["left_ms"] <= 30_000
    assert said["Cache-Control"] == "no-store"
    clock.later(seconds=30)
    assert fetch(screen, token).json()["text"] != said.json()["text"]


@pytest.mark.parametrize("token", ["", "x" * 43])
def test_a_wrong_token_finds_no_site(screen: Site, token: str) -> None:
    assert fetch(screen, token).status_code == 404


def test_a_new_token_ends_the_old_one_and_a_revoked_one_ends_all(site: Place, olga: Person) -> None:
    screen, first = screen_at(site, by=olga, now=NOON)
    second = change_display(screen, to="new", by=olga, now=NOON)

    assert [fetch(screen, first).status_code, fetch(screen, second).status_code] == [404, 200]
    change_display(screen, to="revoked", by=olga, now=NOON)
    assert fetch(screen, second).status_code == 404
    # No token at all is not the token of a screen that has none.
    assert fetch(screen, "").status_code == 404
    site.refresh_from_db()
    assert not site.site_equipped


# --- within the touch -----------------------------------------------------------------


@pytest.mark.parametrize("how", ["scanned", "typed"])
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_live_code_makes_a_touch_without_position_enough(
    how: str, steps: int, phone: Phone, trip: Trip, screen: Site
) -> None:
    text = shown(screen, steps) if how == "scanned" else typed(screen, steps)

    answer = phone.touch(trip, site=text, **NOWHERE)

    assert answer.json()["verdict"] == "SUFFICIENT"
    assert "site.rotating" in codes(answer)


@pytest.mark.parametrize("how", ["scanned", "typed"])
@pytest.mark.parametrize("steps", [-2, -14])
def test_a_code_of_some_minutes_ago_is_stale(
    how: str, steps: int, phone: Phone, trip: Trip, screen: Site
) -> None:
    text = shown(screen, steps) if how == "scanned" else typed(screen, steps)

    answer = phone.touch(trip, site=text, **NOWHERE)

    assert "flow.site-code-stale" in codes(answer)
    assert answer.json()["verdict"] == "SUPPLEMENT"


def test_a_smudge_is_no_evidence_and_no_concern_but_a_counted_try(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    whole = shown(screen, 0)
    smudged = whole[:-1] + ("A" if whole[-1] != "A" else "B")

    answer = phone.touch(trip, site=smudged, **NOWHERE)

    assert answer.status_code == 201
    assert {one for one in codes(answer) if one.startswith(("site.", "flow."))} == set()
    assert SiteTry.objects.get().wrong == 1


@pytest.mark.parametrize("text", ["", "garbage", "TSC1.", "e=00&c=00", "12345678901"])
def test_what_is_no_code_at_all_loses_no_touch(
    text: str, phone: Phone, trip: Trip, screen: Site
) -> None:
    answer = phone.touch(trip, site=text, **NOWHERE)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "SUPPLEMENT"
    assert not SiteTry.objects.exists()


def test_a_code_of_another_place_shows_nothing_about_this_trip(
    phone: Phone, trip: Trip, workplace: Place, olga: Person
) -> None:
    elsewhere, _ = screen_at(workplace, by=olga, now=NOON)

    answer = phone.touch(trip, site=shown(elsewhere, 0), **NOWHERE)

    assert {one for one in codes(answer) if one.startswith(("site.", "flow."))} == set()


def test_without_an_order_a_code_counts_wherever_it_is(phone: Phone, screen: Site) -> None:
    answer = phone.touch(None, site=shown(screen, 0), **NOWHERE)

    assert "site.rotating" in codes(answer)


def test_a_place_told_in_words_is_met_by_its_district(
    phone: Phone, bora: Person, site: Place, screen: Site
) -> None:
    stop = PlannedStop("시험구청 3층", site.unit, None, 6_200)
    plan = plan_of(bora, site, stops=(stop,))
    at = NOON - timedelta(hours=1)
    made = order(
        request(draft(traveller=phone.person, plan=plan, now=at), now=at), approver=bora, now=at
    )

    assert "site.rotating" in codes(phone.touch(made, site=shown(screen, 0), **NOWHERE))


def test_a_printed_code_weighs_little_and_an_older_print_nothing(
    phone: Phone, trip: Trip, site: Place, olga: Person
) -> None:
    door = make_site(site, name="정문", by=olga, now=NOON)
    first = change_printed(door, to="new", by=olga, now=NOON)
    second = change_printed(door, to="new", by=olga, now=NOON)

    assert "site.printed" in codes(phone.touch(trip, site=second, **NOWHERE))
    assert "site.printed" not in codes(phone.touch(trip, "stop", site=first, **NOWHERE))


# --- after the touch ------------------------------------------------------------------


def test_a_code_read_afterwards_weighs_the_touch_again(
    phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    clock.later(minutes=10)

    answer = add_code(phone, touch, code_of(screen, at=clock()).text)

    assert answer.status_code == 201
    assert answer.json()["verdict"] == "SUFFICIENT"
    before, after = touch.assessments.all()
    assert (before.verdict, after.verdict) == ("SUPPLEMENT", "SUFFICIENT")
    (item,) = Item.objects.all()
    assert (item.check_in, item.kind) == (touch, "site-code")
    leaf = line_of(trip.log_id)[-1]
    assert (leaf["t"], leaf["of"]) == ("correction", touch.leaf_n)


def test_the_page_of_the_trip_tells_of_the_code(
    phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    add_code(phone, phone.touched(trip, **NOWHERE), code_of(screen, at=NOON).text)

    page = phone.api.get(f"/trips/{trip.uid}/").content.decode()
    assert screen.words in page


def test_a_stale_code_afterwards_does_not_take_back_a_live_one(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    touch = phone.touched(trip, site=shown(screen, 0), **NOWHERE)

    assert "site.rotating" in codes(add_code(phone, touch, shown(screen, -20)))


def test_a_live_code_afterwards_makes_good_a_stale_one(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    touch = phone.touched(trip, site=shown(screen, -20), **NOWHERE)

    answer = add_code(phone, touch, shown(screen, 0))
    assert answer.json()["verdict"] == "SUFFICIENT"
    assert "flow.site-code-stale" not in codes(answer)


def test_a_printed_code_does_not_hide_a_stale_one(
    phone: Phone, trip: Trip, site: Place, screen: Site, olga: Person
) -> None:
    printed = change_printed(screen, to="new", by=olga, now=NOON)
    touch = phone.touched(trip, site=shown(screen, -20), **NOWHERE)

    assert "flow.site-code-stale" in codes(add_code(phone, touch, printed))


def test_five_wrong_codes_rest_for_ten_minutes_and_count_down(
    phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    wrong = f"{(int(typed(screen, 0)) + 1) % 10**8:08d}"

    left = [add_code(phone, touch, wrong).json() for _ in range(5)]

    assert [said.get("left") for said in left] == [4, 3, 2, 1, None]
    assert [said["code"] for said in left] == ["site-code.wrong"] * 4 + ["site-code.resting"]
    assert "4번 남았어요" in left[0]["detail"]
    # The right one has to wait as well.
    assert add_code(phone, touch, typed(screen, 0)).json()["code"] == "site-code.resting"
    clock.later(minutes=9, seconds=59)
    assert add_code(phone, touch, code_of(screen, at=clock()).digits).status_code == 409
    clock.later(seconds=1)
    assert add_code(phone, touch, code_of(screen, at=clock()).digits).status_code == 201


@pytest.mark.parametrize(
    ("text", "code"),
    [("1234", "site-code.unread"), ("HTTPS://LOCALHOST/V#123", "site-code.unread")],
)
def test_what_was_not_a_code_costs_no_try(
    text: str, code: str, phone: Phone, trip: Trip, screen: Site
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    before = rows()

    answer = add_code(phone, touch, text)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert rows() == before


def test_a_code_of_elsewhere_is_told_so(
    phone: Phone, trip: Trip, workplace: Place, olga: Person
) -> None:
    elsewhere, _ = screen_at(workplace, by=olga, now=NOON)
    touch = phone.touched(trip, **NOWHERE)

    assert add_code(phone, touch, shown(elsewhere, 0)).json()["code"] == "site-code.elsewhere"


@pytest.mark.parametrize(("minutes", "status"), [(270, 201), (271, 409)])
def test_a_code_counts_until_the_planned_end(
    minutes: int, status: int, phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    clock.later(minutes=minutes)
    phone.sign_in()

    answer = add_code(phone, touch, code_of(screen, at=clock()).text)
    assert answer.status_code == status
    assert answer.json().get("code", "site-code.over") == "site-code.over"


def test_nothing_is_added_to_a_touch_that_was_taken_back(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    touch = phone.touched(trip, **NOWHERE)
    phone.take_back(touch)

    assert add_code(phone, touch, shown(screen, 0)).json()["code"] == "trip.move-refused"


# --- the key is renewed ---------------------------------------------------------------


@pytest.fixture
def own_keys(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield
    keyring.forget()


@pytest.mark.parametrize("how", [shown, typed])
def test_a_code_on_a_screen_survives_the_renewal_of_its_key(
    how: Callable[[Site, int], str],
    own_keys: None,
    phone: Phone,
    trip: Trip,
    screen: Site,
    clock: Clock,
) -> None:
    before = how(screen, 0)
    call_command("keys", "renew", "site-code")
    after = how(screen, 0)
    assert before != after

    for text in (before, after):
        assert "site.rotating" in codes(phone.touch(trip, site=text, **NOWHERE))


def test_an_hour_later_the_old_key_makes_no_codes_any_more(
    own_keys: None, phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    stolen = keyring.site_code_key()
    call_command("keys", "renew", "site-code")
    clock.later(hours=1, seconds=1)
    uid, step = screen.uid.bytes, step_at(int(clock.at.timestamp()))
    forged = text_of(uid, step, key=site_key(stolen, uid))

    touch = phone.touched(trip, **NOWHERE)

    assert add_code(phone, touch, forged).json()["code"] == "site-code.wrong"
    assert add_code(phone, touch, code_of(screen, at=clock.at).text).status_code == 201


# --- promises -------------------------------------------------------------------------

ORDER = {"INVALID": 0, "REVIEW": 1, "SUPPLEMENT": 2, "SUFFICIENT": 3}


@pytest.mark.parametrize("position", ["given", "refused", "unavailable", "timeout", "unsupported"])
@pytest.mark.parametrize("first", [None, -20, 0])
def test_adding_a_live_code_never_makes_the_verdict_worse(
    position: str, first: int | None, phone: Phone, trip: Trip, screen: Site
) -> None:
    where: dict[str, Any] = {} if position == "given" else without_position(position)
    text = None if first is None else shown(screen, first)
    touch = phone.touched(trip, site=text, **where)

    answer = add_code(phone, touch, shown(screen, 0))

    (before, after) = touch.assessments.all()
    assert ORDER[after.verdict] >= ORDER[before.verdict]
    assert after.support >= before.support
    assert answer.json()["verdict"] == after.verdict


def test_no_code_lies_in_the_clear(phone: Phone, trip: Trip, screen: Site) -> None:
    text = shown(screen, 0)
    touch = phone.touched(trip, **NOWHERE)
    add_code(phone, touch, text)

    (item,) = Item.objects.all()
    assert item.box().open().decode() == screen.words
    assert text not in json.dumps(line_of(trip.log_id))
