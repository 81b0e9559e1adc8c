"""What a sheet of people would do: the fate of every row, before anything is done.

new      nobody here carries this number
changed  something of theirs, or their roles, would change
same     nothing would change
ended    their last day has passed: account closed, roles ended, devices revoked
refused  nothing is done; the code says why
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from accounts.models import Grant, Organisation, Person, Place, Role, number_index
from accounts.people_sheet import Entry
from accounts.previews import counts_of, digest_over
from accounts.roles import clash
from attest.values import KST

# What an administrator signs when a sheet is applied.
APPLY = "apply-people"

FATES = ("new", "changed", "same", "ended", "refused")


@dataclass(frozen=True, slots=True)
class Step:
    entry: Entry
    fate: str
    code: str = ""
    person: Person | None = field(default=None, repr=False)
    workplace: Place | None = field(default=None, repr=False)
    held: tuple[Grant, ...] = field(default=(), repr=False)

    @property
    def begins(self) -> frozenset[str]:
        """Roles this row adds."""
        wanted = self.entry.roles
        if wanted is None:
            wanted = frozenset() if self.person else frozenset({Role.TRAVELLER.value})
        return wanted - {grant.role for grant in self.held}

    @property
    def ends(self) -> tuple[Grant, ...]:
        """Grants this row takes away: what the roles cell no longer names."""
        wanted = self.entry.roles
        if wanted is None:
            return ()
        return tuple(grant for grant in self.held if grant.role not in wanted)

    @property
    def cut_short(self) -> tuple[Grant, ...]:
        """Grants that would outlast the last day of the sheet."""
        if self.entry.until is None:
            return ()
        end = starts(self.entry.until + timedelta(days=1))
        ended = {grant.pk for grant in self.ends}
        kept = (grant for grant in self.held if grant.pk not in ended)
        return tuple(grant for grant in kept if grant.until is None or grant.until > end)


@dataclass(frozen=True, slots=True)
class Plan:
    steps: tuple[Step, ...]

    @property
    def digest(self) -> bytes:
        """Over every row and its fate: what was previewed is what is applied."""
        return digest_over(_said(step) for step in self.steps)

    def counts(self) -> dict[str, int]:
        return counts_of((step.fate for step in self.steps), among=FATES)


def plan_of(
    organisation: Organisation,
    entries: Sequence[Entry],
    *,
    by: Person | None,
    now: datetime,
) -> Plan:
    """The fate of every row as things stand. Looks; changes nothing."""
    people = _people(organisation, entries)
    places = {place.name: place for place in Place.objects.filter(organisation=organisation)}
    held = _held(people.values(), now)
    steps = []
    for entry in entries:
        person = people.get(number_index(organisation, entry.number)) if entry.number else None
        grants = held.get(person.pk, ()) if person else ()
        place = places.get(entry.workplace)
        steps.append(_step(Step(entry, "", "", person, place, grants), by, now))
    return Plan(tuple(steps))


def starts(day: date) -> datetime:
    """Midnight in Korea, where the calendar of the office is kept."""
    return datetime(day.year, day.month, day.day, tzinfo=KST)


def _step(step: Step, by: Person | None, now: datetime) -> Step:
    entry, person = step.entry, step.person
    code = entry.code or _refused(step, by, now)
    if code:
        fate = "refused"
    elif person and _over(entry, now):
        fate = "ended" if person.is_active or step.held else "same"
    elif person is None:
        fate = "new"
    else:
        fate = "changed" if _differs(step, person) else "same"
    return Step(entry, fate, code, person, step.workplace, step.held)


def _refused(step: Step, by: Person | None, now: datetime) -> str:
    if step.workplace is None:
        return "people.place-unknown"
    if step.person is None and _over(step.entry, now):
        return "people.ended-before"
    if by and step.person and step.person.pk == by.pk and _touches_roles(step, now):
        return "people.own-role"
    kept = {grant.role for grant in step.held} - {grant.role for grant in step.ends}
    return "person.duties-clash" if clash(kept | step.begins) else ""


def _touches_roles(step: Step, now: datetime) -> bool:
    return bool(step.begins or step.ends or step.cut_short) or _over(step.entry, now)


def _over(entry: Entry, now: datetime) -> bool:
    """The last day belongs to the service; the one after does not."""
    return entry.until is not None and now >= starts(entry.until + timedelta(days=1))


def _differs(step: Step, person: Person) -> bool:
    entry = step.entry
    said = (entry.name, entry.department, entry.grade, entry.workplace)
    stands = (person.name, person.department.name, person.grade, person.workplace.name)
    return (
        said != stands or not person.is_active or bool(step.begins or step.ends or step.cut_short)
    )


def _people(organisation: Organisation, entries: Sequence[Entry]) -> dict[bytes, Person]:
    indexes = [number_index(organisation, entry.number) for entry in entries if entry.number]
    people = Person.objects.filter(organisation=organisation).select_related(
        "organisation", "department", "workplace"
    )
    found: dict[bytes, Person] = {}
    # SQLite takes only so many values in one question.
    for start in range(0, len(indexes), 500):
        for person in people.filter(number_index__in=indexes[start : start + 500]):
            found[bytes(person.number_index)] = person
    return found


def _held(people: Iterable[Person], now: datetime) -> dict[int, tuple[Grant, ...]]:
    """Grants of the whole office, live or still to come; a department's own are not the sheet's."""
    held: dict[int, tuple[Grant, ...]] = {}
    keys = [person.pk for person in people]
    for start in range(0, len(keys), 500):
        own = Grant.objects.filter(person__in=keys[start : start + 500], scope=None)
        for grant in own.filter(Q(until=None) | Q(until__gt=now)):
            held[grant.person_id] = (*held.get(grant.person_id, ()), grant)
    return held


def _said(step: Step) -> list[object]:
    entry = step.entry
    return [
        entry.line,
        step.fate,
        step.code,
        entry.number,
        entry.name,
        entry.department,
        entry.grade,
        entry.workplace,
        sorted(step.begins),
        sorted(grant.pk for grant in step.ends),
        sorted(grant.pk for grant in step.cut_short),
        entry.since.isoformat() if entry.since else "",
        entry.until.isoformat() if entry.until else "",
    ]
