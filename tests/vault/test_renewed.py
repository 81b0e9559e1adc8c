"""Keys of tickets and of places are renewed: at once, without a restart, and with an overlap."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.conftest import NOON
from vault import keyring
from vault.keyring import renewed, variables
from vault.keyring.file import write_key

KEYS = {"ticket": keyring.ticket_keys, "site-code": keyring.site_code_keys}
STAYS = {"ticket": timedelta(days=400), "site-code": timedelta(hours=1)}


def renew(name: str, at: datetime = NOON) -> None:
    renewed.renew(name, now=int(at.timestamp()))


@pytest.mark.parametrize("name", KEYS)
def test_a_server_that_runs_marks_with_the_new_key_and_knows_the_old_one(
    name: str, folder: Path
) -> None:
    (before,) = KEYS[name](NOON)

    renew(name)

    after = (folder / f"{name}.key").read_bytes()
    assert KEYS[name](NOON) == (after, before)
    assert after != before
    assert renewed.in_use(name) == after
    keyring.check()


@pytest.mark.parametrize("name", KEYS)
def test_the_old_one_is_known_to_the_second(name: str, folder: Path) -> None:
    (before,) = KEYS[name](NOON)
    renew(name)
    end = NOON + STAYS[name]

    assert KEYS[name](end)[1:] == (before,)
    assert KEYS[name](end + timedelta(seconds=1))[1:] == ()


@pytest.mark.parametrize("name", KEYS)
def test_what_happened_before_is_judged_by_the_keys_of_its_time(name: str, folder: Path) -> None:
    """A touch that waited on a phone while the key was renewed."""
    (before,) = KEYS[name](NOON)
    renew(name, NOON + timedelta(days=20))

    assert before in KEYS[name](NOON)


def test_two_renewals_in_one_second_lose_no_key(folder: Path) -> None:
    (first,) = KEYS["ticket"](NOON)
    renew("ticket")
    second = renewed.in_use("ticket")
    renew("ticket")

    assert set(KEYS["ticket"](NOON)[1:]) == {first, second}
    keyring.check()


def test_a_renewal_that_was_cut_off_leaves_one_key_in_use(folder: Path) -> None:
    (before,) = KEYS["ticket"](NOON)
    write_key(folder / f"ticket-{int(NOON.timestamp())}.key", before)
    keyring.forget()

    keyring.check()
    assert KEYS["ticket"](NOON) == (before,)


def test_what_nobody_can_need_any_more_is_thrown_away(folder: Path) -> None:
    renew("site-code")
    renew("site-code", NOON + timedelta(days=400))
    assert len([*folder.glob("site-code-*.key")]) == 2

    renew("site-code", NOON + timedelta(days=401))

    kept = {path.name for path in folder.glob("site-code-*.key")}
    assert f"site-code-{int(NOON.timestamp())}.key" not in kept
    assert len(kept) == 2


@pytest.mark.parametrize("spoilt", ["short", "open", "doubled"])
def test_an_old_key_is_read_as_carefully_as_a_new_one(spoilt: str, folder: Path) -> None:
    other = (folder / "fingerprint.key").read_bytes()
    path = folder / "ticket-1.key"
    write_key(path, {"short": bytes(16), "open": bytes(32), "doubled": other}[spoilt])
    if spoilt == "open":
        path.chmod(0o644)
    keyring.forget()

    with pytest.raises(ImproperlyConfigured):
        keyring.check()


def test_in_the_environment_an_old_key_is_a_variable_of_its_own(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variables, "_taken", {})
    until = int(NOON.timestamp())
    for name, key in (("TICKET", bytes(range(32))), (f"TICKET_{until}", bytes(range(1, 33)))):
        monkeypatch.setenv(f"TRIPSEAL_KEY_{name}_KEY", b64encode(key).decode())
    settings.KEY_PROVIDER = "environment"
    keyring.forget()

    assert keyring.ticket_keys(NOON) == (bytes(range(32)), bytes(range(1, 33)))
