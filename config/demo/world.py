"""The city hall itself: its rows, and the hands that use the product's own services."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random  # noqa: TID251 -- handed in by the story, from its seed
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.consents import VERSIONS
from accounts.enrolling import Registration
from accounts.models import Department, Grant, Organisation, Person, Place
from accounts.passkeys import Proof
from accounts.services.answer_consent import answer_consent
from accounts.services.ask_step_up import ask_step_up
from accounts.services.enrol_device import enrol_device
from accounts.step_up import challenge_of
from attest.record import canonical, signing_challenge
from attest.values import KST, Point
from config.demo.authenticator import SoftAuthenticator
from config.demo.cast import (
    DEPARTMENTS,
    FAR,
    NEAR,
    ORGANISATION,
    PASSWORD,
    PEOPLE,
    WORKPLACE,
    Somewhere,
)
from config.demo.story import Outing
from settlement.batching import ACTION
from settlement.models import Payable
from settlement.paying import for_judging, judge
from settlement.selectors import may_settle, trips_settled_by
from settlement.services.fill_batch import fill_batch
from settlement.services.open_batch import open_batch
from settlement.services.settle import settle
from trips.envelope import Envelope
from trips.models import State, Trip
from trips.plan import Plan, PlannedStop
from trips.services.add_item import add_item
from trips.services.cancel import cancel
from trips.services.check_in import check_in
from trips.services.confirm import confirm
from trips.services.correct import correct
from trips.services.draft import draft
from trips.services.issue_challenges import issue_challenges
from trips.services.order import order
from trips.services.request import request
from trips.services.tell_costs import tell_costs


@dataclass(slots=True)
class World:
    organisation: Organisation
    people: dict[str, Person]
    places: dict[str, Place]
    keys: dict[int, SoftAuthenticator] = field(default_factory=dict)

    @property
    def travellers(self) -> list[Person]:
        names = [name for name, _, _, roles in PEOPLE if "traveller" in roles.split()]
        return [self.people[name] for name in names]

    # --- what a traveller does --------------------------------------------------------

    def ask(self, outing: Outing, at: datetime) -> None:
        plan = self.plan(outing)
        outing.trip = request(draft(traveller=outing.traveller, plan=plan, now=at), now=at)

    def plan(self, outing: Outing) -> Plan:
        place = self.places[outing.place.name]
        stop = PlannedStop(
            text=place.name, unit=place.unit, place=place, one_way_m=outing.place.one_way_m
        )
        return Plan(
            purpose=outing.purpose,
            starts_at=outing.starts_at,
            ends_at=outing.ends_at,
            vehicle=outing.vehicle,
            approver=self.approver_of(outing.traveller),
            stops=(stop,),
        )

    def touch(self, outing: Outing, kind: str, dice: Random, at: datetime) -> None:
        person = outing.traveller
        asked = issue_challenges(person=person, trip=outing.trip, count=1, now=at)[0]
        record = canonical(_record(outing, kind, asked.uid, dice, at))
        challenge = signing_challenge(record, bytes(asked.nonce))
        envelope = Envelope.read(
            UUID(json.loads(record)["id"]), record, self.keys[person.pk].sign(challenge)
        )
        touch, _ = check_in(person, envelope=envelope, now=at + timedelta(seconds=4))
        outing.trip = touch.trip

    def explain(self, outing: Outing, at: datetime) -> None:
        words = "지하 회의실이라 위치가 잡히지 않았습니다. 담당자와 함께 회의했습니다."
        add_item(outing.trip, person=outing.traveller, text=words, now=at)

    def admit_car(self, outing: Outing, at: datetime) -> None:
        correct(
            outing.trip,
            person=outing.traveller,
            what="vehicle",
            value="public_car",
            reason="공무용 차량을 함께 탔는데 대중교통으로 올렸습니다.",
            now=at,
        )

    def tell_costs(self, outing: Outing, at: datetime) -> None:
        """There and back by bus, unless the office's car went."""
        day = outing.starts_at.astimezone(KST).date().isoformat()
        seat = {"date": day, "mode": "bus", "amount": 9_400, "evidence": "card"}
        fares = [] if outing.vehicle == "public_car" else [seat, seat]
        tell_costs(outing.trip, person=outing.traveller, costs={"fares": fares}, now=at)

    def cancel(self, outing: Outing, at: datetime) -> None:
        cancel(outing.trip, actor=outing.traveller, reason="일정이 바뀌었습니다.", now=at)

    # --- what others do ---------------------------------------------------------------

    def approver_of(self, person: Person) -> Person:
        """The head of the department; for a head, the head of general affairs or of accounts."""
        heads = {name: _head(name) for name in DEPARTMENTS}
        first = self.people[heads[person.department.name]]
        if first.pk != person.pk:
            return first
        other = "회계과" if person.department.name == "총무과" else "총무과"
        return self.people[heads[other]]

    def order(self, outing: Outing, at: datetime) -> None:
        order(outing.trip, approver=outing.trip.approver, now=at)

    def confirm(self, outing: Outing, at: datetime) -> None:
        trip = Trip.objects.select_related("approver").get(pk=outing.trip.pk)
        if trip.approver is not None and trip.state in {State.TRAVELLING, State.RETURNED}:
            confirm(trip, approver=trip.approver, now=at)

    def settle_until(self, until: datetime, at: datetime) -> None:
        """A clerk's Friday: everything payable that ended before *until*, in one batch."""
        clerk = self.people["서이든"]
        trips = for_judging(trips_settled_by(clerk)).filter(
            state=State.CONFIRMED, ends_at__lt=until
        )
        ready = [
            trip.uid
            for trip in trips
            if may_settle(clerk, trip, at=at)
            and judge(trip).payable in {Payable.PAYABLE, Payable.ZERO}
        ]
        if not ready:
            return
        batch = fill_batch(open_batch(clerk=clerk, now=at), clerk=clerk, add=ready, now=at)
        asked = ask_step_up(clerk, action=ACTION, batch_hash=bytes(batch.hash or b""), now=at)
        proof = Proof.read(self.keys[clerk.pk].sign(challenge_of(asked)))
        settle(batch, clerk=clerk, step_up=asked.uid, proof=proof, now=at)


