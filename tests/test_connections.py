"""A kept connection is looked at before each request: a dead one is never used."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.postgres.base import DatabaseWrapper


@pytest.fixture
def other() -> DatabaseWrapper:
    """A connection beside the one of the tests."""
    if not isinstance(connection, DatabaseWrapper):
        pytest.skip("SQLite has no connection to lose")
    beside = connection.copy()
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


@pytest.mark.django_db
def test_one_to_which_something_was_said_is_asked_and_lives(other: DatabaseWrapper) -> None:
    speaker = connection.copy()
    with other.cursor() as here, speaker.cursor() as there:
        here.execute("LISTEN news")
        there.execute("NOTIFY news")
        # A round trip later the news has come.
        there.execute("SELECT pg_sleep(0.05)")

    with CaptureQueriesContext(other) as captured:
        assert other.is_usable()
    assert len(captured) <= 1
    other.close()
    speaker.close()
