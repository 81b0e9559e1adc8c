"""What holds a payment, and how a person lets it go: with a code and a reason of their own."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Person, Place
from ledger.models import AccessSubject
from settlement.models import Hold
from settlement.paying import for_judging, judge
from settlement.services.resolve_hold import RESOLUTIONS
from settlement.words import RESOLUTIONS as WORDS
from tests.conftest import phone_of
from tests.settlement.desk import EVENING, arrival, code_of, made_clerk, names, seen
from tests.settlement.test_payable import bare, copied
from trips.models import State, Trip

REASON = "현장 사진으로 확인했습니다"


@pytest.fixture
def held(felix: Person, ada: Person, bora: Person, site: Place) -> Hold:
    """A scan found that one more item is due."""
    seen(felix, code_of(arrival(bare(ada, bora, site))))
    return Hold.objects.get()


def resolve(clerk: Person, hold: Hold, **said: Any) -> Any:
    body = {"resolution": "explained", "reason": REASON} | said
    return phone_of(clerk).post(f"/api/v1/holds/{hold.uid}/resolution", body, format="json")


def test_the_list_shows_trips_by_number_and_nobodys_name(felix: Person, held: Hold) -> None:
    answer = phone_of(felix).get("/api/v1/holds")

    (row,) = answer.json()["results"]
    assert (row["reason_code"], row["state"]) == ("evidence.supplement", "new")
    assert row["trip"]["number"] == held.trip.number
    assert not names("ada", answer)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_a_hold_leaves_with_a_code_a_reason_and_a_name(
    felix: Person, held: Hold, resolution: str
) -> None:
    answer = resolve(felix, held, resolution=resolution)

    assert answer.status_code == 200
    held.refresh_from_db()
    assert (held.state, held.resolution_code, held.resolution_note) == (
        "resolved",
        resolution,
        REASON,
    )
    assert (held.resolved_by, held.resolved_at) == (felix, EVENING)
    assert held.reason_code == "evidence.supplement"


def test_every_resolution_has_its_words() -> None:
    by_two = {"two-person-review", "amount-changed", "not-a-trip"}
    assert {*RESOLUTIONS, *by_two} == set(WORDS)


def test_it_is_resolved_once(felix: Person, flora: Person, held: Hold) -> None:
    resolve(felix, held)

    assert resolve(flora, held, resolution="corrected").status_code == 409
    held.refresh_from_db()
    assert held.resolution_code == "explained"


@pytest.mark.parametrize("reason", ["", "   ", "x", "가" * 501])
def test_never_by_a_click_alone(felix: Person, held: Hold, reason: str) -> None:
    assert resolve(felix, held, reason=reason).status_code == 400
    held.refresh_from_db()
    assert held.state == "new"


@pytest.mark.parametrize(
    ("resolution", "status"), [("amount-changed", 409), ("not-a-trip", 409), ("", 400), ("x", 400)]
)
def test_what_needs_a_second_person_is_no_choice_of_one(
    felix: Person, held: Hold, resolution: str, status: int
) -> None:
    assert resolve(felix, held, resolution=resolution).status_code == status
    held.refresh_from_db()
    assert held.state == "new"


@pytest.fixture
def doubt(felix: Person, ada: Person, bora: Person, mallory: Person, site: Place) -> Hold:
    """A scan found what two clerks have to look at."""
    seen(felix, code_of(arrival(copied(ada, bora, site, mallory))))
    return Hold.objects.get()


def look_at(clerk: Person, hold: Hold, reason: str = REASON) -> Any:
    return resolve(clerk, hold, resolution="two-person-review", reason=reason)


def test_one_clerk_resolves_no_review(felix: Person, doubt: Hold) -> None:
    answer = resolve(felix, doubt)

    assert (answer.status_code, answer.json()["code"]) == (409, "hold.for-two")
    page = phone_of(felix).get(f"/settlement/exceptions/{doubt.uid}/").content.decode()
    assert 'name="resolution"' not in page


def test_two_clerks_with_a_reason_each_let_a_review_be_paid(
    felix: Person, flora: Person, doubt: Hold
) -> None:
    trip = doubt.trip
    assert judged(trip) == "review"
    assert look_at(felix, doubt).json()["state"] == "second"
    assert judged(trip) == "review"

    assert look_at(flora, doubt, "출장 보고서로도 확인했습니다").json()["state"] == "resolved"

    doubt.refresh_from_db()
    assert (doubt.resolution_code, doubt.resolved_by) == ("two-person-review", flora)
    assert (doubt.resolution_note, doubt.second_note) == (REASON, "출장 보고서로도 확인했습니다")
    assert judged(trip) == "payable"


def test_the_first_clerk_is_not_the_second(felix: Person, doubt: Hold) -> None:
    look_at(felix, doubt)

    answer = look_at(felix, doubt)

    assert (answer.status_code, answer.json()["code"]) == (409, "second.own")
    assert judged(doubt.trip) == "review"


def test_only_a_review_is_looked_at_by_two(felix: Person, held: Hold) -> None:
    assert look_at(felix, held).status_code == 409


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_reviews_nothing(
    own: str, doubt: Hold, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    assert look_at(clerk, doubt).status_code == 403


def test_two_look_without_script(felix: Person, flora: Person, doubt: Hold) -> None:
    here = f"/settlement/exceptions/{doubt.uid}/"
    for clerk in (felix, flora):
        door = phone_of(clerk)
        assert f"{here}review/" in door.get(here).content.decode()
        door.post(f"{here}review/", {"review-reason": REASON})
        # Who looked first is shown what they wrote, and no second button.
        if clerk == felix:
            assert f"{here}review/" not in door.get(here).content.decode()
    doubt.refresh_from_db()
    assert doubt.state == "resolved"


def judged(trip: Trip) -> str:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).payable.value


@pytest.mark.parametrize("own", ["ada", "bora"])
def test_who_travelled_or_approved_resolves_nothing(
    own: str, held: Hold, request: pytest.FixtureRequest
) -> None:
    clerk = made_clerk(request.getfixturevalue(own))

    answer = resolve(clerk, held)

    assert (answer.status_code, answer.json()["code"]) == (403, "trip.not-yours")


def test_an_exception_opened_is_a_look_at_her(felix: Person, ada: Person, held: Hold) -> None:
    page = phone_of(felix).get(f"/settlement/exceptions/{held.uid}/")

    assert names("ada", page)
    look = AccessSubject.objects.get(person=ada, access__action="exception")
    assert look.access.actor == felix


def test_the_page_resolves_without_script(felix: Person, held: Hold) -> None:
    where = f"/settlement/exceptions/{held.uid}/"
    desk = phone_of(felix)

    bad = desk.post(where, {"resolution": "explained", "reason": ""})
    good = desk.post(where, {"resolution": "explained", "reason": REASON})

    assert (bad.status_code, good.status_code) == (200, 302)
    held.refresh_from_db()
    assert held.resolution_note == REASON


def test_the_queue_shows_open_ones_unless_asked_otherwise(felix: Person, held: Hold) -> None:
    desk = phone_of(felix)
    assert held.trip.number in desk.get("/settlement/exceptions/").content.decode()
    resolve(felix, held)

    assert held.trip.number not in desk.get("/settlement/exceptions/").content.decode()
    done = desk.get("/settlement/exceptions/?state=resolved").content.decode()
    assert held.trip.number in done
    only = desk.get("/settlement/exceptions/?state=resolved&trip=BT26-999999").content.decode()
    assert held.trip.number not in only


def test_a_clerk_sends_a_trip_back_and_it_waits(felix: Person, held: Hold) -> None:
    where = f"/settlement/exceptions/{held.uid}/return/"

    empty = phone_of(felix).post(where, {"return-reason": ""}, follow=True)
    sent = phone_of(felix).post(where, {"return-reason": "출장지를 다시 적어 주세요"})

    assert "사유" in empty.content.decode()
    assert sent.status_code == 302
    trip = Trip.objects.get(pk=held.trip_id)
    assert trip.state == State.RETURNED
    newest = Hold.objects.order_by("-pk")[0]
    assert (newest.reason_code, newest.note, newest.blocking) == (
        "claim.sent-back",
        "출장지를 다시 적어 주세요",
        True,
    )


def test_a_hold_of_another_office_is_not_there(felix: Person, held: Hold, hall: Any) -> None:
    elsewhere = type(hall).objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    stranger = Person.objects.get(pk=felix.pk)

    assert phone_of(stranger).get("/api/v1/holds").json()["results"] == []
    assert resolve(stranger, held).status_code == 404
    assert phone_of(stranger).get(f"/settlement/exceptions/{held.uid}/").status_code == 404
