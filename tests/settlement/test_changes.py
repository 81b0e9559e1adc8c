"""By what a trip is computed: a clerk proposes an area or a distance, another one agrees."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import ApprovalPair, Grant, Organisation, Person, Post, Role
from attest.errors import MoveRefused
from settlement.batching import needs_second
from settlement.models import Hold, Revision, Settlement
from settlement.paying import for_judging, judge
from settlement.revising import Change
from settlement.services.open_hold import DECIDED, open_hold
from settlement.services.propose_change import MOST_M, propose_change
from tests.conftest import NOON, phone_of
from tests.settlement.desk import EVENING, batch_of, made_clerk, pay
from tests.settlement.test_settlements import leaves_of
from trips.models import State, Trip

REASON = "출입구 기준으로 다시 쟀습니다"
FAR = {"one_way_m": 5_000, "method": "walking_route"}


@pytest.fixture
def held(payable: Trip, felix: Person) -> Hold:
    """Ada's trip was declared to be one kilometre away: only what she spent would be paid."""
    payable.distances.update(one_way_m=1_000)
    return Hold.objects.create(trip=payable, reason_code="distance_band_2km", at=EVENING, by=felix)


def resolve(clerk: Person, hold: Hold, **said: Any) -> Any:
    body = {"resolution": "amount-changed", "reason": REASON} | said
    return phone_of(clerk).post(f"/api/v1/holds/{hold.uid}/resolution", body, format="json")


def won_of(trip: Trip) -> int | None:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).sum.won


def test_two_clerks_change_the_distance_and_the_engine_says_the_sum(
    felix: Person, flora: Person, held: Hold
) -> None:
    assert resolve(felix, held, change=FAR).json()["state"] == "second"
    assert won_of(held.trip) == 0

    assert resolve(flora, held, agree=True, reason="지도로 확인").json()["state"] == "resolved"

    assert won_of(held.trip) == 20_000
    held.refresh_from_db()
    assert (held.resolution_code, held.resolution_note, held.second_note) == (
        "amount-changed",
        REASON,
        "지도로 확인",
    )
    row = Revision.objects.get()
    assert (row.state, row.before, row.after, row.by, row.second) == (
        "agreed",
        0,
        20_000,
        felix,
        flora,
    )
    pair = ApprovalPair.objects.get(about=f"change:{row.uid}")
    assert (pair.maker, pair.checker) == (felix, flora)


def test_what_was_written_before_stays_beside_it(felix: Person, flora: Person, held: Hold) -> None:
    agreed(felix, flora, held, FAR)

    assert [row.one_way_m for row in held.trip.distances.all()] == [1_000]
    leaf = leaves_of(held.trip)[-1]
    assert (leaf["t"], leaf["of"]) == ("correction", 0)
    assert Post.objects.filter(person=held.trip.traveller, kind=Post.Kind.DECIDED).exists()


def test_the_settlement_keeps_the_facts_it_was_computed_by(
    felix: Person, flora: Person, held: Hold
) -> None:
    agreed(felix, flora, held, FAR | {"area": "in"})
    batch = batch_of(felix, Trip.objects.get(pk=held.trip_id))
    # What two had to decide on, the one who pays alone does not pay.
    assert needs_second(batch)

    pay(felix, batch)

    (told,) = claim_of_trip(held.trip)["trips"]
    assert [one["one_way_m"] for one in told["distances"]] == [5_000]
    assert told["area_decided"] == {"area": "in", "reason": REASON}
    assert not Settlement.objects.exists()


def claim_of_trip(trip: Trip) -> dict[str, Any]:
    return judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).sum.claim


def agreed(felix: Person, flora: Person, hold: Hold, change: dict[str, Any]) -> None:
    assert resolve(felix, hold, change=change).status_code == 200
    assert resolve(flora, hold, agree=True).status_code == 200


@pytest.mark.parametrize(
    ("metres", "said"), [(999, "999 m"), (4_249, "4,249 m"), (12_000, "12,000 m")]
)
def test_a_changed_distance_is_shown_to_the_metre_with_its_thousands_apart(
    felix: Person, held: Hold, metres: int, said: str
) -> None:
    resolve(felix, held, change=FAR | {"one_way_m": metres})
    page = phone_of(felix).get(f"/settlement/exceptions/{held.uid}/").content.decode()
    assert f">{said.replace(' ', chr(0xA0))} ·" in page


