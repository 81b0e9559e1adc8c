"""Several at once: the log has one order, and a log in trouble stops no deed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from ledger.models import Leaf, Outbox
from ledger.outbox import TripLine
from ledger.services.sequence import sequence

from .deeds import LINE, expect_a_whole_log, opened, said, setting, wait_in_line

pytestmark = pytest.mark.django_db(transaction=True)
DEEDS = 12


def hands() -> int:
    """SQLite in memory has one writer at a time; the kill test sets two upon a file."""
    return {"postgresql": 4, "sqlite": 1}[connection.vendor]


def all_at_once(deed: Callable[[int], object]) -> None:
    """As many threads as there are hands, each with a connection of its own."""
    ready = Barrier(hands())

    def hand(n: int) -> None:
        ready.wait()
        try:
            deed(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands()) as workers:
        list(workers.map(hand, range(hands())))


def test_two_sequencers_at_once_give_no_place_twice() -> None:
    wait_in_line(300)

    all_at_once(lambda _: [sequence(now=timezone.now()) for _ in range(5)])
    assert Leaf.objects.exclude(outbox_id=None).count() == 300
    assert Leaf.objects.count() == 302
    expect_a_whole_log()


def test_deeds_and_sequencers_at_once_lose_and_double_nothing() -> None:
    def deed(n: int) -> None:
        for _ in range(DEEDS):
            setting(f"hand {n}", at=timezone.now())
            sequence(now=timezone.now())

    all_at_once(deed)
    sequence(now=timezone.now())
    placed = [said(row) for row in Leaf.objects.exclude(outbox_id=None)]
    assert sorted(one["name"] for one in placed) == sorted(
        f"hand {n}" for n in range(hands()) for _ in range(DEEDS)
    )
    expect_a_whole_log()


def test_many_hands_on_one_trip_write_one_line() -> None:
    opened(LINE)

    all_at_once(lambda _: [opened(LINE) for _ in range(DEEDS)])
    sequence(now=timezone.now())
    line = [said(row) for row in Leaf.objects.order_by("index") if b'"trip"' in bytes(row.entry)]
    assert [one["n"] for one in line] == list(range(1 + hands() * DEEDS))


def test_many_hands_on_many_trips_write_a_line_each() -> None:
    lines = [TripLine(f"t{n:032x}", "p00000001", "2026-11") for n in range(hands())]

    all_at_once(lambda n: [opened(lines[n]) for _ in range(DEEDS)])
    sequence(now=timezone.now())
    for line in lines:
        rows = Leaf.objects.order_by("index")
        counted = [said(row)["n"] for row in rows if line.log_id.encode() in bytes(row.entry)]
        assert counted == list(range(DEEDS))
    expect_a_whole_log()


def test_where_no_worker_runs_a_deed_has_the_log_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.sequencer.PAUSE_S", 0)

    setting(at=timezone.now())
    assert Outbox.objects.count() == {"postgresql": 1, "sqlite": 0}[connection.vendor]


def test_a_log_that_cannot_be_signed_stops_no_deed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.sequencer.PAUSE_S", 0)
    setting(at=timezone.now())
    sequence(now=timezone.now())
    assert set(Client().get("/readyz").json().values()) == {"ok"}
    Path(settings.HEAD_FILE).unlink()

    for _ in range(3):
        setting(at=timezone.now())
    assert Outbox.objects.count() + Leaf.objects.exclude(outbox_id=None).count() == 4
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert "head file is gone" in answer.json()["log"]
