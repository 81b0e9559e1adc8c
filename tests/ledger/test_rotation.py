"""Keys follow one another: without a gap, without a restart, and nothing older stops opening."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import Client

from attest.claims import Claims
from attest.documents import read_keyset
from attest.errors import KeysUnusable, TokenRefused
from attest.keys import Sealer, Use
from attest.token import Opened, open_token, seal
from ledger.models import Outbox, Published
from ledger.services.create_keys import create_keys
from ledger.services.publish_keys import publish_keys
from ledger.services.publish_status import publish_status
from ledger.services.rotate_keys import rotate_keys
from ledger.services.withdraw_key import withdraw_key
from tests.clock import Clock, stopped
from tests.conftest import NOON
from vault import keyring
from vault.keyring.book import SIGNING, Book

from .deeds import said

pytestmark = pytest.mark.django_db
DAY, MONTH = timedelta(days=1), timedelta(days=31)
FIRST = {"4301", "5401", "5301", "4f01"}
SECOND = ["4302", "5402", "5302"]


@dataclass(frozen=True, slots=True)
class Office:
    """An installation whose root lies in another place."""

    folder: Path
    root: Path


@pytest.fixture(autouse=True)
def clock(installation: None) -> Iterator[Clock]:
    with stopped(NOON) as clock:
        yield clock


@pytest.fixture
def office(tmp_path: Path, settings: Any, clock: Clock) -> Office:
    settings.KEY_FOLDER = tmp_path / "keys"
    create_keys(folder=settings.KEY_FOLDER, since=clock.at, now=clock.at)
    away = tmp_path / "safe"
    away.mkdir()
    shutil.move(settings.KEY_FOLDER / keyring.ROOT_SEALING, away)
    keyring.forget()
    return Office(settings.KEY_FOLDER, away / keyring.ROOT_SEALING)


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    keyring.forget()


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def sealed(at: datetime, sealer: Sealer | None = None) -> bytes:
    claims = Claims(
        sub="K7P2M9QRT",
        iat=seconds(at),
        cti=token_bytes(8),
        location=None,
        trip="BT26-004217",
        kind=1,
        device=bytes(12),
        flags=0,
    )
    by = sealer or keyring.sealer(at=seconds(at))
    return seal(claims, sealer=by, seed=token_bytes(32))


def opened(token: bytes, at: datetime) -> Opened:
    return open_token(token, opener=keyring.opener(), now=seconds(at))


def names(office: Office) -> set[str]:
    return {record["kid"] for record in _sealing(office)["sign"]} | {
        record["kid"] for record in _sealing(office)["seal_to"]
    }


def _sealing(office: Office) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((office.folder / keyring.SEALING).read_text())
    return document


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rotate(office: Office, *words: str) -> None:
    call_command("keys", "rotate", "--root", str(office.root), *words)


# --- in time ------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "due"), [(0, []), (51, []), (52, SECOND), (89, SECOND)])
def test_a_successor_is_due_a_month_and_a_week_before_it_is_used(
    days: int, due: list[str], office: Office, clock: Clock
) -> None:
    rotate_keys(root=office.root, now=clock.later(days=days))

    # Of the opening keys none: they live for a year.
    assert names(office) == {*FIRST, *due}


@pytest.mark.parametrize("days", [52, 70, 83])
def test_a_successor_is_published_a_week_before_use_and_the_old_one_lives_a_week_longer(
    days: int, office: Office, clock: Clock
) -> None:
    made_at = clock.later(days=days)
    rotate_keys(root=office.root, now=made_at)

    old, new = (key.window for key in keyring.sealing().sign if key.use is Use.CHECK_IN)
    assert new.nbf >= seconds(made_at + 7 * DAY)
    assert old.naf - new.nbf == 7 * 86_400
    assert new.naf - new.nbf == 97 * 86_400


def test_who_is_late_gets_a_key_without_a_gap(office: Office, clock: Clock) -> None:
    rotate_keys(root=office.root, now=clock.later(days=95))
    old, new = (key.window for key in keyring.sealing().sign if key.use is Use.CHECK_IN)
    assert new.nbf == old.naf

    keyring.sealer(at=old.naf)
    keyring.sealer(at=old.naf + 1)


def test_who_is_too_late_can_seal_again_at_once(office: Office, clock: Clock) -> None:
    clock.later(days=120)
    with pytest.raises(KeysUnusable):
        keyring.sealer(at=seconds(clock.at))

    rotate_keys(root=office.root, now=clock.at)
    assert opened(sealed(clock.at), clock.at).signed_by == b"C\x02"


def test_once_a_month_for_five_years_leaves_no_day_without_a_key(
    office: Office, clock: Clock
) -> None:
    tokens: list[tuple[datetime, bytes]] = []
    for month in range(60):
        rotate_keys(root=office.root, now=clock.at)
        for _ in range(31):
            for use in (Use.CHECK_IN, Use.TRIP):
                keyring.sealer(at=seconds(clock.at), use=use)
            keyring.status_signer(at=seconds(clock.at))
            clock.later(days=1)
        tokens.append((clock.at, sealed(clock.at)))
        for at, token in tokens:
            if clock.at - at <= timedelta(days=400):
                assert opened(token, clock.at).claims.iat == seconds(at), month
    kids = [key.kid for key in keyring.opener().keyset.verify]
    assert len(kids) == len(set(kids)) > 60
    assert len(keyring.opener().keys) == 6


def test_a_private_half_is_gone_when_it_can_sign_no_more(office: Office, clock: Clock) -> None:
    token, at = sealed(clock.at), clock.at
    secret = _sealing(office)["sign"][0]["jwk"]["d"]
    rotate_keys(root=office.root, now=clock.later(days=60))
    rotate_keys(root=office.root, now=clock.later(days=40))

    assert secret not in (office.folder / keyring.SEALING).read_text()
    assert names(office) & FIRST == {"4f01"}
    assert opened(token, clock.at).claims.iat == seconds(at)


def test_an_old_key_refuses_to_sign(office: Office, clock: Clock) -> None:
    old = keyring.sealer(at=seconds(clock.at))
    rotate(office, "--at-once")

    with pytest.raises(TokenRefused, match="key_not_valid"):
        sealed(clock.at + timedelta(days=98), old)
    assert opened(sealed(clock.at), clock.at).signed_by == b"C\x02"


# --- the command --------------------------------------------------------------------------


def test_a_rotation_is_published_and_the_log_is_told(office: Office, clock: Clock) -> None:
    clock.later(days=60)
    rotate(office)

    keyset = read_keyset(
        bytes(Published.objects.get(pk="keyset").document),
        root=keyring.root(),
        host="localhost:8000",
        now=seconds(clock.at),
    )
    assert {key.kid.hex() for key in keyset.verify} == {
        *("4301", "4302", "5301", "5302", "5401", "5402"),
    }
    told = [row["name"] for row in map(said, Outbox.objects.order_by("pk"))]
    assert told == ["4302", "5402", "5302", "keyset"]


def test_where_nothing_is_due_the_key_set_is_signed_anew(
    office: Office, clock: Clock, capsys: Any
) -> None:
    rotate(office)
    before, first = contents(office.folder), Published.objects.get(pk="keyset")
    clock.later(days=30)
    rotate(office)

    again = Published.objects.get(pk="keyset")
    assert names(office) == FIRST
    assert contents(office.folder) == before | {"keyset.cbor": bytes(again.document)}
    assert (again.seq > first.seq, again.signed_at) == (True, clock.at)
    assert "none is due" in capsys.readouterr().out


def test_a_drill_replaces_every_key_at_once(office: Office, clock: Clock) -> None:
    token = sealed(clock.at)
    rotate(office, "--at-once")

    assert names(office) == {kid[:3] + n for kid in FIRST for n in "12"}
    new = opened(sealed(clock.at), clock.at)
    assert (new.signed_by, new.opened_by) == (b"C\x02", b"O\x02")
    assert opened(token, clock.at).signed_by == b"C\x01"
    assert keyring.status_signer(at=seconds(clock.at)).kid == b"S\x02"


def test_a_server_that_runs_takes_up_new_keys_by_itself(office: Office, clock: Clock) -> None:
    before = keyring.sealer(at=seconds(clock.at))
    opener = keyring.opener()
    assert keyring.opener() is opener

    rotate(office, "--at-once")

    assert keyring.sealer(at=seconds(clock.at)).signer.kid == b"C\x02"
    assert before.signer.kid == b"C\x01"
    assert set(keyring.opener().locks) > set(opener.locks)


def test_without_the_root_nothing_is_changed(office: Office, tmp_path: Path) -> None:
    before = contents(office.folder)
    create_keys(folder=tmp_path / "theirs", since=NOON, now=NOON)

    for words in (
        ["rotate"],
        ["rotate", "--at-once", "--root", str(tmp_path / "theirs" / keyring.ROOT_SEALING)],
        ["withdraw", "4301", "--root", str(tmp_path / "nowhere.json")],
        ["rotate", "--root", str(office.folder / keyring.SEALING)],
    ):
        with pytest.raises(CommandError, match="root"):
            call_command("keys", *words)
    assert contents(office.folder) == before
    assert not Outbox.objects.exists()
    assert not Published.objects.exists()


def test_a_rotation_cut_off_in_the_middle_is_made_good_by_the_next(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = (office.folder / keyring.OPENING).read_bytes()
    sealing = (office.folder / keyring.SEALING).read_bytes()
    rotate(office, "--at-once")
    assert (office.folder / keyring.OPENING).read_bytes() != opening
    # Killed between the two files: opening keys know what no sealing key uses.
    (office.folder / keyring.SEALING).write_bytes(sealing)

    assert opened(sealed(clock.at), clock.at).signed_by == b"C\x01"
    rotate(office, "--at-once")
    # A name that was written once is never given to another key.
    assert opened(sealed(clock.at), clock.at).signed_by == b"C\x03"


def test_no_key_is_shown_by_the_list(office: Office, clock: Clock, capsys: Any) -> None:
    rotate(office, "--at-once")
    call_command("keys", "withdraw", "4301", "--root", str(office.root))
    capsys.readouterr()
    call_command("keys", "list")

    shown = capsys.readouterr().out
    assert "TS1-P256-SHA256-A256GCM" in shown
    assert "KCMVP 검증필 아님" in shown
    assert "4302 check-in 2026-11-23 – 2027-02-28 open" in shown
    assert "key set: number" in shown
    for record in _sealing(office)["sign"]:
        assert record["jwk"]["d"] not in shown


def test_health_says_so_before_the_keys_run_out(office: Office, clock: Clock) -> None:
    def line() -> tuple[int, str]:
        answer = Client().get("/readyz")
        return answer.status_code, answer.json()["keys"]

    assert line() == (200, "ok")
    clock.later(days=84)
    assert line() == (200, "ok until 2027-02-28: run `manage.py keys rotate`")
    clock.later(days=14)
    assert line() == (503, "no key may seal touches now")
    rotate(office)
    assert line() == (200, "ok")


# --- a leak -------------------------------------------------------------------------------


def withdraw(office: Office, kid: str, *words: str) -> None:
    call_command("keys", "withdraw", kid, "--root", str(office.root), *words)


def test_a_leaked_key_stops_at_once_and_another_takes_over(office: Office, clock: Clock) -> None:
    token, thief = sealed(clock.at), keyring.sealer(at=seconds(clock.at))
    leaked_at = clock.later(hours=1)
    withdraw(office, "4301")

    assert opened(token, clock.at).signed_by == b"C\x01"
    assert opened(sealed(clock.at), clock.at).signed_by == b"C\x02"
    with pytest.raises(TokenRefused, match="key_not_valid"):
        opened(sealed(leaked_at, thief), clock.at)
    assert "4301" not in names(office)


def test_what_was_signed_since_the_suspected_hour_is_refused(office: Office, clock: Clock) -> None:
    honest = sealed(clock.at)
    suspect = sealed(clock.later(hours=2))
    clock.later(hours=1)
    withdraw(office, "4301", "--from", "2026-11-23T13:00")

    assert opened(honest, clock.at).signed_by == b"C\x01"
    with pytest.raises(TokenRefused, match="key_not_valid"):
        opened(suspect, clock.at)


def test_a_withdrawal_stands_in_the_key_set_and_in_the_log(office: Office, clock: Clock) -> None:
    withdraw(office, "4301")

    document = bytes(Published.objects.get(pk="keyset").document)
    now = seconds(clock.at)
    keyset = read_keyset(document, root=keyring.root(), host="localhost:8000", now=now)
    windows = {key.kid: key.window.withdrawn for key in keyset.verify}
    assert windows == {b"C\x01": now, b"C\x02": None, b"S\x01": None, b"T\x01": None}
    told = [row["name"] for row in map(said, Outbox.objects.order_by("pk"))]
    assert told == ["4301", "4302", "keyset"]


def test_a_withdrawal_is_never_moved_to_a_later_hour(office: Office, clock: Clock) -> None:
    token = sealed(clock.at)
    withdraw(office, "4301", "--from", "2026-11-23T12:00")
    clock.later(hours=5)
    withdraw(office, "4301")

    with pytest.raises(TokenRefused, match="key_not_valid"):
        opened(token, clock.at)


def test_to_a_leaked_opening_key_nothing_more_is_sealed(office: Office, clock: Clock) -> None:
    token = sealed(clock.at)
    withdraw(office, "4f01")

    assert opened(token, clock.at).opened_by == b"O\x01"
    assert opened(sealed(clock.at), clock.at).opened_by == b"O\x02"


def test_a_leaked_status_key_signs_no_list_any_more(office: Office, clock: Clock) -> None:
    publish_status(now=clock.at)
    withdraw(office, "5301")

    publish_status(now=clock.later(hours=2))
    assert keyring.status_signer(at=seconds(clock.at)).kid == b"S\x02"
    assert b"S\x02" in bytes(Published.objects.get(pk="status").document)


@pytest.mark.parametrize("kid", ["4302", "5201", "zz", "", "43011"])
def test_a_key_that_is_not_there_is_not_withdrawn(kid: str, office: Office) -> None:
    before = contents(office.folder)

    with pytest.raises(CommandError, match="no key"):
        withdraw(office, kid)
    assert contents(office.folder) == before


@pytest.mark.parametrize("moment", ["soon", "2026-11-24T00:00", "2026-13-01"])
def test_a_moment_that_is_none_or_to_come_withdraws_nothing(moment: str, office: Office) -> None:
    before = contents(office.folder)

    with pytest.raises(CommandError, match="--from"):
        withdraw(office, "4301", "--from", moment)
    assert contents(office.folder) == before


def test_every_use_has_a_name_until_there_are_none_left(office: Office) -> None:
    book = Book.read()
    for _ in range(254):
        book.add(Use.STATUS, nbf=0)

    with pytest.raises(ImproperlyConfigured, match="no more names"):
        book.add(Use.STATUS, nbf=0)
    assert len(SIGNING) == 3


def test_withdrawing_changes_nothing_for_the_other_uses(office: Office, clock: Clock) -> None:
    withdraw_key("5401", root=office.root, since=clock.at, now=clock.at)
    publish_keys(root=office.root, now=clock.at)

    assert keyring.sealer(at=seconds(clock.at)).signer.kid == b"C\x01"
    assert keyring.sealer(at=seconds(clock.at), use=Use.TRIP).signer.kid == b"T\x02"
