"""One host, many confirmations of one traveller: the auditor sees it, and who was looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Person, Place
from ledger.models import Access
from tests.clock import Clock
from tests.conftest import NOON, phone_of, plan_of
from tests.trips.touches import Phone, without_position
from trips.hosting import Host, put_answer
from trips.models import HostAsk
from trips.services.draft import draft

SEO = Host("박서연", "진주시청 총무과")


@pytest.fixture
def phone(ada: Person, clock: Clock) -> Phone:
    return Phone.of(ada)


def confirmed(phone: Phone, bora: Person, site: Place, host: Host, *, times: int) -> None:
    for _ in range(times):
        trip = draft(traveller=phone.person, plan=plan_of(bora, site), now=NOON)
        touch = phone.touched(trip, **without_position("refused"))
        ask = HostAsk(check_in=touch, way="link", asked_at=NOON, expires_at=NOON)
        ask.save()
        put_answer(ask, answer="confirmed", host=host, now=NOON)


def test_a_host_of_many_confirmations_is_listed_with_their_share(
    phone: Phone, bora: Person, iris: Person, site: Place
) -> None:
    confirmed(phone, bora, site, SEO, times=4)
    # Written with other blanks they are the same host.
    confirmed(phone, bora, site, Host("박 서연", "진주시청  총무과"), times=1)
    confirmed(phone, bora, site, Host("이한별", "산청군청"), times=1)

    page = phone_of(iris).get("/audit/hosts/").content.decode()

    assert "5 / 6" in page
    assert "83 %" in page
    assert "이한별" not in page
    look = Access.objects.get(action="audit-hosts")
    assert look.subjects.get().person == phone.person


def test_two_confirmations_are_no_concentration(
    phone: Phone, bora: Person, iris: Person, site: Place
) -> None:
    confirmed(phone, bora, site, SEO, times=2)

    assert "박서연" not in phone_of(iris).get("/audit/hosts/").content.decode()


def test_what_is_older_than_ninety_days_is_not_listed(
    phone: Phone, bora: Person, iris: Person, site: Place
) -> None:
    confirmed(phone, bora, site, SEO, times=3)
    HostAsk.objects.update(answered_at=NOON - timedelta(days=91))

    assert "박서연" not in phone_of(iris).get("/audit/hosts/").content.decode()