@pytest.mark.parametrize(("metres", "won"), [(1_000, 0), (1_001, 20_000)])
def test_two_kilometres_there_and_back_are_the_limit(
    felix: Person, flora: Person, held: Hold, metres: int, won: int
) -> None:
    held.trip.distances.update(one_way_m=700)
    agreed(felix, flora, held, FAR | {"one_way_m": metres})

    assert won_of(held.trip) == won


def test_a_later_change_leaves_what_it_does_not_name(
    felix: Person, flora: Person, held: Hold
) -> None:
    agreed(felix, flora, held, FAR)
    again = Hold.objects.create(
        trip=held.trip, reason_code="distance_unknown", at=EVENING, by=felix
    )
    agreed(flora, felix, again, {"area": "in"})

    (told,) = claim_of_trip(held.trip)["trips"]
    assert (told["distances"][0]["one_way_m"], told["area_decided"]["area"]) == (5_000, "in")


def test_an_area_whose_costs_nobody_told_is_no_sum(
    felix: Person, flora: Person, held: Hold
) -> None:
    agreed(felix, flora, held, {"area": "out"})

    row = Revision.objects.get()
    assert (row.before, row.after) == (0, None)
    answer = judge(for_judging(Trip.objects.all()).get(pk=held.trip_id))
    assert (answer.payable, answer.code) == ("exception", "claim.costs-untold")


def test_nobody_agrees_to_their_own_proposal(felix: Person, held: Hold) -> None:
    resolve(felix, held, change=FAR)

    answer = resolve(felix, held, agree=True)

    assert (answer.status_code, answer.json()["code"]) == (409, "second.own")
    assert won_of(held.trip) == 0
    row = Revision.objects.get()
    # Nor by a row that is written past the services.
    row.state, row.second = Revision.State.AGREED, felix
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("since", ["its approver", "no clerk"])
def test_who_proposed_it_must_still_be_one_of_two_clerks(
    felix: Person, flora: Person, held: Hold, since: str
) -> None:
    resolve(felix, held, change=FAR)
    if since == "no clerk":
        Grant.objects.filter(person=felix, role=Role.CLERK).update(until=NOON)
    else:
        Trip.objects.filter(pk=held.trip_id).update(approver=felix)
    answer = resolve(flora, held, agree=True)

    assert answer.status_code in {403, 404}
    assert won_of(held.trip) == 0


@pytest.mark.parametrize("by", ["felix", "flora"])
def test_a_change_that_is_declined_or_taken_back_changes_nothing(
    felix: Person, held: Hold, by: str, request: pytest.FixtureRequest, flora: Person
) -> None:
    resolve(felix, held, change=FAR)

    assert resolve(request.getfixturevalue(by), held, agree=False).json()["state"] == "new"

    assert won_of(held.trip) == 0
    assert Revision.objects.get().state == "declined"
    # Another one can be proposed, and the first stays told.
    agreed(felix, flora, held, FAR)
    assert [row.state for row in Revision.objects.all()] == ["declined", "agreed"]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"one_way_m": 5_000},
        {"method": "walking_route"},
        {"one_way_m": -1, "method": "walking_route"},
        {"one_way_m": MOST_M + 1, "method": "walking_route"},
        {"one_way_m": "5 km", "method": "walking_route"},
        {"area": "none"},
        {"won": 30_000},
    ],
)
def test_what_names_no_area_and_no_whole_distance_is_refused(
    felix: Person, held: Hold, change: dict[str, Any]
) -> None:
    answer = resolve(felix, held, change=change)

    assert answer.status_code in {400, 409}
    held.refresh_from_db()
    assert (held.state, Revision.objects.count()) == ("new", 0)


def test_a_second_says_yes_or_no_to_something(felix: Person, flora: Person, held: Hold) -> None:
    assert resolve(flora, held).status_code == 409
    assert resolve(flora, held, agree=True).status_code == 409


def test_a_sum_that_moved_meanwhile_is_not_agreed_to(
    felix: Person, flora: Person, held: Hold
) -> None:
    resolve(felix, held, change=FAR)
    Trip.objects.filter(pk=held.trip_id).update(vehicle="public_car")

    answer = resolve(flora, held, agree=True)

    assert (answer.status_code, answer.json()["code"]) == (409, "step-up.batch-changed")
    assert Trip.objects.get(pk=held.trip_id).decided is None


