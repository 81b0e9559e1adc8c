from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Department, Grant, Organisation, Person, Place, Role
from tests.audit.office import trips_of
from tests.conftest import NOON, enrolled
from tests.settlement.conftest import clock, payable
from tests.settlement.desk import batch_of, confirmed, pay
from trips.models import Trip

__all__ = ["clock", "payable"]


@pytest.fixture
def past(ada: Person, bora: Person) -> list[Trip]:
    return trips_of(ada, bora, 5)


@pytest.fixture
def paid(ada: Person, bora: Person, felix: Person, site: Place) -> Trip:
    trip = confirmed(ada, bora, site)
    pay(felix, batch_of(felix, trip))
    return trip


@pytest.fixture
def ivan(hall: Organisation, office: Department, workplace: Place) -> Person:
    """Audits as well."""
    other = enrolled("mallory", hall, office, workplace)
    ends = timezone.now() + timedelta(days=30)
    Grant.objects.create(
        person=other, role=Role.AUDITOR, since=NOON - timedelta(days=1), until=ends
    )
    return Person.objects.get(pk=other.pk)
