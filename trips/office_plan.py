"""What a sheet of office traces would do: which touches each line lies near, and which none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from accounts.models import Organisation, Person, Place, number_index
from accounts.previews import counts_of, digest_over
from attest.errors import ImportRefused
from trips.models import CheckIn
from trips.office_sheet import Entry
from trips.weighing import weights

Value = TypeVar("Value")
FATES = ("kept", "outside", "refused")
# Each touch is opened before its traveller's diary: a larger sheet is split by whoever asks.
MOST_TOUCHES = 2_000
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One line and its fate. Of a line outside every trip nothing but its number is left."""

    line: int
    fate: str
    code: str = ""
    person: Person | None = None
    place: Place | None = None
    kind: str = ""
    at: datetime | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """*near* holds, for each touch, the steps within reach of it in time."""

    steps: Sequence[Step]
    near: dict[int, list[Step]]
    touches: dict[int, CheckIn]

    @property
    def digest(self) -> bytes:
        """Equal for equal fates of equal lines over equal touches."""
        said = [[step.line, step.fate, step.code] for step in self.steps]
        touched = sorted(str(touch.uid) for touch in self.touches.values())
        return digest_over([said, touched])

    def counts(self) -> dict[str, int]:
        return counts_of((step.fate for step in self.steps), among=FATES)


def reach() -> timedelta:
    """How far from a touch a trace still says something (evidence.md §4)."""
    return timedelta(minutes=weights().limits.office_max_minutes)


def plan_of(organisation: Organisation, entries: Sequence[Entry]) -> OfficePlan:
    people = _people(organisation, {entry.number for entry in entries if not entry.code})
    places = {place.name: place for place in Place.objects.filter(organisation=organisation)}
    steps = [_known(entry, people, places) for entry in entries]
    touches = _touches(step for step in steps if step.fate == "kept")
    near: defaultdict[int, list[Step]] = defaultdict(list)
    fates = []
    for step in steps:
        found = _near(step, touches)
        for touch in found:
            near[touch.pk].append(step)
        fates.append(step if found or step.code else Step(step.line, "outside"))
    if len(near) > MOST_TOUCHES:
        raise ImportRefused("import.too-many-rows")
    every = {touch.pk: touch for rows in touches.values() for touch in rows}
    return OfficePlan(fates, dict(near), {pk: every[pk] for pk in near})


def _known(entry: Entry, people: dict[str, Person], places: dict[str, Place]) -> Step:
    if entry.code:
        return Step(entry.line, "refused", entry.code)
    person, place = people.get(entry.number), places.get(entry.place)
    if person is None:
        return Step(entry.line, "refused", "office.person-unknown")
    if place is None or place.point is None:
        return Step(entry.line, "refused", "office.place-unknown")
    return Step(entry.line, "kept", "", person, place, entry.kind, entry.at)


def _people(organisation: Organisation, numbers: Iterable[str]) -> dict[str, Person]:
    by_index = {number_index(organisation, number): number for number in numbers}
    found: dict[str, Person] = {}
    for some in _some(list(by_index)):
        rows = Person.objects.filter(organisation=organisation, number_index__in=some)
        found |= {by_index[bytes(person.number_index)]: person for person in rows}
    return found


def _touches(steps: Iterator[Step]) -> dict[int, list[CheckIn]]:
    """The touches with a position, of these people, in the time the sheet speaks of."""
    known = [(step.person.pk, step.at) for step in steps if step.person and step.at]
    if not known:
        return {}
    times = [at for _, at in known]
    span = (min(times) - reach(), max(times) + reach())
    found: defaultdict[int, list[CheckIn]] = defaultdict(list)
    for some in _some(sorted({pk for pk, _ in known})):
        rows = CheckIn.objects.filter(
            trip__traveller__in=some, recorded_at__range=span, withdrawn_at=None
        ).exclude(best_fix=None)
        for touch in rows.select_related("trip__traveller"):
            found[touch.trip.traveller_id].append(touch)
    return found


def _some(values: list[Value]) -> Iterator[list[Value]]:
    """As many as one question of the database may name."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _near(step: Step, touches: dict[int, list[CheckIn]]) -> list[CheckIn]:
    if step.person is None or step.at is None:
        return []
    mine = touches.get(step.person.pk, [])
    return [touch for touch in mine if abs(touch.recorded_at - step.at) <= reach()]
