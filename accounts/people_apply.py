"""Doing what a previewed sheet of people says: row by row, in one transaction."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.devices import take_away
from accounts.models import Department, Device, Grant, Organisation, Person, Role
from accounts.people_plan import Plan, Step, plan_of, starts
from accounts.people_sheet import Entry
from accounts.roles import begin, finish, shorten
from attest.errors import BatchChanged


def apply_people(
    organisation: Organisation,
    *,
    entries: Sequence[Entry],
    digest: bytes,
    by: Person | None,
    now: datetime,
) -> Plan:
    """Apply exactly the plan that was seen, or refuse: things may have moved since."""
    # One sheet at a time: the second looks at what the first left behind.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    plan = plan_of(organisation, entries, by=by, now=now)
    if not hmac.compare_digest(plan.digest, digest):
        raise BatchChanged("the people have changed since the preview")
    for step in plan.steps:
        _do(step, organisation, by, now)
    return plan


def _do(step: Step, organisation: Organisation, by: Person | None, now: datetime) -> None:
    if step.fate in {"same", "refused"}:
        return
    if step.fate == "ended" and step.person:
        _end(step.person, step.held, by, now)
        return
    person = _written(step, organisation)
    for grant in step.ends:
        finish(grant, by=by, now=now)
    until = starts(step.entry.until + timedelta(days=1)) if step.entry.until else None
    for grant in step.cut_short:
        if until:
            shorten(grant, by=by, until=until, now=now)
    since = starts(step.entry.since) if step.entry.since else now
    for role in sorted(step.begins):
        begin(person, role=Role(role), by=by, since=since, until=until, now=now)


def _written(step: Step, organisation: Organisation) -> Person:
    entry, person = step.entry, step.person
    department, _ = Department.objects.get_or_create(
        organisation=organisation, name=entry.department
    )
    if person is None:
        person = Person(organisation=organisation)
        person.set_unusable_password()
        person.put_number(entry.number)
    if step.workplace:
        person.workplace = step.workplace
    person.department, person.name, person.grade = department, entry.name, entry.grade
    person.is_active = True
    person.save()
    return person


def _end(person: Person, held: Sequence[Grant], by: Person | None, now: datetime) -> None:
    """Closed the same day: no session reads an inactive account, no device signs for it."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    for grant in held:
        finish(grant, by=by, now=now)
    standing = Device.objects.filter(person=person).exclude(state=Device.State.REVOKED)
    for device in standing.select_related("person"):
        take_away(device, actor=by, now=now)
