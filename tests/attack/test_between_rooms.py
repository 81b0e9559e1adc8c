"""What lies between two rooms: each kept its promise, and together they must keep it too."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from accounts.consents import PHOTO, POSITION, VERSIONS
from accounts.models import Grant, Person, Place
from accounts.services.answer_consent import answer_consent
from attest.errors import NotYours
from audit.retaining import run
from audit.services.ask_hold import ask_hold
from settlement.models import Hold, SheetRow
from settlement.paying import for_judging, judge
from settlement.services.review_hold import review_hold
from tests.clock import stopped
from tests.conftest import NOON, phone_of, plan_of
from tests.settlement.clerk_month import MONTH, brought_in, taken, taken_away
from tests.settlement.desk import EVENING, arrival, batch_of, code_of, confirmed, pay, seen
from tests.settlement.sheets.samples import row
from tests.settlement.test_months import sheet
from tests.settlement.test_payable import copied
from tests.trips.test_photos import PICTURE, post, touched
from tests.trips.touches import Phone
from trips.models import Appeal, HostAsk, Trip
from trips.reweighing import weigh_again
from trips.services.answer_appeal import answer_appeal
from trips.services.draft import draft

DAY = timedelta(days=1)


def uids(raw: bytes) -> set[str]:
    return {line[0] for line in list(csv.reader(StringIO(raw.decode("utf-8-sig"))))[1:]}


def test_no_payment_stands_in_two_files(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    first = confirmed(ada, bora, site)
    second = confirmed(ada, bora, site, starts_at=NOON + DAY)
    desk, page = phone_of(felix), f"/settlement/months/{MONTH}/payments/"
    with stopped(EVENING):
        pay(felix, batch_of(felix, first))
        desk.post(page)
        one = uids(taken_away(felix, "payments-csv"))
        pay(felix, batch_of(felix, second))
        # The bank has not answered: nothing is added to what is on its way.
        desk.post(page)
        again = uids(taken_away(felix, "payments-csv"))

    assert one == again
    assert len(one) == 1


def test_a_draft_shows_nobodys_arrivals(
    ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    with stopped(NOON):
        trip = confirmed(ada, bora, site)
        plan = plan_of(bora, site, companions=(ada,), starts_at=NOON, ends_at=NOON + DAY)
        draft(traveller=mallory, plan=plan, now=NOON)
        desk = phone_of(mallory)

        assert str(arrival(trip).uid) not in desk.get("/colleagues/").content.decode()
        said = desk.post("/colleagues/", {"touch": str(arrival(trip).uid), "answer": "denied"})

    assert said.status_code in {302, 400, 404}
    assert not HostAsk.objects.exists()


def judged(trip: Trip) -> str:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).payable.value


def test_a_review_that_was_cleared_clears_nothing_learnt_later(
    felix: Person, flora: Person, ada: Person, bora: Person, mallory: Person, site: Place
) -> None:
    trip = copied(ada, bora, site, mallory)
    seen(felix, code_of(arrival(trip)))
    hold = Hold.objects.get()
    for clerk in (felix, flora):
        review_hold(hold, clerk=clerk, reason="출장 보고서로 확인", now=EVENING)
    assert judged(trip) == "payable"

    weigh_again(
        arrival(trip), now=EVENING + DAY, host={"relation": "guest_link", "answer": "denied"}
    )

    assert judged(trip) == "review"


@pytest.fixture
def photographed(ada: Person, bora: Person, site: Place, clock: Any) -> Any:
    answer_consent(ada, purpose=PHOTO, version=VERSIONS[PHOTO], answer="given", now=clock())
    phone = Phone.of(ada)
    trip = draft(traveller=ada, plan=plan_of(bora, site), now=clock())
    touch = touched(phone, trip)
    assert post(phone, touch, PICTURE).status_code == 201
    return touch


@pytest.fixture
def clock() -> Any:
    with stopped(NOON) as held:
        yield held


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("purpose", [PHOTO, POSITION])
def test_a_photo_goes_when_either_consent_is_withdrawn(
    purpose: str, photographed: Any, ada: Person, clock: Any
) -> None:
    path = photographed.photo.upload.shown.path
    assert path.exists()

    phone_of(ada).post(
        "/api/v1/consents",
        {"purpose": purpose, "text_version": VERSIONS[purpose], "answer": "withdrawn"},
        format="json",
    )

    assert not path.exists()


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_was_held_back_does_not_end_the_daily_job(
    ada: Person, bora: Person, iris: Person, site: Place
) -> None:
    with stopped(NOON) as clock:
        trip = draft(traveller=ada, plan=plan_of(bora, site), now=NOON)
        ask_hold(trip=trip, person=None, by=iris, reason="감사 진행 중입니다", now=NOON)
        clock.later(days=60)
        run(now=clock())

    assert Trip.objects.filter(pk=trip.pk).exists()


def test_nobody_takes_over_their_own_trip(felix: Person, flora: Person, bora: Person) -> None:
    brought_in(flora, sheet(row(O="felix")))

    assert taken(felix) == 0
    assert SheetRow.objects.get().fate == "only"
    assert taken(flora) == 1


def test_an_appeal_outlives_the_duty_of_who_was_to_hear_it(
    ada: Person, bora: Person, olga: Person, felix: Person, site: Place
) -> None:
    trip = confirmed(ada, bora, site)
    made = [Grant.objects.create(person=who, role="approver", since=NOON - DAY) for who in (olga,)]
    gone = Grant.objects.create(
        person=felix, role="approver", since=NOON - 2 * DAY, until=NOON - DAY
    )
    appeal = Appeal.objects.create(
        trip=trip, about="verdict", text="다녀왔습니다", by=ada, at=NOON, due_on=NOON.date(),
        officer=gone.person,
    )  # fmt: skip

    done = answer_appeal(appeal, officer=made[0].person, decision="upheld", text="확인", now=NOON)

    assert done.state == "upheld"
    with pytest.raises(NotYours):
        answer_appeal(appeal, officer=bora, decision="upheld", text="확인", now=NOON)
