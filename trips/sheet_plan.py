"""What a sheet of trips would do: the fate of every row, before anything is done.

new      a draft of that person at that time would be written
changed  their draft would be rewritten
same     nothing would change
refused  nothing is done; the code says why
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Grant, Organisation, Person, Place, Role
from accounts.previews import counts_of, digest_over
from trips.models import State, Trip
from trips.plan import Plan, PlannedStop
from trips.sheet_people import chunks, people_numbered
from trips.sheets import Entry
from trips.units import says_where, split_unit

FATES = ("new", "changed", "same", "refused")


@dataclass(frozen=True, slots=True)
class Step:
    entry: Entry
    fate: str
    code: str = ""
    traveller: Person | None = field(default=None, repr=False)
    plan: Plan | None = field(default=None, repr=False)
    trip: Trip | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SheetPlan:
    steps: tuple[Step, ...]

    @property
    def digest(self) -> bytes:
        """Over every row and its fate: what was previewed is what is applied."""
        return digest_over(_said(step) for step in self.steps)

    def counts(self) -> dict[str, int]:
        return counts_of((step.fate for step in self.steps), among=FATES)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows name, looked up once for the whole sheet."""

    people: dict[str, Person]
    roles: dict[int, set[str]]
    places: dict[str, Place]
    trips: dict[tuple[int, datetime], list[Trip]]


def plan_of(organisation: Organisation, entries: Sequence[Entry], *, now: datetime) -> SheetPlan:
    """The fate of every row as things stand. Looks; changes nothing."""
    known = _known(organisation, entries, now)
    return SheetPlan(tuple(_step(entry, known) for entry in entries))


def _step(entry: Entry, known: _Known) -> Step:
    if entry.code:
        return Step(entry, "refused", entry.code)
    try:
        traveller = _traveller(entry, known)
        plan = _plan(entry, traveller, known)
        trip = _standing(known.trips.get((traveller.pk, entry.starts_at), []))
    except _Refused as refused:
        return Step(entry, "refused", str(refused))
    if trip is None:
        return Step(entry, "new", "", traveller, plan)
    if _same(trip, plan):
        return Step(entry, "same", "", traveller, plan, trip)
    if trip.state != State.DRAFT:
        return Step(entry, "refused", "trips.not-a-draft", traveller)
    return Step(entry, "changed", "", traveller, plan, trip)


class _Refused(Exception):
    """A row that cannot be honoured here and now; its code becomes the row's."""


def _traveller(entry: Entry, known: _Known) -> Person:
    person = known.people.get(entry.number)
    if person is None or Role.TRAVELLER not in known.roles.get(person.pk, set()):
        raise _Refused("trips.traveller-unknown")
    return person


def _plan(entry: Entry, traveller: Person, known: _Known) -> Plan:
    approver = known.people.get(entry.approver)
    if approver is None or Role.APPROVER not in known.roles.get(approver.pk, set()):
        raise _Refused("trips.approver-unknown")
    if approver.pk == traveller.pk:
        raise _Refused("trips.own-approver")
    companions = [known.people.get(number) for number in entry.companions]
    if None in companions:
        raise _Refused("trips.companion-unknown")
    return Plan(
        purpose=entry.purpose,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        vehicle=entry.vehicle,
        approver=approver,
        stops=(_stop(entry.place, known),),
        companions=tuple(person for person in companions if person),
    )


def _stop(words: str, known: _Known) -> PlannedStop:
    """A place of the office by its name, or a 시·군·구 and words."""
    if place := known.places.get(words):
        return PlannedStop(place.name, place.unit, place)
    found = split_unit(words)
    if found is None:
        raise _Refused("trips.place-unknown")
    unit, rest = found
    if not says_where(rest):
        raise _Refused("trips.place-vague")
    return PlannedStop(rest, unit.unit)


def _standing(trips: list[Trip]) -> Trip | None:
    """Of the trips at that time the one that was not called off; several nobody can tell apart."""
    alive = [trip for trip in trips if trip.state not in {State.CANCELLED, State.VOIDED}]
    if len(alive) > 1:
        raise _Refused("trips.several-there")
    return alive[0] if alive else None


def _same(trip: Trip, plan: Plan) -> bool:
    stands = (
        trip.purpose,
        trip.ends_at,
        trip.vehicle,
        trip.approver_id,
        [(stop.place_id, stop.unit, stop.text) for stop in trip.stops.all()],
        {companion.person_id for companion in trip.companions.all()},
    )
    stops = [(s.place.pk if s.place else None, s.unit, s.text) for s in plan.stops]
    people = {person.pk for person in plan.companions} - {trip.traveller_id}
    said = (plan.purpose, plan.ends_at, plan.vehicle, plan.approver.pk, stops, people)
    return stands == said


def _known(organisation: Organisation, entries: Sequence[Entry], now: datetime) -> _Known:
    sound = [entry for entry in entries if not entry.code]
    people = people_numbered(organisation, _numbers(sound))
    names = {entry.place for entry in sound}
    places = Place.objects.filter(organisation=organisation)
    return _Known(
        people,
        _roles(people.values(), now),
        {place.name: place for place in places if place.name in names},
        _trips(people, sound),
    )


def _numbers(entries: Iterable[Entry]) -> set[str]:
    named: set[str] = set()
    for entry in entries:
        named |= {entry.number, entry.approver, *entry.companions}
    return named


def _roles(people: Iterable[Person], now: datetime) -> dict[int, set[str]]:
    held: dict[int, set[str]] = {}
    for some in chunks([person.pk for person in people]):
        for person, role in (
            Grant.objects.live(now).filter(person__in=some).values_list("person", "role")
        ):
            held.setdefault(person, set()).add(role)
    return held


def _trips(
    people: dict[str, Person], entries: Sequence[Entry]
) -> dict[tuple[int, datetime], list[Trip]]:
    """Their trips that begin when a row says, keyed by who and when."""
    found: dict[tuple[int, datetime], list[Trip]] = {}
    moments = sorted({entry.starts_at for entry in entries})
    if not moments:
        return found
    rows = Trip.objects.filter(starts_at__range=(moments[0], moments[-1]), standing__isnull=True)
    rows = rows.prefetch_related("stops", "companions")
    travellers = sorted({people[e.number].pk for e in entries if e.number in people})
    for some in chunks(travellers):
        for trip in rows.filter(traveller__in=some):
            found.setdefault((trip.traveller_id, trip.starts_at), []).append(trip)
    return found


def _said(step: Step) -> list[object]:
    entry = step.entry
    return [
        entry.line,
        step.fate,
        step.code,
        entry.number,
        entry.starts_at.isoformat(),
        entry.ends_at.isoformat(),
        entry.place,
        entry.purpose,
        entry.vehicle,
        entry.approver,
        list(entry.companions),
        str(step.trip.uid) if step.trip else "",
    ]
