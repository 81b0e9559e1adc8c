"""The pages of sites and codes, with and without script."""

from __future__ import annotations

import re

import pytest

from accounts.models import Department, Grant, Organisation, Person, Place
from attest.site_code import Printed, read
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import rows
from tests.trips.places import code_of, fetch, screen_at
from tests.trips.touches import Phone, without_position
from trips.models import NfcTag, Site, Trip


@pytest.fixture
def screen(site: Place, olga: Person) -> Site:
    return screen_at(site, by=olga, now=NOON)[0]


def test_an_administrator_sees_a_token_once(site: Place, olga: Person) -> None:
    desk = phone_of(olga)
    made = desk.post("/manage/sites/", {"place": site.pk, "name": "3층"})
    here = made["Location"]

    page = desk.post(here, {"act": "display-new"}).content.decode()

    (token,) = re.findall(r"/display/#([\w-]{43})", page)
    assert fetch(Site.objects.get(), token).status_code == 200
    assert token not in desk.get(here).content.decode()
    assert bytes(Site.objects.get().display_digest or b"").hex() not in page


def test_a_printed_code_is_drawn_once(screen: Site, olga: Person) -> None:
    desk, here = phone_of(olga), f"/manage/sites/{screen.uid}/"

    page = desk.post(here, {"act": "printed-new"}).content.decode()

    (text,) = re.findall(r"TSP1\.[A-Z2-7]+", page)
    assert isinstance(read(text), Printed)
    assert "TSP1." not in desk.get(here).content.decode()


@pytest.mark.parametrize(
    ("chip", "batch", "status"), [("04DE5F1EACC040", "none", 400), ("xyz", "none", 400)]
)
def test_a_tag_without_keys_or_number_is_not_registered(
    chip: str, batch: str, status: int, screen: Site, olga: Person
) -> None:
    body = {"act": "tag", "chip": chip, "batch": batch}

    page = phone_of(olga).post(f"/manage/sites/{screen.uid}/", body)

    assert page.status_code == status
    assert not NfcTag.objects.exists()


@pytest.mark.parametrize("act", ["", "display", "tag-revoked"])
def test_a_deed_nobody_offers_changes_nothing(act: str, screen: Site, olga: Person) -> None:
    desk, before = phone_of(olga), rows()

    page = desk.post(f"/manage/sites/{screen.uid}/", {"act": act, "tag": "x"})
    assert page.status_code == 400
    assert rows() == before


def test_the_administrator_of_another_office_finds_no_site(screen: Site) -> None:
    hall = Organisation.objects.create(name="다른시청")
    home = Place.objects.create(organisation=hall, name="다른시청 본관", unit="11000")
    office = Department.objects.create(organisation=hall, name="총무과")
    omar = Person(organisation=hall, department=office, workplace=home, name="omar")
    omar.put_number("T-omar")
    omar.set_unusable_password()
    omar.save()
    Grant.objects.create(person=omar, role="administrator", since=NOON.replace(month=10))
    desk = phone_of(omar)

    assert screen.words not in desk.get("/manage/sites/").content.decode()
    for act in ("display-new", "printed-new", "tag"):
        assert desk.post(f"/manage/sites/{screen.uid}/", {"act": act}).status_code == 404


def test_without_script_the_digits_are_posted(phone: Phone, trip: Trip, screen: Site) -> None:
    touch = phone.touched(trip, **without_position("unsupported"))

    page = phone.api.post(
        f"/trips/{trip.uid}/site-code/", {"text": code_of(screen, at=NOON).digits}
    )

    assert page.status_code == 302
    assert list(touch.assessments.all())[-1].verdict == "SUFFICIENT"


def test_without_script_a_wrong_code_is_told_beside_the_field(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    phone.touched(trip, **without_position("unsupported"))

    page = phone.api.post(f"/trips/{trip.uid}/site-code/", {"text": "00000000"})

    assert page.status_code == 409
    assert 'id="id_text_error"' in page.content.decode()


def test_before_the_touch_a_form_without_script_says_what_comes_first(
    phone: Phone, trip: Trip, screen: Site
) -> None:
    before = rows()

    page = phone.api.post(f"/trips/{trip.uid}/site-code/", {"text": "00000000"})
    assert page.status_code == 409
    assert rows() == before


def test_the_ways_are_offered_where_they_can_be_gone(
    phone: Phone, trip: Trip, screen: Site, clock: Clock
) -> None:
    here, site_code = f"/trips/{trip.uid}/add/", f"/trips/{trip.uid}/site-code/"
    before = phone.api.get(here).content.decode()
    assert site_code in before
    assert f"/trips/{trip.uid}/host/" not in before

    phone.touch(trip, **without_position("refused"))
    after = phone.api.get(here).content.decode()
    assert after.index(site_code) < after.index(f"/trips/{trip.uid}/host/")
    clock.later(hours=5)
    phone.sign_in()
    assert site_code not in phone.api.get(here).content.decode()


def test_no_way_leads_to_a_screen_that_is_not_there(phone: Phone, trip: Trip) -> None:
    assert "/site-code/" not in phone.api.get(f"/trips/{trip.uid}/add/").content.decode()
    assert "/site-code/" not in phone.api.get("/").content.decode()


def test_an_administrator_marks_a_place_and_takes_the_mark_away(screen: Site, olga: Person) -> None:
    desk, here = phone_of(olga), f"/manage/sites/{screen.uid}/"
    before = rows()

    for act, needs in (("witness", True), ("witness", True), ("plain", False)):
        desk.post(here, {"act": act})
        assert Place.objects.get(pk=screen.place_id).needs_witness is needs

    # Pressed twice is done once: two changes, two leaves.
    assert (
        rows()["ledger_outbox"] + rows()["ledger_leaf"]
        == before["ledger_outbox"] + before["ledger_leaf"] + 2
    )
