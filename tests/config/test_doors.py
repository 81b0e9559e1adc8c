"""Who comes in where: asked at every door of the clerk, the auditor, and of everybody."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Person
from tests.config.doors import (
    ADMINISTRATOR,
    ANYBODY,
    AUDITOR,
    CLERK,
    DOORS,
    EITHER,
    HOLDER,
    MINE,
    OWNER,
    Door,
    addresses,
)
from tests.conftest import phone_of

CLOSED = [door for door in DOORS if door.who != ANYBODY]
OPEN = [door for door in DOORS if door.who == ANYBODY]
DUTIES = {"olga": {ADMINISTRATOR, EITHER}}
HTTP = {"get", "post", "put", "patch", "delete"}


def knock(phone: APIClient, door: Door) -> dict[str, int]:
    """What each of its methods answers to *phone*."""
    return {
        method: getattr(phone, method)(door.address, {}, format="json").status_code
        for method in door.methods
    }


def refused(person: Person, who: str) -> dict[str, set[int]]:
    phone = phone_of(person)
    doors = [door for door in CLOSED if door.who == who]
    return {door.route: set(knock(phone, door).values()) for door in doors}


def test_every_door_stands_in_the_table() -> None:
    assert sorted(addresses()) == sorted(door.route for door in DOORS)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.route)
def test_no_door_takes_more_methods_than_its_table_says(door: Door) -> None:
    view = addresses()[door.route]
    classed = getattr(view, "view_class", getattr(view, "cls", None))

    told = {method for method in HTTP if hasattr(classed, method)} or set(door.methods)

    assert told == set(door.methods)


def test_a_stranger_is_asked_to_sign_in(db: None) -> None:
    phone = APIClient()

    for door in CLOSED:
        for method in door.methods:
            answer: Any = getattr(phone, method)(door.address, {}, format="json")
            expected = {True: 401, False: 302}[door.is_api]
            assert answer.status_code == expected, (method, door.route)
            assert answer.get("Location", "/login/").startswith("/login/")


@pytest.mark.parametrize("name", ["mallory", "ada", "bora", "olga"])
def test_who_is_neither_clerk_nor_auditor_comes_in_nowhere(
    name: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)

    for who in {CLERK, AUDITOR, ADMINISTRATOR, EITHER} - DUTIES.get(name, set()):
        for route, codes in refused(person, who).items():
            assert codes == {403}, route
    for route, codes in refused(person, OWNER).items():
        assert codes == {404}, route


def test_a_clerk_does_not_audit(felix: Person) -> None:
    for route, codes in refused(felix, AUDITOR).items():
        assert codes == {403}, route


def test_an_auditor_does_not_settle(iris: Person) -> None:
    for route, codes in (refused(iris, CLERK) | refused(iris, EITHER)).items():
        assert codes == {403}, route


@pytest.mark.parametrize(
    ("name", "who"),
    [("felix", CLERK), ("iris", AUDITOR), ("olga", ADMINISTRATOR), ("olga", EITHER)],
)
def test_each_comes_in_at_their_own_doors(
    name: str, who: str, request: pytest.FixtureRequest
) -> None:
    for route, codes in refused(request.getfixturevalue(name), who).items():
        assert not codes & {401, 500, 503}, route
        assert codes <= {200, 201, 302, 400, 403, 404, 409, 415}, route
        assert codes != {403}, route


def test_what_belongs_to_nobody_is_not_there(felix: Person, iris: Person) -> None:
    """An unknown id is a 404, whatever is asked of it."""
    for person, who in ((felix, CLERK), (iris, AUDITOR)):
        phone = phone_of(person)
        for door in [door for door in CLOSED if door.who == who and "uuid" in door.route]:
            assert set(knock(phone, door).values()) == {404}, door.route


@pytest.mark.parametrize("door", OPEN, ids=lambda door: door.route)
def test_some_doors_are_open_to_everybody(door: Door, db: None) -> None:
    assert set(knock(APIClient(), door).values()) <= {200, 302, 204}


@pytest.mark.parametrize("name", ["mallory", "ada", "bora", "felix"])
def test_nobody_else_keeps_positions_back(name: str, request: pytest.FixtureRequest) -> None:
    for route, codes in refused(request.getfixturevalue(name), HOLDER).items():
        assert codes == {403}, route


@pytest.mark.parametrize("name", ["iris", "olga"])
def test_auditors_and_administrators_may(name: str, request: pytest.FixtureRequest) -> None:
    for route, codes in refused(request.getfixturevalue(name), HOLDER).items():
        assert codes <= {200, 400, 404}, route


def test_everybody_finds_what_is_their_own(mallory: Person) -> None:
    assert list(refused(mallory, MINE).values()) == [{200}] * 3


@pytest.mark.parametrize(
    "door", [door for door in CLOSED if door.who != MINE], ids=lambda door: door.route
)
def test_a_role_that_ended_opens_nothing(door: Door, felix: Person, iris: Person) -> None:
    for person in (felix, iris):
        person.grants.update(since="2026-01-01T00:00:00Z", until="2026-01-02T00:00:00Z")
        assert set(knock(phone_of(person), door).values()) <= {403, 404}
