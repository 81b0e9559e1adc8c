"""A server that only seals holds no opening key: touches go on, and what needs one says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Person
from ledger.services.publish_status import publish_status
from settlement.models import Verification
from tests.clock import Clock
from tests.conftest import phone_of
from tests.settlement.desk import answers, arrival, code_of, scan, seen
from tests.trips.touches import Phone
from trips.models import Trip
from vault import keyring


@pytest.fixture
def only_seals(payable: Trip, key_folder: Path, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The web tier of an office whose receipts are opened elsewhere."""
    settings.KEY_FOLDER = shutil.copytree(key_folder, tmp_path / "keys")
    (settings.KEY_FOLDER / keyring.OPENING).unlink()
    settings.KEYS_OPEN = False
    keyring.forget()
    yield settings.KEY_FOLDER
    keyring.forget()


def test_it_starts_and_is_ready(only_seals: Path, clock: Clock) -> None:
    keyring.check()

    assert Client().get("/readyz").json()["keys"] == "ok"


def test_touches_are_sealed_and_lists_signed(only_seals: Path, ada: Person, clock: Clock) -> None:
    phone = Phone.of(ada)

    assert phone.touch(None).status_code == 201
    assert publish_status(now=clock.at).seq


def test_a_scan_is_told_that_the_keys_are_not_here(
    only_seals: Path, felix: Person, payable: Trip
) -> None:
    answer = scan(felix, code_of(arrival(payable)), **{"Accept-Language": "en"})

    assert (answer.status_code, answer.json()["code"]) == (503, "keys.away")
    assert answer.headers["Retry-After"]
    assert "not at hand" in answer.json()["detail"]
    # Nothing was judged, so nothing is said to have been.
    assert not Verification.objects.exists()


def test_a_typed_number_needs_no_key(only_seals: Path, felix: Person, payable: Trip) -> None:
    said = seen(felix, arrival(payable).spoken, source="typed")

    assert answers(said) == ("by-number", "payable")


def test_the_pages_of_the_clerk_open(only_seals: Path, felix: Person) -> None:
    assert phone_of(felix).get("/settlement/scan/").status_code == 200


def test_an_opening_key_has_no_place_there(only_seals: Path, key_folder: Path) -> None:
    shutil.copy2(key_folder / keyring.OPENING, only_seals)

    with pytest.raises(ImproperlyConfigured, match="has no place here"):
        keyring.check()


@pytest.mark.parametrize("deed", [["create"], ["rotate"], ["withdraw", "4301"]])
def test_no_ceremony_is_held_there(deed: list[str], only_seals: Path, settings: Any) -> None:
    before = sorted(path.name for path in only_seals.iterdir())
    with pytest.raises(CommandError, match="only seals"):
        call_command("keys", *deed)
    assert sorted(path.name for path in only_seals.iterdir()) == before

    settings.KEY_FOLDER = only_seals.parent / "empty"
    with pytest.raises(CommandError, match="only seals"):
        call_command("keys", *deed)
    assert not settings.KEY_FOLDER.exists()
