from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Person, Place
from tests.clock import Clock, stopped
from tests.settlement.desk import EVENING, confirmed
from trips.models import Trip


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """It is the evening after the trips, whatever day it is for us."""
    with stopped(EVENING) as clock:
        yield clock


@pytest.fixture
def payable(ada: Person, bora: Person, site: Place) -> Trip:
    """Ada's trip of four and a half hours: back, approved, good for 20,000 won."""
    return confirmed(ada, bora, site)


@pytest.fixture
def second(mallory: Person, bora: Person, site: Place) -> Trip:
    """Somebody else's payable trip of the same day, of two hours."""
    return confirmed(mallory, bora, site, hours=2)
