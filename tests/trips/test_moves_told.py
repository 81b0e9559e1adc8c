"""What is added to a trip, its line in the log, and its whole way over the API."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Person, Place
from accounts.services.revoke_device import revoke_device
from attest.errors import NotYours
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.trips.log import line_of, rows
from tests.trips.stages import Stages
from tests.trips.touches import Phone
from trips.models import State, Trip
from trips.services.add_item import add_item
from trips.services.confirm import confirm
from trips.services.correct import correct

# --- adding to it -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bora", "felix", "mallory"])
def test_only_the_traveller_adds_and_corrects(
    name: str, trip: Trip, request: pytest.FixtureRequest
) -> None:
    somebody = request.getfixturevalue(name)
    before = rows()

    with pytest.raises(NotYours):
        add_item(trip, person=somebody, text="거기 있었습니다", now=NOON)
    with pytest.raises(NotYours):
        correct(trip, person=somebody, what="time", value="", reason="왜", now=NOON)
    assert rows() == before


def test_the_line_of_a_trip_is_a_chain_without_a_gap(stages: Stages) -> None:
    line = line_of(stages[State.CONFIRMED]().log_id)

    assert [leaf["n"] for leaf in line] == list(range(len(line)))
    assert [leaf["t"] for leaf in line] == [
        *("trip-open", "approval", "checkin", "checkin", "approval"),
    ]


# --- over the API, as the pages and programs do it -----------------------------------------------


def test_a_trip_goes_its_whole_way_over_the_api(
    phone: Phone, bora: Person, site: Place, clock: Clock
) -> None:
    desk = phone_of(bora)
    body = {
        "purpose": "도로 점검",
        "starts_at": "2026-11-23T12:00:00+09:00",
        "ends_at": "2026-11-23T16:30:00+09:00",
        "vehicle": "transit",
        "approver": str(bora.uid),
        "stops": [{"place": str(site.uid), "one_way_m": 6_200}],
    }
    made = phone.api.post("/api/v1/trips", body, format="json").json()
    here = f"/api/v1/trips/{made['id']}"
    said = [
        made,
        phone.api.patch(here, {"purpose": "교량 점검"}, format="json").json(),
        phone.api.post(f"{here}/request").json(),
        desk.post(f"{here}/approvals", {"decision": "approve", "step": 1}, format="json").json(),
    ]
    trip = Trip.objects.get(uid=made["id"])
    phone.touch(trip)
    clock.later(hours=4)
    phone.touch(trip, "return")
    yes = {"decision": "approve", "step": 2}
    said.append(desk.post(f"{here}/approvals", yes, format="json").json())

    assert [answer["state"] for answer in said] == [
        *("draft", "draft", "requested", "approved", "confirmed"),
    ]
    assert said[-1]["purpose"] == "교량 점검"
    assert said[-1]["expected"]["total"]
    assert [touch["kind"] for touch in said[-1]["check_ins"]] == ["arrive", "return"]


@pytest.mark.parametrize(("step", "state"), [(1, State.REQUESTED), (2, State.CONFIRMED)])
def test_giving_back_over_the_api_needs_a_note(
    step: int, state: State, stages: Stages, bora: Person
) -> None:
    trip, desk = stages[state](), phone_of(bora)
    here = f"/api/v1/trips/{trip.uid}/approvals"
    body: dict[str, Any] = {"decision": "return", "step": step}

    assert desk.post(here, body, format="json").status_code == 409
    assert desk.post(here, body | {"note": "왜"}, format="json").status_code == 200


def test_a_revoked_phone_does_not_keep_a_trip_from_being_confirmed(
    stages: Stages, phone: Phone, bora: Person
) -> None:
    trip = stages[State.RETURNED]()
    revoke_device(phone.key.device, by=phone.person, now=NOON)

    assert confirm(trip, approver=bora, now=NOON).state == State.CONFIRMED
