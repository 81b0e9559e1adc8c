"""The cast. A fixture is a noun, a test is a sentence about it."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as whole_run
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.consents import POSITION, VERSIONS
from accounts.models import Consent, Department, Grant, Organisation, Person, Place
from attest.values import Point
from ledger.services.create_keys import create_keys
from trips import rules, weighing
from trips.models import Trip
from trips.plan import Plan, PlannedStop
from trips.services.draft import draft
from trips.services.order import order
from trips.services.request import request
from vault import keyring
from vault.sealed import shred

# The same examples every run and nothing on disk: a red test stays red.
hypothesis.settings.register_profile("calm", database=None, derandomize=True, deadline=None)
hypothesis.settings.load_profile("calm")

# An installation has a session secret before its first request, and so does a whole run.
whole_run.SECRET_KEY = "only-in-tests"

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 12:00 in Seoul, a Monday
ROLES = {
    "ada": ["traveller"],
    "bora": ["traveller", "approver"],
    "felix": ["traveller", "clerk"],
    "flora": ["traveller", "clerk"],
    "iris": ["auditor"],
    "olga": ["administrator"],
    "mallory": ["traveller"],
}
HALL = Point(352_280_210, 1_286_811_340)
SITE = Point(352_536_470, 1_286_403_120)


# Of a server that may end a connection; a file has none to lose.
_SERVED = "postgres" in whole_run.DATABASES["default"]["ENGINE"]
collect_ignore = [] if _SERVED else ["postgresql"]

_DATABASE = {"db", "transactional_db", "django_db_serialized_rollback"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can ask a database; nothing else reaches one, so no other database changes it."""
    for item in items:
        if item.get_closest_marker("django_db") or _DATABASE & {*getattr(item, "fixturenames", ())}:
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What was collected stays to the end: to look through it for waste is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One set of keys for all tests: made as an operator makes them."""
    folder = tmp_path_factory.mktemp("keys")
    # Good for tests whose clock stands at noon, and for those that read the wall clock.
    create_keys(folder=folder, since=NOON - timedelta(days=60), now=max(NOON, timezone.now()))
    return folder


@pytest.fixture(autouse=True)
def installation(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[None]:
    """Every test has its own shred store and head file."""
    settings.KEY_FOLDER = key_folder
    settings.SHRED_STORE = str(tmp_path / "shred")
    settings.FILE_STORE = str(tmp_path / "files")
    settings.EXPORT_STORE = str(tmp_path / "exports")
    settings.HEAD_FILE = str(tmp_path / "head" / "checkpoint")
    # Pages name their files plainly here: hashed names come with an installation.
    static = tmp_path / "static"
    static.mkdir()
    settings.STATIC_ROOT = str(static)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    keyring.forget()
    shred.forget()
    weighing.forget()
    rules.forget()
    cache.clear()
    yield
    shred.forget()


@pytest.fixture
def own_keys(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The folder of keys of a test that replaces some."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield settings.KEY_FOLDER
    keyring.forget()


@pytest.fixture
def hall(db: None) -> Organisation:
    del db
    return Organisation.objects.create(name="시험시청", rule_set="kr-changwon")


@pytest.fixture
def workplace(hall: Organisation) -> Place:
    return place(hall, "시험시청 본관", HALL)


@pytest.fixture
def site(hall: Organisation) -> Place:
    return place(hall, "시험구청", SITE)


def place(hall: Organisation, name: str, point: Point, unit: str = "48120") -> Place:
    made = Place(organisation=hall, name=name, unit=unit, radius_m=250)
    made.put_point(point.packed())
    made.save()
    return made


@pytest.fixture
def office(hall: Organisation) -> Department:
    return Department.objects.create(organisation=hall, name="안전총괄과")


def person(name: str) -> Any:
    @pytest.fixture(name=name)
    def enter(hall: Organisation, office: Department, workplace: Place) -> Person:
        return enrolled(name, hall, office, workplace)

    return enter


def enrolled(name: str, hall: Organisation, office: Department, workplace: Place) -> Person:
    who = Person(organisation=hall, department=office, workplace=workplace, name=name)
    who.put_number(f"T-{name}")
    who.set_unusable_password()
    who.save()
    agree(who, at=NOON - timedelta(days=30))
    for role in ROLES[name]:
        for since, until in _times(role):
            Grant.objects.create(person=who, role=role, since=since, until=until)
    return who


def agree(who: Person, *, at: datetime, answer: str = "given") -> Consent:
    """What *who* says to having their position recorded."""
    version = VERSIONS[POSITION]
    said = {"purpose": POSITION, "text_version": version, "answer": answer}
    return Consent.objects.create(person=who, at=at, **said)


def _times(role: str) -> list[tuple[datetime, datetime | None]]:
    """When a role holds: from before noon on. An auditor's ends by itself, and is given anew."""
    first, length = NOON - timedelta(days=30), timedelta(days=90)
    if role != "auditor":
        return [(first, None)]
    times: list[tuple[datetime, datetime | None]] = [(first, first + length)]
    if (now := timezone.now()) >= first + length:
        times.append((now - timedelta(days=1), now + timedelta(days=89)))
    return times


ada = person("ada")  # travels
bora = person("bora")  # approves ada's trips
felix = person("felix")  # settles
flora = person("flora")  # settles too
iris = person("iris")  # audits
olga = person("olga")  # administers
mallory = person("mallory")  # is logged in and owns nothing


def plan_of(approver: Person, place: Place, **said: Any) -> Plan:
    starts_at = said.pop("starts_at", NOON)
    plan = {
        "purpose": "도로 점검",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=4, minutes=30),
        "vehicle": "transit",
        "approver": approver,
        "stops": (PlannedStop(place.name, place.unit, place, 6_200),),
    }
    return Plan(**(plan | said))


@pytest.fixture
def trip(ada: Person, bora: Person, site: Place) -> Trip:
    """Ada's trip to the site, ordered an hour before it begins."""
    at = NOON - timedelta(hours=1)
    asked = request(draft(traveller=ada, plan=plan_of(bora, site), now=at), now=at)
    return order(asked, approver=bora, now=at)


def phone_of(person: Person) -> APIClient:
    phone = APIClient()
    phone.force_login(person, backend="accounts.backends.NumberBackend")
    return phone
