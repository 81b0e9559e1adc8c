"""A signing key leaked: what it signed before that hour is paid, what came after is looked at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Person, Place
from tests.clock import Clock
from tests.conftest import NOON
from tests.settlement.desk import answers, arrival, code_of, confirmed, ordered, seen, touch
from trips.models import Trip, TripToken
from trips.receipt import receipt_of
from trips.services.seal_trip import seal_trip
from vault import keyring


@pytest.fixture(autouse=True)
def keys_of_its_own(key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    keyring.forget()
    yield
    keyring.forget()


def test_receipts_from_before_the_leak_are_paid_and_later_ones_are_not_believed(
    felix: Person, ada: Person, bora: Person, site: Place, clock: Clock, capsys: Any
) -> None:
    early = arrival(confirmed(ada, bora, site, starts_at=NOON - timedelta(days=1)))
    late = arrival(confirmed(ada, bora, site))

    call_command("keys", "withdraw", "4301", "--from", "2026-11-23T00:00")

    assert answers(seen(felix, code_of(early))) == ("genuine", "payable")
    said = seen(felix, code_of(late))
    assert answers(said) == ("unverifiable", "waiting")
    assert said["code"] == "key_not_valid"
    # Its row and its leaf stand: by its number it is found, after a look.
    assert answers(seen(felix, late.spoken, source="typed"))[0] == "by-number"
    # An arrival and a return.
    assert "2 touches of 1 trips since" in capsys.readouterr().out


def test_the_next_touch_is_signed_by_another_key_and_believed(
    felix: Person, ada: Person, bora: Person, site: Place, clock: Clock
) -> None:
    call_command("keys", "withdraw", "4301")
    trip = ordered(ada, bora, site, starts_at=clock.at)
    made = touch(trip, at=clock.later(minutes=1))

    assert answers(seen(felix, code_of(made)))[0] == "genuine"


def test_a_whole_trip_is_sealed_anew_by_the_key_that_follows(
    felix: Person, payable: Trip, clock: Clock
) -> None:
    before = seal_trip(payable, now=clock.at)
    call_command("keys", "withdraw", "5401", "--from", "2026-11-23T00:00:00+09:00")

    after = seal_trip(payable, now=clock.later(minutes=1))

    assert seen(felix, text_of_whole(before))["code"] == "key_not_valid"
    assert answers(seen(felix, text_of_whole(after)))[0] == "genuine"
    assert seal_trip(payable, now=clock.later(minutes=1)) == after


def text_of_whole(row: TripToken) -> str:
    return receipt_of(row, reader=row.trip.traveller).text
