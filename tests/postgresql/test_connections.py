"""A kept connection is looked at before each request: a dead one is never used."""

from __future__ import annotations

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from config.postgres.base import DatabaseWrapper


@pytest.fixture
def other() -> DatabaseWrapper:
    """A connection beside the one of the tests."""
    mine = connections["default"]
    assert isinstance(mine, DatabaseWrapper)
    beside = mine.copy()
    beside.connect()
    return beside


@pytest.mark.django_db
def test_one_that_lives_is_not_asked(other: DatabaseWrapper) -> None:
    with CaptureQueriesContext(other) as captured:
        assert other.is_usable()
    assert len(captured) == 0
    other.close()


@pytest.mark.django_db
def test_one_that_the_server_ended_is_known_to_be_dead(other: DatabaseWrapper) -> None:
    pid = other.connection.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)

    assert not other.is_usable()
    other.close()
