"""``manage.py keys``: keys come to be once, by this deed, and the log is told."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from attest.log.strict64 import decode64
from ledger.models import Outbox
from ledger.services.create_keys import create_keys
from tests.conftest import NOON
from vault import keyring
from vault.keyring.file import write_key

from .deeds import said

pytestmark = pytest.mark.django_db
NAMES = [f"{name}.key" for name in keyring.SYMMETRIC]
NAMES += [*keyring.DOCUMENTS, *keyring.PEMS, keyring.ROOT, keyring.ROOT_SEALING, "keyset.cbor"]
# The token keys: check-in, trip, status, opening, and the root.
KIDS = {"4301", "5401", "5301", "4f01", "5201"}


@pytest.fixture
def empty(tmp_path: Path, settings: Any) -> Path:
    """A new installation: the folder is not even there."""
    settings.KEY_FOLDER = tmp_path / "new" / "keys"
    keyring.forget()
    return Path(settings.KEY_FOLDER)


@pytest.fixture(autouse=True)
def afterwards() -> Any:
    yield
    keyring.forget()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_keys_are_made_for_their_owner_alone(empty: Path) -> None:
    # Announcing them seals who made them, under a key that is there by then.
    call_command("keys", "create")

    assert contents(empty).keys() == set(NAMES)
    assert empty.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in empty.iterdir()} == {0o600}
    keyring.check()


def test_keys_are_never_made_twice(empty: Path) -> None:
    call_command("keys", "create")
    before, told = contents(empty), Outbox.objects.count()

    with pytest.raises(CommandError, match="there are keys already"):
        call_command("keys", "create")
    assert contents(empty) == before
    assert Outbox.objects.count() == told


def test_a_folder_with_anything_in_it_is_left_alone(empty: Path) -> None:
    empty.mkdir(parents=True, mode=0o700)
    write_key(empty / "half-a-key", b"")

    with pytest.raises(ImproperlyConfigured, match="never replaces them"):
        create_keys(folder=empty, since=NOON, now=NOON)
    assert contents(empty).keys() == {"half-a-key"}


def test_two_installations_share_no_key(tmp_path: Path) -> None:
    for name in ("one", "other"):
        create_keys(folder=tmp_path / name, since=NOON, now=NOON)

    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    assert not set(one.values()) & set(other.values())
    assert len({one[f"{name}.key"] for name in keyring.SYMMETRIC}) == len(keyring.SYMMETRIC)


def test_the_log_is_told_of_each_key_by_its_public_half_alone(empty: Path) -> None:
    call_command("keys", "create")

    told = {row["name"]: row for row in map(said, Outbox.objects.all())}
    pems = [name.removesuffix(".pem") for name in keyring.PEMS]
    assert told.keys() == {*keyring.SYMMETRIC, *KIDS, "keyset", *pems}
    assert {row["what"] for row in told.values()} == {"key"}
    assert not any("sha256" in told[name] for name in keyring.SYMMETRIC)
    for name in pems:
        key = load_pem_private_key((empty / f"{name}.pem").read_bytes(), password=None)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert decode64(told[name]["sha256"]) == sha256(public).digest()


def test_what_is_said_of_keys_shows_none(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("keys", "create")

    printed = capsys.readouterr().out
    assert printed.startswith("keys: session ")
    for name in keyring.SYMMETRIC:
        secret = (empty / f"{name}.key").read_bytes()
        assert secret.hex() not in printed
        assert not any(secret in bytes(row.entry) for row in Outbox.objects.all())


def test_windows_begin_on_the_day_that_was_named(empty: Path) -> None:
    day = timezone.localtime(timezone.now() - timedelta(days=30)).date()
    call_command("keys", "create", "--since", day.isoformat())

    then = timezone.now() - timedelta(days=29)
    sealers = [keyring.sealer(at=int(at.timestamp())) for at in (then, timezone.now())]
    assert sealers[0].signer.kid == sealers[1].signer.kid == b"C\x01"


@pytest.mark.parametrize("since", ["soon", "2026-13-01", "23.11.2026", ""])
def test_a_day_that_is_none_is_refused_before_any_key(since: str, empty: Path) -> None:
    with pytest.raises(CommandError, match="--since is a day"):
        call_command("keys", "create", f"--since={since}")

    assert not empty.exists()


def test_windows_do_not_begin_in_times_to_come(empty: Path) -> None:
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=1)).date()

    with pytest.raises(CommandError, match="today or a day before"):
        call_command("keys", "create", "--since", tomorrow.isoformat())
    assert not empty.exists()
    call_command("keys", "create", "--since", timezone.localdate().isoformat())


def test_keys_that_are_not_there_are_not_checked_into_being(empty: Path) -> None:
    with pytest.raises(CommandError, match="keys create"):
        call_command("keys", "check")

    assert not empty.exists()


def test_the_first_touch_is_sealed_in_the_very_minute_the_keys_were_made(empty: Path) -> None:
    now = timezone.now()
    create_keys(folder=empty, since=now, now=now)

    assert keyring.sealer(at=int(now.timestamp())).signer.window.holds(int(now.timestamp()))