def _head(department: str) -> str:
    heads = [n for n, d, _, roles in PEOPLE if d == department and "approver" in roles.split()]
    return heads[0]


def _record(
    outing: Outing, kind: str, challenge: UUID, dice: Random, at: datetime
) -> dict[str, Any]:
    at_ms = int(at.timestamp() * 1000)
    fixes = [] if outing.kind == "no-position" else _fixes(_where(outing, kind), dice, at_ms)
    return {
        "at_ms": at_ms + dice.randrange(-900, 900),
        "challenge": str(challenge),
        "device": {
            "automated": False,
            "form": "phone",
            "motion": "unknown",
            "patched": False,
            "utc_offset_min": 540,
        },
        "errors_between": 0,
        "fixes": fixes,
        "id": str(_uuid7(at_ms, dice)),
        "kind": kind,
        "mono_ms": None,
        "photo_sha256": None,
        "repair": False,
        "site": None,
        "state": "refused" if outing.kind == "no-position" else "given",
        "trip": str(outing.trip.uid) if outing.trip else None,
        "v": 1,
    }


def _where(outing: Outing, kind: str) -> Somewhere:
    if kind == "return":
        return WORKPLACE
    return FAR[0] if outing.kind == "far-away" else outing.place


def _fixes(place: Somewhere, dice: Random, at_ms: int) -> list[dict[str, int]]:
    """Two to five positions that drift by some metres, as phones outdoors give them."""
    lat, lon = (
        place.lat_e7 + dice.randrange(-4000, 4000),
        place.lon_e7 + dice.randrange(-4000, 4000),
    )
    fixes, seen = [], at_ms
    for _ in range(dice.randrange(2, 6)):
        lat, lon = lat + dice.randrange(-300, 300), lon + dice.randrange(-300, 300)
        seen += dice.randrange(700, 1400)
        fixes.append(
            {
                "acc_cm": dice.randrange(620, 3900),
                "fix_ms": seen - dice.randrange(40, 400),
                "lat_e7": lat | 1,
                "lon_e7": lon | 1,
                "seen_ms": seen,
            }
        )
    return fixes


def _uuid7(at_ms: int, dice: Random) -> UUID:
    low = dice.getrandbits(62)
    return UUID(int=at_ms << 80 | 0x7 << 76 | dice.getrandbits(12) << 64 | 0b10 << 62 | low)


def built(*, since: datetime) -> World:
    """The city hall with its people, places, roles and passkeys, all from *since* on."""
    organisation = Organisation.objects.create(name=ORGANISATION, rule_set="kr-changwon")
    places = {w.name: _place(organisation, w) for w in (WORKPLACE, *NEAR, *FAR)}
    departments = {
        name: Department.objects.create(organisation=organisation, name=name)
        for name in DEPARTMENTS
    }
    home = places[WORKPLACE.name]
    people = {}
    password = ""
    for number, (name, department, grade, roles) in enumerate(PEOPLE, start=1):
        person = Person(
            organisation=organisation,
            department=departments[department],
            workplace=home,
            name=name,
            grade=grade,
        )
        person.put_number(f"G{number:04d}")
        if not password:
            # Hashed once for all forty: the demonstration's password is no secret.
            person.set_password(PASSWORD)
            password = person.password
        person.password = password
        person.save()
        _grant(person, roles, since)
        people[name] = person
    for name, led in departments.items():
        led.approver = people[_head(name)]
        led.save(update_fields=["approver"])
    world = World(organisation, people, places)
    for person in people.values():
        _equip(world, person, since)
    return world


def _place(organisation: Organisation, where: Somewhere) -> Place:
    place = Place(
        organisation=organisation, name=where.name, unit=where.unit, town=where.town, radius_m=250
    )
    place.put_point(Point(where.lat_e7, where.lon_e7).packed())
    place.save()
    return place


def _grant(person: Person, roles: str, since: datetime) -> None:
    for role in roles.split():
        until = since + timedelta(days=180) if role == "auditor" else None
        Grant.objects.create(person=person, role=role, since=since, until=until)


def _equip(world: World, person: Person, since: datetime) -> None:
    key = SoftAuthenticator(origin=settings.ORIGIN, rp_id=settings.RP_ID)
    world.keys[person.pk] = key
    made = Registration(key.credential_id, key.public_key, synced=False)
    enrol_device(person, registration=made, name="시연용 소프트웨어 열쇠", now=since)
    version = VERSIONS["position"]
    answer_consent(person, purpose="position", version=version, answer="given", now=since)
