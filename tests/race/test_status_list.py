"""Many take touches back while many ask for the list: no id is passed over, no number goes back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from secrets import token_bytes
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from ledger.models import Published, Revoked
from ledger.services import publish_status
from ledger.services.revoke import revoke
from tests.clock import Clock

pytestmark = pytest.mark.django_db(transaction=True)
HANDS, IDS = 8, 60


def revoking(cti: bytes, clock: Clock) -> Callable[[], None]:
    def deed() -> None:
        with transaction.atomic():
            revoke(cti, issued_at=clock.at)

    return deed


def asking() -> tuple[int, str]:
    answer = APIClient().get("/api/v1/status-list")
    return answer.status_code, answer.headers["ETag"]


def with_hands(deeds: list[Callable[[], Any]]) -> list[Any]:
    def hand(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor({"postgresql": HANDS, "sqlite": 1}[connection.vendor]) as workers:
        return list(workers.map(hand, deeds))


def test_every_id_is_on_the_list_whoever_asked_meanwhile(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_status, "YOUNG", timedelta(0))
    ids = [token_bytes(8) for _ in range(IDS)]
    deeds: list[Callable[[], Any]] = []
    for cti in ids:
        deeds += [revoking(cti, clock), asking]

    came = with_hands(deeds)
    last = asking()

    assert {said[0] for said in came if said} == {200}
    row = Published.objects.get(pk="status")
    assert last == (200, f'"{bytes(row.sha256).hex()}"')
    assert all(cti in bytes(row.document) for cti in ids)
    assert not Revoked.objects.filter(waiting=True).exists()
    # One number a signature: at least one was signed, and none twice.
    assert int(clock.at.timestamp()) <= row.seq < int(clock.at.timestamp()) + IDS + 1
