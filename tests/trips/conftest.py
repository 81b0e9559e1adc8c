from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.models import Person, Place
from tests.clock import Clock, stopped
from tests.conftest import NOON
from tests.trips.offline import Pocket
from tests.trips.stages import Stages, stages_of
from tests.trips.touches import Phone


@pytest.fixture(autouse=True)
def clock(installation: None) -> Iterator[Clock]:
    """It is noon in these tests until one of them says otherwise."""
    with stopped(NOON) as clock:
        yield clock


@pytest.fixture
def phone(ada: Person, clock: Clock) -> Phone:
    """Ada's phone, with her passkey in it."""
    return Phone.of(ada)


@pytest.fixture
def stages(phone: Phone, bora: Person, felix: Person, site: Place) -> Stages:
    return stages_of(phone, bora=bora, felix=felix, site=site)


@pytest.fixture
def pocket(phone: Phone, clock: Clock) -> Pocket:
    """Hers, to be pressed where no line is."""
    return Pocket(phone, clock)