@pytest.mark.parametrize("own", ["ada", "bora"])
@pytest.mark.parametrize("said", [{"change": FAR}, {"agree": True}])
def test_who_travelled_or_approved_changes_nothing(
    felix: Person, held: Hold, own: str, said: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    if "agree" in said:
        resolve(felix, held, change=FAR)
    clerk = made_clerk(request.getfixturevalue(own))

    answer = resolve(clerk, held, **said)

    assert (answer.status_code, answer.json()["code"]) == (403, "trip.not-yours")


def test_without_the_role_or_in_another_office_there_is_nothing(
    felix: Person, mallory: Person, held: Hold
) -> None:
    assert resolve(mallory, held, change=FAR).status_code == 403
    elsewhere = Organisation.objects.create(name="다른시청", rule_set="kr-national")
    Person.objects.filter(pk=felix.pk).update(organisation=elsewhere)
    stranger = Person.objects.get(pk=felix.pk)
    assert resolve(stranger, held, change=FAR).status_code == 404
    for door in ("change", "no-trip"):
        where = f"/settlement/exceptions/{held.uid}/{door}/"
        assert phone_of(stranger).post(where, {}).status_code == 404
    where = f"/settlement/trips/{held.trip.uid}/exception/"
    assert phone_of(stranger).post(where, {"warning": "distance_unknown"}).status_code == 404


def test_a_review_is_none_of_it(felix: Person, held: Hold) -> None:
    Hold.objects.filter(pk=held.pk).update(reason_code="evidence.review")

    assert resolve(felix, held, change=FAR).status_code == 409


def test_what_is_paid_is_computed_by_nothing_else(felix: Person, payable: Trip) -> None:
    pay(felix, batch_of(felix, payable))
    held = Hold.objects.create(trip=payable, reason_code="distance_unknown", at=EVENING, by=felix)

    assert resolve(felix, held, change=FAR).status_code == 409


def test_one_change_waits_at_a_time(felix: Person, flora: Person, held: Hold) -> None:
    resolve(felix, held, change=FAR)

    assert resolve(flora, held, change={"area": "out"}).status_code == 409
    # Nor is the exception resolved past it.
    for past in ("not-a-trip", "explained", "two-person-review"):
        assert resolve(flora, held, resolution=past).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(hold=held, area="out", reason="x", by=flora, at=EVENING)


def test_two_change_it_without_script(felix: Person, flora: Person, held: Hold) -> None:
    here = f"/settlement/exceptions/{held.uid}/"
    door = phone_of(felix)
    assert 'name="change-one_way_m"' in door.get(here).content.decode()
    empty = door.post(here, {"change-reason": REASON, "change-area": ""})
    assert (empty.status_code, Revision.objects.count()) == (200, 0)
    wanted = {"change-reason": REASON, "change-one_way_m": "5000"}
    door.post(here, wanted | {"change-method": "walking_route"})
    page = door.get(here).content.decode()
    # Who proposed it is shown no yes, and no second proposal.
    assert 'value="agree"' not in page
    assert 'name="change-one_way_m"' not in page
    own = door.post(f"{here}change/", {"decide-reason": REASON, "answer": "agree"}, follow=True)
    assert "다른 지출담당" in own.content.decode()

    other = phone_of(flora)
    assert "20,000원" in other.get(here).content.decode()
    other.post(f"{here}change/", {"decide-reason": REASON, "answer": "agree"})

    held.refresh_from_db()
    assert held.state == "resolved"
    asked = phone_of(held.trip.traveller).get(f"/trips/{held.trip.uid}/questions/")
    assert REASON in asked.content.decode()


def test_a_warning_opens_an_exception_once(felix: Person, held: Hold) -> None:
    trip = held.trip
    where = f"/settlement/trips/{trip.uid}/exception/"
    month = phone_of(felix).get("/settlement/months/2026-11/?step=4").content.decode()
    assert where in month
    assert "distance_band_2km" in month
    held.delete()

    for _again in range(2):
        phone_of(felix).post(where, {"warning": "distance_band_2km"})

    opened = Hold.objects.get()
    assert (opened.reason_code, opened.blocking) == ("distance_band_2km", True)
    assert judge(for_judging(Trip.objects.all()).get(pk=trip.pk)).payable == "exception"


@pytest.mark.parametrize("warning", ["", "hours_differ", "x" * 100, "claim.overlap"])
def test_what_the_engine_does_not_warn_of_opens_none(
    felix: Person, payable: Trip, warning: str
) -> None:
    where = f"/settlement/trips/{payable.uid}/exception/"

    assert phone_of(felix).post(where, {"warning": warning}).status_code == 409
    assert not Hold.objects.exists()


def test_the_traveller_holds_no_trip_of_hers(ada: Person, payable: Trip) -> None:
    where = f"/settlement/trips/{payable.uid}/exception/"

    assert phone_of(made_clerk(ada)).post(where, {"warning": "x"}).status_code == 403


def test_a_voided_trip_is_computed_by_nothing(felix: Person, held: Hold) -> None:
    Trip.objects.filter(pk=held.trip_id).update(state=State.VOIDED)

    with pytest.raises(MoveRefused):
        propose_change(held, clerk=felix, change=Change(area="in"), reason=REASON, now=EVENING)


def back_again(clerk: Person, trip: Trip) -> Hold:
    return open_hold(trip, clerk=clerk, warning=DECIDED, now=EVENING)


def test_two_clerks_set_it_back_to_what_the_rules_say(
    felix: Person, flora: Person, held: Hold
) -> None:
    agreed(felix, flora, held, FAR | {"area": "in"})
    again = back_again(flora, held.trip)
    assert resolve(flora, again, change={"back": True}).json()["state"] == "second"
    assert won_of(held.trip) == 20_000
    assert resolve(felix, again, agree=True).json()["state"] == "resolved"

    assert won_of(held.trip) == 0
    (told,) = claim_of_trip(held.trip)["trips"]
    assert "area_decided" not in told
    assert [one["one_way_m"] for one in told["distances"]] == [1_000]
    first, second = Revision.objects.all()
    assert (first.back, first.one_way_m, first.state) == (False, 5_000, "agreed")
    assert (second.back, second.before, second.after) == (True, 20_000, 0)
    assert leaves_of(held.trip)[-1]["t"] == "correction"


def test_nobody_goes_back_alone(felix: Person, flora: Person, held: Hold) -> None:
    agreed(felix, flora, held, FAR)
    again = back_again(felix, held.trip)
    resolve(felix, again, change={"back": True})

    assert resolve(felix, again, agree=True).status_code == 409
    assert won_of(held.trip) == 20_000


@pytest.mark.parametrize("more", [{"area": "in"}, FAR, {"method": "walking_route"}])
def test_back_to_the_rules_names_nothing_else(
    felix: Person, flora: Person, held: Hold, more: dict[str, Any]
) -> None:
    agreed(felix, flora, held, FAR)
    again = back_again(felix, held.trip)

    assert resolve(felix, again, change={"back": True} | more).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.update(back=True)


def test_where_nothing_was_decided_there_is_no_way_back(felix: Person, held: Hold) -> None:
    assert resolve(felix, held, change={"back": True}).status_code == 409
    with pytest.raises(MoveRefused):
        back_again(felix, held.trip)
    page = phone_of(felix).get(f"/settlement/exceptions/{held.uid}/")
    assert "change-back" not in page.content.decode()


def test_the_page_offers_the_way_back_and_says_what_is_proposed(
    felix: Person, flora: Person, held: Hold
) -> None:
    agreed(felix, flora, held, FAR)
    step = "/settlement/months/2026-11/?step=4"
    assert DECIDED in phone_of(felix).get(step).content.decode()
    phone_of(felix).post(f"/settlement/trips/{held.trip.uid}/exception/", {"warning": DECIDED})
    again = Hold.objects.get(reason_code=DECIDED)
    here = f"/settlement/exceptions/{again.uid}/"
    both = {"change-back": "on", "change-area": "in", "change-reason": REASON}
    phone_of(felix).post(here, both)
    assert not Revision.objects.filter(state="proposed").exists()
    said = {"change-back": "on", "change-reason": REASON}
    assert phone_of(felix).post(here, said).status_code == 302
    assert "되돌" in phone_of(flora).get(here).content.decode()
    assert Revision.objects.get(state="proposed").back
