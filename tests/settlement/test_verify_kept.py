"""What is kept of an attempt, who is told of it, and what a scan costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Place
from attest.token import text_of
from ledger.models import Access, AccessSubject, Outbox
from settlement.models import Verification
from settlement.services.verify import verify
from tests.clock import Clock
from tests.conftest import NOON, phone_of
from tests.settlement.desk import (
    EVENING,
    answers,
    approved,
    arrival,
    code_of,
    confirmed,
    names,
    ordered,
    scan,
    seen,
    token_of,
    touch,
)
from trips.models import Trip
from trips.rules import rule_sets
from vault import keyring

TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


# -- what is kept --------------------------------------------------------------------------


def everything_in(table: str) -> str:
    """Every column of every row as text, the raw bytes as hex and as they are."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        cells = [cell for row in cursor.fetchall() for cell in row]
    raw = [bytes(cell) for cell in cells if isinstance(cell, bytes | memoryview)]
    return " ".join([*map(str, cells), *(one.hex() for one in raw), *(str(one) for one in raw)])


def test_an_attempt_is_kept_without_its_text(felix: Person, payable: Trip) -> None:
    good = code_of(arrival(payable))
    wrong = "HTTPS://LOCALHOST:8000/V#" + "31415926535897932" * 38
    for text in (good, wrong):
        scan(felix, text)

    tables = [model._meta.db_table for model in apps.get_models()]  # noqa: SLF001 -- its public name
    kept = {table: everything_in(table) for table in tables}
    for number in (good.partition("#")[2], wrong.partition("#")[2]):
        pieces = {number[start : start + 34] for start in range(0, len(number) - 34, 17)}
        assert not [table for table, text in kept.items() if any(p in text for p in pieces)]
    assert token_of(payable).hex() not in "".join(kept.values())


@pytest.mark.parametrize("source", ["camera", "scanner", "picture", "link"])
def test_every_attempt_is_kept_failed_ones_too(felix: Person, payable: Trip, source: str) -> None:
    seen(felix, "31415926", source=source)
    seen(felix, code_of(arrival(payable)), source=source)

    failed, good = Verification.objects.order_by("pk")
    assert (failed.genuine, failed.payable, failed.code) == ("not-ours", "waiting", "malformed")
    assert (failed.source, failed.clerk, failed.check_in, failed.at) == (
        source,
        felix,
        None,
        EVENING,
    )
    assert (good.genuine, good.payable, good.check_in) == ("genuine", "payable", arrival(payable))
    assert good.cti
    assert bytes(good.cti) == bytes(arrival(payable).cti)


def test_the_key_a_refused_token_named_is_kept(felix: Person, payable: Trip) -> None:
    token = bytearray(token_of(payable))
    token[-1] ^= 1

    seen(felix, text_of(bytes(token), keyring.opener().host))

    kept = Verification.objects.get()
    assert len(kept.kid) == 4
    assert kept.refused_at == "outer"


def test_the_traveller_reads_in_her_diary_who_scanned(
    ada: Person, felix: Person, payable: Trip
) -> None:
    seen(felix, code_of(arrival(payable)))

    look = AccessSubject.objects.get(person=ada)
    assert (look.access.actor, look.access.role, look.access.method) == (felix, "clerk", "scan")
    assert (look.access.action, look.access.reference) == ("verify", payable.number)
    assert look.depth == "place"
    leaf = next(row for row in Outbox.objects.order_by("-pk") if b'"access"' in bytes(row.entry))
    assert b'"method":"scan"' in bytes(leaf.entry)
    assert names("felix", phone_of(ada).get("/me/diary/"))


def test_a_code_nobody_can_open_is_a_look_at_nobody(felix: Person, payable: Trip) -> None:
    seen(felix, "31415926")

    assert not Access.objects.exists()


def test_without_a_diary_nothing_is_shown(felix: Person, payable: Trip) -> None:
    """The diary is part of the answer: what cannot be written down is not read."""
    code = code_of(arrival(payable))

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        assert "ledger_access" not in sql, "the diary is full"
        return execute(sql, *rest)

    with pytest.raises(AssertionError, match="diary"), connection.execute_wrapper(refuse):
        verify(clerk=felix, text=code, source="camera", address="", now=EVENING)
    assert not Verification.objects.exists()


def test_who_read_the_same_code_before_is_shown(
    felix: Person, flora: Person, payable: Trip, clock: Clock
) -> None:
    code = code_of(arrival(payable))
    assert seen(felix, code)["earlier"] == []
    clock.later(minutes=4)
    seen(flora, code)
    clock.later(minutes=4)

    earlier = seen(felix, code)["earlier"]

    assert [one["clerk"] for one in earlier] == ["flora", "felix"]
    assert earlier[1]["at"] == "2026-11-23T18:00:00+09:00"


def test_the_return_is_another_code_of_the_same_trip(felix: Person, payable: Trip) -> None:
    seen(felix, code_of(arrival(payable)))
    said = seen(felix, code_of(payable.check_ins.get(kind="return")))

    assert answers(said) == ("genuine", "payable")
    assert said["check_in"]["kind"] == "return"
    assert said["earlier"] == []


def test_a_clerk_lists_her_own_scans_without_a_name(
    felix: Person, flora: Person, payable: Trip
) -> None:
    seen(felix, code_of(arrival(payable)))
    seen(flora, "31415926")

    listed = phone_of(felix).get("/api/v1/verifications")

    assert [row["trip"] for row in listed.json()["results"]] == [payable.number]
    assert not names("ada", listed)


# -- its price -------------------------------------------------------------------------------


# PostgreSQL writes in one statement what SQLite writes in five.
SCAN = {"postgresql": 4, "sqlite": 8}


def statements(clerk: Person, text: str, *, source: str = "camera") -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        verify(clerk=clerk, text=text, source=source, address="10.0.0.7", now=EVENING)
    return len([q for q in asked.captured_queries if not q["sql"].startswith(TRANSACTION)])


@pytest.mark.parametrize("source", ["camera", "typed"])
def test_a_scan_asks_three_times_and_writes_once(
    felix: Person, flora: Person, payable: Trip, source: str
) -> None:
    texts = {"camera": code_of(arrival(payable)), "typed": arrival(payable).spoken}
    rule_sets()  # a process reads them once a minute
    spent = [statements(felix, texts[source], source=source) for _ in range(3)]

    # Scanned before, it also says by whom.
    assert spent == [SCAN[connection.vendor]] + 2 * [SCAN[connection.vendor] + 1]


def test_a_scan_that_opens_an_exception_writes_it_beside(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    bare = ordered(ada, bora, site)
    unsigned = touch(bare, at=NOON)
    touch(bare, at=bare.ends_at, kind="return")
    approved(bare)
    rule_sets()

    assert statements(felix, code_of(unsigned)) == SCAN[connection.vendor] + 1
    assert bare.holds.count() == 1


def test_a_code_nobody_knows_costs_next_to_nothing(felix: Person, db: None) -> None:
    assert statements(felix, "31415926") == 1


def test_a_day_of_several_trips_costs_the_same_however_many(
    felix: Person, ada: Person, bora: Person, site: Place
) -> None:
    trips = [
        confirmed(ada, bora, site, starts_at=NOON + n * timedelta(minutes=40), hours=0.5)
        for n in range(2)
    ]
    rule_sets()  # a process reads them once a minute
    two = statements(felix, code_of(arrival(trips[0])))
    confirmed(ada, bora, site, starts_at=NOON + timedelta(hours=3), hours=0.5)

    assert statements(felix, code_of(arrival(trips[1]))) == two <= 18
