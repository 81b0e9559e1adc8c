"""Keys are rotated while everybody works: nothing fails, and no older receipt stops opening.

On PostgreSQL eight hands scan, touch and rotate at the same moment. SQLite has one writer at a
time: there the same deeds come one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Person, Place
from ledger.models import Published
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import arrival, code_of, confirmed, scan
from tests.trips.touches import CHECK_INS, Phone
from trips.models import CheckIn
from vault import keyring

pytestmark = pytest.mark.django_db(transaction=True)
HANDS, SCANS, TOUCHES, TURNS = 8, 96, 8, 6


@pytest.fixture
def codes(own_keys: Path, ada: Person, bora: Person, site: Place) -> list[str]:
    """QRs from before any rotation, each of a trip that waits for its money."""
    return [code_of(arrival(confirmed(ada, bora, site))) for _ in range(3)]


def with_hands(deeds: list[Callable[[], Any]]) -> list[Any]:
    def hand(deed: Callable[[], Any]) -> Any:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor({"postgresql": HANDS, "sqlite": 1}[connection.vendor]) as workers:
        return list(workers.map(hand, deeds))


def scanning(clerk: Person, code: str) -> Callable[[], tuple[int, str]]:
    def deed() -> tuple[int, str]:
        answer = scan(clerk, code)
        return answer.status_code, answer.json()["genuine"]["code"]

    return deed


def touching(person: Person, envelope: dict[str, Any]) -> Callable[[], tuple[int, str]]:
    door = phone_of(person)

    def deed() -> tuple[int, str]:
        answer = door.post(CHECK_INS, envelope, format="json")
        return answer.status_code, answer.json()["token"]["text"]

    return deed


def test_every_key_is_replaced_under_load_and_nothing_fails(
    felix: Person, flora: Person, ada: Person, mallory: Person, codes: list[str], clock: Clock
) -> None:
    phones = [Phone.of(person) for person in (ada, mallory)]
    touches: list[Callable[[], Any]] = [
        touching(phone.person, phone.envelope(None)) for phone in phones for _ in range(TOUCHES)
    ]
    clerks = (felix, flora)
    scans: list[Callable[[], Any]] = [
        scanning(clerks[n % 2], codes[n % len(codes)]) for n in range(SCANS)
    ]
    turns: list[Callable[[], Any]] = [partial(call_command, "keys", "rotate", "--at-once")] * TURNS
    deeds = _interleaved(scans, touches, turns)

    came = with_hands(deeds)

    seen = [said for deed, said in zip(deeds, came, strict=True) if deed in scans]
    made = [said for deed, said in zip(deeds, came, strict=True) if deed in touches]
    assert set(seen) == {(200, "genuine")}
    assert [status for status, _ in made] == [201] * len(touches)
    assert CheckIn.objects.count() == len(touches) + 2 * len(codes)
    # Whichever key sealed them: each of the new ones is genuine as well.
    assert {scanning(felix, text)() for _, text in made} == {(200, "genuine")}
    _expect_a_whole_folder(clock)


def _interleaved(*kinds: list[Callable[[], Any]]) -> list[Callable[[], Any]]:
    """All deeds, each kind spread evenly over the whole."""
    spread = [
        (place / len(deeds), n, deed)
        for n, deeds in enumerate(kinds)
        for place, deed in enumerate(deeds)
    ]
    return [deed for _, _, deed in sorted(spread, key=lambda each: each[:2])]


def _expect_a_whole_folder(clock: Clock) -> None:
    """Every rotation left its keys, under names of their own, and a newer key set."""
    keyring.check()
    opener = keyring.opener()
    kids = sorted(key.kid for key in opener.keyset.verify if key.kid[:1] == b"C")
    assert kids == [b"C" + bytes([n]) for n in range(1, TURNS + 2)]
    assert keyring.sealer(at=int(clock.at.timestamp())).signer.kid == kids[-1]
    assert Published.objects.get(pk="keyset").seq >= int(clock.at.timestamp()) + TURNS - 1
